//! Both ladders: geometry on one axis, kept from frame to frame.

use std::cell::RefCell;
use std::rc::Rc;

use eframe::egui::{self, Align2, CornerRadius, EventFilter, Id, Key, Pos2, Rect, Response, Ui, pos2};

use crate::chart::ladder::{Arrow, Ladder, Options, Plan, Shown};
use crate::explain::push_pull::Comparison;
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::panels::bands;
use crate::gui::panels::follow::{Follow, Scroll};
use crate::gui::panels::ladder::{ABOVE, BAND, Heads, Labels, Now, Picture, choose, heads, now_line};
use crate::gui::run::happened;
use crate::gui::theme::{med, semi};
use crate::gui::widgets::{elided, hline, text};
use crate::trace::PacketId;

/// Between a lane and the axis: room for the flag.
const BY_THE_AXIS: f32 = 32.0;

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// HTTP, at the left.
    Pull,
    /// SMTP, at the right.
    Push,
}

impl Part {
    const fn index(self) -> usize {
        match self {
            Part::Pull => 0,
            Part::Push => 1,
        }
    }
}

/// Both up to the same moment.
type Pair = [Rc<Ladder>; 2];

/// See the [module](self).
#[derive(Default)]
pub struct Sides {
    options: Option<Options>,
    plan: Option<Plan>,
    whole: Option<Pair>,
    labels: [Rc<Labels>; 2],
    flags: [Option<PacketId>; 2],
    /// Until the moment shown, and behind the flight that is going on.
    until: [Option<(usize, Pair)>; 2],
    follow: Follow<()>,
}

/// Height of the title in ladders of this height: where there is little room it stands elsewhere.
fn title_height(height: f32) -> f32 {
    match height {
        ..180.0 => 0.0,
        ..320.0 => 28.0,
        _ => 34.0,
    }
}

/// Height of the heads in ladders of this height.
pub fn head_height(height: f32) -> f32 {
    title_height(height) + if height < 320.0 { Heads::LOW } else { Heads::height(height) }
}

fn plan(comparison: &Comparison, options: &Options, cx: &Cx<'_>) -> Plan {
    let (log, names, packets) = (&cx.run.log, &cx.run.names, &cx.run.packets);
    let both = [&comparison.pull, &comparison.push];
    Plan::new(&both.map(|conversations| Shown { log, names, packets, conversations }), options)
}

fn both(plan: &Plan, now: Option<usize>, cx: &Cx<'_>) -> Pair {
    [0, 1].map(|number| Rc::new(plan.ladder(number, &cx.run.log, now)))
}

impl Sides {
    /// Brings the geometry up to date.
    pub fn look(&mut self, ui: &Ui, comparison: &Comparison, width: f32, cx: &Cx<'_>) {
        let bands = bands_width(cx);
        let left = 8.0 + bands + 20.0;
        let options = Options { width, has_left: true, plain_acks: false, now: None, left, right: BY_THE_AXIS };
        if self.options.as_ref() != Some(&options) {
            let plan = plan(comparison, &options, cx);
            let whole = both(&plan, None, cx);
            self.labels = [&whole[0], &whole[1]].map(|ladder| Rc::new(Labels::new(ui.painter(), ladder)));
            let first = comparison.first_difference();
            let of = |ladder: &Ladder, entry| ladder.arrows.iter().find(|a| Some(a.sent) == entry).map(|a| a.packet);
            self.flags = [of(&whole[0], first.map(|f| f.0)), of(&whole[1], first.map(|f| f.1))];
            self.whole = Some(whole);
            self.plan = Some(plan);
            self.until = [None, None];
            self.options = Some(options.clone());
        }
        let plan = self.plan.as_ref().expect("made above");
        let known: Vec<(usize, Pair)> = self.until.iter().flatten().cloned().collect();
        self.until = [Some(cx.place), cx.motion.map(|m| m.leg.to)].map(|place| {
            let place = place?;
            let kept = known.iter().find(|(p, _)| *p == place).cloned();
            Some(kept.unwrap_or_else(|| (place, both(plan, Some(place), cx))))
        });
    }

    fn whole(&self) -> &Pair {
        self.whole.as_ref().expect("looked at before it is drawn")
    }

    /// At the moment shown.
    fn here(&self) -> &Pair {
        &self.until[0].as_ref().expect("looked at before it is drawn").1
    }

    /// The height of now: one for both. During a flight it moves.
    pub fn now(&self, cx: &Cx<'_>) -> f32 {
        let now = |pair: &Pair| pair[0].now.max(pair[1].now);
        let here = now(self.here());
        match (&self.until[1], cx.motion) {
            (Some((_, there)), Some(m)) => here + (now(there) - here) * m.share,
            _ => here,
        }
    }

    /// Height of all.
    pub fn height(&self) -> f32 {
        self.whole().iter().map(|l| l.height).fold(0.0, f32::max)
    }

    /// The one whose clock and breaks are the axis: they are the same in both.
    pub fn axis(&self, cx: &Cx<'_>) -> &Ladder {
        match (&self.until[1], cx.motion) {
            _ if cx.desk.shows_future() => &self.whole()[0],
            (Some((_, there)), Some(_)) => &there[0],
            _ => &self.here()[0],
        }
    }

    /// Draws one of them with its upper left corner at `at`; gives the packet that the pointer is at.
    pub fn show(
        &self,
        ui: &mut Ui,
        (part, at): (Part, Pos2),
        width: f32,
        seen: (f32, f32),
        ground: &Response,
        cx: &Cx<'_>,
    ) -> Option<PacketId> {
        let i = part.index();
        let options = self.options.as_ref()?;
        let future = cx.desk.shows_future();
        let shown = match (&self.until[1], cx.motion) {
            _ if future => &self.whole()[i],
            (Some((_, there)), Some(_)) => &there[i],
            _ => &self.here()[i],
        };
        // Pull has its phases at the left, push at the right: so both stand beside the axis alike.
        let (x, bands) = match part {
            Part::Pull => (at.x, at.x + 8.0),
            Part::Push => (at.x + options.right - options.left, at.x + width - 8.0 - bands_width(cx)),
        };
        let picture = Picture {
            ladder: shown,
            labels: &self.labels[i],
            origin: pos2(x, at.y),
            cut: if future { f32::INFINITY } else { self.now(cx) },
            now: self.now(cx),
            ground: cx.t.canvas,
            bands: Some(bands),
            clock: None,
            flag: self.flags[i],
            breaks_named: false,
            pointed: RefCell::new(None),
        };
        ui.push_id(i, |ui| {
            let drawn = picture.show(ui, seen, cx);
            picture.act_on_lines(ground, &drawn, cx);
        });
        picture.pointed.take()
    }

    /// What stands above one of them: what it is, the hosts, which of them has the content.
    pub fn head(&self, ui: &mut Ui, rect: Rect, part: Part, whole_height: f32, cx: &Cx<'_>) {
        let t = cx.t;
        let Some(options) = &self.options else { return };
        let whole = &self.whole()[part.index()];
        let x = match part {
            Part::Pull => rect.left(),
            Part::Push => rect.left() + options.right - options.left,
        };
        let (name, note, protocol) = match part {
            Part::Pull => ("Pull: HTTP", "client pull", crate::explain::phases::Protocol::Http),
            Part::Push => ("Push: SMTP", "client push", crate::explain::phases::Protocol::Smtp),
        };
        let title = title_height(whole_height);
        let lanes = Rect::from_min_max(pos2(rect.left(), rect.top() + title), rect.max);
        if title > 0.0 {
            let p = ui.painter();
            let at = pos2(rect.left() + 14.0, rect.top() + title / 2.0);
            let said = text(p, at, Align2::LEFT_CENTER, name, semi(15.0), bands::colour(protocol, t));
            let room = rect.right() - said.right() - 20.0;
            elided(p, pos2(said.right() + 10.0, at.y), note, med(13.5), t.text2, room);
            hline(p, rect, lanes.top(), t);
        }
        let outer = if title > 0.0 { 0 } else { 9 };
        let (nw, ne) = if part == Part::Pull { (outer, 0) } else { (0, outer) };
        ui.painter().rect_filled(lanes, CornerRadius { nw, ne, sw: 0, se: 0 }, t.surface2);
        hline(ui.painter(), lanes, lanes.bottom(), t);
        ui.push_id(("head", part.index()), |ui| {
            heads::show(ui, lanes, whole, x, (Some("has the content"), Some("wants it")), cx);
        });
    }

    /// One line over both, with its handle on the axis.
    pub fn now_line(&self, ui: &mut Ui, top: f32, (left, right): (f32, f32), axis: &Rect, cx: &Cx<'_>) {
        let now = Now { y: top + self.now(cx), left, right, handle: axis.center().x, time: Align2::CENTER_TOP };
        now_line(ui, &now, top, &self.whole()[0], cx);
    }

    /// Where the picture is scrolled to.
    pub fn scroll(&mut self, ui: &Ui, height: f32, cx: &Cx<'_>) -> Scroll {
        let now = self.now(cx) + ABOVE;
        self.follow.scroll(ui, (), now, height, cx)
    }

    /// Up and Down move from arrow to arrow of both, in the order of time, and now with them.
    pub fn keys(&self, ui: &Ui, id: Id, cx: &Cx<'_>) {
        let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
        let pressed = |key| ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, key));
        let (up, down) = (pressed(Key::ArrowUp), pressed(Key::ArrowDown));
        if !up && !down {
            return;
        }
        let mut all: Vec<&Arrow> = self.whole().iter().flat_map(|l| l.arrows.iter()).collect();
        all.sort_by_key(|a| a.sent);
        let selected = match &cx.desk.selection {
            Some(Thing::Packet(p) | Thing::Bytes(p, ..)) => all.iter().position(|a| a.packet == *p),
            _ => None,
        };
        let here = selected.or(all.iter().rposition(|a| happened(a.sent, cx.place)));
        let there = if up { here.and_then(|i| i.checked_sub(1)) } else { Some(here.map_or(0, |i| i + 1)) };
        if let Some(arrow) = there.and_then(|i| all.get(i)) {
            choose(arrow, cx);
        }
    }
}

fn bands_width(cx: &Cx<'_>) -> f32 {
    if cx.desk.settings.rfc_phases { 2.0 * BAND + 2.0 } else { BAND }
}
