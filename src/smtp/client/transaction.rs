//! One mail transaction: MAIL, RCPT, DATA, the letter (RFC 5321 section 3.3).

use super::{Client, Event, Failure, FailureCause, Missing, Stage, State};
use crate::engine::{Carried, SpanMap};
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
    /// The letter goes as one piece of BDAT (RFC 3030).
    pub(super) chunked: bool,
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

/// Whether it can be written in commands at all.
fn is_printable(envelope: &Envelope) -> bool {
    let from = match &envelope.from {
        ReversePath::Null => true,
        ReversePath::Address(from) => from.is_printable(),
    };
    from && envelope.to.iter().all(Address::is_printable)
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

    /// What the server does not offer and this letter needs.
    fn missing(&self, envelope: &Envelope, letter: &[u8]) -> Option<Missing> {
        let header = || &letter[..memchr::memmem::find(letter, b"\r\n\r\n").unwrap_or(letter.len())];
        let utf8 = envelope.is_international() || (envelope.options().smtputf8 && !header().is_ascii());
        if utf8 && !self.offered.smtputf8 {
            return Some(Missing::SmtpUtf8);
        }
        if envelope.options().is_binary() {
            return (!self.offered.binary).then_some(Missing::BinaryMime);
        }
        (!self.offered.eight_bit && !letter.is_ascii()).then_some(Missing::EightBitMime)
    }

    /// What stands behind the path of MAIL: only what was offered, and only what there is to say.
    fn mail_params(&self, envelope: &Envelope, letter: &[u8]) -> String {
        let options = envelope.options();
        let mut end = ">".to_owned();
        if self.offered.size && self.cfg.declare_size {
            // RFC 1870 section 6: the size as it is without doubled dots.
            end.push_str(&format!(" SIZE={}", letter.len()));
        }
        if options.is_binary() {
            // Only where it is offered: elsewhere the letter was not begun.
            end.push_str(" BODY=BINARYMIME");
        } else if self.offered.eight_bit && !letter.is_ascii() {
            end.push_str(" BODY=8BITMIME");
        }
        if self.offered.smtputf8 && (options.smtputf8 || envelope.is_international()) {
            end.push_str(" SMTPUTF8");
        }
        if self.offered.dsn {
            if let Some(ret) = options.ret {
                end.push_str(&format!(" RET={}", ret.name()));
            }
            if let Some(envid) = &options.envid {
                end.push_str(&format!(" ENVID={envid}"));
            }
        }
        // RFC 4954 section 5: only to a server that knows us is it said.
        if let Some(auth) = options.auth.as_ref().filter(|_| self.cfg.login.is_some()) {
            end.push_str(&format!(" AUTH={auth}"));
        }
        end + "\r\n"
    }

    /// RCPT, with the sender's wishes if the server can carry them on (RFC 3461 section 5.2).
    fn rcpt(&self, envelope: &Envelope, to: &Address) -> Vec<u8> {
        let mut end = ">".to_owned();
        if let Some(wish) = envelope.options().recipients.get(to).filter(|_| self.offered.dsn) {
            if let Some(notify) = wish.notify {
                end.push_str(&format!(" NOTIFY={notify}"));
            }
            if let Some(orcpt) = &wish.orcpt {
                end.push_str(&format!(" ORCPT={orcpt}"));
            }
        }
        with_path("RCPT TO:<", to, &(end + "\r\n"))
    }

    pub(super) fn next_letter(&mut self) {
        while let Some(Waiting { envelope, letter }) = self.waiting.pop_front() {
            let cause = if envelope.to.is_empty() || !is_printable(&envelope) {
                FailureCause::BadEnvelope
            } else if let Some(missing) = self.missing(&envelope, &letter) {
                FailureCause::NotOffered(missing)
            } else {
                return self.begin(envelope, letter);
            };
            let failure = Failure { cause, stage: Stage::Between, reply: None };
            self.tell_outcome(envelope, Vec::new(), None, Some(failure));
        }
        if self.quitting || self.cfg.auto_quit {
            self.say_quit();
        } else {
            self.out.event(Event::Idle);
        }
    }

    /// MAIL, and what may be said together with it.
    fn begin(&mut self, envelope: Envelope, letter: Tail) {
        // BDAT needs no 354, so there is nothing that could be said together with it before RCPT is answered.
        let chunked = self.offered.chunking && (self.cfg.chunking || envelope.options().is_binary());
        let together = self.cfg.pipelining && self.offered.pipelining && !chunked;
        let end = self.mail_params(&envelope, &letter);
        let command = match &envelope.from {
            ReversePath::Null => ["MAIL FROM:<", &end].concat().into_bytes(),
            ReversePath::Address(a) => with_path("MAIL FROM:<", a, &end),
        };
        self.put(Some(Verb::Mail), command, PhaseChange::MAIL);
        if together {
            for to in &envelope.to {
                let command = self.rcpt(&envelope, to);
                self.put(Some(Verb::Rcpt), command, PhaseChange::MAIL);
            }
            // Nothing may stand behind DATA: what comes next depends on the reply (RFC 2920 section 3.1).
            self.put(Some(Verb::Data), b"DATA\r\n".to_vec(), PhaseChange::DATA);
        }
        let recipients = Vec::with_capacity(envelope.to.len());
        self.current = Some(Transaction {
            envelope,
            letter,
            recipients,
            answered: 0,
            together,
            chunked,
            refused: None,
            sending: None,
        });
        self.set_state(State::Mail);
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
            let command = self.rcpt(&t.envelope, to);
            self.say(Verb::Rcpt, command, PhaseChange::MAIL, State::Rcpt);
        } else if t.recipients.iter().any(|(_, reply)| reply.is_positive()) && t.chunked {
            self.say_piece();
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

    /// The whole letter is one piece, so the last one; its bytes follow without a word of the server.
    fn say_piece(&mut self) {
        let Some(size) = self.current.as_ref().map(|t| t.letter.len()) else { return };
        self.put(Some(Verb::Bdat), format!("BDAT {size} LAST\r\n").into_bytes(), PhaseChange::DATA);
        self.begin_letter();
    }

    pub(super) fn begin_letter(&mut self) {
        let from = self.out.written();
        let map = self.everything().then(SpanMap::new);
        if let Some(t) = &mut self.current {
            let stuffer = match t.chunked {
                true => Stuffer::plain(t.letter.clone()),
                false => Stuffer::new(t.letter.clone(), self.cfg.dot_stuffing, self.cfg.line_ends),
            };
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
        // Under TLS everything is sealed anew anyway, and what is written at once is one record.
        let lends = self.secured.is_none();
        let part = lends.then(|| sending.stuffer.lend(room, at, sending.map.as_mut())).flatten();
        let lent = part.as_ref().map_or(0, |part| part.len());
        let bytes = sending.stuffer.write(room - lent, at + lent as u64, sending.map.as_mut());
        let done = sending.stuffer.is_done();
        let range = sending.from..at + (lent + bytes.len()) as u64;
        let map = if done { sending.map.take() } else { None };
        if let Some(part) = part {
            self.out.write_part(part);
        }
        // A piece of no bytes (RFC 3030) has nothing to write.
        if !bytes.is_empty() {
            self.out.write(bytes);
        }
        if done {
            self.out.told(Event::Letter(Box::new(Carried { range, map: map.unwrap_or_default() })));
            self.set_state(State::EndOfData);
        } else {
            // Room is a sign of life: the clock of the next block begins.
            self.set_state(State::Letter);
        }
        true
    }
}
