use eframe::egui::{Rect, pos2, vec2};
use proptest::prelude::*;

use super::layout::{LEGEND, Layout, Level};
use super::net::{Kind, Net};

fn region(w: f32, h: f32) -> Rect {
    Rect::from_min_size(pos2(9.0, 137.0), vec2(w, h))
}

fn built_in(name: &str) -> Net {
    let setup = crate::scenario::load_builtin(name).and_then(|s| s.ready(None)).expect("it is there").setup;
    Net::new(&setup, &[])
}

fn names() -> impl Iterator<Item = &'static str> {
    crate::scenario::BUILT_IN.iter().map(|(name, _)| *name)
}

/// So many sites, each with a router, a switch, so many mail servers and so many other computers.
fn world(sites: usize, servers: usize, agents: usize) -> Net {
    let mut net = Net { kinds: Vec::new(), links: Vec::new(), shown: Vec::new() };
    for site in 0..sites {
        let router = net.kinds.len();
        net.kinds.extend([Kind::Router, Kind::Switch]);
        net.links.push((router + 1, router));
        for i in 0..servers + agents {
            net.links.push((net.kinds.len(), router + 1));
            net.kinds.push(if i < servers { Kind::Server } else { Kind::Agent });
        }
        if site > 0 {
            let before = (site - 1) * (2 + servers + agents);
            net.links.push((before, router));
        }
    }
    net.shown = vec![true; net.kinds.len()];
    net
}

#[test]
fn the_six_steps_stand_where_the_book_has_them() {
    for (w, h) in [(1348.0, 400.0), (1454.0, 662.0)] {
        let (net, region) = (built_in("six-steps"), region(w, h));
        let layout = Layout::new(&net, region);
        assert_eq!(layout.level, Level::Full);
        let share = |n: usize| {
            let c = layout.spots[n].expect("shown").rect.center() - region.min;
            (c.x / w, c.y / h)
        };
        // alice-pc, mail.a, mail.b, bob-pc, and behind the two switches the two routers.
        for (n, x, y) in
            [(0, 0.10, 0.24), (1, 0.24, 0.58), (2, 0.76, 0.58), (3, 0.90, 0.24), (6, 0.38, 0.34), (7, 0.62, 0.34)]
        {
            let (sx, sy) = share(n);
            assert!((sx - x).abs() < 0.002 && (sy - y).abs() < 0.002, "{n} at {sx} {sy}");
        }
        assert_eq!(layout.spots[1].expect("shown").rect.size(), vec2(176.0, 64.0));
        assert!(
            layout.spots[1].expect("shown").trays.expect("a server has trays")[0].bottom() <= region.bottom() - LEGEND
        );
    }
}

#[test]
fn every_built_in_map_fits_from_the_smallest_region_to_the_largest() {
    for name in names() {
        let net = built_in(name);
        for (w, h) in [
            (300.0, 200.0),
            (665.0, 110.0),
            (500.0, 240.0),
            (680.0, 300.0),
            (942.0, 400.0),
            (1348.0, 400.0),
            (1456.0, 664.0),
        ] {
            let layout = Layout::new(&net, region(w, h));
            assert!(layout.fits(&net), "{name} in {w} x {h}: {:?}", layout.level);
            assert!(!layout.crossed(&net), "{name} in {w} x {h}");
        }
        let large = Layout::new(&net, region(1348.0, 400.0)).level;
        assert!(large >= Level::Middle, "{name} at 1366: {large:?}");
    }
}

#[test]
fn a_world_of_twenty_hosts_has_names() {
    for (sites, servers, agents) in [(5, 1, 3), (2, 2, 8), (4, 1, 4), (10, 1, 1)] {
        let layout = Layout::new(&world(sites, servers, agents), region(1348.0, 400.0));
        assert!(layout.level >= Level::Tiny, "{sites} sites, {servers} servers, {agents} agents: {:?}", layout.level);
    }
}

#[test]
fn hosts_that_no_packet_touches_are_hidden() {
    let setup = crate::scenario::load_builtin("six-steps").and_then(|s| s.ready(None)).expect("it is there").setup;
    let mut touched = vec![true; setup.nodes.len()];
    touched[3] = false;
    let net = Net::new(&setup, &touched);
    let layout = Layout::new(&net, region(1348.0, 400.0));
    assert!(layout.spots[3].is_none() && layout.links[6].is_none());
    assert!(layout.spots[2].is_some() && layout.links[5].is_some());
}

proptest! {
    #[test]
    fn no_link_runs_through_a_card(
        sites in 1_usize..8, servers in 0_usize..4, agents in 0_usize..6, w in 300.0_f32..2000.0, h in 110.0_f32..1000.0,
    ) {
        let net = world(sites, servers, agents);
        let layout = Layout::new(&net, region(w, h));
        if layout.level > Level::Dot {
            prop_assert!(layout.fits(&net));
        }
        for (l, _, _) in net.wires() {
            prop_assert!(layout.links[l].is_some());
        }
    }
}
