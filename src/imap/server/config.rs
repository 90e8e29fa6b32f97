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
    /// Octets of one command's literals together; more is answered with NO.
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
}
