//! Requests: request line and header fields (RFC 9112 section 3, RFC 9110 section 7.2).

use std::fmt::Write;
use std::sync::Arc;

use super::Config;
use crate::http::{Method, one_line};

/// What a client asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// GET, HEAD, POST.
    pub method: Method,
    /// Path and query; what may not stand in a request line is written as the hexadecimal digits of its bytes.
    pub path: String,
    /// Header fields besides those that the client writes by itself: `Cookie`, `If-None-Match`.
    pub fields: Vec<(&'static str, String)>,
    /// What is sent with it: its media type and its bytes.
    pub content: Option<(String, Arc<[u8]>)>,
}

impl Request {
    /// Fetches an object.
    pub fn get(path: impl Into<String>) -> Self {
        Request { path: path.into(), ..Request::default() }
    }

    /// Sends a form that was filled in.
    pub fn post(path: impl Into<String>, form: impl Into<Arc<[u8]>>) -> Self {
        let content = Some(("application/x-www-form-urlencoded".to_owned(), form.into()));
        Request { method: Method::Post, path: path.into(), content, ..Request::default() }
    }
}

/// The head of a request, up to and with its empty line.
pub(super) fn head(config: &Config, host: &str, request: &Request, close: bool) -> Vec<u8> {
    let mut head = format!("{} ", request.method);
    push_target(&mut head, &request.path);
    head.push_str(" HTTP/1.1\r\n");
    let mut field = |name: &str, value: &str| {
        // A String takes everything.
        let _ = write!(head, "{name}: {}\r\n", one_line(value));
    };
    field("Host", host);
    field("User-Agent", &config.software);
    field("Accept", "*/*");
    for (name, value) in &request.fields {
        field(name, value);
    }
    if let Some((kind, body)) = &request.content {
        field("Content-Type", kind);
        match config.chunk {
            Some(_) => field("Transfer-Encoding", "chunked"),
            None => field("Content-Length", &body.len().to_string()),
        }
    } else if request.method == Method::Post {
        field("Content-Length", "0");
    }
    if close {
        field("Connection", "close");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// A path as a request target: it begins with a slash, and what may not stand in it is written as the
/// hexadecimal digits of its bytes (RFC 3986 section 2.1).
fn push_target(head: &mut String, path: &str) {
    if !path.starts_with('/') {
        head.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'#' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                write!(head, "%{byte:02X}").expect("a String takes everything");
            }
            b'!'..=b'~' => head.push(char::from(byte)),
            _ => write!(head, "%{byte:02X}").expect("a String takes everything"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_break_out_of_its_line() {
        let request = Request::get("a b\r\nü?q=%41");
        let head = String::from_utf8(head(&Config::default(), "a\r\nX: 1", &request, true)).unwrap();
        assert_eq!(
            head,
            "GET /a%20b%0D%0A%C3%BC?q=%41 HTTP/1.1\r\nHost: aX: 1\r\nUser-Agent: Mailpath\r\nAccept: */*\r\n\
             Connection: close\r\n\r\n"
        );
    }

    #[test]
    fn a_form_goes_with_its_length_or_in_chunks() {
        let request = Request::post("/send", &b"to=bob"[..]);
        let write = |config: &Config, request: &Request| {
            let head = String::from_utf8(head(config, "web.a.example", request, false)).unwrap();
            head.split_once("Accept: */*\r\n").unwrap().1.to_owned()
        };
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        assert_eq!(write(&Config::default(), &request), format!("{kind}Content-Length: 6\r\n\r\n"));
        let chunked = Config { chunk: Some(4), ..Config::default() };
        assert_eq!(write(&chunked, &request), format!("{kind}Transfer-Encoding: chunked\r\n\r\n"));
        let empty = Request { content: None, ..request };
        assert_eq!(write(&chunked, &empty), "Content-Length: 0\r\n\r\n");
    }
}
