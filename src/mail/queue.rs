//! The queue of a mail server: letters for which it is responsible until another server, a mailbox or a
//! bounce has them (RFC 5321 section 4.5.4.1).
//!
//! ```text
//!             due                     250
//!  WAITING ---------> TRYING ------------------> left (delivered)
//!     ^                  |  \---- 5yz ---------> left (bounced)
//!     \--- 4yz, no ------/
//!          connection         120 h ---------> left (bounced)
//! ```
//! The time to the next attempt counts from the **start** of the last one, so that the attempts of a long
//! outage stand at round times.

use std::collections::{BTreeMap, BTreeSet};

use super::{Letter, QueueId};
use crate::smtp::{Address, Envelope};
use crate::time::{Duration, Instant};

/// A mail in the queue.
#[derive(Clone, Debug)]
pub struct Item {
    /// The part of the envelope that goes to `domain`; recipients that still wait.
    pub envelope: Envelope,
    /// Where it has to go.
    pub domain: String,
    /// The letter, shared with the other entries made of it.
    pub letter: Letter,
    /// When it came in.
    pub arrived: Instant,
    /// Attempts so far, the running one included.
    pub attempts: u32,
    /// When the last attempt began.
    pub tried: Instant,
    /// When it is tried next; `None` while an attempt runs.
    pub due: Option<Instant>,
    /// Why the last attempt failed.
    pub reason: Option<String>,
}

/// Retry times.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Waiting times after each attempt, counted from its start; the last one repeats.
    pub retry: Vec<Duration>,
    /// When a mail is given up, counted from its arrival.
    pub expire: Duration,
}

impl Schedule {
    /// When attempt number `attempts + 1` begins, if attempt number `attempts` began at `tried`.
    pub fn next(&self, attempts: u32, tried: Instant) -> Instant {
        let place = (attempts.max(1) as usize - 1).min(self.retry.len().saturating_sub(1));
        tried + self.retry.get(place).copied().unwrap_or(Duration::from_secs(1800))
    }
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct Queue {
    schedule: Schedule,
    items: BTreeMap<QueueId, Item>,
    /// What is due when, and what is given up when; equal times in the order of arrival.
    due: BTreeSet<(Instant, QueueId)>,
    ends: BTreeSet<(Instant, QueueId)>,
    next: u32,
}

impl Queue {
    /// An empty queue.
    pub fn new(schedule: Schedule) -> Self {
        Queue { schedule, items: BTreeMap::new(), due: BTreeSet::new(), ends: BTreeSet::new(), next: 1 }
    }

    /// Puts a mail in, to be tried first at `due`.
    pub fn enter(&mut self, now: Instant, envelope: Envelope, domain: String, letter: Letter, due: Instant) -> QueueId {
        let id = QueueId(self.next);
        self.next += 1;
        self.due.insert((due, id));
        self.ends.insert((now + self.schedule.expire, id));
        let item =
            Item { envelope, domain, letter, arrived: now, attempts: 0, tried: now, due: Some(due), reason: None };
        self.items.insert(id, item);
        id
    }

    /// A mail whose attempt begins at `now`; `None` when none is due.
    pub fn take_due(&mut self, now: Instant) -> Option<QueueId> {
        let (_, id) = *self.due.first().filter(|(at, _)| *at <= now)?;
        self.due.pop_first();
        let item = self.items.get_mut(&id).expect("what is due is in the queue");
        item.attempts += 1;
        item.tried = now;
        item.due = None;
        Some(id)
    }

    /// The attempt did not succeed for `waiting`: when the next one begins, or `None` if the mail is then
    /// too old and has to be given up (it stays in the queue until [`Queue::leave`]).
    ///
    /// # Panics
    /// If there is no such mail: the caller's mistake.
    pub fn defer(&mut self, now: Instant, id: QueueId, waiting: Vec<Address>, reason: String) -> Option<Instant> {
        let item = self.items.get_mut(&id).expect("a deferred mail is in the queue");
        item.envelope.to = waiting;
        item.reason = Some(reason);
        if item.arrived + self.schedule.expire <= now {
            return None;
        }
        let next = self.schedule.next(item.attempts, item.tried).max(now);
        item.due = Some(next);
        self.due.insert((next, id));
        Some(next)
    }

    /// An attempt that was cut off because the computer went down begins anew at `now`.
    pub fn try_again(&mut self, now: Instant) {
        for (id, item) in &mut self.items {
            if item.due.is_none() {
                item.due = Some(now);
                self.due.insert((now, *id));
            }
        }
    }

    /// A mail that is too old and not being tried at this moment.
    pub fn expired(&self, now: Instant) -> Option<QueueId> {
        let old = self.ends.iter().take_while(|(at, _)| *at <= now).map(|(_, id)| *id);
        old.into_iter().find(|id| self.items[id].due.is_some())
    }

    /// Takes a mail out for good.
    pub fn leave(&mut self, id: QueueId) -> Option<Item> {
        let item = self.items.remove(&id)?;
        if let Some(due) = item.due {
            self.due.remove(&(due, id));
        }
        self.ends.remove(&(item.arrived + self.schedule.expire, id));
        Some(item)
    }

    /// One mail.
    pub fn get(&self, id: QueueId) -> Option<&Item> {
        self.items.get(&id)
    }

    /// All mails in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (QueueId, &Item)> {
        self.items.iter().map(|(id, item)| (*id, item))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// When something is due or too old next. What is too old but being tried is looked at when the attempt
    /// is over.
    pub fn wait(&self) -> Option<Instant> {
        let due = self.due.first().map(|(at, _)| *at);
        let end = self.ends.iter().find(|(_, id)| self.items[id].due.is_some()).map(|(at, _)| *at);
        match (due, end) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}
