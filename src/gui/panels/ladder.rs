//! The sequence chart of one conversation.

use eframe::egui::Ui;

use crate::gui::cx::Cx;

/// See the [module](self).
#[derive(Default)]
pub struct LadderView {}

impl LadderView {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let _ = (ui, cx);
    }
}
