//! A lesson that was judged: what the faces and the marking work with.

use std::sync::Arc;

use super::decimal::Decimal;
use super::event::Event;
use super::probe::Probe;
use super::texts::Texts;
use super::words::{Kind, Level, Literal, SpotName, Unit, View, When};
use crate::scenario::Scenario;
use crate::scenario::json::Json;
use crate::scenario::source::{At, Source, Span};
use crate::time::Instant;

/// A lesson, ready to be taken.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// `L01`.
    pub id: String,
    /// Raised when a question changes.
    pub version: u64,
    /// Core or extended.
    pub level: Level,
    /// How long it takes.
    pub minutes: u64,
    /// Lessons that come before it.
    pub needs: Vec<String>,
    /// What is run.
    pub scenario: Arc<Scenario>,
    /// What a seed chooses.
    pub vary: Vec<Vary>,
    /// Numbers that texts name.
    pub numbers: Vec<Figure>,
    /// Where the run halts, in order; each in the run of [`Stop::run`].
    pub stops: Vec<Stop>,
    /// The questions, in the order in which they are asked.
    pub questions: Vec<Question>,
    /// What to try afterwards.
    pub explore: Vec<Explore>,
    /// Questions for a show of hands.
    pub votes: Vec<String>,
    /// The question to leave the class with.
    pub exit: Option<String>,
    /// The words, by language; English first.
    pub texts: Vec<Arc<Texts>>,
    /// The file, for what is found out only by running it.
    pub source: Arc<Source>,
}

/// Something that a seed chooses.
#[derive(Clone, Debug)]
pub struct Vary {
    /// Variations of one name take the choice of the same number.
    pub id: String,
    /// Only in this run.
    pub run: Option<String>,
    /// Paths and new values.
    pub choices: Vec<Vec<(String, Json)>>,
}

/// A number that texts name.
#[derive(Clone, Debug)]
pub struct Figure {
    /// In braces in the text.
    pub name: String,
    /// From the record of this run.
    pub run: Option<String>,
    /// In which unit.
    pub unit: Option<Unit>,
    /// What is read.
    pub probe: Probe,
}

/// When a stop halts the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Before anything has happened.
    Start,
    /// When everything has.
    End,
    /// Behind an event and all that it caused at once.
    Behind(Event),
    /// Just before an event.
    Before(Event),
    /// At a time.
    Time(Instant),
}

/// A place at which the run halts by itself.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Its name.
    pub id: String,
    /// Where that stands in the file.
    pub span: Span,
    /// The run it belongs to; `None`: the scenario as it stands.
    pub run: Option<String>,
    /// Where.
    pub trigger: Trigger,
    /// What is shown large.
    pub view: View,
    /// What is lit while the rest is dimmed; everything, if it is empty.
    pub spotlight: Vec<SpotName>,
    /// The learner looks at each of these parts before anything moves.
    pub tour: bool,
    /// Questions asked here, by their place in [`Lesson::questions`].
    pub ask: Vec<usize>,
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// `1.1`.
    pub id: String,
    /// Where that stands in the file.
    pub span: Span,
    /// Before or after it happens.
    pub when: When,
    /// What is asked.
    pub parts: Vec<Part>,
    /// The run of the stop that asks it.
    pub run: Option<String>,
    /// Behind which event the answer is shown; `None`: at once.
    pub reveal: Option<Event>,
    /// The event that proves it.
    pub proof: Event,
    /// The learner finds the proof among these; empty: it is shown.
    pub prove: Vec<Event>,
}

/// One thing that is asked.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name; empty where a question has one part.
    pub id: String,
    /// How it is answered.
    pub kind: Kind,
    /// In which unit.
    pub unit: Option<Unit>,
    /// How far off is still right.
    pub tolerance: Decimal,
    /// What the record says.
    pub probe: Probe,
    /// What it says without a seed; for tests only.
    pub golden: At<Literal>,
    /// Answers to choose from, or wrong ones that tell something.
    pub options: Vec<Choice>,
    /// Events to choose from.
    pub among: Vec<Event>,
}

/// An answer that can be given.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its name.
    pub id: String,
    /// What it stands for.
    pub value: ChoiceValue,
    /// Wrong ideas that it shows.
    pub tags: Vec<String>,
}

/// What an option stands for.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a lesson has a few dozen of them")]
pub enum ChoiceValue {
    /// Always the same.
    Fixed(Literal),
    /// Read from the record.
    Read(Probe),
    /// Its own name: for cards to be put in order.
    Itself,
}

/// Something to try afterwards.
#[derive(Clone, Debug)]
pub struct Explore {
    /// Its name.
    pub id: String,
    /// A built-in scenario; `None`: the lesson's.
    pub scenario: Option<String>,
    /// One of its runs.
    pub run: Option<String>,
    /// What is changed.
    pub set: Vec<(String, Json)>,
}

impl Lesson {
    /// The words in a language; English if there are none in that one.
    pub fn texts(&self, language: &str) -> &Arc<Texts> {
        self.texts.iter().find(|t| t.language == language).unwrap_or(&self.texts[0])
    }

    /// A question by its name.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|q| q.id == id)
    }
}
