//! Packet list, layers, bytes, letter, queue, mailbox and mail form: what one shows, the others show too.

use std::ops::Range;

use eframe::egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use mailpath::gui::App;
use mailpath::gui::command::Command;
use mailpath::gui::desk::{Layout, Sheet, Thing, View};
use mailpath::mail::Event;
use mailpath::trace::{PacketId, What};

use super::{press, send, still, window};

fn workbench(scenario: &str) -> Harness<'static, App> {
    let mut harness = window(scenario, (1366.0, 690.0), 1.0, still());
    send(&mut harness, Command::Layout(Layout::Workbench));
    harness
}

fn names(harness: &Harness<'_, App>) -> Vec<String> {
    let nodes = harness.root().children_recursive();
    nodes.filter_map(|n| n.accesskit_node().label().or_else(|| n.accesskit_node().value())).collect()
}

fn says(harness: &Harness<'_, App>, words: &str) -> bool {
    names(harness).iter().any(|n| n.contains(words))
}

/// The packet that carries these words, and where they stand in its frame.
fn packet_with(harness: &Harness<'_, App>, words: &str) -> (PacketId, Range<usize>) {
    let run = &harness.state().desk.run;
    let found = run.packets.rows().iter().find_map(|row| {
        let frame = run.packets.layers(&run.log, row.packet, row.hop?).frame;
        let at = frame.windows(words.len()).position(|w| w == words.as_bytes())?;
        Some((row.packet, at..at + words.len()))
    });
    found.unwrap_or_else(|| panic!("no packet carries {words}"))
}

#[test]
fn a_row_of_the_list_makes_its_arrival_now_and_selects_the_packet() {
    let mut harness = workbench("six-steps");
    let row = harness.get_by_label_contains("Packet 3 at");
    row.click();
    harness.run_steps(3);
    let desk = &harness.state().desk;
    let third = &desk.run.packets.rows()[2];
    assert_eq!(desk.selection, Some(Thing::Packet(third.packet)));
    assert!(desk.now > third.arrived.expect("nothing is lost here").0 as usize);
    assert!(says(&harness, "Layers of the packet"));
}

#[test]
fn what_is_to_come_is_listed_until_it_is_hidden() {
    let mut harness = workbench("six-steps");
    assert!(says(&harness, ", to come"));
    press(&mut harness, Modifiers::NONE, Key::U);
    assert!(!says(&harness, ", to come"));
    assert!(says(&harness, "Choose a packet, or press \u{2192}."));
}

#[test]
fn a_filter_counts_what_fits_and_says_so_when_nothing_does() {
    let mut harness = workbench("six-steps");
    let all = harness.state().desk.run.packets.rows().len();
    send(&mut harness, Command::Filter("smtp mail.b 250".to_owned()));
    let fit = names(&harness).iter().filter(|n| n.starts_with("Packet ") && n.contains(" at ")).count();
    assert!(fit > 2 && says(&harness, &format!("{fit} of {all} packets")), "{:?}", names(&harness));
    send(&mut harness, Command::Filter("no such word".to_owned()));
    assert!(says(&harness, &format!("0 of {all} packets")));
    harness.get_by_label("Clear").click();
    harness.run_steps(3);
    assert_eq!(harness.state().desk.filter, "");
    assert!(says(&harness, &format!("{all} packets")));
}

#[test]
fn bytes_and_their_field_are_lit_together() {
    let mut harness = workbench("six-steps");
    let (packet, at) = packet_with(&harness, "MAIL FROM:");
    let command = Thing::Bytes(packet, at.start, at.start + 4);
    send(&mut harness, Command::Select(Some(command)));
    harness.run_steps(2);
    let lit = harness.get_by_label_contains("smtp.req.command");
    assert_eq!(lit.accesskit_node().toggled(), Some(eframe::egui::accesskit::Toggled::True));
    let span = format!("lit: {} to {}", at.start, at.start + 3);
    send(&mut harness, Command::View(View::Bytes));
    assert!(says(&harness, &span), "{:?}", names(&harness));
}

#[test]
fn a_line_of_the_conversation_lights_its_bytes_in_the_packet_that_carries_it() {
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, still());
    let (packet, at) = packet_with(&harness, "RCPT TO:<bob@b.example>\r\n");
    let (conn, side) = harness.state().desk.run.log.packet(packet).conn.expect("a segment");
    let start = harness.state().desk.run.log.packet(packet).stream.0;
    let stream = Thing::Stream(conn, side, start, start + at.len() as u64);
    send(&mut harness, Command::View(View::Bytes));
    send(&mut harness, Command::End);
    send(&mut harness, Command::Select(Some(stream)));
    let number = harness.state().desk.run.packets.place(packet).expect("in the list") + 1;
    assert!(says(&harness, &format!("Packet {number}, ")));
    assert!(says(&harness, &format!("lit: {} to {}", at.start, at.end - 1)));
}

#[test]
fn the_letter_in_the_form_becomes_the_letter_of_the_run() {
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, still());
    send(&mut harness, Command::Sheet(Sheet::MailForm));
    harness.input_mut().events.push(eframe::egui::Event::Text("Written by Alice in a test. ".to_owned()));
    harness.run_steps(3);
    assert!(says(&harness, "body: Written by Alice in a test."), "{:?}", names(&harness));
    let counted = names(&harness).into_iter().find(|n| n.starts_with("The letter: ")).expect("the letter is counted");
    harness.get_by_label("Send").click();
    harness.run_steps(4);
    let desk = &harness.state().desk;
    assert!(desk.sheets.is_empty() && desk.now == 0);
    let letters = desk.run.log.entries().iter().filter_map(|e| match e.what {
        What::Mail(Event::Composed { letter, .. }) => Some(letter.bytes.clone()),
        _ => None,
    });
    let letter = letters.collect::<Vec<_>>().pop().expect("it was written");
    assert!(letter.ends_with(b"\r\n") && letter.windows(16).any(|w| w == b"Written by Alice"));
    assert!(counted.starts_with(&format!("The letter: {} bytes, above 127: 0", letter.len())), "{counted}");
}

#[test]
fn an_address_that_is_none_is_said_and_cannot_be_sent() {
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, still());
    send(&mut harness, Command::Sheet(Sheet::MailForm));
    harness.get_by_label("To").focus();
    harness.run_steps(2);
    harness.input_mut().events.push(eframe::egui::Event::Text(", carol".to_owned()));
    harness.run_steps(3);
    assert!(says(&harness, "there is no @. Write name@domain"), "{:?}", names(&harness));
    assert!(harness.get_by_label("Send").accesskit_node().is_disabled());
}

#[test]
fn a_mail_that_waits_says_why_and_when_it_is_tried_again() {
    let mut harness = window("server-down", (1366.0, 690.0), 1.0, still());
    send(&mut harness, Command::View(View::Stores));
    let defer = |h: &Harness<'_, App>| {
        let entries = h.state().desk.run.log.entries();
        let is = |i: &usize| matches!(entries.at(*i).what, What::Mail(e) if matches!(e, Event::QueueDefer { .. }));
        (0..entries.len()).find(is).expect("the first attempt fails") + 1
    };
    let place = defer(&harness);
    send(&mut harness, Command::GoTo(place));
    assert!(says(&harness, "next try at 09:30:01, in 29 min"), "{:?}", names(&harness));
    assert!(says(&harness, "last answer: "));
    harness.get_by_label_contains("Go to the next try").click();
    harness.run_steps(3);
    let desk = &harness.state().desk;
    assert_eq!(desk.run.at(desk.now).as_millis() / 60_000, 30);
}

#[test]
fn empty_places_say_what_will_come_into_them() {
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, still());
    send(&mut harness, Command::View(View::Stores));
    let words = "Nothing waits here. A mail comes in when Alice's user agent hands it over (step 2).";
    assert!(says(&harness, words), "{:?}", names(&harness));
    harness.get_by_label("Mail server: mail.b").click();
    harness.run_steps(2);
    harness.get_by_label_contains("Store: Mailboxes").click();
    harness.run_steps(2);
    assert!(says(&harness, "No mail for Bob yet (step 5)."), "{:?}", names(&harness));
    send(&mut harness, Command::End);
    assert!(says(&harness, "1 stored on the server; a copy on the screen of bob-pc"), "{:?}", names(&harness));
}

#[test]
fn the_letter_is_unwrapped_with_the_bytes_around_it() {
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, still());
    send(&mut harness, Command::End);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    for words in [
        "RFC 5321, protocol",
        "RFC 5322, formerly 2822, syntax",
        "empty line: 2 bytes",
        "IP: 20 bytes",
        "TCP: 20 bytes",
    ] {
        assert!(says(&harness, words), "{words}: {:?}", names(&harness));
    }
    // Who put each field there is read from the record, not guessed from its name.
    assert!(says(&harness, "header: Return-Path: <alice@a.example>, by mail server, mail.b"), "{:?}", names(&harness));
    assert!(says(&harness, "header: Subject: hello, by user agent, alice-pc"));
}
