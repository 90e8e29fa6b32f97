//! Where packets are: the one that flies, those that stand at a host's door or under way, those that were lost.

use eframe::egui::{Pos2, Vec2};

use super::Ground;
use super::curve::Curve;
use super::net::at;
use super::packets::Form;
use crate::explain::scene::Flight;
use crate::net::link::Loss;
use crate::time::Instant;
use crate::trace::{EntryId, Log, PacketId, What};

/// A packet in its place.
#[derive(Clone, Debug)]
pub struct Pose {
    /// Which.
    pub packet: PacketId,
    /// Where.
    pub at: Pos2,
    /// To the right (1) or to the left (-1).
    pub side: f32,
    /// How much of its way is behind it.
    pub share: f32,
    /// The part of a long shape that lies to the left of `at`; half of it when it has fallen.
    pub left: f32,
    /// Which of several, from 1.
    pub number: Option<usize>,
    /// How far it has fallen after it was lost, 0 to 1.
    pub fallen: Option<f32>,
    /// Why it was lost.
    pub loss: Option<Loss>,
    /// How many stand at the same place before it.
    pub pile: usize,
    /// How many more stand here and are not drawn.
    pub more: usize,
    /// Its way leaves the host upwards or downwards.
    pub upright: bool,
    /// Others are so near that its words have no room.
    pub crowded: bool,
    /// It moves.
    pub flies: bool,
}

/// A way with the shares at which its links end.
pub struct Way {
    /// All of it.
    pub curve: Curve,
    ends: Vec<f32>,
}

impl Way {
    /// Of a flight on this map; `None` if nothing of it is shown.
    pub fn new(g: &Ground<'_>, flight: &Flight) -> Option<Way> {
        let hop = |(link, from): (usize, usize)| (link, g.net.links.get(link).is_some_and(|(a, _)| *a != from));
        let hops: Vec<(usize, bool)> = flight.path.iter().map(|(l, from, _)| hop((l.0 as usize, at(*from)))).collect();
        let mut curve = g.layout.way(hops.iter().copied());
        if curve.is_empty() {
            return None;
        }
        let whole = curve.length();
        let ends = (1..=hops.len()).map(|n| g.layout.way(hops[..n].iter().copied()).length() / whole).collect();
        // In its own tube, if several lie beside each other.
        if let Some((conn, _)) = g.cx.run.log.packet(flight.packet).conn
            && let Some((_, beside)) = g.lanes.borrow().iter().find(|(c, b)| *c == conn && *b != 0.0)
        {
            let backwards = curve.at(1.0).0.x < curve.at(0.0).0.x;
            curve = Curve::new(curve.parallel(if backwards { -beside } else { *beside }));
        }
        Some(Way { curve, ends })
    }

    /// Whether it leaves its first host upwards or downwards.
    fn upright(&self) -> bool {
        let along = self.curve.at(0.0).1;
        along.y.abs() > along.x.abs()
    }

    /// From where to where a link leads.
    fn span(&self, hop: usize) -> (f32, f32) {
        let before = hop.checked_sub(1).and_then(|h| self.ends.get(h)).copied().unwrap_or(0.0);
        (before, self.ends.get(hop).copied().unwrap_or(1.0))
    }

    /// The share of the way at a share of the flight: each link has its share of the time; a little goes by length,
    /// so that a link of no delay is not jumped over.
    pub fn flown(&self, flight: &Flight, share: f32) -> f32 {
        let nanos = |(from, to): &(Instant, Instant)| to.since(*from).as_nanos() as f32;
        let whole: f32 = flight.hops.iter().map(nanos).sum();
        let mut gone = 0.0;
        for (i, hop) in flight.hops.iter().enumerate() {
            let (from, to) = self.span(i);
            let time = if whole > 0.0 { nanos(hop) / whole } else { to - from };
            let weight = 0.7 * time + 0.3 * (to - from);
            if share <= gone + weight || i + 1 == flight.hops.len() {
                let inside = if weight > 0.0 { ((share - gone) / weight).clamp(0.0, 1.0) } else { 1.0 };
                return from + (to - from) * inside;
            }
            gone += weight;
        }
        share
    }

    /// The share of the way at a moment.
    fn at_time(&self, flight: &Flight, now: Instant) -> f32 {
        let mut share = 0.0;
        for (i, (from, to)) in flight.hops.iter().enumerate() {
            let (begin, end) = self.span(i);
            if *from > now {
                break;
            }
            let length = to.since(*from).as_nanos();
            let gone = now.since(*from).as_nanos().min(length);
            let inside = if length == 0 { if *to < now { 1.0 } else { 0.0 } } else { gone as f32 / length as f32 };
            share = begin + (end - begin) * inside;
            if inside < 1.0 {
                break;
            }
        }
        share
    }

    /// The share at which it was lost.
    fn lost_at(&self, flight: &Flight) -> Option<f32> {
        let (got_over, _) = flight.lost?;
        if got_over >= flight.path.len() {
            return Some(1.0);
        }
        let (from, to) = self.span(got_over);
        Some(from + (to - from) * 0.55)
    }

    /// A place on it where a shape clears the cards at both ends.
    pub fn clear(&self, g: &Ground<'_>, packet: PacketId, share: f32, lost: bool) -> Pos2 {
        let form = g.cx.run.packets.row(packet).map(|r| Form::of(&r.carries));
        // A bubble has its rear here in the beginning and its tip in the end; others have their middle here.
        let level = match form {
            Some(Form::Bubble) => 5.0,
            Some(Form::Dot) => 34.0,
            _ => 20.0,
        };
        let most = self.curve.length() * 0.3;
        let room = |d: Vec2| if d.y.abs() > d.x.abs() { if lost { 58.0_f32 } else { 40.0 } } else { level }.min(most);
        let (begin, end) = (self.curve.at(0.0).1, self.curve.at(1.0).1);
        self.curve.trimmed(room(begin), room(end)).at(share).0
    }

    /// To the right or to the left, as a whole.
    pub fn side(&self) -> f32 {
        let (from, to) = (self.curve.at(0.0).0, self.curve.at(1.0).0);
        if to.x < from.x { -1.0 } else { 1.0 }
    }

    /// The part of a long shape that lies to the left of its place. Its rear is there in the beginning, its tip at the
    /// end, wherever the way leaves the one card and reaches the other: so it lies over neither of them.
    fn left(&self, share: f32) -> f32 {
        // Across the screen, or up and down: then as the whole way.
        let rightwards = |at: f32| {
            let along = self.curve.at(at).1;
            if along.x.abs() > along.y.abs() { along.x > 0.0 } else { self.side() > 0.0 }
        };
        let leaves = if rightwards(0.0) { 0.0 } else { 1.0 };
        let reaches = if rightwards(1.0) { 1.0 } else { 0.0 };
        leaves + (reaches - leaves) * share
    }
}

/// A packet that was lost, and where.
#[derive(Clone, Copy, Debug)]
pub struct Lost {
    entry: EntryId,
    packet: PacketId,
    reason: Loss,
}

/// All losses of a run that concern the one to whom the packet was addressed.
pub fn losses(log: &Log) -> Vec<Lost> {
    let entries = log.entries().iter().enumerate();
    let lost = |(i, e): (usize, crate::trace::Entry<'_>)| match e.what {
        What::FrameLost { packet, reason } if reason != Loss::NotForUs => {
            Some(Lost { entry: EntryId(i as u32), packet, reason })
        }
        _ => None,
    };
    entries.filter_map(lost).collect()
}

/// Lost packets that are still shown: a few.
const SHOWN: usize = 3;

/// All packets to be drawn, the flying one last.
pub fn poses(g: &Ground<'_>) -> Vec<Pose> {
    let cx = g.cx;
    let flying = cx.motion.as_ref().and_then(|m| m.leg.flight.as_ref());
    let mut poses = fallen(g);
    let mut standing: Vec<Pose> = Vec::new();
    for flight in cx.scene.waiting.iter().filter(|f| f.branch == 0) {
        if flying.is_some_and(|f| f.packet == flight.packet) {
            continue;
        }
        let Some(way) = Way::new(g, flight) else { continue };
        let share = way.at_time(flight, cx.scene.at);
        let place = way.clear(g, flight.packet, share, false);
        let pile = standing.iter().filter(|p| p.at.distance(place) < 30.0).count();
        let number = Some(standing.len() + 1);
        standing.push(Pose { pile, number, upright: way.upright(), ..pose(flight.packet, place, &way, share) });
    }
    let count = standing.len();
    gather(&mut standing);
    let arrow = arrived(g);
    let first = usize::from(flying.is_some() || arrow.is_some());
    let several = count + first > 1;
    for pose in &mut standing {
        pose.number = pose.number.filter(|_| several).map(|n| n + first);
    }
    poses.extend(standing);
    if let (Some(motion), Some(flight)) = (cx.motion.as_ref(), flying)
        && (motion.share > 0.0 || cx.happened(flight.sent))
        && let Some(way) = Way::new(g, flight)
    {
        let (share, fallen) = match way.lost_at(flight) {
            Some(end) => (end * (motion.share / 0.75).min(1.0), Some(((motion.share - 0.75) / 0.25).max(0.0))),
            None => (way.flown(flight, motion.share), None),
        };
        let fallen = fallen.filter(|f| *f > 0.0);
        let number = several.then_some(1);
        let loss = flight.lost.map(|(_, loss)| loss).filter(|_| fallen.is_some());
        let pose = pose(flight.packet, way.clear(g, flight.packet, share, flight.lost.is_some()), &way, share);
        let left = if fallen.is_some() { 0.5 } else { pose.left };
        poses.push(Pose { number, fallen, loss, left, flies: true, ..pose });
    }
    for i in 0..poses.len() {
        let at = poses[i].at;
        poses[i].crowded =
            poses.iter().enumerate().any(|(k, p)| k != i && p.fallen.is_none() && p.at.distance(at) < 130.0);
    }
    poses
}

/// Of three or more at one place only the first is drawn; it says how many stand behind it.
fn gather(standing: &mut Vec<Pose>) {
    let near = |a: &Pose, b: &Pose| a.at.distance(b.at) < 30.0;
    for i in (0..standing.len()).filter(|i| standing[*i].pile == 0).collect::<Vec<_>>() {
        let more = standing.iter().filter(|p| near(p, &standing[i])).count() - 1;
        standing[i].more = if more > 1 { more } else { 0 };
    }
    let crowds: Vec<Pos2> = standing.iter().filter(|p| p.more > 0).map(|p| p.at).collect();
    standing.retain(|p| p.pile == 0 || !crowds.iter().any(|c| c.distance(p.at) < 30.0));
}

/// A packet that stands.
pub fn pose(packet: PacketId, at: Pos2, way: &Way, share: f32) -> Pose {
    Pose {
        packet,
        at,
        side: way.side(),
        share,
        left: way.left(share),
        number: None,
        fallen: None,
        loss: None,
        pile: 0,
        more: 0,
        upright: false,
        crowded: false,
        flies: false,
    }
}

/// Packets that were lost and stay where they fell: as long as their connection is there.
fn fallen(g: &Ground<'_>) -> Vec<Pose> {
    let cx = g.cx;
    let until = g.losses.partition_point(|l| cx.happened(l.entry));
    let there = |l: &&Lost| match cx.run.log.packet(l.packet).conn {
        Some((conn, _)) => cx.scene.tubes.iter().any(|t| t.conn == conn),
        None => cx.scene.at.since(cx.run.log.entry(l.entry).at).as_millis() < 5000,
    };
    let mut poses: Vec<Pose> = Vec::new();
    for lost in g.losses[..until].iter().rev().filter(there).take(SHOWN) {
        let flights = cx.run.scenes.of_packet(&cx.run.log, lost.packet);
        let Some(flight) = flights.iter().find(|f| f.ended == Some(lost.entry)) else { continue };
        let Some(way) = Way::new(g, flight) else { continue };
        let Some(share) = way.lost_at(flight) else { continue };
        let place = way.clear(g, lost.packet, share, true);
        let pile = poses.iter().filter(|p| p.at.distance(place) < 30.0).count();
        let one = pose(lost.packet, place, &way, share);
        poses.push(Pose { fallen: Some(1.0), loss: Some(lost.reason), pile, left: 0.5, ..one });
    }
    poses
}

/// Without flights: the packet whose arrival or loss is the moment shown, and its way.
pub fn arrived(g: &Ground<'_>) -> Option<(PacketId, Way, Option<f32>)> {
    let cx = g.cx;
    if !cx.desk.settings.reduce_motion || cx.motion.is_some() {
        return None;
    }
    let packet = cx.run.stops.at(cx.place)?.packet?;
    let flights = cx.run.scenes.of_packet(&cx.run.log, packet);
    let flight = flights.iter().find(|f| f.branch == 0)?;
    let way = Way::new(g, flight)?;
    let lost = way.lost_at(flight);
    Some((packet, way, lost))
}

/// How near the flying packet is to a place: 1 there, 0 from 56 points on.
pub fn nearness(poses: &[Pose], place: Pos2) -> f32 {
    let flying = poses.iter().find(|p| p.flies && p.fallen.is_none());
    flying.map_or(0.0, |p| (1.0 - p.at.distance(place) / 56.0).max(0.0))
}

/// Words for a loss.
pub const fn why_lost(loss: Loss) -> &'static str {
    match loss {
        Loss::QueueFull => "the queue in front of the link was full",
        Loss::Chance => "by chance, as the link's loss rate has it",
        Loss::Rule => "dropped by the scenario",
        Loss::Corrupted => "a bit of it is turned",
        Loss::Replaced => "a man in the middle sent another one in its place",
        Loss::LinkCut => "the link is cut",
        Loss::HostOff => "the host is switched off",
        Loss::TimeToLive => "its time to live ran out",
        Loss::NoRoute => "a router knows no way to its destination",
        Loss::NoNeighbour => "nobody answered for the next hop's address",
        Loss::NotForUs => "it is for somebody else",
        Loss::Malformed => "its bytes are wrong",
    }
}
