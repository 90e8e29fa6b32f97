//! The letter, and what is said at its end (RFC 5321 sections 4.1.1.4, 4.2.5).

use super::manner::Held;
use super::{Asked, END_OF_DATA, Event, Request, Server, State};
use crate::engine::SpanMap;
use crate::smtp::data::Fault;
use crate::smtp::{Envelope, ReversePath};

impl Server {
    pub(super) fn begin_letter(&mut self) {
        self.letter.restart();
        self.letter_from = self.inbox.read();
        self.say(354, "Start mail input; end with <CRLF>.<CRLF>");
        self.set_state(State::Data);
    }

    /// Reads on in the letter from the inbox; says whether something was read.
    pub(super) fn read_letter(&mut self) -> bool {
        if self.inbox.is_empty() {
            return false;
        }
        let (used, end) = self.letter.feed(self.inbox.rest(), self.inbox.read());
        self.inbox.consume(used);
        if end {
            self.end_of_data();
        }
        true
    }

    pub(super) fn end_of_data(&mut self) {
        let map = self.letter.take_map();
        let range = self.letter_from..self.inbox.read();
        self.out.event(Event::LetterReceived { range, map: map.clone() });
        if self.watched {
            self.set_state(State::Delivery);
            return self.ask_manner(END_OF_DATA, Held::Letter(map));
        }
        self.deliver(map);
    }

    /// Asks the host to take the letter, unless it is refused as it is.
    pub(super) fn deliver(&mut self, map: SpanMap) {
        let refused = match self.letter.fault() {
            None => {
                let envelope =
                    Envelope { from: self.from.take().unwrap_or(ReversePath::Null), to: std::mem::take(&mut self.to) };
                let request = Request::Deliver {
                    envelope,
                    letter: self.letter.take(),
                    map,
                    // RFC 3848.
                    protocol: match (self.extended, self.secured.is_some()) {
                        (true, true) => "ESMTPS",
                        (true, false) => "ESMTP",
                        (false, _) => "SMTP",
                    },
                    peer_name: self.peer_name.clone(),
                };
                self.set_state(State::Delivery);
                return self.ask(Asked::Deliver, request);
            }
            Some(Fault::TooBig) => (552, "Too much mail data"),
            Some(Fault::LongLine) => (500, "Line too long"),
            Some(Fault::BareLf) => (554, "Bare line feeds are not accepted (RFC 5321 section 4.1.1.4)"),
        };
        self.say(refused.0, refused.1);
        self.after_letter();
    }

    /// The end of data is answered; unless that was the end of all, another transaction may begin.
    pub(super) fn after_letter(&mut self) {
        self.clear();
        if self.state != State::Closed {
            self.set_state(State::Ready);
        }
    }
}
