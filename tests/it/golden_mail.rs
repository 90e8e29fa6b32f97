//! Curriculum L16: two servers that disagree about a line end.

use mailpath::message;
use mailpath::topology::{ConnId, Side};
use mailpath::trace::{Told, What};

use crate::runs::{Run, run, run_with};

fn text(told: &Told, name: &str) -> String {
    told.get(name).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).unwrap_or_default()
}

/// Entries of this kind for which the field has this value.
fn of(run: &Run, kind: &str, field: &str, value: &str) -> Vec<Told> {
    run.told().map(|(_, t)| t).filter(|t| t.kind == kind && text(t, field) == value).collect()
}

/// The letters that were put into this user's mailbox.
fn letters(run: &Run, user: &str) -> Vec<Vec<u8>> {
    let stored = |what: &What| match what {
        What::Mail(event) => match &**event {
            mailpath::mail::Event::MailboxStore { user: whose, letter, .. } if whose == user => {
                Some(letter.bytes.to_vec())
            }
            _ => None,
        },
        _ => None,
    };
    run.world.log().entries().iter().filter_map(|e| stored(&e.what)).collect()
}

/// The connection from mail.a to mail.b.
fn between(run: &Run) -> ConnId {
    let opened = of(run, "tcp.open", "server", "mail.b");
    let opened = opened.iter().find(|t| text(t, "client") == "mail.a").expect("mail.a delivers");
    ConnId(text(opened, "conn").parse().unwrap())
}

/// Codes that mail.b has said to mail.a, in order.
fn codes(run: &Run) -> Vec<u16> {
    let conn = between(run).0.to_string();
    let lines = of(run, "app.line", "from", "mail.b").into_iter().filter(|t| text(t, "conn") == conn);
    lines.map(|t| text(&t, "code").parse().unwrap()).collect()
}

/// The results of SPF, in order.
fn spf(run: &Run) -> Vec<String> {
    of(run, "auth.result", "method", "spf").iter().map(|t| text(t, "result") + " " + &text(t, "domain")).collect()
}

fn body(letter: &[u8]) -> String {
    letter[message::body_start(letter)..].escape_ascii().to_string()
}

#[test]
fn l16_1_and_2_one_letter_is_sent_and_two_are_stored() {
    let run = run("smuggling:LL");
    assert_eq!(letters(&run, "bob").len(), 2);
    let conn = between(&run).0.to_string();
    let transactions = of(&run, "smtp.txn", "conn", &conn);
    assert_eq!(transactions.len(), 1);
    assert_eq!(
        (text(&transactions[0], "mail_from"), text(&transactions[0], "end_code")),
        ("<mallory@a.example>".into(), "250".into())
    );
    let ends = run.told().filter(|(_, t)| t.kind == "smtp.end_of_data" && text(t, "to") == "mail.b").count();
    assert_eq!(ends, 2, "mail.b cuts the same bytes into two letters");
    let from: Vec<_> = letters(&run, "bob").iter().map(|l| message::header(l, "From", 0).unwrap()).collect();
    assert_eq!(from, ["\"Mallory\" <mallory@a.example>", "admin@a.example"]);
    // What Bob sees is what he has fetched.
    assert_eq!(of(&run, "mua.read", "subject", "your account").len(), 1);
}

#[test]
fn l16_3_spf_passes_for_the_smuggled_letter() {
    let run = run("smuggling:LL");
    assert_eq!(spf(&run), ["pass a.example", "pass a.example"]);
    let results = message::header(&letters(&run, "bob")[1], "Authentication-Results", 0).unwrap();
    assert!(results.contains("spf=pass (ip4:192.0.2.25) smtp.mailfrom=admin@a.example"), "{results}");
    // The second question needs no packet: the answer to the first is remembered.
    assert_eq!((of(&run, "dns.query", "qtype", "TXT").len(), of(&run, "dns.cached", "qtype", "TXT").len()), (1, 1));
}

#[test]
fn l16_4_five_replies_follow_the_354() {
    let run = run("smuggling:LL");
    assert_eq!(codes(&run), [220, 250, 250, 250, 354, 250, 250, 250, 354, 250, 221]);
    assert_eq!(codes(&self::run("smuggling:SS")), [220, 250, 250, 250, 354, 250, 221], "one in the clean case");
    // mail.a has asked for none of them but the first: it is saying QUIT.
    let unexpected = of(&run, "session.unexpected", "side", "client");
    let got: Vec<String> = unexpected.iter().map(|t| text(t, "text")).collect();
    assert_eq!(got.len(), 4, "{got:?}");
    assert!(got.iter().all(|t| t.contains("221")), "{got:?}");
}

#[test]
fn l16_5_both_faults_are_needed() {
    for id in ["SL", "LS", "SS"] {
        let run = run(&format!("smuggling:{id}"));
        let stored = letters(&run, "bob");
        assert_eq!((stored.len(), spf(&run).len(), codes(&run).len()), (1, 1, 7), "{id}");
        let line_end = if id == "LS" { r"here.\n.\r\nMAIL" } else { r"here.\r\n.\r\nMAIL" };
        assert!(body(&stored[0]).contains(line_end), "{id}: {}", body(&stored[0]));
    }
    // Strict means: CR LF for the bare LF, and then the line begins with a dot, which is doubled.
    let wire = |run: &Run| run.stream_of(between(run), Side::Client).escape_ascii().to_string();
    assert!(wire(&run("smuggling:SL")).contains(r"here.\r\n..\r\nMAIL FROM:<admin@a.example>\r\n"));
    assert!(wire(&run("smuggling:LS")).contains(r"here.\n.\r\nMAIL FROM:<admin@a.example>\r\n"));
}

#[test]
fn l16_6_the_bytes_that_are_read_differently_are_lf_dot_cr_lf() {
    let lenient = run("smuggling:LL");
    let wire = lenient.stream_of(between(&lenient), Side::Client);
    let ends: Vec<usize> =
        of(&lenient, "smtp.end_of_data", "to", "mail.b").iter().map(|t| text(t, "end").parse().unwrap()).collect();
    let sent = of(&lenient, "smtp.letter", "from", "mail.a");
    let [sent] = sent.as_slice() else { panic!("mail.a sends one letter") };
    let sent: usize = text(sent, "end").parse().unwrap();
    assert_eq!((ends.len(), ends[1]), (2, sent));
    assert!(ends[0] < sent);
    assert_eq!(wire[ends[0] - 5..ends[0]].escape_ascii().to_string(), r".\n.\r\n");
    assert_eq!(wire[sent - 5..sent].escape_ascii().to_string(), r"\r\n.\r\n");
    // The same bytes of mail.a, and mail.b is strict: one end, that of mail.a.
    let strict = run("smuggling:LS");
    assert_eq!(strict.stream_of(between(&strict), Side::Client), wire);
    let ends = of(&strict, "smtp.end_of_data", "to", "mail.b");
    assert_eq!(ends.iter().map(|t| text(t, "end")).collect::<Vec<_>>(), [sent.to_string()]);
}

#[test]
fn the_line_end_before_the_dot_is_what_matters() {
    let with = |odd: &str| letters(&run_with("smuggling", "LL", &[(r"here.\n.\r\nMAIL", odd)]), "bob").len();
    assert_eq!(with(r"here.\n.\nMAIL"), 2, "vary: LF . LF");
    // Behind CR LF mail.a doubles the dot, whatever follows it.
    assert_eq!(with(r"here.\r\n.\nMAIL"), 1);
    assert_eq!(with(r"here.\r\n.\r\nMAIL"), 1);
}

#[test]
fn l16_exploration_a_sloppy_client_is_refused_or_mended() {
    let refused = run("smuggling:honest-refuse");
    assert_eq!((letters(&refused, "bob").len(), codes(&refused)[5]), (0, 554));
    assert_eq!(of(&refused, "dsn.create", "to", "fax@a.example").len(), 1, "and the sender hears of it");
    let mended = run("smuggling:honest-normalise");
    let [fax] = &letters(&mended, "bob")[..] else { panic!("the fax is there") };
    assert_eq!(body(fax), r"page 1 of 1\r\n.\r\nfrom 555-0100\r\n\r\n");
    // The same setting protects Bob: Mallory's commands are text.
    for id in ["refuse", "normalise"] {
        let attack = run(&format!("smuggling:{id}"));
        assert_eq!((spf(&attack).len(), letters(&attack, "bob").len()), (1, usize::from(id == "normalise")), "{id}");
    }
}
