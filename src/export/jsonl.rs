//! The record as JSON Lines: one entry a line, `{"id", "time_ns", "place", "cause", "kind", "fields"}`.

use std::io::{self, Write};

use serde_json::{Map, Value};

use crate::trace::{self, EntryId, Log, Names};

/// Writes all entries in order.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write(out: &mut impl Write, log: &Log, names: &Names) -> io::Result<()> {
    (0..log.entries().len()).try_for_each(|id| line(out, log, names, id))
}

/// Writes some entries.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_some(out: &mut impl Write, log: &Log, names: &Names, entries: &[EntryId]) -> io::Result<()> {
    entries.iter().try_for_each(|id| line(out, log, names, id.0 as usize))
}

fn line(out: &mut impl Write, log: &Log, names: &Names, id: usize) -> io::Result<()> {
    let entry = log.entries().at(id);
    let told = trace::tell(log, names, &entry);
    let mut line = Map::new();
    line.insert("id".into(), Value::from(id));
    line.insert("time_ns".into(), Value::from(entry.at.as_nanos()));
    line.insert("place".into(), Value::from(names.node(entry.node)));
    line.insert("cause".into(), trace::cause(entry.cause));
    line.insert("kind".into(), Value::from(told.kind));
    let fields = told.fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    line.insert("fields".into(), Value::Object(fields));
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}
