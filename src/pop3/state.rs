//! RFC 1939 section 3: the states of a session.
//!
//! ```text
//!    connection opened
//!           | server: +OK greeting
//!           v
//!     AUTHORIZATION --- QUIT ---------------------------+
//!           | (1)                                       |
//!           v                                           v
//!      TRANSACTION --- QUIT ---> UPDATE --- (2) ---> closed
//!           |                                           ^
//!           +--- connection lost, or silent too long ---+
//!
//! (1) USER and PASS, or APOP: the maildrop is locked   (2) what was deleted is removed, the lock is released
//! ```
//! "If a session terminates for some reason other than a client-issued QUIT command, the POP3 session does NOT enter
//! the UPDATE state and MUST not remove any messages from the maildrop" (section 6).

use std::fmt;

/// State of a session, the same on both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The connection is being opened and the server has not greeted yet.
    Greeting,
    /// Section 4: who the client is has to be said first.
    Authorization,
    /// Section 5: the maildrop is open.
    Transaction,
    /// Section 6: what was deleted is removed.
    Update,
    /// The session is over.
    Closed,
}

impl State {
    /// The name as the RFC writes it.
    pub const fn name(self) -> &'static str {
        match self {
            State::Greeting => "greeting",
            State::Authorization => "AUTHORIZATION",
            State::Transaction => "TRANSACTION",
            State::Update => "UPDATE",
            State::Closed => "closed",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
