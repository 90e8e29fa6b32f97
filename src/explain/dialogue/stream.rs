//! The bytes of one direction of a connection, put together from its packets, and opened where they are sealed.

use std::ops::Range;

use crate::tls::{self, HEADER, Record};
use crate::topology::Side;
use crate::trace::{Log, PacketId, Sealed};

/// What one end has put on the wire: always a beginning of its stream, for TCP first sends in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stream {
    bytes: Vec<u8>,
    opened: Option<Box<Open>>,
}

/// A stream whose end is sealed, without the seals.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Open {
    /// Where the first record begins; what is before it is as it was sent.
    from: u64,
    plain: Vec<u8>,
    records: Vec<Record>,
    /// Of each record, where its bytes begin in `plain`.
    starts: Vec<u64>,
}

impl Open {
    fn new(from: u64, bytes: &[u8], records: Vec<Record>) -> Open {
        let mut plain = bytes[..(from as usize).min(bytes.len())].to_vec();
        let mut starts = Vec::with_capacity(records.len());
        for record in &records {
            starts.push(plain.len() as u64);
            plain.extend_from_slice(record.plain());
        }
        Open { from, plain, records, starts }
    }

    /// How many plain bytes stand before a place on the wire.
    fn plain(&self, wire: u64) -> u64 {
        if wire <= self.from {
            return wire;
        }
        let n = self.records.partition_point(|r| r.wire.end <= wire);
        let Some(record) = self.records.get(n) else { return self.plain.len() as u64 };
        let inside = wire.saturating_sub(record.wire.start + HEADER as u64).min(record.plain().len() as u64);
        self.starts[n] + inside
    }

    /// The record with a plain byte, and where its bytes begin.
    fn record(&self, plain: u64) -> Option<(&Record, u64)> {
        let behind = |i: &usize| self.starts[*i] + self.records[*i].plain().len() as u64 > plain;
        let n = (0..self.records.len()).find(behind).filter(|_| plain >= self.from)?;
        Some((&self.records[n], self.starts[n]))
    }

    /// Where plain bytes stand on the wire: with the whole of each record that they fill to the edge.
    fn wire(&self, plain: Range<u64>) -> Range<u64> {
        let start = match self.record(plain.start) {
            Some((record, from)) if from == plain.start => record.wire.start,
            Some((record, from)) => record.wire.start + HEADER as u64 + (plain.start - from),
            None => plain.start,
        };
        let Some(last) = plain.end.checked_sub(1).filter(|last| *last >= plain.start) else { return start..start };
        let end = match self.record(last) {
            Some((record, from)) if from + record.plain().len() as u64 == plain.end => record.wire.end,
            Some((record, from)) => record.wire.start + HEADER as u64 + (plain.end - from),
            None => plain.end,
        };
        start..end
    }
}

/// Opens both directions of a connection with TLS.
pub(super) fn unseal(streams: &mut [Stream; 2], sealed: &Sealed) {
    let behind = |stream: &Stream, side| stream.bytes.get(sealed.from(side) as usize..).unwrap_or_default().to_vec();
    let suite = tls::suite(&behind(&streams[1], Side::Server)).unwrap_or_default();
    for side in [Side::Client, Side::Server] {
        let stream = &mut streams[index(side)];
        let from = sealed.from(side);
        let records = tls::records(side, from, &behind(stream, side), suite, sealed.secrets());
        stream.opened = Some(Box::new(Open::new(from, &stream.bytes, records)));
    }
}

impl Stream {
    /// Takes the payload of the next packet in, unless all of it was sent before.
    pub fn take(&mut self, log: &Log, packet: PacketId) {
        let (start, len) = log.packet(packet).stream;
        let (start, len) = (start as usize, len as usize);
        let bytes = log.packet_bytes(packet);
        let have = self.bytes.len();
        // The payload is the packet's end; a piece behind a gap cannot be, and would be left out.
        if len == 0 || start > have || start + len <= have || len > bytes.len() {
            return;
        }
        self.bytes.extend_from_slice(&bytes[bytes.len() - len + (have - start)..]);
    }

    /// All of it as it was sent.
    pub fn sealed(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes were sent.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// A part of it, as far as it was sent; what is sealed is opened, and so it is shorter.
    pub fn part(&self, range: &Range<u64>) -> &[u8] {
        let (bytes, start, end) = match &self.opened {
            Some(open) => (&open.plain, open.plain(range.start), open.plain(range.end)),
            None => (&self.bytes, range.start, range.end),
        };
        let end = (end as usize).min(bytes.len());
        let start = (start as usize).min(end);
        &bytes[start..end]
    }

    /// Whether a range is TLS's own: nothing in it is from a program.
    pub fn is_only_sealing(&self, range: &Range<u64>) -> bool {
        self.opened.as_ref().is_some_and(|open| range.start >= open.from) && self.part(range).is_empty()
    }

    /// Where a part of [`part`](Self::part) stands in the stream: `inner` counts opened bytes, and counts on from `start`.
    pub fn wire(&self, start: u64, inner: &Range<u64>) -> Range<u64> {
        match &self.opened {
            Some(open) => {
                let plain = open.plain(start);
                open.wire(plain + (inner.start - start)..plain + (inner.end - start))
            }
            None => inner.clone(),
        }
    }
}

/// Index of a side in a pair.
pub(super) const fn index(side: Side) -> usize {
    match side {
        Side::Client => 0,
        Side::Server => 1,
    }
}
