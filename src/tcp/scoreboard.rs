//! What the peer holds beyond a hole, by its SACK blocks, and what follows from it (RFC 6675).

/// Most separate ranges that are remembered; more than a peer can hold in one window of segments of
/// ordinary size, and a bound on what a strange one can make us keep.
const MOST_RANGES: usize = 64;

/// DupThresh (RFC 6675 section 2).
const DUP_THRESH: u64 = 3;

/// See the [module](self). Positions, not numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Scoreboard {
    /// SACKed ranges above SND.UNA, rising, not touching.
    ranges: Vec<(u64, u64)>,
    /// Position behind the highest byte sent again in this recovery (HighRxt + 1).
    pub high_rxt: u64,
    /// The rescue retransmission of this recovery has been used (RescueRxt).
    pub rescued: bool,
}

impl Scoreboard {
    /// Takes a block in; says whether it told anything new.
    pub fn add(&mut self, start: u64, end: u64) -> bool {
        let first = self.ranges.partition_point(|r| r.1 < start);
        let last = self.ranges.partition_point(|r| r.0 <= end);
        let touched = &self.ranges[first..last];
        match touched {
            [] if self.ranges.len() >= MOST_RANGES => return false,
            [r] if r.0 <= start && end <= r.1 => return false,
            _ => {}
        }
        let joined = touched.iter().fold((start, end), |a, r| (a.0.min(r.0), a.1.max(r.1)));
        self.ranges.splice(first..last, [joined]);
        true
    }

    /// All before `una` is acknowledged.
    pub fn forget_before(&mut self, una: u64) {
        let gone = self.ranges.partition_point(|r| r.1 <= una);
        self.ranges.drain(..gone);
        if let Some(r) = self.ranges.first_mut() {
            r.0 = r.0.max(una);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Position behind the highest byte that is SACKed; 0 if none is.
    pub fn highest(&self) -> u64 {
        self.ranges.last().map_or(0, |r| r.1)
    }

    /// If `at` is SACKed, where its range ends.
    pub fn sacked_until(&self, at: u64) -> Option<u64> {
        let r = self.ranges.get(self.ranges.partition_point(|r| r.1 <= at))?;
        (r.0 <= at).then_some(r.1)
    }

    /// How many bytes from `low` to `high` are SACKed.
    pub fn sacked_between(&self, low: u64, high: u64) -> u64 {
        self.ranges.iter().map(|r| r.1.min(high).saturating_sub(r.0.max(low))).sum()
    }

    /// Where the first SACKed range behind `at` begins.
    pub fn next_start(&self, at: u64) -> u64 {
        self.ranges.get(self.ranges.partition_point(|r| r.0 <= at)).map_or(u64::MAX, |r| r.0)
    }

    /// IsLost: everything before this that is not SACKed counts as lost, for three ranges or more than
    /// two segments' bytes beyond it have arrived. 0 if nothing is.
    pub fn lost_before(&self, mss: u64) -> u64 {
        let (mut count, mut bytes) = (0, 0);
        for r in self.ranges.iter().rev() {
            count += 1;
            bytes += r.1 - r.0;
            if count >= DUP_THRESH || bytes > (DUP_THRESH - 1) * mss {
                return r.0;
            }
        }
        0
    }

    /// SetPipe: how many bytes from `una` to `sent` are thought to be under way.
    pub fn pipe(&self, una: u64, sent: u64, mss: u64) -> u64 {
        let lost = self.lost_before(mss);
        let within = |from: u64, to: u64, low: u64, high: u64| to.min(high).saturating_sub(from.max(low));
        let (mut pipe, mut from) = (0, una);
        let holes = self.ranges.iter().copied().chain([(sent, sent)]);
        for (start, end) in holes {
            // Not lost, and sent again: both may be under way (steps a and b).
            pipe += within(from, start, lost, u64::MAX) + within(from, start, 0, self.high_rxt);
            from = end;
        }
        pipe
    }

    /// NextSeg, rules 1 and 3: the first hole from `una` that was not sent again in this recovery.
    pub fn next_hole(&self, una: u64) -> Option<(u64, u64)> {
        let mut at = una.max(self.high_rxt);
        if let Some(end) = self.sacked_until(at) {
            at = end;
        }
        (at < self.highest()).then(|| (at, self.next_start(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_joined_and_what_is_known_tells_nothing_new() {
        let mut b = Scoreboard::default();
        assert!(b.add(20, 30) && b.add(40, 50) && b.add(10, 20));
        assert!(!b.add(12, 28));
        assert!(b.add(28, 42));
        assert_eq!(b.ranges, [(10, 50)]);
        b.forget_before(15);
        assert_eq!((b.ranges.as_slice(), b.sacked_until(15)), (&[(15, 50)][..], Some(50)));
        b.forget_before(50);
        assert!(b.is_empty());
    }

    #[test]
    fn a_hole_is_lost_when_three_ranges_or_more_than_two_segments_are_beyond_it() {
        let mut b = Scoreboard::default();
        b.add(200, 300);
        b.add(400, 500);
        assert_eq!(b.lost_before(100), 0);
        b.add(600, 601);
        assert_eq!(b.lost_before(100), 200, "both rules say so");
        let mut b = Scoreboard::default();
        b.add(200, 401);
        assert_eq!((b.lost_before(100), b.lost_before(101)), (200, 0));
    }

    #[test]
    fn the_pipe_holds_what_is_neither_sacked_nor_lost_and_what_was_sent_again() {
        // 100 lost, 200..501 SACKed, 600 sent after it.
        let mut b = Scoreboard::default();
        b.add(200, 501);
        assert_eq!(b.pipe(100, 600, 100), 99);
        b.high_rxt = 200;
        assert_eq!(b.pipe(100, 600, 100), 199);
        assert_eq!(b.next_hole(100), None, "the only hole was sent again; the rest is not known to be one");
        b.high_rxt = 0;
        assert_eq!(b.next_hole(100), Some((100, 200)));
    }
}
