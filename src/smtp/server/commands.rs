//! What each command does (RFC 5321 section 4.1.1), in which order they may come (section 4.1.4), and with
//! which code each is refused (section 4.3.2).

use std::sync::Arc;

use super::manner::Held;
use super::{Asked, Event, Request, Server, State};
use crate::engine::Line;
use crate::smtp::phase::PhaseChange;
use crate::smtp::{Address, Command, Ending, ForwardPath, Param, Reply, ReversePath, SyntaxError, Verb};

/// Why a command cannot be done now: code and words.
pub(super) type Refusal = (u16, &'static str);

pub(super) const BAD_SEQUENCE: Refusal = (503, "Bad sequence of commands");
const UNKNOWN_PARAMETER: Refusal = (555, "MAIL FROM/RCPT TO parameters not recognized or not implemented");

impl Server {
    pub(super) fn handle_syntax_error(&mut self, line: Option<Line>, error: SyntaxError) {
        let got = line.as_ref().map(|l| l.text.clone()).unwrap_or_default();
        self.tell(line);
        self.unexpected(|| got);
        self.say(error.code, error.what);
    }

    pub(super) fn handle_command(&mut self, line: Option<Line>, command: Command) {
        if !self.watched {
            return self.obey(line, command);
        }
        let taken = self.refusal(&command).is_none();
        if let Some(phase) = phase_of(command.verb()).filter(|_| taken) {
            self.set_phase(phase);
        }
        self.tell(line);
        self.ask_manner(command.verb().name(), Held::Command(command));
    }

    pub(super) fn obey(&mut self, line: Option<Line>, command: Command) {
        if let Some((code, text)) = self.refusal(&command) {
            self.tell(line);
            self.unexpected(|| command.verb().name().to_owned());
            return self.say(code, text);
        }
        if let Some(phase) = phase_of(command.verb()) {
            self.set_phase(phase);
        }
        self.tell(line);
        match command {
            Command::Ehlo(name) => self.hello(name, true),
            Command::Helo(name) => self.hello(name, false),
            Command::Mail { from, .. } => {
                let peer_name = self.peer_name.clone();
                self.ask(Asked::Sender(from.clone()), Request::Sender { from, peer_name });
            }
            Command::Rcpt { to, .. } => self.recipient(to),
            Command::Data => self.begin_letter(),
            Command::Rset => {
                self.clear();
                self.say(250, "OK");
                if matches!(self.state, State::Mail | State::Rcpt) {
                    self.set_state(State::Ready);
                }
            }
            Command::Noop => self.say(250, "OK"),
            Command::StartTls => self.start_tls(),
            Command::Vrfy(text) => self.ask(Asked::Verify, Request::Verify { text }),
            Command::Expn(_) => self.say(502, "Command not implemented"),
            Command::Help(about) => self.help(about.as_deref()),
            Command::Quit => {
                self.say_as(221, "Service closing transmission channel");
                self.end(Ending::Quit);
            }
        }
    }

    fn tell(&mut self, line: Option<Line>) {
        if let Some(line) = line {
            self.out.event(Event::Line(line));
        }
    }

    /// Whether a command is refused before it does anything.
    fn refusal(&self, command: &Command) -> Option<Refusal> {
        let sequence = |right: bool| if right { None } else { Some(BAD_SEQUENCE) };
        if self.state == State::Refusing {
            return sequence(matches!(command, Command::Quit));
        }
        if self.wants_tls_before(command) {
            return Some((530, "Must issue a STARTTLS command first"));
        }
        match command {
            Command::StartTls => self.starttls_refusal(),
            Command::Mail { params, .. } => {
                sequence(self.state == State::Ready).or_else(|| params.iter().find_map(|p| self.refused_param(p)))
            }
            Command::Rcpt { params, .. } => {
                if !matches!(self.state, State::Mail | State::Rcpt) {
                    Some(BAD_SEQUENCE)
                } else if !params.is_empty() {
                    Some(UNKNOWN_PARAMETER)
                } else if self.to.len() >= self.cfg.limits.recipients {
                    Some((452, "Too many recipients"))
                } else {
                    None
                }
            }
            // Section 3.3 allows 503 as well.
            Command::Data if self.state == State::Mail => Some((554, "No valid recipients")),
            Command::Data => sequence(self.state == State::Rcpt),
            _ => None,
        }
    }

    /// Parameters of extensions that were offered: SIZE (RFC 1870), 8BITMIME (RFC 6152).
    fn refused_param(&self, param: &Param) -> Option<Refusal> {
        let offered = |keyword| self.extended && self.cfg.offers(keyword);
        let value = param.value.as_deref();
        match param.keyword.as_str() {
            "SIZE" if offered("SIZE") => match value {
                Some(digits) if (1..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) => {
                    let fits = digits.parse::<u64>().is_ok_and(|n| n <= self.largest_declared());
                    (!fits).then_some((552, "Message size exceeds fixed maximum message size"))
                }
                _ => Some((501, "Syntax error in parameters or arguments")),
            },
            "BODY" if offered("8BITMIME") => match value {
                Some(v) if v.eq_ignore_ascii_case("7BIT") || v.eq_ignore_ascii_case("8BITMIME") => None,
                Some(_) => Some((504, "Command parameter not implemented")),
                None => Some((501, "Syntax error in parameters or arguments")),
            },
            _ => Some(UNKNOWN_PARAMETER),
        }
    }

    /// The largest message that SIZE allows: what is offered, and never more than the limit.
    fn largest_declared(&self) -> u64 {
        let offered = self.cfg.extensions.iter().find_map(|line| {
            let (keyword, number) = line.split_once(' ')?;
            if keyword.eq_ignore_ascii_case("SIZE") { number.trim().parse::<u64>().ok() } else { None }
        });
        // RFC 1870: 0 means no fixed maximum.
        offered.filter(|&n| n > 0).unwrap_or(u64::MAX).min(self.cfg.limits.message as u64)
    }

    fn hello(&mut self, name: String, extended: bool) {
        // EHLO in the middle of a transaction gives it up, as RSET does (section 4.1.4).
        self.clear();
        (self.peer_name, self.extended) = (name, extended);
        let tls = self.offers_tls().then(|| "STARTTLS".to_owned());
        if extended && (!self.cfg.extensions.is_empty() || tls.is_some()) {
            let lines = std::iter::once(&self.cfg.hostname).chain(&self.cfg.extensions).cloned().chain(tls).collect();
            self.reply(&Reply { code: 250, lines });
        } else {
            let cfg = Arc::clone(&self.cfg);
            self.say(250, &cfg.hostname);
        }
        self.set_state(State::Ready);
    }

    fn recipient(&mut self, to: ForwardPath) {
        let to = match to {
            ForwardPath::Address(to) => to,
            ForwardPath::Postmaster => self.cfg.postmaster.clone().unwrap_or_else(|| Address {
                local: "postmaster".to_owned(),
                domain: self.cfg.hostname.to_ascii_lowercase(),
            }),
        };
        let from = self.from.clone().unwrap_or(ReversePath::Null);
        let peer_name = self.peer_name.clone();
        self.ask(Asked::Recipient(to.clone()), Request::Recipient { from, to, peer_name });
    }

    fn help(&mut self, about: Option<&str>) {
        match about.map(|name| Verb::of(name.as_bytes())) {
            None => {
                let names: Vec<&str> = Verb::ALL
                    .iter()
                    .filter(|v| **v != Verb::Expn && (**v != Verb::StartTls || self.cfg.starttls.is_some()))
                    .map(|v| v.name())
                    .collect();
                self.say(214, &format!("Commands: {}", names.join(" ")));
            }
            Some(Some(verb)) => self.say(214, verb.usage()),
            Some(None) => self.say(504, "Command parameter not implemented"),
        }
    }
}

/// The phase that a command begins, if it is taken.
fn phase_of(verb: Verb) -> Option<PhaseChange> {
    match verb {
        Verb::Ehlo | Verb::Helo => Some(PhaseChange::HELLO),
        Verb::Mail | Verb::Rcpt => Some(PhaseChange::MAIL),
        Verb::Data => Some(PhaseChange::DATA),
        Verb::Quit => Some(PhaseChange::END),
        _ => None,
    }
}
