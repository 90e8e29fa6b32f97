//! Settings of an IMAP server.

use crate::engine::Detail;
use crate::imap::Extension;
use crate::time::Duration;

/// Settings of an IMAP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Named in the greeting.
    pub hostname: String,
    /// What is offered, in the order in which CAPABILITY tells it.
    pub extensions: Vec<Extension>,
    /// Octets of one command without its literals; a longer one is answered with BAD.
    pub line_limit: usize,
    /// Octets of the literals of an APPEND together; more is answered with NO. Those of any other command may have as
    /// many as a line, so that nobody fills the memory of a server that has not asked for his password yet.
    pub literal_limit: u32,
    /// RFC 3501 section 5.4: a client that is silent for so long is sent away. At least 30 minutes.
    pub autologout: Option<Duration>,
    /// STARTTLS is offered, and LOGIN is disabled without it (RFC 3501 sections 6.2.1, 6.2.3).
    pub starttls: bool,
    /// How much is told.
    pub detail: Detail,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            hostname: "mail.a.example".to_string(),
            extensions: vec![Extension::LiteralPlus],
            line_limit: 8192,
            literal_limit: 32 * 1024 * 1024,
            autologout: Some(Duration::from_secs(30 * 60)),
            starttls: false,
            detail: Detail::Everything,
        }
    }
}

impl Config {
    /// Whether this is offered.
    pub fn offers(&self, extension: Extension) -> bool {
        self.extensions.contains(&extension)
    }

    /// Octets that the literals of a command with this name may have together.
    pub(super) fn literals_of(&self, verb: &str) -> u32 {
        let line = u32::try_from(self.line_limit).unwrap_or(u32::MAX);
        if verb == "APPEND" { self.literal_limit } else { self.literal_limit.min(line) }
    }
}
