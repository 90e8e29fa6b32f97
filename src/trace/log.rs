//! The record itself: append-only, in shared chunks, at one of three levels.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use super::fact::{Fact, Kind, LookupId, LossId, MailId, SessionId, Table, TurnId};
use super::items::{Header, Heard, Hop, Lost, Turn};
use super::packets::{self, Packet, Packets};
use super::rows::{Read, Rows};
use super::sayings::Sayings;
use super::sealed::{self, Sealed};
use super::view::Views;
use super::{
    ActionId, Bytes, Cause, Chunked, Connection, EngineKind, Entry, EntryId, HopId, HopRecord, NewLine, PacketId,
    Saying, Session, ViewId, What,
};
use crate::dns::resolver;
use crate::net::link::Loss;
use crate::packet::LinkHeader;
use crate::tail::Part;
use crate::time::Instant;
use crate::topology::{ConnId, LinkId, NodeId, Side};
use crate::{mail, tcp};

/// How much of a run is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Numbers only: runs of millions of mails.
    Counters,
    /// What programs did: lines, queues, mailboxes, connections. No packets.
    Milestones,
    /// Every packet at every hop with its bytes, every variable of TCP.
    #[default]
    All,
}

/// Numbers that are counted at every level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// TCP segments sent by hosts.
    pub segments: u64,
    /// TCP segments sent again.
    pub retransmissions: u64,
    /// Frames put on links (each packet once for each hop).
    pub frames: u64,
    /// Packets lost anywhere.
    pub lost: u64,
    /// TCP connections opened.
    pub connections: u64,
    /// Events taken from the queue.
    pub events: u64,
}

/// The record of a run.
#[derive(Clone, Debug, Default)]
pub struct Log {
    level: Level,
    rows: Rows,
    turns: Chunked<Turn>,
    pub(super) packets: Chunked<packets::Kept>,
    bytes: Bytes,
    /// Pieces of letters that packets carry and that lie in the letter's own memory.
    lent: Chunked<Part>,
    hops: Chunked<Hop>,
    /// Ethernet headers of hops.
    headers: Chunked<Header>,
    losses: Chunked<Lost>,
    views: Views,
    sessions: Chunked<Heard>,
    sayings: Sayings,
    mails: Chunked<mail::Event>,
    lookups: Chunked<resolver::Event>,
    connections: Chunked<Connection>,
    sealed: sealed::Table,
    /// Numbers, whatever the level.
    pub counters: Counters,
}

impl Log {
    /// An empty record.
    pub fn new(level: Level) -> Self {
        Log { level, ..Log::default() }
    }

    /// How much is recorded.
    pub fn level(&self) -> Level {
        self.level
    }

    /// All entries in order; an entry's place is its [`EntryId`].
    pub fn entries(&self) -> Entries<'_> {
        Entries { log: self }
    }

    /// One entry.
    ///
    /// # Panics
    /// If the number was not given out by this record.
    pub fn entry(&self, id: EntryId) -> Entry<'_> {
        self.entries().at(id.0 as usize)
    }

    /// An entry as it reads.
    fn read(&self, Read { at, node, fact, cause }: Read) -> Entry<'_> {
        let (what, link) = self.what(fact);
        let sending = || Cause::Entry(self.rows.about(Table::Hops, fact.number()));
        Entry { at, node, link, cause: cause.unwrap_or_else(sending), what }
    }

    /// What it says, and on which link.
    fn what(&self, fact: Fact) -> (What<'_>, Option<LinkId>) {
        let (n, place) = (fact.number(), fact.number() as usize);
        let (view, conn) = (ViewId(n), ConnId(n));
        let about = || self.views.about(n);
        let what = match fact.kind() {
            Kind::FrameSent => {
                let hop = self.hops[place];
                return (What::FrameSent { packet: hop.packet, hop: HopId(n) }, Some(hop.link()));
            }
            Kind::FrameArrived => {
                let hop = self.hops[place];
                return (What::FrameArrived { packet: hop.packet, hop: HopId(n) }, Some(hop.link()));
            }
            Kind::FrameLost => {
                let Lost { packet, link, reason } = self.losses[place];
                return (What::FrameLost { packet, reason }, link);
            }
            Kind::TcpOpen => What::TcpOpen(conn),
            Kind::TcpEstablished(side) => What::TcpEstablished(conn, side),
            Kind::TcpSent { retransmission } => What::TcpSent { packet: PacketId(about()), view, retransmission },
            Kind::TcpReceived => What::TcpReceived { packet: PacketId(about()), view },
            Kind::TcpTimer(side, timer) => What::TcpTimer { conn: ConnId(about()), side, timer, view },
            Kind::TcpState => {
                let Turn { conn, side, from, to } = self.turns[place];
                What::TcpState { conn, side, from, to }
            }
            Kind::TcpClosed(side, how) => What::TcpClosed { conn, side, how },
            Kind::Session => {
                let heard = self.sessions[place];
                What::Session(Session { conn: heard.conn(), side: heard.side(), event: self.sayings.get(heard.event) })
            }
            Kind::Mail => What::Mail(&self.mails[place]),
            Kind::Dns => What::Dns(&self.lookups[place]),
            Kind::Action => What::Action(ActionId(n)),
        };
        (what, None)
    }

    /// The packet with this number.
    ///
    /// # Panics
    /// If the number was not given out by this record.
    pub fn packet(&self, id: PacketId) -> Packet {
        self.packets[id.0 as usize].packet()
    }

    /// All packets in the order of their first sending.
    pub fn packets(&self) -> Packets<'_> {
        Packets { log: self }
    }

    /// The bytes of a packet above the link layer, as its sender made them. They are put together if some of them
    /// lie in a letter.
    pub fn packet_bytes(&self, id: PacketId) -> Cow<'_, [u8]> {
        let (own, lent) = self.packet_parts(id);
        if lent.is_empty() { Cow::Borrowed(own) } else { Cow::Owned([own, lent].concat()) }
    }

    /// The same in two parts. Headers are in the first one.
    pub fn packet_parts(&self, id: PacketId) -> (&[u8], &[u8]) {
        let packets::Kept { bytes, lent, .. } = self.packets[id.0 as usize];
        let lent = if lent == packets::Kept::OWN { &[] } else { &*self.lent[lent as usize] };
        (self.bytes.get(bytes), lent)
    }

    /// How many bytes a packet has above the link layer.
    pub fn packet_length(&self, id: PacketId) -> usize {
        let (own, lent) = self.packet_parts(id);
        own.len() + lent.len()
    }

    /// What a hop changed.
    ///
    /// # Panics
    /// If the number was not given out by this record.
    pub fn hop(&self, id: HopId) -> HopRecord {
        let hop = self.hops[id.0 as usize];
        let header = || self.headers[self.headers.partition_point(|header| header.hop < id)].header;
        let link = if hop.headed() { header() } else { LinkHeader::None };
        HopRecord { ttl: hop.ttl, checksum: hop.checksum, link }
    }

    /// A snapshot of a connection.
    ///
    /// # Panics
    /// If the number was not given out by this record.
    pub fn view(&self, id: ViewId) -> tcp::View {
        self.views.get(id)
    }

    /// The connections in order of opening; a connection's place is its [`ConnId`].
    pub fn connections(&self) -> &Chunked<Connection> {
        &self.connections
    }

    /// One connection.
    ///
    /// # Panics
    /// If the number was not given out by this record.
    pub fn connection(&self, id: ConnId) -> &Connection {
        &self.connections[id.0 as usize]
    }

    /// What of a connection is sealed, if something is.
    pub fn sealed(&self, conn: ConnId) -> Option<&Sealed> {
        self.sealed.get(&conn).map(|sealed| &**sealed)
    }

    /// All connections with TLS, in order of their opening.
    pub fn all_sealed(&self) -> impl Iterator<Item = (ConnId, &Sealed)> {
        self.sealed.iter().map(|(conn, sealed)| (*conn, &**sealed))
    }

    /// The node at one end of a connection.
    pub fn end(&self, conn: ConnId, side: Side) -> Option<NodeId> {
        let c = self.connection(conn);
        match side {
            Side::Client => Some(c.client),
            Side::Server => c.server,
        }
    }

    /// The address of one end of a connection.
    pub fn end_addr(&self, conn: ConnId, side: Side) -> (Ipv4Addr, u16) {
        let c = self.connection(conn);
        match side {
            Side::Client => c.client_addr,
            Side::Server => c.server_addr,
        }
    }

    /// The exact bytes of a packet on one link.
    pub fn frame(&self, packet: PacketId, hop: HopId) -> Vec<u8> {
        let ((own, lent), hop) = (self.packet_parts(packet), self.hop(hop));
        let mut frame = Vec::with_capacity(own.len() + lent.len() + 14);
        hop.link.write(&mut frame);
        let start = frame.len();
        frame.extend_from_slice(own);
        frame.extend_from_slice(lent);
        if !self.packet(packet).arp {
            frame[start + 8] = hop.ttl;
            frame[start + 10..start + 12].copy_from_slice(&hop.checksum.to_be_bytes());
        }
        frame
    }

    pub(crate) fn add_connection(&mut self, connection: Connection) -> ConnId {
        self.counters.connections += 1;
        if self.level == Level::Counters {
            return ConnId(self.counters.connections as u32 - 1);
        }
        ConnId(self.connections.push(connection) as u32)
    }

    pub(crate) fn add_sealed(&mut self, conn: ConnId, side: Side, carried: (u64, u64)) {
        sealed::begin(&mut self.sealed, conn, side, carried);
    }

    /// Those that were not known before are told.
    pub(crate) fn add_secrets(
        &mut self,
        conn: ConnId,
        secrets: Vec<crate::tls::Secret>,
        told: impl FnMut(&crate::tls::Secret),
    ) {
        sealed::add_secrets(&mut self.sealed, conn, secrets, told);
    }

    /// Lets go of everything that was recorded but connections and their secrets. Entries keep their numbers, and are
    /// not asked for again.
    pub(crate) fn forget(&mut self) {
        self.rows.forget();
        self.turns.forget();
        self.sessions.forget();
        self.sayings.forget();
        self.mails.forget();
        self.lookups.forget();
        self.packets.forget();
        self.bytes = Bytes::default();
        self.lent.forget();
        self.hops.forget();
        self.headers.forget();
        self.losses.forget();
        self.views.forget();
    }

    /// A packet's bytes are kept once: those that `lent` has at their end are where they are already.
    pub(crate) fn add_packet(
        &mut self,
        bytes: &[u8],
        lent: Option<Part>,
        arp: bool,
        conn: Option<(ConnId, Side)>,
        stream: (u64, u32),
    ) -> PacketId {
        let (own, lent) = match lent {
            None => (bytes, packets::Kept::OWN),
            Some(part) => {
                debug_assert!(bytes.ends_with(&part), "a packet carries what its stream has");
                (&bytes[..bytes.len() - part.len()], self.lent.push(part) as u32)
            }
        };
        let bytes = self.bytes.push(own);
        let packet = Packet { arp, conn, stream };
        PacketId(self.packets.push(packets::Kept::new(packet, bytes, lent)) as u32)
    }

    /// A packet is put on a link: the number of the hop.
    #[inline]
    pub(crate) fn add_hop(&mut self, packet: PacketId, link: LinkId, record: HopRecord) -> HopId {
        let HopRecord { ttl, checksum, link: header } = record;
        let headed = header != LinkHeader::None;
        let hop = HopId(self.hops.push(Hop::new(packet, link, ttl, checksum, headed)) as u32);
        if headed {
            self.headers.push(Header { hop, header });
        }
        hop
    }

    pub(crate) fn add_loss(&mut self, packet: PacketId, link: Option<LinkId>, reason: Loss) -> Fact {
        Fact::frame_lost(LossId(self.losses.push(Lost { packet, link, reason }) as u32))
    }

    /// A snapshot at a segment.
    #[inline]
    pub(crate) fn add_view(&mut self, view: &tcp::View, packet: PacketId, now: Instant) -> ViewId {
        self.views.add(view, packet.0, now)
    }

    /// A snapshot at a timer.
    pub(crate) fn add_timer_view(&mut self, view: &tcp::View, conn: ConnId, now: Instant) -> ViewId {
        self.views.add(view, conn.0, now)
    }

    #[inline]
    pub(crate) fn add_session(&mut self, conn: ConnId, side: Side, event: Saying) -> Fact {
        let event = self.sayings.add(event);
        self.heard(conn, side, event)
    }

    /// As [`Log::add_session`], of a line.
    #[inline]
    pub(crate) fn add_line(&mut self, conn: ConnId, side: Side, engine: EngineKind, line: NewLine<'_>) -> Fact {
        let event = self.sayings.add_line(engine, line);
        self.heard(conn, side, event)
    }

    #[inline]
    fn heard(&mut self, conn: ConnId, side: Side, event: u32) -> Fact {
        Fact::session(SessionId(self.sessions.push(Heard::new(conn, side, event)) as u32))
    }

    pub(crate) fn add_state(&mut self, conn: ConnId, side: Side, from: tcp::State, to: tcp::State) -> Fact {
        Fact::tcp_state(TurnId(self.turns.push(Turn { conn, side, from, to }) as u32))
    }

    pub(crate) fn add_mail(&mut self, event: mail::Event) -> Fact {
        Fact::mail(MailId(self.mails.push(event) as u32))
    }

    pub(crate) fn add_lookup(&mut self, event: resolver::Event) -> Fact {
        Fact::dns(LookupId(self.lookups.push(event) as u32))
    }

    /// Records what has happened.
    #[inline]
    pub(crate) fn push(&mut self, at: Instant, node: NodeId, cause: Cause, fact: Fact) -> EntryId {
        self.rows.push(at, node, cause, fact)
    }

    /// Records that a packet was put on a link.
    #[inline]
    pub(crate) fn push_sent(&mut self, at: Instant, node: NodeId, cause: Cause, hop: HopId) -> EntryId {
        self.rows.push(at, node, cause, Fact::frame_sent(hop))
    }

    /// Records that a packet came in from a link: that it was sent is the cause.
    #[inline]
    pub(crate) fn push_arrived(&mut self, at: Instant, node: NodeId, hop: HopId) -> EntryId {
        self.rows.push_arrived(at, node, Fact::frame_arrived(hop))
    }
}

/// The entries of a [`Log`], in order.
#[derive(Clone, Copy, Debug)]
pub struct Entries<'a> {
    log: &'a Log,
}

impl<'a> Entries<'a> {
    /// Number of entries.
    pub fn len(self) -> usize {
        self.log.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The entry at `place`, if there are so many.
    pub fn get(self, place: usize) -> Option<Entry<'a>> {
        self.log.rows.get(place).map(|row| self.log.read(row))
    }

    /// The entry at `place`.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn at(self, place: usize) -> Entry<'a> {
        self.get(place).expect("an entry that the record keeps")
    }

    /// All of them.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Entry<'a>> {
        self.log.rows.places().map(move |place| self.at(place))
    }
}
