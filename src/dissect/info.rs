//! The Info column, in Wireshark's words.

use std::fmt::Write;
use std::net::Ipv4Addr;

use super::flow::Flow;
use super::{Carries, PacketRow, cut, dns};
use crate::packet::{Protocol, TcpFlags, parse_arp, parse_ipv4, parse_tcp, parse_udp};
use crate::topology::Side;
use crate::trace::Log;

/// What an ICMP error says: its type and its code in words (RFC 792).
pub(super) fn icmp(kind: u8, code: u8) -> (&'static str, &'static str) {
    match (kind, code) {
        (3, 0) => ("Destination unreachable", "Network unreachable"),
        (3, 1) => ("Destination unreachable", "Host unreachable"),
        (3, 2) => ("Destination unreachable", "Protocol unreachable"),
        (3, 3) => ("Destination unreachable", "Port unreachable"),
        (3, 4) => ("Destination unreachable", "Fragmentation needed"),
        (3, _) => ("Destination unreachable", ""),
        (11, 0) => ("Time-to-live exceeded", "Time to live exceeded in transit"),
        (11, 1) => ("Time-to-live exceeded", "Fragment reassembly time exceeded"),
        (11, _) => ("Time-to-live exceeded", ""),
        (0, _) => ("Echo (ping) reply", ""),
        (8, _) => ("Echo (ping) request", ""),
        _ => ("ICMP", ""),
    }
}

/// `Who has 192.0.2.25?`, `192.0.2.25 is at 02:00:00:00:01:00`.
pub(super) fn arp(bytes: &[u8]) -> String {
    match parse_arp(bytes) {
        Ok(arp) if arp.is_request => format!("Who has {}?", arp.target_ip),
        Ok(arp) => format!("{} is at {}", arp.sender_ip, arp.sender_mac),
        Err(wrong) => wrong.to_string(),
    }
}

/// The lines of replies, joined; a code stands once for all the lines of its reply (RFC 5321 section 4.2.1).
fn reply(text: &str) -> String {
    let mut goes_on = false;
    let lines = text.split('\n').map(|line| {
        let shown = if goes_on { line.get(4..).unwrap_or_default() } else { line };
        goes_on = line.as_bytes().get(3) == Some(&b'-');
        shown
    });
    lines.collect::<Vec<_>>().join(" | ")
}

/// The lines of a text without their ends, joined.
pub(super) fn joined(text: &[u8], between: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, line) in cut::lines(text).enumerate() {
        out.push_str(if i > 0 { between } else { "" });
        out.push_str(&String::from_utf8_lossy(cut::bare(line)));
    }
    out
}

pub(super) fn first_line(text: &[u8]) -> String {
    String::from_utf8_lossy(cut::lines(text).next().map_or(text, cut::bare)).into_owned()
}

/// A sequence number as the distance from its direction's SYN. If that was not seen: as if it had been one
/// before the first that was, as Wireshark does.
pub(super) fn relative(number: u32, iss: Option<u32>) -> u32 {
    iss.map_or(1, |iss| number.wrapping_sub(iss))
}

/// Appends the column's text; a string cannot fail to be written to.
pub(super) fn write(out: &mut String, log: &Log, row: &PacketRow, flow: Option<&Flow>) {
    let _ = write_info(out, log, row, flow);
}

fn write_info(out: &mut String, log: &Log, row: &PacketRow, flow: Option<&Flow>) -> std::fmt::Result {
    let bytes = log.packet_bytes(row.packet);
    if log.packet(row.packet).arp {
        out.push_str(&arp(&bytes));
        return match parse_arp(&bytes) {
            Ok(arp) if arp.is_request => write!(out, " Tell {}", arp.sender_ip),
            _ => Ok(()),
        };
    }
    let ip = match parse_ipv4(&bytes) {
        Ok(ip) => ip,
        Err(wrong) => return write!(out, "{wrong}"),
    };
    if row.retransmission {
        out.push_str("[TCP Retransmission] ");
    }
    match (ip.protocol(), &row.carries) {
        (Some(Protocol::Icmp), _) => match ip.payload {
            [kind, code, ..] => match icmp(*kind, *code) {
                (what, "") => write!(out, "{what}"),
                (what, why) => write!(out, "{what} ({why})"),
            },
            _ => Ok(()),
        },
        (Some(Protocol::Udp), Carries::Query(_) | Carries::Answer(_)) => {
            out.push_str(&ip.payload.get(8..).and_then(dns::told).map(|dns| dns.info()).unwrap_or_default());
            Ok(())
        }
        (Some(Protocol::Tcp), Carries::Query(_) | Carries::Answer(_)) => {
            let message = payload(ip.payload).get(2..);
            out.push_str(&message.and_then(dns::told).map(|dns| dns.info()).unwrap_or_default());
            Ok(())
        }
        (Some(Protocol::Udp), _) => match parse_udp(ip.src, ip.dst, ip.payload) {
            Ok(udp) => write!(out, "{} → {} Len={}", udp.src_port, udp.dst_port, udp.payload.len()),
            Err(wrong) => write!(out, "{wrong}"),
        },
        (Some(Protocol::Tcp), Carries::Command(text) | Carries::Reply(text)) => {
            let client = row.conn.is_some_and(|(_, side)| side == Side::Client);
            match (row.protocol, client) {
                ("POP", true) => write!(out, "C: {}", text.lines().next().unwrap_or_default()),
                // Of a list the first line stands for all of it.
                ("POP", false) => write!(out, "S: {}", text.lines().next().unwrap_or_default()),
                ("SMTP", true) => write!(out, "C: {}", text.replace('\n', " | ")),
                ("SMTP", false) => write!(out, "S: {}", reply(text)),
                ("IMAP", true) => write!(out, "Request: {}", text.replace('\n', " | ")),
                // Of several responses the one with a tag says how the command went; without one the first stands for all.
                ("IMAP", false) => {
                    let tagged = text.lines().find(|line| !line.starts_with("* "));
                    write!(out, "Response: {}", tagged.or(text.lines().next()).unwrap_or_default())
                }
                _ => write!(out, "{text}"),
            }
        }
        (Some(Protocol::Tcp), Carries::Letter { part, of, bytes }) => {
            let who = match (row.protocol, row.conn) {
                ("SMTP", _) => "C: DATA",
                ("POP", _) => "S: DATA",
                (_, Some((_, Side::Client))) => "Request: mail",
                _ => "Response: mail",
            };
            write!(out, "{who} fragment, {bytes} bytes ({part} of {of})")
        }
        (Some(Protocol::Tcp), Carries::Sealed(text)) => write!(out, "{text}"),
        (Some(Protocol::Tcp), Carries::HttpRequest(_)) => {
            let text = payload(ip.payload);
            write!(out, "{}", first_line(text))?;
            // What is sent with it stands behind it in brackets, with two blanks as in Wireshark.
            match super::http::content_type(text) {
                Some(kind) => write!(out, "  ({kind})"),
                None => Ok(()),
            }
        }
        (Some(Protocol::Tcp), Carries::HttpObject { name, part, of }) => {
            let text = payload(ip.payload);
            if text.starts_with(b"HTTP/") {
                write!(out, "{}: ", first_line(text))?;
            }
            write!(out, "{name} ({part} of {of})")
        }
        (Some(Protocol::Tcp), _) => segment(out, ip.src, ip.dst, ip.payload, row, flow),
        (None, _) => write!(out, "protocol {}", ip.protocol_number),
    }
}

/// The data of a segment.
fn payload(segment: &[u8]) -> &[u8] {
    let offset = segment.get(12).map_or(0, |b| usize::from(b >> 4) * 4);
    segment.get(offset..).unwrap_or_default()
}

/// `49152 → 25 [SYN] Seq=0 Win=65535 Len=0 MSS=1460`.
fn segment(
    out: &mut String,
    src: Ipv4Addr,
    dst: Ipv4Addr,
    bytes: &[u8],
    row: &PacketRow,
    flow: Option<&Flow>,
) -> std::fmt::Result {
    let tcp = match parse_tcp(src, dst, bytes) {
        Ok(tcp) => tcp,
        Err(wrong) => return write!(out, "{wrong}"),
    };
    let h = &tcp.header;
    let iss = |side: Side| flow.and_then(|f| f.iss(side));
    let (own, other) = row.conn.map_or((None, None), |(_, side)| (iss(side), iss(side.other())));
    write!(out, "{} → {} [{}] Seq={}", h.src_port, h.dst_port, h.flags, relative(h.seq, own))?;
    if h.flags.contains(TcpFlags::ACK) {
        write!(out, " Ack={}", relative(h.ack, other))?;
    }
    write!(out, " Win={} Len={}", h.window, tcp.payload.len())?;
    if let Some(mss) = h.mss {
        write!(out, " MSS={mss}")?;
    }
    if h.sack_permitted {
        out.push_str(" SACK_PERM");
    }
    for (left, right) in h.sack.iter().flatten() {
        write!(out, " SLE={} SRE={}", relative(*left, other), relative(*right, other))?;
    }
    Ok(())
}
