//! IMAP (RFC 3501): requests and responses, line by line, in Wireshark's fields.

use std::ops::Range;

use super::cut::{Cut, bare, field, lines as lines_of, text};
use super::{Field, LayerKind, Value};
use crate::topology::Side;

const LAYER: (&str, &str, LayerKind) = ("Internet Message Access Protocol", "imap", LayerKind::Application);

/// Lines up to `end` of the frame; `begins`: the first one is not the rest of a line or of a literal.
pub(super) fn lines(cut: &mut Cut<'_>, end: usize, side: Side, begins: bool) {
    let mut fields = Vec::new();
    let mut at = cut.at;
    for line in lines_of(&cut.frame[cut.at..end]) {
        let span = at..at + line.len();
        let mut words = Words { line: bare(line), start: at, at: 0 };
        let parts = match side {
            _ if !begins && at == cut.at => Vec::new(),
            Side::Client => request(&mut words),
            Side::Server => response(&mut words),
        };
        fields.push(text("imap.line", "Line", bare(line), span).with(parts));
        at += line.len();
    }
    // Of several responses the last one says how the command went.
    let said = if side == Side::Client { fields.first() } else { fields.last() };
    let summary = said.map(|f| f.value.clone()).unwrap_or_default();
    cut.layer(LAYER, end - cut.at, summary, fields);
}

/// A line, word by word.
struct Words<'a> {
    line: &'a [u8],
    /// Where the line begins in the frame.
    start: usize,
    at: usize,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<(&'a [u8], Range<usize>)> {
        self.at += self.line.get(self.at..)?.iter().take_while(|b| **b == b' ').count();
        let rest = self.line.get(self.at..).filter(|r| !r.is_empty())?;
        let word = rest.split(|b| *b == b' ').next().unwrap_or_default();
        let span = self.start + self.at..self.start + self.at + word.len();
        self.at += word.len() + 1;
        Some((word, span))
    }

    fn put(&mut self, fields: &mut Vec<Field>, name: &'static str, label: &str) -> Option<&'a [u8]> {
        let (word, span) = self.next()?;
        fields.push(text(name, label, word, span));
        Some(word)
    }
}

fn whole(name: &'static str, label: &str, words: &Words<'_>) -> Field {
    text(name, label, words.line, words.start..words.start + words.line.len())
}

/// `A002 SELECT INBOX`.
fn request(words: &mut Words<'_>) -> Vec<Field> {
    if words.line.is_empty() {
        return Vec::new();
    }
    let mut fields = vec![whole("imap.request", "Request", words)];
    words.put(&mut fields, "imap.request_tag", "Request Tag");
    let mut command = words.next();
    if let Some((word, span)) = command.clone().filter(|(word, _)| word.eq_ignore_ascii_case(b"UID")) {
        let said = String::from_utf8_lossy(word).into_owned();
        fields.push(field("imap.request.command.uid", "Request isUID", said, Value::Derived(1), span));
        command = words.next();
    }
    let Some((command, span)) = command else { return fields };
    fields.push(text("imap.request.command", "Request Command", command, span));
    let verb = String::from_utf8_lossy(command).to_ascii_uppercase();
    match verb.as_str() {
        "LOGIN" => {
            words.put(&mut fields, "imap.request.username", "Request Username");
            words.put(&mut fields, "imap.request.password", "Request Password");
        }
        "SELECT" | "EXAMINE" | "CREATE" | "DELETE" | "RENAME" | "SUBSCRIBE" | "UNSUBSCRIBE" | "STATUS" | "APPEND" => {
            words.put(&mut fields, "imap.request.folder", "Request Folder");
        }
        "COPY" => {
            words.next();
            words.put(&mut fields, "imap.request.folder", "Request Folder");
        }
        _ => {}
    }
    fields
}

/// `A002 OK [READ-WRITE] SELECT completed`. Untagged responses (`* 1 EXISTS`) are lines and nothing more, and the `+`
/// of a request to go on is taken for a tag, as in Wireshark.
fn response(words: &mut Words<'_>) -> Vec<Field> {
    if words.line.is_empty() || words.line.starts_with(b"* ") {
        return Vec::new();
    }
    let mut fields = vec![whole("imap.response", "Response", words)];
    words.put(&mut fields, "imap.response_tag", "Response Tag");
    if let Some((word, span)) = words.next() {
        fields.push(text("imap.response.status", "Response Status", word, span));
        words.put(&mut fields, "imap.response.command", "Response Command");
    }
    fields
}
