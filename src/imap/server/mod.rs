//! The server's end (RFC 3501): reads commands one after the other, asks its host, answers.
//!
//! A command's whole response is put together before it goes out, so that it is one write if there is room for it. The
//! next command is looked at when the last byte of the response before it is sent: a client that does not read cannot
//! make the server hold more than one response.

mod answers;
mod commands;
mod config;
mod engine;
mod envelope;
mod extensions;
mod fetch;
mod folders;
mod host;
mod keywords;
mod lenient;
mod mime;
mod pattern;
mod say;
mod search;
mod section;
mod starttls;
mod structure;
mod verbs;
mod view;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::engine::{Line, SpanMap, Unexpected};
use crate::imap::State;

pub use config::Config;
pub use engine::Server;
pub use host::{Answer, Change, Changes, FolderStatus, Listed, Message, Opened, Placed, Refusal, Request};

/// What a server tells.
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
    /// Bytes of a stored letter are about to be sent.
    Sent {
        /// Where in the stream of the server's direction (the literal's bytes).
        range: Range<u64>,
        /// UID in the open folder.
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
    /// Nothing more will come.
    Ended(Ending),
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// LOGOUT.
    Logout,
    /// The client closed the connection without a LOGOUT.
    PeerClosed,
    /// The connection was lost.
    Reset,
    /// The client was silent for too long.
    Autologout,
    /// Another session deleted the folder that was open here.
    FolderGone,
    /// The client sent more than can be held while it waited for nothing.
    Flooded,
    /// There was no agreement on TLS.
    NotSecured,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ending::Logout => "logged out",
            Ending::PeerClosed => "connection closed by the client",
            Ending::Reset => "connection lost",
            Ending::Autologout => "autologout",
            Ending::FolderGone => "the selected mailbox was deleted",
            Ending::Flooded => "too much input",
            Ending::NotSecured => "no agreement on TLS",
        })
    }
}

#[cfg(test)]
mod tests;
