//! Bytes that the program has written and that are not yet acknowledged.

use std::collections::VecDeque;

use crate::tail::Part;

/// A ring that is empty at first, grows with need, and gives its memory back when it is empty: a connection mostly
/// waits, and memory that was used just now by another one is quicker to get than to keep.
#[derive(Clone, Debug)]
pub(super) struct Outbox {
    /// Position of its first byte.
    start: u64,
    bytes: Bytes,
}

/// No larger than a ring: there are many connections, and few of them send a letter just now.
#[derive(Clone, Debug)]
enum Bytes {
    Ring(VecDeque<u8>),
    Lent(Box<Lent>),
}

/// A piece of a letter, in memory that is not ours, and what was written behind it.
#[derive(Clone, Debug)]
struct Lent {
    part: Part,
    /// It lies in one piece, so that all bytes lie in two.
    behind: VecDeque<u8>,
}

impl Outbox {
    pub fn new() -> Self {
        Outbox { start: 1, bytes: Bytes::Ring(VecDeque::new()) }
    }

    pub fn len(&self) -> usize {
        match &self.bytes {
            Bytes::Ring(ring) => ring.len(),
            Bytes::Lent(lent) => lent.part.len() + lent.behind.len(),
        }
    }

    /// Position behind its last byte: that of the FIN, once nothing more is written.
    pub fn end(&self) -> u64 {
        self.start + self.len() as u64
    }

    pub fn push(&mut self, bytes: &[u8]) {
        match &mut self.bytes {
            Bytes::Ring(ring) => ring.extend(bytes),
            Bytes::Lent(lent) => {
                lent.behind.extend(bytes);
                lent.behind.make_contiguous();
            }
        }
    }

    /// As [`Outbox::push`], without a copy if nothing is waiting here.
    pub fn push_all(&mut self, bytes: Vec<u8>) {
        if self.len() == 0 {
            self.bytes = Bytes::Ring(VecDeque::from(bytes));
        } else {
            self.push(&bytes);
        }
    }

    /// The same for a piece of a letter.
    pub fn push_part(&mut self, part: Part) {
        if self.len() == 0 {
            self.bytes = Bytes::Lent(Box::new(Lent { part, behind: VecDeque::new() }));
        } else {
            self.push(&part);
        }
    }

    /// Drops what lies before `una`; says how much.
    pub fn acknowledge(&mut self, una: u64) -> usize {
        let waiting = self.len();
        let n = una.saturating_sub(self.start).min(waiting as u64) as usize;
        self.start += n as u64;
        if n == waiting {
            self.bytes = Bytes::Ring(VecDeque::new());
            return n;
        }
        match &mut self.bytes {
            Bytes::Ring(ring) => drop(ring.drain(..n)),
            Bytes::Lent(lent) if n < lent.part.len() => lent.part = lent.part.part(n..lent.part.len()),
            Bytes::Lent(lent) => {
                let mut ring = std::mem::take(&mut lent.behind);
                ring.drain(..n - lent.part.len());
                self.bytes = Bytes::Ring(ring);
            }
        }
        n
    }

    /// The bytes from position `from` up to `to`, if they lie in memory that is shared.
    pub fn part(&self, from: u64, to: u64) -> Option<Part> {
        let Bytes::Lent(lent) = &self.bytes else { return None };
        let (from, to) = (from.checked_sub(self.start)? as usize, to.checked_sub(self.start)? as usize);
        (from < to && to <= lent.part.len()).then(|| lent.part.part(from..to))
    }

    /// The bytes from position `from` up to `to`, as far as they are here.
    pub fn slices(&self, from: u64, to: u64) -> (&[u8], &[u8]) {
        let clamp = |p: u64| p.saturating_sub(self.start).min(self.len() as u64) as usize;
        let (from, to) = (clamp(from), clamp(to));
        let (a, b) = match &self.bytes {
            Bytes::Ring(ring) => ring.as_slices(),
            Bytes::Lent(lent) => (&*lent.part, lent.behind.as_slices().0),
        };
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
    use crate::tail::Tail;

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
    fn a_piece_of_a_letter_stands_before_what_is_written_behind_it() {
        let letter = Tail::join(&[b"line one\r\nline two\r\n"]);
        let mut out = Outbox::new();
        out.push_all(b"DATA\r\n".to_vec());
        assert_eq!(out.acknowledge(7), 6);
        out.push_part(letter.part(0..20));
        out.push_all(b".\r\n".to_vec());
        out.push(b"QUIT\r\n");
        assert_eq!((out.len(), out.end()), (29, 36));
        let (a, b) = out.slices(17, out.end());
        assert_eq!((a, b), (&b"line two\r\n"[..], &b".\r\nQUIT\r\n"[..]));
        assert_eq!(out.part(17, 27).as_deref(), Some(&b"line two\r\n"[..]));
        assert_eq!((out.part(17, 28), out.part(27, 30), out.part(3, 9)), (None, None, None), "not all of it is lent");
        assert_eq!(out.acknowledge(12), 5);
        assert_eq!(out.part(12, 15).as_deref(), Some(&b"one"[..]));
        assert_eq!(out.acknowledge(28), 16, "the letter and a byte more");
        assert_eq!(out.slices(28, 36), (&b"\r\nQUIT\r\n"[..], &[][..]));
        out.push_part(letter.part(0..4));
        assert_eq!((out.part(36, 40), out.slices(36, 40).0), (None, &b"line"[..]), "it was copied behind the rest");
    }

    #[test]
    fn memory_is_given_back() {
        let mut out = Outbox::new();
        out.push(&[0; 20_000]);
        assert_eq!(out.acknowledge(20_001), 20_000);
        let Bytes::Ring(ring) = &out.bytes else { panic!("nothing is lent") };
        assert_eq!((ring.capacity(), out.end()), (0, 20_001));
    }
}
