//! Talking SMTP oneself: every answer is one of the server, at its moment.

use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use mailpath::gui::App;
use mailpath::gui::command::Command;
use mailpath::gui::console::{Console, Said, Talk};
use mailpath::gui::desk::{Layout, Sheet};
use mailpath::gui::lesson::Act;
use mailpath::mail::Event as Mail;
use mailpath::trace::What;

use super::{press, send, still, window};

/// A window in which the console is open, and nothing has been typed.
fn connected(scenario: &str) -> Harness<'static, App> {
    let mut harness = window(scenario, (1366.0, 690.0), 1.0, still());
    press(&mut harness, Modifiers::NONE, Key::T);
    assert_eq!(harness.state().desk.sheets, [Sheet::Console]);
    harness.get_by_label("Connect").click();
    harness.run_steps(4);
    harness
}

fn line(harness: &mut Harness<'_, App>, words: &str) {
    harness.run_steps(2);
    if !words.is_empty() {
        harness.event(Event::Text(words.to_owned()));
        harness.run_steps(2);
    }
    press(harness, Modifiers::NONE, Key::Enter);
    harness.run_steps(3);
}

fn talk(harness: &Harness<'_, App>) -> Talk {
    let run = &harness.state().desk.run;
    Console::of(run).expect("there is a console").talk(run)
}

fn codes(harness: &Harness<'_, App>) -> Vec<u16> {
    let code = |said: &Said| match said {
        Said::Reply(code, _) => *code,
        Said::Typed(_) => None,
    };
    talk(harness).said.iter().filter_map(code).collect()
}

fn says(harness: &Harness<'_, App>, words: &str) -> bool {
    let nodes = harness.root().children_recursive();
    nodes.filter_map(|n| n.accesskit_node().label().or_else(|| n.accesskit_node().value())).any(|n| n.contains(words))
}

#[test]
fn a_mail_is_typed_line_by_line_and_lies_in_the_mailbox() {
    let mut harness = connected("talk-smtp");
    assert!(says(&harness, "Server: 220 mail.b.example"), "the greeting has come");
    let mut place = harness.state().desk.now;
    for typed in ["EHLO alice-pc.a.example", "MAIL FROM:<alice@a.example>", "RCPT TO:<bob@b.example>", "DATA"] {
        line(&mut harness, typed);
        assert!(says(&harness, &format!("Client: {typed}, CR LF")), "{typed}");
        assert!(harness.state().desk.now > place, "time goes on with {typed}");
        place = harness.state().desk.now;
    }
    assert_eq!(codes(&harness), [220, 250, 250, 250, 354]);
    for typed in ["Subject: by hand", "", "hello"] {
        line(&mut harness, typed);
        assert!(talk(&harness).letter, "a line of a letter has no answer");
    }
    line(&mut harness, ".");
    assert_eq!(codes(&harness), [220, 250, 250, 250, 354, 250]);
    assert!(says(&harness, "Codes: 220 done, 250 done (4), 354 go on"));
    line(&mut harness, "QUIT");
    assert!(talk(&harness).over && says(&harness, "The connection is over"));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    let desk = &harness.state().desk;
    assert!(desk.sheets.is_empty());
    let stored = desk.run.log.entries().iter().find_map(|e| match e.what {
        What::Mail(Mail::MailboxStore { letter, .. }) => Some(letter.bytes.to_vec()),
        _ => None,
    });
    assert!(stored.expect("it lies there").ends_with(b"Subject: by hand\r\n\r\nhello\r\n"));
}

#[test]
fn the_moment_is_that_of_the_answer_and_not_of_what_comes_if_nobody_types() {
    let mut harness = connected("talk-smtp");
    line(&mut harness, "NOOP");
    let desk = &harness.state().desk;
    let (now, end) = (desk.run.at(desk.now).as_millis(), desk.run.at(desk.run.end()).as_millis());
    assert!(now < 2_000, "{now} ms: a few round trips");
    assert!(end > 200_000, "{end} ms: the server's patience ends");
    assert_eq!(codes(&harness), [220, 250], "and what it says then is not there yet");
}

#[test]
fn errors_are_answers_too_and_one_can_begin_again() {
    let mut harness = connected("talk-smtp:goal-3");
    for typed in ["HELLO x", "RCPT TO:<bob@b.example>", "MAIL FROM: <alice@a.example>"] {
        line(&mut harness, typed);
    }
    assert_eq!(codes(&harness), [220, 500, 503, 501]);
    press(&mut harness, Modifiers::NONE, Key::ArrowUp);
    press(&mut harness, Modifiers::NONE, Key::ArrowUp);
    press(&mut harness, Modifiers::NONE, Key::ArrowDown);
    line(&mut harness, "");
    assert_eq!(codes(&harness), [220, 500, 503, 501, 501], "the last line again");
    harness.get_by_label("Begin again").click();
    harness.run_steps(4);
    assert_eq!(codes(&harness), [220]);
    harness.get_by_label("Show the next line").click();
    harness.run_steps(3);
    line(&mut harness, "");
    assert!(says(&harness, "Client: HELLO alice-pc.a.example, CR LF"), "as the scenario has it");
}

#[test]
fn where_nobody_types_the_scenario_for_it_is_one_key_away() {
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, still());
    send(&mut harness, Command::Sheet(Sheet::Console));
    assert!(says(&harness, "Nobody types at a server in this scenario."));
    harness.get_by_label("Open: Talk SMTP yourself").click();
    harness.run_steps(4);
    assert_eq!(harness.state().desk.run.ready.setup.actions.len(), 1);
    assert!(Console::of(&harness.state().desk.run).is_some());
}

#[test]
fn in_a_lesson_one_can_type_and_come_back() {
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, still());
    send(&mut harness, Command::Layout(Layout::Lesson));
    send(&mut harness, Command::Lesson(Act::Begin("L03".to_owned(), None)));
    press(&mut harness, Modifiers::NONE, Key::T);
    harness.get_by_label("Connect").click();
    harness.run_steps(4);
    line(&mut harness, "HELP");
    assert_eq!(codes(&harness), [220, 214]);
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert_eq!(harness.state().desk.layout, Layout::Story);
    send(&mut harness, Command::Layout(Layout::Lesson));
    let desk = &harness.state().desk;
    assert_eq!(desk.layout, Layout::Lesson);
    assert!(Console::of(&desk.run).is_some_and(|console| !console.live), "the lesson's own run");
}
