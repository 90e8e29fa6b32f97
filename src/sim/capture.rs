//! Packets captured while a world runs, for a capture file that is written on the way.

use crate::packet::LinkHeader;
use crate::time::Instant;
use crate::topology::LinkId;

/// Packets one behind the other in one buffer, so that a packet costs a copy and no allocation.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    bytes: Vec<u8>,
    /// When and on which link, and where its bytes end.
    packets: Vec<(Instant, LinkId, usize)>,
}

impl Captured {
    pub(super) fn push(&mut self, at: Instant, link: LinkId, header: &LinkHeader, bytes: &[u8]) {
        header.write(&mut self.bytes);
        self.bytes.extend_from_slice(bytes);
        self.packets.push((at, link, self.bytes.len()));
    }

    /// When, on which link, the frame; in order of time.
    pub fn iter(&self) -> impl Iterator<Item = (Instant, LinkId, &[u8])> {
        let mut start = 0;
        self.packets
            .iter()
            .map(move |&(at, link, end)| (at, link, &self.bytes[std::mem::replace(&mut start, end)..end]))
    }

    /// Empties it; the memory stays.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.packets.clear();
    }
}
