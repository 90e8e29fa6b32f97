//! The time row: back, play, forward with its grain, the axis, the clock.

mod axis;

use eframe::egui::{
    self, Align, Align2, CornerRadius, Layout as Arrange, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use crate::explain::stops::Grain;
use crate::gui::command::{Command, hint};
use crate::gui::cx::Cx;
use crate::gui::regions::Width;
use crate::gui::theme::{Icon, R_CTRL, R_INNER, mix, mono_med, reg, semi};
use crate::gui::widgets::{chip, focus_ring, icon_at, icon_button, text};
use crate::sim::setup::Clock;

/// See the [module](self).
#[derive(Default)]
pub struct TimeRow {
    axis: axis::AxisView,
}

/// All grains, fine to coarse.
const GRAINS: [Grain; 4] = [Grain::Packet, Grain::Line, Grain::Phase, Grain::Step];

impl TimeRow {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, width: Width, cx: &Cx<'_>) {
        let rect = ui.max_rect().shrink2(vec2(10.0, 4.0));
        let t = cx.t;
        let mut left = ui.new_child(
            UiBuilder::new().id_salt("buttons").max_rect(rect).layout(Arrange::left_to_right(Align::Center)),
        );
        left.spacing_mut().item_spacing.x = 6.0;
        let first = cx.desk.lesson().is_none_or(|t| t.session.position() == 0);
        let start = cx.place == 0 && cx.motion.is_none() && first;
        let end = match cx.desk.lesson() {
            None => cx.desk.now >= cx.run.end(),
            // An open question waits for its answer; behind the last moment nothing comes.
            Some(taking) => cx.desk.at_moment() && (taking.asked().is_some() || taking.at_end()),
        };
        left.add_enabled_ui(!start, |ui| {
            if width > Width::Narrow
                && icon_button(ui, Icon::SkipBack, &hint("To the start", &Command::Start), 32.0, false, t).clicked()
            {
                cx.send(Command::Start);
            }
            let back = Command::Back(None);
            if icon_button(ui, Icon::StepBack, &hint("Back", &back), 36.0, false, t).clicked() {
                cx.send(back);
            }
        });
        left.add_enabled_ui(!end || cx.desk.playing, |ui| {
            let (icon, name) = if cx.desk.playing { (Icon::Pause, "Pause") } else { (Icon::Play, "Play") };
            if icon_button(ui, icon, &hint(name, &Command::PlayPause), 36.0, cx.desk.playing, t).clicked() {
                cx.send(Command::PlayPause);
            }
            if forward(ui, cx).clicked() {
                cx.send(Command::Forward(None));
            }
        });
        if width > Width::Narrow {
            grain(&mut left, width, cx);
        }
        let used = left.min_rect().right() + 12.0;
        let mut right = ui
            .new_child(UiBuilder::new().id_salt("clock").max_rect(rect).layout(Arrange::right_to_left(Align::Center)));
        right.spacing_mut().item_spacing.x = 8.0;
        if width >= Width::Drawers {
            speed(&mut right, cx);
        }
        clock(&mut right, width, cx);
        let until = right.min_rect().left() - 12.0;
        if until - used > 160.0 {
            let area =
                Rect::from_min_max(pos2(used, ui.max_rect().top() + 2.0), pos2(until, ui.max_rect().bottom() - 2.0));
            self.axis.show(ui, area, cx);
        }
    }
}

/// The only filled colour on the screen: forward, with the grain on it.
fn forward(ui: &mut Ui, cx: &Cx<'_>) -> Response {
    let t = cx.t;
    let word = capital(cx.desk.grain.name());
    let (rect, response) = ui.allocate_exact_size(vec2(112.0, 42.0), Sense::click());
    let enabled = ui.is_enabled();
    let name = format!("Forward by {}", cx.desk.grain.name());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, &name));
    let lit = ui.ctx().animate_bool(response.id.with("lit"), response.hovered() && enabled);
    let away = if t.dark { egui::Color32::WHITE } else { egui::Color32::BLACK };
    let (ground, ink) = if enabled { (mix(t.accent, away, 0.12 * lit), t.on_accent) } else { (t.surface2, t.text3) };
    let p = ui.painter();
    p.rect_filled(rect, CornerRadius::same(R_INNER), ground);
    if !enabled {
        p.rect_stroke(rect, CornerRadius::same(R_INNER), Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
    }
    // Read from the last row: the largest word of the time row.
    text(p, pos2(rect.left() + 15.0, rect.center().y), Align2::LEFT_CENTER, word, semi(18.0), ink);
    icon_at(p, pos2(rect.right() - 19.0, rect.center().y), Icon::ChevronRight, 22.0, ink);
    if response.has_focus() {
        focus_ring(ui, rect, R_INNER, t);
    }
    response.on_hover_text(hint(&name, &Command::Forward(None)))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The four grains: four ticks of growing height with their words, each a button; `[` and `]` change it.
fn grain(ui: &mut Ui, width: Width, cx: &Cx<'_>) {
    let t = cx.t;
    // Two letters where a word has no room: packet and phase begin with the same one.
    let word = |g: Grain| if width >= Width::Drawers { g.name().to_owned() } else { capital(&g.name()[..2]) };
    let font = |chosen: bool| if chosen { semi(13.5) } else { reg(13.5) };
    // As wide as the chosen word is, so that nothing moves when another one is chosen.
    let measure = |g: Grain| ui.painter().layout_no_wrap(word(g), font(true), t.text).size().x + 10.0;
    let widths = GRAINS.map(|g| measure(g).max(24.0));
    let (rect, _) = ui.allocate_exact_size(vec2(widths.iter().sum(), 42.0), Sense::hover());
    let mut x = rect.left();
    for (i, grain) in GRAINS.into_iter().enumerate() {
        let cell = Rect::from_min_size(pos2(x, rect.top()), vec2(widths[i], 42.0));
        x = cell.right();
        let response = ui.interact(cell, ui.scope_id().with(("grain", i)), Sense::click());
        let chosen = cx.desk.grain == grain;
        let name = format!("Go by {}", grain.name());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, &name));
        let p = ui.painter();
        if chosen {
            p.rect_filled(cell, CornerRadius::same(R_CTRL), t.tint(t.accent));
            p.rect_stroke(cell, CornerRadius::same(R_CTRL), Stroke::new(1.5, t.accent), StrokeKind::Inside);
        }
        let foot = cell.top() + 22.0;
        let top = foot - 5.0 - 4.0 * i as f32;
        let tick = Rect::from_min_max(pos2(cell.center().x - 2.5, top), pos2(cell.center().x + 2.5, foot));
        let (mark, ink) = match (chosen, response.hovered()) {
            (true, _) => (t.accent, t.accent_text),
            (false, true) => (t.text2, t.text),
            (false, false) => (t.border_strong, t.text2),
        };
        p.rect_filled(tick, CornerRadius::same(2), mark);
        text(p, pos2(cell.center().x, cell.bottom() - 10.0), Align2::CENTER_CENTER, word(grain), font(chosen), ink);
        if response.has_focus() {
            focus_ring(ui, cell, R_CTRL, t);
        }
        let key = if i == 0 { "finer: [" } else { "coarser: ]" };
        if response.on_hover_text(format!("{name} ({key})")).clicked() {
            cx.send(Command::Grain(grain));
        }
    }
}

/// Clock time, event number, and whether time is exact.
fn clock(ui: &mut Ui, width: Width, cx: &Cx<'_>) {
    let t = cx.t;
    let exact = cx.run.ready.setup.clock == Clock::Exact;
    let (badge, why) = if exact {
        ("exact time", "Exact time: only the way takes time. Every value can be worked out on paper.")
    } else {
        ("realistic time", "Realistic time: rates of links and queues count, too.")
    };
    let at = cx.at.to_string();
    let event = format!("event {} of {}", cx.place, cx.run.end());
    let large = mono_med(15.0);
    let size = |s: &str, f: &egui::FontId| ui.painter().layout_no_wrap(s.to_owned(), f.clone(), t.text).size();
    let wide = width >= Width::Single;
    let badge_width = if wide { size(badge, &reg(12.0)).x + 22.0 } else { 0.0 };
    // As wide as it will ever be, so that the axis beside it stays where it is.
    let end = cx.run.end();
    let times = [at.clone(), cx.run.at(end).to_string(), "999.999 ms".to_owned()];
    let longest = times.iter().map(|s| size(s, &large).x).fold(0.0, f32::max);
    let words = longest.max(if wide { size(&format!("event {end} of {end}"), &reg(12.0)).x } else { 0.0 });
    let (rect, response) = ui.allocate_exact_size(vec2(words + badge_width, 40.0), Sense::hover());
    let label = format!("{at}, {event}, {badge}");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &label));
    let p = ui.painter();
    if wide {
        text(p, pos2(rect.left(), rect.center().y - 9.0), Align2::LEFT_CENTER, &at, mono_med(15.0), t.text);
        text(p, pos2(rect.left(), rect.center().y + 10.0), Align2::LEFT_CENTER, &event, reg(12.0), t.text2);
        let colour = if exact { t.ok } else { t.layer_transport };
        chip(p, pos2(rect.right() - badge_width + 8.0, rect.center().y), badge, colour, t, reg(12.0));
    } else {
        text(p, rect.left_center(), Align2::LEFT_CENTER, &at, mono_med(15.0), t.text);
    }
    response.on_hover_text(why);
}

/// How fast flights are.
fn speed(ui: &mut Ui, cx: &Cx<'_>) {
    let t = cx.t;
    const SPEEDS: [f32; 4] = [0.5, 1.0, 2.0, 4.0];
    let now = SPEEDS.iter().position(|s| (*s - cx.desk.settings.speed).abs() < 0.01).unwrap_or(1);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(52.0, 32.0), Sense::click());
    let word = format!("{}\u{d7}", SPEEDS[now]);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Speed of flights: {word}. Change")));
    let p = ui.painter();
    p.rect(rect, CornerRadius::same(R_CTRL), t.surface, Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
    text(p, rect.center(), Align2::CENTER_CENTER, &word, mono_med(13.0), t.text);
    if response.has_focus() {
        focus_ring(ui, rect, R_CTRL, t);
    }
    if response.on_hover_text("Speed of flights").clicked() {
        cx.send(Command::Speed(SPEEDS[(now + 1) % SPEEDS.len()]));
    }
}
