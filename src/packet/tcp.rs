//! TCP segments as bytes (RFC 9293 section 3.1), with the options of RFC 9293 (MSS) and RFC 2018 (SACK).

use std::net::Ipv4Addr;

use super::checksum::Sum;
use super::ipv4::{HEADER, Ipv4Fields, write_header};
use super::{Malformed, TcpFlags, TcpHeader};

/// Longest header: 15 words.
const LONGEST: usize = 60;

/// A segment that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tcp<'a> {
    /// Its header.
    pub header: TcpHeader,
    /// Its data.
    pub payload: &'a [u8],
    /// Where the data begins in the segment.
    pub payload_offset: usize,
}

/// Appends a whole datagram that carries a segment; `payload` comes in two parts, as a ring buffer has it.
pub fn write_tcp(out: &mut Vec<u8>, fields: &Ipv4Fields, header: &TcpHeader, payload: (&[u8], &[u8])) {
    let mut h = [0u8; LONGEST];
    h[0..2].copy_from_slice(&header.src_port.to_be_bytes());
    h[2..4].copy_from_slice(&header.dst_port.to_be_bytes());
    h[4..8].copy_from_slice(&header.seq.to_be_bytes());
    h[8..12].copy_from_slice(&header.ack.to_be_bytes());
    h[13] = header.flags.0;
    h[14..16].copy_from_slice(&header.window.to_be_bytes());
    let length = 20 + write_options(&mut h[20..], header);
    h[12] = (length as u8 / 4) << 4;
    let data = payload.0.len() + payload.1.len();

    let start = out.len();
    out.reserve(HEADER + length + data);
    write_header(out, fields, 6, length + data);
    out.extend_from_slice(&h[..length]);
    out.extend_from_slice(payload.0);
    out.extend_from_slice(payload.1);
    let segment = &mut out[start + HEADER..];
    let sum = Sum::pseudo(fields.src, fields.dst, 6, segment.len()).add(segment).field();
    segment[16..18].copy_from_slice(&sum);
}

/// Options as common stacks write them, padded with NOP (1) to whole words.
fn write_options(out: &mut [u8], header: &TcpHeader) -> usize {
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        out[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    if let Some(mss) = header.mss {
        let [a, b] = mss.to_be_bytes();
        put(&[2, 4, a, b]);
    }
    if header.sack_permitted {
        put(&[1, 1, 4, 2]);
    }
    let blocks = header.sack.iter().flatten().count();
    if blocks > 0 {
        put(&[1, 1, 5, 2 + 8 * blocks as u8]);
        for (left, right) in header.sack.iter().flatten() {
            put(&left.to_be_bytes());
            put(&right.to_be_bytes());
        }
    }
    at
}

/// Reads a segment and checks lengths, options and checksum.
///
/// # Errors
/// Where the bytes are wrong.
pub fn parse_tcp(src: Ipv4Addr, dst: Ipv4Addr, bytes: &[u8]) -> Result<Tcp<'_>, Malformed> {
    let wrong = |at, expected| Malformed { layer: "TCP", at, expected };
    if bytes.len() < 20 {
        return Err(wrong(bytes.len(), "a header of at least 20 bytes"));
    }
    let payload_offset = usize::from(bytes[12] >> 4) * 4;
    if payload_offset < 20 || bytes.len() < payload_offset {
        return Err(wrong(12, "a data offset of at least 5 words and within the segment"));
    }
    if !Sum::pseudo(src, dst, 6, bytes.len()).add(bytes).is_right() {
        return Err(wrong(16, "a right checksum"));
    }
    let u16_at = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
    let u32_at = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let mut header = TcpHeader {
        src_port: u16_at(0),
        dst_port: u16_at(2),
        seq: u32_at(4),
        ack: u32_at(8),
        flags: TcpFlags(bytes[13]),
        window: u16_at(14),
        ..TcpHeader::default()
    };
    if payload_offset > 20 {
        read_options(&bytes[20..payload_offset], &mut header)
            .ok_or(wrong(20, "options whose lengths fit the header"))?;
    }
    Ok(Tcp { header, payload: &bytes[payload_offset..], payload_offset })
}

/// Writes other bytes of the same length over `at` of a datagram with a segment, as somebody on the way can, and makes
/// the segment's checksum right again. False: they do not lie in the segment.
pub fn forge_tcp(datagram: &mut [u8], at: usize, with: &[u8]) -> bool {
    let header = datagram.first().map_or(0, |b| usize::from(b & 15) * 4);
    if header < 20 || at < header + 20 || at + with.len() > datagram.len() {
        return false;
    }
    datagram[at..at + with.len()].copy_from_slice(with);
    let address =
        |from: usize| Ipv4Addr::new(datagram[from], datagram[from + 1], datagram[from + 2], datagram[from + 3]);
    let (src, dst) = (address(12), address(16));
    let segment = &mut datagram[header..];
    segment[16..18].fill(0);
    let field = Sum::pseudo(src, dst, 6, segment.len()).add(segment).field();
    segment[16..18].copy_from_slice(&field);
    true
}

/// `None` if a length does not fit. Unknown options are passed over (RFC 9293 section 3.1, MUST-6).
fn read_options(mut options: &[u8], header: &mut TcpHeader) -> Option<()> {
    while let Some((&kind, rest)) = options.split_first() {
        match kind {
            0 => break,
            1 => options = rest,
            _ => {
                let length = usize::from(*rest.first()?);
                let value = options.get(2..length)?;
                match (kind, value.len()) {
                    (2, 2) => header.mss = Some(u16::from_be_bytes([value[0], value[1]])),
                    (4, 0) => header.sack_permitted = true,
                    (5, n) if n % 8 == 0 => {
                        for (block, slot) in value.chunks_exact(8).zip(header.sack.iter_mut()) {
                            let edge = |b: &[u8]| u32::from_be_bytes([b[0], b[1], b[2], b[3]]);
                            *slot = Some((edge(&block[..4]), edge(&block[4..])));
                        }
                    }
                    _ => {}
                }
                options = &options[length..];
            }
        }
    }
    Some(())
}
