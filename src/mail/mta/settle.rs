//! After an attempt: who has it, who never will, who waits (RFC 5321 sections 4.2.5, 4.5.4.1, 6.1).
//!
//! ```text
//!  250 to the end of data --> done with: the other server is responsible
//!  5yz -------------------> returned to the sender now, all of one attempt in one bounce
//!  anything else ---------> stays; the next attempt is for these recipients only
//! ```

use super::{Mta, Output, Undelivered};
use crate::mail::queue::Entry;
use crate::mail::{Event, Left, QueueId};
use crate::message::{Failed, Fate};
use crate::smtp::client::{Failure, FailureCause, Outcome, Verdict};
use crate::smtp::{Address, Reply, ReversePath};
use crate::time::{Duration, Instant};

/// Recipients of one mail by what became of them in one attempt.
#[derive(Debug, Default)]
struct Sorted {
    delivered: Option<Reply>,
    /// Those whom another server has taken that sends no reports.
    relayed: Vec<Failed>,
    refused: Vec<Failed>,
    deferred: Vec<Failed>,
}

impl Mta {
    /// A letter's outcome on an SMTP session.
    pub(super) fn settle(&mut self, now: Instant, id: QueueId, outcome: &Outcome) {
        let Some(entry) = self.queue.get(id) else { return };
        let same = outcome.envelope.to == entry.envelope.to;
        let reports = !outcome.carries_wishes && entry.envelope.options.is_some();
        if let (true, true, false, Some(end)) = (same, outcome.is_complete(), reports, &outcome.end) {
            // The usual case, without a list.
            if let Some(entry) = self.queue.remove(id) {
                self.left(&entry, Left::Delivered, || end.to_string());
            }
            return;
        }
        let verdicts = outcome.verdicts();
        let mut sorted = Sorted::default();
        for (i, to) in entry.envelope.to.iter().enumerate() {
            let verdict = verdicts.get(i).filter(|(address, _)| address == to).map(|(_, verdict)| verdict);
            let failed = |reply: Option<Reply>, reason| Failed { recipient: to.clone(), reply, reason };
            match verdict {
                Some(Verdict::Delivered(reply)) => {
                    sorted.delivered = Some(reply.clone());
                    if reports && entry.envelope.options().tells_success(to) {
                        sorted.relayed.push(failed(Some(reply.clone()), reply.to_string()));
                    }
                }
                Some(Verdict::Refused(f)) => sorted.refused.push(failed(f.reply.clone(), words(f))),
                Some(Verdict::Deferred(f)) => sorted.deferred.push(failed(f.reply.clone(), f.to_string())),
                None => sorted.deferred.push(failed(None, "the session says nothing about this recipient".into())),
            }
        }
        self.finish(now, id, sorted);
    }

    /// The same failure for all recipients of a mail.
    pub(super) fn fail(&mut self, now: Instant, id: QueueId, failure: &super::run::Failed) {
        let Some(entry) = self.queue.get(id) else { return };
        let (reply, reason) = (&failure.reply, &failure.reason);
        let all = failed(&entry.envelope.to, reply.as_ref(), reason);
        let mut sorted = Sorted::default();
        if failure.permanent {
            sorted.refused = all;
        } else {
            sorted.deferred = all;
        }
        self.finish(now, id, sorted);
    }

    fn finish(&mut self, now: Instant, id: QueueId, sorted: Sorted) {
        let Some(entry) = self.queue.attempting(id) else { return };
        entry.delivered = sorted.delivered.or(entry.delivered.take());
        let reason = sorted.refused.first().map(|f| f.reason.clone());
        // RFC 3461 section 5.2.2: what the next server will not tell, this one does.
        let relayed = report(entry, sorted.relayed, Fate::Relayed);
        let refused = returned(entry, sorted.refused);
        self.out.extend(relayed.into_iter().chain(refused).map(Output::Return));
        if sorted.deferred.is_empty() {
            let entry = self.queue.remove(id).expect("it is in an attempt, so it is in the queue");
            // A recipient that was refused and of whom nobody can be told is worth more words than those that
            // were delivered.
            let dropped = reason.is_some() && entry.envelope.from == ReversePath::Null;
            return match &entry.delivered {
                Some(reply) if !dropped => self.left(&entry, Left::Delivered, || reply.to_string()),
                _ => self.left(&entry, undeliverable(&entry), || reason.unwrap_or_default()),
            };
        }
        entry.envelope.to = sorted.deferred.iter().map(|f| f.recipient.clone()).collect();
        if !entry.told_delay && now - entry.arrival >= self.delay_notice {
            let late = |f: &&Failed| entry.envelope.options().tells_delay(&f.recipient);
            let late: Vec<Failed> = sorted.deferred.iter().filter(late).cloned().collect();
            if let Some(told) = report(entry, late, Fate::Delayed(entry.expires)) {
                entry.told_delay = true;
                self.out.push_back(Output::Return(told));
            }
        }
        entry.last = sorted.deferred;
        let (attempt, started, expires) = (entry.attempts, entry.due, entry.expires);
        match self.queue.schedule().next(attempt, started) {
            // An attempt may have lasted longer than the interval after it.
            Some(next) if expires > now => self.defer(id, next.max(now)),
            Some(_) => self.expired(id),
            None => self.give_up(id, "no further attempt"),
        }
    }

    /// The mail stays, for another time.
    pub(super) fn defer(&mut self, id: QueueId, next: Instant) {
        let Some(entry) = self.queue.release(id, next) else { return };
        if self.records {
            let first = entry.last.first();
            let event = Event::QueueDefer {
                entry: id,
                message_id: entry.letter.message_id.clone(),
                attempt: entry.attempts,
                reason: first.map(|f| f.reason.clone()).unwrap_or_default(),
                reply: first.and_then(|f| f.reply.clone()),
                waiting: entry.envelope.to.clone(),
                next: next.min(entry.expires),
            };
            self.out.push_back(Output::Event(event));
        }
    }

    /// The mail has been here for too long.
    pub(super) fn expired(&mut self, id: QueueId) {
        let kept = hours(self.queue.schedule().expire());
        self.give_up(id, &format!("given up after {kept}"));
    }

    fn give_up(&mut self, id: QueueId, why: &str) {
        let Some(mut entry) = self.queue.remove(id) else { return };
        let mut last = std::mem::take(&mut entry.last);
        if last.is_empty() {
            last = failed(&entry.envelope.to, None, "its turn never came");
        }
        for f in &mut last {
            f.reason = format!("{why}: {}", f.reason);
        }
        let reason = last[0].reason.clone();
        if let Some(returned) = returned(&entry, last) {
            self.out.push_back(Output::Return(returned));
        }
        self.left(&entry, undeliverable(&entry), || reason);
    }

    fn left(&mut self, entry: &Entry, left: Left, reason: impl FnOnce() -> String) {
        if self.records {
            let message_id = entry.letter.message_id.clone();
            self.out.push_back(Output::Event(Event::QueueLeave {
                entry: entry.id,
                message_id,
                left,
                reason: reason(),
            }));
        }
    }
}

fn failed(to: &[Address], reply: Option<&Reply>, reason: &str) -> Vec<Failed> {
    let one = |to: &Address| Failed { recipient: to.clone(), reply: reply.cloned(), reason: reason.to_owned() };
    to.iter().map(one).collect()
}

/// What the sender is told of. Nobody is told about a mail from `<>` (RFC 5321 section 4.5.5), or of a recipient of whom
/// the sender did not want to hear (RFC 3461 section 5.2.6).
fn returned(entry: &Entry, mut failed: Vec<Failed>) -> Option<Undelivered> {
    failed.retain(|f| entry.envelope.options().tells_failure(&f.recipient));
    report(entry, failed, Fate::Failed)
}

/// The same for any fate, of recipients of whom the sender wants to hear.
fn report(entry: &Entry, failed: Vec<Failed>, fate: Fate) -> Option<Undelivered> {
    let ReversePath::Address(sender) = &entry.envelope.from else { return None };
    (!failed.is_empty()).then(|| Undelivered {
        entry: entry.id,
        sender: sender.clone(),
        failed,
        fate,
        letter: entry.letter.clone(),
        options: entry.envelope.options.clone(),
    })
}

fn undeliverable(entry: &Entry) -> Left {
    let options = entry.envelope.options();
    let told = entry.envelope.to.iter().any(|to| options.tells_failure(to));
    if entry.envelope.from == ReversePath::Null || !told { Left::Discarded } else { Left::Bounced }
}

/// A failure in words; with the enhanced status code of what this end found out itself.
fn words(failure: &Failure) -> String {
    match failure.cause {
        FailureCause::NotOffered(missing) => format!("{} {failure}", missing.status()),
        _ => failure.to_string(),
    }
}

/// `120 h` where it is that, else as times are written everywhere.
fn hours(time: Duration) -> String {
    const HOUR: u64 = 3_600_000_000_000;
    match time.as_nanos() {
        n if n > 0 && n % HOUR == 0 => format!("{} h", n / HOUR),
        _ => time.to_string(),
    }
}
