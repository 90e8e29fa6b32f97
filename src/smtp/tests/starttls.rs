//! STARTTLS (RFC 3207): who offers it, who takes it, and what is forgotten.

use super::client::{Config, Failure, FailureCause};
use super::played::Played;
use super::{Input, T0, Typist, server};
use crate::engine::{TlsInfo, TlsPolicy};
use crate::smtp::StartTls;

fn offers(starttls: StartTls) -> server::Config {
    server::Config { starttls: Some(starttls), ..server::Config::default() }
}

fn info() -> TlsInfo {
    TlsInfo { version: "TLS 1.3", suite: "TLS_AES_128_GCM_SHA256".into(), server_name: None }
}

#[test]
fn behind_starttls_a_server_knows_nothing_that_was_said_before() {
    let mut typist = Typist::new(offers(StartTls::Offered));
    assert_eq!(typist.says("EHLO a.example\r\n"), "250-mail.example\n250 STARTTLS");
    assert_eq!(typist.says("STARTTLS\r\n"), "220 Ready to start TLS\n(TLS)");
    typist.input(T0, Input::Secured(info()));
    assert_eq!(typist.code("MAIL FROM:<alice@a.example>\r\n"), 503, "EHLO is forgotten");
    assert_eq!(typist.says("EHLO a.example\r\n"), "250 mail.example", "not offered a second time");
    assert_eq!(typist.code("STARTTLS\r\n"), 503);
    typist.says("MAIL FROM:<alice@a.example>\r\nRCPT TO:<bob@b.example>\r\nDATA\r\n");
    assert_eq!(typist.code("x\r\n.\r\n"), 250);
    assert_eq!(typist.host.delivered[0].protocol, "ESMTPS", "RFC 3848");
}

/// RFC 4954 section 4: no password in the open where it could be sealed.
#[test]
fn plain_and_login_wait_for_tls_and_a_proof_does_not() {
    let line = |names: &str| vec![format!("AUTH {names}"), "ENHANCEDSTATUSCODES".to_owned()];
    let config = |names| server::Config { extensions: line(names), ..offers(StartTls::Offered) };
    let mut typist = Typist::new(config("PLAIN LOGIN CRAM-MD5"));
    let open = "250-mail.example\n250-AUTH CRAM-MD5\n250-ENHANCEDSTATUSCODES\n250 STARTTLS";
    assert_eq!(typist.says("EHLO a.example\r\n"), open);
    let wait = "538 5.7.11 Encryption required for requested authentication mechanism";
    assert_eq!(typist.says("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"), wait);
    assert_eq!(typist.says("AUTH LOGIN\r\n"), wait);
    assert_eq!(typist.says("AUTH GSSAPI\r\n"), "504 5.5.4 Unrecognized authentication type");
    typist.says("STARTTLS\r\n");
    typist.input(T0, Input::Secured(info()));
    let sealed = "250-mail.example\n250-AUTH PLAIN LOGIN CRAM-MD5\n250 ENHANCEDSTATUSCODES";
    assert_eq!(typist.says("EHLO a.example\r\n"), sealed);
    assert_eq!(typist.says("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n"), "235 2.7.0 Authentication successful");
    let mut typist = Typist::new(config("PLAIN"));
    assert!(!typist.says("EHLO a.example\r\n").contains("AUTH"));
}

/// RFC 4954 section 6 does not name STARTTLS among the commands before a login; yet its section 4 wants TLS first.
#[test]
fn tls_comes_before_a_login_that_is_required() {
    let extensions = vec!["AUTH PLAIN".to_owned()];
    let config = server::Config { extensions, login_required: true, ..offers(StartTls::Offered) };
    let mut typist = Typist::new(config);
    typist.says("EHLO a.example\r\n");
    assert_eq!(typist.code("MAIL FROM:<alice@a.example>\r\n"), 530);
    assert_eq!(typist.says("STARTTLS\r\n"), "220 Ready to start TLS\n(TLS)");
}

/// CVE-2011-0411: a man in the middle puts commands behind STARTTLS, and a server that keeps them takes them for sealed.
#[test]
fn commands_put_behind_starttls_are_thrown_away() {
    let mut typist = Typist::greeted(offers(StartTls::Offered));
    let said = typist.says("STARTTLS\r\nEHLO evil.example\r\nMAIL FROM:<mallory@c.example>\r\n");
    assert_eq!(said, "220 Ready to start TLS\n(TLS)");
    assert_eq!(typist.says("MAIL FROM:<mallory@c.example>\r\n"), "", "still in the open");
    typist.input(T0, Input::Secured(info()));
    assert_eq!(typist.says(""), "");
    assert_eq!(typist.code("RCPT TO:<bob@b.example>\r\n"), 503);
}

#[test]
fn starttls_is_refused_where_it_makes_no_sense() {
    assert_eq!(Typist::greeted(server::Config::default()).code("STARTTLS\r\n"), 502);
    assert_eq!(Typist::new(offers(StartTls::Offered)).code("STARTTLS\r\n"), 503, "before EHLO");
    assert_eq!(Typist::greeted(offers(StartTls::Offered)).code("STARTTLS now\r\n"), 501);
    assert_eq!(Typist::greeted(offers(StartTls::Unavailable)).code("STARTTLS\r\n"), 454);
}

#[test]
fn where_tls_is_required_nothing_is_done_without_it() {
    let mut typist = Typist::greeted(offers(StartTls::Required));
    assert_eq!(typist.says("MAIL FROM:<alice@a.example>\r\n"), "530 Must issue a STARTTLS command first");
    assert_eq!((typist.code("NOOP\r\n"), typist.code("VRFY bob\r\n")), (250, 530));
    assert_eq!(typist.code("STARTTLS\r\n"), 220);
}

fn client(tls: TlsPolicy) -> Played {
    let mut played = Played::new(Config { tls, auto_quit: true, ..Config::default() }, 1);
    played.hears("220 mail.b.example");
    played
}

const OFFERED: &str = "250-mail.b.example\r\n250 STARTTLS";

fn why(played: &Played) -> String {
    played.outcomes().iter().filter_map(|o| o.failure.as_ref()).map(Failure::to_string).collect()
}

#[test]
fn a_client_takes_what_is_offered_and_says_ehlo_again() {
    for tls in [TlsPolicy::IfOffered, TlsPolicy::Required] {
        let mut played = client(tls);
        assert_eq!(played.hears(OFFERED), "STARTTLS|");
        // A reply put behind the 220 is not read.
        assert_eq!(played.hears("220 go\r\n250 injected"), "(TLS)");
        played.said.clear();
        played.input(T0, Input::Secured(info()));
        assert_eq!(played.said, "EHLO client.example\r\n");
        assert!(played.hears("250 mail.b.example").starts_with("MAIL FROM"));
    }
    assert!(client(TlsPolicy::Never).hears(OFFERED).starts_with("MAIL FROM"));
}

#[test]
fn without_tls_one_goes_on_and_the_other_does_not() {
    for answer in ["454 not now", "502 what?"] {
        let mut open = client(TlsPolicy::IfOffered);
        open.hears(OFFERED);
        assert!(open.hears(answer).starts_with("MAIL FROM"));
        let mut sealed = client(TlsPolicy::Required);
        sealed.hears(OFFERED);
        assert_eq!(sealed.hears(answer), "QUIT|");
        assert_eq!(why(&sealed), format!("no TLS: the server said {answer} to STARTTLS"));
    }
    assert!(client(TlsPolicy::IfOffered).hears("250 mail.b.example").starts_with("MAIL FROM"));
    let mut sealed = client(TlsPolicy::Required);
    assert_eq!(sealed.hears("250 mail.b.example"), "QUIT|");
    assert_eq!(why(&sealed), "no TLS: it is required here, and the server does not offer STARTTLS");
}

#[test]
fn a_handshake_that_fails_is_the_reason_of_the_letter() {
    let mut played = client(TlsPolicy::IfOffered);
    played.hears(OFFERED);
    played.hears("220 go");
    played.input(T0, Input::NotSecured("the certificate is expired".into()));
    assert_eq!(why(&played), "no TLS: the certificate is expired");
    assert!(matches!(played.failures()[0].0, FailureCause::NotSecured(_)) && played.closed);
    assert_eq!(played.said, "(TLS)", "nothing more");
}
