//! The bar above the stage while an exploration of a lesson is looked at: what was changed, what to ask, the way back.

use eframe::egui::{Align, Layout, Rect, Ui, UiBuilder, pos2, vec2};

use crate::gui::command::{Command, hint};
use crate::gui::cx::Cx;
use crate::gui::desk;
use crate::gui::theme::{R_INNER, med, reg, semi};
use crate::gui::widgets::{button, rich};

/// Height of the bar.
const BAR: f32 = 76.0;

/// The bar, and what is left for the view.
pub fn split(rect: Rect) -> (Rect, Rect) {
    let height = BAR.min(rect.height() * 0.4);
    let bar = Rect::from_min_size(rect.min, vec2(rect.width(), height));
    let rest = Rect::from_min_max(pos2(rect.left(), (bar.bottom() + 8.0).min(rect.bottom())), rect.max);
    (bar, rest)
}

/// Draws into `ui.max_rect()`.
pub fn show(ui: &mut Ui, cx: &Cx<'_>) {
    let (rect, t) = (ui.max_rect(), cx.t);
    let Some((taking, n)) = cx.desk.course.taking.as_deref().zip(cx.desk.course.exploring) else { return };
    let Some(explore) = taking.session.lesson.explore.get(n) else { return };
    let Some(words) = taking.session.texts.explore(&explore.id) else { return };
    ui.painter().rect_filled(rect, eframe::egui::CornerRadius::same(R_INNER), t.tint(t.accent));
    let builder = UiBuilder::new()
        .id_salt("way back")
        .max_rect(rect.shrink2(vec2(12.0, 0.0)))
        .layout(Layout::right_to_left(Align::Center));
    let mut right = ui.new_child(builder);
    let back = Command::Layout(desk::Layout::Lesson);
    let word = format!("Back to {}", taking.id);
    if button(&mut right, &word, t).on_hover_text(hint("Back to the lesson", &back)).clicked() {
        cx.send(back);
    }
    let until = right.min_rect().left() - 12.0;
    let left = rect.left() + 14.0;
    let title = format!("Exploration: {}", words.title);
    let plain: String = words.text.value.split_whitespace().collect::<Vec<_>>().join(" ").replace("**", "");
    let mut size = 14.0;
    let galley = loop {
        let parts =
            [(title.as_str(), semi(size), t.text), ("\n", med(size), t.text), (plain.as_str(), reg(size), t.text)];
        let galley = ui.painter().layout_job(rich(&parts, (until - left).max(60.0), size * 1.35));
        if galley.size().y <= rect.height() - 6.0 || size <= 12.0 {
            break galley;
        }
        size -= 0.5;
    };
    let at = pos2(left, (rect.center().y - galley.size().y / 2.0).max(rect.top() + 3.0));
    let place = Rect::from_min_size(at, galley.size());
    ui.painter().with_clip_rect(rect).galley(at, galley, t.text);
    let response = ui.interact(place.intersect(rect), ui.scope_id().with("words"), eframe::egui::Sense::hover());
    let whole = format!("{title}. {plain}");
    response.widget_info(|| eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Label, true, &whole));
    response.on_hover_text(whole);
}
