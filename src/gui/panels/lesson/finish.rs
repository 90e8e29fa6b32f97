//! The end of a lesson: the learner's own profile, what to try next, the results file.

use eframe::egui::Ui;

use super::md::{self, Look};
use super::parts::{barred, heading, note, say};
use super::save::Save;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::lesson::{Act, Taking, acts};
use crate::gui::theme::{Icon, med, reg, semi};
use crate::gui::widgets::button;
use crate::lesson::ideas;

/// Draws it.
pub fn show(ui: &mut Ui, taking: &Taking, save: &mut Save, cx: &Cx<'_>) {
    let t = cx.t;
    let texts = &taking.session.texts;
    if !texts.end.is_empty() {
        heading(ui, "The end", t);
        md::show(ui, &texts.end, Look { size: 15.0, colour: t.text }, t);
    }
    profile(ui, taking, cx);
    if !taking.session.lesson.explore.is_empty() {
        heading(ui, "Explore: change one thing", t);
    }
    for (n, explore) in taking.session.lesson.explore.iter().enumerate() {
        let Some(words) = texts.explore(&explore.id) else { continue };
        say(ui, &words.title, semi(15.0), t.text);
        md::show(ui, &words.text.value, Look { size: 14.0, colour: t.text2 }, t);
        let name = format!("Open: {}", words.title);
        ui.push_id(("explore", n), |ui| {
            if button(ui, "Open", t).on_hover_text(name).clicked() {
                cx.send(Command::Lesson(Act::Explore(n)));
            }
        });
    }
    save.show(ui, cx);
    heading(ui, "Once more", t);
    ui.horizontal_wrapped(|ui| {
        if button(ui, "Begin again", t).clicked() {
            cx.send(Command::Reset);
        }
        if button(ui, "Another problem", t).on_hover_text("The same lesson with other numbers").clicked() {
            cx.send(Command::Lesson(Act::Another));
        }
        if button(ui, "List of lessons", t).clicked() {
            cx.send(Command::Lesson(Act::List));
        }
    });
}

/// What was right, what was met: for the learner's own eyes.
fn profile(ui: &mut Ui, taking: &Taking, cx: &Cx<'_>) {
    let t = cx.t;
    heading(ui, "Your profile", t);
    let all = acts::profile(taking);
    let right = all.iter().filter(|(_, o)| o.as_ref().is_some_and(|o| o.right)).count();
    let skipped = all.iter().filter(|(q, _)| taking.session.given(*q).is_some_and(|g| g.answers.is_none())).count();
    let questions = taking.session.lesson.questions.len();
    let words = format!("{right} of {questions} right, {} attempted, {skipped} skipped", all.len() - skipped);
    say(ui, &words, semi(16.0), t.text);
    say(ui, "Only you see this. A wrong prediction counts as attempted.", reg(13.0), t.text2);
    for (question, outcome) in &all {
        let Some(outcome) = outcome else { continue };
        let id = &taking.session.lesson.questions[*question].id;
        let skipped = taking.session.given(*question).is_some_and(|g| g.answers.is_none());
        let (icon, word) = match (skipped, outcome.right) {
            (true, _) => (Icon::SkipForward, "skipped"),
            (_, true) => (Icon::CircleCheck, "right"),
            (_, false) => (Icon::CircleX, "attempted"),
        };
        let words = format!("{id}  {word}");
        note(ui, icon, &words, &format!("Question {words}"), t);
        let mut tags: Vec<&String> = outcome.parts.iter().flat_map(|p| &p.tags).collect();
        tags.dedup();
        for tag in tags {
            if let Some(idea) = ideas::of(tag) {
                say(ui, &format!("An idea that many have ({tag}): {idea}."), med(14.0), t.text);
            }
        }
        for feedback in outcome.feedback.iter().filter(|_| outcome.parts.iter().any(|p| !p.tags.is_empty())) {
            barred(ui, t.text3, |ui| md::show(ui, feedback, Look { size: 14.0, colour: t.text2 }, t));
        }
    }
}
