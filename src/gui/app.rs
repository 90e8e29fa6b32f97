//! The frame: keys and commands in, views out, in the order of Tab.

use std::cell::RefCell;
use std::time::Duration;

use eframe::egui::{
    self, Color32, Context, CornerRadius, Frame, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo,
};

use super::apply::carry_out;
use super::command::Command;
use super::cx::{Cx, MotionView};
use super::desk::{Desk, Layout, Pin, Settings, Source, View};
use super::keys::{Answering, Inbox, Keys};
use super::lesson::Act;
use super::opening::Opening;
use super::panels::lesson::explore;
use super::panels::pinned;
use super::panels::{Panels, blank};
use super::regions::{Place, Regions, Wanted, Width, regions};
use super::theme::{R_CARD, Tokens, fonts, style};
use crate::explain::scene::Scene;
use crate::lesson;

/// How long a frame waits for a scenario that has just been asked for: small ones are there without a flicker.
const PATIENCE: Duration = Duration::from_millis(120);

/// The program's state.
pub struct App {
    /// What the user has in hand.
    pub desk: Desk,
    panels: Panels,
    inbox: Inbox,
    opening: Option<Opening>,
    fresh: bool,
    rewritten: bool,
    /// What is being opened is that with one more line typed.
    typed: bool,
    scene: Option<Scene>,
    scene_behind: Option<Scene>,
    /// Of the pinned copy.
    scene_pinned: Option<Scene>,
    run_drawn: usize,
    /// Regions of the last frame, in the order of Tab.
    regions: Vec<&'static str>,
}

impl App {
    /// Opens a scenario: a file, or a built-in one by name; six-steps if none is given.
    pub fn new(cc: &eframe::CreationContext<'_>, scenario: Option<&str>) -> App {
        let settings = cc.storage.and_then(|s| eframe::get_value(s, "settings")).unwrap_or_default();
        App::with(&cc.egui_ctx, scenario, settings)
    }

    /// The same without stored settings: for tests.
    pub fn with(ctx: &Context, scenario: Option<&str>, settings: Settings) -> App {
        fonts::install(ctx);
        style::apply(ctx);
        ctx.options_mut(|o| o.zoom_with_keyboard = false);
        let inbox = Inbox::default();
        ctx.add_plugin(Keys(inbox.clone()));
        let first = |source: Source, run: Option<String>| Opening::new(source, run, None).poll(Duration::MAX).flatten();
        let story = || {
            let opened = first(Source::BuiltIn("six-steps".to_owned()), None);
            opened.and_then(Result::ok).expect("the built-in story is a scenario without mistakes")
        };
        let lesson = scenario.filter(|name| lesson::load_builtin(name).is_some());
        let (opened, mistakes) = match scenario.filter(|_| lesson.is_none()).map(named) {
            None => (story(), None),
            Some((source, run)) => match first(source, run) {
                Some(Ok(opened)) => (opened, None),
                Some(Err(mistakes)) => (story(), Some(mistakes)),
                None => (story(), None),
            },
        };
        let mut desk = Desk::new(opened.0, opened.1, opened.2, settings);
        if let Some(id) = lesson {
            let seed = super::lesson::acts::seed_of(&desk.settings.learner);
            desk.apply(Command::Lesson(Act::Begin(id.to_owned(), seed)), 0.0);
        }
        if mistakes.is_some() {
            desk.mistakes = mistakes;
            desk.sheets.push(super::desk::Sheet::Problems);
        }
        App {
            desk,
            panels: Panels::default(),
            inbox,
            opening: None,
            fresh: false,
            rewritten: false,
            typed: false,
            scene: None,
            scene_behind: None,
            scene_pinned: None,
            run_drawn: 0,
            regions: Vec::new(),
        }
    }

    /// Does what a command says, as a key or a button would.
    pub fn send(&mut self, ctx: &Context, command: Command) {
        let clock = ctx.input(|i| i.time);
        self.rewritten = matches!(command, Command::Compose(..)) || (self.rewritten && self.opening.is_some());
        self.typed = matches!(command, Command::Type(..)) || (self.typed && self.opening.is_some());
        if let Command::Region(forward) = command {
            self.desk.region = self.next_region(ctx, forward).map(|name| (name, true));
        }
        if let Some(effect) = self.desk.apply(command, clock) {
            if let Some(words) = carry_out(effect, ctx, &mut self.opening) {
                self.desk.notice = Some((words, clock + 8.0));
            }
            self.fresh = true;
        }
        ctx.request_repaint();
    }

    /// The region behind the one in which the keyboard is, or before it.
    fn next_region(&self, ctx: &Context, forward: bool) -> Option<&'static str> {
        let count = self.regions.len();
        let focused = ctx.memory(|m| m.focused().is_some());
        let here =
            self.desk.region.filter(|_| focused).and_then(|(name, _)| self.regions.iter().position(|r| *r == name));
        let next = match (here, forward) {
            (Some(i), true) => (i + 1) % count.max(1),
            (Some(i), false) => (i + count - 1) % count.max(1),
            (None, true) => 0,
            (None, false) => count.saturating_sub(1),
        };
        self.regions.get(next).copied()
    }

    /// Takes in a scenario that is ready.
    fn opened(&mut self, ctx: &Context) {
        let Some(opening) = &self.opening else { return };
        let wait = if std::mem::take(&mut self.fresh) { PATIENCE } else { Duration::ZERO };
        match opening.poll(wait) {
            None => {
                ctx.request_repaint_after(Duration::from_millis(50));
                return;
            }
            Some(Some(Ok(opened))) => {
                self.desk.put(opened, self.rewritten);
                self.panels = Panels::default();
                if self.typed {
                    self.desk.typed();
                }
            }
            Some(Some(Err(mistakes))) => {
                self.desk.mistakes = Some(mistakes);
                self.desk.sheets.retain(|s| *s != super::desk::Sheet::Problems);
                self.desk.sheets.push(super::desk::Sheet::Problems);
            }
            Some(None) => {}
        }
        self.opening = None;
        (self.rewritten, self.typed) = (false, false);
    }

    /// The scenes at both ends of what is shown; kept from frame to frame.
    fn look(&mut self) {
        let run = &self.desk.run;
        let id = std::sync::Arc::as_ptr(run) as usize;
        if self.run_drawn != id {
            (self.scene, self.scene_behind, self.run_drawn) = (None, None, id);
            self.scene_pinned = None;
            // What views keep belongs to the run that they have drawn.
            let lesson = std::mem::take(&mut self.panels.lesson);
            self.panels = Panels { lesson, ..Panels::default() };
        }
        let at = |place: usize| run.scenes.at(&run.log, &run.timeline, place);
        let shown = self.desk.shown();
        let behind = self.desk.motion.as_ref().map(|m| m.leg().to);
        if self.scene.as_ref().is_none_or(|s| s.place != shown) {
            let kept = self.scene_behind.take().filter(|s| s.place == shown);
            self.scene = Some(kept.unwrap_or_else(|| at(shown)));
        }
        match self.desk.pin {
            None => self.scene_pinned = None,
            Some(pin) if self.scene_pinned.as_ref().is_none_or(|s| s.place != pin.place) => {
                self.scene_pinned = Some(at(pin.place));
            }
            Some(_) => {}
        }
        match behind {
            None => self.scene_behind = None,
            Some(place) if self.scene_behind.as_ref().is_none_or(|s| s.place != place) => {
                self.scene_behind = Some(at(place));
            }
            Some(_) => {}
        }
    }

    /// One frame.
    pub fn frame(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        let clock = ctx.input(|i| i.time);
        for command in self.inbox.take() {
            self.send(&ctx, command);
        }
        let dropped = ctx.input(|i| i.raw.dropped_files.first().map(|f| f.path().to_owned()));
        if let Some(path) = dropped {
            self.send(&ctx, Command::OpenFile(path));
        }
        self.opened(&ctx);
        if self.desk.tick(clock) {
            ctx.request_repaint();
        }
        if let Some((_, until)) = &self.desk.notice {
            if clock > *until {
                self.desk.notice = None;
            } else {
                ctx.request_repaint_after(Duration::from_secs_f64((until - clock).max(0.05)));
            }
        }
        let dark = self.desk.settings.dark;
        ctx.set_theme(if dark { egui::Theme::Dark } else { egui::Theme::Light });
        if (ctx.zoom_factor() - self.desk.settings.zoom).abs() > 1e-3 {
            ctx.set_zoom_factor(self.desk.settings.zoom);
        }
        self.inbox.set(!self.desk.settings.letter_keys, self.desk.sheets.len(), answering(&self.desk));
        self.look();
        let t = Tokens::of(dark);
        let sent = RefCell::new(Vec::new());
        {
            let scene = self.scene.as_ref().expect("looked at above");
            let motion = self.desk.motion.as_ref().zip(self.scene_behind.as_ref());
            let motion = motion.map(|(m, to)| MotionView { leg: m.leg(), to, share: m.share() });
            let cx = Cx::new(&self.desk.run, scene, self.desk.shown(), t, &self.desk, motion, &sent);
            let pinned = self.desk.pin.zip(self.scene_pinned.as_ref());
            let pinned = pinned
                .map(|(pin, s)| (pin, Cx::new(&self.desk.run, s, pin.place, t, &self.desk, None, &sent).pinned(pin)));
            self.regions = draw(ui, &cx, pinned.as_ref(), &mut self.panels, self.opening.as_ref());
        }
        if let Some((_, fresh)) = &mut self.desk.region {
            *fresh = false;
        }
        self.desk.find = false;
        let sent = sent.into_inner();
        for command in sent {
            match command {
                Command::Hover(thing) => {
                    if self.desk.hover != thing {
                        self.desk.hover = thing;
                        ctx.request_repaint();
                    }
                }
                command => self.send(&ctx, command),
            }
        }
    }
}

/// A built-in scenario or a file, with or without the name of a run behind a colon.
fn named(text: &str) -> (Source, Option<String>) {
    let (name, run) = match text.rsplit_once(':') {
        Some((name, run)) if !std::path::Path::new(text).exists() => (name, Some(run.to_owned())),
        _ => (text, None),
    };
    if crate::scenario::BUILT_IN.iter().any(|(known, _)| *known == name) {
        (Source::BuiltIn(name.to_owned()), run)
    } else if std::path::Path::new(name).exists() {
        (Source::File(name.into()), run)
    } else {
        (Source::File(text.into()), None)
    }
}

/// Which keys answer the question that is shown, if one is.
fn answering(desk: &Desk) -> Option<Answering> {
    let taking = desk.lesson().filter(|_| desk.at_moment())?;
    if taking.proving() {
        let letters = taking.told.as_ref().map_or(0, |t| t.proofs.len());
        return Some(Answering { letters, turns: false });
    }
    taking.asked()?;
    let letters = taking.asks.get(taking.part).map_or(0, |a| a.offers.len());
    Some(Answering { letters, turns: letters > 0 })
}

/// What is wanted of the window's regions.
fn wanted(desk: &Desk) -> Wanted {
    let story = desk.layout == Layout::Story;
    let place = match desk.lesson() {
        _ if desk.layout != Layout::Lesson => None,
        None => Some(Place::List),
        Some(taking) if taking.vote.is_some() => Some(Place::Alone),
        Some(_) => Some(Place::Beside),
    };
    let side = story && desk.fill.is_none() && desk.side.is_some();
    Wanted { side, folded: !story, fill: desk.fill.is_some(), lesson: place }
}

/// All views, in the order of Tab: ribbon, stage, what stands beside it, sentence, time, top bar.
fn draw(
    ui: &mut Ui,
    cx: &Cx<'_>,
    pinned: Option<&(Pin, Cx<'_>)>,
    panels: &mut Panels,
    opening: Option<&Opening>,
) -> Vec<&'static str> {
    let mut names = Vec::new();
    let mut region = |ui: &mut Ui, rect: Rect, name: &'static str, add: &mut dyn FnMut(&mut Ui)| {
        names.push(name);
        region(ui, rect, name, cx, add);
    };
    let whole = ui.max_rect();
    ui.painter().rect_filled(whole, CornerRadius::ZERO, cx.t.bg);
    let mut wanted = wanted(cx.desk);
    // At full width the conversation stands beside the stage unless something else does.
    let full = Width::of(whole.size()) == Width::Full;
    let side = cx.desk.side.or((full && cx.desk.layout == Layout::Story).then_some(View::Conversation));
    wanted.side |= full && cx.desk.layout == Layout::Story && cx.desk.fill.is_none();
    let mut r = regions(whole.size(), wanted);
    shift(&mut r, whole);
    if let Some(rect) = r.ribbon {
        region(ui, rect, "Ribbon", &mut |ui| panels.ribbon.show(ui, r.folded, cx));
    }
    // A pinned copy stands at the left of the large place; where there is no room for both, it takes it.
    let copied = pinned.filter(|_| matches!(cx.desk.layout, Layout::Story | Layout::Workbench));
    if let (Some(rect), Some((pin, at))) = (r.main, copied) {
        let (copy, rest) = pinned::split(rect);
        r.main = rest;
        card(ui, copy, cx.t);
        region(ui, copy.shrink(1.0), "Pinned copy", &mut |ui| panels.pinned.show(ui, pin, at));
    }
    if let Some(rect) = r.main {
        let view = cx.desk.fill.unwrap_or(cx.desk.main);
        let rect = match (cx.desk.layout, cx.desk.course.exploring) {
            (Layout::Story, Some(_)) => {
                let (bar, rest) = explore::split(rect);
                region(ui, bar, "Exploration", &mut |ui| explore::show(ui, cx));
                rest
            }
            _ => rect,
        };
        match cx.desk.layout {
            Layout::Lesson => {
                let view = cx.desk.lesson().map_or(view, |t| t.view);
                card(ui, rect, cx.t);
                region(ui, rect.shrink(1.0), view.name(), &mut |ui| {
                    panels.view(ui, view, cx);
                    panels.lesson.light(ui, cx);
                });
            }
            Layout::Compare => region(ui, rect, "Compare", &mut |ui| panels.compare.show(ui, cx)),
            Layout::Workbench if cx.desk.fill.is_none() => {
                region(ui, rect, "Workbench", &mut |ui| panels.workbench(ui, cx))
            }
            Layout::Story | Layout::Workbench => {
                card(ui, rect, cx.t);
                region(ui, rect.shrink(1.0), view.name(), &mut |ui| panels.view(ui, view, cx));
            }
        }
    }
    if let (Some(rect), Some(view)) = (r.side, side) {
        card(ui, rect, cx.t);
        region(ui, rect.shrink(1.0), view.name(), &mut |ui| panels.view(ui, view, cx));
    }
    if let Some(rect) = r.panel {
        card(ui, rect, cx.t);
        region(ui, rect.shrink(1.0), "Lesson", &mut |ui| panels.lesson.show(ui, r.width, cx));
    }
    if r.sentence.is_positive() {
        card(ui, r.sentence, cx.t);
        region(ui, r.sentence.shrink(1.0), "Sentence", &mut |ui| panels.sentence.show(ui, cx));
    }
    if r.time.is_positive() {
        card(ui, r.time, cx.t);
        region(ui, r.time.shrink(1.0), "Time", &mut |ui| panels.time.show(ui, r.width, cx));
    }
    if let Some(rect) = r.top {
        region(ui, rect, "Top bar", &mut |ui| panels.top.show(ui, cx));
    }
    panels.sheets.show(ui, whole, cx);
    if let Some(opening) = opening {
        panels.sheets.progress(ui, whole, opening, cx);
    }
    if let Some((text, _)) = &cx.desk.notice {
        let bottom = Rect::from_min_max(whole.left_bottom(), whole.max);
        let above = [r.sentence, r.time].into_iter().find(Rect::is_positive).unwrap_or(bottom);
        panels.sheets.notice(ui, above, text, cx);
    }
    if cx.desk.blank {
        blank::show(ui, whole, cx);
    }
    names
}

/// Regions begin at the corner of the window's content.
fn shift(r: &mut Regions, whole: Rect) {
    let by = whole.min.to_vec2();
    for rect in [&mut r.top, &mut r.ribbon, &mut r.main, &mut r.side, &mut r.panel].into_iter().flatten() {
        *rect = rect.translate(by);
    }
    r.sentence = r.sentence.translate(by);
    r.time = r.time.translate(by);
}

/// A view in its rectangle: clipped, named, with identities of its own. F6 puts the keyboard at its edge; Tab leads in.
fn region(ui: &mut Ui, rect: Rect, name: &'static str, cx: &Cx<'_>, add: &mut dyn FnMut(&mut Ui)) {
    let builder = UiBuilder::new()
        .id_salt(name)
        .max_rect(rect)
        .accessibility_label(name)
        .accessibility_role(egui::accesskit::Role::Region);
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(rect.expand(4.0).intersect(ui.clip_rect()));
        if let Some((asked, fresh)) = cx.desk.region.filter(|(asked, _)| *asked == name) {
            let edge = ui.interact(rect, ui.scope_id().with("edge"), Sense::focusable_noninteractive());
            edge.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Region {asked}")));
            if fresh {
                edge.request_focus();
            }
            if edge.has_focus() {
                let ring = Stroke::new(3.0, cx.t.accent);
                ui.painter().rect_stroke(rect, CornerRadius::same(R_CARD), ring, StrokeKind::Inside);
            }
        }
        add(ui);
    });
}

fn card(ui: &Ui, rect: Rect, t: &Tokens) {
    let corner = CornerRadius::same(R_CARD);
    ui.painter().add(egui::Shadow { offset: [0, 1], blur: 6, spread: 0, color: t.shadow }.as_shape(rect, corner));
    ui.painter().rect(rect, corner, t.surface, Stroke::new(1.0, t.border), StrokeKind::Inside);
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        Frame::NONE.fill(Color32::TRANSPARENT).show(ui, |ui| self.frame(ui));
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, "settings", &self.desk.settings);
    }
}
