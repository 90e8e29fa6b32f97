//! One mail with its parts as boxes: type, encoding, bytes. What HTTP sends as so many responses is here one letter.

use eframe::egui::{CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::raw::Lines;
use crate::gui::cx::Cx;
use crate::gui::theme::{R_CTRL, alpha, med, reg};
use crate::gui::widgets::{elided, focus_ring};
use crate::time::grouped;

/// Height of head and boxes.
pub const HEIGHT: f32 = 24.0 + BOX;
/// Height of a box.
const BOX: f32 = 42.0;
/// A box is not narrower.
const LEAST: f32 = 118.0;
/// Between boxes.
const APART: f32 = 8.0;

/// Draws into `ui.max_rect()`; gives the part that was chosen now.
pub fn show(ui: &Ui, lines: &Lines, cx: &Cx<'_>) -> Option<usize> {
    let t = cx.t;
    let whole = ui.max_rect();
    let count = lines.parts.len();
    let head = Rect::from_min_size(whole.min, vec2(whole.width(), 22.0));
    super::titled(ui, head, &format!("One mail, {count} parts"), "RFC 2045, 2046: MIME", t);
    let row = Rect::from_min_size(pos2(whole.left(), whole.top() + 24.0), vec2(whole.width(), BOX));
    let fits = (((row.width() + APART) / (LEAST + APART)) as usize).max(1);
    let shown = if count > fits { fits.saturating_sub(1).max(1) } else { count };
    let places = if count > shown { shown + 1 } else { shown };
    let width = (row.width() - APART * (places as f32 - 1.0)) / places as f32;
    let place = |n: usize| {
        Rect::from_min_size(pos2(row.left() + n as f32 * (width + APART), row.top()), vec2(width, row.height()))
    };
    let mut picked = None;
    for (n, part) in lines.parts.iter().take(shown).enumerate() {
        let rect = place(n);
        let response = ui.interact(rect, ui.scope_id().with(("part", n)), Sense::click());
        let says = format!("Part {} of {count}: {}. Show its lines", n + 1, part.told());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &says));
        let p = ui.painter();
        let fill = if response.hovered() { t.tint(t.accent) } else { t.surface };
        p.rect(rect, CornerRadius::same(R_CTRL), fill, Stroke::new(1.5, t.border_strong), StrokeKind::Inside);
        // The foot in the colour of the body: a part is a piece of it.
        let foot = Rect::from_min_max(
            pos2(rect.left() + 6.0, rect.bottom() - 4.0),
            pos2(rect.right() - 6.0, rect.bottom() - 1.0),
        );
        p.rect_filled(foot, CornerRadius::same(1), alpha(t.ok, 0.8));
        let (x, room) = (rect.left() + 10.0, rect.width() - 16.0);
        elided(p, pos2(x, rect.top() + 12.5), &format!("{}  {}", n + 1, part.kind), med(13.0), t.text, room);
        let second = format!("{}, {} bytes", part.encoding, grouped(part.body.len() as u64));
        elided(p, pos2(x, rect.top() + 28.5), &second, reg(12.5), t.text2, room);
        if response.has_focus() {
            focus_ring(ui, rect, R_CTRL, t);
        }
        if response.clicked() {
            picked = Some(n);
        }
        response.on_hover_text(says);
    }
    if count > shown {
        let rect = place(shown);
        elided(
            ui.painter(),
            pos2(rect.left() + 4.0, rect.center().y),
            &format!("+ {} more", count - shown),
            med(13.0),
            t.text2,
            rect.width() - 4.0,
        );
    }
    picked
}
