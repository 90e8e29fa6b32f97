//! Scenarios by name, by file, with one of their runs.

use std::io;
use std::path::Path;

use super::Failure;
use super::args::Which;
use crate::lesson::{self, Lesson};
use crate::rng::Seed;
use crate::scenario::{self, Ready, Scenario};

/// `NAME:RUN` in its two parts. A file may have a colon in its name.
fn parts(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, run)) if !run.is_empty() && !run.contains(['/', '\\']) && !Path::new(text).exists() => {
            (name, Some(run))
        }
        _ => (text, None),
    }
}

/// Reads a scenario: the file if there is one of that name, else the built-in one.
pub(super) fn scenario(name: &str) -> Result<Scenario, Failure> {
    let path = Path::new(name);
    if path.is_file() {
        let text = text(path).map_err(|e| Failure::Use(format!("{name}: {e}")))?;
        let scenario = scenario::parse(name, &text).map_err(Failure::Input)?;
        tell_notes(&scenario);
        return Ok(scenario);
    }
    if scenario::BUILT_IN.iter().any(|(known, _)| *known == name) {
        return scenario::load_builtin(name).map_err(Failure::Input);
    }
    let names: Vec<&str> = scenario::BUILT_IN.iter().map(|(name, _)| *name).collect();
    let near = scenario::nearest(name, &names).map(|n| format!(" Did you mean {n}?")).unwrap_or_default();
    let known = names.join(", ");
    Err(Failure::Use(format!(
        "{name}: there is no such file and no built-in scenario of that name.{near} Built in are: {known}."
    )))
}

/// The text of a file. A recording may have been cut off within a character: that is part of a line that is left out.
pub(super) fn text(path: &Path) -> io::Result<String> {
    let mut bytes = std::fs::read(path)?;
    if let Err(error) = std::str::from_utf8(&bytes)
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
    }
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the file is not UTF-8"))
}

/// What is to be told about a file that is no mistake.
pub(super) fn tell_notes(scenario: &Scenario) {
    scenario.notes.iter().for_each(|note| anstream::eprintln!("mailpath: {note}"));
}

/// `NAME:RUN` or a file, and the run that is meant.
pub(super) fn parts_of(text: &str) -> Result<(Scenario, Option<String>), Failure> {
    let (name, run) = parts(text);
    Ok((scenario(name)?, run.map(str::to_owned)))
}

/// Whether this names a built-in lesson.
pub(super) fn is_lesson(name: &str) -> bool {
    !Path::new(name).exists() && lesson::BUILT_IN.iter().any(|(id, _)| id.eq_ignore_ascii_case(name))
}

/// Reads a lesson: a folder if there is one of that name, else the built-in one.
pub(super) fn lesson(name: &str) -> Result<Lesson, Failure> {
    if let Some(folder) = super::lesson::folder(Path::new(name)) {
        return super::lesson::check(folder);
    }
    match lesson::load_builtin(name) {
        Some(lesson) => lesson.map_err(Failure::Input),
        None => {
            let known: Vec<&str> = lesson::BUILT_IN.iter().map(|(id, _)| *id).collect();
            let near = scenario::nearest(name, &known).map(|n| format!(" Did you mean {n}?")).unwrap_or_default();
            let known = known.join(", ");
            Err(Failure::Use(format!(
                "{name}: there is no folder with a lesson and no built-in lesson of that name.{near} Built in are: {known}."
            )))
        }
    }
}

/// `NAME:RUN` or a file, read to its end.
pub(super) fn named(text: &str) -> Result<Ready, Failure> {
    let (name, run) = parts(text);
    scenario(name)?.ready(run).map_err(Failure::Input)
}

/// A scenario ready to run.
pub(super) fn ready(which: &Which) -> Result<Ready, Failure> {
    let mut ready = named(&which.scenario)?;
    if let Some(seed) = which.seed {
        ready.setup.seed = Seed::new(seed);
    }
    Ok(ready)
}
