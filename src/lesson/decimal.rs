//! Numbers of questions, exact: what a learner writes as `0.7` is compared as seven tenths, not as a binary fraction.

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// Billionths.
const ONE: i128 = 1_000_000_000;

/// A number with up to nine decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal(i128);

impl Decimal {
    /// A whole number.
    pub const fn whole(n: i64) -> Decimal {
        Decimal(n as i128 * ONE)
    }

    /// `nanos` nanoseconds in a unit of so many nanoseconds; below a billionth of the unit it is cut.
    pub const fn of_time(nanos: i64, unit: u64) -> Decimal {
        Decimal(nanos as i128 * ONE / unit as i128)
    }

    /// The distance between two numbers.
    pub const fn distance(self, other: Decimal) -> Decimal {
        Decimal((self.0 - other.0).abs())
    }

    /// How often another number goes into it, cut below a billionth; `None` if that is nothing.
    pub fn over(self, other: Decimal) -> Option<Decimal> {
        self.0.checked_mul(ONE)?.checked_div(other.0).map(Decimal)
    }

    /// The first digit of its whole part.
    pub fn first_digit(self) -> Decimal {
        let mut whole = self.0.abs() / ONE;
        while whole > 9 {
            whole /= 10;
        }
        Decimal(whole * ONE)
    }

    /// Reads `700`, `-3`, `0.05`, `16,200` (groups of three), `16 200`.
    ///
    /// # Errors
    /// What is expected instead, as a sentence.
    pub fn parse(text: &str) -> Result<Decimal, String> {
        let wrong = || format!("`{}` is not a number: write digits, such as 700 or 0.5", text.trim());
        let body = text.trim();
        let (negative, body) = match body.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest),
            None => (false, body.strip_prefix('+').unwrap_or(body)),
        };
        let (whole, part) = body.split_once('.').unwrap_or((body, ""));
        let whole = ungrouped(whole).ok_or_else(wrong)?;
        if whole.len() > 18 || part.len() > 9 || (body.contains('.') && part.is_empty()) {
            return Err(wrong());
        }
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if !digits(&whole) || !digits(part) || (whole.is_empty() && part.is_empty()) {
            return Err(wrong());
        }
        let number = |t: &str| t.parse::<i128>().unwrap_or(0);
        let value = number(&whole) * ONE + number(&format!("{part:0<9}"));
        Ok(Decimal(if negative { -value } else { value }))
    }
}

/// Takes out the commas or blanks between groups of three digits; `None` if they stand elsewhere.
fn ungrouped(text: &str) -> Option<String> {
    if !text.contains([',', ' ']) {
        return Some(text.to_owned());
    }
    let mut groups = text.split([',', ' ']);
    let first = groups.next().filter(|g| (1..=3).contains(&g.len()))?;
    let mut all = first.to_owned();
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        all.push_str(group);
    }
    Some(all)
}

impl Add for Decimal {
    type Output = Decimal;
    fn add(self, other: Decimal) -> Decimal {
        Decimal(self.0.saturating_add(other.0))
    }
}

impl Sub for Decimal {
    type Output = Decimal;
    fn sub(self, other: Decimal) -> Decimal {
        Decimal(self.0.saturating_sub(other.0))
    }
}

/// As short as it can be: `700`, `0.5`, `16,200`.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let (whole, part) = (self.0.unsigned_abs() / ONE as u128, self.0.unsigned_abs() % ONE as u128);
        f.write_str(&crate::time::grouped(u64::try_from(whole).unwrap_or(u64::MAX)))?;
        match part {
            0 => Ok(()),
            part => write!(f, ".{}", format!("{part:09}").trim_end_matches('0')),
        }
    }
}

impl TryFrom<String> for Decimal {
    type Error = String;
    fn try_from(text: String) -> Result<Decimal, String> {
        Decimal::parse(&text)
    }
}

impl From<Decimal> for String {
    fn from(number: Decimal) -> String {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let of = |t: &str| Decimal::parse(t).map(|d| d.to_string());
        let right = [("700", "700"), (" 0.50 ", "0.5"), ("16,200", "16,200"), ("16200", "16,200"), ("-3", "-3")];
        for (text, shown) in right {
            assert_eq!(of(text).as_deref(), Ok(shown), "{text}");
        }
        assert_eq!(Decimal::parse("3600.050"), Decimal::parse("3 600.05"));
        for text in ["", "ten", "1,06", "1.2.3", "0x10", "5.", "1e3", "7 00", "9999999999999999999", "-", "٣"] {
            assert!(of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_exact_in_their_unit() {
        assert_eq!(Decimal::of_time(700_000_000, 1_000_000), Decimal::whole(700));
        assert_eq!(Decimal::of_time(3_600_050_000_000, 1_000_000_000).to_string(), "3,600.05");
        assert_eq!(Decimal::whole(5).distance(Decimal::whole(9)), Decimal::whole(4));
    }

    #[test]
    fn numbers_are_divided_and_have_a_first_digit() {
        assert_eq!(Decimal::whole(700).over(Decimal::whole(100)), Some(Decimal::whole(7)));
        assert_eq!(Decimal::whole(1).over(Decimal::whole(8)), Decimal::parse("0.125").ok());
        assert_eq!(Decimal::whole(1).over(Decimal::whole(0)), None);
        assert_eq!(Decimal::whole(550).first_digit(), Decimal::whole(5));
        assert_eq!(Decimal::whole(-3).first_digit(), Decimal::whole(3));
    }

    proptest::proptest! {
        #[test]
        fn what_is_shown_is_read_back(n in i64::MIN / 2..i64::MAX / 2) {
            let number = Decimal(i128::from(n));
            proptest::prop_assert_eq!(Decimal::parse(&number.to_string()), Ok(number));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = Decimal::parse(&text);
        }
    }
}
