//! What the pointer is at, told to the other views: only when it changes, so that views do not take it from each other.

use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;

/// Of one view.
#[derive(Default)]
pub struct Pointing {
    told: Option<Thing>,
}

impl Pointing {
    /// Once a frame: what the pointer is at in this view.
    pub fn at(&mut self, thing: Option<Thing>, cx: &Cx<'_>) {
        if thing != self.told {
            cx.send(Command::Hover(thing.clone()));
            self.told = thing;
        }
    }
}
