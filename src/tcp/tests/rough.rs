//! A rough network with two ends: whole conversations with loss, reordering, duplicates, small windows
//! and slow programs, from a seed. Every byte must arrive, once, in order, and both ends must close.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt::Write;
use std::net::Ipv4Addr;

use super::smoltcp_end::SmoltcpEnd;
use crate::packet::{Ipv4Fields, TcpFlags, parse_ipv4, parse_tcp, write_tcp};
use crate::rng::Seed;
use crate::tcp::{Config, Connection, Event, Output, Retransmission, State, reset_for};
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
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        self.n += 1;
        low + self.seed.nth(self.n) % (high - low + 1)
    }

    pub fn percent(&mut self, p: u64) -> bool {
        self.between(0, 99) < p
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
    /// Bytes written and not acknowledged.
    fn unsent(&self) -> usize;
    /// It has nothing to wait for itself, and room for what the peer may send.
    fn listens(&self) -> bool;
}

/// What the network may do with it.
pub(super) trait End: Socket {
    fn packet(&mut self, now: Instant, bytes: &[u8]);
    fn timeout(&mut self, now: Instant);
    /// Packets to be sent now. True: an eager program shall have its turn before more is sent.
    fn flush(&mut self, now: Instant, out: &mut Vec<Vec<u8>>) -> bool;
    fn wake(&mut self, now: Instant) -> Option<Instant>;
    /// How often it sent something again, by reason.
    fn repeats(&self) -> BTreeMap<&'static str, u64> {
        BTreeMap::new()
    }
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
    repeats: BTreeMap<&'static str, u64>,
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
            repeats: BTreeMap::new(),
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
    fn unsent(&self) -> usize {
        self.conn.as_ref().map_or(0, |c| c.out.len())
    }
    fn listens(&self) -> bool {
        self.conn.as_ref().is_some_and(|c| c.una == c.max && c.out.len() == 0 && c.rcv_wnd() > 0)
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

    fn flush(&mut self, now: Instant, out: &mut Vec<Vec<u8>>) -> bool {
        out.append(&mut self.replies);
        let fields = self.fields();
        let Some(c) = &mut self.conn else { return false };
        let mut sent = 0;
        self.wait = loop {
            match c.poll(&self.cfg, now) {
                Output::Wait(at) => break at,
                Output::Segment(s) => {
                    sent += 1;
                    assert!(sent < 10_000, "segments without end");
                    if let Some(why) = s.retransmission {
                        *self.repeats.entry(name(why)).or_default() += 1;
                    }
                    let payload = c.payload(s.stream.clone());
                    assert_eq!(payload.0.len() + payload.1.len(), (s.stream.end - s.stream.start) as usize);
                    assert!(payload.0.len() + payload.1.len() <= usize::from(c.mss), "a segment beyond the MSS");
                    let mut bytes = Vec::new();
                    write_tcp(&mut bytes, &fields, &s.header, payload);
                    out.push(bytes);
                }
                Output::Event(e) => match e {
                    Event::Connected => {
                        self.open = true;
                        return true;
                    }
                    Event::PeerClosed => {
                        self.peer_closed = true;
                        return true;
                    }
                    Event::Received { stream } => {
                        assert_eq!(stream.start, self.told, "the received ranges continue each other");
                        self.told = stream.end;
                        return true;
                    }
                    Event::Writable => return true,
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
        false
    }

    fn wake(&mut self, _: Instant) -> Option<Instant> {
        self.wait
    }

    fn repeats(&self) -> BTreeMap<&'static str, u64> {
        self.repeats.clone()
    }
}

fn name(why: Retransmission) -> &'static str {
    match why {
        Retransmission::Timeout => "timeout",
        Retransmission::Fast => "fast",
        Retransmission::Recovery => "recovery",
        Retransmission::Probe => "probe",
        Retransmission::PeerRepeated => "peer repeated",
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
        let most = |dice: &mut Dice, eager| if eager { usize::MAX } else { dice.between(0, 700) as usize };
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

/// Most bytes that a program writes.
const LONGEST_TEXT: u64 = 5000;

/// After that a conversation has failed.
const LONGEST: Duration = Duration::from_secs(20_000);

struct Faults {
    loss: u64,
    doubles: u64,
    delay: u64,
    jitter: u64,
}

/// How a conversation went well.
pub(super) enum Good {
    /// Everything arrived; our ends sent again so often, by reason.
    Complete(BTreeMap<&'static str, u64>),
    /// smoltcp 0.14 forgot to send lost bytes again: its fast retransmit goes beyond a small window, and
    /// its zero window probe then begins behind bytes that were never taken. For hours our end had
    /// nothing unacknowledged, and told of an open window and of the byte it wants in every answer.
    SmoltcpStuck,
}

/// One conversation. `Err` holds what went wrong and, with `log`, every segment.
pub(super) fn converse(kinds: [Kind; 2], seed: u64, log: bool) -> Result<Good, String> {
    let mut dice = Dice::new(seed);
    let faults = Faults {
        loss: if dice.percent(30) { 0 } else { dice.between(0, 20) },
        doubles: if dice.percent(50) { 0 } else { dice.between(0, 10) },
        delay: dice.between(0, 60_000),
        jitter: if dice.percent(40) { 0 } else { dice.between(0, 80_000) },
    };
    let mut programs = [0, 1].map(|_| Program {
        text: {
            let length = if dice.percent(15) { 0 } else { dice.between(1, LONGEST_TEXT) };
            let start = dice.between(0, 250);
            (0..length).map(|i| (start + i * 7 + i / 251) as u8).collect()
        },
        sent: 0,
        got: vec![],
        eager: dice.percent(60),
        first_to_close: true,
        closed: false,
    });
    if dice.percent(60) {
        programs[dice.between(0, 1) as usize].first_to_close = false;
    }
    let start = Instant::from_nanos(dice.between(0, 1 << 40) * 1000);
    let mut in_order = [false; 2];
    let mut ends: [Box<dyn End>; 2] = [0, 1].map(|i| -> Box<dyn End> {
        let server = i == 1;
        let small = dice.percent(50);
        let mut buffer = || dice.between(100, if small { 1500 } else { 9000 }) as usize;
        let (send_buffer, receive_buffer) = (buffer(), buffer());
        let mss = dice.between(100, 1460) as u16;
        // smoltcp 0.14 takes the window of every segment, also of one that was overtaken (it has no SND.WL1
        // and SND.WL2), and a window that an old segment closes over lost data stops it for ever. So what
        // goes to smoltcp keeps its order, except where our window is too large to be closed at all.
        in_order[1 - i] = kinds[1 - i] == Kind::Smoltcp && receive_buffer <= LONGEST_TEXT as usize;
        match kinds[i] {
            Kind::Smoltcp => Box::new(SmoltcpEnd::new(server, mss, send_buffer, receive_buffer, &mut dice, start)),
            Kind::Ours { sack } => {
                let cfg = Config {
                    syn_retries: 30,
                    give_up: LONGEST,
                    delayed_ack: dice.percent(70).then_some(Duration::from_millis(40)),
                    nagle: dice.percent(20),
                    initial_window: dice.between(1, 10) as u32,
                    rto_min: Duration::from_millis(dice.between(1, 5) * 200),
                    mss,
                    sack,
                    send_buffer,
                    receive_buffer,
                    ..Config::default()
                };
                Box::new(OurEnd::new(cfg, dice.between(0, u64::from(u32::MAX)) as u32, server, start))
            }
        }
    });

    let mut text = String::new();
    let mut queue = BinaryHeap::new();
    let mut number = 0u64;
    let mut push = |queue: &mut BinaryHeap<_>, at: Instant, what: What| {
        number += 1;
        queue.push(Reverse((at, number, what)));
    };
    let mut armed = [Instant::FAR_FUTURE; 2];
    let mut last_arrival = [start; 2];
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
        let next = queue.pop();
        if next.as_ref().is_none_or(|Reverse((at, ..))| at.since(start) > LONGEST) {
            for (ours, theirs) in [(0, 1), (1, 0)] {
                if kinds[theirs] == Kind::Smoltcp && ends[theirs].unsent() > 0 && ends[ours].listens() {
                    return Ok(Good::SmoltcpStuck);
                }
            }
        }
        let Some(Reverse((at, _, what))) = next else {
            return fail("nothing more happens", &ends, &programs, &text);
        };
        events += 1;
        if events > 100_000 || at.since(start) > LONGEST {
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
        while ends[who].flush(now, &mut out) {
            if programs[who].eager {
                programs[who].step(&mut *ends[who], &mut dice);
            }
        }
        for bytes in out.drain(..) {
            let copies = if dice.percent(faults.doubles) { 2 } else { 1 };
            for _ in 0..copies {
                let lost = dice.percent(faults.loss);
                let delay = faults.delay + dice.between(0, faults.jitter);
                if log {
                    let mark = if lost { " LOST" } else { "" };
                    let _ = writeln!(text, "{}   {}{mark}", now.since(start), describe(&bytes));
                }
                if !lost {
                    let mut at = now + Duration::from_micros(delay);
                    if in_order[1 - who] {
                        at = at.max(last_arrival[1 - who]);
                        last_arrival[1 - who] = at;
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
            let pause = if programs[who].eager { 0 } else { dice.between(0, 200_000) };
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
    let mut repeats = ends[0].repeats();
    for (why, n) in ends[1].repeats() {
        *repeats.entry(why).or_default() += n;
    }
    Ok(Good::Complete(repeats))
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

/// Many conversations; a failing one is run again for its log. At most one in a thousand may end in silence by
/// smoltcp's fault, and each of [`REASONS`] to send something again must have come up.
pub(super) fn converse_often(kinds: impl Fn(u64) -> [Kind; 2], seeds: std::ops::Range<u64>) {
    let runs = seeds.end - seeds.start;
    let mut stuck = 0;
    let mut repeats = BTreeMap::new();
    for seed in seeds {
        match converse(kinds(seed), seed, false) {
            Ok(Good::Complete(some)) => {
                for (why, n) in some {
                    *repeats.entry(why).or_insert(0) += n;
                }
            }
            Ok(Good::SmoltcpStuck) => stuck += 1,
            Err(_) => {
                let report = converse(kinds(seed), seed, true).err().expect("the same seed fails again");
                panic!("{report}");
            }
        }
    }
    assert!(stuck <= runs / 1000, "smoltcp got stuck in {stuck} of {runs} conversations");
    for why in REASONS {
        assert!(repeats.get(why).is_some_and(|n| *n > 20), "too few repetitions for reason {why}: {repeats:?}");
    }
}

const REASONS: [&str; 4] = ["fast", "probe", "recovery", "timeout"];
