//! Pull beside push: two ladders on one time axis with one now, and a table that fills from the record.

mod axis;
mod boxes;
mod choices;
mod side;
mod table;

use eframe::egui::{self, CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use self::side::{Part, Sides};
use super::follow::{Scroll, obedient};
use super::ladder::{ABOVE, LadderView};
use super::pointing::Pointing;
use crate::explain::push_pull::{Comparison, push_pull};
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::theme::{GAP, R_CARD, Tokens, med};
use crate::gui::widgets::{elided, segmented};
use crate::trace::PacketId;

/// Width of the common axis.
const AXIS: f32 = 56.0;
/// Least width of the table.
const TABLE: f32 = 330.0;
/// From here on both ladders and the table stand beside each other.
const ALL: f32 = 1100.0;
/// From here on both ladders do.
const BOTH: f32 = 640.0;

/// See the [module](self).
#[derive(Default)]
pub struct CompareView {
    /// Read from the record once; `None` inside if the run has not both.
    found: Option<Option<Comparison>>,
    sides: Sides,
    /// What is shown where not all has room.
    page: usize,
    table: table::Table,
    /// The ladder of a run that has not both.
    alone: LadderView,
    pointing: Pointing,
}

/// What is shown of the two ladders.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Both,
    One(Part),
}

impl CompareView {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let rect = ui.max_rect();
        let found = self.found.get_or_insert_with(|| push_pull(&cx.run.log, &cx.run.names, &cx.run.conversations));
        let Some(comparison) = found.clone() else { return choices::show(ui, rect, &mut self.alone, cx) };
        let mut pointed = None;
        if rect.width() >= ALL {
            let table = (rect.width() * 0.245).clamp(TABLE, 460.0);
            let ladders = Rect::from_min_max(rect.min, pos2(rect.right() - table - GAP, rect.bottom()));
            self.ladders(ui, ladders, Shown::Both, &comparison, &mut pointed, cx);
            let area = Rect::from_min_max(pos2(ladders.right() + GAP, rect.top()), rect.max);
            self.table(ui, area, &comparison, cx);
        } else {
            self.folded(ui, rect, &comparison, &mut pointed, cx);
        }
        self.pointing.at(ui, pointed.map(Thing::Packet), cx);
    }

    /// One page at a time, with a switch.
    fn folded(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        comparison: &Comparison,
        pointed: &mut Option<PacketId>,
        cx: &Cx<'_>,
    ) {
        let both = rect.width() >= BOTH;
        let words: &[&str] = if both { &["Ladders", "Table"] } else { &["Pull", "Push", "Table"] };
        self.page = self.page.min(words.len() - 1);
        let row = Rect::from_min_size(rect.min, vec2(rect.width(), 32.0));
        let mut chosen = None;
        ui.scope_builder(UiBuilder::new().id_salt("pages").max_rect(row), |ui| {
            chosen = segmented(ui, "Compare", words, self.page, cx.t);
        });
        self.page = chosen.unwrap_or(self.page);
        // Where the ladders have no room for titles, they stand here.
        if both && self.page == 0 && rect.height() < 216.0 {
            let words = "left: pull (HTTP), right: push (SMTP)";
            let room = rect.width() * 0.5;
            let size = ui.painter().layout_no_wrap(words.to_owned(), med(13.0), cx.t.text2).size().x.min(room);
            elided(
                ui.painter(),
                pos2(rect.right() - size - 4.0, row.center().y),
                words,
                med(13.0),
                cx.t.text2,
                size + 0.5,
            );
        }
        let area = Rect::from_min_max(pos2(rect.left(), row.bottom() + 4.0), rect.max);
        match (both, self.page) {
            (true, 0) => self.ladders(ui, area, Shown::Both, comparison, pointed, cx),
            (false, 0) => self.ladders(ui, area, Shown::One(Part::Pull), comparison, pointed, cx),
            (false, 1) => self.ladders(ui, area, Shown::One(Part::Push), comparison, pointed, cx),
            _ => self.table(ui, area, comparison, cx),
        }
    }

    /// The ladders on their cards, the axis between them.
    fn ladders(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        shown: Shown,
        comparison: &Comparison,
        pointed: &mut Option<PacketId>,
        cx: &Cx<'_>,
    ) {
        let width = match shown {
            Shown::Both => (rect.width() - AXIS) / 2.0,
            Shown::One(_) => rect.width() - AXIS,
        };
        if width < 80.0 || rect.height() < 40.0 {
            return;
        }
        card(ui, rect, cx.t);
        let rect = rect.shrink(1.0);
        let width = width - 1.0;
        self.sides.look(ui, comparison, width, cx);
        let head = side::head_height(rect.height());
        let columns: Vec<(Part, Rect)> = match shown {
            Shown::Both => vec![
                (Part::Pull, Rect::from_min_size(rect.min, vec2(width, rect.height()))),
                (Part::Push, Rect::from_min_size(pos2(rect.right() - width, rect.top()), vec2(width, rect.height()))),
            ],
            Shown::One(part) => vec![(part, Rect::from_min_size(rect.min, vec2(width, rect.height())))],
        };
        let axis = match shown {
            Shown::Both => {
                Rect::from_min_max(pos2(columns[0].1.right(), rect.top()), pos2(columns[1].1.left(), rect.bottom()))
            }
            Shown::One(_) => Rect::from_min_max(pos2(columns[0].1.right(), rect.top()), rect.max),
        };
        let body = Rect::from_min_max(pos2(rect.left(), rect.top() + head), rect.max);
        ui.painter().rect_filled(body, CornerRadius { nw: 0, ne: 0, sw: 9, se: 9 }, cx.t.canvas);
        let now = self.sides.now(cx);
        let focus = ui.interact(body, ui.scope_id().with("ladders"), Sense::focusable_noninteractive());
        focus
            .widget_info(|| WidgetInfo::labeled(Role::ListBox, true, "Pull and push on one time axis, time runs down"));
        if focus.has_focus() {
            self.sides.keys(ui, focus.id, cx);
        }
        let Scroll { offset, target } = self.sides.scroll(ui, body.height(), cx);
        let ends = if cx.desk.shows_future() { self.sides.height() } else { now };
        let height = (ends + ABOVE + 24.0).max(target + body.height());
        let mut inner = ui.new_child(UiBuilder::new().id_salt("ladders").max_rect(body));
        obedient(&mut inner);
        inner.set_clip_rect(body.intersect(ui.clip_rect()));
        let mut scroll = egui::ScrollArea::vertical().id_salt("compare").auto_shrink(false).min_scrolled_height(0.0);
        if let Some(offset) = offset {
            scroll = scroll.vertical_scroll_offset(offset);
        }
        scroll.show_viewport(&mut inner, |ui, seen| {
            ui.set_height(height);
            let top = ui.min_rect().top() + ABOVE;
            let ground = ui.interact(body, ui.scope_id().with("ground"), Sense::CLICK | Sense::HOVER);
            let seen = (seen.top() - ABOVE, seen.bottom() - ABOVE);
            for (part, column) in &columns {
                let found = self.sides.show(ui, (*part, pos2(column.left(), top)), width, seen, &ground, cx);
                *pointed = pointed.or(found);
            }
            axis::show(ui, axis, top, seen, now, self.sides.axis(cx), cx);
            self.sides.now_line(ui, top, (rect.left() + 4.0, rect.right() - 4.0), &axis, cx);
        });
        for (part, column) in &columns {
            let area = Rect::from_min_size(column.min, vec2(column.width(), head));
            self.sides.head(ui, area, *part, rect.height(), cx);
        }
        axis::head(ui, Rect::from_min_size(axis.min, vec2(axis.width(), head)), cx);
        if focus.has_focus() {
            crate::gui::widgets::focus_ring(ui, body.shrink(6.0), R_CARD, cx.t);
        }
    }

    fn table(&mut self, ui: &mut Ui, rect: Rect, comparison: &Comparison, cx: &Cx<'_>) {
        card(ui, rect, cx.t);
        let rect = rect.shrink(1.0);
        let mut inner = ui.new_child(UiBuilder::new().id_salt("table").max_rect(rect));
        inner.set_clip_rect(rect.intersect(ui.clip_rect()));
        self.table.show(&mut inner, rect, comparison, cx);
    }
}

fn card(ui: &Ui, rect: Rect, t: &Tokens) {
    let corner = CornerRadius::same(R_CARD);
    ui.painter().add(egui::Shadow { offset: [0, 1], blur: 6, spread: 0, color: t.shadow }.as_shape(rect, corner));
    ui.painter().rect(rect, corner, t.surface, Stroke::new(1.0, t.border), StrokeKind::Inside);
}
