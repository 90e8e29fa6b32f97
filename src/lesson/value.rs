//! Values: what a probe reads and what a learner says, in one type, so that they can be compared.

use std::fmt;

use serde_json::Value as Field;

use super::decimal::{Decimal, Notation};
use super::words::{Literal, Unit};
use crate::filter::Val;
use crate::trace::EntryId;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A number, in the unit of the question.
    Number(Decimal),
    /// Nanoseconds, before they have a unit.
    Time(i64),
    /// A text: the name of a host, a place, a word.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// Several.
    List(Vec<Value>),
    /// An entry of the record.
    Event(EntryId),
}

impl Value {
    /// A whole number.
    pub const fn whole(n: i64) -> Value {
        Value::Number(Decimal::whole(n))
    }

    /// Times as numbers of this unit.
    pub fn in_unit(self, unit: Option<Unit>) -> Value {
        match (self, unit.and_then(Unit::nanos)) {
            (Value::Time(nanos), Some(unit)) => Value::Number(Decimal::of_time(nanos, unit)),
            (Value::List(items), Some(_)) => Value::List(items.into_iter().map(|v| v.in_unit(unit)).collect()),
            (value, _) => value,
        }
    }

    /// The value of an entry's field; lists of the record become lists.
    pub fn of_field(field: &Field) -> Option<Value> {
        match field {
            Field::String(text) => Some(Value::Text(text.clone())),
            Field::Bool(flag) => Some(Value::Flag(*flag)),
            Field::Number(number) => number.as_i64().map(Value::whole),
            Field::Array(items) => Some(Value::List(items.iter().filter_map(Value::of_field).collect())),
            Field::Null | Field::Object(_) => None,
        }
    }

    /// A value of a display filter's field; bytes as digits, as Wireshark writes them.
    pub fn of_val(val: &Val) -> Value {
        match val {
            Val::Label => Value::Flag(true),
            Val::Truth(truth) => Value::Flag(*truth),
            Val::Number(number) => Value::whole(i64::try_from(*number).unwrap_or(i64::MAX)),
            Val::Ipv4(address, _) => Value::Text(std::net::Ipv4Addr::from_bits(*address).to_string()),
            Val::Bytes(bytes) => Value::Text(digits(bytes)),
            Val::Protocol(bytes, own) => Value::Text(digits(&bytes[..(*own).min(bytes.len())])),
            Val::Text(text) => Value::Text(text.to_string()),
            Val::Nanos(nanos) => Value::Time(i64::try_from(*nanos).unwrap_or(i64::MAX)),
        }
    }

    /// What a lesson writes.
    pub fn of_literal(literal: &Literal) -> Value {
        match literal {
            Literal::Text(text) => Value::Text(text.clone()),
            Literal::Number(number) => Value::Number(*number),
            Literal::Flag(flag) => Value::Flag(*flag),
            Literal::List(items) => Value::List(items.iter().map(Value::of_literal).collect()),
        }
    }
}

/// `4d:41:49:4c`.
pub(super) fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":")
}

impl Value {
    /// As it stands in a text of that notation.
    pub fn shown(&self, notation: Notation) -> String {
        match self {
            Value::Number(_) | Value::Time(_) => notation.put(&self.to_string()),
            Value::List(items) => items.iter().map(|item| item.shown(notation)).collect::<Vec<_>>().join(", "),
            Value::Text(_) | Value::Flag(_) | Value::Event(_) => self.to_string(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => number.fmt(f),
            Value::Time(nanos) => crate::time::Duration::from_nanos(nanos.unsigned_abs()).fmt(f),
            Value::Text(text) => f.write_str(text),
            Value::Flag(flag) => f.write_str(if *flag { "yes" } else { "no" }),
            Value::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    item.fmt(f)?;
                }
                Ok(())
            }
            Value::Event(id) => write!(f, "event {}", id.0),
        }
    }
}
