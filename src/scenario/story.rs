//! The story of a scenario: named steps, each with the event at which it begins and the one at which it
//! is done. The vocabulary is the curriculum's (0.6).

/// What the value of an event's field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// The name of a host, switch or router.
    Node,
    /// A text.
    Text,
    /// A whole number.
    Number,
}

use FieldKind::{Node, Number, Text};

/// A kind of event and its fields besides the time.
pub type Kind = (&'static str, &'static [(&'static str, FieldKind)]);

/// Every kind of event that a step, and a probe, can name.
pub const KINDS: &[Kind] = &[
    ("mua.compose", &[("host", Node), ("msg", Text)]),
    ("mua.read", &[("host", Node), ("user", Text), ("msg", Text)]),
    ("tcp.open", &[("conn", Number), ("client", Node), ("server", Node), ("port", Number)]),
    ("tcp.established", &[("conn", Number), ("client", Node), ("server", Node), ("port", Number)]),
    (
        "tcp.seg",
        &[
            ("conn", Number),
            ("from", Node),
            ("to", Node),
            ("len", Number),
            ("flags", Text),
            ("retx", Number),
            ("lost", Number),
        ],
    ),
    ("tcp.close", &[("conn", Number), ("first_by", Node), ("kind", Text)]),
    (
        "app.line",
        &[
            ("conn", Number),
            ("proto", Text),
            ("from", Node),
            ("to", Node),
            ("dir", Text),
            ("verb", Text),
            ("code", Number),
            ("text", Text),
        ],
    ),
    ("smtp.letter", &[("conn", Number), ("from", Node), ("to", Node), ("bytes", Number)]),
    ("smtp.txn", &[("conn", Number), ("mail_from", Text), ("end_code", Number), ("wire_bytes", Number)]),
    ("dns.query", &[("from", Node), ("qname", Text), ("qtype", Text)]),
    ("queue.enter", &[("host", Node), ("msg", Text), ("reason", Text)]),
    ("queue.attempt", &[("host", Node), ("msg", Text), ("reason", Text)]),
    ("queue.defer", &[("host", Node), ("msg", Text), ("reason", Text)]),
    ("queue.leave", &[("host", Node), ("msg", Text), ("reason", Text)]),
    ("mailbox.store", &[("host", Node), ("user", Text), ("folder", Text), ("uid", Number), ("msg", Text)]),
    ("mailbox.flag", &[("host", Node), ("user", Text), ("folder", Text), ("uid", Number), ("msg", Text)]),
    ("mailbox.expunge", &[("host", Node), ("user", Text), ("folder", Text), ("uid", Number), ("msg", Text)]),
    ("mailbox.move", &[("host", Node), ("user", Text), ("folder", Text), ("uid", Number), ("msg", Text)]),
    ("dsn.create", &[("host", Node), ("for", Text), ("to", Text)]),
    ("http.request", &[("conn", Number), ("from", Node), ("method", Text), ("path", Text)]),
    ("http.response", &[("conn", Number), ("from", Node), ("path", Text), ("status", Number)]),
    ("imap.cmd", &[("conn", Number), ("from", Node), ("verb", Text), ("text", Text)]),
    ("imap.resp", &[("conn", Number), ("from", Node), ("verb", Text), ("status", Text), ("text", Text)]),
    ("fault.apply", &[("kind", Text), ("target", Text)]),
];

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
    /// Its first moment.
    pub begins: EventPattern,
    /// Its last moment.
    pub done: EventPattern,
}

/// Which event is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPattern {
    /// One of [`KINDS`].
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
