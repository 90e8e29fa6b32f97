//! Replies (RFC 5321 section 4.2): three digits and a phrase, possibly on several lines.
//!
//! ```text
//! Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
//! ```

use std::fmt;
use std::str::FromStr;

use super::reply_reader::{Found, ReplyReader};
use super::syntax;

/// Longest reply line, with code and CRLF (section 4.5.3.1.5).
const LONGEST_LINE: usize = 512;

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

    /// The bytes on the wire. What may not stand in a reply's text becomes `?`, and a line that is too
    /// long is cut: a text may hold what a peer once said.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.lines.iter().map(|l| l.len() + 6).sum::<usize>().max(6));
        let last = self.lines.len().saturating_sub(1);
        for (i, text) in self.lines.iter().enumerate() {
            write_line(&mut out, self.code, if i < last { b'-' } else { b' ' }, text);
        }
        if self.lines.is_empty() {
            write_line(&mut out, self.code, b' ', "");
        }
        out
    }

    /// Reads a whole reply that [`ReplyReader`](super::reply_reader::ReplyReader) has found to be one.
    pub(super) fn from_bytes(code: u16, bytes: &[u8]) -> Reply {
        let text = |line: &[u8]| super::telling::lossy(line.get(4..).unwrap_or_default());
        // Most replies have one line.
        let mut all = Vec::with_capacity(1);
        all.extend(lines(bytes).map(text));
        Reply { code, lines: all }
    }
}

/// The text is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a reply is three digits, 200 to 599, a blank and a text; several lines have a hyphen for the blank, but the last"
)]
pub struct NotAReply;

/// A whole reply as it stands on the wire; the last line end may be missing.
impl FromStr for Reply {
    type Err = NotAReply;

    fn from_str(text: &str) -> Result<Self, NotAReply> {
        let mut bytes = text.as_bytes().to_vec();
        if !bytes.ends_with(b"\n") {
            bytes.extend_from_slice(b"\r\n");
        }
        match ReplyReader::default().look(&bytes) {
            Found::Reply { len, code } if len == bytes.len() => Ok(Reply::from_bytes(code, &bytes)),
            _ => Err(NotAReply),
        }
    }
}

/// The lines of a whole reply, without their ends.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|&b| b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l))
}

pub(super) fn write_line(out: &mut Vec<u8>, code: u16, mark: u8, text: &str) {
    let digit = |n: u16| b'0' + (n % 10) as u8;
    out.extend([digit(code / 100), digit(code / 10), digit(code), mark]);
    let text = text.as_bytes();
    let text = &text[..text.len().min(LONGEST_LINE - 6)];
    let start = out.len();
    out.extend_from_slice(text);
    for b in &mut out[start..] {
        if !syntax::is_printable(*b) && *b != b'\t' {
            *b = b'?';
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// `250 OK`; several lines joined by a blank.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.lines.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_alone_has_a_blank_behind_its_code() {
        let reply = Reply { code: 250, lines: vec!["mail.b.example".into(), "SIZE".into(), "HELP".into()] };
        let bytes = reply.to_bytes();
        assert_eq!(bytes, b"250-mail.b.example\r\n250-SIZE\r\n250 HELP\r\n");
        assert_eq!(Reply::from_bytes(250, &bytes), reply);
    }

    #[test]
    fn a_reply_is_read_from_text() {
        assert_eq!("550 No such user".parse(), Ok(Reply::new(550, "No such user")));
        assert_eq!("250-a\r\n250 b\r\n".parse::<Reply>().map(|r| r.lines), Ok(vec!["a".into(), "b".into()]));
        for wrong in ["", "no", "99 x", "250 a\r\n250 b", "250-a"] {
            assert_eq!(wrong.parse::<Reply>(), Err(NotAReply), "{wrong}");
        }
    }

    #[test]
    fn a_text_cannot_smuggle_a_line_end_into_the_dialogue() {
        assert_eq!(Reply::new(550, "no\r\n250 OK").to_bytes(), b"550 no??250 OK\r\n");
        assert_eq!(Reply::new(550, "x".repeat(600)).to_bytes().len(), 512);
        assert_eq!(Reply { code: 250, lines: vec![] }.to_bytes(), b"250 \r\n");
    }
}
