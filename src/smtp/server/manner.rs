//! A server that is watched asks before each command how it is to behave: as it always does, or as a fault of the
//! scenario has it. What it says then is said by the server, on the wire, as any other reply.

use super::{Asked, Manner, Request, Server};
use crate::engine::SpanMap;
use crate::smtp::{Command, Ending};

/// The name of the moment at which the connection is open and the greeting is due.
pub const CONNECT: &str = "CONNECT";
/// The name of the moment at which the end of data was read.
pub const END_OF_DATA: &str = ".";

/// What a server is about to do.
#[derive(Clone, Debug)]
pub(super) enum Held {
    Greeting,
    Command(Command),
    /// The end of data, and the map of the letter.
    Letter(SpanMap),
}

impl Server {
    /// From now on it asks its host at each command ([`Request::Command`]) and does as [`Answer::Command`](super::Answer::Command) says.
    pub fn watch(&mut self) {
        self.watched = true;
    }

    pub(super) fn ask_manner(&mut self, name: &'static str, held: Held) {
        self.ask(Asked::Command(held), Request::Command { name });
    }

    /// Does as it was told.
    pub(super) fn behave(&mut self, manner: Manner, held: Held) {
        match manner {
            Manner::OwnWay => self.go_on(held),
            Manner::After(time) => {
                let at = self.now + time;
                self.deadline = Some(at);
                self.held = Some((at, held));
            }
            Manner::HangUp => self.end(Ending::HungUp),
            Manner::Refuse(reply) => {
                // The words are those of the scenario.
                self.reply_as_it_is(&reply);
                match held {
                    Held::Greeting => self.refused_at_once(),
                    Held::Command(_) => {}
                    Held::Letter(_) => self.after_letter(),
                }
            }
        }
    }

    /// Does what it always does.
    pub(super) fn go_on(&mut self, held: Held) {
        match held {
            Held::Greeting => self.greeting(),
            Held::Command(command) => self.obey(None, command),
            Held::Letter(map) => self.deliver(map),
        }
    }
}
