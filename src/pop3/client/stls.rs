//! STLS (RFC 2595 section 4) on the client's side: ask what the server can do, go over to TLS if that is to be, and ask
//! again, because what was said in the open may be from anybody.

use super::engine::Client;
use super::{ClientCommand, Ending};
use crate::engine::TlsPolicy;

/// How far TLS is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tls {
    /// Nothing is to be done about it.
    #[default]
    No,
    /// The capabilities are being asked for; whether STLS was among them.
    Asking { offered: bool },
    /// STLS was said.
    Said,
    /// It was taken: the handshake is to begin.
    Wanted,
    /// Both ends agree on keys.
    Handshake,
}

impl Tls {
    /// Nothing is read or said as long as this is so.
    pub fn is_under_way(self) -> bool {
        matches!(self, Tls::Wanted | Tls::Handshake)
    }
}

impl Client {
    /// Before anything was said.
    pub(super) fn ask_for_tls(&mut self) {
        if self.config.tls != TlsPolicy::Never {
            self.tls = Tls::Asking { offered: false };
            self.first([ClientCommand::Capa].into_iter());
        }
    }

    /// The server has told its capabilities, one in each line (RFC 2449 section 5).
    pub(super) fn capabilities(&mut self, list: &str) {
        if let Tls::Asking { offered } = &mut self.tls {
            *offered = list.lines().any(|c| c.trim_end().eq_ignore_ascii_case("STLS"));
        }
    }

    /// A command was answered, and it may have been about TLS.
    pub(super) fn answered_about_tls(&mut self, command: &ClientCommand, ok: bool) {
        match (self.tls, command) {
            (Tls::Asking { offered: true }, ClientCommand::Capa) => {
                self.tls = Tls::Said;
                self.first([ClientCommand::Stls].into_iter());
            }
            // An old server does not even know CAPA.
            (Tls::Asking { offered: false }, ClientCommand::Capa) => {
                self.without_tls("the server does not offer STLS");
            }
            (Tls::Said, ClientCommand::Stls) if ok => self.tls = Tls::Wanted,
            (Tls::Said, ClientCommand::Stls) => self.without_tls("the server refused STLS"),
            _ => {}
        }
    }

    fn without_tls(&mut self, why: &str) {
        self.tls = Tls::No;
        if self.config.tls == TlsPolicy::Required {
            self.unexpected("STLS, which is required here", why.to_string());
            self.skip_all();
            self.quit_if_idle();
        }
    }

    /// Whether the handshake begins now. What stands behind the +OK was not sealed and is thrown away.
    pub(super) fn starts_tls(&mut self) -> bool {
        if self.tls != Tls::Wanted {
            return false;
        }
        self.tls = Tls::Handshake;
        self.inbox.discard();
        true
    }

    /// "The client MUST discard cached information about server capabilities and SHOULD re-issue the CAPA command"
    /// (section 4). The greeting's timestamp came in the open too: no digest is made with it.
    pub(super) fn handle_secured(&mut self) {
        if self.tls == Tls::Handshake {
            self.inbox.discard();
            self.timestamp = None;
            self.first([ClientCommand::Capa].into_iter());
        }
        self.tls = Tls::No;
    }

    pub(super) fn handle_not_secured(&mut self, why: String) {
        self.unexpected("an agreement on TLS", why);
        self.give_up(Ending::NotSecured);
    }
}
