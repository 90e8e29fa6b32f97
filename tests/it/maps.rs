//! The standard maps of the course (curriculum 0.2, 0.3) as setups, and a run of one with the questions that
//! tests ask of its record.
//!
//! ```text
//!   alice-pc 4 ms --+                                    +-- 1 ms mail.b
//!   mail.a   1 ms --+ sw-a -- r-a ==== 48 ms ==== r-b -- sw-b +-- 4 ms bob-pc
//!                         dns 9 ms -- sw-dns --+         +-- 1 ms mail.c (sw-c)
//! ```
//! Every LAN is a switch, its hosts and one interface of a router; the router's cable takes no time.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use mailpath::action::{Action, Fate, Preloaded, Service, TimedAction};
use mailpath::dns::zone::{Record, RecordData, Zone, Zones};
use mailpath::engine::TlsPolicy;
use mailpath::engine::Way;
use mailpath::imap::client::ClientCommand;
use mailpath::mail;
use mailpath::mail::config::ClientTls;
use mailpath::mail::config::{MailServer, User, UserAgent};
use mailpath::matcher::Matcher;
use mailpath::message::Draft;
use mailpath::rng::Seed;
use mailpath::sim::World;
use mailpath::sim::setup::{Arp, Clock, Host, Interface, Link, Names, Node, NodeKind, Setup};
use mailpath::smtp::{Address, Envelope, ReversePath};
use mailpath::time::{Calendar, Duration, Instant};
use mailpath::topology::{ConnId, LinkId, Medium, NodeId, Side};
use mailpath::trace::{Entry, EntryId, Level, Line, Log, SessionEvent, What};

pub const R_A: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
pub const ALICE_PC: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
pub const MAIL_A: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 25);
pub const DNS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 153);
pub const BOB_PC: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 10);
pub const MAIL_B: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 25);
pub const MAIL_C: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 25);

/// `n` milliseconds after the start.
pub fn ms(n: u64) -> Instant {
    Instant::from_millis(n)
}

/// `n` hours and `m` minutes.
pub fn hm(n: u64, m: u64) -> Duration {
    Duration::from_secs(n * 3600 + m * 60)
}

/// An address.
pub fn address(text: &str) -> Address {
    text.parse().expect("a test writes addresses right")
}

/// An envelope; the sender `""` is `<>`.
pub fn envelope(from: &str, to: &[&str]) -> Envelope {
    let from = if from.is_empty() { ReversePath::Null } else { ReversePath::Address(address(from)) };
    Envelope::new(from, to.iter().map(|a| address(a)).collect())
}

/// What Alice types.
pub fn draft(to: &[&str], text: &str) -> Arc<Draft> {
    Arc::new(Draft {
        from: "alice@a.example".into(),
        to: to.iter().map(|a| a.to_string()).collect(),
        subject: "test".into(),
        text: text.into(),
        ..Draft::default()
    })
}

/// LOGIN, SELECT INBOX, `FETCH 1 BODY[]`, and LOGOUT if asked for.
pub fn reading(user: &str, logout: bool) -> Vec<ClientCommand> {
    let mut commands = vec![
        ClientCommand::Login { user: user.into(), password: "secret".into() },
        ClientCommand::Select("INBOX".into()),
        ClientCommand::Fetch { set: "1".into(), items: "BODY[]".into(), uid: false },
    ];
    commands.extend(logout.then_some(ClientCommand::Logout));
    commands
}

/// A setup in the making.
#[derive(Clone)]
pub struct Map {
    setup: Setup,
    hosts: BTreeMap<String, Host>,
    /// Names and mail domains, for a table.
    table: BTreeMap<String, Ipv4Addr>,
}

impl Map {
    fn new(name: &str) -> Map {
        let setup = Setup {
            name: name.into(),
            clock: Clock::Exact,
            calendar: Calendar::default(),
            seed: Seed::new(1),
            arp: Arp::Prefilled,
            nodes: Vec::new(),
            links: Vec::new(),
            actions: Vec::new(),
        };
        Map { setup, hosts: BTreeMap::new(), table: BTreeMap::new() }
    }

    /// MAP-6: Alice and her server, Bob and his, two routers.
    pub fn six() -> Map {
        let mut map = Map::new("six");
        map.sites();
        map.host("sw-a", "alice-pc", ALICE_PC, 25, 4, |h| h.user_agents = vec![agent("alice", "a.example")]);
        map.host("sw-a", "mail.a", MAIL_A, 25, 1, |h| h.mail_server = Some(server("a.example", &["alice", "anna"])));
        map.host("sw-b", "mail.b", MAIL_B, 25, 1, |h| h.mail_server = Some(server("b.example", &["bob", "carol"])));
        map.host("sw-b", "bob-pc", BOB_PC, 25, 4, |h| h.user_agents = vec![agent("bob", "b.example")]);
        map
    }

    /// MAP-PAIR: the two servers alone, 50 ms apart.
    pub fn pair() -> Map {
        let mut map = Map::new("pair");
        map.sites();
        map.host("sw-a", "mail.a", MAIL_A, 25, 1, |h| h.mail_server = Some(server("a.example", &["alice"])));
        map.host("sw-b", "mail.b", MAIL_B, 25, 1, |h| h.mail_server = Some(server("b.example", &["bob"])));
        map
    }

    /// MAP-MULTI: MAP-6 with mail.c, 50 ms from mail.a.
    pub fn multi() -> Map {
        let mut map = Map::six();
        map.setup.name = "multi".into();
        map.lan("sw-c", "r-b", Ipv4Addr::new(203, 0, 113, 1), 27);
        map.host("sw-c", "mail.c", MAIL_C, 27, 1, |h| h.mail_server = Some(server("c.example", &["dave"])));
        map
    }

    fn sites(&mut self) {
        let (a, b) = (self.node("r-a", NodeKind::Router), self.node("r-b", NodeKind::Router));
        self.lan("sw-a", "r-a", R_A, 25);
        self.lan("sw-b", "r-b", Ipv4Addr::new(198, 51, 100, 1), 25);
        let ends = [Ipv4Addr::new(203, 0, 113, 253), Ipv4Addr::new(203, 0, 113, 254)].map(|e| Some((e, 30)));
        self.link((a, ends[0]), (b, ends[1]), Medium::Ip, 48);
    }

    fn node(&mut self, name: &str, kind: NodeKind) -> NodeId {
        self.setup.nodes.push(Node { name: name.into(), kind, interfaces: Vec::new() });
        NodeId(self.setup.nodes.len() as u32 - 1)
    }

    fn link(
        &mut self,
        a: (NodeId, Option<(Ipv4Addr, u8)>),
        b: (NodeId, Option<(Ipv4Addr, u8)>),
        medium: Medium,
        delay: u64,
    ) {
        let link = LinkId(self.setup.links.len() as u32);
        for (node, address) in [a, b] {
            self.setup.nodes[node.0 as usize].interfaces.push(Interface { link, address });
        }
        let delay = Duration::from_millis(delay);
        self.setup.links.push(Link { a: a.0, b: b.0, medium, delay, rate: None, queue: 100, loss: 0 });
    }

    fn lan(&mut self, switch: &str, router: &str, address: Ipv4Addr, prefix: u8) {
        let (router, switch) = (self.id(router), self.node(switch, NodeKind::Switch));
        self.link((router, Some((address, prefix))), (switch, None), Medium::Ethernet, 0);
    }

    fn host(
        &mut self,
        switch: &str,
        name: &str,
        address: Ipv4Addr,
        prefix: u8,
        delay: u64,
        is: impl FnOnce(&mut Host),
    ) {
        // `mail.a` is mail.a.example, `alice-pc` on `sw-a` is alice-pc.a.example, `dns` is dns.example.
        let site = switch.strip_prefix("sw-").filter(|site| !name.contains('.') && *site != name);
        let fqdn = site.map_or_else(|| format!("{name}.example"), |site| format!("{name}.{site}.example"));
        // A site's router has the first address of its network.
        let mask = u32::MAX << (32 - u32::from(prefix));
        let gateway = Ipv4Addr::from((u32::from(address) & mask) + 1);
        let mut host = Host { fqdn: fqdn.clone(), gateway: Some(gateway), ..Host::default() };
        is(&mut host);
        if let Some(mail) = &host.mail_server {
            self.table.extend(mail.domains.iter().map(|d| (d.clone(), address)));
        }
        self.table.insert(fqdn, address);
        self.hosts.insert(name.into(), host);
        let (node, switch) = (self.node(name, NodeKind::Router), self.id(switch));
        self.link((node, Some((address, prefix))), (switch, None), Medium::Ethernet, delay);
    }

    /// A node's number.
    pub fn id(&self, name: &str) -> NodeId {
        let place = self.setup.nodes.iter().position(|n| n.name == name);
        NodeId(place.unwrap_or_else(|| panic!("there is no {name}")) as u32)
    }

    /// The node at the first end of a link, or at the other.
    pub fn end(&self, link: LinkId, first: bool) -> NodeId {
        let link = self.setup.links[link.0 as usize];
        if first { link.a } else { link.b }
    }

    /// How many links there are.
    pub fn links(&self) -> u32 {
        self.setup.links.len() as u32
    }

    /// Changes a host.
    pub fn tune(&mut self, host: &str, how: impl FnOnce(&mut Host)) -> &mut Self {
        how(self.hosts.get_mut(host).expect("there is such a host"));
        self
    }

    /// Changes every host.
    pub fn tune_all(&mut self, how: impl Fn(&mut Host)) -> &mut Self {
        self.hosts.values_mut().for_each(how);
        self
    }

    /// Changes a mail server.
    pub fn tune_mail(&mut self, host: &str, how: impl FnOnce(&mut MailServer)) -> &mut Self {
        self.tune(host, |h| how(Arc::make_mut(h.mail_server.as_mut().expect("a mail server"))))
    }

    /// Changes the setup as a whole.
    pub fn whole(&mut self, how: impl FnOnce(&mut Setup)) -> &mut Self {
        how(&mut self.setup);
        self
    }

    /// Packets lost by chance on every link, per million.
    pub fn loss(&mut self, per_million: u32) -> &mut Self {
        self.setup.links.iter_mut().for_each(|l| l.loss = per_million);
        self
    }

    /// Names are found by questions to the host `dns` instead of in a table.
    pub fn with_dns(&mut self) -> &mut Self {
        self.lan("sw-dns", "r-a", Ipv4Addr::new(192, 0, 2, 129), 25);
        let mut zones: BTreeMap<String, Zone> = BTreeMap::new();
        let mut add = |domain: &str, name: String, data| {
            let zone =
                zones.entry(domain.into()).or_insert_with(|| Zone { origin: domain.into(), records: Vec::new() });
            zone.records.push(Record { name, ttl: 3600, data });
        };
        for host in self.hosts.values() {
            let address = self.table[&host.fqdn];
            let (_, domain) = host.fqdn.split_once('.').expect("a full name has a domain");
            add(domain, host.fqdn.clone(), RecordData::A(address));
            for domain in host.mail_server.iter().flat_map(|m| &m.domains) {
                add(domain, domain.clone(), RecordData::Mx(10, host.fqdn.clone()));
            }
        }
        // The zone above them knows that there is no other domain.
        add("example", "dns.example".into(), RecordData::A(DNS));
        let zones = Zones { zones: zones.into_values().collect() };
        self.host("sw-dns", "dns", DNS, 25, 9, |h| h.dns_server = Some(Arc::new(zones)));
        self.tune_all(|h| h.names = Names::Dns(DNS))
    }

    /// Something happens at a moment.
    pub fn at(&mut self, at: Instant, action: Action) -> &mut Self {
        self.setup.actions.push(TimedAction { at, action });
        self
    }

    /// Alice presses Send on alice-pc.
    pub fn send(&mut self, at: Instant, draft: Arc<Draft>) -> &mut Self {
        let host = self.id("alice-pc");
        self.at(at, Action::Send { host, agent: 0, draft, envelope: None })
    }

    /// A letter is in the queue of mail.a, due at once.
    pub fn queued(&mut self, at: Instant, draft: Arc<Draft>, envelope: Option<Envelope>) -> &mut Self {
        let host = self.id("mail.a");
        self.at(at, Action::Queue { host, letter: Preloaded::Draft(draft), envelope: envelope.map(Arc::new) })
    }

    /// Bob reads on bob-pc.
    pub fn read(&mut self, at: Instant, commands: Vec<ClientCommand>) -> &mut Self {
        let host = self.id("bob-pc");
        self.at(at, Action::Imap { host, agent: 0, commands, go_on: false })
    }

    /// The first `count` packets that match, from the start on, are lost where they are sent.
    pub fn lose(&mut self, matcher: Matcher, first: u32, count: u32) -> &mut Self {
        let rule =
            Action::Tamper { fate: Fate::Lose, matcher: Box::new(matcher), link: None, first, count: Some(count) };
        // Before everything else that happens at the start.
        self.setup.actions.insert(0, TimedAction { at: Instant::ZERO, action: rule });
        self
    }

    /// The SMTP service of a host is stopped at once, and started at `until` if that comes.
    pub fn smtp_stopped(&mut self, host: &str, until: Option<Instant>) -> &mut Self {
        let node = self.id(host);
        let stop = TimedAction { at: Instant::ZERO, action: Action::StopService(node, Service::Smtp) };
        self.setup.actions.insert(0, stop);
        if let Some(until) = until {
            self.at(until, Action::StartService(node, Service::Smtp));
        }
        self
    }

    /// The setup.
    pub fn setup(&self) -> Arc<Setup> {
        let mut setup = self.setup.clone();
        let table = Names::Table(Arc::new(self.table.clone()));
        for node in &mut setup.nodes {
            if let Some(host) = self.hosts.get(&node.name) {
                let mut host = host.clone();
                if matches!(host.names, Names::Table(_)) {
                    host.names = table.clone();
                }
                node.kind = NodeKind::Host(Arc::new(host));
            }
        }
        setup.actions.sort_by_key(|a| a.at);
        Arc::new(setup)
    }

    /// Runs it to its end with every packet recorded.
    pub fn run(&self) -> Run {
        self.run_at(Level::All)
    }

    /// Runs it to its end.
    pub fn run_at(&self, level: Level) -> Run {
        let mut world = World::new(self.setup(), level);
        world.run();
        Run { world }
    }
}

fn server(domain: &str, users: &[&str]) -> Arc<MailServer> {
    let user = |name: &&str| User { name: name.to_string(), password: "secret".into(), ..User::default() };
    Arc::new(MailServer {
        domains: vec![domain.into()],
        users: users.iter().map(user).collect(),
        relay_for: if domain == "a.example" { vec![(Ipv4Addr::new(192, 0, 2, 0), 25)] } else { Vec::new() },
        smtp_port: Some(25),
        imap_port: Some(143),
        ..MailServer::default()
    })
}

fn agent(user: &str, domain: &str) -> UserAgent {
    UserAgent {
        address: format!("{user}@{domain}"),
        display_name: None,
        user: user.into(),
        password: "secret".into(),
        smtp: Some((format!("mail.{domain}"), 25)),
        imap: Some((format!("mail.{domain}"), 143)),
        smtp_tls: ClientTls::Policy(TlsPolicy::Never),
        imap_tls: ClientTls::Policy(TlsPolicy::Never),
        pop3_tls: ClientTls::Policy(TlsPolicy::Never),
        pop3: None,
        ehlo: true,
        dot_stuffing: true,
        line_ends: Default::default(),
        login: None,
    }
}

/// A run and its record.
pub struct Run {
    pub world: World,
}

impl Run {
    /// The record.
    pub fn log(&self) -> &Log {
        self.world.log()
    }

    /// All entries with their numbers.
    pub fn entries(&self) -> impl Iterator<Item = (EntryId, Entry<'_>)> {
        self.log().entries().iter().enumerate().map(|(i, e)| (EntryId(i as u32), e))
    }

    /// A node's name.
    pub fn name(&self, node: NodeId) -> &str {
        &self.world.setup().nodes[node.0 as usize].name
    }

    /// A node's number.
    pub fn id(&self, name: &str) -> NodeId {
        let place = self.world.setup().nodes.iter().position(|n| n.name == name);
        NodeId(place.expect("there is such a node") as u32)
    }

    /// What the mail system of a host told, with its moment; `""`: of all hosts.
    pub fn mail<'a>(&'a self, host: &'a str) -> impl Iterator<Item = (Entry<'a>, &'a mail::Event)> {
        self.entries().filter_map(move |(_, e)| match e.what {
            What::Mail(event) if host.is_empty() || self.name(e.node) == host => Some((e, event)),
            _ => None,
        })
    }

    /// When the mail system of a host told what `is` picks.
    pub fn times(&self, host: &str, is: impl Fn(&mail::Event) -> bool) -> Vec<Instant> {
        self.mail(host).filter(|(_, event)| is(event)).map(|(e, _)| e.at).collect()
    }

    /// The connections: client, server, port.
    pub fn connections(&self) -> Vec<(&str, &str, u16)> {
        let named = |node: Option<NodeId>| node.map_or("?", |n| self.name(n));
        let all = self.log().connections().iter();
        all.map(|c| (named(Some(c.client)), named(c.server), c.server_addr.1)).collect()
    }

    /// The lines that one end wrote or read, with their moments.
    pub fn lines(&self, conn: ConnId, side: Side, way: Way) -> Vec<(Instant, Line<'_>)> {
        self.sessions(conn, side).filter_map(|(at, e)| Some((at, e.line().filter(|l| l.way == way)?))).collect()
    }

    /// When the client of a connection had read each reply, and its code.
    pub fn replies(&self, conn: u32) -> Vec<(Instant, u16)> {
        let lines = self.lines(ConnId(conn), Side::Client, Way::Received);
        lines.into_iter().map(|(at, l)| (at, l.code.expect("a reply has a code"))).collect()
    }

    /// What the engine at one end told.
    pub fn sessions(&self, conn: ConnId, side: Side) -> impl Iterator<Item = (Instant, SessionEvent<'_>)> {
        self.entries().filter_map(move |(_, e)| match e.what {
            What::Session(s) if (s.conn, s.side) == (conn, side) => Some((e.at, s.event)),
            _ => None,
        })
    }

    /// The segments of a connection in the order of their sending.
    pub fn segments(&self, conn: u32) -> Vec<Segment> {
        let log = self.log();
        let segment = |(_, e): (EntryId, Entry<'_>)| match e.what {
            What::TcpSent { packet, retransmission, .. } => {
                let p = log.packet(packet);
                let (c, side) = p.conn?;
                let bytes = log.packet_bytes(packet);
                let flags = bytes[20 + 13];
                let (start, len) = p.stream;
                (c.0 == conn).then_some(Segment { at: e.at, side, start, len, flags, retransmission })
            }
            _ => None,
        };
        self.entries().filter_map(segment).collect()
    }
}

/// A segment as its sender made it.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub at: Instant,
    pub side: Side,
    /// Place of its first byte in the stream.
    pub start: u64,
    /// Bytes of data.
    pub len: u32,
    pub flags: u8,
    pub retransmission: bool,
}

impl Segment {
    pub const FIN: u8 = 1;
    pub const SYN: u8 = 2;

    pub fn has(&self, flags: u8) -> bool {
        self.flags & flags == flags
    }
}
