//! The network as a graph, and the routes in it: shortest paths by delay (petgraph).

use std::net::Ipv4Addr;

use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::visit::EdgeRef;
use rustc_hash::FxHashMap;

use super::{LinkId, NodeId};

/// Nodes and links; node and edge indices are the numbers of [`NodeId`] and [`LinkId`].
pub type Graph = UnGraph<(), u64>;

/// Builds the graph of `nodes` nodes; each link is `(a, b, cost)`.
pub fn graph(nodes: usize, links: impl IntoIterator<Item = (NodeId, NodeId, u64)>) -> Graph {
    let mut graph = Graph::with_capacity(nodes, nodes);
    for _ in 0..nodes {
        graph.add_node(());
    }
    for (a, b, cost) in links {
        graph.add_edge(NodeIndex::new(a.0 as usize), NodeIndex::new(b.0 as usize), cost);
    }
    graph
}

/// The way from `from` to every node it reaches: the first link of the cheapest path. Between equal
/// costs the link that stands first in the scenario wins.
pub fn first_links(graph: &Graph, from: NodeId) -> FxHashMap<NodeId, LinkId> {
    let start = NodeIndex::new(from.0 as usize);
    let cost = petgraph::algo::dijkstra(graph, start, None, |e| *e.weight());
    // Nodes in order of cost, so that the link of a node's predecessor is known before its own.
    let mut order: Vec<(u64, NodeIndex)> = cost.iter().map(|(n, c)| (*c, *n)).collect();
    order.sort_unstable();
    let mut first = FxHashMap::default();
    for (c, node) in order {
        if node == start {
            continue;
        }
        let before = graph
            .edges(node)
            .filter(|e| cost.get(&e.target()).is_some_and(|before| before + e.weight() == c))
            .min_by_key(|e| e.id());
        let Some(edge) = before else { continue };
        let link = if edge.target() == start {
            LinkId(edge.id().index() as u32)
        } else {
            first[&NodeId(edge.target().index() as u32)]
        };
        first.insert(NodeId(node.index() as u32), link);
    }
    first
}

/// Where a node sends packets: networks by prefix, the longest that fits wins.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    /// Bit `n`: there is a route with a prefix of `n` bits.
    lengths: u64,
    table: FxHashMap<(u8, u32), Route>,
}

/// One line of a routing table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Which of the node's interfaces.
    pub interface: usize,
    /// The router that takes it from there; `None`: the destination is on the link itself.
    pub next_hop: Option<Ipv4Addr>,
}

/// The network part of an address.
pub fn network(address: Ipv4Addr, length: u8) -> u32 {
    u32::from(address) & u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0)
}

impl Routes {
    /// Adds a network; the first route to it stays.
    pub fn add(&mut self, address: Ipv4Addr, length: u8, route: Route) {
        self.lengths |= 1 << length;
        self.table.entry((length, network(address, length))).or_insert(route);
    }

    /// The route to `to` with the longest prefix.
    pub fn find(&self, to: Ipv4Addr) -> Option<Route> {
        let mut lengths = self.lengths;
        while let Some(length) = lengths.checked_ilog2() {
            if let Some(route) = self.table.get(&(length as u8, network(to, length as u8))) {
                return Some(*route);
            }
            lengths &= !(1 << length);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheaper_way_is_taken_and_the_first_link_is_told() {
        // 0 -5- 1 -5- 2, and 0 -20- 2
        let g = graph(3, [(NodeId(0), NodeId(1), 5), (NodeId(1), NodeId(2), 5), (NodeId(0), NodeId(2), 20)]);
        let first = first_links(&g, NodeId(0));
        assert_eq!(first[&NodeId(2)], LinkId(0));
        assert_eq!(first_links(&g, NodeId(2))[&NodeId(0)], LinkId(1));
    }

    #[test]
    fn the_longest_prefix_wins() {
        let mut r = Routes::default();
        let (lan, hop) = (Route { interface: 0, next_hop: None }, Some(Ipv4Addr::new(192, 0, 2, 1)));
        let default = Route { interface: 1, next_hop: hop };
        r.add(Ipv4Addr::new(192, 0, 2, 0), 25, lan);
        r.add(Ipv4Addr::UNSPECIFIED, 0, default);
        assert_eq!(r.find(Ipv4Addr::new(192, 0, 2, 77)), Some(lan));
        assert_eq!(r.find(Ipv4Addr::new(192, 0, 2, 177)), Some(default));
    }
}
