//! The filter of the packet list: display filters, words, what is wrong with them, fields that are offered.

use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use mailpath::gui::App;
use mailpath::gui::command::Command;
use mailpath::gui::desk::Layout;

use super::{press, send, still, window};

fn workbench(scenario: &str) -> Harness<'static, App> {
    let mut harness = window(scenario, (1366.0, 690.0), 1.0, still());
    send(&mut harness, Command::Layout(Layout::Workbench));
    send(&mut harness, Command::End);
    harness.run_steps(3);
    harness
}

fn labels(harness: &Harness<'_, App>) -> Vec<String> {
    let nodes = harness.root().children_recursive();
    nodes.filter_map(|n| n.accesskit_node().label().or_else(|| n.accesskit_node().value())).collect()
}

fn says(harness: &Harness<'_, App>, words: &str) -> bool {
    labels(harness).iter().any(|l| l.contains(words))
}

/// The rows that are listed, by what they say.
fn rows(harness: &Harness<'_, App>) -> Vec<String> {
    labels(harness).into_iter().filter(|l| l.starts_with("Packet ") && l.contains(" at ")).collect()
}

fn offered(harness: &Harness<'_, App>) -> Vec<String> {
    let nodes = harness.root().children_recursive().filter(|n| n.accesskit_node().role() == Role::ListBoxOption);
    nodes.filter_map(|n| n.accesskit_node().label()).collect()
}

/// Types into the filter, as a keyboard does.
fn type_in(harness: &mut Harness<'_, App>, text: &str) {
    for c in text.chars() {
        harness.event(Event::Text(c.to_string()));
        harness.run_steps(1);
    }
    harness.run_steps(2);
}

#[test]
fn a_display_filter_shows_the_packets_that_it_selects() {
    let mut harness = workbench("packet-loss:1");
    send(&mut harness, Command::Filter("tcp.analysis.retransmission".to_owned()));
    assert!(says(&harness, "Packets: 2 of 22 packets"), "{:?}", labels(&harness));
    let listed = rows(&harness);
    assert!(listed.len() == 2 && listed.iter().all(|row| row.contains("TCP") || row.contains("SMTP")), "{listed:?}");
    send(&mut harness, Command::Filter("smtp.req.command in {\"MAIL\", \"RCPT\"}".to_owned()));
    assert!(
        rows(&harness).iter().all(|row| row.contains("MAIL FROM") || row.contains("RCPT TO")),
        "{:?}",
        rows(&harness)
    );
    send(&mut harness, Command::Filter("phase == \"closure\"".to_owned()));
    assert!(!rows(&harness).is_empty() && rows(&harness).iter().all(|row| row.contains("phase closure")));
    send(&mut harness, Command::Filter(String::new()));
    assert!(says(&harness, "Packets: 22 packets"));
}

#[test]
fn what_is_no_filter_is_words_or_a_mistake_with_its_place() {
    let mut harness = workbench("six-steps");
    send(&mut harness, Command::Filter("mail.b 250".to_owned()));
    assert!(
        !rows(&harness).is_empty() && rows(&harness).iter().all(|row| row.contains("mail.b") && row.contains("250"))
    );
    send(&mut harness, Command::Filter("tcp.prt == 25".to_owned()));
    assert_eq!(rows(&harness), [] as [&str; 0]);
    assert!(says(&harness, "at 1: there is no field or protocol of the name tcp.prt. Did you mean tcp.port?"));
    send(&mut harness, Command::Filter("tcp.port == 70000".to_owned()));
    assert!(says(&harness, "at 13: 70000 is too big for this field"), "{:?}", labels(&harness));
}

#[test]
fn fields_are_offered_while_one_types_and_taken_by_keyboard() {
    let mut harness = workbench("six-steps");
    press(&mut harness, Modifiers::COMMAND, Key::F);
    harness.run_steps(2);
    type_in(&mut harness, "smtp && tcp.flags.sy");
    let first = offered(&harness);
    assert!(first[0].starts_with("tcp.flags.syn: "), "{first:?}");
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    press(&mut harness, Modifiers::NONE, Key::Tab);
    harness.run_steps(2);
    assert_eq!(harness.state().desk.filter, "smtp && tcp.flags.syn");
    // The keyboard is still in the field, behind what was taken.
    type_in(&mut harness, " == 0");
    assert_eq!(harness.state().desk.filter, "smtp && tcp.flags.syn == 0");
    assert!(offered(&harness).is_empty());
    assert!(!rows(&harness).is_empty());
    type_in(&mut harness, " && ht");
    assert!(!offered(&harness).is_empty());
    press(&mut harness, Modifiers::NONE, Key::Escape);
    harness.run_steps(2);
    assert!(offered(&harness).is_empty(), "Esc closes the list");
    assert_eq!(harness.state().desk.filter, "smtp && tcp.flags.syn == 0 && ht", "and nothing else");
}

#[test]
fn a_field_is_taken_by_a_click() {
    let mut harness = workbench("six-steps");
    press(&mut harness, Modifiers::COMMAND, Key::F);
    harness.run_steps(2);
    type_in(&mut harness, "imf.sub");
    let name = offered(&harness).into_iter().find(|o| o.starts_with("imf.subject")).expect("it is offered");
    harness.get_by_label(&name).click();
    harness.run_steps(3);
    assert_eq!(harness.state().desk.filter, "imf.subject");
}
