//! A link: propagation delay, transmission rate, a drop-tail queue in each direction, loss.
//!
//! One event for each packet and link: its arrival. The queue is not simulated packet by packet; it is
//! computed from the moments at which the packets in it will begin their transmission, which are known
//! when they come in.

use std::collections::VecDeque;

use crate::rng::Seed;
use crate::time::{Duration, Instant};

/// What does not change about a link.
#[derive(Clone, Copy, Debug)]
pub struct Properties {
    /// Propagation delay, one way.
    pub delay: Duration,
    /// Bits per second; `None`: transmission takes no time.
    pub rate: Option<u64>,
    /// Packets that may wait in each direction.
    pub queue: u32,
    /// Packets lost by chance, per million.
    pub loss: u32,
}

/// Why a packet did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// The queue in front of the link was full (drop-tail).
    QueueFull,
    /// By chance, as the link's loss rate has it.
    Chance,
    /// By a rule of the scenario or a user's act.
    Rule,
    /// Other bytes than those that were sent went on, by a rule of the scenario or a user's act.
    Corrupted,
    /// Somebody on the way took it and sent another one in its place.
    Replaced,
    /// The link is cut.
    LinkCut,
    /// The host at the end is switched off.
    HostOff,
    /// Its time to live ran out at a router.
    TimeToLive,
    /// A router knows no way to its destination.
    NoRoute,
    /// Nobody answered for the next hop's address.
    NoNeighbour,
    /// It is addressed to somebody else and was flooded by a switch.
    NotForUs,
    /// Its bytes are wrong: checksum, length, version.
    Malformed,
}

/// One direction of a link.
#[derive(Clone, Debug, Default)]
pub struct Direction {
    /// Loses everything.
    pub cut: bool,
    /// When the transmitter will be free.
    free_at: Instant,
    /// When each waiting packet begins its transmission.
    starts: VecDeque<Instant>,
    /// Packets offered, which numbers the draws of chance.
    offered: u64,
}

impl Direction {
    /// Offers a packet of `bytes` at `now`: when it arrives at the other end, or why it does not.
    ///
    /// # Errors
    /// The reason of the loss. A packet lost by chance or on a cut link has used the transmitter like
    /// any other; one that found the queue full has not.
    pub fn offer(&mut self, now: Instant, link: &Properties, bytes: usize, luck: Seed) -> Result<Instant, Loss> {
        self.offered += 1;
        let mut sent = now;
        if let Some(rate) = link.rate {
            while self.starts.front().is_some_and(|start| *start <= now) {
                self.starts.pop_front();
            }
            let start = self.free_at.max(now);
            if start > now {
                if self.starts.len() >= link.queue as usize {
                    return Err(Loss::QueueFull);
                }
                self.starts.push_back(start);
            }
            sent = start + transmission(bytes, rate);
            self.free_at = sent;
        }
        if self.cut {
            return Err(Loss::LinkCut);
        }
        if link.loss > 0 && luck.nth(self.offered) % 1_000_000 < u64::from(link.loss) {
            return Err(Loss::Chance);
        }
        Ok(sent + link.delay)
    }

    /// Looks at what the next packet will need, so that it is in the processor's cache then. The number means
    /// nothing.
    pub fn ahead(&self) -> u64 {
        self.free_at.as_nanos() ^ self.starts.front().map_or(self.offered, |start| start.as_nanos())
    }

    /// Packets that wait at `now` for their transmission to begin.
    pub fn waiting(&self, now: Instant) -> usize {
        self.starts.iter().filter(|start| **start > now).count()
    }
}

/// The time that `bytes` take at `rate` bits per second, rounded up to a nanosecond.
pub fn transmission(bytes: usize, rate: u64) -> Duration {
    // Fits for anything below 2 GB; a frame has 1,500 bytes.
    let bit_nanos = (bytes as u64 * 8).saturating_mul(1_000_000_000);
    Duration::from_nanos(bit_nanos.div_ceil(rate.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Properties = Properties { delay: Duration::from_millis(10), rate: Some(1_000_000), queue: 2, loss: 0 };
    const LUCK: Seed = Seed::new(1);

    #[test]
    fn without_a_rate_only_the_delay_counts() {
        let link = Properties { rate: None, ..SLOW };
        let mut d = Direction::default();
        for _ in 0..100 {
            assert_eq!(d.offer(Instant::ZERO, &link, 1500, LUCK), Ok(Instant::from_millis(10)));
        }
    }

    #[test]
    fn packets_wait_for_the_one_before_and_the_fourth_finds_the_queue_full() {
        // 1,250 bytes at 1 Mbit/s: 10 ms each. One is in transmission, two wait.
        let mut d = Direction::default();
        let at = Instant::from_millis;
        assert_eq!(d.offer(at(0), &SLOW, 1250, LUCK), Ok(at(20)));
        assert_eq!(d.offer(at(0), &SLOW, 1250, LUCK), Ok(at(30)));
        assert_eq!(d.offer(at(0), &SLOW, 1250, LUCK), Ok(at(40)));
        assert_eq!(d.offer(at(0), &SLOW, 1250, LUCK), Err(Loss::QueueFull));
        assert_eq!(d.waiting(at(0)), 2);
        // At 10 ms the second begins: there is room for one again.
        assert_eq!(d.offer(at(10), &SLOW, 1250, LUCK), Ok(at(50)));
        assert_eq!(d.waiting(at(10)), 2);
    }

    #[test]
    fn loss_by_chance_is_the_same_for_the_same_seed_and_near_its_rate() {
        let link = Properties { loss: 100_000, rate: None, ..SLOW };
        let lost = |seed| {
            let mut d = Direction::default();
            (0..10_000).map(|_| d.offer(Instant::ZERO, &link, 100, seed).is_err()).collect::<Vec<_>>()
        };
        let a = lost(Seed::new(1));
        assert_eq!(a, lost(Seed::new(1)));
        assert_ne!(a, lost(Seed::new(2)));
        let n = a.iter().filter(|l| **l).count();
        assert!((850..1150).contains(&n), "{n} of 10,000 at 10 %");
    }

    #[test]
    fn a_cut_link_loses_everything() {
        let mut d = Direction { cut: true, ..Default::default() };
        assert_eq!(d.offer(Instant::ZERO, &SLOW, 100, LUCK), Err(Loss::LinkCut));
    }
}
