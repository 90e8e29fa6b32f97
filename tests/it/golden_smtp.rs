//! The golden values of L07 (seven bits and MIME) and of L14, runs 3 and 4 (submission), read from the record.

use mailpath::mail::Event;
use mailpath::message::{header, mime_parts, show};
use mailpath::topology::ConnId;
use mailpath::trace::What;

use crate::runs::{Run, run};

/// The bytes of every packet's data, and how many of them are above 127.
fn above_127(run: &Run) -> usize {
    run.stream_bytes(|_| true).iter().filter(|b| **b >= 128).count()
}

/// Commands of clients on all connections.
fn commands(run: &Run) -> Vec<String> {
    let line = |t: &mailpath::trace::Told| {
        (t.kind == "app.line" && t.get("dir").is_some_and(|d| d == "c2s"))
            .then(|| t.get("text").unwrap().as_str().unwrap().to_owned())
    };
    run.told().filter_map(|(_, told)| line(&told)).collect()
}

fn replies(run: &Run) -> Vec<u64> {
    run.told()
        .filter(|(_, t)| t.kind == "app.line" && t.get("dir").is_some_and(|d| d == "s2c"))
        .filter_map(|(_, t)| t.get("code")?.as_u64())
        .collect()
}

/// What lies in a user's mailbox at the end.
fn stored(run: &Run, user: &str) -> Vec<Vec<u8>> {
    let letter = |e: &What| match e {
        What::Mail(event) => match &**event {
            Event::MailboxStore { user: u, letter, .. } if u == user => Some(letter.bytes.to_vec()),
            _ => None,
        },
        _ => None,
    };
    run.world.log().entries().iter().filter_map(|entry| letter(&entry.what)).collect()
}

fn in_text(bytes: &[u8], what: &str) -> usize {
    memchr::memmem::find_iter(bytes, what.as_bytes()).count()
}

#[test]
fn l07_run_1_every_byte_is_below_128() {
    let run = run("seven-bits:1");
    assert_eq!(above_127(&run), 0, "7.1");
    let wire = run.stream_bytes(|c| c == ConnId(0));
    let letter = &stored(&run, "bob")[0];
    let photo = mime_parts(letter).into_iter().find(|p| p.kind == "image/bmp").unwrap();
    let lines: Vec<&[u8]> = letter[photo.body.clone()].split(|b| *b == b'\n').filter(|l| !l.is_empty()).collect();
    let characters: usize = lines.iter().map(|l| l.trim_ascii_end().len()).sum();
    assert_eq!((lines.len(), characters, characters + 2 * lines.len()), (53, 4000, 4106), "7.2");
    assert!(lines.iter().take(52).all(|l| l.trim_ascii_end().len() == 76));
    assert_eq!(commands(&run).iter().filter(|c| *c == "DATA").count(), 1, "7.3");
    let boundary = header(letter, "Content-Type", 0).unwrap();
    let boundary = boundary.split('"').nth(1).unwrap();
    assert_eq!(in_text(&wire, &format!("\r\n--{boundary}")), 3, "7.4: one before each part, one behind the last");
    // 7.5: decoding takes no secret.
    let screen = show(letter);
    assert_eq!(screen.files, [("photo.bmp".to_owned(), 3000)]);
    assert_eq!((screen.subject.as_str(), screen.text.trim_end()), ("Grüße", "Schöne Grüße aus Köln"));
    assert_eq!(in_text(&wire, "Sch=C3=B6ne Gr=C3=BC=C3=9Fe aus K=C3=B6ln"), 1, "six bytes for an umlaut");
    assert_eq!(in_text(&wire, "Subject: =?utf-8?"), 1, "an encoded word");
}

#[test]
fn l07_run_2_umlauts_go_as_they_are() {
    let run = run("seven-bits:2");
    let wire = run.stream_bytes(|c| c == ConnId(0));
    assert_eq!(above_127(&run), 8, "four characters of two bytes each");
    assert_eq!((in_text(&wire, "Schöne Grüße aus Köln"), "ü".len()), (1, 2), "7.6");
    assert!(commands(&run).iter().any(|c| c.starts_with("MAIL FROM") && c.ends_with(" BODY=8BITMIME")));
    assert_eq!(show(&stored(&run, "bob")[0]).text.trim_end(), "Schöne Grüße aus Köln");
    assert_eq!(in_text(&stored(&run, "bob")[0], "Content-Transfer-Encoding: 8bit"), 1);
}

#[test]
fn l07_run_3_the_relay_encodes_anew_or_returns() {
    let encoded = run("seven-bits:3");
    assert_eq!(above_127(&encoded), 0);
    let (new, as_in_1) = (&stored(&encoded, "bob")[0], &stored(&run("seven-bits:1"), "bob")[0]);
    assert_eq!(new, as_in_1, "the same letter as if it had been written for seven bits");
    assert_eq!(encoded.told().filter(|(_, t)| t.kind == "queue.convert").count(), 1);
    let opened = encoded.told().filter(|(_, t)| t.kind == "tcp.open").count();
    assert_eq!(opened, 1, "on the same connection");

    let returned = run("seven-bits:3-return");
    assert_eq!((above_127(&returned), stored(&returned, "bob").len()), (0, 0));
    let bounce = String::from_utf8_lossy(&stored(&returned, "alice")[0]).into_owned();
    assert!(bounce.contains("Status: 5.6.3") && bounce.contains("does not offer 8BITMIME"), "{bounce}");
}

#[test]
fn l14_run_3_submission_without_login() {
    let run = run("submission:3");
    let mail = run.told().find(|(_, t)| t.kind == "app.read" && t.get("code").is_some_and(|c| c == 530)).unwrap().1;
    assert_eq!(mail.get("text").unwrap(), "530 5.7.0 Authentication required", "14.3");
    assert!(commands(&run).iter().all(|c| !c.starts_with("RCPT")));
    let sent = run.told().find(|(_, t)| t.kind == "mua.sent").unwrap().1;
    assert_eq!(sent.get("accepted").unwrap(), false, "Alice is told by her own program");
    assert!(run.told().all(|(_, t)| t.kind != "tcp.open" || t.get("port").is_some_and(|p| p == 587)));
}

#[test]
fn l14_run_4_login_without_tls() {
    let run = run("submission:4");
    assert!(commands(&run).contains(&"AUTH PLAIN AGFsaWNlAHNlY3JldA==".to_owned()), "14.4");
    let decoded = mailpath::smtp::auth::decode("AGFsaWNlAHNlY3JldA==").unwrap();
    assert_eq!(mailpath::smtp::auth::read_plain(&decoded), Some(("alice".into(), "secret".into())), "14.4");
    assert!(replies(&run).contains(&235));
    let letter = &stored(&run, "bob")[0];
    assert!(header(letter, "Received", 1).unwrap().contains("with ESMTPA"), "RFC 3848: the first hop knows who it was");
    assert!(header(letter, "Received", 0).unwrap().contains("with ESMTP id"), "the second does not");

    let wrong = self::run("submission:4-wrong");
    assert!(replies(&wrong).contains(&535) && stored(&wrong, "bob").is_empty());
    assert!(commands(&wrong).iter().all(|c| !c.starts_with("MAIL")));
}
