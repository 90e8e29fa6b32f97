//! The mail opened in its place: braces name header, empty line and body; the last row is the dot that ends it.

use eframe::egui::{
    Align2, Color32, CornerRadius, Painter, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
};

use super::Place;
use super::layout::{Brace, Piece};
use super::words::{self, Word};
use crate::explain::dialogue::{Dialogue, MailPart};
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::theme::{Tokens, med, mono, mono_med};
use crate::gui::widgets::text;
use crate::topology::Side;

/// Room for the names of the sections and their braces.
const NAMES: f32 = 82.0;
/// Below this width of the view the names are gone; the braces stay.
const NAMED: f32 = 330.0;
/// Size of the mail's text.
const SIZE: f32 = 14.0;

fn left(place: &Place) -> f32 {
    place.text
}

fn names(place: &Place) -> f32 {
    if place.right - place.left < NAMED { 18.0 } else { NAMES }
}

/// The ground of one section, its brace and its name.
pub fn brace(ui: &Ui, place: &Place, brace: &Brace, cx: &Cx<'_>) {
    let t = cx.t;
    let p = ui.painter();
    let (top, bottom) = (place.origin.y + brace.top, place.origin.y + brace.bottom);
    let x = left(place) + names(place) - 12.0;
    let shown = Rect::from_min_max(pos2(left(place), top), pos2(place.right - 10.0, bottom)).intersect(p.clip_rect());
    if brace.part == MailPart::Dot {
        // The dot belongs to SMTP, not to the mail.
        p.hline(shown.x_range(), top, Stroke::new(1.0, t.border));
        return;
    }
    if brace.part == MailPart::Body || brace.part == MailPart::EmptyLine {
        p.hline(x + 6.0..=shown.right(), top, Stroke::new(1.0, t.border));
    }
    curly(p, x, top + 3.0, bottom - 3.0, t);
    if names(place) == NAMES {
        // The name of a long section stands in the middle of what is seen of it.
        let y = shown.center().y.max(top + 12.0).min(bottom - 12.0);
        text(p, pos2(x - 8.0, y), Align2::RIGHT_CENTER, brace.part.name(), med(12.5), t.text2);
    }
}

/// A brace, open to the right.
fn curly(p: &Painter, x: f32, top: f32, bottom: f32, t: &Tokens) {
    let middle = (top + bottom) / 2.0;
    let r = 5.0_f32.min((bottom - top) / 4.0);
    let arc = |cx: f32, cy: f32, from: f32, until: f32| {
        (0..=6).map(move |i| {
            let a = (from + (until - from) * i as f32 / 6.0).to_radians();
            pos2(cx + r * a.cos(), cy + r * a.sin())
        })
    };
    let mut points = Vec::with_capacity(28);
    points.extend(arc(x + 2.0 * r, top + r, 270.0, 180.0));
    points.extend(arc(x, middle - r, 0.0, 90.0));
    points.extend(arc(x, middle + r, 270.0, 360.0));
    points.extend(arc(x + 2.0 * r, bottom - r, 180.0, 90.0));
    p.add(Shape::line(points, Stroke::new(1.5, t.text3)));
}

/// One line of the opened mail.
pub fn inner(
    ui: &mut Ui,
    place: &Place,
    piece: &Piece,
    part: MailPart,
    bytes: (Side, &std::ops::Range<u64>),
    d: &Dialogue,
    cx: &Cx<'_>,
) {
    let t = cx.t;
    let (side, range) = bytes;
    let top = place.origin.y + piece.top;
    let x = left(place) + names(place);
    let rect = Rect::from_min_max(pos2(x - 4.0, top), pos2(place.right - 10.0, top + piece.height));
    let line = d.lines(side, range).next().map(|(line, _)| line).unwrap_or_default();
    let thing = Thing::Stream(d.conn, side, range.start, range.end);
    let response = acting(ui, place, rect, &thing, if line.is_empty() { "empty line" } else { &line }, cx);
    let room = if cx.desk.settings.line_ends { words::SIGNS } else { 0.0 };
    let width = rect.right() - 6.0 - room - x;
    let at = pos2(x, rect.center().y);
    let plain = |s| Word { s, font: mono(SIZE), colour: t.text };
    let (said, cut) = match part {
        MailPart::Dot => {
            let (said, _, cut) =
                words::line(ui.painter(), at, &[Word { s: &line, font: mono_med(15.0), colour: t.text }], width, false);
            let signs = said.right() + if cx.desk.settings.line_ends { words::SIGNS } else { 0.0 };
            let name = MailPart::Dot.name();
            let told = Rect::from_min_max(pos2(signs + 14.0, rect.top()), rect.max);
            crate::gui::widgets::elided(
                ui.painter(),
                pos2(told.left(), at.y),
                name,
                med(13.0),
                t.text2,
                told.width() - 6.0,
            );
            (said, cut)
        }
        MailPart::Header => {
            let at_colon = line.find(':').filter(|_| !line.starts_with([' ', '\t'])).map_or(0, |i| i + 1);
            let (name, value) = line.split_at(at_colon);
            let parts = [Word { s: name, font: mono_med(SIZE), colour: t.text }, plain(value)];
            let (said, _, cut) = words::line(ui.painter(), at, &parts, width, false);
            (said, cut)
        }
        MailPart::EmptyLine | MailPart::Body => {
            let (said, _, cut) = words::line(ui.painter(), at, &[plain(&line)], width, false);
            (said, cut)
        }
    };
    if cx.desk.settings.line_ends {
        words::line_end(ui.painter(), pos2(said.right().max(x) + 5.0, at.y), t);
    }
    if cut {
        response.on_hover_text(line);
    }
}

/// Bytes of an opened object: as numbers, and as characters where they are some.
pub fn dump(
    ui: &mut Ui,
    place: &Place,
    piece: &Piece,
    bytes: (Side, &std::ops::Range<u64>),
    d: &Dialogue,
    cx: &Cx<'_>,
) {
    let t = cx.t;
    let (side, range) = bytes;
    let top = place.origin.y + piece.top;
    let x = left(place) + 30.0;
    let rect = Rect::from_min_max(pos2(x - 4.0, top), pos2(place.right - 10.0, top + piece.height));
    let bytes = d.bytes(side, range);
    let hex: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let hex = hex.join(" ");
    let signs: String =
        bytes.iter().map(|b| if b.is_ascii_graphic() || *b == b' ' { char::from(*b) } else { '\u{b7}' }).collect();
    let thing = Thing::Stream(d.conn, side, range.start, range.end);
    let response = acting(ui, place, rect, &thing, &hex, cx);
    let gap = format!("{:width$}", "", width = 25_usize.saturating_sub(hex.len()));
    let parts = [
        Word { s: &hex, font: mono(SIZE - 0.5), colour: t.text },
        Word { s: &gap, font: mono(SIZE - 0.5), colour: t.text },
        Word { s: &signs, font: mono(SIZE - 0.5), colour: t.text2 },
    ];
    let (_, _, cut) = words::line(ui.painter(), pos2(x, rect.center().y), &parts, rect.right() - x - 6.0, false);
    if cut {
        response.on_hover_text(format!("{hex}  {signs}"));
    }
}

/// Bytes of an opened block can be pointed at and selected; now stays.
fn acting(ui: &Ui, place: &Place, rect: Rect, thing: &Thing, name: &str, cx: &Cx<'_>) -> eframe::egui::Response {
    let t = cx.t;
    let response = ui.interact(rect, ui.scope_id().with(("inner", format!("{thing:?}"))), Sense::CLICK | Sense::HOVER);
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, name));
    if response.hovered() {
        place.pointed.replace(Some(thing.clone()));
    }
    if response.clicked() {
        cx.send(Command::Select(Some(thing.clone())));
    }
    let corner = CornerRadius::same(4);
    if cx.selected(thing) {
        ui.painter().rect(rect, corner, t.tint(t.accent), Stroke::new(2.0, t.accent), StrokeKind::Inside);
    } else if cx.hovered(thing) {
        ui.painter().rect(rect, corner, Color32::TRANSPARENT, Stroke::new(1.5, t.text3), StrokeKind::Inside);
    }
    response
}
