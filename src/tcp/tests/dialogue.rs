//! Speech for tests: segments as text, in the manner of packet tools.
//!
//! `PSH,ACK 101+500 ack 301 win 4000` is a segment of 500 bytes from number 101 on; `win` is left out when
//! it is 65,535; `mss 1460`, `sackOK` and `sack 601-701,901-1001` are options; `(timeout)`, `(fast)` ... at the
//! end says why it is sent again. Ours begin at 100, the peer's at 300: the first bytes are 101 and 301.

use std::fmt::Write;

use crate::packet::{TcpFlags, TcpHeader};
use crate::tcp::{Config, Connection, Event, Output, Segment, View};
use crate::time::Instant;

/// A connection under test, with its program and its peer played by the test.
pub(super) struct Tester {
    pub cfg: Config,
    pub c: Connection,
    pub now: Instant,
    events: Vec<String>,
}

impl Tester {
    /// A client in SYN-SENT whose SYN has not been polled.
    pub fn connect(cfg: Config) -> Self {
        let c = Connection::connect(&cfg, 49152, 25, 100, Instant::ZERO);
        Tester { cfg, c, now: Instant::ZERO, events: vec![] }
    }

    /// A server's connection in SYN-RECEIVED.
    pub fn accept(cfg: Config, syn: &str) -> Self {
        let (header, _) = parse(syn);
        let c = Connection::accept(&cfg, &header, 100, Instant::ZERO);
        Tester { cfg, c, now: Instant::ZERO, events: vec![] }
    }

    /// A client in ESTABLISHED, after a handshake that took no time, with a peer of MSS 1000.
    pub fn open(cfg: Config) -> Self {
        Tester::open_with(cfg, "SYN,ACK 300 ack 101 mss 1000")
    }

    pub fn open_with(cfg: Config, syn_ack: &str) -> Self {
        let mut t = Tester::connect(cfg);
        t.polls();
        t.gets(syn_ack);
        t.polls();
        t.events.clear();
        t
    }

    /// A segment arrives; the program hears of it, nothing is sent yet.
    pub fn gets(&mut self, text: &str) {
        let (header, length) = parse(text);
        // Every byte of the peer's stream is its place in it.
        let first = header.seq.wrapping_sub(301);
        let payload: Vec<u8> = (0..length as u32).map(|i| first.wrapping_add(i) as u8).collect();
        self.c.handle_segment(&self.cfg, self.now, &header, &payload);
        self.hear();
    }

    fn hear(&mut self) {
        while !self.c.events.is_empty() {
            match self.c.poll(&self.cfg, self.now) {
                Output::Event(e) => self.events.push(show_event(&e)),
                other => panic!("events come first, not {other:?}"),
            }
        }
    }

    /// The program writes `n` bytes.
    pub fn writes(&mut self, n: usize) {
        assert_eq!(self.c.send(&self.cfg, &vec![b'x'; n]), n, "it fits");
    }

    /// The program reads everything.
    pub fn reads(&mut self) -> usize {
        let n = self.c.received().len();
        self.c.consume(&self.cfg, n);
        n
    }

    /// The clock stands at so many milliseconds, and timers that are due expire.
    pub fn at(&mut self, ms: u64) {
        self.now = Instant::from_millis(ms);
        self.c.handle_timeout(&self.cfg, self.now);
        self.hear();
    }

    /// Everything that is sent until the connection waits.
    pub fn polls(&mut self) -> Vec<String> {
        let mut sent = vec![];
        loop {
            match self.c.poll(&self.cfg, self.now) {
                Output::Event(e) => self.events.push(show_event(&e)),
                Output::Segment(s) => {
                    let (a, b) = self.c.payload(s.stream.clone());
                    assert_eq!((a.len() + b.len()) as u64, s.stream.end - s.stream.start);
                    sent.push(show(&s));
                }
                Output::Wait(_) => return sent,
            }
        }
    }

    #[track_caller]
    pub fn sends(&mut self, expected: &[&str]) {
        assert_eq!(self.polls(), expected);
    }

    /// What the program was told since it was last asked.
    #[track_caller]
    pub fn says(&mut self, expected: &[&str]) {
        assert_eq!(std::mem::take(&mut self.events), expected);
    }

    /// When the next timer is due, in milliseconds.
    pub fn waits(&mut self) -> Option<u64> {
        match self.c.poll(&self.cfg, self.now) {
            Output::Wait(at) => at.map(Instant::as_millis),
            other => panic!("not {other:?}"),
        }
    }

    pub fn view(&self) -> View {
        self.c.view()
    }
}

fn show_event(e: &Event) -> String {
    match e {
        Event::State { from, to } => format!("{from} -> {to}"),
        Event::Received { stream } => format!("Received {}..{}", stream.start, stream.end),
        Event::Dropped { reason } => format!("dropped: {}", reason.name()),
        other => format!("{other:?}"),
    }
}

pub(super) fn show(s: &Segment) -> String {
    let h = &s.header;
    let mut text = format!("{} {}", h.flags.to_string().replace(", ", ","), h.seq);
    let length = s.stream.end - s.stream.start;
    if length > 0 {
        let _ = write!(text, "+{length}");
    }
    if h.flags.contains(TcpFlags::ACK) {
        let _ = write!(text, " ack {}", h.ack);
    }
    if h.window != u16::MAX && !h.flags.contains(TcpFlags::RST) {
        let _ = write!(text, " win {}", h.window);
    }
    if let Some(mss) = h.mss {
        let _ = write!(text, " mss {mss}");
    }
    if h.sack_permitted {
        text += " sackOK";
    }
    let blocks: Vec<String> = h.sack.iter().flatten().map(|(l, r)| format!("{l}-{r}")).collect();
    if !blocks.is_empty() {
        let _ = write!(text, " sack {}", blocks.join(","));
    }
    if let Some(why) = s.retransmission {
        let _ = write!(text, " ({})", format!("{why:?}").to_lowercase());
    }
    text
}

/// The header that `text` says, and the number of data bytes.
pub(super) fn parse(text: &str) -> (TcpHeader, usize) {
    let mut words = text.split_whitespace();
    let mut next = || words.next();
    let mut header = TcpHeader { src_port: 25, dst_port: 49152, window: u16::MAX, ..TcpHeader::default() };
    for name in next().expect("flags").split(',') {
        let flag = match name {
            "SYN" => TcpFlags::SYN,
            "ACK" => TcpFlags::ACK,
            "PSH" => TcpFlags::PSH,
            "FIN" => TcpFlags::FIN,
            "RST" => TcpFlags::RST,
            other => panic!("no such flag: {other}"),
        };
        header.flags = header.flags | flag;
    }
    let (seq, length) = match next().expect("a number").split_once('+') {
        Some((seq, length)) => (seq, length.parse().expect("a length")),
        None => (text.split_whitespace().nth(1).expect("a number"), 0),
    };
    header.seq = seq.parse().expect("a number");
    while let Some(word) = next() {
        if word == "sackOK" {
            header.sack_permitted = true;
            continue;
        }
        let value = next().expect("a value");
        match word {
            "ack" => header.ack = value.parse().expect("a number"),
            "win" => header.window = value.parse().expect("a window"),
            "mss" => header.mss = Some(value.parse().expect("a size")),
            "sack" => {
                for (slot, block) in header.sack.iter_mut().zip(value.split(',')) {
                    let (l, r) = block.split_once('-').expect("a block");
                    *slot = Some((l.parse().expect("a number"), r.parse().expect("a number")));
                }
            }
            other => panic!("no such word: {other}"),
        }
    }
    (header, length)
}
