//! The six steps in the window: forward, back, digits, and nothing of the future.

use std::collections::BTreeSet;

use eframe::egui::accesskit::Live;
use eframe::egui::epaint::Shape;
use eframe::egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::NodeT;
use mailpath::explain::stops::Grain;
use mailpath::gui::App;
use mailpath::gui::command::Command;
use mailpath::gui::desk::Layout;

use super::{press, send, still, window};

const GRAINS: [Grain; 4] = [Grain::Packet, Grain::Line, Grain::Phase, Grain::Step];

fn six() -> Harness<'static, App> {
    window("six-steps", (1366.0, 690.0), 1.0, still())
}

/// Everything that is painted, and everything that a screen reader is told.
fn screen(harness: &mut Harness<'_, App>) -> String {
    // Small things (a lit button) come to rest first.
    harness.run_steps(4);
    format!("{:?}\n{:?}", harness.output().shapes, names(harness))
}

/// The names and values of all accessible things, in order.
fn names(harness: &Harness<'_, App>) -> Vec<String> {
    let nodes = harness.root().children_recursive();
    nodes.filter_map(|n| n.accesskit_node().label().or_else(|| n.accesskit_node().value())).collect()
}

/// All words on the screen.
fn painted(harness: &Harness<'_, App>) -> BTreeSet<String> {
    fn walk(shape: &Shape, words: &mut BTreeSet<String>) {
        match shape {
            Shape::Text(text) => {
                words.insert(text.galley.text().to_owned());
            }
            Shape::Vec(shapes) => shapes.iter().for_each(|s| walk(s, words)),
            _ => {}
        }
    }
    let mut words = BTreeSet::new();
    harness.output().shapes.iter().for_each(|s| walk(&s.shape, &mut words));
    words
}

fn milliseconds(harness: &Harness<'_, App>) -> u64 {
    let desk = &harness.state().desk;
    desk.run.at(desk.now).since(mailpath::time::Instant::ZERO).as_millis()
}

#[test]
fn it_opens_on_the_six_steps_before_the_first() {
    let harness = six();
    let desk = &harness.state().desk;
    assert_eq!((desk.run.ready.setup.name.as_str(), desk.now, desk.layout), ("six-steps", 0, Layout::Story));
    assert!(!desk.settings.dark && !desk.playing && desk.sheets.is_empty());
    let words = painted(&harness);
    assert!(words.iter().any(|w| w.starts_with("Alice has written a mail to bob@b.example.")), "{words:?}");
    assert!(words.iter().any(|w| w.contains("Press \u{2192} to send it.")), "{words:?}");
}

#[test]
fn back_is_the_same_screen_as_out_in_every_grain() {
    for grain in GRAINS {
        let mut harness = six();
        send(&mut harness, Command::Grain(grain));
        let mut out = vec![(0, screen(&mut harness))];
        while harness.state().desk.now < harness.state().desk.run.end() {
            press(&mut harness, Modifiers::NONE, Key::ArrowRight);
            let now = harness.state().desk.now;
            assert!(now > out.last().expect("the start").0, "{grain:?}: forward leads forward");
            out.push((now, screen(&mut harness)));
        }
        assert!(out.len() >= 8, "{grain:?} has {} stops", out.len());
        // At the end the forward button cannot be pressed; from there on back.
        while let Some((now, picture)) = out.pop() {
            assert_eq!(harness.state().desk.now, now, "{grain:?}: the same stops on the way back");
            let back = screen(&mut harness);
            assert!(back == picture, "{grain:?} at {now}: {}", first_difference(&picture, &back));
            press(&mut harness, Modifiers::NONE, Key::ArrowLeft);
        }
        assert_eq!(harness.state().desk.now, 0);
    }
}

fn first_difference(a: &str, b: &str) -> String {
    let at = a.bytes().zip(b.bytes()).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
    let part = |s: &str| s.chars().skip(at.saturating_sub(120)).take(300).collect::<String>();
    format!("out  ...{}\nback ...{}", part(a), part(b))
}

#[test]
fn a_digit_leads_to_the_begin_of_its_step_and_then_to_its_done_mark() {
    let mut harness = six();
    let mut at = |key: Key| {
        press(&mut harness, Modifiers::NONE, key);
        milliseconds(&harness)
    };
    assert_eq!((at(Key::Num4), at(Key::Num4)), (1_215, 1_715));
    assert_eq!((at(Key::Num2), at(Key::Num2)), (0, 65));
    assert_eq!((at(Key::Num3), at(Key::Num3)), (1_065, 1_165));
    assert_eq!((at(Key::Num5), at(Key::Num5)), (1_715, 1_715));
    assert_eq!((at(Key::Num6), at(Key::Num6)), (3_600_000, 3_600_050));
    assert_eq!((at(Key::Home), at(Key::End)), (0, 3_600_070));
}

#[test]
fn nothing_after_now_is_on_the_screen_in_story() {
    for size in [(1366.0, 690.0), (1920.0, 1000.0)] {
        let mut harness = window("six-steps", size, 1.0, still());
        press(&mut harness, Modifiers::NONE, Key::C);
        loop {
            let (run, now) = (harness.state().desk.run.clone(), harness.state().desk.now);
            let mut seen: BTreeSet<String> = painted(&harness);
            seen.extend(names(&harness));
            let said_by_now = |text: &str| {
                let rows = run.dialogues.iter().flat_map(|d| &d.rows);
                rows.filter(|r| (r.entry.0 as usize) < now).any(|r| r.words.line() == text)
            };
            for row in run.dialogues.iter().flat_map(|d| &d.rows).filter(|r| r.entry.0 as usize >= now) {
                let line = row.words.line();
                if line.len() < 5 || said_by_now(&line) {
                    continue;
                }
                let told = seen.iter().find(|s| s.contains(&line) && !s.contains("Next:"));
                assert!(told.is_none(), "at {now} `{line}` is told before it is said: {told:?}");
            }
            if now == run.end() {
                break;
            }
            press(&mut harness, Modifiers::NONE, Key::ArrowRight);
        }
    }
}

#[test]
fn the_mailbox_holds_the_mail_after_step_5_and_not_before() {
    let mut harness = six();
    let done = harness.state().desk.run.stops.step(4, mailpath::explain::stops::Mark::Done).expect("step 5 is done");
    send(&mut harness, Command::Grain(Grain::Packet));
    let (mut before, mut behind) = (0, 0);
    loop {
        let now = harness.state().desk.now;
        let stored = names(&harness).iter().any(|n| n.contains("mail in the mailboxes"));
        assert_eq!(stored, now >= done, "at {now}; step 5 is done at {done}: {:?}", names(&harness));
        if stored {
            behind += 1
        } else {
            before += 1
        }
        if now == harness.state().desk.run.end() {
            break;
        }
        press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    }
    assert!(before > 10 && behind > 5);
}

#[test]
fn the_sentences_read_in_order_tell_the_story() {
    let mut harness = six();
    let mut told = Vec::new();
    loop {
        let sentence = harness.root().children_recursive().find_map(|n| {
            let node = n.accesskit_node();
            (node.live() == Live::Polite).then(|| node.value().or_else(|| node.label())).flatten()
        });
        told.push(sentence.expect("a live region"));
        if harness.state().desk.now == harness.state().desk.run.end() {
            break;
        }
        press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    }
    insta::assert_snapshot!("sentences", told.join("\n"));
}

#[test]
fn play_halts_at_the_next_step() {
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, mailpath::gui::desk::Settings::default());
    press(&mut harness, Modifiers::NONE, Key::Num3);
    press(&mut harness, Modifiers::NONE, Key::Space);
    for _ in 0..2_000 {
        harness.step();
        if !harness.state().desk.playing {
            break;
        }
    }
    assert!(!harness.state().desk.playing, "it halts by itself");
    assert_eq!(milliseconds(&harness), 1_165, "at the done mark of step 3");
}

#[test]
fn a_key_during_a_flight_completes_it() {
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, mailpath::gui::desk::Settings::default());
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    while harness.state().desk.motion.is_none() {
        press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    }
    let to = harness.state().desk.now;
    assert!(harness.state().desk.shown() < to);
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    assert_eq!((harness.state().desk.shown(), harness.state().desk.now), (to, to));
}

#[test]
fn a_window_in_which_nothing_moves_asks_for_no_frame() {
    for (scenario, layout) in [
        ("six-steps", Layout::Story),
        ("six-steps", Layout::Workbench),
        ("push-and-pull", Layout::Compare),
        ("packet-loss:2", Layout::Story),
    ] {
        let mut harness = window(scenario, (1366.0, 690.0), 1.0, mailpath::gui::desk::Settings::default());
        send(&mut harness, Command::Layout(layout));
        for place in [Command::Start, Command::Step(2), Command::End] {
            send(&mut harness, place.clone());
            harness.run_steps(60);
            let asked = harness.ctx.has_requested_repaint();
            assert!(!asked, "{scenario} {layout:?} {place:?}: {:?}", harness.ctx.repaint_causes());
        }
    }
}

#[test]
fn two_keys_in_one_frame_are_both_taken() {
    let mut harness = six();
    send(&mut harness, Command::Sheet(mailpath::gui::desk::Sheet::Open));
    harness.key_press(Key::Escape);
    harness.key_press(Key::Questionmark);
    harness.run_steps(2);
    assert_eq!(harness.state().desk.sheets, [mailpath::gui::desk::Sheet::Keys]);
}
