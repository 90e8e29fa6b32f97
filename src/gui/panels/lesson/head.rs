//! The head of the column: which lesson, how far it has come, switches.

use eframe::egui::{Align, CornerRadius, Layout, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::save::Save;
use crate::gui::command::{Command, hint};
use crate::gui::cx::Cx;
use crate::gui::lesson::{Act, Taking};
use crate::gui::theme::{Icon, Tokens, med, mono_med, semi};
use crate::gui::widgets::{elided, icon_button, text};
use crate::lesson::plan::Halt;

/// Less where there is little room.
pub fn height(low: bool) -> f32 {
    if low { 36.0 } else { 68.0 }
}

/// Draws into `ui.max_rect()`.
pub fn show(ui: &mut Ui, taking: &Taking, save: &mut Save, low: bool, cx: &Cx<'_>) {
    let (rect, t) = (ui.max_rect(), cx.t);
    // The title has a row for itself; where there is little room, the progress alone.
    let title_row = Rect::from_min_size(rect.min, vec2(rect.width(), if low { 0.0 } else { 36.0 }));
    let row = Rect::from_min_max(pos2(rect.left(), title_row.bottom()), rect.max);
    let builder = UiBuilder::new().id_salt("switches").max_rect(row).layout(Layout::right_to_left(Align::Center));
    let mut right = ui.new_child(builder);
    right.spacing_mut().item_spacing.x = 2.0;
    let act = |act: Act| Command::Lesson(act);
    if icon_button(&mut right, Icon::List, "List of lessons", 30.0, false, t).clicked() {
        cx.send(act(Act::List));
    }
    if icon_button(&mut right, Icon::Save, "Save results", 30.0, save.open, t).clicked() {
        save.open = !save.open;
    }
    if icon_button(&mut right, Icon::Presentation, "Vote: the question alone, large", 30.0, false, t).clicked() {
        cx.send(act(Act::Vote));
    }
    let folded = cx.desk.settings.skip_texts;
    if icon_button(&mut right, Icon::FoldVertical, "Skip explanations", 30.0, folded, t).clicked() {
        cx.send(act(Act::ToggleTexts));
    }
    if cx.desk.course.before.is_some() {
        let undo = act(Act::Undo);
        let name = hint("Undo: back to what was there before Reset", &undo);
        if icon_button(&mut right, Icon::Undo2, &name, 30.0, false, t).clicked() {
            cx.send(undo);
        }
    }
    let end = right.min_rect().left() - 8.0;
    progress(ui, Rect::from_min_max(row.min, pos2(end, row.bottom())), taking, t);
    let told = match taking.session.runs.seed {
        Some(seed) => format!("Lesson {}: {}, problem {seed}", taking.id, taking.session.texts.title),
        None => format!("Lesson {}: {}", taking.id, taking.session.texts.title),
    };
    let place = if low { Rect::from_min_size(rect.min, vec2(1.0, 1.0)) } else { title_row };
    let name = ui.interact(place, ui.scope_id().with("title"), Sense::hover());
    name.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &told));
    if low {
        return;
    }
    let row = title_row.translate(vec2(0.0, 4.0));
    let p = ui.painter().clone();
    let id = text(&p, row.left_center(), eframe::egui::Align2::LEFT_CENTER, &taking.id, mono_med(13.0), t.text2);
    let title = &taking.session.texts.title;
    let at = pos2(id.right() + 8.0, row.center().y);
    if elided(&p, at, title, semi(15.0), t.text, row.right() - at.x).1 {
        name.on_hover_text(told);
    }
}

/// A piece for each stop: filled as far as one has come, higher where one is.
fn progress(ui: &Ui, rect: Rect, taking: &Taking, t: &Tokens) {
    let (here, all) = taking.stop_of();
    let words = format!("Stop {here} of {all}");
    let p = ui.painter();
    let galley = p.layout_no_wrap(words.clone(), med(12.5), t.text2);
    let width = galley.size().x;
    p.galley(pos2(rect.right() - width, rect.center().y - galley.size().y / 2.0), galley, t.text2);
    let reached = &taking.session.plan()[..=taking.session.reached()];
    let reached = reached.iter().filter(|m| matches!(m.halt, Halt::Stop(_))).count();
    let track = rect.width() - width - 14.0;
    let gap = 3.0;
    let piece = (track - gap * (all as f32 - 1.0)) / all as f32;
    for n in 0..all {
        let x = rect.left() + n as f32 * (piece + gap);
        let high = if n + 1 == here { 8.0 } else { 4.0 };
        let bar = Rect::from_center_size(pos2(x + piece / 2.0, rect.center().y), vec2(piece, high));
        let colour = if n < reached { t.accent } else { t.border_strong };
        p.rect_filled(bar, CornerRadius::same(2), colour);
    }
    let response = ui.interact(rect, ui.scope_id().with("progress"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
}
