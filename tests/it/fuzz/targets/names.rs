//! DNS: messages, the server by datagram and by stream, the resolver.

use std::net::Ipv4Addr;

use mailpath::dns::resolver::{Lookup, Output, Question, Resolver};
use mailpath::dns::server::{Policy, answer, answer_stream};
use mailpath::dns::{self, Record, RecordData, RecordType, Zone, Zones, stream};
use mailpath::rng::Seed;
use mailpath::time::{Duration, Instant};

use super::wire::{Use, play};

fn zones() -> Zones {
    let record = |name: &str, data| Record { name: name.to_owned(), ttl: 3600, data };
    let address = |n| RecordData::A(Ipv4Addr::new(198, 51, 100, n));
    let mut records = vec![
        record("b.example", RecordData::Mx(10, "mail.b.example".into())),
        record("b.example", RecordData::Txt(vec!["v=spf1 mx -all".into()])),
        record("www.b.example", RecordData::Cname("web.b.example".into())),
        record("web.b.example", address(80)),
        record("mail.b.example", address(25)),
        record("loop.b.example", RecordData::Cname("loop.b.example".into())),
    ];
    records.extend((0..60).map(|n| record("many.b.example", RecordData::Txt(vec![format!("{n} {}", "x".repeat(40))]))));
    Zones { zones: vec![Zone { origin: "b.example".into(), records }] }
}

pub fn message(data: &[u8]) {
    if let Ok(summary) = dns::read(data) {
        let _ = format!("{summary:?}");
    }
}

/// A query of ours for this name and type.
fn query(name: &str, rtype: RecordType) -> Vec<u8> {
    let mut resolver = Resolver::new(Ipv4Addr::new(198, 51, 100, 53), Seed::new(1));
    resolver.lookup(Instant::ZERO, Question::new(name, rtype));
    loop {
        match resolver.poll() {
            Output::Datagram { bytes, .. } => return bytes,
            Output::Wait(_) => return Vec::new(),
            _ => {}
        }
    }
}

pub fn message_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (name, rtype) in [
        ("b.example", RecordType::Mx),
        ("b.example", RecordType::Txt),
        ("www.b.example", RecordType::A),
        ("many.b.example", RecordType::Txt),
        ("none.b.example", RecordType::A),
        ("loop.b.example", RecordType::A),
    ] {
        let query = query(name, rtype);
        seeds.extend(answer(&zones(), &query));
        seeds.extend(answer_stream(&zones(), &Policy::default(), &query));
        seeds.push(query);
    }
    seeds
}

/// What the server answers can be read, is no longer than a datagram may be, and answers this question.
pub fn server(data: &[u8]) {
    let zones = zones();
    if let Some(response) = answer(&zones, data) {
        assert!(response.len() <= 1232 || data.len() > 12, "{}", response.len());
        assert_eq!(response[..2], data[..2], "the id is the question's");
        assert!(response[2] & 0x80 != 0, "a response");
        dns::read(&response).expect("what the server says can be read");
    }
    if let Some(response) = answer_stream(&zones, &Policy::default(), data) {
        assert_eq!(response[2] & 2, 0, "over TCP nothing is cut");
        dns::read(&response).expect("what the server says can be read");
    }
    let with = Use::of(data);
    let host = || -> Box<dyn FnMut(stream::Query) -> stream::Response> {
        let zones = self::zones();
        Box::new(move |stream::Query(query)| stream::Response(answer_stream(&zones, &Policy::default(), &query)))
    };
    play(&with, stream::Server::default, host);
    play(&with, || stream::Client::new(vec![0; 20]), || Box::new(|never| match never {}));
}

pub fn server_seeds() -> Vec<Vec<u8>> {
    let framed = |query: &Vec<u8>| {
        let length = (query.len() as u16).to_be_bytes();
        [&[0, 9][..], &length, query, &length, query].concat()
    };
    let mut seeds: Vec<Vec<u8>> = [("b.example", RecordType::Mx), ("many.b.example", RecordType::Txt)]
        .iter()
        .flat_map(|(name, rtype)| {
            let query = query(name, *rtype);
            [framed(&query), query]
        })
        .collect();
    seeds.push(query("www.b.example", RecordType::A));
    seeds
}

/// The resolver with any answer: its id and port are put right, or nothing would ever be looked at.
pub fn resolver(data: &[u8]) {
    let server = Ipv4Addr::new(198, 51, 100, 53);
    for rtype in [RecordType::A, RecordType::Mx, RecordType::Txt] {
        let mut resolver = Resolver::new(server, Seed::new(1));
        if let Lookup::Known(_) = resolver.lookup(Instant::ZERO, Question::new("www.b.example", rtype)) {
            panic!("nothing is known yet");
        }
        let mut now = Instant::ZERO;
        let (mut answered, mut rounds) = (0, 0);
        loop {
            match resolver.poll() {
                Output::Datagram { from_port, bytes, .. } => {
                    let mut response = data.to_vec();
                    for (to, from) in response.iter_mut().zip(&bytes[..2]) {
                        *to = *from;
                    }
                    resolver.handle_datagram(now, (server, dns::PORT), from_port, &response);
                }
                Output::Stream { stream, bytes, .. } => {
                    let mut response = data.to_vec();
                    for (to, from) in response.iter_mut().zip(&bytes[..2]) {
                        *to = *from;
                    }
                    resolver.handle_stream(now, stream, Some(&response));
                }
                Output::Answered { .. } => answered += 1,
                Output::Event(_) => {}
                Output::Wait(None) => break,
                Output::Wait(Some(at)) => {
                    now = now.max(at) + Duration::from_millis(1);
                    resolver.handle_timeout(now);
                }
            }
            rounds += 1;
            assert!(rounds < 10_000, "there is no end");
        }
        assert_eq!(answered, 1, "one answer for one question");
    }
}
