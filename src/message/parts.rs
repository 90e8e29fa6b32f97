//! The parts of a letter as MIME cuts it (RFC 2046, section 5.1): each with its type, its encoding, and where its bytes
//! stand.

use std::ops::Range;

use mail_parser::{MessageParser, MimeHeaders, PartType};

use super::read::header_end;

/// A part that holds content: text, a picture, a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MimePart {
    /// `image/bmp`; `text/plain` if it says none, as RFC 2045, section 5.2, has it.
    pub kind: String,
    /// `base64`; `7bit` if it says none (RFC 2045, section 6.1).
    pub encoding: String,
    /// Its own header and its body, as they stand in the letter.
    pub range: Range<usize>,
    /// Its body.
    pub body: Range<usize>,
}

impl MimePart {
    /// `image/bmp, base64, 2,738 bytes`: the bytes of its body as they are sent.
    pub fn told(&self) -> String {
        format!("{}, {}, {} bytes", self.kind, self.encoding, crate::time::grouped(self.body.len() as u64))
    }
}

/// The parts of a multipart letter in order; none if it is one text. Any bytes give something.
pub fn mime_parts(letter: &[u8]) -> Vec<MimePart> {
    // Most letters are one text: nothing to cut.
    let header = letter[..header_end(letter)].to_ascii_lowercase();
    if memchr::memmem::find(&header, b"multipart/").is_none() {
        return Vec::new();
    }
    let Some(message) = MessageParser::default().parse(letter) else { return Vec::new() };
    let leaf = |part: &&mail_parser::MessagePart<'_>| !matches!(part.body, PartType::Multipart(_));
    let cut = |part: &mail_parser::MessagePart<'_>| {
        let kind = part.content_type().map(|t| match t.subtype() {
            Some(subtype) => format!("{}/{subtype}", t.ctype()),
            None => t.ctype().to_owned(),
        });
        let end = (part.offset_end as usize).min(letter.len());
        let body = (part.offset_body as usize).min(end);
        let start = (part.offset_header as usize).min(body);
        MimePart {
            kind: kind.unwrap_or_else(|| "text/plain".to_owned()),
            encoding: part.content_transfer_encoding().unwrap_or("7bit").to_lowercase(),
            range: start..end,
            body: body..end,
        }
    };
    message.parts.iter().filter(leaf).map(cut).collect()
}

/// What a part holds without its transfer encoding (RFC 2045, section 6); a text as UTF-8.
pub fn decoded(letter: &[u8], part: &MimePart) -> Vec<u8> {
    let Some(message) = MessageParser::default().parse(letter) else { return Vec::new() };
    let found = message.parts.iter().find(|p| p.offset_body as usize == part.body.start);
    found.map_or_else(Vec::new, |p| p.contents().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &[u8] = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\
        Content-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: image/bmp\r\n\
        Content-Transfer-Encoding: BASE64\r\n\r\nAAEC\r\nAwQF\r\n--b\r\n\r\nbare\r\n--b--\r\n";

    #[test]
    fn each_part_has_its_type_its_encoding_and_its_bytes() {
        let parts = mime_parts(LETTER);
        let text = |r: &Range<usize>| std::str::from_utf8(&LETTER[r.clone()]).unwrap().trim_end().to_owned();
        let told: Vec<_> = parts.iter().map(|p| (p.kind.as_str(), p.encoding.as_str(), text(&p.body))).collect();
        assert_eq!(
            told,
            [
                ("text/plain", "7bit", "hello".to_owned()),
                ("image/bmp", "base64", "AAEC\r\nAwQF".to_owned()),
                ("text/plain", "7bit", "bare".to_owned())
            ]
        );
        assert!(text(&parts[1].range).starts_with("Content-Type: image/bmp"));
        assert_eq!(parts.iter().map(|p| decoded(LETTER, p)).nth(1), Some(vec![0, 1, 2, 3, 4, 5]));
        assert!(parts.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start), "none lies in another");
    }

    #[test]
    fn a_letter_of_one_text_has_no_parts_and_any_bytes_give_something() {
        assert_eq!(mime_parts(b"Subject: x\r\n\r\nhello"), []);
        for cut in 0..LETTER.len() {
            for part in mime_parts(&LETTER[..cut]) {
                assert!(part.range.start <= part.body.start && part.body.end <= cut);
            }
        }
        mime_parts(b"Content-Type: multipart/\xff;\r\n\r\n--\r\n");
    }
}
