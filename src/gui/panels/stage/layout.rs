//! Where everything stands: pure geometry of (network, size of the region).
//!
//! Positions are shares of the region, sizes are points. There are five sets of sizes; the largest with which nothing
//! touches anything else is taken, so that the map is right from the smallest region to the largest.

use eframe::egui::{Pos2, Rect, Vec2, pos2, vec2};

use super::curve::Curve;
use super::net::{Kind, Net};
use super::place;

/// How much of a host is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A dot; its name when it is pointed at.
    Dot,
    /// An icon with the name below it.
    Tiny,
    /// A small card with the name; trays are counts.
    Small,
    /// A card with role and name; trays are counts with a word.
    Middle,
    /// A card of 176 by 64; open trays with rows.
    Full,
}

impl Level {
    const ALL: [Level; 5] = [Level::Full, Level::Middle, Level::Small, Level::Tiny, Level::Dot];
}

/// Sizes in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    /// Of a host.
    pub card: Vec2,
    /// Of one tray.
    pub tray: Vec2,
    /// Between card and trays, and between trays.
    pub tray_gap: f32,
    /// Of a router's circle.
    pub router: f32,
    /// Half the side of a switch.
    pub switch: f32,
    /// Room for a link between columns.
    pub lane: f32,
    /// Text of the first row.
    pub role: f32,
    /// Text of the second row.
    pub name: f32,
    /// The letter.
    pub letter: Vec2,
    /// Radius of a step's disc.
    pub disc: f32,
}

impl Sizes {
    /// Of a level.
    pub const fn of(level: Level) -> Sizes {
        match level {
            Level::Full => Sizes {
                card: vec2(176.0, 64.0),
                tray: vec2(150.0, 100.0),
                tray_gap: 8.0,
                router: 20.0,
                switch: 11.0,
                lane: 30.0,
                role: 15.0,
                name: 13.0,
                letter: vec2(24.0, 30.0),
                disc: 10.0,
            },
            Level::Middle => Sizes {
                card: vec2(156.0, 50.0),
                tray: vec2(76.0, 24.0),
                tray_gap: 4.0,
                router: 17.0,
                switch: 9.0,
                lane: 26.0,
                role: 13.0,
                name: 12.0,
                letter: vec2(19.0, 24.0),
                disc: 9.0,
            },
            Level::Small => Sizes {
                card: vec2(106.0, 32.0),
                tray: vec2(51.0, 20.0),
                tray_gap: 4.0,
                router: 14.0,
                switch: 8.0,
                lane: 20.0,
                role: 12.0,
                name: 12.0,
                letter: vec2(14.0, 18.0),
                disc: 8.0,
            },
            Level::Tiny => Sizes {
                card: vec2(78.0, 44.0),
                tray: vec2(22.0, 14.0),
                tray_gap: 0.0,
                router: 11.0,
                switch: 6.0,
                lane: 14.0,
                role: 12.0,
                name: 12.0,
                letter: vec2(12.0, 15.0),
                disc: 8.0,
            },
            Level::Dot => Sizes {
                card: vec2(12.0, 12.0),
                tray: vec2(0.0, 0.0),
                tray_gap: 0.0,
                router: 7.0,
                switch: 4.0,
                lane: 8.0,
                role: 12.0,
                name: 12.0,
                letter: vec2(8.0, 10.0),
                disc: 8.0,
            },
        }
    }

    /// Whether trays hang below the card (and not beside its icon).
    fn trays_below(&self) -> bool {
        self.tray.x >= 40.0
    }

    /// Height of a host with what hangs under it.
    pub fn tall(&self, kind: Kind) -> f32 {
        let trays = if kind == Kind::Server && self.trays_below() { self.tray_gap + self.tray.y } else { 0.0 };
        self.card.y + trays
    }

    /// Width of a host with what hangs under it.
    pub fn wide(&self, kind: Kind) -> f32 {
        let trays = if self.trays_below() { 2.0 * self.tray.x + self.tray_gap } else { 0.0 };
        if kind == Kind::Server { self.card.x.max(trays) } else { self.card.x }
    }
}

/// A node in its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Card, circle or box.
    pub rect: Rect,
    /// Under a mail server: the queue of outgoing mail, the mailboxes.
    pub trays: Option<[Rect; 2]>,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct Layout {
    /// The region.
    pub region: Rect,
    /// How much of a host is drawn.
    pub level: Level,
    /// In points.
    pub sizes: Sizes,
    /// By node; `None` if it is not shown.
    pub spots: Vec<Option<Spot>>,
    /// By link, from its first end to its second; `None` if it is not shown.
    pub links: Vec<Option<Curve>>,
    /// Hosts and switches that hang together without a router.
    pub sites: Vec<Vec<usize>>,
}

/// Kept free below for the legend, where there is height for it.
pub const LEGEND: f32 = 26.0;

impl Layout {
    /// Of a network in a region.
    pub fn new(net: &Net, region: Rect) -> Layout {
        let mut last = None;
        for level in Level::ALL {
            let layout = Layout::with(net, region, level);
            if layout.fits(net) {
                return layout;
            }
            last = Some(layout);
        }
        last.expect("there is more than one level")
    }

    /// At one level, whether it fits or not.
    pub fn with(net: &Net, region: Rect, level: Level) -> Layout {
        let sizes = Sizes::of(level);
        let placed = place::place(net, region, &sizes);
        let spots: Vec<Option<Spot>> = placed
            .centres
            .iter()
            .enumerate()
            .map(|(n, c)| c.map(|c| spot(net.kinds[n], whole_points(c), &sizes)))
            .collect();
        let mut layout = Layout { region, level, sizes, spots, links: Vec::new(), sites: Vec::new() };
        let end = |(n, spot): (usize, &Option<Spot>)| spot.map_or(Rect::NOTHING, |s| layout.end(net, n, &s));
        let rects: Vec<Rect> = layout.spots.iter().enumerate().map(end).collect();
        layout.links = place::route(net, &placed, &rects, &layout.sizes);
        layout.sites = placed.sites;
        layout
    }

    /// Where links end: at what is seen, the icon where there is no card.
    fn end(&self, net: &Net, node: usize, spot: &Spot) -> Rect {
        let bare = self.level == Level::Tiny && net.kinds[node].is_host() && spot.trays.is_none();
        if bare { icon_area(spot.rect) } else { spot.rect }
    }

    /// Whether there is room for the legend.
    pub fn has_legend(&self) -> bool {
        self.region.height() >= 240.0 && self.region.width() >= 500.0
    }

    /// Whether nothing touches anything else and nothing leaves the region.
    pub fn fits(&self, net: &Net) -> bool {
        let bottom = if self.has_legend() { LEGEND } else { 0.0 };
        let inside = Rect::from_min_max(self.region.min, pos2(self.region.right(), self.region.bottom() - bottom));
        let all: Vec<(usize, Rect)> = self.spots.iter().enumerate().flat_map(|(n, s)| parts(n, s.as_ref())).collect();
        for (i, (n, a)) in all.iter().enumerate() {
            if !inside.contains_rect(*a) {
                return false;
            }
            // Dots may stand closer.
            let gap = if self.level == Level::Dot { 3.0 } else { 5.0 };
            if all[..i].iter().any(|(m, b)| n != m && a.expand(gap).intersects(*b)) {
                return false;
            }
        }
        !self.crossed(net)
    }

    /// Whether a link runs through a card or a tray that is not its own end.
    pub fn crossed(&self, net: &Net) -> bool {
        net.wires().any(|(l, a, b)| {
            let Some(curve) = &self.links[l] else { return false };
            self.spots.iter().enumerate().any(|(n, s)| {
                let own = n == a || n == b;
                if own && self.level == Level::Tiny {
                    return s.is_some_and(|s| curve.crosses(self.end(net, n, &s).shrink(3.0)));
                }
                parts(n, s.as_ref()).any(|(_, r)| curve.crosses(if own { r.shrink(3.0) } else { r.expand(2.0) }))
            })
        })
    }

    /// The way over links, each with whether it is gone from its second end to its first.
    pub fn way(&self, hops: impl IntoIterator<Item = (usize, bool)>) -> Curve {
        let seen = |(link, backwards): (usize, bool)| Some((self.links.get(link)?.as_ref()?, backwards));
        Curve::smooth(hops.into_iter().filter_map(seen), self.sizes.switch)
    }

    /// Whether nothing that stands is there, besides this node.
    pub fn is_free(&self, rect: Rect, node: Option<usize>) -> bool {
        let all = self.spots.iter().enumerate().filter(|(n, _)| Some(*n) != node);
        self.region.contains_rect(rect) && all.flat_map(|(n, s)| parts(n, s.as_ref())).all(|(_, r)| !r.intersects(rect))
    }

    /// A node's place.
    pub fn spot(&self, node: usize) -> Option<&Spot> {
        self.spots.get(node)?.as_ref()
    }

    /// All rectangles of a node: card, trays.
    pub fn rects(&self, node: usize) -> impl Iterator<Item = Rect> {
        parts(node, self.spot(node)).map(|(_, r)| r)
    }
}

/// The icon of a host that has no card; its name stands below.
pub fn icon_area(rect: Rect) -> Rect {
    Rect::from_center_size(pos2(rect.center().x, rect.top() + 14.0), vec2(30.0, 28.0))
}

fn whole_points(p: Pos2) -> Pos2 {
    pos2(p.x.round(), p.y.round())
}

/// The rectangles of a node.
fn parts(node: usize, spot: Option<&Spot>) -> impl Iterator<Item = (usize, Rect)> {
    let rects = spot.map(|s| [Some(s.rect), s.trays.map(|t| t[0]), s.trays.map(|t| t[1])]);
    rects.into_iter().flatten().flatten().map(move |r| (node, r))
}

fn spot(kind: Kind, centre: Pos2, sizes: &Sizes) -> Spot {
    let rect = match kind {
        Kind::Router => Rect::from_center_size(centre, Vec2::splat(2.0 * sizes.router)),
        Kind::Switch => Rect::from_center_size(centre, Vec2::splat(2.0 * sizes.switch)),
        _ => Rect::from_center_size(centre, sizes.card),
    };
    let trays = (kind == Kind::Server && sizes.tray.x > 0.0).then(|| {
        if sizes.trays_below() {
            let (gap, y) = (sizes.tray_gap, rect.bottom() + sizes.tray_gap);
            let left = Rect::from_min_size(pos2(centre.x - gap / 2.0 - sizes.tray.x, y), sizes.tray);
            [left, left.translate(vec2(sizes.tray.x + gap, 0.0))]
        } else {
            // Beside the icon, one above the other.
            let x = rect.right() - sizes.tray.x;
            let upper = Rect::from_min_size(pos2(x, rect.top()), sizes.tray);
            [upper, upper.translate(vec2(0.0, sizes.tray.y))]
        }
    });
    Spot { rect, trays }
}
