//! The golden values of the curriculum's lesson L12, read from the record of the two devices.

use mailpath::mail::Event;
use mailpath::scenario::{self, BUILT_IN};
use mailpath::time::Instant;
use mailpath::topology::Side;
use mailpath::trace::fold::Timeline;
use mailpath::trace::{Cause, Told, What};

use crate::runs::{self, Run, run};

const MS: u64 = 1_000_000;

/// Connections in the order in which they are opened: the phone's, the PC's.
const PHONE: u64 = 0;
const PC: u64 = 1;

fn text<'t>(told: &'t Told, name: &str) -> &'t str {
    told.get(name).and_then(|v| v.as_str()).unwrap_or_default()
}

/// Lines that the client of a connection has read, with the time in milliseconds.
fn lines(run: &Run, conn: u64) -> Vec<(u64, String)> {
    run.told()
        .filter(|(_, t)| t.kind == "app.read" && text(t, "dir") == "s2c")
        .filter(|(_, t)| t.get("conn").and_then(|v| v.as_u64()) == Some(conn))
        .map(|(at, t)| (at / MS, text(&t, "text").to_string()))
        .collect()
}

/// Numbers of the untagged responses of that name that were read in this span of milliseconds.
fn numbers(run: &Run, conn: u64, name: &str, span: std::ops::Range<u64>) -> Vec<u32> {
    let said = lines(run, conn).into_iter().filter(|(at, _)| span.contains(at));
    said.filter_map(|(_, line)| line.strip_prefix("* ")?.strip_suffix(&format!(" {name}"))?.parse().ok()).collect()
}

/// UIDs and flags of a folder of Bob's at that moment, folded from the record.
fn folder(run: &Run, name: &str, at_ms: u64) -> Vec<(u32, Vec<String>)> {
    let log = run.world.log();
    let mut checkpoints = Timeline::default();
    checkpoints.extend(log);
    let state = checkpoints.at(log, Instant::from_millis(at_ms));
    let found = state.mailboxes.iter().find(|(key, _)| key.1 == "bob" && key.2 == name);
    found.map_or_else(Vec::new, |(_, letters)| {
        letters.iter().map(|(uid, stored)| (*uid, stored.flags.clone())).collect()
    })
}

fn uids(run: &Run, name: &str, at_ms: u64) -> Vec<u32> {
    folder(run, name, at_ms).into_iter().map(|(uid, _)| uid).collect()
}

#[test]
fn l12_1_marked_is_not_removed() {
    let run = run("two-devices");
    let inbox = folder(&run, "INBOX", 1_900);
    assert_eq!(inbox.len(), 8);
    let marked = |(_, flags): &&(u32, Vec<String>)| flags.iter().any(|f| f == "\\Deleted");
    assert_eq!(inbox.iter().filter(marked).map(|(uid, _)| *uid).collect::<Vec<_>>(), [102, 103, 106]);
    // What the phone was told is still what holds.
    assert_eq!(numbers(&run, PHONE, "EXISTS", 0..1_900), [8]);
}

#[test]
fn l12_2_each_expunge_counts_anew() {
    for name in ["two-devices", "two-devices:move"] {
        assert_eq!(numbers(&run(name), PC, "EXPUNGE", 2_000..3_000), [2, 2, 4], "{name}");
    }
}

#[test]
fn l12_3_the_number_falls_and_the_uid_stays() {
    let run = run("two-devices");
    let with_uid = |span: std::ops::Range<u64>| -> Vec<String> {
        let said = lines(&run, PC).into_iter().filter(|(at, line)| span.contains(at) && line.contains("UID 105 "));
        said.map(|(_, line)| line.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(with_uid(1_000..2_000), ["* 5 FETCH"]);
    assert_eq!(with_uid(2_000..3_000), ["* 3 FETCH"]);
}

#[test]
fn l12_4_body_marks_as_read_for_every_device_and_peek_does_not() {
    let seen = |name: &str| {
        let run = run(name);
        let line = lines(&run, PC).into_iter().find(|(_, line)| line.contains("UID 104 ")).expect("the PC asks").1;
        line.contains("\\Seen")
    };
    assert!(seen("two-devices"));
    assert!(!seen("two-devices:peek"));
}

#[test]
fn l12_5_a_letter_that_moves_has_a_new_uid() {
    for name in ["two-devices", "two-devices:move"] {
        let run = run(name);
        assert_eq!(uids(&run, "INBOX", 4_500), [101, 104, 105, 108], "{name}");
        assert_eq!(uids(&run, "Work", 4_500), [1], "{name}");
        // The phone learns of all four with its NOOP, in the numbers that it knows.
        assert!(numbers(&run, PHONE, "EXPUNGE", 0..4_000).is_empty(), "{name}");
        assert_eq!(numbers(&run, PHONE, "EXPUNGE", 4_000..5_000), [2, 2, 4, 4], "{name}");
        let status = lines(&run, PHONE).into_iter().find(|(_, l)| l.starts_with("* STATUS Work")).expect("it asks").1;
        assert!(status.contains("MESSAGES 1 ") && status.contains("UIDNEXT 2 "), "{name}: {status}");
    }
    let moved: Vec<_> = run("two-devices:move").told().filter(|(_, t)| t.kind == "mailbox.move").collect();
    assert_eq!(moved.len(), 1);
    assert_eq!((text(&moved[0].1, "folder"), text(&moved[0].1, "into")), ("INBOX", "Work"));
}

#[test]
fn l12_6_the_server_speaks_first_to_a_phone_that_idles() {
    let run = run("two-devices");
    let stored = run.told().filter(|(_, t)| t.kind == "mailbox.store" && text(t, "folder") == "INBOX").last();
    let stored = stored.expect("Alice's letter comes").0;
    let segments = run.told().filter(|(at, t)| {
        t.kind == "tcp.seg" && *at >= stored && t.get("conn").and_then(|v| v.as_u64()) == Some(PHONE)
    });
    let (at, next) = segments.into_iter().next().expect("a segment on the phone's connection");
    assert_eq!((text(&next, "from"), at), ("mail.b", stored), "at the very moment of the delivery");
    // It was the first to open the folder, so all five are recent. EXISTS, then DONE, then the tagged response.
    let said: Vec<String> = lines(&run, PHONE).into_iter().filter(|(at, _)| *at > 5_000).map(|l| l.1).collect();
    assert_eq!(said[..3], ["+ idling", "* 5 EXISTS", "* 5 RECENT"]);
    assert!(said[3].ends_with(" OK IDLE terminated"), "{said:?}");
    // Why was it said? Because a letter was stored.
    let log = run.world.log();
    let says = |what: &What| match what {
        What::Session(s) => s.side == Side::Server && s.event.line().is_some_and(|l| l.text == "* 5 EXISTS"),
        _ => false,
    };
    let line = log.entries().iter().find(|e| says(&e.what)).expect("the server says it");
    let Cause::Entry(cause) = line.cause else { panic!("{:?}", line.cause) };
    assert!(matches!(log.entry(cause).what, What::Mail(Event::MailboxStore { .. })));
}

#[test]
fn l12_the_pc_is_told_too_when_it_asks() {
    let run = run("two-devices");
    assert_eq!(numbers(&run, PC, "EXISTS", 9_000..11_000), [5]);
}

/// The two devices, doing other things.
fn with_actions(actions: serde_json::Value) -> Run {
    let text = BUILT_IN.iter().find(|b| b.0 == "two-devices").expect("it is built in").1;
    let mut file: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let object = file.as_object_mut().expect("an object");
    object.insert("actions".to_owned(), actions);
    object.remove("runs");
    object.remove("story");
    let scenario = scenario::parse("other.json", &file.to_string()).unwrap_or_else(|e| panic!("{e}"));
    runs::play(scenario.ready(None).unwrap_or_else(|e| panic!("{e}")))
}

/// What became of each time that a copy was brought up to date.
fn syncs(run: &Run) -> Vec<(u64, u64, bool, bool)> {
    let told = run.told().filter(|(_, t)| t.kind == "mua.sync");
    told.map(|(_, t)| {
        let number = |name: &str| t.get(name).and_then(|v| v.as_u64()).expect("a number");
        let truth = |name: &str| t.get(name).and_then(|v| v.as_bool()).expect("yes or no");
        (number("letters"), number("replayed"), truth("dropped"), truth("complete"))
    })
    .collect()
}

#[test]
fn l12_a_phone_without_connection_says_its_changes_by_uid_when_it_is_back() {
    let run = with_actions(serde_json::json!([
        { "at": "0 s", "sync": { "host": "bob-phone" } },
        {
            "at": "1 s",
            "offline": {
                "host": "bob-phone",
                "changes": ["STORE 104 +FLAGS (\\Flagged)", "DELETE 105", "MOVE 107 Work"]
            }
        },
        // Meanwhile the numbers shift.
        {
            "at": "2 s",
            "read": {
                "host": "bob-pc",
                "commands": ["LOGIN", "SELECT INBOX", "STORE 1 +FLAGS (\\Deleted)", "EXPUNGE", "LOGOUT"]
            }
        },
        { "at": "3 s", "sync": { "host": "bob-phone" } }
    ]));
    assert_eq!(syncs(&run), [(8, 0, false, true), (5, 3, false, true)]);
    assert_eq!(uids(&run, "INBOX", 2_900), [102, 103, 104, 105, 106, 107, 108], "the server does not know yet");
    let inbox = folder(&run, "INBOX", 10_000);
    assert_eq!(inbox.iter().map(|(uid, _)| *uid).collect::<Vec<_>>(), [102, 103, 104, 106, 108]);
    let flagged: Vec<u32> = inbox.iter().filter(|(_, f)| f.iter().any(|f| f == "\\Flagged")).map(|f| f.0).collect();
    assert_eq!(flagged, [104]);
    assert_eq!(uids(&run, "Work", 10_000), [1]);
    // Fetched with PEEK: nobody has read a letter.
    assert!(inbox.iter().all(|(_, flags)| !flags.iter().any(|f| f == "\\Seen")));
    assert_eq!(run.told().filter(|(_, t)| t.kind == "mua.read").count(), 0);
}

#[test]
fn l12_another_uidvalidity_makes_the_phone_throw_its_copy_away() {
    let pc = |at: &str, commands: &[&str]| serde_json::json!({ "at": at, "read": { "host": "bob-pc", "commands": commands } });
    let phone = |at: &str| serde_json::json!({ "at": at, "sync": { "host": "bob-phone", "folder": "Work" } });
    let run = with_actions(serde_json::json!([
        pc("0 s", &["LOGIN", "SELECT INBOX", "COPY 1:3 Work", "LOGOUT"]),
        phone("1 s"),
        { "at": "2 s", "offline": { "host": "bob-phone", "folder": "Work", "changes": ["DELETE 1"] } },
        pc("3 s", &["LOGIN", "DELETE Work", "CREATE Work", "SELECT INBOX", "COPY 4 Work", "LOGOUT"]),
        phone("4 s"),
    ]));
    assert_eq!(syncs(&run), [(3, 0, false, true), (1, 0, true, true)]);
    // UID 1 is another letter now, and it was not deleted in place of the old one.
    assert_eq!(uids(&run, "Work", 10_000), [1]);
}
