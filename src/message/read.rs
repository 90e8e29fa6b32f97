//! Reading a letter: header fields where they stand, and what a mail program shows.

use std::ops::Range;

use mail_parser::{MessageParser, MimeHeaders};

use crate::engine::SpanMap;

/// Offset of the first byte of the body: behind the first empty line.
pub fn body_start(letter: &[u8]) -> usize {
    if letter.starts_with(b"\r\n") {
        return 2;
    }
    memchr::memmem::find(letter, b"\r\n\r\n").map_or(letter.len(), |at| at + 4)
}

/// Offset behind the last header field: before the empty line, or at the end if there is none.
pub fn header_end(letter: &[u8]) -> usize {
    let start = body_start(letter);
    let empty_line = letter[..start].ends_with(b"\r\n\r\n") || letter.starts_with(b"\r\n");
    if empty_line { start - 2 } else { start }
}

/// The header fields in order: name and range of the whole field, folded lines and last CRLF included.
pub fn header_fields(letter: &[u8]) -> Vec<(String, Range<usize>)> {
    let name =
        |range: &Range<usize>| String::from_utf8_lossy(name_of(&letter[range.clone()]).trim_ascii()).into_owned();
    ranges(letter).map(|range| (name(&range), range)).collect()
}

/// Where the fields stand, up to the empty line.
fn ranges(letter: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let is_over = |at: usize| letter[at..].starts_with(b"\r\n") && (at == 0 || letter[..at].ends_with(b"\r\n"));
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        if is_over(start) {
            return None;
        }
        let mut ends = memchr::memchr_iter(b'\n', &letter[start..]).map(|n| start + n + 1);
        at = ends.find(|end| !matches!(letter.get(*end), Some(b' ' | b'\t'))).unwrap_or(letter.len());
        (start < at).then_some(start..at)
    })
}

/// The name of a field as it stands there.
fn name_of(field: &[u8]) -> &[u8] {
    field.split(|b| matches!(b, b':' | b'\n')).next().unwrap_or_default()
}

/// Where the fields of that name stand.
fn named(letter: &[u8], name: &str) -> impl Iterator<Item = Range<usize>> {
    // Most fields are another one by their first letter.
    let first = name.as_bytes().first().copied().unwrap_or_default();
    let may_be = move |field: &[u8]| field.trim_ascii_start().first().is_some_and(|b| b.eq_ignore_ascii_case(&first));
    let is_it = move |field: &[u8]| may_be(field) && name_of(field).trim_ascii().eq_ignore_ascii_case(name.as_bytes());
    ranges(letter).filter(move |range| is_it(&letter[range.clone()]))
}

/// The value of the `k`-th field (from 0) of that name, unfolded.
pub fn header(letter: &[u8], name: &str, k: usize) -> Option<String> {
    let field = &letter[named(letter, name).nth(k)?];
    let colon = memchr::memchr(b':', field)?;
    let value = String::from_utf8_lossy(&field[colon + 1..]);
    let value = value.trim();
    // Nearly all fields are one line: nothing to unfold.
    let folded = memchr::memchr(b'\r', value.as_bytes()).is_some();
    Some(if folded { value.replace("\r\n", "") } else { value.to_string() })
}

/// How many fields of that name there are.
pub fn header_count(letter: &[u8], name: &str) -> usize {
    named(letter, name).count()
}

/// The addresses in From, of a field as `mail-parser` reads it; an author without one gives an empty text.
pub fn authors(letter: &[u8]) -> Vec<String> {
    let header = &letter[..body_start(letter)];
    let Some(message) = MessageParser::new().with_address_headers().parse_headers(header) else { return Vec::new() };
    let addresses = message.from().into_iter().flat_map(mail_parser::Address::iter);
    addresses.map(|a| a.address.as_deref().unwrap_or_default().to_owned()).collect()
}

/// What a mail program shows of a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// From, as it stands there: nobody has checked it.
    pub from: String,
    /// Subject, decoded.
    pub subject: String,
    /// The text, decoded, lines ending with LF.
    pub text: String,
    /// text <- letter. Empty where the text had to be decoded.
    pub map: SpanMap,
    /// Names and sizes of the files in it.
    pub files: Vec<(String, usize)>,
}

/// Reads a letter as a mail program does. Any bytes give something.
pub fn show(letter: &[u8]) -> Screen {
    let Some(message) = MessageParser::default().parse(letter) else {
        return Screen { text: String::from_utf8_lossy(letter).into_owned(), ..Screen::default() };
    };
    let raw = message.body_text(0).unwrap_or_default();
    let text = raw.replace("\r\n", "\n");
    let files =
        message.attachments().map(|a| (a.attachment_name().unwrap_or("unnamed").to_string(), a.len())).collect();
    Screen {
        from: header(letter, "From", 0).unwrap_or_default(),
        subject: message.subject().unwrap_or_default().to_string(),
        map: text_map(letter, raw.as_bytes()),
        text,
        files,
    }
}

/// Where the shown text stands in the letter, if it stands there as it is shown.
fn text_map(letter: &[u8], raw: &[u8]) -> SpanMap {
    let mut map = SpanMap::new();
    let body = body_start(letter);
    let Some(start) = memchr::memmem::find(&letter[body..], raw).map(|at| (body + at) as u64) else { return map };
    let (mut at, mut from) = (0, start);
    for line in raw.split_inclusive(|b| *b == b'\n') {
        let length = line.len() as u64;
        if line.ends_with(b"\r\n") {
            map.push(at, length - 2, from);
            map.push(at + length - 2, 1, from + length - 1);
            at += length - 1;
        } else {
            map.push(at, length, from);
            at += length;
        }
        from += length;
    }
    map
}
