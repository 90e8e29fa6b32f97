//! Workbench: map or ladder, the packet list, layers and bytes, and a display filter.

pub mod columns;
pub mod complete;
pub mod filter;
pub mod list;
mod mail;
mod state;
mod tabs;

use eframe::egui::{Align2, CornerRadius, Rect, Stroke, StrokeKind, Ui, UiBuilder, pos2, vec2};

use self::filter::{FilterField, Filtered};
use self::list::PacketList;
use self::mail::MailTab;
use self::tabs::{TABS, tabs};
use super::bytes::hex::HexView;
use super::bytes::layers::LayerTree;
use super::bytes::shown::Shown;
use super::bytes::{HEAD, heading, nothing};
use super::conversation::ConversationView;
use super::ladder::LadderView;
use super::stage::Stage;
use super::stores::StoresView;
use crate::gui::cx::Cx;
use crate::gui::desk::View;
use crate::gui::theme::{GAP, R_CARD, semi};
use crate::gui::widgets::text;

/// Below this width or height one view at a time is shown.
const SMALL: (f32, f32) = (640.0, 330.0);
/// From this width on, list, layers and bytes stand side by side.
const WIDE: f32 = 1484.0;

/// Views that the workbench shares with the other layouts.
pub struct Shared<'a> {
    /// The map.
    pub stage: &'a mut Stage,
    /// The sequence chart.
    pub ladder: &'a mut LadderView,
    /// What was said.
    pub conversation: &'a mut ConversationView,
    /// Queue and mailbox.
    pub stores: &'a mut StoresView,
}

/// See the [module](self).
#[derive(Default)]
pub struct Workbench {
    filtered: Filtered,
    filter: FilterField,
    list: PacketList,
    shown: Shown,
    layers: LayerTree,
    hex: HexView,
    mail: MailTab,
    tab: Tab,
    small: Small,
    /// What stood beside the stage when last looked at: a key that changes it chooses a tab here.
    side: Option<View>,
}

/// What the inspector shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Layers,
    Bytes,
    Mail,
    State,
    /// Asked for by its key.
    Conversation,
    /// Asked for by its key.
    Stores,
}

impl Tab {
    const fn name(self) -> &'static str {
        match self {
            Tab::Layers => "Layers",
            Tab::Bytes => "Bytes",
            Tab::Mail => "Mail",
            Tab::State => "State",
            Tab::Conversation => "Conversation",
            Tab::Stores => "Queue",
        }
    }
}

/// What is shown where there is room for one view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Small {
    Map,
    #[default]
    Packets,
    Inspector,
}

impl Workbench {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, shared: Shared<'_>, cx: &Cx<'_>) {
        let whole = ui.max_rect();
        self.filtered.update(cx);
        self.follow_keys(cx);
        if whole.width() < SMALL.0 || whole.height() < SMALL.1 {
            return self.one_view(ui, whole, shared, cx);
        }
        let mut shared = shared;
        let map = (whole.height() * 0.46).round();
        let upper = Rect::from_min_size(whole.min, vec2(whole.width(), map));
        let lower = Rect::from_min_max(pos2(whole.left(), upper.bottom() + GAP), whole.max);
        in_card(ui, upper, "figure", cx, |ui| figure(ui, &mut shared, cx));
        if whole.width() >= WIDE {
            let third = |share: f32| (whole.width() * share).round();
            let (layers, bytes) = (third(0.22).max(340.0), third(0.26).clamp(526.0, 590.0));
            let a = Rect::from_min_max(lower.min, pos2(lower.right() - layers - bytes - 2.0 * GAP, lower.bottom()));
            let b = Rect::from_min_size(pos2(a.right() + GAP, lower.top()), vec2(layers, lower.height()));
            let c = Rect::from_min_max(pos2(b.right() + GAP, lower.top()), lower.max);
            in_card(ui, a, "packets", cx, |ui| self.packets(ui, cx));
            if self.tab == Tab::Bytes {
                self.tab = Tab::Layers;
            }
            let tabs = [Tab::Layers, Tab::Mail, Tab::State];
            in_card(ui, b, "inspector", cx, |ui| self.inspector(ui, &tabs, &mut shared, cx));
            in_card(ui, c, "bytes", cx, |ui| self.bytes(ui, cx));
        } else {
            let x = lower.left() + ((lower.width() - GAP) * 0.6).round();
            let a = Rect::from_min_max(lower.min, pos2(x, lower.bottom()));
            let b = Rect::from_min_max(pos2(x + GAP, lower.top()), lower.max);
            in_card(ui, a, "packets", cx, |ui| self.packets(ui, cx));
            let tabs = [Tab::Layers, Tab::Bytes, Tab::Mail, Tab::State];
            in_card(ui, b, "inspector", cx, |ui| self.inspector(ui, &tabs, &mut shared, cx));
        }
    }

    /// Y, Q and C lead to the tab that shows the same.
    fn follow_keys(&mut self, cx: &Cx<'_>) {
        if self.side == cx.desk.side {
            return;
        }
        self.side = cx.desk.side;
        self.tab = match self.side {
            Some(View::Bytes) => Tab::Bytes,
            Some(View::Conversation) => Tab::Conversation,
            Some(View::Stores) => Tab::Stores,
            _ => return,
        };
        self.small = Small::Inspector;
    }

    /// Where only one view fits.
    fn one_view(&mut self, ui: &mut Ui, whole: Rect, mut shared: Shared<'_>, cx: &Cx<'_>) {
        in_card(ui, whole, "one", cx, |ui| {
            let whole = ui.max_rect();
            let row = Rect::from_min_size(whole.min, vec2(whole.width(), TABS));
            let figure_name = if cx.desk.main == View::Ladder { "Ladder" } else { "Map" };
            let inspected = [Tab::Layers, Tab::Bytes, Tab::Mail, Tab::State];
            let mut words = vec![figure_name, "Packets"];
            words.extend(inspected.iter().map(|t| t.name()));
            if !inspected.contains(&self.tab) {
                words.push(self.tab.name());
            }
            let of_tab = inspected.iter().position(|t| *t == self.tab).unwrap_or(inspected.len());
            let chosen = match self.small {
                Small::Map => 0,
                Small::Packets => 1,
                Small::Inspector => 2 + of_tab,
            };
            let (picked, end) = tabs(ui, row, "View", &words, chosen, cx.t);
            // In a low window the filter takes what the tabs leave.
            let beside = whole.height() < 200.0 && row.right() - end > 190.0;
            if beside && self.small == Small::Packets {
                let place = Rect::from_min_max(pos2(end + 10.0, row.top()), pos2(row.right() - 8.0, row.bottom()));
                self.filter.show(ui, place, &self.filtered, cx);
            }
            match picked {
                Some(0) => self.small = Small::Map,
                Some(1) => self.small = Small::Packets,
                Some(i) => {
                    self.small = Small::Inspector;
                    self.tab = inspected.get(i - 2).copied().unwrap_or(self.tab);
                }
                None => {}
            }
            ui.painter().hline(row.x_range(), row.bottom(), Stroke::new(1.0, cx.t.border));
            let rest = Rect::from_min_max(pos2(whole.left(), row.bottom() + 1.0), whole.max);
            part(ui, rest, "rest", |ui| match self.small {
                Small::Map => figure(ui, &mut shared, cx),
                Small::Packets if beside => self.list_alone(ui, cx),
                Small::Packets => self.packets(ui, cx),
                Small::Inspector => self.inspected(ui, &mut shared, cx),
            });
        });
    }

    /// The filter above, the list below.
    fn packets(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let whole = ui.max_rect();
        let head = Rect::from_min_size(whole.min, vec2(whole.width(), 40.0));
        let mut field = head.shrink2(vec2(12.0, 3.0));
        if whole.width() > 560.0 {
            let title = text(ui.painter(), field.left_center(), Align2::LEFT_CENTER, "Packets", semi(13.5), cx.t.text);
            field.min.x = title.right() + 16.0;
        }
        self.filter.show(ui, field, &self.filtered, cx);
        ui.painter().hline(head.x_range(), head.bottom(), Stroke::new(1.0, cx.t.border));
        let packet = self.shown.at(cx).map(|(looked, _)| looked.packet);
        let rest = Rect::from_min_max(pos2(whole.left(), head.bottom() + 1.0), whole.max);
        part(ui, rest, "list", |ui| self.list.show(ui, &self.filtered, packet, cx));
    }

    /// The list alone: the filter stands beside the tabs.
    fn list_alone(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let packet = self.shown.at(cx).map(|(looked, _)| looked.packet);
        self.list.show(ui, &self.filtered, packet, cx);
    }

    fn inspector(&mut self, ui: &mut Ui, all: &[Tab], shared: &mut Shared<'_>, cx: &Cx<'_>) {
        let whole = ui.max_rect();
        let row = Rect::from_min_size(whole.min, vec2(whole.width(), 40.0));
        let mut all = all.to_vec();
        if !all.contains(&self.tab) {
            all.push(self.tab);
        }
        let words: Vec<&str> = all.iter().map(|t| t.name()).collect();
        let chosen = all.iter().position(|t| *t == self.tab).unwrap_or(0);
        if let (Some(i), _) = tabs(ui, row, "Inspector", &words, chosen, cx.t) {
            self.tab = all[i];
        }
        ui.painter().hline(row.x_range(), row.bottom(), Stroke::new(1.0, cx.t.border));
        let rest = Rect::from_min_max(pos2(whole.left(), row.bottom() + 1.0), whole.max);
        part(ui, rest, "tab", |ui| self.inspected(ui, shared, cx));
    }

    fn inspected(&mut self, ui: &mut Ui, shared: &mut Shared<'_>, cx: &Cx<'_>) {
        match self.tab {
            Tab::Layers => {
                let Some((looked, lit)) = self.shown.at(cx) else { return nothing(ui, cx) };
                let rest = headed(ui, looked, cx);
                part(ui, rest, "layers", |ui| self.layers.show(ui, looked, lit, cx));
            }
            Tab::Bytes => self.bytes(ui, cx),
            Tab::Mail => {
                let packet = self.shown.at(cx).map(|(looked, _)| looked.packet);
                self.mail.show(ui, packet, cx);
            }
            Tab::State => {
                let packet = self.shown.at(cx).map(|(looked, _)| looked.packet);
                state::show(ui, packet, cx);
            }
            Tab::Conversation => shared.conversation.show(ui, cx),
            Tab::Stores => shared.stores.show(ui, cx),
        }
    }

    fn bytes(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some((looked, lit)) = self.shown.at(cx) else { return nothing(ui, cx) };
        let rest = headed(ui, looked, cx);
        part(ui, rest, "hex", |ui| self.hex.show(ui, looked, lit, cx));
    }
}

/// The packet's name above; gives what is left. In a low place the name is left out: the list says it.
fn headed(ui: &Ui, looked: &super::bytes::shown::Looked, cx: &Cx<'_>) -> Rect {
    let whole = ui.max_rect();
    if whole.height() < 230.0 {
        return whole;
    }
    heading(ui, Rect::from_min_size(whole.min, vec2(whole.width(), HEAD)), looked, cx);
    Rect::from_min_max(pos2(whole.left(), whole.top() + HEAD), whole.max)
}

fn figure(ui: &mut Ui, shared: &mut Shared<'_>, cx: &Cx<'_>) {
    match cx.desk.main {
        View::Ladder => shared.ladder.show(ui, cx),
        _ => shared.stage.show(ui, cx),
    }
}

/// A part of a view: clipped, with identities of its own.
fn part(ui: &mut Ui, rect: Rect, salt: &'static str, add: impl FnOnce(&mut Ui)) {
    let mut place = ui.new_child(UiBuilder::new().id_salt(salt).max_rect(rect));
    place.set_clip_rect(rect.intersect(ui.clip_rect()));
    add(&mut place);
}

fn in_card(ui: &mut Ui, rect: Rect, salt: &'static str, cx: &Cx<'_>, add: impl FnOnce(&mut Ui)) {
    let (t, corner) = (cx.t, CornerRadius::same(R_CARD));
    let shadow = eframe::egui::Shadow { offset: [0, 1], blur: 6, spread: 0, color: t.shadow };
    ui.painter().add(shadow.as_shape(rect, corner));
    ui.painter().rect(rect, corner, t.surface, Stroke::new(1.0, t.border), StrokeKind::Inside);
    part(ui, rect.shrink(1.0), salt, add);
}
