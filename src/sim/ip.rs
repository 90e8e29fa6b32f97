//! The internet layer of a node: interfaces, neighbours, routing, forwarding, ICMP errors.

use std::net::Ipv4Addr;

use super::plane::{Event, Frame, Plane};
use crate::net::arp::{Due, Resolve, Table};
use crate::net::link::Loss;
use crate::packet::{self, EtherType, LinkHeader, MacAddr};
use crate::time::Instant;
use crate::topology::{LinkId, Medium, NodeId, Route, Routes, network};

/// One end of a link at a host or router.
#[derive(Clone, Debug)]
pub(super) struct Interface {
    pub link: LinkId,
    /// Whether this is the link's end `a`.
    pub at_a: bool,
    pub address: Ipv4Addr,
    pub prefix: u8,
    pub medium: Medium,
    pub mac: MacAddr,
    pub neighbours: Table<Box<Frame>>,
}

/// Interfaces and routes of a host or router.
#[derive(Clone, Debug)]
pub(super) struct Ip {
    pub node: NodeId,
    pub interfaces: Vec<Interface>,
    /// The address of the first interface, and those of the others, side by side: every packet is compared with
    /// them, and most nodes have one.
    address: Ipv4Addr,
    others: Vec<Ipv4Addr>,
    pub routes: Routes,
    /// Forwards what is for others.
    pub forwards: bool,
    /// When the next call for the neighbours' timers is due.
    armed: Instant,
    next_id: u16,
}

/// What came in.
pub(super) enum Arrived {
    /// A datagram for this node.
    Datagram(Box<Frame>),
    /// Nothing that concerns the layers above.
    Nothing,
}

impl Ip {
    pub fn new(node: NodeId, interfaces: Vec<Interface>, routes: Routes, forwards: bool) -> Self {
        let mut own = interfaces.iter().map(|i| i.address);
        let (address, others) = (own.next().unwrap_or(Ipv4Addr::UNSPECIFIED), own.collect());
        Ip { node, interfaces, address, others, routes, forwards, armed: Instant::FAR_FUTURE, next_id: 0 }
    }

    /// The address of the first interface.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Whether one of the interfaces has this address.
    pub fn owns(&self, address: Ipv4Addr) -> bool {
        self.address == address || self.others.contains(&address)
    }

    /// The address from which packets to `to` are sent.
    pub fn source_for(&self, to: Ipv4Addr) -> Option<Ipv4Addr> {
        let route = self.routes.find(to)?;
        self.interfaces.get(route.interface).map(|i| i.address)
    }

    /// The next value of the identification field.
    pub fn identification(&mut self) -> u16 {
        self.next_id = self.next_id.wrapping_add(1);
        self.next_id
    }

    /// Sends a datagram on its way.
    pub fn output(&mut self, plane: &mut Plane, frame: Box<Frame>) {
        let to = frame.destination();
        match self.routes.find(to) {
            Some(route) => self.send(plane, to, route, frame),
            None => plane.lost_at(self.node, frame, Loss::NoRoute),
        }
    }

    fn send(&mut self, plane: &mut Plane, to: Ipv4Addr, route: Route, mut frame: Box<Frame>) {
        let interface = &mut self.interfaces[route.interface];
        if interface.medium == Medium::Ip {
            frame.set_link(LinkHeader::None);
            return plane.transmit(self.node, interface.link, interface.at_a, frame);
        }
        let next = route.next_hop.unwrap_or(to);
        match interface.neighbours.resolve(plane.now, next, frame) {
            Resolve::Known(mac, frame) => interface.send(plane, self.node, mac, frame),
            Resolve::Wait => {}
            Resolve::Ask => {
                let question = packet::arp_request(interface.mac, interface.address, next);
                interface.send(plane, self.node, MacAddr::BROADCAST, Frame::new(question, true));
                self.arm(plane);
            }
            Resolve::Full(frame) => plane.lost_at(self.node, frame, Loss::NoNeighbour),
        }
    }

    /// The link on which a datagram to `to` would leave, and whether at its end `a`: looked for ahead of time, so
    /// that what is needed for it is at hand then.
    pub fn ahead(&self, to: Ipv4Addr) -> Option<(LinkId, bool)> {
        let interface = self.interfaces.get(self.routes.find(to)?.interface)?;
        Some((interface.link, interface.at_a))
    }

    fn arm(&mut self, plane: &mut Plane) {
        let due = self.interfaces.iter().filter_map(|i| i.neighbours.next_due()).min();
        plane.arm(&mut self.armed, due, Event::Node(self.node));
    }

    /// Timers of the neighbours' tables.
    pub fn due(&mut self, plane: &mut Plane) {
        if self.armed <= plane.now {
            self.armed = Instant::FAR_FUTURE;
        }
        for place in 0..self.interfaces.len() {
            while let Some(due) = self.interfaces[place].neighbours.due(plane.now) {
                let interface = &self.interfaces[place];
                match due {
                    Due::Ask(next) => {
                        let question = packet::arp_request(interface.mac, interface.address, next);
                        interface.send(plane, self.node, MacAddr::BROADCAST, Frame::new(question, true));
                    }
                    Due::Absent(_, frames) => {
                        for frame in frames {
                            self.unreachable(plane, &frame, packet::UNREACHABLE_HOST);
                            plane.lost_at(self.node, frame, Loss::NoNeighbour);
                        }
                    }
                }
            }
        }
        self.arm(plane);
    }

    /// Takes a frame that came in at interface number `place`.
    pub fn input(&mut self, plane: &mut Plane, place: usize, frame: Box<Frame>) -> Arrived {
        if let LinkHeader::Ethernet { dst, .. } = frame.link()
            && dst != self.interfaces[place].mac
            && dst != MacAddr::BROADCAST
        {
            plane.lost_at(self.node, frame, Loss::NotForUs);
            return Arrived::Nothing;
        }
        if frame.arp {
            self.arp(plane, place, &frame.bytes);
            plane.recycle(frame);
            return Arrived::Nothing;
        }
        let to = frame.destination();
        if self.owns(to) {
            return Arrived::Datagram(frame);
        }
        if self.forwards {
            self.forward(plane, frame);
        } else {
            plane.lost_at(self.node, frame, Loss::NotForUs);
        }
        Arrived::Nothing
    }

    /// RFC 826, "Packet Reception".
    fn arp(&mut self, plane: &mut Plane, place: usize, bytes: &[u8]) {
        let Ok(arp) = packet::parse_arp(bytes) else { return };
        let interface = &mut self.interfaces[place];
        let same_network = network(arp.sender_ip, interface.prefix) == network(interface.address, interface.prefix);
        if !same_network {
            return;
        }
        let for_us = arp.target_ip == interface.address;
        if for_us || interface.neighbours.knows(arp.sender_ip) {
            for frame in interface.neighbours.learn(arp.sender_ip, arp.sender_mac) {
                interface.send(plane, self.node, arp.sender_mac, frame);
            }
        }
        if for_us && arp.is_request {
            let answer = packet::arp_reply(interface.mac, interface.address, arp.sender_mac, arp.sender_ip);
            interface.send(plane, self.node, arp.sender_mac, Frame::new(answer, true));
        }
    }

    /// What a router does with a packet: TTL and checksum change in place (RFC 1812 section 5.3.1).
    fn forward(&mut self, plane: &mut Plane, mut frame: Box<Frame>) {
        if packet::parse_ipv4(&frame.bytes).is_err() {
            return plane.lost_at(self.node, frame, Loss::Malformed);
        }
        if !packet::decrement_ttl(&mut frame.bytes) {
            let error = |own, id| packet::build_time_exceeded(own, id, &frame.bytes);
            self.icmp_error(plane, &frame, error);
            return plane.lost_at(self.node, frame, Loss::TimeToLive);
        }
        let to = frame.destination();
        let Some(route) = self.routes.find(to) else {
            self.unreachable(plane, &frame, packet::UNREACHABLE_NET);
            return plane.lost_at(self.node, frame, Loss::NoRoute);
        };
        self.send(plane, to, route, frame);
    }

    /// Answers a datagram with ICMP destination unreachable (RFC 792), unless it is ICMP itself.
    pub fn unreachable(&mut self, plane: &mut Plane, frame: &Frame, code: u8) {
        let error = |own, id| packet::build_unreachable(own, id, code, &frame.bytes);
        self.icmp_error(plane, frame, error);
    }

    fn icmp_error(&mut self, plane: &mut Plane, frame: &Frame, build: impl Fn(Ipv4Addr, u16) -> Option<Vec<u8>>) {
        let Ok(ip) = packet::parse_ipv4(&frame.bytes) else { return };
        if self.owns(ip.src) {
            return;
        }
        let Some(own) = self.source_for(ip.src) else { return };
        let id = self.identification();
        if let Some(bytes) = build(own, id) {
            self.output(plane, Frame::new(bytes, false));
        }
    }

    /// Forgets what was learnt in memory that is gone when a computer is switched off.
    pub fn power_off(&mut self) {
        self.armed = Instant::FAR_FUTURE;
        for interface in &mut self.interfaces {
            interface.neighbours.forget_questions();
        }
    }
}

impl Interface {
    fn send(&self, plane: &mut Plane, node: NodeId, to: MacAddr, mut frame: Box<Frame>) {
        let ethertype = if frame.arp { EtherType::Arp } else { EtherType::Ipv4 };
        frame.set_link(LinkHeader::Ethernet { src: self.mac, dst: to, ethertype });
        plane.transmit(node, self.link, self.at_a, frame);
    }
}
