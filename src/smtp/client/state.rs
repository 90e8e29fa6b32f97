//! Where a client is in the dialogue (RFC 5321 section 3).

use std::fmt;

use super::config::Timeouts;
use super::outcome::Stage;
use crate::time::Duration;

/// The states of a client. Each is named after what it has said and waits for an answer to.
///
/// ```text
/// CONNECTING -> GREETING -> EHLO -> READY -> MAIL -> RCPT -> DATA -> LETTER -> END-OF-DATA -> READY
///                  |          |       |        |       |       |
///                  | refused  |       |        |       +---+---+ nobody is taken, or no 354
///                  v          v       v        v           v
///                 QUIT <------+-------+      READY        RSET -> READY
///                  |
///                  v 221
///               CLOSING -> CLOSED
/// ```
/// From EHLO it may go to STARTTLS, TLS HANDSHAKE and to EHLO again (RFC 3207 section 4.2).
/// With a login, AUTH stands between EHLO and READY. With BDAT, LETTER follows RCPT.
/// 421, silence and a lost connection lead from everywhere to CLOSING or CLOSED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// The connection below is not open.
    Connecting,
    /// Waits for 220.
    Greeting,
    /// Said EHLO or HELO.
    Hello,
    /// Said STARTTLS.
    StartTls,
    /// Both ends agree on keys.
    Securing,
    /// Said AUTH, or answered a challenge.
    Auth,
    /// May begin a mail transaction.
    Ready,
    /// Said MAIL.
    Mail,
    /// Said RCPT.
    Rcpt,
    /// Said DATA.
    Data,
    /// Sends the letter.
    Letter,
    /// Sent the final dot; who has the letter now is not decided.
    EndOfData,
    /// Said RSET.
    Rset,
    /// Said QUIT.
    Quit,
    /// The server has said that it closes.
    Closing,
    /// All is over.
    Closed,
}

impl State {
    /// In capitals.
    pub const fn name(self) -> &'static str {
        match self {
            State::Connecting => "CONNECTING",
            State::Greeting => "GREETING",
            State::Hello => "EHLO",
            State::StartTls => "STARTTLS",
            State::Securing => "TLS HANDSHAKE",
            State::Auth => "AUTH",
            State::Ready => "READY",
            State::Mail => "MAIL",
            State::Rcpt => "RCPT",
            State::Data => "DATA",
            State::Letter => "LETTER",
            State::EndOfData => "END-OF-DATA",
            State::Rset => "RSET",
            State::Quit => "QUIT",
            State::Closing => "CLOSING",
            State::Closed => "CLOSED",
        }
    }

    /// What a server says here when all goes well.
    pub(super) const fn expected(self) -> &'static str {
        match self {
            State::Greeting | State::StartTls => "220",
            State::Hello | State::Mail | State::Rcpt | State::EndOfData | State::Rset => "250",
            State::Auth => "334 or 235",
            State::Data => "354",
            State::Quit => "221",
            State::Connecting | State::Securing | State::Ready | State::Letter => "nothing",
            State::Closing | State::Closed => "the end of the connection",
        }
    }

    /// How long it lasts at most.
    pub(super) const fn timeout(self, t: &Timeouts) -> Option<Duration> {
        match self {
            State::Connecting | State::Ready | State::Closed => None,
            State::Greeting => Some(t.greeting),
            State::Mail => Some(t.mail),
            State::Rcpt => Some(t.rcpt),
            State::Data => Some(t.data),
            State::Letter => Some(t.block),
            State::EndOfData => Some(t.termination),
            State::Hello
            | State::StartTls
            | State::Securing
            | State::Auth
            | State::Rset
            | State::Quit
            | State::Closing => Some(t.other),
        }
    }

    /// How far the session was, for a failure here.
    pub(super) const fn stage(self) -> Stage {
        match self {
            State::Connecting => Stage::Connect,
            State::Greeting => Stage::Greeting,
            State::Hello => Stage::Hello,
            State::StartTls | State::Securing => Stage::StartTls,
            State::Auth => Stage::Login,
            State::Mail => Stage::Mail,
            State::Rcpt => Stage::Recipient,
            State::Data => Stage::Data,
            State::Letter => Stage::Letter,
            State::EndOfData => Stage::EndOfData,
            State::Ready | State::Rset | State::Quit | State::Closing | State::Closed => Stage::Between,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
