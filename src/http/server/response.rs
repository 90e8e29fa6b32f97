//! Responses: status lines and header fields (RFC 9112 section 4, RFC 9110 sections 8, 10 and 15).

use std::sync::Arc;

use super::{Config, Object};
use crate::http::one_line;
use crate::time::Instant;

/// A status code and its reason phrase (RFC 9110 section 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status {
    /// Three digits.
    pub code: u16,
    reason: &'static str,
}

impl Status {
    pub const OK: Status = Status { code: 200, reason: "OK" };
    pub const BAD_REQUEST: Status = Status { code: 400, reason: "Bad Request" };
    pub const NOT_FOUND: Status = Status { code: 404, reason: "Not Found" };
    pub const METHOD_NOT_ALLOWED: Status = Status { code: 405, reason: "Method Not Allowed" };
    pub const REQUEST_TIMEOUT: Status = Status { code: 408, reason: "Request Timeout" };
    pub const CONTENT_TOO_LARGE: Status = Status { code: 413, reason: "Content Too Large" };
    pub const EXPECTATION_FAILED: Status = Status { code: 417, reason: "Expectation Failed" };
    pub const HEAD_TOO_LARGE: Status = Status { code: 431, reason: "Request Header Fields Too Large" };
    pub const NOT_IMPLEMENTED: Status = Status { code: 501, reason: "Not Implemented" };
    pub const VERSION_NOT_SUPPORTED: Status = Status { code: 505, reason: "HTTP Version Not Supported" };

    /// The status with which a head is refused.
    pub fn from_code(code: u16) -> Status {
        let all = [Status::HEAD_TOO_LARGE, Status::NOT_IMPLEMENTED, Status::VERSION_NOT_SUPPORTED];
        all.into_iter().find(|s| s.code == code).unwrap_or(Status::BAD_REQUEST)
    }

    /// The status as a content for people.
    pub fn explained(self) -> Object {
        let text = format!("{} {}\r\n", self.code, self.reason);
        Object { content_type: "text/plain".to_owned(), body: Arc::from(text.into_bytes()) }
    }
}

/// The head of a response, up to and with its empty line.
pub(super) fn head(config: &Config, now: Instant, status: Status, object: &Object, close: bool) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", status.code, status.reason);
    let mut field = |name: &str, value: &str| {
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
    };
    if let Some(date) = imf_fixdate(config, now) {
        field("Date", &date);
    }
    field("Server", &one_line(&config.software));
    if status == Status::METHOD_NOT_ALLOWED {
        field("Allow", "GET, HEAD");
    }
    field("Content-Type", &one_line(&object.content_type));
    field("Content-Length", &object.body.len().to_string());
    if close {
        field("Connection", "close");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// `Mon, 03 Mar 2025 09:00:00 GMT` (RFC 9110 section 5.6.7). Nothing for a date that has no such form: a
/// server without a date leaves the field out (section 6.6.1).
fn imf_fixdate(config: &Config, now: Instant) -> Option<String> {
    let stamp = jiff::Timestamp::from_second(config.calendar.unix_seconds(now)).ok()?;
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&stamp).ok()
}
