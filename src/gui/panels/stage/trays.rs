//! The two trays under a mail server: outgoing queue and mailboxes. They are drawn even when they are empty: then
//! they say what will come in, and in which step.

use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{Align2, CornerRadius, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

use super::Ground;
use super::layout::Level;
use super::paint::measure;
use super::targets::{Group, Target, Targets};
use super::who::{capital, mails};
use crate::gui::command::Command;
use crate::gui::desk::Thing;
use crate::gui::theme::{Icon, alpha, mix, reg, semi};
use crate::gui::widgets::{icon_at, text};
use crate::mail::QueueId;
use crate::message;
use crate::time::Instant;
use crate::topology::NodeId;
use crate::trace::fold::State;

/// Height of a tray's head.
pub const HEAD: f32 = 22.0;
/// Height of a row.
pub const ROW: f32 = 26.0;
/// Rows that are drawn.
pub const ROWS: usize = 3;

/// What lies in a tray.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lies {
    /// In the queue.
    Queued(QueueId),
    /// In a mailbox: user, folder, UID.
    Stored(String, String, u32),
}

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// What.
    pub lies: Lies,
    /// Its words.
    pub words: String,
    /// All that is known, for the tooltip.
    pub told: String,
    /// Marked as deleted, still stored.
    pub deleted: bool,
    since: Instant,
}

/// One tray with all its rows, the last that came in at the end.
#[derive(Clone, Debug)]
pub struct Tray {
    /// Whose.
    pub node: usize,
    /// 0 is the queue, 1 the mailboxes.
    pub which: usize,
    /// Where.
    pub rect: Rect,
    /// All of them.
    pub rows: Vec<Row>,
}

impl Tray {
    /// The rows that are drawn: the last few, with their rectangles.
    pub fn drawn(&self) -> impl Iterator<Item = (&Row, Rect)> {
        let skip = self.rows.len().saturating_sub(ROWS);
        self.rows.iter().skip(skip).enumerate().map(|(i, row)| {
            let y = self.rect.top() + HEAD + i as f32 * ROW;
            (row, Rect::from_min_size(pos2(self.rect.left(), y), vec2(self.rect.width(), ROW)))
        })
    }

    /// Where a letter lies that is in this tray: the centre of its sheet.
    pub fn seat(&self, lies: &Lies, level: Level) -> Pos2 {
        if level == Level::Full {
            let row = self.drawn().find(|(row, _)| row.lies == *lies).map(|(_, r)| r);
            let first = Rect::from_min_size(self.rect.min + vec2(0.0, HEAD), vec2(self.rect.width(), ROW));
            let r = row.unwrap_or(first);
            return pos2(r.left() + 19.0, r.center().y + 1.0);
        }
        pos2(self.rect.right() - (self.rect.height() * 0.5).min(12.0), self.rect.center().y)
    }
}

/// Both trays of every mail server at the moment shown.
pub fn trays(g: &Ground<'_>, state: &State) -> Vec<Tray> {
    let mut trays = Vec::new();
    for node in g.net.nodes() {
        let Some([queue, boxes]) = g.layout.spot(node).and_then(|s| s.trays) else { continue };
        let id = NodeId(node as u32);
        trays.push(Tray { node, which: 0, rect: queue, rows: queued(g, state, id) });
        trays.push(Tray { node, which: 1, rect: boxes, rows: stored(g, state, id) });
    }
    trays
}

fn queued(g: &Ground<'_>, state: &State, node: NodeId) -> Vec<Row> {
    let from = (node, QueueId(0));
    let mut rows: Vec<Row> = Vec::new();
    for ((_, entry), mail) in state.queues.range(from..).take_while(|((n, _), _)| *n == node) {
        let to: Vec<String> = mail.envelope.to.iter().map(ToString::to_string).collect();
        let to = to.join(", ");
        let now = g.cx.scene.at;
        let next = match mail.due {
            Some(due) => format!("next try in {}", due.since(now)),
            None => "is being tried".to_owned(),
        };
        let last = mail.reason.as_ref().map_or_else(String::new, |r| format!(", last answer: {r}"));
        let told = format!("mail to {to}, in the outgoing queue for {}, {next}{last}", now.since(mail.since));
        rows.push(Row { lies: Lies::Queued(*entry), words: to, told, deleted: false, since: mail.since });
    }
    rows.sort_by_key(|r| r.since);
    rows
}

fn stored(g: &Ground<'_>, state: &State, node: NodeId) -> Vec<Row> {
    let from = (node, String::new(), String::new());
    let boxes = state.mailboxes.range(from..).take_while(|((n, ..), _)| *n == node);
    let users: Vec<&str> = boxes.clone().map(|((_, user, _), _)| user.as_str()).collect();
    let several = users.windows(2).any(|w| w[0] != w[1]);
    let mut rows: Vec<Row> = Vec::new();
    for ((_, user, folder), mailbox) in boxes {
        for (uid, mail) in mailbox.iter() {
            let subject = g.subject(mail.letter.content, &mail.letter.bytes);
            let mut words = String::new();
            if several {
                words += &format!("{}: ", capital(user));
            }
            if folder != "INBOX" {
                words += &format!("{folder}: ");
            }
            words += &subject;
            let deleted = mail.flags.iter().any(|f| f.eq_ignore_ascii_case("\\Deleted"));
            let flag = if deleted { ", marked deleted, still stored" } else { "" };
            let told = format!("mail \"{subject}\" in {}'s mailbox, folder {folder}, UID {uid}{flag}", capital(user));
            let lies = Lies::Stored(user.clone(), folder.clone(), *uid);
            rows.push(Row { lies, words, told, deleted, since: mail.since });
        }
    }
    rows.sort_by_key(|r| r.since);
    rows
}

/// The subject of a letter, or a word for having none.
pub fn subject(bytes: &[u8]) -> Arc<str> {
    let subject = message::header(bytes, "Subject", 0).unwrap_or_default();
    if subject.is_empty() { "(no subject)".into() } else { subject.into() }
}

/// Draws a tray; `present` says whether the sheet of a row lies here (and not elsewhere already).
pub fn draw(g: &Ground<'_>, tray: &Tray, present: &dyn Fn(&Lies) -> bool, targets: &mut Targets) {
    let (t, p) = (g.cx.t, &g.p);
    let who = &g.who[tray.node];
    let title = if tray.which == 0 { "outgoing queue" } else { "mailboxes" };
    let empty = g.empty_words(tray.node, tray.which);
    let name = if tray.rows.is_empty() {
        format!("{title} of {}: {empty}", who.name)
    } else {
        format!("{title} of {}: {}", who.name, mails(tray.rows.len()))
    };
    g.cx.drawn_tray(NodeId(tray.node as u32), tray.which == 1, tray.rect);
    let command = Some(Command::Select(Some(Thing::Node(NodeId(tray.node as u32)))));
    let key = (tray.node, 1 + tray.which * 1000);
    targets.push(Target {
        group: Group::Hosts,
        key,
        rect: tray.rect,
        radius: 8,
        thing: None,
        name,
        help: String::new(),
        command,
    });
    if g.layout.level < Level::Full {
        return count(g, tray);
    }
    let (rect, corner) = (tray.rect, CornerRadius::same(8));
    let edge = if t.dark { t.border_strong } else { mix(t.border_strong, t.text, 0.06) };
    // It hangs from the card.
    if let Some(spot) = g.layout.spot(tray.node) {
        for x in [rect.left() + 0.28 * rect.width(), rect.left() + 0.72 * rect.width()] {
            if x > spot.rect.left() + 8.0 && x < spot.rect.right() - 8.0 {
                p.vline(x, spot.rect.bottom()..=rect.top(), Stroke::new(1.5, edge));
            }
        }
    }
    p.rect_filled(rect, corner, t.surface);
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), HEAD));
    p.rect_filled(head, CornerRadius { nw: 8, ne: 8, sw: 0, se: 0 }, t.surface2);
    p.hline(rect.x_range(), head.bottom(), Stroke::new(1.0, t.border));
    p.rect_stroke(rect, corner, Stroke::new(1.0, edge), StrokeKind::Inside);
    let picture = if tray.which == 0 { Icon::Layers } else { Icon::Inbox };
    icon_at(p, pos2(head.left() + 15.0, head.center().y), picture, 13.0, t.text2);
    text(p, pos2(head.left() + 27.0, head.center().y), Align2::LEFT_CENTER, title, semi(12.5), t.text2);
    if tray.rows.is_empty() {
        return wrapped(p, rect, &empty, t.text2);
    }
    let count = tray.rows.len();
    text(p, pos2(head.right() - 9.0, head.center().y), Align2::RIGHT_CENTER, count, semi(13.0), t.text);
    for (i, (row, r)) in tray.drawn().enumerate() {
        let here = present(&row.lies);
        let thing = match &row.lies {
            Lies::Queued(entry) => Thing::Queued(NodeId(tray.node as u32), *entry),
            Lies::Stored(user, folder, uid) => {
                Thing::Stored(NodeId(tray.node as u32), user.clone(), folder.clone(), *uid)
            }
        };
        let inner = r.shrink2(vec2(2.0, 0.0));
        if g.cx.selected(&thing) {
            p.rect_filled(inner, CornerRadius::same(4), t.tint(t.accent));
        }
        if i > 0 {
            p.hline(inner.x_range(), r.top(), Stroke::new(1.0, t.border));
        }
        let ink = if here && !row.deleted { t.text } else { t.text2 };
        line(p, pos2(r.left() + 38.0, r.center().y), &row.words, row.deleted, ink, r.width() - 44.0);
        if !here {
            // Handed over; the entry stays until the answer has come.
            super::letter::ghost(p, pos2(r.left() + 19.0, r.center().y + 1.0), vec2(18.0, 22.0), t);
        }
        targets.push(Target {
            group: Group::Hosts,
            key: (tray.node, 2 + tray.which * 1000 + i),
            rect: inner,
            radius: 4,
            thing: Some(thing.clone()),
            name: row.told.clone(),
            help: String::new(),
            command: Some(Command::Select(Some(thing))),
        });
    }
    if count > ROWS {
        let words = format!("+ {} more", count - ROWS);
        let size = measure(p, &words, semi(12.0));
        let size = size + vec2(12.0, 2.0);
        let plate = Rect::from_min_size(pos2(rect.right() - 6.0 - size.x, rect.bottom() - 5.0), size);
        p.rect(plate, CornerRadius::same(8), t.surface, Stroke::new(1.0, edge), StrokeKind::Inside);
        text(p, plate.center(), Align2::CENTER_CENTER, words, semi(12.0), t.text2);
    }
}

/// A tray without rows: a word and a number.
fn count(g: &Ground<'_>, tray: &Tray) {
    let (t, p, rect) = (g.cx.t, &g.p, tray.rect);
    let n = tray.rows.len();
    let edge = if n > 0 { t.text3 } else { t.border_strong };
    let ground = if n > 0 { t.surface } else { alpha(t.surface2, 0.9) };
    p.rect(rect, CornerRadius::same(5), ground, Stroke::new(1.0, edge), StrokeKind::Inside);
    let ink = if n > 0 { t.text } else { t.text2 };
    let picture = if tray.which == 0 { Icon::Layers } else { Icon::Inbox };
    match g.layout.level {
        Level::Middle => {
            let word = if tray.which == 0 { "queue" } else { "mailbox" };
            text(p, pos2(rect.left() + 7.0, rect.center().y), Align2::LEFT_CENTER, word, semi(12.0), ink);
        }
        Level::Small => icon_at(p, pos2(rect.left() + 13.0, rect.center().y), picture, 12.0, ink),
        _ => {}
    }
    if n != 1 || g.layout.level == Level::Tiny {
        let at = pos2(rect.right() - (rect.height() * 0.5).min(12.0), rect.center().y);
        text(p, at, Align2::CENTER_CENTER, n, semi(12.0), ink);
    }
}

fn line(p: &Painter, at: Pos2, words: &str, struck: bool, ink: eframe::egui::Color32, width: f32) {
    let mut format = TextFormat::simple(reg(13.0), ink);
    if struck {
        format.strikethrough = Stroke::new(1.0, ink);
    }
    let mut job = LayoutJob::default();
    job.append(words, 0.0, format);
    job.wrap = TextWrapping::truncate_at_width(width);
    let galley = p.layout_job(job);
    p.galley(pos2(at.x, (at.y - galley.size().y / 2.0).round()), galley, ink);
}

fn wrapped(p: &Painter, rect: Rect, words: &str, ink: eframe::egui::Color32) {
    let galley = p.layout(words.to_owned(), reg(12.0), ink, rect.width() - 16.0);
    p.galley(pos2(rect.left() + 9.0, rect.top() + HEAD + 6.0), galley, ink);
}
