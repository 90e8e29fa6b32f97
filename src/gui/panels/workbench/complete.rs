//! Fields that fit what is being typed, below the filter: Down and Up choose, Tab takes, Esc closes.

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{
    Align2, Area, CornerRadius, EventFilter, Id, Key, Modifiers, Order, Rect, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::filter::{FIELDS, Spec};
use crate::gui::cx::Cx;
use crate::gui::keys::Offers;
use crate::gui::theme::{R_CTRL, mono, reg};
use crate::gui::widgets::{elided, text};

/// How many are shown.
const MOST: usize = 8;
const ROW: f32 = 26.0;

/// A field that was taken: it stands in place of these bytes of the text.
pub struct Picked {
    pub from: usize,
    pub to: usize,
    pub name: &'static str,
}

/// The list below the filter.
#[derive(Default)]
pub struct Completion {
    /// The word for which fields are shown, and where it stands.
    word: Option<(usize, usize)>,
    found: Vec<&'static Spec>,
    chosen: Option<usize>,
    clicked: Option<usize>,
    /// The text for which the list was closed.
    closed: Option<String>,
}

/// The fields whose names begin so, shortest names first; then those that have it inside.
fn fitting(word: &str) -> Vec<&'static Spec> {
    let small = word.to_ascii_lowercase();
    let mut found: Vec<&'static Spec> = FIELDS.iter().filter(|spec| spec.name.starts_with(&small)).collect();
    found.sort_by_key(|spec| (spec.name.matches('.').count(), spec.name.len()));
    let inside = FIELDS.iter().filter(|spec| !spec.name.starts_with(&small) && spec.name.contains(&small));
    if small.len() > 2 {
        found.extend(inside);
    }
    found.truncate(MOST);
    found
}

/// The word that ends at `at`, unless it stands in quotation marks.
fn word_at(typed: &str, at: usize) -> Option<(usize, usize)> {
    let before = typed.get(..at)?;
    if before.matches('"').count() % 2 == 1 {
        return None;
    }
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let from = before.trim_end_matches(part).len();
    let to = at + typed[at..].len() - typed[at..].trim_start_matches(part).len();
    let begins = typed[from..].starts_with(|c: char| c.is_ascii_alphabetic());
    (begins && from < at).then_some((from, to))
}

impl Completion {
    /// Keys that belong to the list while it is open. They are asked for before the field takes them.
    pub fn keys(&mut self, ui: &Ui) -> Option<Picked> {
        if self.found.is_empty() {
            return None;
        }
        let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        let last = self.found.len() - 1;
        if pressed(Key::ArrowDown) {
            self.chosen = Some(self.chosen.map_or(0, |n| (n + 1).min(last)));
        }
        if pressed(Key::ArrowUp) {
            self.chosen = self.chosen.and_then(|n| n.checked_sub(1));
        }
        if pressed(Key::Escape) {
            self.found.clear();
            self.closed = Some(String::new());
            return None;
        }
        let take = pressed(Key::Tab) || (self.chosen.is_some() && pressed(Key::Enter));
        take.then(|| self.picked(self.chosen.unwrap_or(0))).flatten()
    }

    fn picked(&mut self, place: usize) -> Option<Picked> {
        let (from, to) = self.word?;
        let name = self.found.get(place)?.name;
        self.found.clear();
        Some(Picked { from, to, name })
    }

    /// What was clicked in this frame.
    pub fn clicked(&mut self) -> Option<Picked> {
        let place = self.clicked.take()?;
        self.picked(place)
    }

    /// Nothing is shown.
    pub fn close(&mut self) {
        self.found.clear();
        self.chosen = None;
    }

    /// While the list is open, Tab and Esc are its own, and not the window's.
    pub fn hold(&self, ui: &Ui, id: Id) {
        if self.found.is_empty() {
            ui.ctx().data_mut(|d| d.remove_temp::<Offers>(id));
            return;
        }
        ui.ctx().data_mut(|d| d.insert_temp(id, Offers));
        let filter = EventFilter { tab: true, escape: true, horizontal_arrows: true, vertical_arrows: true };
        ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
    }

    /// Puts the cursor behind what was taken.
    pub fn put_cursor(&self, ui: &Ui, id: Id, typed: &str, at: usize) {
        if let Some(mut state) = TextEditState::load(ui.ctx(), id) {
            let chars = typed[..at].chars().count();
            state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(chars))));
            state.store(ui.ctx(), id);
        }
        ui.memory_mut(|m| m.request_focus(id));
    }

    /// Shows the fields that fit below `field`.
    pub fn offer(&mut self, ui: &Ui, id: Id, field: Rect, typed: &str, cx: &Cx<'_>) {
        if self.closed.as_ref().is_some_and(|text| text.is_empty()) {
            self.closed = Some(typed.to_owned());
        }
        if self.closed.as_deref() == Some(typed) {
            return self.close();
        }
        self.closed = None;
        let cursor = TextEditState::load(ui.ctx(), id).and_then(|state| state.cursor.char_range());
        let at = cursor.and_then(|range| typed.char_indices().nth(range.primary.index.into()).map(|(at, _)| at));
        let word = word_at(typed, at.unwrap_or(typed.len()));
        if word != self.word || self.found.is_empty() {
            self.chosen = None;
        }
        self.word = word;
        self.found = word.map(|(from, to)| fitting(&typed[from..to])).unwrap_or_default();
        // A name that is whole needs no help.
        if self.found.len() == 1 && word.is_some_and(|(from, to)| typed[from..to] == *self.found[0].name) {
            self.found.clear();
        }
        if self.found.is_empty() {
            return;
        }
        let screen = ui.ctx().content_rect();
        let size = vec2(field.width().clamp(220.0, 420.0), ROW * self.found.len() as f32 + 8.0);
        let below = field.bottom() + 4.0 + size.y <= screen.bottom();
        let top = if below { field.bottom() + 4.0 } else { field.top() - 4.0 - size.y };
        let left = field.left().min(screen.right() - size.x).max(0.0);
        let area =
            Area::new(Id::unique("filter completion")).order(Order::Foreground).fixed_pos(pos2(left, top.max(0.0)));
        area.show(ui.ctx(), |ui| {
            let t = cx.t;
            let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
            let p = ui.painter();
            let ground = CornerRadius::same(R_CTRL);
            p.rect(whole, ground, t.surface, Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
            for (n, spec) in self.found.iter().enumerate() {
                let row = Rect::from_min_size(
                    pos2(whole.left() + 4.0, whole.top() + 4.0 + ROW * n as f32),
                    vec2(whole.width() - 8.0, ROW),
                );
                let response = ui.interact(row, ui.scope_id().with(n), Sense::click());
                let chosen = self.chosen == Some(n);
                if chosen || response.hovered() {
                    ui.painter().rect_filled(row, ground, t.tint(t.accent));
                }
                let name = text(
                    ui.painter(),
                    pos2(row.left() + 8.0, row.center().y),
                    Align2::LEFT_CENTER,
                    spec.name,
                    mono(12.5),
                    t.text,
                );
                let room = row.right() - 8.0 - name.right() - 14.0;
                if room > 40.0 {
                    let at = pos2(name.right() + 14.0, row.center().y);
                    elided(ui.painter(), at, spec.title, reg(12.0), t.text2, room);
                }
                let said = format!("{}: {}, {}", spec.name, spec.title, spec.kind);
                response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, chosen, &said));
                if response.clicked() {
                    self.clicked = Some(n);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_before_the_cursor_is_completed_but_not_a_text() {
        assert_eq!(word_at("tcp.fl", 6), Some((0, 6)));
        assert_eq!(word_at("tcp && smtp.re", 14), Some((7, 14)));
        assert_eq!(word_at("tcp && 25", 9), None);
        assert_eq!(word_at("smtp contains \"sub", 18), None);
        assert_eq!(word_at("", 0), None);
        // In the middle of a text, and of a word: it is the word at the cursor that is taken, whole.
        assert_eq!(word_at("tcp.fl && smtp", 6), Some((0, 6)));
        assert_eq!(word_at("tcp.flags && smtp", 5), Some((0, 9)));
        assert_eq!(word_at("imf.subject == \"Gr\u{fc}\u{df}e\" and tc", 31), Some((29, 31)));
        // Not between the bytes of a letter.
        assert_eq!(word_at("\u{fc}", 1), None);
    }

    #[test]
    fn names_that_begin_so_come_first_the_short_ones_before_the_long() {
        let names: Vec<&str> = fitting("tcp.analysis.re").iter().map(|spec| spec.name).collect();
        assert_eq!(names, ["tcp.analysis.retransmission"]);
        assert_eq!(fitting("tcp")[0].name, "tcp");
        assert!(fitting("retrans").iter().any(|spec| spec.name == "tcp.analysis.retransmission"));
    }
}
