//! The axis of time: bursts, in which things happen, to scale, and breaks between them.
//!
//! ```text
//!  |--burst, ticks of 10 ms--|  975 ms  |------burst, ticks of 100 ms------|  59 min 58 s  |--burst--|
//! ```
//! A run has milliseconds in which everything happens and hours in which nothing does; on one scale one would see
//! neither. [`Rhythm`] is found once for a run; an [`Axis`] is its layout at a width. Breaks are [`BREAK`] wide and a
//! burst has at least [`LEAST`] of the axis, as long as that fits; with more bursts than that everything shrinks
//! evenly.

use crate::explain::phases::{Conversation, Part};
use crate::explain::scene::{LONG, in_words};
use crate::explain::stops::{Grain, Mark as StepMark, Stops};
use crate::mail;
use crate::net::link::Loss;
use crate::time::{Duration, Instant};
use crate::topology::ConnId;
use crate::trace::fold::entries_until;
use crate::trace::{EntryId, Log, What};

/// Width of a break.
pub const BREAK: f32 = 32.0;
/// The least part of the axis that a burst has.
pub const LEAST: f32 = 0.12;
/// Below this width bursts shrink only together with the breaks.
const NARROW: f32 = 24.0;
/// The least distance between ticks.
const TICKS: f32 = 40.0;

/// When things happen in a run: bursts, and marks on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rhythm {
    beats: Vec<Beat>,
    marks: Vec<Mark>,
}

/// A time without a gap of [`LONG`] or more.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Beat {
    /// Entries before this place belong to earlier bursts.
    first: usize,
    from: Instant,
    until: Instant,
    lines: usize,
}

/// What the row of marks shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// A user or a script did something.
    Action,
    /// A packet was lost.
    Loss,
    /// Something was sent or tried again.
    Retry,
}

/// A mark in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What about.
    pub kind: MarkKind,
    /// The entry.
    pub entry: EntryId,
    /// When.
    pub at: Instant,
}

impl Rhythm {
    /// Reads the record; `stops` say how many lines there are in each burst.
    pub fn new(log: &Log, stops: &Stops) -> Rhythm {
        let mut beats = vec![Beat { first: 0, from: Instant::ZERO, until: Instant::ZERO, lines: 0 }];
        let mut marks = Vec::new();
        for (number, entry) in log.entries().iter().enumerate() {
            let last = beats.last_mut().expect("there is one from the start");
            if entry.at - last.until >= LONG {
                beats.push(Beat { first: number, from: entry.at, until: entry.at, lines: 0 });
            } else {
                last.until = entry.at;
            }
            if let Some(kind) = mark(&entry.what) {
                marks.push(Mark { kind, entry: EntryId(number as u32), at: entry.at });
            }
        }
        for stop in stops.all().iter().filter(|s| s.grain >= Grain::Line) {
            let beat = beats.partition_point(|b| b.first < stop.place.max(1));
            beats[beat.saturating_sub(1)].lines += 1;
        }
        Rhythm { beats, marks }
    }
}

/// Whether an entry is marked.
fn mark(what: &What) -> Option<MarkKind> {
    match what {
        What::Action(_) => Some(MarkKind::Action),
        // A flooded frame that somebody else was meant to get is no loss.
        What::FrameLost { reason, .. } if *reason != Loss::NotForUs => Some(MarkKind::Loss),
        What::TcpSent { retransmission: true, .. } => Some(MarkKind::Retry),
        What::Mail(event) => match **event {
            mail::Event::QueueAttempt { attempt, .. } if attempt > 1 => Some(MarkKind::Retry),
            _ => None,
        },
        _ => None,
    }
}

/// A burst on the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Burst {
    /// Its left and right end.
    pub x: (f32, f32),
    /// When it begins.
    pub from: Instant,
    /// When the last thing in it happens.
    pub until: Instant,
    /// How many lines it has.
    pub lines: usize,
    /// The distance of its ticks; `None` if it is shorter than one.
    pub tick: Option<Duration>,
}

impl Burst {
    /// Where its ticks stand, the one at its beginning included.
    pub fn ticks(&self) -> Vec<f32> {
        let Some(tick) = self.tick else { return Vec::new() };
        let length = (self.until - self.from).as_nanos();
        let width = f64::from(self.x.1 - self.x.0);
        let at = |n: u64| self.x.0 + (width * (n as f64) / (length as f64)) as f32;
        (0..=length / tick.as_nanos()).map(|n| at(n * tick.as_nanos())).collect()
    }
}

/// A break between two bursts.
#[derive(Clone, Debug, PartialEq)]
pub struct Break {
    /// Its left and right end.
    pub x: (f32, f32),
    /// How long nothing happens.
    pub length: Duration,
    /// The same in words: `59 min 58 s`.
    pub words: String,
}

/// A mark on the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaidMark {
    /// Where.
    pub x: f32,
    /// The mark.
    pub mark: Mark,
}

/// A step on the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaidStep {
    /// Its place in the story.
    pub step: usize,
    /// From its beginning to its end, or to now.
    pub x: (f32, f32),
    /// Whether it is done.
    pub done: bool,
}

/// A part of a conversation on the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaidBand {
    /// The connection.
    pub conn: ConnId,
    /// Which part.
    pub part: Part,
    /// From its beginning to its end, or to now.
    pub x: (f32, f32),
    /// Conversations at the same time stand in lanes of their own.
    pub lane: usize,
}

/// The axis at a width.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    bursts: Vec<Burst>,
    breaks: Vec<Break>,
    marks: Vec<Mark>,
    width: f32,
}

impl Axis {
    /// Lays a rhythm out from 0 to `width`.
    pub fn new(rhythm: &Rhythm, width: f32) -> Axis {
        let width = width.max(1.0);
        let weights: Vec<f32> = rhythm.beats.iter().map(|b| b.lines.max(1) as f32).collect();
        let (widths, gap) = widths(&weights, width);
        let mut axis = Axis { bursts: Vec::new(), breaks: Vec::new(), marks: rhythm.marks.clone(), width };
        let mut x = 0.0;
        for (n, (beat, wide)) in rhythm.beats.iter().zip(widths).enumerate() {
            if let Some(before) = axis.bursts.last() {
                let length = beat.from - before.until;
                axis.breaks.push(Break { x: (x, x + gap), length, words: in_words(length) });
                x += gap;
            }
            // The last one ends at the edge, whatever rounding has left over.
            let end = if n + 1 == rhythm.beats.len() { width } else { x + wide };
            let tick = tick(beat.until - beat.from, end - x);
            let Beat { from, until, lines, .. } = *beat;
            axis.bursts.push(Burst { x: (x, end), from, until, lines, tick });
            x = end;
        }
        axis
    }

    /// The bursts from left to right.
    pub fn bursts(&self) -> &[Burst] {
        &self.bursts
    }

    /// The breaks from left to right; the n-th stands behind the n-th burst.
    pub fn breaks(&self) -> &[Break] {
        &self.breaks
    }

    /// Its width.
    pub fn width(&self) -> f32 {
        self.width
    }

    /// Where an instant stands. In a break time runs evenly from its left to its right end.
    pub fn x_at(&self, at: Instant) -> f32 {
        let Some(n) = self.bursts.partition_point(|b| b.from <= at).checked_sub(1) else { return 0.0 };
        let burst = &self.bursts[n];
        if at <= burst.until {
            // What takes no time stands in the middle.
            let part = part(burst.from, burst.until, at).unwrap_or(0.5);
            return between(burst.x, part);
        }
        match (self.breaks.get(n), self.bursts.get(n + 1)) {
            (Some(gap), Some(next)) => {
                // From the last thing to the next, wherever they stand in their bursts.
                let x = (self.x_at(burst.until).max(gap.x.0), gap.x.1);
                between(x, part(burst.until, next.from, at).unwrap_or(1.0))
            }
            _ => self.x_at(burst.until),
        }
    }

    /// Where a place stands: at the time of the entry before it.
    pub fn x_of(&self, log: &Log, place: usize) -> f32 {
        self.x_at(time_at(log, place))
    }

    /// The instant that stands at `x`.
    pub fn instant_at(&self, x: f32) -> Instant {
        let n = self.bursts.partition_point(|b| b.x.0 <= x).saturating_sub(1);
        let burst = &self.bursts[n];
        if x <= burst.x.1 {
            return along(burst.from, burst.until, share(burst.x, x));
        }
        match (self.breaks.get(n), self.bursts.get(n + 1)) {
            (Some(gap), Some(next)) => along(burst.until, next.from, share(gap.x, x)),
            _ => burst.until,
        }
    }

    /// The stop of a grain that is nearest to `x`, for dragging; of several at one instant the last.
    pub fn place_at(&self, log: &Log, stops: &Stops, grain: Grain, x: f32) -> usize {
        let before = entries_until(log, self.instant_at(x));
        let earlier = stops.previous(grain, before + 1);
        let later = stops.next(grain, before);
        let nearest = match (earlier, later) {
            (Some(a), Some(b)) => {
                let far = |place: usize| (self.x_of(log, place) - x).abs();
                if far(b.place) < far(a.place) { b } else { a }
            }
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return 0,
        };
        let same_time = entries_until(log, time_at(log, nearest.place));
        stops.previous(grain, same_time + 1).map_or(nearest.place, |s| s.place.max(nearest.place))
    }

    /// The row of marks; with `now` only those that have happened.
    pub fn marks(&self, now: Option<usize>) -> impl Iterator<Item = LaidMark> {
        let happened = self.marks.partition_point(|m| now.is_none_or(|now| (m.entry.0 as usize) < now));
        self.marks[..happened].iter().map(|mark| LaidMark { x: self.x_at(mark.at), mark: *mark })
    }

    /// The row of steps: `steps` is how many the story has. With `now`, nothing later.
    pub fn steps(&self, log: &Log, stops: &Stops, steps: usize, now: Option<usize>) -> Vec<LaidStep> {
        let now = now.unwrap_or(log.entries().len());
        let laid = |step| {
            let begins = stops.step(step, StepMark::Begin).filter(|b| *b <= now)?;
            let done = stops.step(step, StepMark::Done).filter(|d| *d <= now);
            let x = (self.x_of(log, begins), self.x_of(log, done.unwrap_or(now).max(begins)));
            Some(LaidStep { step, x, done: done.is_some() })
        };
        (0..steps).filter_map(laid).collect()
    }

    /// The row of phases, in lanes if several conversations go on at one time. With `now`, nothing later; the lanes
    /// are those of the whole run.
    pub fn bands(&self, log: &Log, conversations: &[Conversation], now: Option<usize>) -> Vec<LaidBand> {
        let end = log.entries().len();
        let now = now.unwrap_or(end);
        let life = |c: &Conversation| (c.opened.0 as usize, c.closed.map_or(end, |e| e.0 as usize + 1));
        let lanes = super::lanes(conversations.iter().map(life));
        let mut bands = Vec::new();
        for (conversation, lane) in conversations.iter().zip(lanes) {
            for band in conversation.bands.iter().filter(|b| b.begins < now) {
                let until = match band.ends {
                    Some(ends) if ends <= now => band.until.unwrap_or_else(|| time_at(log, ends)),
                    _ => time_at(log, now),
                };
                let x = (self.x_at(band.from), self.x_at(until.max(band.from)));
                bands.push(LaidBand { conn: conversation.conn, part: band.part, x, lane });
            }
        }
        bands
    }
}

/// The time at a place.
fn time_at(log: &Log, place: usize) -> Instant {
    let last = place.min(log.entries().len()).checked_sub(1);
    last.map_or(Instant::ZERO, |last| log.entries().at(last).at)
}

/// How wide each burst is, and a break.
fn widths(weights: &[f32], width: f32) -> (Vec<f32>, f32) {
    let n = weights.len() as f32;
    let breaks = n - 1.0;
    let narrow = n * NARROW + breaks * BREAK;
    if narrow > width {
        let scale = width / narrow;
        return (vec![NARROW * scale; weights.len()], BREAK * scale);
    }
    let room = width - breaks * BREAK;
    let least = (LEAST * width).min(room / n);
    // Whoever would get less than the least gets the least, and the others share what is left; that can make
    // others fall below it.
    let mut fixed = vec![false; weights.len()];
    loop {
        let taken = fixed.iter().filter(|f| **f).count() as f32 * least;
        let sum: f32 = weights.iter().zip(&fixed).filter(|(_, f)| !**f).map(|(w, _)| w).sum();
        let share = |w: f32| if sum > 0.0 { (room - taken) * w / sum } else { least };
        let small: Vec<usize> =
            (0..weights.len()).filter(|i| !fixed[*i] && share(weights[*i]) < least * 0.999).collect();
        if small.is_empty() {
            let widths = weights.iter().zip(&fixed).map(|(w, f)| if *f { least } else { share(*w) });
            return (widths.collect(), BREAK);
        }
        for i in small {
            fixed[i] = true;
        }
    }
}

/// The distance of ticks in a burst: 1, 2 or 5 times a power of ten, and not too dense.
fn tick(length: Duration, width: f32) -> Option<Duration> {
    let length = length.as_nanos();
    let mut power: u64 = 1;
    while power <= length {
        for step in [power, power * 2, power * 5] {
            if step <= length && step as f64 / length as f64 * f64::from(width) >= f64::from(TICKS) {
                return Some(Duration::from_nanos(step));
            }
        }
        power = power.checked_mul(10)?;
    }
    None
}

/// How far `at` is from `from` to `until`; `None` if that is no time.
fn part(from: Instant, until: Instant, at: Instant) -> Option<f64> {
    let whole = (until - from).as_nanos();
    (whole > 0).then(|| ((at - from).as_nanos() as f64 / whole as f64).min(1.0))
}

fn between((a, b): (f32, f32), part: f64) -> f32 {
    a + (f64::from(b - a) * part) as f32
}

fn share((a, b): (f32, f32), x: f32) -> f64 {
    if b > a { f64::from((x - a) / (b - a)).clamp(0.0, 1.0) } else { 0.0 }
}

fn along(from: Instant, until: Instant, part: f64) -> Instant {
    from + Duration::from_nanos(((until - from).as_nanos() as f64 * part).round() as u64)
}

#[cfg(test)]
mod tests;
