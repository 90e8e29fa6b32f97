//! Frames of all kinds taken apart, and wrong bytes.

use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::cut::Cut;
use super::flow::{Flow, Kind};
use super::{Field, Layer, dns, take_apart};
use crate::engine::{Line, Way};
use crate::packet::{
    EtherType, Ipv4Fields, LinkHeader, MacAddr, TcpFlags, TcpHeader, UNREACHABLE_PORT, arp_request, build_udp,
    build_unreachable, write_tcp,
};
use crate::topology::Side;
use crate::trace::{EngineKind, Saying};
use crate::{http, imap};

const A: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 25);
const B: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 25);

fn on_lan(ethertype: EtherType, above: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    LinkHeader::Ethernet { src: MacAddr::local(1, 0), dst: MacAddr::BROADCAST, ethertype }.write(&mut frame);
    frame.extend_from_slice(above);
    frame
}

fn segment(src_port: u16, dst_port: u16, text: &[u8]) -> Vec<u8> {
    let header = TcpHeader {
        src_port,
        dst_port,
        seq: 1000,
        ack: 2000,
        flags: TcpFlags::PSH | TcpFlags::ACK,
        window: 65535,
        sack: [Some((3000, 4000)), None, None],
        ..TcpHeader::default()
    };
    let mut bytes = Vec::new();
    write_tcp(&mut bytes, &Ipv4Fields { src: A, dst: B, id: 7, ttl: 64 }, &header, (text, &[]));
    bytes
}

/// A response of a name server: b.example MX 10 mail.b.example, compressed; an SOA and a TXT record.
fn response() -> Vec<u8> {
    let mut message = vec![0x40, 0x19, 0x84, 0, 0, 1, 0, 1, 0, 1, 0, 1];
    message.extend(b"\x01b\x07example\x00\x00\x0f\x00\x01");
    message.extend(b"\xc0\x0c\x00\x0f\x00\x01\x00\x00\x0e\x10\x00\x09\x00\x0a\x04mail\xc0\x0c");
    message.extend(b"\xc0\x0c\x00\x06\x00\x01\x00\x00\x01\x2c\x00\x1d\xc0\x29\x04host\xc0\x0c");
    message.extend([0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 1, 44]);
    message.extend(b"\x00\x00\x10\x00\x01\x00\x00\x00\x00\x00\x06\x05hello");
    message
}

fn shown(layers: &[Layer]) -> Vec<String> {
    fn put(field: &Field, depth: usize, out: &mut Vec<String>) {
        out.push(format!("{}{field}", "  ".repeat(depth)));
        field.children.iter().for_each(|child| put(child, depth + 1, out));
    }
    let mut out = Vec::new();
    for layer in layers {
        out.push(format!("{} {:?}: {}", layer.abbr, layer.span, layer.summary));
        layer.fields.iter().for_each(|field| put(field, 1, &mut out));
    }
    out
}

/// Only the layers whose short name is `abbr`.
fn only(layers: &[Layer], abbr: &str) -> Vec<String> {
    let those: Vec<Layer> = layers.iter().filter(|l| l.abbr == abbr).cloned().collect();
    shown(&those)
}

fn covered(frame: &[u8], layers: &[Layer]) -> bool {
    let ends = layers.iter().map(|l| l.span.end);
    let starts = layers.iter().map(|l| l.span.start).chain([frame.len()]);
    [0].into_iter().chain(ends).eq(starts)
}

#[test]
fn a_question_of_arp_is_shown_field_by_field() {
    let frame = on_lan(EtherType::Arp, &arp_request(MacAddr::local(1, 0), A, B));
    assert_eq!(
        shown(&take_apart(&frame, true, None)),
        [
            "eth 0..14: Src: 02:00:00:00:01:00, Dst: ff:ff:ff:ff:ff:ff",
            "  Destination: ff:ff:ff:ff:ff:ff",
            "    LG bit: locally administered",
            "    IG bit: group (broadcast or multicast)",
            "  Source: 02:00:00:00:01:00",
            "    LG bit: locally administered",
            "    IG bit: individual (unicast)",
            "  Type: ARP (0x0806)",
            "arp 14..42: request (1)",
            "  Hardware type: Ethernet (1)",
            "  Protocol type: IPv4 (0x0800)",
            "  Hardware size: 6",
            "  Protocol size: 4",
            "  Opcode: request (1)",
            "  Sender MAC address: 02:00:00:00:01:00",
            "  Sender IP address: 192.0.2.25",
            "  Target MAC address: 00:00:00:00:00:00",
            "  Target IP address: 198.51.100.25",
        ]
    );
}

#[test]
fn commands_and_replies_are_told_apart_by_their_direction() {
    let line = b"MAIL FROM:<alice@a.example> SIZE=100\r\n";
    assert_eq!(
        only(&take_apart(&segment(49152, 25, line), false, None), "smtp"),
        [
            "smtp 52..90: Command Line: MAIL FROM:<alice@a.example> SIZE=100",
            "  Command Line: MAIL FROM:<alice@a.example> SIZE=100",
            "    Command: MAIL",
            "    Request parameter: FROM:<alice@a.example> SIZE=100",
        ]
    );
    let reply = b"250-mail.b.example\r\n250 HELP\r\n";
    assert_eq!(
        only(&take_apart(&segment(25, 49152, reply), false, None), "smtp"),
        [
            "smtp 52..82: Response: 250-mail.b.example",
            "  Response: 250-mail.b.example",
            "    Response code: 250 (Requested mail action okay, completed)",
            "    Response parameter: mail.b.example",
            "  Response parameter: HELP",
        ]
    );
}

#[test]
fn a_request_of_imap_that_speaks_of_uids_says_so() {
    let line = b"A010 UID COPY 107 Work\r\n";
    assert_eq!(
        only(&take_apart(&segment(49152, 143, line), false, None), "imap")[2..],
        [
            "    Request: A010 UID COPY 107 Work",
            "    Request Tag: A010",
            "    Request isUID: UID",
            "    Request Command: COPY",
            "    Request Folder: Work",
        ]
    );
}

#[test]
fn a_response_of_http_is_a_status_line_fields_and_a_body() {
    let text = b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone";
    assert_eq!(
        only(&take_apart(&segment(80, 49152, text), false, None), "http"),
        [
            "http 52..101: Status line: HTTP/1.1 404 Not Found",
            "  Status line: HTTP/1.1 404 Not Found",
            "    Response Version: HTTP/1.1",
            "    Status Code: 404",
            "    Response Phrase: Not Found",
            "  Content-Length: 4",
            "    Content-Length: 4",
            "  Empty line: end of the head",
            "  File Data: 4 bytes",
        ]
    );
}

#[test]
fn a_compressed_answer_is_read() {
    let told = dns::told(&response()).unwrap();
    assert_eq!(told.answer(), "MX 10 mail.b.example");
    assert_eq!(told.info(), "Standard query response 0x4019 MX b.example MX 10 mail.b.example SOA mail.b.example TXT");
    let frame = build_udp(&Ipv4Fields { src: A, dst: B, ..Ipv4Fields::default() }, 53, 49152, &response());
    let layers = take_apart(&frame, false, None);
    let lines = only(&layers, "dns");
    for line in [
        "      Mail Exchange: mail.b.example",
        "      Responsible authority's mailbox: host.b.example",
        "      Minimum TTL: 300",
        "      TXT: hello",
    ] {
        assert!(lines.iter().any(|l| l == line), "{line} in {lines:#?}");
    }
}

#[test]
fn a_name_that_points_forward_or_at_itself_is_unreadable() {
    for pointer in [12u8, 14, 200] {
        let mut message = vec![0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, pointer];
        message.extend([0, 1, 0, 1]);
        let mut cut = Cut::new(&message);
        dns::message(&mut cut, message.len());
        assert!(shown(&cut.layers).iter().any(|l| l == "  Unreadable"), "{:#?}", cut.layers);
    }
}

#[test]
fn an_icmp_error_quotes_the_header_that_it_is_about() {
    let frame = build_unreachable(B, 1, UNREACHABLE_PORT, &segment(49152, 25, b"")).unwrap();
    let lines = only(&take_apart(&frame, false, None), "icmp");
    assert_eq!(lines[0], "icmp 20..56: Destination unreachable (Port unreachable)");
    assert_eq!(lines[1..3], ["  Type: 3 (Destination unreachable)", "  Code: 3 (Port unreachable)"]);
    assert_eq!(lines[lines.len() - 2..], ["    Destination Port: SMTP (25)", "    Sequence Number (raw): 1000"]);
}

#[test]
fn a_wrong_checksum_is_said_and_padding_is_data() {
    let mut frame = on_lan(EtherType::Ipv4, &segment(49152, 25, b"NOOP\r\n"));
    frame[14 + 16] ^= 1;
    frame[14 + 52] ^= 1;
    frame.extend([0; 6]);
    let layers = take_apart(&frame, true, None);
    assert!(covered(&frame, &layers));
    let value = |layer: usize, name| layers[layer].field(name).unwrap().value.clone();
    assert!(value(1, "ip.checksum").ends_with("[wrong]") && value(2, "tcp.checksum").ends_with("[wrong]"));
    assert_eq!(layers.last().unwrap().summary, "6 bytes");
}

fn frames() -> impl Strategy<Value = (bool, Vec<u8>)> {
    let texts = prop_oneof![
        Just(b"EHLO mail.a.example\r\nMAIL FROM:<>\r\n".to_vec()),
        Just(b"A1 UID FETCH 1 BODY[]\r\n* 1 FETCH (BODY[] {3}\r\nabc)\r\n".to_vec()),
        Just(b"GET / HTTP/1.1\r\nHost: www.a.example\r\n\r\nbody".to_vec()),
        prop::collection::vec(any::<u8>(), 0..60),
    ];
    let ports = prop_oneof![Just(25u16), Just(143), Just(80), Just(53), any::<u16>()];
    let good = (texts, ports, any::<bool>(), 0..5u8).prop_map(|(text, port, lan, kind)| {
        let fields = Ipv4Fields { src: A, dst: B, ..Ipv4Fields::default() };
        let datagram = match kind {
            0 => segment(49152, port, &text),
            1 => segment(port, 49152, &text),
            2 => build_udp(&fields, port, 53, &response()),
            3 => build_unreachable(B, 1, 3, &segment(1, port, &text)).unwrap_or_default(),
            _ => return (true, on_lan(EtherType::Arp, &arp_request(MacAddr::default(), A, B))),
        };
        (lan, if lan { on_lan(EtherType::Ipv4, &datagram) } else { datagram })
    });
    let any = (any::<bool>(), prop::collection::vec(any::<u8>(), 0..200));
    prop_oneof![4 => good, 1 => any]
}

fn line(range: std::ops::Range<u64>, verb: Option<&str>) -> Line {
    Line {
        way: Way::Sent,
        range,
        text: "GET / HTTP/1.1".into(),
        verb: verb.map(|verb| verb.to_owned().into()),
        code: Some(200),
    }
}

fn smtp_client(range: std::ops::Range<u64>, verb: &str) -> Saying {
    Saying::Line(EngineKind::SmtpClient, Box::new(line(range, Some(verb))))
}

#[test]
fn what_follows_data_up_to_the_next_command_is_a_letter() {
    let mut flow = Flow::default();
    for (range, verb) in [(0..10, "EHLO"), (10..16, "DATA"), (100..106, "QUIT")] {
        flow.told(Side::Client, smtp_client(range, verb).event());
    }
    let pieces: Vec<_> = flow.pieces(Side::Client, 12..106).map(|p| (p.kind, p.range)).collect();
    assert_eq!(pieces, [(Kind::Lines, 12..16), (Kind::Letter, 16..100), (Kind::Lines, 100..106)]);
}

proptest! {
    #[test]
    fn a_stream_is_cut_into_pieces_whatever_was_told(
        told in prop::collection::vec((0u64..60, 0u64..20, any::<bool>(), any::<bool>()), 0..8),
        protocol in 0..3u8,
        wanted in (0u64..80, 1u64..40),
    ) {
        let mut flow = Flow::default();
        for (start, length, client, data) in told {
            let line = line(start..start + length, Some(if data { "DATA" } else { "NOOP" }));
            let event = match protocol {
                0 => Saying::Line(EngineKind::SmtpClient, Box::new(line)),
                1 => imap::server::Event::Line(line).into(),
                _ => http::server::Event::Line(line).into(),
            };
            flow.told(if client { Side::Client } else { Side::Server }, event.event());
        }
        flow.put_in_order();
        for side in [Side::Client, Side::Server] {
            let (start, end) = (wanted.0, wanted.0 + wanted.1);
            let mut at = start;
            for piece in flow.pieces(side, start..end) {
                prop_assert_eq!(piece.range.start, at);
                prop_assert!(piece.range.end > at && piece.whole.start <= at && piece.whole.end >= piece.range.end);
                at = piece.range.end;
            }
            prop_assert_eq!(at, end);
            let _ = flow.response(start);
        }
    }

    #[test]
    fn any_bytes_are_covered_by_layers_whose_fields_lie_within(
        (lan, mut frame) in frames(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        length in any::<Option<prop::sample::Index>>(),
    ) {
        for (at, byte) in changes {
            if !frame.is_empty() {
                let at = at.index(frame.len());
                frame[at] = byte;
            }
        }
        if let Some(length) = length {
            frame.truncate(length.index(frame.len() + 1));
        }
        let layers = take_apart(&frame, lan, None);
        prop_assert!(covered(&frame, &layers), "{layers:#?}");
        for layer in &layers {
            for field in &layer.fields {
                let mut inside = true;
                field.walk(&mut |f| {
                    inside &= layer.span.start <= f.span.start && f.span.start < f.span.end && f.span.end <= layer.span.end;
                });
                prop_assert!(inside, "{field:#?} in {:?}", layer.span);
            }
        }
    }

    #[test]
    fn any_bytes_are_told_as_a_message_or_not(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Some(told) = dns::told(&bytes) {
            prop_assert!(told.info().starts_with("Standard query"));
            let _ = told.answer();
        }
    }
}
