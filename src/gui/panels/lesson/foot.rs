//! The foot of the column: what can be done next.

use eframe::egui::{Align, Layout, Ui, UiBuilder};

use crate::gui::command::{Command, hint};
use crate::gui::cx::Cx;
use crate::gui::lesson::{Act, Card, Taking};
use crate::gui::regions::Width;
use crate::gui::theme::Icon;
use crate::gui::widgets::{button, icon_button, primary};
use crate::lesson::words::When;

/// Draws into `ui.max_rect()`.
pub fn show(ui: &mut Ui, taking: &Taking, width: Width, cx: &Cx<'_>) {
    let t = cx.t;
    let builder = UiBuilder::new().id_salt("acts").max_rect(ui.max_rect()).layout(Layout::left_to_right(Align::Center));
    let mut row = ui.new_child(builder);
    row.spacing_mut().item_spacing.x = 8.0;
    let send = |act: Act| cx.send(Command::Lesson(act));
    let here = cx.desk.at_moment();
    match &taking.card {
        Card::Asked(question) if here => {
            let lock = primary(&mut row, "Lock answer", t).on_hover_text("Lock the answer (Enter)");
            if lock.clicked() {
                send(Act::Lock);
            }
            let again = taking.session.open() != Some(*question);
            let word = if again { "Leave it" } else { "Skip" };
            if button(&mut row, word, t).on_hover_text(hint(word, &Command::Lesson(Act::Skip))).clicked() {
                send(Act::Skip);
            }
        }
        card => {
            if !taking.at_end() || !here {
                let touring = taking.touring().is_some() && here;
                let (word, forward) = match (touring, cx.desk.playing) {
                    (true, _) => ("Next part", Command::Forward(None)),
                    (_, true) => ("Pause", Command::PlayPause),
                    // By itself, to the next moment.
                    (_, false) => ("Continue", Command::PlayPause),
                };
                if button(&mut row, word, t).on_hover_text(hint(word, &forward)).clicked() {
                    cx.send(forward);
                }
            }
            if let Card::Told(question) = card
                && here
                && taking.session.lesson.questions[*question].when == When::Check
                && button(&mut row, "Answer again", t).clicked()
            {
                send(Act::Again);
            }
        }
    }
    let behind = taking.session.position() < taking.session.reached();
    if (behind || taking.aside || !here && cx.motion.is_none() && cx.desk.now < cx.desk.limit())
        && button(&mut row, "Back to the lesson", t)
            .on_hover_text(hint("Back to where the lesson is", &Command::Lesson(Act::Resume)))
            .clicked()
    {
        send(Act::Resume);
    }
    // With room for one of the two only, a button leads to the other.
    if width <= Width::Narrow {
        let word = format!("See the {}; Esc leads back", taking.view.name().to_lowercase());
        let view = Command::View(taking.view);
        if icon_button(&mut row, Icon::Eye, &word, 32.0, false, t).clicked() {
            cx.send(view);
        }
    }
}
