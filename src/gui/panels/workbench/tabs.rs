//! A row of tabs.

use eframe::egui::{CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::gui::theme::{Tokens, alpha, med};

/// Height of the row.
pub const TABS: f32 = 34.0;

/// Draws the tabs at the left of `rect`; gives the one that was chosen now, and where the last one ends. `name` is
/// that of the group.
pub fn tabs(
    ui: &Ui,
    rect: Rect,
    name: &'static str,
    words: &[&str],
    chosen: usize,
    t: &Tokens,
) -> (Option<usize>, f32) {
    let mut picked = None;
    let sizes: Vec<f32> =
        words.iter().map(|w| ui.painter().layout_no_wrap((*w).to_owned(), med(13.0), t.text).size().x).collect();
    // In a narrow place the tabs stand closer.
    let free = rect.width() - 8.0 - sizes.iter().sum::<f32>();
    let pad = (free / (2.0 * words.len() as f32)).clamp(3.0, 11.0);
    let mut x = rect.left() + 4.0;
    for (i, word) in words.iter().enumerate() {
        let area = Rect::from_min_size(pos2(x, rect.top()), vec2(sizes[i] + 2.0 * pad, rect.height()));
        let response = ui.interact(area, ui.scope_id().with((name, i)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, i == chosen, format!("{name}: {word}")));
        if response.clicked() && i != chosen {
            picked = Some(i);
        }
        let p = ui.painter();
        if response.hovered() && i != chosen {
            p.rect_filled(area.shrink2(vec2(2.0, 4.0)), CornerRadius::same(5), alpha(t.text, 0.05));
        }
        let ink = if i == chosen || response.hovered() { t.text } else { t.text2 };
        let galley = p.layout_no_wrap((*word).to_owned(), med(13.0), ink);
        p.galley(pos2(area.left() + pad, area.center().y - galley.size().y / 2.0), galley, ink);
        if i == chosen {
            let line = Rect::from_min_max(
                pos2(area.left() + pad, area.bottom() - 2.0),
                pos2(area.right() - pad, area.bottom()),
            );
            p.rect_filled(line, CornerRadius::same(1), t.accent);
        }
        if response.has_focus() {
            let around = area.shrink2(vec2(1.0, 4.0));
            p.rect_stroke(around, CornerRadius::same(5), Stroke::new(3.0, t.accent), StrokeKind::Inside);
        }
        x = area.right();
    }
    (picked, x)
}
