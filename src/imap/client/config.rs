//! Settings of an IMAP client.

use crate::engine::{Detail, TlsPolicy};
use crate::time::Duration;

/// Settings of an IMAP client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Longest response without its literals, in octets.
    pub line_limit: usize,
    /// Largest literal that is taken, in octets.
    pub literal_limit: u32,
    /// A server that says nothing for so long while a response is due is given up.
    pub timeout: Option<Duration>,
    /// What it does about TLS (RFC 3501 section 6.2.1). Unless it is `Never` it asks for the capabilities first.
    pub tls: TlsPolicy,
    /// How much is told. Untagged data, letters and completions are told always.
    pub detail: Detail,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            line_limit: 1024 * 1024,
            literal_limit: 64 * 1024 * 1024,
            timeout: Some(Duration::from_secs(300)),
            tls: TlsPolicy::Never,
            detail: Detail::Everything,
        }
    }
}
