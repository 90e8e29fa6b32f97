//! The two clocks of a door: what happens when there is more to do than there is time for, and when there is nothing.

use mailpath::action::{RawDeed, RawSession};
use mailpath::door::{Company, Live, Speed};
use mailpath::raw::Event;
use mailpath::scenario::{self, doors::Wanted};
use mailpath::topology::NodeId;
use mailpath::trace::Level;

use crate::door::node;

const SECOND: u64 = 1_000_000_000;

/// A web server behind a door, without sockets.
struct Site {
    live: Live,
    door: NodeId,
    connect: RawDeed,
    /// Real time.
    wall: u64,
}

impl Site {
    fn new(speed: Speed) -> Site {
        let wanted = Wanted { servers: vec!["www.b".to_owned()], ..Wanted::default() };
        let head = scenario::load_builtin("own-client").unwrap().with_doors(None, &wanted).unwrap();
        let ready = scenario::parse("head", &head.text).unwrap().ready(None).unwrap();
        let to = ready.setup.nodes[node(&ready, "www.b").0 as usize].interfaces[0].address.unwrap().0;
        let door = node(&ready, &head.doors[0].1);
        let live = Live::new(&ready.setup, Level::Counters, speed);
        Site { live, door, connect: RawDeed::Connect { to, port: 80 }, wall: 0 }
    }

    fn act(&mut self, number: u32, deed: RawDeed) {
        self.live.act(self.door, RawSession::Opened(number), deed);
    }

    /// Lets time go on until nothing happens any more by itself; the bytes that came.
    fn rest(&mut self, most: u32) -> usize {
        let mut came = 0;
        for _ in 0..most {
            let more = self.live.advance(self.wall, Company::Somebody);
            came += self.received();
            if !more {
                return came;
            }
        }
        panic!("it goes on and on: {} of simulated time", self.live.elapsed());
    }

    fn received(&mut self) -> usize {
        let told = self.live.outside().into_iter();
        told.map(|told| if let Event::Received(bytes) = told.event { bytes.len() } else { 0 }).sum()
    }
}

/// So often that it takes many windows of TCP.
fn images(times: usize) -> RawDeed {
    RawDeed::Write(b"GET /image.png HTTP/1.1\r\nHost: www\r\n\r\n".repeat(times).into())
}

#[test]
fn who_stops_to_read_is_not_sent_all_that_is_overdue() {
    let mut site = Site::new(Speed::REAL);
    let connect = site.connect.clone();
    site.act(1, connect);
    site.act(1, images(200));
    // The program was kept from running for a while.
    site.wall = 20 * SECOND;
    let mut came = 0;
    while came == 0 {
        assert!(site.live.advance(site.wall, Company::Somebody));
        came = site.received();
    }
    site.act(1, RawDeed::Read(false));
    came += site.rest(10_000);
    assert!(came <= 2 * 65_535, "{came} bytes came behind the wish to have no more");
    site.act(1, RawDeed::Read(true));
    site.wall += 20 * SECOND;
    came += site.rest(10_000);
    assert!(came > 200 * 20_000, "{came}");
}

#[test]
fn timers_that_follow_each_other_do_not_let_simulated_time_race_away() {
    let mut site = Site::new(Speed::Fast);
    // Each is asked again and again whether its window is open (RFC 9293 section 3.8.6.1), at a time of its own.
    for number in 1..=15 {
        let connect = site.connect.clone();
        site.act(number, connect);
        site.act(number, images(50));
        site.act(number, RawDeed::Read(false));
        site.rest(10_000);
        site.wall += 5 * SECOND;
    }
    site.wall += 300 * SECOND;
    site.rest(10_000);
    let before = site.live.elapsed().as_nanos();
    // A second of real time, in which nobody says anything.
    site.wall += SECOND;
    site.rest(10_000);
    let passed = site.live.elapsed().as_nanos() - before;
    assert!(passed <= 2 * SECOND, "{} s", passed / SECOND);
}

#[test]
fn while_programs_are_talking_timers_wait() {
    let mut site = Site::new(Speed::Fast);
    let connect = site.connect.clone();
    site.act(1, connect);
    site.act(1, images(50));
    site.act(1, RawDeed::Read(false));
    let before = site.live.elapsed().as_nanos();
    while site.live.advance(site.wall, Company::Talking) {
        site.received();
    }
    let passed = |site: &Site| site.live.elapsed().as_nanos() - before;
    assert!(passed(&site) <= Speed::NEAR, "{} ms", passed(&site) / 1_000_000);
    // The window is closed: the next thing is the question whether it is open, a while later.
    site.rest(10_000);
    assert!(passed(&site) > Speed::NEAR, "when it is quiet the timers come");
}
