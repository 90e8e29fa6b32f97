//! DNS: the fields of a message, and which answer belongs to which question.

use std::collections::HashMap;

use super::Out;
use crate::dissect::{self, Value};
use crate::filter::{Field, Kind, Val};

/// Questions that were asked: by conversation and number, frame and time.
#[derive(Default)]
pub(super) struct Questions(HashMap<(u32, u16), (usize, i128)>);

impl Questions {
    pub(super) fn message(&mut self, out: &mut Out, n: usize, (bytes, at): (&[u8], i128), stream: u32) {
        out.protocol(n, Field::Dns, bytes, bytes.len());
        self.fields(out, n, (bytes, at), stream);
    }

    /// A message with its length in front, as it is on TCP.
    pub(super) fn framed(&mut self, out: &mut Out, n: usize, (bytes, at): (&[u8], i128)) {
        out.protocol(n, Field::Dns, bytes, bytes.len());
        out.number(n, Field::DnsLength, u32::from(bytes[0]) << 8 | u32::from(bytes[1]));
        self.fields(out, n, (&bytes[2..], at), 0);
    }

    fn fields(&mut self, out: &mut Out, n: usize, (bytes, at): (&[u8], i128), stream: u32) {
        for field in dissect::dns_fields(bytes) {
            field.walk(&mut |field| put(out, n, field));
        }
        let (Some(id), Some(flags)) = (bytes.get(..2), bytes.get(2)) else { return };
        let key = (stream, u16::from_be_bytes([id[0], id[1]]));
        if flags & 0x80 == 0 {
            self.0.entry(key).or_insert((n, at));
        } else if let Some((question, asked)) = self.0.get(&key) {
            out.frame(n, Field::DnsResponseTo, *question);
            out.nanos(n, Field::DnsTime, at - asked);
            out.frame(*question, Field::DnsResponseIn, n);
        }
    }
}

fn put(out: &mut Out, n: usize, told: &dissect::Field) {
    let Some(field) = Field::named(told.name).filter(|field| field.spec().kind != Kind::Protocol) else { return };
    let is_truth = field.spec().kind == Kind::Boolean;
    match &told.raw {
        Value::Number(value) | Value::Derived(value) | Value::Bits { value, .. } if is_truth => {
            out.truth(n, field, *value != 0);
        }
        Value::Number(value) | Value::Derived(value) | Value::Bits { value, .. } => out.number(n, field, *value),
        Value::Address(address) => out.put(n, field, || Val::ipv4(*address)),
        Value::Text(text) => out.text(n, field, text.as_bytes()),
        Value::Hardware(_) | Value::None => {}
    }
    if let (Field::DnsQryName, Value::Text(name)) = (field, &told.raw) {
        out.number(n, Field::DnsQryNameLen, name.len() as u32);
        out.number(n, Field::DnsCountLabels, name.split('.').count() as u32);
    }
}
