//! The top bar: name of the scenario and its menu, layouts, search, light and dark, keys.

use eframe::egui::{
    Align, Align2, CornerRadius, Layout as Arrange, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};

use crate::gui::command::{Command, hint};
use crate::gui::cx::Cx;
use crate::gui::desk::{Layout, Sheet, Source};
use crate::gui::theme::{Icon, R_CTRL, R_INNER, alpha, med, mono_med, reg, semi};
use crate::gui::widgets::{elided, focus_ring, icon_at, icon_button, segmented, text};

/// See the [module](self).
#[derive(Default)]
pub struct TopBar {}

impl TopBar {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let rect = ui.max_rect().shrink2(vec2(10.0, 0.0));
        let wide = rect.width() > 1000.0;
        let middling = rect.width() > 640.0;
        let t = cx.t;
        let mut x = rect.left() + 4.0;
        let badge = Rect::from_center_size(pos2(x + 14.0, rect.center().y), vec2(28.0, 28.0));
        ui.painter().rect_filled(badge, CornerRadius::same(R_INNER), t.accent);
        icon_at(ui.painter(), badge.center(), Icon::Mail, 16.0, t.on_accent);
        x = badge.right() + 10.0;
        if wide {
            let name =
                text(ui.painter(), pos2(x, rect.center().y), Align2::LEFT_CENTER, "Mailpath", semi(15.0), t.text);
            x = name.right() + 14.0;
            ui.painter().vline(x, rect.center().y - 10.0..=rect.center().y + 10.0, Stroke::new(1.0, t.border_strong));
            x += 10.0;
        }
        // From the right: keys, light and dark, search, layouts. The scenario's name has what is left.
        let mut right = ui
            .new_child(UiBuilder::new().id_salt("right").max_rect(rect).layout(Arrange::right_to_left(Align::Center)));
        right.spacing_mut().item_spacing.x = 4.0;
        let keys = Command::Sheet(Sheet::Keys);
        if icon_button(&mut right, Icon::CircleQuestionMark, &hint("Keys", &keys), 32.0, false, t).clicked() {
            cx.send(keys);
        }
        let theme = if t.dark { Icon::Sun } else { Icon::Moon };
        let name = if t.dark { "Light theme" } else { "Dark theme" };
        if icon_button(&mut right, theme, &hint(name, &Command::ToggleDark), 32.0, false, t).clicked() {
            cx.send(Command::ToggleDark);
        }
        right.add_space(2.0);
        search(&mut right, wide, cx);
        right.add_space(6.0);
        if middling {
            let words: Vec<&str> = Layout::ALL.iter().map(|l| l.name()).collect();
            let chosen = Layout::ALL.iter().position(|l| *l == cx.desk.layout).unwrap_or(0);
            // Words in reading order, although the bar is filled from the right.
            if let Some(i) = segmented(&mut right, "Layout", &words, chosen, t) {
                cx.send(Command::Layout(Layout::ALL[i]));
            }
        }
        let end = right.min_rect().left() - 12.0;
        scenario(ui, Rect::from_min_max(pos2(x, rect.top() + 6.0), pos2(end, rect.bottom() - 6.0)), cx);
    }
}

/// The name of the scenario, which opens the list of scenarios.
fn scenario(ui: &mut Ui, rect: Rect, cx: &Cx<'_>) {
    if rect.width() < 48.0 {
        return;
    }
    let t = cx.t;
    // The title of a run may tell what happens in it: a lesson bears its own.
    let title = cx.desk.lesson().map_or(&cx.run.ready.title, |taking| &taking.session.texts.title);
    let file = match &cx.desk.source {
        Source::BuiltIn(name) => name.clone(),
        Source::File(path) => path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
        Source::Lesson(lesson, None) => lesson.clone(),
        Source::Lesson(lesson, Some(explore)) => format!("{lesson}, {explore}"),
    };
    let run = cx.desk.run_id.as_ref().filter(|_| !cx.in_lesson());
    let file = run.map_or(file.clone(), |run| format!("{file}:{run}"));
    let measured = ui.painter().layout_no_wrap(title.clone(), med(14.0), t.text).size().x;
    let width = (measured + 46.0).min(rect.width());
    let rect = Rect::from_min_size(rect.min, vec2(width, rect.height()));
    let response = ui.interact(rect, ui.scope_id().with("scenario"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Scenario: {title}. Open another")));
    let lit = ui.ctx().animate_bool(response.id.with("lit"), response.hovered());
    let p = ui.painter();
    p.rect_filled(rect, CornerRadius::same(R_CTRL), alpha(t.text, 0.06 * lit));
    elided(p, pos2(rect.left() + 8.0, rect.center().y), title, med(14.0), t.text, rect.width() - 40.0);
    icon_at(p, pos2(rect.right() - 16.0, rect.center().y), Icon::ChevronDown, 14.0, t.text2);
    if response.has_focus() {
        focus_ring(ui, rect, R_CTRL, t);
    }
    let open = Command::Sheet(Sheet::Open);
    if response.on_hover_text(hint(&format!("{title} ({file}). Open a scenario"), &open)).clicked() {
        cx.send(open);
    }
}

fn search(ui: &mut Ui, wide: bool, cx: &Cx<'_>) {
    let t = cx.t;
    let command = Command::Sheet(Sheet::Search);
    if !wide {
        if icon_button(ui, Icon::Search, &hint("Search", &command), 32.0, false, t).clicked() {
            cx.send(command);
        }
        return;
    }
    let (rect, response) = ui.allocate_exact_size(vec2(190.0, 32.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Search commands, scenarios, hosts"));
    let p = ui.painter();
    p.rect(rect, CornerRadius::same(R_INNER), t.surface, Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
    icon_at(p, pos2(rect.left() + 17.0, rect.center().y), Icon::Search, 14.0, t.text2);
    text(p, pos2(rect.left() + 32.0, rect.center().y), Align2::LEFT_CENTER, "Search", reg(13.0), t.text2);
    text(p, pos2(rect.right() - 10.0, rect.center().y), Align2::RIGHT_CENTER, "Ctrl+K", mono_med(12.0), t.text3);
    if response.has_focus() {
        focus_ring(ui, rect, R_INNER, t);
    }
    if response.clicked() {
        cx.send(command);
    }
}
