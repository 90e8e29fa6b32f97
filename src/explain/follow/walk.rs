//! The walk itself: through the record backward, from what a byte is in to what that was made of, or forward, from a
//! byte to what was made of it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Hop, Kept, Place, Start};
use crate::engine::Way;
use crate::imap::client::{ClientCommand, Event as ImapClient};
use crate::imap::server::Event as ImapServer;
use crate::mail::{ContentId, Event, Letter, Made};
use crate::pop3::server::Event as Pop3Server;
use crate::smtp::Address;
use crate::smtp::client::Event as SmtpClient;
use crate::topology::{ConnId, Side};
use crate::trace::{EntryId, Log, PacketId, Session, SessionEvent, What};

/// What is known of the byte while the record is walked through.
pub(super) struct Walk<'a> {
    log: &'a Log,
    hops: Vec<Hop>,
    /// Hops whose byte is not known where they are told of: a stream is known by its places only.
    unseen: Vec<usize>,
    /// Its place in versions of letters.
    letters: BTreeMap<ContentId, u64>,
    /// Its places in streams.
    streams: Vec<(ConnId, Side, u64)>,
    /// Its place on a screen, and in a typed text.
    screen: Option<(EntryId, u64)>,
    typed: Option<(EntryId, u64)>,
    /// A byte of a packet's headers, which no stream has.
    header: Option<(PacketId, u64)>,
    /// Forward: the version that a client is sending. Backward: the place in the version that was sent.
    sending: BTreeMap<ConnId, ContentId>,
    sent: BTreeMap<ConnId, u64>,
    /// Backward: queues for other recipients than these are not on the way.
    recipients: Option<Vec<Address>>,
    /// Backward: the connection on which the letter was fetched, and who logged in there; mailboxes of others are
    /// not on the way.
    reading: Option<ConnId>,
    reader: Option<String>,
}

impl<'a> Walk<'a> {
    /// Before the first entry.
    pub fn new(log: &'a Log, start: Start) -> Self {
        let mut walk = Walk {
            log,
            hops: Vec::new(),
            unseen: Vec::new(),
            letters: BTreeMap::new(),
            streams: Vec::new(),
            screen: None,
            typed: None,
            header: None,
            sending: BTreeMap::new(),
            sent: BTreeMap::new(),
            recipients: None,
            reading: None,
            reader: None,
        };
        match start {
            Start::Screen { entry, offset } => walk.screen = Some((entry, offset)),
            Start::Typed { entry, offset } => walk.typed = Some((entry, offset)),
            Start::Letter { content, offset } => walk.want_letter(content, offset),
            Start::Stream { conn, side, offset } => walk.want_stream(conn, side, offset),
            Start::Packet { packet, offset } => match stream_byte(log, packet, offset) {
                Some((conn, side, at)) => walk.want_stream(conn, side, at),
                None => walk.header = Some((packet, offset)),
            },
        }
        walk
    }

    fn want_letter(&mut self, content: ContentId, offset: u64) {
        self.letters.entry(content).or_insert(offset);
    }

    fn want_stream(&mut self, conn: ConnId, side: Side, at: u64) {
        if !self.streams.contains(&(conn, side, at)) {
            self.streams.push((conn, side, at));
        }
    }

    /// A place; without a byte it is not one: maps lead to bytes that are there, a start may name one that is not.
    fn hop(&mut self, id: EntryId, place: Place, offset: u64, byte: Option<u8>) {
        if let Some(byte) = byte {
            let entry = self.log.entry(id);
            self.hops.push(Hop { entry: id, at: entry.at, node: entry.node, place, offset, byte });
        }
    }

    /// A place of which only the offset is known; the byte is that of all other places.
    fn unseen_hop(&mut self, id: EntryId, place: Place, offset: u64) {
        self.unseen.push(self.hops.len());
        self.hop(id, place, offset, Some(0));
    }

    /// What was found, in the order of the walk.
    pub fn hops(mut self) -> Vec<Hop> {
        let seen = (0..self.hops.len()).find(|i| !self.unseen.contains(i)).map(|i| self.hops[i].byte);
        match seen {
            Some(byte) => self.unseen.iter().for_each(|i| self.hops[*i].byte = byte),
            None => self.hops.clear(),
        }
        self.hops
    }

    // Backward: from what a byte is in to what it was made of.

    /// Takes the entry before the last one.
    pub fn backward(&mut self, id: EntryId) {
        let log = self.log;
        match &log.entry(id).what {
            What::Mail(event) => self.mail_backward(id, event),
            What::Session(session) => self.session_backward(id, session),
            what => self.packet(id, what),
        }
    }

    fn mail_backward(&mut self, id: EntryId, event: &Event) {
        match event {
            Event::Read { letter, screen, .. } => {
                if let Some((_, offset)) = self.screen.take_if(|s| s.0 == id) {
                    self.hop(id, Place::Screen, offset, screen.text.as_bytes().get(offset as usize).copied());
                    if let Some(from) = screen.map.source_of(offset) {
                        self.want_letter(letter.content, from);
                    }
                }
                self.letter_backward(id, letter, Kept::Fetched);
            }
            Event::MailboxStore { user, folder, uid, letter, .. }
                if self.reader.as_ref().is_none_or(|reader| reader == user) =>
            {
                self.letter_backward(id, letter, Kept::Stored(user.clone(), folder.clone(), *uid));
            }
            Event::QueueEnter { entry, envelope, letter, .. } => {
                let on_the_way = |wanted: &Vec<Address>| envelope.to.iter().any(|a| wanted.contains(a));
                if self.recipients.as_ref().is_none_or(on_the_way) {
                    self.letter_backward(id, letter, Kept::Queued(*entry));
                }
            }
            Event::Accepted { envelope, received, letter } => {
                if self.letters.contains_key(&letter.content) {
                    self.recipients = Some(envelope.to.clone());
                }
                self.letter_backward(id, letter, Kept::Stamped);
                self.letter_backward(id, received, Kept::Received);
            }
            Event::Expanded { letter, .. } => self.letter_backward(id, letter, Kept::Stamped),
            Event::DsnCreate { letter, .. } => self.letter_backward(id, letter, Kept::Bounce),
            Event::Converted { entry, letter } => self.letter_backward(id, letter, Kept::Queued(*entry)),
            Event::Composed { letter, .. } => {
                self.letter_backward(id, letter, Kept::Composed);
            }
            Event::LetterSent { conn, content } => {
                if let Some(offset) = self.sent.remove(conn) {
                    self.want_letter(*content, offset);
                }
            }
            _ => {}
        }
        // A start at the keyboard is also its end.
        if let Some((_, offset)) = self.typed.take_if(|t| t.0 == id) {
            self.typed_hop(id, event, offset);
        }
    }

    fn letter_backward(&mut self, id: EntryId, letter: &Letter, kept: Kept) {
        let Some(offset) = self.letters.get(&letter.content).copied() else { return };
        let byte = letter.bytes.get(offset as usize).copied();
        self.hop(id, Place::Letter { content: letter.content, kept }, offset, byte);
        match &letter.made {
            Made::Prepended(source, map) | Made::Converted(source, map) => {
                if let Some(from) = map.source_of(offset) {
                    self.want_letter(*source, from);
                }
            }
            Made::Received(conn, map) | Made::Fetched(conn, map) => {
                let side = self.writer(id, *conn);
                if let Some(from) = map.source_of(offset) {
                    self.hop(id, Place::Stream { conn: *conn, side, way: Way::Received }, from, byte);
                    self.want_stream(*conn, side, from);
                }
            }
            Made::Composed(map) => {
                if let Some(from) = map.source_of(offset) {
                    self.hop(id, Place::Typed, from, byte);
                }
            }
            Made::Written | Made::Preloaded => {}
        }
    }

    /// Which end wrote what was read at this entry.
    fn writer(&self, id: EntryId, conn: ConnId) -> Side {
        let reader_is_client = self.log.connection(conn).client == self.log.entry(id).node;
        if reader_is_client { Side::Server } else { Side::Client }
    }

    fn session_backward(&mut self, id: EntryId, session: &Session<'_>) {
        let Session { conn, side, event } = session;
        for (c, writer, at) in self.streams.clone() {
            if c != *conn {
                continue;
            }
            self.line(id, session, writer, at);
            if let Some((range, from)) = part_of_letter(*event, at).filter(|_| writer == *side)
                && range.contains(&at)
            {
                self.unseen_hop(id, Place::Stream { conn: *conn, side: *side, way: Way::Sent }, at);
                match (event, from) {
                    (
                        SessionEvent::ImapServer(ImapServer::Sent { content, .. })
                        | SessionEvent::Pop3Server(Pop3Server::Sent { content, .. }),
                        Some(from),
                    ) => {
                        self.want_letter(ContentId(*content), from);
                        self.reading = Some(*conn);
                    }
                    (_, Some(from)) => {
                        self.sent.insert(*conn, from);
                    }
                    (_, None) => {}
                }
            }
        }
        if let SessionEvent::ImapClient(ImapClient::Completed { command, .. }) = event
            && let ClientCommand::Login { user, .. } | ClientCommand::Authenticate { user, .. } = &**command
            && self.reading == Some(*conn)
        {
            self.reader = Some(user.clone());
        }
    }

    /// A line of the dialogue that has the byte.
    fn line(&mut self, id: EntryId, session: &Session<'_>, writer: Side, at: u64) {
        let Some(line) = session.event.line() else { return };
        let way = if session.side == writer { Way::Sent } else { Way::Received };
        if line.way == way && line.range().contains(&at) {
            let place = Place::Line { conn: session.conn, side: writer, way };
            let text = [line.text.as_bytes(), b"\r\n"].concat();
            // A reply of several lines has been joined by LF: its text is not what was on the wire.
            if text.len() as u64 == line.end - line.start {
                self.hop(id, place, at, text.get((at - line.start) as usize).copied());
            } else {
                self.unseen_hop(id, place, at);
            }
        }
    }

    // Forward: from a byte to what was made of it.

    /// Learns from the next entry where the byte went; no place is noted yet.
    pub fn derive(&mut self, id: EntryId) {
        let log = self.log;
        match &log.entry(id).what {
            What::Mail(event) => {
                if let Event::LetterSent { conn, content } = &**event {
                    self.sending.insert(*conn, *content);
                }
                for (letter, _) in letters_of(event) {
                    self.derive_letter(id, letter);
                }
            }
            What::Session(session) => {
                let (content, map) = match &session.event {
                    SessionEvent::SmtpClient(SmtpClient::Letter(letter)) => {
                        (self.sending.get(&session.conn).copied(), &letter.map)
                    }
                    SessionEvent::ImapServer(ImapServer::Sent { content, map, .. })
                    | SessionEvent::Pop3Server(Pop3Server::Sent { content, map, .. }) => {
                        (Some(ContentId(*content)), map)
                    }
                    _ => return,
                };
                let from = content.and_then(|content| self.letters.get(&content));
                if let Some(at) = from.and_then(|from| map.target_of(*from)) {
                    self.want_stream(session.conn, session.side, at);
                }
            }
            _ => {}
        }
    }

    fn derive_letter(&mut self, id: EntryId, letter: &Letter) {
        let at = match &letter.made {
            Made::Prepended(source, map) | Made::Converted(source, map) => {
                self.letters.get(source).and_then(|from| map.target_of(*from))
            }
            Made::Received(conn, map) | Made::Fetched(conn, map) => {
                let side = self.writer(id, *conn);
                let these = self.streams.iter().filter(|(c, s, _)| (c, *s) == (conn, side));
                these.filter_map(|(_, _, from)| map.target_of(*from)).next()
            }
            Made::Composed(map) => self.typed.filter(|t| t.0 == id).and_then(|(_, from)| map.target_of(from)),
            Made::Written | Made::Preloaded => None,
        };
        if let Some(at) = at {
            self.want_letter(letter.content, at);
        }
    }

    /// Notes the places of the next entry.
    pub fn forward(&mut self, id: EntryId) {
        let log = self.log;
        match &log.entry(id).what {
            What::Mail(event) => self.mail_forward(id, event),
            What::Session(session) => {
                for (conn, side, at) in self.streams.clone() {
                    if conn != session.conn {
                        continue;
                    }
                    self.line(id, session, side, at);
                    if side == session.side && part_of_letter(session.event, at).is_some_and(|(r, _)| r.contains(&at)) {
                        self.unseen_hop(id, Place::Stream { conn, side, way: Way::Sent }, at);
                    }
                }
            }
            what => self.packet(id, what),
        }
    }

    fn mail_forward(&mut self, id: EntryId, event: &Event) {
        if let Some((_, offset)) = self.typed.filter(|t| t.0 == id) {
            self.typed_hop(id, event, offset);
        }
        for (letter, kept) in letters_of(event) {
            let Some(offset) = self.letters.get(&letter.content).copied() else { continue };
            let byte = letter.bytes.get(offset as usize).copied();
            if let Made::Received(conn, map) | Made::Fetched(conn, map) = &letter.made
                && let Some(from) = map.source_of(offset)
            {
                let side = self.writer(id, *conn);
                self.hop(id, Place::Stream { conn: *conn, side, way: Way::Received }, from, byte);
            }
            self.hop(id, Place::Letter { content: letter.content, kept }, offset, byte);
        }
        if let Event::Read { letter, screen, .. } = event {
            let from = self.letters.get(&letter.content).and_then(|from| screen.map.target_of(*from));
            let started = self.screen.filter(|s| s.0 == id).map(|s| s.1);
            if let Some(at) = from.or(started) {
                self.hop(id, Place::Screen, at, screen.text.as_bytes().get(at as usize).copied());
            }
        }
    }

    fn typed_hop(&mut self, id: EntryId, event: &Event, offset: u64) {
        let byte = match event {
            Event::Composed { draft, .. } => draft.text.as_bytes().get(offset as usize).copied(),
            Event::QueueEnter { letter, .. } => match &letter.made {
                Made::Composed(map) => map.target_of(offset).and_then(|at| letter.bytes.get(at as usize).copied()),
                _ => None,
            },
            _ => None,
        };
        self.hop(id, Place::Typed, offset, byte);
    }

    // Both ways: packets.

    fn packet(&mut self, id: EntryId, what: &What) {
        let log = self.log;
        let packet = match what {
            What::TcpSent { packet, .. }
            | What::TcpReceived { packet, .. }
            | What::FrameSent { packet, .. }
            | What::FrameArrived { packet, .. }
            | What::FrameLost { packet, .. } => *packet,
            _ => return,
        };
        for offset in self.offsets_in(packet) {
            let byte = log.packet_bytes(packet).get(offset as usize).copied();
            match what {
                What::TcpSent { retransmission, .. } => {
                    let place = Place::Segment { packet, way: Way::Sent, retransmission: *retransmission };
                    self.hop(id, place, offset, byte);
                }
                What::TcpReceived { .. } => {
                    let place = Place::Segment { packet, way: Way::Received, retransmission: false };
                    self.hop(id, place, offset, byte);
                }
                What::FrameSent { hop, .. } | What::FrameArrived { hop, .. } => {
                    let Some(link) = log.entry(id).link() else { continue };
                    let sent = matches!(what, What::FrameSent { .. });
                    let way = if sent { Way::Sent } else { Way::Received };
                    let offset = offset + log.hop(*hop).link.len() as u64;
                    let byte = log.frame(packet, *hop).get(offset as usize).copied();
                    self.hop(id, Place::Frame { packet, hop: *hop, link, way }, offset, byte);
                }
                _ => self.hop(id, Place::Lost { packet }, offset, byte),
            }
        }
    }

    /// Where the byte stands in a packet, above the link layer.
    fn offsets_in(&self, packet: PacketId) -> Vec<u64> {
        if let Some((_, offset)) = self.header.filter(|h| h.0 == packet) {
            return vec![offset];
        }
        let p = self.log.packet(packet);
        let Some((conn, side)) = p.conn else { return Vec::new() };
        let (start, length) = (p.stream.0, u64::from(p.stream.1));
        let these =
            self.streams.iter().filter(|(c, s, at)| (*c, *s) == (conn, side) && (start..start + length).contains(at));
        let payload = self.log.packet_length(packet) as u64 - length;
        these.map(|(_, _, at)| payload + (at - start)).collect()
    }
}

/// The stream and place of a packet's byte, if it is not of a header.
fn stream_byte(log: &Log, packet: PacketId, offset: u64) -> Option<(ConnId, Side, u64)> {
    let p = log.packets().get(packet.0 as usize)?;
    let (conn, side) = p.conn?;
    let (start, length) = (p.stream.0, u64::from(p.stream.1));
    let payload = log.packet_length(packet) as u64 - length;
    (offset >= payload && offset < payload + length).then(|| (conn, side, start + (offset - payload)))
}

/// If an engine told that it sends a letter: where it stands in the stream, and where the letter's byte at `at` of the
/// stream comes from.
fn part_of_letter(event: SessionEvent<'_>, at: u64) -> Option<(Range<u64>, Option<u64>)> {
    match event {
        SessionEvent::SmtpClient(SmtpClient::Letter(letter)) => Some((letter.range.clone(), letter.map.source_of(at))),
        SessionEvent::ImapServer(ImapServer::Sent { range, map, .. })
        | SessionEvent::Pop3Server(Pop3Server::Sent { range, map, .. }) => Some((range.clone(), map.source_of(at))),
        _ => None,
    }
}

/// The versions of letters that an event names, oldest first, and what became of each.
fn letters_of(event: &Event) -> Vec<(&Letter, Kept)> {
    match event {
        Event::Composed { letter, .. } => vec![(letter, Kept::Composed)],
        Event::Accepted { received, letter, .. } => vec![(received, Kept::Received), (letter, Kept::Stamped)],
        Event::QueueEnter { entry, letter, .. } | Event::Converted { entry, letter } => {
            vec![(letter, Kept::Queued(*entry))]
        }
        Event::Expanded { letter, .. } => vec![(letter, Kept::Stamped)],
        Event::DsnCreate { letter, .. } => vec![(letter, Kept::Bounce)],
        Event::MailboxStore { user, folder, uid, letter, .. } => {
            vec![(letter, Kept::Stored(user.clone(), folder.clone(), *uid))]
        }
        Event::Read { letter, .. } => vec![(letter, Kept::Fetched)],
        _ => Vec::new(),
    }
}
