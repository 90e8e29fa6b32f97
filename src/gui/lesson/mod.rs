//! A lesson on the desk: which one, what is asked, what has been typed and chosen but not locked, what is lit.
//!
//! | module | what it is |
//! |---|---|
//! | this one | [`Course`]: the lesson that is taken, and what surrounds it; [`Act`]: what can be asked for |
//! | [`taking`] | the lesson that is taken: session, runs, the card that is shown |
//! | [`draft`] | an answer before it is locked |
//! | [`light`] | what is lit while the rest is dimmed; what an entry is for the views |
//! | [`acts`] | what each [`Act`] does |
//! | [`walk`] | forward and back, which halt at the moments of the plan |
//!
//! What is right is known to [`crate::lesson::Session`] alone. Nothing here asks it for an outcome before it may be told.

pub mod acts;
pub mod draft;
pub mod light;
pub mod taking;
pub mod walk;

use std::path::PathBuf;

pub use self::draft::Draft;
pub use self::light::Lit;
pub use self::taking::{Card, Taking, Vote};

/// What can be asked of a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Begin the lesson of this name; with another seed, its numbers are others.
    Begin(String, Option<u64>),
    /// The same lesson with other numbers.
    Another,
    /// Back to the list of lessons; what was done is kept until another one is begun.
    List,
    /// From the list back to the lesson that is being taken.
    Continue,
    /// Choose an answer: part and offer.
    Pick(usize, usize),
    /// The answer with this letter, of the part whose turn it is.
    Letter(usize),
    /// The answer below (`true`) or above the chosen one; of cards in order, the card that is chosen.
    Turn(bool),
    /// Move the chosen card down (`true`) or up.
    Move(bool),
    /// What stands in a field: part and text.
    Type(usize, String),
    /// Lock the answers.
    Lock,
    /// Skip the question.
    Skip,
    /// Answer a check again.
    Again,
    /// Choose what proves an answer.
    Prove(usize),
    /// Go to what proves an answer, and light it.
    Show,
    /// Back to the moment of the lesson.
    Resume,
    /// To a stop that was reached before: its place in the plan.
    Moment(usize),
    /// One part of the tour was looked at.
    Seen(usize),
    /// The question alone, large; again: back.
    Vote,
    /// Show the answer of a vote.
    Release,
    /// Texts of stops are folded, or shown.
    ToggleTexts,
    /// What was before the lesson was begun again.
    Undo,
    /// Open an exploration.
    Explore(usize),
    /// The learner's name or number.
    Name(String),
    /// In which language lessons are told.
    Language(String),
    /// Write the results into this file.
    Save(PathBuf),
    /// Ask the system where to write them.
    SaveDialog,
}

/// The lesson that is taken, and what surrounds it.
#[derive(Default)]
pub struct Course {
    /// The lesson.
    pub taking: Option<Box<Taking>>,
    /// What was there before the lesson was begun again: for Undo.
    pub before: Option<Box<Taking>>,
    /// The list of lessons is shown although one is being taken.
    pub list: bool,
    /// Which exploration is on the desk.
    pub exploring: Option<usize>,
    /// Seconds of the window's clock.
    pub(super) clock: f64,
}

impl Course {
    /// The lesson that is shown.
    pub fn shown(&self) -> Option<&Taking> {
        self.taking.as_deref().filter(|_| !self.list)
    }
}
