//! Settings of a POP3 client.

use crate::engine::{Detail, TlsPolicy};
use crate::time::Duration;

/// Settings of a POP3 client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Longest first line of an answer, in octets. RFC 1939 allows 512; what is a little longer is no reason to give
    /// up the user's mail.
    pub line_limit: usize,
    /// Largest letter, or list, that is taken, in octets as sent.
    pub letter_limit: usize,
    /// A server that says nothing for so long while an answer is due is given up.
    pub timeout: Option<Duration>,
    /// What it does about TLS (RFC 2595 section 4). Unless it is `Never` it asks for the capabilities first.
    pub tls: TlsPolicy,
    /// How much is told. Letters and completions are told always.
    pub detail: Detail,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            line_limit: 2048,
            letter_limit: 64 * 1024 * 1024,
            timeout: Some(Duration::from_secs(300)),
            tls: TlsPolicy::Never,
            detail: Detail::Everything,
        }
    }
}
