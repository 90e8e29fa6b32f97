//! One mail transaction: MAIL, RCPT, DATA, the letter (RFC 5321 section 3.3).

use std::sync::Arc;

use super::{Client, Event, Failure, FailureCause, Stage, State};
use crate::engine::SpanMap;
use crate::smtp::data::Stuffer;
use crate::smtp::phase::PhaseChange;
use crate::smtp::{Address, Envelope, Reply, ReversePath, Verb};

/// A letter that waits for its turn.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) envelope: Envelope,
    pub(super) letter: Arc<[u8]>,
}

/// The letter whose turn it is.
#[derive(Clone, Debug)]
pub(super) struct Transaction {
    pub(super) envelope: Envelope,
    pub(super) letter: Arc<[u8]>,
    /// Replies to RCPT so far.
    pub(super) recipients: Vec<(Address, Reply)>,
    pub(super) sending: Option<Sending>,
}

/// The letter on its way.
#[derive(Clone, Debug)]
pub(super) struct Sending {
    pub(super) stuffer: Stuffer,
    pub(super) from: u64,
    pub(super) map: Option<SpanMap>,
}

/// A command with an address, in one allocation.
fn with_path(start: &str, address: &Address) -> Vec<u8> {
    [start, &address.local, "@", &address.domain, ">\r\n"].concat().into_bytes()
}

impl Client {
    /// From one transaction to the next: the only place where one begins.
    pub(super) fn ready(&mut self) {
        self.set_state(State::Ready);
        self.next_letter();
    }

    pub(super) fn next_letter(&mut self) {
        while let Some(Waiting { envelope, letter }) = self.waiting.pop_front() {
            let command = match &envelope.from {
                ReversePath::Null => Some(b"MAIL FROM:<>\r\n".to_vec()),
                ReversePath::Address(a) => a.is_printable().then(|| with_path("MAIL FROM:<", a)),
            };
            if let Some(command) = command
                && !envelope.to.is_empty()
                && envelope.to.iter().all(Address::is_printable)
            {
                self.current = Some(Transaction { envelope, letter, recipients: Vec::new(), sending: None });
                self.say(Verb::Mail, command, PhaseChange::MAIL, State::Mail);
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
        if let Some(to) = t.envelope.to.get(t.recipients.len()) {
            let command = with_path("RCPT TO:<", to);
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

    pub(super) fn begin_letter(&mut self) {
        let from = self.out.written();
        let map = self.everything().then(SpanMap::new);
        if let Some(t) = &mut self.current {
            let stuffer = Stuffer::new(Arc::clone(&t.letter), self.cfg.dot_stuffing, self.cfg.line_ends);
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
