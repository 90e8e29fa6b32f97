//! A run is a function of scenario and seed, and a cloned world goes the way of the original.

use std::sync::Arc;

use mailpath::rng::Seed;
use mailpath::sim::World;
use mailpath::time::{Duration, Instant};
use mailpath::trace::{Level, Log, PacketId};

use crate::runs;

/// Everything in a record, as text and bytes.
fn whole(log: &Log) -> (Vec<String>, Vec<Vec<u8>>) {
    let packets = (0..log.packets().len() as u32).map(|n| log.packet_bytes(PacketId(n)).to_vec());
    (log.entries().iter().map(|e| format!("{e:?}")).collect(), packets.collect())
}

fn finished(mut world: World) -> World {
    world.run();
    world
}

#[test]
fn a_world_cloned_at_any_event_makes_the_same_record() {
    for name in ["one-conversation", "packet-loss:3", "six-steps", "imap-folders", "arp", "push-and-pull"] {
        let original = finished(World::new(runs::setup(name), Level::All));
        let expected = whole(original.log());
        let mut world = World::new(runs::setup(name), Level::All);
        let mut event = 0;
        loop {
            // Every event of a short run, every seventh of the others.
            if name == "one-conversation" || event % 7 == 0 {
                assert!(whole(finished(world.clone()).log()) == expected, "{name}: cloned before event {event}");
            }
            if !world.step() {
                break;
            }
            event += 1;
        }
        assert!(whole(world.log()) == expected, "{name}");
    }
}

#[test]
fn a_run_to_a_moment_is_the_beginning_of_the_longer_run() {
    for name in ["six-steps", "server-down", "packet-loss:2"] {
        let all = whole(finished(World::new(runs::setup(name), Level::All)).log());
        for until in [0, 66, 700, 1_300, 1_301, 4_000_000] {
            let mut world = World::new(runs::setup(name), Level::All);
            world.run_until(Instant::ZERO + Duration::from_millis(until));
            let part = whole(world.log());
            assert!(!part.0.is_empty() && all.0.starts_with(&part.0), "{name} until {until} ms");
            assert!(all.1.starts_with(&part.1), "{name} until {until} ms");
        }
    }
}

#[test]
fn another_seed_loses_other_packets() {
    let with_seed = |seed| {
        let mut setup = (*runs::setup("one-conversation")).clone();
        setup.seed = Seed::new(seed);
        for link in &mut setup.links {
            link.loss = 50_000;
        }
        whole(finished(World::new(Arc::new(setup), Level::All)).log())
    };
    assert!(with_seed(1) == with_seed(1));
    assert!(with_seed(1) != with_seed(2));
    assert!((0..20).any(|s| with_seed(s).0.iter().any(|e| e.contains("Chance"))), "something is lost by chance");
}

#[test]
fn less_recording_changes_nothing_that_happens() {
    for name in ["six-steps", "server-down:C", "packet-loss:4"] {
        let run = |level| {
            let world = finished(World::new(runs::setup(name), level));
            (world.log().counters, world.mail_counters(), world.now())
        };
        assert_eq!(run(Level::All), run(Level::Milestones), "{name}");
        assert_eq!(run(Level::All), run(Level::Counters), "{name}");
    }
}
