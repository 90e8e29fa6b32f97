//! A world whose actions come from outside while it runs, and are written down.
//!
//! **Why the run can be repeated.** Of two things that happen at the same moment the one that was planned first comes
//! first. In a run of the recording all actions are planned at the beginning; so here, too, an action comes before
//! everything else at its moment, and a moment at which something has happened already is not used again: the action
//! comes a nanosecond later. The scenario's own actions are held back and done in the same way, in their order.
//!
//! **When there is more to do than there is time for** the world lags behind the clock. Then what is done outside comes
//! in where the world is, and not where the clock is: whoever does not take what he is sent must be able to stop it
//! before everything has happened that is overdue.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Speed;
use crate::action::{Action, RawDeed, RawSession, TimedAction};
use crate::scenario::recording;
use crate::sim::{Outside, Setup, World};
use crate::time::{Duration, Instant};
use crate::topology::NodeId;
use crate::trace::Level;

/// Events that are taken before the sockets are looked at again.
const ROUND: u32 = 20_000;

/// Who is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// Nobody.
    Nobody,
    /// Real programs or servers.
    Somebody,
    /// And something was said a moment ago, so that more may come at once.
    Talking,
    /// And one of the servers has not answered yet.
    Unanswered,
}

/// A world whose actions come from outside while it runs, and are written down.
#[derive(Debug)]
pub struct Live {
    world: World,
    /// Actions of the scenario that are still to come.
    planned: VecDeque<TimedAction>,
    speed: Speed,
    /// How far simulated time is.
    clock: u64,
    /// Real time at which that was so.
    wall: u64,
    /// How far simulated time was when something was said outside, by anybody, the last time.
    heard: u64,
    /// Lines of the recording that have not been taken yet.
    lines: String,
    /// The name of every node.
    names: Vec<String>,
    /// Something has been done since this was last asked.
    stirred: bool,
}

impl Live {
    /// A world at time 0. With [`Level::Counters`] it does not grow but for mail and connections.
    pub fn new(setup: &Setup, level: Level, speed: Speed) -> Live {
        Live::of(setup, speed, |setup| World::new(setup, level))
    }

    /// A world whose packets are captured, to be taken out of it as it goes on; see [`World::capturing`].
    pub fn capturing(setup: &Setup, speed: Speed) -> Live {
        Live::of(setup, speed, World::capturing)
    }

    fn of(setup: &Setup, speed: Speed, world: impl FnOnce(Arc<Setup>) -> World) -> Live {
        let planned = setup.actions.clone().into();
        let setup = Setup { actions: Vec::new(), ..setup.clone() };
        let names = setup.nodes.iter().map(|n| n.name.clone()).collect();
        let mut world = world(Arc::new(setup));
        world.listen_outside();
        Live { world, planned, speed, clock: 0, wall: 0, heard: 0, lines: String::new(), names, stirred: false }
    }

    /// The world as it is.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The same, for whoever takes out of it what would grow in it.
    pub(super) fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }

    /// What real programs are told, in order, since the last call.
    pub fn outside(&mut self) -> Vec<Outside> {
        self.world.outside()
    }

    /// Lines of the recording since the last call.
    pub fn lines(&mut self) -> String {
        std::mem::take(&mut self.lines)
    }

    /// Whether anything was done since the last call: then there may be something to be told.
    pub fn stirred(&mut self) -> bool {
        std::mem::take(&mut self.stirred)
    }

    /// Something is done on a connection, now.
    pub fn act(&mut self, host: NodeId, session: RawSession, deed: RawDeed) {
        let here = self.next().map_or(self.clock, |next| next.min(self.clock));
        let at = here.max(self.world.now().as_nanos().saturating_add(1));
        self.run(|next| next < at);
        // The scenario's own come first at equal times.
        while let Some(own) = self.planned.pop_front_if(|own| own.at.as_nanos() <= at) {
            self.world.act_now(own.at, own.action);
        }
        self.clock = self.clock.max(at);
        self.heard = self.clock;
        let at = Instant::from_nanos(at);
        let owner = match deed {
            RawDeed::Connect { to, .. } => self.world.owner(to),
            _ => None,
        };
        let server = owner.map_or("", |node| self.names[node.0 as usize].as_str());
        let line = recording::line(at, &self.names[host.0 as usize], session, &deed, server);
        self.lines.push_str(&line);
        self.stirred = true;
        self.world.act_now(at, Action::Raw { host, session, deed });
    }

    /// Lets time go on to the real time `wall`, in nanoseconds from the beginning. True if there is more to be done at
    /// once.
    pub fn advance(&mut self, wall: u64, company: Company) -> bool {
        let passed = self.clock.saturating_add(self.speed.simulated(wall.saturating_sub(self.wall)));
        self.clock = match self.speed {
            // What is overdue comes first: no time goes by meanwhile.
            Speed::Fast => self.next().map_or(passed, |next| passed.min(next)).max(self.clock),
            Speed::Thousandths(_) => passed,
        };
        self.wall = wall;
        for _ in 0..ROUND {
            let Some(next) = self.next() else { return false };
            let soon = self.clock.saturating_add(Speed::JUMP).min(self.heard.saturating_add(Speed::CHAIN));
            let jumps = match company {
                Company::Nobody => true,
                Company::Somebody => next <= soon,
                // Packets go on their way. Timers wait: whoever is about to speak must not find that minutes are over.
                Company::Talking => next <= self.heard.saturating_add(Speed::NEAR),
                // A SYN that waits for him would be sent again and again.
                Company::Unanswered => false,
            };
            let jumps = self.speed == Speed::Fast && jumps;
            if next > self.clock && !jumps {
                return false;
            }
            self.clock = self.clock.max(next);
            self.take();
            // Whoever is outside comes first: what he answers may be what is waited for.
            if self.world.has_outside() {
                self.heard = self.clock;
                return true;
            }
        }
        true
    }

    /// How long it takes in real time until something happens by itself.
    pub fn wait(&mut self) -> Option<std::time::Duration> {
        let next = self.next()?.saturating_sub(self.clock);
        Some(std::time::Duration::from_nanos(self.speed.real(next)))
    }

    /// Runs on to the end, as a run of the recording does, for a while; false when the end is there.
    pub fn finish_some(&mut self) -> bool {
        for _ in 0..ROUND {
            if self.next().is_none() {
                self.clock = self.clock.max(self.world.now().as_nanos());
                return false;
            }
            self.take();
        }
        // Nobody is there any more to be told.
        self.world.outside();
        true
    }

    /// How long the session has been, in simulated time.
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.clock)
    }

    /// When the next thing happens.
    fn next(&mut self) -> Option<u64> {
        let event = self.world.next_at().map(Instant::as_nanos);
        let own = self.planned.front().map(|own| own.at.as_nanos());
        event.into_iter().chain(own).min()
    }

    /// The next event or action of the scenario; at equal times the action.
    fn take(&mut self) {
        let event = self.world.next_at();
        match self.planned.pop_front_if(|own| event.is_none_or(|event| own.at <= event)) {
            Some(own) => self.world.act_now(own.at, own.action),
            None => {
                self.world.step();
            }
        }
    }

    fn run(&mut self, goes_on: impl Fn(u64) -> bool) {
        while self.next().is_some_and(&goes_on) {
            self.take();
        }
    }
}
