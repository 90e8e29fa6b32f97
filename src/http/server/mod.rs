//! An HTTP server (RFC 9110, RFC 9112): GET, HEAD and POST, persistent connections, pipelining, contents in chunks,
//! conditional requests.
//!
//! ```text
//!   AwaitingRequest --head--> [ReadingContent] --> Asking --Answer--> Responding --+
//!          ^                                         (the host)                    |
//!          +--------------------- connection stays open ---------------------------+
//!          +-- close asked for, or a request that cannot be read --> Closing --> Closed
//! ```
//! Requests that come before the response to an earlier one is out are kept (up to a limit) and answered
//! in order (RFC 9112 section 9.3.2). The host may take its time: a response that needs the answer of another server is
//! written when that has come, and not before.

mod response;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::Ending;
use super::content::{self, Content};
use super::head::{self, Framing, RequestHead};
use super::inbox::Inbox;
use super::outbox::Outbox;
use super::status::is_bodyless;
use super::{Method, OTHER_METHODS, Validators};
use crate::engine::{Detail, Engine, Input, Line, Output, RequestId, Unexpected, Way};
use crate::time::{Calendar, Duration, Instant};
use response::Ends;
pub use response::Response;

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
    /// Longest request line in bytes; a longer one is refused with 414 (RFC 9112 section 3: at least 8000).
    pub most_line: usize,
    /// Longest content of a request in bytes; a longer one is refused with 413.
    pub most_content: u64,
    /// Contents go in chunks of at most so many bytes, their length untold.
    pub chunk: Option<usize>,
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
            most_line: 8000,
            most_content: 64 * 1024,
            chunk: None,
            timeout: Duration::from_secs(60),
            detail: Detail::Everything,
        }
    }
}

/// What the server asks its host: what is to be answered to this?
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// GET or POST: what is said to HEAD is what would be said to GET.
    pub method: Method,
    /// Path and query, as the client wrote them: `/`, `/image1.png`.
    pub path: String,
    /// Cookie, if one was sent (RFC 6265 section 4.2).
    pub cookie: Option<String>,
    /// Of the content.
    pub content_type: Option<String>,
    /// What was sent with POST, without chunk sizes.
    pub body: Arc<[u8]>,
}

/// What the host answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The object, or that there is none (404).
    Object(Option<Object>),
    /// Anything else.
    Response(Box<Response>),
}

/// Something that can be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// `text/html`.
    pub content_type: String,
    /// The object itself.
    pub body: Arc<[u8]>,
    /// By what clients know this version of it.
    pub validators: Validators,
}

impl Object {
    /// An object that has no validators.
    pub fn new(content_type: &str, body: impl Into<Arc<[u8]>>) -> Self {
        Object { content_type: content_type.to_owned(), body: body.into(), validators: Validators::default() }
    }
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
    /// The content of a request came, all of it.
    Content {
        /// Of the content, if told.
        content_type: Option<String>,
        /// Its bytes, without chunk sizes.
        length: u64,
        /// Where it stands in the stream from client to server, from its first byte to its last (sizes of chunks
        /// included).
        range: Range<u64>,
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
    /// Reading the content of a request.
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
    /// What has been read of the content: its bytes, and where it begins in the stream.
    body: (Vec<u8>, u64),
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
            body: (Vec::new(), 0),
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
                let status = self.too_long(self.inbox.unread());
                self.unexpected("a shorter head", limit);
                self.refuse(status);
                return true;
            }
            Ok(Some((range, bytes))) => {
                let request = match self.config.most_line {
                    most if !line_ends_within(bytes, most) => {
                        Err(head::Wrong { status: 414, expected: "a shorter request line (RFC 9112 section 3)" })
                    }
                    _ => head::request(bytes),
                };
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
                self.refuse(wrong.status);
            }
        }
        true
    }

    fn begin(&mut self, request: RequestHead) {
        let framing = request.framing;
        let (method, path) = (request.method.clone(), request.path.clone());
        let expects_continue = request.expects_continue && framing != Framing::Length(0);
        let posts = Method::of(&method) == Some(Method::Post);
        let untold = posts && !request.tells_length;
        self.request = Some(request);
        if self.tells_everything() {
            self.out.event(Event::Request { method, path: path.clone() });
        }
        if untold {
            self.unexpected("Content-Length or chunks (RFC 9110 section 15.5.12)", format!("POST {path}"));
            return self.refuse(411);
        }
        if expects_continue && !posts {
            // Nobody wants the content: the final status instead of 100 spares sending it (RFC 9110
            // section 10.1.1), and closing leaves no doubt about what comes next.
            return self.refuse(417);
        }
        self.body = (Vec::new(), self.inbox.position());
        match Content::new(framing, self.config.most_content) {
            Ok(content) if content.is_complete() => self.ask(),
            Ok(content) => {
                self.content = Some(content);
                self.set_state(State::ReadingContent);
                // Who has begun to send does not wait for it.
                if expects_continue && self.inbox.is_empty() {
                    self.go_on();
                }
            }
            Err(wrong) => {
                self.unexpected(wrong.0, "a long content".to_owned());
                self.refuse(413);
            }
        }
    }

    /// Tells the client to send its content (RFC 9110 section 15.2.1).
    fn go_on(&mut self) {
        let head = b"HTTP/1.1 100 Continue\r\n\r\n".to_vec();
        if self.tells_everything() {
            let start = self.out.position();
            self.out.about_next_write(Event::Line(Line {
                way: Way::Sent,
                range: start..start + head.len() as u64,
                text: head::text(&head),
                verb: None,
                code: Some(100),
            }));
        }
        self.out.write(head, Arc::default());
    }

    /// The status for a head of which there is more than may be: whether its first line is to blame, and which part
    /// of that (RFC 9112 section 3).
    fn too_long(&self, head: &[u8]) -> u16 {
        if line_ends_within(head, self.config.most_line) {
            431
        } else if memchr::memchr(b' ', head).is_some() {
            414
        } else {
            501
        }
    }

    /// Reads on in the content of a request; says whether it came to its end.
    fn read_content(&mut self) -> bool {
        let mut content = self.content.take().expect("in state ReadingContent there is a content");
        let body = &mut self.body.0;
        match content.read(self.inbox.unread(), |data| body.extend_from_slice(data)) {
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
                let status = if wrong == content::TOO_LONG { 413 } else { 400 };
                self.unexpected(wrong.0, "other bytes".to_owned());
                self.refuse(status);
                true
            }
        }
    }

    /// The request is whole: asks the host for the object, unless the method needs no object.
    fn ask(&mut self) {
        let (body, start) = std::mem::take(&mut self.body);
        let range = start..self.inbox.position();
        let request = self.request.as_ref().expect("a request has been read");
        let content_type = request.content_type.clone();
        if !range.is_empty() && self.config.detail == Detail::Everything {
            let length = body.len() as u64;
            self.out.event(Event::Content { content_type: content_type.clone(), length, range });
        }
        let method = match Method::of(&request.method) {
            Some(Method::Get | Method::Head) => Method::Get,
            Some(Method::Post) => Method::Post,
            // RFC 9110 section 9.1: known and not allowed, or not known at all.
            None if OTHER_METHODS.contains(&request.method.as_str()) => return self.respond(not_allowed()),
            None => return self.respond(Response::explained(501)),
        };
        // What comes with other methods means nothing (RFC 9110 section 9.3.1).
        let body = if method == Method::Post { body.into() } else { Arc::default() };
        let (path, cookie) = (request.path.clone(), request.cookie.clone());
        let request = Request { method, path, cookie, content_type, body };
        self.asked = self.asked.wrapping_add(1);
        self.out.ask(RequestId(self.asked), request);
        self.set_state(State::Asking);
    }

    fn answered(&mut self, id: RequestId, answer: Answer) {
        if self.state != State::Asking || id != RequestId(self.asked) {
            return;
        }
        let posted = self.request.as_ref().is_some_and(|r| r.method == Method::Post.name());
        let response = match answer {
            Answer::Object(Some(_)) if posted => not_allowed(),
            Answer::Object(Some(object)) => Response::new(200, object),
            Answer::Object(None) => Response::explained(404),
            Answer::Response(response) => *response,
        };
        let copy = self.request.as_ref().filter(|_| response.status == 200 && !posted).is_some_and(|r| {
            response.object.validators.match_copy(r.if_none_match.as_deref(), r.if_modified_since.as_deref())
        });
        self.respond(if copy { response.not_modified() } else { response });
    }

    /// Refuses what came and closes: where the next request would begin is not known.
    fn refuse(&mut self, status: u16) {
        let request = self.request.get_or_insert_with(|| RequestHead {
            method: "GET".to_owned(),
            path: String::new(),
            close: true,
            is_old: false,
            tells_length: false,
            content_type: None,
            cookie: None,
            if_none_match: None,
            if_modified_since: None,
            framing: Framing::Length(0),
            expects_continue: false,
        });
        request.close = true;
        self.respond(Response::explained(status));
    }

    fn respond(&mut self, response: Response) {
        let request = self.request.take().expect("a response has its request");
        let close = request.close || !self.config.keep_alive;
        let bodyless = request.method == Method::Head.name() || is_bodyless(response.status);
        // HTTP/1.0 knows no chunks (RFC 9112 section 6.1).
        let chunk = self.config.chunk.filter(|_| !request.is_old);
        let ends = if chunk.is_some() { Ends::Chunks } else { Ends::Length };
        let head = response::head(&self.config, self.now, &response, ends, close);
        let Response { status, object, .. } = response;
        let start = self.out.position();
        let body_start = start + head.len() as u64;
        let length = object.body.len() as u64;
        let body = match chunk {
            _ if bodyless => Arc::default(),
            Some(size) => content::in_chunks(&object.body, size).into(),
            None => object.body,
        };
        if self.tells_everything() {
            let (text, code) = (head::text(&head), Some(status));
            self.out.about_next_write(Event::Line(Line {
                way: Way::Sent,
                range: start..body_start,
                text,
                verb: None,
                code,
            }));
            let content_type = object.content_type;
            self.out.about_next_write(Event::Response { status, content_type, length });
            if !body.is_empty() {
                self.out.about_next_write(Event::Body { range: body_start..body_start + body.len() as u64 });
            }
        }
        self.out.write(head, body);
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
            State::AwaitingRequest | State::ReadingContent => self.refuse(408),
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

/// A method that is known and not for this object (RFC 9110 section 15.5.6).
fn not_allowed() -> Response {
    Response::explained(405).with("Allow", "GET, HEAD")
}

/// Whether the first line of a head ends within so many bytes.
fn line_ends_within(head: &[u8], most: usize) -> bool {
    memchr::memchr(b'\n', &head[..head.len().min(most + 2)]).is_some()
}

#[cfg(test)]
mod tests;
