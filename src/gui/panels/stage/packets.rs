//! Packets as shapes. The shape says what is carried: a dot is TCP alone, a bubble a command or reply, a sheet bytes
//! of the letter, a circle with a question mark DNS, a box with a corner an object of HTTP, a padlock what TLS has
//! sealed. The protocol's name stands below; its colour comes third.

use eframe::egui::epaint::PathShape;
use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{
    self, Align2, Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2, vec2,
};

use super::Ground;
use super::flight::{Pose, why_lost};
use super::layout::Level;
use super::letter::sheet;
use super::paint::{measure, plate};
use super::targets::{Group, Target, Targets};
use crate::dissect::Carries;
use crate::gui::command::Command;
use crate::gui::desk::Thing;
use crate::gui::theme::{Icon, Proto, Tokens, alpha, mix, mono, mono_med, semi};
use crate::gui::widgets::{icon_at, text};

/// Widest text of a bubble.
const WIDEST: f32 = 200.0;
/// Height of a bubble.
const BUBBLE: f32 = 26.0;
/// Length of its tip.
const TIP: f32 = 11.0;
/// What a bubble is wider than its words.
const BUBBLE_EDGE: f32 = 16.0 + TIP;

/// A shape of the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// TCP alone.
    Dot,
    /// A command or reply.
    Bubble,
    /// Bytes of the letter.
    Sheet,
    /// DNS.
    Circle,
    /// An object of HTTP.
    Box,
    /// ARP, ICMP.
    Square,
    /// Records of TLS.
    Sealed,
}

impl Form {
    /// Of what is carried.
    pub const fn of(carries: &Carries) -> Form {
        match carries {
            Carries::Syn | Carries::SynAck | Carries::Ack | Carries::Fin | Carries::Rst | Carries::Other => Form::Dot,
            Carries::Command(_) | Carries::Reply(_) | Carries::HttpRequest(_) => Form::Bubble,
            Carries::Letter { .. } => Form::Sheet,
            Carries::Query(_) | Carries::Answer(_) => Form::Circle,
            Carries::HttpObject { .. } => Form::Box,
            Carries::Arp(_) | Carries::Icmp(_) => Form::Square,
            Carries::Sealed(_) => Form::Sealed,
        }
    }
}

/// What a packet says: the text in or above its shape.
pub fn words(carries: &Carries) -> String {
    let first_line = |s: &str| {
        let mut lines = s.lines();
        let first = lines.next().unwrap_or_default().to_owned();
        if lines.next().is_some() { format!("{first} ...") } else { first }
    };
    match carries {
        Carries::Syn => "SYN".to_owned(),
        Carries::SynAck => "SYN, ACK".to_owned(),
        Carries::Ack => "ACK".to_owned(),
        Carries::Fin => "FIN".to_owned(),
        Carries::Rst => "RST".to_owned(),
        Carries::Other => String::new(),
        Carries::Command(s) | Carries::Reply(s) | Carries::HttpRequest(s) => first_line(s),
        Carries::Query(s) | Carries::Answer(s) | Carries::Arp(s) | Carries::Icmp(s) => first_line(s),
        // Of several records the first: the others stand in the layers.
        Carries::Sealed(s) if s.contains("Hello") => s.split(',').next().unwrap_or_default().to_owned(),
        Carries::Sealed(_) => "sealed".to_owned(),
        Carries::Letter { part, of, .. } => format!("{part} of {of}"),
        Carries::HttpObject { name, part: 1, of: 1 } => name.clone(),
        Carries::HttpObject { name, part, of } => format!("{name}, {part} of {of}"),
    }
}

/// Where the words above a dot stand: protocols' names give way to them.
pub fn above_dot(g: &Ground<'_>, pose: &Pose) -> Option<Rect> {
    let row = g.cx.run.packets.row(pose.packet)?;
    let said = words(&row.carries);
    let shown = Form::of(&row.carries) == Form::Dot && pose.fallen.is_none() && !said.is_empty();
    let foot = pose.at + aside(pose, Form::Dot) - vec2(0.0, 10.0);
    let size = measure(&g.p, &said, semi(13.0)) + vec2(6.0, 0.0);
    shown.then(|| Align2::CENTER_BOTTOM.anchor_size(foot, size))
}

/// Draws a packet; gives the rectangle that it fills. With a letter that is drawn as the letter itself, `sheet_too` is
/// false. What is said above `dots` is not covered.
pub fn draw(g: &Ground<'_>, pose: &Pose, sheet_too: bool, dots: &[Rect], targets: &mut Targets) -> Rect {
    let (cx, t, p) = (g.cx, g.cx.t, &g.p);
    let Some(row) = cx.run.packets.row(pose.packet) else { return Rect::NOTHING };
    let lost = pose.fallen.is_some();
    let colour = if lost { t.proto(Proto::Lost) } else { t.proto(Proto::of(row.protocol)) };
    let said = words(&row.carries);
    let fall = pose.fallen.map_or(0.0, |f| 12.0 * ease(f));
    let form = Form::of(&row.carries);
    let at = pose.at + vec2(0.0, fall) + aside(pose, form);
    let mut name = format!("packet {}: {} {said}", pose.packet.0 + 1, row.protocol);
    if row.retransmission {
        name += ", sent again";
    }
    if let Some(loss) = pose.loss {
        name += &format!(", lost: {}", why_lost(loss));
    }
    let thing = Thing::Packet(pose.packet);
    let selected = cx.selected(&thing);
    let small = g.layout.level <= Level::Tiny;
    let label = if small { "" } else { row.protocol };
    let mut rect = match form {
        _ if small => dot(p, at, 5.0, colour, "", t),
        _ if lost => fallen(p, at, pose, &said, t),
        Form::Dot => dot(p, at, 7.0, colour, &said, t),
        Form::Bubble => {
            let room = if g.layout.level >= Level::Middle { WIDEST } else { 96.0 };
            bubble(p, at, pose, &said, colour, room_between_cards(g, at, pose, room), selected, t)
        }
        Form::Sheet => {
            if sheet_too {
                sheet(p, at, g.layout.sizes.letter, colour, false, t);
            }
            let rect = Rect::from_center_size(at, g.layout.sizes.letter);
            // On the side where no card is near.
            let right = (pose.share < 0.5) == (pose.side > 0.0);
            let (x, anchor) = if right {
                (rect.right() + 5.0, Align2::LEFT_CENTER)
            } else {
                (rect.left() - 5.0, Align2::RIGHT_CENTER)
            };
            rect.union(plate(p, pos2(x, rect.center().y), anchor, &said, semi(13.0), t.text, t))
        }
        Form::Circle => circle(g, at, pose, colour, &said, matches!(row.carries, Carries::Answer(_)), t),
        Form::Box => object(g, at, pose, colour, &said, t),
        Form::Square => square(g, at, pose, colour, &said, t),
        Form::Sealed => sealed(g, at, pose, colour, &said, t),
    };
    if lost && small {
        cross(p, at, 8.0, t);
    }
    let words = if lost { format!("{label}, lost") } else { label.to_owned() };
    if !label.is_empty()
        && (!lost || !pose.crowded)
        && let Some(below) = under(g, form, at, rect, lost, &words, dots)
    {
        let ink = if lost { t.on_tint(colour) } else { mix(t.on_tint(colour), t.text, 0.2) };
        rect = rect.union(plate(p, below, Align2::CENTER_TOP, &words, semi(12.0), ink, t));
    }
    if let Some(number) = pose.number.filter(|_| !small) {
        let corner = match form {
            Form::Bubble => rect.left_top() + vec2(if pose.side > 0.0 { 2.0 } else { 8.0 }, 0.0),
            // On the other side than its words.
            Form::Sheet if (pose.share < 0.5) != (pose.side > 0.0) => at + vec2(23.0, 0.0),
            _ => at + vec2(-23.0, 0.0),
        };
        rect = rect.union(number_disc(p, corner, number, t));
    }
    if pose.more > 0 {
        // Those behind it.
        let words = format!("+ {} more", pose.more);
        name += &format!(", and {} more behind it", pose.more);
        let above = pos2(rect.center().x, rect.top() - 3.0);
        rect = rect.union(plate(p, above, Align2::CENTER_BOTTOM, &words, semi(12.0), t.text2, t));
    }
    targets.push(Target {
        group: Group::Packets,
        key: (pose.packet.0 as usize, 0),
        rect,
        radius: 8,
        thing: Some(thing.clone()),
        name,
        help: String::new(),
        command: Some(Command::Select(Some(thing))),
    });
    rect
}

fn ease(x: f32) -> f32 {
    x * x * (3.0 - 2.0 * x)
}

fn shape_bottom(form: Form, at: Pos2, g: &Ground<'_>) -> f32 {
    at.y + match form {
        Form::Dot => 7.0,
        Form::Bubble => 13.0,
        Form::Sheet => g.layout.sizes.letter.y / 2.0,
        Form::Circle => 12.0,
        Form::Box => 14.0,
        Form::Square => 9.0,
        Form::Sealed => 12.0,
    }
}

/// Where the protocol's name stands: below the shape; beside a card, router or switch that would hide it; nowhere if
/// there is no room (the tooltip says it).
fn under(g: &Ground<'_>, form: Form, at: Pos2, rect: Rect, lost: bool, words: &str, dots: &[Rect]) -> Option<Pos2> {
    let y = if lost { at.y + 13.0 } else { shape_bottom(form, at, g) + 3.0 };
    let half = measure(&g.p, words, semi(12.0)) / 2.0 + vec2(5.0, 2.0);
    let free = |place: &Pos2| {
        let plate = Rect::from_center_size(*place + vec2(0.0, half.y), 2.0 * half);
        // Tags stand on the upper edges of cards.
        let near = |r: Rect| Rect::from_min_max(r.min - vec2(0.0, 11.0), r.max).intersects(plate);
        !g.net.nodes().any(|n| g.layout.rects(n).any(near)) && !dots.iter().any(|said| said.intersects(plate))
    };
    let middle = rect.center().x;
    let (left, right) = (rect.left() + half.x, rect.right() - half.x);
    let beside = |x: f32| pos2(x, y);
    let places = match form {
        _ if lost => vec![beside(at.x), pos2(at.x, at.y - 15.0 - 2.0 * half.y)],
        Form::Bubble => [middle, (left + middle) / 2.0, (right + middle) / 2.0, left, right].map(beside).to_vec(),
        _ => vec![beside(at.x)],
    };
    places.into_iter().find(free)
}

/// A small disc with a number.
pub fn number_disc(p: &Painter, at: Pos2, number: usize, t: &Tokens) -> Rect {
    p.circle(at, 8.5, t.text, Stroke::new(1.5, t.canvas));
    text(p, at, Align2::CENTER_CENTER, number, semi(12.0), t.canvas);
    Rect::from_center_size(at, Vec2::splat(17.0))
}

/// Where a packet stands of several at one place: small ones beside the door, bubbles above each other.
fn aside(pose: &Pose, form: Form) -> Vec2 {
    let n = pose.pile as f32;
    if pose.upright && form != Form::Bubble {
        vec2(if form == Form::Sheet { -84.0 } else { -46.0 } * pose.side * n, 0.0)
    } else {
        vec2(0.0, -36.0 * n)
    }
}

/// What is left of a packet: the cross, and behind it what it said.
fn fallen(p: &Painter, at: Pos2, pose: &Pose, said: &str, t: &Tokens) -> Rect {
    cross(p, at, 11.0, t);
    let rect = Rect::from_center_size(at, Vec2::splat(24.0));
    if said.is_empty() || pose.crowded {
        return rect;
    }
    let galley = said_line(p, said, 130.0, t);
    let x = if pose.side > 0.0 { rect.left() - 6.0 - galley.size().x } else { rect.right() + 6.0 };
    let plate = Rect::from_min_size(pos2(x.round(), (at.y - galley.size().y / 2.0).round()), galley.size());
    p.rect_filled(plate.expand2(vec2(4.0, 1.0)), CornerRadius::same(4), alpha(t.canvas, 0.9));
    p.galley(plate.min, galley, t.text);
    rect.union(plate.expand2(vec2(4.0, 1.0)))
}

fn dot(p: &Painter, at: Pos2, radius: f32, colour: Color32, said: &str, t: &Tokens) -> Rect {
    p.circle(at, radius, colour, Stroke::new(2.0, t.canvas));
    let rect = Rect::from_center_size(at, Vec2::splat(2.0 * radius + 4.0));
    if said.is_empty() {
        return rect;
    }
    rect.union(plate(p, at - vec2(0.0, radius + 3.0), Align2::CENTER_BOTTOM, said, semi(13.0), t.text, t))
}

/// The line of a command or reply: its first word (or three digits) is semibold.
fn said_line(p: &Painter, said: &str, width: f32, t: &Tokens) -> std::sync::Arc<egui::Galley> {
    let end = said.find([' ', '-', ':']).unwrap_or(said.len());
    let mut job = LayoutJob::default();
    job.append(&said[..end], 0.0, TextFormat::simple(mono_med(13.0), t.text));
    job.append(&said[end..], 0.0, TextFormat::simple(mono(13.0), t.text));
    job.wrap = TextWrapping::truncate_at_width(width);
    p.layout_job(job)
}

/// How wide the words of a bubble may be, at most `most`: a card hides what lies behind it.
fn room_between_cards(g: &Ground<'_>, at: Pos2, pose: &Pose, most: f32) -> f32 {
    const GAP: f32 = 3.0;
    let left = pose.left;
    let height = (at.y - BUBBLE / 2.0)..=(at.y + BUBBLE / 2.0);
    let hosts = g.net.nodes().filter(|n| g.net.kinds[*n].is_host());
    let mut widest = most + BUBBLE_EDGE;
    for card in hosts.flat_map(|n| g.layout.rects(n)) {
        if card.bottom() < *height.start() || card.top() > *height.end() {
            continue;
        }
        if card.right() < at.x && left > 0.0 {
            widest = widest.min((at.x - card.right() - GAP) / left);
        }
        if card.left() > at.x && left < 1.0 {
            widest = widest.min((card.left() - at.x - GAP) / (1.0 - left));
        }
    }
    // A reply's digits are always there.
    (widest - BUBBLE_EDGE).max(40.0)
}

#[expect(clippy::too_many_arguments, reason = "one shape, drawn in one place")]
fn bubble(
    p: &Painter,
    at: Pos2,
    pose: &Pose,
    said: &str,
    colour: Color32,
    room: f32,
    selected: bool,
    t: &Tokens,
) -> Rect {
    let galley = said_line(p, said, room, t);
    let size = vec2(galley.size().x + BUBBLE_EDGE, BUBBLE);
    let left = at.x - size.x * pose.left;
    let rect = Rect::from_min_size(pos2(left.round(), (at.y - size.y / 2.0).round()), size);
    let ground = if selected { t.tint(t.accent) } else { t.tint(colour) };
    let (r, tip) = (5.0, rect.center().y);
    let mut points = vec![
        pos2(rect.left() + r, rect.top()),
        pos2(rect.right() - TIP, rect.top()),
        pos2(rect.right(), tip),
        pos2(rect.right() - TIP, rect.bottom()),
        pos2(rect.left() + r, rect.bottom()),
        pos2(rect.left() + r * 0.3, rect.bottom() - r * 0.3),
        pos2(rect.left(), rect.bottom() - r),
        pos2(rect.left(), rect.top() + r),
        pos2(rect.left() + r * 0.3, rect.top() + r * 0.3),
    ];
    if pose.side < 0.0 {
        for q in &mut points {
            q.x = rect.left() + rect.right() - q.x;
        }
        points.reverse();
    }
    p.add(egui::Shadow { offset: [0, 2], blur: 8, spread: 0, color: t.shadow }.as_shape(rect, CornerRadius::same(6)));
    p.add(Shape::Path(PathShape::convex_polygon(points, ground, Stroke::new(1.5, colour))));
    let x = rect.left() + if pose.side > 0.0 { 9.0 } else { TIP + 7.0 };
    let galley_at = pos2(x, (rect.center().y - galley.size().y / 2.0).round());
    p.galley(galley_at, galley, t.text);
    rect
}

fn circle(g: &Ground<'_>, at: Pos2, pose: &Pose, colour: Color32, said: &str, answer: bool, t: &Tokens) -> Rect {
    let p = &g.p;
    // A question is filled; its answer is the ring of the same circle.
    let (ground, ink) = if answer { (t.surface, t.on_tint(colour)) } else { (colour, t.ink(colour)) };
    p.circle(at, 13.5, t.canvas, Stroke::NONE);
    p.circle(at, 12.0, ground, Stroke::new(2.0, colour));
    text(p, at, Align2::CENTER_CENTER, "?", semi(16.0), ink);
    let rect = Rect::from_center_size(at, Vec2::splat(26.0));
    rect.union(said_above(g, at - vec2(0.0, 15.0), pose, said, t))
}

fn square(g: &Ground<'_>, at: Pos2, pose: &Pose, colour: Color32, said: &str, t: &Tokens) -> Rect {
    let p = &g.p;
    let rect = Rect::from_center_size(at, Vec2::splat(18.0));
    p.rect(rect, CornerRadius::same(4), colour, Stroke::new(2.0, t.canvas), StrokeKind::Outside);
    rect.union(said_above(g, at - vec2(0.0, 12.0), pose, said, t))
}

/// What only the two ends can read.
fn sealed(g: &Ground<'_>, at: Pos2, pose: &Pose, colour: Color32, said: &str, t: &Tokens) -> Rect {
    let p = &g.p;
    let rect = Rect::from_center_size(at, vec2(26.0, 24.0));
    p.rect(rect, CornerRadius::same(6), colour, Stroke::new(2.0, t.canvas), StrokeKind::Outside);
    icon_at(p, at, Icon::Lock, 15.0, t.ink(colour));
    rect.union(said_above(g, at - vec2(0.0, 15.0), pose, said, t))
}

fn object(g: &Ground<'_>, at: Pos2, pose: &Pose, colour: Color32, said: &str, t: &Tokens) -> Rect {
    let p = &g.p;
    let rect = Rect::from_center_size(at, vec2(26.0, 28.0));
    let cut = 8.0;
    let points = vec![
        rect.left_top(),
        pos2(rect.right() - cut, rect.top()),
        pos2(rect.right(), rect.top() + cut),
        rect.right_bottom(),
        rect.left_bottom(),
    ];
    p.add(Shape::Path(PathShape::convex_polygon(points, colour, Stroke::new(2.0, t.canvas))));
    let ink = t.ink(colour);
    let fold = [
        pos2(rect.right() - cut, rect.top()),
        pos2(rect.right() - cut, rect.top() + cut),
        pos2(rect.right(), rect.top() + cut),
    ];
    p.add(Shape::Path(PathShape::line(fold.to_vec(), Stroke::new(1.5, ink))));
    rect.union(said_above(g, at - vec2(0.0, 17.0), pose, said, t))
}

/// Protocol text above a shape, cut; to the side where no card is near.
fn said_above(g: &Ground<'_>, at: Pos2, pose: &Pose, said: &str, t: &Tokens) -> Rect {
    if said.is_empty() {
        return Rect::from_min_size(at, Vec2::ZERO);
    }
    let p = &g.p;
    let galley = said_line(p, said, WIDEST, t);
    let size = galley.size();
    let plate = |behind: f32| {
        let left = at.x - 12.0 - (size.x - 24.0).max(0.0) * behind;
        Rect::from_min_size(pos2(left, at.y - size.y), size).expand2(vec2(4.0, 0.0))
    };
    let free = |r: &Rect| !g.net.nodes().any(|n| g.layout.rects(n).any(|card| card.intersects(*r)));
    let rect = [pose.left, 0.0, 1.0].map(plate).into_iter().find(free).unwrap_or_else(|| plate(pose.left));
    p.rect_filled(rect, CornerRadius::same(4), alpha(t.canvas, 0.9));
    p.galley(pos2((rect.left() + 4.0).round(), rect.top().round()), galley, t.text);
    rect
}

/// The cross of a loss.
pub fn cross(p: &Painter, at: Pos2, radius: f32, t: &Tokens) {
    let colour = t.proto(Proto::Lost);
    p.circle(at, radius, colour, Stroke::new(2.0, t.canvas));
    icon_at(p, at, Icon::X, radius * 1.36, t.ink(colour));
}

/// The way of a packet without a flight: an arrow from its begin to its end.
pub fn arrow(g: &Ground<'_>, points: &[Pos2], colour: Color32) {
    let Some((end, before)) =
        points.last().zip(points.iter().rev().find(|q| points.last().is_some_and(|e| q.distance(*e) > 6.0)))
    else {
        return;
    };
    let p = &g.p;
    p.add(Shape::Path(PathShape::line(points.to_vec(), Stroke::new(2.5, colour))));
    let along = (*end - *before).normalized();
    let across = vec2(-along.y, along.x);
    let head = vec![*end + along * 2.0, *end - along * 11.0 + across * 6.5, *end - along * 11.0 - across * 6.5];
    p.add(Shape::Path(PathShape::convex_polygon(head, colour, Stroke::NONE)));
}
