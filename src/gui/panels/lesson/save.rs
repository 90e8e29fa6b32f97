//! The results file: whose it is, and where it goes. Nothing leaves the machine but by this file.

use eframe::egui::{Align2, Key, TextEdit, Ui, vec2};

use super::parts::{heading, say};
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::lesson::Act;
use crate::gui::theme::reg;
use crate::gui::widgets::button;

/// See the [module](self).
#[derive(Default)]
pub struct Save {
    /// Asked for before the end.
    pub open: bool,
    path: String,
}

impl Save {
    /// Draws it.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let t = cx.t;
        heading(ui, "Save results", t);
        say(
            ui,
            "A file with your answers, to hand in. It is written where you say, and sent nowhere.",
            reg(13.5),
            t.text2,
        );
        name(ui, cx);
        ui.horizontal_wrapped(|ui| {
            let field = TextEdit::singleline(&mut self.path)
                .align(Align2::LEFT_CENTER)
                .hint_text("Path of the results file")
                .font(reg(14.0));
            let response = ui.add_sized(vec2((ui.available_width() - 160.0).max(120.0), 32.0), field);
            let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            response.accessible_name("Path of the results file");
            let path = self.path.trim();
            if (button(ui, "Save", t).clicked() || entered) && !path.is_empty() {
                cx.send(Command::Lesson(Act::Save(path.into())));
            }
            if button(ui, "Choose...", t).on_hover_text("The system's dialog for files").clicked() {
                cx.send(Command::Lesson(Act::SaveDialog));
            }
        });
    }
}

/// The learner's name or number.
pub fn name(ui: &mut Ui, cx: &Cx<'_>) {
    let mut learner = cx.desk.settings.learner.clone();
    let field =
        TextEdit::singleline(&mut learner).align(Align2::LEFT_CENTER).hint_text("Your name or number").font(reg(14.0));
    let response = ui.add_sized(vec2(ui.available_width().min(320.0), 32.0), field);
    response.clone().accessible_name("Your name or number");
    if response.changed() {
        cx.send(Command::Lesson(Act::Name(learner)));
    }
}
