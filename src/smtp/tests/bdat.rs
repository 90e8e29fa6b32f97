//! BDAT (RFC 3030): letters in pieces, and letters that are no lines (BINARYMIME).

use super::*;
use crate::engine::Carried;
use crate::smtp::client::{FailureCause, Missing};
use crate::smtp::options::{Body, Options};
use crate::smtp::server::{Config, Limits};

fn config(lines: &[&str]) -> Config {
    Config {
        hostname: "cnri.example".into(),
        extensions: lines.iter().map(|l| (*l).to_owned()).collect(),
        ..Config::default()
    }
}

/// RFC 3030 section 4.1, with the words of this server. The letter has 86 bytes, and no dot behind it.
#[test]
fn rfc_3030_a_letter_in_one_piece() {
    let mut typist = Typist::greeted(config(&["CHUNKING", "ENHANCEDSTATUSCODES"]));
    typist.says("MAIL FROM:<Sam@random.example>\r\nRCPT TO:<Susan@random.example>\r\n");
    let letter = "To: Susan@random.example\r\nFrom: Sam@random.example\r\nSubject: This is a bodyless test message\r\n";
    assert_eq!(typist.says(format!("BDAT {} LAST\r\n{letter}", letter.len())), "250 2.0.0 OK");
    assert_eq!(typist.host.letters(), [letter.as_bytes().escape_ascii().to_string()]);
}

#[test]
fn pieces_are_put_together_wherever_they_are_cut() {
    let dialogue =
        b"MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nBDAT 13\r\n.\r\n..\r\nhello\nBDAT 0\r\nBDAT 5 LAST\r\n\
                     \r\n.\r\nQUIT\r\n";
    let heard = |size: usize| {
        let mut typist = Typist::greeted(config(&["CHUNKING", "PIPELINING"]));
        let mut said = String::new();
        for piece in dialogue.chunks(size) {
            said += &typist.says(piece);
            said += "\n";
        }
        let map = typist.host.delivered[0].map.clone();
        for (i, byte) in typist.host.delivered[0].letter.iter().enumerate() {
            let at = map.source_of(i as u64).unwrap() as usize - "EHLO a.example\r\n".len();
            assert_eq!(dialogue[at], *byte);
        }
        (said.split_whitespace().collect::<Vec<_>>().join(" "), typist.host.letters())
    };
    let (said, letters) = heard(1);
    assert_eq!(letters, [".\\r\\n..\\r\\nhello\\n\\r\\n.\\r\\n"]);
    assert!(said.starts_with("250 OK 250 OK 250 13 octets received 250 0 octets received 250 OK 221"), "{said}");
    for size in [2, 3, 7, 50, 1000] {
        assert_eq!(heard(size).1, letters);
    }
}

#[test]
fn a_refused_piece_is_read_and_thrown_away() {
    let mut typist = Typist::greeted(config(&["CHUNKING"]));
    assert_eq!(typist.says("BDAT 6 LAST\r\nQUIT\r\n"), "503 Bad sequence of commands", "the piece is no command");
    assert_eq!(typist.code("NOOP\r\n"), 250);
    typist.says("MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nBDAT 1\r\nx");
    assert_eq!(typist.code("DATA\r\n"), 503, "BDAT and DATA do not mix");
    assert_eq!(typist.code("RCPT TO:<c@b.example>\r\n"), 503);
    assert_eq!(typist.code("RSET\r\n"), 250);
    assert_eq!(typist.code("MAIL FROM:<a@a.example>\r\n"), 250);
    let mut typist =
        Typist::greeted(Config { limits: Limits { message: 10, ..Limits::default() }, ..config(&["CHUNKING"]) });
    typist.says("MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\n");
    assert_eq!(typist.code(format!("BDAT 20 LAST\r\n{}", "x".repeat(20))), 552);
    assert_eq!(Typist::greeted(Config::default()).code("BDAT 0 LAST\r\n"), 502, "not offered");
}

#[test]
fn a_client_sends_the_letter_as_it_is() {
    let client = client::Config { chunking: true, ..client::Config::default() };
    let mut pair = Pair::new(client, config(&["CHUNKING"]));
    pair.send("a@a.example", &["b@b.example"], ".dot\n.\n");
    pair.send("a@a.example", &["b@b.example"], "");
    pair.run();
    assert_eq!(pair.host.letters(), [".dot\\r\\n.\\r\\n", ""]);
    assert!(pair.transcript.contains("C: BDAT 9 LAST\nC: .dot\nC: .\n"), "{}", pair.transcript);
    assert!(!pair.transcript.contains("DATA\n"));
    let told = pair.client_events.iter().find_map(|e| match e {
        client::Event::Letter(letter) => {
            let Carried { range, map } = &**letter;
            Some((range.end - range.start, map.source_of(range.start)))
        }
        _ => None,
    });
    assert_eq!(told, Some((9, Some(0))));
}

/// A letter that is no text: NUL, bare CR and LF, a lone dot, a long line, no end of the last line.
fn binary() -> Vec<u8> {
    let head = &b"Content-Transfer-Encoding: binary\r\n\r\n"[..];
    [head, b"\0\r\n.\r\n\n\r\xff", &[b'x'; 1500]].concat()
}

fn send_binary(pair: &mut Pair) {
    let from = ReversePath::Address(address("ned@ymir.example"));
    let options = Options { body: Some(Body::BinaryMime), ..Options::default() };
    let to = vec![address("gvaudre@cnri.example")];
    let envelope = Envelope { options: Some(Arc::new(options)), ..Envelope::new(from, to) };
    pair.client.send(T0, envelope, Arc::<[u8]>::from(binary()));
    pair.run();
}

/// RFC 3030 section 3.
#[test]
fn a_binary_letter_goes_with_bdat_whatever_the_client_s_habit() {
    for chunking in [false, true] {
        let client = client::Config { chunking, pipelining: true, ..client::Config::default() };
        let mut pair = Pair::new(client, config(&["PIPELINING", "BINARYMIME", "CHUNKING"]));
        send_binary(&mut pair);
        assert!(pair.outcomes()[0].is_complete());
        let said = "C: MAIL FROM:<ned@ymir.example> BODY=BINARYMIME\nS: 250 OK\n";
        assert!(pair.transcript.contains(said), "{}", pair.transcript);
        assert!(pair.transcript.contains(&format!("C: BDAT {} LAST\n", binary().len())), "{}", pair.transcript);
        assert_eq!(pair.host.delivered[0].letter, binary(), "all bits of each octet are kept");
        assert!(pair.host.delivered[0].envelope.options().is_binary(), "and the next server is to hear of it");
    }
}

#[test]
fn a_binary_letter_never_goes_where_it_is_not_offered() {
    for lines in [&["CHUNKING", "8BITMIME"][..], &["BINARYMIME", "8BITMIME"], &[]] {
        let mut pair = Pair::new(client::Config { chunking: true, ..client::Config::default() }, config(lines));
        send_binary(&mut pair);
        let failure = pair.outcomes()[0].failure.clone().unwrap();
        assert_eq!(failure.cause, FailureCause::NotOffered(Missing::BinaryMime), "{lines:?}");
        assert!(failure.is_permanent() && pair.host.delivered.is_empty());
        assert!(pair.c2s.is_ascii() && !pair.transcript.contains("MAIL"), "nothing of it was said");
    }
    // A letter of text says nothing of it.
    let mut pair = Pair::new(client::Config::default(), config(&["BINARYMIME", "CHUNKING"]));
    pair.send("a@a.example", &["b@b.example"], "hello\n");
    pair.run();
    assert!(!pair.transcript.contains("BODY=") && pair.transcript.contains("C: DATA\n"), "{}", pair.transcript);
}

#[test]
fn what_was_said_to_be_binary_does_not_come_with_data() {
    let mut typist = Typist::greeted(config(&["BINARYMIME", "CHUNKING", "ENHANCEDSTATUSCODES"]));
    assert_eq!(typist.code("MAIL FROM:<ned@ymir.example> BODY=binarymime\r\n"), 250);
    assert_eq!(typist.code("DATA\r\n"), 503, "before a recipient too");
    assert_eq!(typist.code("RCPT TO:<gvaudre@cnri.example>\r\n"), 250);
    assert!(typist.says("DATA\r\n").starts_with("503 5.5.1 "));
    // The transaction goes on, and so does the next one without a word of the old.
    assert_eq!(typist.code([&b"BDAT 3 LAST\r\n"[..], b"\0\n."].concat()), 250);
    assert_eq!(typist.host.delivered[0].letter, b"\0\n.");
    typist.says("MAIL FROM:<ned@ymir.example>\r\nRCPT TO:<gvaudre@cnri.example>\r\n");
    assert_eq!(typist.code("DATA\r\n"), 354);
}

#[test]
fn binarymime_is_understood_only_beside_chunking() {
    let code = |lines: &[&str], body: &str| {
        Typist::greeted(config(lines)).code(format!("MAIL FROM:<a@a.example> BODY={body}\r\n"))
    };
    assert_eq!(code(&["BINARYMIME", "CHUNKING"], "BINARYMIME"), 250);
    assert_eq!(code(&["BINARYMIME", "CHUNKING"], "7BIT"), 250);
    assert_eq!(code(&["BINARYMIME", "CHUNKING"], "8BITMIME"), 504, "that was not offered");
    assert_eq!(code(&["BINARYMIME"], "BINARYMIME"), 555);
    assert_eq!(code(&["BINARYMIME", "8BITMIME"], "BINARYMIME"), 504);
    assert_eq!(code(&["CHUNKING"], "BINARYMIME"), 555);
}
