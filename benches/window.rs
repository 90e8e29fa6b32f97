//! What a user of the window waits for: a frame while a packet flies, opening a scenario, a step forward.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use eframe::egui::{Context, RawInput, Rect, pos2, vec2};
use mailpath::gui::App;
use mailpath::gui::command::Command;
use mailpath::gui::desk::{Layout, Settings};
use mailpath::gui::opening::{Progress, ready};
use mailpath::gui::run::Run;

/// A window without a display, with a clock that the bench moves.
struct Window {
    ctx: Context,
    app: App,
    clock: f64,
}

impl Window {
    fn new(scenario: &str, settings: Settings) -> Window {
        let ctx = Context::default();
        let app = App::with(&ctx, Some(scenario), settings);
        let mut window = Window { ctx, app, clock: 0.0 };
        for _ in 0..4 {
            window.frame();
        }
        window
    }

    /// Views and tessellation, without painting; gives the number of vertices.
    fn frame(&mut self) -> usize {
        self.clock += 1.0 / 60.0;
        let screen_rect = Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1366.0, 690.0)));
        let input = RawInput { screen_rect, time: Some(self.clock), ..RawInput::default() };
        let output = self.ctx.run_ui(input, |ui| self.app.frame(ui));
        let shapes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        shapes
            .iter()
            .map(|p| match &p.primitive {
                eframe::egui::epaint::Primitive::Mesh(mesh) => mesh.vertices.len(),
                eframe::egui::epaint::Primitive::Callback(_) => 0,
            })
            .sum()
    }

    fn send(&mut self, command: Command) {
        let ctx = self.ctx.clone();
        self.app.send(&ctx, command);
    }
}

fn frames(c: &mut Criterion) {
    for (name, layout) in [("Story", Layout::Story), ("Compare", Layout::Compare), ("Workbench", Layout::Workbench)] {
        let scenario = if layout == Layout::Compare { "push-and-pull" } else { "six-steps" };
        let mut window = Window::new(scenario, Settings::default());
        window.send(Command::Layout(layout));
        c.bench_function(&format!("a frame of {name}, playing"), |b| {
            b.iter(|| {
                if window.app.desk.motion.is_none() {
                    if window.app.desk.now >= window.app.desk.run.end() {
                        window.send(Command::Start);
                    }
                    window.send(Command::PlayPause);
                }
                black_box(window.frame())
            });
        });
    }
    let mut window = Window::new("six-steps", Settings { reduce_motion: true, ..Settings::default() });
    window.send(Command::Step(3));
    c.bench_function("a frame of Story, still", |b| b.iter(|| black_box(window.frame())));
}

fn steps(c: &mut Criterion) {
    let mut window = Window::new("six-steps", Settings { reduce_motion: true, ..Settings::default() });
    c.bench_function("one line forward and its frame", |b| {
        b.iter(|| {
            if window.app.desk.now >= window.app.desk.run.end() {
                window.send(Command::Start);
            }
            window.send(Command::Forward(None));
            black_box(window.frame())
        });
    });
    c.bench_function("from the end to step 2 and back, with frames", |b| {
        b.iter(|| {
            window.send(Command::End);
            window.frame();
            window.send(Command::Step(1));
            black_box(window.frame())
        });
    });
}

fn opening(c: &mut Criterion) {
    for name in ["six-steps", "push-and-pull", "server-down"] {
        let source = mailpath::gui::desk::Source::BuiltIn(name.to_owned());
        c.bench_function(&format!("opening {name}: read, run, made ready for all views"), |b| {
            b.iter(|| {
                Run::new(ready(&source, None).expect("built in"), &Progress::default()).expect("not cancelled").end()
            });
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(50);
    targets = frames, steps, opening
}
criterion_main!(benches);
