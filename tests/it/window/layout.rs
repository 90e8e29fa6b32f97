//! At every size and zoom: no text lies on another, none is cut at its side, in every layout.

use eframe::egui::emath::Rot2;
use eframe::egui::epaint::Shape;
use eframe::egui::{Key, Modifiers, Rect, Vec2};
use egui_kittest::Harness;
use mailpath::gui::App;
use mailpath::gui::command::Command;
use mailpath::gui::desk::{Layout, Settings, Sheet, Thing, View};
use mailpath::topology::NodeId;
use mailpath::trace::PacketId;

use super::{press, send, still, window};

/// Text on the screen: what, where, and where it may be seen; `order` is its turn in painting.
struct Words {
    order: usize,
    text: String,
    ink: Rect,
    clip: Rect,
}

/// What is painted: texts, and grounds that hide what was painted before.
#[derive(Default)]
struct Painted {
    order: usize,
    words: Vec<Words>,
    grounds: Vec<(usize, Rect)>,
}

impl Painted {
    fn of(harness: &Harness<'_, App>) -> Painted {
        let mut painted = Painted::default();
        harness.output().shapes.iter().for_each(|s| painted.walk(&s.shape, s.clip_rect));
        // What is scrolled out of sight is not there.
        painted.words.retain(|w| w.ink.intersects(w.clip) && w.ink.is_finite());
        painted
    }

    fn walk(&mut self, shape: &Shape, clip: Rect) {
        self.order += 1;
        let ground = match shape {
            Shape::Rect(r) if r.fill.a() == 255 => Some(r.rect),
            Shape::Circle(c) if c.fill.a() == 255 => {
                Some(Rect::from_center_size(c.center, Vec2::splat(c.radius * 1.5)))
            }
            // A bubble: a rectangle with a point at one side.
            Shape::Path(p) if p.closed && p.fill.a() == 255 => Some(shape.visual_bounding_rect()),
            _ => None,
        };
        if let Some(rect) = ground {
            self.grounds.push((self.order, rect.intersect(clip)));
        }
        match shape {
            Shape::Text(text) if !text.galley.text().trim().is_empty() => {
                // The ink, not the line's whole height.
                let ink = text.galley.mesh_bounds.rotate_bb(Rot2::from_angle(text.angle)).translate(text.pos.to_vec2());
                self.words.push(Words { order: self.order, text: text.galley.text().to_owned(), ink, clip });
            }
            Shape::Vec(shapes) => shapes.iter().for_each(|s| self.walk(s, clip)),
            _ => {}
        }
    }

    /// Whether a ground that was painted between the two hides the first where they meet: a packet in front of a
    /// router is in front of it.
    fn hidden(&self, first: usize, second: usize, at: Rect) -> bool {
        self.grounds
            .iter()
            .any(|(order, ground)| (first..second).contains(order) && ground.expand(1.5).contains_rect(at))
    }
}

/// What is wrong on this screen.
fn faults(harness: &Harness<'_, App>) -> Vec<String> {
    let painted = Painted::of(harness);
    let mut faults = Vec::new();
    for (i, w) in painted.words.iter().enumerate() {
        if w.ink.left() < w.clip.left() - 1.0 || w.ink.right() > w.clip.right() + 1.0 {
            faults.push(format!("`{}` is cut at its side: {:?} in {:?}", w.text, w.ink, w.clip));
        }
        for before in &painted.words[..i] {
            let common = w.ink.intersect(before.ink).intersect(w.clip).intersect(before.clip);
            let meet = common.width() > 1.5 && common.height() > 1.5;
            if meet && !painted.hidden(before.order, w.order, common) {
                faults.push(format!("`{}` lies on `{}` at {common:?}", w.text, before.text));
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

fn found(name: &str, scenario: &str, layout: Layout, keys: &[Key]) -> Vec<String> {
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
            all.extend(faults(&harness).into_iter().map(|f| format!("{name}, {size_name}: {f}")));
        }
    }
    all
}

/// The same, reached by commands.
fn found_by(name: &str, scenario: &str, commands: &[Command]) -> Vec<String> {
    let mut all = Vec::new();
    for (size_name, size, scale) in SIZES {
        let mut harness = window(scenario, size, scale, still());
        commands.iter().for_each(|command| send(&mut harness, command.clone()));
        harness.run_steps(4);
        all.extend(faults(&harness).into_iter().map(|f| format!("{name}, {size_name}: {f}")));
    }
    all
}

#[test]
fn copies_and_marks_stand_at_every_size() {
    let end = || [Command::Step(4), Command::Step(4)];
    let pinned = |view: View| {
        let first = [Command::Step(1), Command::Step(1), Command::View(view), Command::Pin, Command::Mark];
        [first.as_slice(), &end()].concat()
    };
    check(vec![
        found_by("a copy of queue and mailbox", "six-steps", &pinned(View::Stores)),
        found_by("a copy of the conversation", "six-steps", &pinned(View::Conversation)),
        found_by("a copy of layers and bytes", "six-steps", &pinned(View::Bytes)),
    ]);
}

#[test]
fn what_is_opened_above_the_views_stands_at_every_size() {
    let menu = |thing| [Command::Step(4), Command::Sheet(Sheet::Menu(thing))];
    check(vec![
        found_by("go to", "six-steps", &[Command::Step(4), Command::Mark, Command::Sheet(Sheet::GoTo)]),
        found_by("menu of a packet", "six-steps", &menu(Thing::Packet(PacketId(4)))),
        found_by("menu of a host", "six-steps", &menu(Thing::Node(NodeId(1)))),
        found_by("a multipart letter", "push-and-pull", &[Command::End, Command::Open]),
        found_by("a letter", "six-steps", &[Command::End, Command::Select(None), Command::Open]),
    ]);
}

/// Nothing is wrong in a lesson, whatever is asked and told.
fn found_in_lessons(names: &[&str]) -> Vec<String> {
    use super::lesson::states::{STATES, reach, resize};
    let mut all = Vec::new();
    for (name, lesson, state) in STATES.into_iter().filter(|(name, ..)| names.contains(name)) {
        let mut reached: Option<(f32, Harness<'_, App>)> = None;
        for (size_name, size, scale) in SIZES {
            // One way for each scale: then the window is made larger or smaller.
            let mut harness = match reached.take().filter(|(at, _)| *at == scale) {
                Some((_, harness)) => harness,
                None => reach(lesson, state, size, scale, still()),
            };
            resize(&mut harness, size);
            let content = harness.ctx.content_rect().size();
            assert_eq!((content.x, content.y), size, "the window is as large as it is said to be");
            all.extend(faults(&harness).into_iter().map(|f| format!("{name}, {size_name}: {f}")));
            reached = Some((scale, harness));
        }
    }
    all
}

#[test]
fn questions_stand_at_every_size() {
    check(vec![found_in_lessons(&["number", "choice", "host", "parts", "order", "click", "numbers"])]);
}

#[test]
fn stops_of_lessons_stand_at_every_size() {
    check(vec![found_in_lessons(&["list", "tour", "locked", "map", "ladder", "bytes", "between", "vote", "released"])]);
}

#[test]
fn what_came_of_questions_stands_at_every_size() {
    check(vec![found_in_lessons(&["told_right", "told_wrong", "prove", "proved", "order_told", "end", "explore"])]);
}

/// Nothing is wrong in any of them.
fn check(found: Vec<Vec<String>>) {
    let all = found.concat();
    assert!(
        all.is_empty(),
        "{} faults
{}",
        all.len(),
        all.join(
            "
"
        )
    );
}

#[test]
fn story_stands_at_every_size() {
    check(vec![
        found("start", "six-steps", Layout::Story, &[]),
        found("begin of step 4", "six-steps", Layout::Story, &[Key::Num4]),
        found("done mark of step 5", "six-steps", Layout::Story, &[Key::Num5, Key::Num5]),
        found("end", "six-steps", Layout::Story, &[Key::End]),
        found("with the conversation", "six-steps", Layout::Story, &[Key::Num5, Key::C]),
        found("ladder", "six-steps", Layout::Story, &[Key::Num5, Key::L]),
        found("queue and mailbox", "six-steps", Layout::Story, &[Key::Num3, Key::Q]),
        found("bytes", "six-steps", Layout::Story, &[Key::Num5, Key::Y]),
    ]);
}

#[test]
fn compare_stands_at_every_size() {
    check(vec![
        found("start", "push-and-pull", Layout::Compare, &[]),
        found("end", "push-and-pull", Layout::Compare, &[Key::End]),
        found("with one run", "six-steps", Layout::Compare, &[]),
    ]);
}

#[test]
fn workbench_stands_at_every_size() {
    check(vec![
        found("middle", "six-steps", Layout::Workbench, &[Key::Num5]),
        found("losses", "packet-loss:2", Layout::Workbench, &[Key::End]),
    ]);
}

#[test]
fn every_scenario_stands() {
    let both = |(name, _): &(&str, &str)| {
        let at = |keys: &[Key]| found(name, name, Layout::Story, keys);
        [at(&[Key::Num3]), at(&[Key::End])].concat()
    };
    check(mailpath::scenario::BUILT_IN.iter().map(both).collect());
}
