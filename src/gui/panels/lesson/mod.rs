//! What a lesson says and asks, in a column beside the view: so nothing of it ever lies over what it asks about.
//!
//! | module | what it is |
//! |---|---|
//! | this one | the column: head, body, foot |
//! | `list` | the lessons, and the learner's name |
//! | `head` | title, how far, switches |
//! | `stop` | the text of a stop; the parts of a tour |
//! | `chips` | predictions that are locked |
//! | `question`, `rows`, `order`, `field` | a question: choices, cards in order, numbers |
//! | `told` | you said, what happened, the packet that shows it |
//! | `finish`, `save` | the learner's profile, explorations, the results file |
//! | `vote` | the question alone, for a class |
//! | `spotlight` | what is lit on the view, the rest dimmed |
//! | [`explore`] | the way back from an exploration |
//! | `md`, `parts` | Markdown; small parts |

mod chips;
pub mod explore;
mod field;
mod finish;
mod foot;
mod head;
mod list;
mod md;
mod order;
mod parts;
mod question;
mod rows;
mod save;
mod spotlight;
mod stop;
mod told;
mod vote;

use eframe::egui::{Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

use crate::gui::cx::Cx;
use crate::gui::lesson::{Card, Taking};
use crate::gui::regions::Width;
use crate::gui::widgets::hline;

/// See the [module](self).
#[derive(Default)]
pub struct LessonPanel {
    list: list::List,
    save: save::Save,
    spotlight: spotlight::Spotlight,
    /// The question whose field has had the keyboard given to it.
    entered: field::Entered,
    /// The card that was shown last, and for how many frames the body still goes to its top.
    shown: Option<(usize, Card)>,
}

impl LessonPanel {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, width: Width, cx: &Cx<'_>) {
        let Some(taking) = cx.desk.lesson() else { return self.list.show(ui, cx) };
        if let Some(vote) = taking.vote {
            return vote::show(ui, taking, vote, cx);
        }
        let asked = taking.asked().filter(|_| cx.desk.at_moment());
        field::leave(ui, taking, asked, &mut self.entered);
        let rect = ui.max_rect();
        let low = rect.height() < 260.0;
        let head = head::height(low);
        let foot = if low { 40.0 } else { 52.0 };
        let side = if rect.width() < 400.0 { 10.0 } else { 16.0 };
        let place = |top: f32, bottom: f32| {
            Rect::from_min_max(pos2(rect.left() + side, top), pos2(rect.right() - side, bottom.max(top)))
        };
        let top = place(rect.top(), rect.top() + head);
        let body = place(top.bottom(), rect.bottom() - foot);
        let bottom = place(body.bottom(), rect.bottom());
        ui.scope_builder(UiBuilder::new().id_salt("head").max_rect(top), |ui| {
            head::show(ui, taking, &mut self.save, low, cx);
        });
        hline(ui.painter(), rect, top.bottom(), cx.t);
        if body.height() > 12.0 {
            ui.scope_builder(UiBuilder::new().id_salt("body").max_rect(body), |ui| {
                ui.set_clip_rect(body.expand2(vec2(6.0, 0.0)).intersect(ui.clip_rect()));
                self.body(ui, taking, cx);
            });
        }
        hline(ui.painter(), rect, bottom.top(), cx.t);
        ui.scope_builder(UiBuilder::new().id_salt("foot").max_rect(bottom), |ui| {
            foot::show(ui, taking, width, cx);
        });
    }

    fn body(&mut self, ui: &mut Ui, taking: &Taking, cx: &Cx<'_>) {
        // Another card is read from its beginning.
        let key = (taking.session.position(), taking.card.clone());
        let fresh = self.shown.as_ref() != Some(&key);
        self.shown = Some(key);
        let mut area =
            ScrollArea::vertical().id_salt(("lesson", &taking.id)).auto_shrink(false).min_scrolled_height(0.0);
        if fresh {
            area = area.vertical_scroll_offset(0.0);
        }
        let out = area.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
            ui.add_space(10.0);
            let here = cx.desk.at_moment();
            // What came of a question is a moment of its own.
            if !(here && matches!(taking.card, Card::Told(_))) {
                stop::show(ui, taking, cx);
            }
            match &taking.card {
                Card::Asked(question) if here => {
                    question::show(ui, taking, *question, &mut self.entered, cx);
                }
                Card::Told(question) if here => told::show(ui, taking, *question, cx),
                _ if here && !taking.at_end() => chips::answered(ui, taking, cx),
                _ => {}
            }
            chips::waiting(ui, taking, cx);
            if taking.at_end() && here && !matches!(taking.card, Card::Asked(_)) {
                finish::show(ui, taking, &mut self.save, cx);
            } else if self.save.open {
                self.save.show(ui, cx);
            }
            ui.add_space(10.0);
        });
        parts::more_below(ui, &out, cx.t);
    }

    /// Over the view: what is not lit is dimmed.
    pub fn light(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        self.spotlight.show(ui, cx);
    }
}
