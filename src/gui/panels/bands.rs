//! Phase bands: one drawing for strip, axis, ladder and conversation. The shape says the phase before any colour does:
//! grey outline = TCP alone, hatch = handshaking, solid = transfer, dots = closure.

use std::f32::consts::FRAC_PI_2;

use eframe::egui::epaint::TextShape;
use eframe::egui::{Align2, Color32, CornerRadius, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

use crate::explain::phases::{Part, Protocol};
use crate::gui::theme::{Proto, Tokens, med, mix};
use crate::gui::widgets::text;

/// From here on a band has room for its word; below, for its first letter.
pub const WORD: f32 = 60.0;
/// Below this a band says nothing: its shape alone is left.
const LETTER: f32 = 13.0;
/// Between two lines of the hatch, along the band.
const HATCH: f32 = 7.0;
/// Between two dots.
const DOTS: f32 = 6.0;

/// Which way time runs in a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// To the right: strip, axis.
    Across,
    /// Down: ladder, conversation. The word is turned.
    Down,
}

/// What a band is filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// TCP alone.
    Outline,
    /// Who speaks with whom.
    Hatch,
    /// The letter.
    Solid,
    /// The goodbye.
    Dots,
    /// A conversation without phases of its own, or one of RFC 5321's parts.
    Plain,
}

/// The filling of a part of a conversation.
pub const fn filling(part: Part) -> Filling {
    match part {
        Part::Connect | Part::Disconnect => Filling::Outline,
        Part::Handshaking => Filling::Hatch,
        Part::Transfer => Filling::Solid,
        Part::Closure => Filling::Dots,
        // POP3's states are filled as SMTP's phases that do the same.
        Part::Authorization => Filling::Hatch,
        Part::Transaction => Filling::Solid,
        Part::Update => Filling::Dots,
        Part::Open => Filling::Plain,
    }
}

/// The colour of a protocol's bands.
pub fn colour(protocol: Protocol, t: &Tokens) -> Color32 {
    t.proto(match protocol {
        Protocol::Smtp => Proto::Smtp,
        Protocol::Imap => Proto::Imap,
        Protocol::Pop3 => Proto::Pop3,
        Protocol::Http => Proto::Http,
        Protocol::Other => Proto::Tcp,
    })
}

/// What a band of this part says.
pub fn word(part: Part, protocol: Protocol) -> &'static str {
    match part {
        Part::Connect | Part::Disconnect => "TCP",
        Part::Open => protocol.name(),
        _ => part.name(),
    }
}

/// A band of the course's scheme: filling by its part, colour by its protocol, the word if it has room.
pub fn band(p: &Painter, rect: Rect, part: Part, protocol: Protocol, flow: Flow, t: &Tokens) {
    fill(p, rect, filling(part), colour(protocol, t), t);
    label(p, rect, word(part, protocol), filling(part), colour(protocol, t), flow, t);
}

/// A band of the other scheme, beside the first: a plain ground with its word.
pub fn plain(p: &Painter, rect: Rect, word: &str, colour: Color32, flow: Flow, t: &Tokens) {
    fill(p, rect, Filling::Plain, colour, t);
    label(p, rect, word, Filling::Plain, colour, flow, t);
}

/// The shape alone. The pattern is anchored at the band's own corner, so that it moves with the band.
pub fn fill(p: &Painter, rect: Rect, filling: Filling, colour: Color32, t: &Tokens) {
    if rect.width() <= 0.0 || rect.height() <= 0.0 || !p.clip_rect().intersects(rect) {
        return;
    }
    let corner = CornerRadius::same(3);
    let ground = mix(t.surface, colour, if t.dark { 0.20 } else { 0.10 });
    match filling {
        Filling::Outline => {
            p.rect(rect, corner, t.surface, Stroke::new(1.0, t.link), StrokeKind::Inside);
        }
        Filling::Plain => {
            p.rect(rect, corner, ground, Stroke::new(1.0, colour), StrokeKind::Inside);
        }
        Filling::Solid => {
            p.rect_filled(rect, corner, colour);
        }
        Filling::Hatch => {
            p.rect(rect, corner, ground, Stroke::new(1.0, colour), StrokeKind::Inside);
            hatch(p, rect.shrink(1.0), Stroke::new(1.25, mix(ground, colour, 0.75)));
        }
        Filling::Dots => {
            p.rect(rect, corner, ground, Stroke::new(1.0, colour), StrokeKind::Inside);
            dots(p, rect.shrink(1.0), mix(ground, colour, 0.85));
        }
    }
}

/// Lines rising to the right, cut exactly at the edges (a clip rectangle would break the drawing into pieces).
fn hatch(p: &Painter, rect: Rect, stroke: Stroke) {
    let seen = rect.intersect(p.clip_rect());
    if seen.width() <= 0.0 || seen.height() <= 0.0 {
        return;
    }
    // On each line x + y is the same; `c` counts it from the band's corner.
    let from = (seen.left() - rect.left()) + (seen.top() - rect.top());
    let until = (seen.right() - rect.left()) + (seen.bottom() - rect.top());
    let mut c = (from / HATCH).floor().max(0.0) * HATCH + HATCH * 0.5;
    let mut lines = Vec::new();
    while c < until {
        let low = c.min(rect.height());
        let high = (c - rect.width()).max(0.0);
        if low > high {
            let a = pos2(rect.left() + c - low, rect.top() + low);
            let b = pos2(rect.left() + c - high, rect.top() + high);
            lines.push(Shape::line_segment([a, b], stroke));
        }
        c += HATCH;
    }
    p.extend(lines);
}

/// Dots in rows, each second row moved by half a step.
fn dots(p: &Painter, rect: Rect, colour: Color32) {
    let seen = rect.intersect(p.clip_rect());
    if seen.width() <= 0.0 || seen.height() <= 0.0 {
        return;
    }
    let rows = (rect.height() / (DOTS * 0.75)).floor().max(1.0);
    let step = rect.height() / rows;
    let first = ((seen.top() - rect.top()) / step).floor().max(0.0) as usize;
    let last = (((seen.bottom() - rect.top()) / step).ceil() as usize).min(rows as usize);
    let mut shapes = Vec::new();
    for row in first..last {
        let y = rect.top() + (row as f32 + 0.5) * step;
        let mut x = rect.left() + if row % 2 == 0 { DOTS * 0.5 } else { DOTS };
        while x < rect.right() - 1.0 {
            if x >= seen.left() - 2.0 && x <= seen.right() + 2.0 {
                shapes.push(Shape::circle_filled(pos2(x, y), 1.1, colour));
            }
            x += DOTS;
        }
    }
    p.extend(shapes);
}

/// The word inside, else its first letter, on a plate so that no pattern runs through it.
fn label(p: &Painter, rect: Rect, word: &str, filling: Filling, colour: Color32, flow: Flow, t: &Tokens) {
    let (length, across) = match flow {
        Flow::Across => (rect.width(), rect.height()),
        Flow::Down => (rect.height(), rect.width()),
    };
    if length < LETTER || across < 11.0 {
        return;
    }
    // A long band that is scrolled says its word in the middle of what is seen of it.
    let seen = rect.intersect(p.clip_rect());
    let seen_length = match flow {
        Flow::Across => seen.width(),
        Flow::Down => seen.height(),
    };
    if seen_length < LETTER {
        return;
    }
    let font = med(12.0);
    let letter: String = word.chars().take(1).collect();
    let fits = |s: &str| length >= WORD && size_of(p, s, &font) + 10.0 <= seen_length;
    let said = if fits(word) { word } else { &letter };
    let ink = match filling {
        Filling::Solid => t.ink(colour),
        Filling::Outline => t.text2,
        _ => t.on_tint(colour),
    };
    let plate = match filling {
        Filling::Hatch | Filling::Dots => Some(t.tint(colour)),
        _ => None,
    };
    write(p, seen.center(), said, font, ink, plate, if said.len() > 1 { flow } else { Flow::Across });
}

fn size_of(p: &Painter, s: &str, font: &FontId) -> f32 {
    p.layout_no_wrap(s.to_owned(), font.clone(), Color32::WHITE).size().x
}

fn write(p: &Painter, centre: Pos2, s: &str, font: FontId, ink: Color32, plate: Option<Color32>, flow: Flow) {
    let galley = p.layout_no_wrap(s.to_owned(), font.clone(), ink);
    let size = galley.size();
    let (w, h) = (size.x + 5.0, size.y - 1.0);
    let area = Rect::from_center_size(centre, if flow == Flow::Across { vec2(w, h) } else { vec2(h, w) });
    if let Some(plate) = plate {
        p.rect_filled(area, CornerRadius::same(2), plate);
    }
    match flow {
        Flow::Across => {
            text(p, centre, Align2::CENTER_CENTER, s, font, ink);
        }
        Flow::Down => {
            // Turned to be read from below to above, as on the spine of a book; the galley hangs at its corner.
            let at = pos2((centre.x - size.y / 2.0).round(), (centre.y + size.x / 2.0).round());
            p.add(TextShape::new(at, galley, ink).with_angle(-FRAC_PI_2));
        }
    }
}
