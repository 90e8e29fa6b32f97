//! An HTTP server (RFC 9110, RFC 9112): GET and HEAD, persistent connections, pipelining.
//!
//! ```text
//!   AwaitingRequest --head--> [ReadingContent] --> Asking --Answer--> Responding --+
//!          ^                                         (the host)                    |
//!          +--------------------- connection stays open ---------------------------+
//!          +-- close asked for, or a request that cannot be read --> Closing --> Closed
//! ```
//! Requests that come before the response to an earlier one is out are kept (up to a limit) and answered
//! in order (RFC 9112 section 9.3.2).

mod response;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::Ending;
use super::content::Content;
use super::head::{self, Framing, RequestHead};
use super::inbox::Inbox;
use super::outbox::Outbox;
use crate::engine::{Detail, Engine, Input, Line, Output, RequestId, Unexpected, Way};
use crate::time::{Calendar, Duration, Instant};
use response::Status;

/// Settings of a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// What the Server field says.
    pub software: String,
    /// Keeps connections open between requests; off: closes after each response.
    pub keep_alive: bool,
    /// The date that the Date field shows.
    pub calendar: Calendar,
    /// Longest head of a request in bytes; a longer one is refused with 431.
    pub most_head: usize,
    /// How long a silent connection is kept.
    pub timeout: Duration,
    /// How much it tells.
    pub detail: Detail,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            software: "Mailpath".to_owned(),
            keep_alive: true,
            calendar: Calendar::default(),
            most_head: 8192,
            timeout: Duration::from_secs(60),
            detail: Detail::Everything,
        }
    }
}

/// What the server asks its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Is there an object with this path, and which?
    Get {
        /// Path and query, as the client wrote them: `/`, `/image1.png`.
        path: String,
    },
}

/// What the host answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The object, or that there is none (404).
    Object(Option<Object>),
}

/// Something that can be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// `text/html`.
    pub content_type: String,
    /// The object itself.
    pub body: Arc<[u8]>,
}

/// What the server tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A whole head, received or sent.
    Line(Line),
    /// A request that can be answered came.
    Request {
        /// `GET`.
        method: String,
        /// Path and query.
        path: String,
    },
    /// A response is being sent.
    Response {
        /// `200`.
        status: u16,
        /// Of the content.
        content_type: String,
        /// Bytes of the content; a response to HEAD tells the length and sends nothing.
        length: u64,
    },
    /// The content of the response that is being sent.
    Body {
        /// Where it stands in the stream from server to client.
        range: Range<u64>,
    },
    /// Something came that does not belong here.
    Unexpected(Unexpected),
    /// The dialogue is over.
    Ended(Ending),
}

/// Where the server is in the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Between two requests, or in the head of one.
    AwaitingRequest,
    /// Reading (and throwing away) the content of a request.
    ReadingContent,
    /// The host has been asked for the object.
    Asking,
    /// The response is on its way out.
    Responding,
    /// Nothing more will be sent; the client has not closed yet.
    Closing,
    /// Over.
    Closed,
}

impl State {
    /// The name, in words.
    pub const fn name(self) -> &'static str {
        match self {
            State::AwaitingRequest => "awaiting request",
            State::ReadingContent => "reading content",
            State::Asking => "asking the host",
            State::Responding => "responding",
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

/// Requests that may wait for their turn, in bytes; one whole TCP window more than any client needs.
const MOST_WAITING: usize = 128 * 1024;
/// Longest content of a request that is read to its end; nobody needs it, but what follows it counts.
const MOST_CONTENT: u64 = 64 * 1024;

/// One connection of a server; see the [module](self).
#[derive(Clone, Debug)]
pub struct Server {
    config: Arc<Config>,
    state: State,
    inbox: Inbox,
    out: Outbox<Event, Request>,
    /// The request in hand, from its head to its response.
    request: Option<RequestHead>,
    content: Option<Content>,
    asked: u32,
    peer_closed: bool,
    now: Instant,
    /// When a silent peer is given up.
    due: Option<Instant>,
}

impl Server {
    /// A server for one connection.
    pub fn new(config: Arc<Config>) -> Self {
        Server {
            config,
            state: State::AwaitingRequest,
            inbox: Inbox::default(),
            out: Outbox::new(),
            request: None,
            content: None,
            asked: 0,
            peer_closed: false,
            now: Instant::ZERO,
            due: None,
        }
    }

    /// Where it is in the dialogue.
    pub fn state(&self) -> State {
        self.state
    }

    fn set_state(&mut self, to: State) {
        self.state = to;
        // Whose turn is it? A host answers when it likes, and closing is TCP's business.
        self.due = match to {
            State::AwaitingRequest | State::ReadingContent | State::Responding => Some(self.now + self.config.timeout),
            State::Asking | State::Closing | State::Closed => None,
        };
    }

    fn tells_everything(&self) -> bool {
        self.config.detail == Detail::Everything
    }

    fn received(&mut self, bytes: &[u8]) {
        if self.state >= State::Closing {
            return;
        }
        self.inbox.push(bytes);
        self.set_state(self.state);
        self.proceed();
        if self.state < State::Closing && self.inbox.unread().len() > MOST_WAITING {
            self.unexpected("to read the responses before sending more requests", "more requests".to_owned());
            self.out.abort();
            self.end(Ending::Malformed);
        }
    }

    /// Reads as far as it can without an answer of the host.
    fn proceed(&mut self) {
        loop {
            match self.state {
                State::AwaitingRequest => {
                    if !self.take_request() {
                        break;
                    }
                }
                State::ReadingContent => {
                    if !self.read_content() {
                        break;
                    }
                }
                _ => return,
            }
        }
        if self.peer_closed {
            self.out_of_requests();
        }
    }

    /// Takes the next head, if it is there.
    fn take_request(&mut self) -> bool {
        self.inbox.skip_empty_lines();
        let state = self.state;
        let (range, request, line) = match self.inbox.take_head(self.config.most_head) {
            Ok(None) => return false,
            Err(_) => {
                let limit = format!("a head of more than {} bytes", self.config.most_head);
                self.unexpected("a shorter head", limit);
                self.refuse(Status::HEAD_TOO_LARGE);
                return true;
            }
            Ok(Some((range, bytes))) => {
                let request = head::request(bytes);
                let text = if self.config.detail == Detail::Everything { head::text(bytes) } else { String::new() };
                (range, request.map_err(|wrong| (wrong, head::first_line(bytes))), text)
            }
        };
        if self.tells_everything() {
            let verb = line.split_ascii_whitespace().next().map(|verb| verb.to_owned().into());
            self.out.event(Event::Line(Line { way: Way::Received, range, text: line, verb, code: None }));
        }
        match request {
            Ok(request) => self.begin(request),
            Err((wrong, got)) => {
                self.out.event(Event::Unexpected(Unexpected { state: state.name(), expected: wrong.expected, got }));
                self.refuse(Status::from_code(wrong.status));
            }
        }
        true
    }

    fn begin(&mut self, request: RequestHead) {
        let framing = request.framing;
        let (method, path) = (request.method.clone(), request.path.clone());
        let expects_continue = request.expects_continue && framing != Framing::Length(0);
        self.request = Some(request);
        if self.tells_everything() {
            self.out.event(Event::Request { method, path });
        }
        if expects_continue {
            // Nobody wants the content: the final status instead of 100 spares sending it (RFC 9110
            // section 10.1.1), and closing leaves no doubt about what comes next.
            return self.refuse(Status::EXPECTATION_FAILED);
        }
        match Content::new(framing, MOST_CONTENT) {
            Ok(content) if content.is_complete() => self.ask(),
            Ok(content) => {
                self.content = Some(content);
                self.set_state(State::ReadingContent);
            }
            Err(wrong) => {
                self.unexpected(wrong.0, "a long content".to_owned());
                self.refuse(Status::CONTENT_TOO_LARGE);
            }
        }
    }

    /// Reads on in the content of a request; says whether it came to its end.
    fn read_content(&mut self) -> bool {
        let mut content = self.content.take().expect("in state ReadingContent there is a content");
        match content.read(self.inbox.unread(), |_| {}) {
            Ok(n) => {
                self.inbox.consume(n);
                if content.is_complete() {
                    self.ask();
                    return true;
                }
                self.content = Some(content);
                false
            }
            Err(wrong) => {
                self.unexpected(wrong.0, "other bytes".to_owned());
                self.refuse(Status::BAD_REQUEST);
                true
            }
        }
    }

    /// The request is whole: asks the host for the object, unless the method needs no object.
    fn ask(&mut self) {
        let request = self.request.as_ref().expect("a request has been read");
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return self.respond(Status::METHOD_NOT_ALLOWED, None);
        }
        let request = Request::Get { path: request.path.clone() };
        self.asked = self.asked.wrapping_add(1);
        self.out.ask(RequestId(self.asked), request);
        self.set_state(State::Asking);
    }

    fn answered(&mut self, id: RequestId, answer: Answer) {
        if self.state != State::Asking || id != RequestId(self.asked) {
            return;
        }
        let Answer::Object(object) = answer;
        match object {
            Some(object) => self.respond(Status::OK, Some(object)),
            None => self.respond(Status::NOT_FOUND, None),
        }
    }

    /// Refuses what came and closes: where the next request would begin is not known.
    fn refuse(&mut self, status: Status) {
        let request = self.request.get_or_insert_with(|| RequestHead {
            method: "GET".to_owned(),
            path: String::new(),
            close: true,
            framing: Framing::Length(0),
            expects_continue: false,
        });
        request.close = true;
        self.respond(status, None);
    }

    fn respond(&mut self, status: Status, object: Option<Object>) {
        let request = self.request.take().expect("a response has its request");
        let close = request.close || !self.config.keep_alive;
        let object = object.unwrap_or_else(|| status.explained());
        let bodyless = request.method == "HEAD";
        let head = response::head(&self.config, self.now, status, &object, close);
        let start = self.out.position();
        let body_start = start + head.len() as u64;
        let length = object.body.len() as u64;
        if self.tells_everything() {
            let (text, code) = (head::text(&head), Some(status.code));
            self.out.about_next_write(Event::Line(Line {
                way: Way::Sent,
                range: start..body_start,
                text,
                verb: None,
                code,
            }));
            let content_type = object.content_type;
            self.out.about_next_write(Event::Response { status: status.code, content_type, length });
            if length > 0 && !bodyless {
                self.out.about_next_write(Event::Body { range: body_start..body_start + length });
            }
        }
        self.out.write(head, if bodyless { Arc::default() } else { object.body });
        if close {
            self.out.close();
            self.closed();
        } else {
            self.set_state(State::Responding);
        }
    }

    /// Our side of the connection is closed, or will be when everything is out.
    fn closed(&mut self) {
        self.set_state(State::Closing);
        self.inbox = Inbox::default();
        if self.peer_closed {
            self.end(Ending::Complete);
        }
    }

    fn end(&mut self, ending: Ending) {
        self.set_state(State::Closed);
        self.inbox = Inbox::default();
        self.out.event(Event::Ended(ending));
    }

    fn peer_closed(&mut self) {
        if self.peer_closed || self.state == State::Closed {
            return;
        }
        self.peer_closed = true;
        match self.state {
            State::AwaitingRequest | State::ReadingContent => self.out_of_requests(),
            State::Closing => self.end(Ending::Complete),
            _ => {}
        }
    }

    /// The client has closed, and there is no whole request of it left.
    fn out_of_requests(&mut self) {
        let between = self.state == State::AwaitingRequest && self.inbox.is_empty();
        if !between {
            self.unexpected("the rest of the request", "end of the stream".to_owned());
        }
        self.out.close();
        self.end(if between { Ending::Complete } else { Ending::Incomplete });
    }

    fn timeout(&mut self) {
        if self.due.is_none_or(|due| self.now < due) {
            return;
        }
        match self.state {
            State::AwaitingRequest if self.inbox.is_empty() => {
                // A connection on which nothing is going on may be closed by either side at any time
                // (RFC 9112 section 9.5).
                self.out.close();
                self.closed();
            }
            State::AwaitingRequest | State::ReadingContent => self.refuse(Status::REQUEST_TIMEOUT),
            _ => {
                self.out.abort();
                self.end(Ending::Timeout);
            }
        }
    }

    fn unexpected(&mut self, expected: &'static str, got: String) {
        self.out.event(Event::Unexpected(Unexpected { state: self.state.name(), expected, got }));
    }
}

impl Engine for Server {
    type Event = Event;
    type Request = Request;
    type Answer = Answer;

    fn handle_input(&mut self, now: Instant, input: Input<'_, Answer>) {
        self.now = now;
        match input {
            Input::Connected => self.set_state(self.state),
            Input::Bytes(bytes) => self.received(bytes),
            Input::Writable(room) => {
                self.out.grant(room);
                self.set_state(self.state);
            }
            Input::PeerClosed => self.peer_closed(),
            Input::Reset if self.state == State::Closed => {}
            Input::Reset => {
                self.out.forget_writes();
                self.end(Ending::Reset);
            }
            // HTTP has no TLS here.
            Input::Secured(_) | Input::NotSecured(_) => {}
            Input::Answer(id, answer) => self.answered(id, answer),
            Input::Timeout => self.timeout(),
        }
    }

    fn poll_output(&mut self) -> Output<Event, Request> {
        loop {
            if let Some(output) = self.out.poll() {
                return output;
            }
            if self.state == State::Responding && self.out.is_empty() {
                // The response is out; now the next request has its turn.
                self.set_state(State::AwaitingRequest);
                self.proceed();
                continue;
            }
            return Output::Wait(self.due);
        }
    }
}

#[cfg(test)]
mod tests;
