//! The one pass over the record that finds all stops.
//!
//! The record is cut into *events*: what one arriving packet, one timer, one action caused at one node at one
//! time; the simulator writes them one after another. An event that means something to somebody is a stop at its
//! end; marks of steps and losses cut it in pieces (see the [module above](super)).

use super::{Grain, Mark, Stop, StopKind, Stops, Unit, WAIT};
use crate::explain::phases::Conversation;
use crate::explain::story::StepSpan;
use crate::mail;
use crate::net::link::Loss;
use crate::packet;
use crate::sim::Setup;
use crate::time::Instant;
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::{Cause, EngineKind, Entry, EntryId, Log, PacketId, SessionEvent, What};
use crate::{http, imap, pop3, smtp};

/// How an event began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    /// A packet came to the node it is addressed to.
    Arrival(PacketId),
    /// A packet came by.
    Passing(PacketId),
    Action,
    Timer,
    Start,
    Other,
}

/// Something known beforehand about an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Done(usize),
    Begin(usize),
    Phase(ConnId),
    Closed,
}

struct Collector<'a> {
    log: &'a Log,
    setup: &'a Setup,
    stops: Stops,
    /// Sorted by entry; those of entries before the event at hand are taken.
    known: Vec<(usize, Known)>,
    taken: usize,
    /// Whether the client of a connection has read its IMAP greeting.
    greeted: Vec<bool>,
    // The event at hand.
    start: usize,
    head: Head,
    node: NodeId,
    at: Instant,
    units: Vec<(usize, Unit)>,
    losses: Vec<(usize, PacketId)>,
    conns: Vec<ConnId>,
    /// Whether anything but frames is in it.
    told: bool,
}

pub(super) fn collect(log: &Log, setup: &Setup, spans: &[StepSpan], conversations: &[Conversation]) -> Stops {
    let mut known: Vec<(usize, Known)> = Vec::new();
    let mut in_order = true;
    for (n, span) in spans.iter().enumerate() {
        in_order &= n == 0 || spans[n - 1].done <= span.done && spans[n - 1].done.is_some();
        known.extend(span.begins.map(|e| (e.0 as usize, Known::Begin(span.step))));
        // Where a run takes another way than the story, an event that ends a step may come though the step never
        // began. It counts only if all steps before are done: then it was the beginning that was left out.
        let came_to_it = span.begins.is_some() || in_order;
        known.extend(span.done.filter(|_| came_to_it).map(|e| (e.0 as usize, Known::Done(span.step))));
    }
    for conversation in conversations {
        known.extend(conversation.closed.map(|e| (e.0 as usize, Known::Closed)));
        let begun = |b| (conversation.begun_by(b).0 as usize, Known::Phase(conversation.conn));
        known.extend(conversation.bands.iter().map(begun));
    }
    // What is said of one entry stays in the order above.
    known.sort_by_key(|k| k.0);
    let mut collector = Collector {
        log,
        setup,
        stops: Stops { of_conn: vec![Vec::new(); log.connections().len()], ..Stops::default() },
        known,
        taken: 0,
        greeted: vec![false; log.connections().len()],
        start: 0,
        head: Head::Other,
        node: NodeId(0),
        at: Instant::ZERO,
        units: Vec::new(),
        losses: Vec::new(),
        conns: Vec::new(),
        told: false,
    };
    collector.run();
    collector.finish()
}

impl Collector<'_> {
    fn run(&mut self) {
        let start = Stop {
            place: 0,
            from: 0,
            grain: Grain::Step,
            entry: None,
            kind: StopKind::Start,
            packet: None,
            step: None,
        };
        self.stops.all.push(start);
        for (place, entry) in self.log.entries().iter().enumerate() {
            if entry.at.since(self.at) >= WAIT {
                self.stops.waits.push(place);
            }
            if place == 0 || self.begins_event(&entry) {
                self.close(place);
                self.open(place, &entry);
            }
            self.entry(place, &entry);
        }
        self.close(self.log.entries().len());
    }

    fn begins_event(&self, entry: &Entry) -> bool {
        if entry.node != self.node || entry.at != self.at {
            return true;
        }
        match entry.what {
            What::FrameArrived { .. } | What::Action(_) | What::TcpTimer { .. } => true,
            // Inside a timer's event further entries may name the timer as well; behind anything else it is
            // another event of the same host at the same time.
            _ => matches!(entry.cause, Cause::Timer { .. }) && self.head != Head::Timer,
        }
    }

    fn open(&mut self, place: usize, entry: &Entry) {
        self.start = place;
        self.node = entry.node;
        self.at = entry.at;
        self.head = match (&entry.what, entry.cause) {
            (What::FrameArrived { packet, .. }, _) if self.addressed_here(*packet) => Head::Arrival(*packet),
            (What::FrameArrived { packet, .. }, _) => Head::Passing(*packet),
            (What::Action(_), _) => Head::Action,
            (_, Cause::Timer { .. }) => Head::Timer,
            (_, Cause::Start) => Head::Start,
            _ => Head::Other,
        };
    }

    /// Whether the node of the event at hand has the address that a packet is for.
    fn addressed_here(&self, packet: PacketId) -> bool {
        let (bytes, _) = self.log.packet_parts(packet);
        // The destination of IPv4 (RFC 791 section 3.1), the target of ARP (RFC 826).
        let from = if self.log.packet(packet).arp { 24 } else { 16 };
        let Some(address) = bytes.get(from..from + 4) else { return false };
        let node = self.setup.nodes.get(self.node.0 as usize);
        node.is_some_and(|n| n.interfaces.iter().any(|i| i.address.is_some_and(|(a, _)| a.octets() == address)))
    }

    fn entry(&mut self, place: usize, entry: &Entry) {
        match &entry.what {
            What::FrameSent { .. } => return,
            What::FrameArrived { packet, .. } => {
                if let Head::Arrival(packet) = self.head {
                    self.conn(self.log.packet(packet).conn);
                    if self.is_query(packet) {
                        self.units.push((place, Unit::Query));
                    }
                } else {
                    debug_assert!(matches!(self.head, Head::Passing(p) if p == *packet), "an arrival begins an event");
                }
                return;
            }
            What::FrameLost { packet, reason } => {
                // What a switch floods to others is no loss to anybody.
                if *reason != Loss::NotForUs {
                    self.losses.push((place, *packet));
                    self.conn(self.log.packet(*packet).conn);
                }
                return;
            }
            What::TcpOpen(conn) => self.conn(Some((*conn, Side::Client))),
            What::TcpEstablished(conn, side) => {
                self.conn(Some((*conn, *side)));
                if *side == Side::Client {
                    self.units.push((place, Unit::ConnectionOpen));
                }
            }
            What::TcpTimer { conn, side, .. } | What::TcpClosed { conn, side, .. } => self.conn(Some((*conn, *side))),
            What::Session(session) => {
                self.conn(Some((session.conn, session.side)));
                if let Some(unit) = self.session(session.conn, session.event) {
                    self.units.push((place, unit));
                }
            }
            What::Mail(event) => self.units.extend(mail_unit(event).map(|unit| (place, unit))),
            What::Dns(event) => {
                if matches!(**event, crate::dns::resolver::Event::Answer { .. }) {
                    self.units.push((place, Unit::Answer));
                }
            }
            What::Action(_) | What::TcpSent { .. } | What::TcpReceived { .. } | What::TcpState { .. } => {}
        }
        self.told = true;
    }

    fn conn(&mut self, end: Option<(ConnId, Side)>) {
        if let Some((conn, _)) = end
            && !self.conns.contains(&conn)
        {
            self.conns.push(conn);
        }
    }

    /// Whether a packet is a question to a name server (RFC 1035 section 4.2.1).
    fn is_query(&self, packet: PacketId) -> bool {
        if self.log.packet(packet).arp || self.log.packet(packet).conn.is_some() {
            return false;
        }
        let bytes = self.log.packet_bytes(packet);
        let Ok(ip) = packet::parse_ipv4(&bytes) else { return false };
        let udp = || packet::parse_udp(ip.src, ip.dst, ip.payload);
        ip.protocol() == Some(packet::Protocol::Udp) && udp().is_ok_and(|u| u.dst_port == 53)
    }

    /// What an engine has read to its end.
    fn session(&mut self, conn: ConnId, event: SessionEvent<'_>) -> Option<Unit> {
        use crate::engine::Way::Received;
        match event {
            SessionEvent::Line(engine, line) if line.way == Received => match engine {
                EngineKind::SmtpServer | EngineKind::ImapServer | EngineKind::Pop3Server => Some(Unit::Command),
                EngineKind::SmtpClient | EngineKind::Pop3Client => Some(Unit::Reply),
                // Only the greeting is a whole reply by itself (RFC 3501 section 7.1); all other lines belong to the
                // tagged one that completes a command.
                EngineKind::ImapClient => {
                    let greeted = self.greeted.get_mut(conn.0 as usize)?;
                    (!std::mem::replace(greeted, true)).then_some(Unit::Reply)
                }
                EngineKind::HttpClient | EngineKind::HttpServer => None,
            },
            SessionEvent::SmtpServer(smtp::server::Event::LetterReceived { .. }) => Some(Unit::WholeMail),
            SessionEvent::Pop3Client(pop3::client::Event::Letter { .. }) => Some(Unit::WholeMail),
            SessionEvent::ImapClient(imap::client::Event::Completed { .. }) => Some(Unit::Reply),
            SessionEvent::ImapClient(imap::client::Event::Letter { .. }) => Some(Unit::WholeMail),
            SessionEvent::HttpServer(http::server::Event::Request { .. }) => Some(Unit::Request),
            SessionEvent::HttpClient(http::client::Event::Received { .. }) => Some(Unit::Response),
            _ => None,
        }
    }

    /// The event at hand ends before `end`: its stops are made.
    fn close(&mut self, end: usize) {
        let before = self.taken;
        while self.known.get(self.taken).is_some_and(|k| k.0 < end) {
            self.taken += 1;
        }
        let known = before..self.taken;
        let is_stop = match self.head {
            Head::Arrival(_) | Head::Action | Head::Timer => true,
            Head::Start | Head::Other | Head::Passing(_) => {
                self.told || !self.losses.is_empty() || !self.units.is_empty() || !known.is_empty()
            }
        };
        if end > self.start && is_stop {
            self.cut(end, known);
        }
        self.units.clear();
        self.losses.clear();
        self.conns.clear();
        self.told = false;
    }

    /// The places at which the event stops, in order.
    fn cut(&mut self, end: usize, known: std::ops::Range<usize>) {
        let mut places: Vec<usize> = Vec::new();
        for (entry, what) in &self.known[known.clone()] {
            // A mark stops by itself; if nothing of weight follows in its event, its stop is the event's own.
            if matches!(what, Known::Done(_)) && self.goes_on(*entry, known.clone()) {
                places.push(entry + 1);
            }
        }
        for (nth, (entry, _)) in self.losses.iter().enumerate() {
            // One sees a packet stand at the door before it is lost there. Where it ends on arrival, or at a router,
            // there is nothing to be seen before.
            let nothing_before = matches!(self.head, Head::Arrival(_) if *entry == self.start + 1);
            if nth > 0 || !(matches!(self.head, Head::Passing(_)) || nothing_before) {
                places.push(*entry);
            }
        }
        places.push(end);
        places.sort_unstable();
        places.dedup();
        places.retain(|p| *p > self.start);
        let mut from = self.start;
        for place in places {
            let stop = self.stop(from, place, known.clone());
            from = place;
            self.stops.all.push(stop);
            for conn in &self.conns {
                if let Some(places) = self.stops.of_conn.get_mut(conn.0 as usize) {
                    places.push(place);
                }
            }
        }
    }

    /// Whether something happens behind an entry of the event at hand that deserves a stop of its own. A reply that
    /// is complete, or a connection that is closed, is told together with the mark before it.
    fn goes_on(&self, entry: usize, known: std::ops::Range<usize>) -> bool {
        let weighty = |unit: Unit| unit != Unit::Reply;
        self.units.iter().any(|(place, unit)| *place > entry && weighty(*unit))
            || self.known[known].iter().any(|(place, what)| *place > entry && *what != Known::Closed)
    }

    fn stop(&mut self, from: usize, place: usize, known: std::ops::Range<usize>) -> Stop {
        let within = |entry: usize| from <= entry && entry < place;
        let mut units: Vec<(Unit, usize)> = self.units.iter().filter(|u| within(u.0)).map(|(e, u)| (*u, *e)).collect();
        let (mut grain, mut marked, mut step) = (Grain::Packet, None, None);
        for (entry, what) in &self.known[known] {
            if !within(*entry) {
                continue;
            }
            match *what {
                Known::Closed => units.push((Unit::ConnectionClosed, *entry)),
                Known::Phase(_) => grain = grain.max(Grain::Phase),
                Known::Done(number) => {
                    grain = Grain::Step;
                    (marked, step) = (Some(*entry), Some((number, Mark::Done)));
                    self.stops.marks.push((number, Mark::Done, place));
                }
                Known::Begin(number) => {
                    grain = grain.max(Grain::Line);
                    // A run that begins with its first entry has begun before it.
                    let at = if *entry == 0 { 0 } else { place };
                    self.stops.marks.push((number, Mark::Begin, at));
                    if at == 0 {
                        self.stops.all[0].step = Some((number, Mark::Begin));
                    } else if !matches!(step, Some((_, Mark::Done))) {
                        (marked, step) = (Some(*entry), Some((number, Mark::Begin)));
                    }
                }
            }
        }
        let unit = units.iter().min().copied();
        // The first loss is told by the stop behind it, not by the one that cut it off.
        let loss = self.losses.iter().rev().find(|(entry, _)| within(*entry)).copied();
        let first = from == self.start;
        if !units.is_empty() || (first && self.head == Head::Action) {
            grain = grain.max(Grain::Line);
        }
        let packet = match self.head {
            Head::Arrival(packet) | Head::Passing(packet) => Some(packet),
            _ => None,
        };
        let marked_unit = marked.and_then(|entry| units.iter().find(|u| u.1 == entry)).map(|u| (u.0, u.1));
        let (kind, entry) = match (marked_unit.or(unit), loss) {
            (None, Some((entry, packet))) => (StopKind::Loss(packet), entry),
            (Some(_), Some((entry, packet))) if marked.is_none() => (StopKind::Loss(packet), entry),
            (Some((unit, entry)), _) => (StopKind::Unit(unit), entry),
            (None, None) => match self.head {
                Head::Arrival(packet) if first => (StopKind::Arrival(packet), from),
                Head::Timer if first => (StopKind::Timer, from),
                Head::Action if first => (StopKind::Action, from),
                _ if marked.is_some() => (StopKind::StepMark, from),
                _ => (StopKind::Other, from),
            },
        };
        let entry = marked.unwrap_or(entry);
        let packet = loss.map(|l| l.1).or(packet);
        Stop { place, from, grain, entry: Some(EntryId(entry as u32)), kind, packet, step }
    }

    fn finish(mut self) -> Stops {
        let end = self.log.entries().len();
        let stops = &mut self.stops;
        match stops.all.last_mut() {
            Some(last) if last.place == end => {
                last.grain = Grain::Step;
                if end > 0 {
                    (last.kind, last.entry) = (StopKind::End, None);
                }
            }
            _ => stops.all.push(Stop {
                place: end,
                from: end,
                grain: Grain::Step,
                entry: None,
                kind: StopKind::End,
                packet: None,
                step: None,
            }),
        }
        for (n, stop) in stops.all.iter().enumerate() {
            for (list, grain) in stops.by_grain.iter_mut().zip([Grain::Line, Grain::Phase, Grain::Step]) {
                if stop.grain >= grain {
                    list.push(n as u32);
                }
            }
        }
        self.stops
    }
}

fn mail_unit(event: &mail::Event) -> Option<Unit> {
    use mail::Event::*;
    match event {
        Composed { .. } => Some(Unit::MailWritten),
        Read { .. } => Some(Unit::MailRead),
        QueueEnter { .. } | QueueAttempt { .. } | QueueDefer { .. } | QueueLeave { .. } => Some(Unit::QueueChange),
        MailboxStore { .. }
        | MailboxFlag { .. }
        | MailboxExpunge { .. }
        | FolderCreate { .. }
        | FolderDelete { .. }
        | FolderRename { .. } => Some(Unit::MailboxChange),
        LetterSent { .. }
        | DiskStore { .. }
        | MailboxMove { .. }
        | CopyChange { .. }
        | CopySync { .. }
        | Submitted { .. }
        | AuthResult { .. }
        | Accepted { .. }
        | Expanded { .. }
        | DsnCreate { .. }
        | Converted { .. } => None,
    }
}
