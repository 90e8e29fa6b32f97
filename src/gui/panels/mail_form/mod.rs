//! Step 1: to, subject, text; the raw letter changes as one types. Send runs the scenario again with it.

mod writer;

use std::sync::Arc;

use eframe::egui::{
    self, CornerRadius, Frame, Key, Margin, Modifiers, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, TextEdit, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use self::writer::{Said, Writer, addresses, judge};
use super::bytes::say;
use super::letter::raw::{self, Lines, Style};
use super::letter::{envelope, framed};
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::theme::{Icon, Proto, R_CTRL, R_INNER, med, mono, reg};
use crate::gui::widgets::{button, elided, icon_at, primary, rich, segmented};
use crate::message::Draft;
use crate::smtp::Envelope;

/// Below this width the form and the letter take turns.
const BOTH: f32 = 640.0;
/// Below this height the fields scroll.
const LEAST: f32 = 170.0;
/// Width of the names of the fields.
const NAMES: f32 = 66.0;

/// See the [module](self).
#[derive(Default)]
pub struct MailForm {
    typed: Option<Typed>,
    /// In a narrow window: the letter and not the form.
    letter: bool,
}

/// What stands in the form, and the letter that comes of it.
struct Typed {
    writer: Writer,
    to: String,
    subject: String,
    text: String,
    made: Made,
    /// The text has been given the keyboard.
    focused: bool,
}

/// What comes of a draft.
struct Made {
    draft: Draft,
    lines: Lines,
    envelope: Option<Envelope>,
    said: Option<Said>,
}

impl Made {
    fn new(draft: Draft, to: &str, writer: &Writer, cx: &Cx<'_>) -> Made {
        let lines = Lines::new(&writer.compose(&draft));
        let said = judge(to, cx.run);
        let envelope = writer.envelope(&draft).ok().filter(|e| !e.to.is_empty());
        Made { draft, lines, envelope, said }
    }

    fn can_be_sent(&self) -> bool {
        self.envelope.is_some() && !matches!(self.said, Some(Said::Wrong(_)))
    }
}

impl Typed {
    fn new(writer: Writer, cx: &Cx<'_>) -> Typed {
        let draft = (*writer.draft).clone();
        let (to, subject, text) = (draft.to.join(", "), draft.subject.clone(), draft.text.clone());
        let made = Made::new(draft, &to, &writer, cx);
        Typed { writer, to, subject, text, made, focused: false }
    }

    /// The draft of what stands in the form; what the form does not show stays as it is.
    fn draft(&self) -> Draft {
        let (to, subject, text) = (addresses(&self.to), self.subject.clone(), self.text.clone());
        Draft { to, subject, text, ..(*self.writer.draft).clone() }
    }
}

impl MailForm {
    /// Forgets what was typed.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        if self.typed.is_none() {
            let Some(writer) = Writer::new(cx.run) else {
                return say(ui, "Nobody writes a mail in this scenario: its mails are there from the start.", cx);
            };
            self.typed = Some(Typed::new(writer, cx));
        }
        let Some(typed) = &mut self.typed else { return };
        let whole = ui.max_rect();
        let foot = Rect::from_min_max(pos2(whole.left(), whole.bottom() - 36.0), whole.max);
        let mut body = Rect::from_min_max(whole.min, pos2(whole.right(), foot.top() - 8.0));
        if whole.width() >= BOTH {
            let x = body.left() + (body.width() * 0.42).round();
            let left = Rect::from_min_max(body.min, pos2(x - 9.0, body.bottom()));
            let right = Rect::from_min_max(pos2(x + 9.0, body.top()), body.max);
            typed.form(ui, left, cx);
            typed.letter(ui, right, cx);
        } else {
            let row = Rect::from_min_size(body.min, vec2(body.width(), 32.0));
            let mut place = ui.new_child(UiBuilder::new().id_salt("which").max_rect(row));
            let words = ["Write", "The letter"];
            if let Some(i) = segmented(&mut place, "Mail", &words, usize::from(self.letter), cx.t) {
                self.letter = i == 1;
            }
            body.min.y = row.bottom() + 8.0;
            match self.letter {
                true => typed.letter(ui, body, cx),
                false => typed.form(ui, body, cx),
            }
        }
        typed.foot(ui, foot, cx);
    }
}

impl Typed {
    /// The fields; in a low window they scroll.
    fn form(&mut self, ui: &mut Ui, rect: Rect, cx: &Cx<'_>) {
        if rect.height() >= LEAST {
            return self.fields(ui, rect, cx);
        }
        let mut place = ui.new_child(UiBuilder::new().id_salt("form").max_rect(rect));
        place.set_clip_rect(rect.intersect(ui.clip_rect()));
        ScrollArea::vertical().id_salt("fields").auto_shrink([false, false]).show(&mut place, |ui| {
            let size = vec2(ui.available_width() - 10.0, LEAST);
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            self.fields(ui, rect.shrink(2.0), cx);
        });
    }

    /// From, To, Subject, the text.
    fn fields(&mut self, ui: &mut Ui, rect: Rect, cx: &Cx<'_>) {
        let mut y = rect.top();
        let from = self.made.draft.from.clone();
        let row = |y: f32| Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), 32.0));
        name(ui, row(y), "From", cx);
        let at = pos2(rect.left() + NAMES + 9.0, row(y).center().y);
        let (area, _) = elided(ui.painter(), at, &from, reg(14.0), cx.t.text2, rect.width() - NAMES - 10.0);
        let response = ui.interact(area, ui.scope_id().with("from"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("From {from}")));
        y += 34.0;
        let wrong = matches!(self.made.said, Some(Said::Wrong(_)));
        let hint = "bob@b.example";
        let mut changed = field(ui, row(y), "To", &mut self.to, hint, wrong, cx);
        y += 36.0;
        if let Some(said) = self.made.said.clone() {
            y += told(ui, Rect::from_min_max(pos2(rect.left() + NAMES, y), pos2(rect.right(), y + 60.0)), &said, cx)
                + 6.0;
        }
        changed |= field(ui, row(y), "Subject", &mut self.subject, "", false, cx);
        y += 40.0;
        let area = Rect::from_min_max(pos2(rect.left(), y), pos2(rect.right(), rect.bottom().max(y + 40.0)));
        changed |= self.text_area(ui, area, cx);
        if changed {
            self.made = Made::new(self.draft(), &self.to, &self.writer, cx);
        }
    }

    fn text_area(&mut self, ui: &mut Ui, rect: Rect, cx: &Cx<'_>) -> bool {
        let t = cx.t;
        let id = ui.scope_id().with("text");
        let focused = ui.memory(|m| m.has_focus(id));
        let edge = if focused { Stroke::new(2.0, t.accent) } else { Stroke::new(1.0, t.border_strong) };
        ui.painter().rect(rect, CornerRadius::same(R_INNER), t.surface2, edge, StrokeKind::Inside);
        let inside = rect.shrink2(vec2(4.0, 4.0));
        let mut place = ui.new_child(UiBuilder::new().id_salt("text").max_rect(inside));
        place.set_clip_rect(inside.intersect(ui.clip_rect()));
        let mut changed = false;
        ScrollArea::vertical().id_salt("typed").auto_shrink([false, false]).show(&mut place, |ui| {
            let edit = TextEdit::multiline(&mut self.text)
                .id(id)
                .frame(Frame::NONE.inner_margin(Margin::symmetric(8, 6)))
                .font(mono(14.0))
                .desired_width(f32::INFINITY)
                .min_size(vec2(0.0, inside.height() - 2.0));
            let response = ui.add(edit);
            response.clone().accessible_name("Text of the mail");
            changed = response.changed();
            if !self.focused {
                self.focused = true;
                response.request_focus();
            }
        });
        changed
    }

    /// The envelope above, the raw letter below.
    fn letter(&mut self, ui: &mut Ui, rect: Rect, cx: &Cx<'_>) {
        let low = rect.height() < 230.0;
        let mut top = rect.top();
        if !low {
            let place = Rect::from_min_size(rect.min, vec2(rect.width(), 66.0));
            envelope(ui, place, self.made.envelope.as_ref(), false, cx);
            top = place.bottom() + 10.0;
        }
        let head = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), 22.0));
        let counted = format!("The letter: {}", self.made.lines.counted());
        super::letter::titled(ui, head, &counted, "RFC 5322, formerly 2822, syntax", cx.t);
        let body = Rect::from_min_max(pos2(rect.left(), head.bottom() + 4.0), rect.max);
        framed(ui.painter(), body, cx);
        let mut place = ui.new_child(UiBuilder::new().id_salt("raw").max_rect(body.shrink2(vec2(2.0, 4.0))));
        raw::show(&mut place, "raw", &self.made.lines, &Style::default(), cx);
    }

    fn foot(&mut self, ui: &mut Ui, rect: Rect, cx: &Cx<'_>) {
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        let mut place = ui.new_child(UiBuilder::new().id_salt("foot").max_rect(rect).layout(layout));
        let mut send = false;
        let ready = self.made.can_be_sent();
        place.add_enabled_ui(ready, |ui| send = primary(ui, "Send", cx.t).on_hover_text("Ctrl+Enter").clicked());
        send |= ready && place.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::Enter));
        let changed = self.made.draft != *self.writer.draft;
        let mut again = false;
        place.add_enabled_ui(changed, |ui| again = button(ui, "As it was", cx.t).clicked());
        let words = match (changed, self.beyond_ascii()) {
            (_, n @ 1..) => {
                let signs = if n == 1 { "1 sign".to_owned() } else { format!("{n} signs") };
                format!("{signs} beyond ASCII: encoded, so that the letter stays 7-bit")
            }
            (_, _) if self.text.lines().any(|l| l.starts_with('.')) => {
                "A line begins with a dot: SMTP doubles it on the wire, the letter keeps it as it is".to_owned()
            }
            (true, _) => "Send runs the scenario again with this letter".to_owned(),
            (false, _) => "Change something: the letter changes with it".to_owned(),
        };
        let x = place.cursor().left() + 6.0;
        let at = pos2(x, rect.center().y);
        let (area, _) = elided(ui.painter(), at, &words, reg(13.0), cx.t.text2, rect.right() - x);
        let response = ui.interact(area, ui.scope_id().with("hint"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
        response.on_hover_text(words);
        if again {
            *self = Typed::new(self.writer.clone(), cx);
        } else if send {
            cx.send(Command::Compose(self.writer.host, Arc::new(self.made.draft.clone())));
        }
    }

    fn beyond_ascii(&self) -> usize {
        self.subject.chars().chain(self.text.chars()).filter(|c| !c.is_ascii()).count()
    }
}

fn name(ui: &Ui, row: Rect, name: &str, cx: &Cx<'_>) {
    elided(ui.painter(), pos2(row.left(), row.center().y), name, med(13.5), cx.t.text2, NAMES - 4.0);
}

/// A field of one line; says whether it was changed.
fn field(
    ui: &mut Ui,
    row: Rect,
    label: &str,
    value: &mut String,
    hint: &'static str,
    wrong: bool,
    cx: &Cx<'_>,
) -> bool {
    let t = cx.t;
    name(ui, row, label, cx);
    let rect = Rect::from_min_max(pos2(row.left() + NAMES, row.top()), row.max);
    let id = ui.scope_id().with(("field", label));
    let focused = ui.memory(|m| m.has_focus(id));
    let edge = match (wrong, focused) {
        (true, _) => Stroke::new(2.0, t.proto(Proto::Lost)),
        (_, true) => Stroke::new(2.0, t.accent),
        _ => Stroke::new(1.0, t.border_strong),
    };
    ui.painter().rect(rect, CornerRadius::same(R_CTRL), t.surface2, edge, StrokeKind::Inside);
    let mut place = ui.new_child(UiBuilder::new().id_salt(label).max_rect(rect));
    let edit = TextEdit::singleline(value)
        .id(id)
        .frame(Frame::NONE.inner_margin(Margin::symmetric(9, 6)))
        .hint_text(egui::RichText::new(hint).color(t.text3))
        .font(reg(14.0))
        .desired_width(rect.width())
        .align(egui::Align2::LEFT_CENTER);
    let response = place.put(rect, edit);
    response.clone().accessible_name(label);
    response.changed()
}

/// What is said beside a field; gives its height.
fn told(ui: &Ui, rect: Rect, said: &Said, cx: &Cx<'_>) -> f32 {
    let t = cx.t;
    let (words, icon, ink) = match said {
        Said::Wrong(words) => (words, Icon::CircleAlert, t.on_tint(t.proto(Proto::Lost))),
        Said::Note(words) => (words, Icon::Info, t.text2),
    };
    let galley = ui.painter().layout_job(rich(&[(words, reg(13.0), ink)], rect.width() - 24.0, 18.0));
    let size = galley.size();
    icon_at(ui.painter(), pos2(rect.left() + 10.0, rect.top() + 9.0), icon, 14.0, ink);
    let area = Rect::from_min_size(pos2(rect.left() + 22.0, rect.top()), size);
    ui.painter().galley(area.min, galley, ink);
    let response = ui.interact(area, ui.scope_id().with("said"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(egui::accesskit::Live::Polite));
    size.y
}
