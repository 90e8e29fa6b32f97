//! The internet checksum (RFC 1071), and its change when a router changes a field (RFC 1624).

use std::net::Ipv4Addr;

/// A running sum in one's complement arithmetic.
///
/// Eight bytes at a time into 64 bits with the carry kept: RFC 1071 section 2 allows any width, since
/// 2^16 is 1 modulo 65535. Parts must begin at an even offset.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum(u64);

impl Sum {
    /// Adds the bytes of a part; an odd last byte counts as if a zero followed.
    pub fn add(mut self, bytes: &[u8]) -> Self {
        // Native order: the sum of byte-swapped words is the byte-swapped sum (RFC 1071 section 2 B).
        let mut low = 0u64;
        let mut high = 0u64;
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let word = u64::from_ne_bytes(chunk.try_into().expect("eight bytes"));
            low += word & 0xffff_ffff;
            high += word >> 32;
        }
        let mut rest = chunks.remainder();
        if let Some((four, behind)) = rest.split_first_chunk() {
            low += u64::from(u32::from_ne_bytes(*four));
            rest = behind;
        }
        if let Some((two, behind)) = rest.split_first_chunk() {
            high += u64::from(u16::from_ne_bytes(*two));
            rest = behind;
        }
        if let [last] = rest {
            high += u64::from(u16::from_ne_bytes([*last, 0]));
        }
        // 64 KiB of words cannot make either half overflow, nor their sum.
        self.0 += u64::from(fold(low + high));
        self
    }

    /// The pseudo header of TCP and UDP (RFC 9293 section 3.1).
    pub fn pseudo(src: Ipv4Addr, dst: Ipv4Addr, protocol: u8, length: usize) -> Self {
        let mut header = [0; 12];
        header[..4].copy_from_slice(&src.octets());
        header[4..8].copy_from_slice(&dst.octets());
        header[9] = protocol;
        header[10..].copy_from_slice(&(length as u16).to_be_bytes());
        Sum::default().add(&header)
    }

    /// The checksum field's two bytes, in the order in which they stand in the packet.
    pub fn field(self) -> [u8; 2] {
        (!fold(self.0)).to_ne_bytes()
    }

    /// Whether a sum over a part with its checksum in place is right.
    pub fn is_right(self) -> bool {
        fold(self.0) == 0xffff
    }
}

fn fold(sum: u64) -> u16 {
    // Each step adds the upper half to the lower one; the second of a width takes up the carry of the first.
    let sum = (sum & 0xffff_ffff) + (sum >> 32);
    let sum = (sum & 0xffff) + (sum >> 16);
    let sum = (sum & 0xffff) + (sum >> 16);
    let sum = (sum & 0xffff) + (sum >> 16);
    sum as u16
}

/// The new checksum when one 16-bit field changes (RFC 1624 equation 3).
pub(super) fn updated(checksum: u16, old: u16, new: u16) -> u16 {
    !fold(u64::from(!checksum) + u64::from(!old) + u64::from(new))
}
