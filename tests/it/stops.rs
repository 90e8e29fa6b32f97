//! Stops of forward and back, conversations with their phases, and the sentences, on all built-in scenarios.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use mailpath::explain::phases::{Conversation, Part, Protocol, conversations};
use mailpath::explain::sentence::{self, Sentence, sentence};
use mailpath::explain::stops::{Grain, Mark, Stop, StopKind, Stops, Unit};
use mailpath::explain::story::steps;
use mailpath::scenario::{self, Story};
use mailpath::sim::World;
use mailpath::time::Instant;
use mailpath::topology::ConnId;
use mailpath::trace::{Level, Log, Names};
use mailpath::work::Work;

use crate::runs::{self, Run, all};

/// A run with all that is made of it once.
struct Told {
    name: String,
    run: Run,
    names: Names,
    story: Story,
    conversations: Vec<Conversation>,
    stops: Stops,
}

fn told(name: &str) -> Told {
    let run = runs::run(name);
    let (base, id) = name.split_once(':').map_or((name, None), |(n, r)| (n, Some(r)));
    let story = scenario::load_builtin(base).unwrap().ready(id).unwrap().story;
    let names = run.world.names();
    let log = run.world.log();
    let conversations = conversations(log);
    let spans = steps(log, &names, &story);
    let stops = Stops::new(log, &names, run.world.setup(), &spans, &conversations);
    Told { name: name.to_string(), run, names, story, conversations, stops }
}

impl Told {
    fn log(&self) -> &Log {
        self.run.world.log()
    }

    /// The time of the last entry before a place.
    fn time(&self, place: usize) -> Instant {
        place.checked_sub(1).map_or(Instant::ZERO, |p| self.log().entries().at(p).at)
    }

    fn sentence(&self, place: usize, grain: Grain) -> Sentence {
        let setup = self.run.world.setup();
        sentence(self.log(), &self.names, setup, &self.story, &self.stops, &self.conversations, place, grain)
    }

    /// All places from the start, forward by one grain.
    fn forward(&self, grain: Grain) -> Vec<usize> {
        let mut places = vec![0];
        while let Some(stop) = self.stops.next(grain, places[places.len() - 1]) {
            places.push(stop.place);
        }
        places
    }

    fn mark(&self, step: usize, mark: Mark) -> Option<u64> {
        self.stops.step(step, mark).map(|place| self.time(place).as_millis())
    }
}

#[test]
fn every_grain_begins_at_the_start_and_ends_at_the_end() {
    for told in all().iter().map(|n| told(n)) {
        let end = told.log().entries().len();
        for grain in Grain::ALL {
            let places = told.forward(grain);
            assert_eq!((places.first(), places.last()), (Some(&0), Some(&end)), "{} {}", told.name, grain.name());
            assert!(told.stops.next(grain, end).is_none() && told.stops.previous(grain, 0).is_none());
        }
        let all = told.stops.all();
        assert!(all.windows(2).all(|w| w[0].place < w[1].place), "{}: places rise", told.name);
        assert!(all.windows(2).all(|w| w[0].place <= w[1].from), "{}: no stop tells another one's event", told.name);
        assert!(
            all.iter().all(|s| s.entry.is_none_or(|e| (s.from..s.place).contains(&(e.0 as usize)))),
            "{}",
            told.name
        );
        let nothing: Vec<StopKind> = all.iter().filter(|s| s.entry.is_none()).map(|s| s.kind).collect();
        assert_eq!(nothing, [StopKind::Start, StopKind::End], "{}", told.name);
    }
}

#[test]
fn each_grain_contains_the_coarser_ones() {
    for told in all().iter().map(|n| told(n)) {
        let of = |grain| told.forward(grain).into_iter().collect::<BTreeSet<usize>>();
        for grain in [Grain::Packet, Grain::Line, Grain::Phase] {
            assert!(of(grain).is_superset(&of(grain.coarser())), "{} {}", told.name, grain.name());
            assert_eq!(grain.coarser().finer(), grain);
        }
    }
}

#[test]
fn back_after_forward_is_the_same_place() {
    for told in all().iter().map(|n| told(n)) {
        for grain in Grain::ALL {
            let forward = told.forward(grain);
            let mut back = vec![told.log().entries().len()];
            while let Some(stop) = told.stops.previous(grain, back[back.len() - 1]) {
                back.push(stop.place);
            }
            back.reverse();
            assert_eq!(forward, back, "{} {}", told.name, grain.name());
            // From between two stops: the nearest on either side.
            for pair in forward.windows(2).filter(|w| w[1] - w[0] > 1).take(40) {
                let between = pair[0] + 1;
                assert_eq!(told.stops.next(grain, between).map(|s| s.place), Some(pair[1]));
                assert_eq!(told.stops.previous(grain, between).map(|s| s.place), Some(pair[0]));
            }
        }
    }
}

/// The table of the six steps: begin and done, in milliseconds.
#[test]
fn the_six_steps_begin_and_are_done_as_the_course_tells_them() {
    let told = told("six-steps");
    let times: Vec<(u64, u64)> =
        (0..6).map(|n| (told.mark(n, Mark::Begin).unwrap(), told.mark(n, Mark::Done).unwrap())).collect();
    let hour = 3_600_000;
    assert_eq!(times, [(0, 0), (0, 65), (1_065, 1_165), (1_215, 1_715), (1_715, 1_715), (hour, hour + 50)]);
    let at = |n, mark| told.stops.step(n, mark).unwrap();
    assert_eq!(at(0, Mark::Begin), 0, "the first begins before anything has happened");
    assert_eq!(at(4, Mark::Begin), at(3, Mark::Done), "the last byte of the mail is where the fifth begins");
    let places: Vec<usize> = (0..6).map(|n| at(n, Mark::Done)).collect();
    assert!(places.windows(2).all(|w| w[0] < w[1]), "each stops by itself, also where no time passes");
    let end = told.log().entries().len();
    assert_eq!(told.forward(Grain::Step), [&[0][..], &places, &[end]].concat());
    for place in &places {
        assert!(matches!(told.stops.at(*place), Some(Stop { grain: Grain::Step, step: Some((_, Mark::Done)), .. })));
    }
    let during: Vec<Option<usize>> = places.iter().map(|p| told.stops.step_at(*p)).collect();
    assert_eq!(during, (0..6).map(Some).collect::<Vec<_>>());
    assert_eq!(told.stops.step_at(places[4] + 1), None, "the closure runs on after the fifth");
}

#[test]
fn every_step_of_every_run_is_a_stop_if_it_came_to_it() {
    for told in all().iter().map(|n| told(n)) {
        let spans = steps(told.log(), &told.names, &told.story);
        for span in spans {
            let done = told.stops.step(span.step, Mark::Done);
            let begin = told.stops.step(span.step, Mark::Begin);
            assert_eq!(begin.is_some(), span.begins.is_some(), "{} step {}", told.name, span.step);
            if span.begins.is_some() {
                assert_eq!(done.is_some(), span.done.is_some(), "{} step {}", told.name, span.step);
            }
            if let (Some(place), Some(entry)) = (done, span.done) {
                assert!(place > entry.0 as usize && told.time(place) == told.log().entry(entry).at);
                let stop = told.stops.at(place).unwrap();
                assert!(stop.entry == Some(entry) || stop.kind == StopKind::End, "{}: what it is about", told.name);
            }
            if let (Some(begin), Some(done)) = (begin, done) {
                assert!(begin <= done, "{} step {}", told.name, span.step);
                assert!(told.stops.at(begin).is_some() && told.stops.at(done).is_some());
            }
        }
    }
}

/// The first half of the first conversation, packet by packet.
#[test]
fn a_stop_lands_behind_everything_that_its_packet_caused() {
    let told = told("one-conversation");
    let log = told.log();
    for stop in told.stops.all().iter().filter(|s| s.kind != StopKind::End && s.place > 0) {
        let first = log.entries().get(stop.place);
        let last = &log.entries().at(stop.place - 1);
        let goes_on = first.is_some_and(|e| e.at == last.at && e.node == last.node);
        let cut = stop.step.is_some_and(|(_, mark)| mark == Mark::Done);
        let another = first.is_some_and(|e| {
            matches!(e.what, mailpath::trace::What::FrameArrived { .. } | mailpath::trace::What::Action(_))
                || matches!(e.cause, mailpath::trace::Cause::Timer { .. })
        });
        assert!(!goes_on || cut || another, "{stop:?}");
    }
}

#[test]
fn a_lost_packet_stands_at_the_door_before_it_is_lost() {
    let told = told("packet-loss:1");
    let loss = told.stops.all().iter().find(|s| matches!(s.kind, StopKind::Loss(_))).unwrap();
    let before = told.stops.previous(Grain::Packet, loss.place).unwrap();
    assert_eq!(before.place, loss.from);
    assert_eq!(told.time(before.place), told.time(loss.place), "no time passes");
    let StopKind::Loss(packet) = loss.kind else { unreachable!() };
    let sent = |e: &mailpath::trace::Entry| matches!(e.what, mailpath::trace::What::FrameSent { packet: p, .. } if p == packet);
    assert!(sent(&told.log().entries().at(before.place - 1)));
}

#[test]
fn conversations_have_the_parts_of_the_course() {
    use Part::*;
    let told = told("six-steps");
    let parts = |n: usize| told.conversations[n].bands.iter().map(|b| b.part).collect::<Vec<_>>();
    assert_eq!(parts(0), [Connect, Handshaking, Transfer, Closure, Disconnect]);
    assert_eq!(parts(1), parts(0));
    assert_eq!(parts(2), [Connect, Open, Disconnect]);
    let relay = &told.conversations[1];
    let from: Vec<u64> = relay.bands.iter().map(|b| b.from.as_millis()).collect();
    assert_eq!(from, [1_065, 1_165, 1_565, 1_765, 1_815]);
    assert_eq!(relay.bands.last().and_then(|b| b.until).map(Instant::as_millis), Some(1_965));
    let rfc: Vec<(&str, u64)> = relay.rfc.iter().map(|b| (b.phase.name(), b.from.as_millis())).collect();
    assert_eq!(
        rfc,
        [
            ("session initiation", 1_165),
            ("client initiation", 1_265),
            ("mail transaction", 1_365),
            ("session termination", 1_765)
        ]
    );
    let protocols: Vec<Protocol> = told.conversations.iter().map(|c| c.protocol).collect();
    assert_eq!(protocols, [Protocol::Smtp, Protocol::Smtp, Protocol::Imap]);
}

/// The strip says of a connection whether the mail was pushed up to the mailbox.
#[test]
fn what_goes_on_to_another_server_is_told_from_what_has_arrived() {
    let goes_on = |name: &str| told(name).conversations.iter().map(|c| c.goes_on).collect::<Vec<_>>();
    assert_eq!(goes_on("six-steps"), [true, false, false]);
    // To the first exchanger, which is down, to the second one, from there in vain and in the end to the first.
    assert_eq!(goes_on("mail-exchangers:2"), [true, false, true, false, false]);
    // To the list, whose copy is refused: the bounce that this makes does not come over a connection.
    assert_eq!(goes_on("mailing-list"), [true, true, false, false]);
}

#[test]
fn bands_touch_and_each_beginning_is_a_stop_of_the_phase_grain() {
    for told in all().iter().map(|n| told(n)) {
        let phases: BTreeSet<usize> = told.forward(Grain::Phase).into_iter().collect();
        for (n, c) in told.conversations.iter().enumerate() {
            assert_eq!(c.conn, ConnId(n as u32));
            assert_eq!(c.bands[0].part, Part::Connect);
            assert_eq!(c.bands[0].begins, c.opened.0 as usize);
            assert!(c.bands.windows(2).all(|w| w[0].ends == Some(w[1].begins) && w[0].until == Some(w[1].from)));
            assert!(c.bands.iter().all(|b| b.ends.is_none_or(|e| e > b.begins)), "{}: {c:?}", told.name);
            assert!(c.rfc.windows(2).all(|w| w[0].ends == Some(w[1].begins)));
            assert_eq!(c.bands.last().unwrap().ends, c.closed.map(|e| e.0 as usize + 1), "{}", told.name);
            for band in &c.bands {
                let stop = told.stops.next(Grain::Phase, band.begins.saturating_sub(1)).unwrap();
                assert!(phases.contains(&stop.place));
                assert_eq!(told.time(stop.place), band.from, "{} {:?}", told.name, band.part);
            }
        }
    }
}

#[test]
fn a_second_mail_on_the_same_connection_is_handshaking_again() {
    use Part::*;
    let told = told("push-and-pull:2");
    let smtp = told.conversations.iter().find(|c| c.protocol == Protocol::Smtp).unwrap();
    let parts: Vec<Part> = smtp.bands.iter().map(|b| b.part).collect();
    assert_eq!(
        parts,
        [Connect, Handshaking, Transfer, Handshaking, Transfer, Handshaking, Transfer, Closure, Disconnect]
    );
}

#[test]
fn a_refused_connection_has_no_phase_of_smtp() {
    let told = told("server-down");
    let refused = &told.conversations[1];
    let parts: Vec<Part> = refused.bands.iter().map(|b| b.part).collect();
    assert_eq!(parts, [Part::Connect, Part::Disconnect]);
    assert_eq!((refused.protocol, refused.established, refused.rfc.len()), (Protocol::Smtp, None, 0));
    assert!(refused.closed.is_some());
}

#[test]
fn one_goes_along_one_conversation_and_over_the_next_wait() {
    let told = told("six-steps");
    let mut places = Vec::new();
    let mut place = 0;
    while let Some(next) = told.stops.in_conversation(ConnId(1), place, true) {
        places.push(next);
        place = next;
    }
    let mut back = Vec::new();
    let mut place = told.log().entries().len();
    while let Some(next) = told.stops.in_conversation(ConnId(1), place, false) {
        back.push(next);
        place = next;
    }
    back.reverse();
    assert_eq!(places, back);
    let times: Vec<u64> = places.iter().map(|p| told.time(*p).as_millis()).collect();
    assert_eq!((times.first(), times.last()), (Some(&1_065), Some(&1_965)));

    let mut place = 0;
    let mut waits = Vec::new();
    while let Some(next) = told.stops.after_wait(place) {
        assert!(next > place && told.stops.at(next).is_some());
        waits.push(told.time(next).as_millis());
        place = next;
    }
    assert_eq!(waits, [1_065, 3_600_000], "in the queue; until Bob's computer is on");
}

#[test]
fn units_are_complete_where_they_are_read() {
    let told = told("six-steps");
    let count = |unit| told.stops.all().iter().filter(|s| s.kind == StopKind::Unit(unit)).count();
    assert_eq!(count(Unit::Command), 14, "EHLO MAIL RCPT DATA QUIT twice; LOGIN SELECT FETCH LOGOUT");
    assert_eq!((count(Unit::MailWritten), count(Unit::MailRead)), (1, 1));
    assert_eq!(count(Unit::ConnectionOpen), 3);
    let arp = self::told("arp");
    let count = |unit| arp.stops.all().iter().filter(|s| s.kind == StopKind::Unit(unit)).count();
    assert_eq!((count(Unit::Query), count(Unit::Answer)), (4, 4));
}

#[test]
fn every_stop_has_a_sentence_within_its_limits() {
    let mut wrong = String::new();
    for told in all().iter().map(|n| told(n)) {
        for stop in told.stops.all() {
            for grain in Grain::ALL.into_iter().filter(|g| *g <= stop.grain) {
                let said = told.sentence(stop.place, grain);
                let next = said.next.clone().unwrap_or_default();
                let words = |text: &str| text.split_whitespace().count();
                let place = format!("{} {} at {}", told.name, stop.place, told.time(stop.place));
                let mut complain = |what: &str| writeln!(wrong, "{place}: {what}: {said:?}").unwrap();
                if said.now.is_empty() || said.now.contains("is at work") {
                    complain("says nothing");
                }
                if words(&said.now) > sentence::NOW || words(&next) > sentence::NEXT {
                    complain("too long");
                }
                if said.now.contains('\u{2026}') || next.contains('\u{2026}') {
                    complain("cut");
                }
                // What a user wrote is his own choice of words.
                let whole = format!("{} {next}", said.now).to_lowercase().replace("\"a large letter\"", "x");
                if whole.contains("message") || whole.contains("letter") || whole.contains("  ") || whole.contains(" .")
                {
                    complain("wrong words");
                }
                if !said.now.ends_with(['.', '"']) || said.next.is_none() != (stop.kind == StopKind::End) {
                    complain("not a sentence");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_comes_next_says_how_long_one_waits_for_it() {
    let told = told("six-steps");
    let next = |step, grain| told.sentence(told.stops.step(step, Mark::Done).unwrap(), grain).next.unwrap();
    assert_eq!(told.sentence(0, Grain::Line).next.unwrap(), "Press \u{2192} to send it.");
    assert_eq!(next(1, Grain::Line), "alice-pc reads the reply 250.");
    assert_eq!(next(1, Grain::Step), "after 975 ms, the TCP connection is open at mail.a.");
    assert_eq!(next(2, Grain::Step), "the whole mail has reached mail.b.", "half a second of packets is no wait");
    assert_eq!(next(4, Grain::Step), "after 59 min 58 s, the mail is on the screen.");
}

#[test]
fn every_place_has_a_sentence() {
    for name in ["six-steps", "arp", "packet-loss:3"] {
        let told = told(name);
        for place in 0..=told.log().entries().len() {
            let said = told.sentence(place, Grain::Packet);
            assert!(!said.now.is_empty() && !said.now.contains("is at work"), "{name} {place}: {said:?}");
        }
    }
}

/// Time, step and sentence at each stop of a grain.
fn script(told: &Told, grain: Grain) -> String {
    let mut text = String::new();
    for place in told.forward(grain) {
        let said = told.sentence(place, grain);
        let step = said.step.map_or("-".to_string(), |s| told.story.steps[s].number.to_string());
        let next = said.next.unwrap_or_default();
        writeln!(text, "{:>11} {step} {}\n              Next: {next}", told.time(place).to_string(), said.now).unwrap();
    }
    text
}

#[test]
fn the_lines_of_the_six_steps_read_as_the_whole_story() {
    let script = script(&told("six-steps"), Grain::Line);
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _guard = settings.bind_to_scope();
    insta::assert_snapshot!("six-steps-lines", script);
}

#[test]
#[ignore = "prints the story of a run: STORY=server-down:A GRAIN=packet"]
fn print() {
    let name = std::env::var("STORY").unwrap_or_default();
    let names = if name.is_empty() { all() } else { vec![name] };
    for name in names {
        let told = told(&name);
        let grain = Grain::ALL.into_iter().find(|g| Some(g.name()) == std::env::var("GRAIN").ok().as_deref());
        println!("== {name}\n{}", script(&told, grain.unwrap_or(Grain::Line)));
    }
}

#[test]
fn a_network_of_many_hosts_is_told_as_well() {
    let setup = Arc::new(Work { hosts: 40, mails: 2, group: 10, loss: 1_000, seed: 7 }.setup());
    let mut world = World::new(Arc::clone(&setup), Level::All);
    world.run();
    let (log, names, story) = (world.log(), world.names(), Story::default());
    let conversations = conversations(log);
    let stops = Stops::new(log, &names, &setup, &[], &conversations);
    assert!(log.entries().len() > 10_000 && conversations.len() >= 20, "{}", log.entries().len());
    for place in (0..log.entries().len()).step_by(97) {
        let said = sentence(log, &names, &setup, &story, &stops, &conversations, place, Grain::Line);
        assert!(said.now.split_whitespace().count() <= sentence::NOW && !said.now.is_empty(), "{place}: {said:?}");
    }
}
