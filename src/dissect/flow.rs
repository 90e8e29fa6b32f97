//! What the bytes of a TCP connection are: lines of a dialogue, a letter, an object.
//!
//! The engines tell each line that they write, with its place in the stream. What stands between the lines is
//! content: in SMTP and POP3 the letter with its final dot, in IMAP a literal, in HTTP a body. So nothing is parsed a
//! second time here, and a letter that was never finished is known as one all the same.

use std::ops::Range;

use crate::engine::Way;
use crate::packet::TcpFlags;
use crate::tls::{self, Record};
use crate::topology::{ConnId, Side};
use crate::trace::{EngineKind, Log, PacketId, SessionEvent, What};

/// The protocol above TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Talk {
    Smtp,
    Imap,
    Pop,
    Http,
    /// By its port only: the resolver tells what is asked and answered, not the lines of a connection.
    Dns,
}

impl Talk {
    /// As Wireshark's column has it.
    pub const fn name(self) -> &'static str {
        match self {
            Talk::Smtp => "SMTP",
            Talk::Imap => "IMAP",
            Talk::Pop => "POP",
            Talk::Http => "HTTP",
            Talk::Dns => "DNS",
        }
    }

    /// What is spoken on a port if nobody has told.
    pub const fn on_port(port: u16) -> Option<Talk> {
        match port {
            25 | 465 | 587 => Some(Talk::Smtp),
            143 | 993 => Some(Talk::Imap),
            110 | 995 => Some(Talk::Pop),
            80 | 8080 => Some(Talk::Http),
            53 => Some(Talk::Dns),
            _ => None,
        }
    }

    const fn of(event: SessionEvent<'_>) -> Option<Talk> {
        Some(match event {
            SessionEvent::Line(engine, _) => match engine {
                EngineKind::SmtpClient | EngineKind::SmtpServer => Talk::Smtp,
                EngineKind::ImapClient | EngineKind::ImapServer => Talk::Imap,
                EngineKind::Pop3Client | EngineKind::Pop3Server => Talk::Pop,
                EngineKind::HttpClient | EngineKind::HttpServer => Talk::Http,
            },
            SessionEvent::SmtpClient(_) | SessionEvent::SmtpServer(_) => Talk::Smtp,
            SessionEvent::ImapClient(_) | SessionEvent::ImapServer(_) => Talk::Imap,
            SessionEvent::Pop3Client(_) | SessionEvent::Pop3Server(_) => Talk::Pop,
            SessionEvent::HttpClient(_) | SessionEvent::HttpServer(_) => Talk::Http,
            // TLS says nothing of what is in it.
            SessionEvent::Secured(_) | SessionEvent::NotSecured(_) => return None,
        })
    }
}

/// A line of the dialogue, a whole reply, or a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// Where it stands in its stream.
    pub range: Range<u64>,
    /// Whether content may follow that is a letter: `DATA`, `BDAT`, `APPEND`.
    announces_letter: bool,
    /// Whether its length was said before, so that no dot ends it: `BDAT`.
    by_length: bool,
    /// The path of a request.
    pub path: Option<Box<str>>,
    /// The code of a response or reply.
    pub code: Option<u16>,
}

/// Bytes of a stream that a packet carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub start: u64,
    pub length: u32,
    pub packet: PacketId,
}

impl Segment {
    pub fn end(&self) -> u64 {
        self.start + u64::from(self.length)
    }
}

/// One direction of a connection.
#[derive(Clone, Debug, Default)]
struct Direction {
    /// Number of its SYN.
    iss: Option<u32>,
    /// What the writer told, in order.
    written: Vec<Said>,
    /// What the reader told: of use where the writer is silent.
    read: Vec<Said>,
    /// What was sent, in order of sending.
    segments: Vec<Segment>,
    /// What of that reached further than everything before it, so that the places rise; only if something
    /// did not.
    fresh: Option<Vec<Segment>>,
    /// End of the furthest segment.
    reached: u64,
}

impl Direction {
    fn said(&self) -> &[Said] {
        if self.written.is_empty() { &self.read } else { &self.written }
    }
}

/// A connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Flow {
    pub talk: Option<Talk>,
    /// Client's direction, server's direction.
    directions: [Direction; 2],
    /// The records of TLS in both, if there are any.
    sealed: Option<Box<[Sealed; 2]>>,
}

/// The records of one direction.
#[derive(Clone, Debug)]
struct Sealed {
    from: u64,
    records: Vec<Record>,
}

/// What a piece of a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Lines of the dialogue; a head.
    Lines,
    /// A letter; in SMTP and POP3 with its final dot.
    Letter,
    /// Other bytes between lines: a literal, a body.
    Bytes,
}

/// A piece of a stream that is all of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub kind: Kind,
    /// Its bytes that were asked for.
    pub range: Range<u64>,
    /// The whole line or content that they belong to.
    pub whole: Range<u64>,
    /// It ends by its length: in a letter by BDAT a last dot is a dot.
    pub by_length: bool,
}

/// A packet's payload in its stream.
pub(super) struct Place<'a> {
    pub log: &'a Log,
    pub flow: &'a Flow,
    pub side: Side,
    /// Where the payload begins in the stream.
    pub start: u64,
}

impl Flow {
    /// The one connection, from the whole record.
    pub fn of(log: &Log, conn: ConnId) -> Flow {
        let mut flow = Flow::default();
        for (number, packet) in log.packets().iter().enumerate() {
            if let Some((_, side)) = packet.conn.filter(|(c, _)| *c == conn) {
                flow.packet(log, PacketId(number as u32), side);
            }
        }
        for entry in log.entries().iter() {
            if let What::Session(session) = &entry.what
                && session.conn == conn
            {
                flow.told(session.side, session.event);
            }
        }
        flow.put_in_order();
        flow.unseal(log, conn);
        flow
    }

    fn direction(&self, side: Side) -> &Direction {
        &self.directions[side as usize]
    }

    /// Takes in a packet, in the order in which they were made.
    pub fn packet(&mut self, log: &Log, packet: PacketId, side: Side) {
        let (start, length) = log.packet(packet).stream;
        let direction = &mut self.directions[side as usize];
        if length > 0 {
            let segment = Segment { start, length, packet };
            if segment.end() <= direction.reached {
                direction.fresh.get_or_insert_with(|| direction.segments.clone());
            } else if let Some(fresh) = &mut direction.fresh {
                fresh.push(segment);
            }
            direction.segments.push(segment);
            direction.reached = direction.reached.max(segment.end());
        } else if direction.iss.is_none()
            && let Some(header) = log.packet_parts(packet).0.get(20..34)
            && TcpFlags(header[13]).contains(TcpFlags::SYN)
        {
            direction.iss = Some(u32::from_be_bytes([header[4], header[5], header[6], header[7]]));
        }
    }

    /// Takes in what an engine told at one end.
    pub fn told(&mut self, side: Side, event: SessionEvent<'_>) {
        self.talk = Talk::of(event).or(self.talk);
        let Some(line) = event.line() else { return };
        let written = line.way == Way::Sent;
        let writer = if written { side } else { side.other() };
        if !written && !self.direction(writer).written.is_empty() {
            return;
        }
        let verb = line.verb;
        let path = match (event, verb) {
            (SessionEvent::Line(EngineKind::HttpClient | EngineKind::HttpServer, _), Some(_)) => {
                line.text.split(' ').nth(1)
            }
            _ => None,
        };
        let said = Said {
            range: line.range(),
            announces_letter: matches!(verb, Some("DATA" | "BDAT" | "APPEND")),
            by_length: verb == Some("BDAT"),
            path: path.map(Into::into),
            code: line.code,
        };
        let direction = &mut self.directions[writer as usize];
        if written { direction.written.push(said) } else { direction.read.push(said) }
    }

    /// To be called when everything has been taken in.
    pub fn put_in_order(&mut self) {
        for direction in &mut self.directions {
            for said in [&mut direction.written, &mut direction.read] {
                if !said.is_sorted_by_key(|s| s.range.start) {
                    said.sort_by_key(|s| s.range.start);
                }
            }
        }
    }

    /// Finds the records of a connection with TLS, and opens them; after everything has been taken in.
    pub fn unseal(&mut self, log: &Log, conn: ConnId) {
        let Some(sealed) = log.sealed(conn) else { return };
        let streams = [Side::Client, Side::Server].map(|side| {
            let (from, until) = (sealed.from(side), self.direction(side).reached);
            Place { log, flow: self, side, start: from }.bytes(from..until.max(from))
        });
        let suite = tls::suite(&streams[1]).unwrap_or_default();
        let of = |side: Side| {
            let from = sealed.from(side);
            let records = tls::records(side, from, &streams[side as usize], suite, sealed.secrets());
            Sealed { from, records }
        };
        self.sealed = Some(Box::new([of(Side::Client), of(Side::Server)]));
    }

    /// Where the records of a direction begin, if there are any.
    pub fn sealed_from(&self, side: Side) -> Option<u64> {
        self.sealed.as_ref().map(|sealed| sealed[side as usize].from)
    }

    /// The records of which a part lies in a range of a stream.
    pub fn records(&self, side: Side, range: Range<u64>) -> &[Record] {
        let Some(sealed) = &self.sealed else { return &[] };
        let records = &sealed[side as usize].records;
        let first = records.partition_point(|r| r.wire.end <= range.start);
        let behind = records.partition_point(|r| r.wire.start < range.end);
        records.get(first..behind).unwrap_or_default()
    }

    /// The number of a direction's SYN.
    pub fn iss(&self, side: Side) -> Option<u32> {
        self.direction(side).iss
    }

    /// What was sent in a direction, in order of sending.
    pub fn segments(&self, side: Side) -> &[Segment] {
        &self.direction(side).segments
    }

    /// The piece at a place of a stream, with no more than the bytes of `wanted`.
    fn piece(&self, side: Side, wanted: Range<u64>) -> Piece {
        let direction = self.direction(side);
        let said = direction.said();
        let next = said.partition_point(|s| s.range.start <= wanted.start);
        let before = next.checked_sub(1).map(|i| &said[i]);
        let (kind, whole) = match before {
            Some(s) if wanted.start < s.range.end => (Kind::Lines, s.range.clone()),
            // Nobody has told anything: it can only be read as lines.
            None => (Kind::Lines, 0..said.first().map_or(u64::MAX, |s| s.range.start)),
            Some(s) => {
                let end = said.get(next).map_or(direction.reached.max(wanted.end), |s| s.range.start);
                let kind = match (self.talk, side) {
                    (Some(Talk::Smtp), Side::Client) if s.announces_letter => Kind::Letter,
                    // A line of the letter's kind may be followed by more than one literal, a mailbox's name first.
                    (Some(Talk::Imap), Side::Client) if s.announces_letter => Kind::Letter,
                    (Some(Talk::Imap | Talk::Pop), Side::Server) => Kind::Letter,
                    (Some(Talk::Smtp | Talk::Pop | Talk::Dns) | None, _) => Kind::Lines,
                    (Some(Talk::Imap | Talk::Http), _) => Kind::Bytes,
                };
                (kind, s.range.end..end)
            }
        };
        let end = whole.end.min(wanted.end);
        let by_length = kind == Kind::Letter && before.is_some_and(|s| s.by_length);
        Piece { kind, range: wanted.start..end, whole, by_length }
    }

    /// The pieces of a range of a stream, in order.
    pub fn pieces(&self, side: Side, range: Range<u64>) -> impl Iterator<Item = Piece> {
        let mut at = range.start;
        std::iter::from_fn(move || {
            let piece = (at < range.end).then(|| self.piece(side, at..range.end))?;
            at = piece.range.end;
            Some(piece)
        })
    }

    /// The response to which a place of the server's stream belongs: all of its bytes, code and path.
    pub fn response(&self, at: u64) -> Option<(Range<u64>, u16, &str)> {
        let direction = self.direction(Side::Server);
        let said = direction.said();
        let next = said.partition_point(|s| s.range.start <= at);
        let response = &said[next.checked_sub(1)?];
        let end = said.get(next).map_or(direction.reached, |s| s.range.start);
        // 100 Continue comes before the response proper (RFC 9110 section 15.2).
        let interim = said[..next].iter().filter(|s| matches!(s.code, Some(100..=199))).count();
        let request = self.direction(Side::Client).said().get((next - 1).checked_sub(interim)?)?;
        Some((response.range.start..end, response.code?, request.path.as_deref()?))
    }

    /// Which of the segments that carry `whole` a segment from `start` on is (1 is the first), and how many
    /// there are; repetitions count as what they repeat.
    pub fn part(&self, side: Side, whole: &Range<u64>, start: u64) -> (u32, u32) {
        let direction = self.direction(side);
        let fresh = direction.fresh.as_ref().unwrap_or(&direction.segments);
        let first = fresh.partition_point(|s| s.end() <= whole.start);
        let behind = fresh.partition_point(|s| s.start < whole.end);
        let own = fresh.partition_point(|s| s.start <= start);
        (own.saturating_sub(first).max(1) as u32, behind.saturating_sub(first).max(1) as u32)
    }
}

impl Place<'_> {
    /// The bytes of a range of this stream, as far as they were sent.
    pub fn bytes(&self, range: Range<u64>) -> Vec<u8> {
        let mut bytes = Vec::with_capacity((range.end.saturating_sub(range.start)).min(1 << 16) as usize);
        for segment in self.flow.segments(self.side) {
            let at = range.start + bytes.len() as u64;
            if at >= range.end {
                break;
            }
            if segment.start <= at && at < segment.end() {
                let packet = self.log.packet_bytes(segment.packet);
                let payload = &packet[packet.len() - segment.length as usize..];
                let end = segment.end().min(range.end);
                bytes.extend_from_slice(&payload[(at - segment.start) as usize..(end - segment.start) as usize]);
            }
        }
        bytes
    }

    /// Whether a line begins at this place of the stream.
    pub fn is_line_start(&self, piece: &Piece) -> bool {
        let at = piece.range.start;
        at == piece.whole.start || self.bytes(at - 1..at) == b"\n"
    }
}
