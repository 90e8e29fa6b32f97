//! A picture that scrolls by itself so that now stays where the eye is: a step forward moves it, a hand may.

use eframe::egui::{Id, Ui};

use crate::gui::cx::Cx;

/// Now is kept at this share of the height.
pub const NOW: f32 = 0.7;
/// Seconds in which it gets there.
const SECONDS: f32 = 0.15;

/// See the [module](self). `K`: what is followed; when it changes the picture jumps.
pub struct Follow<K> {
    key: Option<(K, usize, i32)>,
    /// For so many frames the offset is still forced: in the first one the toolkit knows only the picture's old end.
    forced: u8,
}

impl<K> Default for Follow<K> {
    fn default() -> Self {
        Follow { key: None, forced: 0 }
    }
}

/// A scroll area in this part of the view does as it is told: from an offset that lies behind the end that the picture
/// had a frame ago it would spring back, and go on springing.
pub fn obedient(ui: &mut Ui) {
    ui.spacing_mut().scroll.kinetic.rubber_band = false;
}

/// What the scroll area is told.
pub struct Scroll {
    /// The offset that is forced now; `None`: it stays where a hand has put it.
    pub offset: Option<f32>,
    /// Where now wants the picture to be.
    pub target: f32,
}

impl<K: Copy + PartialEq> Follow<K> {
    /// `now` is a height in the picture, `height` that of the view.
    pub fn scroll(&mut self, ui: &Ui, what: K, now: f32, height: f32, cx: &Cx<'_>) -> Scroll {
        let target = (now - height * NOW).max(0.0).round();
        let key = (what, cx.place, height as i32);
        let same = self.key.is_some_and(|(before, ..)| before == what);
        if self.key != Some(key) {
            self.key = Some(key);
            self.forced = 3;
        }
        let id: Id = ui.scope_id().with("follow");
        let still = cx.desk.settings.reduce_motion || cx.motion.is_some() || !same;
        let offset = ui.ctx().animate_value_with_time(id, target, if still { 0.0 } else { SECONDS });
        let offset = if still { target } else { offset };
        if self.forced == 0 && cx.motion.is_none() {
            return Scroll { offset: None, target };
        }
        if (offset - target).abs() < 0.5 {
            self.forced = self.forced.saturating_sub(1);
            ui.ctx().request_repaint();
        }
        Scroll { offset: Some(offset), target }
    }
}
