//! The axis of the built-in runs at several widths.

use std::sync::Arc;

use super::*;
use crate::explain::phases::conversations;
use crate::explain::story::steps;
use crate::scenario::{BUILT_IN, load_builtin};
use crate::sim::World;
use crate::trace::Level;

struct Run {
    name: String,
    world: World,
    conversations: Vec<Conversation>,
    stops: Stops,
    steps: usize,
}

fn run(name: &str, id: Option<&str>) -> Run {
    let ready = load_builtin(name).unwrap().ready(id).unwrap();
    let name = ready.setup.name.clone();
    let mut world = World::new(Arc::new(ready.setup), Level::All);
    world.run();
    let conversations = conversations(world.log());
    let spans = steps(world.log(), &world.names(), &ready.story);
    let stops = Stops::new(world.log(), &world.names(), world.setup(), &spans, &conversations);
    Run { name, world, conversations, stops, steps: spans.len() }
}

fn runs() -> Vec<Run> {
    let all = BUILT_IN.iter().flat_map(|(name, _)| {
        let ids = load_builtin(name).unwrap().runs.into_iter().map(|r| Some(r.id));
        [None].into_iter().chain(ids).map(|id| run(name, id.as_deref())).collect::<Vec<_>>()
    });
    all.collect()
}

#[test]
fn the_six_steps_are_three_bursts_with_an_hour_between_the_last_two() {
    let run = run("six-steps", None);
    let axis = Axis::new(&Rhythm::new(run.world.log(), &run.stops), 1000.0);
    let told: Vec<_> = axis.breaks().iter().map(|b| (b.words.as_str(), b.x.1 - b.x.0)).collect();
    assert_eq!(told, [("975 ms", BREAK), ("59 min 58 s", BREAK)]);
    let times: Vec<_> = axis.bursts().iter().map(|b| (b.from.as_millis(), b.until.as_millis())).collect();
    assert_eq!(times, [(0, 90), (1065, 1965), (3_600_000, 3_600_070)]);
    let ticks: Vec<_> = axis.bursts().iter().map(|b| b.tick.unwrap().to_string()).collect();
    assert_eq!(ticks, ["20 ms", "200 ms", "20 ms"]);
    for burst in axis.bursts() {
        assert!(burst.x.1 - burst.x.0 >= 0.119 * 1000.0);
        let ticks = burst.ticks();
        assert_eq!(ticks[0], burst.x.0);
        assert!(ticks.windows(2).all(|t| t[1] - t[0] >= TICKS - 0.1) && ticks.iter().all(|t| *t <= burst.x.1));
    }
    // The queue lets the mail go in the middle of nowhere: half way through the wait is half way over the break.
    let gap = &axis.breaks()[0];
    let half = Instant::from_nanos(u64::midpoint(90_000_000, 1_065_000_000));
    assert!((axis.x_at(half) - f32::midpoint(gap.x.0, gap.x.1)).abs() < 0.1);
}

#[test]
fn it_fills_its_width_from_left_to_right_whatever_the_run_and_the_width() {
    for run in runs() {
        let rhythm = Rhythm::new(run.world.log(), &run.stops);
        for width in [120.0, 420.0, 1334.0, 1904.0] {
            let axis = Axis::new(&rhythm, width);
            assert_eq!(axis.bursts()[0].x.0, 0.0);
            assert_eq!(axis.bursts().last().unwrap().x.1, width, "{}", run.name);
            assert_eq!(axis.breaks().len() + 1, axis.bursts().len());
            for (burst, gap) in axis.bursts().iter().zip(axis.breaks()) {
                assert!(burst.x.1 > burst.x.0 && gap.x.0 == burst.x.1 && gap.x.1 > gap.x.0, "{} at {width}", run.name);
            }
            let mut before = -1.0f32;
            for place in 0..=run.world.log().entries().len() {
                let x = axis.x_of(run.world.log(), place);
                assert!((0.0..=width).contains(&x) && x >= before, "{} at {place}: {x} after {before}", run.name);
                before = x;
            }
        }
    }
}

#[test]
fn dragging_snaps_to_the_last_stop_of_the_nearest_instant() {
    for run in runs() {
        let log = run.world.log();
        let axis = Axis::new(&Rhythm::new(log, &run.stops), 1334.0);
        for grain in Grain::ALL {
            let mut stop = run.stops.at(0).copied();
            while let Some(here) = stop {
                let found = axis.place_at(log, &run.stops, grain, axis.x_of(log, here.place));
                assert!(run.stops.at(found).is_some_and(|s| s.grain >= grain), "{} {grain:?}: {found}", run.name);
                let (x, wanted) = (axis.x_of(log, found), axis.x_of(log, here.place));
                assert!((x - wanted).abs() < 0.05, "{} {grain:?}: {} became {found}", run.name, here.place);
                stop = run.stops.next(grain, here.place).copied();
            }
            let first = axis.place_at(log, &run.stops, grain, -5.0);
            assert_eq!(axis.x_of(log, first), axis.x_of(log, 0), "{} {grain:?}", run.name);
            assert_eq!(axis.place_at(log, &run.stops, grain, 5000.0), log.entries().len());
        }
    }
}

#[test]
fn nothing_of_the_rows_is_later_than_now() {
    for run in runs() {
        let log = run.world.log();
        let axis = Axis::new(&Rhythm::new(log, &run.stops), 1334.0);
        for now in (0..=log.entries().len()).step_by(47) {
            let edge = axis.x_of(log, now) + 0.01;
            assert!(axis.marks(Some(now)).all(|m| m.x <= edge && (m.mark.entry.0 as usize) < now));
            assert!(axis.steps(log, &run.stops, run.steps, Some(now)).iter().all(|s| s.x.0 <= s.x.1 && s.x.1 <= edge));
            for band in axis.bands(log, &run.conversations, Some(now)) {
                assert!(band.x.0 <= band.x.1 && band.x.1 <= edge.max(band.x.0), "{} at {now}: {band:?}", run.name);
            }
        }
        let whole = axis.bands(log, &run.conversations, None);
        assert_eq!(whole.len(), run.conversations.iter().map(|c| c.bands.len()).sum::<usize>());
    }
}

#[test]
fn losses_and_second_tries_are_marked() {
    let run = run("packet-loss", Some("1"));
    let axis = Axis::new(&Rhythm::new(run.world.log(), &run.stops), 1000.0);
    let marks: Vec<_> = axis.marks(None).map(|m| (m.mark.kind, m.mark.at.as_millis())).collect();
    use MarkKind::{Action, Loss, Retry};
    assert!(marks.contains(&(Loss, 300)) && marks.contains(&(Action, 0)));
    assert!(marks.iter().any(|(kind, at)| *kind == Retry && *at > 1000));
    assert!(marks.is_sorted_by_key(|m| m.1));
}
