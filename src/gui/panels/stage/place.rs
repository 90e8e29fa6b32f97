//! Centres of nodes and ways of links.
//!
//! Sites (what routers are between) stand left and right, routers between them, DNS servers below the routers. A site
//! with at most one mail server and one other computer is drawn as in the book: the computer outside and high, the
//! server inside and low, a shallow U. A larger site is drawn as columns of hosts on a bus: the bus runs above them,
//! and links come down in lanes between the columns; so no link crosses a card, whatever the site.

use eframe::egui::{Pos2, Rect, pos2};

use super::curve::{Curve, level};
use super::layout::{LEGEND, Sizes};
use super::net::{Kind, Net};

/// A node's place, and what its links have to know about it.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// By node.
    pub centres: Vec<Option<Pos2>>,
    /// By node: the lane and the height of the bus by which links reach it, if it stands in a column.
    lanes: Vec<Option<Lane>>,
    /// By node: where the bus of its site ends, towards the routers.
    gates: Vec<Option<Pos2>>,
    /// Hosts and switches that hang together without a router.
    pub sites: Vec<Vec<usize>>,
}

#[derive(Clone, Copy, Debug)]
struct Lane {
    x: f32,
    bus: f32,
}

/// Nodes that hang together without a router.
#[derive(Clone, Debug, Default)]
struct Site {
    hosts: Vec<usize>,
    switches: Vec<usize>,
}

impl Site {
    fn weight(&self) -> usize {
        self.hosts.len().max(1)
    }
}

/// Puts every node that is shown into its place.
pub fn place(net: &Net, region: Rect, sizes: &Sizes) -> Placed {
    let count = net.kinds.len();
    let mut placed =
        Placed { centres: vec![None; count], lanes: vec![None; count], gates: vec![None; count], sites: Vec::new() };
    let routers: Vec<usize> = net.nodes().filter(|n| net.kinds[*n] == Kind::Router).collect();
    let all = sites(net);
    placed.sites = all.iter().map(|s| s.hosts.iter().chain(&s.switches).copied().collect()).collect();
    let (mut below, mut sites): (Vec<Site>, Vec<Site>) =
        all.into_iter().partition(|s| !s.hosts.is_empty() && s.hosts.iter().all(|h| net.kinds[*h] == Kind::Names));
    if sites.len() < 2 {
        sites.append(&mut below);
    }
    if routers.is_empty() && sites.len() == 1 {
        alone(net, &sites[0], region, sizes, &mut placed);
        return placed;
    }
    let (left, right) = sides(sites);
    for (sites, side) in [(&left, -1.0), (&right, 1.0)] {
        match sites.as_slice() {
            [one] if is_small(net, one) => book(net, one, side, region, sizes, &mut placed),
            several => columns(net, several, side, region, sizes, &mut placed),
        }
    }
    let nodes =
        |sites: &[Site]| sites.iter().flat_map(|s| s.hosts.iter().chain(&s.switches)).copied().collect::<Vec<_>>();
    core(net, &routers, &nodes(&left), &nodes(&right), region, &mut placed);
    hung(&below, region, sizes, &mut placed);
    placed
}

/// The sites in the order of their first node.
fn sites(net: &Net) -> Vec<Site> {
    let mut seen = vec![false; net.kinds.len()];
    let mut found = Vec::new();
    for start in net.nodes() {
        if seen[start] || net.kinds[start] == Kind::Router {
            continue;
        }
        let (mut site, mut open) = (Site::default(), vec![start]);
        seen[start] = true;
        while let Some(node) = open.pop() {
            let list = if net.kinds[node] == Kind::Switch { &mut site.switches } else { &mut site.hosts };
            list.push(node);
            for next in net.neighbours(node) {
                if !seen[next] && net.kinds[next] != Kind::Router {
                    seen[next] = true;
                    open.push(next);
                }
            }
        }
        site.hosts.sort_unstable();
        site.switches.sort_unstable();
        found.push(site);
    }
    found
}

/// The first ones left, the others right, with as many hosts on both sides as can be.
fn sides(mut sites: Vec<Site>) -> (Vec<Site>, Vec<Site>) {
    let whole: usize = sites.iter().map(Site::weight).sum();
    let mut best = (usize::MAX, 0);
    let mut sum = 0;
    for (i, site) in sites.iter().enumerate() {
        sum += site.weight();
        let off = (2 * sum).abs_diff(whole);
        if i + 1 < sites.len().max(2) && off < best.0 {
            best = (off, i + 1);
        }
    }
    let right = sites.split_off(best.1.min(sites.len()));
    (sites, right)
}

fn is_small(net: &Net, site: &Site) -> bool {
    let servers = site.hosts.iter().filter(|h| net.kinds[**h] == Kind::Server).count();
    servers <= 1 && site.hosts.len() - servers <= 1 && site.switches.len() <= 1
}

fn share(region: Rect, x: f32, y: f32) -> Pos2 {
    pos2(region.left() + x * region.width(), region.top() + y * region.height())
}

/// The figure from the book; `side` is -1 on the left, 1 on the right.
fn book(net: &Net, site: &Site, side: f32, region: Rect, sizes: &Sizes, placed: &mut Placed) {
    let at = |x: f32, y: f32| share(region, if side < 0.0 { x } else { 1.0 - x }, y);
    let inside = |p: Pos2, width: f32| {
        let half = width / 2.0 + 8.0;
        pos2(p.x.clamp(region.left() + half, (region.right() - half).max(region.left() + half)), p.y)
    };
    let server = site.hosts.iter().copied().find(|h| net.kinds[*h] == Kind::Server);
    let other = site.hosts.iter().copied().find(|h| net.kinds[*h] != Kind::Server);
    let x = if other.is_some() { 0.24 } else { 0.18 };
    if let Some(server) = server {
        placed.centres[server] = Some(inside(at(x, 0.58), sizes.wide(Kind::Server)));
    }
    if let Some(other) = other {
        let y = if server.is_some() { 0.24 } else { 0.34 };
        placed.centres[other] = Some(inside(at(0.10, y), sizes.card.x));
    }
    if let Some(&switch) = site.switches.first() {
        let over = server.and_then(|s| placed.centres[s]).map_or(at(x, 0.0).x, |c| c.x);
        // Over the server, whatever the height.
        let top = server.and_then(|s| placed.centres[s]).map_or(f32::INFINITY, |c| c.y - sizes.card.y / 2.0);
        let y = at(0.0, 0.30).y.min(top - sizes.switch - 9.0);
        placed.centres[switch] = Some(pos2(over, y));
    }
}

/// Sites above each other, each a bus with columns of hosts.
fn columns(net: &Net, sites: &[Site], side: f32, region: Rect, sizes: &Sizes, placed: &mut Placed) {
    let width = region.width() * 0.355;
    let x = if side < 0.0 { region.left() } else { region.right() - width };
    let whole: f32 = sites.iter().map(|s| need(net, s, sizes)).sum();
    let height = region.height() - legend(region) - 8.0;
    let mut y = region.top() + 6.0;
    for site in sites {
        let h = height * need(net, site, sizes) / whole.max(1.0);
        let band = Rect::from_min_size(pos2(x, y), eframe::egui::vec2(width, h - 6.0));
        bus(net, site, side, band, sizes, placed);
        y += h;
    }
}

fn legend(region: Rect) -> f32 {
    if region.height() >= 240.0 && region.width() >= 500.0 { LEGEND } else { 0.0 }
}

/// Height that a site would like.
fn need(net: &Net, site: &Site, sizes: &Sizes) -> f32 {
    let hosts: f32 = site.hosts.iter().map(|h| sizes.tall(net.kinds[*h]) + 12.0).sum();
    bus_height(sizes) + hosts.max(sizes.card.y)
}

fn bus_height(sizes: &Sizes) -> f32 {
    2.0 * sizes.switch + 12.0
}

/// One site in its band: the bus above, columns of hosts below, the innermost next to the routers.
fn bus(net: &Net, site: &Site, side: f32, band: Rect, sizes: &Sizes, placed: &mut Placed) {
    let top = bus_height(sizes);
    let line = band.top() + top / 2.0;
    // Mail servers inside, the others outside.
    let mut order: Vec<usize> = site.hosts.clone();
    order.sort_by_key(|h| net.kinds[*h] != Kind::Server);
    let gap = if sizes.card.y > 20.0 { 12.0 } else { 6.0 };
    let room = band.height() - top;
    let mut cols: Vec<Vec<usize>> = Vec::new();
    let mut used = f32::INFINITY;
    for host in order {
        let tall = sizes.tall(net.kinds[host]) + gap;
        let before = cols.last().and_then(|c: &Vec<usize>| c.last()).map(|h| net.kinds[*h] == Kind::Server);
        let other_kind =
            before.is_some_and(|server| server != (net.kinds[host] == Kind::Server)) && site.hosts.len() > 2;
        if used + tall > room + gap || other_kind {
            cols.push(Vec::new());
            used = 0.0;
        }
        used += tall;
        cols.last_mut().expect("pushed above").push(host);
    }
    // As wide as its widest host, and a lane on its inner side.
    let wide = |c: &Vec<usize>| c.iter().map(|h| sizes.wide(net.kinds[*h])).fold(0.0, f32::max) + sizes.lane;
    let spare = (band.width() - 12.0 - cols.iter().map(wide).sum::<f32>()).max(0.0);
    let between = (spare / (cols.len() as f32 + 1.0)).min(2.0 * sizes.lane);
    let inner = if side < 0.0 { band.right() } else { band.left() };
    let mut edge = inner + side * between;
    let mut lanes = Vec::new();
    for col in &cols {
        let width = wide(col) - sizes.lane;
        let lane = edge + side * sizes.lane / 2.0;
        let centre = edge + side * (sizes.lane + width / 2.0);
        let sum: f32 = col.iter().map(|h| sizes.tall(net.kinds[*h])).sum();
        let free = ((room - sum) / (col.len() as f32 + 1.0)).clamp(0.0, 40.0);
        let slack = ((room - sum - free * (col.len() as f32 + 1.0)) / 2.0).max(0.0);
        let mut y = band.top() + top + slack.min(30.0) + free;
        for &host in col {
            placed.centres[host] = Some(pos2(centre, y + sizes.card.y / 2.0));
            placed.lanes[host] = Some(Lane { x: lane, bus: line });
            y += sizes.tall(net.kinds[host]) + free;
        }
        lanes.push(lane);
        edge += side * (sizes.lane + width + between);
    }
    if lanes.is_empty() {
        lanes.push(inner + side * sizes.lane);
    }
    for (i, &switch) in site.switches.iter().enumerate() {
        let far = side * (2.0 * sizes.switch + 10.0) * (i as f32 + 1.0 - lanes.len() as f32).max(0.0);
        let x = lanes.get(i).copied().unwrap_or(lanes[lanes.len() - 1] + far);
        placed.centres[switch] = Some(pos2(x, line));
    }
    for &node in site.hosts.iter().chain(&site.switches) {
        placed.gates[node] = Some(pos2(inner, line));
    }
}

/// A LAN without a router: servers left, the others right, the switch between them.
fn alone(net: &Net, site: &Site, region: Rect, sizes: &Sizes, placed: &mut Placed) {
    let server = |h: &usize| net.kinds[*h] == Kind::Server;
    let (mut left, mut right): (Vec<usize>, Vec<usize>) = site.hosts.iter().copied().partition(server);
    if left.is_empty() || right.is_empty() {
        let all = &site.hosts;
        (left, right) = (all[..all.len() / 2].to_vec(), all[all.len() / 2..].to_vec());
    }
    let height = region.height() - legend(region);
    let tall = |hosts: &[usize]| hosts.iter().map(|h| sizes.tall(net.kinds[*h]) + 12.0).sum::<f32>();
    if tall(&left).max(tall(&right)) < height - 20.0 && site.switches.len() <= 1 {
        // Few: a fan of calm curves from the switch.
        for (hosts, x) in [(&left, 0.27), (&right, 0.74)] {
            let free = (height - tall(hosts)) / (hosts.len() as f32 + 1.0);
            let mut y = region.top() + free + 6.0;
            for &host in hosts {
                placed.centres[host] = Some(pos2(share(region, x, 0.0).x, y + sizes.card.y / 2.0));
                y += sizes.tall(net.kinds[host]) + 12.0 + free;
            }
        }
        if let Some(&switch) = site.switches.first() {
            let y = left.first().and_then(|h| placed.centres[*h]).map_or(region.center().y, |c| c.y);
            placed.centres[switch] = Some(pos2(region.center().x, y));
        }
        return;
    }
    let half = |x: f32| {
        let size = eframe::egui::vec2(region.width() * 0.46, height - 12.0);
        Rect::from_min_size(pos2(region.left() + x * region.width(), region.top() + 6.0), size)
    };
    for (hosts, band, side) in [(left, half(0.0), -1.0), (right, half(0.54), 1.0)] {
        bus(net, &Site { hosts, switches: Vec::new() }, side, band, sizes, placed);
    }
    let line = region.top() + 6.0 + bus_height(sizes) / 2.0;
    let pitch = 2.0 * sizes.switch + 20.0;
    let n = site.switches.len() as f32;
    for (i, &switch) in site.switches.iter().enumerate() {
        placed.centres[switch] = Some(pos2(region.center().x + (i as f32 - (n - 1.0) / 2.0) * pitch, line));
    }
}

/// Routers between the sides: at the height of what they serve, near the side on which that is.
fn core(net: &Net, routers: &[usize], left: &[usize], right: &[usize], region: Rect, placed: &mut Placed) {
    let serves = |r: usize, side: &[usize]| net.neighbours(r).any(|n| side.contains(&n));
    let from_left = distances(net, routers, |r| serves(r, left));
    let from_right = distances(net, routers, |r| serves(r, right));
    // 0 at the left side, 12 at the right one.
    let column = |r: usize| match (from_left[r], from_right[r]) {
        (Some(l), Some(r)) if l + r > 0 => 12 * l / (l + r),
        (Some(_), None) if !right.is_empty() || left.is_empty() => 0,
        (None, Some(_)) => 12,
        _ => 6,
    };
    let mut columns: Vec<(usize, Vec<usize>)> = Vec::new();
    for &router in routers {
        let c = column(router);
        match columns.iter_mut().find(|(k, _)| *k == c) {
            Some((_, list)) => list.push(router),
            None => columns.push((c, vec![router])),
        }
    }
    for (c, list) in &mut columns {
        let x = 0.38 + 0.24 * *c as f32 / 12.0;
        if let [one] = list.as_slice() {
            placed.centres[*one] = Some(share(region, x, 0.34));
            continue;
        }
        let wish = |r: usize| {
            let gates: Vec<f32> = net.neighbours(r).filter_map(|n| placed.gates[n]).map(|g| g.y).collect();
            if gates.is_empty() { share(region, 0.0, 0.34).y } else { gates.iter().sum::<f32>() / gates.len() as f32 }
        };
        list.sort_by(|a, b| wish(*a).total_cmp(&wish(*b)));
        let pitch = region.height() * 0.84 / list.len() as f32;
        let mut y = f32::NEG_INFINITY;
        let mut ys: Vec<f32> = Vec::new();
        for &router in list.iter() {
            y = wish(router).max(y + pitch.min(60.0));
            ys.push(y);
        }
        let over = (y - share(region, 0.0, 0.88).y).max(0.0);
        for (&router, y) in list.iter().zip(ys) {
            let up = (y - over).max(share(region, 0.0, 0.05).y);
            placed.centres[router] = Some(pos2(share(region, x, 0.0).x, up));
        }
    }
}

/// How many routers away each router is from the nearest that fits.
fn distances(net: &Net, routers: &[usize], fits: impl Fn(usize) -> bool) -> Vec<Option<usize>> {
    let mut far = vec![None; net.kinds.len()];
    let mut open: Vec<usize> = routers.iter().copied().filter(|r| fits(*r)).collect();
    for &r in &open {
        far[r] = Some(0);
    }
    let mut next = 0;
    while let Some(&node) = open.get(next) {
        next += 1;
        for n in net.neighbours(node) {
            if net.kinds[n] == Kind::Router && far[n].is_none() {
                far[n] = far[node].map(|d: usize| d + 1);
                open.push(n);
            }
        }
    }
    far
}

/// DNS servers below the routers.
fn hung(sites: &[Site], region: Rect, sizes: &Sizes, placed: &mut Placed) {
    let hosts: Vec<usize> = sites.iter().flat_map(|s| s.hosts.iter().copied()).collect();
    let pitch = sizes.card.x + 16.0;
    let y = share(region, 0.0, 0.76).y;
    for (i, &host) in hosts.iter().enumerate() {
        let x = region.center().x + (i as f32 - (hosts.len() as f32 - 1.0) / 2.0) * pitch;
        placed.centres[host] = Some(pos2(x, y));
    }
    for site in sites {
        let x = site.hosts.iter().filter_map(|h| placed.centres[*h]).map(|c| c.x).sum::<f32>() / site.weight() as f32;
        for (i, &switch) in site.switches.iter().enumerate() {
            let up = (i as f32 + 1.0) * (2.0 * sizes.switch + 14.0);
            placed.centres[switch] = Some(pos2(x, y - sizes.card.y / 2.0 - up));
        }
    }
}

/// The ways of all links.
pub fn route(net: &Net, placed: &Placed, rects: &[Rect], sizes: &Sizes) -> Vec<Option<Curve>> {
    let mut ways = vec![None; net.links.len()];
    for (link, a, b) in net.wires() {
        if placed.centres[a].is_some() && placed.centres[b].is_some() {
            // Always led from the end that is further out to the one that is further in.
            let order = |n: usize| match net.kinds[n] {
                Kind::Router => 2,
                Kind::Switch => 1,
                _ => 0,
            };
            let (out, inn) = if order(a) <= order(b) { (a, b) } else { (b, a) };
            let way = lead(net, placed, rects, sizes, out, inn);
            ways[link] = Some(if out == a { way } else { Curve::joined([(&way, true)]) });
        }
    }
    ways
}

fn lead(net: &Net, placed: &Placed, rects: &[Rect], sizes: &Sizes, out: usize, inn: usize) -> Curve {
    let (from, to) = (rects[out], rects[inn]);
    let radius = sizes.lane / 2.0;
    // Out of a column: to the lane, up, along the bus.
    if let Some(lane) = placed.lanes[out] {
        let start = side_towards(from, pos2(lane.x, from.center().y));
        let corner = pos2(lane.x, from.center().y);
        let up = pos2(lane.x, lane.bus);
        if (to.center().y - lane.bus).abs() < 1.0 {
            // Its switch stands on the bus: over this lane or further along it.
            return if (to.center().x - lane.x).abs() < 1.0 {
                Curve::rounded(&[start, corner, pos2(lane.x, to.bottom())], radius)
            } else {
                Curve::rounded(&[start, corner, up, side_towards(to, up)], radius)
            };
        }
        let gate = placed.gates[out].unwrap_or(up);
        let bus = Curve::rounded(&[start, corner, up, gate], radius);
        return Curve::joined([(&bus, false), (&level(gate, side_towards(to, gate)), false)]);
    }
    // From a bus to a router.
    if let (Some(gate), Kind::Switch, Kind::Router) = (placed.gates[out], net.kinds[out], net.kinds[inn]) {
        let bus = Curve::new([side_towards(from, gate), gate]);
        return Curve::joined([(&bus, false), (&level(gate, side_towards(to, gate)), false)]);
    }
    let (a, b) = (from.center(), to.center());
    let steep = (a.x - b.x).abs() < (from.width() + to.width()) / 2.0 + 2.0;
    if steep || (net.kinds[out] == Kind::Names && net.kinds[inn] == Kind::Router) || below(net, from, to, out, inn) {
        // One above the other; round what stands between them.
        let low = a.y.min(b.y);
        let between = rects.iter().enumerate().any(|(n, r)| {
            n != out
                && n != inn
                && (r.center().x - a.x).abs() < r.width()
                && r.center().y > low
                && r.center().y < a.y.max(b.y)
        });
        if between {
            let (x, side) = (a.x + 3.0 * sizes.router, from.width() / 2.0);
            let (start, end) = (pos2(a.x + side, a.y), pos2(b.x + to.width() / 2.0, b.y));
            return Curve::cubic(start, pos2(x + side, a.y), pos2(x + side, b.y), end);
        }
        let (start, end) =
            if a.y > b.y { (from.center_top(), to.center_bottom()) } else { (from.center_bottom(), to.center_top()) };
        let middle = (start.y + end.y) / 2.0;
        return Curve::cubic(start, pos2(start.x, middle), pos2(end.x, middle), end);
    }
    level(side_towards(from, b), side_towards(to, a))
}

/// Whether a switch hangs under a router (the way to a DNS server).
fn below(net: &Net, from: Rect, to: Rect, out: usize, inn: usize) -> bool {
    net.kinds[out] == Kind::Switch && net.kinds[inn] == Kind::Router && from.top() > to.bottom() + 4.0
}

/// The middle of the left or right side, whichever looks to a point.
fn side_towards(rect: Rect, to: Pos2) -> Pos2 {
    if to.x < rect.center().x { rect.left_center() } else { rect.right_center() }
}
