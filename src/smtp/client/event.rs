//! What a client tells.

use super::{Outcome, State};
use crate::engine::{Carried, Unexpected};
use crate::smtp::phase::PhaseChange;
use crate::smtp::{Ending, Spoken};

/// What a client tells: many of them and often, so each is small and what is large lies elsewhere.
///
/// `Line`, `State`, `Phase`, `Unexpected` and the map of `Letter` come with
/// [`Detail::Everything`](crate::engine::Detail::Everything) only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A command was written or a reply read. Its words are in [`Client::words`](super::Client::words).
    Line(Spoken),
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
    /// Where it stands in the outgoing stream, final dot included; outgoing stream <- letter.
    Letter(Box<Carried>),
    /// What became of a letter.
    Outcome(Box<Outcome>),
    /// Ready, and nothing to do.
    Idle,
    /// The server said what does not belong here.
    Unexpected(Box<Unexpected>),
    /// The session is over. Only outcomes of letters that come too late may follow.
    Ended(Ending),
}

/// A client asks nothing of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}
