//! No segment and no call at any moment makes the connection panic or grow beyond its bounds.

use proptest::prelude::*;

use crate::packet::{TcpFlags, TcpHeader};
use crate::tcp::{Config, Connection, Output, State};
use crate::time::{Duration, Instant};

#[derive(Clone, Debug)]
enum Step {
    Segment {
        flags: u8,
        seq: i32,
        ack: i32,
        window: u16,
        length: usize,
        sack: [(i32, i32); 2],
        mss: Option<u16>,
    },
    Send(usize),
    Consume(usize),
    Close,
    Abort,
    /// Waits so many milliseconds, or (0) for the next timer.
    Time(u64),
    Poll,
}

/// Mostly near what the connection expects, sometimes anywhere.
fn near() -> impl Strategy<Value = i32> {
    prop_oneof![4 => Just(0), 3 => -3..1500i32, 2 => -70_000..70_000i32, 1 => any::<i32>()]
}

fn step() -> impl Strategy<Value = Step> {
    let flags = prop_oneof![
        6 => Just(0x10u8), 3 => Just(0x18), 2 => Just(0x11), 2 => Just(0x12), 1 => Just(0x02), 1 => Just(0x04), 1 => any::<u8>()
    ];
    let window = prop_oneof![2 => Just(0u16), 3 => 0..3000u16, 2 => any::<u16>()];
    let length = prop_oneof![3 => Just(0usize), 3 => 1..1500usize, 1 => 1..5000usize];
    let mss = prop_oneof![3 => Just(None), 1 => any::<u16>().prop_map(Some)];
    prop_oneof![
        10 => (flags, near(), near(), window, length, [(near(), near()), (near(), near())], mss).prop_map(
            |(flags, seq, ack, window, length, sack, mss)| Step::Segment { flags, seq, ack, window, length, sack, mss }
        ),
        3 => (0..6000usize).prop_map(Step::Send),
        3 => (0..3000usize).prop_map(Step::Consume),
        1 => Just(Step::Close),
        1 => proptest::bool::weighted(0.1).prop_map(|b| if b { Step::Abort } else { Step::Poll }),
        3 => prop_oneof![Just(0), 0..3000u64].prop_map(Step::Time),
        6 => Just(Step::Poll),
    ]
}

fn run(cfg: &Config, server: bool, iss: u32, irs: u32, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut now = Instant::ZERO;
    let syn = TcpHeader { seq: irs, flags: TcpFlags::SYN, sack_permitted: true, window: 900, ..TcpHeader::default() };
    let mut c =
        if server { Connection::accept(cfg, &syn, iss, now) } else { Connection::connect(cfg, 49152, 25, iss, now) };
    let mut wait = None;
    for step in steps {
        match step {
            Step::Segment { flags, seq, ack, window, length, sack, mss } => {
                let v = c.view();
                let expected = if v.rcv_nxt == 0 { irs } else { v.rcv_nxt };
                let from_una = |d: i32| v.snd_una.wrapping_add(d as u32);
                let header = TcpHeader {
                    seq: expected.wrapping_add(seq as u32),
                    // Half the time what was sent last is acknowledged.
                    ack: if ack % 2 == 0 { v.snd_nxt.wrapping_add(ack as u32) } else { from_una(ack) },
                    flags: TcpFlags(flags),
                    window,
                    mss,
                    sack_permitted: true,
                    sack: [
                        Some((from_una(sack[0].0), from_una(sack[0].1))),
                        Some((from_una(sack[1].0), from_una(sack[1].1))),
                        None,
                    ],
                    ..TcpHeader::default()
                };
                c.handle_segment(cfg, now, &header, &vec![0; length]);
            }
            Step::Send(n) => {
                let room = c.send_room(cfg);
                prop_assert_eq!(c.send(cfg, &vec![0; n]), n.min(room));
            }
            Step::Consume(n) => c.consume(cfg, n),
            Step::Close => c.close(),
            Step::Abort => c.abort(),
            Step::Time(0) => {
                now = wait.unwrap_or(now).max(now);
                c.handle_timeout(cfg, now);
            }
            Step::Time(ms) => {
                now += Duration::from_millis(ms);
                c.handle_timeout(cfg, now);
            }
            Step::Poll => {
                let mut sent = 0;
                wait = loop {
                    match c.poll(cfg, now) {
                        Output::Wait(at) => break at,
                        Output::Event(_) => {}
                        Output::Segment(s) => {
                            sent += 1;
                            prop_assert!(sent < 3000, "segments without end");
                            let (a, b) = c.payload(s.stream.clone());
                            prop_assert_eq!((a.len() + b.len()) as u64, s.stream.end - s.stream.start);
                        }
                    }
                };
                prop_assert!(c.state() != State::Closed || wait.is_none());
                prop_assert!(c.una <= c.nxt && c.nxt <= c.max && c.max <= c.out.end() + 1);
                let under_way = c.una < c.max && c.state() != State::Closed;
                prop_assert!(!under_way || wait.is_some(), "what is under way has a timer");
            }
        }
        prop_assert!(c.inbox.held() <= cfg.receive_buffer);
        prop_assert!(c.out.len() <= cfg.send_buffer);
        prop_assert!(c.received().len() + c.view().rcv_wnd as usize <= cfg.receive_buffer);
        let _ = c.clone();
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn anything_may_arrive_at_any_moment(
        server: bool, sack: bool, nagle: bool, iss: u32, irs: u32,
        receive_buffer in 1..4000usize, send_buffer in 1..6000usize, mss in 1..1500u16,
        steps in proptest::collection::vec(step(), 1..80),
    ) {
        let cfg = Config { sack, nagle, receive_buffer, send_buffer, mss, ..Config::default() };
        run(&cfg, server, iss, irs, steps)?;
    }
}
