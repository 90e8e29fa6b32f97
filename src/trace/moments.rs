//! The moments of numbered things, scenes of entries and snapshots: each keeps four bytes, counted from a beginning that
//! it shares with those around it. They are called entries here.

use super::Chunked;
use crate::time::{Duration, Instant};

/// The moment from which entries are counted, beginning with this one.
#[derive(Clone, Copy, Debug)]
struct Beginning {
    entry: u32,
    at: Instant,
}

/// The beginnings, in order. There is a new one where a moment is too far from the last one to be counted: where much
/// happens they are few, and where little happens there are never more than entries. In front of the first one, moments
/// are counted from the start of the run.
#[derive(Clone, Debug, Default)]
pub(super) struct Moments {
    all: Chunked<Beginning>,
    /// The moment of the last one.
    last: Instant,
}

impl Moments {
    /// Nanoseconds from the last beginning to this moment; what is not less than [`Moments::FAR`] is to have another
    /// beginning.
    #[inline]
    pub fn since(&self, at: Instant) -> u64 {
        // What lies in front of the beginning is far too.
        at.as_nanos().wrapping_sub(self.last.as_nanos())
    }

    /// What can be counted is less than this: two seconds.
    pub const FAR: u64 = 1 << 31;

    /// Makes a beginning at the next entry, which will have this number.
    pub fn begin(&mut self, entry: u32, at: Instant) {
        self.all.push(Beginning { entry, at });
        self.last = at;
    }

    /// The moment of an entry.
    pub fn at(&self, entry: u32, since: u32) -> Instant {
        let behind = self.all.partition_point(|beginning| beginning.entry <= entry);
        let from = if behind == self.all.places().start { Instant::ZERO } else { self.all[behind - 1].at };
        from + Duration::from_nanos(u64::from(since))
    }

    /// Entries that were added so far are not asked for again.
    pub fn forget(&mut self) {
        self.all.forget();
        self.last = Instant::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_moment_comes_out_as_it_went_in() {
        let times = [0, 0, 1, (1 << 31) - 1, 1 << 31, (1 << 31) + 7, 5 << 40, 5 << 40, (5 << 40) + (1 << 33), 3];
        let mut moments = Moments::default();
        let mut put = |n, at| {
            if moments.since(at) >= Moments::FAR {
                moments.begin(n, at);
            }
            moments.since(at) as u32
        };
        let since: Vec<u32> = (0..).zip(times).map(|(n, t)| put(n, Instant::from_nanos(t))).collect();
        for ((n, since), time) in (0..).zip(since).zip(times) {
            assert_eq!(moments.at(n, since), Instant::from_nanos(time), "{n}");
        }
        assert_eq!(moments.all.len(), 4, "not one for each");
    }

    #[test]
    fn what_is_forgotten_is_no_beginning() {
        let mut moments = Moments::default();
        moments.begin(0, Instant::from_secs(5));
        moments.forget();
        assert!(moments.since(Instant::from_secs(6)) >= Moments::FAR);
        assert_eq!(moments.at(1, 7), Instant::from_nanos(7));
        moments.begin(2, Instant::from_secs(6));
        assert_eq!((moments.at(1, 7), moments.at(2, 0)), (Instant::from_nanos(7), Instant::from_secs(6)));
    }
}
