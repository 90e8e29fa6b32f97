//! The story of a scenario: named steps, each with the event at which it begins and the one at which it
//! is done. The vocabulary is the record's own ([`trace::KINDS`]), which is the curriculum's (0.6).

use crate::trace;

/// What the value of an event's field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// The name of a host, switch or router.
    Node,
    /// A text.
    Text,
    /// A whole number; yes and no are 1 and 0.
    Number,
}

/// What the record tells as lists, which are not compared.
const LISTS: [&str; 4] = ["rcpts", "codes", "answers", "flags"];

/// A command of IMAP or POP3 is an `app.line` in the record; a story may call it by these names.
const COMMANDS: [&str; 2] = ["imap.cmd", "pop3.cmd"];

/// Characters that a step's short name may have: so many fit into a cell of the ribbon.
pub const SHORT: usize = 21;

/// Every kind of event that a step can name. Frames are left out: a story is about what programs do.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    let told = trace::KINDS.iter().map(|k| k.0).filter(|k| !k.starts_with("frame."));
    told.chain(COMMANDS)
}

/// The fields of a kind that can be compared; nothing if there is no such kind.
pub fn fields(kind: &str) -> Option<Vec<(&'static str, FieldKind)>> {
    let kind = kinds().find(|k| *k == kind)?;
    let of = if COMMANDS.contains(&kind) { "app.line" } else { kind };
    let (_, names) = trace::KINDS.iter().find(|k| k.0 == of)?;
    let mut fields = vec![("host", FieldKind::Node)];
    if kind == "dns.query" {
        // Who asks is where it happens.
        fields.push(("from", FieldKind::Node));
    }
    let list = |name: &str| LISTS.contains(&name) && kind != "tcp.seg";
    fields.extend(names.iter().filter(|n| !list(n)).map(|name| (*name, field_kind(kind, name))));
    Some(fields)
}

fn field_kind(kind: &str, field: &str) -> FieldKind {
    match field {
        "client" | "server" => FieldKind::Node,
        // States and mail addresses go from one to another too.
        "from" | "to" if kind.ends_with(".state") || kind.starts_with("mua.") || kind == "dsn.create" => {
            FieldKind::Text
        }
        "from" | "to" => FieldKind::Node,
        "status" if matches!(kind, "imap.resp" | "pop3.resp") => FieldKind::Text,
        "conn" | "port" | "client_port" | "packet" | "seq" | "ack" | "len" | "window" | "retx" | "cwnd" | "rto"
        | "retries" | "code" | "bytes" | "start" | "end" | "end_code" | "number" | "uid" | "new_uid"
        | "uid_validity" | "letters" | "replayed" | "dropped" | "complete" | "status" | "length" | "id" | "attempt"
        | "attempts" | "entry" | "next_t" | "content" | "accepted" => FieldKind::Number,
        _ => FieldKind::Text,
    }
}

/// The steps in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// Numbered from 1 upwards.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number.
    pub number: u32,
    /// One line.
    pub title: String,
    /// Its name in the ribbon; at most [`SHORT`] characters.
    pub short: Option<String>,
    /// Its first moment.
    pub begins: EventPattern,
    /// Its last moment.
    pub done: EventPattern,
}

/// Which event is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPattern {
    /// One of [`kinds`].
    pub kind: &'static str,
    /// Fields of that kind and their values; all must be equal.
    pub conditions: Vec<(&'static str, Value)>,
    /// Which of the events that fit, counted from 1.
    pub nth: u32,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The name of a node, a text.
    Text(String),
    /// A number.
    Number(i64),
}
