//! The network as a drawing needs it: what each node is, and who is linked with whom.

use crate::action::Action;
use crate::sim::setup::{Node, NodeKind, Setup};
use crate::topology::NodeId;

/// What a node is drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A computer with a mail program.
    Agent,
    /// A mail server: trays hang under it.
    Server,
    /// A web server.
    Web,
    /// A computer with a web browser.
    Browser,
    /// A DNS server and nothing else.
    Names,
    /// Any other computer.
    Computer,
    /// Forwards packets.
    Router,
    /// Forwards frames.
    Switch,
}

impl Kind {
    /// Whether it has a card.
    pub const fn is_host(self) -> bool {
        !matches!(self, Kind::Router | Kind::Switch)
    }
}

/// See the [module](self).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Net {
    /// By node.
    pub kinds: Vec<Kind>,
    /// By link: its two ends.
    pub links: Vec<(usize, usize)>,
    /// By node: false if no packet touches it.
    pub shown: Vec<bool>,
}

impl Net {
    /// Of a setup; `touched` by node.
    pub fn new(setup: &Setup, touched: &[bool]) -> Net {
        let browses = |n: usize| {
            let by = |action: &Action| matches!(action, Action::Browse { host, .. } | Action::Webmail { host, .. } if at(*host) == n);
            setup.actions.iter().any(|a| by(&a.action))
        };
        let kinds: Vec<Kind> = setup.nodes.iter().enumerate().map(|(n, node)| kind(node, browses(n))).collect();
        let links = setup.links.iter().map(|l| (at(l.a), at(l.b))).collect();
        let mut shown: Vec<bool> = (0..kinds.len()).map(|n| touched.get(n).copied().unwrap_or(true)).collect();
        if !kinds.iter().zip(&shown).any(|(k, s)| k.is_host() && *s) {
            // A run without a packet: then everything is shown.
            shown.fill(true);
        }
        Net { kinds, links, shown }
    }

    /// Nodes that are shown, in order.
    pub fn nodes(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.kinds.len()).filter(|n| self.shown[*n])
    }

    /// Links whose ends are both shown.
    pub fn wires(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let seen = |&(_, (a, b)): &(usize, &(usize, usize))| self.shown[*a] && self.shown[*b];
        self.links.iter().enumerate().filter(seen).map(|(l, (a, b))| (l, *a, *b))
    }

    /// Who is linked with a node.
    pub fn neighbours(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        self.wires().filter_map(move |(_, a, b)| if a == node { Some(b) } else { (b == node).then_some(a) })
    }
}

/// A node's place in lists.
pub fn at(node: NodeId) -> usize {
    node.0 as usize
}

fn kind(node: &Node, browses: bool) -> Kind {
    match &node.kind {
        NodeKind::Switch => Kind::Switch,
        NodeKind::Router => Kind::Router,
        NodeKind::Host(host) => {
            if host.mail_server.is_some() {
                Kind::Server
            } else if !host.user_agents.is_empty() {
                Kind::Agent
            } else if host.web_server.is_some() {
                Kind::Web
            } else if host.dns_server.is_some() {
                Kind::Names
            } else if browses {
                Kind::Browser
            } else {
                Kind::Computer
            }
        }
    }
}
