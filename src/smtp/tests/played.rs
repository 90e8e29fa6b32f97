//! The client against a scripted server: refusals, silence, lost connections. Every letter gets one outcome.

use super::*;
use crate::smtp::client::{Config, Event, FailureCause, Outcome, Stage, State, Verdict};
use crate::smtp::{Ending, Verb};
use crate::time::Duration;

/// A client and somebody who plays the server.
pub(super) struct Played {
    client: Client,
    pub(super) said: String,
    events: Vec<Event>,
    pub(super) closed: bool,
    aborted: bool,
    wait: Option<Instant>,
}

impl Played {
    /// Connected; nothing was said yet.
    pub(super) fn new(cfg: Config, letters: usize) -> Played {
        let mut this = Played {
            client: Client::new(Arc::new(cfg)),
            said: String::new(),
            events: Vec::new(),
            closed: false,
            aborted: false,
            wait: None,
        };
        for n in 0..letters {
            let to = ["bob@b.example", "carol@b.example"];
            this.client.send(T0, envelope("alice@a.example", &to), Arc::from(format!("letter {n}\r\n").into_bytes()));
        }
        this.input(T0, Input::Writable(100_000));
        this.input(T0, Input::Connected);
        this
    }

    /// With two letters to two recipients each, after these replies.
    fn after(replies: &[&str]) -> Played {
        let mut this = Played::new(Config::default(), 2);
        for reply in replies {
            this.hears(reply);
        }
        this
    }

    pub(super) fn input(&mut self, now: Instant, input: Input<'_, client::Never>) {
        self.client.handle_input(now, input);
        self.poll();
    }

    fn poll(&mut self) {
        loop {
            match self.client.poll_output() {
                Output::Transmit(bytes) => self.said += &String::from_utf8(bytes).unwrap(),
                Output::TransmitPart(part) => self.said += std::str::from_utf8(&part).unwrap(),
                Output::Close => self.closed = true,
                Output::Abort => self.aborted = true,
                Output::StartTls => self.said += "(TLS)",
                Output::Ask(_, never) => match never {},
                Output::Event(event) => self.events.push(event),
                Output::Wait(at) => {
                    self.wait = at;
                    return;
                }
            }
        }
    }

    /// Hears a reply line, and gives back what the client says to it.
    pub(super) fn hears(&mut self, reply: &str) -> String {
        self.said.clear();
        self.input(T0, Input::Bytes(format!("{reply}\r\n").as_bytes()));
        self.said.replace("\r\n", "|")
    }

    pub(super) fn outcomes(&self) -> Vec<&Outcome> {
        self.events.iter().filter_map(|e| if let Event::Outcome(o) = e { Some(&**o) } else { None }).collect()
    }

    pub(super) fn failures(&self) -> Vec<(FailureCause, Stage)> {
        self.outcomes().iter().filter_map(|o| o.failure.as_ref()).map(|f| (f.cause.clone(), f.stage)).collect()
    }

    fn ended(&self) -> Vec<Ending> {
        self.events.iter().filter_map(|e| if let Event::Ended(how) = e { Some(*how) } else { None }).collect()
    }
}

const TO_DATA: [&str; 5] = ["220 b", "250 b", "250 OK", "250 OK", "250 OK"];
const TO_END: [&str; 6] = ["220 b", "250 b", "250 OK", "250 OK", "250 OK", "354 go"];

#[test]
fn it_says_nothing_before_the_greeting() {
    let mut played = Played::new(Config::default(), 1);
    assert_eq!(played.said, "");
    assert_eq!(played.hears("220 b.example"), "EHLO client.example|");
    assert_eq!(played.hears("250-b.example\r\n250 HELP"), "MAIL FROM:<alice@a.example>|");
    assert_eq!(played.hears("250 OK"), "RCPT TO:<bob@b.example>|");
    assert_eq!(played.hears("250 OK"), "RCPT TO:<carol@b.example>|");
    assert_eq!(played.hears("250 OK"), "DATA|");
    assert!(!played.client.undecided());
    assert_eq!(played.hears("354 go"), "letter 0|.|");
    assert!(played.client.undecided());
    assert_eq!(played.hears("250 taken"), "");
    assert!(!played.client.undecided());
    assert_eq!(played.events.last(), Some(&Event::Idle));
    played.said.clear();
    played.client.quit(T0);
    played.poll();
    assert_eq!(played.said, "QUIT\r\n");
    assert_eq!(played.hears("221 bye"), "");
    assert!(!played.closed, "it waits for the server's close");
    played.input(T0, Input::PeerClosed);
    assert!(played.closed);
    assert_eq!(played.ended(), [Ending::Quit]);
}

#[test]
fn ehlo_unknown_to_the_server_is_followed_by_helo() {
    let mut played = Played::after(&["220 b"]);
    assert_eq!(played.hears("502 what?"), "HELO client.example|");
    assert_eq!(played.hears("250 b"), "MAIL FROM:<alice@a.example>|");
    let mut played = Played::after(&["220 b", "500 what?"]);
    assert_eq!(played.hears("550 go away"), "QUIT|");
    assert_eq!(played.failures(), vec![(FailureCause::Reply, Stage::Hello); 2]);
    let mut played = Played::after(&["220 b"]);
    assert_eq!(played.hears("450 not now"), "QUIT|", "4yz is no sign of an old server");
}

#[test]
fn a_refusing_greeting_fails_every_letter() {
    for (greeting, permanent) in [("554 no mail here", true), ("450 later", false)] {
        let mut played = Played::after(&[]);
        assert_eq!(played.hears(greeting), "QUIT|");
        assert_eq!(played.outcomes().len(), 2);
        for (_, verdict) in played.outcomes().iter().flat_map(|o| o.verdicts()) {
            assert_eq!(matches!(verdict, Verdict::Refused(_)), permanent, "{greeting}");
            assert_eq!(matches!(verdict, Verdict::Deferred(_)), !permanent, "{greeting}");
        }
        played.hears("221 bye");
        played.input(T0, Input::PeerClosed);
        assert_eq!(played.ended(), [Ending::Quit]);
    }
}

#[test]
fn each_refusal_ends_its_letter_and_the_next_one_follows() {
    let mut played = Played::after(&["220 b", "250 b"]);
    assert_eq!(played.hears("550 not you"), "MAIL FROM:<alice@a.example>|", "no transaction was opened: no RSET");
    assert_eq!(played.failures(), [(FailureCause::Reply, Stage::Mail)]);

    let mut played = Played::after(&TO_DATA);
    assert_eq!(played.hears("451 disk full"), "RSET|");
    assert_eq!(played.failures(), [(FailureCause::Reply, Stage::Data)]);
    assert_eq!(played.hears("250 OK"), "MAIL FROM:<alice@a.example>|");

    let mut played = Played::after(&TO_END);
    assert_eq!(played.hears("554 spam"), "MAIL FROM:<alice@a.example>|");
    let verdicts = played.outcomes()[0].verdicts();
    assert!(verdicts.iter().all(|(_, v)| matches!(v, Verdict::Refused(f) if f.stage == Stage::EndOfData)));

    let mut played = Played::after(&TO_END);
    played.hears("452 full");
    assert!(played.outcomes()[0].verdicts().iter().all(|(_, v)| matches!(v, Verdict::Deferred(_))));
}

#[test]
fn a_lost_connection_defers_whatever_it_interrupts() {
    let replies = [&TO_END[..], &["250 OK"]].concat();
    for n in 0..=replies.len() {
        for input in [Input::PeerClosed, Input::Reset] {
            let reset = matches!(input, Input::Reset);
            let mut played = Played::after(&replies[..n]);
            played.input(T0, input);
            played.input(T0, Input::Reset);
            assert_eq!(played.outcomes().len(), 2, "one outcome for each letter after {n} replies");
            let verdicts: Vec<_> = played.outcomes().iter().flat_map(|o| o.verdicts()).collect();
            assert_eq!(verdicts.len(), 4);
            let delivered = verdicts.iter().filter(|(_, v)| matches!(v, Verdict::Delivered(_))).count();
            assert_eq!(delivered, if n == replies.len() { 2 } else { 0 });
            assert!(verdicts.iter().all(|(_, v)| !matches!(v, Verdict::Refused(_))));
            assert_eq!(played.ended(), [if reset { Ending::Reset } else { Ending::PeerClosed }]);
            assert_eq!(played.closed, !reset);
            assert_eq!(played.wait, None);
        }
    }
}

#[test]
fn a_connection_that_never_opens_defers_all() {
    let mut client = Client::new(Arc::new(Config::default()));
    client.send(T0, envelope("", &["bob@b.example"]), Arc::from(&b"x"[..]));
    client.handle_input(T0, Input::Reset);
    let Output::Event(Event::Outcome(outcome)) = client.poll_output() else { panic!() };
    let failure = outcome.failure.unwrap();
    assert_eq!(failure.to_string(), "connection lost, waiting for the connection");
}

#[test]
fn silence_is_waited_for_as_the_rfc_says() {
    let minutes = |n: u64| Some(Instant::from_secs(n * 60));
    let waits = [minutes(5), minutes(5), minutes(5), minutes(5), minutes(5), minutes(2), minutes(10)];
    for (n, wait) in waits.into_iter().enumerate() {
        let mut played = Played::after(&TO_END[..n]);
        assert_eq!(played.wait, wait, "after {n} replies");
        let at = wait.unwrap();
        played.input(Instant::from_nanos(at.as_nanos() - 1), Input::Timeout);
        assert!(played.outcomes().is_empty());
        played.input(at, Input::Timeout);
        assert_eq!(played.outcomes().len(), 2);
        assert_eq!(played.failures()[0].0, FailureCause::Timeout);
        assert!(played.aborted && !played.closed);
        assert_eq!(played.ended(), [Ending::Timeout]);
    }
}

#[test]
fn a_letter_that_finds_no_room_is_given_up_after_three_minutes() {
    let mut client = Client::new(Arc::new(Config { auto_quit: true, ..Config::default() }));
    let mut said = Vec::new();
    let mut wait = None;
    let mut outcome = None;
    client.send(T0, envelope("", &["bob@b.example"]), Arc::from(vec![b'x'; 500]));
    client.handle_input(T0, Input::Connected);
    let commands = "EHLO client.example\r\nMAIL FROM:<>\r\nRCPT TO:<bob@b.example>\r\nDATA\r\n".len();
    client.handle_input(T0, Input::Writable(commands + 100));
    let mut poll = |client: &mut Client| loop {
        match client.poll_output() {
            Output::Transmit(bytes) => said.extend(bytes),
            Output::TransmitPart(part) => said.extend_from_slice(&part),
            Output::Event(Event::Outcome(o)) => outcome = Some(o),
            Output::Wait(at) => return (said.len(), at, outcome.take()),
            _ => {}
        }
    };
    for reply in ["220 b", "250 b", "250 OK", "250 OK", "354 go"] {
        client.handle_input(T0, Input::Bytes(format!("{reply}\r\n").as_bytes()));
        wait = poll(&mut client).1;
    }
    assert_eq!(wait, Some(Instant::from_secs(180)));
    client.handle_input(Instant::from_secs(100), Input::Writable(50));
    let (written, wait, _) = poll(&mut client);
    assert_eq!((written, wait), (commands + 150, Some(Instant::from_secs(280))));
    client.handle_input(Instant::from_secs(280), Input::Timeout);
    let failure = poll(&mut client).2.unwrap().failure.unwrap();
    assert_eq!(failure.to_string(), "timed out waiting for room to send the letter");
}

#[test]
fn c421_ends_the_session_at_any_time() {
    for n in 0..=TO_END.len() {
        let mut played = Played::after(&TO_END[..n]);
        assert_eq!(played.hears("421 going down"), "", "after {n} replies");
        assert_eq!(played.client.state(), State::Closing);
        assert_eq!(played.outcomes().len(), 2);
        let verdicts: Vec<_> = played.outcomes().iter().flat_map(|o| o.verdicts()).collect();
        assert!(
            verdicts
                .iter()
                .all(|(_, v)| matches!(v, Verdict::Deferred(f) if f.reply.as_ref().is_some_and(|r| r.code == 421)))
        );
        played.input(T0, Input::PeerClosed);
        assert!(played.closed);
        assert_eq!(played.ended(), [Ending::ServiceClosed]);
    }
}

#[test]
fn a_server_that_never_closes_after_221_is_left() {
    let mut played = Played::new(Config { auto_quit: true, ..Config::default() }, 0);
    assert_eq!(played.hears("220 b"), "EHLO client.example|");
    assert_eq!(played.hears("250 b"), "QUIT|");
    played.hears("221 bye");
    assert_eq!(played.wait, Some(Instant::ZERO + Duration::from_secs(300)));
    played.input(Instant::from_secs(300), Input::Timeout);
    assert!(played.closed && !played.aborted);
    assert_eq!(played.ended(), [Ending::Quit]);
}

#[test]
fn what_is_no_reply_ends_the_session() {
    for rubbish in ["hello", "2500 OK", "\r\n", "250-a\r\n251 b", "HTTP/1.1 400 Bad Request"] {
        let mut played = Played::after(&TO_DATA);
        played.hears(rubbish);
        assert_eq!(played.failures(), [(FailureCause::BadReply, Stage::Data), (FailureCause::NotSent, Stage::Data)]);
        assert_eq!(played.ended(), [Ending::BadReply]);
        assert!(played.closed);
    }
}

#[test]
fn replies_that_come_ahead_are_read_at_their_turn() {
    let mut played = Played::new(Config::default(), 1);
    let said = played.hears(&[&TO_END[..], &["250 OK"]].concat().join("\r\n"));
    assert!(said.starts_with("EHLO") && said.ends_with("DATA|letter 0|.|"), "{said}");
    assert!(played.outcomes()[0].is_complete());
}

#[test]
fn a_reply_in_the_middle_of_the_letter_waits_for_its_end() {
    let mut client = Client::new(Arc::new(Config::default()));
    client.send(T0, envelope("", &["bob@b.example"]), Arc::from(&b"0123456789\r\n"[..]));
    client.handle_input(T0, Input::Connected);
    let commands = "EHLO client.example\r\nMAIL FROM:<>\r\nRCPT TO:<bob@b.example>\r\nDATA\r\n".len();
    client.handle_input(T0, Input::Writable(commands + 5));
    let mut outcomes = Vec::new();
    let mut poll = |client: &mut Client| loop {
        match client.poll_output() {
            Output::Event(Event::Outcome(o)) => outcomes.push(o),
            Output::Wait(_) => return outcomes.clone(),
            _ => {}
        }
    };
    for reply in ["220 b", "250 b", "250 OK", "250 OK", "354 go", "552 too much"] {
        client.handle_input(T0, Input::Bytes(format!("{reply}\r\n").as_bytes()));
        assert_eq!(poll(&mut client), []);
    }
    assert_eq!(client.state(), State::Letter);
    let mut closed = client.clone();
    client.handle_input(T0, Input::Writable(100));
    assert_eq!(poll(&mut client)[0].end.as_ref().unwrap().code, 552);
    // The same, but the server closes: its last word was 552.
    closed.handle_input(T0, Input::PeerClosed);
    let outcome = poll(&mut closed).remove(1);
    assert_eq!(outcome.failure.unwrap().to_string(), "552 too much (in the middle of the letter)");
}

#[test]
fn after_quit_nothing_more_is_taken() {
    let mut played = Played::after(&["220 b", "250 b"]);
    played.client.quit(T0);
    played.client.send(T0, envelope("", &["late@b.example"]), Arc::from(&b""[..]));
    played.poll();
    assert_eq!(played.failures(), [(FailureCause::NotSent, Stage::Mail)]);
    for reply in ["250", "250", "250", "354", "250", "250", "250", "250", "354"] {
        played.hears(reply);
    }
    assert_eq!(played.hears("250 OK"), "QUIT|", "the letters that waited came first");
    assert_eq!(played.outcomes().len(), 3);
}

#[test]
fn an_envelope_that_would_break_the_dialogue_is_never_written() {
    let mut played = Played::new(Config::default(), 0);
    let bad = Address { local: "x>\r\nDATA".into(), domain: "b.example".into() };
    let from = ReversePath::Address(bad.clone());
    let to = address("bob@b.example");
    for envelope in [
        Envelope::new(from, vec![to.clone()]),
        Envelope::new(ReversePath::Null, vec![to, bad]),
        Envelope::new(ReversePath::Null, vec![]),
    ] {
        played.client.send(T0, envelope, Arc::from(&b"x"[..]));
    }
    played.hears("220 b");
    assert_eq!(played.hears("250 b"), "");
    assert_eq!(played.failures(), vec![(FailureCause::BadEnvelope, Stage::Between); 3]);
    assert_eq!(played.events.last(), Some(&Event::Idle));
}

#[test]
fn unexpected_replies_are_named() {
    let mut played = Played::new(Config::default(), 0);
    played.hears("220 b");
    played.hears("250 b");
    played.hears("250 why not");
    let Some(Event::Unexpected(unexpected)) = played.events.last() else { panic!() };
    assert_eq!(unexpected.to_string(), "in state READY: expected nothing, got 250");
    assert_eq!(played.client.state(), State::Ready);
    let verbs = played.events.iter().filter_map(|e| if let Event::Line(l) = e { l.verb } else { None });
    assert_eq!(verbs.collect::<Vec<_>>(), [Verb::Ehlo]);
}

/// With one letter to two recipients whose commands were all said together.
fn together(replies: &[&str]) -> (Played, String) {
    let mut this = Played::new(Config { pipelining: true, auto_quit: true, ..Config::default() }, 1);
    this.hears("220 b.example");
    this.input(T0, Input::Bytes(b"250-b.example\r\n"));
    let said = this.hears("250 pipelining");
    assert_eq!(said, "MAIL FROM:<alice@a.example>|RCPT TO:<bob@b.example>|RCPT TO:<carol@b.example>|DATA|");
    let mut last = String::new();
    for reply in replies {
        last = this.hears(reply);
    }
    (this, last)
}

#[test]
fn a_server_that_wants_a_letter_for_nobody_gets_a_lone_dot() {
    // RFC 2920 section 3.1.
    let (mut this, said) = together(&["250 OK", "550 no", "450 later", "354 go on"]);
    assert_eq!(said, ".|");
    assert_eq!(this.hears("554 no valid recipients"), "RSET|");
    let verdicts = this.outcomes()[0].verdicts();
    assert!(matches!(verdicts[0].1, Verdict::Refused(_)) && matches!(verdicts[1].1, Verdict::Deferred(_)));
    assert_eq!(this.hears("250 OK"), "QUIT|");
}

#[test]
fn replies_to_commands_said_together_may_come_in_one_piece_or_byte_by_byte() {
    let replies = "250 OK\r\n250 OK\r\n250 OK\r\n354 go on\r\n";
    let letter = "letter 0|.|";
    let (mut whole, _) = together(&[]);
    assert_eq!(whole.hears(replies.trim_end()), letter);
    let (mut bytes, _) = together(&[]);
    bytes.said.clear();
    replies.bytes().for_each(|b| bytes.input(T0, Input::Bytes(&[b])));
    assert_eq!(bytes.said.replace("\r\n", "|"), letter);
}

#[test]
fn a_connection_lost_while_commands_said_together_are_answered_defers_the_letter() {
    for replies in [&["250 OK"] as &[&str], &["250 OK", "250 OK"], &["550 no"], &["250 OK", "250 OK", "250 OK"]] {
        let (mut this, _) = together(replies);
        this.input(T0, Input::Reset);
        assert_eq!(this.outcomes().len(), 1);
        assert!(this.outcomes()[0].verdicts().iter().all(|(_, v)| !matches!(v, Verdict::Delivered(_))));
    }
}
