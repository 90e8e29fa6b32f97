//! Which events of a record are meant. The kinds and fields are the record's own ([`KINDS`](crate::trace::KINDS)), which are the
//! curriculum's vocabulary (0.6).

use super::words::Wanted;
use crate::scenario::words::Scalar;
use crate::trace::{Entry, EntryId, Names, Told};

use super::record::Record;

/// Events of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// One of [`kinds`](super::check::kinds).
    pub kind: &'static str,
    /// Fields and what they have to be.
    pub conditions: Vec<(&'static str, Wanted)>,
    /// Which of those that fit.
    pub pick: Pick,
    /// Only behind this one.
    pub after: Option<Box<Event>>,
    /// Only before this one.
    pub before: Option<Box<Event>>,
    /// In which run; `None`: the probe's.
    pub run: Option<String>,
}

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
        let entries = record.log.entries();
        let fits = |i: &usize| self.fits(&record.names, &entries.at(*i), &record.told[*i]);
        (first..end.max(first)).filter(fits).map(|i| EntryId(i as u32)).collect()
    }

    /// The one that is meant.
    pub fn one(&self, record: &Record) -> Option<EntryId> {
        let all = self.all(record);
        match self.pick {
            Pick::Nth(n) => all.get(n as usize - 1).copied(),
            Pick::Last => all.last().copied(),
        }
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

fn fits(names: &Names, entry: &Entry, told: &Told, field: &str, wanted: &Wanted) -> bool {
    let host = || matches!(field, "host" | "from").then(|| names.node(entry.node));
    match (told.get(field), wanted) {
        (value, Wanted::Present(there)) => (value.is_some() || host().is_some()) == *there,
        (Some(value), Wanted::Equal(Scalar::Text(text))) => value.as_str() == Some(text),
        (Some(value), Wanted::Equal(Scalar::Number(number))) => {
            value.as_i64() == Some(*number) || value.as_bool() == Some(*number != 0)
        }
        (Some(value), Wanted::Contains(text)) => value.as_str().is_some_and(|v| v.contains(text.as_str())),
        (Some(value), Wanted::AtLeast(number)) => value.as_i64().is_some_and(|v| v >= *number),
        (None, Wanted::Equal(Scalar::Text(text))) => host() == Some(text),
        (None, _) => false,
    }
}
