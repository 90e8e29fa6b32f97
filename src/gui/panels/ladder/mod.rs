//! The sequence chart of one conversation: two lanes, time runs down, each packet is an arrow.

mod arrow;
pub mod heads;
mod labels;
mod now;
mod picture;
mod toggle;

use std::cell::RefCell;
use std::rc::Rc;

use eframe::egui::{
    self, Align2, CornerRadius, EventFilter, Key, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

pub use self::heads::Heads;
pub use self::labels::Labels;
pub use self::now::{Now, now_line};
pub use self::picture::{BAND, Picture, choose};
pub use self::toggle::toggle;
use super::conversation::chooser;
use super::follow::{Follow, Scroll, obedient};
use super::pointing::Pointing;
use crate::chart::ladder::{Ladder, Options, Plan, Shown};
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::run::happened;
use crate::gui::theme::{Icon, R_CTRL, mono_med, reg};
use crate::gui::widgets::{focus_ring, hline, icon_at, rich};
use crate::topology::ConnId;

/// Height of the title row.
const HEAD: f32 = 44.0;
/// Of the figure.
const WIDEST: f32 = 980.0;
/// Free above the first event: room for its label and its flag.
pub const ABOVE: f32 = 10.0;

/// See the [module](self).
#[derive(Default)]
pub struct LadderView {
    /// Acknowledgements that carry nothing are drawn too.
    plain_acks: bool,
    whole: Option<Whole>,
    /// Until a place: at the moment shown, and behind the flight that is going on.
    until: [Option<(usize, Rc<Ladder>)>; 2],
    follow: Follow<ConnId>,
    pointing: Pointing,
}

/// The whole picture: labels and heights do not depend on the moment.
struct Whole {
    conn: ConnId,
    options: Options,
    plan: Plan,
    ladder: Rc<Ladder>,
    labels: Rc<Labels>,
}

impl LadderView {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let rect = ui.max_rect();
        let conn = cx.desk.conversation();
        let conn = conn.filter(|c| chooser::find(*c, cx).is_some_and(|c| happened(c.opened, cx.horizon())));
        let Some(conn) = conn else { return nothing(ui, rect, cx) };
        let head = if rect.height() < 200.0 { 36.0 } else { HEAD };
        self.head(ui, Rect::from_min_size(rect.min, vec2(rect.width(), head)), conn, cx);
        let body = Rect::from_min_max(pos2(rect.left(), rect.top() + head), rect.max);
        hline(ui.painter(), rect, body.top(), cx.t);
        // Wider, the arrows would be flat: the figure stands in the middle.
        let ground = CornerRadius { nw: 0, ne: 0, sw: 9, se: 9 };
        ui.painter().rect_filled(body, ground, cx.t.canvas);
        let heads = Rect::from_min_size(body.min, vec2(body.width(), Heads::height(body.height())));
        heads::ground(ui, heads, cx.t);
        let width = body.width().min(WIDEST);
        let figure = Rect::from_center_size(body.center(), vec2(width, body.height()));
        self.look(ui, conn, width, cx);
        self.body(ui, (body, figure), conn, cx);
    }

    fn head(&mut self, ui: &mut Ui, rect: Rect, conn: ConnId, cx: &Cx<'_>) {
        let rect = rect.shrink2(vec2(8.0, (rect.height() - 32.0) / 2.0));
        let width = toggle::width(ui, "ACKs");
        let right = (rect.right() - width - 8.0).min(rect.left() + 480.0);
        chooser::show(ui, Rect::from_min_max(rect.min, pos2(right, rect.bottom())), conn, cx);
        let at = Rect::from_min_max(pos2(rect.right() - width, rect.top()), rect.max);
        let name = "Show plain ACKs: acknowledgements that carry nothing else";
        if toggle(ui, at, "ACKs", name, self.plain_acks, cx.t) {
            self.plain_acks = !self.plain_acks;
        }
    }

    /// Brings the geometry up to date.
    fn look(&mut self, ui: &Ui, conn: ConnId, width: f32, cx: &Cx<'_>) {
        let bands = if cx.desk.settings.rfc_phases { 2.0 * BAND + 2.0 } else { BAND };
        // The clock has room for the last time of the run, the widest.
        let last = cx.run.at(cx.run.end()).to_string();
        let clock = ui.painter().layout_no_wrap(last, mono_med(12.0), cx.t.text2).size().x;
        let options = Options {
            width,
            has_left: false,
            plain_acks: self.plain_acks,
            now: None,
            left: 8.0 + bands + 22.0,
            right: (clock + 30.0).clamp(84.0, (width * 0.4).max(84.0)),
        };
        if self.whole.as_ref().is_none_or(|w| w.conn != conn || w.options != options) {
            let (log, names, packets) = (&cx.run.log, &cx.run.names, &cx.run.packets);
            let plan = Plan::new(&[Shown { log, names, packets, conversations: &[conn] }], &options);
            let whole = plan.ladder(0, log, None);
            let labels = Rc::new(Labels::new(ui.painter(), &whole));
            self.whole = Some(Whole { conn, options, plan, ladder: Rc::new(whole), labels });
            self.until = [None, None];
        }
        let plan = &self.whole.as_ref().expect("made above").plan;
        let places = [Some(cx.place), cx.motion.map(|m| m.leg.to)];
        // What was ahead is often what is shown next.
        let known: Vec<_> = self.until.iter().flatten().cloned().collect();
        self.until = places.map(|place| {
            let place = place?;
            let kept = known.iter().find(|(p, _)| *p == place).cloned();
            Some(kept.unwrap_or_else(|| (place, Rc::new(plan.ladder(0, &cx.run.log, Some(place))))))
        });
    }

    fn body(&mut self, ui: &mut Ui, (whole_width, body): (Rect, Rect), conn: ConnId, cx: &Cx<'_>) {
        let Some(whole) = &self.whole else { return };
        let (whole, labels) = (Rc::clone(&whole.ladder), Rc::clone(&whole.labels));
        let [Some((_, here)), there] = self.until.clone() else { return };
        // During a flight the picture behind it is cut where time is.
        let (shown, cut) = match (&there, cx.motion) {
            (Some((_, there)), Some(m)) => (Rc::clone(there), here.now + (there.now - here.now) * m.share),
            _ => (Rc::clone(&here), here.now),
        };
        let (now, future) = (cut, cx.desk.shows_future());
        let (shown, cut) = if future { (Rc::clone(&whole), f32::INFINITY) } else { (shown, cut) };
        let focus = ui.interact(body, ui.scope_id().with("ladder"), Sense::focusable_noninteractive());
        focus.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, "Sequence chart, time runs down"));
        if focus.has_focus() {
            keys(ui, focus.id, &whole, now, cx);
        }
        let heads = Heads::height(body.height());
        let lanes = Rect::from_min_size(body.min, vec2(body.width(), heads));
        let area = Rect::from_min_max(pos2(body.left(), lanes.bottom()), body.max);
        let wide = Rect::from_x_y_ranges(whole_width.x_range(), area.y_range());
        let bottom = if future { whole.height } else { now };
        let Scroll { offset, target } = self.follow.scroll(ui, conn, now + ABOVE, area.height(), cx);
        let height = (bottom + ABOVE + 24.0).max(target + area.height());
        let mut inner = ui.new_child(UiBuilder::new().id_salt("picture").max_rect(wide));
        obedient(&mut inner);
        inner.set_clip_rect(wide.intersect(ui.clip_rect()));
        let mut scroll =
            egui::ScrollArea::vertical().id_salt(("ladder", conn.0)).auto_shrink(false).min_scrolled_height(0.0);
        if let Some(offset) = offset {
            scroll = scroll.vertical_scroll_offset(offset);
        }
        let mut pointed = None;
        scroll.show_viewport(&mut inner, |ui, seen| {
            ui.set_height(height);
            let ground = ui.interact(wide, ui.scope_id().with("ground"), Sense::CLICK | Sense::HOVER);
            let picture = Picture {
                ladder: &shown,
                labels: &labels,
                origin: pos2(body.left(), ui.min_rect().top() + ABOVE),
                cut,
                now,
                ground: cx.t.canvas,
                bands: Some(body.left() + 8.0),
                clock: Some(body.right() - 10.0),
                flag: None,
                breaks_named: true,
                pointed: RefCell::new(None),
            };
            let drawn = picture.show(ui, (seen.top() - ABOVE, seen.bottom() - ABOVE), cx);
            picture.act_on_lines(&ground, &drawn, cx);
            pointed = picture.pointed.take();
            let (left, right) = (body.left() + 4.0, body.right() - 4.0);
            let now = Now { y: picture.origin.y + now, left, right, handle: right - 5.0, time: Align2::RIGHT_CENTER };
            now_line(ui, &now, picture.origin.y, &whole, cx);
        });
        heads::show(ui, lanes, &whole, body.left(), (None, None), cx);
        self.pointing.at(ui, pointed.map(Thing::Packet), cx);
        if focus.has_focus() {
            focus_ring(ui, body.shrink(6.0), R_CTRL, cx.t);
        }
    }
}

/// Up and Down move from arrow to arrow, and now with them.
fn keys(ui: &Ui, id: egui::Id, whole: &Ladder, now: f32, cx: &Cx<'_>) {
    let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
    let pressed = |key| ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, key));
    let selected = match &cx.desk.selection {
        Some(Thing::Packet(p) | Thing::Bytes(p, ..)) => whole.arrow_of(*p),
        _ => None,
    };
    let last = whole.arrows.iter().rposition(|a| happened(a.sent, cx.place) && a.y1 <= now);
    let here = selected.or(last);
    let there = if pressed(Key::ArrowUp) {
        here.and_then(|i| i.checked_sub(1))
    } else if pressed(Key::ArrowDown) {
        Some(here.map_or(0, |i| i + 1))
    } else {
        None
    };
    if let Some(arrow) = there.and_then(|i| whole.arrows.get(i)) {
        choose(arrow, cx);
    }
}

/// No connection yet.
fn nothing(ui: &Ui, rect: Rect, cx: &Cx<'_>) {
    let t = cx.t;
    let words = if cx.run.conversations.is_empty() {
        "Nobody opens a TCP connection in this run."
    } else {
        "No TCP connection yet. The first packet will be the first arrow."
    };
    let galley = ui.painter().layout_job(rich(&[(words, reg(14.0), t.text2)], (rect.width() - 48.0).min(320.0), 21.0));
    let at = pos2(rect.center().x - galley.size().x / 2.0, rect.top() + rect.height() * 0.42);
    if rect.height() > 120.0 {
        icon_at(ui.painter(), pos2(rect.center().x, at.y - 30.0), Icon::ArrowRightLeft, 28.0, t.text3);
    }
    ui.painter().galley(at, galley, t.text2);
    let response = ui.interact(rect, ui.scope_id().with("nothing"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
}
