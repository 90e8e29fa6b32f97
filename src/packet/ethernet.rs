//! Ethernet II: fourteen bytes in front of a packet on a LAN (RFC 894).

use std::fmt;

/// A hardware address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddr(pub [u8; 6]);

impl MacAddr {
    /// To everybody on the LAN.
    pub const BROADCAST: MacAddr = MacAddr([0xff; 6]);

    /// A locally administered address for interface `interface` of node `node`.
    pub const fn local(node: u32, interface: u32) -> Self {
        let n = node.to_be_bytes();
        MacAddr([0x02, n[0], n[1], n[2], n[3], interface as u8])
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let m = self.0;
        write!(f, "{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", m[0], m[1], m[2], m[3], m[4], m[5])
    }
}

/// What an Ethernet frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EtherType {
    /// 0x0800.
    Ipv4,
    /// 0x0806.
    Arp,
}

/// What stands in front of a packet on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkHeader {
    /// Nothing: a plain IP link.
    None,
    /// An Ethernet II header.
    Ethernet {
        /// Source.
        src: MacAddr,
        /// Destination.
        dst: MacAddr,
        /// What follows.
        ethertype: EtherType,
    },
}

impl LinkHeader {
    /// Length in bytes.
    pub const fn len(&self) -> usize {
        match self {
            LinkHeader::None => 0,
            LinkHeader::Ethernet { .. } => 14,
        }
    }

    /// Whether there is no header.
    pub const fn is_empty(&self) -> bool {
        matches!(self, LinkHeader::None)
    }

    /// Appends the header's bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        if let LinkHeader::Ethernet { src, dst, ethertype } = self {
            out.extend_from_slice(&dst.0);
            out.extend_from_slice(&src.0);
            let number: u16 = match ethertype {
                EtherType::Ipv4 => 0x0800,
                EtherType::Arp => 0x0806,
            };
            out.extend_from_slice(&number.to_be_bytes());
        }
    }
}
