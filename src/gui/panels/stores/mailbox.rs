//! The mailboxes of a mail server: folders, what lies in them, and the letter itself.

use std::collections::BTreeMap;

use eframe::egui::{
    self, Align2, CornerRadius, EventFilter, Id, Key, Modifiers, Painter, Rect, Role, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::words;
use crate::explain::scene::LetterPlace;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::{Sheet, Thing};
use crate::gui::panels::bytes::say;
use crate::gui::panels::letter::signed::Signed;
use crate::gui::panels::letter::versions::Versions;
use crate::gui::theme::{Proto, Tokens, alpha, med, mono, reg, semi};
use crate::gui::widgets::{Pointing, button, chip, elided, focus_ring, text};
use crate::mail::ContentId;
use crate::message;
use crate::topology::NodeId;
use crate::trace::fold::Stored;

/// Height of a row of two lines, and of one.
const ROWS: (f32, f32) = (46.0, 28.0);
/// Width of the folders.
const FOLDERS: f32 = 98.0;
/// Seconds in which a removed mail fades.
const FADE: f32 = 0.3;

/// What a row says of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    /// Name, or address without brackets.
    short: String,
    from: String,
    subject: String,
}

/// A mail that has been removed and still fades.
struct Ghost {
    at: usize,
    uid: u32,
    subject: String,
}

/// What was in a folder when it was last looked at.
struct Before {
    place: usize,
    user: String,
    folder: String,
    mails: Vec<(u32, ContentId)>,
}

/// See the [module](self).
#[derive(Default)]
pub struct MailboxView {
    pointing: Pointing,
    chosen: Option<(String, String)>,
    told: BTreeMap<ContentId, Told>,
    /// The letter in the preview.
    preview: Option<Signed>,
    before: Option<Before>,
    ghosts: Vec<Ghost>,
}

/// A folder with what lies in it.
struct Folder<'a> {
    user: &'a str,
    name: &'a str,
    /// How many mails.
    count: usize,
    /// The mails themselves, of the folder that is open.
    mails: Vec<(u32, &'a Stored)>,
}

impl MailboxView {
    /// Draws the mailboxes of `node` into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, node: NodeId, versions: &Versions, cx: &Cx<'_>) {
        let mut folders = folders(node, cx);
        if folders.is_empty() {
            return say(ui, "No user has a mailbox on this server.", cx);
        }
        let current = self.current(node, &folders, cx);
        folders[current].open(node, cx);
        let whole = ui.max_rect();
        let folder = &folders[current];
        self.remember(folder, versions, cx);
        let wide = whole.width() >= 360.0;
        let count = folders.len() + users(&folders);
        let (left, right) = if wide {
            let x = whole.left() + FOLDERS.min(whole.width() * 0.3);
            (
                Rect::from_min_max(whole.min, pos2(x, whole.bottom())),
                Rect::from_min_max(pos2(x, whole.top()), whole.max),
            )
        } else {
            let y = whole.top() + (count as f32 * 26.0 + 6.0).min(whole.height() * 0.35);
            (
                Rect::from_min_max(whole.min, pos2(whole.right(), y)),
                Rect::from_min_max(pos2(whole.left(), y), whole.max),
            )
        };
        self.folders(ui, left, node, &folders, current, cx);
        let line = Stroke::new(1.0, cx.t.border);
        if wide {
            ui.painter().vline(left.right(), left.y_range(), line);
        } else {
            ui.painter().hline(left.x_range(), left.bottom(), line);
        }
        let one_line = right.width() >= 560.0;
        let row = if one_line { ROWS.1 } else { ROWS.0 };
        let need = (folder.mails.len() + self.ghosts.len()).max(1) as f32 * row + 8.0;
        let height = need.clamp(row + 8.0, (right.height() * 0.42).max(row + 8.0));
        let preview = right.height() - height >= 90.0 && !folder.mails.is_empty();
        let rows = if preview { Rect::from_min_size(right.min, vec2(right.width(), height)) } else { right };
        self.mails(ui, rows, node, folder, row, cx);
        if preview {
            let below = Rect::from_min_max(pos2(right.left(), rows.bottom()), right.max);
            ui.painter().hline(below.x_range(), below.top(), line);
            let mail =
                folder.mails.iter().find(|(uid, _)| cx.selected(&thing(node, folder, *uid))).or(folder.mails.last());
            if let Some((_, stored)) = mail {
                self.preview(ui, below, node, stored, versions, cx);
            }
        }
        self.pointing.done(cx);
    }

    /// The folder that is open: of the selected mail, else the one chosen, else the first with something in it.
    fn current(&mut self, node: NodeId, folders: &[Folder<'_>], cx: &Cx<'_>) -> usize {
        if let Some(Thing::Stored(n, user, folder, _)) = &cx.desk.selection
            && *n == node
        {
            self.chosen = Some((user.clone(), folder.clone()));
        }
        let is = |f: &Folder<'_>| self.chosen.as_ref().is_some_and(|(u, n)| u == f.user && n == f.name);
        let found = folders.iter().position(is);
        found.or_else(|| folders.iter().position(|f| f.count > 0)).unwrap_or(0)
    }

    /// Notices what has been removed since another moment was shown, if time has gone on.
    fn remember(&mut self, folder: &Folder<'_>, versions: &Versions, cx: &Cx<'_>) {
        let same = |b: &Before| b.user == folder.user && b.folder == folder.name;
        let before = match self.before.take() {
            Some(before) if same(&before) && before.place == cx.place => {
                self.before = Some(before);
                return;
            }
            Some(before) if same(&before) && before.place < cx.place => Some(before),
            _ => {
                self.ghosts.clear();
                None
            }
        };
        for (at, (uid, content)) in before.iter().flat_map(|b| &b.mails).enumerate() {
            if folder.mails.binary_search_by_key(uid, |(u, _)| *u).is_err() {
                let letter = versions.get(*content).map(|v| message::show(&v.letter.bytes));
                let subject = letter.map_or_else(String::new, |l| l.subject);
                self.ghosts.push(Ghost { at, uid: *uid, subject });
            }
        }
        let mails = folder.mails.iter().map(|(uid, s)| (*uid, s.letter.content)).collect();
        let (user, name) = (folder.user.to_owned(), folder.name.to_owned());
        self.before = Some(Before { place: cx.place, user, folder: name, mails });
    }

    fn of(&mut self, stored: &Stored) -> Told {
        let told = self.told.entry(stored.letter.content).or_insert_with(|| {
            let screen = message::show(&stored.letter.bytes);
            Told { short: person(&screen.from), from: screen.from, subject: screen.subject }
        });
        told.clone()
    }

    fn folders(&mut self, ui: &Ui, rect: Rect, node: NodeId, all: &[Folder<'_>], current: usize, cx: &Cx<'_>) {
        let t = cx.t;
        let mut y = rect.top() + 5.0;
        let mut user = None;
        let several = users(all) > 1;
        for (i, folder) in all.iter().enumerate() {
            if user != Some(folder.user) {
                user = Some(folder.user);
                let at = pos2(rect.left() + 12.0, y + 12.0);
                elided(ui.painter(), at, &words::person(folder.user), semi(12.5), t.text2, rect.width() - 16.0);
                y += 24.0;
            }
            let row = Rect::from_min_size(pos2(rect.left() + 6.0, y), vec2(rect.width() - 12.0, 26.0));
            if row.bottom() > rect.bottom() + 1.0 {
                break;
            }
            let response = ui.interact(row, ui.scope_id().with(("folder", node.0, i)), Sense::click());
            let count = words::count(folder.count, "mail", "mails");
            let whose = if several { format!(" of {}", words::person(folder.user)) } else { String::new() };
            let says = format!("Folder {}{whose}: {count}", folder.name);
            response.widget_info(|| WidgetInfo::selected(Role::Tab, true, i == current, &says));
            if response.clicked() {
                self.chosen = Some((folder.user.to_owned(), folder.name.to_owned()));
                if matches!(cx.desk.selection, Some(Thing::Stored(..))) {
                    cx.send(Command::Select(None));
                }
            }
            let p = ui.painter();
            if i == current {
                p.rect_filled(row, CornerRadius::same(6), t.tint(t.accent));
            } else if response.hovered() {
                p.rect_filled(row, CornerRadius::same(6), alpha(t.text, 0.05));
            }
            let number = text(
                p,
                pos2(row.right() - 8.0, row.center().y),
                Align2::RIGHT_CENTER,
                folder.count,
                med(12.5),
                if i == current { t.accent_text } else { t.text2 },
            );
            let ink = if i == current { t.accent_text } else { t.text };
            let x = row.left() + 8.0;
            elided(p, pos2(x, row.center().y), folder.name, med(13.0), ink, number.left() - x - 6.0);
            if response.has_focus() {
                focus_ring(ui, row, 6, t);
            }
            response.on_hover_text(says);
            y += 28.0;
        }
    }

    fn mails(&mut self, ui: &mut Ui, rect: Rect, node: NodeId, folder: &Folder<'_>, row: f32, cx: &Cx<'_>) {
        // What fades keeps its place among the others.
        let mut lines: Vec<Result<usize, usize>> = (0..folder.mails.len()).map(Ok).collect();
        self.ghosts.retain(|g| {
            let id = ui.scope_id().with(("alive", node.0, g.uid));
            ui.ctx().animate_bool_with_time(id, false, FADE) > 0.0
        });
        for (i, ghost) in self.ghosts.iter().enumerate() {
            lines.insert(ghost.at.min(lines.len()), Err(i));
        }
        if lines.is_empty() {
            let words = words::empty_mailbox(node, folder.user, folder.name, cx);
            return say(&mut ui.new_child(UiBuilder::new().id_salt("empty").max_rect(rect)), &words, cx);
        }
        let id = ui.scope_id().with("mailbox");
        let response = ui.interact(rect, id, Sense::focusable_noninteractive());
        let count = words::count(folder.mails.len(), "mail", "mails");
        let says = format!("{} of {}: {count}", folder.name, words::person(folder.user));
        response.widget_info(|| WidgetInfo::labeled(Role::List, true, &says));
        if response.has_focus() {
            keys(ui, id, node, folder, cx);
            focus_ring(ui, rect.shrink(5.0), 4, cx.t);
        }
        let scope = ui.scope_id();
        let mut place = ui.new_child(UiBuilder::new().id_salt("mails").max_rect(rect.shrink2(vec2(0.0, 4.0))));
        place.spacing_mut().item_spacing = vec2(0.0, 0.0);
        place.set_clip_rect(rect.intersect(ui.clip_rect()));
        let area = ScrollArea::vertical().id_salt(("mails", node.0)).auto_shrink([false, false]);
        area.show_rows(&mut place, row, lines.len(), |ui, range| {
            let top = ui.max_rect().min;
            for (n, i) in range.enumerate() {
                let rect = Rect::from_min_size(pos2(top.x, top.y + n as f32 * row), vec2(ui.max_rect().width(), row));
                match lines[i] {
                    Ok(place) => {
                        let (uid, stored) = folder.mails[place];
                        ui.ctx().animate_bool_with_time(scope.with(("alive", node.0, uid)), true, FADE);
                        self.mail(ui, rect, node, folder, (place, uid, stored), cx);
                    }
                    Err(ghost) => {
                        let ghost = &self.ghosts[ghost];
                        let id = scope.with(("alive", node.0, ghost.uid));
                        let left = ui.ctx().animate_bool_with_time(id, false, FADE);
                        let words = format!("UID {}: {} removed for good", ghost.uid, ghost.subject);
                        let ink = alpha(cx.t.text2, left);
                        elided(
                            ui.painter(),
                            rect.left_center() + vec2(14.0, 0.0),
                            &words,
                            reg(13.0),
                            ink,
                            rect.width() - 24.0,
                        );
                    }
                }
            }
        });
    }

    fn mail(
        &mut self,
        ui: &Ui,
        rect: Rect,
        node: NodeId,
        folder: &Folder<'_>,
        (place, uid, stored): (usize, u32, &Stored),
        cx: &Cx<'_>,
    ) {
        let t = cx.t;
        let told = self.of(stored);
        let flags = words::flags(&stored.flags);
        let deleted = flags[0].starts_with("marked");
        let unread = flags.contains(&"unread");
        let thing = thing(node, folder, uid);
        let response = ui.interact(rect, ui.scope_id().with(("mail", uid)), Sense::CLICK);
        self.pointing.at(&response, || thing.clone());
        let number = place + 1;
        let says = format!(
            "Number {number}, UID {uid}, {}: from {}, {}",
            flags.join(", "),
            told.from,
            if told.subject.is_empty() { "no subject" } else { &told.subject }
        );
        let selected = cx.selected(&thing);
        response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, selected, &says));
        if response.double_clicked() {
            cx.send(Command::Sheet(Sheet::Letter(stored.letter.content)));
        } else if response.clicked() {
            cx.send(Command::Select(Some(thing.clone())));
        }
        let p = ui.painter();
        let plate = rect.shrink2(vec2(6.0, 1.0));
        let corner = CornerRadius::same(6);
        match (selected, cx.hovered(&thing)) {
            (true, _) => {
                p.rect(plate, corner, t.tint(t.accent), Stroke::new(2.0, t.accent), StrokeKind::Inside);
            }
            (_, true) => {
                p.rect_stroke(plate, corner, Stroke::new(1.5, t.text3), StrokeKind::Inside);
            }
            _ => {}
        }
        let ink = if deleted { t.text2 } else { t.text };
        let font = if unread { med(13.0) } else { reg(13.0) };
        let (x, right) = (plate.left() + 10.0, plate.right() - 8.0);
        let mut struck = Vec::new();
        if rect.height() < 40.0 {
            let y = rect.center().y;
            text(p, pos2(x + 18.0, y), Align2::RIGHT_CENTER, number, mono(12.5), t.text2);
            elided(p, pos2(x + 30.0, y), &format!("UID {uid}"), mono(12.5), t.text2, 70.0);
            let w = (right - x - 110.0) * 0.3;
            struck.push(elided(p, pos2(x + 106.0, y), &told.short, font.clone(), ink, w - 10.0).0);
            let chips = chips(p, pos2(right, y), &flags, t);
            let at = x + 106.0 + w;
            struck.push(elided(p, pos2(at, y), &told.subject, font, ink, chips - at - 10.0).0);
        } else {
            let (a, b) = (rect.top() + 14.0, rect.top() + 32.0);
            let head = format!("{number}  UID {uid}");
            let left = elided(p, pos2(x, a), &head, mono(12.5), t.text2, (right - x) * 0.45).0;
            let _ = chips_from(p, pos2(left.right() + 10.0, a), right, &flags, t);
            let from = elided(p, pos2(x, b), &told.short, font.clone(), ink, (right - x) * 0.46).0;
            let at = from.right() + 12.0;
            struck.push(from);
            struck.push(elided(p, pos2(at, b), &told.subject, font, ink, right - at).0);
        }
        if deleted {
            for area in struck {
                p.hline(area.x_range(), area.center().y + 0.5, Stroke::new(1.25, t.text2));
            }
        }
        response.on_hover_text(says);
    }

    fn preview(&mut self, ui: &mut Ui, rect: Rect, node: NodeId, stored: &Stored, versions: &Versions, cx: &Cx<'_>) {
        let content = stored.letter.content;
        if self.preview.as_ref().is_none_or(|p| p.content != content) {
            self.preview = Some(Signed::new(versions, content, cx));
        }
        let Some(letter) = &self.preview else { return };
        let t = cx.t;
        let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 38.0), rect.max);
        let body = Rect::from_min_max(pos2(rect.left(), rect.top() + 3.0), pos2(rect.right(), foot.top()));
        let mut place = ui.new_child(UiBuilder::new().id_salt(("preview", content.0)).max_rect(body));
        letter.show(&mut place, "preview", cx);
        ui.painter().hline(foot.x_range(), foot.top(), Stroke::new(1.0, t.border));
        let width = 84.0;
        let at = Rect::from_min_size(pos2(foot.right() - width - 6.0, foot.top() + 3.0), vec2(width, 32.0));
        let mut place = ui.new_child(UiBuilder::new().id_salt("unwrap").max_rect(at));
        if button(&mut place, "Unwrap", t).on_hover_text("The letter, and what lay around it on the wire").clicked() {
            cx.send(Command::Sheet(Sheet::Letter(content)));
        }
        let words = stored_and_copied(node, content, versions, cx);
        let room = at.left() - foot.left() - 22.0;
        let (area, _) =
            elided(ui.painter(), pos2(foot.left() + 12.0, foot.center().y), &words, reg(12.5), t.text2, room);
        let response = ui.interact(area, ui.scope_id().with("stored"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
        response.on_hover_text(words);
    }
}

/// The name in a From field, or the address without its brackets.
fn person(from: &str) -> String {
    let (name, rest) = from.split_once('<').unwrap_or((from, ""));
    let name = name.trim().trim_matches('"').trim();
    if name.is_empty() { rest.trim().trim_end_matches('>').to_owned() } else { name.to_owned() }
}

/// `1 stored on the server; a copy on bob-pc`.
fn stored_and_copied(node: NodeId, content: ContentId, versions: &Versions, cx: &Cx<'_>) -> String {
    let id = versions.get(content).map(|v| v.letter.message_id.clone());
    let same = |c: &ContentId| id.is_some() && versions.get(*c).map(|v| v.letter.message_id.clone()) == id;
    let stored = cx.scene.state.mailboxes.iter().filter(|((n, ..), _)| *n == node);
    let count = stored.flat_map(|(_, m)| m.values()).filter(|s| same(&s.letter.content)).count();
    let copies = cx.scene.letters.iter().filter(|l| l.copy && l.content.as_ref().is_some_and(same));
    let screens: Vec<&str> = copies
        .filter_map(|l| match &l.at {
            LetterPlace::Reader { node } => Some(cx.run.node(*node)),
            _ => None,
        })
        .collect();
    match screens.as_slice() {
        [] => format!("{count} stored on the server"),
        [one] => format!("{count} stored on the server; a copy on the screen of {one}"),
        all => format!("{count} stored on the server; copies on the screens of {}", all.join(" and ")),
    }
}

impl<'a> Folder<'a> {
    /// Takes its mails out of the state.
    fn open(&mut self, node: NodeId, cx: &'a Cx<'_>) {
        let key = (node, self.user.to_owned(), self.name.to_owned());
        if let Some(mails) = cx.scene.state.mailboxes.get(&key) {
            self.mails = mails.iter().map(|(uid, stored)| (*uid, stored)).collect();
        }
    }
}

fn folders<'a>(node: NodeId, cx: &'a Cx<'_>) -> Vec<Folder<'a>> {
    let of_node = cx.scene.state.mailboxes.iter().filter(|((n, ..), _)| *n == node);
    let mut all: Vec<Folder<'a>> =
        of_node.map(|((_, user, name), mails)| Folder { user, name, count: mails.len(), mails: Vec::new() }).collect();
    // A mailbox is there before its first mail.
    for user in words::server(node, cx).map_or(&[][..], |s| &s.users) {
        if !all.iter().any(|f| f.user == user.name && f.name == "INBOX") {
            all.push(Folder { user: &user.name, name: "INBOX", count: 0, mails: Vec::new() });
        }
    }
    all.sort_by_key(|f| (f.user, f.name != "INBOX", f.name));
    all
}

fn users(folders: &[Folder<'_>]) -> usize {
    let first = |i: usize| i == 0 || folders[i - 1].user != folders[i].user;
    (0..folders.len()).filter(|i| first(*i)).count()
}

fn thing(node: NodeId, folder: &Folder<'_>, uid: u32) -> Thing {
    Thing::Stored(node, folder.user.to_owned(), folder.name.to_owned(), uid)
}

fn flag_colour(word: &str, t: &Tokens) -> egui::Color32 {
    match word {
        "unread" => t.accent,
        w if w.starts_with("marked") => t.proto(Proto::Lost),
        _ => t.text3,
    }
}

/// Flags from the right; gives where they begin.
fn chips(p: &Painter, right: egui::Pos2, flags: &[&str], t: &Tokens) -> f32 {
    let mut x = right.x;
    for word in flags.iter().rev() {
        let width = p.layout_no_wrap((*word).to_owned(), med(12.0), t.text).size().x + 12.0;
        chip(p, pos2(x - width, right.y), word, flag_colour(word, t), t, med(12.0));
        x -= width + 6.0;
    }
    x
}

/// Flags from the left, as many as there is room for.
fn chips_from(p: &Painter, left: egui::Pos2, right: f32, flags: &[&str], t: &Tokens) -> f32 {
    let mut x = left.x;
    for word in flags {
        let width = p.layout_no_wrap((*word).to_owned(), med(12.0), t.text).size().x + 12.0;
        if x + width > right + 1.0 {
            // What is the most important of them is said, if shortened.
            if x == left.x {
                elided(p, left, word, med(12.0), t.on_tint(flag_colour(word, t)), right - x);
            }
            break;
        }
        chip(p, pos2(x, left.y), word, flag_colour(word, t), t, med(12.0));
        x += width + 6.0;
    }
    x
}

fn keys(ui: &Ui, list: Id, node: NodeId, folder: &Folder<'_>, cx: &Cx<'_>) {
    let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|m| m.set_focus_lock_filter(list, filter));
    let none = Modifiers::NONE;
    let (up, down, enter) = ui.input_mut(|i| {
        (i.consume_key(none, Key::ArrowUp), i.consume_key(none, Key::ArrowDown), i.consume_key(none, Key::Enter))
    });
    let at = folder.mails.iter().position(|(uid, _)| cx.selected(&thing(node, folder, *uid)));
    let to = match (up, down, at) {
        (true, _, Some(at)) => at.saturating_sub(1),
        (_, true, Some(at)) => (at + 1).min(folder.mails.len().saturating_sub(1)),
        (true, _, None) => folder.mails.len().saturating_sub(1),
        (_, true, None) => 0,
        _ => {
            if let (true, Some((_, stored))) = (enter, at.and_then(|at| folder.mails.get(at))) {
                cx.send(Command::Sheet(Sheet::Letter(stored.letter.content)));
            }
            return;
        }
    };
    if let Some((uid, _)) = folder.mails.get(to) {
        cx.send(Command::Select(Some(thing(node, folder, *uid))));
    }
}

#[cfg(test)]
mod tests {
    use super::person;

    #[test]
    fn a_row_names_the_person_or_else_the_address() {
        assert_eq!(person("\"Alice\" <alice@a.example>"), "Alice");
        assert_eq!(person("<alice@a.example>"), "alice@a.example");
        assert_eq!(person("alice@a.example"), "alice@a.example");
        assert_eq!(person(""), "");
    }
}
