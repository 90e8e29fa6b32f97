//! The sequence chart of a conversation: two lanes, time runs down, each packet is an arrow.
//!
//! ```text
//!    mail.a (client)                mail.b (server)
//!    | \__ SYN                            |          0 ms
//!    |      \___________________________\ |
//!    |                         SYN, ACK / |         50 ms
//!    | /_______________________________/  |
//!    |   ~~~~~~~~~~~~ 1.000 s ~~~~~~~~~~~ |     a break: nothing was under way
//! ```
//! # Time and height
//! Within a burst height is time: every flight has the slope that its delay gives it, and the shortest one is
//! at least [`ONE_WAY`] high. Four things differ from a plain scale, for a picture must show an order where the
//! exact clock shows none:
//! - where nothing is under way for 250 ms or longer, or for so long that it would be higher than ten times
//!   [`ONE_WAY`], a break of [`BREAK`] stands for the time;
//! - of several packets that leave one end at the same instant, each begins [`APART`] below the one before;
//!   they fly parallel, and what comes of their arrival begins below the last;
//! - a flight that takes no time at all gets [`ONE_WAY`];
//! - what crosses such a stretching in the other direction is stretched with it.
//!
//! Heights are worked out from the whole run and then cut at *now*: the same event has the same height at every
//! moment, and nothing that is later than now is in the picture.

mod collect;
mod draw;
mod label;
mod time;

use self::time::Heights;
use crate::dissect::{Carries, Packets};
use crate::explain::phases::Part;
use crate::net::link::Loss;
use crate::smtp::phase::RfcPhase;
use crate::tcp::TimerKind;
use crate::time::Instant;
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::{EntryId, Log, Names, PacketId};

/// Least height of a one-way delay, in points.
pub const ONE_WAY: f32 = 24.0;
/// Height of a break, in points.
pub const BREAK: f32 = 32.0;
/// Distance of packets that leave at the same instant, in points.
pub const APART: f32 = 8.0;
/// Height above the first event, in points.
pub const TOP: f32 = 8.0;

/// What is drawn and how wide.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Width of the whole picture in points.
    pub width: f32,
    /// The host that has the content is the left lane (Compare); else the client is.
    pub has_left: bool,
    /// Acknowledgements that carry nothing and complete no handshake are drawn too.
    pub plain_acks: bool,
    /// Nothing later than this place of the record is drawn; `None`: everything.
    pub now: Option<usize>,
    /// Room for the phase bands at the left, in points.
    pub left: f32,
    /// Room for the clock at the right, in points.
    pub right: f32,
}

impl Default for Options {
    fn default() -> Self {
        Options { width: 640.0, has_left: false, plain_acks: false, now: None, left: 40.0, right: 80.0 }
    }
}

/// One of several ladders that share one time axis.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The record.
    pub log: &'a Log,
    /// Its names.
    pub names: &'a Names,
    /// Its packets taken apart.
    pub packets: &'a Packets,
    /// Which conversations; they have the same two ends. Those between other hosts are left out.
    pub conversations: &'a [ConnId],
}

/// A lane: one end of the conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Its role in the (first) connection.
    pub side: Side,
    /// The host; `None` if no node has the address.
    pub node: Option<NodeId>,
    /// Its name, or its address.
    pub name: String,
    /// Where the line stands.
    pub x: f32,
}

/// How far a packet has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// It is under way: the arrow ends where it is now.
    Flying,
    /// It has arrived.
    Arrived(EntryId),
    /// It was lost: the arrow ends at a cross.
    Lost {
        /// The entry that says so.
        entry: EntryId,
        /// Why.
        reason: Loss,
    },
}

/// A packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    /// Which packet.
    pub packet: PacketId,
    /// Its connection.
    pub conn: ConnId,
    /// Who sent it.
    pub from: Side,
    /// Where it begins, on the lane of its sender.
    pub x1: f32,
    /// When it begins.
    pub y1: f32,
    /// Where it ends: on the other lane, at a cross, or in flight.
    pub x2: f32,
    /// When it ends; never above `y1`.
    pub y2: f32,
    /// The entry that put it on its first link.
    pub sent: EntryId,
    /// How far it has come.
    pub progress: Progress,
    /// What it carries, in words: `MAIL FROM:<...>`, `mail, 2 of 3`, `SYN`. One line, in full; whoever draws cuts it.
    pub label: String,
    /// What it carries.
    pub carries: Carries,
    /// Where the label's middle is best put, as a share of the arrow from its beginning; packets of one
    /// burst take turns, so that labels do not lie on each other.
    pub label_at: f32,
    /// It carries no bytes of a program: TCP alone. Drawn dashed.
    pub dashed: bool,
    /// It is an acknowledgement and nothing more.
    pub plain_ack: bool,
    /// Its bytes were sent before.
    pub retransmission: bool,
}

impl Arrow {
    /// The cross, if it was lost.
    pub fn lost(&self) -> Option<(f32, f32)> {
        matches!(self.progress, Progress::Lost { .. }).then_some((self.x2, self.y2))
    }

    /// Where a share of the way lies.
    pub fn at(&self, share: f32) -> (f32, f32) {
        (self.x1 + (self.x2 - self.x1) * share, self.y1 + (self.y2 - self.y1) * share)
    }
}

/// A timer that has fired: an hourglass bar on its lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Timer {
    /// Whose.
    pub side: Side,
    /// Its connection.
    pub conn: ConnId,
    /// Which timer.
    pub kind: TimerKind,
    /// Its lane.
    pub x: f32,
    /// When it was set.
    pub y1: f32,
    /// When it fired.
    pub y2: f32,
    /// The entry during which it was set; `None` if that is not known.
    pub armed_by: Option<EntryId>,
    /// The entry at which it fired.
    pub fired: EntryId,
    /// How long it ran: `1.000 s`.
    pub text: String,
}

/// A part of the conversation, in the course's scheme or the RFC's.
#[derive(Clone, Debug, PartialEq)]
pub struct Band<P> {
    /// Which connection.
    pub conn: ConnId,
    /// Which part.
    pub part: P,
    /// Where it begins.
    pub y1: f32,
    /// Where it ends, or now.
    pub y2: f32,
    /// It goes on behind what is drawn.
    pub open: bool,
}

/// A time on the clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where.
    pub y: f32,
    /// When.
    pub at: Instant,
    /// In words: `100 ms`.
    pub text: String,
}

/// Time that is not drawn to scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Break {
    /// Where it begins.
    pub y1: f32,
    /// Where it ends, or now.
    pub y2: f32,
    /// When it begins.
    pub from: Instant,
    /// When it ends, or now.
    pub until: Instant,
    /// Its length in words: `1.000 s`, `59 min 58 s`.
    pub text: String,
}

/// The picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Ladder {
    /// The lane at the left.
    pub left: Lane,
    /// The lane at the right.
    pub right: Lane,
    /// Where the routers on the way stand between the lanes.
    pub ticks: Vec<f32>,
    /// One for each packet that was sent, in order of sending.
    pub arrows: Vec<Arrow>,
    /// Timers that have fired.
    pub timers: Vec<Timer>,
    /// The course's phases.
    pub bands: Vec<Band<Part>>,
    /// RFC 5321's.
    pub rfc: Vec<Band<RfcPhase>>,
    /// The clock, ticks at least 18 apart.
    pub clock: Vec<Tick>,
    /// Time that was left out.
    pub breaks: Vec<Break>,
    /// Where now is; the end of the picture if there is none.
    pub now: f32,
    /// Height of what is drawn.
    pub height: f32,
    /// The place behind which nothing is drawn.
    drawn: Option<usize>,
    heights: Heights,
}

impl Ladder {
    /// The height of a place of the record: behind all entries before it.
    pub fn y_of(&self, log: &Log, place: usize) -> f32 {
        self.heights.of_place(log, place)
    }

    /// The height of a moment: behind all that happened until then.
    pub fn y_at(&self, at: Instant) -> f32 {
        self.heights.of_instant(at)
    }

    /// The place of the record behind the event that is drawn nearest to `y`, of those that are drawn.
    pub fn place_at(&self, y: f32) -> usize {
        self.heights.place_at(y.min(self.now), self.drawn.unwrap_or(usize::MAX))
    }

    /// The arrow that passes `(x, y)` most closely, within `reach` points.
    pub fn arrow_at(&self, x: f32, y: f32, reach: f32) -> Option<usize> {
        let near = |a: &Arrow| {
            let (dx, dy) = (a.x2 - a.x1, a.y2 - a.y1);
            let length = dx * dx + dy * dy;
            let share = if length > 0.0 { ((x - a.x1) * dx + (y - a.y1) * dy) / length } else { 0.0 };
            let (px, py) = a.at(share.clamp(0.0, 1.0));
            (x - px).hypot(y - py)
        };
        let distances = self.arrows.iter().map(near).enumerate();
        distances.filter(|(_, d)| *d <= reach).min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i)
    }

    /// The arrow of a packet.
    pub fn arrow_of(&self, packet: PacketId) -> Option<usize> {
        self.arrows.iter().position(|a| a.packet == packet)
    }
}

/// One or more ladders on one time axis, worked out for the whole run; cheap to look at for any moment.
///
/// An event in one of them has the same height as what happened at the same time in another.
#[derive(Clone, Debug)]
pub struct Plan {
    drawings: Vec<draw::Drawing>,
}

impl Plan {
    /// Reads the records. [`Options::now`] is not used.
    ///
    /// # Panics
    /// If one of them has no conversation.
    pub fn new(shown: &[Shown<'_>], options: &Options) -> Plan {
        Plan { drawings: draw::all(shown, options) }
    }

    /// The ladder with this number, until a place of its record; `log` is the record that it was made from.
    ///
    /// # Panics
    /// If there is none with this number.
    pub fn ladder(&self, number: usize, log: &Log, now: Option<usize>) -> Ladder {
        self.drawings[number].ladder(log, now)
    }
}

/// The ladder of one or more conversations between the same two hosts. It reads the whole record: to draw
/// many moments, keep a [`Plan`].
///
/// # Panics
/// If there is no conversation.
pub fn ladder(log: &Log, names: &Names, conversations: &[ConnId], options: &Options) -> Ladder {
    let packets = Packets::new(log);
    let plan = Plan::new(&[Shown { log, names, packets: &packets, conversations }], options);
    plan.ladder(0, log, options.now)
}

#[cfg(test)]
mod tests;
