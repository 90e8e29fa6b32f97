//! What a client does with the extensions that a server offers: PIPELINING (RFC 2920), SIZE (RFC 1870).

use super::*;
use crate::smtp::client::{FailureCause, Stage, Verdict};

const LETTER: &str = "Subject: hello\n\nhello\n";

fn pair(offered: &[&str], pipelining: bool) -> Pair {
    let extensions = offered.iter().map(|line| (*line).to_owned()).collect();
    Pair::new(
        client::Config { ehlo_name: "a.example".into(), pipelining, ..client::Config::default() },
        server::Config { hostname: "b.example".into(), extensions, ..server::Config::default() },
    )
}

/// What the client said up to the letter.
fn commands(pair: &Pair) -> Vec<&str> {
    pair.transcript
        .lines()
        .filter_map(|line| line.strip_prefix("C: "))
        .take_while(|line| *line != "Subject: hello")
        .collect()
}

#[test]
fn mail_recipients_and_data_are_said_together() {
    let mut pair = pair(&["PIPELINING"], true);
    pair.send("alice@a.example", &["bob@b.example", "carol@b.example"], LETTER);
    pair.run();
    pair.expect(
        "S: 220 b.example Simple Mail Transfer Service Ready
        C: EHLO a.example
        S: 250-b.example
        S: 250 PIPELINING
        C: MAIL FROM:<alice@a.example>
        C: RCPT TO:<bob@b.example>
        C: RCPT TO:<carol@b.example>
        C: DATA
        S: 250 OK
        S: 250 OK
        S: 250 OK
        S: 354 Start mail input; end with <CRLF>.<CRLF>
        C: Subject: hello
        C:\x20
        C: hello
        C: .
        S: 250 OK
        C: QUIT
        S: 221 b.example Service closing transmission channel"
            .replace("\\x20", " ")
            .as_str(),
    );
    assert!(pair.outcomes()[0].is_complete());
}

#[test]
fn what_is_not_offered_is_not_used() {
    for (offered, pipelining) in [(&[] as &[&str], true), (&["PIPELINING"], false), (&["8BITMIME"], true)] {
        let mut pair = pair(offered, pipelining);
        pair.send("alice@a.example", &["bob@b.example"], LETTER);
        pair.run();
        let order: Vec<char> = pair.transcript.lines().filter_map(|line| line.chars().next()).collect();
        let order: String = order.into_iter().collect();
        assert!(order.contains("CSCSCS") && !pair.transcript.contains("SIZE="), "{offered:?}: {}", pair.transcript);
        assert!(pair.outcomes()[0].is_complete());
    }
    // HELO has no extensions (RFC 5321 section 4.1.1.1).
    let mut helo = Pair::new(
        client::Config { greet: client::Greet::Helo, pipelining: true, ..client::Config::default() },
        server::Config { extensions: vec!["PIPELINING".into(), "SIZE".into()], ..server::Config::default() },
    );
    helo.send("alice@a.example", &["bob@b.example"], LETTER);
    helo.run();
    assert!(helo.transcript.contains("C: MAIL FROM:<alice@a.example>\nS: 250"), "{}", helo.transcript);
}

#[test]
fn one_recipient_of_several_that_were_said_together_is_refused() {
    let mut pair = pair(&["PIPELINING"], true);
    pair.send("alice@a.example", &["Nobody@b.example", "bob@b.example", "Full@b.example"], LETTER);
    pair.run();
    let verdicts = pair.outcomes()[0].verdicts();
    assert!(matches!(&verdicts[0].1, Verdict::Refused(f) if f.stage == Stage::Recipient));
    assert!(matches!(&verdicts[1].1, Verdict::Delivered(_)));
    assert!(matches!(&verdicts[2].1, Verdict::Deferred(f) if f.stage == Stage::Recipient));
    assert_eq!(pair.host.delivered[0].envelope.to, [address("bob@b.example")]);
}

#[test]
fn a_letter_that_nobody_takes_ends_without_a_byte_of_it_and_the_next_one_goes() {
    let mut pair = pair(&["PIPELINING"], true);
    pair.send("alice@a.example", &["Nobody@b.example", "Zoe@b.example"], LETTER);
    pair.send("alice@a.example", &["bob@b.example"], LETTER);
    pair.run();
    let outcomes = pair.outcomes();
    assert!(
        outcomes[0].verdicts().iter().all(|(_, v)| matches!(v, Verdict::Refused(f) if f.stage == Stage::Recipient))
    );
    assert!(outcomes[1].is_complete());
    assert_eq!(commands(&pair)[4..6], ["DATA", "RSET"]);
    assert_eq!(pair.host.delivered.len(), 1);
}

#[test]
fn a_refused_sender_fails_the_letter_and_what_was_said_behind_it_is_read() {
    let mut pair = pair(&["PIPELINING"], true);
    pair.send("Banned@a.example", &["bob@b.example", "carol@b.example"], LETTER);
    pair.send("alice@a.example", &["bob@b.example"], LETTER);
    pair.run();
    let outcomes = pair.outcomes();
    let failure = outcomes[0].failure.as_ref().expect("it fails");
    assert_eq!((&failure.cause, failure.stage), (&FailureCause::Reply, Stage::Mail));
    assert_eq!(failure.reply.as_ref().map(|r| r.code), Some(550));
    assert!(outcomes[1].is_complete());
    assert_eq!((outcomes.len(), pair.host.delivered.len()), (2, 1));
}

#[test]
fn the_size_is_declared_where_the_server_wants_to_know_it() {
    let mut pair = pair(&["SIZE 100"], false);
    let large = format!("Subject: large\n\n{}\n", ".dots are not doubled in the size\n".repeat(4));
    pair.send("alice@a.example", &["bob@b.example"], LETTER);
    pair.send("alice@a.example", &["bob@b.example"], &large);
    pair.run();
    let wire = |text: &str| text.replace('\n', "\r\n").len();
    assert!(pair.transcript.contains(&format!("C: MAIL FROM:<alice@a.example> SIZE={}\nS: 250", wire(LETTER))));
    assert!(pair.transcript.contains(&format!("C: MAIL FROM:<alice@a.example> SIZE={}\nS: 552", wire(&large))));
    let failure = pair.outcomes()[1].failure.clone().expect("it is too large");
    assert!(failure.is_permanent() && failure.stage == Stage::Mail);
    assert!(!pair.transcript.contains("dots are not doubled"), "not a byte of it was sent");
}

#[test]
fn commands_said_together_are_understood_wherever_they_are_cut() {
    let said = "EHLO a.example\r\nMAIL FROM:<alice@a.example>\r\nRCPT TO:<bob@b.example>\r\nRCPT TO:<Zoe@b.example>\r\nDATA\r\n";
    let cfg = || server::Config { extensions: vec!["PIPELINING".into()], ..server::Config::default() };
    let whole = Typist::new(cfg()).says(said);
    assert!(
        whole.ends_with("250 OK\n250 OK\n550 No such user here\n354 Start mail input; end with <CRLF>.<CRLF>"),
        "{whole}"
    );
    for at in 1..said.len() {
        let mut typist = Typist::new(cfg());
        typist.said.clear();
        typist.input(T0, Input::Bytes(&said.as_bytes()[..at]));
        typist.input(T0, Input::Bytes(&said.as_bytes()[at..]));
        let heard = String::from_utf8(typist.said.clone()).unwrap().replace("\r\n", "\n");
        assert_eq!(heard.trim_end(), whole, "cut at {at}");
    }
}
