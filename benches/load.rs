//! What users wait for: big runs, the record of a run, its capture, the state at any moment.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use mailpath::dissect::Packets;
use mailpath::explain::phases::conversations;
use mailpath::explain::sentence::sentence;
use mailpath::explain::stops::{Grain, Stops};
use mailpath::explain::story::steps;
use mailpath::export::pcapng::{self, View};
use mailpath::scenario;
use mailpath::sim::{Setup, World};
use mailpath::trace::Level;
use mailpath::trace::fold::Timeline;
use mailpath::work::Work;

fn work() -> Arc<Setup> {
    Arc::new(Work { hosts: 100, mails: 4, group: 10, loss: 0, seed: 1 }.setup())
}

fn finished(setup: &Arc<Setup>, level: Level) -> World {
    let mut world = World::new(Arc::clone(setup), level);
    world.run();
    world
}

fn load(c: &mut Criterion) {
    let setup = work();
    let mut group = c.benchmark_group("200 mails of 10 kB");
    for (name, level) in [("counters", Level::Counters), ("milestones", Level::Milestones), ("all", Level::All)] {
        let fresh = || World::new(Arc::clone(&setup), level);
        group.bench_function(name, |b| b.iter_batched(fresh, |mut world| world.run(), BatchSize::LargeInput));
    }
    group.finish();
}

fn scenarios(c: &mut Criterion) {
    let (name, text) = scenario::BUILT_IN[0];
    c.bench_function("read and check six-steps", |b| b.iter(|| scenario::parse(name, black_box(text)).is_ok()));
    let setup = Arc::new(scenario::load_builtin(name).unwrap().ready(None).unwrap().setup);
    c.bench_function("run six-steps", |b| b.iter(|| finished(&setup, Level::All)));
    let world = finished(&setup, Level::All);
    c.bench_function("cloning a finished world", |b| b.iter(|| black_box(&world).clone()));
}

fn record(c: &mut Criterion) {
    let setup = work();
    let world = finished(&setup, Level::All);
    let log = world.log();
    c.bench_function("capture of 200 mails", |b| {
        b.iter(|| pcapng::write(Vec::new(), &setup, log, View::Senders, |_| None).unwrap().len());
    });
    c.bench_function("packet list of 200 mails", |b| b.iter(|| Packets::new(black_box(log)).rows().len()));
    let mut timeline = Timeline::default();
    timeline.extend(log);
    let middle = log.entries().len() / 2;
    c.bench_function("the state in the middle of 200 mails", |b| b.iter(|| timeline.before(log, black_box(middle))));
}

/// What is computed once before a run can be walked through, and once for each stop.
fn stops(c: &mut Criterion) {
    let ready = scenario::load_builtin("six-steps").unwrap().ready(None).unwrap();
    let setup = Arc::new(ready.setup);
    let world = finished(&setup, Level::All);
    let (log, names) = (world.log(), world.names());
    let spans = steps(log, &names, &ready.story);
    let told = conversations(log);
    let found = Stops::new(log, &names, &setup, &spans, &told);
    let place = log.entries().len() / 2;
    let said = |place| sentence(log, &names, &setup, &ready.story, &found, &told, place, Grain::Line);
    c.bench_function("the steps of six-steps", |b| b.iter(|| steps(log, &names, &ready.story).len()));
    c.bench_function("the phases of six-steps", |b| b.iter(|| conversations(log).len()));
    c.bench_function("the stops of six-steps", |b| {
        b.iter(|| Stops::new(log, &names, &setup, &spans, &told).all().len())
    });
    c.bench_function("one sentence", |b| b.iter(|| said(black_box(place)).now.len()));
    let setup = work();
    let world = finished(&setup, Level::All);
    let (log, names) = (world.log(), world.names());
    c.bench_function("phases and stops of 200 mails", |b| {
        b.iter(|| Stops::new(log, &names, &setup, &[], &conversations(log)).all().len());
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = load, scenarios, record, stops
}
criterion_main!(benches);
