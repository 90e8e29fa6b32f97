//! The SMTP server (RFC 5321), the end that takes mail.
//!
//! It knows the protocol and no mailbox: who may send and who is known here, it asks its host ([`Request`]).
//! Commands that come ahead of replies are read one by one, in order; the next one when the last one is
//! answered and the answer is written.

mod chunks;
mod commands;
mod config;
mod event;
mod letter;
mod lines;
mod manner;
mod starttls;
mod login;
mod params;
mod state;

use std::sync::Arc;

pub use config::{Config, Limits, Verify};
pub use event::{Answer, Event, Manner, Request};
pub use manner::{CONNECT, END_OF_DATA};
pub use state::State;

use commands::Refusal;

use super::data::{self, Unstuffer};
use super::inbox::Inbox;
use super::options::Wish;
use super::outbox::{Next, Outbox};
use super::phase::PhaseChange;
use super::{Address, Ending, Options, Reply, ReversePath, Status, Words};
use crate::engine::{Detail, Engine, Input, Output, RequestId, TlsInfo, Unexpected, Way};
use crate::time::Instant;

/// The question that waits for its answer.
#[derive(Clone, Debug)]
enum Asked {
    Peer,
    Sender(ReversePath, Box<Options>),
    Recipient(Address, Wish),
    Deliver,
    Verify,
    /// What comes next once it is known how.
    Command(manner::Held),
    Expand,
    Challenge,
    Login(String),
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct Server {
    cfg: Arc<Config>,
    out: Outbox<Event, Box<Request>>,
    inbox: Inbox,
    /// A command line that is too long and has not ended yet.
    overlong: Option<lines::Overlong>,
    state: State,
    phase: Option<PhaseChange>,
    now: Instant,
    deadline: Option<Instant>,
    /// How the client called itself; empty before EHLO.
    peer_name: String,
    /// It said EHLO, not HELO.
    extended: bool,
    /// The reverse-path buffer (section 3.3).
    from: Option<ReversePath>,
    /// The forward-path buffer.
    to: Vec<Address>,
    /// What MAIL and RCPT said besides.
    options: Options,
    /// A login under way.
    exchange: Option<login::Exchange>,
    /// Who has logged in.
    user: Option<String>,
    /// The piece of the letter that is being read.
    chunk: Option<chunks::Chunk>,
    /// The mail data buffer.
    letter: Unstuffer,
    /// Where the letter begins in the incoming stream.
    letter_from: u64,
    asked: Option<(RequestId, Asked)>,
    next_request: u32,
    peer_closed: bool,
    /// Asks before each command.
    watched: bool,
    /// Who is calling has been asked.
    looked_up: bool,
    /// Taking its time: what it will do then.
    held: Option<(Instant, manner::Held)>,
    secured: Option<TlsInfo>,
}

impl Server {
    /// A server for a connection that is being opened.
    pub fn new(cfg: Arc<Config>) -> Server {
        let limits = data::Limits { line: cfg.limits.text_line, letter: cfg.limits.message };
        let letter = Unstuffer::new(cfg.line_ends, limits, cfg.detail == Detail::Everything);
        Server {
            cfg,
            out: Outbox::new(),
            inbox: Inbox::default(),
            overlong: None,
            state: State::Opening,
            phase: None,
            now: Instant::ZERO,
            deadline: None,
            peer_name: String::new(),
            extended: false,
            from: None,
            to: Vec::new(),
            options: Options::default(),
            exchange: None,
            user: None,
            chunk: None,
            letter,
            letter_from: 0,
            asked: None,
            next_request: 0,
            peer_closed: false,
            watched: false,
            looked_up: false,
            held: None,
            secured: None,
        }
    }

    /// Its state.
    pub fn state(&self) -> State {
        self.state
    }

    /// Bytes that came and were not read yet, because an answer or room for a reply is missing. A host may
    /// leave more of them in the connection below; beyond 65,535 they are a flood, and the session is broken.
    pub fn unread(&self) -> usize {
        self.inbox.len()
    }

    /// The words of the lines that it has told since its last input.
    pub fn words(&self) -> &Words {
        &self.out.words
    }

    fn everything(&self) -> bool {
        self.cfg.detail == Detail::Everything
    }

    fn set_state(&mut self, to: State) {
        let from = std::mem::replace(&mut self.state, to);
        if from != to && self.everything() {
            self.out.event(Event::State { from, to });
        }
    }

    fn set_phase(&mut self, to: PhaseChange) {
        if self.everything() && self.phase.replace(to) != Some(to) {
            self.out.event(Event::Phase(to));
        }
    }

    /// The client has given a sign of life, or it is its turn again.
    fn wait_for_client(&mut self) {
        self.deadline = Some(self.now + self.cfg.timeout);
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.cfg
    }

    /// Whether an extension was offered and the client can know it: HELO has none (RFC 5321 section 4.1.1.1).
    fn offers(&self, keyword: &str) -> bool {
        self.extended && self.cfg.offers(keyword)
    }

    /// Whether replies have enhanced status codes.
    fn enhanced(&self) -> bool {
        self.offers("ENHANCEDSTATUSCODES")
    }

    /// Says a reply without enhanced status code: the greeting, 3yz, the replies to EHLO and HELO (RFC 2034 section 4).
    fn say_bare(&mut self, code: u16, text: &str) {
        let mut bytes = Vec::with_capacity(text.len() + 6);
        super::reply::write_line(&mut bytes, code, b' ', text);
        self.write(code, bytes);
    }

    /// Says a reply with its enhanced status code, where that is offered.
    fn say(&mut self, code: u16, status: &str, text: &str) {
        match self.enhanced() {
            true => self.say_bare(code, &[status, " ", text].concat()),
            false => self.say_bare(code, text),
        }
    }

    /// Says a reply that begins with the server's name, as 221 and 421 do.
    fn say_as(&mut self, code: u16, status: &str, text: &str) {
        let text = [&self.cfg.hostname, " ", text].concat();
        self.say(code, status, &text);
    }

    /// Says a reply of the host. 421 is a promise to close (RFC 5321 section 4.2.2).
    fn reply(&mut self, reply: &Reply) {
        let worded = self.worded(reply);
        self.reply_as_it_is(&worded);
    }

    /// Says a reply, word for word.
    fn reply_as_it_is(&mut self, reply: &Reply) {
        self.write(reply.code, reply.to_bytes());
        if reply.code == 421 {
            self.set_phase(PhaseChange::END);
            self.end(Ending::ServiceClosed);
        }
    }

    /// The host's words as this session has them: with an enhanced status code in every line, or without.
    fn worded(&self, reply: &Reply) -> Reply {
        let enhanced = self.enhanced();
        let own = Status::of(reply);
        let line = |text: &String| match (own.or(Status::undefined(reply.code)), enhanced) {
            (Some(status), true) => format!("{status} {}", if own.is_some() { Status::split(text).1 } else { text }),
            (Some(_), false) if own.is_some() => Status::split(text).1.to_owned(),
            _ => text.clone(),
        };
        Reply { code: reply.code, lines: reply.lines.iter().map(line).collect() }
    }

    /// One reply, one write.
    fn write(&mut self, code: u16, bytes: Vec<u8>) {
        if self.everything() {
            let from = self.out.written();
            let line = self.out.words.line(Way::Sent, from..from + bytes.len() as u64, &bytes, None, Some(code));
            self.out.write(bytes);
            self.out.told(Event::Line(line));
        } else {
            self.out.write(bytes);
        }
    }

    fn unexpected(&mut self, got: impl FnOnce() -> String) {
        if self.everything() {
            let (state, expected, got) = (self.state.name(), self.state.expected(), got());
            self.out.event(Event::Unexpected(Box::new(Unexpected { state, expected, got })));
        }
    }

    fn ask(&mut self, asked: Asked, request: Request) {
        let id = RequestId(self.next_request);
        self.next_request = self.next_request.wrapping_add(1);
        self.asked = Some((id, asked));
        // It is the host's turn: the client is not to blame for the time this takes.
        self.deadline = None;
        self.out.ask(id, Box::new(request));
    }

    /// The transaction is over or given up: the buffers are empty again.
    fn clear(&mut self) {
        self.from = None;
        self.to.clear();
        self.options = Options::default();
        self.chunk = None;
    }

    /// Forgets all that the client has said: after STARTTLS both ends begin anew (RFC 3207 section 4.2). What came
    /// ahead of the handshake is thrown away.
    pub fn forget(&mut self) {
        self.clear();
        self.inbox.discard();
        self.overlong = None;
        self.exchange = None;
        self.user = None;
        self.peer_name.clear();
        self.extended = false;
        self.set_state(State::Greeted);
    }

    fn end(&mut self, ending: Ending) {
        match ending {
            Ending::Reset => self.out.forget_writes(),
            Ending::Flooded => self.out.abort(),
            // It does not even read: a goodbye would never get through.
            Ending::Timeout if !self.out.is_empty() || self.state == State::Securing => self.out.abort(),
            Ending::Timeout => {
                self.set_phase(PhaseChange::END);
                self.say_as(421, "4.4.2", "Timeout, closing transmission channel");
                self.out.close();
            }
            _ => self.out.close(),
        }
        self.inbox.forget();
        self.clear();
        self.letter.restart();
        self.asked = None;
        self.held = None;
        self.overlong = None;
        self.exchange = None;
        self.deadline = None;
        self.set_state(State::Closed);
        self.out.event(Event::Ended(ending));
    }

    fn greet(&mut self) {
        if self.watched {
            return self.ask_manner(CONNECT, manner::Held::Greeting);
        }
        self.greeting();
    }

    fn greeting(&mut self) {
        if self.cfg.looks_up_peer && !std::mem::replace(&mut self.looked_up, true) {
            return self.ask(Asked::Peer, Request::Peer);
        }
        self.set_phase(PhaseChange::GREETING);
        self.wait_for_client();
        match self.cfg.refuse.clone() {
            None => {
                let cfg = Arc::clone(&self.cfg);
                self.say_bare(220, &[&cfg.hostname, " ", &cfg.greeting].concat());
                self.set_state(State::Greeted);
            }
            Some(reply) => {
                self.reply(&reply);
                self.refused_at_once();
            }
        }
    }

    /// After a greeting that is no 220 only QUIT is in place (section 3.1).
    fn refused_at_once(&mut self) {
        if self.state == State::Opening {
            self.set_state(State::Refusing);
        }
    }

    fn handle_bytes(&mut self, bytes: &[u8]) {
        if self.deadline.is_some() && self.held.is_none() {
            self.wait_for_client();
        }
        let mut rest = bytes;
        // The short way of a letter: straight from the connection, without lying in the inbox first.
        if self.state == State::Data && self.inbox.is_empty() && self.out.is_empty() {
            let (used, end) = self.letter.feed(bytes, self.inbox.read());
            self.inbox.passed(used);
            if end {
                self.end_of_data();
            }
            rest = &bytes[used..];
        }
        if !rest.is_empty() && !self.inbox.push(rest) {
            self.end(Ending::Flooded);
        }
    }

    fn handle_answer(&mut self, id: RequestId, answer: Answer) {
        // An answer to a question of a session that is over, or answered before, is nobody's.
        let Some((_, asked)) = self.asked.take_if(|(asked, _)| *asked == id) else { return };
        self.wait_for_client();
        match (asked, answer) {
            (Asked::Command(held), Answer::Command(manner)) => self.behave(manner, held),
            (Asked::Sender(from, options), Answer::Sender(Ok(()))) => {
                self.say(250, "2.1.0", "OK");
                self.from = Some(from);
                self.options = *options;
                self.set_state(State::Mail);
            }
            (Asked::Recipient(to, wish), Answer::Recipient(Ok(()))) => {
                self.say(250, "2.1.5", "OK");
                if wish != Wish::default() {
                    self.options.recipients.insert(to.clone(), wish);
                }
                if self.to.is_empty() {
                    // Most mails are for one.
                    self.to.reserve_exact(1);
                }
                self.to.push(to);
                self.set_state(State::Rcpt);
            }
            (Asked::Sender(..), Answer::Sender(Err(reply)))
            | (Asked::Recipient(..), Answer::Recipient(Err(reply)))
            | (Asked::Verify, Answer::Verify(reply))
            | (Asked::Expand, Answer::Expand(reply)) => self.reply(&reply),
            (Asked::Challenge, Answer::Challenge(text)) => self.challenge(text),
            (Asked::Login(user), Answer::Login(result)) => self.logged_in(user, result),
            (Asked::Deliver, Answer::Deliver(reply)) => {
                self.reply(&reply);
                self.after_letter();
            }
            (Asked::Peer, _) => self.greeting(),
            // The host answered another question than it was asked: our side's fault, and a reply for it.
            (Asked::Command(held), _) => self.behave(Manner::OwnWay, held),
            (asked, _) => {
                self.say(451, "4.3.0", "Requested action aborted: local error in processing");
                match asked {
                    Asked::Deliver => self.after_letter(),
                    Asked::Challenge | Asked::Login(_) => self.set_state(State::Ready),
                    _ => {}
                }
            }
        }
    }

    fn handle_timeout(&mut self) {
        if self.deadline.is_none_or(|at| self.now < at) {
            return;
        }
        if let Some((_, held)) = self.held.take() {
            self.wait_for_client();
            return self.go_on(held);
        }
        self.end(Ending::Timeout);
    }
}

impl Engine for Server {
    type Event = Event;
    /// In a box: it is much larger than anything else that an engine puts out, and asked once for many a thing told.
    type Request = Box<Request>;
    type Answer = Answer;

    fn handle_input(&mut self, now: Instant, input: Input<'_, Answer>) {
        self.now = now;
        self.out.begin();
        if self.state == State::Closed {
            // What was said before the end may still wait for room.
            match input {
                Input::Writable(n) => self.out.grant(n),
                Input::Reset => self.out.forget_writes(),
                _ => {}
            }
            return;
        }
        match input {
            Input::Connected if self.state == State::Opening => self.greet(),
            Input::Connected => {}
            // In the open behind STARTTLS: nobody may have said it.
            Input::Bytes(bytes) if self.state == State::Securing => self.inbox.passed(bytes.len()),
            Input::Bytes(bytes) => self.handle_bytes(bytes),
            Input::Writable(n) => self.out.grant(n),
            Input::PeerClosed => self.peer_closed = true,
            Input::Reset => self.end(Ending::Reset),
            Input::Secured(info) => self.handle_secured(info),
            Input::NotSecured(_) => self.handle_not_secured(),
            Input::Answer(id, answer) => self.handle_answer(id, answer),
            Input::Timeout => self.handle_timeout(),
        }
    }

    fn poll_output(&mut self) -> Output<Event, Box<Request>> {
        loop {
            match self.out.pop() {
                Next::Ready(output) => return output,
                Next::Blocked => return Output::Wait(self.deadline),
                Next::Empty => {}
            }
            let busy = self.asked.is_some() || self.held.is_some();
            if matches!(self.state, State::Opening | State::Securing | State::Closed) || busy {
                return Output::Wait(self.deadline);
            }
            if self.chunk.is_some() {
                if self.read_chunk() {
                    continue;
                }
            } else if self.state == State::Data {
                if self.read_letter() {
                    continue;
                }
            } else if self.read_line() {
                continue;
            }
            if !self.peer_closed {
                return Output::Wait(self.deadline);
            }
            // All is read and answered; a transaction without its end is dropped (section 3.8).
            self.end(Ending::PeerClosed);
        }
    }
}
