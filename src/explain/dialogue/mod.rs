//! A conversation as rows: who said what, in the order in which it was written.
//!
//! ```text
//!   TCP connection open
//!     S mail.b  220 mail.b.example Simple Mail Transfer Service Ready
//!   C mail.a  EHLO mail.a.example                      (SMTP, RFC 5321)
//!     S mail.b  250 mail.b.example
//!   ...
//!   C mail.a  [mail, 429 bytes: header 7 lines, body 1 line]
//!     S mail.b  250 OK: queued as 000001
//! ```
//! Every line that an engine wrote is one row, from the moment at which it was written; the same line where
//! it was read belongs to the same row. What is no line is one block: the letter of SMTP, a literal of IMAP
//! (RFC 3501 section 4.3), the content of an HTTP response. So the rows of one end follow each other in its
//! stream without gap and overlap. The opening and closing of the connection, and what was not expected,
//! are rows without bytes.

mod build;
mod fold;
mod stream;
mod words;

use std::ops::Range;

use self::stream::{Stream, index};
use super::phases::{Conversation, Part};
use crate::topology::{ConnId, Side};
use crate::trace::{Closed, EntryId, Log, Names};

pub use fold::{Mail, MailPart, Section};
pub use words::Words;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Who speaks or acts.
    pub speaker: Side,
    /// Role and host: `C mail.a`, `S mail.b`.
    pub tag: String,
    /// The line; the first one of a reply in several lines or of a head. Empty for blocks and events.
    pub words: Words,
    /// The other lines: of a reply (RFC 5321 section 4.2.1), of an HTTP head.
    pub more: Vec<Words>,
    /// When it was written (or happened). The row is there as soon as this has happened.
    pub entry: EntryId,
    /// When the other end read it.
    pub read: Option<EntryId>,
    /// Its bytes in the speaker's stream, line end included; empty for events.
    pub range: Range<u64>,
    /// What to say under the first reply: `status code, phrase`.
    pub caption: Option<&'static str>,
    /// The part of the conversation it belongs to.
    pub part: Part,
    /// What it is.
    pub kind: Kind,
}

/// What a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A command, a reply, a head.
    Line,
    /// A whole mail, folded.
    Mail(Mail),
    /// Other content, folded.
    Object(Object),
    /// Nothing that was said: something that happened.
    Event(Happening),
}

/// Content that is not a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What was asked for: `/image1.png`, `BODY[HEADER]`; empty if that is not known.
    pub name: String,
    /// As the head says: `image/bmp`.
    pub content_type: Option<String>,
    /// Its bytes in the stream.
    pub bytes: u64,
    /// How many of those that were sent are above 127: what 7-bit mail cannot carry as it is.
    pub above_127: usize,
}

impl Object {
    /// What the folded block says: `/image1.bmp, 2,000 bytes, image/bmp`.
    pub fn title(&self) -> String {
        let name = if self.name.is_empty() { "content" } else { &self.name };
        let mut title = format!("{name}, {} bytes", crate::time::grouped(self.bytes));
        if let Some(kind) = &self.content_type {
            title.push_str(", ");
            title.push_str(kind);
        }
        title
    }
}

/// What a row without bytes tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The client has the connection: its TCP handshake is done.
    Opened,
    /// The session ended before the server had said a word.
    NoGreeting,
    /// An engine heard what does not belong at that moment; its own sentence.
    Unexpected(String),
    /// A server read this command inside of what the client sent as a letter.
    ReadInside(String),
    /// The session ended otherwise than by a goodbye; the engine's own words.
    Broken(String),
    /// The handshake of TLS is over at this end: what follows is sealed on the wire.
    Secured(&'static str),
    /// There will be no TLS, for this reason.
    NotSecured(String),
    /// This end will send nothing more (FIN).
    Closing,
    /// The connection is over for the client.
    Closed(Closed),
}

impl Happening {
    /// In words; the row's tag says who.
    pub fn text(&self) -> String {
        match self {
            Happening::Opened => "TCP connection open".to_owned(),
            Happening::NoGreeting => "no greeting came".to_owned(),
            Happening::Unexpected(what) => what.clone(),
            Happening::ReadInside(command) => format!("reads a command in the letter: {command}"),
            Happening::Broken(why) => format!("session ended: {why}"),
            Happening::Secured(version) => format!("{version}: from here on sealed"),
            Happening::NotSecured(why) => format!("no TLS: {why}"),
            Happening::Closing => "closes its side (FIN)".to_owned(),
            Happening::Closed(Closed::Fin) => "TCP connection closed by both sides".to_owned(),
            Happening::Closed(Closed::Rst) => "TCP connection refused or reset".to_owned(),
            Happening::Closed(Closed::Timeout) => "TCP gives up: no answer".to_owned(),
        }
    }
}

/// All rows of one conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialogue {
    /// Which connection.
    pub conn: ConnId,
    /// The rows in the order in which they were written.
    pub rows: Vec<Row>,
    streams: [Stream; 2],
}

impl Dialogue {
    /// How many rows have been written before `place`; they are the first ones.
    pub fn visible(&self, place: usize) -> usize {
        self.rows.partition_point(|row| (row.entry.0 as usize) < place)
    }

    /// The row that an entry belongs to: where its line was written or read. A literal shares these with the line
    /// behind it, which is what the entry tells of.
    pub fn row_of(&self, entry: EntryId) -> Option<usize> {
        let tells = |row: &Row| row.entry == entry || row.read == Some(entry);
        let line = self.rows.iter().position(|row| row.kind == Kind::Line && tells(row));
        line.or_else(|| self.rows.iter().position(tells))
    }

    /// The row that holds a byte of a stream.
    pub fn row_at(&self, speaker: Side, offset: u64) -> Option<usize> {
        self.rows.iter().position(|row| row.speaker == speaker && row.range.contains(&offset))
    }

    /// Bytes of what one end has said; fewer than asked for if they were never sent.
    pub fn bytes(&self, speaker: Side, range: &Range<u64>) -> &[u8] {
        self.streams[index(speaker)].part(range)
    }

    /// All bytes of one end as they cross the line: what is sealed is still sealed.
    pub fn on_the_line(&self, speaker: Side) -> &[u8] {
        self.streams[index(speaker)].sealed()
    }

    /// How many bytes one end has sent, each counted once.
    pub fn sent(&self, speaker: Side) -> u64 {
        self.streams[index(speaker)].len()
    }

    /// The lines in a part of the stream, without their ends, and where each stands (its end included).
    pub fn lines(&self, speaker: Side, range: &Range<u64>) -> impl Iterator<Item = (String, Range<u64>)> {
        let stream = &self.streams[index(speaker)];
        let start = range.start;
        let mut at = start;
        fold::lines(self.bytes(speaker, range)).map(move |line| {
            let own = at..at + line.len() as u64;
            at = own.end;
            let place = stream.wire(start, &own);
            let words = line.strip_suffix(b"\n").unwrap_or(line);
            let words = words.strip_suffix(b"\r").unwrap_or(words);
            (String::from_utf8_lossy(words).into_owned(), place)
        })
    }
}

/// The dialogue of every conversation, in the same order.
pub fn dialogues(log: &Log, names: &Names, conversations: &[Conversation]) -> Vec<Dialogue> {
    build::all(log, names, conversations)
}

/// The dialogue of one conversation.
pub fn dialogue(log: &Log, names: &Names, conversation: &Conversation) -> Dialogue {
    let one = build::all(log, names, std::slice::from_ref(conversation));
    one.into_iter().next().expect("one conversation gives one dialogue")
}

#[cfg(test)]
mod tests;
