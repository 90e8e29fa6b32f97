//! Why what the queue does begins: the causes of its attempts.

use std::collections::BTreeMap;

use crate::mail::mta::Ticket;
use crate::mail::{self, QueueId};
use crate::sim::plane::Plane;
use crate::time::Instant;
use crate::trace::{Cause, EntryId};

/// What an event means for a mail in the queue.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    Waits(QueueId),
    Left(QueueId),
    None,
}

impl Turn {
    pub fn of(event: &mail::Event) -> Turn {
        match event {
            mail::Event::QueueEnter { entry, .. } | mail::Event::QueueDefer { entry, .. } => Turn::Waits(*entry),
            mail::Event::QueueLeave { entry, .. } => Turn::Left(*entry),
            _ => Turn::None,
        }
    }
}

/// Something in a mailbox is different now.
pub(super) fn is_change(event: &mail::Event) -> bool {
    use mail::Event::{FolderDelete, MailboxExpunge, MailboxFlag, MailboxStore};
    matches!(event, MailboxStore { .. } | MailboxFlag { .. } | MailboxExpunge { .. } | FolderDelete { .. })
}

/// Why the attempts of the queue begin. They are many, and one timer is theirs all: whose time has come, the timer
/// cannot say.
#[derive(Clone, Debug, Default)]
pub(super) struct Causes {
    /// The entry at which each mail in the queue came to wait, the last time.
    waiting: BTreeMap<QueueId, EntryId>,
    /// Searches for hosts: when they began, and what for.
    asked: Vec<(Ticket, Instant, Cause)>,
}

impl Causes {
    /// A search for a host begins.
    pub fn asks(&mut self, plane: &Plane, ticket: Ticket) {
        self.asked.push((ticket, plane.now, plane.cause));
    }

    /// An attempt is about to be told: its cause is that this mail came to wait.
    pub fn of_attempt(&self, plane: &mut Plane, event: &mail::Event) {
        if let mail::Event::QueueAttempt { entry, .. } = event
            && let Some(armed_by) = self.waiting.get(entry).copied()
        {
            plane.cause = Cause::Timer { armed_by };
        }
    }

    /// An event has been told: the one that made this turn.
    pub fn told(&mut self, plane: &Plane, turn: Turn) {
        match (turn, plane.cause) {
            (Turn::Waits(entry), Cause::Entry(id)) => {
                self.waiting.insert(entry, id);
            }
            (Turn::Left(entry), _) => {
                self.waiting.remove(&entry);
            }
            _ => {}
        }
    }

    /// A search is over. One that took no time (a table, a cache) is no cause of its own: what comes of it has the
    /// cause of the search.
    pub fn answered(&mut self, plane: &mut Plane, ticket: Ticket) {
        if let Some(place) = self.asked.iter().position(|(t, ..)| *t == ticket) {
            let (_, at, cause) = self.asked.swap_remove(place);
            if at == plane.now {
                plane.cause = cause;
            }
        }
    }
}
