//! An HTTP client (RFC 9110, RFC 9112): one connection of a browser to one host, on which it asks one thing after
//! another.
//!
//! ```text
//!   Connecting --> AwaitingResponse --head--> ReadingContent --+--> Closing --> Closed
//!                    ^  ^                                      |
//!                    |  +----- next request, same connection --+
//!                    +--push-- Idle <-- nothing to ask yet ----+
//! ```
//! A persistent client asks for the next object when the whole one before has come (no pipelining) and
//! closes when it has all; one that [stays](Client::stays) waits for what its user wants next. Without persistence it
//! asks once and the server closes; what was not asked is in [`Client::remaining`], for the next connection.

mod request;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::content::{self, Content};
use super::head::{self, ResponseHead};
use super::inbox::Inbox;
use super::outbox::Outbox;
use super::{Ending, Method};
use crate::engine::{Detail, Engine, Input, Line, Output, Unexpected, Way};
use crate::time::{Duration, Instant};

pub use super::head::Told;
pub use request::Request;

/// Settings of a client.
#[derive(Clone, Debug)]
pub struct Config {
    /// What the User-Agent field says.
    pub software: String,
    /// Longest head of a response in bytes.
    pub most_head: usize,
    /// Largest object in bytes.
    pub most_body: u64,
    /// Contents go in chunks of at most so many bytes, their length untold.
    pub chunk: Option<usize>,
    /// How long a silent server is waited for.
    pub timeout: Duration,
    /// How much it tells.
    pub detail: Detail,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            software: "Mailpath".to_owned(),
            most_head: 8192,
            most_body: 16 * 1024 * 1024,
            chunk: None,
            timeout: Duration::from_secs(60),
            detail: Detail::Everything,
        }
    }
}

/// The client asks its host nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}

/// What the client tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A whole head, sent or received.
    Line(Line),
    /// A request is being sent.
    Request {
        /// `GET`.
        method: String,
        /// Path and query.
        path: String,
    },
    /// The content of a request is being sent.
    Content {
        /// `application/x-www-form-urlencoded`.
        content_type: Option<String>,
        /// Its bytes, without chunk sizes.
        length: u64,
        /// Where it stands in the stream from client to server; sizes of chunks included.
        range: Range<u64>,
    },
    /// The head of a response came.
    Response {
        /// `200`.
        status: u16,
        /// Of the content, if told.
        content_type: Option<String>,
        /// Bytes of the content, if told in the head.
        length: Option<u64>,
    },
    /// A piece of the content came.
    Body {
        /// Where it stands in the stream from server to client; sizes of chunks included.
        range: Range<u64>,
    },
    /// A whole object is here.
    Received {
        /// By which method.
        method: Method,
        /// What was asked for.
        path: String,
        /// `200`.
        status: u16,
        /// Of the content, if told.
        content_type: Option<String>,
        /// What else the response tells.
        told: Box<Told>,
        /// The content, without chunk sizes.
        body: Arc<[u8]>,
        /// Where the content stands in the stream from server to client, from its first byte to its last
        /// (sizes of chunks included).
        range: Range<u64>,
    },
    /// Everything has been asked and answered.
    Done,
    /// Something came that does not belong here.
    Unexpected(Unexpected),
    /// The dialogue is over. What is in [`Client::remaining`] has not been answered.
    Ended(Ending),
}

/// Where the client is in the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// The connection is not open yet.
    Connecting,
    /// A request is out (or on its way out).
    AwaitingResponse,
    /// The head of the response has come.
    ReadingContent,
    /// The connection is open, and nothing is to be asked yet.
    Idle,
    /// Nothing more will be asked for; one side has not closed yet.
    Closing,
    /// Over.
    Closed,
}

impl State {
    /// The name, in words.
    pub const fn name(self) -> &'static str {
        match self {
            State::Connecting => "connecting",
            State::AwaitingResponse => "awaiting response",
            State::ReadingContent => "reading content",
            State::Idle => "idle",
            State::Closing => "closing",
            State::Closed => "closed",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A response whose content is coming.
#[derive(Clone, Debug)]
struct Incoming {
    head: ResponseHead,
    content: Content,
    body: Vec<u8>,
    start: u64,
}

/// One connection of a client; see the [module](self).
#[derive(Clone, Debug)]
pub struct Client {
    config: Arc<Config>,
    host: String,
    requests: Vec<Request>,
    /// How many of them have been answered.
    answered: usize,
    persistent: bool,
    /// It waits when it has nothing to ask.
    stays: bool,
    /// That there is nothing more has been told.
    done: bool,
    state: State,
    inbox: Inbox,
    out: Outbox<Event, Never>,
    incoming: Option<Incoming>,
    /// We have closed our side.
    closed: bool,
    now: Instant,
    /// When a silent server is given up.
    due: Option<Instant>,
}

impl Client {
    /// A client that asks `host` for these in order; `persistent`: all on one connection, otherwise the first of them
    /// only.
    pub fn new(config: Arc<Config>, host: String, requests: Vec<Request>, persistent: bool) -> Self {
        Client {
            config,
            host,
            requests,
            answered: 0,
            persistent,
            stays: false,
            done: false,
            state: State::Connecting,
            inbox: Inbox::default(),
            out: Outbox::new(),
            incoming: None,
            closed: false,
            now: Instant::ZERO,
            due: None,
        }
    }

    /// Where it is in the dialogue.
    pub fn state(&self) -> State {
        self.state
    }

    /// What has not been answered.
    pub fn remaining(&self) -> &[Request] {
        &self.requests[self.answered..]
    }

    /// The same client, which waits for more when it has nothing to ask, until [`Client::finish`].
    #[must_use]
    pub fn stays(mut self) -> Self {
        self.stays = true;
        self
    }

    /// Whether what is pushed now will be asked on this connection.
    pub fn takes_more(&self) -> bool {
        self.state < State::Closing
    }

    /// Asks for one more thing, behind the others. Poll the output afterwards, as after an input.
    pub fn push(&mut self, now: Instant, request: Request) {
        self.now = self.now.max(now);
        self.requests.push(request);
        if self.state == State::Idle {
            self.ask_next();
        }
    }

    /// There is nothing more: closes when everything is answered. Poll the output afterwards, as after an input.
    pub fn finish(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.stays = false;
        match self.state {
            State::Idle => self.ask_next(),
            State::Closing if self.answered == self.requests.len() => self.done(),
            _ => {}
        }
    }

    fn done(&mut self) {
        if !std::mem::replace(&mut self.done, true) {
            self.out.event(Event::Done);
        }
    }

    fn set_state(&mut self, to: State) {
        self.state = to;
        self.due = match to {
            State::AwaitingResponse | State::ReadingContent => Some(self.now + self.config.timeout),
            // A server that said it would close and does not is not waited for either.
            State::Closing if !self.closed => Some(self.now + self.config.timeout),
            State::Connecting | State::Idle | State::Closing | State::Closed => None,
        };
    }

    fn tells_everything(&self) -> bool {
        self.config.detail == Detail::Everything
    }

    /// Asks for the next object; closes if there is none, or waits.
    fn ask_next(&mut self) {
        let Some(request) = self.requests.get(self.answered) else {
            if self.stays {
                return self.set_state(State::Idle);
            }
            self.done();
            return self.close();
        };
        let head = request::head(&self.config, &self.host, request, !self.persistent);
        let (method, path) = (request.method.name(), request.path.clone());
        let (content_type, length) = match &request.content {
            Some((kind, body)) => (Some(kind.clone()), body.len() as u64),
            None => (None, 0),
        };
        let body = match (&request.content, self.config.chunk) {
            (Some((_, body)), Some(size)) => content::in_chunks(body, size).into(),
            (Some((_, body)), None) => Arc::clone(body),
            (None, _) => Arc::default(),
        };
        if self.tells_everything() {
            let start = self.out.position();
            self.out.about_next_write(Event::Line(Line {
                way: Way::Sent,
                range: start..start + head.len() as u64,
                text: head::text(&head),
                verb: Some(method.into()),
                code: None,
            }));
            self.out.about_next_write(Event::Request { method: method.to_owned(), path });
            if !body.is_empty() {
                let start = start + head.len() as u64;
                let range = start..start + body.len() as u64;
                self.out.about_next_write(Event::Content { content_type, length, range });
            }
        }
        self.out.write(head, body);
        self.set_state(State::AwaitingResponse);
    }

    fn received(&mut self, bytes: &[u8]) {
        match self.state {
            State::Closed => return,
            State::Connecting | State::Idle | State::Closing => {
                return self.fail("nothing: no request is waiting for a response", head::first_line(bytes));
            }
            State::AwaitingResponse | State::ReadingContent => {}
        }
        self.inbox.push(bytes);
        self.set_state(self.state);
        loop {
            let more = match self.state {
                State::AwaitingResponse => self.take_head(),
                State::ReadingContent => self.read_content(),
                _ => false,
            };
            if !more {
                break;
            }
        }
    }

    /// Takes the head of the response, if it is there.
    fn take_head(&mut self) -> bool {
        let everything = self.tells_everything();
        let method = self.requests.get(self.answered).map(|r| r.method).unwrap_or_default();
        let (range, text, first, response) = match self.inbox.take_head(self.config.most_head) {
            Ok(None) => return false,
            Err(_) => {
                let got = format!("a head of more than {} bytes", self.config.most_head);
                self.fail("a shorter head", got);
                return false;
            }
            Ok(Some((range, bytes))) => {
                let text = if everything { head::text(bytes) } else { String::new() };
                (range, text, head::first_line(bytes), head::response(bytes, method))
            }
        };
        let code = response.as_ref().ok().map(|r| r.status);
        let start = range.end;
        if everything {
            self.out.event(Event::Line(Line { way: Way::Received, range, text, verb: None, code }));
        }
        if self.out.has_writes() {
            // Nobody can know what we are asking for before we have said it.
            self.fail("room to send the request", first);
            return false;
        }
        let head = match response {
            // Interim responses come before the final one (RFC 9110 section 15.2); the connection is not
            // ours any more after 101, and we never ask for that.
            Ok(head) if head.status != 101 && head.status < 200 => return true,
            Ok(head) if head.status != 101 => head,
            Ok(_) => {
                self.fail("a response in HTTP/1.1", first);
                return false;
            }
            Err(wrong) => {
                self.fail(wrong.expected, first);
                return false;
            }
        };
        let content = match Content::new(head.framing, self.config.most_body) {
            Ok(content) => content,
            Err(wrong) => {
                self.fail(wrong.0, first);
                return false;
            }
        };
        if everything {
            let length = match head.framing {
                head::Framing::Length(n) => Some(n),
                head::Framing::Chunked | head::Framing::UntilClose => None,
            };
            let content_type = head.content_type.clone();
            self.out.event(Event::Response { status: head.status, content_type, length });
        }
        self.incoming = Some(Incoming { head, content, body: Vec::new(), start });
        self.set_state(State::ReadingContent);
        true
    }

    /// Reads on in the content; says whether another response may follow.
    fn read_content(&mut self) -> bool {
        let incoming = self.incoming.as_mut().expect("in state ReadingContent there is a response");
        let from = self.inbox.position();
        let body = &mut incoming.body;
        match incoming.content.read(self.inbox.unread(), |data| body.extend_from_slice(data)) {
            Err(wrong) => {
                self.fail(wrong.0, "other bytes".to_owned());
                return false;
            }
            Ok(0) => {}
            Ok(n) => {
                self.inbox.consume(n);
                if self.tells_everything() {
                    self.out.event(Event::Body { range: from..from + n as u64 });
                }
            }
        }
        let complete = self.incoming.as_ref().is_some_and(|i| i.content.is_complete());
        if complete {
            self.complete(false);
        }
        false
    }

    /// The whole object is here.
    fn complete(&mut self, peer_closed: bool) {
        let incoming = self.incoming.take().expect("a response has come");
        let Request { method, path, .. } = self.requests[self.answered].clone();
        self.answered += 1;
        self.out.event(Event::Received {
            method,
            path,
            status: incoming.head.status,
            content_type: incoming.head.content_type,
            told: Box::new(incoming.head.told),
            body: Arc::from(incoming.body),
            range: incoming.start..self.inbox.position(),
        });
        if !self.inbox.is_empty() {
            let got = head::first_line(self.inbox.unread());
            return self.fail("nothing: no request is waiting for a response", got);
        }
        if self.answered == self.requests.len() && !self.stays {
            self.done();
        }
        if peer_closed {
            self.close();
            self.end(Ending::Complete);
        } else if !self.persistent || incoming.head.close {
            // The server has been asked to close or has said that it will: it goes first.
            self.set_state(State::Closing);
        } else {
            self.ask_next();
        }
    }

    fn close(&mut self) {
        self.out.close();
        self.closed = true;
        self.set_state(State::Closing);
    }

    /// What came makes no sense: there is no way to tell where sense begins again.
    fn fail(&mut self, expected: &'static str, got: String) {
        self.out.event(Event::Unexpected(Unexpected { state: self.state.name(), expected, got }));
        self.out.abort();
        self.end(Ending::Malformed);
    }

    fn end(&mut self, ending: Ending) {
        self.incoming = None;
        self.inbox = Inbox::default();
        self.set_state(State::Closed);
        self.out.event(Event::Ended(ending));
    }

    fn peer_closed(&mut self) {
        match self.state {
            State::Closed => {}
            State::ReadingContent if self.incoming.as_ref().is_some_and(|i| i.content.may_end_here()) => {
                self.complete(true);
            }
            State::Closing | State::Idle => {
                if !self.closed {
                    self.out.close();
                }
                self.end(Ending::Complete);
            }
            State::Connecting | State::AwaitingResponse | State::ReadingContent => {
                let (expected, got) = ("the rest of the response", "end of the stream".to_owned());
                self.out.event(Event::Unexpected(Unexpected { state: self.state.name(), expected, got }));
                self.out.forget_writes();
                self.out.close();
                self.end(Ending::Incomplete);
            }
        }
    }

    fn timeout(&mut self) {
        if self.due.is_none_or(|due| self.now < due) {
            return;
        }
        if self.state == State::Closing {
            return self.close();
        }
        self.out.abort();
        self.end(Ending::Timeout);
    }
}

impl Engine for Client {
    type Event = Event;
    type Request = Never;
    type Answer = Never;

    fn handle_input(&mut self, now: Instant, input: Input<'_, Never>) {
        self.now = now;
        match input {
            Input::Connected if self.state == State::Connecting => self.ask_next(),
            Input::Connected => {}
            Input::Bytes(bytes) => self.received(bytes),
            Input::Writable(room) => self.out.grant(room),
            Input::PeerClosed => self.peer_closed(),
            Input::Reset if self.state == State::Closed => {}
            Input::Reset => {
                self.out.forget_writes();
                self.end(Ending::Reset);
            }
            // HTTP has no TLS here.
            Input::Secured(_) | Input::NotSecured(_) => {}
            Input::Answer(_, never) => match never {},
            Input::Timeout => self.timeout(),
        }
    }

    fn poll_output(&mut self) -> Output<Event, Never> {
        self.out.poll().unwrap_or(Output::Wait(self.due))
    }
}

#[cfg(test)]
mod tests;
