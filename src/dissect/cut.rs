//! A frame that is being cut into layers, from its first byte on, and how fields are made.

use std::net::Ipv4Addr;
use std::ops::Range;

use super::{Field, Layer, LayerKind, Value};
use crate::packet::MacAddr;

/// The frame, how far it has been read, and the layers so far: they cover `0..at`.
pub(super) struct Cut<'a> {
    pub frame: &'a [u8],
    pub at: usize,
    pub layers: Vec<Layer>,
}

impl<'a> Cut<'a> {
    pub fn new(frame: &'a [u8]) -> Self {
        Cut { frame, at: 0, layers: Vec::with_capacity(5) }
    }

    /// Bytes that are not yet in a layer.
    pub fn left(&self) -> &'a [u8] {
        &self.frame[self.at..]
    }

    /// Cuts the next `length` bytes off as a layer.
    pub fn layer(
        &mut self,
        (name, abbr, kind): (&'static str, &'static str, LayerKind),
        length: usize,
        summary: String,
        fields: Vec<Field>,
    ) {
        let span = self.at..(self.at + length).min(self.frame.len());
        self.at = span.end;
        if !span.is_empty() {
            self.layers.push(Layer { name, abbr, span, summary, fields, kind });
        }
    }

    /// The bytes of `length` at `offset` from here as a number.
    pub fn peek(&self, offset: usize, length: usize) -> u64 {
        number(&self.frame[self.at + offset..self.at + offset + length])
    }

    fn span(&self, offset: usize, length: usize) -> Range<usize> {
        self.at + offset..self.at + offset + length
    }

    /// A field that is the number at `offset` from here; `say` puts it in words.
    pub fn number(
        &self,
        name: &'static str,
        label: &str,
        (offset, length): (usize, usize),
        say: impl FnOnce(u64) -> String,
    ) -> Field {
        let n = self.peek(offset, length);
        field(name, label, say(n), Value::Number(n), self.span(offset, length))
    }

    /// A field that is some bits of the number at `offset` from here.
    pub fn bits(
        &self,
        name: &'static str,
        label: &str,
        (offset, length): (usize, usize),
        mask: u64,
        say: impl FnOnce(u64) -> String,
    ) -> Field {
        let value = (self.peek(offset, length) & mask) >> mask.trailing_zeros();
        field(name, label, say(value), Value::Bits { mask, value }, self.span(offset, length))
    }

    /// One bit: set or not.
    pub fn flag(&self, name: &'static str, label: &str, at: (usize, usize), mask: u64) -> Field {
        self.bits(name, label, at, mask, |bit| if bit == 1 { "Set" } else { "Not set" }.to_string())
    }

    /// A number that follows from the bytes.
    pub fn derived(
        &self,
        name: &'static str,
        label: &str,
        (offset, length): (usize, usize),
        n: u64,
        value: String,
    ) -> Field {
        field(name, label, value, Value::Derived(n), self.span(offset, length))
    }

    pub fn address(&self, name: &'static str, label: &str, offset: usize) -> Field {
        let address = Ipv4Addr::from_bits(self.peek(offset, 4) as u32);
        field(name, label, address.to_string(), Value::Address(address), self.span(offset, 4))
    }

    pub fn mac(&self, name: &'static str, label: &str, offset: usize) -> Field {
        let mac = self.mac_at(offset);
        field(name, label, mac.to_string(), Value::Hardware(mac), self.span(offset, 6))
    }

    pub fn mac_at(&self, offset: usize) -> MacAddr {
        let bytes = &self.frame[self.span(offset, 6)];
        MacAddr(bytes.try_into().expect("a span of six bytes"))
    }

    /// A field without a value for programs: bytes, or a name for what is below it.
    pub fn plain(&self, name: &'static str, label: &str, (offset, length): (usize, usize), value: String) -> Field {
        field(name, label, value, Value::None, self.span(offset, length))
    }
}

/// A field without parts.
pub(super) fn field(name: &'static str, label: &str, value: String, raw: Value, span: Range<usize>) -> Field {
    Field { name, label: label.to_string(), value, raw, span, children: Vec::new() }
}

/// A field that is text.
pub(super) fn text(name: &'static str, label: &str, bytes: &[u8], span: Range<usize>) -> Field {
    let text = String::from_utf8_lossy(bytes).into_owned();
    field(name, label, text.clone(), Value::Text(text), span)
}

impl Field {
    pub(super) fn with(mut self, children: Vec<Field>) -> Self {
        self.children = children;
        self
    }
}

/// At most eight bytes, most significant first.
pub(super) fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b))
}

pub(super) fn plain_number(n: u64) -> String {
    n.to_string()
}

/// The lines of a text with their line ends; the last may have none.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|b| *b == b'\n')
}

/// A line without its CRLF (or LF).
pub(super) fn bare(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r\n").or(line.strip_suffix(b"\n")).unwrap_or(line)
}
