//! One sentence for a moment: who did what to whom, and why; and what comes next.
//!
//! The sentence is made from the record alone: the entries of one event (`facts`) are looked at, and the
//! weightiest thing in them is told. Hosts are called as a lecturer would call them (`cast`). What programs say
//! to each other is told in `smtp`, `imap`, `pop3` and `http`, what users and queues do in `mail`, what packets do
//! in `wire`.
//!
//! Words follow the window's rules: *mail*, never *message*; *mail server*, never *MTA*; *client* and *server* are
//! roles in one connection; at most [`NOW`] words for what happened and [`NEXT`] for what comes.

mod brief;
mod cast;
mod facts;
mod faults;
mod glossary;
mod http;
mod imap;
mod pop3;
mod mail;
mod raw;
mod smtp;
#[cfg(test)]
mod tests;
mod wire;

pub use glossary::{Gloss, TERMS, gloss, terms_in};

use super::phases::Conversation;
use super::scene;
use super::stops::{Grain, Stop, StopKind, Stops};
use crate::scenario::Story;
use crate::sim::Setup;
use crate::time::{Duration, Instant};
use crate::topology::ConnId;
use crate::trace::{EntryId, Log, Names, What};
use cast::Cast;
use facts::Facts;

/// Words that the sentence may have.
pub const NOW: usize = 25;
/// Words that its second half may have, without "Next:".
pub const NEXT: usize = 15;

/// What is said of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence {
    /// What has just happened; at most [`NOW`] words.
    pub now: String,
    /// What comes next, at most [`NEXT`] words, to be written behind "Next:". At the start it says what to do.
    /// `None` at the end.
    pub next: Option<String>,
    /// The step that is going on, by its place in the story.
    pub step: Option<usize>,
}

/// What is needed to tell anything.
struct Teller<'a> {
    log: &'a Log,
    names: &'a Names,
    story: &'a Story,
    conversations: &'a [Conversation],
    cast: Cast<'a>,
}

/// The sentence for `place`; `grain` says how far the next stop is.
#[allow(clippy::too_many_arguments, reason = "everything that is computed once for a run")]
pub fn sentence(
    log: &Log,
    names: &Names,
    setup: &Setup,
    story: &Story,
    stops: &Stops,
    conversations: &[Conversation],
    place: usize,
    grain: Grain,
) -> Sentence {
    let place = place.min(log.entries().len());
    let teller = Teller { log, names, story, conversations, cast: Cast::new(setup, names) };
    let now = match stops.at(place) {
        Some(stop) => teller.at_stop(stop, grain),
        None => teller.between(place),
    };
    let next = if place == 0 {
        teller.opening().1
    } else {
        stops.next(grain, place).map(|stop| teller.coming(stops.waits(place, stop.from), stop))
    };
    Sentence { now, next: next.map(|n| join(&[n], NEXT)), step: stops.step_at(place) }
}

/// As [`join`], with a capital letter.
fn limit(sentences: &[String], most: usize) -> String {
    capital(&join(sentences, most))
}

/// As many of the sentences as have no more words than allowed together; the first in any case, cut if need be.
fn join(sentences: &[String], most: usize) -> String {
    let mut text = String::new();
    let mut words = 0;
    for sentence in sentences.iter().filter(|s| !s.is_empty()) {
        let more = sentence.split_whitespace().count();
        if words > 0 && words + more > most {
            continue;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        if more > most {
            let kept: Vec<&str> = sentence.split_whitespace().take(most).collect();
            text.push_str(&kept.join(" "));
            text.push('\u{2026}');
        } else {
            text.push_str(sentence);
        }
        words += more;
    }
    text
}

/// "the web server" at the beginning of a sentence. Names of hosts (`mail.a`) keep their small letter.
fn capital(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    let word = first.trim_end_matches(['.', ',', ':']);
    let mut chars = text.chars();
    match chars.next() {
        Some(c) if c.is_ascii_lowercase() && word.bytes().all(|b| b.is_ascii_lowercase()) => {
            c.to_ascii_uppercase().to_string() + chars.as_str()
        }
        _ => text.to_string(),
    }
}

/// A length of time as one says it: `995 ms`, `1 s`, `30 min`, `59 min 58 s`, `1 h 30 min`, `5 d`.
pub fn in_words(length: Duration) -> String {
    let seconds = length.as_nanos() / 1_000_000_000;
    if seconds < 60 {
        return if length.as_nanos() == seconds * 1_000_000_000 && seconds > 0 {
            format!("{seconds} s")
        } else {
            length.to_string()
        };
    }
    scene::in_words(length)
}

/// `1 mail`, `3 mails`.
fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{} {what}s", crate::time::grouped(n as u64)) }
}

impl<'a> Teller<'a> {
    fn facts(&self, from: usize, place: usize) -> Facts<'a> {
        Facts::read(self.log, self.names, from, place)
    }

    fn at_stop(&self, stop: &Stop, grain: Grain) -> String {
        match stop.kind {
            StopKind::Start => limit(&[self.opening().0], NOW),
            StopKind::End => {
                let facts = self.facts(stop.from, stop.place);
                let mut told = self.tell(&facts, None);
                told.push("Here the run ends.".to_string());
                limit(&told, NOW)
            }
            _ => {
                let facts = self.facts(stop.from, stop.place);
                let lost = match stop.kind {
                    StopKind::Loss(packet) => Some(packet),
                    _ => None,
                };
                let mut told = self.tell(&facts, lost);
                if grain == Grain::Phase {
                    told.extend(self.phase(&facts, stop));
                }
                limit(&told, NOW)
            }
        }
    }

    /// Which phase begins at a stop.
    fn phase(&self, facts: &Facts, stop: &Stop) -> Option<String> {
        let within = |id: EntryId| (stop.from..stop.place).contains(&(id.0 as usize));
        let conversation = self.conversation(facts.conn()?)?;
        let band = conversation.bands.iter().rev().find(|b| within(conversation.begun_by(b)))?;
        Some(format!("Here the phase {} begins.", band.part.name()))
    }

    fn conversation(&self, conn: ConnId) -> Option<&'a Conversation> {
        self.conversations.get(conn.0 as usize)
    }

    /// The sentence for a place that is no stop: a switch or a router has done something, or an event is not over.
    fn between(&self, place: usize) -> String {
        let Some(entry) = place.checked_sub(1).and_then(|p| self.log.entries().get(p)) else {
            return limit(&[self.opening().0], NOW);
        };
        let mut from = place - 1;
        while from > 0 && !matches!(self.log.entries().at(from).what, What::FrameArrived { .. }) {
            let before = &self.log.entries().at(from - 1);
            if before.at != entry.at || before.node != entry.node {
                break;
            }
            from -= 1;
        }
        limit(&self.tell(&self.facts(from, place), None), NOW)
    }

    /// What has happened, the weightiest first.
    fn tell(&self, facts: &Facts<'a>, lost: Option<crate::trace::PacketId>) -> Vec<String> {
        let told = lost
            .map(|packet| self.loss(facts, packet))
            .or_else(|| self.action(facts))
            .or_else(|| self.tls(facts))
            .or_else(|| self.passed_on(facts))
            .or_else(|| self.smtp(facts))
            .or_else(|| self.imap(facts))
            .or_else(|| self.pop3(facts))
            .or_else(|| self.http(facts))
            .or_else(|| self.mail(facts))
            .or_else(|| self.names(facts))
            .or_else(|| self.connection(facts))
            .or_else(|| self.packets(facts))
            .or_else(|| self.spoken(facts));
        told.unwrap_or_else(|| vec![format!("{} is at work.", self.cast.full(facts.node))])
    }

    /// TLS is there, or will not be.
    fn tls(&self, facts: &Facts<'a>) -> Option<Vec<String>> {
        use crate::trace::SessionEvent;
        let here = self.cast.full(facts.node);
        facts.sessions.iter().find_map(|session| match session.event {
            SessionEvent::Secured(info) => {
                let other = self.log.end(session.conn, session.side.other());
                let other = other.map(|node| self.cast.short(node)).unwrap_or_default();
                Some(vec![
                    format!("{here} and {other} have agreed on keys ({}).", info.version),
                    "From here on their packets are sealed.".to_owned(),
                ])
            }
            SessionEvent::NotSecured(why) => Some(vec![format!("{here} gives TLS up: {why}.")]),
            _ => None,
        })
    }

    /// What comes next, with the longest of the waits before it.
    fn coming(&self, waits: &[usize], stop: &Stop) -> String {
        let entries = self.log.entries();
        let at = |place: usize| entries.get(place).map_or(Instant::ZERO, |e| e.at);
        let before = |place: usize| place.checked_sub(1).map_or(Instant::ZERO, at);
        let what = self.brief(stop);
        match waits.iter().map(|place| at(*place).since(before(*place))).max() {
            Some(wait) => format!("after {}, {what}", in_words(wait)),
            None => what,
        }
    }

    /// The sentence before anything has happened, and what to do.
    fn opening(&self) -> (String, Option<String>) {
        use crate::action::Action;
        let mut told = Vec::new();
        let mut first = None;
        for timed in &self.cast.setup.actions {
            let (text, press) = match &timed.action {
                Action::Send { host, agent, draft, .. } => {
                    let writer = self.cast.agent(*host, *agent);
                    (format!("{writer} has written a mail to {}.", list(&draft.to)), "to send it.")
                }
                Action::Queue { host, .. } => {
                    let server = self.cast.full(*host);
                    (format!("A mail waits in the queue of {server}."), "to let it go.")
                }
                Action::Imap { host, agent, .. }
                | Action::Sync { host, agent, .. }
                | Action::Pop3 { host, agent, .. } => (
                    format!("{} is about to read mail on {}.", self.cast.agent(*host, *agent), self.cast.short(*host)),
                    "to begin.",
                ),
                Action::Submit { host, agent, envelope, .. } => {
                    let to: Vec<String> = envelope.to.iter().map(ToString::to_string).collect();
                    (format!("{} has a mail for {}.", self.cast.agent(*host, *agent), list(&to)), "to send it.")
                }
                Action::Console { host, server, .. } => {
                    (format!("somebody on {} is about to type at {server}.", self.cast.short(*host)), "to begin.")
                }
                Action::Browse { host, server, paths, .. } => {
                    let browser = self.cast.full(*host);
                    (format!("{browser} wants {} from {server}.", count(paths.len(), "object")), "to begin.")
                }
                Action::Webmail { host, server, deed, .. } => {
                    let who = self.cast.visitor(*host).unwrap_or_default();
                    let does = match deed {
                        crate::action::WebDeed::Write(_) => "write a mail",
                        crate::action::WebDeed::Look(_) => "read mail",
                    };
                    (format!("{who} is about to {does} in the browser, on the pages of {server}."), "to begin.")
                }
                _ => continue,
            };
            first.get_or_insert((timed.at, press));
            if first.is_some_and(|f| f.0 == timed.at) && !told.contains(&text) {
                told.push(text);
            }
        }
        if told.is_empty() {
            let title = self.story.steps.first().map(|s| format!("What comes: {}.", s.title));
            told.push(title.unwrap_or_else(|| "Nothing has happened yet.".to_string()));
        }
        let press = first.map_or("to begin.", |f| f.1);
        // Two things at once are begun, not sent.
        let press = if told.len() > 1 { "to begin." } else { press };
        let told = told.iter().map(|t| capital(t)).collect::<Vec<_>>();
        (limit(&told, NOW), Some(format!("Press \u{2192} {press}")))
    }
}

/// `a, b and c`, at most three by name.
fn list(items: &[String]) -> String {
    match items {
        [] => "nobody".to_string(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, more @ ..] => format!("{one}, {two} and {} more", more.len()),
    }
}
