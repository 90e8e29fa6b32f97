//! Every code a server says (RFC 5321 section 4.2.2), and when.

use super::*;
use crate::smtp::server::{Config, Limits};
use crate::smtp::{Ending, LineEnds, Syntax, Verb};
use crate::time::Duration;

fn greeted() -> Typist {
    Typist::greeted(Config::default())
}

/// Past RCPT.
fn with_recipient(cfg: Config) -> Typist {
    let mut typist = Typist::greeted(cfg);
    assert_eq!(typist.code("MAIL FROM:<alice@a.example>\r\n"), 250);
    assert_eq!(typist.code("RCPT TO:<bob@b.example>\r\n"), 250);
    typist
}

#[test]
fn c211_214_help_tells_the_commands() {
    let mut typist = greeted();
    assert_eq!(typist.says("HELP\r\n"), "214 Commands: EHLO HELO MAIL RCPT DATA RSET VRFY HELP NOOP QUIT");
    assert_eq!(typist.says("HELP mail\r\n"), "214 MAIL FROM:<address> [parameters]");
    assert_eq!(typist.code("HELP me\r\n"), 504);
}

#[test]
fn c421_after_five_minutes_of_silence() {
    let mut typist = greeted();
    let at = Instant::from_secs(300);
    assert_eq!(typist.wait, Some(at));
    typist.said.clear();
    typist.input(Instant::from_secs(299), Input::Timeout);
    assert!(typist.said.is_empty(), "too early is harmless");
    typist.input(at, Input::Timeout);
    assert_eq!(typist.said, b"421 mail.example Timeout, closing transmission channel\r\n");
    assert!(typist.closed);
    assert_eq!(typist.events.last(), Some(&server::Event::Ended(Ending::Timeout)));
    assert_eq!(typist.code("NOOP\r\n"), 0, "nothing is read after the end");
}

#[test]
fn every_byte_of_a_letter_is_a_sign_of_life() {
    let mut typist = with_recipient(Config::default());
    typist.says("DATA\r\n");
    for n in 1..10 {
        typist.input(Instant::from_secs(n * 299), Input::Bytes(b"x"));
        assert_eq!(typist.wait, Some(Instant::from_secs(n * 299) + Duration::from_secs(300)));
    }
}

#[test]
fn c421_of_the_host_closes() {
    let mut typist = greeted();
    typist.says("MAIL FROM:<>\r\n");
    assert_eq!(typist.code("RCPT TO:<Shutdown@b.example>\r\n"), 421);
    assert!(typist.closed);
    let mut typist = with_recipient(Config::default());
    typist.host.end = Reply::new(421, "mail.example going down");
    assert_eq!(typist.says("DATA\r\nx\r\n.\r\nNOOP\r\n").lines().last().unwrap(), "421 mail.example going down");
    assert_eq!(typist.server.state(), server::State::Closed);
}

#[test]
fn c451_when_the_host_answers_another_question() {
    let mut server = Server::new(Arc::new(Config::default()));
    server.handle_input(T0, Input::Writable(1000));
    server.handle_input(T0, Input::Connected);
    server.handle_input(T0, Input::Bytes(b"HELO a.example\r\nMAIL FROM:<>\r\n"));
    let mut said = Vec::new();
    loop {
        match server.poll_output() {
            Output::Transmit(bytes) => said.push(bytes),
            Output::Ask(id, _) => server.handle_input(T0, Input::Answer(id, Answer::Recipient(Ok(())))),
            Output::Wait(_) => break,
            _ => {}
        }
    }
    assert!(said.last().unwrap().starts_with(b"451 "));
    assert_eq!(server.state(), server::State::Ready);
}

#[test]
fn c452_one_recipient_too_many() {
    let cfg = Config { limits: Limits { recipients: 2, ..Limits::default() }, ..Config::default() };
    let mut typist = with_recipient(cfg);
    assert_eq!(typist.code("RCPT TO:<carol@b.example>\r\n"), 250);
    assert_eq!(typist.code("RCPT TO:<dave@b.example>\r\n"), 452);
    assert_eq!(typist.says("DATA\r\nx\r\n.\r\n").lines().last(), Some("250 OK"));
    assert_eq!(typist.host.delivered[0].envelope.to.len(), 2);
}

#[test]
fn c500_unknown_commands_and_long_lines() {
    let mut typist = greeted();
    assert_eq!(typist.code("HELLO a.example\r\n"), 500);
    assert_eq!(typist.code("\r\n"), 500);
    assert_eq!(typist.code("MAIL\0\r\n"), 500);
    let longest = format!("NOOP {}\r\n", "x".repeat(505));
    assert_eq!(longest.len(), 512);
    assert_eq!(typist.code(&longest), 250);
    assert_eq!(typist.says(format!("NOOP {}\r\n", "x".repeat(506))), "500 Line too long");
    // However it comes: nothing of a long line is taken for a command.
    for _ in 0..5000 {
        assert_eq!(typist.code("QUIT "), 0);
    }
    assert!(typist.server.unread() <= 1);
    assert_eq!(typist.code("\r"), 0);
    assert_eq!(typist.code("QUIT\r"), 0);
    assert_eq!(typist.says("\nNOOP\r\n"), "500 Line too long\n250 OK");
}

#[test]
fn c500_a_text_line_of_more_than_1000_bytes() {
    let letter = |n: usize| format!("DATA\r\n{}\r\n.\r\n", "x".repeat(n - 2));
    let mut typist = with_recipient(Config::default());
    assert_eq!(typist.says(letter(1000)).lines().last(), Some("250 OK"));
    let mut typist = with_recipient(Config::default());
    assert_eq!(typist.says(letter(1001)).lines().last(), Some("500 Line too long"));
    assert_eq!(typist.host.delivered.len(), 0);
    assert_eq!(typist.code("MAIL FROM:<>\r\n"), 250, "the next transaction may begin");
}

#[test]
fn c501_wrong_arguments() {
    let mut typist = greeted();
    for line in [
        "MAIL FROM: <alice@a.example>",
        "MAIL FROM:alice@a.example",
        "EHLO",
        "DATA x",
        "VRFY",
        "NOOP \u{e9}",
        "VRFY \0",
    ] {
        assert_eq!(typist.code(format!("{line}\r\n")), 501, "{line}");
    }
    let mut lenient = Typist::greeted(Config { syntax: Syntax::Lenient, ..Config::default() });
    assert_eq!(lenient.code("MAIL FROM: <alice@a.example>\r\n"), 250);
}

#[test]
fn c502_expn_is_known_and_not_implemented() {
    assert_eq!(greeted().code("EXPN list\r\n"), 502);
}

#[test]
fn c503_commands_out_of_order() {
    let mut typist = Typist::new(Config::default());
    for early in ["MAIL FROM:<>", "RCPT TO:<bob@b.example>", "DATA"] {
        assert_eq!(typist.code(format!("{early}\r\n")), 503, "{early} before EHLO");
    }
    typist.says("EHLO a.example\r\n");
    assert_eq!(typist.code("RCPT TO:<bob@b.example>\r\n"), 503);
    assert_eq!(typist.code("DATA\r\n"), 503);
    assert_eq!(typist.code("MAIL FROM:<>\r\n"), 250);
    assert_eq!(typist.code("MAIL FROM:<>\r\n"), 503, "a transaction is open");
    let told = typist.events.iter().filter_map(|e| match e {
        server::Event::Unexpected(u) => Some(u.to_string()),
        _ => None,
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "in state GREETED: expected EHLO or HELO, got MAIL",
            "in state GREETED: expected EHLO or HELO, got RCPT",
            "in state GREETED: expected EHLO or HELO, got DATA",
            "in state READY: expected MAIL or QUIT, got RCPT",
            "in state READY: expected MAIL or QUIT, got DATA",
            "in state MAIL: expected RCPT, got MAIL",
        ]
    );
}

#[test]
fn what_needs_no_greeting_works_without() {
    let mut typist = Typist::new(Config::default());
    for (line, code) in [("NOOP", 250), ("HELP", 214), ("RSET", 250), ("VRFY bob", 252), ("EXPN x", 502), ("QUIT", 221)]
    {
        assert_eq!(typist.code(format!("{line}\r\n")), code, "{line}");
    }
    assert!(typist.closed);
}

#[test]
fn rset_and_ehlo_drop_the_transaction() {
    for command in ["RSET", "EHLO a.example", "HELO a.example"] {
        let mut typist = with_recipient(Config::default());
        assert_eq!(typist.code(format!("{command}\r\n")), 250);
        assert_eq!(typist.code("DATA\r\n"), 503, "{command}");
        assert_eq!(typist.code("MAIL FROM:<>\r\n"), 250);
    }
}

#[test]
fn c504_552_555_parameters_of_extensions() {
    let cfg = Config { extensions: vec!["SIZE 10240".into(), "8BITMIME".into()], ..Config::default() };
    let code = |params: &str| Typist::greeted(cfg.clone()).code(format!("MAIL FROM:<alice@a.example> {params}\r\n"));
    assert_eq!(code("SIZE=10240"), 250);
    assert_eq!(code("SIZE=10241"), 552);
    assert_eq!(code("SIZE=99999999999999999999"), 552);
    assert_eq!(code("SIZE=big"), 501);
    assert_eq!(code("SIZE"), 501);
    assert_eq!(code("BODY=8bitmime SIZE=5"), 250);
    assert_eq!(code("BODY=BINARYMIME"), 504);
    assert_eq!(code("BODY"), 501);
    assert_eq!(code("SMTPUTF8"), 555);
    assert_eq!(greeted().code("MAIL FROM:<> SIZE=1\r\n"), 555, "not offered");
    let mut helo = Typist::new(cfg.clone());
    helo.says("HELO a.example\r\n");
    assert_eq!(helo.code("MAIL FROM:<> SIZE=1\r\n"), 555, "extensions need EHLO");
    let mut typist = greeted();
    typist.says("MAIL FROM:<>\r\n");
    assert_eq!(typist.code("RCPT TO:<bob@b.example> NOTIFY=NEVER\r\n"), 555);
}

#[test]
fn c550_is_the_hosts_word() {
    let mut typist = greeted();
    assert_eq!(typist.code("MAIL FROM:<Banned@a.example>\r\n"), 550);
    assert_eq!(typist.server.state(), server::State::Ready);
    typist.says("MAIL FROM:<>\r\n");
    assert_eq!(typist.code("RCPT TO:<Nobody@b.example>\r\n"), 550);
}

#[test]
fn c552_too_much_mail_data() {
    let cfg = Config { limits: Limits { message: 100, ..Limits::default() }, ..Config::default() };
    let mut typist = with_recipient(cfg);
    assert_eq!(typist.code("DATA\r\n"), 354);
    for _ in 0..1000 {
        assert_eq!(typist.code("0123456789\r\n"), 0);
    }
    assert_eq!(typist.code(".\r\n"), 552);
    assert!(typist.host.delivered.is_empty());
}

#[test]
fn c554_data_without_recipient_and_bare_line_feeds() {
    let mut typist = greeted();
    typist.says("MAIL FROM:<>\r\n");
    typist.says("RCPT TO:<Nobody@b.example>\r\n");
    assert_eq!(typist.code("DATA\r\n"), 554);
    assert_eq!(typist.code("RCPT TO:<bob@b.example>\r\n"), 250, "the transaction goes on");

    let mut typist = with_recipient(Config { line_ends: LineEnds::Refuse, ..Config::default() });
    assert_eq!(typist.says("DATA\r\na\nb\r\n.\r\n").lines().last().unwrap()[..3], *"554");
    assert!(typist.host.delivered.is_empty());
}

#[test]
fn c554_instead_of_a_greeting() {
    let mut typist = Typist::new(Config { refuse: Some(Reply::new(554, "No SMTP service here")), ..Config::default() });
    assert_eq!(typist.said, b"554 No SMTP service here\r\n");
    assert_eq!(typist.code("EHLO a.example\r\n"), 503);
    assert_eq!(typist.code("NOOP\r\n"), 503);
    assert_eq!(typist.code("QUIT\r\n"), 221);
    assert!(typist.closed);
    let typist = Typist::new(Config { refuse: Some(Reply::new(421, "Not now")), ..Config::default() });
    assert!(typist.closed && typist.said.starts_with(b"421"));
}

#[test]
fn the_postmaster_is_always_at_home() {
    let mut typist = greeted();
    typist.says("MAIL FROM:<>\r\n");
    typist.says("RCPT TO:<Postmaster>\r\n");
    typist.says("DATA\r\n.\r\n");
    assert_eq!(typist.host.delivered[0].envelope.to, [address("postmaster@mail.example")]);
    assert!(typist.host.delivered[0].letter.is_empty());
}

#[test]
fn a_client_that_goes_away_in_the_middle_leaves_nothing() {
    for input in [Input::PeerClosed, Input::Reset] {
        let ending = if matches!(input, Input::Reset) { Ending::Reset } else { Ending::PeerClosed };
        let mut typist = with_recipient(Config::default());
        typist.says("DATA\r\nhello\r\n.\r");
        typist.input(T0, input);
        assert!(typist.host.delivered.is_empty());
        assert_eq!(typist.events.last(), Some(&server::Event::Ended(ending)));
        assert_eq!(typist.closed, ending == Ending::PeerClosed);
    }
}

#[test]
fn a_client_that_sends_all_and_closes_is_served_first() {
    let mut server = Server::new(Arc::new(Config::default()));
    server.handle_input(T0, Input::Connected);
    server.handle_input(T0, Input::Bytes(b"HELO a.example\r\nNOOP\r\nNOOP"));
    server.handle_input(T0, Input::PeerClosed);
    server.handle_input(T0, Input::Writable(1000));
    let mut said = 0;
    loop {
        match server.poll_output() {
            Output::Transmit(_) => said += 1,
            Output::Close => break,
            Output::Wait(_) => panic!("it closes"),
            _ => {}
        }
    }
    assert_eq!(said, 3, "220, 250, 250; the last line has no end");
}

#[test]
fn every_verb_has_an_answer_in_every_state() {
    for verb in Verb::ALL {
        for before in ["", "EHLO a.example\r\n", "EHLO a.example\r\nMAIL FROM:<>\r\n"] {
            let mut typist = Typist::new(Config::default());
            typist.says(before);
            let (usage, _) = verb.usage().split_once(" [").unwrap_or((verb.usage(), ""));
            let line = usage.replace("<address>", "<bob@b.example>").replace("<domain>", "a.example");
            let line = line.replace("<mechanism>", "PLAIN").replace("<size>", "0");
            let code = typist.code(format!("{line}\r\n"));
            assert!((200..600).contains(&code) && code != 500 && code != 501, "{line}: {code}");
        }
    }
}
