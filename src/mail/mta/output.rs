//! What the delivering side wants from its host, and what it tells.

use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::mail::{Event, Letter, QueueId};
use crate::message::{Failed, Fate, Reencoded};
use crate::smtp::{Address, Envelope, Options};

/// Names one question for the hosts of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u32);

/// Names one SMTP session of this server as client. A session that failed has a number of its own: what is said
/// about an old one is not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u32);

/// One thing, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Find the hosts of this domain ([`routing`](crate::mail::routing)), then call
    /// [`resolved`](super::Mta::resolved).
    Resolve {
        /// Names the question.
        ticket: Ticket,
        /// The domain.
        domain: String,
    },
    /// Open a connection, with this letter handed to the SMTP client before it is open, so that what the server
    /// says in its greeting is the outcome of this letter.
    Connect {
        /// Names the session.
        session: SessionId,
        /// Name of the host, for people.
        host: String,
        /// Its address.
        address: Ipv4Addr,
        /// Its port.
        port: u16,
        /// Envelope of the first letter.
        envelope: Envelope,
        /// The first letter.
        letter: Arc<Letter>,
    },
    /// Send this letter too; the client of this session is idle.
    Send {
        /// The session.
        session: SessionId,
        /// From whom, to whom.
        envelope: Envelope,
        /// The letter.
        letter: Arc<Letter>,
    },
    /// Say QUIT: there is nothing more for this session, and nothing it says is heard any more.
    Quit {
        /// The session.
        session: SessionId,
    },
    /// Tell the sender. [`MailSystem`](crate::mail::server::MailSystem) writes the bounce and never passes this on.
    Return(Undelivered),
    /// The server of this mail takes seven bits only, or lines only, and these are the letter's bytes as it takes them:
    /// number them, and give the mail its new letter. [`MailSystem`](crate::mail::server::MailSystem) never passes this on.
    Convert {
        /// Which mail.
        entry: QueueId,
        /// The letter anew.
        letter: Reencoded,
    },
    /// Something worth telling.
    Event(Event),
}

/// Recipients of whom the sender is to be told: mostly that they were given up. The sender is never `<>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// Which mail.
    pub entry: QueueId,
    /// Who is to be told.
    pub sender: Address,
    /// Who does not get it, and why; or what else there is to say of whom.
    pub failed: Vec<Failed>,
    /// What has become of it.
    pub fate: Fate,
    /// The letter.
    pub letter: Arc<Letter>,
    /// The sender's wishes about reports.
    pub options: Option<Arc<Options>>,
}
