//! Scenario files: *as typed, then ready*.
//!
//! A file is read in three steps, and each tells all the mistakes that it finds:
//! [`json`] keeps the place of every value; [`read`] makes the types of [`typed`] of it (unknown and
//! missing fields, values of the wrong kind); `check` is the only judge of what they mean (names that do
//! not exist, addresses given twice, ports in use ...) and makes a [`Setup`] and a [`story::Story`].
//! Every mistake is a [`Problem`]: one message with file, line, column and what would be right.
//!
//! [`typed`] is one list of fields: types, reader and JSON Schema ([`schema()`]) are made from it.
//! A [`recording`] has more lines behind the scenario: what came in from outside, as actions.
//! [`runs`] are the same scenario with other settings, addressed as `NAME:RUN`.

mod builtin;
mod check;
pub mod doors;
pub mod json;
mod problem;
pub mod read;
pub mod recording;
pub mod runs;
mod schema;
pub mod source;
pub mod story;
pub mod typed;
pub mod units;
pub mod vocabulary;
pub mod words;

use std::sync::Arc;

pub use builtin::{BUILT_IN, load_builtin};
pub(crate) use problem::quoted;
pub use problem::{Problem, Problems, nearest};
pub use schema::{Describe, schema};
pub(crate) use schema::{object_schema, root, word_schemas};
pub use story::Story;

use json::{Json, Value};
use read::{Field, Read, Reader};
use source::{At, Source};
use typed::File;

use crate::sim::Setup;

/// The version of the format that this program reads.
pub const FORMAT: u64 = 1;

/// A file that was read and judged, with all its runs: each of them is ready.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name, `six-steps`.
    pub name: String,
    /// One line.
    pub title: String,
    /// What it shows; may be empty.
    pub description: String,
    /// The runs that can be asked for by name, in the order of the file.
    pub runs: Vec<RunInfo>,
    /// What is to be told about the file that is no mistake.
    pub notes: Vec<String>,
    source: Arc<Source>,
    tree: Json,
}

/// A run, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunInfo {
    /// Its name behind the colon.
    pub id: String,
    /// One line; may be empty.
    pub title: String,
}

/// What the simulator and the lessons need.
#[derive(Clone, Debug)]
pub struct Ready {
    /// One line: the run's, or the scenario's if the run has none.
    pub title: String,
    /// The network and what happens in it.
    pub setup: Setup,
    /// The named steps.
    pub story: Story,
}

/// Reads a scenario; `name` is the file's name, for messages.
///
/// # Errors
/// Every mistake of the file and of its runs.
pub fn parse(name: &str, text: &str) -> Result<Scenario, Problems> {
    let source = Arc::new(Source::new(name, text));
    let (tree, notes) = recording::parse(&source).map_err(Problems::new)?;
    if let Some(problem) = version(&source, &tree, FORMAT) {
        return Err(Problems::new(vec![problem]));
    }
    let judged = judge(&source, &tree, None, Extra::default());
    let mut problems = judged.ready.err().unwrap_or_default();
    let Some(file) = judged.file else { return Err(Problems::new(problems)) };
    let mut runs: Vec<RunInfo> = Vec::new();
    let mut seen: Vec<&At<words::Name>> = Vec::new();
    for run in file.runs.items() {
        let Some(id) = run.id.get() else { continue };
        if let Some(first) = seen.iter().find(|other| other.0 == id.0) {
            problems.push(
                Problem::new("run_twice", &source, id.span, format!("two runs are called `{}`", id.0))
                    .label("again")
                    .also(first.span, "first")
                    .help("give one of them another name"),
            );
        }
        seen.push(id);
        runs.push(RunInfo { id: id.0.clone(), title: run.title.or(String::new()) });
        for problem in judge(&source, &tree, Some(&run.value), Extra::default()).ready.err().unwrap_or_default() {
            if !problems.iter().any(|p| p.same(&problem)) {
                // What stands in the run itself needs no further word.
                problems.push(if run.span.holds(problem.span()) { problem } else { problem.in_run(&id.0) });
            }
        }
    }
    if !problems.is_empty() {
        return Err(Problems::new(problems));
    }
    Ok(Scenario {
        name: file.name.get().map_or_else(String::new, |n| n.0.clone()),
        title: file.title.or(String::new()),
        description: file.description.or(String::new()),
        runs,
        notes,
        source,
        tree,
    })
}

/// The format's version comes before everything else: what another version means is not known.
pub(crate) fn version(source: &Arc<Source>, tree: &Json, format: u64) -> Option<Problem> {
    let Value::Object(members) = &tree.value else {
        let why = format!("a {} is an object, not {}", source.format(), tree.kind());
        let problem = Problem::new("wrong_type", source, tree.span.first(), why).label("the file begins here");
        return Some(problem.help(begins(source)));
    };
    let given = &members.iter().find(|m| m.key.value == "format")?.value;
    let Value::Number(n) = &given.value else { return None };
    if n.parse() == Ok(format) {
        return None;
    }
    let why = format!("this file has format {n}, and this program reads format {format}");
    let problem = Problem::new("unknown_format", source, given.span, why).label("unknown version");
    Some(match n.parse::<u64>() {
        Ok(n) if n > format => problem.help("a newer version of the program may read it"),
        _ => problem.help(format!("write \"format\": {format}")),
    })
}

/// How a file of this kind begins.
fn begins(source: &Source) -> String {
    format!("a {} is a JSON object that begins with {{ \"format\": 1", source.format())
}

/// A file as it was read, if it could be, and what came of it.
struct Judged {
    file: Option<File>,
    ready: Result<Ready, Vec<Problem>>,
}

/// Values from outside the file, by path.
#[derive(Clone, Copy, Default)]
struct Extra<'a> {
    /// Put in before those of the run.
    base: &'a [(String, Json)],
    /// Put in behind them.
    over: &'a [(String, Json)],
}

/// Reads and checks the tree, with the overrides of a run.
fn judge(source: &Arc<Source>, tree: &Json, run: Option<&typed::Run>, extra: Extra<'_>) -> Judged {
    let mut reader = Reader::new(source.clone());
    let mut merged = tree.clone();
    // What comes from outside has no place in the file: its mistakes point at the beginning.
    let placed = |set: &[(String, Json)]| -> Vec<(At<String>, Json)> {
        let here = tree.span.first();
        set.iter().map(|(path, value)| (At::new(path.clone(), here), value.at(here))).collect()
    };
    let (base, over) = (placed(extra.base), placed(extra.over));
    let own = run.map_or(&[][..], |r| r.set.entries()).iter().map(|(path, value)| (path, &value.value));
    let outside = |set: &[(At<String>, Json)], merged: &mut Json, reader: &mut Reader| {
        for (path, value) in set {
            if let Err(problem) = runs::set(source, merged, path, value) {
                reader.problems.push(*problem);
            }
        }
    };
    outside(&base, &mut merged, &mut reader);
    for (path, value) in own {
        if let Err(problem) = runs::set(source, &mut merged, path, value) {
            reader.problems.push(*problem);
        }
    }
    outside(&over, &mut merged, &mut reader);
    let Some(file) = File::read(&merged, &mut reader) else {
        return Judged { file: None, ready: Err(reader.problems) };
    };
    let name = file.name.get().map_or("", |n| n.0.as_str());
    let full_name = match run.and_then(|r| r.id.get()) {
        Some(id) => format!("{name}:{}", id.0),
        None => name.to_owned(),
    };
    let own = run.and_then(|r| r.title.get()).map(|t| t.value.clone());
    let title = own.unwrap_or_else(|| file.title.or(String::new()));
    let more = run.map_or(&[][..], |r| r.actions.items());
    let (ready, problems) = check::check(source, &file, more, full_name, reader.problems);
    let ready = ready.map(|(setup, story)| Ready { title, setup, story }).ok_or(problems);
    Judged { file: Some(file), ready }
}

impl Scenario {
    /// The scenario as it stands, or one of its runs.
    ///
    /// # Errors
    /// A run that does not exist.
    pub fn ready(&self, run: Option<&str>) -> Result<Ready, Problems> {
        self.varied(run, &[], &[])
    }

    /// The same with other values, by path as in a run's `set`: `base` as if the file had them, `over` behind those
    /// of the run.
    ///
    /// # Errors
    /// A run that does not exist, and every mistake that the values make. These have no place in the file: their
    /// spans are its first byte.
    pub fn varied(
        &self,
        run: Option<&str>,
        base: &[(String, Json)],
        over: &[(String, Json)],
    ) -> Result<Ready, Problems> {
        let mut reader = Reader::new(self.source.clone());
        let file = File::read(&self.tree, &mut reader);
        let run = match run {
            None => None,
            Some(id) => {
                let found =
                    file.as_ref().and_then(|f| f.runs.items().iter().find(|r| r.id.get().is_some_and(|n| n.0 == id)));
                if found.is_none() {
                    let span = match file.as_ref().map(|f| &f.runs) {
                        Some(Field::Given(runs)) => runs.span.first(),
                        _ => self.tree.span.first(),
                    };
                    let problem =
                        Problem::new("unknown_run", &self.source, span, format!("`{}` has no run `{id}`", self.name))
                            .label("not among the runs")
                            .suggest(id, self.runs.iter().map(|r| r.id.as_str()));
                    return Err(Problems::new(vec![problem]));
                }
                found
            }
        };
        let run = run.map(|r| &r.value);
        judge(&self.source, &self.tree, run, Extra { base, over }).ready.map_err(Problems::new)
    }

    /// The file as it was read.
    pub fn source(&self) -> &Source {
        &self.source
    }
}
