//! A scenario is read and run beside the window: small ones are there in the same frame, of large ones the progress
//! is shown, and they can be cancelled. What was open stays until the new one is ready.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::desk::{Mistake, Mistakes, Source};
use super::run::Run;
use crate::lesson;
use crate::message::Draft;
use crate::scenario::{self, Problem, Problems, Ready};
use crate::topology::NodeId;

/// How far a run has come; shared with the thread that computes it.
#[derive(Clone, Default)]
pub struct Progress {
    /// Events done.
    pub events: Arc<AtomicU64>,
    /// Set by the user.
    pub cancelled: Arc<AtomicBool>,
}

/// What is run in place of what stands in the scenario.
pub enum Rewrite {
    /// This draft is sent from this host.
    Draft(NodeId, Arc<Draft>),
    /// These lines are typed at a server, and then the connection stays open.
    Console(Vec<String>),
}

/// What came of it.
pub type Outcome = Result<(Arc<Run>, Source, Option<String>), Mistakes>;

/// A scenario that is being opened.
pub struct Opening {
    /// What it is called in the bar.
    pub name: String,
    /// How far it is.
    pub progress: Progress,
    result: Receiver<Option<Outcome>>,
}

impl Opening {
    /// Begins; small scenarios are ready when this returns, and come with the first [`Opening::poll`].
    pub fn new(source: Source, run_id: Option<String>, rewrite: Option<Rewrite>) -> Opening {
        let (send, result) = channel();
        let progress = Progress::default();
        let theirs = progress.clone();
        let name = match &source {
            Source::BuiltIn(name) => name.clone(),
            Source::File(path) => path.display().to_string(),
            Source::Lesson(lesson, _) => lesson.clone(),
        };
        std::thread::spawn(move || {
            let outcome = open(source, run_id, rewrite, &theirs);
            // The window may have been closed meanwhile.
            let _ = send.send(outcome);
        });
        Opening { name, progress, result }
    }

    /// The result, if it is there: `Some(None)` if it was cancelled. Waits at most this long.
    pub fn poll(&self, wait: Duration) -> Option<Option<Outcome>> {
        match self.result.recv_timeout(wait) {
            Ok(outcome) => Some(outcome),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(None),
        }
    }

    /// Stops computing.
    pub fn cancel(&self) {
        self.progress.cancelled.store(true, Ordering::Relaxed);
    }
}

fn open(source: Source, run_id: Option<String>, rewrite: Option<Rewrite>, progress: &Progress) -> Option<Outcome> {
    let mut ready = match ready(&source, run_id.as_deref()) {
        Ok(ready) => ready,
        Err(mistakes) => return Some(Err(mistakes)),
    };
    let example = match rewrite {
        Some(Rewrite::Draft(host, draft)) => {
            write_anew(&mut ready, host, &draft);
            Vec::new()
        }
        Some(Rewrite::Console(lines)) => type_anew(&mut ready, lines),
        None => Vec::new(),
    };
    let run = Run { example, ..Run::new(ready, progress)? };
    Some(Ok((Arc::new(run), source, run_id)))
}

/// Reads a scenario from where it comes from.
///
/// # Errors
/// Every mistake of the file, or why it cannot be read.
pub fn ready(source: &Source, run_id: Option<&str>) -> Result<Ready, Mistakes> {
    let (name, scenario) = match source {
        Source::BuiltIn(name) if scenario::BUILT_IN.iter().any(|(known, _)| known == name) => {
            (name.clone(), scenario::load_builtin(name))
        }
        Source::BuiltIn(name) => return Err(unreadable(name, "there is no built-in scenario of that name".to_owned())),
        Source::Lesson(lesson, explore) => return of_lesson(lesson, explore.as_deref(), run_id),
        Source::File(path) => {
            let name = path.display().to_string();
            let text = match read(path) {
                Ok(text) => text,
                Err(why) => return Err(unreadable(&name, why)),
            };
            let scenario = scenario::parse(&name, &text);
            (name, scenario)
        }
    };
    scenario.and_then(|s| s.ready(run_id)).map_err(|problems| told(&name, &problems))
}

/// The scenario of a lesson as it is printed, or one of its explorations.
fn of_lesson(id: &str, explore: Option<&str>, run_id: Option<&str>) -> Result<Ready, Mistakes> {
    let lesson = match lesson::load_builtin(id) {
        Some(lesson) => lesson.map_err(|problems| told(id, &problems))?,
        None => return Err(unreadable(id, "there is no lesson of that name".to_owned())),
    };
    let ready = match explore.map(|name| lesson.explore.iter().find(|e| e.id == name)) {
        None => lesson.scenario.ready(run_id),
        Some(Some(explore)) => lesson::runs::explored(&lesson, explore),
        Some(None) => return Err(unreadable(id, "the lesson has no such exploration".to_owned())),
    };
    ready.map_err(|problems| told(id, &problems))
}

/// Files that are larger than any scenario are not read into memory.
const LARGEST: u64 = 64 << 20;

fn read(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|e| e.to_string())?.len();
    if size > LARGEST {
        return Err(format!("the file has {size} bytes; a scenario has at most {LARGEST}"));
    }
    let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
    String::from_utf8(bytes)
        .map_err(|e| format!("byte {} is not UTF-8: a scenario is a text", e.utf8_error().valid_up_to()))
}

fn unreadable(name: &str, why: String) -> Mistakes {
    let mistake = Mistake { line: 0, column: 0, text: why, help: None, excerpt: String::new(), span: (0, 0) };
    Mistakes { file: name.to_owned(), list: vec![mistake] }
}

fn told(name: &str, problems: &Problems) -> Mistakes {
    Mistakes { file: name.to_owned(), list: problems.iter().map(mistake).collect() }
}

fn mistake(problem: &Problem) -> Mistake {
    let place = problem.place();
    let (line, span) = problem.excerpt();
    Mistake {
        line: place.line,
        column: place.column,
        text: problem.to_string(),
        help: problem.advice().map(str::to_owned),
        excerpt: line.to_owned(),
        span: (span.start, span.end),
    }
}

/// Puts other lines in place of those that the scenario has typed first. Gives what stood there.
fn type_anew(ready: &mut Ready, typed: Vec<String>) -> Vec<String> {
    for timed in &mut ready.setup.actions {
        if let crate::action::Action::Console { lines, stays, .. } = &mut timed.action {
            *stays = true;
            return std::mem::replace(lines, typed);
        }
    }
    Vec::new()
}

/// Puts another draft in place of the first one that is sent from `host`.
fn write_anew(ready: &mut Ready, host: NodeId, draft: &Arc<Draft>) {
    for timed in &mut ready.setup.actions {
        if let crate::action::Action::Send { host: from, draft: old, envelope, .. } = &mut timed.action
            && *from == host
        {
            *old = Arc::clone(draft);
            *envelope = None;
            return;
        }
    }
}
