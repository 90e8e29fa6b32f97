//! Packets as bytes, and bytes as packets: Ethernet, ARP, IPv4, ICMP, UDP, TCP.

mod header;

pub use header::{Protocol, TcpFlags, TcpHeader};
