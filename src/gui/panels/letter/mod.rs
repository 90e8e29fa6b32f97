//! The letter unwrapped: envelope, header, empty line, body, then TCP, IP and link bytes.

use eframe::egui::Ui;

use crate::gui::cx::Cx;

/// See the [module](self).
#[derive(Default)]
pub struct LetterSheet {}

impl LetterSheet {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let _ = (ui, cx);
    }
}
