//! Questions and answers by value, in the spirit of RFC 1034 section 6.

use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;
use crate::dns::{self, Record, RecordData, RecordType, Summary, Zone};

fn record(name: &str, data: RecordData) -> Record {
    Record { name: name.to_owned(), ttl: 3600, data }
}

fn a(name: &str, last: u8) -> Record {
    record(name, RecordData::A(Ipv4Addr::new(198, 51, 100, last)))
}

fn mx(name: &str, preference: u16, host: &str) -> Record {
    record(name, RecordData::Mx(preference, host.to_owned()))
}

fn cname(name: &str, target: &str) -> Record {
    record(name, RecordData::Cname(target.to_owned()))
}

fn ns(name: &str, host: &str) -> Record {
    record(name, RecordData::Ns(host.to_owned()))
}

fn zones() -> Zones {
    let zone = |origin: &str, records| Zone { origin: origin.to_owned(), records };
    Zones {
        zones: vec![
            zone("example", vec![ns("far.example", "ns.far.example"), a("ns.far.example", 99)]),
            zone(
                "b.example",
                vec![
                    mx("b.example", 10, "mx1.b.example"),
                    mx("b.example", 20, "mx2.b.example"),
                    a("b.example", 80),
                    a("mx1.b.example", 26),
                    a("mx2.b.example", 27),
                    cname("www.b.example", "b.example"),
                    cname("gone.b.example", "nowhere.b.example"),
                    cname("away.b.example", "www.elsewhere.test"),
                    cname("ring.b.example", "gnir.b.example"),
                    cname("gnir.b.example", "ring.b.example"),
                    record("b.example", RecordData::Txt(vec!["v=spf1 mx -all".to_owned()])),
                    a("host.deep.b.example", 7),
                    a("*.any.b.example", 8),
                ],
            ),
            zone("c.example", vec![mx("c.example", 0, "")]),
            zone(
                "100.51.198.in-addr.arpa",
                vec![record("26.100.51.198.in-addr.arpa", RecordData::Ptr("mx1.b.example".to_owned()))],
            ),
        ],
    }
}

fn query(name: &str, rtype: RecordType) -> Message {
    let mut message = Message::new(0x1234, hickory_proto::op::MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(super::super::wire::name(name).unwrap(), rtype.number().into()));
    message
}

fn ask(name: &str, rtype: RecordType) -> Summary {
    dns::read(&answer(&zones(), &query(name, rtype).to_vec().unwrap()).unwrap()).unwrap()
}

fn lines(entries: &[dns::Entry]) -> Vec<String> {
    entries.iter().map(|e| format!("{} {} {} {}", e.name, e.ttl, e.rtype, e.data)).collect()
}

fn soa(origin: &str) -> Vec<String> {
    vec![format!("{origin} 300 SOA {origin} hostmaster.{origin} 1 3600 600 604800 300")]
}

#[test]
fn the_question_and_the_answer_on_the_wire() {
    // Header: id, RD; one question. Then 1 b 7 example 0, MX, IN.
    let question = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01c\x07example\x00\x00\x0f\x00\x01";
    let response = answer(&zones(), question).unwrap();
    // QR, AA, RD; RA, NOERROR; one question, one answer. The answer's name points to byte 12; TTL 3600;
    // three bytes of data: preference 0 and the root (RFC 7505).
    let expected = b"\x12\x34\x85\x80\x00\x01\x00\x01\x00\x00\x00\x00\x01c\x07example\x00\x00\x0f\x00\x01\
        \xc0\x0c\x00\x0f\x00\x01\x00\x00\x0e\x10\x00\x03\x00\x00\x00";
    assert_eq!(response, expected);
}

#[test]
fn mail_exchanges_come_with_the_addresses_of_their_hosts() {
    let r = ask("b.example", RecordType::Mx);
    assert_eq!((r.id, r.response, r.code), (0x1234, true, dns::ResponseCode::NoError));
    assert!(r.authoritative && r.recursion_desired && r.recursion_available && !r.truncated);
    assert_eq!(r.questions, [("b.example".to_owned(), RecordType::Mx)]);
    assert_eq!(lines(&r.answers), ["b.example 3600 MX 10 mx1.b.example", "b.example 3600 MX 20 mx2.b.example"]);
    assert_eq!(lines(&r.additionals), ["mx1.b.example 3600 A 198.51.100.26", "mx2.b.example 3600 A 198.51.100.27"]);
    assert_eq!(r.to_string(), "response MX b.example: b.example MX 10 mx1.b.example, b.example MX 20 mx2.b.example");
}

#[test]
fn a_domain_without_mail_says_so_with_a_null_mx() {
    let r = ask("c.example", RecordType::Mx);
    assert_eq!(lines(&r.answers), ["c.example 3600 MX 0 ."]);
    assert!(r.additionals.is_empty());
}

#[test]
fn a_name_that_does_not_exist_gives_nxdomain_and_how_long_that_is_true() {
    let r = ask("z.b.example", RecordType::A);
    assert_eq!(r.code, dns::ResponseCode::NxDomain);
    assert!(r.authoritative && r.answers.is_empty());
    assert_eq!(lines(&r.authorities), soa("b.example"));
    assert_eq!(r.to_string(), "response A z.b.example: NXDOMAIN");
}

#[test]
fn a_name_without_the_asked_type_gives_no_error_and_no_answer() {
    for (name, rtype) in [
        ("mx1.b.example", RecordType::Mx),
        ("mx1.b.example", RecordType::Aaaa),
        ("deep.b.example", RecordType::A), // has no record at all, but a name below it has
    ] {
        let r = ask(name, rtype);
        assert_eq!((r.code, r.answers.len()), (dns::ResponseCode::NoError, 0), "{name}");
        assert_eq!(lines(&r.authorities), soa("b.example"), "{name}");
    }
}

#[test]
fn a_cname_is_followed_and_told() {
    let r = ask("www.b.example", RecordType::A);
    assert_eq!(lines(&r.answers), ["www.b.example 3600 CNAME b.example", "b.example 3600 A 198.51.100.80"]);
    let r = ask("www.b.example", RecordType::Cname);
    assert_eq!(lines(&r.answers), ["www.b.example 3600 CNAME b.example"]);
}

#[test]
fn a_cname_to_nothing_is_nxdomain_and_one_that_leads_away_is_all_we_have() {
    let r = ask("gone.b.example", RecordType::A);
    assert_eq!(r.code, dns::ResponseCode::NxDomain);
    assert_eq!(lines(&r.answers), ["gone.b.example 3600 CNAME nowhere.b.example"]);
    assert_eq!(lines(&r.authorities), soa("b.example"));
    let r = ask("away.b.example", RecordType::A);
    assert_eq!((r.code, r.authorities.len()), (dns::ResponseCode::NoError, 0));
    assert_eq!(lines(&r.answers), ["away.b.example 3600 CNAME www.elsewhere.test"]);
}

#[test]
fn names_that_are_one_anothers_cname_are_a_failure() {
    let r = ask("ring.b.example", RecordType::A);
    assert_eq!((r.code, r.answers.len()), (dns::ResponseCode::ServFail, 0));
}

#[test]
fn addresses_have_names_and_zones_have_a_start() {
    let r = ask("26.100.51.198.in-addr.arpa", RecordType::Ptr);
    assert_eq!(lines(&r.answers), ["26.100.51.198.in-addr.arpa 3600 PTR mx1.b.example"]);
    let r = ask("b.example", RecordType::Soa);
    assert_eq!(lines(&r.answers), ["b.example 3600 SOA b.example hostmaster.b.example 1 3600 600 604800 300"]);
    let r = ask("b.example", RecordType::Txt);
    assert_eq!(lines(&r.answers), [r#"b.example 3600 TXT "v=spf1 mx -all""#]);
    assert_eq!(ask("b.example", RecordType::Any).answers.len(), 5);
}

#[test]
fn a_name_below_a_delegation_is_referred_to_its_name_server() {
    let r = ask("www.far.example", RecordType::A);
    assert_eq!((r.code, r.authoritative, r.answers.len()), (dns::ResponseCode::NoError, false, 0));
    assert_eq!(lines(&r.authorities), ["far.example 3600 NS ns.far.example"]);
    assert_eq!(lines(&r.additionals), ["ns.far.example 3600 A 198.51.100.99"]);
}

#[test]
fn a_star_stands_in_for_names_that_do_not_exist() {
    let r = ask("x.y.any.b.example", RecordType::A);
    assert_eq!(lines(&r.answers), ["x.y.any.b.example 3600 A 198.51.100.8"]);
    assert_eq!(ask("any.b.example", RecordType::A).answers.len(), 0);
}

#[test]
fn names_outside_all_zones_are_refused() {
    let r = ask("a.test", RecordType::A);
    assert_eq!((r.code, r.authoritative), (dns::ResponseCode::Refused, false));
    let mut chaos = query("b.example", RecordType::Txt);
    chaos.queries[0].set_query_class(DNSClass::CH);
    let r = dns::read(&answer(&zones(), &chaos.to_vec().unwrap()).unwrap()).unwrap();
    assert_eq!(r.code, dns::ResponseCode::Refused);
}

#[test]
fn the_question_comes_back_in_the_letters_in_which_it_was_asked() {
    let question = b"\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03MX1\x01B\x07Example\x00\x00\x01\x00\x01";
    let response = answer(&zones(), question).unwrap();
    assert_eq!(response[12..question.len()], question[12..]);
    assert_eq!(lines(&dns::read(&response).unwrap().answers), ["mx1.b.example 3600 A 198.51.100.26"]);
}

#[test]
fn other_kinds_of_question_are_not_implemented() {
    let mut status = query("b.example", RecordType::A);
    status.metadata.op_code = OpCode::Status;
    let r = dns::read(&answer(&zones(), &status.to_vec().unwrap()).unwrap()).unwrap();
    assert_eq!((r.id, r.opcode, r.code), (0x1234, 2, dns::ResponseCode::NotImp));
    assert_eq!(r.questions, [("b.example".to_owned(), RecordType::A)]);
    assert_eq!(ask("b.example", RecordType::Other(252)).code, dns::ResponseCode::NotImp); // AXFR
}

#[test]
fn what_cannot_be_read_is_a_format_error_if_it_has_a_header() {
    let cut = &query("b.example", RecordType::A).to_vec().unwrap()[..15];
    let r = dns::read(&answer(&zones(), cut).unwrap()).unwrap();
    assert_eq!((r.id, r.code, r.questions.len()), (0x1234, dns::ResponseCode::FormErr, 0));
    assert_eq!(answer(&zones(), &cut[..11]), None);
    let two = {
        let mut m = query("b.example", RecordType::A);
        m.queries.push(m.queries[0].clone());
        m.to_vec().unwrap()
    };
    assert_eq!(dns::read(&answer(&zones(), &two).unwrap()).unwrap().code, dns::ResponseCode::FormErr);
}

#[test]
fn a_response_is_never_answered() {
    let response = answer(&zones(), &query("b.example", RecordType::A).to_vec().unwrap()).unwrap();
    assert_eq!(answer(&zones(), &response), None);
}

#[test]
fn a_server_in_trouble_fails_for_the_names_it_is_told_to() {
    let policy =
        Policy { failing: BTreeSet::from(["b.example".to_owned()]), recursion_available: false, ..Policy::default() };
    let ask = |name| {
        let query = query(name, RecordType::Mx).to_vec().unwrap();
        dns::read(&answer_with(&zones(), &policy, &query).unwrap()).unwrap()
    };
    assert_eq!(ask("b.example").code, dns::ResponseCode::ServFail);
    assert_eq!(ask("mx1.b.example").code, dns::ResponseCode::ServFail);
    assert_eq!(ask("c.example").code, dns::ResponseCode::NoError);
    assert!(!ask("c.example").recursion_available);
}

/// `n` hosts with an MX record each.
fn crowded(n: u8) -> Zones {
    let mut records = Vec::new();
    for i in 0..n {
        let host = format!("a-rather-long-name-of-host-number-{i}.b.example");
        records.push(mx("b.example", 10, &host));
        records.push(a(&host, i));
    }
    Zones { zones: vec![Zone { origin: "b.example".to_owned(), records }] }
}

#[test]
fn a_response_has_at_most_512_bytes_and_loses_help_before_answers() {
    let query = query("b.example", RecordType::Mx).to_vec().unwrap();
    let bytes = answer(&crowded(9), &query).unwrap();
    let r = dns::read(&bytes).unwrap();
    assert!(bytes.len() <= 512);
    assert_eq!((r.answers.len(), r.additionals.len(), r.truncated), (9, 0, false));

    let bytes = answer(&crowded(20), &query).unwrap();
    let r = dns::read(&bytes).unwrap();
    assert!(bytes.len() <= 512 && r.truncated);
    assert!((1..20).contains(&r.answers.len()));
}

#[test]
fn an_asker_with_room_gets_a_larger_response() {
    let mut question = query("b.example", RecordType::Mx);
    let mut edns = hickory_proto::op::Edns::new();
    edns.set_max_payload(4096).set_version(0);
    question.set_edns(edns.clone());
    let bytes = answer(&crowded(18), &question.to_vec().unwrap()).unwrap();
    assert!((512..=1232).contains(&bytes.len()));
    let reply = Message::from_vec(&bytes).unwrap();
    assert_eq!((reply.answers.len(), reply.metadata.truncation), (18, false));
    assert_eq!(reply.edns.unwrap().max_payload(), 1232);

    edns.set_version(1);
    question.set_edns(edns);
    let reply = Message::from_vec(&answer(&zones(), &question.to_vec().unwrap()).unwrap()).unwrap();
    assert_eq!(u16::from(reply.metadata.response_code), 16); // BADVERS
}

proptest! {
    #[test]
    fn any_bytes_get_a_readable_answer_or_none(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Some(reply) = answer(&zones(), &bytes) {
            prop_assert!(reply.len() <= 1232);
            let summary = dns::read(&reply).unwrap();
            prop_assert_eq!(summary.id, u16::from_be_bytes([bytes[0], bytes[1]]));
            prop_assert!(summary.response);
        }
        // Telling a message must not fail in any other way than by an error.
        let _ = dns::read(&bytes).map(|s| s.to_string());
    }

    #[test]
    fn a_damaged_question_is_answered_or_refused(at in 2usize..40, to in any::<u8>()) {
        let mut bytes = query("www.b.example", RecordType::Mx).to_vec().unwrap();
        let at = at % bytes.len();
        bytes[at] = to;
        if let Some(reply) = answer(&zones(), &bytes) {
            prop_assert!(dns::read(&reply).is_ok());
        }
    }
}
