//! Which connection a view is about: its ends in words, and a choice when there are several.

use eframe::egui::{
    self, Align2, CornerRadius, Popup, PopupCloseBehavior, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

use crate::explain::phases::Conversation;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::panels::bands;
use crate::gui::run::happened;
use crate::gui::theme::{Icon, R_CTRL, mix, mono, reg, semi};
use crate::gui::widgets::{elided, focus_ring, icon_at, text};
use crate::topology::ConnId;

/// Both ends of a connection, client first: `mail.a → mail.b`.
pub fn ends(c: &Conversation, cx: &Cx<'_>) -> String {
    let server = match c.server {
        Some(server) => cx.run.node(server).to_owned(),
        None => cx.run.log.connection(c.conn).server_addr.0.to_string(),
    };
    format!("{} \u{2192} {server}", cx.run.node(c.client))
}

/// The conversation with this number.
pub fn find<'a>(conn: ConnId, cx: &Cx<'a>) -> Option<&'a Conversation> {
    cx.run.conversations.get(conn.0 as usize)
}

/// Those that were opened before the horizon.
pub fn opened<'a>(cx: &Cx<'a>) -> impl Iterator<Item = &'a Conversation> + use<'a> {
    let horizon = cx.horizon();
    cx.run.conversations.iter().filter(move |c| happened(c.opened, horizon))
}

/// Draws the title of a view about `conn` into `rect`; a button that opens the list when there are several.
pub fn show(ui: &mut Ui, rect: Rect, conn: ConnId, cx: &Cx<'_>) {
    let t = cx.t;
    let Some(c) = find(conn, cx) else { return };
    let several = opened(cx).nth(1).is_some();
    let name = format!("{}, {}, port {}", c.protocol.name(), ends(c, cx), c.port);
    let sense = if several { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with("connection"), sense);
    let words = if several { format!("Connection: {name}. Choose another") } else { name.clone() };
    let role = if several { Role::Button } else { Role::Label };
    response.widget_info(|| WidgetInfo::labeled(role, true, &words));
    let lit = ui.ctx().animate_bool(response.id.with("lit"), several && (response.hovered() || response.has_focus()));
    let p = ui.painter();
    if several {
        let edge = mix(t.border, t.border_strong, lit);
        p.rect(
            rect,
            CornerRadius::same(R_CTRL),
            mix(t.surface, t.text, 0.04 * lit),
            Stroke::new(1.0, edge),
            StrokeKind::Inside,
        );
        icon_at(p, pos2(rect.right() - 14.0, rect.center().y), Icon::ChevronDown, 15.0, t.text2);
    }
    if response.has_focus() {
        focus_ring(ui, rect, R_CTRL, t);
    }
    let right = rect.right() - if several { 26.0 } else { 4.0 };
    let mut x = rect.left() + if several { 10.0 } else { 2.0 };
    let p = ui.painter();
    let tag = text(
        p,
        pos2(x, rect.center().y),
        Align2::LEFT_CENTER,
        c.protocol.name(),
        semi(13.5),
        bands::colour(c.protocol, t),
    );
    x = tag.right() + 8.0;
    let (_, cut) = elided(p, pos2(x, rect.center().y), &ends(c, cx), mono(13.5), t.text, right - x);
    let response = if cut || !several { response.on_hover_text(&name) } else { response };
    if several {
        Popup::menu(&response).width(rect.width().max(300.0)).close_behavior(PopupCloseBehavior::CloseOnClick).show(
            |ui| {
                egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                    for other in opened(cx) {
                        line(ui, other, conn, cx);
                    }
                });
            },
        );
    }
}

/// One connection in the list.
fn line(ui: &mut Ui, c: &Conversation, shown: ConnId, cx: &Cx<'_>) {
    let t = cx.t;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 40.0), Sense::click());
    let closed = c.closed.is_some_and(|e| happened(e, cx.place));
    let when = cx.run.log.connection(c.conn).opened;
    let state = format!("port {}, opened at {when}, {}", c.port, if closed { "closed" } else { "open" });
    let name = format!("{} {}, {state}", c.protocol.name(), ends(c, cx));
    response.widget_info(|| WidgetInfo::selected(Role::MenuItem, true, c.conn == shown, &name));
    let p = ui.painter();
    if c.conn == shown {
        p.rect_filled(rect, CornerRadius::same(R_CTRL), t.tint(t.accent));
    } else if response.hovered() || response.has_focus() {
        p.rect_filled(rect, CornerRadius::same(R_CTRL), mix(t.surface, t.text, 0.06));
    }
    if response.has_focus() {
        focus_ring(ui, rect.shrink(3.0), R_CTRL, t);
    }
    let p = ui.painter();
    let x = rect.left() + 10.0;
    let tag = text(
        p,
        pos2(x, rect.top() + 13.0),
        Align2::LEFT_CENTER,
        c.protocol.name(),
        semi(13.0),
        bands::colour(c.protocol, t),
    );
    let at = pos2(tag.right() + 8.0, rect.top() + 13.0);
    elided(p, at, &ends(c, cx), mono(13.0), t.text, rect.right() - at.x - 8.0);
    elided(p, pos2(x, rect.bottom() - 11.0), &state, reg(12.0), t.text2, rect.width() - 20.0);
    if response.clicked() {
        cx.send(Command::Select(Some(Thing::Connection(c.conn))));
    }
}
