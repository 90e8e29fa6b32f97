//! `mailpath run`: a scenario without a window.

use std::io::Write;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};

use super::args::{Format, Record, Run};
use super::{Failure, open, stopwatch};
use crate::explain::text::{self, Line, Style as About};
use crate::export::jsonl;
use crate::scenario::Ready;
use crate::sim::World;
use crate::sim::setup::Clock;
use crate::time::{Instant, grouped};
use crate::trace::Level;

/// Runs a scenario and prints it.
pub(super) fn run(args: &Run, out: &mut impl Write) -> Result<(), Failure> {
    let ready = open::ready(&args.which)?;
    let chosen = args.filter.as_deref().map(super::filter::read).transpose()?;
    if chosen.is_some() && (args.record != Record::All || args.format == Format::Summary) {
        let what = "--filter needs the packets: leave --record at all, and --format at text or jsonl";
        return Err(Failure::Use(what.to_owned()));
    }
    let mut world = World::new(Arc::new(ready.setup.clone()), Level::from(args.record));
    let until = args.until.map(|until| Instant::ZERO + until);
    let ((), seconds) = stopwatch(|| match until {
        Some(until) => world.run_until(until),
        None => world.run(),
    });
    if let Some(filter) = chosen {
        let chosen = super::filter::select(&ready, &world, &filter);
        return match args.format {
            Format::Jsonl => jsonl::write_some(out, world.log(), &world.names(), &chosen),
            _ => super::filter::list(&world, &chosen, out),
        }
        .map_err(Failure::output);
    }
    match args.format {
        Format::Text => story(&ready, &world, out),
        Format::Jsonl => jsonl::write(out, world.log(), &world.names()),
        Format::Summary => summary(&ready, &world, seconds, out),
    }
    .map_err(Failure::output)
}

fn clock(ready: &Ready) -> &'static str {
    match ready.setup.clock {
        Clock::Exact => "exact time: propagation only",
        Clock::Realistic => "realistic time: link rates and queues count",
    }
}

fn colour(style: About) -> Style {
    let colour = |c: AnsiColor| Style::new().fg_color(Some(c.into()));
    match style {
        About::Step => Style::new().bold().underline(),
        About::Phase => colour(AnsiColor::Magenta).bold(),
        About::Client => colour(AnsiColor::Cyan),
        About::Server => colour(AnsiColor::Green),
        About::Connection => colour(AnsiColor::Blue),
        About::Mail => colour(AnsiColor::Yellow),
        About::Trouble => colour(AnsiColor::Red).bold(),
        About::Name => colour(AnsiColor::BrightBlack),
        About::Action => Style::new().bold(),
    }
}

fn story(ready: &Ready, world: &World, out: &mut impl Write) -> std::io::Result<()> {
    let bold = Style::new().bold();
    writeln!(out, "{bold}{}{bold:#}: {} ({})", ready.setup.name, ready.title, clock(ready))?;
    let names = world.names();
    let lines = text::tell(world.log(), &names, &ready.story);
    if lines.is_empty() {
        writeln!(out, "Nothing was recorded that could be told; --record milestones or all tells more.")?;
    }
    let width = lines.iter().map(|l| l.who.chars().count()).max().unwrap_or(0);
    for line in &lines {
        tell(line, width, out)?;
    }
    Ok(())
}

fn tell(line: &Line, width: usize, out: &mut impl Write) -> std::io::Result<()> {
    let style = colour(line.style);
    if line.style == About::Step {
        writeln!(out)?;
        return writeln!(out, "{style}{}{style:#}", line.text);
    }
    let at = line.at.to_string();
    writeln!(out, "{at:>14}  {:<width$}  {style}{}{style:#}", line.who, line.text)
}

fn summary(ready: &Ready, world: &World, seconds: f64, out: &mut impl Write) -> std::io::Result<()> {
    let (c, m) = (world.log().counters, world.mail_counters());
    let mut row = |what: &str, value: String| writeln!(out, "{what:<34}{value:>16}");
    row("scenario", ready.setup.name.clone())?;
    row("simulated time at the end", world.now().to_string())?;
    row("events", grouped(c.events))?;
    row("entries recorded", grouped(world.log().entries().len() as u64))?;
    row("TCP connections", grouped(c.connections))?;
    row("TCP segments", grouped(c.segments))?;
    row("of them sent again", grouped(c.retransmissions))?;
    row("frames on links", grouped(c.frames))?;
    row("packets lost", grouped(c.lost))?;
    row("letters accepted (250)", grouped(m.accepted))?;
    row("letters put into mailboxes", grouped(m.stored))?;
    row("bounces written", grouped(m.bounces))?;
    row("real time of the run", format!("{:.1} ms", seconds * 1e3))
}
