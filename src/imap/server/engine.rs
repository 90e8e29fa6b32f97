//! The machine: bytes to commands, answers to responses, and the order of both.

use std::collections::VecDeque;
use std::sync::Arc;

use imap_codec::CommandCodec;
use imap_codec::decode::{CommandDecodeError, Decoder};

use super::commands::Doing;
use super::config::Config;
use super::host::{Answer, Request};
use super::keywords::Keywords;
use super::lenient;
use super::starttls::Tls;
use super::verbs::{Wrong, judge, tag_and_verb};
use super::view::View;
use super::{Ending, Event};
use crate::engine::writer::{Writer, Writes};
use crate::engine::{Detail, Engine, Input, Line, Output, RequestId, Unexpected, Way};
use crate::imap::framer::{Announced, Fragment, Framer};
use crate::imap::{Extension, State};
use crate::time::Instant;

/// Literals in one command; each makes the codec read the command once more from its start.
const MOST_LITERALS: u32 = 32;

/// The command that is being worked on.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub tag: String,
    /// `FETCH completed` names it.
    pub verb: String,
    /// "An EXPUNGE response MUST NOT be sent ... while responding to a FETCH, STORE, or SEARCH command"; it may during
    /// a UID command (RFC 3501 section 7.4.1).
    pub tells_expunged: bool,
    /// What the next answer is for.
    pub doing: Doing,
}

/// A line that is no command and belongs to one that has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Awaits {
    /// RFC 2177: DONE ends IDLE.
    Done,
    /// RFC 3501 section 6.2.2: the response to a challenge.
    Credentials,
}

/// The folder that is open.
#[derive(Clone, Debug)]
pub(super) struct Selected {
    pub folder: String,
    pub read_only: bool,
    pub keywords: Keywords,
}

/// An IMAP server's side of one connection. See [`Engine`] for the order of calls.
#[derive(Clone, Debug)]
pub struct Server {
    pub(super) config: Arc<Config>,
    state: State,
    now: Instant,
    heard: Instant,
    pub(super) framer: Framer,
    /// The message at hand began with this tag and verb.
    opening: Option<(Option<String>, String)>,
    literals: u32,
    /// The message at hand has been answered already; its rest is read past.
    refused: bool,
    pub(super) writer: Writer<Event>,
    events: VecDeque<Event>,
    ask: Option<Request>,
    asked: u32,
    pub(super) job: Option<Job>,
    /// The next line is not a command; with the tag of the one it belongs to.
    pub(super) awaits: Option<(Awaits, String)>,
    /// While the client idles: the folder may have news.
    pub(super) news: bool,
    pub(super) selected: Option<Selected>,
    pub(super) view: View,
    peer_closed: bool,
    closing: Option<Ending>,
    abort: bool,
    ended: bool,
    pub(super) tls: Tls,
}

impl Server {
    /// A server that waits for its connection.
    pub fn new(config: Arc<Config>) -> Self {
        Server {
            state: State::Greeting,
            now: Instant::ZERO,
            heard: Instant::ZERO,
            framer: Framer::new(config.line_limit),
            opening: None,
            literals: 0,
            refused: false,
            writer: Writer::new(Writes::Joined),
            events: VecDeque::new(),
            ask: None,
            asked: 0,
            job: None,
            awaits: None,
            news: false,
            selected: None,
            view: View::default(),
            peer_closed: false,
            closing: None,
            abort: false,
            ended: false,
            tls: Tls::default(),
            config,
        }
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The client waits for news (RFC 2177), which [`Server::look`] makes the server tell.
    pub fn is_idling(&self) -> bool {
        let idles = matches!(&self.awaits, Some((Awaits::Done, _)));
        idles && !self.ended && self.closing.is_none()
    }

    /// Something has happened in the mailboxes. Poll the output afterwards, as after an input.
    pub fn look(&mut self) {
        self.news |= self.is_idling();
    }

    /// Octets of input that are held.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.framer.held()
    }

    pub(super) fn set_state(&mut self, to: State) {
        if self.state != to {
            let from = std::mem::replace(&mut self.state, to);
            if self.tells_all() {
                self.events.push_back(Event::State { from, to });
            }
        }
        if to != State::Selected {
            self.selected = None;
            self.view = View::default();
        }
    }

    pub(super) fn tells_all(&self) -> bool {
        self.config.detail == Detail::Everything
    }

    pub(super) fn ask(&mut self, request: Request) {
        self.asked = self.asked.wrapping_add(1);
        self.ask = Some(request);
    }

    pub(super) fn unexpected(&mut self, expected: &'static str, got: String) {
        self.events.push_back(Event::Unexpected(Unexpected { state: self.state.name(), expected, got }));
    }

    /// What was said last goes out, then the connection is closed.
    pub(super) fn close(&mut self, ending: Ending) {
        self.set_state(State::Logout);
        self.closing.get_or_insert(ending);
    }

    pub(super) fn end(&mut self, ending: Ending) {
        self.set_state(State::Logout);
        self.ended = true;
        self.closing = None;
        self.job = None;
        self.awaits = None;
        self.ask = None;
        self.writer.clear();
        self.framer = Framer::new(0);
        self.events.push_back(Event::Ended(ending));
    }

    /// One step of reading. False: nothing can be done before the next input.
    fn advance(&mut self) -> bool {
        if self.ended || self.closing.is_some() || self.job.is_some() || !self.writer.is_empty() {
            return false;
        }
        if self.tls.is_under_way() {
            return false;
        }
        if self.state == State::Greeting {
            return false;
        }
        if std::mem::take(&mut self.news) && self.is_idling() {
            self.tell_news();
            return true;
        }
        match self.framer.next() {
            Some(Fragment::Line { range, literal }) => {
                match self.awaits.take() {
                    Some((awaits, tag)) => self.awaited(awaits, tag, range),
                    None => self.line(range, literal),
                }
                true
            }
            Some(Fragment::Literal) => true,
            Some(Fragment::TooLong) => {
                self.too_long();
                true
            }
            None if self.peer_closed => {
                self.close(Ending::PeerClosed);
                false
            }
            None => false,
        }
    }

    fn line(&mut self, range: std::ops::Range<usize>, literal: Option<Announced>) {
        let first = self.opening.is_none();
        if first {
            self.opening = Some(tag_and_verb(&self.framer.message()[range.clone()]));
        }
        let verb = self.opening.as_ref().map(|(_, verb)| verb.clone());
        self.heard_line(range, verb.filter(|verb| first && !verb.is_empty()));
        match literal {
            Some(announced) => self.literal(announced),
            None if self.refused => self.next_message(),
            None => self.command(),
        }
    }

    fn heard_line(&mut self, range: std::ops::Range<usize>, verb: Option<String>) {
        if self.tells_all() && !(self.refused && range.is_empty()) {
            let bytes = &self.framer.message()[range.clone()];
            let bytes = bytes.strip_suffix(b"\r\n").or(bytes.strip_suffix(b"\n")).unwrap_or(bytes);
            let line = Line {
                way: Way::Received,
                range: self.framer.stream(range),
                text: String::from_utf8_lossy(bytes).into_owned(),
                verb: verb.map(Into::into),
                code: None,
            };
            self.events.push_back(Event::Line(line));
        }
    }

    /// The line that a command has waited for. It is one line, whatever it ends with.
    fn awaited(&mut self, awaits: Awaits, tag: String, range: std::ops::Range<usize>) {
        self.framer.no_literal();
        let line = lenient::corrected(&self.framer.message()[range.clone()]).into_owned();
        let done = awaits == Awaits::Done && line.trim_ascii_end().eq_ignore_ascii_case(b"DONE");
        self.heard_line(range, done.then(|| "DONE".to_string()));
        match awaits {
            Awaits::Done => self.idle_ended(tag, &line),
            Awaits::Credentials => self.credentials(tag, &line),
        }
        self.next_message();
    }

    /// RFC 3501 section 7.5: a synchronizing literal comes after `+` only, so a command can be refused before it.
    fn literal(&mut self, announced: Announced) {
        self.literals += 1;
        if !self.refused {
            let (tag, verb) = self.opening.clone().unwrap_or_default();
            let limit = self.config.literals_of(&verb);
            let room = u64::from(limit).saturating_sub(self.framer.literals());
            let readable = matches!(
                CommandCodec::new().decode(self.framer.message()),
                Err(CommandDecodeError::LiteralFound { .. })
            ) && (announced.synchronizing || self.config.offers(Extension::LiteralPlus));
            if let Err(wrong) = judge(&verb, self.state, &self.config) {
                self.wrong_verb(tag, &verb, wrong);
            } else if !readable || self.literals > MOST_LITERALS {
                self.syntax(tag, &verb);
            } else if u64::from(announced.length) > room {
                let length = announced.length;
                self.unexpected("a literal within the limit", format!("{length} octets, limit {limit}"));
                self.too_big(tag, limit);
            } else {
                if announced.synchronizing {
                    self.say_continue("Ready for additional command text");
                }
                return;
            }
            self.refused = true;
        }
        if announced.synchronizing {
            // The client reads the refusal instead of `+` and does not send the literal.
            self.next_message();
        } else {
            self.framer.skip_literal();
        }
    }

    fn too_long(&mut self) {
        let (tag, _) = match (self.awaits.take(), &self.opening) {
            (Some((_, tag)), _) => (Some(tag), String::new()),
            (None, Some(opening)) => opening.clone(),
            // Nothing of the message was given out yet; its tag stands at the start of what is held.
            (None, None) => tag_and_verb(self.framer.pending()),
        };
        if !self.refused {
            self.unexpected("a command line within the limit", format!("more than {} octets", self.config.line_limit));
            self.say_bad(tag, "command line too long".to_string());
        }
        self.opening.get_or_insert_default();
        self.refused = true;
        self.framer.discard_line();
    }

    fn next_message(&mut self) {
        self.framer.finish();
        self.opening = None;
        self.literals = 0;
        self.refused = false;
    }

    /// The whole command is here.
    fn command(&mut self) {
        let (tag, verb) = self.opening.take().unwrap_or_default();
        // Out of its place, so that the command can borrow from it while it is carried out.
        let framer = std::mem::replace(&mut self.framer, Framer::new(0));
        // APPEND has a literal; without one it is not to get one here.
        let message = match self.literals == 0 && verb != "APPEND" {
            true => lenient::corrected(framer.message()),
            false => framer.message().into(),
        };
        match (CommandCodec::new().decode(&message), judge(&verb, self.state, &self.config)) {
            (_, Err(wrong)) => self.wrong_verb(tag, &verb, wrong),
            (Ok(([], command)), Ok(())) => self.begin(verb, command, &framer),
            _ => self.syntax(tag, &verb),
        }
        self.framer = framer;
        self.next_message();
    }

    fn syntax(&mut self, tag: Option<String>, verb: &str) {
        let got =
            if verb.is_empty() { "an unreadable line".to_string() } else { format!("{verb} with arguments amiss") };
        self.unexpected("a command (RFC 3501 section 9)", got);
        self.say_bad(tag, if verb.is_empty() { "no command".to_string() } else { format!("{verb}: syntax error") });
    }

    fn wrong_verb(&mut self, tag: Option<String>, verb: &str, wrong: Wrong) {
        // A peer's word may be as long as a line; what is wrong with it shows in less.
        let verb: String = verb.chars().take(40).collect();
        match wrong {
            Wrong::Unknown if verb.is_empty() => self.syntax(tag, ""),
            Wrong::Unknown => {
                self.unexpected("a command of RFC 3501", verb.clone());
                self.say_bad(tag, format!("{verb}: unknown command"));
            }
            Wrong::State(expected) => {
                self.unexpected(expected, verb.clone());
                self.say_bad(tag, format!("{verb} is not allowed in the {} state", self.state));
            }
        }
    }
}

impl Engine for Server {
    type Event = Event;
    type Request = Request;
    type Answer = Answer;

    fn handle_input(&mut self, now: Instant, input: Input<'_, Answer>) {
        self.now = now;
        if self.ended {
            return;
        }
        match input {
            Input::Connected if self.state == State::Greeting => {
                self.heard = now;
                self.greet();
                self.set_state(State::NotAuthenticated);
            }
            Input::Connected => {}
            Input::Bytes(_) if self.closing.is_some() => {}
            Input::Secured(info) => self.handle_secured(info),
            Input::NotSecured(_) => self.end(Ending::NotSecured),
            Input::Bytes(bytes) => {
                self.heard = now;
                self.framer.push(bytes);
                let most = self.config.line_limit + self.config.literal_limit as usize + 64 * 1024;
                if self.framer.held() > most {
                    self.end(Ending::Flooded);
                    self.abort = true;
                }
            }
            Input::Writable(bytes) => self.writer.grant(bytes),
            Input::PeerClosed => self.peer_closed = true,
            Input::Reset => self.end(Ending::Reset),
            Input::Answer(id, answer) => {
                if id.0 == self.asked && self.ask.is_none() && self.job.is_some() {
                    self.answered(answer);
                }
            }
            Input::Timeout => {
                let due = self.config.autologout.is_some_and(|after| now >= self.heard + after);
                if due && self.job.is_none() && self.closing.is_none() && self.state != State::Greeting {
                    self.say_bye("Autologout; idle for too long");
                    self.close(Ending::Autologout);
                }
            }
        }
    }

    fn poll_output(&mut self) -> Output<Event, Request> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Output::Event(event);
            }
            if std::mem::take(&mut self.abort) {
                return Output::Abort;
            }
            if let Some(request) = self.ask.take() {
                return Output::Ask(RequestId(self.asked), request);
            }
            // While a command is worked on its response grows: it goes out when it is whole.
            if self.job.is_none()
                && let Some(output) = self.writer.poll()
            {
                return output;
            }
            if self.writer.is_empty() && self.starts_tls() {
                return Output::StartTls;
            }
            if self.writer.is_empty()
                && let Some(ending) = self.closing
            {
                self.end(ending);
                return Output::Close;
            }
            if !self.advance() && self.events.is_empty() && !(self.closing.is_some() && self.writer.is_empty()) {
                let at = self.config.autologout.map(|after| self.heard + after);
                let open = !self.ended && self.closing.is_none() && self.state != State::Greeting;
                return Output::Wait(at.filter(|_| open));
            }
        }
    }
}
