//! The runs of a lesson for a seed: what the seed chose, each run's record, and the numbers that texts name.

use std::sync::Arc;

use super::decimal::Notation;
use super::model::{Explore, Lesson, Vary};
use super::probe::{self, Silent};
use super::record::Record;
use super::texts::Texts;
use super::value::Value;
use crate::rng::Seed;
use crate::scenario::json::Json;
use crate::scenario::{Problems, Ready, load_builtin};

/// See the [module](self).
pub struct Runs {
    /// Whose variant this is; `None`: the lesson as it is printed.
    pub seed: Option<u64>,
    records: Vec<(Option<String>, Arc<Record>)>,
    figures: Vec<(String, Value)>,
}

/// Why the runs of a lesson cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Unready {
    /// The scenario does not take what the seed chose.
    #[error("{0}")]
    Scenario(Problems),
    /// A number for texts cannot be read.
    #[error("the number `{0}` cannot be read: {1}")]
    Figure(String, Silent),
}

impl Runs {
    /// Runs everything that the lesson asks about.
    ///
    /// # Errors
    /// What the seed's choice makes impossible; for a built-in lesson, a test shows that there is nothing.
    pub fn new(lesson: &Lesson, seed: Option<u64>) -> Result<Runs, Unready> {
        let mut names = vec![None];
        names.extend(lesson.scenario.runs.iter().map(|r| Some(r.id.clone())));
        let mut records = Vec::with_capacity(names.len());
        for name in names {
            let ready = ready(lesson, name.as_deref(), seed).map_err(Unready::Scenario)?;
            records.push((name, Arc::new(Record::new(ready))));
        }
        let mut runs = Runs { seed, records, figures: Vec::new() };
        let first = lesson.stops.first().and_then(|s| s.run.as_deref());
        for figure in &lesson.numbers {
            let value = figure.probe.read(&runs, figure.run.as_deref().or(first), figure.unit);
            let value = value.map_err(|silent| Unready::Figure(figure.name.clone(), silent))?;
            runs.figures.push((figure.name.clone(), value));
        }
        Ok(runs)
    }

    /// The record of a run, to be shared.
    pub fn shared(&self, run: Option<&str>) -> Option<&Arc<Record>> {
        self.records.iter().find(|(name, _)| name.as_deref() == run).map(|(_, record)| record)
    }

    /// A text of this language with its numbers put in.
    pub fn fill(&self, texts: &Texts, text: &str) -> String {
        let (notation, mut out) = (Notation::of(&texts.language), text.to_owned());
        for (name, value) in &self.figures {
            out = out.replace(&format!("{{{name}}}"), &value.shown(notation));
        }
        out
    }
}

impl probe::Runs for Runs {
    fn record(&self, run: Option<&str>) -> Option<&Record> {
        self.shared(run).map(Arc::as_ref)
    }
}

/// The scenario of a run with what the seed chose.
///
/// # Errors
/// What the scenario does not take.
pub fn ready(lesson: &Lesson, run: Option<&str>, seed: Option<u64>) -> Result<Ready, Problems> {
    let (mut base, mut over) = (Vec::new(), Vec::new());
    for vary in &lesson.vary {
        let Some(choice) = chosen(lesson, vary, seed) else { continue };
        match &vary.run {
            None => base.extend_from_slice(choice),
            Some(name) if run == Some(name) => over.extend_from_slice(choice),
            Some(_) => {}
        }
    }
    lesson.scenario.varied(run, &base, &over)
}

/// The scenario of an exploration: the lesson's or a built-in one, with what is changed. As printed, whatever the seed:
/// a variation may have renamed what the exploration changes.
///
/// # Errors
/// What the scenario does not take.
pub fn explored(lesson: &Lesson, explore: &Explore) -> Result<Ready, Problems> {
    let run = explore.run.as_deref();
    match &explore.scenario {
        None => lesson.scenario.varied(run, &[], &explore.set),
        Some(name) => load_builtin(name)?.varied(run, &[], &explore.set),
    }
}

/// What a seed chooses of a variation: nothing without a seed.
fn chosen<'a>(lesson: &Lesson, vary: &'a Vary, seed: Option<u64>) -> Option<&'a [(String, Json)]> {
    let luck = Seed::new(seed?).child(&lesson.id).child(&vary.id).nth(0);
    // Fewer than a hundred choices: the remainder of a 64-bit number favours none that anybody could notice.
    let n = (luck % vary.choices.len().max(1) as u64) as usize;
    vary.choices.get(n).map(Vec::as_slice)
}

/// An order of `len` things from luck; a name tells apart what is shuffled.
pub fn shuffled(lesson: &Lesson, name: &str, seed: Option<u64>, len: usize) -> Vec<usize> {
    let luck = Seed::new(seed.unwrap_or(0)).child(&lesson.id).child("order").child(name);
    let mut order: Vec<usize> = (0..len).collect();
    for i in (1..len).rev() {
        order.swap(i, (luck.nth(i as u64) % (i as u64 + 1)) as usize);
    }
    order
}
