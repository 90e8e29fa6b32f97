//! Probes that name packets by a display filter, beside those that name events by their kind.

use super::Played;
use mailpath::lesson::words::Unit;

#[test]
fn a_filter_counts_finds_and_times_packets() {
    let one = Played::new("one-conversation");
    let says = |probe: &str| one.says(None, probe, Some(Unit::Ms)).unwrap();
    // 2.2: SYN, SYN-ACK and ACK, and then the greeting.
    assert_eq!(says(r#"{ "count": { "filter": "tcp", "before": { "filter": "smtp" } } }"#), "3");
    assert_eq!(says(r#"{ "field": { "of": { "filter": "smtp" }, "field": "host" } }"#), "mail.b");
    assert_eq!(says(r#"{ "field": { "of": { "filter": "smtp" }, "field": "ip.src" } }"#), "198.51.100.25");
    assert_eq!(
        says(r#"{ "field": { "of": { "filter": "smtp", "last": true }, "field": "smtp.response.code" } }"#),
        "221"
    );
    // A segment has two ports.
    assert_eq!(
        says(r#"{ "field": { "of": { "filter": "smtp" }, "field": "tcp.port" } }"#).split(", ").next(),
        Some("25")
    );
    assert_eq!(
        says(r#"{ "sequence": { "of": { "filter": "smtp.req" }, "field": "smtp.req.command" } }"#),
        "EHLO, MAIL, RCPT, DATA, QUIT"
    );
    assert_eq!(says(r#"{ "distinct": { "of": { "filter": "tcp" }, "field": "ip.addr" } }"#), "2");
    assert_eq!(
        says(
            r#"{ "sum": { "of": { "filter": "tcp.srcport == 25" }, "field": "tcp.len" },
                "minus": { "sum": { "of": { "event": "tcp.seg", "where": { "from": "mail.b" } }, "field": "len" } } }"#
        ),
        "0"
    );
    // 2.3, from the SYN to the packet with the 250 behind the letter, where it is sent.
    assert_eq!(
        says(
            r#"{ "interval": { "from": { "filter": "tcp.flags.syn == 1" },
                "to": { "filter": "smtp.response.code == 250", "after": { "filter": "smtp.data.fragment or imf" } } } }"#
        ),
        "650"
    );
    assert_eq!(says(r#"{ "exists": { "filter": "tcp.analysis.retransmission" } }"#), "no");
    assert_eq!(says(r#"{ "count": { "filter": "tcp", "since": "700 ms" } }"#), "5");
}

#[test]
fn a_filter_selects_what_happens_in_hosts_too() {
    let six = Played::new("six-steps");
    let says = |probe: &str| six.says(None, probe, Some(Unit::Ms)).unwrap();
    assert_eq!(says(r#"{ "time": { "filter": "queue.event == \"enter\"" } }"#), "65");
    assert_eq!(
        says(r#"{ "field": { "of": { "filter": "mailbox.event == \"store\"" }, "field": "mailbox.user" } }"#),
        "bob"
    );
    assert_eq!(says(r#"{ "exists": { "filter": "step == 4 && smtp" } }"#), "yes");
}

#[test]
fn a_retransmission_is_found_in_the_run_that_has_one() {
    let lost = Played::new("packet-loss");
    let probe = r#"{ "interval": { "from": { "filter": "smtp.req.command == \"MAIL\"" },
        "to": { "filter": "tcp.analysis.retransmission && ip.src == 192.0.2.25" } } }"#;
    // 10.1. The capture is made at the sender, so the lost segment is in it.
    assert_eq!(lost.says(Some("1"), probe, Some(Unit::Ms)).as_deref(), Ok("1,000"));
    assert!(lost.says(Some("0"), probe, Some(Unit::Ms)).unwrap_err().contains("fits `tcp.analysis.retransmission"));
}
