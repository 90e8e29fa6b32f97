//! The axis: bursts to scale, breaks for waits; step numbers, phase bands, marks; the line of now.

use eframe::egui::{Align2, Painter, Rect, Response, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::chart::axis::{Axis, BREAK, MarkKind};
use crate::explain::stops::Grain;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::panels::bands;
use crate::gui::theme::{Icon, Proto, mix, reg, semi};
use crate::gui::widgets::{focus_ring, icon_at, text};
use crate::time::Duration;

/// See the [module](self).
#[derive(Default)]
pub struct AxisView {
    laid: Option<Axis>,
}

impl AxisView {
    /// Draws into `rect`.
    pub fn show(&mut self, ui: &mut Ui, rect: Rect, cx: &Cx<'_>) {
        let inner = rect.shrink2(vec2(7.0, 0.0));
        if self.laid.as_ref().is_none_or(|a| a.width() != inner.width()) {
            self.laid = Some(Axis::new(&cx.run.rhythm, inner.width()));
        }
        let Some(axis) = &self.laid else { return };
        let response = ui.interact(rect, ui.scope_id().with("axis"), Sense::click_and_drag());
        let share = cx.place as f64 / cx.run.end().max(1) as f64;
        response.widget_info(|| WidgetInfo::slider(true, (share * 100.0).round(), "Time axis, in percent of the run"));
        drag(ui, &response, axis, inner, cx);
        draw(ui, axis, inner, cx);
        if response.has_focus() {
            focus_ring(ui, rect, 4, cx.t);
        }
        if let Some(at) = response.hover_pos() {
            let near = axis.instant_at(at.x - inner.left());
            if near <= cx.run.at(cx.horizon()) {
                response.on_hover_text_at_pointer(near.to_string());
            }
        }
    }
}

/// Dragging snaps to line stops, with Shift to packet stops. In Story it goes back, and ahead as far as one likes: the
/// axis is empty there.
fn drag(ui: &Ui, response: &Response, axis: &Axis, rect: Rect, cx: &Cx<'_>) {
    let Some(at) = response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked()) else { return };
    let grain = if ui.input(|i| i.modifiers.shift) { Grain::Packet } else { Grain::Line };
    let place = axis.place_at(&cx.run.log, &cx.run.stops, grain, at.x - rect.left());
    if place != cx.desk.now || cx.motion.is_some() {
        cx.send(Command::GoTo(place));
    }
}

fn draw(ui: &Ui, axis: &Axis, rect: Rect, cx: &Cx<'_>) {
    let t = cx.t;
    let p = ui.painter();
    let horizon = cx.horizon();
    let until = rect.left() + axis.x_of(&cx.run.log, horizon);
    // Three rows, steps, phases, marks, and below them words; in a low row they move together.
    let height = rect.height();
    let steps_y = rect.top() + 8.0;
    let bands_y = (rect.top() + 16.0, rect.top() + (height * 0.56).max(25.0));
    let line_y = bands_y.1 + 5.0;
    let words_y = rect.bottom() - 6.0;
    let words_fit = words_y - line_y >= 12.0;
    // Words of waits first: they matter more than the length of a tick.
    let mut taken: Vec<(f32, f32)> = Vec::new();
    for gap in axis.breaks() {
        let (a, b) = (rect.left() + gap.x.0, rect.left() + gap.x.1);
        if b > until + 1.0 {
            // What is waited for is part of the future.
            p.extend(Shape::dashed_line(&[pos2(a, line_y), pos2(b, line_y)], Stroke::new(1.0, t.border), 3.0, 3.0));
            continue;
        }
        zigzag(p, a, b, line_y, cx);
        let galley = p.layout_no_wrap(gap.words.clone(), reg(12.0), t.text2);
        let width = galley.size().x;
        let x = ((a + b) / 2.0 - width / 2.0).clamp(rect.left(), (rect.right() - width).max(rect.left()));
        if words_fit && b - a >= BREAK - 1.0 && taken.last().is_none_or(|last| last.1 + 8.0 < x) {
            p.galley(pos2(x, words_y - galley.size().y / 2.0), galley, t.text2);
            taken.push((x, x + width));
        }
    }
    for burst in axis.bursts() {
        let (a, b) = (rect.left() + burst.x.0, rect.left() + burst.x.1);
        p.hline(a..=b, line_y, Stroke::new(1.5, t.border_strong));
        let ticks = burst.ticks();
        for x in &ticks {
            p.vline(rect.left() + x, line_y - 2.5..=line_y + 2.5, Stroke::new(1.0, t.border_strong));
        }
        // The length of a tick stands under one of them, where there is room.
        let Some(tick) = burst.tick.filter(|_| words_fit && a <= until) else { continue };
        let galley = p.layout_no_wrap(plain(tick), reg(12.0), t.text3);
        let half = galley.size().x / 2.0;
        let free = |x: f32| {
            x - half >= a
                && x + half <= b
                && taken.iter().all(|(from, to)| x + half + 8.0 < *from || x - half - 8.0 > *to)
        };
        let between = ticks.windows(2).map(|pair| rect.left() + (pair[0] + pair[1]) / 2.0).find(|x| free(*x));
        if let Some(x) = between {
            taken.push((x - half, x + half));
            p.galley(pos2(x - half, words_y - galley.size().y / 2.0), galley, t.text3);
        }
    }
    let laid = axis.bands(&cx.run.log, &cx.run.conversations, Some(horizon));
    let lanes = laid.iter().map(|b| b.lane + 1).max().unwrap_or(1) as f32;
    let height = (bands_y.1 - bands_y.0) / lanes;
    for band in &laid {
        let top = bands_y.0 + band.lane as f32 * height;
        let area = Rect::from_min_max(
            pos2(rect.left() + band.x.0, top),
            pos2((rect.left() + band.x.1).max(rect.left() + band.x.0 + 1.0), top + height - 0.5),
        );
        let protocol = cx.run.conversations[band.conn.0 as usize].protocol;
        bands::band(p, area, band.part, protocol, bands::Flow::Across, t);
    }
    steps(p, axis, rect, steps_y, cx);
    let mut last = f32::NEG_INFINITY;
    for mark in axis.marks(Some(horizon)) {
        let x = rect.left() + mark.x;
        // Several things at one moment are one mark.
        if x - last < 10.0 {
            continue;
        }
        last = x;
        let (icon, colour) = match mark.mark.kind {
            MarkKind::Action => (Icon::User, t.text2),
            MarkKind::Loss => (Icon::X, t.proto(Proto::Lost)),
            MarkKind::Retry => (Icon::RotateCw, t.accent_text),
        };
        icon_at(p, pos2(x, line_y), icon, 9.0, colour);
    }
    marked(p, axis, rect, line_y, cx);
    now(p, axis, rect, (bands_y.0 - 1.0, line_y), cx);
}

/// Flags of packets that were marked, as far as they may be seen.
fn marked(p: &Painter, axis: &Axis, rect: Rect, y: f32, cx: &Cx<'_>) {
    for row in cx.desk.marks.iter().filter_map(|packet| cx.run.packets.row(*packet)) {
        if (row.sent.0 as usize) < cx.horizon() {
            let x = rect.left() + axis.x_of(&cx.run.log, row.sent.0 as usize + 1);
            // Below the bands, whose words it must not hide.
            icon_at(p, pos2(x + 4.0, y), Icon::Flag, 9.0, cx.t.accent_text);
        }
    }
}

/// Numbers of the steps at their beginnings, with a line to their end.
fn steps(p: &Painter, axis: &Axis, rect: Rect, y: f32, cx: &Cx<'_>) {
    let t = cx.t;
    let story = &cx.run.ready.story.steps;
    let mut free = rect.left() - 8.0;
    for laid in axis.steps(&cx.run.log, &cx.run.stops, story.len(), Some(cx.horizon())) {
        let (a, b) = (rect.left() + laid.x.0, rect.left() + laid.x.1);
        let colour = if laid.done { t.ok } else { t.accent };
        // Numbers of steps that begin together stand beside each other.
        let x = a.max(free);
        if b > x + 10.0 {
            p.hline(x + 9.0..=b, y, Stroke::new(2.0, mix(t.surface, colour, 0.55)));
        }
        text(p, pos2(x, y), Align2::CENTER_CENTER, story[laid.step].number, semi(12.0), t.text);
        free = x + 12.0;
    }
}

/// A break in the line: two teeth.
fn zigzag(p: &Painter, a: f32, b: f32, y: f32, cx: &Cx<'_>) {
    let (middle, stroke) = ((a + b) / 2.0, Stroke::new(1.5, cx.t.text3));
    p.hline(a..=middle - 7.0, y, stroke);
    p.hline(middle + 7.0..=b, y, stroke);
    for x in [middle - 4.0, middle + 4.0] {
        p.line_segment([pos2(x - 3.0, y + 5.0), pos2(x + 3.0, y - 5.0)], stroke);
    }
}

/// The line of now with its round handle; during a flight it moves along.
fn now(p: &Painter, axis: &Axis, rect: Rect, (top, line_y): (f32, f32), cx: &Cx<'_>) {
    let here = axis.x_of(&cx.run.log, cx.place);
    let x = match cx.motion {
        Some(m) => here + (axis.x_of(&cx.run.log, m.leg.to) - here) * m.share,
        None => here,
    };
    let x = rect.left() + x;
    // The handle lies on the scale, below the numbers of the steps.
    p.vline(x, top..=line_y, Stroke::new(2.0, cx.t.accent));
    p.circle(pos2(x, line_y), 5.0, cx.t.accent, Stroke::new(1.5, cx.t.surface));
}

/// `10 ms`, without decimals that are none.
fn plain(length: Duration) -> String {
    match length.as_millis() {
        ms if ms >= 1000 && ms.is_multiple_of(1000) => format!("{} s", ms / 1000),
        _ => length.to_string(),
    }
}
