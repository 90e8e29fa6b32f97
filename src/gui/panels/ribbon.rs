//! The six steps, and below them one bar for each TCP connection, over the steps during which it lasts.

use eframe::egui::{Align2, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::bands;
use crate::chart::strip::{Cells, Strip};
use crate::explain::phases::{Conversation, Protocol};
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::{Sheet, Thing};
use crate::gui::theme::{Icon, R_CTRL, med, mix, reg, semi};
use crate::gui::widgets::{elided, focus_ring, icon_at, text};
use crate::sim::setup::NodeKind;

/// See the [module](self).
#[derive(Default)]
pub struct Ribbon {}

/// How a step stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Done,
    Now,
    /// It goes on while a later step has begun.
    Open,
    ToCome,
}

impl Ribbon {
    /// Draws into `ui.max_rect()`; `folded`: discs and the current title only.
    pub fn show(&mut self, ui: &mut Ui, folded: bool, cx: &Cx<'_>) {
        let rect = ui.max_rect();
        let count = cx.run.ready.story.steps.len();
        if count == 0 {
            let what = "This scenario tells no steps. Go forward by packet, line or phase.";
            text(ui.painter(), rect.left_center() + vec2(8.0, 0.0), Align2::LEFT_CENTER, what, reg(13.0), cx.t.text2);
            return;
        }
        if folded {
            return discs(ui, rect, cx);
        }
        let strip_height = if rect.height() > 95.0 { 32.0 } else { 22.0 };
        let cells = Rect::from_min_max(rect.min, pos2(rect.right(), rect.bottom() - strip_height - 4.0));
        let gap = 6.0;
        let width = (cells.width() - gap * (count as f32 - 1.0)) / count as f32;
        for step in 0..count {
            let x = cells.left() + step as f32 * (width + gap);
            cell(ui, Rect::from_min_size(pos2(x, cells.top()), vec2(width, cells.height())), step, cx);
        }
        let below = Rect::from_min_max(pos2(rect.left(), rect.bottom() - strip_height), rect.max);
        connections(ui, below, (cells.left(), width, gap), cx);
    }
}

fn standing(step: usize, cx: &Cx<'_>) -> Standing {
    let current = cx.run.step_at(cx.place);
    if cx.run.step_done(step, cx.place) {
        Standing::Done
    } else if step == current {
        Standing::Now
    } else if cx.run.step_begun(step, cx.place) {
        Standing::Open
    } else {
        Standing::ToCome
    }
}

/// What a cell says when it is named.
fn told(step: usize, standing: Standing, cx: &Cx<'_>) -> String {
    let s = &cx.run.ready.story.steps[step];
    let how = match standing {
        Standing::Done => "done",
        Standing::Now => "now",
        Standing::Open => "begun, not done yet",
        Standing::ToCome => "to come",
    };
    format!("Step {}: {} ({how})", s.number, s.title)
}

fn act(response: &Response, step: usize, cx: &Cx<'_>) {
    if response.clicked() {
        cx.send(Command::Step(step));
    }
    let thing = Thing::Step(step);
    if (response.hovered() || response.has_focus()) && !cx.hovered(&thing) {
        cx.send(Command::Hover(Some(thing)));
    } else if !response.hovered() && !response.has_focus() && cx.hovered(&thing) {
        cx.send(Command::Hover(None));
    }
}

fn cell(ui: &mut Ui, rect: Rect, step: usize, cx: &Cx<'_>) {
    let t = cx.t;
    let how = standing(step, cx);
    let response = ui.interact(rect, ui.scope_id().with(("step", step)), Sense::click());
    let name = told(step, how, cx);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, how == Standing::Now, &name));
    act(&response, step, cx);
    let lit = ui.ctx().animate_bool(response.id.with("lit"), response.hovered());
    let current = cx.run.step_at(cx.place) == step;
    let p = ui.painter();
    let corner = CornerRadius::same(8);
    let ground = match how {
        Standing::Done => t.tint(t.ok),
        Standing::Now | Standing::Open => t.surface,
        Standing::ToCome => mix(t.bg, t.surface, 0.35),
    };
    let edge = if current { Stroke::new(2.0, t.accent) } else { Stroke::new(1.0, t.border_strong) };
    p.rect(rect, corner, mix(ground, t.text, 0.04 * lit), edge, StrokeKind::Inside);
    let disc = pos2(rect.left() + 23.0, rect.center().y - 1.0);
    match how {
        Standing::Done => {
            p.circle_filled(disc, 12.0, t.ok);
            icon_at(p, disc, Icon::Check, 15.0, t.ink(t.ok));
        }
        Standing::Now => {
            p.circle_filled(disc, 12.0, t.accent);
            let number = cx.run.ready.story.steps[step].number;
            text(p, disc, Align2::CENTER_CENTER, number, semi(14.0), t.on_accent);
        }
        Standing::Open => {
            p.circle_stroke(disc, 11.0, Stroke::new(2.0, t.accent));
            let number = cx.run.ready.story.steps[step].number;
            text(p, disc, Align2::CENTER_CENTER, number, semi(14.0), t.on_tint(t.accent));
        }
        Standing::ToCome => {
            p.circle_stroke(disc, 11.5, Stroke::new(1.5, t.text3));
            let number = cx.run.ready.story.steps[step].number;
            text(p, disc, Align2::CENTER_CENTER, number, semi(14.0), t.text2);
        }
    }
    let x = rect.left() + 43.0;
    let width = rect.right() - x - 8.0;
    let ink = if how == Standing::ToCome { t.text2 } else { t.text };
    let title = cx.run.short_title(step);
    let second = place_line(step, how, cx);
    if second.is_empty() {
        elided(p, pos2(x, rect.center().y - 1.0), title, semi(14.0), ink, width);
    } else {
        elided(p, pos2(x, rect.center().y - 10.0), title, semi(14.0), ink, width);
        elided(p, pos2(x, rect.center().y + 9.0), &second, reg(13.0), t.text2, width);
    }
    if current && how != Standing::ToCome {
        // How much of the step is over, in its own line stops.
        let share = cx.run.step_share(step, cx.place);
        let bar = Rect::from_min_max(
            pos2(rect.left() + 6.0, rect.bottom() - 7.0),
            pos2(rect.right() - 6.0, rect.bottom() - 3.0),
        );
        p.rect_filled(bar, CornerRadius::same(2), mix(t.surface, t.accent, 0.2));
        let done = Rect::from_min_size(bar.min, vec2(bar.width() * share, bar.height()));
        p.rect_filled(done, CornerRadius::same(2), t.accent);
    }
    if response.has_focus() {
        focus_ring(ui, rect, 8, t);
    }
    response.on_hover_text(name);
}

/// The second line of a cell: the letter's place now, or when the step was done.
fn place_line(step: usize, how: Standing, cx: &Cx<'_>) -> String {
    match how {
        Standing::Done => match cx.run.steps.get(step).and_then(|s| s.done) {
            Some(done) => format!("done at {}", cx.run.log.entry(done).at),
            None => String::new(),
        },
        Standing::Now => cx.run.letter_place(cx.scene),
        Standing::Open => "goes on".to_owned(),
        Standing::ToCome => String::new(),
    }
}

fn discs(ui: &mut Ui, rect: Rect, cx: &Cx<'_>) {
    let t = cx.t;
    let count = cx.run.ready.story.steps.len();
    let each = (rect.width() * 0.5 / count as f32).clamp(26.0, 40.0);
    let mut x = rect.left() + 2.0;
    let current = cx.run.step_at(cx.place);
    for step in 0..count {
        let how = standing(step, cx);
        let centre = pos2(x + 13.0, rect.center().y);
        let area = Rect::from_center_size(centre, vec2(26.0, 26.0));
        let response = ui.interact(area, ui.scope_id().with(("step", step)), Sense::click());
        let name = told(step, how, cx);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, how == Standing::Now, &name));
        act(&response, step, cx);
        let p = ui.painter();
        let number = cx.run.ready.story.steps[step].number;
        match how {
            Standing::Done => {
                p.circle_filled(centre, 11.0, t.ok);
                icon_at(p, centre, Icon::Check, 14.0, t.ink(t.ok));
            }
            Standing::Now => {
                p.circle_filled(centre, 11.0, t.accent);
                text(p, centre, Align2::CENTER_CENTER, number, semi(13.0), t.on_accent);
            }
            Standing::Open => {
                p.circle_stroke(centre, 10.0, Stroke::new(2.0, t.accent));
                text(p, centre, Align2::CENTER_CENTER, number, semi(13.0), t.on_tint(t.accent));
            }
            Standing::ToCome => {
                p.circle_stroke(centre, 10.5, Stroke::new(1.5, t.text3));
                text(p, centre, Align2::CENTER_CENTER, number, semi(13.0), t.text2);
            }
        }
        if step == current && how == Standing::Done {
            p.circle_stroke(centre, 13.0, Stroke::new(2.0, t.accent));
        }
        if response.has_focus() {
            focus_ring(ui, area, R_CTRL, t);
        }
        response.on_hover_text(name);
        x += each;
    }
    let s = &cx.run.ready.story.steps[current];
    let words = format!("Step {} of {count}: {}", s.number, cx.run.short_title(current));
    elided(ui.painter(), pos2(x + 8.0, rect.center().y), &words, med(14.0), t.text, rect.right() - x - 12.0);
}

/// Width and height of a bar's caption that is worth painting.
const CAPTION: f32 = 64.0;

/// Whether the client of an SMTP connection is no mail server: a user agent hands a mail over.
fn submits(conversation: &Conversation, cx: &Cx<'_>) -> bool {
    let kind = cx.run.ready.setup.nodes.get(conversation.client.0 as usize).map(|n| &n.kind);
    let relays = matches!(kind, Some(NodeKind::Host(host)) if host.mail_server.is_some());
    conversation.protocol == Protocol::Smtp && !relays
}

/// One bar for each TCP connection, over the cells of the steps during which it lasts; inside it its phases.
fn connections(ui: &mut Ui, rect: Rect, (left, width, gap): (f32, f32, f32), cx: &Cx<'_>) {
    let t = cx.t;
    let count = cx.run.ready.story.steps.len();
    let ends: Vec<(f32, f32)> = (0..count).map(|i| left + i as f32 * (width + gap)).map(|x| (x, x + width)).collect();
    let cells = Cells::new(&cx.run.stops, cx.run.end(), &ends);
    let strip = Strip::new(&cells, &cx.run.conversations, cx.run.end(), Some(cx.horizon()));
    let lanes = strip.lanes.max(1) as f32;
    let height = (rect.height() / lanes).min(24.0);
    for bar in &strip.bars {
        let top = rect.top() + bar.lane as f32 * height;
        let area = Rect::from_min_max(pos2(bar.x.0, top), pos2(bar.x.1.max(bar.x.0 + 6.0), top + height - 2.0));
        let conversation = &cx.run.conversations[bar.conn.0 as usize];
        let response = ui.interact(area, ui.scope_id().with(("connection", bar.conn.0)), Sense::click());
        let ends = format!(
            "{} to {}",
            cx.run.node(conversation.client),
            conversation.server.map_or("nobody", |n| cx.run.node(n))
        );
        let state = if bar.open { "open" } else { "closed" };
        // What a user agent hands over comes into a queue, and so does what another server is to have.
        let long =
            if submits(conversation, cx) || conversation.goes_on { "SMTP: push, into the queue" } else { bar.long };
        let name = format!("{long}. TCP connection {ends}, port {}, {state}", conversation.port);
        let thing = Thing::Connection(bar.conn);
        let chosen = cx.selected(&thing);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &name));
        let p = ui.painter();
        let colour = bands::colour(conversation.protocol, t);
        p.rect_filled(area, CornerRadius::same(4), t.surface);
        for (part, from, until) in &bar.phases {
            let phase = Rect::from_min_max(pos2(*from, area.top()), pos2(until.max(from + 1.0), area.bottom()));
            bands::fill(p, phase.intersect(area), bands::filling(*part), colour, t);
        }
        let edge = if chosen { Stroke::new(2.0, t.accent) } else { Stroke::new(1.0, mix(colour, t.surface, 0.3)) };
        p.rect_stroke(area, CornerRadius::same(4), edge, StrokeKind::Inside);
        if cx.hovered(&thing) {
            p.rect_stroke(area.expand(1.5), CornerRadius::same(5), Stroke::new(1.5, t.text2), StrokeKind::Outside);
        }
        // The longest wording that leaves the phases to be seen; the short ones may have the whole bar.
        let lay = |words: &str| p.layout_no_wrap(words.to_owned(), med(12.0), t.on_tint(colour));
        let fits = |(words, share): (&str, f32)| {
            let galley = lay(words);
            (galley.size().x + 16.0 <= area.width() * share).then_some(galley)
        };
        let galley = [(bar.why, 0.6), (long, 1.0), (bar.caption, 1.0)].into_iter().find_map(fits);
        let galley = galley.filter(|_| area.width() >= CAPTION && area.height() >= 15.0);
        if let Some(galley) = galley {
            let plate =
                Rect::from_center_size(area.center(), galley.size() + vec2(10.0, 0.0)).intersect(area.shrink(1.0));
            p.rect_filled(plate, CornerRadius::same(3), t.tint(colour));
            p.galley(pos2(plate.center().x, area.center().y) - galley.size() / 2.0, galley, t.text);
        }
        if response.has_focus() {
            focus_ring(ui, area, 4, t);
        }
        if response.secondary_clicked() {
            cx.send(Command::Sheet(Sheet::Menu(thing.clone())));
        }
        if response.clicked() {
            cx.send(Command::Select((!chosen).then(|| thing.clone())));
        }
        if (response.hovered() || response.has_focus()) && !cx.hovered(&thing) {
            cx.send(Command::Hover(Some(thing)));
        } else if !response.hovered() && !response.has_focus() && cx.hovered(&thing) {
            cx.send(Command::Hover(None));
        }
        response.on_hover_text(format!("{name}\n{}", bar.help));
    }
}
