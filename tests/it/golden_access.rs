//! Golden values of lesson 13: what a mail access protocol leaves on the server.

use mailpath::lesson::probe::{At, Probe, Reading, Runs};
use mailpath::lesson::record::Record;
use mailpath::scenario;
use mailpath::time::{Duration, Instant};
use mailpath::trace::Told;

use crate::runs::{Run, run, run_with};

const MS: u64 = 1_000_000;

fn has(told: &Told, name: &str, value: &str) -> bool {
    told.get(name).is_some_and(|v| v.as_str().map_or_else(|| v.to_string(), str::to_string) == value)
}

/// Milliseconds at which entries fit.
fn times(run: &Run, kind: &str, fits: impl Fn(&Told) -> bool) -> Vec<u64> {
    run.told().filter(|(_, told)| told.kind == kind && fits(told)).map(|(at, _)| at / MS).collect()
}

fn verb(told: &Told) -> String {
    told.get("verb").and_then(|v| v.as_str()).unwrap_or_default().to_owned()
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

/// RFC 2595 section 4: in the open stand CAPA and STLS, and what is fetched is the same.
#[test]
fn with_stls_two_words_can_be_read_and_the_letters_come_all_the_same() {
    let run = run("mail-access:tls");
    let said = |sealed: &str| -> Vec<String> {
        let lines = run.told().filter(|(_, t)| t.kind == "app.line" && has(t, "from", "bob-pc"));
        lines.filter(|(_, t)| has(t, "sealed", sealed)).map(|(_, t)| verb(&t)).collect()
    };
    assert_eq!(said("false"), ["CAPA", "STLS"]);
    assert_eq!(said("true")[..5], ["CAPA", "USER", "PASS", "STAT", "LIST"]);
    assert_eq!(found_by_phone(&run), "* 0 EXISTS");
    assert_eq!(times(&run, "disk.store", |t| has(t, "user", "bob@b.example")).len(), 5);
    let line = run.stream_bytes(|c| c.0 == 0);
    let on_the_line = |word: &str| memchr::memmem::find(&line, word.as_bytes()).is_some();
    assert!(on_the_line("STLS\r\n") && on_the_line("+OK Begin TLS negotiation\r\n"));
    for word in ["USER", "PASS", "secret", "hello Bob", "RETR", "QUIT"] {
        assert!(!on_the_line(word), "{word}");
    }
}

#[test]
fn at_port_995_nothing_can_be_read() {
    let run = run("mail-access:tls-995");
    let ports: Vec<String> =
        run.told().filter(|(_, t)| t.kind == "tcp.open").map(|(_, t)| t.get("port").unwrap().to_string()).collect();
    assert_eq!(ports, ["995", "143"]);
    let lines = run.told().filter(|(_, t)| t.kind == "app.line" && has(t, "from", "bob-pc"));
    let lines: Vec<(String, bool)> = lines.map(|(_, t)| (verb(&t), has(&t, "sealed", "true"))).collect();
    assert_eq!(lines[..3], [("USER".to_owned(), true), ("PASS".to_owned(), true), ("STAT".to_owned(), true)]);
    assert!(lines.iter().all(|(_, sealed)| *sealed));
    assert_eq!(times(&run, "disk.store", |_| true).len(), 5);
    assert_eq!(memchr::memmem::find(&run.stream_bytes(|c| c.0 == 0), b"POP3"), None);
}

/// A byte of a letter is followed from the disk through the records to the mailbox.
#[test]
fn the_places_of_a_letter_on_the_line_are_those_of_its_records() {
    let run = run("mail-access:tls");
    let places: Vec<(u64, u64)> = run
        .told()
        .filter(|(_, t)| t.kind == "pop3.letter" && has(t, "side", "client"))
        .map(|(_, t)| (t.get("start").unwrap().as_u64().unwrap(), t.get("end").unwrap().as_u64().unwrap()))
        .collect();
    let sent: Vec<(u64, u64)> = run
        .told()
        .filter(|(_, t)| t.kind == "pop3.letter" && has(t, "side", "server"))
        .map(|(_, t)| (t.get("start").unwrap().as_u64().unwrap(), t.get("end").unwrap().as_u64().unwrap()))
        .collect();
    assert_eq!(places, sent);
    assert!(places.is_sorted() && places.len() == 5);
    // Each letter stands in a record of its own, which is 22 bytes longer than what is in it.
    let open: Vec<u64> = crate::runs::run("mail-access:4")
        .told()
        .filter(|(_, t)| t.kind == "pop3.letter" && has(t, "side", "server"))
        .map(|(_, t)| t.get("end").unwrap().as_u64().unwrap() - t.get("start").unwrap().as_u64().unwrap())
        .collect();
    let sealed: Vec<u64> = sent.iter().map(|(start, end)| end - start).collect();
    assert_eq!(sealed, open.iter().map(|n| n + 22).collect::<Vec<_>>());
}

#[test]
fn what_is_left_on_the_server_is_fetched_once() {
    let run = run("mail-access:6");
    assert_eq!(found_by_phone(&run), "* 5 EXISTS");
    assert_eq!(times(&run, "disk.store", |_| true).len(), 5);
    assert_eq!(times(&run, "pop3.resp", |t| has(t, "verb", "UIDL")).len(), 2);
}

/// RFC 1939 section 7: a unique-id persists "even if a session ends without entering the UPDATE state".
#[test]
fn unique_ids_stay_whatever_ended_the_session_before() {
    let lists = |run: &Run| -> Vec<String> {
        let lines = run.told().filter(|(_, t)| t.kind == "app.line" && has(t, "proto", "pop3") && has(t, "dir", "s2c"));
        let text = |t: &Told| t.get("text").unwrap().as_str().unwrap().to_owned();
        lines.map(|(_, t)| text(&t)).filter(|t| t.starts_with("+OK unique-id")).collect()
    };
    let cut = r#"[{ "at": "0 s", "fetch": { "host": "bob-pc", "commands": ["LOGIN", "UIDL", "DELE 1"] } },
        { "at": "15 min", "fetch": { "host": "bob-phone", "commands": ["LOGIN", "UIDL", "QUIT"] } }]"#;
    let first = "\"actions\": [\n    { \"at\": \"0 s\", \"fetch\": { \"host\": \"bob-pc\", \"delete\": true } },\n    { \"at\": \"5 s\", \"read\": { \"host\": \"bob-phone\", \"commands\": [\"LOGIN\", \"SELECT INBOX\", \"LOGOUT\"] } }\n  ]";
    let keeps = "\"set\": { \"actions.0.fetch.delete\": false },";
    let found = lists(&run_with("mail-access", "4", &[(first, &format!("\"actions\": {cut}")), (keeps, "")]));
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0].lines().count(), 7, "a line for each of five letters");
}

/// RFC 1939 section 7: the timestamp "MUST be different each time".
#[test]
fn every_greeting_has_a_timestamp_of_its_own() {
    let run = run("mail-access:7");
    let text = |t: &Told| t.get("text").unwrap().as_str().unwrap().to_owned();
    let lines = run.told().filter(|(_, t)| t.kind == "app.line" && has(t, "proto", "pop3"));
    let greetings: Vec<String> = lines.map(|(_, t)| text(&t)).filter(|t| t.contains(" server ready <")).collect();
    let different: std::collections::BTreeSet<&String> = greetings.iter().collect();
    assert_eq!((greetings.len(), different.len()), (3, 3), "{greetings:?}");
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
