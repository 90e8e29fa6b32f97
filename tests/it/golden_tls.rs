//! TLS at submission (curriculum L14, runs 5 and 6), and what becomes of a mail without it.

use mailpath::topology::Side;
use mailpath::trace::Told;

use crate::runs::{Run, run, run_with};

fn is(told: &Told, name: &str, value: &str) -> bool {
    told.get(name).is_some_and(|v| v.as_str().map_or_else(|| v.to_string(), str::to_string) == value)
}

fn of<'a>(run: &'a Run, kind: &'a str) -> impl Iterator<Item = Told> + 'a {
    run.told().map(|(_, told)| told).filter(move |told| told.kind == kind)
}

fn text(told: &Told, name: &str) -> String {
    told.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned()
}

/// The bytes of both directions of a connection, as they were on the line.
fn on_the_line(run: &Run, conn: usize) -> Vec<u8> {
    run.stream_bytes(|c| c.0 as usize == conn)
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|w| w == word.as_bytes())
}

#[test]
fn golden_14_5_two_ehlo_lines_and_two_commands_that_can_be_read() {
    let run = run("starttls:5");
    let commands: Vec<Told> = of(&run, "app.line").filter(|t| is(t, "from", "alice-pc")).collect();
    let verbs: Vec<String> = commands.iter().map(|t| text(t, "verb")).collect();
    assert_eq!(verbs, ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]);
    let readable: Vec<String> = commands.iter().filter(|t| is(t, "sealed", "false")).map(|t| text(t, "verb")).collect();
    assert_eq!(readable, ["EHLO", "STARTTLS"]);
    // The tapper's own view: the words themselves.
    let line = on_the_line(&run, 0);
    assert!(contains(&line, "STARTTLS\r\n") && contains(&line, "220 Ready to start TLS"));
    for word in ["AUTH", "AGFsaWNlAHNlY3JldA==", "MAIL FROM", "RCPT TO", "QUIT", "swordfish", "Subject"] {
        assert!(!contains(&line, word), "{word}");
    }
    let secured: Vec<String> = of(&run, "tls.secured").map(|t| text(&t, "side") + " " + &text(&t, "name")).collect();
    assert_eq!(secured, ["client mail.a.example", "server mail.a.example"]);
}

#[test]
fn golden_14_6_a_tapper_reads_the_letter_on_two_of_three_hops() {
    let run = run("starttls:6");
    let hops: Vec<bool> = (0..3).map(|conn| contains(&on_the_line(&run, conn), "swordfish")).collect();
    assert_eq!(hops, [false, true, true]);
    assert_eq!(of(&run, "mua.read").count(), 1);
    let received = of(&run, "mua.read").map(|t| text(&t, "text")).collect::<String>();
    assert!(received.contains("swordfish"), "{received}");
}

#[test]
fn tls_costs_a_round_trip_for_the_command_and_one_for_the_handshake() {
    // RTT between alice-pc and mail.a is 10 ms; the second EHLO travels with the end of the handshake.
    let run = run("starttls:5");
    let at = |verb: &str| -> Vec<u64> {
        run.told()
            .filter(|(_, t)| t.kind == "app.line" && is(t, "verb", verb) && is(t, "from", "alice-pc"))
            .map(|(at, _)| at / 1_000_000)
            .collect()
    };
    assert_eq!((at("EHLO"), at("STARTTLS"), at("MAIL")), (vec![20, 50], vec![30], vec![70]));
    // The login is one more round trip.
    assert_eq!(at("AUTH"), [60]);
}

#[test]
fn without_starttls_an_if_offered_client_goes_on_in_the_open_and_a_required_one_does_not() {
    let open = run("starttls:stripped");
    assert!(contains(&on_the_line(&open, 0), "swordfish"), "nobody noticed");
    assert_eq!(of(&open, "mailbox.store").count(), 1);
    assert_eq!(of(&open, "frame.lost").map(|t| text(&t, "reason")).collect::<Vec<_>>(), ["replaced"]);
    let sealed = run("starttls:stripped-required");
    assert!(!contains(&on_the_line(&sealed, 0), "swordfish"));
    let verbs: Vec<String> =
        of(&sealed, "app.line").filter(|t| is(t, "from", "alice-pc")).map(|t| text(&t, "verb")).collect();
    assert_eq!(verbs, ["EHLO", "QUIT"]);
    let why = of(&sealed, "mua.sent").map(|t| text(&t, "result")).collect::<String>();
    assert!(why.contains("the server does not offer STARTTLS"), "{why}");
}

#[test]
fn a_certificate_for_another_name_is_refused_and_the_reason_is_told() {
    let run = run("starttls:wrong-name");
    assert!(!contains(&on_the_line(&run, 0), "swordfish"));
    let why: Vec<String> = of(&run, "tls.failed").map(|t| text(&t, "reason")).collect();
    assert_eq!(
        why,
        [
            "the certificate is for mail.c.example, not for mail.a.example",
            "the other end gave up with the alert bad_certificate"
        ]
    );
    let sent = of(&run, "mua.sent").map(|t| text(&t, "result")).collect::<String>();
    assert!(sent.contains("mail.c.example, not for mail.a.example"), "{sent}");
}

#[test]
fn a_world_that_is_cloned_in_the_middle_of_tls_goes_the_same_way() {
    let whole = run("starttls:6");
    let setup = crate::runs::setup("starttls:6");
    let mut world = mailpath::sim::World::new(setup, mailpath::trace::Level::All);
    let mut clones = Vec::new();
    while world.step() {
        // Between the STARTTLS and the end of the submission, where the state of TLS changes.
        if clones.len() < 60 {
            clones.push(world.clone());
        }
    }
    let last = whole.world.log().packets().len();
    for mut clone in clones {
        clone.run();
        assert_eq!(clone.log().packets().len(), last);
        let same = (0..last as u32).all(|n| {
            let id = mailpath::trace::PacketId(n);
            clone.log().packet_bytes(id) == whole.world.log().packet_bytes(id)
        });
        assert!(same);
    }
}

#[test]
fn what_is_sealed_is_opened_for_whoever_has_the_secrets_of_the_run() {
    let run = run("starttls:5");
    let log = run.world.log();
    let packets = mailpath::dissect::Packets::new(log);
    let mut opened = String::new();
    let mut seen = Vec::new();
    for row in packets.rows() {
        if row.protocol != "TLSv1.3" {
            continue;
        }
        seen.push(packets.info(log, row));
        let client = row.conn.is_some_and(|(_, side)| side == Side::Client);
        for layer in packets.layers(log, row.packet, row.hop.unwrap()).layers {
            layer.fields.iter().for_each(|f| {
                f.walk(&mut |f| {
                    if client && f.name == "smtp.command_line" {
                        opened += &f.value;
                        opened.push('\n');
                    }
                });
            });
        }
    }
    // The client's last word of the handshake and its second EHLO share a segment.
    assert_eq!(
        seen[..3],
        [
            "Client Hello",
            "Server Hello, Change Cipher Spec, Application Data",
            "Change Cipher Spec, Application Data, Application Data"
        ]
    );
    let first = "EHLO alice-pc.a.example\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\nMAIL FROM:<alice@a.example>\n";
    assert!(opened.starts_with(first), "{opened}");
    assert!(opened.contains("the word is swordfish\n.\nQUIT"), "{opened}");
}

#[test]
fn a_server_that_requires_tls_keeps_the_mail_and_says_why() {
    let required = ("\"tls\": \"offered\",", "\"tls\": \"offered\", \"client_tls\": \"required\",");
    let run = run_with("starttls", "5", &[required]);
    assert!(!contains(&on_the_line(&run, 1), "swordfish"));
    let why: Vec<String> = of(&run, "queue.defer").map(|t| text(&t, "reason")).collect();
    assert!(why[0].contains("no TLS: it is required here, and the server does not offer STARTTLS"), "{why:?}");
    // It is tried again and again, and at last returned to Alice.
    assert!(why.len() > 2 && of(&run, "dsn.create").count() == 1);
}

#[test]
fn tls_from_the_first_byte_needs_no_command() {
    let run = run_with(
        "starttls",
        "6",
        &[
            ("\"smtp_tls\": \"required\"", "\"smtp_tls\": \"from-start\""),
            ("\"port\": 587, \"tls\": \"offered\",", "\"tls\": \"from-start\","),
            ("\"imap\": {}", "\"imap\": { \"tls\": \"from-start\" }"),
        ],
    );
    let ports: Vec<String> = of(&run, "tcp.open").map(|t| t.get("port").unwrap().to_string()).collect();
    assert_eq!(ports, ["465", "25", "993"]);
    let hops: Vec<bool> = (0..3).map(|conn| contains(&on_the_line(&run, conn), "swordfish")).collect();
    assert_eq!(hops, [false, true, false]);
    assert!(!contains(&on_the_line(&run, 0), "220 ") && !contains(&on_the_line(&run, 2), "LOGIN"));
    let verbs: Vec<String> =
        of(&run, "app.line").filter(|t| is(t, "from", "alice-pc")).map(|t| text(&t, "verb")).collect();
    assert_eq!(verbs, ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]);
    assert_eq!(of(&run, "mua.read").count(), 1);
}

#[test]
fn an_imap_client_goes_over_to_tls_before_it_says_the_password() {
    let run = run_with("starttls", "6", &[("\"imap\": {}", "\"imap\": { \"tls\": \"offered\" }")]);
    let bob = |t: &Told| is(t, "from", "bob-pc");
    let verbs: Vec<String> = of(&run, "app.line").filter(bob).map(|t| text(&t, "verb")).collect();
    assert_eq!(verbs, ["CAPABILITY", "STARTTLS", "CAPABILITY", "LOGIN", "SELECT", "FETCH", "LOGOUT"]);
    let open: Vec<String> =
        of(&run, "app.line").filter(|t| bob(t) && is(t, "sealed", "false")).map(|t| text(&t, "verb")).collect();
    assert_eq!(open, ["CAPABILITY", "STARTTLS"]);
    assert!(!contains(&on_the_line(&run, 2), "secret") && !contains(&on_the_line(&run, 2), "swordfish"));
    // Who writes a letter tells of it before it is written, and yet both ends tell the same place on the line.
    let places = |side: &str| -> Vec<(String, String)> {
        let of = of(&run, "imap.letter").filter(|t| is(t, "side", side));
        of.map(|t| (t.get("start").unwrap().to_string(), t.get("end").unwrap().to_string())).collect()
    };
    assert_eq!((places("server").len(), places("server")), (1, places("client")));
    assert_eq!(of(&run, "mua.read").count(), 1);
}

#[test]
fn a_letter_of_many_records_comes_through_as_it_was() {
    let long = ("\"text\": [\"the word is swordfish\"]", "\"text\": { \"bytes\": 200000 }");
    let run = run_with("starttls", "5", &[long]);
    let of_letter =
        |kind: &str| -> Vec<String> { of(&run, kind).map(|t| t.get("bytes").unwrap().to_string()).collect() };
    assert_eq!(of(&run, "mailbox.store").count(), 1);
    assert_eq!(of_letter("mail.accept").len(), 2);
    // On the wire each record is 22 bytes longer than what is in it.
    let start = |t: &Told, name: &str| t.get(name).unwrap().as_u64().unwrap();
    let sealed = of(&run, "smtp.letter").next().unwrap();
    let open = of(&run, "smtp.letter").nth(1).unwrap();
    let extra =
        (start(&sealed, "end") - start(&sealed, "start")) as i64 - (start(&open, "end") - start(&open, "start")) as i64;
    assert!(extra > 22 * 12 - 400, "{extra}");
}

#[test]
fn a_letter_longer_than_tcp_has_room_for_has_its_place_on_the_line() {
    // The server tells of the letter when its first bytes go out; where the last ones stand is known much later.
    let long = ("\"text\": [\"the word is swordfish\"]", "\"text\": { \"bytes\": 200000 }");
    let run = run_with("starttls", "6", &[long, ("\"imap\": {}", "\"imap\": { \"tls\": \"offered\" }")]);
    let places = |side: &str| -> Vec<(u64, u64)> {
        let of = of(&run, "imap.letter").filter(|t| is(t, "side", side));
        of.map(|t| (t.get("start").unwrap().as_u64().unwrap(), t.get("end").unwrap().as_u64().unwrap())).collect()
    };
    assert_eq!((places("server").len(), places("server")), (1, places("client")));
    let (start, end) = places("server")[0];
    assert!(end - start > 200_000 + 22 * 12, "{start}..{end}");
    assert_eq!(of(&run, "mua.read").count(), 1);
}
