//! The events that scenarios and lessons name, and their fields: the record's own ([`trace::KINDS`]), which are the
//! curriculum's vocabulary (0.6); and what is said to a name that is none of them.

use super::problem::{Problem, nearest, quoted};
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
    /// Several values: it is not equal to one of them.
    List,
}

/// What the record tells as lists. The flags of a segment are one text.
const LISTS: [&str; 4] = ["rcpts", "codes", "answers", "flags"];

/// A command of IMAP or POP3 is an `app.line` in the record; it may be called by these names.
const COMMANDS: [&str; 2] = ["imap.cmd", "pop3.cmd"];

/// Every kind of event that the record has.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    trace::KINDS.iter().map(|k| k.0).chain(COMMANDS)
}

/// The fields of a kind; none if there is no such kind.
pub fn fields(kind: &str) -> Vec<(&'static str, FieldKind)> {
    let Some(kind) = kinds().find(|k| *k == kind) else { return Vec::new() };
    let of = if COMMANDS.contains(&kind) { "app.line" } else { kind };
    let own = trace::KINDS.iter().find(|k| k.0 == of).map_or(&[][..], |k| k.1);
    // Who asks is where it happens.
    let from = (kind == "dns.query").then_some("from");
    let names = ["host"].into_iter().chain(from).chain(own.iter().copied());
    names.map(|name| (name, field_kind(kind, name))).collect()
}

fn field_kind(kind: &str, field: &str) -> FieldKind {
    match field {
        "host" | "client" | "server" => FieldKind::Node,
        "flags" if kind == "tcp.seg" => FieldKind::Text,
        list if LISTS.contains(&list) => FieldKind::List,
        // States and mail addresses go from one to another too.
        "from" | "to" if kind.ends_with(".state") || kind.starts_with("mua.") || kind == "dsn.create" => {
            FieldKind::Text
        }
        "from" | "to" => FieldKind::Node,
        "status" if matches!(kind, "imap.resp" | "pop3.resp") => FieldKind::Text,
        "conn" | "port" | "client_port" | "packet" | "seq" | "ack" | "len" | "window" | "retx" | "cwnd" | "rto"
        | "retries" | "code" | "bytes" | "start" | "end" | "end_code" | "number" | "uid" | "new_uid"
        | "uid_validity" | "letters" | "replayed" | "dropped" | "complete" | "status" | "length" | "id" | "attempt"
        | "attempts" | "entry" | "next_t" | "content" | "accepted" | "sealed" | "ttl" => FieldKind::Number,
        _ => FieldKind::Text,
    }
}

/// Says of a name of an event that there is none.
pub(crate) fn unknown_event(problem: Problem, name: &str, known: &[&str]) -> Problem {
    let problem = problem.label("unknown");
    match nearest(name, known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("events are {}", quoted(known))),
    }
}

/// Says of a name of a field that the event has none of it.
pub(crate) fn unknown_field(problem: Problem, kind: &str, name: &str, known: &[&str]) -> Problem {
    let problem = problem.label("unknown");
    match nearest(name, known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("`{kind}` has {}", quoted(known))),
    }
}

/// What a field is that was compared with something that it can never be, and how it is written.
pub(crate) fn other_kind(what: FieldKind) -> (&'static str, &'static str) {
    match what {
        FieldKind::Number => ("a number", "25, without quotes"),
        FieldKind::Text => ("a text", "\"MAIL\""),
        FieldKind::Node => ("the name of a host", "\"mail.a\""),
        FieldKind::List => ("a list", "{ \"contains\": \"bob@b.example\" }"),
    }
}
