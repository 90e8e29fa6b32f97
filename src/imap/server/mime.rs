//! RFC 2046 section 5.1: where the parts of a letter stand. Only places and types: what a part says is `message`'s.

use std::ops::Range;

use crate::message::{body_start, header_fields};

/// Parts nested deeper than this are taken as they are; clients read no deeper either.
const DEEPEST: usize = 6;
/// Parts of one multipart beyond this many belong to the last one.
const MOST: usize = 256;

/// A letter or a part of one.
#[derive(Clone, Debug)]
pub(super) struct Entity {
    /// With the empty line behind it.
    pub header: Range<usize>,
    /// The rest.
    pub body: Range<usize>,
    /// `TEXT`, `PLAIN` in capitals.
    pub media: (String, String),
    /// Of Content-Type.
    pub parameters: Vec<(String, String)>,
    /// What the body is.
    pub kind: Kind,
}

/// What a body is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Not divided.
    Single,
    /// Divided into parts; at least one.
    Multi(Vec<Entity>),
    /// A letter.
    Message(Box<Entity>),
}

impl Entity {
    /// Reads a whole letter.
    pub fn read(letter: &[u8]) -> Entity {
        Entity::at(letter, 0..letter.len(), ("TEXT", "PLAIN"), DEEPEST)
    }

    fn at(letter: &[u8], range: Range<usize>, default: (&str, &str), depth: usize) -> Entity {
        let body = range.start + body_start(&letter[range.clone()]);
        let (header, body) = (range.start..body, body..range.end);
        let value = field(&letter[header.clone()], "Content-Type");
        let typed = value.as_deref().and_then(typed);
        let (media, parameters) = typed.unwrap_or_else(|| ((default.0.to_string(), default.1.to_string()), Vec::new()));
        let mut kind = Kind::Single;
        if depth > 0 && media.0 == "MULTIPART" {
            let default = if media.1 == "DIGEST" { ("MESSAGE", "RFC822") } else { ("TEXT", "PLAIN") };
            let boundary = parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case("boundary"));
            let places = boundary.map_or_else(Vec::new, |(_, b)| split(letter, body.clone(), b.as_bytes()));
            if !places.is_empty() {
                let parts = places.into_iter().map(|place| Entity::at(letter, place, default, depth - 1));
                kind = Kind::Multi(parts.collect());
            }
        } else if depth > 0 && media == ("MESSAGE".to_string(), "RFC822".to_string()) {
            kind = Kind::Message(Box::new(Entity::at(letter, body.clone(), ("TEXT", "PLAIN"), depth - 1)));
        }
        Entity { header, body, media, parameters, kind }
    }
}

/// The fields of a header, also of one that the letter ends with: the empty line may be missing.
pub(super) fn fields(header: &[u8]) -> Vec<(String, Range<usize>)> {
    if header.ends_with(b"\r\n\r\n") || header == b"\r\n" {
        return header_fields(header);
    }
    let mut whole = header.to_vec();
    whole.extend_from_slice(b"\r\n\r\n");
    let fields = header_fields(&whole).into_iter();
    fields.map(|(name, range)| (name, range.start..range.end.min(header.len()))).filter(|f| !f.1.is_empty()).collect()
}

/// The first field of that name, unfolded, as bytes.
pub(super) fn field(header: &[u8], name: &str) -> Option<Vec<u8>> {
    let (_, range) = fields(header).into_iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
    let line = &header[range];
    let value = &line[memchr::memchr(b':', line)? + 1..];
    let value: Vec<u8> = value.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n' | 0)).collect();
    Some(value.trim_ascii().to_vec())
}

/// Places between the lines `--boundary`; the CRLF before such a line belongs to the line.
fn split(letter: &[u8], body: Range<usize>, boundary: &[u8]) -> Vec<Range<usize>> {
    let (mut parts, mut open, mut at) = (Vec::new(), None, body.start);
    while at < body.end {
        let next = memchr::memchr(b'\n', &letter[at..body.end]).map_or(body.end, |n| at + n + 1);
        let line = letter[at..next].trim_ascii_end();
        let delimiter = line.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary));
        if let Some(rest @ (b"" | b"--")) = delimiter {
            if let Some(start) = open.take() {
                let text = &letter[start..at];
                let end = at - if text.ends_with(b"\r\n") { 2 } else { usize::from(text.ends_with(b"\n")) };
                parts.push(start..end);
            }
            if rest == b"--" || parts.len() >= MOST {
                return parts;
            }
            open = Some(next);
        }
        at = next;
    }
    parts.extend(open.map(|start| start..body.end));
    parts
}

type Typed = ((String, String), Vec<(String, String)>);

/// `text/plain; charset="utf-8"`.
fn typed(value: &[u8]) -> Option<Typed> {
    let (head, parameters) = with_parameters(value);
    let (main, sub) = head.split_once('/')?;
    let (main, sub) = (main.trim().to_ascii_uppercase(), sub.trim().to_ascii_uppercase());
    (!main.is_empty() && !sub.is_empty()).then_some(((main, sub), parameters))
}

/// A value and the parameters behind it (RFC 2045 section 5.1), in their order.
pub(super) fn with_parameters(value: &[u8]) -> (String, Vec<(String, String)>) {
    let mut items = vec![Vec::new()];
    let (mut quoted, mut escaped) = (false, false);
    // Quotes go, escaped characters stay, and a `;` in a quoted string divides nothing.
    for &byte in value {
        let item = items.last_mut().expect("there is always a last item");
        match byte {
            _ if escaped => {
                item.push(byte);
                escaped = false;
            }
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => items.push(Vec::new()),
            _ => item.push(byte),
        }
    }
    let mut items = items.into_iter().map(|item| String::from_utf8_lossy(&item).trim().to_string());
    let head = items.next().unwrap_or_default();
    let parameters = items.filter_map(|item| {
        let (name, value) = item.split_once('=')?;
        Some((name.trim().to_string(), value.trim().to_string()))
    });
    (head, parameters.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_in_quotes_and_a_missing_end_are_understood() {
        let letter = b"Content-Type: multipart/mixed;\r\n boundary=\"a;b\"\r\n\r\n--a;b\r\n\r\none\r\n--a;b\r\n\r\ntwo";
        let Kind::Multi(parts) = Entity::read(letter).kind else { panic!() };
        let texts: Vec<&[u8]> = parts.iter().map(|p| &letter[p.body.clone()]).collect();
        assert_eq!(texts, [&b"one"[..], b"two"]);
    }

    #[test]
    fn letters_in_letters_end_somewhere() {
        let letter = "Content-Type: message/rfc822\r\n\r\n".repeat(100);
        let (mut entity, mut depth) = (Entity::read(letter.as_bytes()), 0);
        while let Kind::Message(inner) = entity.kind {
            (entity, depth) = (*inner, depth + 1);
        }
        assert_eq!(depth, DEEPEST);
    }
}
