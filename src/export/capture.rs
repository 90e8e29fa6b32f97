//! A capture in memory, for display filters; and what a filter may ask of the entries that are no packets.

use std::collections::BTreeMap;

use super::pcapng::{Sight, View, hosts, names_of};
use crate::explain::margin::Margin;
use crate::explain::phases::{Conversation, conversations};
use crate::explain::story::{StepSpan, step_at, steps};
use crate::filter::facts::{self, Capture, Facts, Frame, Interface};
use crate::filter::{Field, Filter, Kind, Val};
use crate::scenario::story::Story;
use crate::sim::Setup;
use crate::topology::Medium;
use crate::trace::{self, Entry, EntryId, Log, Names, What};

/// The packets of a record as they are seen from somewhere, as [`pcapng::write`](super::pcapng::write) writes them.
pub fn capture(setup: &Setup, log: &Log, names: &Names, (story, view): (&Story, View)) -> Capture {
    let links: Vec<_> = view.links(setup).collect();
    let interfaces = links.iter().map(|link| {
        let (name, description) = names_of(setup, *link);
        let ethernet = setup.links[link.0 as usize].medium == Medium::Ethernet;
        Interface { name, description, ethernet }
    });
    let interfaces = interfaces.collect();
    let mut margin = Margin::new(log, names, story);
    let spans = steps(log, names, story);
    let conversations = conversations(log);
    let frame = |sight: Sight| {
        let entry = log.entry(sight.entry);
        let interface = links.iter().position(|link| *link == sight.link).unwrap_or(0) as u32;
        Frame {
            at: i128::from(setup.calendar.unix_nanos(entry.at)),
            interface,
            bytes: log.frame(sight.packet, sight.hop),
            comment: margin.comment(log, sight.entry),
            step: step(&spans, story, sight.entry),
            phase: phase(log, &conversations, sight),
            host: Some(names.node(entry.node).to_owned()),
        }
    };
    let secrets = log.all_sealed().flat_map(|(_, sealed)| sealed.secrets()).cloned().collect();
    Capture { frames: view.packets(log).map(frame).collect(), interfaces, hosts: hosts(setup).collect(), secrets }
}

/// The number of the step to which an entry belongs.
fn step(spans: &[StepSpan], story: &Story, entry: EntryId) -> Option<u8> {
    let step = step_at(spans, entry)?;
    u8::try_from(story.steps[step].number).ok()
}

/// The phase of its conversation in which a packet was sent.
fn phase(log: &Log, conversations: &[Conversation], sight: Sight) -> Option<&'static str> {
    let (conn, _) = log.packet(sight.packet).conn?;
    conversations.get(conn.0 as usize)?.part_of_packet(sight.entry).map(|part| part.name())
}

/// A record as filters see it: its packets as they were first sent, and what happened in hosts.
pub struct Frames {
    capture: Capture,
    /// Where the packet of each frame was sent.
    entries: Vec<EntryId>,
    spans: Vec<StepSpan>,
}

impl Frames {
    /// Of a whole record.
    pub fn new(setup: &Setup, log: &Log, names: &Names, story: &Story) -> Frames {
        let view = View::Senders;
        let capture = capture(setup, log, names, (story, view));
        let entries = view.packets(log).map(|sight| sight.entry).collect();
        Frames { capture, entries, spans: steps(log, names, story) }
    }

    /// The entries that a filter selects, in order: packets, and, if it asks for them, what happened in hosts.
    pub fn select(&self, log: &Log, names: &Names, story: &Story, filter: &Filter) -> Vec<EntryId> {
        let numbers = filter.select(&self.capture);
        let mut chosen: Vec<EntryId> = numbers.iter().map(|number| self.entries[*number as usize]).collect();
        if filter.asks_for_events() {
            let passes = |(id, facts): (EntryId, Facts)| filter.passes(&facts).then_some(id);
            chosen.extend(self.events(log, names, story).filter_map(passes));
            chosen.sort_unstable();
        }
        chosen
    }

    /// The values of a field, entry by entry.
    pub fn values(&self, log: &Log, names: &Names, story: &Story, field: Field) -> BTreeMap<EntryId, Vec<Val>> {
        let mut all = BTreeMap::new();
        let mut put = |id: EntryId, facts: &Facts| {
            let values: Vec<Val> = facts.all(field).map(|(_, value)| value.clone()).collect();
            if !values.is_empty() {
                all.insert(id, values);
            }
        };
        facts::each(&self.capture, &[field], |number, facts| put(self.entries[number as usize], facts));
        if field.is_ours() {
            self.events(log, names, story).for_each(|(id, facts)| put(id, &facts));
        }
        all
    }

    /// What may be asked of the entries that are no packets.
    fn events<'a>(
        &'a self,
        log: &'a Log,
        names: &'a Names,
        story: &'a Story,
    ) -> impl Iterator<Item = (EntryId, Facts)> + 'a {
        log.entries().iter().enumerate().filter_map(move |(place, entry)| {
            let id = EntryId(place as u32);
            Some((id, event(log, names, &entry, step(&self.spans, story, id))?))
        })
    }
}

/// The entries of a record that a filter selects, in order: packets as they were first sent, and, if it asks for them,
/// what happened in hosts.
pub fn select(setup: &Setup, log: &Log, names: &Names, story: &Story, filter: &Filter) -> Vec<EntryId> {
    Frames::new(setup, log, names, story).select(log, names, story, filter)
}

/// What may be asked of an entry; `None` for packets, which are asked otherwise.
fn event(log: &Log, names: &Names, entry: &Entry<'_>, step: Option<u8>) -> Option<Facts> {
    if matches!(entry.what, What::FrameSent { .. } | What::FrameArrived { .. } | What::FrameLost { .. }) {
        return None;
    }
    let told = trace::tell(log, names, entry);
    let mut facts = Facts::default();
    let text = |text: &str| Val::Text(text.into());
    facts.put(Field::Event, text(told.kind));
    facts.put(Field::Host, text(names.node(entry.node)));
    if let Some(step) = step {
        facts.put(Field::Step, Val::number(step));
    }
    let (kind, what) = told.kind.split_once('.').unwrap_or((told.kind, ""));
    let (group, prefix, named) = match kind {
        "queue" => (Field::Queue, "queue", Field::QueueEvent),
        "mailbox" => (Field::Mailbox, "mailbox", Field::MailboxEvent),
        "mail" | "mua" | "dsn" => (Field::Mail, "mail", Field::MailEvent),
        _ => return Some(facts),
    };
    facts.put(group, Val::Label);
    facts.put(named, text(what));
    for (name, value) in &told.fields {
        let Some(field) = Field::named(&format!("{prefix}.{name}")) else { continue };
        match (value.as_i64(), value.as_str(), value.as_array()) {
            (Some(number), ..) if field.spec().kind.is_number() => facts.put(field, Val::number(number)),
            (_, Some(words), _) if field.spec().kind == Kind::Text => facts.put(field, text(words)),
            (_, _, Some(all)) => all.iter().filter_map(|v| v.as_str()).for_each(|v| facts.put(field, text(v))),
            _ => {}
        }
    }
    Some(facts)
}
