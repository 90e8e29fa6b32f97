//! The filter of the packet list: a display filter, or words that must all stand in a row, in whatever column.

use std::sync::Arc;

use eframe::egui::{
    self, Align2, CornerRadius, Frame, Margin, Rect, RichText, Role, Stroke, StrokeKind, TextEdit, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::complete::{Completion, Picked};
use crate::dissect;
use crate::export::capture::capture;
use crate::export::pcapng::View;
use crate::filter::Filter;
use crate::filter::facts::Capture;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::theme::{Icon, Proto, R_CTRL, reg};
use crate::gui::widgets::{icon_at, icon_button, text};
use crate::time::grouped;

/// How the text of the filter was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// There is none.
    #[default]
    Empty,
    /// A display filter.
    Filter,
    /// Words that are looked for.
    Words,
    /// It cannot be read.
    Wrong,
}

/// The rows that fit the filter; kept as long as run and filter are the same.
#[derive(Default)]
pub struct Filtered {
    of: Option<(usize, String)>,
    /// The frames of the run, for display filters, and the row of each.
    capture: Option<(usize, Capture, Vec<u32>)>,
    /// Indices of rows, ascending; `None`: all of them.
    rows: Option<Vec<u32>>,
    /// How the filter was read.
    pub reading: Reading,
    /// What is wrong with it, or why it is taken for words.
    pub mistake: Option<String>,
    /// How many rows have been sent at the horizon, filtered or not.
    pub all: usize,
    /// How many of them fit.
    pub fit: usize,
}

impl Filtered {
    /// Filters anew if something has changed, and counts up to the horizon.
    pub fn update(&mut self, cx: &Cx<'_>) {
        let run = Arc::as_ptr(&cx.desk.run) as usize;
        let filter = cx.desk.filter.trim();
        if self.of.as_ref().is_none_or(|(r, f)| *r != run || f != filter) {
            self.of = Some((run, filter.to_owned()));
            (self.rows, self.reading, self.mistake) = self.read(run, filter, cx);
        }
        self.all = cx.run.packets.visible(cx.horizon()).min(cx.run.packets.rows().len());
        self.fit = match &self.rows {
            None => self.all,
            Some(rows) => rows.partition_point(|r| (*r as usize) < self.all),
        };
    }

    /// A display filter if it can be read as one; if it is nothing but words, these are looked for.
    fn read(&mut self, run: usize, text: &str, cx: &Cx<'_>) -> (Option<Vec<u32>>, Reading, Option<String>) {
        if text.is_empty() {
            return (None, Reading::Empty, None);
        }
        let wrong = match Filter::new(text) {
            Ok(filter) => return (Some(self.select(run, &filter, cx)), Reading::Filter, None),
            Err(wrong) => wrong,
        };
        if text.chars().any(|c| "=!<>&|(){}[]~,".contains(c)) || text.contains(" contains ") || text.contains(" in ") {
            return (Some(Vec::new()), Reading::Wrong, Some(format!("The filter, {wrong}")));
        }
        match dissect::filter(text, &cx.run.packets, &cx.run.names, &cx.run.log) {
            Ok(rows) => {
                (Some(rows), Reading::Words, Some(format!("Words are looked for. As a display filter, {wrong}")))
            }
            // A filter that cannot be read fits nothing.
            Err(mistake) => (Some(Vec::new()), Reading::Wrong, Some(format!("The filter, {mistake}."))),
        }
    }

    fn select(&mut self, run: usize, filter: &Filter, cx: &Cx<'_>) -> Vec<u32> {
        if self.capture.as_ref().is_none_or(|(of, ..)| *of != run) {
            let (setup, log) = (&cx.run.ready.setup, &cx.run.log);
            let capture = capture(setup, log, &cx.run.names, (&cx.run.ready.story, View::Senders));
            let places = View::Senders.packets(log).filter_map(|sight| cx.run.packets.place(sight.packet));
            self.capture = Some((run, capture, places.map(|place| place as u32).collect()));
        }
        let Some((_, capture, places)) = &self.capture else { return Vec::new() };
        let mut rows: Vec<u32> =
            filter.select(capture).into_iter().filter_map(|number| places.get(number as usize).copied()).collect();
        rows.sort_unstable();
        rows
    }

    /// The row of the run that stands at a line of the list.
    pub fn row(&self, line: usize) -> Option<usize> {
        match &self.rows {
            _ if line >= self.fit => None,
            None => Some(line),
            Some(rows) => rows.get(line).map(|r| *r as usize),
        }
    }

    /// The line of the list at which a row stands; `Err` where it would stand.
    pub fn line(&self, row: usize) -> Result<usize, usize> {
        let found = match &self.rows {
            None => Ok(row),
            Some(rows) => rows.binary_search(&(row as u32)),
        };
        match found {
            Ok(line) if line < self.fit => Ok(line),
            Ok(line) | Err(line) => Err(line.min(self.fit)),
        }
    }

    /// `59 packets`, `3 of 59 packets`.
    pub fn told(&self) -> String {
        let noun = if self.all == 1 { "packet" } else { "packets" };
        match &self.rows {
            None => format!("{} {noun}", grouped(self.all as u64)),
            Some(_) => format!("{} of {} {noun}", grouped(self.fit as u64), grouped(self.all as u64)),
        }
    }
}

/// The field, the count, and Clear.
#[derive(Default)]
pub struct FilterField {
    typed: String,
    /// What the desk had when `typed` was last in step with it.
    known: String,
    completion: Completion,
}

impl FilterField {
    /// Draws into `rect`, 34 high.
    pub fn show(&mut self, ui: &mut Ui, rect: Rect, filtered: &Filtered, cx: &Cx<'_>) {
        let t = cx.t;
        if self.known != cx.desk.filter {
            self.known.clone_from(&cx.desk.filter);
            self.typed.clone_from(&cx.desk.filter);
        }
        let count = filtered.told();
        let galley = ui.painter().layout_no_wrap(count.clone(), reg(12.5), t.text2);
        let counted = galley.size().x + 12.0;
        let has_room = rect.width() > counted + 150.0;
        let right = if has_room { rect.right() - counted } else { rect.right() };
        let field = Rect::from_min_max(
            pos2((right - 380.0).max(rect.left()), rect.center().y - 14.0),
            pos2(right, rect.center().y + 14.0),
        );
        let id = ui.scope_id().with("filter");
        let focused = ui.memory(|m| m.has_focus(id));
        let p = ui.painter();
        // Green and red as in Wireshark, with a sign for who does not see them.
        let (icon, colour) = match filtered.reading {
            Reading::Empty => (Icon::ListFilter, t.text2),
            Reading::Words => (Icon::Search, t.text2),
            Reading::Filter => (Icon::Check, t.ok),
            Reading::Wrong => (Icon::TriangleAlert, t.proto(Proto::Lost)),
        };
        let plain = matches!(filtered.reading, Reading::Empty | Reading::Words);
        let edge = match (plain, focused) {
            (true, true) => Stroke::new(2.0, t.accent),
            (true, false) => Stroke::new(1.0, t.border_strong),
            (false, _) => Stroke::new(if focused { 2.0 } else { 1.5 }, colour),
        };
        p.rect(field, CornerRadius::same(R_CTRL), t.surface2, edge, StrokeKind::Inside);
        icon_at(p, pos2(field.left() + 15.0, field.center().y), icon, 14.0, colour);
        let clear = !self.typed.is_empty();
        let inside = Rect::from_min_max(
            pos2(field.left() + 27.0, field.top()),
            pos2(field.right() - if clear { 28.0 } else { 6.0 }, field.bottom()),
        );
        let picked = if focused { self.completion.keys(ui) } else { None };
        let edit = TextEdit::singleline(&mut self.typed)
            .id(id)
            .frame(Frame::NONE.inner_margin(Margin::symmetric(2, 5)))
            .hint_text(RichText::new("Filter, for example tcp.flags.syn == 1").color(t.text3))
            .font(reg(13.0))
            .desired_width(inside.width())
            .align(Align2::LEFT_CENTER);
        let mut place = ui.new_child(UiBuilder::new().id_salt("field").max_rect(inside));
        place.set_clip_rect(inside.intersect(ui.clip_rect()));
        let response = place.put(inside, edit);
        let said = filtered.mistake.as_deref().unwrap_or(match filtered.reading {
            Reading::Filter => "A display filter",
            _ => "A display filter (smtp.req.command == \"MAIL\") or words",
        });
        response.clone().accessible_name("Filter packets (Ctrl+F)").on_hover_text(said);
        let mut changed = response.changed();
        if focused {
            self.completion.offer(ui, id, field, &self.typed, cx);
            let picked = picked.or(self.completion.clicked());
            if let Some(Picked { from, to, name }) = picked {
                self.typed.replace_range(from..to, name);
                self.completion.put_cursor(ui, id, &self.typed, from + name.len());
                changed = true;
            }
        } else {
            self.completion.close();
        }
        self.completion.hold(ui, id);
        if changed {
            self.known.clone_from(&self.typed);
            cx.send(Command::Filter(self.typed.clone()));
        }
        if clear {
            let at = Rect::from_center_size(pos2(field.right() - 15.0, field.center().y), vec2(22.0, 22.0));
            let mut place = ui.new_child(UiBuilder::new().id_salt("clear").max_rect(at));
            if icon_button(&mut place, Icon::X, "Clear the filter", 22.0, false, t).clicked() {
                cx.send(Command::Filter(String::new()));
            }
        }
        if has_room {
            let at = pos2(rect.right() - 2.0, rect.center().y);
            let area = text(ui.painter(), at, Align2::RIGHT_CENTER, &count, reg(12.5), t.text2);
            let response = ui.interact(area, ui.scope_id().with("count"), egui::Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &count));
        }
        if cx.desk.find {
            ui.memory_mut(|m| m.request_focus(id));
        }
    }
}
