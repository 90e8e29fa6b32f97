//! Replies (RFC 5321 section 4.2): three digits and a phrase, possibly on several lines.

use std::fmt;

/// A whole reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 200 to 599.
    pub code: u16,
    /// The text of each line, without code and CRLF; at least one.
    pub lines: Vec<String>,
}

impl Reply {
    /// A reply of one line.
    pub fn new(code: u16, text: impl Into<String>) -> Self {
        Reply { code, lines: vec![text.into()] }
    }
    /// 2yz: done.
    pub fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }
    /// 4yz: not now; try again later.
    pub fn is_transient(&self) -> bool {
        self.code / 100 == 4
    }
    /// 5yz: no; do not try the same again.
    pub fn is_permanent(&self) -> bool {
        self.code / 100 == 5
    }
}

/// `250 OK`; several lines joined by a blank.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.lines.join(" "))
    }
}
