//! Work for measuring: pairs of mail servers in groups, each pair sending mails of 10 kB over two routers.
//!
//! ```text
//!   sender --- 100 Mbit/s, 5 ms --- R1 === 1 Gbit/s, 10 ms === R2 --- 100 Mbit/s, 5 ms --- receiver
//! ```
//! It is a scenario like any other: the same world, queue, engines and store run it. Addresses are those
//! set aside for measuring (198.18.0.0/15, RFC 2544), two for each link (RFC 3021).

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::action::{Action, Preloaded, TimedAction};
use crate::mail::config::{MailServer, User};
use crate::message::{self, Draft, Stamp};
use crate::rng::Seed;
use crate::sim::setup::{Arp, Clock, Host, Interface, Link, Names, Node, NodeKind, Setup};
use crate::smtp::{Address, Envelope, ReversePath};
use crate::tcp;
use crate::time::{Calendar, Duration, Instant};
use crate::topology::{LinkId, Medium, NodeId};

/// How much work.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// Hosts; each even one sends to the odd one after it. At most 50,000.
    pub hosts: u32,
    /// Mails of each pair, one a second.
    pub mails: u32,
    /// Hosts behind each pair of routers.
    pub group: u32,
    /// Packets lost on each trunk by chance, per million.
    pub loss: u32,
    /// Root of all luck.
    pub seed: u64,
}

/// Bit rate of the trunks, which tells them from the other links.
pub const TRUNK: u64 = 1_000_000_000;

/// Length of a letter in bytes.
pub const LETTER: usize = 10_000;

/// Most hosts for which there are addresses.
pub const MOST_HOSTS: u32 = 50_000;

/// The letter that all of them send.
pub fn letter() -> Arc<[u8]> {
    let mut text = String::new();
    let mut draft = Draft {
        from: "alice@a.example".into(),
        to: vec!["bob@b.example".into()],
        subject: "load".into(),
        ..Draft::default()
    };
    let stamp = Stamp { unix_seconds: 1_740_992_400, message_id: "load@a.example".into(), boundary: "=_load".into() };
    let compose = |draft: &Draft| message::compose(draft, &stamp).bytes;
    let header = compose(&draft).len();
    for i in 0..LETTER - header {
        let end_of_line = i % 78 == 77;
        text.push(if end_of_line { '\n' } else { char::from(b'a' + ((i * 7 + i / 78) % 26) as u8) });
    }
    // A line end is two bytes in the letter: shorten the text until it is as long as wanted.
    loop {
        draft.text.clone_from(&text);
        let letter = compose(&draft);
        if letter.len() <= LETTER {
            return letter;
        }
        text.truncate(text.len() - (letter.len() - LETTER).div_ceil(2).max(1));
    }
}

struct Builder {
    nodes: Vec<Node>,
    links: Vec<Link>,
}

impl Builder {
    fn node(&mut self, name: String, kind: NodeKind) -> NodeId {
        self.nodes.push(Node { name, kind, interfaces: Vec::new() });
        NodeId(self.nodes.len() as u32 - 1)
    }

    fn link(&mut self, a: NodeId, b: NodeId, delay: u64, rate: u64, loss: u32) -> (Ipv4Addr, Ipv4Addr) {
        let link = LinkId(self.links.len() as u32);
        let first = u32::from(Ipv4Addr::new(198, 18, 0, 0)) + 2 * link.0;
        let delay = Duration::from_millis(delay);
        self.links.push(Link { a, b, medium: Medium::Ip, delay, rate: Some(rate), queue: 100, loss });
        for (node, address) in [(a, first), (b, first + 1)] {
            let address = Some((Ipv4Addr::from(address), 31));
            self.nodes[node.0 as usize].interfaces.push(Interface { link, address });
        }
        (Ipv4Addr::from(first), Ipv4Addr::from(first + 1))
    }
}

impl Work {
    /// The scenario of this work.
    pub fn setup(&self) -> Setup {
        let mut b = Builder { nodes: Vec::new(), links: Vec::new() };
        let mut hosts = Vec::with_capacity(self.hosts as usize);
        let mut table = BTreeMap::new();
        for first in (0..self.hosts).step_by(self.group.max(2) as usize) {
            let group = first / self.group.max(2);
            let routers = [1, 2].map(|r| b.node(format!("r{r}-{group}"), NodeKind::Router));
            b.link(routers[0], routers[1], 10, TRUNK, self.loss);
            for n in first..(first + self.group.max(2)).min(self.hosts) {
                let router = routers[n as usize % 2];
                let host = b.node(format!("h{n}"), NodeKind::Router);
                let (address, gateway) = b.link(host, router, 5, 100_000_000, 0);
                table.insert(domain(n), address);
                hosts.push((host, gateway));
            }
        }
        let names = Arc::new(table);
        let tcp = tcp::Config { sack: true, delayed_ack: Some(Duration::from_millis(10)), ..tcp::Config::default() };
        for (n, (host, gateway)) in hosts.iter().enumerate() {
            let host = &mut b.nodes[host.0 as usize];
            host.kind = NodeKind::Host(Arc::new(Host {
                fqdn: domain(n as u32),
                gateway: Some(*gateway),
                names: Names::Table(Arc::clone(&names)),
                tcp: tcp.clone(),
                mail_server: Some(Arc::new(mail_server(n as u32))),
                ..Host::default()
            }));
        }
        let hosts: Vec<NodeId> = hosts.into_iter().map(|(h, _)| h).collect();
        Setup {
            name: format!("load-{}x{}", self.hosts, self.mails),
            clock: Clock::Realistic,
            calendar: Calendar::default(),
            seed: Seed::new(self.seed),
            arp: Arp::Prefilled,
            nodes: b.nodes,
            links: b.links,
            actions: self.actions(&hosts),
        }
    }

    /// Each pair sends a mail each second; the pairs begin 0.997 ms apart.
    fn actions(&self, hosts: &[NodeId]) -> Vec<TimedAction> {
        let letter = letter();
        let envelopes: Vec<Arc<Envelope>> = (0..self.hosts / 2).map(|pair| Arc::new(envelope(2 * pair))).collect();
        let mut actions = Vec::with_capacity(self.mails as usize * envelopes.len());
        for mail in 0..u64::from(self.mails) {
            for (pair, envelope) in envelopes.iter().enumerate() {
                let at = mail * 1_000_000_000 + pair as u64 * 997_000 % 1_000_000_000;
                actions.push(TimedAction {
                    at: Instant::from_nanos(at),
                    action: Action::Queue {
                        host: hosts[2 * pair],
                        letter: Preloaded::Letter(Arc::clone(&letter)),
                        envelope: Some(Arc::clone(envelope)),
                    },
                });
            }
        }
        actions.sort_by_key(|a| a.at);
        actions
    }
}

fn domain(host: u32) -> String {
    format!("h{host}.example")
}

fn envelope(sender: u32) -> Envelope {
    let address = |local: &str, host| Address { local: local.into(), domain: domain(host) };
    Envelope::new(ReversePath::Address(address("alice", sender)), vec![address("bob", sender + 1)])
}

fn mail_server(host: u32) -> MailServer {
    let user = if host.is_multiple_of(2) { "alice" } else { "bob" };
    MailServer {
        domains: vec![domain(host)],
        users: vec![User { name: user.into(), password: "secret".into(), ..User::default() }],
        smtp_port: Some(25),
        ..MailServer::default()
    }
}

#[cfg(test)]
mod tests;
