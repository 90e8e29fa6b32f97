//! Lessons: their golden values, their variants, their files, and learners who take them.

pub mod learner;

mod files;
mod format;
mod taking;
mod terminal;

use std::sync::Arc;

use mailpath::lesson::{BUILT_IN, Lesson, load_builtin};

pub fn lesson(id: &str) -> Arc<Lesson> {
    match load_builtin(id).unwrap() {
        Ok(lesson) => Arc::new(lesson),
        Err(problems) => panic!("{problems}"),
    }
}

pub fn all() -> Vec<Arc<Lesson>> {
    BUILT_IN.iter().map(|(id, _)| lesson(id)).collect()
}
