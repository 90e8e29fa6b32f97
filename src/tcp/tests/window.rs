//! Flow control: silly windows, probes, updates, Nagle (RFC 9293 sections 3.7.4 and 3.8.6).

use super::dialogue::Tester;
use crate::tcp::Config;

fn open_with_window(win: u32) -> Tester {
    Tester::open_with(Config::default(), &format!("SYN,ACK 300 ack 101 mss 1000 win {win}"))
}

#[test]
fn data_go_in_full_segments_as_far_as_the_window_reaches() {
    let mut t = open_with_window(2500);
    t.writes(5000);
    t.sends(&["ACK 101+1000 ack 301", "ACK 1101+1000 ack 301"]);
    t.gets("ACK 301 ack 1101 win 2500");
    t.sends(&["ACK 2101+1000 ack 301"]);
}

#[test]
fn a_small_rest_of_the_window_is_not_worth_a_segment_but_half_of_the_largest_is() {
    let mut t = open_with_window(600);
    t.writes(1000);
    t.sends(&["ACK 101+600 ack 301"]);
    t.gets("ACK 301 ack 701 win 299");
    t.sends(&[]);
    t.gets("ACK 301 ack 701 win 300");
    t.sends(&["ACK 701+300 ack 301"]);
}

#[test]
fn all_there_is_goes_even_if_it_is_little() {
    let mut t = open_with_window(1000);
    t.writes(10);
    t.sends(&["PSH,ACK 101+10 ack 301"]);
    t.writes(10);
    t.sends(&["PSH,ACK 111+10 ack 301"]);
}

#[test]
fn a_small_window_is_used_when_it_has_been_small_for_long() {
    let mut t = open_with_window(4000);
    t.writes(6000);
    t.polls();
    t.gets("ACK 301 ack 4101 win 100");
    t.sends(&[]);
    assert_eq!(t.waits(), Some(1000));
    t.at(1000);
    t.sends(&["ACK 4101+100 ack 301"]);
}

#[test]
fn a_closed_window_is_probed_ever_more_rarely_up_to_once_a_minute() {
    let mut t = open_with_window(10);
    t.writes(30);
    t.sends(&["ACK 101+10 ack 301"]);
    t.gets("ACK 301 ack 111 win 0");
    t.sends(&[]);
    t.says(&[]);
    let mut at = 0;
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        at += wait * 1000;
        assert_eq!(t.waits(), Some(at));
        t.at(at);
        t.says(&["Timer(Persist)"]);
        t.sends(&["ACK 111+1 ack 301 (probe)"]);
        t.gets("ACK 301 ack 111 win 0");
        t.sends(&[]);
    }
    assert_eq!(t.view().duplicate_acks, 0, "answers to probes are no sign of loss");
    t.gets("ACK 301 ack 111 win 50");
    t.sends(&["PSH,ACK 111+20 ack 301 (probe)"]);
    t.gets("ACK 301 ack 131 win 50");
    assert_eq!(t.waits(), None);
}

#[test]
fn a_probe_that_was_taken_is_not_sent_again() {
    let mut t = open_with_window(10);
    t.writes(30);
    t.polls();
    t.gets("ACK 301 ack 111 win 0");
    t.polls();
    t.at(1000);
    t.sends(&["ACK 111+1 ack 301 (probe)"]);
    t.gets("ACK 301 ack 112 win 100");
    t.sends(&["PSH,ACK 112+19 ack 301"]);
}

#[test]
fn a_peer_that_answers_probes_is_not_given_up_and_one_that_does_not_is() {
    let mut t = open_with_window(0);
    t.writes(30);
    t.polls();
    let mut last = 0;
    while last < 2_000_000 {
        last = t.waits().expect("probes go on");
        t.at(last);
        t.polls();
        t.gets("ACK 301 ack 101 win 0");
    }
    t.polls();
    while let Some(at) = t.waits() {
        assert!(at <= last + 900_000);
        t.at(at);
        t.polls();
    }
    assert_eq!(t.now.as_millis(), last + 900_000);
    assert!(t.c.is_finished());
}

#[test]
fn after_the_probes_the_fin_behind_a_closed_window_goes_again_too() {
    let mut t = open_with_window(10);
    t.writes(10);
    t.c.close();
    t.sends(&["PSH,ACK 101+10 ack 301", "FIN,ACK 111 ack 301"]);
    t.gets("ACK 301 ack 111 win 0");
    t.gets("ACK 301 ack 111 win 10");
    t.sends(&["FIN,ACK 111 ack 301 (probe)"]);
}

#[test]
fn the_offered_window_shrinks_with_what_is_unread_and_grows_in_worthwhile_steps() {
    let mut t = Tester::open(Config { receive_buffer: 3000, ..Config::default() });
    t.gets("ACK 301+1000 ack 101");
    t.gets("ACK 1301+1000 ack 101");
    t.sends(&["ACK 101 ack 2301 win 1000"]);
    t.c.consume(&t.cfg, 999);
    t.at(1);
    t.sends(&[]);
    t.gets("ACK 2301+10 ack 101");
    t.at(41);
    t.sends(&["ACK 101 ack 2311 win 990"]);
    t.c.consume(&t.cfg, 1);
    t.sends(&["ACK 101 ack 2311 win 1990"]);
}

#[test]
fn a_closed_window_opens_with_an_update_as_soon_as_that_is_worth_it() {
    let mut t = Tester::open(Config { receive_buffer: 1000, ..Config::default() });
    t.gets("ACK 301+1000 ack 101");
    t.at(40);
    t.sends(&["ACK 101 ack 1301 win 0"]);
    t.c.consume(&t.cfg, 499);
    t.sends(&[]);
    t.c.consume(&t.cfg, 1);
    t.sends(&["ACK 101 ack 1301 win 500"]);
}

#[test]
fn an_overtaken_segment_does_not_change_the_window() {
    let mut t = open_with_window(1000);
    t.gets("ACK 311 ack 101 win 2000");
    t.gets("ACK 301+10 ack 101 win 500");
    assert_eq!(t.view().snd_wnd, 2000);
}

#[test]
fn nagle_holds_a_small_segment_back_while_something_is_under_way() {
    let mut t = Tester::open(Config { nagle: true, ..Config::default() });
    t.writes(10);
    t.sends(&["PSH,ACK 101+10 ack 301"]);
    t.writes(10);
    t.writes(10);
    t.sends(&[]);
    t.gets("ACK 301 ack 111");
    t.sends(&["PSH,ACK 111+20 ack 301"]);
}

#[test]
fn the_program_is_told_when_a_quarter_of_its_buffer_has_become_free() {
    let mut t = Tester::open(Config { send_buffer: 4000, ..Config::default() });
    assert_eq!(t.c.send(&t.cfg, &[0; 5000]), 4000);
    assert_eq!(t.c.send(&t.cfg, b"x"), 0);
    t.polls();
    t.gets("ACK 301 ack 1100");
    t.says(&[]);
    t.gets("ACK 301 ack 1101");
    t.says(&["Writable"]);
    assert_eq!(t.c.send_room(&t.cfg), 1000);
}

#[test]
fn push_stands_on_the_segment_that_empties_the_buffer() {
    let mut t = open_with_window(65535);
    t.writes(1500);
    t.sends(&["ACK 101+1000 ack 301", "PSH,ACK 1101+500 ack 301"]);
}

#[test]
fn a_connection_is_small() {
    let size = std::mem::size_of::<crate::tcp::Connection>();
    assert!(size <= 352, "a connection has {size} bytes");
}
