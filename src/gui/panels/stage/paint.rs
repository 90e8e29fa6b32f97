//! Small parts of the drawing: bands, hatching, pills, words on a plate.

use eframe::egui::{
    Align2, Color32, CornerRadius, FontId, Mesh, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2, vec2,
};

use super::curve::Curve;
use crate::gui::theme::{Icon, Tokens, alpha, semi};
use crate::gui::widgets::icon_at;

/// A band of this width along a way, in one mesh with feathered edges.
pub fn band(way: &Curve, width: f32, colour: Color32) -> Shape {
    let (half, feather) = (width / 2.0, 0.5);
    let rows = [-half - feather, -half + feather, half - feather, half + feather].map(|by| way.offset(by));
    let mut mesh = Mesh::default();
    for i in 0..way.points().len() {
        for (k, row) in rows.iter().enumerate() {
            let edge = k == 0 || k == 3;
            mesh.colored_vertex(row[i], if edge { Color32::TRANSPARENT } else { colour });
        }
        if i > 0 {
            let at = 4 * i as u32;
            for j in 0..3 {
                mesh.add_triangle(at - 4 + j, at - 3 + j, at + j);
                mesh.add_triangle(at - 3 + j, at + j, at + 1 + j);
            }
        }
    }
    Shape::mesh(mesh)
}

/// Slanted lines over a rectangle.
pub fn hatch(p: &Painter, rect: Rect, stroke: Stroke) {
    let p = p.with_clip_rect(rect.shrink(1.0));
    let mut x = rect.left() - rect.height();
    while x < rect.right() {
        p.line_segment([pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())], stroke);
        x += 9.0;
    }
}

/// How a pill looks.
#[derive(Clone, Copy)]
pub struct Pill {
    /// Ground.
    pub ground: Color32,
    /// Text.
    pub ink: Color32,
    /// Edge.
    pub edge: Color32,
    /// In front of the word.
    pub icon: Option<Icon>,
}

/// Width of a pill.
pub fn pill_width(p: &Painter, word: &str, size: f32, icon: bool) -> f32 {
    let text = p.layout_no_wrap(word.to_owned(), semi(size), Color32::WHITE).size().x;
    text.ceil() + 14.0 + if icon { size + 3.0 } else { 0.0 }
}

/// A word in a pill, left end and vertical centre at `at`.
pub fn pill(p: &Painter, at: Pos2, word: &str, size: f32, look: Pill) -> Rect {
    let height = size + 7.0;
    let rect = Rect::from_min_size(
        pos2(at.x, (at.y - height / 2.0).round()),
        vec2(pill_width(p, word, size, look.icon.is_some()), height),
    );
    p.rect(
        rect,
        CornerRadius::same((height / 2.0) as u8),
        look.ground,
        Stroke::new(1.0, look.edge),
        StrokeKind::Inside,
    );
    let mut x = rect.left() + 7.0;
    if let Some(icon) = look.icon {
        icon_at(p, pos2(x + size / 2.0, rect.center().y), icon, size, look.ink);
        x += size + 3.0;
    }
    let galley = p.layout_no_wrap(word.to_owned(), semi(size), look.ink);
    let y = (rect.center().y - galley.size().y / 2.0).round();
    p.galley(pos2(x, y), galley, look.ink);
    rect
}

/// Words on a plate of the ground, so that a line behind them does not run through; centred.
pub fn plate(p: &Painter, at: Pos2, anchor: Align2, words: &str, font: FontId, ink: Color32, t: &Tokens) -> Rect {
    let galley = p.layout_no_wrap(words.to_owned(), font, ink);
    let rect = anchor.anchor_size(at, galley.size()).expand2(vec2(3.0, 0.0));
    let rect = Rect::from_min_size(pos2(rect.left().round(), rect.top().round()), rect.size());
    p.rect_filled(rect, CornerRadius::same(4), alpha(t.canvas, 0.88));
    p.galley(rect.min + vec2(3.0, 0.0), galley, ink);
    rect
}

/// Size of words in a font.
pub fn measure(p: &Painter, words: &str, font: FontId) -> Vec2 {
    p.layout_no_wrap(words.to_owned(), font, Color32::WHITE).size()
}
