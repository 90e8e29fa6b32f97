//! Mailpath: a teaching lab for e-mail. See the library for the map of the code.

use std::process::ExitCode;

fn main() -> ExitCode {
    mailpath::cli::main()
}
