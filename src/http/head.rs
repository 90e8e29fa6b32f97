//! Heads of requests and responses (RFC 9112 sections 2 to 6), read with httparse.

use super::Method;
use super::status::is_bodyless;

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
    /// HTTP/1.0, which knows no chunks.
    pub is_old: bool,
    /// The length of the content is told, or that it comes in chunks.
    pub tells_length: bool,
    /// Content-Type, if told.
    pub content_type: Option<String>,
    /// Cookie, if sent.
    pub cookie: Option<String>,
    /// If-None-Match, if sent.
    pub if_none_match: Option<String>,
    /// If-Modified-Since, if sent.
    pub if_modified_since: Option<String>,
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
    /// Fields that a browser looks at.
    pub told: Told,
}

/// What a response tells about its object and about what to do next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Where to go on (RFC 9110 section 10.2.2).
    pub location: Option<String>,
    /// Set-Cookie, each as it stands (RFC 6265).
    pub set_cookie: Vec<String>,
    /// ETag, with its quotes.
    pub etag: Option<String>,
    /// Last-Modified, as it stands.
    pub last_modified: Option<String>,
    /// Cache-Control has `no-store` (RFC 9111 section 5.2.2.5).
    pub no_store: bool,
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
    if !fields.host.iter().all(|b| is_in_host(*b)) {
        return wrong(400, "a host and perhaps a port in Host (RFC 9110 section 7.2)");
    }
    let framing = match (fields.coding, fields.length) {
        // Two lengths are how one request is smuggled inside another (RFC 9112 section 11.2).
        (Some(_), Some(_)) => return wrong(400, "Content-Length or Transfer-Encoding, not both"),
        // RFC 9112 section 6.1: HTTP/1.0 has no transfer codings; whoever passed it on has not read it.
        (Some(_), None) if minor == 0 => return wrong(400, "no Transfer-Encoding in HTTP/1.0 (RFC 9112 section 6.1)"),
        (Some(Coding::Chunked), None) => Framing::Chunked,
        (Some(Coding::Unending), None) => return wrong(400, "chunked as the last transfer coding, and only once"),
        (Some(Coding::Other), None) => return wrong(501, "no transfer coding other than chunked"),
        (None, length) => Framing::Length(length.unwrap_or(0)),
    };
    let text = |value: Option<&[u8]>| value.map(|v| String::from_utf8_lossy(v).into_owned());
    Ok(RequestHead {
        method: method.to_owned(),
        path: path_of(target).to_owned(),
        is_old: minor == 0,
        tells_length: fields.coding.is_some() || fields.length.is_some(),
        content_type: text(fields.content_type),
        cookie: text(fields.cookie),
        if_none_match: text(fields.if_none_match),
        if_modified_since: text(fields.if_modified_since),
        close: fields.close || minor == 0,
        framing,
        // RFC 9110 section 10.1.1: a client of HTTP/1.0 cannot mean it.
        expects_continue: fields.expects_continue && minor >= 1,
    })
}

/// Reads the head of a response to a request by this method; `bytes` ends with its empty line.
pub(super) fn response(bytes: &[u8], method: Method) -> Result<ResponseHead, Wrong> {
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
        // RFC 9112 section 6.3, rule 1.
        _ if method == Method::Head || is_bodyless(status) => Framing::Length(0),
        // Transfer-Encoding is stronger than Content-Length (RFC 9112 section 6.3, rule 3).
        (_, Some(Coding::Chunked), _) => Framing::Chunked,
        (_, Some(Coding::Other | Coding::Unending), _) => return wrong(0, "no transfer coding other than chunked"),
        (_, None, Some(length)) => Framing::Length(length),
        (_, None, None) => Framing::UntilClose,
    };
    let content_type = fields.content_type.map(|t| String::from_utf8_lossy(t).into_owned());
    let close = fields.close || minor == 0 || framing == Framing::UntilClose;
    Ok(ResponseHead { status, close, framing, content_type, told: fields.told })
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
    /// Chunked is the last, and others come before it: it has an end, but nobody here can read it.
    Other,
    /// Chunked is not the last, or stands twice: nobody can tell where it ends (RFC 9112 section 6.3, rule 4).
    Unending,
}

/// The header fields that matter for the dialogue.
#[derive(Default)]
struct Fields<'a> {
    hosts: usize,
    host: &'a [u8],
    length: Option<u64>,
    coding: Option<Coding>,
    close: bool,
    content_type: Option<&'a [u8]>,
    expects_continue: bool,
    cookie: Option<&'a [u8]>,
    if_none_match: Option<&'a [u8]>,
    if_modified_since: Option<&'a [u8]>,
    told: Told,
}

impl<'a> Fields<'a> {
    fn read(headers: &[httparse::Header<'a>]) -> Result<Self, Wrong> {
        let mut fields = Fields::default();
        let mut codings: Vec<&[u8]> = Vec::new();
        for header in headers {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            let items = || header.value.split(|b| *b == b',').map(<[u8]>::trim_ascii);
            if is("host") {
                fields.hosts += 1;
                fields.host = header.value;
            } else if is("content-length") {
                for item in items() {
                    let length = number(item);
                    if length.is_none() || fields.length.is_some_and(|before| Some(before) != length) {
                        return wrong(400, "one Content-Length, a decimal number (RFC 9110 section 8.6)");
                    }
                    fields.length = length;
                }
            } else if is("transfer-encoding") {
                codings.extend(items());
            } else if is("connection") {
                fields.close |= items().any(|i| i.eq_ignore_ascii_case(b"close"));
            } else if is("content-type") {
                fields.content_type = Some(header.value);
            } else if is("expect") {
                fields.expects_continue = header.value.trim_ascii().eq_ignore_ascii_case(b"100-continue");
            } else if is("cookie") {
                fields.cookie = Some(header.value);
            } else if is("if-none-match") {
                fields.if_none_match = Some(header.value);
            } else if is("if-modified-since") {
                fields.if_modified_since = Some(header.value);
            } else {
                fields.told.read(header);
            }
        }
        let chunked = codings.iter().filter(|c| c.eq_ignore_ascii_case(b"chunked")).count();
        let ends = codings.last().is_some_and(|c| c.eq_ignore_ascii_case(b"chunked"));
        fields.coding = match codings.len() {
            0 => None,
            1 if ends => Some(Coding::Chunked),
            _ if chunked == 1 && ends => Some(Coding::Other),
            _ => Some(Coding::Unending),
        };
        Ok(fields)
    }
}

impl Told {
    fn read(&mut self, header: &httparse::Header<'_>) {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        let text = || Some(String::from_utf8_lossy(header.value).into_owned());
        if is("location") {
            self.location = text();
        } else if is("set-cookie") {
            self.set_cookie.extend(text());
        } else if is("etag") {
            self.etag = text();
        } else if is("last-modified") {
            self.last_modified = text();
        } else if is("cache-control") {
            let mut items = header.value.split(|b| *b == b',').map(<[u8]>::trim_ascii);
            self.no_store |= items.any(|i| i.eq_ignore_ascii_case(b"no-store"));
        }
    }
}

/// What may stand in a Host field: a registered name, an address, a port (RFC 3986 section 3.2.2).
const fn is_in_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':' | b'[' | b']' | b'%')
        || matches!(byte, b'!' | b'$' | b'&'..=b',' | b';' | b'=')
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
        let read = |fields: &str| {
            response(format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes(), Method::Get).map(|h| h.framing)
        };
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
