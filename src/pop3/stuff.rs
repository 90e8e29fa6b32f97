//! RFC 1939 section 3, byte-stuffing: a line of a letter that begins with a dot gets another one in front, so that a
//! line of one dot can end the answer.

use crate::engine::SpanMap;

/// How long a letter is on the wire without the dots: RETR's "octets". The answer ends with a line end even if the
/// letter does not.
pub fn octets(letter: &[u8]) -> u64 {
    letter.len() as u64 + if needs_end(letter) { 2 } else { 0 }
}

fn needs_end(letter: &[u8]) -> bool {
    !letter.is_empty() && !letter.ends_with(b"\r\n")
}

/// Where lines begin.
fn line_starts(text: &[u8]) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(memchr::memmem::find_iter(text, b"\r\n").map(|at| at + 2))
}

/// A letter as it is sent, with the line of one dot behind it, and stream <- letter; the first byte will stand at
/// `base` of the stream.
pub(super) fn stuff(letter: &[u8], base: u64) -> (Vec<u8>, SpanMap) {
    let (mut out, mut map, mut from) = (Vec::with_capacity(letter.len() + 8), SpanMap::new(), 0);
    let dots = line_starts(letter).filter(|at| letter.get(*at) == Some(&b'.'));
    for dot in dots.chain([letter.len()]) {
        map.push(base + out.len() as u64, (dot - from) as u64, from as u64);
        out.extend_from_slice(&letter[from..dot]);
        if dot < letter.len() {
            out.push(b'.');
        }
        from = dot;
    }
    if needs_end(letter) {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    (out, map)
}

/// The letter in `data`, which end with the line of one dot and began at `base` of the stream, and letter <- stream.
pub(super) fn unstuff(data: &[u8], base: u64) -> (Vec<u8>, SpanMap) {
    let data = data.strip_suffix(b".\r\n").unwrap_or(data);
    let (mut out, mut map, mut from) = (Vec::with_capacity(data.len()), SpanMap::new(), 0);
    let dots = line_starts(data).filter(|at| data.get(*at) == Some(&b'.'));
    for dot in dots.chain([data.len()]) {
        map.push(out.len() as u64, (dot - from) as u64, base + from as u64);
        out.extend_from_slice(&data[from..dot]);
        from = (dot + 1).min(data.len());
    }
    (out, map)
}

/// TOP: the header, the blank line, and the first `lines` lines of the body (RFC 1939 section 7).
pub(super) fn top(letter: &[u8], lines: u32) -> &[u8] {
    let body = match letter.starts_with(b"\r\n") {
        true => 2,
        false => memchr::memmem::find(letter, b"\r\n\r\n").map_or(letter.len(), |at| at + 4),
    };
    let ends = line_starts(&letter[body..]).nth(lines as usize);
    &letter[..ends.map_or(letter.len(), |end| body + end)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dots_are_doubled_at_the_start_of_lines_only() {
        let (wire, map) = stuff(b".a\r\nb.\r\n.\r\n..c", 100);
        assert_eq!(wire, b"..a\r\nb.\r\n..\r\n...c\r\n.\r\n");
        assert_eq!((map.source_of(100), map.source_of(101), map.source_of(110)), (None, Some(0), Some(8)));
        assert_eq!(stuff(b"", 0).0, b".\r\n");
        assert_eq!((octets(b""), octets(b"a"), octets(b"a\r\n")), (0, 3, 3));
    }

    #[test]
    fn top_has_the_header_and_so_many_lines() {
        let letter = b"A: b\r\n\r\none\r\ntwo\r\n";
        assert_eq!(top(letter, 0), b"A: b\r\n\r\n");
        assert_eq!(top(letter, 1), b"A: b\r\n\r\none\r\n");
        assert_eq!(top(letter, 99), letter);
        assert_eq!(top(b"A: b\r\n", 1), b"A: b\r\n");
        assert_eq!(top(b"\r\none\r\n", 0), b"\r\n");
    }

    proptest! {
        #[test]
        fn what_was_stuffed_comes_back_with_its_place(letter in "[.a\r\n]{0,40}", base in 0u64..1000) {
            let (wire, there) = stuff(letter.as_bytes(), base);
            let (back, from) = unstuff(&wire, base);
            prop_assert_eq!(&back[..letter.len()], letter.as_bytes());
            prop_assert_eq!(back.len() as u64, octets(letter.as_bytes()));
            for at in 0..letter.len() as u64 {
                let place = from.source_of(at).unwrap();
                prop_assert_eq!(wire[(place - base) as usize], letter.as_bytes()[at as usize]);
                prop_assert_eq!(there.source_of(place), Some(at));
            }
        }
    }
}
