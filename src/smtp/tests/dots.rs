//! Where the message ends (RFC 5321 sections 4.1.1.4, 4.5.2): clients with and without dot-stuffing, servers
//! that differ about line ends.

use super::*;
use crate::engine::Carried;
use crate::smtp::LineEnds;

/// Six lines, three of which begin with a dot.
const BODY: &str = "hello\n.\nworld\n..two\n.hidden\nbye\n";

fn body_with(dot_stuffing: bool) -> Pair {
    let cfg = client::Config { dot_stuffing, ehlo_name: "mail.a.example".into(), ..client::Config::default() };
    let mut pair = Pair::new(cfg, server::Config { hostname: "mail.b.example".into(), ..server::Config::default() });
    pair.send("alice@a.example", &["bob@b.example"], BODY);
    pair.run();
    pair
}

#[test]
fn without_dot_stuffing_the_lone_dot_ends_the_letter_and_the_rest_are_commands() {
    let pair = body_with(false);
    pair.expect(
        "S: 220 mail.b.example Simple Mail Transfer Service Ready
         C: EHLO mail.a.example
         S: 250 mail.b.example
         C: MAIL FROM:<alice@a.example>
         S: 250 OK
         C: RCPT TO:<bob@b.example>
         S: 250 OK
         C: DATA
         S: 354 Start mail input; end with <CRLF>.<CRLF>
         C: hello
         C: .
         C: world
         C: ..two
         C: .hidden
         C: bye
         C: .
         S: 250 OK
         S: 500 Syntax error, command unrecognized
         S: 500 Syntax error, command unrecognized
         S: 500 Syntax error, command unrecognized
         S: 500 Syntax error, command unrecognized
         S: 500 Syntax error, command unrecognized
         C: QUIT
         S: 221 mail.b.example Service closing transmission channel",
    );
    assert_eq!(pair.host.letters(), [r"hello\r\n"]);
    assert!(pair.outcomes()[0].is_complete(), "the loss is silent");
    let strays = pair.client_events.iter().filter(
        |e| matches!(e, client::Event::Unexpected(u) if (u.state, u.expected, &*u.got) == ("QUIT", "221", "500")),
    );
    assert_eq!(strays.count(), 5);
    assert_eq!(pair.client_events.last(), Some(&client::Event::Ended(crate::smtp::Ending::Quit)));
}

#[test]
fn with_dot_stuffing_three_more_bytes_travel_and_all_lines_arrive() {
    let pair = body_with(true);
    let Some(client::Event::Letter(letter)) = pair.client_events.iter().find(|e| matches!(e, client::Event::Letter(_)))
    else {
        panic!("the letter was sent")
    };
    let Carried { range, map } = &**letter;
    let typed = BODY.replace('\n', "\r\n");
    let wire = &pair.c2s[range.start as usize..range.end as usize];
    assert_eq!(wire, b"hello\r\n..\r\nworld\r\n...two\r\n..hidden\r\nbye\r\n.\r\n");
    assert_eq!(wire.len() - typed.len(), 3 + 3, "three dots, and the closing line");
    assert_eq!(pair.host.delivered[0].letter, typed.as_bytes());
    // Follow the byte "h" of ".hidden": typed -> stream -> letter.
    let h = typed.find("hidden").unwrap() as u64;
    let at = map.target_of(h).unwrap();
    assert_eq!(pair.c2s[at as usize], b'h');
    assert_eq!(pair.host.delivered[0].map.target_of(at), Some(h));
}

#[test]
fn the_end_of_data_may_be_cut_anywhere() {
    for cut in 0..=5 {
        let mut typist = Typist::greeted(server::Config::default());
        typist.says("MAIL FROM:<>\r\nRCPT TO:<bob@b.example>\r\nDATA\r\n");
        let (first, second) = b"\r\n.\r\n".split_at(cut);
        let said = typist.says([b"hello", first].concat()) + &typist.says(second);
        assert_eq!(said, "250 OK");
        assert_eq!(typist.host.letters(), [r"hello\r\n"]);
    }
}

#[test]
fn a_dot_hidden_by_nobody_is_lost_without_an_error() {
    let cfg = client::Config { dot_stuffing: false, ..client::Config::default() };
    let mut pair = Pair::new(cfg, server::Config::default());
    pair.send("alice@a.example", &["bob@b.example"], ".hidden\n");
    pair.run();
    assert_eq!(pair.host.letters(), [r"hidden\r\n"]);
    assert!(pair.outcomes()[0].is_complete());
}

/// The letter of the lesson on smuggling, relayed by a client of one kind to a server of another.
fn smuggled(client: LineEnds, server: LineEnds) -> Pair {
    let mut pair = Pair::new(
        client::Config { line_ends: client, ..client::Config::default() },
        server::Config { line_ends: server, ..server::Config::default() },
    );
    let letter =
        b"harmless\n.\r\nMAIL FROM:<admin@a.example>\r\nRCPT TO:<bob@b.example>\r\nDATA\r\nSubject: trust me\r\n";
    pair.client.send(T0, envelope("mallory@a.example", &["bob@b.example"]), Arc::from(&letter[..]));
    pair.run();
    assert_eq!(pair.outcomes().len(), 1, "the client believes in one transaction");
    pair
}

#[test]
fn two_lenient_servers_make_two_mails_of_one() {
    let pair = smuggled(LineEnds::Lenient, LineEnds::Lenient);
    assert_eq!(pair.host.letters(), [r"harmless\n", r"Subject: trust me\r\n"]);
    assert_eq!(pair.host.delivered[1].envelope.from.to_string(), "<admin@a.example>");
    let (_, after) = pair.transcript.split_once("S: 354 ").unwrap();
    let codes: Vec<&str> = after.lines().filter_map(|l| l.strip_prefix("S: ")).map(|l| &l[..3]).collect();
    assert_eq!(codes, ["250", "250", "250", "354", "250", "221"], "five replies, and then the one to QUIT");
}

#[test]
fn one_strict_server_is_enough_to_prevent_it() {
    assert_eq!(smuggled(LineEnds::Strict, LineEnds::Lenient).host.delivered.len(), 1);
    assert_eq!(smuggled(LineEnds::Lenient, LineEnds::Strict).host.delivered.len(), 1);
    assert_eq!(smuggled(LineEnds::Strict, LineEnds::Strict).host.delivered.len(), 1);
    let refused = smuggled(LineEnds::Lenient, LineEnds::Refuse);
    assert_eq!(refused.host.delivered.len(), 0);
    assert_eq!(refused.outcomes()[0].end.as_ref().unwrap().code, 554);
}
