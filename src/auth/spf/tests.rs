//! The examples of RFC 7208 (appendix A, section 7.4), and what is not in them: limits, mistakes, any bytes.

use proptest::prelude::*;

use super::macros::{MacroString, Use, Values};
use super::*;
use crate::auth::lookup::tests::{answered, zones};
use crate::dns::Zones;

/// Appendix A, with `record` for example.com.
fn appendix_a(record: &str) -> Zones {
    let record = format!("example.com TXT {record}");
    zones(&[
        &record,
        "example.com MX 10 mail-a.example.com",
        "example.com MX 20 mail-b.example.com",
        "example.com A 192.0.2.10",
        "example.com A 192.0.2.11",
        "amy.example.com A 192.0.2.65",
        "bob.example.com A 192.0.2.66",
        "mail-a.example.com A 192.0.2.129",
        "mail-b.example.com A 192.0.2.130",
        "example.org MX 10 mail-c.example.org",
        "mail-c.example.org A 192.0.2.140",
        "10.2.0.192.in-addr.arpa PTR example.com",
        "65.2.0.192.in-addr.arpa PTR amy.example.com",
        "66.2.0.192.in-addr.arpa PTR bob.example.com",
        "129.2.0.192.in-addr.arpa PTR mail-a.example.com",
        "140.2.0.192.in-addr.arpa PTR mail-c.example.org",
        "4.0.0.10.in-addr.arpa PTR bob.example.com",
        // A.3
        "mobile-users._spf.example.com TXT v=spf1 exists:%{l1r+}.%{d}",
        "remote-users._spf.example.com TXT v=spf1 exists:%{ir}.%{l1r+}.%{d}",
        "mary.mobile-users._spf.example.com A 127.0.0.2",
        "15.15.168.192.joel.remote-users._spf.example.com A 127.0.0.2",
        // A.4
        "ip4._spf.example.com TXT v=spf1 -ip4:192.0.2.0/24 +all",
        "ptr._spf.example.com TXT v=spf1 -ptr:example.com +all",
    ])
}

fn checked(zones: &Zones, ip: &str, sender: &str) -> Outcome {
    let domain = sender.rsplit_once('@').unwrap().1;
    let ip = ip.parse().unwrap();
    let request = Request { ip, domain, sender, helo: "client.example", receiver: "mail.b.example", now: 0 };
    answered(zones, |known| check_host(known, &request)).0
}

/// The addresses of the appendix that pass.
fn passing(record: &str) -> Vec<&'static str> {
    let zones = appendix_a(record);
    let hosts = [
        "192.0.2.10",
        "192.0.2.11",
        "192.0.2.65",
        "192.0.2.66",
        "192.0.2.129",
        "192.0.2.130",
        "192.0.2.140",
        "10.0.0.4",
    ];
    hosts.into_iter().filter(|ip| checked(&zones, ip, "alice@example.com").verdict == Verdict::Pass).collect()
}

#[test]
fn the_simple_examples_of_appendix_a1() {
    assert_eq!(passing("v=spf1 +all").len(), 8);
    assert_eq!(passing("v=spf1 a -all"), ["192.0.2.10", "192.0.2.11"]);
    assert_eq!(passing("v=spf1 a:example.org -all"), <[&str; 0]>::default());
    assert_eq!(passing("v=spf1 mx -all"), ["192.0.2.129", "192.0.2.130"]);
    assert_eq!(passing("v=spf1 mx:example.org -all"), ["192.0.2.140"]);
    assert_eq!(passing("v=spf1 mx mx:example.org -all"), ["192.0.2.129", "192.0.2.130", "192.0.2.140"]);
    assert_eq!(passing("v=spf1 mx/30 mx:example.org/30 -all"), ["192.0.2.129", "192.0.2.130", "192.0.2.140"]);
    assert_eq!(passing("v=spf1 ptr -all"), ["192.0.2.10", "192.0.2.65", "192.0.2.66", "192.0.2.129"]);
    assert_eq!(passing("v=spf1 ip4:192.0.2.128/28 -all"), ["192.0.2.129", "192.0.2.130", "192.0.2.140"]);
}

#[test]
fn a_record_may_point_to_others_a2() {
    let zones = zones(&[
        "example.com TXT v=spf1 ip4:192.0.2.10 -all",
        "example.net TXT v=spf1 ip4:192.0.2.20 ~all",
        "example.org TXT v=spf1 include:example.com include:example.net -all",
        "la.example.org TXT v=spf1 redirect=example.org",
    ]);
    for (ip, verdict) in [("192.0.2.10", Verdict::Pass), ("192.0.2.20", Verdict::Pass), ("192.0.2.30", Verdict::Fail)] {
        assert_eq!(checked(&zones, ip, "a@example.org").verdict, verdict);
        assert_eq!(checked(&zones, ip, "a@la.example.org").verdict, verdict);
    }
}

#[test]
fn a_user_may_have_a_name_in_dns_a3() {
    let zones = appendix_a("v=spf1 mx include:mobile-users._spf.%{d} include:remote-users._spf.%{d} -all");
    assert_eq!(checked(&zones, "198.51.100.1", "mary@example.com").verdict, Verdict::Pass);
    assert_eq!(checked(&zones, "192.168.15.15", "joel@example.com").verdict, Verdict::Pass);
    assert_eq!(checked(&zones, "192.168.15.16", "joel@example.com").verdict, Verdict::Fail);
    assert_eq!(checked(&zones, "198.51.100.1", "zoe@example.com").verdict, Verdict::Fail);
}

#[test]
fn both_of_two_conditions_a4() {
    let record = "v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} +all";
    assert_eq!(passing(record), ["192.0.2.10", "192.0.2.65", "192.0.2.66", "192.0.2.129"]);
}

#[test]
fn the_macros_of_section_7_4() {
    let values = Values {
        ip: "192.0.2.3".parse().unwrap(),
        sender: "strong-bad@email.example.com",
        domain: "email.example.com",
        helo: "h",
        receiver: "r",
        now: 5,
        name: Some("mx.example.org"),
    };
    for (text, value) in [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
        ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        ("%{p}", "mx.example.org"),
        ("%{S}", "strong-bad%40email.example.com"),
        ("%%%_%-", "% %20"),
    ] {
        assert_eq!(MacroString::read(text, Use::Domain).unwrap().expand(&values), value, "{text}");
    }
    for text in ["%", "%x", "%{", "%{z}", "%{d0}", "%{d!}", "%{t}", "%{}"] {
        assert!(MacroString::read(text, Use::Domain).is_err(), "{text}");
    }
}

#[test]
fn the_explanation_is_for_a_fail_only() {
    let zones = zones(&[
        "a.example TXT v=spf1 ip4:192.0.2.25 exp=why.%{d} -all",
        "why.a.example TXT %{i} may not send for %{d}",
        "b.example TXT v=spf1 include:a.example -all",
    ]);
    let fail = checked(&zones, "203.0.113.66", "alice@a.example");
    assert_eq!((fail.verdict, &*fail.reason), (Verdict::Fail, "-all"));
    assert_eq!(fail.explanation.as_deref(), Some("203.0.113.66 may not send for a.example"));
    assert_eq!(checked(&zones, "192.0.2.25", "alice@a.example").explanation, None);
    // That of an included record counts for nothing (section 6.2).
    assert_eq!(checked(&zones, "203.0.113.66", "bob@b.example").explanation, None);
}

#[test]
fn ten_terms_may_ask_and_the_eleventh_may_not() {
    let record = |n: usize| format!("a.example TXT v=spf1{} +all", " a:h.a.example".repeat(n));
    let (ten, eleven) = (record(10), record(11));
    assert_eq!(checked(&zones(&[&ten, "h.a.example A 192.0.2.1"]), "192.0.2.9", "x@a.example").verdict, Verdict::Pass);
    let found = checked(&zones(&[&eleven, "h.a.example A 192.0.2.1"]), "192.0.2.9", "x@a.example");
    assert_eq!(found.verdict, Verdict::PermError);
    // Records in a ring end there too.
    let ring = zones(&["a.example TXT v=spf1 include:b.example", "b.example TXT v=spf1 redirect=a.example"]);
    assert_eq!(checked(&ring, "192.0.2.9", "x@a.example").verdict, Verdict::PermError);
}

#[test]
fn two_questions_may_find_nothing_and_the_third_may_not() {
    let two = zones(&["a.example TXT v=spf1 a:x.example a:y.example +all"]);
    assert_eq!(checked(&two, "192.0.2.9", "x@a.example").verdict, Verdict::Pass);
    let three = zones(&["a.example TXT v=spf1 a:x.example a:y.example mx:z.example +all"]);
    assert_eq!(checked(&three, "192.0.2.9", "x@a.example").verdict, Verdict::PermError);
}

#[test]
fn what_else_there_is_and_what_it_is_called() {
    let zones = zones(&[
        "none.example TXT hello",
        "two.example TXT v=spf1 -all",
        "two.example TXT v=spf1 +all",
        "longer.example TXT v=spf10 -all",
        "neutral.example TXT v=spf1 ip4:192.0.2.1",
        "soft.example TXT V=SPF1 ~ALL",
        "dns.example TXT v=spf1 a:trouble.example -all",
        "gone.example TXT v=spf1 include:nowhere.example -all",
        "away.example TXT v=spf1 redirect=nowhere.example",
        "later.example TXT v=spf1 +all exists",
        "six.example TXT v=spf1 ip6:2001:db8::/32 a//64 unknown=%{d} -all",
    ]);
    for (domain, verdict) in [
        ("none.example", Verdict::None),
        ("nowhere.example", Verdict::None),
        ("localhost", Verdict::None),
        ("longer.example", Verdict::None),
        ("two.example", Verdict::PermError),
        ("neutral.example", Verdict::Neutral),
        ("soft.example", Verdict::SoftFail),
        ("trouble.example", Verdict::TempError),
        ("dns.example", Verdict::TempError),
        ("gone.example", Verdict::PermError),
        ("away.example", Verdict::PermError),
        ("later.example", Verdict::PermError),
        ("six.example", Verdict::Fail),
    ] {
        assert_eq!(checked(&zones, "203.0.113.66", &format!("x@{domain}")).verdict, verdict, "{domain}");
    }
}

#[test]
fn a_mistake_in_a_record_is_found() {
    for term in [
        "all:x",
        "include",
        "include:",
        "ip4:192.0.2",
        "ip4:192.0.2.1/33",
        "ip4:192.0.2.1/01",
        "ip6:x",
        "a:",
        "a/",
        "a:b.example/40",
        "a//129",
        "mx:-",
        "ptr:",
        "exists:a b",
        "foo",
        "redirect=",
        "redirect=1.2",
        "exp=%",
        "-",
        "x=%{q}",
        "a:b..",
        "redirect=a.example redirect=a.example",
    ] {
        let record = format!("a.example TXT v=spf1 {term} ip4:203.0.113.66");
        assert_eq!(checked(&zones(&[&record]), "203.0.113.66", "x@a.example").verdict, Verdict::PermError, "{term}");
    }
}

proptest! {
    #[test]
    fn any_record_has_a_result(text in "v=spf1( [-+~?]?(a|mx|ptr|all|include|exists|ip4|ip6|exp|redirect)?[:=/]?[%{}a-z0-9./:=-]{0,12}){0,6}") {
        let record = format!("a.example TXT {text}");
        checked(&zones(&[&record]), "203.0.113.66", "x@a.example");
    }

    #[test]
    fn any_text_is_a_record_or_not(text in "\\PC*") {
        let _ = super::record::Record::read(&text);
        let _ = super::record::is_record(&text);
        let _ = MacroString::read(&text, Use::Explanation);
    }
}
