//! How simulated time goes while real programs are there.

use std::fmt;
use std::str::FromStr;

/// The relation of the two clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Speed {
    /// One simulated second in so many thousandths of a real one: 1000 is the wall's clock.
    Thousandths(u32),
    /// What is on its way arrives at once. Where nothing happens for longer than [`Speed::JUMP`], because a server waits
    /// for its client, or a mail for the next attempt, the simulated clock follows the wall's, as long as anybody is
    /// connected.
    #[default]
    Fast,
}

impl Speed {
    /// The wall's clock.
    pub const REAL: Speed = Speed::Thousandths(1000);

    /// Longest wait in nanoseconds that is jumped over while somebody is connected: longer than a queue takes to pick up
    /// a new mail, or TCP to send something again, and shorter than a server's patience.
    pub const JUMP: u64 = 10_000_000_000;

    /// How far simulated time gets by jumps in nanoseconds behind what was said last while real programs are talking:
    /// longer than most packets take, and shorter than TCP waits for an answer (RFC 6298 section 2.4: a second).
    pub const NEAR: u64 = 200_000_000;

    /// How far simulated time gets by such jumps in nanoseconds while nobody says anything outside: timers of TCP that
    /// follow each other must not make it race away under those who are connected and silent.
    pub const CHAIN: u64 = 60_000_000_000;

    /// How many simulated nanoseconds go by in so many real ones.
    pub fn simulated(self, real: u64) -> u64 {
        match self {
            Speed::Thousandths(n) => (u128::from(real) * 1000 / u128::from(n.max(1))) as u64,
            Speed::Fast => real,
        }
    }

    /// The other way round, rounded up.
    pub fn real(self, simulated: u64) -> u64 {
        match self {
            Speed::Thousandths(n) => (u128::from(simulated) * u128::from(n)).div_ceil(1000) as u64,
            Speed::Fast => simulated,
        }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Speed::REAL => f.write_str("real"),
            Speed::Fast => f.write_str("fast"),
            Speed::Thousandths(n) => write!(f, "{}", 1000.0 / f64::from(n)),
        }
    }
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Speed, String> {
        match text {
            "real" => return Ok(Speed::REAL),
            "fast" => return Ok(Speed::Fast),
            _ => {}
        }
        let times: f64 = text.parse().map_err(|_| "expected real, fast, or a number such as 10".to_owned())?;
        if !(0.001..=1000.0).contains(&times) {
            return Err("expected a number from 0.001 to 1000: so many simulated seconds in a real one".to_owned());
        }
        Ok(Speed::Thousandths((1000.0 / times).round().max(1.0) as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_how_many_simulated_seconds_go_by_in_a_real_one() {
        let ten: Speed = "10".parse().unwrap();
        assert_eq!((ten.simulated(1_000), ten.real(10_000)), (10_000, 1_000));
        let slow: Speed = "0.5".parse().unwrap();
        assert_eq!((slow.simulated(1_000), slow.real(500), slow.to_string()), (500, 1_000, "0.5".to_owned()));
        assert_eq!("real".parse(), Ok(Speed::REAL));
        assert_eq!(Speed::REAL.to_string(), "real");
        assert!("0".parse::<Speed>().is_err() && "quick".parse::<Speed>().is_err());
    }
}
