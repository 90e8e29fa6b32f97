//! Which segments count (RFC 9293 section 3.10.7.4, RFC 5961), and when they are acknowledged.

use super::dialogue::Tester;
use crate::tcp::{Config, State};

fn open() -> Tester {
    Tester::open(Config::default())
}

fn open_small() -> Tester {
    Tester::open(Config { receive_buffer: 100, ..Config::default() })
}

#[test]
fn a_reset_must_have_exactly_the_next_number() {
    let mut t = open();
    t.gets("RST 302");
    t.says(&["dropped: RST with a wrong sequence number"]);
    t.sends(&["ACK 101 ack 301"]);
    t.gets("RST 299");
    t.sends(&[]);
    t.gets("RST 90000");
    t.sends(&[]);
    assert_eq!(t.c.state(), State::Established);
    t.gets("RST 301");
    t.says(&[
        "dropped: RST with a wrong sequence number",
        "dropped: RST with a wrong sequence number",
        "ESTABLISHED -> CLOSED",
        "Reset",
    ]);
    t.sends(&[]);
}

#[test]
fn a_syn_inside_a_connection_is_answered_with_a_challenge() {
    let mut t = open();
    t.gets("SYN 350");
    t.says(&["dropped: SYN inside an open connection"]);
    t.sends(&["ACK 101 ack 301"]);
    t.gets("SYN,ACK 300 ack 101");
    t.sends(&["ACK 101 ack 301"]);
    assert_eq!(t.c.state(), State::Established);
}

#[test]
fn what_was_received_before_is_acknowledged_again() {
    let mut t = open();
    t.gets("PSH,ACK 301+10 ack 101");
    t.reads();
    t.writes(1);
    t.sends(&["PSH,ACK 101+1 ack 311 win 65525"]);
    t.gets("PSH,ACK 301+10 ack 101");
    t.says(&["Received 0..10", "dropped: received before"]);
    t.sends(&["ACK 102 ack 311 win 65525"]);
}

#[test]
fn an_old_segment_still_brings_its_acknowledgement() {
    let mut t = open();
    t.gets("PSH,ACK 301+10 ack 101");
    t.writes(5);
    t.polls();
    t.gets("PSH,ACK 301+10 ack 106");
    assert_eq!((t.view().snd_una, t.view().queued), (106, 0));
}

#[test]
fn what_lies_beyond_the_window_is_answered_and_not_taken() {
    let mut t = open_small();
    t.gets("ACK 402+10 ack 101");
    t.says(&["dropped: outside the receive window"]);
    t.sends(&["ACK 101 ack 301 win 100"]);
}

#[test]
fn a_segment_is_cut_to_the_window_at_both_ends() {
    let mut t = open_small();
    t.gets("ACK 301+60 ack 101");
    t.says(&["Received 0..60"]);
    t.gets("FIN,ACK 331+200 ack 101");
    t.says(&["Received 60..100"]);
    assert_eq!(t.c.received(), (0..100).collect::<Vec<u8>>());
    t.sends(&["ACK 101 ack 401 win 0"]);
}

#[test]
fn with_a_closed_window_acknowledgements_still_count() {
    let mut t = open_small();
    t.writes(5);
    t.polls();
    t.gets("ACK 301+100 ack 101");
    t.at(40);
    t.sends(&["ACK 106 ack 401 win 0"]);
    t.gets("PSH,ACK 401+10 ack 106");
    t.says(&["Received 0..100", "Timer(DelayedAck)", "dropped: outside the receive window"]);
    assert_eq!(t.view().snd_una, 106);
    t.sends(&["ACK 106 ack 401 win 0"]);
}

#[test]
fn an_acknowledgement_of_unsent_data_is_answered_and_dropped() {
    let mut t = open();
    t.gets("ACK 301+10 ack 150");
    t.says(&["dropped: acknowledges what was never sent"]);
    t.sends(&["ACK 101 ack 301"]);
}

#[test]
fn an_acknowledgement_older_than_any_window_is_answered_and_dropped() {
    let mut t = Tester::open_with(Config::default(), "SYN,ACK 300 ack 101 mss 1000 win 50");
    t.writes(50);
    t.polls();
    t.gets("ACK 301 ack 151 win 50");
    t.gets("ACK 301 ack 100 win 50");
    t.says(&["dropped: its acknowledgement is too old"]);
    t.gets("ACK 301 ack 101 win 40");
    t.says(&[]);
    assert_eq!(t.view().snd_wnd, 50, "it is merely late, and changes nothing");
}

#[test]
fn a_segment_without_ack_is_dropped() {
    let mut t = open();
    t.gets("PSH 301+10");
    t.says(&["dropped: has no ACK"]);
    t.sends(&[]);
}

#[test]
fn empty_segments_outside_the_window_are_not_answered_for_ever() {
    let mut t = open();
    t.gets("ACK 290 ack 101");
    t.sends(&["ACK 101 ack 301"]);
    t.at(499);
    t.gets("ACK 290 ack 101");
    t.sends(&[]);
    t.at(500);
    t.gets("ACK 290 ack 101");
    t.sends(&["ACK 101 ack 301"]);
}

#[test]
fn every_second_full_segment_is_acknowledged_at_once() {
    let mut t = open();
    t.gets("ACK 301+1000 ack 101");
    t.reads();
    t.sends(&[]);
    assert_eq!(t.waits(), Some(40));
    t.gets("ACK 1301+1000 ack 101");
    t.reads();
    t.sends(&["ACK 101 ack 2301"]);
    assert_eq!(t.waits(), None);
}

#[test]
fn a_single_segment_is_acknowledged_after_40_ms() {
    let mut t = open();
    t.gets("ACK 301+1000 ack 101");
    t.reads();
    t.sends(&[]);
    t.at(40);
    t.says(&["Received 0..1000", "Timer(DelayedAck)"]);
    t.sends(&["ACK 101 ack 1301"]);
}

#[test]
fn an_answer_written_at_once_carries_the_acknowledgement() {
    let mut t = open();
    t.gets("PSH,ACK 301+20 ack 101");
    t.says(&["Received 0..20"]);
    assert_eq!(t.reads(), 20);
    t.writes(30);
    t.sends(&["PSH,ACK 101+30 ack 321 win 65515"]);
    assert_eq!(t.waits(), Some(1000), "only the retransmission timer runs");
}

#[test]
fn without_delay_every_segment_is_acknowledged() {
    let mut t = Tester::open(Config { delayed_ack: None, ..Config::default() });
    t.gets("PSH,ACK 301+1 ack 101");
    t.sends(&["ACK 101 ack 302 win 65534"]);
}

#[test]
fn each_segment_beyond_a_hole_brings_a_duplicate_and_the_filled_hole_an_acknowledgement_of_all() {
    let mut t = open();
    for n in 1..4 {
        t.gets(&format!("ACK {}+1000 ack 101", 301 + n * 1000));
        t.sends(&["ACK 101 ack 301"]);
    }
    t.says(&[]);
    t.gets("ACK 301+1000 ack 101");
    t.says(&["Received 0..4000"]);
    assert_eq!(t.reads(), 4000);
    t.sends(&["ACK 101 ack 4301"]);
}

#[test]
fn pieces_that_overlap_are_put_together_once() {
    let mut t = open();
    t.gets("ACK 321+30 ack 101");
    t.gets("ACK 306+20 ack 101");
    t.gets("ACK 301+10 ack 101");
    t.says(&["Received 0..50"]);
    assert_eq!(t.c.received(), (0..50).collect::<Vec<u8>>());
}

#[test]
fn sequence_numbers_wrap_around() {
    let cfg = Config::default();
    let mut t = Tester::connect(cfg);
    t.polls();
    t.gets("SYN,ACK 4294967290 ack 101 mss 1000");
    t.polls();
    t.gets("ACK 4294967291+10 ack 101");
    t.at(40);
    t.sends(&["ACK 101 ack 5 win 65525"]);
    t.gets("FIN,ACK 5 ack 101");
    assert_eq!(t.c.state(), State::CloseWait);
}
