//! The letter unwrapped: envelope | header | empty line | body, and the TCP, IP and link bytes around it.

mod bars;
mod parts;
pub mod raw;
pub mod signed;
pub mod versions;
pub mod wrapping;

use eframe::egui::{
    Color32, CornerRadius, Painter, Rect, Role, ScrollArea, Sense, Shape, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

pub use self::bars::titled;
use self::signed::Signed;
use self::versions::Versions;
use self::wrapping::{Wrapping, wrapping};
use super::bytes::say;
use crate::gui::cx::Cx;
use crate::gui::desk::Sheet;
use crate::gui::theme::{R_INNER, mono, reg};
use crate::gui::widgets::{elided, segmented};
use crate::mail::ContentId;
use crate::smtp::Envelope;

/// In less height the parts scroll.
const LEAST: f32 = 420.0;
/// Height of the envelope.
const ENVELOPE: f32 = 66.0;

/// See the [module](self).
#[derive(Default)]
pub struct LetterSheet {
    versions: Versions,
    open: Option<Open>,
    /// An earlier version of the letter that was asked for.
    earlier: Option<(ContentId, ContentId)>,
    /// A line that was asked for: it stands at the top in the next frame.
    top: Option<usize>,
}

/// What has been computed for the letter that is open.
struct Open {
    content: ContentId,
    place: usize,
    letter: Signed,
    wrapping: Option<Wrapping>,
    /// The versions of it that differ, the first one first, with their names.
    line: Vec<Kept>,
}

/// A version that can be chosen.
struct Kept {
    content: ContentId,
    /// Who made it.
    node: String,
    /// And how.
    name: String,
}

impl LetterSheet {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let asked = cx.desk.sheets.iter().rev().find_map(|s| match s {
            Sheet::Letter(content) => Some(*content),
            _ => None,
        });
        let content = asked.filter(|c| self.versions.update(cx).get(*c).is_some());
        let Some(content) = content else { return say(ui, "No letter has been written yet (step 1).", cx) };
        let asked = content;
        let content = self.earlier.filter(|(of, _)| *of == asked).map_or(asked, |(_, earlier)| earlier);
        if self.open.as_ref().is_none_or(|o| o.content != content || o.place != cx.place) {
            self.open = Some(Open::new(&self.versions, content, asked, cx));
        }
        let Some(open) = &self.open else { return };
        let mut whole = ui.max_rect();
        if open.line.len() > 1 && whole.height() >= LEAST + 40.0 {
            let row = Rect::from_min_size(whole.min, vec2(whole.width(), 32.0));
            let short = row.width() < 720.0;
            let words: Vec<&str> = open.line.iter().map(|v| if short { &*v.node } else { &*v.name }).collect();
            let at = open.line.iter().position(|v| v.content == content).unwrap_or(words.len() - 1);
            let mut place = ui.new_child(UiBuilder::new().id_salt("versions").max_rect(row));
            place.set_clip_rect(row.expand(4.0).intersect(ui.clip_rect()));
            if let Some(i) = segmented(&mut place, "Version", &words, at, cx.t) {
                self.earlier = Some((asked, open.line[i].content));
            }
            whole.min.y = row.bottom() + 12.0;
        }
        let top = self.top.take();
        let least = if open.letter.lines.parts.is_empty() { LEAST } else { LEAST + parts::HEIGHT + 10.0 };
        if whole.height() >= least {
            self.top = self.parts(ui, whole, content, open, top, cx);
            return;
        }
        // In a low window all of it scrolls.
        let area = ScrollArea::vertical().id_salt("unwrapped").auto_shrink([false, false]);
        let shown = area.show(ui, |ui| {
            let size = vec2(ui.available_width() - 8.0, least);
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            self.parts(ui, rect, content, open, top, cx)
        });
        self.top = shown.inner;
    }

    /// Envelope, bars, the parts of MIME if there are some, and the letter line by line with `top` as its first line.
    /// Gives the line that was asked for.
    fn parts(
        &self,
        ui: &mut Ui,
        whole: Rect,
        content: ContentId,
        open: &Open,
        top: Option<usize>,
        cx: &Cx<'_>,
    ) -> Option<usize> {
        let mut y = whole.top();
        let mut next = |height: f32| {
            let rect = Rect::from_min_size(pos2(whole.left(), y), vec2(whole.width(), height));
            y = rect.bottom() + 10.0;
            rect
        };
        let stored = self.versions.get(content).is_some_and(|v| v.envelope.is_none());
        envelope(ui, next(ENVELOPE), self.versions.envelope(content), stored, cx);
        let rect = next(bars::HEIGHT);
        ui.scope_builder(UiBuilder::new().id_salt("bars").max_rect(rect), |ui| {
            bars::show(ui, &open.letter.lines, open.wrapping.as_ref(), cx);
        });
        let mut asked = None;
        if !open.letter.lines.parts.is_empty() {
            let rect = next(parts::HEIGHT);
            ui.scope_builder(UiBuilder::new().id_salt("parts").max_rect(rect), |ui| {
                // Its boundary stands above it, and says what it is.
                let part = parts::show(ui, &open.letter.lines, cx);
                asked = part.map(|part| open.letter.lines.of_part(part).start.saturating_sub(1));
            });
        }
        let rest = Rect::from_min_max(pos2(whole.left(), y), whole.max);
        framed(ui.painter(), rest, cx);
        let mut place = ui.new_child(UiBuilder::new().id_salt("raw").max_rect(rest.shrink2(vec2(2.0, 4.0))));
        open.letter.show_from(&mut place, "letter", top, cx);
        asked
    }
}

impl Open {
    fn new(versions: &Versions, content: ContentId, asked: ContentId, cx: &Cx<'_>) -> Open {
        let letter = Signed::new(versions, content, cx);
        let wrapping = wrapping(cx.run, versions, content, cx.place).filter(|w| !w.parcels.is_empty());
        Open { content, place: cx.place, letter, wrapping, line: line(versions, asked, cx) }
    }
}

/// The versions that differ from the one before, each named after who made it: a letter grows at its beginning.
fn line(versions: &Versions, asked: ContentId, cx: &Cx<'_>) -> Vec<Kept> {
    let mut all: Vec<Kept> = Vec::new();
    let (mut length, mut before) = (0, 0);
    for content in versions.line(asked).into_iter().rev() {
        let Some(version) = versions.get(content) else { continue };
        let now = version.letter.bytes.len();
        let node = cx.run.node(version.node).to_owned();
        let name = |from: usize| format!("{node} put {} bytes in front", now.saturating_sub(from));
        match all.last_mut() {
            None => all.push(Kept { content, name: format!("as written, {node}"), node }),
            // The same bytes at another place: shown once, and if asked for, as what was asked for.
            Some(last) if now == length => {
                if content == asked {
                    last.content = content;
                }
            }
            // What one server does at one moment is one step.
            Some(last) if last.node == node && before > 0 => *last = Kept { content, name: name(before), node },
            Some(_) => {
                before = length;
                all.push(Kept { content, name: name(before), node });
            }
        }
        length = now;
    }
    all
}

/// An inset.
pub fn framed(p: &Painter, rect: Rect, cx: &Cx<'_>) {
    let (fill, edge) = (cx.t.surface2, Stroke::new(1.0, cx.t.border));
    p.rect(rect, CornerRadius::same(R_INNER), fill, edge, eframe::egui::StrokeKind::Inside);
}

/// MAIL FROM and RCPT TO: said as commands, no part of the letter. `stored`: the letter lies in a mailbox.
pub fn envelope(ui: &Ui, rect: Rect, envelope: Option<&Envelope>, stored: bool, cx: &Cx<'_>) {
    let t = cx.t;
    let p = ui.painter();
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), 22.0));
    let title = match (envelope, stored) {
        (_, false) => "The envelope: commands of SMTP, no part of the letter",
        (Some(_), true) => "The envelope it came in; the mailbox keeps only the letter",
        (None, true) => "No envelope: it was in the mailbox from the start",
    };
    bars::titled(ui, head, title, "RFC 5321, protocol", t);
    let paper = Rect::from_min_max(pos2(rect.left(), head.bottom() + 3.0), rect.max);
    dashed(p, paper, t.text3);
    let mut words = Vec::new();
    if let Some(envelope) = envelope {
        words.push(format!("MAIL FROM:{}", envelope.from));
        words.extend(envelope.to.iter().map(|to| format!("RCPT TO:<{to}>")));
    }
    let line = words.join("   ");
    let (font, ink) = if line.is_empty() { (reg(13.0), t.text2) } else { (mono(13.5), t.text) };
    let shown = match (line.is_empty(), stored) {
        (true, false) => "nobody to send it to yet",
        (true, true) => "\u{2013}",
        _ => &line,
    };
    let (_, cut) = elided(p, pos2(paper.left() + 14.0, paper.center().y), shown, font, ink, paper.width() - 28.0);
    let response = ui.interact(paper, ui.scope_id().with("envelope"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Envelope: {line}")));
    if cut {
        response.on_hover_text(words.join("\n"));
    }
}

/// A dashed edge: what is only said, and not kept.
fn dashed(p: &Painter, rect: Rect, c: Color32) {
    let r = rect.shrink(0.5);
    let corners = [r.left_top(), r.right_top(), r.right_bottom(), r.left_bottom(), r.left_top()];
    p.extend(Shape::dashed_line(&corners, Stroke::new(1.25, c), 6.0, 4.0));
}
