//! What on the stage can be pointed at, clicked, reached by Tab. Painted things are collected here and made known to
//! the toolkit in the order of Tab, whatever the order in which they were painted.

use eframe::egui::{CornerRadius, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo};

use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::{Sheet, Thing};
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
            let id = ui.scope_id().with((target.group as u8, target.key));
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
