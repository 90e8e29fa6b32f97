//! Stand-in until the real module is merged.
#![allow(missing_docs)]

use crate::smtp::phase::RfcPhase;
use crate::time::Instant;
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::{EntryId, Log, What};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Connect,
    Handshaking,
    Transfer,
    Closure,
    Disconnect,
    Open,
}

impl Part {
    pub const fn name(self) -> &'static str {
        match self {
            Part::Connect => "connect",
            Part::Handshaking => "handshaking",
            Part::Transfer => "transfer",
            Part::Closure => "closure",
            Part::Disconnect => "disconnect",
            Part::Open => "open",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Smtp,
    Imap,
    Http,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    pub part: Part,
    pub begins: usize,
    pub ends: Option<usize>,
    pub from: Instant,
    pub until: Option<Instant>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RfcBand {
    pub phase: RfcPhase,
    pub begins: usize,
    pub ends: Option<usize>,
    pub from: Instant,
    pub until: Option<Instant>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    pub conn: ConnId,
    pub protocol: Protocol,
    pub client: NodeId,
    pub server: Option<NodeId>,
    pub port: u16,
    pub opened: EntryId,
    pub established: Option<EntryId>,
    pub closed: Option<EntryId>,
    pub bands: Vec<Band>,
    pub rfc: Vec<RfcBand>,
}

pub fn conversations(log: &Log) -> Vec<Conversation> {
    let mut all: Vec<Conversation> = Vec::new();
    for (place, entry) in log.entries().iter().enumerate() {
        let id = EntryId(place as u32);
        match &entry.what {
            What::TcpOpen(conn) => {
                let c = log.connection(*conn);
                let bands = vec![Band { part: Part::Connect, begins: place, ends: None, from: entry.at, until: None }];
                all.push(Conversation {
                    conn: *conn,
                    protocol: match c.server_addr.1 {
                        25 => Protocol::Smtp,
                        143 => Protocol::Imap,
                        80 => Protocol::Http,
                        _ => Protocol::Other,
                    },
                    client: c.client,
                    server: c.server,
                    port: c.server_addr.1,
                    opened: id,
                    established: None,
                    closed: None,
                    bands,
                    rfc: vec![],
                });
            }
            What::TcpEstablished(conn, Side::Client) => all[conn.0 as usize].established = Some(id),
            What::TcpClosed { conn, side: Side::Client, .. } => all[conn.0 as usize].closed = Some(id),
            _ => {}
        }
    }
    all
}
