//! What a screen reader is told: everything that can be acted on has a name, and the tree of each view is kept.

use std::fmt::Write;

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{AccessKitNode, NodeT};
use mailpath::gui::App;
use mailpath::gui::command::{Command, SPECS};
use mailpath::gui::desk::{Layout, Sheet};

use super::{press, send, still, window};

/// The tree, a line for each node that has a name or can be acted on.
fn tree(harness: &Harness<'_, App>) -> String {
    fn walk(node: &AccessKitNode<'_>, depth: usize, out: &mut String) {
        let label = node.label().or_else(|| node.value()).unwrap_or_default();
        let told = !label.is_empty();
        let depth = if told {
            writeln!(out, "{:indent$}{:?} \"{label}\"", "", node.role(), indent = depth * 2).expect("a string");
            depth + 1
        } else {
            depth
        };
        for child in node.children() {
            walk(&child, depth, out);
        }
    }
    let mut out = String::new();
    walk(&harness.root().accesskit_node(), 0, &mut out);
    out
}

/// Everything with a role that is acted on has a name.
fn unnamed(harness: &Harness<'_, App>) -> Vec<String> {
    let acted = [
        Role::Button,
        Role::CheckBox,
        Role::RadioButton,
        Role::TextInput,
        Role::MultilineTextInput,
        Role::Slider,
        Role::Tab,
        Role::Row,
        Role::TreeItem,
        Role::ListItem,
        Role::Link,
    ];
    let nodes = harness.root().children_recursive();
    let nameless = nodes.filter_map(|n| {
        let node = n.accesskit_node();
        let name = node.label().or_else(|| node.value()).unwrap_or_default();
        (acted.contains(&node.role()) && name.trim().is_empty()).then(|| format!("{:?}", node.role()))
    });
    nameless.collect()
}

fn view(name: &str, scenario: &str, layout: Layout, keys: &[Key], sheet: Option<Sheet>) {
    let mut harness = window(scenario, (1366.0, 690.0), 1.0, still());
    if layout != Layout::Story {
        send(&mut harness, Command::Layout(layout));
    }
    for key in keys {
        press(&mut harness, Modifiers::NONE, *key);
    }
    if let Some(sheet) = sheet {
        send(&mut harness, Command::Sheet(sheet));
    }
    harness.run_steps(4);
    assert_eq!(unnamed(&harness), Vec::<String>::new(), "{name}");
    insta::assert_snapshot!(format!("tree_{name}"), tree(&harness));
}

#[test]
fn the_trees_of_all_views() {
    use Layout::{Compare, Story, Workbench};
    view("story_start", "six-steps", Story, &[], None);
    view("story_queue", "six-steps", Story, &[Key::Num3], None);
    view("story_mailbox", "six-steps", Story, &[Key::Num5, Key::Num5, Key::C], None);
    view("ladder", "six-steps", Story, &[Key::Num5, Key::L], None);
    view("stores", "six-steps", Story, &[Key::Num3, Key::Q], None);
    view("bytes", "six-steps", Story, &[Key::Num5, Key::Y], None);
    view("compare", "push-and-pull", Compare, &[Key::End], None);
    view("compare_choice", "six-steps", Compare, &[], None);
    view("workbench", "six-steps", Workbench, &[Key::Num4], None);
    view("mail_form", "six-steps", Story, &[], Some(Sheet::MailForm));
    view("console", "talk-smtp", Story, &[], Some(Sheet::Console));
    view("no_console", "six-steps", Story, &[], Some(Sheet::Console));
    view("open", "six-steps", Story, &[], Some(Sheet::Open));
    view("search", "six-steps", Story, &[], Some(Sheet::Search));
    view("keys", "six-steps", Story, &[], Some(Sheet::Keys));
}

#[test]
fn the_trees_of_lessons() {
    use super::lesson::states::{STATES, reach};
    for (name, lesson, state) in STATES {
        let harness = reach(lesson, state, (1366.0, 690.0), 1.0, still());
        assert_eq!(unnamed(&harness), Vec::<String>::new(), "{name}");
        insta::assert_snapshot!(format!("tree_lesson_{name}"), tree(&harness));
    }
}

#[test]
fn the_letter_unwrapped_has_a_tree_too() {
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, still());
    press(&mut harness, Modifiers::NONE, Key::Num5);
    press(&mut harness, Modifiers::NONE, Key::Num5);
    send(&mut harness, Command::Select(None));
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert!(matches!(harness.state().desk.sheets.last(), Some(Sheet::Letter(_))), "Enter unwraps the letter");
    harness.run_steps(4);
    assert_eq!(unnamed(&harness), Vec::<String>::new());
    insta::assert_snapshot!("tree_letter", tree(&harness));
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.state().desk.sheets.is_empty());
}

#[test]
fn every_command_can_be_given_by_keyboard() {
    // By a key of its own, or by the search, which lists all.
    for spec in SPECS {
        assert!(!spec.name.is_empty() && !spec.group.is_empty());
    }
    // The search is opened, the command's whole name is typed, Enter chooses it.
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, still());
    for spec in SPECS.iter().filter(|s| s.command != Command::Quit && s.command != Command::Sheet(Sheet::Search)) {
        harness.state_mut().desk.sheets.clear();
        press(&mut harness, Modifiers::COMMAND, Key::K);
        assert_eq!(harness.state().desk.sheets, [Sheet::Search], "before {}", spec.name);
        harness.event(eframe::egui::Event::Text(spec.name.to_owned()));
        harness.run_steps(2);
        let found = harness.root().children_recursive().any(|n| {
            let label = n.accesskit_node().label().unwrap_or_default();
            n.accesskit_node().role() == Role::Button && label.starts_with(spec.name)
        });
        assert!(found, "{} is not found by its name", spec.name);
        press(&mut harness, Modifiers::NONE, Key::Enter);
        assert!(!harness.state().desk.sheets.contains(&Sheet::Search), "{} was not chosen", spec.name);
    }
    // What the search has chosen was done.
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, still());
    press(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(eframe::egui::Event::Text("workbench".to_owned()));
    harness.run_steps(2);
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(harness.state().desk.layout, Layout::Workbench, "found by its name and chosen with Enter");
    assert!(harness.state().desk.sheets.is_empty());
}

#[test]
fn tab_leads_through_everything_and_space_presses_it() {
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, still());
    let mut seen = Vec::new();
    for _ in 0..80 {
        press(&mut harness, Modifiers::NONE, Key::Tab);
        let focused = harness.root().children_recursive().find(|n| n.accesskit_node().is_focused());
        let name = focused.and_then(|n| n.accesskit_node().label()).unwrap_or_default();
        seen.push(name);
    }
    let place = |word: &str| {
        seen.iter().position(|n| n.contains(word)).unwrap_or_else(|| panic!("{word}:\n{}", seen.join("\n")))
    };
    assert!(place("Step 1") < place("Step 6"), "{seen:?}");
    assert!(place("Step 6") < place("Forward"), "ribbon before time: {seen:?}");
    assert!(place("Forward") < place("Layout: Workbench"), "time before the top bar: {seen:?}");
    // Focus on `Layout: Compare`, then Space.
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, still());
    for _ in 0..80 {
        press(&mut harness, Modifiers::NONE, Key::Tab);
        let focused = harness.root().children_recursive().find(|n| n.accesskit_node().is_focused());
        if focused.and_then(|n| n.accesskit_node().label()).is_some_and(|l| l.contains("Layout: Compare")) {
            break;
        }
    }
    press(&mut harness, Modifiers::NONE, Key::Space);
    assert_eq!(harness.state().desk.layout, Layout::Compare);
    assert_eq!(harness.state().desk.now, 0, "Space did not play");
}

#[test]
fn f6_leads_from_region_to_region_and_tab_leads_in() {
    let mut harness = window("six-steps", (1366.0, 690.0), 1.0, still());
    let focused = |harness: &Harness<'_, App>| {
        let node = harness.root().children_recursive().find(|n| n.accesskit_node().is_focused());
        node.and_then(|n| n.accesskit_node().value().or_else(|| n.accesskit_node().label())).unwrap_or_default()
    };
    let mut seen = Vec::new();
    for _ in 0..5 {
        press(&mut harness, Modifiers::NONE, Key::F6);
        seen.push(focused(&harness));
    }
    assert_eq!(seen, ["Region Ribbon", "Region Map", "Region Sentence", "Region Time", "Region Top bar"]);
    press(&mut harness, Modifiers::SHIFT, Key::F6);
    assert_eq!(focused(&harness), "Region Time");
    press(&mut harness, Modifiers::NONE, Key::Tab);
    assert!(focused(&harness).starts_with("Play"), "{}", focused(&harness));
}
