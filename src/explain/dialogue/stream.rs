//! The bytes of one direction of a connection, put together from its packets.

use std::ops::Range;

use crate::topology::Side;
use crate::trace::{Log, PacketId};

/// What one end has put on the wire: always a beginning of its stream, for TCP first sends in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stream {
    bytes: Vec<u8>,
}

impl Stream {
    /// Takes the payload of the next packet in, unless all of it was sent before.
    pub fn take(&mut self, log: &Log, packet: PacketId) {
        let (start, len) = log.packet(packet).stream;
        let (start, len) = (start as usize, len as usize);
        let bytes = log.packet_bytes(packet);
        let have = self.bytes.len();
        // The payload is the packet's end; a piece behind a gap cannot be, and would be left out.
        if len == 0 || start > have || start + len <= have || len > bytes.len() {
            return;
        }
        self.bytes.extend_from_slice(&bytes[bytes.len() - len + (have - start)..]);
    }

    /// How many bytes were sent.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// A part of it, as far as it was sent.
    pub fn part(&self, range: &Range<u64>) -> &[u8] {
        let end = (range.end as usize).min(self.bytes.len());
        let start = (range.start as usize).min(end);
        &self.bytes[start..end]
    }
}

/// Index of a side in a pair.
pub(super) const fn index(side: Side) -> usize {
    match side {
        Side::Client => 0,
        Side::Server => 1,
    }
}
