//! The letter: one object from the first second to the last. It lies on its writer's card, is handed over, falls into
//! a tray, stays there, and climbs back when one goes back.

use eframe::egui::epaint::PathShape;
use eframe::egui::{self, Align2, Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, Ui, Vec2, pos2, vec2};

use super::Ground;
use super::flight::Pose;
use super::layout::Level;
use super::net::at;
use super::paint::plate;
use super::targets::{Group, Target, Targets};
use super::trays::{Lies, Tray};
use super::tube::Laid;
use crate::dissect::Carries;
use crate::explain::scene::{Letter, LetterKey, LetterPlace, Scene};
use crate::gui::command::Command;
use crate::gui::desk::{Sheet, Thing};
use crate::gui::theme::{Tokens, hex, mix, semi};
use crate::topology::NodeId;

/// Seconds into a tray.
const FALL: f64 = 0.3;
/// Seconds back.
const RETREAT: f64 = 0.15;

/// Where each letter was drawn last.
#[derive(Default)]
pub struct Letters {
    list: Vec<Shown>,
    place: usize,
}

struct Shown {
    key: LetterKey,
    from: Pos2,
    goal: Pos2,
    at: Pos2,
    since: f64,
    seconds: f64,
}

/// The paper.
fn paper(t: &Tokens) -> Color32 {
    if t.dark { hex(0xDFE4EC) } else { hex(0xFFFFFF) }
}

/// A sheet with lines of writing and a folded corner, centred.
pub fn sheet(p: &Painter, at: Pos2, size: Vec2, colour: Color32, copy: bool, t: &Tokens) -> Rect {
    let rect = Rect::from_center_size(pos2(at.x.round(), at.y.round()), size);
    let fold = (size.x * 0.3).round();
    let tiny = size.x < 16.0;
    if copy && tiny {
        // No room for the word: a second sheet behind it.
        let behind = rect.translate(vec2(-3.0, -3.0));
        p.rect(behind, CornerRadius::same(1), paper(t), Stroke::new(1.25, colour), eframe::egui::StrokeKind::Inside);
    }
    let (ground, edge) = (paper(t), if t.dark { colour } else { mix(colour, hex(0x181C25), 0.15) });
    let shadow = egui::Shadow { offset: [0, 2], blur: 5, spread: 0, color: t.shadow };
    p.add(shadow.as_shape(rect, CornerRadius::same(2)));
    let outline = vec![
        rect.left_top(),
        pos2(rect.right() - fold, rect.top()),
        pos2(rect.right(), rect.top() + fold),
        rect.right_bottom(),
        rect.left_bottom(),
    ];
    p.add(Shape::Path(PathShape::convex_polygon(outline.clone(), ground, Stroke::new(1.5, edge))));
    let corner = vec![
        pos2(rect.right() - fold, rect.top()),
        pos2(rect.right() - fold, rect.top() + fold),
        pos2(rect.right(), rect.top() + fold),
    ];
    p.add(Shape::Path(PathShape::convex_polygon(corner, mix(ground, edge, 0.35), Stroke::new(1.0, edge))));
    // Header, empty line, body.
    let (left, right) = (rect.left() + size.x * 0.2, rect.right() - size.x * 0.2);
    let row = size.y / 7.5;
    let mut y = rect.top() + row * 1.7;
    for (i, end) in [0.35, 0.6, 0.0, 1.0, 0.75].into_iter().enumerate() {
        if end > 0.0 {
            let ink = if i < 2 { colour } else { hex(0x6B7484) };
            let x = left + (right - left) * end;
            p.hline(left..=x, (y * 2.0).round() / 2.0, Stroke::new(if size.x > 16.0 { 1.5 } else { 1.0 }, ink));
        }
        y += row * if i == 2 { 0.75 } else { 1.0 };
    }
    if copy && !tiny {
        let word = plate(p, rect.left_center(), Align2::RIGHT_CENTER, "copy", semi(12.0), t.text, t);
        return rect.union(word);
    }
    rect
}

/// The outline of a sheet that has gone.
pub fn ghost(p: &Painter, at: Pos2, size: Vec2, t: &Tokens) {
    let r = Rect::from_center_size(at, size);
    let points = [r.left_top(), r.right_top(), r.right_bottom(), r.left_bottom(), r.left_top()];
    p.extend(Shape::dashed_line(&points, Stroke::new(1.25, t.text3), 3.0, 3.0));
}

/// What lies in a tray, by what the letter says of its place.
pub fn lies(place: &LetterPlace) -> Option<(NodeId, Lies)> {
    match place {
        LetterPlace::Queue { node, entry } => Some((*node, Lies::Queued(*entry))),
        LetterPlace::Mailbox { node, user, folder, uid } => {
            Some((*node, Lies::Stored(user.to_string(), folder.to_string(), *uid)))
        }
        _ => None,
    }
}

/// Where a letter's sheet has its centre, and how large it is; `None` if it is not drawn.
fn seat(g: &Ground<'_>, letter: &Letter, trays: &[Tray], tubes: &[Laid]) -> Option<(Pos2, Vec2)> {
    let sizes = &g.layout.sizes;
    let on_card = |node: &NodeId| {
        let rect = g.layout.spot(at(*node))?.rect;
        let centre = match g.layout.level {
            Level::Full => pos2(rect.right() - 24.0, rect.bottom() - 14.0),
            Level::Middle => pos2(rect.right() - 18.0, rect.bottom() - 9.0),
            Level::Small => pos2(rect.right() - 11.0, rect.bottom() - 4.0),
            _ => pos2(rect.right() - 10.0, rect.top() + 14.0),
        };
        Some((centre, sizes.letter))
    };
    match &letter.at {
        LetterPlace::Draft(node) | LetterPlace::Screen { node } | LetterPlace::Reader { node } => on_card(node),
        LetterPlace::Wire { conn, from, done, total, .. } => {
            let Some(tube) = tubes.iter().find(|t| t.conn == *conn) else { return on_card(from) };
            let share = (*done as f32 / (*total).max(1) as f32).clamp(0.0, 1.0);
            let room = (30.0 / tube.way.length()).min(0.5);
            // From the one who sends it to the one who is to get it.
            let share = room + share * (1.0 - 2.0 * room);
            let share = if tube.ends.0 == *from { share } else { 1.0 - share };
            Some((tube.way.at(share).0, sizes.letter))
        }
        LetterPlace::Queue { node, .. } | LetterPlace::Mailbox { node, .. } => {
            let (_, lies) = lies(&letter.at)?;
            let which = usize::from(matches!(lies, Lies::Stored(..)));
            let Some(tray) = trays.iter().find(|t| t.node == at(*node) && t.which == which) else {
                // Too small for trays.
                return on_card(node);
            };
            let drawn = g.layout.level < Level::Full || tray.drawn().any(|(row, _)| row.lies == lies);
            // Several lie in their rows.
            let rows = if tray.rows.len() > 1 { vec2(19.0, 24.0) } else { sizes.letter };
            let size = if g.layout.level == Level::Full { rows } else { letter_in(tray.rect) };
            drawn.then(|| (tray.seat(&lies, g.layout.level), size))
        }
        LetterPlace::Gone { .. } => None,
    }
}

/// A sheet that fits into a small tray.
fn letter_in(rect: Rect) -> Vec2 {
    let height = (rect.height() - 4.0).clamp(8.0, 20.0);
    vec2((height * 0.8).round(), height)
}

impl Letters {
    /// Forgets where letters were drawn: the map has changed.
    pub fn clear(&mut self) {
        self.list.clear();
    }

    /// Draws all letters. Gives the letter that is drawn in place of a flying packet, if there is one.
    #[expect(clippy::too_many_arguments, reason = "all that the stage knows goes into where a letter is")]
    pub fn draw(
        &mut self,
        ui: &Ui,
        g: &Ground<'_>,
        trays: &[Tray],
        behind: &[Tray],
        tubes: &[Laid],
        poses: &[Pose],
        targets: &mut Targets,
    ) {
        let (cx, t) = (g.cx, g.cx.t);
        let clock = ui.input(|i| i.time);
        let back = cx.place < self.place;
        self.place = cx.place;
        let mut used = Vec::new();
        let mut drawn: Vec<Rect> = Vec::new();
        for letter in &cx.scene.letters {
            let Some((here, size)) = seat(g, letter, trays, tubes) else { continue };
            let (goal, exact) = match moving(g, letter, here, behind, tubes, poses) {
                Some(place) => (place, true),
                None => (here, false),
            };
            let still = exact || cx.desk.settings.reduce_motion;
            let place = self.place(letter.key, goal, still, back, clock);
            if place != goal {
                ui.ctx().request_repaint();
            }
            used.push(letter.key);
            // Those that lie on the same place lie on a pile.
            let under = drawn.iter().filter(|r| r.contains(place)).count().min(2) as f32;
            if under > 0.0 && g.layout.level < Level::Full {
                continue;
            }
            // Away from the word at the left.
            let place = place + vec2(3.0, -3.0) * under;
            // One word is enough for a pile.
            let rect = sheet(&g.p, place, size, t.accent, letter.copy && under == 0.0, t);
            drawn.push(Rect::from_center_size(place, size));
            let n = used.len();
            targets.push(target(g, letter, rect, n));
        }
        self.list.retain(|s| used.contains(&s.key));
    }

    fn place(&mut self, key: LetterKey, goal: Pos2, still: bool, back: bool, clock: f64) -> Pos2 {
        let at = match self.list.iter().position(|s| s.key == key) {
            Some(i) => i,
            None => {
                self.list.push(Shown { key, from: goal, goal, at: goal, since: 0.0, seconds: FALL });
                self.list.len() - 1
            }
        };
        let shown = &mut self.list[at];
        if still {
            (shown.from, shown.goal, shown.at) = (goal, goal, goal);
            return goal;
        }
        if shown.goal.distance(goal) > 0.5 {
            shown.from = shown.at;
            shown.since = clock;
            shown.seconds = if back { RETREAT } else { FALL };
        }
        shown.goal = goal;
        let share = ((clock - shown.since) / shown.seconds).clamp(0.0, 1.0) as f32;
        shown.at = if share >= 1.0 { goal } else { shown.from + (goal - shown.from) * eased(share, back) };
        shown.at
    }
}

/// It falls like a thing; it climbs evenly.
fn eased(share: f32, back: bool) -> f32 {
    if back { 1.0 - (1.0 - share) * (1.0 - share) } else { share * share * (2.2 - 1.2 * share) }
}

/// Where a letter is during a flight or a fall; `None` if it stands still.
fn moving(
    g: &Ground<'_>,
    letter: &Letter,
    here: Pos2,
    behind: &[Tray],
    tubes: &[Laid],
    poses: &[Pose],
) -> Option<Pos2> {
    let motion = g.cx.motion.as_ref()?;
    if let Some(pose) = carried(g, letter, poses) {
        return Some(pose.at);
    }
    let then = later(motion.to, letter.key)?;
    if then.at == letter.at || motion.leg.flight.is_some() && !matches!(letter.at, LetterPlace::Wire { .. }) {
        // It stays, or changes its place when the packet has arrived.
        return None;
    }
    let (there, _) = seat(g, then, behind, tubes)?;
    let share = if motion.leg.flight.is_some() { motion.share } else { eased(motion.share, false) };
    Some(here + (there - here) * share)
}

fn later(scene: &Scene, key: LetterKey) -> Option<&Letter> {
    scene.letters.iter().find(|l| l.key == key)
}

/// The flying packet, if it carries the whole of this letter: then the letter is what flies.
fn carried<'a>(g: &Ground<'_>, letter: &Letter, poses: &'a [Pose]) -> Option<&'a Pose> {
    let LetterPlace::Wire { conn, .. } = &letter.at else { return None };
    poses.iter().find(|pose| {
        let row = g.cx.run.packets.row(pose.packet);
        pose.fallen.is_none()
            && row.is_some_and(|r| {
                matches!(r.carries, Carries::Letter { of: 1, .. }) && r.conn.is_some_and(|(c, _)| c == *conn)
            })
    })
}

/// Whether a packet is drawn as the letter itself.
pub fn is_letter(g: &Ground<'_>, pose: &Pose) -> bool {
    g.cx.scene.letters.iter().any(|l| carried(g, l, std::slice::from_ref(pose)).is_some())
}

fn target(g: &Ground<'_>, letter: &Letter, rect: Rect, n: usize) -> Target {
    let name = |node: &NodeId| g.who.get(at(*node)).map_or("?", |w| w.name.as_str());
    let place = match &letter.at {
        LetterPlace::Draft(node) => format!("not yet written, at {}: write it", name(node)),
        LetterPlace::Screen { node } => format!("on the screen of {}", name(node)),
        LetterPlace::Wire { from, to, .. } => format!("on the way from {} to {}", name(from), name(to)),
        LetterPlace::Queue { node, .. } => format!("in the outgoing queue of {}", name(node)),
        LetterPlace::Mailbox { node, user, folder, .. } => {
            format!("in {}'s mailbox at {}, folder {folder}", super::who::capital(user), name(node))
        }
        LetterPlace::Reader { node } => format!("a copy on the screen of {}", name(node)),
        LetterPlace::Gone { .. } => "gone".to_owned(),
    };
    let (thing, command) = match letter.content {
        Some(content) if !matches!(letter.at, LetterPlace::Draft(_)) => {
            (Some(Thing::Letter(content)), Command::Sheet(Sheet::Letter(content)))
        }
        _ => (None, Command::Sheet(Sheet::MailForm)),
    };
    Target {
        group: Group::Letters,
        key: (n, 0),
        rect,
        radius: 3,
        thing,
        name: format!("the letter, {place}"),
        help: String::new(),
        command: Some(command),
    }
}
