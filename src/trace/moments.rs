//! The moments of entries: an entry keeps four bytes, counted from a beginning that it shares with those around it.

use super::Chunked;
use crate::time::{Duration, Instant};

/// The moment from which entries are counted, beginning with this one.
#[derive(Clone, Copy, Debug)]
struct Beginning {
    entry: u32,
    at: Instant,
}

/// The beginnings, in order. There is a new one where an entry lies more than four seconds behind the last: where much
/// happens they are few, and where little happens there are never more than entries.
#[derive(Clone, Debug, Default)]
pub(super) struct Moments {
    all: Chunked<Beginning>,
    /// The moment of the last one.
    last: Option<Instant>,
}

impl Moments {
    /// Nanoseconds from the last beginning to this moment, if it can be counted from there.
    #[inline]
    pub fn since(&self, at: Instant) -> Option<u32> {
        u32::try_from(at.as_nanos().checked_sub(self.last?.as_nanos())?).ok()
    }

    /// Makes a beginning at the next entry, which will have this number.
    pub fn begin(&mut self, entry: u32, at: Instant) {
        self.all.push(Beginning { entry, at });
        self.last = Some(at);
    }

    /// The moment of an entry.
    pub fn at(&self, entry: u32, since: u32) -> Instant {
        let behind = self.all.partition_point(|beginning| beginning.entry <= entry);
        self.all[behind - 1].at + Duration::from_nanos(u64::from(since))
    }

    /// Entries that were added so far are not asked for again.
    pub fn forget(&mut self) {
        self.all.forget();
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_moment_comes_out_as_it_went_in() {
        let times = [0, 0, 1, u64::from(u32::MAX), 1 << 32, (1 << 32) + 7, 5 << 40, 5 << 40, (5 << 40) + (1 << 33), 3];
        let mut moments = Moments::default();
        let mut put = |n, at| {
            moments.since(at).unwrap_or_else(|| {
                moments.begin(n, at);
                0
            })
        };
        let since: Vec<u32> = (0..).zip(times).map(|(n, t)| put(n, Instant::from_nanos(t))).collect();
        for ((n, since), time) in (0..).zip(since).zip(times) {
            assert_eq!(moments.at(n, since), Instant::from_nanos(time), "{n}");
        }
        assert_eq!(moments.all.len(), 5, "not one for each");
    }

    #[test]
    fn what_is_forgotten_is_no_beginning() {
        let mut moments = Moments::default();
        moments.begin(0, Instant::from_millis(5));
        moments.forget();
        assert_eq!(moments.since(Instant::from_millis(6)), None);
        moments.begin(1, Instant::from_millis(6));
        assert_eq!(moments.at(1, 0), Instant::from_millis(6));
    }
}
