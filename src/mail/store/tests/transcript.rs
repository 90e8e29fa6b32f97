//! RFC 3501 section 8, adapted: names and addresses of the documentation, and a folder with 18
//! letters, the last of which is read.

use super::*;

/// The letter of RFC 3501 section 8, with reserved names.
const LETTER: &str = "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
From: Terry Gray <gray@a.example>
Subject: IMAP4rev1 WG mtg summary and minutes
To: imap@a.example
cc: minutes@b.example, John Klensin <KLENSIN@c.example>
Message-Id: <B27397-0100000@a.example>
MIME-Version: 1.0
Content-Type: TEXT/PLAIN; CHARSET=US-ASCII

The meeting was short.
";

#[test]
fn the_sample_connection_of_the_rfc_goes_as_printed() {
    for cut in cuts() {
        sample(cut);
    }
}

fn sample(cut: usize) {
    let mut host = Host::new(Config::default());
    host.cut = cut;
    for k in 1..=17 {
        host.deliver(&format!("Subject: {k}\n\n.\n"));
    }
    let date = 837_596_665; // 17-Jul-1996 02:44:25 -0700
    let seen = [crate::imap::Flag::Seen].into_iter().collect();
    host.store.deliver("alice", "INBOX", letter(1, LETTER), seen, date, None);
    assert_eq!(host.lines[0].sent, b"* OK mail.a.example IMAP4rev1 service ready\r\n");
    host.dialogue(
        0,
        "
        C: a001 login alice secret
        S: a001 OK LOGIN completed
        C: a002 select inbox
        S: * 18 EXISTS
        S: * 18 RECENT
        S: * OK [UNSEEN 1] Message 1 is first unseen
        S: * OK [UIDVALIDITY 1] UIDs valid
        S: * OK [UIDNEXT 19] Predicted next UID
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags are kept
        S: a002 OK [READ-WRITE] SELECT completed
        C: a003 fetch 18 full
        S: * 18 FETCH (FLAGS (\\Seen \\Recent) INTERNALDATE \"17-Jul-1996 09:44:25 +0000\" RFC822.SIZE 333 \
           ENVELOPE (\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary and minutes\" \
           ((\"Terry Gray\" NIL \"gray\" \"a.example\")) ((\"Terry Gray\" NIL \"gray\" \"a.example\")) \
           ((\"Terry Gray\" NIL \"gray\" \"a.example\")) ((NIL NIL \"imap\" \"a.example\")) \
           ((NIL NIL \"minutes\" \"b.example\")(\"John Klensin\" NIL \"KLENSIN\" \"c.example\")) NIL NIL \
           \"<B27397-0100000@a.example>\") \
           BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 24 1))
        S: a003 OK FETCH completed
        C: a004 fetch 18 body[header]
        S: * 18 FETCH (BODY[HEADER] {309}
        S: Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
        S: From: Terry Gray <gray@a.example>
        S: Subject: IMAP4rev1 WG mtg summary and minutes
        S: To: imap@a.example
        S: cc: minutes@b.example, John Klensin <KLENSIN@c.example>
        S: Message-Id: <B27397-0100000@a.example>
        S: MIME-Version: 1.0
        S: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
        S:
        S: )
        S: a004 OK FETCH completed
        C: a005 store 18 +flags \\deleted
        S: * 18 FETCH (FLAGS (\\Deleted \\Seen \\Recent))
        S: a005 OK STORE completed
        C: a006 logout
        S: * BYE IMAP4rev1 server logging out
        S: a006 OK LOGOUT completed
    ",
    );
    assert!(host.lines[0].closed);
    check_lines(&host.lines[0]);
    // Each answer is one write.
    assert_eq!(host.lines[0].writes, 7);
}
