//! Where a server is in the dialogue (RFC 5321 section 4.1.4).

use std::fmt;

/// The states of a server, after the order of commands in RFC 5321 section 4.1.4.
///
/// ```text
/// OPENING --220--> GREETED --EHLO--> READY --MAIL--> MAIL --RCPT--> RCPT --DATA--> DATA --.--> DELIVERY
///    |                                ^ ^             |               |                          |
///    |                                | +----RSET-----+---------------+                          |
///    +--554--> REFUSING               +----------------------------------------------------------+
/// ```
/// STARTTLS leads from READY to TLS HANDSHAKE, and that to GREETED, as if nothing had been said (RFC 3207 section 4.2).
/// From READY, AUTH leads to AUTH and back; from RCPT, BDAT leads to BDAT, and its last piece to DELIVERY.
/// EHLO and RSET lead back to READY; QUIT, 421, silence and a lost connection lead to CLOSED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// The connection below is not open.
    Opening,
    /// Has greeted; the client has not said who it is.
    Greeted,
    /// Has asked for more of a login.
    Auth,
    /// A mail transaction may begin.
    Ready,
    /// Knows the sender.
    Mail,
    /// Knows a recipient too.
    Rcpt,
    /// Reads the letter.
    Data,
    /// Has a part of the letter, and reads the next one or waits for it (RFC 3030).
    Bdat,
    /// Has the letter and asks its host to take it.
    Delivery,
    /// Has said 220 to STARTTLS; both ends agree on keys.
    Securing,
    /// Has greeted with 554, and waits for QUIT.
    Refusing,
    /// Has closed.
    Closed,
}

impl State {
    /// In capitals.
    pub const fn name(self) -> &'static str {
        match self {
            State::Opening => "OPENING",
            State::Greeted => "GREETED",
            State::Auth => "AUTH",
            State::Ready => "READY",
            State::Mail => "MAIL",
            State::Rcpt => "RCPT",
            State::Data => "DATA",
            State::Bdat => "BDAT",
            State::Delivery => "DELIVERY",
            State::Securing => "TLS HANDSHAKE",
            State::Refusing => "REFUSING",
            State::Closed => "CLOSED",
        }
    }

    /// What a client that does well says here.
    pub(super) const fn expected(self) -> &'static str {
        match self {
            State::Greeted => "EHLO or HELO",
            State::Auth => "a response in base64, or *",
            State::Ready => "MAIL or QUIT",
            State::Mail => "RCPT",
            State::Rcpt => "RCPT or DATA",
            State::Data => "the letter",
            State::Bdat => "BDAT",
            State::Refusing => "QUIT",
            State::Opening | State::Delivery | State::Securing | State::Closed => "nothing",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
