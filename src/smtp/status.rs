//! Enhanced status codes (RFC 3463), which stand in front of the text of a reply (RFC 2034).
//!
//! ```text
//! status-code = class "." subject "." detail
//! 550 5.1.1 no such user here
//!     ^ the class is the first digit of the reply's code
//! ```
//! Our replies all have one. A server that does not offer ENHANCEDSTATUSCODES leaves it out when it speaks.

use std::fmt;
use std::str::FromStr;

use super::Reply;

/// `5.1.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status {
    /// 2: success, 4: not now, 5: never.
    pub class: u8,
    /// 1 address, 2 mailbox, 3 mail system, 4 network and routing, 5 protocol, 6 content, 7 security.
    pub subject: u16,
    /// What exactly.
    pub detail: u16,
}

/// The text does not begin with an enhanced status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an enhanced status code is 2, 4 or 5 and two numbers, with dots between: 5.1.1")]
pub struct NotAStatus;

impl Status {
    /// The status at the start of a reply's text, and the text behind it.
    pub fn split(text: &str) -> (Option<Status>, &str) {
        let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
        match first.parse() {
            Ok(status) => (Some(status), rest),
            Err(_) => (None, text),
        }
    }

    /// What a reply says, if its class agrees with its code (RFC 2034 section 4).
    pub fn of(reply: &Reply) -> Option<Status> {
        let status = Status::split(reply.lines.first()?).0?;
        (u16::from(status.class) == reply.code / 100).then_some(status)
    }

    /// What can be said of a code alone: `5.0.0`. Nothing of 3yz, which have none (RFC 2034 section 4).
    pub fn undefined(code: u16) -> Option<Status> {
        let class = (code / 100) as u8;
        matches!(class, 2 | 4 | 5).then_some(Status { class, subject: 0, detail: 0 })
    }
}

impl FromStr for Status {
    type Err = NotAStatus;

    fn from_str(text: &str) -> Result<Self, NotAStatus> {
        // RFC 3463 section 2: one to three digits, without zeros in front.
        let number = |part: &str| {
            let good = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            let plain = part == "0" || !part.starts_with('0');
            if good && plain { part.parse::<u16>().ok() } else { None }
        };
        let mut parts = text.split('.');
        let mut next = || parts.next().and_then(number).ok_or(NotAStatus);
        let (class, subject, detail) = (next()?, next()?, next()?);
        if parts.next().is_some() || !matches!(class, 2 | 4 | 5) {
            return Err(NotAStatus);
        }
        Ok(Status { class: class as u8, subject, detail })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_three_numbers_and_its_class_is_that_of_the_code() {
        assert_eq!("5.1.1".parse(), Ok(Status { class: 5, subject: 1, detail: 1 }));
        for wrong in ["", "5", "5.1", "5.1.1.1", "3.0.0", "05.1.1", "5.01.1", "5.1.1000", "5.x.1", "5..1"] {
            assert_eq!(wrong.parse::<Status>(), Err(NotAStatus), "{wrong}");
        }
        let of = |code, text: &str| Status::of(&Reply::new(code, text)).map(|s| s.to_string());
        assert_eq!(of(550, "5.1.1 no such user here").as_deref(), Some("5.1.1"));
        assert_eq!(of(450, "5.1.1 no such user here"), None, "the class is another one");
        assert_eq!(of(550, "no such user here"), None);
    }
}
