//! Pointing at things: what the pointer or the keyboard is at in one view is outlined in all of them.

use eframe::egui::Response;

use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::{Sheet, Thing};

/// What one view points at. Several views draw the same thing, so a view takes back only what it has said itself.
#[derive(Default)]
pub struct Pointing {
    said: Option<Thing>,
    now: Option<(Thing, bool)>,
    menu: Option<Thing>,
}

impl Pointing {
    /// The widget of a thing; call it for each one that is drawn. The right button opens its menu.
    pub fn at(&mut self, response: &Response, thing: impl Fn() -> Thing) {
        if response.secondary_clicked() {
            self.menu = Some(thing());
        }
        if response.hovered() {
            self.now = Some((thing(), true));
        } else if response.has_focus() && self.now.is_none() {
            self.now = Some((thing(), false));
        }
    }

    /// The pointer is at this thing, whatever widget it belongs to.
    pub fn over(&mut self, thing: Thing) {
        self.now = Some((thing, true));
    }

    /// At the end of the view's frame.
    pub fn done(&mut self, cx: &Cx<'_>) {
        if let Some(thing) = self.menu.take() {
            cx.send(Command::Sheet(Sheet::Menu(thing)));
        }
        let now = self.now.take();
        let (thing, by_pointer) = match now {
            Some((thing, by_pointer)) => (Some(thing), by_pointer),
            None => (None, false),
        };
        match (&thing, &self.said) {
            // There is one pointer: what it is at can be said again. A focus says itself once, or a pointer elsewhere
            // and the focus would take turns for ever.
            (Some(at), said) if said.as_ref() != Some(at) || (by_pointer && !cx.hovered(at)) => {
                cx.send(Command::Hover(thing.clone()));
            }
            (None, Some(said)) if cx.hovered(said) => cx.send(Command::Hover(None)),
            _ => {}
        }
        self.said = thing;
    }
}
