//! The letter that the packet's conversation carries, as it stands there: with envelope and braces.

use std::sync::Arc;

use eframe::egui::{Rect, Ui, UiBuilder, pos2, vec2};

use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::{Sheet, Thing};
use crate::gui::panels::bytes::say;
use crate::gui::panels::letter::envelope;
use crate::gui::panels::letter::signed::Signed;
use crate::gui::panels::letter::versions::Versions;
use crate::gui::widgets::{button, elided};
use crate::mail::ContentId;
use crate::trace::PacketId;

/// See the [module](self).
#[derive(Default)]
pub struct MailTab {
    versions: Versions,
    open: Option<(usize, Signed)>,
}

impl MailTab {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, packet: Option<PacketId>, cx: &Cx<'_>) {
        self.versions.update(cx);
        let Some(content) = self.content(packet, cx) else {
            return say(
                ui,
                "No letter yet: the conversation of this packet carries none, and none has been written.",
                cx,
            );
        };
        let run = Arc::as_ptr(&cx.desk.run) as usize;
        if self.open.as_ref().is_none_or(|(r, open)| *r != run || open.content != content) {
            self.open = Some((run, Signed::new(&self.versions, content, cx)));
        }
        let Some((_, letter)) = &self.open else { return };
        let whole = ui.max_rect();
        let mut top = whole.top() + 6.0;
        if whole.height() >= 260.0 {
            let place = Rect::from_min_size(pos2(whole.left() + 12.0, top), vec2(whole.width() - 24.0, 62.0));
            let stored = self.versions.get(content).is_some_and(|v| v.envelope.is_none());
            envelope(ui, place, self.versions.envelope(content), stored, cx);
            top = place.bottom() + 6.0;
        }
        let foot = Rect::from_min_max(pos2(whole.left(), whole.bottom() - 38.0), whole.max);
        let body = Rect::from_min_max(pos2(whole.left(), top), pos2(whole.right(), foot.top()));
        let mut place = ui.new_child(UiBuilder::new().id_salt(("mail", content.0)).max_rect(body));
        letter.show(&mut place, "mail", cx);
        ui.painter().hline(foot.x_range(), foot.top(), eframe::egui::Stroke::new(1.0, cx.t.border));
        let at = Rect::from_min_size(pos2(foot.right() - 90.0, foot.top() + 3.0), vec2(84.0, 32.0));
        let mut place = ui.new_child(UiBuilder::new().id_salt("unwrap").max_rect(at));
        if button(&mut place, "Unwrap", cx.t).clicked() {
            cx.send(Command::Sheet(Sheet::Letter(content)));
        }
        let at = pos2(foot.left() + 12.0, foot.center().y);
        elided(
            ui.painter(),
            at,
            &letter.lines.counted(),
            crate::gui::theme::reg(12.5),
            cx.t.text2,
            foot.width() - 120.0,
        );
    }

    /// The selected letter; that of the packet's connection; else the newest.
    fn content(&self, packet: Option<PacketId>, cx: &Cx<'_>) -> Option<ContentId> {
        if let Some(Thing::Letter(content)) = &cx.desk.selection
            && self.versions.get(*content).is_some()
        {
            return Some(*content);
        }
        let conn = packet.and_then(|p| cx.run.log.packet(p).conn).map(|(conn, _)| conn);
        let of_conn = conn.and_then(|c| self.versions.on_connection(c, cx.place));
        let seen = |c: &ContentId| {
            cx.desk.shows_future() || self.versions.get(*c).is_some_and(|v| (v.entry.0 as usize) < cx.place)
        };
        of_conn.filter(seen).or_else(|| self.versions.newest(cx.place))
    }
}
