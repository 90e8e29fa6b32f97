//! One thing that happened: when, where, why, what.
//!
//! This is how the record reads. How it is kept, in less memory, is told in `rows`; what is long stands in a table
//! of the [`Log`](super::Log) beside the entries, and an entry lends it.

use std::net::Ipv4Addr;

use serde::Serialize;

use super::{EngineKind, Line};
use crate::dns::resolver;
use crate::engine::TlsInfo;
use crate::net::link::Loss;
use crate::packet::LinkHeader;
use crate::smtp::phase::PhaseChange;
use crate::tcp;
use crate::time::Instant;
use crate::topology::{ConnId, LinkId, NodeId, Side};
use crate::{http, imap, mail, pop3, smtp};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);
    };
}

pub(super) use number;

number! {
    /// An entry, by its place in the record.
    EntryId
}
number! {
    /// A packet, numbered in the order of their first sending.
    PacketId
}
number! {
    /// What one hop changed in a packet.
    HopId
}
number! {
    /// A snapshot of a connection's variables.
    ViewId
}
number! {
    /// An action of the scenario, by its place in the list.
    ActionId
}

/// Why an entry is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The scenario begins.
    Start,
    /// A user or a script did something.
    Action(ActionId),
    /// Another entry led to it.
    Entry(EntryId),
    /// A timer fired that was set at this entry.
    Timer {
        /// The entry during which the timer was set.
        armed_by: EntryId,
    },
}

/// One entry.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// When.
    pub at: Instant,
    /// At which node.
    pub node: NodeId,
    pub(super) link: Option<LinkId>,
    /// Why.
    pub cause: Cause,
    /// What.
    pub what: What<'a>,
}

impl Entry<'_> {
    /// On which link, for what happens to frames.
    pub fn link(&self) -> Option<LinkId> {
        self.link
    }
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum What<'a> {
    /// A node put a frame on a link.
    FrameSent {
        /// The packet in it.
        packet: PacketId,
        /// What this hop changed.
        hop: HopId,
    },
    /// A frame came in at a node.
    FrameArrived {
        /// The packet in it.
        packet: PacketId,
        /// As it was sent on that link.
        hop: HopId,
    },
    /// A packet went no further.
    FrameLost {
        /// The packet.
        packet: PacketId,
        /// Why.
        reason: Loss,
    },
    /// A SYN for a new connection was made; the ends stand in [`Connection`].
    TcpOpen(ConnId),
    /// One end is in ESTABLISHED.
    TcpEstablished(ConnId, Side),
    /// A segment left TCP; its packet follows.
    TcpSent {
        /// The packet that carries it.
        packet: PacketId,
        /// The sender's variables afterwards.
        view: ViewId,
        /// Sent before.
        retransmission: bool,
    },
    /// A segment reached TCP.
    TcpReceived {
        /// The packet that carried it.
        packet: PacketId,
        /// The receiver's variables afterwards.
        view: ViewId,
    },
    /// A timer of TCP fired.
    TcpTimer {
        /// Which connection.
        conn: ConnId,
        /// Which end.
        side: Side,
        /// Which timer.
        timer: tcp::TimerKind,
        /// The variables afterwards.
        view: ViewId,
    },
    /// One end changed its state.
    TcpState {
        /// Which connection.
        conn: ConnId,
        /// Which end.
        side: Side,
        /// From this state.
        from: tcp::State,
        /// To this one.
        to: tcp::State,
    },
    /// One end has done with the connection.
    TcpClosed {
        /// Which connection.
        conn: ConnId,
        /// Which end.
        side: Side,
        /// How.
        how: Closed,
    },
    /// A program's protocol engine told something.
    Session(Session<'a>),
    /// The mail system told something: queue, mailbox, user agent.
    Mail(&'a mail::Event),
    /// The resolver of a host told something.
    Dns(&'a resolver::Event),
    /// An action of the scenario took place.
    Action(ActionId),
}

/// How an end of a connection came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Closed {
    /// FIN in both directions.
    Fin,
    /// RST.
    Rst,
    /// Nobody answered any more.
    Timeout,
}

/// Something that a protocol engine told, on which connection and side.
#[derive(Clone, Copy, Debug)]
pub struct Session<'a> {
    /// The connection.
    pub conn: ConnId,
    /// Which end.
    pub side: Side,
    /// The engine's own event.
    pub event: SessionEvent<'a>,
}

/// The events of the engines, each in its own words, as the record lends them.
#[derive(Clone, Copy, Debug)]
pub enum SessionEvent<'a> {
    /// A line, of any protocol: no event of an engine that comes from the record is one.
    Line(EngineKind, Line<'a>),
    /// SMTP, the sending end.
    SmtpClient(&'a smtp::client::Event),
    /// SMTP, the receiving end.
    SmtpServer(&'a smtp::server::Event),
    /// IMAP, the mail program.
    ImapClient(&'a imap::client::Event),
    /// IMAP, the server.
    ImapServer(&'a imap::server::Event),
    /// POP3, the mail program.
    Pop3Client(&'a pop3::client::Event),
    /// POP3, the server.
    Pop3Server(&'a pop3::server::Event),
    /// HTTP, the browser.
    HttpClient(&'a http::client::Event),
    /// HTTP, the server.
    HttpServer(&'a http::server::Event),
    /// TLS: the handshake is over at this end.
    Secured(&'a TlsInfo),
    /// TLS: there will be none, for this reason.
    NotSecured(&'a str),
}

impl<'a> SessionEvent<'a> {
    /// The state that an engine has entered, by the RFC's name, if that is what it told.
    pub const fn new_state(self) -> Option<&'static str> {
        match self {
            SessionEvent::SmtpClient(smtp::client::Event::State { to, .. }) => Some(to.name()),
            SessionEvent::SmtpServer(smtp::server::Event::State { to, .. }) => Some(to.name()),
            SessionEvent::ImapClient(imap::client::Event::State { to, .. }) => Some(to.name()),
            SessionEvent::ImapServer(imap::server::Event::State { to, .. }) => Some(to.name()),
            SessionEvent::Pop3Client(pop3::client::Event::State { to, .. }) => Some(to.name()),
            SessionEvent::Pop3Server(pop3::server::Event::State { to, .. }) => Some(to.name()),
            _ => None,
        }
    }

    /// The phase that SMTP has entered, if that is what it told.
    pub const fn phase(self) -> Option<PhaseChange> {
        match self {
            SessionEvent::SmtpClient(smtp::client::Event::Phase(phase))
            | SessionEvent::SmtpServer(smtp::server::Event::Phase(phase)) => Some(*phase),
            _ => None,
        }
    }

    /// The line that was written or read, if that is what it told.
    pub const fn line(self) -> Option<Line<'a>> {
        match self {
            SessionEvent::Line(_, line) => Some(line),
            _ => None,
        }
    }

    /// The protocol's name in lower case, as it stands in `proto` fields.
    pub const fn protocol(self) -> &'static str {
        match self {
            SessionEvent::Line(engine, _) => engine.protocol(),
            SessionEvent::SmtpClient(_) | SessionEvent::SmtpServer(_) => "smtp",
            SessionEvent::ImapClient(_) | SessionEvent::ImapServer(_) => "imap",
            SessionEvent::Pop3Client(_) | SessionEvent::Pop3Server(_) => "pop3",
            SessionEvent::HttpClient(_) | SessionEvent::HttpServer(_) => "http",
            SessionEvent::Secured(_) | SessionEvent::NotSecured(_) => "tls",
        }
    }
}

/// A TCP connection that was opened in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Who sent the SYN.
    pub client: NodeId,
    /// Its address and port.
    pub client_addr: (Ipv4Addr, u16),
    /// To whom; `None` if no node has that address.
    pub server: Option<NodeId>,
    /// Its address and port.
    pub server_addr: (Ipv4Addr, u16),
    /// When the SYN was made.
    pub opened: Instant,
}

/// What one hop changed in a packet, and the link header it travelled with.
#[derive(Clone, Copy, Debug)]
pub struct HopRecord {
    /// Time to live on this link.
    pub ttl: u8,
    /// IPv4 header checksum on this link.
    pub checksum: u16,
    /// Ethernet addresses, on a LAN.
    pub link: LinkHeader,
}
