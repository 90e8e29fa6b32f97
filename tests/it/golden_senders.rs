//! Curriculum L15: anyone can write any sender, and what a server can know about it.

use mailpath::message;
use mailpath::trace::Told;

use crate::runs::{Run, run};

fn text(told: &Told, name: &str) -> String {
    told.get(name).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).unwrap_or_default()
}

/// `method result domain stage` of each check, in order.
fn results(run: &Run) -> Vec<String> {
    let fields = ["method", "result", "domain", "stage"];
    let told = run.told().filter(|(_, t)| t.kind == "auth.result");
    told.map(|(_, t)| fields.map(|f| text(&t, f)).join(" ")).collect()
}

/// The reply of mail.b to a command: when it was said, and its code. `.`: to the end of data.
fn reply(run: &Run, verb: &str) -> (u64, u64) {
    let to_mail_b = |t: &Told| text(t, "to") == "mail.b" || text(t, "from") == "mail.b";
    let lines: Vec<(u64, Told)> =
        run.told().filter(|(_, t)| matches!(t.kind, "app.line" | "smtp.end_of_data") && to_mail_b(t)).collect();
    let asked = match verb {
        "." => lines.iter().position(|(_, t)| text(t, "code") == "354"),
        verb => lines.iter().position(|(_, t)| text(t, "verb") == verb && text(t, "to") == "mail.b"),
    };
    let behind = &lines[asked.expect("it was said") + 1..];
    let (at, reply) = behind.iter().find(|(_, t)| !text(t, "code").is_empty()).expect("it was answered");
    (*at / 1_000_000, text(reply, "code").parse().unwrap())
}

/// Bob's first letter, if he has one.
fn letter(run: &Run) -> Option<Vec<u8>> {
    run.world.log().entries().iter().find_map(|e| match &e.what {
        mailpath::trace::What::Mail(event) => match &**event {
            mailpath::mail::Event::MailboxStore { user, letter, .. } if user == "bob" => Some(letter.bytes.to_vec()),
            _ => None,
        },
        _ => None,
    })
}

fn header(run: &Run, name: &str) -> String {
    message::header(&letter(run).expect("Bob has a letter"), name, 0).unwrap_or_default()
}

#[test]
fn l15_1_and_2_nothing_in_smtp_checks_the_sender_but_the_address_is_written_down() {
    let run = run("any-sender:both-none");
    assert_eq!((reply(&run, "MAIL").1, reply(&run, ".").1), (250, 250));
    assert_eq!(results(&run), Vec::<String>::new());
    let received = header(&run, "Received");
    assert!(received.contains("from host.evil.example ([203.0.113.66])"), "{received}");
    assert!(received.contains("by mail.b.example"), "{received}");
    assert_eq!(header(&run, "From"), "\"Alice\" <alice@a.example>");
    assert_eq!(header(&run, "Authentication-Results"), "");
}

#[test]
fn l15_3_spf_fails_for_an_address_that_is_not_listed() {
    let run = run("any-sender:both-spf");
    assert_eq!(results(&run), ["spf fail a.example mail"]);
    assert_eq!(reply(&run, "MAIL").1, 550);
    assert_eq!(letter(&run), None);
    let words = run.told().find(|(_, t)| text(t, "code") == "550").map(|(_, t)| text(&t, "text"));
    assert_eq!(words.as_deref(), Some("550 5.7.23 SPF validation failed for a.example"));
}

#[test]
fn the_reply_to_mail_waits_for_a_round_trip_to_the_name_server() {
    // mail.b to dns: 1 + 48 + 9 ms one way; mallory to mail.b: 10 ms.
    let (without, _) = reply(&run("any-sender:both-none"), "MAIL");
    let (with, _) = reply(&run("any-sender:both-spf"), "MAIL");
    assert_eq!(with - without, 2 * (1 + 48 + 9));
}

#[test]
fn l15_4_spf_looks_at_the_envelope_and_bob_at_the_header() {
    let run = run("any-sender:header-spf");
    assert_eq!(results(&run), ["spf pass evil.example mail"]);
    assert_eq!(reply(&run, ".").1, 250);
    assert_eq!(header(&run, "From"), "\"Alice\" <alice@a.example>");
    let results = header(&run, "Authentication-Results");
    assert!(results.contains("spf=pass (ip4:203.0.113.66) smtp.mailfrom=x@evil.example"), "{results}");
}

#[test]
fn l15_5_dmarc_refuses_after_the_end_of_data_and_not_earlier() {
    let run = run("any-sender:header-dmarc");
    assert_eq!(
        results(&run),
        ["spf pass evil.example mail", "dkim none  end-of-data", "dmarc fail a.example end-of-data"]
    );
    assert_eq!((reply(&run, "MAIL").1, reply(&run, "RCPT").1, reply(&run, "DATA").1), (250, 250, 354));
    assert_eq!(reply(&run, ".").1, 550);
    assert_eq!(letter(&run), None);
    let words = run.told().find(|(_, t)| text(t, "code") == "550").map(|(_, t)| text(&t, "text"));
    assert_eq!(words.as_deref(), Some("550 5.7.1 Email rejected per DMARC policy for a.example"));
    // With a forged envelope too, SPF fails; the letter is waited for all the same (RFC 7489 section 10.1).
    let both = self::run("any-sender:both-dmarc");
    assert_eq!(results(&both)[0], "spf fail a.example mail");
    assert_eq!((reply(&both, "MAIL").1, reply(&both, ".").1), (250, 550));
}

#[test]
fn l15_6_honest_mail_passes_by_spf_and_by_dkim() {
    let run = run("any-sender:honest-dmarc");
    let expected = ["spf pass a.example mail", "dkim pass a.example end-of-data", "dmarc pass a.example end-of-data"];
    assert_eq!(results(&run), expected);
    assert_eq!(reply(&run, ".").1, 250);
    let found = header(&run, "Authentication-Results");
    assert!(found.starts_with("mail.b.example;\tspf=pass (ip4:192.0.2.25) smtp.mailfrom=alice@a.example;"), "{found}");
    assert!(found.contains("dkim=pass header.d=a.example header.s=s2025 header.a=ed25519-sha256"), "{found}");
    assert!(found.contains("dmarc=pass (p=reject) header.from=a.example"), "{found}");
    // Signed by mail.a whether anybody looks or not.
    assert!(header(&self::run("any-sender:honest-none"), "DKIM-Signature").contains("d=a.example"));
}

#[test]
fn a_text_too_long_for_a_datagram_comes_by_tcp() {
    let run = run("any-sender:honest-tcp");
    let cut: Vec<String> =
        run.told().filter(|(_, t)| t.kind == "dns.truncated").map(|(_, t)| text(&t, "qname")).collect();
    assert_eq!(cut, ["a.example"]);
    let opened: Vec<u64> = run
        .told()
        .filter(|(_, t)| t.kind == "tcp.open" && text(t, "port") == "53")
        .map(|(at, t)| {
            assert_eq!((text(&t, "client"), text(&t, "server")), ("mail.b".into(), "dns".into()));
            at / 1_000_000
        })
        .collect();
    assert_eq!(opened.len(), 1);
    assert_eq!(results(&run)[2], "dmarc pass a.example end-of-data");
    // One round trip for the datagram, one for the handshake, one for query and answer.
    let (slow, quick) = (reply(&run, "MAIL").0, reply(&self::run("any-sender:honest-dmarc"), "MAIL").0);
    assert_eq!(slow - quick, 2 * 2 * (1 + 48 + 9));
}

/// The run with a DNS server that behaves otherwise.
fn with_dns(id: &str, behaviour: &str) -> Run {
    let (_, file) = mailpath::scenario::BUILT_IN.iter().find(|b| b.0 == "any-sender").unwrap();
    let file = file.replacen("\"zones\": [", &format!("{behaviour}, \"zones\": ["), 1);
    let scenario = mailpath::scenario::parse("any-sender.json", &file).unwrap_or_else(|e| panic!("{e}"));
    crate::runs::play(scenario.ready(Some(id)).unwrap_or_else(|e| panic!("{e}")))
}

#[test]
fn without_an_answer_of_dns_the_sender_is_asked_to_come_again() {
    let usual = reply(&run("any-sender:header-spf"), "MAIL").0;
    let failing = with_dns("header-spf", "\"failing\": [\"evil.example\"]");
    assert_eq!(results(&failing), ["spf temperror evil.example mail"]);
    assert_eq!(reply(&failing, "MAIL"), (usual, 451));
    // Silence is waited for: 2, 4 and 8 s, instead of one round trip.
    let silent = with_dns("header-spf", "\"silent\": [\"evil.example\"]");
    assert_eq!(reply(&silent, "MAIL"), (usual + 14_000 - 2 * (1 + 48 + 9), 451));
    // DMARC cannot be judged without the policy, and the letter stays with the client.
    let dmarc = with_dns("header-dmarc", "\"failing\": [\"_dmarc.a.example\"]");
    assert_eq!((reply(&dmarc, ".").1, letter(&dmarc)), (451, None));
    assert_eq!(results(&dmarc)[2], "dmarc temperror a.example end-of-data");
}

#[test]
fn an_answer_is_remembered_and_there_is_no_such_name_too() {
    // Letters with minutes between them: texts live for an hour, "none" for five minutes.
    let (_, file) = mailpath::scenario::BUILT_IN.iter().find(|b| b.0 == "any-sender").unwrap();
    let again = r#""LOGOUT"] } },
      { "at": "1 min", "queue": { "host": "mail.a", "from": "alice@a.example", "to": ["bob@b.example"] } },
      { "at": "1 min", "queue": { "host": "mail.a", "from": "alice@nowhere.example", "to": ["bob@b.example"] } },
      { "at": "5 min", "queue": { "host": "mail.a", "from": "alice@nowhere.example", "to": ["bob@b.example"] } },
      { "at": "7 min", "queue": { "host": "mail.a", "from": "alice@nowhere.example", "to": ["bob@b.example"] } },
      { "at": "16 min", "queue": { "host": "mail.a", "from": "alice@a.example", "to": ["bob@b.example"] } }
    ],"#;
    let file = file.replacen("\"LOGOUT\"] } }\n  ],", again, 1);
    let file = file.replacen("\"checks\": \"none\"", "\"checks\": \"spf\"", 1);
    let file = file.replacen("\"origin\": \"evil.example\"", "\"origin\": \"example\"", 1);
    let file = file.replacen("{ \"name\": \"host\", \"type\": \"A\"", "{ \"name\": \"host.evil\", \"type\": \"A\"", 1);
    let scenario = mailpath::scenario::parse("any-sender.json", &file).unwrap_or_else(|e| panic!("{e}"));
    let run = crate::runs::play(scenario.ready(None).unwrap_or_else(|e| panic!("{e}")));
    let asked = |kind: &str, name: &str| {
        let told = run.told().filter(|(_, t)| t.kind == kind && text(t, "qtype") == "TXT" && text(t, "qname") == name);
        told.map(|(at, _)| at / 60_000_000_000).collect::<Vec<u64>>()
    };
    assert_eq!((asked("dns.query", "a.example").len(), asked("dns.cached", "a.example")), (1, vec![1, 16]));
    assert_eq!(asked("dns.query", "nowhere.example"), [1, 7]);
    assert_eq!(asked("dns.cached", "nowhere.example"), [5]);
}

#[test]
fn a_letter_that_waits_for_dns_is_not_taken_when_its_session_is_gone() {
    // The first question for the policy is lost and asked again after 2 s, and mail.b's SMTP is stopped in between.
    let (_, file) = mailpath::scenario::BUILT_IN.iter().find(|b| b.0 == "any-sender").unwrap();
    let play = |more: &str| {
        let lost = r#"{ "match": { "from": "mail.b", "to": "dns", "contains": "_dmarc" } }"#;
        let more = format!("\"LOGOUT\"] }} }},\n {{ \"at\": \"0 s\", \"drop\": {lost} }}{more}\n  ],");
        // Bob looks too early; actions stand in order of time.
        let file = file.replacen("\"at\": \"1 min\"", "\"at\": \"0 s\"", 1);
        let file = file.replacen("\"LOGOUT\"] } }\n  ],", &more, 1);
        let scenario = mailpath::scenario::parse("any-sender.json", &file).unwrap_or_else(|e| panic!("{e}"));
        crate::runs::play(scenario.ready(Some("honest-dmarc")).unwrap_or_else(|e| panic!("{e}")))
    };
    let usual = reply(&run("any-sender:honest-dmarc"), ".").0;
    assert_eq!(reply(&play(""), "."), (usual + 2000, 250));
    let stopped = play(r#", { "at": "3 s", "stop": { "host": "mail.b", "service": "smtp" } }"#);
    assert_eq!(letter(&stopped), None);
}
