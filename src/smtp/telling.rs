//! Lines as they are told: shared by both ends.

use std::ops::Range;

use super::command::Verb;
use crate::engine::{Line, Way};

/// A command or a whole reply, told. `bytes` may have its line end or not.
pub(super) fn line(way: Way, range: Range<u64>, bytes: &[u8], verb: Option<Verb>, code: Option<u16>) -> Line {
    Line { way, range, text: text(bytes), verb: verb.map(|v| v.name().to_owned()), code }
}

/// Bytes as text, without the last line end, inner ones as `\n`.
pub(super) fn text(bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    if text.contains("\r\n") { text.replace("\r\n", "\n") } else { text.into_owned() }
}
