//! A question: what is asked, and its parts, each answered in its own way.

use eframe::egui::{CornerRadius, Rect, Ui, UiBuilder, pos2, vec2};

use super::parts::{ask, say};
use super::{field, md, order, rows};
use crate::gui::cx::Cx;
use crate::gui::lesson::Taking;
use crate::gui::lesson::draft::is_field;
use crate::gui::theme::{Icon, Proto, med, reg, semi};
use crate::gui::widgets::icon_at;
use crate::lesson::words::{Kind, When};

/// Draws it. `entered`: the field that was given the keyboard last.
pub fn show(ui: &mut Ui, taking: &Taking, question: usize, entered: &mut field::Entered, cx: &Cx<'_>) {
    let t = cx.t;
    let asked = &taking.session.lesson.questions[question];
    let what = match asked.when {
        When::Predict => "A prediction: a wrong answer costs nothing.",
        When::Check => "It can be answered again.",
    };
    let several = taking.asks.len() > 1;
    super::parts::heading(ui, &format!("Question {}", asked.id), t);
    ask(ui, &taking.session.prompt(asked), semi(17.0), t.text);
    let how_one = taking.asks.first().filter(|_| !several).and_then(|a| how(a.kind)).unwrap_or_default();
    say(ui, format!("{how_one} {what}").trim(), reg(13.0), t.text2);
    let active = (question, taking.part, taking.drafts.get(taking.part).and_then(|d| d.chosen));
    let turned = entered.turned(active);
    for (part, asking) in taking.asks.iter().enumerate() {
        let draft = &taking.drafts[part];
        let top = ui.cursor().min;
        let width = ui.available_width();
        let inset = if several { 14.0 } else { 0.0 };
        let place = Rect::from_min_size(top + vec2(inset, 0.0), vec2(width - inset, 0.0));
        let inner = ui.scope_builder(UiBuilder::new().id_salt(("part", part)).max_rect(place), |ui| {
            ui.set_width(width - inset);
            ui.spacing_mut().item_spacing.y = 6.0;
            if several {
                ask(ui, &asking.prompt, semi(15.0), t.text);
            }
            if let Some(how) = how(asking.kind).filter(|_| several) {
                say(ui, how, reg(13.0), t.text2);
            }
            match asking.kind {
                kind if is_field(kind) => field::show(ui, taking, question, part, entered, cx),
                Kind::Order => order::show(ui, asking, draft, part, turned, cx),
                kind => {
                    let name = if several { md::plain(&asking.prompt) } else { "Answer".to_owned() };
                    rows::show(ui, asking, draft, (part, turned && part == taking.part), &name, kind, cx);
                }
            }
        });
        if several && turned && part == taking.part && draft.chosen.is_none() {
            ui.scroll_to_rect(inner.response.rect, None);
        }
        if several {
            // The part that letters answer.
            let colour = if part == taking.part { t.accent } else { t.border };
            let bar =
                Rect::from_min_max(pos2(top.x + 2.0, top.y + 2.0), pos2(top.x + 5.0, inner.response.rect.bottom()));
            ui.painter().rect_filled(bar, CornerRadius::same(1), colour);
        }
    }
    if let Some(wrong) = &taking.wrong {
        ui.horizontal_top(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(18.0, 20.0), eframe::egui::Sense::hover());
            icon_at(ui.painter(), rect.center(), Icon::CircleAlert, 16.0, t.proto(Proto::Lost));
            let mut words = wrong.clone();
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            say(ui, &format!("{words}."), med(14.0), t.on_tint(t.proto(Proto::Lost)));
        });
    }
}

/// How a part is answered, where it does not go without saying.
fn how(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Host => Some("Choose on the map or here."),
        Kind::Click => Some("Choose it in the view or here."),
        Kind::Order => {
            Some("Choose a card and move it with Alt+\u{2191} and Alt+\u{2193}, or write the letters in your order.")
        }
        Kind::List => Some("Several numbers in order, with commas between them."),
        Kind::Choice | Kind::YesNo | Kind::Number | Kind::Text => None,
    }
}
