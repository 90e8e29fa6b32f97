//! What each command does (RFC 5321 section 4.1.1), in which order they may come (section 4.1.4), and with
//! which code each is refused (section 4.3.2).

use std::sync::Arc;

use super::manner::Held;
use super::{Asked, Event, Request, Server, State, Verify};
use crate::smtp::options::Wish;
use crate::smtp::phase::PhaseChange;
use crate::smtp::{Address, Command, Ending, ForwardPath, Options, Reply, ReversePath, Spoken, SyntaxError, Verb};

/// Why a command cannot be done now: code, enhanced status code, words.
pub(super) type Refusal = (u16, &'static str, &'static str);

pub(super) const BAD_SEQUENCE: Refusal = (503, "5.5.1", "Bad sequence of commands");
pub(super) const NOT_IMPLEMENTED: Refusal = (502, "5.5.1", "Command not implemented");
const BINARY_BY_DATA: Refusal =
    (503, "5.5.1", "Bad sequence of commands: after BODY=BINARYMIME the letter comes with BDAT");
const LOGIN_REQUIRED: Refusal = (530, "5.7.0", "Authentication required");
/// RFC 6531 section 3.5.
const NOT_ASCII: Refusal = (553, "5.6.7", "Non-ASCII addresses need the parameter SMTPUTF8 of MAIL");

impl Server {
    pub(super) fn handle_syntax_error(&mut self, line: Option<Spoken>, error: SyntaxError) {
        let got = line.map(|line| self.out.words.text(&line).into_owned()).unwrap_or_default();
        self.tell(line);
        self.unexpected(|| got);
        // RFC 3463 section 3.6: no such command, or something wrong behind it.
        self.say(error.code, if error.code == 500 { "5.5.1" } else { "5.5.4" }, error.what);
    }

    pub(super) fn handle_command(&mut self, line: Option<Spoken>, command: Command) {
        if !self.watched {
            return self.obey(line, command);
        }
        let taken = self.judge(&command).is_ok();
        if let Some(phase) = phase_of(command.verb()).filter(|_| taken) {
            self.set_phase(phase);
        }
        self.tell(line);
        self.ask_manner(command.verb().name(), Held::Command(command));
    }

    pub(super) fn obey(&mut self, line: Option<Spoken>, command: Command) {
        let (options, wish) = match self.judge(&command) {
            Ok(judged) => judged,
            Err((code, status, text)) => {
                self.tell(line);
                // A mail may also be too large, an address not allowed: that was no surprise in this state.
                if (500..=504).contains(&code) {
                    self.unexpected(|| command.verb().name().to_owned());
                }
                if let Command::Bdat { size, .. } = command {
                    self.skip_chunk(size);
                }
                return self.say(code, status, text);
            }
        };
        if let Some(phase) = phase_of(command.verb()) {
            self.set_phase(phase);
        }
        self.tell(line);
        match command {
            Command::Ehlo(name) => self.hello(name, true),
            Command::Helo(name) => self.hello(name, false),
            Command::Mail { from, params } => {
                let peer_name = self.peer_name.clone();
                let size = params.iter().find(|p| p.keyword == "SIZE").and_then(|p| p.value.as_deref()?.parse().ok());
                self.ask(Asked::Sender(from.clone(), Box::new(options)), Request::Sender { from, peer_name, size });
            }
            Command::Rcpt { to, .. } => self.recipient(to, wish),
            Command::Data => self.begin_letter(),
            Command::Rset => {
                self.clear();
                self.say(250, "2.0.0", "OK");
                if matches!(self.state, State::Mail | State::Rcpt | State::Bdat) {
                    self.set_state(State::Ready);
                }
            }
            Command::StartTls => self.start_tls(),
            Command::Noop => self.say(250, "2.0.0", "OK"),
            Command::Vrfy(_) if self.cfg.verify == Verify::Vague => {
                self.say(252, "2.5.0", "Cannot VRFY user, but will accept message and attempt delivery");
            }
            Command::Vrfy(text) => self.ask(Asked::Verify, Request::Verify { text }),
            Command::Expn(text) => self.ask(Asked::Expand, Request::Expand { text }),
            Command::Auth { mechanism, initial } => self.begin_login(&mechanism, initial.as_deref()),
            Command::Bdat { size, last } => self.begin_chunk(size, last),
            Command::Help(about) => self.help(about.as_deref()),
            Command::Quit => {
                self.say_as(221, "2.0.0", "Service closing transmission channel");
                self.end(Ending::Quit);
            }
        }
    }

    pub(super) fn tell(&mut self, line: Option<Spoken>) {
        if let Some(line) = line {
            self.out.event(Event::Line(line));
        }
    }

    /// Whether a command is refused before it does anything; and what its parameters say, if it has some.
    fn judge(&self, command: &Command) -> Result<(Options, Wish), Refusal> {
        if let Some(refusal) = self.refusal(command) {
            return Err(refusal);
        }
        match command {
            Command::Mail { from, params } => {
                let options = self.mail_options(params)?;
                match from {
                    ReversePath::Address(from) if from.is_international() && !options.smtputf8 => Err(NOT_ASCII),
                    _ => Ok((options, Wish::default())),
                }
            }
            Command::Rcpt { to, params } => match to {
                ForwardPath::Address(to) if to.is_international() && !self.options.smtputf8 => Err(NOT_ASCII),
                _ => Ok((Options::default(), self.rcpt_wish(params)?)),
            },
            _ => Ok((Options::default(), Wish::default())),
        }
    }

    /// Whether a command is refused for what it is, or for the moment at which it comes.
    fn refusal(&self, command: &Command) -> Option<Refusal> {
        let sequence = |right: bool| if right { None } else { Some(BAD_SEQUENCE) };
        if self.state == State::Refusing {
            return sequence(matches!(command, Command::Quit));
        }
        if self.wants_tls_before(command) {
            return Some((530, "5.7.0", "Must issue a STARTTLS command first"));
        }
        if command.verb().extension().is_some_and(|keyword| !self.cfg.offers(keyword)) {
            return Some(NOT_IMPLEMENTED);
        }
        if self.cfg.login_required && self.user.is_none() && !comes_before_login(command.verb()) {
            return Some(LOGIN_REQUIRED);
        }
        match command {
            Command::StartTls => self.starttls_refusal(),
            Command::Mail { .. } => sequence(self.state == State::Ready),
            Command::Rcpt { .. } => {
                if !matches!(self.state, State::Mail | State::Rcpt) {
                    Some(BAD_SEQUENCE)
                } else if self.to.len() >= self.cfg.limits.recipients {
                    Some((452, "4.5.3", "Too many recipients"))
                } else {
                    None
                }
            }
            // RFC 3030 section 3: what is not in lines has no line that could end it.
            Command::Data if self.options.is_binary() => Some(BINARY_BY_DATA),
            // Section 3.3 allows 503 as well.
            Command::Data | Command::Bdat { .. } if self.state == State::Mail => {
                Some((554, "5.5.1", "No valid recipients"))
            }
            Command::Data => sequence(self.state == State::Rcpt),
            Command::Bdat { .. } => sequence(matches!(self.state, State::Rcpt | State::Bdat)),
            // RFC 4954 section 4: after EHLO, once, and not in a transaction.
            Command::Auth { .. } => sequence(self.extended && self.user.is_none() && self.state == State::Ready),
            Command::Expn(_) if !self.cfg.expand => Some(NOT_IMPLEMENTED),
            _ => None,
        }
    }

    fn hello(&mut self, name: String, extended: bool) {
        // EHLO in the middle of a transaction gives it up, as RSET does (section 4.1.4).
        self.clear();
        (self.peer_name, self.extended) = (name, extended);
        let tls = self.offers_tls().then(|| "STARTTLS".to_owned());
        let offered: Vec<String> = self.cfg.extensions.iter().filter_map(|line| self.offered_now(line)).collect();
        if extended && (!offered.is_empty() || tls.is_some()) {
            let lines = std::iter::once(self.cfg.hostname.clone()).chain(offered).chain(tls).collect();
            self.write(250, Reply { code: 250, lines }.to_bytes());
        } else {
            let cfg = Arc::clone(&self.cfg);
            self.say_bare(250, &cfg.hostname);
        }
        self.set_state(State::Ready);
    }

    fn recipient(&mut self, to: ForwardPath, wish: Wish) {
        let to = match to {
            ForwardPath::Address(to) => to,
            ForwardPath::Postmaster => self.cfg.postmaster.clone().unwrap_or_else(|| Address {
                local: "postmaster".to_owned(),
                domain: self.cfg.hostname.to_ascii_lowercase(),
            }),
        };
        let from = self.from.clone().unwrap_or(ReversePath::Null);
        let peer_name = self.peer_name.clone();
        let user = self.user.clone();
        self.ask(Asked::Recipient(to.clone(), wish), Request::Recipient { from, to, peer_name, user });
    }

    fn help(&mut self, about: Option<&str>) {
        match about.map(|name| Verb::of(name.as_bytes())) {
            None => {
                let there = |v: &&Verb| {
                    v.extension().is_none_or(|keyword| self.cfg.offers(keyword))
                        && (**v != Verb::Expn || self.cfg.expand)
                        && (**v != Verb::StartTls || self.cfg.starttls.is_some())
                };
                let names: Vec<&str> = Verb::ALL.iter().filter(there).map(|v| v.name()).collect();
                self.say(214, "2.0.0", &format!("Commands: {}", names.join(" ")));
            }
            Some(Some(verb)) => self.say(214, "2.0.0", verb.usage()),
            Some(None) => self.say(504, "5.5.4", "Command parameter not implemented"),
        }
    }
}

/// RFC 4954 section 6: 530 may be said to every command but these. HELP harms nobody, and without STARTTLS nobody could
/// have TLS before he says his password (section 4 of the same).
fn comes_before_login(verb: Verb) -> bool {
    use Verb::{Auth, Ehlo, Helo, Help, Noop, Quit, Rset, StartTls};
    matches!(verb, Ehlo | Helo | StartTls | Auth | Noop | Rset | Quit | Help)
}

/// The phase that a command begins, if it is taken.
fn phase_of(verb: Verb) -> Option<PhaseChange> {
    match verb {
        Verb::Ehlo | Verb::Helo => Some(PhaseChange::HELLO),
        Verb::Mail | Verb::Rcpt => Some(PhaseChange::MAIL),
        Verb::Auth => Some(PhaseChange::HELLO),
        Verb::Data | Verb::Bdat => Some(PhaseChange::DATA),
        Verb::Quit => Some(PhaseChange::END),
        _ => None,
    }
}
