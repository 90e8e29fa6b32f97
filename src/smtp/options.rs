//! What extensions add to an envelope: the parameters of MAIL and RCPT that travel with a mail.
//!
//! | parameter | of | RFC |
//! |---|---|---|
//! | BODY=7BIT, 8BITMIME | MAIL | 6152 |
//! | BODY=BINARYMIME | MAIL | 3030 section 3 |
//! | SMTPUTF8 | MAIL | 6531 |
//! | AUTH= | MAIL | 4954 section 5 |
//! | RET=, ENVID= | MAIL | 3461 sections 4.3, 4.4 |
//! | NOTIFY=, ORCPT= | RCPT | 3461 sections 4.1, 4.2 |

use std::collections::BTreeMap;
use std::fmt;

use super::address::Address;

/// What a mail's sender wishes besides its delivery. The default is a mail without a parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// BODY=.
    pub body: Option<Body>,
    /// Addresses and header may have characters beyond ASCII.
    pub smtputf8: bool,
    /// AUTH=: who handed the mail in first, as xtext; `<>` if nobody knows.
    pub auth: Option<String>,
    /// RET=: how much of the mail a report of its failure quotes.
    pub ret: Option<Ret>,
    /// ENVID=: the sender's own name for this mail, as xtext.
    pub envid: Option<String>,
    /// What is wished for single recipients.
    pub recipients: BTreeMap<Address, Wish>,
}

/// BODY= of MAIL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// Every byte below 128.
    SevenBit,
    /// Bytes above 127 in its lines.
    EightBitMime,
    /// Any bytes, not in lines: a part says `Content-Transfer-Encoding: binary`.
    BinaryMime,
}

impl Body {
    /// All of them.
    pub const ALL: [Body; 3] = [Body::SevenBit, Body::EightBitMime, Body::BinaryMime];

    /// As on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Body::SevenBit => "7BIT",
            Body::EightBitMime => "8BITMIME",
            Body::BinaryMime => "BINARYMIME",
        }
    }
}

/// RET= of MAIL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ret {
    /// All of it.
    Full,
    /// Its header.
    Hdrs,
}

impl Ret {
    /// As on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Ret::Full => "FULL",
            Ret::Hdrs => "HDRS",
        }
    }
}

/// The parameters of one RCPT.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// NOTIFY=.
    pub notify: Option<Notify>,
    /// ORCPT=: `rfc822;bob@b.example`, the address part as xtext.
    pub orcpt: Option<String>,
}

/// Of what the sender wants to hear. All false: NEVER.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Notify {
    /// It was delivered.
    pub success: bool,
    /// It never will be.
    pub failure: bool,
    /// It takes longer than usual.
    pub delay: bool,
}

impl Notify {
    /// Reads `NEVER` or a list of the others, each once (RFC 3461 section 4.1).
    pub fn read(value: &str) -> Option<Notify> {
        if value.eq_ignore_ascii_case("NEVER") {
            return Some(Notify::default());
        }
        let mut notify = Notify::default();
        for word in value.split(',') {
            let field = match word {
                w if w.eq_ignore_ascii_case("SUCCESS") => &mut notify.success,
                w if w.eq_ignore_ascii_case("FAILURE") => &mut notify.failure,
                w if w.eq_ignore_ascii_case("DELAY") => &mut notify.delay,
                _ => return None,
            };
            if std::mem::replace(field, true) {
                return None;
            }
        }
        Some(notify)
    }
}

impl fmt::Display for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [(self.success, "SUCCESS"), (self.failure, "FAILURE"), (self.delay, "DELAY")];
        let words: Vec<&str> = words.into_iter().filter(|(wished, _)| *wished).map(|(_, word)| word).collect();
        f.write_str(if words.is_empty() { "NEVER".to_owned() } else { words.join(",") }.as_str())
    }
}

impl Options {
    /// Whether the letter can go with BDAT only (RFC 3030 section 3).
    pub fn is_binary(&self) -> bool {
        self.body == Some(Body::BinaryMime)
    }

    /// Whether a sender wants to hear that a mail for this recipient failed: yes, unless he said otherwise
    /// (RFC 3461 section 4.1).
    pub fn tells_failure(&self, to: &Address) -> bool {
        self.notify(to).is_none_or(|n| n.failure)
    }

    /// Whether a sender wants to hear that a mail reached this recipient: no, unless he said so.
    pub fn tells_success(&self, to: &Address) -> bool {
        self.notify(to).is_some_and(|n| n.success)
    }

    /// Whether a sender wants to hear that a mail for this recipient is late: no, unless he said so.
    pub fn tells_delay(&self, to: &Address) -> bool {
        self.notify(to).is_some_and(|n| n.delay)
    }

    fn notify(&self, to: &Address) -> Option<Notify> {
        self.recipients.get(to)?.notify
    }
}

/// Whether this is xtext (RFC 3461 section 4): printable, `+` only before two hexadecimal digits.
pub fn is_xtext(text: &str) -> bool {
    let bytes = text.as_bytes();
    let hex = |b: Option<&u8>| matches!(b, Some(b'0'..=b'9' | b'A'..=b'F'));
    bytes.iter().enumerate().all(|(i, b)| match b {
        b'+' => hex(bytes.get(i + 1)) && hex(bytes.get(i + 2)),
        b'=' => false,
        b => matches!(b, 33..=126),
    })
}

/// Text as xtext.
pub fn to_xtext(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        match b {
            b'+' | b'=' | 0..=32 | 127.. => out.push_str(&format!("+{b:02X}")),
            b => out.push(char::from(b)),
        }
    }
    out
}

/// What xtext stands for; what is none stays as it is.
pub fn from_xtext(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let hex = behind.get(..2).and_then(|h| u8::from_str_radix(std::str::from_utf8(h).ok()?, 16).ok());
        match (first, hex) {
            (b'+', Some(b)) => {
                out.push(b);
                rest = &behind[2..];
            }
            (b, _) => {
                out.push(*b);
                rest = behind;
            }
        }
    }
    super::telling::lossy(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notify_is_never_or_a_list() {
        let read = |text: &str| Notify::read(text).map(|n| n.to_string());
        assert_eq!(read("never").as_deref(), Some("NEVER"));
        assert_eq!(read("FAILURE,Success").as_deref(), Some("SUCCESS,FAILURE"));
        for wrong in ["", "NEVER,DELAY", "DELAY,DELAY", "SOMETIMES", "DELAY,"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn xtext_keeps_any_text_in_printable_bytes() {
        assert_eq!(to_xtext("a+b=c d"), "a+2Bb+3Dc+20d");
        assert_eq!(from_xtext("a+2Bb+3Dc+20d"), "a+b=c d");
        assert!(is_xtext("a+2Bb") && !is_xtext("a+2") && !is_xtext("a=b") && !is_xtext("a+2bx") && is_xtext(""));
        assert_eq!(from_xtext("+zz+"), "+zz+");
    }
}
