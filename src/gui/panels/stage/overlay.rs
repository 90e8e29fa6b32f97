//! What lies over the map while something moves: that it is slowed, or how long one waits and for what.

use eframe::egui::{Align2, CornerRadius, Pos2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::Ground;
use super::paint::{Pill, measure, pill, pill_width};
use crate::gui::theme::{Icon, alpha, med, semi};
use crate::gui::widgets::{shadow_card, text};
use crate::time::{Duration, Instant};

/// Draws it.
pub fn draw(ui: &Ui, g: &Ground<'_>) {
    let Some(motion) = &g.cx.motion else { return };
    let clock = ui.input(|i| i.time);
    match g.cx.desk.motion.as_ref().and_then(|m| m.waiting(clock)) {
        Some((share, (length, words))) => waiting(g, share, *length, words),
        None if motion.leg.flight.is_some() => badge(g),
        None => {}
    }
}

fn badge(g: &Ground<'_>) {
    let (t, region) = (g.cx.t, g.layout.region);
    let look = Pill { ground: t.surface, ink: t.text2, edge: t.border_strong, icon: Some(Icon::Timer) };
    let word = "slowed to be seen";
    let width = pill_width(&g.p, word, 12.0, true);
    pill(&g.p, pos2(region.center().x - width / 2.0, region.top() + 18.0), word, 12.0, look);
}

/// A clock whose hand goes round, the time that rolls, and what one waits for.
fn waiting(g: &Ground<'_>, share: f32, length: Duration, words: &str) {
    let (t, p, region) = (g.cx.t, &g.p, g.layout.region);
    let gone = Duration::from_nanos((length.as_nanos() as f64 * f64::from(share)) as u64);
    let now = rounded(g.cx.at + gone, length).to_string();
    let (big, small) = (semi(17.0), med(13.5));
    let wide = measure(p, words, small.clone()).x.max(measure(p, &now, big.clone()).x);
    let size = vec2(wide + 66.0, 54.0);
    let rect = Rect::from_center_size(pos2(region.center().x, region.top() + 8.0 + size.y / 2.0), size);
    let rect = Rect::from_min_size(pos2(rect.left().round(), rect.top().round()), size);
    shadow_card(p, rect, 10, t);
    let face = pos2(rect.left() + 29.0, rect.center().y);
    p.circle(face, 17.0, t.tint(t.accent), Stroke::new(2.0, t.accent));
    let turn = share * std::f32::consts::TAU;
    let hand = |angle: f32, long: f32| -> Pos2 { face + vec2(angle.sin(), -angle.cos()) * long };
    p.line_segment([face, hand(turn * 3.0, 12.0)], Stroke::new(2.0, t.accent));
    p.line_segment([face, hand(turn / 4.0, 8.0)], Stroke::new(2.5, t.accent));
    p.circle_filled(face, 2.0, t.accent);
    text(p, pos2(rect.left() + 56.0, rect.top() + 17.0), Align2::LEFT_CENTER, now, big, t.text);
    text(p, pos2(rect.left() + 56.0, rect.top() + 38.0), Align2::LEFT_CENTER, words, small, t.text2);
    let bar = Rect::from_min_max(
        pos2(rect.left() + 10.0, rect.bottom() - 3.0),
        pos2(rect.right() - 10.0, rect.bottom() - 1.0),
    );
    p.rect_filled(bar, CornerRadius::same(1), alpha(t.accent, 0.2));
    let done = Rect::from_min_size(bar.min, vec2(bar.width() * share, bar.height()));
    p.rect(done, CornerRadius::same(1), t.accent, Stroke::NONE, StrokeKind::Inside);
}

/// Rolls in steps that can be read: the longer the wait, the coarser.
fn rounded(at: Instant, length: Duration) -> Instant {
    let step = match length.as_millis() {
        ..=10_000 => 1_000_000,
        10_001..=1_000_000 => 100_000_000,
        _ => 1_000_000_000,
    };
    Instant::from_nanos(at.as_nanos() / step * step)
}
