//! Dialogues of the RFCs of the extensions, in their order of commands and with the words of this server: whole, and cut
//! at every byte.

use super::*;
use crate::engine::TlsInfo;
use crate::smtp::StartTls;
use crate::smtp::server::Config;

fn config(hostname: &str, lines: &[&str]) -> Config {
    Config {
        hostname: hostname.into(),
        extensions: lines.iter().map(|l| (*l).to_owned()).collect(),
        ..Config::default()
    }
}

/// RFC 2920 section 4, the second dialogue: 4 turns where 9 were.
#[test]
fn rfc_2920_with_pipelining() {
    let mut typist = Typist::new(config("innosoft.example", &["PIPELINING"]));
    typist.dialogue(
        "S: 220 innosoft.example Simple Mail Transfer Service Ready
        C: EHLO dbc.example
        S: 250-innosoft.example
        S: 250 PIPELINING
        C: MAIL FROM:<mrose@dbc.example>
        C: RCPT TO:<ned@innosoft.example>
        C: RCPT TO:<dan@innosoft.example>
        C: RCPT TO:<kvc@innosoft.example>
        C: DATA
        S: 250 OK
        S: 250 OK
        S: 250 OK
        S: 250 OK
        S: 354 Start mail input; end with <CRLF>.<CRLF>
        C: Blah blah blah...
        C: .
        C: QUIT
        S: 250 OK
        S: 221 innosoft.example Service closing transmission channel",
    );
    assert_eq!(typist.host.letters(), ["Blah blah blah...\\r\\n"]);
}

/// RFC 2920 section 4, the third: all recipients are refused, and DATA with them.
#[test]
fn rfc_2920_when_nobody_is_taken() {
    let mut typist = Typist::new(config("innosoft.example", &["PIPELINING"]));
    typist.dialogue(
        "S: 220 innosoft.example Simple Mail Transfer Service Ready
        C: EHLO dbc.example
        S: 250-innosoft.example
        S: 250 PIPELINING
        C: MAIL FROM:<mrose@dbc.example>
        C: RCPT TO:<Nobody@b.example>
        C: RCPT TO:<Zoe@c.example>
        C: DATA
        S: 250 OK
        S: 550 No such user here
        S: 550 No such user here
        S: 554 No valid recipients
        C: QUIT
        S: 221 innosoft.example Service closing transmission channel",
    );
}

/// RFC 3207 section 5.
#[test]
fn rfc_3207_a_dialogue_with_starttls() {
    let config = Config { starttls: Some(StartTls::Offered), ..config("mail.imc.example", &["8BITMIME", "DSN"]) };
    let open = "S: 220 mail.imc.example Simple Mail Transfer Service Ready
        C: EHLO mail.example.com
        S: 250-mail.imc.example
        S: 250-8BITMIME
        S: 250-DSN
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 Ready to start TLS
        S: (TLS)";
    let sealed = "C: EHLO mail.example.com
        S: 250-mail.imc.example
        S: 250-8BITMIME
        S: 250 DSN";
    for cut in 1..30 {
        let mut typist = Typist::new(config.clone());
        typist.play(open, cut);
        typist.input(T0, Input::Secured(TlsInfo { version: "TLS 1.3", suite: String::new(), server_name: None }));
        typist.play(sealed, cut);
    }
}

/// RFC 6152 section 4.
#[test]
fn rfc_6152_a_dialogue_with_8bitmime() {
    let mut typist = Typist::new(config("dbc.example", &["8BITMIME"]));
    typist.dialogue(
        "S: 220 dbc.example Simple Mail Transfer Service Ready
        C: EHLO ymir.example
        S: 250-dbc.example
        S: 250 8BITMIME
        C: MAIL FROM:<ned@ymir.example> BODY=8BITMIME
        S: 250 OK
        C: RCPT TO:<mrose@dbc.example>
        S: 250 OK
        C: DATA
        S: 354 Start mail input; end with <CRLF>.<CRLF>
        C: Grüße
        C: .
        S: 250 OK
        C: QUIT
        S: 221 dbc.example Service closing transmission channel",
    );
    assert_eq!(typist.host.delivered[0].letter, "Grüße\r\n".as_bytes());
}

/// RFC 3030 section 4.3: pieces that were sent together, each with its answer. The pieces end where their sizes say.
#[test]
fn rfc_3030_pieces_sent_together() {
    let mut typist = Typist::new(config("cnri.example", &["PIPELINING", "BINARYMIME", "CHUNKING"]));
    typist.dialogue(
        "S: 220 cnri.example Simple Mail Transfer Service Ready
        C: EHLO ymir.example
        S: 250-cnri.example
        S: 250-PIPELINING
        S: 250-BINARYMIME
        S: 250 CHUNKING
        C: MAIL FROM:<ned@ymir.example> BODY=BINARYMIME
        C: RCPT TO:<gvaudre@cnri.example>
        C: RCPT TO:<jstewart@cnri.example>
        C: BDAT 17
        C: From: ned@ymir.
        C: BDAT 14
        C: .
        C: ..
        C: hello
        C: BDAT 0 LAST
        S: 250 OK
        S: 250 OK
        S: 250 OK
        S: 250 17 octets received
        S: 250 14 octets received
        S: 250 OK
        C: QUIT
        S: 221 cnri.example Service closing transmission channel",
    );
    assert_eq!(typist.host.letters(), ["From: ned@ymir.\\r\\n.\\r\\n..\\r\\nhello\\r\\n"]);
}
