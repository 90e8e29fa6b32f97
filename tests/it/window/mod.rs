//! The window, driven without a display.

mod access;
mod acts;
mod cells;
mod console;
mod cpu;
mod filter;
mod jumps;
mod layout;
mod lesson;
mod looks;
mod palette;
mod workbench;
mod random;
mod story;
mod talk;

use eframe::egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use mailpath::gui::App;
use mailpath::gui::command::Command;
use mailpath::gui::desk::Settings;

/// A window of this many points at this many pixels a point.
pub fn window(scenario: &str, size: (f32, f32), scale: f32, settings: Settings) -> Harness<'static, App> {
    let scenario = scenario.to_owned();
    let mut harness = Harness::builder()
        .with_size(vec2(size.0, size.1))
        .with_pixels_per_point(scale)
        .with_max_steps(64)
        .renderer(cpu::Cpu::default())
        .build_eframe(move |cc| App::with(&cc.egui_ctx, Some(&scenario), settings));
    harness.run_steps(3);
    harness
}

/// Without flights: every key lands at once.
pub fn still() -> Settings {
    Settings { reduce_motion: true, ..Settings::default() }
}

/// A key, and the frames in which it is taken in.
pub fn press(harness: &mut Harness<'_, App>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(2);
}

/// A command, as its key or button would send it.
pub fn send(harness: &mut Harness<'_, App>, command: Command) {
    let ctx = harness.ctx.clone();
    harness.state_mut().send(&ctx, command);
    harness.run_steps(2);
}

/// Pictures for people, `cargo test pictures -- --ignored`: written into the folder that `PICTURES` names.
#[test]
#[ignore = "writes pictures for people to look at"]
fn pictures() {
    let folder = std::path::PathBuf::from(std::env::var_os("PICTURES").expect("PICTURES names a folder"));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let wanted = std::env::var("ONLY").unwrap_or_default();
    let script = std::env::var("KEYS").unwrap_or_default();
    for (name, size, scale) in [
        ("1366", (1366.0, 690.0), 1.0),
        ("1920", (1920.0, 1000.0), 1.0),
        ("1366-200", (683.0, 345.0), 2.0),
        ("1920-200", (960.0, 500.0), 2.0),
    ] {
        for dark in [false, true] {
            let file = format!("{name}-{}.png", if dark { "dark" } else { "light" });
            if !file.contains(&wanted) {
                continue;
            }
            let scenario = std::env::var("SCENARIO").unwrap_or_else(|_| "six-steps".to_owned());
            let mut harness = window(&scenario, size, scale, Settings { dark, ..still() });
            for word in script.split_whitespace() {
                match word {
                    "story" | "compare" | "workbench" => {
                        use mailpath::gui::desk::Layout::{Compare, Story, Workbench};
                        let layout = match word {
                            "story" => Story,
                            "compare" => Compare,
                            _ => Workbench,
                        };
                        send(&mut harness, Command::Layout(layout));
                    }
                    // `type:MAIL_FROM:<alice@a.example>`.
                    word if word.starts_with("type:") => {
                        harness.event(eframe::egui::Event::Text(word["type:".len()..].replace('_', " ")));
                        harness.run_steps(3);
                    }
                    "open" => send(&mut harness, Command::Sheet(mailpath::gui::desk::Sheet::Open)),
                    word => {
                        let ctrl = word.strip_prefix("ctrl+").map(|key| (key, Modifiers::COMMAND));
                        let (key, modifiers) = ctrl.unwrap_or((word, Modifiers::NONE));
                        let key = Key::from_name(key).unwrap_or_else(|| panic!("no key {key}"));
                        press(&mut harness, modifiers, key);
                    }
                }
            }
            harness.run_steps(8);
            harness.render().expect("drawn").save(folder.join(&file)).expect("written");
        }
    }
}
