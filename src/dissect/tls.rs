//! TLS (RFC 8446): records as they stand on the wire, and what is in them for whoever has the secrets of the run, as we
//! do. All three ciphers of TLS 1.3 keep the order of bytes: byte `i` of what was sealed stands behind the header at `i`.

use std::ops::Range;

use super::cut::{Cut, bare, field, lines, text};
use super::flow::{Flow, Place, Talk};
use super::{Field, LayerKind, Value, smtp};
use crate::tls::{ContentType, HEADER, Record, handshake_name};
use crate::topology::Side;

/// What can be seen of the records in a range of a stream: `Client Hello`, `Change Cipher Spec, Application Data`.
pub(super) fn told(flow: &Flow, side: Side, range: Range<u64>) -> String {
    let names: Vec<&str> = flow.records(side, range).iter().map(|r| name(flow, side, r)).collect();
    names.join(", ")
}

/// The first handshake message in the open is the hello of its side; later ones are sealed.
fn name(flow: &Flow, side: Side, record: &Record) -> &'static str {
    match (record.kind, side) {
        (ContentType::Handshake, _) if flow.sealed_from(side) != Some(record.wire.start) => "Handshake",
        (ContentType::Handshake, Side::Client) => "Client Hello",
        (ContentType::Handshake, Side::Server) => "Server Hello",
        (kind, _) => kind.name(),
    }
}

/// Records up to `end` of the frame; the first byte stands at `start` of its stream.
pub(super) fn records(cut: &mut Cut<'_>, end: usize, place: &Place<'_>, start: u64, talk: Talk) {
    let range = start..start + (end - cut.at) as u64;
    let fields: Vec<Field> = place
        .flow
        .records(place.side, range.clone())
        .iter()
        .map(|record| {
            let (from, until) = (record.wire.start.max(range.start), record.wire.end.min(range.end));
            let at = |stream: u64| cut.at + (stream - start) as usize;
            let whole = record.wire.start >= range.start && record.wire.end <= range.end;
            let parts = if whole { whole_record(cut, at(from), at(until), record, place, talk) } else { Vec::new() };
            let mut label = format!("TLSv1.3 Record Layer: {}", name(place.flow, place.side, record));
            if !whole {
                label.push_str(", a part");
            }
            field("tls.record", &label, String::new(), Value::None, at(from)..at(until)).with(parts)
        })
        .collect();
    let summary = told(place.flow, place.side, range);
    let layer = ("Transport Layer Security", "tls", LayerKind::Application);
    cut.layer(layer, end - cut.at, summary, fields);
}

fn number(cut: &Cut<'_>, name: &'static str, label: &str, span: Range<usize>, say: impl Fn(u64) -> String) -> Field {
    let n = super::cut::number(&cut.frame[span.clone()]);
    field(name, label, say(n), Value::Number(n), span)
}

fn whole_record(cut: &Cut<'_>, at: usize, end: usize, record: &Record, place: &Place<'_>, talk: Talk) -> Vec<Field> {
    let sealed = record.kind == ContentType::ApplicationData;
    let (kind, label) =
        if sealed { ("tls.record.opaque_type", "Opaque Type") } else { ("tls.record.content_type", "Content Type") };
    let mut fields = vec![
        number(cut, kind, label, at..at + 1, |n| format!("{} ({n})", record.kind.name())),
        number(cut, "tls.record.version", "Version", at + 1..at + 3, version),
        number(cut, "tls.record.length", "Length", at + 3..at + 5, |n| n.to_string()),
    ];
    let body = at + HEADER..end;
    match (record.kind, &record.opened) {
        (ContentType::Handshake, _) => fields.extend(handshake(cut, body)),
        (ContentType::ChangeCipherSpec, _) => {
            fields.push(field(
                "tls.change_cipher_spec",
                "Change Cipher Spec Message",
                String::new(),
                Value::None,
                body,
            ));
        }
        (ContentType::Alert, _) => fields.push(field("tls.alert_message", "Alert", String::new(), Value::None, body)),
        (ContentType::ApplicationData, opened) => {
            let words = format!("{} bytes", body.len());
            fields.push(field("tls.app_data", "Encrypted Application Data", words, Value::None, body.clone()));
            if let Some(opened) = opened {
                let span = body.start..body.start + opened.plain.len();
                let what = opened.kind.name();
                let label = format!("Opened with the secrets of this run: {what}");
                let parts = match opened.kind {
                    ContentType::ApplicationData => spoken(&opened.plain, span.start, place.side, talk),
                    ContentType::Handshake => messages(&opened.plain, span.start),
                    ContentType::Alert | ContentType::ChangeCipherSpec => Vec::new(),
                };
                fields.push(field("tls.record.content_type", &label, String::new(), Value::None, span).with(parts));
            }
        }
    }
    fields
}

fn version(n: u64) -> String {
    let name = match n {
        0x0301 => "TLS 1.0",
        0x0303 => "TLS 1.2",
        0x0304 => "TLS 1.3",
        _ => "unknown",
    };
    format!("{name} ({n:#06x})")
}

/// A handshake message in the open (section 4): type, length, and the name that the client asks for.
fn handshake(cut: &Cut<'_>, body: Range<usize>) -> Vec<Field> {
    if body.len() < 4 {
        return Vec::new();
    }
    let at = body.start;
    let mut parts = vec![
        number(cut, "tls.handshake.type", "Handshake Type", at..at + 1, message_name),
        number(cut, "tls.handshake.length", "Length", at + 1..at + 4, |n| n.to_string()),
    ];
    if body.len() >= 38 {
        parts.push(number(cut, "tls.handshake.version", "Version", at + 4..at + 6, version));
        let random = field("tls.handshake.random", "Random", "32 bytes".to_owned(), Value::None, at + 6..at + 38);
        parts.push(random);
    }
    if let Some(name) = server_name(&cut.frame[body.clone()]) {
        let span = at + name.start..at + name.end;
        parts.push(text("tls.handshake.extensions_server_name", "Server Name", &cut.frame[span.clone()], span));
    }
    vec![field("tls.handshake", "Handshake Protocol", String::new(), Value::None, body).with(parts)]
}

fn message_name(n: u64) -> String {
    format!("{} ({n})", handshake_name(n as u8).unwrap_or("unknown"))
}

/// Where the server's name stands in a ClientHello (RFC 6066 section 3).
pub(crate) fn server_name(hello: &[u8]) -> Option<Range<usize>> {
    let two = |at: usize| Some(usize::from(u16::from_be_bytes([*hello.get(at)?, *hello.get(at + 1)?])));
    let mut at = 4 + 2 + 32;
    if hello.first() != Some(&1) {
        return None;
    }
    at += 1 + usize::from(*hello.get(at)?);
    at += 2 + two(at)?;
    at += 1 + usize::from(*hello.get(at)?);
    let end = at + 2 + two(at)?;
    at += 2;
    while at + 4 <= end {
        let (kind, length) = (two(at)?, two(at + 2)?);
        at += 4;
        if kind == 0 {
            // List length, type 0, length of the name.
            let length = two(at + 3)?;
            return hello.get(at + 5..at + 5 + length).map(|_| at + 5..at + 5 + length);
        }
        at += length;
    }
    None
}

/// Sealed handshake messages, by name.
fn messages(plain: &[u8], at: usize) -> Vec<Field> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some([kind, a, b, c]) = plain.get(from..from + 4) {
        let length = 4 + u32::from_be_bytes([0, *a, *b, *c]) as usize;
        let end = (from + length).min(plain.len());
        let n = u64::from(*kind);
        let span = at + from..at + end;
        found.push(field("tls.handshake.type", "Handshake Type", message_name(n), Value::None, span));
        from = end;
    }
    found
}

/// The bytes of the span are the sealed ones: the value stands in words only.
fn sealed(mut field: Field) -> Field {
    field.raw = Value::None;
    field.children = field.children.into_iter().map(sealed).collect();
    field
}

/// What a program said.
fn spoken(plain: &[u8], at: usize, side: Side, talk: Talk) -> Vec<Field> {
    let mut from = at;
    lines(plain)
        .map(|line| {
            let span = from..from + line.len();
            from = span.end;
            match (talk, side) {
                (Talk::Smtp, Side::Client) => smtp::command(line, span, false),
                (Talk::Smtp, Side::Server) => smtp::reply(line, span, true),
                (Talk::Imap, _) => text("imap.line", "Line", bare(line), span),
                (Talk::Pop | Talk::Http | Talk::Dns, _) => text("http", "Line", bare(line), span),
            }
        })
        .map(sealed)
        .collect()
}
