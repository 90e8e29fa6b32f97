//! FIN in every state, and the ends of connections.

use super::dialogue::Tester;
use crate::tcp::{Config, State};

fn open() -> Tester {
    Tester::open(Config::default())
}

#[test]
fn this_end_closes_first() {
    let mut t = open();
    t.c.close();
    t.sends(&["FIN,ACK 101 ack 301"]);
    t.gets("ACK 301 ack 102");
    t.gets("FIN,ACK 301 ack 102");
    t.says(&[
        "ESTABLISHED -> FIN-WAIT-1",
        "FIN-WAIT-1 -> FIN-WAIT-2",
        "PeerClosed",
        "FIN-WAIT-2 -> TIME-WAIT",
        "Closed",
    ]);
    t.sends(&["ACK 102 ack 302 win 65534"]);
    assert_eq!(t.waits(), Some(60_000));
}

#[test]
fn the_peer_closes_first() {
    let mut t = open();
    t.gets("FIN,ACK 301 ack 101");
    t.says(&["ESTABLISHED -> CLOSE-WAIT", "PeerClosed"]);
    t.sends(&["ACK 101 ack 302 win 65534"]);
    t.writes(3);
    t.c.close();
    t.sends(&["PSH,ACK 101+3 ack 302 win 65534", "FIN,ACK 104 ack 302 win 65534"]);
    t.gets("ACK 302 ack 105");
    t.says(&["CLOSE-WAIT -> LAST-ACK", "LAST-ACK -> CLOSED", "Closed"]);
    assert_eq!(t.waits(), None);
}

#[test]
fn a_program_that_closes_at_once_answers_a_fin_with_its_own() {
    let mut t = open();
    t.gets("FIN,ACK 301 ack 101");
    t.c.close();
    t.sends(&["FIN,ACK 101 ack 302 win 65534"]);
    assert_eq!(t.c.state(), State::LastAck);
}

#[test]
fn both_close_at_the_same_time() {
    let mut t = open();
    t.c.close();
    t.sends(&["FIN,ACK 101 ack 301"]);
    t.gets("FIN,ACK 301 ack 101");
    t.sends(&["ACK 102 ack 302 win 65534"]);
    t.gets("ACK 302 ack 102");
    t.says(&["ESTABLISHED -> FIN-WAIT-1", "FIN-WAIT-1 -> CLOSING", "PeerClosed", "CLOSING -> TIME-WAIT", "Closed"]);
}

#[test]
fn a_fin_that_acknowledges_ours_leads_straight_to_time_wait() {
    let mut t = open();
    t.c.close();
    t.polls();
    t.gets("FIN,ACK 301 ack 102");
    t.says(&[
        "ESTABLISHED -> FIN-WAIT-1",
        "FIN-WAIT-1 -> FIN-WAIT-2",
        "PeerClosed",
        "FIN-WAIT-2 -> TIME-WAIT",
        "Closed",
    ]);
}

#[test]
fn a_closed_end_still_receives() {
    let mut t = open();
    t.c.close();
    t.polls();
    t.gets("ACK 301 ack 102");
    t.gets("PSH,ACK 301+7 ack 102");
    assert_eq!(t.c.received(), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(t.c.send(&t.cfg, b"x"), 0, "but it does not send any more");
    t.says(&["ESTABLISHED -> FIN-WAIT-1", "FIN-WAIT-1 -> FIN-WAIT-2", "Received 0..7"]);
}

#[test]
fn time_wait_acknowledges_a_repeated_fin_and_begins_anew() {
    let mut t = open();
    t.c.close();
    t.polls();
    t.gets("FIN,ACK 301 ack 102");
    t.polls();
    t.at(30_000);
    t.gets("FIN,ACK 301 ack 102");
    t.sends(&["ACK 102 ack 302 win 65534"]);
    assert_eq!(t.waits(), Some(90_000));
    t.at(90_000);
    assert!(t.c.is_finished());
    assert_eq!(t.waits(), None);
}

#[test]
fn the_fin_waits_for_all_data_and_needs_no_window() {
    let mut t = Tester::open_with(Config::default(), "SYN,ACK 300 ack 101 mss 1000 win 5");
    t.writes(5);
    t.c.close();
    t.sends(&["PSH,ACK 101+5 ack 301", "FIN,ACK 106 ack 301"]);
}

#[test]
fn a_lost_fin_is_sent_again() {
    let mut t = open();
    t.c.close();
    t.polls();
    t.at(1000);
    t.sends(&["FIN,ACK 101 ack 301 (timeout)"]);
    t.at(3000);
    t.sends(&["FIN,ACK 101 ack 301 (timeout)"]);
    t.gets("ACK 301 ack 102");
    assert_eq!(t.waits(), None);
}

#[test]
fn data_before_a_lost_fin_are_not_sent_again_once_acknowledged() {
    let mut t = open();
    t.writes(5);
    t.c.close();
    t.polls();
    t.gets("ACK 301 ack 106");
    t.at(1000);
    t.sends(&["FIN,ACK 106 ack 301 (timeout)"]);
}

#[test]
fn a_fin_before_its_time_counts_when_the_hole_is_filled() {
    let mut t = open();
    t.gets("FIN,ACK 311+5 ack 101");
    t.says(&[]);
    t.sends(&["ACK 101 ack 301"]);
    t.gets("ACK 301+10 ack 101");
    t.says(&["Received 0..15", "ESTABLISHED -> CLOSE-WAIT", "PeerClosed"]);
    t.sends(&["ACK 101 ack 317 win 65519"]);
}

#[test]
fn aborting_resets_an_open_connection() {
    let mut t = open();
    t.writes(9);
    t.polls();
    t.c.abort();
    t.sends(&["RST 110"]);
    t.says(&["ESTABLISHED -> CLOSED"]);
    assert!(t.c.is_finished());
}

#[test]
fn aborting_before_the_answer_sends_nothing() {
    let mut t = Tester::connect(Config::default());
    t.polls();
    t.c.abort();
    t.sends(&[]);
}

#[test]
fn closing_before_the_connection_is_open_waits_for_that() {
    let mut t = Tester::accept(Config::default(), "SYN 300");
    t.polls();
    t.c.close();
    t.gets("ACK 301 ack 101");
    t.sends(&["FIN,ACK 101 ack 301"]);
    t.says(&["LISTEN -> SYN-RECEIVED", "SYN-RECEIVED -> ESTABLISHED", "Connected", "ESTABLISHED -> FIN-WAIT-1"]);
}
