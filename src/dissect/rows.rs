//! All packets of a run, each once, as it was first put on a link: the packet list.

use std::fmt;
use std::net::Ipv4Addr;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::flow::{Flow, Kind, Talk};
use super::{Dissection, dns, info, layers_in, tls};
use crate::net::link::Loss;
use crate::packet::{LinkHeader, MacAddr, TcpFlags, parse_arp};
use crate::time::Instant;
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::{EntryId, HopId, Log, PacketId, What};

/// Who sent a packet, or to whom it goes, as the list's columns show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// Of the internet layer.
    Ip(Ipv4Addr),
    /// Of the link layer, for what has no other: ARP.
    Mac(MacAddr),
}

/// `192.0.2.25`, `02:00:00:00:01:00`; `Broadcast`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Ip(ip) => ip.fmt(f),
            Address::Mac(MacAddr::BROADCAST) => f.write_str("Broadcast"),
            Address::Mac(mac) => mac.fmt(f),
        }
    }
}

/// What a packet carries, as the shape on the stage says it. Texts are in full, without the last CRLF; the lines
/// of a text are joined by `\n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carries {
    /// Wants to open a TCP connection.
    Syn,
    /// Takes it.
    SynAck,
    /// Acknowledges, and nothing else.
    Ack,
    /// Will send no more.
    Fin,
    /// Ends or refuses the connection at once.
    Rst,
    /// A command of SMTP or IMAP.
    Command(String),
    /// A reply of SMTP, responses of IMAP, or a response of HTTP that brings no object.
    Reply(String),
    /// Bytes of a letter.
    Letter {
        /// Which of the packets that carry it, from 1.
        part: u32,
        /// How many carry it.
        of: u32,
        /// Bytes of the letter in this packet, stuffed dots and the final dot included.
        bytes: u32,
    },
    /// A question of DNS: `MX b.example`.
    Query(String),
    /// Its answer: `MX 10 mail.b.example`, `NXDOMAIN`.
    Answer(String),
    /// A request of HTTP: `GET /`.
    HttpRequest(String),
    /// Bytes of an object's response, head included.
    HttpObject {
        /// Its path.
        name: String,
        /// Which of the packets that carry it, from 1.
        part: u32,
        /// How many carry it.
        of: u32,
    },
    /// `Who has 192.0.2.25?`, `192.0.2.25 is at ...`.
    Arp(String),
    /// Records of TLS: what whoever has no key can see of them, `Client Hello`, `Application Data`.
    Sealed(String),
    /// What a router or host says about another packet: `Destination unreachable`.
    Icmp(String),
    /// Anything else.
    Other,
}

/// A packet in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketRow {
    /// Its number in the record.
    pub packet: PacketId,
    /// When it was first put on a link; if it never was, where it ended.
    pub sent: EntryId,
    /// When it reached the host that it was for.
    pub arrived: Option<EntryId>,
    /// When it was lost.
    pub lost: Option<EntryId>,
    /// The time of `sent`.
    pub at: Instant,
    /// Who sent it.
    pub from: NodeId,
    /// For whom it is; `None` if for everybody, or if no node of the run has that address.
    pub to: Option<NodeId>,
    /// Source as the list shows it.
    pub src: Address,
    /// Destination as the list shows it.
    pub dst: Address,
    /// As Wireshark's column: `TCP`, `SMTP`, `IMAP`, `POP`, `HTTP`, `TLSv1.3`, `DNS`, `ARP`, `ICMP`, `UDP`, `IPv4`. A
    /// segment that is
    /// sent again has the protocol of what it carries.
    pub protocol: &'static str,
    /// Bytes of the frame on its first link.
    pub length: usize,
    /// What the first link added; `None` if it never was on a link.
    pub hop: Option<HopId>,
    /// The connection, and which end sent it.
    pub conn: Option<(ConnId, Side)>,
    /// Sent before in another packet.
    pub retransmission: bool,
    /// What it carries.
    pub carries: Carries,
}

/// The list, and what is known of the connections.
#[derive(Clone, Debug, Default)]
pub struct Packets {
    rows: Vec<PacketRow>,
    /// Row of each packet of the record.
    places: Vec<Option<u32>>,
    flows: Vec<Flow>,
}

impl Packets {
    /// Reads a whole record, once.
    pub fn new(log: &Log) -> Packets {
        let mut reading = Reading::new(log);
        for (number, entry) in log.entries().iter().enumerate() {
            reading.entry(EntryId(number as u32), &entry);
        }
        reading.finish()
    }

    /// All packets in order of sending.
    pub fn rows(&self) -> &[PacketRow] {
        &self.rows
    }

    /// A packet's row; `None` for one that still waits to be put on its first link.
    pub fn row(&self, packet: PacketId) -> Option<&PacketRow> {
        self.place(packet).map(|place| &self.rows[place])
    }

    /// A packet's place in [`rows`](Packets::rows).
    pub fn place(&self, packet: PacketId) -> Option<usize> {
        self.places.get(packet.0 as usize).copied().flatten().map(|place| place as usize)
    }

    /// How many packets were sent before a place between entries of the record.
    pub fn visible(&self, place: usize) -> usize {
        self.rows.partition_point(|row| (row.sent.0 as usize) < place)
    }

    /// The packets that carry a part of a range of a stream, in order of sending, repetitions included, each
    /// with the place of those bytes in its frame on its first link.
    pub fn of_stream(&self, conn: ConnId, side: Side, range: Range<u64>) -> Vec<(PacketId, Range<usize>)> {
        let Some(flow) = self.flows.get(conn.0 as usize) else { return Vec::new() };
        let mut found = Vec::new();
        for segment in flow.segments(side) {
            let (start, end) = (segment.start.max(range.start), segment.end().min(range.end));
            if let Some(row) = self.row(segment.packet).filter(|_| start < end) {
                let payload = row.length - segment.length as usize;
                let place = |at: u64| payload + (at - segment.start) as usize;
                found.push((segment.packet, place(start)..place(end)));
            }
        }
        found
    }

    /// The Info column of a row, in Wireshark's manner: `C: MAIL FROM:<alice@a.example>`.
    ///
    /// It is made when it is asked for: a list of 100,000 rows shows thirty of them.
    pub fn info(&self, log: &Log, row: &PacketRow) -> String {
        let mut text = String::new();
        info::write(&mut text, log, row, self.flow(row.conn));
        text
    }

    pub(super) fn info_into(&self, text: &mut String, log: &Log, row: &PacketRow) {
        info::write(text, log, row, self.flow(row.conn));
    }

    /// The layers of a packet as it was on one link. See [`layers`](super::layers).
    ///
    /// # Panics
    /// If the packet or the hop was not given out by this record.
    pub fn layers(&self, log: &Log, packet: PacketId, hop: HopId) -> Dissection {
        layers_in(log, packet, hop, self.flow(log.packet(packet).conn))
    }

    fn flow(&self, conn: Option<(ConnId, Side)>) -> Option<&Flow> {
        self.flows.get(conn?.0.0 as usize)
    }
}

/// The record while it is read.
struct Reading<'a> {
    log: &'a Log,
    packets: Packets,
    again: Vec<bool>,
    /// Which node has an address, as far as it has sent anything.
    owners: FxHashMap<Address, NodeId>,
    /// Arrivals of packets whose destination is not yet known: row, entry, node.
    arrivals: Vec<(u32, EntryId, NodeId)>,
}

impl<'a> Reading<'a> {
    fn new(log: &'a Log) -> Self {
        let count = log.packets().len();
        let mut owners = FxHashMap::default();
        let mut flows = vec![Flow::default(); log.connections().len()];
        for connection in log.connections().iter() {
            owners.insert(Address::Ip(connection.client_addr.0), connection.client);
            if let Some(server) = connection.server {
                owners.insert(Address::Ip(connection.server_addr.0), server);
            }
        }
        for (number, packet) in log.packets().iter().enumerate() {
            if let Some((conn, side)) = packet.conn
                && let Some(flow) = flows.get_mut(conn.0 as usize)
            {
                flow.packet(log, PacketId(number as u32), side);
            }
        }
        let packets = Packets { rows: Vec::with_capacity(count), places: vec![None; count], flows };
        Reading { log, packets, again: vec![false; count], owners, arrivals: Vec::new() }
    }

    fn entry(&mut self, id: EntryId, entry: &crate::trace::Entry) {
        match &entry.what {
            What::TcpSent { packet, retransmission, .. } => self.again[packet.0 as usize] = *retransmission,
            What::FrameSent { packet, hop } if self.packets.place(*packet).is_none() => {
                self.add(*packet, Some(*hop), id, entry);
            }
            What::FrameArrived { packet, .. } => {
                let Some(place) = self.packets.place(*packet) else { return };
                let row = &mut self.packets.rows[place];
                match row.to {
                    Some(to) if to == entry.node => row.arrived = row.arrived.or(Some(id)),
                    Some(_) => {}
                    None => self.arrivals.push((place as u32, id, entry.node)),
                }
            }
            // A switch that does not know where to sends to all; those whom it does not concern lose nothing.
            What::FrameLost { packet, reason } if *reason != Loss::NotForUs => {
                let place = match self.packets.place(*packet) {
                    Some(place) => place,
                    None => self.add(*packet, None, id, entry),
                };
                let row = &mut self.packets.rows[place];
                row.lost = Some(id);
                row.arrived = None;
            }
            What::Session(session) => {
                if let Some(flow) = self.packets.flows.get_mut(session.conn.0 as usize) {
                    flow.told(session.side, session.event);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, packet: PacketId, hop: Option<HopId>, sent: EntryId, entry: &crate::trace::Entry) -> usize {
        let p = self.log.packet(packet);
        // Addresses, and what ARP says, stand in front.
        let (bytes, _) = self.log.packet_parts(packet);
        let link = hop.map_or(LinkHeader::None, |hop| self.log.hop(hop).link);
        let (src, dst) = ends(bytes, p.arp, link);
        // The ends of connections are known from the start.
        if hop.is_some() && p.conn.is_none() {
            self.owners.entry(src).or_insert(entry.node);
            if let Some(Ok(arp)) = p.arp.then(|| parse_arp(bytes)) {
                self.owners.entry(Address::Ip(arp.sender_ip)).or_insert(entry.node);
            }
        }
        let to = match p.conn.filter(|(conn, _)| (conn.0 as usize) < self.packets.flows.len()) {
            Some((conn, side)) => self.log.end(conn, side.other()),
            None => self.owners.get(&dst).copied(),
        };
        let place = self.packets.rows.len();
        self.packets.places[packet.0 as usize] = Some(place as u32);
        self.packets.rows.push(PacketRow {
            packet,
            sent,
            arrived: None,
            lost: None,
            at: entry.at,
            from: entry.node,
            to,
            src,
            dst,
            protocol: "IPv4",
            length: self.log.packet_length(packet) + link.len(),
            hop,
            conn: p.conn,
            retransmission: self.again[packet.0 as usize],
            carries: Carries::Other,
        });
        place
    }

    fn finish(mut self) -> Packets {
        for (place, id, node) in std::mem::take(&mut self.arrivals) {
            let row = &mut self.packets.rows[place as usize];
            row.to = row.to.or_else(|| self.owners.get(&row.dst).copied());
            let asked = match row.dst {
                // A question to everybody concerns the one that is asked for.
                Address::Mac(MacAddr::BROADCAST) => parse_arp(&self.log.packet_bytes(row.packet))
                    .ok()
                    .and_then(|arp| self.owners.get(&Address::Ip(arp.target_ip)).copied()),
                _ => row.to,
            };
            if asked == Some(node) && row.lost.is_none_or(|lost| lost < id) {
                row.arrived = row.arrived.or(Some(id));
            }
        }
        for (conn, flow) in self.packets.flows.iter_mut().enumerate() {
            flow.put_in_order();
            flow.unseal(self.log, ConnId(conn as u32));
        }
        let Packets { rows, flows, .. } = &mut self.packets;
        for row in rows {
            let bytes = self.log.packet_bytes(row.packet);
            let flow = row.conn.and_then(|(conn, side)| Some((flows.get(conn.0 as usize)?, side)));
            let stream = self.log.packet(row.packet).stream.0;
            (row.protocol, row.carries) = carried(&bytes, self.log.packet(row.packet).arp, flow, stream);
        }
        self.packets
    }
}

/// Source and destination as the list shows them.
fn ends(bytes: &[u8], arp: bool, link: LinkHeader) -> (Address, Address) {
    match (link, bytes.get(12..20)) {
        (LinkHeader::Ethernet { src, dst, .. }, _) if arp => (Address::Mac(src), Address::Mac(dst)),
        (_, Some(b)) => {
            let ip = |at: usize| Address::Ip(Ipv4Addr::new(b[at], b[at + 1], b[at + 2], b[at + 3]));
            (ip(0), ip(4))
        }
        _ => (Address::Ip(Ipv4Addr::UNSPECIFIED), Address::Ip(Ipv4Addr::UNSPECIFIED)),
    }
}

/// Protocol and contents of a packet. Its bytes are our own, so only their lengths are looked at.
fn carried(bytes: &[u8], arp: bool, flow: Option<(&Flow, Side)>, stream: u64) -> (&'static str, Carries) {
    if arp {
        return ("ARP", Carries::Arp(info::arp(bytes)));
    }
    let Some(above) = bytes.first().and_then(|b| bytes.get(usize::from(b & 15) * 4..)) else {
        return ("IPv4", Carries::Other);
    };
    match (bytes.get(9), above) {
        (Some(1), [kind, code, ..]) => ("ICMP", Carries::Icmp(info::icmp(*kind, *code).0.to_string())),
        (Some(17), [a, b, c, d, _, _, _, _, message @ ..]) => {
            let ports = [u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d])];
            match dns::told(message).filter(|_| ports.contains(&crate::dns::PORT)) {
                Some(dns) if dns.response => ("DNS", Carries::Answer(dns.answer())),
                Some(dns) => ("DNS", Carries::Query(dns.question)),
                None => ("UDP", Carries::Other),
            }
        }
        (Some(6), header) if header.len() >= 20 => {
            let flags = TcpFlags(header[13]);
            let ports = [u16::from_be_bytes([header[0], header[1]]), u16::from_be_bytes([header[2], header[3]])];
            let payload = header.get(usize::from(header[12] >> 4) * 4..).unwrap_or_default();
            let carries = match (flags.contains(TcpFlags::SYN), flags.contains(TcpFlags::ACK)) {
                _ if flags.contains(TcpFlags::RST) => Carries::Rst,
                _ if !payload.is_empty() => return said(payload, flow, stream, ports),
                (true, true) => Carries::SynAck,
                (true, false) => Carries::Syn,
                _ if flags.contains(TcpFlags::FIN) => Carries::Fin,
                _ => Carries::Ack,
            };
            ("TCP", carries)
        }
        _ => ("IPv4", Carries::Other),
    }
}

/// What a segment says.
fn said(payload: &[u8], flow: Option<(&Flow, Side)>, stream: u64, ports: [u16; 2]) -> (&'static str, Carries) {
    let by_port = || Talk::on_port(ports[0]).or(Talk::on_port(ports[1]));
    let Some((flow, side)) = flow else { return ("TCP", Carries::Other) };
    let Some(talk) = flow.talk.or_else(by_port) else { return ("TCP", Carries::Other) };
    let text = || info::joined(payload, "\n");
    if talk == Talk::Dns {
        // A message that several segments carry is told with none of them.
        let whole = payload.first_chunk().is_some_and(|l| usize::from(u16::from_be_bytes(*l)) + 2 <= payload.len());
        let carries = match payload.get(2..).filter(|_| whole).and_then(dns::told) {
            Some(dns) if dns.response => Carries::Answer(dns.answer()),
            Some(dns) => Carries::Query(dns.question),
            None => Carries::Other,
        };
        return (talk.name(), carries);
    }
    if talk == Talk::Http {
        let carries = match (side, flow.response(stream)) {
            (Side::Client, _) => {
                let line = info::first_line(payload);
                let line = line.rsplit_once(" HTTP/").map_or(line.as_str(), |(request, _)| request);
                Carries::HttpRequest(line.to_string())
            }
            // What refuses is read as a reply; if it is long, the rest of it is an object like others.
            (Side::Server, Some((whole, code, path))) if code / 100 == 2 || stream > whole.start => {
                let (part, of) = flow.part(side, &whole, stream);
                Carries::HttpObject { name: path.to_string(), part, of }
            }
            (Side::Server, _) => Carries::Reply(info::first_line(payload)),
        };
        return (talk.name(), carries);
    }
    let end = stream + payload.len() as u64;
    if flow.sealed_from(side).is_some_and(|from| end > from) {
        return ("TLSv1.3", Carries::Sealed(tls::told(flow, side, stream..end)));
    }
    let carries = match (flow.pieces(side, stream..end).find(|p| p.kind == Kind::Letter), side) {
        (Some(letter), _) => {
            let (part, of) = flow.part(side, &letter.whole, stream);
            Carries::Letter { part, of, bytes: (letter.range.end - letter.range.start) as u32 }
        }
        (None, Side::Client) => Carries::Command(text()),
        (None, Side::Server) => Carries::Reply(text()),
    };
    (talk.name(), carries)
}
