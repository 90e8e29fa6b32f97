//! Quantities with their units, as people write them: `70 ms`, `1 Mbit/s`, `0.5 %`, `192.0.2.25/25`.

use std::net::Ipv4Addr;

use super::problem::nearest;
use crate::time::Duration;

/// What is wrong with a quantity: a sentence, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Which kind of mistake.
    pub code: &'static str,
    /// What is wrong with it, to follow "`70 mss` ...".
    pub why: String,
    /// What would be right.
    pub help: String,
}

fn wrong<T>(code: &'static str, why: impl Into<String>, help: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { code, why: why.into(), help: help.into() })
}

const TIMES: [(&str, u64); 9] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
    ("weeks", 604_800_000_000_000),
];

/// Longest time that may be written: ten years. Sums of a few of them stay far from the end of the clock.
const LONGEST: u64 = 3_650 * 86_400_000_000_000;

/// A length of time: `70 ms`, `1.5 s`, `3 h`, `5 d`.
///
/// # Errors
/// What is wrong with it.
pub fn duration(text: &str) -> Result<Duration, Wrong> {
    let right = "write a number and a unit (ns, us, ms, s, min, h, d): \"70 ms\"";
    let (number, unit) = split(text);
    if number.starts_with('-') {
        let help = format!("write how long it takes, without the minus: \"{}\"", text.trim().trim_start_matches('-'));
        return wrong("negative_time", "is negative, and nothing happens before the start", help);
    }
    if number.is_empty() {
        return wrong("bad_duration", "does not begin with a number", right);
    }
    if unit.is_empty() {
        return wrong("bad_duration", "has no unit", format!("did you mean \"{number} ms\"? {right}"));
    }
    let Some((_, factor)) = TIMES.iter().find(|(name, _)| *name == unit) else {
        let names: Vec<&str> = TIMES.iter().map(|t| t.0).collect();
        let near = match unit.to_lowercase().as_str() {
            "m" | "minute" | "minutes" | "mins" => Some("min"),
            "second" | "seconds" | "sec" | "secs" => Some("s"),
            "hour" | "hours" | "hr" => Some("h"),
            "day" | "days" => Some("d"),
            "week" | "w" => Some("weeks"),
            other => nearest(other, &names),
        };
        let help = near.map_or(right.to_owned(), |n| format!("did you mean \"{number} {n}\"? {right}"));
        return wrong("bad_duration", format!("has the unit `{unit}`, which is none"), help);
    };
    match scaled(number, *factor) {
        Scaled::Whole(ns) if ns <= LONGEST => Ok(Duration::from_nanos(ns)),
        Scaled::Whole(_) | Scaled::TooLarge => wrong("bad_duration", "is longer than ten years", "at most \"3650 d\""),
        Scaled::TooFine => wrong("bad_duration", "is finer than a nanosecond", "the clock counts whole nanoseconds"),
        Scaled::NoNumber => wrong("bad_duration", "does not begin with a plain decimal number", right),
    }
}

const RATES: [(&str, u64); 4] = [("bit/s", 1), ("kbit/s", 1_000), ("Mbit/s", 1_000_000), ("Gbit/s", 1_000_000_000)];

/// Bits per second: `1 Mbit/s`, `64 kbit/s`.
///
/// # Errors
/// What is wrong with it.
pub fn rate(text: &str) -> Result<u64, Wrong> {
    let right = "write a number and bit/s, kbit/s, Mbit/s or Gbit/s: \"1 Mbit/s\"";
    let (number, unit) = split(text);
    if number.starts_with('-') || number.is_empty() {
        return wrong("bad_rate", "is no rate", right);
    }
    let Some((_, factor)) = RATES.iter().find(|(name, _)| *name == unit) else {
        let names: Vec<&str> = RATES.iter().map(|r| r.0).collect();
        let near = match unit.to_lowercase().as_str() {
            "bps" | "bit" | "bits" => Some("bit/s"),
            "kbps" | "kb/s" | "kbit" => Some("kbit/s"),
            "mbps" | "mb/s" | "mbit" => Some("Mbit/s"),
            "gbps" | "gb/s" | "gbit" => Some("Gbit/s"),
            other => nearest(other, &names),
        };
        let help = near.map_or(right.to_owned(), |n| format!("did you mean \"{number} {n}\"?"));
        let why =
            if unit.is_empty() { "has no unit".to_owned() } else { format!("has the unit `{unit}`, which is none") };
        return wrong("bad_rate", why, help);
    };
    match scaled(number, *factor) {
        Scaled::Whole(0) => {
            wrong("bad_rate", "would never send anything", "leave the rate out if sending takes no time")
        }
        Scaled::Whole(n) if n <= 1_000_000_000_000 => Ok(n),
        Scaled::Whole(_) | Scaled::TooLarge => wrong("bad_rate", "is too fast", "at most \"1000 Gbit/s\""),
        Scaled::TooFine => wrong("bad_rate", "is no whole number of bits per second", right),
        Scaled::NoNumber => wrong("bad_rate", "does not begin with a plain decimal number", right),
    }
}

/// A share in parts per million: `1 %`, `0.25 %`.
///
/// # Errors
/// What is wrong with it.
pub fn share(text: &str) -> Result<u32, Wrong> {
    let right = "write a number from 0 to 100 and %: \"1 %\"";
    let (number, unit) = split(text);
    if unit != "%" {
        return wrong("bad_share", "is no percentage", right);
    }
    match scaled(number, 10_000) {
        Scaled::Whole(n) if n <= 1_000_000 => Ok(n as u32),
        Scaled::Whole(_) | Scaled::TooLarge => wrong("bad_share", "is more than everything", right),
        Scaled::TooFine => wrong("bad_share", "is too fine", "at most four decimals: \"0.0001 %\" is one in a million"),
        Scaled::NoNumber => wrong("bad_share", "is no percentage", right),
    }
}

/// An IPv4 address.
///
/// # Errors
/// What is wrong with it.
pub fn address(text: &str) -> Result<Ipv4Addr, Wrong> {
    match text.parse() {
        Ok(address) => Ok(address),
        Err(_) if text.contains('/') => wrong(
            "bad_address",
            "has a prefix length, and an address alone belongs here",
            "write it like \"192.0.2.25\"",
        ),
        Err(_) => wrong(
            "bad_address",
            "is no IPv4 address",
            "four numbers from 0 to 255 with dots between them, without leading zeros: \"192.0.2.25\"",
        ),
    }
}

/// An address in its network: `192.0.2.25/25`.
///
/// # Errors
/// What is wrong with it.
pub fn network(text: &str) -> Result<(Ipv4Addr, u8), Wrong> {
    let Some((ip, length)) = text.split_once('/') else {
        address(text)?;
        return wrong(
            "bad_prefix",
            "does not say how large its network is",
            format!("put the length of the prefix behind it, 24 for 256 addresses: \"{text}/24\""),
        );
    };
    let ip = address(ip)?;
    match length.parse::<u8>() {
        Ok(n @ 1..=30) if length.bytes().all(|b| b.is_ascii_digit()) => Ok((ip, n)),
        _ => wrong("bad_prefix", format!("has `{length}` as the length of its prefix"), "a number from 1 to 30"),
    }
}

/// Number and unit; a blank between them is usual, not needed.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let at = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(text.len());
    (&text[..at], text[at..].trim_start())
}

enum Scaled {
    Whole(u64),
    TooFine,
    TooLarge,
    NoNumber,
}

/// A decimal number times a factor, exactly.
fn scaled(number: &str, factor: u64) -> Scaled {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Scaled::NoNumber;
    }
    let fraction = fraction.trim_end_matches('0');
    if whole.len() > 18 {
        return Scaled::TooLarge;
    }
    if fraction.len() > 18 {
        return Scaled::TooFine;
    }
    // At most 18 digits each: no sum or product below overflows 128 bits.
    let number = |s: &str| s.bytes().fold(0u128, |n, b| n * 10 + u128::from(b - b'0'));
    let scale = 10u128.pow(fraction.len() as u32);
    let part = number(fraction) * u128::from(factor);
    if !part.is_multiple_of(scale) {
        return Scaled::TooFine;
    }
    u64::try_from(number(whole) * u128::from(factor) + part / scale).map_or(Scaled::TooLarge, Scaled::Whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_number_and_a_unit() {
        assert_eq!(duration("70 ms"), Ok(Duration::from_millis(70)));
        assert_eq!(duration("1.065 s"), Ok(Duration::from_millis(1065)));
        assert_eq!(duration("3h"), Ok(Duration::from_secs(10_800)));
        assert_eq!(duration("0 s"), Ok(Duration::ZERO));
        assert_eq!(duration("2.5 µs"), Ok(Duration::from_nanos(2_500)));
        assert_eq!(duration("5 d"), Ok(Duration::from_secs(432_000)));
        let code = |t| duration(t).unwrap_err().code;
        assert_eq!(code("-4 ms"), "negative_time");
        for bad in
            ["", "4", "ms", "4 mss", "4 m", "1e3 s", "1.2.3 s", "0.5 ns", "4000 d", "99999999999999999999 s", "."]
        {
            assert_eq!(code(bad), "bad_duration", "{bad}");
        }
        assert!(duration("4 minutes").unwrap_err().help.starts_with("did you mean \"4 min\"?"));
    }

    #[test]
    fn rates_and_shares_are_exact() {
        assert_eq!(rate("1 Mbit/s"), Ok(1_000_000));
        assert_eq!(rate("1.5 kbit/s"), Ok(1_500));
        assert_eq!(rate("1 Mbps").unwrap_err().help, "did you mean \"1 Mbit/s\"?");
        assert_eq!(share("1 %"), Ok(10_000));
        assert_eq!(share("0.0001 %"), Ok(1));
        assert_eq!(share("100%"), Ok(1_000_000));
        for bad in ["0 bit/s", "1", "-1 Mbit/s", "0.1 bit/s", "2000 Gbit/s"] {
            assert!(rate(bad).is_err(), "{bad}");
        }
        for bad in ["1", "101 %", "-1 %", "0.00001 %", "%"] {
            assert!(share(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_know_their_network() {
        assert_eq!(network("192.0.2.25/25"), Ok((Ipv4Addr::new(192, 0, 2, 25), 25)));
        for bad in ["192.0.2.25", "192.0.2.25/0", "192.0.2.25/31", "192.0.2.25/+8", "192.0.2.256/25", "192.0.2/24", "/"]
        {
            assert!(network(bad).is_err(), "{bad}");
        }
        assert!(address("192.0.2.25/25").is_err());
    }
}
