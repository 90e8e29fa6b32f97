//! Settings of a server.

use crate::engine::Detail;
use crate::smtp::{Address, LineEnds, Reply, StartTls, Syntax};
use crate::time::Duration;

/// Sizes (RFC 5321 section 4.5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a command with its CRLF; a longer one gets 500.
    pub command_line: usize,
    /// Bytes of a line of the letter with its CRLF; a longer one gets 500 at the end of data.
    pub text_line: usize,
    /// Recipients of one mail; the next one gets 452.
    pub recipients: usize,
    /// Bytes of a letter; a larger one gets 552.
    pub message: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { command_line: 512, text_line: 1000, recipients: 100, message: 10 * 1024 * 1024 }
    }
}

/// Settings of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The server's own full name.
    pub hostname: String,
    /// What stands behind it in the 220.
    pub greeting: String,
    /// Greets with this instead of 220: 554, or 421, after which it closes (RFC 5321 section 3.1).
    pub refuse: Option<Reply>,
    /// Lines of the EHLO reply: `SIZE 10240`, `8BITMIME`. The parameters of those two are understood.
    pub extensions: Vec<String>,
    /// Whether STARTTLS is offered, until it is done.
    pub starttls: Option<StartTls>,
    /// How exactly commands must be written.
    pub syntax: Syntax,
    /// What ends a line.
    pub line_ends: LineEnds,
    /// Sizes.
    pub limits: Limits,
    /// How long it waits for the client (RFC 5321 section 4.5.3.2.7).
    pub timeout: Duration,
    /// Who `<Postmaster>` is; without it, postmaster at `hostname`.
    pub postmaster: Option<Address>,
    /// How much it tells.
    pub detail: Detail,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            hostname: "mail.example".to_owned(),
            greeting: "Simple Mail Transfer Service Ready".to_owned(),
            refuse: None,
            extensions: Vec::new(),
            starttls: None,
            syntax: Syntax::default(),
            line_ends: LineEnds::default(),
            limits: Limits::default(),
            timeout: Duration::from_secs(300),
            postmaster: None,
            detail: Detail::default(),
        }
    }
}

impl Config {
    /// Whether EHLO offers it.
    pub(super) fn offers(&self, keyword: &str) -> bool {
        self.extensions
            .iter()
            .any(|line| line.split(' ').next().is_some_and(|first| first.eq_ignore_ascii_case(keyword)))
    }
}
