//! Display filters on the command line, and the list of their fields.

use std::io::{self, Write};

use anstyle::Style;

use super::Failure;
use crate::dissect::Packets;
use crate::export::capture;
use crate::filter::{FIELDS, Filter, Kind, Spec};
use crate::scenario::Ready;
use crate::sim::World;
use crate::trace::{self, EntryId, What};

/// Reads a filter; what is wrong with it is shown below it.
pub(super) fn read(text: &str) -> Result<Filter, Failure> {
    Filter::new(text).map_err(|wrong| Failure::Use(format!("--filter: {wrong}\n{}", wrong.shown(text))))
}

/// The entries of a run that a filter selects.
pub(super) fn select(ready: &Ready, world: &World, filter: &Filter) -> Vec<EntryId> {
    capture::select(&ready.setup, world.log(), &world.names(), &ready.story, filter)
}

/// Packets as a list, in the columns of Wireshark's; between them, what happened in hosts.
pub(super) fn list(world: &World, chosen: &[EntryId], out: &mut impl Write) -> io::Result<()> {
    let (log, names) = (world.log(), world.names());
    let packets = Packets::new(log);
    for id in chosen {
        let entry = log.entry(*id);
        let at = entry.at.to_string();
        match entry.what {
            What::FrameSent { packet, .. } | What::FrameArrived { packet, .. } => {
                let (Some(row), Some(place)) = (packets.row(packet), packets.place(packet)) else { continue };
                let info = packets.info(log, row).replace('\n', " | ");
                let (number, length) = (place + 1, row.length);
                let ways = format!("{} \u{2192} {}", row.src, row.dst);
                writeln!(out, "{number:>6}  {at:>14}  {ways:<33}  {:<5} {length:>5}  {info}", row.protocol)?;
            }
            _ => {
                let told = trace::tell(log, &names, &entry);
                let fields: Vec<String> = told.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
                writeln!(
                    out,
                    "{:>6}  {at:>14}  {:<33}  {} {}",
                    "",
                    names.node(entry.node),
                    told.kind,
                    fields.join(" ")
                )?;
            }
        }
    }
    let packets = chosen.iter().filter(|id| matches!(log.entry(**id).what, What::FrameSent { .. })).count();
    let of = log.packets().len();
    let events = chosen.len() - packets;
    let and = if events > 0 { format!(", {events} events") } else { String::new() };
    writeln!(out, "{packets} of {of} packets{and}")
}

/// `mailpath fields`.
pub(super) fn fields(prefix: Option<&str>, out: &mut impl Write) -> Result<(), Failure> {
    let prefix = prefix.unwrap_or("");
    let all: Vec<&Spec> = FIELDS.iter().filter(|spec| spec.name.starts_with(prefix)).collect();
    if all.is_empty() {
        let names: Vec<&str> = FIELDS.iter().map(|spec| spec.name).collect();
        let near = crate::scenario::nearest(prefix, &names).map(|n| format!(" Did you mean {n}?")).unwrap_or_default();
        return Err(Failure::Use(format!("fields {prefix}: no field begins so.{near}")));
    }
    let width = all.iter().map(|spec| spec.name.len()).max().unwrap_or(0);
    let kinds = all.iter().map(|spec| spec.kind.words().len()).max().unwrap_or(0);
    for spec in all {
        let style = if spec.kind == Kind::Protocol { Style::new().bold() } else { Style::new() };
        writeln!(out, "{style}{:<width$}{style:#}  {:<kinds$}  {}", spec.name, spec.kind.words(), spec.title)
            .map_err(Failure::output)?;
    }
    Ok(())
}
