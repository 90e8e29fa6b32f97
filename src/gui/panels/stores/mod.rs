//! Queue and mailbox.

use eframe::egui::Ui;

use crate::gui::cx::Cx;

/// See the [module](self).
#[derive(Default)]
pub struct StoresView {}

impl StoresView {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let _ = (ui, cx);
    }
}
