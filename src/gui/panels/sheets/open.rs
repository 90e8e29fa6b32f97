//! Open a scenario: built-in ones with their runs, recent files, a path, the system's dialog.

use eframe::egui::{Key, RichText, TextEdit, Ui, vec2};

use super::search::title;
use super::{row, scrolling};
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::Source;
use crate::gui::lesson::Act;
use crate::gui::lesson::acts::seed_of;
use crate::gui::theme::{reg, semi};
use crate::gui::widgets::button;
use crate::scenario::{BUILT_IN, load_builtin};

/// A scenario of the list: name, title, runs with their titles.
type Listed = (String, String, Vec<(String, String)>);

/// See the [module](self).
#[derive(Default)]
pub struct Open {
    path: String,
    /// Read once.
    list: Option<Vec<Listed>>,
}

impl Open {
    /// Draws path field and lists.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let t = cx.t;
        ui.horizontal_wrapped(|ui| {
            let field =
                TextEdit::singleline(&mut self.path).hint_text("Path of a scenario file (.json)").font(reg(14.0));
            let response = ui.add_sized(vec2((ui.available_width() - 190.0).max(80.0), 32.0), field);
            let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            response.accessible_name("Path of a scenario file");
            let path = self.path.trim();
            if (button(ui, "Open", t).clicked() || entered) && !path.is_empty() {
                cx.send(Command::OpenFile(path.into()));
            }
            if button(ui, "Choose...", t).on_hover_text("The system's dialog for files").clicked() {
                cx.send(Command::OpenDialog);
            }
        });
        ui.add_space(6.0);
        let list = self.list.get_or_insert_with(|| {
            let listed = BUILT_IN.iter().filter_map(|(name, _)| {
                let scenario = load_builtin(name).ok()?;
                let runs = scenario.runs.iter().map(|r| (r.id.clone(), r.title.clone())).collect();
                Some(((*name).to_owned(), scenario.title.clone(), runs))
            });
            listed.collect()
        });
        scrolling(ui, "scenarios", |ui| {
            if !cx.desk.settings.recent.is_empty() {
                ui.label(RichText::new("Opened before").font(semi(15.0)).color(t.accent_text));
                for path in &cx.desk.settings.recent {
                    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
                    let here = cx.desk.source == Source::File(path.clone());
                    if row(ui, &name, &path.display().to_string(), here, cx).clicked() {
                        cx.send(Command::OpenFile(path.clone()));
                    }
                }
                ui.add_space(8.0);
            }
            ui.label(RichText::new("Lessons").font(semi(15.0)).color(t.accent_text));
            for (name, _) in crate::lesson::BUILT_IN {
                let here = cx.desk.course.taking.as_ref().is_some_and(|taking| taking.id == *name);
                if row(ui, title(name), name, here, cx).clicked() {
                    let seed = seed_of(&cx.desk.settings.learner);
                    cx.send(Command::Lesson(Act::Begin((*name).to_owned(), seed)));
                }
            }
            ui.add_space(8.0);
            ui.label(RichText::new("Built in").font(semi(15.0)).color(t.accent_text));
            for (name, title, runs) in list.iter() {
                let here = cx.desk.source == Source::BuiltIn(name.clone());
                if row(ui, title, name, here && cx.desk.run_id.is_none(), cx).clicked() {
                    cx.send(Command::OpenBuiltIn(name.clone()));
                }
                for (id, title) in runs {
                    ui.horizontal(|ui| {
                        ui.add_space(24.0);
                        let run = format!("{name}:{id}");
                        let chosen = here && cx.desk.run_id.as_ref() == Some(id);
                        if row(ui, title, &run, chosen, cx).clicked() {
                            cx.send(Command::OpenBuiltIn(run));
                        }
                    });
                }
            }
        });
    }
}
