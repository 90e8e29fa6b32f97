//! Bytes that the program has written and that are not yet acknowledged.

use std::collections::VecDeque;

/// A ring that is empty at first, grows with need, and gives its memory back when it is empty: a connection mostly
/// waits, and memory that was used just now by another one is quicker to get than to keep.
#[derive(Clone, Debug)]
pub(super) struct Outbox {
    /// Position of its first byte.
    start: u64,
    bytes: VecDeque<u8>,
}

impl Outbox {
    pub fn new() -> Self {
        Outbox { start: 1, bytes: VecDeque::new() }
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Position behind its last byte: that of the FIN, once nothing more is written.
    pub fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// As [`Outbox::push`], without a copy if nothing is waiting here.
    pub fn push_all(&mut self, bytes: Vec<u8>) {
        if self.bytes.is_empty() {
            self.bytes = VecDeque::from(bytes);
        } else {
            self.bytes.extend(bytes);
        }
    }

    /// Drops what lies before `una`; says how much.
    pub fn acknowledge(&mut self, una: u64) -> usize {
        let n = una.saturating_sub(self.start).min(self.bytes.len() as u64);
        self.start += n;
        if n as usize == self.bytes.len() {
            self.bytes = VecDeque::new();
        } else {
            self.bytes.drain(..n as usize);
        }
        n as usize
    }

    /// The bytes from position `from` up to `to`, as far as they are here.
    pub fn slices(&self, from: u64, to: u64) -> (&[u8], &[u8]) {
        let clamp = |p: u64| p.saturating_sub(self.start).min(self.bytes.len() as u64) as usize;
        let (from, to) = (clamp(from), clamp(to));
        let (a, b) = self.bytes.as_slices();
        if from >= to {
            (&[], &[])
        } else if to <= a.len() {
            (&a[from..to], &[])
        } else if from >= a.len() {
            (&b[from - a.len()..to - a.len()], &[])
        } else {
            (&a[from..], &b[..to - a.len()])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_keep_their_position_around_the_end_of_the_ring() {
        let mut out = Outbox::new();
        let mut written: Vec<u8> = Vec::new();
        for round in 0..200u8 {
            let piece: Vec<u8> = (0..7).map(|i| round.wrapping_mul(7).wrapping_add(i)).collect();
            out.push(&piece);
            written.extend(&piece);
            if round >= 3 {
                assert_eq!(out.acknowledge(out.end() - 21), 7);
            }
            let from = out.start;
            let (a, b) = out.slices(from, out.end());
            assert_eq!([a, b].concat(), written[from as usize - 1..]);
        }
        assert_eq!(out.slices(0, 3), (&[][..], &[][..]), "what is acknowledged is gone");
    }

    #[test]
    fn what_is_written_whole_takes_its_place_behind_the_rest() {
        let mut out = Outbox::new();
        out.push_all(b"MAIL".to_vec());
        out.push_all(b"RCPT".to_vec());
        out.push(b"DATA");
        assert_eq!(out.acknowledge(3), 2);
        let (a, b) = out.slices(3, out.end());
        assert_eq!([a, b].concat(), b"ILRCPTDATA");
    }

    #[test]
    fn memory_is_given_back() {
        let mut out = Outbox::new();
        out.push(&[0; 20_000]);
        assert_eq!(out.acknowledge(20_001), 20_000);
        assert_eq!((out.bytes.capacity(), out.end()), (0, 20_001));
    }
}
