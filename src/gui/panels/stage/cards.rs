//! Hosts, routers and switches.

use eframe::egui::{self, Align2, CornerRadius, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

use super::Ground;
use super::layout::{Level, icon_area};
use super::net::Kind;
use super::paint::{Pill, hatch, measure, pill, pill_width, plate};
use super::targets::{Group, Target, Targets};
use super::who::{counts, told};
use crate::gui::command::Command;
use crate::gui::desk::Thing;
use crate::gui::theme::{Icon, Proto, R_CARD, alpha, mix, mono, mono_med, reg, semi};
use crate::gui::widgets::{elided, icon_at, text};
use crate::topology::NodeId;

/// What a host is in its open connections.
#[derive(Clone, Copy, Debug, Default)]
pub struct Roles {
    /// The protocol of a connection that it opened.
    pub client: Option<Proto>,
    /// The protocol of a connection that was opened to it.
    pub server: Option<Proto>,
}

/// The picture of a host.
pub fn icon(kind: Kind, name: &str) -> Icon {
    match kind {
        Kind::Agent if name.contains("phone") => Icon::Smartphone,
        Kind::Agent => Icon::Laptop,
        Kind::Server => Icon::Server,
        Kind::Web => Icon::Globe,
        Kind::Browser => Icon::AppWindow,
        Kind::Names => Icon::BookOpen,
        Kind::Computer => Icon::Monitor,
        Kind::Router => Icon::Router,
        Kind::Switch => Icon::Network,
    }
}

/// Draws one host.
pub fn host(g: &Ground<'_>, node: usize, roles: Roles, targets: &mut Targets) {
    let Some(spot) = g.layout.spot(node) else { return };
    let (cx, t, p) = (g.cx, g.cx.t, &g.p);
    let (who, kind, id) = (&g.who[node], g.net.kinds[node], NodeId(node as u32));
    let on = cx.scene.on.get(node).copied().unwrap_or(true);
    let thing = Thing::Node(id);
    let (selected, pointed) = (cx.selected(&thing), cx.hovered(&thing));
    let (queued, stored) = counts(&cx.scene.state, id);
    let rect = spot.rect;
    let mut name = told(who, kind, on, queued, stored);
    if !who.address.is_empty() {
        name += &format!(", {}", who.address);
    }
    let radius = match g.layout.level {
        Level::Dot => 6,
        Level::Tiny | Level::Small => 8,
        _ => R_CARD,
    };
    let area = match g.layout.level {
        Level::Tiny => icon_area(rect),
        _ => rect,
    };
    let ground = match (selected, on) {
        (true, _) => t.tint(t.accent),
        (false, true) => t.surface,
        (false, false) => t.surface2,
    };
    let edge = if t.dark { t.border_strong } else { mix(t.border_strong, t.text, 0.06) };
    let corner = CornerRadius::same(radius);
    if on && g.layout.level >= Level::Small {
        p.add(egui::Shadow { offset: [0, 2], blur: 8, spread: 0, color: t.shadow }.as_shape(area, corner));
    }
    p.rect_filled(area, corner, ground);
    if !on {
        hatch(p, area, Stroke::new(1.0, alpha(t.text3, 0.28)));
    }
    p.rect_stroke(area, corner, Stroke::new(1.0, edge), StrokeKind::Inside);
    let ink = if on { t.text } else { t.text2 };
    let picture = icon(kind, &who.name);
    match g.layout.level {
        Level::Full | Level::Middle => {
            let full = g.layout.level == Level::Full;
            let (x, width) = (rect.left() + 12.0, rect.width() - 20.0);
            let (first, second) = if full { (21.5, 44.0) } else { (16.5, 35.0) };
            let role = if measure(p, &who.role, semi(g.layout.sizes.role)).x <= width { &who.role } else { &who.short };
            elided(p, pos2(x, rect.top() + first), role, semi(g.layout.sizes.role), ink, width);
            let y = rect.top() + second;
            icon_at(p, pos2(x + 8.0, y), picture, 15.0, t.text2);
            // Pointed at or chosen, a host tells its address.
            let words = if (selected || pointed) && !who.address.is_empty() { &who.address } else { &who.name };
            elided(p, pos2(x + 23.0, y), words, mono(g.layout.sizes.name), t.text2, width - 23.0);
        }
        Level::Small => {
            icon_at(p, pos2(rect.left() + 15.0, rect.center().y), picture, 15.0, t.text2);
            elided(p, pos2(rect.left() + 27.0, rect.center().y), &who.name, mono_med(12.0), ink, rect.width() - 32.0);
        }
        Level::Tiny => {
            icon_at(p, area.center(), picture, 16.0, t.text2);
            let width = measure(p, &who.name, mono(12.0)).x.min(rect.width());
            let at = pos2(rect.center().x - width / 2.0, rect.bottom() - 7.0);
            elided(p, at, &who.name, mono(12.0), ink, rect.width());
        }
        Level::Dot => {}
    }
    match g.layout.level {
        Level::Dot | Level::Tiny => letters(g, p, node, rect, roles),
        _ => tags(g, p, rect, on, roles),
    }
    targets.push(Target {
        group: Group::Hosts,
        key: (node, 0),
        rect: area,
        radius,
        thing: Some(thing.clone()),
        name,
        help: who.help.clone(),
        command: Some(Command::Select(Some(thing))),
    });
}

/// On the upper edge, from the right: client, server, switched off.
fn tags(g: &Ground<'_>, p: &Painter, rect: Rect, on: bool, roles: Roles) {
    let t = g.cx.t;
    let size = match g.layout.level {
        Level::Full => 13.0,
        Level::Middle | Level::Small => 12.0,
        _ => return,
    };
    let mut right = rect.right() - 8.0;
    let mut put = |word: &str, look: Pill| {
        let width = pill_width(p, word, size, look.icon.is_some());
        pill(p, pos2(right - width, rect.top()), word, size, look);
        right -= width + 4.0;
    };
    for (word, proto) in [("server", roles.server), ("client", roles.client)] {
        if let Some(proto) = proto {
            let colour = t.proto(proto);
            put(word, Pill { ground: colour, ink: t.ink(colour), edge: t.surface, icon: None });
        }
    }
    if !on {
        let look = Pill { ground: t.surface, ink: t.text, edge: t.text3, icon: Some(Icon::PowerOff) };
        put("switched off", look);
    }
}

/// Where there is no card for a whole word: C and S, as in front of the lines of a conversation.
fn letters(g: &Ground<'_>, p: &Painter, node: usize, rect: Rect, roles: Roles) {
    let t = g.cx.t;
    let tiny = g.layout.level == Level::Tiny;
    let mut x = if tiny { rect.left() } else { rect.right() + 2.0 };
    let top = if tiny { rect.top() + 17.0 } else { rect.center().y - 6.5 };
    for (letter, proto) in [("C", roles.client), ("S", roles.server)] {
        let Some(proto) = proto else { continue };
        let tag = Rect::from_min_size(pos2(x, top), vec2(12.0, 13.0));
        if tiny || g.layout.is_free(tag, Some(node)) {
            let colour = t.proto(proto);
            p.rect_filled(tag, CornerRadius::same(3), colour);
            text(p, tag.center(), Align2::CENTER_CENTER, letter, semi(12.0), t.ink(colour));
        }
        x += 12.0;
    }
}

/// Draws one router or switch; `near` is how near the flying packet is, 1 at its centre. What packets cover is left out.
/// Gives the rectangle of its name.
pub fn between(g: &Ground<'_>, node: usize, near: f32, covered: &[Rect], targets: &mut Targets) -> Option<Rect> {
    let spot = g.layout.spot(node)?;
    let (cx, t, p) = (g.cx, g.cx.t, &g.p);
    let (who, kind) = (&g.who[node], g.net.kinds[node]);
    let thing = Thing::Node(NodeId(node as u32));
    let (selected, pointed) = (cx.selected(&thing), cx.hovered(&thing));
    let (rect, centre) = (spot.rect, spot.rect.center());
    let half = rect.width() / 2.0;
    if near > 0.0 {
        // A soft ring while the packet passes.
        let ring = Stroke::new(2.0, alpha(t.accent, 0.5 * near));
        p.circle(centre, half + 3.0 + 5.0 * near, alpha(t.accent, 0.10 * near), ring);
    }
    let ground = if selected { t.tint(t.accent) } else { t.surface };
    let edge = if t.dark { t.border_strong } else { mix(t.border_strong, t.text, 0.12) };
    let radius = if kind == Kind::Router { half as u8 } else { 5 };
    if kind == Kind::Router {
        p.add(
            egui::Shadow { offset: [0, 1], blur: 6, spread: 0, color: t.shadow }
                .as_shape(rect, CornerRadius::same(radius)),
        );
    }
    p.rect(rect, CornerRadius::same(radius), ground, Stroke::new(1.0, edge), StrokeKind::Inside);
    let free = |r: Rect| !covered.iter().any(|c| c.intersects(r));
    if half >= 8.0 && free(rect) {
        icon_at(p, centre, icon(kind, ""), half * 0.98 + if kind == Kind::Router { 0.0 } else { 3.0 }, t.text2);
    }
    let mut named = None;
    if kind == Kind::Router && g.layout.level >= Level::Small {
        let above = pos2(centre.x, rect.top() - 5.0);
        let place = Align2::CENTER_BOTTOM.anchor_size(above, measure(p, &who.name, mono(12.0)));
        if free(place) {
            named = Some(plate(p, above, Align2::CENTER_BOTTOM, &who.name, mono(12.0), t.text2, t));
        }
        reads_no_mail(g, p, pos2(centre.x, rect.bottom() + 6.0), node, selected || pointed);
    }
    cx.drawn(&thing, named.map_or(rect, |n| rect.union(n)));
    targets.push(Target {
        group: Group::Between,
        key: (node, 0),
        rect,
        radius,
        thing: Some(thing.clone()),
        name: told(who, kind, true, 0, 0),
        help: String::new(),
        command: Some(Command::Select(Some(thing))),
    });
    named
}

/// Under a router: always where there is room, else when it is pointed at.
fn reads_no_mail(g: &Ground<'_>, p: &Painter, at: Pos2, node: usize, asked: bool) {
    let t = g.cx.t;
    let roomy = g.layout.level == Level::Full && g.layout.region.width() >= 1400.0 && g.layout.region.height() >= 560.0;
    let hangs = g.net.neighbours(node).any(|n| {
        let below = |r: Rect| r.top() > at.y && (r.center().x - at.x).abs() < 120.0;
        g.layout.spot(n).is_some_and(|s| below(s.rect))
    });
    if !asked && (!roomy || hangs) {
        return;
    }
    let size = if roomy { 13.0 } else { 12.0 };
    for (i, words) in ["forwards packets,", "reads no mail"].into_iter().enumerate() {
        let at = pos2(at.x, at.y + i as f32 * (size + 3.0));
        if asked {
            plate(p, at, Align2::CENTER_TOP, words, reg(size), t.text2, t);
        } else {
            text(p, at, Align2::CENTER_TOP, words, reg(size), t.text2);
        }
    }
}
