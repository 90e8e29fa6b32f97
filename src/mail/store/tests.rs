//! Server, store and client together: dialogues as they stand on the wire.

mod dialogue;
mod extended;
mod folders;
mod idle;
mod rules;
mod maildrop;
mod sessions;
mod transcript;
mod whole;

use std::sync::Arc;

use super::*;
use crate::engine::{Engine, Input, Output, Way};
use crate::imap::server::{Config, Event as Told, Refusal, Server};
use crate::mail::{ContentId, Made};
use crate::time::Instant;
use crate::topology::ConnId;

/// 3 March 2025, 09:00 UTC.
pub(super) const NOW: i64 = 1_740_992_400;

pub(super) fn letter(id: u32, text: &str) -> Letter {
    let bytes: Arc<[u8]> = text.replace('\n', "\r\n").into_bytes().into();
    Letter {
        content: ContentId(id),
        bytes: bytes.into(),
        message_id: format!("{id}@a.example").into(),
        made: Made::Preloaded,
    }
}

/// A server's host with any number of connections.
pub(super) struct Host {
    pub store: Store,
    pub ids: u32,
    pub events: Vec<Event>,
    pub lines: Vec<Line>,
    /// What is said comes in pieces of so many bytes.
    pub cut: usize,
}

pub(super) struct Line {
    pub server: Server,
    pub session: Session,
    /// All bytes of each direction.
    pub sent: Vec<u8>,
    pub received: Vec<u8>,
    pub told: Vec<Told>,
    pub writes: usize,
    pub closed: bool,
}

impl Host {
    pub fn new(config: Config) -> Self {
        let user = |name: &str| User { name: name.to_string(), password: "secret".to_string(), ..User::default() };
        let store = Store::new(&[user("alice"), user("bob")]);
        let mut host = Host { store, ids: 100, events: Vec::new(), lines: Vec::new(), cut: usize::MAX };
        host.connect(config);
        host
    }

    /// Alice's INBOX holds `n` letters, numbered from 1; her session is logged in and has it open.
    pub fn with_letters(n: u32) -> Self {
        Host::with_letters_and(n, Config::default())
    }

    /// As [`Host::with_letters`], with settings.
    pub fn with_letters_and(n: u32, config: Config) -> Self {
        let mut host = Host::new(config);
        for k in 1..=n {
            host.deliver(&format!("From: bob@b.example\nSubject: letter {k}\n\nbody {k}\n"));
        }
        host.say(0, "x LOGIN alice secret\r\n");
        host.say(0, "x SELECT INBOX\r\n");
        host
    }

    pub fn deliver(&mut self, text: &str) -> u32 {
        let letter = letter(self.ids, text);
        self.ids += 1;
        let events = Some(&mut self.events);
        self.store.deliver("alice", "INBOX", letter, Flags::new(), NOW, events).expect("alice has an INBOX")
    }

    pub fn connect(&mut self, config: Config) -> usize {
        let conn = self.lines.len();
        let mut server = Server::new(Arc::new(config));
        server.handle_input(Instant::ZERO, Input::Connected);
        server.handle_input(Instant::ZERO, Input::Writable(usize::MAX));
        let session = Session::new(ConnId(conn as u32));
        self.lines.push(Line {
            server,
            session,
            sent: Vec::new(),
            received: Vec::new(),
            told: Vec::new(),
            writes: 0,
            closed: false,
        });
        self.run(conn);
        conn
    }

    /// Gives the bytes to the server and takes what it writes.
    pub fn feed(&mut self, conn: usize, bytes: &[u8]) -> String {
        let line = &mut self.lines[conn];
        line.received.extend_from_slice(bytes);
        line.server.handle_input(Instant::ZERO, Input::Bytes(bytes));
        self.run(conn)
    }

    pub fn say(&mut self, conn: usize, text: &str) -> String {
        text.as_bytes().chunks(self.cut).map(|piece| self.feed(conn, piece)).collect::<Vec<_>>().concat()
    }

    /// The mailboxes have changed: what the server says to that by itself.
    pub fn look(&mut self, conn: usize) -> String {
        self.lines[conn].server.look();
        self.run(conn)
    }

    pub fn run(&mut self, conn: usize) -> String {
        let Host { store, ids, events, lines, .. } = self;
        let line = &mut lines[conn];
        let start = line.sent.len();
        loop {
            match line.server.poll_output() {
                Output::StartTls => panic!("nobody has TLS here"),
                Output::TransmitPart(_) => panic!("only letters in SMTP are lent"),
                Output::Transmit(bytes) => {
                    line.sent.extend_from_slice(&bytes);
                    line.writes += 1;
                }
                Output::Ask(id, request) => {
                    let mut around = Surroundings { now: NOW, ids, events: Some(events) };
                    let answer = store.answer(&mut line.session, request, &mut around);
                    line.server.handle_input(Instant::ZERO, Input::Answer(id, answer));
                }
                Output::Event(event) => line.told.push(event),
                Output::Close | Output::Abort => line.closed = true,
                Output::Wait(_) => break,
            }
        }
        String::from_utf8_lossy(&line.sent[start..]).into_owned()
    }

    /// A dialogue as the RFC prints it: `C: ` lines are said, what comes must be the `S: ` lines behind them.
    pub fn dialogue(&mut self, conn: usize, text: &str) {
        let (mut said, mut due) = (String::new(), String::new());
        let lines: Vec<&str> = text.trim().lines().map(str::trim_start).collect();
        for (at, line) in lines.iter().enumerate() {
            if let Some(words) = line.strip_prefix("C:") {
                said += &format!("{}\r\n", words.strip_prefix(' ').unwrap_or(words));
            } else if let Some(words) = line.strip_prefix("S:") {
                due += &format!("{}\r\n", words.strip_prefix(' ').unwrap_or(words));
            } else {
                panic!("neither C: nor S: {line}");
            }
            if !due.is_empty() && lines.get(at + 1).is_none_or(|next| next.starts_with("C:")) {
                assert_eq!(self.say(conn, &said), due, "after {said}");
                said.clear();
                due.clear();
            }
        }
    }
}

/// Whole, and in pieces that end at every place of a text somewhere.
pub(super) fn cuts() -> impl Iterator<Item = usize> {
    [usize::MAX].into_iter().chain(1..120)
}

/// Every line that was told has exactly its bytes in the stream.
pub(super) fn check_lines(line: &Line) {
    for told in &line.told {
        let Told::Line(one) = told else { continue };
        let stream = if one.way == Way::Sent { &line.sent } else { &line.received };
        let bytes = &stream[one.range.start as usize..one.range.end as usize];
        assert_eq!(String::from_utf8_lossy(bytes), format!("{}\r\n", one.text));
    }
}

#[test]
fn a_clone_shares_letters_and_folders_until_they_change() {
    let mut host = Host::with_letters(3);
    let before = host.store.clone();
    assert!(std::ptr::eq(before.messages("alice", "INBOX"), host.store.messages("alice", "inbox")));
    host.deliver("Subject: new\n\n");
    assert_eq!(before.messages("alice", "INBOX").len(), 3);
    assert_eq!(host.store.messages("alice", "INBOX").len(), 4);
    let (old, new) = (&before.messages("alice", "INBOX")[0], &host.store.messages("alice", "INBOX")[0]);
    assert!(Arc::ptr_eq(&old.letter, &new.letter));
}

#[test]
fn a_delivery_is_told_and_unknown_places_take_nothing() {
    let mut store = Store::new(&[User { name: "bob".into(), password: "x".into(), ..User::default() }]);
    let mut events = Vec::new();
    let mail = letter(7, "Subject: a\n\n");
    let uid = store.deliver("bob", "inbox", mail.clone(), Flags::new(), NOW, Some(&mut events));
    assert_eq!(uid, Some(1));
    let (user, folder, flags) = ("bob".to_string(), "INBOX".to_string(), vec![]);
    assert_eq!(events, [Event::MailboxStore { user, folder, uid: 1, flags, letter: mail.clone().into() }]);
    assert_eq!(store.deliver("eve", "INBOX", mail.clone(), Flags::new(), NOW, None), None);
    assert_eq!(store.deliver("bob", "Other", mail.clone(), Flags::new(), NOW, None), None);
    assert_eq!(store.preload("bob", "INBOX", Some(101), mail.clone(), NOW, None), Some(101));
    assert_eq!(store.preload("bob", "INBOX", Some(101), mail, NOW, None), None);
}

#[test]
fn folders_are_made_with_those_above_and_inbox_stays() {
    let mut store = Store::new(&[User { name: "bob".into(), password: "x".into(), ..User::default() }]);
    let mut events = Vec::new();
    assert_eq!(store.create("bob", "work/2025/", Some(&mut events)), Ok(()));
    assert_eq!(store.folders("bob").collect::<Vec<_>>(), ["INBOX", "work", "work/2025"]);
    let made = |folder: &str| Event::FolderCreate { user: "bob".into(), folder: folder.into() };
    assert_eq!(events, [made("work"), made("work/2025")]);
    assert_eq!(store.create("bob", "inbox", None), Err(Refusal::Exists));
    for name in ["", "/", "a//b", "a*", "a%", "a\u{7f}"] {
        assert_eq!(store.create("bob", name, None), Err(Refusal::BadName), "{name:?}");
    }
    assert_eq!(store.delete("bob", "InBox", None), Err(Refusal::Inbox));
    // The letters go, the name stays as long as there are some below it.
    assert_eq!(store.delete("bob", "work", None), Ok(()));
    assert_eq!(store.delete("bob", "work", None), Err(Refusal::HasChildren));
    assert_eq!(store.folders("bob").collect::<Vec<_>>(), ["INBOX", "work/2025"]);
    assert_eq!(store.delete("bob", "none", None), Err(Refusal::NoSuchFolder));
    let first = store.status("bob", "work/2025").unwrap().uid_validity;
    assert_eq!(store.delete("bob", "work/2025", None), Ok(()));
    assert_eq!(store.create("bob", "work/2025", None), Ok(()));
    assert!(store.status("bob", "work/2025").unwrap().uid_validity > first);
}
