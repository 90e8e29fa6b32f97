//! Small discs with the numbers of the steps, pinned where each step happens: the same discs as in the ribbon.

use eframe::egui::{Align2, Pos2, Rect, Stroke, Vec2, vec2};

use super::Ground;
use super::layout::Level;
use super::net::at;
use super::targets::{Group, Target, Targets};
use crate::gui::command::Command;
use crate::gui::desk::Thing;
use crate::gui::run::Run;
use crate::gui::theme::{Icon, semi};
use crate::gui::widgets::{icon_at, text};
use crate::mail;
use crate::topology::NodeId;
use crate::trace::What;

/// Where a step happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// At a host.
    Card(NodeId),
    /// At a tray of a host.
    Tray(NodeId, usize),
    /// Between two hosts.
    Way(NodeId, NodeId),
}

/// The pins of a story; `None` for a step that did not come to its end.
pub fn pins(run: &Run) -> Vec<Option<Pin>> {
    let pin = |step: &crate::explain::story::StepSpan| {
        let entry = run.log.entry(step.done?);
        Some(match &entry.what {
            What::Mail(event) => match &**event {
                mail::Event::QueueEnter { .. } | mail::Event::QueueLeave { .. } | mail::Event::QueueDefer { .. } => {
                    Pin::Tray(entry.node, 0)
                }
                mail::Event::MailboxStore { .. } | mail::Event::MailboxExpunge { .. } => Pin::Tray(entry.node, 1),
                _ => Pin::Card(entry.node),
            },
            What::Session(session) => {
                let ends = (run.log.end(session.conn, session.side), run.log.end(session.conn, session.side.other()));
                match (ends, session.event.protocol()) {
                    ((Some(a), Some(b)), "smtp") => Pin::Way(b, a),
                    _ => Pin::Card(entry.node),
                }
            }
            _ => Pin::Card(entry.node),
        })
    };
    run.steps.iter().map(pin).collect()
}

/// Draws them, but not those that packets cover. Gives where they are.
pub fn draw(g: &Ground<'_>, pins: &[Option<Pin>], covered: &[Rect], targets: &mut Targets) -> Vec<Rect> {
    let (cx, t, p) = (g.cx, g.cx.t, &g.p);
    let r = g.layout.sizes.disc;
    let current = cx.run.step_at(cx.place);
    let small = g.layout.level <= Level::Tiny;
    let mut taken: Vec<Pos2> = Vec::new();
    for (step, pin) in pins.iter().enumerate() {
        let Some(mut at) = pin.and_then(|pin| place(g, pin)) else { continue };
        // A small host has room for one: that of now, else the first that is not done.
        if small && !stands_for(g, pins, step, current) {
            continue;
        }
        let by = if matches!(pin, Some(Pin::Way(..))) { vec2(2.0 * r + 3.0, 0.0) } else { vec2(0.0, 2.0 * r + 2.0) };
        while taken.iter().any(|q| q.distance(at) < 2.0 * r) {
            at += by;
        }
        taken.push(at);
        let Some(told) = cx.run.ready.story.steps.get(step) else { continue };
        let done = cx.run.step_done(step, cx.place);
        // Where a step will happen is what a lesson asks.
        if cx.in_lesson() && !done {
            continue;
        }
        let square = Rect::from_center_size(at, Vec2::splat(2.0 * r));
        let beside = pin.and_then(Pin::node).map(super::net::at);
        if covered.iter().any(|c| c.intersects(square)) || (small && !g.layout.is_free(square, beside)) {
            continue;
        }
        p.circle_filled(at, r + 2.0, t.canvas);
        if done {
            p.circle_filled(at, r, t.ok);
            icon_at(p, at, Icon::Check, r * 1.25, t.ink(t.ok));
        } else if step == current {
            p.circle_filled(at, r, t.accent);
            text(p, at, Align2::CENTER_CENTER, told.number, semi(12.0), t.on_accent);
        } else {
            p.circle(at, r - 0.5, t.surface, Stroke::new(1.5, t.text3));
            text(p, at, Align2::CENTER_CENTER, told.number, semi(12.0), t.text2);
        }
        let how = match (done, step == current) {
            (true, _) => "done",
            (false, true) => "now",
            (false, false) => "to come",
        };
        targets.push(Target {
            group: Group::Steps,
            key: (step, 0),
            rect: Rect::from_center_size(at, Vec2::splat(2.0 * r + 2.0)),
            radius: (r + 1.0) as u8,
            thing: Some(Thing::Step(step)),
            name: format!("Step {}: {} ({how})", told.number, told.title),
            help: String::new(),
            command: Some(Command::Step(step)),
        });
    }
    taken.into_iter().map(|at| Rect::from_center_size(at, Vec2::splat(2.0 * r + 4.0))).collect()
}

impl Pin {
    /// The host, if it is at one.
    fn node(self) -> Option<NodeId> {
        match self {
            Pin::Card(node) | Pin::Tray(node, _) => Some(node),
            Pin::Way(..) => None,
        }
    }
}

/// Whether this step is the one that is shown, of all that are pinned to the same host.
fn stands_for(g: &Ground<'_>, pins: &[Option<Pin>], step: usize, current: usize) -> bool {
    let node = |step: usize| pins[step].and_then(Pin::node);
    let Some(mine) = node(step) else { return true };
    let same = || (0..pins.len()).filter(|other| node(*other) == Some(mine));
    let open = |step: &usize| !g.cx.run.step_done(*step, g.cx.place);
    let shown = same().find(|s| *s == current).or_else(|| same().find(open)).or_else(|| same().next_back());
    shown == Some(step)
}

fn place(g: &Ground<'_>, pin: Pin) -> Option<Pos2> {
    if let (Some(node), Level::Tiny | Level::Dot) = (pin.node(), g.layout.level) {
        let rect = g.layout.spot(at(node))?.rect;
        // Beside the icon, above the name; beside the dot.
        return Some(match g.layout.level {
            Level::Tiny => rect.left_top() + vec2(11.0, 9.0),
            _ => rect.left_center() - vec2(11.0, 0.0),
        });
    }
    let tiny = g.layout.level <= Level::Small;
    let corner = |rect: Rect| rect.left_top() + if tiny { vec2(0.0, 0.0) } else { vec2(-1.0, 1.0) };
    match pin {
        Pin::Card(node) => Some(corner(g.layout.spot(at(node))?.rect)),
        Pin::Tray(node, which) => {
            let spot = g.layout.spot(at(node))?;
            let Some(trays) = spot.trays else { return Some(corner(spot.rect)) };
            let rect = trays[which];
            Some(match (g.layout.level, which) {
                (Level::Full, _) => rect.left_top() + vec2(-4.0, 1.0),
                // Small trays: outside, so that their word stays free.
                (_, 0) => rect.left_center() - vec2(5.0, 0.0),
                _ => rect.right_center() + vec2(4.0, 0.0),
            })
        }
        Pin::Way(from, to) => {
            let hops = g.between(at(from), at(to))?;
            let longest = hops.iter().max_by(|a, b| g.length(a.0).total_cmp(&g.length(b.0)))?;
            Some(g.layout.links.get(longest.0)?.as_ref()?.at(0.5).0)
        }
    }
}
