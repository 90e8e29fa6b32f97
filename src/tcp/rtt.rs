//! The retransmission timeout (RFC 6298 section 2): how long to wait for an acknowledgement.

use super::Config;
use crate::time::Duration;

/// Clock granularity G: the clock counts nanoseconds.
const GRANULARITY: u64 = 1;

/// Estimates of the round-trip time, in nanoseconds.
#[derive(Clone, Debug)]
pub(super) struct Rtt {
    /// Smoothed round-trip time; 0 before the first measurement.
    srtt: u64,
    rttvar: u64,
    rto: u64,
}

impl Rtt {
    /// Before any measurement (section 2.1).
    pub fn new(cfg: &Config) -> Self {
        Rtt { srtt: 0, rttvar: 0, rto: cfg.rto_initial.as_nanos() }
    }

    /// A measurement (sections 2.2 and 2.3), which also ends any backing off.
    pub fn sample(&mut self, cfg: &Config, measured: Duration) {
        // A measurement of 0 ns (two programs on one computer) still is one.
        let r = measured.as_nanos().max(1);
        if self.srtt == 0 {
            self.srtt = r;
            self.rttvar = r / 2;
        } else {
            // beta = 1/4, alpha = 1/8; RTTVAR first, for it needs the old SRTT.
            self.rttvar = (3 * self.rttvar + self.srtt.abs_diff(r)) / 4;
            self.srtt = (7 * self.srtt + r) / 8;
        }
        let rto = self.srtt + (4 * self.rttvar).max(GRANULARITY);
        self.rto = rto.max(cfg.rto_min.as_nanos()).min(cfg.rto_max.as_nanos());
    }

    /// The timer expired: wait twice as long next time (sections 5.5 and 2.5).
    pub fn back_off(&mut self, cfg: &Config) {
        self.rto = self.rto.saturating_mul(2).min(cfg.rto_max.as_nanos());
    }

    /// Data begin after a SYN had to be sent again (section 5.7).
    pub fn after_lost_syn(&mut self, cfg: &Config) {
        self.rto = cfg.rto_after_lost_syn.as_nanos();
    }

    pub fn rto(&self) -> Duration {
        Duration::from_nanos(self.rto)
    }

    pub fn srtt(&self) -> Option<Duration> {
        (self.srtt > 0).then_some(Duration::from_nanos(self.srtt))
    }

    pub fn rttvar(&self) -> Duration {
        Duration::from_nanos(self.rttvar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS100: Duration = Duration::from_millis(100);

    #[test]
    fn two_samples_of_100_ms_give_250_ms_which_the_minimum_raises_to_a_second() {
        let cfg = Config { rto_min: Duration::from_millis(200), ..Config::default() };
        let mut rtt = Rtt::new(&cfg);
        assert_eq!(rtt.rto(), Duration::from_secs(1));
        rtt.sample(&cfg, MS100);
        assert_eq!((rtt.srtt(), rtt.rttvar()), (Some(MS100), Duration::from_millis(50)));
        assert_eq!(rtt.rto(), Duration::from_millis(300));
        rtt.sample(&cfg, MS100);
        assert_eq!(rtt.rto(), Duration::from_millis(250));
        rtt.sample(&Config::default(), MS100);
        assert_eq!(rtt.rto(), Duration::from_secs(1));
    }

    #[test]
    fn backing_off_doubles_up_to_a_minute_and_a_sample_ends_it() {
        let cfg = Config::default();
        let mut rtt = Rtt::new(&cfg);
        let waits: Vec<u64> = (0..8)
            .map(|_| {
                rtt.back_off(&cfg);
                rtt.rto().as_millis() / 1000
            })
            .collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60]);
        rtt.sample(&cfg, MS100);
        assert_eq!(rtt.rto(), Duration::from_secs(1));
    }
}
