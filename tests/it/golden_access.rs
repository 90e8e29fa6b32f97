//! Golden values of lesson 13: what a mail access protocol leaves on the server.

use mailpath::lesson::probe::{At, Probe, Reading, Runs};
use mailpath::lesson::record::Record;
use mailpath::scenario;
use mailpath::time::{Duration, Instant};
use mailpath::trace::Told;

use crate::runs::{Run, run};

const MS: u64 = 1_000_000;

fn has(told: &Told, name: &str, value: &str) -> bool {
    told.get(name).is_some_and(|v| v.as_str().map_or_else(|| v.to_string(), str::to_string) == value)
}

/// Milliseconds at which entries fit.
fn times(run: &Run, kind: &str, fits: impl Fn(&Told) -> bool) -> Vec<u64> {
    run.told().filter(|(_, told)| told.kind == kind && fits(told)).map(|(at, _)| at / MS).collect()
}

/// A record by itself, for probes.
struct One(Record);

impl Runs for One {
    fn record(&self, _: Option<&str>) -> Option<&Record> {
        Some(&self.0)
    }
}

fn record(run: &str) -> One {
    One(Record::new(scenario::load_builtin("mail-access").unwrap().ready(Some(run)).unwrap()))
}

/// Where the first of the letters is.
fn where_is(run: &One, millis: u64) -> String {
    let at = Instant::ZERO + Duration::from_millis(millis);
    let probe = Probe::of(Reading::WhereIs(At::Time(at)));
    probe.read(run, None, None).unwrap().to_string()
}

/// What SELECT tells the phone.
fn found_by_phone(run: &Run) -> String {
    let text = |t: &Told| t.get("text").unwrap().as_str().unwrap().to_owned();
    let exists = run.told().filter(|(_, t)| t.kind == "app.read" && has(t, "proto", "imap") && has(t, "dir", "s2c"));
    let exists: Vec<String> = exists.map(|(_, t)| text(&t)).filter(|t| t.ends_with(" EXISTS")).collect();
    let [one] = &exists[..] else { panic!("{exists:?}") };
    one.clone()
}

/// 13.4: the PC fetched and deleted, then QUIT.
#[test]
fn l13_4_after_quit_the_phone_finds_nothing() {
    let run = run("mail-access:4");
    assert_eq!(found_by_phone(&run), "* 0 EXISTS");
    assert_eq!(times(&run, "disk.store", |t| has(t, "user", "bob@b.example")), [70, 90, 110, 130, 150]);
    let resp = |verb: &str| times(&run, "pop3.resp", |t| has(t, "verb", verb) && has(t, "status", "+OK"));
    assert_eq!((resp("RETR").len(), resp("DELE").len(), resp("QUIT")), (5, 5, vec![170]));
    // QUIT reaches the server half a round trip after it was said, and only there are they removed.
    assert_eq!(times(&run, "mailbox.expunge", |_| true), [165; 5]);
}

/// 13.5: the line broke before QUIT.
#[test]
fn l13_5_without_quit_the_phone_finds_all_five() {
    let run = run("mail-access:5");
    assert_eq!(found_by_phone(&run), "* 5 EXISTS");
    assert_eq!(times(&run, "disk.store", |_| true).len(), 5, "all of them had been fetched");
    assert!(times(&run, "mailbox.expunge", |_| true).is_empty());
    assert_eq!(times(&run, "app.line", |t| has(t, "verb", "DELE")).len(), 5, "and marked");
    assert!(times(&run, "app.line", |t| has(t, "verb", "QUIT")).is_empty());
    let ends: Vec<(u64, String)> = run
        .told()
        .filter(|(_, t)| t.kind == "session.end" && has(t, "proto", "pop3") && has(t, "side", "server"))
        .map(|(at, t)| (at / MS, t.get("reason").unwrap().as_str().unwrap().to_owned()))
        .collect();
    // Ten minutes after DELE 5 was read (RFC 1939 section 3).
    assert_eq!(ends, [(600_155, "autologout".to_owned())]);
}

/// 13.6: where is the only copy now?
#[test]
fn l13_6_the_only_copy_is_on_the_disk_of_bob_pc() {
    let quit = record("4");
    assert_eq!(where_is(&quit, 0), "INBOX of bob on mail.b");
    assert_eq!(where_is(&quit, 160), "INBOX of bob on mail.b and disk of bob-pc");
    assert_eq!(where_is(&quit, 10_000), "disk of bob-pc");
    assert_eq!(where_is(&record("5"), 10_000), "INBOX of bob on mail.b and disk of bob-pc");
}

#[test]
fn what_is_left_on_the_server_is_fetched_once() {
    let run = run("mail-access:6");
    assert_eq!(found_by_phone(&run), "* 5 EXISTS");
    assert_eq!(times(&run, "disk.store", |_| true).len(), 5);
    assert_eq!(times(&run, "pop3.resp", |t| has(t, "verb", "UIDL")).len(), 2);
}

#[test]
fn a_maildrop_is_open_for_one_session_at_a_time() {
    let run = run("mail-access:7");
    let resp = |status: &str| -> Vec<(String, String)> {
        let text = |t: &Told, name: &str| t.get(name).unwrap().as_str().unwrap().to_owned();
        let fit = run.told().filter(|(_, t)| t.kind == "pop3.resp" && has(t, "status", status));
        fit.map(|(_, t)| (text(&t, "verb"), text(&t, "text"))).collect()
    };
    assert_eq!(
        resp("-ERR"),
        [
            ("APOP".to_owned(), "[IN-USE] the maildrop is locked by another session".to_owned()),
            ("DELE".to_owned(), "no such message, the maildrop is empty".to_owned()),
            ("TOP".to_owned(), "no such message, the maildrop is empty".to_owned()),
        ]
    );
    assert!(resp("+OK").contains(&("APOP".to_owned(), "bob's maildrop has 0 messages (0 octets)".to_owned())));
    assert!(times(&run, "app.line", |t| has(t, "verb", "PASS")).is_empty());
    let bytes = run.stream_bytes(|_| true);
    assert_eq!(memchr::memmem::find(&bytes, b"PASS"), None);
}
