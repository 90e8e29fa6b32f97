//! Where the labels of the arrows stand. Worked out from the whole picture, in order of sending: so a label stands where
//! it stood, whatever comes after it.

use std::collections::BTreeMap;

use eframe::egui::{Color32, FontId, Painter, Rect, pos2, vec2};

use crate::chart::ladder::{Arrow, Ladder, Progress};
use crate::gui::theme::{med, mono};
use crate::net::link::Loss;
use crate::trace::PacketId;

/// Height of a plate.
pub const PLATE: f32 = 18.0;
/// Between the words and the edge of the plate.
pub const INSET: f32 = 5.0;
/// Free between a plate and a lane.
const LANE: f32 = 14.0;
/// Narrower than this a cut label says nothing.
const LEAST: f32 = 80.0;
/// As many earlier plates can be in the way.
const NEAR: usize = 16;
/// Shares of the way that are tried after the wanted one.
const SHARES: [f32; 6] = [0.5, 0.3, 0.7, 0.2, 0.8, 0.4];

/// The plates of one ladder, in its coordinates.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    plates: BTreeMap<PacketId, Rect>,
}

/// The words of an arrow.
pub fn words(arrow: &Arrow) -> String {
    if arrow.retransmission { format!("{} (again)", arrow.label) } else { arrow.label.clone() }
}

/// What became of it, behind its words.
pub const fn fate(arrow: &Arrow) -> Option<&'static str> {
    match arrow.progress {
        Progress::Lost { reason, .. } => Some(lost(reason)),
        Progress::Arrived(_) | Progress::Flying => None,
    }
}

/// Why a packet went no further.
const fn lost(reason: Loss) -> &'static str {
    match reason {
        Loss::QueueFull => "lost: queue full",
        Loss::Chance | Loss::Rule => "lost",
        Loss::Corrupted => "a bit turned",
        Loss::Replaced => "replaced on the way",
        Loss::LinkCut => "lost: link cut",
        Loss::HostOff => "lost: host is off",
        Loss::TimeToLive => "lost: time to live ran out",
        Loss::NoRoute => "lost: no route",
        Loss::NoNeighbour => "lost: no neighbour",
        Loss::NotForUs => "not for this host",
        Loss::Malformed => "lost: bytes are wrong",
    }
}

/// How wide the words of an arrow are, and what became of it.
fn width(p: &Painter, arrow: &Arrow) -> f32 {
    let size = |s: String, font| p.layout_no_wrap(s, font, Color32::PLACEHOLDER).size().x;
    let fate = fate(arrow).map_or(0.0, |fate| size(format!("  {fate}"), med(13.0)));
    size(words(arrow), font(arrow)) + fate + 2.0 * INSET
}

/// What was really said stands in the font of raw text; what names it, in the other.
pub fn font(arrow: &Arrow) -> FontId {
    let named = arrow.dashed || arrow.label == "mail" || arrow.label.starts_with("mail, ");
    if named { med(13.0) } else { mono(13.0) }
}

impl Labels {
    /// For a whole ladder.
    pub fn new(p: &Painter, whole: &Ladder) -> Labels {
        let (left, right) = (whole.left.x + LANE, whole.right.x - LANE);
        // Something of the arrow is seen at both ends of its label.
        let room = (right - left) * if right - left < 240.0 { 0.86 } else { 0.76 };
        let mut labels = Labels::default();
        let mut taken: Vec<Rect> = Vec::new();
        for arrow in &whole.arrows {
            let whole = width(p, arrow).min(room);
            let near = &taken[taken.len().saturating_sub(NEAR)..];
            let free = |plate: &Rect| {
                let around = plate.expand2(vec2(2.0, 0.5));
                near.iter().all(|other| !other.intersects(around))
            };
            // Where the whole has no room its beginning may have: the rest is in the tooltip.
            let widths = [1.0, 0.6, 0.4].map(|part| whole * part).into_iter().filter(|w| *w >= LEAST.min(whole));
            let plate = widths.filter(|w| *w >= 24.0).find_map(|width| {
                let shares = std::iter::once(arrow.label_at).chain(SHARES);
                let places = beyond(arrow, width, (left, right)).into_iter();
                places.chain(shares.map(|share| plate(arrow, share, width, (left, right)))).find(free)
            });
            if let Some(plate) = plate {
                labels.plates.insert(arrow.packet, plate);
                taken.push(plate);
            }
        }
        labels
    }

    /// The plate of an arrow; `None` if there was no room. That of a packet in flight stands no farther than its tip.
    pub fn of(&self, arrow: &Arrow, lanes: (f32, f32)) -> Option<Rect> {
        let plate = *self.plates.get(&arrow.packet)?;
        let rightwards = arrow.x1 <= (lanes.0 + lanes.1) / 2.0;
        let passed = arrow.lost().is_some()
            || if rightwards { arrow.x2 >= plate.center().x } else { arrow.x2 <= plate.center().x };
        if passed {
            return Some(plate);
        }
        let half = plate.width() / 2.0;
        let x = if rightwards {
            (arrow.x2.max(lanes.0 + LANE + half)).min(plate.center().x)
        } else {
            (arrow.x2.min(lanes.1 - LANE - half)).max(plate.center().x)
        };
        Some(Rect::from_center_size(pos2(x, arrow.y2), plate.size()))
    }
}

/// Of a lost packet the words stand behind the cross, where it did not come.
fn beyond(arrow: &Arrow, width: f32, (left, right): (f32, f32)) -> Option<Rect> {
    let (x, y) = arrow.lost()?;
    let from = if arrow.x2 >= arrow.x1 { x + 13.0 } else { x - 13.0 - width };
    let plate = Rect::from_min_size(pos2(from, y - PLATE / 2.0), vec2(width, PLATE));
    (plate.left() >= left && plate.right() <= right).then_some(plate)
}

/// The plate at a share of the arrow, moved so far that it touches no lane; always on the arrow.
fn plate(arrow: &Arrow, share: f32, width: f32, (left, right): (f32, f32)) -> Rect {
    let half = width / 2.0;
    let x = (arrow.x1 + (arrow.x2 - arrow.x1) * share).clamp(left + half, (right - half).max(left + half));
    let run = arrow.x2 - arrow.x1;
    let share = if run.abs() > 1.0 { ((x - arrow.x1) / run).clamp(0.0, 1.0) } else { 0.5 };
    let y = arrow.y1 + (arrow.y2 - arrow.y1) * share;
    Rect::from_center_size(pos2(x, y), vec2(width, PLATE))
}
