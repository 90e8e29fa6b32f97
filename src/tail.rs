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
use std::ops::Deref;
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

    /// The same bytes with `front` before them: in the same memory if it stands there already.
    pub fn with_front(&self, front: &[u8]) -> Tail {
        match self.whole[..self.start].ends_with(front) {
            true => Tail { whole: Arc::clone(&self.whole), start: self.start - front.len() },
            false => Tail::join(&[front, self]),
        }
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
}
