//! The engines against each other and against scripts: what is said on the wire, line by line.

mod auth;
mod bdat;
mod codes;
mod dialogues;
mod dots;
mod extended;
mod forced;
mod parameters;
mod played;
mod rubbish;
mod scenarios;
mod starttls;
mod telling;

use std::collections::VecDeque;
use std::sync::Arc;

use super::client::{self, Client};
use super::server::{self, Answer, Request, Server};
use super::{Address, Envelope, Reply, ReversePath};
use crate::engine::{Engine, Input, Line, Output, SpanMap};
use crate::time::Instant;

const T0: Instant = Instant::ZERO;

fn address(text: &str) -> Address {
    text.parse().expect("tests write good addresses")
}

fn envelope(from: &str, to: &[&str]) -> Envelope {
    let from = if from.is_empty() { ReversePath::Null } else { ReversePath::Address(address(from)) };
    Envelope::new(from, to.iter().map(|a| address(a)).collect())
}

/// A letter that a server has handed to its host.
#[derive(Clone, Debug, PartialEq)]
struct Delivered {
    envelope: Envelope,
    letter: Vec<u8>,
    map: SpanMap,
    protocol: &'static str,
    peer_name: String,
}

/// The host of a server: knows everybody but Green, Nobody and Zoe.
#[derive(Clone, Debug)]
struct Host {
    delivered: Vec<Delivered>,
    /// Reply to the end of data.
    end: Reply,
    /// What it does at commands of this name.
    manners: Vec<(&'static str, server::Manner)>,
}

impl Default for Host {
    fn default() -> Self {
        Host { delivered: Vec::new(), end: Reply::new(250, "OK"), manners: Vec::new() }
    }
}

impl Host {
    fn answer(&mut self, request: Request) -> Answer {
        match request {
            Request::Peer => Answer::Peer,
            Request::Sender { from, .. } => Answer::Sender(match from {
                ReversePath::Address(a) if a.local == "Banned" => Err(Reply::new(550, "Not you")),
                _ => Ok(()),
            }),
            Request::Recipient { to, .. } => Answer::Recipient(match to.local.as_str() {
                "Green" | "Nobody" | "Zoe" => Err(Reply::new(550, "No such user here")),
                "Full" => Err(Reply::new(452, "Mailbox full")),
                "Shutdown" => Err(Reply::new(421, "mail.example Service not available")),
                _ => Ok(()),
            }),
            Request::Deliver { envelope, letter, map, protocol, peer_name } => {
                if self.end.is_positive() {
                    self.delivered.push(Delivered { envelope, letter, map, protocol, peer_name });
                }
                Answer::Deliver(self.end.clone())
            }
            Request::Command { name } => {
                let found = self.manners.iter().find(|(command, _)| *command == name);
                Answer::Command(found.map_or(server::Manner::OwnWay, |(_, manner)| manner.clone()))
            }
            Request::Verify { text } => Answer::Verify(match text.as_str() {
                "Crispin" => Reply::new(250, "Mark Crispin <Admin.MRC@b.example>"),
                _ => Reply::new(252, "Cannot VRFY user, but will accept message and attempt delivery"),
            }),
            Request::Expand { .. } => Answer::Expand(Reply::new(550, "5.1.1 That is a user name, not a mailing list")),
            Request::Challenge => Answer::Challenge("<1896.697170952@postoffice.example>".to_owned()),
            Request::Login { user, proof } => Answer::Login(match user.as_str() {
                "tim" if proof.fits("tanstaaftanstaaf") => Ok(()),
                "test" if proof.fits("1234") => Ok(()),
                _ => Err(Reply::new(535, "5.7.8 Authentication credentials invalid")),
            }),
        }
    }

    fn letters(&self) -> Vec<String> {
        self.delivered.iter().map(|d| d.letter.escape_ascii().to_string()).collect()
    }
}

/// A server, its host, and somebody who types.
#[derive(Clone)]
struct Typist {
    server: Server,
    host: Host,
    said: Vec<u8>,
    events: Vec<server::Event>,
    /// Of these, with their words.
    lines: Vec<Line>,
    closed: bool,
    aborted: bool,
    wait: Option<Instant>,
}

impl Typist {
    fn new(cfg: server::Config) -> Typist {
        let mut this = Typist {
            server: Server::new(Arc::new(cfg)),
            host: Host::default(),
            said: Vec::new(),
            events: Vec::new(),
            lines: Vec::new(),
            closed: false,
            aborted: false,
            wait: None,
        };
        this.input(T0, Input::Writable(1 << 20));
        this.input(T0, Input::Connected);
        this
    }

    /// Connected, and past EHLO.
    fn greeted(cfg: server::Config) -> Typist {
        let mut this = Typist::new(cfg);
        assert!(this.says("EHLO a.example\r\n").starts_with("250"));
        this
    }

    /// One input, and everything that follows from it.
    fn input(&mut self, now: Instant, input: Input<'_, Answer>) {
        self.server.handle_input(now, input);
        loop {
            match self.server.poll_output() {
                Output::StartTls => self.said.extend(b"(TLS)\r\n"),
                Output::Transmit(bytes) => self.said.extend(bytes),
                Output::TransmitPart(_) => panic!("a server has no letter to lend"),
                Output::Close => self.closed = true,
                Output::Abort => self.aborted = true,
                Output::Ask(id, request) => {
                    let answer = self.host.answer(*request);
                    self.server.handle_input(now, Input::Answer(id, answer));
                }
                Output::Event(event) => {
                    if let server::Event::Line(line) = &event {
                        self.lines.push(line.line(self.server.words()));
                    }
                    self.events.push(event);
                }
                Output::Wait(at) => {
                    self.wait = at;
                    return;
                }
            }
        }
    }

    /// Types, and gives back what the server says to it.
    fn says(&mut self, typed: impl AsRef<[u8]>) -> String {
        self.said.clear();
        self.input(T0, Input::Bytes(typed.as_ref()));
        String::from_utf8(self.said.clone()).unwrap().replace("\r\n", "\n").trim_end().to_owned()
    }

    fn code(&mut self, typed: impl AsRef<[u8]>) -> u16 {
        let said = self.says(typed);
        said.get(..3).unwrap_or_default().parse().unwrap_or_default()
    }

    /// Holds a whole dialogue: `C:` lines are typed, those behind each other at once, `S:` lines must be the answers.
    /// However what is typed is cut, the answers are the same, and so is what the host was given.
    fn dialogue(&mut self, script: &str) {
        let start = self.clone();
        let longest = self.play(script, usize::MAX);
        for cut in 1..longest {
            let mut again = start.clone();
            again.play(script, cut);
            assert_eq!(again.host.delivered, self.host.delivered, "in pieces of {cut}");
        }
    }

    /// The same with pieces of so many bytes; says how long the longest text was that was typed at once.
    fn play(&mut self, script: &str, cut: usize) -> usize {
        let lines: Vec<&str> = script.lines().map(str::trim_start).filter(|l| !l.is_empty()).collect();
        let mut longest = 0;
        for turn in lines.chunk_by(|a, b| a.starts_with("C:") == b.starts_with("C:")) {
            if turn[0].starts_with("C:") {
                let typed = turn.iter().map(|line| line.strip_prefix("C: ").unwrap_or(&line[2..]));
                let typed: String = typed.map(|line| format!("{line}\r\n")).collect();
                longest = longest.max(typed.len());
                typed.as_bytes().chunks(cut).for_each(|piece| self.input(T0, Input::Bytes(piece)));
            } else {
                let said = String::from_utf8(std::mem::take(&mut self.said)).unwrap();
                let said: Vec<String> = said.lines().map(|line| format!("S: {line}")).collect();
                assert_eq!(said, turn, "in pieces of {cut}");
            }
        }
        assert!(self.said.is_empty(), "{}", self.said.escape_ascii());
        longest
    }
}

/// What goes from one end to the other.
#[derive(Debug)]
enum Wire {
    Bytes(Vec<u8>),
    Fin,
    Rst,
}

/// A client and a server with a perfect connection between them.
#[derive(Clone)]
struct Pair {
    client: Client,
    server: Server,
    host: Host,
    /// Everything that went each way.
    c2s: Vec<u8>,
    s2c: Vec<u8>,
    /// Who wrote what, in order.
    transcript: String,
    client_events: Vec<client::Event>,
    server_events: Vec<server::Event>,
    client_lines: Vec<Line>,
    server_lines: Vec<Line>,
    /// Says QUIT when the client is idle.
    quits: bool,
}

impl Pair {
    fn new(client: client::Config, server: server::Config) -> Pair {
        Pair {
            client: Client::new(Arc::new(client)),
            server: Server::new(Arc::new(server)),
            host: Host::default(),
            c2s: Vec::new(),
            s2c: Vec::new(),
            transcript: String::new(),
            client_events: Vec::new(),
            server_events: Vec::new(),
            client_lines: Vec::new(),
            server_lines: Vec::new(),
            quits: true,
        }
    }

    fn named(client: &str, server: &str) -> Pair {
        Pair::new(
            client::Config { ehlo_name: client.into(), ..client::Config::default() },
            server::Config { hostname: server.into(), ..server::Config::default() },
        )
    }

    fn send(&mut self, from: &str, to: &[&str], letter: &str) {
        self.client.send(T0, envelope(from, to), Arc::from(letter.replace('\n', "\r\n").into_bytes()));
    }

    fn note(&mut self, who: &str, bytes: &[u8]) {
        for line in bytes.strip_suffix(b"\r\n").unwrap_or(bytes).split(|&b| b == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            self.transcript += &format!("{who}: {}\n", line.escape_ascii());
        }
    }

    /// Until both are quiet. However the bytes are cut on their way, both say the same.
    fn run(&mut self) {
        let start = self.clone();
        self.run_cut(usize::MAX);
        // Every place of a short dialogue is one where some run cuts it.
        let longest = self.c2s.len().max(self.s2c.len());
        for cut in (1..80).filter(|_| longest < 2000) {
            let mut again = start.clone();
            again.run_cut(cut);
            assert!((&again.c2s, &again.s2c) == (&self.c2s, &self.s2c), "{}", again.transcript);
            assert_eq!(again.host.delivered, self.host.delivered, "in pieces of {cut}");
            assert_eq!(again.outcomes(), self.outcomes(), "in pieces of {cut}");
        }
    }

    /// The same, in pieces of so many bytes. Each byte is given back as room when it was written.
    fn run_cut(&mut self, cut: usize) {
        let (mut to_server, mut to_client) = (VecDeque::new(), VecDeque::new());
        self.client.handle_input(T0, Input::Writable(65_536));
        self.server.handle_input(T0, Input::Writable(65_536));
        self.client.handle_input(T0, Input::Connected);
        self.server.handle_input(T0, Input::Connected);
        loop {
            let client_spoke = self.poll_client(&mut to_server, cut);
            let server_spoke = self.poll_server(&mut to_client, cut);
            // One write at a time: the next segment finds an end that has done all it wanted.
            let heard = match (to_server.pop_front(), to_client.pop_front()) {
                (None, None) => false,
                (s, c) => {
                    if let Some(wire) = s {
                        self.server.handle_input(T0, input(&wire));
                    }
                    if let Some(wire) = c {
                        self.client.handle_input(T0, input(&wire));
                    }
                    true
                }
            };
            if !client_spoke && !server_spoke && !heard {
                return;
            }
        }
    }

    fn client_wrote(&mut self, bytes: &[u8], wire: &mut VecDeque<Wire>, cut: usize) {
        self.note("C", bytes);
        self.c2s.extend_from_slice(bytes);
        self.client.handle_input(T0, Input::Writable(bytes.len()));
        wire.extend(bytes.chunks(cut).map(|piece| Wire::Bytes(piece.to_vec())));
    }

    fn poll_client(&mut self, wire: &mut VecDeque<Wire>, cut: usize) -> bool {
        let mut spoke = false;
        loop {
            match self.client.poll_output() {
                Output::StartTls => panic!("nobody has TLS here"),
                Output::Transmit(bytes) => self.client_wrote(&bytes, wire, cut),
                Output::TransmitPart(part) => self.client_wrote(&part, wire, cut),
                Output::Close => wire.push_back(Wire::Fin),
                Output::Abort => wire.push_back(Wire::Rst),
                Output::Ask(_, never) => match never {},
                Output::Event(event) => {
                    if event == client::Event::Idle && self.quits {
                        self.client.quit(T0);
                    }
                    if let client::Event::Line(line) = &event {
                        self.client_lines.push(line.line(self.client.words()));
                    }
                    self.client_events.push(event);
                }
                Output::Wait(_) => return spoke,
            }
            spoke = true;
        }
    }

    fn poll_server(&mut self, wire: &mut VecDeque<Wire>, cut: usize) -> bool {
        let mut spoke = false;
        loop {
            match self.server.poll_output() {
                Output::StartTls => panic!("nobody has TLS here"),
                Output::TransmitPart(_) => panic!("a server has no letter to lend"),
                Output::Transmit(bytes) => {
                    self.note("S", &bytes);
                    self.s2c.extend_from_slice(&bytes);
                    self.server.handle_input(T0, Input::Writable(bytes.len()));
                    wire.extend(bytes.chunks(cut).map(|piece| Wire::Bytes(piece.to_vec())));
                }
                Output::Close => wire.push_back(Wire::Fin),
                Output::Abort => wire.push_back(Wire::Rst),
                Output::Ask(id, request) => {
                    let answer = self.host.answer(*request);
                    self.server.handle_input(T0, Input::Answer(id, answer));
                }
                Output::Event(event) => {
                    if let server::Event::Line(line) = &event {
                        self.server_lines.push(line.line(self.server.words()));
                    }
                    self.server_events.push(event);
                }
                Output::Wait(_) => return spoke,
            }
            spoke = true;
        }
    }

    fn outcomes(&self) -> Vec<&client::Outcome> {
        let events = self.client_events.iter();
        events.filter_map(|e| if let client::Event::Outcome(o) = e { Some(&**o) } else { None }).collect()
    }

    /// The transcript must be this.
    fn expect(&self, script: &str) {
        let script: String =
            script.lines().map(str::trim_start).filter(|l| !l.is_empty()).map(|l| format!("{l}\n")).collect();
        assert_eq!(self.transcript, script);
    }
}

fn input<A>(wire: &Wire) -> Input<'_, A> {
    match wire {
        Wire::Bytes(bytes) => Input::Bytes(bytes),
        Wire::Fin => Input::PeerClosed,
        Wire::Rst => Input::Reset,
    }
}
