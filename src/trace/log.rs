//! The record itself: append-only, in shared chunks, at one of three levels.

use std::net::Ipv4Addr;

use super::view::Kept;
use super::{Bytes, Cause, Chunked, Connection, Entry, EntryId, HopId, HopRecord, Packet, PacketId, ViewId, What};
use crate::tcp;
use crate::time::Instant;
use crate::topology::{ConnId, LinkId, NodeId, Side};

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
    entries: Chunked<Entry>,
    packets: Chunked<Packet>,
    bytes: Bytes,
    hops: Chunked<HopRecord>,
    views: Chunked<Kept>,
    connections: Chunked<Connection>,
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
    pub fn entries(&self) -> &Chunked<Entry> {
        &self.entries
    }

    /// One entry.
    ///
    /// # Panics
    /// If the number was not given out by this record.
    pub fn entry(&self, id: EntryId) -> &Entry {
        &self.entries[id.0 as usize]
    }

    /// The packet with this number.
    ///
    /// # Panics
    /// If the number was not given out by this record.
    pub fn packet(&self, id: PacketId) -> &Packet {
        &self.packets[id.0 as usize]
    }

    /// All packets in the order of their first sending.
    pub fn packets(&self) -> &Chunked<Packet> {
        &self.packets
    }

    /// The bytes of a packet above the link layer, as its sender made them.
    pub fn packet_bytes(&self, id: PacketId) -> &[u8] {
        self.bytes.get(self.packet(id).bytes)
    }

    /// What a hop changed.
    ///
    /// # Panics
    /// If the number was not given out by this record.
    pub fn hop(&self, id: HopId) -> &HopRecord {
        &self.hops[id.0 as usize]
    }

    /// A snapshot of a connection.
    ///
    /// # Panics
    /// If the number was not given out by this record.
    pub fn view(&self, id: ViewId) -> tcp::View {
        self.views[id.0 as usize].into()
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
        let (bytes, hop) = (self.packet_bytes(packet), self.hop(hop));
        let mut frame = Vec::with_capacity(bytes.len() + 14);
        hop.link.write(&mut frame);
        let start = frame.len();
        frame.extend_from_slice(bytes);
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

    pub(crate) fn add_packet(
        &mut self,
        bytes: &[u8],
        arp: bool,
        conn: Option<(ConnId, Side)>,
        stream: (u64, u32),
    ) -> PacketId {
        let bytes = self.bytes.push(bytes);
        PacketId(self.packets.push(Packet { bytes, arp, conn, stream }) as u32)
    }

    pub(crate) fn add_hop(&mut self, hop: HopRecord) -> HopId {
        HopId(self.hops.push(hop) as u32)
    }

    pub(crate) fn add_view(&mut self, view: tcp::View) -> ViewId {
        ViewId(self.views.push(view.into()) as u32)
    }

    pub(crate) fn push(
        &mut self,
        at: Instant,
        node: NodeId,
        link: Option<LinkId>,
        cause: Cause,
        what: What,
    ) -> EntryId {
        EntryId(self.entries.push(Entry::new(at, node, link, cause, what)) as u32)
    }
}
