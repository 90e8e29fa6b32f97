//! What packets do: TCP (RFC 9293), ARP (RFC 826), and what is lost on the way.

use super::Teller;
use super::facts::Facts;
use crate::engine::Way;
use crate::explain::phases::{Part, Protocol};
use crate::net::link::Loss;
use crate::packet::{self, TcpFlags};
use crate::tcp::TimerKind;
use crate::time::grouped;
use crate::topology::{LinkId, NodeId, Side};
use crate::trace::{Cause, Closed, EntryId, PacketId, What};

/// What a packet is to somebody who watches it go by.
pub(super) enum Cargo {
    Arp {
        request: bool,
        about: String,
    },
    Dns {
        query: bool,
    },
    Icmp,
    Other,
    /// TCP without data: which flags.
    Bare(TcpFlags),
    /// The first word of what is said.
    Word(String),
    /// A piece of a mail or of an object.
    Piece(usize),
}

impl Cargo {
    /// With its article: `the SYN`, `the packet with MAIL`.
    pub fn words(&self) -> String {
        match self {
            Cargo::Arp { request: true, .. } => "the ARP question".to_string(),
            Cargo::Arp { .. } => "the ARP answer".to_string(),
            Cargo::Dns { query: true } => "the DNS query".to_string(),
            Cargo::Dns { .. } => "the DNS answer".to_string(),
            Cargo::Icmp => "an ICMP error".to_string(),
            Cargo::Other => "a packet".to_string(),
            Cargo::Bare(flags) => match bare(*flags) {
                "ACK" => "an ACK".to_string(),
                name => format!("the {name}"),
            },
            Cargo::Word(word) => format!("the packet with {word}"),
            Cargo::Piece(bytes) => format!("a packet with {} bytes", grouped(*bytes as u64)),
        }
    }
}

fn bare(flags: TcpFlags) -> &'static str {
    match flags {
        f if f.contains(TcpFlags::RST) => "RST",
        f if f.contains(TcpFlags::SYN) && f.contains(TcpFlags::ACK) => "SYN-ACK",
        f if f.contains(TcpFlags::SYN) => "SYN",
        f if f.contains(TcpFlags::FIN) => "FIN",
        _ => "ACK",
    }
}

/// The word by which a line of a dialogue is known: `MAIL`, `250`, `GET`; of IMAP the word behind the tag.
fn word(payload: &[u8]) -> Option<String> {
    let line = payload.split(|b| *b == b'\r').next()?;
    let mut words = line.split(|b| *b == b' ').map(|w| String::from_utf8_lossy(w).into_owned());
    let first = words.next()?;
    let tag =
        first == "*" || first.strip_prefix('A').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let word = if tag { words.next()? } else { first };
    // +OK and -ERR of POP3 are words too.
    let whole = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b"+-".contains(&b);
    (!word.is_empty() && word.len() <= 10 && word.bytes().all(whole)).then_some(word)
}

impl<'a> Teller<'a> {
    pub(super) fn cargo(&self, id: PacketId) -> Cargo {
        let bytes = self.log.packet_bytes(id);
        if self.log.packet(id).arp {
            return match packet::parse_arp(&bytes) {
                Ok(arp) if arp.is_request => Cargo::Arp { request: true, about: arp.target_ip.to_string() },
                Ok(arp) => Cargo::Arp { request: false, about: arp.sender_ip.to_string() },
                Err(_) => Cargo::Other,
            };
        }
        let Ok(ip) = packet::parse_ipv4(&bytes) else { return Cargo::Other };
        match ip.protocol() {
            Some(packet::Protocol::Tcp) => match packet::parse_tcp(ip.src, ip.dst, ip.payload) {
                Ok(t) if t.payload.is_empty() => Cargo::Bare(t.header.flags),
                Ok(t) => match word(t.payload) {
                    Some(word) if !self.is_piece(id) => Cargo::Word(word),
                    _ => Cargo::Piece(t.payload.len()),
                },
                Err(_) => Cargo::Other,
            },
            Some(packet::Protocol::Udp) => match packet::parse_udp(ip.src, ip.dst, ip.payload) {
                Ok(u) if u.dst_port == 53 => Cargo::Dns { query: true },
                Ok(u) if u.src_port == 53 => Cargo::Dns { query: false },
                _ => Cargo::Other,
            },
            Some(packet::Protocol::Icmp) => Cargo::Icmp,
            None => Cargo::Other,
        }
    }

    /// Whether a packet breaks a connection off or refuses it.
    pub(super) fn is_reset(&self, id: PacketId) -> bool {
        matches!(self.cargo(id), Cargo::Bare(flags) if flags.contains(TcpFlags::RST))
    }

    /// Whether a packet is full: a piece of something long, whatever its first word looks like.
    fn is_piece(&self, id: PacketId) -> bool {
        self.log.packet(id).stream.1 > 700
    }

    /// What the bytes on a connection belong to.
    fn of_what(&self, packet: PacketId, place: usize) -> &'static str {
        let Some((conn, side)) = self.log.packet(packet).conn else { return "" };
        let Some(conversation) = self.conversation(conn) else { return "" };
        match (conversation.protocol, side, conversation.part_at(place)) {
            (Protocol::Smtp, Side::Client, Some(Part::Transfer)) => " of the mail",
            (Protocol::Http, Side::Server, _) => " of the object",
            (Protocol::Imap | Protocol::Pop3, Side::Server, _) => " of the answer",
            _ => "",
        }
    }

    /// Ends of a connection: open, closed.
    pub(super) fn connection(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        if let Some((conn, Side::Client)) = facts.established {
            let server = self.log.end(conn, Side::Server).map(|n| self.cast.full(n)).unwrap_or_default();
            let protocol = self.conversation(conn).map_or(Protocol::Other, |c| c.protocol);
            let silent = match protocol {
                Protocol::Smtp | Protocol::Imap | Protocol::Pop3 => {
                    format!("Nobody has spoken yet: in {} the server speaks first.", protocol.name())
                }
                _ => "Nobody has spoken yet.".to_string(),
            };
            return Some(vec![format!("The TCP connection to {server} is open."), silent]);
        }
        if let Some((conn, Side::Server)) = facts.established {
            let server = self.cast.full(facts.node);
            let waits = match self.conversation(conn).map(|c| c.protocol) {
                Some(Protocol::Http) => "In HTTP the server waits to be asked.",
                _ => "",
            };
            return Some(vec![
                format!("The third packet reaches {server}: now the TCP connection is open at both ends."),
                waits.to_string(),
            ]);
        }
        let (conn, side, how) = *facts.closed.last()?;
        let (client, server) = (self.name(conn, Side::Client), self.name(conn, Side::Server));
        let here = self.cast.short(facts.node);
        Some(match (how, side) {
            (Closed::Rst, _) => {
                vec![format!(
                    "An RST reaches {}: the TCP connection to {server} is refused or broken.",
                    self.cast.full(facts.node)
                )]
            }
            (Closed::Timeout, _) => vec![format!("TCP at {here} gives up: {server} has not answered.")],
            (Closed::Fin, Side::Server) => {
                vec![format!("The client's FIN reaches {here}, which sends the last ACK: both directions are closed.")]
            }
            (Closed::Fin, Side::Client) => vec![
                format!("The last ACK reaches {}.", self.cast.full(facts.node)),
                format!("The TCP connection between {client} and {server} is closed."),
            ],
        })
    }

    fn name(&self, conn: crate::topology::ConnId, side: Side) -> String {
        match self.log.end(conn, side) {
            Some(node) => self.cast.short(node).to_string(),
            None => self.log.end_addr(conn, side).0.to_string(),
        }
    }

    /// A packet came in, a timer of TCP fired, a node passed something on.
    pub(super) fn packets(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        let here = self.cast.full(facts.node);
        if let Some((_, timer)) = facts.timer {
            return Some(vec![match timer {
                TimerKind::Retransmission => {
                    let what = facts.segments.first().map(|s| self.cargo(s.0).words());
                    match what {
                        Some(what) => format!(
                            "No ACK came in time: TCP at {here} sends {what} again. The program notices nothing."
                        ),
                        None => format!("No ACK came in time, and TCP at {here} gives up."),
                    }
                }
                TimerKind::DelayedAck => format!("TCP at {here} sends the ACK that it had held back."),
                TimerKind::Persist => format!("TCP at {here} asks whether there is room again at the other end."),
            }]);
        }
        let Some(packet) = facts.arrived else { return self.sent_only(facts, &here) };
        if self.cast.host(facts.node).is_none() && !self.is_for(facts.node, packet) {
            return Some(vec![self.passes_on(facts, packet)]);
        }
        let cargo = self.cargo(packet);
        let sends = facts.segments.first().map(|s| (self.cargo(s.0), s.1));
        Some(match &cargo {
            Cargo::Arp { request: true, about } => {
                let answers = facts.left.iter().any(|p| matches!(self.cargo(*p), Cargo::Arp { request: false, .. }));
                let then = if answers { "It answers with its Ethernet address." } else { "" };
                vec![format!("The ARP question \"who has {about}?\" reaches {here}."), then.to_string()]
            }
            Cargo::Arp { about, .. } => {
                let then = facts.left.first().map(|p| format!("Now it can send {}.", self.cargo(*p).words()));
                vec![format!("{here} learns the Ethernet address of {about}."), then.unwrap_or_default()]
            }
            Cargo::Dns { query: true } => {
                let then = if facts.left.is_empty() { "" } else { "It answers." };
                vec![self.asked(facts, &here), then.to_string()]
            }
            Cargo::Dns { .. } => vec![format!("A DNS answer reaches {here}.")],
            Cargo::Icmp => vec![format!("An ICMP error reaches {here}: a packet of its own did not arrive.")],
            Cargo::Other => vec![format!("A packet reaches {here}.")],
            Cargo::Bare(flags) => self.bare(facts, &here, packet, *flags, sends),
            Cargo::Word(_) | Cargo::Piece(_) => self.data(facts, &here, packet, &cargo, sends),
        })
    }

    /// TCP without data has come in.
    fn bare(
        &self,
        facts: &Facts<'a>,
        here: &str,
        packet: PacketId,
        flags: TcpFlags,
        sends: Option<(Cargo, bool)>,
    ) -> Vec<String> {
        let port = self.log.packet(packet).conn.map_or(0, |(c, _)| self.log.connection(c).server_addr.1);
        let refused = facts.left.iter().any(|p| self.is_reset(*p));
        match bare(flags) {
            "SYN" if refused => {
                vec![format!("The SYN reaches {here}, but nothing listens on port {port}: TCP answers RST.")]
            }
            // Whoever stands behind a door has the answer.
            "SYN" if facts.left.is_empty() => {
                vec![format!("The SYN reaches {here}: a client asks for a TCP connection to port {port}.")]
            }
            "SYN" => vec![format!(
                "The SYN reaches {here}: a client asks for a TCP connection to port {port}. TCP answers SYN-ACK."
            )],
            "SYN-ACK" => vec![format!("The SYN-ACK reaches {here}: the other end agrees to the TCP connection.")],
            "FIN" => {
                let answers = facts
                    .segments
                    .iter()
                    .any(|s| matches!(self.cargo(s.0), Cargo::Bare(f) if f.contains(TcpFlags::FIN)));
                let then =
                    if answers { "It closes its own direction with FIN too." } else { "It confirms with an ACK." };
                vec![format!("The FIN reaches {here}: the other end will send nothing more."), then.to_string()]
            }
            "RST" => vec![format!("An RST reaches {here}: the TCP connection is broken off.")],
            _ => {
                let duplicates = facts.received.map_or(0, |v| v.duplicate_acks);
                match sends {
                    Some((cargo, true)) => vec![
                        format!("The third equal ACK reaches {here}: something is missing there."),
                        format!("TCP sends {} again at once.", cargo.words()),
                    ],
                    _ if duplicates > 0 => {
                        vec![format!(
                            "An ACK reaches {here} that repeats the one before: nothing new has come over there."
                        )]
                    }
                    Some((cargo, _)) => {
                        vec![format!("An ACK reaches {here}: there is room for more. TCP sends {}.", cargo.words())]
                    }
                    None => vec![format!(
                        "An ACK reaches {here}: bytes have arrived over there. It says nothing about mail."
                    )],
                }
            }
        }
    }

    /// Data has come in that completes nothing.
    fn data(
        &self,
        facts: &Facts<'a>,
        here: &str,
        packet: PacketId,
        cargo: &Cargo,
        sends: Option<(Cargo, bool)>,
    ) -> Vec<String> {
        let of = self.of_what(packet, facts.from);
        let what = super::capital(&cargo.words());
        let acks = matches!(sends, Some((Cargo::Bare(_), _)));
        if self.is_known(packet, facts) {
            return vec![format!("{what} reaches {here} once more. TCP has these bytes already and repeats its ACK.")];
        }
        let in_order = self.in_order(packet, facts);
        let then = match (in_order, acks) {
            (false, _) => "One before it is missing: TCP keeps it and repeats its ACK.",
            (true, true) => "TCP confirms it with an ACK; more is to come.",
            (true, false) => "TCP keeps it; more is to come.",
        };
        vec![format!("{what}{of} reaches {here}."), then.to_string()]
    }

    /// Whether the bytes of a packet are now part of what was received without a gap.
    fn in_order(&self, packet: PacketId, facts: &Facts<'a>) -> bool {
        let Some(view) = facts.received else { return true };
        let (start, length) = self.log.packet(packet).stream;
        // One more for the SYN.
        let end = view.irs.wrapping_add(1).wrapping_add(start as u32).wrapping_add(length);
        view.rcv_nxt.wrapping_sub(end) < 1 << 31
    }

    /// Whether all bytes of a packet had been received before it came.
    fn is_known(&self, packet: PacketId, facts: &Facts<'a>) -> bool {
        let Some((conn, side)) = self.log.packet(packet).conn else { return false };
        let (start, length) = self.log.packet(packet).stream;
        // The variables before are in the last entry of this end; far back is as good as not at all.
        for place in (facts.from.saturating_sub(4096)..facts.from).rev() {
            let entry = &self.log.entries().at(place);
            if entry.node == facts.node
                && let What::TcpReceived { packet, view } = entry.what
                && self.log.packet(packet).conn == Some((conn, side))
            {
                let view = self.log.view(view);
                let end = view.irs.wrapping_add(1).wrapping_add(start as u32).wrapping_add(length);
                return view.rcv_nxt.wrapping_sub(end) < 1 << 31;
            }
        }
        false
    }

    /// A question has reached a name server: its words are in the entry of the one who asked.
    fn asked(&self, facts: &Facts<'a>, here: &str) -> String {
        use crate::dns::{RecordType, resolver::Event};
        let mut id = EntryId(facts.from as u32);
        loop {
            let entry = self.log.entry(id);
            if let What::Dns(event) = &entry.what {
                return match &**event {
                    Event::Query { name, rtype: RecordType::Mx, .. } => {
                        format!("{here} is asked which server takes mail for {name}.")
                    }
                    Event::Query { name, rtype: RecordType::Txt, .. } => {
                        format!("{here} is asked for the text that {name} publishes.")
                    }
                    Event::Query { name, .. } => format!("{here} is asked for the address of {name}."),
                    _ => format!("A DNS query reaches {here}."),
                };
            }
            match entry.cause {
                Cause::Entry(before) if before < id => id = before,
                _ => return format!("A DNS query reaches {here}."),
            }
        }
    }

    fn is_for(&self, node: NodeId, packet: PacketId) -> bool {
        let (bytes, _) = self.log.packet_parts(packet);
        let from = if self.log.packet(packet).arp { 24 } else { 16 };
        let address = bytes.get(from..from + 4);
        let node = self.cast.setup.nodes.get(node.0 as usize);
        node.is_some_and(|n| {
            n.interfaces.iter().any(|i| i.address.map(|(a, _)| a.octets()).as_ref().map(|a| &a[..]) == address)
        })
    }

    fn passes_on(&self, facts: &Facts<'a>, packet: PacketId) -> String {
        let here = self.cast.full(facts.node);
        let what = self.cargo(packet).words();
        if here.starts_with("router") {
            format!("{here} forwards {what} by its IP address; it reads no mail.")
        } else {
            format!("{here} passes {what} on by its Ethernet address.")
        }
    }

    /// Nothing came in here: something leaves that was made just before.
    fn sent_only(&self, facts: &Facts<'a>, here: &str) -> Option<Vec<String>> {
        if facts.lines().any(|(_, l)| l.way == Way::Sent) {
            return None;
        }
        let packet = facts.segments.first().map(|s| s.0).or(facts.left.first().copied())?;
        let cargo = self.cargo(packet);
        Some(match &cargo {
            Cargo::Bare(flags) if bare(*flags) == "ACK" => {
                let third = facts.from > 0
                    && matches!(self.log.entries().at(facts.from - 1).what, What::TcpEstablished(_, Side::Client));
                let then = if third { ", the third packet of the TCP handshake" } else { "" };
                vec![format!("TCP at {here} sends an ACK{then}.")]
            }
            _ => vec![format!("{} leaves {here}.", super::capital(&cargo.words()))],
        })
    }

    /// A packet goes no further.
    pub(super) fn loss(&self, facts: &Facts<'a>, packet: PacketId) -> Vec<String> {
        let what = super::capital(&self.cargo(packet).words());
        let of = match self.cargo(packet) {
            Cargo::Piece(_) => self.of_what(packet, facts.from),
            _ => "",
        };
        let (reason, link) = facts.lost.iter().find(|l| l.0 == packet).map_or((Loss::Rule, None), |l| (l.1, l.2));
        let sender = self.log.packet(packet).conn.and_then(|(conn, side)| self.log.end(conn, side));
        let nobody = match sender {
            Some(node) => format!("Nobody tells {}.", self.cast.short(node)),
            None => String::new(),
        };
        let on =
            |link: Option<LinkId>| link.map(|l| format!(" on the link {}", self.names.link(l))).unwrap_or_default();
        let here = self.cast.full(facts.node);
        let told = match reason {
            Loss::Rule => format!("{what}{of} is lost{}.", on(link)),
            Loss::Replaced => format!("A man in the middle takes {what}{of}{} and sends a changed one.", on(link)),
            Loss::Chance => format!("{what}{of} is lost{} by chance.", on(link)),
            Loss::QueueFull => format!("{what}{of} is dropped: the queue of {here} is full."),
            Loss::Corrupted => format!("A bit of {what}{of} is turned as it leaves {here}: other bytes go on."),
            Loss::LinkCut => format!(
                "{what}{of} is lost: the link{} is cut.",
                link.map(|l| format!(" {}", self.names.link(l))).unwrap_or_default()
            ),
            Loss::HostOff => {
                format!("{what}{of} reaches {}, which is switched off, and is lost.", self.cast.short(facts.node))
            }
            Loss::TimeToLive => format!("{what}{of} has crossed too many routers: {here} drops it."),
            Loss::NoRoute => format!("{here} knows no way for {} and drops it.", self.cargo(packet).words()),
            Loss::NoNeighbour => {
                format!("{here} drops {}: nobody answers for the next address.", self.cargo(packet).words())
            }
            Loss::NotForUs => format!("{here} ignores {}: it is for somebody else.", self.cargo(packet).words()),
            Loss::Malformed => format!("{here} drops a packet whose bytes are wrong."),
        };
        vec![told, nobody]
    }

    /// The last resort: what was said, by whom.
    pub(super) fn spoken(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        let here = self.cast.full(facts.node);
        let (_, line) = facts.lines().next()?;
        let word =
            line.verb.map(str::to_owned).or(line.code.map(|c| c.to_string())).unwrap_or_else(|| "a line".to_string());
        Some(vec![match line.way {
            Way::Sent => format!("{here} writes {word}."),
            Way::Received => format!("{here} reads {word}."),
        }])
    }
}
