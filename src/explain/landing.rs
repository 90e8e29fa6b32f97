//! Where the mail lands that came over a connection: in a mailbox, or in a queue on its way to the next server.

use crate::mail::Event;
use crate::topology::{ConnId, Side};
use crate::trace::{Cause, Entry, Log, What};

/// What has been seen of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Landing {
    queue: bool,
    mailbox: bool,
}

impl Landing {
    /// Every mail that landed goes on to another server; false if none has.
    pub fn goes_on(self) -> bool {
        self.queue && !self.mailbox
    }

    /// An entry says that mail has landed that came over this connection.
    pub fn of(log: &Log, entry: &Entry<'_>) -> Option<(ConnId, Landing)> {
        let landing = match entry.what {
            What::Mail(Event::QueueEnter { .. }) => Landing { queue: true, mailbox: false },
            What::Mail(Event::MailboxStore { .. }) => Landing { queue: false, mailbox: true },
            _ => return None,
        };
        Some((came_on(log, entry)?, landing))
    }

    /// Both have been seen.
    pub fn and(self, other: Landing) -> Landing {
        Landing { queue: self.queue || other.queue, mailbox: self.mailbox || other.mailbox }
    }
}

/// The connection to the host of an entry by which that entry was caused, if one was.
fn came_on(log: &Log, entry: &Entry<'_>) -> Option<ConnId> {
    /// Steps to look back: more than lie between the end of a letter and its mailbox, with questions to DNS between.
    const FAR: usize = 1000;
    let mut cause = entry.cause;
    for _ in 0..FAR {
        let Cause::Entry(id) = cause else { return None };
        let before = log.entry(id);
        if let What::Session(session) = &before.what
            && before.node == entry.node
        {
            return (log.end(session.conn, Side::Server) == Some(entry.node)).then_some(session.conn);
        }
        cause = before.cause;
    }
    None
}
