//! Painting: text, icons, cards.

use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{self, Align2, Color32, CornerRadius, FontId, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

use crate::gui::theme::{Icon, R_CARD, Tokens, icon};

/// Text at a place; gives the rectangle that it fills.
pub fn text(p: &Painter, at: Pos2, anchor: Align2, s: impl ToString, font: FontId, colour: Color32) -> Rect {
    p.text(at, anchor, s, font, colour)
}

/// An icon with its visual centre at `centre`.
pub fn icon_at(p: &Painter, centre: Pos2, i: Icon, size: f32, colour: Color32) {
    let galley = p.layout_no_wrap(i.unicode().to_string(), icon(size), colour);
    let at = centre - galley.mesh_bounds.center().to_vec2();
    let k = p.pixels_per_point();
    p.galley(pos2((at.x * k).round() / k, (at.y * k).round() / k), galley, colour);
}

/// One line of text, left and vertically centred at `at`, cut with an ellipsis at `width`. Says whether it was cut:
/// then its full form belongs into a tooltip.
pub fn elided(p: &Painter, at: Pos2, s: &str, font: FontId, colour: Color32, width: f32) -> (Rect, bool) {
    let mut job = LayoutJob::simple_singleline(s.to_owned(), font, colour);
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    let galley = p.layout_job(job);
    let cut = galley.elided;
    let at = pos2(at.x, (at.y - galley.size().y / 2.0).round());
    let rect = Rect::from_min_size(at, galley.size());
    p.galley(at, galley, colour);
    (rect, cut)
}

/// Text in several fonts and colours, wrapped at `width`.
pub fn rich(parts: &[(&str, FontId, Color32)], width: f32, line_height: f32) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = width;
    for (s, font, colour) in parts {
        let mut format = TextFormat::simple(font.clone(), *colour);
        format.line_height = Some(line_height);
        job.append(s, 0.0, format);
    }
    job
}

/// A frame like a card.
pub fn card(t: &Tokens) -> egui::Frame {
    egui::Frame::NONE.fill(t.surface).stroke(Stroke::new(1.0, t.border)).corner_radius(CornerRadius::same(R_CARD))
}

/// A card that lies above others.
pub fn shadow_card(p: &Painter, rect: Rect, radius: u8, t: &Tokens) {
    let corner = CornerRadius::same(radius);
    p.add(egui::Shadow { offset: [0, 4], blur: 16, spread: 0, color: t.shadow }.as_shape(rect, corner));
    p.rect(rect, corner, t.surface, Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
}

/// A horizontal line over a rectangle.
pub fn hline(p: &Painter, rect: Rect, y: f32, t: &Tokens) {
    p.hline(rect.x_range(), y, Stroke::new(1.0, t.border));
}

/// A word on its tint, left and vertically centred at `at`.
pub fn chip(p: &Painter, at: Pos2, s: &str, colour: Color32, t: &Tokens, font: FontId) -> Rect {
    let galley = p.layout_no_wrap(s.to_owned(), font, t.on_tint(colour));
    let size = vec2(galley.size().x + 12.0, galley.size().y + 4.0);
    let rect = Rect::from_min_size(pos2(at.x, at.y - size.y / 2.0), size);
    p.rect_filled(rect, CornerRadius::same(4), t.tint(colour));
    p.galley(rect.min + vec2(6.0, 2.0), galley, t.text);
    rect
}
