//! How a session came to its end.

use std::fmt;

/// How a session came to its end; both ends tell it, each as it saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// QUIT and 221 (RFC 5321 section 3.8).
    Quit,
    /// The server said 421.
    ServiceClosed,
    /// The peer closed without goodbye.
    PeerClosed,
    /// The connection broke, or was never there.
    Reset,
    /// The peer was silent for too long (RFC 5321 section 4.5.3.2).
    Timeout,
    /// The server closed without a word, because the scenario wants it.
    HungUp,
    /// The server said what is no reply.
    BadReply,
    /// The peer sent on and on without listening; we broke the connection.
    Flooded,
    /// There was no agreement on TLS.
    NotSecured,
}

impl Ending {
    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Ending::Quit => "QUIT",
            Ending::ServiceClosed => "service closed (421)",
            Ending::PeerClosed => "closed by the peer",
            Ending::Reset => "connection lost",
            Ending::Timeout => "timed out",
            Ending::HungUp => "hung up",
            Ending::BadReply => "not a reply",
            Ending::Flooded => "flooded",
            Ending::NotSecured => "no agreement on TLS",
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
