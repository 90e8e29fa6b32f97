//! Two sessions on one folder: numbers stay as each client knows them (RFC 3501 sections 2.3.1.2, 5.2, 5.5, 7.4.1).

use super::*;
use crate::imap::State;

/// Five letters, two sessions that have them open.
fn two() -> Host {
    let mut host = Host::with_letters(5);
    let second = host.connect(Config::default());
    host.say(second, "x LOGIN alice secret\r\nx SELECT INBOX\r\n");
    host
}

#[test]
fn the_first_session_that_learns_of_a_letter_has_it_recent() {
    let mut host = two();
    assert!(host.lines[0].sent.windows(10).any(|w| w == b"* 5 RECENT"));
    assert!(host.lines[1].sent.windows(10).any(|w| w == b"* 0 RECENT"));
    host.deliver("Subject: new\n\n");
    assert_eq!(host.say(1, "a NOOP\r\n"), "* 6 EXISTS\r\n* 1 RECENT\r\na OK NOOP completed\r\n");
    assert_eq!(host.say(0, "a NOOP\r\n"), "* 6 EXISTS\r\n* 5 RECENT\r\na OK NOOP completed\r\n");
    assert_eq!(host.say(0, "a NOOP\r\n"), "a OK NOOP completed\r\n");
}

#[test]
fn an_expunge_by_another_is_not_told_during_fetch_store_and_search() {
    let mut host = two();
    host.say(0, "a STORE 2,4 +FLAGS.SILENT (\\Deleted)\r\na EXPUNGE\r\n");
    host.deliver("Subject: new\n\n");
    // Numbers mean what this client knows: 3 is still UID 3, and 5 is still there.
    host.dialogue(
        1,
        "
        C: a FETCH 3,5 UID
        S: * 3 FETCH (UID 3)
        S: * 5 FETCH (UID 5)
        S: * 6 EXISTS
        S: * 1 RECENT
        S: a OK FETCH completed
        C: b SEARCH ALL
        S: * SEARCH 1 3 5 6
        S: b OK SEARCH completed
        C: c STORE 3 +FLAGS (\\Seen)
        S: * 3 FETCH (FLAGS (\\Seen))
        S: c OK STORE completed
        C: d FETCH 2:3 UID
        S: * 2 FETCH (UID 2)
        S: * 3 FETCH (UID 3)
        S: d OK FETCH completed
        C: d FETCH 2:3 (UID RFC822.SIZE)
        S: * 3 FETCH (UID 3 RFC822.SIZE 50)
        S: d NO [EXPUNGEISSUED] some of the messages are gone
        C: e STORE 2 +FLAGS (\\Seen)
        S: e NO [EXPUNGEISSUED] some of the messages are gone
        C: f COPY 1:2 INBOX
        S: * 2 EXPUNGE
        S: * 3 EXPUNGE
        S: f NO [EXPUNGEISSUED] some of the messages are gone
        C: g FETCH 2:4 UID
        S: * 2 FETCH (UID 3)
        S: * 3 FETCH (UID 5)
        S: * 4 FETCH (UID 6)
        S: g OK FETCH completed
    ",
    );
}

#[test]
fn a_uid_command_may_tell_of_an_expunge() {
    let mut host = two();
    host.say(0, "a STORE 1 +FLAGS.SILENT (\\Deleted)\r\na EXPUNGE\r\n");
    host.dialogue(
        1,
        "
        C: a UID FETCH 1:2 FLAGS
        S: * 2 FETCH (UID 2 FLAGS ())
        S: * 1 EXPUNGE
        S: a OK UID FETCH completed
    ",
    );
}

#[test]
fn flags_that_another_changed_are_told_and_own_ones_are_not_told_twice() {
    let mut host = two();
    host.say(0, "a STORE 2 +FLAGS (\\Flagged)\r\n");
    assert_eq!(host.say(0, "b NOOP\r\n"), "b OK NOOP completed\r\n");
    assert_eq!(host.say(1, "a NOOP\r\n"), "* 2 FETCH (FLAGS (\\Flagged))\r\na OK NOOP completed\r\n");
    // Both change the same letter between two looks: each hears of the other's change.
    host.say(0, "c STORE 2 +FLAGS.SILENT (\\Seen)\r\n");
    assert_eq!(
        host.say(1, "b STORE 2 +FLAGS.SILENT (\\Draft)\r\n"),
        "* 2 FETCH (FLAGS (\\Flagged \\Seen \\Draft))\r\nb OK STORE completed\r\n"
    );
    assert_eq!(
        host.say(0, "d NOOP\r\n"),
        "* 2 FETCH (FLAGS (\\Flagged \\Seen \\Draft \\Recent))\r\nd OK NOOP completed\r\n"
    );
}

#[test]
fn both_expunge_and_each_tells_the_whole_in_one_numbering() {
    let mut host = two();
    host.say(0, "a STORE 1,5 +FLAGS.SILENT (\\Deleted)\r\na EXPUNGE\r\n");
    host.say(1, "a STORE 3 +FLAGS.SILENT (\\Deleted)\r\n");
    // 1 and 5 went by the other's hand, 3 by its own.
    assert_eq!(host.say(1, "b EXPUNGE\r\n"), "* 1 EXPUNGE\r\n* 2 EXPUNGE\r\n* 3 EXPUNGE\r\nb OK EXPUNGE completed\r\n");
    assert_eq!(host.say(0, "b NOOP\r\n"), "* 2 EXPUNGE\r\nb OK NOOP completed\r\n");
}

#[test]
fn a_letter_that_came_and_went_between_two_looks_is_never_told() {
    let mut host = two();
    host.deliver("Subject: short life\n\n");
    host.say(0, "a NOOP\r\na STORE 6 +FLAGS.SILENT (\\Deleted)\r\na EXPUNGE\r\n");
    assert_eq!(host.say(1, "a NOOP\r\n"), "a OK NOOP completed\r\n");
}

#[test]
fn a_folder_that_is_deleted_under_a_session_ends_it_with_bye() {
    let mut host = two();
    host.say(0, "a CREATE f\r\n");
    host.say(1, "a SELECT f\r\n");
    host.say(0, "b DELETE f\r\n");
    host.say(0, "c CREATE f\r\n");
    assert_eq!(host.say(1, "b NOOP\r\n"), "* BYE the selected mailbox was deleted\r\nb OK NOOP completed\r\n");
    assert!(host.lines[1].closed);
    assert_eq!(host.lines[1].server.state(), State::Logout);
}

#[test]
fn every_history_of_two_sessions_leaves_both_with_the_store() {
    // Small and exhaustive enough: random acts of two sessions; after a NOOP the view of each must be the folder.
    let mut rng = crate::rng::Seed::new(3);
    for round in 0..200 {
        let mut host = two();
        rng = rng.child("round");
        for step in 0..20 {
            let draw = rng.nth(step);
            let (conn, act, number) = ((draw & 1) as usize, (draw >> 1) % 7, (draw >> 8) % 6 + 1);
            let line = match act {
                0 => format!("a STORE {number} +FLAGS.SILENT (\\Deleted)\r\n"),
                1 => "a EXPUNGE\r\n".to_string(),
                2 => format!("a FETCH {number} (UID FLAGS)\r\n"),
                3 => format!("a UID STORE {number}:* -FLAGS (\\Deleted)\r\n"),
                4 => "a NOOP\r\n".to_string(),
                5 => format!("a COPY {number} INBOX\r\n"),
                _ => {
                    host.deliver("Subject: x\n\n");
                    continue;
                }
            };
            host.say(conn, &line);
        }
        let uids: Vec<u32> = host.store.messages("alice", "INBOX").iter().map(|m| m.uid).collect();
        for conn in 0..2 {
            host.say(conn, "n NOOP\r\n");
            let told = host.say(conn, "s UID FETCH 1:* UID\r\n");
            let seen: Vec<String> =
                told.lines().filter(|l| l.contains("UID ") && l.starts_with('*')).map(str::to_string).collect();
            let due: Vec<String> =
                uids.iter().enumerate().map(|(n, uid)| format!("* {} FETCH (UID {uid})", n + 1)).collect();
            assert_eq!(seen, due, "round {round}");
            check_numbers(&host.lines[conn].sent, uids.len());
        }
    }
}

/// A client that only counts EXISTS up and EXPUNGE down never meets a number beyond its count.
fn check_numbers(sent: &[u8], end: usize) {
    let mut count = 0usize;
    for line in String::from_utf8_lossy(sent).lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let (Some(n), Some(verb)) = (words.get(1).and_then(|n| n.parse::<usize>().ok()), words.get(2)) else {
            continue;
        };
        match *verb {
            "EXISTS" => {
                assert!(n >= count, "EXISTS never shrinks: {line}");
                count = n;
            }
            "EXPUNGE" => {
                assert!(n >= 1 && n <= count, "{line} of {count}");
                count -= 1;
            }
            "FETCH" => assert!(n >= 1 && n <= count, "{line} of {count}"),
            _ => {}
        }
    }
    assert_eq!(count, end);
}

#[test]
fn flags_tells_a_keyword_before_a_letter_shows_it() {
    let mut host = two();
    host.dialogue(
        0,
        "
        C: a STORE 1 +FLAGS (work)
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft work)
        S: * 1 FETCH (FLAGS (work \\Recent))
        S: a OK STORE completed
        C: b STORE 2 +FLAGS (WORK)
        S: * 2 FETCH (FLAGS (WORK \\Recent))
        S: b OK STORE completed
    ",
    );
    host.dialogue(
        1,
        "
        C: a NOOP
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft work)
        S: * 1 FETCH (FLAGS (work))
        S: * 2 FETCH (FLAGS (WORK))
        S: a OK NOOP completed
        C: b EXAMINE INBOX
        S: * 5 EXISTS
        S: * 0 RECENT
        S: * OK [UNSEEN 1] Message 1 is first unseen
        S: * OK [UIDVALIDITY 1] UIDs valid
        S: * OK [UIDNEXT 6] Predicted next UID
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft work)
        S: * OK [PERMANENTFLAGS ()] No permanent flags permitted
        S: b OK [READ-ONLY] EXAMINE completed
        C: c FETCH 1 FLAGS
        S: * 1 FETCH (FLAGS (work))
        S: c OK FETCH completed
    ",
    );
    let selected = host.say(0, "x SELECT INBOX\r\n");
    assert!(selected.contains("* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft work \\*)]"));
}
