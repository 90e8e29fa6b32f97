//! The six runs of the lesson on a lost packet, in exact time: one-way delay 50 ms, a dialogue of seven
//! round trips (handshake, greeting, EHLO, MAIL, RCPT, DATA, message).

use std::cell::{Cell, RefCell};

use crate::tcp::{Config, Connection, Event, Output};
use crate::time::{Duration, Instant};

const ONE_WAY: Duration = Duration::from_millis(50);

/// What each side writes, in turn; the server begins when the connection is open.
const REPLIES: [&str; 6] = [
    "220 mail.b.example ready\r\n",
    "250 mail.b.example\r\n",
    "250 sender ok\r\n",
    "250 recipient ok\r\n",
    "354 go on\r\n",
    "250 accepted\r\n",
];

struct Run {
    /// When the client had the last reply, in ms.
    end: u64,
    /// What was sent again: time in ms, sender, place in its stream.
    repeats: Vec<(u64, &'static str, u64)>,
    /// When duplicate acknowledgements reached the client.
    duplicates: Vec<u64>,
    /// How often the server's program read the whole of MAIL.
    mails: usize,
}

struct Lesson {
    message: usize,
    rto_min: Duration,
    /// Loses the n-th segment for which this says yes: (from the client, is a SYN, its stream).
    #[allow(clippy::type_complexity, reason = "one predicate, used here only")]
    loses: Box<dyn Fn(bool, bool, std::ops::Range<u64>) -> bool>,
    times: usize,
}

/// Where the client's lines begin in its stream.
const MAIL: u64 = 19;
const COMMANDS: [&str; 4] =
    ["EHLO mail.a.example", "MAIL FROM:<alice@a.example>\r\n", "RCPT TO:<bob@b.example>\r\n", "DATA\r\n"];

impl Lesson {
    fn run(self) -> Run {
        let cfg = Config { rto_min: self.rto_min, ..Config::default() };
        let text: Vec<Vec<u8>> =
            COMMANDS.iter().map(|c| c.as_bytes().to_vec()).chain([vec![b'm'; self.message]]).collect();
        let mut ends: [Option<Connection>; 2] = [Some(Connection::connect(&cfg, 49152, 25, 1000, Instant::ZERO)), None];
        let mut wire: Vec<(Instant, u64, usize, crate::packet::TcpHeader, Vec<u8>)> = vec![];
        let mut order = 0;
        let mut now = Instant::ZERO;
        let mut read = [0usize; 2];
        let mut turn = [0usize; 2];
        let mut wait = [None, None];
        let losses = RefCell::new(self.times);
        let mut out = Run { end: 0, repeats: vec![], duplicates: vec![], mails: 0 };
        let mut due = vec![0usize];
        loop {
            for who in std::mem::take(&mut due) {
                let Some(c) = &mut ends[who] else { continue };
                let name = ["client", "server"][who];
                wait[who] = loop {
                    match c.poll(&cfg, now) {
                        Output::Wait(at) => break at,
                        Output::Event(Event::Connected) if who == 1 => {
                            c.send(&cfg, REPLIES[0].as_bytes());
                        }
                        Output::Event(Event::Received { stream }) => {
                            read[who] = stream.end as usize;
                            let n = c.received().len();
                            c.consume(&cfg, n);
                            // Whole so far?
                            let so_far: usize = if who == 0 {
                                REPLIES[..=turn[0]].iter().map(|r| r.len()).sum()
                            } else {
                                text[..=turn[1]].iter().map(Vec::len).sum()
                            };
                            if read[who] == so_far {
                                if who == 0 && turn[0] == 5 {
                                    out.end = now.as_millis();
                                } else if who == 0 {
                                    c.send(&cfg, &text[turn[0]]);
                                } else {
                                    out.mails += usize::from(turn[1] == 1);
                                    c.send(&cfg, REPLIES[turn[1] + 1].as_bytes());
                                }
                                turn[who] += 1;
                            }
                        }
                        Output::Event(_) => {}
                        Output::Segment(s) => {
                            if s.retransmission.is_some() {
                                out.repeats.push((now.as_millis(), name, s.stream.start));
                            }
                            let (a, b) = c.payload(s.stream.clone());
                            let payload = [a, b].concat();
                            let syn = s.header.mss.is_some();
                            if *losses.borrow() > 0 && (self.loses)(who == 0, syn, s.stream) {
                                *losses.borrow_mut() -= 1;
                                continue;
                            }
                            order += 1;
                            wire.push((now + ONE_WAY, order, 1 - who, s.header, payload));
                        }
                    }
                };
            }
            wire.sort_by_key(|w| (w.0, w.1));
            let arrival = wire.first().map(|w| w.0);
            let timer = wait.iter().flatten().min().copied();
            if out.end > 0 && wire.is_empty() {
                return out;
            }
            let next = arrival.into_iter().chain(timer).min().expect("the dialogue goes on");
            now = next;
            assert!(now < Instant::from_secs(100), "it ends some time");
            if arrival == Some(next) {
                let (_, _, to, header, payload) = wire.remove(0);
                let c = match &mut ends[to] {
                    Some(c) => c,
                    none => none.insert(Connection::accept(&cfg, &header, 5000, now)),
                };
                let before = c.view().duplicate_acks;
                c.handle_segment(&cfg, now, &header, &payload);
                if to == 0 && c.view().duplicate_acks > before {
                    out.duplicates.push(now.as_millis());
                }
                due.push(to);
            } else {
                for who in 0..2 {
                    if wait[who] == Some(now)
                        && let Some(c) = &mut ends[who]
                    {
                        c.handle_timeout(&cfg, now);
                        due.push(who);
                    }
                }
            }
        }
    }
}

fn lesson(message: usize, times: usize, loses: impl Fn(bool, bool, std::ops::Range<u64>) -> bool + 'static) -> Lesson {
    Lesson { message, rto_min: Duration::from_secs(1), loses: Box::new(loses), times }
}

fn data() -> u64 {
    COMMANDS.iter().map(|c| c.len() as u64).sum()
}

const FULL: u64 = 1460;

#[test]
fn without_loss_seven_round_trips_take_700_ms() {
    let run = lesson(1000, 0, |_, _, _| false).run();
    assert_eq!((run.end, run.mails), (700, 1));
    assert!(run.repeats.is_empty() && run.duplicates.is_empty());
    assert_eq!(lesson(9 * FULL as usize, 0, |_, _, _| false).run().end, 700);
}

#[test]
fn a_lost_mail_is_sent_again_after_exactly_one_second_and_read_once() {
    let run = lesson(1000, 1, |client, _, s| client && s.start == MAIL && !s.is_empty()).run();
    // The lost segment also carried the acknowledgement of the reply to EHLO, which is sent again first.
    let ehlo_reply = REPLIES[0].len() as u64;
    assert_eq!(run.repeats, [(1250, "server", ehlo_reply), (1300, "client", MAIL)]);
    assert_eq!((run.end, run.mails), (1700, 1));
}

#[test]
fn a_mail_lost_twice_waits_for_one_second_and_then_for_two() {
    let run = lesson(1000, 2, |client, _, s| client && s.start == MAIL && !s.is_empty()).run();
    let client: Vec<_> = run.repeats.iter().filter(|r| r.1 == "client").map(|r| r.0).collect();
    assert_eq!((client, run.end), (vec![1300, 3300], 3700));
}

#[test]
fn the_third_of_nine_segments_costs_one_round_trip() {
    let third = data() + 2 * FULL;
    let run = lesson(9 * FULL as usize, 1, move |client, _, s| client && s.start == third && !s.is_empty()).run();
    assert_eq!(run.duplicates, [700; 6]);
    assert_eq!(run.repeats, [(700, "client", third)]);
    assert_eq!(run.end, 800);
}

#[test]
fn the_first_of_nine_segments_costs_one_round_trip_too() {
    let first = data();
    let run = lesson(9 * FULL as usize, 1, move |client, _, s| client && s.start == first && !s.is_empty()).run();
    assert_eq!((run.repeats, run.end), (vec![(700, "client", first)], 800));
}

#[test]
fn the_last_of_nine_segments_costs_a_timeout_that_began_with_the_last_acknowledgement() {
    let last = data() + 8 * FULL;
    let run = lesson(9 * FULL as usize, 1, move |client, _, s| client && s.start == last && !s.is_empty()).run();
    assert_eq!((run.repeats, run.end), (vec![(1700, "client", last)], 1800));
    assert!(run.duplicates.is_empty());
}

#[test]
fn a_lost_final_reply_is_sent_again_by_tcp() {
    let last: u64 = REPLIES[..5].iter().map(|r| r.len() as u64).sum();
    let run = lesson(1000, 1, move |client, _, s| !client && s.start == last && !s.is_empty()).run();
    assert!(run.repeats.contains(&(1650, "server", last)));
    assert_eq!(run.end, 1700);
}

#[test]
fn a_lost_syn_costs_one_second() {
    let run = lesson(1000, 1, |client, syn, _| client && syn).run();
    assert_eq!((run.repeats, run.end), (vec![(1000, "client", 0)], 1700));
}

#[test]
fn with_a_minimum_of_200_ms_the_computed_250_ms_count() {
    let mut l = lesson(1000, 1, |client, _, s| client && s.start == MAIL && !s.is_empty());
    l.rto_min = Duration::from_millis(200);
    assert_eq!(l.run().end, 950);
    let mut l = lesson(1000, 2, |client, _, s| client && s.start == MAIL && !s.is_empty());
    l.rto_min = Duration::from_millis(200);
    assert_eq!(l.run().end, 1450);
}

#[test]
fn three_losses_can_cost_ten_seconds() {
    // The SYN once and EHLO twice: after a lost SYN the first data start with a timer of 3 seconds.
    let syns = Cell::new(0);
    let run = lesson(1000, 3, move |client, syn, s| {
        syns.set(syns.get() + u32::from(client && syn));
        client && ((syn && syns.get() == 1) || (s.start == 0 && !s.is_empty()))
    })
    .run();
    assert_eq!(run.end, 10_700);
}
