//! The state at any moment, folded from the record: each queue, each mailbox, each connection, each
//! session. Time travel is moving over the record, never undoing the simulator.
//!
//! [`State::apply`] takes one entry; [`Timeline`] keeps a copy of the state every so many entries, so that
//! any moment is a short fold away from the checkpoint before it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Closed, Entry, EntryId, Log, Session, What};
use crate::mail::{self, Letter, QueueId};
use crate::smtp::phase::PhaseChange;
use crate::smtp::{Envelope, Reply};
use crate::tcp;
use crate::time::Instant;
use crate::topology::{ConnId, NodeId, Side};

/// A mail that waits in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// The part of the envelope for this destination.
    pub envelope: Envelope,
    /// Where it has to go.
    pub domain: String,
    /// The letter.
    pub letter: Arc<Letter>,
    /// When it came in.
    pub since: Instant,
    /// Attempts so far, the running one included.
    pub attempts: u32,
    /// When it will be tried next; `None` while an attempt runs.
    pub due: Option<Instant>,
    /// Why the last attempt failed.
    pub reason: Option<String>,
    /// The reply that said so, if one did.
    pub reply: Option<Reply>,
}

/// A letter in a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The letter as stored.
    pub letter: Arc<Letter>,
    /// Its flags.
    pub flags: Vec<String>,
    /// When it was put there.
    pub since: Instant,
}

/// One end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The state, from the entries that report its changes.
    pub state: tcp::State,
    /// All variables at the last segment or timer; `None` before the first, and in runs that do not
    /// record packets.
    pub view: Option<tcp::View>,
    /// How it ended, once it has.
    pub closed: Option<Closed>,
}

/// One end of a protocol session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionState {
    /// `smtp`, `imap`, `pop3`, `http`.
    pub protocol: &'static str,
    /// The engine's state, by the RFC's name; empty before the first change.
    pub state: &'static str,
    /// SMTP's phase in the course's and in the RFC's words.
    pub phase: Option<PhaseChange>,
}

/// All that can be known of a network at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Queues, by host.
    pub queues: BTreeMap<(NodeId, QueueId), Arc<Queued>>,
    /// Mailboxes: host, user, folder. A folder without letters is there too.
    pub mailboxes: BTreeMap<(NodeId, String, String), Arc<BTreeMap<u32, Stored>>>,
    /// Letters on the disks of computers, put there by mail programs (POP3): host, address of the reader.
    pub disks: BTreeMap<(NodeId, String), Arc<Vec<Arc<Letter>>>>,
    /// Both ends of every connection that has been opened.
    pub connections: BTreeMap<(ConnId, Side), End>,
    /// Both ends of every session.
    pub sessions: BTreeMap<(ConnId, Side), SessionState>,
}

impl State {
    /// Takes in the next entry.
    pub fn apply(&mut self, log: &Log, entry: &Entry<'_>) {
        match &entry.what {
            What::TcpSent { packet, view, .. } => {
                if let Some(end) = log.packet(*packet).conn {
                    self.end(end).view = Some(log.view(*view));
                }
            }
            What::TcpReceived { packet, view } => {
                if let Some((conn, side)) = log.packet(*packet).conn {
                    self.end((conn, side.other())).view = Some(log.view(*view));
                }
            }
            What::TcpTimer { conn, side, view, .. } => self.end((*conn, *side)).view = Some(log.view(*view)),
            What::TcpState { conn, side, to, .. } => self.end((*conn, *side)).state = *to,
            What::TcpClosed { conn, side, how } => {
                let end = self.end((*conn, *side));
                end.closed = Some(*how);
                end.view = None;
            }
            What::Session(session) => self.session(session),
            What::Mail(event) => self.mail(entry.at, entry.node, event),
            What::FrameSent { .. }
            | What::FrameArrived { .. }
            | What::FrameLost { .. }
            | What::TcpOpen(_)
            | What::TcpEstablished(..)
            | What::Dns(_)
            | What::Action(_) => {}
        }
    }

    fn end(&mut self, key: (ConnId, Side)) -> &mut End {
        let new = || End { state: tcp::State::Closed, view: None, closed: None };
        self.connections.entry(key).or_insert_with(new)
    }

    fn session(&mut self, session: &Session<'_>) {
        let state = self.sessions.entry((session.conn, session.side)).or_default();
        // TLS lies under what is spoken.
        if session.event.protocol() != "tls" {
            state.protocol = session.event.protocol();
        }
        if let Some(name) = session.event.new_state() {
            state.state = name;
        }
        if let Some(phase) = session.event.phase() {
            state.phase = Some(phase);
        }
    }

    fn mail(&mut self, at: Instant, node: NodeId, event: &mail::Event) {
        use mail::Event::*;
        let folder = |user: &str, folder: &str| (node, user.to_string(), folder.to_string());
        match event {
            QueueEnter { entry, envelope, domain, letter, due } => {
                let queued = Queued {
                    envelope: envelope.clone(),
                    domain: domain.clone(),
                    letter: letter.clone(),
                    since: at,
                    attempts: 0,
                    due: Some(*due),
                    reason: None,
                    reply: None,
                };
                self.queues.insert((node, *entry), Arc::new(queued));
            }
            QueueAttempt { entry, attempt, .. } => {
                if let Some(queued) = self.queues.get_mut(&(node, *entry)).map(Arc::make_mut) {
                    queued.attempts = *attempt;
                    queued.due = None;
                }
            }
            QueueDefer { entry, reason, reply, waiting, next, .. } => {
                if let Some(queued) = self.queues.get_mut(&(node, *entry)).map(Arc::make_mut) {
                    queued.due = Some(*next);
                    queued.reason = Some(reason.clone());
                    queued.reply = reply.clone();
                    queued.envelope.to = waiting.clone();
                }
            }
            Converted { entry, letter } => {
                if let Some(queued) = self.queues.get_mut(&(node, *entry)).map(Arc::make_mut) {
                    queued.letter = letter.clone();
                }
            }
            QueueLeave { entry, .. } => {
                self.queues.remove(&(node, *entry));
            }
            MailboxStore { user, folder: name, uid, flags, letter } => {
                let mailbox = self.mailboxes.entry(folder(user, name)).or_default();
                let stored = Stored { letter: letter.clone(), flags: flags.clone(), since: at };
                Arc::make_mut(mailbox).insert(*uid, stored);
            }
            MailboxFlag { user, folder: name, uid, flags } => {
                let mailbox = self.mailboxes.entry(folder(user, name)).or_default();
                if let Some(stored) = Arc::make_mut(mailbox).get_mut(uid) {
                    stored.flags.clone_from(flags);
                }
            }
            MailboxExpunge { user, folder: name, uid, .. } => {
                Arc::make_mut(self.mailboxes.entry(folder(user, name)).or_default()).remove(uid);
            }
            FolderCreate { user, folder: name } => {
                self.mailboxes.entry(folder(user, name)).or_default();
            }
            FolderDelete { user, folder: name } => {
                self.mailboxes.remove(&folder(user, name));
            }
            FolderRename { user, folder: name, to } => {
                let mailbox = self.mailboxes.remove(&folder(user, name)).unwrap_or_default();
                self.mailboxes.insert(folder(user, to), mailbox);
            }
            DiskStore { user, letter } => {
                let disk = self.disks.entry((node, user.clone())).or_default();
                Arc::make_mut(disk).push(letter.clone());
            }
            Composed { .. }
            | LetterSent { .. }
            | Submitted { .. }
            | AuthResult { .. }
            | Accepted { .. }
            | Expanded { .. }
            | DsnCreate { .. }
            | MailboxMove { .. }
            | CopyChange { .. }
            | CopySync { .. }
            | Read { .. } => {}
        }
    }
}

/// Entries between checkpoints.
const STRIDE: usize = 1024;

/// States along a record, kept at checkpoints so that any moment is near.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    checkpoints: Vec<State>,
    /// The state behind the last entry that was taken in.
    last: State,
    taken: usize,
}

impl Timeline {
    /// Takes in what has been added to `log` since the last call.
    pub fn extend(&mut self, log: &Log) {
        while let Some(entry) = log.entries().get(self.taken) {
            if self.taken.is_multiple_of(STRIDE) {
                self.checkpoints.push(self.last.clone());
            }
            self.last.apply(log, &entry);
            self.taken += 1;
        }
    }

    /// The state behind the last entry.
    pub fn last(&self) -> &State {
        &self.last
    }

    /// The state before the first entry that comes later than `at`.
    pub fn at(&self, log: &Log, at: Instant) -> State {
        self.before(log, entries_until(log, at))
    }

    /// The state behind entry `id`.
    pub fn after(&self, log: &Log, id: EntryId) -> State {
        self.before(log, id.0 as usize + 1)
    }

    /// The state before the entry at `place`.
    pub fn before(&self, log: &Log, place: usize) -> State {
        let place = place.min(self.taken);
        let Some(checkpoint) = self.checkpoints.get(place / STRIDE) else { return self.last.clone() };
        let mut state = checkpoint.clone();
        for i in place / STRIDE * STRIDE..place {
            state.apply(log, &log.entries().at(i));
        }
        state
    }
}

/// How many entries are not later than `at`: entries are in order of time.
pub fn entries_until(log: &Log, at: Instant) -> usize {
    let (mut low, mut high) = (0, log.entries().len());
    while low < high {
        let middle = low.midpoint(high);
        if log.entries().at(middle).at <= at {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
