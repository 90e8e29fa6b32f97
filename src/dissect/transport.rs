//! TCP (RFC 9293 section 3.1) and UDP (RFC 768).

use std::net::Ipv4Addr;

use super::cut::{Cut, plain_number};
use super::flow::Place;
use super::info::relative;
use super::{Field, LayerKind, application, dns};
use crate::packet::{TcpFlags, parse_tcp, parse_udp};

/// Shortest header of TCP.
const HEADER: usize = 20;

/// A segment that ends at `end` of the frame.
pub(super) fn segment(cut: &mut Cut<'_>, end: usize, [src, dst]: [Ipv4Addr; 2], place: Option<&Place<'_>>) {
    let bytes = &cut.frame[cut.at..end];
    let Some(length) = bytes.get(12).map(|b| usize::from(b >> 4) * 4) else { return };
    if length < HEADER || bytes.len() < length {
        return;
    }
    let check = match parse_tcp(src, dst, bytes) {
        Err(wrong) if wrong.at == 16 => "wrong",
        _ => "right",
    };
    let iss = |other| place.and_then(|p| p.flow.iss(if other { p.side.other() } else { p.side }));
    let flags = TcpFlags(bytes[13]);
    let data = bytes.len() - length;
    let seq = relative(cut.peek(4, 4) as u32, iss(false));
    let ack = if flags.contains(TcpFlags::ACK) { relative(cut.peek(8, 4) as u32, iss(true)) } else { 0 };
    let ports = [cut.peek(0, 2) as u16, cut.peek(2, 2) as u16];
    let mut summary = format!("Src Port: {}, Dst Port: {}, Seq: {seq}", ports[0], ports[1]);
    if flags.contains(TcpFlags::ACK) {
        summary.push_str(&format!(", Ack: {ack}"));
    }
    summary.push_str(&format!(", Len: {data}"));
    let set = flags.to_string();
    let set = if set.is_empty() { "<None>" } else { &set };
    let mut fields = vec![
        cut.number("tcp.srcport", "Source Port", (0, 2), port),
        cut.number("tcp.dstport", "Destination Port", (2, 2), port),
        cut.derived("tcp.seq", "Sequence Number", (4, 4), seq.into(), format!("{seq} (relative)")),
        cut.number("tcp.seq_raw", "Sequence Number (raw)", (4, 4), plain_number),
        cut.derived("tcp.ack", "Acknowledgment Number", (8, 4), ack.into(), format!("{ack} (relative)")),
        cut.number("tcp.ack_raw", "Acknowledgment number (raw)", (8, 4), plain_number),
        cut.derived("tcp.hdr_len", "Header Length", (12, 1), length as u64, format!("{length} bytes ({})", length / 4)),
        cut.bits("tcp.flags", "Flags", (12, 2), 0x0fff, |n| format!("{n:#05x} ({set})")).with(flag_fields(cut)),
        cut.number("tcp.window_size_value", "Window", (14, 2), plain_number),
        cut.number("tcp.checksum", "Checksum", (16, 2), |n| format!("{n:#06x} [{check}]")),
        cut.number("tcp.urgent_pointer", "Urgent Pointer", (18, 2), plain_number),
    ];
    if length > HEADER {
        let parts = options(cut, length, iss(true));
        fields.push(
            cut.plain("tcp.options", "Options", (HEADER, length - HEADER), format!("{} bytes", length - HEADER))
                .with(parts),
        );
    }
    cut.layer(("Transmission Control Protocol", "tcp", LayerKind::Transport), length, summary, fields);
    if data > 0 {
        application::payload(cut, end, ports, place);
    }
}

/// A port, with what is spoken there.
pub(super) fn port(n: u64) -> String {
    match n {
        25 => "SMTP (25)".to_string(),
        53 => "DNS (53)".to_string(),
        80 => "HTTP (80)".to_string(),
        110 => "POP3 (110)".to_string(),
        143 => "IMAP (143)".to_string(),
        465 => "mail submission over TLS (465)".to_string(),
        993 => "IMAP over TLS (993)".to_string(),
        995 => "POP3 over TLS (995)".to_string(),
        587 => "mail submission (587)".to_string(),
        n => n.to_string(),
    }
}

fn flag_fields(cut: &Cut<'_>) -> Vec<Field> {
    let flag = |name, label, mask| cut.flag(name, label, (12, 2), mask);
    vec![
        flag("tcp.flags.cwr", "Congestion Window Reduced", 0x80),
        flag("tcp.flags.ece", "ECN-Echo", 0x40),
        flag("tcp.flags.urg", "Urgent", 0x20),
        flag("tcp.flags.ack", "Acknowledgment", 0x10),
        flag("tcp.flags.push", "Push", 0x08),
        flag("tcp.flags.reset", "Reset", 0x04),
        flag("tcp.flags.syn", "Syn", 0x02),
        flag("tcp.flags.fin", "Fin", 0x01),
    ]
}

/// The options, as far as their lengths fit the header.
fn options(cut: &Cut<'_>, header: usize, other: Option<u32>) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut at = HEADER;
    while at < header {
        let kind = cut.peek(at, 1);
        let length = match kind {
            0 | 1 => 1,
            _ if at + 1 < header => cut.peek(at + 1, 1) as usize,
            _ => break,
        };
        if length == 0 || (kind > 1 && length < 2) || at + length > header {
            break;
        }
        let name = match (kind, length) {
            (0, _) => "End of Option List",
            (1, _) => "No-Operation (NOP)",
            (2, 4) => "Maximum segment size",
            (4, 2) => "SACK permitted",
            (5, _) => "SACK",
            _ => "Unknown",
        };
        let mut parts = vec![cut.number("tcp.option_kind", "Kind", (at, 1), plain_number)];
        if length > 1 {
            parts.push(cut.number("tcp.option_len", "Length", (at + 1, 1), plain_number));
        }
        match (kind, length) {
            (2, 4) => parts.push(cut.number("tcp.options.mss_val", "MSS Value", (at + 2, 2), plain_number)),
            (5, _) => {
                let mut edge = at + 2;
                while edge + 8 <= at + length {
                    for (name, label, edge) in
                        [("tcp.options.sack_le", "left edge", edge), ("tcp.options.sack_re", "right edge", edge + 4)]
                    {
                        let n = relative(cut.peek(edge, 4) as u32, other);
                        parts.push(cut.derived(name, label, (edge, 4), n.into(), format!("{n} (relative)")));
                    }
                    edge += 8;
                }
            }
            _ => {}
        }
        fields.push(cut.plain("tcp.options", "TCP Option", (at, length), name.to_string()).with(parts));
        at += length;
        if kind == 0 {
            break;
        }
    }
    fields
}

/// A UDP datagram that ends at `end` of the frame.
pub(super) fn udp(cut: &mut Cut<'_>, end: usize, [src, dst]: [Ipv4Addr; 2]) {
    let bytes = &cut.frame[cut.at..end];
    if bytes.len() < 8 {
        return;
    }
    let check = match parse_udp(src, dst, bytes) {
        Err(wrong) if wrong.at == 6 => "wrong",
        _ => "right",
    };
    let ports = [cut.peek(0, 2), cut.peek(2, 2)];
    let fields = vec![
        cut.number("udp.srcport", "Source Port", (0, 2), port),
        cut.number("udp.dstport", "Destination Port", (2, 2), port),
        cut.number("udp.length", "Length", (4, 2), plain_number),
        cut.number("udp.checksum", "Checksum", (6, 2), |n| format!("{n:#06x} [{check}]")),
    ];
    let summary = format!("Src Port: {}, Dst Port: {}", ports[0], ports[1]);
    cut.layer(("User Datagram Protocol", "udp", LayerKind::Transport), 8, summary, fields);
    if ports.contains(&u64::from(crate::dns::PORT)) {
        dns::message(cut, end);
    }
}
