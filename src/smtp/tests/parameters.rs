//! Parameters of MAIL and RCPT and what follows from them: 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531), DSN (RFC 3461),
//! and the enhanced status codes of every reply (RFC 2034).

use super::*;
use crate::smtp::client::{FailureCause, Missing};
use crate::smtp::options::{Body, Notify, Options, Ret, Wish};
use crate::smtp::server::{Config, Limits, Verify};
use crate::smtp::{Status, Syntax};

fn config(lines: &[&str]) -> Config {
    Config { extensions: lines.iter().map(|l| (*l).to_owned()).collect(), ..Config::default() }
}

const UMLAUTS: &str = "Subject: x\n\nGrüße\n";

fn pair(lines: &[&str]) -> Pair {
    Pair::new(client::Config::default(), config(lines))
}

/// RFC 6152 section 4, the dialogue behind EHLO.
#[test]
fn rfc_6152_eight_bits_where_they_are_offered() {
    let mut pair = pair(&["8BITMIME"]);
    pair.send("ned@ymir.example", &["mrose@dbc.example"], UMLAUTS);
    pair.run();
    assert!(
        pair.transcript.contains("C: MAIL FROM:<ned@ymir.example> BODY=8BITMIME\nS: 250 OK\n"),
        "{}",
        pair.transcript
    );
    assert_eq!(pair.host.delivered[0].letter, UMLAUTS.replace('\n', "\r\n").as_bytes());
    assert_eq!(pair.host.delivered[0].envelope.options().body, Some(Body::EightBitMime));
    // Seven bits need no word.
    let mut seven = self::pair(&["8BITMIME"]);
    seven.send("ned@ymir.example", &["mrose@dbc.example"], "Subject: x\n\nplain\n");
    seven.run();
    assert!(!seven.transcript.contains("BODY="));
}

#[test]
fn eight_bits_never_go_where_they_are_not_offered() {
    let mut pair = pair(&["SIZE"]);
    pair.send("a@a.example", &["b@b.example"], UMLAUTS);
    pair.send("a@a.example", &["b@b.example"], "Subject: x\n\nplain\n");
    pair.run();
    let outcomes = pair.outcomes();
    let failure = outcomes[0].failure.as_ref().unwrap();
    assert_eq!(failure.cause, FailureCause::NotOffered(Missing::EightBitMime));
    assert!(failure.is_permanent() && outcomes[1].is_complete());
    assert!(pair.c2s.is_ascii(), "not a byte of it was sent");
}

#[test]
fn the_value_of_body_is_one_of_two() {
    let mut typist = Typist::greeted(config(&["8BITMIME"]));
    assert_eq!(typist.code("MAIL FROM:<a@a.example> BODY=BINARYMIME\r\n"), 504);
    assert_eq!(typist.code("MAIL FROM:<a@a.example> BODY\r\n"), 501);
    assert_eq!(typist.code("MAIL FROM:<a@a.example> BODY=7BIT BODY=7BIT\r\n"), 501, "twice");
    assert_eq!(typist.code("MAIL FROM:<a@a.example> body=8bitmime\r\n"), 250);
    assert_eq!(Typist::greeted(config(&[])).code("MAIL FROM:<a@a.example> BODY=7BIT\r\n"), 555);
}

/// RFC 6531 sections 3.3, 3.4 and 3.5.
#[test]
fn addresses_beyond_ascii_need_smtputf8() {
    let mut typist = Typist::greeted(config(&["8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]));
    let refused = "553 5.6.7 Non-ASCII addresses need the parameter SMTPUTF8 of MAIL";
    assert_eq!(typist.says("MAIL FROM:<jörg@a.example>\r\n"), refused);
    assert_eq!(typist.code("MAIL FROM:<a@a.example> SMTPUTF8=yes\r\n"), 501);
    assert_eq!(typist.code("MAIL FROM:<a@a.example>\r\n"), 250);
    assert_eq!(typist.says("RCPT TO:<用户@例子.example>\r\n"), refused);
    typist.code("RSET\r\n");
    assert_eq!(typist.code("MAIL FROM:<jörg@köln.example> SMTPUTF8 BODY=8BITMIME\r\n"), 250);
    assert_eq!(typist.code("RCPT TO:<用户@例子.example>\r\n"), 250);
    typist.says("DATA\r\n");
    assert_eq!(typist.code("Subject: Grüße\r\n\r\n.\r\n"), 250);
    let delivered = &typist.host.delivered[0];
    assert_eq!((delivered.protocol, delivered.envelope.to[0].to_string().as_str()), ("UTF8SMTP", "用户@例子.example"));
    assert_eq!(Typist::greeted(config(&[])).code("MAIL FROM:<jörg@a.example>\r\n"), 501, "not offered, not grammar");
    assert_eq!(Typist::greeted(config(&["SMTPUTF8"])).code(b"MAIL FROM:<j\xf6rg@a.example> SMTPUTF8\r\n"), 501);
}

#[test]
fn a_client_says_smtputf8_or_keeps_the_mail() {
    let send = |lines: &[&str]| {
        let mut pair = pair(lines);
        let to = vec![Address::international("用户@例子.example").unwrap()];
        let from = ReversePath::Address(address("a@a.example"));
        pair.client.send(T0, Envelope::new(from, to), Arc::<[u8]>::from(*b"Subject: x\r\n\r\nhello\r\n"));
        pair.run();
        pair
    };
    let taken = send(&["SMTPUTF8", "8BITMIME"]);
    assert!(taken.outcomes()[0].is_complete() && taken.host.delivered.len() == 1);
    let kept = send(&["8BITMIME"]);
    let failure = kept.outcomes()[0].failure.clone().unwrap();
    assert_eq!(failure.cause, FailureCause::NotOffered(Missing::SmtpUtf8));
    assert!(kept.c2s.is_ascii());
}

/// RFC 3461 section 10.1, the first MAIL and RCPT of the example.
#[test]
fn rfc_3461_wishes_are_read_and_carried_on() {
    let mut typist = Typist::greeted(config(&["DSN"]));
    assert_eq!(typist.code("MAIL FROM:<Alice@Pure-Heart.example> RET=HDRS ENVID=QQ314159\r\n"), 250);
    let rcpt = "RCPT TO:<Bob@Big-Bucks.example> NOTIFY=SUCCESS ORCPT=rfc822;Bob@Big-Bucks.example\r\n";
    assert_eq!(typist.code(rcpt), 250);
    assert_eq!(typist.code("RCPT TO:<Dana@Ivory.example> NOTIFY=NEVER\r\n"), 250);
    typist.says("DATA\r\n.\r\n");
    let envelope = typist.host.delivered[0].envelope.clone();
    let options = envelope.options();
    assert_eq!((options.ret, options.envid.as_deref()), (Some(Ret::Hdrs), Some("QQ314159")));
    let bob = &options.recipients[&envelope.to[0]];
    assert_eq!(bob.orcpt.as_deref(), Some("rfc822;Bob@Big-Bucks.example"));
    assert!(options.tells_success(&envelope.to[0]) && !options.tells_failure(&envelope.to[1]));
    let sent = |lines: &[&str]| {
        let mut pair = pair(lines);
        pair.client.send(T0, envelope.clone(), Arc::<[u8]>::from(*b"x\r\n"));
        pair.run();
        pair.transcript
    };
    let carried = sent(&["DSN"]);
    for line in ["<Alice@pure-heart.example> RET=HDRS ENVID=QQ314159\n", rcpt.split_once(' ').unwrap().1.trim_end()] {
        assert!(carried.to_lowercase().contains(&line.to_lowercase()), "{line}: {carried}");
    }
    let lost = sent(&["SIZE"]);
    assert!(!lost.contains("NOTIFY") && !lost.contains("RET="), "not where it is not offered: {lost}");
}

#[test]
fn wishes_that_are_not_well_formed_are_501() {
    let mut typist = Typist::greeted(config(&["DSN"]));
    for wrong in ["RET=SOME", "RET", "ENVID=+2", "RET=FULL RET=FULL", &format!("ENVID={}", "x".repeat(101))] {
        assert_eq!(typist.code(format!("MAIL FROM:<a@a.example> {wrong}\r\n")), 501, "{wrong}");
    }
    typist.code("MAIL FROM:<a@a.example>\r\n");
    for wrong in ["NOTIFY=NEVER,DELAY", "NOTIFY=", "ORCPT=bob", "ORCPT=;x"] {
        assert_eq!(typist.code(format!("RCPT TO:<b@b.example> {wrong}\r\n")), 501, "{wrong}");
    }
    assert_eq!(typist.code("RCPT TO:<b@b.example> SIZE=1\r\n"), 555);
    let mut without = Typist::greeted(config(&[]));
    without.code("MAIL FROM:<a@a.example>\r\n");
    assert_eq!(without.code("RCPT TO:<b@b.example> NOTIFY=NEVER\r\n"), 555, "not offered");
    assert_eq!(Options::default(), Envelope::new(ReversePath::Null, vec![]).options().clone());
    let wish = Wish { notify: Some(Notify::default()), orcpt: None };
    assert_eq!(wish.notify.unwrap().to_string(), "NEVER");
}

/// RFC 2034 section 4: every 2yz, 4yz and 5yz has one of its own class, but for the greeting and EHLO.
#[test]
fn every_reply_has_an_enhanced_status_code_of_its_class() {
    let limits = Limits { recipients: 2, message: 100, ..Limits::default() };
    let lines = &["ENHANCEDSTATUSCODES", "SIZE 100", "8BITMIME", "DSN", "CHUNKING", "AUTH PLAIN CRAM-MD5"];
    let script = [
        ("FOO", 500, "5.5.1"),
        ("MAIL FROM:alice", 501, "5.5.4"),
        ("EXPN list", 502, "5.5.1"),
        ("RCPT TO:<b@b.example>", 503, "5.5.1"),
        ("HELP", 214, "2.0.0"),
        ("HELP me", 504, "5.5.4"),
        ("VRFY Crispin", 250, "2.0.0"),
        ("MAIL FROM:<a@a.example> FOO=1", 555, "5.5.4"),
        ("MAIL FROM:<a@a.example> SIZE=1000", 552, "5.3.4"),
        ("MAIL FROM:<Banned@a.example>", 550, "5.0.0"),
        ("AUTH PLAIN AHRlc3QAd3Jvbmc=", 535, "5.7.8"),
        ("AUTH FOO", 504, "5.5.4"),
        ("MAIL FROM:<a@a.example>", 250, "2.1.0"),
        ("DATA", 554, "5.5.1"),
        ("RCPT TO:<Nobody@b.example>", 550, "5.0.0"),
        ("RCPT TO:<Full@b.example>", 452, "4.0.0"),
        ("RCPT TO:<b@b.example>", 250, "2.1.5"),
        ("RCPT TO:<c@b.example>", 250, "2.1.5"),
        ("RCPT TO:<d@b.example>", 452, "4.5.3"),
        ("RSET", 250, "2.0.0"),
        ("NOOP", 250, "2.0.0"),
        ("QUIT", 221, "2.0.0"),
    ];
    let mut typist = Typist::greeted(Config { limits, ..config(lines) });
    for (line, code, status) in script {
        let said = typist.says(format!("{line}\r\n"));
        let reply: Reply = said.parse().unwrap();
        assert_eq!(
            (reply.code, Status::of(&reply).map(|s| s.to_string()).as_deref()),
            (code, Some(status)),
            "{line}: {said}"
        );
    }
    // After HELO, and where it is not offered, there is none.
    let mut old = Typist::new(config(lines));
    assert_eq!(old.says("HELO a.example\r\n"), "250 mail.example");
    assert_eq!(old.says("NOOP\r\n"), "250 OK");
    assert!(Typist::new(config(lines)).says("EHLO a.example\r\n").starts_with("250-mail.example\n250-ENHANCED"));
}

#[test]
fn the_host_s_own_status_is_said_or_left_out() {
    let mut with = Typist::greeted(Config { expand: true, ..config(&["ENHANCEDSTATUSCODES"]) });
    assert_eq!(with.says("EXPN bob\r\n"), "550 5.1.1 That is a user name, not a mailing list");
    let mut without = Typist::greeted(Config { expand: true, ..config(&[]) });
    assert_eq!(without.says("EXPN bob\r\n"), "550 That is a user name, not a mailing list");
    assert!(without.says("HELP\r\n").contains(" EXPN "));
}

#[test]
fn vrfy_may_tell_nothing() {
    let mut typist = Typist::greeted(Config { verify: Verify::Vague, ..config(&[]) });
    assert_eq!(typist.code("VRFY Crispin\r\n"), 252);
    assert_eq!(typist.code("VRFY nobody\r\n"), 252);
}

/// RFC 5321 section 4.1.1.11 and the RFC of each extension: parameters make the line longer.
#[test]
fn a_command_line_may_be_longer_by_what_extensions_add() {
    let line = format!("MAIL FROM:<{}@{}.example>", "a".repeat(64), vec!["b".repeat(60); 2].join("."));
    let padded = |n: usize| format!("{line}{}\r\n", " ".repeat(n - line.len() - 2));
    assert_eq!(Typist::greeted(config(&[])).code(padded(512)), 250);
    assert_eq!(Typist::greeted(config(&[])).code(padded(513)), 500);
    assert_eq!(Typist::greeted(config(&["SIZE"])).code(padded(538)), 250);
    assert_eq!(Typist::greeted(config(&["SIZE"])).code(padded(539)), 500);
    let lenient = Config { syntax: Syntax::Lenient, ..config(&["DSN"]) };
    assert_eq!(Typist::greeted(lenient).code(padded(700)), 250);
}
