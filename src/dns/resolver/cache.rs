//! What a resolver remembers (RFC 1034 section 5.3.1, RFC 2308).

use std::collections::BTreeMap;

use super::{Answer, Failure, Question};
use crate::dns::{Record, RecordType};
use crate::time::{Duration, Instant};

/// Answers are forgotten beyond this number, those that have expired first.
const MOST: usize = 10_000;

/// Answers by question.
///
/// "No such name" is true for every type (RFC 2308 section 5), so it is kept by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Cache {
    by_question: BTreeMap<Question, Kept>,
    no_such_name: BTreeMap<String, Kept>,
}

#[derive(Clone, Debug)]
struct Kept {
    since: Instant,
    until: Instant,
    answer: Answer,
}

impl Cache {
    /// The answer to `question` with what is left of its lifetimes, if it is still true at `now`.
    ///
    /// An answer lives for exactly its TTL: at the end of it, it is gone.
    pub fn get(&self, now: Instant, question: &Question) -> Option<(Answer, Duration)> {
        let fresh = |kept: &&Kept| now < kept.until;
        // "No such name" may be about the end of a chain of CNAMEs; the CNAME itself is there then.
        let by_name = || self.no_such_name.get(&question.name).filter(|_| question.rtype != RecordType::Cname);
        let kept = self.by_question.get(question).filter(fresh).or_else(|| by_name().filter(fresh))?;
        let age = (now.since(kept.since).as_nanos() / 1_000_000_000) as u32;
        let aged = |records: &[Record]| {
            let older = |r: &Record| Record { ttl: r.ttl.saturating_sub(age), ..r.clone() };
            records.iter().map(older).collect::<Vec<_>>()
        };
        let answer = Answer {
            result: kept.answer.result.as_deref().map(aged).map_err(|f| *f),
            additional: aged(&kept.answer.additional),
        };
        Some((answer, kept.until.since(now)))
    }

    /// Remembers `answer` for `ttl` seconds; a TTL of zero is for the transaction at hand only.
    pub fn put(&mut self, now: Instant, question: &Question, answer: &Answer, ttl: u32) {
        if ttl == 0 {
            return;
        }
        self.make_room(now);
        let until = now + Duration::from_secs(u64::from(ttl));
        let kept = Kept { since: now, until, answer: answer.clone() };
        if answer.result == Err(Failure::NxDomain) {
            self.no_such_name.insert(question.name.clone(), kept.clone());
        } else {
            self.no_such_name.remove(&question.name);
        }
        self.by_question.insert(question.clone(), kept);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Cache::default();
    }

    fn make_room(&mut self, now: Instant) {
        if self.by_question.len() + self.no_such_name.len() < MOST {
            return;
        }
        self.by_question.retain(|_, kept| now < kept.until);
        self.no_such_name.retain(|_, kept| now < kept.until);
        if self.by_question.len() + self.no_such_name.len() >= MOST {
            self.clear();
        }
    }
}
