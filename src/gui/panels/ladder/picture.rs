//! A ladder's geometry painted: lanes, breaks, bands, timers, arrows, labels, clock. Shared by the ladder and by both
//! sides of Compare.

use std::cell::RefCell;

use eframe::egui::{
    Align2, Color32, CornerRadius, CursorIcon, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind,
    Ui, WidgetInfo, pos2, vec2,
};

use super::arrow::{self, Standing};
use super::labels::{Labels, words};
use crate::chart::ladder::{Arrow, Band, Break, Ladder, Progress, Timer};
use crate::explain::phases::Protocol;
use crate::gui::command::Command;
use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::panels::bands::{self, Flow};
use crate::gui::run::happened;
use crate::gui::theme::{Icon, Proto, med, mono, semi};
use crate::gui::widgets::{icon_at, text};
use crate::topology::Side;
use crate::trace::PacketId;

/// Width of a phase band.
pub const BAND: f32 = 18.0;
/// How far from an arrow a click is still its own.
const REACH: f32 = 8.0;

/// A ladder on the screen.
pub struct Picture<'a> {
    /// What happened until the moment shown, or all of it where the future is shown.
    pub ladder: &'a Ladder,
    /// Where the labels stand.
    pub labels: &'a Labels,
    /// Where its upper left corner is on the screen.
    pub origin: Pos2,
    /// Nothing below this height has happened yet: during a flight it moves.
    pub cut: f32,
    /// Where now is: no time of the clock is written under its line.
    pub now: f32,
    /// Its ground.
    pub ground: Color32,
    /// Left edge of the phase bands on the screen; `None`: they are not drawn.
    pub bands: Option<f32>,
    /// The clock's right edge on the screen; `None`: it is drawn elsewhere.
    pub clock: Option<f32>,
    /// The arrow that bears the flag: the first difference.
    pub flag: Option<PacketId>,
    /// Breaks bear their length.
    pub breaks_named: bool,
    /// The packet that the pointer is at.
    pub pointed: RefCell<Option<PacketId>>,
}

/// Where words stand already: no others are put there.
#[derive(Default)]
struct Room {
    taken: Vec<Rect>,
}

impl Room {
    fn claim(&mut self, rect: Rect) -> bool {
        let free = !self.taken.iter().any(|other| other.intersects(rect.shrink(0.5)));
        if free {
            self.taken.push(rect);
        }
        free
    }
}

/// An arrow as it was drawn, on the screen.
pub struct Drawn {
    arrow: Arrow,
    from: Pos2,
    to: Pos2,
    how: Standing,
}

impl Picture<'_> {
    fn x(&self, x: f32) -> f32 {
        self.origin.x + x
    }

    fn y(&self, y: f32) -> f32 {
        self.origin.y + y
    }

    /// The arrow as far as it has come at the cut, and its ends on the screen.
    fn flown(&self, a: &Arrow) -> Option<(Arrow, Pos2, Pos2)> {
        if a.y1 > self.cut {
            return None;
        }
        let mut a = a.clone();
        if a.y2 > self.cut + 0.01 {
            let share = if a.y2 > a.y1 { ((self.cut - a.y1) / (a.y2 - a.y1)).clamp(0.0, 1.0) } else { 0.0 };
            (a.x2, a.y2) = (a.x1 + (a.x2 - a.x1) * share, a.y1 + (a.y2 - a.y1) * share);
            a.progress = Progress::Flying;
        }
        let (from, to) = (pos2(self.x(a.x1), self.y(a.y1)), pos2(self.x(a.x2), self.y(a.y2)));
        Some((a, from, to))
    }

    /// Paints everything between `top` and `bottom` (heights of the ladder); what is painted can be acted on.
    pub fn show(&self, ui: &mut Ui, (top, bottom): (f32, f32), cx: &Cx<'_>) -> Vec<Drawn> {
        let seen = |y1: f32, y2: f32| y2 >= top - 24.0 && y1 <= bottom + 24.0;
        let p = ui.painter().clone();
        self.lanes(&p, top, bottom, cx);
        for b in self.ladder.breaks.iter().filter(|b| seen(b.y1, b.y2) && b.y1 <= self.cut) {
            self.break_(&p, b, cx);
        }
        self.phases(&p, cx);
        if let Some(right) = self.clock {
            for tick in
                self.ladder.clock.iter().filter(|k| seen(k.y, k.y) && (k.y - self.now).abs() > 14.0 && k.y <= self.cut)
            {
                let y = self.y(tick.y);
                p.hline(
                    self.x(self.ladder.right.x) + 3.0..=self.x(self.ladder.right.x) + 8.0,
                    y,
                    Stroke::new(1.0, cx.t.link),
                );
                text(&p, pos2(right, y), Align2::RIGHT_CENTER, &tick.text, mono(12.0), cx.t.text2);
            }
        }
        let mut room = Room::default();
        let drawn = self.arrows(ui, (top, bottom), &mut room, cx);
        for timer in self.ladder.timers.iter().filter(|t| seen(t.y1, t.y2) && t.y2 <= self.cut + 0.5) {
            self.timer(ui, timer, &mut room, cx);
        }
        if self.breaks_named {
            for b in self.ladder.breaks.iter().filter(|b| seen(b.y1, b.y2) && b.y1 <= self.cut) {
                self.break_name(&p, b, &mut room, cx);
            }
        }
        for d in drawn.iter().filter(|d| d.arrow.progress == Progress::Flying) {
            self.label(ui, d, &mut room, cx);
            arrow::flying(&p, d.to, self.colour(&d.arrow, cx), self.ground);
        }
        drawn
    }

    fn lanes(&self, p: &Painter, top: f32, bottom: f32, cx: &Cx<'_>) {
        let t = cx.t;
        let (from, until) = (self.y(top), self.y(bottom));
        for x in &self.ladder.ticks {
            p.extend(Shape::dashed_line(
                &[pos2(self.x(*x), from), pos2(self.x(*x), until)],
                Stroke::new(1.0, t.border_strong),
                2.0,
                6.0,
            ));
        }
        for lane in [&self.ladder.left, &self.ladder.right] {
            p.vline(self.x(lane.x), from..=until, Stroke::new(2.0, t.link));
        }
    }

    /// Time that was left out: the lanes are cut between two waves.
    fn break_(&self, p: &Painter, b: &Break, cx: &Cx<'_>) {
        let t = cx.t;
        let (left, right) = (self.x(self.ladder.left.x) - 8.0, self.x(self.ladder.right.x) + 8.0);
        let (y1, y2) = (self.y(b.y1), self.y(b.y2.min(self.cut)));
        let inner = (y2 - y1 - 12.0).max(0.0);
        if inner < 8.0 {
            return;
        }
        let (a, z) = (y1 + 6.0, y2 - 6.0);
        p.rect_filled(Rect::from_min_max(pos2(left, a), pos2(right, z)), CornerRadius::ZERO, self.ground);
        for y in [a, z] {
            let steps = ((right - left) / 4.0) as usize;
            let points = (0..=steps).map(|i| {
                let x = left + (right - left) * i as f32 / steps as f32;
                pos2(x, y + 2.0 * (x * 0.35).sin())
            });
            p.add(Shape::line(points.collect(), Stroke::new(1.25, t.link)));
        }
    }

    /// How long it was.
    fn break_name(&self, p: &Painter, b: &Break, room: &mut Room, cx: &Cx<'_>) {
        let (y1, y2) = (self.y(b.y1), self.y(b.y2.min(self.cut)));
        if y2 - y1 < 20.0 {
            return;
        }
        let galley = p.layout_no_wrap(b.text.clone(), semi(13.0), cx.t.text2);
        let middle = pos2((self.x(self.ladder.left.x) + self.x(self.ladder.right.x)) / 2.0, (y1 + y2) / 2.0);
        let plate = Rect::from_center_size(middle, galley.size());
        if room.claim(plate) {
            p.galley(plate.min, galley, cx.t.text2);
        }
    }

    fn protocol(&self, conn: crate::topology::ConnId, cx: &Cx<'_>) -> Protocol {
        cx.run.conversations.get(conn.0 as usize).map_or(Protocol::Other, |c| c.protocol)
    }

    fn phases(&self, p: &Painter, cx: &Cx<'_>) {
        let Some(x) = self.bands else { return };
        let area = |x: f32, y1: f32, y2: f32| {
            Rect::from_min_max(pos2(x, self.y(y1) + 0.5), pos2(x + BAND, self.y(y2.min(self.cut)) - 0.5))
        };
        for band in self.ladder.bands.iter().filter(|b| b.y1 < self.cut) {
            let rect = area(x, band.y1, until(&self.ladder.bands, band));
            bands::band(p, rect, band.part, self.protocol(band.conn, cx), Flow::Down, cx.t);
        }
        if cx.desk.settings.rfc_phases {
            for band in self.ladder.rfc.iter().filter(|b| b.y1 < self.cut) {
                let rect = area(x + BAND + 2.0, band.y1, until(&self.ladder.rfc, band));
                let colour = bands::colour(self.protocol(band.conn, cx), cx.t);
                bands::plain(p, rect, band.part.name(), colour, Flow::Down, cx.t);
            }
        }
    }

    /// An hourglass bar on the lane, from where the timer was set to where it fired.
    fn timer(&self, ui: &Ui, timer: &Timer, room: &mut Room, cx: &Cx<'_>) {
        let t = cx.t;
        let p = ui.painter();
        let x = self.x(timer.x);
        let (y1, y2) = (self.y(timer.y1), self.y(timer.y2));
        let bar = Rect::from_min_max(pos2(x - 4.0, y1), pos2(x + 4.0, y2.max(y1 + 4.0)));
        let colour = t.text2;
        p.rect(bar, CornerRadius::same(3), t.tint(colour), Stroke::new(1.5, colour), StrokeKind::Inside);
        let inside = timer.x <= (self.ladder.left.x + self.ladder.right.x) / 2.0;
        let side = if inside { 1.0 } else { -1.0 };
        let middle = pos2(x + side * 14.0, (y1 + y2) / 2.0);
        p.circle_filled(pos2(x, middle.y), 9.0, self.ground);
        icon_at(p, pos2(x, middle.y), Icon::Hourglass, 15.0, t.text);
        let words = format!("{} {}", timer_name(timer), timer.text);
        let anchor = if inside { Align2::LEFT_CENTER } else { Align2::RIGHT_CENTER };
        let galley = p.layout_no_wrap(words.clone(), med(13.0), t.text);
        let plate = anchor.anchor_size(middle, galley.size()).expand2(vec2(4.0, 1.0));
        // Where the middle is taken: nearer to where it fired, else the bar alone.
        let low = plate.translate(vec2(0.0, (y2 - y1) / 2.0 - 12.0));
        if let Some(plate) = [plate, low].into_iter().find(|plate| room.claim(*plate)) {
            p.rect_filled(plate, CornerRadius::same(4), self.ground);
            p.galley(plate.min + vec2(4.0, 1.0), galley, t.text);
        }
        let id = ui.scope_id().with(("timer", timer.fired.0));
        let response = ui.interact(bar.union(plate), id, Sense::CLICK | Sense::HOVER);
        response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, &words));
        if response.clicked() {
            cx.send(Command::ShowEntry(timer.fired));
        }
    }

    fn arrows(&self, ui: &mut Ui, (top, bottom): (f32, f32), room: &mut Room, cx: &Cx<'_>) -> Vec<Drawn> {
        let drawn: Vec<Drawn> = self
            .ladder
            .arrows
            .iter()
            .filter(|a| a.y2.max(a.y1) >= top - 24.0 && a.y1 <= bottom + 24.0)
            .filter_map(|a| self.flown(a))
            .map(|(arrow, from, to)| Drawn { how: standing(&arrow, cx), arrow, from, to })
            .collect();
        let p = ui.painter().clone();
        for Drawn { arrow: a, from, to, how } in &drawn {
            arrow::line(&p, a, (*from, *to), *how, self.colour(a, cx), self.ground, cx.t);
        }
        for d in &drawn {
            let thing = Thing::Packet(d.arrow.packet);
            cx.drawn(&thing, Rect::from_two_pos(d.from, d.to).expand2(vec2(6.0, -2.0)));
            if d.arrow.progress != Progress::Flying {
                self.label(ui, d, room, cx);
            }
            if self.flag == Some(d.arrow.packet) {
                self.flagged(ui, d.from, &d.arrow, cx);
            }
        }
        drawn
    }

    /// The label of an arrow, where there is room: of several that stand at one door the first says what it is.
    fn label(&self, ui: &Ui, d: &Drawn, room: &mut Room, cx: &Cx<'_>) {
        let lanes = (self.ladder.left.x, self.ladder.right.x);
        let Some(mut plate) = self.labels.of(&d.arrow, lanes).map(|r| r.translate(self.origin.to_vec2())) else {
            return;
        };
        // What stands at a door is named below the line of now, which would strike its words through.
        if d.arrow.progress == Progress::Flying && (plate.center().y - self.y(self.now)).abs() < 12.0 {
            plate = plate.translate(vec2(0.0, self.y(self.now) + 13.0 - plate.center().y));
        }
        if room.claim(plate) {
            let cut = arrow::label(ui.painter(), &d.arrow, plate, d.how, self.ground, cx.t);
            self.act(ui, &d.arrow, plate, cut, cx);
        }
    }

    fn colour(&self, a: &Arrow, cx: &Cx<'_>) -> Color32 {
        if a.dashed { cx.t.proto(Proto::Tcp) } else { bands::colour(self.protocol(a.conn, cx), cx.t) }
    }

    /// A label can be pointed at and clicked; the screen reader finds the arrow there.
    fn act(&self, ui: &Ui, a: &Arrow, plate: Rect, cut: bool, cx: &Cx<'_>) {
        let name = spoken(a, self.ladder, cx);
        let id = ui.scope_id().with(("arrow", a.packet.0));
        let response = ui.interact(plate, id, Sense::CLICK | Sense::HOVER);
        let selected = standing(a, cx).selected;
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, selected, &name));
        if response.hovered() {
            self.pointed.replace(Some(a.packet));
        }
        if response.clicked() {
            choose(a, cx);
        }
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        if cut {
            response.on_hover_text(name);
        }
    }

    /// The line of an arrow can be pointed at and clicked, too: `ground` is what lies under all labels.
    pub fn act_on_lines(&self, ground: &Response, drawn: &[Drawn], cx: &Cx<'_>) {
        let Some(at) = ground.hover_pos() else { return };
        if self.pointed.borrow().is_some() {
            return;
        }
        let near = drawn.iter().map(|d| (distance(at, d.from, d.to), d));
        let Some((_, d)) = near.filter(|(far, _)| *far <= REACH).min_by(|a, b| a.0.total_cmp(&b.0)) else { return };
        self.pointed.replace(Some(d.arrow.packet));
        ground.ctx.set_cursor_icon(CursorIcon::PointingHand);
        if ground.clicked() {
            choose(&d.arrow, cx);
        }
    }

    /// The flag at the first difference.
    fn flagged(&self, ui: &Ui, from: Pos2, a: &Arrow, cx: &Cx<'_>) {
        let t = cx.t;
        let outward = if a.x1 <= (self.ladder.left.x + self.ladder.right.x) / 2.0 { -1.0 } else { 1.0 };
        let at = from + vec2(outward * 15.0, -1.0);
        ui.painter().circle_filled(at, 11.0, t.accent);
        icon_at(ui.painter(), at, Icon::Flag, 14.0, t.on_accent);
        let response =
            ui.interact(Rect::from_center_size(at, vec2(24.0, 24.0)), ui.scope_id().with("flag"), Sense::hover());
        let words = "The first difference: which host opens the connection";
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words));
        response.on_hover_text(words);
    }
}

/// Where a band ends in the picture: of connections that overlap the later one is seen.
fn until<P>(all: &[Band<P>], band: &Band<P>) -> f32 {
    let later = all.iter().filter(|b| b.conn > band.conn && b.y1 >= band.y1);
    later.map(|b| b.y1).fold(band.y2, f32::min)
}

/// How far a point is from a line.
fn distance(at: Pos2, a: Pos2, b: Pos2) -> f32 {
    let way = b - a;
    let share = if way.length_sq() > 0.0 { ((at - a).dot(way) / way.length_sq()).clamp(0.0, 1.0) } else { 0.0 };
    (at - (a + way * share)).length()
}

fn standing(a: &Arrow, cx: &Cx<'_>) -> Standing {
    let touches = |thing: Option<&Thing>| match thing {
        Some(Thing::Packet(p) | Thing::Bytes(p, ..)) => *p == a.packet,
        Some(Thing::Stream(conn, side, from, until)) => {
            let (start, length) = cx.run.log.packet(a.packet).stream;
            *conn == a.conn && *side == a.from && start < *until && start + u64::from(length) > *from
        }
        _ => false,
    };
    Standing {
        selected: touches(cx.desk.selection.as_ref()),
        hovered: touches(cx.desk.hover.as_ref()),
        future: cx.motion.is_none() && !happened(a.sent, cx.place),
    }
}

/// Selects an arrow: now moves to its end.
pub fn choose(a: &Arrow, cx: &Cx<'_>) {
    cx.send(Command::ShowEntry(match a.progress {
        Progress::Arrived(entry) | Progress::Lost { entry, .. } => entry,
        Progress::Flying => a.sent,
    }));
    cx.send(Command::Select(Some(Thing::Packet(a.packet))));
}

/// An arrow in full, for the tooltip and the screen reader.
pub fn spoken(a: &Arrow, ladder: &Ladder, cx: &Cx<'_>) -> String {
    let name = |side: Side| if ladder.left.side == side { &ladder.left.name } else { &ladder.right.name };
    let at = |entry: crate::trace::EntryId| cx.run.log.entry(entry).at;
    let end = match a.progress {
        Progress::Arrived(entry) => format!("arrived at {}", at(entry)),
        Progress::Lost { entry, .. } => format!("lost at {}", at(entry)),
        Progress::Flying => "on its way".to_owned(),
    };
    format!("{}: {} to {}, sent at {}, {end}", words(a), name(a.from), name(a.from.other()), at(a.sent))
}

fn timer_name(timer: &Timer) -> &'static str {
    match timer.kind {
        crate::tcp::TimerKind::Retransmission => "waited for an ACK:",
        _ => "timer:",
    }
}
