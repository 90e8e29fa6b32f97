//! RFC 1939 sections 4 to 7 and RFC 2449 section 5: the commands. The one list of what this server knows.

use super::Ending;
use super::engine::{Doing, Server};
use super::host::{Answer, Proof, Refusal, Request};
use super::maildrop::Maildrop;
use crate::pop3::{State, stuff};

/// States in which a command is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Always,
    Authorization,
    Transaction,
}

const VERBS: &[(&str, When)] = &[
    ("CAPA", When::Always),
    ("QUIT", When::Always),
    ("USER", When::Authorization),
    ("PASS", When::Authorization),
    ("APOP", When::Authorization),
    ("STLS", When::Authorization),
    ("STAT", When::Transaction),
    ("LIST", When::Transaction),
    ("RETR", When::Transaction),
    ("DELE", When::Transaction),
    ("NOOP", When::Transaction),
    ("RSET", When::Transaction),
    ("TOP", When::Transaction),
    ("UIDL", When::Transaction),
];

/// RFC 2449 section 6, as far as it is there.
const CAPABILITIES: [&str; 6] = ["TOP", "USER", "UIDL", "RESP-CODES", "PIPELINING", "EXPIRE NEVER"];

/// A number: decimal digits only.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

impl Server {
    /// Carries out one command line.
    pub(super) fn command(&mut self, line: &str) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let verb = verb.to_ascii_uppercase();
        let Some((verb, when)) = VERBS.iter().find(|(known, _)| *known == verb) else {
            self.unexpected("a command of RFC 1939", verb.clone());
            return self.refuse(&format!("unknown command {verb}"));
        };
        let expected = match (when, self.state()) {
            (When::Authorization, State::Transaction) => Some("a command on the maildrop, or QUIT"),
            (When::Transaction, State::Authorization) => Some("USER or APOP first"),
            _ => None,
        };
        if let Some(expected) = expected {
            self.unexpected(expected, (*verb).to_string());
            let state = self.state();
            return self.refuse(&format!("{verb} is not allowed in the {state} state, expected {expected}"));
        }
        // "immediately after a successful USER command" (RFC 1939 section 7)
        if *verb != "PASS" {
            self.user = None;
        }
        if self.waits_for_tls() && matches!(*verb, "USER" | "PASS" | "APOP") {
            return self.wrong_moment("STLS first", verb);
        }
        // What is between two blanks is one argument, and PASS has one, whatever is in it (RFC 1939 section 7).
        let words: Vec<&str> = if rest.is_empty() { Vec::new() } else { rest.split(' ').collect() };
        match (*verb, words.as_slice()) {
            ("CAPA", []) => self.say_capabilities(),
            ("QUIT", []) => self.quit(),
            ("STLS", []) => self.stls(),
            ("USER", [name]) if !name.is_empty() => {
                // Whether there is such a user is not said: it would be half of what a guesser wants to know.
                self.user = Some((*name).to_string());
                self.say("+OK send PASS");
            }
            ("PASS", [_, ..]) => match self.user.take() {
                Some(user) => self.open(user, Proof::Password(rest.to_string())),
                None => self.wrong_moment("USER first", "PASS"),
            },
            ("APOP", [name, digest]) => match self.timestamp.clone() {
                Some(timestamp) => {
                    let digest = (*digest).to_string();
                    self.open((*name).to_string(), Proof::Digest { timestamp, digest });
                }
                None => self.refuse("APOP is not offered here, expected USER"),
            },
            ("STAT", []) => {
                let (n, octets) = self.maildrop.stat();
                self.say(&format!("+OK {n} {octets}"));
            }
            ("LIST", []) => {
                let first = format!("+OK {}", self.maildrop.words());
                let lines: Vec<String> = self.maildrop.left().map(|(n, m)| format!("{n} {}", m.octets)).collect();
                self.say_list(&first, lines.into_iter());
            }
            ("UIDL", []) => {
                let lines: Vec<String> = self.maildrop.left().map(|(n, m)| format!("{n} {}", m.unique)).collect();
                self.say_list("+OK unique-id listing follows", lines.into_iter());
            }
            ("LIST", [n]) => self.on_message(n, |_, n, m| Some(format!("+OK {n} {}", m.octets))),
            ("UIDL", [n]) => self.on_message(n, |_, n, m| Some(format!("+OK {n} {}", m.unique))),
            ("DELE", [n]) => self.on_message(n, |server, n, _| {
                server.maildrop.mark(n);
                Some(format!("+OK message {n} deleted"))
            }),
            ("RETR", [n]) => self.retrieve(n, None),
            ("TOP", [n, lines]) => match number(lines) {
                Some(lines) => self.retrieve(n, Some(lines)),
                None => self.syntax("TOP", "TOP, a message number, and a number of lines"),
            },
            ("NOOP", []) => self.say("+OK"),
            ("RSET", []) => {
                self.maildrop.unmark_all();
                self.say(&format!("+OK maildrop has {}", self.maildrop.words()));
            }
            ("USER", _) => self.syntax("USER", "USER and one name"),
            ("PASS", _) => self.syntax("PASS", "PASS and a password"),
            ("APOP", _) => self.syntax("APOP", "APOP, a name, and a digest"),
            ("LIST" | "UIDL", _) => self.syntax(verb, "at most one message number"),
            ("RETR" | "DELE", _) => self.syntax(verb, "one message number"),
            ("TOP", _) => self.syntax(verb, "TOP, a message number, and a number of lines"),
            _ => self.syntax(verb, "no argument"),
        }
    }

    fn syntax(&mut self, verb: &str, expected: &'static str) {
        self.unexpected(expected, format!("{verb} with arguments amiss"));
        self.refuse(&format!("{verb}: expected {expected}"));
    }

    fn wrong_moment(&mut self, expected: &'static str, got: &str) {
        self.unexpected(expected, got.to_string());
        self.refuse(&format!("{got}: expected {expected}"));
    }

    /// USER stands among them where a name can be said, STLS until it was (RFC 2595 section 4).
    fn say_capabilities(&mut self) {
        let waits = self.waits_for_tls();
        let names = CAPABILITIES.iter().filter(|name| !waits || **name != "USER").chain(waits.then_some(&"STLS"));
        self.say_list("+OK capability list follows", names.map(ToString::to_string));
    }

    fn open(&mut self, user: String, proof: Proof) {
        self.ask(Doing::Open { user: user.clone() }, Request::Open { user, proof });
    }

    fn on_message(&mut self, text: &str, act: impl FnOnce(&mut Server, u32, &super::host::Listed) -> Option<String>) {
        let Some(n) = number(text) else {
            self.unexpected("a message number", text.to_string());
            return self.refuse("expected a message number");
        };
        match self.maildrop.get(n).cloned() {
            Ok(message) => {
                if let Some(line) = act(self, n, &message) {
                    self.say(&line);
                }
            }
            Err(why) => self.refuse(&why),
        }
    }

    fn retrieve(&mut self, n: &str, lines: Option<u32>) {
        self.on_message(n, |server, number, message| {
            let uid = message.uid;
            server.ask(Doing::Retrieve { number, uid, lines }, Request::Letter { uid });
            None
        });
    }

    fn quit(&mut self) {
        if self.state() == State::Transaction {
            self.set_state(State::Update);
            let deleted = self.maildrop.marked();
            self.ask(Doing::Update, Request::Update { deleted });
        } else {
            self.sign_off("+OK", "");
        }
    }

    fn sign_off(&mut self, indicator: &str, how: &str) {
        let line = format!("{indicator} {} POP3 server signing off{how}", self.config.hostname);
        self.say(&line);
        self.close(Ending::Quit);
    }

    /// Goes on with the command that asked.
    pub(super) fn answered(&mut self, doing: Doing, answer: Answer) {
        match (doing, answer) {
            (Doing::Open { user }, Answer::Maildrop(Ok(messages))) => {
                self.maildrop = Maildrop::new(messages);
                self.say(&format!("+OK {user}'s maildrop has {}", self.maildrop.words()));
                self.set_state(State::Transaction);
            }
            (Doing::Open { .. }, Answer::Maildrop(Err(Refusal::Credentials))) => {
                self.refuse("user name or password not accepted");
            }
            (Doing::Open { .. }, Answer::Maildrop(Err(Refusal::InUse))) => {
                self.refuse("[IN-USE] the maildrop is locked by another session");
            }
            (Doing::Retrieve { number, uid, lines }, Answer::Letter(Some(message))) => {
                let part = lines.map_or(&message.letter[..], |lines| stuff::top(&message.letter, lines));
                match lines {
                    None => self.say(&format!("+OK {} octets", stuff::octets(part))),
                    Some(_) => self.say("+OK top of message follows"),
                }
                self.send(number, uid, &message, part.len());
            }
            (Doing::Retrieve { number, .. }, Answer::Letter(None)) => {
                self.refuse(&format!("message {number} was removed by another program"));
            }
            (Doing::Update, Answer::Removed { failed: 0 }) => {
                let left = match self.maildrop.stat() {
                    (0, _) => " (maildrop empty)".to_string(),
                    (n, _) => format!(" ({n} message{} left)", if n == 1 { "" } else { "s" }),
                };
                self.sign_off("+OK", &left);
            }
            (Doing::Update, Answer::Removed { .. }) => {
                self.sign_off("-ERR some deleted messages not removed;", "");
            }
            // The host answered another question: its mistake, but not one to fall over.
            (Doing::Update, _) => self.sign_off("-ERR internal error;", ""),
            _ => self.refuse("internal error"),
        }
    }
}
