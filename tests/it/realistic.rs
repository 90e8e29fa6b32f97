//! The realistic clock, worked out on paper: scenario `arp`.
//!
//! A frame of n bytes takes 8 n / 100 Mbit/s on each LAN link and 8 n / 1 Mbit/s on the long one. Host to switch
//! takes 1 ms, switch to router 0 ms. A switch and a router send on when the frame is whole.

use crate::runs::run;

const NS_PER_BYTE: u64 = 80;
const MS: u64 = 1_000_000;

/// One way between a host and its router: two links, sent twice, 1 ms.
fn lan(bytes: u64) -> u64 {
    MS + 2 * bytes * NS_PER_BYTE
}

#[test]
fn the_first_answer_of_dns_comes_after_two_questions_of_arp() {
    // Ethernet 14 + ARP 28.
    let arp = 14 + 28;
    // Ethernet 14, IP 20, UDP 8, DNS 12, the name 1+4+1+1+1+7+1 = 16, type and class 4.
    let question = 14 + 20 + 8 + 12 + 16 + 4;
    // The answer repeats the question and adds a record: pointer 2, type, class, TTL, length 10, address 4.
    let answer = question + 2 + 10 + 4;
    let alice_finds_her_router = 2 * lan(arp);
    let the_router_finds_dns = 2 * lan(arp);
    let expected = alice_finds_her_router + lan(question) + the_router_finds_dns + lan(question) + 2 * lan(answer);
    assert_eq!(expected, 8_079_360, "in nanoseconds");

    let run = run("arp");
    let told = run.told().find(|(_, t)| t.kind == "dns.answer").unwrap();
    assert_eq!(told.0, expected);
}

#[test]
fn one_packet_finds_the_queue_full_and_tcp_repairs_it() {
    let run = run("arp");
    let lost: Vec<String> = run
        .told()
        .filter(|(_, t)| t.kind == "frame.lost")
        .map(|(_, t)| t.get("reason").unwrap().as_str().unwrap().to_string())
        .collect();
    assert_eq!(lost, ["queue-full"]);
    assert_eq!(run.told().filter(|(_, t)| t.get("retx").is_some_and(|r| r == true)).count(), 1);
    assert_eq!(run.told().filter(|(_, t)| t.kind == "mua.read").count(), 1);
}

/// r-a sends the letter's segments over 1 Mbit/s one after another, 12 ms each.
#[test]
fn full_segments_leave_the_slow_link_a_transmission_time_apart() {
    let run = run("arp");
    let full = 1500; // on plain IP between the routers
    let apart = full * 8 * 1_000;
    let arrivals: Vec<u64> = run
        .told()
        .filter(|(_, t)| t.kind == "frame.arrived" && t.get("link").is_some_and(|l| l == "r-a--r-b"))
        .filter(|(_, t)| t.get("length").is_some_and(|l| l == full))
        .map(|(at, _)| at)
        .collect();
    assert!(arrivals.len() > 5);
    let steady = arrivals.windows(2).filter(|w| w[1] - w[0] == apart).count();
    assert!(steady >= 4, "{steady} of {} pairs are {apart} ns apart", arrivals.len());
}
