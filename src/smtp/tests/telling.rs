//! What is told: lines with their places, phases, states, and nothing of it when only outcomes count.

use super::*;
use crate::engine::{Detail, Way};
use crate::smtp::phase::PhaseChange;

fn session(detail: Detail) -> Pair {
    let mut pair = Pair::new(
        client::Config { detail, ehlo_name: "a.example".into(), ..client::Config::default() },
        server::Config { detail, extensions: vec!["HELP".into()], ..server::Config::default() },
    );
    pair.send("alice@a.example", &["bob@b.example", "Zoe@b.example"], "hello\n.\nbye");
    pair.send("alice@a.example", &["bob@b.example"], "again\n");
    pair.run();
    pair
}

#[test]
fn lines_and_letters_cover_both_streams_without_a_gap() {
    let pair = session(Detail::Everything);
    let client_letters = pair.client_events.iter().filter_map(|e| match e {
        client::Event::Letter(letter) => Some(letter.range.clone()),
        _ => None,
    });
    let server_letters = pair.server_events.iter().filter_map(|e| match e {
        server::Event::LetterReceived(letter) => Some(letter.range.clone()),
        _ => None,
    });
    let sides = [
        (&pair.client_lines, Way::Sent, &pair.c2s, client_letters.collect::<Vec<_>>()),
        (&pair.client_lines, Way::Received, &pair.s2c, vec![]),
        (&pair.server_lines, Way::Sent, &pair.s2c, vec![]),
        (&pair.server_lines, Way::Received, &pair.c2s, server_letters.collect()),
    ];
    for (lines, way, stream, letters) in sides {
        let mut ranges = letters;
        for line in lines.iter().filter(|l| l.way == way) {
            let bytes = &stream[line.range.start as usize..line.range.end as usize];
            assert_eq!(format!("{}\r\n", line.text.replace('\n', "\r\n")).as_bytes(), bytes);
            ranges.push(line.range.clone());
        }
        ranges.sort_by_key(|r| r.start);
        let mut at = 0;
        for range in ranges {
            assert_eq!(range.start, at);
            at = range.end;
        }
        assert_eq!(at, stream.len() as u64);
    }
}

#[test]
fn commands_have_verbs_and_replies_have_codes_on_both_ends() {
    let pair = session(Detail::Everything);
    let verbs = ["EHLO", "MAIL", "RCPT", "RCPT", "DATA", "MAIL", "RCPT", "DATA", "QUIT"];
    let codes = [220, 250, 250, 250, 550, 354, 250, 250, 250, 354, 250, 221];
    for lines in [&pair.client_lines, &pair.server_lines] {
        assert_eq!(lines.iter().filter_map(|l| l.verb.as_deref()).collect::<Vec<_>>(), verbs);
        assert_eq!(lines.iter().filter_map(|l| l.code).collect::<Vec<_>>(), codes);
        let ehlo = lines.iter().find(|l| l.text.starts_with("250-")).unwrap();
        assert_eq!(ehlo.text, "250-mail.example\n250 HELP");
    }
}

#[test]
fn both_ends_tell_the_same_phases() {
    let pair = session(Detail::Everything);
    use PhaseChange as P;
    let phases = [P::GREETING, P::HELLO, P::MAIL, P::DATA, P::MAIL, P::DATA, P::END];
    let client =
        pair.client_events.iter().filter_map(|e| if let client::Event::Phase(p) = e { Some(*p) } else { None });
    let server =
        pair.server_events.iter().filter_map(|e| if let server::Event::Phase(p) = e { Some(*p) } else { None });
    assert_eq!(client.collect::<Vec<_>>(), phases);
    assert_eq!(server.collect::<Vec<_>>(), phases);
    assert_eq!(P::MAIL.names(), ("handshaking", "mail transaction"));
}

#[test]
fn states_follow_one_another() {
    let pair = session(Detail::Everything);
    let client = pair.client_events.iter().filter_map(|e| match e {
        client::Event::State { from, to } => Some((from.name(), to.name())),
        _ => None,
    });
    let server = pair.server_events.iter().filter_map(|e| match e {
        server::Event::State { from, to } => Some((from.name(), to.name())),
        _ => None,
    });
    let follow = |states: Vec<(&'static str, &'static str)>| {
        assert!(states.windows(2).all(|w| w[0].1 == w[1].0));
        states.iter().map(|s| s.1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        follow(client.collect()),
        "GREETING EHLO READY MAIL RCPT DATA LETTER END-OF-DATA READY MAIL RCPT DATA LETTER END-OF-DATA READY QUIT CLOSING CLOSED"
    );
    assert_eq!(
        follow(server.collect()),
        "GREETED READY MAIL RCPT DATA DELIVERY READY MAIL RCPT DATA DELIVERY READY CLOSED"
    );
}

#[test]
fn events_come_in_the_order_in_which_things_happen() {
    let mut typist = Typist::greeted(server::Config::default());
    typist.says("MAIL FROM:<>\r\nRCPT TO:<bob@b.example>\r\nDATA\r\n");
    typist.events.clear();
    typist.server.handle_input(T0, Input::Bytes(b"x\r\n.\r\n"));
    let mut order = Vec::new();
    loop {
        order.push(match typist.server.poll_output() {
            Output::Event(server::Event::LetterReceived(_)) => "letter",
            Output::Event(server::Event::State { to, .. }) => to.name(),
            Output::Event(server::Event::Line(_)) => "line",
            Output::Ask(id, _) => {
                typist.server.handle_input(T0, Input::Answer(id, Answer::Deliver(Reply::new(250, "OK"))));
                "ask"
            }
            Output::Transmit(_) => "250",
            Output::Wait(_) => break,
            _ => "?",
        });
    }
    assert_eq!(order, ["letter", "DELIVERY", "ask", "250", "line", "READY"]);
}

#[test]
fn with_outcomes_only_the_same_is_said_and_little_is_told() {
    let (all, few) = (session(Detail::Everything), session(Detail::Outcomes));
    assert_eq!(all.transcript, few.transcript);
    assert_eq!(all.outcomes(), few.outcomes());
    for event in &few.client_events {
        match event {
            client::Event::Letter(letter) => assert!(letter.map.pieces().is_empty()),
            client::Event::Outcome(_) | client::Event::Idle | client::Event::Ended(_) => {}
            other => panic!("{other:?}"),
        }
    }
    for event in &few.server_events {
        match event {
            server::Event::LetterReceived(letter) => assert!(letter.map.pieces().is_empty()),
            server::Event::Ended(_) => {}
            other => panic!("{other:?}"),
        }
    }
    for (a, b) in all.host.delivered.iter().zip(&few.host.delivered) {
        assert_eq!((&a.letter, &a.envelope), (&b.letter, &b.envelope));
        assert!(b.map.pieces().is_empty());
    }
}

#[test]
fn the_words_of_a_line_stay_until_the_next_input_and_no_longer() {
    let mut typist = Typist::greeted(server::Config::default());
    typist.server.handle_input(T0, Input::Bytes(b"NOOP \xff\r\nHELP\r\n"));
    let mut told = Vec::new();
    loop {
        match typist.server.poll_output() {
            Output::Event(server::Event::Line(line)) => {
                let words = typist.server.words();
                let whole = line.line(words);
                assert_eq!((whole.text.as_str(), whole.range), (&*words.text(&line), line.range()));
                told.push(whole.text);
            }
            Output::Wait(_) => break,
            _ => {}
        }
    }
    assert_eq!(told[0], "NOOP \u{fffd}");
    assert!(told[1].starts_with("501 ") && told[2] == "HELP" && told[3].starts_with("214"), "{told:?}");
    typist.server.handle_input(T0, Input::Timeout);
    assert_eq!(format!("{:?}", typist.server.words()), "Words { bytes: [] }", "nothing grows from command to command");
}

#[test]
fn what_is_told_is_small_for_there_is_much_of_it() {
    assert_eq!((size_of::<client::Event>(), size_of::<server::Event>()), (24, 24));
}
