//! What every view gets: the run, the moment that is shown, the colours, and a way to ask for a change.

use std::cell::RefCell;

use eframe::egui::Rect;

use super::command::Command;
use super::desk::{Desk, Pin, Thing};
use super::lesson::Lit;
use super::motion::Leg;
use super::run::{Run, happened};
use super::theme::Tokens;
use crate::explain::scene::Scene;
use crate::time::Instant;
use crate::topology::{ConnId, NodeId};
use crate::trace::{EntryId, PacketId};

/// A flight that is going on: views that can show it blend from one scene to the other.
#[derive(Clone, Copy)]
pub struct MotionView<'a> {
    /// What is between the two moments.
    pub leg: &'a Leg,
    /// Behind the leg.
    pub to: &'a Scene,
    /// 0 at its begin, 1 at its end.
    pub share: f32,
}

/// See the [module](self).
pub struct Cx<'a> {
    /// The run that is looked at.
    pub run: &'a Run,
    /// What stands where at the moment shown. During a flight that is the moment at which the flight began.
    pub scene: &'a Scene,
    /// The moment shown, as a place in the record.
    pub place: usize,
    /// Its time.
    pub at: Instant,
    /// Colours.
    pub t: &'static Tokens,
    /// Selection, layout, settings.
    pub desk: &'a Desk,
    /// The flight that is going on.
    pub motion: Option<MotionView<'a>>,
    /// For a view that is a pinned copy: which.
    pin: Option<Pin>,
    sent: &'a RefCell<Vec<Command>>,
    /// What the lesson lights, and where it was drawn.
    lit: Vec<Lit>,
    places: RefCell<Vec<Rect>>,
    loose: RefCell<Vec<Rect>>,
}

impl<'a> Cx<'a> {
    /// For one frame.
    pub fn new(
        run: &'a Run,
        scene: &'a Scene,
        place: usize,
        t: &'static Tokens,
        desk: &'a Desk,
        motion: Option<MotionView<'a>>,
        sent: &'a RefCell<Vec<Command>>,
    ) -> Self {
        let lit = desk.lesson().filter(|_| desk.at_moment()).map(|t| t.lit(run)).unwrap_or_default();
        let (places, loose) = (RefCell::default(), RefCell::default());
        Cx { run, scene, place, at: run.at(place), t, desk, motion, pin: None, sent, lit, places, loose }
    }

    /// The same for a pinned copy.
    pub fn pinned(mut self, pin: Pin) -> Self {
        self.pin = Some(pin);
        self
    }

    /// The conversation that everything is about; a pinned copy keeps its own.
    pub fn conversation(&self) -> Option<ConnId> {
        match self.pin {
            Some(pin) => pin.conn,
            None => self.desk.conversation(),
        }
    }

    /// The packet of a pinned copy of layers and bytes.
    pub fn pinned_packet(&self) -> Option<PacketId> {
        self.pin.and_then(|pin| pin.packet)
    }

    /// Asks for a change; it is made after the frame.
    pub fn send(&self, command: Command) {
        self.sent.borrow_mut().push(command);
    }

    /// A view has drawn a thing here: what the lesson lights is left out of the dimming.
    pub fn drawn(&self, thing: &Thing, rect: Rect) {
        if self.lit.iter().any(|lit| matches!(lit, Lit::Thing(t) if t == thing)) {
            self.places.borrow_mut().push(rect);
        }
    }

    /// A view has drawn a tray here: the outgoing queue, or the mailboxes.
    pub fn drawn_tray(&self, node: NodeId, mailboxes: bool, rect: Rect) {
        let tray = if mailboxes { Lit::Mailbox(node) } else { Lit::Queue(node) };
        if self.lit.contains(&tray) {
            self.places.borrow_mut().push(rect);
        }
    }

    /// A view has drawn something that moves here: it is not cut by the edge of the light.
    pub fn drawn_loose(&self, rect: Rect) {
        if !self.lit.is_empty() {
            self.loose.borrow_mut().push(rect);
        }
    }

    /// Where what is lit was drawn since this was asked last, and what moves.
    pub fn take_lit(&self) -> (Vec<Rect>, Vec<Rect>) {
        (self.places.take(), self.loose.take())
    }

    /// Whether a lesson is being taken: the future is hidden, and so is what would tell it.
    pub fn in_lesson(&self) -> bool {
        self.desk.lesson().is_some()
    }

    /// Whether an entry has happened at the moment shown.
    pub fn happened(&self, entry: EntryId) -> bool {
        happened(entry, self.place)
    }

    /// The end of what may be shown: the moment shown, or the end of the record where the future is not hidden.
    pub fn horizon(&self) -> usize {
        if self.desk.shows_future() && self.pin.is_none() { self.run.end() } else { self.place }
    }

    /// Whether this thing is selected.
    pub fn selected(&self, thing: &Thing) -> bool {
        self.desk.selection.as_ref() == Some(thing)
    }

    /// Whether the pointer or the keyboard is at this thing, in whatever view.
    pub fn hovered(&self, thing: &Thing) -> bool {
        self.desk.hover.as_ref() == Some(thing)
    }
}
