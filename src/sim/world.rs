//! The world: all nodes, the plane between them, and the loop that takes one event after another.

use std::hint::black_box;
use std::net::Ipv4Addr;
use std::sync::Arc;

use super::host::Host;
use super::ip::{Arrived, Ip};
use super::plane::{Captured, Event, Fixed, Frame, Lane, Outside, Plane, Room, Rule};
use super::programs::Programs;
use super::sealed::Authorities;
use super::setup::{Clock, Link, NodeKind, Setup};
use super::sockets::Sockets;
use super::wiring::{Macs, host_routes, router_routes, switch_table};
use crate::action::{Action, TimedAction};
use crate::mail::mua::Agent;
use crate::mail::server::{Counters, MailSystem};
use crate::net::link::{Direction, Properties};
use crate::net::switch::{Forward, Switch};
use crate::packet::LinkHeader;
use crate::rng::Seed;
use crate::tcp;
use crate::time::Instant;
use crate::topology::{LinkId, NodeId, graph};
use crate::trace::{ActionId, Cause, Fact, Level, Log, Names};

/// A network in the middle of a run. See the [module](super).
///
/// A clone goes its own way and takes the same one: cloning at any event and running on gives the same
/// record as the original.
#[derive(Clone, Debug)]
pub struct World {
    setup: Arc<Setup>,
    plane: Plane,
    nodes: Vec<Place>,
    /// Actions that were done and let go of.
    forgotten: u32,
}

#[derive(Clone, Debug)]
enum Place {
    Switch { switch: Switch, ports: Vec<(LinkId, bool)> },
    Router(Ip),
    Host(Box<Host>),
}

impl World {
    /// A world at time 0, at which nothing has happened yet but what the scenario says was there before.
    pub fn new(setup: Arc<Setup>, level: Level) -> World {
        let plane = Plane::new(fixed(&setup), lanes(&setup), level);
        World::on(plane, setup)
    }

    /// As [`World::new`], for whoever writes a capture while the run goes on, without a memory that grows with it: every
    /// packet is kept once, as its sender put it on its first link, until it is fetched with [`World::captured`]; and
    /// what programs did is recorded until it is let go of with [`World::forget`].
    ///
    /// The setup has no actions: they are done with [`World::act_now`].
    pub fn capturing(setup: Arc<Setup>) -> World {
        debug_assert!(setup.actions.is_empty(), "actions are let go of when they are done");
        let mut plane = Plane::new(fixed(&setup), lanes(&setup), Level::Milestones);
        plane.capture_once();
        World::on(plane, setup)
    }

    fn on(plane: Plane, setup: Arc<Setup>) -> World {
        let mut world = World { nodes: Vec::with_capacity(setup.nodes.len()), plane, setup, forgotten: 0 };
        world.build();
        for (number, action) in world.setup.actions.iter().enumerate() {
            world.plane.events.push(action.at, Event::Action(number as u32));
        }
        world
    }

    fn build(&mut self) {
        let setup = Arc::clone(&self.setup);
        let graph = graph(setup.nodes.len(), setup.links.iter().map(|l| (l.a, l.b, l.delay.as_nanos() + 1)));
        let macs = Macs::new(&setup);
        let mut tcp: Vec<Arc<tcp::Config>> = Vec::new();
        let authorities = Authorities::of(&setup);
        for (number, node) in setup.nodes.iter().enumerate() {
            let id = NodeId(number as u32);
            let at_a = |link: LinkId| setup.links[link.0 as usize].a == id;
            let place = match &node.kind {
                NodeKind::Switch => Place::Switch {
                    switch: switch_table(&setup, &graph, id),
                    ports: node.interfaces.iter().map(|i| (i.link, at_a(i.link))).collect(),
                },
                NodeKind::Router => {
                    let routes = router_routes(&setup, &graph, id);
                    Place::Router(Ip::new(id, macs.interfaces(&setup, id), routes, true))
                }
                NodeKind::Host(spec) => {
                    let ip = Ip::new(id, macs.interfaces(&setup, id), host_routes(&setup, id), false);
                    let seed = setup.seed.child(&node.name);
                    let address = ip.address();
                    let host = Host {
                        node: id,
                        spec: Arc::clone(spec),
                        tcp: shared(&mut tcp, &spec.tcp),
                        up: !spec.starts_off,
                        ip,
                        sockets: Sockets::new(seed.child("tcp")),
                        programs: Programs::new(
                            &mut self.plane,
                            spec,
                            address,
                            seed,
                            authorities.as_ref(),
                            setup.calendar,
                        ),
                        armed: Instant::FAR_FUTURE,
                    };
                    Place::Host(Box::new(host))
                }
            };
            self.nodes.push(place);
        }
        for place in &mut self.nodes {
            if let Place::Host(host) = place {
                host.begin(&mut self.plane);
            }
        }
    }

    /// What this world was made from.
    pub fn setup(&self) -> &Arc<Setup> {
        &self.setup
    }

    /// The record so far.
    pub fn log(&self) -> &Log {
        &self.plane.log
    }

    /// The names of nodes, links and actions, for telling the record.
    pub fn names(&self) -> Names {
        Names::new(
            self.setup.nodes.iter().map(|n| n.name.clone()),
            self.setup.links.iter().map(|l| (l.a, l.b)),
            self.setup.actions.iter().map(|a| a.action.clone()),
        )
        .with_first_action(ActionId(self.forgotten))
    }

    /// What all mail servers have counted.
    pub fn mail_counters(&self) -> Counters {
        let mut all = Counters::default();
        for place in &self.nodes {
            if let Place::Host(host) = place
                && let Some(mail) = &host.programs.mail
            {
                all.accepted += mail.counters().accepted;
                all.stored += mail.counters().stored;
                all.bounces += mail.counters().bounces;
            }
        }
        all
    }

    /// The time of the last event taken.
    pub fn now(&self) -> Instant {
        self.plane.now
    }

    /// The time of the next event; `None` when the run is over.
    pub fn next_at(&mut self) -> Option<Instant> {
        self.plane.events.peek()
    }

    /// The mail system of a host, for looking at queue and mailboxes.
    pub fn mail_system(&self, node: NodeId) -> Option<&MailSystem> {
        match self.nodes.get(node.0 as usize)? {
            Place::Host(host) => host.programs.mail.as_deref(),
            _ => None,
        }
    }

    /// From now on keeps every packet that is put on these links, whatever is recorded, with room around each for
    /// what a file has there; fetch them with [`World::captured`].
    pub fn capture(&mut self, links: &[LinkId], room: Room) {
        self.plane.tap(links, room);
    }

    /// Exchanges the packets captured since the last call for `taken`, whose memory is used again.
    pub fn captured(&mut self, taken: &mut Captured) {
        self.plane.captured(taken);
    }

    /// Lets go of what was recorded so far in a world that captures, and of the actions that were done: entries and
    /// actions keep their numbers, and must not be asked for again.
    pub fn forget(&mut self) {
        if self.plane.captures_once() {
            self.plane.log.forget();
            let actions = &mut Arc::make_mut(&mut self.setup).actions;
            self.forgotten += actions.len() as u32;
            actions.clear();
        }
    }

    /// From now on whatever is told on connections with bytes from elsewhere is kept for [`World::outside`].
    pub fn listen_outside(&mut self) {
        self.plane.outside.get_or_insert_default();
    }

    /// What was told on connections with bytes from elsewhere since the last call, in order.
    pub fn outside(&mut self) -> Vec<Outside> {
        self.plane.outside.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Whether anything was told there since then.
    pub fn has_outside(&self) -> bool {
        self.plane.outside.as_ref().is_some_and(|told| !told.is_empty())
    }

    /// Does something that is not in the setup, at `at`, before anything else that happens at that time. A run whose
    /// setup has all these actions goes the same way. They are kept only if anything is recorded.
    ///
    /// # Panics
    /// If something later has happened: the caller's mistake.
    pub fn act_now(&mut self, at: Instant, action: Action) {
        assert!(at >= self.plane.now, "an action comes in before what happens after it");
        self.plane.now = at;
        self.plane.log.counters.events += 1;
        self.plane.cause = Cause::Start;
        if !self.plane.records() {
            return self.act_on(ActionId(u32::MAX), &action);
        }
        let setup = Arc::make_mut(&mut self.setup);
        let number = ActionId(self.forgotten + setup.actions.len() as u32);
        setup.actions.push(TimedAction { at, action: action.clone() });
        self.act_on(number, &action);
    }

    /// Which node has an address.
    pub fn owner(&self, address: Ipv4Addr) -> Option<NodeId> {
        self.plane.fixed.owners.get(&address).copied()
    }

    /// A user agent of a host, by its place in the host's list.
    pub fn agent(&self, node: NodeId, agent: usize) -> Option<&Agent> {
        match self.nodes.get(node.0 as usize)? {
            Place::Host(host) => host.programs.agents.get(agent),
            _ => None,
        }
    }

    /// Takes one event; false when there is none left.
    pub fn step(&mut self) -> bool {
        let Plane { events, lanes, .. } = &mut self.plane;
        let Some((at, event)) = events.pop(|soon| ahead(soon, &self.nodes, lanes)) else { return false };
        self.plane.now = at;
        self.plane.log.counters.events += 1;
        self.plane.cause = Cause::Start;
        match event {
            Event::Arrive(frame) => self.arrive(frame),
            Event::Connection { node, slot, life } => {
                if let Place::Host(host) = &mut self.nodes[node.0 as usize] {
                    host.connection_due(&mut self.plane, slot, life);
                }
            }
            Event::Node(node) => match &mut self.nodes[node.0 as usize] {
                Place::Host(host) => host.due(&mut self.plane),
                Place::Router(ip) => ip.due(&mut self.plane),
                Place::Switch { .. } => {}
            },
            Event::Action(number) => self.act(number),
            Event::Release(number) => self.plane.release(number),
        }
        true
    }

    /// Runs to the end: until only records of TIME-WAIT and of caches are left.
    pub fn run(&mut self) {
        while self.step() {}
    }

    /// Runs all events up to and including `until`.
    pub fn run_until(&mut self, until: Instant) {
        while self.next_at().is_some_and(|at| at <= until) {
            self.step();
        }
    }

    fn arrive(&mut self, frame: Box<Frame>) {
        self.plane.arrived(&frame);
        let (node, port) = (frame.to, frame.port);
        match &mut self.nodes[node.0 as usize] {
            Place::Host(host) => host.input(&mut self.plane, port as usize, frame),
            Place::Router(ip) => {
                if let Arrived::Datagram(frame) = ip.input(&mut self.plane, port as usize, frame) {
                    // A router reads no mail: what is addressed to itself ends here.
                    self.plane.recycle(frame);
                }
            }
            Place::Switch { switch, ports } => {
                let LinkHeader::Ethernet { src, dst, .. } = frame.link() else { return };
                match switch.forward(port as usize, src, dst) {
                    Forward::To(out) => {
                        let (link, at_a) = ports[out];
                        self.plane.transmit(node, link, at_a, frame);
                    }
                    Forward::Flood => {
                        for (out, (link, at_a)) in ports.iter().enumerate() {
                            if out != port as usize {
                                self.plane.transmit(node, *link, *at_a, frame.clone());
                            }
                        }
                    }
                    Forward::Drop => self.plane.recycle(frame),
                }
            }
        }
    }

    /// Where the record puts an action: at its host, at the first end of its link, at the sender of the
    /// packets it is about, or, if it is about any packet, at the first node.
    fn place_of(&self, action: &Action) -> NodeId {
        let link = || action.link().map(|l| self.setup.links[l.0 as usize].a);
        let sender = || match action {
            Action::Tamper { matcher, .. } => self.plane.fixed.owners.get(&matcher.src?).copied(),
            _ => None,
        };
        action.node().or_else(link).or_else(sender).unwrap_or(NodeId(0))
    }

    fn act(&mut self, number: u32) {
        let setup = Arc::clone(&self.setup);
        self.act_on(ActionId(number), &setup.actions[number as usize].action);
    }

    fn act_on(&mut self, number: ActionId, action: &Action) {
        let setup = Arc::clone(&self.setup);
        self.plane.cause = Cause::Action(number);
        self.plane.note(self.place_of(action), Fact::action(number));
        match action {
            Action::Cut { link, from } => {
                let from_a = from.map(|n| setup.links[link.0 as usize].a == n);
                self.plane.cut(*link, from_a, true);
            }
            Action::Mend(link) => self.plane.cut(*link, None, false),
            Action::Tamper { fate, matcher, link, first, count } => {
                let (matcher, link) = ((**matcher).clone(), *link);
                self.plane.add_rule(Rule { fate: *fate, matcher, link, first: *first, count: *count, seen: 0 });
            }
            Action::StripStartTls(link) => self.plane.strip_starttls(*link),
            Action::Change { link, to } => self.plane.change(*link, *to),
            Action::Send { host, .. }
            | Action::Queue { host, .. }
            | Action::Imap { host, .. }
            | Action::Sync { host, .. }
            | Action::Offline { host, .. }
            | Action::Pop3 { host, .. }
            | Action::Browse { host, .. }
            | Action::Webmail { host, .. }
            | Action::Submit { host, .. }
            | Action::Raw { host, .. }
            | Action::Console { host, .. }
            | Action::PowerOff(host)
            | Action::PowerOn(host)
            | Action::StopService(host, _)
            | Action::StartService(host, _)
            | Action::Disk { host, .. }
            | Action::Force { host, .. } => {
                if let Place::Host(host) = &mut self.nodes[host.0 as usize] {
                    host.act(&mut self.plane, action);
                }
            }
        }
    }
}

/// Looks at everything that events will need, some events before their turn.
///
/// In a big network nearly nothing of it is in the processor's cache, and an event finds its way from one thing to
/// the next: frame, node, route, link. Here all frames are looked at first, then all nodes, then what is behind
/// them, so that the processor waits for many at once. This changes nothing but time.
fn ahead(events: &[(u64, Event)], nodes: &[Place], lanes: &[[Lane; 2]]) {
    for (_, event) in events {
        if let Event::Arrive(frame) = event {
            black_box((frame.to, frame.destination()));
        }
    }
    let places = || {
        events.iter().filter_map(|(_, event)| match event {
            Event::Arrive(frame) => Some((&nodes[frame.to.0 as usize], frame.destination(), None)),
            Event::Connection { node, slot, .. } => Some((&nodes[node.0 as usize], Ipv4Addr::UNSPECIFIED, Some(*slot))),
            Event::Node(_) | Event::Action(_) | Event::Release(_) => None,
        })
    };
    for (place, to, _) in places() {
        match place {
            Place::Router(ip) => black_box(ip.owns(to)),
            Place::Host(host) => black_box(host.up),
            Place::Switch { .. } => false,
        };
    }
    for (place, to, slot) in places() {
        match place {
            Place::Router(ip) => {
                if let Some((link, at_a)) = ip.ahead(to) {
                    let lane = &lanes[link.0 as usize][usize::from(!at_a)];
                    black_box(lane.direction.ahead() ^ lane.properties.delay.as_nanos());
                }
            }
            Place::Host(host) => {
                black_box(host.ahead(slot));
            }
            Place::Switch { .. } => {}
        }
    }
}

/// The one of `all` that is like `one`, which is added if there is none.
fn shared<T: Clone + PartialEq>(all: &mut Vec<Arc<T>>, one: &T) -> Arc<T> {
    match all.iter().find(|known| known.as_ref() == one) {
        Some(known) => Arc::clone(known),
        None => {
            all.push(Arc::new(one.clone()));
            Arc::clone(&all[all.len() - 1])
        }
    }
}

fn fixed(setup: &Setup) -> Fixed {
    let owners = setup.nodes.iter().enumerate().flat_map(|(n, node)| {
        node.interfaces.iter().filter_map(move |i| i.address.map(|(a, _)| (a, NodeId(n as u32))))
    });
    Fixed { owners: owners.collect() }
}

fn lanes(setup: &Setup) -> Vec<[Lane; 2]> {
    let port = |node: NodeId, link: usize| {
        let interfaces = &setup.nodes[node.0 as usize].interfaces;
        let place = interfaces.iter().position(|i| i.link.0 as usize == link);
        (node, place.expect("every link has an interface at both ends") as u32)
    };
    let seed = setup.seed.child("links");
    // The exact clock knows delays only: transmission takes no time.
    let rate = |l: &Link| l.rate.filter(|_| setup.clock == Clock::Realistic);
    let both = |(i, l): (usize, &Link)| {
        let luck = Seed::new(seed.nth(i as u64));
        let properties = Properties { delay: l.delay, rate: rate(l), queue: l.queue, loss: l.loss };
        let lane = |to, luck| Lane { to: port(to, i), properties, luck, direction: Direction::default() };
        [lane(l.b, luck), lane(l.a, Seed::new(!luck.get()))]
    };
    setup.links.iter().enumerate().map(both).collect()
}
