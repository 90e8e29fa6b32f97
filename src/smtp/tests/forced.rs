//! A server that is watched: it refuses, hangs up and takes its time at the commands at which its host wants it.

use super::*;
use crate::smtp::Ending;
use crate::smtp::server::{CONNECT, END_OF_DATA, Manner, State};
use crate::time::Duration;

/// A server that has not greeted yet, with manners.
fn watched(manners: &[(&'static str, Manner)]) -> Typist {
    let mut this = Typist {
        server: Server::new(Arc::new(server::Config { hostname: "b.example".into(), ..server::Config::default() })),
        host: Host { manners: manners.to_vec(), ..Host::default() },
        said: Vec::new(),
        events: Vec::new(),
        lines: Vec::new(),
        closed: false,
        aborted: false,
        wait: None,
    };
    this.server.watch();
    this.input(T0, Input::Writable(1 << 20));
    this.input(T0, Input::Connected);
    this
}

const LETTER: &str = "Subject: hello\r\n\r\nhello\r\n.\r\n";

fn envelope_said(typist: &mut Typist) {
    for line in ["EHLO a.example\r\n", "MAIL FROM:<alice@a.example>\r\n", "RCPT TO:<bob@b.example>\r\n"] {
        assert_eq!(typist.code(line), 250, "{line}");
    }
    assert_eq!(typist.code("DATA\r\n"), 354);
}

#[test]
fn without_manners_a_watched_server_says_and_tells_what_another_one_does() {
    let mut plain = Typist::new(server::Config { hostname: "b.example".into(), ..server::Config::default() });
    let mut watched = watched(&[]);
    for typist in [&mut plain, &mut watched] {
        envelope_said(typist);
        assert_eq!(typist.code(LETTER), 250);
        assert_eq!(typist.code("NONSENSE\r\nDATA\r\nVRFY Crispin\r\n"), 500);
        assert_eq!(typist.code("QUIT\r\n"), 221);
    }
    assert_eq!(plain.said, watched.said);
    assert_eq!(plain.events, watched.events);
    assert_eq!(plain.lines, watched.lines);
    assert_eq!(plain.host.delivered, watched.host.delivered);
}

#[test]
fn a_refused_command_does_nothing() {
    let no = |code| Manner::Refuse(Reply::new(code, "not now"));
    let mut typist = watched(&[("RCPT", no(451))]);
    assert_eq!(typist.code("EHLO a.example\r\n"), 250);
    assert_eq!(typist.code("MAIL FROM:<alice@a.example>\r\n"), 250);
    assert_eq!(typist.says("RCPT TO:<bob@b.example>\r\n"), "451 not now");
    assert_eq!(typist.code("DATA\r\n"), 554, "there is no recipient");
    typist.host.manners = vec![(END_OF_DATA, no(452))];
    assert_eq!(typist.code("RCPT TO:<bob@b.example>\r\n"), 250);
    assert_eq!(typist.code("DATA\r\n"), 354);
    assert_eq!(typist.says(LETTER), "452 not now");
    assert_eq!(typist.host.delivered.len(), 0);
    assert_eq!(typist.code("MAIL FROM:<alice@a.example>\r\n"), 250, "the next transaction may begin");
    typist.host.manners = vec![("NOOP", no(421))];
    assert_eq!(typist.code("NOOP\r\n"), 421);
    assert!(typist.closed, "421 is a promise to close");
    let mut typist = watched(&[(CONNECT, no(554))]);
    assert_eq!(String::from_utf8_lossy(&typist.said), "554 not now\r\n");
    assert_eq!((typist.code("EHLO a.example\r\n"), typist.code("QUIT\r\n")), (503, 221));
}

#[test]
fn it_hangs_up_without_a_word() {
    let mut typist = watched(&[(END_OF_DATA, Manner::HangUp)]);
    envelope_said(&mut typist);
    assert_eq!(typist.says(LETTER), "");
    assert!(typist.closed && !typist.aborted && typist.host.delivered.is_empty());
    assert_eq!(typist.events.last(), Some(&server::Event::Ended(Ending::HungUp)));
}

#[test]
fn it_takes_its_time_and_reads_nothing_meanwhile() {
    let half = Duration::from_millis(500);
    let mut typist = watched(&[(END_OF_DATA, Manner::After(half))]);
    envelope_said(&mut typist);
    assert_eq!(typist.says(format!("{LETTER}NOOP\r\n")), "");
    assert_eq!(typist.host.delivered.len(), 0, "it is not responsible yet");
    assert_eq!(typist.wait, Some(T0 + half));
    let early = T0 + Duration::from_millis(499);
    typist.input(early, Input::Timeout);
    typist.input(early, Input::Bytes(b"NOOP\r\n"));
    assert_eq!(typist.wait, Some(T0 + half), "bytes make it no faster and no slower");
    assert!(typist.said.is_empty());
    typist.input(T0 + half, Input::Timeout);
    assert_eq!(String::from_utf8_lossy(&typist.said), "250 OK\r\n250 OK\r\n250 OK\r\n");
    assert_eq!(typist.host.delivered.len(), 1);
    // A connection that breaks meanwhile ends it.
    let mut typist = watched(&[("MAIL", Manner::After(half))]);
    typist.says("EHLO a.example\r\nMAIL FROM:<alice@a.example>\r\n");
    typist.input(T0, Input::Reset);
    typist.input(T0 + half, Input::Timeout);
    assert_eq!(typist.server.state(), State::Closed);
}

#[test]
fn a_server_that_refuses_rset_gets_no_other_letter_on_that_connection() {
    // It still holds the old transaction, and would answer 503 to MAIL: that says nothing about the next letter.
    for code in [451, 500] {
        let mut pair = Pair::new(client::Config::default(), server::Config::default());
        pair.server.watch();
        pair.host.manners = vec![("RSET", Manner::Refuse(Reply::new(code, "not now")))];
        pair.send("alice@a.example", &["Nobody@b.example"], "Subject: one\n\none\n");
        pair.send("alice@a.example", &["bob@b.example"], "Subject: two\n\ntwo\n");
        pair.run();
        let outcomes = pair.outcomes();
        let failure = outcomes[1].failure.as_ref().expect("it was not sent");
        assert!(!failure.is_permanent(), "{failure:?}");
        assert_eq!(failure.cause, client::FailureCause::NotSent);
        assert_eq!(pair.transcript.matches("C: MAIL").count(), 1, "{}", pair.transcript);
        assert!(pair.transcript.contains("C: QUIT\nS: 221"), "{}", pair.transcript);
    }
}
