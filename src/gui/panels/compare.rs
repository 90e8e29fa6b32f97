//! Pull beside push: two ladders on one time axis, and a table filled from the record.

use eframe::egui::Ui;

use crate::gui::cx::Cx;

/// See the [module](self).
#[derive(Default)]
pub struct CompareView {}

impl CompareView {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let _ = (ui, cx);
    }
}
