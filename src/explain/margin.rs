//! What stands in the margin of a packet: to which step of the story it belongs, and in which phase its SMTP
//! session was when it was sent.

use std::collections::BTreeMap;

use super::story::{Finder, StepSpan, step_at, steps};
use crate::scenario::story::Story;
use crate::smtp::phase::PhaseChange;
use crate::topology::{ConnId, Side};
use crate::trace::{EntryId, Log, Names, What};

/// The phase of each end of each SMTP session.
type Phases = BTreeMap<(ConnId, Side), PhaseChange>;

/// Goes along a record from its beginning.
pub struct Margin<'a> {
    story: &'a Story,
    spans: Vec<StepSpan>,
    /// At the entry reached.
    phases: Phases,
    reached: usize,
}

impl<'a> Margin<'a> {
    /// At the beginning of the record.
    pub fn new(log: &Log, names: &Names, story: &'a Story) -> Self {
        Margin { story, spans: steps(log, names, story), phases: BTreeMap::new(), reached: 0 }
    }

    /// The comment on the frame of entry `id`; entries are asked for in rising order.
    pub fn comment(&mut self, log: &Log, id: EntryId) -> Option<String> {
        while self.reached <= id.0 as usize {
            if let What::Session(session) = &log.entries().at(self.reached).what
                && let Some(phase) = session.event.phase()
            {
                self.phases.insert((session.conn, session.side), phase);
            }
            self.reached += 1;
        }
        let packet = match log.entry(id).what {
            What::FrameSent { packet, .. } | What::FrameArrived { packet, .. } => log.packet(packet),
            _ => return None,
        };
        comment(self.story, step_at(&self.spans, id), packet.conn, &self.phases)
    }
}

fn comment(story: &Story, step: Option<usize>, conn: Option<(ConnId, Side)>, phases: &Phases) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(step) = step.and_then(|step| story.steps.get(step)) {
        parts.push(format!("step {}: {}", step.number, step.title));
    }
    if let Some(phase) = conn.and_then(|end| phases.get(&end)) {
        let (course, rfc) = phase.names();
        parts.push(format!("SMTP {course} (RFC 5321: {rfc})"));
    }
    (!parts.is_empty()).then(|| parts.join(" | "))
}

/// The margin of a record that is let go of while it grows: entries are read once, in order.
pub struct Growing {
    story: Story,
    finder: Finder,
    phases: Phases,
    reached: usize,
}

impl Growing {
    /// At the beginning of the record.
    pub fn new(story: Story) -> Growing {
        Growing { finder: Finder::new(&story), story, phases: Phases::new(), reached: 0 }
    }

    /// Whether [`Growing::read`] needs names.
    pub fn looks_for_steps(&self) -> bool {
        !self.finder.has_all()
    }

    /// Reads the entries before number `to`.
    pub fn read(&mut self, log: &Log, names: &Names, to: usize) {
        while self.reached < to {
            let entry = log.entries().at(self.reached);
            if let What::Session(session) = &entry.what
                && let Some(phase) = session.event.phase()
            {
                self.phases.insert((session.conn, session.side), phase);
            }
            self.finder.read(log, names, &self.story, (self.reached, &entry));
            self.reached += 1;
        }
    }

    /// The comment on a packet that one end of a connection sends now.
    pub fn comment(&self, conn: Option<(ConnId, Side)>) -> Option<String> {
        comment(&self.story, self.finder.at(), conn, &self.phases)
    }
}
