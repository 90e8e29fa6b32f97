//! The lessons of the folder `lessons/`, built into the program.

use super::{Folder, Lesson, parse};
use crate::scenario::Problems;

macro_rules! built_in {
    ($($id:literal: $($file:literal)+;)*) => {
        &[$(($id, &[$(($file, include_str!(concat!("../../lessons/", $id, "/", $file)))),+])),*]
    };
}

/// Names and files.
type Files = &'static [(&'static str, &'static str)];

/// Each lesson with its files, in the order of the course.
pub const BUILT_IN: &[(&str, Files)] = built_in! {
    "L01": "lesson.json" "en.md" "de.md";
    "L02": "lesson.json" "en.md" "de.md";
    "L03": "lesson.json" "en.md" "de.md";
    "L04": "lesson.json" "en.md" "de.md";
    "L05": "lesson.json" "en.md" "de.md";
    "L06": "lesson.json" "en.md" "de.md";
    "L07": "lesson.json" "en.md" "de.md";
    "L08": "lesson.json" "en.md" "de.md";
    "L09": "lesson.json" "en.md" "de.md";
    "L10": "lesson.json" "en.md" "de.md";
    "L11": "lesson.json" "en.md" "de.md";
    "L12": "lesson.json" "en.md" "de.md";
    "L13": "lesson.json" "devices.json" "en.md" "de.md";
    "L14": "lesson.json" "dialogue.json" "en.md" "de.md";
    "L15": "lesson.json" "en.md" "de.md";
    "L16": "lesson.json" "en.md" "de.md";
};

/// A built-in lesson by its name, in small or capital letters; `None` if there is no such lesson.
///
/// # Errors
/// Mistakes in its files: a test shows that there are none.
pub fn load_builtin(id: &str) -> Option<Result<Lesson, Problems>> {
    let (id, files) = BUILT_IN.iter().find(|(known, _)| known.eq_ignore_ascii_case(id))?;
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Some(parse(&Folder { name: format!("lessons/{id}"), files }))
}
