//! AUTH (RFC 4954): the dialogues of the RFC, and every way in which a login fails.

use super::*;
use crate::smtp::auth::{self, Mechanism};
use crate::smtp::client::{FailureCause, Login, Missing};
use crate::smtp::server::Config;

fn offering(line: &str) -> Config {
    let lines = [line, "ENHANCEDSTATUSCODES"].into_iter().filter(|l| !l.is_empty());
    Config { hostname: "smtp.example.com".into(), extensions: lines.map(str::to_owned).collect(), ..Config::default() }
}

fn all() -> Config {
    offering("AUTH PLAIN LOGIN CRAM-MD5")
}

fn submission() -> Config {
    Config { submission: true, login_required: true, ..all() }
}

/// RFC 4954 section 4.3 begins its examples with TLS, and has PLAIN behind it.
#[test]
fn rfc_4954_plain_with_an_initial_response() {
    let mut typist = Typist::new(offering("AUTH GSSAPI DIGEST-MD5 PLAIN"));
    typist.dialogue(
        "S: 220 smtp.example.com Simple Mail Transfer Service Ready
        C: EHLO client.example.com
        S: 250-smtp.example.com
        S: 250-AUTH GSSAPI DIGEST-MD5 PLAIN
        S: 250 ENHANCEDSTATUSCODES
        C: AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=
        S: 235 2.7.0 Authentication successful",
    );
}

/// The third example of RFC 4954 section 4.3: no initial response, an empty challenge.
#[test]
fn rfc_4954_plain_without_an_initial_response() {
    let mut typist = Typist::greeted(offering("AUTH PLAIN"));
    typist.said.clear();
    typist.dialogue(
        "C: AUTH PLAIN
        S: 334\x20
        C: dGVzdAB0ZXN0ADEyMzQ=
        S: 235 2.7.0 Authentication successful",
    );
}

/// RFC 4954 section 4.3 and RFC 2195 section 2.
#[test]
fn rfc_2195_cram_md5() {
    let mut typist = Typist::greeted(all());
    typist.said.clear();
    typist.dialogue(
        "C: AUTH CRAM-MD5
        S: 334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UuZXhhbXBsZT4=
        C: dGltIDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw
        S: 535 5.7.8 Authentication credentials invalid",
    );
    let challenge = "<1896.697170952@postoffice.example>";
    let proof = auth::encode(format!("tim {}", auth::cram_md5("tanstaaftanstaaf", challenge)));
    assert_eq!(typist.code("AUTH CRAM-MD5\r\n"), 334);
    assert_eq!(typist.says(format!("{proof}\r\n")), "235 2.7.0 Authentication successful");
}

#[test]
fn login_asks_for_name_and_password() {
    let mut typist = Typist::greeted(all());
    assert_eq!(typist.says("AUTH LOGIN\r\n"), "334 VXNlcm5hbWU6");
    assert_eq!(typist.says("dGVzdA==\r\n"), "334 UGFzc3dvcmQ6");
    assert_eq!(typist.code("MTIzNA==\r\n"), 235);
    let mut typist = Typist::greeted(all());
    assert_eq!(typist.says("auth login dGVzdA==\r\n"), "334 UGFzc3dvcmQ6", "the name as initial response");
}

/// RFC 4954 section 4, restriction by restriction.
#[test]
fn each_refusal_has_its_code() {
    let mut typist = Typist::new(all());
    assert_eq!(typist.code("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"), 503, "before EHLO");
    typist.code("HELO a.example\r\n");
    assert_eq!(typist.code("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"), 503, "after HELO");
    let mut typist = Typist::greeted(all());
    assert_eq!(typist.says("AUTH GSSAPI\r\n"), "504 5.5.4 Unrecognized authentication type");
    assert_eq!(typist.code("AUTH\r\n"), 501);
    assert_eq!(typist.code("AUTH PLAIN a b\r\n"), 501);
    assert_eq!(typist.code("AUTH PLAIN ====\r\n"), 501, "not base64");
    assert_eq!(typist.code("AUTH PLAIN =\r\n"), 501, "no bytes are no name");
    assert_eq!(typist.code("AUTH CRAM-MD5 dGVzdA==\r\n"), 535, "the server speaks first");
    assert_eq!(typist.code("AUTH PLAIN\r\n"), 334);
    assert_eq!(typist.says("*\r\n"), "501 5.7.0 Authentication canceled");
    assert_eq!(typist.code("AUTH PLAIN\r\n"), 334);
    assert_eq!(typist.code("NOOP\r\n"), 501, "a command is no response");
    assert_eq!(typist.code("AUTH PLAIN\r\n"), 334);
    assert_eq!(
        typist.says(format!("{}\r\n", "A".repeat(12_300))),
        "500 5.5.6 Authentication exchange line is too long"
    );
    assert_eq!(typist.says("AUTH PLAIN AHRlc3QAd3Jvbmc=\r\n"), "535 5.7.8 Authentication credentials invalid");
    typist.code("MAIL FROM:<a@a.example>\r\n");
    assert_eq!(typist.code("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"), 503, "in a transaction");
    typist.code("RSET\r\n");
    assert_eq!(typist.code("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"), 235);
    assert_eq!(typist.says("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"), "503 5.5.1 Bad sequence of commands", "once");
    assert_eq!(Typist::greeted(Config::default()).code("AUTH PLAIN\r\n"), 502, "not offered");
}

/// RFC 6409 section 4.3, RFC 4954 section 6.
#[test]
fn the_submission_service_wants_a_login_first() {
    let mut typist = Typist::greeted(submission());
    for line in ["MAIL FROM:<alice@a.example>", "RCPT TO:<bob@b.example>", "DATA", "VRFY bob"] {
        assert_eq!(typist.says(format!("{line}\r\n")), "530 5.7.0 Authentication required", "{line}");
    }
    for line in ["NOOP", "RSET", "EHLO a.example", "HELP"] {
        assert!(typist.code(format!("{line}\r\n")) < 300, "{line}");
    }
    assert_eq!(typist.code("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"), 235);
    assert_eq!(typist.code("MAIL FROM:<alice@a.example> AUTH=<>\r\n"), 250);
    typist.says("RCPT TO:<bob@b.example>\r\nDATA\r\n");
    assert_eq!(typist.code("hello\r\n.\r\n"), 250);
    assert_eq!(typist.host.delivered[0].protocol, "ESMTPA");
}

/// RFC 4954 section 5: what a client says that has not logged in is not believed.
#[test]
fn whom_nobody_knows_cannot_vouch_for_others() {
    let heard = |login: &str| {
        let mut typist = Typist::greeted(all());
        typist.says(login);
        assert_eq!(typist.code("MAIL FROM:<a@a.example> AUTH=e+3Dmc2@example.com\r\n"), 250);
        typist.says("RCPT TO:<b@b.example>\r\nDATA\r\n.\r\n");
        typist.host.delivered[0].envelope.options().auth.clone().unwrap()
    };
    assert_eq!(heard("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"), "e+3Dmc2@example.com");
    assert_eq!(heard(""), "<>");
    let mut typist = Typist::greeted(all());
    assert_eq!(typist.code("MAIL FROM:<a@a.example> AUTH=e+3\r\n"), 501);
}

#[test]
fn after_starttls_everything_is_forgotten() {
    let mut typist = Typist::greeted(submission());
    assert_eq!(typist.code("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"), 235);
    typist.server.forget();
    assert_eq!(typist.code("MAIL FROM:<>\r\n"), 530, "who was known is unknown");
    assert_eq!(typist.code("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"), 503, "EHLO comes first");
}

fn logging_in(mechanism: Mechanism, password: &str, server: Config) -> Pair {
    let login = Login { user: "tim".into(), password: password.into(), mechanism };
    let mut pair = Pair::new(client::Config { login: Some(login), ..client::Config::default() }, server);
    pair.send("tim@a.example", &["bob@b.example"], "Subject: x\n\nhello\n");
    pair.run();
    pair
}

#[test]
fn a_client_logs_in_with_each_mechanism() {
    for mechanism in Mechanism::ALL {
        let pair = logging_in(mechanism, "tanstaaftanstaaf", submission());
        assert!(pair.outcomes()[0].is_complete(), "{mechanism}: {}", pair.transcript);
        assert!(pair.transcript.contains("S: 235 2.7.0"), "{mechanism}");
    }
    // The initial response saves a round trip.
    let plain = logging_in(Mechanism::Plain, "tanstaaftanstaaf", submission());
    assert!(!plain.transcript.contains("334"), "{}", plain.transcript);
    let hidden = logging_in(Mechanism::CramMd5, "tanstaaftanstaaf", submission());
    let password = auth::encode("tanstaaftanstaaf");
    assert!(!hidden.transcript.contains(&password) && plain.transcript.contains("AUTH PLAIN "));
}

#[test]
fn a_client_whose_login_fails_sends_nothing() {
    let pair = logging_in(Mechanism::Plain, "wrong", submission());
    let failure = pair.outcomes()[0].failure.clone().unwrap();
    assert_eq!((failure.cause, failure.reply.unwrap().code), (FailureCause::Reply, 535));
    assert!(!pair.transcript.contains("MAIL") && pair.transcript.ends_with("closing transmission channel\n"));
    let pair = logging_in(Mechanism::CramMd5, "x", offering("AUTH PLAIN"));
    assert_eq!(pair.outcomes()[0].failure.as_ref().unwrap().cause, FailureCause::NotOffered(Missing::Login));
    assert!(!pair.transcript.contains("C: AUTH"), "what is not offered is not said");
}

#[test]
fn a_long_password_waits_for_the_challenge() {
    let pair = logging_in(Mechanism::Plain, &"x".repeat(500), submission());
    assert!(pair.transcript.contains("C: AUTH PLAIN\nS: 334 \nC: AHRpb"), "{}", pair.transcript);
}
