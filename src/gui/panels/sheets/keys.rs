//! All keys, made from the list of commands.

use eframe::egui::{RichText, Ui, vec2};

use super::{plates, scrolling};
use crate::gui::command::SPECS;
use crate::gui::cx::Cx;
use crate::gui::theme::{reg, semi};

/// Draws the list.
pub fn show(ui: &mut Ui, cx: &Cx<'_>) {
    let t = cx.t;
    scrolling(ui, "keys", |ui| {
        let columns = if ui.available_width() > 640.0 { 2 } else { 1 };
        let mut groups: Vec<&str> = Vec::new();
        for spec in SPECS {
            if !groups.contains(&spec.group) {
                groups.push(spec.group);
            }
        }
        for group in groups {
            ui.label(RichText::new(group).font(semi(15.0)).color(t.accent_text));
            let specs: Vec<_> = SPECS.iter().filter(|s| s.group == group && !s.keys.is_empty()).collect();
            let rows = specs.len().div_ceil(columns);
            ui.columns(columns, |cells| {
                for (i, spec) in specs.iter().enumerate() {
                    cells[i / rows].horizontal(|ui| {
                        ui.spacing_mut().item_spacing = vec2(5.0, 4.0);
                        ui.allocate_ui(vec2(ui.available_width() * 0.56, 24.0), |ui| {
                            ui.set_min_width(ui.available_width());
                            ui.add(
                                eframe::egui::Label::new(RichText::new(spec.name).font(reg(13.5)).color(t.text)).wrap(),
                            );
                        });
                        plates(ui, spec.keys.iter().map(|k| k.name), cx);
                    });
                }
            });
            ui.add_space(10.0);
        }
    });
}
