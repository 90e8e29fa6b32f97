//! Built-in scenarios, run and told.

use std::sync::Arc;

use mailpath::scenario::story::Story;
use mailpath::scenario::{self, Ready};
use mailpath::sim::{Setup, World};
use mailpath::topology::{ConnId, Side};
use mailpath::trace::{self, Level, Names, Told};

/// A run that has come to its end.
pub struct Run {
    pub world: World,
    pub story: Story,
    names: Names,
}

/// Every built-in scenario and every run of it, by name.
pub fn all() -> Vec<String> {
    let mut names = Vec::new();
    for (name, _) in scenario::BUILT_IN {
        names.push((*name).to_string());
        let scenario = scenario::load_builtin(name).unwrap();
        names.extend(scenario.runs.iter().map(|r| format!("{name}:{}", r.id)));
    }
    names
}

/// `NAME` or `NAME:RUN`.
pub fn setup(name: &str) -> Arc<Setup> {
    Arc::new(ready(name).setup)
}

fn ready(name: &str) -> Ready {
    let (name, run) = name.split_once(':').map_or((name, None), |(n, r)| (n, Some(r)));
    let scenario = scenario::load_builtin(name).unwrap_or_else(|e| panic!("{e}"));
    scenario.ready(run).unwrap_or_else(|e| panic!("{e}"))
}

pub fn run(name: &str) -> Run {
    play(ready(name))
}

/// A run of a built-in scenario in which some words of the file stand for others.
pub fn run_with(scenario: &str, run: &str, changes: &[(&str, &str)]) -> Run {
    let (_, text) = scenario::BUILT_IN.iter().find(|b| b.0 == scenario).unwrap();
    let text = changes.iter().fold((*text).to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    let scenario = scenario::parse("changed.json", &text).unwrap_or_else(|e| panic!("{e}"));
    play(scenario.ready(Some(run)).unwrap_or_else(|e| panic!("{e}")))
}

/// Runs it to its end.
pub fn play(ready: Ready) -> Run {
    let mut world = World::new(Arc::new(ready.setup), Level::All);
    world.run();
    Run { names: world.names(), story: ready.story, world }
}

impl Run {
    /// All entries: time in nanoseconds, kind and fields.
    pub fn told(&self) -> impl Iterator<Item = (u64, Told)> {
        let log = self.world.log();
        log.entries().iter().map(move |e| (e.at.as_nanos(), trace::tell(log, &self.names, &e)))
    }

    /// One direction of a connection, of which nothing was sent twice.
    pub fn stream_of(&self, conn: ConnId, side: Side) -> Vec<u8> {
        let log = self.world.log();
        let packets = (0..log.packets().len() as u32).map(trace::PacketId);
        let own = packets.filter(|p| log.packet(*p).conn == Some((conn, side)));
        own.flat_map(|p| {
            let bytes = log.packet_bytes(p);
            bytes[bytes.len() - log.packet(p).stream.1 as usize..].to_vec()
        })
        .collect()
    }

    /// The data of all TCP packets of the connections that are wanted, both directions.
    pub fn stream_bytes(&self, wanted: impl Fn(ConnId) -> bool) -> Vec<u8> {
        let log = self.world.log();
        let mut bytes = Vec::new();
        for (number, packet) in log.packets().iter().enumerate() {
            if packet.conn.is_some_and(|(conn, _)| wanted(conn)) {
                let datagram = log.packet_bytes(trace::PacketId(number as u32));
                let ip = mailpath::packet::parse_ipv4(&datagram).unwrap();
                bytes.extend_from_slice(mailpath::packet::parse_tcp(ip.src, ip.dst, ip.payload).unwrap().payload);
            }
        }
        bytes
    }
}
