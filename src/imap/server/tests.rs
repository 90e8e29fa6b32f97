//! The server alone, with a host that has three letters and never changes. Dialogues with a real store are
//! tested where the store is.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::engine::{Engine, Input, Output, Way};
use crate::imap::{Flag, Flags};
use crate::time::{Duration, Instant};

const LETTER: &[u8] = b"From: a@a.example\r\nSubject: x\r\n\r\nhello\r\n";

fn answer(request: Request) -> Answer {
    let message = |uid: u32, newly_seen| Message {
        uid,
        flags: [Flag::Seen].into_iter().collect(),
        newly_seen,
        internal_date: 0,
        content: uid,
        letter: LETTER.into(),
    };
    match request {
        Request::Login { password, .. } => Answer::Login(password == "x"),
        Request::Folders | Request::Subscribed => Answer::Folders(vec!["INBOX".into(), "a b".into()]),
        Request::Status { .. } => {
            Answer::Status(Some(FolderStatus { uid_next: 1, uid_validity: 1, ..Default::default() }))
        }
        Request::Create { .. } | Request::Delete { .. } | Request::Rename { .. } | Request::Subscribe { .. } => {
            Answer::Done(Ok(()))
        }
        Request::Append { .. } => Answer::Placed(Ok(Placed { uid_validity: 1, from: Vec::new(), to: vec![40] })),
        Request::Copy { uids, .. } => Answer::Placed(Ok(Placed { uid_validity: 2, to: uids.clone(), from: uids })),
        Request::Open { .. } => Answer::Opened(Some(Opened {
            uid_next: 40,
            uid_validity: 1,
            first_unseen: Some(10),
            keywords: Vec::new(),
            messages: [10, 20, 30].map(|uid| Listed { uid, recent: false }).to_vec(),
        })),
        Request::Close { .. } => Answer::Closed,
        Request::Changes => Answer::Changes(Some(Changes::default())),
        Request::Messages { uids, mark_seen } => {
            Answer::Messages(uids.into_iter().map(|uid| message(uid, mark_seen)).collect())
        }
        Request::Flag { uids, flags, .. } => Answer::Flagged(uids.into_iter().map(|u| (u, flags.clone())).collect()),
        Request::Expunge { .. } => Answer::Expunged(vec![20]),
    }
}

struct Wire {
    server: Server,
    writes: Vec<String>,
    events: Vec<Event>,
    closed: bool,
    aborted: bool,
    wait: Option<Instant>,
}

impl Wire {
    fn new(config: Config) -> Self {
        let server = Server::new(Arc::new(config));
        let (writes, events) = (Vec::new(), Vec::new());
        let mut wire = Wire { server, writes, events, closed: false, aborted: false, wait: None };
        wire.input(Instant::ZERO, Input::Connected);
        wire
    }

    fn granted() -> Self {
        let mut wire = Wire::new(Config::default());
        wire.input(Instant::ZERO, Input::Writable(usize::MAX));
        wire.writes.clear();
        wire
    }

    fn selected() -> Self {
        let mut wire = Wire::granted();
        wire.say("x LOGIN a x\r\nx SELECT INBOX\r\n");
        wire.writes.clear();
        wire
    }

    fn input(&mut self, now: Instant, input: Input<'_, Answer>) {
        self.server.handle_input(now, input);
        loop {
            match self.server.poll_output() {
                Output::StartTls => self.writes.push("(TLS)".into()),
                Output::TransmitPart(_) => panic!("only letters in SMTP are lent"),
                Output::Transmit(bytes) => self.writes.push(String::from_utf8_lossy(&bytes).into_owned()),
                Output::Ask(id, request) => {
                    self.server.handle_input(now, Input::Answer(id, answer(request)));
                }
                Output::Event(event) => self.events.push(event),
                Output::Close => self.closed = true,
                Output::Abort => self.aborted = true,
                Output::Wait(at) => {
                    self.wait = at;
                    return;
                }
            }
        }
    }

    fn say(&mut self, text: &str) -> Vec<String> {
        self.input(Instant::ZERO, Input::Bytes(text.as_bytes()));
        std::mem::take(&mut self.writes)
    }
}

#[test]
fn commands_in_one_read_are_answered_in_order_with_one_write_each() {
    let mut wire = Wire::selected();
    let writes = wire.say("a FETCH 1:2 (UID BODY.PEEK[TEXT])\r\nb NOOP\r\nc EXPUNGE\r\n");
    assert_eq!(
        writes,
        [
            "* 1 FETCH (UID 10 BODY[TEXT] {7}\r\nhello\r\n)\r\n* 2 FETCH (UID 20 BODY[TEXT] {7}\r\nhello\r\n)\r\n\
         a OK FETCH completed\r\n",
            "b OK NOOP completed\r\n",
            "* 2 EXPUNGE\r\nc OK EXPUNGE completed\r\n",
        ]
    );
}

#[test]
fn nothing_goes_out_beyond_the_grant_and_the_next_command_waits_for_it() {
    let mut wire = Wire::new(Config::default());
    assert!(wire.writes.is_empty());
    let greeting = "* OK mail.a.example IMAP4rev1 service ready\r\n";
    wire.input(Instant::ZERO, Input::Bytes(b"a CAPABILITY\r\nb LOGOUT\r\n"));
    wire.input(Instant::ZERO, Input::Writable(greeting.len() + 5));
    assert_eq!(wire.writes, [greeting, "* CAP"]);
    assert_eq!(wire.server.state(), crate::imap::State::NotAuthenticated);
    wire.input(Instant::ZERO, Input::Writable(1000));
    assert_eq!(wire.writes[2], "ABILITY IMAP4rev1 LITERAL+\r\na OK CAPABILITY completed\r\n");
    assert_eq!(wire.writes[3], "* BYE IMAP4rev1 server logging out\r\nb OK LOGOUT completed\r\n");
    assert!(wire.closed);
}

#[test]
fn a_late_answer_holds_the_response_back_as_a_whole() {
    let mut wire = Wire::selected();
    wire.server.handle_input(Instant::ZERO, Input::Bytes(b"a FETCH 1 FLAGS\r\nb NOOP\r\n"));
    let mut asked = 0;
    loop {
        match wire.server.poll_output() {
            Output::StartTls => panic!("nobody has TLS here"),
            Output::Ask(id, request) => {
                asked += 1;
                assert!(matches!(wire.server.poll_output(), Output::Wait(_)));
                // An answer to another question is no answer.
                let wrong = crate::engine::RequestId(id.0.wrapping_sub(1));
                wire.server.handle_input(Instant::ZERO, Input::Answer(wrong, Answer::Closed));
                assert!(matches!(wire.server.poll_output(), Output::Wait(_)));
                wire.server.handle_input(Instant::ZERO, Input::Answer(id, answer(request)));
            }
            Output::Transmit(bytes) => wire.writes.push(String::from_utf8(bytes).unwrap()),
            Output::Wait(_) => break,
            _ => {}
        }
    }
    assert_eq!(asked, 3);
    assert_eq!(wire.writes, ["* 1 FETCH (FLAGS (\\Seen))\r\na OK FETCH completed\r\n", "b OK NOOP completed\r\n"]);
}

#[test]
fn the_command_lines_are_told_with_verb_and_place() {
    let mut wire = Wire::selected();
    wire.events.clear();
    wire.say("a append \"a b\" {3}\r\nabc\r\nb uid fetch 10 flags\r\n");
    let lines: Vec<_> = wire
        .events
        .iter()
        .filter_map(|e| if let Event::Line(l) = e { Some((l.way, l.text.as_str(), l.verb.as_deref())) } else { None })
        .collect();
    let (got, sent) = (Way::Received, Way::Sent);
    assert_eq!(
        lines,
        [
            (got, "a append \"a b\" {3}", Some("APPEND")),
            (sent, "+ Ready for additional command text", None),
            (got, "", None),
            (sent, "a OK APPEND completed", None),
            (got, "b uid fetch 10 flags", Some("UID FETCH")),
            (sent, "* 1 FETCH (UID 10 FLAGS (\\Seen))", None),
            (sent, "b OK UID FETCH completed", None),
        ]
    );
}

#[test]
fn a_silent_client_is_logged_out_after_half_an_hour() {
    let mut wire = Wire::granted();
    let later = Instant::from_secs(60);
    wire.input(later, Input::Bytes(b"a NOOP\r\n"));
    let due = later + Duration::from_secs(1800);
    assert_eq!(wire.wait, Some(due));
    wire.writes.clear();
    wire.input(Instant::from_secs(1000), Input::Timeout);
    assert!(wire.writes.is_empty());
    wire.input(due, Input::Timeout);
    assert_eq!(wire.writes, ["* BYE Autologout; idle for too long\r\n"]);
    assert!(wire.closed);
    assert_eq!(wire.wait, None);
    assert_eq!(wire.events.last(), Some(&Event::Ended(Ending::Autologout)));
}

#[test]
fn a_client_that_closes_gets_its_last_answers() {
    let mut wire = Wire::granted();
    wire.server.handle_input(Instant::ZERO, Input::Bytes(b"a LOGIN a x\r\nb NOOP\r\nc NO"));
    wire.input(Instant::ZERO, Input::PeerClosed);
    assert_eq!(wire.writes, ["a OK LOGIN completed\r\n", "b OK NOOP completed\r\n"]);
    assert!(wire.closed);
    assert_eq!(wire.events.last(), Some(&Event::Ended(Ending::PeerClosed)));
    let mut wire = Wire::selected();
    wire.input(Instant::ZERO, Input::Reset);
    assert_eq!(wire.events.last(), Some(&Event::Ended(Ending::Reset)));
    assert!(!wire.closed);
    assert!(wire.say("a NOOP\r\n").is_empty());
}

#[test]
fn a_client_that_floods_while_it_does_not_read_is_cut_off() {
    let config = Config { literal_limit: 1000, ..Config::default() };
    let mut wire = Wire::new(config);
    for _ in 0..10_000 {
        wire.input(Instant::ZERO, Input::Bytes(b"a CAPABILITY\r\n"));
    }
    assert!(wire.aborted);
    assert_eq!(wire.events.last(), Some(&Event::Ended(Ending::Flooded)));
}

#[test]
fn only_a_letter_may_be_larger_than_a_line() {
    let refused = |tag: &str| [format!("{tag} NO [TOOBIG] literals of more than 8192 octets are not taken\r\n")];
    let mut wire = Wire::granted();
    wire.writes.clear();
    assert_eq!(wire.say("a LOGIN {8193}\r\n"), refused("a"));
    // Two of them count together.
    assert_eq!(wire.say("b LOGIN {5000+}\r\n"), [""; 0]);
    assert_eq!(wire.say(&format!("{} {{5000}}\r\n", "x".repeat(5000))), refused("b"));
    let mut wire = Wire::selected();
    assert_eq!(wire.say("c SELECT {8193}\r\n"), refused("c"));
    assert_eq!(wire.say("d APPEND INBOX {8193}\r\n"), ["+ Ready for additional command text\r\n"]);
}

/// Pieces from which dialogues are put together: more of them are nearly right than random bytes ever are.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "a ",
        "b1 ",
        "LOGIN ",
        "SELECT ",
        "EXAMINE ",
        "INBOX",
        "FETCH ",
        "UID ",
        "STORE ",
        "SEARCH ",
        "COPY ",
        "APPEND ",
        "STATUS ",
        "LIST ",
        "LSUB ",
        "CREATE ",
        "EXPUNGE",
        "CLOSE",
        "NOOP",
        "LOGIN a x\r\n",
        "a SELECT INBOX\r\n",
        "1:* ",
        "1,3 ",
        "* ",
        "4294967295",
        "(",
        ")",
        "FULL",
        "BODY[",
        "]",
        "HEADER",
        "HEADER.FIELDS (a \"b\")",
        "<0.5>",
        "TEXT",
        "1.2",
        "MIME",
        "FLAGS ",
        "+FLAGS.SILENT ",
        "\\Seen",
        "\\",
        "\"",
        "{3}",
        "{3+}",
        "{0+}",
        "{99999999}",
        "~{3}",
        "\r\n",
        "\r\n",
        "\r\n",
        "\n",
        "\r",
        " ",
        "NOT ",
        "OR ",
        "ALL",
        "UNSEEN",
        "SUBJECT ",
        "x",
        "BEFORE 1-Jan-2025 ",
        "CHARSET ",
        "UTF-8 ",
        "\"17-Jul-1996 02:44:25 -0700\" ",
        "MESSAGES",
        "%",
        "+",
        "{",
        "}",
        "[",
        "\0",
        "abc",
        "ENVELOPE",
        "BODYSTRUCTURE",
        "INTERNALDATE",
        "AUTHENTICATE PLAIN",
        "RENAME a b",
        "ID NIL",
        "IDLE",
        "DONE",
    ];
    prop_oneof![
        20 => prop::sample::select(words.to_vec()).prop_map(|w| w.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic_or_grow_and_no_cut_changes_its_answers(
        pieces in prop::collection::vec(piece(), 0..80),
        login in any::<bool>(),
        cut in 1usize..20,
    ) {
        let mut text = if login { b"x LOGIN a x\r\nx SELECT INBOX\r\n".to_vec() } else { Vec::new() };
        pieces.iter().for_each(|p| text.extend_from_slice(p));
        let config = Config { line_limit: 200, literal_limit: 50, ..Config::default() };
        let run = |cut: usize, grant: usize| {
            let mut wire = Wire::new(config.clone());
            wire.input(Instant::ZERO, Input::Writable(grant));
            for bytes in text.chunks(cut) {
                wire.input(Instant::ZERO, Input::Bytes(bytes));
                // With room for every answer, what is held is less than one command as long as it may be.
                assert!(grant < 1 << 40 || wire.server.held() <= 200 + 50);
                wire.input(Instant::ZERO, Input::Writable(grant));
            }
            // What is still to be sent.
            for _ in 0..100_000 / grant {
                wire.input(Instant::ZERO, Input::Writable(grant));
            }
            wire
        };
        let (whole, cut) = (run(usize::MAX, 1 << 40), run(cut, 1000));
        prop_assert_eq!(whole.writes.concat(), cut.writes.concat());
        prop_assert_eq!(&whole.events, &cut.events);
        let sent: String = whole.writes.concat();
        for event in &whole.events {
            if let Event::Line(line) = event && line.way == Way::Sent {
                let bytes = sent.as_bytes().get(line.range.start as usize..line.range.end as usize).unwrap();
                let told = format!("{}\r\n", line.text);
                prop_assert_eq!(bytes, told.as_bytes());
            }
        }
    }
}

#[test]
fn keywords_come_back_as_they_were_given() {
    let mut wire = Wire::selected();
    let flags = Flags::parse(&["$Junk", "\\Draft"]).unwrap();
    assert_eq!(flags.names(), ["\\Draft", "$Junk"]);
    assert_eq!(
        wire.say("a UID STORE 10 FLAGS ($Junk \\Draft)\r\n"),
        ["* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Junk)\r\n\
          * 1 FETCH (UID 10 FLAGS (\\Draft $Junk))\r\na OK UID STORE completed\r\n"]
    );
}

#[test]
fn login_waits_for_tls_and_what_stands_behind_starttls_is_thrown_away() {
    let mut wire = Wire::new(Config { starttls: true, ..Config::default() });
    wire.input(Instant::ZERO, Input::Writable(usize::MAX));
    wire.writes.clear();
    assert_eq!(
        wire.say("a CAPABILITY\r\n"),
        ["* CAPABILITY IMAP4rev1 LITERAL+ STARTTLS LOGINDISABLED\r\na OK CAPABILITY completed\r\n"]
    );
    assert_eq!(wire.say("b LOGIN a x\r\n"), ["b NO LOGIN is disabled here without TLS: STARTTLS first\r\n"]);
    // Somebody on the way has put a command behind the client's.
    assert_eq!(wire.say("c STARTTLS\r\nd LOGOUT\r\n"), ["c OK Begin TLS negotiation now\r\n", "(TLS)"]);
    assert_eq!(wire.say("e LOGOUT\r\n"), [""; 0], "in the open, nothing is read any more");
    let info = crate::engine::TlsInfo { version: "TLS 1.3", suite: String::new(), server_name: None };
    wire.input(Instant::ZERO, Input::Secured(info));
    assert_eq!(wire.say("f CAPABILITY\r\n"), ["* CAPABILITY IMAP4rev1 LITERAL+\r\nf OK CAPABILITY completed\r\n"]);
    assert_eq!(wire.say("g STARTTLS\r\n"), ["g BAD TLS is active already\r\n"]);
    assert_eq!(wire.say("h LOGIN a x\r\n"), ["h OK LOGIN completed\r\n"]);
}
