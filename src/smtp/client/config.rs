//! Settings of a client.

use crate::engine::{Detail, TlsPolicy};
use crate::smtp::LineEnds;
use crate::smtp::auth::Mechanism;
use crate::time::Duration;

/// With which command a client says who it is (RFC 5321 section 3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Greet {
    /// EHLO; and HELO if the server answers 5yz.
    #[default]
    Ehlo,
    /// HELO, as before 1995.
    Helo,
}

/// How long a client waits (RFC 5321 section 4.5.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the 220.
    pub greeting: Duration,
    /// For the reply to MAIL.
    pub mail: Duration,
    /// For the reply to RCPT.
    pub rcpt: Duration,
    /// For the 354.
    pub data: Duration,
    /// For room to send more of the letter.
    pub block: Duration,
    /// For the reply to the final dot: long, because a client that gives up too early makes duplicates.
    pub termination: Duration,
    /// For the reply to any other command, and for the peer's close after 221.
    pub other: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        Timeouts {
            greeting: minutes(5),
            mail: minutes(5),
            rcpt: minutes(5),
            data: minutes(2),
            block: minutes(3),
            termination: minutes(10),
            other: minutes(5),
        }
    }
}

/// Who the client's user is, and how it shows that (RFC 4954).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// His name at the server.
    pub user: String,
    /// A teaching value.
    pub password: String,
    /// The one mechanism that is used.
    pub mechanism: Mechanism,
}

/// Settings of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The client's own full name.
    pub ehlo_name: String,
    /// EHLO or HELO.
    pub greet: Greet,
    /// Doubles leading dots (RFC 5321 section 4.5.2); off is a fault.
    pub dot_stuffing: bool,
    /// What becomes of a bare LF in a letter.
    pub line_ends: LineEnds,
    /// Says MAIL, RCPT and DATA together if the server offers PIPELINING (RFC 2920).
    pub pipelining: bool,
    /// Says in MAIL how large the letter is, if the server offers SIZE (RFC 1870).
    pub declare_size: bool,
    /// What it does about TLS (RFC 3207).
    pub tls: TlsPolicy,
    /// Logs in before the first mail; a server that does not offer the mechanism gets none.
    pub login: Option<Login>,
    /// Sends every letter with BDAT, if the server offers CHUNKING (RFC 3030); a binary one goes so in any case.
    pub chunking: bool,
    /// How long it waits.
    pub timeouts: Timeouts,
    /// Says QUIT by itself when no letter is waiting.
    pub auto_quit: bool,
    /// How much it tells.
    pub detail: Detail,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            ehlo_name: "client.example".to_owned(),
            greet: Greet::default(),
            dot_stuffing: true,
            line_ends: LineEnds::default(),
            pipelining: false,
            declare_size: true,
            tls: TlsPolicy::default(),
            login: None,
            chunking: false,
            timeouts: Timeouts::default(),
            auto_quit: false,
            detail: Detail::default(),
        }
    }
}
