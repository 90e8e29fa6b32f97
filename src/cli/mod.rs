//! The command line: the only place that prints, reads files and measures real time.

mod address;
mod args;
mod export;
mod filter;
mod grade;
mod keep;
mod lesson;
mod load;
mod open;
mod run;
mod send;
mod serve;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

pub use args::Renderer;
use args::{Cli, Command, SchemaOf};

use crate::scenario::{self, Problems};

/// Why a command did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A run went wrong, or a file could not be written: exit status 1.
    Run(String),
    /// Bad use: exit status 2.
    Use(String),
    /// Bad input: every mistake with its place; exit status 2.
    Input(Problems),
    /// What has an exit status of its own.
    Status(u8, String),
    /// Nobody reads what we print any more (`| head`): no error at all.
    Closed,
}

impl Failure {
    fn output(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe { Failure::Closed } else { Failure::Run(error.to_string()) }
    }
}

/// What the command line says about the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// A file, or a built-in scenario, `NAME` or `NAME:RUN`.
    pub scenario: String,
    /// With what it is drawn.
    pub renderer: Renderer,
}

/// Does what the command line says. `window` opens the window; what it answers instead is one sentence.
pub fn main(window: fn(&Window) -> Result<(), String>) -> ExitCode {
    let cli = Cli::parse();
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    let done = match &cli.command {
        Some(Command::Run(args)) => run::run(args, &mut out),
        Some(Command::Export(args)) => export::export(args, &mut out),
        Some(Command::Check { files }) => check(files, &mut out),
        Some(Command::Lesson(args)) => lesson::lesson(args, &mut out),
        Some(Command::Lessons) => lesson::lessons(&mut out),
        Some(Command::Grade(args)) => grade::grade(args, &mut out),
        Some(Command::Schema { format }) => schema(*format, &mut out),
        Some(Command::Scenarios) => scenarios(&mut out),
        Some(Command::Fields { prefix }) => filter::fields(prefix.as_deref(), &mut out),
        Some(Command::Load(args)) => load::load(args, &mut out),
        Some(Command::Serve(args)) => serve::serve(args, &mut out),
        Some(Command::Send(args)) => send::send(args, &mut out),
        None => open_window(&cli, window),
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
        Err(Failure::Status(code, text)) => {
            anstream::eprintln!("mailpath: {text}");
            ExitCode::from(code)
        }
        Err(Failure::Input(problems)) => {
            // The stream takes the colours out again where nobody sees them.
            anstream::eprint!("{}", problems.render(true, 100));
            ExitCode::from(2)
        }
    }
}

/// The scenario is read here first, so that its mistakes are told where it was named.
fn open_window(cli: &Cli, window: fn(&Window) -> Result<(), String>) -> Result<(), Failure> {
    let scenario = cli.scenario.clone().unwrap_or_else(|| "six-steps".to_owned());
    if !open::is_lesson(&scenario) {
        open::named(&scenario)?;
    }
    window(&Window { scenario, renderer: cli.renderer }).map_err(Failure::Run)
}

/// Reads all files, and tells the mistakes of all of them.
fn check(files: &[std::path::PathBuf], out: &mut impl Write) -> Result<(), Failure> {
    let mut wrong = 0;
    for file in files {
        let name = file.display().to_string();
        if let Some(folder) = lesson::folder(file) {
            match lesson::check(folder) {
                Ok(_) => writeln!(out, "{name}: no mistakes").map_err(Failure::output)?,
                Err(Failure::Input(problems)) => {
                    wrong += 1;
                    anstream::eprint!("{}", problems.render(true, 100));
                }
                Err(other) => return Err(other),
            }
            continue;
        }
        let text = match open::text(file) {
            Ok(text) => text,
            Err(error) => {
                wrong += 1;
                anstream::eprintln!("mailpath: {name}: {error}");
                continue;
            }
        };
        match scenario::parse(&name, &text) {
            Ok(scenario) => {
                open::tell_notes(&scenario);
                writeln!(out, "{name}: no mistakes").map_err(Failure::output)?;
            }
            Err(problems) => {
                wrong += 1;
                anstream::eprint!("{}", problems.render(true, 100));
            }
        }
    }
    match wrong {
        0 => Ok(()),
        1 => Err(Failure::Use("1 file has mistakes".into())),
        n => Err(Failure::Use(format!("{n} files have mistakes"))),
    }
}

fn schema(format: SchemaOf, out: &mut impl Write) -> Result<(), Failure> {
    let schema = match format {
        SchemaOf::Scenario => scenario::schema(),
        SchemaOf::Lesson => crate::lesson::schema(),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(|e| Failure::Run(e.to_string()))?;
    writeln!(out, "{text}").map_err(Failure::output)
}

fn scenarios(out: &mut impl Write) -> Result<(), Failure> {
    let width = scenario::BUILT_IN.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, _) in scenario::BUILT_IN {
        let scenario = open::scenario(name)?;
        let runs: Vec<&str> = scenario.runs.iter().map(|r| r.id.as_str()).collect();
        let runs = if runs.is_empty() { String::new() } else { format!(" (runs: {})", runs.join(", ")) };
        writeln!(out, "{name:<width$}  {}{runs}", scenario.title).map_err(Failure::output)?;
    }
    Ok(())
}

/// How long something takes, in seconds.
#[expect(clippy::disallowed_methods, reason = "the command line measures real time for its user")]
fn stopwatch<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = std::time::Instant::now();
    let result = work();
    (result, start.elapsed().as_secs_f64())
}

/// Time since now, for how long a learner takes.
#[expect(clippy::disallowed_methods, reason = "the command line measures real time for its user")]
fn clock() -> impl Fn() -> std::time::Duration {
    let start = std::time::Instant::now();
    move || start.elapsed()
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
