//! HTTP/1.1 as Wireshark takes it apart: whole requests and responses, and which belong together.

use super::reassemble::{Need, line, line_or_rest};
use super::{Out, imf};
use crate::filter::Field;

/// The requests of a connection with what answered them.
#[derive(Default)]
pub(super) struct Http {
    requests: Vec<Request>,
    responses: Vec<usize>,
}

struct Request {
    frame: usize,
    at: i128,
    uri: String,
    head: bool,
}

/// Header fields that have a name of their own.
const KNOWN: [(&str, Field); 19] = [
    ("accept", Field::HttpAccept),
    ("accept-encoding", Field::HttpAcceptEncoding),
    ("accept-language", Field::HttpAcceptLanguage),
    ("authorization", Field::HttpAuthorization),
    ("cache-control", Field::HttpCacheControl),
    ("connection", Field::HttpConnection),
    ("content-encoding", Field::HttpContentEncoding),
    ("content-length", Field::HttpContentLengthHeader),
    ("content-type", Field::HttpContentType),
    ("cookie", Field::HttpCookie),
    ("date", Field::HttpDate),
    ("host", Field::HttpHost),
    ("last-modified", Field::HttpLastModified),
    ("location", Field::HttpLocation),
    ("referer", Field::HttpReferer),
    ("server", Field::HttpServer),
    ("set-cookie", Field::HttpSetCookie),
    ("transfer-encoding", Field::HttpTransferEncoding),
    ("user-agent", Field::HttpUserAgent),
];

/// A header field: its name in small letters, its text, the line as it stands.
type HeaderField<'a> = (String, &'a [u8], &'a [u8]);

/// The header fields, and where the body begins.
fn head(bytes: &[u8]) -> Option<(Vec<HeaderField<'_>>, usize)> {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n")? + 4;
    let (_, mut at) = line_or_rest(bytes, 0);
    let mut fields = Vec::new();
    while at + 2 < end {
        let (stop, next) = line_or_rest(bytes, at);
        let text = &bytes[at..stop];
        let colon = text.iter().position(|b| *b == b':').unwrap_or(text.len());
        let value = text.get(colon + 1..).unwrap_or(b"").trim_ascii();
        fields.push((String::from_utf8_lossy(&text[..colon]).to_ascii_lowercase(), value, &bytes[at..next]));
        at = next;
    }
    Some((fields, end))
}

pub(super) fn message(out: &mut Out, place: (usize, i128), state: &mut Http, asks: bool, bytes: &[u8]) -> Need {
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let Some((fields, body)) = head(rest) else { return Need::More { from: at, total: None } };
        let value = |name: &str| fields.iter().find(|(n, ..)| n == name).map(|(_, value, _)| *value);
        let announced = value("content-length").and_then(|v| std::str::from_utf8(v).ok()?.trim().parse::<usize>().ok());
        let (end, _) = line_or_rest(rest, 0);
        let code = String::from_utf8_lossy(rest[..end].split(|b| *b == b' ').nth(1).unwrap_or(b"")).into_owned();
        let asked = state.requests.get(state.responses.len());
        let empty = !asks && (asked.is_some_and(|r| r.head) || code.starts_with('1') || code == "204" || code == "304");
        let in_chunks = value("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case(b"chunked")) && !empty;
        let chunks = match in_chunks.then(|| chunks(rest, body)) {
            Some(None) => return Need::More { from: at, total: None },
            Some(chunks) => chunks,
            None => None,
        };
        let length = match &chunks {
            Some((_, end)) => end - body,
            None if empty => 0,
            None => announced.unwrap_or(0),
        };
        if body + length > rest.len() {
            return Need::More { from: at, total: Some(body + length) };
        }
        let whole = &rest[..body + length];
        out.protocol(place.0, Field::Http, whole, whole.len());
        let host = value("host").map(|h| String::from_utf8_lossy(h).into_owned());
        if asks {
            request(out, place, state, (&rest[..end], host));
        } else {
            response(out, place, state, &rest[..end]);
        }
        headers(out, place.0, asks, &fields);
        if length > 0 {
            let kind = value("content-type").unwrap_or(b"");
            let kind = String::from_utf8_lossy(kind).split(';').next().unwrap_or("").trim().to_ascii_lowercase();
            let content = match &chunks {
                Some((chunks, _)) => {
                    told(out, place.0, chunks);
                    chunks.iter().map(|c| c.data).collect::<Vec<_>>().concat()
                }
                None => whole[body..].to_vec(),
            };
            if !content.is_empty() {
                out.text(place.0, Field::HttpFileData, &content);
                imf::content(out, place.0, &kind, &content);
            }
        }
        at += whole.len();
    }
    Need::Nothing
}

/// A piece of a content: its data, and the line end behind it.
struct Chunk<'a> {
    data: &'a [u8],
    boundary: &'a [u8],
}

/// The chunks from `at` on, and where they end; nothing if the last one is not there yet.
fn chunks(bytes: &[u8], mut at: usize) -> Option<(Vec<Chunk<'_>>, usize)> {
    let mut chunks = Vec::new();
    loop {
        let (end, next) = line(bytes, at)?;
        let digits = bytes[at..end].split(|b| *b == b';').next().unwrap_or_default().trim_ascii();
        let size = usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        if size == 0 {
            // The trailer ends with an empty line.
            let mut trailer = next;
            loop {
                let (end, next) = line(bytes, trailer)?;
                if end == trailer {
                    chunks.push(Chunk { data: &[], boundary: &[] });
                    return Some((chunks, next));
                }
                trailer = next;
            }
        }
        let data = bytes.get(next..next.checked_add(size)?)?;
        let boundary = bytes.get(next + size..next + size + 2)?;
        chunks.push(Chunk { data, boundary });
        at = next + size + 2;
    }
}

fn told(out: &mut Out, n: usize, chunks: &[Chunk<'_>]) {
    for Chunk { data, boundary } in chunks {
        out.number(n, Field::HttpChunkSize, data.len() as u32);
        if !data.is_empty() {
            out.bytes(n, Field::HttpChunkData, data);
        }
        if !boundary.is_empty() {
            out.bytes(n, Field::HttpChunkBoundary, boundary);
        }
    }
}

fn headers(out: &mut Out, n: usize, asks: bool, fields: &[HeaderField<'_>]) {
    for (name, value, line) in fields {
        out.text(n, if asks { Field::HttpRequestLine } else { Field::HttpResponseLine }, line);
        let Some((_, field)) = KNOWN.iter().find(|(known, _)| known == name) else { continue };
        out.text(n, *field, value);
        if *field == Field::HttpCookie {
            value.split(|b| *b == b';').for_each(|pair| out.text(n, Field::HttpCookiePair, pair.trim_ascii()));
        }
        if *field == Field::HttpContentLengthHeader
            && let Some(length) = std::str::from_utf8(value).ok().and_then(|v| v.trim().parse::<u64>().ok())
        {
            out.number(n, Field::HttpContentLength, length);
        }
    }
}

fn request(out: &mut Out, (n, at): (usize, i128), state: &mut Http, (text, host): (&[u8], Option<String>)) {
    let mut words = text.splitn(3, |b| *b == b' ');
    let (method, path, version) =
        (words.next().unwrap_or(b""), words.next().unwrap_or(b""), words.next().unwrap_or(b""));
    out.truth(n, Field::HttpRequest, true);
    out.text(n, Field::HttpRequestMethod, method);
    out.text(n, Field::HttpRequestUri, path);
    out.text(n, Field::HttpRequestVersion, version);
    let uri = format!("http://{}{}", host.unwrap_or_default(), String::from_utf8_lossy(path));
    out.text(n, Field::HttpRequestFullUri, uri.as_bytes());
    if let Some(before) = state.requests.last() {
        out.frame(n, Field::HttpPrevRequestIn, before.frame);
        out.frame(before.frame, Field::HttpNextRequestIn, n);
        if let Some(response) = state.responses.get(state.requests.len() - 1) {
            out.frame(*response, Field::HttpNextRequestIn, n);
        }
    }
    state.requests.push(Request { frame: n, at, uri, head: method == b"HEAD" });
    out.number(n, Field::HttpRequestNumber, state.requests.len() as u32);
}

fn response(out: &mut Out, (n, at): (usize, i128), state: &mut Http, text: &[u8]) {
    let mut words = text.splitn(3, |b| *b == b' ');
    let (version, code, phrase) =
        (words.next().unwrap_or(b""), words.next().unwrap_or(b""), words.next().unwrap_or(b""));
    out.truth(n, Field::HttpResponse, true);
    out.text(n, Field::HttpResponseVersion, version);
    if let Some(code) = std::str::from_utf8(code).ok().and_then(|c| c.parse::<u16>().ok()) {
        out.number(n, Field::HttpResponseCode, code);
        out.text(n, Field::HttpResponseCodeDesc, reason(code).as_bytes());
    }
    out.text(n, Field::HttpResponsePhrase, phrase);
    let place = state.responses.len();
    if let Some(request) = state.requests.get(place) {
        out.nanos(n, Field::HttpTime, at - request.at);
        out.frame(n, Field::HttpRequestIn, request.frame);
        out.frame(request.frame, Field::HttpResponseIn, n);
        out.text(n, Field::HttpResponseForUri, request.uri.as_bytes());
    }
    if let Some(before) = place.checked_sub(1) {
        out.frame(n, Field::HttpPrevRequestIn, state.requests.get(before).map_or(n, |r| r.frame));
        out.frame(n, Field::HttpPrevResponseIn, state.responses[before]);
        out.frame(state.responses[before], Field::HttpNextResponseIn, n);
    }
    state.responses.push(n);
    out.number(n, Field::HttpResponseNumber, state.responses.len() as u32);
}

/// The registered phrase of a status code (RFC 9110 section 15).
fn reason(code: u16) -> &'static str {
    match code {
        100 => "Continue",
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Time-out",
        411 => "Length Required",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        422 => "Unprocessable Entity",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Time-out",
        505 => "HTTP Version not supported",
        _ => "Unknown",
    }
}
