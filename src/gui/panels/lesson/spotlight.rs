//! The spotlight: what a stop speaks of stands in full light, the rest is dimmed to about a third, never hidden.

use eframe::egui::{Align2, CornerRadius, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::gui::cx::Cx;
use crate::gui::theme::{R_CARD, alpha, semi};

/// How much of the ground is laid over what is not lit.
const DIM: f32 = 0.66;
/// Seconds.
const FADE: f32 = 0.2;

/// See the [module](self).
#[derive(Default)]
pub struct Spotlight {
    /// What was lit last: it stays while the light goes out.
    last: Vec<Rect>,
    loose: Vec<Rect>,
}

impl Spotlight {
    /// Over the view that fills `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let (lit, loose) = cx.take_lit();
        let on = !lit.is_empty();
        if on {
            self.last = lit;
            self.loose = loose;
        }
        let time = if cx.desk.settings.reduce_motion { 0.0 } else { FADE };
        let share = ui.ctx().animate_bool_with_time(ui.scope_id().with("spotlight"), on, time);
        if share <= 0.0 || self.last.is_empty() {
            return;
        }
        let (t, region) = (cx.t, ui.max_rect());
        // A ring of its own for each; what lies inside another one has that one's.
        let inside = |r: &Rect| self.last.iter().any(|o| o != r && o.contains_rect(*r));
        let lit = self.last.iter().filter(|r| !inside(r)).map(|r| r.expand(7.0).intersect(region.shrink(2.0)));
        let rings: Vec<Rect> = lit.filter(Rect::is_positive).collect();
        // A bubble that reaches into the light stands in it as a whole.
        let area = |r: Rect| if r.is_positive() { r.area() } else { 0.0 };
        let reach = |r: &&Rect| rings.iter().any(|ring| area(ring.intersect(**r)) > 0.15 * r.area());
        let mut holes = rings.clone();
        holes.extend(self.loose.iter().filter(reach).map(|r| r.expand(3.0).intersect(region)));
        let p = ui.painter();
        let veil = alpha(t.canvas, DIM * share);
        for piece in around(region, &holes) {
            p.rect_filled(piece, CornerRadius::ZERO, veil);
        }
        for hole in &rings {
            let ring = Stroke::new(1.5, alpha(t.accent, share));
            p.rect_stroke(*hole, CornerRadius::same(R_CARD), ring, StrokeKind::Outside);
        }
        let named = cx.desk.lesson().and_then(|taking| {
            let part = taking.touring()?;
            Some(taking.spots.get(part)?.name.clone())
        });
        if let (Some(name), Some(hole)) = (named.filter(|_| on), rings.first()) {
            self.name(ui, &name, *hole, region, cx);
        }
    }

    /// The name of a part, beside it.
    fn name(&self, ui: &Ui, name: &str, hole: Rect, region: Rect, cx: &Cx<'_>) {
        let t = cx.t;
        let p = ui.painter();
        let mut words = name.to_owned();
        if let Some(first) = words.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let galley = p.layout_no_wrap(words, semi(14.0), t.on_accent);
        let size = galley.size() + vec2(20.0, 10.0);
        let below = hole.bottom() + 8.0 + size.y < region.bottom();
        let y = if below { hole.bottom() + 8.0 } else { (hole.top() - 8.0 - size.y).max(region.top()) };
        let most = (region.right() - size.x - 4.0).max(region.left());
        let x = (hole.center().x - size.x / 2.0).clamp(region.left().min(most), most);
        let plate = Rect::from_min_size(pos2(x, y), size);
        p.rect_filled(plate, CornerRadius::same(6), t.accent);
        p.galley(Align2::CENTER_CENTER.align_size_within_rect(galley.size(), plate).min, galley, t.on_accent);
    }
}

/// Rectangles that fill a region but for its holes, and do not overlap: else the veil would be twice as thick there.
fn around(region: Rect, holes: &[Rect]) -> Vec<Rect> {
    let mut heights: Vec<f32> = holes.iter().flat_map(|h| [h.top(), h.bottom()]).collect();
    heights.extend([region.top(), region.bottom()]);
    heights.sort_by(f32::total_cmp);
    let mut pieces = Vec::new();
    for pair in heights.windows(2) {
        let (top, bottom) = (pair[0], pair[1]);
        if bottom - top < 0.01 {
            continue;
        }
        let middle = (top + bottom) / 2.0;
        let mut row: Vec<Rect> = holes.iter().copied().filter(|h| h.top() < middle && h.bottom() > middle).collect();
        row.sort_by(|a, b| a.left().total_cmp(&b.left()));
        let mut x = region.left();
        for hole in row {
            if hole.left() > x {
                pieces.push(Rect::from_min_max(pos2(x, top), pos2(hole.left(), bottom)));
            }
            x = x.max(hole.right());
        }
        if x < region.right() {
            pieces.push(Rect::from_min_max(pos2(x, top), pos2(region.right(), bottom)));
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_veil_lies_everywhere_once_but_on_what_is_lit() {
        let region = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 80.0));
        let holes = [
            Rect::from_min_size(pos2(10.0, 10.0), vec2(20.0, 20.0)),
            Rect::from_min_size(pos2(20.0, 20.0), vec2(30.0, 20.0)),
            Rect::from_min_size(pos2(70.0, 60.0), vec2(30.0, 20.0)),
        ];
        let pieces = around(region, &holes);
        for x in 0..100 {
            for y in 0..80 {
                let at = pos2(x as f32 + 0.5, y as f32 + 0.5);
                let veils = pieces.iter().filter(|p| p.contains(at)).count();
                let lit = holes.iter().any(|h| h.contains(at));
                assert_eq!(veils, usize::from(!lit), "{at}");
            }
        }
    }
}
