//! Our bytes against smoltcp's codec, and ours against ourselves.

use std::net::Ipv4Addr;

use proptest::prelude::*;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire;

use super::*;

const A: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 25);
const B: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 25);

fn segment(header: &TcpHeader, payload: (&[u8], &[u8])) -> Vec<u8> {
    let mut out = Vec::new();
    write_tcp(&mut out, &Ipv4Fields { src: A, dst: B, id: 7, ttl: 64 }, header, payload);
    out
}

#[test]
fn a_syn_stands_in_its_bytes_as_the_rfc_draws_it() {
    let syn = TcpHeader {
        src_port: 49152,
        dst_port: 25,
        seq: 0x0102_0304,
        flags: TcpFlags::SYN,
        window: 65535,
        mss: Some(1460),
        ..TcpHeader::default()
    };
    let bytes = segment(&syn, (&[], &[]));
    assert_eq!(bytes[..10], [0x45, 0, 0, 44, 0, 7, 0x40, 0, 64, 6]);
    assert_eq!(bytes[20..36], [0xc0, 0, 0, 25, 1, 2, 3, 4, 0, 0, 0, 0, 0x60, 2, 0xff, 0xff]);
    assert_eq!(bytes[38..], [0, 0, 2, 4, 5, 0xb4]);
}

fn headers() -> impl Strategy<Value = TcpHeader> {
    let ports = (1u16.., 1u16..);
    let numbers = (any::<u32>(), any::<u32>(), any::<u16>());
    let options = (any::<Option<u16>>(), any::<bool>(), any::<Option<(u32, u32)>>());
    (ports, numbers, 0u8..32, options).prop_map(|(ports, (seq, ack, window), flags, (mss, sack_permitted, block))| {
        TcpHeader {
            src_port: ports.0,
            dst_port: ports.1,
            seq,
            ack,
            window,
            flags: TcpFlags(flags),
            mss,
            sack_permitted,
            sack: [block, None, None],
        }
    })
}

proptest! {
    #[test]
    fn segments_come_back_as_they_went(header in headers(), data in prop::collection::vec(any::<u8>(), 0..2000), cut in 0usize..2000) {
        let cut = cut.min(data.len());
        let bytes = segment(&header, (&data[..cut], &data[cut..]));
        let ip = parse_ipv4(&bytes).unwrap();
        prop_assert_eq!((ip.src, ip.dst, ip.id, ip.ttl, ip.protocol()), (A, B, 7, 64, Some(Protocol::Tcp)));
        let tcp = parse_tcp(ip.src, ip.dst, ip.payload).unwrap();
        prop_assert_eq!(tcp.header, header);
        prop_assert_eq!(tcp.payload, &data[..]);
    }

    /// smoltcp reads what we write, checksums included.
    #[test]
    fn another_codec_agrees(header in headers(), data in prop::collection::vec(any::<u8>(), 0..1500)) {
        let bytes = segment(&header, (&data, &[]));
        let ip = wire::Ipv4Packet::new_checked(&bytes[..]).unwrap();
        prop_assert!(ip.verify_checksum());
        let tcp = wire::TcpPacket::new_checked(ip.payload()).unwrap();
        prop_assert!(tcp.verify_checksum(&A.into(), &B.into()));
        prop_assert_eq!(tcp.seq_number().0 as u32, header.seq);
        prop_assert_eq!(tcp.payload(), &data[..]);
        let _ = wire::Ipv4Repr::parse(&ip, &ChecksumCapabilities::default()).unwrap();
    }

    #[test]
    fn a_router_s_checksum_is_the_one_computed_anew(id in any::<u16>(), hops in 1u8..63) {
        let mut bytes = build_udp(&Ipv4Fields { src: A, dst: B, id, ttl: 64 }, 53, 53, b"hello");
        for _ in 0..hops {
            prop_assert!(decrement_ttl(&mut bytes));
            prop_assert!(parse_ipv4(&bytes).is_ok());
        }
        prop_assert_eq!(bytes[8], 64 - hops);
        let fresh = build_udp(&Ipv4Fields { src: A, dst: B, id, ttl: 64 - hops }, 53, 53, b"hello");
        prop_assert_eq!(bytes, fresh);
    }

    #[test]
    fn one_wrong_bit_is_found(header in headers(), data in prop::collection::vec(any::<u8>(), 0..100), bit in any::<prop::sample::Index>()) {
        let mut bytes = segment(&header, (&data, &[]));
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let read = parse_ipv4(&bytes).and_then(|ip| parse_tcp(ip.src, ip.dst, ip.payload).map(|_| ()));
        prop_assert!(read.is_err());
    }

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (parse_ipv4(&bytes), parse_tcp(A, B, &bytes), parse_udp(A, B, &bytes), parse_icmp(&bytes), parse_arp(&bytes));
        let _ = (build_unreachable(A, 1, 3, &bytes), decrement_ttl(&mut bytes.clone()));
    }
}

#[test]
fn udp_and_its_checksum_come_back() {
    let bytes = build_udp(&Ipv4Fields { src: A, dst: B, ..Ipv4Fields::default() }, 4000, 53, b"question");
    let ip = parse_ipv4(&bytes).unwrap();
    let udp = parse_udp(ip.src, ip.dst, ip.payload).unwrap();
    assert_eq!((udp.src_port, udp.dst_port, udp.payload), (4000, 53, &b"question"[..]));
    assert!(parse_udp(A, Ipv4Addr::new(198, 51, 100, 26), ip.payload).is_err());
}

#[test]
fn an_icmp_error_quotes_the_packet_and_none_answers_an_icmp_error() {
    let lost = segment(&TcpHeader { src_port: 1, dst_port: 2, seq: 3, ..TcpHeader::default() }, (b"data", &[]));
    let router = Ipv4Addr::new(192, 0, 2, 1);
    let error = build_time_exceeded(router, 9, &lost).unwrap();
    let ip = parse_ipv4(&error).unwrap();
    assert_eq!((ip.src, ip.dst), (router, A));
    let icmp = parse_icmp(ip.payload).unwrap();
    assert_eq!((icmp.kind, icmp.code, icmp.about), (11, 0, &lost[..28]));
    assert_eq!(build_unreachable(router, 9, UNREACHABLE_HOST, &error), None);
}

#[test]
fn who_has_is_answered_by_is_at() {
    let (asks, answers) = (MacAddr::local(1, 0), MacAddr::local(2, 0));
    let arp = parse_arp(&arp_request(asks, A, B)).unwrap();
    assert!(arp.is_request);
    assert_eq!((arp.sender_mac, arp.sender_ip, arp.target_mac, arp.target_ip), (asks, A, MacAddr::default(), B));
    let arp = parse_arp(&arp_reply(answers, B, asks, A)).unwrap();
    assert_eq!((arp.is_request, arp.sender_mac, arp.target_ip), (false, answers, A));
    assert_eq!(answers.to_string(), "02:00:00:00:02:00");
}
