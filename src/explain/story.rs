//! When the steps of a story began and were done, read from the record.

use crate::scenario::story::{EventPattern, Step, Story, Value};
use crate::trace::{self, Entry, EntryId, Log, Names, Told, What};

/// A step and its place in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepSpan {
    /// The step, by its place in the story.
    pub step: usize,
    /// The entry with which it began; `None`: it did not come to that.
    pub begins: Option<EntryId>,
    /// The entry with which it was done.
    pub done: Option<EntryId>,
}

/// Finds all steps. The event `start` is the first entry, whatever that is: a step that begins with it begins
/// before anything has happened.
pub fn steps(log: &Log, names: &Names, story: &Story) -> Vec<StepSpan> {
    let patterns: Vec<&EventPattern> = story.steps.iter().flat_map(|s: &Step| [&s.begins, &s.done]).collect();
    let mut found: Vec<(u32, Option<EntryId>)> = vec![(0, None); patterns.len()];
    for (place, entry) in log.entries().iter().enumerate() {
        if matches!(entry.what, What::FrameSent { .. } | What::FrameArrived { .. } | What::FrameLost { .. }) {
            continue;
        }
        let mut told = None;
        for (pattern, (seen, at)) in patterns.iter().zip(&mut found) {
            if at.is_some() {
                continue;
            }
            let told = told.get_or_insert_with(|| trace::tell(log, names, &entry));
            let start = pattern.kind == "start" && place == 0;
            if start || fits(pattern, names, &entry, told) {
                *seen += 1;
                if *seen == pattern.nth {
                    *at = Some(EntryId(place as u32));
                }
            }
        }
    }
    let span = |(step, pair): (usize, &[(u32, Option<EntryId>)])| StepSpan { step, begins: pair[0].1, done: pair[1].1 };
    found.chunks(2).enumerate().map(span).collect()
}

/// Whether an entry is of the pattern's kind and all its conditions hold.
fn fits(pattern: &EventPattern, names: &Names, entry: &Entry, told: &Told) -> bool {
    // A command of IMAP or POP3 is a line like any other in the record.
    let text = |name: &str| told.get(name).and_then(|v| v.as_str());
    let is_command = || {
        let protocol = pattern.kind.strip_suffix(".cmd");
        told.kind == "app.line" && protocol.is_some() && text("proto") == protocol && text("dir") == Some("c2s")
    };
    (pattern.kind == told.kind || is_command())
        && pattern.conditions.iter().all(|(field, wanted)| match (told.get(field), wanted) {
            (None, Value::Text(text)) if matches!(*field, "host" | "from") => names.node(entry.node) == text,
            (Some(value), Value::Text(text)) => value.as_str() == Some(text),
            (Some(value), Value::Number(number)) => {
                value.as_i64() == Some(*number) || value.as_bool() == Some(*number != 0)
            }
            (None, _) => false,
        })
}

/// The step that an entry belongs to: the last one that had begun and was not over before it.
pub fn step_at(spans: &[StepSpan], entry: EntryId) -> Option<usize> {
    let begun = |s: &&StepSpan| s.begins.is_some_and(|b| b <= entry);
    spans.iter().rev().find(begun).filter(|s| s.done.is_none_or(|d| entry <= d)).map(|s| s.step)
}
