//! The story of a scenario: named steps, each with the event at which it begins and the one at which it
//! is done. The vocabulary is the record's own ([`super::vocabulary`]), which is the curriculum's (0.6).

/// Characters that a step's short name may have: so many fit into a cell of the ribbon.
pub const SHORT: usize = 21;

/// The steps in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// Numbered from 1 upwards.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number.
    pub number: u32,
    /// One line.
    pub title: String,
    /// Its name in the ribbon; at most [`SHORT`] characters.
    pub short: Option<String>,
    /// Its first moment.
    pub begins: EventPattern,
    /// Its last moment.
    pub done: EventPattern,
}

/// Which event is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPattern {
    /// One of the kinds of [`super::vocabulary`].
    pub kind: &'static str,
    /// Fields of that kind and their values; all must be equal.
    pub conditions: Vec<(&'static str, Value)>,
    /// Which of the events that fit, counted from 1.
    pub nth: u32,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The name of a node, a text.
    Text(String),
    /// A number.
    Number(i64),
}
