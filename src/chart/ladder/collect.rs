//! What the record says of the packets and timers of some conversations.

use std::collections::BTreeMap;

use super::{Options, Shown};
use crate::net::link::Loss;
use crate::packet::{self, TcpFlags};
use crate::tcp::TimerKind;
use crate::time::{Duration, Instant};
use crate::topology::{ConnId, LinkId, NodeId, Side};
use crate::trace::{Cause, EntryId, Log, PacketId, What};

/// An entry and its time.
pub(super) type Stamp = (EntryId, Instant);

/// How a flight ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Arrived(Stamp),
    /// `share` of the way was done.
    Lost {
        at: Stamp,
        reason: Loss,
        share: f32,
    },
}

impl End {
    pub fn stamp(&self) -> Stamp {
        match self {
            End::Arrived(at) | End::Lost { at, .. } => *at,
        }
    }
}

/// A packet from its sender to its end.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub packet: PacketId,
    pub conn: ConnId,
    pub from: Side,
    pub sent: Stamp,
    pub end: Option<End>,
    pub stream: (u64, u32),
    pub retransmission: bool,
    pub plain_ack: bool,
}

/// A timer that fired.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fired {
    pub conn: ConnId,
    pub side: Side,
    pub kind: TimerKind,
    pub armed: Option<Stamp>,
    pub at: Stamp,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Collected {
    /// The conversations that are shown.
    pub conns: Vec<ConnId>,
    /// In order of sending.
    pub flights: Vec<Flight>,
    pub timers: Vec<Fired>,
    /// Begin and end of the connections.
    pub marks: Vec<Stamp>,
    /// Shares of the way at which the links end, from client to server; empty if no packet made it.
    pub links: Vec<f32>,
    /// Shares at which routers stand.
    pub routers: Vec<f32>,
}

impl Collected {
    /// The shortest time that a packet took, and more than none.
    pub fn fastest(&self) -> Option<Duration> {
        let took = self.flights.iter().filter_map(|f| match f.end {
            Some(End::Arrived(at)) => Some(at.1.since(f.sent.1)),
            _ => None,
        });
        took.filter(|took| *took > Duration::ZERO).min()
    }
}

/// The least share of the way that a link gets, so that a cross in a LAN can be told from the lane.
const LEAST_LINK: f32 = 1.0 / 12.0;

pub(super) fn collect(shown: &Shown<'_>, options: &Options) -> Collected {
    let log = shown.log;
    let ends = |conn: ConnId| (log.end(conn, Side::Client), log.end(conn, Side::Server));
    let first = *shown.conversations.first().expect("a ladder is of at least one conversation");
    // An end without a node has only its address to be known by.
    let same = |conn: &ConnId| {
        ends(*conn) == ends(first) && log.end_addr(*conn, Side::Server).0 == log.end_addr(first, Side::Server).0
    };
    let mut found =
        Collected { conns: shown.conversations.iter().copied().filter(same).collect(), ..Default::default() };
    let mut of_packet: BTreeMap<PacketId, usize> = BTreeMap::new();
    let mut again: BTreeMap<PacketId, (Stamp, bool)> = BTreeMap::new();
    let mut acks = Acks::default();
    let mut way: Option<Way> = None;
    for (number, entry) in log.entries().iter().enumerate() {
        let at = (EntryId(number as u32), entry.at);
        let ours = |packet: PacketId| log.packet(packet).conn.filter(|(conn, _)| found.conns.contains(conn));
        match &entry.what {
            What::TcpSent { packet, retransmission, .. } if ours(*packet).is_some() => {
                again.insert(*packet, (at, *retransmission));
            }
            What::FrameSent { packet, .. } => {
                if let Some((conn, from)) = ours(*packet)
                    && !of_packet.contains_key(packet)
                {
                    let retransmission = again.get(packet).is_some_and(|(_, again)| *again);
                    of_packet.insert(*packet, found.flights.len());
                    found.flights.push(flight(log, *packet, conn, from, at, retransmission, &mut acks));
                }
            }
            What::FrameArrived { packet, .. } => {
                if let Some((conn, from)) = ours(*packet)
                    && log.end(conn, from.other()) == Some(entry.node)
                    && let Some(flight) = of_packet.get(packet).map(|i| &mut found.flights[*i])
                    && flight.end.is_none()
                {
                    flight.end = Some(End::Arrived(at));
                    if way.is_none() {
                        way = Way::of(log, at.0, conn, from);
                    }
                }
            }
            What::FrameLost { packet, reason } => {
                let Some((conn, from)) = ours(*packet) else { continue };
                // A switch that does not know the way sends to everybody; those copies do not count.
                if *reason == Loss::NotForUs && log.end(conn, from.other()) != Some(entry.node) {
                    continue;
                }
                if !of_packet.contains_key(packet) {
                    // It never got onto a link: nobody answered for the next hop's address.
                    let (sent, again) = again.get(packet).copied().unwrap_or((at, false));
                    of_packet.insert(*packet, found.flights.len());
                    found.flights.push(flight(log, *packet, conn, from, sent, again, &mut acks));
                }
                let flight = &mut found.flights[of_packet[packet]];
                // A host that is off is reached, and does not take the packet.
                let refused = log.end(conn, from.other()) == Some(entry.node);
                if flight.end.is_none() || refused {
                    // The share is worked out when the whole way is known.
                    flight.end = Some(End::Lost { at, reason: *reason, share: 0.0 });
                }
            }
            What::TcpTimer { conn, side, timer, .. } if found.conns.contains(conn) => {
                if *timer == TimerKind::DelayedAck && !options.plain_acks {
                    continue;
                }
                let armed = match entry.cause {
                    Cause::Timer { armed_by } => Some((armed_by, log.entry(armed_by).at)),
                    _ => None,
                };
                found.timers.push(Fired { conn: *conn, side: *side, kind: *timer, armed, at });
            }
            What::TcpOpen(conn) | What::TcpClosed { conn, .. } if found.conns.contains(conn) => found.marks.push(at),
            _ => {}
        }
    }
    // Packets that waited for a hardware address were made before, and left after, others.
    found.flights.sort_by_key(|f| f.sent.0);
    let way = way.unwrap_or_default();
    (found.links, found.routers) = way.shares();
    for flight in &mut found.flights {
        if let Some(End::Lost { at, reason, share }) = &mut flight.end {
            *share = way.lost(log, at.0, *reason, flight.from, &found.links);
        }
    }
    if !options.plain_acks {
        found.flights.retain(|f| !f.plain_ack);
    }
    found
}

fn flight(
    log: &Log,
    packet: PacketId,
    conn: ConnId,
    from: Side,
    sent: Stamp,
    retransmission: bool,
    acks: &mut Acks,
) -> Flight {
    let p = log.packet(packet);
    let header = packet::parse_ipv4(&log.packet_bytes(packet))
        .ok()
        .and_then(|ip| Some(packet::parse_tcp(ip.src, ip.dst, ip.payload).ok()?.header))
        .unwrap_or_default();
    let plain_ack = acks.plain(conn, from, &header, p.stream.1);
    Flight { packet, conn, from, sent, end: None, stream: p.stream, retransmission, plain_ack }
}

/// Which acknowledgements belong to a handshake: the third packet of the opening, and the answer to a FIN.
#[derive(Debug, Default)]
struct Acks {
    /// Clients that have sent something besides their SYN.
    opened: BTreeMap<ConnId, ()>,
    /// What acknowledges the FIN of this side.
    fins: BTreeMap<(ConnId, Side), u32>,
}

impl Acks {
    fn plain(&mut self, conn: ConnId, from: Side, header: &packet::TcpHeader, len: u32) -> bool {
        if header.flags.contains(TcpFlags::FIN) {
            self.fins.insert((conn, from), header.seq.wrapping_add(len).wrapping_add(1));
        }
        let handshake = [TcpFlags::SYN, TcpFlags::FIN, TcpFlags::RST].iter().any(|f| header.flags.contains(*f));
        if handshake {
            return false;
        }
        let third = from == Side::Client && self.opened.insert(conn, ()).is_none();
        let of_fin = self.fins.get(&(conn, from.other())) == Some(&header.ack);
        len == 0 && !third && !of_fin
    }
}

/// The links between the two ends, from the client's side.
#[derive(Clone, Debug, Default)]
struct Way {
    /// Each link with the time it took, and whether a router stands in front of it.
    links: Vec<(LinkId, Duration, bool)>,
}

/// The links on which the packet of an entry has come: the last one maybe not crossed.
fn travelled(log: &Log, from: EntryId) -> Vec<(LinkId, NodeId, Instant, u8)> {
    let mut links = Vec::new();
    let mut cause = Cause::Entry(from);
    let packet = packet_of(&log.entry(from).what);
    while let Cause::Entry(id) = cause {
        let entry = log.entry(id);
        if packet_of(&entry.what) != packet {
            break;
        }
        if let (What::FrameSent { hop, .. }, Some(link)) = (&entry.what, entry.link()) {
            links.push((link, entry.node, entry.at, log.hop(*hop).ttl));
        }
        if matches!(entry.what, What::TcpSent { .. }) {
            break;
        }
        cause = entry.cause;
    }
    links.reverse();
    links
}

fn packet_of(what: &What) -> Option<PacketId> {
    match what {
        What::FrameSent { packet, .. } | What::FrameArrived { packet, .. } | What::FrameLost { packet, .. } => {
            Some(*packet)
        }
        _ => None,
    }
}

impl Way {
    /// The way of a packet that has arrived. `None` if it waited somewhere for a hardware address: then the causes
    /// lead to the answer for which it waited.
    fn of(log: &Log, arrived: EntryId, conn: ConnId, from: Side) -> Option<Way> {
        let hops = travelled(log, arrived);
        if hops.first().map(|h| h.1) != log.end(conn, from) {
            return None;
        }
        let times = hops.iter().skip(1).map(|h| h.2).chain([log.entry(arrived).at]);
        let lasted: Vec<Duration> = hops.iter().zip(times).map(|(h, next)| next.since(h.2)).collect();
        let mut links: Vec<(LinkId, Duration, bool)> = Vec::new();
        for (i, (link, _, _, ttl)) in hops.iter().enumerate() {
            // Only a router takes one from the time to live.
            let router = i > 0 && hops[i - 1].3 != *ttl;
            links.push((*link, lasted[i], router));
        }
        if from == Side::Server {
            let routers: Vec<bool> = links.iter().map(|l| l.2).collect();
            links.reverse();
            for (i, link) in links.iter_mut().enumerate() {
                // What stood in front of a link stands behind it, seen from the other end.
                link.2 = i > 0 && routers[routers.len() - i];
            }
        }
        Some(Way { links })
    }

    /// Where each link ends, and where routers stand.
    fn shares(&self) -> (Vec<f32>, Vec<f32>) {
        let all: u64 = self.links.iter().map(|l| l.1.as_nanos()).sum();
        let weight = |l: &(LinkId, Duration, bool)| (l.1.as_nanos() as f32 / all.max(1) as f32).max(LEAST_LINK);
        let sum: f32 = self.links.iter().map(weight).sum();
        let mut at = 0.0;
        let (mut ends, mut routers) = (Vec::new(), Vec::new());
        for link in &self.links {
            if link.2 {
                routers.push(at);
            }
            at += weight(link) / sum;
            ends.push(at);
        }
        (ends, routers)
    }

    /// The share of the way that a lost packet has done.
    fn lost(&self, log: &Log, entry: EntryId, reason: Loss, from: Side, ends: &[f32]) -> f32 {
        // On a link or in the queue before it; else at the node behind the last one that it has crossed.
        let on_link = log.entry(entry).link();
        let last = on_link.or_else(|| travelled(log, entry).last().map(|hop| hop.0));
        let Some(last) = last else { return 0.0 };
        let links = self.links.len();
        let Some(place) = self.links.iter().position(|l| l.0 == last) else { return 0.5 };
        // Seen from the sender.
        let place = if from == Side::Client { place } else { links - 1 - place };
        let crossed = if on_link.is_some() { place } else { place + 1 };
        let end = |n: usize| match (n.min(links), from) {
            (0, _) => 0.0,
            (n, Side::Client) => ends[n - 1],
            (n, Side::Server) if n == links => 1.0,
            (n, Side::Server) => 1.0 - ends[links - n - 1],
        };
        match reason {
            Loss::Rule | Loss::Corrupted | Loss::Replaced | Loss::Chance | Loss::LinkCut => {
                f32::midpoint(end(crossed), end(crossed + 1))
            }
            _ => end(crossed),
        }
    }
}
