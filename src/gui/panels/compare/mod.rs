//! Stand-in.
use eframe::egui::Ui;
use crate::gui::cx::Cx;
/// View.
#[derive(Default)]
pub struct CompareView {}
impl CompareView {
    /// Draws.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) { let _ = (ui, cx); }
}
