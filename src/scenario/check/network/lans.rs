//! Which links make one LAN, whether its addresses fit together, and the way out of it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::{Net, Role};
use crate::scenario::check::Check;
use crate::scenario::source::Span;
use crate::scenario::typed::File;
use crate::topology::{Medium, NodeId, network};

/// Groups of numbers that belong together.
struct Groups(Vec<usize>);

impl Groups {
    fn new(n: usize) -> Self {
        Groups((0..n).collect())
    }
    fn of(&mut self, mut i: usize) -> usize {
        while self.0[i] != i {
            self.0[i] = self.0[self.0[i]];
            i = self.0[i];
        }
        i
    }
    /// False if they were together already.
    fn join(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.of(a), self.of(b));
        self.0[a.max(b)] = a.min(b);
        a != b
    }
}

/// One end of a link in a LAN: where its address was written, the address, and the node.
type End = (NodeId, (Ipv4Addr, u8));

/// Finds the LANs, and what stands wrong in them; gives hosts their gateways.
pub(super) fn lans(check: &mut Check, file: &File, net: &mut Net) {
    let mut groups = Groups::new(net.links.len());
    let mut switches = Groups::new(net.nodes.len());
    let mut islands = Groups::new(net.nodes.len());
    for node in &net.nodes {
        if node.role == Role::Switch {
            for pair in node.interfaces.windows(2) {
                groups.join(pair[0].link.0 as usize, pair[1].link.0 as usize);
            }
        }
    }
    for l in &net.links {
        let (a, b) = (l.link.a.0 as usize, l.link.b.0 as usize);
        let role = |i: usize| net.nodes[i].role;
        if role(a) == Role::Switch && role(b) == Role::Switch && !switches.join(a, b) {
            let problem = check
                .problem("switch_loop", l.span, "the switches form a ring, in which a broadcast never ends")
                .label("this link closes the ring")
                .help(format!("take the link between `{}` and `{}` away", net.nodes[a].name, net.nodes[b].name));
            check.tell(problem);
            net.broken = true;
        }
        // A host passes nothing on; its one link is joined to it all the same.
        islands.join(a, b);
    }
    net.lan = (0..net.links.len()).map(|i| groups.of(i)).collect();
    net.island = (0..net.nodes.len()).map(|i| islands.of(i)).collect();
    if net.broken {
        return;
    }
    let mut members: BTreeMap<usize, (Vec<End>, Vec<End>)> = BTreeMap::new();
    for (i, node) in net.nodes.iter().enumerate() {
        for interface in &node.interfaces {
            let Some(address) = interface.address else { continue };
            let (routers, hosts) = members.entry(net.lan[interface.link.0 as usize]).or_default();
            if node.role == Role::Router { routers } else { hosts }.push((NodeId(i as u32), address));
        }
    }
    let mut networks: BTreeMap<(u32, u8), (usize, NodeId)> = BTreeMap::new();
    for (lan, (routers, hosts)) in &members {
        // On a plain IP link, and in a LAN without a router, the first one says which network it is.
        let plain = net.links[*lan].link.medium == Medium::Ip;
        let leaders: Vec<End> = if plain || routers.is_empty() {
            routers.iter().chain(hosts).take(1).copied().collect()
        } else {
            routers.clone()
        };
        for (id, (ip, length)) in if plain { routers } else { hosts } {
            let home = leaders.iter().find(|(_, (r, n))| n == length && network(*r, *n) == network(*ip, *n));
            let Some((leader, (router, n))) = home.or(leaders.first()) else { continue };
            if home.is_none() {
                let span = address_span(file, net, *id, *ip).unwrap_or(net.nodes[id.0 as usize].span);
                let base = Ipv4Addr::from(network(*router, *n));
                let problem = check
                    .problem(
                        "outside_network",
                        span,
                        format!(
                            "{ip}/{length} is not in the network {base}/{n} of `{}`, its neighbour",
                            net.name(*leader)
                        ),
                    )
                    .label(format!("outside of {base}/{n}"))
                    .help(format!("`{}` has {router}/{n}: give it an address of the same network", net.name(*leader)));
                check.tell(problem);
                net.broken = true;
            } else if !plain && !routers.is_empty() {
                net.nodes[id.0 as usize].gateway = Some(*router);
            }
        }
        for (id, (ip, length)) in leaders {
            let base = network(ip, length);
            if let Some((other, first)) = networks.insert((base, length), (*lan, id))
                && other != *lan
            {
                let span = address_span(file, net, id, ip).unwrap_or(net.nodes[id.0 as usize].span);
                let problem = check
                    .problem(
                        "network_twice",
                        span,
                        format!("the network {}/{length} is on two LANs", Ipv4Addr::from(base)),
                    )
                    .label(format!("`{}` has it on one, `{}` on the other", net.name(first), net.name(id)))
                    .help("every LAN and every link between routers has a network of its own");
                check.tell(problem);
                net.broken = true;
            }
        }
    }
    for (i, host) in file.hosts.items().iter().enumerate() {
        let Some(gateway) = host.gateway.get() else { continue };
        let lan = net.nodes[i].interfaces.first().map(|f| net.lan[f.link.0 as usize]);
        let routers = lan.and_then(|l| members.get(&l)).map_or(&[][..], |m| &m.0);
        if routers.iter().any(|(_, (ip, _))| *ip == gateway.value) {
            net.nodes[i].gateway = Some(gateway.value);
            continue;
        }
        let there: Vec<String> = routers.iter().map(|(_, (ip, _))| ip.to_string()).collect();
        let there: Vec<&str> = there.iter().map(String::as_str).collect();
        let problem = check
            .problem(
                "no_such_gateway",
                gateway.span,
                format!("no router on this LAN has the address {}", gateway.value),
            )
            .label("nobody's address here")
            .suggest(&gateway.value.to_string(), there);
        check.tell(problem);
    }
}

/// Where a node's address was written.
fn address_span(file: &File, net: &Net, id: NodeId, ip: Ipv4Addr) -> Option<Span> {
    let draft = &net.nodes[id.0 as usize];
    draft.address.as_ref().map(|a| a.span).or_else(|| {
        let router = file.routers.items().iter().find(|r| r.name.get().is_some_and(|n| n.0 == draft.name))?;
        router.addresses.entries().iter().find(|(_, a)| a.0 == ip).map(|(_, a)| a.span)
    })
}
