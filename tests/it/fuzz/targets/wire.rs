//! Any engine, fed with any bytes, cut anywhere, with any room.

use mailpath::engine::{Engine, Input, Output, TlsInfo};
use mailpath::time::{Duration, Instant};

/// The beginning of an input says how the rest is used; what is missing counts as zeros.
pub struct Use<'a> {
    /// Bits for settings.
    pub settings: u8,
    /// The rest comes in pieces of so many bytes.
    pub cut: usize,
    pub rest: &'a [u8],
}

impl<'a> Use<'a> {
    pub fn of(data: &'a [u8]) -> Use<'a> {
        match data {
            [settings, cut, rest @ ..] => Use { settings: *settings, cut: usize::from(*cut).max(1), rest },
            _ => Use { settings: 0, cut: 1, rest: &[] },
        }
    }

    pub fn bit(&self, n: u8) -> bool {
        self.settings >> n & 1 == 1
    }
}

/// Puts settings and cut in front of texts.
pub fn seeds(texts: &[&str]) -> Vec<Vec<u8>> {
    let of = |(n, text): (usize, &&str)| [&[(n * 37) as u8, 7][..], text.as_bytes()].concat();
    texts.iter().enumerate().map(of).collect()
}

/// Room in front of which every engine can say something.
const AMPLE: usize = 1 << 40;

struct Player<'a, E: Engine> {
    engine: &'a mut E,
    host: &'a mut dyn FnMut(E::Request) -> E::Answer,
    now: Instant,
    granted: usize,
    said: Vec<u8>,
    wait: Option<Instant>,
    closed: bool,
    sealing: bool,
}

impl<E: Engine> Player<'_, E> {
    fn wrote(&mut self, bytes: &[u8]) {
        assert!(!self.closed, "something is said behind the end");
        assert!(!bytes.is_empty(), "an empty write");
        assert!(bytes.len() <= self.granted, "more than was granted");
        self.granted -= bytes.len();
        self.said.extend(bytes);
    }

    fn input(&mut self, input: Input<'_, E::Answer>) {
        if let Input::Writable(n) = &input {
            self.granted = self.granted.saturating_add(*n);
        }
        self.engine.handle_input(self.now, input);
        for _ in 0..1_000_000 {
            match self.engine.poll_output() {
                Output::Transmit(bytes) => self.wrote(&bytes),
                Output::TransmitPart(part) => self.wrote(&part),
                Output::Close | Output::Abort => self.closed = true,
                Output::StartTls => self.sealing = true,
                Output::Ask(id, request) => {
                    let answer = (self.host)(request);
                    self.engine.handle_input(self.now, Input::Answer(id, answer));
                }
                Output::Event(_) => {}
                Output::Wait(at) => {
                    self.wait = at;
                    return;
                }
            }
        }
        panic!("there is no end of outputs");
    }

    /// The peer goes, or is silent until nothing is waited for any more.
    fn end(&mut self, gone: bool) {
        if self.sealing {
            let info = TlsInfo { version: "TLS 1.3", suite: String::new(), server_name: None };
            self.input(Input::Secured(info));
        }
        if gone {
            self.input(Input::PeerClosed);
        }
        for _ in 0..20 {
            let Some(at) = self.wait else { break };
            self.now = self.now.max(at) + Duration::from_millis(1);
            self.input(Input::Timeout);
        }
        self.input(Input::Reset);
        self.input(Input::Bytes(b"x\r\n"));
    }
}

/// Feeds an engine: whole, cut, and with little room. However the bytes are cut, what is said is the same.
pub fn play<E: Engine>(
    with: &Use<'_>,
    make: impl Fn() -> E,
    hosts: impl FnMut() -> Box<dyn FnMut(E::Request) -> E::Answer>,
) {
    let [whole, pieces] = feed(with, make, hosts);
    assert!(whole == pieces, "cut: {}\nwhole: {}", pieces.escape_ascii(), whole.escape_ascii());
}

/// The same for an engine that may take it amiss when bytes come before it has asked for them: what it said when it was
/// fed whole, and in pieces.
pub fn feed<E: Engine>(
    with: &Use<'_>,
    make: impl Fn() -> E,
    mut hosts: impl FnMut() -> Box<dyn FnMut(E::Request) -> E::Answer>,
) -> [Vec<u8>; 2] {
    let mut run = |cut: usize, room: usize| {
        let (mut engine, mut host) = (make(), hosts());
        let mut player = Player {
            engine: &mut engine,
            host: &mut host,
            now: Instant::ZERO,
            granted: 0,
            said: Vec::new(),
            wait: None,
            closed: false,
            sealing: false,
        };
        player.input(Input::Writable(room));
        player.input(Input::Connected);
        for piece in with.rest.chunks(cut.max(1)) {
            // Behind STARTTLS the same bytes are plain or sealed, as they come: that is for the tests of TLS.
            if player.closed || player.sealing {
                break;
            }
            player.input(Input::Bytes(piece));
            player.input(Input::Writable(room));
        }
        let said = player.said.clone();
        player.end(with.bit(7));
        said
    };
    let whole = run(usize::MAX, AMPLE);
    let pieces = run(with.cut, AMPLE);
    run(with.cut, 600);
    [whole, pieces]
}
