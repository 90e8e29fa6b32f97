//! The text filter of the packet list: words that must all stand in a row, in whatever column.

use std::sync::Arc;

use eframe::egui::{
    self, Align2, CornerRadius, Frame, Margin, Rect, RichText, Role, Stroke, StrokeKind, TextEdit, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use crate::dissect;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::theme::{Icon, R_CTRL, reg};
use crate::gui::widgets::{icon_at, icon_button, text};
use crate::time::grouped;

/// The rows that fit the filter; kept as long as run and filter are the same.
#[derive(Default)]
pub struct Filtered {
    of: Option<(usize, String)>,
    /// Indices of rows, ascending; `None`: all of them.
    rows: Option<Vec<u32>>,
    /// What is wrong with the filter.
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
            (self.rows, self.mistake) = match dissect::filter(filter, &cx.run.packets, &cx.run.names, &cx.run.log) {
                _ if filter.is_empty() => (None, None),
                Ok(rows) => (Some(rows), None),
                // A filter that cannot be read fits nothing.
                Err(mistake) => (Some(Vec::new()), Some(format!("The filter, {mistake}."))),
            };
        }
        self.all = cx.run.packets.visible(cx.horizon()).min(cx.run.packets.rows().len());
        self.fit = match &self.rows {
            None => self.all,
            Some(rows) => rows.partition_point(|r| (*r as usize) < self.all),
        };
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
        let edge = if focused { Stroke::new(2.0, t.accent) } else { Stroke::new(1.0, t.border_strong) };
        p.rect(field, CornerRadius::same(R_CTRL), t.surface2, edge, StrokeKind::Inside);
        icon_at(p, pos2(field.left() + 15.0, field.center().y), Icon::ListFilter, 14.0, t.text2);
        let clear = !self.typed.is_empty();
        let inside = Rect::from_min_max(
            pos2(field.left() + 27.0, field.top()),
            pos2(field.right() - if clear { 28.0 } else { 6.0 }, field.bottom()),
        );
        let edit = TextEdit::singleline(&mut self.typed)
            .id(id)
            .frame(Frame::NONE.inner_margin(Margin::symmetric(2, 5)))
            .hint_text(RichText::new("Filter, for example smtp mail.b").color(t.text3))
            .font(reg(13.0))
            .desired_width(inside.width())
            .align(Align2::LEFT_CENTER);
        let mut place = ui.new_child(UiBuilder::new().id_salt("field").max_rect(inside));
        place.set_clip_rect(inside.intersect(ui.clip_rect()));
        let response = place.put(inside, edit);
        response.clone().accessible_name("Filter packets (Ctrl+F)");
        if response.changed() {
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
