//! What is read from a record: the fixed list of the curriculum (0.7). No answer is written by hand.

use std::collections::BTreeSet;

use serde_json::Value as Field;

use super::decimal::Decimal;
use super::event::Event;
use super::letters::{Letter, Measure};
use super::record::Record;
use super::value::Value;
use super::words::{Clause, Unit};
use crate::smtp::auth;
use crate::time::Instant;
use crate::topology::Side;
use crate::trace::fold::{State, Stored};

/// Something that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// In which run; `None`: that of the stop that asks.
    pub run: Option<String>,
    /// What.
    pub reading: Reading,
    /// Taken away from it.
    pub minus: Option<Box<Probe>>,
    /// What it is divided by.
    pub over: Option<Box<Probe>>,
    /// Of the number, the first digit only.
    pub first_digit: bool,
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
    /// What lies in a mailbox.
    Mailbox {
        /// On which mail server.
        host: String,
        /// Whose.
        user: String,
        /// Which folder.
        folder: String,
        /// When; `None`: at the end.
        at: Option<At>,
        /// What of it.
        what: InMailbox,
    },
    /// Bytes in one direction.
    Bytes {
        /// From this host.
        from: String,
        /// To this one.
        to: String,
        /// Which.
        which: Which,
    },
    /// On how many connections this text crosses so that whoever listens can read it.
    Readable(String),
    /// A field of a letter's header.
    Header {
        /// Which letter.
        letter: Letter,
        /// Its name.
        name: String,
        /// Which of them, from 1; `None`: how many there are.
        nth: Option<u32>,
        /// Of its value, only this.
        clause: Option<Clause>,
    },
    /// The body of a letter.
    Body {
        /// Which letter.
        letter: Letter,
        /// Of its parts, the one with this file name or type.
        part: Option<String>,
        /// What of it.
        measure: Measure,
    },
    /// The password in a line of AUTH, which its coding does not hide.
    Password(Event),
    /// The event itself.
    Event(Event),
    /// The name of the probe with the largest value.
    Largest(Vec<(String, Probe)>),
    /// Whether all of them say the same.
    Equal(Vec<Probe>),
}

/// A moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// Just behind an event.
    Behind(Event),
    /// At a time.
    Time(Instant),
}

/// What is asked of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InMailbox {
    /// How many letters it has.
    Count,
    /// The sequence number of the letter with this UID.
    Number(u32),
    /// The UID of the letter with this sequence number.
    Uid(u32),
    /// Whether the letter with this UID has a flag.
    Flag(u32, String),
}

/// Which bytes are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Occurrences of a text.
    Contains(String),
    /// Bytes of at least this value.
    AtLeast(u8),
    /// Those that this text takes where it first stands, as it is or in quoted-printable (RFC 2045 section 6.7).
    TakenBy(String),
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
    NoEvent(String),
    /// The event has no such field.
    #[error("the event has no value in its field `{0}`")]
    NoField(&'static str),
    /// Nothing to reckon with.
    #[error("a value that is no number has nothing taken away from it and is not divided")]
    NoNumber,
    /// Nothing to divide by.
    #[error("it is divided by nothing")]
    Zero,
    /// No mail there.
    #[error("{0} has no such mail in the {2} of {1}")]
    NoMail(String, String, String),
    /// No such letter or part of it.
    #[error("{0}")]
    NoLetter(String),
    /// No such connection.
    #[error("nothing goes from {0} to {1}")]
    NoConnection(String, String),
}

impl Probe {
    /// A reading as it is.
    pub const fn of(reading: Reading) -> Probe {
        Probe { run: None, reading, minus: None, over: None, first_digit: false }
    }

    /// Reads it. Times become numbers of `unit`, or stay what they are; `run` is the run of the stop that asks.
    ///
    /// # Errors
    /// Why nothing can be read.
    pub fn read(&self, runs: &dyn Runs, run: Option<&str>, unit: Option<Unit>) -> Result<Value, Silent> {
        let mut value = self.raw(runs, run)?;
        if let Some(minus) = &self.minus {
            value = match (value, minus.read(runs, run, None)?) {
                (Value::Number(a), Value::Number(b)) => Value::Number(a - b),
                (Value::Time(a), Value::Time(b)) => Value::Time(a - b),
                _ => return Err(Silent::NoNumber),
            };
        }
        if let Some(over) = &self.over {
            let quotient = match (value, over.read(runs, run, None)?) {
                (Value::Number(a), Value::Number(b)) => a.over(b),
                (Value::Time(a), Value::Time(b)) => Decimal::whole(a).over(Decimal::whole(b)),
                _ => return Err(Silent::NoNumber),
            };
            value = Value::Number(quotient.ok_or(Silent::Zero)?);
        }
        if self.first_digit {
            let Value::Number(number) = value else { return Err(Silent::NoNumber) };
            value = Value::Number(number.first_digit());
        }
        Ok(value.in_unit(unit))
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
            event.one(record).map(|id| (record, id)).ok_or_else(|| Silent::NoEvent(event.name()))
        };
        let time = |event: &Event| find(event).map(|(record, id)| record.log.entry(id).at.as_nanos() as i64);
        let all = |event: &Event, field| event.values(own, &event.all(own), field).into_iter().flatten();
        let place = |at: &At| match at {
            At::Behind(event) if event.kind == "end" => Ok(own.end()),
            At::Behind(event) => Ok(find(event)?.1.0 as usize + 1),
            At::Time(at) => Ok(own.at(*at)),
        };
        match &self.reading {
            Reading::Count(event) => Ok(Value::whole(event.all(own).len() as i64)),
            Reading::Exists(event) => Ok(Value::Flag(!event.all(own).is_empty())),
            Reading::Distinct(event, field) => {
                Ok(Value::whole(all(event, field).collect::<BTreeSet<_>>().len() as i64))
            }
            Reading::Field(event, field) => {
                let (record, id) = find(event)?;
                let mut values = event.values(record, &[id], field).remove(0);
                match values.len() {
                    0 => Err(Silent::NoField(field)),
                    1 => Ok(values.remove(0)),
                    _ => Ok(Value::List(values)),
                }
            }
            Reading::Time(event) => time(event).map(Value::Time),
            Reading::Interval(from, to) => Ok(Value::Time(time(to)? - time(from)?)),
            Reading::Sum(event, field) => {
                let add = |sum: Value, value: Value| match (sum, value) {
                    (Value::Number(a), Value::Number(b)) => Value::Number(a + b),
                    (_, Value::Time(b)) => Value::Time(b),
                    (sum, _) => sum,
                };
                Ok(all(event, field).fold(Value::whole(0), add))
            }
            Reading::Sequence(event, field) => Ok(Value::List(all(event, field).collect())),
            Reading::Order(events) => {
                let found = events.iter().map(|(name, event)| find(event).map(|(_, id)| (id, name)));
                let mut found = found.collect::<Result<Vec<_>, _>>()?;
                found.sort();
                Ok(Value::List(found.into_iter().map(|(_, name)| Value::Text(name.clone())).collect()))
            }
            Reading::WhereIs(at) => Ok(Value::Text(places(own, place(at)?))),
            Reading::Mailbox { host, user, folder, at, what } => {
                let state = match at {
                    None => own.timeline.last().clone(),
                    Some(at) => own.timeline.before(&own.log, place(at)?),
                };
                in_mailbox(own, &state, (host, user, folder), what)
            }
            Reading::Bytes { from, to, which } => crossing(own, from, to, which),
            Reading::Readable(text) => {
                let has = |bytes: &[u8]| memchr::memmem::find(bytes, text.as_bytes()).is_some();
                let on = own
                    .dialogues
                    .iter()
                    .filter(|d| [Side::Client, Side::Server].iter().any(|s| has(d.on_the_line(*s))));
                Ok(Value::whole(on.count() as i64))
            }
            Reading::Header { letter, name, nth, clause } => letter.header(own, name, *nth, *clause),
            Reading::Body { letter, part, measure } => letter.body(own, part.as_deref(), *measure),
            Reading::Password(event) => {
                let (record, id) = find(event)?;
                let line = record.told[id.0 as usize].get("text").and_then(Field::as_str);
                line.and_then(password).map(Value::Text).ok_or(Silent::NoField("text"))
            }
            Reading::Event(event) => find(event).map(|(_, id)| Value::Event(id)),
            Reading::Largest(probes) => {
                let read = probes.iter().map(|(name, probe)| probe.read(runs, run, None).map(|value| (value, name)));
                let read = read.collect::<Result<Vec<_>, _>>()?;
                // The first of equals, so that the answer does not depend on luck.
                let best = read.into_iter().rev().max_by(|a, b| a.0.cmp(&b.0));
                best.map(|(_, name)| Value::Text(name.clone())).ok_or_else(|| Silent::NoEvent("probe".to_owned()))
            }
            Reading::Equal(probes) => {
                let read = probes.iter().map(|probe| probe.read(runs, run, None)).collect::<Result<Vec<_>, _>>()?;
                Ok(Value::Flag(read.windows(2).all(|pair| pair[0] == pair[1])))
            }
        }
    }
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

/// What is asked of a mailbox in a state.
fn in_mailbox(
    record: &Record,
    state: &State,
    (host, user, folder): (&str, &str, &str),
    what: &InMailbox,
) -> Result<Value, Silent> {
    let none = || Silent::NoMail(host.to_owned(), user.to_owned(), folder.to_owned());
    let found = state
        .mailboxes
        .iter()
        .find(|((node, owner, name), _)| record.names.node(*node) == host && owner == user && name == folder);
    let (_, letters) = found.ok_or_else(none)?;
    let number = |uid: u32| letters.keys().position(|u| *u == uid).map(|n| Value::whole(n as i64 + 1));
    let has = |letter: &Stored, flag: &str| letter.flags.iter().any(|f| f.eq_ignore_ascii_case(flag));
    match what {
        InMailbox::Count => Some(Value::whole(letters.len() as i64)),
        InMailbox::Number(uid) => number(*uid),
        InMailbox::Uid(number) => letters.keys().nth(*number as usize - 1).map(|uid| Value::whole(i64::from(*uid))),
        InMailbox::Flag(uid, flag) => letters.get(uid).map(|letter| Value::Flag(has(letter, flag))),
    }
    .ok_or_else(none)
}

/// Bytes from one host to another, as they cross the line.
fn crossing(record: &Record, from: &str, to: &str, which: &Which) -> Result<Value, Silent> {
    let mut total = None;
    for dialogue in &record.dialogues {
        let end = |side| record.log.end(dialogue.conn, side).map(|n| record.names.node(n));
        for side in [Side::Client, Side::Server] {
            if end(side) != Some(from) || end(side.other()) != Some(to) {
                continue;
            }
            let bytes = dialogue.on_the_line(side);
            let count = match which {
                Which::AtLeast(least) => bytes.iter().filter(|b| *b >= least).count(),
                Which::Contains(text) => memchr::memmem::find_iter(bytes, text.as_bytes()).count(),
                Which::TakenBy(text) => {
                    let ways = [text.clone(), quoted_printable(text)];
                    let first = |way: &String| memchr::memmem::find(bytes, way.as_bytes()).map(|at| (at, way.len()));
                    let (_, length) = ways.iter().filter_map(first).min().unwrap_or_default();
                    if total.is_some_and(|found| found > 0) { 0 } else { length }
                }
            };
            *total.get_or_insert(0) += count as i64;
        }
    }
    total.map(Value::whole).ok_or_else(|| Silent::NoConnection(from.to_owned(), to.to_owned()))
}

/// A text with every byte beyond ASCII, and the sign itself, as `=` and two digits.
fn quoted_printable(text: &str) -> String {
    let coded = |b: u8| if b.is_ascii() && b != b'=' { char::from(b).to_string() } else { format!("={b:02X}") };
    text.bytes().map(coded).collect()
}

/// The password in `AUTH PLAIN dXNlcg...`, or in a line that answers a challenge (RFC 4616, RFC 4954).
fn password(line: &str) -> Option<String> {
    let decoded = auth::decode(line.rsplit(' ').next()?)?;
    auth::read_plain(&decoded).map(|(_, password)| password).or_else(|| String::from_utf8(decoded).ok())
}
