//! What the record says about the conversations of one protocol.

use std::collections::BTreeMap;

use mail_parser::{MessageParser, PartType};

use super::super::dialogue::{Dialogue, Kind, MailPart, Row};
use super::super::phases::Protocol;
use super::Proof;
use crate::time::{Duration, Instant};
use crate::topology::{ConnId, Side};
use crate::trace::{Cause, EntryId, Log, Names, PacketId, SessionEvent, What};
use crate::{http, smtp};

/// A response or a mail that came over whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    /// Objects in it.
    pub objects: usize,
    /// When it was done, for the client; its packet is the first that carries it.
    pub done: Proof,
}

/// See the [module](self).
pub(super) struct Facts<'a> {
    log: &'a Log,
    names: &'a Names,
    pub protocol: Protocol,
    dialogues: Vec<Dialogue>,
    /// The end that has the content.
    pub has: Side,
    pub port: u16,
    /// How many of the connections have become open.
    pub opened: usize,
    pub syn: Option<Proof>,
    pub established: Option<Proof>,
    pub first_line: Option<(Side, String, Proof)>,
    pub units: Vec<Unit>,
    pub end_mark: Option<(String, Proof)>,
    pub above_127: Option<(u64, Proof)>,
    /// All lines of both ends are ASCII.
    pub ascii: bool,
    pub command: Option<(String, Proof)>,
    pub reply: Option<(String, Proof)>,
    /// Packets with data in order: connection, sender, first byte, one behind the last.
    data: Vec<(ConnId, Side, u64, u64, PacketId)>,
    /// Where each packet of these connections was first sent.
    sent: BTreeMap<PacketId, EntryId>,
}

impl<'a> Facts<'a> {
    pub fn new(log: &'a Log, names: &'a Names, protocol: Protocol, dialogues: Vec<Dialogue>) -> Self {
        let first = dialogues.first().expect("there is a first conversation").conn;
        let mut facts = Facts {
            log,
            names,
            protocol,
            has: if protocol == Protocol::Smtp { Side::Client } else { Side::Server },
            port: log.connection(first).server_addr.1,
            opened: 0,
            syn: None,
            established: None,
            first_line: None,
            units: Vec::new(),
            end_mark: None,
            above_127: None,
            ascii: true,
            command: None,
            reply: None,
            data: Vec::new(),
            sent: BTreeMap::new(),
            dialogues,
        };
        facts.packets();
        facts.lines();
        facts.record();
        facts.bytes();
        facts
    }

    pub fn conns(&self) -> Vec<ConnId> {
        self.dialogues.iter().map(|d| d.conn).collect()
    }

    /// The host at one end.
    pub fn name(&self, side: Side) -> String {
        let conn = self.dialogues[0].conn;
        match self.log.end(conn, side) {
            Some(node) => self.names.node(node).to_owned(),
            None => self.log.end_addr(conn, side).0.to_string(),
        }
    }

    fn holds(&self, conn: ConnId) -> bool {
        self.dialogues.iter().any(|d| d.conn == conn)
    }

    fn packets(&mut self) {
        for (place, entry) in self.log.entries().iter().enumerate() {
            let What::FrameSent { packet, .. } = entry.what else { continue };
            let p = self.log.packet(packet);
            let Some((conn, side)) = p.conn.filter(|(conn, _)| self.holds(*conn)) else { continue };
            if self.sent.contains_key(&packet) {
                continue;
            }
            let id = EntryId(place as u32);
            self.sent.insert(packet, id);
            // The first packet of a connection is its SYN.
            self.syn.get_or_insert(Proof { fact: id, packet, sent: id });
            let (start, len) = p.stream;
            if len > 0 {
                self.data.push((conn, side, start, start + u64::from(len), packet));
            }
        }
    }

    /// That `fact` is shown by the packet which first carried a byte.
    fn proof(&self, fact: EntryId, conn: ConnId, side: Side, byte: u64) -> Option<Proof> {
        let carries =
            |d: &&(ConnId, Side, u64, u64, PacketId)| (d.0, d.1) == (conn, side) && (d.2..d.3).contains(&byte);
        let packet = self.data.iter().find(carries)?.4;
        Some(Proof { fact, packet, sent: *self.sent.get(&packet)? })
    }

    fn lines(&mut self) {
        let mut first: [Option<(String, Proof)>; 2] = [None, None];
        let (mut end_mark, mut ascii) = (None, true);
        for dialogue in &self.dialogues {
            for row in &dialogue.rows {
                match &row.kind {
                    Kind::Line => {
                        ascii &= dialogue.bytes(row.speaker, &row.range).is_ascii();
                        let said = if row.speaker == Side::Client { &mut first[0] } else { &mut first[1] };
                        if said.is_none() {
                            let proof = self.proof(row.entry, dialogue.conn, row.speaker, row.range.start);
                            *said = proof.map(|proof| (self.line(row), proof));
                        }
                        if end_mark.is_none() && self.protocol == Protocol::Http && row.speaker == Side::Server {
                            end_mark = self.told_length(dialogue, row);
                        }
                    }
                    Kind::Mail(mail) if end_mark.is_none() && row.read.is_some() => {
                        let dot = mail.sections.iter().any(|s| s.part == MailPart::Dot);
                        let fact = row.read.unwrap_or(row.entry);
                        let proof = self.proof(fact, dialogue.conn, row.speaker, row.range.end - 1);
                        end_mark = proof.filter(|_| dot).map(|proof| ("CRLF . CRLF".to_owned(), proof));
                    }
                    _ => {}
                }
            }
        }
        let [command, reply] = first;
        self.first_line = match (&command, &reply) {
            (Some((text, said)), other) if other.as_ref().is_none_or(|(_, o)| said.fact < o.fact) => {
                Some((Side::Client, text.clone(), *said))
            }
            (_, Some((text, said))) => Some((Side::Server, text.clone(), *said)),
            _ => None,
        };
        (self.command, self.reply, self.end_mark, self.ascii) = (command, reply, end_mark, ascii);
    }

    /// A line as the table shows it: of a response the code and the phrase.
    fn line(&self, row: &Row) -> String {
        match (self.protocol, row.speaker) {
            (Protocol::Http, Side::Server) => [row.words.head.as_str(), &row.words.rest].concat(),
            _ => row.words.line(),
        }
    }

    /// How a head tells where its content ends (RFC 9112 section 6.3).
    fn told_length(&self, dialogue: &Dialogue, row: &Row) -> Option<(String, Proof)> {
        let fields = || row.more.iter().map(|w| w.line());
        let named = |name: &str| fields().find(|f| f.to_ascii_lowercase().starts_with(name));
        let text = named("content-length:")
            .or_else(|| named("transfer-encoding:"))
            .unwrap_or_else(|| "the connection closes".to_owned());
        Some((text, self.proof(row.read?, dialogue.conn, row.speaker, row.range.start)?))
    }

    fn record(&mut self) {
        let mut letters: BTreeMap<ConnId, std::ops::Range<u64>> = BTreeMap::new();
        for (place, entry) in self.log.entries().iter().enumerate() {
            let id = EntryId(place as u32);
            match &entry.what {
                What::TcpEstablished(conn, Side::Client) if self.holds(*conn) => {
                    self.opened += 1;
                    if let Some(syn) = self.syn {
                        self.established.get_or_insert(Proof { fact: id, ..syn });
                    }
                }
                What::Session(session) if self.holds(session.conn) => match &session.event {
                    SessionEvent::HttpClient(http::client::Event::Received { range, .. }) => {
                        // The head stands before the content; an empty content has a head too.
                        let byte = range.start.saturating_sub(1);
                        let done = self.proof(id, session.conn, Side::Server, byte);
                        self.units.extend(done.map(|done| Unit { objects: 1, done }));
                    }
                    SessionEvent::SmtpClient(smtp::client::Event::Letter(letter)) => {
                        letters.insert(session.conn, letter.range.clone());
                    }
                    SessionEvent::SmtpClient(smtp::client::Event::Outcome(outcome)) => {
                        let taken = outcome.end.as_ref().is_some_and(|reply| reply.code / 100 == 2);
                        let Some(range) = letters.remove(&session.conn).filter(|_| taken) else { continue };
                        let objects = self.objects(session.conn, &range);
                        let done = self.proof(id, session.conn, Side::Client, range.start);
                        self.units.extend(done.map(|done| Unit { objects, done }));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// How many objects are in the letter at this place of the stream: its parts that have no parts.
    fn objects(&self, conn: ConnId, range: &std::ops::Range<u64>) -> usize {
        let dialogue = self.dialogues.iter().find(|d| d.conn == conn).expect("one of these connections");
        let stream = dialogue.bytes(Side::Client, range);
        let mut letter = Vec::with_capacity(stream.len());
        for line in stream.split_inclusive(|b| *b == b'\n') {
            // RFC 5321 section 4.5.2: one dot more stands before a line that begins with one.
            letter.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        }
        let parts = MessageParser::default().parse(&letter).map_or(1, |message| {
            message.parts.iter().filter(|part| !matches!(part.body, PartType::Multipart(_))).count()
        });
        parts.max(1)
    }

    /// Bytes above 127 on the way of the content, each counted once.
    fn bytes(&mut self) {
        let Some(last) = self.units.last() else { return };
        let (mut count, mut first) = (0, None);
        for dialogue in &self.dialogues {
            let bytes = dialogue.bytes(self.has, &(0..u64::MAX));
            count += bytes.iter().filter(|b| !b.is_ascii()).count() as u64;
            let at = bytes.iter().position(|b| !b.is_ascii());
            first = first.or(at.and_then(|at| self.proof(last.done.fact, dialogue.conn, self.has, at as u64)));
        }
        // Without any, the first packet of the last unit is as good as another.
        self.above_127 = Some((count, first.unwrap_or(last.done)));
    }

    /// How many packets of the server had to be waited for, one after the other, until the client had all: the
    /// way back along the causes. A packet that was lost and sent again counts once, for its timer was set when
    /// it was first sent; what the smaller window costs afterwards (RFC 5681) does count. And how long it took.
    pub fn round_trips(&self) -> Option<(usize, Duration, Proof)> {
        let last = self.units.last()?.done;
        let begin: Instant = self.log.connection(self.dialogues[0].conn).opened;
        let (mut trips, mut id, mut shown) = (0, last.fact, None);
        loop {
            let entry = self.log.entry(id);
            if let What::FrameArrived { packet, .. } = entry.what
                && let Some((conn, Side::Server)) = self.log.packet(packet).conn
                && self.holds(conn)
                && self.log.end(conn, Side::Client) == Some(entry.node)
            {
                trips += 1;
                shown = shown.or(Some(packet));
            }
            id = match entry.cause {
                Cause::Entry(cause) | Cause::Timer { armed_by: cause } => cause,
                Cause::Action(_) | Cause::Start => break,
            };
        }
        let packet = shown?;
        let proof = Proof { fact: last.fact, packet, sent: *self.sent.get(&packet)? };
        Some((trips, self.log.entry(last.fact).at.since(begin), proof))
    }
}
