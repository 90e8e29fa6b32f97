//! Each kind of stop and each kind of question, reached by the automatic learner: for trees, layouts and pictures.

use eframe::egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use mailpath::gui::App;
use mailpath::gui::command::Command;
use mailpath::gui::desk::{Layout, Settings};
use mailpath::gui::lesson::{Act, Card};

use super::learner::{answer_card, key, taking};
use crate::window::{press, send, window};

/// Where a lesson is to be.
#[derive(Clone, Copy, Debug)]
pub enum State {
    /// The list of lessons.
    List,
    /// At a stop, its questions locked; of a tour, so many parts looked at.
    Stop(&'static str, usize),
    /// This question is asked.
    Asked(&'static str),
    /// Its first part is answered, but not locked.
    Answered(&'static str),
    /// It was told; answered right or wrong, the proof not chosen yet.
    Told(&'static str, bool),
    /// The proof was chosen.
    Proved(&'static str),
    /// A vote on this question; released or not.
    Vote(&'static str, bool),
    /// Between two stops.
    Between(&'static str),
    /// The end, everything told.
    End(bool),
    /// An exploration.
    Explore(usize),
}

/// Name, lesson, state: one for each kind.
pub const STATES: [(&str, &str, State); 23] = [
    ("list", "L01", State::List),
    ("tour", "L01", State::Stop("parts", 2)),
    ("number", "L01", State::Asked("1.1")),
    ("locked", "L01", State::Stop("written", 0)),
    ("choice", "L01", State::Answered("1.2")),
    ("told_right", "L01", State::Told("1.2", true)),
    ("host", "L01", State::Asked("1.3")),
    ("prove", "L01", State::Told("1.3", false)),
    ("proved", "L01", State::Proved("1.3")),
    ("map", "L01", State::Stop("crosses", 0)),
    ("told_wrong", "L01", State::Told("1.4", false)),
    ("parts", "L01", State::Answered("1.5")),
    ("order", "L01", State::Asked("1.6")),
    ("order_told", "L01", State::Told("1.6", false)),
    ("end", "L01", State::End(false)),
    ("vote", "L01", State::Vote("1.2", false)),
    ("released", "L01", State::Vote("1.2", true)),
    ("explore", "L01", State::Explore(1)),
    ("between", "L01", State::Between("written")),
    ("ladder", "L02", State::Stop("ehlo", 0)),
    ("bytes", "L02", State::Stop("letter", 0)),
    ("click", "L02", State::Asked("2.5")),
    ("numbers", "L10", State::Asked("10.4")),
];

/// A window in this state.
pub fn reach(lesson: &str, state: State, size: (f32, f32), scale: f32, settings: Settings) -> Harness<'static, App> {
    // The way is the same at every size; in a small window it costs less.
    let mut harness = window(lesson, (683.0, 345.0), scale, settings);
    go(&mut harness, state);
    resize(&mut harness, size);
    harness
}

/// The same state in a window of another size.
pub fn resize(harness: &mut Harness<'_, App>, size: (f32, f32)) {
    harness.set_size(vec2(size.0, size.1));
    harness.run_steps(8);
}

fn go(harness: &mut Harness<'_, App>, state: State) {
    let (question, right) = match state {
        State::List => return send(harness, Command::Lesson(Act::List)),
        State::Explore(n) => {
            send(harness, Command::Lesson(Act::Explore(n)));
            while harness.state().desk.layout != Layout::Story {
                harness.run_steps(1);
            }
            return;
        }
        State::Told(question, right) => (question, right),
        State::Asked(q) | State::Answered(q) | State::Proved(q) | State::Vote(q, _) => (q, true),
        State::End(right) => ("", right),
        State::Stop(..) | State::Between(_) => ("", true),
    };
    for _ in 0..4000 {
        let t = taking(harness);
        let id = |q: usize| t.session.lesson.questions[q].id.as_str();
        let stop = t.session.stop().map_or("", |s| s.id.as_str());
        let here = harness.state().desk.at_moment();
        match (&t.card, state) {
            (Card::Asked(q), State::Asked(wanted) | State::Answered(wanted) | State::Vote(wanted, _))
                if here && id(*q) == wanted =>
            {
                match state {
                    State::Answered(_) => press(harness, Modifiers::NONE, Key::B),
                    State::Vote(_, released) => {
                        send(harness, Command::Lesson(Act::Vote));
                        if released {
                            press(harness, Modifiers::NONE, Key::V);
                        }
                    }
                    _ => {}
                }
                return;
            }
            (Card::Told(q), State::Told(wanted, _) | State::Proved(wanted)) if here && id(*q) == wanted => {
                if t.proving() && matches!(state, State::Proved(_)) {
                    press(harness, Modifiers::NONE, key(1));
                }
                return;
            }
            (card, State::Stop(wanted, parts)) if here && stop == wanted && !matches!(card, Card::Asked(_)) => {
                for _ in 0..parts {
                    press(harness, Modifiers::NONE, Key::ArrowRight);
                }
                return;
            }
            (_, State::Between(wanted)) if stop == wanted && !here => return,
            (_, State::End(_)) if here && t.at_end() => {
                // Each answer that was told is put away.
                press(harness, Modifiers::NONE, Key::ArrowRight);
                if taking(harness).card == Card::None {
                    return;
                }
                continue;
            }
            _ => {}
        }
        if here && matches!(t.card, Card::Asked(_)) {
            let right = right || t.asked().is_some_and(|q| !question.is_empty() && id(q) != question);
            answer_card(harness, right);
        } else {
            press(harness, Modifiers::NONE, Key::ArrowRight);
        }
    }
    panic!("{state:?} is not reached");
}

/// Pictures for people: as `pictures`, of each state; `ONLY` and `SIZES` name those that are wanted.
#[test]
#[ignore = "writes pictures for people to look at"]
fn pictures_of_lessons() {
    let folder = std::path::PathBuf::from(std::env::var_os("PICTURES").expect("PICTURES names a folder"));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let wanted = std::env::var("ONLY").unwrap_or_default();
    let sizes = std::env::var("SIZES").unwrap_or_default();
    for (name, lesson, state) in
        STATES.into_iter().filter(|(name, ..)| wanted.split(' ').any(|w| w == *name || w.is_empty()))
    {
        for dark in [false, true] {
            for (size_name, size, scale) in [
                ("1366", (1366.0, 690.0), 1.0),
                ("1920", (1920.0, 1000.0), 1.0),
                ("1366-200", (683.0, 345.0), 2.0),
                ("1920-200", (960.0, 500.0), 2.0),
                ("1024-300", (341.0, 233.0), 3.0),
            ]
            .into_iter()
            .filter(|(name, ..)| sizes.split(' ').any(|s| s == *name || s.is_empty()))
            {
                let settings = Settings { dark, reduce_motion: true, ..Settings::default() };
                let mut harness = reach(lesson, state, size, scale, settings);
                let file = format!("{name}-{size_name}-{}.png", if dark { "dark" } else { "light" });
                harness.render().expect("drawn").save(folder.join(&file)).expect("written");
            }
        }
    }
}
