//! The run of a lesson as probes read it: the record, each entry told once, and what was folded from it.

use std::sync::{Arc, OnceLock};

use crate::explain::dialogue::{self, Dialogue};
use crate::explain::phases::{self, Conversation};
use crate::explain::stops::{Grain, Stops};
use crate::explain::story::{StepSpan, steps};
use crate::export::capture::Frames;
use crate::scenario::Ready;
use crate::sim::{NodeKind, World};
use crate::time::Instant;
use crate::trace::fold::{Timeline, entries_until};
use crate::trace::{EntryId, Level, Log, Names, Told, tell};

/// See the [module](self).
pub struct Record {
    /// The scenario as it was run.
    pub ready: Ready,
    /// The record itself.
    pub log: Log,
    /// Names of its numbers.
    pub names: Names,
    /// States along it.
    pub timeline: Timeline,
    /// Every connection with its phases.
    pub conversations: Vec<Conversation>,
    /// The steps of its story.
    pub steps: Vec<StepSpan>,
    /// Where forward and back halt.
    pub stops: Stops,
    /// What was said on each connection.
    pub dialogues: Vec<Dialogue>,
    /// Each entry as names and values, in their order.
    pub told: Vec<Told>,
    /// Its packets as filters see them; made when the first filter asks.
    frames: OnceLock<Frames>,
}

impl Record {
    /// Runs the scenario to its end.
    pub fn new(ready: Ready) -> Record {
        let setup = Arc::new(ready.setup.clone());
        let mut world = World::new(Arc::clone(&setup), Level::All);
        world.run();
        let (log, names) = (world.log().clone(), world.names());
        let mut timeline = Timeline::default();
        timeline.extend(&log);
        let steps = steps(&log, &names, &ready.story);
        let conversations = phases::conversations(&log);
        let stops = Stops::new(&log, &names, &setup, &steps, &conversations);
        let dialogues = dialogue::dialogues(&log, &names, &conversations);
        let told = log.entries().iter().map(|entry| tell(&log, &names, &entry)).collect();
        let frames = OnceLock::new();
        Record { ready, log, names, timeline, conversations, steps, stops, dialogues, told, frames }
    }

    /// Its packets as filters see them.
    pub fn frames(&self) -> &Frames {
        self.frames.get_or_init(|| Frames::new(&self.ready.setup, &self.log, &self.names, &self.ready.story))
    }

    /// How many entries there are: the place behind the last.
    pub fn end(&self) -> usize {
        self.log.entries().len()
    }

    /// The place behind an entry and all that its event caused at once: where *forward* lands.
    pub fn behind(&self, entry: EntryId) -> usize {
        self.stops.next(Grain::Packet, entry.0 as usize).map_or(self.end(), |s| s.place)
    }

    /// The last place at which an entry has not happened.
    pub fn before(&self, entry: EntryId) -> usize {
        let place = entry.0 as usize;
        self.stops.previous(Grain::Packet, place + 1).map_or(0, |s| s.place.min(place))
    }

    /// The last place whose time is not later than this one.
    pub fn at(&self, at: Instant) -> usize {
        entries_until(&self.log, at)
    }

    /// The time of a place.
    pub fn time(&self, place: usize) -> Instant {
        place.checked_sub(1).map_or(Instant::ZERO, |last| self.log.entries().at(last.min(self.end() - 1)).at)
    }

    /// Names of the hosts, in the order of the scenario.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        let nodes = self.ready.setup.nodes.iter();
        nodes.filter(|n| matches!(n.kind, NodeKind::Host(_))).map(|n| n.name.as_str())
    }

    /// An event in one line, to be chosen from a list: what was said, or which packet it is.
    pub fn describe(&self, entry: EntryId) -> String {
        let told = &self.told[entry.0 as usize];
        let field = |name: &str| {
            told.get(name).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).unwrap_or_default()
        };
        let list = |name: &str| {
            let all = told.get(name).and_then(|v| v.as_array()).into_iter().flatten();
            all.map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect::<Vec<_>>().join(", ")
        };
        let at = self.log.entry(entry).at;
        let host = self.names.node(self.log.entry(entry).node);
        let what = match told.kind {
            // A reply may have several lines.
            "app.line" | "app.read" => {
                format!("{} to {}: {}", field("from"), field("to"), field("text").replace('\n', " / "))
            }
            "tcp.seg" => {
                format!(
                    "{} to {}: TCP segment [{}], {} bytes",
                    field("from"),
                    field("to"),
                    field("flags"),
                    field("len")
                )
            }
            "smtp.letter" | "smtp.end_of_data" => {
                format!("{} to {}: the mail, {} bytes", field("from"), field("to"), field("bytes"))
            }
            "queue.enter" => format!("{host}: the mail enters the queue"),
            "queue.attempt" => format!("{host}: attempt {} begins", field("attempt")),
            "queue.leave" => format!("{host}: the mail leaves the queue ({})", field("kind")),
            "mailbox.store" => format!("{host}: the mail is put into {}'s {}", field("user"), field("folder")),
            "mua.compose" => format!("{host}: {} has written the mail", field("user")),
            "mua.sent" => format!("{host}: {}'s program shows that it is sent", field("user")),
            "mua.read" => format!("{host}: {} reads the mail", field("user")),
            "tcp.open" => {
                format!("{} opens a TCP connection to {}, port {}", field("client"), field("server"), field("port"))
            }
            "tcp.timer" => format!("{host}: the {} timer fires", field("timer")),
            "frame.lost" => format!("{host}: a packet is lost, {}", field("info")),
            "frame.sent" => format!("{host} sends {}", field("info")),
            "queue.defer" => format!("{host}: attempt {} has failed, {}", field("attempt"), field("reason")),
            "dsn.create" => format!("{host} writes a bounce to {}", field("to")),
            "dns.query" => format!("{host} asks: {} {}?", field("qname"), field("qtype")),
            "dns.answer" => {
                format!(
                    "{host} is answered: {} {}, {} {}",
                    field("qname"),
                    field("qtype"),
                    field("rcode"),
                    list("answers")
                )
            }
            "auth.result" => {
                format!("{host}: {} {} for {}, {}", field("method"), field("result"), field("domain"), field("reason"))
            }
            kind => format!("{host}: {kind}"),
        };
        format!("{at}  {what}")
    }
}
