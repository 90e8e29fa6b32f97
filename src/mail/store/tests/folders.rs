//! RENAME, SUBSCRIBE, names beyond ASCII, and folders that change under a session (RFC 3501 sections 5.1 and 6.3).

use super::*;

#[test]
fn rename_takes_those_below_along_and_keeps_uids() {
    let mut host = Host::with_letters(0);
    host.say(0, "x CREATE work/2025\r\nx APPEND work/2025 {3+}\r\nabc\r\n");
    let before = host.store.status("alice", "work/2025").unwrap();
    host.events.clear();
    host.dialogue(
        0,
        "
        C: a RENAME work done/work
        S: a OK RENAME completed
        C: b LIST \"\" *
        S: * LIST () \"/\" INBOX
        S: * LIST () \"/\" done
        S: * LIST () \"/\" done/work
        S: * LIST () \"/\" done/work/2025
        S: b OK LIST completed
        C: c RENAME nothing x
        S: c NO no such mailbox
        C: d RENAME done INBOX
        S: d NO there is a mailbox of that name
        C: e RENAME done done/below
        S: e NO a mailbox cannot have that name
    ",
    );
    assert_eq!(host.store.status("alice", "done/work/2025"), Some(before));
    let renamed =
        |folder: &str, to: &str| Event::FolderRename { user: "alice".into(), folder: folder.into(), to: to.into() };
    let done = Event::FolderCreate { user: "alice".into(), folder: "done".into() };
    assert_eq!(host.events, [done, renamed("work", "done/work"), renamed("work/2025", "done/work/2025")]);
}

#[test]
fn rename_of_inbox_moves_what_is_in_it_and_leaves_it_there() {
    let mut host = Host::with_letters(2);
    host.say(0, "x CREATE INBOX/below\r\n");
    host.dialogue(
        0,
        "
        C: a RENAME INBOX old-mail
        S: a OK RENAME completed
        C: b LIST \"\" *
        S: * LIST () \"/\" INBOX
        S: * LIST () \"/\" INBOX/below
        S: * LIST () \"/\" old-mail
        S: b OK LIST completed
        C: c STATUS old-mail (MESSAGES)
        S: * STATUS old-mail (MESSAGES 2)
        S: c OK STATUS completed
        C: d STATUS INBOX (MESSAGES UIDNEXT)
        S: * STATUS INBOX (MESSAGES 0 UIDNEXT 3)
        S: d OK STATUS completed
    ",
    );
    // The session itself did it; another one would be told of two EXPUNGEs.
    let gone = host.events.iter().filter(|e| matches!(e, Event::MailboxExpunge { .. })).count();
    assert_eq!(gone, 2);
}

#[test]
fn a_session_stays_in_its_folder_when_another_renames_it() {
    let mut host = Host::with_letters(0);
    let second = host.connect(Config::default());
    host.say(second, "x LOGIN alice secret\r\nx CREATE f\r\nx SELECT f\r\n");
    host.say(0, "a RENAME f g\r\na APPEND g {3+}\r\nabc\r\n");
    assert_eq!(host.say(second, "b NOOP\r\n"), "* 1 EXISTS\r\n* 1 RECENT\r\nb OK NOOP completed\r\n");
    // One's own RENAME, and then DELETE of what is open.
    host.dialogue(
        second,
        "
        C: c RENAME g h
        S: c OK RENAME completed
        C: d DELETE h
        S: d OK DELETE completed
        C: e CHECK
        S: e BAD CHECK is not allowed in the authenticated state
    ",
    );
}

#[test]
fn a_folder_that_is_made_anew_has_another_uidvalidity() {
    let mut host = Host::with_letters(0);
    let mut validity = || {
        host.say(0, "a CREATE f\r\n");
        let told = host.say(0, "b STATUS f (UIDVALIDITY)\r\nc DELETE f\r\n");
        let number = told.split("UIDVALIDITY ").nth(1).unwrap().split(')').next().unwrap();
        number.parse::<u32>().unwrap()
    };
    let first = validity();
    assert!(validity() > first);
}

#[test]
fn subscriptions_are_the_users_own() {
    let mut host = Host::with_letters(0);
    host.say(0, "x CREATE foo/bar\r\n");
    host.dialogue(
        0,
        "
        C: a LSUB \"\" *
        S: * LSUB () \"/\" INBOX
        S: a OK LSUB completed
        C: b SUBSCRIBE foo/bar
        S: b OK SUBSCRIBE completed
        C: c LSUB \"\" %
        S: * LSUB () \"/\" INBOX
        S: * LSUB (\\Noselect) \"/\" foo
        S: c OK LSUB completed
        C: d DELETE foo/bar
        S: d OK DELETE completed
        C: e LSUB \"\" foo*
        S: * LSUB () \"/\" foo/bar
        S: e OK LSUB completed
        C: f UNSUBSCRIBE foo/bar
        S: f OK UNSUBSCRIBE completed
        C: g UNSUBSCRIBE foo/bar
        S: g NO the mailbox is not subscribed
        C: h SUBSCRIBE foo/bar
        S: h NO no such mailbox
        C: i LSUB \"\" foo*
        S: i OK LSUB completed
    ",
    );
}

#[test]
fn names_are_modified_utf7_on_the_wire_and_text_in_the_store() {
    let mut host = Host::with_letters(0);
    host.dialogue(
        0,
        "
        C: a CREATE Entw&APw-rfe
        S: a OK CREATE completed
        C: b LIST \"\" E*&APw-%
        S: * LIST () \"/\" Entw&APw-rfe
        S: b OK LIST completed
        C: c CREATE a&b
        S: c NO mailbox names are modified UTF-7
        C: d CREATE a&-b
        S: d OK CREATE completed
        C: e STATUS Entw&APw-rfe (MESSAGES)
        S: * STATUS Entw&APw-rfe (MESSAGES 0)
        S: e OK STATUS completed
    ",
    );
    assert_eq!(host.store.folders("alice").collect::<Vec<_>>(), ["INBOX", "Entw\u{fc}rfe", "a&b"]);
}
