//! The resolver of a host (RFC 1034 section 5.3, a "stub resolver"): asks one name server by UDP, asks
//! again when nobody answers, by TCP when the answer was cut to fit (RFC 7766), and remembers.
//!
//! ```text
//!   lookup ---- in the cache ----------------------------> Known(answer)
//!      |
//!      +-- asked already: waits for that answer too
//!      |
//!      v
//!   query, attempt 1 -- 2 s --> attempt 2 -- 4 s --> attempt 3 -- 8 s --> Failure::Timeout
//!      |
//!      v  response with the right id, port, address and question; anything else is not heard
//!      +-- TC: the same query by TCP -- 20 s --> Failure::Timeout
//!      v
//!   Answered for everybody who waits
//! ```
//! **Order of calls.** After [`lookup`](Resolver::lookup), [`handle_datagram`](Resolver::handle_datagram),
//! [`handle_stream`](Resolver::handle_stream) and [`handle_timeout`](Resolver::handle_timeout), [`poll`](Resolver::poll) until it says
//! [`Output::Wait`].
//!
//! Records of the additional section come with the answer but do not go into the cache: the server gave
//! them as help, not as an answer (RFC 2181 section 5.4.1).

mod types;
mod cache;
mod response;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::Ipv4Addr;

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::Name;

use super::{ResponseCode, wire};
use crate::engine::Detail;
use crate::rng::Seed;
use crate::time::{Duration, Instant};
use cache::Cache;
use response::Meaning;
pub use types::{Answer, Event, Failure, Ignored, Lookup, Output, QueryId, Question, StreamId};

/// Port of name servers.
pub const PORT: u16 = 53;
/// How long the answer to the first attempt is waited for; each further attempt waits twice as long.
pub const FIRST_WAIT: Duration = Duration::from_secs(2);
/// How long the answer over TCP is waited for: longer than it takes to give up a connection.
pub const STREAM_WAIT: Duration = Duration::from_secs(20);
/// How often a question is sent before the resolver gives up.
pub const ATTEMPTS: u8 = 3;
/// First of the ports from which questions are sent (RFC 6335 section 6: the dynamic ports).
const FIRST_PORT: u16 = 49152;
/// How many names in a row may be CNAMEs of the next, over several responses.
const MOST_RESTARTS: u8 = 8;

/// Where a question went out and its answer must come in: port and id, drawn together.
type Slot = (u16, u16);

/// A question that waits for its answer.
#[derive(Clone, Debug)]
struct Pending {
    /// What the lookups asked for.
    question: Question,
    /// What the server was asked for: another name after a CNAME that led away.
    asked: Question,
    restarts: u8,
    /// The smallest TTL of the CNAMEs followed so far.
    ttl: u32,
    waiting: Vec<QueryId>,
    attempt: u8,
    /// It is asked by TCP now.
    by_stream: bool,
    due: Instant,
    bytes: Vec<u8>,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct Resolver {
    server: Ipv4Addr,
    seed: Seed,
    /// How many numbers have been drawn; never set back, so that a host that was switched off and on
    /// does not take an answer to its earlier life.
    drawn: u64,
    next_query: u32,
    pending: BTreeMap<Slot, Pending>,
    by_question: BTreeMap<Question, Slot>,
    timers: BTreeSet<(Instant, Slot)>,
    cache: Cache,
    detail: Detail,
    out: VecDeque<Output>,
}

impl Resolver {
    /// A resolver that asks `server`; its ids and ports come from `seed`.
    pub fn new(server: Ipv4Addr, seed: Seed) -> Self {
        Resolver {
            server,
            seed,
            drawn: 0,
            next_query: 0,
            pending: BTreeMap::new(),
            by_question: BTreeMap::new(),
            timers: BTreeSet::new(),
            cache: Cache::default(),
            detail: Detail::Everything,
            out: VecDeque::new(),
        }
    }

    /// How much it tells; with [`Detail::Outcomes`] there are no events.
    pub fn set_detail(&mut self, detail: Detail) {
        self.detail = detail;
    }

    /// The name server that it asks.
    pub fn server(&self) -> Ipv4Addr {
        self.server
    }

    /// Whether a question waits for its answer on this port: any other port is closed.
    pub fn listens_on(&self, port: u16) -> bool {
        self.pending.range((port, 0)..=(port, u16::MAX)).any(|(_, pending)| !pending.by_stream)
    }

    /// Asks for records, or finds them in the cache. Every lookup has its own answer, also when the same
    /// question is on its way already (and is then not sent a second time).
    ///
    /// A name that no message can hold does not exist: that is known without asking.
    pub fn lookup(&mut self, now: Instant, question: Question) -> Lookup {
        let question = Question::new(&question.name, question.rtype);
        if let Some((answer, left)) = self.cache.get(now, &question) {
            let result = &answer.result;
            self.tell(|| Event::Cached { name: question.name, rtype: question.rtype, result: result.clone(), left });
            return Lookup::Known(answer);
        }
        let id = QueryId(self.next_query);
        if let Some(slot) = self.by_question.get(&question) {
            let pending = self.pending.get_mut(slot).expect("a slot in by_question has its pending question");
            pending.waiting.push(id);
        } else {
            let Some(name) = wire::name(&question.name) else {
                return Lookup::Known(Answer::failed(Failure::NxDomain));
            };
            let pending = Pending {
                asked: question.clone(),
                question,
                restarts: 0,
                ttl: u32::MAX,
                waiting: vec![id],
                attempt: 0,
                by_stream: false,
                due: now,
                bytes: Vec::new(),
            };
            self.ask(now, name, pending);
        }
        self.next_query = self.next_query.wrapping_add(1);
        Lookup::Asked(id)
    }

    /// Takes in a datagram that came to `local_port` of this host.
    pub fn handle_datagram(&mut self, now: Instant, from: (Ipv4Addr, u16), local_port: u16, bytes: &[u8]) {
        match self.recognise(from, local_port, bytes) {
            Ok((slot, message)) if message.metadata.truncation => self.ask_by_stream(now, slot),
            Ok((slot, message)) => self.accept(now, slot, &message),
            Err(reason) => self.tell(|| Event::Ignored { from, reason }),
        }
    }

    /// Takes in what came over the connection that was asked for: the response, or that there is none.
    pub fn handle_stream(&mut self, now: Instant, stream: StreamId, response: Option<&[u8]>) {
        let slot = (stream.0, stream.1);
        let Some(pending) = self.pending.get(&slot).filter(|p| p.by_stream) else { return };
        let message = response.and_then(|bytes| Message::from_vec(bytes).ok()).filter(|m| {
            let is_response = m.metadata.message_type == MessageType::Response && m.metadata.op_code == OpCode::Query;
            is_response && m.metadata.id == slot.1 && response::is_about(m, &pending.asked)
        });
        match message {
            Some(message) => self.accept(now, slot, &message),
            None => {
                let pending = self.close(slot);
                self.give_up(slot, pending);
            }
        }
    }

    /// Whose answer it is, if it is one.
    fn recognise(&self, from: (Ipv4Addr, u16), local_port: u16, bytes: &[u8]) -> Result<(Slot, Message), Ignored> {
        if !self.listens_on(local_port) {
            return Err(Ignored::Port);
        }
        if from != (self.server, PORT) {
            return Err(Ignored::Source);
        }
        let message = Message::from_vec(bytes).map_err(|_| Ignored::Unreadable)?;
        if message.metadata.message_type != MessageType::Response || message.metadata.op_code != OpCode::Query {
            return Err(Ignored::Unreadable);
        }
        let slot = (local_port, message.metadata.id);
        let pending = self.pending.get(&slot).filter(|p| !p.by_stream).ok_or(Ignored::Id)?;
        if response::is_about(&message, &pending.asked) { Ok((slot, message)) } else { Err(Ignored::Question) }
    }

    fn accept(&mut self, now: Instant, slot: Slot, message: &Message) {
        let mut pending = self.close(slot);
        let rcode = ResponseCode::from_number(message.metadata.response_code.into());
        self.tell(|| Event::Answer {
            name: pending.asked.name.clone(),
            rtype: pending.asked.rtype,
            id: slot.1,
            answers: message.answers.iter().filter_map(wire::read).collect(),
            rcode,
        });
        let answer = match response::meaning(message, rcode, &pending.asked) {
            Meaning::Final { answer, ttl } => {
                self.cache.put(now, &pending.question, &answer, ttl.min(pending.ttl));
                answer
            }
            Meaning::Elsewhere { name, ttl } if pending.restarts < MOST_RESTARTS => {
                pending.restarts += 1;
                pending.ttl = pending.ttl.min(ttl);
                let wire_name = wire::name(&name);
                pending.asked.name = name;
                pending.attempt = 0;
                if let Some(name) = wire_name {
                    return self.ask(now, name, pending);
                }
                Answer::failed(Failure::NxDomain)
            }
            Meaning::Elsewhere { .. } => Answer::failed(Failure::ServFail),
        };
        self.answer(pending.waiting, answer);
    }

    /// Asks again what has waited long enough, and gives up what has been asked often enough.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(&(due, slot)) = self.timers.first() {
            if due > now {
                break;
            }
            let pending = self.close(slot);
            if pending.attempt < ATTEMPTS && !pending.by_stream {
                // The same id and port: a late answer to an earlier attempt is as good.
                self.open(now, slot, pending);
                continue;
            }
            self.give_up(slot, pending);
        }
    }

    /// Nobody has answered, often enough.
    fn give_up(&mut self, slot: Slot, pending: Pending) {
        let Pending { asked: Question { name, rtype }, attempt, waiting, .. } = pending;
        self.tell(|| Event::TimedOut { name, rtype, id: slot.1, attempts: attempt });
        self.answer(waiting, Answer::failed(Failure::Timeout));
    }

    /// Gives out the next thing in order; [`Output::Wait`] when there is none.
    pub fn poll(&mut self) -> Output {
        match self.out.pop_front() {
            Some(output) => output,
            None => Output::Wait(self.timers.first().map(|(due, _)| *due)),
        }
    }

    /// The host was switched off: what is in memory is gone, cache and open questions.
    pub fn clear(&mut self) {
        self.pending.clear();
        self.by_question.clear();
        self.timers.clear();
        self.cache.clear();
        self.out.clear();
    }

    /// Sends a question that has not been sent yet, with a new id and port; `name` is the name asked for.
    fn ask(&mut self, now: Instant, name: Name, mut pending: Pending) {
        let slot = self.draw();
        let mut message = Message::new(slot.1, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(name, pending.asked.rtype.number().into()));
        pending.bytes = message.to_vec().expect("a name that is not too long can be written");
        self.open(now, slot, pending);
    }

    /// A port and an id that no other open question has.
    fn draw(&mut self) -> Slot {
        loop {
            let luck = self.seed.nth(self.drawn);
            self.drawn += 1;
            let slot = (FIRST_PORT + (luck >> 16) as u16 % (u16::MAX - FIRST_PORT + 1), luck as u16);
            // With 2^30 pairs to draw from, the next draw is as good as certain to be free.
            if !self.pending.contains_key(&slot) {
                return slot;
            }
        }
    }

    /// The next attempt: sends the datagram and starts its timer.
    fn open(&mut self, now: Instant, slot: Slot, mut pending: Pending) {
        pending.due = now + FIRST_WAIT.saturating_mul(1 << pending.attempt);
        pending.attempt += 1;
        pending.by_stream = false;
        let (attempt, asked) = (pending.attempt, &pending.asked);
        self.tell(|| Event::Query { name: asked.name.clone(), rtype: asked.rtype, id: slot.1, attempt });
        self.out.push_back(Output::Datagram {
            to: self.server,
            to_port: PORT,
            from_port: slot.0,
            bytes: pending.bytes.clone(),
        });
        self.keep(slot, pending);
    }

    /// The answer was cut to fit into a datagram: the same query, id and all, over a connection.
    fn ask_by_stream(&mut self, now: Instant, slot: Slot) {
        let mut pending = self.close(slot);
        pending.by_stream = true;
        pending.due = now + STREAM_WAIT;
        let asked = &pending.asked;
        self.tell(|| Event::Truncated { name: asked.name.clone(), rtype: asked.rtype, id: slot.1 });
        let (stream, bytes) = (StreamId(slot.0, slot.1), pending.bytes.clone());
        self.out.push_back(Output::Stream { to: self.server, to_port: PORT, stream, bytes });
        self.keep(slot, pending);
    }

    /// Puts an open question into all lists.
    fn keep(&mut self, slot: Slot, pending: Pending) {
        self.timers.insert((pending.due, slot));
        self.by_question.insert(pending.question.clone(), slot);
        self.pending.insert(slot, pending);
    }

    /// Takes an open question out of all lists.
    fn close(&mut self, slot: Slot) -> Pending {
        let pending = self.pending.remove(&slot).expect("only slots of pending questions are closed");
        self.timers.remove(&(pending.due, slot));
        self.by_question.remove(&pending.question);
        pending
    }

    fn answer(&mut self, waiting: Vec<QueryId>, answer: Answer) {
        for query in waiting {
            self.out.push_back(Output::Answered { query, answer: answer.clone() });
        }
    }

    fn tell(&mut self, event: impl FnOnce() -> Event) {
        if self.detail == Detail::Everything {
            self.out.push_back(Output::Event(event()));
        }
    }
}

#[cfg(test)]
mod tests;
