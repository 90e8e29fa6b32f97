//! Objects as boxes: a response is a box with one layer, a multipart mail one with a layer for each object.

use eframe::egui::{Align2, Color32, CornerRadius, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

use crate::gui::theme::{Tokens, med};
use crate::gui::widgets::text;

/// Width of a box.
const WIDTH: f32 = 26.0;
/// Height of a layer.
const LAYER: f32 = 11.0;
/// Between boxes.
const APART: f32 = 5.0;

/// How high the boxes are.
pub fn height(units: &[usize]) -> f32 {
    units.iter().copied().max().unwrap_or(0).clamp(1, 6) as f32 * LAYER + 3.0
}

/// Draws the boxes of `units` (objects in each), standing on one line; `at` is the upper left corner.
pub fn show(p: &Painter, at: Pos2, units: &[usize], width: f32, colour: Color32, t: &Tokens) {
    let bottom = at.y + height(units);
    let fits = (((width + APART) / (WIDTH + APART)) as usize).max(1);
    let (shown, rest) =
        if units.len() > fits { (fits.saturating_sub(1), units.len() + 1 - fits) } else { (units.len(), 0) };
    let mut x = at.x;
    for layers in &units[..shown] {
        let count = (*layers).clamp(1, 6);
        let high = count as f32 * LAYER + 3.0;
        let rect = Rect::from_min_size(pos2(x, bottom - high), vec2(WIDTH, high));
        p.rect(rect, CornerRadius::same(3), t.tint(colour), Stroke::new(1.5, colour), StrokeKind::Inside);
        for layer in 1..count {
            p.hline(rect.shrink(1.5).x_range(), rect.top() + 1.5 + layer as f32 * LAYER, Stroke::new(1.25, colour));
        }
        // The corner that makes it a thing and not a mark.
        for layer in 0..count {
            let y = rect.top() + 1.5 + layer as f32 * LAYER + LAYER / 2.0;
            p.hline(rect.left() + 5.0..=rect.right() - 9.0, y, Stroke::new(2.0, colour));
        }
        x += WIDTH + APART;
    }
    if rest > 0 {
        text(p, pos2(x, bottom - LAYER / 2.0 - 2.0), Align2::LEFT_CENTER, format!("+ {rest}"), med(12.0), t.text2);
    }
}
