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
//! # TLS
//! An engine speaks of it with [`Output::StartTls`] and [`Input::Secured`] only: records, keys and certificates are
//! the business of whoever runs it. Offsets of an engine count its own bytes, which are the plain ones.
//!
//! # Input at a wrong moment
//! is never a panic: bytes from a peer that do not fit give the protocol's own refusal, and an event
//! that carries [`Unexpected`].

pub(crate) mod writer;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::tail::Part;
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
    /// The handshake of TLS is over: from here on bytes are sealed on the wire and plain here. It comes after
    /// [`Output::StartTls`]; where TLS begins with the connection, it comes before `Connected`.
    Secured(TlsInfo),
    /// There was no agreement on TLS, for this reason. The connection is being closed; nothing can be said on it.
    NotSecured(String),
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
    /// Send this piece of a letter, as one write. Its bytes lie in memory that is shared.
    TransmitPart(Part),
    /// Nothing more will be sent (FIN after what was transmitted).
    Close,
    /// Break the connection (RST).
    Abort,
    /// Begin with TLS behind what was transmitted and what has been read. Then nothing is written until
    /// [`Input::Secured`]; bytes that were read ahead of it are the engine's to throw away.
    StartTls,
    /// A question to the host; see [`Input::Answer`].
    Ask(RequestId, R),
    /// Something worth telling.
    Event(E),
    /// Nothing more now; call again after an input, or with [`Input::Timeout`] at this moment.
    Wait(Option<Instant>),
}

/// What both ends of a connection have agreed on (RFC 8446).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsInfo {
    /// `TLS 1.3`.
    pub version: &'static str,
    /// `TLS_AES_128_GCM_SHA256`.
    pub suite: String,
    /// The server's name as the client asked for it (RFC 6066 section 3).
    pub server_name: Option<String>,
}

/// What a client does about TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TlsPolicy {
    /// It does not even look.
    Never,
    /// Wants it where it is offered; else goes on in the open. Who changes the server's words on the way has won.
    #[default]
    IfOffered,
    /// Says nothing of a mail without it.
    Required,
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

/// Which way a line went, seen from the engine that reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// This engine wrote it.
    Sent,
    /// This engine read it.
    Received,
}

/// How much an engine tells. Big runs that only count need no text of every line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// Outcomes only: what was accepted, refused, failed.
    Outcomes,
    /// Every line, state and map of bytes too.
    #[default]
    Everything,
}

/// One unit of a dialogue: a command, a whole reply (several lines of it joined by `\n`), a request or
/// response head. The letter itself is not a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Written or read by the engine that tells.
    pub way: Way,
    /// Where its bytes stand in the stream of that direction, the CRLF included; offset 0 is the first
    /// byte after the SYN.
    pub range: Range<u64>,
    /// The text without the last CRLF.
    pub text: String,
    /// The command's verb in capitals (`MAIL`, `UID FETCH`, `GET`), if it is a command.
    pub verb: Option<Cow<'static, str>>,
    /// The reply's or response's code, if it has one.
    pub code: Option<u16>,
}

/// `len` bytes of a derived text at `at` are the bytes of its source at `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Offset in the derived text.
    pub at: u64,
    /// Number of bytes, never 0.
    pub len: u64,
    /// Offset in the source.
    pub from: u64,
}

/// Where the bytes of a derived text come from: a letter from the typed text, a stream from a letter
/// (with dots stuffed in), a stored mail from a stream (with a trace line put in front).
///
/// Pieces are in rising order of `at` and do not overlap; what no piece covers was written anew. Which
/// text is the source is said by whoever holds the map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanMap {
    pieces: Vec<Piece>,
}

impl SpanMap {
    /// A map of nothing: everything is new.
    pub fn new() -> Self {
        SpanMap::default()
    }

    /// Adds a piece behind the others; pieces that continue each other become one.
    ///
    /// # Panics
    /// If `at` lies before the end of the last piece: the caller's mistake.
    pub fn push(&mut self, at: u64, len: u64, from: u64) {
        if len == 0 {
            return;
        }
        if let Some(last) = self.pieces.last_mut() {
            assert!(at >= last.at + last.len, "pieces of a span map come in order");
            if at == last.at + last.len && from == last.from + last.len {
                last.len += len;
                return;
            }
        }
        if self.pieces.is_empty() {
            // Most maps have one piece.
            self.pieces.reserve_exact(1);
        }
        self.pieces.push(Piece { at, len, from });
    }

    /// The pieces in rising order of `at`.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// How many derived bytes were not written anew.
    pub fn kept(&self) -> u64 {
        self.pieces.iter().map(|p| p.len).sum()
    }

    /// Where the derived byte at `at` comes from; nothing when it was written anew.
    pub fn source_of(&self, at: u64) -> Option<u64> {
        let i = self.pieces.partition_point(|p| p.at + p.len <= at);
        let p = self.pieces.get(i)?;
        (p.at <= at).then(|| p.from + (at - p.at))
    }

    /// Where the source's byte at `from` went first.
    pub fn target_of(&self, from: u64) -> Option<u64> {
        self.pieces.iter().find(|p| p.from <= from && from < p.from + p.len).map(|p| p.at + (from - p.from))
    }

    /// The same map for a derived text that has `by` new bytes put in front.
    pub fn shifted(&self, by: u64) -> SpanMap {
        SpanMap { pieces: self.pieces.iter().map(|p| Piece { at: p.at + by, ..*p }).collect() }
    }
}

/// A letter as it stands in the stream of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Where: whatever stands behind it to say that it ends included.
    pub range: Range<u64>,
    /// Which bytes are whose: the one that is written or made <- the other one.
    pub map: SpanMap,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stuffed_dot_is_new_and_the_rest_keeps_its_place() {
        let mut map = SpanMap::new();
        map.push(0, 7, 100); // "hello\r\n"
        map.push(8, 3, 107); // a dot was put in at 7
        assert_eq!(map.source_of(6), Some(106));
        assert_eq!(map.source_of(7), None);
        assert_eq!(map.source_of(8), Some(107));
        assert_eq!(map.source_of(11), None);
        assert_eq!(map.target_of(107), Some(8));
        assert_eq!(map.shifted(10).source_of(16), Some(106));
    }

    #[test]
    fn pieces_that_continue_each_other_are_one() {
        let mut map = SpanMap::new();
        map.push(0, 5, 10);
        map.push(5, 5, 15);
        assert_eq!(map.pieces(), [Piece { at: 0, len: 10, from: 10 }]);
    }
}
