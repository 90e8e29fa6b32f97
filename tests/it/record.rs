//! The record: kinds and fields, causes, the state at any moment.

use std::sync::Arc;

use mailpath::mail::queue::{Entry, Status};
use mailpath::packet::{parse_ipv4, parse_tcp};
use mailpath::sim::World;
use mailpath::topology::NodeId;
use mailpath::trace::fold::{State, Timeline, entries_until};
use mailpath::trace::{Cause, EntryId, KINDS, Level, PacketId, tell, why};
use mailpath::work::Work;

fn run(level: Level) -> World {
    let work = Work { hosts: 4, mails: 2, group: 4, loss: 20_000, seed: 3 };
    let mut world = World::new(Arc::new(work.setup()), level);
    world.run();
    world
}

#[test]
fn every_entry_is_told_as_a_kind_on_the_list_with_fields_of_that_kind() {
    let world = run(Level::All);
    let names = world.names();
    for entry in world.log().entries().iter() {
        let told = tell(world.log(), &names, &entry);
        let (_, fields) = KINDS.iter().find(|(kind, _)| *kind == told.kind).unwrap_or_else(|| panic!("{}", told.kind));
        for (name, _) in &told.fields {
            assert!(fields.contains(name), "{}: {name}", told.kind);
        }
    }
}

#[test]
fn a_cause_stands_before_its_effect_and_every_walk_ends_at_an_action() {
    for level in [Level::All, Level::Milestones] {
        let world = run(level);
        let log = world.log();
        for id in 0..log.entries().len() as u32 {
            let chain = why::why(log, EntryId(id));
            let (_, last) = chain.last().unwrap();
            assert!(matches!(last, Cause::Action(_)), "{level:?} {id}: {:?} {last:?}", log.entry(EntryId(id)).what);
            assert!(chain.windows(2).all(|w| w[1].0 < w[0].0));
        }
    }
}

/// A letter of 10 kB is in the record once, however many packets carry pieces of it, and each packet is whole.
#[test]
fn packets_lend_their_payload_from_the_letter_and_have_the_bytes_of_the_wire() {
    let world = run(Level::All);
    let log = world.log();
    let (mut all, mut lent) = (0, 0);
    for (number, packet) in log.packets().iter().enumerate() {
        let id = PacketId(number as u32);
        let bytes = log.packet_bytes(id);
        let ip = parse_ipv4(&bytes).expect("a datagram with a right checksum");
        let tcp = parse_tcp(ip.src, ip.dst, ip.payload).expect("a segment with a right checksum");
        assert_eq!((tcp.payload.len(), bytes.len()), (packet.stream.1 as usize, log.packet_length(id)));
        all += tcp.payload.len();
        lent += log.packet_parts(id).1.len();
    }
    assert!(world.log().counters.retransmissions > 0, "some of it is sent again");
    assert!(lent * 100 > all * 85, "{lent} of {all} bytes lie in letters");
}

#[test]
fn the_state_at_any_moment_is_the_fold_up_to_it() {
    let world = run(Level::All);
    let log = world.log();
    let mut timeline = Timeline::default();
    timeline.extend(log);
    let mut state = State::default();
    for (place, entry) in log.entries().iter().enumerate() {
        if place % 97 == 0 {
            assert_eq!(timeline.before(log, place), state, "before entry {place}");
        }
        state.apply(log, &entry);
    }
    assert_eq!(timeline.last(), &state);
    let middle = log.entry(EntryId(log.entries().len() as u32 / 2)).at;
    assert!(log.entries().at(entries_until(log, middle)).at > middle);
    assert_eq!(timeline.at(log, middle), timeline.before(log, entries_until(log, middle)));
}

#[test]
fn what_is_folded_is_what_the_servers_have() {
    let work = Work { hosts: 4, mails: 3, group: 4, loss: 50_000, seed: 5 };
    let mut world = World::new(Arc::new(work.setup()), Level::All);
    let mut state = State::default();
    let mut taken = 0;
    let mut seen_waiting = 0;
    while world.step() {
        while let Some(entry) = world.log().entries().get(taken) {
            state.apply(world.log(), &entry);
            taken += 1;
        }
        for node in (0..world.setup().nodes.len() as u32).map(NodeId) {
            let Some(mail) = world.mail_system(node) else { continue };
            let due = |e: &Entry| (e.status == Status::Waiting).then_some(e.due);
            let mut queue: Vec<_> = mail.mta().queue().entries().map(|e| (e.id, due(e), e.attempts)).collect();
            queue.sort_unstable();
            let folded = state.queues.iter().filter(|((n, _), _)| *n == node);
            let folded: Vec<_> = folded.map(|((_, id), q)| (*id, q.due, q.attempts)).collect();
            assert_eq!(queue, folded);
            seen_waiting += queue.len();
            let stored = mail.store().messages("bob", "INBOX").len();
            let mailbox = state.mailboxes.get(&(node, "bob".to_string(), "INBOX".to_string()));
            assert_eq!(stored, mailbox.map_or(0, |m| m.len()));
        }
    }
    assert!(seen_waiting > 0);
}
