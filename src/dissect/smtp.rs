//! SMTP (RFC 5321): commands and replies, line by line.

use std::ops::Range;

use super::cut::{Cut, bare, field, lines as lines_of, text};
use super::{Field, LayerKind, Value};
use crate::topology::Side;

const LAYER: (&str, &str, LayerKind) = ("Simple Mail Transfer Protocol", "smtp", LayerKind::Application);

/// Lines up to `end` of the frame; `begins`: the first one is not the rest of a line.
pub(super) fn lines(cut: &mut Cut<'_>, end: usize, side: Side, begins: bool) {
    let mut fields = Vec::new();
    let mut at = cut.at;
    // Of a reply in several lines only the first one is a response (RFC 5321 section 4.2.1).
    let mut goes_on = false;
    for line in lines_of(&cut.frame[cut.at..end]) {
        let span = at..at + line.len();
        let whole = begins || at > cut.at;
        fields.push(match side {
            Side::Client => command(line, span, whole),
            Side::Server if goes_on && bare(line).len() > 4 => parameter(bare(line), at),
            Side::Server => reply(line, span, whole),
        });
        goes_on = line.get(3) == Some(&b'-');
        at += line.len();
    }
    let summary = fields.first().map(Field::to_string).unwrap_or_default();
    cut.layer(LAYER, end - cut.at, summary, fields);
}

pub(super) fn command(line: &[u8], span: Range<usize>, begins: bool) -> Field {
    let words = bare(line);
    let at = span.start;
    let mut parts = Vec::new();
    if begins {
        let verb = words.split(|b| *b == b' ').next().unwrap_or_default();
        if !verb.is_empty() {
            parts.push(text("smtp.req.command", "Command", verb, at..at + verb.len()));
        }
        if let Some(parameter) = words.get(verb.len() + 1..).filter(|p| !p.is_empty()) {
            let from = at + verb.len() + 1;
            parts.push(text("smtp.req.parameter", "Request parameter", parameter, from..at + words.len()));
        }
    }
    text("smtp.command_line", "Command Line", words, span).with(parts)
}

/// What stands behind the code of a line that begins at `at`.
fn parameter(words: &[u8], at: usize) -> Field {
    text("smtp.rsp.parameter", "Response parameter", &words[4..], at + 4..at + words.len())
}

pub(super) fn reply(line: &[u8], span: Range<usize>, begins: bool) -> Field {
    let words = bare(line);
    let at = span.start;
    let mut parts = Vec::new();
    if begins && let Some(digits) = words.first_chunk::<3>().filter(|d| d.iter().all(u8::is_ascii_digit)) {
        let code = digits.iter().fold(0, |n, d| n * 10 + u64::from(d - b'0'));
        parts.push(field(
            "smtp.response.code",
            "Response code",
            format!("{code} ({})", meaning(code)),
            Value::Derived(code),
            at..at + 3,
        ));
        if words.len() > 4 {
            parts.push(parameter(words, at));
        }
    }
    text("smtp.response", "Response", words, span).with(parts)
}

/// The final dot of a mail, up to `end` of the frame, if any of it is there.
pub(super) fn end_of_mail(cut: &mut Cut<'_>, end: usize) {
    if cut.at < end {
        let length = end - cut.at;
        let dot = cut.plain("smtp.eom", "End of mail", (0, length), "a line with only a dot".to_string());
        cut.layer(LAYER, length, "C: .".to_string(), vec![dot]);
    }
}

/// What a code says, whatever its text (RFC 5321 section 4.2.3, and 4.2.1 for the rest).
fn meaning(code: u64) -> &'static str {
    match code {
        211 => "System status",
        214 => "Help message",
        220 => "Service ready",
        221 => "Service closing transmission channel",
        250 => "Requested mail action okay, completed",
        251 => "User not local; will forward",
        252 => "Cannot VRFY user, but will accept message and attempt delivery",
        354 => "Start mail input; end with <CRLF>.<CRLF>",
        421 => "Service not available, closing transmission channel",
        450 => "Requested mail action not taken: mailbox unavailable",
        451 => "Requested action aborted: local error in processing",
        452 => "Requested action not taken: insufficient system storage",
        455 => "Server unable to accommodate parameters",
        500 => "Syntax error, command unrecognized",
        501 => "Syntax error in parameters or arguments",
        502 => "Command not implemented",
        503 => "Bad sequence of commands",
        504 => "Command parameter not implemented",
        550 => "Requested action not taken: mailbox unavailable",
        551 => "User not local; please try forward path",
        552 => "Requested mail action aborted: exceeded storage allocation",
        553 => "Requested action not taken: mailbox name not allowed",
        554 => "Transaction failed",
        555 => "MAIL FROM/RCPT TO parameters not recognized or not implemented",
        _ => match code / 100 {
            2 => "Positive completion",
            3 => "Positive intermediate: more is awaited",
            4 => "Transient negative: try again later",
            5 => "Permanent negative",
            _ => "Unknown",
        },
    }
}
