//! What came of a question: you said, what happened, the packet that shows it; then the rule, and what is said to a
//! wrong answer.

use std::sync::Arc;

use eframe::egui::{
    Color32, CornerRadius, CursorIcon, Galley, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::md::{self, Look};
use super::parts::{ask, barred, heading, say};
use super::rows;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::lesson::taking::Told;
use crate::gui::lesson::{Act, Taking, draft};
use crate::gui::theme::{Icon, Proto, R_INNER, med, reg, semi};
use crate::gui::widgets::{focus_ring, icon_at, rich};
use crate::lesson::answer::{Answer, letter};
use crate::lesson::words::{Kind, When};

/// Draws it.
pub fn show(ui: &mut Ui, taking: &Taking, question: usize, cx: &Cx<'_>) {
    let t = cx.t;
    let Some(told) = &taking.told else { return };
    let asked = &taking.session.lesson.questions[question];
    heading(ui, &format!("Question {}", asked.id), t);
    ask(ui, &taking.session.prompt(asked), reg(14.0), t.text2);
    let skipped = taking.session.given(question).is_some_and(|g| g.answers.is_none());
    verdict(ui, told.outcome.right, skipped, asked.when, cx);
    if !told.outcome.right && !skipped {
        let words = match asked.when {
            When::Predict => "A wrong prediction costs nothing: it counts as attempted.",
            When::Check => "It can be answered again.",
        };
        say(ui, words, reg(13.0), t.text2);
    }
    columns(ui, taking, question, told, skipped, cx);
    if taking.proving() {
        prove(ui, told, cx);
    } else if let Some((_, found)) = told.proved {
        let words = if found {
            "You have found the packet that proves it."
        } else {
            "Not this one. The third column leads to the packet that proves it."
        };
        say(ui, words, med(14.0), t.text);
    }
    if taking.asks.iter().any(|a| a.kind == Kind::Order) {
        in_order(ui, taking, cx);
    }
    barred(ui, t.accent, |ui| md::show(ui, &told.outcome.rule, Look { size: 15.0, colour: t.text }, t));
    for feedback in &told.outcome.feedback {
        barred(ui, t.text3, |ui| md::show(ui, feedback, Look { size: 15.0, colour: t.text2 }, t));
    }
}

/// In a word and a shape, whatever the colour.
fn verdict(ui: &mut Ui, right: bool, skipped: bool, when: When, cx: &Cx<'_>) {
    let t = cx.t;
    let (icon, colour, word) = match (skipped, right, when) {
        (true, ..) => (Icon::SkipForward, t.text2, "Skipped"),
        (_, true, _) => (Icon::CircleCheck, t.ok, "Right"),
        (_, false, When::Predict) => (Icon::CircleX, t.proto(Proto::Lost), "It went otherwise"),
        (_, false, When::Check) => (Icon::CircleX, t.proto(Proto::Lost), "Not yet"),
    };
    let ink = if skipped { t.text2 } else { t.on_tint(colour) };
    let width = ui.available_width();
    let galley = ui.painter().layout_job(rich(&[(word, semi(16.0), ink)], width - 28.0, 22.0));
    let (rect, response) = ui.allocate_exact_size(vec2(width, galley.size().y.max(24.0)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, word));
    icon_at(ui.painter(), pos2(rect.left() + 10.0, rect.top() + 12.0), icon, 19.0, colour);
    ui.painter().galley(pos2(rect.left() + 26.0, rect.top() + 1.0), galley, ink);
}

/// A column: its caption and its words.
struct Column {
    caption: &'static str,
    words: String,
    /// Caption and words as they are painted.
    galley: (Arc<Galley>, Arc<Galley>),
}

fn columns(ui: &mut Ui, taking: &Taking, question: usize, told: &Told, skipped: bool, cx: &Cx<'_>) {
    let t = cx.t;
    let gap = 8.0;
    let width = ui.available_width();
    let each = (width - 2.0 * gap) / 3.0;
    let order = taking.asks.iter().any(|a| a.kind == Kind::Order);
    let said = match (skipped, order) {
        (true, _) => "skipped".to_owned(),
        (_, true) => taking.said(question).unwrap_or_default(),
        _ => told.outcome.parts.iter().map(|p| p.said.clone()).collect::<Vec<_>>().join("\n"),
    };
    let truth = if order { right_letters(taking, told) } else { told.outcome.truth.join("\n") };
    let third = match (taking.proving(), &told.proof) {
        (true, _) => "Find it yourself, below.".to_owned(),
        (false, Some(proof)) => proof.clone(),
        (false, None) => "The record as a whole.".to_owned(),
    };
    let column = |caption: &'static str, words: String, font: eframe::egui::FontId| {
        let lay = |s: &str, font: eframe::egui::FontId, ink: Color32| {
            let line = font.size * 1.35;
            ui.painter().layout_job(rich(&[(s, font, ink)], each - 20.0, line))
        };
        // Where it does not stand in one line, the caption is short, so that the three begin at one height.
        let whole = lay(caption, med(12.5), t.text2);
        let head = match caption.split_once(" that ") {
            Some((first, _)) if whole.rows.len() > 1 => lay(first, med(12.5), t.text2),
            _ => whole,
        };
        let galley = (head, lay(&words, font, t.text));
        Column { caption, words, galley }
    };
    let columns = [
        column("You said", said, semi(15.0)),
        column("What happened", truth, semi(15.0)),
        column("The packet that shows it", third, reg(13.5)),
    ];
    let heads = columns.iter().map(|c| c.galley.0.size().y).fold(0.0, f32::max);
    let height = columns.iter().map(|c| c.galley.1.size().y).fold(0.0, f32::max) + heads + 26.0;
    let linked = told.proof.is_some() && !taking.proving();
    let height = if linked { height + 22.0 } else { height };
    let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    for (n, c) in columns.iter().enumerate() {
        let place = Rect::from_min_size(pos2(rect.left() + n as f32 * (each + gap), rect.top()), vec2(each, height));
        let button = n == 2 && linked;
        let sense = if button { Sense::click() } else { Sense::hover() };
        let response = ui.interact(place, ui.scope_id().with(("column", n)), sense);
        let name = format!("{}: {}", c.caption, c.words.replace('\n', "; "));
        let role = if button { Role::Button } else { Role::Label };
        response.widget_info(|| WidgetInfo::labeled(role, true, &name));
        let p = ui.painter();
        let edge = if button { Stroke::new(1.5, t.accent) } else { Stroke::new(1.0, t.border_strong) };
        let ground = if button && response.hovered() { t.tint(t.accent) } else { t.surface2 };
        p.rect(place, CornerRadius::same(R_INNER), ground, edge, StrokeKind::Inside);
        p.galley(place.min + vec2(10.0, 8.0), Arc::clone(&c.galley.0), t.text2);
        p.galley(place.min + vec2(10.0, 12.0 + heads), Arc::clone(&c.galley.1), t.text);
        if button {
            icon_at(p, pos2(place.right() - 16.0, place.bottom() - 15.0), Icon::LocateFixed, 16.0, t.accent_text);
            let at = pos2(place.left() + 10.0, place.bottom() - 15.0);
            crate::gui::widgets::text(p, at, eframe::egui::Align2::LEFT_CENTER, "Show it", semi(13.5), t.accent_text);
            if response.has_focus() {
                focus_ring(ui, place.shrink(2.0), R_INNER, t);
            }
            if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
                cx.send(Command::Lesson(Act::Show));
            }
        }
    }
}

/// The learner looks for the proof himself.
fn prove(ui: &mut Ui, told: &Told, cx: &Cx<'_>) {
    say(ui, "Which packet proves it? Choose it in the view or here.", semi(15.0), cx.t.text);
    let width = ui.available_width();
    ui.spacing_mut().item_spacing.y = 6.0;
    for (n, (_, words)) in told.proofs.iter().enumerate() {
        let name = format!("Proof {}: {words}", letter(n));
        if rows::row(ui, (width, 36.0), (n, words), false, &name, cx).clicked() {
            cx.send(Command::Lesson(Act::Prove(n)));
        }
    }
}

/// The right order by the letters of the cards.
fn right_letters(taking: &Taking, told: &Told) -> String {
    let Some(asking) = taking.asks.iter().find(|a| a.kind == Kind::Order) else { return String::new() };
    draft::letters(asking, &right_order(taking, told))
}

/// The names of the cards in the order of the record: the session tells their words, in order.
fn right_order(taking: &Taking, told: &Told) -> Vec<String> {
    let Some(asking) = taking.asks.iter().find(|a| a.kind == Kind::Order) else { return Vec::new() };
    let words: Vec<&str> = told.outcome.truth.iter().flat_map(|t| t.split("; ")).collect();
    let name = |label: &str| {
        let offer = asking.offers.iter().find(|o| o.label == label)?;
        match &offer.answer {
            Answer::Option(name) => Some(name.clone()),
            _ => None,
        }
    };
    words.into_iter().filter_map(name).collect()
}

fn in_order(ui: &mut Ui, taking: &Taking, cx: &Cx<'_>) {
    let t = cx.t;
    let (Some(told), Some(asking)) = (&taking.told, taking.asks.iter().find(|a| a.kind == Kind::Order)) else { return };
    say(ui, "In the order in which it happened:", med(14.0), t.text2);
    for (n, name) in right_order(taking, told).iter().enumerate() {
        let offer = asking.offers.iter().position(|o| o.answer.name() == Some(name.as_str()));
        let Some(offer) = offer else { continue };
        let words = format!("{}.  {}  {}", n + 1, letter(offer), asking.offers[offer].label);
        say(ui, &words, reg(14.0), t.text);
    }
}
