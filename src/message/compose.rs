//! Writing a letter from what was typed.

use std::borrow::Cow;
use std::sync::Arc;

use encodify::qp;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::mime::{BodyPart, MimePart};

use super::Draft;
use super::read::body_start;
use super::reencode::{in_base64, reads_as_quoted_printable};
use crate::engine::SpanMap;

/// What a letter takes from its moment and place instead of from the clock and from luck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Seconds since 1970, for the Date field.
    pub unix_seconds: i64,
    /// Without angle brackets: `1.5f3a@alice-pc.a.example`.
    pub message_id: String,
    /// Of multipart letters; must not occur in the text.
    pub boundary: String,
}

/// A letter, and where its text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// The letter: lines end with CRLF; every byte is below 128, unless the draft wanted it otherwise.
    pub bytes: Arc<[u8]>,
    /// letter <- the text as typed. Empty where the text had to be encoded.
    pub map: SpanMap,
}

/// Writes the letter. Text in ASCII goes as it was typed; other text is quoted-printable if most of it can be read so,
/// else base64, or goes as it is if the draft says so; files are base64, or as they are.
/// Bcc is left out: it belongs to the envelope.
pub fn compose(draft: &Draft, stamp: &Stamp) -> Composed {
    let text = match draft.raw {
        true => draft.text.clone(),
        false => draft.text.replace("\r\n", "\n").replace('\n', "\r\n"),
    };
    let mut builder = MessageBuilder::new().from(address(&draft.from)).to(addresses(&draft.to));
    if !draft.cc.is_empty() {
        builder = builder.cc(addresses(&draft.cc));
    }
    builder = builder
        .subject(draft.subject.as_str())
        .date(Date::new(stamp.unix_seconds))
        .message_id(stamp.message_id.as_str());
    // RFC 5321 section 4.5.3.1.6: longer lines cannot go as they are.
    let short = text.lines().all(|l| l.len() <= 998);
    let plain = short && (text.is_ascii() || draft.eight_bit);
    // As it was typed, and said so: what is seen on the wire is what was written.
    let (charset, encoding, body) = if plain && text.is_ascii() {
        ("us-ascii", "7bit", Cow::Borrowed(text.as_str()))
    } else if plain {
        ("utf-8", "8bit", Cow::Borrowed(text.as_str()))
    } else if reads_as_quoted_printable(text.as_bytes()) {
        ("utf-8", "quoted-printable", Cow::Owned(qp::BODY.encode(&text)))
    } else {
        ("utf-8", "base64", Cow::Owned(in_base64(text.as_bytes())))
    };
    let kind = ContentType::new("text/plain").attribute("charset", charset);
    let part = MimePart::new(kind, BodyPart::Text(body)).transfer_encoding(encoding);
    if draft.attachments.is_empty() {
        builder = builder.body(part);
    } else {
        let mut parts = vec![part];
        for file in &draft.attachments {
            let content = BodyPart::Binary(file.bytes.as_ref().into());
            let part = MimePart::new(file.content_type.as_str(), content).attachment(file.name.as_str());
            parts.push(if draft.binary { part.transfer_encoding("binary") } else { part });
        }
        let mixed = ContentType::new("multipart/mixed").attribute("boundary", stamp.boundary.as_str());
        let mixed = MimePart::new(mixed, BodyPart::Multipart(parts));
        // RFC 2045 section 6.4: what is around a part says no less of its bytes.
        builder = builder.body(if draft.binary { mixed.transfer_encoding("binary") } else { mixed });
    }
    let mut bytes = Vec::new();
    builder.serialize(&mut bytes);
    if !bytes.ends_with(b"\r\n") {
        bytes.extend_from_slice(b"\r\n");
    }
    let map = match plain {
        true => {
            text_map(&bytes, &text, if draft.raw { None } else { Some(&draft.text) }, !draft.attachments.is_empty())
        }
        false => SpanMap::new(),
    };
    Composed { bytes: bytes.into(), map }
}

fn address(text: &str) -> Address<'_> {
    match text.split_once('<') {
        Some((name, rest)) => Address::new_address(Some(name.trim()), rest.trim_end_matches('>').trim()),
        None => Address::new_address(None::<&str>, text.trim()),
    }
}

fn addresses(list: &[String]) -> Address<'_> {
    Address::new_list(list.iter().map(|a| address(a)).collect())
}

/// letter <- typed text, line by line: a typed LF is a CRLF in the letter. Without `typed` it is the text itself.
fn text_map(letter: &[u8], text: &str, typed: Option<&str>, multipart: bool) -> SpanMap {
    let mut map = SpanMap::new();
    let from = body_start(letter);
    let start =
        if multipart { memchr::memmem::find(&letter[from..], b"\r\n\r\n").map(|at| from + at + 4) } else { Some(from) };
    let Some(start) = start.filter(|s| letter[*s..].starts_with(text.as_bytes())) else { return map };
    let Some(typed) = typed else {
        map.push(start as u64, text.len() as u64, 0);
        return map;
    };
    let (mut at, mut source) = (start as u64, 0);
    for line in typed.split_inclusive('\n') {
        let body = line.trim_end_matches(['\r', '\n']);
        let length = body.len() as u64;
        map.push(at, length, source);
        if line.ends_with('\n') {
            map.push(at + length + 1, 1, source + line.len() as u64 - 1);
            at += 2;
        }
        at += length;
        source += line.len() as u64;
    }
    map
}
