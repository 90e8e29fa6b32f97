//! A run is a function of its setup: the same setup gives the same record, and so does a world that was cloned
//! at any event and run on. Stepping back in the window rests on this.

use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

use mailpath::matcher::Matcher;
use mailpath::net::link::Loss;
use mailpath::rng::Seed;
use mailpath::sim::setup::{Arp, Clock};
use mailpath::sim::{Setup, World};
use mailpath::time::Instant;
use mailpath::trace::{Entry, Level, Log, What};

use crate::maps::{MAIL_A, Map, draft, envelope, hm, ms, reading};
use crate::runs;

/// Hashes what is written into it, so that a Debug text is compared without being kept.
struct Digest(DefaultHasher);

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// Entry `place` with all that it refers to: bytes of packets, what hops changed, TCP's variables, connections.
fn entry(log: &Log, place: usize) -> u64 {
    let entry = &log.entries().at(place);
    let mut digest = Digest(DefaultHasher::new());
    // A digest takes everything.
    let _ = write!(digest, "{entry:?}");
    match &entry.what {
        What::FrameSent { packet, hop } | What::FrameArrived { packet, hop } => {
            digest.0.write(&log.frame(*packet, *hop));
        }
        What::FrameLost { packet, .. } => digest.0.write(&log.packet_bytes(*packet)),
        What::TcpSent { packet, view, .. } | What::TcpReceived { packet, view } => {
            digest.0.write(&log.packet_bytes(*packet));
            let _ = write!(digest, "{:?} {:?}", log.packet(*packet), log.view(*view));
        }
        What::TcpTimer { view, .. } => {
            let _ = write!(digest, "{:?}", log.view(*view));
        }
        What::TcpOpen(conn) => {
            let _ = write!(digest, "{:?}", log.connection(*conn));
        }
        _ => {}
    }
    digest.0.finish()
}

/// The record from entry `from` on.
fn record_from(log: &Log, from: usize) -> Vec<u64> {
    (from..log.entries().len()).map(|place| entry(log, place)).collect()
}

fn record(log: &Log) -> Vec<u64> {
    record_from(log, 0)
}

fn run(map: &Map) -> World {
    map.run().world
}

/// Runs it to its end.
fn finished(setup: Arc<Setup>, level: Level) -> World {
    let mut world = World::new(setup, level);
    world.run();
    world
}

/// MAP-6 with a Send, the transfer and Bob's reading.
fn small() -> Map {
    let mut map = Map::six();
    map.send(ms(0), draft(&["bob@b.example"], "hello\n.\n"));
    map.read(ms(2000), reading("bob", true));
    map
}

/// Many things at once: three servers, names from DNS, ARP questions, chance loss, faults, bounces.
fn busy() -> Map {
    let mut map = Map::multi();
    map.with_dns().loss(20_000).whole(|s| s.arp = Arp::Asked);
    map.send(ms(0), draft(&["bob@b.example", "nobody@b.example", "dave@c.example", "anna@a.example"], "first\n"));
    map.send(ms(50), draft(&["carol@b.example"], &"a long line of the second letter\n".repeat(300)));
    map.queued(
        ms(10),
        draft(&["bob@b.example"], "third\n"),
        Some(envelope("", &["bob@b.example", "nobody@c.example"])),
    );
    map.lose(Matcher { src: Some(MAIL_A), payload_starts: Some(b"DATA".to_vec()), ..Matcher::default() }, 1, 2);
    let mail_b = map.id("mail.b");
    map.smtp_stopped("mail.c", Some(Instant::ZERO + hm(1, 0)));
    map.at(ms(1300), mailpath::action::Action::PowerOff(mail_b));
    map.at(ms(200_000), mailpath::action::Action::PowerOn(mail_b));
    map.read(Instant::ZERO + hm(3, 0), reading("bob", true));
    map
}

/// The same on links that take their time, with queues so short that packets are dropped.
fn congested() -> Map {
    let mut map = busy();
    map.whole(|s| {
        s.clock = Clock::Realistic;
        for link in &mut s.links {
            (link.rate, link.queue) = (Some(256_000), 3);
        }
    });
    map
}

/// Clones the world at every `every`-th event, and compares what becomes of each clone with what became of the
/// original.
fn every_clone_goes_the_same_way(start: &World, every: usize) {
    let mut original = start.clone();
    original.run();
    let reference = record(original.log());
    let mut world = start.clone();
    let mut clones = 0;
    for event in 0.. {
        if event % every == 0 {
            let mut clone = world.clone();
            let from = clone.log().entries().len();
            clone.run();
            assert_eq!(clone.log().counters, original.log().counters, "clone at event {event}");
            assert_eq!(clone.log().entries().len(), reference.len(), "clone at event {event}");
            let rest = record_from(clone.log(), from);
            let differs = rest.iter().zip(&reference[from..]).position(|(a, b)| a != b);
            if let Some(at) = differs {
                let (got, wanted) = (&clone.log().entries().at(from + at), &original.log().entries().at(from + at));
                panic!("clone at event {event}: entry {} is {got:?}, was {wanted:?}", from + at);
            }
            clones += 1;
        }
        if !world.step() {
            break;
        }
    }
    // The one that was cloned so often has taken no notice of it.
    assert_eq!(record(world.log()), reference);
    assert!(clones > 5, "{clones} clones");
}

#[test]
fn a_clone_at_any_event_of_a_small_run_goes_the_same_way() {
    every_clone_goes_the_same_way(&World::new(small().setup(), Level::All), 1);
}

#[test]
fn clones_of_a_run_with_losses_and_faults_go_the_same_way() {
    every_clone_goes_the_same_way(&World::new(busy().setup(), Level::All), 3);
}

#[test]
fn clones_of_a_run_with_rates_and_queues_go_the_same_way() {
    let world = World::new(congested().setup(), Level::All);
    every_clone_goes_the_same_way(&world, 3);
    let run = run(&congested());
    let full = |e: Entry<'_>| matches!(e.what, What::FrameLost { reason: Loss::QueueFull, .. });
    assert!(run.log().entries().iter().any(full), "no queue was full: the links are not slow enough");
}

#[test]
fn clones_of_the_built_in_scenarios_go_the_same_way() {
    for name in runs::all() {
        every_clone_goes_the_same_way(&World::new(runs::setup(&name), Level::All), 5);
        let start = World::new(runs::setup(&name), Level::All);
        let mut whole = start.clone();
        let events = std::iter::from_fn(|| whole.step().then_some(())).count();
        // A short run is cloned more often.
        every_clone_goes_the_same_way(&start, (events / 8).clamp(1, 11));
    }
}

#[test]
fn two_runs_of_one_setup_are_equal() {
    let built_in = runs::all().into_iter().map(|name| runs::setup(&name));
    for setup in built_in.chain([small(), busy(), congested()].map(|m| m.setup())) {
        let run = || record(finished(setup.clone(), Level::All).log());
        assert_eq!(run(), run(), "{}", setup.name);
    }
}

#[test]
fn a_run_until_a_moment_is_the_beginning_of_the_longer_run() {
    let built_in = ["six-steps", "server-down", "packet-loss:2"].map(runs::setup);
    for setup in built_in.into_iter().chain([small(), busy(), congested()].map(|m| m.setup())) {
        let whole = record(finished(setup.clone(), Level::All).log());
        for until in [0, 64, 65, 1300, 1765, 3000, 200_000, 1_800_000].map(ms) {
            let mut world = World::new(setup.clone(), Level::All);
            world.run_until(until);
            let part = record(world.log());
            assert!(whole.starts_with(&part), "until {until}");
            assert!(world.next_at().is_none_or(|next| next > until));
            // Going on from there gives the rest.
            world.run();
            assert_eq!(record(world.log()), whole);
        }
    }
}

#[test]
fn another_seed_is_another_run_where_luck_has_a_part() {
    let with_seed = |seed| {
        let mut map = busy();
        map.whole(|s| s.seed = Seed::new(seed));
        record(run(&map).log())
    };
    assert_eq!(with_seed(7), with_seed(7));
    assert_ne!(with_seed(7), with_seed(8));
}

#[test]
fn another_seed_changes_no_time_where_nothing_is_left_to_luck() {
    let with_seed = |seed| {
        let mut map = small();
        map.whole(|s| s.seed = Seed::new(seed));
        let world = run(&map);
        let times: Vec<(Instant, u32)> = world.log().entries().iter().map(|e| (e.at, e.node.0)).collect();
        times
    };
    assert_eq!(with_seed(7), with_seed(8));
}

#[test]
fn time_in_the_record_never_runs_backward_and_causes_come_before_their_effects() {
    for map in [small(), busy(), congested()] {
        let world = run(&map);
        let mut before = Instant::ZERO;
        for (place, e) in world.log().entries().iter().enumerate() {
            assert!(e.at >= before, "entry {place}");
            before = e.at;
            match e.cause {
                mailpath::trace::Cause::Entry(id) | mailpath::trace::Cause::Timer { armed_by: id } => {
                    assert!((id.0 as usize) < place, "entry {place}");
                }
                _ => {}
            }
        }
    }
}

/// What programs did, without the numbers of packets and causes.
fn milestones(world: &World) -> Vec<String> {
    let entries = world.log().entries().iter();
    let told = entries.filter(|e| {
        use What::*;
        !matches!(
            e.what,
            FrameSent { .. } | FrameArrived { .. } | FrameLost { .. } | TcpSent { .. } | TcpReceived { .. }
        ) && !matches!(e.what, TcpTimer { .. })
    });
    told.map(|e| format!("{} {:?} {:?}", e.at, e.node, e.what)).collect()
}

#[test]
fn what_is_recorded_changes_nothing_of_what_happens() {
    let built_in = runs::all().into_iter().map(|name| runs::setup(&name));
    for setup in built_in.chain([small(), busy(), congested()].map(|m| m.setup())) {
        let all = finished(setup.clone(), Level::All);
        let fewer = finished(setup.clone(), Level::Milestones);
        assert_eq!(milestones(&all), milestones(&fewer));
        let none = finished(setup.clone(), Level::Counters);
        let counted = |world: &World| (world.log().counters, world.mail_counters(), world.now());
        assert_eq!(counted(&all), counted(&fewer), "{}", setup.name);
        assert_eq!(counted(&all), counted(&none), "{}", setup.name);
        assert!(none.log().entries().is_empty() && none.log().packets().is_empty());
    }
}
