//! From what was collected and its heights to lines, cut at now.

use std::sync::Arc;

use super::collect::{Collected, End, Flight, collect};
use super::label::label;
use super::time::{Ends, Event, Heights, Knot, lay_out, words};
use super::{Arrow, Band, Ladder, Lane, Options, Progress, Shown, Tick, Timer};
use crate::dissect::Carries;
use crate::explain::phases::{Conversation, Protocol, conversations};
use crate::time::Instant;
use crate::topology::Side;
use crate::trace::{EntryId, Log};

/// Least distance of two times on the clock.
const TICK: f32 = 18.0;

/// The ladders of these conversations.
pub(super) fn all(shown: &[Shown<'_>], options: &Options) -> Vec<Drawing> {
    let collected: Vec<Collected> = shown.iter().map(|s| collect(s, options)).collect();
    let mut knots = Vec::new();
    for (part, found) in collected.iter().enumerate() {
        let mut knot = |at, event| knots.push(Knot { at, part, event });
        for (i, flight) in found.flights.iter().enumerate() {
            knot(flight.sent, Event::Leaves(i));
            match &flight.end {
                Some(End::Arrived(at)) => knot(*at, Event::Arrives(i)),
                Some(End::Lost { at, .. }) => knot(*at, Event::Lost(i)),
                None => {}
            }
        }
        found.timers.iter().for_each(|t| knot(t.at, Event::Mark));
        found.marks.iter().for_each(|at| knot(*at, Event::Mark));
    }
    let one_record = shown.iter().all(|s| std::ptr::eq(s.log, shown[0].log));
    // A packet that never got onto a link leaves and is lost with one entry: it leaves first.
    let ends = |knot: &Knot| !matches!(knot.event, Event::Leaves(_) | Event::Mark);
    if one_record {
        knots.sort_by_key(|k| (k.at.0, ends(k), k.part));
    } else {
        knots.sort_by_key(|k| (k.at.1, k.part, k.at.0, ends(k)));
    }
    let (fixed, scale, ends) = lay_out(&knots, &collected);
    let fixed: Arc<[_]> = fixed.into();
    let fixed = Heights::new(fixed, scale);
    let drawings = shown.iter().zip(collected).zip(ends).map(|((one, found), ends)| {
        let same_record: Arc<[bool]> = shown.iter().map(|other| std::ptr::eq(one.log, other.log)).collect();
        Drawing::new(one, found, ends, fixed.of_record(same_record), options)
    });
    drawings.collect()
}

/// One ladder of the whole run.
#[derive(Clone, Debug)]
pub(super) struct Drawing {
    left: Lane,
    right: Lane,
    /// Where the lanes of client and server stand.
    lanes: [f32; 2],
    ticks: Vec<f32>,
    found: Collected,
    /// Each flight as it is drawn when it is over.
    arrows: Vec<Arrow>,
    conversations: Vec<Conversation>,
    heights: Heights,
}

/// Behind which nothing is drawn.
#[derive(Clone, Copy, Debug)]
struct Now {
    place: usize,
    at: Instant,
    y: f32,
}

impl Now {
    fn is_behind(now: Option<Now>, entry: EntryId) -> bool {
        now.is_none_or(|now| (entry.0 as usize) < now.place)
    }
}

impl Drawing {
    fn new(shown: &Shown<'_>, found: Collected, ends: Ends, heights: Heights, options: &Options) -> Self {
        let mut conversations = conversations(shown.log);
        conversations.retain(|c| found.conns.contains(&c.conn));
        let (left, right) = (options.left, (options.width - options.right).max(options.left));
        // The host that pulls wants the content.
        let pulls = conversations
            .first()
            .is_some_and(|c| matches!(c.protocol, Protocol::Http | Protocol::Imap | Protocol::Pop3));
        let turned = options.has_left && pulls;
        let lanes = if turned { [right, left] } else { [left, right] };
        let lane = |side| {
            let (log, conn) = (shown.log, found.conns[0]);
            let node = log.end(conn, side);
            let name = match node {
                Some(node) => shown.names.node(node).to_owned(),
                None => log.end_addr(conn, side).0.to_string(),
            };
            Lane { side, node, name, x: x(lanes, side) }
        };
        let (client, server) = (lane(Side::Client), lane(Side::Server));
        let (left, right) = if turned { (server, client) } else { (client, server) };
        let ticks = found.routers.iter().map(|share| lanes[0] + (lanes[1] - lanes[0]) * share).collect();
        let mut arrows: Vec<Arrow> =
            (0..found.flights.len()).map(|i| arrow(shown, lanes, &found.flights, &ends, i)).collect();
        let end = shown.log.entries().iter().next_back().map_or(Instant::ZERO, |last| last.at);
        for (arrow, flight) in arrows.iter_mut().zip(&found.flights).filter(|(_, flight)| flight.end.is_none()) {
            // The record ends before it does: as far as the fastest would have come.
            let share = found
                .fastest()
                .map_or(0.5, |fastest| end.since(flight.sent.1).as_nanos() as f32 / fastest.as_nanos().max(1) as f32);
            arrow.x2 = arrow.x1 + (x(lanes, flight.from.other()) - arrow.x1) * share.clamp(0.0, 1.0);
            arrow.y2 = arrow.y1.max(heights.of_instant(end));
        }
        Drawing { left, right, lanes, ticks, found, arrows, conversations, heights }
    }

    /// The picture until a place of the record.
    pub fn ladder(&self, log: &Log, now: Option<usize>) -> Ladder {
        let now = now.map(|place| {
            let place = place.min(log.entries().len());
            let at = place.checked_sub(1).map_or(Instant::ZERO, |last| log.entries().at(last).at);
            Now { place, at, y: self.heights.of_place(log, place) }
        });
        let happened = match now {
            Some(now) => self.heights.happened(now.place, now.at),
            None => self.heights.happened(usize::MAX, Instant::FAR_FUTURE),
        };
        let arrows = self.arrows(now);
        // Of packets that left together the last is drawn below the first: now is where the lowest tip is.
        let end = now.map_or_else(|| self.heights.of_instant(Instant::FAR_FUTURE), |now| now.y);
        let end = arrows.iter().map(|a| a.y2).fold(end, f32::max);
        Ladder {
            left: self.left.clone(),
            right: self.right.clone(),
            ticks: self.ticks.clone(),
            timers: self.timers(log, now),
            bands: self.bands(log, now, |c| c.bands.iter().map(|b| (b.part, b.begins, b.ends)).collect()),
            rfc: self.bands(log, now, |c| c.rfc.iter().map(|b| (b.phase, b.begins, b.ends)).collect()),
            clock: self.clock(happened),
            breaks: self.heights.breaks(happened, now.map(|now| now.at)),
            arrows,
            now: end,
            height: end,
            drawn: now.map(|now| now.place),
            heights: self.heights.clone(),
        }
    }

    fn arrows(&self, now: Option<Now>) -> Vec<Arrow> {
        let flights = self.found.flights.iter().zip(&self.arrows);
        let begun = flights.take_while(|(flight, _)| Now::is_behind(now, flight.sent.0));
        begun
            .map(|(flight, whole)| {
                let mut arrow = whole.clone();
                let Some((now, (entry, ends))) = now.zip(flight.end.as_ref().map(End::stamp)) else { return arrow };
                if Now::is_behind(Some(now), entry) {
                    return arrow;
                }
                // Nothing lies between its sending and its end but time: no break, for it was under way.
                let whole_way = ends.since(flight.sent.1).as_nanos();
                let share = match whole_way {
                    0 => 1.0,
                    _ => (now.at.since(flight.sent.1).as_nanos() as f32 / whole_way as f32).clamp(0.0, 1.0),
                };
                (arrow.x2, arrow.y2) = whole.at(share);
                arrow.progress = Progress::Flying;
                arrow
            })
            .collect()
    }

    fn timers(&self, log: &Log, now: Option<Now>) -> Vec<Timer> {
        let fired = self.found.timers.iter().filter(|t| Now::is_behind(now, t.at.0));
        fired
            .map(|t| {
                let behind = |entry: EntryId| self.heights.of_place(log, entry.0 as usize + 1);
                let y2 = behind(t.at.0);
                let y1 = t.armed.map_or(y2, |(armed, _)| behind(armed)).min(y2);
                Timer {
                    side: t.side,
                    conn: t.conn,
                    kind: t.kind,
                    x: x(self.lanes, t.side),
                    y1,
                    y2,
                    armed_by: t.armed.map(|(entry, _)| entry),
                    fired: t.at.0,
                    text: t.armed.map_or(String::new(), |(_, at)| words(t.at.1.since(at))),
                }
            })
            .collect()
    }

    fn bands<P>(
        &self,
        log: &Log,
        now: Option<Now>,
        of: impl Fn(&Conversation) -> Vec<(P, usize, Option<usize>)>,
    ) -> Vec<Band<P>> {
        let until = now.map_or(log.entries().len(), |now| now.place);
        let mut bands = Vec::new();
        for conversation in &self.conversations {
            for (part, begins, ends) in of(conversation) {
                if begins >= until {
                    continue;
                }
                let open = ends.is_none_or(|ends| ends > until);
                let y1 = self.heights.of_place(log, begins);
                let y2 = self.heights.of_place(log, ends.map_or(until, |ends| ends.min(until)));
                bands.push(Band { conn: conversation.conn, part, y1, y2: y2.max(y1), open });
            }
        }
        bands
    }

    fn clock(&self, happened: usize) -> Vec<Tick> {
        let mut ticks: Vec<Tick> = Vec::new();
        for (at, y) in self.heights.events(happened) {
            if ticks.last().is_none_or(|last| at > last.at && y >= last.y + TICK) {
                ticks.push(Tick { y, at, text: at.to_string() });
            }
        }
        ticks
    }
}

/// Where the lane of a side stands.
fn x(lanes: [f32; 2], side: Side) -> f32 {
    match side {
        Side::Client => lanes[0],
        Side::Server => lanes[1],
    }
}

/// A flight when it is over.
fn arrow(shown: &Shown<'_>, lanes: [f32; 2], flights: &[Flight], ends: &Ends, i: usize) -> Arrow {
    let flight = &flights[i];
    let (x1, far) = (x(lanes, flight.from), x(lanes, flight.from.other()));
    let (progress, share) = match flight.end {
        Some(End::Arrived(at)) => (Progress::Arrived(at.0), 1.0),
        Some(End::Lost { at, reason, share }) => (Progress::Lost { entry: at.0, reason }, share),
        None => (Progress::Flying, 0.0),
    };
    let carries = shown.packets.row(flight.packet).map_or(Carries::Other, |row| row.carries.clone());
    // Others left the same end at the same instant.
    let next = flights[i + 1..].iter().find(|f| (f.conn, f.from) == (flight.conn, flight.from));
    let in_burst = ends.turn[i] > 0 || next.is_some_and(|f| f.sent.1 == flight.sent.1);
    Arrow {
        packet: flight.packet,
        conn: flight.conn,
        from: flight.from,
        x1,
        y1: ends.from[i],
        x2: x1 + (far - x1) * share,
        y2: ends.to[i],
        sent: flight.sent.0,
        progress,
        label: label(&carries, flight.stream.1),
        carries,
        label_at: if in_burst { [0.3, 0.7][ends.turn[i] % 2] } else { 0.5 },
        dashed: flight.stream.1 == 0,
        plain_ack: flight.plain_ack,
        retransmission: flight.retransmission,
    }
}
