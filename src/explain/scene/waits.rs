//! Times in which nothing happens, and what is being waited for.

use crate::action::Action;
use crate::mail;
use crate::sim::{NodeKind, Setup};
use crate::time::{Duration, Instant};
use crate::topology::NodeId;
use crate::trace::{Cause, Entry, What};

/// What is at least as long as this counts as waiting.
pub const LONG: Duration = Duration::from_millis(250);

/// A time in which nothing happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The place at which time passes.
    pub from: usize,
    /// The place behind the entry that ends it: `from + 1`.
    pub to: usize,
    /// When the last thing before it happened.
    pub since: Instant,
    /// How long it takes.
    pub length: Duration,
    /// What is waited for.
    pub why: WaitWhy,
}

impl Wait {
    /// `1.000 s, in the queue`.
    pub fn words(&self, setup: &Setup) -> String {
        format!("{}, {}", in_words(self.length), self.why.words(setup))
    }
}

/// What is waited for: what ends the waiting says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitWhy {
    /// A mail waits in the queue of this server for its first attempt.
    Queue(NodeId),
    /// It waits for another attempt.
    NextTry(NodeId),
    /// This computer is switched off.
    Off(NodeId),
    /// Nobody does anything at this computer.
    User(NodeId),
    /// Nobody has written a mail at this computer yet.
    Writer(NodeId),
    /// Nobody has looked for mail at this computer yet.
    Reader(NodeId),
    /// A service or a link is out of order, until somebody mends it.
    Broken(NodeId),
    /// A timer of TCP runs at this host: no acknowledgement has come.
    Tcp(NodeId),
    /// The resolver of this host waits for an answer.
    Name(NodeId),
    /// A packet is on its way to this node.
    Way(NodeId),
    /// A timer of a program at this host runs.
    Program(NodeId),
}

impl WaitWhy {
    /// In words that stand behind a length of time.
    pub fn words(&self, setup: &Setup) -> String {
        match self {
            WaitWhy::Queue(_) => "in the queue".to_owned(),
            WaitWhy::NextTry(_) => "until the next try".to_owned(),
            WaitWhy::Off(node) => match owner(setup, *node) {
                Some(name) => format!("{name}'s computer is off"),
                None => format!("{} is off", name(setup, *node)),
            },
            WaitWhy::User(node) => format!("until {} is used", name(setup, *node)),
            WaitWhy::Writer(node) => format!("until {} sends a mail", user(setup, *node)),
            WaitWhy::Reader(node) => format!("until {} looks for mail", user(setup, *node)),
            WaitWhy::Broken(_) => "until somebody mends it".to_owned(),
            WaitWhy::Tcp(node) => format!("{} waits for an acknowledgement", name(setup, *node)),
            WaitWhy::Name(node) => format!("{} waits for an answer of DNS", name(setup, *node)),
            WaitWhy::Way(node) => format!("on the way to {}", name(setup, *node)),
            WaitWhy::Program(node) => format!("{} waits for an answer", name(setup, *node)),
        }
    }
}

/// What a node is called.
fn name(setup: &Setup, node: NodeId) -> &str {
    setup.nodes.get(node.0 as usize).map_or("?", |n| n.name.as_str())
}

/// Whose computer it is: the name of its first user agent.
fn owner(setup: &Setup, node: NodeId) -> Option<&str> {
    let NodeKind::Host(host) = &setup.nodes.get(node.0 as usize)?.kind else { return None };
    host.user_agents.first()?.display_name.as_deref()
}

/// Who uses it: its owner, or the computer if that is nobody.
fn user(setup: &Setup, node: NodeId) -> &str {
    owner(setup, node).unwrap_or_else(|| name(setup, node))
}

/// A length of time as one says it: `250 ms`, `1.000 s`, `59 min 58 s`, `1 h 30 min`, `5 d`. From a minute on to the
/// second, from an hour on to the minute, from a day on to the hour, rounded down.
pub fn in_words(length: Duration) -> String {
    let seconds = length.as_nanos() / 1_000_000_000;
    let two = |big: u64, big_unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{big} {big_unit}"),
        _ => format!("{big} {big_unit} {small} {small_unit}"),
    };
    match seconds {
        0..60 => Duration::from_millis(length.as_millis()).to_string(),
        60..3_600 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds / 60 % 60, "min"),
        _ => two(seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    }
}

/// Reads the record.
pub(super) struct Collector<'a> {
    setup: &'a Setup,
    before: Instant,
    waits: Vec<Wait>,
}

impl<'a> Collector<'a> {
    pub fn new(setup: &'a Setup) -> Self {
        Collector { setup, before: Instant::ZERO, waits: Vec::new() }
    }

    pub fn take(&mut self, number: u32, entry: &Entry) {
        let length = entry.at - self.before;
        if length >= LONG {
            let from = number as usize;
            self.waits.push(Wait { from, to: from + 1, since: self.before, length, why: self.why(entry) });
        }
        self.before = entry.at;
    }

    pub fn finish(self) -> Vec<Wait> {
        self.waits
    }

    fn why(&self, entry: &Entry) -> WaitWhy {
        let node = entry.node;
        match &entry.what {
            What::Action(id) => match self.setup.actions.get(id.0 as usize).map(|a| &a.action) {
                Some(Action::PowerOn(node)) => WaitWhy::Off(*node),
                Some(Action::StartService(node, _)) => WaitWhy::Broken(*node),
                Some(Action::Mend(_)) => WaitWhy::Broken(node),
                Some(
                    Action::Send { host, .. } | Action::Webmail { host, deed: crate::action::WebDeed::Write(_), .. },
                ) => WaitWhy::Writer(*host),
                Some(Action::Webmail { host, .. }) => WaitWhy::Reader(*host),
                Some(Action::Imap { host, .. } | Action::Sync { host, .. } | Action::Pop3 { host, .. }) => {
                    WaitWhy::Reader(*host)
                }
                _ => WaitWhy::User(node),
            },
            What::Mail(event) => match &**event {
                mail::Event::QueueAttempt { attempt, .. } if *attempt > 1 => WaitWhy::NextTry(node),
                mail::Event::QueueAttempt { .. } => WaitWhy::Queue(node),
                mail::Event::QueueLeave { .. } | mail::Event::DsnCreate { .. } => WaitWhy::NextTry(node),
                _ => WaitWhy::Program(node),
            },
            What::Dns(_) => WaitWhy::Name(node),
            What::TcpTimer { .. } | What::TcpSent { .. } => WaitWhy::Tcp(node),
            What::FrameArrived { .. } => WaitWhy::Way(node),
            _ if matches!(entry.cause, Cause::Timer { .. }) => WaitWhy::Program(node),
            _ => WaitWhy::Way(node),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_as_one_says_them() {
        let told = |millis| in_words(Duration::from_millis(millis));
        assert_eq!(told(250), "250 ms");
        assert_eq!(told(1_000), "1.000 s");
        assert_eq!(told(3_598_000), "59 min 58 s");
        assert_eq!(told(1_800_000), "30 min");
        assert_eq!(told(5_400_000), "1 h 30 min");
        assert_eq!(told(432_000_000), "5 d");
        assert_eq!(told(180_000_000), "2 d 2 h");
    }
}
