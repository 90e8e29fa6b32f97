//! Ethernet, ARP, IPv4, ICMP and UDP, and where TCP begins.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use super::names::Questions;
use super::tcp::{Segment, Streams};
use super::{Frame, Out};
use crate::filter::{Field, Val};

/// Conversations of UDP: number, time of the first and of the last datagram.
#[derive(Default)]
pub(super) struct Datagrams(HashMap<[(Ipv4Addr, u16); 2], (u32, i128, i128)>);

fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// What follows conversations from frame to frame.
type Following<'a> = (&'a mut Streams, &'a mut Datagrams, &'a mut Questions);

pub(super) fn frame(out: &mut Out, n: usize, frame: &Frame, ethernet: bool, following: Following<'_>) {
    let bytes = &frame.bytes;
    if !ethernet {
        out.protocols[n].push("raw");
        return internet(out, n, frame, (0, 1), following);
    }
    if bytes.len() < 14 {
        return;
    }
    out.protocol(n, Field::Eth, bytes, 14);
    out.protocols[n].push("ethertype");
    let kind = be16(bytes, 12);
    for (which, at, ig, lg) in
        [(Field::EthDst, 0, Field::EthDstIg, Field::EthDstLg), (Field::EthSrc, 6, Field::EthSrcIg, Field::EthSrcLg)]
    {
        out.bytes(n, which, &bytes[at..at + 6]);
        out.bytes(n, Field::EthAddr, &bytes[at..at + 6]);
        let bits = [(ig, Field::EthIg, 1), (lg, Field::EthLg, 2)];
        for (own, either, mask) in bits {
            out.truth(n, own, bytes[at] & mask != 0);
            out.truth(n, either, bytes[at] & mask != 0);
        }
    }
    out.number(n, Field::EthType, kind);
    match kind {
        0x0800 => internet(out, n, frame, (14, 1), following),
        0x0806 => arp(out, n, bytes, 14),
        _ => data(out, n, &bytes[14..]),
    }
}

fn data(out: &mut Out, n: usize, bytes: &[u8]) {
    if !bytes.is_empty() {
        out.protocol(n, Field::Data, bytes, bytes.len());
        out.bytes(n, Field::DataData, bytes);
        out.number(n, Field::DataLen, bytes.len() as u32);
    }
}

fn arp(out: &mut Out, n: usize, frame: &[u8], at: usize) {
    let bytes = &frame[at..];
    if bytes.len() < 28 {
        return;
    }
    out.protocol(n, Field::Arp, bytes, 28);
    out.number(n, Field::ArpHwType, be16(bytes, 0));
    out.number(n, Field::ArpProtoType, be16(bytes, 2));
    out.number(n, Field::ArpHwSize, bytes[4]);
    out.number(n, Field::ArpProtoSize, bytes[5]);
    out.number(n, Field::ArpOpcode, be16(bytes, 6));
    out.bytes(n, Field::ArpSrcHwMac, &bytes[8..14]);
    out.put(n, Field::ArpSrcProtoIpv4, || Val::Ipv4(be32(bytes, 14), 32));
    out.bytes(n, Field::ArpDstHwMac, &bytes[18..24]);
    out.put(n, Field::ArpDstProtoIpv4, || Val::Ipv4(be32(bytes, 24), 32));
}

/// A datagram at `at` of the frame, the `layer`th of its kind: an error of ICMP has the one inside that it is about.
fn internet(out: &mut Out, n: usize, frame: &Frame, (at, layer): (usize, u8), following: Following<'_>) {
    let bytes = &frame.bytes[at..];
    let header = bytes.first().map_or(0, |b| usize::from(b & 15) * 4);
    if header < 20 || bytes.len() < header {
        return;
    }
    let (src, dst) = (Ipv4Addr::from_bits(be32(bytes, 12)), Ipv4Addr::from_bits(be32(bytes, 16)));
    out.protocol(n, Field::Ip, bytes, header);
    let mut number = |field, value: u32| out.put_in(n, layer, field, || Val::number(value));
    let flags = bytes[6] >> 5;
    number(Field::IpVersion, u32::from(bytes[0] >> 4));
    number(Field::IpHdrLen, header as u32);
    number(Field::IpDsfield, bytes[1].into());
    number(Field::IpDsfieldDscp, (bytes[1] >> 2).into());
    number(Field::IpDsfieldEcn, (bytes[1] & 3).into());
    number(Field::IpLen, be16(bytes, 2).into());
    number(Field::IpId, be16(bytes, 4).into());
    number(Field::IpFlags, flags.into());
    number(Field::IpFragOffset, u32::from(be16(bytes, 6) & 0x1fff));
    number(Field::IpTtl, bytes[8].into());
    number(Field::IpProto, bytes[9].into());
    number(Field::IpChecksum, be16(bytes, 10).into());
    // Wireshark does not verify it unless told to: 2 says so.
    number(Field::IpChecksumStatus, 2);
    for (field, mask) in [(Field::IpFlagsRb, 4), (Field::IpFlagsDf, 2), (Field::IpFlagsMf, 1)] {
        out.put_in(n, layer, field, || Val::Truth(flags & mask != 0));
    }
    for (field, host, address) in [(Field::IpSrc, Field::IpSrcHost, src), (Field::IpDst, Field::IpDstHost, dst)] {
        out.put_in(n, layer, field, || Val::ipv4(address));
        out.put_in(n, layer, Field::IpAddr, || Val::ipv4(address));
        out.host(n, layer, host, address);
        out.host(n, layer, Field::IpHost, address);
    }
    let total = usize::from(be16(bytes, 2)).clamp(header, bytes.len());
    let (from, to) = (at + header, at + total);
    match bytes[9] {
        6 if layer == 1 => tcp(out, n, frame, (from, to), [src, dst], following.0),
        6 => quoted_tcp(out, n, &frame.bytes[from..to]),
        17 => udp(out, n, frame, (from, to), [src, dst], (following.1, following.2)),
        1 if layer == 1 => icmp(out, n, frame, (from, to), following),
        _ => data(out, n, &frame.bytes[from..to]),
    }
}

fn icmp(out: &mut Out, n: usize, frame: &Frame, (from, to): (usize, usize), following: Following<'_>) {
    let bytes = &frame.bytes[from..to];
    if bytes.len() < 8 {
        return;
    }
    out.protocol(n, Field::Icmp, bytes, bytes.len());
    out.number(n, Field::IcmpType, bytes[0]);
    out.number(n, Field::IcmpCode, bytes[1]);
    out.number(n, Field::IcmpChecksum, be16(bytes, 2));
    out.number(n, Field::IcmpChecksumStatus, 1);
    if matches!(bytes[0], 3 | 11) {
        internet(out, n, frame, (from + 8, 2), following);
    }
}

fn udp(
    out: &mut Out,
    n: usize,
    frame: &Frame,
    (from, to): (usize, usize),
    [src, dst]: [Ipv4Addr; 2],
    (seen, dns): (&mut Datagrams, &mut Questions),
) {
    let bytes = &frame.bytes[from..to];
    if bytes.len() < 8 {
        return;
    }
    let (sport, dport) = (be16(bytes, 0), be16(bytes, 2));
    out.protocol(n, Field::Udp, bytes, 8);
    out.number(n, Field::UdpSrcport, sport);
    out.number(n, Field::UdpDstport, dport);
    [sport, dport].iter().for_each(|port| out.number(n, Field::UdpPort, *port));
    out.number(n, Field::UdpLength, be16(bytes, 4));
    out.number(n, Field::UdpChecksum, be16(bytes, 6));
    out.number(n, Field::UdpChecksumStatus, 2);
    let mut ends = [(src, sport), (dst, dport)];
    ends.sort_unstable();
    let next = seen.0.len() as u32;
    let (stream, first, last) = seen.0.entry(ends).or_insert((next, frame.at, frame.at));
    out.number(n, Field::UdpStream, *stream);
    out.nanos(n, Field::UdpTimeRelative, frame.at - *first);
    out.nanos(n, Field::UdpTimeDelta, frame.at - *last);
    *last = frame.at;
    if bytes.len() > 8 {
        out.bytes(n, Field::UdpPayload, &bytes[8..]);
        if sport == 53 || dport == 53 {
            dns.message(out, n, (&bytes[8..], frame.at), *stream);
        } else {
            data(out, n, &bytes[8..]);
        }
    }
}

/// The first bytes of a segment, quoted by an error.
fn quoted_tcp(out: &mut Out, n: usize, bytes: &[u8]) {
    if bytes.len() < 8 {
        return;
    }
    out.protocol(n, Field::Tcp, bytes, bytes.len());
    for (field, at) in [(Field::TcpSrcport, 0), (Field::TcpDstport, 2)] {
        out.number(n, field, be16(bytes, at));
        out.number(n, Field::TcpPort, be16(bytes, at));
    }
    out.number(n, Field::TcpSeq, be32(bytes, 4));
    out.number(n, Field::TcpSeqRaw, be32(bytes, 4));
}

fn tcp(
    out: &mut Out,
    n: usize,
    frame: &Frame,
    (from, to): (usize, usize),
    [src, dst]: [Ipv4Addr; 2],
    streams: &mut Streams,
) {
    let bytes = &frame.bytes[from..to];
    let header = bytes.get(12).map_or(0, |b| usize::from(b >> 4) * 4);
    if header < 20 || bytes.len() < header {
        return;
    }
    let ends = [(src, be16(bytes, 0)), (dst, be16(bytes, 2))];
    let flags = be16(bytes, 12) & 0x0fff;
    out.protocol(n, Field::Tcp, bytes, bytes.len());
    for (field, (_, port)) in [Field::TcpSrcport, Field::TcpDstport].into_iter().zip(ends) {
        out.number(n, field, port);
        out.number(n, Field::TcpPort, port);
    }
    out.number(n, Field::TcpHdrLen, header as u32);
    out.number(n, Field::TcpLen, (bytes.len() - header) as u32);
    out.number(n, Field::TcpSeqRaw, be32(bytes, 4));
    out.number(n, Field::TcpAckRaw, be32(bytes, 8));
    out.number(n, Field::TcpFlags, flags);
    out.truth(n, Field::TcpFlagsRes, flags & 0xe00 != 0);
    let letters = ["R", "R", "R", "A", "C", "E", "U", "A", "P", "R", "S", "F"];
    let fields = [
        Field::TcpFlagsAe,
        Field::TcpFlagsCwr,
        Field::TcpFlagsEce,
        Field::TcpFlagsUrg,
        Field::TcpFlagsAck,
        Field::TcpFlagsPush,
        Field::TcpFlagsReset,
        Field::TcpFlagsSyn,
        Field::TcpFlagsFin,
    ];
    for (place, field) in fields.into_iter().enumerate() {
        out.truth(n, field, flags & (0x100 >> place) != 0);
    }
    out.put(n, Field::TcpFlagsStr, || {
        let set = |(place, letter): (usize, &'static str)| if flags & (0x800 >> place) != 0 { letter } else { "·" };
        Val::Text(letters.into_iter().enumerate().map(set).collect::<String>().into())
    });
    out.number(n, Field::TcpWindowSizeValue, be16(bytes, 14));
    out.number(n, Field::TcpChecksum, be16(bytes, 16));
    out.number(n, Field::TcpChecksumStatus, 2);
    out.number(n, Field::TcpUrgentPointer, be16(bytes, 18));
    options(out, n, &bytes[20..header]);
    let payload = from + header..to;
    if !payload.is_empty() {
        out.bytes(n, Field::TcpPayload, &frame.bytes[payload.clone()]);
    }
    streams.segment(Segment {
        frame: n,
        at: frame.at,
        ends,
        seq: be32(bytes, 4),
        ack: be32(bytes, 8),
        flags,
        window: be16(bytes, 14),
        payload,
    });
}

fn options(out: &mut Out, n: usize, options: &[u8]) {
    if options.is_empty() {
        return;
    }
    out.bytes(n, Field::TcpOptions, options);
    let mut at = 0;
    while at < options.len() {
        let kind = options[at];
        out.number(n, Field::TcpOptionKind, kind);
        if kind <= 1 {
            at += 1;
            continue;
        }
        let Some(length) = options.get(at + 1).map(|l| usize::from(*l)).filter(|l| *l >= 2) else { return };
        let Some(option) = options.get(at..at + length) else { return };
        out.number(n, Field::TcpOptionLen, length as u32);
        match kind {
            2 if length == 4 => {
                out.put(n, Field::TcpOptionsMss, || Val::Protocol(option.into(), length));
                out.number(n, Field::TcpOptionsMssVal, be16(option, 2));
            }
            4 => out.put(n, Field::TcpOptionsSackPerm, || Val::Protocol(option.into(), length)),
            5 => {
                out.put(n, Field::TcpOptionsSack, || Val::Protocol(option.into(), length));
                out.number(n, Field::TcpOptionsSackCount, ((length - 2) / 8) as u32);
                for edges in option[2..].chunks_exact(8) {
                    out.number(n, Field::TcpOptionsSackLe, be32(edges, 0));
                    out.number(n, Field::TcpOptionsSackRe, be32(edges, 4));
                }
            }
            _ => {}
        }
        at += length;
    }
}
