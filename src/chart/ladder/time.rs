//! From time to height: see the [module](super) for the rules.

use std::sync::Arc;

use super::collect::{Collected, Flight, Stamp};
use super::{APART, BREAK, ONE_WAY, TOP};
use crate::time::{Duration, Instant};
use crate::topology::Side;
use crate::trace::{EntryId, Log};

/// Where nothing happens for so long, time is not drawn to scale.
const WAIT: Duration = Duration::from_millis(250);
/// Nor where a shorter wait would be higher than ten shortest delays.
const HIGHEST_WAIT: f32 = 10.0 * ONE_WAY;
/// A burst makes one-way delays higher than the least, but not without end.
const HIGHEST_ONE_WAY: f32 = 96.0;

/// Something that has a height.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// A packet leaves: flight number.
    Leaves(usize),
    /// A packet arrives.
    Arrives(usize),
    /// A packet is lost.
    Lost(usize),
    /// A timer fires, a connection is opened or over.
    Mark,
}

/// An event of one of the ladders.
#[derive(Clone, Copy, Debug)]
pub(super) struct Knot {
    pub at: Stamp,
    /// Which ladder.
    pub part: usize,
    pub event: Event,
}

/// A knot with its height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fixed {
    at: Instant,
    /// Of which record and where in it.
    part: usize,
    entry: EntryId,
    /// Height of the time alone, without any stretching.
    base: f32,
    /// What stretching has added for all that follows.
    shift: f32,
    /// Height of the event.
    y: f32,
    /// The lowest height so far.
    low: f32,
    /// Between this knot and the next is a break.
    gap: bool,
}

/// The heights of one ladder; ladders on one axis share them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Heights {
    knots: Arc<[Fixed]>,
    /// Points in a nanosecond.
    scale: f32,
    /// The ladders whose places are those of this one's record.
    same_record: Arc<[bool]>,
}

impl Heights {
    /// The heights that all ladders share.
    pub fn new(knots: Arc<[Fixed]>, scale: f32) -> Self {
        Heights { knots, scale, same_record: Arc::from([]) }
    }

    /// The same, for the ladders of one record.
    pub fn of_record(&self, same_record: Arc<[bool]>) -> Self {
        Heights { same_record, ..self.clone() }
    }

    /// Behind all entries before `place`.
    pub fn of_place(&self, log: &Log, place: usize) -> f32 {
        let Some(last) = place.min(log.entries().len()).checked_sub(1) else { return TOP };
        let now = log.entries().at(last).at;
        self.between(self.happened(place, now), now)
    }

    /// Behind all that happened until `at`.
    pub fn of_instant(&self, at: Instant) -> f32 {
        self.between(self.knots.partition_point(|k| k.at <= at), at)
    }

    /// How many knots have happened before `place`, at time `now`.
    pub fn happened(&self, place: usize, now: Instant) -> usize {
        let own = |k: &Fixed| self.same_record[k.part];
        if self.same_record.iter().all(|same| *same) {
            return self.knots.partition_point(|k| (k.entry.0 as usize) < place);
        }
        // What happened in another run is before now if its time is.
        let first_later = self.knots.iter().position(|k| match own(k) {
            true => k.entry.0 as usize >= place,
            false => k.at > now,
        });
        first_later.unwrap_or(self.knots.len())
    }

    /// The height at `now`, when so many knots have happened.
    fn between(&self, happened: usize, now: Instant) -> f32 {
        let Some(before) = happened.checked_sub(1).map(|i| self.knots[i]) else { return TOP };
        let Some(next) = self.knots.get(happened) else { return before.low };
        let passed = now.since(before.at).as_nanos() as f32;
        let height = match before.gap {
            true => BREAK * passed / (next.at.since(before.at).as_nanos() as f32).max(1.0),
            false => self.scale * passed,
        };
        (before.base + before.shift + height).clamp(before.low, next.low)
    }

    /// The place behind the knot nearest to `y`, of those before place `until`; the last of equal ones.
    pub fn place_at(&self, y: f32, until: usize) -> usize {
        let own = self.knots.iter().filter(|k| self.same_record[k.part] && (k.entry.0 as usize) < until);
        let nearest = own.min_by(|a, b| (a.y - y).abs().total_cmp(&(b.y - y).abs()).then(b.entry.cmp(&a.entry)));
        nearest.map_or(0, |k| k.entry.0 as usize + 1)
    }

    /// The events among the first `happened`: of this record, with their heights.
    pub fn events(&self, happened: usize) -> impl Iterator<Item = (Instant, f32)> {
        self.knots[..happened].iter().map(|k| (k.at, k.y))
    }

    /// The breaks between the first `happened` knots, and the one that has begun and lasts until `now`.
    pub fn breaks(&self, happened: usize, now: Option<Instant>) -> Vec<super::Break> {
        let mut breaks = Vec::new();
        for (i, before) in self.knots[..happened].iter().enumerate().filter(|(_, k)| k.gap) {
            let Some(next) = self.knots.get(i + 1) else { continue };
            let until = match now {
                Some(now) if i + 1 == happened => now,
                _ => next.at,
            };
            if until > before.at {
                let (y1, y2) = (self.between(i + 1, before.at), self.between(i + 1, until));
                let text = words(until.since(before.at));
                breaks.push(super::Break { y1, y2, from: before.at, until, text });
            }
        }
        breaks
    }
}

/// A length in words: `1.000 s` below a minute, `59 min 58 s`, `2 h 30 min`, `1 d 4 h` above.
pub(super) fn words(length: Duration) -> String {
    let seconds = length.as_nanos() / 1_000_000_000;
    let two = |a: u64, unit: &str, b: u64, small: &str| match b {
        0 => format!("{a} {unit}"),
        _ => format!("{a} {unit} {b} {small}"),
    };
    match seconds {
        0..60 => length.to_string(),
        60..3600 => two(seconds / 60, "min", seconds % 60, "s"),
        3600..86_400 => two(seconds / 3600, "h", seconds % 3600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
    }
}

/// Heights of the beginning and the end of every flight.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    pub from: Vec<f32>,
    pub to: Vec<f32>,
    /// Its number among the packets that left the same end at the same instant.
    pub turn: Vec<usize>,
}

/// Gives every event of all ladders its height. `knots` are in order.
pub(super) fn lay_out(knots: &[Knot], found: &[Collected]) -> (Vec<Fixed>, f32, Vec<Ends>) {
    let scale = scale(found);
    let flights: Vec<&[Flight]> = found.iter().map(|f| f.flights.as_slice()).collect();
    let mut ends: Vec<Ends> = flights
        .iter()
        .map(|f| Ends { from: vec![TOP; f.len()], to: vec![TOP; f.len()], turn: vec![0; f.len()] })
        .collect();
    // Per ladder and side: the last packet event of the lane, and whether it was a leaving.
    let mut lanes: Vec<[Option<Lane>; 2]> = vec![[None; 2]; flights.len()];
    // Base height at each leaving.
    let mut bases: Vec<Vec<f32>> = flights.iter().map(|f| vec![0.0; f.len()]).collect();
    let (mut base, mut shift, mut low) = (TOP, 0.0_f32, TOP);
    let mut busy = Instant::ZERO;
    let mut fixed: Vec<Fixed> = Vec::with_capacity(knots.len());
    for knot in knots {
        let at = knot.at.1;
        if let Some(before) = fixed.last_mut() {
            let wait = at.since(before.at);
            let height = wait.as_nanos() as f32 * scale;
            before.gap = busy <= before.at && (wait >= WAIT || height > HIGHEST_WAIT);
            base += if before.gap { BREAK } else { height };
        }
        let nominal = base + shift;
        let (ends, lanes, bases) = (&mut ends[knot.part], &mut lanes[knot.part], &mut bases[knot.part]);
        let y = match knot.event {
            Event::Mark => nominal,
            Event::Leaves(i) => {
                let flight = &flights[knot.part][i];
                if let Some(end) = &flight.end {
                    busy = busy.max(end.stamp().1);
                }
                let lane = &mut lanes[side(flight.from)];
                let y = lane.map_or(nominal, |l| nominal.max(l.next(true)));
                ends.turn[i] = lane.filter(|l| l.leaving && l.at == at).map_or(0, |l| l.turn + 1);
                *lane = Some(Lane { y, at, leaving: true, turn: ends.turn[i] });
                (ends.from[i], bases[i]) = (y, base);
                ends.to[i] = y;
                y
            }
            Event::Lost(i) => {
                let y = nominal.max(ends.from[i] + (base - bases[i]));
                ends.to[i] = y;
                y
            }
            Event::Arrives(i) => {
                let flight = &flights[knot.part][i];
                let took = at.since(flight.sent.1);
                let height = if took == Duration::ZERO { ONE_WAY } else { base - bases[i] };
                let lane = &mut lanes[side(flight.from.other())];
                let y = lane.map_or(nominal, |l| nominal.max(l.next(false))).max(ends.from[i] + height);
                *lane = Some(Lane { y, at, leaving: false, turn: 0 });
                ends.to[i] = y;
                // What comes of it begins below it.
                shift = shift.max(y - base);
                y
            }
        };
        low = low.max(y);
        fixed.push(Fixed { at, part: knot.part, entry: knot.at.0, base, shift, y, low, gap: false });
    }
    (fixed, scale, ends)
}

/// The last packet event on a lane.
#[derive(Clone, Copy, Debug)]
struct Lane {
    y: f32,
    at: Instant,
    leaving: bool,
    turn: usize,
}

impl Lane {
    /// Where the next one may be: an answer leaves where the question has arrived, packets of a kind keep apart.
    fn next(&self, leaving: bool) -> f32 {
        if self.leaving == leaving || self.leaving { self.y + APART } else { self.y }
    }
}

fn side(side: Side) -> usize {
    match side {
        Side::Client => 0,
        Side::Server => 1,
    }
}

/// Points in a nanosecond: the shortest flight gets its height, more where a burst needs it.
fn scale(found: &[Collected]) -> f32 {
    let shortest = found.iter().filter_map(Collected::fastest).min();
    let mut burst = 1;
    for found in found {
        let mut run: [(Option<Instant>, usize); 2] = [(None, 0); 2];
        for flight in &found.flights {
            let (at, count) = &mut run[side(flight.from)];
            *count = if *at == Some(flight.sent.1) { *count + 1 } else { 1 };
            *at = Some(flight.sent.1);
            burst = burst.max(*count);
        }
    }
    let height = (APART * burst as f32).clamp(ONE_WAY, HIGHEST_ONE_WAY);
    // Without any flight to measure by: 50 ms.
    height / shortest.map_or(50_000_000, Duration::as_nanos) as f32
}
