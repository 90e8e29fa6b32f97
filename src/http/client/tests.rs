//! What the client says, and what it makes of the answers.

use proptest::prelude::*;

use super::*;

struct Talk {
    client: Client,
    now: Instant,
    said: Vec<u8>,
    writes: usize,
    events: Vec<Event>,
    closed: bool,
    aborted: bool,
    wait: Option<Instant>,
}

impl Talk {
    fn new(paths: &[&str], persistent: bool, config: Config) -> Self {
        let paths = paths.iter().copied().map(Request::get).collect();
        Talk::asking(paths, persistent, config)
    }

    fn asking(requests: Vec<Request>, persistent: bool, config: Config) -> Self {
        let mut talk = Talk {
            client: Client::new(Arc::new(config), "www.a.example".to_owned(), requests, persistent),
            now: Instant::ZERO,
            said: Vec::new(),
            writes: 0,
            events: Vec::new(),
            closed: false,
            aborted: false,
            wait: None,
        };
        talk.input(Input::Connected);
        talk
    }

    fn input(&mut self, input: Input<'_, Never>) {
        self.client.handle_input(self.now, input);
        self.poll();
    }

    fn poll(&mut self) {
        loop {
            match self.client.poll_output() {
                Output::StartTls => panic!("nobody has TLS here"),
                Output::TransmitPart(_) => panic!("only letters in SMTP are lent"),
                Output::Transmit(bytes) => {
                    assert!(!self.closed, "nothing is sent after the end");
                    self.writes += 1;
                    self.said.extend(bytes);
                }
                Output::Close => {
                    assert!(!self.closed, "closed once");
                    self.closed = true;
                }
                Output::Abort => self.aborted = true,
                Output::Ask(_, never) => match never {},
                Output::Event(event) => self.events.push(event),
                Output::Wait(wait) => {
                    self.wait = wait;
                    return;
                }
            }
        }
    }

    fn hear(&mut self, text: &str) {
        self.input(Input::Bytes(text.as_bytes()));
    }

    /// What the client has said since this was called last.
    fn said(&mut self) -> String {
        String::from_utf8(std::mem::take(&mut self.said)).unwrap()
    }

    /// Objects as `path status body`, and how it ended.
    fn results(&self) -> Vec<String> {
        let told = |event: &Event| match event {
            Event::Received { path, status, body, .. } => {
                Some(format!("{path} {status} {}", String::from_utf8_lossy(body)))
            }
            Event::Done => Some("done".to_owned()),
            Event::Unexpected(unexpected) => Some(unexpected.to_string()),
            Event::Ended(ending) => Some(ending.to_string()),
            _ => None,
        };
        self.events.iter().filter_map(told).collect()
    }
}

fn fetch(paths: &[&str], persistent: bool) -> Talk {
    let mut talk = Talk::new(paths, persistent, Config::default());
    talk.input(Input::Writable(1 << 20));
    talk
}

const HELLO: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";

#[test]
fn objects_are_fetched_one_after_another_on_one_connection() {
    let mut talk = fetch(&["/", "/image1.png"], true);
    let get = "GET / HTTP/1.1\r\nHost: www.a.example\r\nUser-Agent: Mailpath\r\nAccept: */*\r\n\r\n";
    assert_eq!(talk.said(), get);
    talk.hear(HELLO);
    assert_eq!(talk.said(), get.replace("/ ", "/image1.png ")); // not earlier: no pipelining
    assert!(!talk.closed);
    assert_eq!(talk.client.remaining(), [Request::get("/image1.png")]);
    talk.hear("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nP");
    talk.hear("NG");
    assert_eq!(talk.results(), ["/ 200 hello", "/image1.png 200 PNG", "done"]);
    assert!(talk.closed); // the client closes first
    assert_eq!((talk.writes, talk.wait), (2, None));
    talk.input(Input::PeerClosed);
    assert_eq!(talk.results().last().unwrap(), "closed in order");

    let head = (HELLO.len() - 5) as u64;
    let (first, lines): (Vec<_>, Vec<_>) = talk.events.iter().take(6).partition(|e| !matches!(e, Event::Line(_)));
    let line = |way, range, text: &str, verb: Option<&str>, code| {
        Event::Line(Line { way, range, text: text.to_owned(), verb: verb.map(|verb| verb.to_owned().into()), code })
    };
    assert_eq!(
        lines,
        [
            &line(
                Way::Sent,
                0..get.len() as u64,
                "GET / HTTP/1.1\nHost: www.a.example\nUser-Agent: Mailpath\nAccept: */*",
                Some("GET"),
                None
            ),
            &line(
                Way::Received,
                0..head,
                "HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 5",
                None,
                Some(200)
            ),
        ]
    );
    let content_type = Some("text/plain".to_owned());
    assert_eq!(
        first,
        [
            &Event::Request { method: "GET".to_owned(), path: "/".to_owned() },
            &Event::Response { status: 200, content_type: content_type.clone(), length: Some(5) },
            &Event::Body { range: head..head + 5 },
            &Event::Received {
                method: Method::Get,
                told: Box::default(),
                path: "/".to_owned(),
                status: 200,
                content_type,
                body: Arc::from(&b"hello"[..]),
                range: head..head + 5
            },
        ]
    );
}

#[test]
fn without_persistence_one_object_comes_and_the_server_closes() {
    let mut talk = fetch(&["/", "/image1.png"], false);
    assert!(talk.said().contains("\r\nConnection: close\r\n"));
    talk.hear(HELLO);
    assert_eq!(talk.said(), "");
    assert!(!talk.closed);
    talk.input(Input::PeerClosed);
    assert!(talk.closed);
    assert_eq!(talk.results(), ["/ 200 hello", "closed in order"]);
    assert_eq!(talk.client.remaining(), [Request::get("/image1.png")]);

    let mut talk = fetch(&["/"], false);
    talk.hear(HELLO);
    assert_eq!(talk.results(), ["/ 200 hello", "done"]); // known before the server has closed
}

#[test]
fn a_server_may_end_a_persistent_connection() {
    let mut talk = fetch(&["/", "/image1.png"], true);
    talk.hear("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
    talk.input(Input::PeerClosed);
    assert_eq!(talk.results(), ["/ 200 hello", "closed in order"]);
    assert_eq!(talk.client.remaining(), [Request::get("/image1.png")]);
}

#[test]
fn a_server_that_says_close_and_does_not_is_left() {
    let mut talk = fetch(&["/"], false);
    talk.now = Instant::from_secs(1);
    talk.hear(HELLO);
    assert_eq!(talk.wait, Some(Instant::from_secs(61)));
    talk.now = Instant::from_secs(61);
    talk.input(Input::Timeout);
    assert!(talk.closed);
    assert_eq!(talk.wait, None);
}

#[test]
fn chunks_are_put_together() {
    let mut talk = fetch(&["/", "/2"], true);
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    talk.hear(head);
    talk.hear("3\r\nhel\r\n2;x\r\nlo\r\n0\r\nTrailer: x\r\n\r\n");
    let start = head.len() as u64;
    let ranges: Vec<_> = talk
        .events
        .iter()
        .filter_map(|e| if let Event::Received { range, .. } = e { Some(range) } else { None })
        .collect();
    assert_eq!(ranges, [&(start..start + 34)]);
    talk.hear(HELLO);
    assert_eq!(talk.results(), ["/ 200 hello", "/2 200 hello", "done"]);
}

#[test]
fn without_a_length_the_end_of_the_stream_is_the_end_of_the_object() {
    let mut talk = fetch(&["/"], true);
    talk.hear("HTTP/1.0 200 OK\r\n\r\nhel");
    talk.hear("lo");
    assert!(talk.results().is_empty());
    talk.input(Input::PeerClosed);
    assert_eq!(talk.results(), ["/ 200 hello", "done", "closed in order"]);
    assert!(talk.closed);
}

#[test]
fn interim_responses_and_responses_without_content() {
    let mut talk = fetch(&["/", "/2", "/3"], true);
    talk.hear(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    );
    talk.hear("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
    talk.hear("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(talk.results(), ["/ 204 ", "/2 304 ", "/3 404 ", "done"]);
}

#[test]
fn an_object_that_breaks_off_is_not_received() {
    let mut talk = fetch(&["/"], true);
    talk.hear(&HELLO[..HELLO.len() - 1]);
    talk.input(Input::PeerClosed);
    assert_eq!(
        talk.results(),
        [
            "in state reading content: expected the rest of the response, got end of the stream",
            "closed in the middle of a message"
        ]
    );
    assert_eq!(talk.client.remaining(), [Request::get("/")]);
}

#[test]
fn what_is_no_http_is_not_read_on() {
    for (bytes, expected) in [
        ("220 mail.a.example ESMTP\r\n\r\n", "a status line and header fields (RFC 9112 section 2.1)"),
        ("HTTP/1.1 099 Low\r\n\r\n", "a status from 100 to 599 (RFC 9110 section 15)"),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "a response in HTTP/1.1"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "no transfer coding other than chunked"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", "a content that is not too long"),
    ] {
        let mut talk = fetch(&["/"], true);
        talk.hear(bytes);
        let first = bytes.lines().next().unwrap();
        assert_eq!(
            talk.results(),
            [format!("in state awaiting response: expected {expected}, got {first}"), "could not be understood".into()]
        );
        assert!(talk.aborted);
        talk.hear(HELLO);
        assert_eq!(talk.results().len(), 2);
    }
}

#[test]
fn bytes_that_nobody_asked_for_are_not_an_answer() {
    let mut talk = fetch(&["/", "/2"], true);
    talk.hear(&[HELLO, HELLO].concat());
    assert_eq!(
        talk.results(),
        [
            "/ 200 hello",
            "in state reading content: expected nothing: no request is waiting for a response, got HTTP/1.1 200 OK",
            "could not be understood"
        ]
    );
}

#[test]
fn an_answer_before_the_question_is_none() {
    let mut talk = Talk::new(&["/"], true, Config::default());
    talk.input(Input::Writable(5));
    assert_eq!(talk.said(), "GET /");
    talk.hear(HELLO);
    assert_eq!(
        talk.results(),
        [
            "in state awaiting response: expected room to send the request, got HTTP/1.1 200 OK",
            "could not be understood"
        ]
    );
    assert!(talk.aborted);
}

#[test]
fn a_silent_server_is_given_up() {
    let mut talk = fetch(&["/"], true);
    assert_eq!(talk.wait, Some(Instant::from_secs(60)));
    talk.now = Instant::from_secs(50);
    talk.hear("HTTP/1.1");
    assert_eq!(talk.wait, Some(Instant::from_secs(110)));
    talk.now = Instant::from_secs(110);
    talk.input(Input::Timeout);
    assert_eq!(talk.results(), ["silent for too long"]);
    assert!(talk.aborted);
}

#[test]
fn a_client_that_stays_asks_what_its_user_wants_next() {
    let mut talk = Talk::asking(Vec::new(), true, Config::default());
    talk.client = talk.client.stays();
    talk.closed = false;
    let mut talk = Talk { client: Client::new(Arc::default(), "a".to_owned(), Vec::new(), true).stays(), ..talk };
    talk.input(Input::Connected);
    talk.input(Input::Writable(1 << 20));
    assert_eq!((talk.client.state(), talk.closed, talk.wait), (State::Idle, false, None));
    talk.events.clear();
    talk.client.push(talk.now, Request::post("/send", &b"to=bob"[..]));
    talk.poll();
    let said = talk.said();
    assert!(said.starts_with("POST /send HTTP/1.1\r\n") && said.ends_with("\r\nContent-Length: 6\r\n\r\nto=bob"));
    assert_eq!(talk.writes, 1);
    let end = said.len() as u64;
    let content = Event::Content {
        content_type: Some("application/x-www-form-urlencoded".to_owned()),
        length: 6,
        range: end - 6..end,
    };
    assert!(talk.events.contains(&content));
    talk.hear("HTTP/1.1 303 See Other\r\nLocation: /sent\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n");
    let told = talk.events.iter().find_map(|e| if let Event::Received { told, .. } = e { Some(told) } else { None });
    let told = told.unwrap();
    assert_eq!((told.location.as_deref(), &told.set_cookie[..]), (Some("/sent"), &["a=b".to_owned()][..]));
    assert_eq!(talk.results(), ["/send 303 "]);
    assert!(talk.client.takes_more());
    talk.client.finish(talk.now);
    talk.poll();
    assert!(talk.closed && !talk.client.takes_more());
    assert_eq!(talk.results(), ["/send 303 ", "done"]);
}

#[test]
fn an_idle_connection_may_be_closed_by_the_server_and_brings_nothing_unasked() {
    let idle = || {
        let mut talk = fetch(&[], true);
        talk.client = Client::new(Arc::default(), "a".to_owned(), Vec::new(), true).stays();
        (talk.closed, talk.events) = (false, Vec::new());
        talk.input(Input::Connected);
        talk
    };
    let mut talk = idle();
    talk.input(Input::PeerClosed);
    assert!(talk.closed);
    assert_eq!(talk.results(), ["closed in order"]);
    let mut talk = idle();
    talk.hear(HELLO);
    assert!(talk.aborted);
}

#[test]
fn a_response_to_head_has_no_content_whatever_it_says() {
    let requests = vec![Request { method: Method::Head, ..Request::get("/") }, Request::get("/2")];
    let mut talk = Talk::asking(requests, true, Config::default());
    talk.input(Input::Writable(1 << 20));
    assert!(talk.said().starts_with("HEAD / HTTP/1.1\r\n"));
    talk.hear("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n");
    assert!(talk.said().starts_with("GET /2 "));
    talk.hear("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
    assert_eq!(talk.results(), ["/ 200 ", "/2 200 x", "done"]);
}

#[test]
fn with_nothing_to_fetch_it_closes() {
    let talk = fetch(&[], true);
    assert_eq!(talk.results(), ["done"]);
    assert!(talk.closed);
}

#[test]
fn a_response_is_read_the_same_however_it_is_cut() {
    let responses = [
        HELLO,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    ];
    let mut whole = fetch(&["/1", "/2", "/3"], true);
    for response in responses {
        whole.hear(response);
    }
    let mut bytewise = Talk::new(&["/1", "/2", "/3"], true, Config::default());
    for byte in responses.concat().bytes() {
        bytewise.input(Input::Writable(100));
        bytewise.input(Input::Bytes(&[byte]));
    }
    let tell = |t: &Talk| t.events.iter().filter(|e| !matches!(e, Event::Body { .. })).cloned().collect::<Vec<_>>();
    assert_eq!(tell(&whole), tell(&bytewise));
    assert_eq!(whole.said, bytewise.said);
    assert_eq!(whole.results(), ["/1 200 hello", "/2 200 hello", "/3 404 ", "done"]);
}

#[test]
fn outcomes_only_are_objects_and_the_end() {
    let mut talk = Talk::new(&["/"], true, Config { detail: Detail::Outcomes, ..Config::default() });
    talk.input(Input::Writable(1000));
    talk.hear(HELLO);
    talk.input(Input::PeerClosed);
    assert_eq!(talk.events.len(), talk.results().len());
    assert_eq!(talk.results(), ["/ 200 hello", "done", "closed in order"]);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_and_it_always_ends(
        pieces in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            prop::sample::select(vec![
                HELLO.as_bytes().to_vec(), b"HTTP/1.1 200 OK\r\n".to_vec(), b"Content-Length: 7\r\n".to_vec(),
                b"Transfer-Encoding: chunked\r\n".to_vec(), b"\r\n".to_vec(), b"5\r\nhello\r\n0\r\n\r\n".to_vec(),
                b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), b"Connection: close\r\n".to_vec(),
            ]),
        ], 0..12),
        grant in 0usize..400,
        persistent in any::<bool>(),
        close in any::<bool>(),
    ) {
        let mut talk = Talk::new(&["/1", "/2", "/3"], persistent, Config::default());
        talk.input(Input::Writable(grant));
        for piece in &pieces {
            talk.input(Input::Bytes(piece));
            prop_assert!(talk.said.len() <= grant);
        }
        talk.input(if close { Input::PeerClosed } else { Input::Reset });
        let ends = talk.events.iter().filter(|e| matches!(e, Event::Ended(_))).count();
        prop_assert_eq!(ends, 1);
        prop_assert_eq!(talk.client.state(), State::Closed);
    }
}
