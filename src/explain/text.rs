//! A run as a story in lines: steps, phases, dialogue, queues and mailboxes, each with its time. Packets are
//! told only where something happened to them.

use std::collections::BTreeSet;

use super::story::{StepSpan, steps};
use crate::action::{Action, RawDeed};
use crate::engine::{Carried, Way};
use crate::mail::{self, Expansion, Left};
use crate::message::Fate;
use crate::scenario::story::Story;
use crate::smtp::Address;
use crate::smtp::phase::PhaseChange;
use crate::time::{Duration, Instant};
use crate::topology::{ConnId, Side};
use crate::trace::{self, Closed, Entry, EntryId, Log, Names, SessionEvent, What};

/// What a line is about, for colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A step of the story begins.
    Step,
    /// A phase of a session begins.
    Phase,
    /// Said by a client.
    Client,
    /// Said by a server.
    Server,
    /// A connection opens or ends.
    Connection,
    /// Something about a queue, a mailbox, a user's screen.
    Mail,
    /// Something got lost, or was done again because of that.
    Trouble,
    /// A name was looked up.
    Name,
    /// Something that a user or the script did.
    Action,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which entry it tells.
    pub entry: EntryId,
    /// When.
    pub at: Instant,
    /// Where; empty for what has no place.
    pub who: String,
    /// What about.
    pub style: Style,
    /// In words.
    pub text: String,
}

struct Teller<'a> {
    log: &'a Log,
    names: &'a Names,
    lines: Vec<Line>,
    /// The phase of each SMTP session as its client sees it.
    phases: Vec<(ConnId, PhaseChange)>,
    /// Connections whose client tells nothing.
    silent: BTreeSet<ConnId>,
}

/// Tells the whole record.
pub fn tell(log: &Log, names: &Names, story: &Story) -> Vec<Line> {
    let spans = steps(log, names, story);
    let mut teller = Teller { log, names, lines: Vec::new(), phases: Vec::new(), silent: silent(log) };
    for (place, entry) in log.entries().iter().enumerate() {
        let id = EntryId(place as u32);
        for span in spans.iter().filter(|s| s.begins == Some(id)) {
            teller.step(id, &entry, story, span);
        }
        teller.entry(id, &entry);
    }
    teller.lines
}

/// Connections of which only the server tells: at the other end is a program outside, or a person.
fn silent(log: &Log) -> BTreeSet<ConnId> {
    let mut told = [BTreeSet::new(), BTreeSet::new()];
    for entry in log.entries().iter() {
        if let What::Session(session) = &entry.what {
            told[usize::from(session.side == Side::Server)].insert(session.conn);
        }
    }
    &told[1] - &told[0]
}

/// One entry in words; its kind and fields where a run's story is silent.
pub fn one(log: &Log, names: &Names, id: EntryId) -> String {
    let mut teller = Teller { log, names, lines: Vec::new(), phases: Vec::new(), silent: BTreeSet::new() };
    let entry = log.entry(id);
    teller.entry(id, &entry);
    if let Some(line) = teller.lines.pop() {
        return line.text;
    }
    let told = trace::tell(log, names, &entry);
    let fields: Vec<String> = told
        .fields
        .iter()
        .take(4)
        .map(|(name, value)| match value.as_str() {
            Some(text) => format!("{name} {text}"),
            None => format!("{name} {value}"),
        })
        .collect();
    format!("{}: {}", told.kind, fields.join(", "))
}

/// Lines of a letter or a head that were joined by LF, or one line.
fn first_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n')
}

impl Teller<'_> {
    fn step(&mut self, id: EntryId, entry: &Entry, story: &Story, span: &StepSpan) {
        let step = &story.steps[span.step];
        let mut text = format!("Step {}: {}", step.number, step.title);
        if let Some(done) = span.done {
            let took = self.log.entry(done).at.since(entry.at);
            if took > Duration::ZERO {
                text.push_str(&format!(" ({took})"));
            }
        }
        self.lines.push(Line { entry: id, at: entry.at, who: String::new(), style: Style::Step, text });
    }

    fn say(&mut self, id: EntryId, entry: &Entry, style: Style, text: impl Into<String>) {
        let who = self.names.node(entry.node).to_string();
        self.lines.push(Line { entry: id, at: entry.at, who, style, text: text.into() });
    }

    fn address(&self, conn: ConnId, side: Side) -> String {
        let name = self.log.end(conn, side).map(|n| self.names.node(n).to_string());
        let (address, port) = self.log.end_addr(conn, side);
        format!("{}:{port}", name.unwrap_or_else(|| address.to_string()))
    }

    fn entry(&mut self, id: EntryId, entry: &Entry) {
        match &entry.what {
            What::TcpOpen(conn) => {
                let to = self.address(*conn, Side::Server);
                self.say(id, entry, Style::Connection, format!("opens TCP connection {} to {to}", conn.0));
            }
            What::TcpEstablished(conn, Side::Client) => {
                self.say(id, entry, Style::Connection, format!("TCP connection {} is open", conn.0));
            }
            What::TcpClosed { conn, side: Side::Client, how } => {
                let how = match how {
                    Closed::Fin => "closed by both sides",
                    Closed::Rst => "refused or reset",
                    Closed::Timeout => "given up: no answer",
                };
                self.say(id, entry, Style::Connection, format!("TCP connection {}: {how}", conn.0));
            }
            What::TcpSent { packet, retransmission: true, .. } => {
                let info = trace::info(self.log, *packet);
                self.say(id, entry, Style::Trouble, format!("TCP sends again: {info}"));
            }
            What::FrameLost { packet, reason } => {
                let info = trace::info(self.log, *packet);
                let reason = serde_json::to_value(reason).unwrap_or_default();
                let reason = reason.as_str().unwrap_or_default().replace('-', " ");
                self.say(id, entry, Style::Trouble, format!("packet lost ({reason}): {info}"));
            }
            What::Session(session) => self.session(id, entry, session.conn, session.side, session.event),
            What::Mail(event) => {
                if let Some((style, text)) = mail_event(event) {
                    self.say(id, entry, style, text);
                }
            }
            What::Dns(_) => {
                let told = trace::tell(self.log, self.names, entry);
                let text = |name| told.get(name).and_then(|v| v.as_str()).unwrap_or_default();
                let answers = told.get("answers").and_then(|v| v.as_array()).map(|list| {
                    let words: Vec<&str> = list.iter().filter_map(|v| v.as_str()).collect();
                    if words.is_empty() { "nothing".to_string() } else { words.join(", ") }
                });
                let (name, rtype) = (text("qname"), text("qtype"));
                let words = match told.kind {
                    "dns.query" => format!("asks DNS: {name} {rtype}?"),
                    "dns.answer" => format!("DNS answers: {name} {rtype} {}", answers.unwrap_or_default()),
                    "dns.cached" => format!("knows from before: {name} {rtype} {}", answers.unwrap_or_default()),
                    "dns.truncated" => format!("the answer was cut, asks again by TCP: {name} {rtype}?"),
                    "dns.timeout" => format!("no answer from DNS: {name} {rtype}"),
                    _ => format!("DNS: {}", text("reason")),
                };
                self.say(id, entry, Style::Name, words);
            }
            What::Action(action) => {
                if let Some(action) = self.names.action(*action) {
                    let (kind, target) = self.names.told_action(action);
                    // What was written is in the dialogue.
                    let written = matches!(action, Action::Raw { deed: RawDeed::Write(_), .. });
                    if !matches!(kind, "send" | "queue") && !written {
                        let what = if let Action::Raw { deed, .. } = action { deed.name() } else { "" };
                        self.say(id, entry, Style::Action, in_words(kind, &format!("{target}{what}")));
                    }
                }
            }
            _ => {}
        }
    }

    /// A session is told as its client sees it: what it says when it says it, what the server says when the
    /// client has read it.
    fn session(&mut self, id: EntryId, entry: &Entry, conn: ConnId, side: Side, event: SessionEvent<'_>) {
        // What passes between them is told once, as the client sees it; as the server does where the client is silent.
        if side == Side::Server && !self.silent.contains(&conn) {
            return;
        }
        if let Some(phase) = event.phase() {
            let before = self.phases.iter().rev().find(|(c, _)| *c == conn).map(|(_, p)| *p);
            if before != Some(phase) {
                self.phases.push((conn, phase));
                let (course, rfc) = phase.names();
                self.say(id, entry, Style::Phase, format!("SMTP {course} (RFC 5321: {rfc})"));
            }
        }
        if let Some(line) = event.line() {
            self.spoken(id, entry, side, &line);
        }
        match event {
            SessionEvent::SmtpClient(crate::smtp::client::Event::Letter(letter))
            | SessionEvent::SmtpServer(crate::smtp::server::Event::LetterReceived(letter)) => {
                let Carried { range, map } = &**letter;
                let bytes = range.end - range.start;
                // BDAT has said its length: no end is put behind it.
                let text = match bytes > 0 && map.kept() == bytes {
                    true => format!("C: (the letter: {bytes} bytes)"),
                    false => format!("C: (the letter: {bytes} bytes, the last five are CR LF . CR LF)"),
                };
                self.say(id, entry, Style::Client, text);
            }
            SessionEvent::ImapClient(crate::imap::client::Event::Letter { bytes, .. })
            | SessionEvent::Pop3Client(crate::pop3::client::Event::Letter { bytes, .. }) => {
                self.say(id, entry, Style::Server, format!("S: (the letter: {} bytes)", bytes.len()));
                self.put_at_literal();
            }
            SessionEvent::Secured(info) => {
                let name =
                    info.server_name.as_deref().map(|n| format!(", the certificate is for {n}")).unwrap_or_default();
                let text = format!("TCP connection {}: secured with {}, {}{name}", conn.0, info.version, info.suite);
                self.say(id, entry, Style::Connection, text);
            }
            SessionEvent::NotSecured(why) => {
                self.say(id, entry, Style::Trouble, format!("TCP connection {}: no TLS: {why}", conn.0));
            }
            _ => {}
        }
    }

    /// A letter inside an answer of IMAP is known when the whole answer has been read: it is told where its
    /// literal stands, before what follows it in the same answer.
    fn put_at_literal(&mut self) {
        let Some(letter) = self.lines.pop() else { return };
        let same = |l: &Line| l.at == letter.at && l.who == letter.who && l.style == Style::Server;
        let tail = self.lines.iter().rev().take_while(|l| same(l) && !l.text.ends_with('}')).count();
        let literal = self.lines.len() - tail;
        let found = literal.checked_sub(1).and_then(|i| self.lines.get(i)).is_some_and(same);
        self.lines.insert(if found { literal } else { self.lines.len() }, letter);
    }

    fn spoken(&mut self, id: EntryId, entry: &Entry, side: Side, line: &trace::Line<'_>) {
        let (style, who) = match (line.way, side) {
            (Way::Sent, Side::Client) | (Way::Received, Side::Server) => (Style::Client, "C"),
            (Way::Received, Side::Client) | (Way::Sent, Side::Server) => (Style::Server, "S"),
        };
        for text in first_lines(line.text).filter(|t| !t.is_empty()) {
            self.say(id, entry, style, format!("{who}: {text}"));
        }
    }
}

/// An action of the scenario; the line begins with the host it happens at.
fn in_words(kind: &str, target: &str) -> String {
    match kind {
        "read" => "the mail program reads by IMAP".to_owned(),
        "sync" => "the mail program brings its copy up to date".to_owned(),
        "offline" => "the mail program works without the network".to_owned(),
        "fetch" => "the mail program fetches by POP3".to_owned(),
        "browse" => "the browser opens a page".to_owned(),
        "off" => "is switched off".to_owned(),
        "on" => "is switched on".to_owned(),
        _ => format!("action: {kind} {target}"),
    }
}

fn named(all: &[Address]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn mail_event(event: &mail::Event) -> Option<(Style, String)> {
    use mail::Event;
    let text = match event {
        Event::Composed { draft, envelope, letter, .. } => {
            let to: Vec<String> = envelope.to.iter().map(ToString::to_string).collect();
            let bytes = letter.bytes.len();
            format!("{} writes \"{}\" to {} ({bytes} bytes)", draft.from, draft.subject, to.join(", "))
        }
        Event::Submitted { user, result, accepted, .. } => {
            let what = if *accepted { "sent" } else { "NOT sent" };
            format!("{user}'s mail program shows: {what} ({result})")
        }
        Event::AuthResult { method, result, domain, reason, .. } => {
            let whose = if domain.is_empty() { String::new() } else { format!(" for {domain}") };
            format!("{} says {result}{whose}: {reason}", method.to_uppercase())
        }
        Event::Accepted { letter, .. } => {
            format!("takes the letter over ({} bytes with its Received line)", letter.bytes.len())
        }
        Event::QueueEnter { domain, envelope, due, .. } => {
            let to = count(envelope.to.len(), "recipient");
            format!("queue: the letter waits for {domain} ({to}), first attempt at {due}")
        }
        Event::QueueAttempt { attempt, .. } => format!("queue: attempt {attempt} begins"),
        Event::QueueDefer { reason, next, .. } => format!("queue: deferred, next attempt at {next}: {reason}"),
        Event::Converted { letter, .. } => {
            let bytes = letter.bytes.len();
            let what = if letter.bytes.is_ascii() { "seven bits" } else { "lines of text" };
            format!("queue: the next server takes no such bytes, the letter is encoded anew as {what} ({bytes} bytes)")
        }
        Event::QueueLeave { left, reason, .. } => match left {
            Left::Delivered => format!("queue: the letter leaves, delivered: {reason}"),
            Left::Stored => "queue: the letter leaves, into a mailbox here".to_string(),
            Left::Bounced => format!("queue: the letter leaves, its sender is told: {reason}"),
            Left::Discarded => format!("queue: the letter leaves; its sender is <>, nobody is told: {reason}"),
        },
        Event::Expanded { address, by: Expansion::Forward, envelope, .. } => {
            format!("{address} is forwarded: the letter goes on to {}", named(&envelope.to))
        }
        Event::Expanded { address, by: Expansion::List, envelope, letter } => {
            let (members, bytes) = (count(envelope.to.len(), "member"), letter.bytes.len());
            format!("the list {address} sends the letter ({bytes} bytes) to {members}, from {}", envelope.from)
        }
        Event::DsnCreate { to, fate: Fate::Failed, .. } => format!("writes a bounce to {to}"),
        Event::DsnCreate { to, fate, failed, .. } => {
            format!("writes a report to {to}: {} for {}", fate.name(), named(failed))
        }
        Event::MailboxStore { user, folder, uid, .. } => {
            format!("mailbox of {user}: {folder} has a new letter, UID {uid}")
        }
        Event::MailboxFlag { user, folder, uid, flags } => {
            format!("mailbox of {user}: {folder} UID {uid} has flags ({})", flags.join(" "))
        }
        Event::MailboxExpunge { user, folder, uid, number } => {
            format!("mailbox of {user}: {folder} UID {uid} (number {number}) is removed")
        }
        Event::MailboxMove { user, folder, uid, to, new_uid } => {
            format!("mailbox of {user}: {folder} UID {uid} has moved, and is UID {new_uid} of {to}")
        }
        Event::FolderRename { user, folder, to } => format!("mailbox of {user}: folder {folder} is called {to} now"),
        Event::FolderCreate { user, folder } => format!("mailbox of {user}: new folder {folder}"),
        Event::FolderDelete { user, folder } => format!("mailbox of {user}: folder {folder} is removed"),
        Event::CopyChange { user, folder, uid, change } => {
            format!("copy of {folder} of {user}, without a connection: UID {uid} {change}")
        }
        Event::CopySync { user, folder, letters, outcome, .. } => {
            let dropped = if outcome.dropped { ", thrown away first: UIDVALIDITY had changed" } else { "" };
            let replayed = outcome.replayed;
            format!("copy of {folder} of {user}: {letters} letters, {replayed} changes told to the server{dropped}")
        }
        Event::Read { user, screen, .. } => {
            let line = screen.text.lines().next().unwrap_or_default();
            format!("{user} reads \"{}\": {line}", screen.subject)
        }
        Event::DiskStore { user, letter } => {
            format!("{user}'s mail program puts the letter on its disk ({} bytes)", letter.bytes.len())
        }
        Event::LetterSent { .. } => return None,
    };
    Some((Style::Mail, text))
}
