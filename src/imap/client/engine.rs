//! The machine: commands out one by one, responses in.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use super::config::Config;
use super::encode::{Part, encode, verb};
use super::starttls::Tls;
use super::{ClientCommand, Ending, Event, Status};
use crate::engine::writer::{Writer, Writes};
use crate::engine::{Detail, Engine, Input, Line, Output, Unexpected, Way};
use crate::imap::State;
use crate::imap::framer::{Fragment, Framer};
use crate::time::Instant;

/// A client asks its host nothing.
pub type Never = Infallible;

/// The command that waits for its tagged response.
#[derive(Clone, Debug)]
pub(super) struct Current {
    pub command: ClientCommand,
    pub tag: String,
    /// Pieces that wait for the server's `+`.
    pub rest: VecDeque<Part>,
    /// IDLE: until when it lasts; known from the `+` on, until DONE is said.
    pub idles_until: Option<Instant>,
}

/// An IMAP client's side of one connection. See [`Engine`] for the order of calls.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) config: Arc<Config>,
    pub(super) state: State,
    heard: Instant,
    pub(super) framer: Framer,
    writer: Writer<Event>,
    pub(super) events: VecDeque<Event>,
    pub(super) queue: VecDeque<ClientCommand>,
    pub(super) current: Option<Current>,
    tags: u32,
    /// The server has said that it refuses LOGIN.
    pub(super) no_login: bool,
    /// The server has said that it takes literals without its `+` (RFC 7888).
    pub(super) literal_plus: bool,
    idle: bool,
    connected: bool,
    logged_out: bool,
    peer_closed: bool,
    abort: bool,
    ended: bool,
    pub(super) tls: Tls,
}

impl Client {
    /// A client that will carry out `commands` once it is connected and greeted.
    pub fn new(config: Arc<Config>, commands: Vec<ClientCommand>) -> Self {
        let mut client = Client {
            state: State::Greeting,
            heard: Instant::ZERO,
            framer: Framer::new(config.line_limit),
            writer: Writer::new(Writes::Joined),
            events: VecDeque::new(),
            queue: commands.into(),
            current: None,
            tags: 0,
            no_login: false,
            literal_plus: false,
            idle: false,
            connected: false,
            logged_out: false,
            peer_closed: false,
            abort: false,
            ended: false,
            tls: Tls::No,
            config,
        };
        client.ask_for_tls();
        client
    }

    /// One more command, behind the others; an IDLE ends for it. Poll the output afterwards, as after an input.
    pub fn push(&mut self, now: Instant, command: ClientCommand) {
        if self.current.is_none() && self.queue.is_empty() {
            // The time to wait for its response begins now.
            self.heard = self.heard.max(now);
        }
        self.queue.push_back(command);
        // Who has something to say does not go on idling.
        self.done();
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Everything was sent and answered.
    pub fn is_idle(&self) -> bool {
        self.idle && self.queue.is_empty()
    }

    pub(super) fn tells_all(&self) -> bool {
        self.config.detail == Detail::Everything
    }

    /// LOGOUT was sent and waits for its tagged response.
    pub(super) fn is_logging_out(&self) -> bool {
        self.current.as_ref().is_some_and(|c| c.command == ClientCommand::Logout)
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
        self.events.push_back(Event::Unexpected(Unexpected { state: self.state.name(), expected, got }));
    }

    fn end(&mut self, ending: Ending) {
        self.ended = true;
        self.current = None;
        self.queue.clear();
        self.writer.clear();
        self.framer = Framer::new(0);
        self.set_state(State::Logout);
        self.events.push_back(Event::Ended(ending));
    }

    /// Nothing good can come of going on.
    pub(super) fn give_up(&mut self, ending: Ending) {
        self.abort = true;
        self.end(ending);
    }

    fn say(&mut self, line: &[u8], verb: Option<&str>) {
        if self.tells_all() {
            let start = self.writer.end();
            let words = line.strip_suffix(b"\r\n").unwrap_or(line);
            self.writer.tell(Event::Line(Line {
                way: Way::Sent,
                range: start..start + line.len() as u64,
                text: String::from_utf8_lossy(words).into_owned(),
                verb: verb.map(|verb| verb.to_owned().into()),
                code: None,
            }));
        }
        self.writer.push(line);
    }

    /// The next command, if there is one and the last one was answered.
    fn next_command(&mut self) {
        if self.current.is_some() || matches!(self.state, State::Greeting | State::Logout) {
            return;
        }
        if matches!(self.tls, Tls::Wanted | Tls::Handshake) {
            return;
        }
        let Some(command) = self.queue.pop_front() else {
            if !self.idle {
                self.idle = true;
                self.events.push_back(Event::Idle);
            }
            return;
        };
        self.idle = false;
        if self.no_login && matches!(command, ClientCommand::Login { .. }) {
            // "MUST NOT issue the LOGIN command" (RFC 3501 section 6.2.3).
            self.events.push_back(Event::Skipped(command));
            self.skip_to_logout();
            return;
        }
        self.tags += 1;
        let tag = format!("A{:03}", self.tags);
        let mut rest: VecDeque<Part> = encode(&tag, &command, self.literal_plus).into();
        if let Some(Part::Line(line)) = rest.pop_front() {
            self.say(&line, Some(verb(&command)));
        }
        self.current = Some(Current { command, tag, rest, idles_until: None });
        while self.literal_plus && self.literal_is_next() {
            self.literal();
        }
    }

    fn literal_is_next(&self) -> bool {
        self.current.as_ref().is_some_and(|c| matches!(c.rest.front(), Some(Part::Literal(_))))
    }

    /// The literal that was announced, and the line behind it.
    fn literal(&mut self) {
        let mut next = || self.current.as_mut().and_then(|c| c.rest.pop_front());
        let (literal, line) = (next(), next());
        if let Some(Part::Literal(bytes)) = literal {
            self.writer.push_shared(&bytes, 0..bytes.len());
        }
        if let Some(Part::Line(line)) = line {
            self.say(&line, None);
        }
    }

    /// The server has told something while the client idles.
    pub(super) fn news(&mut self) {
        let ends = |c: &Current| matches!(c.command, ClientCommand::Idle { until_news: true, .. });
        if self.current.as_ref().is_some_and(ends) {
            self.done();
        }
    }

    /// RFC 2177: DONE ends IDLE. It has no tag, for it belongs to the command that has one.
    fn done(&mut self) {
        if self.current.as_mut().and_then(|c| c.idles_until.take()).is_some() {
            self.say(b"DONE\r\n", Some("DONE"));
        }
    }

    /// The server is ready for the literal: that, and the line behind it.
    pub(super) fn go_on(&mut self) {
        let heard = self.heard;
        if let Some(Current { command: ClientCommand::Idle { longest, .. }, idles_until: until @ None, .. }) =
            &mut self.current
        {
            *until = Some(heard + *longest);
            return;
        }
        if self.literal_is_next() {
            return self.literal();
        }
        match self.current.as_mut().and_then(|c| c.rest.pop_front()) {
            // Credentials: a line of its own.
            Some(Part::Line(line)) => self.say(&line, None),
            _ => self.unexpected("a response", "a continuation request".to_string()),
        }
    }

    /// The tagged response has come.
    pub(super) fn completed(&mut self, status: Status, text: String) {
        let Some(Current { command, .. }) = self.current.take() else { return };
        let ok = status == Status::Ok;
        match (&command, ok) {
            (
                ClientCommand::Login { .. }
                | ClientCommand::Authenticate { .. }
                | ClientCommand::Close
                | ClientCommand::Unselect,
                true,
            ) => self.set_state(State::Authenticated),
            (ClientCommand::Select(_) | ClientCommand::Examine(_), true) => self.set_state(State::Selected),
            // "If the SELECT fails, no mailbox is selected"; but one that came too early changes nothing.
            (ClientCommand::Select(_) | ClientCommand::Examine(_), false) if self.state == State::Selected => {
                self.set_state(State::Authenticated);
            }
            (ClientCommand::Logout, true) => {
                self.logged_out = true;
                self.set_state(State::Logout);
            }
            _ => {}
        }
        self.answered_about_tls(&command, status);
        let opens = matches!(
            command,
            ClientCommand::Login { .. }
                | ClientCommand::Authenticate { .. }
                | ClientCommand::Select(_)
                | ClientCommand::Examine(_)
        );
        let verb = verb(&command);
        self.events.push_back(Event::Completed { command: Box::new(command), verb, status, text });
        if opens && !ok {
            self.skip_to_logout();
        }
    }

    fn skip_to_logout(&mut self) {
        while self.queue.front().is_some_and(|next| *next != ClientCommand::Logout) {
            let skipped = self.queue.pop_front().expect("there is a first one");
            self.events.push_back(Event::Skipped(skipped));
        }
    }

    /// One step of reading. False: more bytes are needed.
    fn advance(&mut self) -> bool {
        if self.ended || matches!(self.tls, Tls::Wanted | Tls::Handshake) {
            return false;
        }
        match self.framer.next() {
            None => return false,
            Some(Fragment::Literal) => {}
            Some(Fragment::TooLong) => {
                self.unexpected("a response within the limit", format!("more than {} octets", self.config.line_limit));
                self.give_up(Ending::Unreadable);
            }
            Some(Fragment::Line { range, literal }) => {
                if self.tells_all() {
                    let bytes = &self.framer.message()[range.clone()];
                    let bytes = bytes.strip_suffix(b"\r\n").or(bytes.strip_suffix(b"\n")).unwrap_or(bytes);
                    self.events.push_back(Event::Line(Line {
                        way: Way::Received,
                        range: self.framer.stream(range),
                        text: String::from_utf8_lossy(bytes).into_owned(),
                        verb: None,
                        code: None,
                    }));
                }
                let limit = u64::from(self.config.literal_limit);
                match literal {
                    None => self.response(),
                    Some(_) if self.is_whole() => {
                        self.framer.no_literal();
                        self.response();
                    }
                    Some(l) if self.framer.literals() + u64::from(l.length) > limit => {
                        self.unexpected("a literal within the limit", format!("{} octets", l.length));
                        self.give_up(Ending::Unreadable);
                    }
                    Some(_) => {}
                }
            }
        }
        true
    }

    fn deadline(&self) -> Option<Instant> {
        // An idling server may be silent for long.
        if let Some(until) = self.current.as_ref().and_then(|c| c.idles_until) {
            return Some(until);
        }
        let waits = self.connected && !self.ended && (self.current.is_some() || !self.is_ready());
        self.config.timeout.filter(|_| waits).map(|after| self.heard + after)
    }

    fn is_ready(&self) -> bool {
        !matches!(self.state, State::Greeting | State::Logout)
    }
}

impl Engine for Client {
    type Event = Event;
    type Request = Never;
    type Answer = Never;

    fn handle_input(&mut self, now: Instant, input: Input<'_, Never>) {
        if self.ended {
            return;
        }
        match input {
            Input::Connected => {
                self.connected = true;
                self.heard = now;
            }
            Input::Bytes(bytes) => {
                self.heard = now;
                self.framer.push(bytes);
            }
            Input::Writable(bytes) => self.writer.grant(bytes),
            Input::PeerClosed => self.peer_closed = true,
            Input::Reset => self.end(Ending::Reset),
            Input::Secured(_) => self.handle_secured(),
            Input::NotSecured(why) => self.handle_not_secured(why),
            Input::Answer(_, never) => match never {},
            Input::Timeout => {
                if self.deadline().is_some_and(|at| now >= at) {
                    if self.current.as_ref().is_some_and(|c| c.idles_until.is_some()) {
                        self.heard = now;
                        self.done();
                    } else {
                        self.give_up(Ending::Timeout);
                    }
                }
            }
        }
    }

    fn poll_output(&mut self) -> Output<Event, Never> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Output::Event(event);
            }
            if std::mem::take(&mut self.abort) {
                return Output::Abort;
            }
            if let Some(output) = self.writer.poll() {
                return output;
            }
            if self.starts_tls() {
                return Output::StartTls;
            }
            // A command follows the response to the one before at once, wherever the bytes behind it were cut.
            self.next_command();
            if !self.events.is_empty() || self.writer.is_ready() || self.advance() {
                continue;
            }
            if self.peer_closed && !self.ended {
                // Only now: the last responses may have come with the FIN.
                self.end(if self.logged_out { Ending::Logout } else { Ending::PeerClosed });
                return Output::Close;
            }
            return Output::Wait(self.deadline());
        }
    }
}
