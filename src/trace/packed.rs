//! Entries as the record keeps them: a big record has hundreds for each mail, and new memory is what recording costs
//! most. So an entry is 24 bytes, and says nothing that the table behind its number says already.

use super::entry::number;
use super::{ActionId, Cause, Closed, EntryId, HopId, HopRecord, PacketId, ViewId};
use crate::net::link::Loss;
use crate::tcp;
use crate::time::Instant;
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

/// What happened, as the simulator says it: see [`What`](super::What) for the meaning of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    FrameSent(HopId),
    FrameArrived(HopId),
    FrameLost(LossId),
    TcpOpen(ConnId),
    TcpEstablished(ConnId, Side),
    TcpSent { view: ViewId, retransmission: bool },
    TcpReceived(ViewId),
    TcpTimer(ViewId, Side, tcp::TimerKind),
    TcpState { conn: ConnId, side: Side, from: tcp::State, to: tcp::State },
    TcpClosed(ConnId, Side, Closed),
    Session(SessionId),
    Mail(MailId),
    Dns(LookupId),
    Action(ActionId),
}

/// An [`Entry`](super::Entry) in 24 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packed {
    pub at: Instant,
    /// The node, and above [`NODE_BITS`] the kind of the cause.
    place: u32,
    /// The number of the cause.
    because: u32,
    pub fact: Fact,
}

/// No world has more nodes than these can number.
const NODE_BITS: u32 = 30;

impl Packed {
    #[inline]
    pub fn new(at: Instant, node: NodeId, cause: Cause, fact: Fact) -> Packed {
        debug_assert!(node.0 >> NODE_BITS == 0, "no world has so many nodes");
        let (kind, because) = match cause {
            Cause::Start => (0, 0),
            Cause::Action(ActionId(n)) => (1, n),
            Cause::Entry(EntryId(n)) => (2, n),
            Cause::Timer { armed_by: EntryId(n) } => (3, n),
        };
        Packed { at, place: node.0 | kind << NODE_BITS, because, fact }
    }

    pub fn node(&self) -> NodeId {
        NodeId(self.place & ((1 << NODE_BITS) - 1))
    }

    pub fn cause(&self) -> Cause {
        match self.place >> NODE_BITS {
            0 => Cause::Start,
            1 => Cause::Action(ActionId(self.because)),
            2 => Cause::Entry(EntryId(self.because)),
            _ => Cause::Timer { armed_by: EntryId(self.because) },
        }
    }
}

/// A packet on one link: sent once and arrived at most once, so that both entries find packet and link here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hop {
    pub packet: PacketId,
    pub link: LinkId,
    pub record: HopRecord,
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
        assert_eq!(size_of::<Packed>(), 24);
        assert_eq!(size_of::<Hop>(), 24);
        assert_eq!(size_of::<Heard>(), 8);
        assert_eq!(size_of::<Packet>(), 40);
    }

    #[test]
    fn both_ends_of_every_connection_can_be_heard() {
        for end in [(ConnId(0), Side::Client), (ConnId(0), Side::Server), (ConnId(u32::MAX >> 1), Side::Server)] {
            let heard = Heard::new(end.0, end.1, 7);
            assert_eq!((heard.conn(), heard.side(), heard.event), (end.0, end.1, 7));
        }
    }

    #[test]
    fn every_kind_of_cause_comes_out_as_it_went_in() {
        let (n, last) = (EntryId(u32::MAX), NodeId((1 << NODE_BITS) - 1));
        for cause in [Cause::Start, Cause::Action(ActionId(7)), Cause::Entry(n), Cause::Timer { armed_by: n }] {
            let packed = Packed::new(Instant::ZERO, last, cause, Fact::Action(ActionId(0)));
            assert_eq!((packed.node(), packed.cause()), (last, cause));
        }
    }
}
