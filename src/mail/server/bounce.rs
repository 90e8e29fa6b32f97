//! Telling the sender (RFC 5321 sections 3.6.3, 4.5.5, 6.1; RFC 3464).
//!
//! The server that holds the mail when it fails writes the bounce. It is a mail like any other, from `<>`, so that
//! it can never be bounced itself.

use std::sync::Arc;

use super::MailSystem;
use super::directory::Place;
use crate::mail::letter::next_content;
use crate::mail::mta::{Output, Undelivered};
use crate::mail::store::INBOX;
use crate::mail::{Event, Letter, Made};
use crate::message::{Fate, Report};
use crate::smtp::{Envelope, Options, ReversePath};
use crate::time::Instant;

impl MailSystem {
    /// Writes the bounce and sends it on its way.
    pub(super) fn bounce(&mut self, now: Instant, ids: &mut u32, undelivered: Undelivered) {
        let Undelivered { sender, failed, letter: about, options, fate, .. } = undelivered;
        self.counters.bounces += u64::from(fate == Fate::Failed);
        let stamp = self.stamp(now);
        let date = self.calendar.rfc5322(now);
        let until = if let Fate::Delayed(until) = fate { self.calendar.rfc5322(until) } else { String::new() };
        let no_wishes = Options::default();
        let report = Report {
            host: &self.host,
            to: &sender,
            failed: &failed,
            fate,
            until: &until,
            letter: &about.bytes,
            options: options.as_deref().unwrap_or(&no_wishes),
            stamp: &stamp,
            date: &date,
        };
        let bytes = report.write();
        let message_id = if self.records { stamp.message_id.into() } else { Arc::clone(&about.message_id) };
        let (content, bytes) = (next_content(ids), bytes.into());
        let letter = Arc::new(Letter { content, bytes, message_id, made: Made::Written });
        if self.records {
            self.out.push_back(Output::Event(Event::DsnCreate {
                about: Arc::clone(&about.message_id),
                to: sender.clone(),
                fate,
                failed: failed.into_iter().map(|f| f.recipient).collect(),
                letter: Arc::clone(&letter),
            }));
        }
        let place = self.directory.place(&sender);
        let envelope = Envelope::new(ReversePath::Null, vec![sender.clone()]);
        match place {
            Place::Here(user) if self.cfg.users[user as usize].forward.is_empty() => {
                self.deliver_here(now, ids, &envelope.from, &[(user, sender)], INBOX, (&letter, false));
            }
            // Its sender is `<>`: what comes of it never leads to another report.
            Place::Here(_) | Place::List(_) => self.take_in(now, ids, &envelope, letter, now + self.cfg.pickup_delay),
            Place::NoSuchUser => self.mta.discard(now, envelope, letter, "no such user here", &mut self.out),
            Place::Elsewhere => {
                let due = now + self.cfg.pickup_delay;
                let letter = self.signed(now, ids, letter);
                self.mta.enter(now, envelope, &letter, due, &mut self.out);
            }
        }
    }
}
