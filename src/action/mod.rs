//! What a user or a script may do to a running network: ready actions and faults.

use std::sync::Arc;

use crate::imap::client::ClientCommand;
use crate::matcher::Matcher;
use crate::message::Draft;
use crate::pop3;
use crate::smtp::Envelope;
use crate::time::Instant;
use crate::topology::{LinkId, NodeId};

/// An action and its moment.
#[derive(Clone, Debug)]
pub struct TimedAction {
    /// When it happens.
    pub at: Instant,
    /// What happens.
    pub action: Action,
}

/// A letter that was not written during the run.
#[derive(Clone, Debug)]
pub enum Preloaded {
    /// Composed when the action takes place.
    Draft(Arc<Draft>),
    /// Its bytes; shared by as many actions as like.
    Letter(Arc<[u8]>),
}

/// A ready action: every name in it exists.
#[derive(Clone, Debug)]
pub enum Action {
    /// A user writes a mail and presses Send. The addresses of To, Cc and Bcc make the envelope.
    Send {
        /// The computer.
        host: NodeId,
        /// Which of its user agents, by place in the host's list.
        agent: usize,
        /// What was written.
        draft: Arc<Draft>,
        /// An envelope other than the one the header gives, if asked for.
        envelope: Option<Arc<Envelope>>,
    },
    /// A mail is in a server's queue without having been submitted in this run; due at once.
    Queue {
        /// The mail server.
        host: NodeId,
        /// What was written, or the letter as it is.
        letter: Preloaded,
        /// An envelope other than the one the header gives, if asked for.
        envelope: Option<Arc<Envelope>>,
    },
    /// A user agent opens an IMAP connection and says these commands, each after the previous reply.
    /// The connection ends only with LOGOUT.
    Imap {
        /// The computer.
        host: NodeId,
        /// Which of its user agents.
        agent: usize,
        /// LOGIN, SELECT, FETCH ...
        commands: Vec<ClientCommand>,
    },
    /// A user agent opens a POP3 connection and says these commands, each after the previous answer. What it fetches
    /// is put on the disk of its computer.
    Pop3 {
        /// The computer.
        host: NodeId,
        /// Which of its user agents.
        agent: usize,
        /// LOGIN, RETR, QUIT ...
        commands: Vec<pop3::client::ClientCommand>,
    },
    /// A browser fetches objects of one web server, in order.
    Browse {
        /// The computer.
        host: NodeId,
        /// Full name of the web server.
        server: String,
        /// Its port, 80.
        port: u16,
        /// Paths of the objects.
        paths: Vec<String>,
        /// One connection for all (true), or one for each, one after another.
        persistent: bool,
    },
    /// A host is switched off: everything in its memory is gone, what is on its disk stays.
    PowerOff(NodeId),
    /// A host is switched on.
    PowerOn(NodeId),
    /// A program on a host ends: its port refuses from now on.
    StopService(NodeId, Service),
    /// A program on a host starts.
    StartService(NodeId, Service),
    /// A link loses everything, in one direction or both.
    Cut {
        /// The link.
        link: LinkId,
        /// Only what this node sends on it; both directions if not given.
        from: Option<NodeId>,
    },
    /// A cut link works again.
    Mend(LinkId),
    /// The packets number `first` to `first + count - 1` that match are lost on the link on which they
    /// are first sent, or on `link`.
    Drop {
        /// Which packets.
        matcher: Box<Matcher>,
        /// Where; the first link of each packet if not given.
        link: Option<LinkId>,
        /// Counted from 1, from the moment of the action.
        first: u32,
        /// How many in a row.
        count: u32,
    },
}

impl Action {
    /// The host on which it happens, if it happens on one.
    pub fn node(&self) -> Option<NodeId> {
        match self {
            Action::Send { host, .. }
            | Action::Queue { host, .. }
            | Action::Imap { host, .. }
            | Action::Pop3 { host, .. }
            | Action::Browse { host, .. }
            | Action::PowerOff(host)
            | Action::PowerOn(host)
            | Action::StopService(host, _)
            | Action::StartService(host, _) => Some(*host),
            Action::Cut { .. } | Action::Mend(_) | Action::Drop { .. } => None,
        }
    }

    /// The link on which it happens, if it happens on one.
    pub fn link(&self) -> Option<LinkId> {
        match self {
            Action::Cut { link, .. } | Action::Mend(link) => Some(*link),
            Action::Drop { link, .. } => *link,
            _ => None,
        }
    }
}

/// A program that listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// The SMTP server.
    Smtp,
    /// The IMAP server.
    Imap,
    /// The POP3 server.
    Pop3,
    /// The HTTP server.
    Http,
    /// The DNS server.
    Dns,
}

impl Service {
    /// The name used in scenario files.
    pub const fn name(self) -> &'static str {
        match self {
            Service::Smtp => "smtp",
            Service::Imap => "imap",
            Service::Pop3 => "pop3",
            Service::Http => "http",
            Service::Dns => "dns",
        }
    }
}
