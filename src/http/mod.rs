//! HTTP/1.1 (RFC 9110, RFC 9112): client and server as engines without I/O.
//!
//! ```text
//!   client                                   server
//!   GET /page HTTP/1.1                 -->   Request::Get to the host
//!   Host: www.a.example
//!                                      <--   HTTP/1.1 200 OK
//!                                            Content-Length: 2000
//!
//!                                            ...2000 bytes...
//!   GET /image HTTP/1.1                -->   (the same connection: it is persistent)
//! ```
//! The end of an object is told in front of it (Content-Length), before each piece of it (chunked), or
//! not at all (the connection closes): RFC 9112 section 6. Compare the dot on a line of its own that ends
//! a letter in SMTP.

mod inbox;
mod outbox;
mod head;
mod content;
mod status;
mod validators;
pub mod client;
pub mod server;
pub mod browser;

use std::fmt;

pub use status::reason;
pub use validators::Validators;

/// What a client wants (RFC 9110 section 9); other methods are known by name only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// An object.
    #[default]
    Get,
    /// What would be said about it.
    Head,
    /// The server is to do something with what is sent: a form that was filled in.
    Post,
}

impl Method {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
        }
    }

    fn of(name: &str) -> Option<Method> {
        [Method::Get, Method::Head, Method::Post].into_iter().find(|m| m.name() == name)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Methods of RFC 9110 section 9.3 and RFC 5789 that a server may know and not allow.
const OTHER_METHODS: [&str; 6] = ["PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/// How a dialogue ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// Both sides closed the connection between two messages.
    Complete,
    /// The peer closed in the middle of a message.
    Incomplete,
    /// The connection was lost.
    Reset,
    /// The peer was silent for too long.
    Timeout,
    /// The peer sent what cannot be read or must not be.
    Malformed,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Ending::Complete => "closed in order",
            Ending::Incomplete => "closed in the middle of a message",
            Ending::Reset => "connection lost",
            Ending::Timeout => "silent for too long",
            Ending::Malformed => "could not be understood",
        })
    }
}

/// `text` as it may stand in one line of a head: without what would end the line or the head.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests;
