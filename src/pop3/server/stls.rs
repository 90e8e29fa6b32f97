//! STLS (RFC 2595 section 4), and a login that waits for it.

use super::engine::Server;
use crate::engine::TlsInfo;

/// How far TLS is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Tls {
    /// The dialogue is in the open.
    #[default]
    Open,
    /// +OK is being said.
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
    /// Whether STLS can be said and no login is taken: sections 2.2 and 2.3 want servers that can be told so.
    pub(super) fn waits_for_tls(&self) -> bool {
        self.config.stls && self.tls == Tls::Open
    }

    /// The command.
    pub(super) fn stls(&mut self) {
        if self.waits_for_tls() {
            self.say("+OK Begin TLS negotiation");
            self.tls = Tls::Wanted;
            return;
        }
        self.refuse(match self.tls {
            Tls::Secured(_) => "Command not permitted when TLS active",
            _ => "STLS is not offered here",
        });
    }

    /// +OK has been written: the handshake begins now. What stands behind the command was not sealed, so it is no
    /// command, whoever put it there.
    pub(super) fn starts_tls(&mut self) -> bool {
        if self.tls != Tls::Wanted {
            return false;
        }
        self.tls = Tls::Handshake;
        self.inbox.discard();
        true
    }

    /// TLS is there. The session stays in AUTHORIZATION, and what the client has said is forgotten.
    pub(super) fn handle_secured(&mut self, info: TlsInfo) {
        self.inbox.discard();
        self.user = None;
        self.tls = Tls::Secured(info);
    }
}
