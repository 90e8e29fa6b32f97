//! All versions of all letters of a run: who made each, on which connections it went, and who wrote which byte.
//!
//! Nothing is guessed from the text: every version says from which bytes it was made (see
//! [`Made`]), and every sender where in its stream the letter stands.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::engine::SpanMap;
use crate::gui::cx::Cx;
use crate::gui::run::{Run, happened};
use crate::imap::server::Event as ImapServer;
use crate::mail::{ContentId, Event, Letter, Made};
use crate::pop3::server::Event as Pop3Server;
use crate::smtp::Envelope;
use crate::smtp::client::Event as SmtpClient;
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::{EntryId, SessionEvent, What};

/// A version of a letter.
pub struct Version {
    /// Its bytes, and of what they were made.
    pub letter: Arc<Letter>,
    /// Who made it.
    pub node: NodeId,
    /// When it appeared.
    pub entry: EntryId,
    /// The envelope it had there; a letter in a mailbox has none any more.
    pub envelope: Option<Envelope>,
}

/// A letter that was written to a connection.
pub struct Transfer {
    /// When all of it had been written.
    pub entry: EntryId,
    /// The connection.
    pub conn: ConnId,
    /// Who wrote it.
    pub side: Side,
    /// Which version.
    pub content: ContentId,
    /// Where it stands in the stream, what ends it included.
    pub range: Range<u64>,
    /// Stream <- letter.
    map: SpanMap,
}

/// Who wrote a byte of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// A user agent, as its user pressed Send.
    UserAgent(NodeId),
    /// A mail server.
    Server(NodeId),
    /// It was there when the run began.
    Before,
}

/// See the [module](self).
#[derive(Default)]
pub struct Versions {
    run: usize,
    all: BTreeMap<ContentId, Version>,
    transfers: Vec<Transfer>,
}

impl Versions {
    /// Reads the run if it is another one than before.
    pub fn update(&mut self, cx: &Cx<'_>) -> &Versions {
        let run = Arc::as_ptr(&cx.desk.run) as usize;
        if self.run != run {
            *self = Versions::new(cx.run);
            self.run = run;
        }
        self
    }

    /// Reads a run.
    pub fn new(run: &Run) -> Versions {
        let mut versions = Versions::default();
        let mut sending: BTreeMap<ConnId, ContentId> = BTreeMap::new();
        for i in 0..run.log.entries().len() {
            let (id, entry) = (EntryId(i as u32), &run.log.entries().at(i));
            match &entry.what {
                What::Mail(event) => {
                    if let Event::LetterSent { conn, content } = &**event {
                        sending.insert(*conn, *content);
                    }
                    versions.learn(id, entry.node, event);
                }
                What::Session(session) => match &session.event {
                    SessionEvent::SmtpClient(SmtpClient::Letter(letter)) => {
                        if let Some(content) = sending.get(&session.conn) {
                            versions.went(id, session.conn, session.side, *content, &letter.range, &letter.map);
                        }
                    }
                    SessionEvent::ImapServer(ImapServer::Sent { content, range, map, .. })
                    | SessionEvent::Pop3Server(Pop3Server::Sent { content, range, map, .. }) => {
                        versions.went(id, session.conn, session.side, ContentId(*content), range, map);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        versions
    }

    fn learn(&mut self, entry: EntryId, node: NodeId, event: &Event) {
        let mut add = |letter: &Arc<Letter>, envelope: Option<&Envelope>| {
            let new = || Version { letter: Arc::clone(letter), node, entry, envelope: None };
            let version = self.all.entry(letter.content).or_insert_with(new);
            if version.envelope.is_none() {
                version.envelope = envelope.cloned();
            }
        };
        match event {
            Event::Composed { envelope, letter, .. }
            | Event::Expanded { envelope, letter, .. }
            | Event::QueueEnter { envelope, letter, .. } => {
                add(letter, Some(envelope));
            }
            Event::Accepted { envelope, received, letter } => {
                add(received, Some(envelope));
                add(letter, Some(envelope));
            }
            Event::DsnCreate { letter, .. }
            | Event::Converted { letter, .. }
            | Event::MailboxStore { letter, .. }
            | Event::Read { letter, .. } => {
                add(letter, None);
            }
            _ => {}
        }
    }

    fn went(
        &mut self,
        entry: EntryId,
        conn: ConnId,
        side: Side,
        content: ContentId,
        range: &Range<u64>,
        map: &SpanMap,
    ) {
        self.transfers.push(Transfer { entry, conn, side, content, range: range.clone(), map: map.clone() });
    }

    /// A version.
    pub fn get(&self, content: ContentId) -> Option<&Version> {
        self.all.get(&content)
    }

    /// Who wrote a byte of a version.
    pub fn author(&self, content: ContentId, offset: u64) -> Option<Author> {
        let (mut content, mut offset) = (content, offset);
        // A version is made of earlier ones; the count guards against a record that says otherwise.
        for _ in 0..64 {
            let version = self.get(content)?;
            let before = match &version.letter.made {
                Made::Prepended(before, map) | Made::Converted(before, map) => {
                    map.source_of(offset).map(|at| (*before, at))
                }
                Made::Received(conn, map) | Made::Fetched(conn, map) => {
                    Some(map.source_of(offset).and_then(|at| self.in_stream(*conn, &version.letter.made, at))?)
                }
                Made::Composed(_) => return Some(Author::UserAgent(version.node)),
                Made::Written => return Some(Author::Server(version.node)),
                Made::Preloaded => return Some(Author::Before),
            };
            match before {
                Some(before) => (content, offset) = before,
                None => return Some(Author::Server(version.node)),
            }
        }
        None
    }

    /// The version and the byte that stand at a place of a stream.
    fn in_stream(&self, conn: ConnId, made: &Made, at: u64) -> Option<(ContentId, u64)> {
        let fits = |t: &&Transfer| t.conn == conn && t.range.contains(&at);
        let of_smtp = matches!(made, Made::Received(..));
        let transfer = self.transfers.iter().filter(fits).find(|t| of_smtp == (t.side == Side::Client));
        let transfer = transfer.or_else(|| self.transfers.iter().find(fits))?;
        Some((transfer.content, transfer.map.source_of(at)?))
    }

    /// The envelope of a version or, if it lies in a mailbox, the one with which it came.
    pub fn envelope(&self, content: ContentId) -> Option<&Envelope> {
        let mut version = self.get(content)?;
        for _ in 0..64 {
            if version.envelope.is_some() {
                break;
            }
            version = match &version.letter.made {
                Made::Prepended(before, _) | Made::Converted(before, _) => self.get(*before)?,
                Made::Received(conn, map) | Made::Fetched(conn, map) => {
                    let first = map.pieces().first()?;
                    let (content, _) = self.in_stream(*conn, &version.letter.made, first.from)?;
                    self.get(content)?
                }
                _ => return None,
            };
        }
        version.envelope.as_ref()
    }

    /// A version and those of which it was made, itself first.
    pub fn line(&self, content: ContentId) -> Vec<ContentId> {
        let mut line = vec![content];
        let mut at = content;
        // A version is made of earlier ones; the count guards against a record that says otherwise.
        for _ in 0..64 {
            let Some(version) = self.get(at) else { break };
            let before = match &version.letter.made {
                Made::Prepended(before, _) | Made::Converted(before, _) => Some(*before),
                Made::Received(conn, map) | Made::Fetched(conn, map) => {
                    let first = map.pieces().first().and_then(|p| self.in_stream(*conn, &version.letter.made, p.from));
                    first.map(|(content, _)| content)
                }
                _ => None,
            };
            let Some(before) = before else { break };
            line.push(before);
            at = before;
        }
        line
    }

    /// How a version (or the one it was made of) travelled last, up to a place of the record; else how it will go.
    pub fn transfer(&self, content: ContentId, place: usize) -> Option<&Transfer> {
        let line = self.line(content);
        let of_line = self.transfers.iter().filter(|t| line.contains(&t.content));
        let mut done = of_line.clone().filter(|t| happened(t.entry, place));
        done.next_back().or(of_line.clone().next())
    }

    /// The last version that has appeared up to a place of the record.
    pub fn newest(&self, place: usize) -> Option<ContentId> {
        self.all.iter().filter(|(_, v)| happened(v.entry, place)).max_by_key(|(_, v)| v.entry).map(|(c, _)| *c)
    }

    /// Versions that were written to or read from a connection, or that were made of such ones there.
    pub fn on_connection(&self, conn: ConnId, place: usize) -> Option<ContentId> {
        let of_conn = self.transfers.iter().filter(|t| t.conn == conn);
        let mut done = of_conn.clone().filter(|t| happened(t.entry, place));
        done.next_back().or(of_conn.clone().next()).map(|t| t.content)
    }
}

impl Transfer {
    /// Which byte of the letter stands at a place of the stream; none where the protocol wrote its own.
    pub fn letter_offset(&self, at: u64) -> Option<u64> {
        self.range.contains(&at).then(|| self.map.source_of(at)).flatten()
    }
}
