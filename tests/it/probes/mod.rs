//! The questions of the curriculum, each with the probe that a lesson file would have for it, read from the record of
//! the run that it asks about: the golden values are those that the curriculum prints.

mod mistakes;
mod packets;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use mailpath::lesson::parse_probe;
use mailpath::lesson::probe::Runs;
use mailpath::lesson::record::Record;
use mailpath::lesson::words::Unit;
use mailpath::scenario::{self, Scenario};

use table::QUESTIONS;

/// What is asked, of which run, in which unit, by which probe, and what comes out.
struct Question {
    id: &'static str,
    /// `lone-dot:A`; the other runs of the scenario can be named in the probe.
    run: &'static str,
    unit: Option<Unit>,
    probe: &'static str,
    golden: &'static str,
}

/// A scenario with the records of its runs.
struct Played {
    scenario: Arc<Scenario>,
    records: BTreeMap<Option<String>, Record>,
}

impl Played {
    fn new(name: &str) -> Played {
        let scenario = Arc::new(scenario::load_builtin(name).unwrap_or_else(|wrong| panic!("{wrong}")));
        let ids = std::iter::once(None).chain(scenario.runs.iter().map(|run| Some(run.id.clone())));
        let record = |id: Option<String>| {
            let ready = scenario.ready(id.as_deref()).unwrap_or_else(|wrong| panic!("{wrong}"));
            (id, Record::new(ready))
        };
        let records = ids.map(record).collect();
        Played { scenario, records }
    }

    /// What a probe says, or why it says nothing.
    fn says(&self, run: Option<&str>, probe: &str, unit: Option<Unit>) -> Result<String, String> {
        let probe = parse_probe("probe", probe, &self.scenario).map_err(|wrong| wrong.to_string())?;
        probe.read(self, run, unit).map(|value| value.to_string()).map_err(|silent| silent.to_string())
    }
}

impl Runs for Played {
    fn record(&self, run: Option<&str>) -> Option<&Record> {
        self.records.get(&run.map(str::to_owned))
    }
}

#[test]
fn each_question_of_the_curriculum_is_answered_by_its_record() {
    let mut played: BTreeMap<&str, Played> = BTreeMap::new();
    let mut wrong = Vec::new();
    for question in QUESTIONS {
        let (name, run) = match question.run.split_once(':') {
            Some((name, run)) => (name, Some(run)),
            None => (question.run, None),
        };
        let played = played.entry(name).or_insert_with(|| Played::new(name));
        let said = played.says(run, question.probe, question.unit);
        if said.as_deref() != Ok(question.golden) {
            wrong.push(format!("{} on {}: {said:?}, golden {}", question.id, question.run, question.golden));
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_question_is_left_out() {
    let ids: Vec<&str> = QUESTIONS.iter().map(|question| question.id).collect();
    for id in (1..=16).flat_map(|lesson| (1..=6).map(move |n| format!("{lesson}.{n}"))) {
        assert!(ids.contains(&id.as_str()), "{id}");
    }
}
