use proptest::prelude::*;

use super::*;
use crate::smtp::{Address, Options, Reply};

fn stamp() -> Stamp {
    Stamp { unix_seconds: 1_740_992_400, message_id: "1.1@alice-pc.a.example".into(), boundary: "=_boundary_1".into() }
}

fn draft(text: &str) -> Draft {
    Draft {
        from: "Alice <alice@a.example>".into(),
        to: vec!["bob@b.example".into()],
        subject: "hello".into(),
        text: text.into(),
        ..Draft::default()
    }
}

#[test]
fn a_plain_letter_is_what_was_typed_below_its_header() {
    let letter = compose(&draft("hello\nworld\n"), &stamp());
    let text = String::from_utf8(letter.bytes.to_vec()).unwrap();
    assert!(text.ends_with("\r\n\r\nhello\r\nworld\r\n"), "{text}");
    assert_eq!(header(&letter.bytes, "message-id", 0).unwrap(), "<1.1@alice-pc.a.example>");
    assert_eq!(header(&letter.bytes, "Date", 0).unwrap(), "Mon, 3 Mar 2025 09:00:00 +0000");
    assert_eq!(header(&letter.bytes, "To", 0).unwrap(), "<bob@b.example>");
    assert_eq!(letter, compose(&draft("hello\nworld\n"), &stamp()));
}

#[test]
fn every_typed_letter_is_found_in_the_mail_and_on_the_screen() {
    let typed = "hello\n.\nlast line";
    let letter = compose(&draft(typed), &stamp());
    let screen = show(&letter.bytes);
    assert_eq!((screen.text.trim_end(), screen.subject.as_str()), (typed, "hello"));
    for (i, b) in typed.bytes().enumerate() {
        let on_screen = i as u64;
        let in_letter = screen.map.source_of(on_screen).unwrap();
        if b != b'\n' {
            assert_eq!(letter.bytes[in_letter as usize], b);
        }
        assert_eq!(letter.map.source_of(in_letter), Some(on_screen));
    }
}

#[test]
fn bcc_never_stands_in_the_letter() {
    let letter = compose(&Draft { bcc: vec!["dave@c.example".into()], ..draft("x") }, &stamp());
    assert!(memchr::memmem::find(&letter.bytes, b"dave").is_none());
}

#[test]
fn seven_bits_are_enough_for_everything() {
    let mut d = draft("Schöne Grüße aus Köln");
    d.subject = "Grüße".into();
    d.attachments.push(Attachment {
        name: "photo.png".into(),
        content_type: "image/png".into(),
        bytes: (0..3000u32).map(|i| i as u8).collect::<Vec<_>>().into(),
    });
    let letter = compose(&d, &stamp());
    assert!(letter.bytes.is_ascii());
    let screen = show(&letter.bytes);
    assert_eq!((screen.subject.as_str(), screen.text.trim_end()), ("Grüße", "Schöne Grüße aus Köln"));
    assert_eq!(screen.files, [("photo.png".to_string(), 3000)]);
    // 4,000 characters in 53 lines of at most 76, each with CRLF (curriculum L07: 4,106 bytes).
    let text = std::str::from_utf8(&letter.bytes).unwrap();
    let base64: Vec<&str> = text
        .split("\r\n")
        .filter(|l| l.len() <= 76 && l.len() > 30 && !l.contains([' ', ':', '"', '-', '=']))
        .collect();
    assert_eq!(base64.iter().map(|l| l.len() + 2).sum::<usize>(), 4106);
}

#[test]
fn trace_lines_go_on_top_and_every_other_byte_keeps_its_source() {
    let (bytes, map) = prepend("Received: from a\r\n\tby b\r\n", &Tail::join(&[b"From: x\r\n\r\nhello\r\n"]));
    assert_eq!(header(&bytes, "Received", 0).unwrap(), "from a\tby b");
    assert_eq!((header_count(&bytes, "received"), header_count(&bytes, "From")), (1, 1));
    assert_eq!((map.source_of(24), map.source_of(25)), (None, Some(0)));
}

#[test]
fn a_header_without_a_body_keeps_its_last_field_whole() {
    assert_eq!(header(b"A: one\r\nB: two", "B", 0).unwrap(), "two");
    assert_eq!(header(b"A: one\r\n\r\n", "A", 0).unwrap(), "one");
    assert_eq!(header_end(b"\r\nbody"), 0);
}

/// RFC 2045 section 6.7, RFC 2047, RFC 2231: text, subject and file name beyond ASCII come back as they were typed.
#[test]
fn names_and_texts_beyond_ascii_come_back() {
    let file = Attachment {
        name: "Fotoalbum für Jörg 日本.bmp".into(),
        content_type: "image/bmp".into(),
        bytes: [0u8; 300][..].into(),
    };
    for (text, encoding) in [("Schöne Grüße aus Köln", "quoted-printable"), ("日本語の文章です", "base64")]
    {
        let subject = "Grüße, und ein Betreff, der so lang ist, dass er auf mehr als eine Zeile gehen muss: äöü";
        let written = Draft { subject: subject.into(), attachments: vec![file.clone()], ..draft(text) };
        let letter = compose(&written, &stamp()).bytes;
        assert!(letter.is_ascii());
        assert!(letter.split(|b| *b == b'\n').all(|line| line.len() <= 79), "lines are folded at 78 characters");
        assert_eq!(mime_parts(&letter)[0].encoding, encoding);
        let screen = show(&letter);
        assert_eq!((screen.text.trim_end(), screen.subject.as_str()), (text, subject));
        assert_eq!(screen.files, [(file.name.clone(), 300)]);
    }
}

#[test]
fn eight_bits_are_written_only_when_they_are_wanted() {
    let written = Draft { eight_bit: true, ..draft("Köln\nhello") };
    let letter = compose(&written, &stamp());
    assert!(memchr::memmem::find(&letter.bytes, "\r\n\r\nKöln\r\nhello\r\n".as_bytes()).is_some());
    assert_eq!(header(&letter.bytes, "Content-Transfer-Encoding", 0).as_deref(), Some("8bit"));
    for (i, b) in "Köln\nhello".bytes().enumerate() {
        let at = letter.map.target_of(0).unwrap();
        assert!(
            letter.map.target_of(i as u64).is_some_and(|to| to >= at && (b == b'\n' || letter.bytes[to as usize] == b))
        );
    }
    // Lines that are too long for SMTP are encoded all the same.
    let long = compose(&Draft { eight_bit: true, ..draft(&"ä".repeat(600)) }, &stamp());
    assert!(long.bytes.is_ascii());
}

/// RFC 2046 section 5.1: parts in parts, each with the place where its bytes stand.
#[test]
fn nested_parts_are_found_where_they_stand() {
    let letter = b"Content-Type: multipart/mixed; boundary=\"out er\"\r\n\r\npreamble\r\n--out er\r\n\
        Content-Type: multipart/alternative;\r\n boundary=in\r\n\r\n--in\r\n\r\none\r\n--in\r\n\
        Content-Type: text/html\r\n\r\n<p>two\r\n--in--\r\n--out er\r\nContent-Type: image/bmp;\r\n\
        \tname*0*=utf-8''f%C3%BC;\r\n\tname*1=r.bmp\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--out er--\r\nepilogue\r\n";
    let parts = mime_parts(letter);
    let told: Vec<(&str, &[u8])> =
        parts.iter().map(|p| (p.kind.as_str(), letter[p.body.clone()].trim_ascii_end())).collect();
    let expected: [(&str, &[u8]); 3] = [("text/plain", b"one"), ("text/html", b"<p>two"), ("image/bmp", b"AAEC")];
    assert_eq!(told, expected);
    assert_eq!(show(letter).files, [("für.bmp".to_owned(), 3)], "RFC 2231 section 4.1");
}

#[test]
fn a_bounce_has_three_parts_and_quotes_the_header() {
    let to = Address { local: "alice".into(), domain: "a.example".into() };
    let failed = Failed {
        recipient: Address { local: "nobody".into(), domain: "b.example".into() },
        reply: Some(Reply::new(550, "no such user")),
        reason: "550 no such user".into(),
    };
    let (stamp, options) = (stamp(), Options::default());
    let report = Report {
        host: "mail.a.example",
        to: &to,
        failed: &[failed],
        fate: Fate::Failed,
        until: "",
        letter: b"Subject: x\r\n\r\nbody\r\n",
        options: &options,
        stamp: &stamp,
        date: "Mon, 3 Mar 2025 09:00:00 +0000",
    };
    let bytes = report.write();
    let message = mail_parser::MessageParser::default().parse(&bytes[..]).unwrap();
    assert_eq!(message.parts.len(), 4, "the multipart and its three parts");
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(
        text.contains("Diagnostic-Code: smtp; 550 no such user") && text.contains("Subject: x\r\n\r\n--=_boundary_1--")
    );
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\r'), Just(b'\n'), Just(b':')], 0..300)) {
        let _ = (body_start(&bytes), header_fields(&bytes), header(&bytes, "From", 0), show(&bytes));
    }
}
