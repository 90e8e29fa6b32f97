//! Pictures of the window that are kept: a change of its looks is seen, and is meant. `UPDATE_SNAPSHOTS=true` writes
//! them anew. The processor draws them, so they are the same on every machine but for the last bit of a colour.

use eframe::egui::{Key, Modifiers};
use egui_kittest::SnapshotOptions;
use mailpath::gui::command::Command;
use mailpath::gui::desk::{Layout, Settings};

use super::{press, send, still, window};

/// A picture: name, scenario, size, pixels a point, dark, layout, keys.
type Look = (&'static str, &'static str, (f32, f32), f32, bool, Layout, &'static [Key]);

const LOOKS: [Look; 8] = [
    ("start_light", "six-steps", (1366.0, 690.0), 1.0, false, Layout::Story, &[]),
    ("queue_dark", "six-steps", (1366.0, 690.0), 1.0, true, Layout::Story, &[Key::Num3, Key::Num3, Key::Q]),
    ("mailbox_light", "six-steps", (1920.0, 1000.0), 1.0, false, Layout::Story, &[Key::Num5, Key::Num5]),
    ("mailbox_dark", "six-steps", (1920.0, 1000.0), 1.0, true, Layout::Story, &[Key::Num5, Key::Num5]),
    ("zoom_200_light", "six-steps", (683.0, 345.0), 2.0, false, Layout::Story, &[Key::Num4]),
    ("ladder_light", "packet-loss:2", (1366.0, 690.0), 1.0, false, Layout::Story, &[Key::Num3, Key::Num3, Key::L]),
    ("compare_light", "push-and-pull", (1366.0, 690.0), 1.0, false, Layout::Compare, &[Key::Num4]),
    ("workbench_dark", "six-steps", (1366.0, 690.0), 1.0, true, Layout::Workbench, &[Key::Num5]),
];

#[test]
fn the_looks_are_as_they_were() {
    let options = SnapshotOptions::new().threshold(1.0).max_failed_pixels(40).output_path("tests/it/window/looks");
    let mut results = egui_kittest::SnapshotResults::new();
    for (name, scenario, size, scale, dark, layout, keys) in LOOKS {
        let mut harness = window(scenario, size, scale, Settings { dark, ..still() });
        if layout != Layout::Story {
            send(&mut harness, Command::Layout(layout));
        }
        for key in keys {
            press(&mut harness, Modifiers::NONE, *key);
        }
        harness.run_steps(8);
        results.add(harness.try_snapshot_options(name, &options));
    }
}

#[test]
fn the_looks_of_lessons_are_as_they_were() {
    use super::lesson::states::{STATES, reach};
    // One of each kind: a stop, questions, what came of one, on a large screen and at 200 %.
    const WANTED: [(&str, (f32, f32), f32, bool); 6] = [
        ("tour", (1366.0, 690.0), 1.0, false),
        ("host", (1366.0, 690.0), 1.0, true),
        ("order", (1366.0, 690.0), 1.0, false),
        ("told_wrong", (1366.0, 690.0), 1.0, true),
        ("ladder", (1366.0, 690.0), 1.0, false),
        ("choice", (683.0, 345.0), 2.0, false),
    ];
    let options = SnapshotOptions::new().threshold(1.0).max_failed_pixels(40).output_path("tests/it/window/looks");
    let mut results = egui_kittest::SnapshotResults::new();
    for (name, size, scale, dark) in WANTED {
        let (_, lesson, state) = *STATES.iter().find(|(known, ..)| *known == name).expect("a state of that name");
        let mut harness = reach(lesson, state, size, scale, Settings { dark, ..still() });
        let file = format!("lesson_{name}_{}", if dark { "dark" } else { "light" });
        results.add(harness.try_snapshot_options(file, &options));
    }
}
