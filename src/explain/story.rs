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
    let mut finder = Finder::new(story);
    for (place, entry) in log.entries().iter().enumerate() {
        finder.read(log, names, story, (place, &entry));
    }
    finder.spans()
}

/// Finds steps while it is led along a record.
#[derive(Clone, Debug)]
pub struct Finder {
    /// Of each step its begin and its end: how many events fitted so far, and the one that was meant.
    found: Vec<(u32, Option<EntryId>)>,
    /// Those that were not found yet.
    missing: usize,
}

impl Finder {
    /// At the beginning of a record.
    pub fn new(story: &Story) -> Finder {
        let patterns = story.steps.len() * 2;
        Finder { found: vec![(0, None); patterns], missing: patterns }
    }

    /// Whether the rest of the record has nothing to say.
    pub fn has_all(&self) -> bool {
        self.missing == 0
    }

    /// Reads the next entry, at its place in the record.
    pub fn read(&mut self, log: &Log, names: &Names, story: &Story, (place, entry): (usize, &Entry)) {
        let frame = matches!(entry.what, What::FrameSent { .. } | What::FrameArrived { .. } | What::FrameLost { .. });
        if frame || self.missing == 0 {
            return;
        }
        let patterns = story.steps.iter().flat_map(|s: &Step| [&s.begins, &s.done]);
        let mut told = None;
        for (pattern, (seen, at)) in patterns.zip(&mut self.found) {
            if at.is_some() {
                continue;
            }
            let told = told.get_or_insert_with(|| trace::tell(log, names, entry));
            let start = pattern.kind == "start" && place == 0;
            if start || fits(pattern, names, entry, told) {
                *seen += 1;
                if *seen == pattern.nth {
                    *at = Some(EntryId(place as u32));
                    self.missing -= 1;
                }
            }
        }
    }

    /// The steps as far as they were found.
    pub fn spans(&self) -> Vec<StepSpan> {
        let span =
            |(step, pair): (usize, &[(u32, Option<EntryId>)])| StepSpan { step, begins: pair[0].1, done: pair[1].1 };
        self.found.chunks(2).enumerate().map(span).collect()
    }

    /// The step in the middle of which the record is: the last one that has begun, unless it is done.
    pub fn at(&self) -> Option<usize> {
        let last = self.found.chunks(2).rposition(|pair| pair[0].1.is_some())?;
        self.found[2 * last + 1].1.is_none().then_some(last)
    }
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
