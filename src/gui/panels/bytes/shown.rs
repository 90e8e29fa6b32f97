//! The packet that is looked at, taken apart: made once for each packet, then read by the tree and by the bytes.

use std::ops::Range;
use std::sync::Arc;

use eframe::egui::Color32;

use crate::dissect::{Dissection, Layer, LayerKind};
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::run::{Run, happened};
use crate::gui::theme::{Proto, Tokens};
use crate::topology::{ConnId, Side};
use crate::trace::PacketId;

/// A packet as it was first sent, with its layers.
pub struct Looked {
    /// Which packet.
    pub packet: PacketId,
    /// Its bytes and layers.
    pub dissection: Dissection,
    /// The layer of each byte; the innermost where they nest.
    layer_of: Vec<u8>,
    /// Bytes of the application's layers.
    pub carried: Range<usize>,
    /// How many of them are above 127.
    pub above_127: usize,
}

/// A part of one direction's stream.
type Stretch = (ConnId, Side, u64, u64);

/// Packets, and where in their frames it stands.
type Carriers = Vec<(PacketId, Range<usize>)>;

/// See the [module](self).
#[derive(Default)]
pub struct Shown {
    run: usize,
    looked: Option<Looked>,
    /// Packets that carry the stretch that was asked for last.
    carriers: Option<(Stretch, Carriers)>,
}

impl Shown {
    /// The packet that everything is about, and which of its bytes are lit.
    pub fn at(&mut self, cx: &Cx<'_>) -> Option<(&Looked, Option<Range<usize>>)> {
        let run = Arc::as_ptr(&cx.desk.run) as usize;
        if self.run != run {
            *self = Shown { run, ..Shown::default() };
        }
        let (packet, lit) = self.chosen(cx)?;
        if self.looked.as_ref().is_none_or(|l| l.packet != packet) {
            self.looked = Looked::new(cx.run, packet);
        }
        self.looked.as_ref().map(|l| (l, lit))
    }

    /// The selected packet; the one that carries the selected line; else the last that moved.
    fn chosen(&mut self, cx: &Cx<'_>) -> Option<(PacketId, Option<Range<usize>>)> {
        // A pinned copy stays at its packet, whatever is selected.
        let stay = cx.pinned_packet();
        let mine = |packet: &PacketId| stay.is_none_or(|stay| stay == *packet);
        match &cx.desk.selection {
            Some(Thing::Bytes(packet, from, to)) if mine(packet) => Some((*packet, Some(*from..*to))),
            _ if stay.is_some() => stay.map(|packet| (packet, None)),
            Some(Thing::Stream(conn, side, from, to)) => {
                let found = self.carriers(cx.run, (*conn, *side, *from, *to));
                let sent = |p: &PacketId| cx.run.packets.row(*p).is_some_and(|r| happened(r.sent, cx.place));
                let first = found.iter().find(|(p, _)| sent(p)).or(found.first());
                first.map(|(p, range)| (*p, Some(range.clone()))).or_else(|| Some((cx.desk.packet()?, None)))
            }
            _ => cx.desk.packet().map(|p| (p, None)),
        }
    }

    fn carriers(&mut self, run: &Run, stretch: Stretch) -> &[(PacketId, Range<usize>)] {
        if self.carriers.as_ref().is_none_or(|(s, _)| *s != stretch) {
            let (conn, side, from, to) = stretch;
            self.carriers = Some((stretch, run.packets.of_stream(conn, side, from..to)));
        }
        self.carriers.as_ref().map_or(&[], |(_, found)| found)
    }

    /// The bytes of this packet that are pointed at, in whatever view.
    pub fn pointed(cx: &Cx<'_>, looked: &Looked) -> Option<Range<usize>> {
        match &cx.desk.hover {
            Some(Thing::Bytes(packet, from, to)) if *packet == looked.packet => Some(*from..*to),
            _ => None,
        }
    }
}

impl Looked {
    /// `None` for a packet that never was on a link.
    fn new(run: &Run, packet: PacketId) -> Option<Looked> {
        let hop = run.packets.row(packet)?.hop?;
        let dissection = run.packets.layers(&run.log, packet, hop);
        let mut layer_of = vec![u8::MAX; dissection.frame.len()];
        for (i, layer) in dissection.layers.iter().enumerate() {
            for place in clamped(&layer.span, layer_of.len()) {
                layer_of[place] = i as u8;
            }
        }
        let inner = dissection.layers.iter().filter(|l| l.kind == LayerKind::Application);
        let carried = inner.fold(0..0, |all: Range<usize>, l| match all.is_empty() {
            true => l.span.clone(),
            false => all.start.min(l.span.start)..all.end.max(l.span.end),
        });
        let carried = clamped(&carried, dissection.frame.len());
        let above_127 = dissection.frame[carried.clone()].iter().filter(|b| **b > 127).count();
        Some(Looked { packet, dissection, layer_of, carried, above_127 })
    }

    /// The layer to which a byte belongs.
    pub fn layer_of(&self, byte: usize) -> Option<usize> {
        self.layer_of.get(byte).map(|i| usize::from(*i)).filter(|i| *i < self.dissection.layers.len())
    }

    /// The innermost field (or else the layer) in which a byte stands.
    pub fn smallest(&self, byte: usize) -> Option<Range<usize>> {
        let field = self.dissection.field_at(byte).map(|f| &f.span);
        field.or(self.dissection.layer_at(byte).map(|l| &l.span)).cloned()
    }
}

/// A span that may come from a malformed packet, inside its frame.
fn clamped(span: &Range<usize>, len: usize) -> Range<usize> {
    let end = span.end.min(len);
    span.start.min(end)..end
}

/// The colour of a layer: of its place in the stack, and of its protocol where that is the application.
pub fn colour(layer: &Layer, t: &Tokens) -> Color32 {
    match layer.kind {
        LayerKind::Link => t.layer_link,
        LayerKind::Network => t.layer_network,
        LayerKind::Transport => t.layer_transport,
        LayerKind::Application => match layer.abbr {
            // The letter is SMTP's load, or IMAP's; where it is named alone it has SMTP's colour.
            "imf" => t.proto(Proto::Smtp),
            abbr => t.proto(Proto::of(abbr)),
        },
    }
}
