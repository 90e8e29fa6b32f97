//! Packets, and how the record keeps them: a run has dozens for each mail, so that one is 24 bytes beside those that
//! travel.

use super::stretch::Stretch;
use super::{Log, Stored};
use crate::topology::{ConnId, Side};

/// A packet as its sender made it. What hops change is in [`HopRecord`](super::HopRecord)s; its bytes are with
/// [`Log::packet_bytes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Whether it is ARP and not IPv4.
    pub arp: bool,
    /// The connection it belongs to, and which end sent it.
    pub conn: Option<(ConnId, Side)>,
    /// Where its payload stands in the stream of that direction: first byte and length.
    pub stream: (u64, u32),
}

/// A [`Packet`] in less memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// The bytes above the link layer: an IPv4 datagram or an ARP packet. Without the last ones, if these are lent.
    pub bytes: Stored,
    /// The number of the piece of a letter with which it ends, or [`Kept::OWN`]: all bytes are its own.
    pub lent: u32,
    /// Twice the connection's number, and one more if the server sent it; or [`ALONE`] or [`ARP`].
    end: u32,
    stream: Stretch,
}

/// Of no connection.
const ALONE: u32 = u32::MAX;
/// No IPv4.
const ARP: u32 = u32::MAX - 1;

impl Kept {
    pub const OWN: u32 = u32::MAX;

    #[inline]
    pub fn new(packet: Packet, bytes: Stored, lent: u32) -> Kept {
        let end = match packet.conn {
            Some((conn, side)) => {
                debug_assert!(conn.0 < ARP >> 1, "no run has so many connections");
                conn.0 << 1 | u32::from(side == Side::Server)
            }
            None if packet.arp => ARP,
            None => ALONE,
        };
        let (start, length) = packet.stream;
        let stream = Stretch::new(start, u64::from(length)).expect("no packet and no stream is so long");
        Kept { bytes, lent, end, stream }
    }

    pub fn packet(&self) -> Packet {
        let conn = (self.end < ARP).then_some(ConnId(self.end >> 1));
        let side = if self.end & 1 == 0 { Side::Client } else { Side::Server };
        let stream = (self.stream.start(), self.stream.length());
        Packet { arp: self.end == ARP, conn: conn.map(|conn| (conn, side)), stream }
    }
}

/// The packets of a [`Log`], in the order of their first sending.
#[derive(Clone, Copy, Debug)]
pub struct Packets<'a> {
    pub(super) log: &'a Log,
}

impl<'a> Packets<'a> {
    /// Number of packets.
    pub fn len(self) -> usize {
        self.log.packets.len()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.log.packets.is_empty()
    }

    /// The packet with this number, if there are so many.
    pub fn get(self, place: usize) -> Option<Packet> {
        self.log.packets.get(place).map(Kept::packet)
    }

    /// All of them.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Packet> + use<'a> {
        self.log.packets.iter().map(Kept::packet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_the_whole_packet_in_less_memory() {
        assert_eq!(size_of::<Kept>(), 24);
        let bytes = super::super::Bytes::default().push(&[1, 2, 3]);
        let last = ConnId((ARP >> 1) - 1);
        for conn in [None, Some((ConnId(0), Side::Client)), Some((ConnId(0), Side::Server)), Some((last, Side::Server))]
        {
            for stream in [(0, 0), (0, 65_535), ((1 << 48) - 1, 1_460)] {
                let packet = Packet { arp: false, conn, stream };
                let kept = Kept::new(packet, bytes, 7);
                assert_eq!((kept.packet(), kept.bytes, kept.lent), (packet, bytes, 7));
            }
        }
        let arp = Packet { arp: true, conn: None, stream: (0, 0) };
        assert_eq!(Kept::new(arp, bytes, Kept::OWN).packet(), arp);
    }
}
