//! The values that the course prints as answers (curriculum, "Timeline (golden)"), read from the record.
//! If one of these differs, the program is wrong or the course is: nobody may bend a value here.

use mailpath::engine::Way;
use mailpath::mail::{Event, Left};
use mailpath::matcher::Matcher;
use mailpath::message;
use mailpath::packet::TcpFlags;
use mailpath::smtp::ReversePath;
use mailpath::tcp;
use mailpath::time::{Duration, Instant};
use mailpath::topology::{ConnId, Side};
use mailpath::trace::fold::{State, Timeline};
use mailpath::trace::{SessionEvent, What};

use crate::maps::{MAIL_A, MAIL_B, Map, Run, Segment, draft, envelope, hm, ms, reading};

const SEND: fn(&Event) -> bool = |e| matches!(e, Event::Composed { .. });
const ENTER: fn(&Event) -> bool = |e| matches!(e, Event::QueueEnter { .. });
const ATTEMPT: fn(&Event) -> bool = |e| matches!(e, Event::QueueAttempt { .. });
const DEFER: fn(&Event) -> bool = |e| matches!(e, Event::QueueDefer { .. });
const LEAVE: fn(&Event) -> bool = |e| matches!(e, Event::QueueLeave { .. });
const STORE: fn(&Event) -> bool = |e| matches!(e, Event::MailboxStore { .. });
const BOUNCE: fn(&Event) -> bool = |e| matches!(e, Event::DsnCreate { .. });
const READ: fn(&Event) -> bool = |e| matches!(e, Event::Read { .. });

/// The state at a moment.
fn at(run: &Run, moment: Instant) -> State {
    let mut timeline = Timeline::default();
    timeline.extend(run.log());
    timeline.at(run.log(), moment)
}

/// Hosts whose queues hold a letter, and (host, user) of mailboxes that do.
fn places(run: &Run, moment: Instant) -> Vec<String> {
    let state = at(run, moment);
    let queues = state.queues.keys().map(|(node, _)| format!("queue of {}", run.name(*node)));
    let mailboxes = state.mailboxes.iter().flat_map(|((node, user, folder), letters)| {
        std::iter::repeat_n(format!("{folder} of {user} on {}", run.name(*node)), letters.len())
    });
    queues.chain(mailboxes).collect()
}

mod l01_six_steps_from_alice_to_bob {
    use super::*;

    fn run(bob_on_from_the_start: bool) -> Run {
        let mut map = Map::six();
        map.tune("bob-pc", |h| h.starts_off = !bob_on_from_the_start);
        map.send(ms(0), draft(&["bob@b.example"], "hello\n"));
        let bob_pc = map.id("bob-pc");
        map.at(ms(3_600_000), mailpath::action::Action::PowerOn(bob_pc));
        map.read(ms(3_600_000), reading("bob", true));
        map.run()
    }

    #[test]
    fn every_time_of_the_timeline() {
        let run = run(false);
        assert_eq!(run.times("alice-pc", SEND), [ms(0)]);
        assert_eq!(run.times("mail.a", ENTER), [ms(65)]);
        assert_eq!(run.times("alice-pc", |e| matches!(e, Event::Submitted { accepted: true, .. })), [ms(70)]);
        assert_eq!(run.replies(0).iter().rfind(|(_, code)| *code == 250), Some(&(ms(70), 250)));
        assert_eq!(run.log().connection(ConnId(1)).opened, ms(1065));
        assert_eq!(run.times("mail.b", STORE), [ms(1715)]);
        assert_eq!(run.times("mail.a", LEAVE), [ms(1765)]);
        assert_eq!(run.replies(1).iter().rfind(|(_, code)| *code == 250), Some(&(ms(1765), 250)));
        assert_eq!(run.times("bob-pc", READ), [ms(3_600_050)]);
    }

    #[test]
    fn exactly_three_connections_are_opened_by_those_who_want_something() {
        let run = run(false);
        let wanted = [("alice-pc", "mail.a", 25), ("mail.a", "mail.b", 25), ("bob-pc", "mail.b", 143)];
        assert_eq!(run.connections(), wanted);
    }

    #[test]
    fn bob_says_login_select_fetch_each_after_the_reply_before() {
        let run = run(false);
        let said = run.lines(ConnId(2), Side::Client, Way::Sent);
        let verbs: Vec<_> = said.iter().map(|(at, l)| (*at, l.verb.unwrap_or_default())).collect();
        let at = |n: u64| ms(3_600_000 + n);
        let wanted = [(at(20), "LOGIN"), (at(30), "SELECT"), (at(40), "FETCH"), (at(50), "LOGOUT")];
        assert_eq!(verbs, wanted);
        let done = run.sessions(ConnId(2), Side::Client).filter_map(|(at, e)| match e {
            SessionEvent::ImapClient(mailpath::imap::client::Event::Completed { verb: "FETCH", status, .. }) => {
                Some((at, *status))
            }
            _ => None,
        });
        assert_eq!(done.collect::<Vec<_>>(), [(at(50), mailpath::imap::client::Status::Ok)]);
    }

    #[test]
    fn the_letter_rests_in_one_place_after_the_other() {
        let run = run(false);
        assert_eq!(places(&run, ms(64)), [""; 0]);
        assert_eq!(places(&run, ms(70)), ["queue of mail.a"]);
        // Between the two 250s of the second transfer both servers have it.
        assert_eq!(places(&run, ms(1740)), ["queue of mail.a", "INBOX of bob on mail.b"]);
        assert_eq!(places(&run, ms(60_000)), ["INBOX of bob on mail.b"]);
    }

    #[test]
    fn the_steps_come_in_their_order() {
        let run = run(false);
        let steps = run.mail("").filter_map(|(_, e)| {
            Some(match e {
                Event::Composed { .. } => 1,
                Event::QueueEnter { .. } => 2,
                Event::QueueAttempt { .. } => 3,
                Event::MailboxStore { .. } => 5,
                Event::Read { .. } => 6,
                _ => return None,
            })
        });
        assert_eq!(steps.collect::<Vec<_>>(), [1, 2, 3, 5, 6]);
        let read = run.mail("bob-pc").find_map(|(_, e)| match e {
            Event::Read { screen, .. } => Some(screen.text.as_str()),
            _ => None,
        });
        assert_eq!(read, Some("hello\n"));
    }

    #[test]
    fn a_reader_that_was_on_all_the_time_changes_nothing_before_step_six() {
        let (off, on) = (run(false), run(true));
        for is in [SEND, ENTER, ATTEMPT, LEAVE, STORE, READ] {
            assert_eq!(off.times("", is), on.times("", is));
        }
    }

    #[test]
    fn the_bytes_on_the_routers_link_are_ip_without_a_link_header_and_one_hop_older() {
        let run = run(false);
        let log = run.log();
        let trunk = 2; // r-a--r-b is the third link of the map
        let mut seen = 0;
        for (_, e) in run.entries() {
            if let (What::FrameSent { packet, hop }, Some(link)) = (&e.what, e.link()) {
                let ttl = log.hop(*hop).ttl;
                let frame = log.frame(*packet, *hop);
                if link.0 == trunk {
                    assert_eq!((frame.len(), ttl), (log.packet_bytes(*packet).len(), 63));
                    seen += 1;
                } else {
                    assert_eq!(frame.len(), log.packet_bytes(*packet).len() + 14);
                }
            }
        }
        // Three of the handshake, thirteen with data, FIN, FIN, ACK.
        assert_eq!(seen, 19);
    }

    #[test]
    fn names_from_dns_cost_their_questions_and_nothing_else() {
        let mut map = Map::six();
        map.with_dns();
        map.send(ms(0), draft(&["bob@b.example"], "hello\n"));
        map.read(ms(3_600_000), reading("bob", true));
        let run = map.run();
        // alice-pc--dns: 4 + 9 ms each way, 26 ms for A of mail.a.example. mail.a--dns: 10 ms each way; MX of
        // b.example, then A of mail.b.example.
        assert_eq!(run.times("mail.a", ENTER), [ms(65 + 26)]);
        assert_eq!(run.log().connection(ConnId(1)).opened, ms(65 + 26 + 1000 + 40));
        assert_eq!(run.times("mail.b", STORE), [ms(1715 + 26 + 40)]);
        let questions = run.entries().filter(
            |(_, e)| matches!(&e.what, What::Dns(d) if matches!(**d, mailpath::dns::resolver::Event::Query { .. })),
        );
        assert_eq!(questions.count(), 4);
        // bob-pc asks too: 4 + 48 + 9 ms each way.
        assert_eq!(run.times("bob-pc", READ), [ms(3_600_050 + 122)]);
    }
}

/// One letter of mail.a for Bob in MAP-PAIR, sent at 0 with the SYN.
fn pair(text: &str) -> Map {
    let mut map = Map::pair();
    map.queued(ms(0), draft(&["bob@b.example"], text), None);
    map
}

mod l02_one_smtp_conversation {
    use super::*;

    #[test]
    fn every_reply_costs_one_round_trip() {
        let run = pair("hello\n").run();
        let (conn, opened) = (ConnId(0), run.log().connection(ConnId(0)).opened);
        assert_eq!(opened, ms(0));
        let established =
            run.entries().find(|(_, e)| matches!(e.what, What::TcpEstablished(c, Side::Client) if c == conn));
        assert_eq!(established.map(|(_, e)| e.at), Some(ms(100)));
        let wanted = [(200, 220), (300, 250), (400, 250), (500, 250), (600, 354), (700, 250), (800, 221)];
        assert_eq!(run.replies(0), wanted.map(|(at, code)| (ms(at), code)));
    }

    #[test]
    fn thirteen_segments_carry_data() {
        let run = pair("hello\n").run();
        let data = |side| run.segments(0).iter().filter(|s| s.side == side && s.len > 0).count();
        // Seven replies; five commands and one letter.
        assert_eq!((data(Side::Server), data(Side::Client)), (7, 6));
        let commands = run.lines(ConnId(0), Side::Client, Way::Sent);
        let verbs: Vec<_> = commands.iter().filter_map(|(_, l)| l.verb).collect();
        assert_eq!(verbs, ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]);
    }

    #[test]
    fn three_segments_cross_before_the_server_greets() {
        let run = pair("hello\n").run();
        let segments = run.segments(0);
        let (first, before) = (segments.iter().position(|s| s.len > 0).unwrap(), |s: &Segment| (s.side, s.at));
        assert_eq!(segments[first].side, Side::Server);
        let handshake: Vec<_> = segments[..first].iter().map(before).collect();
        assert_eq!(handshake, [(Side::Client, ms(0)), (Side::Server, ms(50)), (Side::Client, ms(100))]);
    }

    #[test]
    fn the_server_sends_the_first_fin_right_after_its_221() {
        let run = pair("hello\n").run();
        let fins: Vec<_> = run.segments(0).into_iter().filter(|s| s.has(Segment::FIN)).collect();
        assert_eq!((fins.len(), fins[0].side, fins[0].at), (2, Side::Server, ms(750)));
        assert_eq!((fins[1].side, fins[1].at), (Side::Client, ms(800)));
        let time_wait = run.entries().find_map(|(_, e)| match e.what {
            What::TcpState { side, to: tcp::State::TimeWait, .. } => Some((side, e.at)),
            _ => None,
        });
        assert_eq!(time_wait, Some((Side::Server, ms(850))), "who closes first waits");
    }

    #[test]
    fn nothing_is_sent_twice_and_few_acks_travel_alone() {
        let run = pair("hello\n").run();
        let segments = run.segments(0);
        assert!(segments.iter().all(|s| !s.retransmission));
        let alone: Vec<_> = segments
            .iter()
            .filter(|s| s.len == 0 && !s.has(Segment::SYN) && !s.has(Segment::FIN))
            .map(|s| (s.side, s.at.as_millis()))
            .collect();
        // The handshake's third and the ACK of the last FIN; every other ACK rides on data or on a FIN.
        assert_eq!(alone, [(Side::Client, 100), (Side::Server, 850)]);
    }

    #[test]
    fn each_recipient_more_costs_one_round_trip_and_no_second_letter() {
        let mut map = Map::six();
        map.queued(ms(0), draft(&["bob@b.example", "carol@b.example"], "hello\n"), None);
        let run = map.run();
        assert_eq!(run.replies(0).iter().rfind(|(_, code)| *code == 250), Some(&(ms(800), 250)));
        assert_eq!(run.times("mail.b", STORE), [ms(750), ms(750)]);
        let letters = run
            .sessions(ConnId(0), Side::Client)
            .filter(|(_, e)| matches!(e, SessionEvent::SmtpClient(mailpath::smtp::client::Event::Letter(_))));
        assert_eq!(letters.count(), 1);
    }

    #[test]
    fn a_second_letter_for_the_same_server_shares_the_connection() {
        let mut map = pair("one\n");
        map.queued(ms(0), draft(&["bob@b.example"], "two\n"), None);
        let run = map.run();
        assert_eq!(run.connections().len(), 1);
        assert_eq!(run.times("mail.b", STORE), [ms(650), ms(1050)]);
        assert_eq!(run.replies(0).last(), Some(&(ms(1200), 221)));
    }
}

mod l09_wait_try_again_give_up {
    use super::*;

    /// A letter from mail.a's queue at 0; `stop` says until when the SMTP service of mail.b is stopped.
    fn run(to: &[&str], from: &str, stop: Option<Option<Instant>>) -> Run {
        let mut map = Map::multi();
        map.queued(ms(0), draft(to, "hello\n"), Some(envelope(from, to)));
        if let Some(until) = stop {
            map.smtp_stopped("mail.b", until);
        }
        map.run()
    }

    fn hours(run: &Run) -> Vec<Duration> {
        run.times("mail.a", ATTEMPT).iter().map(|at| *at - ms(0)).collect()
    }

    #[test]
    fn a_an_outage_of_three_hours_ends_with_the_fourth_attempt() {
        let back = Instant::ZERO + hm(3, 0);
        let run = run(&["bob@b.example"], "alice@a.example", Some(Some(back)));
        assert_eq!(hours(&run), [hm(0, 0), hm(0, 30), hm(2, 30), hm(4, 30)]);
        assert_eq!(hm(4, 30), Duration::from_secs(16_200));
        assert_eq!(run.times("mail.b", STORE), [Instant::ZERO + hm(4, 30) + Duration::from_millis(650)]);
        let left = run.mail("mail.a").find_map(|(_, e)| match e {
            Event::QueueLeave { left, .. } => Some(*left),
            _ => None,
        });
        assert_eq!((left, run.times("", BOUNCE)), (Some(Left::Delivered), vec![]));
        // Refused at once: one round trip, and the queue says so.
        let defers: Vec<_> = run.times("mail.a", DEFER);
        assert_eq!(defers[0], ms(100));
        let next = run.mail("mail.a").find_map(|(_, e)| match e {
            Event::QueueDefer { reason, next, .. } => Some((reason.as_str(), *next)),
            _ => None,
        });
        let (reason, next) = next.unwrap();
        assert_eq!(next, Instant::ZERO + hm(0, 30), "counted from the start of the attempt");
        assert!(reason.contains("connection refused"), "{reason}");
    }

    #[test]
    fn b_a_452_for_one_recipient_too_many_defers_that_one_alone() {
        let users: Vec<String> = (1..=101).map(|n| format!("u{n}")).collect();
        let to: Vec<String> = users.iter().map(|u| format!("{u}@b.example")).collect();
        let to: Vec<&str> = to.iter().map(String::as_str).collect();
        let mut map = Map::pair();
        map.tune_mail("mail.b", |m| {
            m.users.extend(users.iter().map(|u| mailpath::mail::config::User {
                name: u.clone(),
                password: "x".into(),
                ..Default::default()
            }));
        });
        map.queued(ms(0), draft(&["bob@b.example"], "hello\n"), Some(envelope("alice@a.example", &to)));
        let run = map.run();
        assert_eq!(hours(&run), [hm(0, 0), hm(0, 30)]);
        let defer = run.mail("mail.a").find_map(|(_, e)| match e {
            Event::QueueDefer { waiting, reply, .. } => Some((waiting.clone(), reply.as_ref().map(|r| r.code))),
            _ => None,
        });
        assert_eq!(defer, Some((envelope("", &["u101@b.example"]).to, Some(452))));
        assert_eq!((run.times("mail.b", STORE).len(), run.times("", BOUNCE).len()), (101, 0));
    }

    #[test]
    fn c_an_unknown_recipient_is_bounced_at_once_by_the_server_that_has_the_letter() {
        let run = run(&["nobody@b.example"], "alice@a.example", None);
        assert_eq!(hours(&run), [hm(0, 0)], "no retry after a 550");
        assert_eq!((run.times("mail.a", BOUNCE), run.times("mail.b", BOUNCE)), (vec![ms(500)], vec![]));
        assert_eq!(run.connections(), [("mail.a", "mail.b", 25)], "no connection carries the bounce");
        let stored: Vec<_> = run
            .mail("")
            .filter_map(|(e, event)| match event {
                Event::MailboxStore { user, letter, .. } => Some((run.name(e.node), user.as_str(), letter)),
                _ => None,
            })
            .collect();
        let [("mail.a", "alice", bounce)] = stored[..] else { panic!("{stored:?}") };
        assert_eq!(message::header(&bounce.bytes, "Return-Path", 0).as_deref(), Some("<>"));
        let text = String::from_utf8_lossy(&bounce.bytes);
        assert!(text.contains("Final-Recipient: rfc822; nobody@b.example"), "{text}");
        assert!(text.contains("Diagnostic-Code: smtp; 550 "), "{text}");
    }

    #[test]
    fn d_a_bounce_that_cannot_be_delivered_is_discarded() {
        let run = run(&["nobody@b.example"], "nosuch@c.example", None);
        assert_eq!((run.times("mail.a", BOUNCE).len(), run.times("", BOUNCE).len()), (1, 1));
        let left: Vec<_> = run
            .mail("")
            .filter_map(|(_, e)| match e {
                Event::QueueLeave { left, .. } => Some(*left),
                _ => None,
            })
            .collect();
        assert_eq!(left, [Left::Bounced, Left::Discarded]);
        assert_eq!(run.connections(), [("mail.a", "mail.b", 25), ("mail.a", "mail.c", 25)]);
        let said = run.lines(ConnId(1), Side::Server, Way::Received);
        assert!(said.iter().any(|(_, l)| l.text == "MAIL FROM:<>"), "{said:?}");
        assert_eq!(run.times("", STORE), []);
    }

    #[test]
    fn a_letter_of_nobody_is_never_bounced() {
        let run = run(&["nobody@b.example"], "", None);
        assert_eq!((run.times("", BOUNCE), run.times("", STORE)), (vec![], vec![]));
        let left = run.mail("").find_map(|(_, e)| match e {
            Event::QueueLeave { left, .. } => Some(*left),
            _ => None,
        });
        assert_eq!(left, Some(Left::Discarded));
    }

    #[test]
    fn e_after_five_days_and_61_attempts_it_is_given_up() {
        let run = run(&["bob@b.example"], "alice@a.example", Some(None));
        let attempts = hours(&run);
        assert_eq!(attempts.len(), 61);
        assert_eq!((attempts[1], attempts[2], attempts[60]), (hm(0, 30), hm(2, 30), hm(118, 30)));
        assert_eq!(run.times("mail.a", BOUNCE), [Instant::ZERO + hm(120, 0)]);
        assert_eq!(run.times("mail.a", STORE), [Instant::ZERO + hm(120, 0)]);
        assert_eq!(places(&run, Instant::ZERO + hm(120, 0)), ["INBOX of alice on mail.a"]);
    }

    #[test]
    fn one_recipient_taken_and_one_unknown_is_one_bounce_and_one_copy() {
        let run = run(&["bob@b.example", "nobody@b.example"], "alice@a.example", None);
        let failed = run.mail("mail.a").find_map(|(_, e)| match e {
            Event::DsnCreate { failed, .. } => Some(failed.clone()),
            _ => None,
        });
        assert_eq!(failed, Some(envelope("", &["nobody@b.example"]).to));
        assert_eq!((run.times("mail.b", STORE).len(), run.times("mail.a", STORE).len()), (1, 1));
    }

    #[test]
    fn a_host_that_is_off_is_given_up_after_fifteen_seconds() {
        let mut map = Map::multi();
        map.tune("mail.b", |h| h.starts_off = true);
        map.queued(ms(0), draft(&["bob@b.example"], "hello\n"), None);
        let mail_b = map.id("mail.b");
        map.at(ms(60_000), mailpath::action::Action::PowerOn(mail_b));
        let run = map.run();
        let syns: Vec<_> = run.segments(0).iter().filter(|s| s.has(Segment::SYN)).map(|s| s.at).collect();
        assert_eq!(syns, [0, 1000, 3000, 7000].map(ms));
        assert_eq!(run.times("mail.a", DEFER), [ms(15_000)]);
        assert_eq!(hours(&run), [hm(0, 0), hm(0, 30)]);
        assert_eq!(run.times("mail.b", STORE).len(), 1);
    }

    #[test]
    fn the_envelopes_sender_is_the_one_who_is_told() {
        let run = run(&["nobody@b.example"], "dave@c.example", None);
        let to = run.mail("mail.a").find_map(|(_, e)| match e {
            Event::DsnCreate { to, .. } => Some(to.to_string()),
            _ => None,
        });
        assert_eq!(to.as_deref(), Some("dave@c.example"));
        assert_eq!(run.times("mail.c", STORE).len(), 1);
        let accepted = run.mail("mail.c").find_map(|(_, e)| match e {
            Event::Accepted { envelope, .. } => Some(envelope.from.clone()),
            _ => None,
        });
        assert_eq!(accepted, Some(ReversePath::Null));
    }
}

mod l10_a_packet_is_lost {
    use super::*;

    /// Full segments of the letter.
    const SEGMENT: usize = 1460;

    fn client(starts: &[u8]) -> Matcher {
        Matcher { src: Some(MAIL_A), dst_port: Some(25), payload_starts: Some(starts.to_vec()), ..Matcher::default() }
    }

    /// When the client held the reply to the end of data.
    fn done(run: &Run) -> u64 {
        let outcome = run.sessions(ConnId(0), Side::Client).find_map(|(at, e)| match e {
            SessionEvent::SmtpClient(mailpath::smtp::client::Event::Outcome(o)) => Some((at, o.is_complete())),
            _ => None,
        });
        let (at, complete) = outcome.expect("there is an outcome");
        assert!(complete);
        at.as_millis()
    }

    /// How often the segment at `start` of `side` was sent, and when.
    fn sent(run: &Run, side: Side, start: u64) -> Vec<u64> {
        let these = |s: &&Segment| (s.side, s.start) == (side, start) && s.len > 0;
        run.segments(0).iter().filter(these).map(|s| s.at.as_millis()).collect()
    }

    fn start_of(run: &Run, side: Side, way: Way, is: impl Fn(&str) -> bool) -> u64 {
        run.lines(ConnId(0), side, way).iter().find(|(_, l)| is(l.text)).expect("the line is there").1.start
    }

    /// A letter whose transfer, final dot included, is exactly `segments` full segments.
    fn letter_of(segments: usize) -> Map {
        let text = |n: usize| {
            let mut text = String::new();
            for i in 0..n {
                text.push(if i % 64 == 63 { '\n' } else { 'x' });
            }
            text
        };
        let length = |n: usize| {
            let run = pair(&text(n)).run();
            let letter = run.sessions(ConnId(0), Side::Client).find_map(|(_, e)| match e {
                SessionEvent::SmtpClient(mailpath::smtp::client::Event::Letter(letter)) => {
                    Some((letter.range.end - letter.range.start) as usize)
                }
                _ => None,
            });
            letter.expect("the letter was sent")
        };
        let wanted = segments * SEGMENT;
        let near = wanted - 1000;
        let n = (near..=wanted).rev().find(|n| length(*n) <= wanted).expect("some text is as long");
        assert_eq!(length(n), wanted);
        pair(&text(n))
    }

    #[test]
    fn without_loss_it_takes_seven_round_trips() {
        assert_eq!(done(&pair("hello\n").run()), 700);
        assert_eq!(done(&letter_of(9).run()), 700);
    }

    #[test]
    fn run_1_mail_lost_once_costs_one_second() {
        let run = pair("hello\n").lose(client(b"MAIL"), 1, 1).run();
        let mail = start_of(&run, Side::Client, Way::Sent, |t| t.starts_with("MAIL"));
        assert_eq!(sent(&run, Side::Client, mail), [300, 1300]);
        assert_eq!(done(&run), 1700);
        // The lost segment also carried the ACK of the 250 before it.
        let hello = start_of(&run, Side::Server, Way::Sent, |t| t.starts_with("250"));
        assert_eq!(sent(&run, Side::Server, hello), [250, 1250]);
        let read = run.lines(ConnId(0), Side::Server, Way::Received);
        assert_eq!(read.iter().filter(|(_, l)| l.verb == Some("MAIL")).count(), 1);
    }

    #[test]
    fn run_2_lost_twice_the_second_wait_is_twice_as_long() {
        let run = pair("hello\n").lose(client(b"MAIL"), 1, 2).run();
        let mail = start_of(&run, Side::Client, Way::Sent, |t| t.starts_with("MAIL"));
        assert_eq!(sent(&run, Side::Client, mail), [300, 1300, 3300]);
        assert_eq!(done(&run), 3700);
    }

    fn nth_of_nine(n: u32) -> Run {
        let full = Matcher { src: Some(MAIL_A), payload_at_least: Some(SEGMENT), ..Matcher::default() };
        letter_of(9).lose(full, n, 1).run()
    }

    #[test]
    fn run_3_the_third_of_nine_lost_is_sent_again_after_three_duplicate_acks() {
        let run = nth_of_nine(3);
        let letter = run.segments(0).iter().find(|s| s.len as usize == SEGMENT).expect("full segments").start;
        assert_eq!(sent(&run, Side::Client, letter + 2 * SEGMENT as u64), [600, 700]);
        assert_eq!(done(&run), 800);
        let again = run.segments(0).iter().filter(|s| s.retransmission).count();
        assert_eq!(again, 1);
        let acks = run.segments(0).iter().filter(|s| s.side == Side::Server && s.len == 0 && s.at == ms(650)).count();
        // One for the first two segments together, and six that repeat it.
        assert_eq!(acks, 7);
    }

    #[test]
    fn run_4_the_last_of_nine_lost_waits_for_the_restarted_timer() {
        let run = nth_of_nine(9);
        let letter = run.segments(0).iter().find(|s| s.len as usize == SEGMENT).expect("full segments").start;
        assert_eq!(sent(&run, Side::Client, letter + 8 * SEGMENT as u64), [600, 1700]);
        assert_eq!(done(&run), 1800);
    }

    #[test]
    fn run_5_the_final_250_lost_is_repaired_by_tcp_and_bob_has_one_copy() {
        let final_250 =
            Matcher { src: Some(MAIL_B), payload_starts: Some(b"250 OK: queued".to_vec()), ..Matcher::default() };
        let run = pair("hello\n").lose(final_250, 1, 1).run();
        let start = start_of(&run, Side::Server, Way::Sent, |t| t.contains("queued"));
        assert_eq!(sent(&run, Side::Server, start), [650, 1650]);
        assert_eq!(done(&run), 1700);
        assert_eq!(run.times("mail.b", STORE), [ms(650)]);
    }

    fn syn() -> Matcher {
        Matcher { src: Some(MAIL_A), flags_set: TcpFlags::SYN, ..Matcher::default() }
    }

    #[test]
    fn run_6_a_lost_syn_costs_one_second() {
        let run = pair("hello\n").lose(syn(), 1, 1).run();
        let syns: Vec<_> = run.segments(0).iter().filter(|s| s.has(Segment::SYN)).map(|s| (s.side, s.at)).collect();
        assert_eq!(syns, [(Side::Client, ms(0)), (Side::Client, ms(1000)), (Side::Server, ms(1050))]);
        assert_eq!(done(&run), 1700);
    }

    #[test]
    fn with_a_minimum_of_200_ms_the_computed_timeout_counts() {
        let mut map = pair("hello\n");
        map.tune_all(|h| h.tcp.rto_min = Duration::from_millis(200)).lose(client(b"MAIL"), 1, 2);
        let run = map.run();
        let mail = start_of(&run, Side::Client, Way::Sent, |t| t.starts_with("MAIL"));
        assert_eq!(sent(&run, Side::Client, mail), [300, 550, 1050]);
        assert_eq!(done(&run), 1450);
    }

    #[test]
    fn three_losses_can_cost_ten_seconds() {
        let mut map = pair("hello\n");
        map.lose(syn(), 1, 1).lose(client(b"EHLO"), 1, 2);
        let run = map.run();
        let hello = start_of(&run, Side::Client, Way::Sent, |t| t.starts_with("EHLO"));
        assert_eq!(sent(&run, Side::Client, hello), [1200, 4200, 10_200]);
        assert_eq!(done(&run), 10_700);
    }
}
