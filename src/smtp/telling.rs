//! Lines as they are told: shared by both ends.

use std::ops::Range;

use super::command::Verb;
use crate::engine::{Line, Way};

/// A command or a whole reply, told. `bytes` may have its line end or not.
pub(super) fn line(way: Way, range: Range<u64>, bytes: &[u8], verb: Option<Verb>, code: Option<u16>) -> Box<Line> {
    Box::new(Line { way, range, text: text(bytes), verb: verb.map(|v| v.name().into()), code })
}

/// Bytes as text. Nearly all of it is ASCII, which is looked at in larger pieces than anything else.
pub(super) fn lossy(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Bytes as text, without the last line end, inner ones as `\n`.
pub(super) fn text(bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let text = lossy(bytes);
    // Only a reply has several lines (RFC 5321 section 4.2.1).
    if bytes.get(3) == Some(&b'-') { text.replace("\r\n", "\n") } else { text }
}
