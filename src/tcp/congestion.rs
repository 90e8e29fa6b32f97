//! Congestion control: how much may be under way (RFC 5681, RFC 6582, RFC 6928). All in bytes.

use super::Config;

/// No window grows beyond this: far above any window of 16 bits, far below an overflow.
const CEILING: u32 = 1 << 30;

/// Variables of RFC 5681 section 2 and RFC 6582 section 3.
#[derive(Clone, Debug)]
pub(super) struct Congestion {
    /// Congestion window.
    pub cwnd: u32,
    /// Slow start threshold.
    pub ssthresh: u32,
    /// Sent during limited transmit (RFC 3042), which must not count when the window is halved.
    pub limited: u32,
    /// Position behind all that had been sent when the last loss was found (RFC 6582: `recover`).
    pub recover: u64,
    /// Duplicate acknowledgements in a row.
    pub duplicates: u8,
    /// In fast recovery.
    pub recovering: bool,
    /// A partial acknowledgement has come in this recovery.
    pub partial: bool,
}

impl Congestion {
    pub fn new() -> Self {
        // The window is set when the connection opens and the segment size is known.
        Congestion {
            cwnd: 0,
            ssthresh: u32::MAX,
            limited: 0,
            recover: 0,
            duplicates: 0,
            recovering: false,
            partial: false,
        }
    }

    /// Initial window: RFC 6928 section 2 with its 10 segments as a setting.
    pub fn initial_window(cfg: &Config, mss: u32) -> u32 {
        let n = cfg.initial_window.max(1);
        n.saturating_mul(mss).min(n.saturating_mul(1460).max(2 * mss)).min(CEILING)
    }

    /// The connection opens. After a lost SYN one segment must do (RFC 5681 section 3.1).
    pub fn open(&mut self, cfg: &Config, mss: u32, syn_lost: bool) {
        self.cwnd = if syn_lost { mss } else { Congestion::initial_window(cfg, mss) };
    }

    /// Data are sent again after a silence longer than the timeout (RFC 5681 section 4.1).
    pub fn restart_after_idle(&mut self, cfg: &Config, mss: u32) {
        self.cwnd = self.cwnd.min(Congestion::initial_window(cfg, mss));
    }

    /// `acked` new bytes were acknowledged outside recovery (RFC 5681 section 3.1).
    pub fn grow(&mut self, acked: u32, mss: u32) {
        let more = if self.cwnd < self.ssthresh {
            acked.min(mss)
        } else {
            // About one segment each round trip (equation 3), at least one byte.
            (u64::from(mss) * u64::from(mss) / u64::from(self.cwnd.max(1))).max(1) as u32
        };
        self.cwnd = self.cwnd.saturating_add(more).min(CEILING);
    }

    /// Equation 4: half of what is under way, at least two segments.
    pub fn halve(&mut self, flight: u64, mss: u32) {
        let counted = flight.saturating_sub(u64::from(self.limited)) as u32;
        self.ssthresh = (counted / 2).max(2 * mss);
    }

    /// The retransmission timer expired: the loss window of one segment (RFC 5681 section 3.1). The
    /// threshold stays when the same segment is lost again.
    pub fn timeout(&mut self, flight: u64, sent: u64, mss: u32, first: bool) {
        if first {
            self.halve(flight, mss);
        }
        self.cwnd = mss;
        self.leave();
        self.recover = sent;
    }

    /// Third duplicate acknowledgement (RFC 6582 section 3.2, step 2). With selective acknowledgements
    /// the window is not inflated, for what has left the network is known (RFC 6675 section 5, step 4).
    pub fn enter(&mut self, flight: u64, sent: u64, mss: u32, selective: bool) {
        self.halve(flight, mss);
        self.cwnd = if selective { self.ssthresh } else { self.ssthresh.saturating_add(3 * mss) };
        self.recover = sent;
        self.recovering = true;
        self.partial = false;
    }

    /// A further duplicate in recovery: a segment has left the network (step 3).
    pub fn inflate(&mut self, mss: u32) {
        self.cwnd = self.cwnd.saturating_add(mss).min(CEILING);
    }

    /// A partial acknowledgement (RFC 6582 section 3.2, step 3). Says whether it is the first.
    pub fn deflate(&mut self, acked: u32, mss: u32) -> bool {
        let back = if acked >= mss { mss } else { 0 };
        self.cwnd = (self.cwnd.saturating_sub(acked) + back).max(mss);
        !std::mem::replace(&mut self.partial, true)
    }

    /// All is acknowledged that was under way when recovery began; `flight` is what is now.
    pub fn recovered(&mut self, flight: u64, mss: u32, selective: bool) {
        self.cwnd = if selective {
            self.ssthresh
        } else {
            // The smaller choice of step 3: no burst, when little is under way.
            self.ssthresh.min((flight as u32).max(mss).saturating_add(mss))
        };
        self.leave();
    }

    fn leave(&mut self) {
        self.recovering = false;
        self.partial = false;
        self.duplicates = 0;
        self.limited = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_initial_window_is_ten_segments_but_no_more_than_14600_bytes_or_two_segments() {
        let cfg = Config::default();
        assert_eq!(Congestion::initial_window(&cfg, 1460), 14_600);
        assert_eq!(Congestion::initial_window(&cfg, 536), 5_360);
        assert_eq!(Congestion::initial_window(&cfg, 8_960), 17_920);
        let one = Config { initial_window: 1, ..cfg };
        assert_eq!(Congestion::initial_window(&one, 1460), 1460);
    }

    #[test]
    fn slow_start_grows_by_what_is_acknowledged_and_avoidance_by_a_segment_a_round_trip() {
        let mut c = Congestion { cwnd: 1000, ssthresh: 2000, ..Congestion::new() };
        c.grow(100, 1000);
        c.grow(5000, 1000);
        assert_eq!(c.cwnd, 2100);
        c.grow(1000, 1000);
        assert_eq!(c.cwnd, 2100 + 1_000_000 / 2100);
    }

    #[test]
    fn a_segment_lost_twice_by_timeout_halves_the_threshold_once() {
        let mut c = Congestion { cwnd: 10_000, ..Congestion::new() };
        c.timeout(8_000, 9_000, 1000, true);
        assert_eq!((c.cwnd, c.ssthresh, c.recover), (1000, 4000, 9000));
        c.timeout(8_000, 9_000, 1000, false);
        assert_eq!((c.cwnd, c.ssthresh), (1000, 4000));
    }
}
