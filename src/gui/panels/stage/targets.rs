//! What on the stage can be pointed at, clicked, reached by Tab. Painted things are collected here and made known to
//! the toolkit in the order of Tab, whatever the order in which they were painted.

use eframe::egui::{
    CornerRadius, EventFilter, Id, Key, Modifiers, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2,
};

use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::{Sheet, Thing};
use crate::gui::keys::Roams;
use crate::gui::widgets::focus_ring;

/// The order of Tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Cards, each with its trays and rows.
    Hosts,
    /// Letters.
    Letters,
    /// Connections.
    Tubes,
    /// Packets.
    Packets,
    /// Links.
    Links,
    /// Routers and switches.
    Between,
    /// Discs of the steps.
    Steps,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where in the order of Tab.
    pub group: Group,
    /// Its identity, besides the group.
    pub key: (usize, usize),
    /// Where it is.
    pub rect: Rect,
    /// Its corner.
    pub radius: u8,
    /// What it is.
    pub thing: Option<Thing>,
    /// Its name for a screen reader, and its tooltip.
    pub name: String,
    /// More than its name, for whoever asks; empty: nothing.
    pub help: String,
    /// What a click asks for.
    pub command: Option<Command>,
}

impl Target {
    fn id(&self, ui: &Ui) -> Id {
        ui.scope_id().with((self.group as u8, self.key))
    }
}

/// See the [module](self).
#[derive(Default)]
pub struct Targets {
    list: Vec<Target>,
}

impl Targets {
    /// One more.
    pub fn push(&mut self, target: Target) {
        self.list.push(target);
    }

    /// Makes them known, and sends what they ask for. `pointed` is what the stage said last that is pointed at.
    pub fn act(mut self, ui: &mut Ui, cx: &Cx<'_>, pointed: &mut Option<Thing>) {
        self.list.sort_by_key(|target| (target.group, target.key));
        let mut now = None;
        for target in &self.list {
            let id = target.id(ui);
            let response = ui.interact(target.rect, id, Sense::click());
            let chosen = target.thing.as_ref().is_some_and(|t| cx.selected(t));
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &target.name));
            if response.clicked()
                && let Some(command) = &target.command
            {
                cx.send(command.clone());
            }
            if response.secondary_clicked()
                && let Some(thing) = &target.thing
            {
                cx.send(Command::Sheet(Sheet::Menu(thing.clone())));
            }
            if matches!(target.group, Group::Packets | Group::Letters) {
                cx.drawn_loose(target.rect);
            }
            if let Some(thing) = &target.thing {
                cx.drawn(thing, target.rect);
                if response.hovered() || response.has_focus() {
                    now = Some(thing.clone());
                }
                mark(ui, target, thing, cx);
            }
            let told = match target.help.as_str() {
                // What a lesson asks is not told beside it.
                _ if cx.in_lesson() => target.name.clone(),
                "" => target.name.clone(),
                help => {
                    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(help));
                    format!("{}\n{help}", target.name)
                }
            };
            if response.has_focus() {
                self.roam(ui, id, target.rect);
                focus_ring(ui, target.rect, target.radius, cx.t);
                response.show_tooltip_text(&told);
            }
            response.on_hover_text(told);
        }
        if now != *pointed {
            cx.send(Command::Hover(now.clone()));
            *pointed = now;
        }
    }

    /// The keyboard is at one of them: arrows lead to its neighbours, and not out of the map.
    fn roam(&self, ui: &Ui, id: Id, from: Rect) {
        ui.data_mut(|d| d.insert_temp(id, Roams));
        let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(id, arrows));
        let steps = [
            (Key::ArrowLeft, vec2(-1.0, 0.0)),
            (Key::ArrowRight, vec2(1.0, 0.0)),
            (Key::ArrowUp, vec2(0.0, -1.0)),
            (Key::ArrowDown, vec2(0.0, 1.0)),
        ];
        for (key, step) in steps {
            if ui.input_mut(|i| i.consume_key(Modifiers::NONE, key))
                && let Some(next) = neighbour(from, step, self.list.iter().map(|t| t.rect))
            {
                ui.memory_mut(|m| m.request_focus(self.list[next].id(ui)));
            }
        }
    }
}

/// The nearest of `others` that lies beyond the edge of `from` in the direction of `step`: what lies straight ahead
/// before what lies aside.
fn neighbour(from: Rect, step: Vec2, others: impl Iterator<Item = Rect>) -> Option<usize> {
    let far = |rect: Rect| {
        let gap = |a: (f32, f32), b: (f32, f32)| (b.0 - a.1).max(a.0 - b.1).max(0.0);
        let (x, y) = (
            gap((from.left(), from.right()), (rect.left(), rect.right())),
            gap((from.top(), from.bottom()), (rect.top(), rect.bottom())),
        );
        let (along, across) = if step.x == 0.0 { (y, x) } else { (x, y) };
        let way = rect.center() - from.center();
        let half = (from.width() * step.x.abs() + from.height() * step.y.abs()) / 2.0;
        // Among equals the one whose middle is nearer.
        let far = along + 2.0 * across + way.length() / 50.0;
        (way.dot(step) > half).then_some((across > along.max(40.0) * 1.5, far))
    };
    let ahead = others.enumerate().filter_map(|(i, rect)| Some((far(rect)?, i)));
    ahead.min_by(|(a, _), (b, _)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))).map(|(_, i)| i)
}

/// Selected: a ring of the accent; pointed at, in whatever view: a grey outline.
fn mark(ui: &Ui, target: &Target, thing: &Thing, cx: &Cx<'_>) {
    let corner = CornerRadius::same(target.radius);
    if cx.selected(thing) {
        ui.painter().rect_stroke(target.rect, corner, Stroke::new(2.0, cx.t.accent), StrokeKind::Outside);
    } else if cx.hovered(thing) {
        ui.painter().rect_stroke(target.rect, corner, Stroke::new(1.5, cx.t.text3), StrokeKind::Outside);
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Pos2, pos2};

    use super::*;

    #[test]
    fn an_arrow_leads_straight_on_before_it_leads_aside() {
        let spot = |at: Pos2| Rect::from_center_size(at, vec2(10.0, 10.0));
        let all = [pos2(0.0, 0.0), pos2(100.0, 0.0), pos2(60.0, 70.0), pos2(20.0, -170.0)].map(spot);
        let to = |from: usize, step: Vec2| neighbour(all[from], step, all.iter().copied());
        assert_eq!(to(0, vec2(1.0, 0.0)), Some(1));
        assert_eq!(to(0, vec2(0.0, 1.0)), Some(2));
        assert_eq!(to(0, vec2(0.0, -1.0)), Some(3));
        assert_eq!(to(0, vec2(-1.0, 0.0)), None, "nothing lies there");
        assert_eq!(to(1, vec2(0.0, -1.0)), Some(3), "aside, for want of anything ahead");
    }
}
