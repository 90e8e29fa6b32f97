//! Conversation, ladder, Compare: what they show of the moment, and what a click on them does.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use mailpath::explain::dialogue::{Kind, Row};
use mailpath::explain::stops::Grain;
use mailpath::gui::App;
use mailpath::gui::command::Command;
use mailpath::gui::desk::{Layout, Thing, View};
use mailpath::topology::{ConnId, Side};

use super::{press, send, still, window};

fn open(scenario: &str) -> Harness<'static, App> {
    window(scenario, (1366.0, 690.0), 1.0, still())
}

/// The names of all things with this role.
fn named(harness: &Harness<'_, App>, role: Role) -> Vec<String> {
    let nodes = harness.root().children_recursive();
    let of = nodes.filter(|n| n.accesskit_node().role() == role);
    of.filter_map(|n| n.accesskit_node().label().or_else(|| n.accesskit_node().value())).collect()
}

fn click(harness: &mut Harness<'_, App>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(6);
}

/// The row of the relay (the second connection) whose line begins so.
fn row(harness: &Harness<'_, App>, begins: &str) -> Row {
    let rows = &harness.state().desk.run.dialogues[1].rows;
    rows.iter().find(|r| r.words.line().starts_with(begins)).expect("it is said").clone()
}

/// Behind the mail that lies in Bob's mailbox, with a view shown.
fn delivered(view: View) -> Harness<'static, App> {
    let mut harness = open("six-steps");
    press(&mut harness, Modifiers::NONE, Key::Num5);
    press(&mut harness, Modifiers::NONE, Key::Num5);
    send(&mut harness, Command::View(view));
    harness.run_steps(6);
    harness
}

#[test]
fn a_line_that_is_clicked_moves_now_to_where_it_is_read_and_selects_its_bytes() {
    let mut harness = delivered(View::Conversation);
    let mail = row(&harness, "MAIL FROM");
    click(&mut harness, "mail.a (client): MAIL FROM:<alice@a.example>");
    let desk = &harness.state().desk;
    let read = mail.read.expect("it was read").0 as usize;
    assert!(desk.now > read, "now {} is behind the reading {read}", desk.now);
    assert!(
        desk.run.stops.previous(Grain::Packet, desk.now).is_none_or(|s| s.place <= read),
        "and at the first stop there"
    );
    let bytes = Thing::Stream(ConnId(1), Side::Client, mail.range.start, mail.range.end);
    assert_eq!(desk.selection, Some(bytes));
}

#[test]
fn the_mail_opens_where_it_lies_and_its_last_row_is_the_dot() {
    let mut harness = window("six-steps", (1400.0, 1400.0), 1.0, still());
    press(&mut harness, Modifiers::NONE, Key::Num5);
    press(&mut harness, Modifiers::NONE, Key::Num5);
    send(&mut harness, Command::View(View::Conversation));
    harness.run_steps(6);
    let run = std::sync::Arc::clone(&harness.state().desk.run);
    let mail = run.dialogues[1].rows.iter().find_map(|r| match &r.kind {
        Kind::Mail(mail) => Some(mail.clone()),
        _ => None,
    });
    let mail = mail.expect("a mail is sent");
    let folded = named(&harness, Role::ListBoxOption);
    assert!(!folded.iter().any(|n| n == "."), "{folded:?}");
    click(&mut harness, &format!("mail.a (client): {}", mail.title()));
    let title = format!("Fold: {}", mail.title());
    harness.run_steps(8);
    let opened = named(&harness, Role::ListBoxOption);
    assert!(opened.iter().any(|n| n.starts_with("Subject: hello")), "{opened:?}");
    assert!(opened.iter().any(|n| n == "."), "{opened:?}");
    click(&mut harness, &title);
    let folded = named(&harness, Role::ListBoxOption);
    assert!(!folded.iter().any(|n| n == "."), "{folded:?}");
}

#[test]
fn what_has_not_been_said_stands_in_no_view() {
    for view in [View::Conversation, View::Ladder] {
        let mut harness = open("six-steps");
        send(&mut harness, Command::View(view));
        let quit = row(&harness, "QUIT").entry.0 as usize;
        let submission = harness.state().desk.run.dialogues[0].rows.iter();
        let first = submission.filter(|r| r.words.head == "QUIT").map(|r| r.entry.0 as usize).min().expect("it ends");
        let mut seen = 0;
        while harness.state().desk.now <= quit {
            let now = harness.state().desk.now;
            let said = named(&harness, Role::ListBoxOption).iter().any(|n| n.contains("QUIT"));
            seen += usize::from(said);
            assert!(!said || now > first.min(quit), "{view:?}: at {now} nobody has said QUIT");
            press(&mut harness, Modifiers::NONE, Key::ArrowRight);
        }
        assert!(seen > 0, "{view:?} shows it at last");
    }
}

#[test]
fn down_and_up_move_along_the_lines_and_now_with_them() {
    let mut harness = delivered(View::Conversation);
    click(&mut harness, "mail.a (client): MAIL FROM:<alice@a.example>");
    harness.get_by_label("Dialogue, newest line last").focus();
    harness.run_steps(3);
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    harness.run_steps(4);
    let reply = row(&harness, "250 OK");
    let bytes = Thing::Stream(ConnId(1), Side::Server, reply.range.start, reply.range.end);
    assert_eq!(harness.state().desk.selection, Some(bytes));
    press(&mut harness, Modifiers::NONE, Key::ArrowUp);
    harness.run_steps(4);
    let mail = row(&harness, "MAIL FROM");
    let bytes = Thing::Stream(ConnId(1), Side::Client, mail.range.start, mail.range.end);
    assert_eq!(harness.state().desk.selection, Some(bytes));
}

#[test]
fn an_arrow_that_is_clicked_selects_its_packet() {
    let mut harness = delivered(View::Ladder);
    let arrows = named(&harness, Role::ListBoxOption);
    let arrow = arrows.iter().find(|n| n.starts_with("DATA: mail.a to mail.b")).expect("DATA is an arrow").clone();
    click(&mut harness, &arrow);
    let desk = &harness.state().desk;
    let Some(Thing::Packet(packet)) = desk.selection else { panic!("{:?} is no packet", desk.selection) };
    assert!(desk.run.log.packet_bytes(packet).ends_with(b"DATA\r\n"));
}

#[test]
fn plain_acknowledgements_are_drawn_when_asked_for() {
    let mut harness = open("push-and-pull");
    send(&mut harness, Command::View(View::Ladder));
    press(&mut harness, Modifiers::NONE, Key::Num4);
    press(&mut harness, Modifiers::NONE, Key::Num4);
    harness.run_steps(6);
    click(&mut harness, "Show plain ACKs: acknowledgements that carry nothing else");
    let arrows = named(&harness, Role::ListBoxOption);
    assert!(arrows.iter().any(|n| n.starts_with("ACK: ")), "{arrows:?}");
    click(&mut harness, "Show plain ACKs: acknowledgements that carry nothing else");
    let arrows = named(&harness, Role::ListBoxOption);
    assert!(!arrows.iter().any(|n| n.starts_with("ACK: ") && !n.contains("100 ms")), "{arrows:?}");
}

#[test]
fn the_table_fills_from_the_record_and_each_cell_leads_to_its_packet() {
    let mut harness = open("push-and-pull");
    send(&mut harness, Command::Layout(Layout::Compare));
    let cells = |harness: &Harness<'_, App>| -> Vec<String> {
        named(harness, Role::Button).into_iter().filter(|n| n.ends_with("Go to its packet")).collect()
    };
    assert_eq!(cells(&harness), Vec::<String>::new());
    let mut known = 0;
    while harness.state().desk.now < harness.state().desk.run.end() {
        press(&mut harness, Modifiers::NONE, Key::ArrowRight);
        let now = cells(&harness).len();
        assert!(now >= known, "a cell that was filled stays");
        known = now;
    }
    assert_eq!(known, 20, "{:?}", cells(&harness));
    let opens = cells(&harness).into_iter().find(|n| n.starts_with("pull, who opens")).expect("a row of the table");
    assert!(opens.contains("client pull"), "{opens}");
    send(&mut harness, Command::Start);
    send(&mut harness, Command::End);
    harness.run_steps(20);
    let round = cells(&harness).into_iter().find(|n| n.starts_with("push, connections")).expect("the last row");
    click(&mut harness, &round);
    let desk = &harness.state().desk;
    assert!(matches!(desk.selection, Some(Thing::Packet(_))), "{:?}", desk.selection);
    assert!(desk.now < desk.run.end());
}

#[test]
fn a_run_that_has_not_both_offers_three_to_put_beside_it() {
    let mut harness = open("six-steps");
    send(&mut harness, Command::Layout(Layout::Compare));
    let choices: Vec<String> = named(&harness, Role::Button).into_iter().filter(|n| n.contains("HTTP")).collect();
    assert_eq!(choices.len(), 3, "{choices:?}");
    click(&mut harness, &choices[0]);
    harness.run_steps(10);
    let desk = &harness.state().desk;
    assert_eq!((desk.run.ready.setup.name.as_str(), desk.layout), ("push-and-pull", Layout::Compare));
}
