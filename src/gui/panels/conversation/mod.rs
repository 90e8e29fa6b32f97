//! What was said on one connection, line by line: who speaks, phases at the left, the mail as one block that opens.

pub mod chooser;
mod layout;
mod line;
mod mail;
mod margin;
pub(super) mod words;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use eframe::egui::{self, EventFilter, Key, Rect, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use self::layout::{Bit, Column};
use super::follow::{Follow, NOW, Scroll, obedient};
use super::pointing::Pointing;
use crate::explain::dialogue::{Dialogue, Happening, Kind, Row};
use crate::explain::story::step_at;
use crate::gui::command::{Command, hint};
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::run::happened;
use crate::gui::theme::{Icon, R_CTRL, reg, semi};
use crate::gui::widgets::{focus_ring, hline, icon_at, icon_button, rich};
use crate::topology::ConnId;

/// Height of the title row.
const HEAD: f32 = 44.0;
/// Of the column: in a wide view it stands in the middle.
const WIDEST: f32 = 860.0;

/// Less where there is little room.
fn head_height(rect: Rect) -> f32 {
    if rect.height() < 200.0 { 36.0 } else { HEAD }
}

/// See the [module](self).
#[derive(Default)]
pub struct ConversationView {
    /// Mails that are open, by row, of the connection shown.
    open: BTreeSet<usize>,
    column: Column,
    /// What `column` was made for; none: it is to be made anew.
    made_for: Option<(ConnId, usize)>,
    /// Whose mails are open.
    conn: Option<ConnId>,
    follow: Follow<ConnId>,
    pointing: Pointing,
}

impl ConversationView {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let rect = ui.max_rect();
        let conn = cx.conversation().filter(|c| {
            // A selection made in the future of this moment shows nothing that has not happened.
            chooser::find(*c, cx).is_some_and(|c| happened(c.opened, cx.horizon()))
        });
        let Some(conn) = conn else { return nothing(ui, rect, cx) };
        self.head(ui, rect, conn, cx);
        let body = Rect::from_min_max(pos2(rect.left(), rect.top() + head_height(rect)), rect.max);
        hline(ui.painter(), rect, body.top(), cx.t);
        let Some(dialogue) = cx.run.dialogues.get(conn.0 as usize) else { return };
        self.lay_out(dialogue, conn, cx);
        self.body(ui, body, dialogue, conn, cx);
    }

    fn head(&self, ui: &mut Ui, rect: Rect, conn: ConnId, cx: &Cx<'_>) {
        let t = cx.t;
        let height = head_height(rect);
        let head = Rect::from_min_size(rect.min, vec2(rect.width(), height)).shrink2(vec2(8.0, (height - 32.0) / 2.0));
        let button = 32.0;
        let right = (head.right() - button - 6.0).min(head.left() + 480.0);
        chooser::show(ui, Rect::from_min_max(head.min, pos2(right, head.bottom())), conn, cx);
        let at = Rect::from_min_size(pos2(head.right() - button, head.top()), vec2(button, head.height()));
        ui.scope_builder(UiBuilder::new().id_salt("line ends").max_rect(at), |ui| {
            let act = Command::ToggleLineEnds;
            let name = hint("Show CR and LF, the two bytes that end a line", &act);
            if icon_button(ui, Icon::Pilcrow, &name, button, cx.desk.settings.line_ends, t).clicked() {
                cx.send(act);
            }
        });
    }

    fn lay_out(&mut self, dialogue: &Dialogue, conn: ConnId, cx: &Cx<'_>) {
        let key = (conn, cx.horizon());
        if self.made_for == Some(key) {
            return;
        }
        if self.conn.replace(conn) != Some(conn) {
            self.open.clear();
        }
        self.column = Column::new(dialogue, cx.horizon(), &self.open);
        self.made_for = Some(key);
    }

    fn body(&mut self, ui: &mut Ui, body: Rect, dialogue: &Dialogue, conn: ConnId, cx: &Cx<'_>) {
        let list = ui.interact(body, ui.scope_id().with("dialogue"), Sense::focusable_noninteractive());
        list.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, "Dialogue, newest line last"));
        let newest = dialogue.visible(cx.place).min(self.column.rows.len());
        if list.has_focus() {
            self.keys(ui, &list, newest, dialogue, conn, cx);
        }
        // The newest row stands at 70 % of the height; from there one may scroll.
        // Of a mail that is higher than that the beginning is seen.
        let lowest = |r: &Range<f32>| r.end.min(r.start + body.height() * NOW);
        let bottom = newest.checked_sub(1).map_or(0.0, |i| lowest(&self.column.rows[i]));
        let Scroll { offset, target } = self.follow.scroll(ui, conn, bottom, body.height(), cx);
        // What may be scrolled to below the newest row: its place at 70 %.
        let height = (self.column.height + 12.0).max(target + body.height());
        let mut inner = ui.new_child(UiBuilder::new().id_salt("rows").max_rect(body));
        obedient(&mut inner);
        inner.set_clip_rect(body.intersect(ui.clip_rect()));
        let mut area =
            egui::ScrollArea::vertical().id_salt(("dialogue", conn.0)).auto_shrink(false).min_scrolled_height(0.0);
        if let Some(offset) = offset {
            area = area.vertical_scroll_offset(offset);
        }
        let mut pointed = None;
        area.show_viewport(&mut inner, |ui, seen| {
            ui.set_height(height);
            let origin = ui.min_rect().min;
            let left = (body.center().x - WIDEST / 2.0).max(body.left());
            let place = Place {
                origin,
                left,
                text: left + margin::width(cx),
                right: body.right().min(left + WIDEST),
                pointed: RefCell::new(None),
            };
            margin::show(ui, &place, &self.column, dialogue, cx);
            for brace in &self.column.braces {
                if brace.bottom >= seen.top() && brace.top <= seen.bottom() {
                    mail::brace(ui, &place, brace, cx);
                }
            }
            let mut turned = None;
            for piece in self.column.between(seen.top(), seen.bottom()) {
                let row = &dialogue.rows[piece.row];
                match &piece.bit {
                    Bit::Row => {
                        if line::show(ui, &place, piece, row, self.open.contains(&piece.row), conn, cx) {
                            turned = Some(piece.row);
                        }
                    }
                    Bit::More(number) => line::more(ui, &place, piece, row, *number, conn, cx),
                    Bit::Caption => line::caption(ui, &place, piece, row, cx),
                    Bit::Inner(part, range) => {
                        mail::inner(ui, &place, piece, *part, (row.speaker, range), dialogue, cx)
                    }
                    Bit::Dump(range) => mail::dump(ui, &place, piece, (row.speaker, range), dialogue, cx),
                }
            }
            if newest > 0 {
                now_line(ui, &place, self.column.rows[newest - 1].end, newest < self.column.rows.len(), cx);
            }
            silence(ui, &place, &self.column, dialogue, body, cx);
            if let Some(row) = turned {
                self.fold(row);
            }
            pointed = place.pointed.take();
        });
        self.pointing.at(ui, pointed, cx);
        if list.has_focus() {
            focus_ring(ui, body.shrink(6.0), R_CTRL, cx.t);
        }
    }

    /// Opens or folds a mail.
    fn fold(&mut self, row: usize) {
        if !self.open.remove(&row) {
            self.open.insert(row);
        }
        self.made_for = None;
    }

    /// Up and Down move within the list, and now with them; Enter opens the mail.
    fn keys(&mut self, ui: &Ui, list: &egui::Response, newest: usize, d: &Dialogue, conn: ConnId, cx: &Cx<'_>) {
        let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(list.id, filter));
        let pressed = |key| ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, key));
        let here = selected_row(d, conn, cx).or(newest.checked_sub(1));
        let there = if pressed(Key::ArrowUp) {
            here.and_then(|h| h.checked_sub(1))
        } else if pressed(Key::ArrowDown) {
            Some(here.map_or(0, |h| h + 1)).filter(|h| *h < d.rows.len())
        } else {
            None
        };
        if let Some(there) = there {
            choose(&d.rows[there], conn, cx);
        }
        if (pressed(Key::Enter) || pressed(Key::Space))
            && let Some(here) = here.filter(|h| matches!(d.rows[*h].kind, Kind::Mail(_) | Kind::Object(_)))
        {
            self.fold(here);
        }
    }
}

/// Where the column stands on the screen.
pub(super) struct Place {
    /// The upper left corner of its content.
    pub origin: egui::Pos2,
    /// Left edge of the view.
    pub left: f32,
    /// Where the words begin: behind the margin.
    pub text: f32,
    /// Right edge of the view.
    pub right: f32,
    /// What the pointer is at.
    pub pointed: RefCell<Option<Thing>>,
}

/// What a row is for the other views.
fn thing(row: &Row, conn: ConnId) -> Thing {
    Thing::Stream(conn, row.speaker, row.range.start, row.range.end)
}

/// Selects a row: now moves to where the other end has read it, else to where it was written.
fn choose(row: &Row, conn: ConnId, cx: &Cx<'_>) {
    cx.send(Command::ShowEntry(row.read.unwrap_or(row.entry)));
    if !row.range.is_empty() {
        cx.send(Command::Select(Some(thing(row, conn))));
    }
}

/// Whether what is selected or pointed at, in whatever view, holds bytes of this row.
fn touches(other: Option<&Thing>, row: &Row, conn: ConnId, cx: &Cx<'_>) -> bool {
    let overlaps = |from: u64, until: u64| from < row.range.end && until > row.range.start;
    match other {
        Some(Thing::Stream(c, side, from, until)) => *c == conn && *side == row.speaker && overlaps(*from, *until),
        Some(Thing::Packet(packet) | Thing::Bytes(packet, ..)) => {
            let packet = cx.run.log.packet(*packet);
            let (from, length) = packet.stream;
            packet.conn == Some((conn, row.speaker)) && overlaps(from, from + u64::from(length))
        }
        _ => false,
    }
}

fn selected_row(d: &Dialogue, conn: ConnId, cx: &Cx<'_>) -> Option<usize> {
    d.rows.iter().position(|r| touches(cx.desk.selection.as_ref(), r, conn, cx))
}

/// Now: a line under the newest row, its handle at the left.
fn now_line(ui: &Ui, place: &Place, y: f32, future: bool, cx: &Cx<'_>) {
    let y = place.origin.y + y + 3.0;
    let p = ui.painter();
    let right = if future { place.right - 10.0 } else { place.left + 150.0 };
    p.line_segment([pos2(place.text - 8.0, y), pos2(right, y)], Stroke::new(2.0, cx.t.accent));
    p.circle(pos2(place.text - 8.0, y), 5.0, cx.t.accent, Stroke::new(2.0, cx.t.surface));
}

/// What is said while nobody has spoken.
fn silence(ui: &Ui, place: &Place, column: &Column, d: &Dialogue, body: Rect, cx: &Cx<'_>) {
    let mut rows = d.rows[..column.rows.len()].iter();
    if rows.any(|r| !matches!(r.kind, Kind::Event(Happening::Opened))) {
        return;
    }
    let c = chooser::find(d.conn, cx).expect("a connection that is shown exists");
    let words = if c.established.is_some_and(|e| happened(e, cx.place)) {
        "The TCP connection is open. Nobody has spoken. Who will be first?"
    } else {
        "The TCP connection is being opened. Nobody can speak before it is open."
    };
    let width = (body.right() - place.text - 16.0).min(320.0);
    let job = rich(&[(words, semi(15.0), cx.t.text2)], width, 22.0);
    let galley = ui.painter().layout_job(job);
    let at = pos2(place.text + 2.0, place.origin.y + column.height + 24.0);
    ui.painter().galley(at, galley, cx.t.text2);
}

/// No connection yet.
fn nothing(ui: &Ui, rect: Rect, cx: &Cx<'_>) {
    let t = cx.t;
    let step = cx.run.conversations.first().and_then(|c| step_at(&cx.run.steps, c.opened));
    let number = step.and_then(|s| cx.run.ready.story.steps.get(s)).map(|s| s.number);
    let words = match number {
        Some(number) => format!("No TCP connection yet. The first one is opened in step {number}."),
        None if cx.run.conversations.is_empty() => "Nobody opens a TCP connection in this run.".to_owned(),
        None => "No TCP connection yet. Nobody has spoken.".to_owned(),
    };
    let galley = ui.painter().layout_job(rich(&[(&words, reg(14.0), t.text2)], (rect.width() - 48.0).min(300.0), 21.0));
    let at = pos2(rect.center().x - galley.size().x / 2.0, rect.top() + rect.height() * 0.42);
    icon_at(ui.painter(), pos2(rect.center().x, at.y - 30.0), Icon::MessagesSquare, 28.0, t.text3);
    ui.painter().galley(at, galley, t.text2);
    let response = ui.interact(rect, ui.scope_id().with("nothing"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
}
