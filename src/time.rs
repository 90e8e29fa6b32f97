//! Simulated time: integers of nanoseconds, and the calendar that turns them into dates.
//!
//! Nothing below the faces reads a clock. [`Instant`] counts from the start of a scenario;
//! [`Calendar`] says which civil date that start is, so that `Date:` and `Received:` lines, IMAP's
//! INTERNALDATE and the stamps of a capture are the same on every machine.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// A length of simulated time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Duration(u64);

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration(0);

    /// `n` nanoseconds.
    pub const fn from_nanos(n: u64) -> Self {
        Duration(n)
    }
    /// `n` microseconds.
    pub const fn from_micros(n: u64) -> Self {
        Duration(n * 1_000)
    }
    /// `n` milliseconds.
    pub const fn from_millis(n: u64) -> Self {
        Duration(n * 1_000_000)
    }
    /// `n` seconds.
    pub const fn from_secs(n: u64) -> Self {
        Duration(n * 1_000_000_000)
    }
    /// The length in nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
    /// The length in whole milliseconds, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }
    /// `self * n`, staying at the largest value instead of overflowing.
    pub const fn saturating_mul(self, n: u64) -> Self {
        Duration(self.0.saturating_mul(n))
    }
    /// `self - other`, or zero.
    pub const fn saturating_sub(self, other: Duration) -> Self {
        Duration(self.0.saturating_sub(other.0))
    }
}

impl Add for Duration {
    type Output = Duration;
    fn add(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }
}

/// A moment of a run: nanoseconds since the scenario began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(u64);

impl Instant {
    /// The start of every scenario.
    pub const ZERO: Instant = Instant(0);
    /// Later than everything that happens.
    pub const FAR_FUTURE: Instant = Instant(u64::MAX);

    /// The moment `n` nanoseconds after the start.
    pub const fn from_nanos(n: u64) -> Self {
        Instant(n)
    }
    /// The moment `n` milliseconds after the start.
    pub const fn from_millis(n: u64) -> Self {
        Instant(n * 1_000_000)
    }
    /// The moment `n` seconds after the start.
    pub const fn from_secs(n: u64) -> Self {
        Instant(n * 1_000_000_000)
    }
    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
    /// Milliseconds since the start, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }
    /// Time since `earlier`; zero when `earlier` is in fact later.
    pub const fn since(self, earlier: Instant) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;
    fn add(self, d: Duration) -> Instant {
        Instant(self.0.saturating_add(d.0))
    }
}
impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, d: Duration) {
        *self = *self + d;
    }
}
impl Sub<Instant> for Instant {
    type Output = Duration;
    fn sub(self, earlier: Instant) -> Duration {
        self.since(earlier)
    }
}

/// Milliseconds below a second, seconds with three decimals (more only where they are not zero)
/// above it, thousands grouped: `70 ms`, `1.065 s`, `3,600.050 s`, `0.5 ms`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ns = self.0;
        let text = if ns < 1_000_000_000 {
            with_decimals(ns / 1_000_000, ns % 1_000_000, 6, 0) + " ms"
        } else {
            with_decimals(ns / 1_000_000_000, ns % 1_000_000_000, 9, 3) + " s"
        };
        f.pad(&text)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Duration(self.0), f)
    }
}

fn with_decimals(whole: u64, fraction: u64, digits: usize, at_least: usize) -> String {
    let mut decimals = format!("{fraction:0digits$}");
    while decimals.len() > at_least && decimals.ends_with('0') {
        decimals.pop();
    }
    let whole = grouped(whole);
    if decimals.is_empty() { whole } else { format!("{whole}.{decimals}") }
}

/// A number with its thousands grouped: `16,200`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// The civil date at which a scenario begins; always UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Seconds since 1970-01-01T00:00:00Z at [`Instant::ZERO`].
    epoch: i64,
}

impl Default for Calendar {
    /// Monday, 3 March 2025, 09:00:00 UTC: a first lecture of a term.
    fn default() -> Self {
        Calendar { epoch: 1_740_992_400 }
    }
}

impl Calendar {
    /// A calendar from a date like `2025-03-03T09:00:00Z` (RFC 3339).
    ///
    /// # Errors
    /// The text of what is wrong with it, when it is no such date.
    pub fn parse(text: &str) -> Result<Self, String> {
        let stamp: jiff::Timestamp = text.parse().map_err(|e: jiff::Error| e.to_string())?;
        Ok(Calendar { epoch: stamp.as_second() })
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z at `at`: the stamp of a packet in a capture.
    pub fn unix_nanos(&self, at: Instant) -> u64 {
        (self.epoch as u64).saturating_mul(1_000_000_000).saturating_add(at.as_nanos())
    }

    /// Seconds since 1970-01-01T00:00:00Z at `at`, rounded down.
    pub fn unix_seconds(&self, at: Instant) -> i64 {
        self.epoch + (at.as_nanos() / 1_000_000_000) as i64
    }

    fn civil(&self, at: Instant) -> jiff::civil::DateTime {
        let stamp = jiff::Timestamp::from_second(self.unix_seconds(at)).unwrap_or(jiff::Timestamp::MAX);
        jiff::tz::TimeZone::UTC.to_datetime(stamp)
    }

    /// The `date-time` of RFC 5322 section 3.3: `Mon, 3 Mar 2025 09:00:00 +0000`.
    pub fn rfc5322(&self, at: Instant) -> String {
        let t = self.civil(at);
        let weekday = DAYS[t.weekday().to_monday_zero_offset() as usize];
        let month = MONTHS[t.month() as usize - 1];
        let (day, year, h, m, s) = (t.day(), t.year(), t.hour(), t.minute(), t.second());
        format!("{weekday}, {day} {month} {year} {h:02}:{m:02}:{s:02} +0000")
    }
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_with_their_unit() {
        assert_eq!(Instant::from_millis(70).to_string(), "70 ms");
        assert_eq!(Instant::from_millis(1065).to_string(), "1.065 s");
        assert_eq!(Instant::from_millis(3_600_050).to_string(), "3,600.050 s");
        assert_eq!(Duration::from_micros(500).to_string(), "0.5 ms");
        assert_eq!(Duration::ZERO.to_string(), "0 ms");
    }

    #[test]
    fn a_scenario_begins_on_a_monday_morning() {
        let c = Calendar::default();
        assert_eq!(c.rfc5322(Instant::ZERO), "Mon, 3 Mar 2025 09:00:00 +0000");
        assert_eq!(c.rfc5322(Instant::from_secs(86_400)), "Tue, 4 Mar 2025 09:00:00 +0000");
        assert_eq!(Calendar::parse("2025-03-03T09:00:00Z").unwrap(), c);
        assert!(Calendar::parse("yesterday").is_err());
    }
}
