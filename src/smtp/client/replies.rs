//! What each reply leads to (RFC 5321 sections 4.2.1 and 4.3.2: the first digit decides).

use super::offered::Offered;
use super::{Client, Event, FailureCause, State};
use crate::engine::{Detail, Unexpected, Way};
use crate::smtp::phase::PhaseChange;
use crate::smtp::reply_reader::Found;
use crate::smtp::{Ending, Reply, telling};

impl Client {
    /// Reads one reply, if it is its turn; says whether something happened.
    pub(super) fn read_reply(&mut self) -> bool {
        if matches!(self.state, State::Connecting | State::Securing) {
            return false;
        }
        let found = self.held.take().unwrap_or_else(|| self.reader.look(self.inbox.rest()));
        match found {
            Found::NeedMore => return false,
            Found::Reply { code: 421, .. } => self.take_reply(found),
            _ if self.state == State::Letter => {
                self.held = Some(found);
                return false;
            }
            _ => self.take_reply(found),
        }
        true
    }

    pub(super) fn take_reply(&mut self, found: Found) {
        match found {
            Found::NeedMore => {}
            Found::Reply { len, code } => {
                let bytes = &self.inbox.rest()[..len];
                if self.cfg.detail == Detail::Everything {
                    let from = self.inbox.read();
                    let line = self.out.words.line(Way::Received, from..from + len as u64, bytes, None, Some(code));
                    self.out.event(Event::Line(line));
                }
                // The words are kept where an outcome may want them.
                let words = !matches!(code / 100, 2 | 3)
                    || matches!(self.state, State::Hello | State::Auth | State::Rcpt | State::EndOfData);
                let reply = if words { Reply::from_bytes(code, bytes) } else { Reply { code, lines: Vec::new() } };
                self.inbox.consume(len);
                self.handle_reply(reply);
            }
            Found::Malformed { len } => {
                let text = telling::text(&self.inbox.rest()[..len.min(200)]);
                self.inbox.consume(len);
                self.unexpected(text);
                self.fail_all(FailureCause::BadReply, None);
                self.end(Ending::BadReply);
            }
        }
    }

    pub(super) fn unexpected(&mut self, got: String) {
        if self.everything() {
            let (state, expected) = (self.state.name(), self.state.expected());
            self.out.event(Event::Unexpected(Box::new(Unexpected { state, expected, got })));
        }
    }

    pub(super) fn unexpected_code(&mut self, code: u16) {
        if self.everything() {
            self.unexpected(code.to_string());
        }
    }

    pub(super) fn handle_reply(&mut self, reply: Reply) {
        let (code, kind) = (reply.code, reply.code / 100);
        if code == 421 && self.state < State::Closing {
            return self.service_closes(reply);
        }
        match (self.state, kind) {
            (State::Greeting, 2) => self.say_hello(),
            (State::Hello, 2) => {
                self.offered = if self.helo { Offered::default() } else { Offered::read(&reply) };
                self.after_hello();
            }
            (State::Auth, 2) => self.ready(),
            (State::Auth, 3) => self.respond(&reply),
            (State::Auth, _) => self.not_logged_in(reply),
            // An old server that does not know EHLO (RFC 5321 section 3.2).
            (State::Hello, 5) if !self.helo => {
                self.helo = true;
                self.say_hello();
            }
            (State::Greeting | State::Hello, 3..) => {
                if kind == 3 {
                    self.unexpected_code(code);
                }
                self.fail_all(FailureCause::Reply, Some(reply));
                self.say_quit();
            }
            (State::StartTls, _) => self.starttls_answered(reply),
            (State::Mail, 2) => self.next_recipient(),
            (State::Mail, 3..) => {
                if kind == 3 {
                    self.unexpected_code(code);
                }
                match &mut self.current {
                    // What was said behind it is answered too; none of it can succeed.
                    Some(t) if t.together => {
                        t.refused = Some(reply);
                        self.next_recipient();
                    }
                    _ => {
                        self.refused(reply);
                        self.ready();
                    }
                }
            }
            (State::Rcpt, _) => {
                if kind == 3 {
                    self.unexpected_code(code);
                }
                if let Some(t) = &mut self.current
                    && let Some(to) = t.envelope.to.get(t.answered)
                {
                    t.answered += 1;
                    if t.refused.is_none() {
                        t.recipients.push((to.clone(), reply));
                    }
                }
                self.next_recipient();
            }
            (State::Data, 3) if self.nobody() => self.say_lone_dot(),
            (State::Data, 3) => self.begin_letter(),
            (State::Data, _) => {
                if kind == 2 {
                    self.unexpected_code(code);
                }
                if self.nobody() {
                    return self.give_up_together();
                }
                self.refused(reply);
                self.say_rset();
            }
            (State::EndOfData, _) if self.nobody() => self.give_up_together(),
            (State::EndOfData, _) => {
                if kind == 3 {
                    self.unexpected_code(code);
                }
                self.finish_transaction(Some(reply), None);
                self.ready();
            }
            (State::Rset, 2) => self.ready(),
            // The server still holds the old transaction, and would answer 503 to the next MAIL: what waits is for
            // another connection.
            (State::Rset, _) => {
                self.unexpected_code(code);
                self.fail_all(FailureCause::NotSent, Some(reply));
                self.say_quit();
            }
            (State::Quit, _) if code == 221 => {
                self.set_state(State::Closing);
            }
            // A server that saw other commands than we said (the end of the letter came too early for it)
            // answers those first: its 221 is still to come.
            _ => self.unexpected_code(code),
        }
    }

    /// 421 is possible at any time (RFC 5321 section 3.8): the server closes.
    pub(super) fn service_closes(&mut self, reply: Reply) {
        if self.state == State::EndOfData {
            self.finish_transaction(Some(reply.clone()), None);
        }
        self.fail_all(FailureCause::Reply, Some(reply));
        self.ending = Ending::ServiceClosed;
        self.set_phase(PhaseChange::END);
        self.set_state(State::Closing);
    }
}
