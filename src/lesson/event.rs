//! Which events of a record are meant: by kind and fields, which are the record's own
//! ([`vocabulary`](crate::scenario::vocabulary)), or by a display filter.

use std::sync::Arc;

use super::record::Record;
use super::value::Value;
use super::words::Wanted;
use crate::filter::{Field, Filter};
use crate::scenario::words::Scalar;
use crate::time::Instant;
use crate::trace::{Entry, EntryId, Names, Told};

/// Events of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// One of [`kinds`](super::check::kinds); `packet` for those of a filter.
    pub kind: &'static str,
    /// Only what this filter selects.
    pub filter: Option<Sieve>,
    /// Fields and what they have to be.
    pub conditions: Vec<(&'static str, Wanted)>,
    /// Which of those that fit.
    pub pick: Pick,
    /// Only behind this one.
    pub after: Option<Box<Event>>,
    /// Only before this one.
    pub before: Option<Box<Event>>,
    /// Not earlier than this.
    pub since: Option<Instant>,
    /// Not later than this.
    pub until: Option<Instant>,
    /// In which run; `None`: the probe's.
    pub run: Option<String>,
}

/// A display filter and the text that it was made of.
#[derive(Clone, Debug)]
pub struct Sieve {
    /// As it was written.
    pub text: String,
    /// Ready.
    pub filter: Arc<Filter>,
}

impl PartialEq for Sieve {
    fn eq(&self, other: &Sieve) -> bool {
        self.text == other.text
    }
}

impl Eq for Sieve {}

/// Which of several events is meant by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The n-th, counted from 1.
    Nth(u32),
    /// The last.
    Last,
}

impl Event {
    /// All that fit, in order, whatever [`Event::pick`] says.
    pub fn all(&self, record: &Record) -> Vec<EntryId> {
        let Some(first) = (match &self.after {
            None => Some(0),
            Some(after) => after.one(record).map(|e| e.0 as usize + 1),
        }) else {
            return Vec::new();
        };
        let Some(end) = (match &self.before {
            None => Some(record.end()),
            Some(before) => before.one(record).map(|e| e.0 as usize),
        }) else {
            return Vec::new();
        };
        let range = first..end.max(first);
        let entries = record.log.entries();
        let in_time = |i: &usize| {
            let at = entries.at(*i).at;
            self.since.is_none_or(|since| since <= at) && self.until.is_none_or(|until| at <= until)
        };
        let id = |i: usize| EntryId(i as u32);
        match &self.filter {
            Some(sieve) => {
                let found = record.frames().select(&record.log, &record.names, &record.ready.story, &sieve.filter);
                found.into_iter().map(|e| e.0 as usize).filter(|i| range.contains(i) && in_time(i)).map(id).collect()
            }
            None => {
                let fits = |i: &usize| self.fits(&record.names, &entries.at(*i), &record.told[*i]);
                range.filter(|i| fits(i) && in_time(i)).map(id).collect()
            }
        }
    }

    /// The one that is meant.
    pub fn one(&self, record: &Record) -> Option<EntryId> {
        let all = self.all(record);
        match self.pick {
            Pick::Nth(n) => all.get(n as usize - 1).copied(),
            Pick::Last => all.last().copied(),
        }
    }

    /// How a message calls it.
    pub fn name(&self) -> String {
        self.filter.as_ref().map_or_else(|| self.kind.to_owned(), |sieve| sieve.text.clone())
    }

    /// The values of a field in each of these entries, in order. A packet may have several, another entry has one, or
    /// none.
    pub fn values(&self, record: &Record, ids: &[EntryId], field: &'static str) -> Vec<Vec<Value>> {
        let Some(field) = self.filter.as_ref().and_then(|_| Field::named(field)) else {
            return ids.iter().map(|id| told(record, *id, field).into_iter().collect()).collect();
        };
        let all = record.frames().values(&record.log, &record.names, &record.ready.story, field);
        let of = |id| all.get(id).map(|values| values.iter().map(Value::of_val).collect());
        ids.iter().map(|id| of(id).unwrap_or_default()).collect()
    }

    fn fits(&self, names: &Names, entry: &Entry, told: &Told) -> bool {
        self.of_kind(told) && self.conditions.iter().all(|(field, wanted)| fits(names, entry, told, field, wanted))
    }

    fn of_kind(&self, told: &Told) -> bool {
        // A command of IMAP or POP3 is a line like any other in the record.
        let text = |name: &str| told.get(name).and_then(|v| v.as_str());
        self.kind == told.kind
            || self.kind.strip_suffix(".cmd").is_some_and(|protocol| {
                told.kind == "app.line" && text("proto") == Some(protocol) && text("dir") == Some("c2s")
            })
    }
}

/// A field of an entry as a value: the name of the host for `host` where the entry has no such field.
fn told(record: &Record, id: EntryId, field: &str) -> Option<Value> {
    match record.told[id.0 as usize].get(field) {
        Some(value) => Value::of_field(value),
        None if matches!(field, "host" | "from") => {
            Some(Value::Text(record.names.node(record.log.entry(id).node).to_owned()))
        }
        None => None,
    }
}

fn fits(names: &Names, entry: &Entry, told: &Told, field: &str, wanted: &Wanted) -> bool {
    let host = || matches!(field, "host" | "from").then(|| names.node(entry.node));
    match (told.get(field), wanted) {
        (value, Wanted::Present(there)) => (value.is_some() || host().is_some()) == *there,
        (Some(value), Wanted::Equal(Scalar::Text(text))) => value.as_str() == Some(text),
        (Some(value), Wanted::Equal(Scalar::Number(number))) => {
            value.as_i64() == Some(*number) || value.as_bool() == Some(*number != 0)
        }
        (Some(value), Wanted::Contains(text)) => match value.as_array() {
            Some(list) => list.iter().any(|v| v.as_str() == Some(text)),
            None => value.as_str().is_some_and(|v| v.contains(text.as_str())),
        },
        (Some(value), Wanted::AtLeast(number)) => value.as_i64().is_some_and(|v| v >= *number),
        (None, Wanted::Equal(Scalar::Text(text))) => host() == Some(text),
        (None, _) => false,
    }
}
