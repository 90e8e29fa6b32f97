//! A copy of an inspector that stays at the moment at which it was pinned, to compare two moments.

use eframe::egui::{Align2, CornerRadius, Rect, Stroke, Ui, UiBuilder, pos2, vec2};

use super::bytes::BytesView;
use super::conversation::ConversationView;
use super::stores::StoresView;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::{Pin, View};
use crate::gui::theme::{GAP, Icon, R_CARD, semi};
use crate::gui::widgets::{elided, icon_at, icon_button, text};
use crate::time::grouped;

/// Height of the row with what it is and its time.
const HEAD: f32 = 40.0;
/// A copy is as wide as the place beside the stage.
const WIDTH: f32 = 440.0;
/// In less room than this it takes the whole place.
const BESIDE: f32 = 820.0;

/// See the [module](self).
#[derive(Default)]
pub struct Pinned {
    stores: StoresView,
    conversation: ConversationView,
    bytes: BytesView,
}

/// The place of the copy, and what is left of the large place beside it.
pub fn split(main: Rect) -> (Rect, Option<Rect>) {
    if main.width() < BESIDE {
        return (main, None);
    }
    let edge = main.left() + WIDTH.min(main.width() / 2.0);
    let copy = Rect::from_min_max(main.min, pos2(edge, main.bottom()));
    (copy, Some(Rect::from_min_max(pos2(edge + GAP, main.top()), main.max)))
}

impl Pinned {
    /// Draws into `ui.max_rect()`; `cx` is that of the pinned moment.
    pub fn show(&mut self, ui: &mut Ui, pin: &Pin, cx: &Cx<'_>) {
        let t = cx.t;
        let whole = ui.max_rect();
        let head = Rect::from_min_size(whole.min, vec2(whole.width(), HEAD.min(whole.height())));
        let p = ui.painter();
        p.rect_filled(head, CornerRadius { nw: R_CARD - 1, ne: R_CARD - 1, sw: 0, se: 0 }, t.tint(t.accent));
        p.hline(head.x_range(), head.bottom(), Stroke::new(1.0, t.border));
        icon_at(p, pos2(head.left() + 18.0, head.center().y), Icon::Pin, 15.0, t.accent_text);
        // The time first: it is what tells the copy from the other.
        let time = format!("{}, event {}", cx.run.at(pin.place), grouped(pin.place as u64));
        let at = pos2(head.left() + 34.0, head.center().y);
        let room = head.width() - 34.0 - 40.0;
        let drawn = text(p, at, Align2::LEFT_CENTER, &time, semi(14.0), t.accent_text);
        let left = room - drawn.width() - 12.0;
        if left > 60.0 {
            elided(p, pos2(drawn.right() + 12.0, at.y), pin.view.name(), semi(14.0), t.text2, left);
        }
        let x = Rect::from_center_size(pos2(head.right() - 20.0, head.center().y), vec2(30.0, 30.0));
        ui.scope_builder(UiBuilder::new().id_salt("unpin").max_rect(x), |ui| {
            let name = format!("Close the pinned copy of {time} (P)");
            if icon_button(ui, Icon::X, &name, 30.0, false, t).clicked() {
                cx.send(Command::Unpin);
            }
        });
        let body = Rect::from_min_max(pos2(whole.left(), head.bottom() + 1.0), whole.max);
        if body.height() < 60.0 {
            return;
        }
        ui.scope_builder(UiBuilder::new().id_salt("copy").max_rect(body), |ui| {
            ui.set_clip_rect(body.intersect(ui.clip_rect()));
            match pin.view {
                View::Conversation => self.conversation.show(ui, cx),
                View::Bytes => self.bytes.show(ui, cx),
                _ => self.stores.show(ui, cx),
            }
        });
    }
}
