//! RFC 3501 section 3: the states of a connection.
//!
//! ```text
//!          connection established
//!                    |
//!             server greeting ------------+-------------+
//!                    | (1)                | (2)         | (3)
//!            Not Authenticated            |             |
//!               | (7)    | (4)            |             |
//!               |        v                v             |
//!               |     Authenticated  <----------+       |
//!               |       | (7)  | (5)            | (6)   |
//!               |       |      v                |       |
//!               |       |   Selected -----------+       |
//!               |       |      | (7)                    |
//!               v       v      v                        v
//!              Logout: both sides close the connection
//!
//! (1) OK greeting (2) PREAUTH greeting (3) BYE greeting (4) LOGIN or AUTHENTICATE
//! (5) SELECT or EXAMINE (6) CLOSE, or a SELECT that failed (7) LOGOUT, shutdown, connection closed
//! ```

use std::fmt;

/// State of a connection, the same on both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The connection is open and the server has not greeted yet.
    Greeting,
    /// Section 3.1: who the client is has to be said first.
    NotAuthenticated,
    /// Section 3.2: a mailbox has to be selected before letters can be read.
    Authenticated,
    /// Section 3.3: a mailbox is open.
    Selected,
    /// Section 3.4: the connection is being ended.
    Logout,
}

impl State {
    /// The name as the RFC writes it, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            State::Greeting => "server greeting",
            State::NotAuthenticated => "not authenticated",
            State::Authenticated => "authenticated",
            State::Selected => "selected",
            State::Logout => "logout",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
