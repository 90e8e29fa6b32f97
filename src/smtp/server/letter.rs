//! The letter, and what is said at its end (RFC 5321 sections 4.1.1.4, 4.2.5).

use super::manner::Held;
use super::{Asked, END_OF_DATA, Event, Request, Server, State};
use crate::engine::{Carried, SpanMap};
use std::sync::Arc;

use crate::smtp::data::Fault;
use crate::smtp::{Envelope, Options, ReversePath};

impl Server {
    pub(super) fn begin_letter(&mut self) {
        self.letter.restart();
        self.letter_from = self.inbox.read();
        self.say_bare(354, "Start mail input; end with <CRLF>.<CRLF>");
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
        self.out.event(Event::LetterReceived(Box::new(Carried { range, map: map.clone() })));
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
                let options = std::mem::take(&mut self.options);
                let protocol = self.protocol(options.smtputf8);
                let envelope = Envelope {
                    from: self.from.take().unwrap_or(ReversePath::Null),
                    to: std::mem::take(&mut self.to),
                    options: (options != Options::default()).then(|| Arc::new(options)),
                };
                let request = Request::Deliver {
                    envelope,
                    letter: self.letter.take(),
                    map,
                    protocol,
                    peer_name: self.peer_name.clone(),
                };
                self.set_state(State::Delivery);
                return self.ask(Asked::Deliver, request);
            }
            Some(Fault::TooBig) => (552, "5.3.4", "Too much mail data"),
            Some(Fault::LongLine) => (500, "5.6.0", "Line too long"),
            Some(Fault::BareLf) => (554, "5.6.0", "Bare line feeds are not accepted (RFC 5321 section 4.1.1.4)"),
        };
        self.say(refused.0, refused.1, refused.2);
        self.after_letter();
    }

    /// What a Received line says of this session (RFC 3848; RFC 6531 section 4.3).
    fn protocol(&self, utf8: bool) -> &'static str {
        match (self.extended, utf8, self.secured.is_some(), self.user.is_some()) {
            (false, ..) => "SMTP",
            (true, false, false, false) => "ESMTP",
            (true, false, false, true) => "ESMTPA",
            (true, false, true, false) => "ESMTPS",
            (true, false, true, true) => "ESMTPSA",
            (true, true, false, false) => "UTF8SMTP",
            (true, true, false, true) => "UTF8SMTPA",
            (true, true, true, false) => "UTF8SMTPS",
            (true, true, true, true) => "UTF8SMTPSA",
        }
    }

    /// The end of data is answered; unless that was the end of all, another transaction may begin.
    pub(super) fn after_letter(&mut self) {
        self.clear();
        if self.state != State::Closed {
            self.set_state(State::Ready);
        }
    }
}
