//! The "h" of "hello" on Bob's screen, walked back to Alice's keyboard through every hop.

use mailpath::action::Action;
use mailpath::explain::follow::{Follower, Hop};
use mailpath::mail::{Event, Letter};
use mailpath::topology::{LinkId, Side};
use mailpath::trace::{Cause, EntryId, Log, PacketId, What, why};

use crate::runs::run;

/// The byte at a place of the stream, taken from the bytes of a packet on the wire.
fn byte_in_packet(log: &Log, packet: PacketId, offset: u64) -> u8 {
    let ip = mailpath::packet::parse_ipv4(log.packet_bytes(packet)).unwrap();
    let tcp = mailpath::packet::parse_tcp(ip.src, ip.dst, ip.payload).unwrap();
    tcp.payload[(offset - log.packet(packet).stream.0) as usize]
}

/// Links over which a packet went, in order.
fn links(log: &Log, packet: PacketId) -> Vec<LinkId> {
    let sent = log.entries().iter().filter_map(|e| match e.what {
        What::FrameSent { packet: p, .. } if p == packet => e.link,
        _ => None,
    });
    sent.collect()
}

fn letter(log: &Log, id: EntryId, content: mailpath::mail::ContentId) -> &Letter {
    let What::Mail(event) = &log.entry(id).what else { panic!("a letter stands in an event of the mail system") };
    match &**event {
        Event::Accepted { received, .. } if received.content == content => received,
        Event::Composed { letter, .. }
        | Event::Accepted { letter, .. }
        | Event::QueueEnter { letter, .. }
        | Event::MailboxStore { letter, .. }
        | Event::Read { letter, .. } => letter,
        _ => panic!("no letter"),
    }
}

#[test]
fn the_h_of_hello_comes_from_alices_keyboard() {
    let run = run("six-steps");
    let log = run.world.log();
    let read = log.entries().iter().position(|e| matches!(&e.what, What::Mail(m) if matches!(**m, Event::Read { .. })));
    let read = EntryId(read.unwrap() as u32);
    let What::Mail(event) = &log.entry(read).what else { unreachable!() };
    let Event::Read { letter: shown, screen, .. } = &**event else { unreachable!() };
    assert!(screen.text.starts_with("hello"), "{}", screen.text);
    let offset = screen.map.source_of(0).expect("what is shown stands in the letter");

    let hops = Follower::new(log).back(log, shown.content, offset);
    let mut streams = Vec::new();
    let mut versions = 0;
    for hop in &hops {
        match hop {
            Hop::Letter { entry, content, offset } => {
                versions += 1;
                assert_eq!(letter(log, *entry, *content).bytes[*offset as usize], b'h', "{hop:?}");
            }
            Hop::Stream { conn, sender, offset, packets } => {
                assert!(!packets.is_empty());
                for packet in packets {
                    assert_eq!(byte_in_packet(log, *packet, *offset), b'h');
                    streams.push((conn.0, *sender, links(log, *packet).len()));
                }
            }
            Hop::Typed { entry, offset } => {
                let What::Mail(event) = &log.entry(*entry).what else { panic!() };
                let Event::Composed { draft, .. } = &**event else { panic!() };
                assert_eq!((draft.text.as_bytes()[*offset as usize], *offset), (b'h', 0));
            }
        }
    }
    // Fetched, stored, stamped and received by mail.b, stamped and received by mail.a, composed.
    assert_eq!(versions, 7, "{hops:#?}");
    // By IMAP over two links of one LAN, by SMTP over five links and two routers, by SMTP over two links.
    assert_eq!(streams, [(2, Side::Server, 2), (1, Side::Client, 5), (0, Side::Client, 2)]);
    assert!(matches!(hops.last(), Some(Hop::Typed { offset: 0, .. })));
}

#[test]
fn the_causes_lead_back_to_what_the_users_did() {
    let run = run("six-steps");
    let log = run.world.log();
    let action_behind = |fits: &dyn Fn(&Event) -> bool| {
        let at = log.entries().iter().position(|e| matches!(&e.what, What::Mail(m) if fits(m))).unwrap();
        match why::why(log, EntryId(at as u32)).last().unwrap().1 {
            Cause::Action(id) => run.world.setup().actions[id.0 as usize].action.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(action_behind(&|e| matches!(e, Event::MailboxStore { .. })), Action::Send { .. }));
    assert!(matches!(action_behind(&|e| matches!(e, Event::Read { .. })), Action::Imap { .. }));
}

#[test]
fn what_a_server_wrote_itself_ends_at_that_server() {
    let run = run("six-steps");
    let log = run.world.log();
    let stored = log.entries().iter().find_map(|e| match &e.what {
        What::Mail(m) => match &**m {
            Event::MailboxStore { letter, .. } => Some(letter),
            _ => None,
        },
        _ => None,
    });
    let stored = stored.unwrap();
    assert!(stored.bytes.starts_with(b"Return-Path:"));
    let hops = Follower::new(log).back(log, stored.content, 0);
    assert_eq!(hops.len(), 1, "the Return-Path line comes from nowhere else");
}
