//! What comes out of a connection, and the queue in which events wait to be fetched.

use std::ops::Range;

use super::{State, TimerKind};
use crate::packet::TcpHeader;
use crate::time::Instant;

/// What a connection wants, one thing at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Something worth telling, or something for the program.
    Event(Event),
    /// Send this segment. Its payload is fetched with [`Connection::payload`](super::Connection::payload)
    /// before anything else is done with the connection.
    Segment(Segment),
    /// Nothing more now; call `handle_timeout` at this moment, if there is one.
    Wait(Option<Instant>),
}

/// A segment to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its header.
    pub header: TcpHeader,
    /// Which bytes of the outgoing stream it carries; 0 is the first byte after the SYN.
    pub stream: Range<u64>,
    /// Why it is sent again, if it is.
    pub retransmission: Option<Retransmission>,
}

/// Why something is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retransmission {
    /// The retransmission timer expired (RFC 6298); also what follows from there on, up to where the
    /// sender had been.
    Timeout,
    /// The third duplicate acknowledgement (RFC 5681 section 3.2).
    Fast,
    /// A further hole, found during fast recovery (RFC 6582, RFC 6675).
    Recovery,
    /// A zero window probe (RFC 9293 section 3.8.6.1), or the segment that carries the probe's byte again.
    Probe,
    /// The peer sent its SYN again, so our SYN,ACK was lost.
    PeerRepeated,
}

/// What happened to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The state changed.
    State {
        /// Before.
        from: State,
        /// After.
        to: State,
    },
    /// The connection is open: the program may write, and its room is `send_room`.
    Connected,
    /// Bytes arrived in order; they wait in `received` until they are consumed.
    Received {
        /// Their place in the incoming stream.
        stream: Range<u64>,
    },
    /// A quarter of the send buffer or more has become free since this was last said (or since the
    /// connection was opened): `send_room` says how much there is.
    Writable,
    /// The peer has sent its FIN: after what was received nothing will come.
    PeerClosed,
    /// The connection has ended in good order: both sides have closed and know it, or it was closed
    /// before it was open.
    Closed,
    /// The peer reset or refused the connection.
    Reset,
    /// The peer did not answer and the connection is given up.
    TimedOut,
    /// A timer expired; the view tells what comes of it.
    Timer(TimerKind),
    /// An arriving segment, or what it carried, was not used.
    Dropped {
        /// Why.
        reason: DropReason,
    },
}

/// Why a segment was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DropReason {
    /// All of it was received before; it is acknowledged again.
    Duplicate,
    /// It lies outside the receive window; the peer is told where the window is.
    OutsideWindow,
    /// It acknowledges what was never sent.
    AckOfUnsent,
    /// Its acknowledgement is older than any window ago (RFC 5961 section 5).
    AckTooOld,
    /// A segment without ACK, where every segment has one.
    NoAck,
    /// A segment without SYN, where the peer's SYN is waited for.
    NoSyn,
    /// A SYN inside an open connection: answered with a challenge ACK (RFC 5961 section 4).
    UnexpectedSyn,
    /// A reset whose number is not exactly the next expected: inside the window it is answered with a
    /// challenge ACK (RFC 5961 section 3), outside with nothing.
    WrongReset,
    /// Too many separate pieces beyond holes are held already.
    TooManyHoles,
}

impl DropReason {
    /// In words, for a learner.
    pub const fn name(self) -> &'static str {
        match self {
            DropReason::Duplicate => "received before",
            DropReason::OutsideWindow => "outside the receive window",
            DropReason::AckOfUnsent => "acknowledges what was never sent",
            DropReason::AckTooOld => "its acknowledgement is too old",
            DropReason::NoAck => "has no ACK",
            DropReason::NoSyn => "has no SYN, and the peer's SYN is waited for",
            DropReason::UnexpectedSyn => "SYN inside an open connection",
            DropReason::WrongReset => "RST with a wrong sequence number",
            DropReason::TooManyHoles => "too many holes before it",
        }
    }
}

/// An event as it waits: without the range of `Received`, which is known when it is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pending {
    State { from: State, to: State },
    Connected,
    Received,
    Writable,
    PeerClosed,
    Closed,
    Reset,
    TimedOut,
    Timer(TimerKind),
    Dropped(DropReason),
}

/// Events in order, held inside the connection: most connections never have more than four at once.
///
/// It cannot overflow: a connection changes its state at most seven times, says each of `Connected`,
/// `PeerClosed` and one kind of end once, and `Received` and `Writable` wait at most once each;
/// timers and dropped segments, which could come without end from a caller that does not poll, are left
/// out when there are [`SMALL_TALK`] events before them.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    ring: [Pending; SIZE],
    head: u8,
    len: u8,
}

const SIZE: usize = 16;
const SMALL_TALK: u8 = 4;

impl Queue {
    pub fn new() -> Self {
        Queue { ring: [Pending::Connected; SIZE], head: 0, len: 0 }
    }

    pub fn push(&mut self, event: Pending) {
        let left_out = match event {
            Pending::Timer(_) | Pending::Dropped(_) => self.len >= SMALL_TALK,
            Pending::Received | Pending::Writable => self.iter().any(|e| e == event),
            _ => false,
        };
        if left_out || usize::from(self.len) == SIZE {
            return;
        }
        self.ring[(usize::from(self.head) + usize::from(self.len)) % SIZE] = event;
        self.len += 1;
    }

    pub fn pop(&mut self) -> Option<Pending> {
        if self.len == 0 {
            return None;
        }
        let event = self.ring[usize::from(self.head)];
        self.head = (self.head + 1) % SIZE as u8;
        self.len -= 1;
        Some(event)
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn iter(&self) -> impl Iterator<Item = Pending> {
        (0..usize::from(self.len)).map(|i| self.ring[(usize::from(self.head) + i) % SIZE])
    }
}
