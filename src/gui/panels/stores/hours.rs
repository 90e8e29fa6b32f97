//! A mail's time in the queue, to true scale in hours, with its attempts.

use eframe::egui::{self, Align2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};

use super::history::{Attempt, End, Stay};
use crate::explain::scene::in_words;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::run::happened;
use crate::gui::theme::{Icon, Proto, med, reg};
use crate::gui::widgets::{elided, focus_ring, icon_at, text};
use crate::mail::Left;
use crate::time::{Duration, Instant};

/// Height of the line with its words.
pub const HEIGHT: f32 = 104.0;

/// Lengths between two ticks, in seconds.
const TICKS: [u64; 15] =
    [1, 5, 15, 60, 300, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 172_800, 432_000];

/// A length of the line and what stands between its ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scale {
    tick: u64,
    whole: u64,
}

impl Scale {
    /// For so many nanoseconds, with room for so many words.
    fn new(length: Duration, words: u64) -> Scale {
        let seconds = (length.as_nanos() / 1_000_000_000).max(1);
        let fits = |tick: &&u64| seconds.div_ceil(**tick) <= words.max(2);
        let tick = TICKS.iter().find(fits).copied().unwrap_or(TICKS[TICKS.len() - 1] * 4);
        Scale { tick, whole: seconds.div_ceil(tick).max(1) * tick }
    }
}

/// Draws into `rect`. `due`: when it is tried next; `expires`: when it is given up.
pub fn show(ui: &Ui, rect: Rect, stay: &Stay, due: Option<Instant>, expires: Option<Instant>, cx: &Cx<'_>) {
    let t = cx.t;
    let p = ui.painter();
    let (first, right) = (rect.left() + 14.0, rect.right() - 22.0);
    let y = rect.top() + 66.0;
    let horizon = cx.horizon();
    let seen = |a: &&Attempt| happened(a.entry, horizon);
    let last = stay.attempts.iter().filter(seen).map(|a| a.at).max();
    let left = |place: usize| stay.left.as_ref().filter(|(e, ..)| happened(*e, place)).map(|(_, at, ..)| *at);
    let (left_at, left_before) = (left(horizon), left(cx.place));
    let now = left_before.unwrap_or(cx.at);
    let ends = [Some(now), due, last, left_at].into_iter().flatten().max().unwrap_or(now);
    let words = ((right - first) / 66.0) as u64;
    let scale = Scale::new(ends.since(stay.since), words);
    let x = |at: Instant| {
        let share = at.since(stay.since).as_nanos() as f64 / (scale.whole as f64 * 1e9);
        first + (right - first) * share.min(1.0) as f32
    };
    elided(p, pos2(first, rect.top() + 15.0), "Attempts, true to scale", med(12.5), t.text, rect.width() * 0.5);
    // The line, what has passed of it, its ticks.
    p.hline(first..=right + 10.0, y, Stroke::new(2.0, t.border_strong));
    p.hline(first..=x(now).max(first), y, Stroke::new(3.0, t.text3));
    let mut at = 0;
    while at <= scale.whole {
        let tx = first + (right - first) * (at as f32 / scale.whole as f32);
        p.vline(tx, y + 5.0..=y + 10.0, Stroke::new(1.0, t.text3));
        let label = if at == 0 { "0".to_owned() } else { tick_words(at) };
        let anchor = if at == 0 { Align2::LEFT_TOP } else { Align2::CENTER_TOP };
        let tx = if at == 0 { tx - 4.0 } else { tx };
        text(p, pos2(tx, y + 12.0), anchor, label, reg(12.0), t.text2);
        at += scale.tick;
    }
    // When it would be given up: nearly always far beyond what is drawn.
    if let Some(expires) = expires.filter(|_| left_before.is_none()) {
        let after = expires.since(stay.since);
        if after.as_nanos() <= scale.whole * 1_000_000_000 {
            icon_at(p, pos2(x(expires), y - 14.0), Icon::Undo2, 15.0, t.text2);
        } else {
            let words = format!("returned after {}", in_words(after));
            text(p, pos2(rect.right() - 12.0, rect.top() + 15.0), Align2::RIGHT_CENTER, words, reg(12.0), t.text2);
        }
    }
    if left_before.is_none() {
        now_line(ui, x(now), rect, y, cx);
    }
    for attempt in stay.attempts.iter().filter(seen) {
        mark(ui, pos2(x(attempt.at), y), attempt, cx);
    }
    // Where the future is shown, the attempt itself stands there.
    let to_come = stay.attempts.iter().filter(seen).any(|a| !happened(a.entry, cx.place));
    if let Some(due) = due.filter(|_| !to_come) {
        let c = pos2(x(due), y);
        p.circle(c, 6.0, t.surface, Stroke::new(2.0, t.accent));
        let words = if due >= cx.at { "next try" } else { "now" };
        let (side, tx) = match c.x {
            x if x > rect.right() - 60.0 => (Align2::RIGHT_CENTER, x + 10.0),
            // Beside the line of this moment, which stands at the beginning too.
            x if x < rect.left() + 40.0 => (Align2::LEFT_CENTER, x + 6.0),
            x => (Align2::CENTER_CENTER, x),
        };
        text(p, pos2(tx, y - 19.0), side, words, med(12.0), t.accent_text);
    }
}

/// An attempt: a cross if it failed, a tick if it was the last, a ring while it runs or if it is to come.
fn mark(ui: &Ui, at: egui::Pos2, attempt: &Attempt, cx: &Cx<'_>) {
    let t = cx.t;
    let p = ui.painter();
    let begun = happened(attempt.entry, cx.place);
    let end = attempt.end.as_ref().filter(|(e, _)| happened(*e, cx.place)).map(|(_, end)| end);
    let area = Rect::from_center_size(at, Vec2::splat(18.0));
    let response = ui.interact(area, ui.scope_id().with(("attempt", attempt.entry.0)), Sense::click());
    let says = match end {
        Some(End::Deferred(why)) => format!("Attempt {} at {}: {why}", attempt.number, attempt.at),
        Some(End::Gone(Left::Delivered, why)) => {
            format!("Attempt {} at {}: delivered, {why}", attempt.number, attempt.at)
        }
        Some(End::Gone(_, why)) => format!("Attempt {} at {}: {why}", attempt.number, attempt.at),
        None if begun => format!("Attempt {} at {}: under way", attempt.number, attempt.at),
        None => format!("Attempt {} at {}, to come", attempt.number, attempt.at),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &says));
    if response.clicked() {
        cx.send(Command::ShowEntry(attempt.entry));
    }
    match end {
        Some(End::Gone(Left::Delivered | Left::Stored, _)) => {
            p.circle_filled(at, 7.5, t.ok);
            icon_at(p, at, Icon::Check, 11.0, t.ink(t.ok));
        }
        Some(_) => {
            let c = t.proto(Proto::Lost);
            p.circle_filled(at, 7.5, c);
            icon_at(p, at, Icon::X, 11.0, t.ink(c));
        }
        None if begun => {
            p.circle(at, 6.5, t.surface, Stroke::new(2.0, t.accent));
            p.circle_filled(at, 2.5, t.accent);
        }
        None => {
            p.circle(at, 6.0, t.surface, Stroke::new(1.5, t.text3));
        }
    }
    if response.has_focus() {
        focus_ring(ui, area.shrink(1.0), 8, t);
    } else if response.hovered() {
        p.circle_stroke(at, 10.0, Stroke::new(1.5, t.text3));
    }
    response.on_hover_text(says);
}

fn now_line(ui: &Ui, x: f32, rect: Rect, y: f32, cx: &Cx<'_>) {
    let p = ui.painter();
    let c = cx.t.accent;
    p.vline(x, rect.top() + 33.0..=y + 10.0, Stroke::new(2.0, c));
    p.circle_filled(pos2(x, rect.top() + 32.0), 4.5, c);
}

/// `30 min`, `2 h`, `1 h 30 min`, `5 d`.
fn tick_words(seconds: u64) -> String {
    match seconds {
        60.. => in_words(Duration::from_secs(seconds)),
        _ => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticks_are_round_lengths_and_there_is_room_for_their_words() {
        let scale = |seconds: u64| Scale::new(Duration::from_secs(seconds), 5);
        assert_eq!(scale(1), Scale { tick: 1, whole: 1 });
        assert_eq!(scale(1_800), Scale { tick: 600, whole: 1_800 });
        assert_eq!(scale(12_600), Scale { tick: 3_600, whole: 14_400 });
        assert_eq!(scale(5 * 86_400), Scale { tick: 86_400, whole: 5 * 86_400 });
        for seconds in (1..900_000).step_by(977) {
            let s = scale(seconds);
            assert!(s.whole >= seconds && s.whole / s.tick <= 5, "{seconds}: {s:?}");
        }
    }
}
