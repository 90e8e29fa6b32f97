//! The event queue: what happens next, in order of (time, order of scheduling).
//!
//! ```text
//!   now      bound
//!    | near  |  bucket 3 |     bucket 4      |              bucket 5              ...
//!    +-------+-----------+-------------------+-------------------------------------> time
//!      sorted  not sorted: an event lies where the highest bit stands in which its time differs from `base`
//! ```
//! A radix heap (Ahuja, Mehlhorn, Orlin and Tarjan 1990) with a short sorted list in front. Time never runs
//! backward, so the lowest bucket can be emptied into lower ones again and again; when it has become short it is
//! sorted, and is the list. Every event moves a handful of times and always through sequential memory: with tens
//! of thousands of events pending this is several times faster than a binary heap.
//!
//! **Looking ahead.** The list tells what will happen in the next moments. Whoever takes events is shown those that
//! come into the list, early enough to bring what they need into the processor's cache, and many at once.
//!
//! **Order of equal times.** Events of equal time are always in the same bucket or all in the list, both keep the
//! order in which they came, and sorting is stable. So equal times come out in the order in which they were
//! scheduled. That is a promise: the trace depends on it.

use std::collections::VecDeque;

use crate::time::Instant;

/// One for each bit of a time.
const BUCKETS: usize = 64;

/// A bucket with no more events than this becomes the list.
const SHORT: usize = 24;

/// A list longer than this gives its later half back.
const LONG: usize = 96;

/// Events of type `E` in order of time, first scheduled first among equals.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    /// All events before `bound`, in order.
    near: VecDeque<(u64, E)>,
    bound: u64,
    /// All other events; see the [module](self).
    buckets: Vec<Vec<(u64, E)>>,
    /// A bit for each bucket that is not empty.
    used: u64,
    /// No time in a bucket is before this one.
    base: u64,
    /// The time of the last event taken.
    last: u64,
}

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        let buckets = (0..BUCKETS).map(|_| Vec::new()).collect();
        EventQueue { near: VecDeque::new(), bound: 0, buckets, used: 0, base: 0, last: 0 }
    }
}

impl<E> EventQueue<E> {
    /// Schedules `event`. A time before that of the last event taken is taken to be that time.
    pub fn push(&mut self, at: Instant, event: E) {
        let at = at.as_nanos().max(self.last);
        if at >= self.bound {
            return self.put(at, event);
        }
        let place = self.near.partition_point(|(other, _)| *other <= at);
        self.near.insert(place, (at, event));
        if self.near.len() > LONG && place + 1 < self.near.len() {
            self.shorten();
        }
    }

    /// Into its bucket.
    fn put(&mut self, at: u64, event: E) {
        let bucket = ((at ^ self.base) | 1).ilog2() as usize;
        self.buckets[bucket].push((at, event));
        self.used |= 1 << bucket;
    }

    /// Gives the later half of the list back to the buckets: inserting into a long list costs too much.
    fn shorten(&mut self) {
        let (first, median) = (self.near[0].0, self.near[self.near.len() / 2].0);
        let bound = median.max(first.saturating_add(1)).max(self.base);
        let keep = self.near.partition_point(|(at, _)| *at < bound);
        // Equal times stay together: a list of one time only stays long, and everything is added at its end.
        if keep > 0 && keep < self.near.len() {
            let mut later = self.near.split_off(keep);
            for (at, event) in later.drain(..) {
                self.put(at, event);
            }
            self.bound = bound;
        }
    }

    /// The time of the next event.
    pub fn peek(&mut self) -> Option<Instant> {
        self.settle(|_| {}).then(|| Instant::from_nanos(self.near[0].0))
    }

    /// Takes the next event. Shows `ahead` the events that will soon be taken; each once at most.
    pub fn pop(&mut self, ahead: impl FnMut(&[(u64, E)])) -> Option<(Instant, E)> {
        if !self.settle(ahead) {
            return None;
        }
        let (at, event) = self.near.pop_front()?;
        self.last = at;
        Some((Instant::from_nanos(at), event))
    }

    /// How many events are scheduled.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.near.len() + self.buckets.iter().map(Vec::len).sum::<usize>()
    }

    /// Fills the list; false if nothing is scheduled.
    fn settle(&mut self, mut ahead: impl FnMut(&[(u64, E)])) -> bool {
        while self.near.is_empty() {
            if self.used == 0 {
                return false;
            }
            let lowest = self.used.trailing_zeros() as usize;
            self.used &= !(1 << lowest);
            let mut bucket = std::mem::take(&mut self.buckets[lowest]);
            // The bucket is a range of times: as long as its bit says. Bucket 0 has the two times that differ in
            // no bit or in the last one.
            let bits = lowest.max(1);
            let first = bucket[0].0 >> bits << bits;
            self.base = first;
            self.bound = first;
            if bucket.len() <= SHORT || lowest == 0 {
                self.bound = first.saturating_add(1 << bits);
                bucket.sort_by_key(|(at, _)| *at);
                ahead(&bucket);
                self.near.extend(bucket.drain(..));
            } else {
                for (at, event) in bucket.drain(..) {
                    self.put(at, event);
                }
            }
            // The memory goes back to where it was: buckets keep their size over the run. Nothing has come into
            // it meanwhile: all its events agree in its bit, and so with `base`.
            self.buckets[lowest] = bucket;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rng::Seed;

    #[test]
    fn equal_times_come_out_in_the_order_in_which_they_were_scheduled() {
        let mut q = EventQueue::default();
        for i in 0..10 {
            q.push(Instant::from_nanos(7), i);
        }
        q.push(Instant::from_nanos(3), 99);
        let out: Vec<_> = std::iter::from_fn(|| q.pop(|_| {})).map(|(_, e)| e).collect();
        assert_eq!(out, [99, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    /// Against a sorted list, with events scheduled while others are taken: near and far, in crowds and alone.
    #[test]
    fn a_long_random_schedule_comes_out_sorted() {
        for round in 0..8 {
            let seed = Seed::new(round);
            let mut q = EventQueue::default();
            let mut model: BTreeSet<(u64, u64)> = BTreeSet::new();
            let (mut now, mut longest) = (0, 0);
            for n in 0..20_000u64 {
                let luck = |k, below: u64| seed.nth(4 * n + k) % below;
                // Now more come than go, now the other way round.
                if luck(0, 8) < [7, 3, 5][(n / 2000 % 3) as usize] {
                    let at = now + luck(1, [1, 2, 50, 5000, 1_000_000, 1 << 40][luck(2, 6) as usize]);
                    q.push(Instant::from_nanos(at), n);
                    model.insert((at, n));
                } else if let Some((at, event)) = q.pop(|_| {}) {
                    assert_eq!(model.pop_first(), Some((at.as_nanos(), event)));
                    now = at.as_nanos();
                }
                if round % 2 == 0 && luck(3, 5) == 0 {
                    assert_eq!(q.peek().map(Instant::as_nanos), model.first().map(|(at, _)| *at));
                }
                longest = longest.max(q.near.len());
            }
            assert!((LONG..6 * LONG).contains(&longest), "the list was given back, {longest}");
            assert_eq!(q.len(), model.len());
        }
    }

    #[test]
    fn every_event_is_shown_once_before_it_is_taken() {
        let mut q = EventQueue::default();
        for n in 0..1000u64 {
            q.push(Instant::from_nanos(n * n % 7919), n);
        }
        let mut shown = BTreeSet::new();
        while let Some((_, event)) = q.pop(|soon| assert!(soon.iter().all(|(_, n)| shown.insert(*n)), "shown twice")) {
            assert!(shown.contains(&event));
        }
        assert_eq!(shown.len(), 1000);
    }

    #[test]
    fn the_end_of_time_is_a_time() {
        let mut q = EventQueue::default();
        for (n, at) in [u64::MAX, 1 << 63, u64::MAX, 3].into_iter().enumerate() {
            q.push(Instant::from_nanos(at), n);
        }
        let mut out = Vec::new();
        while let Some((at, n)) = q.pop(|_| {}) {
            out.push(n);
            if n == 1 {
                q.push(Instant::from_nanos(u64::MAX), 9);
                q.push(at, 8);
            }
        }
        assert_eq!(out, [3, 1, 8, 0, 2, 9]);
    }
}
