//! Talk SMTP yourself: a line is typed, its answer comes. Each line runs the scenario again with all that was typed.

use eframe::egui::{
    self, CornerRadius, Frame, Key, Margin, Modifiers, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, TextEdit, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use super::bytes::say;
use super::conversation::words::{self, Word, line_end};
use crate::gui::command::Command;
use crate::gui::console::{Console, Said, Talk, meaning};
use crate::gui::cx::Cx;
use crate::gui::theme::{Proto, R_CTRL, R_INNER, med, mono, mono_med, reg};
use crate::gui::widgets::{button, elided, primary, text};

/// See the [module](self).
#[derive(Default)]
pub struct ConsoleSheet {
    /// What stands in the field.
    typed: String,
    /// How many lines back from the last one that was typed the field has been filled from.
    recalled: usize,
    /// The field has been given the keyboard.
    focused: bool,
}

/// Height of a line.
const LINE: f32 = 24.0;

impl ConsoleSheet {
    /// Forgets what was typed.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(console) = Console::of(cx.run) else {
            return nobody(ui, cx);
        };
        let whole = ui.max_rect();
        let host = cx.run.node(console.host);
        let head = Rect::from_min_size(whole.min, vec2(whole.width(), 24.0));
        let place = format!("{host}, connected to {}, port {}", console.server, console.port);
        if !console.live {
            let place = format!("{host} can open a connection to {}, port {}.", console.server, console.port);
            return connect(ui, whole, &place, cx);
        }
        let talk = console.talk(cx.run);
        labeled(ui, head, "where", &place, cx);
        let tally = Rect::from_min_size(head.left_bottom(), vec2(whole.width(), 24.0));
        labeled(ui, tally, "codes", &codes(&talk), cx);
        let foot = Rect::from_min_max(pos2(whole.left(), whole.bottom() - 36.0), whole.max);
        let field = Rect::from_min_size(pos2(whole.left(), foot.top() - 48.0), vec2(whole.width(), 40.0));
        let body = Rect::from_min_max(tally.left_bottom() + vec2(0.0, 4.0), pos2(whole.right(), field.top() - 8.0));
        screen(ui, body, &talk, cx);
        let enter = !talk.over && self.field(ui, field, &console, &talk, cx);
        self.foot(ui, foot, &console, &talk, enter, cx);
    }

    /// Where one types; says whether Enter was pressed.
    fn field(&mut self, ui: &mut Ui, rect: Rect, console: &Console, talk: &Talk, cx: &Cx<'_>) -> bool {
        let t = cx.t;
        let id = ui.scope_id().with("line");
        let focused = ui.memory(|m| m.has_focus(id));
        // A TextEdit would take both for itself.
        let (up, down, enter) = ui.input_mut(|i| {
            let mut pressed = |key| focused && i.consume_key(Modifiers::NONE, key);
            (pressed(Key::ArrowUp), pressed(Key::ArrowDown), pressed(Key::Enter))
        });
        if up || down {
            self.recall(console, up);
        }
        let edge = if focused { Stroke::new(2.0, t.accent) } else { Stroke::new(1.0, t.border_strong) };
        ui.painter().rect(rect, CornerRadius::same(R_CTRL), t.surface2, edge, StrokeKind::Inside);
        let hint = match (console.lines.is_empty(), talk.letter) {
            (true, _) => format!("EHLO {}", console.name),
            (false, true) => "a line of the letter".to_owned(),
            (false, false) => "a command".to_owned(),
        };
        let mut place = ui.new_child(UiBuilder::new().id_salt("line").max_rect(rect));
        let edit = TextEdit::singleline(&mut self.typed)
            .id(id)
            .frame(Frame::NONE.inner_margin(Margin::symmetric(10, 8)))
            .hint_text(egui::RichText::new(hint).color(t.text3))
            .font(mono(16.0))
            .desired_width(rect.width())
            .align(egui::Align2::LEFT_CENTER);
        let response = place.put(rect, edit);
        response.clone().accessible_name("Line to the server: Enter sends it");
        if !std::mem::replace(&mut self.focused, true) {
            response.request_focus();
        }
        enter
    }

    /// Puts a line that was typed before into the field.
    fn recall(&mut self, console: &Console, up: bool) {
        let count = console.lines.len();
        self.recalled = if up { (self.recalled + 1).min(count) } else { self.recalled.saturating_sub(1) };
        self.typed = match self.recalled {
            0 => String::new(),
            back => console.lines[count - back].clone(),
        };
    }

    fn foot(&mut self, ui: &mut Ui, rect: Rect, console: &Console, talk: &Talk, enter: bool, cx: &Cx<'_>) {
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        let mut place = ui.new_child(UiBuilder::new().id_salt("foot").max_rect(rect).layout(layout));
        let mut send = enter;
        place.add_enabled_ui(!talk.over, |ui| send |= primary(ui, "Send the line", cx.t).clicked());
        let next = cx.run.example.get(console.lines.len()).filter(|_| !talk.over);
        let mut show = false;
        place.add_enabled_ui(next.is_some(), |ui| show = button(ui, "Show the next line", cx.t).clicked());
        if button(&mut place, "Begin again", cx.t).clicked() {
            return cx.send(Command::Type(Vec::new()));
        }
        let hint = match (talk.over, talk.letter) {
            (true, _) => "The connection is over. Esc: go through all of it, packet by packet",
            (false, true) => "The letter: header, an empty line, text. A line with a dot alone ends it",
            (false, false) => "Enter puts CR LF behind the line and sends it. Esc: look at the packets",
        };
        let at = pos2(place.cursor().left() + 6.0, rect.center().y);
        let (area, _) = elided(ui.painter(), at, hint, reg(13.0), cx.t.text2, rect.right() - at.x);
        let response = ui.interact(area, ui.scope_id().with("hint"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, hint));
        response.on_hover_text(hint);
        if let (true, Some(next)) = (show, next) {
            self.typed.clone_from(next);
            self.focused = false;
        } else if send {
            let lines = console.lines.iter().cloned().chain([self.typed.clone()]).collect();
            cx.send(Command::Type(lines));
        }
    }
}

/// Where the scenario has no console.
fn nobody(ui: &mut Ui, cx: &Cx<'_>) {
    let whole = ui.max_rect();
    let body = Rect::from_min_max(whole.min, pos2(whole.right(), whole.bottom() - 44.0));
    ui.scope_builder(UiBuilder::new().id_salt("nobody").max_rect(body), |ui| {
        say(ui, "Nobody types at a server in this scenario.", cx);
    });
    let foot = Rect::from_min_max(body.left_bottom(), whole.max);
    let mut place = ui.new_child(UiBuilder::new().id_salt("foot").max_rect(foot));
    if primary(&mut place, "Open: Talk SMTP yourself", cx.t).clicked() {
        cx.send(Command::OpenBuiltIn("talk-smtp".to_owned()));
    }
}

/// Before the first line.
fn connect(ui: &mut Ui, whole: Rect, place: &str, cx: &Cx<'_>) {
    let top = Rect::from_min_size(whole.min, vec2(whole.width(), 60.0));
    let words = format!("{place} What you type crosses the network as it is; nobody but the server answers.");
    let galley = ui.painter().layout(words.clone(), reg(15.0), cx.t.text, top.width());
    let area = Rect::from_min_size(top.min, galley.size());
    ui.painter().galley(top.min, galley, cx.t.text);
    let response = ui.interact(area, ui.scope_id().with("words"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    let foot = Rect::from_min_size(pos2(whole.left(), area.bottom() + 16.0), vec2(whole.width(), 40.0));
    let mut place = ui.new_child(UiBuilder::new().id_salt("foot").max_rect(foot));
    let enter = place.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
    if primary(&mut place, "Connect", cx.t).on_hover_text("Enter").clicked() || enter {
        cx.send(Command::Type(Vec::new()));
    }
}

/// A line of small text with a name.
fn labeled(ui: &Ui, rect: Rect, id: &str, words: &str, cx: &Cx<'_>) {
    let (area, _) = elided(ui.painter(), rect.left_center(), words, med(14.0), cx.t.text2, rect.width());
    let response = ui.interact(area, ui.scope_id().with(id), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    response.on_hover_text(words);
}

/// `Codes: 220 done, 250 done (3), 354 go on`.
fn codes(talk: &Talk) -> String {
    let code = |(code, count): &(u16, usize)| match count {
        1 => format!("{code} {}", meaning(*code)),
        n => format!("{code} {} ({n})", meaning(*code)),
    };
    match talk.codes() {
        codes if codes.is_empty() => "No answer".to_owned(),
        codes => format!("Codes: {}", codes.iter().map(code).collect::<Vec<_>>().join(", ")),
    }
}

/// What was said.
fn screen(ui: &mut Ui, rect: Rect, talk: &Talk, cx: &Cx<'_>) {
    let t = cx.t;
    ui.painter().rect(rect, CornerRadius::same(R_INNER), t.surface2, Stroke::new(1.0, t.border), StrokeKind::Inside);
    let inside = rect.shrink2(vec2(12.0, 8.0));
    let mut place = ui.new_child(UiBuilder::new().id_salt("screen").max_rect(inside));
    place.set_clip_rect(inside.intersect(ui.clip_rect()));
    ScrollArea::vertical().id_salt("said").auto_shrink([false, false]).stick_to_bottom(true).show(&mut place, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for said in &talk.said {
            match said {
                Said::Typed(line) => typed(ui, line, cx),
                Said::Reply(code, lines) => reply(ui, *code, lines, cx),
            }
        }
    });
}

/// A line that was typed, with its line end.
fn typed(ui: &mut Ui, line: &str, cx: &Cx<'_>) {
    let t = cx.t;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Client: {line}, CR LF")));
    let p = ui.painter();
    let at = pos2(rect.left(), rect.center().y);
    text(p, at, egui::Align2::LEFT_CENTER, "C", mono_med(14.0), t.text3);
    let word = Word { s: line, font: mono(15.0), colour: t.text };
    let at = pos2(at.x + 26.0, at.y);
    let (said, _, cut) = words::line(p, at, &[word], rect.right() - at.x - words::SIGNS - 10.0, false);
    line_end(p, pos2(said.right() + 8.0, at.y), t);
    if cut {
        response.on_hover_text(line);
    }
}

/// A reply, its first line with what the code means.
fn reply(ui: &mut Ui, code: Option<u16>, lines: &[String], cx: &Cx<'_>) {
    let t = cx.t;
    for (n, line) in lines.iter().enumerate() {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
        let class = code.filter(|_| n + 1 == lines.len()).map(meaning);
        let name = class.map_or_else(|| format!("Server: {line}"), |class| format!("Server: {line}. {class}"));
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
        let p = ui.painter();
        let at = pos2(rect.left(), rect.center().y);
        text(p, at, egui::Align2::LEFT_CENTER, "S", mono_med(14.0), t.text3);
        let (head, rest) = line.split_at_checked(3).unwrap_or((line, ""));
        let ink = match code.map(|code| code / 100) {
            Some(4 | 5) => t.on_tint(t.proto(Proto::Lost)),
            _ => t.text,
        };
        let words =
            [Word { s: head, font: mono_med(15.0), colour: ink }, Word { s: rest, font: mono(15.0), colour: t.text }];
        let at = pos2(at.x + 26.0, at.y);
        let (said, _, cut) = words::line(p, at, &words, rect.right() - at.x - 80.0, false);
        if let Some(class) = class {
            text(p, pos2(said.right() + 12.0, at.y), egui::Align2::LEFT_CENTER, class, reg(13.0), t.text2);
        }
        if cut {
            response.on_hover_text(line);
        }
    }
}
