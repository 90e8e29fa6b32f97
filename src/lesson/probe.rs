//! What is read from a record: the fixed list of the curriculum (0.7). No answer is written by hand.

use std::collections::BTreeSet;

use serde_json::Value as Field;

use super::event::Event;
use super::record::Record;
use super::value::Value;
use super::words::Unit;
use crate::message;
use crate::time::Instant;
use crate::topology::Side;
use crate::trace::EntryId;

/// Something that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// In which run; `None`: that of the stop that asks.
    pub run: Option<String>,
    /// What.
    pub reading: Reading,
    /// Taken away from it.
    pub minus: Option<Box<Probe>>,
}

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// How many events.
    Count(Event),
    /// Whether there is one.
    Exists(Event),
    /// How many values a field has.
    Distinct(Event, &'static str),
    /// A field of one event.
    Field(Event, &'static str),
    /// When one event is, from the start of the run.
    Time(Event),
    /// From one event to another.
    Interval(Event, Event),
    /// The sum of a field.
    Sum(Event, &'static str),
    /// A field of each event.
    Sequence(Event, &'static str),
    /// Names of events in the order in which they first come.
    Order(Vec<(String, Event)>),
    /// Where the mail is.
    WhereIs(At),
    /// Bytes in one direction.
    Bytes {
        /// From this host.
        from: String,
        /// To this one.
        to: String,
        /// Which.
        which: Which,
    },
    /// A header field of the first mail in a mailbox.
    Header {
        /// On which mail server.
        host: String,
        /// In whose INBOX.
        user: String,
        /// Its name.
        name: String,
        /// Which of them, from 1; `None`: how many there are.
        nth: Option<u32>,
    },
    /// The body of the first mail in a mailbox.
    StoredBody {
        /// On which mail server.
        host: String,
        /// In whose INBOX.
        user: String,
        /// How many lines it has.
        lines: bool,
    },
    /// The event itself.
    Event(Event),
    /// The name of the probe with the largest value.
    Largest(Vec<(String, Probe)>),
}

/// A moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// Just behind an event.
    Behind(Event),
    /// At a time.
    Time(Instant),
}

/// Which bytes are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Occurrences of a text.
    Contains(String),
    /// Bytes of at least this value.
    AtLeast(u8),
}

/// Runs of a lesson by name.
pub trait Runs {
    /// The record of a run; `None`: the scenario as it stands.
    fn record(&self, run: Option<&str>) -> Option<&Record>;
}

/// Why a probe says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Silent {
    /// The run does not exist.
    #[error("there is no run `{0}`")]
    NoRun(String),
    /// No event fits.
    #[error("no event in the record fits `{0}`")]
    NoEvent(&'static str),
    /// The event has no such field.
    #[error("the event has no value in its field `{0}`")]
    NoField(&'static str),
    /// Nothing to take away from.
    #[error("a value that is no number has nothing taken away from it")]
    NoNumber,
    /// No mail there.
    #[error("{0} has no mail in the INBOX of {1}")]
    NoMail(String, String),
    /// No such connection.
    #[error("nothing goes from {0} to {1}")]
    NoConnection(String, String),
}

impl Probe {
    /// Reads it. Times become numbers of `unit`, or stay what they are; `run` is the run of the stop that asks.
    ///
    /// # Errors
    /// Why nothing can be read.
    pub fn read(&self, runs: &dyn Runs, run: Option<&str>, unit: Option<Unit>) -> Result<Value, Silent> {
        let value = self.raw(runs, run)?.in_unit(unit);
        let Some(minus) = &self.minus else { return Ok(value) };
        match (value, minus.read(runs, run, unit)?) {
            (Value::Number(a), Value::Number(b)) => Ok(Value::Number(a - b)),
            (Value::Time(a), Value::Time(b)) => Ok(Value::Time(a - b)),
            _ => Err(Silent::NoNumber),
        }
    }

    fn raw(&self, runs: &dyn Runs, run: Option<&str>) -> Result<Value, Silent> {
        let run = self.run.as_deref().or(run);
        let of =
            |name: Option<&str>| runs.record(name).ok_or_else(|| Silent::NoRun(name.unwrap_or_default().to_owned()));
        let own = of(run)?;
        // An event may stand in another run than the rest of its probe.
        let find = |event: &Event| {
            let record = match &event.run {
                Some(run) => of(Some(run))?,
                None => own,
            };
            event.one(record).map(|id| (record, id)).ok_or(Silent::NoEvent(event.kind))
        };
        let time = |event: &Event| find(event).map(|(record, id)| record.log.entry(id).at.as_nanos() as i64);
        match &self.reading {
            Reading::Count(event) => Ok(Value::whole(event.all(own).len() as i64)),
            Reading::Exists(event) => Ok(Value::Flag(!event.all(own).is_empty())),
            Reading::Distinct(event, field) => {
                let values = event.all(own).into_iter().map(|id| shown(own, id, field));
                Ok(Value::whole(values.collect::<BTreeSet<_>>().len() as i64))
            }
            Reading::Field(event, field) => {
                let (record, id) = find(event)?;
                value(record, id, field).ok_or(Silent::NoField(field))
            }
            Reading::Time(event) => time(event).map(Value::Time),
            Reading::Interval(from, to) => Ok(Value::Time(time(to)? - time(from)?)),
            Reading::Sum(event, field) => {
                let numbers = event.all(own).into_iter().map(|id| number(own, id, field));
                Ok(Value::whole(numbers.sum()))
            }
            Reading::Sequence(event, field) => {
                let values = event.all(own).into_iter().filter_map(|id| value(own, id, field));
                Ok(Value::List(values.collect()))
            }
            Reading::Order(events) => {
                let found = events.iter().map(|(name, event)| find(event).map(|(_, id)| (id, name)));
                let mut found = found.collect::<Result<Vec<_>, _>>()?;
                found.sort();
                Ok(Value::List(found.into_iter().map(|(_, name)| Value::Text(name.clone())).collect()))
            }
            Reading::WhereIs(at) => {
                let place = match at {
                    At::Behind(event) => find(event)?.1.0 as usize + 1,
                    At::Time(at) => own.at(*at),
                };
                Ok(Value::Text(places(own, place)))
            }
            Reading::Bytes { from, to, which } => crossing(own, from, to, which),
            Reading::Header { host, user, name, nth } => {
                let letter = stored(own, host, user)?;
                match nth {
                    None => Ok(Value::whole(message::header_count(&letter, name) as i64)),
                    Some(n) => {
                        let text = message::header(&letter, name, *n as usize - 1);
                        text.map(Value::Text).ok_or(Silent::NoField("header"))
                    }
                }
            }
            Reading::StoredBody { host, user, lines } => {
                let letter = stored(own, host, user)?;
                let body = String::from_utf8_lossy(&letter[message::body_start(&letter)..]).into_owned();
                Ok(if *lines { Value::whole(body.lines().count() as i64) } else { Value::Text(body) })
            }
            Reading::Event(event) => find(event).map(|(_, id)| Value::Event(id)),
            Reading::Largest(probes) => {
                let read = probes.iter().map(|(name, probe)| probe.raw(runs, run).map(|value| (value, name)));
                let read = read.collect::<Result<Vec<_>, _>>()?;
                // The first of equals, so that the answer does not depend on luck.
                let best = read.into_iter().rev().max_by(|a, b| a.0.cmp(&b.0));
                best.map(|(_, name)| Value::Text(name.clone())).ok_or(Silent::NoEvent("probe"))
            }
        }
    }
}

/// A field as a value: the name of the host for `host` where the entry has no such field.
fn value(record: &Record, id: EntryId, field: &'static str) -> Option<Value> {
    let told = &record.told[id.0 as usize];
    match told.get(field) {
        Some(value) => Value::of_field(value),
        None if matches!(field, "host" | "from") => {
            Some(Value::Text(record.names.node(record.log.entry(id).node).to_owned()))
        }
        None => None,
    }
}

fn number(record: &Record, id: EntryId, field: &str) -> i64 {
    record.told[id.0 as usize].get(field).and_then(Field::as_i64).unwrap_or(0)
}

fn shown(record: &Record, id: EntryId, field: &'static str) -> String {
    value(record, id, field).map(|v| v.to_string()).unwrap_or_default()
}

/// Where the first mail of the run lies at a place of the record: queues, mailboxes, then disks; several joined by "and".
fn places(record: &Record, place: usize) -> String {
    let first = record.told.iter().find(|t| matches!(t.kind, "mua.compose" | "queue.enter" | "mailbox.store"));
    let Some(id) = first.and_then(|t| t.get("msg")).and_then(Field::as_str) else { return "nowhere".to_owned() };
    let state = record.timeline.before(&record.log, place);
    let queues = state.queues.iter().filter(|(_, queued)| &*queued.letter.message_id == id);
    let queues = queues.map(|((node, _), _)| format!("queue of {}", record.names.node(*node)));
    let mailboxes = state.mailboxes.iter().filter(|(_, letters)| letters.values().any(|l| &*l.letter.message_id == id));
    let mailboxes =
        mailboxes.map(|((node, user, folder), _)| format!("{folder} of {user} on {}", record.names.node(*node)));
    let disks = state.disks.iter().filter(|(_, letters)| letters.iter().any(|l| &*l.message_id == id));
    let disks = disks.map(|((node, _), _)| format!("disk of {}", record.names.node(*node)));
    let mut all: Vec<String> = queues.chain(mailboxes).chain(disks).collect();
    all.dedup();
    if all.is_empty() { "nowhere".to_owned() } else { all.join(" and ") }
}

/// The first letter in a user's INBOX at the end of the run.
fn stored(record: &Record, host: &str, user: &str) -> Result<Vec<u8>, Silent> {
    let inbox = record
        .timeline
        .last()
        .mailboxes
        .iter()
        .find(|((node, owner, folder), _)| record.names.node(*node) == host && owner == user && folder == "INBOX");
    let letter = inbox.and_then(|(_, letters)| letters.values().next());
    letter.map(|l| l.letter.bytes.to_vec()).ok_or_else(|| Silent::NoMail(host.to_owned(), user.to_owned()))
}

fn crossing(record: &Record, from: &str, to: &str, which: &Which) -> Result<Value, Silent> {
    let mut total = None;
    for dialogue in &record.dialogues {
        let end = |side| record.log.end(dialogue.conn, side).map(|n| record.names.node(n));
        for side in [Side::Client, Side::Server] {
            if end(side) != Some(from) || end(side.other()) != Some(to) {
                continue;
            }
            let bytes = dialogue.bytes(side, &(0..dialogue.sent(side)));
            let count = match which {
                Which::AtLeast(least) => bytes.iter().filter(|b| *b >= least).count(),
                Which::Contains(text) => memchr::memmem::find_iter(bytes, text.as_bytes()).count(),
            };
            *total.get_or_insert(0) += count as i64;
        }
    }
    total.map(Value::whole).ok_or_else(|| Silent::NoConnection(from.to_owned(), to.to_owned()))
}
