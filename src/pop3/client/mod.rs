//! The mail program's end (RFC 1939): sends one command after the other and reads what the server answers.

mod command;
mod config;
mod engine;
mod read;
mod stls;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::engine::{Line, SpanMap, Unexpected};
use crate::pop3::State;

pub use command::ClientCommand;
pub use config::Config;
pub use engine::{Client, Never};

/// What a client tells.
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
    /// A whole letter has come (RETR).
    Letter {
        /// Its number in the maildrop.
        number: u32,
        /// Its unique-id, if UIDL has told it.
        unique: Option<String>,
        /// Where in the stream of the server's direction; the line of one dot is part of it.
        range: Range<u64>,
        /// Letter <- stream.
        map: SpanMap,
        /// Its bytes.
        bytes: Arc<[u8]>,
    },
    /// A command was answered.
    Completed {
        /// Its verb: `RETR`.
        verb: &'static str,
        /// Whether it began with +OK.
        ok: bool,
        /// The server's words behind that.
        text: String,
    },
    /// A command was not sent: the login before it failed, or there is no TLS where it is required.
    Skipped(ClientCommand),
    /// There is nothing more to send: [`Client::push`] goes on.
    Idle,
    /// The server said something wrong.
    Unexpected(Unexpected),
    /// Nothing more will come.
    Ended(Ending),
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// QUIT was answered.
    Quit,
    /// The server closed the connection by itself.
    PeerClosed,
    /// The connection was lost, or never opened.
    Reset,
    /// The server was silent for too long.
    Timeout,
    /// What the server sent cannot be read.
    Unreadable,
    /// There was no agreement on TLS.
    NotSecured,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ending::Quit => "QUIT",
            Ending::PeerClosed => "connection closed by the server",
            Ending::Reset => "connection lost",
            Ending::Timeout => "no answer in time",
            Ending::Unreadable => "unreadable answer",
            Ending::NotSecured => "no agreement on TLS",
        })
    }
}

#[cfg(test)]
mod tests;
