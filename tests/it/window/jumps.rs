//! Going to a place, marking packets, finding the filter, taking Reset back, and the terms of the sentence.

use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use mailpath::explain::sentence::TERMS;
use mailpath::gui::App;
use mailpath::gui::command::Command;
use mailpath::gui::desk::{Layout, Sheet, Thing};

use super::{press, send, still, window};

fn open() -> Harness<'static, App> {
    window("six-steps", (1366.0, 690.0), 1.0, still())
}

fn labels(harness: &Harness<'_, App>) -> Vec<String> {
    let nodes = harness.root().children_recursive();
    nodes.filter_map(|n| n.accesskit_node().label().or_else(|| n.accesskit_node().value())).collect()
}

fn says(harness: &Harness<'_, App>, words: &str) -> bool {
    labels(harness).iter().any(|l| l.contains(words))
}

/// Ctrl+G, words, Enter.
fn go(harness: &mut Harness<'_, App>, words: &str) {
    press(harness, Modifiers::COMMAND, Key::G);
    assert_eq!(harness.state().desk.sheets, [Sheet::GoTo]);
    harness.event(Event::Text(words.to_owned()));
    harness.run_steps(2);
    press(harness, Modifiers::NONE, Key::Enter);
    harness.run_steps(2);
}

fn now(harness: &Harness<'_, App>) -> u64 {
    let desk = &harness.state().desk;
    desk.run.at(desk.now).as_millis()
}

#[test]
fn one_goes_to_a_packet_a_time_an_event() {
    let mut harness = open();
    go(&mut harness, "1.715 s");
    assert_eq!((now(&harness), harness.state().desk.sheets.len()), (1715, 0));
    go(&mut harness, "event 0");
    assert_eq!(harness.state().desk.now, 0);
    for words in ["3", "packet 3", "#3"] {
        go(&mut harness, "event 0");
        go(&mut harness, words);
        let desk = &harness.state().desk;
        let row = &desk.run.packets.rows()[2];
        assert_eq!(desk.selection, Some(Thing::Packet(row.packet)), "{words}");
        assert!(desk.now > row.arrived.unwrap().0 as usize, "{words}: it has arrived");
    }
    go(&mut harness, "3,600.05 s");
    assert_eq!(now(&harness), 3_600_050);
}

#[test]
fn what_is_no_place_is_told_and_nothing_moves() {
    let mut harness = open();
    for (words, told) in [
        ("99999", "There is no packet 99999: they are numbered from 1 to"),
        ("0", "There is no packet 0"),
        ("event 99,999", "Events are numbered from 0 to"),
        ("3 h", "Nothing happens after"),
        ("soon", "Write a packet's number (12), a time with its unit"),
        ("", "Write a packet's number (12)"),
    ] {
        go(&mut harness, words);
        assert!(says(&harness, told), "{words}: {:?}", labels(&harness));
        assert_eq!((harness.state().desk.now, harness.state().desk.sheets.len()), (0, 1), "{words}");
        press(&mut harness, Modifiers::NONE, Key::Escape);
    }
}

#[test]
fn a_marked_packet_is_found_again_from_everywhere() {
    let mut harness = open();
    press(&mut harness, Modifiers::COMMAND, Key::M);
    assert!(says(&harness, "there is nothing to mark"), "before the first packet");
    go(&mut harness, "5");
    press(&mut harness, Modifiers::COMMAND, Key::M);
    assert!(says(&harness, "Packet 5 is marked"));
    send(&mut harness, Command::Layout(Layout::Workbench));
    assert!(labels(&harness).iter().any(|l| l.starts_with("Packet 5 at") && l.contains(", marked")));
    send(&mut harness, Command::End);
    press(&mut harness, Modifiers::COMMAND, Key::G);
    let mark = labels(&harness).into_iter().find(|l| l.starts_with("Packet 5, ")).expect("the mark is listed");
    harness.get_by_label(&mark).click();
    harness.run_steps(3);
    let packet = harness.state().desk.run.packets.rows()[4].packet;
    assert_eq!(harness.state().desk.selection, Some(Thing::Packet(packet)));
    press(&mut harness, Modifiers::COMMAND, Key::M);
    assert!(harness.state().desk.marks.is_empty() && says(&harness, "no longer marked"));
}

/// A mark of a packet that lies ahead says where it is, not what it says.
#[test]
fn a_mark_tells_nothing_of_the_future() {
    let mut harness = open();
    go(&mut harness, "20");
    press(&mut harness, Modifiers::COMMAND, Key::M);
    send(&mut harness, Command::Start);
    press(&mut harness, Modifiers::COMMAND, Key::G);
    let told = labels(&harness).into_iter().find(|l| l.starts_with("Packet 20, ")).unwrap();
    assert!(!told.contains(": "), "{told}");
}

#[test]
fn ctrl_f_leads_to_the_filter_from_every_layout() {
    for layout in [Layout::Story, Layout::Compare, Layout::Workbench] {
        let mut harness = open();
        send(&mut harness, Command::Layout(layout));
        press(&mut harness, Modifiers::COMMAND, Key::F);
        harness.run_steps(2);
        harness.event(Event::Text("imap".to_owned()));
        harness.run_steps(3);
        let desk = &harness.state().desk;
        assert_eq!((desk.layout, desk.filter.as_str()), (Layout::Workbench, "imap"), "{layout:?}");
    }
}

#[test]
fn reset_is_taken_back_by_a_button_for_eight_seconds_and_by_ctrl_z() {
    let mut harness = open();
    send(&mut harness, Command::Step(4));
    let before = harness.state().desk.now;
    press(&mut harness, Modifiers::NONE, Key::R);
    assert_eq!(harness.state().desk.now, 0, "at once");
    harness.get_by_label("Undo").click();
    harness.run_steps(3);
    assert_eq!(harness.state().desk.now, before);
    press(&mut harness, Modifiers::NONE, Key::R);
    press(&mut harness, Modifiers::COMMAND, Key::Z);
    assert_eq!(harness.state().desk.now, before);
    press(&mut harness, Modifiers::NONE, Key::R);
    let frames = (9.0 / harness.input().predicted_dt) as usize;
    harness.run_steps(frames);
    assert!(harness.query_by_label("Undo").is_none(), "gone after eight seconds");
}

#[test]
fn terms_of_the_sentence_open_their_explanation() {
    let mut harness = open();
    send(&mut harness, Command::Step(2));
    let terms: Vec<String> = labels(&harness).into_iter().filter(|l| l.starts_with("Term: ")).collect();
    let mut opened = 0;
    for label in terms {
        let gloss = TERMS.iter().find(|g| label == format!("Term: {}", g.term)).expect("a term of the list");
        let first = gloss.text.lines().next().unwrap();
        harness.get_by_label(&label).focus();
        harness.run_steps(3);
        let shown = harness.root().children_recursive().any(|n| {
            let node = n.accesskit_node();
            let words = node.value().or_else(|| node.label()).unwrap_or_default();
            node.role() == Role::Label && words.starts_with(first)
        });
        assert!(shown, "{label}: {:?}", labels(&harness));
        opened += 1;
    }
    assert!(opened >= 2, "{:?}", labels(&harness));
}

/// The same mailbox at two moments, side by side.
#[test]
fn a_pinned_copy_stays_at_its_moment() {
    let mut harness = open();
    send(&mut harness, Command::Step(4));
    send(&mut harness, Command::Step(4));
    press(&mut harness, Modifiers::NONE, Key::Q);
    press(&mut harness, Modifiers::NONE, Key::P);
    let pin = harness.state().desk.pin.expect("pinned");
    assert_eq!(pin.place, harness.state().desk.now);
    let close = labels(&harness).into_iter().find(|l| l.starts_with("Close the pinned copy of 1.715 s, event "));
    let close = close.expect("its time stands on it, and its button has a name");
    let before = labels(&harness).iter().filter(|l| l.contains("hello")).count();
    assert!(before >= 2, "the mail is in both: {:?}", labels(&harness));
    send(&mut harness, Command::Start);
    let after = labels(&harness).iter().filter(|l| l.contains("hello")).count();
    assert!((1..before).contains(&after), "only the copy has it still: {after} of {before}");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().desk.pin, None, "Esc closes it");
    press(&mut harness, Modifiers::NONE, Key::P);
    press(&mut harness, Modifiers::NONE, Key::P);
    assert_eq!(harness.state().desk.pin, None, "P again takes it away");
    send(&mut harness, Command::Step(4));
    press(&mut harness, Modifiers::NONE, Key::P);
    let button = labels(&harness).into_iter().find(|l| l.starts_with("Close the pinned copy"));
    assert_ne!(button.as_ref(), Some(&close), "another moment, another time");
    harness.get_by_label(&button.unwrap()).click();
    harness.run_steps(3);
    assert_eq!(harness.state().desk.pin, None, "and so does its button");
}

/// What the mouse can do on a thing stands in its menu, and acts.
#[test]
fn the_menu_key_opens_the_acts_of_a_thing() {
    let mut harness = open();
    press(&mut harness, Modifiers::NONE, Key::Menu);
    assert!(says(&harness, "there is no menu"), "nothing has been selected or sent");
    go(&mut harness, "5");
    press(&mut harness, Modifiers::SHIFT, Key::F10);
    let packet = harness.state().desk.run.packets.rows()[4].packet;
    assert_eq!(harness.state().desk.sheets, [Sheet::Menu(Thing::Packet(packet))]);
    assert!(says(&harness, "Its layers and bytes: Y"), "each act with its key: {:?}", labels(&harness));
    for _ in 0..3 {
        press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    }
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert!(harness.state().desk.sheets.is_empty() && harness.state().desk.marks.contains(&packet), "marked");
    // Of every kind of thing there is at least one act, and its menu has a title.
    let desk = &harness.state().desk;
    let conn = desk.run.log.packet(packet).conn.unwrap().0;
    let node = desk.run.log.end(conn, mailpath::topology::Side::Server).unwrap();
    let letter = mailpath::mail::ContentId(0);
    let link = mailpath::topology::LinkId(0);
    for thing in [Thing::Node(node), Thing::Connection(conn), Thing::Letter(letter), Thing::Link(link), Thing::Step(2)]
    {
        harness.state_mut().desk.sheets.clear();
        send(&mut harness, Command::Sheet(Sheet::Menu(thing.clone())));
        let nodes = harness.root().children_recursive();
        let acts = nodes.filter(|n| n.accesskit_node().role() == Role::Button).count();
        assert!(acts >= 2, "{thing:?}");
        press(&mut harness, Modifiers::NONE, Key::Enter);
        assert!(!matches!(harness.state().desk.sheets.last(), Some(Sheet::Menu(_))), "{thing:?}");
    }
}
