//! Ethernet II (RFC 894) and ARP (RFC 826).

use super::cut::{Cut, plain_number};
use super::flow::Place;
use super::{Field, LayerKind, internet};

const HEADER: usize = 14;
const ARP: usize = 28;

/// A whole frame of a LAN.
pub(super) fn frame(cut: &mut Cut<'_>, place: Option<&Place<'_>>) {
    if cut.left().len() < HEADER {
        return;
    }
    let kind = cut.peek(12, 2);
    let fields = vec![
        address(cut, ("eth.dst", "eth.dst.lg", "eth.dst.ig"), "Destination", 0),
        address(cut, ("eth.src", "eth.src.lg", "eth.src.ig"), "Source", 6),
        cut.number("eth.type", "Type", (12, 2), |n| format!("{} ({n:#06x})", carried(n))),
    ];
    let summary = format!("Src: {}, Dst: {}", cut.mac_at(6), cut.mac_at(0));
    cut.layer(("Ethernet II", "eth", LayerKind::Link), HEADER, summary, fields);
    match kind {
        0x0800 => internet::datagram(cut, cut.frame.len(), place),
        0x0806 => arp(cut),
        _ => {}
    }
}

fn carried(ethertype: u64) -> &'static str {
    match ethertype {
        0x0800 => "IPv4",
        0x0806 => "ARP",
        _ => "Unknown",
    }
}

fn address(
    cut: &Cut<'_>,
    (name, lg, ig): (&'static str, &'static str, &'static str),
    label: &str,
    offset: usize,
) -> Field {
    let local = |bit| if bit == 1 { "locally administered" } else { "globally unique" }.to_string();
    let group = |bit| if bit == 1 { "group (broadcast or multicast)" } else { "individual (unicast)" }.to_string();
    cut.mac(name, label, offset).with(vec![
        cut.bits(lg, "LG bit", (offset, 3), 0x02_0000, local),
        cut.bits(ig, "IG bit", (offset, 3), 0x01_0000, group),
    ])
}

fn arp(cut: &mut Cut<'_>) {
    if cut.left().len() < ARP || cut.peek(0, 6) != 0x0001_0800_0604 {
        return;
    }
    let operation = |n| match n {
        1 => "request (1)".to_string(),
        2 => "reply (2)".to_string(),
        n => n.to_string(),
    };
    let fields = vec![
        cut.number("arp.hw.type", "Hardware type", (0, 2), |n| format!("Ethernet ({n})")),
        cut.number("arp.proto.type", "Protocol type", (2, 2), |n| format!("IPv4 ({n:#06x})")),
        cut.number("arp.hw.size", "Hardware size", (4, 1), plain_number),
        cut.number("arp.proto.size", "Protocol size", (5, 1), plain_number),
        cut.number("arp.opcode", "Opcode", (6, 2), operation),
        cut.mac("arp.src.hw_mac", "Sender MAC address", 8),
        cut.address("arp.src.proto_ipv4", "Sender IP address", 14),
        cut.mac("arp.dst.hw_mac", "Target MAC address", 18),
        cut.address("arp.dst.proto_ipv4", "Target IP address", 24),
    ];
    let summary = operation(cut.peek(6, 2));
    cut.layer(("Address Resolution Protocol", "arp", LayerKind::Link), ARP, summary, fields);
}
