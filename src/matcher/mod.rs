//! A stateless predicate on one packet: what faults match on ("the first packet from 192.0.2.25 that
//! begins with MAIL").

use std::fmt;
use std::net::Ipv4Addr;

use crate::packet::{Protocol, TcpFlags};

/// A packet as it stands above the link layer.
#[derive(Clone, Copy, Debug)]
pub enum PacketRef<'a> {
    /// An IPv4 datagram.
    Ipv4(&'a [u8]),
    /// An ARP packet.
    Arp(&'a [u8]),
}

/// Every condition that is given must hold; the default matches every IPv4 packet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matcher {
    /// Sender.
    pub src: Option<Ipv4Addr>,
    /// Destination.
    pub dst: Option<Ipv4Addr>,
    /// Protocol above IPv4.
    pub protocol: Option<Protocol>,
    /// Source port of TCP or UDP.
    pub src_port: Option<u16>,
    /// Destination port of TCP or UDP.
    pub dst_port: Option<u16>,
    /// These TCP flags are all set.
    pub flags_set: TcpFlags,
    /// None of these TCP flags is set.
    pub flags_clear: TcpFlags,
    /// The data of TCP or UDP begin so.
    pub payload_starts: Option<Vec<u8>>,
    /// The data of TCP or UDP contain this.
    pub payload_contains: Option<Vec<u8>>,
    /// There are at least so many bytes of data.
    pub payload_at_least: Option<usize>,
    /// ARP packets instead of IPv4 packets.
    pub arp: bool,
}

/// What a matcher looks at, taken from the bytes without checking what only a receiver must check.
struct Seen<'a> {
    src: Ipv4Addr,
    dst: Ipv4Addr,
    protocol: u8,
    ports: Option<(u16, u16)>,
    flags: TcpFlags,
    payload: &'a [u8],
}

impl Matcher {
    /// Whether all conditions hold. Bytes that are no packet match nothing but the empty matcher.
    pub fn matches(&self, packet: PacketRef<'_>) -> bool {
        let bytes = match packet {
            PacketRef::Arp(_) => return self.arp,
            PacketRef::Ipv4(_) if self.arp => return false,
            PacketRef::Ipv4(bytes) => bytes,
        };
        let Some(seen) = look(bytes) else { return *self == Matcher::default() };
        let is = |wanted: Option<Ipv4Addr>, got| wanted.is_none_or(|w| w == got);
        let port = |wanted: Option<u16>, got: Option<u16>| wanted.is_none_or(|w| Some(w) == got);
        let number = |p| match p {
            Protocol::Icmp => 1,
            Protocol::Tcp => 6,
            Protocol::Udp => 17,
        };
        is(self.src, seen.src)
            && is(self.dst, seen.dst)
            && self.protocol.is_none_or(|p| number(p) == seen.protocol)
            && port(self.src_port, seen.ports.map(|p| p.0))
            && port(self.dst_port, seen.ports.map(|p| p.1))
            && seen.flags.contains(self.flags_set)
            && seen.flags.0 & self.flags_clear.0 == 0
            && self.payload_starts.as_ref().is_none_or(|s| seen.payload.starts_with(s))
            && self.payload_contains.as_ref().is_none_or(|s| memchr::memmem::find(seen.payload, s).is_some())
            && self.payload_at_least.is_none_or(|n| seen.payload.len() >= n)
    }
}

fn look(bytes: &[u8]) -> Option<Seen<'_>> {
    let header = usize::from(bytes.first()? & 15) * 4;
    let total = usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]));
    let above = bytes.get(header..total)?;
    let ip = |at: usize| bytes.get(at..at + 4).map(|b| Ipv4Addr::new(b[0], b[1], b[2], b[3]));
    let protocol = *bytes.get(9)?;
    let port = |at: usize| above.get(at..at + 2).map(|b| u16::from_be_bytes([b[0], b[1]]));
    let (mut ports, mut flags, mut payload) = (None, TcpFlags::default(), &above[..0]);
    match protocol {
        6 => {
            ports = Some((port(0)?, port(2)?));
            flags = TcpFlags(*above.get(13)?);
            payload = above.get(usize::from(above.get(12)? >> 4) * 4..)?;
        }
        17 => {
            ports = Some((port(0)?, port(2)?));
            payload = above.get(8..)?;
        }
        _ => {}
    }
    Some(Seen { src: ip(12)?, dst: ip(16)?, protocol, ports, flags, payload })
}

/// A sentence part: `TCP packet from 192.0.2.25 that begins with "MAIL"`.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match (self.arp, self.protocol) {
            (true, _) => "ARP packet",
            (_, Some(Protocol::Tcp)) => "TCP packet",
            (_, Some(Protocol::Udp)) => "UDP packet",
            (_, Some(Protocol::Icmp)) => "ICMP packet",
            (_, None) => "packet",
        };
        f.write_str(kind)?;
        let end = |f: &mut fmt::Formatter<'_>, word, address: Option<Ipv4Addr>, port: Option<u16>| match (address, port)
        {
            (Some(a), Some(p)) => write!(f, " {word} {a} port {p}"),
            (Some(a), None) => write!(f, " {word} {a}"),
            (None, Some(p)) => write!(f, " {word} port {p}"),
            (None, None) => Ok(()),
        };
        end(f, "from", self.src, self.src_port)?;
        end(f, "to", self.dst, self.dst_port)?;
        if self.flags_set != TcpFlags::default() {
            write!(f, " with {}", self.flags_set)?;
        }
        if self.flags_clear != TcpFlags::default() {
            write!(f, " without {}", self.flags_clear)?;
        }
        if let Some(s) = &self.payload_starts {
            write!(f, " that begins with \"{}\"", s.escape_ascii())?;
        }
        if let Some(s) = &self.payload_contains {
            write!(f, " that contains \"{}\"", s.escape_ascii())?;
        }
        if let Some(n) = self.payload_at_least {
            write!(f, " with at least {n} bytes of data")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::{Ipv4Fields, TcpHeader, build_udp, write_tcp};

    const A: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 25);
    const B: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 25);

    fn mail() -> Vec<u8> {
        let header =
            TcpHeader { src_port: 49152, dst_port: 25, flags: TcpFlags::PSH | TcpFlags::ACK, ..Default::default() };
        let mut out = Vec::new();
        write_tcp(
            &mut out,
            &Ipv4Fields { src: A, dst: B, ..Default::default() },
            &header,
            (b"MAIL FROM:<a@a.example>\r\n", b""),
        );
        out
    }

    #[test]
    fn the_segment_with_mail_is_found_by_sender_port_and_first_word() {
        let m = Matcher {
            src: Some(A),
            dst_port: Some(25),
            protocol: Some(Protocol::Tcp),
            payload_starts: Some(b"MAIL".to_vec()),
            ..Matcher::default()
        };
        assert!(m.matches(PacketRef::Ipv4(&mail())));
        assert!(!Matcher { src: Some(B), ..m.clone() }.matches(PacketRef::Ipv4(&mail())));
        assert!(!Matcher { payload_starts: Some(b"RCPT".to_vec()), ..m.clone() }.matches(PacketRef::Ipv4(&mail())));
        assert_eq!(m.to_string(), "TCP packet from 192.0.2.25 to port 25 that begins with \"MAIL\"");
    }

    #[test]
    fn a_syn_is_one_without_ack() {
        let syn = Matcher { flags_set: TcpFlags::SYN, flags_clear: TcpFlags::ACK, ..Matcher::default() };
        assert!(!syn.matches(PacketRef::Ipv4(&mail())));
        assert_eq!(syn.to_string(), "packet with SYN without ACK");
        let push = Matcher { flags_set: TcpFlags::PSH, payload_at_least: Some(20), ..Matcher::default() };
        assert!(push.matches(PacketRef::Ipv4(&mail())));
    }

    #[test]
    fn udp_and_arp_are_told_apart() {
        let udp = build_udp(&Ipv4Fields { src: A, dst: B, ..Default::default() }, 4000, 53, b"xyz");
        let dns = Matcher {
            protocol: Some(Protocol::Udp),
            dst_port: Some(53),
            payload_contains: Some(b"yz".to_vec()),
            ..Matcher::default()
        };
        assert!(dns.matches(PacketRef::Ipv4(&udp)));
        assert!(!dns.matches(PacketRef::Ipv4(&mail())));
        assert!(!dns.matches(PacketRef::Arp(&udp)));
        assert!(Matcher { arp: true, ..Matcher::default() }.matches(PacketRef::Arp(&[])));
    }
}
