//! AUTH (RFC 4954) as the client says it.

use super::{Client, FailureCause, Missing, State};
use crate::smtp::auth::{self, Mechanism};
use crate::smtp::phase::PhaseChange;
use crate::smtp::{Reply, Verb};

/// What a challenge is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Response {
    /// Name and password, as PLAIN has them.
    Plain,
    /// The name.
    Name,
    /// The password.
    Password,
    /// Name and digest of what the challenge says.
    CramMd5,
}

impl Client {
    /// EHLO is answered: the login, if there is to be one, and then the first letter.
    pub(super) fn log_in(&mut self) {
        let Some(login) = self.cfg.login.clone() else { return self.ready() };
        if !self.offered.auth.contains(&login.mechanism) {
            self.fail_all(FailureCause::NotOffered(Missing::Login), None);
            return self.say_quit();
        }
        let mut command = format!("AUTH {}", login.mechanism);
        self.responses.clear();
        match login.mechanism {
            // The client speaks first: its initial response saves a round trip, if the line has room for it (section 4).
            Mechanism::Plain => {
                let initial = auth::plain(&login.user, &login.password);
                if command.len() + 1 + initial.len() + 2 <= 512 {
                    command = [&command, " ", &initial].concat();
                } else {
                    self.responses.push_back(Response::Plain);
                }
            }
            Mechanism::Login => self.responses.extend([Response::Name, Response::Password]),
            Mechanism::CramMd5 => self.responses.push_back(Response::CramMd5),
        }
        command.push_str("\r\n");
        self.say(Verb::Auth, command.into_bytes(), PhaseChange::HELLO, State::Auth);
    }

    /// 334: a challenge.
    pub(super) fn respond(&mut self, challenge: &Reply) {
        let words = self.cfg.login.clone().zip(self.responses.pop_front()).and_then(|(login, response)| {
            Some(match response {
                Response::Plain => auth::plain(&login.user, &login.password),
                Response::Name => auth::encode(&login.user),
                Response::Password => auth::encode(&login.password),
                Response::CramMd5 => {
                    let challenge = auth::decode(challenge.lines.first()?)?;
                    let challenge = String::from_utf8(challenge).ok()?;
                    auth::encode(format!("{} {}", login.user, auth::cram_md5(&login.password, &challenge)))
                }
            })
        });
        if words.is_none() {
            self.unexpected_code(challenge.code);
        }
        // A challenge that nothing fits is given up (section 4): 501 follows.
        let line = [words.as_deref().unwrap_or("*"), "\r\n"].concat().into_bytes();
        self.put(None, line, PhaseChange::HELLO);
        self.set_state(State::Auth);
    }

    /// Nobody here may send: no letter of this session has a chance.
    pub(super) fn not_logged_in(&mut self, reply: Reply) {
        self.fail_all(FailureCause::Reply, Some(reply));
        self.say_quit();
    }
}
