//! From typed to ready: the only judge of what a lesson means. It goes on after a mistake and leaves out what depends
//! on something that was already told.

mod probes;
mod wording;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ideas::IDEAS;
use super::model::{Choice, ChoiceValue, Explore, Figure, Lesson, Part, Question, Stop, Trigger, Vary};
use super::probe::Probe;
use super::texts::Texts;
use super::typed::{self, File};
use super::words::{Kind, SpotName, When};
use crate::scenario::read::{Field, List, Map};
use crate::scenario::source::{At, Source, Span};
use crate::scenario::words::Name;
use crate::scenario::{self, Problem, Ready, Scenario, nearest, vocabulary};
use crate::sim::NodeKind;
use crate::time::{Duration, Instant};

/// The kinds of event that a lesson can name: all that the record has, a command of IMAP or POP3, and the ends.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    vocabulary::kinds().chain(["end"])
}

/// What all parts of the check share.
struct Check {
    source: Arc<Source>,
    problems: Vec<Problem>,
    scenario: Arc<Scenario>,
    /// The scenario as it stands, for names of hosts.
    ready: Ready,
}

/// Judges a lesson with its scenario and its words. `problems` are those of reading.
pub(super) fn check(
    source: &Arc<Source>,
    file: &File,
    scenario: Arc<Scenario>,
    texts: Vec<Arc<Texts>>,
    problems: Vec<Problem>,
) -> Result<Lesson, Vec<Problem>> {
    let ready = match scenario.ready(None) {
        Ok(ready) => ready,
        Err(wrong) => return Err(problems.into_iter().chain(wrong.iter().cloned()).collect()),
    };
    let mut check = Check { source: source.clone(), problems, scenario, ready };
    let vary = check.vary(file);
    let numbers = check.numbers(file);
    let mut questions = check.questions(file);
    let stops = check.stops(file, &mut questions);
    let explore = check.explore(file);
    let ids: Vec<&str> = questions.iter().map(|q| q.id.as_str()).collect();
    for name in file.votes.items().iter().chain(file.exit.get()) {
        check.known(name, "question", &ids);
    }
    let lesson = Lesson {
        id: file.id.get().map_or_else(String::new, |n| n.0.clone()),
        version: file.version.get().map_or(1, |v| v.0),
        level: file.level.or(super::words::Level::Core),
        minutes: file.minutes.get().map_or(0, |m| m.0),
        needs: names(&file.needs),
        scenario: check.scenario.clone(),
        vary,
        numbers,
        stops,
        questions,
        explore,
        votes: names(&file.votes),
        exit: file.exit.get().map(|n| n.0.clone()),
        texts,
        source: source.clone(),
    };
    wording::check(&mut check, file, &lesson);
    if check.problems.is_empty() { Ok(lesson) } else { Err(check.problems) }
}

/// Judges one probe with the scenario that it reads.
pub(super) fn probe(
    source: &Arc<Source>,
    typed: &typed::Probe,
    scenario: Arc<Scenario>,
    problems: Vec<Problem>,
) -> Result<Probe, Vec<Problem>> {
    let ready = scenario.ready(None).map_err(|wrong| wrong.iter().cloned().collect::<Vec<_>>())?;
    let mut check = Check { source: source.clone(), problems, scenario, ready };
    let probe = check.probe(typed);
    probe.filter(|_| check.problems.is_empty()).ok_or(check.problems)
}

fn names(field: &Field<List<Name>>) -> Vec<String> {
    field.items().iter().map(|n| n.0.clone()).collect()
}

fn text(field: &Field<Name>) -> Option<String> {
    field.get().map(|n| n.0.clone())
}

impl Check {
    fn problem(&self, code: &'static str, span: Span, message: impl Into<String>) -> Problem {
        Problem::new(code, &self.source, span, message)
    }

    fn tell(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// A name that must be among these.
    fn known(&mut self, name: &At<Name>, what: &str, known: &[&str]) -> bool {
        if known.contains(&name.0.as_str()) {
            return true;
        }
        let problem = self.problem("unknown_name", name.span, format!("there is no {what} `{}`", name.0));
        self.tell(problem.label("does not exist").suggest(&name.0, known.iter().copied()));
        false
    }

    fn run(&mut self, field: &Field<Name>) -> Option<String> {
        let name = field.get()?;
        let scenario = self.scenario.clone();
        let known: Vec<&str> = scenario.runs.iter().map(|r| r.id.as_str()).collect();
        self.known(name, "run", &known).then(|| name.0.clone())
    }

    fn host(&mut self, name: &At<Name>) -> Option<String> {
        let ready = &self.ready.setup.nodes;
        let hosts: Vec<String> =
            ready.iter().filter(|n| matches!(n.kind, NodeKind::Host(_))).map(|n| n.name.clone()).collect();
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        self.known(name, "host", &hosts).then(|| name.0.clone())
    }

    fn twice<'a>(&mut self, ids: impl Iterator<Item = &'a At<Name>>, what: &str) {
        let mut seen: Vec<&At<Name>> = Vec::new();
        for id in ids {
            if let Some(first) = seen.iter().find(|other| other.0 == id.0) {
                let problem = self.problem("name_twice", id.span, format!("two {what} are called `{}`", id.0));
                self.tell(problem.label("again").also(first.span, "first").help("give one of them another name"));
            }
            seen.push(id);
        }
    }

    fn vary(&mut self, file: &File) -> Vec<Vary> {
        let mut all = Vec::new();
        for vary in file.vary.items() {
            let run = self.run(&vary.run);
            let choices: Vec<Vec<(String, scenario::json::Json)>> =
                vary.choices.items().iter().map(|c| sets(&c.value)).collect();
            for (choice, typed) in choices.iter().zip(vary.choices.items()) {
                self.overrides(choice, run.as_deref(), typed.span.first());
            }
            if let Some(list) = vary.choices.get().filter(|l| l.items.len() < 2 && !l.broken) {
                let problem = self.problem("one_choice", list.span.first(), "a variation needs two choices or more");
                self.tell(problem.label("too few").help("write one object for each choice"));
            }
            if let Some(id) = text(&vary.id) {
                all.push(Vary { id, run, choices });
            }
        }
        all
    }

    /// New values are judged by putting them in.
    fn overrides(&mut self, set: &[(String, scenario::json::Json)], run: Option<&str>, span: Span) {
        if let Err(wrong) = self.scenario.varied(run, &[], set) {
            let first = wrong.iter().next();
            let message = first.map_or_else(String::new, ToString::to_string);
            let problem = self.problem("bad_override", span, format!("the scenario does not take this: {message}"));
            let advice = first.and_then(|p| p.advice()).unwrap_or("look at the path and at the value");
            self.tell(problem.label("these values").help(advice.to_owned()));
        }
    }

    fn numbers(&mut self, file: &File) -> Vec<Figure> {
        let mut all = Vec::new();
        for (name, figure) in file.numbers.entries() {
            let run = self.run(&figure.run);
            let Some(probe) = figure.probe.get().and_then(|p| self.probe(p)) else { continue };
            all.push(Figure { name: name.value.clone(), run, unit: figure.unit.get().map(|u| u.value), probe });
        }
        all
    }

    fn questions(&mut self, file: &File) -> Vec<Question> {
        self.twice(file.questions.items().iter().filter_map(|q| q.id.get()), "questions");
        let mut all = Vec::new();
        for question in file.questions.items() {
            let parts = self.parts(question);
            let when = question.when.or(When::Predict);
            let reveal = question.reveal.get().and_then(|e| self.event(e));
            if when == When::Predict && question.reveal.is_absent() {
                let problem =
                    self.problem("no_reveal", question.span, "a prediction needs the event that shows the answer");
                self.tell(problem.label("`reveal` is missing").help("write \"reveal\": { \"event\": ... }"));
            }
            let proof = question.proof.get().and_then(|e| self.event(e));
            let prove: Vec<_> = question.prove.items().iter().filter_map(|e| self.event(e)).collect();
            if let (Some(id), Some(proof)) = (question.id.get(), proof) {
                let (id, span) = (id.0.clone(), id.span);
                all.push(Question { id, span, when, parts, run: None, reveal, proof, prove });
            }
        }
        all
    }

    fn parts(&mut self, question: &typed::Question) -> Vec<Part> {
        let several = question.parts.items().len() > 1;
        if let Some(list) = question.parts.get().filter(|l| l.items.is_empty() && !l.broken) {
            let problem = self.problem("no_parts", list.span.first(), "a question asks at least one thing");
            self.tell(problem.label("empty").help("write \"parts\": [{ \"kind\": ... }]"));
        }
        self.twice(question.parts.items().iter().filter_map(|p| p.id.get()), "parts");
        let mut parts = Vec::new();
        for part in question.parts.items() {
            if several && part.id.is_absent() {
                let problem = self.problem("no_part_name", part.span, "one of several parts needs a name");
                self.tell(problem.label("`id` is missing").help("write \"id\": \"first\""));
            }
            let Some(kind) = part.kind.get() else { continue };
            self.twice(part.options.items().iter().filter_map(|o| o.id.get()), "answers");
            let options =
                part.options.items().iter().filter_map(|o| self.choice(kind.value, &o.value)).collect::<Vec<_>>();
            let needs = matches!(kind.value, Kind::Choice | Kind::YesNo | Kind::Order);
            if needs && options.len() < 2 && !part.options.lost_some() {
                let problem =
                    self.problem("few_options", kind.span, format!("`{}` needs two answers or more", kind.name()));
                self.tell(
                    problem.label("to choose from").help("write \"options\": [{ \"id\": \"a\", \"value\": ... }]"),
                );
            }
            let among: Vec<_> = part.among.items().iter().filter_map(|e| self.event(e)).collect();
            if kind.value == Kind::Click && among.is_empty() && !part.among.lost_some() {
                let problem = self.problem("few_options", kind.span, "`click` needs events to choose from");
                self.tell(problem.label("to choose from").help("write \"among\": [{ \"event\": \"app.line\" }]"));
            }
            let probe = part.probe.get().and_then(|p| self.probe(p));
            if let (Some(probe), Some(golden)) = (probe, part.golden.get()) {
                parts.push(Part {
                    id: text(&part.id).unwrap_or_default(),
                    kind: kind.value,
                    unit: part.unit.get().map(|u| u.value),
                    tolerance: part.tolerance.or_default(),
                    probe,
                    golden: golden.clone(),
                    options,
                    among,
                });
            }
        }
        parts
    }

    fn choice(&mut self, kind: Kind, typed: &typed::Choice) -> Option<Choice> {
        let id = text(&typed.id)?;
        let probe = typed.probe.get().map(|p| self.probe(p));
        let value = match (typed.value.get(), probe) {
            (Some(value), None) => ChoiceValue::Fixed(value.value.clone()),
            (None, Some(probe)) => ChoiceValue::Read(probe?),
            (None, None) if kind == Kind::Order => ChoiceValue::Itself,
            (None, None) if typed.value.is_broken() || typed.probe.is_broken() => return None,
            _ => {
                let problem = self.problem("no_value", typed.span, "an answer has a value, or a probe that reads it");
                self.tell(problem.label("of this answer").help("write \"value\": ... or \"probe\": { ... }, not both"));
                return None;
            }
        };
        let ideas: Vec<&str> = IDEAS.iter().map(|(tag, _)| *tag).collect();
        for tag in typed.tags.items() {
            self.known(tag, "wrong idea", &ideas);
        }
        Some(Choice { id, value, tags: names(&typed.tags) })
    }

    fn stops(&mut self, file: &File, questions: &mut [Question]) -> Vec<Stop> {
        self.twice(file.stops.items().iter().filter_map(|s| s.id.get()), "stops");
        let ids: Vec<String> = questions.iter().map(|q| q.id.clone()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut asked = BTreeSet::new();
        let mut run = None;
        let mut all = Vec::new();
        for stop in file.stops.items() {
            if !stop.run.is_absent() {
                run = self.run(&stop.run);
            }
            let trigger = self.trigger(stop);
            for spot in stop.spotlight.items() {
                self.spot(spot);
            }
            let mut ask = Vec::new();
            for name in stop.ask.items() {
                // A question that could not be read was told already.
                let typed = file.questions.items().iter().any(|q| q.id.get().is_some_and(|id| id.0 == name.0));
                let Some(n) = ids.iter().position(|id| *id == name.0) else {
                    if !typed {
                        self.known(name, "question", &ids);
                    }
                    continue;
                };
                if !asked.insert(n) {
                    let problem = self.problem("asked_twice", name.span, format!("question {} is asked twice", name.0));
                    self.tell(problem.label("again").help("ask it at one stop"));
                    continue;
                }
                questions[n].run.clone_from(&run);
                ask.push(n);
            }
            if let (Some(id), Some(trigger)) = (stop.id.get(), trigger) {
                all.push(Stop {
                    id: id.0.clone(),
                    span: id.span,
                    run: run.clone(),
                    trigger,
                    view: stop.view.or_default(),
                    spotlight: stop.spotlight.items().iter().map(|s| s.value.clone()).collect(),
                    tour: stop.tour.or(false),
                    ask,
                });
            }
        }
        for (n, question) in file.questions.items().iter().enumerate() {
            if let Some(id) = question.id.get().filter(|id| ids.get(n) == Some(&id.0.as_str()) && !asked.contains(&n)) {
                let problem = self.problem("never_asked", id.span, format!("no stop asks question {}", id.0));
                self.tell(problem.label("this question").help("put its name into \"ask\" of a stop"));
            }
        }
        all
    }

    fn trigger(&mut self, stop: &typed::Stop) -> Option<Trigger> {
        let given = [!stop.at.is_absent(), !stop.before.is_absent(), !stop.time.is_absent()];
        if given.iter().filter(|g| **g).count() != 1 {
            let problem = self.problem("no_trigger", stop.span, "a stop has one of `at`, `before` and `time`");
            self.tell(problem.label("when does the run halt?").help("write \"at\": { \"event\": \"queue.enter\" }"));
            return None;
        }
        if let Some(time) = stop.time.get() {
            return Some(Trigger::Time(Instant::ZERO + time.value));
        }
        if let Some(before) = stop.before.get() {
            return self.event(before).map(Trigger::Before);
        }
        let event = stop.at.get().and_then(|e| self.event(e))?;
        Some(match event.kind {
            "start" => Trigger::Start,
            "end" => Trigger::End,
            _ => Trigger::Behind(event),
        })
    }

    fn spot(&mut self, spot: &At<SpotName>) {
        let named = match &spot.value {
            SpotName::Host(a) | SpotName::Queue(a) | SpotName::Mailbox(a) => vec![a],
            SpotName::Link(a, b) => vec![a, b],
            SpotName::Packet | SpotName::Line | SpotName::Connection => return,
        };
        let nodes: Vec<String> = self.ready.setup.nodes.iter().map(|n| n.name.clone()).collect();
        for name in named {
            if !nodes.contains(name) {
                let known: Vec<&str> = nodes.iter().map(String::as_str).collect();
                let help = nearest(name, &known).map(|n| format!("did you mean `{n}`?"));
                let problem = self.problem("unknown_name", spot.span, format!("there is no node `{name}`"));
                let help = help.unwrap_or_else(|| format!("there is: {}", known.join(", ")));
                self.tell(problem.label("does not exist").help(help));
            }
        }
    }

    fn explore(&mut self, file: &File) -> Vec<Explore> {
        self.twice(file.explore.items().iter().filter_map(|e| e.id.get()), "explorations");
        let mut all = Vec::new();
        for explore in file.explore.items() {
            let other = explore.scenario.get();
            let known: Vec<&str> = scenario::BUILT_IN.iter().map(|b| b.0).collect();
            if let Some(name) = other
                && !self.known(name, "built-in scenario", &known)
            {
                continue;
            }
            let set = explore.set.get().map(|m| sets(&m.value)).unwrap_or_default();
            let of = other.and_then(|name| scenario::load_builtin(&name.0).ok()).map(Arc::new);
            let of = of.unwrap_or_else(|| self.scenario.clone());
            let own = std::mem::replace(&mut self.scenario, of);
            let run = self.run(&explore.run);
            self.overrides(&set, run.as_deref(), explore.span);
            self.scenario = own;
            if let Some(id) = text(&explore.id) {
                all.push(Explore { id, scenario: other.map(|n| n.0.clone()), run, set });
            }
        }
        all
    }
}

/// Paths and values.
fn sets(map: &Map<scenario::json::Json>) -> Vec<(String, scenario::json::Json)> {
    map.entries.iter().map(|(path, value)| (path.value.clone(), value.value.clone())).collect()
}

/// A time from the start of a run.
fn instant(time: Duration) -> Instant {
    Instant::ZERO + time
}
