//! What can be found out about a lesson only by running it: whether its stops halt, its probes read, its golden values
//! are what the record says, and whether each question has one right answer; for the lesson as printed and for seeds.

use super::answer::{Answer, asking, mark};
use super::model::{Lesson, Part, Question};
use super::plan::{Halt, Unplanned, plan};
use super::probe::Runs as _;
use super::runs::{Runs, Unready};
use super::value::Value;
use super::words::{Kind, Literal};
use crate::scenario::source::Span;
use crate::scenario::{Problem, Problems};

/// Seeds that are tried besides the lesson as printed.
pub const SEEDS: u64 = 20;

/// Runs the lesson as printed and with [`SEEDS`] seeds.
///
/// # Errors
/// What is wrong, with its place in the lesson; the first seed with which it is so.
pub fn rehearse(lesson: &Lesson) -> Result<(), Problems> {
    for seed in std::iter::once(None).chain((1..=SEEDS).map(Some)) {
        let mut rehearsal = Rehearsal { lesson, seed, problems: Vec::new() };
        rehearsal.run();
        if !rehearsal.problems.is_empty() {
            return Err(Problems::new(rehearsal.problems));
        }
    }
    Ok(())
}

struct Rehearsal<'a> {
    lesson: &'a Lesson,
    seed: Option<u64>,
    problems: Vec<Problem>,
}

impl Rehearsal<'_> {
    fn tell(&mut self, code: &'static str, span: Span, message: String, help: &str) {
        let problem = Problem::new(code, &self.lesson.source, span, message).label("here").help(help);
        self.problems.push(match self.seed {
            Some(seed) => problem.in_run(&format!("seed {seed}")),
            None => problem,
        });
    }

    fn run(&mut self) {
        let start = Span { start: 0, end: 1 };
        let runs = match Runs::new(self.lesson, self.seed) {
            Ok(runs) => runs,
            Err(Unready::Scenario(wrong)) => {
                let first = wrong.iter().next().map_or_else(String::new, ToString::to_string);
                let message = format!("the scenario does not take what the seed chooses: {first}");
                return self.tell("bad_variation", start, message, "look at `vary`: do two choices not fit together?");
            }
            Err(wrong @ Unready::Figure(..)) => {
                return self.tell("silent", start, wrong.to_string(), "look at `numbers`");
            }
        };
        let moments = match plan(self.lesson, &runs) {
            Ok(moments) => moments,
            Err(wrong) => {
                let span = match &wrong {
                    Unplanned::NoRun(id) | Unplanned::NeverStops(id) | Unplanned::Order(id) => {
                        self.lesson.stops.iter().find(|s| s.id == *id).map(|s| s.span)
                    }
                    Unplanned::NeverShown(id) => self.lesson.question(id).map(|q| q.span),
                };
                let help = "compare with the record: mailpath run SCENARIO --format jsonl";
                return self.tell("no_plan", span.unwrap_or(start), wrong.to_string(), help);
            }
        };
        for (n, question) in self.lesson.questions.iter().enumerate() {
            let asked =
                moments.iter().find(|m| matches!(m.halt, Halt::Stop(s) if self.lesson.stops[s].ask.contains(&n)));
            let place = asked.map_or(0, |m| m.place);
            for part in &question.parts {
                self.part(&runs, question, part, place);
            }
            let run = question.proof.run.as_deref().or(question.run.as_deref());
            if runs.record(run).and_then(|r| question.proof.one(r)).is_none() {
                let message = format!("question {}: the event that proves it does not happen", question.id);
                self.tell("no_proof", question.span, message, "look at `proof`");
            }
            let among = super::answer::events(&runs, question.run.as_deref(), &question.prove, usize::MAX);
            let proof = runs.record(question.run.as_deref()).and_then(|r| question.proof.one(r));
            if !question.prove.is_empty()
                && !among.iter().any(|(a, _)| Some(a) == proof.map(|e| Answer::Event(e.0)).as_ref())
            {
                let message = format!("question {}: the proof is not among the events to choose from", question.id);
                self.tell("no_proof", question.span, message, "look at `prove`");
            }
        }
    }

    fn part(&mut self, runs: &Runs, question: &Question, part: &Part, place: usize) {
        let (run, id) = (question.run.as_deref(), &question.id);
        let truth = match part.probe.read(runs, run, part.unit) {
            Ok(truth) => truth,
            Err(silent) => {
                let message = format!("question {id}: {silent}");
                return self.tell("silent", question.span, message, "look at its probe");
            }
        };
        if self.seed.is_none() {
            let shown = match (&truth, &part.golden.value) {
                // An event is written as the text of its line.
                (Value::Event(entry), Literal::Text(_)) => {
                    let told = runs.record(run).map(|r| &r.told[entry.0 as usize]);
                    let text = told.and_then(|t| t.get("text")).and_then(|t| t.as_str());
                    Value::Text(text.unwrap_or_default().to_owned())
                }
                _ => truth.clone(),
            };
            if shown != Value::of_literal(&part.golden.value) {
                let message = format!("question {id}: the record says {shown}");
                let help = "one of the two is wrong: the golden value, or what the probe reads";
                self.tell("golden_differs", part.golden.span, message, help);
            }
        }
        let texts = &self.lesson.texts[0];
        let put = asking(self.lesson, texts, runs, question, part, place);
        let mut right = 0;
        for offer in &put.offers {
            match mark(texts, runs, question, part, &offer.answer) {
                Ok(mark) => right += usize::from(mark.right),
                Err(silent) => {
                    return self.tell(
                        "silent",
                        question.span,
                        format!("question {id}: {silent}"),
                        "look at its options",
                    );
                }
            }
        }
        let chosen = matches!(part.kind, Kind::Choice | Kind::YesNo | Kind::Host | Kind::Click);
        if chosen && right != 1 {
            let message = format!("question {id}: {right} of the answers to choose from are right");
            self.tell("not_one_right", question.span, message, "exactly one answer must be what the probe reads");
        }
        // What is there to meet a wrong idea must not be the right answer.
        let names: Vec<&str> = put.offers.iter().filter_map(|o| o.answer.name()).collect();
        for option in part.options.iter().filter(|o| !chosen || !o.tags.is_empty() || !names.contains(&o.id.as_str())) {
            let value = match &option.value {
                super::model::ChoiceValue::Fixed(literal) => Ok(Value::of_literal(literal)),
                super::model::ChoiceValue::Read(probe) => probe.read(runs, run, part.unit),
                super::model::ChoiceValue::Itself => continue,
            };
            match value {
                Ok(value) if value == truth && (part.kind == Kind::Number || !option.tags.is_empty()) => {
                    let message = format!("question {id}: the wrong answer `{}` is right", option.id);
                    self.tell("wrong_is_right", question.span, message, "take another value, or read it by a probe");
                }
                Ok(_) => {}
                Err(silent) => {
                    let message = format!("question {id}, answer `{}`: {silent}", option.id);
                    self.tell("silent", question.span, message, "look at its probe");
                }
            }
        }
    }
}
