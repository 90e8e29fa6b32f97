//! Buttons. Each has a name for a screen reader and shows what it does, and its key, when hovered or focused.

use eframe::egui::{
    self, Align2, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::paint::{icon_at, text};
use crate::gui::theme::{Icon, R_CTRL, Tokens, alpha, med, mix};

/// The ring around what has the keyboard: outside the object, with two points of distance.
pub fn focus_ring(ui: &Ui, rect: Rect, radius: u8, t: &Tokens) {
    let stroke = Stroke::new(3.0, t.accent);
    ui.painter().rect_stroke(rect.expand(2.0), CornerRadius::same(radius + 2), stroke, StrokeKind::Outside);
}

/// A square button with an icon; `name` is its name and its tooltip.
pub fn icon_button(ui: &mut Ui, i: Icon, name: &str, size: f32, active: bool, t: &Tokens) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(size), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, active, name));
    let lit = ui.ctx().animate_bool(response.id.with("lit"), response.hovered() || response.has_focus());
    let p = ui.painter();
    if active {
        p.rect_filled(rect, CornerRadius::same(R_CTRL), t.tint(t.accent));
    }
    if lit > 0.0 {
        p.rect_filled(rect, CornerRadius::same(R_CTRL), alpha(t.text, 0.07 * lit));
    }
    if response.has_focus() {
        focus_ring(ui, rect, R_CTRL, t);
    }
    let colour = match (enabled, active) {
        (false, _) => t.border_strong,
        (true, true) => t.accent_text,
        (true, false) => mix(t.text2, t.text, lit),
    };
    icon_at(ui.painter(), rect.center(), i, size * 0.56, colour);
    response.on_hover_text(name)
}

/// A button with a word.
pub fn button(ui: &mut Ui, word: &str, t: &Tokens) -> Response {
    word_button(ui, word, false, t)
}

/// The one button with a filled colour.
pub fn primary(ui: &mut Ui, word: &str, t: &Tokens) -> Response {
    word_button(ui, word, true, t)
}

fn word_button(ui: &mut Ui, word: &str, filled: bool, t: &Tokens) -> Response {
    let width = ui.painter().layout_no_wrap(word.to_owned(), med(13.5), t.text).size().x + 26.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width.max(44.0), 32.0), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, word));
    let lit = ui.ctx().animate_bool(response.id.with("lit"), response.hovered());
    let (ground, ink, edge) = if filled {
        let away = if t.dark { egui::Color32::WHITE } else { egui::Color32::BLACK };
        (mix(t.accent, away, 0.12 * lit), t.on_accent, t.accent)
    } else {
        (mix(t.surface, t.text, 0.05 * lit), t.text, t.border_strong)
    };
    let (ground, ink) = if enabled { (ground, ink) } else { (t.surface2, t.text3) };
    let p = ui.painter();
    p.rect(rect, CornerRadius::same(R_CTRL), ground, Stroke::new(1.0, edge), StrokeKind::Inside);
    text(p, rect.center(), Align2::CENTER_CENTER, word, med(13.5), ink);
    if response.has_focus() {
        focus_ring(ui, rect, R_CTRL, t);
    }
    response
}

/// One of several words; gives the one that was chosen now. `name` is that of the group.
pub fn segmented(ui: &mut Ui, name: &str, words: &[&str], chosen: usize, t: &Tokens) -> Option<usize> {
    let font = med(13.0);
    let width = |w: &str| ui.painter().layout_no_wrap(w.to_owned(), font.clone(), t.text).size().x + 22.0;
    let widths: Vec<f32> = words.iter().map(|w| width(w)).collect();
    let (rect, _) = ui.allocate_exact_size(vec2(widths.iter().sum::<f32>() + 4.0, 32.0), Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::same(R_CTRL + 1), if t.dark { t.bg } else { mix(t.bg, t.text, 0.03) });
    let (mut x, mut picked) = (rect.left() + 2.0, None);
    for (i, word) in words.iter().enumerate() {
        let cell = Rect::from_min_size(pos2(x, rect.top() + 2.0), vec2(widths[i], 28.0));
        let response = ui.interact(cell, ui.scope_id().with((name, i)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, i == chosen, format!("{name}: {word}")));
        if response.clicked() {
            picked = Some(i);
        }
        let p = ui.painter();
        if i == chosen {
            let corner = CornerRadius::same(R_CTRL - 1);
            p.add(egui::Shadow { offset: [0, 1], blur: 3, spread: 0, color: t.shadow }.as_shape(cell, corner));
            p.rect_filled(cell, corner, if t.dark { mix(t.surface2, t.text, 0.10) } else { t.surface });
            p.hline(cell.shrink2(vec2(11.0, 0.0)).x_range(), cell.bottom() - 3.0, Stroke::new(2.0, t.accent));
        }
        let ink = if i == chosen || response.hovered() { t.text } else { t.text2 };
        text(p, cell.center(), Align2::CENTER_CENTER, *word, font.clone(), ink);
        if response.has_focus() {
            focus_ring(ui, cell, R_CTRL - 1, t);
        }
        x += widths[i];
    }
    picked
}
