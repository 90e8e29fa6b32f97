//! What each command does to the desk.

use std::path::PathBuf;

use eframe::egui::{Context, ViewportCommand};

use super::command::Command;
use super::console::Console;
use super::desk::{Desk, Layout, Pin, Sheet, Source, Thing, View};
use super::motion::Motion;
use super::opening::{Opening, Rewrite};
use crate::explain::stops::{Grain, Mark};
use crate::trace::{Cause, EntryId};

/// What a command asks of the window itself, beyond the desk.
pub enum Effect {
    /// Open a scenario.
    Open(Source, Option<String>, Option<Rewrite>),
    /// Ask the system for a file.
    Dialog,
    /// Write a text into a file; without a path, ask the system for one and propose this name.
    Save(Option<PathBuf>, String, String),
    /// Tell the window.
    Window(ViewportCommand),
    /// Take the window in or out of full screen.
    FullScreen,
}

/// Zoom goes from here ..
const ZOOM_MIN: f32 = 0.5;
/// .. to here, in tenths.
const ZOOM_MAX: f32 = 3.0;
/// A whole step is shown in at most so many seconds.
const STEP_SECONDS: f64 = 4.0;
/// Moments kept for Alt+Left.
const HISTORY: usize = 100;
/// Seconds for which Undo is offered.
pub(super) const UNDO: f64 = 8.0;

impl Desk {
    /// Does what the command says; `clock` is the window's clock in seconds.
    pub fn apply(&mut self, command: Command, clock: f64) -> Option<Effect> {
        self.course.clock = clock;
        // Any act shows the picture again; these do nothing more.
        if self.blank && !matches!(command, Command::Hover(_)) {
            self.blank = false;
            if matches!(command, Command::Blank | Command::Close) {
                return None;
            }
        }
        let effect = match self.in_lesson(command) {
            Ok(effect) => effect,
            Err(command) => self.carry_on(command, clock),
        };
        self.follow_lesson();
        effect
    }

    fn carry_on(&mut self, command: Command, clock: f64) -> Option<Effect> {
        match command {
            Command::Forward(grain) => self.forward(grain.unwrap_or(self.grain)),
            Command::Back(grain) => self.back(grain.unwrap_or(self.grain)),
            Command::Start => self.go(0),
            Command::End => self.go(self.run.end()),
            Command::Step(step) => self.step(step),
            Command::GoTo(place) => self.go(place),
            Command::ShowEntry(entry) => self.show_entry(entry),
            Command::InConversation(forward) => {
                let conn = self.conversation();
                let place = conn.and_then(|c| self.run.stops.in_conversation(c, self.now, forward));
                self.go(place.unwrap_or(self.now));
            }
            Command::SkipWait => {
                let place = self.run.stops.after_wait(self.now);
                self.go(place.unwrap_or(self.run.end()));
            }
            Command::PlayPause => {
                self.playing = !self.playing;
                if self.playing && self.motion.is_none() {
                    self.forward_playing();
                }
            }
            Command::Grain(grain) => self.grain = grain,
            Command::Finer => self.grain = self.grain.finer(),
            Command::Coarser => self.grain = self.grain.coarser(),
            Command::Layout(Layout::Lesson) => self.enter_lesson(),
            Command::Layout(layout) => {
                // X again leads back.
                let back = layout == Layout::Compare && self.layout == layout;
                self.layout = if back { Layout::Story } else { layout };
                self.fill = None;
            }
            Command::View(view) => self.view(view),
            Command::Select(thing) => self.selection = thing,
            Command::Hover(thing) => self.hover = thing,
            Command::Open => self.open_selected(),
            Command::Sheet(sheet) => self.sheet(sheet),
            Command::Close => self.close(),
            Command::ToggleFuture => self.hide_future_in_workbench = !self.hide_future_in_workbench,
            Command::ToggleDark => self.settings.dark = !self.settings.dark,
            Command::ToggleMotion => self.settings.reduce_motion = !self.settings.reduce_motion,
            Command::ToggleLineEnds => self.settings.line_ends = !self.settings.line_ends,
            Command::ToggleRfcPhases => self.settings.rfc_phases = !self.settings.rfc_phases,
            Command::ToggleLetterKeys => self.settings.letter_keys = !self.settings.letter_keys,
            Command::ToggleEveryLink => self.settings.every_link = !self.settings.every_link,
            Command::Speed(speed) => self.settings.speed = speed,
            Command::Zoom(step) => {
                let zoom = if step == 0 { 1.0 } else { self.settings.zoom + f32::from(step) * 0.1 };
                self.settings.zoom = ((zoom * 10.0).round() / 10.0).clamp(ZOOM_MIN, ZOOM_MAX);
            }
            Command::SayAgain => self.announcements += 1,
            Command::Why => self.why(),
            Command::Reset => {
                self.before_reset = Some((self.now, self.selection.take()));
                self.go(0);
                self.undo_until = clock + UNDO;
                self.notice = Some(("Back at the start.".to_owned(), self.undo_until));
            }
            Command::History(ahead) => self.travel(ahead),
            Command::OpenBuiltIn(name) => {
                self.sheets.clear();
                let (name, run) = match name.split_once(':') {
                    Some((name, run)) => (name.to_owned(), Some(run.to_owned())),
                    None => (name, None),
                };
                return Some(Effect::Open(Source::BuiltIn(name), run, None));
            }
            Command::OpenFile(path) => {
                self.sheets.clear();
                return Some(Effect::Open(Source::File(path), None, None));
            }
            Command::OpenDialog => return Some(Effect::Dialog),
            Command::Compose(host, draft) => {
                self.sheets.retain(|s| *s != Sheet::MailForm);
                let rewrite = Rewrite::Draft(host, draft);
                return Some(Effect::Open(self.source.clone(), self.run_id.clone(), Some(rewrite)));
            }
            Command::Type(lines) => {
                let rewrite = Rewrite::Console(lines);
                return Some(Effect::Open(self.source.clone(), self.run_id.clone(), Some(rewrite)));
            }
            Command::Filter(filter) => self.filter = filter,
            Command::Find => {
                self.layout = Layout::Workbench;
                (self.fill, self.find) = (None, true);
            }
            Command::Mark => self.mark(clock),
            Command::Pin => self.pin(clock),
            Command::Unpin => self.pin = None,
            Command::Menu => self.menu(clock),
            // The window knows its regions: see `App::send`; acts of a lesson were done above.
            Command::Region(_) | Command::Lesson(_) => {}
            Command::Blank => {
                self.blank = true;
                self.playing = false;
                self.land();
            }
            Command::FullScreen => return Some(Effect::FullScreen),
            Command::Quit => return Some(Effect::Window(ViewportCommand::Close)),
        }
        None
    }

    /// Back to where Reset was given. Until something else is opened; the button is there for [`UNDO`] seconds.
    pub(super) fn undo_reset(&mut self) {
        if let Some((place, selection)) = self.before_reset.take() {
            self.go(place);
            self.selection = selection;
            self.notice = None;
        }
    }

    /// Pins a copy of the inspector that is open; if none is, of queue and mailbox: they are what one compares most.
    fn pin(&mut self, clock: f64) {
        if !self.shows_pin() {
            self.notice = Some(("Copies are pinned in Story and Workbench.".to_owned(), clock + 6.0));
            return;
        }
        let view = self.fill.filter(|view| !view.is_main()).or(self.side).unwrap_or(View::Stores);
        let packet = (view == View::Bytes).then(|| self.packet()).flatten();
        if view == View::Bytes && packet.is_none() {
            self.notice = Some(("No packet to pin yet: choose one, or press \u{2192}.".to_owned(), clock + 6.0));
            return;
        }
        let pin = Pin { view, place: self.shown(), conn: self.conversation(), packet };
        self.pin = (self.pin != Some(pin)).then_some(pin);
        if self.pin.is_some() {
            self.fill = None;
        }
    }

    /// Whether this layout has a place for a pinned copy.
    fn shows_pin(&self) -> bool {
        matches!(self.layout, Layout::Story | Layout::Workbench)
    }

    /// Opens the menu of what is pointed at, or is selected, or of the packet that moved last.
    fn menu(&mut self, clock: f64) {
        let thing = self.hover.clone().or_else(|| self.selection.clone()).or_else(|| self.packet().map(Thing::Packet));
        match thing {
            Some(thing) => {
                self.sheets.retain(|s| !matches!(s, Sheet::Menu(_)));
                self.sheet(Sheet::Menu(thing));
            }
            None => self.notice = Some(("Nothing is selected: there is no menu.".to_owned(), clock + 4.0)),
        }
    }

    /// Marks the packet that everything is about, or takes its mark away.
    fn mark(&mut self, clock: f64) {
        let words = match self.packet() {
            Some(packet) => {
                let number = self.run.packets.place(packet).unwrap_or_default() + 1;
                if self.marks.remove(&packet) {
                    format!("Packet {number} is no longer marked.")
                } else {
                    self.marks.insert(packet);
                    format!("Packet {number} is marked. Ctrl+G lists marks.")
                }
            }
            None => "No packet has been sent yet: there is nothing to mark.".to_owned(),
        };
        self.notice = Some((words, clock + 4.0));
    }

    /// Completes a flight; true if there was one.
    fn land(&mut self) -> bool {
        self.motion.take().is_some()
    }

    fn forward(&mut self, grain: Grain) {
        self.playing = false;
        if self.land() {
            return;
        }
        self.fly(grain);
    }

    /// To the next stop, with flights.
    fn fly(&mut self, grain: Grain) {
        if self.lesson().is_some() {
            return self.lesson_forward(grain, self.playing);
        }
        if let Some(stop) = self.run.stops.next(grain, self.now) {
            self.fly_to(stop.place, grain);
        }
    }

    /// To a place, with flights.
    pub(super) fn fly_to(&mut self, to: usize, grain: Grain) {
        let from = self.now;
        self.now = to;
        self.selection = None;
        self.announcements += 1;
        if !self.settings.reduce_motion {
            let limit = (grain >= Grain::Phase).then_some(STEP_SECONDS);
            self.motion = Motion::new(&self.run, from, to, f64::from(self.settings.speed), limit);
        }
    }

    /// The next flight of a play; halts at the end.
    pub(super) fn forward_playing(&mut self) {
        if self.now >= self.run.end() {
            self.playing = false;
            return;
        }
        self.fly(self.grain);
    }

    /// After each landing of a play: in Story it halts at the next mark of a step.
    pub(super) fn halts_here(&self) -> bool {
        let at_step = self.run.stops.at(self.now).is_some_and(|s| s.grain == Grain::Step);
        self.now >= self.run.end() || (self.layout == Layout::Story && at_step)
    }

    fn back(&mut self, grain: Grain) {
        self.playing = false;
        // During a flight one is still at its begin.
        if let Some(motion) = self.motion.take() {
            self.now = motion.shown();
            self.announcements += 1;
            return;
        }
        if let Some(stop) = self.run.stops.previous(grain, self.now) {
            self.now = stop.place;
            self.selection = None;
            self.announcements += 1;
        }
    }

    /// To a place without a flight.
    fn go(&mut self, place: usize) {
        self.playing = false;
        self.motion = None;
        let place = place.min(self.limit());
        if place != self.now {
            self.history.push(self.now);
            if self.history.len() > HISTORY {
                self.history.remove(0);
            }
            self.ahead.clear();
            self.now = place;
            self.announcements += 1;
        }
    }

    fn travel(&mut self, ahead: bool) {
        let (from, to) =
            if ahead { (&mut self.ahead, &mut self.history) } else { (&mut self.history, &mut self.ahead) };
        let Some(place) = from.pop() else { return };
        to.push(self.now);
        self.motion = None;
        self.now = place;
        self.announcements += 1;
    }

    /// Begin of the step; from there, its done mark.
    fn step(&mut self, step: usize) {
        let begin = self.run.stops.step(step, Mark::Begin);
        let done = self.run.stops.step(step, Mark::Done);
        let at_begin = begin == Some(self.now) && self.motion.is_none();
        if let Some(place) = if at_begin { done.or(begin) } else { begin.or(done) } {
            self.go(place);
        }
        self.selection = Some(Thing::Step(step));
    }

    /// Behind an entry: the first packet stop that shows it.
    fn show_entry(&mut self, entry: EntryId) {
        let place = entry.0 as usize + 1;
        let stop = self.run.stops.next(Grain::Packet, place - 1);
        self.go(stop.map_or(place, |s| s.place));
    }

    fn view(&mut self, view: View) {
        if self.layout == Layout::Compare {
            self.layout = Layout::Story;
        }
        let there =
            if view.is_main() { self.main == view && self.layout == Layout::Story } else { self.side == Some(view) };
        if self.fill == Some(view) {
            self.fill = None;
        } else if there {
            self.fill = Some(view);
        } else {
            self.fill = None;
            if view.is_main() {
                self.main = view;
            } else {
                self.side = Some(view);
            }
        }
    }

    fn sheet(&mut self, sheet: Sheet) {
        match self.sheets.iter().position(|s| *s == sheet) {
            Some(i) => {
                self.sheets.remove(i);
            }
            None => {
                self.motion = None;
                self.playing = false;
                self.sheets.push(sheet);
            }
        }
    }

    fn close(&mut self) {
        if self.sheets.pop().is_some() || self.fill.take().is_some() {
            return;
        }
        if self.shows_pin() && self.pin.take().is_some() {
            return;
        }
        if self.selection.take().is_some() || self.side.take().is_some() {
            return;
        }
        self.playing = false;
        self.land();
    }

    /// Enter: the selected thing is opened, else the letter is unwrapped.
    fn open_selected(&mut self) {
        let letter = match &self.selection {
            Some(Thing::Letter(content)) => Some(*content),
            Some(Thing::Queued(..) | Thing::Stored(..)) => {
                self.side = Some(View::Stores);
                return;
            }
            Some(Thing::Packet(_) | Thing::Bytes(..) | Thing::Stream(..)) => {
                self.side = Some(View::Bytes);
                return;
            }
            _ => {
                let scene = self.run.scenes.at(&self.run.log, &self.run.timeline, self.shown());
                let letters = scene.letters.iter().filter(|l| !l.copy);
                letters.filter_map(|l| l.content).next_back()
            }
        };
        match letter {
            Some(content) => self.sheet(Sheet::Letter(content)),
            None => self.sheet(Sheet::MailForm),
        }
    }

    /// To the cause of what the sentence tells.
    fn why(&mut self) {
        let entry = match self.sheets.last() {
            Some(Sheet::Why(entry)) => match self.run.log.entry(*entry).cause {
                Cause::Entry(before) | Cause::Timer { armed_by: before } => Some(before),
                Cause::Start | Cause::Action(_) => return,
            },
            _ => self.run.stops.at(self.shown()).and_then(|s| s.entry).or_else(|| {
                let last = self.shown().checked_sub(1)?;
                Some(EntryId(last as u32))
            }),
        };
        if let Some(entry) = entry {
            if matches!(self.sheets.last(), Some(Sheet::Why(_))) {
                self.sheets.pop();
            }
            self.sheets.push(Sheet::Why(entry));
        }
    }

    /// Goes on with a flight or a play; true if another frame is wanted soon.
    pub fn tick(&mut self, clock: f64) -> bool {
        if let Some(motion) = &mut self.motion {
            if motion.tick(clock) {
                return true;
            }
            self.motion = None;
            self.course.clock = clock;
            self.arrive();
            if self.playing {
                if self.halts_here() {
                    self.playing = false;
                } else {
                    self.forward_playing();
                }
                return true;
            }
        } else if self.playing && self.settings.reduce_motion {
            // Without flights a play is a row of pictures.
            let due = self.play_due.get_or_insert(clock + 0.8);
            if clock >= *due {
                self.play_due = None;
                if self.halts_here() && self.now > 0 && self.stepped {
                    self.playing = false;
                    self.stepped = false;
                } else {
                    self.stepped = true;
                    self.forward_playing();
                }
            }
            return true;
        } else {
            self.play_due = None;
            self.stepped = false;
        }
        false
    }

    /// Puts a run on the desk, before its first step.
    pub fn put(&mut self, opened: (std::sync::Arc<super::run::Run>, Source, Option<String>), rewritten: bool) {
        let (run, source, run_id) = opened;
        if let Source::File(path) = &source {
            self.settings.recent.retain(|p| p != path);
            self.settings.recent.insert(0, path.clone());
            self.settings.recent.truncate(8);
        }
        if self.source != source {
            self.filter.clear();
        }
        (self.run, self.source, self.run_id) = (run, source, run_id);
        self.now = 0;
        self.motion = None;
        self.playing = false;
        self.selection = None;
        self.hover = None;
        self.history.clear();
        self.ahead.clear();
        self.marks.clear();
        self.pin = None;
        self.before_reset = None;
        self.mistakes = None;
        self.sheets.clear();
        // A lesson puts its runs on the desk itself: whatever else is opened is looked at beside it.
        let explored = matches!(self.source, Source::Lesson(_, Some(_)));
        if !explored {
            self.course.exploring = None;
        }
        if rewritten || explored || self.layout == Layout::Lesson {
            self.layout = Layout::Story;
        }
        self.announcements += 1;
    }

    /// Behind a line that was typed: the console stays, and the moment is that of its answer.
    pub fn typed(&mut self) {
        if let Some(console) = Console::of(&self.run) {
            self.now = console.talk(&self.run).place;
            self.sheets.push(Sheet::Console);
        }
    }
}

/// Carries an effect out; gives a word about it.
pub fn carry_out(effect: Effect, ctx: &Context, opening: &mut Option<Opening>) -> Option<String> {
    match effect {
        Effect::Open(source, run_id, rewritten) => {
            if let Some(before) = opening.take() {
                before.cancel();
            }
            *opening = Some(Opening::new(source, run_id, rewritten));
        }
        Effect::Dialog => {
            let picked = rfd::FileDialog::new().add_filter("Scenario", &["json"]).pick_file();
            if let Some(path) = picked {
                *opening = Some(Opening::new(Source::File(path), None, None));
            }
        }
        Effect::Save(path, name, text) => {
            let path = path.or_else(|| rfd::FileDialog::new().set_file_name(name).save_file())?;
            return Some(super::lesson::acts::save(&path, &text));
        }
        Effect::Window(command) => ctx.send_viewport_cmd(command),
        Effect::FullScreen => {
            let full = ctx.input(|i| i.viewport().fullscreen.unwrap_or(false));
            ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!full));
        }
    }
    None
}
