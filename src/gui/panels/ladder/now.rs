//! Now: a line over the ladder with a round handle that can be drawn along time.

use eframe::egui::{Align2, CornerRadius, CursorIcon, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::chart::ladder::Ladder;
use crate::explain::stops::Grain;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::theme::mono_med;
use crate::gui::widgets::focus_ring;

/// Where it is on the screen.
pub struct Now {
    /// Its height.
    pub y: f32,
    /// Where it begins.
    pub left: f32,
    /// Where it ends.
    pub right: f32,
    /// The middle of its handle.
    pub handle: f32,
    /// Where its time is written.
    pub time: Align2,
}

/// Draws it; `top` is where the ladder's height 0 is on the screen. Drawing the handle moves now from stop to stop.
pub fn now_line(ui: &mut Ui, now: &Now, top: f32, whole: &Ladder, cx: &Cx<'_>) {
    let t = cx.t;
    ui.painter().hline(now.left..=now.right, now.y, Stroke::new(2.0, t.accent));
    let centre = pos2(now.handle, now.y);
    let area = Rect::from_center_size(centre, vec2(24.0, 24.0));
    let response = ui.interact(area, ui.scope_id().with("now"), Sense::drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, format!("Now: {}", cx.at)));
    if response.dragged()
        && let Some(at) = response.interact_pointer_pos()
    {
        let place = whole.place_at(at.y - top);
        let line = cx.run.stops.next(Grain::Line, place.saturating_sub(1)).map_or(place, |s| s.place);
        if line != cx.desk.now {
            cx.send(Command::GoTo(line));
        }
    }
    let time = cx.at.to_string();
    let galley = ui.painter().layout_no_wrap(time, mono_med(12.0), t.accent_text);
    let at = if now.time == Align2::RIGHT_CENTER { centre - vec2(13.0, 0.0) } else { centre + vec2(0.0, 9.0) };
    let plate = now.time.anchor_size(at, galley.size() + vec2(8.0, 2.0));
    ui.painter().rect_filled(
        plate,
        CornerRadius::same(4),
        if now.time == Align2::RIGHT_CENTER { t.canvas } else { t.surface },
    );
    ui.painter().galley(plate.min + vec2(4.0, 1.0), galley, t.accent_text);
    let radius = if response.hovered() || response.dragged() { 7.5 } else { 6.5 };
    ui.painter().circle(centre, radius, t.accent, Stroke::new(2.0, t.surface));
    if response.has_focus() {
        focus_ring(ui, area.shrink(4.0), 8, t);
    }
    response.on_hover_cursor(CursorIcon::ResizeVertical);
}
