//! What is lit while the rest is dimmed, and what an entry of the record is for the views.

use crate::gui::desk::Thing;
use crate::gui::run::Run;
use crate::lesson::model::{Stop, Trigger};
use crate::lesson::record::Record;
use crate::lesson::words::SpotName;
use crate::sim::NodeKind;
use crate::topology::{ConnId, LinkId, NodeId};
use crate::trace::{Cause, EntryId, PacketId, What};

/// A part of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lit {
    /// Something that can be selected.
    Thing(Thing),
    /// The outgoing queue of a mail server.
    Queue(NodeId),
    /// The mailboxes of a mail server.
    Mailbox(NodeId),
}

/// One name of a lesson, and the parts of the picture that it means: a line is a row of the conversation, and an arrow
/// in the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// In words: `the outgoing queue of mail.a`.
    pub name: String,
    /// Its parts.
    pub parts: Vec<Lit>,
}

/// What a stop lights.
pub fn spots(run: &Run, record: &Record, stop: &Stop, place: usize) -> Vec<Spot> {
    let node = |name: &str| {
        let nodes = 0..run.ready.setup.nodes.len() as u32;
        nodes.map(NodeId).find(|n| run.node(*n) == name)
    };
    let about = match &stop.trigger {
        Trigger::Behind(event) => event.one(record),
        // What it will be about has not happened.
        Trigger::Before(_) | Trigger::Start | Trigger::End | Trigger::Time(_) => None,
    };
    let spot = |name: &SpotName| -> Option<Spot> {
        let spot = |name: String, parts: Vec<Lit>| Some(Spot { name, parts });
        match name {
            SpotName::Host(host) => {
                let id = node(host)?;
                spot(called(run, id), vec![Lit::Thing(Thing::Node(id))])
            }
            SpotName::Queue(host) => spot(format!("the outgoing queue of {host}"), vec![Lit::Queue(node(host)?)]),
            SpotName::Mailbox(host) => spot(format!("the mailboxes of {host}"), vec![Lit::Mailbox(node(host)?)]),
            SpotName::Link(a, b) => {
                let ends = [node(a)?, node(b)?];
                let is = |l: &crate::sim::setup::Link| ends.contains(&l.a) && ends.contains(&l.b);
                let link = run.ready.setup.links.iter().position(is)?;
                spot(format!("the link from {a} to {b}"), vec![Lit::Thing(Thing::Link(LinkId(link as u32)))])
            }
            SpotName::Packet => {
                let packet = about.and_then(|e| carrier(run, e)).or_else(|| run.last_packet(place))?;
                spot("the packet".to_owned(), vec![Lit::Thing(Thing::Packet(packet))])
            }
            SpotName::Line => {
                let line = about.and_then(|e| line_of(run, e)).or_else(|| last_line(run, place))?;
                let mut parts: Vec<Lit> = carriers(run, &line, place).map(|p| Lit::Thing(Thing::Packet(p))).collect();
                parts.push(Lit::Thing(line));
                spot("the line".to_owned(), parts)
            }
            SpotName::Connection => {
                let conn = about.and_then(|e| conn_of(run, e)).or_else(|| run.conversation_at(place))?;
                spot("the connection".to_owned(), vec![Lit::Thing(Thing::Connection(conn))])
            }
        }
    };
    stop.spotlight.iter().filter_map(spot).collect()
}

/// What a node is called where it is named for the first time.
fn called(run: &Run, node: NodeId) -> String {
    let name = run.node(node);
    match &run.ready.setup.nodes[node.0 as usize].kind {
        NodeKind::Host(host) if host.mail_server.is_some() => format!("the mail server {name}"),
        NodeKind::Host(host) if !host.user_agents.is_empty() => match run.owner(node) {
            owner if owner == name => format!("the user agent on {name}"),
            owner => format!("{owner}'s user agent, on {name}"),
        },
        NodeKind::Host(host) if host.web_server.is_some() => format!("the web server {name}"),
        NodeKind::Host(host) if host.dns_server.is_some() => format!("the DNS server {name}"),
        NodeKind::Host(_) => format!("the host {name}"),
        NodeKind::Router => format!("the router {name}"),
        _ => format!("the switch {name}"),
    }
}

/// The packet that an entry is about.
pub fn packet_of(run: &Run, entry: EntryId) -> Option<PacketId> {
    match &run.log.entry(entry).what {
        What::FrameSent { packet, .. }
        | What::FrameArrived { packet, .. }
        | What::FrameLost { packet, .. }
        | What::TcpSent { packet, .. }
        | What::TcpReceived { packet, .. } => Some(*packet),
        _ => None,
    }
}

/// The packet that an entry is about, or that has brought it about.
fn carrier(run: &Run, entry: EntryId) -> Option<PacketId> {
    let mut here = entry;
    loop {
        if let Some(packet) = packet_of(run, here) {
            return Some(packet);
        }
        here = match run.log.entry(here).cause {
            // A cause comes before what it causes, so this ends.
            Cause::Entry(before) => before,
            _ => return None,
        };
    }
}

/// The connection that an entry is about.
pub fn conn_of(run: &Run, entry: EntryId) -> Option<ConnId> {
    match &run.log.entry(entry).what {
        What::TcpOpen(conn) | What::TcpEstablished(conn, _) => Some(*conn),
        What::TcpTimer { conn, .. } | What::TcpState { conn, .. } | What::TcpClosed { conn, .. } => Some(*conn),
        What::Session(session) => Some(session.conn),
        _ => packet_of(run, entry).and_then(|p| run.log.packet(p).conn.map(|(conn, _)| conn)),
    }
}

/// The line that an entry writes or reads.
pub fn line_of(run: &Run, entry: EntryId) -> Option<Thing> {
    run.dialogues.iter().find_map(|d| {
        let row = d.rows.iter().find(|r| (r.entry == entry || r.read == Some(entry)) && !r.range.is_empty())?;
        Some(Thing::Stream(d.conn, row.speaker, row.range.start, row.range.end))
    })
}

/// The last line that was read before a place.
fn last_line(run: &Run, place: usize) -> Option<Thing> {
    let rows = run.dialogues.iter().flat_map(|d| d.rows.iter().map(move |r| (d.conn, r)));
    let read = rows.filter(|(_, r)| !r.range.is_empty() && r.read.is_some_and(|e| (e.0 as usize) < place));
    let (conn, row) = read.max_by_key(|(_, r)| r.read)?;
    Some(Thing::Stream(conn, row.speaker, row.range.start, row.range.end))
}

/// The packets that have carried bytes of a line before a place.
fn carriers<'a>(run: &'a Run, line: &Thing, place: usize) -> impl Iterator<Item = PacketId> + use<'a> {
    let line = line.clone();
    run.packets.rows().iter().map(|r| r.packet).filter(move |p| {
        let Thing::Stream(conn, side, from, until) = &line else { return false };
        let packet = run.log.packet(*p);
        let (start, length) = packet.stream;
        let carries = packet.conn == Some((*conn, *side)) && start < *until && start + u64::from(length) > *from;
        carries && run.packets.row(*p).is_some_and(|r| (r.sent.0 as usize) < place)
    })
}

/// What an entry is for the views: what is selected when it is shown.
pub fn thing_of(run: &Run, entry: EntryId) -> Thing {
    if let Some(packet) = packet_of(run, entry) {
        return Thing::Packet(packet);
    }
    let open = || match run.log.entry(entry).what {
        // A connection begins with its SYN.
        What::TcpOpen(conn) => Some(Thing::Connection(conn)),
        _ => None,
    };
    let line = || line_of(run, entry).or_else(|| conn_of(run, entry).map(Thing::Connection));
    open().or_else(line).unwrap_or(Thing::Node(run.log.entry(entry).node))
}

/// Whether two things are the same in the picture: a line and the packet that carries it are.
pub fn same(run: &Run, a: &Thing, b: &Thing) -> bool {
    let stream = |thing: &Thing| match thing {
        Thing::Stream(conn, side, from, until) => Some((*conn, *side, *from, *until)),
        Thing::Packet(p) | Thing::Bytes(p, ..) => {
            let packet = run.log.packet(*p);
            let ((conn, side), (from, length)) = (packet.conn?, packet.stream);
            Some((conn, side, from, from + u64::from(length)))
        }
        _ => None,
    };
    match (a, b) {
        (Thing::Packet(p) | Thing::Bytes(p, ..), Thing::Packet(q) | Thing::Bytes(q, ..)) => p == q,
        _ if a == b => true,
        _ => match (stream(a), stream(b)) {
            (Some((c, s, from, until)), Some((d, t, start, end))) => (c, s) == (d, t) && from < end && start < until,
            _ => false,
        },
    }
}
