//! Lost segments: RFC 6298, RFC 5681, RFC 6582.

use super::dialogue::Tester;
use crate::tcp::{Config, State};
use crate::time::Instant;

fn open() -> Tester {
    Tester::open(Config::default())
}

/// Ten segments of 1000 bytes, under way since 0 ms; the clock stands at 100 ms.
fn ten_under_way() -> Tester {
    let mut t = open();
    t.writes(10_000);
    assert_eq!(t.polls().len(), 10);
    t.at(100);
    t
}

#[test]
fn a_lost_segment_is_sent_again_after_a_second_then_two_then_four() {
    let mut t = open();
    t.writes(10);
    t.sends(&["PSH,ACK 101+10 ack 301"]);
    for at in [1000, 3000, 7000, 15_000, 31_000, 63_000, 123_000, 183_000] {
        assert_eq!(t.waits(), Some(at));
        t.at(at);
        t.says(&["Timer(Retransmission)"]);
        t.sends(&["PSH,ACK 101+10 ack 301 (timeout)"]);
    }
    assert_eq!(t.view().retries, 8);
}

#[test]
fn unacknowledged_data_are_given_up_900_seconds_after_they_were_first_sent() {
    let mut t = open();
    t.at(5);
    t.writes(10);
    t.polls();
    let mut last = 0;
    while let Some(at) = t.waits() {
        last = at;
        t.at(at);
        t.polls();
    }
    assert_eq!(last, 900_005);
    assert_eq!(t.c.state(), State::Closed);
    t.gets("ACK 301 ack 111");
    t.sends(&[]);
}

#[test]
fn an_acknowledgement_of_new_data_starts_the_timer_anew_and_one_of_all_stops_it() {
    let mut t = ten_under_way();
    assert_eq!(t.waits(), Some(1000));
    t.gets("ACK 301 ack 2101");
    assert_eq!(t.waits(), Some(1100));
    t.gets("ACK 301 ack 10101");
    assert_eq!(t.waits(), None);
}

#[test]
fn what_was_sent_twice_is_not_measured_and_the_longer_timeout_stays_until_a_measurement() {
    let mut t = open();
    t.writes(10);
    t.polls();
    t.at(1000);
    t.polls();
    t.at(1001);
    t.gets("ACK 301 ack 111");
    let v = t.view();
    assert_eq!((v.rto.as_millis(), v.srtt.map(|d| d.as_nanos())), (2000, Some(1)));
    t.writes(10);
    t.polls();
    t.at(1101);
    t.gets("ACK 301 ack 121");
    assert_eq!(t.view().rto.as_millis(), 1000);
}

#[test]
fn slow_start_doubles_each_round_trip() {
    let mut t = ten_under_way();
    t.writes(30_000);
    assert_eq!(t.polls().len(), 0, "the window is full");
    for n in 1..=10 {
        t.gets(&format!("ACK 301 ack {}", 101 + n * 1000));
        assert_eq!(t.polls().len(), 2, "each acknowledged segment lets two go");
    }
    assert_eq!(t.view().cwnd, 20_000);
}

#[test]
fn the_third_duplicate_sends_the_hole_again_and_the_acknowledgement_of_all_ends_recovery() {
    let mut t = ten_under_way();
    t.gets("ACK 301 ack 101");
    t.gets("ACK 301 ack 101");
    t.sends(&[]);
    t.gets("ACK 301 ack 101");
    t.sends(&["ACK 101+1000 ack 301 (fast)"]);
    let v = t.view();
    assert_eq!((v.ssthresh, v.cwnd, v.recovering), (5000, 8000, true));
    for _ in 0..6 {
        t.gets("ACK 301 ack 101");
    }
    assert_eq!((t.view().cwnd, t.polls().len()), (14_000, 0));
    t.at(200);
    t.gets("ACK 301 ack 10101");
    let v = t.view();
    assert_eq!((v.cwnd, v.recovering, v.duplicate_acks), (2000, false, 0));
}

#[test]
fn the_first_two_duplicates_let_a_new_segment_go_each() {
    let mut t = ten_under_way();
    t.writes(5000);
    t.gets("ACK 301 ack 101");
    t.sends(&["ACK 10101+1000 ack 301"]);
    t.gets("ACK 301 ack 101");
    t.sends(&["ACK 11101+1000 ack 301"]);
    t.gets("ACK 301 ack 101");
    t.sends(&["ACK 101+1000 ack 301 (fast)"]);
    assert_eq!(t.view().ssthresh, 5000, "they do not count when the window is halved");
}

#[test]
fn a_partial_acknowledgement_sends_the_next_hole_again() {
    let mut t = ten_under_way();
    for _ in 0..3 {
        t.gets("ACK 301 ack 101");
    }
    t.sends(&["ACK 101+1000 ack 301 (fast)"]);
    t.at(200);
    t.gets("ACK 301 ack 4101");
    t.sends(&["ACK 4101+1000 ack 301 (recovery)"]);
    assert!(t.view().recovering);
    assert_eq!(t.waits(), Some(1200), "the first one starts the timer anew");
    t.at(300);
    t.gets("ACK 301 ack 6101");
    t.sends(&["ACK 6101+1000 ack 301 (recovery)"]);
    assert_eq!(t.waits(), Some(1200), "the others do not");
    t.at(400);
    t.gets("ACK 301 ack 10101");
    assert!(!t.view().recovering);
}

#[test]
fn acknowledgements_with_data_or_another_window_are_no_duplicates() {
    let mut t = ten_under_way();
    t.gets("ACK 301+1 ack 101");
    t.gets("ACK 302+1 ack 101");
    t.gets("ACK 303+1 ack 101");
    t.gets("ACK 304 ack 101 win 60000");
    t.gets("ACK 304 ack 101 win 61000");
    t.gets("ACK 304 ack 101 win 62000");
    assert_eq!(t.view().duplicate_acks, 0);
}

#[test]
fn after_a_timeout_everything_is_sent_again_in_slow_start() {
    let mut t = ten_under_way();
    t.at(1000);
    t.sends(&["ACK 101+1000 ack 301 (timeout)"]);
    let v = t.view();
    assert_eq!((v.cwnd, v.ssthresh, v.retries), (1000, 5000, 1));
    t.at(1100);
    t.gets("ACK 301 ack 1101");
    t.sends(&["ACK 1101+1000 ack 301 (timeout)", "ACK 2101+1000 ack 301 (timeout)"]);
    t.at(1200);
    t.gets("ACK 301 ack 2101");
    t.sends(&["ACK 3101+1000 ack 301 (timeout)", "ACK 4101+1000 ack 301 (timeout)"]);
    t.gets("ACK 301 ack 8101");
    t.sends(&["ACK 8101+1000 ack 301 (timeout)", "PSH,ACK 9101+1000 ack 301 (timeout)"]);
}

#[test]
fn duplicates_of_what_a_timeout_sent_again_are_no_new_loss() {
    let mut t = ten_under_way();
    t.at(1000);
    t.polls();
    t.gets("ACK 301 ack 1101");
    t.polls();
    for _ in 0..4 {
        t.gets("ACK 301 ack 1101");
    }
    t.sends(&[]);
    assert!(!t.view().recovering);
}

#[test]
fn small_segments_are_sent_again_as_one() {
    let mut t = open();
    for _ in 0..3 {
        t.writes(10);
        assert_eq!(t.polls().len(), 1);
    }
    t.at(1000);
    t.sends(&["PSH,ACK 101+30 ack 301 (timeout)"]);
}

#[test]
fn after_a_long_silence_the_window_is_the_initial_one_again() {
    let mut t = ten_under_way();
    t.gets("ACK 301 ack 10101");
    t.writes(20_000);
    assert_eq!(t.polls().len(), 11);
    t.gets("ACK 301 ack 21101");
    t.polls();
    t.gets("ACK 301 ack 30101");
    assert!(t.view().cwnd > 10_000);
    t.at(1101);
    t.writes(20_000);
    assert_eq!(t.polls().len(), 10);
    assert_eq!(t.view().cwnd, 10_000);
}

#[test]
fn an_early_timeout_call_does_nothing() {
    let mut t = ten_under_way();
    let before = format!("{:?}", t.c);
    t.now = Instant::from_millis(999);
    t.c.handle_timeout(&t.cfg, t.now);
    assert_eq!(format!("{:?}", t.c), before);
}
