//! The letter unwrapped: envelope, header, empty line, body; and what each layer wraps around it.

use std::ops::Range;

use mail_parser::{MessageParser, MimeHeaders};

use super::{LayerKind, imf, layers};
use crate::mail::{ContentId, Event, Letter, Made};
use crate::topology::ConnId;
use crate::trace::{HopId, Log, PacketId, SessionEvent, What};
use crate::{imap, message, pop3};

/// What SMTP says about a letter and the letter itself does not (RFC 5321 section 2.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// `MAIL FROM:<alice@a.example>`.
    pub mail_from: String,
    /// `RCPT TO:<bob@b.example>`, one for each recipient.
    pub rcpt_to: Vec<String>,
    /// Whether it is still around the letter. The last server takes it off when it puts the letter into a
    /// mailbox, and keeps the sender as `Return-Path` (section 4.4).
    pub around: bool,
}

/// A field of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderField {
    /// `Subject`.
    pub name: String,
    /// On one line.
    pub value: String,
    /// Its lines in the letter, the last CRLF included.
    pub span: Range<usize>,
}

/// One part of a letter in the sense of MIME (RFC 2046), or the whole body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// `text/plain`, `image/bmp`, `multipart/mixed`.
    pub content_type: String,
    /// Name of the file, if it is one.
    pub name: Option<String>,
    /// `7bit`, `base64` ...
    pub encoding: String,
    /// How deep it is nested: 0 is the letter.
    pub depth: usize,
    /// Its header in the letter; for the letter itself that of the letter.
    pub header: Range<usize>,
    /// Its contents in the letter, as they stand there.
    pub body: Range<usize>,
    /// Bytes of its contents when decoded; of a multipart the bytes as they stand.
    pub decoded: usize,
}

/// A letter in its parts. The ranges are places in its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwrapped {
    /// Which version of which letter.
    pub content: ContentId,
    /// From and to, if anybody has said.
    pub envelope: Option<Envelope>,
    /// The fields of the header in order.
    pub header: Vec<HeaderField>,
    /// The line that ends the header; empty if there is none.
    pub empty: Range<usize>,
    /// What follows it.
    pub body: Range<usize>,
    /// How many bytes the letter has.
    pub bytes: usize,
    /// How many of them are above 127: SMTP carries none (RFC 5321 section 2.4).
    pub above_127: usize,
    /// What it consists of, the letter itself first.
    pub parts: Vec<Part>,
}

/// What one layer adds to a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrap {
    /// Where the layer stands.
    pub kind: LayerKind,
    /// `Transmission Control Protocol`.
    pub name: &'static str,
    /// Its bytes in this packet.
    pub bytes: usize,
}

/// A version of a letter in its parts; `None` if the record tells of none with this number.
pub fn unwrap(log: &Log, content: ContentId) -> Option<Unwrapped> {
    let letter = letter(log, content)?;
    let bytes = &letter.bytes;
    let fields = message::header_fields(bytes).into_iter();
    let (end, body) = (message::header_end(bytes), message::body_start(bytes));
    Some(Unwrapped {
        content,
        envelope: envelope(log, letter),
        header: fields
            .map(|(name, span)| HeaderField { value: imf::unfolded(&bytes[span.clone()], name.len()), name, span })
            .collect(),
        empty: end..body,
        body: body..bytes.len(),
        bytes: bytes.len(),
        above_127: bytes.iter().filter(|b| **b > 127).count(),
        parts: parts(bytes),
    })
}

/// The layers of a packet with their sizes, the outermost first: link, IP, TCP, and what they carry.
///
/// # Panics
/// If the packet or the hop was not given out by this record.
pub fn wrapping(log: &Log, packet: PacketId, hop: HopId) -> Vec<Wrap> {
    let layers = layers(log, packet, hop).layers;
    layers.into_iter().map(|l| Wrap { kind: l.kind, name: l.name, bytes: l.span.len() }).collect()
}

/// The versions of letters that an event tells of.
fn letters(event: &Event) -> Vec<&Letter> {
    match event {
        Event::Composed { letter, .. }
        | Event::QueueEnter { letter, .. }
        | Event::Converted { letter, .. }
        | Event::Expanded { letter, .. }
        | Event::DsnCreate { letter, .. }
        | Event::MailboxStore { letter, .. }
        | Event::Read { letter, .. } => vec![letter],
        Event::Accepted { received, letter, .. } => vec![received, letter],
        _ => Vec::new(),
    }
}

fn mail_events(log: &Log) -> impl DoubleEndedIterator<Item = &Event> {
    log.entries().iter().filter_map(|entry| match &entry.what {
        What::Mail(event) => Some(&**event),
        _ => None,
    })
}

fn letter(log: &Log, content: ContentId) -> Option<&Letter> {
    mail_events(log).flat_map(letters).find(|letter| letter.content == content)
}

/// The envelope of a version, or of the version from which it was made.
fn envelope(log: &Log, letter: &Letter) -> Option<Envelope> {
    let written = |e: &crate::smtp::Envelope, around| Envelope {
        mail_from: format!("MAIL FROM:{}", e.from),
        rcpt_to: e.to.iter().map(|to| format!("RCPT TO:<{to}>")).collect(),
        around,
    };
    let mut around = true;
    let mut content = letter.content;
    let mut made = &letter.made;
    loop {
        let mut before = None;
        for event in mail_events(log) {
            match event {
                Event::MailboxStore { letter, .. } | Event::Read { letter, .. } if letter.content == content => {
                    around = false;
                }
                Event::Composed { envelope, letter, .. }
                | Event::Expanded { envelope, letter, .. }
                | Event::QueueEnter { envelope, letter, .. }
                    if letter.content == content =>
                {
                    before = Some(envelope);
                }
                Event::Accepted { envelope, received, letter, .. }
                    if letter.content == content || received.content == content =>
                {
                    before = Some(envelope);
                }
                _ => {}
            }
        }
        if let Some(envelope) = before {
            return Some(written(envelope, around));
        }
        // Every version is made from an earlier one, so this ends.
        content = match made {
            Made::Prepended(from, _) | Made::Converted(from, _) => *from,
            Made::Fetched(conn, map) => sent(log, *conn, map.pieces().first()?.from)?,
            _ => return None,
        };
        made = &self::letter(log, content)?.made;
    }
}

/// The stored version that an IMAP or POP3 server sent at a place of a connection's stream.
fn sent(log: &Log, conn: ConnId, at: u64) -> Option<ContentId> {
    log.entries().iter().find_map(|entry| match &entry.what {
        What::Session(session) if session.conn == conn => match &session.event {
            SessionEvent::ImapServer(imap::server::Event::Sent { range, content, .. })
            | SessionEvent::Pop3Server(pop3::server::Event::Sent { range, content, .. })
                if range.contains(&at) =>
            {
                Some(ContentId(*content))
            }
            _ => None,
        },
        _ => None,
    })
}

fn parts(bytes: &[u8]) -> Vec<Part> {
    let Some(message) = MessageParser::default().parse(bytes) else { return Vec::new() };
    let mut parts = Vec::new();
    // Which parts stand in which multipart, by walking from the letter down.
    let mut open = vec![(0, 0)];
    while let Some((number, depth)) = open.pop() {
        let Some(part) = message.parts.get(number) else { continue };
        let content_type = part.content_type().map_or_else(
            || "text/plain".to_string(),
            |t| t.subtype().map_or(t.ctype().to_string(), |sub| format!("{}/{sub}", t.ctype())),
        );
        let end = (part.raw_end_offset() as usize).min(bytes.len());
        let body = (part.raw_body_offset() as usize).min(end);
        parts.push(Part {
            content_type,
            name: part.attachment_name().map(str::to_string),
            encoding: part.content_transfer_encoding().unwrap_or("7bit").to_string(),
            depth,
            header: (part.raw_header_offset() as usize).min(body)..body,
            body: body..end,
            decoded: if part.is_multipart() { end - body } else { part.len() },
        });
        let below = part.sub_parts().unwrap_or_default();
        open.extend(below.iter().rev().map(|number| (*number as usize, depth + 1)));
    }
    parts
}
