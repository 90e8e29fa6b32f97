//! The SMTP client (RFC 5321 section 3), the end that has mail to hand over.
//!
//! [`Client::send`] at any time; letters wait for their turn, and one connection takes as many as there are
//! (section 4.5.4.1). Each gets exactly one [`Event::Outcome`], whatever happens to the connection.
//! [`Event::Idle`] says that the client is ready and has nothing to do: then [`Client::send`] or
//! [`Client::quit`].
//!
//! One command at a time: the next one is said when the last one is answered. Replies that come ahead are read
//! at their turn, as a program does that calls "write" and then "read"; during the letter none is read but 421.

mod config;
mod outcome;
mod state;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

pub use config::{Config, Greet, Timeouts};
pub use outcome::{Failure, FailureCause, Outcome, Stage, Verdict};
pub use state::State;

use super::data::Stuffer;
use super::inbox::Inbox;
use super::outbox::{Next, Outbox};
use super::phase::PhaseChange;
use super::reply_reader::{Found, ReplyReader};
use super::{Address, Ending, Envelope, Reply, ReversePath, Verb, telling};
use crate::engine::{Detail, Engine, Input, Line, Output, SpanMap, Unexpected, Way};
use crate::time::Instant;

/// What a client tells. `Line`, `State`, `Phase`, `Unexpected` and the map of `Letter` come with
/// [`Detail::Everything`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A command was written or a reply read.
    Line(Line),
    /// A new state.
    State {
        /// It was this.
        from: State,
        /// It is this.
        to: State,
    },
    /// A new phase.
    Phase(PhaseChange),
    /// The letter is written, final dot included.
    Letter {
        /// Where it stands in the outgoing stream, final dot included.
        range: Range<u64>,
        /// Outgoing stream <- letter.
        map: SpanMap,
    },
    /// What became of a letter.
    Outcome(Outcome),
    /// Ready, and nothing to do.
    Idle,
    /// The server said what does not belong here.
    Unexpected(Unexpected),
    /// The last event of a session.
    Ended(Ending),
}

/// A client asks nothing of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}

/// A letter that waits for its turn.
#[derive(Clone, Debug)]
struct Waiting {
    envelope: Envelope,
    letter: Arc<[u8]>,
}

/// The letter whose turn it is.
#[derive(Clone, Debug)]
struct Transaction {
    envelope: Envelope,
    letter: Arc<[u8]>,
    /// Replies to RCPT so far.
    recipients: Vec<(Address, Reply)>,
    sending: Option<Sending>,
}

/// The letter on its way.
#[derive(Clone, Debug)]
struct Sending {
    stuffer: Stuffer,
    from: u64,
    map: Option<SpanMap>,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct Client {
    cfg: Arc<Config>,
    out: Outbox<Event, Never>,
    inbox: Inbox,
    reader: ReplyReader,
    /// A reply that came during the letter.
    held: Option<Found>,
    state: State,
    phase: Option<PhaseChange>,
    now: Instant,
    deadline: Option<Instant>,
    waiting: VecDeque<Waiting>,
    current: Option<Transaction>,
    /// EHLO was refused: HELO.
    helo: bool,
    quitting: bool,
    peer_closed: bool,
    ending: Ending,
}

impl Client {
    /// A client whose connection is being opened.
    pub fn new(cfg: Arc<Config>) -> Client {
        let helo = cfg.greet == Greet::Helo;
        Client {
            cfg,
            out: Outbox::new(),
            inbox: Inbox::default(),
            reader: ReplyReader::default(),
            held: None,
            state: State::Connecting,
            phase: None,
            now: Instant::ZERO,
            deadline: None,
            waiting: VecDeque::new(),
            current: None,
            helo,
            quitting: false,
            peer_closed: false,
            ending: Ending::Quit,
        }
    }

    /// Its state.
    pub fn state(&self) -> State {
        self.state
    }

    /// The letter is sent whole, and no reply is there yet: if the connection breaks now, nobody knows which
    /// of the two servers has it (RFC 5321 section 6.1), and trying again may make a second copy.
    pub fn undecided(&self) -> bool {
        self.state == State::EndOfData
    }

    /// Hands over a letter: it is sent when its turn comes, and gets exactly one [`Event::Outcome`]. After
    /// [`quit`](Self::quit), or when the session is over, that is at once `NotSent`.
    pub fn send(&mut self, now: Instant, envelope: Envelope, letter: Arc<[u8]>) {
        self.now = now;
        if self.quitting || self.state >= State::Quit {
            let failure = Failure { cause: FailureCause::NotSent, stage: self.state.stage(), reply: None };
            self.tell_outcome(envelope, Vec::new(), None, Some(failure));
            return;
        }
        self.waiting.push_back(Waiting { envelope, letter });
        if self.state == State::Ready {
            self.next_letter();
        }
    }

    /// Ends the session in good order, after the letters that are waiting.
    pub fn quit(&mut self, now: Instant) {
        self.now = now;
        self.quitting = true;
        if self.state == State::Ready {
            self.next_letter();
        }
    }

    fn everything(&self) -> bool {
        self.cfg.detail == Detail::Everything
    }

    fn set_state(&mut self, to: State) {
        let from = std::mem::replace(&mut self.state, to);
        self.deadline = to.timeout(&self.cfg.timeouts).map(|t| self.now + t);
        if from != to && self.everything() {
            self.out.event(Event::State { from, to });
        }
    }

    fn set_phase(&mut self, to: PhaseChange) {
        if self.everything() && self.phase.replace(to) != Some(to) {
            self.out.event(Event::Phase(to));
        }
    }

    /// One command, one write.
    fn say(&mut self, verb: Verb, command: Vec<u8>, phase: PhaseChange, state: State) {
        if self.everything() {
            let from = self.out.written();
            let range = from..from + command.len() as u64;
            let line = telling::line(Way::Sent, range, &command, Some(verb), None);
            self.set_phase(phase);
            self.out.write(command);
            self.out.told(Event::Line(line));
        } else {
            self.out.write(command);
        }
        self.set_state(state);
    }

    fn say_hello(&mut self) {
        let verb = if self.helo { Verb::Helo } else { Verb::Ehlo };
        let command = format!("{verb} {}\r\n", self.cfg.ehlo_name).into_bytes();
        self.say(verb, command, PhaseChange::HELLO, State::Hello);
    }

    fn say_quit(&mut self) {
        self.say(Verb::Quit, b"QUIT\r\n".to_vec(), PhaseChange::END, State::Quit);
    }

    /// From one transaction to the next: the only place where one begins.
    fn ready(&mut self) {
        self.set_state(State::Ready);
        self.next_letter();
    }

    fn next_letter(&mut self) {
        while let Some(Waiting { envelope, letter }) = self.waiting.pop_front() {
            let from = match &envelope.from {
                ReversePath::Null => true,
                ReversePath::Address(a) => a.is_printable(),
            };
            if from && !envelope.to.is_empty() && envelope.to.iter().all(Address::is_printable) {
                let command = format!("MAIL FROM:{}\r\n", envelope.from).into_bytes();
                self.current = Some(Transaction { envelope, letter, recipients: Vec::new(), sending: None });
                self.say(Verb::Mail, command, PhaseChange::MAIL, State::Mail);
                return;
            }
            let failure = Failure { cause: FailureCause::BadEnvelope, stage: Stage::Between, reply: None };
            self.tell_outcome(envelope, Vec::new(), None, Some(failure));
        }
        if self.quitting || self.cfg.auto_quit {
            self.say_quit();
        } else {
            self.out.event(Event::Idle);
        }
    }

    /// The next RCPT; or DATA; or, with nobody to send to, the end of the transaction.
    fn next_recipient(&mut self) {
        let Some(t) = &self.current else { return };
        if let Some(to) = t.envelope.to.get(t.recipients.len()) {
            let command = format!("RCPT TO:<{to}>\r\n").into_bytes();
            self.say(Verb::Rcpt, command, PhaseChange::MAIL, State::Rcpt);
        } else if t.recipients.iter().any(|(_, reply)| reply.is_positive()) {
            self.say(Verb::Data, b"DATA\r\n".to_vec(), PhaseChange::DATA, State::Data);
        } else {
            self.finish_transaction(None, None);
            self.say_rset();
        }
    }

    fn say_rset(&mut self) {
        self.say(Verb::Rset, b"RSET\r\n".to_vec(), PhaseChange::MAIL, State::Rset);
    }

    fn begin_letter(&mut self) {
        let from = self.out.written();
        let map = self.everything().then(SpanMap::new);
        if let Some(t) = &mut self.current {
            let stuffer = Stuffer::new(Arc::clone(&t.letter), self.cfg.dot_stuffing, self.cfg.line_ends);
            t.sending = Some(Sending { stuffer, from, map });
            self.set_state(State::Letter);
        }
    }

    /// As much of the letter as there is room for; says whether that was anything.
    fn send_letter(&mut self) -> bool {
        let (room, at) = (self.out.room(), self.out.written());
        let Some(sending) = self.current.as_mut().and_then(|t| t.sending.as_mut()) else { return false };
        if room == 0 {
            return false;
        }
        let bytes = sending.stuffer.write(room, at, sending.map.as_mut());
        let done = sending.stuffer.is_done();
        let range = sending.from..at + bytes.len() as u64;
        let map = if done { sending.map.take() } else { None };
        self.out.write(bytes);
        if done {
            self.out.told(Event::Letter { range, map: map.unwrap_or_default() });
            self.set_state(State::EndOfData);
        } else {
            // Room is a sign of life: the clock of the next block begins.
            self.set_state(State::Letter);
        }
        true
    }

    fn tell_outcome(
        &mut self,
        envelope: Envelope,
        recipients: Vec<(Address, Reply)>,
        end: Option<Reply>,
        failure: Option<Failure>,
    ) {
        self.out.event(Event::Outcome(Outcome { envelope, recipients, end, failure }));
    }

    fn finish_transaction(&mut self, end: Option<Reply>, failure: Option<Failure>) {
        if let Some(t) = self.current.take() {
            self.tell_outcome(t.envelope, t.recipients, end, failure);
        }
    }

    fn refused(&mut self, reply: Reply) {
        let failure = Failure { cause: FailureCause::Reply, stage: self.state.stage(), reply: Some(reply) };
        self.finish_transaction(None, Some(failure));
    }

    /// No letter of this session has a chance any more.
    fn fail_all(&mut self, cause: FailureCause, reply: Option<Reply>) {
        let failure = Failure { cause, stage: self.state.stage(), reply };
        if self.current.is_some() {
            self.finish_transaction(None, Some(failure.clone()));
        }
        // Before the first transaction all that waited failed for this reason; later they only came too late.
        let cause = if failure.stage <= Stage::Hello { cause } else { FailureCause::NotSent };
        while let Some(Waiting { envelope, .. }) = self.waiting.pop_front() {
            self.tell_outcome(envelope, Vec::new(), None, Some(Failure { cause, ..failure.clone() }));
        }
    }

    /// Reads one reply, if it is its turn; says whether something happened.
    fn read_reply(&mut self) -> bool {
        if self.state == State::Connecting {
            return false;
        }
        let found = self.held.take().unwrap_or_else(|| self.reader.look(self.inbox.rest()));
        match found {
            Found::NeedMore => return false,
            Found::Reply { code: 421, .. } => self.take_reply(found),
            _ if self.state == State::Letter => {
                self.held = Some(found);
                return false;
            }
            _ => self.take_reply(found),
        }
        true
    }

    fn take_reply(&mut self, found: Found) {
        match found {
            Found::NeedMore => {}
            Found::Reply { len, code } => {
                let bytes = &self.inbox.rest()[..len];
                if self.cfg.detail == Detail::Everything {
                    let from = self.inbox.read();
                    let line = telling::line(Way::Received, from..from + len as u64, bytes, None, Some(code));
                    self.out.event(Event::Line(line));
                }
                // The words are kept where an outcome may want them.
                let words = !matches!(code / 100, 2 | 3) || matches!(self.state, State::Rcpt | State::EndOfData);
                let reply = if words { Reply::from_bytes(code, bytes) } else { Reply { code, lines: Vec::new() } };
                self.inbox.consume(len);
                self.handle_reply(reply);
            }
            Found::Malformed { len } => {
                let text = telling::text(&self.inbox.rest()[..len.min(200)]);
                self.inbox.consume(len);
                self.unexpected(text);
                self.fail_all(FailureCause::BadReply, None);
                self.end(Ending::BadReply);
            }
        }
    }

    fn unexpected(&mut self, got: String) {
        if self.everything() {
            let (state, expected) = (self.state.name(), self.state.expected());
            self.out.event(Event::Unexpected(Unexpected { state, expected, got }));
        }
    }

    fn unexpected_code(&mut self, code: u16) {
        if self.everything() {
            self.unexpected(code.to_string());
        }
    }

    fn handle_reply(&mut self, reply: Reply) {
        let (code, kind) = (reply.code, reply.code / 100);
        if code == 421 && self.state < State::Closing {
            return self.service_closes(reply);
        }
        match (self.state, kind) {
            (State::Greeting, 2) => self.say_hello(),
            (State::Hello, 2) => self.ready(),
            // An old server that does not know EHLO (RFC 5321 section 3.2).
            (State::Hello, 5) if !self.helo => {
                self.helo = true;
                self.say_hello();
            }
            (State::Greeting | State::Hello, 3..) => {
                if kind == 3 {
                    self.unexpected_code(code);
                }
                self.fail_all(FailureCause::Reply, Some(reply));
                self.say_quit();
            }
            (State::Mail, 2) => self.next_recipient(),
            (State::Mail, 3..) => {
                if kind == 3 {
                    self.unexpected_code(code);
                }
                self.refused(reply);
                self.ready();
            }
            (State::Rcpt, _) => {
                if kind == 3 {
                    self.unexpected_code(code);
                }
                if let Some(t) = &mut self.current
                    && let Some(to) = t.envelope.to.get(t.recipients.len())
                {
                    t.recipients.push((to.clone(), reply));
                }
                self.next_recipient();
            }
            (State::Data, 3) => self.begin_letter(),
            (State::Data, _) => {
                if kind == 2 {
                    self.unexpected_code(code);
                }
                self.refused(reply);
                self.say_rset();
            }
            (State::EndOfData, _) => {
                if kind == 3 {
                    self.unexpected_code(code);
                }
                self.finish_transaction(Some(reply), None);
                self.ready();
            }
            (State::Rset, _) => {
                if kind != 2 {
                    self.unexpected_code(code);
                }
                self.ready();
            }
            (State::Quit, _) if code == 221 => {
                self.set_state(State::Closing);
            }
            // A server that saw other commands than we said (the end of the letter came too early for it)
            // answers those first: its 221 is still to come.
            _ => self.unexpected_code(code),
        }
    }

    /// 421 is possible at any time (RFC 5321 section 3.8): the server closes.
    fn service_closes(&mut self, reply: Reply) {
        if self.state == State::EndOfData {
            self.finish_transaction(Some(reply.clone()), None);
        }
        self.fail_all(FailureCause::Reply, Some(reply));
        self.ending = Ending::ServiceClosed;
        self.set_phase(PhaseChange::END);
        self.set_state(State::Closing);
    }

    /// The peer has closed, and all that it said is read.
    fn handle_peer_closed(&mut self) {
        if self.state == State::Closing {
            return self.end(self.ending);
        }
        // Its last word may have come in the middle of the letter.
        if let Some(Found::Reply { len, code: code @ 400.. }) = self.held.take() {
            let reply = Reply::from_bytes(code, &self.inbox.rest()[..len]);
            self.refused(reply);
        }
        self.fail_all(FailureCause::ConnectionLost, None);
        self.end(Ending::PeerClosed);
    }

    fn end(&mut self, ending: Ending) {
        match ending {
            Ending::Reset => self.out.forget_writes(),
            Ending::Timeout | Ending::Flooded => self.out.abort(),
            _ => self.out.close(),
        }
        self.inbox.forget();
        self.held = None;
        self.set_state(State::Closed);
        self.out.event(Event::Ended(ending));
    }

    fn handle_timeout(&mut self) {
        if self.deadline.is_none_or(|at| self.now < at) {
            return;
        }
        if self.state == State::Closing {
            return self.end(self.ending);
        }
        self.fail_all(FailureCause::Timeout, None);
        self.end(Ending::Timeout);
    }
}

impl Engine for Client {
    type Event = Event;
    type Request = Never;
    type Answer = Never;

    fn handle_input(&mut self, now: Instant, input: Input<'_, Never>) {
        self.now = now;
        if self.state == State::Closed {
            return;
        }
        match input {
            Input::Connected if self.state == State::Connecting => {
                self.set_phase(PhaseChange::GREETING);
                self.set_state(State::Greeting);
            }
            Input::Connected => {}
            Input::Bytes(bytes) => {
                if !self.inbox.push(bytes) {
                    self.fail_all(FailureCause::ConnectionLost, None);
                    self.end(Ending::Flooded);
                }
            }
            Input::Writable(n) => self.out.grant(n),
            Input::PeerClosed => self.peer_closed = true,
            Input::Reset => {
                self.fail_all(FailureCause::ConnectionLost, None);
                self.end(Ending::Reset);
            }
            Input::Answer(_, never) => match never {},
            Input::Timeout => self.handle_timeout(),
        }
    }

    fn poll_output(&mut self) -> Output<Event, Never> {
        loop {
            match self.out.pop() {
                Next::Ready(output) => return output,
                Next::Blocked => return Output::Wait(self.deadline),
                Next::Empty => {}
            }
            if self.state == State::Closed {
                return Output::Wait(None);
            }
            if self.state == State::Letter && !self.peer_closed && self.send_letter() {
                continue;
            }
            if self.read_reply() {
                continue;
            }
            if !self.peer_closed {
                return Output::Wait(self.deadline);
            }
            self.handle_peer_closed();
        }
    }
}
