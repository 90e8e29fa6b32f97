//! A mail server as a whole: what it accepts (RFC 5321 section 3.3), what it puts in front of a letter
//! (section 4.4), and who gets it: a mailbox here, the queue, or, if it cannot be delivered, its sender.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::Arc;

use super::config::MailServer;
use super::mta::{self, Mta};
use super::mua::stamp;
use super::store::{self, Store};
use super::{ContentId, Event, Letter, Made, message_id};
use crate::engine::SpanMap;
use crate::imap::{self, Flags};
use crate::message::{self, Failed, Stamp};
use crate::rng::Seed;
use crate::smtp::server::{Answer, Request};
use crate::smtp::{Address, Envelope, Reply, ReversePath};
use crate::time::{Calendar, Instant};
use crate::topology::{ConnId, network};

/// The folder into which everything is delivered.
const INBOX: &str = "INBOX";

/// A letter that has been handed on so often goes round in circles (RFC 5321 section 6.3).
const MOST_HOPS: usize = 100;

/// The connection on which a question was asked.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// For the record.
    pub conn: ConnId,
    /// Where the client's packets come from.
    pub address: Ipv4Addr,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct MailSystem {
    config: Arc<MailServer>,
    hostname: String,
    calendar: Calendar,
    seed: Seed,
    /// Mailboxes.
    pub store: Store,
    /// Queue and sending side.
    pub mta: Mta,
    /// What this level tells, and what the store told meanwhile, in order.
    told: VecDeque<Event>,
    /// Letters taken, for the ids in trace lines.
    taken: u64,
    /// Letters written here, for their Message-IDs.
    written: u64,
    records: bool,
    /// Letters answered with 250, put into mailboxes, and bounces written.
    pub counters: Counters,
}

/// Numbers that are counted whatever is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Letters answered with 250.
    pub accepted: u64,
    /// Letters put into mailboxes.
    pub stored: u64,
    /// Bounces written.
    pub bounces: u64,
}

impl MailSystem {
    /// A server without any letter. Without `records` nothing is told, only done.
    pub fn new(config: Arc<MailServer>, hostname: &str, seed: Seed, calendar: Calendar, records: bool) -> Self {
        MailSystem {
            hostname: hostname.to_string(),
            calendar,
            seed,
            store: Store::new(&config.users),
            mta: Mta::new(Arc::clone(&config), records),
            told: VecDeque::new(),
            taken: 0,
            written: 0,
            records,
            counters: Counters::default(),
            config,
        }
    }

    /// Its settings.
    pub fn config(&self) -> &Arc<MailServer> {
        &self.config
    }

    /// Puts folders and letters there that were there before the run.
    pub fn preload(&mut self, contents: &mut u32) {
        let config = Arc::clone(&self.config);
        for (user, folder) in &config.folders {
            // A folder that cannot be made has been refused when the settings were checked.
            let _ = self.stored(|store, events| store.create(user, folder, events));
        }
        for stored in &config.stored {
            let letter = self.version(contents, Arc::clone(&stored.bytes), Made::Preloaded);
            let date = self.calendar.unix_seconds(Instant::ZERO);
            let (user, folder, uid) = (&stored.user, &stored.folder, stored.uid);
            self.stored(|store, events| store.preload(user, folder, uid, letter, date, events));
        }
    }

    /// The next thing the server wants, in order.
    pub fn poll(&mut self, now: Instant, contents: &mut u32) -> Option<mta::Output> {
        loop {
            if let Some(event) = self.told.pop_front() {
                return Some(mta::Output::Event(event));
            }
            match self.mta.poll()? {
                mta::Output::Bounce { to, failed, letter } => self.bounce(now, to, &failed, &letter, contents),
                output => return Some(output),
            }
        }
    }

    /// Answers an SMTP server's question.
    pub fn answer(&mut self, now: Instant, peer: Peer, request: Request, contents: &mut u32) -> Answer {
        match request {
            Request::Sender { .. } => Answer::Sender(Ok(())),
            Request::Recipient { to, .. } => Answer::Recipient(self.recipient(peer, &to)),
            Request::Deliver { envelope, letter, map, protocol, peer_name } => {
                let from = Said { peer, protocol, name: &peer_name };
                Answer::Deliver(self.deliver(now, &from, envelope, letter, map, contents))
            }
            Request::Verify { text } => Answer::Verify(self.verify(&text)),
        }
    }

    fn is_local(&self, domain: &str) -> bool {
        self.config.domains.iter().any(|d| d == domain)
    }

    /// Whose mailbox a local part means.
    fn user(&self, local: &str) -> Option<&str> {
        let users = &self.config.users;
        let find = |name: &str| users.iter().find(|u| u.name.eq_ignore_ascii_case(name)).map(|u| u.name.as_str());
        let local = local.trim_matches('"');
        if let Some(user) = find(local) {
            return Some(user);
        }
        let alias = self.config.aliases.iter().find(|(name, _)| name.eq_ignore_ascii_case(local));
        // RFC 5321 section 4.5.1: there is always a postmaster.
        let postmaster = || users.first().filter(|_| local.eq_ignore_ascii_case("postmaster"));
        alias.and_then(|(_, user)| find(user)).or_else(|| postmaster().map(|u| u.name.as_str()))
    }

    fn recipient(&self, peer: Peer, to: &Address) -> Result<(), Reply> {
        if self.is_local(&to.domain) {
            return match self.user(&to.local) {
                Some(_) => Ok(()),
                None => Err(Reply::new(550, format!("<{to}>: no such user here"))),
            };
        }
        let inside = |(net, length): &(Ipv4Addr, u8)| network(*net, *length) == network(peer.address, *length);
        if self.config.relay_for.iter().any(inside) {
            return Ok(());
        }
        Err(Reply::new(550, format!("<{to}>: relaying denied")))
    }

    fn verify(&self, text: &str) -> Reply {
        let inner = text.trim().trim_start_matches('<').trim_end_matches('>');
        let (local, domain) = inner.rsplit_once('@').unwrap_or((inner, ""));
        if !domain.is_empty() && !self.is_local(&domain.to_ascii_lowercase()) {
            return Reply::new(252, "cannot verify, but will take a mail and try");
        }
        match (self.user(local), self.config.domains.first()) {
            (Some(user), Some(own)) => Reply::new(250, format!("<{user}@{own}>")),
            _ => Reply::new(550, "no such user here"),
        }
    }

    /// Takes responsibility for a letter: the 250 is answered when it stands in queue and mailboxes.
    fn deliver(
        &mut self,
        now: Instant,
        from: &Said<'_>,
        envelope: Envelope,
        letter: Arc<[u8]>,
        map: SpanMap,
        contents: &mut u32,
    ) -> Reply {
        if message::header_count(&letter, "Received") >= MOST_HOPS {
            return Reply::new(554, "too many hops: this mail goes round in circles");
        }
        let id = format!("{:08x}", self.seed.nth(self.taken) as u32);
        self.taken += 1;
        self.counters.accepted += 1;
        let received = self.version(contents, letter, Made::Received(from.peer.conn, map));
        let line = self.trace_line(now, from, &envelope, &id);
        let stamped = self.prepended(contents, &line, &received);
        if self.records {
            let (envelope, letter) = (envelope.clone(), stamped.clone());
            self.tell(Event::Accepted { envelope, received, letter });
        }
        self.dispatch(now, envelope, stamped, contents);
        Reply::new(250, format!("OK: queued as {id}"))
    }

    /// RFC 5321 section 4.4. The FOR clause stands only if there is one recipient: it would tell others of a
    /// Bcc.
    fn trace_line(&self, now: Instant, from: &Said<'_>, envelope: &Envelope, id: &str) -> String {
        let (name, address, protocol) = (from.name, from.peer.address, from.protocol);
        let mut line = format!("Received: from {name} ([{address}])\r\n\tby {} with {protocol} id {id}", self.hostname);
        if let [only] = envelope.to.as_slice() {
            line.push_str(&format!("\r\n\tfor <{only}>"));
        }
        line.push_str(&format!("; {}\r\n", self.calendar.rfc5322(now)));
        line
    }

    /// To the mailboxes here, and to the queue for every other domain, in the order of the envelope.
    fn dispatch(&mut self, now: Instant, envelope: Envelope, letter: Letter, contents: &mut u32) {
        let Envelope { from, to } = envelope;
        let mut elsewhere: Vec<(String, Vec<Address>)> = Vec::new();
        let mut here: Vec<Address> = Vec::new();
        for address in to {
            if self.is_local(&address.domain) {
                here.push(address);
            } else if let Some((_, list)) = elsewhere.iter_mut().find(|(domain, _)| *domain == address.domain) {
                list.push(address);
            } else {
                elsewhere.push((address.domain.clone(), vec![address]));
            }
        }
        if !here.is_empty() {
            self.store_for(now, &from, &here, &letter, contents);
        }
        for (domain, to) in elsewhere {
            let envelope = Envelope { from: from.clone(), to };
            self.enqueue(now, envelope, domain, letter.clone(), now + self.config.pickup_delay);
        }
    }

    /// Final delivery: the envelope ends here, and its sender is kept in a Return-Path line on top.
    fn store_for(&mut self, now: Instant, from: &ReversePath, to: &[Address], letter: &Letter, contents: &mut u32) {
        let last = Arc::new(self.prepended(contents, &format!("Return-Path: {from}\r\n"), letter));
        let date = self.calendar.unix_seconds(now);
        let mut users: Vec<String> = Vec::new();
        for address in to {
            if let Some(user) = self.user(&address.local).map(str::to_string)
                && !users.contains(&user)
            {
                self.stored(|store, events| store.deliver(&user, INBOX, last.clone(), Flags::new(), date, events));
                self.counters.stored += 1;
                users.push(user);
            }
        }
    }

    /// Does something with the store; what the store tells stands in order with everything else.
    fn stored<T>(&mut self, act: impl FnOnce(&mut Store, Option<&mut Vec<Event>>) -> T) -> T {
        let mut events = Vec::new();
        let result = act(&mut self.store, self.records.then_some(&mut events));
        self.told.extend(events);
        result
    }

    /// Puts a letter into the queue; it is tried first at `due`.
    fn enqueue(&mut self, now: Instant, envelope: Envelope, domain: String, letter: Letter, due: Instant) {
        let event = self.mta.enqueue(now, envelope, domain, letter, due);
        self.told.extend(event);
    }

    /// A letter that is in the queue without having come in during the run; due at `due`.
    pub fn queue(&mut self, now: Instant, envelope: Envelope, letter: Letter, due: Instant) {
        let Envelope { from, to } = envelope;
        let mut domains: Vec<(String, Vec<Address>)> = Vec::new();
        for address in to {
            match domains.iter_mut().find(|(domain, _)| *domain == address.domain) {
                Some((_, list)) => list.push(address),
                None => domains.push((address.domain.clone(), vec![address])),
            }
        }
        for (domain, to) in domains {
            self.enqueue(now, Envelope { from: from.clone(), to }, domain, letter.clone(), due);
        }
    }

    fn bounce(&mut self, now: Instant, to: Address, failed: &[Failed], about: &Letter, contents: &mut u32) {
        let stamp = self.stamp(now);
        self.counters.bounces += 1;
        let date = self.calendar.rfc5322(now);
        let bytes = message::report(&self.hostname, &to, failed, &about.bytes, &stamp, &date);
        let letter = self.version(contents, bytes, Made::Written);
        if self.records {
            let failed = failed.iter().map(|f| f.recipient.clone()).collect();
            let (about, letter) = (Arc::clone(&about.message_id), letter.clone());
            self.tell(Event::DsnCreate { about, to: to.clone(), failed, letter });
        }
        if self.is_local(&to.domain) && self.user(&to.local).is_none() {
            // Nobody can be told, and a bounce is never bounced (RFC 5321 section 4.5.5).
            return;
        }
        self.dispatch(now, Envelope { from: ReversePath::Null, to: vec![to] }, letter, contents);
    }

    fn tell(&mut self, event: Event) {
        self.told.push_back(event);
    }

    /// A new version of a letter.
    fn version(&self, contents: &mut u32, bytes: Arc<[u8]>, made: Made) -> Letter {
        if !self.records {
            return Letter { content: ContentId(0), message_id: Arc::default(), bytes, made: Made::Preloaded };
        }
        *contents += 1;
        Letter { content: ContentId(*contents), message_id: message_id(&bytes), bytes, made }
    }

    fn prepended(&self, contents: &mut u32, line: &str, letter: &Letter) -> Letter {
        let (bytes, map) = message::prepend(line, &letter.bytes);
        if !self.records {
            return Letter { bytes, ..letter.clone() };
        }
        *contents += 1;
        let made = Made::Prepended(letter.content, map);
        Letter { content: ContentId(*contents), message_id: Arc::clone(&letter.message_id), bytes, made }
    }

    /// Answers an IMAP server's question.
    pub fn answer_imap(
        &mut self,
        now: Instant,
        session: &mut store::Session,
        request: imap::server::Request,
        contents: &mut u32,
    ) -> imap::server::Answer {
        let date = self.calendar.unix_seconds(now);
        self.stored(|store, events| {
            store.answer(session, request, &mut store::Surroundings { now: date, ids: contents, events })
        })
    }

    /// Its full name.
    pub fn hostname(&self) -> &str {
        &self.hostname
    }

    /// Date, Message-ID and boundary for a letter that is written at this server.
    pub fn stamp(&mut self, now: Instant) -> Stamp {
        self.written += 1;
        stamp(self.seed.child("letters"), self.written - 1, &self.hostname, self.calendar.unix_seconds(now))
    }

    /// The computer goes down: queue and mailboxes are on its disk.
    pub fn power_off(&mut self) {
        self.mta.power_off();
        self.told.clear();
    }
}

/// How a client introduced itself.
struct Said<'a> {
    peer: Peer,
    protocol: &'static str,
    name: &'a str,
}
