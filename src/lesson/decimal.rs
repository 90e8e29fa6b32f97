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

/// How a language writes numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `16,200.5`: English, and everything on the screen but a lesson's own words.
    Point,
    /// `16 200,5`: other languages. Groups stand apart by a thin blank, so that nobody takes them for decimals.
    Comma,
}

impl Notation {
    /// That of a language, by its code.
    pub fn of(language: &str) -> Notation {
        if language == "en" { Notation::Point } else { Notation::Comma }
    }

    /// A number that was written with a point, in this notation.
    pub fn put(self, number: &str) -> String {
        match self {
            Notation::Point => number.to_owned(),
            Notation::Comma => number.replace(',', "\u{202f}").replace('.', ","),
        }
    }
}

/// Blanks that may stand between groups of three digits.
const BLANKS: [char; 3] = [' ', '\u{a0}', '\u{202f}'];

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

    /// Reads a number as people write it who have that notation. The screen has points, so that with a comma the point
    /// is taken as well; what then could be read in two ways is refused.
    ///
    /// # Errors
    /// What is expected instead, as a sentence.
    pub fn typed(text: &str, notation: Notation) -> Result<Decimal, String> {
        let mut marks = text.match_indices([',', '.']);
        let (Notation::Comma, Some((at, mark))) = (notation, marks.next()) else { return Decimal::parse(text) };
        let (whole, part) = (&text[..at], &text[at + 1..]);
        match (mark, marks.next_back().map(|m| m.1)) {
            (_, None) if part.trim_end().len() == 3 && whole.contains(|c| matches!(c, '1'..='9')) => {
                let (whole, part) = (whole.trim(), part.trim_end());
                let short = part.trim_end_matches('0');
                let decimal = if short.is_empty() { whole.to_owned() } else { format!("{whole},{short}") };
                Err(format!("`{whole}{mark}{part}` can be read in two ways: write {whole}{part} or {decimal}"))
            }
            (",", None) => Decimal::parse(&format!("{whole}.{part}")),
            (".", Some(",")) => Decimal::parse(&text.replace('.', " ").replace(',', ".")),
            (".", Some(_)) => Decimal::parse(&text.replace('.', " ")),
            _ => Decimal::parse(text),
        }
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
    let between = |c: char| c == ',' || BLANKS.contains(&c);
    if !text.contains(between) {
        return Some(text.to_owned());
    }
    let mut groups = text.split(between);
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
    fn with_a_comma_nothing_is_read_in_two_ways() {
        let of = |text: &str| Decimal::typed(text, Notation::Comma).map(|d| Notation::Comma.put(&d.to_string()));
        let right = [
            ("0,7", "0,7"),
            ("0.5", "0,5"),
            ("0,125", "0,125"),
            ("12,75", "12,75"),
            ("16 200,5", "16\u{202f}200,5"),
            ("16\u{202f}200", "16\u{202f}200"),
            ("16.200,5", "16\u{202f}200,5"),
            ("1.234.567", "1\u{202f}234\u{202f}567"),
            ("16,200.5", "16\u{202f}200,5"),
            ("-3", "-3"),
            ("1085,0", "1\u{202f}085"),
        ];
        for (text, shown) in right {
            assert_eq!(of(text).as_deref(), Ok(shown), "{text}");
        }
        assert_eq!(of("1.100").unwrap_err(), "`1.100` can be read in two ways: write 1100 or 1,1");
        assert_eq!(of(" 16,200 ").unwrap_err(), "`16,200` can be read in two ways: write 16200 or 16,2");
        assert_eq!(of("1.000").unwrap_err(), "`1.000` can be read in two ways: write 1000 or 1");
        for text in ["", "zehn", "1,2,3", "0x10", "5,", "1.2.3", "1.23,4", ","] {
            assert!(of(text).is_err(), "{text}");
        }
        assert_eq!(Decimal::typed("1.100", Notation::Point), Decimal::parse("1.1"));
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
            let text = number.to_string();
            proptest::prop_assert_eq!(Decimal::parse(&text), Ok(number));
            // Where it can be read in two ways nothing is read at all.
            let typed = Decimal::typed(&Notation::Comma.put(&text), Notation::Comma);
            proptest::prop_assert!(typed == Ok(number) || typed.is_err_and(|e| e.contains("two ways")));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = (Decimal::parse(&text), Decimal::typed(&text, Notation::Comma));
        }
    }
}
