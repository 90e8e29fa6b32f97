//! One byte on its way: from the keyboard through letters, streams, segments and frames to the screen, and back.
//!
//! ```text
//!   typed text -> letter -> [stream -> segments -> frames at every hop -> stream -> letter with a line more]* ->
//!   mailbox -> stream -> ... -> letter as fetched -> screen
//! ```
//! Nothing is searched for by its value. Each step is a map that the one who made the step has left in the record: a
//! letter says of which text or stream it was made ([`Made`](crate::mail::Made)), a client where in its stream a letter stands, a
//! packet which part of the stream it carries.
//!
//! [`back`] gives the one way on which a byte came; [`forth`] every place to which it went, for a mail to several
//! recipients forks; [`everywhere`] is both: back to where it was made, and from there forth.

mod walk;

use self::walk::Walk;
use crate::engine::Way;
use crate::mail::{ContentId, QueueId};
use crate::time::Instant;
use crate::topology::{ConnId, LinkId, NodeId, Side};
use crate::trace::{EntryId, HopId, Log, Names, PacketId};

/// The byte at which the walk starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// What a mail program shows: an entry of a letter that was read, and a place in the text on the screen.
    Screen {
        /// [`Event::Read`](crate::mail::Event::Read).
        entry: EntryId,
        /// Offset in the text shown.
        offset: u64,
    },
    /// What a user typed.
    Typed {
        /// [`Event::Composed`](crate::mail::Event::Composed), or
        /// [`Event::QueueEnter`](crate::mail::Event::QueueEnter) of a letter that was written by the scenario.
        entry: EntryId,
        /// Offset in the text typed.
        offset: u64,
    },
    /// A version of a letter.
    Letter {
        /// Which version.
        content: ContentId,
        /// Offset in its bytes.
        offset: u64,
    },
    /// One direction of a connection.
    Stream {
        /// The connection.
        conn: ConnId,
        /// Which end writes it.
        side: Side,
        /// 0 is the first byte after the SYN.
        offset: u64,
    },
    /// A packet.
    Packet {
        /// Which one.
        packet: PacketId,
        /// Offset in its bytes above the link layer.
        offset: u64,
    },
}

/// Where a byte was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Typed by a user; the offset is that in the text as typed.
    Typed,
    /// In a version of a letter.
    Letter {
        /// Which version.
        content: ContentId,
        /// What became of it there.
        kept: Kept,
    },
    /// Part of a letter that a program wrote to a connection or read from it; the offset is that in the stream.
    Stream {
        /// The connection.
        conn: ConnId,
        /// Which end writes this direction.
        side: Side,
        /// Written or read.
        way: Way,
    },
    /// Part of a line of the dialogue, written or read; the offset is that in the stream.
    Line {
        /// The connection.
        conn: ConnId,
        /// Which end writes this direction.
        side: Side,
        /// Written or read.
        way: Way,
    },
    /// In a segment that TCP sent; the offset is that in the packet's bytes above the link layer.
    Segment {
        /// The packet.
        packet: PacketId,
        /// Sent, or received by the other end's TCP.
        way: Way,
        /// It was sent before.
        retransmission: bool,
    },
    /// In a frame on a link; the offset counts the link header.
    Frame {
        /// The packet in it.
        packet: PacketId,
        /// As it is on this link.
        hop: HopId,
        /// The link.
        link: LinkId,
        /// Put on it, or taken from it.
        way: Way,
    },
    /// In a packet that went no further; the offset is that in the packet's bytes above the link layer.
    Lost {
        /// The packet.
        packet: PacketId,
    },
    /// On the screen of a reader; the offset is that in the text shown.
    Screen,
}

/// What became of a version of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A mail program wrote it.
    Composed,
    /// A server read it from a connection.
    Received,
    /// The same server put its trace line in front.
    Stamped,
    /// It waited in a queue.
    Queued(QueueId),
    /// It was put into a mailbox: user, folder, UID.
    Stored(String, String, u32),
    /// A server wrote it as a bounce.
    Bounce,
    /// A mail program fetched it.
    Fetched,
}

/// One place on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The entry that tells of it.
    pub entry: EntryId,
    /// When.
    pub at: Instant,
    /// At which node.
    pub node: NodeId,
    /// Where there.
    pub place: Place,
    /// Which byte of that place; see [`Place`].
    pub offset: u64,
    /// The byte.
    pub byte: u8,
}

impl Hop {
    /// In words: `in the letter as mail.b stored it for bob (INBOX, UID 1), byte 612`.
    pub fn told(&self, log: &Log, names: &Names) -> String {
        let node = names.node(self.node);
        let offset = self.offset;
        let stream = |conn: ConnId, side: Side| {
            let end = |side| log.end(conn, side).map_or("?", |n| names.node(n));
            format!("stream from {} to {}, byte {offset}", end(side), end(side.other()))
        };
        match &self.place {
            Place::Typed => format!("typed, byte {offset} of the text"),
            Place::Letter { kept, .. } => {
                let how = match kept {
                    Kept::Composed => format!("{node} wrote it"),
                    Kept::Received => format!("{node} received it"),
                    Kept::Stamped => format!("{node} keeps it, with its Received line"),
                    Kept::Queued(_) => format!("it waits in the queue of {node}"),
                    Kept::Stored(user, folder, uid) => {
                        format!("{node} stored it for {user} ({folder}, UID {uid})")
                    }
                    Kept::Bounce => format!("{node} wrote it, a bounce"),
                    Kept::Fetched => format!("{node} fetched it"),
                };
                format!("in the letter as {how}, byte {offset}")
            }
            Place::Stream { conn, side, way } => format!("{} {}", word(*way), stream(*conn, *side)),
            Place::Line { conn, side, way } => format!("{} in a line of the {}", word(*way), stream(*conn, *side)),
            Place::Segment { packet, way, retransmission } => {
                let again = if *retransmission { " again" } else { "" };
                let verb = if *way == Way::Sent { "sent" } else { "received" };
                format!("{verb}{again} by TCP of {node}: packet {}, byte {offset}", packet.0)
            }
            Place::Frame { packet, link, way, .. } => {
                let verb = if *way == Way::Sent { "put on" } else { "came in from" };
                format!("{verb} {} at {node}: packet {}, byte {offset} of the frame", names.link(*link), packet.0)
            }
            Place::Lost { packet } => format!("lost at {node} with packet {}", packet.0),
            Place::Screen => format!("on the screen at {node}, byte {offset} of the text"),
        }
    }
}

const fn word(way: Way) -> &'static str {
    match way {
        Way::Sent => "written to the",
        Way::Received => "read from the",
    }
}

/// The way on which a byte came, youngest place first, down to where it was made. A letter to several recipients waits
/// in several queues and mailboxes; those that are not on the way are left out.
pub fn back(log: &Log, start: Start) -> Vec<Hop> {
    let mut walk = Walk::new(log, start);
    let end = match start {
        Start::Screen { entry, .. } | Start::Typed { entry, .. } => (entry.0 as usize + 1).min(log.entries().len()),
        _ => log.entries().len(),
    };
    for place in (0..end).rev() {
        walk.backward(EntryId(place as u32));
    }
    walk.hops()
}

/// Every place to which a byte went, the start included, oldest first.
pub fn forth(log: &Log, start: Start) -> Vec<Hop> {
    let mut walk = Walk::new(log, start);
    for place in 0..log.entries().len() {
        walk.derive(EntryId(place as u32));
    }
    // A long letter's first segments leave before its client tells where it stands in the stream: only now is it
    // known what to look for.
    for place in 0..log.entries().len() {
        walk.forward(EntryId(place as u32));
    }
    walk.hops()
}

/// The whole life of a byte: [`back`] to where it was made, and from there [`forth`].
pub fn everywhere(log: &Log, start: Start) -> Vec<Hop> {
    let made = back(log, start).pop();
    let origin = made.and_then(|hop| match hop.place {
        Place::Typed => Some(Start::Typed { entry: hop.entry, offset: hop.offset }),
        Place::Letter { content, .. } => Some(Start::Letter { content, offset: hop.offset }),
        Place::Stream { conn, side, .. } | Place::Line { conn, side, .. } => {
            Some(Start::Stream { conn, side, offset: hop.offset })
        }
        _ => None,
    });
    forth(log, origin.unwrap_or(start))
}
