//! Follow this byte: from a reader's screen back to the writer's keyboard, by the maps that every version of a
//! letter and every transfer leaves in the record.

use std::collections::BTreeMap;

use crate::imap;
use crate::mail::{ContentId, Event, Letter, Made};
use crate::smtp;
use crate::topology::{ConnId, Side};
use crate::trace::{EntryId, Log, PacketId, SessionEvent, What};

/// One place through which a byte went, the latest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hop {
    /// In a version of a letter.
    Letter {
        /// The entry that first showed this version.
        entry: EntryId,
        /// Which version.
        content: ContentId,
        /// Where in it.
        offset: u64,
    },
    /// In the stream of a connection.
    Stream {
        /// Which connection.
        conn: ConnId,
        /// Which end sent it.
        sender: Side,
        /// Where in that end's stream.
        offset: u64,
        /// The packets that carried it; more than one if it was sent again.
        packets: Vec<PacketId>,
    },
    /// In the text as it was typed.
    Typed {
        /// The entry of the writing.
        entry: EntryId,
        /// Where in the text.
        offset: u64,
    },
}

/// Where the versions of letters and their transfers stand in a record.
#[derive(Clone, Debug, Default)]
pub struct Follower<'a> {
    letters: BTreeMap<ContentId, (EntryId, &'a Letter)>,
    /// What was sent on each connection by SMTP, in order: which version, and where in the stream.
    sent: BTreeMap<ConnId, Vec<ContentId>>,
    written: BTreeMap<ConnId, Vec<&'a smtp::client::Event>>,
    fetched: BTreeMap<ConnId, Vec<&'a imap::server::Event>>,
}

impl<'a> Follower<'a> {
    /// Reads the record once.
    pub fn new(log: &'a Log) -> Self {
        let mut f = Follower::default();
        for (place, entry) in log.entries().iter().enumerate() {
            let id = EntryId(place as u32);
            let mut letter = |l: &'a Letter| {
                f.letters.entry(l.content).or_insert((id, l));
            };
            match &entry.what {
                What::Mail(event) => match &**event {
                    Event::Composed { letter: l, .. }
                    | Event::QueueEnter { letter: l, .. }
                    | Event::DsnCreate { letter: l, .. }
                    | Event::MailboxStore { letter: l, .. }
                    | Event::Read { letter: l, .. } => letter(l),
                    Event::Accepted { received, letter: l, .. } => {
                        letter(received);
                        letter(l);
                    }
                    Event::LetterSent { conn, content } => f.sent.entry(*conn).or_default().push(*content),
                    _ => {}
                },
                What::Session(session) => match &session.event {
                    SessionEvent::SmtpClient(event @ smtp::client::Event::Letter { .. }) => {
                        f.written.entry(session.conn).or_default().push(event);
                    }
                    SessionEvent::ImapServer(event @ imap::server::Event::Sent { .. }) => {
                        f.fetched.entry(session.conn).or_default().push(event);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        f
    }

    /// The way of the byte at `offset` of a version, back to where it was made: typed, or written anew by
    /// a server on the way.
    pub fn back(&self, log: &Log, content: ContentId, offset: u64) -> Vec<Hop> {
        let mut hops = Vec::new();
        let mut next = Some((content, offset));
        while let Some((content, offset)) = next {
            let Some((entry, letter)) = self.letters.get(&content) else { break };
            hops.push(Hop::Letter { entry: *entry, content, offset });
            next = match &letter.made {
                Made::Composed(map) => {
                    hops.extend(map.source_of(offset).map(|offset| Hop::Typed { entry: *entry, offset }));
                    None
                }
                Made::Prepended(before, map) => map.source_of(offset).map(|offset| (*before, offset)),
                Made::Received(conn, map) => map.source_of(offset).and_then(|at| {
                    hops.push(stream(log, *conn, Side::Client, at));
                    self.sent_by_smtp(*conn, at)
                }),
                Made::Fetched(conn, map) => map.source_of(offset).and_then(|at| {
                    hops.push(stream(log, *conn, Side::Server, at));
                    self.sent_by_imap(*conn, at)
                }),
                Made::Written | Made::Preloaded => None,
            };
        }
        hops
    }

    fn sent_by_smtp(&self, conn: ConnId, at: u64) -> Option<(ContentId, u64)> {
        let written = self.written.get(&conn)?.iter().zip(self.sent.get(&conn)?);
        written.into_iter().find_map(|(event, content)| match event {
            smtp::client::Event::Letter { range, map } if range.contains(&at) => Some((*content, map.source_of(at)?)),
            _ => None,
        })
    }

    fn sent_by_imap(&self, conn: ConnId, at: u64) -> Option<(ContentId, u64)> {
        self.fetched.get(&conn)?.iter().find_map(|event| match event {
            imap::server::Event::Sent { range, content, map, .. } if range.contains(&at) => {
                Some((ContentId(*content), map.source_of(at)?))
            }
            _ => None,
        })
    }
}

/// A byte of a stream and the packets that carried it.
fn stream(log: &Log, conn: ConnId, sender: Side, offset: u64) -> Hop {
    let carried = |p: &crate::trace::Packet| {
        p.conn == Some((conn, sender)) && (p.stream.0..p.stream.0 + u64::from(p.stream.1)).contains(&offset)
    };
    let packets = log.packets().iter().enumerate().filter(|(_, p)| carried(p));
    let packets = packets.map(|(n, _)| PacketId(n as u32)).collect();
    Hop::Stream { conn, sender, offset, packets }
}
