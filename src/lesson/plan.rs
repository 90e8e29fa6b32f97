//! Where a lesson halts: its stops and the moments at which answers are shown, in the order in which a learner comes
//! to them.

use super::model::{Lesson, Trigger};
use super::probe::Runs as _;
use super::runs::Runs;
use super::words::When;

/// Why a lesson halts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// At a stop, by its place in [`Lesson::stops`].
    Stop(usize),
    /// The answer of a question is shown, by its place in [`Lesson::questions`].
    Reveal(usize),
}

/// A place at which a lesson halts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Stops that follow each other in one run are a section; sections are numbered from 0.
    pub section: usize,
    /// The run.
    pub run: Option<String>,
    /// In its record: so many entries have happened.
    pub place: usize,
    /// Why.
    pub halt: Halt,
}

/// Why a lesson has no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unplanned {
    /// The run is not there.
    #[error("stop {0}: its run does not exist")]
    NoRun(String),
    /// The event of a stop does not happen.
    #[error("stop {0}: its event does not happen in this run")]
    NeverStops(String),
    /// The stop before it comes later.
    #[error("stop {0} comes before the stop in front of it")]
    Order(String),
    /// The event that shows an answer does not happen behind the stop that asks.
    #[error("question {0}: the event that shows the answer does not happen behind the stop that asks")]
    NeverShown(String),
}

/// All halts, in order.
///
/// # Errors
/// What does not happen in these runs.
pub fn plan(lesson: &Lesson, runs: &Runs) -> Result<Vec<Moment>, Unplanned> {
    let mut stops: Vec<Moment> = Vec::new();
    for (n, stop) in lesson.stops.iter().enumerate() {
        let record = runs.record(stop.run.as_deref()).ok_or_else(|| Unplanned::NoRun(stop.id.clone()))?;
        let found = match &stop.trigger {
            Trigger::Start => Some(0),
            Trigger::End => Some(record.end()),
            Trigger::Behind(event) => event.one(record).map(|id| record.behind(id)),
            Trigger::Before(event) => event.one(record).map(|id| record.before(id)),
            Trigger::Time(at) => Some(record.stops.until(record.at(*at)).map_or(0, |s| s.place)),
        };
        let place = found.ok_or_else(|| Unplanned::NeverStops(stop.id.clone()))?;
        let section = match stops.last() {
            Some(last) if last.run == stop.run => last.section,
            Some(last) => last.section + 1,
            None => 0,
        };
        if stops.last().is_some_and(|last| last.section == section && last.place > place) {
            return Err(Unplanned::Order(stop.id.clone()));
        }
        stops.push(Moment { section, run: stop.run.clone(), place, halt: Halt::Stop(n) });
    }
    let mut all = stops.clone();
    for (n, question) in lesson.questions.iter().enumerate().filter(|(_, q)| q.when == When::Predict) {
        let never = || Unplanned::NeverShown(question.id.clone());
        let asked = stops.iter().find(|m| matches!(m.halt, Halt::Stop(s) if lesson.stops[s].ask.contains(&n)));
        let (asked, reveal) = asked.zip(question.reveal.as_ref()).ok_or_else(never)?;
        let run = reveal.run.as_ref().or(question.run.as_ref());
        let record = runs.record(run.map(String::as_str)).ok_or_else(never)?;
        let place = match reveal.kind {
            "end" => record.end(),
            _ => reveal.one(record).map(|id| record.behind(id)).ok_or_else(never)?,
        };
        // In the section that asks, or in the first later one of that run.
        let section = stops.iter().filter(|m| m.section >= asked.section).find(|m| m.run.as_ref() == run);
        let section = section.ok_or_else(never)?.section;
        if section == asked.section && place <= asked.place {
            return Err(never());
        }
        all.push(Moment { section, run: run.cloned(), place, halt: Halt::Reveal(n) });
    }
    // At one place answers come before the next stop.
    all.sort_by_key(|m| (m.section, m.place, matches!(m.halt, Halt::Stop(_))));
    Ok(all)
}
