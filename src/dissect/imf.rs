//! Letters (RFC 5322) as they stand on the wire, or the part of one that a segment carries.

use std::ops::Range;

use super::cut::{Cut, field, text};
use super::flow::{Piece, Place};
use super::{LayerKind, Value};
use crate::message;

const LAYER: (&str, &str, LayerKind) = ("Internet Message Format", "imf", LayerKind::Application);

/// No header is longer; what is beyond counts as body.
const LONGEST_HEADER: u64 = 64 * 1024;

/// Where in the stream a mail ends whose content is `piece`: before its final dot, if that was sent
/// and is one.
pub(super) fn without_end(place: &Place<'_>, piece: &Piece) -> u64 {
    let whole = &piece.whole;
    if piece.by_length {
        return whole.end;
    }
    let tail = place.bytes(whole.end.saturating_sub(5).max(whole.start)..whole.end);
    let is_end = tail == b"\r\n.\r\n" || (tail == b".\r\n" && whole.end - whole.start == 3);
    if is_end { whole.end - 3 } else { whole.end }
}

/// The bytes up to `end` of the frame: a part of the letter that stands at `piece.whole.start..last` of the
/// stream.
pub(super) fn layer(cut: &mut Cut<'_>, end: usize, place: &Place<'_>, piece: &Piece, last: u64) {
    let length = end - cut.at;
    if length == 0 {
        return;
    }
    let whole = piece.whole.start..last;
    let head = place.bytes(whole.start..whole.end.min(whole.start + LONGEST_HEADER));
    let offset = (piece.range.start - whole.start) as usize;
    let at = cut.at;
    // The part of a range of the letter that is in this frame.
    let here = |range: Range<usize>| {
        let (from, to) = (range.start.max(offset), range.end.min(offset + length));
        (from < to).then(|| at + from - offset..at + to - offset)
    };
    let mut fields = Vec::new();
    for (name, range) in message::header_fields(&head) {
        if let Some(span) = here(range.clone()) {
            let value = unfolded(&head[range], name.len());
            fields.push(text(wireshark_name(&name), &name, value.as_bytes(), span));
        }
    }
    let (header_end, body) = (message::header_end(&head), message::body_start(&head));
    if let Some(span) = here(header_end..body) {
        fields.push(field("imf", "Empty line", "end of the header".to_string(), Value::None, span));
    }
    let size = (whole.end - whole.start) as usize;
    if let Some(span) = here(body..size.max(body)) {
        let said = format!("{} of {} bytes", span.len(), size - body);
        fields.push(field("imf.message_text", "Body", said, Value::None, span));
    }
    let said = |name| message::header(&head, name, 0).unwrap_or_default();
    let summary = format!("from: {}, subject: {}", said("From"), said("Subject"));
    cut.layer(LAYER, length, summary, fields);
}

/// The value of a field whose name has so many bytes, on one line.
pub(super) fn unfolded(line: &[u8], name: usize) -> String {
    let text = String::from_utf8_lossy(line).replace("\r\n", "");
    text.get(name..).unwrap_or(&text).trim_start().trim_start_matches(':').trim().to_string()
}

/// Wireshark's name for a header field.
pub(super) fn wireshark_name(name: &str) -> &'static str {
    match name.to_ascii_lowercase().as_str() {
        "date" => "imf.date",
        "from" => "imf.from",
        "sender" => "imf.sender",
        "reply-to" => "imf.reply_to",
        "to" => "imf.to",
        "cc" => "imf.cc",
        "message-id" => "imf.message_id",
        "in-reply-to" => "imf.in_reply_to",
        "references" => "imf.references",
        "subject" => "imf.subject",
        "return-path" => "imf.return_path",
        "delivered-to" => "imf.delivered_to",
        "received" => "imf.received",
        "mime-version" => "imf.mime_version",
        "content-type" => "imf.content.type",
        "content-transfer-encoding" => "imf.content.transfer_encoding",
        "auto-submitted" => "imf.autosubmitted",
        _ => "imf.extension",
    }
}
