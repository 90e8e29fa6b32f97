//! Where the bytes that an engine counts stand on the wire.
//!
//! An engine counts the plain bytes of its stream, from the first one on. While nothing is sealed these are the bytes
//! of TCP's stream. Behind that, a record of `n` plain bytes takes `n + 22` bytes, and plain byte `i` of it stands at
//! `5 + i`: all three ciphers of TLS 1.3 keep the order of bytes (RFC 8446 section 5.2).

use std::ops::Range;

use super::record::HEADER;
use crate::engine::SpanMap;

/// A record with bytes of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sealed {
    plain: u64,
    wire: u64,
    /// Plain bytes.
    length: u64,
    /// Behind the record on the wire.
    end: u64,
}

/// One direction of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    records: Vec<Sealed>,
    plain: u64,
}

impl Places {
    /// The first sealed byte of the engine will be this one of its stream.
    pub fn new(plain: u64) -> Places {
        Places { records: Vec::new(), plain }
    }

    /// `length` plain bytes more, in the record at `wire`.
    pub fn push(&mut self, length: usize, wire: Range<u64>) {
        if length > 0 {
            let length = length as u64;
            self.records.push(Sealed { plain: self.plain, wire: wire.start, length, end: wire.end });
            self.plain += length;
        }
    }

    /// Plain bytes of the stream that have their place: behind them nothing is sealed yet.
    pub fn sealed(&self) -> u64 {
        self.plain
    }

    /// The record with this plain byte.
    fn record(&self, at: u64) -> Option<&Sealed> {
        let n = self.records.partition_point(|r| r.plain + r.length <= at);
        self.records.get(n).filter(|r| r.plain <= at)
    }

    /// Where one byte stands.
    pub fn byte(&self, at: u64) -> u64 {
        self.record(at).map_or(at, |r| r.wire + HEADER as u64 + (at - r.plain))
    }

    /// Where a range stands: with the whole of each record that it fills to the edge, so that what follows each other
    /// in the engine's stream does so on the wire. What is not sealed yet has no place: the range ends before it.
    pub fn range(&self, range: &Range<u64>) -> Range<u64> {
        let start = match self.record(range.start) {
            Some(r) if r.plain == range.start => r.wire,
            _ => self.byte(range.start),
        };
        let whole = range.end.min(self.plain);
        let Some(last) = whole.checked_sub(1).filter(|last| *last >= range.start) else { return start..start };
        let end = match self.record(last) {
            Some(r) if r.plain + r.length == whole => r.end,
            _ => self.byte(last) + 1,
        };
        start..end
    }

    /// A map whose target is this stream.
    pub fn target(&self, map: &SpanMap) -> SpanMap {
        self.map(map, |at, from| (at, from))
    }

    /// A map whose source is this stream.
    pub fn source(&self, map: &SpanMap) -> SpanMap {
        self.map(map, |at, from| (from, at))
    }

    /// It ends where nothing is sealed yet. `sides` says which of the two is ours, and puts them back: it is its own inverse.
    fn map(&self, map: &SpanMap, sides: impl Fn(u64, u64) -> (u64, u64)) -> SpanMap {
        let mut out = SpanMap::new();
        for piece in map.pieces() {
            let mut done = 0;
            while done < piece.len {
                let (ours, other) = sides(piece.at + done, piece.from + done);
                if ours >= self.plain {
                    return out;
                }
                let rest = piece.len - done;
                let here = self.record(ours).map_or(rest, |r| rest.min(r.plain + r.length - ours));
                let (at, from) = sides(self.byte(ours), other);
                out.push(at, here, from);
                done += here;
            }
        }
        out
    }
}
