//! A letter with bytes above 127 for a way that takes none (RFC 6152 section 3): its parts are encoded anew.
//!
//! Only what must change does: the body of each part that has such bytes, and its Content-Transfer-Encoding field. A
//! multipart around it says `7bit` if it said `8bit` (RFC 2045 section 6.4: a multipart is never encoded itself).

use std::ops::Range;

use encodify::{base64, qp};
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::read::{body_start, header_end, header_fields};
use crate::engine::SpanMap;

/// A letter of which parts are encoded anew, and where its bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reencoded {
    /// The letter.
    pub bytes: Vec<u8>,
    /// new <- old; what was encoded is new.
    pub map: SpanMap,
}

/// Encodes what is above 127 in a letter's parts. Nothing, if that cannot be done: a header field has such bytes
/// (SMTPUTF8 says that, not MIME), or they stand in a part that must not be touched, because it is signed (RFC 1847),
/// or outside of all parts.
pub fn to_seven_bit(letter: &[u8]) -> Option<Reencoded> {
    let mut edits = Vec::new();
    let message = MessageParser::default().parse(letter)?;
    walk(letter, &message, 0, &mut edits)?;
    edited(letter, edits).filter(|new| new.bytes.is_ascii())
}

/// The letter with these ranges of it, which do not overlap, written anew.
pub(super) fn edited(letter: &[u8], mut edits: Vec<(Range<usize>, Vec<u8>)>) -> Option<Reencoded> {
    edits.sort_by_key(|(range, _)| range.start);
    let (mut bytes, mut map, mut at) = (Vec::with_capacity(letter.len() * 5 / 4), SpanMap::new(), 0);
    for (range, new) in edits {
        let kept = letter.get(at..range.start)?;
        map.push(bytes.len() as u64, kept.len() as u64, at as u64);
        bytes.extend_from_slice(kept);
        bytes.extend(new);
        at = range.end;
    }
    map.push(bytes.len() as u64, (letter.len() - at) as u64, at as u64);
    bytes.extend_from_slice(&letter[at..]);
    Some(Reencoded { bytes, map })
}

/// The edits of part `number` and all in it.
fn walk(letter: &[u8], message: &Message<'_>, number: usize, edits: &mut Vec<(Range<usize>, Vec<u8>)>) -> Option<()> {
    let part = message.parts.get(number)?;
    let body = raw_body(letter, part);
    if letter.get(body.clone())?.is_ascii() {
        return Some(());
    }
    match &part.body {
        PartType::Multipart(_) if is_signed(part) => None,
        PartType::Multipart(parts) => {
            edits.extend(encoding_field(letter, part, "7bit"));
            parts.iter().try_for_each(|p| walk(letter, message, *p as usize, edits))
        }
        // A message in a message is a letter of its own (RFC 2046 section 5.2.1: never encoded as a whole).
        PartType::Message(_) => {
            edits.extend(encoding_field(letter, part, "7bit"));
            let inner = to_seven_bit(&letter[body.clone()])?;
            edits.push((body, inner.bytes));
            Some(())
        }
        kind => {
            let text = matches!(kind, PartType::Text(_) | PartType::Html(_));
            let raw = &letter[body.clone()];
            let (encoding, encoded) = encoded(raw, text);
            edits.extend(encoding_field(letter, part, encoding));
            edits.push((body, encoded));
            Some(())
        }
    }
}

/// Whether a multipart must not be touched (RFC 1847 section 2.1).
pub(super) fn is_signed(part: &MessagePart<'_>) -> bool {
    part.content_type().and_then(|t| t.subtype()).is_some_and(|sub| sub.eq_ignore_ascii_case("signed"))
}

/// Text of which most can be read becomes quoted-printable, everything else base64.
fn encoded(raw: &[u8], text: bool) -> (&'static str, Vec<u8>) {
    if text && reads_as_quoted_printable(raw) {
        return ("quoted-printable", qp::BODY.encode(raw).into_bytes());
    }
    // The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1); that of the last line of a letter
    // of one part stays.
    let mut lines = in_base64(raw);
    if raw.ends_with(b"\r\n") {
        lines.push_str("\r\n");
    }
    ("base64", lines.into_bytes())
}

/// Lines of 76 characters, without an end of the last one.
pub(super) fn in_base64(bytes: &[u8]) -> String {
    let mut lines = base64::MIME.encode(bytes);
    lines.truncate(lines.trim_end().len());
    lines
}

/// RFC 2045 section 6.7: quoted-printable is for what "largely consists of octets that correspond to printable
/// characters in the US-ASCII character set", so that it can be read without decoding.
pub(super) fn reads_as_quoted_printable(text: &[u8]) -> bool {
    // A character beyond ASCII has one byte that is no continuation of another.
    let beyond = text.iter().filter(|b| **b >= 0xc0).count();
    let plain = text.iter().filter(|b| b.is_ascii()).count();
    beyond <= plain
}

/// The edit that makes a part say how it is encoded.
pub(super) fn encoding_field(letter: &[u8], part: &MessagePart<'_>, encoding: &str) -> Option<(Range<usize>, Vec<u8>)> {
    const NAME: &str = "Content-Transfer-Encoding";
    let start = part.raw_header_offset() as usize;
    let body = raw_body(letter, part).start;
    let header = letter.get(start..body)?;
    let field = header_fields(header).into_iter().find(|(name, _)| name.eq_ignore_ascii_case(NAME));
    let line = format!("{NAME}: {encoding}\r\n").into_bytes();
    match field {
        Some((_, range)) => Some((start + range.start..start + range.end, line)),
        // A multipart that says nothing is of seven bits already.
        None if encoding == "7bit" => None,
        None => {
            let end = start + header_end(header).min(body_start(header));
            Some((end..end, line))
        }
    }
}

pub(super) fn raw_body(letter: &[u8], part: &MessagePart<'_>) -> Range<usize> {
    let end = (part.raw_end_offset() as usize).min(letter.len());
    (part.raw_body_offset() as usize).min(end)..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seven(letter: &str) -> String {
        let Reencoded { bytes, map } = to_seven_bit(letter.replace('\n', "\r\n").as_bytes()).expect("it can be done");
        for piece in map.pieces() {
            let (at, from, len) = (piece.at as usize, piece.from as usize, piece.len as usize);
            assert_eq!(bytes[at..at + len], letter.replace('\n', "\r\n").as_bytes()[from..from + len]);
        }
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }

    #[test]
    fn a_text_of_one_part_becomes_quoted_printable_and_nothing_else_changes() {
        let letter = "Subject: x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\nX-Y: z\n\n\
                      Grüße\nhello = x\n";
        assert_eq!(
            seven(letter),
            "Subject: x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\
             X-Y: z\n\nGr=C3=BC=C3=9Fe\nhello =3D x\n"
        );
    }

    #[test]
    fn each_part_is_encoded_by_itself_and_the_multipart_says_seven_bits() {
        let letter = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n\
                      --b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nKöln\n--b\n\
                      Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n日本語\n--b\n\
                      Content-Type: text/plain\n\nplain\n--b--\n";
        let new = seven(letter);
        assert_eq!(
            new,
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 7bit\n\n\
             --b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nK=C3=B6ln\n--b\n\
             Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n5pel5pys6Kqe\n--b\n\
             Content-Type: text/plain\n\nplain\n--b--\n"
        );
        let text = |letter: &str, n: usize| {
            let message = MessageParser::default().parse(letter.as_bytes()).unwrap();
            message.body_text(n).unwrap().into_owned()
        };
        assert_eq!([text(&new, 0).trim_end(), text(&new, 1).trim_end()], ["Köln", "日本語"]);
    }

    #[test]
    fn a_message_in_a_message_is_encoded_inside() {
        let letter = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n\
                      Subject: in\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nKöln\n\
                      --b--\n";
        let new = seven(letter);
        assert!(new.contains("Subject: in\n") && new.contains("quoted-printable\n\nK=C3=B6ln\n--b--"), "{new}");
    }

    #[test]
    fn what_must_not_be_touched_is_left() {
        let none = |letter: &str| assert_eq!(to_seven_bit(letter.replace('\n', "\r\n").as_bytes()), None, "{letter}");
        none("Subject: Grüße\n\nhello\n");
        none(
            "Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha1\n\n\
             --b\nContent-Type: text/plain\n\nKöln\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n",
        );
        let plain = b"Subject: x\r\n\r\nhello\r\n";
        assert_eq!(to_seven_bit(plain).unwrap().bytes, plain);
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_out_has_seven_bits(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let letter = [&b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"[..], &bytes].concat();
            if let Some(new) = to_seven_bit(&letter) {
                proptest::prop_assert!(new.bytes.is_ascii());
            }
        }
    }
}
