//! Why: the chain of causes of an entry, back to an action.

use eframe::egui::{RichText, Ui};

use super::{row, scrolling};
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::theme::reg;
use crate::trace::{Cause, EntryId, why};

/// Draws the chain; each row leads to its moment.
pub fn show(ui: &mut Ui, entry: EntryId, cx: &Cx<'_>) {
    let t = cx.t;
    ui.label(
        RichText::new("From what happened back to the act that began it. Choose a row to go there.")
            .font(reg(14.0))
            .color(t.text2),
    );
    ui.add_space(4.0);
    scrolling(ui, "why", |ui| {
        for (id, cause) in why::why(&cx.run.log, entry) {
            let e = cx.run.log.entry(id);
            let title = crate::explain::text::one(&cx.run.log, &cx.run.names, id);
            let because = match cause {
                Cause::Start => "the scenario begins",
                Cause::Action(_) => "somebody did it",
                Cause::Entry(_) => "because of the row below",
                Cause::Timer { .. } => "a timer fired; it was set in the row below",
            };
            let second = format!("{}, {}: {because}", e.at, cx.run.node(e.node));
            if row(ui, &title, &second, id == entry, cx).clicked() {
                cx.send(Command::Close);
                cx.send(Command::ShowEntry(id));
            }
        }
    });
}
