//! The IPv4 header (RFC 791 section 3.1), without options and without fragments.

use std::net::Ipv4Addr;

use super::checksum::{Sum, updated};
use super::{Malformed, Protocol};

/// Length of a header without options.
pub(super) const HEADER: usize = 20;

/// What a sender decides about a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ipv4Fields {
    /// Source.
    pub src: Ipv4Addr,
    /// Destination.
    pub dst: Ipv4Addr,
    /// Identification.
    pub id: u16,
    /// Time to live.
    pub ttl: u8,
}

impl Default for Ipv4Fields {
    /// TTL 64, as RFC 1700 has it.
    fn default() -> Self {
        Ipv4Fields { src: Ipv4Addr::UNSPECIFIED, dst: Ipv4Addr::UNSPECIFIED, id: 0, ttl: 64 }
    }
}

/// A datagram that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ipv4<'a> {
    /// Source.
    pub src: Ipv4Addr,
    /// Destination.
    pub dst: Ipv4Addr,
    /// Identification.
    pub id: u16,
    /// Time to live.
    pub ttl: u8,
    /// Number of the protocol above.
    pub protocol_number: u8,
    /// Length of the header in bytes.
    pub header_len: usize,
    /// What follows the header, without padding of the link.
    pub payload: &'a [u8],
}

impl Ipv4<'_> {
    /// The protocol above, if Mailpath knows it.
    pub fn protocol(&self) -> Option<Protocol> {
        match self.protocol_number {
            1 => Some(Protocol::Icmp),
            6 => Some(Protocol::Tcp),
            17 => Some(Protocol::Udp),
            _ => None,
        }
    }
}

/// Appends a header for `length` bytes of payload, with its checksum.
pub(super) fn write_header(out: &mut Vec<u8>, fields: &Ipv4Fields, protocol: u8, length: usize) {
    let total = (HEADER + length) as u16;
    let mut h = [0; HEADER];
    h[0] = 0x45;
    h[2..4].copy_from_slice(&total.to_be_bytes());
    h[4..6].copy_from_slice(&fields.id.to_be_bytes());
    h[6] = 0x40; // don't fragment: path MTU is the same everywhere
    h[8] = fields.ttl;
    h[9] = protocol;
    h[12..16].copy_from_slice(&fields.src.octets());
    h[16..20].copy_from_slice(&fields.dst.octets());
    let sum = Sum::default().add(&h).field();
    h[10..12].copy_from_slice(&sum);
    out.extend_from_slice(&h);
}

/// Reads a datagram and checks version, lengths and header checksum.
///
/// # Errors
/// Where the bytes are wrong. Fragments are refused: nothing in Mailpath sends them.
pub fn parse_ipv4(bytes: &[u8]) -> Result<Ipv4<'_>, Malformed> {
    let wrong = |at, expected| Malformed { layer: "IPv4", at, expected };
    if bytes.len() < HEADER {
        return Err(wrong(bytes.len(), "a header of at least 20 bytes"));
    }
    if bytes[0] >> 4 != 4 {
        return Err(wrong(0, "version 4"));
    }
    let header_len = usize::from(bytes[0] & 15) * 4;
    if header_len < HEADER || bytes.len() < header_len {
        return Err(wrong(0, "a header length of at least 20 bytes and within the packet"));
    }
    let total = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
    if total < header_len || bytes.len() < total {
        return Err(wrong(2, "a total length that covers the header and is not longer than the packet"));
    }
    if u16::from_be_bytes([bytes[6], bytes[7]]) & 0x3fff != 0 {
        return Err(wrong(6, "a datagram that is not a fragment"));
    }
    if !Sum::default().add(&bytes[..header_len]).is_right() {
        return Err(wrong(10, "a right header checksum"));
    }
    let address = |at: usize| Ipv4Addr::new(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
    Ok(Ipv4 {
        src: address(12),
        dst: address(16),
        id: u16::from_be_bytes([bytes[4], bytes[5]]),
        ttl: bytes[8],
        protocol_number: bytes[9],
        header_len,
        payload: &bytes[header_len..total],
    })
}

/// What a router does: one less to live, and the checksum changed to match (RFC 1624). False, and nothing
/// changed, if the packet may not be forwarded any more.
pub fn decrement_ttl(datagram: &mut [u8]) -> bool {
    if datagram.len() < HEADER || datagram[8] <= 1 {
        return false;
    }
    let old = u16::from_be_bytes([datagram[8], datagram[9]]);
    datagram[8] -= 1;
    let new = u16::from_be_bytes([datagram[8], datagram[9]]);
    let checksum = u16::from_be_bytes([datagram[10], datagram[11]]);
    datagram[10..12].copy_from_slice(&updated(checksum, old, new).to_be_bytes());
    true
}
