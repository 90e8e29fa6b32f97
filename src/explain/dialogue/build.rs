//! One pass over the record: lines become rows, letters and contents blocks, the rest events.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::phases::{Conversation, Part, Protocol, flags};
use super::stream::{Stream, index, unseal};
use super::{Dialogue, Happening, Kind, Mail, Object, Row, Words};
use crate::engine::Way;
use crate::packet::TcpFlags;
use crate::topology::{ConnId, Side};
use crate::trace::{EntryId, Line, Log, Names, PacketId, Session, SessionEvent, What};
use crate::{http, imap, pop3, smtp};

/// The dialogues of these conversations.
pub(super) fn all(log: &Log, names: &Names, conversations: &[Conversation]) -> Vec<Dialogue> {
    let mut builders: Vec<Builder> = conversations.iter().map(|c| Builder::new(log, names, c)).collect();
    let place: BTreeMap<ConnId, usize> = conversations.iter().enumerate().map(|(i, c)| (c.conn, i)).collect();
    for (id, p) in log.packets().iter().enumerate() {
        if let Some((conn, side)) = p.conn
            && let Some(&at) = place.get(&conn)
        {
            builders[at].streams[index(side)].take(log, PacketId(id as u32));
        }
    }
    for builder in &mut builders {
        let conn = builder.conversation.conn;
        if let Some(sealed) = log.sealed(conn) {
            unseal(&mut builder.streams, sealed);
        }
    }
    for (number, entry) in log.entries().iter().enumerate() {
        let Some(conn) = connection(log, &entry.what) else { continue };
        let Some(&at) = place.get(&conn) else { continue };
        builders[at].entry(log, EntryId(number as u32), &entry.what);
    }
    builders.into_iter().map(Builder::finish).collect()
}

/// The connection that an entry tells something of.
fn connection(log: &Log, what: &What) -> Option<ConnId> {
    match what {
        What::Session(session) => Some(session.conn),
        What::TcpEstablished(conn, _) | What::TcpClosed { conn, .. } => Some(*conn),
        What::FrameSent { packet, .. } => log.packet(*packet).conn.map(|(conn, _)| conn),
        _ => None,
    }
}

struct Builder<'a> {
    conversation: &'a Conversation,
    tags: [String; 2],
    rows: Vec<Row>,
    /// Rows with bytes, by side and first byte.
    starts: BTreeMap<(usize, u64), usize>,
    streams: [Stream; 2],
    /// An SMTP client writes a letter since this entry.
    letter: Option<EntryId>,
    /// The path last asked for, and the type that the last head told.
    object: (String, Option<String>),
    greeted: bool,
    fin: [bool; 2],
    /// Which ends tell what they write: a person or a program outside does not.
    tells: [bool; 2],
}

impl<'a> Builder<'a> {
    fn new(log: &Log, names: &Names, conversation: &'a Conversation) -> Self {
        let tag = |letter: &str, side| {
            let name = log.end(conversation.conn, side).map(|node| names.node(node).to_owned());
            let name = name.unwrap_or_else(|| log.end_addr(conversation.conn, side).0.to_string());
            format!("{letter} {name}")
        };
        Builder {
            conversation,
            tags: [tag("C", Side::Client), tag("S", Side::Server)],
            rows: Vec::new(),
            starts: BTreeMap::new(),
            streams: Default::default(),
            letter: None,
            object: Default::default(),
            greeted: false,
            fin: [false; 2],
            tells: [false; 2],
        }
    }

    fn entry(&mut self, log: &Log, id: EntryId, what: &What) {
        match what {
            What::TcpEstablished(_, Side::Client) => self.event(id, Side::Client, Happening::Opened),
            // The client's end is the conversation's.
            What::TcpClosed { side: Side::Client, how, .. } => {
                self.event(id, Side::Client, Happening::Closed(*how));
            }
            What::FrameSent { packet, .. } => {
                if let Some((_, side)) = log.packet(*packet).conn
                    && !self.fin[index(side)]
                    && flags(log, *packet).is_some_and(|f| TcpFlags(f).contains(TcpFlags::FIN))
                {
                    self.fin[index(side)] = true;
                    self.event(id, side, Happening::Closing);
                }
            }
            What::Session(session) => self.session(id, session),
            _ => {}
        }
    }

    fn session(&mut self, id: EntryId, session: &Session<'_>) {
        let side = session.side;
        match &session.event {
            SessionEvent::Line(_, line) => match line.way {
                Way::Sent => self.wrote(id, side, line),
                Way::Received => self.read_line(id, side, line),
            },
            SessionEvent::SmtpClient(event) => {
                use smtp::client::Event;
                match event {
                    Event::State { to: smtp::client::State::Letter, .. } => {
                        self.letter.get_or_insert(id);
                    }
                    Event::Letter(letter) => {
                        // A long letter is written as the window allows; its block begins with the first write.
                        let since = self.letter.take().unwrap_or(id);
                        self.mail(since, side, letter.range.clone(), true);
                    }
                    Event::Unexpected(what) => self.event(id, side, Happening::Unexpected(what.to_string())),
                    Event::Ended(how) => self.ended(id, side, *how == smtp::Ending::Quit, how.to_string()),
                    _ => {}
                }
            }
            SessionEvent::SmtpServer(event) => {
                use smtp::server::Event;
                match event {
                    Event::LetterReceived(letter) if self.silent(Side::Client) => {
                        self.mail(id, Side::Client, letter.range.clone(), true);
                    }
                    Event::LetterReceived(letter) => self.read_block(id, Side::Client, &letter.range),
                    Event::Unexpected(what) => self.event(id, side, Happening::Unexpected(what.to_string())),
                    _ => {}
                }
            }
            SessionEvent::ImapClient(event) => {
                use imap::client::{Ending, Event};
                match event {
                    Event::Letter { range, .. } => self.read_block(id, Side::Server, range),
                    Event::Unexpected(what) => self.event(id, side, Happening::Unexpected(what.to_string())),
                    Event::Ended(how) => self.ended(id, side, *how == Ending::Logout, how.to_string()),
                    _ => {}
                }
            }
            SessionEvent::ImapServer(event) => {
                use imap::server::Event;
                match event {
                    Event::Sent { range, .. } => self.literal(id, side, range.clone()),
                    Event::Unexpected(what) => self.event(id, side, Happening::Unexpected(what.to_string())),
                    _ => {}
                }
            }
            SessionEvent::Secured(info) => self.event(id, side, Happening::Secured(info.version)),
            SessionEvent::NotSecured(why) => self.event(id, side, Happening::NotSecured((*why).to_owned())),
            SessionEvent::Pop3Client(event) => {
                use pop3::client::{Ending, Event};
                match event {
                    Event::Letter { range, .. } => self.read_block(id, Side::Server, range),
                    Event::Unexpected(what) => self.event(id, side, Happening::Unexpected(what.to_string())),
                    Event::Ended(how) => self.ended(id, side, *how == Ending::Quit, how.to_string()),
                    _ => {}
                }
            }
            SessionEvent::Pop3Server(event) => {
                use pop3::server::Event;
                match event {
                    Event::Sent { range, .. } => self.mail(id, side, range.clone(), true),
                    Event::Unexpected(what) => self.event(id, side, Happening::Unexpected(what.to_string())),
                    _ => {}
                }
            }
            SessionEvent::HttpClient(event) => {
                use http::client::Event;
                match event {
                    Event::Content { content_type, range, .. } => {
                        let name = "what was filled in".to_owned();
                        self.content(id, side, range.clone(), name, content_type.clone());
                    }
                    Event::Received { range, .. } => self.read_block(id, Side::Server, range),
                    Event::Unexpected(what) => self.event(id, side, Happening::Unexpected(what.to_string())),
                    Event::Ended(how) => self.ended(id, side, *how == http::Ending::Complete, how.to_string()),
                    _ => {}
                }
            }
            SessionEvent::HttpServer(event) => {
                use http::server::Event;
                match event {
                    Event::Request { path, .. } => self.object.0.clone_from(path),
                    Event::Content { range, .. } => self.read_block(id, Side::Client, range),
                    Event::Response { content_type, .. } => self.object.1 = Some(content_type.clone()),
                    Event::Body { range } => {
                        let (name, content_type) = self.object.clone();
                        self.content(id, side, range.clone(), name, content_type);
                    }
                    Event::Unexpected(what) => self.event(id, side, Happening::Unexpected(what.to_string())),
                    _ => {}
                }
            }
        }
    }

    /// Nobody has told of anything that was written at this end.
    fn silent(&self, side: Side) -> bool {
        !self.tells[index(side)]
    }

    /// A line was written.
    fn wrote(&mut self, id: EntryId, side: Side, line: &Line<'_>) {
        self.tells[index(side)] = true;
        self.fill(id, side, line.start);
        self.push_line(id, side, line);
    }

    /// A line was read: it is in the row of the one that was written.
    fn read_line(&mut self, id: EntryId, reader: Side, line: &Line<'_>) {
        if reader == Side::Client {
            self.greeted = true;
        }
        let side = reader.other();
        match self.row_with(side, line.start) {
            // Two programs that disagree about the end of a letter: what one has sent as text, the other obeys.
            Some(row) if matches!(self.rows[row].kind, Kind::Mail(_)) && line.verb.is_some() => {
                self.event(id, reader, Happening::ReadInside(line.text.to_owned()));
            }
            Some(row) => {
                self.rows[row].read.get_or_insert(id);
            }
            // Nobody here has told of writing it, nor of what stands before it.
            None => {
                if self.silent(side) {
                    self.fill(id, side, line.start);
                }
                self.push_line(id, side, line);
            }
        }
    }

    fn push_line(&mut self, id: EntryId, side: Side, line: &Line<'_>) {
        let protocol = self.conversation.protocol;
        let mut lines = line.text.split('\n');
        let first = Words::of(protocol, side, lines.next().unwrap_or_default());
        let more = lines.map(|line| match protocol {
            Protocol::Http => Words::plain(line),
            _ => Words::of(protocol, side, line),
        });
        let more = more.collect();
        let first_reply = line.code.is_some() && side == Side::Server && self.rows.iter().all(|r| r.caption.is_none());
        let mut row = self.row(id, side, line.range(), Kind::Line);
        (row.words, row.more) = (first, more);
        row.caption = first_reply.then_some("status code, phrase");
        self.push(row);
    }

    /// What lies between the last row of this side and `until` is a literal that no event tells of.
    fn fill(&mut self, id: EntryId, side: Side, until: u64) {
        let from = self.end(side);
        if from < until {
            self.literal(id, side, from..until);
        }
    }

    /// A literal of IMAP; the line before it says of what.
    fn literal(&mut self, id: EntryId, side: Side, range: Range<u64>) {
        self.fill(id, side, range.start);
        if self.streams[index(side)].is_only_sealing(&range) {
            return self.content(id, side, range, "TLS".to_owned(), None);
        }
        let before = self.rows.iter().rev().find(|r| r.speaker == side && r.range.end == range.start);
        let line = before.map(|r| r.words.line()).unwrap_or_default();
        let item = line.rsplit_once(" {").map_or("", |(front, _)| front);
        let item = item.rsplit(' ').next().unwrap_or_default().trim_start_matches('(');
        let appended = side == Side::Client && line.to_ascii_uppercase().contains("APPEND");
        let whole = ["BODY[]", "BODY.PEEK[]", "RFC822"].iter().any(|name| item.eq_ignore_ascii_case(name));
        if appended || whole {
            self.mail(id, side, range, false);
        } else {
            self.content(id, side, range, item.to_owned(), None);
        }
    }

    fn mail(&mut self, id: EntryId, side: Side, range: Range<u64>, dot: bool) {
        let mut mail = Mail::read(self.streams[index(side)].part(&range), range.start, dot);
        if self.streams[index(side)].len() < range.end {
            // Written, and not all of it was sent.
            mail.bytes = range.end - range.start - if dot { 3 } else { 0 };
        }
        for section in &mut mail.sections {
            section.range = self.streams[index(side)].wire(range.start, &section.range);
        }
        let row = self.row(id, side, range, Kind::Mail(mail));
        self.push(row);
    }

    fn content(&mut self, id: EntryId, side: Side, range: Range<u64>, name: String, content_type: Option<String>) {
        let bytes = range.end - range.start;
        let above_127 = self.streams[index(side)].part(&range).iter().filter(|b| !b.is_ascii()).count();
        let object = Object { name, content_type, bytes, above_127 };
        let row = self.row(id, side, range, Kind::Object(object));
        self.push(row);
    }

    /// A block was read, all of it.
    fn read_block(&mut self, id: EntryId, side: Side, range: &Range<u64>) {
        if let Some(row) = self.row_with(side, range.start) {
            self.rows[row].read.get_or_insert(id);
        }
    }

    fn event(&mut self, id: EntryId, side: Side, what: Happening) {
        let at = self.end(side);
        let row = self.row(id, side, at..at, Kind::Event(what));
        self.rows.push(row);
    }

    fn ended(&mut self, id: EntryId, side: Side, well: bool, how: String) {
        if !self.greeted && self.conversation.established.is_some() && self.conversation.protocol != Protocol::Http {
            self.event(id, Side::Server, Happening::NoGreeting);
        }
        if !well {
            self.event(id, side, Happening::Broken(how));
        }
    }

    fn row(&self, entry: EntryId, side: Side, range: Range<u64>, kind: Kind) -> Row {
        Row {
            speaker: side,
            tag: self.tags[index(side)].clone(),
            words: Words::default(),
            more: Vec::new(),
            entry,
            read: None,
            range,
            caption: None,
            part: self.part(entry),
            kind,
        }
    }

    fn push(&mut self, row: Row) {
        self.starts.insert((index(row.speaker), row.range.start), self.rows.len());
        self.rows.push(row);
    }

    /// The part of the conversation in which an entry lies.
    fn part(&self, entry: EntryId) -> Part {
        let place = entry.0 as usize;
        let band = self.conversation.bands.iter().rev().find(|band| band.begins <= place);
        band.map_or(Part::Connect, |band| band.part)
    }

    /// Behind the last byte of this side that is in a row.
    fn end(&self, side: Side) -> u64 {
        self.last(side, u64::MAX).map_or(0, |row| self.rows[row].range.end)
    }

    /// The row of this side that begins last, at `offset` or before it.
    fn last(&self, side: Side, offset: u64) -> Option<usize> {
        let side = index(side);
        self.starts.range((side, 0)..=(side, offset)).next_back().map(|(_, row)| *row)
    }

    /// The row that holds a byte.
    fn row_with(&self, side: Side, offset: u64) -> Option<usize> {
        self.last(side, offset).filter(|row| self.rows[*row].range.contains(&offset))
    }

    fn finish(mut self) -> Dialogue {
        for side in [Side::Client, Side::Server] {
            let (from, sent) = (self.end(side), self.streams[index(side)].len());
            if from >= sent {
                continue;
            }
            // The connection ended within a block.
            match self.letter {
                Some(since) if side == Side::Client => self.mail(since, side, from..sent, true),
                _ => {
                    let last = self.last(side, u64::MAX).map_or(self.conversation.opened, |row| self.rows[row].entry);
                    self.literal(last, side, from..sent);
                }
            }
        }
        // Of a literal that is no letter nobody tells that it was read: it was when the line behind it was.
        for i in 0..self.rows.len() {
            let Row { speaker, range, .. } = &self.rows[i];
            if self.rows[i].read.is_none() && !range.is_empty() && self.rows[i].kind != Kind::Line {
                self.rows[i].read = self.row_with(*speaker, range.end).and_then(|next| self.rows[next].read);
            }
        }
        // A block may have begun before an event that was told while it was written.
        self.rows.sort_by_key(|row| row.entry);
        Dialogue { conn: self.conversation.conn, rows: self.rows, streams: self.streams }
    }
}
