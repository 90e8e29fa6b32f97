//! The margin: the phase of the rows beside it, with a bracket; where both schemes are asked for, two of them.

use eframe::egui::{Rect, Shape, Stroke, Ui, pos2};

use super::Place;
use super::layout::Column;
use crate::explain::dialogue::{Dialogue, Kind};
use crate::explain::phases::Part;
use crate::gui::cx::Cx;
use crate::gui::panels::bands::{self, Flow};
use crate::smtp::phase::RfcPhase;

/// Of one band.
const BAND: f32 = 18.0;
/// Left edge of the words, from the left edge of the view, less a little.
pub const WIDTH: f32 = 34.0;
/// With both schemes.
const SECOND: f32 = 20.0;

/// The margin's width: more with both schemes.
pub fn width(cx: &Cx<'_>) -> f32 {
    if cx.desk.settings.rfc_phases { WIDTH + SECOND } else { WIDTH }
}

/// Draws the bands of the rows that are seen.
pub fn show(ui: &Ui, place: &Place, column: &Column, d: &Dialogue, cx: &Cx<'_>) {
    let Some(c) = cx.run.conversations.get(d.conn.0 as usize) else { return };
    let t = cx.t;
    let rows = &d.rows[..column.rows.len()];
    let colour = bands::colour(c.protocol, t);
    let x = place.left + 8.0;
    for (from, until) in runs(rows.iter().map(|r| r.part)) {
        let rect = area(place, column, x, from, until);
        bands::band(ui.painter(), rect, rows[from].part, c.protocol, Flow::Down, t);
        let stroke =
            Stroke::new(1.5, if matches!(rows[from].part, Part::Connect | Part::Disconnect) { t.link } else { colour });
        if !cx.desk.settings.rfc_phases {
            bracket(ui, rect, stroke);
        }
    }
    if cx.desk.settings.rfc_phases {
        let phase = |entry: crate::trace::EntryId| {
            let band = c.rfc.iter().rev().find(|b| b.begins <= entry.0 as usize)?;
            band.ends.is_none_or(|end| (entry.0 as usize) < end).then_some(band.phase)
        };
        let phases: Vec<Option<RfcPhase>> =
            rows.iter().map(|r| phase(r.entry).filter(|_| !matches!(r.kind, Kind::Event(_)))).collect();
        for (from, until) in runs(phases.iter().copied()) {
            if let Some(phase) = phases[from] {
                let rect = area(place, column, x + SECOND, from, until);
                bands::plain(ui.painter(), rect, phase.name(), colour, Flow::Down, t);
            }
        }
    }
}

/// Beside a band: its rows belong together.
fn bracket(ui: &Ui, band: Rect, stroke: Stroke) {
    let (x, top, bottom) = (band.right() + 3.0, band.top() + 0.75, band.bottom() - 0.75);
    let points = vec![pos2(x + 4.0, top), pos2(x, top), pos2(x, bottom), pos2(x + 4.0, bottom)];
    ui.painter().add(Shape::line(points, stroke));
}

fn area(place: &Place, column: &Column, x: f32, from: usize, until: usize) -> Rect {
    let (top, bottom) = (column.rows[from].start, column.rows[until - 1].end);
    Rect::from_min_max(pos2(x, place.origin.y + top + 1.5), pos2(x + BAND, place.origin.y + bottom - 1.5))
}

/// Stretches of equal items.
fn runs<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<(usize, usize)> {
    let mut all: Vec<(usize, usize)> = Vec::new();
    let mut last = None;
    for (i, item) in items.enumerate() {
        if last.as_ref() == Some(&item) {
            all.last_mut().expect("a run has begun").1 = i + 1;
        } else {
            all.push((i, i + 1));
        }
        last = Some(item);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn equal_neighbours_are_one_stretch() {
        assert_eq!(runs("aabccc".chars()), [(0, 2), (2, 3), (3, 6)]);
        assert_eq!(runs("".chars()), []);
    }
}
