//! The packet list: every packet once, as its sender made it. Only the rows that are seen are laid out.

use std::ops::Range;
use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{
    self, Align2, Color32, CornerRadius, EventFilter, FontId, Id, Key, Modifiers, Painter, Rect, Role, ScrollArea,
    Sense, Shape, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use eframe::epaint::{PathShape, PathStroke};

use super::columns::{Column, GUTTER, Needs, columns};
use super::filter::Filtered;
use crate::dissect::PacketRow;
use crate::explain::phases::Part;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::panels::bytes::{nothing, say};
use crate::gui::run::{Run, happened};
use crate::gui::theme::{Proto, Tokens, alpha, med, mono, reg};
use crate::gui::widgets::{Pointing, button, chip, focus_ring, text};
use crate::time::grouped;

/// Height of a row.
pub const ROW: f32 = 24.0;
/// Height of the heads.
const HEAD: f32 = 26.0;

/// See the [module](self).
#[derive(Default)]
pub struct PacketList {
    needs: Option<(usize, Needs)>,
    pointing: Pointing,
    /// How far it is scrolled.
    offset: f32,
    /// The row, of how many, to which it was scrolled last.
    seen: Option<(usize, usize)>,
}

/// Where a packet is at the moment shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Arrived,
    UnderWay,
    Lost,
    ToCome,
}

fn standing(row: &PacketRow, place: usize) -> Standing {
    match (row.lost, row.arrived) {
        _ if !happened(row.sent, place) => Standing::ToCome,
        (Some(lost), _) if happened(lost, place) => Standing::Lost,
        (_, Some(arrived)) if happened(arrived, place) => Standing::Arrived,
        _ => Standing::UnderWay,
    }
}

impl PacketList {
    /// Draws into `ui.max_rect()`; `packet` is the one that everything is about.
    pub fn show(&mut self, ui: &mut Ui, filtered: &Filtered, packet: Option<crate::trace::PacketId>, cx: &Cx<'_>) {
        let whole = ui.max_rect();
        let t = cx.t;
        let head = Rect::from_min_size(whole.min, vec2(whole.width(), HEAD));
        let body = Rect::from_min_max(pos2(whole.left(), head.bottom()), whole.max);
        let cells = columns(whole.width() - 8.0, &self.needs(ui, cx));
        heads(ui, head, &cells, t);
        if filtered.fit == 0 {
            return empty(ui, body, filtered, cx);
        }
        let id = ui.scope_id().with("list");
        let response = ui.interact(body, id, Sense::focusable_noninteractive());
        let current = packet.and_then(|p| cx.run.packets.place(p));
        let line = current.map(|row| filtered.line(row));
        response.widget_info(|| WidgetInfo::labeled(Role::Grid, true, format!("Packets: {}", filtered.told())));
        if response.has_focus() {
            keys(ui, id, filtered, line, cx);
        }
        let mut inside = ui.new_child(UiBuilder::new().id_salt("rows").max_rect(body));
        inside.spacing_mut().item_spacing = vec2(0.0, 0.0);
        inside.set_clip_rect(body.intersect(ui.clip_rect()));
        let mut area = ScrollArea::vertical().id_salt("packets").auto_shrink([false, false]);
        if let Some(offset) = self.follow(line, filtered.fit, body.height()) {
            area = area.vertical_scroll_offset(offset);
        }
        let shown = area.show_rows(&mut inside, ROW, filtered.fit, |ui, lines| {
            let top = ui.max_rect().left_top();
            let width = ui.max_rect().width();
            let at = |line: usize| top.y + (line as f32 - lines.start as f32) * ROW;
            for line in lines.clone() {
                let Some(index) = filtered.row(line) else { break };
                let rect = Rect::from_min_size(pos2(top.x, at(line)), vec2(width, ROW));
                self.row(ui, id, rect, index, current == Some(index), &cells, cx);
            }
            now_line(ui, &lines, at, filtered, cx);
        });
        self.offset = shown.state.clamped_offset().y;
        if response.has_focus() {
            focus_ring(ui, body.shrink(5.0), 2, t);
        }
        self.pointing.done(cx);
    }

    /// The scroll offset at which the row that everything is about is seen; `None` if nothing has to move.
    fn follow(&mut self, line: Option<Result<usize, usize>>, count: usize, height: f32) -> Option<f32> {
        let (Ok(line) | Err(line)) = line?;
        let key = (line, count);
        if self.seen == Some(key) {
            return None;
        }
        self.seen = Some(key);
        // One row more is seen above and below, so that one knows where one is.
        let (top, bottom) = (line as f32 * ROW - ROW, (line as f32 + 2.0) * ROW);
        let most = (count as f32 * ROW - height).max(0.0);
        let offset = if top < self.offset {
            top
        } else if bottom > self.offset + height {
            // A whole row at the top: one that is cut looks like one that is hidden.
            (((bottom - height) / ROW).ceil() * ROW).min(line as f32 * ROW)
        } else {
            return None;
        };
        Some(offset.clamp(0.0, most))
    }

    /// What the columns need: measured once for each run.
    fn needs(&mut self, ui: &Ui, cx: &Cx<'_>) -> Needs {
        let run = Arc::as_ptr(&cx.desk.run) as usize;
        if let Some((of, needs)) = self.needs
            && of == run
        {
            return needs;
        }
        let width = |s: String, font: FontId| ui.painter().layout_no_wrap(s, font, cx.t.text).size().x;
        let last = cx.run.packets.rows().last();
        let hosts = cx.run.ready.setup.nodes.iter().filter(|n| matches!(n.kind, crate::sim::setup::NodeKind::Host(_)));
        let needs = Needs {
            number: width(cx.run.packets.rows().len().to_string(), mono(12.5)),
            time: width(last.map_or_else(String::new, |r| r.at.to_string()), mono(12.5))
                .max(width("9.999 s".to_owned(), mono(12.5))),
            host: hosts.map(|n| width(n.name.clone(), reg(13.0))).fold(0.0, f32::max) + 2.0,
            steps: !cx.run.ready.story.steps.is_empty(),
        };
        self.needs = Some((run, needs));
        needs
    }

    #[expect(clippy::too_many_arguments, reason = "one row of one table, called from one place")]
    fn row(
        &mut self,
        ui: &Ui,
        list: Id,
        rect: Rect,
        index: usize,
        current: bool,
        cells: &[(Column, Range<f32>)],
        cx: &Cx<'_>,
    ) {
        let t = cx.t;
        let row = &cx.run.packets.rows()[index];
        let standing = standing(row, cx.place);
        let response = ui.interact(rect, list.with(("packet", row.packet.0)), Sense::CLICK);
        let thing = Thing::Packet(row.packet);
        let selected =
            current && matches!(cx.desk.selection, Some(Thing::Packet(_) | Thing::Bytes(..) | Thing::Stream(..)));
        response.widget_info(|| WidgetInfo::selected(Role::Row, true, current, spoken(row, standing, cx)));
        self.pointing.at(&response, || thing.clone());
        if response.clicked() {
            choose(index, cx);
        }
        let p = ui.painter();
        ground(p, rect, (current, selected), standing, (response.hovered(), cx.hovered(&thing)), t);
        mark(p, pos2(rect.left() + GUTTER / 2.0 + 2.0, rect.center().y), standing, Proto::of(row.protocol), t);
        if cx.desk.marks.contains(&row.packet) {
            flag(p, rect, t);
        }
        let italic = standing == Standing::ToCome;
        for (column, x) in cells {
            let (left, right) = (rect.left() + x.start, rect.left() + x.end);
            let cell = Cell { left, right, y: rect.center().y, italic, at_right: column.right() };
            match column {
                Column::Number => cell.paint(p, &(index + 1).to_string(), mono(12.5), t.text3),
                Column::Time => cell.paint(p, &row.at.to_string(), mono(12.5), t.text2),
                Column::Source => cell.paint(p, cx.run.node(row.from), reg(13.0), t.text),
                Column::Destination => cell.paint(p, to(row, cx), reg(13.0), t.text),
                Column::Way => cell.paint(p, &way(row, cx), reg(13.0), t.text),
                Column::Protocol => {
                    let c = t.proto(Proto::of(row.protocol));
                    chip(p, pos2(left, rect.center().y), row.protocol, c, t, med(12.0));
                }
                Column::Length => cell.paint(p, &grouped(row.length as u64), mono(12.5), t.text2),
                Column::Info => {
                    let ink = if standing == Standing::Lost { t.on_tint(t.proto(Proto::Lost)) } else { t.text };
                    cell.paint(p, &one_line(&cx.run.packets.info(&cx.run.log, row)), mono(12.5), ink);
                }
                Column::Phase | Column::PhaseMark => {
                    if let Some(part) = part(row, cx.run) {
                        phase(p, &cell, part, *column == Column::PhaseMark, t);
                    }
                }
                Column::Step => {
                    if let Some(number) = step(row, cx.run) {
                        let centre = pos2(left + 9.0, rect.center().y);
                        p.circle_stroke(centre, 8.5, Stroke::new(1.0, t.text3));
                        text(p, centre, Align2::CENTER_CENTER, number, med(12.0), t.text2);
                    }
                }
            }
        }
        response.on_hover_ui(|ui| {
            ui.set_max_width(520.0);
            ui.label(egui::RichText::new(spoken(row, standing, cx)).font(reg(13.0)).color(t.text));
        });
    }
}

/// A place for one line of text.
struct Cell {
    left: f32,
    right: f32,
    y: f32,
    italic: bool,
    at_right: bool,
}

impl Cell {
    fn paint(&self, p: &Painter, s: &str, font: FontId, ink: Color32) {
        let mut format = TextFormat::simple(font, ink);
        format.italics = self.italic;
        let mut job = LayoutJob::single_section(s.to_owned(), format);
        job.break_on_newline = false;
        job.wrap = TextWrapping::truncate_at_width((self.right - self.left).max(0.0));
        let galley = p.layout_job(job);
        let x = if self.at_right { self.right - galley.size().x } else { self.left };
        p.galley(pos2(x, (self.y - galley.size().y / 2.0).round()), galley, ink);
    }
}

fn to<'a>(row: &PacketRow, cx: &'a Cx<'_>) -> &'a str {
    row.to.map_or("nobody", |to| cx.run.node(to))
}

fn way(row: &PacketRow, cx: &Cx<'_>) -> String {
    format!("{} \u{2192} {}", cx.run.node(row.from), to(row, cx))
}

/// A letter's or head's lines stand in one.
fn one_line(info: &str) -> String {
    if info.contains(['\n', '\r']) { info.replace("\r\n", " ").replace(['\n', '\r'], " ") } else { info.to_owned() }
}

/// A row as it is read aloud, and its full form where it is cut.
fn spoken(row: &PacketRow, standing: Standing, cx: &Cx<'_>) -> String {
    let how = match standing {
        Standing::Arrived => "",
        Standing::UnderWay => ", under way",
        Standing::Lost => ", lost",
        Standing::ToCome => ", to come",
    };
    let marked = if cx.desk.marks.contains(&row.packet) { ", marked" } else { "" };
    let phase = part(row, cx.run).map_or_else(String::new, |p| format!(", phase {}", p.name()));
    let step = step(row, cx.run).map_or_else(String::new, |s| format!(", step {s}"));
    format!(
        "Packet {} at {}: {} ({}) \u{2192} {} ({}), {}, {} bytes{phase}{step}{how}{marked}\n{}",
        cx.run.packets.place(row.packet).unwrap_or_default() + 1,
        row.at,
        cx.run.node(row.from),
        row.src,
        to(row, cx),
        row.dst,
        row.protocol,
        grouped(row.length as u64),
        cx.run.packets.info(&cx.run.log, row)
    )
}

/// The phase of its conversation in which a packet was sent.
fn part(row: &PacketRow, run: &Run) -> Option<Part> {
    let (conn, _) = row.conn?;
    run.conversations.get(conn.0 as usize)?.part_of_packet(row.sent)
}

/// The number of the step in which a packet was sent.
fn step(row: &PacketRow, run: &Run) -> Option<u32> {
    let step = run.step_at(row.sent.0 as usize + 1);
    run.ready.story.steps.get(step).map(|s| s.number)
}

/// The moment of a packet's arrival becomes now, and the packet is selected.
fn choose(index: usize, cx: &Cx<'_>) {
    let Some(row) = cx.run.packets.rows().get(index) else { return };
    cx.send(Command::ShowEntry(row.arrived.or(row.lost).unwrap_or(row.sent)));
    cx.send(Command::Select(Some(Thing::Packet(row.packet))));
}

/// Up and Down move in the list.
fn keys(ui: &Ui, id: Id, filtered: &Filtered, line: Option<Result<usize, usize>>, cx: &Cx<'_>) {
    let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
    let none = Modifiers::NONE;
    let (up, down) =
        ui.input_mut(|i| (i.count_and_consume_key(none, Key::ArrowUp), i.count_and_consume_key(none, Key::ArrowDown)));
    if up == 0 && down == 0 {
        return;
    }
    let to = match line {
        None => Some(0),
        Some(Ok(at)) => (at + down).checked_sub(up),
        // The packet does not fit the filter: the next one is the one that stands where it would.
        Some(Err(at)) => (at + down.saturating_sub(1)).checked_sub(up),
    };
    if let Some(index) = to.map(|l| l.min(filtered.fit.saturating_sub(1))).and_then(|l| filtered.row(l)) {
        choose(index, cx);
    }
}

fn heads(ui: &Ui, rect: Rect, cells: &[(Column, Range<f32>)], t: &Tokens) {
    let p = ui.painter();
    p.rect_filled(rect, CornerRadius::ZERO, t.surface2);
    p.hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, t.border));
    for (column, x) in cells {
        let (left, right) = (rect.left() + x.start, rect.left() + x.end);
        let cell = Cell { left, right, y: rect.center().y, italic: false, at_right: column.right() };
        cell.paint(p, column.head(), med(12.0), t.text2);
    }
}

/// Nothing fits the filter, or nothing has been sent.
fn empty(ui: &mut Ui, body: Rect, filtered: &Filtered, cx: &Cx<'_>) {
    let upper = Rect::from_min_max(body.min, pos2(body.right(), body.center().y + 6.0));
    let mut place =
        ui.new_child(UiBuilder::new().id_salt("empty").max_rect(if cx.desk.filter.is_empty() { body } else { upper }));
    if cx.desk.filter.is_empty() {
        return nothing(&mut place, cx);
    }
    let words = match &filtered.mistake {
        Some(mistake) => mistake.clone(),
        None => format!("\u{201c}{}\u{201d}: {}", cx.desk.filter.trim(), filtered.told()),
    };
    say(&mut place, &words, cx);
    let at = Rect::from_center_size(pos2(body.center().x, body.center().y + 26.0), vec2(74.0, 32.0));
    let mut place = ui.new_child(UiBuilder::new().id_salt("clear").max_rect(at));
    if button(&mut place, "Clear", cx.t).clicked() {
        cx.send(Command::Filter(String::new()));
    }
}

fn ground(
    p: &Painter,
    rect: Rect,
    (current, selected): (bool, bool),
    standing: Standing,
    (under, pointed): (bool, bool),
    t: &Tokens,
) {
    if current {
        p.rect_filled(rect, CornerRadius::ZERO, t.tint(t.accent));
        p.rect_filled(Rect::from_min_size(rect.min, vec2(3.0, ROW)), CornerRadius::ZERO, t.accent);
    } else if standing == Standing::Lost {
        p.rect_filled(rect, CornerRadius::ZERO, alpha(t.tint(t.proto(Proto::Lost)), 0.7));
    } else if under {
        p.rect_filled(rect, CornerRadius::ZERO, alpha(t.text, 0.04));
    }
    if selected {
        p.rect_stroke(
            rect.shrink2(vec2(1.0, 0.0)),
            CornerRadius::same(3),
            Stroke::new(2.0, t.accent),
            StrokeKind::Inside,
        );
    } else if pointed {
        p.rect_stroke(
            rect.shrink2(vec2(1.0, 0.0)),
            CornerRadius::same(3),
            Stroke::new(1.5, t.text3),
            StrokeKind::Inside,
        );
    }
}

/// Full: arrived. Ring with a dot: under way. Cross: lost. Ring: to come.
fn mark(p: &Painter, at: egui::Pos2, standing: Standing, proto: Proto, t: &Tokens) {
    let c = t.proto(proto);
    match standing {
        Standing::Arrived => {
            p.circle_filled(at, 4.0, c);
        }
        Standing::UnderWay => {
            p.circle_stroke(at, 4.25, Stroke::new(1.5, c));
            p.circle_filled(at, 1.75, c);
        }
        Standing::Lost => {
            let stroke = Stroke::new(2.0, t.proto(Proto::Lost));
            p.line_segment([at - vec2(3.5, 3.5), at + vec2(3.5, 3.5)], stroke);
            p.line_segment([at + vec2(-3.5, 3.5), at + vec2(3.5, -3.5)], stroke);
        }
        Standing::ToCome => {
            p.circle_stroke(at, 3.75, Stroke::new(1.25, t.text3));
        }
    }
}

/// A packet that was marked: a bar at the left edge with a notch, so that it is told by its shape.
fn flag(p: &Painter, rect: Rect, t: &Tokens) {
    let (x, top, bottom) = (rect.left(), rect.top() + 2.0, rect.bottom() - 2.0);
    let points = [(0.0, top), (7.0, top), (4.0, rect.center().y), (7.0, bottom), (0.0, bottom)];
    let points = points.map(|(dx, y)| pos2(x + dx, y));
    p.add(Shape::Path(PathShape { points: points.to_vec(), closed: true, fill: t.accent, stroke: PathStroke::NONE }));
}

/// The phase as a word, or as its letter where there is no room.
fn phase(p: &Painter, cell: &Cell, part: Part, as_mark: bool, t: &Tokens) {
    if as_mark {
        let rect = Rect::from_center_size(pos2(cell.left + 9.0, cell.y), vec2(18.0, 17.0));
        p.rect_stroke(rect, CornerRadius::same(4), Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
        text(p, rect.center(), Align2::CENTER_CENTER, part.letter(), med(12.0), t.text2);
    } else {
        cell.paint(p, part.name(), reg(12.5), t.text2);
    }
}

/// Now: a line between what has been sent and what has not.
fn now_line(ui: &Ui, lines: &Range<usize>, at: impl Fn(usize) -> f32, filtered: &Filtered, cx: &Cx<'_>) {
    if !cx.desk.shows_future() {
        return;
    }
    let sent = cx.run.packets.visible(cx.place);
    let (Ok(line) | Err(line)) = filtered.line(sent);
    if (lines.start..=lines.end).contains(&line) && (line > 0 || cx.place == 0) {
        let (rect, y) = (ui.max_rect(), at(line).max(ui.clip_rect().top() + 1.0));
        ui.painter().hline(rect.left() + 5.0..=rect.right(), y, Stroke::new(2.0, cx.t.accent));
        ui.painter().circle_filled(pos2(rect.left() + 5.0, y), 4.0, cx.t.accent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_that_everything_is_about_is_followed_and_no_more_is_moved_than_needed() {
        let mut list = PacketList::default();
        assert_eq!(list.follow(Some(Ok(3)), 100, 240.0), None);
        let down = list.follow(Some(Ok(30)), 100, 240.0).unwrap();
        assert!(down >= 32.0 * ROW - 240.0 && down % ROW == 0.0);
        list.offset = down;
        assert_eq!(list.follow(Some(Ok(30)), 100, 240.0), None, "the user may scroll away");
        assert_eq!(list.follow(Some(Ok(29)), 100, 240.0), None, "it is seen already");
        assert_eq!(list.follow(Some(Ok(99)), 100, 240.0), Some(100.0 * ROW - 240.0));
        assert_eq!(list.follow(Some(Ok(0)), 100, 240.0), Some(0.0));
        list.offset = 0.0;
        assert_eq!(list.follow(Some(Ok(50)), 100, 50.0), Some(50.0 * ROW), "it is seen in a place of two rows, too");
    }
}
