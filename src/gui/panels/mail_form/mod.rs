//! Step 1: to, subject, text; the raw letter changes as one types.

use eframe::egui::Ui;

use crate::gui::cx::Cx;

/// See the [module](self).
#[derive(Default)]
pub struct MailForm {}


impl MailForm {
    /// Forgets what was typed.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let _ = (ui, cx);
    }
}
