//! The transfer agent as client: takes mail out of the queue and hands it to the server of its domain
//! (RFC 5321 sections 4.5.4.1 and 5.1).
//!
//! ```text
//!  due --> QueueAttempt --> Resolve --> resolved --> Connect --> outcome --> idle --> Send --> outcome --> ... Quit
//!                              |          |            ^  |         |
//!                              |          |            |  +---------+  no connection, no greeting:
//!                              |          |            +---------------  the next host
//!                              v          v                     no host left
//!                             failed, failed ----------------------> deferred or returned
//! ```
//! One session for each domain at a time. A mail that is due while the session of its domain is under way joins it
//! (`reuse_connection`), or else waits for a connection of its own.
//!
//! # Order of calls
//! Any method, then [`Mta::poll`] until it has nothing more; [`Mta::handle_timeout`] when the moment of
//! [`Mta::wait`] has come. Early calls are harmless, and so is what is said about a session or a ticket that is
//! over.
//!
//! # Power
//! The queue lies on disk. Switched off in the middle of an attempt, the server does not know whether the other
//! one took the mail: when it is on again, such mails are due at once. So a mail may arrive twice; it is never lost
//! (section 6.1).

mod output;
mod run;
mod settle;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use rustc_hash::FxHashMap;

pub use output::{Output, SessionId, Ticket, Undelivered};
use run::{Run, Stage};

use super::config::{EightBit, MailServer};
use super::queue::{Alarm, Queue, Schedule};
use super::routing::{RouteFailure, Targets};
use super::{Event, Left, Letter, QueueId};
use crate::message::{self, Failed};
use crate::smtp::client::{self, FailureCause, Missing, Outcome};
use crate::smtp::{Address, Envelope};
use crate::time::{Duration, Instant};

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct Mta {
    queue: Queue,
    reuse_connection: bool,
    eight_bit: EightBit,
    delay_notice: Duration,
    records: bool,
    on: bool,
    /// Domains under way.
    runs: BTreeMap<Ticket, Box<Run>>,
    by_domain: FxHashMap<String, Ticket>,
    by_session: FxHashMap<SessionId, Ticket>,
    next_ticket: u32,
    next_session: u32,
    /// Mails whose attempt ended by a power cut.
    interrupted: Vec<QueueId>,
    out: VecDeque<Output>,
}

impl Mta {
    /// An empty queue. Without `records` no events are built.
    pub fn new(cfg: &MailServer, records: bool) -> Self {
        Mta {
            queue: Queue::new(Schedule::new(cfg)),
            reuse_connection: cfg.reuse_connection,
            eight_bit: cfg.eight_bit,
            delay_notice: cfg.delay_notice,
            records,
            on: true,
            runs: BTreeMap::new(),
            by_domain: FxHashMap::default(),
            by_session: FxHashMap::default(),
            next_ticket: 0,
            next_session: 0,
            interrupted: Vec::new(),
            out: VecDeque::new(),
        }
    }

    /// The mails that wait, or are being handed over.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// The next thing, in order.
    pub fn poll(&mut self) -> Option<Output> {
        let next = self.out.pop_front();
        if next.is_none() && self.out.capacity() > 0 {
            // A host has something to do now and then only: until then others use this memory.
            self.out = VecDeque::new();
        }
        next
    }

    /// When [`Self::handle_timeout`] is due.
    pub fn wait(&self) -> Option<Instant> {
        if self.on { self.queue.wait() } else { None }
    }

    /// Begins the attempts that are due, and returns what has been here for too long.
    pub fn handle_timeout(&mut self, now: Instant) {
        while self.on
            && let Some(alarm) = self.queue.pop(now)
        {
            match alarm {
                Alarm::Due(id) => self.due(now, id),
                Alarm::Expired(id) => self.expired(id),
            }
        }
    }

    /// Puts a mail into the queue, one entry for each domain in it, to be tried at `due`.
    pub fn enqueue(&mut self, now: Instant, envelope: Envelope, letter: Arc<Letter>, due: Instant) {
        let mut out = std::mem::take(&mut self.out);
        self.enter(now, envelope, &letter, due, &mut out);
        self.out = out;
    }

    /// As [`Self::enqueue`], telling it in the middle of the caller's own story.
    pub(super) fn enter(
        &mut self,
        now: Instant,
        envelope: Envelope,
        letter: &Arc<Letter>,
        due: Instant,
        out: &mut VecDeque<Output>,
    ) {
        for envelope in by_domain(envelope) {
            let entry = self.queue.insert(now, envelope, Arc::clone(letter), due);
            if self.records {
                out.push_back(Output::Event(Event::QueueEnter {
                    entry: entry.id,
                    envelope: entry.envelope.clone(),
                    domain: entry.domain().to_owned(),
                    letter: Arc::clone(letter),
                    due,
                }));
            }
        }
    }

    /// A number for a mail that never was in the queue.
    pub(super) fn number(&mut self) -> QueueId {
        self.queue.number()
    }

    /// A mail from `<>` that cannot be delivered and was never queued: it is seen to come and to go.
    pub(super) fn discard(
        &mut self,
        now: Instant,
        envelope: Envelope,
        letter: Arc<Letter>,
        reason: &str,
        out: &mut VecDeque<Output>,
    ) {
        let entry = self.queue.number();
        if self.records {
            let message_id = Arc::clone(&letter.message_id);
            let domain = envelope.to.first().map(|to| to.domain.clone()).unwrap_or_default();
            out.push_back(Output::Event(Event::QueueEnter { entry, envelope, domain, letter, due: now }));
            let (left, reason) = (Left::Discarded, reason.to_owned());
            out.push_back(Output::Event(Event::QueueLeave { entry, message_id, left, reason }));
        }
    }

    /// The answer to [`Output::Resolve`].
    pub fn resolved(&mut self, now: Instant, ticket: Ticket, result: Result<Targets, RouteFailure>) {
        let resolving = |run: &&mut Box<Run>| run.stage == Stage::Resolving;
        let Some(run) = self.runs.get_mut(&ticket).filter(resolving) else { return };
        match result {
            Ok(targets) => {
                run.set_targets(targets);
                self.connect_next(now, ticket);
            }
            Err(RouteFailure { permanent, reason }) => {
                self.fail_run(now, ticket, run::Failed { reason, reply: None, permanent });
            }
        }
    }

    /// The connection of a session did not come to be: the SYN stayed unanswered or was refused.
    pub fn not_connected(&mut self, now: Instant, session: SessionId, reason: &str) {
        let Some(&ticket) = self.by_session.get(&session) else { return };
        if self.runs[&ticket].stage == Stage::Connecting(session) {
            self.target_failed(now, session, ticket, reason, None);
        } else {
            self.session_ended(now, session);
        }
    }

    /// The client of this session is ready and has nothing to do.
    pub fn idle(&mut self, now: Instant, session: SessionId) {
        let Some(&ticket) = self.by_session.get(&session) else { return };
        let run = self.runs.get_mut(&ticket).expect("a session belongs to a run");
        run.stage = Stage::Talking(session);
        // A letter without outcome, and yet the client is idle: it never got it.
        run.current = run.current.take().or_else(|| run.waiting.pop_front());
        if let Some(entry) = run.current.and_then(|id| self.queue.get(id)) {
            let (envelope, letter) = (entry.envelope.clone(), Arc::clone(&entry.letter));
            self.out.push_back(Output::Send { session, envelope, letter });
        } else {
            self.out.push_back(Output::Quit { session });
            self.end_run(now, ticket);
        }
    }

    /// What became of the letter that the session had.
    pub fn outcome(&mut self, now: Instant, session: SessionId, outcome: &Outcome) {
        let Some(&ticket) = self.by_session.get(&session) else { return };
        let run = self.runs.get_mut(&ticket).expect("a session belongs to a run");
        let Some(id) = run.current else { return };
        if run.stage == Stage::Connecting(session)
            && let Some(failure) = &outcome.failure
            && failure.stage <= client::Stage::Login
            && failure.cause != FailureCause::BadEnvelope
        {
            return self.target_failed(now, session, ticket, &failure.to_string(), failure.reply.clone());
        }
        run.stage = Stage::Talking(session);
        if self.eight_bit == EightBit::Encode
            && let Some(failure) = &outcome.failure
            && let Some(entry) = self.queue.get(id)
            && let Some(letter) = match failure.cause {
                FailureCause::NotOffered(Missing::EightBitMime) => message::to_seven_bit(&entry.letter.bytes),
                FailureCause::NotOffered(Missing::BinaryMime) => message::without_binary(&entry.letter.bytes),
                _ => None,
            }
        {
            // It stays the letter of this session: the client is idle next, and gets it once more.
            return self.out.push_back(Output::Convert { entry: id, letter });
        }
        let run = self.runs.get_mut(&ticket).expect("a session belongs to a run");
        run.current = None;
        self.settle(now, id, outcome);
    }

    /// The answer to [`Output::Convert`]: the mail's letter is this one now.
    pub(super) fn converted(&mut self, id: QueueId, letter: Arc<Letter>) {
        if let Some(entry) = self.queue.attempting(id) {
            entry.letter = letter;
            // Of lines it consists now in any case; whether of eight bits, its bytes say.
            entry.envelope.set_lines();
        }
    }

    /// The session is over. Letters that it still had, or was to get, are deferred.
    pub fn session_ended(&mut self, now: Instant, session: SessionId) {
        let Some(&ticket) = self.by_session.get(&session) else { return };
        let run = &self.runs[&ticket];
        if run.stage == Stage::Connecting(session) {
            self.target_failed(now, session, ticket, "the connection ended before the greeting", None);
        } else if run.current.is_none() && run.waiting.is_empty() {
            self.end_run(now, ticket);
        } else {
            self.fail_run(now, ticket, run::Failed::temporary("the connection ended"));
        }
    }

    /// The host is switched off: sessions and questions are gone, the queue stays. What has been decided is still
    /// told.
    pub fn power_off(&mut self) {
        self.on = false;
        self.out.retain(|output| matches!(output, Output::Event(_) | Output::Return(_) | Output::Convert { .. }));
        self.by_domain.clear();
        self.by_session.clear();
        for run in std::mem::take(&mut self.runs).into_values() {
            self.interrupted.extend(run.current.into_iter().chain(run.waiting));
            for id in run.held {
                if let Some(due) = self.queue.get(id).map(|e| e.due) {
                    self.queue.release(id, due);
                }
            }
        }
    }

    /// The host is on again: mails whose attempt was cut off are due at once.
    pub fn power_on(&mut self, now: Instant) {
        self.on = true;
        for id in std::mem::take(&mut self.interrupted) {
            if let Some(entry) = self.queue.attempting(id) {
                let reason = "this computer was switched off during the attempt";
                let failed = |to: &Address| Failed { recipient: to.clone(), reply: None, reason: reason.to_owned() };
                entry.last = entry.envelope.to.iter().map(failed).collect();
                self.defer(id, now);
            }
        }
        self.handle_timeout(now);
    }

    fn due(&mut self, now: Instant, id: QueueId) {
        let Some(entry) = self.queue.get(id) else { return };
        let domain = entry.domain();
        let Some(ticket) = self.by_domain.get(domain) else {
            let domain = domain.to_owned();
            return self.start(now, domain, id, VecDeque::new());
        };
        let run = self.runs.get_mut(ticket).expect("a domain under way has a run");
        if self.reuse_connection {
            run.waiting.push_back(id);
            self.begin(now, id);
        } else {
            run.held.push_back(id);
            self.queue.hold(id);
        }
    }

    fn start(&mut self, now: Instant, domain: String, id: QueueId, held: VecDeque<QueueId>) {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket = self.next_ticket.wrapping_add(1);
        self.begin(now, id);
        self.out.push_back(Output::Resolve { ticket, domain: domain.clone() });
        self.by_domain.insert(domain.clone(), ticket);
        self.runs.insert(ticket, Box::new(Run::new(domain, id, held)));
    }

    fn begin(&mut self, now: Instant, id: QueueId) {
        let Some(entry) = self.queue.begin(now, id) else { return };
        if self.records {
            let message_id = Arc::clone(&entry.letter.message_id);
            let attempt = entry.attempts;
            self.out.push_back(Output::Event(Event::QueueAttempt { entry: id, message_id, attempt }));
        }
    }

    /// Tries the next host, with the letter whose turn it is.
    fn connect_next(&mut self, now: Instant, ticket: Ticket) {
        let run = self.runs.get_mut(&ticket).expect("the caller has just found it");
        let session = SessionId(self.next_session);
        let (host, address, port) = match run.next_target() {
            Ok(target) => (target.host.clone(), target.address, target.port),
            Err(failure) => return self.fail_run(now, ticket, failure),
        };
        self.next_session = self.next_session.wrapping_add(1);
        self.by_session.insert(session, ticket);
        run.stage = Stage::Connecting(session);
        run.current = run.current.take().or_else(|| run.waiting.pop_front());
        let entry = run.current.and_then(|id| self.queue.get(id)).expect("a run is for a mail in the queue");
        let (envelope, letter) = (entry.envelope.clone(), Arc::clone(&entry.letter));
        self.out.push_back(Output::Connect { session, host, address, port, envelope, letter });
    }

    fn target_failed(
        &mut self,
        now: Instant,
        session: SessionId,
        ticket: Ticket,
        reason: &str,
        reply: Option<crate::smtp::Reply>,
    ) {
        self.by_session.remove(&session);
        self.runs.get_mut(&ticket).expect("a session belongs to a run").target_failed(reason, reply);
        self.connect_next(now, ticket);
    }

    /// Nobody takes the mail of this domain now: all that joined this run share its fate.
    fn fail_run(&mut self, now: Instant, ticket: Ticket, failure: run::Failed) {
        let run = self.runs.get_mut(&ticket).expect("the caller has just found it");
        let mails: Vec<QueueId> = run.current.take().into_iter().chain(run.waiting.drain(..)).collect();
        for id in mails {
            self.fail(now, id, &failure);
        }
        self.end_run(now, ticket);
    }

    /// The run is over; a mail that was to have a connection of its own gets it now.
    fn end_run(&mut self, now: Instant, ticket: Ticket) {
        let Some(run) = self.runs.remove(&ticket) else { return };
        self.by_domain.remove(&run.domain);
        if let Stage::Connecting(session) | Stage::Talking(session) = run.stage {
            self.by_session.remove(&session);
        }
        let mut held = run.held;
        while let Some(id) = held.pop_front() {
            // It may have expired meanwhile.
            if self.queue.get(id).is_some() {
                return self.start(now, run.domain, id, held);
            }
        }
    }
}

/// One envelope for each domain, in the order in which the domains appear (RFC 5321 section 4.5.4.1: one copy of
/// a letter for all recipients at one place).
fn by_domain(envelope: Envelope) -> Vec<Envelope> {
    let Envelope { from, to, options } = envelope;
    if to.iter().all(|a| a.domain == to[0].domain) {
        return if to.is_empty() { Vec::new() } else { vec![Envelope { from, to, options }] };
    }
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut parts: Vec<Envelope> = Vec::new();
    for address in to {
        match places.get(&address.domain) {
            Some(&place) => parts[place].to.push(address),
            None => {
                places.insert(address.domain.clone(), parts.len());
                parts.push(Envelope { from: from.clone(), to: vec![address], options: options.clone() });
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests;
