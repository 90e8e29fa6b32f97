//! The letters as objects while the record is read: made, moved, ended; and who is responsible for them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::spans::{OPEN, Spans};
use super::super::{LetterKey, LetterPlace, Mail};
use super::{Letters, Spot, Stay, Transfer, side_index};
use crate::action::Action;
use crate::mail::{ContentId, QueueId};
use crate::sim::Setup;
use crate::smtp::Address;
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::{ActionId, Entry, Log, What};

/// A letter as an object, now.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub(super) key: LetterKey,
    pub(super) copy: bool,
    pub(super) now: Option<(Spot, Option<ContentId>, u32)>,
}

/// A letter for which its holder is responsible, on a screen or in a queue.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) sheet: usize,
    pub(super) home: LetterPlace,
    pub(super) content: ContentId,
    pub(super) bytes: u64,
    pub(super) to: Vec<Address>,
    /// Another server has it.
    pub(super) taken: bool,
}

/// Who holds a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    Queue(NodeId, QueueId),
    Screen(NodeId, Arc<str>),
}

/// A letter that an SMTP client is writing or has written.
#[derive(Clone, Debug)]
pub(super) struct Sending {
    pub(super) holder: Holder,
    pub(super) sheet: usize,
    pub(super) transfer: usize,
}

/// What is known of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Talk {
    /// The version that the client has been given.
    pub(super) content: Option<ContentId>,
    /// Recipients that it has named.
    pub(super) to: Vec<String>,
    /// How far it has written.
    pub(super) written: u64,
    pub(super) sending: Option<Sending>,
    /// The letter that was written last.
    pub(super) last: Option<usize>,
    /// Copies that the server sends: where in its stream each begins, and the sheet.
    pub(super) copies: Vec<(u64, usize)>,
}

/// A letter that a server has just taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) sheet: usize,
    pub(super) conn: ConnId,
    pub(super) placed: bool,
}

pub(super) type Folder = (NodeId, Arc<str>, Arc<str>);

/// Reads the record.
pub struct Tracker<'a> {
    pub(super) log: &'a Log,
    pub(super) setup: &'a Setup,
    pub(super) sheets: Vec<Sheet>,
    pub(super) parts: BTreeMap<Mail, u32>,
    pub(super) stays: Vec<Stay>,
    pub(super) transfers: Vec<Transfer>,
    pub(super) arrived: Vec<[Vec<(u32, u64)>; 2]>,
    pub(super) drafts: BTreeMap<u32, usize>,
    pub(super) held: BTreeMap<Holder, Held>,
    pub(super) holders: BTreeMap<(NodeId, ContentId), Vec<Holder>>,
    pub(super) talks: BTreeMap<ConnId, Talk>,
    pub(super) taken: BTreeMap<ContentId, Taken>,
    pub(super) boxes: BTreeMap<Folder, BTreeMap<u32, usize>>,
    /// Sheets that were put into a mailbox with this version.
    pub(super) stored: BTreeMap<ContentId, Vec<usize>>,
    pub(super) readers: BTreeMap<(NodeId, Mail), usize>,
    pub(super) place: u32,
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
                let sheet = tracker.sheet(Mail::Sent(ActionId(number)), false);
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

    pub(super) fn sheet(&mut self, mail: Mail, copy: bool) -> usize {
        let next = self.parts.entry(mail).or_default();
        let key = LetterKey { mail, part: *next };
        *next += 1;
        self.sheets.push(Sheet { key, copy, now: None });
        self.sheets.len() - 1
    }

    /// Another letter of the same mail.
    pub(super) fn fork(&mut self, sheet: usize, copy: bool) -> usize {
        self.sheet(self.sheets[sheet].key.mail, copy)
    }

    pub(super) fn put(&mut self, sheet: usize, at: LetterPlace, content: Option<ContentId>) {
        self.set(sheet, Some((Spot::At(at), content, self.place)));
    }

    pub(super) fn end(&mut self, sheet: usize) {
        self.set(sheet, None);
    }

    pub(super) fn set(&mut self, sheet: usize, now: Option<(Spot, Option<ContentId>, u32)>) {
        if let Some((place, content, begin)) = std::mem::replace(&mut self.sheets[sheet].now, now)
            && begin < self.place
        {
            self.stays.push(Stay { sheet, place, content, begin, end: self.place });
        }
    }

    pub(super) fn at(&self, sheet: usize) -> Option<&LetterPlace> {
        match &self.sheets[sheet].now {
            Some((Spot::At(at), ..)) => Some(at),
            _ => None,
        }
    }

    pub(super) fn content(&self, sheet: usize) -> Option<ContentId> {
        self.sheets[sheet].now.as_ref().and_then(|(_, content, _)| *content)
    }

    pub(super) fn on_wire(&mut self, sheet: usize, content: Option<ContentId>, transfer: Transfer) -> usize {
        self.transfers.push(transfer);
        let transfer = self.transfers.len() - 1;
        self.set(sheet, Some((Spot::Wire(transfer), content, self.place)));
        transfer
    }

    pub(super) fn arrived(&mut self, conn: ConnId, receiver: Side, bytes: u64) {
        let Some(sides) = self.arrived.get_mut(conn.0 as usize) else { return };
        let list = &mut sides[side_index(receiver)];
        if bytes > list.last().map_or(0, |(_, before)| *before) && bytes < u64::from(u32::MAX) {
            list.push((self.place, bytes));
        }
    }

    // Holders.

    pub(super) fn hold(&mut self, node: NodeId, holder: Holder, held: Held) {
        self.holders.entry((node, held.content)).or_default().push(holder.clone());
        self.held.insert(holder, held);
    }

    pub(super) fn release(&mut self, node: NodeId, holder: &Holder) -> Option<Held> {
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
    pub(super) fn forget_sending(&mut self, sheet: usize) {
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
    pub(super) fn back(&mut self, holder: &Holder) {
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
}
