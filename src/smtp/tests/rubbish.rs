//! Any bytes, cut anywhere, with any room: nothing panics, nothing grows, no letter is lost.

use proptest::prelude::*;

use super::*;
use crate::smtp::client::Event;
use crate::smtp::server::Config;
use crate::smtp::{Ending, LineEnds, Syntax};

/// Commands and parts of them, line ends of every kind, and noise.
fn said_by_clients() -> impl Strategy<Value = Vec<u8>> {
    let line = proptest::sample::select(vec![
        "EHLO a.example\r\n",
        "HELO a.example\r\n",
        "MAIL FROM:<alice@a.example>\r\n",
        "MAIL FROM:<> SIZE=3\r\n",
        "RCPT TO:<bob@b.example>\r\n",
        "RCPT TO:<Zoe@b.example>\r\n",
        "RCPT TO:<Shutdown@b.example>\r\n",
        "DATA\r\n",
        ".\r\n",
        "..x\r\n",
        ".\rx\r\n",
        "\r\n.\r\n",
        "\n.\r\n",
        "hello\n",
        "VRFY Crispin\r\n",
        "RSET\r\n",
        "NOOP\r\n",
        "HELP\r\n",
        "QUIT\r\n",
        "AUTH PLAIN\r\n",
        "AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n",
        "AUTH CRAM-MD5\r\n",
        "AUTH LOGIN\r\n",
        "dGVzdA==\r\n",
        "*\r\n",
        "BDAT 5\r\n",
        "BDAT 2 LAST\r\n",
        "MAIL FROM:<j\u{f6}rg@a.example> SMTPUTF8 RET=FULL\r\n",
        "RCPT TO:<bob@b.example> NOTIFY=NEVER\r\n",
        "\r",
        "\n",
    ]);
    let token = prop_oneof![
        30 => line.prop_map(|l| l.as_bytes().to_vec()),
        2 => proptest::collection::vec(any::<u8>(), 0..20),
        1 => Just(vec![b'x'; 600]),
    ];
    // Most of them well on the way to a letter, so that all states are seen.
    let start = prop_oneof![
        Just(&b""[..]),
        Just(&b"EHLO a.example\r\n"[..]),
        Just(&b"EHLO a.example\r\nMAIL FROM:<alice@a.example>\r\nRCPT TO:<bob@b.example>\r\nDATA\r\n"[..]),
    ];
    (start, proptest::collection::vec(token, 0..25)).prop_map(|(s, t)| [s, &t.concat()].concat())
}

fn said_by_servers() -> impl Strategy<Value = Vec<u8>> {
    let line = proptest::sample::select(vec![
        "220 b\r\n",
        "250 OK\r\n",
        "250 OK\r\n",
        "250 OK\r\n",
        "250-a\r\n",
        "354 go\r\n",
        "354 go\r\n",
        "450 no\r\n",
        "550 no\r\n",
        "421 bye\r\n",
        "221 bye\r\n",
        "250\n",
    ]);
    let token = prop_oneof![
        30 => line.prop_map(|l| l.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..20),
        1 => Just(vec![b'2'; 3000]),
    ];
    let start = prop_oneof![Just(&b""[..]), Just(&b"220 b\r\n250 b\r\n250 OK\r\n250 OK\r\n"[..])];
    (start, proptest::collection::vec(token, 0..25)).prop_map(|(s, t)| [s, &t.concat()].concat())
}

fn server_config() -> impl Strategy<Value = Config> {
    let ends = prop_oneof![Just(LineEnds::Strict), Just(LineEnds::Lenient), Just(LineEnds::Refuse)];
    let syntax = prop_oneof![Just(Syntax::Strict), Just(Syntax::Lenient)];
    let lines = ["AUTH PLAIN LOGIN CRAM-MD5", "CHUNKING", "SMTPUTF8", "8BITMIME", "DSN", "ENHANCEDSTATUSCODES"];
    let extensions = proptest::sample::subsequence(lines.to_vec(), 0..=lines.len());
    (ends, syntax, extensions, any::<bool>()).prop_map(|(line_ends, syntax, lines, login_required)| {
        let extensions: Vec<String> = lines.into_iter().map(str::to_owned).collect();
        let login_required = login_required && extensions.first().is_some_and(|l| l.starts_with("AUTH"));
        Config { line_ends, syntax, extensions, login_required, ..Config::default() }
    })
}

/// All that a server gives out, answers given at once.
fn served(cfg: &Config, pieces: &[&[u8]]) -> (Vec<Output<server::Event, Box<Request>>>, Vec<Line>) {
    let mut server = Server::new(Arc::new(cfg.clone()));
    let mut host = Host::default();
    let (mut given, mut lines) = (Vec::new(), Vec::new());
    let mut poll = |server: &mut Server| loop {
        let output = server.poll_output();
        match &output {
            Output::Wait(_) => return,
            Output::Ask(id, request) => {
                let answer = host.answer((**request).clone());
                server.handle_input(T0, Input::Answer(*id, answer));
            }
            Output::Event(server::Event::Line(line)) => lines.push(line.line(server.words())),
            _ => {}
        }
        given.push(output);
    };
    server.handle_input(T0, Input::Writable(1 << 20));
    server.handle_input(T0, Input::Connected);
    poll(&mut server);
    for piece in pieces {
        server.handle_input(T0, Input::Bytes(piece));
        poll(&mut server);
    }
    (given, lines)
}

fn client_with(letters: usize) -> Client {
    let mut client = Client::new(Arc::new(client::Config::default()));
    for n in 0..letters {
        let letter = Arc::from(format!("letter {n}\r\n.\r\n").into_bytes());
        client.send(T0, envelope("alice@a.example", &["bob@b.example"]), letter);
    }
    client
}

/// All that a client gives out.
fn sent(pieces: &[&[u8]]) -> (Vec<Output<Event, client::Never>>, Vec<Line>) {
    let mut client = client_with(3);
    let (mut given, mut lines) = (Vec::new(), Vec::new());
    let mut poll = |client: &mut Client| loop {
        let output = client.poll_output();
        match &output {
            Output::Wait(_) => return,
            Output::Event(Event::Line(line)) => lines.push(line.line(client.words())),
            _ => {}
        }
        given.push(output);
    };
    client.handle_input(T0, Input::Writable(1 << 20));
    client.handle_input(T0, Input::Connected);
    poll(&mut client);
    for piece in pieces {
        client.handle_input(T0, Input::Bytes(piece));
        poll(&mut client);
    }
    (given, lines)
}

proptest! {
    #[test]
    fn a_server_reads_bytes_one_by_one_as_it_reads_them_all(bytes in said_by_clients(), cfg in server_config()) {
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(served(&cfg, &single), served(&cfg, &[&bytes]));
    }

    #[test]
    fn a_client_reads_bytes_one_by_one_as_it_reads_them_all(bytes in said_by_servers()) {
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        let ((one, lines), (all, lines_of_all)) = (sent(&single), sent(&[&bytes]));
        prop_assert_eq!(lines, lines_of_all);
        // How much of what is no reply is there when that becomes clear, depends on how it comes.
        let rough = |o: &Output<Event, client::Never>| !matches!(o, Output::Event(Event::Unexpected(_)));
        prop_assert_eq!(one.iter().filter(|o| rough(o)).collect::<Vec<_>>(), all.iter().filter(|o| rough(o)).collect::<Vec<_>>());
    }

    #[test]
    fn a_server_writes_no_more_than_it_may(
        bytes in said_by_clients(), cfg in server_config(), steps in proptest::collection::vec((0usize..40, 0usize..60), 1..40)
    ) {
        let mut server = Server::new(Arc::new(cfg));
        let mut host = Host::default();
        let mut room = 0;
        let mut rest = &bytes[..];
        server.handle_input(T0, Input::Connected);
        for (more, n) in steps {
            let (now, later) = rest.split_at(n.min(rest.len()));
            rest = later;
            server.handle_input(T0, Input::Writable(more));
            room += more;
            server.handle_input(T0, Input::Bytes(now));
            loop {
                match server.poll_output() {
                    Output::Wait(_) => break,
                    Output::Transmit(written) => {
                        prop_assert!(!written.is_empty() && written.len() <= room);
                        prop_assert!(written.ends_with(b"\r\n"), "a reply is one write");
                        room -= written.len();
                    }
                    Output::Ask(id, request) => server.handle_input(T0, Input::Answer(id, host.answer(*request))),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn every_letter_has_one_outcome_whatever_the_server_says(
        bytes in said_by_servers(),
        steps in proptest::collection::vec((0usize..40, 0usize..30), 1..40),
        end in 0..3,
    ) {
        let mut client = client_with(3);
        let mut room = 0;
        let mut rest = &bytes[..];
        let mut outcomes = 0;
        let mut endings = 0;
        client.handle_input(T0, Input::Connected);
        let mut poll = |client: &mut Client, room: &mut usize| {
            loop {
                match client.poll_output() {
                    Output::Wait(at) => return Ok((at, outcomes, endings)),
                    Output::Transmit(written) => {
                        prop_assert!(!written.is_empty() && written.len() <= *room);
                        *room -= written.len();
                    }
                    Output::TransmitPart(written) => {
                        prop_assert!(!written.is_empty() && written.len() <= *room);
                        *room -= written.len();
                    }
                    Output::Event(Event::Outcome(o)) => {
                        outcomes += 1;
                        prop_assert_eq!(o.verdicts().len(), 1);
                        prop_assert!(o.end.is_some() || o.failure.is_some() || !o.recipients[0].1.is_positive());
                    }
                    Output::Event(Event::Ended(_)) => endings += 1,
                    _ => {}
                }
            }
        };
        for (more, n) in steps {
            let (now, later) = rest.split_at(n.min(rest.len()));
            rest = later;
            client.handle_input(T0, Input::Writable(more));
            room += more;
            client.handle_input(T0, Input::Bytes(now));
            poll(&mut client, &mut room)?;
        }
        // However it ends: the connection closes, breaks, or the clock runs out, and then it breaks.
        match end {
            0 => client.handle_input(T0, Input::PeerClosed),
            1 => client.handle_input(Instant::from_secs(100_000), Input::Timeout),
            _ => {}
        }
        poll(&mut client, &mut room)?;
        client.handle_input(T0, Input::Reset);
        let (wait, outcomes, endings) = poll(&mut client, &mut room)?;
        prop_assert_eq!((wait, outcomes, endings), (None, 3, 1));
    }

    #[test]
    fn a_letter_arrives_as_it_was_sent_through_any_room(
        letter in proptest::collection::vec(prop_oneof![Just(&b"\r\n"[..]), Just(&b"."[..]), Just(&b"ab"[..]), Just(&b"\r\n.\r\n"[..]), Just(&b"\0\xff"[..])], 0..40),
        rooms in proptest::collection::vec(1usize..50, 1..5),
    ) {
        let mut letter = letter.concat();
        let mut client = Client::new(Arc::new(client::Config { auto_quit: true, ..client::Config::default() }));
        client.send(T0, envelope("", &["bob@b.example"]), Arc::from(&letter[..]));
        let mut typist = Typist::new(Config { extensions: vec!["8BITMIME".into()], ..Config::default() });
        client.handle_input(T0, Input::Connected);
        let mut rooms = rooms.iter().cycle();
        loop {
            let said = std::mem::take(&mut typist.said);
            client.handle_input(T0, Input::Bytes(&said));
            match client.poll_output() {
                Output::Transmit(bytes) => typist.input(T0, Input::Bytes(&bytes)),
                Output::Wait(None) => break,
                Output::Wait(_) if typist.closed => client.handle_input(T0, Input::PeerClosed),
                Output::Wait(_) => client.handle_input(T0, Input::Writable(*rooms.next().unwrap())),
                _ => {}
            }
        }
        if !letter.is_empty() && !letter.ends_with(b"\r\n") {
            letter.extend(b"\r\n");
        }
        prop_assert_eq!(&typist.host.delivered[0].letter, &letter);
    }
}

#[test]
fn a_client_that_never_listens_is_cut_off() {
    let mut server = Server::new(Arc::new(Config::default()));
    server.handle_input(T0, Input::Connected);
    let noops = b"NOOP\r\n".repeat(200);
    for _ in 0..200 {
        server.handle_input(T0, Input::Bytes(&noops));
        while !matches!(server.poll_output(), Output::Wait(_)) {}
        assert!(server.unread() <= 65_535 + noops.len());
    }
    assert_eq!(server.state(), server::State::Closed);
    let mut server = Server::new(Arc::new(Config::default()));
    server.handle_input(T0, Input::Connected);
    assert!(matches!(server.poll_output(), Output::Event(_)));
    assert_eq!(server.poll_output(), Output::Wait(Some(Instant::from_secs(300))), "no room for the greeting");
    server.handle_input(Instant::from_secs(300), Input::Timeout);
    let outputs: Vec<_> = std::iter::from_fn(|| Some(server.poll_output())).take(4).collect();
    assert!(
        outputs.contains(&Output::Abort) && outputs.contains(&Output::Event(server::Event::Ended(Ending::Timeout)))
    );
    assert!(!outputs.iter().any(|o| matches!(o, Output::Transmit(_) | Output::Close)));
}

#[test]
fn a_server_that_never_listens_is_cut_off() {
    let mut client = client_with(1);
    client.handle_input(T0, Input::Connected);
    let mut endings = Vec::new();
    for _ in 0..200 {
        client.handle_input(T0, Input::Bytes(&b"250 OK\r\n".repeat(100)));
        loop {
            match client.poll_output() {
                Output::Wait(_) => break,
                Output::Event(Event::Ended(how)) => endings.push(how),
                _ => {}
            }
        }
    }
    assert_eq!(endings, [Ending::Flooded]);
}
