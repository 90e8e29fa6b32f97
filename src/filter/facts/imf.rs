//! A mail as Wireshark takes it apart (RFC 5322, MIME): its header fields, its parts.

use super::Out;
use super::reassemble::line_or_rest;
use crate::filter::Field;

/// Header fields that have a name of their own.
const KNOWN: [(&str, Field); 21] = [
    ("bcc", Field::ImfBcc),
    ("cc", Field::ImfCc),
    ("comments", Field::ImfComments),
    ("content-description", Field::ImfContentDescription),
    ("content-id", Field::ImfContentId),
    ("content-transfer-encoding", Field::ImfContentTransferEncoding),
    ("content-type", Field::ImfContentType),
    ("date", Field::ImfDate),
    ("delivered-to", Field::ImfDeliveredTo),
    ("from", Field::ImfFrom),
    ("in-reply-to", Field::ImfInReplyTo),
    ("keywords", Field::ImfKeywords),
    ("message-id", Field::ImfMessageId),
    ("mime-version", Field::ImfMimeVersion),
    ("received", Field::ImfReceived),
    ("references", Field::ImfReferences),
    ("reply-to", Field::ImfReplyTo),
    ("return-path", Field::ImfReturnPath),
    ("sender", Field::ImfSender),
    ("subject", Field::ImfSubject),
    ("to", Field::ImfTo),
];

/// Text, line by line.
pub(super) fn lines(out: &mut Out, n: usize, bytes: &[u8]) {
    out.protocol(n, Field::DataTextLines, bytes, bytes.len());
}

/// A header field: name, text, and where the next one begins.
fn header(bytes: &[u8], at: usize) -> Option<(&[u8], &[u8], usize)> {
    let colon = at + memchr::memchr2(b':', b'\n', &bytes[at..]).filter(|c| bytes[at + c] == b':')?;
    let (mut end, mut next) = line_or_rest(bytes, at);
    while next < bytes.len() && matches!(bytes[next], b' ' | b'\t') {
        (end, next) = line_or_rest(bytes, next);
    }
    let mut start = (colon + 1).min(end);
    while start < end && matches!(bytes[start], b' ' | b'\t') {
        start += 1;
    }
    Some((&bytes[at..colon], &bytes[start..end], next))
}

/// A whole mail.
pub(super) fn mail(out: &mut Out, n: usize, bytes: &[u8]) {
    out.protocol(n, Field::Imf, bytes, bytes.len());
    // Without a type Wireshark takes the body for no lines of text, though RFC 2045 section 5.2 does.
    let mut kind: &[u8] = b"";
    let mut at = 0;
    while at < bytes.len() && !bytes[at..].starts_with(b"\r\n") && bytes[at] != b'\n' {
        let Some((name, text, next)) = header(bytes, at) else { break };
        let lower = String::from_utf8_lossy(name).to_ascii_lowercase();
        match KNOWN.iter().find(|(known, _)| *known == lower) {
            Some((_, field)) => {
                out.text(n, *field, text);
                match field {
                    Field::ImfFrom | Field::ImfSender | Field::ImfReplyTo => {
                        addresses(out, n, Field::ImfMailboxListItem, text);
                    }
                    Field::ImfDeliveredTo => address(out, n, text, true),
                    Field::ImfTo | Field::ImfCc | Field::ImfBcc => {
                        addresses(out, n, Field::ImfAddressListItem, text);
                    }
                    Field::ImfContentType => {
                        kind = text;
                        content_type(out, n, text);
                    }
                    _ => {}
                }
            }
            None => {
                out.text(n, Field::ImfExtension, bytes[at..next].trim_ascii_end());
                out.text(n, Field::ImfExtensionType, name);
                out.text(n, Field::ImfExtensionValue, text);
            }
        }
        at = next;
    }
    let (_, body) = if at < bytes.len() { line_or_rest(bytes, at) } else { (at, at) };
    if !kind.is_empty() {
        self::body(out, n, kind, &bytes[body.min(bytes.len())..]);
    }
}

fn content_type(out: &mut Out, n: usize, text: &[u8]) {
    match text.iter().position(|b| *b == b';') {
        Some(at) => {
            out.text(n, Field::ImfContentTypeType, &text[..at]);
            out.text(n, Field::ImfContentTypeParameters, &text[at + 1..]);
        }
        None => out.text(n, Field::ImfContentTypeType, text),
    }
}

/// `Alice <alice@a.example>, bob@b.example`.
fn addresses(out: &mut Out, n: usize, item: Field, text: &[u8]) {
    let count = text.split(|b| *b == b',').count();
    for (place, one) in text.split(|b| *b == b',').enumerate() {
        // The last one reaches to the end of the line.
        out.text(n, item, &if place + 1 == count { [one, b"\r\n"].concat() } else { one.to_vec() });
        address(out, n, one, place + 1 == count);
    }
}

/// One of them; `last`: it reaches to the end of the line, and so does an address without angle brackets.
fn address(out: &mut Out, n: usize, one: &[u8], last: bool) {
    let text = one.trim_ascii();
    match text.iter().position(|b| *b == b'<') {
        Some(at) => {
            let end = text.iter().position(|b| *b == b'>').unwrap_or(text.len()).max(at + 1);
            if at > 0 {
                out.text(n, Field::ImfDisplayName, text[..at].trim_ascii());
            }
            out.text(n, Field::ImfAddress, &text[at + 1..end]);
        }
        None if last => out.text(n, Field::ImfAddress, &[text, b"\r\n"].concat()),
        None => out.text(n, Field::ImfAddress, text),
    }
}

/// What stands behind the empty line, of the type that the header says.
fn body(out: &mut Out, n: usize, kind: &[u8], bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let end = kind.iter().position(|b| *b == b';').unwrap_or(kind.len());
    let name = String::from_utf8_lossy(&kind[..end]).trim().to_ascii_lowercase();
    if name.starts_with("multipart/") {
        multipart(out, n, (&name, kind), bytes);
    } else {
        content(out, n, &name, bytes);
    }
}

/// The content of a part or of a response, by its type.
pub(super) fn content(out: &mut Out, n: usize, kind: &str, bytes: &[u8]) {
    const LINES: [&str; 6] =
        ["text/plain", "text/html", "text/css", "text/javascript", "text/enriched", "text/richtext"];
    if LINES.contains(&kind) {
        lines(out, n, bytes);
    } else if kind == "application/x-www-form-urlencoded" {
        form(out, n, bytes);
    } else {
        out.protocol(n, Field::Media, bytes, bytes.len());
        out.bytes(n, Field::MediaType, bytes);
    }
}

/// What was filled in on a page.
fn form(out: &mut Out, n: usize, bytes: &[u8]) {
    out.protocol(n, Field::UrlencodedForm, bytes, bytes.len());
    for (key, value) in form_urlencoded::parse(bytes) {
        out.text(n, Field::UrlencodedFormKey, key.as_bytes());
        out.text(n, Field::UrlencodedFormValue, value.as_bytes());
    }
}

/// The value of a parameter: `boundary="x"`.
fn parameter(kind: &[u8], name: &str) -> Option<Vec<u8>> {
    kind.split(|b| *b == b';').skip(1).find_map(|part| {
        let part = part.trim_ascii();
        let at = part.iter().position(|b| *b == b'=')?;
        let (key, value) = (&part[..at], &part[at + 1..]);
        key.eq_ignore_ascii_case(name.as_bytes()).then(|| value.trim_ascii().to_vec())
    })
}

fn multipart(out: &mut Out, n: usize, (name, kind): (&str, &[u8]), bytes: &[u8]) {
    let Some(boundary) = parameter(kind, "boundary") else { return };
    let bare = boundary.strip_prefix(b"\"").and_then(|b| b.strip_suffix(b"\"")).unwrap_or(&boundary);
    let mark = [b"--", bare].concat();
    out.protocol(n, Field::MimeMultipart, bytes, bytes.len());
    out.text(n, Field::MimeMultipartType, name.as_bytes());
    let mut at = 0;
    let mut first = true;
    while let Some(found) = memchr::memmem::find(&bytes[at..], &mark) {
        let place = at + found;
        let (_, next) = line_or_rest(bytes, place);
        let last = bytes[place + mark.len()..].starts_with(b"--");
        let field = match (first, last) {
            (_, true) => Field::MimeMultipartLastBoundary,
            (true, _) => Field::MimeMultipartFirstBoundary,
            _ => Field::MimeMultipartBoundary,
        };
        if !first {
            // The CR LF in front of a boundary belongs to it.
            part(out, n, &bytes[at..place.saturating_sub(2).max(at)]);
        }
        let from = if first { place } else { place.saturating_sub(2).max(at) };
        out.text(n, field, &bytes[from..next]);
        if last {
            return;
        }
        (first, at) = (false, next);
    }
}

/// Without the blanks around semicolons.
fn compact(text: &[u8]) -> Vec<u8> {
    text.split(|b| *b == b';').map(<[u8]>::trim_ascii).collect::<Vec<_>>().join(&b';')
}

fn part(out: &mut Out, n: usize, bytes: &[u8]) {
    out.text(n, Field::MimeMultipartPart, b"");
    let mut kind: Vec<u8> = b"text/plain".to_vec();
    let mut at = 0;
    while at < bytes.len() && !bytes[at..].starts_with(b"\r\n") {
        let Some((name, text, next)) = header(bytes, at) else { break };
        let field = match String::from_utf8_lossy(name).to_ascii_lowercase().as_str() {
            "content-type" => Some(Field::MimeMultipartHeaderContentType),
            "content-disposition" => Some(Field::MimeMultipartHeaderContentDisposition),
            "content-transfer-encoding" => Some(Field::MimeMultipartHeaderContentTransferEncoding),
            _ => None,
        };
        if let Some(field) = field {
            out.text(n, field, &compact(text));
        }
        if field == Some(Field::MimeMultipartHeaderContentType) {
            kind = text.to_vec();
        }
        at = next;
    }
    let body_at = (at + 2).min(bytes.len());
    body(out, n, &kind, &bytes[body_at..]);
}
