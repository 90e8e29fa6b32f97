//! The axis: bursts to scale, breaks for waits, step numbers, phase bands, marks.

use eframe::egui::{Rect, Ui};

use crate::gui::cx::Cx;

/// See the [module](self).
#[derive(Default)]
pub struct AxisView {}

impl AxisView {
    /// Draws into `rect`.
    pub fn show(&mut self, ui: &mut Ui, rect: Rect, cx: &Cx<'_>) {
        let _ = (ui, rect, cx);
    }
}
