//! The header of a TCP segment (RFC 9293 section 3.1) as values: what `tcp` writes and reads, and what
//! the codec turns into bytes.

use std::fmt;
use std::ops::BitOr;

/// Protocols above IPv4, by their number in its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// 1, RFC 792.
    Icmp,
    /// 6, RFC 9293.
    Tcp,
    /// 17, RFC 768.
    Udp,
}

/// Control bits of a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: TcpFlags = TcpFlags(0x01);
    /// Synchronise sequence numbers.
    pub const SYN: TcpFlags = TcpFlags(0x02);
    /// Reset the connection.
    pub const RST: TcpFlags = TcpFlags(0x04);
    /// Hand the data over at once.
    pub const PSH: TcpFlags = TcpFlags(0x08);
    /// The acknowledgement field counts.
    pub const ACK: TcpFlags = TcpFlags(0x10);

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: TcpFlags) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for TcpFlags {
    type Output = TcpFlags;
    fn bitor(self, other: TcpFlags) -> TcpFlags {
        TcpFlags(self.0 | other.0)
    }
}

/// `SYN`, `SYN, ACK`, `PSH, ACK` ... as Wireshark writes them.
impl fmt::Display for TcpFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names =
            [(Self::FIN, "FIN"), (Self::SYN, "SYN"), (Self::RST, "RST"), (Self::PSH, "PSH"), (Self::ACK, "ACK")];
        let mut first = true;
        for (bit, name) in names {
            if self.contains(bit) {
                f.write_str(if first { "" } else { ", " })?;
                f.write_str(name)?;
                first = false;
            }
        }
        Ok(())
    }
}

/// A TCP header without its checksum, which depends on the addresses and is the codec's business.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpHeader {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Sequence number of the first data byte (of the SYN, if it is one).
    pub seq: u32,
    /// Next sequence number expected; counts with [`TcpFlags::ACK`] only.
    pub ack: u32,
    /// Control bits.
    pub flags: TcpFlags,
    /// Receive window in bytes (no window scaling).
    pub window: u16,
    /// Maximum segment size option, in SYN segments.
    pub mss: Option<u16>,
    /// SACK permitted option, in SYN segments (RFC 2018).
    pub sack_permitted: bool,
    /// SACK blocks, `left..right` (RFC 2018), most recent first.
    pub sack: [Option<(u32, u32)>; 3],
}
