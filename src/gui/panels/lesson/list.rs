//! The lessons that are built in, and the learner's name or number.

use eframe::egui::{Align2, CornerRadius, Frame, ScrollArea, Stroke, Ui, UiBuilder, vec2};

use super::md::{self, Look};
use super::parts::say;
use super::save;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::lesson::{Act, acts};
use crate::gui::theme::{R_CARD, med, mono_med, reg, semi};
use crate::gui::widgets::{button, chip, segmented, text};
use crate::lesson::words::Level;
use crate::lesson::{BUILT_IN, load_builtin};

/// One of the list.
struct Listed {
    id: String,
    title: String,
    objective: String,
    minutes: u64,
    core: bool,
    needs: Vec<String>,
    /// In which languages there are words.
    languages: Vec<String>,
}

/// See the [module](self).
#[derive(Default)]
pub struct List {
    /// Read once for a language.
    known: Option<(String, Vec<Listed>)>,
}

/// Of the column of lessons.
const WIDEST: f32 = 860.0;

impl List {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let t = cx.t;
        let language = &cx.desk.settings.language;
        self.known.take_if(|(told, _)| told != language);
        let read = || (language.clone(), BUILT_IN.iter().filter_map(|(id, _)| listed(id, language)).collect());
        let (_, known) = self.known.get_or_insert_with(read);
        let rect = ui.max_rect();
        let width = (rect.width() - 24.0).clamp(60.0, WIDEST);
        ScrollArea::vertical().id_salt("lessons").auto_shrink(false).min_scrolled_height(0.0).show(ui, |ui| {
            let left = rect.center().x - width / 2.0;
            let top = ui.cursor().top();
            let place = eframe::egui::Rect::from_min_size(eframe::egui::pos2(left, top), vec2(width, 0.0));
            ui.scope_builder(UiBuilder::new().id_salt("column").max_rect(place), |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 8.0;
                ui.add_space(16.0);
                say(ui, "Lessons", semi(22.0), t.text);
                let how =
                    "Predict, see, find the packet that proves it. Each question is asked before its event happens.";
                say(ui, how, reg(15.0), t.text2);
                ui.add_space(4.0);
                save::name(ui, cx);
                let seed = acts::seed_of(&cx.desk.settings.learner);
                let words = match seed {
                    Some(seed) => format!("Lessons are begun as problem {seed}, with numbers of their own."),
                    None => {
                        "A number makes it a problem of your own; without one the lessons are as printed.".to_owned()
                    }
                };
                say(ui, &words, reg(13.0), t.text2);
                ui.add_space(4.0);
                languages(ui, known, cx);
                ui.add_space(8.0);
                for lesson in known.iter() {
                    one(ui, lesson, seed, cx);
                }
                ui.add_space(16.0);
            });
        });
    }
}

/// The choice of the language that the lessons' words are in.
fn languages(ui: &mut Ui, known: &[Listed], cx: &Cx<'_>) {
    let mut codes: Vec<&str> = known.iter().flat_map(|l| &l.languages).map(String::as_str).collect();
    codes.sort_by_key(|code| (*code != "en", *code));
    codes.dedup();
    if codes.len() < 2 {
        return;
    }
    let words: Vec<&str> = codes.iter().map(|code| own_name(code)).collect();
    let language = cx.desk.settings.language.as_str();
    let chosen = codes.iter().position(|code| *code == language).unwrap_or(0);
    ui.horizontal_wrapped(|ui| {
        if let Some(new) = segmented(ui, "Language of the lessons", &words, chosen, cx.t) {
            cx.send(Command::Lesson(Act::Language(codes[new].to_owned())));
        }
        let missing = known.iter().filter(|l| !l.languages.iter().any(|code| code == language)).count();
        if missing > 0 {
            say(ui, &format!("{missing} of {} are in English only", known.len()), reg(13.0), cx.t.text2);
        }
    });
}

/// What a language calls itself; its code where that is not known here.
fn own_name(code: &str) -> &str {
    match code {
        "en" => "English",
        "de" => "Deutsch",
        "es" => "Español",
        "fr" => "Français",
        "it" => "Italiano",
        "nl" => "Nederlands",
        "pt" | "pt-BR" => "Português",
        code => code,
    }
}

fn listed(id: &str, language: &str) -> Option<Listed> {
    let lesson = load_builtin(id)?.ok()?;
    let texts = lesson.texts(language);
    Some(Listed {
        id: lesson.id.clone(),
        title: texts.title.clone(),
        objective: texts.objective.clone(),
        minutes: lesson.minutes,
        core: lesson.level == Level::Core,
        needs: lesson.needs.clone(),
        languages: lesson.texts.iter().map(|t| t.language.clone()).collect(),
    })
}

fn one(ui: &mut Ui, lesson: &Listed, seed: Option<u64>, cx: &Cx<'_>) {
    let t = cx.t;
    let taken = cx.desk.course.taking.as_ref().filter(|taking| taking.id == lesson.id);
    Frame::NONE
        .fill(t.surface)
        .stroke(Stroke::new(1.0, t.border_strong))
        .corner_radius(CornerRadius::same(R_CARD))
        .inner_margin(14)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            say(ui, &lesson.title, semi(17.0), t.text);
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), eframe::egui::Sense::hover());
            let p = ui.painter();
            let id = text(p, rect.left_center(), Align2::LEFT_CENTER, &lesson.id, mono_med(13.0), t.text2);
            let level = if lesson.core { "core" } else { "extended" };
            let at = eframe::egui::pos2(id.right() + 10.0, rect.center().y);
            let c = chip(p, at, level, if lesson.core { t.accent } else { t.text3 }, t, med(12.5));
            let mut words = format!("{} min", lesson.minutes);
            if !lesson.needs.is_empty() {
                words += &format!(", after {}", lesson.needs.join(", "));
            }
            let at = eframe::egui::pos2(c.right() + 10.0, rect.center().y);
            text(p, at, Align2::LEFT_CENTER, words, reg(13.0), t.text2);
            md::show(ui, &lesson.objective, Look { size: 14.0, colour: t.text2 }, t);
            ui.horizontal_wrapped(|ui| {
                let word = if taken.is_some() { "Begin anew" } else { "Begin" };
                let begin = button(ui, word, t);
                begin.widget_info(|| {
                    let name = format!("{word} {}, {}, {level}, {} minutes", lesson.id, lesson.title, lesson.minutes);
                    eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Button, true, name)
                });
                if begin.clicked() {
                    cx.send(Command::Lesson(Act::Begin(lesson.id.clone(), seed)));
                }
                if let Some(taking) = taken {
                    let (here, all) = taking.stop_of();
                    if button(ui, &format!("Go on at stop {here} of {all}"), t).clicked() {
                        cx.send(Command::Lesson(Act::Continue));
                    }
                    if button(ui, "Another problem", t).on_hover_text("The same lesson with other numbers").clicked() {
                        cx.send(Command::Lesson(Act::Another));
                    }
                }
            });
        });
}
