//! What lies around a letter on the wire, byte for byte: which packets carried it, and how much of each is TCP, IP and
//! link. Counted here, drawn by `bars`.

use std::ops::Range;

use super::raw::{Lines, Part};
use super::versions::{Transfer, Versions};
use crate::dissect::LayerKind;
use crate::gui::run::Run;
use crate::mail::ContentId;
use crate::trace::PacketId;

/// What some bytes of a frame are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bytes {
    /// A header of this layer.
    Layer(LayerKind, &'static str),
    /// A part of the letter.
    Letter(Part),
    /// What the protocol adds: the dot that ends the mail, a doubled dot, the words around an IMAP literal.
    Protocol(&'static str),
}

/// A packet that carried some of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Which packet.
    pub packet: PacketId,
    /// What its frame consists of, in order.
    pub parts: Vec<(Bytes, usize)>,
    /// Which bytes of the letter as it was sent.
    pub letter: Range<usize>,
}

impl Parcel {
    /// Bytes on the link.
    pub fn frame(&self) -> usize {
        self.parts.iter().map(|(_, n)| n).sum()
    }

    /// Bytes before the first one of the letter.
    pub fn before(&self) -> usize {
        self.parts.iter().take_while(|(b, _)| !matches!(b, Bytes::Letter(_))).map(|(_, n)| n).sum()
    }
}

/// How a letter travelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapping {
    /// `mail.a to mail.b`.
    pub way: String,
    /// The protocol by which it went.
    pub protocol: &'static str,
    /// How many bytes stand in front of what was sent: lines that were put there afterwards.
    pub added: usize,
    /// How many bytes the letter had when it was sent.
    pub sent: usize,
    /// The packets, in order of sending, repeated ones left out.
    pub parcels: Vec<Parcel>,
}

/// How this version, or the one of which it was made, travelled.
pub fn wrapping(run: &Run, versions: &Versions, content: ContentId, place: usize) -> Option<Wrapping> {
    let transfer = versions.transfer(content, place)?;
    let version = versions.get(content)?;
    let sent = versions.get(transfer.content)?;
    let lines = Lines::new(&sent.letter.bytes);
    let added = match version.letter.bytes.ends_with(&sent.letter.bytes) {
        true => version.letter.bytes.len() - sent.letter.bytes.len(),
        false => 0,
    };
    let conversation = run.conversations.get(transfer.conn.0 as usize);
    let protocol = conversation.map_or("TCP", |c| c.protocol.name());
    let found = run.packets.of_stream(transfer.conn, transfer.side, transfer.range.clone());
    let mut parcels: Vec<Parcel> = Vec::new();
    for (packet, _) in found {
        // What was sent again carries nothing new.
        let new = parcel(run, transfer, packet, &lines, protocol);
        let known = |p: &Parcel| p.letter.start <= new.letter.start && new.letter.end <= p.letter.end;
        if !parcels.iter().any(known) {
            parcels.push(new);
        }
    }
    let end = |side| run.log.end(transfer.conn, side).map_or("?", |n| run.node(n));
    let way = format!("{} to {}", end(transfer.side), end(transfer.side.other()));
    Some(Wrapping { way, protocol, added, sent: lines.bytes, parcels })
}

fn parcel(run: &Run, transfer: &Transfer, packet: PacketId, lines: &Lines, protocol: &'static str) -> Parcel {
    let (start, len) = run.log.packet(packet).stream;
    let mut parts = headers(run, packet);
    let mut letter: Option<Range<usize>> = None;
    for at in start..start + u64::from(len) {
        let offset = transfer.letter_offset(at).map(|o| o as usize);
        let what = match offset {
            Some(o) if lines.header.contains(&o) => Bytes::Letter(Part::Header),
            Some(o) if lines.empty.contains(&o) => Bytes::Letter(Part::Empty),
            Some(_) => Bytes::Letter(Part::Body),
            None => Bytes::Protocol(protocol),
        };
        if let Some(o) = offset {
            letter = Some(letter.map_or(o..o + 1, |l| l.start.min(o)..l.end.max(o + 1)));
        }
        match parts.last_mut() {
            Some((last, n)) if *last == what => *n += 1,
            _ => parts.push((what, 1)),
        }
    }
    Parcel { packet, parts, letter: letter.unwrap_or(0..0) }
}

/// Link, IP and TCP in front of the payload.
fn headers(run: &Run, packet: PacketId) -> Vec<(Bytes, usize)> {
    let Some(hop) = run.packets.row(packet).and_then(|r| r.hop) else { return Vec::new() };
    let dissection = run.packets.layers(&run.log, packet, hop);
    let payload = dissection.frame.len() - run.log.packet(packet).stream.1 as usize;
    let mut starts: Vec<(Bytes, usize)> = Vec::new();
    for layer in &dissection.layers {
        if layer.kind != LayerKind::Application && layer.span.start < payload {
            starts.push((Bytes::Layer(layer.kind, layer.name), layer.span.start));
        }
    }
    let ends: Vec<usize> = starts.iter().skip(1).map(|(_, s)| *s).chain([payload]).collect();
    starts.into_iter().zip(ends).map(|((what, start), end)| (what, end - start)).collect()
}
