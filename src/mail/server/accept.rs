//! Taking responsibility for a letter (RFC 5321 section 6.1): the 250 after the end of data is the answer of
//! [`MailSystem::accept`], given when the letter stands in a mailbox or in the queue for every recipient.

use std::sync::Arc;

use super::directory::Place;
use super::received::{self, Hop, MOST_HOPS, hops};
use super::{MailSystem, Peer};
use crate::auth::results::{self, Item};
use crate::engine::SpanMap;
use crate::imap::Flags;
use crate::mail::letter::{message_id, next_content, prepend, rewrite};
use crate::mail::mta::{Output, Undelivered};
use crate::mail::store::INBOX;
use crate::mail::{Event, Letter, Made, mda};
use crate::message::Failed;
use crate::smtp::{Envelope, Reply, ReversePath};
use crate::tail::Tail;
use crate::time::Instant;

/// A letter at the end of data.
pub(super) struct Arrival<'a> {
    pub peer: Peer<'a>,
    pub envelope: Envelope,
    pub bytes: Vec<u8>,
    pub map: SpanMap,
    pub protocol: &'static str,
    pub peer_name: &'a str,
    /// What was found out about its sender; empty if nothing was checked.
    pub results: Vec<Item>,
}

/// Recipients of one letter by where they are.
struct Split {
    /// Users of this server, each once.
    here: Vec<u32>,
    elsewhere: Envelope,
    unknown: Vec<Failed>,
}

impl MailSystem {
    pub(super) fn accept(&mut self, now: Instant, ids: &mut u32, arrival: Arrival<'_>) -> Reply {
        let Arrival { peer, envelope, bytes, map, protocol, peer_name, results } = arrival;
        if hops(&bytes) > MOST_HOPS {
            return Reply::new(554, "5.4.6 too many hops, this mail goes in a circle");
        }
        self.counters.accepted += 1;
        let id = format!("{:06X}", self.counters.accepted);
        let date = self.calendar.rfc5322(now);
        let (host, to) = (self.host.as_str(), envelope.to.as_slice());
        let mut line = received::line(&Hop { peer, peer_name, host, protocol, id: &id, to, date: &date });
        let mut lies = Vec::new();
        if !results.is_empty() {
            // On top of the trace lines, and only this server's own word stands there in its name.
            line.insert_str(0, &results::field(host, &results));
            lies = results::in_the_name_of(host, &bytes);
        }
        let split = self.split(&envelope);
        // Everything that will stand in front of it here, in one memory with it.
        let path = if split.here.is_empty() { String::new() } else { mda::return_path(&envelope.from) };
        let whole = Tail::join(&[path.as_bytes(), line.as_bytes(), &bytes]);
        if !self.records && lies.is_empty() && split.elsewhere.to.is_empty() && split.unknown.is_empty() {
            // Both lines at once: nobody will ask for the version in between.
            let made = Made::Received(peer.conn, SpanMap::new());
            let letter = Letter { content: next_content(ids), bytes: whole, message_id: Arc::clone(&self.no_id), made };
            self.put(now, &split.here, letter);
        } else {
            let message_id = if self.records { message_id(&bytes) } else { Arc::clone(&self.no_id) };
            let made = Made::Received(peer.conn, if self.records { map } else { SpanMap::new() });
            let bytes = whole.without(path.len() + line.len());
            let received = Letter { content: next_content(ids), bytes, message_id, made };
            let letter = rewrite(&line, &received, &lies, ids, self.records);
            if self.records {
                let (envelope, letter) = (envelope.clone(), letter.clone());
                self.out.push_back(Output::Event(Event::Accepted { envelope, received, letter }));
            }
            self.distribute(now, ids, split, letter, now + self.cfg.pickup_delay);
        }
        Reply::new(250, format!("2.0.0 OK: queued as {id}"))
    }

    /// Into the mailboxes here, and into the queue for everybody else.
    pub(super) fn take_in(&mut self, now: Instant, ids: &mut u32, envelope: &Envelope, letter: Letter, due: Instant) {
        let split = self.split(envelope);
        self.distribute(now, ids, split, letter, due);
    }

    fn distribute(&mut self, now: Instant, ids: &mut u32, split: Split, letter: Letter, due: Instant) {
        let Split { here, elsewhere, mut unknown } = split;
        unknown.retain(|f| elsewhere.options().tells_failure(&f.recipient));
        if !here.is_empty() {
            self.deliver_here(now, ids, &elsewhere.from, &here, &letter);
        }
        let (from, options) = (elsewhere.from.clone(), elsewhere.options.clone());
        let letter = if elsewhere.to.is_empty() { letter } else { self.signed(now, ids, letter) };
        let letter = Arc::new(letter);
        self.mta.enter(now, elsewhere, &letter, due, &mut self.out);
        if !unknown.is_empty() {
            let to = unknown.iter().map(|f| f.recipient.clone()).collect();
            match from {
                ReversePath::Address(sender) => {
                    let entry = self.mta.number();
                    self.bounce(now, ids, Undelivered { entry, sender, failed: unknown, letter, options });
                }
                ReversePath::Null => {
                    let letter = Letter::clone(&letter);
                    self.mta.discard(now, Envelope::new(from, to), letter, "no such user here", &mut self.out);
                }
            }
        }
    }

    /// The letter with this server's signature on top, if it signs for the domain in From.
    pub(super) fn signed(&self, now: Instant, ids: &mut u32, letter: Letter) -> Letter {
        let Some(signer) = &self.cfg.dkim else { return letter };
        let ours = |author: &String| {
            let domain = author.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase()).unwrap_or_default();
            domain.strip_suffix(&signer.domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let authors = crate::message::authors(&letter.bytes);
        if authors.is_empty() || !authors.iter().all(ours) {
            return letter;
        }
        let seconds = u64::try_from(self.calendar.unix_seconds(now)).unwrap_or(0);
        prepend(&signer.sign(&letter.bytes, seconds), &letter, ids, self.records)
    }

    /// Final delivery: one version of the letter for all users here.
    pub(super) fn deliver_here(
        &mut self,
        now: Instant,
        ids: &mut u32,
        from: &ReversePath,
        users: &[u32],
        letter: &Letter,
    ) {
        let letter = prepend(&mda::return_path(from), letter, ids, self.records);
        self.put(now, users, letter);
    }

    /// The only place where mail goes into a mailbox.
    fn put(&mut self, now: Instant, users: &[u32], letter: Letter) {
        let date = self.calendar.unix_seconds(now);
        let letter = Arc::new(letter);
        let cfg = Arc::clone(&self.cfg);
        for user in users {
            let user = &cfg.users[*user as usize].name;
            let letter = Arc::clone(&letter);
            let uid = self.with_store(|store, events| store.deliver(user, INBOX, letter, Flags::new(), date, events));
            debug_assert!(uid.is_some(), "{user} is a user of this server and has an INBOX");
            self.counters.stored += 1;
        }
    }

    fn split(&self, envelope: &Envelope) -> Split {
        let mut split =
            Split { here: Vec::new(), elsewhere: Envelope { to: Vec::new(), ..envelope.clone() }, unknown: Vec::new() };
        for to in &envelope.to {
            match self.directory.place(to) {
                // Two names of one user are one mailbox; lists of recipients are short (RCPT limit).
                Place::Here(user) if split.here.contains(&user) => {}
                Place::Here(user) => split.here.push(user),
                Place::Elsewhere => split.elsewhere.to.push(to.clone()),
                Place::NoSuchUser => {
                    let reason = "no such user here".to_owned();
                    split.unknown.push(Failed { recipient: to.clone(), reply: None, reason });
                }
            }
        }
        split
    }
}
