//! Pull and push compared: an HTTP and an SMTP conversation of one run, point by point, each figure read from
//! the record.
//!
//! HTTP pulls: the host that *wants* the content opens the connection. SMTP pushes: the host that *has* it does.
//! Both are dialogues in ASCII over TCP, with codes and phrases. The order of the points is [`Point::ALL`].

mod facts;

use self::facts::Facts;
use super::dialogue::dialogue;
use super::phases::{Conversation, Protocol};
use crate::time::grouped;
use crate::topology::{ConnId, Side};
use crate::trace::{EntryId, Log, Names, PacketId};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// Which host opens the TCP connection: the one that has the content or the one that wants it.
    Opens,
    /// Who says the first line.
    SpeaksFirst,
    /// How the objects travel: one in each response, or all in one mail.
    Objects,
    /// How the end of an object is marked.
    EndOfObject,
    /// Whether bytes above 127 are sent.
    SevenBit,
    /// How often one end has to wait for the other until all is there.
    RoundTrips,
    /// What carries it.
    Tcp,
    /// Commands are lines of ASCII.
    Ascii,
    /// Responses begin with a code and a phrase.
    Status,
    /// How many connections are used.
    Persistent,
}

impl Point {
    /// All of them, in the order of the table: first what usually differs, then what is usually the same.
    pub const ALL: [Point; 10] = [
        Point::Opens,
        Point::SpeaksFirst,
        Point::Objects,
        Point::EndOfObject,
        Point::SevenBit,
        Point::RoundTrips,
        Point::Tcp,
        Point::Ascii,
        Point::Status,
        Point::Persistent,
    ];

    /// The head of the row.
    pub const fn title(self) -> &'static str {
        match self {
            Point::Opens => "who opens",
            Point::SpeaksFirst => "who speaks first",
            Point::Objects => "objects",
            Point::EndOfObject => "end of object",
            Point::SevenBit => "bytes above 127",
            Point::RoundTrips => "round trips",
            Point::Tcp => "carried by",
            Point::Ascii => "ASCII command",
            Point::Status => "status code and phrase",
            Point::Persistent => "connections",
        }
    }
}

/// What one side has at a point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// In words; empty if it did not come to that.
    pub text: String,
    /// Where the packet that shows it was sent.
    pub entry: Option<EntryId>,
    /// That packet.
    pub packet: Option<PacketId>,
    /// The place of the record from which on it may be shown; `usize::MAX` if it did not come to that.
    pub known_at: usize,
}

impl Cell {
    /// Whether it may be shown at a place of the record.
    pub fn is_known(&self, place: usize) -> bool {
        self.known_at <= place
    }

    fn new(text: String, proof: Proof) -> Cell {
        // A fact is not shown before its packet is.
        let known_at = proof.fact.max(proof.sent).0 as usize + 1;
        Cell { text, entry: Some(proof.sent), packet: Some(proof.packet), known_at }
    }

    fn of(found: Option<(String, Proof)>) -> Cell {
        match found {
            Some((text, proof)) => Cell::new(text, proof),
            None => Cell { known_at: usize::MAX, ..Cell::default() },
        }
    }
}

/// From where something is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Proof {
    /// The entry with which it became true.
    fact: EntryId,
    /// The packet that shows it.
    packet: PacketId,
    /// Where that packet was sent.
    sent: EntryId,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What is compared.
    pub point: Point,
    /// HTTP.
    pub pull: Cell,
    /// SMTP.
    pub push: Cell,
    /// Whether both do alike, as far as this run shows.
    pub same: bool,
}

/// The table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The HTTP connections, in order of opening; all between the same two hosts.
    pub pull: Vec<ConnId>,
    /// The SMTP connections.
    pub push: Vec<ConnId>,
    /// One row for each [`Point`], in their order.
    pub rows: Vec<Row>,
    /// Objects in each response, in order: `[1, 1, 1, 1]`.
    pub responses: Vec<usize>,
    /// Objects in each mail: `[4]`.
    pub mails: Vec<usize>,
}

impl Comparison {
    /// The row of a point.
    pub fn row(&self, point: Point) -> &Row {
        self.rows.iter().find(|r| r.point == point).expect("there is a row for each point")
    }

    /// Where pull and push part: the packets that show the first row that is not the same.
    pub fn first_difference(&self) -> Option<(EntryId, EntryId)> {
        let row = self.rows.iter().find(|r| !r.same && r.pull.entry.is_some() && r.push.entry.is_some())?;
        row.pull.entry.zip(row.push.entry)
    }
}

/// Compares the first HTTP conversation of a run, with all others between the same hosts, with the first SMTP
/// conversation and its likes. `None` if the run has not both.
pub fn push_pull(log: &Log, names: &Names, conversations: &[Conversation]) -> Option<Comparison> {
    let of = |protocol| {
        let mut all = conversations.iter().filter(move |c| c.protocol == protocol);
        let first = all.next()?;
        let others = all.filter(|c| (c.client, c.server, c.port) == (first.client, first.server, first.port));
        let dialogues = std::iter::once(first).chain(others).map(|c| dialogue(log, names, c)).collect();
        Some(Facts::new(log, names, protocol, dialogues))
    };
    let (pull, push) = (of(Protocol::Http)?, of(Protocol::Smtp)?);
    let rows = Point::ALL.into_iter().map(|point| {
        let cells = (cell(&pull, point), cell(&push, point));
        Row { point, pull: cells.0, push: cells.1, same: same(&pull, &push, point) }
    });
    Some(Comparison {
        rows: rows.collect(),
        pull: pull.conns(),
        push: push.conns(),
        responses: pull.units.iter().map(|u| u.objects).collect(),
        mails: push.units.iter().map(|u| u.objects).collect(),
    })
}

fn cell(facts: &Facts<'_>, point: Point) -> Cell {
    let pulls = facts.protocol == Protocol::Http;
    let unit = if pulls { "response" } else { "mail" };
    Cell::of(match point {
        Point::Opens => facts.syn.map(|proof| {
            let host = facts.name(Side::Client);
            let text = match facts.has {
                Side::Client => format!("{host}, which has the content: client push"),
                Side::Server => format!("{host}, which wants the content: client pull"),
            };
            (text, proof)
        }),
        Point::SpeaksFirst => facts.first_line.as_ref().map(|(side, line, proof)| {
            let role = match side {
                Side::Client => "client",
                Side::Server => "server",
            };
            (format!("the {role}, {}: {line}", facts.name(*side)), *proof)
        }),
        Point::Objects => facts.units.last().map(|last| {
            let (units, objects) = (facts.units.len(), facts.units.iter().map(|u| u.objects).sum::<usize>());
            let text = match (units == objects, pulls) {
                (true, _) => format!("{}, one object each", count(units, unit)),
                (false, true) => format!("{} with {}", count(units, unit), count(objects, "object")),
                (false, false) if units == 1 => format!("1 multipart mail with {}", count(objects, "object")),
                (false, false) => format!("{} with {}", count(units, unit), count(objects, "object")),
            };
            (text, last.done)
        }),
        Point::EndOfObject => facts.end_mark.clone(),
        Point::SevenBit => facts.above_127.map(|(n, proof)| (grouped(n), proof)),
        Point::RoundTrips => facts.round_trips().map(|(n, took, proof)| (format!("{n}, {took}"), proof)),
        Point::Tcp => facts.established.map(|proof| (format!("TCP, port {}", facts.port), proof)),
        Point::Ascii => facts.command.clone(),
        Point::Status => facts.reply.clone(),
        Point::Persistent => facts.units.last().map(|last| {
            let proof = facts.units.get(1).map_or(last.done, |second| Proof { fact: last.done.fact, ..second.done });
            (format!("{} over {}", count(facts.units.len(), unit), count(facts.opened, "connection")), proof)
        }),
    })
}

fn same(pull: &Facts<'_>, push: &Facts<'_>, point: Point) -> bool {
    match point {
        Point::Opens => pull.has == push.has,
        Point::SpeaksFirst => pull.first_line.as_ref().map(|l| l.0) == push.first_line.as_ref().map(|l| l.0),
        Point::Objects => {
            let single = |facts: &Facts<'_>| facts.units.iter().all(|u| u.objects == 1);
            single(pull) == single(push)
        }
        Point::EndOfObject => false,
        Point::SevenBit => {
            let seven = |facts: &Facts<'_>| facts.above_127.is_none_or(|(n, _)| n == 0);
            seven(pull) == seven(push)
        }
        Point::RoundTrips => pull.round_trips().map(|r| r.0) == push.round_trips().map(|r| r.0),
        Point::Tcp => true,
        Point::Ascii => pull.ascii && push.ascii,
        Point::Status => pull.reply.is_some() == push.reply.is_some(),
        Point::Persistent => {
            // One unit on one connection says nothing against it.
            let persistent = |facts: &Facts<'_>| facts.opened <= 1 || facts.units.len() > facts.opened;
            persistent(pull) == persistent(push)
        }
    }
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

#[cfg(test)]
mod tests;
