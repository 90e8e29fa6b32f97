//! HTTP/1.1 (RFC 9112): heads line by line, and bodies.

use super::cut::{Cut, bare, field, lines as lines_of, text};
use super::flow::{Kind, Piece, Place};
use super::{Field, LayerKind, Value};
use crate::topology::Side;

const LAYER: (&str, &str, LayerKind) = ("Hypertext Transfer Protocol", "http", LayerKind::Application);

const FORM: (&str, &str, LayerKind) = ("HTML Form URL Encoded", "urlencoded-form", LayerKind::Application);

/// A field of a head; its name in small letters.
fn value(head: &[u8], name: &str) -> Option<String> {
    lines_of(head).skip(1).map(bare).take_while(|line| !line.is_empty()).find_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        line[..colon]
            .eq_ignore_ascii_case(name.as_bytes())
            .then(|| String::from_utf8_lossy(line[colon + 1..].trim_ascii()).into_owned())
    })
}

/// The media type that a head announces.
pub(super) fn content_type(head: &[u8]) -> Option<String> {
    let kind = value(head, "content-type")?;
    Some(kind.split(';').next().unwrap_or_default().trim().to_owned())
}

/// Heads and bodies up to `end` of the frame.
pub(super) fn messages(cut: &mut Cut<'_>, end: usize, side: Side, pieces: &[Piece], place: Option<&Place<'_>>) {
    let mut fields = Vec::new();
    let mut at = cut.at;
    // What the last head says of the body behind it.
    let (mut chunked, mut form) = (false, None);
    for piece in pieces {
        let until = (at + (piece.range.end - piece.range.start) as usize).min(end);
        if piece.kind == Kind::Lines {
            let begins = piece.range.start == piece.whole.start;
            let line_begins = place.is_none_or(|p| p.is_line_start(piece));
            let bytes = &cut.frame[at..until];
            chunked = value(bytes, "transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked"));
            let is_form = content_type(bytes).is_some_and(|k| k == "application/x-www-form-urlencoded");
            form = is_form.then_some(until);
            head(&mut fields, bytes, at, side, (begins, line_begins));
        } else {
            let length = until - at;
            let total = piece.whole.end - piece.whole.start;
            let from = piece.range.start - piece.whole.start;
            let value = match length as u64 == total {
                true => format!("{length} bytes"),
                false => format!("bytes {} to {} of {total}", from + 1, from + length as u64),
            };
            let whole = length as u64 == total;
            let body = field("http.file_data", "File Data", value, Value::None, at..until);
            fields.push(if chunked && whole { body.with(chunks(cut.frame, at, until)) } else { body });
            form = form.filter(|from| *from == at && whole && !chunked);
        }
        at = until;
    }
    let summary = fields.first().map(Field::to_string).unwrap_or_default();
    // What was filled in is a layer of its own, if it is the last of the frame.
    let form = form.filter(|from| *from < at && at == end);
    let until = form.unwrap_or(end);
    fields.retain(|f: &Field| f.span.end <= until);
    cut.layer(LAYER, until - cut.at, summary, fields);
    if let Some(from) = form {
        let pairs = filled_in(cut.frame, from, end);
        cut.layer(FORM, end - from, format!("{} fields", pairs.len()), pairs);
    }
}

/// The fields of a form, each as it was typed.
fn filled_in(frame: &[u8], from: usize, end: usize) -> Vec<Field> {
    let mut at = from;
    let mut items = Vec::new();
    for item in frame[from..end].split(|b| *b == b'&') {
        let span = at..at + item.len();
        at = span.end + 1;
        let Some((key, typed)) = form_urlencoded::parse(item).next() else { continue };
        let split = span.start + memchr::memchr(b'=', item).unwrap_or(item.len());
        let mut parts = vec![field("urlencoded-form.key", "Key", key.to_string(), Value::None, span.start..split)];
        if split + 1 < span.end {
            let value = field("urlencoded-form.value", "Value", typed.to_string(), Value::None, split + 1..span.end);
            parts.push(value);
        }
        parts.retain(|p| !p.span.is_empty());
        let shown = format!("\"{key}\" = \"{typed}\"");
        items.push(field("urlencoded-form", "Form item", shown, Value::None, span).with(parts));
    }
    items
}

/// The chunks of a body (RFC 9112 section 7.1).
fn chunks(frame: &[u8], from: usize, end: usize) -> Vec<Field> {
    let mut chunks = Vec::new();
    let mut at = from;
    while at < end {
        let Some(line) = memchr::memmem::find(&frame[at..end], b"\r\n") else { break };
        let digits = frame[at..at + line].split(|b| *b == b';').next().unwrap_or_default().trim_ascii();
        let size = std::str::from_utf8(digits).ok().and_then(|d| usize::from_str_radix(d, 16).ok());
        let Some(size) = size else { break };
        let data = at + line + 2;
        let said = format!("{size} octets");
        chunks.push(field("http.chunk_size", "Chunk size", said, Value::Derived(size as u64), at..data));
        let Some(behind) = data.checked_add(size).filter(|behind| size > 0 && behind + 2 <= end) else { break };
        let said = format!("{size} bytes");
        chunks.push(field("http.chunk_data", "Chunk data", said, Value::None, data..behind));
        at = behind + 2;
    }
    chunks
}

/// The lines of a head, or of a part of one; without a record, a body may follow.
fn head(fields: &mut Vec<Field>, bytes: &[u8], start: usize, side: Side, (begins, line_begins): (bool, bool)) {
    let mut at = start;
    for line in lines_of(bytes) {
        let span = at..at + line.len();
        let words = bare(line);
        let first = at == start;
        at = span.end;
        fields.push(match (side, words.is_empty()) {
            (Side::Client, false) if first && begins => start_line(line, span.start, &REQUEST),
            (Side::Server, false) if first && begins => start_line(line, span.start, &RESPONSE),
            (_, true) => field("http", "Empty line", "end of the head".to_string(), Value::None, span),
            (side, false) => header(line, span.start, side, !first || line_begins),
        });
        if words.is_empty() && at < start + bytes.len() {
            let rest = start + bytes.len() - at;
            let said = format!("{rest} bytes");
            fields.push(field("http.file_data", "File Data", said, Value::None, at..at + rest));
            break;
        }
    }
}

/// The three parts of a start line, and its own name.
struct StartLine {
    name: (&'static str, &'static str),
    parts: [(&'static str, &'static str); 3],
}

const REQUEST: StartLine = StartLine {
    name: ("http.request", "Request line"),
    parts: [
        ("http.request.method", "Request Method"),
        ("http.request.uri", "Request URI"),
        ("http.request.version", "Request Version"),
    ],
};

const RESPONSE: StartLine = StartLine {
    name: ("http.response", "Status line"),
    parts: [
        ("http.response.version", "Response Version"),
        ("http.response.code", "Status Code"),
        ("http.response.phrase", "Response Phrase"),
    ],
};

fn start_line(line: &[u8], start: usize, kind: &StartLine) -> Field {
    let words = bare(line);
    let mut at = start;
    let mut parts = Vec::new();
    for (word, (name, label)) in words.splitn(3, |b| *b == b' ').zip(kind.parts) {
        let span = at..at + word.len();
        if word.is_empty() {
            at += 1;
            continue;
        }
        let digits = std::str::from_utf8(word).ok().and_then(|w| w.parse().ok());
        parts.push(match digits.filter(|_| name == "http.response.code") {
            Some(code) => field(name, label, String::from_utf8_lossy(word).into_owned(), Value::Derived(code), span),
            None => text(name, label, word, span),
        });
        at += word.len() + 1;
    }
    let (name, label) = kind.name;
    text(name, label, words, start..start + line.len()).with(parts)
}

fn header(line: &[u8], start: usize, side: Side, begins: bool) -> Field {
    let words = bare(line);
    let name = if side == Side::Client { "http.request.line" } else { "http.response.line" };
    let Some(colon) = memchr::memchr(b':', words).filter(|_| begins) else {
        return text(name, "", words, start..start + line.len());
    };
    let key = String::from_utf8_lossy(&words[..colon]).to_ascii_lowercase();
    let value = words[colon + 1..].trim_ascii();
    let from = start + colon + 1 + words[colon + 1..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    let known = match key.as_str() {
        "host" => Some("http.host"),
        "user-agent" => Some("http.user_agent"),
        "accept" => Some("http.accept"),
        "connection" => Some("http.connection"),
        "date" => Some("http.date"),
        "server" => Some("http.server"),
        "content-type" => Some("http.content_type"),
        "content-length" => Some("http.content_length_header"),
        "content-encoding" => Some("http.content_encoding"),
        "transfer-encoding" => Some("http.transfer_encoding"),
        "cookie" => Some("http.cookie"),
        "set-cookie" => Some("http.set_cookie"),
        "location" => Some("http.location"),
        "last-modified" => Some("http.last_modified"),
        "cache-control" => Some("http.cache_control"),
        _ => None,
    };
    let parts = known
        .filter(|_| !value.is_empty())
        .map(|known| text(known, &String::from_utf8_lossy(&words[..colon]), value, from..from + value.len()));
    text(name, "", words, start..start + line.len()).with(parts.into_iter().collect())
}
