//! Search of commands, scenarios, hosts: one list, the best match first.

use eframe::egui::{Key, Modifiers, TextEdit, Ui, vec2};

use super::{row, scrolling};
use crate::gui::command::{Command, SPECS, keys_of};
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::lesson::Act;
use crate::gui::lesson::acts::seed_of;
use crate::gui::theme::reg;
use crate::lesson::BUILT_IN as LESSONS;
use crate::scenario::BUILT_IN;
use crate::topology::NodeId;

/// See the [module](self).
#[derive(Default)]
pub struct Search {
    text: String,
    chosen: usize,
    open: bool,
}

impl Search {
    /// Forgets what was typed.
    pub fn reset(&mut self) {
        *self = Search::default();
    }

    /// Draws field and list.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let (down, up, enter) = ui.input_mut(|i| {
            let mut key = |k| i.consume_key(Modifiers::NONE, k);
            (key(Key::ArrowDown), key(Key::ArrowUp), key(Key::Enter))
        });
        let field = TextEdit::singleline(&mut self.text).hint_text("Command, scenario or host").font(reg(16.0));
        let response = ui.add_sized(vec2(ui.available_width(), 36.0), field);
        response.clone().accessible_name("Search commands, scenarios, hosts");
        if !std::mem::replace(&mut self.open, true) {
            response.request_focus();
        }
        if response.changed() {
            self.chosen = 0;
        }
        let found = find(&self.text, cx);
        if down {
            self.chosen = (self.chosen + 1).min(found.len().saturating_sub(1));
        }
        if up {
            self.chosen = self.chosen.saturating_sub(1);
        }
        let mut done = None;
        scrolling(ui, "found", |ui| {
            for (i, (title, second, command)) in found.iter().enumerate() {
                let response = row(ui, title, second, i == self.chosen, cx);
                if (down || up) && i == self.chosen {
                    response.scroll_to_me(None);
                }
                if response.clicked() || (enter && i == self.chosen) {
                    done = Some(command.clone());
                }
            }
        });
        if let Some(command) = done {
            cx.send(Command::Close);
            cx.send(command);
        }
    }
}

/// What fits, in order: commands, scenarios, hosts.
fn find(text: &str, cx: &Cx<'_>) -> Vec<(String, String, Command)> {
    let words: Vec<String> = text.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let fits = |s: &str| {
        let s = s.to_lowercase();
        words.iter().all(|w| s.contains(w.as_str()))
    };
    let commands = SPECS.iter().filter(|s| s.group != "Search" && fits(s.name));
    let commands = commands.map(|s| (s.name.to_owned(), keys_of(&s.command), s.command.clone()));
    let scenarios = BUILT_IN.iter().filter(|(name, _)| fits(&format!("open scenario {name}")));
    let scenarios = scenarios.map(|(name, _)| {
        (format!("Open {name}"), "built-in scenario".to_owned(), Command::OpenBuiltIn((*name).to_owned()))
    });
    let lessons = LESSONS.iter().filter(|(name, _)| fits(&format!("lesson {name} {}", title(name))));
    let lessons = lessons.map(|(name, _)| {
        let act = Command::Lesson(Act::Begin((*name).to_owned(), seed_of(&cx.desk.settings.learner)));
        (format!("Lesson {name}: {}", title(name)), "begin it".to_owned(), act)
    });
    let nodes =
        (0..cx.run.ready.setup.nodes.len() as u32).map(NodeId).filter(|n| fits(&format!("select {}", cx.run.node(*n))));
    let nodes = nodes.map(|n| {
        (
            format!("Select {}", cx.run.node(n)),
            "host, switch or router".to_owned(),
            Command::Select(Some(Thing::Node(n))),
        )
    });
    commands.chain(lessons).chain(scenarios).chain(nodes).collect()
}

/// The title of a lesson: the first line of its English words.
pub(super) fn title(lesson: &str) -> &'static str {
    let files = LESSONS.iter().find(|(name, _)| *name == lesson).map_or(&[][..], |(_, files)| files);
    let words = files.iter().find(|(name, _)| *name == "en.md");
    words.and_then(|(_, text)| text.lines().next()).map_or("", |line| line.trim_start_matches('#').trim())
}
