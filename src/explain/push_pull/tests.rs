//! The table, with every figure worked out once more from the bytes of the packets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::*;
use crate::explain::phases::conversations;
use crate::packet::{Ipv4, Tcp, TcpFlags, parse_ipv4, parse_tcp};
use crate::scenario::load_builtin;
use crate::sim::World;
use crate::time::Instant;
use crate::trace::{Level, What};

fn play(run: Option<&str>) -> World {
    let ready = load_builtin("push-and-pull").unwrap().ready(run).unwrap();
    let mut world = World::new(Arc::new(ready.setup), Level::All);
    world.run();
    world
}

fn table(world: &World) -> Comparison {
    push_pull(world.log(), &world.names(), &conversations(world.log())).unwrap()
}

/// What a capture at all hosts would show: segments as first put on a link, and as they reached their host.
struct Segment {
    sent: Instant,
    arrived: Option<Instant>,
    to_server: bool,
    /// Ports of both ends.
    pair: (u16, u16),
    flags: TcpFlags,
    seq: u32,
    data: Vec<u8>,
}

fn segments(world: &World, port: u16) -> Vec<Segment> {
    let log = world.log();
    let mut found: BTreeMap<u32, Segment> = BTreeMap::new();
    for entry in log.entries().iter() {
        let (packet, sent) = match entry.what {
            What::FrameSent { packet, .. } => (packet, true),
            What::FrameArrived { packet, .. } => (packet, false),
            _ => continue,
        };
        let bytes = log.packet_bytes(packet);
        let Ok(Ipv4 { src, dst, payload, .. }) = parse_ipv4(&bytes) else { continue };
        let Ok(Tcp { header, payload, .. }) = parse_tcp(src, dst, payload) else { continue };
        let to_server = header.dst_port == port;
        if !to_server && header.src_port != port {
            continue;
        }
        if sent {
            found.entry(packet.0).or_insert_with(|| Segment {
                sent: entry.at,
                arrived: None,
                to_server,
                pair: (header.src_port.min(header.dst_port), header.src_port.max(header.dst_port)),
                flags: header.flags,
                seq: header.seq,
                data: payload.to_vec(),
            });
        } else if let Some(segment) = found.get_mut(&packet.0) {
            // The last node at which it arrives is its destination.
            segment.arrived = Some(entry.at);
        }
    }
    found.into_values().collect()
}

/// One direction of all connections, put together by sequence number.
fn streams(segments: &[Segment], to_server: bool) -> Vec<Vec<u8>> {
    let pairs: BTreeSet<(u16, u16)> = segments.iter().map(|s| s.pair).collect();
    let of = |pair| {
        let mine = || segments.iter().filter(move |s| s.pair == pair && s.to_server == to_server);
        let iss = mine().find(|s| s.flags.contains(TcpFlags::SYN)).unwrap().seq;
        let mut bytes: BTreeMap<u32, u8> = BTreeMap::new();
        for s in mine() {
            for (i, b) in s.data.iter().enumerate() {
                bytes.insert(s.seq.wrapping_sub(iss).wrapping_add(i as u32), *b);
            }
        }
        bytes.into_values().collect()
    };
    pairs.into_iter().map(of).collect()
}

fn texts(c: &Comparison, point: Point) -> (&str, &str) {
    let row = c.row(point);
    (&row.pull.text, &row.push.text)
}

/// The number at the beginning of a text.
fn number(text: &str) -> u64 {
    let digits: String = text.chars().filter(|c| *c != ',').take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

fn occurrences(stream: &[u8], what: &[u8]) -> usize {
    memchr::memmem::find_iter(stream, what).count()
}

#[test]
fn the_table_of_the_lecture() {
    let world = play(None);
    let rows: Vec<String> = table(&world)
        .rows
        .iter()
        .map(|r| {
            let at = |c: &Cell| world.log().entries().at(c.known_at - 1).at.to_string();
            let same = if r.same { "same" } else { "different" };
            let (pull, push) = (&r.pull, &r.push);
            let title = r.point.title();
            format!("{same:<9} {title}\n    {:>7}  {}\n    {:>7}  {}", at(pull), pull.text, at(push), push.text)
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn who_opens_and_who_speaks_first_is_in_the_first_packets() {
    let world = play(None);
    let table = table(&world);
    let hosts = [(80, "browser.b", &table.row(Point::Opens).pull), (25, "mail.a", &table.row(Point::Opens).push)];
    for (port, opener, cell) in hosts {
        let first = &segments(&world, port)[0];
        assert!(first.to_server && first.flags == TcpFlags::SYN);
        assert!(cell.text.starts_with(opener), "{}", cell.text);
        let entry = world.log().entry(cell.entry.unwrap());
        assert_eq!(world.names().node(entry.node), opener, "its packet leaves the host that opens");
        assert_eq!(
            Some(cell.packet.unwrap()),
            match entry.what {
                What::FrameSent { packet, .. } => Some(packet),
                _ => None,
            }
        );
    }
    for (port, text) in [(80, texts(&table, Point::SpeaksFirst).0), (25, texts(&table, Point::SpeaksFirst).1)] {
        let all = segments(&world, port);
        let first = all.iter().find(|s| !s.data.is_empty()).unwrap();
        let line = String::from_utf8_lossy(&first.data).lines().next().unwrap().to_owned();
        assert!(text.ends_with(&line), "{text}");
        assert_eq!(text.starts_with("the client"), first.to_server, "{text}");
    }
}

#[test]
fn objects_ends_and_bytes_above_127_are_in_the_streams() {
    for run in [None, Some("2"), Some("3")] {
        let world = play(run);
        let table = table(&world);
        let (http, smtp) = (segments(&world, 80), segments(&world, 25));
        let responses = streams(&http, false);
        let mails = streams(&smtp, true);

        let heads: usize = responses.iter().map(|s| occurrences(s, b"HTTP/1.1 200 OK\r\n")).sum();
        assert_eq!(number(texts(&table, Point::Objects).0), heads as u64);
        assert_eq!(table.responses, vec![1; heads]);
        let transactions: usize = mails.iter().map(|s| occurrences(s, b"MAIL FROM:")).sum();
        assert_eq!(table.mails.len(), transactions);
        // A part begins with its own Content-Type; that of the whole is no part; a plain mail has one.
        let parts = |mail: &[u8]| {
            let multipart = occurrences(mail, b"Content-Type: multipart/");
            occurrences(mail, b"Content-Type: ") - multipart
        };
        assert_eq!(table.mails.iter().sum::<usize>(), parts(&mails[0]));
        assert_eq!(table.mails[0], 4);

        let told = texts(&table, Point::EndOfObject).0.to_owned();
        assert!(occurrences(&responses[0], told.as_bytes()) > 0, "{told}");
        assert_eq!(told, "Content-Length: 2000");
        assert_eq!(texts(&table, Point::EndOfObject).1, "CRLF . CRLF");
        assert_eq!(occurrences(&mails[0], b"\r\n.\r\n"), transactions);

        let above = |streams: &[Vec<u8>]| streams.iter().flatten().filter(|b| **b > 127).count() as u64;
        assert_eq!(number(texts(&table, Point::SevenBit).0), above(&responses));
        assert!(above(&responses) > 1000, "images are not ASCII");
        assert_eq!(number(texts(&table, Point::SevenBit).1), above(&mails));
        assert_eq!(above(&mails), 0);
    }
}

#[test]
fn round_trips_are_the_time_divided_by_the_round_trip_time() {
    for run in [None, Some("2"), Some("3")] {
        let world = play(run);
        let table = table(&world);
        for (port, text) in [(80, texts(&table, Point::RoundTrips).0), (25, texts(&table, Point::RoundTrips).1)] {
            let all = segments(&world, port);
            let begin = all[0].sent;
            let rtt = all.iter().find(|s| !s.to_server).unwrap().arrived.unwrap().since(begin);
            // All is there when the last content has come, and for a mail when the server has taken it.
            let last = match port {
                80 => all.iter().filter(|s| !s.to_server && !s.data.is_empty()).filter_map(|s| s.arrived).max(),
                _ => {
                    let said = |s: &&Segment| !s.to_server && s.data.starts_with(b"250");
                    all.iter().filter(said).filter_map(|s| s.arrived).max()
                }
            };
            let took = last.unwrap().since(begin);
            assert_eq!(took.as_nanos() % rtt.as_nanos(), 0);
            assert_eq!(text, format!("{}, {took}", took.as_nanos() / rtt.as_nanos()), "run {run:?}, port {port}");
        }
    }
    let whole = table(&play(None));
    assert_eq!(texts(&whole, Point::RoundTrips), ("5, 500 ms", "7, 700 ms"));
}

#[test]
fn what_is_the_same_is_in_the_packets_too() {
    for (run, connections) in [(None, (1, 1)), (Some("2"), (1, 1)), (Some("3"), (4, 1))] {
        let world = play(run);
        let table = table(&world);
        let syns = |port| {
            let all = segments(&world, port);
            all.iter().filter(|s| s.flags == TcpFlags::SYN).count()
        };
        assert_eq!((syns(80), syns(25)), connections);
        assert_eq!((table.pull.len(), table.push.len()), connections);
        assert_eq!(texts(&table, Point::Tcp), ("TCP, port 80", "TCP, port 25"));
        let (pull, push) = texts(&table, Point::Persistent);
        let words = |n: usize| format!("over {n} connection{}", if n == 1 { "" } else { "s" });
        assert!(pull.ends_with(&words(connections.0)), "{pull}");
        assert!(push.ends_with(&words(connections.1)), "{push}");
        assert_eq!(table.row(Point::Persistent).same, connections.0 == 1);
        for (port, command, reply) in [
            (80, texts(&table, Point::Ascii).0, texts(&table, Point::Status).0),
            (25, texts(&table, Point::Ascii).1, texts(&table, Point::Status).1),
        ] {
            let all = segments(&world, port);
            let first = |to_server| {
                let said = all.iter().find(|s| s.to_server == to_server && !s.data.is_empty()).unwrap();
                String::from_utf8_lossy(&said.data).lines().next().unwrap().to_owned()
            };
            assert_eq!(first(true), command);
            assert!(first(false).ends_with(reply), "{reply}");
            assert!(reply[..3].parse::<u16>().is_ok(), "{reply}");
        }
    }
}

#[test]
fn rows_come_one_after_the_other_and_only_when_they_are_true() {
    let world = play(None);
    let table = table(&world);
    assert_eq!(table.rows.iter().map(|r| r.point).collect::<Vec<_>>(), Point::ALL);
    for cell in table.rows.iter().flat_map(|r| [&r.pull, &r.push]) {
        assert!(cell.known_at > cell.entry.unwrap().0 as usize, "not before its packet: {cell:?}");
        assert!(!cell.is_known(0) && cell.is_known(world.log().entries().len()));
    }
    // The flags stand at the two SYNs.
    let (pull, push) = table.first_difference().unwrap();
    assert_eq!(Some(pull), table.row(Point::Opens).pull.entry);
    assert_eq!(Some(push), table.row(Point::Opens).push.entry);
}

#[test]
fn a_lost_packet_costs_time_and_no_round_trip() {
    let text = crate::scenario::BUILT_IN.iter().find(|b| b.0 == "push-and-pull").unwrap().1;
    let drop = r#", { "at": "0 s", "drop": { "match": { "from": "mail.b", "starts": "250 OK: queued" } } }"#;
    let lossy = text.replacen("\n  ],\n  \"runs\"", &format!("{drop}\n  ],\n  \"runs\""), 1);
    assert_ne!(text, lossy);
    let scenario = crate::scenario::parse("lossy", &lossy).unwrap();
    let mut world = World::new(Arc::new(scenario.ready(None).unwrap().setup), Level::All);
    world.run();
    let text = table(&world).row(Point::RoundTrips).push.text.clone();
    assert_eq!(text, "7, 1.700 s", "a second for the timer, and the reply comes with the same packet again");
}

#[test]
fn a_run_without_both_has_no_table() {
    let ready = load_builtin("six-steps").unwrap().ready(None).unwrap();
    let mut world = World::new(Arc::new(ready.setup), Level::All);
    world.run();
    assert_eq!(push_pull(world.log(), &world.names(), &conversations(world.log())), None);
}
