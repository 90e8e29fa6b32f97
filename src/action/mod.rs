//! What a user or a script may do to a running network: ready actions and faults.

use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::imap::client::ClientCommand;
use crate::matcher::Matcher;
use crate::message::Draft;
use crate::pop3;
use crate::smtp::Envelope;
use crate::smtp::server::Manner;
use crate::time::{Duration, Instant};
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
        /// On the connection that the agent has open, if it has one; else on a new one.
        go_on: bool,
    },
    /// A device brings its copy of a folder up to date: it says what was changed there, and fetches what is new.
    Sync {
        /// The computer.
        host: NodeId,
        /// Which of its user agents.
        agent: usize,
        /// The folder.
        folder: String,
    },
    /// A user changes letters in a device's copy of a folder, without a connection.
    Offline {
        /// The computer.
        host: NodeId,
        /// Which of its user agents.
        agent: usize,
        /// The folder.
        folder: String,
        /// UIDs, and what is done to each.
        changes: Vec<(u32, CopyChange)>,
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
        /// One connection for all (true), or one for each.
        persistent: bool,
        /// How many connections it has open at a time; the first object is fetched alone, for it names the others.
        connections: u32,
    },
    /// Somebody reads or writes mail in a browser, on the pages of a webmail server.
    Webmail {
        /// The computer.
        host: NodeId,
        /// Full name of the web server.
        server: String,
        /// Its port, 80.
        port: u16,
        /// The name with which the user logs in.
        user: String,
        /// A teaching value.
        password: String,
        /// What the user does there.
        deed: WebDeed,
    },
    /// A mail program hands in a letter that is there already, as it is.
    Submit {
        /// The computer.
        host: NodeId,
        /// Which of its user agents.
        agent: usize,
        /// The letter.
        letter: Arc<[u8]>,
        /// From whom, to whom.
        envelope: Arc<Envelope>,
    },
    /// A connection whose bytes come from elsewhere: it is opened, or something is done on it.
    Raw {
        /// The computer.
        host: NodeId,
        /// Which connection.
        session: RawSession,
        /// What is done.
        deed: RawDeed,
    },
    /// Somebody types at a server, each line when the answer to the one before has come.
    Console {
        /// The computer.
        host: NodeId,
        /// The server's full name.
        server: String,
        /// Its port.
        port: u16,
        /// Lines without their line ends.
        lines: Vec<String>,
        /// The connection stays open behind the last answer, until the server ends it.
        stays: bool,
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
    /// A man in the middle of this link writes `XXXXXXXX` over STARTTLS in every reply to EHLO, from now on.
    StripStartTls(LinkId),
    /// Something happens to the packets number `first` to `first + count - 1` that match, on the link on which they
    /// are first sent, or on `link`.
    Tamper {
        /// What happens to them.
        fate: Fate,
        /// Which packets.
        matcher: Box<Matcher>,
        /// Where; the first link of each packet if not given.
        link: Option<LinkId>,
        /// Counted from 1, from the moment of the action.
        first: u32,
        /// How many in a row; all that follow if not given.
        count: Option<u32>,
    },
    /// A link has other properties from now on, for packets that are put on it from now on.
    Change {
        /// The link.
        link: LinkId,
        /// Its new properties; what is not given stays.
        to: Change,
    },
    /// The disk of a mail server has so much room for mail from now on.
    Disk {
        /// The mail server.
        host: NodeId,
        /// In bytes; `None`: as much as one likes.
        free: Option<u64>,
    },
    /// An SMTP server behaves at some commands as the scenario wants.
    Force {
        /// The mail server.
        host: NodeId,
        /// At which commands, and how.
        rule: Arc<CommandRule>,
    },
}

impl Action {
    /// The host on which it happens, if it happens on one.
    pub fn node(&self) -> Option<NodeId> {
        match self {
            Action::Send { host, .. }
            | Action::Queue { host, .. }
            | Action::Imap { host, .. }
            | Action::Sync { host, .. }
            | Action::Offline { host, .. }
            | Action::Pop3 { host, .. }
            | Action::Browse { host, .. }
            | Action::Webmail { host, .. }
            | Action::Submit { host, .. }
            | Action::Raw { host, .. }
            | Action::Console { host, .. }
            | Action::PowerOff(host)
            | Action::PowerOn(host)
            | Action::StopService(host, _)
            | Action::StartService(host, _)
            | Action::Disk { host, .. }
            | Action::Force { host, .. } => Some(*host),
            Action::Cut { .. }
            | Action::Mend(_)
            | Action::StripStartTls(_)
            | Action::Tamper { .. }
            | Action::Change { .. } => None,
        }
    }

    /// The link on which it happens, if it happens on one.
    pub fn link(&self) -> Option<LinkId> {
        match self {
            Action::Cut { link, .. }
            | Action::Mend(link)
            | Action::StripStartTls(link)
            | Action::Change { link, .. } => Some(*link),
            Action::Tamper { link, .. } => *link,
            _ => None,
        }
    }
}

/// What somebody does on the pages of a webmail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebDeed {
    /// Fills in the form of a mail and sends it: To, Cc, subject and text of the draft.
    Write(Arc<Draft>),
    /// Looks into the inbox.
    Look(Look),
}

/// What somebody looks at in an inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Look {
    /// The list of the letters.
    List,
    /// The list, and the last letter on it.
    #[default]
    Newest,
    /// The list, and each letter.
    All,
}

/// Names a connection whose bytes come from elsewhere, among those of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RawSession {
    /// One that the host opens, by the number that it is given.
    Opened(u32),
    /// The so many-th that came to the host's door, counted from 1.
    Accepted(u32),
}

/// What is done on a connection whose bytes come from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawDeed {
    /// It is opened.
    Connect {
        /// To which address.
        to: Ipv4Addr,
        /// To which port.
        port: u16,
    },
    /// One that came to the door is taken (SYN,ACK). Until then its SYN is not answered; [`RawDeed::Reset`] refuses it.
    Accept,
    /// These bytes are written.
    Write(Arc<[u8]>),
    /// Nothing more will be written (FIN).
    Close,
    /// It is broken (RST).
    Reset,
    /// What comes is left in TCP's buffer from now on (false), or taken out of it (true).
    Read(bool),
}

impl RawDeed {
    /// What is done, to be put behind a name.
    pub const fn name(&self) -> &'static str {
        match self {
            RawDeed::Connect { .. } => " opens a connection",
            RawDeed::Accept => " takes a connection",
            RawDeed::Write(_) => " writes",
            RawDeed::Close => " has nothing more to say",
            RawDeed::Reset => " breaks the connection",
            RawDeed::Read(false) => " stops to read",
            RawDeed::Read(true) => " reads on",
        }
    }
}

/// What happens to a packet on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is lost.
    Lose,
    /// It arrives so much later; what is sent behind it may overtake it.
    Delay(Duration),
    /// It arrives twice.
    Duplicate,
    /// One bit of it is turned on the way.
    Corrupt,
    /// The next packet on the link overtakes it; if none comes within [`LONGEST_HOLD`], it goes on alone.
    Reorder,
}

/// How long a packet waits for another one to overtake it.
pub const LONGEST_HOLD: Duration = Duration::from_millis(500);

impl Fate {
    /// The word for it in scenario files.
    pub const fn name(self) -> &'static str {
        match self {
            Fate::Lose => "drop",
            Fate::Delay(_) => "delay",
            Fate::Duplicate => "duplicate",
            Fate::Corrupt => "corrupt",
            Fate::Reorder => "reorder",
        }
    }
}

/// New properties of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Propagation delay, one way.
    pub delay: Option<Duration>,
    /// Bits per second.
    pub rate: Option<u64>,
    /// Packets lost by chance, per million.
    pub loss: Option<u32>,
    /// Packets that may wait in each direction.
    pub queue: Option<u32>,
}

/// At which commands an SMTP server behaves in another way than its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRule {
    /// The command in capitals, [`CONNECT`](crate::smtp::server::CONNECT) or
    /// [`END_OF_DATA`](crate::smtp::server::END_OF_DATA); any of them if not given.
    pub command: Option<String>,
    /// Counted from 1 from the moment of the action, over all connections.
    pub first: u32,
    /// How many in a row; all that follow if not given.
    pub count: Option<u32>,
    /// What it does.
    pub manner: Manner,
}

/// A program that listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// The SMTP server.
    Smtp,
    /// The SMTP server for users (RFC 6409).
    Submission,
    /// The IMAP server.
    Imap,
    /// The POP3 server.
    Pop3,
    /// The HTTP server.
    Http,
    /// The DNS server.
    Dns,
    /// What hands connections to programs outside of the simulated network.
    Door,
}

impl Service {
    /// The name used in scenario files.
    pub const fn name(self) -> &'static str {
        match self {
            Service::Smtp => "smtp",
            Service::Submission => "submission",
            Service::Imap => "imap",
            Service::Pop3 => "pop3",
            Service::Http => "http",
            Service::Dns => "dns",
            Service::Door => "door",
        }
    }
}

/// What a user does to a letter in a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyChange {
    /// Flags are set or taken away.
    Flag {
        /// Set.
        add: bool,
        /// `\Seen` and others.
        flags: Vec<String>,
    },
    /// It goes to another folder.
    Move(String),
    /// It goes away.
    Delete,
}

impl std::fmt::Display for CopyChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CopyChange::Flag { add, flags } => write!(f, "{}FLAGS ({})", if *add { '+' } else { '-' }, flags.join(" ")),
            CopyChange::Move(folder) => write!(f, "MOVE {folder}"),
            CopyChange::Delete => f.write_str("DELETE"),
        }
    }
}
