//! One line of protocol text in several weights, cut with an ellipsis where the room ends.

use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{Color32, CornerRadius, FontId, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

use crate::gui::theme::{Tokens, mono};

/// A piece of a line.
pub struct Word<'a> {
    /// What it says.
    pub s: &'a str,
    /// In which font.
    pub font: FontId,
    /// In which colour.
    pub colour: Color32,
}

/// Paints the pieces as one line, left and vertically centred at `at`. Gives the rectangle that it fills, the width of
/// its first piece, and whether it was cut.
pub fn line(p: &Painter, at: Pos2, words: &[Word<'_>], width: f32, slanted: bool) -> (Rect, f32, bool) {
    let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
    for word in words {
        let format = TextFormat { italics: slanted, ..TextFormat::simple(word.font.clone(), word.colour) };
        job.append(&shown(word.s), 0.0, format);
    }
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    let galley = p.layout_job(job);
    let first = words.first().map_or(0.0, |w| p.layout_no_wrap(shown(w.s), w.font.clone(), w.colour).size().x);
    let cut = galley.elided;
    let rect = Rect::from_min_size(pos2(at.x, (at.y - galley.size().y / 2.0).round()), galley.size());
    p.galley(rect.min, galley, Color32::PLACEHOLDER);
    (rect, first.min(rect.width()), cut)
}

/// Control characters as their signs: a line of a stranger may hold any byte.
fn shown(s: &str) -> String {
    let sign = |c: char| match c {
        '\t' => ' ',
        '\u{7f}' => '\u{2421}',
        c if u32::from(c) < 0x20 => char::from_u32(0x2400 + u32::from(c)).unwrap_or(' '),
        c => c,
    };
    if s.chars().any(char::is_control) { s.chars().map(sign).collect() } else { s.to_owned() }
}

/// What `CR` and `LF` need.
pub const SIGNS: f32 = 56.0;

/// The two bytes that end a line, as signs.
pub fn line_end(p: &Painter, at: Pos2, t: &Tokens) {
    let mut x = at.x;
    for sign in ["CR", "LF"] {
        let galley = p.layout_no_wrap(sign.to_owned(), mono(12.0), t.text2);
        let rect = Rect::from_center_size(pos2(x + 11.5, at.y), vec2(22.0, 17.0));
        p.rect(rect, CornerRadius::same(4), t.surface2, Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
        p.galley(rect.center() - galley.size() / 2.0, galley, t.text2);
        x += 25.0;
    }
}
