//! What lies above the views until Esc: keys, search, opening, mistakes, causes; the letter and the mail form.

mod goto;
mod keys;
mod menu;
mod open;
mod problems;
mod search;
mod why;

use eframe::egui::{
    self, Align2, Area, Color32, CornerRadius, Frame, Id, Order, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

use super::console::ConsoleSheet;
use super::letter::LetterSheet;
use super::mail_form::MailForm;
use crate::gui::command::Command;
use crate::gui::console::Console;
use crate::gui::cx::Cx;
use crate::gui::desk::Sheet;
use crate::gui::lesson::Act;
use crate::gui::opening::Opening;
use crate::gui::theme::{Icon, R_CARD, R_INNER, med, mono_med, reg, semi};
use crate::gui::widgets::{button, icon_button, text};

/// See the [module](self).
#[derive(Default)]
pub struct Sheets {
    search: search::Search,
    goto: goto::GoTo,
    menu: menu::Menu,
    open: open::Open,
    letter: LetterSheet,
    form: MailForm,
    console: ConsoleSheet,
}

/// In less room than this only the title and the cross are drawn.
const SMALLEST: egui::Vec2 = vec2(220.0, 90.0);

impl Sheets {
    /// Draws the topmost, over the whole window.
    pub fn show(&mut self, ui: &mut Ui, whole: Rect, cx: &Cx<'_>) {
        let Some(sheet) = cx.desk.sheets.last() else {
            self.search.reset();
            self.goto = goto::GoTo::default();
            self.menu = menu::Menu::default();
            self.form.reset();
            self.console.reset();
            return;
        };
        let (title, width) = match sheet {
            Sheet::Keys => ("Keys".to_owned(), 860.0),
            Sheet::Search => ("Search".to_owned(), 560.0),
            Sheet::GoTo => ("Go to".to_owned(), 560.0),
            Sheet::Menu(thing) => (menu::title(thing, cx), 480.0),
            Sheet::Open => ("Open a scenario".to_owned(), 720.0),
            Sheet::Letter(_) => ("The letter, unwrapped".to_owned(), 980.0),
            Sheet::MailForm => ("Step 1: Alice writes".to_owned(), 980.0),
            Sheet::Console => ("Talk SMTP yourself".to_owned(), 860.0),
            Sheet::Problems => {
                let m = cx.desk.mistakes.as_ref();
                let n = m.map_or(0, |m| m.list.len());
                let file = m.map_or("", |m| m.file.as_str());
                (format!("{n} mistake{} in {file}", if n == 1 { "" } else { "s" }), 860.0)
            }
            Sheet::Why(_) => ("Why?".to_owned(), 640.0),
        };
        let full = whole.shrink(10.0);
        let width = f32::min(width, full.width());
        let height = match sheet {
            Sheet::Search | Sheet::GoTo | Sheet::Why(_) | Sheet::Menu(_) => full.height().min(440.0),
            // Nothing has been typed yet.
            Sheet::Console if Console::of(cx.run).is_none_or(|console| !console.live) => full.height().min(190.0),
            _ => full.height().min(620.0),
        };
        let at = pos2(full.center().x - width / 2.0, full.top() + (full.height() - height) * 0.35);
        let rect = Rect::from_min_size(at, vec2(width, height));
        let t = cx.t;
        Area::new(Id::unique("sheet")).order(Order::Foreground).fixed_pos(whole.min).show(ui.ctx(), |ui| {
            // What lies beneath is dimmed, not hidden; a click there closes.
            let beneath = ui.allocate_rect(whole, Sense::click());
            ui.painter().rect_filled(
                whole,
                CornerRadius::ZERO,
                Color32::from_black_alpha(if t.dark { 140 } else { 90 }),
            );
            let shadow = egui::Shadow { offset: [0, 8], blur: 28, spread: 0, color: t.shadow };
            let corner = CornerRadius::same(R_CARD);
            ui.painter().add(shadow.as_shape(rect, corner));
            ui.painter().rect(rect, corner, t.surface, Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
            let inside = beneath.interact_pointer_pos().is_some_and(|p| rect.contains(p));
            if beneath.clicked() && !inside {
                cx.send(Command::Close);
            }
            let builder = UiBuilder::new()
                .id_salt("content")
                .max_rect(rect.shrink2(vec2(18.0, 14.0)))
                .accessibility_label(title.clone())
                .accessibility_role(egui::accesskit::Role::Dialog);
            ui.scope_builder(builder, |ui| {
                let whole = ui.max_rect();
                let head = Rect::from_min_size(whole.min, vec2(whole.width(), 34.0));
                let p =
                    ui.painter().with_clip_rect(Rect::from_min_max(head.min, pos2(head.right() - 40.0, head.bottom())));
                text(&p, head.left_center(), Align2::LEFT_CENTER, &title, semi(18.0), t.text);
                let body = Rect::from_min_max(pos2(whole.left(), head.bottom() + 6.0), whole.max);
                if body.width() >= SMALLEST.x && body.height() >= SMALLEST.y {
                    ui.scope_builder(UiBuilder::new().id_salt("body").max_rect(body), |ui| {
                        ui.set_clip_rect(body.expand(6.0));
                        self.body(ui, sheet, cx);
                    });
                }
                let x = Rect::from_min_size(pos2(head.right() - 32.0, head.top()), vec2(32.0, 32.0));
                ui.scope_builder(UiBuilder::new().id_salt("x").max_rect(x), |ui| {
                    if icon_button(ui, Icon::X, "Close (Esc)", 32.0, false, t).clicked() {
                        cx.send(Command::Close);
                    }
                });
            });
        });
    }

    fn body(&mut self, ui: &mut Ui, sheet: &Sheet, cx: &Cx<'_>) {
        match sheet {
            Sheet::Keys => keys::show(ui, cx),
            Sheet::Search => self.search.show(ui, cx),
            Sheet::GoTo => self.goto.show(ui, cx),
            Sheet::Menu(thing) => self.menu.show(ui, thing, cx),
            Sheet::Open => self.open.show(ui, cx),
            Sheet::Letter(_) => self.letter.show(ui, cx),
            Sheet::MailForm => self.form.show(ui, cx),
            Sheet::Console => self.console.show(ui, cx),
            Sheet::Problems => problems::show(ui, cx),
            Sheet::Why(entry) => why::show(ui, *entry, cx),
        }
    }

    /// The bar of a scenario that is being computed.
    pub fn progress(&mut self, ui: &mut Ui, whole: Rect, opening: &Opening, cx: &Cx<'_>) {
        let t = cx.t;
        let events = opening.progress.events.load(std::sync::atomic::Ordering::Relaxed);
        let rect = Rect::from_center_size(whole.center(), vec2(whole.width().min(460.0), 92.0));
        Area::new(Id::unique("progress")).order(Order::Tooltip).fixed_pos(rect.min).show(ui.ctx(), |ui| {
            Frame::NONE
                .fill(t.surface)
                .stroke(Stroke::new(1.0, t.border_strong))
                .corner_radius(CornerRadius::same(R_CARD))
                .inner_margin(14)
                .show(ui, |ui| {
                    ui.set_width(rect.width() - 28.0);
                    let words = format!("Running {}: {} events", opening.name, crate::time::grouped(events));
                    ui.label(egui::RichText::new(words).font(med(14.0)).color(t.text));
                    ui.horizontal(|ui| {
                        ui.spinner();
                        if button(ui, "Cancel", t).clicked() {
                            opening.cancel();
                        }
                    });
                });
        });
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
    }

    /// A short word after an act, above the sentence.
    pub fn notice(&mut self, ui: &mut Ui, above: Rect, words: &str, cx: &Cx<'_>) {
        let t = cx.t;
        let width = (above.width() - 48.0).max(120.0);
        let undo = ui.input(|i| i.time) < cx.desk.undo_until;
        let room = if undo { 84.0 } else { 0.0 };
        let galley = ui.painter().layout(words.to_owned(), med(14.0), t.surface, width - room);
        let size = (galley.size() + vec2(32.0 + room, 18.0)).max(vec2(0.0, if undo { 46.0 } else { 0.0 }));
        let rect = Rect::from_center_size(pos2(above.center().x, above.top() - size.y / 2.0 - 10.0), size);
        let response = ui.interact(rect, Id::unique("notice"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(egui::accesskit::Live::Polite));
        let p = ui.ctx().layer_painter(egui::LayerId::new(Order::Foreground, Id::unique("notice")));
        p.rect_filled(rect, CornerRadius::same(R_INNER), t.text);
        let words = galley.size();
        p.galley(pos2(rect.left() + 16.0, rect.center().y - words.y / 2.0), galley, t.surface);
        if undo {
            let at = pos2(rect.right() - room - 4.0, rect.center().y - 15.0);
            let area = Area::new(Id::unique("undo")).order(Order::Tooltip).fixed_pos(at);
            area.show(ui.ctx(), |ui| {
                ui.set_max_size(vec2(room, 30.0));
                if button(ui, "Undo", t).on_hover_text("Undo (Ctrl+Z)").clicked() {
                    cx.send(Command::Lesson(Act::Undo));
                }
            });
        }
    }
}

/// Keys as small plates, `Shift+→`.
fn plates(ui: &mut Ui, names: impl Iterator<Item = &'static str>, cx: &Cx<'_>) {
    let t = cx.t;
    for name in names {
        let galley = ui.painter().layout_no_wrap(name.to_owned(), mono_med(12.5), t.text);
        let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(12.0, 6.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
        let p = ui.painter();
        p.rect(rect, CornerRadius::same(5), t.surface2, Stroke::new(1.0, t.border_strong), StrokeKind::Inside);
        p.galley(rect.min + vec2(6.0, 3.0), galley, t.text);
    }
}

/// A list that scrolls when it is longer than its place.
fn scrolling(ui: &mut Ui, salt: &'static str, add: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().id_salt(salt).auto_shrink([false, false]).show(ui, add);
}

/// A row of a list: title and second line; says whether it was chosen.
fn row(ui: &mut Ui, title: &str, second: &str, chosen: bool, cx: &Cx<'_>) -> egui::Response {
    let t = cx.t;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 44.0), Sense::click());
    let name = if second.is_empty() { title.to_owned() } else { format!("{title}: {second}") };
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &name));
    let p = ui.painter();
    if chosen || response.has_focus() {
        p.rect_filled(rect, CornerRadius::same(R_INNER), t.tint(t.accent));
    } else if response.hovered() {
        p.rect_filled(rect, CornerRadius::same(R_INNER), t.surface2);
    }
    if response.has_focus() {
        let inside = rect.shrink(2.0);
        p.rect_stroke(inside, CornerRadius::same(R_INNER), Stroke::new(3.0, t.accent), StrokeKind::Inside);
    }
    let width = rect.width() - 20.0;
    use crate::gui::widgets::elided;
    if second.is_empty() {
        elided(p, pos2(rect.left() + 10.0, rect.center().y), title, med(14.0), t.text, width);
    } else {
        elided(p, pos2(rect.left() + 10.0, rect.center().y - 9.0), title, med(14.0), t.text, width);
        elided(p, pos2(rect.left() + 10.0, rect.center().y + 10.0), second, reg(13.0), t.text2, width);
    }
    response.on_hover_text(name)
}
