//! Packets under way: the links that each was put on, put together to the way from its first host to its last.
//!
//! Arrivals and losses on a link name the entry of their sending as cause; what a node sends on or loses belongs
//! to the link over which the packet came to that node. So the hops of a packet are a tree, and each leaf of it is
//! a flight: one, unless a switch flooded the frame.

use std::net::Ipv4Addr;

use rustc_hash::FxHashMap;

use super::Flight;
use super::spans::{OPEN, Spans};
use crate::net::link::Loss;
use crate::sim::{NodeKind, Setup};
use crate::time::{Duration, Instant};
use crate::topology::{ConnId, LinkId, NodeId, Side};
use crate::trace::{Cause, Entry, EntryId, Log, PacketId, What};

/// No entry, no hop.
const NONE: u32 = u32::MAX;

/// A packet on one link; or at a node that could send it nowhere, then `sent` is the loss itself.
#[derive(Clone, Copy, Debug)]
struct Hop {
    sent: u32,
    arrived: u32,
    /// The arrival or the loss.
    ended: u32,
    loss: Option<Loss>,
    /// Over which link it had come.
    parent: u32,
    /// The hop of the same packet that was recorded before.
    previous: u32,
    /// It was sent on from there.
    leaf: bool,
}

/// One way of a packet.
#[derive(Clone, Copy, Debug)]
struct Track {
    packet: PacketId,
    branch: u32,
    to: NodeId,
    /// Its hops, by their place in [`Flights::ways`].
    first: u32,
    hops: u32,
    begin: u32,
    end: u32,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Flights {
    hops: Vec<Hop>,
    ways: Vec<u32>,
    tracks: Vec<Track>,
    spans: Spans,
    /// The first track of each packet.
    of_packet: Vec<u32>,
    links: Vec<(NodeId, NodeId, Duration)>,
    /// The way of the first packet of each connection that came through, client first.
    pub courses: Vec<Vec<NodeId>>,
}

/// Reads the record.
pub(super) struct Collector<'a> {
    log: &'a Log,
    setup: &'a Setup,
    hops: Vec<Hop>,
    /// The hop of each packet that was recorded last.
    last: Vec<u32>,
}

impl<'a> Collector<'a> {
    pub fn new(log: &'a Log, setup: &'a Setup) -> Self {
        Collector { log, setup, hops: Vec::new(), last: vec![NONE; log.packets().len()] }
    }

    pub fn take(&mut self, number: u32, entry: &Entry) {
        match entry.what {
            What::FrameSent { packet, .. } => {
                let parent = self.find(packet, |c, h| h.arrived != NONE && c.far(h) == Some(entry.node));
                if let Some(parent) = self.hops.get_mut(parent as usize) {
                    parent.leaf = false;
                }
                self.push(packet, Hop { parent, ..hop(number) });
            }
            What::FrameArrived { packet, .. } => {
                let Cause::Entry(sent) = entry.cause else { return };
                let at = self.find(packet, |_, h| h.sent == sent.0);
                if let Some(hop) = self.hops.get_mut(at as usize) {
                    (hop.arrived, hop.ended) = (number, number);
                }
            }
            What::FrameLost { packet, reason } => {
                let at = match (entry.link(), entry.cause) {
                    (Some(_), Cause::Entry(sent)) => self.find(packet, |_, h| h.sent == sent.0),
                    _ => self.find(packet, |c, h| h.leaf && h.arrived != NONE && c.far(h) == Some(entry.node)),
                };
                match self.hops.get_mut(at as usize) {
                    Some(hop) => (hop.ended, hop.loss) = (number, Some(reason)),
                    None => self.push(packet, Hop { ended: number, loss: Some(reason), ..hop(number) }),
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, packet: PacketId, hop: Hop) {
        let Some(last) = self.last.get_mut(packet.0 as usize) else { return };
        self.hops.push(Hop { previous: *last, ..hop });
        *last = self.hops.len() as u32 - 1;
    }

    /// The hop of a packet that was recorded last among those that `is` picks. A packet has few.
    fn find(&self, packet: PacketId, is: impl Fn(&Self, &Hop) -> bool) -> u32 {
        let mut at = self.last.get(packet.0 as usize).copied().unwrap_or(NONE);
        while let Some(hop) = self.hops.get(at as usize) {
            if is(self, hop) {
                break;
            }
            at = hop.previous;
        }
        at
    }

    /// The far end of a hop's link.
    fn far(&self, hop: &Hop) -> Option<NodeId> {
        let entry = self.log.entry(EntryId(hop.sent));
        let link = self.setup.links.get(entry.link()?.0 as usize)?;
        Some(if link.a == entry.node { link.b } else { link.a })
    }

    pub fn finish(self) -> Flights {
        let owners = owners(self.setup);
        let mut flights = Flights {
            ways: Vec::with_capacity(self.hops.len()),
            tracks: Vec::with_capacity(self.last.len()),
            spans: Spans::default(),
            of_packet: Vec::with_capacity(self.last.len()),
            links: self.setup.links.iter().map(|l| (l.a, l.b, l.delay)).collect(),
            courses: vec![Vec::new(); self.log.connections().len()],
            hops: Vec::new(),
        };
        let mut leaves = Vec::new();
        for (number, last) in self.last.iter().enumerate() {
            let packet = PacketId(number as u32);
            leaves.clear();
            let mut at = *last;
            while let Some(hop) = self.hops.get(at as usize) {
                if hop.leaf {
                    leaves.push(at);
                }
                at = hop.previous;
            }
            leaves.reverse();
            let addressed = destination(self.log, packet).and_then(|to| owners.get(&to).copied());
            let main = leaves.iter().position(|leaf| {
                let hop = &self.hops[*leaf as usize];
                hop.arrived != NONE && self.far(hop) == addressed
            });
            leaves[..main.map_or(0, |main| main + 1)].rotate_right(1.min(main.unwrap_or(0)));
            for (branch, leaf) in leaves.iter().enumerate() {
                let track = self.track(packet, branch as u32, *leaf, addressed, &mut flights.ways);
                flights.tracks.push(track);
            }
        }
        flights.hops = self.hops;
        // Packets are numbered when they are made; one that waits for its neighbour's address is sent later.
        flights.tracks.sort_by_key(|t| (t.begin, t.packet, t.branch));
        flights.spans = Spans::new(flights.tracks.iter().map(|t| (t.begin, t.end)));
        flights.of_packet = vec![NONE; self.last.len()];
        for (number, track) in flights.tracks.iter().enumerate().rev() {
            flights.of_packet[track.packet.0 as usize] = number as u32;
        }
        flights.find_courses(self.log);
        flights
    }

    fn track(&self, packet: PacketId, branch: u32, leaf: u32, addressed: Option<NodeId>, ways: &mut Vec<u32>) -> Track {
        let first = ways.len();
        let end = &self.hops[leaf as usize];
        let mut at = leaf;
        while let Some(hop) = self.hops.get(at as usize) {
            ways.push(at);
            at = hop.parent;
        }
        ways[first..].reverse();
        let begin = self.hops[ways[first] as usize].sent;
        let here = self.far(end).unwrap_or(self.log.entry(EntryId(end.sent)).node);
        let held = end.loss.is_none() && Some(here) != addressed && self.holds(here, packet);
        Track {
            packet,
            branch,
            to: addressed.filter(|_| branch == 0).unwrap_or(here),
            first: first as u32,
            hops: (ways.len() - first) as u32,
            begin: begin + 1,
            end: if held || end.ended == NONE { OPEN } else { end.ended + 1 },
        }
    }

    /// Whether a packet that has come to `node` waits there to be sent on: at a router, for its neighbour's
    /// address.
    fn holds(&self, node: NodeId, packet: PacketId) -> bool {
        !self.log.packet(packet).arp
            && self.setup.nodes.get(node.0 as usize).is_some_and(|n| matches!(n.kind, NodeKind::Router))
    }
}

/// A packet that has just been put on a link.
const fn hop(sent: u32) -> Hop {
    Hop { sent, arrived: NONE, ended: NONE, loss: None, parent: NONE, previous: NONE, leaf: true }
}

/// Which node has an address.
fn owners(setup: &Setup) -> FxHashMap<Ipv4Addr, NodeId> {
    let nodes = setup.nodes.iter().enumerate();
    nodes
        .flat_map(|(n, node)| node.interfaces.iter().filter_map(move |i| Some((i.address?.0, NodeId(n as u32)))))
        .collect()
}

/// To whom a packet is addressed: the destination of the datagram, the host that ARP asks for or answers.
fn destination(log: &Log, packet: PacketId) -> Option<Ipv4Addr> {
    let (bytes, _) = log.packet_parts(packet);
    // RFC 791 section 3.1; RFC 826: ar$tpa behind two hardware and one protocol address.
    let at = if log.packet(packet).arp { 24 } else { 16 };
    let address: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(address.into())
}

impl Flights {
    /// Packets that are under way at `place`.
    pub fn waiting(&self, log: &Log, place: u32) -> Vec<Flight> {
        self.spans.at(place).into_iter().map(|t| self.flight(log, &self.tracks[t])).collect()
    }

    /// Packets that are under way at `from`, and those that are sent between the two places.
    pub fn between(&self, log: &Log, from: u32, to: u32) -> Vec<Flight> {
        let later = self.spans.begun_in(from.saturating_add(1), to.saturating_add(1));
        self.spans.at(from).into_iter().chain(later).map(|t| self.flight(log, &self.tracks[t])).collect()
    }

    /// Every way of a packet.
    pub fn of_packet(&self, log: &Log, packet: PacketId) -> Vec<Flight> {
        let Some(first) = self.of_packet.get(packet.0 as usize) else { return Vec::new() };
        let rest = self.tracks.get(*first as usize..).unwrap_or_default();
        rest.iter().take_while(|t| t.packet == packet).map(|t| self.flight(log, t)).collect()
    }

    /// Nodes that send a packet or are addressed by one.
    pub fn touched(&self, log: &Log, setup: &Setup) -> Vec<bool> {
        let mut touched = vec![false; setup.nodes.len()];
        let mut touch = |node: NodeId| {
            if let Some(t) = touched.get_mut(node.0 as usize) {
                *t = true;
            }
        };
        for hop in &self.hops {
            touch(log.entry(EntryId(hop.sent)).node);
        }
        for track in self.tracks.iter().filter(|t| t.branch == 0) {
            touch(track.to);
        }
        // A record without packets has connections all the same.
        for connection in log.connections().iter() {
            touch(connection.client);
            connection.server.into_iter().for_each(&mut touch);
        }
        touched
    }

    fn find_courses(&mut self, log: &Log) {
        for track in &self.tracks {
            let Some((ConnId(conn), side)) = log.packet(track.packet).conn else { continue };
            let Some(course) = self.courses.get_mut(conn as usize).filter(|c| c.is_empty()) else { continue };
            let last = &self.hops[self.ways[(track.first + track.hops) as usize - 1] as usize];
            if track.branch != 0 || last.arrived == NONE || last.loss.is_some() || track.end == OPEN {
                continue;
            }
            let way = &self.ways[track.first as usize..][..track.hops as usize];
            let near = |hop: &u32| log.entry(EntryId(self.hops[*hop as usize].sent)).node;
            course.extend(way.iter().map(near).chain([track.to]));
            if side == Side::Server {
                course.reverse();
            }
        }
    }

    fn flight(&self, log: &Log, track: &Track) -> Flight {
        let way = &self.ways[track.first as usize..][..track.hops as usize];
        let mut path = Vec::with_capacity(way.len());
        let mut hops = Vec::with_capacity(way.len());
        for hop in way.iter().map(|h| &self.hops[*h as usize]) {
            let entry = log.entry(EntryId(hop.sent));
            let Some(link) = entry.link() else { continue };
            let (a, b, delay) = self.links[link.0 as usize];
            let at = |entry: u32| log.entry(EntryId(entry)).at;
            let over = match (hop.arrived, hop.ended) {
                (NONE, NONE) => entry.at + delay,
                (NONE, ended) => at(ended),
                (arrived, _) => at(arrived),
            };
            path.push((LinkId(link.0), entry.node, if a == entry.node { b } else { a }));
            hops.push((entry.at, over));
        }
        let last = &self.hops[*way.last().expect("a flight has at least one hop") as usize];
        let sent = EntryId(track.begin - 1);
        let ended = (track.end != OPEN).then(|| EntryId(track.end - 1));
        let got_over = path.len() - usize::from(last.arrived == NONE && !path.is_empty());
        let sent_at = log.entry(sent).at;
        let reached: Instant = hops.last().map_or(sent_at, |(_, over)| *over);
        Flight {
            packet: track.packet,
            branch: track.branch,
            from: log.entry(sent).node,
            to: track.to,
            path,
            sent,
            sent_at,
            ended,
            ends_at: ended.map_or(reached, |e| log.entry(e).at),
            lost: last.loss.map(|loss| (got_over, loss)),
            hops,
        }
    }
}
