//! A word that is on or off, with a switch before it.

use eframe::egui::{Align2, CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::gui::theme::{R_CTRL, Tokens, med, mix};
use crate::gui::widgets::{focus_ring, text};

/// The switch.
const SWITCH: f32 = 28.0;

/// How wide it is with this word.
pub fn width(ui: &Ui, word: &str) -> f32 {
    let colour = eframe::egui::Color32::PLACEHOLDER;
    ui.painter().layout_no_wrap(word.to_owned(), med(13.0), colour).size().x + SWITCH + 24.0
}

/// Draws it into `rect`; true when it was turned. `name` says what it does.
pub fn toggle(ui: &mut Ui, rect: Rect, word: &str, name: &str, on: bool, t: &Tokens) -> bool {
    let response = ui.interact(rect, ui.scope_id().with(("toggle", word)), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Switch, true, on, name));
    let lit = ui.ctx().animate_bool(response.id.with("lit"), response.hovered());
    let turned = ui.ctx().animate_bool(response.id.with("on"), on);
    let p = ui.painter();
    p.rect_filled(rect, CornerRadius::same(R_CTRL), mix(t.surface, t.text, 0.05 * lit));
    let track = Rect::from_center_size(pos2(rect.left() + 8.0 + SWITCH / 2.0, rect.center().y), vec2(SWITCH, 16.0));
    let fill = mix(t.surface2, t.accent, turned);
    let edge = mix(t.text3, t.accent, turned);
    p.rect(track, CornerRadius::same(8), fill, Stroke::new(1.5, edge), StrokeKind::Inside);
    let knob = pos2(track.left() + 8.0 + (SWITCH - 16.0) * turned, track.center().y);
    p.circle_filled(knob, 4.5, mix(t.text3, t.on_accent, turned));
    text(p, pos2(track.right() + 8.0, rect.center().y), Align2::LEFT_CENTER, word, med(13.0), t.text);
    if response.has_focus() {
        focus_ring(ui, rect, R_CTRL, t);
    }
    let turned = response.clicked();
    response.on_hover_text(name);
    turned
}
