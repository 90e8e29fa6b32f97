//! The letter and the packets around it as bars, widths true to the byte counts.

use eframe::egui::epaint::{Mesh, Vertex, WHITE_UV};
use eframe::egui::{
    Align2, Color32, CornerRadius, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

use super::raw::{Lines, Part};
use super::wrapping::{Bytes, Wrapping};
use crate::dissect::LayerKind;
use crate::gui::cx::Cx;
use crate::gui::theme::{Proto, Tokens, alpha, med, reg};
use crate::gui::widgets::{elided, text};
use crate::time::grouped;

/// Height of a bar.
const BAR: f32 = 34.0;
/// Between the letter and the packets: room for what connects them.
const BETWEEN: f32 = 28.0;
/// Between two packets.
const GAP: f32 = 7.0;
/// More packets than these are counted, not drawn.
const MOST: usize = 12;

/// What the bars need in height, with their words.
pub const HEIGHT: f32 = 24.0 + BAR + BETWEEN + BAR + 26.0;

/// Where the letter and each packet begin, and how wide a byte is.
struct Plan {
    scale: f32,
    letter: f32,
    packets: Vec<f32>,
}

impl Plan {
    fn new(width: f32, letter: usize, wrapping: Option<&Wrapping>) -> Plan {
        let parcels = wrapping.map_or(&[][..], |w| &w.parcels[..w.parcels.len().min(MOST)]);
        match (parcels, wrapping) {
            // One packet: the letter lies exactly above its bytes in it.
            ([one], Some(w)) => {
                let left = one.before().max(w.added) as f32;
                let right = (one.frame() - one.before()).max(letter - w.added) as f32;
                let scale = width / (left + right).max(1.0);
                let packet = (left - one.before() as f32) * scale;
                Plan { scale, letter: (left - w.added as f32) * scale, packets: vec![packet] }
            }
            _ => {
                let all: usize = parcels.iter().map(super::wrapping::Parcel::frame).sum();
                let gaps = parcels.len().saturating_sub(1) as f32 * GAP;
                let scale = ((width - gaps) / all.max(1) as f32).min(width / letter.max(1) as f32);
                let mut x = 0.0;
                let place = |p: &super::wrapping::Parcel| {
                    let at = x;
                    x += p.frame() as f32 * scale + GAP;
                    at
                };
                Plan { scale, letter: 0.0, packets: parcels.iter().map(place).collect() }
            }
        }
    }
}

/// Draws into `ui.max_rect()`, [`HEIGHT`] high.
pub fn show(ui: &Ui, lines: &Lines, wrapping: Option<&Wrapping>, cx: &Cx<'_>) {
    let t = cx.t;
    let whole = ui.max_rect();
    let plan = Plan::new(whole.width(), lines.bytes, wrapping);
    let p = ui.painter();
    let head = format!("The letter: {}", lines.counted());
    let tag = "RFC 5322, formerly 2822, syntax";
    titled(ui, Rect::from_min_size(whole.min, vec2(whole.width(), 22.0)), &head, tag, t);
    let top = whole.top() + 24.0;
    let bar = |x: f32, bytes: usize, y: f32| {
        Rect::from_min_size(pos2(whole.left() + x, y), vec2(bytes as f32 * plan.scale, BAR))
    };
    let mut x = plan.letter;
    for part in [Part::Header, Part::Empty, Part::Body] {
        let range = lines.range(part);
        let rect = bar(x, range.len(), top);
        segment(ui, rect, ("letter", range.start), part.name(), range.len(), part.colour(t), t);
        x += rect.width();
    }
    let Some(wrapping) = wrapping else {
        let y = top + BAR + BETWEEN;
        let words =
            "Not on the wire yet: it has only been written. Go forward, and TCP, IP and link bytes lie around it.";
        elided(p, pos2(whole.left(), y + 10.0), words, reg(13.0), t.text2, whole.width());
        return;
    };
    let y = top + BAR + BETWEEN;
    for (parcel, at) in wrapping.parcels.iter().zip(&plan.packets) {
        let mut x = *at;
        let from = parcel.letter.clone();
        let above = |o: usize| whole.left() + plan.letter + (wrapping.added + o) as f32 * plan.scale;
        let mut below: Option<(f32, f32)> = None;
        for (n, (what, bytes)) in parcel.parts.iter().enumerate() {
            let rect = bar(x, *bytes, y);
            if matches!(what, Bytes::Letter(_)) {
                below = Some((below.map_or(rect.left(), |b| b.0), rect.right()));
            }
            let (name, colour) = named(*what, t);
            segment(ui, rect, ("packet", parcel.packet.0 as usize * 64 + n), name, *bytes, colour, t);
            x += rect.width();
        }
        let frame = bar(*at, parcel.frame(), y);
        p.rect_stroke(frame.expand(2.0), CornerRadius::same(5), Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
        if let Some(below) = below {
            let c = alpha(t.text3, 0.13);
            connect(p, (above(from.start), above(from.end), top + BAR + 2.0), (below.0, below.1, y - 3.0), c);
        }
    }
    told(ui, Rect::from_min_max(pos2(whole.left(), y + BAR + 5.0), whole.max), wrapping, t);
}

/// A head at the left and the standard at the right.
pub fn titled(ui: &Ui, rect: Rect, head: &str, tag: &str, t: &Tokens) {
    let p = ui.painter();
    let galley = p.layout_no_wrap(tag.to_owned(), med(12.0), t.on_tint(t.accent));
    let plate = Rect::from_min_size(
        pos2(rect.right() - galley.size().x - 14.0, rect.center().y - 10.0),
        vec2(galley.size().x + 14.0, 19.0),
    );
    let room = rect.width() > galley.size().x + 190.0;
    if room {
        p.rect_filled(plate, CornerRadius::same(4), t.tint(t.accent));
        p.galley(plate.min + vec2(7.0, 2.0), galley, t.text);
    }
    let width = if room { plate.left() - rect.left() - 10.0 } else { rect.width() };
    let (area, _) = elided(p, pos2(rect.left(), rect.center().y), head, med(13.5), t.text, width);
    let response = ui.interact(area, ui.scope_id().with(("titled", tag)), Sense::hover());
    let says = format!("{head} ({tag})");
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &says));
    response.on_hover_text(says);
}

fn named(what: Bytes, t: &Tokens) -> (&'static str, Color32) {
    match what {
        Bytes::Layer(LayerKind::Link, _) => ("Ethernet", t.layer_link),
        Bytes::Layer(LayerKind::Network, _) => ("IP", t.layer_network),
        Bytes::Layer(_, _) => ("TCP", t.layer_transport),
        Bytes::Letter(part) => (part.name(), part.colour(t)),
        Bytes::Protocol(name) => (name, t.proto(Proto::of(name))),
    }
}

/// A piece of a bar: its name inside where it fits, else on hover.
fn segment(ui: &Ui, rect: Rect, id: (&'static str, usize), name: &str, bytes: usize, c: Color32, t: &Tokens) {
    if bytes == 0 {
        return;
    }
    let p = ui.painter();
    let corner = CornerRadius::same(if rect.width() > 8.0 { 3 } else { 0 });
    // The gap between pieces is taken from the inside, never from a piece of two bytes.
    let inner = if rect.width() > 6.0 { rect.shrink2(vec2(0.75, 0.0)) } else { rect };
    p.rect(inner, corner, t.tint(c), Stroke::new(1.0, alpha(c, 0.55)), StrokeKind::Inside);
    p.rect_filled(Rect::from_min_max(pos2(inner.left(), inner.bottom() - 4.0), inner.max), CornerRadius::ZERO, c);
    let size = |s: &str| p.layout_no_wrap(s.to_owned(), med(12.5), t.text).size().x;
    let full = format!("{name} {}", grouped(bytes as u64));
    let number = grouped(bytes as u64);
    let at = rect.center() - vec2(0.0, 2.0);
    let ink = t.on_tint(c);
    if size(&full) + 10.0 < rect.width() {
        text(p, at, Align2::CENTER_CENTER, &full, med(12.5), ink);
    } else if size(name) + 2.0 < rect.width() && size(&number) + 2.0 < rect.width() {
        text(p, at - vec2(0.0, 7.0), Align2::CENTER_CENTER, name, med(12.0), ink);
        text(p, at + vec2(0.0, 7.0), Align2::CENTER_CENTER, &number, med(12.0), ink);
    } else if size(&number) + 2.0 < rect.width() {
        text(p, at, Align2::CENTER_CENTER, &number, med(12.0), ink);
    }
    let says = match bytes {
        1 => format!("{name}: 1 byte"),
        n => format!("{name}: {} bytes", grouped(n as u64)),
    };
    // What is narrower than a finger is still found.
    let area = rect.expand2(vec2(((6.0 - rect.width()) / 2.0).max(0.0), 0.0));
    let response = ui.interact(area, ui.scope_id().with(id), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &says));
    if response.hovered() {
        p.rect_stroke(inner.expand(1.0), corner, Stroke::new(1.5, t.text3), StrokeKind::Outside);
    }
    response.on_hover_text(says);
}

/// From the bytes in the letter to the same bytes in the packet.
fn connect(p: &Painter, (left, right, top): (f32, f32, f32), (l, r, bottom): (f32, f32, f32), c: Color32) {
    let v = |pos: Pos2| Vertex { pos, uv: WHITE_UV, color: c };
    let vertices = vec![v(pos2(left, top)), v(pos2(right, top)), v(pos2(r, bottom)), v(pos2(l, bottom))];
    p.add(Shape::mesh(Mesh { vertices, indices: vec![0, 1, 2, 0, 2, 3], ..Mesh::default() }));
}

/// The sum in words.
fn told(ui: &Ui, rect: Rect, wrapping: &Wrapping, t: &Tokens) {
    let of = |kind: LayerKind| -> usize {
        let parts = wrapping.parcels.iter().flat_map(|p| &p.parts);
        parts.filter(|(b, _)| matches!(b, Bytes::Layer(k, _) if *k == kind)).map(|(_, n)| n).sum()
    };
    let count = wrapping.parcels.len();
    let packets = if count == 1 { "1 packet".to_owned() } else { format!("{count} packets") };
    let more = if count > MOST { format!(" ({MOST} of them drawn)") } else { String::new() };
    let own: usize = wrapping
        .parcels
        .iter()
        .flat_map(|p| &p.parts)
        .filter(|(b, _)| matches!(b, Bytes::Protocol(_)))
        .map(|(_, n)| n)
        .sum();
    let mut words = format!(
        "On the wire, {}, {packets}{more}: letter {} + {} {} + TCP {} + IP {} + link {} bytes",
        wrapping.way,
        grouped(wrapping.sent as u64),
        wrapping.protocol,
        grouped(own as u64),
        grouped(of(LayerKind::Transport) as u64),
        grouped(of(LayerKind::Network) as u64),
        grouped(of(LayerKind::Link) as u64),
    );
    if wrapping.added > 0 {
        words.push_str(&format!("; {} bytes were put in front later", grouped(wrapping.added as u64)));
    }
    let (area, _) = elided(ui.painter(), pos2(rect.left(), rect.top() + 9.0), &words, reg(12.5), t.text2, rect.width());
    let response = ui.interact(area, ui.scope_id().with("sum"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    response.on_hover_text(words);
}

#[cfg(test)]
mod tests {
    use super::super::wrapping::Parcel;
    use super::*;
    use crate::trace::PacketId;

    fn parcel(letter: std::ops::Range<usize>) -> Parcel {
        let parts = vec![
            (Bytes::Layer(LayerKind::Link, "Ethernet II"), 14),
            (Bytes::Layer(LayerKind::Network, "IPv4"), 20),
            (Bytes::Layer(LayerKind::Transport, "TCP"), 20),
            (Bytes::Letter(Part::Header), letter.len()),
        ];
        Parcel { packet: PacketId(0), parts, letter }
    }

    fn wrapping(parcels: Vec<Parcel>, added: usize) -> Wrapping {
        Wrapping { way: String::new(), protocol: "SMTP", added, sent: 300, parcels }
    }

    #[test]
    fn in_one_packet_the_letter_lies_above_its_own_bytes() {
        for added in [0, 30, 200] {
            let w = wrapping(vec![parcel(0..300)], added);
            let plan = Plan::new(900.0, 300 + added, Some(&w));
            let in_letter = plan.letter + added as f32 * plan.scale;
            let in_packet = plan.packets[0] + 54.0 * plan.scale;
            assert!((in_letter - in_packet).abs() < 0.01);
            assert!(plan.letter + (300 + added) as f32 * plan.scale <= 900.01 && plan.letter >= 0.0);
        }
    }

    #[test]
    fn several_packets_stand_in_a_row_at_the_scale_of_the_letter() {
        let w = wrapping(vec![parcel(0..1460), parcel(1460..2920), parcel(2920..3000)], 0);
        let plan = Plan::new(900.0, 3000, Some(&w));
        let end = plan.packets[2] + 134.0 * plan.scale;
        assert!(end <= 900.01 && plan.packets[1] > plan.packets[0] + 1514.0 * plan.scale);
    }
}
