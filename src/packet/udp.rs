//! UDP datagrams (RFC 768).

use std::net::Ipv4Addr;

use super::Malformed;
use super::checksum::Sum;
use super::ipv4::{HEADER, Ipv4Fields, write_header};

/// A datagram that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Udp<'a> {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Data.
    pub payload: &'a [u8],
}

/// A whole IPv4 datagram that carries `payload`.
pub fn build_udp(fields: &Ipv4Fields, src_port: u16, dst_port: u16, payload: &[u8]) -> Vec<u8> {
    let length = 8 + payload.len();
    let mut out = Vec::with_capacity(HEADER + length);
    write_header(&mut out, fields, 17, length);
    out.extend_from_slice(&src_port.to_be_bytes());
    out.extend_from_slice(&dst_port.to_be_bytes());
    out.extend_from_slice(&(length as u16).to_be_bytes());
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(payload);
    let sum = Sum::pseudo(fields.src, fields.dst, 17, length).add(&out[HEADER..]).field();
    // A computed zero is sent as all ones: zero means "no checksum".
    let sum = if sum == [0, 0] { [0xff, 0xff] } else { sum };
    out[HEADER + 6..HEADER + 8].copy_from_slice(&sum);
    out
}

/// Reads a datagram and checks length and checksum.
///
/// # Errors
/// Where the bytes are wrong.
pub fn parse_udp(src: Ipv4Addr, dst: Ipv4Addr, bytes: &[u8]) -> Result<Udp<'_>, Malformed> {
    let wrong = |at, expected| Malformed { layer: "UDP", at, expected };
    if bytes.len() < 8 {
        return Err(wrong(bytes.len(), "a header of 8 bytes"));
    }
    let length = usize::from(u16::from_be_bytes([bytes[4], bytes[5]]));
    if length < 8 || bytes.len() < length {
        return Err(wrong(4, "a length of at least 8 and within the packet"));
    }
    let bytes = &bytes[..length];
    if bytes[6..8] != [0, 0] && !Sum::pseudo(src, dst, 17, length).add(bytes).is_right() {
        return Err(wrong(6, "a right checksum"));
    }
    Ok(Udp {
        src_port: u16::from_be_bytes([bytes[0], bytes[1]]),
        dst_port: u16::from_be_bytes([bytes[2], bytes[3]]),
        payload: &bytes[8..],
    })
}
