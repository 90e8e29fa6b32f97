//! Layers and bytes of the packet that everything is about: the layers above, the bytes below.

pub mod hex;
pub mod layers;
pub mod shown;

use eframe::egui::{Align2, CornerRadius, Rect, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use self::hex::HexView;
use self::layers::LayerTree;
use self::shown::{Looked, Shown};
use crate::gui::cx::Cx;
use crate::gui::theme::{R_CARD, med, mono, reg};
use crate::gui::widgets::{elided, text};

/// Height of the line that names the packet.
pub const HEAD: f32 = 32.0;

/// See the [module](self).
#[derive(Default)]
pub struct BytesView {
    shown: Shown,
    layers: LayerTree,
    hex: HexView,
}

impl BytesView {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let whole = ui.max_rect();
        let Some((looked, lit)) = self.shown.at(cx) else { return nothing(ui, cx) };
        let head = Rect::from_min_size(whole.min, vec2(whole.width(), HEAD));
        heading(ui, head, looked, cx);
        let rest = Rect::from_min_max(pos2(whole.left(), head.bottom()), whole.max);
        // Wide or low: beside each other; else the tree gets what the bytes do not need.
        let wide = rest.width() >= 860.0 || (rest.height() < 170.0 && rest.width() >= 560.0);
        let (tree, bytes) = if wide {
            let x = rest.left() + (rest.width() * 0.42).round();
            (
                Rect::from_min_max(rest.min, pos2(x, rest.bottom())),
                Rect::from_min_max(pos2(x + 1.0, rest.top()), rest.max),
            )
        } else {
            let per_row = if rest.width() >= 545.0 { 16.0 } else { 8.0 };
            let need = (looked.dissection.frame.len() as f32 / per_row).ceil() * 21.0 + 56.0;
            let height = need.clamp(rest.height() * 0.3, rest.height() * 0.5);
            let y = (rest.bottom() - height).round();
            (
                Rect::from_min_max(rest.min, pos2(rest.right(), y)),
                Rect::from_min_max(pos2(rest.left(), y + 1.0), rest.max),
            )
        };
        let line = Stroke::new(1.0, cx.t.border);
        match wide {
            true => ui.painter().vline(tree.right(), rest.y_range(), line),
            false => ui.painter().hline(rest.x_range(), tree.bottom(), line),
        };
        ui.scope_builder(UiBuilder::new().id_salt("layers").max_rect(tree), |ui| {
            self.layers.show(ui, looked, lit.clone(), cx);
        });
        ui.scope_builder(UiBuilder::new().id_salt("hex").max_rect(bytes), |ui| self.hex.show(ui, looked, lit, cx));
    }
}

/// Which packet: number, from whom to whom, protocol.
pub fn heading(ui: &Ui, rect: Rect, looked: &Looked, cx: &Cx<'_>) {
    let t = cx.t;
    let Some(row) = cx.run.packets.row(looked.packet) else { return };
    let p = ui.painter();
    let corner = CornerRadius { nw: R_CARD - 1, ne: R_CARD - 1, sw: 0, se: 0 };
    p.rect_filled(rect, corner, t.surface2);
    p.hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, t.border));
    let to = row.to.map_or("nobody", |to| cx.run.node(to));
    let (number, way) = (number(looked.packet, cx), format!("{} \u{2192} {to}", cx.run.node(row.from)));
    let length = format!("{} bytes", crate::time::grouped(looked.dissection.frame.len() as u64));
    let right = rect.right() - 12.0;
    let mut room = right - rect.left() - 12.0;
    if rect.width() > 330.0 {
        let size = text(p, pos2(right, rect.center().y), Align2::RIGHT_CENTER, &length, reg(12.0), t.text2);
        room = size.left() - 10.0 - rect.left() - 12.0;
    }
    let (first, _) = elided(p, pos2(rect.left() + 12.0, rect.center().y), &number, med(13.0), t.text, room);
    let x = first.right() + 10.0;
    elided(p, pos2(x, rect.center().y), &way, mono(12.5), t.text2, rect.left() + 12.0 + room - x);
    let whole = format!("{number}, {way}, {}, {length}: {}", row.protocol, cx.run.packets.info(&cx.run.log, row));
    let response = ui.interact(rect, ui.scope_id().with("packet"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &whole));
    response.on_hover_text(whole);
}

/// `Packet 31`: its line in the packet list, which begins with 1 as in Wireshark.
pub fn number(packet: crate::trace::PacketId, cx: &Cx<'_>) -> String {
    format!("Packet {}", cx.run.packets.place(packet).unwrap_or_default() + 1)
}

/// Nothing has been sent yet.
pub fn nothing(ui: &mut Ui, cx: &Cx<'_>) {
    say(ui, "Choose a packet, or press \u{2192}.", cx);
}

/// A sentence in an empty view.
pub fn say(ui: &mut Ui, words: &str, cx: &Cx<'_>) {
    let rect = ui.max_rect().shrink(16.0);
    let job = crate::gui::widgets::rich(&[(words, reg(14.0), cx.t.text2)], rect.width().min(360.0), 20.0);
    let galley = ui.painter().layout_job(job);
    let at = rect.center() - galley.size() / 2.0;
    let response = ui.interact(Rect::from_min_size(at, galley.size()), ui.scope_id().with("empty"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    ui.painter().galley(at, galley, cx.t.text);
}
