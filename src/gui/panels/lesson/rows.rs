//! Answers to choose from: rows with letters.

use eframe::egui::{self, Align2, CornerRadius, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::keys::AnswerRow;
use crate::gui::lesson::{Act, Draft};
use crate::gui::theme::{Icon, R_CTRL, R_INNER, mix, mono_med, reg};
use crate::gui::widgets::{focus_ring, icon_at, text};
use crate::lesson::answer::{Asking, letter};
use crate::lesson::words::Kind;

/// From so many answers on short ones stand beside each other.
const MANY: usize = 4;

/// Draws them. `turned`: the chosen one was chosen just now, by a key perhaps, and is scrolled into sight.
pub fn show(
    ui: &mut Ui,
    asking: &Asking,
    draft: &Draft,
    (part, turned): (usize, bool),
    name: &str,
    kind: Kind,
    cx: &Cx<'_>,
) {
    let width = ui.available_width();
    let gap = 6.0;
    let half = (width - gap) / 2.0;
    let measure = |label: &str| ui.painter().layout_no_wrap(label.to_owned(), reg(15.0), cx.t.text).size().x;
    let short: Vec<bool> = asking.offers.iter().map(|o| measure(&o.label) <= half - 80.0).collect();
    let beside = asking.offers.len() >= MANY && kind != Kind::Click;
    let low = kind == Kind::Click || asking.offers.len() > 8;
    let least = if low { 36.0 } else { 44.0 };
    ui.spacing_mut().item_spacing = vec2(gap, gap);
    let mut n = 0;
    while n < asking.offers.len() {
        let two = beside && short[n] && short.get(n + 1) == Some(&true);
        let count = if two { 2 } else { 1 };
        ui.horizontal_top(|ui| {
            for n in n..n + count {
                let chosen = draft.chosen == Some(n);
                let words = format!("{name} {}: {}", letter(n), asking.offers[n].label);
                let each = if two { half } else { width };
                let response = row(ui, (each, least), (n, &asking.offers[n].label), chosen, &words, cx);
                if chosen && turned {
                    response.scroll_to_me(None);
                }
                if response.clicked() {
                    cx.send(Command::Lesson(Act::Pick(part, n)));
                }
            }
        });
        n += count;
    }
}

/// One row: its letter, its words, a tick where it is chosen.
pub fn row(
    ui: &mut Ui,
    (width, least): (f32, f32),
    (n, label): (usize, &str),
    chosen: bool,
    name: &str,
    cx: &Cx<'_>,
) -> Response {
    let t = cx.t;
    let galley = ui.painter().layout(label.to_owned(), reg(15.0), t.text, (width - 76.0).max(40.0));
    let (rect, response) = ui.allocate_exact_size(vec2(width, (galley.size().y + 16.0).max(least)), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, name));
    // With the keyboard on a row, Enter locks and arrows go on to the next.
    ui.ctx().data_mut(|d| d.insert_temp(response.id, AnswerRow));
    let lit = ui.ctx().animate_bool(response.id.with("lit"), response.hovered());
    let p = ui.painter();
    let (ground, edge) = if chosen {
        (t.tint(t.accent), Stroke::new(2.0, t.accent))
    } else {
        (mix(t.surface, t.text, 0.04 * lit), Stroke::new(1.0, t.border_strong))
    };
    p.rect(rect, CornerRadius::same(R_INNER), ground, edge, StrokeKind::Inside);
    badge(ui, pos2(rect.left() + 22.0, rect.center().y), &letter(n), chosen, cx);
    let p = ui.painter();
    p.galley(pos2(rect.left() + 44.0, rect.center().y - galley.size().y / 2.0), galley, t.text);
    if chosen {
        icon_at(p, pos2(rect.right() - 18.0, rect.center().y), Icon::Check, 16.0, t.accent_text);
    }
    if response.has_focus() {
        focus_ring(ui, rect.shrink(2.0), R_INNER, t);
    }
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}

/// A letter on its plate.
pub fn badge(ui: &Ui, at: egui::Pos2, letter: &str, chosen: bool, cx: &Cx<'_>) {
    let t = cx.t;
    let plate = egui::Rect::from_center_size(at, vec2(26.0, 26.0));
    let (ground, ink) = if chosen { (t.accent, t.on_accent) } else { (t.surface2, t.text2) };
    ui.painter().rect(plate, CornerRadius::same(R_CTRL), ground, Stroke::new(1.0, t.border), StrokeKind::Inside);
    text(ui.painter(), plate.center(), Align2::CENTER_CENTER, letter, mono_med(14.0), ink);
}
