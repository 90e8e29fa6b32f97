//! Every command, in the order of RFC 3501 section 6.

use super::*;
use crate::imap::State;

#[test]
fn capability_noop_and_check() {
    let mut host = Host::new(Config::default());
    host.dialogue(
        0,
        "
        C: a CAPABILITY
        S: * CAPABILITY IMAP4rev1 LITERAL+
        S: a OK CAPABILITY completed
        C: b noop
        S: b OK NOOP completed
    ",
    );
}

#[test]
fn a_wrong_password_is_no_and_a_second_try_may_fit() {
    let mut host = Host::new(Config::default());
    host.dialogue(
        0,
        "
        C: a LOGIN alice wrong
        S: a NO user name or password not accepted
        C: b LOGIN eve secret
        S: b NO user name or password not accepted
        C: c AUTHENTICATE PLAIN
        S: c NO no such authentication mechanism
        C: d STARTTLS
        S: d BAD STARTTLS is not offered
        C: e LOGIN \"alice\" {6}
        S: + Ready for additional command text
        C: secret
        S: e OK LOGIN completed
        C: f LOGIN {3+}
        C: bob {6+}
        C: secret
        S: f BAD LOGIN is not allowed in the authenticated state
    ",
    );
}

#[test]
fn a_command_in_the_wrong_state_is_bad() {
    let mut host = Host::new(Config::default());
    host.dialogue(
        0,
        "
        C: a SELECT INBOX
        S: a BAD SELECT is not allowed in the not authenticated state
        C: b FETCH 1 ALL
        S: b BAD FETCH is not allowed in the not authenticated state
        C: c APPEND INBOX {100}
        S: c BAD APPEND is not allowed in the not authenticated state
        C: d LOGIN alice secret
        S: d OK LOGIN completed
        C: e uid fetch 1 ALL
        S: e BAD UID FETCH is not allowed in the authenticated state
        C: f EXPUNGE
        S: f BAD EXPUNGE is not allowed in the authenticated state
    ",
    );
    let told = &host.lines[0].told;
    let sentence = told.iter().find_map(|e| match e {
        Told::Unexpected(u) => Some(u.to_string()),
        _ => None,
    });
    assert_eq!(sentence.unwrap(), "in state not authenticated: expected LOGIN, got SELECT");
}

#[test]
fn what_cannot_be_read_is_bad_with_the_tag_if_there_is_one() {
    let mut host = Host::with_letters(1);
    host.dialogue(
        0,
        "
        C: a HELLO
        S: a BAD HELLO: unknown command
        C: b FETCH
        S: b BAD FETCH: syntax error
        C: c FETCH 0 ALL
        S: c BAD FETCH: syntax error
        C: d NOOP now
        S: d BAD NOOP: syntax error
        C: lonely
        S: lonely BAD no command
        C: + NOOP
        S: * BAD NOOP: syntax error
        C: e IDLE
        S: e BAD IDLE: unknown command
        C: f FETCH 2 ALL
        S: f BAD there are 1 messages
        C: g STORE 1 +FLAGS (\\Recent)
        S: g BAD \\Recent cannot be stored
        C: h FETCH 1 BINARY[1]
        S: h BAD FETCH: BINARY is not offered
        C: i NOOP
        S: i OK NOOP completed
    ",
    );
    assert_eq!(host.say(0, "\r\n"), "* BAD no command\r\n");
    check_lines(&host.lines[0]);
    assert_eq!(host.say(0, "j FETCH 1 ()\r\n"), "j BAD FETCH: nothing is asked for\r\n");
}

#[test]
fn select_of_a_missing_folder_leaves_none_selected() {
    let mut host = Host::with_letters(1);
    assert_eq!(host.lines[0].server.state(), State::Selected);
    host.dialogue(
        0,
        "
        C: a SELECT Nowhere
        S: a NO no such mailbox
        C: b FETCH 1 ALL
        S: b BAD FETCH is not allowed in the authenticated state
    ",
    );
}

#[test]
fn examine_changes_nothing() {
    let mut host = Host::with_letters(1);
    host.deliver("Subject: two\n\nx\n");
    let second = host.connect(Config::default());
    host.say(second, "x LOGIN alice secret\r\n");
    host.dialogue(
        second,
        "
        C: a EXAMINE INBOX
        S: * 2 EXISTS
        S: * 1 RECENT
        S: * OK [UNSEEN 1] Message 1 is first unseen
        S: * OK [UIDVALIDITY 1] UIDs valid
        S: * OK [UIDNEXT 3] Predicted next UID
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * OK [PERMANENTFLAGS ()] No permanent flags permitted
        S: a OK [READ-ONLY] EXAMINE completed
        C: b FETCH 2 (FLAGS BODY[TEXT])
        S: * 2 FETCH (FLAGS (\\Recent) BODY[TEXT] {3}
        S: x
        S: )
        S: b OK FETCH completed
        C: c STORE 2 FLAGS (\\Seen)
        S: c NO the mailbox is read-only
        C: d EXPUNGE
        S: d NO the mailbox is read-only
        C: e STATUS INBOX (RECENT UNSEEN)
        S: * STATUS INBOX (RECENT 1 UNSEEN 2)
        S: e OK STATUS completed
        C: f CLOSE
        S: f OK CLOSE completed
    ",
    );
}

#[test]
fn folders_are_created_listed_and_deleted() {
    let mut host = Host::with_letters(0);
    host.dialogue(
        0,
        "
        C: a CREATE work/2025
        S: a OK CREATE completed
        C: b LIST \"\" *
        S: * LIST () \"/\" INBOX
        S: * LIST () \"/\" work
        S: * LIST () \"/\" work/2025
        S: b OK LIST completed
        C: c LIST \"\" %
        S: * LIST () \"/\" INBOX
        S: * LIST () \"/\" work
        S: c OK LIST completed
        C: d LIST work/ %
        S: * LIST () \"/\" work/2025
        S: d OK LIST completed
        C: e LIST \"\" \"\"
        S: * LIST (\\Noselect) \"/\" \"\"
        S: e OK LIST completed
        C: f LSUB \"\" inbox
        S: * LSUB () \"/\" INBOX
        S: f OK LSUB completed
        C: g CREATE inbox
        S: g NO there is a mailbox of that name
        C: h DELETE INBOX
        S: h NO INBOX cannot be deleted
        C: i DELETE work
        S: i OK DELETE completed
        C: i2 LIST \"\" *
        S: * LIST () \"/\" INBOX
        S: * LIST (\\Noselect) \"/\" work
        S: * LIST () \"/\" work/2025
        S: i2 OK LIST completed
        C: i3 DELETE work
        S: i3 NO the mailbox has others below it
        C: i4 SELECT work
        S: i4 NO no such mailbox
        C: j SELECT work/2025
        S: * 0 EXISTS
        S: * 0 RECENT
        S: * OK [UIDVALIDITY 4] UIDs valid
        S: * OK [UIDNEXT 1] Predicted next UID
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags are kept
        S: j OK [READ-WRITE] SELECT completed
        C: k DELETE work/2025
        S: k OK DELETE completed
        C: l NOOP
        S: l OK NOOP completed
        C: m FETCH 1 ALL
        S: m BAD FETCH is not allowed in the authenticated state
        C: n DELETE work
        S: n NO no such mailbox
        C: p SUBSCRIBE INBOX
        S: p OK SUBSCRIBE completed
        C: q SUBSCRIBE work
        S: q NO no such mailbox
        C: r STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY)
        S: * STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1)
        S: r OK STATUS completed
    ",
    );
}

#[test]
fn append_waits_for_its_plus_and_the_letter_is_stored_as_sent() {
    let mut host = Host::with_letters(0);
    host.events.clear();
    host.dialogue(
        0,
        "
        C: a APPEND inbox (\\Seen $Mine) \"17-Jul-1996 02:44:25 -0700\" {37}
        S: + Ready for additional command text
        C: Message-ID: <1@a.example>
        C:
        C: Hello!
        C:
        S: * 1 EXISTS
        S: * 1 RECENT
        S: a OK APPEND completed
        C: b FETCH 1 (FLAGS INTERNALDATE)
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Mine)
        S: * 1 FETCH (FLAGS (\\Seen $Mine \\Recent) INTERNALDATE \"17-Jul-1996 09:44:25 +0000\")
        S: b OK FETCH completed
        C: c APPEND Nowhere {1+}
        C: x
        S: c NO [TRYCREATE] no such mailbox
        C: d APPEND INBOX {0}
        S: + Ready for additional command text
        C:
        S: d NO a message of no octets is not stored
    ",
    );
    let Event::MailboxStore { letter, uid, flags, .. } = &host.events[0] else { panic!("{:?}", host.events) };
    assert_eq!((*uid, &*letter.message_id), (1, "1@a.example"));
    assert_eq!(flags, &["\\Seen", "$Mine"]);
    let Made::Fetched(conn, map) = &letter.made else { panic!("{:?}", letter.made) };
    assert_eq!((*conn, map.pieces().len()), (ConnId(0), 1));
    for (at, byte) in letter.bytes.iter().enumerate() {
        let from = map.source_of(at as u64).unwrap() as usize;
        assert_eq!(host.lines[0].received[from], *byte);
    }
    check_lines(&host.lines[0]);
}

#[test]
fn a_literal_over_the_limit_is_refused_before_or_behind_it() {
    let mut host = Host::new(Config { literal_limit: 20, line_limit: 80, ..Config::default() });
    host.say(0, "x LOGIN alice secret\r\n");
    host.dialogue(
        0,
        "
        C: a APPEND INBOX {21}
        S: a NO [TOOBIG] literals of more than 20 octets are not taken
        C: b APPEND INBOX {30+}
        C: z DELETE INBOX
        C: 0123456789ab
        C:
        C: c NOOP
        S: b NO [TOOBIG] literals of more than 20 octets are not taken
        S: c OK NOOP completed
    ",
    );
    let long = format!("d SELECT {}\r\n", "x".repeat(100));
    assert_eq!(host.say(0, &long), "d BAD command line too long\r\n");
    let literal = format!("e SELECT {}{{4+}}\r\nabcd\r\nf NOOP\r\n", "x".repeat(100));
    assert_eq!(host.say(0, &literal), "e BAD command line too long\r\nf OK NOOP completed\r\n");
}

#[test]
fn fetch_gives_what_is_asked_for() {
    let mut host = Host::with_letters(2);
    host.dialogue(
        0,
        "
        C: a FETCH 1:2 FAST
        S: * 1 FETCH (FLAGS (\\Recent) INTERNALDATE \"03-Mar-2025 09:00:00 +0000\" RFC822.SIZE 50)
        S: * 2 FETCH (FLAGS (\\Recent) INTERNALDATE \"03-Mar-2025 09:00:00 +0000\" RFC822.SIZE 50)
        S: a OK FETCH completed
        C: b FETCH 1 (BODY.PEEK[HEADER.FIELDS (subject)] UID)
        S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (subject)] {21}
        S: Subject: letter 1
        S:
        S: )
        S: b OK FETCH completed
        C: c FETCH 1 RFC822.HEADER
        S: * 1 FETCH (RFC822.HEADER {42}
        S: From: bob@b.example
        S: Subject: letter 1
        S:
        S: )
        S: c OK FETCH completed
        C: d FETCH 1 FLAGS
        S: * 1 FETCH (FLAGS (\\Recent))
        S: d OK FETCH completed
        C: e FETCH 1 BODY[TEXT]<1.3>
        S: * 1 FETCH (FLAGS (\\Seen \\Recent) BODY[TEXT]<1> {3}
        S: ody)
        S: e OK FETCH completed
    ",
    );
}

#[test]
fn body_sets_seen_once_and_tells_it() {
    let mut host = Host::with_letters(1);
    host.events.clear();
    let answer = host.say(0, "a FETCH 1 BODY[]\r\nb FETCH 1 RFC822\r\n");
    assert_eq!(
        answer,
        "* 1 FETCH (FLAGS (\\Seen \\Recent) BODY[] {50}\r\nFrom: bob@b.example\r\nSubject: letter 1\r\n\r\nbody 1\r\n)\r\n\
         a OK FETCH completed\r\n\
         * 1 FETCH (RFC822 {50}\r\nFrom: bob@b.example\r\nSubject: letter 1\r\n\r\nbody 1\r\n)\r\n\
         b OK FETCH completed\r\n"
    );
    let (user, folder) = ("alice".to_string(), "INBOX".to_string());
    assert_eq!(host.events, [Event::MailboxFlag { user, folder, uid: 1, flags: vec!["\\Seen".to_string()] }]);
}

#[test]
fn store_adds_removes_and_replaces() {
    let mut host = Host::with_letters(2);
    host.dialogue(
        0,
        "
        C: a STORE 1:2 +FLAGS (\\Flagged $Later)
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Later)
        S: * 1 FETCH (FLAGS (\\Flagged $Later \\Recent))
        S: * 2 FETCH (FLAGS (\\Flagged $Later \\Recent))
        S: a OK STORE completed
        C: b STORE 1 -FLAGS $later
        S: * 1 FETCH (FLAGS (\\Flagged \\Recent))
        S: b OK STORE completed
        C: c STORE 1 FLAGS.SILENT (\\Draft)
        S: c OK STORE completed
        C: d UID STORE 2:* FLAGS ()
        S: * 2 FETCH (UID 2 FLAGS (\\Recent))
        S: d OK UID STORE completed
        C: e FETCH 1 FLAGS
        S: * 1 FETCH (FLAGS (\\Draft \\Recent))
        S: e OK FETCH completed
        C: f UID FETCH 77:* FLAGS
        S: * 2 FETCH (UID 2 FLAGS (\\Recent))
        S: f OK UID FETCH completed
        C: g UID FETCH 77 FLAGS
        S: g OK UID FETCH completed
    ",
    );
}

#[test]
fn expunge_answers_3_3_5_8() {
    let mut host = Host::with_letters(11);
    host.say(0, "x STORE 3,4,7,11 +FLAGS.SILENT (\\Deleted)\r\n");
    host.events.clear();
    host.dialogue(
        0,
        "
        C: a EXPUNGE
        S: * 3 EXPUNGE
        S: * 3 EXPUNGE
        S: * 5 EXPUNGE
        S: * 8 EXPUNGE
        S: a OK EXPUNGE completed
        C: b UID SEARCH ALL
        S: * SEARCH 1 2 5 6 8 9 10
        S: b OK UID SEARCH completed
        C: c EXPUNGE
        S: c OK EXPUNGE completed
    ",
    );
    let numbers: Vec<(u32, u32)> = host
        .events
        .iter()
        .filter_map(|e| if let Event::MailboxExpunge { uid, number, .. } = e { Some((*uid, *number)) } else { None })
        .collect();
    assert_eq!(numbers, [(3, 3), (4, 3), (7, 5), (11, 8)]);
}

#[test]
fn close_expunges_without_a_word() {
    let mut host = Host::with_letters(2);
    host.dialogue(
        0,
        "
        C: a STORE 1 +FLAGS.SILENT (\\Deleted)
        S: a OK STORE completed
        C: b CLOSE
        S: b OK CLOSE completed
    ",
    );
    assert_eq!(host.store.messages("alice", "INBOX").iter().map(|m| m.uid).collect::<Vec<_>>(), [2]);
    assert_eq!(host.lines[0].server.state(), State::Authenticated);
}

#[test]
fn copy_shares_the_letter_and_keeps_its_flags() {
    let mut host = Host::with_letters(2);
    host.dialogue(
        0,
        "
        C: a COPY 1 Kept
        S: a NO [TRYCREATE] no such mailbox
        C: b CREATE Kept
        S: b OK CREATE completed
        C: c STORE 2 +FLAGS.SILENT (\\Flagged)
        S: c OK STORE completed
        C: d UID COPY 2,9 Kept
        S: d OK UID COPY completed
        C: e COPY 1:2 INBOX
        S: * 4 EXISTS
        S: * 4 RECENT
        S: e OK COPY completed
    ",
    );
    let (inbox, kept) = (host.store.messages("alice", "INBOX"), host.store.messages("alice", "Kept"));
    assert!(Arc::ptr_eq(&inbox[1].letter, &kept[0].letter));
    assert_eq!((kept[0].uid, kept[0].flags.names()), (1, vec!["\\Flagged".to_string()]));
}

#[test]
fn search_finds_by_every_usual_key() {
    let mut host = Host::with_letters(0);
    host.deliver(
        "From: Bob <bob@b.example>\nTo: alice@a.example\nSubject: Lunch\n\
        Date: Mon, 3 Mar 2025 08:00:00 +0000\n\nfish?\n",
    );
    host.deliver(
        "From: dave@c.example\nTo: alice@a.example\nCc: bob@b.example\n\
        Subject: =?utf-8?q?Caf=C3=A9?=\n\nfish and chips, more words\n",
    );
    host.deliver(
        "From: bob@b.example\nSubject: code\nMIME-Version: 1.0\n\
        Content-Transfer-Encoding: base64\nContent-Type: text/plain\n\nc2VjcmV0IHdvcmQ=\n",
    );
    host.say(0, "x NOOP\r\n");
    host.say(0, "x STORE 1 +FLAGS (\\Seen \\Answered $Label)\r\nx STORE 3 +FLAGS (\\Deleted \\Flagged)\r\n");
    let mut search = |key: &str| {
        let text = host.say(0, &format!("a SEARCH {key}\r\n"));
        let line = text.lines().find(|l| l.starts_with("* SEARCH")).unwrap_or_else(|| panic!("{key}: {text}"));
        line.trim_start_matches("* SEARCH").trim().to_string()
    };
    for (key, found) in [
        ("ALL", "1 2 3"),
        ("SEEN", "1"),
        ("UNSEEN", "2 3"),
        ("ANSWERED", "1"),
        ("DELETED", "3"),
        ("UNDELETED FLAGGED", ""),
        ("KEYWORD $label", "1"),
        ("UNKEYWORD $Label", "2 3"),
        ("FROM bob", "1 3"),
        ("TO ALICE", "1 2"),
        ("CC bob", "2"),
        ("SUBJECT lunch", "1"),
        ("SUBJECT \"\"", "1 2 3"),
        ("BODY FISH", "1 2"),
        ("BODY \"secret word\"", "3"),
        ("TEXT dave", "2"),
        ("HEADER Content-Type plain", "3"),
        ("HEADER Cc \"\"", "2"),
        ("NOT FROM bob", "2"),
        ("OR SEEN DELETED", "1 3"),
        ("(FROM bob UNSEEN) FLAGGED", "3"),
        ("2:*", "2 3"),
        ("1,3 UNSEEN", "3"),
        ("UID 2:9", "2 3"),
        ("UID 99:*", "3"),
        ("LARGER 130", "3"),
        ("SMALLER 112", "1"),
        ("NEW", "2 3"),
        ("RECENT SEEN", "1"),
        ("OLD", ""),
        ("ON 3-Mar-2025", "1 2 3"),
        ("BEFORE 3-Mar-2025", ""),
        ("SINCE 3-Mar-2025", "1 2 3"),
        ("SENTON 3-Mar-2025", "1"),
        ("SENTBEFORE 4-Mar-2025", "1"),
        ("SENTSINCE 4-Mar-2025", ""),
    ] {
        assert_eq!(search(key), found, "{key}");
    }
    assert_eq!(
        host.say(0, "b SEARCH CHARSET utf-8 SUBJECT {5+}\r\nCAF\u{c9}\r\n"),
        "* SEARCH 2\r\nb OK SEARCH completed\r\n"
    );
    assert_eq!(
        host.say(0, "c SEARCH CHARSET KOI8-R ALL\r\n"),
        "c NO [BADCHARSET (US-ASCII UTF-8)] SEARCH: charset not known\r\n"
    );
}

#[test]
fn the_structure_of_a_letter_with_a_file_is_described() {
    let mut host = Host::with_letters(0);
    host.deliver(
        "Subject: photo\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n--b\n\nhello\n--b\n\
         Content-Type: image/png; name=\"a.png\"\nContent-Transfer-Encoding: base64\n\
         Content-Disposition: attachment; filename=\"a.png\"\n\nAAAA\n--b--\n",
    );
    host.say(0, "x NOOP\r\n");
    host.dialogue(
        0,
        "
        C: a FETCH 1 BODYSTRUCTURE
        S: * 1 FETCH (BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5 0 NIL NIL)\
           (\"IMAGE\" \"PNG\" (\"NAME\" \"a.png\") NIL NIL \"BASE64\" 4 NIL \
           (\"ATTACHMENT\" (\"FILENAME\" \"a.png\"))) \"MIXED\" (\"BOUNDARY\" \"b\") NIL))
        S: a OK FETCH completed
        C: b FETCH 1 (BODY.PEEK[2] BODY.PEEK[3])
        S: * 1 FETCH (BODY[2] {4}
        S: AAAA BODY[3] NIL)
        S: b OK FETCH completed
    ",
    );
}
