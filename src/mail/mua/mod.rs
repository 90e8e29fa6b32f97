//! A mail program, as far as it is not the window: one account of RFC 5598's user agent.
//!
//! It writes letters and hands them to its server (submission), and shows what was fetched. It has **no queue**:
//! what its server does not take goes to the outbox, where the user sees it, and nobody tries again.

pub mod copy;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::letter::{message_id, next_content, stamp};
use super::recipients::{address, options, recipients};
use super::{Event, Letter, Made};
use crate::action::CopyChange;
use crate::engine::SpanMap;
use crate::imap::{self, client::ClientCommand};
use crate::mail::config::UserAgent;
use crate::message::{self, Draft};
use crate::rng::Seed;
use crate::smtp::client::{Outcome, Verdict};
use crate::smtp::{Address, Envelope, ReversePath};
use crate::time::{Calendar, Instant};
use crate::topology::ConnId;
use copy::{FolderCopy, Sync};

/// Names one submission of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubmissionId(pub u32);

/// A letter to be handed to the account's server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Names it.
    pub id: SubmissionId,
    /// The server's full name.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// From whom, to whom.
    pub envelope: Envelope,
    /// The letter.
    pub letter: Arc<Letter>,
}

/// A letter that was not taken, or not for everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// When the user was told.
    pub at: Instant,
    /// The letter.
    pub letter: Arc<Letter>,
    /// Who does not get it.
    pub to: Vec<Address>,
    /// Why, in words.
    pub reason: String,
    /// The server's answer was 5yz for one of them at least: trying again makes no sense.
    pub permanent: bool,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct Agent {
    account: UserAgent,
    host: String,
    calendar: Calendar,
    seed: Seed,
    records: bool,
    written: u32,
    no_id: Arc<str>,
    under_way: BTreeMap<SubmissionId, (Vec<Address>, Arc<Letter>)>,
    outbox: Vec<Unsent>,
    /// Copies of folders on this device; they lie on its disk.
    copies: BTreeMap<String, FolderCopy>,
    /// Unique-ids (POP3) of what was fetched: a disk remembers.
    on_disk: BTreeSet<String>,
    out: VecDeque<Event>,
}

impl Agent {
    /// The program of `account` on the computer with the full name `host`. Without `records` no events are built.
    pub fn new(account: UserAgent, host: &str, calendar: Calendar, seed: Seed, records: bool) -> Self {
        Agent {
            seed: seed.child(&account.address),
            account,
            host: host.to_owned(),
            calendar,
            records,
            written: 0,
            no_id: "".into(),
            under_way: BTreeMap::new(),
            outbox: Vec::new(),
            copies: BTreeMap::new(),
            on_disk: BTreeSet::new(),
            out: VecDeque::new(),
        }
    }

    /// Its settings.
    pub fn account(&self) -> &UserAgent {
        &self.account
    }

    /// What could not be handed over, oldest first.
    pub fn outbox(&self) -> &[Unsent] {
        &self.outbox
    }

    /// The next event, in order.
    pub fn poll(&mut self) -> Option<Event> {
        self.out.pop_front()
    }

    /// Writes the letter, as the user presses Send. The envelope is from the account's own address to everybody in
    /// To, Cc and Bcc, unless another one is given. Nothing comes out, and the letter lies in the outbox, if an
    /// address is none, nobody is addressed, or the account has no server.
    pub fn compose(
        &mut self,
        now: Instant,
        ids: &mut u32,
        draft: &Arc<Draft>,
        envelope: Option<Envelope>,
    ) -> Option<Submission> {
        let id = SubmissionId(self.written);
        let stamp = stamp(self.seed, self.written, &self.host, self.calendar.unix_seconds(now));
        self.written = self.written.wrapping_add(1);
        let composed = message::compose(draft, &stamp);
        let letter = Arc::new(Letter {
            content: next_content(ids),
            bytes: composed.bytes.into(),
            message_id: if self.records { stamp.message_id.into() } else { Arc::clone(&self.no_id) },
            made: Made::Composed(if self.records { composed.map } else { SpanMap::new() }),
        });
        let (envelope, mut mistake) = match envelope {
            Some(envelope) => (envelope, None),
            None => self.envelope(draft),
        };
        if self.records {
            self.out.push_back(Event::Composed {
                user: self.account.address.clone(),
                draft: Arc::clone(draft),
                envelope: envelope.clone(),
                letter: Arc::clone(&letter),
            });
        }
        if envelope.to.is_empty() {
            mistake = mistake.or(Some("nobody to send it to".to_owned()));
        }
        if self.account.smtp.is_none() {
            mistake = mistake.or(Some("this account has no server to send to".to_owned()));
        }
        let (None, Some((server, port))) = (&mistake, self.account.smtp.clone()) else {
            self.not_taken(now, letter, envelope.to, mistake.unwrap_or_default(), true);
            return None;
        };
        self.under_way.insert(id, (envelope.to.clone(), Arc::clone(&letter)));
        Some(Submission { id, server, port, envelope, letter })
    }

    /// Hands in a letter that is there already, as it is.
    pub fn hand_in(&mut self, now: Instant, ids: &mut u32, bytes: Arc<[u8]>, envelope: Envelope) -> Option<Submission> {
        let id = SubmissionId(self.written);
        self.written = self.written.wrapping_add(1);
        let message_id = if self.records { message_id(&bytes) } else { Arc::clone(&self.no_id) };
        let subject = message::header(&bytes, "Subject", 1).unwrap_or_default();
        let (content, bytes) = (next_content(ids), bytes.into());
        let letter = Arc::new(Letter { content, bytes, message_id, made: Made::Preloaded });
        if self.records {
            let to = envelope.to.iter().map(ToString::to_string).collect();
            let draft = Draft { from: self.account.address.clone(), to, subject, ..Draft::default() };
            self.out.push_back(Event::Composed {
                user: self.account.address.clone(),
                draft: Arc::new(draft),
                envelope: envelope.clone(),
                letter: Arc::clone(&letter),
            });
        }
        let Some((server, port)) = self.account.smtp.clone().filter(|_| !envelope.to.is_empty()) else {
            self.not_taken(now, letter, envelope.to, "no server, or nobody to send it to".to_owned(), true);
            return None;
        };
        self.under_way.insert(id, (envelope.to.clone(), Arc::clone(&letter)));
        Some(Submission { id, server, port, envelope, letter })
    }

    /// How many letters are being handed over.
    pub fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// What became of a submission on its SMTP session.
    pub fn submission_outcome(&mut self, now: Instant, id: SubmissionId, outcome: &Outcome) {
        let Some((_, letter)) = self.under_way.remove(&id) else { return };
        if let (true, Some(end)) = (outcome.is_complete(), &outcome.end) {
            return self.submitted(Arc::clone(&letter.message_id), || end.to_string(), true);
        }
        let mut to = Vec::new();
        let (mut reason, mut permanent) = (String::new(), false);
        for (address, verdict) in outcome.verdicts() {
            permanent |= matches!(verdict, Verdict::Refused(_));
            if let Verdict::Refused(failure) | Verdict::Deferred(failure) = verdict {
                if reason.is_empty() {
                    reason = failure.to_string();
                }
                to.push(address);
            }
        }
        self.not_taken(now, letter, to, reason, permanent);
    }

    /// A submission that came to no SMTP session: no address for the server's name, or no connection.
    pub fn not_submitted(&mut self, now: Instant, id: SubmissionId, reason: &str) {
        if let Some((to, letter)) = self.under_way.remove(&id) {
            self.not_taken(now, letter, to, reason.to_owned(), false);
        }
    }

    /// The computer is switched off. A letter that was under way is found in the outbox: the program cannot know
    /// whether the server took it.
    pub fn power_off(&mut self, now: Instant) {
        for (_, (to, letter)) in std::mem::take(&mut self.under_way) {
            let reason = "this computer was switched off while it was sent";
            self.not_taken(now, letter, to, reason.to_owned(), false);
        }
    }

    /// A letter came from the mailbox (letter <- stream of the server's direction), and is shown.
    pub fn fetched(&mut self, ids: &mut u32, conn: ConnId, bytes: Arc<[u8]>, map: SpanMap) {
        if self.records {
            let screen = message::show(&bytes);
            let message_id = message_id(&bytes);
            let (content, bytes) = (next_content(ids), bytes.into());
            let letter = Arc::new(Letter { content, bytes, message_id, made: Made::Fetched(conn, map) });
            self.out.push_back(Event::Read { user: self.account.address.clone(), letter, screen: Box::new(screen) });
        }
    }

    /// The copy of a folder, if there is one on this device.
    pub fn copy(&self, folder: &str) -> Option<&FolderCopy> {
        self.copies.get(folder)
    }

    /// A user changes a letter in the copy of a folder. Nothing happens if it is not there.
    pub fn change_copy(&mut self, folder: &str, uid: u32, change: &CopyChange) {
        let done = self.copies.get_mut(folder).is_some_and(|copy| copy.change(uid, change.clone()));
        if done && self.records {
            let (user, folder) = (self.account.address.clone(), folder.to_owned());
            self.out.push_back(Event::CopyChange { user, folder, uid, change: change.clone() });
        }
    }

    /// Begins to bring a copy up to date; the commands open the connection for it.
    pub fn sync(&self, folder: &str) -> (Sync, Vec<ClientCommand>) {
        Sync::new(folder, &self.account.user, &self.account.password)
    }

    /// The connection tells something; the commands that follow from it.
    pub fn sync_heard(&mut self, sync: &mut Sync, event: &imap::client::Event) -> Vec<ClientCommand> {
        let copy = self.copies.entry(sync.folder().to_owned()).or_default();
        let commands = sync.hear(copy, event);
        if matches!(event, imap::client::Event::Ended(_)) && self.records {
            self.out.push_back(Event::CopySync {
                user: self.account.address.clone(),
                folder: sync.folder().to_owned(),
                uid_validity: copy.validity(),
                letters: copy.letters().len() as u32,
                outcome: sync.outcome(),
            });
        }
        commands
    }

    /// Unique-ids of the letters on the disk, as UIDL told them.
    pub fn on_disk(&self) -> &BTreeSet<String> {
        &self.on_disk
    }

    /// A letter came from the maildrop (letter <- stream of the server's direction). It is put on the disk, and shown.
    pub fn downloaded(&mut self, ids: &mut u32, conn: ConnId, bytes: Arc<[u8]>, map: SpanMap, unique: Option<String>) {
        self.on_disk.extend(unique);
        if self.records {
            let before = self.out.len();
            self.fetched(ids, conn, bytes, map);
            if let Some(Event::Read { user, letter, .. }) = self.out.get(before) {
                let (user, letter) = (user.clone(), Arc::clone(letter));
                self.out.insert(before, Event::DiskStore { user, letter });
            }
        }
    }

    /// The envelope of a draft; with it, what is wrong with the addresses, if something is.
    fn envelope(&self, draft: &Draft) -> (Envelope, Option<String>) {
        let from = address(&self.account.address).map(ReversePath::Address);
        let to = recipients(draft);
        let mistake = from.as_ref().err().or(to.as_ref().err()).map(ToString::to_string);
        let envelope = Envelope::new(from.unwrap_or(ReversePath::Null), to.unwrap_or_default());
        (Envelope { options: options(draft), ..envelope }, mistake)
    }

    fn not_taken(&mut self, at: Instant, letter: Arc<Letter>, to: Vec<Address>, reason: String, permanent: bool) {
        self.submitted(Arc::clone(&letter.message_id), || reason.clone(), false);
        self.outbox.push(Unsent { at, letter, to, reason, permanent });
    }

    fn submitted(&mut self, message_id: Arc<str>, result: impl FnOnce() -> String, accepted: bool) {
        if self.records {
            let user = self.account.address.clone();
            self.out.push_back(Event::Submitted { user, message_id, result: result(), accepted });
        }
    }
}

#[cfg(test)]
mod tests;
