//! A letter with a binary part (RFC 2045 section 2.9) for a way that takes lines only: the part becomes base64
//! (RFC 3030 section 3: who cannot send it on as it is must "convert" it, or return it).
//!
//! A mailbox is such a way too: RFC 3501 section 4.3.1 forbids a server to say a NUL ("implementations MUST encode
//! binary data into a textual form, such as BASE64"), and POP3 says letters line by line.

use std::ops::Range;

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::read::{header as header_value, header_count};
use super::reencode::{Reencoded, edited, encoding_field, in_base64, is_signed, raw_body};

/// Longest line of text without its CR LF (RFC 5321 section 4.5.3.1.6).
const LONGEST_LINE: usize = 998;

/// Encodes the binary parts of a letter; what is text stays as it is, though it may be in eight bits. Nothing, if that
/// cannot be done: a part that is signed would change (RFC 1847), or what is no line stands in a header, outside of all
/// parts, or in a part that is said to be encoded already.
pub fn without_binary(letter: &[u8]) -> Option<Reencoded> {
    let mut edits = Vec::new();
    let message = MessageParser::default().parse(letter)?;
    walk(letter, &message, 0, &mut edits)?;
    let new = edited(letter, edits)?;
    are_lines(&new.bytes).then_some(new)
}

/// Whether this is lines as SMTP's DATA can carry them, the last one perhaps without its end.
fn are_lines(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        let end = memchr::memmem::find(rest, b"\r\n");
        let line = &rest[..end.unwrap_or(rest.len())];
        if line.len() > LONGEST_LINE || line.iter().any(|b| matches!(b, 0 | b'\r' | b'\n')) {
            return false;
        }
        let Some(end) = end else { return true };
        rest = &rest[end + 2..];
    }
}

/// The edits of part `number` and all in it; says whether bytes above 127 stay.
fn walk(letter: &[u8], message: &Message<'_>, number: usize, edits: &mut Vec<(Range<usize>, Vec<u8>)>) -> Option<bool> {
    let part = message.parts.get(number)?;
    let body = raw_body(letter, part);
    let raw = letter.get(body.clone())?;
    let said = encoding(letter, part)?;
    let said_binary = said == "binary";
    let encoded = matches!(said.as_str(), "base64" | "quoted-printable");
    match &part.body {
        PartType::Multipart(_) if is_signed(part) => (!said_binary && are_lines(raw)).then(|| !raw.is_ascii()),
        PartType::Multipart(parts) => {
            let mut eight = false;
            for inner in parts {
                eight |= walk(letter, message, *inner as usize, edits)?;
            }
            say_bits(letter, part, said_binary, eight, edits);
            Some(eight)
        }
        // A message in a message is a letter of its own (RFC 2046 section 5.2.1: never encoded as a whole).
        PartType::Message(_) if !encoded => {
            let inner = without_binary(raw)?;
            let eight = !inner.bytes.is_ascii();
            say_bits(letter, part, said_binary, eight, edits);
            edits.push((body, inner.bytes));
            Some(eight)
        }
        _ if are_lines(raw) => {
            let eight = !raw.is_ascii();
            say_bits(letter, part, said_binary, eight, edits);
            Some(eight)
        }
        // A message that is too broken to be read as one is not encoded either.
        _ if encoded || part.content_type().is_some_and(|t| t.ctype().eq_ignore_ascii_case("message")) => None,
        _ => {
            edits.extend(encoding_field(letter, part, "base64"));
            let mut lines = in_base64(raw).into_bytes();
            // The line end in front of a boundary belongs to the boundary; a letter ends with one.
            if body.end == letter.len() {
                lines.extend_from_slice(b"\r\n");
            }
            edits.push((body, lines));
            Some(false)
        }
    }
}

/// What a part says of its encoding, in small letters; `None` if it says it more than once, for who knows what counts then.
fn encoding(letter: &[u8], part: &MessagePart<'_>) -> Option<String> {
    const NAME: &str = "Content-Transfer-Encoding";
    let header = letter.get(part.raw_header_offset() as usize..raw_body(letter, part).start)?;
    let value = header_value(header, NAME, 0).unwrap_or_default().to_ascii_lowercase();
    let word = value.split(|c: char| c.is_ascii_whitespace() || "(;".contains(c)).find(|word| !word.is_empty());
    (header_count(header, NAME) <= 1).then(|| word.unwrap_or_default().to_owned())
}

/// Makes a part that was said to be binary say what it is.
fn say_bits(
    letter: &[u8],
    part: &MessagePart<'_>,
    said_binary: bool,
    eight: bool,
    edits: &mut Vec<(Range<usize>, Vec<u8>)>,
) {
    if said_binary {
        edits.extend(encoding_field(letter, part, if eight { "8bit" } else { "7bit" }));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::message::{Attachment, Draft, Stamp, compose, to_seven_bit};

    /// A letter as a user agent writes it, with a file of every byte and a text with umlauts.
    fn letter(file: &[u8]) -> Vec<u8> {
        let name = "photo.bmp".to_owned();
        let draft = Draft {
            from: "alice@a.example".into(),
            to: vec!["bob@b.example".into()],
            subject: "photo".into(),
            text: "Grüße\nAlice\n".into(),
            attachments: vec![Attachment { name, content_type: "image/bmp".into(), bytes: Arc::from(file) }],
            eight_bit: true,
            binary: true,
            ..Draft::default()
        };
        let stamp = Stamp { unix_seconds: 0, message_id: "1@a.example".into(), boundary: "=_1_b".into() };
        compose(&draft, &stamp).bytes.to_vec()
    }

    fn file_of(letter: &[u8]) -> Vec<u8> {
        let message = MessageParser::default().parse(letter).unwrap();
        message.attachment(0).unwrap().contents().to_vec()
    }

    #[test]
    fn a_file_goes_as_it_is_and_comes_out_of_base64_the_same() {
        let every: Vec<u8> = (0..=255).chain([b'\r', b'\n', 0, b'\n', b'.', b'\r']).collect();
        for file in [&every[..], b"\r\n.\r\n", b"\n", b"\r", b"\0", b"\r\n--=_1_", &[b'x'; 2000]] {
            let binary = letter(file);
            assert!(memchr::memmem::find(&binary, file).is_some(), "as it is");
            assert_eq!(file_of(&binary), file);
            let new = without_binary(&binary).unwrap();
            assert_eq!(file_of(&new.bytes), file, "{}", new.bytes.escape_ascii());
            let text = String::from_utf8(new.bytes.clone()).unwrap();
            let said = if are_lines(file) { "7bit" } else { "base64" };
            let field = format!("Content-Transfer-Encoding: {said}\r\n");
            assert!(text.contains(&field) && !text.contains(": binary"), "{text}");
            // The text stays what it was, and the multipart says so.
            assert_eq!(text.matches("Content-Transfer-Encoding: 8bit\r\n").count(), 2, "{text}");
            assert!(text.contains("\r\nGrüße\r\n"), "{text}");
            for piece in new.map.pieces() {
                let (at, from, len) = (piece.at as usize, piece.from as usize, piece.len as usize);
                assert_eq!(new.bytes[at..at + len], binary[from..from + len]);
            }
            assert!(to_seven_bit(&new.bytes).unwrap().bytes.is_ascii(), "and then for seven bits");
        }
    }

    #[test]
    fn what_is_binary_by_name_only_is_called_what_it_is() {
        let letter = "Content-Type: text/plain\r\nContent-Transfer-Encoding: BINARY\r\n\r\nhello\r\n";
        let new = without_binary(letter.as_bytes()).unwrap();
        assert_eq!(new.bytes, letter.replace("BINARY", "7bit").as_bytes());
        let plain = b"Subject: x\r\n\r\nhello\r\n";
        assert_eq!(without_binary(plain).unwrap().bytes, plain);
    }

    #[test]
    fn a_letter_of_one_binary_part_is_encoded_whole() {
        let letter =
            b"Subject: x\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\na\nb";
        let new = without_binary(letter).unwrap().bytes;
        assert!(new.ends_with(b"Content-Transfer-Encoding: base64\r\n\r\nYQpi\r\n"), "{}", new.escape_ascii());
    }

    #[test]
    fn a_message_in_a_message_is_encoded_inside() {
        let inner =
            "Subject: in\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n\0";
        let letter = format!(
            "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: binary\r\n\r\n--b\r\n\
             Content-Type: message/rfc822\r\nContent-Transfer-Encoding: binary\r\n\r\n{inner}\r\n--b--\r\n"
        );
        let new = String::from_utf8(without_binary(letter.as_bytes()).unwrap().bytes).unwrap();
        assert!(new.contains("Subject: in\r\n") && new.contains("base64\r\n\r\nAA==\r\n"), "{new}");
        assert_eq!(new.matches("Encoding: 7bit").count(), 2, "{new}");
    }

    #[test]
    fn what_must_not_be_touched_is_left() {
        let none = |letter: &[u8]| assert_eq!(without_binary(letter), None, "{}", letter.escape_ascii());
        none(b"Subject: x\0\r\n\r\nhello\r\n");
        none(b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\r\n");
        none(b"Content-Transfer-Encoding: base64\r\n\r\nYQpi\nYQpi\r\n");
        none(
            b"Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha1\r\n\r\n\
              --b\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\r\n--b\r\n\r\nx\r\n--b--\r\n",
        );
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_out_is_lines(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let head = &b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: binary\r\n\r\n"[..];
            if let Some(new) = without_binary(&[head, &bytes].concat()) {
                proptest::prop_assert!(are_lines(&new.bytes));
            }
        }
    }
}
