//! Words and small values of the lesson format.

use schemars::{Schema, SchemaGenerator, json_schema};

use super::decimal::Decimal;
use crate::scenario::json::{Json, Value};
use crate::scenario::read::{Read, Reader, quantities};
use crate::scenario::units::Wrong;
use crate::scenario::words::{Scalar, Word, words};
use crate::scenario::{Describe, word_schemas};

/// Whether a course needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Every course.
    Core,
    /// Some.
    Extended,
}

/// When a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before it happens; locked then.
    Predict,
    /// Afterwards; may be answered again.
    Check,
}

/// How a part of a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of several answers.
    Choice,
    /// Yes or no.
    YesNo,
    /// A number, perhaps with a unit.
    Number,
    /// Several numbers in order.
    List,
    /// A host, on the map or from a list.
    Host,
    /// Cards in order.
    Order,
    /// A line or packet, in the conversation or from a list.
    Click,
    /// A word.
    Text,
}

/// In what a number is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// Minutes.
    Min,
    /// Hours.
    H,
    /// Bytes.
    Bytes,
}

impl Unit {
    /// Nanoseconds in it, if it is a unit of time.
    pub const fn nanos(self) -> Option<u64> {
        match self {
            Unit::Ms => Some(1_000_000),
            Unit::S => Some(1_000_000_000),
            Unit::Min => Some(60_000_000_000),
            Unit::H => Some(3_600_000_000_000),
            Unit::Bytes => None,
        }
    }

    /// As it stands behind a number.
    pub const fn name(self) -> &'static str {
        match self {
            Unit::Ms => "ms",
            Unit::S => "s",
            Unit::Min => "min",
            Unit::H => "h",
            Unit::Bytes => "bytes",
        }
    }
}

/// What a stop shows large.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The stage.
    #[default]
    Map,
    /// The sequence chart.
    Ladder,
    /// What was said.
    Conversation,
    /// Layers and bytes.
    Bytes,
    /// Queue and mailbox.
    Stores,
}

/// A part of a trace field (RFC 5321 section 4.4), or the address in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clause {
    /// What the client called itself.
    From,
    /// The address of the client, or the one in From, To ...
    Address,
    /// The server that wrote it.
    By,
    /// The protocol.
    With,
    /// Its name in that server.
    Id,
    /// The only recipient.
    For,
}

words! {
    Level { "core" => Level::Core, "extended" => Level::Extended }
    When { "predict" => When::Predict, "check" => When::Check }
    Kind { "choice" => Kind::Choice, "yes_no" => Kind::YesNo, "number" => Kind::Number, "list" => Kind::List,
        "host" => Kind::Host, "order" => Kind::Order, "click" => Kind::Click, "text" => Kind::Text }
    Unit { "ms" => Unit::Ms, "s" => Unit::S, "min" => Unit::Min, "h" => Unit::H, "bytes" => Unit::Bytes }
    View { "map" => View::Map, "ladder" => View::Ladder, "conversation" => View::Conversation,
        "bytes" => View::Bytes, "queue" => View::Stores, "mailbox" => View::Stores }
    Clause { "from" => Clause::From, "address" => Clause::Address, "by" => Clause::By, "with" => Clause::With,
        "id" => Clause::Id, "for" => Clause::For }
}

word_schemas! { Level, When, Kind, Unit, View, Clause }

impl Kind {
    /// The word of the format for it.
    pub fn name(self) -> &'static str {
        Self::WORDS.iter().find(|w| w.1 == self).map_or("", |w| w.0)
    }
}

/// A number with decimals.
impl Read for Decimal {
    fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
        match &json.value {
            Value::Number(text) if let Ok(number) = Decimal::parse(text) => Some(number),
            _ => reader.expected(json, "a number", "5 or 0.5"),
        }
    }
}

impl Describe for Decimal {
    fn describe(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number" })
    }
}

/// An answer as it is written in a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// A text.
    Text(String),
    /// A number.
    Number(Decimal),
    /// Yes or no.
    Flag(bool),
    /// Several.
    List(Vec<Literal>),
}

impl Read for Literal {
    fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
        match &json.value {
            Value::Text(text) => Some(Literal::Text(text.clone())),
            Value::Bool(flag) => Some(Literal::Flag(*flag)),
            Value::Number(_) => Decimal::read(json, reader).map(Literal::Number),
            Value::Array(items) => {
                let read: Vec<Literal> = items.iter().filter_map(|item| Literal::read(item, reader)).collect();
                (read.len() == items.len()).then_some(Literal::List(read))
            }
            _ => reader.expected(json, "a text, a number, true, false or a list of these", "\"mail.a\" or 3"),
        }
    }
}

impl Describe for Literal {
    fn describe(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean", "array"] })
    }
}

/// What a field of an event has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Equal to this.
    Equal(Scalar),
    /// There at all (`true`), or not (`false`).
    Present(bool),
    /// A text with this in it.
    Contains(String),
    /// A number not below this.
    AtLeast(i64),
}

impl Read for Wanted {
    fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
        match &json.value {
            Value::Bool(there) => Some(Wanted::Present(*there)),
            Value::Object(members) if members.len() == 1 => {
                let member = &members[0];
                match (member.key.value.as_str(), &member.value.value) {
                    ("contains", Value::Text(text)) => Some(Wanted::Contains(text.clone())),
                    ("at_least", Value::Number(n)) if let Ok(n) = n.parse() => Some(Wanted::AtLeast(n)),
                    _ => reader.expected(json, "a condition", "{ \"contains\": \"FIN\" } or { \"at_least\": 1 }"),
                }
            }
            Value::Object(_) => {
                reader.expected(json, "a condition", "{ \"contains\": \"FIN\" } or { \"at_least\": 1 }")
            }
            _ => Scalar::read(json, reader).map(Wanted::Equal),
        }
    }
}

impl Describe for Wanted {
    fn describe(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": ["string", "integer", "boolean"] },
            { "type": "object", "properties": { "contains": { "type": "string" } }, "required": ["contains"],
              "additionalProperties": false },
            { "type": "object", "properties": { "at_least": { "type": "integer" } }, "required": ["at_least"],
              "additionalProperties": false },
        ] })
    }
}

/// A part of the picture that is lit, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpotName {
    /// A host, switch or router.
    Host(String),
    /// The outgoing queue of a mail server.
    Queue(String),
    /// The mailboxes of a mail server.
    Mailbox(String),
    /// A link between two nodes.
    Link(String, String),
    /// The packet that the stop is about.
    Packet,
    /// The line that the stop is about.
    Line,
    /// The connection that the stop is about.
    Connection,
}

quantities! {
    SpotName, spot, "a part of the picture", "\"host:mail.a\"";
}

fn spot(text: &str) -> Result<SpotName, Wrong> {
    let own = |s: &str| s.to_owned();
    match text.split_once(':') {
        Some(("host", name)) => return Ok(SpotName::Host(own(name))),
        Some(("queue", name)) => return Ok(SpotName::Queue(own(name))),
        Some(("mailbox", name)) => return Ok(SpotName::Mailbox(own(name))),
        Some(("link", ends)) => {
            if let Some((a, b)) = ends.split_once("--") {
                return Ok(SpotName::Link(own(a), own(b)));
            }
        }
        None if text == "packet" => return Ok(SpotName::Packet),
        None if text == "line" => return Ok(SpotName::Line),
        None if text == "connection" => return Ok(SpotName::Connection),
        _ => {}
    }
    Err(Wrong {
        code: "bad_spot",
        why: "is no part of the picture".into(),
        help: "one of: host:NAME, queue:NAME, mailbox:NAME, link:A--B, packet, line, connection".into(),
    })
}

impl Describe for SpotName {
    fn describe(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^(host:.+|queue:.+|mailbox:.+|link:.+--.+|packet|line|connection)$" })
    }
}
