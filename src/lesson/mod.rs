//! Lessons: predicted, seen, graded.
//!
//! A lesson is a folder: `lesson.json` (its structure: stops, questions, probes; the same in every language) and one
//! Markdown file a language with its words (`en.md`). It is read like a scenario, *as typed, then ready*: [`typed`] is
//! the one list of fields, [`texts`] reads the words, `check` is the only judge and makes a [`Lesson`].
//!
//! No answer is written by hand: a question names a [`probe`] that is read from the record of the run that the learner
//! makes or is about to make. So whatever a seed changes ([`runs`]), the marks follow the record.
//!
//! | module | what it is |
//! |---|---|
//! | [`typed`], [`words`], [`texts`] | the files |
//! | [`model`] | the lesson, ready |
//! | [`event`], [`probe`], [`letters`], [`value`], [`decimal`] | what is read from a record |
//! | [`record`], [`runs`] | the runs of a lesson, with what a seed chose |
//! | [`plan`] | where it halts |
//! | [`answer`] | what can be answered, and what an answer is worth |
//! | [`session`] | a lesson being taken |
//! | [`ideas`] | wrong ideas by their tags |
//! | [`results`] | the learner's file, and marking it again |
//! | [`rehearse`] | what only running a lesson can find out about it |
//!
//! This module stands behind the telling ones, for a lesson halts where forward and back halt ([`crate::explain::stops`]).

pub mod answer;
mod builtin;
mod check;
pub mod decimal;
pub mod event;
pub mod ideas;
pub mod letters;
pub mod model;
pub mod plan;
pub mod probe;
pub mod record;
pub mod rehearse;
pub mod results;
pub mod runs;
pub mod session;
pub mod texts;
pub mod typed;
pub mod value;
pub mod words;

use std::sync::Arc;

pub use builtin::{BUILT_IN, load_builtin};
pub use check::kinds;
pub use model::Lesson;
pub use session::Session;

use crate::scenario::read::{Read, Reader};
use crate::scenario::source::Source;
use crate::scenario::{self, Problem, Problems, Scenario};

/// The version of the format that this program reads.
pub const FORMAT: u64 = 1;

/// The files of a lesson's folder, as they were read.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// Where it is, for messages: `lessons/L01`.
    pub name: String,
    /// Names and texts of its files.
    pub files: Vec<(String, String)>,
}

impl Folder {
    fn file(&self, name: &str) -> Option<&str> {
        self.files.iter().find(|(n, _)| n == name).map(|(_, text)| text.as_str())
    }
}

/// The name of the file with the structure.
pub const STRUCTURE: &str = "lesson.json";

/// Reads a lesson.
///
/// # Errors
/// Every mistake of its files.
pub fn parse(folder: &Folder) -> Result<Lesson, Problems> {
    let path = |name: &str| format!("{}/{name}", folder.name);
    let text = folder.file(STRUCTURE).unwrap_or_default();
    let source = Arc::new(Source::of("lesson", path(STRUCTURE), text));
    let tree = scenario::json::parse(&source).map_err(Problems::new)?;
    if let Some(problem) = scenario::version(&source, &tree, FORMAT) {
        return Err(Problems::new(vec![problem]));
    }
    let mut reader = Reader::new(source.clone());
    let file = typed::File::read(&tree, &mut reader);
    let mut problems = reader.problems;
    let mut texts = Vec::new();
    for (name, text) in &folder.files {
        let Some(language) = name.strip_suffix(".md").filter(|l| language(l)) else { continue };
        let source = Arc::new(Source::of("lesson", path(name), text));
        match texts::parse(language, &source) {
            Ok(read) => texts.push(Arc::new(read)),
            Err(mut more) => problems.append(&mut more),
        }
    }
    // English first: what has no words in a language has English ones.
    texts.sort_by_key(|t| (t.language != "en", t.language.clone()));
    let Some(file) = file else { return Err(Problems::new(problems)) };
    let Some(scenario) = scenario_of(folder, &source, &file, &mut problems) else {
        return Err(Problems::new(problems));
    };
    if texts.is_empty() {
        if problems.is_empty() {
            let problem = Problem::new("no_texts", &source, tree.span.first(), "the lesson has no words");
            problems.push(problem.label("the lesson").help("put a file en.md beside it"));
        }
        return Err(Problems::new(problems));
    }
    check::check(&source, &file, Arc::new(scenario), texts, problems).map_err(Problems::new)
}

/// Reads one probe, as it stands in a lesson of this scenario.
///
/// # Errors
/// Every mistake in it.
pub fn parse_probe(name: &str, text: &str, scenario: &Arc<Scenario>) -> Result<probe::Probe, Problems> {
    let source = Arc::new(Source::of("lesson", name.to_owned(), text));
    let tree = scenario::json::parse(&source).map_err(Problems::new)?;
    let mut reader = Reader::new(source.clone());
    let typed = typed::Probe::read(&tree, &mut reader);
    let Some(typed) = typed else { return Err(Problems::new(reader.problems)) };
    check::probe(&source, &typed, scenario.clone(), reader.problems).map_err(Problems::new)
}

/// `en`, `de`, `pt-BR`: how a language file is called (BCP 47, letters, digits and hyphens).
fn language(name: &str) -> bool {
    let mut parts = name.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// The scenario that a lesson runs: a file beside it, or a built-in one.
fn scenario_of(
    folder: &Folder,
    source: &Arc<Source>,
    file: &typed::File,
    problems: &mut Vec<Problem>,
) -> Option<Scenario> {
    let name = file.scenario.get()?;
    let read = match folder.file(name) {
        Some(text) => scenario::parse(&format!("{}/{}", folder.name, name.value), text),
        None if scenario::BUILT_IN.iter().any(|b| b.0 == name.value) => scenario::load_builtin(name),
        None => {
            let what = format!("there is no scenario `{}`", name.escape_debug());
            let problem =
                Problem::new("unknown_scenario", source, name.span, what).label("neither a file nor built in");
            let known = scenario::BUILT_IN.iter().map(|b| b.0);
            let beside = folder.files.iter().map(|f| f.0.as_str()).filter(|n| n.ends_with(".json") && *n != STRUCTURE);
            problems.push(problem.suggest(name, known.chain(beside)));
            return None;
        }
    };
    match read {
        Ok(scenario) => Some(scenario),
        Err(wrong) => {
            problems.extend(wrong.iter().cloned());
            None
        }
    }
}

/// The JSON Schema (draft 2020-12) of `lesson.json`.
pub fn schema() -> serde_json::Value {
    scenario::root::<typed::File>("Mailpath lesson", FORMAT)
}
