//! What entries are about, as the record keeps it: in tables of small items.

use super::{HopId, PacketId};
use crate::net::link::Loss;
use crate::packet::LinkHeader;
use crate::tcp;
use crate::topology::{ConnId, LinkId, Side};

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
    /// Twice the link's number, and one more if there is an Ethernet header, which stands in a table of its own.
    link: u32,
    pub checksum: u16,
    pub ttl: u8,
}

impl Hop {
    #[inline]
    pub fn new(packet: PacketId, LinkId(link): LinkId, ttl: u8, checksum: u16, headed: bool) -> Hop {
        debug_assert!(link >> 31 == 0, "no world has so many links");
        Hop { packet, link: link << 1 | u32::from(headed), checksum, ttl }
    }

    pub fn link(&self) -> LinkId {
        LinkId(self.link >> 1)
    }

    pub fn headed(&self) -> bool {
        self.link & 1 != 0
    }
}

/// The Ethernet header of a hop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub hop: HopId,
    pub header: LinkHeader,
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

    /// A record has dozens of each for every mail: new memory is what recording costs most.
    #[test]
    fn items_are_small() {
        assert_eq!(size_of::<Turn>(), 8);
        assert_eq!(size_of::<Hop>(), 12);
        assert_eq!(size_of::<Heard>(), 8);
        assert_eq!(size_of::<crate::mail::Event>(), 128);
    }

    #[test]
    fn a_hop_knows_its_link_and_whether_it_has_a_header() {
        for (link, headed) in [(0, false), (0, true), (u32::MAX >> 1, false), (u32::MAX >> 1, true)] {
            let hop = Hop::new(PacketId(7), LinkId(link), 64, 9, headed);
            assert_eq!((hop.link(), hop.headed()), (LinkId(link), headed));
        }
    }

    #[test]
    fn both_ends_of_every_connection_can_be_heard() {
        for end in [(ConnId(0), Side::Client), (ConnId(0), Side::Server), (ConnId(u32::MAX >> 1), Side::Server)] {
            let heard = Heard::new(end.0, end.1, 7);
            assert_eq!((heard.conn(), heard.side(), heard.event), (end.0, end.1, 7));
        }
    }
}
