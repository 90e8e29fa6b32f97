//! What each act does to the lesson on the desk.

use std::path::Path;
use std::sync::Arc;

use super::light::{same, thing_of};
use super::taking::{Card, Taking, Vote};
use super::{Act, Draft};
use crate::gui::apply::Effect;
use crate::gui::apply::UNDO;
use crate::gui::command::Command;
use crate::gui::desk::{Desk, Layout, Source, Thing, View};
use crate::lesson::answer::Answer;
use crate::lesson::results::Results;
use crate::lesson::words::{Kind, When};
use crate::lesson::{load_builtin, session};
use crate::trace::EntryId;

impl Desk {
    /// In the layout of lessons some commands mean something else: forward halts at the plan, a click answers. Gives
    /// back what means what it always does.
    pub(in crate::gui) fn in_lesson(&mut self, command: Command) -> Result<Option<Effect>, Command> {
        let act = match command {
            Command::Lesson(act) => act,
            command if self.lesson().is_none() => return Err(command),
            command => return self.redirected(command),
        };
        Ok(self.act(act))
    }

    /// What else changes when the lesson is on the desk.
    fn redirected(&mut self, command: Command) -> Result<Option<Effect>, Command> {
        let grain = self.grain;
        let asked = self.lesson().is_some_and(|t| t.asked().is_some()) && self.at_moment();
        match command {
            Command::Forward(_) if self.motion.is_some() => {
                self.playing = false;
                self.motion = None;
                self.arrive();
            }
            Command::Forward(by) => {
                self.playing = false;
                self.lesson_forward(by.unwrap_or(grain), false);
            }
            Command::Back(by) => self.lesson_back(by.unwrap_or(grain)),
            Command::PlayPause => {
                self.playing = !self.playing;
                if self.playing && self.motion.is_none() {
                    self.lesson_forward(grain, true);
                }
            }
            Command::Start => self.act_moment(0),
            Command::End => {
                let reached = self.lesson().map_or(0, |t| t.session.reached());
                self.act_moment(reached);
            }
            Command::Open if asked => return Ok(self.act(Act::Lock)),
            Command::View(view) => {
                let fill = self.fill;
                if let Some(taking) = self.taken() {
                    self.fill = match fill {
                        Some(there) if there == view => None,
                        None if taking.view == view => Some(view),
                        filled => filled.map(|_| view),
                    };
                }
                if let Some(taking) = self.taken() {
                    taking.view = view;
                }
            }
            Command::ShowEntry(entry) if self.answers(&Clicked::Entry(entry)) => {}
            Command::Select(Some(thing)) if self.answers(&Clicked::Thing(thing.clone())) => {
                self.selection = Some(thing);
            }
            Command::ShowEntry(entry) => {
                if let Some(taking) = self.taken() {
                    taking.aside = false;
                }
                return Err(Command::ShowEntry(entry));
            }
            Command::GoTo(place) => {
                if let Some(taking) = self.taken() {
                    taking.aside = false;
                }
                return Err(Command::GoTo(place));
            }
            Command::Reset => self.begin_again(),
            command => return Err(command),
        }
        Ok(None)
    }

    fn act(&mut self, act: Act) -> Option<Effect> {
        let clock = self.course.clock;
        match act {
            Act::Begin(id, seed) => self.begin(&id, seed),
            Act::Another => {
                let next = self.course.taking.as_ref().map(|t| (t.id.clone(), t.session.runs.seed));
                if let Some((id, seed)) = next {
                    self.begin(&id, Some(seed.map_or(1, |s| s.wrapping_add(1))));
                }
            }
            Act::List => {
                self.course.list = true;
                self.layout = Layout::Lesson;
            }
            Act::Continue => {
                self.course.list = false;
                self.enter_lesson();
            }
            Act::Pick(part, offer) => self.pick(part, offer),
            Act::Letter(offer) => self.letter(offer),
            Act::Turn(down) => self.with_draft(|draft, asking| draft.turn(asking, down)),
            Act::Move(down) => self.with_draft(|draft, _| draft.shift(down)),
            Act::Type(part, text) => {
                if let Some(taking) = self.taken()
                    && let Some(draft) = taking.drafts.get_mut(part)
                {
                    draft.typed = text;
                    taking.part = part;
                    taking.wrong = None;
                }
            }
            Act::Lock => self.lock(),
            Act::Skip => {
                if let Some(taking) = self.taken().filter(|t| t.asked().is_some()) {
                    let since = taking.since(clock);
                    // A check that is answered again is left as it was.
                    if taking.session.open() == taking.asked() {
                        // It is open, so it can be skipped.
                        let _ = taking.session.skip(since);
                    }
                    taking.deal();
                    self.announcements += 1;
                }
            }
            Act::Again => {
                if let Some(taking) = self.taken()
                    && let Card::Told(question) = taking.card
                    && taking.session.lesson.questions[question].when == When::Check
                {
                    taking.put(Card::Asked(question));
                }
            }
            Act::Prove(offer) => self.prove(offer),
            Act::Show => self.show_proof(),
            Act::Resume => {
                let reached = self.lesson().map_or(0, |t| t.session.reached());
                self.act_moment(reached);
            }
            Act::Moment(n) => self.act_moment(n),
            Act::Seen(part) => {
                if let Some(seen) = self.taken().and_then(|t| t.seen.get_mut(part)) {
                    *seen = true;
                }
            }
            Act::Vote => {
                if let Some(taking) = self.taken() {
                    taking.vote = if taking.vote.is_some() { None } else { Some(Vote::default()) };
                }
            }
            Act::Release => {
                if let Some(vote) = self.taken().and_then(|t| t.vote.as_mut()) {
                    vote.released = !vote.released;
                }
            }
            Act::ToggleTexts => self.settings.skip_texts = !self.settings.skip_texts,
            Act::Undo => {
                if let Some(before) = self.course.before.take() {
                    self.course.taking = Some(before);
                    self.course.list = false;
                    self.enter_lesson();
                } else {
                    self.undo_reset();
                }
                self.undo_until = 0.0;
            }
            Act::Explore(n) => return self.explore(n),
            Act::Name(name) => self.settings.learner = name,
            Act::Language(language) => self.settings.language = language,
            Act::Save(path) => return self.results().map(|(_, text)| Effect::Save(Some(path), String::new(), text)),
            Act::SaveDialog => return self.results().map(|(name, text)| Effect::Save(None, name, text)),
        }
        None
    }

    fn begin(&mut self, id: &str, seed: Option<u64>) {
        let clock = self.course.clock;
        let lesson = match load_builtin(id) {
            Some(Ok(lesson)) => Arc::new(lesson),
            Some(Err(problems)) => return self.notice = Some((problems.to_string(), clock + 12.0)),
            None => return self.notice = Some((format!("There is no lesson `{id}`."), clock + 8.0)),
        };
        match Taking::new(lesson, seed, &self.settings.language, clock) {
            Ok(taking) => {
                self.course.taking = Some(Box::new(taking));
                (self.course.before, self.course.list, self.course.exploring) = (None, false, None);
                self.layout = Layout::Lesson;
                self.fill = None;
                self.sheets.clear();
                self.put_moment();
            }
            Err(why) => self.notice = Some((format!("This lesson cannot begin: {why}"), clock + 12.0)),
        }
    }

    /// Reset: the lesson begins again; Undo brings back what was done.
    fn begin_again(&mut self) {
        let Some(old) = self.course.taking.take() else { return };
        let (id, seed) = (old.id.clone(), old.session.runs.seed);
        self.begin(&id, seed);
        self.course.before = Some(old);
        let words = "The lesson begins again. Ctrl+Z brings back what you had.";
        self.undo_until = self.course.clock + UNDO;
        self.notice = Some((words.to_owned(), self.undo_until));
    }

    /// The lesson comes onto the desk: its layout was chosen.
    pub(in crate::gui) fn enter_lesson(&mut self) {
        self.layout = Layout::Lesson;
        self.fill = None;
        if self.course.exploring.take().is_some() {
            self.course.list = false;
        }
        let Some(run) = self.taken().map(Taking::run) else { return };
        if !Arc::ptr_eq(&run, &self.run) || self.now > self.limit() {
            self.put_moment();
        }
    }

    fn act_moment(&mut self, n: usize) {
        if let Some(taking) = self.taken()
            && taking.session.go(n).is_ok()
        {
            self.put_moment();
        }
    }

    fn with_draft(&mut self, change: impl Fn(&mut Draft, &crate::lesson::answer::Asking)) {
        if !self.at_moment() {
            return;
        }
        let Some(taking) = self.taken().filter(|t| t.asked().is_some()) else { return };
        if let (Some(draft), Some(asking)) = (taking.drafts.get_mut(taking.part), taking.asks.get(taking.part))
            && !asking.offers.is_empty()
        {
            change(draft, asking);
            taking.wrong = None;
        }
    }

    fn pick(&mut self, part: usize, offer: usize) {
        if !self.at_moment() {
            return;
        }
        let Some(taking) = self.taken().filter(|t| t.asked().is_some()) else { return };
        let Some(asking) = taking.asks.get(part).filter(|a| offer < a.offers.len()) else { return };
        let kind = asking.kind;
        let draft = &mut taking.drafts[part];
        taking.part = part;
        draft.chosen = Some(if kind == Kind::Order {
            draft.order.iter().position(|n| *n == offer).unwrap_or(offer)
        } else {
            offer
        });
        taking.wrong = None;
    }

    /// A letter answers the part whose turn it is; then it is the next part's.
    fn letter(&mut self, offer: usize) {
        if self.lesson().is_some_and(Taking::proving) && self.at_moment() {
            return self.prove(offer);
        }
        let part = self.lesson().map_or(0, |t| t.part);
        if self.lesson().and_then(|t| t.asks.get(part)).is_some_and(|a| a.kind == Kind::Order) {
            return self.with_draft(|draft, asking| {
                if offer < asking.offers.len() {
                    draft.name_card(offer);
                }
            });
        }
        self.pick(part, offer);
        if let Some(taking) = self.taken() {
            let open = |n: &usize| taking.drafts[*n] == Draft::of(&taking.asks[*n]);
            let count = taking.drafts.len();
            let next = (part + 1..count).chain(0..part.min(count)).find(open);
            if taking.drafts.get(part).is_some_and(|d| d.chosen.is_some()) {
                taking.part = next.unwrap_or(part);
            }
        }
    }

    fn lock(&mut self) {
        let clock = self.course.clock;
        if !self.at_moment() {
            return;
        }
        let Some(taking) = self.taken() else { return };
        let Some(question) = taking.asked() else { return };
        let since = taking.since(clock);
        let answers: Result<Vec<Answer>, (usize, String)> = (taking.drafts.iter().zip(&taking.asks).enumerate())
            .map(|(n, (draft, asking))| draft.answer(asking).map_err(|why| (n, why)))
            .collect();
        match answers.and_then(|a| taking.session.lock(question, a, since).map_err(|r| (taking.part, r.to_string()))) {
            Ok(()) => {
                taking.done.retain(|q| *q != question);
                taking.deal();
                self.selection = None;
            }
            Err((part, why)) => {
                taking.part = part;
                taking.wrong = Some(why);
            }
        }
        self.announcements += 1;
    }

    fn prove(&mut self, offer: usize) {
        if !self.at_moment() {
            return;
        }
        let Some(taking) = self.taken() else { return };
        let Card::Told(question) = taking.card else { return };
        let entry = taking.told.as_ref().and_then(|t| t.proofs.get(offer)).map(|(entry, _)| *entry);
        let Some(entry) = entry else { return };
        if let Ok(found) = taking.session.prove(question, entry)
            && let Some(told) = &mut taking.told
        {
            told.proved = Some((entry, found));
            self.announcements += 1;
        }
    }

    /// Goes to the proof of the card's answer and lights it; the card stays.
    fn show_proof(&mut self) {
        let Some(taking) = self.taken() else { return };
        let Some((run, entry)) = taking.told.as_ref().and_then(|t| t.outcome.proof.clone()) else { return };
        let run = taking.run_of(run.as_deref());
        let thing = thing_of(&run, entry);
        // On the map a packet is seen only while it moves; the ladder keeps it.
        if matches!(thing, Thing::Packet(_) | Thing::Stream(..)) && matches!(taking.view, View::Map | View::Stores) {
            taking.view = View::Ladder;
        }
        taking.aside = true;
        taking.heading = false;
        let place = entry.0 as usize + 1;
        self.run = run;
        let stop = self.run.stops.next(crate::explain::stops::Grain::Packet, place - 1);
        self.motion = None;
        self.playing = false;
        self.now = stop.map_or(place, |s| s.place);
        self.selection = Some(thing);
        self.announcements += 1;
    }

    /// Whether a click in a view answers what is asked: then it does that, and nothing else.
    fn answers(&mut self, clicked: &Clicked) -> bool {
        if !self.at_moment() {
            return false;
        }
        let run = Arc::clone(&self.run);
        let Some(taking) = self.taken() else { return false };
        let thing = match clicked {
            Clicked::Entry(entry) => thing_of(&run, *entry),
            Clicked::Thing(thing) => thing.clone(),
        };
        let fits = |entry: EntryId| match clicked {
            Clicked::Entry(clicked) if *clicked == entry => true,
            _ => same(&run, &thing, &thing_of(&run, entry)),
        };
        if taking.proving() && !taking.aside {
            let proofs = taking.told.as_ref().map(|t| t.proofs.clone()).unwrap_or_default();
            let found = proofs.iter().position(|(entry, _)| fits(*entry));
            if let Some(found) = found {
                self.prove(found);
            }
            return found.is_some();
        }
        if taking.asked().is_none() {
            return false;
        }
        let part = taking.part;
        let Some(asking) = taking.asks.get(part) else { return false };
        let meant = |answer: &Answer| match (answer, &thing) {
            (Answer::Host(name), Thing::Node(node)) => asking.kind == Kind::Host && run.node(*node) == name,
            (Answer::Event(id), _) => asking.kind == Kind::Click && fits(EntryId(*id)),
            _ => false,
        };
        let found = asking.offers.iter().position(|o| meant(&o.answer));
        let wanted = matches!(asking.kind, Kind::Click);
        if let Some(found) = found {
            self.pick(part, found);
        }
        // While a line is asked for, a click does not lead away from the question.
        found.is_some() || wanted
    }

    fn explore(&mut self, n: usize) -> Option<Effect> {
        let taking = self.course.taking.as_ref()?;
        let explore = taking.session.lesson.explore.get(n)?;
        let source = Source::Lesson(taking.id.clone(), Some(explore.id.clone()));
        self.course.exploring = Some(n);
        Some(Effect::Open(source, None, None))
    }

    /// The results file: a name for it, and its text.
    fn results(&mut self) -> Option<(String, String)> {
        let taking = self.course.taking.as_ref()?;
        let learner = self.settings.learner.trim();
        let results = Results::of(&taking.session, learner).ok()?;
        let safe: String = learner.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        let name = if safe.is_empty() { taking.id.clone() } else { format!("{}-{safe}", taking.id) };
        Some((format!("{name}.json"), results.to_text()))
    }
}

/// What was clicked in a view.
enum Clicked {
    Entry(EntryId),
    Thing(Thing),
}

/// Writes a results file; says what came of it.
pub fn save(path: &Path, text: &str) -> String {
    match std::fs::write(path, text) {
        Ok(()) => format!("Saved: {}", path.display()),
        Err(why) => format!("{} cannot be written: {why}", path.display()),
    }
}

/// The number that a learner has typed is the seed; a name is none.
pub fn seed_of(learner: &str) -> Option<u64> {
    learner.trim().parse().ok()
}

/// What came of all questions so far, for the learner's own profile: question, outcome.
pub fn profile(taking: &Taking) -> Vec<(usize, Option<session::Outcome>)> {
    let met = (0..taking.session.lesson.questions.len()).filter(|q| taking.session.given(*q).is_some());
    met.map(|q| (q, taking.session.outcome(q).ok().flatten())).collect()
}
