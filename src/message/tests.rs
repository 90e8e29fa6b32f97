use proptest::prelude::*;

use super::*;
use crate::smtp::{Address, Reply};

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

#[test]
fn a_bounce_has_three_parts_and_quotes_the_header() {
    let to = Address { local: "alice".into(), domain: "a.example".into() };
    let failed = Failed {
        recipient: Address { local: "nobody".into(), domain: "b.example".into() },
        reply: Some(Reply::new(550, "no such user")),
        reason: "550 no such user".into(),
    };
    let bytes = report(
        "mail.a.example",
        &to,
        &[failed],
        b"Subject: x\r\n\r\nbody\r\n",
        &stamp(),
        "Mon, 3 Mar 2025 09:00:00 +0000",
    );
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
