//! The text of a stop beside what it speaks of; in a tour, its parts one by one.

use eframe::egui::{Align2, CornerRadius, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::md::{self, Look};
use super::parts::say;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::lesson::{Act, Taking};
use crate::gui::theme::{Icon, R_INNER, reg, semi};
use crate::gui::widgets::{button, focus_ring, icon_at, text};
use crate::lesson::plan::Halt;

/// Draws it.
pub fn show(ui: &mut Ui, taking: &Taking, cx: &Cx<'_>) {
    let t = cx.t;
    let Some(stop) = stop_of(taking) else { return };
    say(ui, &taking.session.title(stop), semi(18.0), t.text);
    let words = taking.session.say(stop);
    if cx.desk.settings.skip_texts {
        if button(ui, "Show the explanation", t).clicked() {
            cx.send(Command::Lesson(Act::ToggleTexts));
        }
    } else {
        md::show(ui, &words, Look { size: 15.0, colour: t.text }, t);
    }
    if !taking.seen.is_empty() && cx.desk.at_moment() {
        tour(ui, taking, cx);
    }
}

/// The stop whose text is shown: at a moment that tells an answer, the one before.
fn stop_of(taking: &Taking) -> Option<&crate::lesson::model::Stop> {
    let plan = &taking.session.plan()[..=taking.session.position()];
    plan.iter().rev().find_map(|m| match m.halt {
        Halt::Stop(n) => Some(&taking.session.lesson.stops[n]),
        Halt::Reveal(_) => None,
    })
}

/// The parts: looked at, the one that is lit, those to come.
fn tour(ui: &mut Ui, taking: &Taking, cx: &Cx<'_>) {
    let t = cx.t;
    let now = taking.touring();
    for (n, spot) in taking.spots.iter().enumerate() {
        let seen = taking.seen.get(n).copied().unwrap_or(false);
        let lit = now == Some(n);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::click());
        let how = match (seen, lit) {
            (true, _) => "looked at",
            (_, true) => "lit now",
            _ => "to come",
        };
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, lit, format!("{}, {how}", spot.name)));
        let p = ui.painter();
        let (ground, edge) =
            if lit { (t.tint(t.accent), Stroke::new(2.0, t.accent)) } else { (t.surface, Stroke::new(1.0, t.border)) };
        p.rect(rect, CornerRadius::same(R_INNER), ground, edge, StrokeKind::Inside);
        let at = pos2(rect.left() + 20.0, rect.center().y);
        match seen {
            true => icon_at(p, at, Icon::Check, 16.0, t.ok),
            false => {
                text(p, at, Align2::CENTER_CENTER, n + 1, semi(13.0), t.text2);
            }
        }
        let ink = if seen || lit { t.text } else { t.text2 };
        let font = if lit { semi(14.5) } else { reg(14.5) };
        let mut words = spot.name.clone();
        words[..1].make_ascii_uppercase();
        text(p, pos2(rect.left() + 40.0, rect.center().y), Align2::LEFT_CENTER, words, font, ink);
        // The part that is lit is in sight, and named.
        let turned = ui.ctx().animate_bool_with_time(response.id.with("lit"), lit, 0.1);
        if lit && turned < 1.0 {
            response.scroll_to_me(None);
        }
        if response.has_focus() {
            focus_ring(ui, rect.shrink(3.0), R_INNER, t);
        }
        if response.clicked() {
            cx.send(Command::Lesson(Act::Seen(n)));
        }
    }
}
