//! A letter as it is: header, empty line and body under braces, line by line, with who wrote what.

use std::ops::Range;

use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{
    self, Align2, Color32, CornerRadius, Painter, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use crate::gui::cx::Cx;
use crate::gui::theme::{Tokens, med, mix, mono, mono_med, reg};
use crate::gui::widgets::text;
use crate::message::{MimePart, body_start, header_end, mime_parts};

/// Height of a line.
pub const LINE: f32 = 20.0;
/// Where the braces and their words stand.
const GUTTER: f32 = 84.0;

/// Up to this width the words of the braces stand elsewhere.
const NARROW: f32 = 330.0;

/// A part of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Fields.
    Header,
    /// CR LF alone.
    Empty,
    /// The rest.
    Body,
}

impl Part {
    /// What the brace says.
    pub const fn name(self) -> &'static str {
        match self {
            Part::Header => "header",
            Part::Empty => "empty line",
            Part::Body => "body",
        }
    }

    /// Its colour.
    pub fn colour(self, t: &Tokens) -> Color32 {
        match self {
            Part::Header => t.accent,
            Part::Empty => t.text3,
            Part::Body => t.ok,
        }
    }
}

/// A line of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// In which part.
    pub part: Part,
    /// Its bytes, CR and LF included.
    pub range: Range<usize>,
    /// How many of them are the name of a field.
    pub name: usize,
    /// As text, without its end.
    pub text: String,
    /// Ends with CR LF.
    pub ended: bool,
}

/// A letter cut into lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// In order.
    pub lines: Vec<Line>,
    /// How many bytes it has.
    pub bytes: usize,
    /// How many of them are above 127.
    pub above_127: usize,
    /// The header.
    pub header: Range<usize>,
    /// The empty line.
    pub empty: Range<usize>,
    /// The body.
    pub body: Range<usize>,
    /// What MIME cuts the body into; none if it is one text.
    pub parts: Vec<MimePart>,
}

impl Lines {
    /// Cuts a letter. Any bytes give lines.
    pub fn new(letter: &[u8]) -> Lines {
        let (header, body) = (header_end(letter), body_start(letter));
        let mut lines = Vec::new();
        let mut at = 0;
        while at < letter.len() {
            let end = memchr::memchr(b'\n', &letter[at..]).map_or(letter.len(), |n| at + n + 1);
            let bytes = &letter[at..end];
            let part = match at {
                _ if at < header => Part::Header,
                _ if at < body => Part::Empty,
                _ => Part::Body,
            };
            let folded = matches!(bytes.first(), Some(b' ' | b'\t'));
            let name = match part {
                Part::Header if !folded => memchr::memchr(b':', bytes).map_or(0, |n| n + 1),
                _ => 0,
            };
            let ended = bytes.ends_with(b"\r\n");
            let content = if ended { &bytes[..bytes.len() - 2] } else { bytes };
            let text = String::from_utf8_lossy(content).replace('\t', "    ");
            lines.push(Line { part, range: at..end, name, text, ended });
            at = end;
        }
        let above_127 = letter.iter().filter(|b| **b > 127).count();
        Lines {
            lines,
            bytes: letter.len(),
            above_127,
            header: 0..header,
            empty: header..body,
            body: body..letter.len(),
            parts: mime_parts(letter),
        }
    }

    /// The lines of a part of MIME, by its place: those that begin in it.
    pub fn of_part(&self, part: usize) -> Range<usize> {
        let Some(part) = self.parts.get(part) else { return 0..0 };
        let line = |at: usize| self.lines.partition_point(|l| l.range.start < at);
        line(part.range.start)..line(part.range.end)
    }

    /// The part that begins behind a line: that line is its boundary.
    fn begins_behind(&self, line: &Line) -> Option<usize> {
        self.parts.iter().position(|p| p.range.start == line.range.end)
    }

    /// How many lines a part has.
    pub fn count(&self, part: Part) -> usize {
        self.lines.iter().filter(|l| l.part == part).count()
    }

    /// The bytes of a part.
    pub fn range(&self, part: Part) -> Range<usize> {
        match part {
            Part::Header => self.header.clone(),
            Part::Empty => self.empty.clone(),
            Part::Body => self.body.clone(),
        }
    }

    /// `312 bytes, above 127: 0`.
    pub fn counted(&self) -> String {
        format!("{} bytes, above 127: {}", crate::time::grouped(self.bytes as u64), self.above_127)
    }
}

/// How the lines are drawn.
#[derive(Default)]
pub struct Style<'a> {
    /// Who wrote a line, by its first byte: stands at its right.
    pub author: Option<&'a dyn Fn(usize) -> Option<String>>,
    /// Bytes that are pointed at.
    pub lit: Option<Range<usize>>,
    /// A line that is to stand at the top, in this frame.
    pub top: Option<usize>,
}

/// Draws into `ui.max_rect()`; gives the bytes of the line under the pointer.
pub fn show(ui: &mut Ui, salt: &'static str, letter: &Lines, style: &Style<'_>, cx: &Cx<'_>) -> Option<Range<usize>> {
    let whole = ui.max_rect();
    let first = [letter.header.start, letter.empty.start, letter.body.start];
    let mut under = None;
    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
    ui.set_clip_rect(whole.intersect(ui.clip_rect()));
    let mut area = ScrollArea::vertical().id_salt(salt).auto_shrink([false, false]);
    if let Some(line) = style.top {
        area = area.vertical_scroll_offset(line as f32 * LINE);
    }
    area.show_rows(ui, LINE, letter.lines.len(), |ui, range| {
        let top = ui.max_rect().min;
        let width = ui.max_rect().width();
        braces(ui, top, &range, letter, cx);
        boxes(ui, top, &range, letter, cx.t);
        for (n, line) in letter.lines[range.clone()].iter().enumerate() {
            let rect = Rect::from_min_size(pos2(top.x, top.y + n as f32 * LINE), vec2(width, LINE));
            let part = letter.begins_behind(line);
            let begins = part.map(|part| (part, letter));
            if row(ui, rect, line, first.contains(&line.range.start), begins, style, cx) {
                under = Some(line.range.clone());
            }
        }
    });
    under
}

/// A box around the lines of each part of MIME.
fn boxes(ui: &Ui, top: egui::Pos2, range: &Range<usize>, letter: &Lines, t: &Tokens) {
    let (left, right) = (top.x + gutter(ui.max_rect().width()) - 7.0, ui.max_rect().right() - 4.0);
    for part in 0..letter.parts.len() {
        let lines = letter.of_part(part);
        if lines.end <= range.start || lines.start >= range.end {
            continue;
        }
        let y = |line: usize| top.y + (line as f32 - range.start as f32) * LINE;
        let rect = Rect::from_min_max(pos2(left, y(lines.start)), pos2(right, y(lines.end)));
        ui.painter().rect_stroke(rect, CornerRadius::same(5), Stroke::new(1.5, t.border_strong), StrokeKind::Inside);
    }
}

/// Where a line's text begins.
fn gutter(width: f32) -> f32 {
    if width > NARROW { GUTTER } else { 24.0 }
}

/// `begins`: the first line of header, empty line or body; `part`: it is the boundary before this part of MIME.
fn row(
    ui: &Ui,
    rect: Rect,
    line: &Line,
    begins: bool,
    part: Option<(usize, &Lines)>,
    style: &Style<'_>,
    cx: &Cx<'_>,
) -> bool {
    let t = cx.t;
    let gutter = gutter(rect.width());
    let response = ui.interact(rect, ui.scope_id().with(("line", line.range.start)), Sense::hover());
    let p = ui.painter();
    let plate =
        Rect::from_min_max(pos2(rect.left() + gutter - 4.0, rect.top()), pos2(rect.right() - 6.0, rect.bottom()));
    let lit = style.lit.as_ref().is_some_and(|l| l.start <= line.range.start && line.range.end <= l.end);
    if lit {
        p.rect_stroke(plate, CornerRadius::same(4), Stroke::new(1.5, t.text3), StrokeKind::Inside);
    }
    let author = style.author.and_then(|f| f(line.range.start));
    let mut right = rect.right() - 10.0;
    if begins && rect.width() <= NARROW {
        // No room for words beside the braces: they stand at the right of their first line.
        let area = text(p, pos2(right, rect.center().y), Align2::RIGHT_CENTER, line.part.name(), med(12.0), t.text2);
        right = area.left() - 10.0;
    }
    if let Some(author) = &author
        && rect.width() > 460.0
    {
        let at = text(p, pos2(right, rect.center().y), Align2::RIGHT_CENTER, author, reg(12.0), t.text2);
        right = at.left() - 10.0;
    }
    let part = part.map(|(n, letter)| (n + 1, letter.parts.len(), &letter.parts[n]));
    if let Some((n, of, part)) = part {
        // The longest wording that leaves the boundary its place.
        let room = (right - rect.left() - gutter) * 0.72;
        let words = [format!("part {n} of {of}: {}", part.told()), format!("{n}: {}", part.kind), format!("part {n}")];
        let width = |w: &String| p.layout_no_wrap(w.clone(), med(12.0), t.text).size().x + 14.0;
        let words = words.iter().find(|w| width(w) <= room).unwrap_or(&words[2]);
        let plate =
            Rect::from_min_max(pos2(right - width(words) + 2.0, rect.top() + 2.0), pos2(right + 2.0, rect.bottom()));
        p.rect_filled(plate, CornerRadius { nw: 5, ne: 5, sw: 0, se: 0 }, t.tint(t.accent));
        text(p, plate.center(), Align2::CENTER_CENTER, words, med(12.0), t.on_tint(t.accent));
        right = plate.left() - 8.0;
    }
    let x = rect.left() + gutter;
    let y = rect.center().y;
    let show_end = cx.desk.settings.line_ends || line.part == Part::Empty;
    let reserve = if show_end && line.ended { 48.0 } else { 0.0 };
    let width = content(p, (x, y), line, right - x - reserve, t);
    if show_end && line.ended {
        line_end(p, pos2(x + width + if width > 0.0 { 6.0 } else { 0.0 }, y), t);
    }
    let says = match (line.part, &author) {
        _ if let Some((n, of, part)) = part => format!("{}, part {n} of {of}: {}", line.text, part.told()),
        (Part::Empty, _) => "empty line: CR LF alone ends the header".to_owned(),
        (_, Some(author)) => format!("{}, by {author}", line.text),
        (_, None) => line.text.clone(),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{}: {says}", line.part.name())));
    let hovered = response.hovered();
    response.on_hover_ui(|ui| {
        ui.set_max_width(560.0);
        ui.label(egui::RichText::new(&says).font(mono(12.5)).color(t.text));
    });
    hovered
}

/// The line's text, the name of a field stronger; gives its width.
fn content(p: &Painter, (x, y): (f32, f32), line: &Line, room: f32, t: &Tokens) -> f32 {
    let mut job = LayoutJob::default();
    let name = line.name.min(line.text.len());
    let name = if line.text.is_char_boundary(name) { name } else { 0 };
    job.append(&line.text[..name], 0.0, TextFormat::simple(mono_med(13.0), mix(t.accent_text, t.text, 0.25)));
    job.append(&line.text[name..], 0.0, TextFormat::simple(mono(13.0), t.text));
    job.break_on_newline = false;
    job.wrap = TextWrapping::truncate_at_width(room.max(0.0));
    let galley = p.layout_job(job);
    let width = galley.size().x;
    p.galley(pos2(x, (y - galley.size().y / 2.0).round()), galley, t.text);
    width
}

/// The two bytes that end a line.
fn line_end(p: &Painter, at: egui::Pos2, t: &Tokens) {
    let galley = p.layout_no_wrap("CR LF".to_owned(), mono(12.0), t.accent_text);
    let rect = Rect::from_min_size(pos2(at.x, at.y - 8.0), vec2(galley.size().x + 8.0, 16.0));
    p.rect_filled(rect, CornerRadius::same(4), t.tint(t.accent));
    p.galley(pos2(rect.left() + 4.0, rect.center().y - galley.size().y / 2.0), galley, t.text);
}

/// The braces at the left of the lines that are seen.
fn braces(ui: &Ui, top: egui::Pos2, range: &Range<usize>, letter: &Lines, cx: &Cx<'_>) {
    let t = cx.t;
    let p = ui.painter();
    let narrow = ui.max_rect().width() <= NARROW;
    let x = top.x + if narrow { 12.0 } else { GUTTER - 12.0 };
    for part in [Part::Header, Part::Empty, Part::Body] {
        let first = letter.lines.iter().position(|l| l.part == part);
        let Some(first) = first else { continue };
        let last = letter.lines.iter().rposition(|l| l.part == part).unwrap_or(first);
        if last < range.start || first >= range.end {
            continue;
        }
        let y = |line: usize| top.y + (line as f32 - range.start as f32) * LINE;
        let (from, to) = (y(first) + 3.0, y(last) + LINE - 3.0);
        let stroke = Stroke::new(2.0, part.colour(t));
        p.vline(x, from..=to, stroke);
        p.hline(x..=x + 5.0, from, stroke);
        p.hline(x..=x + 5.0, to, stroke);
        if !narrow {
            // Its word stays in sight while the part is longer than the view.
            let seen = from.max(ui.clip_rect().top() + 3.0);
            let at = pos2(x - 7.0, (seen + 7.0).min(to - 7.0));
            text(p, at, Align2::RIGHT_CENTER, part.name(), med(12.0), t.text2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_cut_where_its_first_empty_line_is() {
        let lines = Lines::new(b"Subject: x\r\n y\r\n\r\nhello\r\n\r\nBob: ho");
        let parts: Vec<Part> = lines.lines.iter().map(|l| l.part).collect();
        assert_eq!(parts, [Part::Header, Part::Header, Part::Empty, Part::Body, Part::Body, Part::Body]);
        assert_eq!((lines.lines[0].name, lines.lines[1].name, lines.lines[5].name), (8, 0, 0));
        assert!(!lines.lines[5].ended);
        assert_eq!(lines.header.len() + lines.empty.len() + lines.body.len(), lines.bytes);
        assert_eq!(lines.lines.iter().map(|l| l.range.len()).sum::<usize>(), lines.bytes);
    }

    #[test]
    fn any_bytes_give_lines() {
        for letter in [&b""[..], b"\r\n", b"\n\n", b"\xff\xfe:\r\n", b"a: \xe4\r\n\r\n\xf6"] {
            let lines = Lines::new(letter);
            assert_eq!(lines.lines.iter().map(|l| l.range.len()).sum::<usize>(), letter.len());
        }
        assert_eq!(Lines::new("a: \u{e4}\r\n".as_bytes()).above_127, 2);
    }
}
