//! What a mail server does besides storing and handing on: want of room, lists, forwarding, reports, names of clients.

use mailpath::message::{self, header};
use mailpath::scenario::{self, BUILT_IN};
use mailpath::trace::{Told, What};

use crate::runs::{Run, play, run};

/// A run of a built-in scenario in which some words of the file stand for others.
fn changed(name: &str, id: Option<&str>, changes: &[(&str, &str)]) -> Run {
    let (_, text) = BUILT_IN.iter().find(|b| b.0 == name).unwrap();
    let text = changes.iter().fold((*text).to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    let scenario = scenario::parse("changed.json", &text).unwrap_or_else(|e| panic!("{e}"));
    play(scenario.ready(id).unwrap_or_else(|e| panic!("{e}")))
}

/// The conversation of mail.a and mail.b, with other settings of mail.b and other actions before and behind.
fn conversation(server: &str, before: &str, behind: &str) -> Run {
    let mail_b = format!("\"users\": [{{ \"name\": \"bob\" }}], {server} }}");
    let first = format!("\"actions\": [\n{before}");
    let last = format!("one conversation.\"]\n      }}\n    }}{behind}\n");
    changed(
        "one-conversation",
        None,
        &[
            ("\"users\": [{ \"name\": \"bob\" }], \"smtp\": {} }", &mail_b),
            ("\"actions\": [\n", &first),
            ("one conversation.\"]\n      }\n    }\n", &last),
        ],
    )
}

fn text(told: &Told, name: &str) -> String {
    told.get(name).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).unwrap_or_default()
}

fn of(run: &Run, kind: &str, field: &str, value: &str) -> Vec<Told> {
    run.told().map(|(_, t)| t).filter(|t| t.kind == kind && text(t, field) == value).collect()
}

/// Folder and letter of everything that was put into this user's mailbox.
fn stored(run: &Run, user: &str) -> Vec<(String, Vec<u8>)> {
    let letter = |what: &What| match what {
        What::Mail(event) => match &**event {
            mailpath::mail::Event::MailboxStore { user: whose, folder, letter, .. } if whose == user => {
                Some((folder.clone(), letter.bytes.to_vec()))
            }
            _ => None,
        },
        _ => None,
    };
    run.world.log().entries().iter().filter_map(|e| letter(&e.what)).collect()
}

fn letters(run: &Run, user: &str) -> Vec<Vec<u8>> {
    stored(run, user).into_iter().map(|(_, letter)| letter).collect()
}

fn only_letter(run: &Run, user: &str) -> String {
    let [letter] = &letters(run, user)[..] else { panic!("{user} has one letter") };
    String::from_utf8_lossy(letter).into_owned()
}

/// Codes that a server has said on port 25, in order.
fn codes(run: &Run, server: &str) -> Vec<u16> {
    let lines = of(run, "app.line", "from", server).into_iter().filter(|t| text(t, "dir") == "s2c");
    lines.filter_map(|t| text(&t, "code").parse().ok()).collect()
}

fn replies(run: &Run, code: u16) -> Vec<String> {
    of(run, "app.line", "code", &code.to_string()).iter().map(|t| text(t, "text")).collect()
}

/// `method result domain` of each check, in order.
fn results(run: &Run) -> Vec<String> {
    let told = run.told().filter(|(_, t)| t.kind == "auth.result");
    told.map(|(_, t)| ["method", "result", "domain"].map(|f| text(&t, f)).join(" ")).collect()
}

// --- room

#[test]
fn a_full_disk_is_told_when_the_server_looks_and_the_mail_waits() {
    let cleared = ",\n{ \"at\": \"10 min\", \"disk\": { \"host\": \"mail.b\" } }";
    let then = [220, 250, 250, 250, 354, 250, 221];
    for (moment, first) in [
        ("MAIL", &[220, 250, 452, 221][..]),
        ("RCPT", &[220, 250, 250, 452, 250, 221]),
        (".", &[220, 250, 250, 250, 354, 452, 221]),
    ] {
        let server = format!("\"disk_free\": 0, \"disk_check\": \"{moment}\", \"smtp\": {{}}");
        let run = conversation(&server, "", cleared);
        assert_eq!(codes(&run, "mail.b"), [first, &then].concat(), "{moment}");
        assert_eq!(replies(&run, 452), ["452 insufficient system storage"]);
        let at: Vec<u64> =
            run.told().filter(|(_, t)| t.kind == "mailbox.store").map(|(at, _)| at / 60_000_000_000).collect();
        assert_eq!(at, [30], "{moment}: with the attempt after half an hour");
    }
}

#[test]
fn a_disk_that_fills_up_during_the_run_is_full_from_then_on() {
    let full = "{ \"at\": \"0 s\", \"disk\": { \"host\": \"mail.b\", \"free\": 0 } },";
    let run = conversation("\"smtp\": { \"extensions\": [\"ENHANCEDSTATUSCODES\"] }", full, "");
    assert_eq!(replies(&run, 452)[0], "452 4.3.1 insufficient system storage");
    assert_eq!(letters(&run, "bob").len(), 0);
    let told = run.told().map(|(_, t)| t).find(|t| t.kind == "fault.apply").unwrap();
    assert_eq!((text(&told, "kind"), text(&told, "target")), ("disk".into(), "mail.b".into()));
    // After five days mail.a gives up and says why.
    let bounce = only_letter(&run, "alice");
    assert!(bounce.contains("\r\nStatus: 4.3.1\r\n"), "{bounce}");
}

#[test]
fn a_letter_that_does_not_fit_is_known_by_its_size_or_when_it_is_there() {
    let with_size = conversation("\"disk_free\": 100, \"smtp\": { \"extensions\": [\"SIZE\"] }", "", "");
    assert_eq!(codes(&with_size, "mail.b")[..4], [220, 250, 452, 221]);
    let without = conversation("\"disk_free\": 100, \"smtp\": {}", "", "");
    assert_eq!(codes(&without, "mail.b")[..7], [220, 250, 250, 250, 354, 452, 221]);
    // What was taken takes room: the second letter finds none.
    let again = ",\n{ \"at\": \"1 min\", \"queue\": { \"host\": \"mail.a\", \"from\": \"alice@a.example\", \"to\": [\"bob@b.example\"] } }";
    let two = conversation("\"disk_free\": 600, \"disk_check\": \".\", \"smtp\": {}", "", again);
    assert_eq!(codes(&two, "mail.b")[..14], [220, 250, 250, 250, 354, 250, 221, 220, 250, 250, 250, 354, 452, 221]);
    assert_eq!(letters(&two, "bob").len(), 1);
}

#[test]
fn a_mailbox_over_its_quota_defers_or_refuses() {
    let server = |quota: u32, manner: &str| {
        let smtp = "\"smtp\": { \"extensions\": [\"ENHANCEDSTATUSCODES\"] }";
        changed(
            "one-conversation",
            None,
            &[(
                "\"users\": [{ \"name\": \"bob\" }], \"smtp\": {} }",
                &format!(
                    "\"users\": [{{ \"name\": \"bob\", \"quota\": {quota} }}], \"over_quota\": \"{manner}\", {smtp} }}"
                ),
            )],
        )
    };
    // Full already: at RCPT. Not full, and yet too small for this letter: at the end of data.
    let (full, small) = (server(0, "refuse"), server(100, "refuse"));
    assert_eq!(codes(&full, "mail.b"), [220, 250, 250, 552, 250, 221]);
    assert_eq!(codes(&small, "mail.b"), [220, 250, 250, 250, 354, 552, 221]);
    for run in [&full, &small] {
        assert_eq!(replies(run, 552), ["552 5.2.2 mailbox full"]);
        assert!(only_letter(run, "alice").contains("\r\nStatus: 5.2.2\r\n"));
    }
    let deferred = server(100, "defer");
    assert_eq!(replies(&deferred, 452)[0], "452 4.2.2 mailbox full");
    let attempts = deferred.told().filter(|(_, t)| t.kind == "queue.attempt").count();
    assert!(attempts > 10, "it is tried again and again: {attempts}");
    assert_eq!(codes(&server(10_000, "refuse"), "mail.b"), [220, 250, 250, 250, 354, 250, 221]);
}

#[test]
fn of_two_recipients_one_has_room() {
    let bob = "\"users\": [{ \"name\": \"bob\"";
    let run = changed("envelope", Some("1"), &[(bob, &format!("{bob}, \"quota\": 50"))]);
    // One reply to the end of data for both: it is taken, and the sender is told of Bob.
    assert_eq!((letters(&run, "bob").len(), letters(&run, "carol").len()), (0, 1));
    let bounce = only_letter(&run, "alice");
    assert!(bounce.contains("Reporting-MTA: dns; mail.b.example\r\n"), "{bounce}");
    assert!(
        bounce.contains("Final-Recipient: rfc822; bob@b.example\r\nAction: failed\r\nStatus: 5.2.2\r\n"),
        "{bounce}"
    );
    assert!(!bounce.contains("carol@b.example\r\nAction"), "{bounce}");
}

#[test]
fn a_copy_that_does_not_fit_is_refused_with_overquota() {
    let run = changed("imap-folders", None, &[("\"name\": \"bob\",", "\"name\": \"bob\", \"quota\": 10,")]);
    let refused: Vec<String> =
        of(&run, "imap.resp", "status", "NO").iter().map(|t| text(t, "verb") + " " + &text(t, "text")).collect();
    assert!(!refused.is_empty());
    assert!(refused.iter().all(|t| t.contains("COPY") || t.contains("APPEND")), "{refused:?}");
    let told = of(&run, "app.line", "from", "mail.b");
    assert!(told.iter().any(|t| text(t, "text").contains("NO [OVERQUOTA] the mailbox is full")));
}

#[test]
fn a_server_that_fails_after_354_keeps_nothing() {
    let force = |manner: &str| {
        format!("{{ \"at\": \"0 s\", \"force\": {{ \"host\": \"mail.b\", \"command\": \".\", {manner} }} }},")
    };
    let run = conversation("\"smtp\": {}", &force("\"reply\": \"452 4.3.1 disk full\""), "");
    let clean = [220, 250, 250, 250, 354, 250, 221];
    assert_eq!(codes(&run, "mail.b"), [&[220, 250, 250, 250, 354, 452, 221][..], &clean].concat());
    assert_eq!(letters(&run, "bob").len(), 1);
    // Without a word: mail.a does not know, and tries again.
    let run = conversation("\"smtp\": {}", &force("\"disconnect\": true"), "");
    assert_eq!(codes(&run, "mail.b"), [&[220, 250, 250, 250, 354][..], &clean].concat());
    assert_eq!(letters(&run, "bob").len(), 1);
    // A slow server is waited for: ten minutes at the end of data.
    let run = conversation("\"smtp\": {}", &force("\"delay\": \"9 min\""), "");
    assert_eq!((codes(&run, "mail.b"), letters(&run, "bob").len()), (clean.to_vec(), 1));
    // After ten mail.a gives the connection up, before the letter was taken.
    let run = conversation("\"smtp\": {}", &force("\"delay\": \"11 min\""), "");
    assert_eq!(codes(&run, "mail.b"), [&[220, 250, 250, 250, 354][..], &clean].concat());
    assert_eq!(letters(&run, "bob").len(), 1);
}

// --- lists and forwarding

#[test]
fn a_list_with_a_footer_breaks_the_signature_and_dmarc_refuses() {
    let run = run("mailing-list:footer");
    assert_eq!(results(&run), ["spf pass c.example", "dkim fail a.example", "dmarc fail a.example"]);
    assert_eq!(replies(&run, 550), ["550 5.7.1 Email rejected per DMARC policy for a.example"]);
    assert_eq!((letters(&run, "bob").len(), letters(&run, "alice").len()), (0, 0));
    // The envelope's sender is told: not Alice.
    let bounce = only_letter(&run, "dave");
    assert!(bounce.contains("To: <owner-course@c.example>\r\n"), "{bounce}");
    assert!(
        bounce.contains("Final-Recipient: rfc822; bob@b.example\r\nAction: failed\r\nStatus: 5.7.1\r\n"),
        "{bounce}"
    );
}

#[test]
fn a_list_that_changes_nothing_leaves_the_signature_whole() {
    let run = run("mailing-list:no-footer");
    assert_eq!(results(&run), ["spf pass c.example", "dkim pass a.example", "dmarc pass a.example"]);
    let letter = &letters(&run, "bob")[0];
    assert_eq!(header(letter, "Return-Path", 0).as_deref(), Some("<owner-course@c.example>"));
    assert_eq!(header(letter, "From", 0).as_deref(), Some("\"Alice\" <alice@a.example>"));
    assert_eq!(header(letter, "To", 0).as_deref(), Some("<course@c.example>"));
    assert_eq!(header(letter, "List-Id", 0).as_deref(), Some("<course.c.example>"));
    assert_eq!(header(letter, "List-Post", 0).as_deref(), Some("<mailto:course@c.example>"));
    let leave = header(letter, "List-Unsubscribe", 0);
    assert_eq!(leave.as_deref(), Some("<mailto:course-request@c.example?subject=unsubscribe>"));
}

#[test]
fn the_owner_of_the_domain_decides_what_becomes_of_it() {
    let none = run("mailing-list:none");
    assert_eq!(results(&none)[2], "dmarc fail a.example");
    let [(folder, letter)] = &stored(&none, "bob")[..] else { panic!("it is there") };
    assert_eq!(folder, "INBOX");
    let body = String::from_utf8_lossy(&letter[message::body_start(letter)..]).into_owned();
    assert_eq!(
        body,
        "hello all, the exercise is due on Friday.\r\n--\r\nYou get this because you are on the list course@c.example.\r\n"
    );
    let quarantine = run("mailing-list:quarantine");
    let [(folder, letter)] = &stored(&quarantine, "bob")[..] else { panic!("it is there") };
    assert_eq!(folder, "Junk");
    assert!(header(letter, "Authentication-Results", 0).unwrap().contains("dmarc=fail (p=quarantine"));
    assert_eq!(of(&quarantine, "mailbox.create", "folder", "Junk").len(), 1);
    assert_eq!(of(&quarantine, "mua.read", "subject", "the exercise").len(), 1, "Bob finds it there");
}

#[test]
fn forwarding_keeps_the_sender_which_breaks_spf() {
    let kept = run("mailing-list:forward");
    assert_eq!(results(&kept), ["spf fail a.example", "dkim pass a.example", "dmarc pass a.example"]);
    let letter = &letters(&kept, "bob")[0];
    assert_eq!(header(letter, "Return-Path", 0).as_deref(), Some("<alice@a.example>"));
    assert_eq!(header(letter, "Delivered-To", 0).as_deref(), Some("dave@c.example"));
    assert_eq!(letters(&kept, "dave").len(), 0, "he keeps no copy");
    // With SPF alone it is refused, and Alice is told of an address that she has never written to.
    let refused = run("mailing-list:forward-spf");
    assert_eq!(replies(&refused, 550), ["550 5.7.23 SPF validation failed for a.example"]);
    assert!(only_letter(&refused, "alice").contains("Final-Recipient: rfc822; bob@b.example\r\n"));
    let own = run("mailing-list:forward-own");
    assert_eq!(results(&own), ["spf pass c.example"]);
    assert_eq!(header(&letters(&own, "bob")[0], "Return-Path", 0).as_deref(), Some("<dave@c.example>"));
}

#[test]
fn a_copy_is_kept_if_that_is_wished() {
    let run = changed(
        "mailing-list",
        Some("forward"),
        &[("\"name\": \"dave\", \"forward\"", "\"name\": \"dave\", \"keep_copy\": true, \"forward\"")],
    );
    assert_eq!((letters(&run, "bob").len(), letters(&run, "dave").len()), (1, 1));
}

#[test]
fn a_circle_of_forwarding_is_found() {
    let run = changed(
        "mailing-list",
        Some("forward"),
        &[
            (
                "\"users\": [{ \"name\": \"bob\" }]",
                "\"users\": [{ \"name\": \"bob\", \"forward\": [\"dave@c.example\"] }]",
            ),
            ("\"checks\": \"dmarc\"", "\"checks\": \"none\""),
        ],
    );
    assert_eq!((letters(&run, "bob").len(), letters(&run, "dave").len()), (0, 0));
    let bounce = only_letter(&run, "alice");
    assert!(bounce.contains("Reporting-MTA: dns; mail.c.example\r\n"), "{bounce}");
    assert!(
        bounce.contains("Final-Recipient: rfc822; dave@c.example\r\nAction: failed\r\nStatus: 5.4.6\r\n"),
        "{bounce}"
    );
    assert_eq!(of(&run, "mail.expand", "kind", "forward").len(), 2, "dave once, bob once");
}

#[test]
fn a_list_that_is_a_member_of_itself_sends_once() {
    let run = changed(
        "mailing-list",
        Some("footer"),
        &[("\"members\": [\"bob@b.example\"],", "\"members\": [\"dave@c.example\", \"course@c.example\"],")],
    );
    assert_eq!(of(&run, "mail.expand", "address", "course@c.example").len(), 1);
    // The letter, and the report to the list's owner, who is Dave.
    let got: Vec<_> = letters(&run, "dave").iter().map(|l| header(l, "Subject", 0).unwrap()).collect();
    assert_eq!(got, ["the exercise", "Undelivered mail returned to sender"]);
}

// --- reports

const NOTIFY: (&str, &str) = (
    "\"subject\": \"hello\",",
    "\"envelope\": { \"from\": \"alice@a.example\", \"to\": [\"bob@b.example\"], \"notify\": \"WISH\" }, \"subject\": \"hello\",",
);

fn wished(wish: &str, server: &str, behind: &str) -> Run {
    let mail_b = format!("\"users\": [{{ \"name\": \"bob\" }}], {server} }}");
    let last = format!("one conversation.\"]\n      }}\n    }}{behind}\n");
    changed(
        "one-conversation",
        None,
        &[
            (NOTIFY.0, &NOTIFY.1.replace("WISH", wish)),
            ("\"users\": [{ \"name\": \"bob\" }], \"smtp\": {} }", &mail_b),
            ("one conversation.\"]\n      }\n    }\n", &last),
        ],
    )
}

#[test]
fn success_is_reported_by_the_last_server_that_knows_how() {
    let relayed = wished("SUCCESS", "\"smtp\": {}", "");
    let report = only_letter(&relayed, "alice");
    assert!(report.contains("Subject: Successful mail delivery report\r\n"), "{report}");
    assert!(report.contains("Reporting-MTA: dns; mail.a.example\r\n"), "{report}");
    assert!(
        report.contains("Final-Recipient: rfc822; bob@b.example\r\nAction: relayed\r\nStatus: 2.0.0\r\n"),
        "{report}"
    );
    let delivered = wished("SUCCESS", "\"smtp\": { \"extensions\": [\"DSN\"] }", "");
    let report = only_letter(&delivered, "alice");
    assert!(report.contains("Reporting-MTA: dns; mail.b.example\r\n"), "{report}");
    assert!(report.contains("Original-Recipient: rfc822; bob@b.example\r\n"), "{report}");
    assert!(
        report.contains("Final-Recipient: rfc822; bob@b.example\r\nAction: delivered\r\nStatus: 2.1.5\r\n"),
        "{report}"
    );
    assert_eq!(of(&delivered, "dsn.create", "action", "delivered").len(), 1);
    for wish in ["FAILURE", "NEVER"] {
        for server in ["\"smtp\": {}", "\"smtp\": { \"extensions\": [\"DSN\"] }"] {
            let run = wished(wish, server, "");
            assert_eq!((letters(&run, "bob").len(), letters(&run, "alice").len()), (1, 0), "{wish}");
        }
    }
}

#[test]
fn a_delay_is_reported_once_to_who_wished_it() {
    let queue = |wish: &str| {
        changed(
            "one-conversation",
            None,
            &[
                (NOTIFY.0, &NOTIFY.1.replace("WISH", wish)),
                ("\"name\": \"mail.b\",", "\"name\": \"mail.b\", \"off\": true,"),
                (
                    "\"users\": [{ \"name\": \"alice\" }], \"smtp\": {} }",
                    "\"users\": [{ \"name\": \"alice\" }], \"queue\": { \"delay_notice\": \"1 h\" }, \"smtp\": {} }",
                ),
            ],
        )
    };
    let late = queue("DELAY");
    let report = only_letter(&late, "alice");
    assert!(report.contains("Action: delayed\r\n"), "{report}");
    assert!(report.contains("Will-Retry-Until: Sat, 8 Mar 2025 09:00:00 +0000\r\n"), "{report}");
    // Attempts at 0, 30 min, 2 h 30 min: the third is the first behind the hour.
    let at: Vec<u64> = late.told().filter(|(_, t)| t.kind == "dsn.create").map(|(at, _)| at / 60_000_000_000).collect();
    assert_eq!(at, [150], "and no bounce after five days, for failure was not wished");
    let both = queue("FAILURE,DELAY");
    let kinds: Vec<String> =
        both.told().filter(|(_, t)| t.kind == "dsn.create").map(|(_, t)| text(&t, "action")).collect();
    assert_eq!(kinds, ["delayed", "failed"]);
}

#[test]
fn an_unknown_user_of_ones_own_is_reported_with_its_status() {
    let run = changed("one-conversation", None, &[("\"to\": [\"bob@b.example\"]", "\"to\": [\"zoe@a.example\"]")]);
    let bounce = only_letter(&run, "alice");
    assert!(
        bounce.contains("Final-Recipient: rfc822; zoe@a.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"),
        "{bounce}"
    );
}

// --- names

#[test]
fn the_name_of_the_clients_address_stands_in_received() {
    let received = |run: &Run| header(&letters(run, "bob")[0], "Received", 0).unwrap();
    let known = run("mailing-list:forward-own");
    let line = received(&known);
    assert!(line.starts_with("from mail.c.example (mail.c.example [203.0.113.25])\tby mail.b.example"), "{line}");
    let asked = of(&known, "dns.query", "qtype", "PTR");
    assert_eq!(asked.iter().map(|t| text(t, "qname")).collect::<Vec<_>>(), ["25.113.0.203.in-addr.arpa"]);
    let nobody = changed(
        "mailing-list",
        Some("forward-own"),
        &[("\"name\": \"25\", \"type\": \"PTR\"", "\"name\": \"26\", \"type\": \"PTR\"")],
    );
    let line = received(&nobody);
    assert!(line.starts_with("from mail.c.example (unknown [203.0.113.25])\tby mail.b.example"), "{line}");
    // The greeting waits for one round trip to the name server and back.
    let greeted = |run: &Run| {
        let (at, _) = run.told().find(|(_, t)| t.kind == "app.line" && text(t, "from") == "mail.b").unwrap();
        let mut opened = run.told().filter(|(_, t)| t.kind == "tcp.established" && text(t, "server") == "mail.b");
        let (before, _) = opened.find(|(_, t)| text(t, "side") == "server").unwrap();
        (at - before) / 1_000_000
    };
    assert_eq!((greeted(&known), greeted(&self::run("mailing-list:forward"))), (2 * (1 + 48 + 9), 0));
}

#[test]
fn an_address_with_letters_beyond_ascii_needs_smtputf8() {
    let to = ("\"to\": [\"bob@b.example\"]", "\"to\": [\"jörg@b.example\"]");
    let server = |extensions: &str| {
        format!(
            "\"users\": [{{ \"name\": \"bob\" }}], \"aliases\": {{ \"jörg\": \"bob\" }}, \"smtp\": {{ {extensions} }} }}"
        )
    };
    let bob = "\"users\": [{ \"name\": \"bob\" }], \"smtp\": {} }";
    let knows = server("\"extensions\": [\"8BITMIME\", \"SMTPUTF8\"]");
    let taken = changed("one-conversation", None, &[to, (bob, &knows)]);
    let said: Vec<String> = of(&taken, "app.line", "from", "mail.a").iter().map(|t| text(t, "text")).collect();
    assert!(said.iter().any(|t| t.starts_with("MAIL FROM:<alice@a.example> ") && t.ends_with("SMTPUTF8")), "{said:?}");
    assert!(said.contains(&"RCPT TO:<jörg@b.example>".to_owned()), "{said:?}");
    let letter = only_letter(&taken, "bob");
    assert!(letter.contains(" with UTF8SMTP id "), "{letter}");
    assert!(letter.contains("jörg@b.example"), "{letter}");
    let refused = changed("one-conversation", None, &[to, (bob, &server(""))]);
    assert_eq!(letters(&refused, "bob").len(), 0);
    assert!(only_letter(&refused, "alice").contains("\r\nStatus: 5.6.7\r\n"));
}

/// RFC 3030 section 3, from one mail program to another. A mailbox takes no NUL (RFC 3501 section 4.3.1): the last server
/// encodes what no server on the way had to.
#[test]
fn a_binary_file_comes_to_the_mailbox_unharmed_whatever_is_offered_on_the_way() {
    let word = (
        "\"text\": [\"hello Bob, the six steps work.\"]",
        "\"text\": [\"Gr\u{fc}\u{df}e\"], \"eight_bit\": true, \"binary\": true,
        \"attachments\": [{ \"name\": \"photo.bmp\", \"type\": \"image/bmp\", \"bytes\": 3000 }]",
    );
    let with = |a: &str, b: &str| {
        let server = |name: &str, extensions: &str| {
            let bare = format!("\"users\": [{{ \"name\": \"{name}\" }}], \"smtp\": {{}}");
            let full = bare.replace("{}", &format!("{{ \"extensions\": [{extensions}] }}"));
            (bare, full)
        };
        let (a, b) = (server("alice", a), server("bob", b));
        changed("six-steps", None, &[word, (a.0.as_str(), a.1.as_str()), (b.0.as_str(), b.1.as_str())])
    };
    let mail_event = |run: &Run, wanted: &dyn Fn(&mailpath::mail::Event) -> Option<Vec<u8>>| {
        let entries = run.world.log().entries();
        let found = entries.iter().find_map(|e| if let What::Mail(event) = &e.what { wanted(event) } else { None });
        found.expect("there is one")
    };
    const ALL: &str = "\"8BITMIME\", \"CHUNKING\", \"BINARYMIME\"";
    for (b, binary, eight, converted) in
        [(ALL, true, true, 0), ("\"8BITMIME\", \"CHUNKING\"", false, true, 1), ("\"CHUNKING\"", false, false, 2)]
    {
        let run = with(ALL, b);
        let file = mail_event(&run, &|event| match event {
            mailpath::mail::Event::Composed { draft, .. } => Some(draft.attachments[0].bytes.to_vec()),
            _ => None,
        });
        let holds = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|w| w == part);
        // The way from one server to the other.
        let conn = of(&run, "tcp.open", "server", "mail.b").iter().map(|t| text(t, "conn")).next().unwrap();
        let wire = run.stream_of(mailpath::topology::ConnId(conn.parse().unwrap()), mailpath::topology::Side::Client);
        assert_eq!(holds(&wire, &file), binary, "{b}");
        assert_eq!(holds(&wire, " BODY=BINARYMIME\r\n".as_bytes()), binary, "{b}");
        assert_eq!(holds(&wire, "Gr\u{fc}\u{df}e".as_bytes()), eight, "{b}");
        assert_eq!(run.told().filter(|(_, t)| t.kind == "queue.convert").count(), converted, "{b}");
        // What lies there, and what Bob has fetched.
        let stored = letters(&run, "bob").remove(0);
        let fetched = mail_event(&run, &|event| match event {
            mailpath::mail::Event::Read { letter, .. } => Some(letter.bytes.to_vec()),
            _ => None,
        });
        assert_eq!(stored, fetched, "{b}");
        assert!(!stored.contains(&0), "{b}");
        let photo = message::mime_parts(&stored).into_iter().find(|part| part.kind == "image/bmp").unwrap();
        assert_eq!(message::decoded(&stored, &photo), file, "{b}");
        assert_eq!(text(&of(&run, "mua.read", "user", "bob@b.example")[0], "text"), "Gr\u{fc}\u{df}e\n", "{b}");
    }
    // Her own server takes lines only: her program says why it cannot send, and says nothing to the server.
    let kept = with("\"8BITMIME\"", ALL);
    let sent = &of(&kept, "mua.sent", "user", "alice@a.example");
    assert!(text(&sent[0], "result").contains("does not offer BINARYMIME"), "{sent:?}");
    assert_eq!(letters(&kept, "bob").len(), 0);
    // A server that returns what it cannot send on as it is.
    let returned = changed(
        "six-steps",
        None,
        &[
            word,
            (
                "\"name\": \"alice\" }], \"smtp\": {}",
                &format!("\"name\": \"alice\" }}], \"smtp\": {{ \"eight_bit\": \"return\", \"extensions\": [{ALL}] }}"),
            ),
        ],
    );
    let bounce = only_letter(&returned, "alice");
    assert!(bounce.contains("\r\nStatus: 5.6.3\r\n") && bounce.contains("does not offer BINARYMIME"), "{bounce}");
}

/// No dot ends it (RFC 3030 section 2), and so nobody says so.
#[test]
fn a_letter_by_bdat_is_told_to_end_by_its_length() {
    use mailpath::explain::{phases, sentence, stops, story, text};
    let smtp = |user: &str, settings: &str| {
        let bare = format!("\"users\": [{{ \"name\": \"{user}\" }}], \"smtp\": {{}}");
        let full = bare.replace("{}", settings);
        (bare, full)
    };
    let (a, b) = (smtp("alice", "{ \"chunking\": true }"), smtp("bob", "{ \"extensions\": [\"CHUNKING\"] }"));
    let run = changed("seven-bits", Some("1"), &[(&a.0, &a.1), (&b.0, &b.1)]);
    let (log, names, setup) = (run.world.log(), run.world.names(), run.world.setup());
    let mut said: Vec<String> = text::tell(log, &names, &run.story).into_iter().map(|line| line.text).collect();
    let conversations = phases::conversations(log);
    let spans = story::steps(log, &names, &run.story);
    let stops = stops::Stops::new(log, &names, setup, &spans, &conversations);
    let (mut place, grain) = (0, stops::Grain::Packet);
    loop {
        said.push(sentence::sentence(log, &names, setup, &run.story, &stops, &conversations, place, grain).now);
        let Some(stop) = stops.next(grain, place) else { break };
        place = stop.place;
    }
    let all = said.join("\n");
    assert!(all.contains("says with BDAT how long the whole mail is, 4,"), "{all}");
    assert!(all.contains("C: (the letter: 4") && !all.contains("CR LF . CR LF") && !all.contains("CRLF.CRLF"), "{all}");
}
