//! STARTTLS (RFC 3501 section 6.2.1), and LOGIN that waits for it.

use super::commands::Verdict;
use super::engine::Server;
use crate::engine::TlsInfo;

/// How far TLS is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Tls {
    /// The dialogue is in the open.
    #[default]
    Open,
    /// OK is being said.
    Wanted,
    /// Both ends agree on keys.
    Handshake,
    /// There.
    Secured(TlsInfo),
}

impl Tls {
    /// Nothing is read as long as this is so.
    pub fn is_under_way(&self) -> bool {
        matches!(self, Tls::Wanted | Tls::Handshake)
    }
}

impl Server {
    /// Whether STARTTLS can be said and LOGIN cannot.
    pub(super) fn waits_for_tls(&self) -> bool {
        self.config.starttls && self.tls == Tls::Open
    }

    /// The command.
    pub(super) fn start_tls(&mut self) -> Verdict {
        if !self.waits_for_tls() {
            return Verdict::bad(match self.tls {
                Tls::Secured(_) => "TLS is active already",
                _ => "STARTTLS is not offered",
            });
        }
        self.tls = Tls::Wanted;
        Verdict { text: "Begin TLS negotiation now".to_string(), ..Verdict::ok() }
    }

    /// OK has been written: the handshake begins now. What stands behind the command was not sealed, so it is no
    /// command, whoever put it there.
    pub(super) fn starts_tls(&mut self) -> bool {
        if self.tls != Tls::Wanted {
            return false;
        }
        self.tls = Tls::Handshake;
        self.framer.discard();
        true
    }

    pub(super) fn handle_secured(&mut self, info: TlsInfo) {
        self.framer.discard();
        self.tls = Tls::Secured(info);
    }
}
