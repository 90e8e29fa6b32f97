//! Client and server talk to each other over a wire of 50 ms.

use std::sync::Arc;

use super::{Ending, client, server};
use crate::engine::{Engine, Input, Output, RequestId};
use crate::time::{Duration, Instant};

/// What travels on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sent {
    Bytes(Vec<u8>),
    End,
}

/// All that an engine wants to send; events go to `events`. Questions are answered with 2000 bytes.
fn poll<E: Engine>(
    engine: &mut E,
    now: Instant,
    events: &mut Vec<(Instant, E::Event)>,
    answer: impl Fn() -> E::Answer,
) -> Vec<Sent> {
    let mut sent = Vec::new();
    loop {
        match engine.poll_output() {
            Output::StartTls => panic!("nobody has TLS here"),
            Output::TransmitPart(_) => panic!("only letters in SMTP are lent"),
            Output::Transmit(bytes) => sent.push(Sent::Bytes(bytes)),
            Output::Close => sent.push(Sent::End),
            Output::Abort => panic!("nobody breaks the connection"),
            Output::Ask(RequestId(n), _) => engine.handle_input(now, Input::Answer(RequestId(n), answer())),
            Output::Event(event) => events.push((now, event)),
            Output::Wait(_) => return sent,
        }
    }
}

fn take<E: Engine>(engine: &mut E, now: Instant, sent: &Sent) {
    match sent {
        Sent::Bytes(bytes) => engine.handle_input(now, Input::Bytes(bytes)),
        Sent::End => engine.handle_input(now, Input::PeerClosed),
    }
}

/// Fetches `paths` on a connection whose SYN is sent at `start`. The client's events.
fn visit(start: Instant, paths: &[String], persistent: bool) -> Vec<(Instant, client::Event)> {
    let one_way = Duration::from_millis(50);
    let mut browser = {
        let requests = paths.iter().map(client::Request::get).collect();
        client::Client::new(Arc::default(), "www.a.example".to_owned(), requests, persistent)
    };
    let mut www = server::Server::new(Arc::default());
    let (mut told, mut answered) = (Vec::new(), Vec::new());
    let page = || server::Answer::Object(Some(server::Object::new("text/html", [b'x'; 2000])));
    // SYN, SYN ACK; then each flight of one side is answered by a flight of the other.
    let mut now = start + one_way + one_way;
    www.handle_input(now, Input::Connected);
    www.handle_input(now, Input::Writable(65_535));
    browser.handle_input(now, Input::Connected);
    browser.handle_input(now, Input::Writable(65_535));
    loop {
        let flight = poll(&mut browser, now, &mut told, || unreachable!("a client asks nothing"));
        now += one_way;
        flight.iter().for_each(|sent| take(&mut www, now, sent));
        let back = poll(&mut www, now, &mut answered, page);
        if flight.is_empty() && back.is_empty() {
            break;
        }
        // A page of 2000 bytes with its head is one write: one flight on the wire.
        assert!(back.iter().filter(|s| matches!(s, Sent::Bytes(_))).count() <= 1);
        now += one_way;
        back.iter().for_each(|sent| take(&mut browser, now, sent));
    }
    assert_eq!(answered.last().map(|(_, e)| e), Some(&server::Event::Ended(Ending::Complete)));
    assert_eq!(told.last().map(|(_, e)| e), Some(&client::Event::Ended(Ending::Complete)));
    told
}

fn complete_at(told: &[(Instant, client::Event)]) -> Vec<u64> {
    told.iter().filter(|(_, e)| matches!(e, client::Event::Received { .. })).map(|(at, _)| at.as_millis()).collect()
}

fn paths() -> Vec<String> {
    ["/", "/1.png", "/2.png", "/3.png"].map(str::to_owned).to_vec()
}

#[test]
fn four_objects_on_one_connection_take_five_round_trips() {
    assert_eq!(complete_at(&visit(Instant::ZERO, &paths(), true)), [200, 300, 400, 500]);
}

#[test]
fn four_objects_on_four_connections_take_eight_round_trips() {
    let mut at = Vec::new();
    for path in paths() {
        let start = Instant::from_millis(at.last().copied().unwrap_or(0));
        at.extend(complete_at(&visit(start, &[path], false)));
    }
    assert_eq!(at, [200, 400, 600, 800]);
}
