//! Selective acknowledgements (RFC 2018, RFC 6675), when both ends speak them.

use super::dialogue::Tester;
use crate::tcp::Config;

fn cfg() -> Config {
    Config { sack: true, ..Config::default() }
}

fn open() -> Tester {
    Tester::open_with(cfg(), "SYN,ACK 300 ack 101 mss 1000 sackOK")
}

fn ten_under_way() -> Tester {
    let mut t = open();
    t.writes(10_000);
    assert_eq!(t.polls().len(), 10);
    t.at(100);
    t
}

#[test]
fn it_is_offered_in_the_syn_and_used_only_if_the_peer_offers_it_too() {
    let mut t = Tester::connect(cfg());
    t.sends(&["SYN 100 mss 1460 sackOK"]);
    t.gets("SYN,ACK 300 ack 101 mss 1000");
    t.sends(&["ACK 101 ack 301"]);
    t.gets("ACK 1301+1000 ack 101");
    t.sends(&["ACK 101 ack 301"]);
    let mut t = Tester::accept(cfg(), "SYN 300 mss 1000 sackOK");
    t.sends(&["SYN,ACK 100 ack 301 mss 1460 sackOK"]);
    let mut t = Tester::accept(Config::default(), "SYN 300 mss 1000 sackOK");
    t.sends(&["SYN,ACK 100 ack 301 mss 1460"]);
}

#[test]
fn the_receiver_tells_three_blocks_most_recent_first() {
    let mut t = open();
    t.gets("ACK 401+100 ack 101");
    t.sends(&["ACK 101 ack 301 sack 401-501"]);
    t.gets("ACK 601+100 ack 101");
    t.sends(&["ACK 101 ack 301 sack 601-701,401-501"]);
    t.gets("ACK 801+100 ack 101");
    t.gets("ACK 1001+100 ack 101");
    t.sends(&["ACK 101 ack 301 sack 1001-1101,801-901,601-701"]);
    t.gets("ACK 501+100 ack 101");
    t.sends(&["ACK 101 ack 301 sack 401-701,1001-1101,801-901"]);
    t.gets("ACK 301+100 ack 101");
    t.reads();
    t.sends(&["ACK 101 ack 701 win 65135 sack 1001-1101,801-901"]);
}

#[test]
fn blocks_take_their_room_from_the_payload() {
    let mut t = open();
    t.gets("ACK 401+100 ack 101");
    t.writes(1500);
    t.sends(&["ACK 101+988 ack 301 sack 401-501", "PSH,ACK 1089+512 ack 301 sack 401-501"]);
}

#[test]
fn two_holes_are_filled_in_one_round_trip() {
    // Lost: the 1st (101) and the 3rd (2101).
    let mut t = ten_under_way();
    t.gets("ACK 301 ack 101 sack 1101-2101");
    t.gets("ACK 301 ack 101 sack 3101-4101,1101-2101");
    t.sends(&[]);
    t.gets("ACK 301 ack 101 sack 3101-5101,1101-2101");
    t.sends(&["ACK 101+1000 ack 301 (fast)"]);
    let v = t.view();
    assert_eq!((v.cwnd, v.ssthresh, v.recovering), (5000, 5000, true));
    let mut sent = vec![];
    for end in [6101, 7101, 8101, 9101, 10_101] {
        t.gets(&format!("ACK 301 ack 101 sack 3101-{end},1101-2101"));
        sent.extend(t.polls());
    }
    // With nothing new to send, the last segment is sent again to be sure (NextSeg, rule 4).
    assert_eq!(sent, ["ACK 2101+1000 ack 301 (recovery)", "PSH,ACK 9101+1000 ack 301 (recovery)"]);
    t.at(200);
    t.gets("ACK 301 ack 2101 sack 3101-10101");
    t.sends(&[]);
    t.gets("ACK 301 ack 10101");
    assert_eq!((t.view().recovering, t.view().cwnd), (false, 5000));
    assert_eq!(t.waits(), None);
}

#[test]
fn new_data_go_in_recovery_while_the_pipe_has_room() {
    let mut t = ten_under_way();
    t.writes(5000);
    for end in [2101, 3101, 4101] {
        t.gets(&format!("ACK 301 ack 101 sack 1101-{end}"));
    }
    // Three have left the network, so limited transmit would have let new segments go before; polled only
    // now, the hole comes first.
    assert_eq!(t.polls()[0], "ACK 101+1000 ack 301 (fast)");
    let mut sent = vec![];
    for end in [5101, 6101, 7101, 8101, 9101, 10_101] {
        t.gets(&format!("ACK 301 ack 101 sack 1101-{end}"));
        sent.extend(t.polls());
    }
    assert_eq!(
        sent,
        ["ACK 10101+1000 ack 301", "ACK 11101+1000 ack 301", "ACK 12101+1000 ack 301", "ACK 13101+1000 ack 301"]
    );
}

#[test]
fn an_acknowledgement_that_tells_nothing_new_is_no_duplicate() {
    let mut t = ten_under_way();
    for _ in 0..5 {
        t.gets("ACK 301 ack 101 sack 1101-2101");
    }
    assert_eq!(t.view().duplicate_acks, 1);
}

#[test]
fn blocks_of_what_was_never_sent_mean_nothing() {
    let mut t = ten_under_way();
    t.gets("ACK 301 ack 101 sack 90000-91000,50-60,2101-1101");
    assert_eq!(t.view().duplicate_acks, 0);
    assert!(t.c.board.is_none());
}

#[test]
fn a_lost_last_segment_is_rescued_within_recovery() {
    // Lost: the 1st and the last two. After the repair of the 1st nothing tells of the others.
    let mut t = ten_under_way();
    for end in [2101, 3101, 4101] {
        t.gets(&format!("ACK 301 ack 101 sack 1101-{end}"));
    }
    t.sends(&["ACK 101+1000 ack 301 (fast)"]);
    for end in [5101, 6101, 7101, 8101] {
        t.gets(&format!("ACK 301 ack 101 sack 1101-{end}"));
    }
    t.sends(&["PSH,ACK 9101+1000 ack 301 (recovery)"]);
    t.at(200);
    t.gets("ACK 301 ack 8101 sack 9101-10101");
    t.sends(&["ACK 8101+1000 ack 301 (recovery)"]);
}

#[test]
fn after_a_timeout_the_blocks_are_forgotten_for_the_peer_may_have_dropped_the_data() {
    let mut t = ten_under_way();
    t.gets("ACK 301 ack 101 sack 1101-10101");
    t.polls();
    t.at(1100);
    t.sends(&["ACK 101+1000 ack 301 (timeout)"]);
    t.at(1200);
    t.gets("ACK 301 ack 1101");
    t.sends(&["ACK 1101+1000 ack 301 (timeout)", "ACK 2101+1000 ack 301 (timeout)"]);
    // It has them after all: said anew, it is believed, and they are passed over.
    t.at(1300);
    t.gets("ACK 301 ack 3101 sack 4101-9101");
    t.sends(&["ACK 3101+1000 ack 301 (timeout)", "PSH,ACK 9101+1000 ack 301 (timeout)"]);
}
