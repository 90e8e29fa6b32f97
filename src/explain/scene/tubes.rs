//! TCP connections while they exist, and which computers are switched on.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::astar;
use petgraph::graph::NodeIndex;

use super::Tube;
use super::flights::Flights;
use super::spans::{OPEN, Spans};
use crate::action::Action;
use crate::sim::{NodeKind, Setup};
use crate::tcp;
use crate::topology::{ConnId, NodeId, Side, graph};
use crate::trace::{Entry, Log, What};

/// What is known of a connection.
#[derive(Clone, Copy, Debug)]
struct Life {
    /// Which of its ends are there: client, server.
    ends: [bool; 2],
    since: u32,
    /// The place from which the handshake is done at the client.
    established: u32,
}

/// A time in which a connection exists.
#[derive(Clone, Copy, Debug)]
struct Span {
    conn: ConnId,
    begin: u32,
    end: u32,
}

/// Connections by place.
#[derive(Clone, Debug)]
pub(super) struct Tubes {
    list: Vec<Span>,
    spans: Spans,
    established: Vec<u32>,
    ways: Vec<Vec<NodeId>>,
}

/// Reads the record.
pub(super) struct Collector<'a> {
    log: &'a Log,
    setup: &'a Setup,
    lives: Vec<Life>,
    /// Connections with at least one end.
    there: BTreeSet<u32>,
    list: Vec<Span>,
}

impl<'a> Collector<'a> {
    pub fn new(log: &'a Log, setup: &'a Setup) -> Self {
        let none = Life { ends: [false; 2], since: 0, established: OPEN };
        Collector { log, setup, lives: vec![none; log.connections().len()], there: BTreeSet::new(), list: Vec::new() }
    }

    pub fn take(&mut self, number: u32, entry: &Entry) {
        let place = number + 1;
        match &entry.what {
            What::TcpOpen(conn) => self.set(place, *conn, Side::Client, true),
            What::TcpState { conn, side, from: tcp::State::Listen, .. } => self.set(place, *conn, *side, true),
            What::TcpEstablished(conn, Side::Client) => {
                if let Some(life) = self.lives.get_mut(conn.0 as usize) {
                    life.established = place;
                }
            }
            What::TcpClosed { conn, side, .. } => self.set(place, *conn, *side, false),
            What::Action(id) => {
                // A computer that is switched off tells nobody: its ends are gone without a word.
                if let Some(Action::PowerOff(node)) = self.setup.actions.get(id.0 as usize).map(|a| &a.action) {
                    for conn in self.there.clone().into_iter().map(ConnId) {
                        for side in [Side::Client, Side::Server] {
                            if self.log.end(conn, side) == Some(*node) {
                                self.set(place, conn, side, false);
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, place: u32, conn: ConnId, side: Side, there: bool) {
        let Some(life) = self.lives.get_mut(conn.0 as usize) else { return };
        let before = life.ends != [false; 2];
        life.ends[usize::from(side == Side::Server)] = there;
        let after = life.ends != [false; 2];
        if !before && after {
            life.since = place;
            self.there.insert(conn.0);
        } else if before && !after {
            self.list.push(Span { conn, begin: life.since, end: place });
            self.there.remove(&conn.0);
        }
    }

    pub fn finish(mut self, flights: &Flights) -> Tubes {
        for conn in &self.there {
            self.list.push(Span { conn: ConnId(*conn), begin: self.lives[*conn as usize].since, end: OPEN });
        }
        self.list.sort_by_key(|s| (s.begin, s.conn));
        Tubes {
            spans: Spans::new(self.list.iter().map(|s| (s.begin, s.end))),
            list: self.list,
            established: self.lives.iter().map(|l| l.established).collect(),
            ways: ways(self.log, self.setup, flights),
        }
    }
}

/// The way of each connection: that of its first packet that came through; if none did, the shortest one.
fn ways(log: &Log, setup: &Setup, flights: &Flights) -> Vec<Vec<NodeId>> {
    let mut net = None;
    let mut known: BTreeMap<(NodeId, NodeId), Vec<NodeId>> = BTreeMap::new();
    let mut way = |from: NodeId, to: NodeId| {
        let net = net.get_or_insert_with(|| {
            graph(setup.nodes.len(), setup.links.iter().map(|l| (l.a, l.b, l.delay.as_nanos() + 1)))
        });
        let shortest = || {
            let goal = NodeIndex::new(to.0 as usize);
            let found = astar(&*net, NodeIndex::new(from.0 as usize), |n| n == goal, |e| *e.weight(), |_| 0);
            found.map_or(vec![from], |(_, nodes)| nodes.iter().map(|n| NodeId(n.index() as u32)).collect())
        };
        known.entry((from, to)).or_insert_with(shortest).clone()
    };
    let connections = log.connections().iter().zip(&flights.courses);
    connections
        .map(|(c, course)| match c.server {
            _ if !course.is_empty() => course.clone(),
            Some(server) => way(c.client, server),
            None => vec![c.client],
        })
        .collect()
}

impl Tubes {
    /// The connections that exist at `place`, in order of opening.
    pub fn at(&self, log: &Log, place: u32) -> Vec<Tube> {
        let mut conns: Vec<ConnId> = self.spans.at(place).into_iter().map(|s| self.list[s].conn).collect();
        conns.sort_unstable();
        conns.into_iter().map(|conn| self.tube(log, conn, place)).collect()
    }

    fn tube(&self, log: &Log, conn: ConnId, place: u32) -> Tube {
        let c = log.connection(conn);
        Tube {
            conn,
            client: c.client,
            server: c.server,
            port: c.server_addr.1,
            open: self.established[conn.0 as usize] <= place,
            nodes: self.ways[conn.0 as usize].clone(),
        }
    }
}

/// Which computers are switched on.
#[derive(Clone, Debug)]
pub(super) struct Power {
    start: Vec<bool>,
    /// For each node that is switched at all: from which place it is on or off.
    changes: BTreeMap<NodeId, Vec<(u32, bool)>>,
}

impl Power {
    pub fn new(setup: &Setup) -> Power {
        let on = |kind: &NodeKind| !matches!(kind, NodeKind::Host(host) if host.starts_off);
        Power { start: setup.nodes.iter().map(|n| on(&n.kind)).collect(), changes: BTreeMap::new() }
    }

    pub fn take(&mut self, number: u32, entry: &Entry, setup: &Setup) {
        let What::Action(id) = entry.what else { return };
        let (node, on) = match setup.actions.get(id.0 as usize).map(|a| &a.action) {
            Some(Action::PowerOn(node)) => (*node, true),
            Some(Action::PowerOff(node)) => (*node, false),
            _ => return,
        };
        self.changes.entry(node).or_default().push((number + 1, on));
    }

    /// Which nodes are on at `place`.
    pub fn at(&self, place: u32) -> Vec<bool> {
        let mut on = self.start.clone();
        for (node, changes) in &self.changes {
            let last = changes.partition_point(|(from, _)| *from <= place).checked_sub(1);
            if let (Some(last), Some(on)) = (last, on.get_mut(node.0 as usize)) {
                *on = changes[last].1;
            }
        }
        on
    }
}
