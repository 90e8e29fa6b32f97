//! DNS over TCP (RFC 1035 section 4.2.2, RFC 7766): for answers that a datagram cannot hold.
//!
//! ```text
//!  client: SYN ...   00 1d <29 bytes of query>
//!  server:                                       01 f4 <500 bytes of response>
//!  client: FIN                                   (section 6.2.3: who asks also closes)
//! ```
//! Every message has its length in front, two bytes. Both ends are engines of the usual contract; the zones are the
//! host's, so that the server asks it.

use std::collections::VecDeque;

use crate::engine::{Engine, Input, Output, RequestId};
use crate::time::{Duration, Instant};

/// How long a client waits for the answer once the connection is open.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How long a server keeps a connection on which nothing is asked (RFC 7766 section 6.2.3: a few seconds).
pub const IDLE: Duration = Duration::from_secs(10);

/// A message with its length in front; none if it is too long for that.
fn framed(message: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(message.len()).ok()?;
    Some([&length.to_be_bytes(), message].concat())
}

/// The bytes of one direction, cut into messages.
#[derive(Clone, Debug, Default)]
struct Inbox(Vec<u8>);

impl Inbox {
    fn next(&mut self) -> Option<Vec<u8>> {
        let length = usize::from(u16::from_be_bytes(*self.0.first_chunk()?));
        let message = self.0.get(2..2 + length)?.to_vec();
        self.0.drain(..2 + length);
        Some(message)
    }
}

/// What is still to be written, as there is room.
#[derive(Clone, Debug, Default)]
struct Outbox {
    waiting: Vec<u8>,
    room: usize,
}

impl Outbox {
    fn next(&mut self) -> Option<Vec<u8>> {
        let length = self.waiting.len().min(self.room);
        self.room -= length;
        (length > 0).then(|| self.waiting.drain(..length).collect())
    }
}

/// What a client tells: one thing, at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The response.
    Response(Vec<u8>),
    /// The connection ended without one.
    Failed,
}

/// A client asks its host nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}

/// One query on a connection of its own.
#[derive(Clone, Debug)]
pub struct Client {
    query: Vec<u8>,
    out: Outbox,
    inbox: Inbox,
    deadline: Option<Instant>,
    told: VecDeque<Output<Event, Never>>,
    done: bool,
}

impl Client {
    /// A client that will ask `query` when the connection is open.
    pub fn new(query: Vec<u8>) -> Client {
        Client {
            query,
            out: Outbox::default(),
            inbox: Inbox::default(),
            deadline: None,
            told: VecDeque::new(),
            done: false,
        }
    }

    fn end(&mut self, event: Event, last: Option<Output<Event, Never>>) {
        self.done = true;
        self.deadline = None;
        self.out.waiting.clear();
        self.told.push_back(Output::Event(event));
        self.told.extend(last);
    }
}

impl Engine for Client {
    type Event = Event;
    type Request = Never;
    type Answer = Never;

    fn handle_input(&mut self, now: Instant, input: Input<'_, Never>) {
        if self.done {
            return;
        }
        match input {
            Input::Connected => {
                self.deadline = Some(now + PATIENCE);
                self.out.waiting.extend(framed(&self.query).unwrap_or_default());
            }
            Input::Writable(n) => self.out.room = self.out.room.saturating_add(n),
            Input::Bytes(bytes) => {
                self.inbox.0.extend_from_slice(bytes);
                if let Some(message) = self.inbox.next() {
                    self.end(Event::Response(message), Some(Output::Close));
                }
            }
            Input::PeerClosed => self.end(Event::Failed, Some(Output::Close)),
            // DNS over TLS (RFC 7858) is not asked for.
            Input::Secured(_) | Input::NotSecured(_) => {}
            Input::Reset => self.end(Event::Failed, None),
            Input::Timeout if self.deadline.is_some_and(|at| at <= now) => {
                self.end(Event::Failed, Some(Output::Abort));
            }
            Input::Timeout => {}
            Input::Answer(_, never) => match never {},
        }
    }

    fn poll_output(&mut self) -> Output<Event, Never> {
        if let Some(output) = self.told.pop_front() {
            return output;
        }
        match self.out.next() {
            Some(bytes) => Output::Transmit(bytes),
            None => Output::Wait(self.deadline),
        }
    }
}

/// What a server asks its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query(pub Vec<u8>);

/// The response; none where no answer is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response(pub Option<Vec<u8>>);

/// The end that answers: any number of queries, in order.
#[derive(Clone, Debug, Default)]
pub struct Server {
    out: Outbox,
    inbox: Inbox,
    deadline: Option<Instant>,
    asked: Option<RequestId>,
    next: u32,
    peer_closed: bool,
    /// What ends the connection, once.
    end: Option<Output<Never, Query>>,
    done: bool,
}

impl Engine for Server {
    type Event = Never;
    type Request = Query;
    type Answer = Response;

    fn handle_input(&mut self, now: Instant, input: Input<'_, Response>) {
        if self.done {
            return;
        }
        match input {
            Input::Connected => self.deadline = Some(now + IDLE),
            Input::Writable(n) => self.out.room = self.out.room.saturating_add(n),
            Input::Bytes(bytes) => {
                self.deadline = Some(now + IDLE);
                self.inbox.0.extend_from_slice(bytes);
                // Nobody has so much to ask before the first answer.
                if self.inbox.0.len() > MOST_UNREAD {
                    self.stop(Output::Abort);
                }
            }
            Input::PeerClosed => self.peer_closed = true,
            Input::Secured(_) | Input::NotSecured(_) => {}
            Input::Reset => self.done = true,
            Input::Answer(id, Response(response)) if self.asked == Some(id) => {
                self.asked = None;
                self.out.waiting.extend(response.and_then(|r| framed(&r)).unwrap_or_default());
            }
            Input::Answer(..) => {}
            Input::Timeout if self.deadline.is_some_and(|at| at <= now) => self.stop(Output::Close),
            Input::Timeout => {}
        }
    }

    fn poll_output(&mut self) -> Output<Never, Query> {
        if let Some(end) = self.end.take() {
            return end;
        }
        if self.done {
            return Output::Wait(None);
        }
        if let Some(bytes) = self.out.next() {
            return Output::Transmit(bytes);
        }
        if self.asked.is_none() && self.out.waiting.is_empty() {
            if let Some(query) = self.inbox.next() {
                let id = RequestId(self.next);
                self.next = self.next.wrapping_add(1);
                self.asked = Some(id);
                return Output::Ask(id, Query(query));
            }
            if self.peer_closed {
                self.stop(Output::Close);
                return self.end.take().unwrap_or(Output::Wait(None));
            }
        }
        Output::Wait(self.deadline)
    }
}

/// Bytes that may wait to be read: two of the longest messages.
const MOST_UNREAD: usize = 2 * (u16::MAX as usize + 2);

impl Server {
    fn stop(&mut self, end: Output<Never, Query>) {
        self.done = true;
        self.deadline = None;
        self.end = Some(end);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drain<E: Engine>(engine: &mut E) -> Vec<Output<E::Event, E::Request>> {
        let mut all = Vec::new();
        loop {
            match engine.poll_output() {
                Output::Wait(_) => return all,
                output => all.push(output),
            }
        }
    }

    #[test]
    fn a_query_and_its_answer_cross_in_pieces() {
        let (mut client, mut server) = (Client::new(b"query".to_vec()), Server::default());
        let now = Instant::ZERO;
        client.handle_input(now, Input::Connected);
        server.handle_input(now, Input::Connected);
        server.handle_input(now, Input::Writable(100));
        client.handle_input(now, Input::Writable(3));
        assert_eq!(drain(&mut client), [Output::Transmit(b"\0\x05q".to_vec())]);
        server.handle_input(now, Input::Bytes(b"\0\x05q"));
        assert_eq!(drain(&mut server), []);
        client.handle_input(now, Input::Writable(100));
        assert_eq!(drain(&mut client), [Output::Transmit(b"uery".to_vec())]);
        server.handle_input(now, Input::Bytes(b"uery"));
        assert_eq!(drain(&mut server), [Output::Ask(RequestId(0), Query(b"query".to_vec()))]);
        server.handle_input(now, Input::Answer(RequestId(0), Response(Some(b"answer".to_vec()))));
        assert_eq!(drain(&mut server), [Output::Transmit(b"\0\x06answer".to_vec())]);
        client.handle_input(now, Input::Bytes(b"\0\x06ans"));
        client.handle_input(now, Input::Bytes(b"wer"));
        assert_eq!(drain(&mut client), [Output::Event(Event::Response(b"answer".to_vec())), Output::Close]);
        server.handle_input(now, Input::PeerClosed);
        assert_eq!(drain(&mut server), [Output::Close]);
    }

    #[test]
    fn nobody_waits_for_ever() {
        let (mut client, mut server) = (Client::new(b"q".to_vec()), Server::default());
        client.handle_input(Instant::ZERO, Input::Connected);
        server.handle_input(Instant::ZERO, Input::Connected);
        client.handle_input(Instant::ZERO + PATIENCE, Input::Timeout);
        server.handle_input(Instant::ZERO + IDLE, Input::Timeout);
        assert_eq!(drain(&mut client), [Output::Event(Event::Failed), Output::Abort]);
        assert_eq!(drain(&mut server), [Output::Close]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_borne(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..10)) {
            let (mut client, mut server) = (Client::new(b"q".to_vec()), Server::default());
            client.handle_input(Instant::ZERO, Input::Connected);
            for piece in &pieces {
                client.handle_input(Instant::ZERO, Input::Bytes(piece));
                server.handle_input(Instant::ZERO, Input::Bytes(piece));
                drain(&mut client);
                for output in drain(&mut server) {
                    if let Output::Ask(id, Query(query)) = output {
                        server.handle_input(Instant::ZERO, Input::Answer(id, Response(Some(query))));
                    }
                }
            }
        }
    }
}
