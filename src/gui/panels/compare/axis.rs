//! The time axis that both ladders share.

use eframe::egui::{Align2, CornerRadius, Rect, Stroke, Ui, pos2};

use crate::chart::ladder::Ladder;
use crate::gui::cx::Cx;
use crate::gui::theme::{Icon, mono, semi};
use crate::gui::widgets::{elided, hline, icon_at, text};

/// Draws the clock and the lengths of the breaks; `top` is where height 0 is on the screen.
pub fn show(ui: &Ui, rect: Rect, top: f32, seen: (f32, f32), now: f32, ladder: &Ladder, cx: &Cx<'_>) {
    let t = cx.t;
    let p = ui.painter();
    let column = Rect::from_min_max(pos2(rect.left(), top + seen.0), pos2(rect.right(), top + seen.1));
    p.rect_filled(column, CornerRadius::ZERO, t.surface);
    for x in [rect.left(), rect.right()] {
        p.vline(x, column.y_range(), Stroke::new(1.0, t.border_strong));
    }
    let until = if cx.desk.shows_future() { f32::INFINITY } else { now + 0.5 };
    let near = |y1: f32, y2: f32| y2 >= seen.0 - 20.0 && y1 <= seen.1 + 20.0 && y1 <= until;
    for b in ladder.breaks.iter().filter(|b| near(b.y1, b.y2) && b.y2 - b.y1 > 16.0) {
        let y = top + (b.y1 + b.y2.min(until)) / 2.0;
        let size = p.layout_no_wrap(b.text.clone(), semi(12.0), t.text).size().x.min(rect.width() - 4.0);
        elided(p, pos2(rect.center().x - size / 2.0, y), &b.text, semi(12.0), t.text2, size + 0.5);
    }
    for tick in ladder.clock.iter().filter(|k| near(k.y, k.y)) {
        let y = top + tick.y;
        let in_break = ladder.breaks.iter().any(|b| tick.y > b.y1 + 2.0 && tick.y < b.y2 - 2.0);
        // The time of now stands below its handle: nothing else is written there.
        if in_break || (tick.y > now - 16.0 && tick.y < now + 34.0) {
            continue;
        }
        for (from, to) in [(rect.left(), rect.left() + 4.0), (rect.right() - 4.0, rect.right())] {
            p.hline(from..=to, y, Stroke::new(1.0, t.text3));
        }
        let size = p.layout_no_wrap(tick.text.clone(), mono(12.0), t.text).size().x;
        let size = size.min(rect.width() - 4.0);
        elided(p, pos2(rect.center().x - size / 2.0, y), &tick.text, mono(12.0), t.text2, size + 0.5);
    }
}

/// Its head.
pub fn head(ui: &Ui, rect: Rect, cx: &Cx<'_>) {
    let t = cx.t;
    let p = ui.painter();
    p.rect_filled(rect, CornerRadius::ZERO, t.surface);
    hline(p, rect, rect.bottom(), t);
    for x in [rect.left(), rect.right()] {
        p.vline(x, rect.y_range(), Stroke::new(1.0, t.border_strong));
    }
    if rect.height() < 60.0 {
        text(p, rect.center(), Align2::CENTER_CENTER, "time", semi(12.0), t.text2);
        return;
    }
    icon_at(p, rect.center() - eframe::egui::vec2(0.0, 10.0), Icon::Clock, 16.0, t.text2);
    text(p, rect.center() + eframe::egui::vec2(0.0, 10.0), Align2::CENTER_CENTER, "time", semi(12.5), t.text2);
}
