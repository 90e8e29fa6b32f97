//! The strip of the built-in runs.

use std::sync::Arc;

use super::*;
use crate::explain::phases::conversations;
use crate::explain::story::steps;
use crate::scenario::{BUILT_IN, load_builtin};
use crate::sim::World;
use crate::trace::Level;

/// Conversations, cells of 100 with gaps of 10, and the last place.
fn run(name: &str, id: Option<&str>) -> (Vec<Conversation>, Cells, usize) {
    let ready = load_builtin(name).unwrap().ready(id).unwrap();
    let mut world = World::new(Arc::new(ready.setup), Level::All);
    world.run();
    let conversations = conversations(world.log());
    let spans = steps(world.log(), &world.names(), &ready.story);
    let stops = Stops::new(world.log(), &world.names(), world.setup(), &spans, &conversations);
    let places = world.log().entries().len();
    let cells: Vec<(f32, f32)> = (0..spans.len()).map(|n| (n as f32 * 110.0, n as f32 * 110.0 + 100.0)).collect();
    (conversations, Cells::new(&stops, places, &cells), places)
}

/// In which cells something lies, counted from 1.
fn cells(x: (f32, f32)) -> (usize, usize) {
    ((x.0 / 110.0) as usize + 1, (x.1 / 110.0) as usize + 1)
}

#[test]
fn submission_is_under_step_two_relay_under_three_to_five_and_access_under_six() {
    let (conversations, at, places) = run("six-steps", None);
    let strip = Strip::new(&at, &conversations, places, None);
    let told: Vec<_> = strip.bars.iter().map(|b| (b.caption, cells(b.x), b.open)).collect();
    assert_eq!(told, [("SMTP: push", (2, 2), false), ("SMTP: push", (3, 5), false), ("IMAP: pull", (6, 6), false)]);
    assert_eq!(strip.lanes, 1);
    let relay = &strip.bars[1];
    let parts: Vec<_> = relay.phases.iter().map(|(part, from, to)| (*part, cells((*from, *to)))).collect();
    assert_eq!(parts[0], (Part::Connect, (3, 3)));
    assert_eq!(parts[1].0, Part::Handshaking);
    assert_eq!((parts[2].0, parts[2].1.0), (Part::Transfer, 4));
    assert_eq!(parts[3], (Part::Closure, (5, 5)));
}

#[test]
fn bars_grow_with_now_and_never_move() {
    for (name, _) in BUILT_IN {
        let ids = load_builtin(name).unwrap().runs.into_iter().map(|r| Some(r.id));
        for id in [None].into_iter().chain(ids) {
            let (conversations, at, places) = run(name, id.as_deref());
            let whole = Strip::new(&at, &conversations, places, None);
            assert_eq!(whole.bars.len(), conversations.len());
            for now in (0..=places).step_by(31) {
                let strip = Strip::new(&at, &conversations, places, Some(now));
                assert_eq!(strip.bars.len(), conversations.iter().filter(|c| (c.opened.0 as usize) < now).count());
                for bar in &strip.bars {
                    let later = whole.bars.iter().find(|b| b.conn == bar.conn).unwrap();
                    assert_eq!((bar.x.0, bar.lane), (later.x.0, later.lane));
                    assert!(bar.x.0 <= bar.x.1 && bar.x.1 <= later.x.1, "{name} at {now}: {bar:?}");
                    assert!(bar.phases.iter().all(|p| bar.x.0 <= p.1 && p.1 <= p.2 && p.2 <= bar.x.1), "{bar:?}");
                    assert!(bar.phases.windows(2).all(|p| p[0].1 <= p[1].1));
                }
            }
        }
    }
}

#[test]
fn conversations_at_the_same_time_stand_below_each_other() {
    let (conversations, at, places) = run("push-and-pull", None);
    let strip = Strip::new(&at, &conversations, places, None);
    assert_eq!(strip.lanes, 2);
    assert_eq!(
        strip.bars.iter().map(|b| (b.caption, b.lane)).collect::<Vec<_>>(),
        [("HTTP: pull", 0), ("SMTP: push", 1)]
    );
}
