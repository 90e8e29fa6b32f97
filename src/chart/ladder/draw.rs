//! From what was collected and its heights to lines, cut at now.

use std::sync::Arc;

use super::collect::{Collected, End, Flight, collect};
use super::label::Labels;
use super::time::{Ends, Event, Heights, Knot, lay_out, words};
use super::{Arrow, Band, Ladder, Lane, Options, Progress, Shown, Tick, Timer};
use crate::explain::phases::{Conversation, Protocol, conversations};
use crate::time::Instant;
use crate::topology::Side;
use crate::trace::EntryId;

/// Least distance of two times on the clock.
const TICK: f32 = 18.0;

pub(super) fn all(shown: &[Shown<'_>], options: &Options) -> Vec<Ladder> {
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
    let flights: Vec<&[Flight]> = collected.iter().map(|c| c.flights.as_slice()).collect();
    let (fixed, scale, ends) = lay_out(&knots, &flights);
    let fixed: Arc<[_]> = fixed.into();
    let ladders = shown.iter().zip(&collected).zip(&ends).map(|((one, found), ends)| {
        let same_record: Arc<[bool]> = shown.iter().map(|other| std::ptr::eq(one.log, other.log)).collect();
        let heights = Heights::new(Arc::clone(&fixed), scale, same_record);
        Drawing::new(one, found, ends, heights, options).ladder()
    });
    ladders.collect()
}

struct Drawing<'a> {
    shown: &'a Shown<'a>,
    found: &'a Collected,
    ends: &'a Ends,
    heights: Heights,
    conversations: Vec<Conversation>,
    /// Place, time and height behind which nothing is drawn.
    now: Option<(usize, Instant, f32)>,
    /// Where the lanes of client and server stand.
    lanes: [f32; 2],
}

impl<'a> Drawing<'a> {
    fn new(shown: &'a Shown<'a>, found: &'a Collected, ends: &'a Ends, heights: Heights, options: &'a Options) -> Self {
        let mut conversations = conversations(shown.log);
        conversations.retain(|c| found.conns.contains(&c.conn));
        let entries = shown.log.entries();
        let now = shown.now.map(|place| {
            let place = place.min(entries.len());
            let at = place.checked_sub(1).map_or(Instant::ZERO, |last| entries[last].at);
            (place, at, heights.of_place(shown.log, place))
        });
        let (left, right) = (options.left, (options.width - options.right).max(options.left));
        let pulled = conversations.first().is_some_and(|c| matches!(c.protocol, Protocol::Http | Protocol::Imap));
        let lanes = if options.has_left && pulled { [right, left] } else { [left, right] };
        Drawing { shown, found, ends, heights, conversations, now, lanes }
    }

    fn ladder(self) -> Ladder {
        let arrows = self.arrows();
        let happened = match self.now {
            Some((place, at, _)) => self.heights.happened(place, at),
            None => self.heights.happened(usize::MAX, Instant::FAR_FUTURE),
        };
        let timers = self.timers();
        // Of packets that left together the last is drawn below the first: now is where the lowest tip is.
        let tips = arrows.iter().map(|a| a.y2);
        let now = match self.now {
            Some((_, _, y)) => tips.fold(y, f32::max),
            None => tips.fold(self.heights.of_instant(Instant::FAR_FUTURE), f32::max),
        };
        let x = |share: &f32| self.lanes[0] + (self.lanes[1] - self.lanes[0]) * share;
        let (client, server) = (self.lane(Side::Client), self.lane(Side::Server));
        let (left, right) = if self.lanes[0] <= self.lanes[1] { (client, server) } else { (server, client) };
        Ladder {
            left,
            right,
            ticks: self.found.routers.iter().map(x).collect(),
            arrows,
            timers,
            bands: self.bands(|c| c.bands.iter().map(|b| (b.part, b.begins, b.ends)).collect()),
            rfc: self.bands(|c| c.rfc.iter().map(|b| (b.phase, b.begins, b.ends)).collect()),
            clock: self.clock(happened),
            breaks: self.heights.breaks(happened, self.now.map(|(_, at, _)| at)),
            now,
            height: now,
            drawn: self.now.map(|(place, ..)| place),
            heights: self.heights,
        }
    }

    fn x(&self, side: Side) -> f32 {
        match side {
            Side::Client => self.lanes[0],
            Side::Server => self.lanes[1],
        }
    }

    fn lane(&self, side: Side) -> Lane {
        let (log, conn) = (self.shown.log, self.found.conns[0]);
        let node = log.end(conn, side);
        let name = match node {
            Some(node) => self.shown.names.node(node).to_owned(),
            None => log.end_addr(conn, side).0.to_string(),
        };
        Lane { side, node, name, x: self.x(side) }
    }

    fn is_past(&self, entry: EntryId) -> bool {
        self.now.is_none_or(|(place, ..)| (entry.0 as usize) < place)
    }

    fn arrows(&self) -> Vec<Arrow> {
        let labels = Labels::new(self.shown.log, &self.found.conns, &self.found.flights);
        let flights = self.found.flights.iter().enumerate().filter(|(_, f)| self.is_past(f.sent.0));
        flights.map(|(i, flight)| self.arrow(i, flight, &labels)).collect()
    }

    fn arrow(&self, i: usize, flight: &Flight, labels: &Labels) -> Arrow {
        let (x1, far) = (self.x(flight.from), self.x(flight.from.other()));
        let (y1, y2) = (self.ends.from[i], self.ends.to[i]);
        let (progress, share) = match flight.end {
            Some(End::Arrived(at)) if self.is_past(at.0) => (Progress::Arrived(at.0), 1.0),
            Some(End::Lost { at, reason, share }) if self.is_past(at.0) => {
                (Progress::Lost { entry: at.0, reason }, share)
            }
            Some(end) => {
                // Nothing lies between its sending and its end but time: no break, for it was under way.
                let whole = match end {
                    End::Arrived(_) => 1.0,
                    End::Lost { share, .. } => share,
                };
                (Progress::Flying, whole * self.flown(flight, end.stamp().1))
            }
            // The record ends before it does.
            None => (Progress::Flying, 0.5),
        };
        let (x2, y2) = match progress {
            Progress::Flying => match flight.end {
                Some(end) => (x1 + (far - x1) * share, y1 + (y2 - y1) * self.flown(flight, end.stamp().1)),
                None => (x1 + (far - x1) * share, y1.max(self.heights.of_instant(Instant::FAR_FUTURE))),
            },
            _ => (x1 + (far - x1) * share, y2),
        };
        Arrow {
            packet: flight.packet,
            conn: flight.conn,
            from: flight.from,
            x1,
            y1,
            x2,
            y2,
            sent: flight.sent.0,
            progress,
            label: labels.of(flight),
            label_at: if self.in_burst(i) { [0.3, 0.7][self.ends.turn[i] % 2] } else { 0.5 },
            dashed: flight.stream.1 == 0,
            plain_ack: flight.plain_ack,
            retransmission: flight.retransmission,
        }
    }

    /// The share of its time in the air that has passed at now.
    fn flown(&self, flight: &Flight, ends: Instant) -> f32 {
        let whole = ends.since(flight.sent.1).as_nanos();
        match self.now {
            Some((_, now, _)) if whole > 0 => {
                (now.since(flight.sent.1).as_nanos() as f32 / whole as f32).clamp(0.0, 1.0)
            }
            _ => 1.0,
        }
    }

    /// Others left the same end at the same instant.
    fn in_burst(&self, i: usize) -> bool {
        let flights = &self.found.flights;
        let next = flights[i + 1..].iter().find(|f| f.from == flights[i].from);
        self.ends.turn[i] > 0 || next.is_some_and(|f| f.sent.1 == flights[i].sent.1)
    }

    fn timers(&self) -> Vec<Timer> {
        let log = self.shown.log;
        let fired = self.found.timers.iter().filter(|t| self.is_past(t.at.0));
        fired
            .map(|t| {
                let y2 = self.heights.of_place(log, t.at.0.0 as usize + 1);
                let y1 = t.armed.map_or(y2, |(entry, _)| self.heights.of_place(log, entry.0 as usize + 1)).min(y2);
                let ran = t.armed.map_or(String::new(), |(_, at)| words(t.at.1.since(at)));
                Timer {
                    side: t.side,
                    conn: t.conn,
                    kind: t.kind,
                    x: self.x(t.side),
                    y1,
                    y2,
                    armed_by: t.armed.map(|(entry, _)| entry),
                    fired: t.at.0,
                    text: ran,
                }
            })
            .collect()
    }

    fn bands<P>(&self, of: impl Fn(&Conversation) -> Vec<(P, usize, Option<usize>)>) -> Vec<Band<P>> {
        let log = self.shown.log;
        let all = log.entries().len();
        let until = self.now.map_or(all, |(place, ..)| place);
        let mut bands = Vec::new();
        for conversation in &self.conversations {
            for (part, begins, ends) in of(conversation) {
                if begins >= until {
                    continue;
                }
                // A band that begins with an entry has begun when that entry has happened.
                let y1 = self.heights.of_place(log, begins);
                let open = ends.is_none_or(|ends| ends >= until);
                let y2 = self.heights.of_place(log, if open { until } else { ends.unwrap_or(until) });
                bands.push(Band { conn: conversation.conn, part, y1, y2: y2.max(y1), open });
            }
        }
        bands
    }

    fn clock(&self, happened: usize) -> Vec<Tick> {
        let mut ticks: Vec<Tick> = Vec::new();
        for (at, y) in self.heights.events(happened) {
            let free = ticks.last().is_none_or(|last| at > last.at && y >= last.y + TICK);
            if free {
                ticks.push(Tick { y, at, text: at.to_string() });
            }
        }
        ticks
    }
}
