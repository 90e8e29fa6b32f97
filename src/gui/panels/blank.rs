//! Nothing but a dark screen: eyes go back to the lecturer.

use eframe::egui::{Area, Color32, CornerRadius, CursorIcon, Id, Order, Rect, Role, Sense, Ui, WidgetInfo};

use crate::gui::command::Command;
use crate::gui::cx::Cx;

/// Covers the window; a click shows it again, as any key does that is a command.
pub fn show(ui: &Ui, whole: Rect, cx: &Cx<'_>) {
    Area::new(Id::unique("blank")).order(Order::Tooltip).fixed_pos(whole.min).show(ui.ctx(), |ui| {
        let response = ui.allocate_rect(whole, Sense::click());
        let words = "The screen is blank. B, Esc or a click shows the picture again";
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words));
        ui.painter().rect_filled(whole, CornerRadius::ZERO, Color32::BLACK);
        if response.clicked() {
            cx.send(Command::Blank);
        }
        response.on_hover_cursor(CursorIcon::None);
    });
}
