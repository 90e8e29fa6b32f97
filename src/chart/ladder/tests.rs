//! Ladders of everything that is built in.

use std::sync::Arc;

use super::*;
use crate::scenario::{BUILT_IN, load_builtin};
use crate::sim::World;
use crate::time::Duration;
use crate::trace::{Level, What};

fn play(name: &str, run: Option<&str>) -> World {
    let ready = load_builtin(name).unwrap().ready(run).unwrap();
    let mut world = World::new(Arc::new(ready.setup), Level::All);
    world.run();
    world
}

fn all() -> impl Iterator<Item = (String, World)> {
    BUILT_IN.iter().flat_map(|(name, _)| {
        let runs = load_builtin(name).unwrap().runs;
        let runs = std::iter::once(None).chain(runs.into_iter().map(|r| Some(r.id)));
        runs.map(move |run| (format!("{name}:{run:?}"), play(name, run.as_deref())))
    })
}

fn whole() -> Options {
    Options { plain_acks: true, ..Options::default() }
}

fn of(world: &World, conn: u32, options: &Options) -> Ladder {
    ladder(world.log(), &world.names(), &[ConnId(conn)], options)
}

fn conns(world: &World) -> std::ops::Range<u32> {
    0..world.log().connections().len() as u32
}

/// Time between two entries.
fn between(world: &World, from: EntryId, to: EntryId) -> Duration {
    world.log().entry(to).at.since(world.log().entry(from).at)
}

#[test]
fn every_packet_of_the_conversation_has_one_arrow() {
    for (name, world) in all() {
        for conn in conns(&world) {
            let ladder = of(&world, conn, &whole());
            let mut drawn: Vec<u32> = ladder.arrows.iter().map(|a| a.packet.0).collect();
            drawn.sort_unstable();
            let packets = world.log().packets().iter().enumerate();
            let sent: Vec<u32> = packets
                .filter(|(_, p)| p.conn.is_some_and(|(c, _)| c == ConnId(conn)))
                .map(|(i, _)| i as u32)
                .collect();
            assert_eq!(drawn, sent, "{name}, connection {conn}");
            // Without plain acknowledgements the others are still there.
            let fewer = of(&world, conn, &Options::default());
            assert!(fewer.arrows.iter().all(|a| !a.plain_ack));
            let others = ladder.arrows.iter().filter(|a| !a.plain_ack).map(|a| a.packet);
            assert_eq!(fewer.arrows.iter().map(|a| a.packet).collect::<Vec<_>>(), others.collect::<Vec<_>>(), "{name}");
        }
    }
}

#[test]
fn arrows_go_from_lane_to_lane_and_never_up() {
    for (name, world) in all() {
        for conn in conns(&world) {
            let ladder = of(&world, conn, &whole());
            assert_eq!((ladder.left.side, ladder.right.side), (Side::Client, Side::Server));
            for arrow in &ladder.arrows {
                let (from, to) = match arrow.from {
                    Side::Client => (ladder.left.x, ladder.right.x),
                    Side::Server => (ladder.right.x, ladder.left.x),
                };
                assert_eq!(arrow.x1, from, "{name}");
                match arrow.progress {
                    Progress::Arrived(_) => {
                        assert!(arrow.y2 - arrow.y1 > ONE_WAY - 0.01, "{name}: {arrow:?}");
                        assert_eq!(arrow.x2, to, "{name}");
                        assert_eq!(arrow.lost(), None);
                    }
                    Progress::Lost { .. } => {
                        assert!(arrow.y2 >= arrow.y1, "{name}");
                        let share = (arrow.x2 - from) / (to - from);
                        assert!((0.0..=1.0).contains(&share), "{name}: {share}");
                    }
                    Progress::Flying => panic!("{name}: the run is over"),
                }
                assert!(!arrow.label.is_empty(), "{name}: {arrow:?}");
            }
        }
    }
}

/// Points in a millisecond, from the arrow that was sent and had arrived first.
fn points_per_ms(world: &World, ladder: &Ladder) -> f32 {
    let shortest = ladder.arrows.iter().filter_map(|a| match a.progress {
        Progress::Arrived(at) => Some((between(world, a.sent, at).as_nanos(), a.y2 - a.y1)),
        _ => None,
    });
    let (took, high) = shortest.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))).unwrap();
    high / (took as f32 / 1e6)
}

#[test]
fn within_a_burst_slope_is_time() {
    let (mut to_scale, mut stretched) = (0, 0);
    for (name, world) in all() {
        let at = |entry: EntryId| world.log().entry(entry).at;
        for conn in conns(&world) {
            let ladder = of(&world, conn, &Options::default());
            if !ladder.arrows.iter().any(|a| matches!(a.progress, Progress::Arrived(_))) {
                continue;
            }
            let scale = points_per_ms(&world, &ladder);
            for arrow in &ladder.arrows {
                let Progress::Arrived(arrived) = arrow.progress else { continue };
                let true_height = between(&world, arrow.sent, arrived).as_nanos() as f32 / 1e6 * scale;
                let high = arrow.y2 - arrow.y1;
                assert!(high > true_height - 0.1, "{name}: {arrow:?} is flatter than {true_height}");
                // Stretched only by what arrived meanwhile, or left its end just when it came.
                let meanwhile = |entry: EntryId| entry > arrow.sent && entry < arrived;
                let free = ladder.arrows.iter().all(|a| {
                    let came = matches!(a.progress, Progress::Arrived(at) if meanwhile(at));
                    !(came || meanwhile(a.sent) && a.from != arrow.from && at(a.sent) == at(arrived))
                });
                if free {
                    assert!((high - true_height).abs() < 0.1, "{name}: {arrow:?}, not {true_height}");
                    to_scale += 1;
                } else {
                    stretched += 1;
                }
            }
        }
    }
    assert!(to_scale > 10 * stretched / 2, "{to_scale} to scale, {stretched} stretched");
}

#[test]
fn what_leaves_at_the_same_instant_flies_parallel() {
    // Nine full segments, the third is lost.
    let world = play("packet-loss", Some("3"));
    let ladder = of(&world, 0, &Options::default());
    let burst: Vec<&Arrow> = ladder.arrows.iter().filter(|a| a.label_at != 0.5 && a.from == Side::Client).collect();
    assert_eq!(burst.len(), 9);
    for (i, arrow) in burst.iter().enumerate() {
        assert!((arrow.y1 - burst[0].y1 - APART * i as f32).abs() < 0.01);
        match arrow.lost() {
            Some(_) => assert_eq!(i, 2),
            None => assert!((arrow.y2 - arrow.y1 - (burst[0].y2 - burst[0].y1)).abs() < 0.01, "{arrow:?}"),
        }
        assert_eq!(arrow.label_at, [0.3, 0.7][i % 2]);
    }
    // All leave before the first arrives.
    assert!(burst[8].y1 < burst[0].y2);
}

#[test]
fn one_conversation_is_the_chart_of_the_lecture() {
    let world = play("one-conversation", None);
    let ladder = of(&world, 0, &Options::default());
    let labels: Vec<String> = ladder
        .arrows
        .iter()
        .map(|a| {
            let Progress::Arrived(at) = a.progress else { panic!("nothing is lost here") };
            let (sent, at) = (world.log().entry(a.sent).at, world.log().entry(at).at);
            let way = if a.x1 < a.x2 { "->" } else { "<-" };
            let line = if a.dashed { "- -" } else { "---" };
            format!(
                "{:>6} {:>6} {:>6.1} {:>6.1} {way} {line} {}",
                sent.to_string(),
                at.to_string(),
                a.y1,
                a.y2,
                a.label
            )
        })
        .collect();
    insta::assert_snapshot!(labels.join("\n"));
    // Each round trip has the same height: all times are multiples of 50 ms.
    let y = |ms| ladder.y_at(Instant::from_millis(ms));
    assert_eq!(y(0), TOP);
    assert!((y(100) - y(0) - 2.0 * (y(50) - y(0))).abs() < 0.01);
    assert!((y(600) - y(500) - (y(100) - y(0))).abs() < 0.01);
    assert_eq!(ladder.ticks.len(), 2, "two routers");
    assert!(ladder.breaks.is_empty());
    assert!(ladder.clock.windows(2).all(|t| t[1].y - t[0].y >= 18.0 && t[1].at > t[0].at));
}

#[test]
fn a_lost_packet_ends_at_a_cross_on_its_link_and_a_timer_sends_it_again() {
    let world = play("packet-loss", Some("1"));
    let ladder = of(&world, 0, &Options::default());
    let lost: Vec<&Arrow> = ladder.arrows.iter().filter(|a| a.lost().is_some()).collect();
    assert_eq!(lost.len(), 1);
    let (x, y) = lost[0].lost().unwrap();
    // On the first link, between the lane and the first router.
    assert!(x > ladder.left.x + 2.0 && x < ladder.ticks[0], "{x}, router at {}", ladder.ticks[0]);
    assert!((y - ladder.y_at(Instant::from_millis(300))).abs() < 0.01, "lost when it was sent, at 300 ms");
    let again = ladder.arrows.iter().find(|a| a.retransmission && a.from == Side::Client).unwrap();
    assert_eq!(again.label, lost[0].label);
    let timer = ladder.timers.iter().find(|t| t.side == Side::Client).unwrap();
    assert_eq!((timer.kind, timer.text.as_str()), (TimerKind::Retransmission, "1.000 s"));
    assert_eq!((timer.y1, timer.x), (lost[0].y1, ladder.left.x));
    assert!((timer.y2 - again.y1).abs() < 0.01);
    // The waiting is not drawn to scale, and says how long it was.
    assert!(ladder.breaks.iter().any(|b| b.text == "950 ms" || b.text == "900 ms"), "{:?}", ladder.breaks);
    assert!(ladder.breaks.iter().all(|b| (b.y2 - b.y1 - BREAK).abs() < 0.01));
}

#[test]
fn a_queue_that_overflows_loses_the_packet_at_its_router() {
    let world = play("arp", None);
    let ladder = of(&world, 1, &Options::default());
    let lost = ladder.arrows.iter().find_map(Arrow::lost).unwrap();
    assert!((lost.0 - ladder.ticks[0]).abs() < 0.01, "at {}, routers at {:?}", lost.0, ladder.ticks);
}

#[test]
fn nothing_later_than_now_is_drawn_and_nothing_moves() {
    for (name, world) in all() {
        let (log, names) = (world.log(), world.names());
        let step = (log.entries().len() / 40).max(1);
        for conn in conns(&world).take(3) {
            let end = of(&world, conn, &whole());
            let mut last = 0.0;
            for place in (0..=log.entries().len()).step_by(step) {
                let options = Options { now: Some(place), ..whole() };
                let now = ladder(log, &names, &[ConnId(conn)], &options);
                assert!(now.now >= last - 0.01, "{name}: now does not go up");
                last = now.now;
                assert_eq!(now.arrows.len(), end.arrows.iter().filter(|a| (a.sent.0 as usize) < place).count());
                for (a, whole) in now.arrows.iter().zip(&end.arrows) {
                    assert_eq!((a.packet, a.x1, a.y1), (whole.packet, whole.x1, whole.y1), "{name}");
                    assert!(a.y2 <= now.now + 0.01, "{name} at {place}: {a:?} below now {}", now.now);
                    match a.progress {
                        Progress::Flying => {
                            assert!(a.y2 <= whole.y2 + 0.01 && a.y2 >= a.y1 - 0.01, "{name}");
                            let (dx, whole_dx) = (a.x2 - a.x1, whole.x2 - whole.x1);
                            assert!(dx * whole_dx >= 0.0 && dx.abs() <= whole_dx.abs() + 0.01, "{name}");
                        }
                        _ => assert_eq!(a, whole, "{name}"),
                    }
                }
                assert!(end.timers.starts_with(&now.timers), "{name}");
                assert!(now.timers.iter().all(|t| (t.fired.0 as usize) < place));
                assert!(end.clock.starts_with(&now.clock), "{name}");
                for (i, b) in now.breaks.iter().enumerate() {
                    let whole = &end.breaks[i];
                    assert_eq!((b.y1, b.from), (whole.y1, whole.from));
                    assert!(b == whole || i + 1 == now.breaks.len(), "only the last one can be cut");
                    assert!(b.y2 <= now.now + 0.01, "{name}: a break below now");
                }
                for band in &now.bands {
                    assert!(band.y2 <= now.now + 0.01 && band.y1 <= band.y2, "{name}");
                    let whole = end.bands.iter().find(|b| b.part == band.part && b.y1 == band.y1).unwrap();
                    assert!(band.open || band == whole || whole.open, "{name}: {band:?}, {whole:?}");
                }
            }
        }
    }
}

#[test]
fn a_packet_in_flight_is_cut_where_it_is() {
    // Two conversations, so that places lie between the events of one: here the clock alone moves on.
    let world = play("push-and-pull", None);
    let log = world.log();
    let pull = of(&world, 0, &whole());
    let Progress::Arrived(arrived) = pull.arrows[0].progress else { panic!("the SYN arrives") };
    // It is on the long link when it has passed both switches and the first router.
    let on_long_link = (0..arrived.0 as usize)
        .filter(|place| log.entries().at(*place).at == Instant::from_millis(49))
        .map(|place| place + 1)
        .next_back()
        .unwrap();
    let now = of(&world, 0, &Options { now: Some(on_long_link), ..whole() });
    let syn = &now.arrows[0];
    assert_eq!(syn.progress, Progress::Flying);
    let share = (syn.x2 - syn.x1) / (pull.arrows[0].x2 - pull.arrows[0].x1);
    assert!((share - 49.0 / 50.0).abs() < 0.001, "{share}");
    assert!((now.now - syn.y2).abs() < 0.01, "its tip is at now");
}

#[test]
fn side_by_side_the_same_time_has_the_same_height() {
    let world = play("push-and-pull", None);
    let (log, names) = (world.log(), world.names());
    let port = |c: &u32| log.connection(ConnId(*c)).server_addr.1;
    let pull: Vec<ConnId> = conns(&world).filter(|c| port(c) == 80).map(ConnId).collect();
    let push: Vec<ConnId> = conns(&world).filter(|c| port(c) == 25).map(ConnId).collect();
    let packets = Packets::new(log);
    let show = |conversations| Shown { log, names: &names, packets: &packets, conversations };
    let options = Options { width: 470.0, has_left: true, left: 20.0, right: 20.0, ..Options::default() };
    let plan = Plan::new(&[show(&pull), show(&push)], &options);
    let both = [0, 1].map(|number| plan.ladder(number, log, None));
    assert_eq!(both[0].left.name, "www.a", "it has the content");
    assert_eq!(both[1].left.name, "mail.a");
    assert_eq!((both[0].left.side, both[1].left.side), (Side::Server, Side::Client));
    let syn = |l: &Ladder| l.arrows[0].clone();
    assert!(syn(&both[0]).x2 < syn(&both[0]).x1, "pull: the first SYN points left");
    assert!(syn(&both[1]).x2 > syn(&both[1]).x1, "push: to the right");
    for ms in (0..1000).step_by(25) {
        let at = Instant::from_millis(ms);
        assert_eq!(both[0].y_at(at), both[1].y_at(at));
    }
    // What answers at the same time leaves at the same height.
    assert_eq!(syn(&both[0]).y1, syn(&both[1]).y1);
    assert_eq!(syn(&both[0]).y2, syn(&both[1]).y2);
}

#[test]
fn two_runs_share_an_axis_by_time() {
    let (one, two) = (play("packet-loss", Some("0")), play("packet-loss", Some("1")));
    let (names, conversations) = (one.names(), [ConnId(0)]);
    let packets = [&one, &two].map(|world| Packets::new(world.log()));
    let shown = [(&one, &packets[0]), (&two, &packets[1])].map(|(world, packets)| Shown {
        log: world.log(),
        names: &names,
        packets,
        conversations: &conversations,
    });
    let plan = Plan::new(&shown, &Options::default());
    let both = [plan.ladder(0, one.log(), None), plan.ladder(1, two.log(), None)];
    for ms in [0, 50, 100, 300, 700, 1300] {
        let at = Instant::from_millis(ms);
        assert_eq!(both[0].y_at(at), both[1].y_at(at));
    }
    // A place of one record is a time of the other.
    let early = plan.ladder(1, two.log(), Some(40));
    assert!(early.arrows.len() < both[1].arrows.len());
    assert_eq!(early.now, plan.ladder(0, one.log(), Some(40)).now, "until then both runs are alike");
}

#[test]
fn several_connections_of_the_same_hosts_stand_on_the_same_lanes() {
    let world = play("push-and-pull", Some("3"));
    let log = world.log();
    let pull: Vec<ConnId> = conns(&world).map(ConnId).filter(|c| log.connection(*c).server_addr.1 == 80).collect();
    assert_eq!(pull.len(), 4);
    let all: Vec<ConnId> = conns(&world).map(ConnId).collect();
    let ladder = ladder(log, &world.names(), &[&pull[..], &all[..]].concat(), &whole());
    let mut shown: Vec<ConnId> = ladder.arrows.iter().map(|a| a.conn).collect();
    shown.sort_unstable();
    shown.dedup();
    assert_eq!(shown, pull, "those between other hosts are left out");
}

#[test]
fn pointing_finds_arrows_and_places() {
    let world = play("one-conversation", None);
    let ladder = of(&world, 0, &Options::default());
    for (i, arrow) in ladder.arrows.iter().enumerate() {
        let (x, y) = arrow.at(0.4);
        assert_eq!(ladder.arrow_at(x, y + 0.5, 4.0), Some(i));
        assert_eq!(ladder.arrow_of(arrow.packet), Some(i));
        let place = ladder.place_at(arrow.y1);
        assert!((ladder.y_of(world.log(), place) - arrow.y1).abs() < 0.01);
    }
    assert_eq!(ladder.arrow_at(ladder.left.x - 30.0, 0.0, 4.0), None);
    assert_eq!(ladder.place_at(-50.0), ladder.place_at(TOP), "above the first event is the first event");
}

#[test]
fn waits_are_breaks_with_their_length_in_words() {
    let words = |d| time::words(d);
    assert_eq!(words(Duration::from_millis(950)), "950 ms");
    assert_eq!(words(Duration::from_secs(1)), "1.000 s");
    assert_eq!(words(Duration::from_secs(3598)), "59 min 58 s");
    assert_eq!(words(Duration::from_secs(3600)), "1 h");
    assert_eq!(words(Duration::from_secs(9000)), "2 h 30 min");
    assert_eq!(words(Duration::from_secs(5 * 86_400)), "5 d");
    // SYNs at 0, 1, 3 and 7 s, given up at 15 s.
    let world = play("server-down", None);
    let log = world.log();
    let silent = conns(&world).find(|c| {
        log.entries().iter().any(|e| {
            matches!(e.what, What::TcpClosed { conn, how: crate::trace::Closed::Timeout, .. } if conn == ConnId(*c))
        })
    });
    if let Some(conn) = silent {
        let ladder = of(&world, conn, &whole());
        let texts: Vec<&str> = ladder.breaks.iter().map(|b| b.text.as_str()).collect();
        assert_eq!(texts, ["1.000 s", "2.000 s", "4.000 s", "8.000 s"]);
    }
}

#[test]
fn when_the_record_ends_packets_are_where_they_were() {
    let ready = load_builtin("one-conversation").unwrap().ready(None).unwrap();
    let mut world = World::new(Arc::new(ready.setup), Level::All);
    world.run_until(Instant::from_millis(149));
    let ladder = of(&world, 0, &whole());
    let third = ladder.arrows.last().unwrap();
    assert_eq!((third.label.as_str(), third.progress), ("ACK", Progress::Flying));
    let share = (third.x2 - third.x1) / (ladder.right.x - ladder.left.x);
    assert!((share - 49.0 / 50.0).abs() < 0.01, "{share}");
}

#[test]
fn a_way_that_takes_no_time_still_shows_the_order() {
    let text = BUILT_IN.iter().find(|b| b.0 == "one-conversation").unwrap().1;
    let none = text.replace("\"48 ms\"", "\"0 ms\"").replace("\"1 ms\"", "\"0 ms\"");
    assert_ne!(text, none);
    let ready = crate::scenario::parse("no-delay", &none).unwrap().ready(None).unwrap();
    let mut world = World::new(Arc::new(ready.setup), Level::All);
    world.run();
    let ladder = of(&world, 0, &whole());
    assert!(ladder.arrows.len() > 15);
    for pair in ladder.arrows.windows(2) {
        assert!(pair[0].y2 - pair[0].y1 >= ONE_WAY);
        let answers = pair[1].from != pair[0].from;
        assert!(pair[1].y1 >= if answers { pair[0].y2 } else { pair[0].y1 + APART } - 0.01);
    }
}

#[test]
fn without_packets_there_are_lanes_and_phases() {
    let ready = load_builtin("one-conversation").unwrap().ready(None).unwrap();
    let mut world = World::new(Arc::new(ready.setup), Level::Milestones);
    world.run();
    let ladder = of(&world, 0, &whole());
    assert!(ladder.arrows.is_empty());
    assert_eq!((ladder.left.name.as_str(), ladder.right.name.as_str()), ("mail.a", "mail.b"));
    let parts: Vec<Part> = ladder.bands.iter().map(|b| b.part).collect();
    assert!(parts.starts_with(&[Part::Connect, Part::Handshaking, Part::Transfer, Part::Closure]), "{parts:?}");
}

#[test]
fn phases_touch_and_stand_beside_their_packets() {
    let world = play("one-conversation", None);
    let ladder = of(&world, 0, &Options::default());
    let bands: Vec<(Part, f32, f32)> = ladder.bands.iter().map(|b| (b.part, b.y1, b.y2)).collect();
    assert!(bands.windows(2).all(|b| b[0].2 == b[1].1), "{bands:?}");
    let y = |ms| ladder.y_at(Instant::from_millis(ms));
    let parts: Vec<(Part, f32)> = bands.iter().map(|b| (b.0, b.1)).collect();
    let wanted =
        [(Part::Connect, y(0)), (Part::Handshaking, y(100)), (Part::Transfer, y(500)), (Part::Closure, y(700))];
    assert_eq!(parts[..4], wanted);
    // The FIN leaves with the 221, at 750 ms.
    assert_eq!(parts[4].0, Part::Disconnect);
    let rfc: Vec<(RfcPhase, f32)> = ladder.rfc.iter().map(|b| (b.part, b.y1)).collect();
    assert_eq!(rfc[2], (RfcPhase::MailTransaction, y(300)), "the second band begins transfer at MAIL");
}
