//! What is offered beyond RFC 3501, and AUTHENTICATE: each by its own RFC.

use super::*;
use crate::imap::Extension;

fn offers(extensions: &[Extension]) -> Config {
    Config { extensions: extensions.to_vec(), ..Config::default() }
}

#[test]
fn capability_tells_what_is_offered_and_nothing_else_is_known() {
    let mut host = Host::new(offers(&Extension::ALL));
    host.dialogue(
        0,
        "
        C: a CAPABILITY
        S: * CAPABILITY IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN LOGINDISABLED IDLE UIDPLUS MOVE NAMESPACE UNSELECT \
           CHILDREN SPECIAL-USE ENABLE ID
        S: a OK CAPABILITY completed
        C: b LOGIN alice secret
        S: b NO LOGIN is disabled
        C: c AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
        S: c OK AUTHENTICATE completed
        C: d CAPABILITY
        S: * CAPABILITY IMAP4rev1 LITERAL+ IDLE UIDPLUS MOVE NAMESPACE UNSELECT CHILDREN SPECIAL-USE ENABLE ID
        S: d OK CAPABILITY completed
    ",
    );
    let mut plain = Host::new(offers(&[]));
    plain.dialogue(
        0,
        "
        C: a CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: a OK CAPABILITY completed
        C: b LOGIN alice {6+}
        C: secret
        S: b BAD LOGIN: syntax error
        C: c LOGIN alice secret
        S: c OK LOGIN completed
        C: d SELECT INBOX
        S: * 0 EXISTS
        S: * 0 RECENT
        S: * OK [UIDVALIDITY 1] UIDs valid
        S: * OK [UIDNEXT 1] Predicted next UID
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags are kept
        S: d OK [READ-WRITE] SELECT completed
        C: e MOVE 1 x
        S: e BAD MOVE: unknown command
        C: f UNSELECT
        S: f BAD UNSELECT: unknown command
    ",
    );
}

#[test]
fn authenticate_plain_behind_a_plus_or_at_once() {
    for cut in cuts() {
        let mut host = Host::new(offers(&[Extension::AuthPlain]));
        host.cut = cut;
        assert_eq!(host.say(0, "a AUTHENTICATE PLAIN\r\n"), "+ \r\n");
        assert_eq!(host.say(0, "*\r\n"), "a BAD AUTHENTICATE: cancelled by the client\r\n");
        host.say(0, "b AUTHENTICATE PLAIN\r\n");
        assert_eq!(host.say(0, "!\r\n"), "b BAD AUTHENTICATE: the response is not base64\r\n");
        host.say(0, "c AUTHENTICATE PLAIN\r\n");
        // NUL alice NUL wrong
        assert_eq!(host.say(0, "AGFsaWNlAHdyb25n\r\n"), "c NO user name or password not accepted\r\n");
        // bob NUL alice NUL secret: alice would act for bob.
        host.say(0, "d AUTHENTICATE PLAIN\r\n");
        assert_eq!(host.say(0, "Ym9iAGFsaWNlAHNlY3JldA==\r\n"), "d NO a user cannot act for another one\r\n");
        let early = host.say(0, "e AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==\r\n");
        assert_eq!(early, "e BAD AUTHENTICATE: SASL-IR is not offered\r\n");
        assert_eq!(host.say(0, "f AUTHENTICATE CRAM-MD5\r\n"), "f NO no such authentication mechanism\r\n");
        host.say(0, "g AUTHENTICATE PLAIN\r\n");
        assert_eq!(host.say(0, "AGFsaWNlAHNlY3JldA==\r\n"), "g OK AUTHENTICATE completed\r\n");
        check_lines(&host.lines[0]);
    }
}

#[test]
fn the_example_of_rfc_6851_goes_as_printed() {
    for cut in cuts() {
        let mut host = Host::new(offers(&[Extension::Move, Extension::UidPlus]));
        host.cut = cut;
        // 21 letters stand in front of UID 42, and foo has given out UIDs up to 1201.
        let uids = (1..=21).chain(42..=69);
        for uid in uids {
            host.store.preload("alice", "INBOX", Some(uid), letter(uid, "Subject: x\n\n"), NOW, None).unwrap();
        }
        host.store.create("alice", "foo", None).unwrap();
        host.store.preload("alice", "foo", Some(1201), letter(900, "Subject: y\n\n"), NOW, None).unwrap();
        host.say(0, "x LOGIN alice secret\r\nx SELECT INBOX\r\n");
        let told = host.say(0, "a UID MOVE 42:69 foo\r\n");
        let due = format!(
            "* OK [COPYUID 3 42:69 1202:1229] Moved UIDs\r\n{}a OK UID MOVE completed\r\n",
            "* 22 EXPUNGE\r\n".repeat(28)
        );
        assert_eq!(told, due);
        assert_eq!(host.store.messages("alice", "INBOX").len(), 21);
        let moved = host.events.iter().filter(|e| matches!(e, Event::MailboxMove { .. })).count();
        assert_eq!(moved, 28);
        check_lines(&host.lines[0]);
    }
}

#[test]
fn move_takes_all_or_none_and_needs_its_folder() {
    let mut host = Host::with_letters_and(3, offers(&[Extension::Move]));
    let second = host.connect(offers(&[]));
    host.say(second, "x LOGIN alice secret\r\nx SELECT INBOX\r\nx STORE 2 +FLAGS.SILENT (\\Deleted)\r\n");
    host.dialogue(
        0,
        "
        C: a MOVE 1 Nowhere
        S: * 2 FETCH (FLAGS (\\Deleted \\Recent))
        S: a NO [TRYCREATE] no such mailbox
        C: b CREATE Work
        S: b OK CREATE completed
        C: c MOVE 1 Work
        S: * 1 EXPUNGE
        S: c OK MOVE completed
        C: d EXAMINE INBOX
        S: * 2 EXISTS
        S: * 0 RECENT
        S: * OK [UNSEEN 1] Message 1 is first unseen
        S: * OK [UIDVALIDITY 1] UIDs valid
        S: * OK [UIDNEXT 4] Predicted next UID
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * OK [PERMANENTFLAGS ()] No permanent flags permitted
        S: d OK [READ-ONLY] EXAMINE completed
        C: e MOVE 1 Work
        S: e NO the mailbox is read-only
    ",
    );
    // Another session hears of a MOVE as of any EXPUNGE, and what it had marked itself has stayed.
    assert_eq!(host.say(second, "b NOOP\r\n"), "* 1 EXPUNGE\r\nb OK NOOP completed\r\n");
    host.say(second, "c EXPUNGE\r\n");
    host.say(0, "x SELECT INBOX\r\n");
    let one = host.store.messages("alice", "INBOX").len();
    assert_eq!(one, 1);
}

#[test]
fn uidplus_tells_where_letters_went_and_expunges_only_what_is_named() {
    let mut host = Host::with_letters_and(4, offers(&[Extension::UidPlus, Extension::LiteralPlus]));
    host.dialogue(
        0,
        "
        C: a CREATE Kept
        S: a OK CREATE completed
        C: b UID COPY 1,3:4 Kept
        S: b OK [COPYUID 3 1,3:4 1:3] UID COPY completed
        C: c UID COPY 99 Kept
        S: c OK UID COPY completed
        C: d APPEND Kept {3+}
        C: abc
        S: d OK [APPENDUID 3 4] APPEND completed
        C: e STORE 1,2 +FLAGS.SILENT (\\Deleted)
        S: e OK STORE completed
        C: f UID EXPUNGE 2:4
        S: * 2 EXPUNGE
        S: f OK UID EXPUNGE completed
        C: g UID SEARCH ALL
        S: * SEARCH 1 3 4
        S: g OK UID SEARCH completed
    ",
    );
}

#[test]
fn unselect_removes_nothing() {
    let mut host = Host::with_letters_and(1, offers(&[Extension::Unselect]));
    host.dialogue(
        0,
        "
        C: a STORE 1 +FLAGS.SILENT (\\Deleted)
        S: a OK STORE completed
        C: b UNSELECT
        S: b OK UNSELECT completed
        C: c UNSELECT
        S: c BAD UNSELECT is not allowed in the authenticated state
    ",
    );
    assert_eq!(host.store.messages("alice", "INBOX").len(), 1);
}

#[test]
fn list_tells_children_and_uses() {
    let mut host = Host::new(offers(&[Extension::Children, Extension::SpecialUse]));
    host.say(0, "x LOGIN alice secret\r\nx CREATE Sent\r\nx CREATE a/Drafts\r\n");
    host.dialogue(
        0,
        "
        C: a LIST \"\" *
        S: * LIST (\\HasNoChildren) \"/\" INBOX
        S: * LIST (\\HasNoChildren \\Sent) \"/\" Sent
        S: * LIST (\\HasChildren) \"/\" a
        S: * LIST (\\HasNoChildren) \"/\" a/Drafts
        S: a OK LIST completed
    ",
    );
}

#[test]
fn namespace_enable_and_id() {
    let mut host = Host::new(offers(&[Extension::Namespace, Extension::Enable, Extension::Id]));
    host.dialogue(
        0,
        "
        C: a ID (\"name\" \"reader\")
        S: * ID (\"name\" \"Mailpath\")
        S: a OK ID completed
        C: b LOGIN alice secret
        S: b OK LOGIN completed
        C: c NAMESPACE
        S: * NAMESPACE ((\"\" \"/\")) NIL NIL
        S: c OK NAMESPACE completed
        C: d ENABLE X-NOTHING
        S: * ENABLED
        S: d OK ENABLE completed
    ",
    );
}
