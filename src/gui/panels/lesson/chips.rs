//! What was locked: predictions whose answer waits, and the answers of a stop to which one has come back.

use eframe::egui::Ui;

use super::parts::{ask, heading, note, say};
use crate::gui::cx::Cx;
use crate::gui::lesson::Taking;
use crate::gui::theme::{Icon, reg};
use crate::lesson::plan::Halt;

/// One for each prediction that waits.
pub fn waiting(ui: &mut Ui, taking: &Taking, cx: &Cx<'_>) {
    let shown: Vec<usize> = if cx.desk.at_moment() { asked_here(taking) } else { Vec::new() };
    let shown = |q: &usize| matches!(taking.card, crate::gui::lesson::Card::None) && shown.contains(q);
    for question in taking.session.waiting().filter(|q| !shown(q)) {
        chip(ui, taking, question, cx);
    }
}

fn chip(ui: &mut Ui, taking: &Taking, question: usize, cx: &Cx<'_>) {
    let Some(said) = taking.said(question) else { return };
    let id = &taking.session.lesson.questions[question].id;
    let skipped = taking.session.given(question).is_some_and(|g| g.answers.is_none());
    let (icon, words) = match skipped {
        true => (Icon::SkipForward, format!("{id}  Skipped")),
        false => (Icon::Lock, format!("{id}  You: {said}, locked")),
    };
    note(ui, icon, &words, &format!("Question {words}"), cx.t);
}

fn asked_here(taking: &Taking) -> Vec<usize> {
    match taking.session.moment().halt {
        Halt::Stop(n) => taking.session.lesson.stops[n].ask.clone(),
        Halt::Reveal(_) => Vec::new(),
    }
}

/// What was asked here, and what was said to it; and what came of it, once that may be told.
pub fn answered(ui: &mut Ui, taking: &Taking, cx: &Cx<'_>) {
    let t = cx.t;
    for question in asked_here(taking) {
        if taking.session.given(question).is_none() {
            continue;
        }
        heading(ui, &format!("Question {}", taking.session.lesson.questions[question].id), t);
        ask(ui, &taking.session.prompt(&taking.session.lesson.questions[question]), reg(14.0), t.text2);
        chip(ui, taking, question, cx);
        if let Ok(Some(outcome)) = taking.session.outcome(question) {
            say(ui, &format!("What happened: {}", outcome.truth.join("; ")), reg(14.0), t.text);
        }
    }
}
