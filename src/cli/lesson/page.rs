//! How a lesson looks in a terminal.

use std::io::{Result, Write};

use anstyle::{AnsiColor, Style};

use super::markdown;
use crate::explain::text;
use crate::lesson::record::Record;
use crate::lesson::session::Outcome;
use crate::lesson::words::{SpotName, When};
use crate::sim::NodeKind;
use crate::time::Instant;

/// Characters of a line.
const WIDTH: usize = 88;

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// See the [module](self).
pub struct Page<'a, W: Write> {
    out: &'a mut W,
    /// Whether a person sits there: prompts are shown.
    asks: bool,
}

fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(colour.into()))
}

impl<'a, W: Write> Page<'a, W> {
    pub fn new(out: &'a mut W, asks: bool) -> Self {
        Page { out, asks }
    }

    fn paragraph(&mut self, indent: &str, text: &str) -> Result<()> {
        for line in markdown::lines(text, WIDTH - indent.len()) {
            writeln!(self.out, "{indent}{line}")?;
        }
        Ok(())
    }

    pub fn title(&mut self, text: &str) -> Result<()> {
        writeln!(self.out, "\n{STRONG}{text}{STRONG:#}")?;
        writeln!(self.out, "{}", "=".repeat(text.chars().count()))
    }

    pub fn stop(&mut self, title: &str, at: Instant) -> Result<()> {
        let rule = "-".repeat(4);
        writeln!(self.out, "\n{FAINT}{rule} {at} {rule}{FAINT:#} {STRONG}{title}{STRONG:#}")
    }

    pub fn run(&mut self, title: &str) -> Result<()> {
        writeln!(self.out, "\n{STRONG}Run: {title}{STRONG:#}")
    }

    pub fn text(&mut self, text: &str) -> Result<()> {
        self.paragraph("", text)
    }

    pub fn item(&mut self, text: &str) -> Result<()> {
        writeln!(self.out, "  {text}")
    }

    pub fn note(&mut self, text: &str) -> Result<()> {
        writeln!(self.out, "{FAINT}{text}{FAINT:#}")
    }

    pub fn prompt(&mut self, how: &str) -> Result<()> {
        if self.asks {
            write!(self.out, "{STRONG}{how} >{STRONG:#} ")?;
            self.out.flush()
        } else {
            writeln!(self.out, "({how})")
        }
    }

    pub fn question(&mut self, id: &str, when: When, prompt: &str) -> Result<()> {
        let kind = match when {
            When::Predict => "predict",
            When::Check => "check",
        };
        let style = colour(AnsiColor::Cyan).bold();
        writeln!(self.out, "\n{style}Question {id} ({kind}){style:#}")?;
        self.paragraph("", prompt)
    }

    /// The lines of the story that happened between two places.
    pub fn story(&mut self, record: &Record, from: usize, to: usize) -> Result<()> {
        let lines = text::tell(&record.log, &record.names, &record.ready.story);
        for line in lines.iter().filter(|l| (from..to).contains(&(l.entry.0 as usize))) {
            if line.style == text::Style::Step {
                // The lesson's own words tell the steps.
                continue;
            }
            let at = line.at.to_string();
            writeln!(self.out, "{FAINT}{at:>14}  {:<9}  {}{FAINT:#}", line.who, line.text)?;
        }
        Ok(())
    }

    pub fn outcome(&mut self, id: &str, outcome: &Outcome, prompts: &[String]) -> Result<()> {
        let (style, word) = match (outcome.parts.is_empty(), outcome.right) {
            (true, _) => (FAINT, "skipped"),
            (false, true) => (colour(AnsiColor::Green).bold(), "right"),
            (false, false) => (colour(AnsiColor::Yellow).bold(), "not as it happened"),
        };
        writeln!(self.out, "\n{style}Question {id}: {word}{style:#}")?;
        for (n, truth) in outcome.truth.iter().enumerate() {
            if let Some(prompt) = prompts.get(n).filter(|p| !p.is_empty()) {
                self.paragraph("  ", prompt)?;
            }
            if let Some(part) = outcome.parts.get(n) {
                writeln!(self.out, "  you said       {}", part.said)?;
            }
            writeln!(self.out, "  what happened  {truth}")?;
        }
        Ok(())
    }

    pub fn proof(&mut self, packet: &str) -> Result<()> {
        writeln!(self.out, "  shown by       {packet}")
    }
}

/// A part of the picture in words, with its role.
pub fn part(record: &Record, part: &SpotName) -> String {
    match part {
        SpotName::Host(name) => {
            let node = record.ready.setup.nodes.iter().find(|n| n.name == *name);
            let role = match node.map(|n| &n.kind) {
                Some(NodeKind::Host(host)) if !host.user_agents.is_empty() => "user agent (mail reader)",
                Some(NodeKind::Host(host)) if host.mail_server.is_some() => "mail server",
                Some(NodeKind::Host(_)) => "host",
                Some(NodeKind::Router) => "router: forwards packets, reads no mail",
                _ => "switch",
            };
            format!("{name}: {role}")
        }
        SpotName::Queue(name) => format!("{name}: queue of outgoing mail"),
        SpotName::Mailbox(name) => format!("{name}: mailboxes of its users"),
        SpotName::Link(a, b) => format!("link from {a} to {b}"),
        SpotName::Packet => "the packet".to_owned(),
        SpotName::Line => "the line".to_owned(),
        SpotName::Connection => "the TCP connection".to_owned(),
    }
}
