//! What became of each mail in each queue: when it came, every attempt, how it left. Read once from the record.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::gui::cx::Cx;
use crate::gui::run::{Run, happened};
use crate::mail::{Event, Left, QueueId};
use crate::smtp::Envelope;
use crate::time::Instant;
use crate::topology::NodeId;
use crate::trace::{EntryId, What};

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It stays: why, in the words of the last answer.
    Deferred(String),
    /// It left the queue.
    Gone(Left, String),
}

/// A delivery attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its begin.
    pub entry: EntryId,
    /// When that was.
    pub at: Instant,
    /// 1 for the first.
    pub number: u32,
    /// How it ended, and with which entry.
    pub end: Option<(EntryId, End)>,
}

/// A mail's time in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The part of the envelope that is for this destination.
    pub envelope: Envelope,
    /// When it came in.
    pub entered: EntryId,
    /// When that was.
    pub since: Instant,
    /// Every attempt, in order.
    pub attempts: Vec<Attempt>,
    /// How it left.
    pub left: Option<(EntryId, Instant, Left, String)>,
}

impl Stay {
    /// The next attempt after a place of the record, if the record has one.
    pub fn next(&self, place: usize) -> Option<&Attempt> {
        self.attempts.iter().find(|a| !happened(a.entry, place))
    }
}

/// See the [module](self).
#[derive(Default)]
pub struct History {
    run: usize,
    stays: BTreeMap<(NodeId, QueueId), Stay>,
}

impl History {
    /// Reads the run if it is another one than before.
    pub fn update(&mut self, cx: &Cx<'_>) {
        let run = Arc::as_ptr(&cx.desk.run) as usize;
        if self.run != run {
            *self = History::new(cx.run);
            self.run = run;
        }
    }

    fn new(run: &Run) -> History {
        let mut history = History::default();
        for i in 0..run.log.entries().len() {
            let entry = &run.log.entries().at(i);
            if let What::Mail(event) = &entry.what {
                history.take(EntryId(i as u32), entry.at, entry.node, event);
            }
        }
        history
    }

    fn take(&mut self, id: EntryId, at: Instant, node: NodeId, event: &Event) {
        match event {
            Event::QueueEnter { entry, envelope, .. } => {
                let (envelope, attempts) = (envelope.clone(), Vec::new());
                let stay = Stay { envelope, entered: id, since: at, attempts, left: None };
                self.stays.insert((node, *entry), stay);
            }
            Event::QueueAttempt { entry, attempt, .. } => {
                if let Some(stay) = self.stays.get_mut(&(node, *entry)) {
                    stay.attempts.push(Attempt { entry: id, at, number: *attempt, end: None });
                }
            }
            Event::QueueDefer { entry, reason, reply, .. } => {
                if let Some(last) = self.stays.get_mut(&(node, *entry)).and_then(|s| s.attempts.last_mut()) {
                    let words = reply.as_ref().map_or_else(|| reason.clone(), ToString::to_string);
                    last.end = Some((id, End::Deferred(words)));
                }
            }
            Event::QueueLeave { entry, left, reason, .. } => {
                if let Some(stay) = self.stays.get_mut(&(node, *entry)) {
                    stay.left = Some((id, at, *left, reason.clone()));
                    if let Some(last) = stay.attempts.last_mut().filter(|a| a.end.is_none()) {
                        last.end = Some((id, End::Gone(*left, reason.clone())));
                    }
                }
            }
            _ => {}
        }
    }

    /// A mail's time in a queue.
    pub fn stay(&self, node: NodeId, id: QueueId) -> Option<&Stay> {
        self.stays.get(&(node, id))
    }

    /// The mail that left a queue last, before a place of the record.
    pub fn last_left(&self, node: NodeId, place: usize) -> Option<(QueueId, &Stay)> {
        let of_node = self.stays.range((node, QueueId(0))..=(node, QueueId(u32::MAX)));
        let left = of_node.filter_map(|((_, id), s)| s.left.as_ref().map(|(e, ..)| (*e, *id, s)));
        left.filter(|(e, ..)| happened(*e, place)).max_by_key(|(e, ..)| *e).map(|(_, id, s)| (id, s))
    }
}

/// What `Left` means, in words.
pub const fn left_in_words(left: Left) -> &'static str {
    match left {
        Left::Delivered => "delivered: another server has taken it",
        Left::Stored => "stored in a mailbox of this server",
        Left::Bounced => "given up: a bounce was written",
        Left::Discarded => "given up, and nobody is told",
    }
}
