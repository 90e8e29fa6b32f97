//! Recordings: a scenario, and behind it what came in from outside, one action on each line.
//!
//! ```text
//!  { "format": 1, "name": ..., "hosts": [...] }                            the scenario, on one line
//!  { "at": "5000000 ns", "raw": { "host": "door", "session": 1, "connect": "mail.a", "port": 25 } }
//!  { "at": "9000000 ns", "raw": { "host": "door", "session": 1, "text": "EHLO me\r\n" } }
//!  ...
//! ```
//! A file of this form can be written by adding lines only, so that whoever is interrupted leaves a file that can be
//! read. The last line may have been cut: a line without an end that makes no sense is left out, and that is told.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::json::{Json, Member, Value, parse_part};
use super::problem::Problem;
use super::source::{At, Source, Span};
use crate::action::{RawDeed, RawSession};
use crate::time::Instant;

/// The member under which the lines stand in the tree.
const RECORDED: &str = "recorded";

/// Reads a file, which may be a recording; with what is to be told about it that is no mistake.
///
/// # Errors
/// All mistakes of syntax.
pub(super) fn parse(source: &Arc<Source>) -> Result<(Json, Vec<String>), Vec<Problem>> {
    let text = source.text();
    let whole = Span { start: 0, end: text.len() };
    let end = text.find('\n').unwrap_or(text.len());
    let first = text[..end].trim();
    let is_recording = first.starts_with('{') && first.ends_with('}') && !text[end..].trim().is_empty();
    if !is_recording {
        return Ok((parse_part(source, whole)?, Vec::new()));
    }
    let mut tree = parse_part(source, Span { start: 0, end })?;
    let mut notes = Vec::new();
    let mut problems = Vec::new();
    let mut lines = Vec::new();
    let mut start = end + 1;
    while start < text.len() {
        let length = text[start..].find('\n');
        let end = length.map_or(text.len(), |n| start + n);
        if !text[start..end].trim().is_empty() {
            match parse_part(source, Span { start, end }) {
                Ok(json) => lines.push(json),
                Err(_) if length.is_none() => notes.push(format!(
                    "{}: the last line, {}, was cut off and is left out; {} lines before it are read",
                    source.name(),
                    source.place(start).line,
                    lines.len()
                )),
                Err(more) => problems.extend(more),
            }
        }
        start = end + 1;
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let span = Span { start: end, end: text.len() };
    if let Value::Object(members) = &mut tree.value {
        match members.iter_mut().find(|m| m.key.value == RECORDED) {
            Some(Member { value: Json { value: Value::Array(list), .. }, .. }) => list.append(&mut lines),
            // Of another kind: that is told when it is read.
            Some(_) => {}
            None => members.push(Member {
                key: At::new(RECORDED.to_owned(), span.first()),
                value: Json { span, value: Value::Array(lines) },
            }),
        }
    }
    Ok((tree, notes))
}

/// One line of a recording, with its end: something was done on a connection of `host`. `server` is the name of the
/// host to which one is opened.
pub fn line(at: Instant, host: &str, session: RawSession, deed: &RawDeed, server: &str) -> String {
    let mut raw = serde_json::Map::new();
    raw.insert("host".to_owned(), host.into());
    let (key, number) = match session {
        RawSession::Opened(number) => ("session", number),
        RawSession::Accepted(number) => ("accepted", number),
    };
    raw.insert(key.to_owned(), number.into());
    let mut put = |name: &str, value: serde_json::Value| raw.insert(name.to_owned(), value);
    match deed {
        RawDeed::Connect { port, .. } => {
            put("connect", server.into());
            put("port", (*port).into());
        }
        RawDeed::Accept => {
            put("accept", true.into());
        }
        RawDeed::Write(bytes) => {
            let (name, value) = text_or_base64(bytes);
            put(name, value.into());
        }
        RawDeed::Close => {
            put("close", true.into());
        }
        RawDeed::Reset => {
            put("reset", true.into());
        }
        RawDeed::Read(read) => {
            put("read", (*read).into());
        }
    }
    format!("{}\n", json!({ "at": format!("{} ns", at.as_nanos()), "raw": raw }))
}

/// `text` if people can read it, else `base64`. A text with other control characters than line ends and tabs is not
/// meant to be read.
pub fn text_or_base64(bytes: &[u8]) -> (&'static str, String) {
    let plain = |c: char| !c.is_control() || "\r\n\t".contains(c);
    match std::str::from_utf8(bytes) {
        Ok(text) if text.chars().all(plain) => ("text", text.to_owned()),
        _ => ("base64", STANDARD.encode(bytes)),
    }
}
