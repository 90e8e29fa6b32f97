//! What stands in the margin of a packet: to which step of the story it belongs, and in which phase its SMTP
//! session was when it was sent.

use std::collections::BTreeMap;

use super::story::{StepSpan, step_at, steps};
use crate::scenario::story::Story;
use crate::smtp::phase::PhaseChange;
use crate::topology::{ConnId, Side};
use crate::trace::{EntryId, Log, Names, What};

/// Goes along a record from its beginning.
pub struct Margin<'a> {
    story: &'a Story,
    spans: Vec<StepSpan>,
    /// Phase of each end of each SMTP session at the entry reached.
    phases: BTreeMap<(ConnId, Side), PhaseChange>,
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
        let mut parts = Vec::new();
        if let Some(step) = step_at(&self.spans, id) {
            let step = &self.story.steps[step];
            parts.push(format!("step {}: {}", step.number, step.title));
        }
        if let Some(phase) = packet.conn.and_then(|end| self.phases.get(&end)) {
            let (course, rfc) = phase.names();
            parts.push(format!("SMTP {course} (RFC 5321: {rfc})"));
        }
        (!parts.is_empty()).then(|| parts.join(" | "))
    }
}
