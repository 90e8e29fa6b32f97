//! Hardware addresses, neighbours and routes, worked out from a setup before the run begins.

use std::net::Ipv4Addr;

use rustc_hash::FxHashMap;

use super::ip::Interface;
use super::plane::Frame;
use super::setup::{Arp, NodeKind, Setup};
use crate::net::arp::Table;
use crate::net::switch::Switch;
use crate::packet::MacAddr;
use crate::topology::{Graph, LinkId, Medium, NodeId, Route, Routes, first_links, network};

/// Hardware addresses, and who is on which LAN.
pub(super) struct Macs {
    /// LAN of each link; links that hang on one switch are one LAN.
    lan: Vec<u32>,
    /// Members of each LAN that have an address.
    members: FxHashMap<u32, Vec<(Ipv4Addr, MacAddr)>>,
}

/// The hardware address of a node's interface.
fn mac(node: NodeId, interface: usize) -> MacAddr {
    MacAddr::local(node.0, interface as u32)
}

impl Macs {
    pub fn new(setup: &Setup) -> Macs {
        let mut lan: Vec<u32> = (0..setup.links.len() as u32).collect();
        let find = |lan: &[u32], mut l: u32| {
            while lan[l as usize] != l {
                l = lan[l as usize];
            }
            l
        };
        for node in setup.nodes.iter().filter(|n| matches!(n.kind, NodeKind::Switch)) {
            for pair in node.interfaces.windows(2) {
                let (a, b) = (find(&lan, pair[0].link.0), find(&lan, pair[1].link.0));
                lan[b as usize] = a;
            }
        }
        for link in 0..lan.len() {
            lan[link] = find(&lan, link as u32);
        }
        let mut members: FxHashMap<u32, Vec<(Ipv4Addr, MacAddr)>> = FxHashMap::default();
        for (n, node) in setup.nodes.iter().enumerate() {
            for (i, interface) in node.interfaces.iter().enumerate() {
                if let Some((address, _)) = interface.address {
                    let members = members.entry(lan[interface.link.0 as usize]).or_default();
                    members.push((address, mac(NodeId(n as u32), i)));
                }
            }
        }
        Macs { lan, members }
    }

    pub fn interfaces(&self, setup: &Setup, node: NodeId) -> Vec<Interface> {
        let spec = &setup.nodes[node.0 as usize];
        let interface = |(place, i): (usize, &super::setup::Interface)| {
            let link = &setup.links[i.link.0 as usize];
            let (address, prefix) = i.address.unwrap_or((Ipv4Addr::UNSPECIFIED, 32));
            let mut neighbours = Table::<Box<Frame>>::default();
            if setup.arp == Arp::Prefilled && link.medium == Medium::Ethernet {
                for (address, mac) in &self.members[&self.lan[i.link.0 as usize]] {
                    neighbours.learn(*address, *mac);
                }
            }
            let at_a = link.a == node;
            Interface { link: i.link, at_a, address, prefix, medium: link.medium, mac: mac(node, place), neighbours }
        };
        spec.interfaces.iter().enumerate().map(interface).collect()
    }
}

/// A host knows its own network and its gateway.
pub(super) fn host_routes(setup: &Setup, node: NodeId) -> Routes {
    let spec = &setup.nodes[node.0 as usize];
    let mut routes = own_networks(setup, node);
    if let NodeKind::Host(host) = &spec.kind
        && let Some(gateway) = host.gateway
    {
        routes.add(Ipv4Addr::UNSPECIFIED, 0, Route { interface: 0, next_hop: Some(gateway) });
    }
    routes
}

fn own_networks(setup: &Setup, node: NodeId) -> Routes {
    let mut routes = Routes::default();
    for (interface, i) in setup.nodes[node.0 as usize].interfaces.iter().enumerate() {
        if let Some((address, prefix)) = i.address {
            routes.add(address, prefix, Route { interface, next_hop: None });
        }
    }
    routes
}

/// A router knows the network of every interface that it reaches, by the shortest path.
pub(super) fn router_routes(setup: &Setup, graph: &Graph, node: NodeId) -> Routes {
    let mut routes = own_networks(setup, node);
    let own: Vec<_> = setup.nodes[node.0 as usize].interfaces.iter().map(|i| (i.link, i.address)).collect();
    let mut reached: Vec<(NodeId, LinkId)> = first_links(graph, node).into_iter().collect();
    reached.sort_unstable();
    for (other, link) in reached {
        let Some(interface) = own.iter().position(|(l, _)| *l == link) else { continue };
        for (address, prefix) in setup.nodes[other.0 as usize].interfaces.iter().filter_map(|i| i.address) {
            let connected = |(a, p): (Ipv4Addr, u8)| p == prefix && network(a, p) == network(address, p);
            if !own.iter().filter_map(|(_, a)| *a).any(connected) {
                let next_hop = next_router(setup, graph, node, link, other);
                routes.add(address, prefix, Route { interface, next_hop });
            }
        }
    }
    routes
}

/// The first node with an address on the way from `node` over `link` to `to`; it is a router. On a link
/// that carries plain IP nobody needs its address.
fn next_router(setup: &Setup, graph: &Graph, node: NodeId, link: LinkId, to: NodeId) -> Option<Ipv4Addr> {
    let (mut at, mut link) = (node, link);
    loop {
        let l = &setup.links[link.0 as usize];
        if l.medium == Medium::Ip {
            return None;
        }
        at = if l.a == at { l.b } else { l.a };
        let interfaces = &setup.nodes[at.0 as usize].interfaces;
        if let Some((address, _)) = interfaces.iter().find(|i| i.link == link).and_then(|i| i.address) {
            return Some(address);
        }
        link = *first_links(graph, at).get(&to)?;
    }
}

/// What a switch of a prefilled LAN knows: behind which port each of the LAN's members is.
pub(super) fn switch_table(setup: &Setup, graph: &Graph, node: NodeId) -> Switch {
    let mut switch = Switch::default();
    if setup.arp == Arp::Asked {
        return switch;
    }
    let ports: Vec<LinkId> = setup.nodes[node.0 as usize].interfaces.iter().map(|i| i.link).collect();
    let mut reached: Vec<(NodeId, LinkId)> = first_links(graph, node).into_iter().collect();
    reached.sort_unstable();
    for (other, link) in reached {
        let Some(port) = ports.iter().position(|l| *l == link) else { continue };
        for interface in 0..setup.nodes[other.0 as usize].interfaces.len() {
            switch.learn(mac(other, interface), port);
        }
    }
    switch
}
