//! The scenarios of RFC 5321 appendix D, with names of our own.

use super::*;
use crate::smtp::Ending;
use crate::smtp::client::{Greet, Verdict};

#[test]
fn d1_a_typical_transaction() {
    // The client of the example makes no use of what is offered.
    let client = client::Config { ehlo_name: "bar.example".into(), declare_size: false, ..client::Config::default() };
    let server = server::Config {
        hostname: "foo.example".into(),
        extensions: ["8BITMIME", "SIZE", "HELP"].map(String::from).to_vec(),
        ..server::Config::default()
    };
    let mut pair = Pair::new(client, server);
    let to = ["Jones@foo.example", "Green@foo.example", "Brown@foo.example"];
    pair.send("Smith@bar.example", &to, "Blah blah blah...\n...etc. etc. etc.\n");
    pair.run();
    pair.expect(
        "S: 220 foo.example Simple Mail Transfer Service Ready
         C: EHLO bar.example
         S: 250-foo.example
         S: 250-8BITMIME
         S: 250-SIZE
         S: 250 HELP
         C: MAIL FROM:<Smith@bar.example>
         S: 250 OK
         C: RCPT TO:<Jones@foo.example>
         S: 250 OK
         C: RCPT TO:<Green@foo.example>
         S: 550 No such user here
         C: RCPT TO:<Brown@foo.example>
         S: 250 OK
         C: DATA
         S: 354 Start mail input; end with <CRLF>.<CRLF>
         C: Blah blah blah...
         C: ....etc. etc. etc.
         C: .
         S: 250 OK
         C: QUIT
         S: 221 foo.example Service closing transmission channel",
    );
    let [delivered] = &pair.host.delivered[..] else { panic!("one letter is one delivery") };
    assert_eq!(delivered.letter, b"Blah blah blah...\r\n...etc. etc. etc.\r\n");
    assert_eq!(delivered.envelope, envelope("Smith@bar.example", &["Jones@foo.example", "Brown@foo.example"]));
    assert_eq!((delivered.protocol, delivered.peer_name.as_str()), ("ESMTP", "bar.example"));
    let verdicts = pair.outcomes()[0].verdicts();
    assert!(matches!(&verdicts[0].1, Verdict::Delivered(r) if r.code == 250));
    assert!(matches!(&verdicts[1].1, Verdict::Refused(f) if f.to_string() == "550 No such user here (reply to RCPT)"));
    assert!(matches!(&verdicts[2].1, Verdict::Delivered(_)));
    assert_eq!(pair.client_events.last(), Some(&client::Event::Ended(Ending::Quit)));
    assert_eq!(pair.server_events.last(), Some(&server::Event::Ended(Ending::Quit)));
}

#[test]
fn d2_an_aborted_transaction() {
    let mut typist = Typist::new(server::Config { hostname: "foo.example".into(), ..server::Config::default() });
    typist.dialogue(
        "S: 220 foo.example Simple Mail Transfer Service Ready
         C: EHLO bar.example
         S: 250 foo.example
         C: MAIL FROM:<Smith@bar.example>
         S: 250 OK
         C: RCPT TO:<Jones@foo.example>
         S: 250 OK
         C: RCPT TO:<Green@foo.example>
         S: 550 No such user here
         C: RSET
         S: 250 OK
         C: QUIT
         S: 221 foo.example Service closing transmission channel",
    );
    assert!(typist.closed && typist.host.delivered.is_empty());
}

#[test]
fn d3_relayed_mail() {
    // Step 1: source host to relay host, with a source route.
    let mut relay = Typist::new(server::Config { hostname: "foo.example".into(), ..server::Config::default() });
    relay.dialogue(
        "S: 220 foo.example Simple Mail Transfer Service Ready
         C: EHLO bar.example
         S: 250 foo.example
         C: MAIL FROM:<JQP@bar.example>
         S: 250 OK
         C: RCPT TO:<@foo.example:Jones@XYZ.EXAMPLE>
         S: 250 OK
         C: DATA
         S: 354 Start mail input; end with <CRLF>.<CRLF>
         C: Date: Thu, 21 May 1998 05:33:29 -0700
         C:
         C: Please find the report below.
         C: .
         S: 250 OK
         C: QUIT
         S: 221 foo.example Service closing transmission channel",
    );
    // Step 2: relay host to destination host; the route is used up.
    let first = relay.host.delivered.remove(0);
    let mut pair = Pair::named("foo.example", "xyz.example");
    pair.client.send(T0, first.envelope, Arc::from(first.letter));
    pair.run();
    pair.expect(
        "S: 220 xyz.example Simple Mail Transfer Service Ready
         C: EHLO foo.example
         S: 250 xyz.example
         C: MAIL FROM:<JQP@bar.example>
         S: 250 OK
         C: RCPT TO:<Jones@xyz.example>
         S: 250 OK
         C: DATA
         S: 354 Start mail input; end with <CRLF>.<CRLF>
         C: Date: Thu, 21 May 1998 05:33:29 -0700
         C:\u{20}
         C: Please find the report below.
         C: .
         S: 250 OK
         C: QUIT
         S: 221 xyz.example Service closing transmission channel",
    );
}

#[test]
fn d4_verifying_and_sending() {
    let mut typist = Typist::new(server::Config { hostname: "foo.example".into(), ..server::Config::default() });
    typist.dialogue(
        "S: 220 foo.example Simple Mail Transfer Service Ready
         C: EHLO bar.example
         S: 250 foo.example
         C: VRFY Crispin
         S: 250 Mark Crispin <Admin.MRC@b.example>
         C: MAIL FROM:<EAK@bar.example>
         S: 250 OK
         C: RCPT TO:<Admin.MRC@b.example>
         S: 250 OK
         C: DATA
         S: 354 Start mail input; end with <CRLF>.<CRLF>
         C: Blah blah blah...
         C: .
         S: 250 OK
         C: QUIT
         S: 221 foo.example Service closing transmission channel",
    );
}

#[test]
fn helo_is_answered_with_one_line() {
    let mut pair = Pair::new(
        client::Config { greet: Greet::Helo, ehlo_name: "a.example".into(), ..client::Config::default() },
        server::Config { extensions: vec!["SIZE".into()], ..server::Config::default() },
    );
    pair.send("alice@a.example", &["bob@b.example"], "hello\n");
    pair.run();
    assert!(pair.transcript.contains("C: HELO a.example\nS: 250 mail.example\nC: MAIL FROM:<alice@a.example>\n"));
    assert_eq!(pair.host.delivered[0].protocol, "SMTP");
}

#[test]
fn several_letters_share_one_connection() {
    let mut pair = Pair::named("a.example", "b.example");
    for n in 0..3 {
        pair.send("alice@a.example", &["bob@b.example"], &format!("letter {n}\n"));
    }
    pair.run();
    assert_eq!(pair.host.letters(), [r"letter 0\r\n", r"letter 1\r\n", r"letter 2\r\n"]);
    assert_eq!(pair.transcript.matches("EHLO").count(), 1);
    assert_eq!(pair.outcomes().len(), 3);
    assert!(pair.outcomes().iter().all(|o| o.is_complete()));
}

#[test]
fn a_client_that_quits_by_itself_never_says_idle() {
    let cfg = client::Config { auto_quit: true, ..client::Config::default() };
    let mut pair = Pair::new(cfg, server::Config::default());
    pair.send("", &["bob@b.example"], "a bounce\n");
    pair.run();
    assert!(pair.transcript.contains("C: MAIL FROM:<>\n"));
    assert!(pair.transcript.contains("C: QUIT\n"));
    assert!(!pair.client_events.contains(&client::Event::Idle));
}

#[test]
fn when_every_recipient_is_refused_the_letter_is_not_sent() {
    let mut pair = Pair::named("a.example", "b.example");
    pair.send("alice@a.example", &["Green@b.example", "Full@b.example"], "hello\n");
    pair.send("alice@a.example", &["bob@b.example"], "hello\n");
    pair.run();
    pair.expect(
        "S: 220 b.example Simple Mail Transfer Service Ready
         C: EHLO a.example
         S: 250 b.example
         C: MAIL FROM:<alice@a.example>
         S: 250 OK
         C: RCPT TO:<Green@b.example>
         S: 550 No such user here
         C: RCPT TO:<Full@b.example>
         S: 452 Mailbox full
         C: RSET
         S: 250 OK
         C: MAIL FROM:<alice@a.example>
         S: 250 OK
         C: RCPT TO:<bob@b.example>
         S: 250 OK
         C: DATA
         S: 354 Start mail input; end with <CRLF>.<CRLF>
         C: hello
         C: .
         S: 250 OK
         C: QUIT
         S: 221 b.example Service closing transmission channel",
    );
    let verdicts = pair.outcomes()[0].verdicts();
    assert!(matches!(&verdicts[0].1, Verdict::Refused(_)));
    assert!(matches!(&verdicts[1].1, Verdict::Deferred(_)));
    assert_eq!(pair.host.delivered.len(), 1);
}

#[test]
fn commands_that_come_ahead_are_answered_in_order() {
    let mut typist = Typist::new(server::Config::default());
    let ahead = "EHLO a.example\r\nMAIL FROM:<alice@a.example>\r\nRCPT TO:<bob@b.example>\r\nRCPT TO:<Zoe@b.example>\r\n\
                 DATA\r\nhello\r\n.\r\nNOOP\r\nQUIT\r\nNOOP\r\n";
    let said = typist.says(ahead);
    let codes: Vec<&str> = said.lines().map(|l| &l[..3]).collect();
    assert_eq!(codes, ["250", "250", "250", "550", "354", "250", "250", "221"]);
    assert_eq!(typist.host.letters(), [r"hello\r\n"]);
    assert!(typist.closed);
}

#[test]
fn commands_wait_while_the_host_thinks() {
    let mut server = Server::new(Arc::new(server::Config::default()));
    server.handle_input(T0, Input::Writable(10_000));
    server.handle_input(T0, Input::Connected);
    let mut said = String::new();
    let mut asked = None;
    let mut poll = |server: &mut Server, asked: &mut Option<_>| loop {
        match server.poll_output() {
            Output::Transmit(bytes) => said += &String::from_utf8(bytes).unwrap(),
            Output::Ask(id, request) => *asked = Some((id, request)),
            Output::Wait(at) => return (said.matches("\r\n").count(), at),
            _ => {}
        }
    };
    assert_eq!(poll(&mut server, &mut asked).0, 1);
    server.handle_input(T0, Input::Bytes(b"EHLO a.example\r\nMAIL FROM:<>\r\nNOOP\r\nRCPT TO:<bob@b.example>\r\n"));
    let (replies, wait) = poll(&mut server, &mut asked);
    assert_eq!((replies, wait), (2, None), "the host may take all the time it likes");
    assert_eq!(server.unread(), b"NOOP\r\nRCPT TO:<bob@b.example>\r\n".len());
    let (id, request) = asked.take().unwrap();
    assert!(matches!(*request, Request::Sender { from: ReversePath::Null, .. }));
    server.handle_input(T0, Input::Answer(id, Answer::Sender(Ok(()))));
    assert_eq!(poll(&mut server, &mut asked).0, 4, "250 to MAIL, 250 to NOOP, then the next question");
    let (id, request) = asked.take().unwrap();
    let Request::Recipient { to, peer_name, .. } = *request else { panic!() };
    assert_eq!((to, peer_name.as_str()), (address("bob@b.example"), "a.example"));
    server.handle_input(T0, Input::Answer(id, Answer::Recipient(Ok(()))));
    server.handle_input(T0, Input::Answer(id, Answer::Recipient(Ok(()))));
    assert_eq!(poll(&mut server, &mut asked).0, 5, "a second answer to the same question is nobody's");
}
