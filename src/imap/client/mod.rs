//! The mail program's end (RFC 3501): sends one command after the other and reads what the server tells.

mod command;
mod config;
mod data;
mod encode;
mod engine;
mod read;
mod starttls;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::engine::{Line, SpanMap, Unexpected};
use crate::imap::State;

pub use command::ClientCommand;
pub use config::Config;
pub use data::{Data, Envelope, Fetch, Section};
pub use engine::{Client, Never};

/// What a client tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A line of the dialogue, either way; literals are not part of it.
    Line(Line),
    /// The state changed.
    State {
        /// Before.
        from: State,
        /// After.
        to: State,
    },
    /// The server told something: untagged data (section 7).
    Data(Box<Data>),
    /// A whole letter has come (`BODY[]` or `RFC822`).
    Letter {
        /// Its sequence number.
        number: u32,
        /// Its UID, if the response has it.
        uid: Option<u32>,
        /// Where in the stream of the server's direction.
        range: Range<u64>,
        /// Letter <- stream.
        map: SpanMap,
        /// Its bytes.
        bytes: Arc<[u8]>,
    },
    /// The tagged response to a command has come.
    Completed {
        /// The command.
        command: Box<ClientCommand>,
        /// Its verb: `UID FETCH`.
        verb: &'static str,
        /// How it went.
        status: Status,
        /// The server's words, with the code in brackets if there is one.
        text: String,
    },
    /// A command was not sent, because LOGIN, SELECT or EXAMINE before it failed.
    Skipped(ClientCommand),
    /// There is nothing more to send: [`Client::push`] goes on.
    Idle,
    /// The server said something wrong or at the wrong moment.
    Unexpected(Unexpected),
    /// Nothing more will come.
    Ended(Ending),
}

/// How a command went (section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Done.
    Ok,
    /// Not done.
    No,
    /// Not understood, or not at this moment.
    Bad,
}

impl Status {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Ok => "OK",
            Status::No => "NO",
            Status::Bad => "BAD",
        }
    }
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// LOGOUT was answered and the server has closed the connection.
    Logout,
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
            Ending::Logout => "logged out",
            Ending::PeerClosed => "connection closed by the server",
            Ending::Reset => "connection lost",
            Ending::Timeout => "no response in time",
            Ending::Unreadable => "unreadable response",
            Ending::NotSecured => "no agreement on TLS",
        })
    }
}

#[cfg(test)]
mod tests;
