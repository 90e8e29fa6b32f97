//! The lesson that is taken: its session, its runs as the views read them, and the card that is shown.

use std::sync::Arc;

use super::draft::{Draft, said};
use super::light::{self, Lit, Spot};
use crate::gui::desk::{Thing, View};
use crate::gui::opening::Progress;
use crate::gui::run::Run;
use crate::lesson::answer::{Answer, Asking};
use crate::lesson::plan::Halt;
use crate::lesson::session::Outcome;
use crate::lesson::words::{self, Kind};
use crate::lesson::{Lesson, Session, session};
use crate::trace::EntryId;

/// What the card of a lesson shows beside the text of its stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Card {
    /// Nothing is asked here.
    #[default]
    None,
    /// A question waits for its answer.
    Asked(usize),
    /// What came of it.
    Told(usize),
}

/// A vote: the question alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vote {
    /// Its answer was released.
    pub released: bool,
}

/// What came of a question, as the card shows it.
#[derive(Clone, Debug)]
pub struct Told {
    /// As the session has it.
    pub outcome: Outcome,
    /// The entries among which the learner looks for the proof; empty: it is shown.
    pub proofs: Vec<(EntryId, String)>,
    /// What he has chosen, and whether it proves it.
    pub proved: Option<(EntryId, bool)>,
    /// The proof in words.
    pub proof: Option<String>,
}

/// See the [module](self).
pub struct Taking {
    /// Positions, answers, outcomes.
    pub session: Session,
    /// Name of the lesson, for the list and for beginning again.
    pub id: String,
    /// When it was begun, by the window's clock.
    pub began: f64,
    /// What the large place shows.
    pub view: View,
    /// What the card shows.
    pub card: Card,
    /// How each part of the card's question is asked; empty without a card.
    pub asks: Vec<Asking>,
    /// What was chosen or typed, part by part.
    pub drafts: Vec<Draft>,
    /// The part that letters and arrows answer.
    pub part: usize,
    /// What is wrong with what was to be locked.
    pub wrong: Option<String>,
    /// What came of the card's question.
    pub told: Option<Told>,
    /// What the stop lights.
    pub spots: Vec<Spot>,
    /// Which parts of a tour were looked at.
    pub seen: Vec<bool>,
    /// The question alone.
    pub vote: Option<Vote>,
    /// The flight that is going on leads to the next moment.
    pub(super) heading: bool,
    /// The learner looks at something else from here, without leaving it: at a proof.
    pub aside: bool,
    /// How far the learner has walked behind the furthest moment.
    pub(super) furthest: usize,
    /// Moments at which a check was told and put away.
    pub(super) done: Vec<usize>,
    runs: Vec<(Option<String>, Arc<Run>)>,
}

impl Taking {
    /// Begins a lesson, in that language if it has it.
    ///
    /// # Errors
    /// Why it cannot begin, as a sentence.
    pub fn new(lesson: Arc<Lesson>, seed: Option<u64>, language: &str, clock: f64) -> Result<Taking, String> {
        let id = lesson.id.clone();
        let session = Session::new(lesson, seed, language).map_err(|e| e.to_string())?;
        let mut taking = Taking {
            session,
            id,
            began: clock,
            view: View::Map,
            card: Card::None,
            asks: Vec::new(),
            drafts: Vec::new(),
            part: 0,
            wrong: None,
            told: None,
            spots: Vec::new(),
            seen: Vec::new(),
            vote: None,
            heading: false,
            aside: false,
            furthest: 0,
            done: Vec::new(),
            runs: Vec::new(),
        };
        taking.halt();
        Ok(taking)
    }

    /// The run of the moment, as the views read it: made from the same scenario, so places are the same.
    pub fn run(&mut self) -> Arc<Run> {
        let name = self.session.moment().run.clone();
        self.run_of(name.as_deref())
    }

    /// One of the lesson's runs.
    pub fn run_of(&mut self, name: Option<&str>) -> Arc<Run> {
        if let Some((_, run)) = self.runs.iter().find(|(n, _)| n.as_deref() == name) {
            return Arc::clone(run);
        }
        let record = self.session.runs.shared(name).expect("the plan names runs that are there");
        let run = Run::new(record.ready.clone(), &Progress::default());
        let run = Arc::new(run.expect("a run that nobody cancels comes to its end"));
        self.runs.push((name.map(str::to_owned), Arc::clone(&run)));
        run
    }

    /// Brings the card and the light up to date at a moment that was just reached or gone to.
    pub fn halt(&mut self) {
        self.aside = false;
        self.wrong = None;
        let run = self.run();
        let record = Arc::clone(self.session.record());
        let place = self.session.moment().place;
        if let Some(stop) = self.session.stop() {
            self.view = view(stop.view);
            self.spots = light::spots(&run, &record, stop, place);
            let toured = self.session.position() < self.session.reached();
            self.seen = if stop.tour { vec![toured; self.spots.len()] } else { Vec::new() };
        } else {
            (self.spots, self.seen) = (Vec::new(), Vec::new());
        }
        self.deal();
    }

    /// The card of the moment.
    pub fn deal(&mut self) {
        let told = |q: &usize| self.session.told(*q) && !self.done.contains(q);
        let card = match (self.session.moment().halt, self.session.open()) {
            (Halt::Reveal(question), _) => Card::Told(question),
            // A check tells at once; the next question comes when that has been read.
            (Halt::Stop(_), open) => {
                let asked = self.session.stop().map_or(&[][..], |s| &s.ask);
                let check = |q: &usize| self.session.lesson.questions[*q].when == words::When::Check;
                match asked.iter().copied().rfind(|q| check(q) && told(q)) {
                    Some(question) => Card::Told(question),
                    None => open.map_or(Card::None, Card::Asked),
                }
            }
        };
        self.put(card);
    }

    /// Shows this card.
    pub fn put(&mut self, card: Card) {
        self.card = card;
        (self.told, self.wrong, self.part) = (None, None, 0);
        let question = match self.card {
            Card::None => {
                (self.asks, self.drafts) = (Vec::new(), Vec::new());
                return;
            }
            Card::Asked(question) => question,
            Card::Told(question) => {
                self.told = self.tell(question);
                question
            }
        };
        self.asks = self.asks_of(question);
        self.drafts = self.asks.iter().map(Draft::of).collect();
    }

    /// How the parts of a question are asked here.
    pub fn asks_of(&self, question: usize) -> Vec<Asking> {
        let parts = 0..self.session.lesson.questions[question].parts.len();
        parts.map(|part| self.session.asking(question, part)).collect()
    }

    fn tell(&self, question: usize) -> Option<Told> {
        let outcome = self.session.outcome(question).ok().flatten()?;
        let proofs = self.session.proofs(question);
        let proofs = proofs.into_iter().filter_map(|(answer, words)| match answer {
            Answer::Event(id) => Some((EntryId(id), words)),
            _ => None,
        });
        let proof = outcome.proof.as_ref().and_then(|(run, entry)| {
            let record = self.session.runs.shared(run.as_deref())?;
            Some(record.describe(*entry))
        });
        Some(Told { outcome, proofs: proofs.collect(), proved: None, proof })
    }

    /// The question of the card, if it waits for an answer.
    pub fn asked(&self) -> Option<usize> {
        match self.card {
            Card::Asked(question) => Some(question),
            _ => None,
        }
    }

    /// Whether the learner looks for the proof of the card's answer.
    pub fn proving(&self) -> bool {
        let question = match self.card {
            Card::Told(question) => question,
            _ => return false,
        };
        let given = self.session.given(question).is_some_and(|g| g.answers.is_some() && g.proof.is_none());
        given && self.told.as_ref().is_some_and(|t| !t.proofs.is_empty())
    }

    /// The packet that the stop is about.
    pub fn packet(&self) -> Option<Thing> {
        let parts = self.spots.iter().filter(|s| s.parts.len() == 1).flat_map(|s| &s.parts);
        parts.into_iter().find_map(|part| match part {
            Lit::Thing(thing @ Thing::Packet(_)) => Some(thing.clone()),
            _ => None,
        })
    }

    /// Whether parts of a tour have not been looked at.
    pub fn touring(&self) -> Option<usize> {
        self.seen.iter().position(|seen| !seen)
    }

    /// What is lit now: in a tour one part after the other; while a host is asked for, the hosts that can be chosen.
    pub fn lit(&self, run: &Run) -> Vec<Lit> {
        if let Some(part) = self.touring() {
            return self.spots.get(part).map(|s| s.parts.clone()).unwrap_or_default();
        }
        let asks = self.asked().and_then(|_| self.asks.get(self.part));
        if let Some(asking) = asks.filter(|a| a.kind == Kind::Host) {
            let nodes = (0..run.ready.setup.nodes.len() as u32).map(crate::topology::NodeId);
            let offered =
                nodes.filter(|n| asking.offers.iter().any(|o| o.answer == Answer::Host(run.node(*n).to_owned())));
            return offered.map(|n| Lit::Thing(Thing::Node(n))).collect();
        }
        self.spots.iter().flat_map(|s| s.parts.iter().cloned()).collect()
    }

    /// What a locked answer says, for its chip.
    pub fn said(&self, question: usize) -> Option<String> {
        let given = self.session.given(question)?;
        let Some(answers) = &given.answers else { return Some("skipped".to_owned()) };
        let asks = self.asks_of(question);
        let said = answers.iter().zip(&asks).map(|(answer, asking)| said(asking, answer));
        Some(said.collect::<Vec<_>>().join("; "))
    }

    /// What an answer to a vote is: what the record says, and the rule. Only the instructor releases it.
    pub fn released(&self) -> Option<Outcome> {
        let question = match self.card {
            Card::Asked(question) | Card::Told(question) => question,
            Card::None => return None,
        };
        self.vote.filter(|v| v.released)?;
        let question = &self.session.lesson.questions[question];
        session::outcome(&self.session.texts, &self.session.runs, question, None).ok()
    }

    /// Time since the lesson was begun.
    pub fn since(&self, clock: f64) -> std::time::Duration {
        std::time::Duration::try_from_secs_f64(clock - self.began).unwrap_or_default()
    }

    /// Stops of the lesson: how many lie before the moment, this one included, and how many there are.
    pub fn stop_of(&self) -> (usize, usize) {
        let is_stop = |m: &&crate::lesson::plan::Moment| matches!(m.halt, Halt::Stop(_));
        let here = self.session.plan()[..=self.session.position()].iter().filter(is_stop).count();
        (here, self.session.plan().iter().filter(is_stop).count())
    }

    /// The lesson is at its last moment, and nothing more is asked.
    pub fn at_end(&self) -> bool {
        self.session.position() + 1 == self.session.plan().len() && self.session.open().is_none()
    }
}

/// What a lesson calls a view, and what the window does.
pub const fn view(view: words::View) -> View {
    match view {
        words::View::Map => View::Map,
        words::View::Ladder => View::Ladder,
        words::View::Conversation => View::Conversation,
        words::View::Bytes => View::Bytes,
        words::View::Stores => View::Stores,
    }
}
