//! A user agent: writes letters and hands them over, fetches letters and shows them. It has no queue: what
//! could not be handed over is told to the user, who may try again.

use std::sync::Arc;

use super::config::UserAgent;
use super::{ContentId, Event, Letter, Made, message_id};
use crate::engine::SpanMap;
use crate::message::{self, Draft, Stamp};
use crate::rng::Seed;
use crate::smtp::client::Outcome;
use crate::smtp::{Address, Envelope, ReversePath};
use crate::topology::ConnId;

/// One account of a mail program.
#[derive(Clone, Debug)]
pub struct Agent {
    account: UserAgent,
    /// The computer's full name, for Message-IDs.
    host: String,
    seed: Seed,
    written: u64,
}

/// Address and envelope of what was typed in an address field: `Bob <bob@b.example>`.
fn typed(text: &str) -> Option<Address> {
    let inner = text.split_once('<').map_or(text, |(_, rest)| rest.trim_end().trim_end_matches('>')).trim();
    let (local, domain) = inner.rsplit_once('@')?;
    Some(Address { local: local.to_string(), domain: domain.to_ascii_lowercase() })
}

/// The envelope that a header gives: From, and all of To, Cc and Bcc, each once.
pub fn envelope_of(draft: &Draft) -> Envelope {
    let mut to: Vec<Address> = Vec::new();
    for address in draft.to.iter().chain(&draft.cc).chain(&draft.bcc).filter_map(|a| typed(a)) {
        if !to.contains(&address) {
            to.push(address);
        }
    }
    Envelope { from: typed(&draft.from).map_or(ReversePath::Null, ReversePath::Address), to }
}

/// Date, Message-ID and boundary of the `n`-th letter written at a host.
pub fn stamp(seed: Seed, n: u64, host: &str, unix_seconds: i64) -> Stamp {
    let luck = seed.nth(n);
    Stamp {
        unix_seconds,
        message_id: format!("{}.{:08x}@{host}", n + 1, luck as u32),
        boundary: format!("=_{:016x}", luck.rotate_left(32)),
    }
}

impl Agent {
    /// The mail program of `account` on the computer named `host`.
    pub fn new(account: UserAgent, host: &str, seed: Seed) -> Self {
        Agent { account, host: host.to_string(), seed, written: 0 }
    }

    /// The account.
    pub fn account(&self) -> &UserAgent {
        &self.account
    }

    /// Makes a letter of what was typed. The envelope is the one of the header unless another is given;
    /// a missing From is the account's own address.
    pub fn compose(
        &mut self,
        unix_seconds: i64,
        draft: &Arc<Draft>,
        envelope: Option<&Envelope>,
        contents: &mut u32,
    ) -> Event {
        let stamp = stamp(self.seed, self.written, &self.host, unix_seconds);
        self.written += 1;
        let mut draft = Arc::clone(draft);
        if draft.from.is_empty() {
            let own = &self.account;
            let from = own.display_name.as_ref().map(|name| format!("{name} <{}>", own.address));
            Arc::make_mut(&mut draft).from = from.unwrap_or_else(|| own.address.clone());
        }
        let composed = message::compose(&draft, &stamp);
        *contents += 1;
        let letter = Letter {
            content: ContentId(*contents),
            message_id: stamp.message_id.into(),
            bytes: composed.bytes,
            made: Made::Composed(composed.map),
        };
        let envelope = envelope.cloned().unwrap_or_else(|| envelope_of(&draft));
        Event::Composed { user: self.account.address.clone(), draft, envelope, letter }
    }

    /// What became of a letter that was to be handed over.
    pub fn submitted(&self, message_id: &Arc<str>, outcome: &Outcome) -> Event {
        let last = outcome.recipients.iter().map(|(_, r)| r).find(|r| !r.is_positive());
        let result = match (last, &outcome.failure, &outcome.end) {
            (Some(reply), _, _) | (None, None, Some(reply)) => reply.to_string(),
            (None, Some(failure), _) => failure.to_string(),
            (None, None, None) => String::new(),
        };
        let (user, message_id) = (self.account.address.clone(), Arc::clone(message_id));
        Event::Submitted { user, message_id, result, accepted: outcome.is_complete() }
    }

    /// A letter could not even be offered.
    pub fn not_submitted(&self, message_id: &Arc<str>, reason: &str) -> Event {
        let (user, message_id) = (self.account.address.clone(), Arc::clone(message_id));
        Event::Submitted { user, message_id, result: reason.to_string(), accepted: false }
    }

    /// Shows a letter that was fetched; `map` is letter <- stream.
    pub fn fetched(&self, conn: ConnId, bytes: Arc<[u8]>, map: SpanMap, contents: &mut u32) -> Event {
        *contents += 1;
        let screen = message::show(&bytes);
        let message_id = message_id(&bytes);
        let letter = Letter { content: ContentId(*contents), bytes, message_id, made: Made::Fetched(conn, map) };
        Event::Read { user: self.account.address.clone(), letter, screen }
    }
}
