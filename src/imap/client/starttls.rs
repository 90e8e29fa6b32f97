//! STARTTLS (RFC 3501 section 6.2.1) on the client's side: ask what the server can do, go over to TLS if that is to be,
//! and ask again, because what was said in the open may be from anybody.

use super::engine::Client;
use super::{ClientCommand, Ending, Event, Status};
use crate::engine::TlsPolicy;

/// How far TLS is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tls {
    /// Nothing is to be done about it.
    #[default]
    No,
    /// The capabilities are being asked for; whether STARTTLS was among them.
    Asking { offered: bool },
    /// STARTTLS was said.
    Said,
    /// It was taken: the handshake is to begin.
    Wanted,
    /// Both ends agree on keys.
    Handshake,
}

impl Client {
    /// Before anything was said.
    pub(super) fn ask_for_tls(&mut self) {
        if self.config.tls != TlsPolicy::Never {
            self.tls = Tls::Asking { offered: false };
            self.queue.push_front(ClientCommand::Capability);
        }
    }

    /// The server has told its capabilities.
    pub(super) fn capabilities(&mut self, list: &[String]) {
        if let Tls::Asking { offered } = &mut self.tls {
            *offered = list.iter().any(|c| c.eq_ignore_ascii_case("STARTTLS"));
        }
    }

    /// A command was answered, and it may have been about TLS.
    pub(super) fn answered_about_tls(&mut self, command: &ClientCommand, status: Status) {
        match (self.tls, command) {
            (Tls::Asking { offered: true }, ClientCommand::Capability) => {
                self.tls = Tls::Said;
                self.queue.push_front(ClientCommand::StartTls);
            }
            (Tls::Asking { offered: false }, ClientCommand::Capability) => {
                self.without_tls("the server does not offer STARTTLS");
            }
            (Tls::Said, ClientCommand::StartTls) if status == Status::Ok => self.tls = Tls::Wanted,
            (Tls::Said, ClientCommand::StartTls) => self.without_tls("the server refused STARTTLS"),
            _ => {}
        }
    }

    fn without_tls(&mut self, why: &str) {
        self.tls = Tls::No;
        if self.config.tls != TlsPolicy::Required {
            return;
        }
        self.unexpected("STARTTLS, which is required here", why.to_string());
        for command in std::mem::take(&mut self.queue) {
            if command != ClientCommand::Logout {
                self.events.push_back(Event::Skipped(command));
            }
        }
        self.queue.push_back(ClientCommand::Logout);
    }

    /// Whether the handshake begins now. What stands behind the OK was not sealed and is thrown away.
    pub(super) fn starts_tls(&mut self) -> bool {
        if self.tls != Tls::Wanted {
            return false;
        }
        self.tls = Tls::Handshake;
        self.framer.discard();
        true
    }

    pub(super) fn handle_secured(&mut self) {
        if self.tls == Tls::Handshake {
            self.framer.discard();
            (self.no_login, self.literal_plus) = (false, false);
            self.queue.push_front(ClientCommand::Capability);
        }
        self.tls = Tls::No;
    }

    pub(super) fn handle_not_secured(&mut self, why: String) {
        self.unexpected("an agreement on TLS", why);
        self.give_up(Ending::NotSecured);
    }
}
