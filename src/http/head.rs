//! Heads of requests and responses (RFC 9112 sections 2 to 6), read with httparse.

/// More header fields than this are a mistake or an attack.
const MOST_FIELDS: usize = 64;

/// How the end of a message's content is found (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes follow.
    Length(u64),
    /// Pieces, each with its length in front.
    Chunked,
    /// Until the connection closes.
    UntilClose,
}

/// The head of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequestHead {
    /// In capitals, as methods are (they are case-sensitive).
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The connection ends after the response: asked for, or usual in HTTP/1.0.
    pub close: bool,
    /// How the content behind the head ends.
    pub framing: Framing,
    /// The client sends the content only when it is told to go on (RFC 9110 section 10.1.1).
    pub expects_continue: bool,
}

/// The head of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ResponseHead {
    /// Three digits.
    pub status: u16,
    /// The server closes after this response.
    pub close: bool,
    /// How the content behind the head ends.
    pub framing: Framing,
    /// Content-Type, if told.
    pub content_type: Option<String>,
}

/// What is wrong with a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The status with which a server refuses it.
    pub status: u16,
    /// What would have been right.
    pub expected: &'static str,
}

const fn wrong<T>(status: u16, expected: &'static str) -> Result<T, Wrong> {
    Err(Wrong { status, expected })
}

/// Reads the head of a request; `bytes` ends with its empty line.
pub(super) fn request(bytes: &[u8]) -> Result<RequestHead, Wrong> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut head = httparse::Request::new(&mut fields);
    match head.parse(bytes) {
        Ok(httparse::Status::Complete(n)) if n == bytes.len() => {}
        Err(httparse::Error::TooManyHeaders) => return wrong(431, "at most 64 header fields"),
        Err(httparse::Error::Version) if names_a_version(bytes) => return wrong(505, "HTTP/1.1 or HTTP/1.0"),
        Ok(_) | Err(_) => return wrong(400, "a request line and header fields (RFC 9112 section 2.1)"),
    }
    let (Some(method), Some(target), Some(minor)) = (head.method, head.path, head.version) else {
        return wrong(400, "a request line (RFC 9112 section 3)");
    };
    let fields = Fields::read(head.headers)?;
    // RFC 9112 section 3.2: exactly one Host in HTTP/1.1.
    if fields.hosts > 1 || (fields.hosts == 0 && minor >= 1) {
        return wrong(400, "exactly one Host field (RFC 9112 section 3.2)");
    }
    let framing = match (fields.coding, fields.length) {
        // Two lengths are how one request is smuggled inside another (RFC 9112 section 11.2).
        (Some(_), Some(_)) => return wrong(400, "Content-Length or Transfer-Encoding, not both"),
        (Some(Coding::Chunked), None) => Framing::Chunked,
        (Some(Coding::Other), None) => return wrong(501, "no transfer coding other than chunked"),
        (None, length) => Framing::Length(length.unwrap_or(0)),
    };
    Ok(RequestHead {
        method: method.to_owned(),
        path: path_of(target).to_owned(),
        close: fields.close || minor == 0,
        framing,
        expects_continue: fields.expects_continue,
    })
}

/// Reads the head of a response to a GET; `bytes` ends with its empty line.
pub(super) fn response(bytes: &[u8]) -> Result<ResponseHead, Wrong> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut head = httparse::Response::new(&mut fields);
    let complete = head.parse(bytes) == Ok(httparse::Status::Complete(bytes.len()));
    let (true, Some(status), Some(minor)) = (complete, head.code, head.version) else {
        return wrong(0, "a status line and header fields (RFC 9112 section 2.1)");
    };
    if !(100..600).contains(&status) {
        return wrong(0, "a status from 100 to 599 (RFC 9110 section 15)");
    }
    let fields = Fields::read(head.headers)?;
    let framing = match (status, fields.coding, fields.length) {
        (100..=199 | 204 | 304, ..) => Framing::Length(0),
        // Transfer-Encoding is stronger than Content-Length (RFC 9112 section 6.3, rule 3).
        (_, Some(Coding::Chunked), _) => Framing::Chunked,
        (_, Some(Coding::Other), _) => return wrong(0, "no transfer coding other than chunked"),
        (_, None, Some(length)) => Framing::Length(length),
        (_, None, None) => Framing::UntilClose,
    };
    let content_type = fields.content_type.map(|t| String::from_utf8_lossy(t).into_owned());
    let close = fields.close || minor == 0 || framing == Framing::UntilClose;
    Ok(ResponseHead { status, close, framing, content_type })
}

/// A head as lines, without the empty one.
pub(super) fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_end_matches(['\r', '\n']).replace("\r\n", "\n")
}

/// The first line of a head, for telling what came.
pub(super) fn first_line(bytes: &[u8]) -> String {
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let line = &line[..line.len().min(200)];
    String::from_utf8_lossy(line).trim_end().to_owned()
}

fn names_a_version(head: &[u8]) -> bool {
    let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
    line.trim_ascii_end().rsplit(|b| *b == b' ').next().is_some_and(|word| word.starts_with(b"HTTP/"))
}

/// Path and query of a request target: the target itself, or what follows the host in the absolute form,
/// which every server must accept (RFC 9112 section 3.2.2).
fn path_of(target: &str) -> &str {
    let Some(scheme) = target.get(..7).filter(|s| s.eq_ignore_ascii_case("http://")) else { return target };
    let rest = &target[scheme.len()..];
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Chunked,
    Other,
}

/// The header fields that matter for the dialogue.
#[derive(Default)]
struct Fields<'a> {
    hosts: usize,
    length: Option<u64>,
    coding: Option<Coding>,
    close: bool,
    content_type: Option<&'a [u8]>,
    expects_continue: bool,
}

impl<'a> Fields<'a> {
    fn read(headers: &[httparse::Header<'a>]) -> Result<Self, Wrong> {
        let mut fields = Fields::default();
        for header in headers {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            let items = || header.value.split(|b| *b == b',').map(<[u8]>::trim_ascii);
            if is("host") {
                fields.hosts += 1;
            } else if is("content-length") {
                for item in items() {
                    let length = number(item);
                    if length.is_none() || fields.length.is_some_and(|before| Some(before) != length) {
                        return wrong(400, "one Content-Length, a decimal number (RFC 9110 section 8.6)");
                    }
                    fields.length = length;
                }
            } else if is("transfer-encoding") {
                let only = fields.coding.is_none() && header.value.trim_ascii().eq_ignore_ascii_case(b"chunked");
                fields.coding = Some(if only { Coding::Chunked } else { Coding::Other });
            } else if is("connection") {
                fields.close |= items().any(|i| i.eq_ignore_ascii_case(b"close"));
            } else if is("content-type") {
                fields.content_type = Some(header.value);
            } else if is("expect") {
                fields.expects_continue = header.value.trim_ascii().eq_ignore_ascii_case(b"100-continue");
            }
        }
        Ok(fields)
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_content_is_told_once_or_twice_the_same() {
        let read = |fields: &str| response(format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes()).map(|h| h.framing);
        assert_eq!(read("Content-Length: 5\r\n"), Ok(Framing::Length(5)));
        assert_eq!(read("Content-Length: 5, 5\r\ncontent-length: 5\r\n"), Ok(Framing::Length(5)));
        assert_eq!(read("Content-Length: 5\r\nTransfer-Encoding: Chunked\r\n"), Ok(Framing::Chunked));
        assert_eq!(read(""), Ok(Framing::UntilClose));
        for bad in ["5, 6", "+5", "", "99999999999999999999", "0x5"] {
            assert!(read(&format!("Content-Length: {bad}\r\n")).is_err(), "{bad}");
        }
        assert!(read("Transfer-Encoding: gzip, chunked\r\n").is_err());
    }

    #[test]
    fn a_target_with_scheme_and_host_is_its_path() {
        assert_eq!(path_of("/a?b=c"), "/a?b=c");
        assert_eq!(path_of("http://www.a.example/a?b=c"), "/a?b=c");
        assert_eq!(path_of("HTTP://www.a.example"), "/");
        assert_eq!(path_of("*"), "*");
    }
}
