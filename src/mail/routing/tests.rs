use std::collections::BTreeMap;

use super::*;
use proptest::prelude::*;

fn own() -> Own {
    Own { host: "mail.a.example".into(), address: Ipv4Addr::new(192, 0, 2, 25) }
}

fn start(domain: &str) -> Route {
    Route::start(domain, own(), Seed::new(1))
}

fn ip(n: u8) -> Ipv4Addr {
    Ipv4Addr::new(198, 51, 100, n)
}

fn answer(result: Result<Vec<Record>, Failure>) -> Answer {
    Answer { result, additional: Vec::new() }
}

fn mx(list: &[(u16, &str)]) -> Answer {
    let record = |(p, host): &(u16, &str)| Record {
        name: "b.example".into(),
        ttl: 60,
        data: RecordData::Mx(*p, (*host).into()),
    };
    answer(Ok(list.iter().map(record).collect()))
}

fn a(list: &[u8]) -> Answer {
    let record = |n: &u8| Record { name: "x".into(), ttl: 60, data: RecordData::A(ip(*n)) };
    answer(Ok(list.iter().map(record).collect()))
}

fn failed(failure: Failure) -> Answer {
    answer(Err(failure))
}

/// Asks everything, answers from a list of (`MX b.example`, answer); the questions, and the end.
fn run(mut route: Route, answers: &[(&str, Answer)]) -> (Vec<String>, Result<Targets, RouteFailure>) {
    let mut asked = Vec::new();
    let mut open: Vec<Question> = Vec::new();
    loop {
        match route.poll() {
            Step::Ask(question) => {
                asked.push(format!("{} {}", question.rtype, question.name));
                open.push(question);
            }
            Step::Wait => {
                // The last question is answered first: the order of answers must not matter.
                let question = open.pop().expect("who waits has asked");
                let text = format!("{} {}", question.rtype, question.name);
                let (_, answer) = answers.iter().find(|(q, _)| *q == text).unwrap_or_else(|| panic!("{text}?"));
                route.answer(&question, answer);
            }
            Step::Done(result) => return (asked, result),
        }
    }
}

fn hosts(result: Result<Targets, RouteFailure>) -> Vec<String> {
    result.unwrap().into_iter().map(|t| format!("{} {} {}", t.preference, t.host, t.address)).collect()
}

fn permanent(result: Result<Targets, RouteFailure>) -> String {
    let failure = result.unwrap_err();
    assert!(failure.permanent, "{failure:?}");
    failure.reason
}

fn temporary(result: Result<Targets, RouteFailure>) -> String {
    let failure = result.unwrap_err();
    assert!(!failure.permanent, "{failure:?}");
    failure.reason
}

#[test]
fn the_lower_preference_is_tried_first_and_all_addresses_are_asked_before() {
    let answers = [
        ("MX b.example", mx(&[(20, "mx2.b.example"), (10, "MX1.b.example")])),
        ("A mx1.b.example", a(&[26])),
        ("A mx2.b.example", a(&[27, 28])),
    ];
    let (asked, result) = run(start("b.example"), &answers);
    assert_eq!(asked, ["MX b.example", "A mx1.b.example", "A mx2.b.example"]);
    let expected =
        ["10 mx1.b.example 198.51.100.26", "20 mx2.b.example 198.51.100.27", "20 mx2.b.example 198.51.100.28"];
    assert_eq!(hosts(result), expected);
}

#[test]
fn equal_preferences_share_the_load() {
    let answers = [
        ("MX b.example", mx(&[(10, "mx1.b.example"), (10, "mx2.b.example"), (20, "mx3.b.example")])),
        ("A mx1.b.example", a(&[26])),
        ("A mx2.b.example", a(&[27])),
        ("A mx3.b.example", a(&[28])),
    ];
    let mut first = [0; 2];
    for n in 0..200 {
        let route = Route::start("b.example", own(), Seed::new(n));
        let order = run(route.clone(), &answers).1.unwrap();
        assert_eq!(order, run(route, &answers).1.unwrap());
        assert_eq!(order[2].host, "mx3.b.example");
        first[usize::from(order[0].host == "mx2.b.example")] += 1;
    }
    assert!(first.iter().all(|n| *n > 70), "{first:?}");
}

#[test]
fn without_mx_the_domain_itself_is_the_host() {
    let answers = [("MX b.example", failed(Failure::NoData)), ("A b.example", a(&[80]))];
    let (asked, result) = run(start("B.example"), &answers);
    assert_eq!(asked, ["MX b.example", "A b.example"]);
    assert_eq!(hosts(result), ["0 b.example 198.51.100.80"]);
}

#[test]
fn without_mx_and_without_address_there_is_nobody() {
    let none = |f| run(start("b.example"), &[("MX b.example", failed(Failure::NoData)), ("A b.example", failed(f))]).1;
    assert_eq!(permanent(none(Failure::NoData)), "b.example has neither a mail server (MX) nor an address");
    temporary(none(Failure::Timeout));
}

#[test]
fn a_null_mx_says_that_no_mail_is_taken_and_nobody_is_asked_for_an_address() {
    let (asked, result) = run(start("b.example"), &[("MX b.example", mx(&[(0, "")]))]);
    assert_eq!(asked, ["MX b.example"]);
    assert_eq!(permanent(result), "b.example takes no mail (null MX)");
}

#[test]
fn a_domain_that_does_not_exist_is_given_up_and_a_silent_name_server_is_asked_again() {
    let mx = |f| run(start("b.example"), &[("MX b.example", failed(f))]).1;
    assert_eq!(permanent(mx(Failure::NxDomain)), "there is no domain b.example");
    temporary(mx(Failure::ServFail));
    temporary(mx(Failure::Timeout));
}

#[test]
fn a_mail_server_without_address_is_passed_over() {
    let with = |second: Answer| {
        let answers = [
            ("MX b.example", mx(&[(10, "mx1.b.example"), (20, "mx2.b.example")])),
            ("A mx1.b.example", failed(Failure::NxDomain)),
            ("A mx2.b.example", second),
        ];
        run(start("b.example"), &answers).1
    };
    assert_eq!(hosts(with(a(&[27]))), ["20 mx2.b.example 198.51.100.27"]);
    assert_eq!(permanent(with(failed(Failure::NoData))), "no mail server (MX) of b.example has an address");
    temporary(with(failed(Failure::Timeout)));
}

#[test]
fn a_backup_server_sends_only_to_better_ones() {
    let backup = || Route::start("b.example", Own { host: "mx2.b.example".into(), address: ip(27) }, Seed::new(1));
    let answers = [
        (
            "MX b.example",
            mx(&[(10, "mx1.b.example"), (20, "mx2.b.example"), (20, "mx3.b.example"), (30, "mx4.b.example")]),
        ),
        ("A mx1.b.example", a(&[26])),
    ];
    let (asked, result) = run(backup(), &answers);
    assert_eq!(asked, ["MX b.example", "A mx1.b.example"]);
    assert_eq!(hosts(result), ["10 mx1.b.example 198.51.100.26"]);

    let (_, result) = run(backup(), &[("MX b.example", mx(&[(10, "mx2.b.example"), (20, "mx3.b.example")]))]);
    assert_eq!(permanent(result), "mail for b.example loops back to this server");
}

#[test]
fn a_server_knows_itself_by_its_address_too() {
    let me = Own { host: "mail.b.example".into(), address: ip(26) };
    let answers = [
        ("MX b.example", mx(&[(10, "other-name.b.example"), (20, "mx2.b.example")])),
        ("A other-name.b.example", a(&[26])),
        ("A mx2.b.example", a(&[27])),
    ];
    permanent(run(Route::start("b.example", me, Seed::new(1)), &answers).1);
}

#[test]
fn an_address_literal_needs_no_question() {
    let (asked, result) = run(start("[198.51.100.9]"), &[]);
    assert!(asked.is_empty());
    assert_eq!(hosts(result), ["0 [198.51.100.9] 198.51.100.9"]);
    permanent(run(start("[IPv6:2001:db8::1]"), &[]).1);
    permanent(run(start("["), &[]).1);
    permanent(run(start("[192.0.2.25]"), &[]).1);
}

#[test]
fn a_table_gives_the_address_directly() {
    let table: BTreeMap<String, Ipv4Addr> = [("b.example".into(), ip(25)), ("a.example".into(), own().address)].into();
    assert_eq!(hosts(from_table("b.example", &table, &own())), ["0 b.example 198.51.100.25"]);
    assert_eq!(hosts(from_table("[198.51.100.9]", &table, &own())), ["0 [198.51.100.9] 198.51.100.9"]);
    assert_eq!(permanent(from_table("c.example", &table, &own())), "there is no domain c.example");
    permanent(from_table("a.example", &table, &own()));
}

proptest! {
    /// Whatever is answered, in whatever order, the search ends, asks nothing twice, and never leads home.
    #[test]
    fn every_search_ends(mxs in proptest::collection::vec((0u16..4, 0u8..6), 0..8), kinds in proptest::collection::vec(0u8..6, 8), seed: u64) {
        let list: Vec<(u16, String)> = mxs.iter().map(|(p, h)| (*p, if *h == 0 { "mail.a.example".into() } else { format!("mx{h}.b.example") })).collect();
        let list: Vec<(u16, &str)> = list.iter().map(|(p, h)| (*p, h.as_str())).collect();
        let mut route = Route::start("b.example", own(), Seed::new(seed));
        let mut asked: Vec<Question> = Vec::new();
        let mut open: Vec<Question> = Vec::new();
        for kind in kinds.iter().cycle().take(100) {
            match route.poll() {
                Step::Ask(q) => {
                    prop_assert!(!asked.contains(&q));
                    asked.push(q.clone());
                    open.push(q);
                }
                Step::Wait => {
                    prop_assert!(!open.is_empty());
                    let q = open.swap_remove(usize::from(*kind) % open.len());
                    let answer = match (kind, q.rtype) {
                        (0, _) => failed(Failure::NxDomain),
                        (1, _) => failed(Failure::Timeout),
                        (2, _) => failed(Failure::NoData),
                        (_, RecordType::Mx) if !list.is_empty() => mx(&list),
                        _ => a(&[*kind]),
                    };
                    route.answer(&q, &answer);
                }
                Step::Done(result) => {
                    if let Ok(targets) = result {
                        prop_assert!(!targets.is_empty());
                        prop_assert!(targets.iter().all(|t| t.address != own().address && t.host != own().host));
                        prop_assert!(targets.is_sorted_by_key(|t| t.preference));
                    }
                    return Ok(());
                }
            }
        }
        prop_assert!(false, "no end");
    }
}
