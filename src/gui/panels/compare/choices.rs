//! A run that has not both: what is there, and three things to put beside it.

use eframe::egui::{
    CornerRadius, CursorIcon, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::{ALL, card};
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::panels::ladder::LadderView;
use crate::gui::theme::{GAP, Icon, R_INNER, mix, reg, semi};
use crate::gui::widgets::{elided, focus_ring, icon_at, rich};

/// Scenario, name, what it shows.
const CHOICES: [(&str, &str, &str); 3] = [
    ("push-and-pull", "Pull and push", "One text and three images: four HTTP responses beside one multipart mail."),
    ("push-and-pull:2", "Three mails, one connection", "HTTP beside three mails that wait for the same mail server."),
    (
        "push-and-pull:3",
        "One connection for each object",
        "HTTP that opens a TCP connection for each object, beside SMTP.",
    ),
];

/// Height of a choice.
const ROW: f32 = 60.0;

/// Draws into `rect`.
pub fn show(ui: &mut Ui, rect: Rect, alone: &mut LadderView, cx: &Cx<'_>) {
    let choices = if rect.width() >= ALL {
        let middle = rect.left() + (rect.width() - GAP) / 2.0;
        let left = Rect::from_min_max(rect.min, pos2(middle, rect.bottom()));
        card(ui, left, cx.t);
        ui.scope_builder(UiBuilder::new().id_salt("alone").max_rect(left.shrink(1.0)), |ui| alone.show(ui, cx));
        Rect::from_min_max(pos2(middle + GAP, rect.top()), rect.max)
    } else {
        rect
    };
    card(ui, choices, cx.t);
    let mut inner = ui.new_child(UiBuilder::new().id_salt("choices").max_rect(choices.shrink(1.0)));
    inner.set_clip_rect(choices.shrink(1.0).intersect(ui.clip_rect()));
    eframe::egui::ScrollArea::vertical()
        .id_salt("choices")
        .auto_shrink(false)
        .show(&mut inner, |ui| list(ui, choices, cx));
}

fn list(ui: &mut Ui, rect: Rect, cx: &Cx<'_>) {
    let t = cx.t;
    let width = (rect.width() - 32.0).min(520.0);
    let left = rect.center().x - width / 2.0;
    let why = "This run has no pull and push between hosts to compare.";
    let galley = ui.painter().layout_job(rich(&[(why, reg(14.0), t.text2)], width, 20.0));
    let whole = 34.0 + galley.size().y + 14.0 + CHOICES.len() as f32 * (ROW + 8.0);
    let mut y = ui.min_rect().top() + ((rect.height() - whole) * 0.4).max(10.0);
    let top = y;
    let title = "Choose what to put beside it";
    elided(ui.painter(), pos2(left, y + 14.0), title, semi(17.0), t.text, width);
    y += 34.0;
    ui.painter().galley(pos2(left, y), galley.clone(), t.text2);
    y += galley.size().y + 14.0;
    for choice in CHOICES {
        one(ui, Rect::from_min_size(pos2(left, y), vec2(width, ROW)), choice, cx);
        y += ROW + 8.0;
    }
    ui.allocate_space(vec2(width, y - top + 20.0));
}

fn one(ui: &mut Ui, rect: Rect, (scenario, name, what): (&str, &str, &str), cx: &Cx<'_>) {
    let t = cx.t;
    let response = ui.interact(rect, ui.scope_id().with(scenario), Sense::click());
    let words = format!("{name}. {what}");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    let lit = ui.ctx().animate_bool(response.id.with("lit"), response.hovered());
    let p = ui.painter();
    let edge = Stroke::new(1.0 + 0.5 * lit, mix(t.border_strong, t.text3, lit));
    p.rect(rect, CornerRadius::same(R_INNER), mix(t.surface, t.text, 0.03 * lit), edge, StrokeKind::Inside);
    icon_at(p, pos2(rect.left() + 26.0, rect.center().y), Icon::Columns2, 20.0, t.accent_text);
    let x = rect.left() + 52.0;
    let room = rect.right() - x - 34.0;
    elided(p, pos2(x, rect.center().y - 11.0), name, semi(14.0), t.text, room);
    let (_, cut) = elided(p, pos2(x, rect.center().y + 11.0), what, reg(13.0), t.text2, room);
    icon_at(p, pos2(rect.right() - 18.0, rect.center().y), Icon::ChevronRight, 16.0, t.text3);
    if response.has_focus() {
        focus_ring(ui, rect, R_INNER, t);
    }
    if response.clicked() {
        cx.send(Command::OpenBuiltIn(scenario.to_owned()));
    }
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    if cut {
        response.on_hover_text(what);
    }
}
