//! The sentence: what just happened and why, and what comes next. A screen reader says it once at each stop.

mod terms;

use std::sync::Arc;

use eframe::egui::{self, Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::gui::cx::Cx;
use crate::gui::theme::{reg, semi};
use crate::gui::widgets::{rich, text};

/// See the [module](self).
#[derive(Default)]
pub struct SentenceRow {
    /// The announcement that was made last, so that the words change when the same sentence is asked for again.
    said: u64,
}

impl SentenceRow {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let rect = ui.max_rect().shrink2(vec2(14.0, 6.0));
        let t = cx.t;
        let sentence = cx.run.sentence(cx.place, cx.desk.grain);
        // What comes next would tell what a lesson asks; what was reached before may be told.
        let told =
            !cx.in_lesson() || cx.run.stops.next(cx.desk.grain, cx.place).is_some_and(|s| s.place <= cx.desk.limit());
        let next = sentence.next.as_ref().filter(|_| told).map(|n| match n.starts_with("Press") {
            true => n.clone(),
            false => format!("Next: {n}"),
        });
        let large = rect.height() > 56.0;
        let mut size = (if large { 18.0 } else { 17.0 }, if large { 16.0 } else { 15.0 });
        // The step's number in front, as in the ribbon: the row is read on its own, too.
        let mut x = rect.left();
        let steps = cx.run.ready.story.steps.len();
        if let Some(step) = sentence.step.filter(|_| rect.width() > 560.0 && steps > 0) {
            let number = cx.run.ready.story.steps[step].number;
            let disc = pos2(x + 14.0, rect.center().y);
            ui.painter().circle_filled(disc, 13.0, t.tint(t.accent));
            text(ui.painter(), disc, Align2::CENTER_CENTER, number, semi(14.0), t.accent_text);
            x += 40.0;
        }
        let width = rect.right() - x;
        let galley = loop {
            let mut parts = vec![(sentence.now.as_str(), semi(size.0), t.text)];
            let line;
            if let Some(next) = &next {
                line = format!("\n{next}");
                parts.push((&line, reg(size.1), t.text2));
            }
            let galley = ui.painter().layout_job(rich(&parts, width, size.0 * 1.32));
            if galley.size().y <= rect.height() + 1.0 || size.0 < 12.0 {
                break galley;
            }
            size = (size.0 - 1.0, (size.1 - 1.0).max(11.5));
        };
        let whole = match &next {
            Some(next) => format!("{} {next}", sentence.now),
            None => sentence.now.clone(),
        };
        let at = pos2(x, (rect.center().y - galley.size().y / 2.0).max(rect.top()));
        let place = Rect::from_min_size(at, vec2(width, galley.size().y));
        let clipped = ui.painter().with_clip_rect(ui.max_rect());
        clipped.galley(at, Arc::clone(&galley), t.text);
        // A polite live region: one announcement for each stop.
        let again = self.said != cx.desk.announcements;
        self.said = cx.desk.announcements;
        let response = ui.interact(place, ui.scope_id().with("sentence"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &whole));
        let repeat = cx.desk.announcements;
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_live(egui::accesskit::Live::Polite);
            // The same words again are announced only if something of the node has changed.
            node.set_description(format!("stop {repeat}"));
        });
        if again {
            ui.ctx().request_repaint();
        }
        response.on_hover_text(whole);
        terms::show(ui, &sentence.now, &galley, at, cx);
    }
}
