//! An HTTP client (RFC 9110, RFC 9112): a browser that fetches objects of one host, one after another.
//!
//! ```text
//!   Connecting --> AwaitingResponse --head--> ReadingContent --+--> Closing --> Closed
//!                        ^                                     |
//!                        +---- next path, same connection -----+
//! ```
//! A persistent client asks for the next object when the whole one before has come (no pipelining) and
//! closes when it has all. Without persistence it fetches one object and the server closes; what was not
//! fetched is in [`Client::remaining`], for the next connection.

mod request;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::Ending;
use super::content::Content;
use super::head::{self, ResponseHead};
use super::inbox::Inbox;
use super::outbox::Outbox;
use crate::engine::{Detail, Engine, Input, Line, Output, Unexpected, Way};
use crate::time::{Duration, Instant};

/// Settings of a client.
#[derive(Clone, Debug)]
pub struct Config {
    /// What the User-Agent field says.
    pub software: String,
    /// Longest head of a response in bytes.
    pub most_head: usize,
    /// Largest object in bytes.
    pub most_body: u64,
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
        /// What was asked for.
        path: String,
        /// `200`.
        status: u16,
        /// Of the content, if told.
        content_type: Option<String>,
        /// The content, without chunk sizes.
        body: Arc<[u8]>,
        /// Where the content stands in the stream from server to client, from its first byte to its last
        /// (sizes of chunks included).
        range: Range<u64>,
    },
    /// Every path has been fetched.
    Done,
    /// Something came that does not belong here.
    Unexpected(Unexpected),
    /// The dialogue is over. Paths in [`Client::remaining`] have not been fetched.
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
    paths: Vec<String>,
    /// How many of `paths` have been fetched.
    fetched: usize,
    persistent: bool,
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
    /// A client that fetches `paths` of `host` in order; `persistent`: all on one connection, otherwise
    /// the first of them only.
    pub fn new(config: Arc<Config>, host: String, paths: Vec<String>, persistent: bool) -> Self {
        Client {
            config,
            host,
            paths,
            fetched: 0,
            persistent,
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

    /// The paths that have not been fetched.
    pub fn remaining(&self) -> &[String] {
        &self.paths[self.fetched..]
    }

    fn set_state(&mut self, to: State) {
        self.state = to;
        self.due = match to {
            State::AwaitingResponse | State::ReadingContent => Some(self.now + self.config.timeout),
            // A server that said it would close and does not is not waited for either.
            State::Closing if !self.closed => Some(self.now + self.config.timeout),
            State::Connecting | State::Closing | State::Closed => None,
        };
    }

    fn tells_everything(&self) -> bool {
        self.config.detail == Detail::Everything
    }

    /// Asks for the next object, or closes if there is none.
    fn ask_next(&mut self) {
        let Some(path) = self.paths.get(self.fetched) else {
            self.out.event(Event::Done);
            return self.close();
        };
        let head = request::head(&self.config, &self.host, path, !self.persistent);
        if self.tells_everything() {
            let start = self.out.position();
            self.out.about_next_write(Event::Line(Line {
                way: Way::Sent,
                range: start..start + head.len() as u64,
                text: head::text(&head),
                verb: Some("GET".into()),
                code: None,
            }));
            self.out.about_next_write(Event::Request { method: "GET".to_owned(), path: path.clone() });
        }
        self.out.write(head, Arc::default());
        self.set_state(State::AwaitingResponse);
    }

    fn received(&mut self, bytes: &[u8]) {
        match self.state {
            State::Closed => return,
            State::Connecting | State::Closing => {
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
        let (range, text, first, response) = match self.inbox.take_head(self.config.most_head) {
            Ok(None) => return false,
            Err(_) => {
                let got = format!("a head of more than {} bytes", self.config.most_head);
                self.fail("a shorter head", got);
                return false;
            }
            Ok(Some((range, bytes))) => {
                let text = if everything { head::text(bytes) } else { String::new() };
                (range, text, head::first_line(bytes), head::response(bytes))
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
        let path = self.paths[self.fetched].clone();
        self.fetched += 1;
        self.out.event(Event::Received {
            path,
            status: incoming.head.status,
            content_type: incoming.head.content_type,
            body: Arc::from(incoming.body),
            range: incoming.start..self.inbox.position(),
        });
        if !self.inbox.is_empty() {
            let got = head::first_line(self.inbox.unread());
            return self.fail("nothing: no request is waiting for a response", got);
        }
        if self.fetched == self.paths.len() {
            self.out.event(Event::Done);
        }
        if peer_closed {
            self.close();
            self.end(Ending::Complete);
        } else if !self.persistent || incoming.head.close {
            // The server has been asked to close or has said that it will: it goes first.
            self.set_state(State::Closing);
        } else if self.fetched < self.paths.len() {
            self.ask_next();
        } else {
            self.close();
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
            State::Closing => {
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
