//! The outgoing queue of a mail server: each mail with its envelope, attempts, last answer and next try.

use eframe::egui::{
    self, Align2, CornerRadius, EventFilter, Id, Key, Modifiers, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use super::history::{History, left_in_words};
use super::{hours, words};
use crate::explain::scene::in_words;
use crate::gui::command::{Command, hint};
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::panels::bytes::say;
use crate::gui::run::happened;
use crate::gui::theme::{Icon, Proto, alpha, med, mono, reg};
use crate::gui::widgets::{Pointing, button, elided, focus_ring, icon_at, text};
use crate::mail::QueueId;
use crate::smtp::Envelope;
use crate::topology::NodeId;
use crate::trace::fold::Queued;

/// Height of a mail's row.
const ROW: f32 = 94.0;
/// More dots than these are counted.
const DOTS: u32 = 10;

/// See the [module](self).
#[derive(Default)]
pub struct QueueList {
    pointing: Pointing,
}

impl QueueList {
    /// Draws the queue of `node` into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, node: NodeId, history: &History, cx: &Cx<'_>) {
        let whole = ui.max_rect();
        let all = cx.scene.state.queues.range((node, QueueId(0))..=(node, QueueId(u32::MAX)));
        let mails: Vec<(QueueId, &Queued)> = all.map(|((_, id), queued)| (*id, &**queued)).collect();
        if mails.is_empty() {
            return empty(ui, node, history, cx);
        }
        let chosen = mails.iter().position(|(id, _)| cx.selected(&Thing::Queued(node, *id))).unwrap_or(0);
        let has_line = whole.height() >= ROW + 60.0;
        let foot = match has_line {
            true => hours::HEIGHT + 44.0,
            // In a low window the mail itself comes first; J goes to the next try all the same.
            false if whole.height() < ROW + 40.0 => 0.0,
            false => 40.0,
        };
        let rows = Rect::from_min_max(whole.min, pos2(whole.right(), (whole.bottom() - foot).max(whole.top())));
        let below = Rect::from_min_max(pos2(whole.left(), rows.bottom()), whole.max);
        let id = ui.scope_id().with("queue");
        let response = ui.interact(rows, id, Sense::focusable_noninteractive());
        let count = words::count(mails.len(), "mail waits", "mails wait");
        response
            .widget_info(|| WidgetInfo::labeled(Role::List, true, format!("Queue of {}: {count}", cx.run.node(node))));
        let mut place = ui.new_child(UiBuilder::new().id_salt("mails").max_rect(rows));
        place.spacing_mut().item_spacing = vec2(0.0, 0.0);
        place.set_clip_rect(rows.intersect(ui.clip_rect()));
        let area = ScrollArea::vertical().id_salt(("mails", node.0)).auto_shrink([false, false]);
        area.show_rows(&mut place, ROW, mails.len(), |ui, range| {
            let top = ui.max_rect().min;
            for (n, i) in range.enumerate() {
                let rect = Rect::from_min_size(pos2(top.x, top.y + n as f32 * ROW), vec2(ui.max_rect().width(), ROW));
                let (id, queued) = mails[i];
                self.row(ui, rect, node, id, queued, i == chosen, cx);
            }
        });
        if response.has_focus() {
            keys(ui, id, node, &mails, chosen, cx);
            focus_ring(ui, rows.shrink(5.0), 4, cx.t);
        }
        self.pointing.done(cx);
        if foot == 0.0 {
            return;
        }
        let (id, queued) = mails[chosen];
        detail(ui, below, node, id, queued, history, has_line, cx);
    }

    #[expect(clippy::too_many_arguments, reason = "one row of one list, called from one place")]
    fn row(&mut self, ui: &Ui, rect: Rect, node: NodeId, id: QueueId, queued: &Queued, chosen: bool, cx: &Cx<'_>) {
        let t = cx.t;
        let thing = Thing::Queued(node, id);
        let response = ui.interact(rect, ui.scope_id().with(("mail", id.0)), Sense::CLICK);
        self.pointing.at(&response, || thing.clone());
        let envelope = envelope(&queued.envelope);
        let answer = answer(queued);
        let next = next_try(queued, cx);
        let waits = format!("waits {}, since {}", in_words(cx.at.since(queued.since)), words::clock(queued.since, cx));
        let says = format!("{envelope}; {waits}; {} attempts; {answer}; {next}", queued.attempts);
        response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, chosen, &says));
        if response.clicked() {
            cx.send(Command::Select(Some(thing.clone())));
        }
        let p = ui.painter();
        let plate = rect.shrink2(vec2(8.0, 4.0));
        let corner = CornerRadius::same(8);
        let selected = cx.selected(&thing);
        let (fill, edge) = match (selected, cx.hovered(&thing)) {
            (true, _) => (t.tint(t.accent), Stroke::new(2.0, t.accent)),
            (_, true) => (t.surface, Stroke::new(1.5, t.text3)),
            _ => (if chosen { t.surface2 } else { t.surface }, Stroke::new(1.0, t.border)),
        };
        p.rect(plate, corner, fill, edge, StrokeKind::Inside);
        let (x, room) = (plate.left() + 40.0, plate.width() - 52.0);
        letter(p, pos2(plate.left() + 22.0, plate.top() + 24.0), t);
        let line = |n: f32| plate.top() + 15.5 + n * 18.5;
        elided(p, pos2(x, line(0.0)), &envelope, mono(13.0), t.text, room);
        let dots = dots(p, pos2(plate.right() - 12.0, line(1.0)), queued, t);
        elided(p, pos2(x, line(1.0)), &waits, reg(12.5), t.text2, dots - x - 8.0);
        let ink = if queued.reason.is_some() { t.on_tint(t.proto(Proto::Lost)) } else { t.text2 };
        elided(p, pos2(x, line(2.0)), &answer, reg(12.5), ink, room);
        elided(p, pos2(x, line(3.0)), &next, med(13.0), t.text, room);
        response.on_hover_text(says.replace("; ", "\n"));
    }
}

/// From whom to whom.
pub fn envelope(envelope: &Envelope) -> String {
    let from = match &envelope.from {
        crate::smtp::ReversePath::Null => "<>".to_owned(),
        crate::smtp::ReversePath::Address(a) => a.to_string(),
    };
    let to = envelope.to.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    format!("{from} \u{2192} {to}")
}

/// The last answer, in its words.
fn answer(queued: &Queued) -> String {
    match (&queued.reply, &queued.reason) {
        (Some(reply), _) => format!("last answer: {reply}"),
        (None, Some(reason)) => format!("last answer: none, {reason}"),
        (None, None) if queued.due.is_none() => "no answer yet".to_owned(),
        (None, None) => "not tried yet".to_owned(),
    }
}

/// As clock time and as a length.
fn next_try(queued: &Queued, cx: &Cx<'_>) -> String {
    match queued.due {
        None => format!("attempt {} is under way", queued.attempts),
        Some(due) if due <= cx.at => format!("next try now, {}", words::clock(due, cx)),
        Some(due) => format!("next try at {}, in {}", words::clock(due, cx), in_words(due.since(cx.at))),
    }
}

/// A small letter in its envelope: mail at rest.
fn letter(p: &egui::Painter, at: egui::Pos2, t: &crate::gui::theme::Tokens) {
    let rect = Rect::from_center_size(at, vec2(24.0, 17.0));
    let c = t.proto(Proto::Smtp);
    p.rect(rect, CornerRadius::same(3), t.tint(c), Stroke::new(1.5, c), StrokeKind::Inside);
    let stroke = Stroke::new(1.5, c);
    p.line_segment([rect.left_top() + vec2(2.0, 2.0), rect.center() + vec2(0.0, 2.0)], stroke);
    p.line_segment([rect.right_top() + vec2(-2.0, 2.0), rect.center() + vec2(0.0, 2.0)], stroke);
}

/// Attempts as dots: full ones failed, a ring is under way. Gives where they begin.
fn dots(p: &egui::Painter, right: egui::Pos2, queued: &Queued, t: &crate::gui::theme::Tokens) -> f32 {
    let running = queued.due.is_none();
    let failed = queued.attempts - u32::from(running && queued.attempts > 0);
    let mut x = right.x - 5.0;
    if running && queued.attempts > 0 {
        p.circle_stroke(pos2(x, right.y), 4.25, Stroke::new(1.75, t.accent));
        x -= 13.0;
    }
    let c = t.proto(Proto::Lost);
    for _ in 0..failed.min(DOTS) {
        p.circle_filled(pos2(x, right.y), 4.5, c);
        x -= 13.0;
    }
    if failed > DOTS {
        let area =
            text(p, pos2(x + 4.0, right.y), Align2::RIGHT_CENTER, format!("{failed} attempts"), reg(12.0), t.text2);
        x = area.left() - 8.0;
    }
    x + 8.0
}

/// The time line and the button of the chosen mail.
#[expect(clippy::too_many_arguments, reason = "one part of one view, called from one place")]
fn detail(
    ui: &mut Ui,
    rect: Rect,
    node: NodeId,
    id: QueueId,
    queued: &Queued,
    history: &History,
    has_line: bool,
    cx: &Cx<'_>,
) {
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, cx.t.border));
    let stay = history.stay(node, id);
    if let (Some(stay), true) = (stay, has_line) {
        let line = Rect::from_min_size(rect.min, vec2(rect.width(), hours::HEIGHT));
        hours::show(ui, line, stay, queued.due, words::expires(stay.since, node, cx), cx);
    }
    let next = stay.and_then(|s| s.next(cx.place));
    let row = Rect::from_min_max(pos2(rect.left() + 10.0, rect.bottom() - 38.0), rect.max - vec2(10.0, 4.0));
    let mut place = ui.new_child(
        UiBuilder::new().id_salt("next").max_rect(row).layout(egui::Layout::left_to_right(egui::Align::Center)),
    );
    let name = if row.width() > 300.0 {
        hint("Go to the next try", &Command::SkipWait)
    } else {
        hint("Next try", &Command::SkipWait)
    };
    place.add_enabled_ui(next.is_some(), |ui| {
        if button(ui, &name, cx.t).clicked()
            && let Some(next) = next
        {
            cx.send(Command::ShowEntry(next.entry));
        }
    });
    if button(&mut place, "Unwrap", cx.t).on_hover_text("The letter as it lies here, and what lay around it").clicked()
    {
        cx.send(Command::Sheet(crate::gui::desk::Sheet::Letter(queued.letter.content)));
    }
}

/// Nothing waits; if something did, what became of it.
fn empty(ui: &mut Ui, node: NodeId, history: &History, cx: &Cx<'_>) {
    let whole = ui.max_rect();
    let words = words::empty_queue(node, cx);
    let last = history.last_left(node, cx.place);
    let Some((id, stay)) = last.filter(|_| whole.height() >= 190.0) else { return say(ui, &words, cx) };
    let below = Rect::from_min_max(pos2(whole.left(), whole.bottom() - hours::HEIGHT - 62.0), whole.max);
    let above = Rect::from_min_max(whole.min, pos2(whole.right(), below.top()));
    say(&mut ui.new_child(UiBuilder::new().id_salt("empty").max_rect(above)), &words, cx);
    let t = cx.t;
    let p = ui.painter();
    p.hline(below.x_range(), below.top(), Stroke::new(1.0, t.border));
    let Some((entry, at, left, reason)) = stay.left.as_ref().filter(|l| happened(l.0, cx.place)) else { return };
    let head = format!("Left at {}: {}", words::clock(*at, cx), left_in_words(*left));
    let x = below.left() + 14.0;
    let good = matches!(left, crate::mail::Left::Delivered | crate::mail::Left::Stored);
    let (icon, c) = if good { (Icon::Check, t.ok) } else { (Icon::X, t.proto(Proto::Lost)) };
    icon_at(p, pos2(x + 7.0, below.top() + 18.0), icon, 16.0, c);
    elided(p, pos2(x + 22.0, below.top() + 18.0), &head, med(13.0), t.text, below.right() - x - 32.0);
    let attempts = words::count(stay.attempts.len(), "attempt", "attempts");
    let more = format!("{}; {attempts}; {reason}", envelope(&stay.envelope));
    elided(p, pos2(x + 22.0, below.top() + 38.0), &more, reg(12.5), t.text2, below.right() - x - 32.0);
    let line = Rect::from_min_max(pos2(below.left(), below.top() + 56.0), below.max);
    hours::show(ui, line, stay, None, None, cx);
    let area = Rect::from_min_max(below.min, pos2(below.right(), line.top()));
    let response = ui.interact(area, ui.scope_id().with(("left", id.0)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{head}. {more}")));
    if response.clicked() {
        cx.send(Command::ShowEntry(*entry));
    }
    if response.hovered() {
        ui.painter().rect_filled(area.shrink2(vec2(6.0, 4.0)), CornerRadius::same(6), alpha(t.text, 0.04));
    }
    if response.has_focus() {
        focus_ring(ui, area.shrink2(vec2(8.0, 6.0)), 6, t);
    }
    response.on_hover_text(format!("{head}\n{more}"));
}

fn keys(ui: &Ui, list: Id, node: NodeId, mails: &[(QueueId, &Queued)], chosen: usize, cx: &Cx<'_>) {
    let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|m| m.set_focus_lock_filter(list, filter));
    let none = Modifiers::NONE;
    let (up, down) = ui.input_mut(|i| (i.consume_key(none, Key::ArrowUp), i.consume_key(none, Key::ArrowDown)));
    let to = match (up, down) {
        (true, _) => chosen.saturating_sub(1),
        (_, true) => (chosen + 1).min(mails.len() - 1),
        _ => return,
    };
    cx.send(Command::Select(Some(Thing::Queued(node, mails[to].0))));
}
