//! Mailpath: a teaching lab for e-mail. See the library for the map of the code.

use std::process::ExitCode;

/// A long record fills memory steadily. This allocator asks the system for it in pages of 2 MB where there are
/// such, which is several times faster than pages of 4 KB, and small pieces come and go faster too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    mailpath::cli::main()
}
