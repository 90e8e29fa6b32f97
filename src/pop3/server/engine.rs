//! The machine: bytes to commands, answers to lines, and the order of both.

use std::collections::VecDeque;
use std::sync::Arc;

use super::config::Config;
use super::host::{Answer, Message, Request};
use super::maildrop::Maildrop;
use super::stls::Tls;
use super::{Ending, Event};
use crate::engine::writer::{Writer, Writes};
use crate::engine::{Detail, Engine, Input, Line, Output, RequestId, Unexpected, Way};
use crate::pop3::inbox::{Found, Inbox};
use crate::pop3::{State, stuff};
use crate::time::Instant;

/// Bytes of commands that may wait while an answer goes out.
const MOST_HELD: usize = 64 * 1024;

/// What the next answer of the host is for.
#[derive(Clone, Debug)]
pub(super) enum Doing {
    Open { user: String },
    Retrieve { number: u32, uid: u32, lines: Option<u32> },
    Update,
}

/// A POP3 server's side of one connection. See [`Engine`] for the order of calls.
#[derive(Clone, Debug)]
pub struct Server {
    pub(super) config: Arc<Config>,
    /// In the greeting, if APOP is offered.
    pub(super) timestamp: Option<String>,
    state: State,
    heard: Instant,
    pub(super) inbox: Inbox,
    pub(super) tls: Tls,
    writer: Writer<Event>,
    events: VecDeque<Event>,
    ask: Option<Request>,
    asked: u32,
    doing: Option<Doing>,
    /// USER was said, and PASS has to be next.
    pub(super) user: Option<String>,
    pub(super) maildrop: Maildrop,
    peer_closed: bool,
    closing: Option<Ending>,
    abort: bool,
    ended: bool,
}

/// What a client sent, as it may stand in an answer: ASCII, and not too much of it.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c == ' ' || c.is_ascii_graphic() { c } else { '?' }).take(200).collect()
}

impl Server {
    /// A server that waits for its connection. With a `timestamp` (`<1896.697170952@mail.a.example>`, another one
    /// for each connection) it offers APOP.
    pub fn new(config: Arc<Config>, timestamp: Option<String>) -> Self {
        Server {
            config,
            timestamp,
            state: State::Greeting,
            heard: Instant::ZERO,
            inbox: Inbox::default(),
            tls: Tls::Open,
            writer: Writer::new(Writes::Apart),
            events: VecDeque::new(),
            ask: None,
            asked: 0,
            doing: None,
            user: None,
            maildrop: Maildrop::default(),
            peer_closed: false,
            closing: None,
            abort: false,
            ended: false,
        }
    }

    /// Where the session stands.
    pub fn state(&self) -> State {
        self.state
    }

    fn tells_all(&self) -> bool {
        self.config.detail == Detail::Everything
    }

    pub(super) fn set_state(&mut self, to: State) {
        if self.state != to {
            let from = std::mem::replace(&mut self.state, to);
            if self.tells_all() {
                self.events.push_back(Event::State { from, to });
            }
        }
    }

    pub(super) fn unexpected(&mut self, expected: &'static str, got: String) {
        let got = shown(&got);
        self.events.push_back(Event::Unexpected(Unexpected { state: self.state.name(), expected, got }));
    }

    pub(super) fn ask(&mut self, doing: Doing, request: Request) {
        self.asked = self.asked.wrapping_add(1);
        self.doing = Some(doing);
        self.ask = Some(request);
    }

    /// An answer of one line.
    pub(super) fn say(&mut self, line: &str) {
        self.say_text(line.to_string(), format!("{line}\r\n").into_bytes());
    }

    pub(super) fn refuse(&mut self, why: &str) {
        self.say(&format!("-ERR {}", shown(why)));
    }

    /// An answer in several lines, with the line of one dot. None of the lines begins with a dot.
    pub(super) fn say_list(&mut self, first: &str, lines: impl Iterator<Item = String>) {
        let mut text = first.to_string();
        for line in lines.chain([".".to_string()]) {
            text.push('\n');
            text.push_str(&line);
        }
        let bytes = format!("{}\r\n", text.replace('\n', "\r\n")).into_bytes();
        self.say_text(text, bytes);
    }

    fn say_text(&mut self, text: String, bytes: Vec<u8>) {
        if self.tells_all() {
            let start = self.writer.end();
            let range = start..start + bytes.len() as u64;
            self.writer.tell(Event::Line(Line { way: Way::Sent, range, text, verb: None, code: None }));
        }
        self.writer.push_owned(bytes);
    }

    /// The first `length` bytes of a letter, byte-stuffed, as a write of their own.
    pub(super) fn send(&mut self, number: u32, uid: u32, message: &Message, length: usize) {
        let start = self.writer.end();
        let (bytes, map) = stuff::stuff(&message.letter[..length], start);
        if self.tells_all() {
            let (range, letter) = (start..start + bytes.len() as u64, Arc::clone(&message.letter));
            self.writer.tell(Event::Sent { range, number, uid, content: message.content, letter, map });
        }
        self.writer.push_owned(bytes);
    }

    /// What was said last goes out, then the connection is closed.
    pub(super) fn close(&mut self, ending: Ending) {
        self.closing.get_or_insert(ending);
    }

    fn end(&mut self, ending: Ending) {
        self.ended = true;
        self.closing = None;
        self.doing = None;
        self.ask = None;
        self.writer.clear();
        self.inbox = Inbox::default();
        self.set_state(State::Closed);
        self.events.push_back(Event::Ended(ending));
    }

    /// One step of reading. False: nothing can be done before the next input.
    fn advance(&mut self) -> bool {
        let busy = self.closing.is_some() || self.doing.is_some() || !self.writer.is_empty();
        if self.ended || busy || self.tls.is_under_way() || self.state == State::Greeting {
            return false;
        }
        match self.inbox.line(self.config.line_limit) {
            Some(Found::Line(line, range)) => {
                let text = String::from_utf8_lossy(&line).into_owned();
                self.heard_line(text.clone(), range);
                self.command(&text);
                true
            }
            Some(Found::TooLong(first, range)) => {
                let limit = self.config.line_limit;
                self.heard_line(format!("{} ...", String::from_utf8_lossy(&first)), range);
                self.unexpected("a command line within the limit", format!("more than {limit} octets"));
                self.refuse(&format!("a command has at most {limit} octets"));
                true
            }
            None => {
                if self.peer_closed {
                    self.close(Ending::PeerClosed);
                }
                false
            }
        }
    }

    fn heard_line(&mut self, text: String, range: std::ops::Range<u64>) {
        if self.tells_all() {
            let verb = text.split(' ').next().map(str::to_ascii_uppercase);
            let verb = verb.filter(|v| !v.is_empty()).map(Into::into);
            self.events.push_back(Event::Line(Line { way: Way::Received, range, text, verb, code: None }));
        }
    }
}

impl Engine for Server {
    type Event = Event;
    type Request = Request;
    type Answer = Answer;

    fn handle_input(&mut self, now: Instant, input: Input<'_, Answer>) {
        if self.ended {
            return;
        }
        match input {
            Input::Connected if self.state == State::Greeting => {
                self.heard = now;
                let stamp = self.timestamp.as_ref().map(|stamp| format!(" {stamp}")).unwrap_or_default();
                self.say(&format!("+OK POP3 server ready{stamp}"));
                self.set_state(State::Authorization);
            }
            Input::Connected => {}
            Input::Bytes(_) if self.closing.is_some() => {}
            Input::Bytes(bytes) => {
                self.heard = now;
                self.inbox.push(bytes);
                if self.inbox.held() > MOST_HELD + self.config.line_limit && !self.writer.is_empty() {
                    self.end(Ending::Flooded);
                    self.abort = true;
                }
            }
            Input::Writable(bytes) => self.writer.grant(bytes),
            Input::PeerClosed => self.peer_closed = true,
            Input::Secured(info) => self.handle_secured(info),
            Input::NotSecured(_) => self.end(Ending::NotSecured),
            Input::Reset => self.end(Ending::Reset),
            Input::Answer(id, answer) => {
                if id.0 == self.asked
                    && self.ask.is_none()
                    && let Some(doing) = self.doing.take()
                {
                    self.answered(doing, answer);
                }
            }
            Input::Timeout => {
                let due = self.config.autologout.is_some_and(|after| now >= self.heard + after);
                if due && self.doing.is_none() && self.state != State::Greeting {
                    // "without removing any messages or sending any response to the client" (section 3)
                    self.writer.clear();
                    self.closing = Some(Ending::Autologout);
                }
            }
        }
    }

    fn poll_output(&mut self) -> Output<Event, Request> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Output::Event(event);
            }
            if std::mem::take(&mut self.abort) {
                return Output::Abort;
            }
            if let Some(request) = self.ask.take() {
                return Output::Ask(RequestId(self.asked), request);
            }
            if let Some(output) = self.writer.poll() {
                return output;
            }
            if self.writer.is_empty() && self.starts_tls() {
                return Output::StartTls;
            }
            if self.writer.is_empty()
                && let Some(ending) = self.closing
            {
                self.end(ending);
                return Output::Close;
            }
            if !self.advance() && self.events.is_empty() && !(self.closing.is_some() && self.writer.is_empty()) {
                let at = self.config.autologout.map(|after| self.heard + after);
                return Output::Wait(at.filter(|_| !self.ended && self.state != State::Greeting));
            }
        }
    }
}
