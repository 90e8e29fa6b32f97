//! An append-only list in shared chunks: cloning a world must not copy what has been recorded.

use std::ops::Range;
use std::sync::Arc;

use prefetch_index::prefetch_index;

/// Bytes of a chunk, at most. The chunks of nearly all tables are then of one size for an allocator, which keeps pieces
/// of one size together: a record of many tables does not begin many of its large blocks. Nine of these fill such a
/// block of half a mebibyte but for a few bytes.
const ROOM: usize = 56 << 10;

/// Bytes of a line of the processor's cache, on nearly all machines. What is recorded is seldom read soon, so the memory
/// that is written next is in no cache, and a table grows too slowly for the processor to guess where it goes on.
const LINE: usize = 64;

/// A list that only grows. Full chunks are shared between clones; a clone copies at most one chunk.
#[derive(Clone, Debug)]
pub struct Chunked<T> {
    full: Vec<Arc<Vec<T>>>,
    tail: Vec<T>,
    /// The place of the first item of the tail.
    before: usize,
    /// Items that were forgotten: the place of the first one that is kept.
    base: usize,
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Chunked { full: Vec::new(), tail: Vec::new(), before: 0, base: 0 }
    }
}

impl<T> Chunked<T> {
    /// Items of a chunk.
    pub(super) const CHUNK: usize = ROOM / size_of::<T>();
    /// When an item is put down, the place for the one so many behind it is fetched into the processor's cache.
    const AHEAD: usize = 1 + 4 * LINE / size_of::<T>();

    /// Number of items, with those that were forgotten.
    pub fn len(&self) -> usize {
        self.before + self.tail.len()
    }

    /// Lets go of all items. Their places are not given out again.
    pub fn forget(&mut self) {
        self.base = self.len();
        self.before = self.base;
        self.full.clear();
        self.tail.clear();
    }

    /// The places of the items that are kept.
    pub fn places(&self) -> Range<usize> {
        self.base..self.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends an item and says its place.
    #[inline]
    pub fn push(&mut self, item: T) -> usize {
        if !self.has_room() {
            return self.push_with_room(item);
        }
        let place = self.len();
        self.tail.push(item);
        prefetch_index(&self.tail, self.tail.len() + Self::AHEAD);
        place
    }

    /// Appends an item that is so small that a line of the cache holds many: whoever appends them fetches the place of the
    /// next ones now and then.
    #[inline]
    pub(super) fn push_dense(&mut self, item: T) {
        if self.has_room() {
            self.tail.push(item);
        } else {
            self.push_with_room(item);
        }
    }

    /// Fetches the place of the item `ahead` behind the next one into the processor's cache.
    pub(super) fn fetch(&self, ahead: usize) {
        prefetch_index(&self.tail, self.tail.len() + ahead);
    }

    /// Whether the next item needs no new memory.
    #[inline]
    fn has_room(&self) -> bool {
        self.tail.len() < self.tail.capacity()
    }

    #[cold]
    #[inline(never)]
    fn push_with_room(&mut self, item: T) -> usize {
        self.make_room();
        debug_assert!(self.tail.capacity() <= Self::CHUNK, "a chunk has just the room that was asked for");
        let place = self.len();
        self.tail.push(item);
        place
    }

    /// A long record fills chunk after chunk: only the first one grows by doubling.
    fn make_room(&mut self) {
        if self.tail.len() >= Self::CHUNK {
            self.before += self.tail.len();
            self.full.push(Arc::new(std::mem::replace(&mut self.tail, Vec::with_capacity(Self::CHUNK))));
        } else if self.full.is_empty() {
            let more = self.tail.len().max(16).min(Self::CHUNK - self.tail.len());
            self.tail.reserve_exact(more);
        } else {
            // A clone's tail is as large as what is in it.
            self.tail.reserve_exact(Self::CHUNK - self.tail.len());
        }
    }

    /// The item at `place`, if it is kept.
    pub fn get(&self, place: usize) -> Option<&T> {
        let place = place.checked_sub(self.base)?;
        match self.full.get(place / Self::CHUNK) {
            Some(chunk) => chunk.get(place % Self::CHUNK),
            None => self.tail.get(place - self.full.len() * Self::CHUNK),
        }
    }

    /// Some items that are kept and lie together: in one chunk of [`Self::CHUNK`], counted from the first that is kept.
    ///
    /// # Panics
    /// If they lie in two.
    pub(super) fn together(&self, places: Range<usize>) -> &[T] {
        let (start, end) = (places.start - self.base, places.end - self.base);
        let chunk = start / Self::CHUNK;
        let items = self.full.get(chunk).map_or(&self.tail, |chunk| &**chunk);
        &items[start - chunk * Self::CHUNK..end - chunk * Self::CHUNK]
    }

    /// The place of the first item that is kept and for which `before` does not hold, where it holds for all in front of
    /// it and for none behind.
    pub fn partition_point(&self, before: impl Fn(&T) -> bool) -> usize {
        let Range { start: mut low, end: mut high } = self.places();
        while low < high {
            let middle = low.midpoint(high);
            if before(&self[middle]) { low = middle + 1 } else { high = middle }
        }
        low
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
    start: u16,
    len: u16,
}

impl Bytes {
    const BLOCK: usize = ROOM;
    /// So many bytes can stay together.
    pub(super) const LONGEST: usize = u16::MAX as usize;

    /// Appends `bytes`, which stay together.
    ///
    /// # Panics
    /// If there are more than 65,535: no packet is longer.
    pub fn push(&mut self, bytes: &[u8]) -> Stored {
        let len = u16::try_from(bytes.len()).expect("no packet is longer than 65,535 bytes");
        let needed = self.tail.len() + bytes.len();
        if needed > Self::BLOCK && !self.tail.is_empty() {
            let next = Vec::with_capacity(Self::BLOCK.max(bytes.len()));
            self.full.push(Arc::new(std::mem::replace(&mut self.tail, next)));
        } else if needed > self.tail.capacity() {
            // The first block grows as needed: most scenarios are small.
            let room = if self.full.is_empty() { (2 * self.tail.len()).clamp(4096, Self::BLOCK) } else { Self::BLOCK };
            self.tail.reserve_exact(room.max(needed) - self.tail.len());
        }
        // What is longer than a block stands at the beginning of its own.
        let stored = Stored { block: self.full.len() as u32, start: self.tail.len() as u16, len };
        self.tail.extend_from_slice(bytes);
        for line in 1..4 {
            prefetch_index(&self.tail, self.tail.len() + line * LINE);
        }
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

    #[test]
    fn bytes_of_any_length_are_found_again_in_a_clone_too() {
        let mut all = Bytes::default();
        let lengths = [40_000, 0, 5_000, 30_000, 65_535, 1, 49_152, 0, 60_000, 1_500, 47_652, 1];
        let mut places = Vec::new();
        for round in 0..4u8 {
            for (i, length) in lengths.iter().enumerate() {
                let bytes = vec![round.wrapping_mul(16).wrapping_add(i as u8); *length];
                places.push((all.push(&bytes), bytes));
            }
            all = all.clone();
        }
        assert!(places.iter().all(|(at, bytes)| all.get(*at) == bytes.as_slice()));
    }
}
