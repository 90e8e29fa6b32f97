//! Talking SMTP by hand (curriculum L03): golden values 3.1 to 3.6, and the three goals.

use mailpath::mail::Event;
use mailpath::trace::{Told, What};

use crate::runs::{Run, run};

fn told<'a>(run: &'a Run, kind: &'a str) -> impl Iterator<Item = Told> + 'a {
    run.told().map(|(_, told)| told).filter(move |told| told.kind == kind)
}

fn text(told: &Told, name: &str) -> String {
    told.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned()
}

/// What the server read and what it answered, in order: `RCPT 550`.
fn dialogue(run: &Run) -> Vec<String> {
    let mut verb = String::new();
    let mut all = Vec::new();
    for (_, told) in run.told() {
        if told.kind == "app.read" && text(&told, "from") == "alice-pc" {
            verb = text(&told, "text").split([' ', ':']).next().unwrap_or_default().to_owned();
        } else if told.kind == "app.line" && text(&told, "from") == "mail.b" {
            let code = told.get("code").and_then(serde_json::Value::as_u64).unwrap_or(0);
            all.push(format!("{verb} {code}").trim().to_owned());
            verb.clear();
        }
    }
    all
}

/// The code of the reply to the last command with this word.
fn code(run: &Run, verb: &str) -> u64 {
    let all = dialogue(run);
    let line = all.iter().rev().find_map(|l| l.strip_prefix(verb)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no reply to {verb} in {all:?}")).parse().unwrap()
}

fn mailboxes(run: &Run) -> Vec<String> {
    told(run, "mailbox.store").map(|t| text(&t, "user")).collect()
}

#[test]
fn golden_3_1_rcpt_before_mail_is_out_of_order() {
    assert_eq!(code(&run("talk-smtp:3.1"), "RCPT"), 503);
}

#[test]
fn golden_3_2_a_strict_server_takes_no_blank_behind_the_colon() {
    assert_eq!(code(&run("talk-smtp:3.2"), "MAIL") / 100, 5);
}

#[test]
fn golden_3_3_a_server_relays_for_nobody_from_outside() {
    assert_eq!(code(&run("talk-smtp:3.3"), "RCPT") / 100, 5);
}

#[test]
fn golden_3_4_a_mailbox_that_does_not_exist() {
    assert_eq!(code(&run("talk-smtp:3.4"), "RCPT"), 550);
}

#[test]
fn golden_3_5_data_without_a_recipient() {
    let run = run("talk-smtp:3.5");
    assert_eq!(code(&run, "RCPT"), 550);
    assert_eq!(code(&run, "DATA") / 100, 5);
}

#[test]
fn golden_3_6_what_was_not_finished_is_dropped() {
    let run = run("talk-smtp:3.6");
    assert_eq!((code(&run, "RCPT"), code(&run, "QUIT")), (250, 221));
    assert_eq!(mailboxes(&run), [""; 0]);
}

#[test]
fn goal_1_hello_lies_in_bobs_mailbox() {
    let run = run("talk-smtp:goal-1");
    assert_eq!(dialogue(&run), ["220", "EHLO 250", "MAIL 250", "RCPT 250", "DATA 354", "250", "QUIT 221"]);
    assert_eq!(mailboxes(&run), ["bob"]);
}

#[test]
fn goal_2_two_recipients_share_one_letter_on_the_line() {
    let run = run("talk-smtp:goal-2");
    let expected = ["220", "EHLO 250", "MAIL 250", "RCPT 250", "RCPT 250", "DATA 354", "250", "QUIT 221"];
    assert_eq!(dialogue(&run), expected);
    assert_eq!(mailboxes(&run), ["bob", "carol"]);
    let line = run.stream_bytes(|conn| conn.0 == 0);
    assert_eq!(line.windows(6).filter(|w| *w == b"hello ").count(), 1);
}

#[test]
fn goal_3_shows_four_ways_to_say_no() {
    let run = run("talk-smtp:goal-3");
    let mut codes: Vec<String> = dialogue(&run).iter().map(|l| l.rsplit(' ').next().unwrap().to_owned()).collect();
    codes.retain(|code| code.starts_with('5'));
    assert_eq!(codes, ["500", "503", "501", "550"]);
}

#[test]
fn each_command_takes_one_round_trip() {
    // alice-pc to mail.b: 4 + 48 + 1 ms one way. SYN, then the greeting comes with the first reply to it; EHLO, MAIL,
    // RCPT, DATA, the letter and QUIT each wait for the one before.
    let run = run("talk-smtp:goal-1");
    let at: Vec<u64> = run
        .told()
        .filter(|(_, t)| t.kind == "app.read" && text(t, "from") == "alice-pc")
        .map(|(at, _)| at / 1_000_000)
        .collect();
    // Each is read half a round trip after it was typed, a round trip after the one before; the letter lies between
    // DATA and QUIT.
    let waits: Vec<u64> = at.windows(2).map(|w| w[1] - w[0]).collect();
    assert_eq!(waits, [106, 106, 106, 212], "{at:?}");
}

/// Lesson 14, exploration: whose address is on top of the trace when a stranger uses an open relay?
#[test]
fn an_open_relay_lends_a_stranger_its_name() {
    let run = run("talk-smtp:open-relay");
    assert_eq!((code(&run, "RCPT"), mailboxes(&run)), (250, vec!["alice".to_owned()]));
    let stored = run.world.log().entries().iter().find_map(|e| match e.what {
        What::Mail(Event::MailboxStore { letter, .. }) => Some(String::from_utf8_lossy(&letter.bytes).into_owned()),
        _ => None,
    });
    let stored = stored.unwrap();
    let from: Vec<&str> = stored.lines().filter_map(|l| l.strip_prefix("Received: from ")).collect();
    assert!(from[0].starts_with("mail.b.example ([198.51.100.25])"), "{stored}");
    assert!(from[1].starts_with("nobody.example ("), "the first one says what the stranger said: {stored}");
    assert_eq!(from.len(), 2);
}
