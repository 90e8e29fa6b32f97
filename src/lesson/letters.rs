//! Letters of a record: as they were written, as they cross from host to host, as they are stored; and what is read
//! from one of them.

use std::ops::Range;

use super::probe::Silent;
use super::record::Record;
use super::value::Value;
use super::words::Clause;
use crate::action::{Action, Preloaded};
use crate::mail::Event;
use crate::message::{self, MimePart};
use crate::sim::NodeKind;
use crate::topology::{ConnId, Side};
use crate::trace::What;

/// A copy of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Where.
    pub at: Place,
    /// Which of those there, from 1.
    pub nth: u32,
}

/// Where a copy of a letter is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// With its author: letters in the order in which they first come into the record.
    Author,
    /// Between two hosts, as SMTP carries it: dots doubled (RFC 5321 section 4.5.2), without the line that ends it.
    Between {
        /// From this host.
        from: String,
        /// To this one.
        to: String,
    },
    /// In a mailbox, at the end of the run.
    Mailbox {
        /// On which mail server.
        host: String,
        /// Whose.
        user: String,
        /// Which folder.
        folder: String,
    },
}

/// What is read from a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Itself.
    Text,
    /// How many bytes it has.
    Bytes,
    /// How many lines.
    Lines,
    /// How many boundary lines of its outermost multipart (RFC 2046 section 5.1.1).
    Boundaries,
    /// Itself without its transfer encoding; with the author, the file that was attached.
    Decoded,
}

impl Letter {
    /// Its bytes.
    ///
    /// # Errors
    /// If there is none.
    pub fn bytes(&self, record: &Record) -> Result<Vec<u8>, Silent> {
        let n = self.nth as usize - 1;
        let found = match &self.at {
            Place::Author => authored(record, n),
            Place::Between { from, to } => carried(record, from, to, n),
            Place::Mailbox { host, user, folder } => stored(record, (host, user, folder), n),
        };
        found.ok_or_else(|| match &self.at {
            Place::Author => Silent::NoLetter(format!("nobody writes letter {}", self.nth)),
            Place::Between { from, to } => {
                Silent::NoLetter(format!("letter {} does not go from {from} to {to}", self.nth))
            }
            Place::Mailbox { host, user, folder } => Silent::NoMail(host.clone(), user.clone(), folder.clone()),
        })
    }

    /// Its body, or that of one of its parts, as `measure` says. A part is named by its file or its type.
    ///
    /// # Errors
    /// If there is no such letter or part.
    pub fn body(&self, record: &Record, part: Option<&str>, measure: Measure) -> Result<Value, Silent> {
        let letter = self.bytes(record)?;
        let whole = message::body_start(&letter)..letter.len();
        let found = match part {
            None => None,
            Some(name) => {
                let part = message::mime_parts(&letter).into_iter().find(|p| is_named(&letter, p, name));
                Some(part.ok_or_else(|| Silent::NoLetter(format!("the letter has no part `{name}`")))?)
            }
        };
        let range = found.as_ref().map_or(whole, |part| lines_of(&letter, part.body.clone()));
        let body = &letter[range];
        Ok(match measure {
            Measure::Text => text(body),
            Measure::Bytes => Value::whole(body.len() as i64),
            Measure::Lines => Value::whole(body.split_inclusive(|b| *b == b'\n').count() as i64),
            Measure::Boundaries => Value::whole(boundaries(&letter, body) as i64),
            Measure::Decoded => match (&found, part.and_then(|name| self.file(record, name))) {
                (_, Some(file)) => text(&file),
                (Some(part), None) => text(&message::decoded(&letter, part)),
                (None, None) => Value::Text(message::show(&letter).text),
            },
        })
    }

    /// A field of its header: its value, or a clause of it; how many there are, if `nth` says none.
    ///
    /// # Errors
    /// If there is no such letter, field or clause.
    pub fn header(&self, record: &Record, name: &str, nth: Option<u32>, part: Option<Clause>) -> Result<Value, Silent> {
        let letter = self.bytes(record)?;
        let Some(nth) = nth else { return Ok(Value::whole(message::header_count(&letter, name) as i64)) };
        let value = message::header(&letter, name, nth as usize - 1).ok_or(Silent::NoField("header"))?;
        match part {
            None => Ok(Value::Text(value)),
            Some(part) => clause(record, &value, part).map(Value::Text).ok_or(Silent::NoField("clause")),
        }
    }

    /// A file as its author attached it, if it is the author's copy that is asked for.
    fn file(&self, record: &Record, name: &str) -> Option<Vec<u8>> {
        if self.at != Place::Author {
            return None;
        }
        let drafts = record.ready.setup.actions.iter().filter_map(|timed| match &timed.action {
            Action::Send { draft, .. } | Action::Queue { letter: Preloaded::Draft(draft), .. } => Some(draft),
            _ => None,
        });
        let draft = drafts.into_iter().nth(self.nth as usize - 1)?;
        let file = draft.attachments.iter().find(|a| a.name == name || a.content_type == name)?;
        Some(file.bytes.to_vec())
    }
}

/// The letters in the order in which they first come into the record: each Message-ID once.
fn authored(record: &Record, n: usize) -> Option<Vec<u8>> {
    let mut seen: Vec<&str> = Vec::new();
    let mut letters = record.log.entries().iter().filter_map(|entry| {
        let What::Mail(
            Event::Composed { letter, .. } | Event::QueueEnter { letter, .. } | Event::MailboxStore { letter, .. },
        ) = entry.what
        else {
            return None;
        };
        let new = !seen.contains(&&*letter.message_id);
        new.then(|| {
            seen.push(&letter.message_id);
            letter.bytes.to_vec()
        })
    });
    letters.nth(n)
}

/// The letters that SMTP carries from one host to another.
fn carried(record: &Record, from: &str, to: &str, n: usize) -> Option<Vec<u8>> {
    let is = |told: &&crate::trace::Told, name, host: &str| told.get(name).and_then(|v| v.as_str()) == Some(host);
    let mut letters = record.told.iter().filter(|t| t.kind == "smtp.letter" && is(t, "from", from) && is(t, "to", to));
    let told = letters.nth(n)?;
    let number = |name| told.get(name).and_then(|v| v.as_u64());
    let (conn, range) = (ConnId(number("conn")? as u32), number("start")?..number("end")?);
    let dialogue = record.dialogues.iter().find(|d| d.conn == conn)?;
    let bytes = dialogue.bytes(Side::Client, &range);
    // BDAT ends by its length, DATA by a line with a dot.
    let last = bytes.strip_suffix(b".\r\n").filter(|rest| rest.is_empty() || rest.ends_with(b"\r\n"));
    Some(last.unwrap_or(bytes).to_vec())
}

fn stored(record: &Record, (host, user, folder): (&str, &str, &str), n: usize) -> Option<Vec<u8>> {
    let mailboxes = &record.timeline.last().mailboxes;
    let is =
        |(node, owner, name): &(_, String, String)| record.names.node(*node) == host && owner == user && name == folder;
    let (_, letters) = mailboxes.iter().find(|(key, _)| is(key))?;
    letters.values().nth(n).map(|l| l.letter.bytes.to_vec())
}

fn is_named(letter: &[u8], part: &MimePart, name: &str) -> bool {
    let own = &letter[part.range.clone()];
    let file = |field| message::header(own, field, 0).is_some_and(|v| v.contains(&format!("\"{name}\"")));
    part.kind == name || file("Content-Disposition") || file("Content-Type")
}

/// A part with the end of its last line, which the boundary behind it claims too.
fn lines_of(letter: &[u8], part: Range<usize>) -> Range<usize> {
    let whole = letter[part.clone()].ends_with(b"\n");
    let ends = !whole && letter[part.end..].starts_with(b"\r\n");
    part.start..part.end + if ends { 2 } else { 0 }
}

fn boundaries(letter: &[u8], body: &[u8]) -> usize {
    let kind = message::header(letter, "Content-Type", 0).unwrap_or_default();
    let Some(boundary) = kind.split("boundary=").nth(1) else { return 0 };
    let boundary = boundary.trim_start_matches('"').split(['"', ';', ' ']).next().unwrap_or_default();
    let line = format!("--{boundary}");
    body.split(|b| *b == b'\n').filter(|l| l.starts_with(line.as_bytes())).count()
}

/// A clause of a trace field (RFC 5321 section 4.4), or the address in any field. A domain that is the name of a host
/// is told as that host.
fn clause(record: &Record, value: &str, part: Clause) -> Option<String> {
    let between = |open: char, close: char| {
        let (_, rest) = value.split_once(open)?;
        Some(rest.split_once(close)?.0.to_owned())
    };
    let behind = |word: &str| {
        let mut words = value.split([' ', '\t', ';']).filter(|w| !w.is_empty());
        words.find(|w| w.eq_ignore_ascii_case(word)).and_then(|_| words.next()).map(str::to_owned)
    };
    match part {
        Clause::Address => between('[', ']').or_else(|| between('<', '>')).or_else(|| Some(value.trim().to_owned())),
        Clause::From => behind("from").map(|name| host(record, name)),
        Clause::By => behind("by").map(|name| host(record, name)),
        Clause::With => behind("with"),
        Clause::Id => behind("id"),
        Clause::For => behind("for").map(|path| path.trim_matches(['<', '>']).to_owned()),
    }
}

fn host(record: &Record, domain: String) -> String {
    let is = |kind: &NodeKind| matches!(kind, NodeKind::Host(host) if host.fqdn.eq_ignore_ascii_case(&domain));
    let found = record.ready.setup.nodes.iter().find(|node| is(&node.kind));
    found.map_or(domain, |node| node.name.clone())
}

/// Bytes as a text; what is no text as digits.
fn text(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::Text(text.to_owned()),
        Err(_) => Value::Text(super::value::digits(bytes)),
    }
}
