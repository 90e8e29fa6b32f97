//! Frames, datagrams, segments, records: what comes from the wire.

use std::net::Ipv4Addr;
use std::sync::Arc;

use mailpath::dissect;
use mailpath::filter::facts::{self, Capture, Frame, Interface};
use mailpath::filter::{FIELDS, Field};
use mailpath::packet::{
    self, EtherType, Ipv4Fields, LinkHeader, MacAddr, Protocol, TcpFlags, TcpHeader, parse_arp, parse_icmp, parse_ipv4,
    parse_tcp, parse_udp, write_tcp,
};
use mailpath::rng::Seed;
use mailpath::tcp::{self, Connection, Output};
use mailpath::time::{Duration, Instant};
use mailpath::tls::{self, Authority, Session, Setup};
use mailpath::topology::Side;

use super::wire::Use;

const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
const SERVER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 25);

fn fields(from_client: bool) -> Ipv4Fields {
    let (src, dst) = if from_client { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
    Ipv4Fields { src, dst, ..Ipv4Fields::default() }
}

/// A segment with a right checksum.
fn segment(header: &TcpHeader, from_client: bool, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write_tcp(&mut out, &fields(from_client), header, (payload, &[]));
    out
}

/// Layers lie one behind the other and hold the frame; fields lie within it.
pub fn frame(data: &[u8]) {
    for ethernet in [true, false] {
        let dissection = dissect::frame(data, ethernet);
        let mut at = 0;
        for layer in &dissection.layers {
            assert_eq!(layer.span.start, at, "{}: no gap", layer.name);
            at = layer.span.end;
            for field in &layer.fields {
                field.walk(&mut |f| assert!(f.span.end <= data.len() && f.span.start <= f.span.end, "{}", f.name));
            }
        }
        assert_eq!(at, data.len(), "nothing is left out");
    }
}

pub fn frame_seeds() -> Vec<Vec<u8>> {
    let header = TcpHeader {
        src_port: 49152,
        dst_port: 25,
        seq: 1,
        ack: 1,
        flags: TcpFlags::ACK,
        window: 1000,
        ..Default::default()
    };
    let syn = TcpHeader { flags: TcpFlags::SYN, mss: Some(1460), sack_permitted: true, ..header };
    let sack = TcpHeader { sack: [Some((10, 20)), Some((30, 40)), None], ..header };
    let mut seeds = vec![segment(&syn, true, b""), segment(&sack, true, b"MAIL FROM:<alice@a.example>\r\n")];
    for (port, text) in [(143, "a FETCH 1 BODY[]\r\n"), (110, "RETR 1\r\n"), (80, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    {
        seeds.push(segment(&TcpHeader { dst_port: port, ..header }, true, text.as_bytes()));
    }
    let reply = TcpHeader { src_port: 25, dst_port: 49152, ..header };
    seeds.push(segment(&reply, false, b"250-mail.b.example\r\n250 SIZE 10240\r\n"));
    seeds.push(segment(&TcpHeader { src_port: 80, ..reply }, false, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
    seeds.extend(super::names::message_seeds().iter().map(|m| packet::build_udp(&fields(true), 53, 53, m)));
    seeds.extend(packet::build_unreachable(SERVER, 1, 3, &seeds[1]));
    let on_lan = |datagram: &Vec<u8>| {
        let mut out = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
        out.extend(datagram);
        out
    };
    let mut frames: Vec<Vec<u8>> = seeds.iter().map(on_lan).collect();
    let mut arp = Vec::new();
    let (mac, broadcast) = (MacAddr([2, 0, 0, 0, 0, 1]), MacAddr([0xff; 6]));
    LinkHeader::Ethernet { dst: broadcast, src: mac, ethertype: EtherType::Arp }.write(&mut arp);
    arp.extend(packet::arp_request(mac, CLIENT, SERVER));
    frames.push(arp);
    frames.append(&mut seeds);
    frames
}

/// Frames as Wireshark takes them apart: `settings`, then each with a length of two bytes in front.
pub fn capture(data: &[u8]) {
    let with = Use::of(data);
    let mut capture =
        Capture { interfaces: vec![Interface { ethernet: with.bit(0), ..Default::default() }], ..Default::default() };
    let mut rest = with.rest;
    while let [a, b, more @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*a, *b])).min(more.len());
        let (bytes, behind) = more.split_at(length);
        let at = 1_741_000_000_000_000_000 + capture.frames.len() as i128 * 1_000_000;
        capture.frames.push(Frame { at, bytes: bytes.to_vec(), ..Default::default() });
        rest = behind;
    }
    let all: Vec<Field> = FIELDS.iter().map(|spec| spec.field).collect();
    let mut seen = 0;
    facts::each(&capture, &all, |number, facts| {
        assert_eq!(number, seen);
        seen += 1;
        let number: Vec<_> = facts.all(Field::FrameNumber).collect();
        assert_eq!(number.len(), 1);
    });
    assert_eq!(seen as usize, capture.frames.len());
}

pub fn capture_seeds() -> Vec<Vec<u8>> {
    let joined = |settings: u8, frames: &[Vec<u8>]| {
        let framed = frames.iter().flat_map(|f| [&(f.len() as u16).to_be_bytes(), f.as_slice()].concat());
        [settings, 0].into_iter().chain(framed).collect::<Vec<u8>>()
    };
    let talk = |port: u16, words: &[(bool, &str)]| -> Vec<Vec<u8>> {
        let mut next = [1u32, 1];
        let of = |(client, text): &(bool, &str)| {
            let (own, other) = if *client { (0, 1) } else { (1, 0) };
            let (src_port, dst_port) = if *client { (49152, port) } else { (port, 49152) };
            let flags = TcpFlags::ACK;
            let header = TcpHeader {
                src_port,
                dst_port,
                seq: next[own],
                ack: next[other],
                flags,
                window: 9000,
                ..Default::default()
            };
            next[own] += text.len() as u32;
            segment(&header, *client, text.as_bytes())
        };
        words.iter().map(of).collect()
    };
    let smtp = talk(
        25,
        &[
            (false, "220 b\r\n"),
            (true, "EHLO a\r\n"),
            (false, "250-b\r\n250 SIZE\r\n"),
            (true, "DATA\r\n"),
            (false, "354 go\r\n"),
            (true, "From: a@a.example\r\nSubject: x\r\n"),
            (true, "\r\n..x\r\n.\r\n"),
            (false, "250 OK\r\n"),
        ],
    );
    let imap = talk(
        143,
        &[
            (false, "* OK\r\n"),
            (true, "a FETCH 1 BODY[]\r\n"),
            (false, "* 1 FETCH (BODY[] {6}\r\na: b\r\n)\r\na OK\r\n"),
        ],
    );
    let pop = talk(
        110,
        &[
            (false, "+OK\r\n"),
            (true, "RETR 1\r\n"),
            (false, "+OK 6 octets\r\na: b\r\n.\r\n"),
            (true, "STLS\r\n"),
            (false, "+OK\r\n"),
        ],
    );
    let http = talk(
        80,
        &[
            (true, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            (false, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            (false, "2\r\nhi\r\n0\r\n\r\n"),
        ],
    );
    let lan = frame_seeds();
    let (on_lan, plain) = lan.split_at(lan.len() / 2 + 1);
    vec![joined(0, &smtp), joined(0, &imap), joined(0, &pop), joined(0, &http), joined(1, on_lan), joined(0, plain)]
}

/// What is read is written again byte for byte, as far as our writer can say it.
pub fn datagram(data: &[u8]) {
    let _ = parse_arp(data);
    let _ = parse_icmp(data);
    let _ = parse_udp(CLIENT, SERVER, data);
    let _ = parse_tcp(CLIENT, SERVER, data);
    packet::build_unreachable(SERVER, 1, 3, data);
    packet::build_time_exceeded(SERVER, 1, data);
    let mut changed = data.to_vec();
    if packet::decrement_ttl(&mut changed) && parse_ipv4(data).is_ok() {
        assert!(parse_ipv4(&changed).is_ok(), "the checksum is mended");
    }
    packet::forge_tcp(&mut data.to_vec(), 3, b"XXX");
    let Ok(ip) = parse_ipv4(data) else { return };
    match ip.protocol() {
        Some(Protocol::Tcp) => {
            let Ok(tcp) = parse_tcp(ip.src, ip.dst, ip.payload) else { return };
            let fields = Ipv4Fields { src: ip.src, dst: ip.dst, id: ip.id, ttl: ip.ttl };
            let mut again = Vec::new();
            write_tcp(&mut again, &fields, &tcp.header, (tcp.payload, &[]));
            let ip = parse_ipv4(&again).expect("what was written can be read");
            let read = parse_tcp(ip.src, ip.dst, ip.payload).expect("what was written can be read");
            assert_eq!((read.header, read.payload), (tcp.header, tcp.payload));
        }
        Some(Protocol::Udp) => {
            let Ok(udp) = parse_udp(ip.src, ip.dst, ip.payload) else { return };
            let fields = Ipv4Fields { src: ip.src, dst: ip.dst, id: ip.id, ttl: ip.ttl };
            let again = packet::build_udp(&fields, udp.src_port, udp.dst_port, udp.payload);
            let read = parse_ipv4(&again).expect("what was written can be read");
            assert_eq!(parse_udp(read.src, read.dst, read.payload).expect("as it was"), udp);
        }
        _ => {}
    }
}

pub fn datagram_seeds() -> Vec<Vec<u8>> {
    let mut frames = frame_seeds();
    frames.retain(|frame| frame.first() == Some(&0x45));
    frames.push(packet::arp_request(MacAddr([2, 0, 0, 0, 0, 1]), CLIENT, SERVER));
    frames
}

/// A connection gets any segments: 12 bytes say what each is, near to what would be right.
pub fn segments(data: &[u8]) {
    let with = Use::of(data);
    let cfg = tcp::Config { sack: with.bit(0), ..tcp::Config::default() };
    let mut now = Instant::ZERO;
    let syn = TcpHeader {
        src_port: 49152,
        dst_port: 25,
        seq: 1000,
        flags: TcpFlags::SYN,
        window: 5000,
        mss: Some(536),
        sack_permitted: true,
        ..Default::default()
    };
    let mut tcp = match with.bit(1) {
        true => Connection::connect(&cfg, 25, 49152, 77, now),
        false => Connection::accept(&cfg, &syn, 77, now),
    };
    let poll = |tcp: &mut Connection, now: Instant| {
        let mut wait = None;
        for round in 0.. {
            assert!(round < 100_000, "there is no end of outputs");
            match tcp.poll(&cfg, now) {
                Output::Segment(segment) => {
                    let (a, b) = tcp.payload(segment.stream.clone());
                    assert_eq!((a.len() + b.len()) as u64, segment.stream.end - segment.stream.start);
                }
                Output::Event(_) => {}
                Output::Wait(at) => {
                    wait = at;
                    break;
                }
            }
        }
        wait
    };
    let mut wait = poll(&mut tcp, now);
    for chunk in with.rest.chunks(12) {
        let mut bytes = [0; 12];
        bytes[..chunk.len()].copy_from_slice(chunk);
        let [kind, flags, seq, ack, window, length, a, b, c, d, _, _] = bytes;
        let near = |base: u32, n: u8| base.wrapping_add((n as i8) as u32);
        match kind % 8 {
            0 => {
                tcp.send(&cfg, &vec![b'x'; usize::from(length) * 20]);
            }
            1 => {
                let ready = tcp.received().len();
                tcp.consume(&cfg, ready.min(usize::from(length)));
            }
            2 if flags & 7 == 0 => tcp.close(),
            3 => {
                if let Some(at) = wait {
                    now = now.max(at);
                    tcp.handle_timeout(&cfg, now);
                }
            }
            _ => {
                let (rcv, snd) = (1001u32.wrapping_add(u32::from(a)), 78u32.wrapping_add(u32::from(b) * 4));
                let header = TcpHeader {
                    src_port: 49152,
                    dst_port: 25,
                    seq: near(rcv, seq),
                    ack: near(snd, ack),
                    flags: TcpFlags(flags & 0x3f),
                    window: u16::from(window) << 6,
                    sack: [(c > 0).then_some((near(snd, c), near(snd, d))), None, None],
                    ..Default::default()
                };
                now += Duration::from_millis(u64::from(kind >> 3));
                tcp.handle_segment(&cfg, now, &header, &vec![b'y'; usize::from(length)]);
            }
        }
        wait = poll(&mut tcp, now);
        let _ = tcp.view();
    }
}

pub fn segments_seeds() -> Vec<Vec<u8>> {
    let ack = |length: u8, a: u8, b: u8| [4, 0x10, 0, 0, 200, length, a, b, 0, 0, 0, 0];
    let send = [0, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0];
    let tick = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let fin = [4, 0x11, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0];
    let read = [1, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0];
    let close = [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let hole = [4, 0x10, 0, 0, 200, 0, 0, 0, 40, 80, 0, 0];
    let joined = |settings: u8, list: &[[u8; 12]]| [&[settings, 0][..], &list.concat()].concat();
    vec![
        joined(0, &[ack(0, 0, 0), ack(100, 0, 0), read, ack(50, 100, 0), fin, close, ack(0, 1, 0)]),
        joined(1, &[ack(0, 0, 0), send, hole, hole, hole, hole, tick, tick, ack(0, 0, 255)]),
        joined(2, &[[4, 0x12, 255, 0, 200, 0, 0, 0, 0, 0, 0, 0], send, tick, tick, ack(10, 0, 10), fin]),
    ]
}

/// A stream of records: any bytes, opened with any secrets.
pub fn records(data: &[u8]) {
    let with = Use::of(data);
    let side = if with.bit(0) { Side::Client } else { Side::Server };
    let suite = tls::suite(with.rest).unwrap_or(0x1301);
    let found = tls::records(side, 10, with.rest, suite, &[]);
    let mut at = 10;
    for record in &found {
        // They follow each other, and only the last one may be cut off.
        assert!(record.wire.start == at && at < 10 + with.rest.len() as u64);
        at = record.wire.end;
        let _ = record.plain();
    }
}

pub fn records_seeds() -> Vec<Vec<u8>> {
    let (mut client, mut server) = pair();
    let hello = said(&mut client);
    server.handle_bytes(&hello);
    let answer = said(&mut server);
    client.handle_bytes(&answer);
    let finished = said(&mut client);
    vec![[&[1, 0][..], &hello, &finished].concat(), [&[0, 0][..], &answer].concat()]
}

fn pair() -> (Session, Session) {
    let authority = Authority::new(Seed::new(1), "Example Certification Authority");
    let identity = Arc::new(authority.issue("mail.a.example", &[]).expect("a good name"));
    let client = Setup::client(Seed::new(2), 1_741_000_000, "mail.a.example", &authority.roots());
    let server = Setup::server(Seed::new(3), 1_741_000_000, identity);
    (Session::new(client, 0, 0), Session::new(server, 0, 0))
}

/// What a session wants to send.
fn said(session: &mut Session) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(output) = session.poll() {
        if let tls::Output::Transmit(bytes) = output {
            out.extend(bytes);
        }
    }
    out
}

/// A session that is told any bytes, from the beginning or once it is secured.
pub fn session(data: &[u8]) {
    let with = Use::of(data);
    let (mut client, mut server) = pair();
    if with.bit(0) {
        for _ in 0..2 {
            let words = said(&mut client);
            server.handle_bytes(&words);
            let words = said(&mut server);
            client.handle_bytes(&words);
        }
        assert!(client.is_secured() && server.is_secured());
    }
    let session = if with.bit(1) { &mut client } else { &mut server };
    for piece in with.rest.chunks(with.cut) {
        session.handle_bytes(piece);
        session.write(b"hello");
        said(session);
    }
    let mut copy = session.clone();
    copy.close();
    session.close();
    assert_eq!(said(session), said(&mut copy), "a clone goes the same way");
}

pub fn session_seeds() -> Vec<Vec<u8>> {
    let records = records_seeds();
    vec![
        [&[0, 200][..], &records[0][2..]].concat(),
        [&[2, 200][..], &records[1][2..]].concat(),
        [&[1, 50][..], &[23, 3, 3, 0, 20], &[7; 20]].concat(),
        vec![3, 9, 21, 3, 3, 0, 2, 2, 40],
    ]
}
