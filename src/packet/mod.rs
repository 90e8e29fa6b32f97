//! Packets as bytes, and bytes as packets: Ethernet, ARP, IPv4, ICMP, UDP, TCP.
//!
//! The field layouts are those of `smoltcp::wire`; this module fixes which packets Mailpath sends, checks
//! everything that comes in, and says of wrong bytes where and why.

mod arp;
mod checksum;
mod ethernet;
mod header;
mod icmp;
mod ipv4;
mod tcp;
mod udp;

use std::fmt;

pub use arp::{Arp, arp_reply, arp_request, parse_arp};
pub use ethernet::{EtherType, LinkHeader, MacAddr};
pub use header::{Protocol, TcpFlags, TcpHeader};
pub use icmp::{
    Icmp, UNREACHABLE_HOST, UNREACHABLE_NET, UNREACHABLE_PORT, build_time_exceeded, build_unreachable, parse_icmp,
};
pub use ipv4::{Ipv4, Ipv4Fields, decrement_ttl, parse_ipv4};
pub use tcp::{Tcp, forge_tcp, parse_tcp, write_tcp};
pub use udp::{Udp, build_udp, parse_udp};

/// Bytes that are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The layer that does not fit.
    pub layer: &'static str,
    /// Offset in that layer at which it does not.
    pub at: usize,
    /// What should be there.
    pub expected: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed {} at byte {}: expected {}", self.layer, self.at, self.expected)
    }
}

impl std::error::Error for Malformed {}

#[cfg(test)]
mod tests;
