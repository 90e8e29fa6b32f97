//! A scenario that has been run, and all that views read of it. Computed once when it is opened, then only read.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::opening::Progress;
use crate::chart::axis::Rhythm;
use crate::dissect::Packets;
use crate::explain::dialogue::{self, Dialogue};
use crate::explain::phases::{self, Conversation};
use crate::explain::scene::{Gone, LetterPlace, Scene, Scenes};
use crate::explain::sentence::{Sentence, sentence};
use crate::explain::stops::{Grain, Mark, Stops};
use crate::explain::story::{StepSpan, steps};
use crate::message::Draft;
use crate::scenario::Ready;
use crate::sim::{NodeKind, World};
use crate::time::Instant;
use crate::topology::{ConnId, NodeId};
use crate::trace::fold::Timeline;
use crate::trace::{EntryId, Level, Log, Names, PacketId, What};

/// See the [module](self).
pub struct Run {
    /// The scenario as it was run: title, network, story.
    pub ready: Ready,
    /// The record.
    pub log: Log,
    /// Names of its numbers.
    pub names: Names,
    /// States along the record.
    pub timeline: Timeline,
    /// The steps of the story with begin and done.
    pub steps: Vec<StepSpan>,
    /// Every connection with its phases.
    pub conversations: Vec<Conversation>,
    /// Where forward and back halt.
    pub stops: Stops,
    /// Every packet once, as its sender made it.
    pub packets: Packets,
    /// What stands where.
    pub scenes: Scenes,
    /// When things happen: bursts, and the waits between them.
    pub rhythm: Rhythm,
    /// What was said on each connection.
    pub dialogues: Vec<Dialogue>,
    /// Where lines are typed in the window: those that the scenario itself has typed.
    pub example: Vec<String>,
}

impl Run {
    /// Runs the scenario to its end and reads the record; `None` if it was cancelled.
    pub fn new(ready: Ready, progress: &Progress) -> Option<Run> {
        let setup = Arc::new(ready.setup.clone());
        let mut world = World::new(Arc::clone(&setup), Level::All);
        let mut events = 0_u64;
        while world.step() {
            events += 1;
            if events.is_multiple_of(1024) {
                progress.events.store(events, Ordering::Relaxed);
                if progress.cancelled.load(Ordering::Relaxed) {
                    return None;
                }
            }
        }
        let (log, names) = (world.log().clone(), world.names());
        let mut timeline = Timeline::default();
        timeline.extend(&log);
        let steps = steps(&log, &names, &ready.story);
        let conversations = phases::conversations(&log);
        let stops = Stops::new(&log, &names, &setup, &steps, &conversations);
        let rhythm = Rhythm::new(&log, &stops);
        let packets = Packets::new(&log);
        let scenes = Scenes::new(&log, &setup);
        let dialogues = dialogue::dialogues(&log, &names, &conversations);
        let example = Vec::new();
        Some(Run {
            ready,
            log,
            names,
            timeline,
            steps,
            conversations,
            stops,
            packets,
            scenes,
            rhythm,
            dialogues,
            example,
        })
    }

    /// Number of entries: the last place.
    pub fn end(&self) -> usize {
        self.log.entries().len()
    }

    /// The time at a place: that of the last entry before it.
    pub fn at(&self, place: usize) -> Instant {
        place.checked_sub(1).and_then(|i| self.log.entries().get(i)).map_or(Instant::ZERO, |e| e.at)
    }

    /// The step that a place belongs to: the one that is going on, else the last that has begun; before the first,
    /// the first.
    pub fn step_at(&self, place: usize) -> usize {
        let begun = |s: &&StepSpan| s.begins.is_some_and(|b| happened(b, place));
        let last = || self.steps.iter().rev().find(begun).map_or(0, |s| s.step);
        self.stops.step_at(place).unwrap_or_else(last)
    }

    /// Whether the step is done at a place.
    pub fn step_done(&self, step: usize, place: usize) -> bool {
        self.steps.get(step).and_then(|s| s.done).is_some_and(|d| happened(d, place))
    }

    /// Whether the step has begun at a place.
    pub fn step_begun(&self, step: usize, place: usize) -> bool {
        self.steps.get(step).and_then(|s| s.begins).is_some_and(|b| happened(b, place))
    }

    /// What the sentence row says at a place.
    pub fn sentence(&self, place: usize, grain: Grain) -> Sentence {
        sentence(
            &self.log,
            &self.names,
            &self.ready.setup,
            &self.ready.story,
            &self.stops,
            &self.conversations,
            place,
            grain,
        )
    }

    /// The conversation of a place: the last one in which something happened.
    pub fn conversation_at(&self, place: usize) -> Option<ConnId> {
        let mut opened = self.conversations.iter().filter(|c| happened(c.opened, place));
        let mut open = opened.clone().filter(|c| c.closed.is_none_or(|e| !happened(e, place)));
        open.next_back().or(opened.next_back()).map(|c| c.conn)
    }

    /// The step's name in the ribbon.
    pub fn short_title(&self, step: usize) -> &str {
        self.ready.story.steps.get(step).map_or("", |s| s.short.as_deref().unwrap_or(&s.title))
    }

    /// The packet that moved last before a place.
    pub fn last_packet(&self, place: usize) -> Option<PacketId> {
        (0..place.min(self.end())).rev().find_map(|i| match self.log.entries().at(i).what {
            What::FrameSent { packet, .. } | What::FrameArrived { packet, .. } | What::FrameLost { packet, .. } => {
                Some(packet)
            }
            _ => None,
        })
    }

    /// How much of a step is over at a place, in stops of its own from begin to done.
    pub fn step_share(&self, step: usize, place: usize) -> f32 {
        let (Some(begin), Some(done)) = (self.stops.step(step, Mark::Begin), self.stops.step(step, Mark::Done)) else {
            return 0.0;
        };
        if place >= done {
            return 1.0;
        }
        let inside = |p: usize| (begin..done).contains(&p);
        let all = self.stops.all().iter().filter(|s| s.grain >= Grain::Line && inside(s.place)).count() + 1;
        let gone = self.stops.all().iter().filter(|s| s.grain >= Grain::Line && inside(s.place) && s.place <= place);
        gone.count() as f32 / all as f32
    }

    /// Whose computer a node is: the name of its first user agent, or the node's own name.
    pub fn owner(&self, node: NodeId) -> &str {
        let kind = self.ready.setup.nodes.get(node.0 as usize).map(|n| &n.kind);
        let name = match kind {
            Some(NodeKind::Host(host)) => host.user_agents.first().and_then(|u| u.display_name.as_deref()),
            _ => None,
        };
        name.unwrap_or_else(|| self.node(node))
    }

    /// Where the letter is, in a few words: that of the first mail which is still somewhere.
    pub fn letter_place(&self, scene: &Scene) -> String {
        let reader = scene.letters.iter().rev().find(|l| matches!(l.at, LetterPlace::Reader { .. }));
        let original = scene.letters.iter().find(|l| !l.copy);
        let Some(letter) = reader.or(original) else { return String::new() };
        match &letter.at {
            LetterPlace::Draft(node) | LetterPlace::Screen { node } | LetterPlace::Reader { node } => {
                format!("on {}'s screen", self.owner(*node))
            }
            LetterPlace::Wire { to, .. } => format!("on the way to {}", self.node(*to)),
            LetterPlace::Queue { node, .. } => format!("in the queue of {}", self.node(*node)),
            LetterPlace::Mailbox { user, .. } => format!("in {user}'s mailbox"),
            LetterPlace::Gone { why, .. } => match why {
                Gone::Bounced => "given back to its sender".to_owned(),
                Gone::Discarded => "discarded".to_owned(),
                Gone::Taken => "taken".to_owned(),
                Gone::Removed => "removed from the mailbox".to_owned(),
            },
        }
    }

    /// A node's name.
    pub fn node(&self, node: NodeId) -> &str {
        self.names.node(node)
    }

    /// What the first user writes: the draft of the first Send.
    pub fn draft(&self) -> Option<(NodeId, Arc<Draft>)> {
        self.ready.setup.actions.iter().find_map(|a| match &a.action {
            crate::action::Action::Send { host, draft, .. } => Some((*host, Arc::clone(draft))),
            _ => None,
        })
    }
}

/// Whether an entry has happened at a place.
pub fn happened(entry: EntryId, place: usize) -> bool {
    (entry.0 as usize) < place
}
