//! The figure from the book: cards, trays, the letter, tubes, packets.
//!
//! | module | what it is |
//! |---|---|
//! | `net`, `who` | what a run's nodes are, and what they are called |
//! | `layout`, `place`, `curve` | where everything stands, and the ways between: pure geometry |
//! | `links`, `tube` | links with their delays, open connections |
//! | `cards`, `trays`, `steps`, `legend` | what stands still |
//! | `letter` | the letter, one object |
//! | `flight`, `packets`, `overlay` | what moves |
//! | `targets` | what can be pointed at, clicked, reached by Tab |

mod cards;
mod curve;
mod flight;
mod layout;
#[cfg(test)]
mod layout_tests;
mod legend;
mod letter;
mod links;
mod net;
mod overlay;
mod packets;
mod paint;
mod place;
mod steps;
mod targets;
mod trays;
mod tube;
mod who;

use std::cell::RefCell;
use std::sync::Arc;

use eframe::egui::{CornerRadius, Mesh, Painter, Rect, Shape, Ui};
use rustc_hash::FxHashMap;

use crate::gui::cx::Cx;
use crate::gui::desk::Thing;
use crate::gui::run::Run;
use crate::gui::theme::{Proto, R_CARD};
use crate::mail::{self, ContentId};
use crate::sim::setup::NodeKind;
use crate::topology::{ConnId, NodeId};
use crate::trace::What;
use layout::Layout;
use net::{Kind, Net};
use steps::Pin;
use who::Who;

/// See the [module](self).
#[derive(Default)]
pub struct Stage {
    known: Option<Known>,
    map: Option<Map>,
    letters: letter::Letters,
    /// What was said last to be pointed at.
    pointed: Option<Thing>,
}

/// What does not change as long as a run is looked at.
struct Known {
    run: usize,
    net: Net,
    who: Vec<Who>,
    pins: Vec<Option<Pin>>,
    losses: Vec<flight::Lost>,
    legend: Vec<legend::Entry>,
    /// By node: what its empty trays say.
    empty: Vec<[String; 2]>,
    subjects: RefCell<FxHashMap<ContentId, Arc<str>>>,
}

/// What does not change as long as the region is of one size.
struct Map {
    run: usize,
    layout: Layout,
    dots: Arc<Mesh>,
    dark: bool,
}

/// What the parts of the drawing share.
pub(crate) struct Ground<'a> {
    cx: &'a Cx<'a>,
    p: Painter,
    layout: &'a Layout,
    net: &'a Net,
    who: &'a [Who],
    losses: &'a [flight::Lost],
    known: &'a Known,
    /// How far each connection lies beside the middle of its links.
    lanes: RefCell<Vec<(ConnId, f32)>>,
}

impl<'a> Ground<'a> {
    /// The same, to see how large things are: nothing is painted.
    fn dry(&self) -> Ground<'a> {
        let mut p = self.p.clone();
        p.set_invisible();
        Ground { p, lanes: self.lanes.clone(), ..*self }
    }

    /// The link between two neighbours, and whether it is gone from its second end to its first.
    fn hop(&self, from: usize, to: usize) -> Option<(usize, bool)> {
        self.net.wires().find_map(|(l, a, b)| match (a, b) {
            (a, b) if (a, b) == (from, to) => Some((l, false)),
            (a, b) if (b, a) == (from, to) => Some((l, true)),
            _ => None,
        })
    }

    /// Length of a link on the map.
    fn length(&self, link: usize) -> f32 {
        self.layout.links.get(link).and_then(Option::as_ref).map_or(0.0, curve::Curve::length)
    }

    /// The shortest way between two nodes, in links.
    fn between(&self, from: usize, to: usize) -> Option<Vec<(usize, bool)>> {
        let mut before: Vec<Option<usize>> = vec![None; self.net.kinds.len()];
        let mut open = vec![from];
        let mut next = 0;
        while let Some(&node) = open.get(next) {
            next += 1;
            if node == to {
                break;
            }
            for n in self.net.neighbours(node) {
                if n != from && before[n].is_none() {
                    before[n] = Some(node);
                    open.push(n);
                }
            }
        }
        let mut hops = Vec::new();
        let mut node = to;
        while node != from {
            let previous = before[node]?;
            hops.push(self.hop(previous, node)?);
            node = previous;
        }
        hops.reverse();
        Some(hops)
    }

    /// The subject of a letter; read once.
    fn subject(&self, content: ContentId, bytes: &[u8]) -> Arc<str> {
        let mut subjects = self.known.subjects.borrow_mut();
        Arc::clone(subjects.entry(content).or_insert_with(|| trays::subject(bytes)))
    }

    /// What an empty tray says.
    fn empty_words(&self, node: usize, which: usize) -> String {
        // What will come in, and from whom, is what a lesson asks.
        if self.cx.in_lesson() {
            return if which == 0 { "Nothing waits here." } else { "No mail here." }.to_owned();
        }
        self.known.empty.get(node).map_or_else(String::new, |words| words[which].clone())
    }

    /// The domain of a site: that of its mail server, else of its hosts.
    fn domain(&self, site: &[usize]) -> Option<String> {
        let hosts = site.iter().filter_map(|n| match &self.cx.run.ready.setup.nodes.get(*n)?.kind {
            NodeKind::Host(host) => Some(host),
            _ => None,
        });
        let mut names = hosts.clone().filter_map(|h| h.mail_server.as_ref()?.domains.first().cloned());
        let fqdn = |h: &Arc<crate::sim::setup::Host>| h.fqdn.split_once('.').map(|(_, domain)| domain.to_owned());
        names.next().or_else(|| hosts.clone().find_map(fqdn))
    }
}

impl Stage {
    /// Draws into `ui.max_rect()`.
    pub fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let region = ui.max_rect();
        if region.width() < 40.0 || region.height() < 40.0 {
            return;
        }
        let run = std::ptr::from_ref(cx.run) as usize;
        if self.known.as_ref().is_none_or(|k| k.run != run) {
            self.known = Some(Known::new(cx.run, run));
            self.letters.clear();
        }
        let Some(known) = &self.known else { return };
        let stale = |m: &Map| m.run != run || m.layout.region != region || m.dark != cx.t.dark;
        if self.map.as_ref().is_none_or(stale) {
            let dots = Arc::new(links::dots(region.shrink(6.0), cx.t.grid));
            self.map = Some(Map { run, layout: Layout::new(&known.net, region), dots, dark: cx.t.dark });
            self.letters.clear();
        }
        let Some(map) = &self.map else { return };
        let g = Ground {
            cx,
            p: ui.painter().clone(),
            layout: &map.layout,
            net: &known.net,
            who: &known.who,
            losses: &known.losses,
            known,
            lanes: RefCell::default(),
        };
        ground(&g, region, &map.dots);
        let mut targets = targets::Targets::default();
        let names = links::zones(&g);
        links::draw(&g);
        let tubes = tube::lay(&g);
        tube::draw(&g, &tubes);
        let arrow = arrow(&g);
        let poses = flight::poses(&g);
        // What lies below packets gives way to them, so it has to be known where they are.
        let arrow = arrow.map(|pose| beside(pose, &poses));
        let dry = g.dry();
        let mut nothing = targets::Targets::default();
        let all = || arrow.iter().chain(&poses);
        let dots: Vec<Rect> = all().filter_map(|pose| packets::above_dot(&g, pose)).collect();
        let covered: Vec<Rect> =
            all().map(|pose| packets::draw(&dry, pose, !letter::is_letter(&g, pose), &dots, &mut nothing)).collect();
        let labels = g.p.add(Shape::Noop);
        let mut taken = [covered.clone(), names].concat();
        for node in known.net.nodes().filter(|n| !known.net.kinds[*n].is_host()) {
            let near = map.layout.spot(node).map_or(0.0, |s| flight::nearness(&poses, s.rect.center()));
            taken.extend(cards::between(&g, node, near, &covered, &mut targets));
        }
        // Discs on ways lie below packets, those on cards above the cards.
        let on_way = |pin: &Option<Pin>| pin.filter(|p| matches!(p, Pin::Way(..)));
        let on_ways: Vec<Option<Pin>> = known.pins.iter().map(on_way).collect();
        taken.extend(steps::draw(&g, &on_ways, &covered, &mut targets));
        for pose in all() {
            packets::draw(&g, pose, !letter::is_letter(&g, pose), &dots, &mut targets);
        }
        let roles = tube::roles(&g, &tubes);
        for node in known.net.nodes().filter(|n| known.net.kinds[*n].is_host()) {
            cards::host(&g, node, roles[node], &mut targets);
        }
        let trays = trays::trays(&g, &cx.scene.state);
        let behind = cx.motion.as_ref().map(|m| trays::trays(&g, &m.to.state)).unwrap_or_default();
        for tray in &trays {
            let here = |lies: &trays::Lies| {
                let place = |l: &crate::explain::scene::Letter| letter::lies(&l.at);
                let lying = |(node, what): (NodeId, trays::Lies)| net::at(node) == tray.node && what == *lies;
                cx.scene.letters.iter().any(|l| !l.copy && place(l).is_some_and(lying))
            };
            trays::draw(&g, tray, &here, &mut targets);
        }
        let elsewhere = |pin: &Option<Pin>| pin.filter(|p| !matches!(p, Pin::Way(..)));
        let elsewhere: Vec<Option<Pin>> = known.pins.iter().map(elsewhere).collect();
        taken.extend(steps::draw(&g, &elsewhere, &[], &mut targets));
        legend::draw(&g, &known.legend);
        self.letters.draw(ui, &g, &trays, &behind, &tubes, &poses, &mut targets);
        let words = links::labels(&g, &tubes, &taken, &mut targets);
        g.p.set(labels, Shape::Vec(words));
        overlay::draw(ui, &g);
        targets.act(ui, cx, &mut self.pointed);
    }
}

fn ground(g: &Ground<'_>, region: Rect, dots: &Arc<Mesh>) {
    g.p.rect_filled(region, CornerRadius::same(R_CARD - 1), g.cx.t.canvas);
    g.p.add(Shape::Mesh(Arc::clone(dots)));
}

/// Without flights: the way of the packet that has arrived, its ends joined by an arrow; and the packet on it.
fn arrow(g: &Ground<'_>) -> Option<flight::Pose> {
    let (packet, way, lost) = flight::arrived(g)?;
    let proto = g.cx.run.packets.row(packet).map_or(Proto::Tcp, |r| Proto::of(r.protocol));
    let colour = g.cx.t.proto(if lost.is_some() { Proto::Lost } else { proto });
    let shown = way.curve.part(0.0, lost.unwrap_or(1.0));
    packets::arrow(g, shown.points(), colour);
    // A lost one lies where it fell.
    let at = way.curve.at(0.5).0;
    let pose = flight::Pose { number: Some(1), ..flight::pose(packet, at, &way, 0.5) };
    lost.is_none().then_some(pose)
}

/// What has arrived does not lie on what stands.
fn beside(mut pose: flight::Pose, standing: &[flight::Pose]) -> flight::Pose {
    let near = |p: &&flight::Pose| p.at.distance(pose.at) < 420.0 && (p.at.y - pose.at.y).abs() < 48.0;
    if let Some(other) = standing.iter().find(near) {
        let up = if pose.at.y > other.at.y + 4.0 { 48.0 } else { -48.0 };
        pose.at.y = other.at.y + up;
    }
    pose
}

impl Known {
    fn new(run: &Run, id: usize) -> Known {
        let setup = &run.ready.setup;
        let net = Net::new(setup, run.scenes.touched());
        let who = who::all(setup, &net);
        let losses = flight::losses(&run.log);
        let legend = legend::entries(run, !losses.is_empty());
        let empty = (0..net.kinds.len()).map(|n| empty_words(run, &net, &who, n)).collect();
        Known { run: id, pins: steps::pins(run), legend, losses, empty, net, who, subjects: RefCell::default() }
    }
}

/// What the empty trays of a mail server say: what will come in, who brings it, in which step.
fn empty_words(run: &Run, net: &Net, who: &[Who], node: usize) -> [String; 2] {
    if net.kinds[node] != Kind::Server {
        return [String::new(), String::new()];
    }
    let step = |fits: &dyn Fn(&mail::Event) -> bool| {
        run.steps.iter().find_map(|s| {
            let entry = run.log.entry(s.done?);
            let What::Mail(event) = &entry.what else { return None };
            (net::at(entry.node) == node && fits(event)).then(|| run.ready.story.steps[s.step].number)
        })
    };
    let queue = match step(&|e| matches!(e, mail::Event::QueueEnter { .. })) {
        Some(number) => {
            let owner = who[node].owner.as_deref().unwrap_or("a");
            let agent = if owner == "a" { "a user agent".to_owned() } else { format!("{owner}'s user agent") };
            format!("Nothing waits here. A mail comes in when {agent} hands it over (step {number}).")
        }
        None => "Nothing waits here.".to_owned(),
    };
    let owner = who[node].owner.as_deref();
    let whose = owner.map_or_else(|| "No mail here yet".to_owned(), |o| format!("No mail for {o} yet"));
    let mailbox = match step(&|e| matches!(e, mail::Event::MailboxStore { .. })) {
        Some(number) => format!("{whose} (step {number})."),
        None => format!("{whose}."),
    };
    [queue, mailbox]
}
