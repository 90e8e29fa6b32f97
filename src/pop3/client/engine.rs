//! The machine: commands out one by one, answers in.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;

use super::config::Config;
use super::stls::Tls;
use super::{ClientCommand, Ending, Event};
use crate::engine::writer::{Writer, Writes};
use crate::engine::{Detail, Engine, Input, Line, Output, Unexpected, Way};
use crate::pop3::inbox::Inbox;
use crate::pop3::{State, apop};
use crate::time::Instant;

/// A client asks its host nothing.
pub type Never = Infallible;

/// What waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Current {
    pub command: ClientCommand,
    /// As it was written.
    pub verb: &'static str,
    /// The first line of an answer whose other lines are still to come, its octets, and where it began.
    pub first: Option<(String, u64)>,
}

/// A POP3 client's side of one connection. See [`Engine`] for the order of calls.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) config: Arc<Config>,
    state: State,
    heard: Instant,
    pub(super) inbox: Inbox,
    pub(super) tls: Tls,
    writer: Writer<Event>,
    pub(super) events: VecDeque<Event>,
    queue: VecDeque<ClientCommand>,
    pub(super) current: Option<Current>,
    /// From the greeting.
    pub(super) timestamp: Option<String>,
    /// What UIDL has told.
    pub(super) uniques: BTreeMap<u32, String>,
    idle: bool,
    connected: bool,
    quit: bool,
    peer_closed: bool,
    closing: Option<Ending>,
    abort: bool,
    ended: bool,
}

impl Client {
    /// A client that will carry out `commands` once it is connected and greeted.
    pub fn new(config: Arc<Config>, commands: Vec<ClientCommand>) -> Self {
        let mut client = Client {
            config,
            state: State::Greeting,
            heard: Instant::ZERO,
            inbox: Inbox::default(),
            tls: Tls::No,
            writer: Writer::new(Writes::Apart),
            events: VecDeque::new(),
            queue: commands.into(),
            current: None,
            timestamp: None,
            uniques: BTreeMap::new(),
            idle: false,
            connected: false,
            quit: false,
            peer_closed: false,
            closing: None,
            abort: false,
            ended: false,
        };
        client.ask_for_tls();
        client
    }

    /// One more command, behind the others. Poll the output afterwards, as after an input.
    pub fn push(&mut self, now: Instant, command: ClientCommand) {
        if self.current.is_none() && self.queue.is_empty() {
            // The time to wait for its answer begins now.
            self.heard = self.heard.max(now);
        }
        self.queue.push_back(command);
    }

    /// Where the session stands.
    pub fn state(&self) -> State {
        self.state
    }

    pub(super) fn tells_all(&self) -> bool {
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
        self.events.push_back(Event::Unexpected(Unexpected { state: self.state.name(), expected, got }));
    }

    fn end(&mut self, ending: Ending) {
        self.ended = true;
        self.closing = None;
        self.current = None;
        self.queue.clear();
        self.writer.clear();
        self.inbox = Inbox::default();
        self.set_state(State::Closed);
        self.events.push_back(Event::Ended(ending));
    }

    /// Nothing good can come of going on.
    pub(super) fn give_up(&mut self, ending: Ending) {
        self.abort = true;
        self.end(ending);
    }

    /// QUIT has been answered.
    pub(super) fn close(&mut self) {
        self.closing = Some(Ending::Quit);
    }

    /// What is to be done next is put in front of everything else.
    pub(super) fn first(&mut self, commands: impl DoubleEndedIterator<Item = ClientCommand>) {
        commands.rev().for_each(|command| self.queue.push_front(command));
    }

    /// Without a login nothing but QUIT makes sense.
    pub(super) fn skip_all(&mut self) {
        for command in std::mem::take(&mut self.queue) {
            match command {
                ClientCommand::Quit => self.queue.push_back(command),
                command => self.events.push_back(Event::Skipped(command)),
            }
        }
    }

    /// Says QUIT although nobody has told it to, if there is nothing else to say.
    pub(super) fn quit_if_idle(&mut self) {
        if self.queue.is_empty() {
            self.queue.push_back(ClientCommand::Quit);
        }
    }

    pub(super) fn say(&mut self, verb: &'static str, line: String) {
        let bytes = format!("{line}\r\n").into_bytes();
        if self.tells_all() {
            let start = self.writer.end();
            let range = start..start + bytes.len() as u64;
            let line = Line { way: Way::Sent, range, text: line, verb: Some(verb.into()), code: None };
            self.writer.tell(Event::Line(line));
        }
        self.writer.push_owned(bytes);
    }

    /// The next command, if there is one and the last one was answered.
    fn next_command(&mut self) {
        let open = matches!(self.state, State::Authorization | State::Transaction);
        if self.current.is_some() || self.closing.is_some() || self.tls.is_under_way() || !open {
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
        let verb = command.verb();
        let (verb, line) = match (&command, &self.timestamp) {
            (ClientCommand::Login { user, password }, Some(timestamp)) => {
                ("APOP", format!("APOP {user} {}", apop::digest(timestamp, password)))
            }
            (ClientCommand::Login { user, .. }, None) => (verb, format!("USER {user}")),
            (ClientCommand::List(Some(n)) | ClientCommand::Uidl(Some(n)) | ClientCommand::Dele(n), _) => {
                (verb, format!("{verb} {n}"))
            }
            (ClientCommand::Retr { number, .. }, _) => (verb, format!("{verb} {number}")),
            (ClientCommand::Top { number, lines }, _) => (verb, format!("{verb} {number} {lines}")),
            _ => (verb, verb.to_string()),
        };
        if command == ClientCommand::Quit {
            self.quit = true;
            if self.state == State::Transaction {
                self.set_state(State::Update);
            }
        }
        self.say(verb, line);
        self.current = Some(Current { command, verb, first: None });
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
                self.inbox.push(bytes);
                if self.inbox.held() > self.config.letter_limit {
                    let limit = self.config.letter_limit;
                    self.unexpected("an answer within the limit", format!("more than {limit} octets"));
                    self.give_up(Ending::Unreadable);
                }
            }
            Input::Writable(bytes) => self.writer.grant(bytes),
            Input::PeerClosed => self.peer_closed = true,
            Input::Secured(_) => self.handle_secured(),
            Input::NotSecured(why) => self.handle_not_secured(why),
            Input::Reset => self.end(Ending::Reset),
            Input::Answer(_, never) => match never {},
            Input::Timeout => {
                let waits = self.current.is_some() || self.state == State::Greeting;
                if waits && self.config.timeout.is_some_and(|after| now >= self.heard + after) {
                    self.give_up(Ending::Timeout);
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
            if !self.ended {
                self.next_command();
            }
            if let Some(output) = self.writer.poll() {
                return output;
            }
            if self.starts_tls() {
                return Output::StartTls;
            }
            // What comes before a command has left is no answer to it.
            let reads = !self.ended && self.closing.is_none() && !self.tls.is_under_way();
            if reads && self.writer.is_empty() && self.read() {
                continue;
            }
            if !self.ended && self.closing.is_none() && self.peer_closed {
                // A server that hangs up on QUIT without a word has still done with it.
                let ending = if self.quit { Ending::Quit } else { Ending::PeerClosed };
                self.closing = Some(ending);
            }
            if let Some(ending) = self.closing {
                self.end(ending);
                return Output::Close;
            }
            if self.events.is_empty() {
                let waits = self.current.is_some() || self.state == State::Greeting;
                let at = self.config.timeout.map(|after| self.heard + after);
                return Output::Wait(at.filter(|_| !self.ended && self.connected && waits));
            }
        }
    }
}
