//! The server's end (RFC 1939): reads commands one after the other, asks its host, answers.
//!
//! The next command is looked at when the last byte of the answer before it is sent: a client that does not read
//! cannot make the server hold more than one answer. That is also all that PIPELINING (RFC 2449 section 6.6) asks for.

mod commands;
mod config;
mod engine;
mod host;
mod maildrop;
mod stls;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::engine::{Line, SpanMap, Unexpected};
use crate::pop3::State;

pub use super::stuff::octets;
pub use config::Config;
pub use engine::Server;
pub use host::{Answer, Listed, Message, Proof, Refusal, Request};

/// What a server tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A command or an answer; of an answer in several lines all of them. Letters are not part of it.
    Line(Line),
    /// The state changed.
    State {
        /// Before.
        from: State,
        /// After.
        to: State,
    },
    /// A letter is about to be sent, or the part of it that TOP asks for.
    Sent {
        /// Where in the stream of the server's direction; the line of one dot is part of it.
        range: Range<u64>,
        /// Its number in the maildrop.
        number: u32,
        /// UID in the INBOX.
        uid: u32,
        /// The host's number of the letter, as in [`Message::content`].
        content: u32,
        /// The stored letter.
        letter: Arc<[u8]>,
        /// Stream <- stored letter.
        map: SpanMap,
    },
    /// The client said something wrong or at the wrong moment.
    Unexpected(Unexpected),
    /// Nothing more will come; the host releases the lock.
    Ended(Ending),
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// QUIT.
    Quit,
    /// The client closed the connection without QUIT.
    PeerClosed,
    /// The connection was lost.
    Reset,
    /// The client was silent for too long.
    Autologout,
    /// The client sent more than can be held while it did not read.
    Flooded,
    /// There was no agreement on TLS.
    NotSecured,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ending::Quit => "QUIT",
            Ending::PeerClosed => "connection closed by the client before QUIT",
            Ending::Reset => "connection lost before QUIT",
            Ending::Autologout => "autologout",
            Ending::Flooded => "too much input",
            Ending::NotSecured => "no agreement on TLS",
        })
    }
}

#[cfg(test)]
mod tests;
