//! IPv4 (RFC 791 section 3.1) and ICMP errors (RFC 792).

use std::net::Ipv4Addr;

use super::cut::{Cut, plain_number};
use super::flow::Place;
use super::{Field, LayerKind, data, info, transport};
use crate::packet::{parse_icmp, parse_ipv4};

/// Shortest header.
const HEADER: usize = 20;

/// A datagram that ends no later than at `end` of the frame.
pub(super) fn datagram(cut: &mut Cut<'_>, end: usize, place: Option<&Place<'_>>) {
    let Some((length, total)) = lengths(&cut.frame[cut.at..end]) else { return };
    let end = cut.at + total;
    let protocol = cut.peek(9, 1);
    let addresses = [Ipv4Addr::from_bits(cut.peek(12, 4) as u32), Ipv4Addr::from_bits(cut.peek(16, 4) as u32)];
    let summary = format!("Src: {}, Dst: {}", addresses[0], addresses[1]);
    let fields = header(cut, length);
    cut.layer(("Internet Protocol Version 4", "ip", LayerKind::Network), length, summary, fields);
    match protocol {
        1 => icmp(cut, end),
        6 => transport::segment(cut, end, addresses, place),
        17 => transport::udp(cut, end, addresses),
        _ => {}
    }
    // Whatever the layers above left, and then what the link padded the frame with.
    data::bytes(cut, end - cut.at, LayerKind::Network);
}

/// Length of the header, and of the whole datagram, if there is one.
fn lengths(bytes: &[u8]) -> Option<(usize, usize)> {
    let length = usize::from(bytes.first()? & 15) * 4;
    let is_header = bytes[0] >> 4 == 4 && length >= HEADER && length <= bytes.len();
    let total = usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]));
    is_header.then(|| (length, total.clamp(length, bytes.len())))
}

/// The fields of a header that is there as a whole.
fn header(cut: &Cut<'_>, length: usize) -> Vec<Field> {
    let check = match parse_ipv4(cut.left()) {
        Err(wrong) if wrong.at == 10 => "wrong",
        _ => "right",
    };
    let version = cut.bits("ip.version", "Version", (0, 1), 0xf0, plain_number);
    let words = cut.peek(0, 1) & 15;
    let mut fields = vec![
        version,
        cut.derived("ip.hdr_len", "Header Length", (0, 1), words * 4, format!("{} bytes ({words})", words * 4)),
        cut.number("ip.dsfield", "Differentiated Services Field", (1, 1), |n| format!("{n:#04x}")).with(vec![
            cut.bits("ip.dsfield.dscp", "Differentiated Services Codepoint", (1, 1), 0xfc, plain_number),
            cut.bits("ip.dsfield.ecn", "Explicit Congestion Notification", (1, 1), 0x03, plain_number),
        ]),
        cut.number("ip.len", "Total Length", (2, 2), plain_number),
        cut.number("ip.id", "Identification", (4, 2), |n| format!("{n:#06x} ({n})")),
        cut.bits("ip.flags", "Flags", (6, 1), 0xe0, |n| {
            if n & 2 == 2 { format!("{n:#03x}, Don't fragment") } else { format!("{n:#03x}") }
        })
        .with(vec![
            cut.flag("ip.flags.rb", "Reserved bit", (6, 1), 0x80),
            cut.flag("ip.flags.df", "Don't fragment", (6, 1), 0x40),
            cut.flag("ip.flags.mf", "More fragments", (6, 1), 0x20),
        ]),
        {
            // In units of eight bytes.
            let units = cut.peek(6, 2) & 0x1fff;
            cut.derived("ip.frag_offset", "Fragment Offset", (6, 2), units * 8, (units * 8).to_string())
        },
        cut.number("ip.ttl", "Time to Live", (8, 1), plain_number),
        cut.number("ip.proto", "Protocol", (9, 1), |n| format!("{} ({n})", protocol(n))),
        cut.number("ip.checksum", "Header Checksum", (10, 2), |n| format!("{n:#06x} [{check}]")),
        cut.address("ip.src", "Source Address", 12),
        cut.address("ip.dst", "Destination Address", 16),
    ];
    if length > HEADER {
        fields.push(cut.plain("ip.options", "Options", (HEADER, length - HEADER), String::new()));
    }
    fields
}

fn protocol(number: u64) -> &'static str {
    match number {
        1 => "ICMP",
        6 => "TCP",
        17 => "UDP",
        _ => "Unknown",
    }
}

/// An error, with the beginning of the datagram it speaks of.
fn icmp(cut: &mut Cut<'_>, end: usize) {
    let bytes = &cut.frame[cut.at..end];
    if bytes.len() < 8 {
        return;
    }
    let check = if parse_icmp(bytes).is_ok() { "right" } else { "wrong" };
    let (what, why) = info::icmp(bytes[0], bytes[1]);
    let mut fields =
        vec![
            cut.number("icmp.type", "Type", (0, 1), |n| format!("{n} ({what})")),
            cut.number("icmp.code", "Code", (1, 1), |n| {
                if why.is_empty() { n.to_string() } else { format!("{n} ({why})") }
            }),
            cut.number("icmp.checksum", "Checksum", (2, 2), |n| format!("{n:#06x} [{check}]")),
            cut.plain("icmp.unused", "Unused", (4, 4), String::new()),
        ];
    if bytes.len() > 8 {
        fields
            .push(cut.plain("ip", "The packet it is about", (8, bytes.len() - 8), String::new()).with(about(cut, end)));
    }
    let summary = if why.is_empty() { what.to_string() } else { format!("{what} ({why})") };
    cut.layer(("Internet Control Message Protocol", "icmp", LayerKind::Network), bytes.len(), summary, fields);
}

/// The fields of a quoted datagram: its header, and the ports behind it.
fn about(cut: &Cut<'_>, end: usize) -> Vec<Field> {
    let mut quoted = Cut::new(&cut.frame[..end]);
    quoted.at = cut.at + 8;
    let Some((length, _)) = lengths(quoted.left()) else { return Vec::new() };
    let mut fields = header(&quoted, length);
    let protocol = quoted.peek(9, 1);
    quoted.at += length;
    let names = match protocol {
        6 => ("tcp.srcport", "tcp.dstport"),
        17 => ("udp.srcport", "udp.dstport"),
        _ => return fields,
    };
    if quoted.left().len() >= 4 {
        fields.push(quoted.number(names.0, "Source Port", (0, 2), transport::port));
        fields.push(quoted.number(names.1, "Destination Port", (2, 2), transport::port));
    }
    if protocol == 6 && quoted.left().len() >= 8 {
        fields.push(quoted.number("tcp.seq_raw", "Sequence Number (raw)", (4, 4), plain_number));
    }
    fields
}
