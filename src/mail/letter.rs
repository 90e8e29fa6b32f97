//! Versions of a letter: who makes one, numbers it and says from what it was made.

use std::ops::Range;
use std::sync::Arc;

use super::{ContentId, Letter, Made};
use crate::engine::SpanMap;
use crate::message::{self, Reencoded, Stamp};
use crate::rng::Seed;
use crate::tail::Tail;

/// The next number from the world's counter.
pub(super) fn next_content(ids: &mut u32) -> ContentId {
    let id = ContentId(*ids);
    *ids = ids.wrapping_add(1);
    id
}

/// The Message-ID of a letter without brackets; empty if it has none.
pub fn message_id(letter: &[u8]) -> Arc<str> {
    let value = message::header(letter, "Message-ID", 0).unwrap_or_default();
    let inner = value.split_once('<').map_or(value.as_str(), |(_, rest)| rest);
    inner.split('>').next().unwrap_or_default().trim().into()
}

/// `lines` (with their CRLF) in front of `letter`. The map is left out of runs that keep no record.
pub(super) fn prepend(lines: &str, letter: &Letter, ids: &mut u32, records: bool) -> Letter {
    let mut map = SpanMap::new();
    if records {
        map.push(lines.len() as u64, letter.bytes.len() as u64, 0);
    }
    Letter {
        content: next_content(ids),
        bytes: letter.bytes.with_front(lines.as_bytes()),
        message_id: Arc::clone(&letter.message_id),
        made: Made::Prepended(letter.content, map),
    }
}

/// As [`prepend`], and `behind` behind it.
pub(super) fn wrap(lines: &str, letter: &Letter, behind: &str, ids: &mut u32, records: bool) -> Letter {
    let new = prepend(lines, letter, ids, records);
    if behind.is_empty() {
        return new;
    }
    Letter { bytes: Tail::join(&[lines.as_bytes(), &letter.bytes, behind.as_bytes()]), ..new }
}

/// As [`prepend`], in front of what `letter` has become by encoding its parts anew.
pub(super) fn reencoded(lines: &str, letter: &Letter, new: &Reencoded, ids: &mut u32, records: bool) -> Letter {
    let map = if records { new.map.shifted(lines.len() as u64) } else { SpanMap::new() };
    Letter {
        content: next_content(ids),
        bytes: Tail::join(&[lines.as_bytes(), &new.bytes]),
        message_id: Arc::clone(&letter.message_id),
        made: Made::Converted(letter.content, map),
    }
}

/// As [`prepend`], and what stands in `cuts` (in order) is left out.
pub(super) fn rewrite(lines: &str, letter: &Letter, cuts: &[Range<usize>], ids: &mut u32, records: bool) -> Letter {
    if cuts.is_empty() {
        return prepend(lines, letter, ids, records);
    }
    let mut map = SpanMap::new();
    let mut parts: Vec<&[u8]> = vec![lines.as_bytes()];
    let (mut at, mut from) = (lines.len(), 0);
    for (start, end) in cuts.iter().map(|c| (c.start, c.end)).chain([(letter.bytes.len(), letter.bytes.len())]) {
        parts.push(&letter.bytes[from..start]);
        if records {
            map.push(at as u64, (start - from) as u64, from as u64);
        }
        (at, from) = (at + start - from, end);
    }
    Letter {
        content: next_content(ids),
        bytes: Tail::join(&parts),
        message_id: Arc::clone(&letter.message_id),
        made: Made::Prepended(letter.content, map),
    }
}

/// What the `n`-th letter (from 0) written at `host` takes from luck and time. Numbered, so that no two are equal;
/// with luck in it, so that the boundary does not stand in a text by chance.
pub(super) fn stamp(seed: Seed, n: u32, host: &str, unix_seconds: i64) -> Stamp {
    let luck = seed.nth(u64::from(n));
    let number = u64::from(n) + 1;
    let (message_id, boundary) = (format!("{number}.{:08x}@{host}", luck >> 32), format!("=_{number}_{luck:016x}"));
    Stamp { unix_seconds, message_id, boundary }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_stands_without_its_brackets() {
        assert_eq!(&*message_id(b"Subject: x\r\nMessage-Id:\r\n <1.2@a.example> (c)\r\n\r\n"), "1.2@a.example");
        assert_eq!(&*message_id(b"Subject: x\r\n\r\nMessage-ID: <no@a.example>\r\n"), "");
        assert_eq!(&*message_id(b""), "");
    }

    #[test]
    fn a_line_in_front_moves_every_byte_behind_it() {
        let mut ids = 7;
        let bytes = Tail::join(&[b"a: b\r\n", b"\r\nhello"]);
        let old = Letter { content: ContentId(3), bytes, message_id: "".into(), made: Made::Preloaded };
        let new = prepend("x: y\r\n", &old, &mut ids, true);
        assert_eq!((&*new.bytes, new.content, ids), (&b"x: y\r\na: b\r\n\r\nhello"[..], ContentId(7), 8));
        let Made::Prepended(ContentId(3), map) = &new.made else { panic!("{:?}", new.made) };
        assert_eq!((map.source_of(5), map.source_of(6), map.source_of(18)), (None, Some(0), Some(12)));
        let Made::Prepended(_, map) = prepend("x: y\r\n", &old, &mut ids, false).made else { panic!() };
        assert_eq!(map, SpanMap::new());
    }

    #[test]
    fn what_is_cut_out_has_no_place_any_more() {
        let mut ids = 7;
        let bytes = Tail::join(&[b"a: b\r\nc: d\r\n\r\nhello"]);
        let old = Letter { content: ContentId(3), bytes, message_id: "".into(), made: Made::Preloaded };
        let new = rewrite("x: y\r\n", &old, std::slice::from_ref(&(0..6)), &mut ids, true);
        assert_eq!(&*new.bytes, b"x: y\r\nc: d\r\n\r\nhello");
        let Made::Prepended(ContentId(3), map) = &new.made else { panic!("{:?}", new.made) };
        assert_eq!((map.target_of(0), map.target_of(6), map.source_of(14)), (None, Some(6), Some(14)));
    }
}
