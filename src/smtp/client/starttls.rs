//! STARTTLS (RFC 3207) on the client's side, and what comes of a server without it.
//!
//! ```text
//!  policy       offered                   not offered             454 or another no
//!  never        goes on in the open       goes on in the open     -
//!  if-offered   STARTTLS                  goes on in the open     goes on in the open
//!  required     STARTTLS                  fails                   fails
//! ```
//! A handshake that fails, with a certificate of somebody else say, is a failure for both: the server has said that it
//! can, so somebody stands in between.

use std::sync::Arc;

use super::offered::Offered;
use super::{Client, FailureCause, State};
use crate::engine::{TlsInfo, TlsPolicy};
use crate::smtp::phase::PhaseChange;
use crate::smtp::{Ending, Reply, Verb};

impl Client {
    /// The reply to EHLO was read: TLS first, if that is to be.
    pub(super) fn after_hello(&mut self) {
        let wanted = self.secured.is_none() && self.cfg.tls != TlsPolicy::Never;
        if wanted && self.offered.starttls {
            return self.say(Verb::StartTls, b"STARTTLS\r\n".to_vec(), PhaseChange::HELLO, State::StartTls);
        }
        if wanted && self.cfg.tls == TlsPolicy::Required {
            return self.without_tls("it is required here, and the server does not offer STARTTLS", None);
        }
        self.log_in();
    }

    /// The reply to STARTTLS.
    pub(super) fn starttls_answered(&mut self, reply: Reply) {
        match (reply.code, self.cfg.tls) {
            (220, _) => {
                // What stands behind it came in the open: nobody knows from whom (section 6).
                self.inbox.discard();
                self.reader = Default::default();
                self.set_state(State::Securing);
                self.out.start_tls();
            }
            (_, TlsPolicy::Required) => {
                let why = format!("the server said {reply} to STARTTLS");
                self.without_tls(&why, Some(reply));
            }
            _ => self.log_in(),
        }
    }

    /// No letter is sent on this connection.
    fn without_tls(&mut self, why: &str, reply: Option<Reply>) {
        self.fail_all(FailureCause::NotSecured(Arc::from(why)), reply);
        self.say_quit();
    }

    /// TLS is there. What the server offered in the open is forgotten: EHLO again (section 4.2).
    pub(super) fn handle_secured(&mut self, info: TlsInfo) {
        self.secured = Some(info);
        if self.state == State::Securing {
            self.inbox.discard();
            self.offered = Offered::default();
            self.helo = false;
            self.say_hello();
        }
    }

    pub(super) fn handle_not_secured(&mut self, why: &str) {
        self.fail_all(FailureCause::NotSecured(Arc::from(why)), None);
        self.end(Ending::NotSecured);
    }
}
