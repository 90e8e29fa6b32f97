//! One mail in a queue.

use std::sync::Arc;

use crate::mail::{Letter, QueueId};
use crate::message::Failed;
use crate::smtp::{Address, Envelope, Reply};
use crate::time::Instant;

/// What is being done with a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Waiting for its time.
    Waiting,
    /// Its time has come, but the connection to its destination carries another mail and is not shared
    /// (`reuse_connection` off).
    Held,
    /// A delivery attempt is under way.
    Attempting,
}

/// One letter for the recipients of one domain.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number.
    pub id: QueueId,
    /// The part of the envelope that goes to this domain, without the recipients that are done with. There is
    /// always at least one.
    pub envelope: Envelope,
    /// The letter, shared with the entries for other domains.
    pub letter: Arc<Letter>,
    /// How many attempts have begun.
    pub attempts: u32,
    /// When it is tried next; during an attempt, when that began.
    pub due: Instant,
    /// When it came into the queue.
    pub arrival: Instant,
    /// When it is returned if it is still here.
    pub expires: Instant,
    /// What is being done with it.
    pub status: Status,
    /// The reply with which another server took it for some of its recipients.
    pub delivered: Option<Reply>,
    /// The sender has been told that it takes long.
    pub told_delay: bool,
    /// What went wrong last, one for each recipient that was deferred.
    pub last: Vec<Failed>,
}

impl Entry {
    /// Where it has to go.
    pub fn domain(&self) -> &str {
        let Address { domain, .. } = self.envelope.to.first().expect("an entry has a recipient as long as it exists");
        domain
    }

    /// When something is to be done with it, if nothing happens before.
    pub(super) fn wakes(&self) -> Option<Instant> {
        match self.status {
            Status::Waiting => Some(self.due.min(self.expires)),
            Status::Held => Some(self.expires),
            Status::Attempting => None,
        }
    }
}
