//! What a server finds out about senders before it answers: SPF at MAIL, DKIM and DMARC at the end of data.
//!
//! ```text
//!  MAIL   -> check -> question for DNS (Wanted::Ask) ... answer -> the same check again ... -> Wanted::Answer
//!  . CRLF -> check -> ...                                                                   -> Wanted::Answer
//! ```
//! The session waits for its answer meanwhile, and reads no further command.

use super::{Arrival, MailSystem, Peer};
use crate::auth::results::Item;
use crate::auth::{Known, Missing, dkim, dmarc, spf};
use crate::dns::resolver::{Answer as Found, Question};
use crate::engine::{RequestId, SpanMap};
use crate::mail::config::Checks;
use crate::mail::mta::Output;
use crate::mail::{Event, Stage};
use crate::smtp::server::Answer;
use crate::smtp::{Envelope, Reply, ReversePath};
use crate::time::Instant;
use crate::topology::ConnId;

/// Names one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId(pub u32);

/// What the mail system wants from its host for the sake of its checks.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Ask DNS, then call [`MailSystem::known`].
    Ask {
        /// For which check.
        check: CheckId,
        /// What.
        question: Question,
    },
    /// Give this answer to the SMTP server engine of the connection.
    Answer {
        /// The connection.
        conn: ConnId,
        /// The engine's question.
        request: RequestId,
        /// Its answer.
        answer: Answer,
    },
}

/// What is checked.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    /// Who is calling: the name of the client's address.
    Peer,
    Sender {
        from: ReversePath,
        peer_name: String,
    },
    Letter {
        envelope: Envelope,
        bytes: Vec<u8>,
        map: SpanMap,
        protocol: &'static str,
        peer_name: String,
    },
}

/// A check that waits for DNS.
#[derive(Clone, Debug)]
pub(super) struct Check {
    peer: Peer<'static>,
    request: RequestId,
    known: Known,
    subject: Subject,
}

impl Check {
    pub(super) fn peer(&self) -> Peer<'static> {
        self.peer
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }
}

/// What is to be written on top of a letter, and whether it goes into the folder for suspicious mail.
type Judged = (Vec<Item>, bool);

/// What SPF found at MAIL.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    found: spf::Outcome,
    /// As in MAIL FROM.
    from: String,
    from_helo: bool,
}

impl MailSystem {
    /// What the checks want, one thing at a time; to be asked for after [`MailSystem::poll`] has nothing more.
    pub fn poll_wanted(&mut self) -> Option<Wanted> {
        self.wanted.pop_front()
    }

    /// DNS has answered a question of a check.
    pub fn known(&mut self, now: Instant, ids: &mut u32, check: CheckId, question: &Question, answer: &Found) {
        let Some(waiting) = self.checks.get_mut(&check) else { return };
        waiting.known.put(question, answer);
        let (conn, request) = (waiting.peer.conn, waiting.request);
        if let Some(answer) = self.advance(now, ids, check) {
            self.wanted.push_back(Wanted::Answer { conn, request, answer });
        }
    }

    /// A session is over: what it waited for is not needed any more, and a letter without its 250 stays with the client.
    pub fn session_over(&mut self, conn: ConnId) {
        self.senders.remove(&conn);
        self.names.remove(&conn);
        self.declared.remove(&conn);
        self.checks.retain(|_, check| check.peer.conn != conn);
    }

    /// The computer is off: all sessions are over.
    pub fn forget_sessions(&mut self) {
        self.senders.clear();
        self.names.clear();
        self.declared.clear();
        self.checks.clear();
        self.wanted.clear();
    }

    /// Begins a check; its answer, if nothing must be asked for it.
    pub(super) fn check(
        &mut self,
        now: Instant,
        ids: &mut u32,
        peer: Peer<'_>,
        request: RequestId,
        subject: Subject,
    ) -> Option<Answer> {
        let id = CheckId(self.next_check);
        self.next_check = self.next_check.wrapping_add(1);
        let peer = Peer { conn: peer.conn, address: peer.address, name: None };
        self.checks.insert(id, Check { peer, request, known: Known::default(), subject });
        self.advance(now, ids, id)
    }

    fn advance(&mut self, now: Instant, ids: &mut u32, id: CheckId) -> Option<Answer> {
        let check = self.checks.remove(&id)?;
        let result = match &check.subject {
            Subject::Peer => self.look_up(&check),
            Subject::Sender { from, peer_name } => self.sender(now, &check, from, peer_name).map(Answer::Sender),
            Subject::Letter { bytes, .. } => match self.letter(now, &check, bytes) {
                Ok(Ok((results, junk))) => {
                    let Check { peer, subject, .. } = check;
                    let Subject::Letter { envelope, bytes, map, protocol, peer_name } = subject else { return None };
                    let arrival =
                        Arrival { peer, envelope, bytes, map, protocol, peer_name: &peer_name, results, junk };
                    return Some(Answer::Deliver(self.accept(now, ids, arrival)));
                }
                Ok(Err(refusal)) => Ok(Answer::Deliver(refusal)),
                Err(missing) => Err(missing),
            },
        };
        match result {
            Ok(answer) => Some(answer),
            Err(Missing(question)) => {
                self.wanted.push_back(Wanted::Ask { check: id, question });
                self.checks.insert(id, check);
                None
            }
        }
    }

    /// SPF (RFC 7208 sections 2.4 and 8).
    fn sender(
        &mut self,
        now: Instant,
        check: &Check,
        from: &ReversePath,
        peer_name: &str,
    ) -> Result<Result<(), Reply>, Missing> {
        let (sender, domain, from_helo) = match from {
            ReversePath::Address(address) => (address.to_string(), address.domain.clone(), false),
            ReversePath::Null => (format!("postmaster@{peer_name}"), peer_name.to_owned(), true),
        };
        let request = spf::Request {
            ip: check.peer.address,
            domain: &domain,
            sender: &sender,
            helo: peer_name,
            receiver: &self.host,
            now: self.calendar.unix_seconds(now),
        };
        let found = spf::check_host(&check.known, &request)?;
        let (name, domain) = (found.verdict.name(), found.domain.clone());
        self.tell(check, "spf", name, &domain, Stage::Mail, found.reason.clone());
        let reply = match found.verdict {
            spf::Verdict::Fail if self.cfg.reject_spf_fail => {
                let mut reply = Reply::new(550, format!("5.7.23 SPF validation failed for {domain}"));
                // What the domain's owner has to say (section 8.4).
                let why = found.explanation.as_ref().map(|why| format!("5.7.23 {domain} explains: {why}"));
                reply.lines.extend(why);
                Err(reply)
            }
            spf::Verdict::TempError if self.cfg.reject_spf_fail => {
                Err(Reply::new(451, format!("4.4.3 SPF of {domain} cannot be checked, DNS does not answer")))
            }
            _ => Ok(()),
        };
        self.senders.insert(check.peer.conn, Sender { found, from: from.to_string(), from_helo });
        Ok(reply)
    }

    /// DKIM and DMARC: what is to be written on top of the letter, and whether it is set aside; or a refusal.
    fn letter(&mut self, now: Instant, check: &Check, bytes: &[u8]) -> Result<Result<Judged, Reply>, Missing> {
        // There is no letter without MAIL.
        let Some(sender) = self.senders.get(&check.peer.conn).cloned() else { return Ok(Ok((Vec::new(), false))) };
        let from = sender.from.trim_matches(['<', '>']);
        let mut items = vec![Item::spf(&sender.found, from, sender.from_helo)];
        if self.cfg.checks != Checks::Dmarc {
            return Ok(Ok((items, false)));
        }
        let seconds = u64::try_from(self.calendar.unix_seconds(now)).unwrap_or(0);
        let signatures = dkim::verify(&check.known, bytes, seconds)?;
        let luck = (self.seed.child("dmarc").nth(self.judged) % 100) as u8;
        let found = dmarc::evaluate(&check.known, bytes, &sender.found, &signatures, luck)?;
        self.judged += 1;
        if signatures.is_empty() {
            let nobody = "the letter has no signature".to_owned();
            self.tell(check, "dkim", dkim::Verdict::None.name(), "", Stage::EndOfData, nobody);
        }
        for s in &signatures {
            self.tell(check, "dkim", s.verdict.name(), &s.domain, Stage::EndOfData, s.reason.clone());
        }
        self.tell(check, "dmarc", found.verdict.name(), &found.domain, Stage::EndOfData, found.reason.clone());
        items.extend(Item::dkim(&signatures));
        items.push(Item::dmarc(&found));
        let domain = &found.domain;
        Ok(match (found.verdict, found.disposition) {
            // RFC 7489 section 10.3.
            (_, dmarc::Policy::Reject) => {
                Err(Reply::new(550, format!("5.7.1 Email rejected per DMARC policy for {domain}")))
            }
            (dmarc::Verdict::TempError, _) => {
                Err(Reply::new(451, format!("4.4.3 DMARC of {domain} cannot be checked, DNS does not answer")))
            }
            (_, disposition) => Ok((items, disposition == dmarc::Policy::Quarantine)),
        })
    }

    fn tell(
        &mut self,
        check: &Check,
        method: &'static str,
        result: &'static str,
        domain: &str,
        stage: Stage,
        reason: String,
    ) {
        if self.records {
            let (conn, domain) = (check.peer.conn, domain.to_owned());
            self.out.push_back(Output::Event(Event::AuthResult { conn, method, result, domain, stage, reason }));
        }
    }
}
