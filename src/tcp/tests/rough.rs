//! A rough network with two ends: whole conversations with loss, reordering, duplicates, small windows
//! and slow programs, from a seed. Every byte must arrive, once, in order, and both ends must close.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write;
use std::net::Ipv4Addr;

use super::smoltcp_end::SmoltcpEnd;
use crate::packet::{Ipv4Fields, TcpFlags, parse_ipv4, parse_tcp, write_tcp};
use crate::rng::Seed;
use crate::tcp::{Config, Connection, Event, Output, State, reset_for};
use crate::time::{Duration, Instant};

pub(super) const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
pub(super) const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
pub(super) const CLIENT_PORT: u16 = 49152;
pub(super) const SERVER_PORT: u16 = 25;

/// Draws from a seed, one after another.
pub(super) struct Dice {
    seed: Seed,
    n: u64,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice { seed: Seed::new(seed).child("tcp"), n: 0 }
    }

    /// A number from `low` to `high`, both included.
    pub fn from_to(&mut self, low: u64, high: u64) -> u64 {
        self.n += 1;
        low + self.seed.nth(self.n) % (high - low + 1)
    }

    pub fn percent(&mut self, p: u64) -> bool {
        self.from_to(0, 99) < p
    }
}

/// Whose TCP stands at an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ours { sack: bool },
    Smoltcp,
}

/// What the program at an end may do with its connection.
pub(super) trait Socket {
    fn open(&self) -> bool;
    fn write(&mut self, bytes: &[u8]) -> usize;
    fn room(&self) -> usize;
    fn read(&mut self, most: usize) -> Vec<u8>;
    fn unread(&self) -> usize;
    /// The peer has closed and everything was read.
    fn at_end(&self) -> bool;
    fn close(&mut self);
    /// In the states that an end may rest in when all is over.
    fn over(&self) -> bool;
    fn describe(&self) -> String;
    /// It has bytes to send and yet no timer: a defect of that stack, whatever the other did.
    fn sleeps_with_unsent_bytes(&self) -> bool {
        false
    }
}

/// What a conversation says that ended because smoltcp went to sleep with bytes to send.
pub(super) const PEER_ASLEEP: &str = "smoltcp has bytes to send and sets no timer";

/// What the network may do with it.
pub(super) trait End: Socket {
    fn packet(&mut self, now: Instant, bytes: &[u8]);
    fn timeout(&mut self, now: Instant);
    /// Packets to be sent now.
    fn flush(&mut self, now: Instant, out: &mut Vec<Vec<u8>>);
    fn wake(&mut self, now: Instant) -> Option<Instant>;
}

// --- our end ---

pub(super) struct OurEnd {
    cfg: Config,
    conn: Option<Connection>,
    iss: u32,
    own: Ipv4Addr,
    peer: Ipv4Addr,
    wait: Option<Instant>,
    replies: Vec<Vec<u8>>,
    open: bool,
    peer_closed: bool,
    ended: Option<Event>,
    told: u64,
}

impl OurEnd {
    fn new(cfg: Config, iss: u32, server: bool, now: Instant) -> Self {
        let (own, peer) = if server { (SERVER, CLIENT) } else { (CLIENT, SERVER) };
        let conn = (!server).then(|| Connection::connect(&cfg, CLIENT_PORT, SERVER_PORT, iss, now));
        OurEnd {
            cfg,
            conn,
            iss,
            own,
            peer,
            wait: None,
            replies: vec![],
            open: false,
            peer_closed: false,
            ended: None,
            told: 0,
        }
    }

    fn fields(&self) -> Ipv4Fields {
        Ipv4Fields { src: self.own, dst: self.peer, ..Ipv4Fields::default() }
    }

    fn check_bounds(&self) {
        let Some(c) = &self.conn else { return };
        assert!(c.inbox.held() <= self.cfg.receive_buffer, "the receive buffer exceeds its bound");
        assert!(c.out.len() <= self.cfg.send_buffer, "the send buffer exceeds its bound");
        let offered = c.view().rcv_wnd as usize + c.received().len();
        assert!(offered <= self.cfg.receive_buffer, "more is offered than there is room for");
    }
}

impl Socket for OurEnd {
    fn open(&self) -> bool {
        self.open
    }
    fn write(&mut self, bytes: &[u8]) -> usize {
        self.conn.as_mut().map_or(0, |c| c.send(&self.cfg, bytes))
    }
    fn room(&self) -> usize {
        self.conn.as_ref().map_or(0, |c| c.send_room(&self.cfg))
    }
    fn read(&mut self, most: usize) -> Vec<u8> {
        let Some(c) = &mut self.conn else { return vec![] };
        let bytes = c.received()[..most.min(c.received().len())].to_vec();
        c.consume(&self.cfg, bytes.len());
        bytes
    }
    fn unread(&self) -> usize {
        self.conn.as_ref().map_or(0, |c| c.received().len())
    }
    fn at_end(&self) -> bool {
        self.peer_closed && self.unread() == 0
    }
    fn close(&mut self) {
        if let Some(c) = &mut self.conn {
            c.close();
        }
    }
    fn over(&self) -> bool {
        match (&self.conn, &self.ended) {
            (Some(c), Some(Event::Closed)) => matches!(c.state(), State::Closed | State::TimeWait),
            // The peer has forgotten the connection while our last FIN was on its way again and again.
            (Some(_), Some(Event::Reset)) => self.peer_closed && self.unread() == 0,
            _ => false,
        }
    }
    fn describe(&self) -> String {
        match &self.conn {
            Some(c) => format!("{:?} {:?}", c.view(), self.ended),
            None => "LISTEN".into(),
        }
    }
}

impl End for OurEnd {
    fn packet(&mut self, now: Instant, bytes: &[u8]) {
        let ip = parse_ipv4(bytes).expect("both ends send right datagrams");
        let tcp = parse_tcp(ip.src, ip.dst, ip.payload).expect("both ends send right segments");
        let h = &tcp.header;
        let first = h.flags.contains(TcpFlags::SYN) && !h.flags.contains(TcpFlags::ACK);
        match &mut self.conn {
            Some(c) if !c.is_finished() => c.handle_segment(&self.cfg, now, h, tcp.payload),
            None if first => self.conn = Some(Connection::accept(&self.cfg, h, self.iss, now)),
            _ => {
                if let Some(reset) = reset_for(h, tcp.payload.len()) {
                    let mut bytes = Vec::new();
                    write_tcp(&mut bytes, &self.fields(), &reset, (&[], &[]));
                    self.replies.push(bytes);
                }
            }
        }
        self.check_bounds();
    }

    fn timeout(&mut self, now: Instant) {
        if let Some(c) = &mut self.conn {
            c.handle_timeout(&self.cfg, now);
        }
    }

    fn flush(&mut self, now: Instant, out: &mut Vec<Vec<u8>>) {
        out.append(&mut self.replies);
        let fields = self.fields();
        let Some(c) = &mut self.conn else { return };
        let mut sent = 0;
        self.wait = loop {
            match c.poll(&self.cfg, now) {
                Output::Wait(at) => break at,
                Output::Segment(s) => {
                    sent += 1;
                    assert!(sent < 10_000, "segments without end");
                    let payload = c.payload(s.stream.clone());
                    assert_eq!(payload.0.len() + payload.1.len(), (s.stream.end - s.stream.start) as usize);
                    assert!(payload.0.len() + payload.1.len() <= usize::from(c.mss), "a segment beyond the MSS");
                    let mut bytes = Vec::new();
                    write_tcp(&mut bytes, &fields, &s.header, payload);
                    out.push(bytes);
                }
                Output::Event(e) => match e {
                    Event::Connected => self.open = true,
                    Event::PeerClosed => self.peer_closed = true,
                    Event::Received { stream } => {
                        assert_eq!(stream.start, self.told, "the received ranges continue each other");
                        self.told = stream.end;
                    }
                    Event::Closed | Event::Reset | Event::TimedOut => {
                        assert_eq!(self.ended, None, "a connection ends once");
                        self.ended = Some(e);
                    }
                    _ => {}
                },
            }
        };
        assert!(self.wait.is_none_or(|at| at >= now), "a timer in the past");
        self.check_bounds();
    }

    fn wake(&mut self, _: Instant) -> Option<Instant> {
        self.wait
    }
}

// --- the program ---

struct Program {
    text: Vec<u8>,
    sent: usize,
    got: Vec<u8>,
    /// Reads and writes whatever it can at once; else little by little.
    eager: bool,
    /// Closes when all is sent; else only when the peer has closed.
    first_to_close: bool,
    closed: bool,
}

impl Program {
    fn step(&mut self, socket: &mut dyn Socket, dice: &mut Dice) {
        let most = |dice: &mut Dice, eager| if eager { usize::MAX } else { dice.from_to(0, 700) as usize };
        let n = most(dice, self.eager);
        self.got.extend(socket.read(n));
        if !socket.open() {
            return;
        }
        while self.sent < self.text.len() {
            let piece = most(dice, self.eager && dice_is_even(self.sent)).min(self.text.len() - self.sent);
            let n = socket.write(&self.text[self.sent..self.sent + piece]);
            self.sent += n;
            if n < piece || !self.eager {
                break;
            }
        }
        if !self.closed && self.sent == self.text.len() && (self.first_to_close || socket.at_end()) {
            self.closed = true;
            socket.close();
        }
    }

    /// Whether it can do something without waiting for the network.
    fn busy(&self, socket: &dyn Socket) -> bool {
        socket.unread() > 0
            || (socket.open() && self.sent < self.text.len() && socket.room() > 0)
            || (socket.open()
                && !self.closed
                && self.sent == self.text.len()
                && (self.first_to_close || socket.at_end()))
    }
}

fn dice_is_even(n: usize) -> bool {
    n.is_multiple_of(2)
}

// --- the network ---

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Packet { to: usize, bytes: Vec<u8> },
    Timer(usize),
    Program(usize),
}

struct Faults {
    loss: u64,
    doubles: u64,
    delay: u64,
    jitter: u64,
}

/// One conversation. `Err` holds what went wrong and, with `log`, every segment.
pub(super) fn converse(kinds: [Kind; 2], seed: u64, log: bool) -> Result<(), String> {
    let mut dice = Dice::new(seed);
    let faults = Faults {
        loss: if dice.percent(30) { 0 } else { dice.from_to(0, 20) },
        doubles: if dice.percent(50) { 0 } else { dice.from_to(0, 10) },
        delay: dice.from_to(0, 60_000),
        jitter: if dice.percent(40) { 0 } else { dice.from_to(0, 80_000) },
    };
    let mut programs = [0, 1].map(|_| Program {
        text: {
            let length = if dice.percent(15) { 0 } else { dice.from_to(1, 5000) };
            let start = dice.from_to(0, 250);
            (0..length).map(|i| (start + i * 7 + i / 251) as u8).collect()
        },
        sent: 0,
        got: vec![],
        eager: dice.percent(60),
        first_to_close: true,
        closed: false,
    });
    if dice.percent(60) {
        programs[dice.from_to(0, 1) as usize].first_to_close = false;
    }
    let start = Instant::from_nanos(dice.from_to(0, 1 << 40) * 1000);
    let mut ends: [Box<dyn End>; 2] = [0, 1].map(|i| -> Box<dyn End> {
        let server = i == 1;
        let small = dice.percent(50);
        let mut buffer = || dice.from_to(100, if small { 1500 } else { 9000 }) as usize;
        let (send_buffer, receive_buffer) = (buffer(), buffer());
        let mss = dice.from_to(100, 1460) as u16;
        match kinds[i] {
            Kind::Smoltcp => Box::new(SmoltcpEnd::new(server, mss, send_buffer, receive_buffer, &mut dice, start)),
            Kind::Ours { sack } => {
                let cfg = Config {
                    syn_retries: 30,
                    give_up: Duration::from_secs(20_000),
                    delayed_ack: dice.percent(70).then_some(Duration::from_millis(40)),
                    nagle: dice.percent(20),
                    initial_window: dice.from_to(1, 10) as u32,
                    rto_min: Duration::from_millis(dice.from_to(1, 5) * 200),
                    mss,
                    sack,
                    send_buffer,
                    receive_buffer,
                    ..Config::default()
                };
                Box::new(OurEnd::new(cfg, dice.from_to(0, u64::from(u32::MAX)) as u32, server, start))
            }
        }
    });

    let mut windows = [WindowUpdates::default(), WindowUpdates::default()];
    let mut text = String::new();
    let mut queue = BinaryHeap::new();
    let mut number = 0u64;
    let mut push = |queue: &mut BinaryHeap<_>, at: Instant, what: What| {
        number += 1;
        queue.push(Reverse((at, number, what)));
    };
    let mut armed = [Instant::FAR_FUTURE; 2];
    let mut ticking = [false; 2];
    let mut out = Vec::new();
    push(&mut queue, start, What::Program(0));
    push(&mut queue, start, What::Program(1));
    ticking = ticking.map(|_| true);
    let mut events = 0;
    let mut now = start;
    let fail = |why: &str, ends: &[Box<dyn End>; 2], programs: &[Program; 2], text: &str| {
        let mut report = format!("seed {seed}, {kinds:?}: {why}\n{text}");
        for (e, p) in ends.iter().zip(programs) {
            let _ = writeln!(report, "wrote {} of {}, read {}; {}", p.sent, p.text.len(), p.got.len(), e.describe());
        }
        Err(report)
    };

    while !(ends.iter().all(|e| e.over() && e.unread() == 0) && programs.iter().all(|p| p.sent == p.text.len())) {
        let Some(Reverse((at, _, what))) = queue.pop() else {
            let asleep = ends.iter().any(|e| e.sleeps_with_unsent_bytes());
            let why = if asleep { PEER_ASLEEP } else { "nothing more happens" };
            return fail(why, &ends, &programs, &text);
        };
        events += 1;
        if events > 100_000 || at.since(start) > Duration::from_secs(20_000) {
            return fail("it takes too long", &ends, &programs, &text);
        }
        now = now.max(at);
        let who = match what {
            What::Packet { to, bytes } => {
                if log {
                    let _ = writeln!(text, "{} > {}", now.since(start), describe(&bytes));
                }
                ends[to].packet(now, &bytes);
                to
            }
            What::Timer(who) => {
                if armed[who] != at {
                    continue; // Set anew meanwhile.
                }
                armed[who] = Instant::FAR_FUTURE;
                ends[who].timeout(now);
                who
            }
            What::Program(who) => {
                ticking[who] = false;
                programs[who].step(&mut *ends[who], &mut dice);
                who
            }
        };
        if programs[who].eager {
            // Events come first; the program then reads and writes, before anything is sent.
            ends[who].flush(now, &mut out);
            programs[who].step(&mut *ends[who], &mut dice);
        }
        ends[who].flush(now, &mut out);
        for bytes in out.drain(..) {
            let copies = if dice.percent(faults.doubles) { 2 } else { 1 };
            for _ in 0..copies {
                let lost = dice.percent(faults.loss);
                let delay = faults.delay + dice.from_to(0, faults.jitter);
                if log {
                    let mark = if lost { " LOST" } else { "" };
                    let _ = writeln!(text, "{}   {}{mark}", now.since(start), describe(&bytes));
                }
                if !lost {
                    let mut at = now + Duration::from_micros(delay);
                    if kinds[1 - who] == Kind::Smoltcp {
                        at = windows[who].in_order(&bytes, at);
                    }
                    push(&mut queue, at, What::Packet { to: 1 - who, bytes: bytes.clone() });
                }
            }
        }
        if let Some(at) = ends[who].wake(now)
            && at < armed[who]
        {
            armed[who] = at;
            push(&mut queue, at, What::Timer(who));
        }
        if !ticking[who] && programs[who].busy(&*ends[who]) {
            ticking[who] = true;
            let pause = if programs[who].eager { 0 } else { dice.from_to(0, 200_000) };
            push(&mut queue, now + Duration::from_micros(pause), What::Program(who));
        }
        for (reader, writer) in [(0, 1), (1, 0)] {
            if !programs[writer].text.starts_with(&programs[reader].got) {
                return fail("read what was not written", &ends, &programs, &text);
            }
        }
    }
    if programs[0].got != programs[1].text || programs[1].got != programs[0].text {
        return fail("bytes are missing at the end", &ends, &programs, &text);
    }
    Ok(())
}

/// Keeps acknowledgements that differ in nothing but the window in their order, on the way to smoltcp only.
///
/// RFC 9293 cannot tell an old window from a new one when sequence and acknowledgement numbers are equal (SND.WL1,
/// SND.WL2): the one that arrives last counts. If that is an old zero, smoltcp 0.14 with lost data under way
/// sets no timer at all (`poll_at` gives nothing) and waits for ever; ours asks (`data_expired`), and runs of
/// ours against ours are reordered without any such care.
#[derive(Default)]
struct WindowUpdates {
    last: Option<(u32, u32, Instant)>,
}

impl WindowUpdates {
    fn in_order(&mut self, bytes: &[u8], at: Instant) -> Instant {
        let Ok(ip) = parse_ipv4(bytes) else { return at };
        let Ok(tcp) = parse_tcp(ip.src, ip.dst, ip.payload) else { return at };
        let (seq, ack) = (tcp.header.seq, tcp.header.ack);
        let at = match self.last {
            Some((s, a, before)) if (s, a) == (seq, ack) && tcp.payload.is_empty() => at.max(before),
            _ => at,
        };
        self.last = Some((seq, ack, at));
        at
    }
}

/// A packet in one line, for the log of a failing run.
fn describe(bytes: &[u8]) -> String {
    let Ok(ip) = parse_ipv4(bytes) else { return "malformed".into() };
    let Ok(tcp) = parse_tcp(ip.src, ip.dst, ip.payload) else { return "malformed".into() };
    let h = tcp.header;
    let arrow = if ip.src == CLIENT { "->" } else { "<-" };
    format!(
        "{arrow} {} seq {} len {} ack {} win {} mss {:?} sack {:?}",
        h.flags,
        h.seq,
        tcp.payload.len(),
        h.ack,
        h.window,
        h.mss,
        h.sack
    )
}

/// As [`converse_often`], for more conversations than smoltcp masters: says in how many it went to sleep.
pub(super) fn converse_until_asleep(kinds: impl Fn(u64) -> [Kind; 2], seeds: std::ops::Range<u64>) -> usize {
    let mut asleep = 0;
    for seed in seeds {
        match converse(kinds(seed), seed, false) {
            Ok(()) => {}
            Err(report) if report.contains(PEER_ASLEEP) => asleep += 1,
            Err(_) => converse_often(&kinds, seed..seed + 1),
        }
    }
    asleep
}

/// Many conversations; a failing one is run again for its log.
pub(super) fn converse_often(kinds: impl Fn(u64) -> [Kind; 2], seeds: std::ops::Range<u64>) {
    for seed in seeds {
        if converse(kinds(seed), seed, false).is_err()
            && let Err(report) = converse(kinds(seed), seed, true)
        {
            panic!("{report}");
        }
    }
}
