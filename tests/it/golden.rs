//! The golden times of the curriculum, read from the record of the built-in scenarios.

use mailpath::sim::World;
use mailpath::trace::Told;

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
