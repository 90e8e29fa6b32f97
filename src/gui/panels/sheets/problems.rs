//! The mistakes of a file, over what was open: nothing is lost.

use eframe::egui::{CornerRadius, Frame, Label, Margin, RichText, Stroke, Ui};

use super::scrolling;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::theme::{R_INNER, med, mono, mono_med, reg, semi};
use crate::gui::widgets::{button, rich};

/// Draws the list.
pub fn show(ui: &mut Ui, cx: &Cx<'_>) {
    let t = cx.t;
    let Some(mistakes) = &cx.desk.mistakes else { return };
    ui.label(RichText::new("What was open is still open, unchanged.").font(reg(14.0)).color(t.text2));
    ui.add_space(4.0);
    let list = (ui.available_height() - 44.0).max(0.0);
    ui.allocate_ui(eframe::egui::vec2(ui.available_width(), list), |ui| {
        scrolling(ui, "mistakes", |ui| {
            for mistake in &mistakes.list {
                Frame::NONE
                    .fill(t.surface2)
                    .stroke(Stroke::new(1.0, t.border))
                    .corner_radius(CornerRadius::same(R_INNER))
                    .inner_margin(Margin::same(12))
                    .show(ui, |ui| {
                        ui.set_width(ui.available_width());
                        if mistake.line > 0 {
                            let place = format!("line {}, column {}", mistake.line, mistake.column);
                            ui.label(RichText::new(place).font(mono_med(13.0)).color(t.text2));
                        }
                        ui.add(Label::new(RichText::new(&mistake.text).font(semi(15.0)).color(t.text)).wrap());
                        if !mistake.excerpt.is_empty() {
                            excerpt(ui, &mistake.excerpt, mistake.span, cx);
                        }
                        if let Some(help) = &mistake.help {
                            ui.horizontal_wrapped(|ui| {
                                ui.label(RichText::new("To mend it:").font(med(14.0)).color(t.ok));
                                ui.add(Label::new(RichText::new(help).font(reg(14.0)).color(t.text)).wrap());
                            });
                        }
                    });
                ui.add_space(6.0);
            }
        });
    });
    ui.horizontal(|ui| {
        if button(ui, "Close", t).clicked() {
            cx.send(Command::Close);
        }
        let file = std::path::PathBuf::from(&mistakes.file);
        if file.is_file() && button(ui, "Read the file again", t).clicked() {
            cx.send(Command::OpenFile(file));
        }
    });
}

/// The line of the file with the wrong characters underlined.
fn excerpt(ui: &mut Ui, line: &str, span: (usize, usize), cx: &Cx<'_>) {
    let t = cx.t;
    let part = |from: usize, to: usize| line.chars().skip(from).take(to - from).collect::<String>();
    let count = line.chars().count();
    // A long line is cut around the place.
    let from = span.0.saturating_sub(40);
    let to = (span.1 + 40).min(count).max(from);
    let (before, wrong, behind) =
        (part(from, span.0.min(count)), part(span.0.min(count), span.1.min(count)), part(span.1.min(to), to));
    let lead = if from > 0 { "\u{2026}" } else { "" };
    let before = format!("{lead}{}", before.trim_start());
    let mut job = rich(
        &[
            (before.as_str(), mono(13.0), t.text2),
            (wrong.as_str(), mono_med(13.0), t.on_tint(t.proto(crate::gui::theme::Proto::Lost))),
            (behind.as_str(), mono(13.0), t.text2),
        ],
        ui.available_width(),
        18.0,
    );
    if let Some(section) = job.sections.get_mut(1) {
        section.format.underline = Stroke::new(2.0, t.proto(crate::gui::theme::Proto::Lost));
    }
    ui.add(Label::new(job).wrap());
}
