//! The one contract between a protocol engine and whoever runs it.
//!
//! An engine (SMTP client, IMAP server, resolver ...) does no I/O: bytes, time and luck come in as
//! arguments; bytes to send, events and the next timer come out as **one ordered stream**, because a
//! trace needs the true order of "said 250" and "became ready". The same engine serves the simulator,
//! the tests and real sockets.
//!
//! # Order of calls
//! 1. [`Engine::handle_input`] with one input;
//! 2. [`Engine::poll_output`] again and again until it returns [`Output::Wait`], which ends the round
//!    and may change after the next input only. An [`Output::Ask`] may be answered at once, inside the
//!    round, with [`Input::Answer`]: then go on polling.
//! 3. When the moment in `Wait(Some(at))` has come: `handle_input(now, Input::Timeout)`. A timeout that
//!    comes early is harmless.
//!
//! # Back-pressure
//! [`Input::Writable`] grants room for so many *more* bytes, on top of what was granted before; an
//! engine never transmits more than it was granted. One [`Output::Transmit`] is one write of the
//! application: a whole reply, a whole command, as much of a letter as there is room for.
//!
//! # Input at a wrong moment
//! is never a panic: bytes from a peer that do not fit give the protocol's own refusal, and an event
//! that carries [`Unexpected`].

use std::fmt;

use crate::time::Instant;

/// Names one question of an engine, so that its answer finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u32);

/// What can happen to an engine.
#[derive(Debug)]
pub enum Input<'a, A> {
    /// The connection below is open in both directions.
    Connected,
    /// Bytes of the peer, in order, cut anywhere.
    Bytes(&'a [u8]),
    /// Room for this many more bytes.
    Writable(usize),
    /// The peer will send no more (FIN).
    PeerClosed,
    /// The connection is gone (RST, time-out below, or refused before it was open).
    Reset,
    /// The host's answer to an earlier [`Output::Ask`].
    Answer(RequestId, A),
    /// The moment asked for with [`Output::Wait`] has come.
    Timeout,
}

/// What an engine wants, one thing at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output<E, R> {
    /// Send these bytes, as one write.
    Transmit(Vec<u8>),
    /// Nothing more will be sent (FIN after what was transmitted).
    Close,
    /// Break the connection (RST).
    Abort,
    /// A question to the host; see [`Input::Answer`].
    Ask(RequestId, R),
    /// Something worth telling.
    Event(E),
    /// Nothing more now; call again after an input, or with [`Input::Timeout`] at this moment.
    Wait(Option<Instant>),
}

/// A protocol without I/O. See the [module](self) for the order of calls.
pub trait Engine {
    /// What it tells.
    type Event;
    /// What it asks its host.
    type Request;
    /// What the host answers.
    type Answer;

    /// Takes in one input at simulated time `now`.
    fn handle_input(&mut self, now: Instant, input: Input<'_, Self::Answer>);

    /// Gives out the next thing in order; [`Output::Wait`] when there is none.
    fn poll_output(&mut self) -> Output<Self::Event, Self::Request>;
}

/// What came at a moment at which it does not belong: the sentence a learner reads most often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unexpected {
    /// The state's name, as the RFC has it.
    pub state: &'static str,
    /// What would have been right.
    pub expected: &'static str,
    /// What came.
    pub got: String,
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in state {}: expected {}, got {}", self.state, self.expected, self.got)
    }
}
