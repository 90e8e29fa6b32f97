//! What stands above the lanes: the hosts, their roles, the routers between them.

use eframe::egui::{Color32, CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::chart::ladder::{Ladder, Lane};
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::theme::{Icon, R_CTRL, Tokens, mono_med, reg};
use crate::gui::widgets::{elided, focus_ring, hline, icon_at};
use crate::topology::Side;

/// Sizes of the row of heads.
pub struct Heads;

impl Heads {
    /// Names alone.
    pub const LOW: f32 = 26.0;

    /// How high it is in a view of this height.
    pub const fn height(view: f32) -> f32 {
        if view < 200.0 { Self::LOW } else { 46.0 }
    }
}

/// Draws the heads of both lanes; `notes` stand behind the roles (`has the content`).
pub fn show(ui: &mut Ui, rect: Rect, ladder: &Ladder, left: f32, notes: (Option<&str>, Option<&str>), cx: &Cx<'_>) {
    let (a, b) = (left + ladder.left.x, left + ladder.right.x);
    let middle = (a + b) / 2.0;
    let room = if ladder.ticks.is_empty() { 6.0 } else { 34.0 };
    let low = rect.height() < 40.0;
    for (lane, note, x) in [(&ladder.left, notes.0, a), (&ladder.right, notes.1, b)] {
        let leftmost = x < middle;
        let area = if leftmost {
            Rect::from_min_max(
                pos2((a - 13.0).max(rect.left() + 2.0), rect.top() + 1.0),
                pos2(middle - room, rect.bottom() - 1.0),
            )
        } else {
            Rect::from_min_max(
                pos2(middle + room, rect.top() + 1.0),
                pos2((b + 13.0).min(rect.right() - 2.0), rect.bottom() - 1.0),
            )
        };
        lane_head(ui, area, lane, note, (leftmost, low), cx);
    }
    if !ladder.ticks.is_empty() && middle - a > 120.0 {
        routers(ui, rect, ladder, left, low, cx);
    }
}

/// The ground on which heads stand.
pub fn ground(ui: &Ui, rect: Rect, t: &Tokens) {
    ui.painter().rect_filled(rect, CornerRadius::ZERO, t.surface2);
    hline(ui.painter(), rect, rect.bottom(), t);
}

fn lane_head(ui: &mut Ui, area: Rect, lane: &Lane, note: Option<&str>, (leftmost, low): (bool, bool), cx: &Cx<'_>) {
    let t = cx.t;
    let role = match lane.side {
        Side::Client => "client",
        Side::Server => "server",
    };
    let role = note.map_or(role.to_owned(), |note| format!("{role}, {note}"));
    let response = ui.interact(area, ui.scope_id().with(("lane", leftmost)), Sense::click());
    let name = format!("{}: {role}", lane.name);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let thing = lane.node.map(Thing::Node);
    if let Some(thing) = &thing {
        if response.clicked() {
            cx.send(Command::Select(Some(thing.clone())));
        }
        let edge = match (cx.selected(thing), cx.hovered(thing) || response.hovered()) {
            (true, _) => Some(Stroke::new(2.0, t.accent)),
            (false, true) => Some(Stroke::new(1.5, t.text3)),
            (false, false) => None,
        };
        if let Some(edge) = edge {
            ui.painter().rect_stroke(
                area.shrink2(vec2(0.0, 2.0)),
                CornerRadius::same(R_CTRL),
                edge,
                StrokeKind::Inside,
            );
        }
    }
    let p = ui.painter();
    let (y1, y2) = (area.top() + 14.0, area.bottom() - 12.0);
    let width = area.width() - 16.0;
    let mut cut = false;
    if low {
        let x = if leftmost { area.left() + 8.0 } else { right_start(ui, &lane.name, area, width) };
        cut |= elided(p, pos2(x, area.center().y), &lane.name, mono_med(13.0), t.text, width).1;
    } else if leftmost {
        cut |= elided(p, pos2(area.left() + 8.0, y1), &lane.name, mono_med(14.0), t.text, width).1;
        cut |= elided(p, pos2(area.left() + 8.0, y2), &role, reg(13.0), t.text2, width).1;
    } else {
        let size = |s: &str, font| p.layout_no_wrap(s.to_owned(), font, t.text).size().x.min(width);
        let (w1, w2) = (size(&lane.name, mono_med(14.0)), size(&role, reg(13.0)));
        cut |= elided(p, pos2(area.right() - 8.0 - w1, y1), &lane.name, mono_med(14.0), t.text, w1 + 0.5).1;
        cut |= elided(p, pos2(area.right() - 8.0 - w2, y2), &role, reg(13.0), t.text2, w2 + 0.5).1;
    }
    if response.has_focus() {
        focus_ring(ui, area.shrink(3.0), R_CTRL, t);
    }
    if cut || low {
        response.on_hover_text(name);
    }
}

fn right_start(ui: &Ui, name: &str, area: Rect, width: f32) -> f32 {
    let w = ui.painter().layout_no_wrap(name.to_owned(), mono_med(13.0), Color32::PLACEHOLDER).size().x.min(width);
    area.right() - 8.0 - w
}

/// Routers are folded into ticks: they forward packets and read no mail.
fn routers(ui: &mut Ui, rect: Rect, ladder: &Ladder, left: f32, low: bool, cx: &Cx<'_>) {
    let t = cx.t;
    let xs = ladder.ticks.iter().map(|x| left + x);
    for x in xs {
        ui.painter().vline(x, rect.bottom()..=rect.bottom() + 7.0, Stroke::new(1.5, t.text3));
    }
    let middle = left + (ladder.left.x + ladder.right.x) / 2.0;
    let at = pos2(middle, if low { rect.center().y } else { rect.top() + 16.0 });
    icon_at(ui.painter(), at, Icon::Router, 17.0, t.text3);
    let area = Rect::from_center_size(at, vec2(28.0, 24.0));
    let response = ui.interact(area, ui.scope_id().with("routers"), Sense::hover());
    let count = ladder.ticks.len();
    let words = format!(
        "{count} {} on the way: they forward packets and read no mail",
        if count == 1 { "router" } else { "routers" }
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    response.on_hover_text(words);
}
