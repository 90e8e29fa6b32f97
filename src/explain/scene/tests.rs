//! Laws that hold at every place of every built-in run, and what the six steps show.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::*;
use crate::mail::Event;
use crate::scenario::{BUILT_IN, load_builtin, parse};
use crate::sim::World;
use crate::trace::{Level, What};

/// A run, ready for scenes.
struct Run {
    name: String,
    world: World,
    scenes: Scenes,
    timeline: Timeline,
}

impl Run {
    fn new(name: String, setup: Setup, level: Level) -> Run {
        let mut world = World::new(Arc::new(setup), level);
        world.run();
        Run::of(name, world)
    }

    fn of(name: String, world: World) -> Run {
        let scenes = Scenes::new(world.log(), world.setup());
        let mut timeline = Timeline::default();
        timeline.extend(world.log());
        Run { name, world, scenes, timeline }
    }

    fn at(&self, place: usize) -> Scene {
        self.scenes.at(self.world.log(), &self.timeline, place)
    }

    fn log(&self) -> &Log {
        self.world.log()
    }

    fn node(&self, name: &str) -> NodeId {
        let at = self.world.setup().nodes.iter().position(|n| n.name == name);
        NodeId(at.expect("a node of the scenario") as u32)
    }

    /// The place behind the first entry about mail that `is` picks, at a node.
    fn behind(&self, node: &str, is: impl Fn(&Event) -> bool) -> usize {
        let node = self.node(node);
        let found = self.log().entries().iter().position(|e| match &e.what {
            What::Mail(event) => e.node == node && is(event),
            _ => false,
        });
        found.expect("this happens in the run") + 1
    }

    /// The only letter that is no copy.
    fn letter(&self, place: usize) -> Letter {
        let letters = self.scenes.letters(self.log(), place);
        let mut originals = letters.into_iter().filter(|l| !l.copy);
        let one = originals.next().expect("there is a letter");
        assert_eq!(originals.next(), None, "there is one letter");
        one
    }
}

/// Every run of every built-in scenario.
fn runs() -> Vec<Run> {
    let mut runs = Vec::new();
    for (name, _) in BUILT_IN {
        let scenario = load_builtin(name).unwrap();
        let ids = scenario.runs.iter().map(|r| Some(r.id.clone()));
        for id in [None].into_iter().chain(ids) {
            let ready = scenario.ready(id.as_deref()).unwrap();
            runs.push(Run::new(ready.setup.name.clone(), ready.setup, Level::All));
        }
    }
    runs
}

fn run(name: &str, id: Option<&str>) -> Run {
    let ready = load_builtin(name).unwrap().ready(id).unwrap();
    Run::new(ready.setup.name.clone(), ready.setup, Level::All)
}

#[test]
fn a_mail_is_at_one_place_at_every_moment_of_every_run() {
    for run in runs() {
        let mut known: BTreeMap<Mail, usize> = BTreeMap::new();
        for place in 0..=run.scenes.places() {
            let letters = run.scenes.letters(run.log(), place);
            let keys: BTreeSet<LetterKey> = letters.iter().map(|l| l.key).collect();
            assert_eq!(keys.len(), letters.len(), "{} at {place}: each letter once", run.name);
            let mut originals: BTreeMap<Mail, usize> = BTreeMap::new();
            for letter in letters.iter().filter(|l| !l.copy) {
                *originals.entry(letter.key.mail).or_default() += 1;
            }
            // A mail parts where it goes to several domains or users, or is sent twice; else it is at one place, and none is forgotten.
            let several = ["envelope", "who-holds-it", "talk-smtp:goal-2"];
            let parts = several.iter().any(|name| run.name.starts_with(name));
            for (mail, before) in &known {
                let now = originals.get(mail).copied().unwrap_or(0);
                assert!(now == *before || (parts && now > *before), "{} at {place}: {mail:?}: {now}", run.name);
            }
            assert!(
                originals.values().all(|n| *n == 1 || (parts && *n <= 3)),
                "{} at {place}: {originals:?}",
                run.name
            );
            known = originals;
            let readers = letters.iter().filter(|l| matches!(l.at, LetterPlace::Reader { .. }));
            assert!(readers.into_iter().all(|l| l.copy), "{} at {place}: who reads, reads a copy", run.name);
        }
    }
}

/// What lies in mailboxes and queues is what the fold of the record says, except that a letter which another
/// server has taken is there and not in the queue that will be told so, and one on the wire is on the wire.
#[test]
fn letters_in_mailboxes_and_queues_are_those_of_the_state() {
    for run in runs() {
        for place in 0..=run.scenes.places() {
            let scene = run.at(place);
            let mut stored: Vec<(NodeId, String, String, u32)> = Vec::new();
            let mut queued = 0;
            for letter in &scene.letters {
                match &letter.at {
                    LetterPlace::Mailbox { node, user, folder, uid } => {
                        stored.push((*node, user.to_string(), folder.to_string(), *uid));
                        let key = (*node, user.to_string(), folder.to_string());
                        let content = scene.state.mailboxes[&key][uid].letter.content;
                        assert_eq!(letter.content, Some(content));
                    }
                    LetterPlace::Queue { node, entry } => {
                        let content = scene.state.queues[&(*node, *entry)].letter.content;
                        assert_eq!(letter.content, Some(content), "{} at {place}", run.name);
                        queued += 1;
                    }
                    _ => {}
                }
            }
            stored.sort();
            let state = scene.state.mailboxes.iter();
            let boxes: Vec<_> =
                state.flat_map(|((n, u, f), b)| b.keys().map(|uid| (*n, u.clone(), f.clone(), *uid))).collect();
            assert_eq!(stored, boxes, "{} at {place}", run.name);
            assert!(queued <= scene.state.queues.len(), "{} at {place}", run.name);
        }
    }
}

#[test]
fn a_packet_that_was_sent_and_has_not_ended_waits() {
    for run in runs() {
        let log = run.log();
        // How often each packet is on a link, counted entry by entry.
        let mut on_links: BTreeMap<PacketId, i32> = BTreeMap::new();
        let mut at_router: BTreeMap<PacketId, i32> = BTreeMap::new();
        for place in 0..=run.scenes.places() {
            let waiting = run.scenes.flights(log, place, place);
            let mut flying: BTreeMap<PacketId, usize> = BTreeMap::new();
            for flight in &waiting {
                *flying.entry(flight.packet).or_default() += 1;
                assert!((flight.sent.0 as usize) < place);
                assert!(flight.ended.is_none_or(|e| e.0 as usize >= place));
                assert_eq!(flight.path.len(), flight.hops.len());
            }
            for (packet, n) in &on_links {
                assert!(*n <= 0 || flying.contains_key(packet), "{} at {place}: {packet:?}", run.name);
            }
            for (packet, n) in &flying {
                let busy = on_links.get(packet).is_some_and(|n| *n > 0);
                let held = at_router.get(packet).is_some_and(|n| *n > 0);
                assert!(busy || held, "{} at {place}: {packet:?} flies {n} times", run.name);
            }
            let Some(entry) = log.entries().get(place) else { break };
            let at_host = matches!(run.world.setup().nodes[entry.node.0 as usize].kind, crate::sim::NodeKind::Host(_));
            match entry.what {
                What::FrameSent { packet, .. } => {
                    *on_links.entry(packet).or_default() += 1;
                    if !at_host {
                        at_router.insert(packet, 0);
                    }
                }
                What::FrameArrived { packet, .. } => {
                    *on_links.entry(packet).or_default() -= 1;
                    // Whoever is off or does not want it says so with the next entry.
                    let lost = log.entries().get(place + 1).is_some_and(
                        |next| matches!(next.what, What::FrameLost { packet: p, .. } if p == packet && next.link().is_none()),
                    );
                    at_router.insert(packet, i32::from(!at_host || lost));
                }
                What::FrameLost { packet, .. } if entry.link().is_some() => {
                    *on_links.entry(packet).or_default() -= 1;
                }
                What::FrameLost { packet, .. } => {
                    at_router.insert(packet, 0);
                }
                _ => {}
            }
        }
    }
}

#[test]
fn flights_between_two_places_are_those_under_way_there() {
    for run in runs() {
        let log = run.log();
        let all = run.scenes.flights(log, 0, run.scenes.places());
        assert!(all.is_sorted_by_key(|f| f.sent), "{}", run.name);
        let packets: BTreeSet<PacketId> = all.iter().map(|f| f.packet).collect();
        assert_eq!(packets.len(), log.packets().len(), "{}: every packet flies", run.name);
        for from in (0..=run.scenes.places()).step_by(61) {
            for to in [from, from + 1, from + 17, from + 400] {
                let to = to.min(run.scenes.places());
                let under_way = |f: &&Flight| {
                    let (sent, ended) = (f.sent.0 as usize, f.ended.map_or(usize::MAX, |e| e.0 as usize));
                    sent < to && ended >= from
                };
                let expected: Vec<Flight> = all.iter().filter(under_way).cloned().collect();
                assert_eq!(run.scenes.flights(log, from, to), expected, "{}: {from} to {to}", run.name);
                assert_eq!(run.scenes.flights(log, to, from), expected);
            }
        }
        for flight in &all {
            let (first, last) = (flight.path.first(), flight.path.last());
            assert_eq!(first.map(|p| p.1), Some(flight.from));
            assert!(flight.path.windows(2).all(|w| w[0].2 == w[1].1), "{}: {flight:?}", run.name);
            assert!(flight.hops.windows(2).all(|w| w[0].1 <= w[1].0), "{}: {flight:?}", run.name);
            match flight.lost {
                None => assert_eq!(last.map(|p| p.2), Some(flight.to), "{}: {flight:?}", run.name),
                Some((got_over, _)) => assert!(got_over == flight.path.len() || got_over + 1 == flight.path.len()),
            }
            if flight.branch == 0 {
                let all_ways = run.scenes.of_packet(log, flight.packet);
                assert_eq!(all_ways.first(), Some(flight));
                assert!(all_ways.iter().map(|f| f.branch).eq(0..all_ways.len() as u32));
            }
        }
    }
}

/// A scene is made from what was recorded before its place: it is the same if the run has not gone on yet.
#[test]
fn a_scene_does_not_depend_on_what_comes_later() {
    for run in runs() {
        let log = run.log();
        let mut world = World::new(Arc::clone(run.world.setup()), Level::All);
        let mut steps = 0;
        while world.step() {
            steps += 1;
            if steps % 37 != 0 {
                continue;
            }
            let place = world.log().entries().len();
            let short = Run::of(run.name.clone(), world.clone());
            let (a, b) = (short.at(place), run.at(place));
            assert_eq!((a.place, a.at, &a.state, &a.on), (b.place, b.at, &b.state, &b.on));
            let tubes = |s: &Scene| s.tubes.iter().map(|t| (t.conn, t.client, t.server, t.open)).collect::<Vec<_>>();
            assert_eq!(tubes(&a), tubes(&b), "{} at {place}", run.name);
            let flights = |s: &Scene| s.waiting.iter().map(|f| (f.packet, f.sent, f.from)).collect::<BTreeSet<_>>();
            assert_eq!(flights(&a), flights(&b), "{} at {place}", run.name);
            let letters = |s: &Scene| {
                let mut letters = s.letters.clone();
                for letter in &mut letters {
                    // How long the client's text will be is known when it has written it.
                    if let LetterPlace::Wire { total, .. } = &mut letter.at {
                        *total = 0;
                    }
                }
                letters
            };
            assert_eq!(letters(&a), letters(&b), "{} at {place}", run.name);
        }
        assert_eq!(run.at(usize::MAX).place, log.entries().len());
    }
}

#[test]
fn a_place_is_the_same_from_wherever_one_comes() {
    for run in runs() {
        let end = run.scenes.places();
        let forward: Vec<Scene> = (0..=end).step_by(29).map(|p| run.at(p)).collect();
        let mut back: Vec<Scene> = (0..end + 1).step_by(29).rev().map(|p| run.at(p)).collect();
        back.reverse();
        assert!(forward == back, "{}", run.name);
        // Another timeline and other scenes of the same record tell the same.
        let again = Run::of(run.name.clone(), run.world.clone());
        assert!(again.at(end / 2) == run.at(end / 2), "{}", run.name);
    }
}

#[test]
fn connections_are_there_as_long_as_one_of_their_ends_is() {
    for run in runs() {
        for place in 0..=run.scenes.places() {
            let scene = run.at(place);
            let open = |c: &ConnId| {
                let end = |side| scene.state.connections.get(&(*c, side));
                [crate::topology::Side::Client, crate::topology::Side::Server]
                    .into_iter()
                    .filter_map(end)
                    .any(|e| e.closed.is_none())
            };
            for tube in &scene.tubes {
                let begun = scene.state.connections.keys().any(|(c, _)| *c == tube.conn);
                assert!(!begun || open(&tube.conn), "{} at {place}: {tube:?}", run.name);
                assert_eq!(tube.nodes.first(), Some(&tube.client));
                assert_eq!(tube.nodes.last().copied(), tube.server, "{} at {place}", run.name);
            }
            let shown: BTreeSet<ConnId> = scene.tubes.iter().map(|t| t.conn).collect();
            for (conn, _) in scene.state.connections.keys() {
                assert!(shown.contains(conn) || !open(conn), "{} at {place}: {conn:?}", run.name);
            }
        }
    }
}

#[test]
fn alices_letter_goes_from_her_screen_over_two_servers_to_bobs_screen() {
    let run = run("six-steps", None);
    let (alice, a, b, bob) = (run.node("alice-pc"), run.node("mail.a"), run.node("mail.b"), run.node("bob-pc"));
    let mut stays: Vec<String> = Vec::new();
    for place in 0..=run.scenes.places() {
        let letter = run.letter(place);
        let told = match letter.at {
            LetterPlace::Wire { from, to, .. } => format!("from {} to {}", from.0, to.0),
            LetterPlace::Mailbox { node, user, folder, uid } => format!("{user} {folder} {uid} at {}", node.0),
            at => format!("{at:?}"),
        };
        if stays.last() != Some(&told) {
            stays.push(told);
        }
    }
    let expected = [
        format!("Draft({alice:?})"),
        format!("Screen {{ node: {alice:?} }}"),
        format!("from {} to {}", alice.0, a.0),
        format!("Queue {{ node: {a:?}, entry: QueueId(1) }}"),
        format!("from {} to {}", a.0, b.0),
        format!("bob INBOX 1 at {}", b.0),
    ];
    assert_eq!(stays, expected);
    let read = run.behind("bob-pc", |e| matches!(e, Event::Read { .. }));
    let copies = |place: usize| run.scenes.letters(run.log(), place).into_iter().filter(|l| l.copy).collect::<Vec<_>>();
    let [on_wire] = &copies(read - 1)[..] else { panic!("one copy is under way") };
    assert!(matches!(on_wire.at, LetterPlace::Wire { from, to, done: 607, total: 607, .. } if (from, to) == (b, bob)));
    let [shown] = &copies(read)[..] else { panic!("one copy is read") };
    assert_eq!((shown.key, &shown.at), (on_wire.key, &LetterPlace::Reader { node: bob }));
    assert_eq!(shown.key.mail, run.letter(read).key.mail);
}

#[test]
fn the_letter_is_in_the_mailbox_after_mailbox_store_and_not_before() {
    let run = run("six-steps", None);
    let stored = run.behind("mail.b", |e| matches!(e, Event::MailboxStore { .. }));
    assert!(matches!(run.letter(stored - 1).at, LetterPlace::Wire { done: 435, total: 435, .. }));
    assert!(matches!(run.letter(stored).at, LetterPlace::Mailbox { .. }));
    // The sender keeps its entry until the 250 arrives; the letter is not there any more.
    let a = run.node("mail.a");
    assert!(run.at(stored).state.queues.keys().any(|(node, _)| *node == a));
    let (queued, left) = (
        run.behind("mail.a", |e| matches!(e, Event::QueueEnter { .. })),
        run.behind("mail.a", |e| matches!(e, Event::QueueLeave { .. })),
    );
    assert!(matches!(run.letter(queued - 1).at, LetterPlace::Wire { .. }));
    assert!(matches!(run.letter(queued).at, LetterPlace::Queue { .. }));
    assert_eq!(run.letter(left).at, run.letter(stored).at);
}

#[test]
fn a_computer_is_dark_until_it_is_switched_on_and_nobody_asks_who_takes_no_part() {
    let run = run("six-steps", None);
    let bob = run.node("bob-pc").0 as usize;
    let on = run.scenes.gaps().last().expect("there is a long wait").clone();
    assert!(!run.at(on.from).on[bob]);
    assert!(run.at(on.to).on[bob]);
    assert_eq!(
        run.scenes.gaps().iter().map(|w| w.words(run.world.setup())).collect::<Vec<_>>(),
        ["975 ms, in the queue".to_owned(), "59 min 58 s, Bob's computer is off".to_owned(),]
    );
    assert_eq!(run.at(on.from).at, on.since);
    assert!(run.scenes.touched().iter().all(|t| *t));
    let phone = r#"{ "name": "phone", "address": "198.51.100.11/25", "fqdn": "phone.b.example" }"#;
    let link = r#"{ "from": "phone", "to": "sw-b", "delay": "4 ms" }"#;
    let run = changed(&[
        (r#"  "hosts": ["#, &format!(r#"  "hosts": [{phone},"#)),
        (r#"  "links": ["#, &format!(r#"  "links": [{link},"#)),
    ]);
    let phone = run.node("phone").0 as usize;
    assert!(run.scenes.touched().iter().enumerate().all(|(n, t)| *t == (n != phone)));
}

/// The action of the six steps before which others can be put.
const HOUR: &str = r#"{ "at": "1 h", "on": "bob-pc" }"#;

/// The six steps with parts of the file replaced.
fn changed(parts: &[(&str, &str)]) -> Run {
    let mut text = include_str!("../../../scenarios/six-steps.json").to_owned();
    for (old, new) in parts {
        assert!(text.contains(old), "{old} is in the file");
        text = text.replace(old, new);
    }
    let ready = parse("changed", &text).and_then(|s| s.ready(None)).unwrap_or_else(|problems| panic!("{problems}"));
    Run::new("changed".to_owned(), ready.setup, Level::All)
}

#[test]
fn a_letter_for_two_people_becomes_two_when_it_is_stored() {
    let run = changed(&[
        (r#""to": ["bob@b.example"]"#, r#""to": ["bob@b.example", "carol@b.example", "alice@a.example"]"#),
        (r#"[{ "name": "bob" }]"#, r#"[{ "name": "bob" }, { "name": "carol" }]"#),
    ]);
    let users = |place: usize| {
        let letters = run.scenes.letters(run.log(), place).into_iter().filter(|l| !l.copy);
        let told = letters.map(|l| match l.at {
            LetterPlace::Mailbox { user, .. } => user.to_string(),
            LetterPlace::Queue { .. } => "queue".to_owned(),
            LetterPlace::Wire { .. } => "wire".to_owned(),
            _ => "else".to_owned(),
        });
        told.collect::<Vec<_>>()
    };
    let here = run.behind("mail.a", |e| matches!(e, Event::MailboxStore { .. }));
    let queued = run.behind("mail.a", |e| matches!(e, Event::QueueEnter { .. }));
    assert_eq!((users(here), users(queued)), (vec!["alice".to_owned()], vec!["alice".to_owned(), "queue".to_owned()]));
    let both = run.behind("mail.b", |e| matches!(e, Event::MailboxStore { user, .. } if user == "carol"));
    assert_eq!(users(both), ["alice", "bob", "carol"]);
    assert!(run.scenes.letters(run.log(), both).iter().all(|l| matches!(l.key.mail, Mail::Sent(_))));
}

#[test]
fn a_sender_that_never_hears_the_250_has_the_letter_too() {
    let run = changed(&[(HOUR, &format!(r#"{{ "at": "1715 ms", "cut": {{ "link": "r-a--r-b" }} }}, {HOUR}"#))]);
    let stored = run.behind("mail.b", |e| matches!(e, Event::MailboxStore { .. }));
    let deferred = run.behind("mail.a", |e| matches!(e, Event::QueueDefer { .. }));
    assert!(stored < deferred);
    let letters = run.scenes.letters(run.log(), deferred);
    let [first, second] = &letters[..] else { panic!("there are two: {letters:?}") };
    assert!(matches!(first.at, LetterPlace::Mailbox { .. }) && matches!(second.at, LetterPlace::Queue { .. }));
    assert_eq!(first.key.mail, second.key.mail);
}

#[test]
fn a_letter_on_a_connection_that_breaks_is_in_the_queue_again() {
    let power = format!(r#"{{ "at": "1700 ms", "off": "mail.a" }}, {{ "at": "2 s", "on": "mail.a" }}, {HOUR}"#);
    let run = changed(&[(HOUR, &power)]);
    let off = run.log().entries().iter().position(|e| e.at == Instant::from_millis(1_700)).unwrap();
    assert!(matches!(run.letter(off).at, LetterPlace::Wire { .. }));
    assert!(matches!(run.letter(off + 1).at, LetterPlace::Queue { .. }));
    assert!(!run.at(off + 1).on[run.node("mail.a").0 as usize]);
    // mail.b has got all of the letter at 1.715 s, before it hears of anything.
    let stored = run.behind("mail.b", |e| matches!(e, Event::MailboxStore { .. }));
    let letters = run.scenes.letters(run.log(), stored);
    assert_eq!(letters.iter().map(|l| l.key.part).collect::<Vec<_>>(), [0, 1]);
    assert!(matches!(&letters[1].at, LetterPlace::Mailbox { user, .. } if **user == *"bob"));
}

#[test]
fn bytes_of_a_large_letter_arrive_one_segment_after_the_other() {
    let run = changed(&[(r#"["hello Bob, the six steps work."]"#, r#"{ "bytes": 200000 }"#)]);
    let mut dones: Vec<u64> = Vec::new();
    let mut totals = BTreeSet::new();
    for place in 0..=run.scenes.places() {
        if let LetterPlace::Wire { conn: ConnId(1), done, total, .. } = run.letter(place).at {
            dones.push(done);
            totals.insert(total);
        }
    }
    assert!(dones.is_sorted() && dones[0] == 0);
    assert_eq!(totals.len(), 1);
    assert_eq!(dones.last(), totals.last());
    dones.dedup();
    assert!(dones.len() > 100, "{} states of the way", dones.len());
}

#[test]
fn what_is_waited_for_is_said_in_words() {
    let words = |name, id| {
        let run: Run = run(name, id);
        run.scenes.gaps().iter().map(|w| w.words(run.world.setup())).collect::<Vec<_>>()
    };
    assert_eq!(
        words("server-down", None),
        [
            "975 ms, in the queue",
            "29 min 59 s, until the next try",
            "1 h 59 min, until the next try",
            "29 min 58 s, until somebody mends it",
            "1 h 30 min, until the next try",
            "29 min 57 s, until Bob looks for mail",
        ]
    );
    assert_eq!(words("imap-folders", None), ["910 ms, until Bob looks for mail", "1.830 s, until Bob looks for mail"]);
}

#[test]
fn a_deferred_letter_is_in_the_queue_again_and_a_refused_one_is_gone() {
    let down = run("server-down", None);
    for place in 0..=down.scenes.places() {
        let waits = down.at(place).state.queues.len() == 1;
        let letter = down.letter(place);
        if waits && !matches!(letter.at, LetterPlace::Wire { .. } | LetterPlace::Mailbox { .. }) {
            assert!(matches!(letter.at, LetterPlace::Queue { .. }), "at {place}: {letter:?}");
        }
    }
    let refused = run("server-down", Some("C"));
    let letters = refused.scenes.letters(refused.log(), refused.scenes.places());
    let a = refused.node("mail.a");
    let gone = letters.iter().find(|l| matches!(l.key.mail, Mail::Sent(_))).unwrap();
    assert_eq!(gone.at, LetterPlace::Gone { node: a, why: Gone::Bounced });
    let bounce = letters.iter().find(|l| matches!(l.key.mail, Mail::Content(_)) && !l.copy).unwrap();
    assert!(matches!(&bounce.at, LetterPlace::Mailbox { node, user, .. } if *node == a && **user == *"alice"));
}

#[test]
fn copy_and_expunge_is_a_move_of_the_same_letter() {
    let run = run("imap-folders", None);
    let b = run.node("mail.b");
    let is_107 = |l: &&Letter| matches!(&l.at, LetterPlace::Mailbox { uid: 107, .. });
    let key = run.scenes.letters(run.log(), 9).iter().find(is_107).unwrap().key;
    let copied = run.behind("mail.b", |e| matches!(e, Event::MailboxStore { folder, .. } if folder == "Work"));
    let gone = run.behind("mail.b", |e| matches!(e, Event::MailboxExpunge { uid: 107, .. }));
    let of = |place| {
        let letters = run.scenes.letters(run.log(), place).into_iter();
        letters.filter(|l| l.key.mail == key.mail).map(|l| (l.key.part, l.copy, l.at)).collect::<Vec<_>>()
    };
    let at = |folder: &str, uid| LetterPlace::Mailbox { node: b, user: "bob".into(), folder: folder.into(), uid };
    assert_eq!(of(copied), [(0, false, at("INBOX", 107)), (1, true, at("Work", 1))]);
    assert_eq!(of(gone), [(0, false, at("Work", 1))]);
}

#[test]
fn a_lost_packet_ends_on_the_link_on_which_it_was_lost() {
    let run = run("packet-loss", Some("1"));
    let log = run.log();
    let lost: Vec<Flight> =
        run.scenes.flights(log, 0, run.scenes.places()).into_iter().filter(|f| f.lost.is_some()).collect();
    let [flight] = &lost[..] else { panic!("one packet is lost") };
    assert_eq!(flight.lost, Some((0, Loss::Rule)));
    assert_eq!((flight.path.len(), flight.sent_at), (1, flight.ends_at));
    assert_eq!((flight.from, flight.to), (run.node("mail.a"), run.node("mail.b")));
    let wait = run.scenes.gaps().first().expect("TCP waits");
    assert_eq!(wait.words(run.world.setup()), "950 ms, mail.b waits for an acknowledgement");
}

#[test]
fn a_flooded_question_flies_to_everybody_and_first_to_whom_it_asks_for() {
    let run = run("arp", None);
    let all = run.scenes.flights(run.log(), 0, run.scenes.places());
    let flooded = all.iter().find(|f| f.branch == 1).expect("a switch floods ARP questions");
    let ways = run.scenes.of_packet(run.log(), flooded.packet);
    assert!(ways.len() >= 2);
    let target = &run.log().packet_bytes(flooded.packet)[24..28];
    let address = |n: NodeId| run.world.setup().nodes[n.0 as usize].interfaces.iter().find_map(|i| i.address);
    assert_eq!(address(ways[0].to).map(|(a, _)| a.octets().to_vec()), Some(target.to_vec()));
    assert!(ways.iter().all(|w| w.path[0] == ways[0].path[0]), "the first link is the same");
}

#[test]
fn a_record_without_packets_has_letters_and_connections_all_the_same() {
    let setup = load_builtin("six-steps").unwrap().ready(None).unwrap().setup;
    let all = run("six-steps", None);
    let few = Run::new("six-steps".to_owned(), setup, Level::Milestones);
    let stays = |run: &Run| {
        let mut stays = Vec::new();
        for place in 0..=run.scenes.places() {
            let at = match run.letter(place).at {
                LetterPlace::Wire { conn, from, to, .. } => LetterPlace::Wire { conn, from, to, done: 0, total: 0 },
                at => at,
            };
            if stays.last() != Some(&at) {
                stays.push(at);
            }
        }
        stays
    };
    assert_eq!(stays(&few), stays(&all));
    assert!(few.scenes.flights(few.log(), 0, usize::MAX).is_empty());
    let ways = |run: &Run| {
        let places = 0..=run.scenes.places();
        places.flat_map(|p| run.at(p).tubes).map(|t| (t.conn, t.nodes)).collect::<BTreeSet<_>>()
    };
    assert_eq!(ways(&few), ways(&all));
}
