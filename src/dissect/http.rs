//! HTTP/1.1 (RFC 9112): heads line by line, and bodies.

use super::cut::{Cut, bare, field, lines as lines_of, text};
use super::flow::{Kind, Piece, Place};
use super::{Field, LayerKind, Value};
use crate::topology::Side;

const LAYER: (&str, &str, LayerKind) = ("Hypertext Transfer Protocol", "http", LayerKind::Application);

/// Heads and bodies up to `end` of the frame.
pub(super) fn messages(cut: &mut Cut<'_>, end: usize, side: Side, pieces: &[Piece], place: Option<&Place<'_>>) {
    let mut fields = Vec::new();
    let mut at = cut.at;
    for piece in pieces {
        let until = (at + (piece.range.end - piece.range.start) as usize).min(end);
        if piece.kind == Kind::Lines {
            let begins = piece.range.start == piece.whole.start;
            let line_begins = place.is_none_or(|p| p.is_line_start(piece));
            head(&mut fields, &cut.frame[at..until], at, side, (begins, line_begins));
        } else {
            let length = until - at;
            let total = piece.whole.end - piece.whole.start;
            let from = piece.range.start - piece.whole.start;
            let value = match length as u64 == total {
                true => format!("{length} bytes"),
                false => format!("bytes {} to {} of {total}", from + 1, from + length as u64),
            };
            fields.push(field("http.file_data", "File Data", value, Value::None, at..until));
        }
        at = until;
    }
    let summary = fields.first().map(Field::to_string).unwrap_or_default();
    cut.layer(LAYER, end - cut.at, summary, fields);
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
        _ => None,
    };
    let parts = known
        .filter(|_| !value.is_empty())
        .map(|known| text(known, &String::from_utf8_lossy(&words[..colon]), value, from..from + value.len()));
    text(name, "", words, start..start + line.len()).with(parts.into_iter().collect())
}
