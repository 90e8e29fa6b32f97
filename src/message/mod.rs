//! Letters: RFC 5322 with MIME (RFC 2045 to 2049). Composing is `mail-builder`'s work, reading
//! `mail-parser`'s; this module fixes what they would take from the clock or from luck, and keeps the maps
//! by which a byte is followed.

mod binary;
mod compose;
mod draft;
mod parts;
mod read;
mod reencode;
mod report;

pub use binary::without_binary;
pub use compose::{Composed, Stamp, compose};
pub use draft::{Attachment, Draft};
pub use parts::{MimePart, decoded, mime_parts};
pub use read::{Screen, authors, body_start, header, header_count, header_end, header_fields, show};
pub use reencode::{Reencoded, to_seven_bit};
pub use report::{Failed, Fate, Report};

use crate::engine::SpanMap;
use crate::tail::Tail;

/// Puts `line` (whole lines with their CRLF) in front of a letter: the new letter, and new <- old.
pub fn prepend(line: &str, letter: &Tail) -> (Tail, SpanMap) {
    let mut map = SpanMap::new();
    map.push(line.len() as u64, letter.len() as u64, 0);
    (letter.with_front(line.as_bytes()), map)
}

#[cfg(test)]
mod tests;
