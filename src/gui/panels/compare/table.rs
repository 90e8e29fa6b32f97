//! What is different and what is the same, row by row as the record shows it. Each cell is a button to its packet.

use std::sync::Arc;

use eframe::egui::{
    self, Align2, CornerRadius, CursorIcon, Galley, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::boxes;
use crate::explain::phases::Protocol;
use crate::explain::push_pull::{Cell, Comparison, Point, Row};
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::panels::bands;
use crate::gui::theme::{R_CTRL, med, mix, reg, semi};
use crate::gui::widgets::{focus_ring, hline, text};

/// The heads of the columns.
const HEADS: f32 = 34.0;
/// The head of a group.
const GROUP: f32 = 30.0;
/// A row that is not known yet: its title alone.
const TITLE: f32 = 25.0;
/// At both sides.
const MARGIN: f32 = 12.0;
/// Between the columns.
const GUTTER: f32 = 8.0;
/// Inside a cell.
const INSET: f32 = 8.0;

/// See the [module](self).
#[derive(Default)]
pub struct Table {
    /// So many cells were known at the last frame: a new one is scrolled to.
    known: usize,
}

/// A row with what it needs to be drawn.
struct Laid<'a> {
    row: &'a Row,
    top: f32,
    height: f32,
    cells: [Option<Arc<Galley>>; 2],
}

impl Table {
    /// Draws into `rect`.
    pub fn show(&mut self, ui: &mut Ui, rect: Rect, comparison: &Comparison, cx: &Cx<'_>) {
        let t = cx.t;
        let column = (rect.width() - 2.0 * MARGIN - GUTTER) / 2.0;
        let height = if rect.height() < 120.0 { 24.0 } else { HEADS };
        let heads = Rect::from_min_size(rect.min, vec2(rect.width(), height));
        let p = ui.painter();
        let low = [("Pull: HTTP", Protocol::Http), ("Push: SMTP", Protocol::Smtp)];
        for (i, (name, protocol)) in low.into_iter().enumerate() {
            let x = rect.left() + MARGIN + i as f32 * (column + GUTTER) + 2.0;
            text(p, pos2(x, heads.center().y), Align2::LEFT_CENTER, name, semi(14.0), bands::colour(protocol, t));
        }
        hline(p, rect, heads.bottom(), t);
        let body = Rect::from_min_max(pos2(rect.left(), heads.bottom() + 1.0), rect.max);
        let mut inner = ui.new_child(UiBuilder::new().id_salt("rows").max_rect(body));
        inner.set_clip_rect(body.intersect(ui.clip_rect()));
        let known =
            comparison.rows.iter().flat_map(|r| [&r.pull, &r.push]).filter(|c| c.is_known(cx.horizon())).count();
        let fresh = std::mem::replace(&mut self.known, known) < known;
        egui::ScrollArea::vertical().id_salt("table").auto_shrink(false).show(&mut inner, |ui| {
            let origin = ui.min_rect().min;
            let mut y = 0.0;
            let mut newest: Option<(usize, Rect)> = None;
            for (title, same) in [("Different", false), ("Same", true)] {
                let rows: Vec<&Row> = comparison.rows.iter().filter(|r| r.same == same).collect();
                if rows.is_empty() {
                    continue;
                }
                let at = pos2(origin.x + MARGIN + 2.0, origin.y + y + GROUP / 2.0 + 3.0);
                text(ui.painter(), at, Align2::LEFT_CENTER, title, semi(15.0), t.text);
                y += GROUP;
                for row in rows {
                    let laid = lay_out(ui, row, y, column, comparison, cx);
                    let area = Rect::from_min_size(pos2(origin.x, origin.y + y), vec2(rect.width(), laid.height));
                    let last = [&row.pull, &row.push]
                        .into_iter()
                        .filter(|c| c.is_known(cx.horizon()))
                        .map(|c| c.known_at)
                        .max();
                    if let Some(last) = last
                        && newest.is_none_or(|(at, _)| last >= at)
                    {
                        newest = Some((last, area));
                    }
                    draw(ui, origin, &laid, column, comparison, cx);
                    y += laid.height;
                }
            }
            ui.allocate_space(vec2(rect.width(), y + 10.0));
            if fresh && let Some((_, area)) = newest {
                ui.scroll_to_rect(area.expand(6.0), None);
            }
        });
    }
}

fn lay_out<'a>(ui: &Ui, row: &'a Row, top: f32, column: f32, comparison: &Comparison, cx: &Cx<'_>) -> Laid<'a> {
    let galley = |cell: &Cell| {
        let words = cell.text.clone();
        cell.is_known(cx.horizon()).then(|| ui.painter().layout(words, reg(13.0), cx.t.text, column - 2.0 * INSET))
    };
    let cells = [galley(&row.pull), galley(&row.push)];
    let mut height = TITLE;
    if cells.iter().any(Option::is_some) {
        let highest = cells.iter().flatten().map(|g| g.size().y).fold(17.0, f32::max);
        height += highest + 10.0 + 6.0;
        if row.point == Point::Objects {
            height += objects_height(comparison);
        }
    }
    Laid { row, top, height, cells }
}

fn objects_height(comparison: &Comparison) -> f32 {
    boxes::height(&comparison.responses).max(boxes::height(&comparison.mails)) + 8.0
}

fn draw(ui: &mut Ui, origin: egui::Pos2, laid: &Laid<'_>, column: f32, comparison: &Comparison, cx: &Cx<'_>) {
    let t = cx.t;
    let known = laid.cells.iter().any(Option::is_some);
    let at = pos2(origin.x + MARGIN + 2.0, origin.y + laid.top + TITLE / 2.0);
    let ink = if known { t.text2 } else { t.text3 };
    let title = text(ui.painter(), at, Align2::LEFT_CENTER, laid.row.point.title(), med(13.0), ink);
    if !known {
        // Not there yet: an empty line that will be filled.
        let y = at.y + 4.0;
        let right = origin.x + MARGIN + 2.0 * column + GUTTER;
        let points = [pos2(title.right() + 8.0, y), pos2(right, y)];
        ui.painter().extend(Shape::dashed_line(&points, Stroke::new(1.0, t.border_strong), 2.0, 4.0));
        return;
    }
    let top = origin.y + laid.top + TITLE;
    let bottom = origin.y + laid.top + laid.height - 6.0;
    let cells = [
        (&laid.row.pull, Protocol::Http, "pull", &comparison.responses),
        (&laid.row.push, Protocol::Smtp, "push", &comparison.mails),
    ];
    for (i, (cell, protocol, name, units)) in cells.into_iter().enumerate() {
        let x = origin.x + MARGIN + i as f32 * (column + GUTTER);
        let rect = Rect::from_min_max(pos2(x, top), pos2(x + column, bottom));
        let Some(galley) = &laid.cells[i] else {
            let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
            ui.painter().extend(Shape::dashed_line(&corners, Stroke::new(1.0, t.border_strong), 3.0, 4.0));
            continue;
        };
        let response = ui.interact(rect, ui.scope_id().with((laid.row.point.title(), i)), Sense::click());
        let words = format!("{name}, {}: {}. Go to its packet", laid.row.point.title(), cell.text);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
        let thing = cell.packet.map(Thing::Packet);
        let selected = thing.as_ref().is_some_and(|t| cx.selected(t));
        let pointed = thing.as_ref().is_some_and(|t| cx.hovered(t)) || response.hovered();
        let colour = bands::colour(protocol, t);
        let fill = if selected {
            t.tint(t.accent)
        } else {
            mix(t.surface2, t.text, if response.hovered() { 0.04 } else { 0.0 })
        };
        let edge = match (selected, pointed) {
            (true, _) => Stroke::new(2.0, t.accent),
            (false, true) => Stroke::new(1.5, t.text3),
            (false, false) => Stroke::new(1.0, t.border),
        };
        let p = ui.painter();
        p.rect(rect, CornerRadius::same(R_CTRL), fill, edge, StrokeKind::Inside);
        p.galley(rect.min + vec2(INSET, 5.0), galley.clone(), t.text);
        if laid.row.point == Point::Objects {
            let at = pos2(rect.left() + INSET, rect.bottom() - 8.0 - boxes::height(units));
            boxes::show(p, at, units, column - 2.0 * INSET, colour, t);
        }
        if response.has_focus() {
            focus_ring(ui, rect, R_CTRL, t);
        }
        if response.clicked() {
            go(cell, cx);
        }
        response.on_hover_cursor(CursorIcon::PointingHand);
    }
}

/// To the packet that shows it.
fn go(cell: &Cell, cx: &Cx<'_>) {
    if let Some(entry) = cell.entry {
        cx.send(Command::ShowEntry(entry));
    }
    if let Some(packet) = cell.packet {
        cx.send(Command::Select(Some(Thing::Packet(packet))));
    }
}
