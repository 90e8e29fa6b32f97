//! What a display filter costs: reading it, and selecting from a capture of about 10,000 packets.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use mailpath::export::capture::capture;
use mailpath::export::pcapng::View;
use mailpath::filter::Filter;
use mailpath::filter::facts::{Capture, Facts, each};
use mailpath::scenario::Story;
use mailpath::sim::World;
use mailpath::trace::Level;
use mailpath::work::Work;

/// Presence, numbers, flags, addresses, sets, texts, and what needs the frames before.
const EXPRESSIONS: [&str; 8] = [
    "tcp.flags.syn == 1 && tcp.flags.ack == 0",
    "ip.addr == 192.0.2.0/25 && tcp.port != 25",
    "tcp.port in {25, 80, 140..150}",
    "tcp.len in {1 .. 100, 1400 .. 1460} and tcp.flags & 0x18 == 0x18",
    "smtp.req.command == \"MAIL\" || smtp.response.code == 250",
    "smtp contains \"RCPT TO\"",
    "frame[54:4] == \"MAIL\"",
    "tcp.analysis.retransmission or tcp.analysis.bytes_in_flight > 10000",
];

fn ten_thousand() -> Capture {
    let mut hosts = 100;
    loop {
        let setup = Arc::new(Work { hosts, mails: 4, group: 10, loss: 10_000, seed: 1 }.setup());
        let mut world = World::new(Arc::clone(&setup), Level::All);
        world.run();
        if world.log().packets().len() >= 10_000 {
            return capture(&setup, world.log(), &world.names(), (&Story::default(), View::Senders));
        }
        hosts *= 2;
    }
}

fn filters(c: &mut Criterion) {
    let capture = ten_thousand();
    let mut group = c.benchmark_group(format!("filter, {} packets", capture.frames.len()));
    group.sample_size(10);
    for text in EXPRESSIONS {
        let filter = Filter::new(text).unwrap();
        let mut facts: Vec<Facts> = Vec::new();
        each(&capture, filter.fields(), |_, of| facts.push(of.clone()));
        group.bench_function(format!("read: {text}"), |b| b.iter(|| Filter::new(black_box(text)).is_ok()));
        group.bench_function(format!("test: {text}"), |b| {
            b.iter(|| facts.iter().filter(|facts| filter.passes(facts)).count());
        });
        group.bench_function(format!("select: {text}"), |b| b.iter(|| filter.select(&capture).len()));
    }
    group.finish();
}

criterion_group!(benches, filters);
criterion_main!(benches);
