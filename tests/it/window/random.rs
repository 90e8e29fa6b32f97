//! Whatever comes in, the window stands: seeded clicks, keys, wheels, sizes, zooms, files.

use eframe::egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, TouchPhase, pos2, vec2,
};
use egui_kittest::Harness;
use mailpath::gui::App;
use mailpath::gui::command::{Command, SPECS};
use mailpath::gui::desk::Settings;
use mailpath::scenario::BUILT_IN;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::window;

/// Files that the window is asked to open: good, broken, none.
fn files() -> (tempdir::Folder, Vec<std::path::PathBuf>) {
    let folder = tempdir::Folder::new();
    let good = BUILT_IN[0].1;
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("the folder is ours");
        path
    };
    let mut paths = vec![
        write("good.json", good.as_bytes()),
        write("cut.json", &good.as_bytes()[..good.len() / 2]),
        write("empty.json", b""),
        write("binary.json", &[0xff, 0xfe, 0, 1, 2]),
        write("unknown.json", good.replace("\"clock\"", "\"klock\"").as_bytes()),
    ];
    paths.push(folder.path().join("none.json"));
    (folder, paths)
}

/// A folder that goes away with the test.
mod tempdir {
    pub struct Folder(std::path::PathBuf);
    impl Folder {
        pub fn new() -> Folder {
            let path = std::env::temp_dir().join(format!("mailpath-window-{}", std::process::id()));
            std::fs::create_dir_all(&path).expect("a folder for files of the test");
            Folder(path)
        }
        pub fn path(&self) -> &std::path::Path {
            &self.0
        }
    }
    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

fn any_point(luck: &mut ChaCha8Rng, size: (f32, f32)) -> Pos2 {
    pos2(luck.random_range(0.0..size.0), luck.random_range(0.0..size.1))
}

fn click(harness: &mut Harness<'_, App>, at: Pos2, button: PointerButton) {
    harness.event(Event::PointerMoved(at));
    for pressed in [true, false] {
        harness.event(Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE });
    }
}

/// One thing that a user might do.
fn act(harness: &mut Harness<'_, App>, luck: &mut ChaCha8Rng, size: &mut (f32, f32), files: &[std::path::PathBuf]) {
    match luck.random_range(0..100_u32) {
        0..35 => {
            let button = if luck.random_bool(0.9) { PointerButton::Primary } else { PointerButton::Secondary };
            let at = any_point(luck, *size);
            click(harness, at, button);
        }
        35..45 => harness.event(Event::PointerMoved(any_point(luck, *size))),
        45..50 => {
            let delta = vec2(luck.random_range(-200.0..200.0), luck.random_range(-400.0..400.0));
            let (unit, phase, source) = (MouseWheelUnit::Point, TouchPhase::Move, MouseWheelSource::Wheel);
            harness.event(Event::MouseWheel { unit, delta, modifiers: Modifiers::NONE, phase, source });
        }
        // Letters answer questions; forward goes on.
        50..62 if harness.state().desk.lesson().is_some() => {
            let key = [Key::A, Key::B, Key::Enter, Key::ArrowRight, Key::ArrowDown, Key::Space]
                [luck.random_range(0..6_u32) as usize];
            harness.key_press(key);
        }
        50..80 => {
            let keys: Vec<_> =
                SPECS.iter().flat_map(|s| s.keys).filter(|k| k.name != "Ctrl+Q" && k.name != "F11").collect();
            let key = keys[luck.random_range(0..keys.len() as u32) as usize];
            harness.key_press_modifiers(key.modifiers, key.key);
        }
        80..84 => {
            for key in [Key::Tab, Key::Enter, Key::Space, Key::ArrowDown, Key::ArrowUp] {
                if luck.random_bool(0.5) {
                    harness.key_press(key);
                }
            }
        }
        84..87 => harness.event(Event::Text(
            ["a", "@", "ö", "<>", "250 ", "\u{202e}x"][luck.random_range(0..6_u32) as usize].into(),
        )),
        87..91 => {
            *size = (luck.random_range(120.0..2200.0), luck.random_range(90.0..1300.0));
            harness.set_size(vec2(size.0, size.1));
        }
        91..94 => {
            harness.set_pixels_per_point([0.75, 1.0, 1.5, 2.0][luck.random_range(0..4_u32) as usize]);
        }
        94..96 => {
            use mailpath::gui::lesson::Act;
            let (name, _) = mailpath::lesson::BUILT_IN[luck.random_range(0..3_u32) as usize];
            let seed = luck.random_bool(0.5).then(|| luck.next_u64());
            let act = match luck.random_range(0..4_u32) {
                0 => Act::Explore(luck.random_range(0..3_u32) as usize),
                1 => Act::Moment(luck.random_range(0..4_u32) as usize),
                _ => Act::Begin(name.to_owned(), seed),
            };
            let ctx = harness.ctx.clone();
            harness.state_mut().send(&ctx, Command::Lesson(act));
        }
        96..98 => {
            let (name, _) = BUILT_IN[luck.random_range(0..BUILT_IN.len() as u32) as usize];
            let ctx = harness.ctx.clone();
            harness.state_mut().send(&ctx, Command::OpenBuiltIn(name.to_owned()));
        }
        _ => {
            let file = files[luck.random_range(0..files.len() as u32) as usize].clone();
            let ctx = harness.ctx.clone();
            harness.state_mut().send(&ctx, Command::OpenFile(file));
        }
    }
}

/// So many acts from a seed; the acts and the seed are told if something breaks.
fn acts(seed: u64, count: usize) {
    let mut luck = ChaCha8Rng::seed_from_u64(seed);
    let settings =
        Settings { reduce_motion: luck.random_bool(0.5), dark: luck.random_bool(0.5), ..Settings::default() };
    let mut size = (1366.0, 690.0);
    let (_folder, files) = files();
    // Every other one begins in a lesson.
    let first =
        if seed.is_multiple_of(2) { "six-steps" } else { mailpath::lesson::BUILT_IN[(seed / 2 % 3) as usize].0 };
    let mut harness = window(first, size, 1.0, settings);
    for _ in 0..count {
        act(&mut harness, &mut luck, &mut size, &files);
        harness.run_steps(1 + (luck.next_u32() % 3) as usize);
    }
}

#[test]
fn random_input_is_survived() {
    for seed in 0..8 {
        acts(seed, 120);
    }
}

/// `RANDOM_SECONDS` says how long; five minutes if it does not.
#[test]
#[ignore = "takes five minutes"]
#[expect(clippy::disallowed_methods, reason = "how long it goes on is real time; what it does is not")]
fn random_input_is_survived_for_five_minutes() {
    let seconds = std::env::var("RANDOM_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(300);
    let start = std::time::Instant::now();
    let mut seed = 1000;
    while start.elapsed().as_secs() < seconds {
        acts(seed, 150);
        seed += 1;
    }
    println!("{} runs of 150 acts", seed - 1000);
}
