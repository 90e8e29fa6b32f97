//! What users wait for: a run, a run with its whole record, a capture file, the state at the end of a record.

use std::hint::black_box;
use std::io;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use mailpath::export::pcapng::{self, View};
use mailpath::sim::{Setup, World};
use mailpath::trace::Level;
use mailpath::trace::fold::Timeline;
use mailpath::work::Work;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HOSTS: u32 = 100;

fn setup(mails: u32) -> Arc<Setup> {
    Arc::new(Work { hosts: HOSTS, mails, group: 10, loss: 0, seed: 1 }.setup())
}

fn recorded(setup: &Arc<Setup>, level: Level) -> World {
    let mut world = World::new(Arc::clone(setup), level);
    world.run();
    world
}

fn runs(c: &mut Criterion) {
    let mut group = c.benchmark_group("2,000 mails");
    group.sample_size(20).throughput(Throughput::Elements(u64::from(HOSTS / 2 * 40)));
    let setup = setup(40);
    for (name, level) in [("counters", Level::Counters), ("whole record", Level::All)] {
        let begin = || World::new(Arc::clone(&setup), level);
        let run = |mut world: World| {
            world.run();
            world
        };
        group.bench_function(name, |b| b.iter_batched(begin, run, BatchSize::PerIteration));
    }
}

fn records(c: &mut Criterion) {
    let setup = setup(10);
    let world = recorded(&setup, Level::All);
    let log = world.log();
    let mut group = c.benchmark_group("a record of 500 mails");
    group.sample_size(20).throughput(Throughput::Elements(log.entries().len() as u64));
    group.bench_function("as pcapng", |b| {
        b.iter(|| pcapng::write(io::sink(), &setup, log, View::EveryLink, |_| None).expect("a sink takes everything"));
    });
    group.bench_function("its last state", |b| {
        b.iter(|| {
            let mut timeline = Timeline::default();
            timeline.extend(log);
            black_box(timeline.last().clone())
        });
    });
}

criterion_group!(benches, runs, records);
criterion_main!(benches);
