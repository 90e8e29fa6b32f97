//! One mail transaction: MAIL, RCPT, DATA, the letter (RFC 5321 section 3.3).

use std::borrow::Cow;

use super::{Client, Event, Failure, FailureCause, Stage, State};
use crate::engine::SpanMap;
use crate::smtp::data::Stuffer;
use crate::smtp::phase::PhaseChange;
use crate::smtp::{Address, Envelope, Reply, ReversePath, Verb};
use crate::tail::Tail;

/// A letter that waits for its turn.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) envelope: Envelope,
    pub(super) letter: Tail,
}

/// The letter whose turn it is.
#[derive(Clone, Debug)]
pub(super) struct Transaction {
    pub(super) envelope: Envelope,
    pub(super) letter: Tail,
    /// Replies to RCPT so far.
    pub(super) recipients: Vec<(Address, Reply)>,
    /// How many RCPT were answered.
    pub(super) answered: usize,
    /// MAIL, all RCPT and DATA were said together (RFC 2920).
    pub(super) together: bool,
    /// MAIL was refused, and what was said behind it is still being answered.
    pub(super) refused: Option<Reply>,
    pub(super) sending: Option<Sending>,
}

/// The letter on its way.
#[derive(Clone, Debug)]
pub(super) struct Sending {
    pub(super) stuffer: Stuffer,
    pub(super) from: u64,
    pub(super) map: Option<SpanMap>,
}

/// A command with an address, in one allocation; `end` is what stands behind it, up to CR LF.
fn with_path(start: &str, address: &Address, end: &str) -> Vec<u8> {
    [start, &address.local, "@", &address.domain, end].concat().into_bytes()
}

impl Client {
    /// From one transaction to the next: the only place where one begins.
    pub(super) fn ready(&mut self) {
        self.set_state(State::Ready);
        self.next_letter();
    }

    pub(super) fn next_letter(&mut self) {
        while let Some(Waiting { envelope, letter }) = self.waiting.pop_front() {
            // RFC 1870 section 6: the size as it is without doubled dots.
            let end = match self.offered.size && self.cfg.declare_size {
                true => Cow::Owned(format!("> SIZE={}\r\n", letter.len())),
                false => Cow::Borrowed(">\r\n"),
            };
            let command = match &envelope.from {
                ReversePath::Null => Some(["MAIL FROM:<", &end].concat().into_bytes()),
                ReversePath::Address(a) => a.is_printable().then(|| with_path("MAIL FROM:<", a, &end)),
            };
            if let Some(command) = command
                && !envelope.to.is_empty()
                && envelope.to.iter().all(Address::is_printable)
            {
                let together = self.cfg.pipelining && self.offered.pipelining;
                self.put(Verb::Mail, command, PhaseChange::MAIL);
                if together {
                    for to in &envelope.to {
                        self.put(Verb::Rcpt, with_path("RCPT TO:<", to, ">\r\n"), PhaseChange::MAIL);
                    }
                    // Nothing may stand behind DATA: what comes next depends on the reply (RFC 2920 section 3.1).
                    self.put(Verb::Data, b"DATA\r\n".to_vec(), PhaseChange::DATA);
                }
                self.current = Some(Transaction {
                    envelope,
                    letter,
                    recipients: Vec::new(),
                    answered: 0,
                    together,
                    refused: None,
                    sending: None,
                });
                self.set_state(State::Mail);
                return;
            }
            let failure = Failure { cause: FailureCause::BadEnvelope, stage: Stage::Between, reply: None };
            self.tell_outcome(envelope, Vec::new(), None, Some(failure));
        }
        if self.quitting || self.cfg.auto_quit {
            self.say_quit();
        } else {
            self.out.event(Event::Idle);
        }
    }

    /// The next RCPT; or DATA; or, with nobody to send to, the end of the transaction.
    pub(super) fn next_recipient(&mut self) {
        let Some(t) = &self.current else { return };
        if t.together {
            // All was said already: the next reply is waited for.
            let next = if t.answered < t.envelope.to.len() { State::Rcpt } else { State::Data };
            return self.set_state(next);
        }
        if let Some(to) = t.envelope.to.get(t.answered) {
            let command = with_path("RCPT TO:<", to, ">\r\n");
            self.say(Verb::Rcpt, command, PhaseChange::MAIL, State::Rcpt);
        } else if t.recipients.iter().any(|(_, reply)| reply.is_positive()) {
            self.say(Verb::Data, b"DATA\r\n".to_vec(), PhaseChange::DATA, State::Data);
        } else {
            self.finish_transaction(None, None);
            self.say_rset();
        }
    }

    pub(super) fn say_rset(&mut self) {
        self.say(Verb::Rset, b"RSET\r\n".to_vec(), PhaseChange::MAIL, State::Rset);
    }

    /// Whether the commands were said together, and it has turned out that nobody takes the letter.
    pub(super) fn nobody(&self) -> bool {
        let taken = |t: &Transaction| t.refused.is_none() && t.recipients.iter().any(|(_, reply)| reply.is_positive());
        self.current.as_ref().is_some_and(|t| t.together && !taken(t))
    }

    /// The server wants a letter for nobody: it gets an empty one (RFC 2920 section 3.1).
    pub(super) fn say_lone_dot(&mut self) {
        self.out.write(b".\r\n".to_vec());
        self.set_state(State::EndOfData);
    }

    /// All that was said together is answered, and nobody takes the letter.
    pub(super) fn give_up_together(&mut self) {
        let refused = self.current.as_mut().and_then(|t| t.refused.take());
        let failure =
            refused.map(|reply| Failure { cause: FailureCause::Reply, stage: Stage::Mail, reply: Some(reply) });
        self.finish_transaction(None, failure);
        self.say_rset();
    }

    pub(super) fn begin_letter(&mut self) {
        let from = self.out.written();
        let map = self.everything().then(SpanMap::new);
        if let Some(t) = &mut self.current {
            let stuffer = Stuffer::new(t.letter.clone(), self.cfg.dot_stuffing, self.cfg.line_ends);
            t.sending = Some(Sending { stuffer, from, map });
            self.set_state(State::Letter);
        }
    }

    /// As much of the letter as there is room for; says whether that was anything.
    pub(super) fn send_letter(&mut self) -> bool {
        let (room, at) = (self.out.room(), self.out.written());
        let Some(sending) = self.current.as_mut().and_then(|t| t.sending.as_mut()) else { return false };
        if room == 0 {
            return false;
        }
        let bytes = sending.stuffer.write(room, at, sending.map.as_mut());
        let done = sending.stuffer.is_done();
        let range = sending.from..at + bytes.len() as u64;
        let map = if done { sending.map.take() } else { None };
        self.out.write(bytes);
        if done {
            self.out.told(Event::Letter { range, map: map.unwrap_or_default() });
            self.set_state(State::EndOfData);
        } else {
            // Room is a sign of life: the clock of the next block begins.
            self.set_state(State::Letter);
        }
        true
    }
}
