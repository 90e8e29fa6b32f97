//! ICMP errors (RFC 792): what a router or host says about a packet that it could not pass on.

use std::net::Ipv4Addr;

use super::Malformed;
use super::checksum::Sum;
use super::ipv4::{HEADER, Ipv4Fields, parse_ipv4, write_header};

/// Code of destination unreachable: no route to the network.
pub const UNREACHABLE_NET: u8 = 0;
/// Code of destination unreachable: the host does not answer.
pub const UNREACHABLE_HOST: u8 = 1;
/// Code of destination unreachable: nobody listens on the port.
pub const UNREACHABLE_PORT: u8 = 3;

const DESTINATION_UNREACHABLE: u8 = 3;
const TIME_EXCEEDED: u8 = 11;

/// An ICMP message that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icmp<'a> {
    /// 3 destination unreachable, 11 time exceeded.
    pub kind: u8,
    /// Its code.
    pub code: u8,
    /// The beginning of the packet it speaks of: IP header and at least 8 bytes.
    pub about: &'a [u8],
}

/// Destination unreachable from `src` about `offending`. Nothing if an error may not be answered with an
/// error (RFC 1122 section 3.2.2): `offending` is ICMP itself, or no datagram at all.
pub fn build_unreachable(src: Ipv4Addr, id: u16, code: u8, offending: &[u8]) -> Option<Vec<u8>> {
    build(src, id, DESTINATION_UNREACHABLE, code, offending)
}

/// Time exceeded in transit, from `src` about `offending`; nothing as for [`build_unreachable`].
pub fn build_time_exceeded(src: Ipv4Addr, id: u16, offending: &[u8]) -> Option<Vec<u8>> {
    build(src, id, TIME_EXCEEDED, 0, offending)
}

fn build(src: Ipv4Addr, id: u16, kind: u8, code: u8, offending: &[u8]) -> Option<Vec<u8>> {
    let about = parse_ipv4(offending).ok()?;
    if about.protocol_number == 1 {
        return None;
    }
    let quoted = &offending[..offending.len().min(about.header_len + 8)];
    let fields = Ipv4Fields { src, dst: about.src, id, ..Ipv4Fields::default() };
    let mut out = Vec::with_capacity(HEADER + 8 + quoted.len());
    write_header(&mut out, &fields, 1, 8 + quoted.len());
    out.extend_from_slice(&[kind, code, 0, 0, 0, 0, 0, 0]);
    out.extend_from_slice(quoted);
    let sum = Sum::default().add(&out[HEADER..]).field();
    out[HEADER + 2..HEADER + 4].copy_from_slice(&sum);
    Some(out)
}

/// Reads a message and checks its checksum.
///
/// # Errors
/// Where the bytes are wrong.
pub fn parse_icmp(bytes: &[u8]) -> Result<Icmp<'_>, Malformed> {
    let wrong = |at, expected| Malformed { layer: "ICMP", at, expected };
    if bytes.len() < 8 {
        return Err(wrong(bytes.len(), "a header of 8 bytes"));
    }
    if !Sum::default().add(bytes).is_right() {
        return Err(wrong(2, "a right checksum"));
    }
    Ok(Icmp { kind: bytes[0], code: bytes[1], about: &bytes[8..] })
}
