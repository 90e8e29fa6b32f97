//! Lessons: their golden values, their variants, and learners who take them.

use std::sync::Arc;

use mailpath::lesson::probe::Runs as _;
use mailpath::lesson::runs::Runs;
use mailpath::lesson::value::Value;
use mailpath::lesson::words::Literal;
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

/// Nobody is marked by a golden value; but if one differs, the program is wrong or the course is.
#[test]
fn every_probe_says_what_the_course_prints() {
    for lesson in all() {
        let runs = Runs::new(&lesson, None).unwrap();
        for question in &lesson.questions {
            for part in &question.parts {
                let read = part.probe.read(&runs, question.run.as_deref(), part.unit).unwrap();
                let read = match (&read, &part.golden) {
                    (Value::Event(id), Literal::Text(_)) => {
                        let record = runs.record(question.run.as_deref()).unwrap();
                        Value::Text(record.told[id.0 as usize].get("text").unwrap().as_str().unwrap().to_owned())
                    }
                    _ => read,
                };
                assert_eq!(read, Value::of_literal(&part.golden), "{} {}", question.id, part.id);
            }
        }
    }
}
