//! What is done on things and on the window as a whole: menus by the right button, copies of layers and bytes, the blank
//! screen, the parts of a letter, help on a card.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, PointerButton};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use mailpath::gui::App;
use mailpath::gui::command::Command;
use mailpath::gui::desk::{Layout, Sheet, Thing, View};
use mailpath::message::mime_parts;

use super::{press, send, still, window};

fn open(scenario: &str) -> Harness<'static, App> {
    window(scenario, (1366.0, 690.0), 1.0, still())
}

fn labels(harness: &Harness<'_, App>) -> Vec<String> {
    let nodes = harness.root().children_recursive();
    nodes.filter_map(|n| n.accesskit_node().label().or_else(|| n.accesskit_node().value())).collect()
}

fn says(harness: &Harness<'_, App>, words: &str) -> bool {
    labels(harness).iter().any(|l| l.contains(words))
}

/// Clicks with the right button on what begins so; gives the thing whose menu is open.
fn menu(harness: &mut Harness<'_, App>, begins: &str) -> Thing {
    let label = labels(harness).into_iter().find(|l| l.starts_with(begins));
    let label = label.unwrap_or_else(|| panic!("{begins}: {:?}", labels(harness)));
    let nodes: Vec<_> = harness.get_all_by_label(&label).collect();
    nodes.last().expect("it is there").click_button(PointerButton::Secondary);
    drop(nodes);
    harness.run_steps(3);
    match harness.state().desk.sheets.as_slice() {
        [Sheet::Menu(thing)] => thing.clone(),
        other => panic!("{begins} opens no menu: {other:?}"),
    }
}

#[test]
fn the_right_button_opens_the_menu_of_everything_that_can_be_pointed_at() {
    let mut harness = open("six-steps");
    send(&mut harness, Command::Step(4));
    send(&mut harness, Command::Step(4));
    send(&mut harness, Command::View(View::Conversation));
    harness.run_steps(4);
    let close = |harness: &mut Harness<'_, App>| press(harness, Modifiers::NONE, Key::Escape);
    assert!(matches!(menu(&mut harness, "mail.a (client): MAIL FROM"), Thing::Stream(..)), "a line");
    close(&mut harness);
    assert!(matches!(menu(&mut harness, "SMTP: push, up to the mailbox"), Thing::Connection(_)), "the strip");
    close(&mut harness);
    assert!(matches!(menu(&mut harness, "Bob's mail server mail.b"), Thing::Node(_)), "a card");
    close(&mut harness);
    send(&mut harness, Command::View(View::Ladder));
    harness.run_steps(4);
    assert!(matches!(menu(&mut harness, "DATA: mail.a to mail.b"), Thing::Packet(_)), "an arrow");
    close(&mut harness);
    send(&mut harness, Command::View(View::Stores));
    harness.run_steps(4);
    let stored = labels(&harness).into_iter().find(|l| l.contains("UID 1") && l.contains("hello"));
    let stored = stored.unwrap_or_else(|| panic!("{:?}", labels(&harness)));
    assert!(matches!(menu(&mut harness, &stored), Thing::Stored(..)), "a stored mail");
    close(&mut harness);
    send(&mut harness, Command::Step(2));
    harness.run_steps(4);
    let queued = labels(&harness).into_iter().find(|l| l.contains("; waits ")).expect("it is listed");
    assert!(matches!(menu(&mut harness, &queued), Thing::Queued(..)), "a queued mail");
    close(&mut harness);
    send(&mut harness, Command::Layout(Layout::Workbench));
    harness.run_steps(4);
    assert!(matches!(menu(&mut harness, "Packet 20 at"), Thing::Packet(_)), "a row of the list");
}

#[test]
fn layers_and_bytes_are_pinned_with_their_packet() {
    let mut harness = open("six-steps");
    send(&mut harness, Command::Step(3));
    press(&mut harness, Modifiers::NONE, Key::Y);
    press(&mut harness, Modifiers::NONE, Key::P);
    let pin = harness.state().desk.pin.expect("pinned");
    let (run, packet) = (harness.state().desk.run.clone(), pin.packet.expect("a packet"));
    let number = format!("Packet {},", run.packets.place(packet).expect("in the list") + 1);
    send(&mut harness, Command::End);
    harness.run_steps(3);
    assert!(says(&harness, &number), "the copy stays at {number} {:?}", labels(&harness));
    let headings = labels(&harness).into_iter().filter(|l| l.starts_with("Packet ") && l.contains("bytes: ")).count();
    assert_eq!(headings, 2, "two packets beside each other");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().desk.pin, None);
    assert!(!says(&harness, &number));
}

#[test]
fn a_blank_screen_hides_all_and_any_act_brings_it_back() {
    for key in [Key::B, Key::Period] {
        let mut harness = open("six-steps");
        press(&mut harness, Modifiers::NONE, key);
        assert!(harness.state().desk.blank && says(&harness, "The screen is blank"));
        let picture = harness.render().expect("drawn");
        assert!(picture.pixels().all(|p| p.0[..3] == [0, 0, 0]), "nothing is seen");
        press(&mut harness, Modifiers::NONE, key);
        assert!(!harness.state().desk.blank && harness.state().desk.now == 0);
        press(&mut harness, Modifiers::NONE, key);
        press(&mut harness, Modifiers::NONE, Key::Escape);
        assert!(!harness.state().desk.blank);
        press(&mut harness, Modifiers::NONE, key);
        press(&mut harness, Modifiers::NONE, Key::ArrowRight);
        assert!(!harness.state().desk.blank && harness.state().desk.now > 0, "the clicker goes on");
        press(&mut harness, Modifiers::NONE, key);
        harness.get_by_label_contains("The screen is blank").click();
        harness.run_steps(3);
        assert!(!harness.state().desk.blank);
    }
}

#[test]
fn the_parts_of_a_multipart_mail_are_told_with_type_encoding_and_bytes() {
    let mut harness = open("push-and-pull");
    send(&mut harness, Command::End);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    harness.run_steps(4);
    let Some(Sheet::Letter(content)) = harness.state().desk.sheets.last().cloned() else { panic!("the letter opens") };
    let letters = harness.state().desk.run.log.entries().iter().filter_map(|e| match &e.what {
        mailpath::trace::What::Mail(event) => match &**event {
            mailpath::mail::Event::MailboxStore { letter, .. } if letter.content == content => Some(letter.clone()),
            _ => None,
        },
        _ => None,
    });
    let letter = letters.collect::<Vec<_>>().pop().expect("it was stored").bytes.clone();
    assert!(says(&harness, "One mail, 4 parts (RFC 2045, 2046: MIME)"));
    let boxes: Vec<String> = labels(&harness).into_iter().filter(|l| l.ends_with("Show its lines")).collect();
    let parts = mime_parts(&letter);
    assert_eq!((boxes.len(), parts.len()), (4, 4));
    for (n, (label, part)) in boxes.iter().zip(&parts).enumerate() {
        let bytes = &letter[part.body.clone()];
        let told = format!("Part {} of 4: {}, {}, ", n + 1, part.kind, part.encoding);
        let size = mailpath::time::grouped(bytes.len() as u64);
        assert_eq!(*label, format!("{told}{size} bytes. Show its lines"));
        let head = String::from_utf8_lossy(&letter[part.range.start..part.body.start]).into_owned();
        assert!(head.contains(&part.kind), "its own header says its type: {head}");
        // Its neighbours are the boundary, before it and behind it.
        assert!(letter[..part.range.start].ends_with(b"\r\n") && letter[part.body.end..].starts_with(b"\r\n--"));
    }
    assert_eq!((parts[0].kind.as_str(), parts[3].encoding.as_str()), ("text/plain", "base64"));
    // The last part is far below: its box leads there.
    assert!(!says(&harness, "part 4 of 4"));
    harness.get_by_label(&boxes[3]).focus();
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Space);
    harness.run_steps(3);
    assert!(says(&harness, "part 4 of 4: image/bmp, base64"), "{:?}", labels(&harness));
}

#[test]
fn the_card_of_a_user_agent_says_what_it_is_and_where_its_mail_lies() {
    let harness = open("six-steps");
    let card = harness.get_by_label_contains("Bob's user agent bob-pc");
    let help = card.accesskit_node().description().unwrap_or_default();
    assert!(help.contains("such as Gmail or Outlook"), "{help}");
    assert!(help.contains("Stored here: nothing") && help.contains("in: mailbox at mail.b"), "{help}");
    assert_eq!(card.accesskit_node().role(), Role::Button);
}

/// The name of what the keyboard is at.
fn focused(harness: &Harness<'_, App>) -> String {
    let found = harness.root().children_recursive().find(|n| n.accesskit_node().is_focused());
    found.and_then(|n| n.accesskit_node().label()).unwrap_or_default()
}

#[test]
fn arrows_lead_over_the_map_from_thing_to_thing_and_back() {
    let mut harness = open("six-steps");
    send(&mut harness, Command::Step(4));
    harness.run_steps(4);
    let before = harness.state().desk.now;
    let card = "Bob's mail server mail.b";
    let label = labels(&harness).into_iter().find(|l| l.starts_with(card)).expect("the card is there");
    harness.get_all_by_label(&label).next().expect("it is there").focus();
    harness.run_steps(2);
    assert!(focused(&harness).starts_with(card), "{}", focused(&harness));
    let mut seen = vec![focused(&harness)];
    for key in [Key::ArrowUp, Key::ArrowLeft, Key::ArrowLeft, Key::ArrowLeft, Key::ArrowDown, Key::ArrowRight] {
        press(&mut harness, Modifiers::NONE, key);
        harness.run_steps(2);
        seen.push(focused(&harness));
    }
    assert!(seen.iter().all(|name| !name.is_empty()), "the keyboard stays on the map: {seen:?}");
    assert!(seen.windows(2).take(4).all(|pair| pair[0] != pair[1]), "each leads on: {seen:?}");
    assert!(seen.iter().any(|name| name.contains("r-b")), "the router lies on the way: {seen:?}");
    assert_eq!(harness.state().desk.now, before, "the run stays where it is");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    assert_ne!(harness.state().desk.now, before, "away from the map, arrows go on in the run");
}
