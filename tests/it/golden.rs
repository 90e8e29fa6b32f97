//! The golden times of the curriculum, read from the record of the built-in scenarios.

use mailpath::mail::Event;
use mailpath::sim::World;
use mailpath::trace::{PacketId, Told, What};

use crate::runs::{Run, run};

const MS: u64 = 1_000_000;

/// Times in milliseconds of the entries that fit.
fn times(run: &Run, kind: &str, fits: impl Fn(&Told) -> bool) -> Vec<u64> {
    run.told().filter(|(_, told)| told.kind == kind && fits(told)).map(|(at, _)| at / MS).collect()
}

fn has(told: &Told, name: &str, value: &str) -> bool {
    told.get(name).is_some_and(|v| v.as_str().map_or_else(|| v.to_string(), str::to_string) == value)
}

/// When a reply with this code was read by the client of connection `conn`.
fn replies(run: &Run, conn: u32, code: u16) -> Vec<u64> {
    let (conn, code) = (conn.to_string(), code.to_string());
    times(run, "app.read", |t| has(t, "conn", &conn) && has(t, "code", &code) && has(t, "dir", "s2c"))
}

#[test]
fn l01_six_steps() {
    let run = run("six-steps");
    let at = |kind, fits: &dyn Fn(&Told) -> bool| times(&run, kind, fits);
    assert_eq!(at("queue.enter", &|t| has(t, "host", "mail.a") || has(t, "domain", "b.example")), [65]);
    assert_eq!(replies(&run, 0, 250), [30, 40, 50, 70], "the last of them at alice-pc ends the submission");
    assert_eq!(at("tcp.open", &|t| has(t, "server", "mail.b") && has(t, "port", "25")), [1_065]);
    assert_eq!(at("mail.accept", &|_| true), [65, 1_715]);
    assert_eq!(at("mailbox.store", &|t| has(t, "user", "bob")), [1_715]);
    assert_eq!(replies(&run, 1, 250).last(), Some(&1_765));
    assert_eq!(at("imap.resp", &|t| has(t, "verb", "FETCH") && has(t, "status", "OK")), [3_600_050]);
    assert_eq!(at("mua.read", &|_| true), [3_600_050]);
    let opened: Vec<(String, String)> = run
        .told()
        .filter(|(_, t)| t.kind == "tcp.open")
        .map(|(_, t)| (t.get("client").unwrap().to_string(), t.get("server").unwrap().to_string()))
        .collect();
    let quoted = |a: &str, b: &str| (format!("\"{a}\""), format!("\"{b}\""));
    let expected = [quoted("alice-pc", "mail.a"), quoted("mail.a", "mail.b"), quoted("bob-pc", "mail.b")];
    assert_eq!(opened, expected);
}

#[test]
fn l02_one_conversation() {
    let run = run("one-conversation");
    assert_eq!(replies(&run, 0, 220), [200]);
    assert_eq!(replies(&run, 0, 250), [300, 400, 500, 700]);
    assert_eq!(replies(&run, 0, 354), [600]);
    assert_eq!(replies(&run, 0, 221), [800]);
    let data = times(&run, "tcp.seg", |t| t.get("len").is_some_and(|l| l.as_u64() > Some(0)));
    assert_eq!(data.len(), 13, "7 replies, 5 commands, 1 letter");
    let fins: Vec<String> = run
        .told()
        .filter(|(_, t)| t.kind == "tcp.seg" && t.get("flags").is_some_and(|f| f.as_str().unwrap().contains("FIN")))
        .map(|(_, t)| t.get("from").unwrap().to_string())
        .collect();
    assert_eq!(fins, ["\"mail.b\"", "\"mail.a\""], "the server closes first");
    let first_word = times(&run, "app.line", |_| true)[0];
    let before = times(&run, "tcp.seg", |_| true).into_iter().filter(|at| *at < first_word).count();
    assert_eq!(before, 3, "SYN, SYN-ACK, ACK, and no word of SMTP before them");
    let commands = times(&run, "app.line", |t| has(t, "dir", "c2s") && t.get("verb").is_some());
    assert_eq!(commands.len(), 5);
}

#[test]
fn l04_push_and_pull() {
    let pages = |name| times(&run(name), "http.response", |t| has(t, "status", "200"));
    assert_eq!(pages("push-and-pull"), [200, 300, 400, 500]);
    assert_eq!(pages("push-and-pull:3"), [200, 400, 600, 800], "a connection for each object");
    let push = run("push-and-pull");
    assert_eq!(times(&push, "smtp.txn", |t| has(t, "end_code", "250")), [700]);
    let eight_bit = |server: &str| {
        let carries = |c: mailpath::topology::ConnId| run_server(&push, c) == server;
        push.stream_bytes(carries).iter().filter(|b| **b >= 128).count()
    };
    assert_eq!(eight_bit("mail.b"), 0, "SMTP is 7-bit ASCII");
    assert!(eight_bit("www.a") > 1000, "HTTP sends bytes as they are");
    let three = run("push-and-pull:2");
    assert_eq!(times(&three, "tcp.open", |t| has(t, "server", "mail.b")).len(), 1);
    assert_eq!(times(&three, "app.line", |t| has(t, "verb", "MAIL")).len(), 3);
}

fn run_server(run: &Run, conn: mailpath::topology::ConnId) -> String {
    let server = run.world.log().connection(conn).server.unwrap();
    run.world.names().node(server).to_string()
}

#[test]
fn l09_wait_try_again_give_up() {
    let a = run("server-down");
    let attempts = times(&a, "queue.attempt", |_| true);
    let first = attempts[0];
    assert_eq!(attempts.iter().map(|t| t - first).collect::<Vec<_>>(), [0, 1_800_000, 9_000_000, 16_200_000]);
    assert_eq!(times(&a, "queue.leave", |t| has(t, "kind", "delivered")).len(), 1);

    let c = run("server-down:C");
    assert_eq!(times(&c, "queue.attempt", |_| true).len(), 1, "a 550 is not tried again");
    assert_eq!(times(&c, "dsn.create", |_| true).len(), 1);
    let after = times(&c, "dsn.create", |_| true)[0];
    assert!(times(&c, "tcp.open", |t| has(t, "port", "25")).iter().all(|at| *at < after), "the bounce needs none");

    let b = run("server-down:B");
    assert_eq!(times(&b, "queue.attempt", |_| true).len(), 2, "9.2: two attempts");
    let (first, second) = (times(&b, "queue.attempt", |_| true)[0], times(&b, "queue.attempt", |_| true)[1]);
    let letters = times(&b, "smtp.letter", |t| has(t, "from", "mail.a"));
    assert!(letters.iter().all(|at| *at > second), "9.2: no byte of the letter in the first: {letters:?}");
    assert_eq!(times(&b, "app.line", |t| has(t, "code", "451")).len(), 1, "at RCPT");
    assert_eq!(second - first, 1_800_000);
    assert_eq!(stored(&b, "bob").len(), 1);

    let d = run("server-down:D");
    assert_eq!(times(&d, "dsn.create", |_| true).len(), 1, "9.6: a bounce is not bounced");
    assert_eq!(times(&d, "app.line", |t| has(t, "text", "MAIL FROM:<>")).len(), 1, "it was tried");
    assert_eq!(times(&d, "queue.leave", |t| has(t, "kind", "discarded")).len(), 1, "and thrown away");

    let e = run("server-down:E");
    let (attempts, bounce) = (times(&e, "queue.attempt", |_| true), times(&e, "dsn.create", |_| true));
    let entered = times(&e, "queue.enter", |_| true)[0];
    assert_eq!(attempts.len(), 61);
    assert_eq!(bounce, [entered + 120 * 3_600_000]);
}

#[test]
fn l10_a_packet_is_lost() {
    let end = |name: &str| times(&run(name), "smtp.txn", |t| has(t, "end_code", "250"));
    assert_eq!(end("packet-loss:0"), [700]);
    assert_eq!(end("packet-loss"), end("packet-loss:1"));
    assert_eq!(end("packet-loss:1"), [1_700]);
    assert_eq!(end("packet-loss:2"), [3_700]);
    assert_eq!(end("packet-loss:3"), [800]);
    assert_eq!(end("packet-loss:4"), [1_800]);
    assert_eq!(end("packet-loss:6"), [1_700]);

    let one = run("packet-loss:1");
    let again = |run: &Run, from: &str| times(run, "tcp.seg", |t| has(t, "retx", "true") && has(t, "from", from));
    assert_eq!(times(&one, "frame.lost", |_| true), [300]);
    assert_eq!(again(&one, "mail.a"), [1_300], "MAIL goes again after exactly a second");
    assert_eq!(again(&one, "mail.b"), [1_250], "its 250 was acknowledged by the lost segment");
    assert_eq!(times(&one, "app.read", |t| has(t, "verb", "MAIL")).len(), 1, "SMTP reads MAIL once");
    assert_eq!(again(&run("packet-loss:2"), "mail.a"), [1_300, 3_300], "one second, then two");
    assert_eq!(again(&run("packet-loss:3"), "mail.a"), [700], "fast retransmit after one round trip");
    assert_eq!(again(&run("packet-loss:4"), "mail.a"), [1_700], "the timer was restarted at 700 ms");
    for name in ["packet-loss:3", "packet-loss:4"] {
        let full = times(&run(name), "tcp.seg", |t| has(t, "len", "1460") && has(t, "retx", "false"));
        assert_eq!(full.len(), 9, "nine full segments");
    }
    let five = run("packet-loss:5");
    assert_eq!(times(&five, "mailbox.store", |_| true).len(), 1, "TCP sends the reply again, not SMTP the letter");
}

/// L12 in part: deletion in two steps, and numbers that move up while UIDs stay.
#[test]
fn imap_deletes_in_two_steps() {
    let run = run("imap-folders");
    let told: Vec<String> = run
        .told()
        .filter(|(_, t)| t.kind == "app.read" && has(t, "dir", "s2c"))
        .filter(|(_, t)| t.get("text").unwrap().as_str().unwrap().ends_with(" EXPUNGE"))
        .map(|(_, t)| t.get("text").unwrap().as_str().unwrap().to_string())
        .collect();
    assert_eq!(told[..3], ["* 2 EXPUNGE", "* 2 EXPUNGE", "* 4 EXPUNGE"]);
    let left: Vec<u32> = messages(&run.world, "INBOX");
    assert_eq!(left, [101, 104, 105, 108]);
    assert_eq!(messages(&run.world, "Work"), [1], "a UID belongs to one folder");
    let seen = times(&run, "mailbox.flag", |t| has(t, "uid", "104"));
    assert_eq!(seen.len(), 1, "BODY[] marks as read");
}

fn messages(world: &World, folder: &str) -> Vec<u32> {
    let names = world.names();
    let nodes = (0..world.setup().nodes.len() as u32).map(mailpath::topology::NodeId);
    let server = nodes.into_iter().find(|n| names.node(*n) == "mail.b").unwrap();
    world.mail_system(server).unwrap().store().messages("bob", folder).iter().map(|m| m.uid).collect()
}

/// The letters put into a user's mailbox, as they are stored.
fn stored(run: &Run, whose: &str) -> Vec<Vec<u8>> {
    let entries = run.world.log().entries();
    let events = entries.iter().filter_map(|entry| match &entry.what {
        What::Mail(event) => match &**event {
            Event::MailboxStore { user, letter, .. } if **user == *whose => Some(letter.bytes.to_vec()),
            _ => None,
        },
        _ => None,
    });
    events.collect()
}

/// What stands behind the header.
fn body(letter: &[u8]) -> String {
    let text = String::from_utf8_lossy(letter);
    text.split_once("\r\n\r\n").expect("an empty line ends the header").1.to_owned()
}

/// The lines of a letter's header that begin so.
fn header_count(letter: &[u8], begins: &str) -> usize {
    let text = String::from_utf8_lossy(letter);
    text.split("\r\n\r\n").next().expect("a header").split("\r\n").filter(|line| line.starts_with(begins)).count()
}

/// What the commands of a connection were, or the codes of its replies.
fn said(run: &Run, kind: &str, field: &str, conn: u32) -> Vec<String> {
    let told = run.told().filter(|(_, told)| told.kind == kind && has(told, "conn", &conn.to_string()));
    told.filter_map(|(_, told)| told.get(field).map(|v| v.as_str().map_or(v.to_string(), str::to_owned))).collect()
}

const SIX_LINES: &str = "hello\r\n.\r\nworld\r\n..two\r\n.hidden\r\nbye\r\n";

#[test]
fn l05_a_client_that_does_not_double_dots() {
    let run = run("lone-dot:A");
    let letters = stored(&run, "bob");
    assert_eq!(letters.len(), 1);
    assert_eq!(body(&letters[0]), "hello\r\n", "5.1: one line of six");
    // 5.2: each line behind the dot is read as a command.
    let mail_b: Vec<String> = said(&run, "app.read", "code", 0);
    assert_eq!(mail_b, ["220", "250", "250", "250", "354", "250", "500", "500", "500", "500", "500", "221"]);
    // 5.3: the client's letter was accepted, and it knows of nothing wrong.
    assert_eq!(times(&run, "queue.leave", |t| has(t, "kind", "delivered")), [700]);
}

#[test]
fn l05_a_correct_client() {
    let run = run("lone-dot:B");
    let letters = stored(&run, "bob");
    assert_eq!(letters.len(), 1);
    assert_eq!(body(&letters[0]), SIX_LINES, "5.5: stored as typed");
    // 5.4: between the header and CR LF . CR LF one byte more for each of three lines.
    let wire = String::from_utf8(run.stream_bytes(|_| true)).expect("ASCII");
    let from = wire.find("\r\n\r\nhello").expect("the body begins") + 4;
    let to = from + wire[from..].find("bye\r\n.\r\n").expect("it ends") + 5;
    assert_eq!(to - from, SIX_LINES.len() + 3);
    assert_eq!(&wire[from..to], "hello\r\n..\r\nworld\r\n...two\r\n..hidden\r\nbye\r\n");
}

#[test]
fn l05_the_end_of_a_letter_in_two_segments() {
    let run = run("lone-dot:C");
    assert_eq!(stored(&run, "bob").len(), 1, "5.6");
    assert_eq!(body(&stored(&run, "bob")[0]), SIX_LINES);
    // No segment holds the five bytes together.
    let log = run.world.log();
    let payloads = (0..log.packets().len() as u32).map(PacketId).map(|packet| {
        let bytes = log.packet_bytes(packet);
        bytes[bytes.len() - log.packet(packet).stream.1 as usize..].to_vec()
    });
    let whole = payloads.filter(|p| p.windows(5).any(|w| w == b"\r\n.\r\n")).count();
    assert_eq!(whole, 0, "CR LF . CR LF is split");
}

#[test]
fn l06_envelope_and_letter() {
    let run = run("envelope:1");
    let to = |server: &str| times(&run, "tcp.open", |t| has(t, "client", "mail.a") && has(t, "server", server)).len();
    assert_eq!((to("mail.b"), to("mail.c")), (1, 1), "6.1: two connections");
    let verbs = said(&run, "app.line", "verb", 1);
    let count = |verb: &str| verbs.iter().filter(|v| *v == verb).count();
    assert_eq!((count("RCPT"), count("DATA")), (2, 1), "6.2");
    let bytes = run.stream_bytes(|conn| conn.0 == 1);
    assert!(!bytes.windows(4).any(|w| w == b"dave"), "6.3: Bcc is nowhere on the way to mail.b");
    let letter = &stored(&run, "bob")[0];
    assert_eq!(header_count(letter, "Received:"), 2, "6.4");
    let text = String::from_utf8_lossy(letter);
    let top = text.split("\r\nReceived:").nth(1).expect("a Received line");
    assert!(top.contains("by mail.b.example"), "6.4: mail.b wrote the top one: {top}");
    assert!(letter.starts_with(b"Return-Path: <alice@a.example>\r\nReceived: "));
    assert_eq!(header_count(letter, "Bcc"), 0);
    assert_eq!((stored(&run, "carol").len(), stored(&run, "dave").len()), (1, 1));
}

#[test]
fn l06_only_the_envelope_counts() {
    let run = run("envelope:2");
    let users = |user: &str| stored(&run, user).len();
    assert_eq!((users("bob"), users("carol"), users("dave"), users("alice")), (1, 0, 0, 0), "6.5");
    assert_eq!(header_count(&stored(&run, "bob")[0], "To: <all@nowhere.example>"), 1);
}

#[test]
fn l06_a_refusal_is_for_one_recipient() {
    let run = run("envelope:3");
    let codes = said(&run, "app.read", "code", 1);
    assert_eq!(codes[3..6], ["250", "250", "550"], "6.6: of RCPT: {codes:?}");
    assert_eq!(stored(&run, "bob").len() + stored(&run, "carol").len(), 2, "6.6");
    assert_eq!(stored(&run, "alice").len(), 1, "she is told of the third");
}

/// Server and time of each connection that a host opens.
fn opened(run: &Run, client: &str) -> Vec<(String, u64)> {
    let told = run.told().filter(|(_, told)| told.kind == "tcp.open" && has(told, "client", client));
    told.map(|(at, told)| (told.get("server").and_then(|v| v.as_str()).unwrap().to_owned(), at / MS)).collect()
}

#[test]
fn l08_mail_exchangers() {
    let first = run("mail-exchangers:1");
    let asked =
        first.told().find(|(_, t)| t.kind == "dns.query" && has(t, "qname", "b.example")).expect("a question").1;
    assert!(has(&asked, "qtype", "MX"), "8.1: {asked:?}");
    assert_eq!(opened(&first, "mail.a")[0].0, "mx1.b", "8.2");

    let second = run("mail-exchangers:2");
    let at = opened(&second, "mail.a");
    assert_eq!((at[0].0.as_str(), at[1].0.as_str(), at[1].1 - at[0].1), ("mx1.b", "mx2.b", 15_000), "8.3");
    assert_eq!(header_count(&stored(&second, "bob")[0], "Received:"), 3, "8.5: mail.a, mx2, mx1");

    let third = run("mail-exchangers:3");
    let at = opened(&third, "mail.a");
    assert_eq!((at[0].0.as_str(), at[1].0.as_str(), at[1].1 - at[0].1), ("mx1.b", "mx2.b", 100), "8.4");

    let fourth = run("mail-exchangers:4");
    assert_eq!(opened(&fourth, "mail.a")[0].0, "www.b", "8.6: the domain's own address");

    let fifth = run("mail-exchangers:5");
    assert_eq!(opened(&fifth, "mail.a"), [], "a null MX: nobody is tried");
    assert_eq!(stored(&fifth, "alice").len(), 1, "and Alice is told");
}

#[test]
fn l11_the_reply_to_the_end_of_data_is_lost() {
    let run = run("who-holds-it:1");
    let letters = stored(&run, "bob");
    assert_eq!(letters.len(), 2, "11.1: two copies");
    let id = |letter: &Vec<u8>| {
        let text = String::from_utf8_lossy(letter).into_owned();
        text.lines().find(|l| l.starts_with("Message-ID:")).expect("it has one").to_owned()
    };
    assert_eq!(id(&letters[0]), id(&letters[1]), "11.2: one Message-ID");
    // 11.3: at 15 minutes it is stored, and in the queue of mail.a.
    let stores = times(&run, "mailbox.store", |_| true);
    let leaves = times(&run, "queue.leave", |t| has(t, "kind", "delivered"));
    assert!(stores[0] < 900_000 && leaves == [stores[1] + 50], "{stores:?} {leaves:?}");
    // 11.4: ten minutes after the end of the letter was sent.
    let sent = times(&run, "smtp.letter", |_| true)[0];
    assert_eq!(times(&run, "queue.defer", |_| true), [sent + 600_000]);
    assert_eq!(times(&run, "queue.attempt", |_| true), [0, 1_800_000], "and again half an hour after the first");
    // If the way back is dead for less than ten minutes, TCP brings the reply.
    assert_eq!(stored(&self::run("who-holds-it:short"), "bob").len(), 1);
}

#[test]
fn l11_what_tcp_acknowledged_is_not_accepted_yet() {
    let run = run("who-holds-it:2");
    let stores = times(&run, "mailbox.store", |_| true);
    assert_eq!(stores.iter().filter(|at| **at < 300_000).count(), 0, "11.5: none after five minutes");
    assert_eq!(stores.iter().filter(|at| **at < 3_600_000).count(), 1, "11.6: one after an hour");
    // mail.b's TCP acknowledges the last byte 40 ms after it came, and SMTP falls 160 ms later.
    let (sent, ack) = (times(&run, "smtp.letter", |_| true)[0], |t: &Told| {
        has(t, "from", "mail.b") && has(t, "len", "0") && has(t, "flags", "ACK")
    });
    assert!(times(&run, "tcp.seg", ack).contains(&(sent + 50 + 40)), "{sent}: {:?}", times(&run, "tcp.seg", ack));
    assert_eq!(times(&run, "queue.defer", |_| true), [sent + 300], "RST ends the attempt");
}

#[test]
fn l14_pipelining_saves_two_round_trips() {
    let accepted = |name: &str| *replies(&run(name), 0, 250).last().expect("it is accepted");
    assert_eq!((accepted("extensions:1a"), accepted("extensions:1b")), (700, 500), "14.1: RTT 100 ms");
    // MAIL, RCPT and DATA are in one segment.
    let run = run("extensions:1b");
    let log = run.world.log();
    let payloads = (0..log.packets().len() as u32).map(PacketId).map(|packet| {
        let bytes = log.packet_bytes(packet);
        String::from_utf8_lossy(&bytes[bytes.len() - log.packet(packet).stream.1 as usize..]).into_owned()
    });
    let together = payloads.filter(|p| p.starts_with("MAIL FROM") && p.contains("RCPT TO") && p.ends_with("DATA\r\n"));
    assert_eq!(together.count(), 1);
}

#[test]
fn l14_a_mail_that_is_too_large() {
    let letter_bytes = |run: &Run| -> u64 {
        let sent = run.told().filter(|(_, told)| told.kind == "smtp.letter");
        sent.filter_map(|(_, told)| told.get("bytes")?.as_u64()).sum()
    };
    let declared = run("extensions:2a");
    assert_eq!((replies(&declared, 0, 552), letter_bytes(&declared)), (vec![400], 0), "14.2: 552 and no byte");
    let sent = run("extensions:2b");
    assert_eq!(replies(&sent, 0, 552).len(), 1);
    assert!(letter_bytes(&sent) > 13_688, "14.2: the photo alone has 13,688 characters");
    for run in [&declared, &sent] {
        assert_eq!((stored(run, "bob").len(), stored(run, "alice").len()), (0, 1), "Alice is told");
    }
}
