//! AUTH (RFC 4954): the exchange of challenges and responses.

use super::{Asked, Request, Server, State};
use crate::smtp::auth::{self, Mechanism, Proof};
use crate::smtp::{Reply, Spoken};

/// What has been asked of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Exchange {
    /// PLAIN without initial response.
    Plain,
    /// LOGIN: the name.
    Name,
    /// LOGIN: the password of this user.
    Password(String),
    /// CRAM-MD5: what to make of this text.
    CramMd5(String),
}

impl Server {
    /// AUTH: `initial` saves a round trip where the client speaks first.
    pub(super) fn begin_login(&mut self, mechanism: &str, initial: Option<&str>) {
        let known = Mechanism::of(mechanism).filter(|m| self.has_mechanism(*m));
        let Some(mechanism) = known else {
            return self.say(504, "5.5.4", "Unrecognized authentication type");
        };
        if self.waits_for_tls(mechanism) {
            return self.say(538, "5.7.11", "Encryption required for requested authentication mechanism");
        }
        match (mechanism, initial) {
            (Mechanism::Plain, None) => self.challenge_with("", Exchange::Plain),
            (Mechanism::Login, None) => self.challenge_with(auth::USERNAME, Exchange::Name),
            (Mechanism::CramMd5, None) => self.ask(Asked::Challenge, Request::Challenge),
            // Section 4: where the server speaks first, an initial response is refused with 535.
            (Mechanism::CramMd5, Some(_)) => self.say(535, "5.7.8", "CRAM-MD5 has no initial response"),
            // "=" is a response of no bytes.
            (Mechanism::Plain, Some(word)) => self.respond(Exchange::Plain, if word == "=" { "" } else { word }),
            (Mechanism::Login, Some(word)) => self.respond(Exchange::Name, if word == "=" { "" } else { word }),
        }
    }

    fn has_mechanism(&self, mechanism: Mechanism) -> bool {
        self.cfg.offered("AUTH").is_some_and(|mut names| names.any(|name| Mechanism::of(name) == Some(mechanism)))
    }

    /// RFC 4954 section 4: where a password could be heard, PLAIN should be neither offered nor taken. A server that can
    /// do TLS waits for it with both mechanisms that send one.
    fn waits_for_tls(&self, mechanism: Mechanism) -> bool {
        self.offers_tls() && matches!(mechanism, Mechanism::Plain | Mechanism::Login)
    }

    /// A line of the reply to EHLO as it stands there now: AUTH without what has to wait for TLS.
    pub(super) fn offered_now(&self, line: &str) -> Option<String> {
        let mut words = line.split(' ');
        let may_be_said = |word: &&str| !Mechanism::of(word).is_some_and(|m| self.waits_for_tls(m));
        match words.next() {
            Some(first) if first.eq_ignore_ascii_case("AUTH") && self.offers_tls() => {
                let names: Vec<&str> = words.filter(may_be_said).collect();
                (!names.is_empty()).then(|| format!("{first} {}", names.join(" ")))
            }
            _ => Some(line.to_owned()),
        }
    }

    fn challenge_with(&mut self, text: &str, exchange: Exchange) {
        self.say_bare(334, &auth::encode(text));
        self.exchange = Some(exchange);
        self.set_state(State::Auth);
    }

    /// The host has made up a text for CRAM-MD5.
    pub(super) fn challenge(&mut self, text: String) {
        self.challenge_with(&text.clone(), Exchange::CramMd5(text));
    }

    /// A line that answers a challenge.
    pub(super) fn handle_response(&mut self, line: Option<Spoken>, words: &str) {
        self.tell(line);
        let Some(exchange) = self.exchange.take() else { return self.fail_login(503, "5.5.1", "Bad sequence") };
        if words == "*" {
            return self.fail_login(501, "5.7.0", "Authentication canceled");
        }
        self.respond(exchange, words);
    }

    fn respond(&mut self, exchange: Exchange, words: &str) {
        let Some(response) = auth::decode(words) else {
            return self.fail_login(501, "5.5.2", "This is not base64");
        };
        let text = || String::from_utf8_lossy(&response).into_owned();
        let (user, proof) = match exchange {
            Exchange::Plain => match auth::read_plain(&response) {
                Some((user, password)) => (user, Proof::Password(password)),
                None => return self.fail_login(501, "5.5.2", "This is not [authzid] NUL authcid NUL password"),
            },
            Exchange::Name => return self.challenge_with(auth::PASSWORD, Exchange::Password(text())),
            Exchange::Password(user) => (user, Proof::Password(text())),
            Exchange::CramMd5(challenge) => match auth::read_cram_md5(&response) {
                Some((user, digest)) => (user, Proof::CramMd5 { challenge, digest }),
                None => return self.fail_login(501, "5.5.2", "This is not a name and a digest"),
            },
        };
        self.ask(Asked::Login(user.clone()), Request::Login { user, proof });
    }

    /// The host knows whether it is this user.
    pub(super) fn logged_in(&mut self, user: String, result: Result<(), Reply>) {
        self.set_state(State::Ready);
        match result {
            Ok(()) => {
                self.user = Some(user);
                self.say(235, "2.7.0", "Authentication successful");
            }
            Err(reply) => self.reply(&reply),
        }
    }

    /// The exchange is over without a login; another one may begin.
    pub(super) fn fail_login(&mut self, code: u16, status: &str, text: &str) {
        self.exchange = None;
        self.set_state(State::Ready);
        self.say(code, status, text);
    }
}
