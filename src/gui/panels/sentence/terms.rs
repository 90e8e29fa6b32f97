//! Terms of the field in the sentence: the first use of each is underlined with dots and opens two lines of explanation
//! and the RFC.

use eframe::egui::{Galley, Id, Pos2, Rect, RichText, Role, Sense, Shape, Ui, WidgetInfo, pos2, text::CCursor, vec2};

use crate::explain::sentence::{Gloss, terms_in};
use crate::gui::cx::Cx;
use crate::gui::theme::{reg, semi};
use crate::gui::widgets::focus_ring;

/// Underlines the terms of `text`, the beginning of what `galley` shows at `at`.
pub fn show(ui: &mut Ui, text: &str, galley: &Galley, at: Pos2, cx: &Cx<'_>) {
    let mut seen: Vec<&str> = Vec::new();
    for (range, gloss) in terms_in(text) {
        if seen.contains(&gloss.term) {
            continue;
        }
        seen.push(gloss.term);
        let chars = |bytes: usize| CCursor::new(text[..bytes].chars().count());
        let (from, to) = (galley.pos_from_cursor(chars(range.start)), galley.pos_from_cursor(chars(range.end)));
        // A term that is broken over two lines is underlined on its first.
        let right = if (from.top() - to.top()).abs() < 1.0 { to.left() } else { galley.rect.right() };
        let word = Rect::from_min_max(at + from.min.to_vec2(), at + vec2(right, from.bottom()));
        if ui.max_rect().expand(2.0).contains_rect(word) && word.is_positive() {
            term(ui, word, gloss, cx);
        }
    }
}

fn term(ui: &mut Ui, word: Rect, gloss: &Gloss, cx: &Cx<'_>) {
    let t = cx.t;
    let id = ui.scope_id().with(("term", gloss.term));
    let response = ui.interact(word, id, Sense::click());
    let spoken = format!("Term: {}", gloss.term);
    let (key, this) = (ui.scope_id().with("opened term"), (id, cx.place));
    let open = ui.data(|d| d.get_temp::<(Id, usize)>(key)) == Some(this);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, open, &spoken));
    let y = word.bottom() - 1.0;
    let ink = if response.hovered() || response.has_focus() { t.accent_text } else { t.text3 };
    let line = [pos2(word.left(), y), pos2(word.right(), y)];
    ui.painter().extend(Shape::dotted_line(&line, ink, 4.0, 1.0));
    if response.has_focus() {
        focus_ring(ui, word, 2, t);
    }
    let explain = |ui: &mut Ui| {
        ui.set_max_width(460.0);
        ui.label(RichText::new(gloss.term).font(semi(14.0)).color(t.text));
        ui.label(RichText::new(gloss.text).font(reg(14.0)).color(t.text));
        ui.label(RichText::new(gloss.rfc).font(reg(13.0)).color(t.text2));
    };
    if response.clicked() {
        ui.data_mut(|d| {
            if open {
                d.remove::<(Id, usize)>(key);
            } else {
                d.insert_temp(key, this);
            }
        });
    }
    // What hover shows, focus shows; a click keeps it open until the next one or until the sentence changes.
    if open || response.has_focus() {
        response.show_tooltip_ui(explain);
    } else {
        response.on_hover_ui(explain);
    }
}
