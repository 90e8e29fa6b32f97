//! What a client tells.

use std::ops::Range;

use super::{Outcome, State};
use crate::engine::{Line, SpanMap, Unexpected};
use crate::smtp::Ending;
use crate::smtp::phase::PhaseChange;

/// What a client tells. `Line`, `State`, `Phase`, `Unexpected` and the map of `Letter` come with
/// [`Detail::Everything`](crate::engine::Detail::Everything) only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A command was written or a reply read.
    Line(Line),
    /// A new state.
    State {
        /// It was this.
        from: State,
        /// It is this.
        to: State,
    },
    /// A new phase.
    Phase(PhaseChange),
    /// The letter is written, final dot included.
    Letter {
        /// Where it stands in the outgoing stream, final dot included.
        range: Range<u64>,
        /// Outgoing stream <- letter.
        map: SpanMap,
    },
    /// What became of a letter.
    Outcome(Outcome),
    /// Ready, and nothing to do.
    Idle,
    /// The server said what does not belong here.
    Unexpected(Unexpected),
    /// The session is over. Only outcomes of letters that come too late may follow.
    Ended(Ending),
}

/// A client asks nothing of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}
