//! Forward and back in a lesson: by the chosen grain, as everywhere, but both halt at every moment of the plan. What has
//! been reached can be looked at again; what has not, cannot.

use crate::explain::stops::Grain;
use crate::gui::desk::{Desk, Layout};
use crate::lesson::plan::Moment;
use crate::lesson::session::Refusal;

use super::taking::{Card, Taking};

impl Desk {
    /// The lesson that is shown, if the layout is that of lessons.
    pub fn lesson(&self) -> Option<&Taking> {
        self.course.shown().filter(|_| self.layout == Layout::Lesson)
    }

    pub(in crate::gui) fn taken(&mut self) -> Option<&mut Taking> {
        let here = self.layout == Layout::Lesson && !self.course.list;
        self.course.taking.as_deref_mut().filter(|_| here)
    }

    /// Whether the learner stands at the moment whose card is shown.
    pub fn at_moment(&self) -> bool {
        let Some(taking) = self.lesson() else { return false };
        let here = taking.session.moment();
        self.motion.is_none() && (self.now == here.place && !taking.heading || taking.aside)
    }

    /// The furthest place that may be looked at in the run on the desk.
    pub(in crate::gui) fn limit(&self) -> usize {
        let Some(taking) = self.lesson() else { return self.run.end() };
        let (plan, here) = (taking.session.plan(), taking.session.moment());
        let reached = &plan[taking.session.reached()];
        if reached.section == here.section {
            return reached.place.max(taking.furthest);
        }
        let last = plan.iter().filter(|m| m.section == here.section).map(|m| m.place).max();
        last.unwrap_or(here.place)
    }

    /// Puts the moment of the session on the desk.
    pub(in crate::gui) fn put_moment(&mut self) {
        let Some(taking) = self.taken() else { return };
        let (run, place, name) = (taking.run(), taking.session.moment().place, taking.session.moment().run.clone());
        taking.heading = false;
        taking.halt();
        let source = crate::gui::desk::Source::Lesson(taking.id.clone(), None);
        if !std::sync::Arc::ptr_eq(&self.run, &run) {
            self.run = run;
            (self.source, self.run_id) = (source, name);
            self.hover = None;
            self.history.clear();
            self.ahead.clear();
        }
        self.now = place;
        self.motion = None;
        self.playing = false;
        // The packet that a stop is about is the one whose bytes are shown.
        self.selection = self.lesson().and_then(Taking::packet);
        self.announcements += 1;
    }

    /// Forward by a grain. Says why not, where a question is open.
    pub(in crate::gui) fn lesson_forward(&mut self, grain: Grain, playing: bool) {
        let (now, clock, at_moment) = (self.now, self.course.clock, self.at_moment());
        let Some(taking) = self.taken() else { return };
        let since = taking.since(clock);
        if at_moment {
            if taking.aside {
                return self.put_moment();
            }
            // Each part of a tour is looked at before anything moves.
            if let Some(part) = taking.touring() {
                taking.seen[part] = true;
                self.playing = false;
                self.announcements += 1;
                return;
            }
            if taking.session.open().is_some() && matches!(taking.card, Card::Asked(_)) {
                return self.refuse(Refusal::Open);
            }
            if let Card::Told(question) = taking.card
                && taking.session.stop().is_some()
            {
                taking.done.push(question);
                taking.deal();
                if taking.card != Card::None {
                    self.announcements += 1;
                    self.playing = false;
                    return;
                }
            }
        }
        let (plan, here) = (taking.session.plan(), taking.session.moment().clone());
        let next = plan.get(taking.session.position() + 1).cloned();
        let (goal, arrives) = match next {
            _ if now < here.place => (here, false),
            Some(next) if next.section == here.section => (next, true),
            Some(_) => {
                return match taking.session.forward(since) {
                    Ok(_) => {
                        taking.furthest = 0;
                        self.put_moment();
                    }
                    Err(refusal) => self.refuse(refusal),
                };
            }
            None => return self.refuse(Refusal::End),
        };
        self.walk(grain, &goal, arrives, playing);
    }

    fn walk(&mut self, grain: Grain, goal: &Moment, arrives: bool, playing: bool) {
        let stop = self.run.stops.next(grain, self.now).map_or(goal.place, |s| s.place.min(goal.place));
        let Some(taking) = self.taken() else { return };
        taking.aside = false;
        taking.heading = arrives && stop >= goal.place;
        if stop > self.now {
            self.fly_to(stop, grain);
            self.playing = playing;
        }
        self.arrive();
    }

    /// Behind a flight: if it led to a moment of the plan, the lesson halts there.
    pub(in crate::gui) fn arrive(&mut self) {
        let (now, clock) = (self.now, self.course.clock);
        if self.motion.is_some() {
            return;
        }
        let Some(taking) = self.taken() else { return };
        taking.furthest = taking.furthest.max(now);
        if !std::mem::take(&mut taking.heading) {
            return;
        }
        let since = taking.since(clock);
        match taking.session.forward(since) {
            Ok(_) => self.put_moment(),
            Err(refusal) => self.refuse(refusal),
        }
    }

    /// Back by a grain, halting at the moments.
    pub(in crate::gui) fn lesson_back(&mut self, grain: Grain) {
        self.playing = false;
        let landed = self.motion.take().map(|m| m.shown());
        let now = self.now;
        let before = self.run.stops.previous(grain, now).map(|s| s.place);
        let Some(taking) = self.taken() else { return };
        if let Some(shown) = landed {
            // During a flight one is still at its begin.
            taking.heading = false;
            self.now = shown;
            self.announcements += 1;
            return;
        }
        if taking.aside {
            return self.put_moment();
        }
        let here = taking.session.moment().clone();
        let behind = now > here.place;
        if behind {
            self.now = before.unwrap_or(here.place).max(here.place);
            self.announcements += 1;
            return;
        }
        let Some(n) = taking.session.position().checked_sub(1) else { return self.refuse(Refusal::Beginning) };
        let previous = taking.session.plan()[n].clone();
        let there = before.unwrap_or(0).max(previous.place);
        let same = previous.section == here.section;
        // A moment was reached once: going to it is never refused.
        let _ = taking.session.back();
        self.put_moment();
        if same && there > previous.place {
            // Between the two: the former one's text stays, its card does not.
            self.now = there;
        }
    }

    /// After a jump: the last moment before now is the one whose text is shown.
    pub(in crate::gui) fn follow_lesson(&mut self) {
        if self.motion.is_some() {
            return;
        }
        let limit = self.limit();
        self.now = self.now.min(limit);
        let now = self.now;
        let Some(taking) = self.taken() else { return };
        if taking.aside || now == taking.session.moment().place {
            return;
        }
        let (plan, here) = (taking.session.plan(), taking.session.moment().clone());
        let fits =
            |(n, m): &(usize, &Moment)| *n <= taking.session.reached() && m.section == here.section && m.place <= now;
        let last = plan.iter().enumerate().rev().find(fits).map(|(n, _)| n);
        if let Some(n) = last.filter(|n| *n != taking.session.position()) {
            // It was reached before: going there is never refused.
            let _ = taking.session.go(n);
            taking.halt();
        }
    }

    /// Says why not.
    pub(in crate::gui) fn refuse(&mut self, refusal: Refusal) {
        let mut words = refusal.to_string();
        if let Some(first) = words.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        self.playing = false;
        self.notice = Some((format!("{words}."), self.course.clock + 6.0));
    }
}
