//! What stands where at a place of the record, for drawing: letters, packets under way, connections, power.
//!
//! A *place* lies between entries of the record: at place `n` the entries `0..n` have happened. [`Scenes`] goes
//! over a record once; [`Scenes::at`] then makes the scene of any place without a look at what lies before it, so
//! going back costs what going forward costs, and a place looks the same from wherever one comes.
//!
//! ```text
//!  Draft --composed--> Screen --written to TCP--> Wire --queue.enter--> Queue --> Wire --mailbox.store--> Mailbox
//!                        ^                         |                      ^         |                        |
//!                        +------- not taken -------+                      +- defer -+          FETCH: a copy goes
//!                                                                                              to the Reader
//! ```
//! A letter is **one object** through all versions of its bytes: while it is handed over it is on the wire, and
//! from the moment at which the receiving server has it, it is there, although the sender keeps its entry until
//! the 250 arrives. What several servers or users get becomes several letters with one [`LetterKey::mail`].

mod flights;
mod letters;
mod spans;
mod tubes;
mod waits;

use std::sync::Arc;

use serde::Serialize;

use crate::mail::{ContentId, QueueId};
use crate::net::link::Loss;
use crate::sim::Setup;
use crate::time::Instant;
use crate::topology::{ConnId, LinkId, NodeId};
use crate::trace::fold::{State, Timeline};
use crate::trace::{ActionId, EntryId, Log, PacketId};

use flights::Flights;
use letters::Letters;
use tubes::{Power, Tubes};

pub use waits::{LONG, Wait, WaitWhy, in_words};

/// What stands where at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// The place.
    pub place: usize,
    /// When the entry before it happened; the start for place 0.
    pub at: Instant,
    /// Queues, mailboxes, connections, sessions.
    pub state: State,
    /// Which nodes are switched on, by [`NodeId`].
    pub on: Vec<bool>,
    /// All letters, in order of their keys.
    pub letters: Vec<Letter>,
    /// Packets that a host has put on a link and that have neither come to their end nor got lost, in order of
    /// sending.
    pub waiting: Vec<Flight>,
    /// TCP connections of which at least one end is there, in order of opening.
    pub tubes: Vec<Tube>,
}

/// A mail, whatever version of its bytes: how it came into the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Mail {
    /// A user sends it by this action.
    Sent(ActionId),
    /// It was there, or a program wrote it: the number of its first version.
    Content(ContentId),
}

/// Names a letter as long as the run lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct LetterKey {
    /// Which mail.
    pub mail: Mail,
    /// 0 for the first; a letter that parts from it, for another domain, another user or as a copy, has the
    /// next number.
    pub part: u32,
}

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The same wherever it goes.
    pub key: LetterKey,
    /// Where it is.
    pub at: LetterPlace,
    /// Which version of its bytes; `None` as long as it is not composed.
    pub content: Option<ContentId>,
    /// Whether this is a copy of one that lies elsewhere.
    pub copy: bool,
}

/// Where a letter is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LetterPlace {
    /// On the writer's screen, not yet composed.
    Draft(NodeId),
    /// Composed, and not taken by a server.
    Screen {
        /// The computer.
        node: NodeId,
    },
    /// In a TCP connection.
    Wire {
        /// The connection.
        conn: ConnId,
        /// Who sends it.
        from: NodeId,
        /// Who is to get it.
        to: NodeId,
        /// Bytes of it that have arrived in order at the other end's TCP.
        done: u64,
        /// Bytes that it takes in the stream, the final dot included.
        total: u64,
    },
    /// In a queue.
    Queue {
        /// The mail server.
        node: NodeId,
        /// Its number in that queue.
        entry: QueueId,
    },
    /// In a mailbox.
    Mailbox {
        /// The mail server.
        node: NodeId,
        /// Whose.
        user: Arc<str>,
        /// `INBOX` or another folder.
        folder: Arc<str>,
        /// Its UID there.
        uid: u32,
    },
    /// On a reader's screen; always a copy.
    Reader {
        /// The computer.
        node: NodeId,
    },
    /// It is nowhere any more.
    Gone {
        /// Where it was last.
        node: NodeId,
        /// Why.
        why: Gone,
    },
}

impl LetterPlace {
    /// The computer at which it is; on the wire, the one that sends it.
    pub const fn node(&self) -> NodeId {
        match self {
            LetterPlace::Draft(node)
            | LetterPlace::Screen { node }
            | LetterPlace::Wire { from: node, .. }
            | LetterPlace::Queue { node, .. }
            | LetterPlace::Mailbox { node, .. }
            | LetterPlace::Reader { node }
            | LetterPlace::Gone { node, .. } => *node,
        }
    }
}

/// Why a letter is nowhere any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gone {
    /// It could not be delivered; a bounce says so to its sender.
    Bounced,
    /// It could not be delivered, and nobody is told.
    Discarded,
    /// A server took it and put it nowhere.
    Taken,
    /// It was removed from its mailbox.
    Removed,
}

/// A packet under way, from the host that made it.
///
/// A frame that a switch floods goes several ways: each is a flight of its own, with the same first links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    /// The packet.
    pub packet: PacketId,
    /// 0 for the way to the host that it is addressed to; others are flooded.
    pub branch: u32,
    /// Who put it on a link first.
    pub from: NodeId,
    /// The host it is addressed to; where it ended, if that is unknown or this is another branch.
    pub to: NodeId,
    /// Its way as recorded: each link, its near end and its far end.
    pub path: Vec<(LinkId, NodeId, NodeId)>,
    /// The entry with which it was put on its first link.
    pub sent: EntryId,
    /// When.
    pub sent_at: Instant,
    /// The entry with which it arrived or was lost; `None` if the record ends before.
    pub ended: Option<EntryId>,
    /// When; if the record ends before, when it reaches the end of the last link.
    pub ends_at: Instant,
    /// How many links it got over, and why no more: lost on `path[n]`, or at a node if `n` is the length of the
    /// path.
    pub lost: Option<(usize, Loss)>,
    /// When it was put on each link of the path, and when it came to the link's end.
    pub hops: Vec<(Instant, Instant)>,
}

/// A TCP connection as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tube {
    /// The connection.
    pub conn: ConnId,
    /// Who opened it.
    pub client: NodeId,
    /// Who listened; `None` if nobody has that address.
    pub server: Option<NodeId>,
    /// The server's port.
    pub port: u16,
    /// Whether the TCP handshake is done at the client.
    pub open: bool,
    /// Its way from client to server, both included; the client alone if there is no way.
    pub nodes: Vec<NodeId>,
}

/// All scenes of a record, ready to be asked for.
#[derive(Clone, Debug)]
pub struct Scenes {
    flights: Flights,
    letters: Letters,
    tubes: Tubes,
    power: Power,
    waits: Vec<Wait>,
    touched: Vec<bool>,
    places: usize,
}

impl Scenes {
    /// Goes over the record.
    pub fn new(log: &Log, setup: &Setup) -> Scenes {
        let mut flights = flights::Collector::new(log, setup);
        let mut letters = letters::Tracker::new(log, setup);
        let mut tubes = tubes::Collector::new(log, setup);
        let mut power = Power::new(setup);
        let mut waits = waits::Collector::new(setup);
        for (number, entry) in log.entries().iter().enumerate() {
            let number = number as u32;
            flights.take(number, &entry);
            letters.take(number, &entry);
            tubes.take(number, &entry);
            power.take(number, &entry, setup);
            waits.take(number, &entry);
        }
        let flights = flights.finish();
        let tubes = tubes.finish(&flights);
        let touched = flights.touched(log, setup);
        Scenes {
            letters: letters.finish(),
            tubes,
            power,
            waits: waits.finish(),
            touched,
            flights,
            places: log.entries().len(),
        }
    }

    /// The scene at `place`; behind the record, its last. `timeline` has taken in the same record.
    pub fn at(&self, log: &Log, timeline: &Timeline, place: usize) -> Scene {
        let place = place.min(self.places);
        let index = place as u32;
        Scene {
            place,
            at: place.checked_sub(1).map_or(Instant::ZERO, |last| log.entries().at(last).at),
            state: timeline.before(log, place),
            on: self.power.at(index),
            letters: self.letters.at(log, index),
            waiting: self.flights.waiting(log, index),
            tubes: self.tubes.at(log, index),
        }
    }

    /// Everything under way at some moment from place `from` to place `to`, in order of sending: what waits at
    /// `from`, and what is sent between the two. The order of the two places does not matter.
    pub fn flights(&self, log: &Log, from: usize, to: usize) -> Vec<Flight> {
        let (from, to) = (from.min(to).min(self.places), from.max(to).min(self.places));
        self.flights.between(log, from as u32, to as u32)
    }

    /// All flights of a packet.
    pub fn of_packet(&self, log: &Log, packet: PacketId) -> Vec<Flight> {
        self.flights.of_packet(log, packet)
    }

    /// The letters at `place`, without the rest of the scene.
    pub fn letters(&self, log: &Log, place: usize) -> Vec<Letter> {
        self.letters.at(log, place.min(self.places) as u32)
    }

    /// Times of at least [`LONG`] in which nothing happens, in order.
    pub fn gaps(&self) -> &[Wait] {
        &self.waits
    }

    /// Which nodes a packet of this run concerns, by [`NodeId`]: those that send one or are addressed by one.
    pub fn touched(&self) -> &[bool] {
        &self.touched
    }

    /// How many places there are besides the first: the entries of the record.
    pub fn places(&self) -> usize {
        self.places
    }
}

#[cfg(test)]
mod tests;
