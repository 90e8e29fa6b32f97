//! The sending side of a mail server: takes what is due from the queue, finds the next server, and hands the
//! letters over on as few connections as it can (RFC 5321 sections 3.8 and 4.5.4.1).
//!
//! ```text
//!   due -> Resolve -> targets -> Connect -> idle -> Send ... outcome -> idle -> Send ... -> Quit
//!                        |          |                          |
//!                        |          +- next target             +- delivered / refused (bounce) / deferred
//!                        +- no way: bounce or later
//! ```
//! It does no I/O: what it wants comes out of [`Mta::poll`] in order, and whoever runs it says what became
//! of it.

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::sync::Arc;

use super::config::MailServer;
use super::queue::{Queue, Schedule};
use super::routing::{RouteFailure, Target};
use super::{Event, Left, Letter, QueueId};
use crate::message::Failed;
use crate::smtp::client::{Outcome, Stage, Verdict};
use crate::smtp::{Address, Envelope, Reply, ReversePath};
use crate::time::Instant;

/// One connection to another server, from the search for its address on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u32);

/// What the sending side wants.
#[derive(Clone, Debug)]
pub enum Output {
    /// Find the servers of this domain; answer with [`Mta::resolved`].
    Resolve {
        /// For this session.
        session: SessionId,
        /// The domain.
        domain: String,
    },
    /// Open a connection with an SMTP client on it; on failure call [`Mta::not_connected`].
    Connect {
        /// For this session.
        session: SessionId,
        /// Where to.
        address: Ipv4Addr,
        /// 25.
        port: u16,
    },
    /// Hand a letter over on an open session.
    Send {
        /// Which session.
        session: SessionId,
        /// From whom, to whom.
        envelope: Envelope,
        /// The letter.
        letter: Letter,
    },
    /// Say QUIT.
    Quit {
        /// Which session.
        session: SessionId,
    },
    /// Recipients were given up and their sender has to be told.
    Bounce {
        /// The envelope's sender.
        to: Address,
        /// Who was given up, and why.
        failed: Vec<Failed>,
        /// The letter that could not be delivered.
        letter: Letter,
    },
    /// Something worth telling.
    Event(Event),
}

/// The way to one destination domain.
#[derive(Clone, Debug)]
struct Session {
    domain: String,
    targets: Vec<Target>,
    /// Which target comes next.
    next: usize,
    /// Letters that wait for their turn on it.
    waiting: VecDeque<QueueId>,
    /// The letter whose turn it is.
    current: Option<QueueId>,
    /// QUIT has been said: no more letters.
    quitting: bool,
    /// The server turned us away before any transaction: try the next one.
    turned_away: bool,
    /// The last thing that went wrong, and the server's words.
    reason: Option<(String, Option<Reply>)>,
}

/// Port of the SMTP service (RFC 5321 section 4.5.4.2).
const PORT: u16 = 25;

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct Mta {
    config: Arc<MailServer>,
    queue: Queue,
    sessions: BTreeMap<SessionId, Session>,
    next: u32,
    outputs: VecDeque<Output>,
    records: bool,
}

impl Mta {
    /// An empty queue. Without `records` nothing is told, only done.
    pub fn new(config: Arc<MailServer>, records: bool) -> Self {
        let schedule = Schedule { retry: config.retry.clone(), expire: config.expire };
        let (sessions, outputs) = (BTreeMap::new(), VecDeque::new());
        Mta { config, queue: Queue::new(schedule), sessions, next: 0, outputs, records }
    }

    /// The queue, for looking at.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// The next thing it wants, in order.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Mta::handle_timeout`] is to be called.
    pub fn wait(&self) -> Option<Instant> {
        self.queue.wait()
    }

    fn tell(&mut self, event: impl FnOnce() -> Event) {
        if self.records {
            self.outputs.push_back(Output::Event(event()));
        }
    }

    /// Takes responsibility for a letter, and says so at once: what a server tells when it takes a letter
    /// comes before what its sending side still has to tell.
    pub fn enqueue(
        &mut self,
        now: Instant,
        envelope: Envelope,
        domain: String,
        letter: Letter,
        due: Instant,
    ) -> Option<Event> {
        let told = self.records.then(|| (envelope.clone(), domain.clone(), letter.clone()));
        let entry = self.queue.enter(now, envelope, domain, letter, due);
        told.map(|(envelope, domain, letter)| Event::QueueEnter { entry, envelope, domain, letter, due })
    }

    /// Gives up what is too old, and begins the attempts that are due.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(id) = self.queue.expired(now) {
            self.give_up(id);
        }
        while let Some(id) = self.queue.take_due(now) {
            let item = self.queue.get(id).expect("what is due is in the queue");
            let domain = item.domain.clone();
            if self.records {
                let (message_id, attempt) = (Arc::clone(&item.letter.message_id), item.attempts);
                self.tell(|| Event::QueueAttempt { entry: id, message_id, attempt });
            }
            self.attach(id, domain);
        }
    }

    fn attach(&mut self, id: QueueId, domain: String) {
        if self.config.reuse_connection
            && let Some((_, open)) = self.sessions.iter_mut().find(|(_, s)| !s.quitting && s.domain == domain)
        {
            open.waiting.push_back(id);
            return;
        }
        let session = SessionId(self.next);
        self.next += 1;
        self.outputs.push_back(Output::Resolve { session, domain: domain.clone() });
        let new = Session {
            domain,
            targets: Vec::new(),
            next: 0,
            waiting: VecDeque::from([id]),
            current: None,
            quitting: false,
            turned_away: false,
            reason: None,
        };
        self.sessions.insert(session, new);
    }

    /// The servers of a session's domain, or why there are none.
    pub fn resolved(&mut self, now: Instant, session: SessionId, result: Result<Vec<Target>, RouteFailure>) {
        let Some(s) = self.sessions.get_mut(&session) else { return };
        match result {
            Ok(targets) => {
                s.targets = targets;
                self.connect_next(now, session);
            }
            Err(failure) => {
                let waiting = std::mem::take(&mut s.waiting);
                self.sessions.remove(&session);
                for id in waiting {
                    if failure.permanent {
                        self.refuse_all(id, &failure.reason, None);
                    } else {
                        self.defer_all(now, id, &failure.reason, None);
                    }
                }
            }
        }
    }

    fn connect_next(&mut self, now: Instant, session: SessionId) {
        let Some(s) = self.sessions.get_mut(&session) else { return };
        if let Some(target) = s.targets.get(s.next) {
            s.next += 1;
            s.turned_away = false;
            self.outputs.push_back(Output::Connect { session, address: target.address, port: PORT });
        } else {
            self.end(now, session);
        }
    }

    /// Nobody answered, or the connection was refused: `reason` says which.
    pub fn not_connected(&mut self, now: Instant, session: SessionId, reason: &str) {
        let Some(s) = self.sessions.get_mut(&session) else { return };
        let host = s.targets.get(s.next.wrapping_sub(1)).map_or("", |t| t.host.as_str());
        s.reason = Some((format!("{host}: {reason}"), None));
        self.connect_next(now, session);
    }

    /// The client is ready for the next letter.
    pub fn idle(&mut self, session: SessionId) {
        let Some(s) = self.sessions.get_mut(&session) else { return };
        if s.quitting || s.current.is_some() {
            return;
        }
        match s.waiting.pop_front() {
            Some(id) => {
                s.current = Some(id);
                let item = self.queue.get(id).expect("what is tried is in the queue");
                let (envelope, letter) = (item.envelope.clone(), item.letter.clone());
                self.outputs.push_back(Output::Send { session, envelope, letter });
            }
            None => {
                s.quitting = true;
                self.outputs.push_back(Output::Quit { session });
            }
        }
    }

    /// What became of the letter that was sent last on this session.
    pub fn outcome(&mut self, now: Instant, session: SessionId, outcome: &Outcome) {
        let Some(s) = self.sessions.get_mut(&session) else { return };
        let Some(id) = s.current.take() else { return };
        if outcome.is_complete() {
            let reply = outcome.end.as_ref();
            let reason = if self.records { reply.map(Reply::to_string).unwrap_or_default() } else { String::new() };
            return self.leave(id, Left::Delivered, reason);
        }
        if let Some(failure) = outcome.failure.as_ref().filter(|f| f.stage <= Stage::Hello) {
            // Nothing was said about this letter: the server itself would not have us.
            s.reason = Some((failure.to_string(), failure.reply.clone()));
            if s.next < s.targets.len() {
                s.turned_away = true;
                s.waiting.push_front(id);
                return;
            }
        }
        let mut waiting = Vec::new();
        let mut failed = Vec::new();
        let mut reason = (String::new(), None);
        for (recipient, verdict) in outcome.verdicts() {
            match verdict {
                Verdict::Delivered(reply) => reason.0 = reply.to_string(),
                Verdict::Refused(failure) => {
                    reason = (failure.to_string(), failure.reply.clone());
                    failed.push(Failed { recipient, reason: failure.to_string(), reply: failure.reply });
                }
                Verdict::Deferred(failure) => {
                    reason = (failure.to_string(), failure.reply.clone());
                    waiting.push(recipient);
                }
            }
        }
        let told = (!failed.is_empty()).then(|| self.bounce(id, failed));
        if !waiting.is_empty() {
            self.defer(now, id, waiting, reason.0, reason.1);
        } else {
            self.leave(id, told.unwrap_or(Left::Delivered), reason.0);
        }
    }

    /// The connection of a session is gone, in good order or not. Letters without an outcome stay.
    pub fn session_ended(&mut self, now: Instant, session: SessionId, reason: &str) {
        let Some(s) = self.sessions.get_mut(&session) else { return };
        if s.turned_away {
            return self.connect_next(now, session);
        }
        s.reason.get_or_insert_with(|| (reason.to_string(), None));
        self.end(now, session);
    }

    /// Defers whatever a session still has.
    fn end(&mut self, now: Instant, session: SessionId) {
        let Some(s) = self.sessions.remove(&session) else { return };
        let (reason, reply) = s.reason.unwrap_or_else(|| ("no server answered".to_string(), None));
        for id in s.current.into_iter().chain(s.waiting) {
            self.defer_all(now, id, &reason, reply.clone());
        }
    }

    fn recipients(&self, id: QueueId) -> Vec<Address> {
        self.queue.get(id).map(|item| item.envelope.to.clone()).unwrap_or_default()
    }

    fn defer_all(&mut self, now: Instant, id: QueueId, reason: &str, reply: Option<Reply>) {
        self.defer(now, id, self.recipients(id), reason.to_string(), reply);
    }

    fn defer(&mut self, now: Instant, id: QueueId, waiting: Vec<Address>, reason: String, reply: Option<Reply>) {
        let Some(next) = self.queue.defer(now, id, waiting.clone(), reason.clone()) else {
            return self.give_up(id);
        };
        if self.records
            && let Some(item) = self.queue.get(id)
        {
            let (message_id, attempt) = (Arc::clone(&item.letter.message_id), item.attempts);
            self.tell(|| Event::QueueDefer { entry: id, message_id, attempt, reason, reply, waiting, next });
        }
    }

    fn refuse_all(&mut self, id: QueueId, reason: &str, reply: Option<Reply>) {
        let failed = |recipient| Failed { recipient, reason: reason.to_string(), reply: reply.clone() };
        let failed = self.recipients(id).into_iter().map(failed).collect();
        let left = self.bounce(id, failed);
        self.leave(id, left, reason.to_string());
    }

    /// Too old.
    fn give_up(&mut self, id: QueueId) {
        let Some(item) = self.queue.get(id) else { return };
        let last = item.reason.clone().unwrap_or_else(|| "it was never tried".into());
        let reason = format!("given up after {} attempts; the last one: {last}", item.attempts);
        self.refuse_all(id, &reason, None);
    }

    /// Tells the sender, unless there is none (RFC 5321 section 4.5.5).
    fn bounce(&mut self, id: QueueId, failed: Vec<Failed>) -> Left {
        let item = self.queue.get(id).expect("what bounces is in the queue");
        match &item.envelope.from {
            ReversePath::Null => Left::Discarded,
            ReversePath::Address(to) => {
                let (to, letter) = (to.clone(), item.letter.clone());
                self.outputs.push_back(Output::Bounce { to, failed, letter });
                Left::Bounced
            }
        }
    }

    fn leave(&mut self, id: QueueId, left: Left, reason: String) {
        if let Some(item) = self.queue.leave(id) {
            let message_id = item.letter.message_id;
            self.tell(|| Event::QueueLeave { entry: id, message_id, left, reason });
        }
    }

    /// The computer goes down: the queue is on its disk, everything else is forgotten.
    pub fn power_off(&mut self) {
        self.sessions.clear();
        self.outputs.clear();
    }

    /// It is up again: attempts that were cut off begin anew at once.
    pub fn power_on(&mut self, now: Instant) {
        self.queue.try_again(now);
    }
}
