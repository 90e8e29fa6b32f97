//! Links with their delays, and the labels of links and tubes: words that give way to packets.

use eframe::egui::{Align2, CornerRadius, FontId, Rect, Shape, Stroke, Vec2, pos2, vec2};

use super::Ground;
use super::layout::Level;
use super::paint::band;
use super::targets::{Group, Target, Targets};
use super::tube::Laid;
use crate::gui::command::Command;
use crate::gui::desk::Thing;
use crate::gui::theme::{alpha, med, mono, reg};
use crate::time::Duration;
use crate::topology::LinkId;

/// Draws all links.
pub fn draw(g: &Ground<'_>) {
    let (cx, t) = (g.cx, g.cx.t);
    for (link, curve) in g.layout.links.iter().enumerate() {
        let Some(curve) = curve else { continue };
        let thing = Thing::Link(LinkId(link as u32));
        let (width, colour) = match (cx.selected(&thing), cx.hovered(&thing)) {
            (true, _) => (3.0, t.accent),
            (_, true) => (2.5, t.text3),
            _ => (1.75, t.link),
        };
        g.p.add(band(curve, width, colour));
    }
}

/// The delays of links, and the labels of tubes; `taken` is where packets are. Gives the shapes, so that they can lie
/// below what was painted before.
pub fn labels(g: &Ground<'_>, tubes: &[Laid], taken: &[Rect], targets: &mut Targets) -> Vec<Shape> {
    let (cx, t) = (g.cx, g.cx.t);
    let mut shapes = Vec::new();
    let mut used: Vec<Rect> = taken.to_vec();
    for node in g.net.nodes() {
        // Tags stand on the upper edges of cards.
        used.extend(g.layout.rects(node).map(|r| Rect::from_min_max(r.min - vec2(0.0, 11.0), r.max)));
    }
    let mut put = |words: &str, font: FontId, ink, places: &[(eframe::egui::Pos2, Align2)]| -> Option<Rect> {
        let galley = g.p.layout_no_wrap(words.to_owned(), font, ink);
        for (at, anchor) in places {
            let rect = anchor.anchor_size(*at, galley.size()).expand2(vec2(3.0, 0.0));
            let rect = Rect::from_min_size(pos2(rect.left().round(), rect.top().round()), rect.size());
            let free = g.layout.region.shrink(2.0).contains_rect(rect)
                && !used.iter().any(|r| r.intersects(rect))
                && !tubes.iter().any(|tube| tube.way.crosses(rect.expand(tube.width / 2.0)));
            if free {
                used.push(rect);
                shapes.push(Shape::rect_filled(rect, CornerRadius::same(4), alpha(t.canvas, 0.88)));
                shapes.push(Shape::galley(rect.min + vec2(3.0, 0.0), galley, ink));
                return Some(rect);
            }
        }
        None
    };
    if g.layout.level == Level::Dot {
        // Names where they have room.
        for node in g.net.nodes().filter(|n| g.net.kinds[*n].is_host()) {
            let Some(spot) = g.layout.spot(node) else { continue };
            let r = spot.rect.expand(2.0);
            let places = [
                (r.center_bottom(), Align2::CENTER_TOP),
                (r.center_top(), Align2::CENTER_BOTTOM),
                (r.right_center(), Align2::LEFT_CENTER),
                (r.left_center(), Align2::RIGHT_CENTER),
            ];
            put(&g.who[node].name, mono(12.0), t.text, &places);
        }
    }
    if g.layout.level < Level::Small {
        return shapes;
    }
    for tube in tubes {
        let (at, off) = (tube.middle, tube.width / 2.0 + 4.0);
        // Above; where the way is steep, further above; beside a packet.
        let aside = [0.0, 0.0, 0.0, 0.0, -90.0, 90.0, -150.0, 150.0];
        let higher = [0.0, 6.0, 12.0, 20.0, 0.0, 0.0, 8.0, 8.0];
        let above = aside.into_iter().zip(higher).map(|(x, y)| (at + vec2(x, -off - y), Align2::CENTER_BOTTOM));
        let places: Vec<_> = above.chain([0.0, -90.0, 90.0].map(|x| (at + vec2(x, off), Align2::CENTER_TOP))).collect();
        // Without room for its words it can still be reached.
        let bare = Rect::from_center_size(at, vec2(40.0, tube.width));
        let rect = put(&tube.label, med(13.0), t.text, &places).unwrap_or(bare);
        let thing = Thing::Connection(tube.conn);
        let name = |n: crate::topology::NodeId| g.who.get(n.0 as usize).map_or("?", |w| w.name.as_str());
        let server = tube.ends.1.map_or("nobody", name);
        let state = if tube.open { "open" } else { "handshake not done" };
        targets.push(Target {
            group: Group::Tubes,
            key: (tube.conn.0 as usize, 0),
            rect,
            radius: 4,
            thing: Some(thing.clone()),
            name: format!(
                "TCP connection from {} (client) to {server} (server), {}, {state}",
                name(tube.ends.0),
                tube.label
            ),
            help: String::new(),
            command: Some(Command::Select(Some(thing))),
        });
    }
    for (link, curve) in g.layout.links.iter().enumerate() {
        let Some(curve) = curve else { continue };
        let Some(wire) = cx.run.ready.setup.links.get(link) else { continue };
        let delay = cx.run.ready.setup.delay_at(LinkId(link as u32), cx.at);
        if delay == Duration::ZERO || curve.length() < 40.0 {
            continue;
        }
        let words = delay.to_string();
        let (at, along) = curve.at(0.5);
        let steep = along.y.abs() > along.x.abs();
        let off = if tubes.is_empty() { 6.0 } else { 12.0 };
        let places = if steep {
            [(at + vec2(off + 2.0, 0.0), Align2::LEFT_CENTER), (at - vec2(off + 2.0, 0.0), Align2::RIGHT_CENTER)]
        } else {
            [(at + vec2(0.0, off), Align2::CENTER_TOP), (at + vec2(0.0, off + 8.0), Align2::CENTER_TOP)]
        };
        let Some(rect) = put(&words, reg(13.0), t.text2, &places) else { continue };
        let thing = Thing::Link(LinkId(link as u32));
        let name = |n: crate::topology::NodeId| g.who.get(n.0 as usize).map_or("?", |w| w.name.as_str());
        targets.push(Target {
            group: Group::Links,
            key: (link, 0),
            rect,
            radius: 4,
            thing: Some(thing.clone()),
            name: format!("link from {} to {}, {words} one way", name(wire.a), name(wire.b)),
            help: String::new(),
            command: Some(Command::Select(Some(thing))),
        });
    }
    shapes
}

/// The ground of the stage: dots that give the eye a measure.
pub fn dots(region: Rect, colour: eframe::egui::Color32) -> eframe::egui::Mesh {
    let mut mesh = eframe::egui::Mesh::default();
    let step = 22.0;
    let mut y = region.top() + step / 2.0;
    while y < region.bottom() {
        let mut x = region.left() + step / 2.0;
        while x < region.right() {
            mesh.add_colored_rect(Rect::from_center_size(pos2(x, y), Vec2::splat(1.5)), colour);
            x += step;
        }
        y += step;
    }
    mesh
}

/// What lies behind a site: its hosts, and the domain that they are in.
pub fn zones(g: &Ground<'_>) -> Vec<Rect> {
    let t = g.cx.t;
    let mut names = Vec::new();
    if g.layout.level < Level::Middle {
        return names;
    }
    let region = g.layout.region;
    let bottom = if g.layout.has_legend() { super::layout::LEGEND } else { 4.0 };
    let inner = Rect::from_min_max(region.min + vec2(8.0, 8.0), pos2(region.right() - 8.0, region.bottom() - bottom));
    let bound = |nodes: &[usize]| {
        let all = nodes.iter().flat_map(|n| g.layout.rects(*n));
        all.fold(Rect::NOTHING, Rect::union).expand2(vec2(11.0, 14.0))
    };
    let zones: Vec<Rect> = g.layout.sites.iter().map(|s| bound(s)).collect();
    for (i, (site, zone)) in g.layout.sites.iter().zip(&zones).enumerate() {
        let hosts = site.iter().filter(|n| g.net.kinds[**n].is_host()).count();
        let apart = zones.iter().enumerate().all(|(k, z)| k == i || !z.intersects(*zone));
        if hosts < 2 || !apart || g.net.kinds.len() == site.len() {
            continue;
        }
        // From top to bottom, where nothing else is in the way.
        let tall = Rect::from_min_max(pos2(zone.left(), inner.top()), pos2(zone.right(), inner.bottom()));
        let free = zones.iter().enumerate().all(|(k, z)| k == i || !z.intersects(tall));
        let zone = if free { tall } else { *zone };
        let zone = zone.intersect(inner);
        let corner = CornerRadius::same(14);
        g.p.rect(zone, corner, alpha(t.zone, 0.92), Stroke::new(1.0, t.border), eframe::egui::StrokeKind::Inside);
        let first =
            site.iter().filter(|n| g.net.kinds[**n].is_host()).map(|n| g.layout.spot(*n).map_or(0.0, |s| s.rect.top()));
        let room = first.fold(f32::INFINITY, f32::min) - zone.top();
        let Some(domain) = g.domain(site).filter(|_| room > 30.0) else { continue };
        let right = zone.center().x > region.center().x;
        let (at, anchor) = if right {
            (zone.right_top() + vec2(-14.0, 10.0), Align2::RIGHT_TOP)
        } else {
            (zone.left_top() + vec2(14.0, 10.0), Align2::LEFT_TOP)
        };
        names.push(g.p.text(at, anchor, domain, med(13.0), t.text3));
    }
    names
}
