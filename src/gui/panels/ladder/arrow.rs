//! One arrow: line, head, cross, label on its plate.

use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

use super::labels::{self, INSET};
use crate::chart::ladder::{Arrow, Progress};
use crate::gui::theme::{Proto, Tokens, alpha, med, mix};

/// How an arrow stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    /// Selected, in whatever view.
    pub selected: bool,
    /// Pointed at, in whatever view.
    pub hovered: bool,
    /// Later than now: hollow.
    pub future: bool,
}

/// Thickness of the line.
const LINE: f32 = 2.0;
/// Length of the head.
const HEAD: f32 = 10.0;

/// The line with its head or cross; `a` and `b` on the screen.
pub fn line(
    p: &Painter,
    arrow: &Arrow,
    (a, b): (Pos2, Pos2),
    how: Standing,
    colour: Color32,
    ground: Color32,
    t: &Tokens,
) {
    let way = b - a;
    let length = way.length();
    let unit = if length > 0.1 { way / length } else { vec2(0.0, 1.0) };
    if how.selected {
        p.line_segment([a, b], Stroke::new(LINE + 6.0, alpha(t.accent, 0.28)));
    }
    if how.hovered || how.selected {
        // An outline on both sides of the line.
        let edge = if how.selected { t.accent } else { t.text3 };
        let side = vec2(-unit.y, unit.x) * if how.selected { 4.5 } else { 3.75 };
        for side in [side, -side] {
            p.line_segment([a + side, b + side], Stroke::new(if how.selected { 2.0 } else { 1.5 }, edge));
        }
    }
    let colour = if how.future { mix(ground, colour, 0.55) } else { colour };
    let arrived = matches!(arrow.progress, Progress::Arrived(_));
    let end = if arrived && length > HEAD { b - unit * (HEAD - 2.0) } else { b };
    let stroke = Stroke::new(if how.future { 1.25 } else { LINE }, colour);
    if arrow.dashed {
        p.extend(Shape::dashed_line(&[a, end], stroke, 6.0, 4.0));
    } else {
        p.line_segment([a, end], stroke);
    }
    match arrow.progress {
        Progress::Arrived(_) if length > 2.0 => {
            let side = vec2(-unit.y, unit.x) * (HEAD * 0.46);
            let points = vec![b, b - unit * HEAD + side, b - unit * HEAD - side];
            let (fill, edge) = if how.future { (ground, Stroke::new(1.25, colour)) } else { (colour, Stroke::NONE) };
            p.add(Shape::convex_polygon(points, fill, edge));
        }
        Progress::Arrived(_) => {}
        Progress::Lost { .. } => cross(p, b, t.proto(Proto::Lost), ground),
        Progress::Flying => {}
    }
}

/// What is under way is a disc at the place where it is; at the very beginning it stands at the door.
pub fn flying(p: &Painter, at: Pos2, colour: Color32, ground: Color32) {
    p.circle(at, 5.0, colour, Stroke::new(2.0, ground));
}

/// Lost: a cross at the place where it was lost.
pub fn cross(p: &Painter, at: Pos2, colour: Color32, ground: Color32) {
    p.circle_filled(at, 9.0, ground);
    for (dx, dy) in [(6.0, 6.0), (6.0, -6.0)] {
        p.line_segment([at - vec2(dx, dy), at + vec2(dx, dy)], Stroke::new(3.0, colour));
    }
}

/// The label on its plate. Says whether it was cut.
pub fn label(p: &Painter, arrow: &Arrow, plate: Rect, how: Standing, ground: Color32, t: &Tokens) -> bool {
    let ink = match () {
        () if how.future => t.text3,
        () if arrow.dashed => t.text2,
        () => t.text,
    };
    let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
    let format = TextFormat { italics: how.future, ..TextFormat::simple(labels::font(arrow), ink) };
    job.append(&labels::words(arrow), 0.0, format);
    if let Some(fate) = labels::fate(arrow) {
        let ink = t.on_tint(t.proto(Proto::Lost));
        job.append(&format!("  {fate}"), 0.0, TextFormat::simple(med(13.0), ink));
    }
    job.wrap = TextWrapping::truncate_at_width(plate.width() - 2.0 * INSET + 0.5);
    let galley = p.layout_job(job);
    let cut = galley.elided;
    let corner = CornerRadius::same(4);
    let fill = if how.selected { mix(ground, t.accent, 0.14) } else { ground };
    p.rect_filled(plate, corner, fill);
    if how.selected {
        p.rect_stroke(plate, corner, Stroke::new(2.0, t.accent), StrokeKind::Outside);
    } else if how.hovered {
        p.rect_stroke(plate, corner, Stroke::new(1.5, t.text3), StrokeKind::Outside);
    }
    let at = plate.center() - galley.size() / 2.0;
    p.galley(pos2(at.x, at.y.round()), galley, ink);
    cut
}
