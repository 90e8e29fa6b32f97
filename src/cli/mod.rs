//! The command line: the only place that prints, reads files and measures real time.

mod args;
mod load;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

/// Why a command did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A run went wrong, or a file could not be written: exit status 1.
    Run(String),
    /// Bad use or bad input: exit status 2.
    Use(String),
    /// Nobody reads what we print any more (`| head`): no error at all.
    Closed,
}

impl Failure {
    fn output(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe { Failure::Closed } else { Failure::Run(error.to_string()) }
    }
}

/// Does what the command line says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    let done = match &cli.command {
        Some(Command::Load(load)) => load::load(load, &mut out),
        _ => Ok(()),
    };
    match done.and_then(|()| out.flush().map_err(Failure::output)) {
        Ok(()) | Err(Failure::Closed) => ExitCode::SUCCESS,
        Err(Failure::Run(text)) => {
            anstream::eprintln!("mailpath: {text}");
            ExitCode::from(1)
        }
        Err(Failure::Use(text)) => {
            anstream::eprintln!("mailpath: {text}");
            ExitCode::from(2)
        }
    }
}

/// How long something takes, in seconds.
#[expect(clippy::disallowed_methods, reason = "the command line measures real time for its user")]
fn stopwatch<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = std::time::Instant::now();
    let result = work();
    (result, start.elapsed().as_secs_f64())
}

/// A bar on stderr for long work, if somebody watches. Ctrl+C ends it like any program.
fn progress(length: u64) -> Option<indicatif::ProgressBar> {
    (io::stderr().is_terminal() && length > 10_000).then(|| indicatif::ProgressBar::new(length))
}

/// Largest memory this process has had, in kB; 0 where the system does not say.
fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
