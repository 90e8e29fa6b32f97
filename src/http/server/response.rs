//! Responses: status lines and header fields (RFC 9112 section 4, RFC 9110 sections 8, 10 and 15).

use std::fmt::Write;
use std::sync::Arc;

use super::{Config, Object};
use crate::http::status::is_bodyless;
use crate::http::validators::imf_fixdate;
use crate::http::{one_line, reason};
use crate::time::Instant;

/// What a host wants to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// `200`, `303`.
    pub status: u16,
    /// Header fields besides those that the server writes by itself: `Location`, `Set-Cookie`, `Allow`.
    pub fields: Vec<(&'static str, String)>,
    /// The content.
    pub object: Object,
}

impl Response {
    /// A content with a status.
    pub fn new(status: u16, object: Object) -> Self {
        Response { status, fields: Vec::new(), object }
    }

    /// The status as a content for people.
    pub fn explained(status: u16) -> Self {
        let text = format!("{status} {}\r\n", reason(status));
        Response::new(status, Object::new("text/plain", text.into_bytes()))
    }

    /// The same with one more header field.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// The object has not changed since the client got its copy (RFC 9110 section 15.4.5): what else was to be said
    /// about it stays, the content goes.
    pub(super) fn not_modified(mut self) -> Self {
        self.status = 304;
        (self.object.content_type, self.object.body) = (String::new(), Arc::default());
        self
    }
}

/// How the end of a content is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// By its length, in front of it.
    Length,
    /// By the last chunk.
    Chunks,
}

/// The head of a response, up to and with its empty line.
pub(super) fn head(config: &Config, now: Instant, response: &Response, ends: Ends, close: bool) -> Vec<u8> {
    let Response { status, fields, object } = response;
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(*status));
    let mut field = |name: &str, value: &str| {
        // A String takes everything.
        let _ = write!(head, "{name}: {}\r\n", one_line(value));
    };
    // A server without a date leaves the field out (RFC 9110 section 6.6.1).
    if let Some(date) = imf_fixdate(config.calendar.unix_seconds(now)) {
        field("Date", &date);
    }
    field("Server", &config.software);
    for (name, value) in fields {
        field(name, value);
    }
    if let Some(etag) = &object.validators.etag {
        field("ETag", etag);
    }
    if let Some(date) = object.validators.last_modified.and_then(imf_fixdate) {
        field("Last-Modified", &date);
    }
    if !is_bodyless(*status) {
        field("Content-Type", &object.content_type);
        match ends {
            Ends::Length => field("Content-Length", &object.body.len().to_string()),
            Ends::Chunks => field("Transfer-Encoding", "chunked"),
        }
    }
    if close {
        field("Connection", "close");
    }
    head.push_str("\r\n");
    head.into_bytes()
}
