//! A number, several numbers, a word: a field with its unit.

use eframe::egui::{Align2, Id, Key, RichText, TextEdit, Ui, vec2};

use super::md;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::lesson::draft::is_field;
use crate::gui::lesson::{Act, Taking};
use crate::gui::theme::{med, mono};
use crate::lesson::words::Kind;

/// Which field the keyboard was given to.
#[derive(Default)]
pub struct Entered {
    /// Question and moment whose first field has had it.
    card: Option<(usize, usize)>,
    /// The part whose field is to have it.
    part: Option<usize>,
    /// Question, part and answer that were shown last.
    active: Option<(usize, usize, Option<usize>)>,
}

impl Entered {
    /// Whether another part or answer is shown than before: then it is scrolled into sight.
    pub fn turned(&mut self, active: (usize, usize, Option<usize>)) -> bool {
        let before = self.active.replace(active);
        before.is_some_and(|b| b.0 == active.0 && b != active)
    }
}

/// The identity of a field, wherever it stands.
fn field_id(question: usize, part: usize) -> Id {
    Id::unique(("lesson field", question, part))
}

/// The field of a question that is not shown any more gives the keyboard back: else arrows would move in it for ever.
pub fn leave(ui: &Ui, taking: &Taking, asked: Option<usize>, entered: &mut Entered) {
    let Some((question, _)) = entered.card.filter(|(question, _)| asked != Some(*question)) else { return };
    let parts = taking.session.lesson.questions.get(question).map_or(0, |q| q.parts.len());
    for part in 0..parts {
        ui.memory_mut(|m| m.surrender_focus(field_id(question, part)));
    }
    *entered = Entered::default();
}

/// Draws it. The first field of a question gets the keyboard at once; Enter leads to the next empty one, at last it
/// locks.
pub fn show(ui: &mut Ui, taking: &Taking, question: usize, part: usize, entered: &mut Entered, cx: &Cx<'_>) {
    let (asking, draft) = (&taking.asks[part], &taking.drafts[part]);
    let mut typed = draft.typed.clone();
    let number = asking.kind == Kind::Number;
    let width = if number { 160.0 } else { ui.available_width() };
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut typed)
            .align(Align2::LEFT_CENTER)
            .id(field_id(question, part))
            .font(mono(18.0))
            .margin(vec2(10.0, 8.0));
        let response = ui.add_sized(vec2(width.min(ui.available_width()), 40.0), field);
        let unit = asking.unit.map_or_else(String::new, |u| format!(", in {u}"));
        let name = match md::plain(&asking.prompt).as_str() {
            "" => format!("Your answer{unit}"),
            prompt => format!("{prompt}{unit}"),
        };
        response.clone().accessible_name(name);
        if let Some(unit) = asking.unit {
            ui.label(RichText::new(unit).font(med(16.0)).color(cx.t.text2));
        }
        let key = (question, taking.session.position());
        let first = taking.asks.iter().position(|a| is_field(a.kind)) == Some(part) && part == taking.part;
        if first && entered.card != Some(key) {
            (entered.card, entered.part) = (Some(key), Some(part));
        }
        if entered.part == Some(part) {
            // Out of sight it cannot have the keyboard: it is scrolled into sight first.
            if response.has_focus() {
                entered.part = None;
            }
            response.request_focus();
            response.scroll_to_me(None);
            ui.ctx().request_repaint();
        }
        let turn = response.gained_focus() && part != taking.part;
        if response.changed() || turn {
            cx.send(Command::Lesson(Act::Type(part, typed.clone())));
        }
        if response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) {
            let empty = |n: &usize| is_field(taking.asks[*n].kind) && taking.drafts[*n].typed.trim().is_empty();
            match (part + 1..taking.asks.len()).find(empty) {
                Some(next) => entered.part = Some(next),
                None => {
                    cx.send(Command::Lesson(Act::Lock));
                    // What cannot be read is mended at once.
                    if asking.read(&typed).is_err() {
                        entered.part = Some(part);
                    }
                }
            }
        }
    });
}
