//! "Follow this byte": the h of "hello" from Bob's screen back to Alice's keyboard, and why each thing happened.

use mailpath::action::Action;
use mailpath::engine::Way;
use mailpath::explain::follow::{Hop, Kept, Place, Start, back, everywhere, forth};
use mailpath::imap;
use mailpath::mail::{ContentId, Event, Letter, Made};
use mailpath::matcher::Matcher;
use mailpath::packet::{parse_ipv4, parse_tcp};
use mailpath::smtp;
use mailpath::topology::{ConnId, Side};
use mailpath::trace::why::why;
use mailpath::trace::{Cause, Entry, EntryId, Level, SessionEvent, What};

use crate::maps::{MAIL_A, Map, Run, draft, ms, reading};

/// Bob has the mail "hello" read; with two lines before it, so that dots are stuffed in and offsets differ.
fn run() -> Run {
    let mut map = Map::six();
    map.send(ms(0), draft(&["bob@b.example"], TEXT));
    map.read(ms(3000), reading("bob", true));
    map.run()
}

const TEXT: &str = ".a dot\nhello\n";
const H: u64 = 7;

/// The first entry about mail that `is` picks.
fn find(run: &Run, host: &str, is: impl Fn(&Event) -> bool) -> EntryId {
    let found = run.entries().find(|(_, e)| match &e.what {
        What::Mail(event) => run.name(e.node) == host && is(event),
        _ => false,
    });
    found.expect("this happened").0
}

fn mail(run: &Run, id: EntryId) -> &Event {
    match &run.log().entry(id).what {
        What::Mail(event) => event,
        other => panic!("{other:?} is not about mail"),
    }
}

fn read(run: &Run) -> EntryId {
    find(run, "bob-pc", |e| matches!(e, Event::Read { .. }))
}

/// The packets that carry byte `at` of a stream: every one has 'h' there, at every hop. How many there are, and on how
/// many links the first of them was.
fn carried(run: &Run, conn: ConnId, side: Side, at: u64) -> (usize, usize) {
    let log = run.log();
    let mut packets = Vec::new();
    let mut links = 0;
    for (_, e) in run.entries() {
        let carries = |packet| {
            let p = log.packet(packet);
            p.conn == Some((conn, side)) && (p.stream.0..p.stream.0 + u64::from(p.stream.1)).contains(&at)
        };
        match &e.what {
            What::TcpSent { packet, .. } if carries(*packet) => {
                let bytes = log.packet_bytes(*packet);
                let ip = parse_ipv4(&bytes).expect("a good packet");
                let tcp = parse_tcp(ip.src, ip.dst, ip.payload).expect("a good segment");
                assert_eq!(tcp.payload[(at - log.packet(*packet).stream.0) as usize], b'h');
                packets.push(*packet);
            }
            What::FrameSent { packet, hop } | What::FrameArrived { packet, hop } if carries(*packet) => {
                let frame = log.frame(*packet, *hop);
                let payload = frame.len() - log.packet(*packet).stream.1 as usize;
                assert_eq!(frame[payload + (at - log.packet(*packet).stream.0) as usize], b'h');
                links += usize::from(packets.first() == Some(packet) && matches!(e.what, What::FrameSent { .. }));
            }
            _ => {}
        }
    }
    (packets.len(), links)
}

/// Goes back from a version of a letter to the version its sender had, over a transfer by SMTP.
fn over_smtp(run: &Run, received: &Letter, offset: u64) -> (ContentId, u64) {
    assert_eq!(received.bytes[offset as usize], b'h');
    let Made::Received(conn, map) = &received.made else { panic!("received: {received:?}") };
    let at = map.source_of(offset).expect("the byte came over the connection");
    assert_eq!(carried(run, *conn, Side::Client, at).0, 1, "one segment has it");
    let sent = run.sessions(*conn, Side::Client).find_map(|(_, e)| match e {
        SessionEvent::SmtpClient(smtp::client::Event::Letter(letter)) if letter.range.contains(&at) => {
            letter.map.source_of(at)
        }
        _ => None,
    });
    let content = run.mail("").find_map(|(_, e)| match e {
        Event::LetterSent { conn: c, content } if c == conn => Some(*content),
        _ => None,
    });
    (content.expect("somebody sent a letter"), sent.expect("the byte is of the letter"))
}

/// The event in which a server took over what became this version, and the two versions.
fn accepted<'a>(run: &'a Run, host: &'a str, content: ContentId) -> (&'a Letter, &'a Letter) {
    let found = run.mail(host).find_map(|(_, e)| match e {
        Event::Accepted { received, letter, .. } if letter.content == content => Some((&**received, &**letter)),
        _ => None,
    });
    found.expect("the server took it over")
}

#[test]
fn the_h_of_hello_is_found_at_every_station_by_the_maps_alone() {
    let run = run();
    // Screen -> letter as fetched.
    let Event::Read { letter, screen, .. } = mail(&run, read(&run)) else { panic!() };
    assert_eq!(screen.text.as_bytes()[H as usize], b'h');
    let in_fetched = screen.map.source_of(H).expect("the text stands in the letter");
    assert_eq!(letter.bytes[in_fetched as usize], b'h');
    // Letter as fetched -> IMAP stream, and every packet of it.
    let Made::Fetched(conn, map) = &letter.made else { panic!("fetched: {letter:?}") };
    let in_imap = map.source_of(in_fetched).expect("fetched over the connection");
    assert_eq!(carried(&run, *conn, Side::Server, in_imap), (1, 4 - 2), "mail.b--sw-b--bob-pc");
    // IMAP stream -> stored letter.
    let stored = run.sessions(*conn, Side::Server).find_map(|(_, e)| match e {
        SessionEvent::ImapServer(imap::server::Event::Sent { range, content, map, letter, .. }) => {
            assert!(range.contains(&in_imap));
            let from = map.source_of(in_imap).expect("a byte of the letter");
            assert_eq!(letter[from as usize], b'h');
            Some((ContentId(*content), from))
        }
        _ => None,
    });
    let (stored, in_stored) = stored.expect("the server told what it sends");
    // Stored letter -> Return-Path off -> Received off -> as it came in.
    let store = run.mail("mail.b").find_map(|(_, e)| match e {
        Event::MailboxStore { letter, .. } if letter.content == stored => Some(letter),
        _ => None,
    });
    let store = store.expect("that version lies in the mailbox");
    assert_eq!(store.bytes[in_stored as usize], b'h');
    assert!(store.bytes.starts_with(b"Return-Path: <alice@a.example>\r\nReceived: from mail.a.example"));
    let Made::Prepended(with_received, map) = &store.made else { panic!("stored: {store:?}") };
    let offset = map.source_of(in_stored).unwrap();
    let (received, letter) = accepted(&run, "mail.b", *with_received);
    assert_eq!(letter.bytes[offset as usize], b'h');
    let Made::Prepended(as_received, map) = &letter.made else { panic!("accepted: {letter:?}") };
    assert_eq!(*as_received, received.content);
    let offset = map.source_of(offset).unwrap();
    // Over the stream from mail.a: a dot was stuffed in before it and taken out again.
    let (at_mail_a, offset) = over_smtp(&run, received, offset);
    let (received, letter) = accepted(&run, "mail.a", at_mail_a);
    assert_eq!(letter.bytes[offset as usize], b'h');
    let Made::Prepended(_, map) = &letter.made else { panic!("accepted: {letter:?}") };
    let offset = map.source_of(offset).unwrap();
    // Over the stream from alice-pc.
    let (composed, offset) = over_smtp(&run, received, offset);
    let Event::Composed { draft, letter, .. } =
        mail(&run, find(&run, "alice-pc", |e| matches!(e, Event::Composed { .. })))
    else {
        panic!()
    };
    assert_eq!((letter.content, letter.bytes[offset as usize]), (composed, b'h'));
    let Made::Composed(map) = &letter.made else { panic!("composed: {letter:?}") };
    assert_eq!(map.source_of(offset), Some(H));
    assert_eq!(draft.text.as_bytes()[H as usize], b'h');
}

/// Stations in words, packets left out.
fn stations(run: &Run, hops: &[Hop]) -> Vec<String> {
    let letters = hops.iter().filter_map(|hop| {
        let name = run.name(hop.node);
        Some(match &hop.place {
            Place::Typed => format!("typed at {name}"),
            Place::Screen => format!("shown at {name}"),
            Place::Letter { kept, .. } => match kept {
                Kept::Composed => format!("written at {name}"),
                Kept::Received => format!("received by {name}"),
                Kept::Stamped => format!("stamped by {name}"),
                Kept::Queued(_) => format!("queued at {name}"),
                Kept::Stored(user, ..) => format!("stored for {user} at {name}"),
                Kept::Bounce => format!("bounce of {name}"),
                Kept::Fetched => format!("fetched by {name}"),
            },
            Place::Stream { conn, way, .. } => {
                format!("{} {} by {name}", if *way == Way::Sent { "written to" } else { "read from" }, conn.0)
            }
            _ => return None,
        })
    });
    letters.collect()
}

const ONE_WAY: [&str; 17] = [
    "shown at bob-pc",
    "fetched by bob-pc",
    "read from 2 by bob-pc",
    "written to 2 by mail.b",
    "stored for bob at mail.b",
    "stamped by mail.b",
    "received by mail.b",
    "read from 1 by mail.b",
    "written to 1 by mail.a",
    "queued at mail.a",
    "stamped by mail.a",
    "received by mail.a",
    "read from 0 by mail.a",
    "written to 0 by alice-pc",
    "written at alice-pc",
    "typed at alice-pc",
    "",
];

fn one_way() -> Vec<String> {
    ONE_WAY.iter().filter(|s| !s.is_empty()).map(ToString::to_string).collect()
}

#[test]
fn back_goes_from_the_screen_to_the_keyboard() {
    let run = run();
    let hops = back(run.log(), Start::Screen { entry: read(&run), offset: H });
    assert!(hops.iter().all(|hop| hop.byte == b'h'), "{hops:?}");
    assert!(hops.windows(2).all(|pair| pair[0].entry >= pair[1].entry), "youngest first");
    assert_eq!(stations(&run, &hops), one_way());
    assert_eq!(hops.last().map(|hop| (hop.at, hop.offset)), Some((ms(0), H)));
    // alice-pc--sw-a--mail.a--sw-a--r-a--r-b--sw-b--mail.b--sw-b--bob-pc: nine links, put on and taken off each.
    let frames = |way| hops.iter().filter(|h| matches!(h.place, Place::Frame { way: w, .. } if w == way)).count();
    assert_eq!((frames(Way::Sent), frames(Way::Received)), (9, 9));
    let segments = hops.iter().filter(|hop| matches!(hop.place, Place::Segment { .. })).count();
    assert_eq!(segments, 6, "three segments, sent and received");
    for hop in &hops {
        let told = hop.told(run.log(), &run.world.names());
        assert!(told.len() > 10 && !told.contains('?'), "{told}");
    }
}

#[test]
fn forth_from_the_keyboard_is_the_same_way_the_other_way_round() {
    let run = run();
    let screen = Start::Screen { entry: read(&run), offset: H };
    let typed = Start::Typed { entry: find(&run, "alice-pc", |e| matches!(e, Event::Composed { .. })), offset: H };
    let (mut there, again) = (back(run.log(), screen), forth(run.log(), typed));
    there.sort_by_key(|hop| hop.entry);
    let mut sorted = again.clone();
    sorted.sort_by_key(|hop| hop.entry);
    let key = |hop: &Hop| (hop.entry, hop.offset, format!("{:?}", hop.place));
    let set = |hops: &[Hop]| hops.iter().map(key).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(set(&there), set(&sorted));
    assert_eq!(everywhere(run.log(), screen), again);
    let mut stations = stations(&run, &again);
    stations.reverse();
    assert_eq!(stations, one_way());
}

#[test]
fn a_start_in_the_middle_leads_to_the_same_life() {
    let run = run();
    let life = everywhere(run.log(), Start::Screen { entry: read(&run), offset: H });
    for hop in &life {
        let start = match hop.place {
            Place::Stream { conn, side, .. } => Start::Stream { conn, side, offset: hop.offset },
            Place::Letter { content, .. } => Start::Letter { content, offset: hop.offset },
            Place::Segment { packet, .. } => Start::Packet { packet, offset: hop.offset },
            _ => continue,
        };
        assert_eq!(everywhere(run.log(), start), life, "from {start:?}");
    }
}

#[test]
fn every_byte_of_the_typed_text_gets_to_the_screen() {
    let run = run();
    let typed = find(&run, "alice-pc", |e| matches!(e, Event::Composed { .. }));
    for (offset, byte) in TEXT.bytes().enumerate() {
        let life = forth(run.log(), Start::Typed { entry: typed, offset: offset as u64 });
        let last = life.last().expect("it went somewhere");
        assert_eq!((&last.place, last.byte, last.offset), (&Place::Screen, byte, offset as u64));
        assert!(life.iter().all(|hop| hop.byte == byte));
    }
}

#[test]
fn a_mail_to_two_servers_forks_and_each_reader_has_one_way() {
    let mut map = Map::multi();
    map.send(ms(0), draft(&["dave@c.example", "carol@b.example", "bob@b.example", "anna@a.example"], "hello\n"));
    map.read(ms(5000), reading("bob", true));
    let run = map.run();
    let hops = back(run.log(), Start::Screen { entry: read(&run), offset: 0 });
    let way: Vec<String> =
        stations(&run, &hops).into_iter().filter(|s| !s.contains("to") && !s.contains("from")).collect();
    let way: Vec<&str> = way.iter().map(String::as_str).collect();
    let wanted = [
        "shown at bob-pc",
        "fetched by bob-pc",
        "stamped by mail.b",
        "received by mail.b",
        "queued at mail.a",
        "stamped by mail.a",
        "received by mail.a",
        "written at alice-pc",
        "typed at alice-pc",
    ];
    assert_eq!(way, wanted);
    let stored =
        |hops: &[Hop]| stations(&run, hops).into_iter().filter(|s| s.starts_with("stored")).collect::<Vec<_>>();
    assert_eq!(stored(&hops), ["stored for bob at mail.b"]);
    let life = everywhere(run.log(), Start::Screen { entry: read(&run), offset: 0 });
    let mut all = stored(&life);
    all.sort();
    let everywhere = [
        "stored for anna at mail.a",
        "stored for bob at mail.b",
        "stored for carol at mail.b",
        "stored for dave at mail.c",
    ];
    assert_eq!(all, everywhere);
}

#[test]
fn a_byte_of_a_lost_segment_is_seen_to_be_lost_and_sent_again() {
    let mut map = Map::six();
    map.send(ms(0), draft(&["bob@b.example"], "hello\n"));
    let letter = Matcher {
        src: Some(MAIL_A),
        dst_port: Some(25),
        payload_starts: Some(b"Received:".to_vec()),
        ..Matcher::default()
    };
    map.lose(letter, 1, 1).read(ms(5000), reading("bob", false));
    let run = map.run();
    let life = everywhere(run.log(), Start::Screen { entry: read(&run), offset: 0 });
    let lost = life.iter().filter(|hop| matches!(hop.place, Place::Lost { .. })).count();
    let again = life.iter().filter(|hop| matches!(hop.place, Place::Segment { retransmission: true, .. })).count();
    assert_eq!((lost, again), (1, 1));
}

#[test]
fn a_long_letter_is_followed_through_all_its_segments() {
    let text = "0123456789abcdefghijklmnopqrstuvwxyz\n".repeat(3000);
    let mut map = Map::six();
    map.send(ms(0), draft(&["bob@b.example"], &text));
    map.read(ms(20_000), reading("bob", true));
    let run = map.run();
    for offset in (0..text.len()).step_by(9_973) {
        let life = everywhere(run.log(), Start::Screen { entry: read(&run), offset: offset as u64 });
        assert!(life.iter().all(|hop| hop.byte == text.as_bytes()[offset]), "byte {offset}");
        assert_eq!((life.first().unwrap().offset, &life.first().unwrap().place), (offset as u64, &Place::Typed));
        let segments = life.iter().filter(|hop| matches!(hop.place, Place::Segment { way: Way::Sent, .. })).count();
        assert_eq!(segments, 3, "byte {offset}");
    }
}

#[test]
fn a_byte_of_a_command_is_a_byte_of_a_line_at_both_ends() {
    let run = run();
    let line = run.lines(ConnId(1), Side::Client, Way::Sent)[1].1;
    assert_eq!(line.verb, Some("MAIL"));
    let life = everywhere(run.log(), Start::Stream { conn: ConnId(1), side: Side::Client, offset: line.start });
    assert!(life.iter().all(|hop| hop.byte == b'M'), "{life:?}");
    let lines: Vec<_> = life
        .iter()
        .filter_map(|hop| match hop.place {
            Place::Line { way, .. } => Some((run.name(hop.node), way)),
            _ => None,
        })
        .collect();
    assert_eq!(lines, [("mail.a", Way::Sent), ("mail.b", Way::Received)]);
}

#[test]
fn a_byte_of_a_header_is_followed_through_the_hops_of_its_packet() {
    let run = run();
    let sent = run.entries().find_map(|(_, e)| match e.what {
        What::TcpSent { packet, .. } if run.log().packet(packet).conn == Some((ConnId(1), Side::Client)) => {
            Some(packet)
        }
        _ => None,
    });
    // Byte 8 is the time to live: one less behind each of the two routers.
    let life = forth(run.log(), Start::Packet { packet: sent.unwrap(), offset: 8 });
    let ttls: Vec<u8> = life
        .iter()
        .filter(|hop| matches!(hop.place, Place::Frame { way: Way::Sent, .. }))
        .map(|hop| hop.byte)
        .collect();
    assert_eq!(ttls, [64, 64, 63, 62, 62]);
    assert_eq!(forth(run.log(), Start::Packet { packet: sent.unwrap(), offset: 9_999 }), []);
    assert_eq!(forth(run.log(), Start::Letter { content: ContentId(9_999), offset: 0 }), []);
}

#[test]
fn what_a_server_wrote_itself_ends_at_that_server() {
    let run = run();
    let store = find(&run, "mail.b", |e| matches!(e, Event::MailboxStore { .. }));
    let Event::MailboxStore { letter, .. } = mail(&run, store) else { panic!() };
    assert!(letter.bytes.starts_with(b"Return-Path:"));
    let hops = back(run.log(), Start::Letter { content: letter.content, offset: 0 });
    assert_eq!(stations(&run, &hops), ["stored for bob at mail.b"], "the Return-Path line comes from nowhere else");
    let life = everywhere(run.log(), Start::Letter { content: letter.content, offset: 0 });
    let wanted = ["stored for bob at mail.b", "written to 2 by mail.b", "read from 2 by bob-pc", "fetched by bob-pc"];
    assert_eq!(stations(&run, &life), wanted, "and is not shown");
}

/// The chain of causes from an entry back, and its last link.
fn causes(run: &Run, id: EntryId) -> (Vec<Entry<'_>>, Cause) {
    let chain = why(run.log(), id);
    let last = chain.last().expect("an entry has a cause").1;
    (chain.into_iter().map(|(id, _)| run.log().entry(id)).collect(), last)
}

fn action_of(run: &Run, last: Cause) -> &Action {
    match last {
        Cause::Action(id) => &run.world.setup().actions[id.0 as usize].action,
        other => panic!("the chain ends with {other:?}"),
    }
}

#[test]
fn bob_reads_because_he_asked_to_read() {
    let run = run();
    let (chain, last) = causes(&run, read(&run));
    assert!(matches!(action_of(&run, last), Action::Imap { .. }));
    // Over every request and response of the dialogue, each by its packets.
    let names: Vec<&str> = chain.iter().map(|e| run.name(e.node)).collect();
    assert!(names.contains(&"mail.b") && names.contains(&"bob-pc") && names.contains(&"sw-b"));
    assert!(!names.contains(&"mail.a"), "that the mail is there is not why he reads now");
}

#[test]
fn the_mail_is_stored_because_alice_pressed_send() {
    let run = run();
    let store = find(&run, "mail.b", |e| matches!(e, Event::MailboxStore { .. }));
    let (chain, last) = causes(&run, store);
    let Action::Send { host, .. } = action_of(&run, last) else { panic!("{last:?}") };
    assert_eq!(run.name(*host), "alice-pc");
    // The wait in the queue is a timer that was set when the mail came in.
    let timer = chain.iter().find_map(|e| match e.cause {
        Cause::Timer { armed_by } => Some(armed_by),
        _ => None,
    });
    let armed = run.log().entry(timer.expect("the queue's timer"));
    assert_eq!((run.name(armed.node), armed.at), ("mail.a", ms(65)));
    assert!(chain.iter().any(|e| matches!(&e.what, What::Mail(m) if matches!(**m, Event::QueueEnter { .. }))));
}

#[test]
fn everything_in_the_record_was_caused_by_an_action() {
    for level in [Level::All, Level::Milestones] {
        let mut map = Map::multi();
        map.with_dns().smtp_stopped("mail.c", Some(ms(4_000_000)));
        map.send(ms(0), draft(&["bob@b.example", "nobody@b.example", "dave@c.example"], "hello\n"));
        map.read(ms(3000), reading("bob", true));
        let run = map.run_at(level);
        for (id, e) in run.entries() {
            let (_, last) = causes(&run, id);
            assert!(matches!(last, Cause::Action(_)), "{id:?} {e:?} was caused by {last:?}");
        }
        let dave = find(&run, "mail.c", |e| matches!(e, Event::MailboxStore { .. }));
        let (chain, last) = causes(&run, dave);
        assert!(matches!(action_of(&run, last), Action::Send { .. }), "{last:?}");
        assert!(chain.len() > 10);
    }
}

/// The queue's entry whose attempt stands in a chain of causes, and the domain for which it waits.
fn attempts_in<'a>(run: &'a Run, chain: &[Entry<'a>], host: &'a str) -> Vec<&'a str> {
    let domain = |id| {
        run.mail(host).find_map(|(_, e)| match e {
            Event::QueueEnter { entry, domain, .. } if *entry == id => Some(domain.as_str()),
            _ => None,
        })
    };
    let here = chain.iter().filter(|e| run.name(e.node) == host);
    let attempts = here.filter_map(|e| match e.what {
        What::Mail(Event::QueueAttempt { entry, .. }) => domain(*entry),
        _ => None,
    });
    attempts.collect()
}

#[test]
fn two_attempts_that_begin_at_once_have_each_their_own_cause() {
    for dns in [false, true] {
        let mut map = Map::multi();
        if dns {
            map.with_dns();
        }
        map.smtp_stopped("mail.c", Some(ms(60_000))).smtp_stopped("mail.b", Some(ms(60_000)));
        // Both wait for 30 minutes, with something else happening at mail.a meanwhile.
        map.send(ms(0), draft(&["bob@b.example", "dave@c.example"], "hello\n"));
        map.send(ms(1_000_000), draft(&["anna@a.example"], "here\n"));
        let run = map.run();
        for (host, domain) in [("mail.b", "b.example"), ("mail.c", "c.example")] {
            let (chain, last) = causes(&run, find(&run, host, |e| matches!(e, Event::MailboxStore { .. })));
            let own = attempts_in(&run, &chain, "mail.a");
            // The second attempt is there because the first one failed, which is there because the mail came in.
            assert_eq!(own, [domain, domain], "dns {dns}");
            let Cause::Action(action) = last else { panic!("{last:?}") };
            assert_eq!(run.world.setup().actions[action.0 as usize].at, ms(0), "not what happened in between");
        }
    }
}

#[test]
fn a_segment_is_sent_again_because_of_what_set_its_timer() {
    let mut map = Map::pair();
    map.queued(ms(0), draft(&["bob@b.example"], "hello\n"), None);
    let mail = Matcher { src: Some(MAIL_A), payload_starts: Some(b"MAIL".to_vec()), ..Matcher::default() };
    let run = map.lose(mail, 1, 1).run();
    let again = run.entries().find_map(|(id, e)| match e.what {
        What::TcpSent { packet, retransmission: true, .. }
            if run.log().packet(packet).conn.is_some_and(|c| c.1 == Side::Client) =>
        {
            Some((id, e.at))
        }
        _ => None,
    });
    let (id, at) = again.expect("MAIL is sent again");
    assert_eq!(at, ms(1300));
    let (chain, _) = causes(&run, id);
    let timer = chain.iter().find_map(|e| match e.cause {
        Cause::Timer { armed_by } => Some(run.log().entry(armed_by)),
        _ => None,
    });
    let armed = timer.expect("a timer");
    assert_eq!((armed.at, run.name(armed.node)), (ms(300), "mail.a"));
}
