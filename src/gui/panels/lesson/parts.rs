//! Small parts of a lesson's column.

use eframe::egui::{
    CornerRadius, FontId, Label, Rect, RichText, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::md;
use crate::gui::theme::{Icon, R_INNER, Tokens, med, semi};
use crate::gui::widgets::{icon_at, rich};

/// A line of text that wraps.
pub fn say(ui: &mut Ui, words: &str, font: FontId, colour: eframe::egui::Color32) {
    let job = rich(&[(words, font.clone(), colour)], ui.available_width(), (font.size * 1.42).round());
    ui.add(Label::new(job).wrap());
}

/// The same of words that an author has written, in one font: emphasis is left out, lines become one.
pub fn ask(ui: &mut Ui, markdown: &str, font: FontId, colour: eframe::egui::Color32) {
    say(ui, &md::together(None, &md::plain(markdown)), font, colour);
}

/// A small heading.
pub fn heading(ui: &mut Ui, words: &str, t: &Tokens) {
    ui.add_space(4.0);
    ui.add(Label::new(RichText::new(words).font(semi(15.0)).color(t.accent_text)).wrap());
}

/// A box of 40 with an icon and words, a line of more words below where there are some.
pub fn note(ui: &mut Ui, icon: Icon, words: &str, name: &str, t: &Tokens) {
    let width = ui.available_width();
    let galley = ui.painter().layout_job(rich(&[(words, med(14.0), t.text)], width - 50.0, 20.0));
    let height = (galley.size().y + 16.0).max(40.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
    let p = ui.painter();
    p.rect(rect, CornerRadius::same(R_INNER), t.surface2, Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
    icon_at(p, pos2(rect.left() + 20.0, rect.center().y), icon, 15.0, t.text2);
    p.galley(pos2(rect.left() + 38.0, rect.center().y - galley.size().y / 2.0), galley, t.text);
}

/// Where more lies below, the last words fade.
pub fn more_below<R>(ui: &Ui, area: &eframe::egui::scroll_area::ScrollAreaOutput<R>, t: &Tokens) {
    let hidden = area.content_size.y - area.inner_rect.height() - area.state.clamped_offset().y;
    if hidden < 6.0 {
        return;
    }
    let rect = area.inner_rect;
    let top = rect.bottom() - 22.0_f32.min(rect.height());
    let mut mesh = eframe::egui::Mesh::default();
    let clear = crate::gui::theme::alpha(t.surface, 0.0);
    for (x, y, colour) in [
        (rect.left(), top, clear),
        (rect.right(), top, clear),
        (rect.left(), rect.bottom(), t.surface),
        (rect.right(), rect.bottom(), t.surface),
    ] {
        mesh.colored_vertex(pos2(x, y), colour);
    }
    mesh.add_triangle(0, 1, 2);
    mesh.add_triangle(2, 1, 3);
    ui.painter().add(mesh);
}

/// Words beside a bar of the accent: a rule.
pub fn barred(ui: &mut Ui, colour: eframe::egui::Color32, add: impl FnOnce(&mut Ui)) {
    let start = ui.cursor().min;
    let width = ui.available_width();
    let inner = ui.scope_builder(
        eframe::egui::UiBuilder::new().max_rect(Rect::from_min_size(start + vec2(14.0, 0.0), vec2(width - 14.0, 0.0))),
        |ui| {
            ui.set_width(width - 14.0);
            add(ui);
        },
    );
    let bottom = inner.response.rect.bottom();
    let bar = Rect::from_min_max(pos2(start.x + 2.0, start.y + 2.0), pos2(start.x + 5.0, bottom - 2.0));
    ui.painter().rect_filled(bar, CornerRadius::same(1), colour);
}
