//! Conversations: every TCP connection of a run with the parts that a lecture counts.
//!
//! ```text
//!  course    | connect | handshaking        | transfer   | closure | disconnect |
//!  RFC 5321  |         | initiation | mail transaction   | term.   |            |
//!            SYN       open         MAIL    DATA         QUIT      FIN
//! ```
//!
//! Connect and disconnect are TCP's alone; what lies between is SMTP's (see [`crate::smtp::phase`]), in which
//! the course and RFC 5321 section 3 count differently. POP3 has its states; IMAP and HTTP have one part there, *open*.
//!
//! The client's end rules where both ends tell: a phase begins with what the client writes, so that a band
//! does not lie in two places at once.

use super::landing::Landing;
use crate::smtp::phase::{CoursePhase, PhaseChange, RfcPhase};
use crate::time::Instant;
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::{EntryId, Log, PacketId, What};

/// A part of a conversation, as the course counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// TCP: from the SYN until the client's end is open.
    Connect,
    /// SMTP: greeting, EHLO, MAIL, RCPT.
    Handshaking,
    /// SMTP: DATA and the mail.
    Transfer,
    /// SMTP: QUIT, or 421.
    Closure,
    /// TCP: from the first FIN or RST.
    Disconnect,
    /// POP3: who the client is (RFC 1939 section 4).
    Authorization,
    /// POP3: the maildrop is open (section 5).
    Transaction,
    /// POP3: QUIT was said, what was deleted is removed (section 6).
    Update,
    /// A session without phases: IMAP, HTTP.
    Open,
}

impl Part {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Part::Connect => "connect",
            Part::Handshaking => "handshaking",
            Part::Transfer => "transfer",
            Part::Closure => "closure",
            Part::Disconnect => "disconnect",
            Part::Authorization => "authorization",
            Part::Transaction => "transaction",
            Part::Update => "update",
            Part::Open => "open",
        }
    }

    /// The first letter of its name, for a band too narrow for the word.
    pub const fn letter(self) -> char {
        match self {
            Part::Connect | Part::Closure => 'c',
            Part::Handshaking => 'h',
            Part::Transfer | Part::Transaction => 't',
            Part::Authorization => 'a',
            Part::Update => 'u',
            Part::Disconnect => 'd',
            Part::Open => 'o',
        }
    }

    const fn of(phase: CoursePhase) -> Part {
        match phase {
            CoursePhase::Handshaking => Part::Handshaking,
            CoursePhase::Transfer => Part::Transfer,
            CoursePhase::Closure => Part::Closure,
        }
    }

    /// The part that begins with a state of POP3, if one does.
    fn of_state(name: &str) -> Option<Part> {
        use crate::pop3::State;
        let parts = [
            (State::Authorization, Part::Authorization),
            (State::Transaction, Part::Transaction),
            (State::Update, Part::Update),
        ];
        parts.into_iter().find(|(state, _)| state.name() == name).map(|(_, part)| part)
    }
}

/// What is spoken on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// RFC 5321.
    Smtp,
    /// RFC 3501.
    Imap,
    /// RFC 1939.
    Pop3,
    /// RFC 9110.
    Http,
    /// Nothing was said, and the port is none of theirs.
    Other,
}

impl Protocol {
    /// Its name; `TCP` if nothing else is known.
    pub const fn name(self) -> &'static str {
        match self {
            Protocol::Smtp => "SMTP",
            Protocol::Imap => "IMAP",
            Protocol::Pop3 => "POP3",
            Protocol::Http => "HTTP",
            Protocol::Other => "TCP",
        }
    }

    fn of_session(name: &str) -> Protocol {
        match name {
            "smtp" => Protocol::Smtp,
            "imap" => Protocol::Imap,
            "pop3" => Protocol::Pop3,
            "http" => Protocol::Http,
            _ => Protocol::Other,
        }
    }

    /// What a connection was opened for, if it never came to a word.
    const fn of_port(port: u16) -> Protocol {
        match port {
            25 | 465 | 587 => Protocol::Smtp,
            143 | 993 => Protocol::Imap,
            110 | 995 => Protocol::Pop3,
            80 | 8080 => Protocol::Http,
            _ => Protocol::Other,
        }
    }
}

/// A part and its place in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// Which part.
    pub part: Part,
    /// The place before the entry that begins it.
    pub begins: usize,
    /// The place at which it is over: the next one's beginning. `None`: it lasts to the end of the record.
    pub ends: Option<usize>,
    /// When it began.
    pub from: Instant,
    /// When it was over.
    pub until: Option<Instant>,
}

/// A part as RFC 5321 section 3 counts, and its place in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RfcBand {
    /// Which part.
    pub phase: RfcPhase,
    /// The place before the entry that begins it.
    pub begins: usize,
    /// The place at which it is over.
    pub ends: Option<usize>,
    /// When it began.
    pub from: Instant,
    /// When it was over.
    pub until: Option<Instant>,
}

/// A TCP connection and what was done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Which connection.
    pub conn: ConnId,
    /// What is spoken.
    pub protocol: Protocol,
    /// Who opened it.
    pub client: NodeId,
    /// Who was called; `None` if no node has that address.
    pub server: Option<NodeId>,
    /// The server's port.
    pub port: u16,
    /// The SYN was made.
    pub opened: EntryId,
    /// The client's end was open.
    pub established: Option<EntryId>,
    /// Both ends had done with it; the client's alone if the server's never was.
    pub closed: Option<EntryId>,
    /// The parts as the course counts, in order; each begins where the one before ends.
    pub bands: Vec<Band>,
    /// The parts as RFC 5321 counts, in order; empty if it is not SMTP or was never open.
    pub rfc: Vec<RfcBand>,
    /// What the server took over it went into its queue, on the way to another server; false if nothing was taken.
    pub goes_on: bool,
}

impl Conversation {
    /// The part at a place; `None` before the SYN and after the end.
    pub fn part_at(&self, place: usize) -> Option<Part> {
        let begun = self.bands.iter().rev().find(|b| b.begins < place)?;
        begun.ends.is_none_or(|e| place <= e).then_some(begun.part)
    }

    /// The part to which a packet belongs that was sent with this entry. The SYN belongs to the first one.
    pub fn part_of_packet(&self, sent: EntryId) -> Option<Part> {
        let begun = self.bands.iter().rev().find(|band| band.begins <= sent.0 as usize);
        begun.or(self.bands.first()).map(|band| band.part)
    }

    /// The entry after which a band has begun. The part behind connect begins *after* the end became open,
    /// the others with what is written first.
    pub(super) fn begun_by(&self, band: &Band) -> EntryId {
        match self.established {
            Some(open) if band.begins == open.0 as usize + 1 => open,
            _ => EntryId(band.begins as u32),
        }
    }
}

/// What is known of a connection while the record is read.
#[derive(Clone, Debug, Default)]
struct Seen {
    opened: Option<EntryId>,
    established: Option<EntryId>,
    protocol: Option<Protocol>,
    /// As the client told them, as the server told them.
    phases: [Vec<(usize, PhaseChange)>; 2],
    /// POP3's states, as the client told them, as the server told them.
    states: [Vec<(Part, usize)>; 2],
    /// The first FIN or RST.
    parting: Option<usize>,
    closed: [Option<EntryId>; 2],
    server_was_there: bool,
    landing: Landing,
}

const fn index(side: Side) -> usize {
    match side {
        Side::Client => 0,
        Side::Server => 1,
    }
}

/// All connections of the record; the place in the list is the [`ConnId`]. One pass.
pub fn conversations(log: &Log) -> Vec<Conversation> {
    let mut seen = vec![Seen::default(); log.connections().len()];
    for (place, entry) in log.entries().iter().enumerate() {
        let id = EntryId(place as u32);
        match &entry.what {
            What::TcpOpen(conn) => {
                if let Some(seen) = seen.get_mut(conn.0 as usize) {
                    seen.opened.get_or_insert(id);
                }
            }
            What::TcpEstablished(conn, Side::Client) => {
                if let Some(seen) = seen.get_mut(conn.0 as usize) {
                    seen.established.get_or_insert(id);
                }
            }
            What::TcpState { conn, side: Side::Server, .. } | What::TcpEstablished(conn, Side::Server) => {
                if let Some(seen) = seen.get_mut(conn.0 as usize) {
                    seen.server_was_there = true;
                }
            }
            What::TcpSent { packet, .. } | What::FrameSent { packet, .. } => {
                if let Some((conn, _)) = log.packet(*packet).conn
                    && let Some(seen) = seen.get_mut(conn.0 as usize).filter(|s| s.parting.is_none())
                    && parts(log, *packet)
                {
                    seen.parting = Some(place);
                }
            }
            What::TcpClosed { conn, side, .. } => {
                if let Some(seen) = seen.get_mut(conn.0 as usize) {
                    seen.closed[index(*side)] = Some(id);
                }
            }
            What::Session(session) => {
                if let Some(seen) = seen.get_mut(session.conn.0 as usize) {
                    // TLS may come first, and is not what is spoken.
                    match Protocol::of_session(session.event.protocol()) {
                        Protocol::Other => {}
                        spoken => _ = seen.protocol.get_or_insert(spoken),
                    }
                    if seen.protocol == Some(Protocol::Pop3)
                        && let Some(part) = session.event.new_state().and_then(Part::of_state)
                    {
                        seen.states[index(session.side)].push((part, place));
                    }
                    if let Some(phase) = session.event.phase() {
                        seen.phases[index(session.side)].push((place, phase));
                    }
                }
            }
            What::Mail(_) => {
                if let Some((conn, landing)) = Landing::of(log, &entry)
                    && let Some(seen) = seen.get_mut(conn.0 as usize)
                {
                    seen.landing = seen.landing.and(landing);
                }
            }
            _ => {}
        }
    }
    let conversation = |(number, seen): (usize, &Seen)| finish(log, ConnId(number as u32), seen);
    seen.iter().enumerate().map(conversation).collect()
}

/// Whether a packet of TCP ends a direction (FIN) or the connection (RST).
fn parts(log: &Log, packet: PacketId) -> bool {
    const FIN: u8 = 1;
    const RST: u8 = 4;
    flags(log, packet).is_some_and(|flags| flags & (FIN | RST) != 0)
}

/// The flags of a TCP segment (RFC 9293 section 3.1), read without the checks of a parser: the sender is
/// our own engine.
pub(super) fn flags(log: &Log, packet: PacketId) -> Option<u8> {
    let (bytes, _) = log.packet_parts(packet);
    let header = usize::from(bytes.first()? & 0x0f) * 4;
    (bytes.get(9) == Some(&6)).then(|| bytes.get(header + 13).copied()).flatten()
}

fn finish(log: &Log, conn: ConnId, seen: &Seen) -> Conversation {
    let connection = log.connection(conn);
    let opened = seen.opened.unwrap_or(EntryId(0));
    let port = connection.server_addr.1;
    let protocol = seen.protocol.unwrap_or(Protocol::of_port(port));
    let closed = match (seen.closed, seen.server_was_there) {
        ([Some(client), Some(server)], _) => Some(client.max(server)),
        ([Some(client), None], false) => Some(client),
        _ => None,
    };
    let open = seen.established.map(|e| e.0 as usize + 1);
    // A place between entries has no time of its own: a part begins when its entry does, and the part behind
    // connect when the end became open.
    let at = |place: usize| {
        let entry = if Some(place) == open { place - 1 } else { place };
        log.entries().get(entry).map_or(connection.opened, |e| e.at)
    };
    let end = closed.map(|c| (c.0 as usize + 1, log.entry(c).at));
    let parting = seen.parting.or_else(|| {
        // Without packets in the record the first end that closes is all that is seen of it.
        let packets = log.level() == crate::trace::Level::All;
        let first = seen.closed.iter().flatten().min().filter(|_| !packets);
        first.map(|e| e.0 as usize)
    });

    let phases = open.map(|open| phases(seen, open, parting)).unwrap_or_default();
    let mut starts = vec![(Part::Connect, opened.0 as usize)];
    match (open, protocol) {
        (Some(_), Protocol::Smtp) => starts.extend(phases.iter().map(|(place, p)| (Part::of(p.course), *place))),
        (Some(open), Protocol::Pop3) => {
            // The greeting belongs to the state that it opens.
            starts.push((Part::Authorization, open));
            let told = seen.states.iter().find(|states| !states.is_empty());
            let before = |place: usize| place > open && parting.is_none_or(|p| place < p);
            starts.extend(told.into_iter().flatten().copied().filter(|(_, place)| before(*place)));
        }
        (Some(open), _) => starts.push((Part::Open, open)),
        (None, _) => {}
    }
    starts.extend(parting.map(|place| (Part::Disconnect, place)));
    starts.dedup_by(|later, earlier| later.0 == earlier.0);
    let bands = spans(&starts, end, at)
        .map(|(part, begins, ends, from, until)| Band { part, begins, ends, from, until })
        .collect();

    let mut rfc = Vec::new();
    if protocol == Protocol::Smtp {
        let mut starts: Vec<(RfcPhase, usize)> = phases.iter().map(|(place, p)| (p.rfc, *place)).collect();
        starts.dedup_by(|later, earlier| later.0 == earlier.0);
        let end = parting.map(|place| (place, at(place))).or(end);
        rfc.extend(spans(&starts, end, at).map(|(phase, begins, ends, from, until)| RfcBand {
            phase,
            begins,
            ends,
            from,
            until,
        }));
    }
    let Seen { established, .. } = *seen;
    let (client, server) = (connection.client, connection.server);
    let goes_on = seen.landing.goes_on();
    Conversation { conn, protocol, client, server, port, opened, established, closed, bands, rfc, goes_on }
}

/// The phases of an open SMTP session, from the place at which it was open up to the parting: the client's,
/// the server's if the client is silent.
fn phases(seen: &Seen, open: usize, parting: Option<usize>) -> Vec<(usize, PhaseChange)> {
    let [client, server] = &seen.phases;
    let told = if client.is_empty() { server } else { client };
    let before = |place: usize| parting.is_none_or(|p| place < p);
    let mut phases = vec![(open, PhaseChange::GREETING)];
    phases.extend(told.iter().copied().filter(|(place, _)| *place > open && before(*place)));
    // A server that says 421 and closes has parted before the client has read it.
    let ended =
        |list: &[(usize, PhaseChange)]| list.iter().find(|(p, c)| *c == PhaseChange::END && before(*p)).copied();
    let last = phases.last().map_or(open, |p| p.0);
    if ended(&phases).is_none() {
        phases.extend(ended(server).filter(|(place, _)| *place > last));
    }
    phases.dedup_by(|later, earlier| later.1 == earlier.1);
    phases
}

type Span<T> = (T, usize, Option<usize>, Instant, Option<Instant>);

/// Beginnings as touching spans.
fn spans<T: Copy>(
    starts: &[(T, usize)],
    end: Option<(usize, Instant)>,
    at: impl Fn(usize) -> Instant,
) -> impl Iterator<Item = Span<T>> {
    (0..starts.len()).map(move |i| {
        let (what, begins) = starts[i];
        let next = starts.get(i + 1).map(|(_, place)| (*place, at(*place))).or(end);
        (what, begins, next.map(|n| n.0), at(begins), next.map(|n| n.1))
    })
}
