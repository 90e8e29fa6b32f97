//! STARTTLS (RFC 3207): both ends go over to TLS, and begin anew.

use super::{Refusal, Server, State};
use crate::engine::TlsInfo;
use crate::smtp::{Command, Ending, StartTls};

impl Server {
    /// Whether STARTTLS stands in the reply to EHLO: not inside TLS (section 4.2).
    pub(super) fn offers_tls(&self) -> bool {
        self.cfg.starttls.is_some() && self.secured.is_none()
    }

    /// What the connection was secured with, if it was.
    pub fn secured(&self) -> Option<&TlsInfo> {
        self.secured.as_ref()
    }

    /// Section 4: with TLS required, all but these must wait for it.
    pub(super) fn wants_tls_before(&self, command: &Command) -> bool {
        let may = matches!(command, Command::Noop | Command::Ehlo(_) | Command::StartTls | Command::Quit);
        self.cfg.starttls == Some(StartTls::Required) && self.secured.is_none() && !may
    }

    /// Whether STARTTLS is refused before it does anything.
    pub(super) fn starttls_refusal(&self) -> Option<Refusal> {
        if self.secured.is_some() {
            Some((503, "5.5.1", "TLS is active already"))
        } else if self.cfg.starttls.is_none() {
            Some(super::commands::NOT_IMPLEMENTED)
        } else if self.state != State::Ready || !self.extended {
            Some(super::commands::BAD_SEQUENCE)
        } else {
            (self.cfg.starttls == Some(StartTls::Unavailable)).then_some((
                454,
                "4.7.0",
                "TLS not available due to temporary reason",
            ))
        }
    }

    /// 220, and nothing that stands behind the command is a command: whoever put it there, it was not sealed.
    pub(super) fn start_tls(&mut self) {
        self.say(220, "2.0.0", "Ready to start TLS");
        self.inbox.discard();
        self.overlong = None;
        self.set_state(State::Securing);
        self.out.start_tls();
    }

    /// TLS is there. All that the client has said is forgotten (section 4.2).
    pub(super) fn handle_secured(&mut self, info: TlsInfo) {
        self.secured = Some(info);
        if self.state == State::Securing {
            self.forget();
            self.wait_for_client();
        }
    }

    pub(super) fn handle_not_secured(&mut self) {
        self.end(Ending::NotSecured);
    }
}
