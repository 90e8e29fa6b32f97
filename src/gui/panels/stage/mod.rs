//! The figure from the book: cards, trays, the letter, tubes, packets.

mod curve;
mod layout;
#[cfg(test)]
mod layout_tests;
mod net;
mod place;
mod who;

use eframe::egui::Ui;

use crate::gui::cx::Cx;

/// See the [module](self).
#[derive(Default)]
pub struct Stage {}

impl Stage {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let _ = (ui, cx);
    }
}
