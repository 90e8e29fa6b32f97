//! Rules of RFC 3501 that no other dialogue shows.

use super::*;

#[test]
fn a_copy_that_fails_leaves_the_other_folder_as_it_was() {
    let mut host = Host::with_letters(3);
    let second = host.connect(Config::default());
    host.say(second, "x LOGIN alice secret\r\nx SELECT INBOX\r\nx CREATE f\r\n");
    host.say(0, "x STORE 2 +FLAGS.SILENT (\\Deleted)\r\nx EXPUNGE\r\n");
    // Number 2 is still one of the second session's, but the letter is gone: none of the three is copied.
    assert!(host.say(second, "a COPY 1:3 f\r\n").ends_with("a NO [EXPUNGEISSUED] some of the messages are gone\r\n"));
    assert!(host.store.messages("alice", "f").is_empty());
    // UIDs that are gone are no mistake (section 6.4.8).
    let third = host.connect(Config::default());
    host.say(third, "x LOGIN alice secret\r\nx SELECT INBOX\r\n");
    assert_eq!(host.say(third, "b UID COPY 1:3 f\r\n"), "b OK UID COPY completed\r\n");
    assert_eq!(host.store.messages("alice", "f").len(), 2);
}

#[test]
fn a_copy_keeps_flags_and_date_and_is_recent() {
    let mut host = Host::new(Config::default());
    let seen = [crate::imap::Flag::Seen].into_iter().collect();
    host.store.deliver("alice", "INBOX", letter(1, "Subject: x\n\n"), seen, 86_400, None);
    host.say(0, "x LOGIN alice secret\r\nx CREATE f\r\nx SELECT INBOX\r\nx COPY 1 f\r\nx SELECT f\r\n");
    assert_eq!(
        host.say(0, "a FETCH 1 (FLAGS INTERNALDATE)\r\n"),
        "* 1 FETCH (FLAGS (\\Seen \\Recent) INTERNALDATE \"02-Jan-1970 00:00:00 +0000\")\r\na OK FETCH completed\r\n"
    );
}

#[test]
fn a_folder_that_is_missing_is_never_made_by_append_or_copy() {
    let mut host = Host::with_letters(1);
    host.say(0, "a COPY 1 f\r\nb APPEND f {3+}\r\nabc\r\n");
    assert_eq!(host.store.folders("alice").collect::<Vec<_>>(), ["INBOX"]);
}

#[test]
fn status_of_another_folder_changes_nothing_there() {
    let mut host = Host::with_letters(0);
    host.say(0, "x CREATE f\r\nx APPEND f {3+}\r\nabc\r\n");
    host.dialogue(
        0,
        "
        C: a STATUS f (MESSAGES RECENT UNSEEN)
        S: * STATUS f (MESSAGES 1 RECENT 1 UNSEEN 1)
        S: a OK STATUS completed
        C: b STATUS f (RECENT)
        S: * STATUS f (RECENT 1)
        S: b OK STATUS completed
        C: c NOOP
        S: c OK NOOP completed
    ",
    );
}

#[test]
fn a_partial_fetch_from_zero_says_so_and_one_behind_the_end_is_empty() {
    let mut host = Host::with_letters(1);
    host.dialogue(
        0,
        "
        C: a FETCH 1 BODY.PEEK[TEXT]<0.2048>
        S: * 1 FETCH (BODY[TEXT]<0> {8}
        S: body 1
        S: )
        S: a OK FETCH completed
        C: b FETCH 1 BODY.PEEK[TEXT]<100.5>
        S: * 1 FETCH (BODY[TEXT]<100> {0}
        S: )
        S: b OK FETCH completed
    ",
    );
}

#[test]
fn the_charset_of_a_search_is_judged_before_its_keys() {
    let mut host = Host::with_letters(0);
    host.deliver("Subject: =?iso-8859-1?q?gr=FC=DFe?=\n\nx\n");
    host.say(0, "x NOOP\r\n");
    let found = "* SEARCH 1\r\na OK SEARCH completed\r\n";
    assert_eq!(host.say(0, "a SEARCH CHARSET UTF-8 SUBJECT {7+}\r\ngr\u{fc}\u{df}e\r\n"), found);
    assert_eq!(host.say(0, "a SEARCH CHARSET US-ASCII ALL\r\n"), found);
    assert_eq!(host.say(0, "a SEARCH CHARSET utf-8 ALL\r\n"), found);
    let refused = host.say(0, "b SEARCH CHARSET KOI8-R SUBJECT x\r\n");
    assert!(refused.starts_with("b NO [BADCHARSET (US-ASCII UTF-8)]"), "{refused}");
}

#[test]
fn expunge_waits_until_a_command_is_complete() {
    // "a command is not in progress during the negotiation of command continuation" (section 7.4.1).
    let mut host = Host::with_letters(2);
    let second = host.connect(Config::default());
    host.say(second, "x LOGIN alice secret\r\nx SELECT INBOX\r\n");
    host.say(0, "x STORE 1 +FLAGS.SILENT (\\Deleted)\r\nx EXPUNGE\r\n");
    assert_eq!(host.say(second, "a CREATE {1}\r\n"), "+ Ready for additional command text\r\n");
    assert_eq!(host.say(second, "f\r\n"), "* 1 EXPUNGE\r\na OK CREATE completed\r\n");
}

#[test]
fn a_second_login_is_not_possible() {
    let mut host = Host::with_letters(0);
    host.dialogue(
        0,
        "
        C: a LOGIN bob secret
        S: a BAD LOGIN is not allowed in the selected state
        C: b AUTHENTICATE PLAIN
        S: b BAD AUTHENTICATE is not allowed in the selected state
        C: c STARTTLS
        S: c BAD STARTTLS is not allowed in the selected state
    ",
    );
}

#[test]
fn what_can_mean_one_thing_only_is_understood() {
    let mut host = Host::with_letters(1);
    assert_eq!(host.say(0, "a NOOP\n"), "a OK NOOP completed\r\n");
    assert_eq!(host.say(0, "b CREATE \"Gr\u{fc}n\"\r\n"), "b NO mailbox names are modified UTF-7\r\n");
    host.deliver("Subject: =?utf-8?q?Gr=C3=BCn?=\n\n");
    host.say(0, "x NOOP\r\n");
    let found = host.say(0, "c SEARCH CHARSET UTF-8 SUBJECT \"gr\u{dc}n\"\n");
    assert!(found.contains("* SEARCH 2\r\n"), "{found}");
    assert_eq!(host.say(0, "d NOOP \u{fc}\r\n"), "d BAD NOOP: syntax error\r\n");
}

#[test]
fn an_address_is_found_as_it_stands_and_as_the_envelope_has_it() {
    let mut host = Host::with_letters(0);
    host.deliver("From: <bob (home)@ (of b) b.example>\nTo: \"Alice \\\"A\\\"\" <alice@a.example>\n\n");
    host.say(0, "x NOOP\r\n");
    for key in ["FROM bob@b.example", "FROM \"(home)\"", "TO \"Alice \\\"A\"", "TO a.example"] {
        assert!(host.say(0, &format!("a SEARCH {key}\r\n")).contains("* SEARCH 1\r\n"), "{key}");
    }
    assert!(host.say(0, "a SEARCH FROM carol\r\n").contains("* SEARCH\r\n"));
}
