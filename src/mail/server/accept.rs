//! Taking responsibility for a letter (RFC 5321 section 6.1): the 250 after the end of data is the answer of
//! [`MailSystem::accept`], given when the letter stands in a mailbox or in the queue for every recipient.

use std::sync::Arc;

use super::directory::Place;
use super::expand::Around;
use super::received::{self, Hop, MOST_HOPS, hops};
use super::{MailSystem, Peer};
use crate::auth::results::{self, Item};
use crate::engine::SpanMap;
use crate::imap::Flags;
use crate::mail::letter::{message_id, next_content, prepend, reencoded, rewrite};
use crate::mail::mta::{Output, Undelivered};
use crate::mail::store::{INBOX, JUNK};
use crate::mail::{Event, Letter, Made, mda};
use crate::message::{self, Failed, Fate};
use crate::smtp::{Address, Envelope, Options, Reply, ReversePath};
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
    /// The owner of its domain wants it to be set aside (RFC 7489 section 6.3, `quarantine`).
    pub junk: bool,
}

/// Recipients of one letter by where they are.
pub(super) struct Split {
    /// Users of this server, each once, with the first address by which they were named.
    pub here: Vec<(u32, Address)>,
    /// Users whose mail goes on to other addresses.
    forwards: Vec<(u32, Address)>,
    /// Mailing lists of this server.
    lists: Vec<(u32, Address)>,
    elsewhere: Envelope,
    pub failed: Vec<Failed>,
}

impl Split {
    /// Nobody gets the letter.
    pub fn is_for_nobody(&self) -> bool {
        self.here.is_empty() && self.is_for_none_else()
    }

    fn is_for_none_else(&self) -> bool {
        self.forwards.is_empty() && self.lists.is_empty() && self.elsewhere.to.is_empty() && self.failed.is_empty()
    }
}

/// A recipient who does not get the letter, as this server itself finds out.
pub(super) fn failed(to: &Address, reason: &str) -> Failed {
    Failed { recipient: to.clone(), reply: None, reason: reason.to_owned() }
}

impl MailSystem {
    pub(super) fn accept(&mut self, now: Instant, ids: &mut u32, arrival: Arrival<'_>) -> Reply {
        let Arrival { peer, envelope, bytes, map, protocol, peer_name, results, junk } = arrival;
        if hops(&bytes) > MOST_HOPS {
            return Reply::new(554, "5.4.6 too many hops, this mail goes in a circle");
        }
        let mut split = self.split(&envelope);
        let size = bytes.len() as u64;
        if let Err(reply) = self.disk_holds(size).and_then(|()| self.make_room(&mut split, size)) {
            return reply;
        }
        self.counters.accepted += 1;
        let looked_up = self.names.get(&peer.conn).cloned();
        let peer = Peer { name: looked_up.as_deref().or(peer.name), ..peer };
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
        // Everything that will stand in front of it here, in one memory with it.
        let path = if split.here.is_empty() { String::new() } else { mda::return_path(&envelope.from) };
        let whole = Tail::join(&[path.as_bytes(), line.as_bytes(), &bytes]);
        let folder = if junk { JUNK } else { INBOX };
        if !self.records && lies.is_empty() && split.is_for_none_else() && envelope.options.is_none() {
            // Both lines at once: nobody will ask for the version in between.
            let made = Made::Received(peer.conn, SpanMap::new());
            let letter = Letter { content: next_content(ids), bytes: whole, message_id: Arc::clone(&self.no_id), made };
            self.put(now, &split.here, folder, letter);
        } else {
            let message_id = if self.records { message_id(&bytes) } else { Arc::clone(&self.no_id) };
            let made = Made::Received(peer.conn, if self.records { map } else { SpanMap::new() });
            let bytes = whole.without(path.len() + line.len());
            let received = Letter { content: next_content(ids), bytes, message_id, made };
            let letter = Arc::new(rewrite(&line, &received, &lies, ids, self.records));
            if self.records {
                let (received, letter) = (Arc::new(received), Arc::clone(&letter));
                self.out.push_back(Output::Event(Event::Accepted { envelope, received, letter }));
            }
            self.distribute((now, ids), split, letter, now + self.cfg.pickup_delay, folder);
        }
        Reply::new(250, format!("2.0.0 OK: queued as {id}"))
    }

    /// Into the mailboxes here, and into the queue for everybody else.
    pub(super) fn take_in(
        &mut self,
        now: Instant,
        ids: &mut u32,
        envelope: &Envelope,
        letter: Arc<Letter>,
        due: Instant,
    ) {
        let split = self.split(envelope);
        self.distribute((now, ids), split, letter, due, INBOX);
    }

    fn distribute(&mut self, (now, ids): Around<'_>, split: Split, letter: Arc<Letter>, due: Instant, folder: &str) {
        let Split { here, forwards, lists, elsewhere, mut failed } = split;
        let binary = elsewhere.options().is_binary();
        if !here.is_empty() {
            self.deliver_here(now, ids, &elsewhere.from, &here, folder, (&letter, binary));
        }
        let (from, options) = (elsewhere.from.clone(), elsewhere.options.clone());
        if let (ReversePath::Address(sender), Some(options)) = (&from, &options) {
            // For a list too: what its members get is another mail (RFC 3461 section 5.2.7.3).
            let reached: Vec<&Address> = here.iter().chain(&lists).map(|(_, to)| to).collect();
            self.tell_success(now, ids, sender, options, &reached, &letter);
        }
        for (user, address) in &forwards {
            failed.extend(self.forward((now, &mut *ids), &elsewhere, *user, address, &letter, due));
        }
        for (list, address) in &lists {
            failed.extend(self.post((now, &mut *ids), *list, address, (&letter, binary), due));
        }
        failed.retain(|f| elsewhere.options().tells_failure(&f.recipient));
        let letter = if elsewhere.to.is_empty() { letter } else { self.signed(now, ids, letter) };
        self.mta.enter(now, elsewhere, &letter, due, &mut self.out);
        if let Some(first) = failed.first() {
            let reason = first.reason.clone();
            let to = failed.iter().map(|f| f.recipient.clone()).collect();
            match from {
                ReversePath::Address(sender) => {
                    let (entry, fate) = (self.mta.number(), Fate::Failed);
                    self.bounce(now, ids, Undelivered { entry, sender, failed, letter, options, fate });
                }
                ReversePath::Null => {
                    self.mta.discard(now, Envelope::new(from, to), letter, &reason, &mut self.out);
                }
            }
        }
    }

    /// Tells the sender of those whom the letter has reached, if that was wished (RFC 3461 section 4.1).
    fn tell_success(
        &mut self,
        now: Instant,
        ids: &mut u32,
        sender: &Address,
        options: &Arc<Options>,
        reached: &[&Address],
        letter: &Arc<Letter>,
    ) {
        let wished = reached.iter().filter(|to| options.tells_success(to));
        let failed: Vec<Failed> = wished.map(|to| failed(to, "2.1.5 delivered to the mailbox")).collect();
        if !failed.is_empty() {
            let (entry, sender, letter) = (self.mta.number(), sender.clone(), Arc::clone(letter));
            let (options, fate) = (Some(Arc::clone(options)), Fate::Delivered);
            self.bounce(now, ids, Undelivered { entry, sender, failed, letter, options, fate });
        }
    }

    /// The letter with this server's signature on top, if it signs for the domain in From.
    pub(super) fn signed(&self, now: Instant, ids: &mut u32, letter: Arc<Letter>) -> Arc<Letter> {
        let Some(signer) = &self.cfg.dkim else { return letter };
        let ours = |author: &String| {
            let domain = author.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase()).unwrap_or_default();
            domain.strip_suffix(&signer.domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let authors = message::authors(&letter.bytes);
        if authors.is_empty() || !authors.iter().all(ours) {
            return letter;
        }
        let seconds = u64::try_from(self.calendar.unix_seconds(now)).unwrap_or(0);
        Arc::new(prepend(&signer.sign(&letter.bytes, seconds), &letter, ids, self.records))
    }

    /// Final delivery: one version of the letter for all users here. A binary one becomes lines: those who read it from
    /// the mailbox have no other way (RFC 3501 section 4.3.1, RFC 1939 section 3). Where that cannot be done it lies
    /// there as it came, for it was taken over.
    pub(super) fn deliver_here(
        &mut self,
        now: Instant,
        ids: &mut u32,
        from: &ReversePath,
        users: &[(u32, Address)],
        folder: &str,
        (letter, binary): (&Letter, bool),
    ) {
        let path = mda::return_path(from);
        let letter = match binary.then(|| message::without_binary(&letter.bytes)).flatten() {
            Some(lines) => reencoded(&path, letter, &lines, ids, self.records),
            None => prepend(&path, letter, ids, self.records),
        };
        self.put(now, users, folder, letter);
    }

    /// The only place where mail goes into a mailbox.
    fn put(&mut self, now: Instant, users: &[(u32, Address)], folder: &str, letter: Letter) {
        let date = self.calendar.unix_seconds(now);
        let letter = Arc::new(letter);
        let cfg = Arc::clone(&self.cfg);
        for (user, _) in users {
            let user = &cfg.users[*user as usize].name;
            let letter = Arc::clone(&letter);
            let uid = self.with_store(|store, mut events| {
                if folder != INBOX && store.status(user, folder).is_none() {
                    // A user may have too many folders for another one: then it is not set aside.
                    let _ = store.create(user, folder, events.as_deref_mut());
                }
                let folder = if store.status(user, folder).is_some() { folder } else { INBOX };
                store.deliver(user, folder, letter, Flags::new(), date, events)
            });
            debug_assert!(uid.is_some(), "{user} is a user of this server and has an INBOX");
            self.counters.stored += 1;
        }
    }

    fn split(&self, envelope: &Envelope) -> Split {
        let mut split = Split {
            here: Vec::new(),
            forwards: Vec::new(),
            lists: Vec::new(),
            elsewhere: Envelope { to: Vec::new(), ..envelope.clone() },
            failed: Vec::new(),
        };
        // Two names of one user are one mailbox; lists of recipients are short (RCPT limit).
        let add = |places: &mut Vec<(u32, Address)>, place: u32, to: &Address| {
            if places.iter().all(|(other, _)| *other != place) {
                places.push((place, to.clone()));
            }
        };
        for to in &envelope.to {
            match self.directory.place(to) {
                Place::Here(user) => {
                    let settings = &self.cfg.users[user as usize];
                    if settings.forward.is_empty() || settings.keep_copy {
                        add(&mut split.here, user, to);
                    }
                    if !settings.forward.is_empty() {
                        add(&mut split.forwards, user, to);
                    }
                }
                Place::List(list) => add(&mut split.lists, list, to),
                Place::Elsewhere => split.elsewhere.to.push(to.clone()),
                Place::NoSuchUser => split.failed.push(failed(to, "5.1.1 no such user here")),
            }
        }
        split
    }
}
