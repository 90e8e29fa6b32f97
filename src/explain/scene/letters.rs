//! Where each letter is, by place: read from what the mail system told and from who wrote what to which connection.
//!
//! Who has a letter is said by the entries of queues, mailboxes and user agents. In between it is on the wire,
//! from the moment at which the SMTP client begins to write it (its state LETTER, RFC 5321 section 4.1.1.4). The
//! sender's own entry is a [`Held`] letter: it comes back from there if the transfer fails, and if a failure is
//! told although the other server has taken the letter, there are two from then on, as there are in the world.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::spans::{OPEN, Spans};
use super::{Gone, Letter, LetterKey, LetterPlace, Mail};
use crate::action::Action;
use crate::engine::Way;
use crate::mail::{self, ContentId, Left, Made, QueueId};
use crate::sim::Setup;
use crate::smtp::Address;
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::{Cause, Closed, Entry, Log, Session, SessionEvent, What};
use crate::{imap, smtp};

/// A letter at one place of the network.
#[derive(Clone, Debug)]
struct Stay {
    sheet: usize,
    place: Spot,
    content: Option<ContentId>,
    begin: u32,
    end: u32,
}

/// Where; on the wire, with which transfer.
#[derive(Clone, Debug)]
enum Spot {
    At(LetterPlace),
    Wire(usize),
}

/// Bytes of a letter in a stream.
#[derive(Clone, Debug)]
struct Transfer {
    conn: ConnId,
    /// Who sends.
    side: Side,
    start: u64,
    total: u64,
}

/// Letters by place.
#[derive(Clone, Debug)]
pub(super) struct Letters {
    sheets: Vec<(LetterKey, bool)>,
    stays: Vec<Stay>,
    spans: Spans,
    transfers: Vec<Transfer>,
    /// For each connection and receiving side: from which place how many bytes have arrived in order.
    arrived: Vec<[Vec<(u32, u64)>; 2]>,
}

impl Letters {
    /// The letters at `place`, in order of their keys.
    pub fn at(&self, log: &Log, place: u32) -> Vec<Letter> {
        let mut letters: Vec<Letter> =
            self.spans.at(place).into_iter().filter_map(|stay| self.letter(log, &self.stays[stay], place)).collect();
        letters.sort_by_key(|l| l.key);
        letters
    }

    fn letter(&self, log: &Log, stay: &Stay, place: u32) -> Option<Letter> {
        let (key, copy) = self.sheets[stay.sheet];
        let at = match &stay.place {
            Spot::At(at) => at.clone(),
            Spot::Wire(transfer) => {
                let Transfer { conn, side, start, total } = self.transfers[*transfer];
                let arrived = &self.arrived[conn.0 as usize][side_index(side.other())];
                let last = arrived.partition_point(|(from, _)| *from <= place).checked_sub(1);
                let done = last.map_or(0, |last| arrived[last].1).saturating_sub(start).min(total);
                LetterPlace::Wire { conn, from: log.end(conn, side)?, to: log.end(conn, side.other())?, done, total }
            }
        };
        Some(Letter { key, at, content: stay.content, copy })
    }
}

const fn side_index(side: Side) -> usize {
    match side {
        Side::Client => 0,
        Side::Server => 1,
    }
}

/// A letter as an object, now.
#[derive(Clone, Debug)]
struct Sheet {
    key: LetterKey,
    copy: bool,
    now: Option<(Spot, Option<ContentId>, u32)>,
}

/// A letter for which its holder is responsible, on a screen or in a queue.
#[derive(Clone, Debug)]
struct Held {
    sheet: usize,
    home: LetterPlace,
    content: ContentId,
    bytes: u64,
    to: Vec<Address>,
    /// Another server has it.
    taken: bool,
}

/// Who holds a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    Queue(NodeId, QueueId),
    Screen(NodeId, Arc<str>),
}

/// A letter that an SMTP client is writing or has written.
#[derive(Clone, Debug)]
struct Sending {
    holder: Holder,
    sheet: usize,
    transfer: usize,
}

/// What is known of a connection.
#[derive(Clone, Debug, Default)]
struct Talk {
    /// The version that the client has been given.
    content: Option<ContentId>,
    /// Recipients that it has named.
    to: Vec<String>,
    /// How far it has written.
    written: u64,
    sending: Option<Sending>,
    /// The letter that was written last.
    last: Option<usize>,
    /// Copies that the server sends: where in its stream each begins, and the sheet.
    copies: Vec<(u64, usize)>,
}

/// A letter that a server has just taken.
#[derive(Clone, Copy, Debug)]
struct Taken {
    sheet: usize,
    conn: ConnId,
    placed: bool,
}

type Box_ = (NodeId, Arc<str>, Arc<str>);

/// Reads the record.
pub(super) struct Tracker<'a> {
    log: &'a Log,
    setup: &'a Setup,
    sheets: Vec<Sheet>,
    parts: BTreeMap<Mail, u32>,
    stays: Vec<Stay>,
    transfers: Vec<Transfer>,
    arrived: Vec<[Vec<(u32, u64)>; 2]>,
    drafts: BTreeMap<u32, usize>,
    held: BTreeMap<Holder, Held>,
    holders: BTreeMap<(NodeId, ContentId), Vec<Holder>>,
    talks: BTreeMap<ConnId, Talk>,
    taken: BTreeMap<ContentId, Taken>,
    boxes: BTreeMap<Box_, BTreeMap<u32, usize>>,
    /// Sheets that were put into a mailbox with this version.
    stored: BTreeMap<ContentId, Vec<usize>>,
    readers: BTreeMap<(NodeId, Mail), usize>,
    place: u32,
}

impl<'a> Tracker<'a> {
    pub fn new(log: &'a Log, setup: &'a Setup) -> Self {
        let mut tracker = Tracker {
            log,
            setup,
            sheets: Vec::new(),
            parts: BTreeMap::new(),
            stays: Vec::new(),
            transfers: Vec::new(),
            arrived: vec![Default::default(); log.connections().len()],
            drafts: BTreeMap::new(),
            held: BTreeMap::new(),
            holders: BTreeMap::new(),
            talks: BTreeMap::new(),
            taken: BTreeMap::new(),
            boxes: BTreeMap::new(),
            stored: BTreeMap::new(),
            readers: BTreeMap::new(),
            place: 0,
        };
        for (number, timed) in setup.actions.iter().enumerate() {
            if let Action::Send { host, .. } = &timed.action {
                let number = number as u32;
                let sheet = tracker.sheet(Mail::Sent(crate::trace::ActionId(number)), false);
                tracker.put(sheet, LetterPlace::Draft(*host), None);
                tracker.drafts.insert(number, sheet);
            }
        }
        tracker
    }

    pub fn take(&mut self, number: u32, entry: &Entry) {
        self.place = number + 1;
        match &entry.what {
            What::TcpReceived { packet, view } => {
                if let Some((conn, sender)) = self.log.packet(*packet).conn {
                    let view = self.log.view(*view);
                    let bytes = view.rcv_nxt.wrapping_sub(view.irs).wrapping_sub(1);
                    self.arrived(conn, sender.other(), u64::from(bytes));
                }
            }
            What::TcpClosed { conn, side: Side::Client, how } => self.closed(*conn, *how),
            What::Session(session) => self.session(entry.node, session),
            What::Mail(event) => self.mail(entry, event),
            What::Action(id) => {
                if let Some(Action::PowerOff(node)) = self.setup.actions.get(id.0 as usize).map(|a| &a.action) {
                    self.power_off(*node);
                }
            }
            _ => {}
        }
    }

    pub fn finish(mut self) -> Letters {
        self.place = OPEN;
        for sheet in 0..self.sheets.len() {
            self.end(sheet);
        }
        self.stays.sort_by_key(|s| s.begin);
        Letters {
            spans: Spans::new(self.stays.iter().map(|s| (s.begin, s.end))),
            sheets: self.sheets.iter().map(|s| (s.key, s.copy)).collect(),
            stays: self.stays,
            transfers: self.transfers,
            arrived: self.arrived,
        }
    }

    // Sheets: made, moved, ended.

    fn sheet(&mut self, mail: Mail, copy: bool) -> usize {
        let next = self.parts.entry(mail).or_default();
        let key = LetterKey { mail, part: *next };
        *next += 1;
        self.sheets.push(Sheet { key, copy, now: None });
        self.sheets.len() - 1
    }

    /// Another letter of the same mail.
    fn fork(&mut self, sheet: usize, copy: bool) -> usize {
        self.sheet(self.sheets[sheet].key.mail, copy)
    }

    fn put(&mut self, sheet: usize, at: LetterPlace, content: Option<ContentId>) {
        self.set(sheet, Some((Spot::At(at), content, self.place)));
    }

    fn end(&mut self, sheet: usize) {
        self.set(sheet, None);
    }

    fn set(&mut self, sheet: usize, now: Option<(Spot, Option<ContentId>, u32)>) {
        if let Some((place, content, begin)) = std::mem::replace(&mut self.sheets[sheet].now, now)
            && begin < self.place
        {
            self.stays.push(Stay { sheet, place, content, begin, end: self.place });
        }
    }

    fn at(&self, sheet: usize) -> Option<&LetterPlace> {
        match &self.sheets[sheet].now {
            Some((Spot::At(at), ..)) => Some(at),
            _ => None,
        }
    }

    fn content(&self, sheet: usize) -> Option<ContentId> {
        self.sheets[sheet].now.as_ref().and_then(|(_, content, _)| *content)
    }

    fn on_wire(&mut self, sheet: usize, content: Option<ContentId>, transfer: Transfer) -> usize {
        self.transfers.push(transfer);
        let transfer = self.transfers.len() - 1;
        self.set(sheet, Some((Spot::Wire(transfer), content, self.place)));
        transfer
    }

    fn arrived(&mut self, conn: ConnId, receiver: Side, bytes: u64) {
        let Some(sides) = self.arrived.get_mut(conn.0 as usize) else { return };
        let list = &mut sides[side_index(receiver)];
        if bytes > list.last().map_or(0, |(_, before)| *before) && bytes < u64::from(u32::MAX) {
            list.push((self.place, bytes));
        }
    }

    // Holders.

    fn hold(&mut self, node: NodeId, holder: Holder, held: Held) {
        self.holders.entry((node, held.content)).or_default().push(holder.clone());
        self.held.insert(holder, held);
    }

    fn release(&mut self, node: NodeId, holder: &Holder) -> Option<Held> {
        let held = self.held.remove(holder)?;
        if let Some(list) = self.holders.get_mut(&(node, held.content)) {
            list.retain(|h| h != holder);
            if list.is_empty() {
                self.holders.remove(&(node, held.content));
            }
        }
        self.forget_sending(held.sheet);
        Some(held)
    }

    /// The transfer of this sheet is over.
    fn forget_sending(&mut self, sheet: usize) {
        if let Some((Spot::Wire(transfer), ..)) = &self.sheets[sheet].now {
            let conn = self.transfers[*transfer].conn;
            if let Some(talk) = self.talks.get_mut(&conn)
                && talk.sending.as_ref().is_some_and(|s| s.sheet == sheet)
            {
                talk.sending = None;
            }
        }
    }

    /// The transfer failed, or may have: the holder has the letter, and if another server has it too, there are two.
    fn back(&mut self, holder: &Holder) {
        let Some(held) = self.held.get_mut(holder) else { return };
        let (home, content) = (held.home.clone(), held.content);
        if !held.taken {
            let sheet = held.sheet;
            self.forget_sending(sheet);
            if self.at(sheet) != Some(&home) {
                self.put(sheet, home, Some(content));
            }
            return;
        }
        held.taken = false;
        let old = held.sheet;
        let new = self.fork(old, false);
        self.put(new, home, Some(content));
        self.held.get_mut(holder).expect("it was there a moment ago").sheet = new;
    }

    // Sessions.

    fn session(&mut self, node: NodeId, session: &Session) {
        let conn = session.conn;
        match &session.event {
            SessionEvent::SmtpClient(smtp::client::Event::Line(line)) if line.way == Way::Sent => {
                let talk = self.talks.entry(conn).or_default();
                talk.written = talk.written.max(line.range.end);
                match line.verb.as_deref() {
                    Some("MAIL") => talk.to.clear(),
                    Some("RCPT") => talk.to.extend(path_of(&line.text)),
                    _ => {}
                }
            }
            SessionEvent::SmtpClient(smtp::client::Event::State { to: smtp::client::State::Letter, .. }) => {
                self.begin_letter(node, conn);
            }
            SessionEvent::SmtpClient(smtp::client::Event::Letter { range, .. }) => {
                let talk = self.talks.entry(conn).or_default();
                talk.written = talk.written.max(range.end);
                if let Some(sending) = &talk.sending {
                    let transfer = &mut self.transfers[sending.transfer];
                    (transfer.start, transfer.total) = (range.start, range.end - range.start);
                }
            }
            SessionEvent::SmtpServer(smtp::server::Event::LetterReceived { range, .. }) => {
                // Packets are not in every record; that all of it has come is.
                self.arrived(conn, Side::Server, range.end);
            }
            SessionEvent::ImapServer(imap::server::Event::Sent { range, content, .. }) => {
                self.send_copy(node, conn, ContentId(*content), range.start, range.end - range.start);
            }
            SessionEvent::ImapClient(imap::client::Event::Completed { .. }) => self.end_copies(conn),
            _ => {}
        }
    }

    /// An SMTP client begins to write the letter that it was given.
    fn begin_letter(&mut self, node: NodeId, conn: ConnId) {
        let Some(talk) = self.talks.get(&conn) else { return };
        let Some(content) = talk.content else { return };
        let Some(candidates) = self.holders.get(&(node, content)) else { return };
        // One letter may wait for several domains: whose turn it is, the recipients say.
        let named = |h: &&Holder| {
            let held = &self.held[*h];
            talk.to.last().is_some_and(|to| held.to.iter().any(|a| a.to_string().eq_ignore_ascii_case(to)))
        };
        let Some(holder) = candidates.iter().find(named).or(candidates.first()).cloned() else { return };
        let start = talk.written;
        if self.held[&holder].taken {
            self.back(&holder);
        }
        let Held { sheet, bytes, .. } = self.held[&holder];
        // As long as the client has not written all of it: its lines and the dot behind them.
        let transfer = Transfer { conn, side: Side::Client, start, total: bytes + 3 };
        let transfer = self.on_wire(sheet, Some(content), transfer);
        let talk = self.talks.entry(conn).or_default();
        talk.sending = Some(Sending { holder, sheet, transfer });
        talk.last = Some(sheet);
    }

    fn closed(&mut self, conn: ConnId, how: Closed) {
        self.end_copies(conn);
        if how != Closed::Fin
            && let Some(talk) = self.talks.get_mut(&conn)
            && let Some(Sending { holder, sheet, .. }) = talk.sending.take()
            && self.held.get(&holder).is_some_and(|h| h.sheet == sheet && !h.taken)
        {
            self.back(&holder);
        }
    }

    fn send_copy(&mut self, node: NodeId, conn: ConnId, content: ContentId, start: u64, total: u64) {
        let stored = self.stored.get(&content).into_iter().flatten();
        let here = |s: &&usize| self.at(**s).is_some_and(|at| at.node() == node);
        let Some(original) = stored.copied().collect::<Vec<_>>().iter().find(here).copied() else { return };
        let copy = self.fork(original, true);
        self.on_wire(copy, Some(content), Transfer { conn, side: Side::Server, start, total });
        self.talks.entry(conn).or_default().copies.push((start, copy));
    }

    fn end_copies(&mut self, conn: ConnId) {
        let copies = self.talks.get_mut(&conn).map(|talk| std::mem::take(&mut talk.copies));
        for (_, sheet) in copies.unwrap_or_default() {
            self.end(sheet);
        }
    }

    fn power_off(&mut self, node: NodeId) {
        // Its queue is on disk; what is on a screen is not, and its connections are gone.
        let ours: Vec<ConnId> = self
            .talks
            .keys()
            .copied()
            .filter(|conn| [Side::Client, Side::Server].iter().any(|side| self.log.end(*conn, *side) == Some(node)))
            .collect();
        for conn in ours {
            self.end_copies(conn);
            if self.log.end(conn, Side::Client) == Some(node) {
                self.closed(conn, Closed::Timeout);
            }
        }
        let shown: Vec<(NodeId, Mail)> = self.readers.keys().copied().filter(|(n, _)| *n == node).collect();
        for key in shown {
            if let Some(sheet) = self.readers.remove(&key) {
                self.end(sheet);
            }
        }
    }

    // The mail system.

    fn mail(&mut self, entry: &Entry, event: &mail::Event) {
        use mail::Event::*;
        let node = entry.node;
        match event {
            Composed { envelope, letter, .. } => {
                let sheet = self.composed(entry.cause, letter.content);
                let home = LetterPlace::Screen { node };
                self.put(sheet, home.clone(), Some(letter.content));
                self.hold(node, Holder::Screen(node, letter.message_id.clone()), held(sheet, home, letter, envelope));
            }
            LetterSent { conn, content } => self.talks.entry(*conn).or_default().content = Some(*content),
            Submitted { message_id, accepted, .. } => {
                let holder = Holder::Screen(node, message_id.clone());
                if !accepted {
                    self.back(&holder);
                }
                if let Some(held) = self.release(node, &holder)
                    && *accepted
                    && !held.taken
                {
                    self.put(held.sheet, LetterPlace::Gone { node, why: Gone::Taken }, Some(held.content));
                }
            }
            Accepted { received, letter, .. } => {
                if let Made::Received(conn, _) = received.made
                    && let Some(talk) = self.talks.get(&conn)
                    && let Some(sheet) = talk.last
                {
                    // If its sender has given up meanwhile, it has the letter and so has this server: there are two.
                    let placed = talk.sending.is_none();
                    self.taken.insert(letter.content, Taken { sheet, conn, placed });
                }
            }
            QueueEnter { entry, envelope, letter, .. } => {
                let sheet = match self.take_over(letter.content) {
                    Some(sheet) => sheet,
                    None => self.sheet(Mail::Content(letter.content), false),
                };
                let home = LetterPlace::Queue { node, entry: *entry };
                self.put(sheet, home.clone(), Some(letter.content));
                self.hold(node, Holder::Queue(node, *entry), held(sheet, home, letter, envelope));
            }
            QueueDefer { entry, waiting, .. } => {
                let holder = Holder::Queue(node, *entry);
                self.back(&holder);
                if let Some(held) = self.held.get_mut(&holder) {
                    held.to.clone_from(waiting);
                }
            }
            QueueLeave { entry, left, .. } => {
                if let Some(held) = self.release(node, &Holder::Queue(node, *entry))
                    && !held.taken
                {
                    let why = match left {
                        Left::Delivered | Left::Stored => Gone::Taken,
                        Left::Bounced => Gone::Bounced,
                        Left::Discarded => Gone::Discarded,
                    };
                    self.put(held.sheet, LetterPlace::Gone { node, why }, Some(held.content));
                }
            }
            MailboxStore { user, folder, uid, letter, .. } => self.store(node, user, folder, *uid, letter),
            MailboxExpunge { user, folder, uid, .. } => {
                let key: Box_ = (node, user.as_str().into(), folder.as_str().into());
                if let Some(sheet) = self.boxes.get_mut(&key).and_then(|b| b.remove(uid)) {
                    self.remove(node, sheet);
                }
            }
            FolderDelete { user, folder } => {
                let key: Box_ = (node, user.as_str().into(), folder.as_str().into());
                for sheet in self.boxes.remove(&key).unwrap_or_default().into_values() {
                    self.remove(node, sheet);
                }
            }
            Read { letter, .. } => self.read(node, letter),
            QueueAttempt { .. } | DsnCreate { .. } | MailboxFlag { .. } | FolderCreate { .. } => {}
        }
    }

    /// The sheet of a letter that was just composed: the draft of the action that led to it.
    fn composed(&mut self, cause: Cause, content: ContentId) -> usize {
        let action = match cause {
            Cause::Action(action) => Some(action),
            Cause::Entry(id) => match self.log.entry(id).what {
                What::Action(action) => Some(action),
                _ => None,
            },
            _ => None,
        };
        match action.and_then(|a| self.drafts.remove(&a.0)) {
            Some(sheet) => sheet,
            None => self.sheet(Mail::Content(content), false),
        }
    }

    /// A server puts a letter somewhere that it has taken: the sheet itself the first time, others after that.
    fn take_over(&mut self, content: ContentId) -> Option<usize> {
        let taken = self.taken.get_mut(&content)?;
        let Taken { sheet, conn, placed } = *taken;
        taken.placed = true;
        if placed {
            return Some(self.fork(sheet, false));
        }
        if let Some(sending) = self.talks.get_mut(&conn).and_then(|talk| talk.sending.take())
            && let Some(held) = self.held.get_mut(&sending.holder)
        {
            held.taken = true;
        }
        Some(sheet)
    }

    fn store(&mut self, node: NodeId, user: &str, folder: &str, uid: u32, letter: &mail::Letter) {
        let content = letter.content;
        let parent = match letter.made {
            Made::Prepended(parent, _) => parent,
            _ => content,
        };
        let same = self.stored.get(&content).cloned().unwrap_or_default();
        let of_user = |at: &LetterPlace| matches!(at, LetterPlace::Mailbox { node: n, user: u, .. } if *n == node && **u == *user);
        let copied = same.iter().copied().find(|s| self.at(*s).is_some_and(of_user));
        let sheet = match (copied, same.first()) {
            (Some(original), _) => self.fork(original, true),
            (None, Some(other)) => self.fork(*other, false),
            (None, None) => match self.take_over(parent) {
                Some(sheet) => sheet,
                None => self.sheet(Mail::Content(parent), false),
            },
        };
        let (user, folder): (Arc<str>, Arc<str>) = (user.into(), folder.into());
        let at = LetterPlace::Mailbox { node, user: Arc::clone(&user), folder: Arc::clone(&folder), uid };
        self.put(sheet, at, Some(content));
        self.boxes.entry((node, user, folder)).or_default().insert(uid, sheet);
        self.stored.entry(content).or_default().push(sheet);
    }

    /// A letter was removed from its mailbox. If a copy lies in another folder of that user, that was a move: the
    /// letter is there now.
    fn remove(&mut self, node: NodeId, sheet: usize) {
        if self.sheets[sheet].copy {
            return self.end(sheet);
        }
        let content = self.content(sheet);
        let owner = match self.at(sheet) {
            Some(LetterPlace::Mailbox { user, .. }) => Some(Arc::clone(user)),
            _ => None,
        };
        let copies = content.and_then(|c| self.stored.get(&c)).into_iter().flatten().copied();
        let in_box = |s: &usize| {
            let here = |at: &LetterPlace| matches!(at, LetterPlace::Mailbox { node: n, user, .. } if *n == node && Some(user) == owner.as_ref());
            self.sheets[*s].copy && self.at(*s).is_some_and(here)
        };
        let Some(copy) = copies.collect::<Vec<_>>().into_iter().find(in_box) else {
            return self.put(sheet, LetterPlace::Gone { node, why: Gone::Removed }, content);
        };
        let Some(at @ LetterPlace::Mailbox { .. }) = self.at(copy).cloned() else { return };
        self.end(copy);
        if let LetterPlace::Mailbox { user, folder, uid, .. } = &at {
            self.boxes.entry((node, Arc::clone(user), Arc::clone(folder))).or_default().insert(*uid, sheet);
        }
        self.put(sheet, at, content);
    }

    /// A mail program shows what it has fetched.
    fn read(&mut self, node: NodeId, letter: &mail::Letter) {
        let sheet = match &letter.made {
            Made::Fetched(conn, map) => {
                let from = map.pieces().first().map_or(0, |p| p.from);
                let copies = self.talks.get_mut(conn).map(|talk| &mut talk.copies);
                copies.and_then(|copies| {
                    let at = copies.iter().rposition(|(start, _)| *start <= from)?;
                    Some(copies.remove(at).1)
                })
            }
            _ => None,
        };
        let sheet = match sheet {
            Some(sheet) => sheet,
            None => self.sheet(Mail::Content(letter.content), true),
        };
        self.put(sheet, LetterPlace::Reader { node }, Some(letter.content));
        // What the same screen showed of this mail before is replaced.
        if let Some(before) = self.readers.insert((node, self.sheets[sheet].key.mail), sheet) {
            self.end(before);
        }
    }
}

fn held(sheet: usize, home: LetterPlace, letter: &mail::Letter, envelope: &smtp::Envelope) -> Held {
    let (content, bytes) = (letter.content, letter.bytes.len() as u64);
    Held { sheet, home, content, bytes, to: envelope.to.clone(), taken: false }
}

/// The address in `RCPT TO:<bob@b.example>`.
fn path_of(text: &str) -> Option<String> {
    let path = text.split_once('<')?.1;
    Some(path.split_once('>')?.0.to_owned())
}
