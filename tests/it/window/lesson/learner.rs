//! An automatic learner: takes a lesson in the window by keyboard alone.

use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::NodeT;
use mailpath::gui::App;
use mailpath::gui::lesson::{Card, Taking};
use mailpath::lesson::Session;
use mailpath::lesson::answer::{Answer, Asking, mark};
use mailpath::lesson::value::Value;
use mailpath::lesson::words::Kind;

use crate::window::{press, still, window};

/// A window with a lesson in it.
pub fn begun(lesson: &str, size: (f32, f32), scale: f32) -> Harness<'static, App> {
    window(lesson, size, scale, still())
}

/// The lesson that is taken.
pub fn taking<'a>(harness: &'a Harness<'_, App>) -> &'a Taking {
    harness.state().desk.lesson().expect("a lesson is taken")
}

/// What is pressed to answer a part: letters, or a text.
pub enum Keys {
    Letters(Vec<usize>),
    Text(String),
}

/// The value that the record has, and what is pressed to answer a part, right or wrong.
pub fn answer(session: &Session, asking: &Asking, question: usize, part: usize, right: bool) -> Keys {
    let asked = &session.lesson.questions[question];
    let spec = &asked.parts[part];
    let truth = spec.probe.read(&session.runs, asked.run.as_deref(), spec.unit).expect("the record says it");
    let fits = |answer: &Answer| {
        mark(&session.texts, &session.runs, asked, spec, answer).expect("it can be marked").right == right
    };
    match asking.kind {
        Kind::Number => {
            let Value::Number(number) = truth else { panic!("a number: {truth}") };
            Keys::Text(if right { number.to_string() } else { "7777".to_owned() })
        }
        Kind::List => {
            let Value::List(numbers) = truth else { panic!("a list: {truth}") };
            let typed = numbers.iter().map(|n| n.to_string().replace(',', "")).collect::<Vec<_>>().join(", ");
            Keys::Text(if right { typed } else { "7777".to_owned() })
        }
        Kind::Text => Keys::Text(if right { truth.to_string() } else { "something else".to_owned() }),
        Kind::Order => {
            let Value::List(names) = truth else { panic!("a list: {truth}") };
            let name = |v: &Value| asking.offers.iter().position(|o| o.answer.name() == Some(&v.to_string()));
            let mut letters: Vec<usize> = names.iter().filter_map(name).collect();
            if !right {
                letters.swap(0, 1);
            }
            Keys::Letters(letters)
        }
        _ => {
            let told = |o: &&mailpath::lesson::answer::Offer| {
                match &o.answer {
                // Among wrong ones, one to which something is said.
                Answer::Option(name) | Answer::Host(name) => spec.options.iter().any(|c| {
                    c.id == *name || matches!(&c.value, mailpath::lesson::model::ChoiceValue::Fixed(mailpath::lesson::words::Literal::Text(t)) if t == name)
                }),
                _ => true,
            }
            };
            let wrong = asking.offers.iter().filter(|o| fits(&o.answer));
            let chosen = wrong.clone().find(told).or_else(|| wrong.clone().next()).expect("there is such an answer");
            Keys::Letters(vec![asking.offers.iter().position(|o| std::ptr::eq(o, chosen)).expect("one of them")])
        }
    }
}

pub fn key(n: usize) -> Key {
    Key::from_name(&char::from(b'A' + n as u8).to_string()).expect("a letter")
}

/// Answers the question that is shown, and locks it.
pub fn answer_card(harness: &mut Harness<'_, App>, right: bool) {
    let question = taking(harness).asked().expect("a question is shown");
    let parts = taking(harness).asks.len();
    for part in 0..parts {
        let t = taking(harness);
        assert_eq!(t.part, part, "the next part's turn: {:?} {:?}", t.drafts, harness.ctx.memory(|m| m.focused()));
        match answer(&t.session, &t.asks[part], question, part, right) {
            Keys::Letters(letters) => {
                for n in letters {
                    press(harness, Modifiers::NONE, key(n));
                }
            }
            Keys::Text(text) => {
                harness.run_steps(2);
                harness.event(Event::Text(text));
                harness.run_steps(2);
                if part + 1 < parts {
                    press(harness, Modifiers::NONE, Key::Enter);
                    harness.run_steps(2);
                }
            }
        }
    }
    press(harness, Modifiers::NONE, Key::Enter);
    harness.run_steps(2);
    let t = taking(harness);
    assert!(t.session.given(question).is_some(), "locked: {:?} {:?}", t.wrong, t.drafts);
}

/// Takes the lesson from where it is to its end; `see` is called at each frame that a learner looks at.
pub fn take(harness: &mut Harness<'_, App>, right: bool, see: &mut dyn FnMut(&mut Harness<'_, App>)) {
    for _ in 0..4000 {
        see(harness);
        let t = taking(harness);
        let here = harness.state().desk.at_moment();
        if here && matches!(t.card, Card::Asked(_)) {
            answer_card(harness, right);
            continue;
        }
        if here && t.proving() {
            let proof = t.told.as_ref().and_then(|told| {
                let proof = told.outcome.proof.as_ref()?.1;
                told.proofs.iter().position(|(entry, _)| (*entry == proof) == right)
            });
            press(harness, Modifiers::NONE, key(proof.expect("the proof is among those offered")));
            assert!(!taking(harness).proving());
            continue;
        }
        if here && t.at_end() && !matches!(t.card, Card::Told(_)) {
            return;
        }
        if here && t.at_end() && t.session.open().is_none() && harness.state().desk.now == t.session.moment().place {
            let done = t.card.clone();
            press(harness, Modifiers::NONE, Key::ArrowRight);
            if taking(harness).card == done {
                return;
            }
            continue;
        }
        press(harness, Modifiers::NONE, Key::ArrowRight);
    }
    panic!("the lesson does not end");
}

/// All words on the screen: painted, and told to a screen reader.
pub fn words(harness: &Harness<'_, App>) -> Vec<String> {
    fn painted(shape: &eframe::egui::Shape, out: &mut Vec<String>) {
        match shape {
            eframe::egui::Shape::Text(text) => out.push(text.galley.text().to_owned()),
            eframe::egui::Shape::Vec(shapes) => shapes.iter().for_each(|s| painted(s, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    harness.output().shapes.iter().for_each(|s| painted(&s.shape, &mut out));
    for node in harness.root().children_recursive() {
        let node = node.accesskit_node();
        out.extend(node.label());
        out.extend(node.value());
        out.extend(node.description());
    }
    // A number and its unit stand on one line.
    out.into_iter().map(|words| words.replace('\u{a0}', " ")).collect()
}
