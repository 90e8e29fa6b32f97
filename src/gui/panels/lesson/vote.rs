//! A vote: the question alone, large enough for the last row. What is right is shown when the instructor releases it.

use eframe::egui::{Align, Layout, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::md::{self, Look};
use super::parts::{ask, barred, say};
use crate::gui::command::{Command, hint};
use crate::gui::cx::Cx;
use crate::gui::lesson::{Act, Card, Taking, Vote};
use crate::gui::theme::{mono_med, reg, semi};
use crate::gui::widgets::button;
use crate::lesson::answer::letter;

/// Draws into `ui.max_rect()`.
pub fn show(ui: &mut Ui, taking: &Taking, vote: Vote, cx: &Cx<'_>) {
    let t = cx.t;
    let rect = ui.max_rect();
    let foot = 48.0_f32.min(rect.height() * 0.4);
    // 36 points where the window has 1080 lines.
    let large = (ui.ctx().content_rect().height() / 1080.0 * 36.0).clamp(17.0, 40.0).round();
    let side = (rect.width() * 0.06).min(90.0);
    let body = Rect::from_min_max(rect.min + vec2(side, 0.0), pos2(rect.right() - side, rect.bottom() - foot));
    ui.scope_builder(UiBuilder::new().id_salt("vote").max_rect(body), |ui| {
        ui.set_clip_rect(body.expand2(vec2(6.0, 0.0)).intersect(ui.clip_rect()));
        ScrollArea::vertical().id_salt("vote").auto_shrink(false).min_scrolled_height(0.0).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = (large * 0.45).round();
            ui.add_space((large * 0.8).round());
            let question = match taking.card {
                Card::Asked(question) | Card::Told(question) => question,
                Card::None => {
                    say(ui, "No question is open here. Go on to the next one.", reg(large * 0.7), t.text2);
                    return;
                }
            };
            let asked = &taking.session.lesson.questions[question];
            ask(ui, &taking.session.prompt(asked), semi(large), t.text);
            for asking in &taking.asks {
                if !asking.prompt.is_empty() {
                    ask(ui, &asking.prompt, semi(large * 0.8), t.text);
                }
                for (n, offer) in asking.offers.iter().enumerate() {
                    let (name, size) = (letter(n), (large * 0.8).round());
                    ui.horizontal_top(|ui| {
                        ui.spacing_mut().item_spacing.x = size * 0.8;
                        ui.label(eframe::egui::RichText::new(name).font(mono_med(size)).color(t.accent_text));
                        say(ui, &offer.label, reg(size), t.text);
                    });
                }
            }
            if let Some(outcome) = taking.released() {
                ui.add_space((large * 0.4).round());
                barred(ui, t.ok, |ui| {
                    say(ui, &outcome.truth.join("\n"), semi(large), t.text);
                    md::show(ui, &outcome.rule, Look { size: (large * 0.75).round(), colour: t.text }, t);
                });
            }
            ui.add_space((large * 0.5).round());
        });
    });
    let row = Rect::from_min_max(pos2(body.left(), body.bottom()), pos2(body.right(), rect.bottom()));
    let builder = UiBuilder::new().id_salt("acts").max_rect(row).layout(Layout::left_to_right(Align::Center));
    let mut row = ui.new_child(builder);
    let release = Command::Lesson(Act::Release);
    let word = if vote.released { "Hide the answer" } else { "Release the answer" };
    if button(&mut row, word, t).on_hover_text(hint(word, &release)).clicked() {
        cx.send(release);
    }
    if button(&mut row, "End the vote", t).clicked() {
        cx.send(Command::Lesson(Act::Vote));
    }
}
