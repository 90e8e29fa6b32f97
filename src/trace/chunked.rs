//! An append-only list in shared chunks: cloning a world must not copy what has been recorded.

use std::sync::Arc;

const BITS: usize = 10;
const CHUNK: usize = 1 << BITS;

/// A list that only grows. Full chunks are shared between clones; a clone copies at most one chunk.
#[derive(Clone, Debug)]
pub struct Chunked<T> {
    /// Items that were forgotten: the place of the first one that is kept.
    base: usize,
    full: Vec<Arc<Vec<T>>>,
    tail: Vec<T>,
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Chunked { base: 0, full: Vec::new(), tail: Vec::new() }
    }
}

impl<T> Chunked<T> {
    /// Number of items, with those that were forgotten.
    pub fn len(&self) -> usize {
        self.base + self.full.len() * CHUNK + self.tail.len()
    }

    /// Lets go of all items. Their places are not given out again.
    pub fn forget(&mut self) {
        self.base = self.len();
        self.full.clear();
        self.tail.clear();
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends an item and says its place.
    #[inline]
    pub fn push(&mut self, item: T) -> usize {
        let place = self.len();
        if self.tail.len() == self.tail.capacity() {
            self.make_room();
        }
        self.tail.push(item);
        place
    }

    /// A long record fills chunk after chunk: only the first one grows by doubling.
    #[cold]
    fn make_room(&mut self) {
        if self.tail.len() >= CHUNK {
            self.full.push(Arc::new(std::mem::replace(&mut self.tail, Vec::with_capacity(CHUNK))));
        } else if self.full.is_empty() {
            let more = self.tail.len().max(16).min(CHUNK - self.tail.len());
            self.tail.reserve_exact(more);
        } else {
            // A clone's tail is as large as what is in it.
            self.tail.reserve_exact(CHUNK - self.tail.len());
        }
    }

    /// The item at `place`, if it is kept.
    pub fn get(&self, place: usize) -> Option<&T> {
        let place = place.checked_sub(self.base)?;
        match self.full.get(place >> BITS) {
            Some(chunk) => chunk.get(place & (CHUNK - 1)),
            None => self.tail.get(place.wrapping_sub(self.full.len() * CHUNK)),
        }
    }

    /// All items that are kept, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.full.iter().flat_map(|c| c.iter()).chain(self.tail.iter())
    }
}

impl<T> std::ops::Index<usize> for Chunked<T> {
    type Output = T;
    fn index(&self, place: usize) -> &T {
        self.get(place).expect("a place in the record that was given out")
    }
}

/// Bytes of packets, appended to large blocks so that a packet costs no allocation of its own.
#[derive(Clone, Debug, Default)]
pub struct Bytes {
    full: Vec<Arc<Vec<u8>>>,
    tail: Vec<u8>,
}

/// Where bytes were put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    block: u32,
    start: u32,
    len: u32,
}

impl Bytes {
    /// A little less than a power of two: an allocator that puts something of its own beside each large block
    /// then has room for it, and does not begin another page.
    const BLOCK: usize = 252 * 1024;

    /// Appends `bytes`, which stay together.
    pub fn push(&mut self, bytes: &[u8]) -> Stored {
        if self.tail.len() + bytes.len() > self.tail.capacity() {
            if self.tail.is_empty() || self.full.is_empty() && self.tail.len() + bytes.len() <= Self::BLOCK {
                // The first block grows as needed: most scenarios are small.
                let room = if self.full.is_empty() { 4096 } else { Self::BLOCK };
                self.tail.reserve(room.max(bytes.len()));
            } else {
                let next = Vec::with_capacity(Self::BLOCK.max(bytes.len()));
                self.full.push(Arc::new(std::mem::replace(&mut self.tail, next)));
            }
        }
        let stored = Stored { block: self.full.len() as u32, start: self.tail.len() as u32, len: bytes.len() as u32 };
        self.tail.extend_from_slice(bytes);
        stored
    }

    /// The bytes again.
    pub fn get(&self, at: Stored) -> &[u8] {
        let block = self.full.get(at.block as usize).map_or(&self.tail, |b| b.as_ref());
        &block[at.start as usize..][..at.len as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_goes_its_own_way() {
        let mut a = Chunked::default();
        for i in 0..3000 {
            assert_eq!(a.push(i), i);
        }
        let mut b = a.clone();
        a.push(1);
        b.push(2);
        assert_eq!((a[2999], a[3000], b[3000], a.len()), (2999, 1, 2, 3001));
        assert_eq!(a.get(3001), None);
        assert!(a.iter().take(3000).copied().eq(0..3000));
    }

    #[test]
    fn what_is_forgotten_keeps_its_place() {
        let mut list = Chunked::default();
        (0..1500).for_each(|i| assert_eq!(list.push(i), i));
        list.forget();
        assert_eq!((list.len(), list.get(1499), list.is_empty()), (1500, None, false));
        (1500..4000).for_each(|i| assert_eq!(list.push(i), i));
        assert_eq!((list[1500], list[3999], list.get(4000), list.iter().count()), (1500, 3999, None, 2500));
    }

    #[test]
    fn bytes_stay_together_over_the_end_of_a_block() {
        let mut b = Bytes::default();
        let places: Vec<_> = (0..2000u32).map(|i| b.push(&vec![i as u8; 700])).collect();
        for (i, at) in places.iter().enumerate() {
            assert_eq!(b.get(*at), vec![i as u8; 700]);
        }
    }
}
