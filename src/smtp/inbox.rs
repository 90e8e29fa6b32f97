//! Bytes of the peer that were not read yet.
//!
//! An engine reads one command or reply at a time, and the next one only when all that the last one led to has
//! gone out. So a peer that sends ahead (RFC 2920, or without leave) is served in order, and one that sends
//! without ever listening fills this and no more than this.

/// When this many bytes lie unread and still more come, the peer does not listen: as much as a receive window
/// without scaling lets through (RFC 9293 section 3.1).
pub(super) const MOST: usize = 65_535;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    head: usize,
    /// Offset in the incoming stream of the first byte that was not read.
    read: u64,
}

impl Inbox {
    /// Puts bytes behind the others. `false`: it was full before, and they were not taken.
    #[must_use]
    pub(super) fn push(&mut self, bytes: &[u8]) -> bool {
        if self.len() >= MOST {
            return false;
        }
        // Moving the rest to the front when it is the smaller half costs a constant for each byte.
        if self.head > self.len() {
            self.bytes.drain(..self.head);
            self.head = 0;
        }
        self.bytes.extend_from_slice(bytes);
        true
    }

    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.head..]
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.head
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Offset in the incoming stream of the first byte of [`rest`](Self::rest).
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// The first `n` bytes are read.
    pub(super) fn consume(&mut self, n: usize) {
        self.head += n;
        self.read += n as u64;
        debug_assert!(self.head <= self.bytes.len(), "only what is there is read");
        if self.head == self.bytes.len() {
            self.head = 0;
            self.bytes.clear();
            // One big read must not keep its memory for the rest of a long session.
            self.bytes.shrink_to(4096);
        }
    }

    /// `n` bytes were read without coming here.
    pub(super) fn passed(&mut self, n: usize) {
        debug_assert!(self.is_empty(), "bytes are read in order");
        self.read += n as u64;
    }

    /// What is there is thrown away unread, and counted.
    pub(super) fn discard(&mut self) {
        let n = self.len();
        self.consume(n);
    }

    /// Nothing more will be read.
    pub(super) fn forget(&mut self) {
        *self = Inbox { read: self.read, ..Inbox::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_in_order_and_counted() {
        let mut inbox = Inbox::default();
        let mut next = 0u8;
        for n in 0..1000u32 {
            let third = (n * 3) as u8;
            assert!(inbox.push(&[third, third.wrapping_add(1), third.wrapping_add(2)]));
            assert_eq!(inbox.rest()[..2], [next, next.wrapping_add(1)]);
            inbox.consume(2);
            next = next.wrapping_add(2);
        }
        assert_eq!((inbox.read(), inbox.len()), (2000, 1000));
        assert!(inbox.bytes.len() <= 2 * 1000 + 3);
    }

    #[test]
    fn a_full_inbox_takes_nothing_more() {
        let mut inbox = Inbox::default();
        assert!(inbox.push(&[0; MOST]));
        assert!(!inbox.push(b"x"));
        inbox.consume(1);
        assert!(inbox.push(b"x"));
    }
}
