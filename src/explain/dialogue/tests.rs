//! The dialogues of everything that is built in.

use std::sync::Arc;

use super::*;
use crate::explain::phases::conversations;
use crate::scenario::{BUILT_IN, load_builtin};
use crate::sim::World;
use crate::smtp;
use crate::time::Instant;
use crate::topology::NodeId;
use crate::trace::{Cause, Fact, Level, Saying, What};

/// A built-in scenario, played; `name:run` or `name`.
fn play(name: &str, run: Option<&str>) -> World {
    let ready = load_builtin(name).unwrap().ready(run).unwrap();
    let mut world = World::new(Arc::new(ready.setup), Level::All);
    world.run();
    world
}

/// Every built-in scenario and every run of it.
fn all() -> impl Iterator<Item = (String, World)> {
    BUILT_IN.iter().flat_map(|(name, _)| {
        let runs = load_builtin(name).unwrap().runs;
        let runs = std::iter::once(None).chain(runs.into_iter().map(|r| Some(r.id)));
        runs.map(move |run| (format!("{name}:{run:?}"), play(name, run.as_deref())))
    })
}

fn dialogues_of(world: &World) -> Vec<Dialogue> {
    dialogues(world.log(), &world.names(), &conversations(world.log()))
}

#[test]
fn every_line_of_the_record_is_in_exactly_one_row() {
    let (mut lost, mut smuggled) = (0, 0);
    for (name, world) in all() {
        let dialogues = dialogues_of(&world);
        assert_eq!(dialogues.len(), world.log().connections().len(), "{name}");
        let mut lines = 0;
        for (place, entry) in world.log().entries().iter().enumerate() {
            let What::Session(session) = &entry.what else { continue };
            if session.event.line().is_none() {
                continue;
            }
            lines += 1;
            let id = EntryId(place as u32);
            let of = |d: &Dialogue| {
                let told = |r: &&Row| r.kind == Kind::Line && (r.entry == id || r.read == Some(id));
                d.rows.iter().filter(told).count()
            };
            let rows: Vec<usize> = dialogues.iter().map(of).collect();
            // Sent as part of a letter, and read as a command: what the server makes of it is told.
            let next = EntryId(place as u32 + 1);
            let unexpected = |row: &Row| row.entry == next && matches!(row.kind, Kind::Event(Happening::Unexpected(_)));
            if name == "lone-dot:Some(\"A\")" && rows.iter().sum::<usize>() == 0 {
                assert!(dialogues.iter().flat_map(|d| &d.rows).any(unexpected), "{name}: entry {place}");
                lines -= 1;
                lost += 1;
                continue;
            }
            // Smuggled commands are commands for mail.b alone, and it finds nothing wrong with them.
            if rows.iter().sum::<usize>() == 0 {
                assert!(["smuggling:None", "smuggling:Some(\"LL\")"].contains(&name.as_str()), "{name}: entry {place}");
                let inside = |row: &&Row| matches!(&row.kind, Kind::Event(Happening::ReadInside(_))) && row.entry == id;
                assert_eq!(dialogues[session.conn.0 as usize].rows.iter().filter(inside).count(), 1, "{name}: {place}");
                lines -= 1;
                smuggled += 1;
                continue;
            }
            assert_eq!(rows.iter().sum::<usize>(), 1, "{name}: entry {place}");
            assert_eq!(rows[session.conn.0 as usize], 1, "{name}: entry {place}");
        }
        let said = dialogues.iter().flat_map(|d| &d.rows).filter(|r| r.kind == Kind::Line);
        let told: usize = said.map(|r| 1 + usize::from(r.read.is_some())).sum();
        assert_eq!(told, lines, "{name}: no row is made up");
    }
    assert_eq!(smuggled, 2 * 3, "MAIL, RCPT and DATA, in two runs");
    assert_eq!(lost, 5, "world, ..two, .hidden, bye and the dot at the end");
}

#[test]
fn the_rows_of_an_end_follow_each_other_in_its_stream_and_cover_it() {
    for (name, world) in all() {
        for dialogue in dialogues_of(&world) {
            for side in [Side::Client, Side::Server] {
                let mut ranges: Vec<Range<u64>> =
                    dialogue.rows.iter().filter(|r| r.speaker == side).map(|r| r.range.clone()).collect();
                ranges.retain(|r| !r.is_empty());
                let mut at = 0;
                for range in &ranges {
                    assert_eq!(range.start, at, "{name}: connection {}, {side:?}", dialogue.conn.0);
                    at = range.end;
                }
                // All that was ever sent, from the packets themselves.
                let packets = world.log().packets().iter().filter(|p| p.conn == Some((dialogue.conn, side)));
                let sent = packets.map(|p| p.stream.0 + u64::from(p.stream.1)).max().unwrap_or(0);
                assert!(at >= sent, "{name}: rows until {at}, sent until {sent}");
                assert_eq!(dialogue.sent(side), sent, "{name}");
            }
        }
    }
}

#[test]
fn a_row_says_what_its_bytes_are_and_is_read_after_it_was_written() {
    for (name, world) in all() {
        for dialogue in dialogues_of(&world) {
            for row in &dialogue.rows {
                assert!(row.read.is_none_or(|read| read > row.entry), "{name}");
                let bytes = String::from_utf8_lossy(dialogue.bytes(row.speaker, &row.range)).into_owned();
                if bytes.len() < (row.range.end - row.range.start) as usize {
                    continue;
                }
                match &row.kind {
                    Kind::Line => {
                        let mut lines = vec![row.words.line()];
                        lines.extend(row.more.iter().map(Words::line));
                        assert_eq!(bytes.trim_end_matches("\r\n"), lines.join("\r\n"), "{name}");
                    }
                    Kind::Mail(mail) => {
                        let ranges: Vec<_> = mail.sections.iter().map(|s| s.range.clone()).collect();
                        let inner = ranges.iter().fold(row.range.start, |at, r| {
                            assert_eq!(r.start, at, "{name}: the parts of a mail touch");
                            r.end
                        });
                        assert_eq!(inner, row.range.end, "{name}");
                        let lines: usize = mail.sections.iter().map(|s| s.lines).sum();
                        assert_eq!(dialogue.lines(row.speaker, &row.range).count(), lines, "{name}");
                    }
                    Kind::Object(object) => assert_eq!(object.bytes, row.range.end - row.range.start),
                    Kind::Event(_) => assert!(row.range.is_empty()),
                }
            }
        }
    }
}

#[test]
fn rows_are_there_as_soon_as_they_were_written() {
    let world = play("six-steps", None);
    for dialogue in dialogues_of(&world) {
        for place in 0..=world.log().entries().len() {
            let seen = dialogue.visible(place);
            assert!(dialogue.rows[..seen].iter().all(|r| (r.entry.0 as usize) < place));
            assert!(dialogue.rows[seen..].iter().all(|r| r.entry.0 as usize >= place));
        }
    }
}

#[test]
fn an_entry_and_a_byte_lead_to_their_row() {
    let world = play("six-steps", None);
    for dialogue in dialogues_of(&world) {
        for row in dialogue.rows.iter().filter(|r| !r.range.is_empty()) {
            let of = |i: Option<usize>| i.map(|i| &dialogue.rows[i].range);
            assert_eq!(of(dialogue.row_at(row.speaker, row.range.end - 1)), Some(&row.range));
            assert_eq!(of(row.read.and_then(|read| dialogue.row_of(read))), Some(&row.range));
        }
        assert_eq!(dialogue.row_at(Side::Client, 1 << 40), None);
    }
}

/// A dialogue as a page of text.
fn page(world: &World, dialogue: &Dialogue) -> String {
    let mut page = String::new();
    for row in &dialogue.rows {
        let at = world.log().entry(row.entry).at.to_string();
        let text = match &row.kind {
            Kind::Line => format!("{}[{}]{}", row.words.lead, row.words.head, row.words.rest),
            Kind::Mail(mail) => mail.title(),
            Kind::Object(object) => object.title(),
            Kind::Event(what) => format!("({})", what.text()),
        };
        let indent = if row.speaker == Side::Client { "" } else { "    " };
        let part = row.part.name();
        page.push_str(&format!("{at:>11} {part:<11} {indent}{} {text}\n", row.tag));
        for more in &row.more {
            page.push_str(&format!("{:23} {indent}  {}[{}]{}\n", "", more.lead, more.head, more.rest));
        }
        if let Some(caption) = row.caption {
            page.push_str(&format!("{:23} {indent}  ^ {caption}\n", ""));
        }
        if let Kind::Mail(mail) = &row.kind {
            for section in &mail.sections {
                for (line, _) in dialogue.lines(row.speaker, &section.range) {
                    page.push_str(&format!("{:23} {indent}  {:>10} | {line}\n", "", section.part.name()));
                }
            }
        }
    }
    page
}

fn pages(world: &World) -> String {
    dialogues_of(world).iter().map(|d| page(world, d)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_three_conversations_of_the_six_steps() {
    insta::assert_snapshot!(pages(&play("six-steps", None)));
}

#[test]
fn push_and_pull() {
    let world = play("push-and-pull", None);
    // The pictures are long; header lines and the folded sizes say enough.
    let text = pages(&world);
    let short: Vec<&str> = text.lines().filter(|l| !l.contains("      body |")).collect();
    insta::assert_snapshot!(short.join("\n"));
}

#[test]
fn what_happened_to_the_connection_stands_among_the_rows() {
    let down = play("server-down", None);
    let refused = dialogues_of(&down).into_iter().next().unwrap();
    let happened: Vec<String> = refused.rows.iter().map(|r| format!("{:?}", r.kind)).collect();
    assert!(happened.iter().any(|h| h.contains("Closed(")), "{happened:?}");
    let loss = play("packet-loss", Some("1"));
    let open = dialogues_of(&loss).into_iter().next().unwrap();
    assert_eq!(open.rows.first().map(|r| &r.kind), Some(&Kind::Event(Happening::Opened)));
    assert_eq!(open.rows.last().map(|r| &r.kind), Some(&Kind::Event(Happening::Closed(Closed::Fin))));
    let captions: Vec<_> = open.rows.iter().filter_map(|r| r.caption).collect();
    assert_eq!(captions, ["status code, phrase"], "under the first reply and no other");
}

/// A record of an SMTP connection, made by hand: what no built-in scenario shows.
struct Hand {
    log: Log,
    conn: ConnId,
}

impl Hand {
    fn open() -> Hand {
        let mut log = Log::new(Level::All);
        let address = |port| (std::net::Ipv4Addr::new(192, 0, 2, 25), port);
        let conn = log.add_connection(crate::trace::Connection {
            client: NodeId(0),
            client_addr: address(49152),
            server: None,
            server_addr: address(25),
            opened: Instant::ZERO,
        });
        let mut hand = Hand { log, conn };
        hand.note(Fact::tcp_open(conn));
        hand.note(Fact::tcp_established(conn, Side::Client));
        hand
    }

    fn note(&mut self, fact: Fact) {
        self.log.push(Instant::ZERO, NodeId(0), Cause::Start, fact);
    }

    fn told(&mut self, event: smtp::client::Event) {
        let fact = self.log.add_session(self.conn, Side::Client, Saying::SmtpClient(event));
        self.note(fact);
    }

    fn sent(&mut self, at: u64, data: &[u8]) {
        self.log.add_packet(data, None, false, Some((self.conn, Side::Client)), (at, data.len() as u32));
    }

    fn dialogue(&self) -> Dialogue {
        let names = Names::new(std::iter::once("mail.a".to_owned()), std::iter::empty(), std::iter::empty());
        dialogue(&self.log, &names, &conversations(&self.log)[0])
    }
}

#[test]
fn a_server_that_never_greets_is_told() {
    let mut hand = Hand::open();
    hand.told(smtp::client::Event::Ended(smtp::Ending::Timeout));
    let dialogue = hand.dialogue();
    let kinds: Vec<&Kind> = dialogue.rows.iter().map(|r| &r.kind).collect();
    let broken = Happening::Broken("timed out".to_owned());
    let wanted = [Happening::Opened, Happening::NoGreeting, broken].map(Kind::Event);
    assert_eq!(kinds, wanted.iter().collect::<Vec<_>>());
    assert_eq!(dialogue.rows[1].tag, "S 192.0.2.25", "an address that no host has");
}

#[test]
fn a_letter_that_was_cut_off_is_there_as_far_as_it_was_sent() {
    let mut hand = Hand::open();
    hand.told(smtp::client::Event::State { from: smtp::client::State::Data, to: smtp::client::State::Letter });
    hand.sent(0, b"From: alice\r\nTo: bob\r\n\r\nhel");
    hand.sent(0, b"From: alice\r\n"); // again: it counts once
    hand.told(smtp::client::Event::Ended(smtp::Ending::Reset));
    let dialogue = hand.dialogue();
    let row = dialogue.rows.iter().find(|r| !r.range.is_empty()).unwrap();
    let Kind::Mail(mail) = &row.kind else { panic!("{row:?}") };
    assert_eq!((row.range.clone(), row.read, mail.header_lines, mail.body_lines), (0..27, None, 2, 1));
    assert_eq!(row.entry, EntryId(2), "since it began to be written");
    assert_eq!(dialogue.rows.iter().position(|r| r == row), Some(1), "before the end of the session");
}
