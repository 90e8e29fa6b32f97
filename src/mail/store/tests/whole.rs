//! Client and server with the store between them, in every cut of the bytes and every size of the grants.

use proptest::prelude::*;

use super::*;
use crate::engine::Detail;
use crate::imap::client::{self, Client, ClientCommand as Do, Data, Ending, Status};
use crate::tail::Tail;

/// What both ends told, and the bytes of both directions.
struct Outcome {
    client: Vec<client::Event>,
    server: Vec<Told>,
    up: Vec<u8>,
    down: Vec<u8>,
    host: Host,
}

/// Runs a client against the server; `cut` bytes at a time, `grant` bytes of room after each.
fn run(mut host: Host, commands: Vec<Do>, detail: Detail, cut: usize, grant: usize) -> Outcome {
    let config = client::Config { detail, ..client::Config::default() };
    let mut client = Client::new(Arc::new(config), commands);
    let mut server = Server::new(Arc::new(Config { detail, ..Config::default() }));
    let mut session = Session::new(ConnId(9));
    let now = Instant::ZERO;
    let (mut up, mut down) = (Vec::new(), Vec::new());
    let (mut up_done, mut down_done) = (0, 0);
    let (mut told, mut tells) = (Vec::new(), Vec::new());
    client.handle_input(now, Input::Connected);
    server.handle_input(now, Input::Connected);
    for _ in 0..1_000_000 {
        let mut moved = false;
        client.handle_input(now, Input::Writable(grant));
        loop {
            match client.poll_output() {
                Output::StartTls => panic!("nobody has TLS here"),
                Output::TransmitPart(_) => panic!("only letters in SMTP are lent"),
                Output::Transmit(bytes) => {
                    moved = true;
                    up.extend_from_slice(&bytes);
                }
                Output::Event(event) => told.push(event),
                Output::Close | Output::Abort => moved = true,
                Output::Ask(_, never) => match never {},
                Output::Wait(_) => break,
            }
        }
        let n = cut.min(up.len() - up_done);
        if n > 0 {
            moved = true;
            server.handle_input(now, Input::Bytes(&up[up_done..up_done + n]));
            up_done += n;
        }
        server.handle_input(now, Input::Writable(grant));
        let mut closes = false;
        loop {
            match server.poll_output() {
                Output::StartTls => panic!("nobody has TLS here"),
                Output::TransmitPart(_) => panic!("only letters in SMTP are lent"),
                Output::Transmit(bytes) => {
                    moved = true;
                    down.extend_from_slice(&bytes);
                }
                Output::Ask(id, request) => {
                    let Host { store, ids, events, .. } = &mut host;
                    let mut around = Surroundings { now: NOW, ids, events: Some(events) };
                    let answer = store.answer(&mut session, request, &mut around);
                    server.handle_input(now, Input::Answer(id, answer));
                }
                Output::Event(event) => tells.push(event),
                Output::Close | Output::Abort => closes = true,
                Output::Wait(_) => break,
            }
        }
        let n = cut.min(down.len() - down_done);
        if n > 0 {
            moved = true;
            client.handle_input(now, Input::Bytes(&down[down_done..down_done + n]));
            down_done += n;
        }
        if closes {
            while down_done < down.len() {
                let n = cut.min(down.len() - down_done);
                client.handle_input(now, Input::Bytes(&down[down_done..down_done + n]));
                down_done += n;
            }
            client.handle_input(now, Input::PeerClosed);
            moved = true;
        }
        if !moved {
            return Outcome { client: told, server: tells, up, down, host };
        }
    }
    panic!("no end in sight");
}

fn login() -> Do {
    Do::Login { user: "alice".into(), password: "secret".into() }
}

fn fetch(set: &str, items: &str, uid: bool) -> Do {
    Do::Fetch { set: set.into(), items: items.into(), uid }
}

/// The first letter that came.
fn letter_of(outcome: &Outcome) -> Option<Vec<u8>> {
    outcome.client.iter().find_map(|e| match e {
        client::Event::Letter { bytes, .. } => Some(bytes.to_vec()),
        _ => None,
    })
}

fn everything() -> Vec<Do> {
    vec![
        Do::Capability,
        login(),
        Do::List(String::new(), "*".into()),
        Do::Create("Kept".into()),
        Do::Status("INBOX".into()),
        Do::Append {
            mailbox: "INBOX".into(),
            flags: vec!["\\Flagged".into()],
            message: b"Subject: mine\r\n\r\n.x\r\n".to_vec(),
        },
        Do::Select("INBOX".into()),
        Do::Search { key: "UNSEEN".into(), uid: true },
        fetch("1:*", "(UID FLAGS RFC822.SIZE ENVELOPE BODY[])", false),
        fetch("1", "(BODY.PEEK[HEADER.FIELDS (from subject)] BODY.PEEK[TEXT]<2.3>)", true),
        fetch("2", "RFC822", true),
        Do::Store { set: "1".into(), action: "+FLAGS".into(), flags: vec!["\\Deleted".into()], uid: false },
        Do::Copy { set: "1:2".into(), mailbox: "Kept".into(), uid: false },
        Do::Expunge,
        Do::Noop,
        Do::Close,
        Do::Examine("Kept".into()),
        Do::Delete("Nothing".into()),
        Do::Logout,
    ]
}

/// Each byte that a map speaks of is that byte.
fn check_maps(outcome: &Outcome) {
    let mut letters = 0;
    for event in &outcome.server {
        match event {
            Told::Sent { range, letter, map, .. } => {
                for at in range.clone() {
                    if let Some(from) = map.source_of(at) {
                        assert_eq!(outcome.down[at as usize], letter[from as usize]);
                    }
                }
                letters += 1;
            }
            Told::Line(line) => check_line(line, if line.way == Way::Sent { &outcome.down } else { &outcome.up }),
            _ => {}
        }
    }
    for event in &outcome.client {
        match event {
            client::Event::Letter { range, map, bytes, .. } => {
                assert_eq!(&outcome.down[range.start as usize..range.end as usize], &bytes[..]);
                assert_eq!(map.pieces().len(), 1);
                for at in 0..bytes.len() as u64 {
                    assert_eq!(map.source_of(at), Some(range.start + at));
                }
            }
            client::Event::Line(line) => {
                check_line(line, if line.way == Way::Sent { &outcome.up } else { &outcome.down });
            }
            _ => {}
        }
    }
    assert!(letters > 0);
}

fn check_line(line: &crate::engine::Line, stream: &[u8]) {
    let bytes = &stream[line.range.start as usize..line.range.end as usize];
    assert_eq!(String::from_utf8_lossy(bytes), format!("{}\r\n", line.text));
}

fn two_letters() -> Host {
    let mut host = Host::new(Config::default());
    host.deliver("From: bob@b.example\nSubject: one\n\nfirst {5}\n");
    host.deliver("From: bob@b.example\nSubject: \u{e4}\n\n)\n");
    host
}

#[test]
fn a_mail_program_goes_through_every_command() {
    let outcome = run(two_letters(), everything(), Detail::Everything, usize::MAX, usize::MAX >> 1);
    let completed: Vec<(&str, Status)> = outcome
        .client
        .iter()
        .filter_map(
            |e| if let client::Event::Completed { verb, status, .. } = e { Some((*verb, *status)) } else { None },
        )
        .collect();
    assert_eq!(completed.len(), 19);
    for (verb, status) in completed {
        assert_eq!(status, if verb == "DELETE" { Status::No } else { Status::Ok }, "{verb}");
    }
    assert_eq!(outcome.client.last(), Some(&client::Event::Ended(Ending::Logout)));
    assert!(matches!(outcome.server.last(), Some(Told::Ended(crate::imap::server::Ending::Logout))));
    check_maps(&outcome);
    let data: Vec<&Data> = outcome
        .client
        .iter()
        .filter_map(|e| if let client::Event::Data(data) = e { Some(&**data) } else { None })
        .collect();
    assert!(data.contains(&&Data::Search(vec![1, 2, 3])));
    assert!(data.contains(&&Data::Exists(3)));
    let envelopes: Vec<_> =
        data.iter().filter_map(|d| if let Data::Fetch(f) = d { f.envelope.as_ref() } else { None }).collect();
    assert_eq!(envelopes[0].from, ["bob@b.example"]);
    assert_eq!(envelopes[1].subject, "\u{e4}");
    let sections: Vec<_> =
        data.iter().filter_map(|d| if let Data::Fetch(f) = d { Some(&f.sections) } else { None }).collect();
    assert!(sections.iter().any(|s| s.len() == 2 && s[1].name == "BODY[TEXT]" && &*s[1].bytes == b"rst"));
    // Three by 1:*, one by RFC822.
    let letters = outcome.client.iter().filter(|e| matches!(e, client::Event::Letter { .. })).count();
    assert_eq!(letters, 4);
    assert_eq!(outcome.host.store.messages("alice", "Kept").len(), 2);
}

#[test]
fn cut_byte_by_byte_both_ends_tell_the_same() {
    let whole = run(two_letters(), everything(), Detail::Everything, usize::MAX, usize::MAX >> 1);
    for (cut, grant) in [(1, 1), (1, 1000), (7, 3), (1000, 1)] {
        let cut = run(two_letters(), everything(), Detail::Everything, cut, grant);
        assert_eq!(cut.up, whole.up);
        assert_eq!(cut.down, whole.down);
        assert_eq!(cut.server, whole.server);
        assert_eq!(cut.client, whole.client);
    }
}

#[test]
fn outcomes_alone_have_no_lines_states_and_maps() {
    let outcome = run(two_letters(), everything(), Detail::Outcomes, usize::MAX, usize::MAX >> 1);
    assert!(outcome.server.iter().all(|e| matches!(e, Told::Ended(_))));
    for event in &outcome.client {
        assert!(!matches!(event, client::Event::Line(_) | client::Event::State { .. }));
        if let client::Event::Letter { map, .. } = event {
            assert!(map.pieces().is_empty());
        }
    }
}

#[test]
fn after_a_failed_login_only_the_logout_is_sent() {
    let login = Do::Login { user: "alice".into(), password: "wrong".into() };
    let list = vec![login, Do::Select("INBOX".into()), fetch("1", "BODY[]", false), Do::Logout];
    let outcome = run(two_letters(), list, Detail::Everything, usize::MAX, usize::MAX >> 1);
    let skipped = outcome.client.iter().filter(|e| matches!(e, client::Event::Skipped(_))).count();
    assert_eq!(skipped, 2);
    assert_eq!(outcome.up, b"A001 LOGIN alice wrong\r\nA002 LOGOUT\r\n");
    assert_eq!(outcome.client.last(), Some(&client::Event::Ended(Ending::Logout)));
}

#[test]
fn a_letter_with_nul_is_sent_with_another_byte_in_its_place() {
    let mut host = Host::new(Config::default());
    host.deliver("Subject: \0\n\na\0b\n");
    let list =
        vec![login(), Do::Select("INBOX".into()), fetch("1", "(ENVELOPE BODYSTRUCTURE BODY[])", false), Do::Logout];
    let outcome = run(host, list, Detail::Everything, usize::MAX, usize::MAX >> 1);
    let bytes = outcome
        .client
        .iter()
        .find_map(|e| if let client::Event::Letter { bytes, .. } = e { Some(bytes) } else { None });
    assert_eq!(bytes.unwrap()[..], *b"Subject: \x80\r\n\r\na\x80b\r\n");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_letter_comes_as_it_was_stored(bytes in prop::collection::vec(any::<u8>(), 1..400), cut in 1usize..40) {
        let mut host = Host::new(Config::default());
        let (content, message_id, made) = (ContentId(1), "".into(), Made::Preloaded);
        let letter = Letter { content, bytes: Tail::join(&[&bytes]), message_id, made };
        host.store.deliver("alice", "INBOX", letter, Flags::new(), NOW, None);
        let items = "(FLAGS ENVELOPE BODY BODYSTRUCTURE BODY[HEADER] BODY[TEXT] BODY[1] \
            BODY[HEADER.FIELDS (a)] BODY[])";
        let list = vec![login(), Do::Select("INBOX".into()), fetch("1", items, false), Do::Logout];
        let outcome = run(host, list, Detail::Everything, cut, 1000);
        let sent: Vec<u8> = bytes.iter().map(|b| if *b == 0 { 0x80 } else { *b }).collect();
        let came = letter_of(&outcome);
        prop_assert_eq!(came, Some(sent));
        prop_assert_eq!(outcome.client.last(), Some(&client::Event::Ended(Ending::Logout)));
    }

    #[test]
    fn a_letter_appended_is_the_letter_fetched(bytes in prop::collection::vec(1u8..=255, 1..400), cut in 1usize..40) {
        let append = Do::Append { mailbox: "a b".into(), flags: vec![], message: bytes.clone() };
        let (create, select) = (Do::Create("a b".into()), Do::Select("a b".into()));
        let list = vec![login(), create, append, select, fetch("1", "BODY[]", true), Do::Logout];
        let outcome = run(Host::new(Config::default()), list, Detail::Everything, cut, cut);
        let came = letter_of(&outcome);
        prop_assert_eq!(came.as_ref(), Some(&bytes));
        check_maps(&outcome);
    }
}
