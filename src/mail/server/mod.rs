//! The mail system of one server: what it answers its SMTP clients, where it puts what it has taken, and its own
//! client side.
//!
//! ```text
//!  MAIL    anybody may send (RFC 5321 has no way of knowing who writes); with SPF, who the domain allows
//!  RCPT    a user, an alias, a list or the postmaster of one's own domain; a foreign domain only from `relay_for`, after a
//!          login, or if this is its backup; is there room?
//!  . CRLF  with DMARC: does SPF or DKIM speak for the domain in From?
//!          Received line on top, then: mailboxes here, the queue for everybody else, then 250; who is forwarded, and the
//!          members of a list, are recipients in a new envelope
//! ```
//!
//! # Order of calls
//! [`MailSystem::answer`] for each question of an SMTP server engine, and the methods of
//! [`MailSystem::mta_mut`] for what happens to sessions; after every call [`MailSystem::poll`] until it has nothing
//! more, **before** an answer is handed to the engine: what was stored and queued is then told before the 250.

mod accept;
mod bounce;
mod checks;
mod directory;
mod expand;
mod greylist;
mod peer;
mod received;
mod space;

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::sync::Arc;

use accept::Arrival;
use checks::{Check, Sender, Subject};
pub use checks::{CheckId, Wanted};
use directory::{Directory, Place};
use greylist::Greylist;

use super::config::{Checks, DiskCheck, MailServer};
use super::letter::{self, message_id, next_content};
use super::mta::{Mta, Output, Ticket};
use super::routing::{Own, Route, Target};
use super::store::Store;
use super::{AddressMistake, Event, Letter, Made, QueueId, envelope_of};
use crate::engine::RequestId;
use crate::message::{Draft, Reencoded, Stamp, compose};
use crate::rng::Seed;
use crate::smtp::auth::Proof;
use crate::smtp::server::{Answer, Manner, Request};
use crate::smtp::{Address, Envelope, Reply, ReversePath};
use crate::time::{Calendar, Instant};
use crate::topology::ConnId;

/// The other end of an SMTP connection to this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer<'a> {
    /// The connection.
    pub conn: ConnId,
    /// Where it comes from.
    pub address: Ipv4Addr,
    /// The name of that address, if it has been looked up.
    pub name: Option<&'a str>,
}

/// Which server this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its full name, lower case.
    pub host: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// The date at which the run begins.
    pub calendar: Calendar,
    /// Its luck: Message-IDs, boundaries, the order of equal MX records.
    pub seed: Seed,
    /// Whether events are built, Message-IDs read and maps kept.
    pub records: bool,
}

/// Numbers that are counted whatever is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Letters answered with 250.
    pub accepted: u64,
    /// Letters put into mailboxes, one for each mailbox; without those that were there from the start.
    pub stored: u64,
    /// Bounces written.
    pub bounces: u64,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct MailSystem {
    cfg: Arc<MailServer>,
    directory: Directory,
    host: String,
    address: Ipv4Addr,
    calendar: Calendar,
    seed: Seed,
    records: bool,
    store: Store,
    mta: Mta,
    out: VecDeque<Output>,
    counters: Counters,
    /// Letters written here, for their Message-IDs.
    written: u32,
    /// Texts made up for CRAM-MD5.
    challenges: u32,
    no_id: Arc<str>,
    greylist: Option<Greylist>,
    /// Checks that wait for DNS.
    checks: BTreeMap<CheckId, Check>,
    next_check: u32,
    /// What SPF has found about the sender of the transaction at hand, by connection.
    senders: BTreeMap<ConnId, Sender>,
    /// The names of clients' addresses, by connection, where they are looked up.
    names: BTreeMap<ConnId, String>,
    /// What clients have said of the sizes of their letters, by connection.
    declared: BTreeMap<ConnId, u64>,
    /// How many bytes of mail the disk holds, if there is a limit.
    disk: Option<u64>,
    /// Letters that DMARC has judged, for its percentage.
    judged: u64,
    wanted: VecDeque<Wanted>,
}

impl MailSystem {
    /// A server with its users' mailboxes and what lies in them from the start.
    pub fn new(cfg: Arc<MailServer>, identity: Identity, ids: &mut u32) -> Self {
        let Identity { host, address, calendar, seed, records } = identity;
        let mut system = MailSystem {
            directory: Directory::new(&cfg, &host, address),
            store: Store::new(&cfg.users),
            mta: Mta::new(&cfg, records),
            host,
            address,
            calendar,
            seed,
            records,
            out: VecDeque::new(),
            counters: Counters::default(),
            written: 0,
            challenges: 0,
            no_id: "".into(),
            greylist: cfg.greylist.map(Greylist::new),
            checks: BTreeMap::new(),
            next_check: 0,
            senders: BTreeMap::new(),
            names: BTreeMap::new(),
            declared: BTreeMap::new(),
            disk: None,
            judged: 0,
            wanted: VecDeque::new(),
            cfg,
        };
        system.fill(ids);
        system.set_disk_free(system.cfg.disk_free);
        system
    }

    /// The next thing, in order. Never [`Output::Return`] or [`Output::Convert`]: that is done here.
    pub fn poll(&mut self, now: Instant, ids: &mut u32) -> Option<Output> {
        loop {
            if let Some(output) = self.out.pop_front() {
                return Some(output);
            }
            if self.out.capacity() > 0 {
                // A host has something to do now and then only: until then others use this memory.
                self.out = VecDeque::new();
            }
            match self.mta.poll()? {
                Output::Return(undelivered) => self.bounce(now, ids, undelivered),
                Output::Convert { entry, letter } => self.convert(ids, entry, letter),
                output => return Some(output),
            }
        }
    }

    /// Answers an SMTP server engine; nothing if DNS must be asked first: then [`Self::poll_wanted`] gives the answer
    /// out later, with the question's number.
    pub fn answer(
        &mut self,
        now: Instant,
        ids: &mut u32,
        peer: Peer<'_>,
        id: RequestId,
        request: Request,
    ) -> Option<Answer> {
        let checks = if self.directory.relays_for(peer.address) { Checks::None } else { self.cfg.checks };
        let conn = peer.conn;
        if let Request::Sender { size, .. } = &request {
            self.declare(conn, *size);
            if let Err(full) = self.disk_takes(conn, DiskCheck::Mail) {
                return Some(Answer::Sender(Err(full)));
            }
        }
        Some(match request {
            Request::Peer => return self.check(now, ids, peer, id, Subject::Peer),
            Request::Sender { from, peer_name, .. } if checks != Checks::None => {
                return self.check(now, ids, peer, id, Subject::Sender { from, peer_name });
            }
            Request::Sender { .. } => Answer::Sender(Ok(())),
            Request::Recipient { from, to, user, .. } => {
                let known = user.is_some() || self.directory.relays_for(peer.address);
                let answer = self.recipient(known, conn, &to);
                Answer::Recipient(answer.and_then(|()| self.greylisted(now, known, peer.address, &from, &to)))
            }
            Request::Command { .. } => Answer::Command(Manner::OwnWay),
            Request::Verify { text } => Answer::Verify(self.verify(&text)),
            Request::Deliver { envelope, letter, map, protocol, peer_name } if checks != Checks::None => {
                let subject = Subject::Letter { envelope, bytes: letter, map, protocol, peer_name };
                return self.check(now, ids, peer, id, subject);
            }
            Request::Expand { text } => Answer::Expand(self.expand(&text)),
            Request::Challenge => Answer::Challenge(self.challenge_for_login(now)),
            Request::Login { user, proof } => Answer::Login(self.log_in(&user, &proof)),
            Request::Deliver { envelope, letter, map, protocol, peer_name } => {
                let (bytes, peer_name, results) = (letter, peer_name.as_str(), Vec::new());
                let arrival = Arrival { peer, envelope, bytes, map, protocol, peer_name, results, junk: false };
                Answer::Deliver(self.accept(now, ids, arrival))
            }
        })
    }

    /// Puts a letter that nobody submitted into mailboxes and queue, to be tried at `due`.
    pub fn queue(&mut self, now: Instant, ids: &mut u32, bytes: Arc<[u8]>, envelope: &Envelope, due: Instant) {
        let letter = Arc::new(self.preloaded(ids, bytes));
        self.take_in(now, ids, envelope, letter, due);
    }

    /// As [`Self::queue`], from what was typed. Without `envelope` the draft's addresses make it.
    ///
    /// # Errors
    /// A text in the draft that is no address, if it would be needed.
    pub fn queue_draft(
        &mut self,
        now: Instant,
        ids: &mut u32,
        draft: &Draft,
        envelope: Option<Envelope>,
        due: Instant,
    ) -> Result<(), AddressMistake> {
        let envelope = envelope.map_or_else(|| envelope_of(draft), Ok)?;
        let composed = compose(draft, &self.stamp(now));
        let letter = Letter { made: Made::Composed(composed.map), ..self.preloaded(ids, composed.bytes) };
        self.take_in(now, ids, &envelope, Arc::new(letter), due);
        Ok(())
    }

    /// The search for the hosts of a domain, for [`Output::Resolve`]; with a table see
    /// [`from_table`](super::routing::from_table) and [`Self::own`].
    pub fn route(&self, ticket: Ticket, domain: &str) -> Route {
        let seed = Seed::new(self.seed.child("routing").nth(u64::from(ticket.0)));
        Route::start(domain, self.own(), seed)
    }

    /// Where the mail of a domain goes by this server's own settings.
    pub fn fixed_route(&self, domain: &str) -> Option<Target> {
        let route = self.cfg.routes.iter().find(|route| route.domain.eq_ignore_ascii_case(domain))?;
        Some(Target { host: route.host.clone(), address: route.address, port: route.port, preference: 0 })
    }

    /// This host, to which mail must not be routed back.
    pub fn own(&self) -> Own {
        Own { host: self.host.clone(), address: self.address }
    }

    /// Queue and sessions.
    pub fn mta(&self) -> &Mta {
        &self.mta
    }

    /// Queue and sessions, to tell them what happened.
    pub fn mta_mut(&mut self) -> &mut Mta {
        &mut self.mta
    }

    /// The mailboxes.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Does something with the mailboxes, for IMAP too; what the store tells takes its place in [`Self::poll`].
    pub fn with_store<T>(&mut self, act: impl FnOnce(&mut Store, Option<&mut Vec<Event>>) -> T) -> T {
        let mut events = Vec::new();
        let result = act(&mut self.store, self.records.then_some(&mut events));
        self.out.extend(events.into_iter().map(Output::Event));
        result
    }

    /// Its settings.
    pub fn config(&self) -> &Arc<MailServer> {
        &self.cfg
    }

    /// Its full name.
    pub fn hostname(&self) -> &str {
        &self.host
    }

    /// What has been counted.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    fn recipient(&self, relays: bool, conn: ConnId, to: &Address) -> Result<(), Reply> {
        let place = self.directory.place(to);
        if place != Place::NoSuchUser {
            self.disk_takes(conn, DiskCheck::Rcpt)?;
        }
        match place {
            Place::Here(user) => self.mailbox_takes(conn, user),
            Place::List(_) => Ok(()),
            Place::NoSuchUser => Err(no_such_user()),
            Place::Elsewhere if relays || self.directory.takes_for_others(to) => Ok(()),
            Place::Elsewhere => Err(Reply::new(550, "5.7.1 relaying denied")),
        }
    }

    /// Clients of one's own are known, and so are those whose mail goes on from here.
    fn greylisted(
        &mut self,
        now: Instant,
        known: bool,
        peer: Ipv4Addr,
        from: &ReversePath,
        to: &Address,
    ) -> Result<(), Reply> {
        match &mut self.greylist {
            Some(list) if !known => list.pass(now, peer, from, to),
            _ => Ok(()),
        }
    }

    /// Name and password are those of the mailboxes; RFC 4954 section 6: 535 says no more than that they do not fit.
    fn log_in(&self, user: &str, proof: &Proof) -> Result<(), Reply> {
        let named = self.cfg.users.iter().find(|u| u.name.eq_ignore_ascii_case(user));
        match named {
            Some(known) if proof.fits(&known.password) => Ok(()),
            _ => Err(Reply::new(535, "5.7.8 Authentication credentials invalid")),
        }
    }

    /// A text that this server has never sent before.
    fn challenge_for_login(&mut self, now: Instant) -> String {
        let n = self.challenges;
        self.challenges = n.wrapping_add(1);
        let stamp = letter::stamp(self.seed.child("challenge"), n, &self.host, self.calendar.unix_seconds(now));
        format!("<{}>", stamp.message_id)
    }

    /// RFC 5321 section 3.5.2: who gets the mail for this name: the members of a list, one in each line, or a user.
    fn expand(&self, text: &str) -> Reply {
        match self.list_named(text).map(|list| &self.cfg.lists[list as usize].members) {
            Some(members) if !members.is_empty() => {
                Reply { code: 250, lines: members.iter().map(|to| format!("2.1.5 <{to}>")).collect() }
            }
            _ => self.user_named(text).unwrap_or_else(no_such_user),
        }
    }

    fn list_named(&self, text: &str) -> Option<u32> {
        let name = unbracketed(text);
        match name.parse::<Address>() {
            Ok(address) => match self.directory.place(&address) {
                Place::List(list) => Some(list),
                _ => None,
            },
            Err(_) => self.directory.list(name),
        }
    }

    /// The letter of a mail in the queue has new bytes.
    fn convert(&mut self, ids: &mut u32, entry: QueueId, new: Reencoded) {
        let Some(old) = self.mta.queue().get(entry).map(|e| Arc::clone(&e.letter)) else { return };
        let letter = Arc::new(letter::reencoded("", &old, &new, ids, self.records));
        if self.records {
            self.out.push_back(Output::Event(Event::Converted { entry, letter: Arc::clone(&letter) }));
        }
        self.mta.converted(entry, letter);
    }

    /// RFC 5321 section 3.5: `bob`, `bob@b.example` or `<bob@b.example>`.
    fn verify(&self, text: &str) -> Reply {
        if let Some(list) = self.list_named(text) {
            let name = &self.cfg.lists[list as usize].name;
            return Reply::new(250, format!("2.1.5 <{name}@{}>", self.directory.domain()));
        }
        self.user_named(text).unwrap_or_else(|| {
            let elsewhere = unbracketed(text).parse().is_ok_and(|to| self.directory.place(&to) == Place::Elsewhere);
            if elsewhere { Reply::new(252, "2.5.0 not a user here") } else { no_such_user() }
        })
    }

    /// 250 and the user's address, if it is one of ours.
    fn user_named(&self, text: &str) -> Option<Reply> {
        let name = unbracketed(text);
        let place = match name.parse::<Address>() {
            Ok(address) => self.directory.place(&address),
            Err(_) => self.directory.user(name).map_or(Place::NoSuchUser, Place::Here),
        };
        let Place::Here(user) = place else { return None };
        let user = &self.cfg.users[user as usize].name;
        Some(Reply::new(250, format!("2.1.5 <{user}@{}>", self.directory.domain())))
    }

    /// Folders and letters that are there when the run begins. Both are as checked by whoever made the settings: a
    /// folder or a letter that cannot be is left out.
    fn fill(&mut self, ids: &mut u32) {
        let cfg = Arc::clone(&self.cfg);
        let date = self.calendar.unix_seconds(Instant::ZERO);
        for (user, folder) in &cfg.folders {
            let _ = self.with_store(|store, events| store.create(user, folder, events));
        }
        for mail in &cfg.stored {
            let letter = self.preloaded(ids, Arc::clone(&mail.bytes));
            self.with_store(|store, events| store.preload(&mail.user, &mail.folder, mail.uid, letter, date, events));
        }
    }

    fn preloaded(&self, ids: &mut u32, bytes: Arc<[u8]>) -> Letter {
        let message_id = if self.records { message_id(&bytes) } else { Arc::clone(&self.no_id) };
        Letter { content: next_content(ids), bytes: bytes.into(), message_id, made: Made::Preloaded }
    }

    /// Date, Message-ID and boundary of the next letter that is written here.
    pub fn stamp(&mut self, now: Instant) -> Stamp {
        let n = self.written;
        self.written = n.wrapping_add(1);
        letter::stamp(self.seed.child("written"), n, &self.host, self.calendar.unix_seconds(now))
    }
}

fn no_such_user() -> Reply {
    Reply::new(550, "5.1.1 no such user here")
}

/// An address with or without its angle brackets.
fn unbracketed(text: &str) -> &str {
    let name = text.trim();
    name.strip_prefix('<').and_then(|n| n.strip_suffix('>')).unwrap_or(name)
}

#[cfg(test)]
mod tests;
