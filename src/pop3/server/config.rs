//! Settings of a POP3 server.

use crate::engine::Detail;
use crate::time::Duration;

/// Settings of a POP3 server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Named when the session ends.
    pub hostname: String,
    /// Octets of one command, line end included (RFC 2449 section 4: 255); a longer one is answered with -ERR.
    pub line_limit: usize,
    /// RFC 1939 section 3: a client that is silent for so long is sent away, and nothing is removed. At least 10
    /// minutes.
    pub autologout: Option<Duration>,
    /// STLS (RFC 2595 section 4) is offered, and without it there is no login.
    pub stls: bool,
    /// How much is told.
    pub detail: Detail,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            hostname: "mail.a.example".to_string(),
            line_limit: 255,
            autologout: Some(Duration::from_secs(10 * 60)),
            stls: false,
            detail: Detail::Everything,
        }
    }
}
