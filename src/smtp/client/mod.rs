//! The SMTP client (RFC 5321 section 3), the end that has mail to hand over.
//!
//! [`Client::send`] at any time; letters wait for their turn, and one connection takes as many as there are
//! (section 4.5.4.1). Each gets exactly one [`Event::Outcome`], whatever happens to the connection.
//! [`Event::Idle`] says that the client is ready and has nothing to do: then [`Client::send`] or
//! [`Client::quit`].
//!
//! One command at a time: the next one is said when the last one is answered. Replies that come ahead are read
//! at their turn, as a program does that calls "write" and then "read"; during the letter none is read but 421.
//! With [`Config::pipelining`], and if the server offers it, MAIL, all RCPT and DATA are said together (RFC 2920).

mod config;
mod event;
mod login;
mod offered;
mod outcome;
mod replies;
mod starttls;
mod state;
mod transaction;

use std::collections::VecDeque;
use std::sync::Arc;

pub use config::{Config, Greet, Login, Timeouts};
pub use event::{Event, Never};
pub use outcome::{Failure, FailureCause, Missing, Outcome, Stage, Verdict};
pub use state::State;

use self::offered::Offered;
use self::transaction::{Transaction, Waiting};
use super::inbox::Inbox;
use super::outbox::{Next, Outbox};
use super::phase::PhaseChange;
use super::reply_reader::{Found, ReplyReader};
use super::{Address, Ending, Envelope, Reply, Verb, Words};
use crate::engine::{Detail, Engine, Input, Output, TlsInfo, Way};
use crate::tail::Tail;
use crate::time::Instant;

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
    offered: Offered,
    /// What is said in answer to the next challenges of a login.
    responses: VecDeque<login::Response>,
    quitting: bool,
    peer_closed: bool,
    ending: Ending,
    secured: Option<TlsInfo>,
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
            offered: Offered::default(),
            responses: VecDeque::new(),
            quitting: false,
            peer_closed: false,
            ending: Ending::Quit,
            secured: None,
        }
    }

    /// Its state.
    pub fn state(&self) -> State {
        self.state
    }

    /// The words of the lines that it has told since its last input.
    pub fn words(&self) -> &Words {
        &self.out.words
    }

    /// The letter is sent whole, and no reply is there yet: if the connection breaks now, nobody knows which
    /// of the two servers has it (RFC 5321 section 6.1), and trying again may make a second copy.
    pub fn undecided(&self) -> bool {
        self.state == State::EndOfData
    }

    /// Hands over a letter: it is sent when its turn comes, and gets exactly one [`Event::Outcome`]. After
    /// [`quit`](Self::quit), or when the session is over, that is at once `NotSent`.
    pub fn send(&mut self, now: Instant, envelope: Envelope, letter: impl Into<Tail>) {
        self.now = now;
        if self.quitting || self.state >= State::Quit {
            let failure = Failure { cause: FailureCause::NotSent, stage: self.state.stage(), reply: None };
            self.tell_outcome(envelope, Vec::new(), None, Some(failure));
            return;
        }
        self.waiting.push_back(Waiting { envelope, letter: letter.into() });
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
        self.put(Some(verb), command, phase);
        self.set_state(state);
    }

    /// The command, and nothing of what is waited for. A response to a challenge is a line without a verb.
    fn put(&mut self, verb: Option<Verb>, command: Vec<u8>, phase: PhaseChange) {
        if self.everything() {
            let from = self.out.written();
            let range = from..from + command.len() as u64;
            let line = self.out.words.line(Way::Sent, range, &command, verb, None);
            self.set_phase(phase);
            self.out.write(command);
            self.out.told(Event::Line(line));
        } else {
            self.out.write(command);
        }
    }

    fn say_hello(&mut self) {
        let verb = if self.helo { Verb::Helo } else { Verb::Ehlo };
        let command = [verb.name(), " ", &self.cfg.ehlo_name, "\r\n"].concat().into_bytes();
        self.say(verb, command, PhaseChange::HELLO, State::Hello);
    }

    fn say_quit(&mut self) {
        self.say(Verb::Quit, b"QUIT\r\n".to_vec(), PhaseChange::END, State::Quit);
    }

    fn tell_outcome(
        &mut self,
        envelope: Envelope,
        recipients: Vec<(Address, Reply)>,
        end: Option<Reply>,
        failure: Option<Failure>,
    ) {
        let carries_wishes = self.offered.dsn;
        self.out.event(Event::Outcome(Box::new(Outcome { envelope, recipients, end, failure, carries_wishes })));
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
        let cause = if failure.stage <= Stage::Login { failure.cause.clone() } else { FailureCause::NotSent };
        while let Some(Waiting { envelope, .. }) = self.waiting.pop_front() {
            self.tell_outcome(envelope, Vec::new(), None, Some(Failure { cause: cause.clone(), ..failure.clone() }));
        }
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
        self.out.begin();
        if self.state == State::Closed {
            return;
        }
        match input {
            Input::Connected if self.state == State::Connecting => {
                self.set_phase(PhaseChange::GREETING);
                self.set_state(State::Greeting);
            }
            Input::Connected => {}
            // In the open behind STARTTLS: nobody may have said it.
            Input::Bytes(bytes) if self.state == State::Securing => {
                self.inbox.discard();
                self.inbox.passed(bytes.len());
            }
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
            Input::Secured(info) => self.handle_secured(info),
            Input::NotSecured(why) => self.handle_not_secured(&why),
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
