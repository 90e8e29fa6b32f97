//! The queue of a mail server (RFC 5321 section 4.5.4.1): mail that the server has taken responsibility for and has
//! not handed over yet. It lies on disk: switching the server off loses none of it.
//!
//! Order of (time, number): among mails due at the same moment the one that came first goes first. Every
//! operation is O(log n). A mail in an attempt has no alarm: nothing returns it while another server may be
//! taking it.

mod entry;
mod retry;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use entry::{Entry, Status};
pub use retry::Schedule;

use crate::mail::{Letter, QueueId};
use crate::smtp::Envelope;
use crate::time::Instant;

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct Queue {
    entries: BTreeMap<QueueId, Box<Entry>>,
    /// When each mail that is not in an attempt wants something.
    alarms: BTreeSet<(Instant, QueueId)>,
    schedule: Schedule,
    next: u32,
}

/// A mail whose moment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// It is to be tried.
    Due(QueueId),
    /// It has been here for too long.
    Expired(QueueId),
}

impl Queue {
    /// An empty queue.
    pub fn new(schedule: Schedule) -> Self {
        Queue { entries: BTreeMap::new(), alarms: BTreeSet::new(), schedule, next: 1 }
    }

    /// A number for a mail that is not put in, because it leaves at once.
    pub fn number(&mut self) -> QueueId {
        let id = QueueId(self.next);
        self.next = self.next.wrapping_add(1);
        id
    }

    /// Puts a mail in, to be tried at `due`.
    ///
    /// # Panics
    /// If the envelope has no recipient: the caller's mistake.
    pub fn insert(&mut self, now: Instant, envelope: Envelope, letter: Arc<Letter>, due: Instant) -> &Entry {
        assert!(!envelope.to.is_empty(), "a mail in a queue has a recipient");
        let id = self.number();
        let entry = Entry {
            id,
            envelope,
            letter,
            attempts: 0,
            due,
            arrival: now,
            expires: self.schedule.expires(now),
            status: Status::Waiting,
            delivered: None,
            told_delay: false,
            last: Vec::new(),
        };
        self.alarms.extend(entry.wakes().map(|at| (at, id)));
        self.entries.entry(id).or_insert(Box::new(entry))
    }

    /// When [`Self::pop`] has something.
    pub fn wait(&self) -> Option<Instant> {
        self.alarms.first().map(|(at, _)| *at)
    }

    /// The next mail whose moment has come. A mail that is due and expires at the same moment has expired.
    ///
    /// The mail has no alarm until the next call that names it: [`Self::begin`], [`Self::hold`],
    /// [`Self::release`] or [`Self::remove`].
    pub fn pop(&mut self, now: Instant) -> Option<Alarm> {
        let (_, id) = *self.alarms.first().filter(|(at, _)| *at <= now)?;
        self.alarms.pop_first();
        let entry = &self.entries[&id];
        Some(if entry.expires <= now { Alarm::Expired(id) } else { Alarm::Due(id) })
    }

    /// An attempt begins.
    pub fn begin(&mut self, now: Instant, id: QueueId) -> Option<&Entry> {
        self.change(id, |e| {
            e.status = Status::Attempting;
            e.attempts += 1;
            e.due = now;
        })
    }

    /// Its time has come, but it must wait for its turn.
    pub fn hold(&mut self, id: QueueId) {
        self.change(id, |e| e.status = Status::Held);
    }

    /// It waits until `due` (or until it expires).
    pub fn release(&mut self, id: QueueId, due: Instant) -> Option<&Entry> {
        self.change(id, |e| {
            e.status = Status::Waiting;
            e.due = due;
        })
    }

    /// Takes a mail out.
    pub fn remove(&mut self, id: QueueId) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        if let Some(at) = entry.wakes() {
            self.alarms.remove(&(at, id));
        }
        Some(*entry)
    }

    /// A mail.
    pub fn get(&self, id: QueueId) -> Option<&Entry> {
        self.entries.get(&id).map(|e| &**e)
    }

    /// A mail in an attempt, whose recipients are being settled.
    pub(super) fn attempting(&mut self, id: QueueId) -> Option<&mut Entry> {
        self.entries.get_mut(&id).map(|e| &mut **e).filter(|e| e.status == Status::Attempting)
    }

    /// All mails in order of (due, number).
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        let mut all: Vec<&Entry> = self.entries.values().map(|e| &**e).collect();
        all.sort_by_key(|e| (e.due, e.id));
        all.into_iter()
    }

    /// How many mails there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The table of this queue.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The only place where status and times of a mail change, so that its alarm changes with them.
    fn change(&mut self, id: QueueId, change: impl FnOnce(&mut Entry)) -> Option<&Entry> {
        let entry = self.entries.get_mut(&id)?;
        let before = entry.wakes();
        change(entry);
        if let Some(at) = before {
            self.alarms.remove(&(at, id));
        }
        self.alarms.extend(entry.wakes().map(|at| (at, id)));
        Some(entry)
    }
}

#[cfg(test)]
mod tests;
