//! At every size and zoom: no text lies on another, none is cut at its side, in every layout.

use eframe::egui::emath::Rot2;
use eframe::egui::epaint::Shape;
use eframe::egui::{Key, Modifiers, Rect};
use egui_kittest::Harness;
use mailpath::gui::App;
use mailpath::gui::command::Command;
use mailpath::gui::desk::{Layout, Settings};

use super::{press, send, still, window};

/// Text on the screen: what, where, and where it may be seen.
fn texts(harness: &Harness<'_, App>) -> Vec<(String, Rect, Rect)> {
    fn walk(shape: &Shape, clip: Rect, found: &mut Vec<(String, Rect, Rect)>) {
        match shape {
            Shape::Text(text) if !text.galley.text().trim().is_empty() => {
                // The ink, not the line's whole height.
                let ink = text.galley.mesh_bounds.rotate_bb(Rot2::from_angle(text.angle)).translate(text.pos.to_vec2());
                found.push((text.galley.text().to_owned(), ink, clip));
            }
            Shape::Vec(shapes) => shapes.iter().for_each(|s| walk(s, clip, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    harness.output().shapes.iter().for_each(|s| walk(&s.shape, s.clip_rect, &mut found));
    // What is scrolled out of sight is not there.
    found.retain(|(_, ink, clip)| ink.intersects(*clip) && ink.is_finite());
    found
}

/// What is wrong on this screen.
fn faults(harness: &Harness<'_, App>) -> Vec<String> {
    let texts = texts(harness);
    let mut faults = Vec::new();
    for (i, (words, ink, clip)) in texts.iter().enumerate() {
        if ink.left() < clip.left() - 1.0 || ink.right() > clip.right() + 1.0 {
            faults.push(format!("`{words}` is cut at its side: {ink:?} in {clip:?}"));
        }
        for (other, there, theirs) in &texts[..i] {
            let common = ink.intersect(*there).intersect(*clip).intersect(*theirs);
            if common.width() > 1.5 && common.height() > 1.5 {
                faults.push(format!("`{words}` lies on `{other}` at {common:?}"));
            }
        }
    }
    faults
}

const SIZES: [(&str, (f32, f32), f32); 6] = [
    ("1366x690", (1366.0, 690.0), 1.0),
    ("1920x1000", (1920.0, 1000.0), 1.0),
    ("1366x690 at 200 %", (683.0, 345.0), 2.0),
    ("1920x1000 at 200 %", (960.0, 500.0), 2.0),
    ("1366x690 at 130 %", (1050.0, 530.0), 1.3),
    ("1024x700 at 300 %", (341.0, 233.0), 3.0),
];

fn check(name: &str, scenario: &str, layout: Layout, keys: &[Key]) {
    let mut all = Vec::new();
    for (size_name, size, scale) in SIZES {
        for dark in [false, true] {
            if dark && scale > 1.0 {
                continue;
            }
            let mut harness = window(scenario, size, scale, Settings { dark, ..still() });
            if layout != Layout::Story {
                send(&mut harness, Command::Layout(layout));
            }
            for key in keys {
                press(&mut harness, Modifiers::NONE, *key);
            }
            harness.run_steps(4);
            all.extend(faults(&harness).into_iter().map(|f| format!("{size_name}: {f}")));
        }
    }
    assert!(all.is_empty(), "{name}: {} faults\n{}", all.len(), all.join("\n"));
}

#[test]
fn story_stands_at_every_size() {
    check("start", "six-steps", Layout::Story, &[]);
    check("begin of step 4", "six-steps", Layout::Story, &[Key::Num4]);
    check("done mark of step 5", "six-steps", Layout::Story, &[Key::Num5, Key::Num5]);
    check("end", "six-steps", Layout::Story, &[Key::End]);
    check("with the conversation", "six-steps", Layout::Story, &[Key::Num5, Key::C]);
    check("ladder", "six-steps", Layout::Story, &[Key::Num5, Key::L]);
    check("queue and mailbox", "six-steps", Layout::Story, &[Key::Num3, Key::Q]);
    check("bytes", "six-steps", Layout::Story, &[Key::Num5, Key::Y]);
}

#[test]
fn compare_stands_at_every_size() {
    check("start", "push-and-pull", Layout::Compare, &[]);
    check("end", "push-and-pull", Layout::Compare, &[Key::End]);
    check("with one run", "six-steps", Layout::Compare, &[]);
}

#[test]
fn workbench_stands_at_every_size() {
    check("middle", "six-steps", Layout::Workbench, &[Key::Num5]);
    check("losses", "packet-loss:2", Layout::Workbench, &[Key::End]);
}

#[test]
fn every_scenario_stands() {
    for (name, _) in mailpath::scenario::BUILT_IN {
        check(name, name, Layout::Story, &[Key::Num3]);
        check(name, name, Layout::Story, &[Key::End]);
    }
}
