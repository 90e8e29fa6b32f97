//! The bytes of a frame in rows of 16 or 8, coloured by layer, with what they are in ASCII. CR and LF are shown.

use std::ops::Range;

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{
    self, Align2, Color32, CornerRadius, EventFilter, Key, Modifiers, Painter, Rect, Role, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::shown::{Looked, Shown, colour};
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::theme::{Tokens, med, mix, mono, mono_med, reg};
use crate::gui::widgets::{Pointing, elided, focus_ring, text};

/// Height of a row.
const ROW: f32 = 21.0;
/// Size of the digits.
const SIZE: f32 = 12.5;
/// Space left and right of the rows.
const PAD: f32 = 12.0;
/// Height of the line of layers above, and of the counter below.
const EDGE: f32 = 28.0;

/// See the [module](self).
#[derive(Default)]
pub struct HexView {
    pointing: Pointing,
    /// What was lit when the rows were last scrolled to it.
    seen: Option<(u32, Range<usize>)>,
}

/// Where the columns of the rows are.
struct Columns {
    per_row: usize,
    char: f32,
    hex: f32,
    ascii: f32,
    step: f32,
}

impl Columns {
    fn new(width: f32, char: f32) -> Columns {
        let need = |n: f32| 2.0 * PAD + char * (5.0 + 2.5 * n + 1.0 + n) + if n > 8.0 { char } else { 0.0 };
        let per_row = match width {
            w if w >= need(16.0) => 16,
            w if w >= need(8.0) => 8,
            _ => 4,
        };
        let n = per_row as f32;
        let gap = if per_row == 16 { char } else { 0.0 };
        // What is left over makes the digits airier, up to three characters a byte.
        let free = width - 2.0 * PAD - char * (5.0 + 1.5 + n) - gap;
        let step = (free / n).clamp(char * 2.3, char * 3.0);
        let hex = PAD + char * 5.0;
        Columns { per_row, char, hex, ascii: hex + n * step + gap + char * 0.9, step }
    }

    /// Left edge of a byte's two digits.
    fn byte(&self, i: usize) -> f32 {
        self.hex + i as f32 * self.step + if self.per_row == 16 && i >= 8 { self.char } else { 0.0 }
    }

    /// The byte of a row at a place, left edge of the row being 0.
    fn at(&self, x: f32) -> Option<usize> {
        let pad = (self.step - 2.0 * self.char) / 2.0;
        (0..self.per_row).find(|i| {
            let (hex, ascii) = (self.byte(*i) - pad, self.ascii + *i as f32 * self.char);
            (hex..hex + self.step).contains(&x) || (ascii..ascii + self.char).contains(&x)
        })
    }
}

impl HexView {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, looked: &Looked, lit: Option<Range<usize>>, cx: &Cx<'_>) {
        let whole = ui.max_rect();
        let edges = whole.height() >= 150.0;
        let edge = if edges { EDGE } else { 0.0 };
        let rows =
            Rect::from_min_max(pos2(whole.left(), whole.top() + edge), pos2(whole.right(), whole.bottom() - edge));
        if edges {
            legend(ui, Rect::from_min_size(whole.min, vec2(whole.width(), edge)), looked, cx);
            counter(ui, Rect::from_min_max(pos2(whole.left(), rows.bottom()), whole.max), looked, cx);
        }
        let id = ui.scope_id().with("hex");
        let response = ui.interact(rows, id, Sense::focusable_noninteractive());
        let frame = &looked.dissection.frame;
        let says = match &lit {
            Some(lit) => format!("{} bytes, lit: {} to {}", frame.len(), lit.start, lit.end.saturating_sub(1)),
            None => format!("{} bytes", frame.len()),
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Grid, true, format!("Bytes of the packet, {says}")));
        if response.has_focus() {
            self.keys(ui, id, looked, lit.as_ref(), cx);
            focus_ring(ui, rows.shrink(5.0), 4, cx.t);
        }
        let char = ui.painter().layout_no_wrap("0".repeat(50), mono(SIZE), cx.t.text).size().x / 50.0;
        let columns = Columns::new(rows.width(), char);
        let count = frame.len().div_ceil(columns.per_row);
        let inside = ui.new_child(egui::UiBuilder::new().id_salt("rows").max_rect(rows));
        self.rows(inside, looked, lit, &columns, count, cx);
        self.pointing.done(cx);
    }

    fn rows(
        &mut self,
        mut ui: Ui,
        looked: &Looked,
        lit: Option<Range<usize>>,
        columns: &Columns,
        count: usize,
        cx: &Cx<'_>,
    ) {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        ui.set_clip_rect(ui.max_rect().intersect(ui.clip_rect()));
        let height = ui.max_rect().height();
        let pointed = Shown::pointed(cx, looked);
        let mut area = ScrollArea::vertical().id_salt(("hex", looked.packet.0)).auto_shrink([false, false]);
        let key = lit.clone().map(|l| (looked.packet.0, l));
        if key != self.seen {
            if let Some((_, lit)) = &key {
                // In the middle, but never beyond what there is.
                let y = (lit.start / columns.per_row) as f32 * ROW - (height - 3.0 * ROW).max(0.0) / 2.0;
                area = area.vertical_scroll_offset(y.clamp(0.0, (count as f32 * ROW - height).max(0.0)).round());
            }
            self.seen = key;
        }
        area.show_rows(&mut ui, ROW, count, |ui, visible| {
            let top = ui.max_rect().left_top();
            for (n, row) in visible.enumerate() {
                let rect = Rect::from_min_size(pos2(top.x, top.y + n as f32 * ROW), vec2(ui.max_rect().width(), ROW));
                self.row(ui, rect, row, looked, lit.as_ref(), pointed.as_ref(), columns, cx);
            }
            ui.allocate_rect(ui.max_rect(), Sense::hover());
        });
    }

    #[expect(clippy::too_many_arguments, reason = "one row of one table, called from one place")]
    fn row(
        &mut self,
        ui: &Ui,
        rect: Rect,
        row: usize,
        looked: &Looked,
        lit: Option<&Range<usize>>,
        pointed: Option<&Range<usize>>,
        columns: &Columns,
        cx: &Cx<'_>,
    ) {
        let t = cx.t;
        let from = row * columns.per_row;
        let bytes = &looked.dissection.frame[from..(from + columns.per_row).min(looked.dissection.frame.len())];
        let response = ui.interact(rect, ui.scope_id().with(("row", row)), Sense::CLICK);
        response.widget_info(|| WidgetInfo::labeled(Role::Row, true, spoken(from, bytes)));
        if let Some(byte) =
            response.hover_pos().and_then(|p| columns.at(p.x - rect.left())).filter(|i| *i < bytes.len())
            && let Some(span) = looked.smallest(from + byte)
        {
            let thing = Thing::Bytes(looked.packet, span.start, span.end);
            if response.clicked() {
                cx.send(Command::Select((!cx.selected(&thing)).then(|| thing.clone())));
            }
            self.pointing.over(thing);
        }
        let p = ui.painter();
        let y = rect.center().y;
        text(p, pos2(rect.left() + PAD, y), Align2::LEFT_CENTER, format!("{from:04x}"), mono(SIZE), t.text3);
        bricks(p, rect, from, bytes, looked, lit, columns, t);
        let mut ascii = LayoutJob::default();
        for (i, byte) in bytes.iter().enumerate() {
            let bright = lit.is_some_and(|l| l.contains(&(from + i)));
            let layer = looked.layer_of(from + i).map(|l| colour(&looked.dissection.layers[l], t));
            let ink = if bright { t.on_accent } else { layer.map_or(t.text2, |c| t.on_tint(c)) };
            let font = if bright { mono_med(SIZE) } else { mono(SIZE) };
            let at = pos2(rect.left() + columns.byte(i), y);
            text(p, at, Align2::LEFT_CENTER, digits(*byte, &mut [0; 2]), font.clone(), ink);
            let (sign, ink) = match sign(*byte) {
                Sign::Char(c) => (c, if bright { t.on_accent } else { t.text }),
                Sign::LineEnd(c) => (c, if bright { t.on_accent } else { t.accent_text }),
                Sign::None => ('·', if bright { t.on_accent } else { t.text3 }),
            };
            let mut one = [0; 4];
            ascii.append(sign.encode_utf8(&mut one), 0.0, TextFormat::simple(font, ink));
        }
        let galley = p.layout_job(ascii);
        p.galley(pos2(rect.left() + columns.ascii, (y - galley.size().y / 2.0).round()), galley, t.text);
        if let Some(pointed) = pointed {
            outline(p, rect, from, bytes.len(), pointed, columns, t);
        }
    }

    /// Up and Down go from field to field.
    fn keys(&self, ui: &Ui, id: egui::Id, looked: &Looked, lit: Option<&Range<usize>>, cx: &Cx<'_>) {
        let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
        let (up, down) = ui.input_mut(|i| {
            let none = Modifiers::NONE;
            (i.consume_key(none, Key::ArrowUp), i.consume_key(none, Key::ArrowDown))
        });
        let len = looked.dissection.frame.len();
        let byte = match (up, down, lit) {
            (_, true, None) => Some(0),
            (_, true, Some(lit)) => Some(lit.end).filter(|b| *b < len),
            (true, _, Some(lit)) => lit.start.checked_sub(1),
            _ => None,
        };
        if let Some(span) = byte.and_then(|b| looked.smallest(b)) {
            cx.send(Command::Select(Some(Thing::Bytes(looked.packet, span.start, span.end))));
        }
    }
}

/// What a byte is in the column of letters.
enum Sign {
    Char(char),
    /// CR (back to the left) or LF (one line down): the two bytes that end a line.
    LineEnd(char),
    None,
}

fn sign(byte: u8) -> Sign {
    match byte {
        b'\r' => Sign::LineEnd('←'),
        b'\n' => Sign::LineEnd('↓'),
        0x20..0x7f => Sign::Char(char::from(byte)),
        _ => Sign::None,
    }
}

/// A row as it is read aloud.
fn spoken(from: usize, bytes: &[u8]) -> String {
    let mut words = format!("{from:04x}:");
    for byte in bytes {
        words.push(' ');
        words.push_str(digits(*byte, &mut [0; 2]));
    }
    words.push_str(", ");
    words.extend(bytes.iter().map(|b| match b {
        0x20..0x7f => char::from(*b),
        _ => '.',
    }));
    words
}

/// The ground of a row's bytes: one brick for each layer, and the lit bytes in the accent.
#[expect(clippy::too_many_arguments, reason = "one row of one table, called from one place")]
fn bricks(
    p: &Painter,
    rect: Rect,
    from: usize,
    bytes: &[u8],
    looked: &Looked,
    lit: Option<&Range<usize>>,
    columns: &Columns,
    t: &Tokens,
) {
    let mut i = 0;
    while i < bytes.len() {
        let layer = looked.layer_of(from + i);
        let run = (i..bytes.len()).take_while(|k| looked.layer_of(from + k) == layer).count();
        if let Some(layer) = layer {
            let c = colour(&looked.dissection.layers[layer], t);
            brick(p, rect, i..i + run, columns, mix(t.surface, c, if t.dark { 0.13 } else { 0.075 }), 0.0);
        }
        i += run;
    }
    for (i, byte) in bytes.iter().enumerate() {
        if matches!(byte, b'\r' | b'\n') {
            let cell = Rect::from_center_size(
                pos2(rect.left() + columns.ascii + (i as f32 + 0.5) * columns.char, rect.center().y),
                vec2(columns.char, ROW - 5.0),
            );
            p.rect_filled(cell, CornerRadius::ZERO, t.tint(t.accent));
        }
    }
    if let Some(part) = lit.and_then(|l| part(l, from, bytes.len())) {
        brick(p, rect, part.clone(), columns, t.accent, 1.5);
        let x = |i: usize| rect.left() + columns.ascii + i as f32 * columns.char;
        let area = Rect::from_min_max(pos2(x(part.start), rect.top() + 1.5), pos2(x(part.end), rect.bottom() - 1.5));
        p.rect_filled(area, CornerRadius::same(2), t.accent);
    }
}

/// The part of a range that stands in a row.
fn part(range: &Range<usize>, from: usize, len: usize) -> Option<Range<usize>> {
    let (start, end) = (range.start.max(from), range.end.min(from + len));
    (start < end).then(|| start - from..end - from)
}

fn area(rect: Rect, part: &Range<usize>, columns: &Columns) -> Rect {
    let pad = (columns.step - 2.0 * columns.char) / 2.0;
    let left = rect.left() + columns.byte(part.start) - pad;
    let right = rect.left() + columns.byte(part.end - 1) + 2.0 * columns.char + pad;
    Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()))
}

fn brick(p: &Painter, rect: Rect, part: Range<usize>, columns: &Columns, c: Color32, inset: f32) {
    if !part.is_empty() {
        p.rect_filled(area(rect, &part, columns).shrink2(vec2(0.0, inset)), CornerRadius::same(3), c);
    }
}

fn outline(p: &Painter, rect: Rect, from: usize, len: usize, range: &Range<usize>, columns: &Columns, t: &Tokens) {
    if let Some(part) = part(range, from, len) {
        let around = area(rect, &part, columns).shrink2(vec2(0.0, 1.0));
        p.rect_stroke(around, CornerRadius::same(3), Stroke::new(1.5, t.text3), StrokeKind::Inside);
    }
}

/// The layers above the bytes: colour, name, number of bytes. A click lights all of a layer.
fn legend(ui: &Ui, rect: Rect, looked: &Looked, cx: &Cx<'_>) {
    let t = cx.t;
    let mut x = rect.left() + PAD;
    for (i, layer) in looked.dissection.layers.iter().enumerate() {
        let own = (0..looked.dissection.frame.len()).filter(|b| looked.layer_of(*b) == Some(i)).count();
        let words = format!("{} {own}", short(layer.abbr));
        let galley = ui.painter().layout_no_wrap(words, reg(12.0), t.text2);
        let width = galley.size().x + 15.0;
        if x + width > rect.right() - 4.0 {
            break;
        }
        let area = Rect::from_min_size(pos2(x, rect.top() + 3.0), vec2(width + 2.0, rect.height() - 6.0));
        let response = ui.interact(area, ui.scope_id().with(("layer", i)), Sense::CLICK);
        let name = format!(
            "{}: {}, bytes {} to {}",
            layer.name,
            layer.summary,
            layer.span.start,
            layer.span.end.saturating_sub(1)
        );
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if response.clicked() {
            cx.send(Command::Select(Some(Thing::Bytes(looked.packet, layer.span.start, layer.span.end))));
        }
        let p = ui.painter();
        let square = Rect::from_center_size(pos2(x + 5.0, rect.center().y), vec2(9.0, 9.0));
        p.rect_filled(square, CornerRadius::same(2), colour(layer, t));
        p.galley(pos2(x + 14.0, rect.center().y - galley.size().y / 2.0), galley, t.text2);
        response.on_hover_text(name);
        x += width + 12.0;
    }
}

/// What a layer is called in one word.
fn short(abbr: &'static str) -> &'static str {
    match abbr {
        "eth" => "Ethernet",
        "arp" => "ARP",
        "ip" => "IP",
        "icmp" => "ICMP",
        "tcp" => "TCP",
        "udp" => "UDP",
        "tls" => "TLS",
        "dns" => "DNS",
        "smtp" => "SMTP",
        "imap" => "IMAP",
        "pop" => "POP3",
        "http" => "HTTP",
        "imf" => "letter",
        other => other,
    }
}

/// The counter below the bytes: SMTP carries 7-bit ASCII, and here it can be seen.
fn counter(ui: &Ui, rect: Rect, looked: &Looked, cx: &Cx<'_>) {
    let t = cx.t;
    let carried = looked.carried.len();
    let words = match carried {
        0 => "no byte of an application: TCP or below only".to_owned(),
        1 => format!("1 byte of the application, above 127: {}", looked.above_127),
        n => format!("{n} bytes of the application, above 127: {}", looked.above_127),
    };
    let signs = looked.dissection.frame[looked.carried.clone()].contains(&b'\n');
    let p = ui.painter();
    p.hline(rect.x_range(), rect.top(), Stroke::new(1.0, t.border));
    let at = pos2(rect.left() + PAD, rect.center().y);
    let right = if signs && rect.width() > 330.0 { 96.0 } else { 0.0 };
    let font = if carried > 0 { med(12.0) } else { reg(12.0) };
    let (area, _) = elided(p, at, &words, font, t.text2, rect.width() - 2.0 * PAD - right);
    let response = ui.interact(area, ui.scope_id().with("counter"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    response.on_hover_text(&words);
    if right > 0.0 {
        let at = pos2(rect.right() - PAD, rect.center().y);
        let area = text(p, at, Align2::RIGHT_CENTER, "← CR  ↓ LF", mono(12.0), t.accent_text);
        let response = ui.interact(area, ui.scope_id().with("signs"), Sense::hover());
        let words = "CR (0d) and LF (0a): the two bytes that end a line";
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
        response.on_hover_text(words);
    }
}

/// A byte as two digits, in a buffer of the caller.
fn digits(byte: u8, buffer: &mut [u8; 2]) -> &str {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    *buffer = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    std::str::from_utf8(buffer).expect("digits are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_two_digits() {
        for byte in 0..=255_u8 {
            assert_eq!(digits(byte, &mut [0; 2]), format!("{byte:02x}"));
        }
    }

    #[test]
    fn the_pointer_finds_the_byte_in_both_columns_at_every_width() {
        for width in [150.0, 266.0, 300.0, 400.0, 440.0, 536.0, 700.0] {
            let columns = Columns::new(width, 7.5);
            for i in 0..columns.per_row {
                assert_eq!(columns.at(columns.byte(i) + 4.0), Some(i), "{width}");
                assert_eq!(columns.at(columns.ascii + (i as f32 + 0.5) * columns.char), Some(i), "{width}");
            }
            let right = columns.ascii + columns.per_row as f32 * columns.char;
            assert!(right <= width || columns.per_row == 4, "{width}: {right}");
        }
    }

    #[test]
    fn a_range_is_cut_at_the_ends_of_a_row() {
        assert_eq!(part(&(14..34), 16, 16), Some(0..16));
        assert_eq!(part(&(14..34), 32, 16), Some(0..2));
        assert_eq!(part(&(14..34), 0, 14), None);
    }
}
