//! Entries as the record keeps them: a big record has hundreds for each mail, and new memory is what recording costs
//! most. So an entry is 16 bytes, and says nothing that the table behind its number says already.

use super::entry::number;
use super::{ActionId, Cause, Closed, EntryId, HopId, PacketId, ViewId};
use crate::net::link::Loss;
use crate::tcp;
use crate::topology::{ConnId, LinkId, NodeId, Side};

number! {
    /// A frame that was lost.
    LossId
}
number! {
    /// What an engine told.
    SessionId
}
number! {
    /// What a mail system told.
    MailId
}
number! {
    /// What a resolver told.
    LookupId
}
number! {
    /// A change of state.
    TurnId
}
number! {
    /// An Ethernet header.
    HeaderId
}

/// What happened, as the simulator says it: see [`What`](super::What) for the meaning of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    /// The [`Kind`], and what else is to be said above [`KIND`] bits.
    kind: u32,
    /// The number of what it is about.
    number: u32,
}

impl Fact {
    const fn new(kind: Kind, more: u32, number: u32) -> Fact {
        Fact { kind: kind as u32 | more << KIND, number }
    }

    pub const fn frame_sent(HopId(n): HopId) -> Fact {
        Fact::new(Kind::FrameSent, 0, n)
    }

    pub const fn frame_arrived(HopId(n): HopId) -> Fact {
        Fact::new(Kind::FrameArrived, 0, n)
    }

    pub(super) const fn frame_lost(LossId(n): LossId) -> Fact {
        Fact::new(Kind::FrameLost, 0, n)
    }

    pub const fn tcp_open(ConnId(n): ConnId) -> Fact {
        Fact::new(Kind::TcpOpen, 0, n)
    }

    pub const fn tcp_established(ConnId(n): ConnId, side: Side) -> Fact {
        Fact::new(Kind::TcpEstablished, side as u32, n)
    }

    pub const fn tcp_sent(ViewId(n): ViewId, retransmission: bool) -> Fact {
        Fact::new(Kind::TcpSent, retransmission as u32, n)
    }

    pub const fn tcp_received(ViewId(n): ViewId) -> Fact {
        Fact::new(Kind::TcpReceived, 0, n)
    }

    pub const fn tcp_timer(ViewId(n): ViewId, side: Side, timer: tcp::TimerKind) -> Fact {
        Fact::new(Kind::TcpTimer, side as u32 | (timer as u32) << 1, n)
    }

    pub(super) const fn tcp_state(TurnId(n): TurnId) -> Fact {
        Fact::new(Kind::TcpState, 0, n)
    }

    pub const fn tcp_closed(ConnId(n): ConnId, side: Side, how: Closed) -> Fact {
        Fact::new(Kind::TcpClosed, side as u32 | (how as u32) << 1, n)
    }

    pub(super) const fn session(SessionId(n): SessionId) -> Fact {
        Fact::new(Kind::Session, 0, n)
    }

    pub(super) const fn mail(MailId(n): MailId) -> Fact {
        Fact::new(Kind::Mail, 0, n)
    }

    pub(super) const fn dns(LookupId(n): LookupId) -> Fact {
        Fact::new(Kind::Dns, 0, n)
    }

    pub const fn action(ActionId(n): ActionId) -> Fact {
        Fact::new(Kind::Action, 0, n)
    }
}

/// An [`Entry`](super::Entry) in 16 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packed {
    /// Nanoseconds, as [`Moments`](super::moments::Moments) count them.
    pub since: u32,
    /// From the lowest bit: the node, the kind of the cause, the [`Kind`] of the fact, and what else it says.
    head: u32,
    /// The number of the cause.
    because: u32,
    /// The number of what it is about.
    pub number: u32,
}

/// Bits for the node.
const NODE: u32 = 22;
/// More nodes cannot be told apart in a record.
pub(crate) const MOST_NODES: u32 = 1 << NODE;
/// Bits for the kind of the cause.
const CAUSE: u32 = 2;
/// Bits for the kind of the fact.
const KIND: u32 = 4;

/// A [`Fact`] without its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    FrameSent,
    FrameArrived,
    FrameLost,
    TcpOpen,
    TcpEstablished,
    TcpSent,
    TcpReceived,
    TcpTimer,
    TcpState,
    TcpClosed,
    Session,
    Mail,
    Dns,
    Action,
}

impl Kind {
    const ALL: [Kind; 14] = [
        Kind::FrameSent,
        Kind::FrameArrived,
        Kind::FrameLost,
        Kind::TcpOpen,
        Kind::TcpEstablished,
        Kind::TcpSent,
        Kind::TcpReceived,
        Kind::TcpTimer,
        Kind::TcpState,
        Kind::TcpClosed,
        Kind::Session,
        Kind::Mail,
        Kind::Dns,
        Kind::Action,
    ];
}

impl Packed {
    #[inline]
    pub fn new(since: u32, node: NodeId, cause: Cause, fact: Fact) -> Packed {
        debug_assert!(node.0 < MOST_NODES, "no world has so many nodes");
        let (reason, because) = match cause {
            Cause::Start => (0, 0),
            Cause::Action(ActionId(n)) => (1, n),
            Cause::Entry(EntryId(n)) => (2, n),
            Cause::Timer { armed_by: EntryId(n) } => (3, n),
        };
        let head = node.0 | reason << NODE | fact.kind << (NODE + CAUSE);
        Packed { since, head, because, number: fact.number }
    }

    pub fn node(&self) -> NodeId {
        NodeId(self.head & ((1 << NODE) - 1))
    }

    pub fn cause(&self) -> Cause {
        match self.head >> NODE & ((1 << CAUSE) - 1) {
            0 => Cause::Start,
            1 => Cause::Action(ActionId(self.because)),
            2 => Cause::Entry(EntryId(self.because)),
            _ => Cause::Timer { armed_by: EntryId(self.because) },
        }
    }

    pub fn kind(&self) -> Kind {
        Kind::ALL[(self.head >> (NODE + CAUSE) & ((1 << KIND) - 1)) as usize]
    }

    fn more(&self) -> u32 {
        self.head >> (NODE + CAUSE + KIND)
    }

    /// Of a segment that was sent: whether it had been sent before.
    pub fn retransmission(&self) -> bool {
        self.more() != 0
    }

    /// Of what concerns one end of a connection: which.
    pub fn side(&self) -> Side {
        if self.more() & 1 == Side::Client as u32 { Side::Client } else { Side::Server }
    }

    /// Of a timer: which.
    pub fn timer(&self) -> tcp::TimerKind {
        TIMERS[(self.more() >> 1) as usize]
    }

    /// Of an end: how.
    pub fn how(&self) -> Closed {
        ENDS[(self.more() >> 1) as usize]
    }
}

/// In the order of their numbers.
const TIMERS: [tcp::TimerKind; 3] =
    [tcp::TimerKind::Retransmission, tcp::TimerKind::DelayedAck, tcp::TimerKind::Persist];
/// In the order of their numbers.
const ENDS: [Closed; 3] = [Closed::Fin, Closed::Rst, Closed::Timeout];

/// One end of a connection has changed its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub conn: ConnId,
    pub side: Side,
    pub from: tcp::State,
    pub to: tcp::State,
}

/// A packet on one link: sent once and arrived at most once, so that both entries find packet and link here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hop {
    pub packet: PacketId,
    pub link: LinkId,
    pub checksum: u16,
    pub ttl: u8,
    /// The Ethernet header, or [`Hop::BARE`].
    pub header: HeaderId,
}

impl Hop {
    /// The packet has no header on its link.
    pub const BARE: HeaderId = HeaderId(u32::MAX);
}

/// Something that an engine told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    /// Twice the connection's number, and one more at the server.
    end: u32,
    /// Its number among the events that differ.
    pub event: u32,
}

impl Heard {
    #[inline]
    pub fn new(conn: ConnId, side: Side, event: u32) -> Heard {
        debug_assert!(conn.0 >> 31 == 0, "no run has so many connections");
        Heard { end: conn.0 << 1 | u32::from(side == Side::Server), event }
    }

    pub fn conn(&self) -> ConnId {
        ConnId(self.end >> 1)
    }

    pub fn side(&self) -> Side {
        if self.end & 1 == 0 { Side::Client } else { Side::Server }
    }
}

/// A frame that went no further.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lost {
    pub packet: PacketId,
    /// None: it was lost in a node.
    pub link: Option<LinkId>,
    pub reason: Loss,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Packet;

    /// A record has hundreds of entries for each mail: new memory is what recording costs most.
    #[test]
    fn entries_are_small() {
        assert_eq!(size_of::<Packed>(), 16);
        assert_eq!(size_of::<Turn>(), 8);
        assert_eq!(size_of::<Hop>(), 16);
        assert_eq!(size_of::<Heard>(), 8);
        assert_eq!(size_of::<Packet>(), 40);
        assert_eq!(size_of::<crate::mail::Event>(), 128);
    }

    #[test]
    fn both_ends_of_every_connection_can_be_heard() {
        for end in [(ConnId(0), Side::Client), (ConnId(0), Side::Server), (ConnId(u32::MAX >> 1), Side::Server)] {
            let heard = Heard::new(end.0, end.1, 7);
            assert_eq!((heard.conn(), heard.side(), heard.event), (end.0, end.1, 7));
        }
    }

    #[test]
    fn every_cause_and_every_fact_comes_out_as_it_went_in() {
        let (n, last) = (u32::MAX, NodeId((1 << NODE) - 1));
        let (id, conn, view) = (EntryId(n), ConnId(n), ViewId(n));
        let causes = [Cause::Start, Cause::Action(ActionId(7)), Cause::Entry(id), Cause::Timer { armed_by: id }];
        let put = |fact| {
            for cause in causes {
                let packed = Packed::new(9, last, cause, fact);
                assert_eq!((packed.since, packed.node(), packed.cause(), packed.number), (9, last, cause, n));
            }
            Packed::new(0, NodeId(0), Cause::Start, fact)
        };
        let plain = [
            (Fact::frame_sent(HopId(n)), Kind::FrameSent),
            (Fact::frame_arrived(HopId(n)), Kind::FrameArrived),
            (Fact::frame_lost(LossId(n)), Kind::FrameLost),
            (Fact::tcp_open(conn), Kind::TcpOpen),
            (Fact::tcp_received(view), Kind::TcpReceived),
            (Fact::tcp_state(TurnId(n)), Kind::TcpState),
            (Fact::session(SessionId(n)), Kind::Session),
            (Fact::mail(MailId(n)), Kind::Mail),
            (Fact::dns(LookupId(n)), Kind::Dns),
            (Fact::action(ActionId(n)), Kind::Action),
        ];
        for (fact, kind) in plain {
            assert_eq!(put(fact).kind(), kind);
        }
        for again in [true, false] {
            let sent = put(Fact::tcp_sent(view, again));
            assert_eq!((sent.kind(), sent.retransmission()), (Kind::TcpSent, again));
        }
        for side in [Side::Client, Side::Server] {
            let open = put(Fact::tcp_established(conn, side));
            assert_eq!((open.kind(), open.side()), (Kind::TcpEstablished, side));
            for timer in TIMERS {
                let fired = put(Fact::tcp_timer(view, side, timer));
                assert_eq!((fired.kind(), fired.side(), fired.timer()), (Kind::TcpTimer, side, timer));
            }
            for how in ENDS {
                let closed = put(Fact::tcp_closed(conn, side, how));
                assert_eq!((closed.kind(), closed.side(), closed.how()), (Kind::TcpClosed, side, how));
            }
        }
    }
}
