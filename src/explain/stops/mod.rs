//! Where *forward* and *back* stop.
//!
//! A place stands between two entries of the record: `place` means that the entries before it have happened.
//! Four grains, each containing the coarser ones:
//!
//! | grain  | stops at |
//! |--------|----------|
//! | packet | a packet's arrival at the node it is addressed to; a loss; a timer; an action |
//! | line   | the packet stop that completes a unit ([`Unit`]); an action; where a step begins |
//! | phase  | the beginning of connect, handshaking, transfer, closure, disconnect of each conversation |
//! | step   | the entry that makes a step's sentence true |
//!
//! A stop lands after everything that its event caused at that host at that same time: an answer already made
//! stands at the host's door. Two things cut an event in pieces, though no time passes: the end of a step, if more
//! that deserves a stop follows in the same event, for it always stops by itself; and the loss of what the host has
//! just sent, so that one sees it stand at the door before it is lost.
//!
//! Everything is found in one pass over the record (`collect`); each question is then a search by halves.

mod collect;

use crate::explain::phases::Conversation;
use crate::explain::story::StepSpan;
use crate::sim::Setup;
use crate::time::Duration;
use crate::topology::ConnId;
use crate::trace::{EntryId, Log, Names, PacketId};

/// How far *forward* goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// To the next packet.
    Packet,
    /// To the next command, reply, whole mail, change of a queue or mailbox ...
    #[default]
    Line,
    /// To the next phase of a conversation.
    Phase,
    /// To the next step of the story.
    Step,
}

impl Grain {
    /// From fine to coarse.
    pub const ALL: [Grain; 4] = [Grain::Packet, Grain::Line, Grain::Phase, Grain::Step];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Grain::Packet => "packet",
            Grain::Line => "line",
            Grain::Phase => "phase",
            Grain::Step => "step",
        }
    }

    /// The next finer one; the finest is its own.
    pub const fn finer(self) -> Grain {
        match self {
            Grain::Packet | Grain::Line => Grain::Packet,
            Grain::Phase => Grain::Line,
            Grain::Step => Grain::Phase,
        }
    }

    /// The next coarser one; the coarsest is its own.
    pub const fn coarser(self) -> Grain {
        match self {
            Grain::Packet => Grain::Line,
            Grain::Line => Grain::Phase,
            Grain::Phase | Grain::Step => Grain::Step,
        }
    }
}

/// An end of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// It begins.
    Begin,
    /// Its sentence is true.
    Done,
}

/// What is complete. In the order of weight: where one event completes several, the first is what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A user agent shows a mail.
    MailRead,
    /// A user agent has made a mail of what was typed.
    MailWritten,
    /// One command has been read by the server.
    Command,
    /// A mailbox has changed.
    MailboxChange,
    /// A queue of outgoing mail has changed.
    QueueChange,
    /// The last byte of a mail has been read.
    WholeMail,
    /// One response of HTTP, its object included, has been read by the client.
    Response,
    /// One reply, all lines of it, has been read by the client.
    Reply,
    /// One request of HTTP has been read by the server.
    Request,
    /// The client's end of a connection is open.
    ConnectionOpen,
    /// A resolver has its answer.
    Answer,
    /// A name server has a question.
    Query,
    /// Both ends have done with a connection.
    ConnectionClosed,
}

/// What happened at a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StopKind {
    /// Nothing yet.
    Start,
    /// Everything.
    End,
    /// A packet reached the node it is addressed to, and completed nothing.
    Arrival(PacketId),
    /// A packet went no further.
    Loss(PacketId),
    /// A timer fired.
    Timer,
    /// A user or a script did something.
    Action,
    /// A unit is complete.
    Unit(Unit),
    /// A step begins or is done, with an entry that is nothing of the above.
    StepMark,
    /// Something else that programs did.
    Other,
}

/// A place at which *forward* and *back* stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Where: behind so many entries.
    pub place: usize,
    /// The place at which what it tells begins: the beginning of its event, or the stop that cut it.
    pub from: usize,
    /// The coarsest grain that stops here; every finer one does too.
    pub grain: Grain,
    /// The entry that it is about; `None` at the start and at the end.
    pub entry: Option<EntryId>,
    /// What happened.
    pub kind: StopKind,
    /// The packet whose arrival or loss brought this about.
    pub packet: Option<PacketId>,
    /// The step (by its place in the story) that begins or is done here. A step done goes before one that begins at
    /// the same place.
    pub step: Option<(usize, Mark)>,
}

/// A pause that is worth jumping over.
pub const WAIT: Duration = Duration::from_millis(250);

/// All stops of a run.
#[derive(Clone, Debug, Default)]
pub struct Stops {
    all: Vec<Stop>,
    /// For each grain but the finest, places in `all`.
    by_grain: [Vec<u32>; 3],
    marks: Vec<(usize, Mark, usize)>,
    /// Places of stops at which something of a connection happened, by connection.
    of_conn: Vec<Vec<usize>>,
    /// Places of entries before which at least [`WAIT`] passed.
    waits: Vec<usize>,
}

impl Stops {
    /// Finds all stops of a run.
    pub fn new(log: &Log, names: &Names, setup: &Setup, spans: &[StepSpan], conversations: &[Conversation]) -> Stops {
        // Names say nothing about places; they stay in the call so that a kind of stop may come to need them.
        let _ = names;
        collect::collect(log, setup, spans, conversations)
    }

    /// All of them, in order of place.
    pub fn all(&self) -> &[Stop] {
        &self.all
    }

    /// The nearest later stop.
    pub fn next(&self, grain: Grain, place: usize) -> Option<&Stop> {
        self.nth(grain, self.count(grain, place, true))
    }

    /// The nearest earlier stop.
    pub fn previous(&self, grain: Grain, place: usize) -> Option<&Stop> {
        self.count(grain, place, false).checked_sub(1).and_then(|n| self.nth(grain, n))
    }

    /// The stop at exactly this place.
    pub fn at(&self, place: usize) -> Option<&Stop> {
        self.all.binary_search_by_key(&place, |s| s.place).ok().map(|n| &self.all[n])
    }

    /// The stop at this place, or the nearest earlier one.
    pub fn until(&self, place: usize) -> Option<&Stop> {
        self.all[..self.all.partition_point(|s| s.place <= place)].last()
    }

    /// The place of a step's mark.
    pub fn step(&self, step: usize, mark: Mark) -> Option<usize> {
        self.marks.iter().find(|m| (m.0, m.1) == (step, mark)).map(|m| m.2)
    }

    /// The step that is going on at a place: the last one that has begun and was not done before this place.
    pub fn step_at(&self, place: usize) -> Option<usize> {
        let begun = self.marks.iter().filter(|m| m.1 == Mark::Begin && m.2 <= place).max_by_key(|m| (m.2, m.0))?.0;
        // Where one is done and the next begins in the same place, the one that is done is told.
        if let Some(Stop { step: Some((step, Mark::Done)), .. }) = self.at(place) {
            return Some(*step);
        }
        self.step(begun, Mark::Done).is_none_or(|done| place <= done).then_some(begun)
    }

    /// The next or previous place at which something of a connection happened.
    pub fn in_conversation(&self, conn: ConnId, place: usize, forward: bool) -> Option<usize> {
        let places = self.of_conn.get(conn.0 as usize)?;
        if forward {
            places.get(places.partition_point(|p| *p <= place)).copied()
        } else {
            places.partition_point(|p| *p < place).checked_sub(1).map(|n| places[n])
        }
    }

    /// The entries from `from` up to and including `to` before which at least [`WAIT`] passed.
    pub fn waits(&self, from: usize, to: usize) -> &[usize] {
        let first = self.waits.partition_point(|w| *w < from);
        let last = self.waits.partition_point(|w| *w <= to);
        &self.waits[first..last.max(first)]
    }

    /// The first stop behind the next wait of [`WAIT`] or longer.
    pub fn after_wait(&self, place: usize) -> Option<usize> {
        let wait = *self.waits.get(self.waits.partition_point(|w| *w < place))?;
        self.next(Grain::Packet, wait.max(place)).map(|s| s.place)
    }

    /// Where the stops of a grain stand in the list of all; `None` for the finest, which has them all.
    fn list(&self, grain: Grain) -> Option<&[u32]> {
        match grain {
            Grain::Packet => None,
            Grain::Line => Some(&self.by_grain[0]),
            Grain::Phase => Some(&self.by_grain[1]),
            Grain::Step => Some(&self.by_grain[2]),
        }
    }

    /// How many stops of a grain stand before a place, or at it too.
    fn count(&self, grain: Grain, place: usize, inclusive: bool) -> usize {
        let before = |stop: &Stop| if inclusive { stop.place <= place } else { stop.place < place };
        match self.list(grain) {
            None => self.all.partition_point(before),
            Some(list) => list.partition_point(|n| before(&self.all[*n as usize])),
        }
    }

    /// A grain's stop by its number.
    fn nth(&self, grain: Grain, n: usize) -> Option<&Stop> {
        match self.list(grain) {
            None => self.all.get(n),
            Some(list) => list.get(n).map(|n| &self.all[*n as usize]),
        }
    }
}
