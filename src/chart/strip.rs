//! The strip of connections under the ribbon: one bar for each, over the cells of the steps it lasts over.
//!
//! ```text
//!  | 1 Alice | 2 queue | 3 TCP | 4 SMTP | 5 mailbox |    6 Bob reads    |
//!             [SMTP: push] [====SMTP: push=====]      [IMAP: pull]
//! ```
//! Each cell begins where its step begins and reaches to where the next one does, so that what runs on after a step
//! is done, as the closure does, is in that step's cell. In a cell the events of the record are evenly spaced.

use crate::explain::phases::{Conversation, Part, Protocol};
use crate::explain::stops::{Mark, Stops};
use crate::topology::ConnId;

/// Places of a run laid over the cells of the ribbon.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells {
    /// From which place to which, and from which point to which; in order.
    cells: Vec<(usize, usize, f32, f32)>,
}

impl Cells {
    /// `cells` are the left and right ends of the ribbon's cells, one for each step in the story's order; `places` is
    /// the last place of the run. The cell of a step that never began is left out.
    pub fn new(stops: &Stops, places: usize, cells: &[(f32, f32)]) -> Cells {
        let begins = |step: usize| {
            let place = stops.step(step, Mark::Begin)?;
            // The step begins with the event that its mark stands behind.
            Some(stops.at(place).map_or(place, |stop| stop.from.min(place)))
        };
        let begun = cells.iter().enumerate().filter_map(|(step, x)| Some((begins(step)?, *x)));
        let mut laid: Vec<(usize, usize, f32, f32)> = Vec::new();
        for (begin, (left, right)) in begun {
            // A story may tell of something that began before the step above it.
            let begin = begin.max(laid.last().map_or(0, |c| c.0));
            if let Some(before) = laid.last_mut() {
                before.1 = begin;
            }
            let begin = if laid.is_empty() { 0 } else { begin };
            laid.push((begin, places.max(begin), left, right));
        }
        if laid.is_empty() {
            let edges = cells.first().zip(cells.last()).map_or((0.0, 0.0), |(a, b)| (a.0, b.1));
            laid.push((0, places, edges.0, edges.1));
        }
        Cells { cells: laid }
    }

    /// Where a place stands, as something begins there.
    pub fn begin(&self, place: usize) -> f32 {
        let n = self.cells.partition_point(|c| c.0 <= place).saturating_sub(1);
        Self::inside(&self.cells[n], place)
    }

    /// Where a place stands, as something ends there: at the end of a cell and not at the beginning of the next.
    pub fn end(&self, place: usize) -> f32 {
        let n = self.cells.partition_point(|c| c.0 < place).saturating_sub(1);
        Self::inside(&self.cells[n], place)
    }

    fn inside(&(begin, end, left, right): &(usize, usize, f32, f32), place: usize) -> f32 {
        if end <= begin {
            return left;
        }
        let part = place.clamp(begin, end) - begin;
        left + (right - left) * (part as f32 / (end - begin) as f32)
    }
}

/// A connection in the strip.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The connection.
    pub conn: ConnId,
    /// Its left and right end.
    pub x: (f32, f32),
    /// Connections at the same time stand in lanes of their own.
    pub lane: usize,
    /// Whether it still lasts.
    pub open: bool,
    /// Its phases from left to right.
    pub phases: Vec<(Part, f32, f32)>,
    /// `SMTP: push`.
    pub caption: &'static str,
    /// `mail access protocol: IMAP, pull`.
    pub long: &'static str,
    /// `SMTP: push, who has the mail opens the connection`.
    pub why: &'static str,
    /// The protocol's full name and what it does, for whoever asks.
    pub help: &'static str,
}

/// The strip.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// Its bars, in order of opening.
    pub bars: Vec<Bar>,
    /// How many lanes the whole run needs.
    pub lanes: usize,
}

impl Strip {
    /// The connections of a run, of which `places` is the last place. With `now`, only what has happened: a bar ends
    /// there, and one that is not open yet is not there.
    pub fn new(cells: &Cells, conversations: &[Conversation], places: usize, now: Option<usize>) -> Strip {
        let now = now.unwrap_or(places);
        let life = |c: &Conversation| (c.opened.0 as usize, c.closed.map_or(places, |e| e.0 as usize + 1));
        let lanes = super::lanes(conversations.iter().map(life));
        let needed = lanes.iter().max().map_or(0, |most| most + 1);
        let mut bars = Vec::new();
        for (conversation, lane) in conversations.iter().zip(lanes) {
            let (opened, closed) = life(conversation);
            if opened >= now {
                continue;
            }
            let left = cells.begin(opened);
            let right = cells.end(closed.min(now)).max(left);
            let bands = conversation.bands.iter().filter(|b| b.begins < now);
            let phases = bands.map(|b| {
                let from = cells.begin(b.begins).clamp(left, right);
                (b.part, from, cells.end(b.ends.unwrap_or(closed).min(now)).clamp(from, right))
            });
            let [caption, long, why, help] = captions(conversation.protocol);
            bars.push(Bar {
                conn: conversation.conn,
                x: (left, right),
                lane,
                open: conversation.closed.is_none_or(|e| e.0 as usize >= now),
                phases: phases.collect(),
                caption,
                long,
                why,
                help,
            });
        }
        Strip { bars, lanes: needed }
    }
}

/// Caption, long caption, caption that says what push and pull are, and help of a protocol.
const fn captions(protocol: Protocol) -> [&'static str; 4] {
    match protocol {
        Protocol::Smtp => [
            "SMTP: push",
            "SMTP: push, up to the mailbox",
            "SMTP: push, who has the mail opens the connection",
            "Simple Mail Transfer Protocol, RFC 5321: who has the mail opens the connection",
        ],
        Protocol::Imap => [
            "IMAP: pull",
            "mail access protocol: IMAP, pull",
            "mail access protocol: IMAP, pull, who wants the mail opens",
            "Internet Message (also: Mail) Access Protocol, RFC 3501: who wants the mail opens the connection",
        ],
        Protocol::Pop3 => [
            "POP3: pull",
            "mail access protocol: POP3, pull",
            "mail access protocol: POP3, pull, who wants the mail opens",
            "Post Office Protocol, version 3, RFC 1939: who wants the mail opens the connection",
        ],
        Protocol::Http => [
            "HTTP: pull",
            "HTTP: pull, one response for each object",
            "HTTP: pull, who wants the object opens the connection",
            "Hypertext Transfer Protocol: who wants the object opens the connection",
        ],
        Protocol::Other => ["TCP", "TCP connection", "TCP connection", "Transmission Control Protocol, RFC 9293"],
    }
}

#[cfg(test)]
mod tests;
