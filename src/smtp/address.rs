//! Who a mail is from and to on the envelope (RFC 5321 section 4.1.2): never read from the letter.

use std::fmt;

/// A `Mailbox` of RFC 5321: `Local-part "@" ( Domain / address-literal )`, without angle brackets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// As written; a quoted string keeps its quotes.
    pub local: String,
    /// Lower case; an address literal keeps its brackets.
    pub domain: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// The argument of MAIL FROM.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReversePath {
    /// `<>`: nobody is to be told if this fails (bounces themselves; RFC 5321 section 4.5.5).
    Null,
    /// Where failures are reported.
    Address(Address),
}

impl fmt::Display for ReversePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReversePath::Null => f.write_str("<>"),
            ReversePath::Address(a) => write!(f, "<{a}>"),
        }
    }
}

/// MAIL FROM and RCPT TO: all that decides where a mail goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// MAIL FROM.
    pub from: ReversePath,
    /// RCPT TO, one each.
    pub to: Vec<Address>,
}
