//! Cards in order, without dragging: a card is chosen and moved by keys or by its two buttons, or letters are written.

use eframe::egui::{
    Align, Align2, CornerRadius, Layout, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::rows::badge;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::keys::AnswerRow;
use crate::gui::lesson::{Act, Draft};
use crate::gui::theme::{Icon, R_INNER, reg, semi};
use crate::gui::widgets::{focus_ring, icon_button, text};
use crate::lesson::answer::{Asking, letter};

/// Draws them.
pub fn show(ui: &mut Ui, asking: &Asking, draft: &Draft, part: usize, turned: bool, cx: &Cx<'_>) {
    let t = cx.t;
    let width = ui.available_width();
    ui.spacing_mut().item_spacing.y = 6.0;
    for (place, &offer) in draft.order.iter().enumerate() {
        let Some(card) = asking.offers.get(offer) else { continue };
        let chosen = draft.chosen == Some(place);
        let galley = ui.painter().layout(card.label.clone(), reg(14.5), t.text, (width - 142.0).max(60.0));
        let (rect, response) = ui.allocate_exact_size(vec2(width, (galley.size().y + 14.0).max(44.0)), Sense::click());
        let name = format!("Place {}: card {}, {}", place + 1, letter(offer), card.label);
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, &name));
        ui.ctx().data_mut(|d| d.insert_temp(response.id, AnswerRow));
        let p = ui.painter();
        let (ground, edge) = if chosen {
            (t.tint(t.accent), Stroke::new(2.0, t.accent))
        } else {
            (t.surface, Stroke::new(1.0, t.border_strong))
        };
        p.rect(rect, CornerRadius::same(R_INNER), ground, edge, StrokeKind::Inside);
        text(p, pos2(rect.left() + 16.0, rect.center().y), Align2::CENTER_CENTER, place + 1, semi(14.0), t.text2);
        badge(ui, pos2(rect.left() + 44.0, rect.center().y), &letter(offer), chosen, cx);
        ui.painter().galley(pos2(rect.left() + 64.0, rect.center().y - galley.size().y / 2.0), galley, t.text);
        let buttons =
            Rect::from_min_max(pos2(rect.right() - 70.0, rect.top()), pos2(rect.right() - 6.0, rect.bottom()));
        let builder =
            UiBuilder::new().id_salt(("move", offer)).max_rect(buttons).layout(Layout::right_to_left(Align::Center));
        let mut right = ui.new_child(builder);
        right.spacing_mut().item_spacing.x = 2.0;
        for (down, icon, word) in [(true, Icon::ArrowDown, "down"), (false, Icon::ArrowUp, "up")] {
            let there = if down { place + 1 < draft.order.len() } else { place > 0 };
            right.add_enabled_ui(there, |ui| {
                let name = format!("Move card {} {word}", letter(offer));
                if icon_button(ui, icon, &name, 30.0, false, t).clicked() {
                    cx.send(Command::Lesson(Act::Pick(part, offer)));
                    cx.send(Command::Lesson(Act::Move(down)));
                }
            });
        }
        if chosen && turned {
            response.scroll_to_me(None);
        }
        if response.has_focus() {
            focus_ring(ui, rect.shrink(2.0), R_INNER, t);
        }
        if response.clicked() {
            cx.send(Command::Lesson(Act::Pick(part, offer)));
        }
    }
}
