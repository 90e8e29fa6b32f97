//! ARP for IPv4 over Ethernet (RFC 826): who has this address?

use std::net::Ipv4Addr;

use super::{MacAddr, Malformed};

/// Length of an ARP packet for IPv4 over Ethernet.
const LENGTH: usize = 28;

/// An ARP packet that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arp {
    /// A question (1) or an answer (2).
    pub is_request: bool,
    /// Who speaks.
    pub sender_mac: MacAddr,
    /// Its address.
    pub sender_ip: Ipv4Addr,
    /// Zero in a question.
    pub target_mac: MacAddr,
    /// Who is asked for, or answered.
    pub target_ip: Ipv4Addr,
}

/// "Who has `wanted`? Tell `ip`."
pub fn arp_request(mac: MacAddr, ip: Ipv4Addr, wanted: Ipv4Addr) -> Vec<u8> {
    build(1, mac, ip, MacAddr::default(), wanted)
}

/// "`ip` is at `mac`."
pub fn arp_reply(mac: MacAddr, ip: Ipv4Addr, to_mac: MacAddr, to_ip: Ipv4Addr) -> Vec<u8> {
    build(2, mac, ip, to_mac, to_ip)
}

fn build(operation: u8, mac: MacAddr, ip: Ipv4Addr, target_mac: MacAddr, target_ip: Ipv4Addr) -> Vec<u8> {
    let mut out = Vec::with_capacity(LENGTH);
    out.extend_from_slice(&[0, 1, 8, 0, 6, 4, 0, operation]);
    out.extend_from_slice(&mac.0);
    out.extend_from_slice(&ip.octets());
    out.extend_from_slice(&target_mac.0);
    out.extend_from_slice(&target_ip.octets());
    out
}

/// Reads an ARP packet.
///
/// # Errors
/// Where the bytes are wrong.
pub fn parse_arp(bytes: &[u8]) -> Result<Arp, Malformed> {
    let wrong = |at, expected| Malformed { layer: "ARP", at, expected };
    if bytes.len() < LENGTH {
        return Err(wrong(bytes.len(), "28 bytes"));
    }
    if bytes[..6] != [0, 1, 8, 0, 6, 4] {
        return Err(wrong(0, "IPv4 over Ethernet"));
    }
    if !matches!(bytes[6..8], [0, 1 | 2]) {
        return Err(wrong(6, "operation 1 or 2"));
    }
    let mac = |at: usize| MacAddr(bytes[at..at + 6].try_into().expect("six bytes"));
    let ip = |at: usize| Ipv4Addr::new(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
    Ok(Arp { is_request: bytes[7] == 1, sender_mac: mac(8), sender_ip: ip(14), target_mac: mac(18), target_ip: ip(24) })
}
