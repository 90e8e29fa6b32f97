//! Bytes in shared memory, of which longer texts may be made by writing in front.
//!
//! A letter grows at its beginning: every server puts a Received line there, the last one a Return-Path line
//! too (RFC 5321 section 4.4). The versions differ in a few lines and share ten thousand bytes, so they share
//! the memory: each is a tail of the longest one.
//!
//! ```text
//!   | Return-Path: ... | Received: ... | From: ... the letter as it came in |
//!   ^ in the mailbox   ^ in the queue  ^ as it came in
//! ```

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// See the [module](self). Cloning shares; two tails are equal when their bytes are.
#[derive(Clone)]
pub struct Tail {
    whole: Arc<[u8]>,
    start: usize,
}

impl Tail {
    /// All parts in one new memory.
    pub fn join(parts: &[&[u8]]) -> Tail {
        // One allocation: an `Arc` made of a `Vec` would copy everything once more.
        let length = parts.iter().map(|part| part.len()).sum();
        let mut whole: Arc<[u8]> = std::iter::repeat_n(0, length).collect();
        let mut rest = Arc::get_mut(&mut whole).expect("nobody else has it yet");
        for part in parts {
            let (place, behind) = rest.split_at_mut(part.len());
            place.copy_from_slice(part);
            rest = behind;
        }
        Tail { whole, start: 0 }
    }

    /// The same bytes without the first `n`.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn without(&self, n: usize) -> Tail {
        assert!(n <= self.len(), "a tail is as long as its text at most");
        Tail { whole: Arc::clone(&self.whole), start: self.start + n }
    }

    /// Some of the bytes, in the same memory.
    ///
    /// # Panics
    /// If there are not so many, or the memory they lie in is larger than 4 GiB.
    pub fn part(&self, range: Range<usize>) -> Part {
        assert!(range.start <= range.end && range.end <= self.len(), "a part lies in its text");
        let place = |at: usize| u32::try_from(self.start + at).expect("no letter has 4 GiB");
        Part { start: place(range.start), end: place(range.end), whole: Arc::clone(&self.whole) }
    }

    /// The same bytes with `front` before them: in the same memory if it stands there already.
    pub fn with_front(&self, front: &[u8]) -> Tail {
        match self.whole[..self.start].ends_with(front) {
            true => Tail { whole: Arc::clone(&self.whole), start: self.start - front.len() },
            false => Tail::join(&[front, self]),
        }
    }
}

/// A piece out of the middle of a [`Tail`], sharing its memory: a letter on its way need not be copied by everyone who
/// has it in his hands.
#[derive(Clone)]
pub struct Part {
    whole: Arc<[u8]>,
    start: u32,
    end: u32,
}

impl Part {
    /// Some of these bytes.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn part(&self, range: Range<usize>) -> Part {
        assert!(range.start <= range.end && range.end <= self.len(), "a part lies in its text");
        let (start, end) = (self.start + range.start as u32, self.start + range.end as u32);
        Part { start, end, whole: Arc::clone(&self.whole) }
    }
}

impl Deref for Part {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.whole[self.start as usize..self.end as usize]
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Part) -> bool {
        **self == **other
    }
}

impl Eq for Part {}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl Deref for Tail {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.whole[self.start..]
    }
}

impl From<Arc<[u8]>> for Tail {
    fn from(whole: Arc<[u8]>) -> Tail {
        Tail { whole, start: 0 }
    }
}

/// Free for a whole; a copy for what has something in front.
impl From<Tail> for Arc<[u8]> {
    fn from(tail: Tail) -> Arc<[u8]> {
        if tail.start == 0 { tail.whole } else { Arc::from(&*tail) }
    }
}

impl PartialEq for Tail {
    fn eq(&self, other: &Tail) -> bool {
        **self == **other
    }
}

impl Eq for Tail {}

impl fmt::Debug for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_that_stands_ready_costs_no_memory_and_another_one_does() {
        let letter = Tail::join(&[b"path ", b"line ", b"letter"]).without(10);
        let lined = letter.with_front(b"line ");
        let stored = lined.with_front(b"path ");
        assert_eq!([&*letter, &*lined, &*stored], [&b"letter"[..], b"line letter", b"path line letter"]);
        assert!(Arc::ptr_eq(&letter.whole, &stored.whole));
        let other = lined.with_front(b"other ");
        assert_eq!(&*other, b"other line letter");
        assert!(!Arc::ptr_eq(&letter.whole, &other.whole));
        assert_eq!(other, Tail::from(Arc::<[u8]>::from(*b"other line letter")));
        assert_eq!(*Arc::<[u8]>::from(lined), *b"line letter");
    }

    #[test]
    fn a_part_of_a_part_lies_where_the_letter_lies() {
        let letter = Tail::join(&[b"path ", b"letter"]).without(5);
        let part = letter.part(1..5);
        let inner = part.part(1..3);
        assert_eq!([&*part, &*inner, &*letter.part(6..6)], [&b"ette"[..], b"tt", b""]);
        assert!(Arc::ptr_eq(&letter.whole, &inner.whole));
    }
}
