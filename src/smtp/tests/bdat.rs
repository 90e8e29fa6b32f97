//! BDAT (RFC 3030): letters in pieces.

use super::*;
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
        client::Event::Letter { range, map } => Some((range.end - range.start, map.source_of(range.start))),
        _ => None,
    });
    assert_eq!(told, Some((9, Some(0))));
}
