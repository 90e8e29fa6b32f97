//! The resolver against the server, with the network in between played by the test.

use proptest::prelude::*;

use super::*;
use crate::dns::{Record, RecordData, RecordType, Zone, Zones, server};

const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 153);

fn record(name: &str, ttl: u32, data: RecordData) -> Record {
    Record { name: name.to_owned(), ttl, data }
}

fn a(name: &str, ttl: u32, last: u8) -> Record {
    record(name, ttl, RecordData::A(Ipv4Addr::new(198, 51, 100, last)))
}

fn zones() -> Zones {
    let zone = |origin: &str, records| Zone { origin: origin.to_owned(), records };
    Zones {
        zones: vec![
            zone(
                "b.example",
                vec![
                    record("b.example", 3600, RecordData::Mx(10, "mx1.b.example".to_owned())),
                    a("mx1.b.example", 60, 26),
                    a("zero.b.example", 0, 5),
                    record("www.b.example", 30, RecordData::Cname("mx1.b.example".to_owned())),
                    record("away.b.example", 30, RecordData::Cname("host.d.example".to_owned())),
                    record("dead.b.example", 30, RecordData::Cname("nobody.b.example".to_owned())),
                ],
            ),
            zone("c.example", vec![record("c.example", 3600, RecordData::Mx(0, String::new()))]),
        ],
    }
}

fn resolver() -> Resolver {
    Resolver::new(SERVER, Seed::new(7).child("mail.a").child("dns"))
}

fn question(name: &str, rtype: RecordType) -> Question {
    Question::new(name, rtype)
}

fn at(seconds: u64) -> Instant {
    Instant::from_secs(seconds)
}

/// A query on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sent {
    port: u16,
    bytes: Vec<u8>,
}

impl Sent {
    fn id(&self) -> u16 {
        u16::from_be_bytes([self.bytes[0], self.bytes[1]])
    }
}

/// All outputs up to `Wait`: queries, answers, and everything as lines.
#[derive(Default, Debug)]
struct Round {
    sent: Vec<Sent>,
    streams: Vec<(StreamId, Vec<u8>)>,
    answered: Vec<(QueryId, Answer)>,
    told: Vec<String>,
    wait: Option<Instant>,
}

fn round(resolver: &mut Resolver) -> Round {
    let mut round = Round::default();
    loop {
        match resolver.poll() {
            Output::Datagram { to, to_port, from_port, bytes } => {
                assert_eq!((to, to_port), (SERVER, 53));
                assert!(from_port >= 49152);
                round.sent.push(Sent { port: from_port, bytes });
            }
            Output::Stream { to, to_port, stream, bytes } => {
                assert_eq!((to, to_port), (SERVER, 53));
                round.streams.push((stream, bytes));
            }
            Output::Answered { query, answer } => {
                round.told.push(format!("answered {}", query.0));
                round.answered.push((query, answer));
            }
            Output::Event(event) => round.told.push(match event {
                Event::Query { name, rtype, attempt, .. } => format!("query {rtype} {name} #{attempt}"),
                Event::Answer { name, rtype, rcode, answers, .. } => {
                    format!("answer {rtype} {name} {rcode} {}", answers.len())
                }
                Event::Cached { name, rtype, left, .. } => format!("cached {rtype} {name} for {left}"),
                Event::Ignored { reason, .. } => format!("ignored: {reason}"),
                Event::Truncated { name, rtype, .. } => format!("truncated {rtype} {name}"),
                Event::TimedOut { name, rtype, attempts, .. } => format!("timed out {rtype} {name} after {attempts}"),
            }),
            Output::Wait(wait) => {
                round.wait = wait;
                return round;
            }
        }
    }
}

fn reply(zones: &Zones, sent: &Sent) -> Vec<u8> {
    server::answer(zones, &sent.bytes).unwrap()
}

/// Looks `name` up and lets the server answer at once.
fn resolved(resolver: &mut Resolver, now: Instant, name: &str, rtype: RecordType) -> Answer {
    match resolver.lookup(now, question(name, rtype)) {
        Lookup::Known(answer) => {
            round(resolver);
            answer
        }
        Lookup::Asked(id) => {
            let sent = round(resolver).sent.remove(0);
            resolver.handle_datagram(now, (SERVER, 53), sent.port, &reply(&zones(), &sent));
            let (query, answer) = round(resolver).answered.remove(0);
            assert_eq!(query, id);
            answer
        }
    }
}

#[test]
fn a_question_goes_out_and_its_answer_comes_back() {
    let mut r = resolver();
    let Lookup::Asked(id) = r.lookup(at(0), question("B.Example.", RecordType::Mx)) else { panic!("not asked") };
    let asked = round(&mut r);
    assert_eq!(asked.told, ["query MX b.example #1"]);
    assert_eq!(asked.wait, Some(at(2)));
    let [sent] = asked.sent.as_slice() else { panic!("one datagram") };
    assert!(r.listens_on(sent.port) && !r.listens_on(sent.port ^ 1));
    // RD; one question: 1 b 7 example 0, MX, IN.
    assert_eq!(sent.bytes[2..], *b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01b\x07example\x00\x00\x0f\x00\x01");

    r.handle_datagram(at(1), (SERVER, 53), sent.port, &reply(&zones(), sent));
    let done = round(&mut r);
    assert_eq!(done.told, ["answer MX b.example NOERROR 1", "answered 0"]);
    let mx = record("b.example", 3600, RecordData::Mx(10, "mx1.b.example".to_owned()));
    let answer = Answer { result: Ok(vec![mx]), additional: vec![a("mx1.b.example", 60, 26)] };
    assert_eq!(done.answered, [(id, answer)]);
    assert_eq!(done.wait, None);
    assert!(!r.listens_on(sent.port));
}

#[test]
fn null_mx_nxdomain_and_no_data_are_three_things() {
    let mut r = resolver();
    let null = record("c.example", 3600, RecordData::Mx(0, String::new()));
    assert_eq!(resolved(&mut r, at(0), "c.example", RecordType::Mx).result, Ok(vec![null]));
    assert_eq!(resolved(&mut r, at(0), "z.b.example", RecordType::Mx).result, Err(Failure::NxDomain));
    assert_eq!(resolved(&mut r, at(0), "mx1.b.example", RecordType::Mx).result, Err(Failure::NoData));
    assert_eq!(resolved(&mut r, at(0), "a.test", RecordType::Mx).result, Err(Failure::ServFail)); // refused
}

#[test]
fn a_lost_question_is_asked_again_after_2_and_4_seconds() {
    let mut r = resolver();
    r.lookup(at(0), question("b.example", RecordType::Mx));
    let first = round(&mut r);
    r.handle_timeout(Instant::from_millis(1999)); // early calls are harmless
    assert!(round(&mut r).sent.is_empty());
    r.handle_timeout(at(2));
    let second = round(&mut r);
    assert_eq!((second.told.as_slice(), second.wait), (&["query MX b.example #2".to_owned()][..], Some(at(6))));
    assert_eq!(second.sent, first.sent);
    r.handle_timeout(at(6));
    let third = round(&mut r);
    assert_eq!((third.told.as_slice(), third.wait), (&["query MX b.example #3".to_owned()][..], Some(at(14))));
    // The answer to the first attempt, very late, is as good as any.
    r.handle_datagram(at(7), (SERVER, 53), first.sent[0].port, &reply(&zones(), &first.sent[0]));
    assert!(round(&mut r).answered[0].1.result.is_ok());
}

#[test]
fn when_nobody_answers_the_resolver_gives_up_after_14_seconds() {
    let mut r = resolver();
    r.lookup(at(0), question("b.example", RecordType::Mx));
    for seconds in [2, 6] {
        r.handle_timeout(at(seconds));
    }
    round(&mut r);
    r.handle_timeout(at(14));
    let end = round(&mut r);
    assert_eq!(end.told, ["timed out MX b.example after 3", "answered 0"]);
    assert_eq!(end.answered[0].1.result, Err(Failure::Timeout));
    assert_eq!(end.wait, None);
    // A time-out is not remembered.
    assert!(matches!(r.lookup(at(14), question("b.example", RecordType::Mx)), Lookup::Asked(_)));
}

#[test]
fn a_forged_answer_is_not_heard() {
    let mut r = resolver();
    r.lookup(at(0), question("mx1.b.example", RecordType::A));
    let sent = round(&mut r).sent.remove(0);
    let right = reply(&zones(), &sent);
    let mut ignored = |from, port, bytes: &[u8]| {
        r.handle_datagram(at(1), from, port, bytes);
        let round = round(&mut r);
        assert!(round.answered.is_empty());
        round.told.join("")
    };
    let mallory = (Ipv4Addr::new(203, 0, 113, 66), 53);
    assert_eq!(ignored(mallory, sent.port, &right), "ignored: it does not come from the name server that was asked");
    assert_eq!(
        ignored((SERVER, 54), sent.port, &right),
        "ignored: it does not come from the name server that was asked"
    );
    assert_eq!(ignored((SERVER, 53), sent.port ^ 1, &right), "ignored: no question waits for an answer on this port");
    let mut other_id = right.clone();
    other_id[1] ^= 1;
    assert_eq!(ignored((SERVER, 53), sent.port, &other_id), "ignored: its id is not the id of the question");
    let mut other_name = right.clone();
    other_name[13] ^= 1; // "lx1" for "mx1"
    assert_eq!(ignored((SERVER, 53), sent.port, &other_name), "ignored: it answers another question");
    assert_eq!(ignored((SERVER, 53), sent.port, &sent.bytes), "ignored: it is not a DNS response");
    assert_eq!(ignored((SERVER, 53), sent.port, &right[..20]), "ignored: it is not a DNS response");
    r.handle_datagram(at(1), (SERVER, 53), sent.port, &right);
    assert!(round(&mut r).answered[0].1.result.is_ok());
}

#[test]
fn an_answer_is_remembered_for_exactly_its_ttl() {
    let mut r = resolver();
    resolved(&mut r, at(100), "mx1.b.example", RecordType::A);
    let Lookup::Known(answer) = r.lookup(Instant::from_millis(110_500), question("mx1.b.example", RecordType::A))
    else {
        panic!("not known")
    };
    assert_eq!(answer.result, Ok(vec![a("mx1.b.example", 50, 26)])); // ten whole seconds older
    assert_eq!(round(&mut r).told, ["cached A mx1.b.example for 49.500 s"]);
    let last = Instant::from_nanos(160_000_000_000 - 1);
    assert!(matches!(r.lookup(last, question("mx1.b.example", RecordType::A)), Lookup::Known(_)));
    assert!(matches!(r.lookup(at(160), question("mx1.b.example", RecordType::A)), Lookup::Asked(_)));
}

#[test]
fn there_is_no_such_name_is_remembered_for_the_minimum_of_the_zone_and_for_every_type() {
    let mut r = resolver();
    resolved(&mut r, at(0), "z.b.example", RecordType::Mx);
    let known = Lookup::Known(Answer::failed(Failure::NxDomain));
    assert_eq!(r.lookup(at(299), question("z.b.example", RecordType::A)), known);
    assert!(matches!(r.lookup(at(300), question("z.b.example", RecordType::A)), Lookup::Asked(_)));
    // No such record: for this type only.
    let mut r = resolver();
    resolved(&mut r, at(0), "mx1.b.example", RecordType::Mx);
    let known = Lookup::Known(Answer::failed(Failure::NoData));
    assert_eq!(r.lookup(at(299), question("mx1.b.example", RecordType::Mx)), known);
    assert!(matches!(r.lookup(at(299), question("mx1.b.example", RecordType::A)), Lookup::Asked(_)));
}

#[test]
fn a_ttl_of_zero_is_for_this_once() {
    let mut r = resolver();
    assert!(resolved(&mut r, at(0), "zero.b.example", RecordType::A).result.is_ok());
    assert!(matches!(r.lookup(at(0), question("zero.b.example", RecordType::A)), Lookup::Asked(_)));
}

#[test]
fn a_cname_is_followed_and_the_shortest_ttl_on_the_way_counts() {
    let mut r = resolver();
    let answer = resolved(&mut r, at(0), "www.b.example", RecordType::A);
    assert_eq!(answer.result, Ok(vec![a("mx1.b.example", 60, 26)]));
    assert!(matches!(r.lookup(at(29), question("www.b.example", RecordType::A)), Lookup::Known(_)));
    assert!(matches!(r.lookup(at(30), question("www.b.example", RecordType::A)), Lookup::Asked(_)));
}

#[test]
fn a_cname_whose_target_does_not_exist_is_still_a_cname() {
    let mut r = resolver();
    assert_eq!(resolved(&mut r, at(0), "dead.b.example", RecordType::A).result, Err(Failure::NxDomain));
    let cname = record("dead.b.example", 30, RecordData::Cname("nobody.b.example".to_owned()));
    assert_eq!(resolved(&mut r, at(0), "dead.b.example", RecordType::Cname).result, Ok(vec![cname]));
}

#[test]
fn a_cname_that_leads_away_is_asked_for_under_its_other_name() {
    let mut r = resolver();
    let Lookup::Asked(id) = r.lookup(at(0), question("away.b.example", RecordType::A)) else { panic!("not asked") };
    let first = round(&mut r).sent.remove(0);
    r.handle_datagram(at(1), (SERVER, 53), first.port, &reply(&zones(), &first));
    let again = round(&mut r);
    assert_eq!(again.told, ["answer A away.b.example NOERROR 1", "query A host.d.example #1"]);
    assert_eq!(again.wait, Some(at(3)));
    let other =
        Zones { zones: vec![Zone { origin: "d.example".to_owned(), records: vec![a("host.d.example", 3600, 44)] }] };
    let second = &again.sent[0];
    assert_ne!((first.port, first.id()), (second.port, second.id()));
    r.handle_datagram(at(2), (SERVER, 53), second.port, &reply(&other, second));
    let done = round(&mut r);
    assert_eq!(done.answered, [(id, Answer { result: Ok(vec![a("host.d.example", 3600, 44)]), additional: vec![] })]);
    // Remembered for the 30 s of the CNAME.
    assert!(matches!(r.lookup(at(31), question("away.b.example", RecordType::A)), Lookup::Known(_)));
    assert!(matches!(r.lookup(at(32), question("away.b.example", RecordType::A)), Lookup::Asked(_)));
}

#[test]
fn the_same_question_twice_is_asked_once_and_answered_twice() {
    let mut r = resolver();
    let first = r.lookup(at(0), question("b.example", RecordType::Mx));
    let second = r.lookup(at(1), question("b.example", RecordType::Mx));
    let other = r.lookup(at(1), question("b.example", RecordType::Txt));
    assert_eq!([first, second, other], [0, 1, 2].map(|n| Lookup::Asked(QueryId(n))));
    let asked = round(&mut r);
    assert_eq!(asked.told, ["query MX b.example #1", "query TXT b.example #1"]);
    // Answers may come in any order.
    for sent in asked.sent.iter().rev() {
        r.handle_datagram(at(1), (SERVER, 53), sent.port, &reply(&zones(), sent));
    }
    let done = round(&mut r);
    assert_eq!(
        done.told,
        ["answer TXT b.example NOERROR 0", "answered 2", "answer MX b.example NOERROR 1", "answered 0", "answered 1"]
    );
}

#[test]
fn a_name_that_no_message_can_hold_does_not_exist() {
    let mut r = resolver();
    for name in ["a..example", &"x".repeat(64), &["x"; 130].join(".")] {
        assert_eq!(
            r.lookup(at(0), question(name, RecordType::Mx)),
            Lookup::Known(Answer::failed(Failure::NxDomain)),
            "{name}"
        );
    }
    assert!(round(&mut r).sent.is_empty());
    // The longest name: 255 bytes with the length of each label and the root.
    let longest = ["a", "b", "c"].map(|l| l.repeat(63)).join(".") + "." + &"d".repeat(61);
    assert!(matches!(r.lookup(at(0), question(&longest, RecordType::Mx)), Lookup::Asked(_)));
    assert_eq!(round(&mut r).sent[0].bytes.len(), 12 + 255 + 4);
}

#[test]
fn an_answer_that_was_cut_is_asked_for_by_tcp_and_remembered() {
    let records = (0..60).map(|i| record("b.example", 3600, RecordData::Txt(vec![format!("text number {i}")])));
    let zones = Zones { zones: vec![Zone { origin: "b.example".to_owned(), records: records.collect() }] };
    let mut r = resolver();
    r.lookup(at(0), question("b.example", RecordType::Txt));
    let sent = round(&mut r).sent.remove(0);
    r.handle_datagram(at(0), (SERVER, 53), sent.port, &reply(&zones, &sent));
    let cut = round(&mut r);
    assert_eq!(cut.told, ["truncated TXT b.example"]);
    let (stream, query) = &cut.streams[0];
    assert_eq!(*query, sent.bytes);
    // The datagram once more is nobody's.
    assert!(!r.listens_on(sent.port));
    r.handle_datagram(at(0), (SERVER, 53), sent.port, &reply(&zones, &sent));
    assert_eq!(round(&mut r).told, ["ignored: no question waits for an answer on this port"]);
    let whole = server::answer_stream(&zones, &server::Policy::default(), query).unwrap();
    r.handle_stream(at(1), *stream, Some(&whole));
    let records = round(&mut r).answered.remove(0).1.result.unwrap();
    assert_eq!(records.len(), 60);
    assert!(matches!(r.lookup(at(2), question("b.example", RecordType::Txt)), Lookup::Known(_)));
}

#[test]
fn without_an_answer_by_tcp_the_question_is_given_up() {
    let records = (0..60).map(|i| record("b.example", 3600, RecordData::Txt(vec![format!("text number {i}")])));
    let zones = Zones { zones: vec![Zone { origin: "b.example".to_owned(), records: records.collect() }] };
    for how in 0..3 {
        let mut r = resolver();
        r.lookup(at(0), question("b.example", RecordType::Txt));
        let sent = round(&mut r).sent.remove(0);
        r.handle_datagram(at(0), (SERVER, 53), sent.port, &reply(&zones, &sent));
        let cut = round(&mut r);
        assert_eq!(cut.wait, Some(at(20)));
        match how {
            0 => r.handle_stream(at(1), cut.streams[0].0, None),
            1 => r.handle_stream(at(1), cut.streams[0].0, Some(b"rubbish")),
            _ => r.handle_timeout(at(20)),
        }
        let over = round(&mut r);
        assert_eq!(over.told, ["timed out TXT b.example after 1", "answered 0"]);
        assert_eq!(over.answered[0].1.result, Err(Failure::Timeout));
        assert_eq!(over.wait, None);
    }
}

#[test]
fn a_host_that_was_switched_off_has_forgotten_everything() {
    let mut r = resolver();
    resolved(&mut r, at(0), "mx1.b.example", RecordType::A);
    r.lookup(at(1), question("b.example", RecordType::Mx));
    let sent = round(&mut r).sent.remove(0);
    r.clear();
    assert_eq!(r.poll(), Output::Wait(None));
    r.handle_datagram(at(2), (SERVER, 53), sent.port, &reply(&zones(), &sent));
    assert_eq!(round(&mut r).told, ["ignored: no question waits for an answer on this port"]);
    assert!(matches!(r.lookup(at(2), question("mx1.b.example", RecordType::A)), Lookup::Asked(_)));
    // Not the same id and port as in the earlier life.
    r.lookup(at(2), question("b.example", RecordType::Mx));
    assert!(round(&mut r).sent.iter().all(|s| (s.port, s.id()) != (sent.port, sent.id())));
}

#[test]
fn ids_and_ports_depend_on_the_seed_alone() {
    let first = |seed| {
        let mut r = Resolver::new(SERVER, Seed::new(seed));
        r.lookup(at(0), question("b.example", RecordType::Mx));
        round(&mut r).sent.remove(0)
    };
    assert_eq!(first(1), first(1));
    assert_ne!(first(1), first(2));
}

#[test]
fn without_events_only_datagrams_and_answers_come_out() {
    let mut r = resolver();
    r.set_detail(Detail::Outcomes);
    r.lookup(at(0), question("b.example", RecordType::Mx));
    let sent = round(&mut r).sent.remove(0);
    r.handle_datagram(at(0), (SERVER, 53), sent.port, &reply(&zones(), &sent));
    r.lookup(at(0), question("b.example", RecordType::Mx));
    assert_eq!(round(&mut r).told, ["answered 0"]);
}

proptest! {
    #[test]
    fn no_datagram_makes_it_panic_or_answer_twice(
        noise in prop::collection::vec(any::<u8>(), 0..80),
        damage in prop::collection::vec((0usize..200, any::<u8>()), 0..4),
        keep_header in any::<bool>(),
    ) {
        let mut r = resolver();
        r.lookup(at(0), question("www.b.example", RecordType::A));
        let sent = round(&mut r).sent.remove(0);
        let mut bytes = if keep_header { reply(&zones(), &sent) } else { noise.clone() };
        for (i, to) in damage {
            let i = i % bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(i) {
                *byte = to;
            }
        }
        let mut answers = 0;
        for _ in 0..3 {
            r.handle_datagram(at(1), (SERVER, 53), sent.port, &bytes);
            answers += round(&mut r).answered.len();
        }
        prop_assert!(answers <= 1);
        for s in [2, 6, 14, 30, 60, 120] {
            r.handle_timeout(at(s));
            answers += round(&mut r).answered.len();
        }
        prop_assert_eq!(answers, 1);
        prop_assert_eq!(r.poll(), Output::Wait(None));
    }
}
