//! What the pointer is at, told to the other views: only when it changes, so that views do not take it from each other.

use eframe::egui::Ui;

use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::{Sheet, Thing};

/// Of one view.
#[derive(Default)]
pub struct Pointing {
    told: Option<Thing>,
}

impl Pointing {
    /// Once a frame: what the pointer is at in this view. The right button opens its menu.
    pub fn at(&mut self, ui: &Ui, thing: Option<Thing>, cx: &Cx<'_>) {
        if let Some(thing) = thing.as_ref().filter(|_| ui.input(|i| i.pointer.secondary_clicked())) {
            cx.send(Command::Sheet(Sheet::Menu(thing.clone())));
        }
        if thing != self.told {
            cx.send(Command::Hover(thing.clone()));
            self.told = thing;
        }
    }
}
