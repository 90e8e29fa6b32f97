//! One row: who speaks, and the words.

use eframe::egui::{
    Align2, Color32, CornerRadius, CursorIcon, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::layout::{Piece, ROW};
use super::words::{self, Word};
use super::{Place, choose, thing, touches};
use crate::explain::dialogue::{Happening, Kind, Row, Words};
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::panels::bands;
use crate::gui::run::happened;
use crate::gui::theme::{Icon, Proto, R_CTRL, Tokens, mono, mono_med, reg, semi};
use crate::gui::widgets::{elided, icon_at, text};
use crate::topology::{ConnId, Side};

/// The server's rows stand further in.
const INDENT: f32 = 24.0;
/// Below this width of the view the tag is the role alone.
const TAGS: f32 = 330.0;
/// From this width on the time stands at the right.
const TIMES: f32 = 620.0;
/// What the sign "on its way" needs.
const WAY: f32 = 22.0;
/// Size of the dialogue's text.
const SIZE: f32 = 15.0;

/// The rectangle of a piece: behind the margin, the server's further in.
fn area(place: &Place, piece: &Piece, speaker: Side) -> Rect {
    let indent = if speaker == Side::Server { INDENT } else { 0.0 };
    let left = place.text + indent;
    let top = place.origin.y + piece.top;
    Rect::from_min_max(pos2(left, top), pos2((place.right - 10.0).max(left), top + piece.height))
}

/// Draws a row; true if it is to be opened or folded.
pub fn show(ui: &mut Ui, place: &Place, piece: &Piece, row: &Row, open: bool, conn: ConnId, cx: &Cx<'_>) -> bool {
    let rect = area(place, piece, row.speaker);
    if let Kind::Event(what) = &row.kind {
        event(ui, rect, row, what, cx);
        return false;
    }
    let t = cx.t;
    let future = !happened(row.entry, cx.place);
    let block = matches!(row.kind, Kind::Mail(_) | Kind::Object(_));
    let id = ui.scope_id().with(("row", row.entry.0, row.range.start));
    let response = ui.interact(rect, id, Sense::CLICK | Sense::HOVER);
    if response.hovered() {
        place.pointed.replace(Some(thing(row, conn)));
    }
    cx.drawn(&thing(row, conn), rect);
    let whole = spoken(row);
    let selected = touches(cx.desk.selection.as_ref(), row, conn, cx);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, selected, &whole));
    ground(ui, rect, selected, touches(cx.desk.hover.as_ref(), row, conn, cx), block, t);
    let narrow = place.right - place.left < TAGS;
    let mut x = tag(ui, rect, row, narrow, conn, cx);
    let mut right = rect.right() - 4.0;
    if place.right - place.left >= TIMES {
        let at = cx.run.log.entry(row.entry).at.to_string();
        let times = text(ui.painter(), pos2(right, rect.center().y), Align2::RIGHT_CENTER, at, mono(12.0), t.text3);
        right = times.left().min(right - 84.0) - 12.0;
    }
    if !future && row.read.is_none_or(|e| !happened(e, cx.place)) {
        on_its_way(ui, pos2(right - 9.0, rect.center().y), row, t);
        right -= WAY;
    }
    let mut turned = false;
    let cut = if block {
        turned = chevron(ui, pos2(x + 8.0, rect.center().y), open, row, cx);
        x += 20.0;
        let said = title(row);
        match said.split_once(": ").filter(|_| rect.height() > ROW) {
            // What it is, and below what is in it.
            Some((what, parts)) => {
                let y = rect.center().y;
                let first =
                    elided(ui.painter(), pos2(x, y - 9.0), &format!("{what}:"), semi(14.0), t.text, right - x).1;
                elided(ui.painter(), pos2(x, y + 10.0), parts, reg(13.0), t.text2, right - x).1 || first
            }
            None => elided(ui.painter(), pos2(x, rect.center().y), &said, semi(14.0), t.text, right - x).1,
        }
    } else {
        let room = if cx.desk.settings.line_ends { words::SIGNS } else { 0.0 };
        let at = pos2(x, rect.center().y);
        let (said, cut) = paint(ui, at, &row.words, right - room - x, row, future, t);
        if cx.desk.settings.line_ends {
            words::line_end(ui.painter(), pos2(said.right() + 5.0, rect.center().y), t);
        }
        cut
    };
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    if response.clicked() {
        choose(row, conn, cx);
        // A folded block opens at the first click; the arrow folds it.
        turned |= block && !open;
    }
    if cut {
        response.on_hover_text(whole);
    }
    turned
}

/// Another line of the row: of a reply in several lines, of a head.
pub fn more(ui: &mut Ui, place: &Place, piece: &Piece, row: &Row, number: usize, conn: ConnId, cx: &Cx<'_>) {
    let rect = area(place, piece, row.speaker);
    let t = cx.t;
    let id = ui.scope_id().with(("more", row.entry.0, row.range.start, number));
    let response = ui.interact(rect, id, Sense::CLICK | Sense::HOVER);
    if response.hovered() {
        place.pointed.replace(Some(thing(row, conn)));
    }
    let line = row.more[number].line();
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, &line));
    let selected = touches(cx.desk.selection.as_ref(), row, conn, cx);
    ground(ui, rect, selected, touches(cx.desk.hover.as_ref(), row, conn, cx), false, t);
    let narrow = place.right - place.left < TAGS;
    let x = rect.left() + tag_width(ui, &row.tag, narrow) + 10.0;
    let room = if cx.desk.settings.line_ends { words::SIGNS } else { 0.0 };
    let future = !happened(row.entry, cx.place);
    let at = pos2(x, rect.center().y);
    let (said, cut) = paint(ui, at, &row.more[number], rect.right() - 4.0 - room - x, row, future, t);
    if cx.desk.settings.line_ends {
        words::line_end(ui.painter(), pos2(said.right() + 5.0, rect.center().y), t);
    }
    if response.clicked() {
        choose(row, conn, cx);
    }
    if cut {
        response.on_hover_text(line);
    }
}

/// The caption under the first reply: a line below the digits, one below the phrase, and what they are.
pub fn caption(ui: &Ui, place: &Place, piece: &Piece, row: &Row, cx: &Cx<'_>) {
    let Some(caption) = row.caption else { return };
    let rect = area(place, piece, row.speaker);
    let t = cx.t;
    let p = ui.painter();
    let x = rect.left() + tag_width(ui, &row.tag, place.right - place.left < TAGS) + 10.0;
    let width = |s: &str, font| p.layout_no_wrap(s.to_owned(), font, t.text).size().x;
    let lead = x + width(&row.words.lead, mono(SIZE));
    let head = width(&row.words.head, mono_med(SIZE));
    let rest = width(&row.words.rest, mono(SIZE)).min(rect.right() - lead - head - 12.0);
    let y = rect.top() - 3.0;
    let stroke = Stroke::new(1.5, t.text3);
    p.hline(lead..=lead + head, y, stroke);
    p.hline(lead + head + 9.0..=(lead + head + rest).max(lead + head + 9.0), y, stroke);
    let (first, second) = caption.split_once(", ").unwrap_or((caption, ""));
    // The digits' caption is wider than the digits: both captions follow each other, under their lines.
    let said = text(p, pos2(lead, rect.top() + 8.0), Align2::LEFT_CENTER, format!("{first},"), reg(13.0), t.text2);
    let at = pos2((lead + head + 9.0).max(said.right() + 5.0), rect.top() + 8.0);
    text(p, at, Align2::LEFT_CENTER, second, reg(13.0), t.text2);
}

/// What happened, and no one said.
fn event(ui: &mut Ui, rect: Rect, row: &Row, what: &Happening, cx: &Cx<'_>) {
    let t = cx.t;
    let (icon, colour) = match what {
        Happening::Opened => (Icon::Plug, t.text2),
        Happening::Secured(_) => (Icon::Lock, t.text2),
        Happening::Closing | Happening::Closed(crate::trace::Closed::Fin) => (Icon::Unplug, t.text2),
        _ => (Icon::TriangleAlert, t.on_tint(t.proto(Proto::Lost))),
    };
    let words = match what {
        Happening::Closing | Happening::Unexpected(_) | Happening::ReadInside(_) => {
            format!("{} {}", &row.tag[2..], what.text())
        }
        _ => what.text(),
    };
    let id = ui.scope_id().with(("event", row.entry.0, row.speaker == Side::Client));
    let response = ui.interact(rect, id, Sense::CLICK | Sense::HOVER);
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, &words));
    if response.hovered() {
        ui.painter().rect_stroke(
            rect.shrink2(vec2(0.0, 1.0)),
            CornerRadius::same(R_CTRL),
            Stroke::new(1.5, t.border_strong),
            StrokeKind::Inside,
        );
    }
    icon_at(ui.painter(), pos2(rect.left() + 15.0, rect.center().y), icon, 15.0, colour);
    let x = rect.left() + 30.0;
    let (_, cut) = elided(ui.painter(), pos2(x, rect.center().y), &words, reg(13.5), colour, rect.right() - x - 8.0);
    if response.clicked() {
        cx.send(Command::ShowEntry(row.entry));
    }
    if cut {
        response.on_hover_text(words);
    }
}

/// Selected: ring and tint; pointed at in any view: outline.
fn ground(ui: &Ui, rect: Rect, selected: bool, hovered: bool, block: bool, t: &Tokens) {
    let rect = rect.shrink2(vec2(0.0, 1.0));
    let corner = CornerRadius::same(R_CTRL);
    let p = ui.painter();
    if block {
        p.rect(rect, corner, t.surface2, Stroke::new(1.0, t.border), StrokeKind::Inside);
    }
    if selected {
        p.rect(rect, corner, t.tint(t.accent), Stroke::new(2.0, t.accent), StrokeKind::Inside);
    } else if hovered {
        p.rect_stroke(rect, corner, Stroke::new(1.5, t.text3), StrokeKind::Inside);
    }
}

/// The speaker's tag: the role as a letter, the host's name. Gives where the words begin.
fn tag(ui: &Ui, rect: Rect, row: &Row, narrow: bool, conn: ConnId, cx: &Cx<'_>) -> f32 {
    let t = cx.t;
    let width = tag_width(ui, &row.tag, narrow);
    let chip = Rect::from_min_size(pos2(rect.left() + 4.0, rect.center().y - 10.0), vec2(width, 20.0));
    let p = ui.painter();
    let colour = cx.run.conversations.get(conn.0 as usize).map_or(t.text2, |c| bands::colour(c.protocol, t));
    let (role, host) = row.tag.split_at(1);
    let ink = match row.speaker {
        Side::Client => {
            p.rect_filled(chip, CornerRadius::same(4), t.tint(colour));
            t.on_tint(colour)
        }
        Side::Server => {
            p.rect(chip, CornerRadius::same(4), t.surface, Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
            t.text2
        }
    };
    let at = pos2(chip.left() + 5.5, chip.center().y);
    let said = text(p, at, Align2::LEFT_CENTER, role, mono_med(12.5), ink);
    if !narrow {
        text(p, pos2(said.right(), at.y), Align2::LEFT_CENTER, host, mono(12.5), ink);
    }
    chip.right() + 6.0
}

fn tag_width(ui: &Ui, tag: &str, narrow: bool) -> f32 {
    let shown = if narrow { &tag[..1] } else { tag };
    ui.painter().layout_no_wrap(shown.to_owned(), mono(12.5), Color32::PLACEHOLDER).size().x + 11.0
}

/// The words of a line: lead regular, head semibold, rest regular. An answer of refusal has its digits in the colour of
/// loss, too.
fn paint(ui: &Ui, at: Pos2, w: &Words, width: f32, row: &Row, future: bool, t: &Tokens) -> (Rect, bool) {
    let refused = row.speaker == Side::Server && w.head.len() == 3 && w.head.starts_with(['4', '5']);
    let ink = if future { t.text3 } else { t.text };
    let head = if refused { t.on_tint(t.proto(Proto::Lost)) } else { ink };
    let parts = [
        Word { s: &w.lead, font: mono(SIZE), colour: ink },
        Word { s: &w.head, font: mono_med(SIZE), colour: head },
        Word { s: &w.rest, font: mono(SIZE), colour: ink },
    ];
    let (rect, _, cut) = words::line(ui.painter(), at, &parts, width, future);
    (rect, cut)
}

/// The title of a folded block.
fn title(row: &Row) -> String {
    match &row.kind {
        Kind::Mail(mail) => mail.title(),
        Kind::Object(object) => object.title(),
        Kind::Line | Kind::Event(_) => String::new(),
    }
}

/// A row in full, for the tooltip and the screen reader.
fn spoken(row: &Row) -> String {
    let said = match &row.kind {
        Kind::Line => row.words.line(),
        _ => title(row),
    };
    let who = if row.speaker == Side::Client { "client" } else { "server" };
    format!("{} ({who}): {said}", &row.tag[2..])
}

/// The arrow that opens and folds a block.
fn chevron(ui: &Ui, centre: Pos2, open: bool, row: &Row, cx: &Cx<'_>) -> bool {
    let rect = Rect::from_center_size(centre, vec2(22.0, 22.0));
    let id = ui.scope_id().with(("fold", row.entry.0, row.range.start));
    let response = ui.interact(rect, id, Sense::click());
    let name = if open { "Fold" } else { "Open" };
    response
        .widget_info(|| WidgetInfo::selected(Role::DisclosureTriangle, true, open, format!("{name}: {}", title(row))));
    if response.hovered() {
        ui.painter().rect_filled(rect, CornerRadius::same(4), cx.t.tint(cx.t.text2));
    }
    if response.has_focus() {
        crate::gui::widgets::focus_ring(ui, rect, 4, cx.t);
    }
    let icon = if open { Icon::ChevronDown } else { Icon::ChevronRight };
    icon_at(ui.painter(), centre, icon, 15.0, cx.t.text2);
    response.clicked()
}

/// Written, and not read by the other end: an arrow in the direction in which it travels.
fn on_its_way(ui: &mut Ui, centre: Pos2, row: &Row, t: &Tokens) {
    let icon = if row.speaker == Side::Client { Icon::ArrowRight } else { Icon::ArrowLeft };
    let rect = Rect::from_center_size(centre, vec2(20.0, 20.0));
    ui.painter().circle_filled(centre, 9.0, t.tint(t.accent));
    icon_at(ui.painter(), centre, icon, 13.0, t.accent_text);
    let response = ui.interact(rect, ui.scope_id().with(("way", row.entry.0, row.range.start)), Sense::hover());
    let name = "On its way: the other end has not read it yet";
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    response.on_hover_text(name);
}
