//! The three-way handshake, and how it fails.

use super::dialogue::{Tester, parse};
use crate::packet::{TcpFlags, TcpHeader};
use crate::tcp::{Config, State, reset_for};

fn defaults() -> Config {
    Config::default()
}

#[test]
fn a_client_opens_a_connection() {
    let mut t = Tester::connect(defaults());
    t.sends(&["SYN 100 mss 1460"]);
    t.gets("SYN,ACK 300 ack 101 mss 1000 win 4000");
    t.says(&["CLOSED -> SYN-SENT", "SYN-SENT -> ESTABLISHED", "Connected"]);
    t.sends(&["ACK 101 ack 301"]);
    assert_eq!((t.view().snd_wnd, t.view().cwnd, t.waits()), (4000, 10_000, None));
    assert!(t.c.was_established());
}

#[test]
fn a_server_opens_a_connection() {
    let mut t = Tester::accept(defaults(), "SYN 300 mss 536");
    t.sends(&["SYN,ACK 100 ack 301 mss 1460"]);
    t.gets("ACK 301 ack 101");
    t.says(&["LISTEN -> SYN-RECEIVED", "SYN-RECEIVED -> ESTABLISHED", "Connected"]);
    t.sends(&[]);
    assert_eq!(t.view().cwnd, 5360);
}

#[test]
fn the_first_data_of_the_client_may_open_the_servers_connection() {
    let mut t = Tester::accept(defaults(), "SYN 300");
    t.sends(&["SYN,ACK 100 ack 301 mss 1460"]);
    t.gets("PSH,ACK 301+10 ack 101");
    t.says(&["LISTEN -> SYN-RECEIVED", "SYN-RECEIVED -> ESTABLISHED", "Connected", "Received 0..10"]);
}

#[test]
fn a_peer_that_names_no_mss_gets_segments_of_536_bytes() {
    let mut t = Tester::open_with(defaults(), "SYN,ACK 300 ack 101");
    t.writes(600);
    t.sends(&["ACK 101+536 ack 301", "PSH,ACK 637+64 ack 301"]);
}

#[test]
fn what_is_written_before_the_connection_is_open_goes_with_the_third_segment() {
    let mut t = Tester::connect(defaults());
    t.writes(5);
    t.sends(&["SYN 100 mss 1460"]);
    t.gets("SYN,ACK 300 ack 101 mss 1460");
    t.sends(&["PSH,ACK 101+5 ack 301"]);
}

#[test]
fn a_syn_is_sent_at_0_1_3_and_7_seconds_and_given_up_at_15() {
    let mut t = Tester::connect(defaults());
    t.sends(&["SYN 100 mss 1460"]);
    for s in [1, 3, 7] {
        assert_eq!(t.waits(), Some(s * 1000));
        t.at(s * 1000 - 1);
        t.sends(&[]);
        t.at(s * 1000);
        t.sends(&["SYN 100 mss 1460 (timeout)"]);
    }
    assert_eq!(t.waits(), Some(15_000));
    t.says(&["CLOSED -> SYN-SENT", "Timer(Retransmission)", "Timer(Retransmission)", "Timer(Retransmission)"]);
    t.at(15_000);
    t.says(&["Timer(Retransmission)", "SYN-SENT -> CLOSED", "TimedOut"]);
    t.sends(&[]);
    assert!(t.c.is_finished() && !t.c.was_established());
    assert_eq!(t.waits(), None);
}

#[test]
fn a_syn_ack_is_sent_again_in_the_same_way() {
    let mut t = Tester::accept(defaults(), "SYN 300 mss 1460");
    t.sends(&["SYN,ACK 100 ack 301 mss 1460"]);
    for s in [1, 3, 7] {
        t.at(s * 1000);
        t.sends(&["SYN,ACK 100 ack 301 mss 1460 (timeout)"]);
    }
    t.at(15_000);
    assert_eq!(t.c.state(), State::Closed);
}

#[test]
fn a_repeated_syn_is_answered_with_the_syn_ack_again_and_once_only() {
    let mut t = Tester::accept(defaults(), "SYN 300 mss 1460");
    t.sends(&["SYN,ACK 100 ack 301 mss 1460"]);
    t.at(500);
    t.gets("SYN 300 mss 1460");
    t.sends(&["SYN,ACK 100 ack 301 mss 1460 (peerrepeated)"]);
    assert_eq!(t.waits(), Some(1500), "the timer starts anew");
    t.at(1500);
    t.sends(&["SYN,ACK 100 ack 301 mss 1460 (timeout)"]);
    t.gets("SYN 300 mss 1460");
    t.sends(&[]);
}

#[test]
fn after_a_lost_syn_data_begin_with_a_timeout_of_3_seconds_and_a_window_of_one_segment() {
    let mut t = Tester::connect(defaults());
    t.polls();
    t.at(1000);
    t.polls();
    t.at(1100);
    t.gets("SYN,ACK 300 ack 101 mss 1460");
    t.polls();
    t.writes(2000);
    t.sends(&["ACK 101+1460 ack 301"]);
    assert_eq!((t.view().cwnd, t.waits()), (1460, Some(4100)));
    assert_eq!(t.view().srtt, None, "nothing is timed that was sent twice");
}

#[test]
fn the_handshake_is_the_first_measurement() {
    let mut t = Tester::connect(defaults());
    t.polls();
    t.at(100);
    t.gets("SYN,ACK 300 ack 101");
    assert_eq!(t.view().srtt.map(|d| d.as_millis()), Some(100));
}

#[test]
fn an_old_answer_to_a_new_syn_is_refused_and_changes_nothing() {
    let mut t = Tester::connect(defaults());
    t.polls();
    t.gets("SYN,ACK 300 ack 99");
    t.says(&["CLOSED -> SYN-SENT", "dropped: acknowledges what was never sent"]);
    t.sends(&["RST 99"]);
    t.gets("ACK 300 ack 500");
    t.sends(&["RST 500"]);
    t.gets("RST,ACK 300 ack 500");
    t.sends(&[]);
    assert_eq!(t.c.state(), State::SynSent);
}

#[test]
fn a_reset_refuses_a_connection_only_if_it_acknowledges_the_syn() {
    let mut t = Tester::connect(defaults());
    t.polls();
    t.gets("RST 300");
    t.gets("ACK 300 ack 101");
    t.says(&[
        "CLOSED -> SYN-SENT",
        "dropped: RST with a wrong sequence number",
        "dropped: has no SYN, and the peer's SYN is waited for",
    ]);
    t.gets("RST,ACK 0 ack 101");
    t.says(&["SYN-SENT -> CLOSED", "Reset"]);
    assert!(!t.c.was_established());
}

#[test]
fn both_may_open_at_the_same_time() {
    // RFC 9293 figure 7.
    let mut t = Tester::connect(defaults());
    t.sends(&["SYN 100 mss 1460"]);
    t.gets("SYN 300 mss 1000");
    t.sends(&["SYN,ACK 100 ack 301 mss 1460 (timeout)"]);
    t.gets("SYN,ACK 300 ack 101 mss 1000");
    t.says(&["CLOSED -> SYN-SENT", "SYN-SENT -> SYN-RECEIVED", "SYN-RECEIVED -> ESTABLISHED", "Connected"]);
    t.gets("PSH,ACK 301+5 ack 101");
    t.says(&["Received 0..5"]);
}

#[test]
fn a_wrong_ack_in_syn_received_is_refused() {
    let mut t = Tester::accept(defaults(), "SYN 300");
    t.polls();
    t.gets("ACK 301 ack 77");
    t.sends(&["RST 77"]);
    assert_eq!(t.c.state(), State::SynReceived);
    t.gets("RST 301");
    t.says(&["LISTEN -> SYN-RECEIVED", "dropped: acknowledges what was never sent", "SYN-RECEIVED -> CLOSED", "Reset"]);
}

#[test]
fn closing_before_the_answer_forgets_the_connection() {
    let mut t = Tester::connect(defaults());
    t.polls();
    t.c.close();
    t.sends(&[]);
    t.says(&["CLOSED -> SYN-SENT", "SYN-SENT -> CLOSED", "Closed"]);
}

#[test]
fn a_host_without_the_connection_answers_with_a_reset_that_fits() {
    let ports = TcpHeader { src_port: 49152, dst_port: 25, ..TcpHeader::default() };
    assert_eq!(
        reset_for(&parse("SYN 300").0, 0),
        Some(TcpHeader { ack: 301, flags: TcpFlags::RST | TcpFlags::ACK, ..ports })
    );
    assert_eq!(
        reset_for(&parse("FIN,ACK 300 ack 77").0, 9),
        Some(TcpHeader { seq: 77, flags: TcpFlags::RST, ..ports })
    );
    assert_eq!(reset_for(&parse("FIN 300").0, 9).map(|h| h.ack), Some(310));
    assert_eq!(reset_for(&parse("RST 300").0, 0), None);
}
