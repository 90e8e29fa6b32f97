//! Each lesson taken in the window by keyboard alone.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use mailpath::gui::desk::Layout;
use mailpath::gui::lesson::{Act, Card};
use mailpath::lesson::BUILT_IN;
use mailpath::lesson::results::{Results, regrade};

use super::learner::{answer_card, begun, take, taking, words};
use crate::window::{press, send, still, window};
use mailpath::gui::command::Command;

const SIZE: (f32, f32) = (1366.0, 690.0);

#[test]
fn each_lesson_is_taken_by_keyboard_with_full_marks() {
    for (id, _) in BUILT_IN {
        let mut harness = begun(id, SIZE, 1.0);
        assert_eq!(harness.state().desk.layout, Layout::Lesson);
        take(&mut harness, true, &mut |_| {});
        let taking = taking(&harness);
        let results = Results::of(&taking.session, "learner").expect("the record says it");
        assert_eq!(results.marks.right, results.marks.questions, "{id}: {:?}", results.marks);
        assert!(results.answers.iter().all(|a| a.proof != Some(false)), "{id}: proofs were found");
        assert_eq!(regrade(&results, &taking.session.lesson).1, [], "{id}");
        let all = words(&harness);
        let profile = format!("{0} of {0} right, {0} attempted, 0 skipped", results.marks.questions);
        assert!(all.contains(&profile), "{id}: {all:?}");
    }
}

#[test]
fn wrong_answers_are_met_with_the_reason() {
    for (id, _) in BUILT_IN {
        let mut harness = begun(id, SIZE, 1.0);
        let mut met = 0;
        take(&mut harness, false, &mut |harness| {
            let t = taking(harness);
            let Some(told) = t.told.clone().filter(|_| harness.state().desk.at_moment()) else { return };
            assert!(!told.outcome.right);
            let all = words(harness).join("\n").replace("**", "");
            for feedback in told.outcome.feedback.iter().chain([&told.outcome.rule]) {
                let plain = feedback.replace('*', "").split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(all.contains(&plain), "{id}: `{plain}` in\n{all}");
                met += 1;
            }
        });
        let results = Results::of(&taking(&harness).session, "").expect("the record says it");
        assert_eq!((results.marks.right, results.marks.attempted), (0, results.marks.questions), "{id}");
        assert!(met > results.marks.questions, "{id}");
    }
}

#[test]
fn forward_waits_for_the_answer_and_back_shows_what_was_locked() {
    let mut harness = begun("L01", SIZE, 1.0);
    for _ in 0..40 {
        if taking(&harness).asked().is_some() {
            break;
        }
        press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    }
    let here = harness.state().desk.now;
    // The field has the keyboard: forward by the button, and by the clicker's key.
    send(&mut harness, Command::Forward(None));
    press(&mut harness, Modifiers::NONE, Key::PageDown);
    assert_eq!(harness.state().desk.now, here);
    let notice = harness.state().desk.notice.clone().expect("it says why");
    assert_eq!(notice.0, "Answer the question first, or skip it.");
    harness.event(eframe::egui::Event::Text("many".to_owned()));
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert!(taking(&harness).wrong.is_some(), "`many` is no number, and it says so");
    for _ in 0..4 {
        press(&mut harness, Modifiers::NONE, Key::Backspace);
    }
    answer_card(&mut harness, false);
    assert_eq!(taking(&harness).card, Card::None);
    assert!(words(&harness).iter().any(|w| w == "1.1  You: 7,777, locked"));
    let locked = harness.state().desk.now;
    for _ in 0..3 {
        press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    }
    assert!(harness.state().desk.now > locked);
    while harness.state().desk.now > locked {
        press(&mut harness, Modifiers::NONE, Key::Backspace);
    }
    assert_eq!(harness.state().desk.now, locked);
    assert!(words(&harness).iter().any(|w| w == "1.1  You: 7,777, locked"));
    assert_eq!(taking(&harness).asked(), None, "a prediction is locked");
    press(&mut harness, Modifiers::NONE, Key::K);
    let t = taking(&harness);
    assert_eq!(t.session.position(), t.session.reached());
}

#[test]
fn skipped_is_marked_and_reset_can_be_undone() {
    let mut harness = begun("L02", SIZE, 1.0);
    press(&mut harness, Modifiers::ALT, Key::S);
    assert!(words(&harness).iter().any(|w| w == "2.2  Skipped"));
    press(&mut harness, Modifiers::ALT, Key::S);
    while taking(&harness).session.position() < 1 {
        press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    }
    send(&mut harness, Command::Reset);
    assert_eq!(taking(&harness).session.position(), 0);
    assert!(taking(&harness).session.given(0).is_none());
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(taking(&harness).session.position(), 1, "what was done is back");
}

#[test]
fn a_host_is_chosen_on_the_map_and_a_line_in_the_conversation() {
    use mailpath::gui::desk::Thing;
    use mailpath::lesson::words::Kind;
    use mailpath::topology::NodeId;
    for (id, kind) in [("L01", Kind::Host), ("L02", Kind::Click)] {
        let mut harness = begun(id, SIZE, 1.0);
        let mut chosen = false;
        for _ in 0..4000 {
            let t = taking(&harness);
            if t.asked().is_some() && harness.state().desk.at_moment() {
                if t.asks[0].kind == kind {
                    chosen = true;
                    break;
                }
                answer_card(&mut harness, true);
                continue;
            }
            if t.proving() {
                // A click on what proves it, wherever it is drawn.
                let (entry, _) = t.told.as_ref().expect("told").proofs[0].clone();
                send(&mut harness, Command::ShowEntry(entry));
                assert!(!taking(&harness).proving());
                continue;
            }
            press(&mut harness, Modifiers::NONE, Key::ArrowRight);
        }
        assert!(chosen, "{id}");
        let now = harness.state().desk.now;
        if kind == Kind::Host {
            let run = harness.state().desk.run.clone();
            let node = (0..20).map(NodeId).find(|n| run.node(*n) == "mail.a").expect("it is there");
            send(&mut harness, Command::Select(Some(Thing::Node(node))));
        } else {
            let mailpath::lesson::answer::Answer::Event(entry) = taking(&harness).asks[0].offers[1].answer else {
                panic!("an event");
            };
            send(&mut harness, Command::ShowEntry(mailpath::trace::EntryId(entry)));
            assert_eq!(taking(&harness).drafts[0].chosen, Some(1));
        }
        assert!(taking(&harness).drafts[0].chosen.is_some());
        assert_eq!(harness.state().desk.now, now, "a click answers; it does not lead away");
    }
}

#[test]
fn the_list_leads_to_a_lesson_and_an_exploration_leads_back() {
    let mut harness = window("six-steps", SIZE, 1.0, still());
    send(&mut harness, Command::Layout(Layout::Lesson));
    let all = words(&harness);
    for (id, _) in BUILT_IN {
        assert!(all.iter().any(|w| w == id), "{id}: {all:?}");
    }
    send(&mut harness, Command::Lesson(Act::Name("17".to_owned())));
    send(&mut harness, Command::Lesson(Act::Begin("L02".to_owned(), Some(17))));
    assert_eq!(taking(&harness).session.runs.seed, Some(17));
    send(&mut harness, Command::Lesson(Act::Another));
    assert_eq!(taking(&harness).session.runs.seed, Some(18));
    let explorations = taking(&harness).session.lesson.explore.len();
    let place = harness.state().desk.now;
    for n in 0..explorations {
        send(&mut harness, Command::Lesson(Act::Explore(n)));
        for _ in 0..400 {
            if harness.state().desk.layout == Layout::Story {
                break;
            }
            harness.run_steps(1);
        }
        harness.run_steps(4);
        assert_eq!(harness.state().desk.mistakes, None);
        assert_eq!((harness.state().desk.layout, harness.state().desk.course.exploring), (Layout::Story, Some(n)));
        assert!(words(&harness).iter().any(|w| w == "Back to L02"));
        send(&mut harness, Command::Layout(Layout::Lesson));
        assert_eq!(taking(&harness).session.runs.seed, Some(18));
        assert_eq!(harness.state().desk.now, place);
    }
}

#[test]
fn results_are_written_where_the_learner_says() {
    let mut harness = begun("L01", SIZE, 1.0);
    take(&mut harness, true, &mut |_| {});
    send(&mut harness, Command::Lesson(Act::Name("4711".to_owned())));
    let path = std::env::temp_dir().join(format!("mailpath-results-{}.json", std::process::id()));
    send(&mut harness, Command::Lesson(Act::Save(path.clone())));
    let text = std::fs::read_to_string(&path).expect("it was written");
    std::fs::remove_file(&path).expect("it is ours");
    let results = Results::parse(&text).expect("it can be read");
    assert_eq!((results.learner.as_str(), results.marks.right), ("4711", 6));
    assert_eq!(regrade(&results, &taking(&harness).session.lesson).1, []);
    send(&mut harness, Command::Lesson(Act::Save("/".into())));
    let notice = harness.state().desk.notice.clone().expect("it says why").0;
    assert!(notice.contains("cannot be written"), "{notice}");
}

#[test]
fn a_lesson_is_told_in_the_language_that_was_chosen() {
    let mut harness = window("six-steps", SIZE, 1.0, still());
    send(&mut harness, Command::Layout(Layout::Lesson));
    let german = "Sechs Schritte von Alice zu Bob";
    assert!(!words(&harness).iter().any(|w| w == german));
    harness.get_by_label("Language of the lessons: Deutsch").click();
    harness.run_steps(4);
    assert!(words(&harness).iter().any(|w| w == german), "the list too");
    send(&mut harness, Command::Lesson(Act::Begin("L01".to_owned(), None)));
    assert_eq!(taking(&harness).session.texts.language, "de");
    // In a language that it does not have, a lesson has English words.
    send(&mut harness, Command::Lesson(Act::Language("tlh".to_owned())));
    send(&mut harness, Command::Lesson(Act::Begin("L02".to_owned(), None)));
    assert_eq!(taking(&harness).session.texts.language, "en");
}
