//! Queue and mailbox: where mail rests. Each mail server has both.

mod history;
mod hours;
mod mailbox;
mod queue;
mod words;

use eframe::egui::{CornerRadius, Rect, Stroke, Ui, UiBuilder, pos2, vec2};

use self::history::History;
use self::mailbox::MailboxView;
use self::queue::QueueList;
use super::bytes::say;
use super::letter::versions::Versions;
use crate::explain::scene::LetterPlace;
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::theme::{R_CARD, semi};
use crate::gui::widgets::{elided, segmented};
use crate::topology::NodeId;

/// Height of the row of choices.
const HEAD: f32 = 44.0;
/// From this width on, queue and mailboxes stand side by side.
const BOTH: f32 = 780.0;

/// What is looked at of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Store {
    #[default]
    Queue,
    Mailboxes,
}

/// See the [module](self).
#[derive(Default)]
pub struct StoresView {
    history: History,
    versions: Versions,
    queue: QueueList,
    mailbox: MailboxView,
    chosen: Option<(NodeId, Store)>,
    /// Where the story was when the choice was made: when it goes on, the view goes with it.
    story: Option<(NodeId, Store)>,
}

impl StoresView {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let servers = words::servers(cx);
        let Some(first) = servers.first() else { return say(ui, "This scenario has no mail server.", cx) };
        self.history.update(cx);
        self.versions.update(cx);
        let story = story(cx);
        if story != self.story {
            self.story = story;
            self.chosen = story.or(self.chosen);
        }
        let (mut node, mut store) = self.chosen.filter(|(n, _)| servers.contains(n)).unwrap_or((*first, Store::Queue));
        let whole = ui.max_rect();
        let head = Rect::from_min_size(whole.min, vec2(whole.width(), HEAD));
        let body = Rect::from_min_max(pos2(whole.left(), head.bottom() + 1.0), whole.max);
        let both = whole.width() >= BOTH;
        let p = ui.painter();
        p.rect_filled(head, CornerRadius { nw: R_CARD - 1, ne: R_CARD - 1, sw: 0, se: 0 }, cx.t.surface2);
        p.hline(head.x_range(), head.bottom(), Stroke::new(1.0, cx.t.border));
        let mut place = ui.new_child(
            UiBuilder::new()
                .id_salt("head")
                .max_rect(head.shrink2(vec2(8.0, 6.0)))
                .layout(eframe::egui::Layout::left_to_right(eframe::egui::Align::Center)),
        );
        place.set_clip_rect(head.intersect(ui.clip_rect()));
        let names: Vec<&str> = servers.iter().map(|n| cx.run.node(*n)).collect();
        let at = servers.iter().position(|n| *n == node).unwrap_or(0);
        if names.len() == 1 {
            place.add_space(6.0);
            place.label(eframe::egui::RichText::new(names[0]).font(semi(14.0)).color(cx.t.text));
            place.add_space(6.0);
        } else if let Some(i) = segmented(&mut place, "Mail server", &names, at, cx.t) {
            node = servers[i];
        }
        if !both {
            let (waits, lies) = counts(node, cx);
            let words = [format!("Queue {waits}"), format!("Mailboxes {lies}")];
            let words = [words[0].as_str(), words[1].as_str()];
            if let Some(i) = segmented(&mut place, "Store", &words, usize::from(store == Store::Mailboxes), cx.t) {
                store = if i == 0 { Store::Queue } else { Store::Mailboxes };
            }
        }
        self.chosen = Some((node, store));
        if both {
            let x = (body.left() + body.width() * 0.44).round();
            let (left, right) = (
                Rect::from_min_max(body.min, pos2(x, body.bottom())),
                Rect::from_min_max(pos2(x + 1.0, body.top()), body.max),
            );
            ui.painter().vline(x, body.y_range(), Stroke::new(1.0, cx.t.border));
            let left = titled(ui, left, "Queue of outgoing mail", cx);
            let right = titled(ui, right, "Mailboxes", cx);
            self.part(ui, left, node, Store::Queue, cx);
            self.part(ui, right, node, Store::Mailboxes, cx);
        } else {
            self.part(ui, body, node, store, cx);
        }
    }

    fn part(&mut self, ui: &mut Ui, rect: Rect, node: NodeId, store: Store, cx: &Cx<'_>) {
        let salt = if store == Store::Queue { "queue" } else { "mailboxes" };
        let mut place = ui.new_child(UiBuilder::new().id_salt(salt).max_rect(rect));
        place.set_clip_rect(rect.intersect(ui.clip_rect()));
        match store {
            Store::Queue => self.queue.show(&mut place, node, &self.history, cx),
            Store::Mailboxes => self.mailbox.show(&mut place, node, &self.versions, cx),
        }
    }
}

/// A name above a half; gives the rest.
fn titled(ui: &Ui, rect: Rect, name: &str, cx: &Cx<'_>) -> Rect {
    elided(ui.painter(), pos2(rect.left() + 14.0, rect.top() + 17.0), name, semi(13.5), cx.t.text, rect.width() - 24.0);
    Rect::from_min_max(pos2(rect.left(), rect.top() + 30.0), rect.max)
}

/// Mails in the queue and in the mailboxes of a server.
fn counts(node: NodeId, cx: &Cx<'_>) -> (usize, usize) {
    let state = &cx.scene.state;
    let waits = state.queues.keys().filter(|(n, _)| *n == node).count();
    let lies = state.mailboxes.iter().filter(|((n, ..), _)| *n == node).map(|(_, m)| m.len()).sum();
    (waits, lies)
}

/// Where the selected mail rests, or the one that the story is about.
fn story(cx: &Cx<'_>) -> Option<(NodeId, Store)> {
    match &cx.desk.selection {
        Some(Thing::Queued(node, _)) => return Some((*node, Store::Queue)),
        Some(Thing::Stored(node, ..)) => return Some((*node, Store::Mailboxes)),
        Some(Thing::Node(node)) if words::server(*node, cx).is_some() => {
            let (waits, lies) = counts(*node, cx);
            return Some((*node, if waits > 0 || lies == 0 { Store::Queue } else { Store::Mailboxes }));
        }
        _ => {}
    }
    let originals = cx.scene.letters.iter().rev().filter(|l| !l.copy);
    originals.filter_map(|l| rests(&l.at, cx)).next()
}

fn rests(place: &LetterPlace, cx: &Cx<'_>) -> Option<(NodeId, Store)> {
    match place {
        LetterPlace::Queue { node, .. } => Some((*node, Store::Queue)),
        LetterPlace::Mailbox { node, .. } => Some((*node, Store::Mailboxes)),
        // On its way it still has its place in the queue that it comes from.
        LetterPlace::Wire { from, .. } if words::server(*from, cx).is_some() => Some((*from, Store::Queue)),
        _ => None,
    }
}
