//! When a mail is tried again (RFC 5321 section 4.5.4.1): soon once, then at longer intervals, for some days.
//!
//! ```text
//!  arrival   attempt 1    attempt 2            attempt 3  ...      attempt 61        returned
//!     |-pickup-|-- 30 min --|------- 2 h --------|------ ... -------|                   |
//!     |--------------------------- expire: 120 h -------------------------------------->|
//! ```
//! Each interval begins at the **start** of the attempt before it, so that the times do not depend on how long an
//! attempt took; that base point is our choice, the RFC leaves it open.

use crate::mail::config::MailServer;
use crate::time::{Duration, Instant};

/// No interval is shorter: a table of zeros must not stop the clock.
const SHORTEST: Duration = Duration::from_secs(1);

/// The table of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    intervals: Vec<Duration>,
    expire: Duration,
}

impl Schedule {
    /// The table as set.
    pub fn new(cfg: &MailServer) -> Self {
        Schedule { intervals: cfg.retry.clone(), expire: cfg.expire }
    }

    /// When attempt number `attempt` + 1 is due, if attempt number `attempt` (from 1) began at `started`.
    /// `None` with an empty table: there is no second attempt.
    pub fn next(&self, attempt: u32, started: Instant) -> Option<Instant> {
        let nth = attempt.saturating_sub(1) as usize;
        let interval = *self.intervals.get(nth).or(self.intervals.last())?;
        Some(started + interval.max(SHORTEST))
    }

    /// When a mail that came at `arrival` is returned.
    pub fn expires(&self, arrival: Instant) -> Instant {
        arrival + self.expire
    }

    /// How long a mail is kept.
    pub fn expire(&self) -> Duration {
        self.expire
    }
}
