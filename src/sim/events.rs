//! The event queue: what happens next, in order of (time, order of scheduling).
//!
//! A radix heap (Ahuja, Mehlhorn, Orlin and Tarjan 1990): time never runs backward, so an event goes into
//! the bucket of the highest bit in which its time differs from the time of the last event taken. Taking
//! an event empties the lowest bucket into lower ones; every event moves at most 64 times, in practice
//! a handful, and always through sequential memory. With tens of thousands of events pending this is
//! several times faster than a binary heap.
//!
//! **Order of equal times.** Events of equal time are always in the same bucket, buckets are appended to
//! and emptied front to back, so equal times come out in the order in which they were scheduled. That
//! is a promise: the trace depends on it.

use std::collections::VecDeque;

use crate::time::Instant;

/// One for each bit of a time.
const BUCKETS: usize = 64;

/// Events of type `E` in order of time, first scheduled first among equals.
#[derive(Clone, Debug)]
pub struct EventQueue<E> {
    /// Events of exactly the time `last`.
    due: VecDeque<E>,
    /// Bucket `n` holds events whose times differ from `last` in bit `n` and in no higher one.
    buckets: Vec<Vec<(u64, E)>>,
    /// A bit for each bucket that is not empty.
    used: u64,
    /// The time of the last event taken.
    last: u64,
    #[cfg(test)]
    len: usize,
}

impl<E> Default for EventQueue<E> {
    fn default() -> Self {
        EventQueue {
            due: VecDeque::new(),
            buckets: (0..BUCKETS).map(|_| Vec::new()).collect(),
            used: 0,
            last: 0,
            #[cfg(test)]
            len: 0,
        }
    }
}

impl<E> EventQueue<E> {
    /// Schedules `event`. A time before that of the last event taken is taken to be that time.
    pub fn push(&mut self, at: Instant, event: E) {
        #[cfg(test)]
        (self.len += 1);
        self.place(at.as_nanos(), event);
    }

    fn place(&mut self, at: u64, event: E) {
        if at <= self.last {
            return self.due.push_back(event);
        }
        let bucket = (at ^ self.last).ilog2() as usize;
        self.buckets[bucket].push((at, event));
        self.used |= 1 << bucket;
    }

    /// The time of the next event.
    pub fn peek(&mut self) -> Option<Instant> {
        self.settle().then_some(Instant::from_nanos(self.last))
    }

    /// Takes the next event.
    pub fn pop(&mut self) -> Option<(Instant, E)> {
        if !self.settle() {
            return None;
        }
        #[cfg(test)]
        (self.len -= 1);
        let event = self.due.pop_front().expect("just settled");
        Some((Instant::from_nanos(self.last), event))
    }

    /// How many events are scheduled.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Makes sure that the next events are in `due`; false if nothing is scheduled.
    fn settle(&mut self) -> bool {
        if !self.due.is_empty() {
            return true;
        }
        if self.used == 0 {
            return false;
        }
        let lowest = self.used.trailing_zeros() as usize;
        self.used &= !(1 << lowest);
        let mut bucket = std::mem::take(&mut self.buckets[lowest]);
        self.last = bucket.iter().map(|(at, _)| *at).min().expect("a used bucket holds an event");
        for (at, event) in bucket.drain(..) {
            self.place(at, event);
        }
        // The memory goes back to where it was: buckets keep their size over the run. Nothing has come into it
        // meanwhile: all its events agree in its bit now, and differ from `last` in lower ones only.
        self.buckets[lowest] = bucket;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;

    #[test]
    fn equal_times_come_out_in_the_order_in_which_they_were_scheduled() {
        let mut q = EventQueue::default();
        for i in 0..10 {
            q.push(Instant::from_nanos(7), i);
        }
        q.push(Instant::from_nanos(3), 99);
        let out: Vec<_> = std::iter::from_fn(|| q.pop()).map(|(_, e)| e).collect();
        assert_eq!(out, [99, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    /// Against a sorted list, with events scheduled while others are taken.
    #[test]
    fn a_long_random_schedule_comes_out_sorted() {
        let seed = Seed::new(4);
        let mut q = EventQueue::default();
        let mut model: Vec<(u64, u64)> = Vec::new();
        let mut now = 0;
        for n in 0..20_000u64 {
            if seed.nth(2 * n) % 5 < 3 {
                let at = now + seed.nth(2 * n + 1) % [1, 50, 1_000_000][(n % 3) as usize];
                q.push(Instant::from_nanos(at), n);
                model.push((at, n));
            } else if let Some((at, event)) = q.pop() {
                let first = model.iter().enumerate().min_by_key(|(_, e)| **e).map(|(i, _)| i).unwrap();
                assert_eq!((at.as_nanos(), event), model.remove(first));
                now = at.as_nanos();
            }
        }
        assert_eq!(q.len(), model.len());
    }
}
