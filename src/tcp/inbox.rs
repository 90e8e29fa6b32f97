//! Bytes that have arrived: those in order, for the program, and those beyond a hole (RFC 9293 section
//! 3.10.7.4, seventh step).
//!
//! Both lie in one buffer at their place, so that filling a hole moves nothing. What is beyond holes is
//! known by a short list of ranges, most recent first: that is also the order of SACK blocks (RFC 2018
//! section 4).

/// Most ranges beyond holes that are held.
pub(super) const MOST_RANGES: usize = 32;

/// What was read in front of the rest is moved away when it is this much: a small rest is moved often, a large one
/// seldom.
const MOVE: usize = 4096;

/// See the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Inbox {
    /// From `head` on: `ready` bytes in order, then whatever arrived early, with zeros in the holes.
    bytes: Vec<u8>,
    head: u32,
    ready: u32,
    /// Position behind the bytes in order: RCV.NXT (without the FIN).
    next: u64,
    #[allow(clippy::box_collection, reason = "most connections never see a hole: a word instead of three")]
    ranges: Option<Box<Vec<(u64, u64)>>>,
}

/// What became of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// In order: so many bytes can be read that could not before; `filled` says that a hole was there.
    InOrder { new: u64, filled: bool },
    /// Beyond a hole.
    Early,
    /// There are too many holes already.
    Refused,
}

impl Inbox {
    pub fn new() -> Self {
        Inbox { bytes: Vec::new(), head: 0, ready: 0, next: 1, ranges: None }
    }

    /// Position of the next byte expected.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Bytes in order that were not consumed.
    pub fn ready(&self) -> &[u8] {
        &self.bytes[self.head as usize..(self.head + self.ready) as usize]
    }

    pub fn consume(&mut self, n: usize) {
        let n = n.min(self.ready as usize) as u32;
        self.head += n;
        self.ready -= n;
        if self.head as usize == self.bytes.len() {
            // Mostly a program reads everything at once. The next segment, of whatever connection, then finds
            // this memory in the processor's cache.
            self.bytes = Vec::new();
            self.head = 0;
        } else if self.head as usize >= MOVE.max(self.bytes.len() / 2) {
            self.bytes.drain(..self.head as usize);
            self.head = 0;
        }
    }

    /// Takes `data` in at position `at`, which is not before [`Inbox::next`]; the caller has cut it to
    /// the window, which bounds this buffer.
    pub fn store(&mut self, at: u64, data: &[u8]) -> Stored {
        let end = at + data.len() as u64;
        let in_order = at == self.next;
        if in_order && self.ranges.is_none() {
            self.bytes.extend_from_slice(data);
            self.ready += data.len() as u32;
            self.next = end;
            return Stored::InOrder { new: data.len() as u64, filled: false };
        }
        if !in_order && !self.remember(at, end) {
            return Stored::Refused;
        }
        let place = (self.head + self.ready) as usize + (at - self.next) as usize;
        if self.bytes.len() < place + data.len() {
            self.bytes.resize(place + data.len(), 0);
        }
        self.bytes[place..place + data.len()].copy_from_slice(data);
        if !in_order {
            return Stored::Early;
        }
        let before = self.next;
        self.next = end;
        self.join();
        let new = self.next - before;
        self.ready += new as u32;
        Stored::InOrder { new, filled: true }
    }

    /// Adds a range beyond a hole, as the most recent, joined with those that it touches.
    fn remember(&mut self, mut start: u64, mut end: u64) -> bool {
        let ranges = self.ranges.get_or_insert_default();
        let touches = |r: &(u64, u64)| r.0 <= end && start <= r.1;
        if ranges.len() >= MOST_RANGES && !ranges.iter().any(touches) {
            return false;
        }
        ranges.retain(|r| {
            // Ranges never touch one another, so growing does not make a range touch that did not.
            let joined = r.0 <= end && start <= r.1;
            if joined {
                (start, end) = (start.min(r.0), end.max(r.1));
            }
            !joined
        });
        ranges.insert(0, (start, end));
        true
    }

    /// Moves `next` over the ranges that it has reached.
    fn join(&mut self) {
        let Some(ranges) = &mut self.ranges else { return };
        while let Some(i) = ranges.iter().position(|r| r.0 <= self.next) {
            self.next = self.next.max(ranges.remove(i).1);
        }
        if ranges.is_empty() {
            self.ranges = None;
        }
    }

    /// What is held beyond holes, most recent first.
    pub fn ranges(&self) -> &[(u64, u64)] {
        self.ranges.as_deref().map_or(&[], Vec::as_slice)
    }

    /// Bytes of memory in use, holes included.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        self.bytes.len() - self.head as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filled_hole_makes_everything_behind_it_readable() {
        let mut inbox = Inbox::new();
        assert_eq!(inbox.store(4, b"def"), Stored::Early);
        assert_eq!(inbox.store(10, b"jkl"), Stored::Early);
        assert_eq!(inbox.ranges(), [(10, 13), (4, 7)], "most recent first");
        assert_eq!(inbox.store(1, b"abc"), Stored::InOrder { new: 6, filled: true });
        assert_eq!(inbox.ready(), b"abcdef");
        inbox.consume(2);
        assert_eq!(inbox.store(7, b"ghi"), Stored::InOrder { new: 6, filled: true });
        assert_eq!(inbox.ready(), b"cdefghijkl");
        assert!(inbox.ranges().is_empty());
    }

    #[test]
    fn overlapping_pieces_become_one_range() {
        let mut inbox = Inbox::new();
        for at in [20, 40, 30, 25] {
            inbox.store(at, &[0; 10]);
        }
        assert_eq!(inbox.ranges(), [(20, 50)]);
    }

    #[test]
    fn the_number_of_holes_is_bounded() {
        let mut inbox = Inbox::new();
        for i in 0..MOST_RANGES as u64 {
            assert_eq!(inbox.store(3 + 3 * i, b"x"), Stored::Early);
        }
        assert_eq!(inbox.store(1000, b"x"), Stored::Refused);
        assert_eq!(inbox.store(4, b"x"), Stored::Early, "what touches a range is still taken");
    }
}
