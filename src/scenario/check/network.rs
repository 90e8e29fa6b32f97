//! Nodes, links, addresses and routes.

mod lans;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use super::Check;
use crate::scenario::read::Network;
use crate::scenario::source::{At, Span};
use crate::scenario::typed::File;
use crate::scenario::words::Name;
use crate::sim::{Host, Interface, Link, Node, NodeKind};
use crate::time::Duration;
use crate::topology::{LinkId, Medium, NodeId, network};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Host,
    Switch,
    Router,
}

/// The network as far as it could be made out.
pub(super) struct Net {
    names: BTreeMap<String, NodeId>,
    nodes: Vec<Draft>,
    links: Vec<ReadyLink>,
    /// For each link, the LAN it belongs to (a number of its own for a plain IP link).
    lan: Vec<usize>,
    /// For each node, which nodes it reaches through switches and routers.
    island: Vec<usize>,
    /// Some node's name could not be read: unknown names are not told.
    pub(super) names_incomplete: bool,
    /// Something is wrong with nodes or links: routes are not judged.
    broken: bool,
}

struct Draft {
    name: String,
    role: Role,
    span: Span,
    interfaces: Vec<Interface>,
    /// A host's own address.
    address: Option<At<Network>>,
    gateway: Option<Ipv4Addr>,
}

struct ReadyLink {
    name: Option<String>,
    /// Where its second end is named.
    span: Span,
    link: Link,
}

impl Net {
    pub(super) fn find(&self, name: &str) -> Option<NodeId> {
        self.names.get(name).copied()
    }
    pub(super) fn name(&self, id: NodeId) -> &str {
        &self.nodes[id.0 as usize].name
    }
    pub(super) fn is_host(&self, id: NodeId) -> bool {
        self.nodes[id.0 as usize].role == Role::Host
    }
    pub(super) fn role(&self, id: NodeId) -> &'static str {
        match self.nodes[id.0 as usize].role {
            Role::Host => "host",
            Role::Switch => "switch",
            Role::Router => "router",
        }
    }
    pub(super) fn names(&self) -> Vec<&str> {
        self.names.keys().map(String::as_str).collect()
    }
    pub(super) fn host_names(&self) -> Vec<&str> {
        self.nodes.iter().filter(|n| n.role == Role::Host).map(|n| n.name.as_str()).collect()
    }
    /// A host's address and network.
    pub(super) fn address(&self, id: NodeId) -> Option<Network> {
        self.nodes[id.0 as usize].address.as_ref().map(|a| a.value)
    }
    /// The host with this address.
    pub(super) fn find_address(&self, address: Ipv4Addr) -> Option<NodeId> {
        let is_it = |n: &Draft| n.address.as_ref().is_some_and(|a| a.value.0 == address);
        self.nodes.iter().position(is_it).map(|n| NodeId(n as u32))
    }
    pub(super) fn gateway(&self, id: NodeId) -> Option<Ipv4Addr> {
        self.nodes[id.0 as usize].gateway
    }

    /// The link of this name, or between these two ends.
    pub(super) fn find_link(&self, text: &str) -> Option<LinkId> {
        let by_name = |l: &&ReadyLink| l.name.as_deref() == Some(text);
        let by_ends = |l: &&ReadyLink| {
            let (a, b) = (self.name(l.link.a), self.name(l.link.b));
            text.split_once("--").is_some_and(|(x, y)| {
                let (x, y) = (x.trim(), y.trim());
                (x == a && y == b) || (x == b && y == a)
            })
        };
        let at = |found: &dyn Fn(&&ReadyLink) -> bool| self.links.iter().position(|l| found(&l));
        at(&by_name).or_else(|| at(&by_ends)).map(|i| LinkId(i as u32))
    }

    /// Whether the node is one of the link's ends.
    pub(super) fn is_end(&self, link: LinkId, node: NodeId) -> bool {
        let link = &self.links[link.0 as usize].link;
        link.a == node || link.b == node
    }

    /// The names of the link's ends.
    pub(super) fn ends(&self, link: LinkId) -> [&str; 2] {
        let link = &self.links[link.0 as usize].link;
        [self.name(link.a), self.name(link.b)]
    }

    /// How each link can be called.
    pub(super) fn link_names(&self) -> Vec<String> {
        let ends = |l: &ReadyLink| format!("{}--{}", self.name(l.link.a), self.name(l.link.b));
        self.links.iter().map(|l| l.name.clone().unwrap_or_else(|| ends(l))).collect()
    }

    /// Whether some link could not be made out.
    pub(super) fn links_incomplete(&self) -> bool {
        self.broken
    }

    /// The nodes in their ready form.
    pub(super) fn nodes(&self, hosts: &mut BTreeMap<NodeId, Host>) -> Vec<Node> {
        let ready = |(i, draft): (usize, &Draft)| Node {
            name: draft.name.clone(),
            kind: match draft.role {
                Role::Switch => NodeKind::Switch,
                Role::Router => NodeKind::Router,
                Role::Host => NodeKind::Host(Arc::new(hosts.remove(&NodeId(i as u32)).unwrap_or_default())),
            },
            interfaces: draft.interfaces.clone(),
        };
        self.nodes.iter().enumerate().map(ready).collect()
    }

    /// The links in their ready form.
    pub(super) fn ready_links(&self) -> Vec<Link> {
        self.links.iter().map(|l| l.link).collect()
    }
}

/// Puts the network together.
pub(super) fn build(check: &mut Check, file: &File) -> Net {
    let mut net = Net {
        names: BTreeMap::new(),
        nodes: Vec::new(),
        links: Vec::new(),
        lan: Vec::new(),
        island: Vec::new(),
        names_incomplete: file.hosts.lost_some() || file.switches.lost_some() || file.routers.lost_some(),
        broken: file.links.lost_some(),
    };
    let mut spans = BTreeMap::new();
    let mut add = |check: &mut Check, net: &mut Net, name: Option<&At<Name>>, at: Span, role, address| {
        let Some(name) = name else {
            net.names_incomplete = true;
            net.nodes.push(Draft { name: String::new(), role, span: at, interfaces: vec![], address, gateway: None });
            return;
        };
        let id = NodeId(net.nodes.len() as u32);
        if let Some(first) = spans.insert(name.0.clone(), name.span) {
            let problem = check
                .problem("name_twice", name.span, format!("two nodes are called `{}`", name.0))
                .label("again")
                .also(first, "first")
                .help("give one of them another name");
            check.tell(problem);
        } else {
            net.names.insert(name.0.clone(), id);
        }
        let name = name.clone();
        net.nodes.push(Draft { name: name.value.0, role, span: name.span, interfaces: vec![], address, gateway: None });
    };
    for host in file.hosts.items() {
        add(check, &mut net, host.name.get(), host.span, Role::Host, host.address.get().cloned());
    }
    for switch in file.switches.items() {
        add(check, &mut net, Some(switch), switch.span, Role::Switch, None);
    }
    for router in file.routers.items() {
        add(check, &mut net, router.name.get(), router.span, Role::Router, None);
    }
    let before = check.problems.len();
    links(check, file, &mut net);
    addresses(check, file, &mut net);
    net.broken |= net.names_incomplete || check.problems.len() > before;
    lans::lans(check, file, &mut net);
    net
}

fn links(check: &mut Check, file: &File, net: &mut Net) {
    let mut between: BTreeMap<(NodeId, NodeId), Span> = BTreeMap::new();
    let mut named: BTreeMap<String, Span> = BTreeMap::new();
    for link in file.links.items() {
        let (from, to) = (link.from.get(), link.to.get());
        let a = from.and_then(|n| check.node(net, n, "node"));
        let b = to.and_then(|n| check.node(net, n, "node"));
        let (Some(a), Some(b), Some(to)) = (a, b, to) else {
            net.broken = true;
            continue;
        };
        if a == b {
            let problem = check
                .problem("link_to_itself", to.span, format!("this link joins `{}` to itself", to.0))
                .label("the same node at both ends")
                .help("name the node at the other end");
            check.tell(problem);
            continue;
        }
        if let Some(first) = between.insert((a.min(b), a.max(b)), to.span) {
            let (a, b) = (net.name(a), net.name(b));
            let problem = check
                .problem("link_twice", to.span, format!("there is already a link between `{a}` and `{b}`"))
                .label("second link")
                .also(first, "first link")
                .help("two nodes have one link; take one of them away");
            check.tell(problem);
            continue;
        }
        let name = link.name.get().map(|n| n.0.clone());
        if let Some(at) = link.name.get()
            && let Some(first) = named.insert(at.0.clone(), at.span)
        {
            let problem = check
                .problem("name_twice", at.span, format!("two links are called `{}`", at.0))
                .label("again")
                .also(first, "first")
                .help("give one of them another name");
            check.tell(problem);
        }
        let routers = [a, b].iter().all(|n| net.nodes[n.0 as usize].role == Role::Router);
        let medium = match link.medium.get() {
            None if routers => Medium::Ip,
            None => Medium::Ethernet,
            Some(m) => {
                if m.value == Medium::Ip && !routers {
                    let problem = check
                        .problem("ip_link_without_routers", m.span, "a plain IP link joins two routers")
                        .label("one end is no router")
                        .help("leave `medium` out: links of hosts and switches are Ethernet");
                    check.tell(problem);
                }
                m.value
            }
        };
        net.links.push(ReadyLink {
            name,
            span: to.span,
            link: Link {
                a,
                b,
                medium,
                delay: link.delay.or(Duration::ZERO),
                rate: link.rate.get().map(|r| r.0),
                queue: link.queue.get().map_or(100, |q| q.0 as u32),
                loss: link.loss.get().map_or(0, |s| s.0),
            },
        });
    }
}

/// Gives every end of a link its address.
fn addresses(check: &mut Check, file: &File, net: &mut Net) {
    let mut seen: BTreeMap<Ipv4Addr, Span> = BTreeMap::new();
    let mut usable = |check: &mut Check, at: &At<Network>| {
        let Network(ip, length) = at.value;
        let host = u32::from(ip) & !(u32::MAX << (32 - u32::from(length)));
        let all = u32::MAX >> length;
        let special =
            ip.is_loopback() || ip.is_multicast() || ip.is_unspecified() || ip.octets()[0] == 0 || ip.octets()[0] > 239;
        if special || host == 0 || host == all {
            let why = match () {
                () if special => "is set aside and belongs to no host",
                () if host == 0 => "is the network's own address, not a host's",
                () => "is the network's broadcast address, not a host's",
            };
            let base = network(ip, length);
            let (low, high) = (Ipv4Addr::from(base.wrapping_add(1)), Ipv4Addr::from((base | all) - 1));
            let problem = check.problem("unusable_address", at.span, format!("`{ip}` {why}")).label("not for a host");
            let problem = if special {
                problem.help("the networks for examples are 192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24")
            } else {
                problem.help(format!("in this network hosts have {low} to {high}"))
            };
            check.tell(problem);
        }
        if let Some(first) = seen.insert(ip, at.span) {
            let problem = check
                .problem("address_twice", at.span, format!("the address {ip} is given twice"))
                .label("again")
                .also(first, "first")
                .help("every interface has an address of its own");
            check.tell(problem);
        }
    };
    for host in file.hosts.items() {
        if let Some(at) = host.address.get() {
            usable(check, at);
        }
    }
    let mut link_ends: Vec<Vec<(LinkId, NodeId)>> = vec![Vec::new(); net.nodes.len()];
    for (i, l) in net.links.iter().enumerate() {
        link_ends[l.link.a.0 as usize].push((LinkId(i as u32), l.link.b));
        link_ends[l.link.b.0 as usize].push((LinkId(i as u32), l.link.a));
    }
    let first_router = file.hosts.items().len() + file.switches.items().len();
    for (i, ends) in link_ends.iter().enumerate() {
        let (name, span) = (net.nodes[i].name.clone(), net.nodes[i].span);
        match net.nodes[i].role {
            Role::Switch => {
                net.nodes[i].interfaces = ends.iter().map(|e| Interface { link: e.0, address: None }).collect();
            }
            Role::Host => {
                if name.is_empty() || net.broken || net.names_incomplete {
                    // Which links it has is not known.
                } else if ends.is_empty() {
                    let problem = check
                        .problem("host_without_link", span, format!("`{name}` has no link"))
                        .label("cut off from everything")
                        .help(format!("add {{ \"from\": \"{name}\", \"to\": ... }} to `links`"));
                    check.tell(problem);
                } else if ends.len() > 1 {
                    let to: Vec<&str> = ends.iter().map(|e| net.name(e.1)).collect();
                    let problem = check
                        .problem("host_with_many_links", span, format!("`{name}` has {} links", ends.len()))
                        .label(format!("linked to {}", crate::scenario::problem::quoted(&to)))
                        .help("a host has one link; put a switch between it and the others");
                    check.tell(problem);
                }
                let address = net.nodes[i].address.as_ref().map(|a| (a.value.0, a.value.1));
                net.nodes[i].interfaces = ends.iter().map(|e| Interface { link: e.0, address }).collect();
            }
            Role::Router => {
                let router = &file.routers.items()[i - first_router];
                for (key, at) in router.addresses.entries() {
                    usable(check, at);
                    let neighbours: Vec<&str> = ends.iter().map(|e| net.name(e.1)).collect();
                    if !neighbours.contains(&key.as_str()) && !net.broken && !net.names_incomplete {
                        let problem = check
                            .problem("no_such_neighbour", key.span, format!("`{name}` has no link to `{}`", key.value))
                            .label("no neighbour")
                            .suggest(key, neighbours);
                        check.tell(problem);
                    }
                }
                let mut interfaces = Vec::new();
                for (link, to) in ends {
                    let to = net.name(*to);
                    let address = router.addresses.entries().iter().find(|(key, _)| key.value == to);
                    // An address that was refused is not missing.
                    if address.is_none()
                        && !router.addresses.is_broken()
                        && !told(check, router.addresses.get().map(|a| a.span))
                    {
                        let problem = check
                            .problem(
                                "router_without_address",
                                span,
                                format!("`{name}` has no address on its link to `{to}`"),
                            )
                            .label("no address")
                            .help(format!("add \"{to}\": \"ADDRESS/LENGTH\" to its `addresses`"));
                        check.tell(problem);
                    }
                    interfaces.push(Interface { link: *link, address: address.map(|(_, a)| (a.value.0, a.value.1)) });
                }
                net.nodes[i].interfaces = interfaces;
            }
        }
    }
}

/// Whether a mistake inside this object has been told.
fn told(check: &Check, span: Option<Span>) -> bool {
    span.is_some_and(|s| check.problems.iter().any(|p| s.holds(p.span())))
}

/// Two hosts that will have to talk, and where that is said.
pub(super) struct Talk {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) span: Span,
}

/// Whether everybody reaches those to whom he has to talk.
pub(super) fn routes(check: &mut Check, net: &Net, talks: &[Talk]) {
    if net.broken {
        return;
    }
    for talk in talks {
        if talk.from == talk.to {
            continue;
        }
        let lan = |id: NodeId| net.nodes[id.0 as usize].interfaces.first().map(|f| net.lan[f.link.0 as usize]);
        let (Some(here), Some(there)) = (lan(talk.from), lan(talk.to)) else { continue };
        if here == there {
            continue;
        }
        let (from, to) = (net.name(talk.from), net.name(talk.to));
        let why = if net.island[talk.from.0 as usize] != net.island[talk.to.0 as usize] {
            "no chain of links leads there"
        } else if net.gateway(talk.from).is_none() {
            "there is no router on its LAN"
        } else {
            continue;
        };
        let problem = check
            .problem("no_route", talk.span, format!("there is no way from `{from}` to `{to}`"))
            .label(why)
            .help(format!("join the LANs of `{from}` and `{to}` by routers, or name another host"));
        check.tell(problem);
    }
}
