//! Open TCP connections: a tube of 14 points from host to host, in one piece.

use eframe::egui::{Painter, Pos2, Shape, Stroke, vec2};

use super::Ground;
use super::cards::Roles;
use super::curve::Curve;
use super::net::at;
use super::paint::band;
use crate::explain::phases::Protocol;
use crate::explain::scene::Tube;
use crate::gui::theme::{Proto, alpha, mix};
use crate::topology::{ConnId, NodeId};

/// Width of a tube.
const WIDE: f32 = 14.0;

/// A tube in its place.
pub struct Laid {
    /// Which connection.
    pub conn: ConnId,
    /// Its way, client first.
    pub way: Curve,
    /// Its width.
    pub width: f32,
    /// The TCP handshake is done.
    pub open: bool,
    /// `TCP, port 25`.
    pub label: String,
    /// Where the label belongs: a point of the way.
    pub middle: Pos2,
    /// Colour of what is spoken in it.
    pub proto: Proto,
    /// Client and server, by name.
    pub ends: (NodeId, Option<NodeId>),
}

/// The colour of what is spoken in a connection.
fn proto(g: &Ground<'_>, conn: ConnId) -> Proto {
    match g.cx.run.conversations.get(conn.0 as usize).map(|c| c.protocol) {
        Some(Protocol::Smtp) => Proto::Smtp,
        Some(Protocol::Imap) => Proto::Imap,
        Some(Protocol::Pop3) => Proto::Pop3,
        Some(Protocol::Http) => Proto::Http,
        _ => Proto::Tcp,
    }
}

/// All tubes of the moment; those that share a link lie beside each other.
pub fn lay(g: &Ground<'_>) -> Vec<Laid> {
    let tubes: Vec<&Tube> = g.cx.scene.tubes.iter().filter(|t| t.nodes.len() > 1).collect();
    let count = tubes.len() as f32;
    let width = if count > 3.0 {
        (36.0 / count).max(3.0)
    } else if g.layout.sizes.card.y < 40.0 {
        9.0
    } else {
        WIDE
    };
    let mut laid = Vec::new();
    for (i, tube) in tubes.iter().enumerate() {
        let hops: Vec<(usize, bool)> = tube.nodes.windows(2).filter_map(|w| g.hop(at(w[0]), at(w[1]))).collect();
        if hops.len() + 1 != tube.nodes.len() {
            continue;
        }
        let mut way = g.layout.way(hops.iter().copied());
        if way.is_empty() {
            continue;
        }
        let beside = (i as f32 - (count - 1.0) / 2.0) * (width + 3.0);
        // Beside each other in one order, whichever end opened them.
        g.lanes.borrow_mut().push((tube.conn, beside));
        let backwards = way.at(1.0).0.x < way.at(0.0).0.x;
        if beside != 0.0 {
            way = Curve::new(way.parallel(if backwards { -beside } else { beside }));
        }
        let longest = hops.iter().max_by(|a, b| g.length(a.0).total_cmp(&g.length(b.0)));
        let middle = longest.and_then(|(l, _)| g.layout.links.get(*l)?.as_ref()).map_or(way.at(0.5).0, |c| c.at(0.5).0);
        laid.push(Laid {
            conn: tube.conn,
            way,
            width,
            open: tube.open,
            label: format!("TCP, port {}", tube.port),
            middle: middle + vec2(0.0, beside.min(0.0)),
            proto: proto(g, tube.conn),
            ends: (tube.client, tube.server),
        });
    }
    laid
}

/// What each host is in the open connections.
pub fn roles(g: &Ground<'_>, laid: &[Laid]) -> Vec<Roles> {
    let mut roles = vec![Roles::default(); g.net.kinds.len()];
    for tube in laid {
        if let Some(role) = roles.get_mut(at(tube.ends.0)) {
            role.client = Some(tube.proto);
        }
        if let Some(role) = tube.ends.1.and_then(|s| roles.get_mut(at(s))) {
            role.server = Some(tube.proto);
        }
    }
    roles
}

/// Draws the tubes.
pub fn draw(g: &Ground<'_>, laid: &[Laid]) {
    let (t, p) = (g.cx.t, &g.p);
    for tube in laid {
        let colour = t.proto(tube.proto);
        let edge = mix(t.canvas, colour, if t.dark { 0.75 } else { 0.7 });
        p.add(band(&tube.way, tube.width, mix(t.canvas, colour, if t.dark { 0.20 } else { 0.13 })));
        for side in [-0.5, 0.5] {
            outline(p, &tube.way.parallel(side * tube.width), tube.open, Stroke::new(1.5, edge));
        }
        if !tube.open {
            p.add(band(&tube.way, 1.5, alpha(edge, 0.6)));
        }
    }
}

fn outline(p: &Painter, points: &[Pos2], whole: bool, stroke: Stroke) {
    if whole {
        p.add(Shape::line(points.to_vec(), stroke));
    } else {
        p.extend(Shape::dashed_line(points, stroke, 6.0, 5.0));
    }
}
