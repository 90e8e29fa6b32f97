//! What a client says and what the server answers.

use proptest::prelude::*;

use super::*;

/// The server, with a host behind it that has a page at `/` and an image at `/image1.png`.
struct Talk {
    server: Server,
    now: Instant,
    /// All bytes sent.
    sent: Vec<u8>,
    /// Sizes of the writes.
    writes: Vec<usize>,
    events: Vec<Event>,
    asked: Vec<String>,
    closed: bool,
    aborted: bool,
    wait: Option<Instant>,
}

fn object(content_type: &str, body: &[u8]) -> Object {
    Object::new(content_type, body)
}

fn host(path: &str) -> Option<Object> {
    match path {
        "/" => Some(object("text/html", b"<p>hello</p>")),
        "/image1.png" => Some(object("image/png", &[0x89, b'P', b'N', b'G'])),
        "/dated" => {
            let validators = Validators { etag: Some("\"a1\"".to_owned()), last_modified: Some(784_111_777) };
            Some(Object { validators, ..object("text/plain", b"dated") })
        }
        "/large" => Some(object("text/plain", &[b'x'; 2000])),
        _ => None,
    }
}

impl Talk {
    fn new(config: Config) -> Self {
        let mut talk = Talk {
            server: Server::new(Arc::new(config)),
            now: Instant::ZERO,
            sent: Vec::new(),
            writes: Vec::new(),
            events: Vec::new(),
            asked: Vec::new(),
            closed: false,
            aborted: false,
            wait: None,
        };
        talk.input(Input::Connected);
        talk
    }

    fn input(&mut self, input: Input<'_, Answer>) {
        self.server.handle_input(self.now, input);
        self.poll();
    }

    fn poll(&mut self) {
        loop {
            match self.server.poll_output() {
                Output::StartTls => panic!("nobody has TLS here"),
                Output::TransmitPart(_) => panic!("only letters in SMTP are lent"),
                Output::Transmit(bytes) => {
                    assert!(!self.closed, "nothing is sent after the end");
                    self.writes.push(bytes.len());
                    self.sent.extend(bytes);
                }
                Output::Close => {
                    assert!(!self.closed, "closed once");
                    self.closed = true;
                }
                Output::Abort => self.aborted = true,
                Output::Ask(id, request) => {
                    let answer = match (request.method, request.path.as_str()) {
                        (Method::Post, "/send") => {
                            let body = request.body.to_ascii_uppercase();
                            let cookie = request.cookie.clone().unwrap_or_default();
                            let response = Response::new(200, object("text/plain", &body)).with("X-Cookie", cookie);
                            Answer::Response(Box::new(response))
                        }
                        (_, path) => Answer::Object(host(path)),
                    };
                    self.asked.push(request.path);
                    self.server.handle_input(self.now, Input::Answer(id, answer));
                }
                Output::Event(event) => self.events.push(event),
                Output::Wait(wait) => {
                    self.wait = wait;
                    return;
                }
            }
        }
    }

    fn say(&mut self, text: &str) {
        self.input(Input::Bytes(text.as_bytes()));
    }

    fn ended(&self) -> Vec<Ending> {
        self.events.iter().filter_map(|e| if let Event::Ended(e) = e { Some(*e) } else { None }).collect()
    }

    fn unexpected(&self) -> Vec<String> {
        self.events
            .iter()
            .filter_map(|e| if let Event::Unexpected(u) = e { Some(u.to_string()) } else { None })
            .collect()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.sent).into_owned()
    }
}

fn open() -> Talk {
    open_with(Config::default())
}

fn open_with(config: Config) -> Talk {
    let mut talk = Talk::new(config);
    talk.input(Input::Writable(1 << 20));
    talk
}

/// The status lines of everything that a server says to `text`, and whether it closed.
fn statuses(text: &str) -> (Vec<String>, bool) {
    let mut talk = open();
    talk.say(text);
    let lines = talk.text().lines().filter_map(|l| l.strip_prefix("HTTP/1.1 ")).map(str::to_owned).collect();
    (lines, talk.closed)
}

const GET: &str = "GET / HTTP/1.1\r\nHost: www.a.example\r\n\r\n";

#[test]
fn a_page_is_fetched() {
    let mut talk = open();
    talk.now = Instant::from_millis(1500);
    talk.say(GET);
    let response = "HTTP/1.1 200 OK\r\n\
        Date: Mon, 03 Mar 2025 09:00:01 GMT\r\n\
        Server: Mailpath\r\n\
        Content-Type: text/html\r\n\
        Content-Length: 12\r\n\
        \r\n\
        <p>hello</p>";
    assert_eq!(talk.text(), response);
    assert_eq!(talk.writes, [response.len()]); // head and body in one write
    assert_eq!(talk.asked, ["/"]);
    assert!(!talk.closed);
    assert_eq!(talk.wait, Some(Instant::from_millis(61_500)));
    let head = (response.len() - 12) as u64;
    let line = |way, range, text: &str, verb: Option<&str>, code| {
        Event::Line(Line { way, range, text: text.to_owned(), verb: verb.map(|verb| verb.to_owned().into()), code })
    };
    let sent = response.split("\r\n\r\n").next().unwrap().replace("\r\n", "\n");
    assert_eq!(
        talk.events,
        [
            line(Way::Received, 0..GET.len() as u64, "GET / HTTP/1.1\nHost: www.a.example", Some("GET"), None),
            Event::Request { method: "GET".to_owned(), path: "/".to_owned() },
            line(Way::Sent, 0..head, &sent, None, Some(200)),
            Event::Response { status: 200, content_type: "text/html".to_owned(), length: 12 },
            Event::Body { range: head..head + 12 },
        ]
    );
}

#[test]
fn the_connection_stays_open_for_the_next_request() {
    let mut talk = open();
    talk.say(GET);
    let first = talk.sent.len() as u64;
    talk.say("GET /image1.png HTTP/1.1\r\nHost: www.a.example\r\n\r\n");
    assert_eq!(talk.asked, ["/", "/image1.png"]);
    assert!(talk.sent.ends_with(b"\r\n\r\n\x89PNG"));
    let end = talk.sent.len() as u64;
    assert_eq!(talk.events.last(), Some(&Event::Body { range: end - 4..end }));
    assert!(first < end - 4);
    talk.input(Input::PeerClosed);
    assert!(talk.closed);
    assert_eq!(talk.ended(), [Ending::Complete]);
}

#[test]
fn close_is_honoured_and_the_server_closes_first() {
    let mut talk = open();
    talk.say("GET / HTTP/1.1\r\nHost: a\r\nConnection: Keep-Alive, Close\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(talk.asked, ["/"]); // what follows is not looked at
    assert!(talk.text().contains("\r\nConnection: close\r\n\r\n<p>hello</p>"));
    assert!(talk.closed && talk.ended().is_empty());
    talk.input(Input::PeerClosed);
    assert_eq!(talk.ended(), [Ending::Complete]);
}

#[test]
fn a_server_without_persistence_closes_after_each_response() {
    let mut talk = open_with(Config { keep_alive: false, ..Config::default() });
    talk.say(GET);
    assert!(talk.text().contains("\r\nConnection: close\r\n"));
    assert!(talk.closed);
}

#[test]
fn http_1_0_needs_no_host_and_closes() {
    assert_eq!(statuses("GET / HTTP/1.0\r\n\r\n"), (vec!["200 OK".to_owned()], true));
}

#[test]
fn head_gives_the_head_of_get_and_no_content() {
    let (mut get, mut head) = (open(), open());
    get.say(GET);
    head.say(&GET.replace("GET", "HEAD"));
    assert_eq!(get.text(), head.text() + "<p>hello</p>");
    assert_eq!(head.asked, ["/"]);
    assert!(!head.events.iter().any(|e| matches!(e, Event::Body { .. })));
}

#[test]
fn what_does_not_exist_is_404_and_the_connection_stays_open() {
    let mut talk = open();
    talk.say("GET /nothing?q=1 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(talk.asked, ["/nothing?q=1"]);
    assert!(talk.text().starts_with("HTTP/1.1 404 Not Found\r\n"));
    assert!(talk.text().ends_with("Content-Type: text/plain\r\nContent-Length: 15\r\n\r\n404 Not Found\r\n"));
    assert!(!talk.closed);
}

#[test]
fn other_methods_are_405_and_their_content_is_skipped() {
    let mut talk = open();
    talk.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
    assert!(talk.sent.is_empty());
    assert_eq!(talk.server.state(), State::ReadingContent);
    talk.say("lo");
    assert!(talk.text().starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
    assert!(talk.text().contains("\r\nAllow: GET, HEAD\r\n"));
    let chunked = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    let (lines, closed) = statuses(&[chunked, GET].concat());
    assert_eq!((lines, closed), (vec!["405 Method Not Allowed".to_owned(), "200 OK".to_owned()], false));
}

#[test]
fn requests_that_cannot_be_read_are_refused_and_the_server_closes() {
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost a\r\n\r\n", "400 Bad Request"),
        ("GET\r\n\r\n", "400 Bad Request"),
        ("GET /\r\n\r\n", "400 Bad Request"),
        ("EHLO mail.a.example\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", "400 Bad Request"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
            "501 Not Implemented",
        ),
        ("POST /send HTTP/1.1\r\nHost: a\r\n\r\n", "411 Length Required"),
        ("POST /send HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", "413 Content Too Large"),
        ("POST /send HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n", "413 Content Too Large"),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505 HTTP Version Not Supported"),
        ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", "413 Content Too Large"),
        ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", "417 Expectation Failed"),
    ] {
        let (lines, closed) = statuses(&[request, GET].concat());
        assert_eq!((lines, closed), (vec![status.to_owned()], true), "{request:?}");
    }
}

#[test]
fn a_method_that_nobody_knows_is_501_and_the_connection_stays_open() {
    let brew = "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n";
    let (lines, closed) = statuses(&[brew, GET].concat());
    assert_eq!((lines, closed), (vec!["501 Not Implemented".to_owned(), "200 OK".to_owned()], false));
}

#[test]
fn a_form_is_read_whole_and_given_to_the_host() {
    let head = "POST /send HTTP/1.1\r\nHost: a\r\nCookie: session=1\r\nContent-Type: text/plain\r\n";
    for (length, body) in [
        ("Content-Length: 5\r\n\r\n", "hello"),
        ("Transfer-Encoding: chunked\r\n\r\n", "2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nT: x\r\n\r\n"),
    ] {
        let mut talk = open();
        talk.say(&[head, length].concat());
        let (start, end) = body.split_at(3);
        talk.say(start);
        assert!(talk.asked.is_empty() && talk.server.state() == State::ReadingContent);
        talk.say(end);
        assert_eq!(talk.asked, ["/send"]);
        assert!(talk.text().contains("\r\nX-Cookie: session=1\r\n") && talk.text().ends_with("\r\n\r\nHELLO"));
        let at = (head.len() + length.len()) as u64;
        let content_type = Some("text/plain".to_owned());
        let told = Event::Content { content_type, length: 5, range: at..at + body.len() as u64 };
        assert!(talk.events.contains(&told), "{:?}", talk.events);
        talk.say(GET);
        assert!(talk.text().ends_with("<p>hello</p>"), "the next request begins where the content ends");
    }
}

#[test]
fn who_asks_first_is_told_to_go_on() {
    let mut talk = open();
    talk.say("POST /send HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(talk.text(), "HTTP/1.1 100 Continue\r\n\r\n");
    talk.say("hello");
    assert!(talk.text().ends_with("\r\n\r\nHELLO") && !talk.closed);
    // RFC 9110 section 10.1.1: who has begun to send need not be told.
    let (lines, _) =
        statuses("POST /send HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello");
    assert_eq!(lines, ["200 OK"]);
    // And who is too much for us is refused before it sends.
    let large = "POST /send HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\nExpect: 100-continue\r\n\r\n";
    assert_eq!(statuses(large), (vec!["413 Content Too Large".to_owned()], true));
}

#[test]
fn a_copy_that_is_still_good_is_not_sent_again() {
    let get = |field: &str| {
        let mut talk = open();
        talk.say(&format!("GET /dated HTTP/1.1\r\nHost: a\r\n{field}\r\n"));
        assert!(!talk.closed);
        talk.text()
    };
    let whole = get("");
    let fields = "ETag: \"a1\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    assert!(whole.contains(fields) && whole.ends_with("\r\n\r\ndated"));
    for same in
        ["If-None-Match: \"a1\"\r\n", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "If-None-Match: *\r\n"]
    {
        let text = get(same);
        assert!(text.starts_with("HTTP/1.1 304 Not Modified\r\n"), "{same}");
        assert!(text.ends_with(&format!("{fields}\r\n")) && !text.contains("Content-Length"), "{text}");
    }
    for other in ["If-None-Match: \"b2\"\r\n", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n"] {
        assert_eq!(get(other), whole);
    }
    // HEAD tells the same without the content.
    let mut head = open();
    head.say("HEAD /dated HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(head.text() + "dated", whole);
}

#[test]
fn contents_may_go_in_chunks_but_not_to_http_1_0() {
    let config = || Config { chunk: Some(8), ..Config::default() };
    let mut talk = open_with(config());
    talk.say(GET);
    assert!(talk.text().ends_with("\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n<p>hello\r\n4\r\n</p>\r\n0\r\n\r\n"));
    assert!(!talk.text().contains("Content-Length"));
    let end = talk.sent.len() as u64;
    assert_eq!(talk.events.last(), Some(&Event::Body { range: end - 27..end }));
    let mut talk = open_with(config());
    talk.say("GET / HTTP/1.0\r\n\r\n");
    assert!(talk.text().contains("\r\nContent-Length: 12\r\n") && talk.text().ends_with("<p>hello</p>"));
    let mut talk = open_with(config());
    talk.say(&GET.replace("GET", "HEAD"));
    assert!(talk.text().ends_with("\r\nTransfer-Encoding: chunked\r\n\r\n"));
}

/// RFC 9112 section 11.2: what the front of a chain takes for one request must not be two here.
#[test]
fn a_smuggled_request_is_never_answered() {
    let hidden = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
    for framing in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
        "Content-Length: 0, 44\r\n\r\n",
        "Content-Length: +0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\n\r\n",
    ] {
        let mut talk = open();
        talk.say(&["POST /send HTTP/1.1\r\nHost: a\r\n", framing, hidden].concat());
        assert!(talk.asked.is_empty(), "{framing:?}: {:?}", talk.asked);
        assert!(talk.closed && talk.text().starts_with("HTTP/1.1 400 "), "{framing:?}: {}", talk.text());
    }
}

#[test]
fn a_learner_reads_what_was_wrong() {
    let mut talk = open();
    talk.say("GET / HTTP/1.1\r\n\r\n");
    assert_eq!(
        talk.unexpected(),
        ["in state awaiting request: expected exactly one Host field (RFC 9112 section 3.2), got GET / HTTP/1.1"]
    );
}

#[test]
fn a_head_of_more_than_8_kb_is_refused() {
    let field = |n| format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(n));
    let rest = field(0).len();
    assert_eq!(statuses(&field(8192 - rest)).0, ["200 OK"]);
    assert_eq!(statuses(&field(8193 - rest)).0, ["431 Request Header Fields Too Large"]);
    // RFC 9112 section 3: a method longer than any that is known, a target longer than any that is read.
    assert_eq!(statuses(&"x".repeat(8193)).0, ["501 Not Implemented"]);
    assert_eq!(statuses(&format!("GET /{}", "x".repeat(8193))).0, ["414 URI Too Long"]);
    let long = |n: usize| format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(n - 14));
    assert_eq!(statuses(&long(8000)).0, ["404 Not Found"]);
    assert_eq!(statuses(&long(8003)).0, ["414 URI Too Long"]);
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(100));
    assert_eq!(statuses(&many).0, ["431 Request Header Fields Too Large"]);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let image = "GET /image1.png HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut talk = open();
    talk.say(&[GET, "\r\n", image, GET].concat()); // an empty line too many is overlooked
    assert_eq!(talk.asked, ["/", "/image1.png", "/"]);
    assert_eq!(talk.writes.len(), 3);
}

#[test]
fn a_request_has_its_turn_when_the_response_before_is_out() {
    let mut talk = Talk::new(Config::default());
    talk.say(&[GET, GET].concat());
    assert_eq!((talk.asked.len(), talk.sent.len()), (1, 0));
    assert_eq!(talk.server.state(), State::Responding);
    talk.input(Input::Writable(100));
    assert_eq!((talk.asked.len(), talk.sent.len()), (1, 100));
    talk.input(Input::Writable(100));
    assert_eq!((talk.asked.len(), talk.sent.len()), (2, 200)); // never more than was granted
    talk.input(Input::Writable(1000));
    let (first, second) = talk.sent.split_at(talk.sent.len() / 2);
    assert_eq!(first, second);
}

#[test]
fn requests_without_end_are_not_kept() {
    let mut talk = Talk::new(Config::default()); // the client reads nothing
    for _ in 0..5000 {
        talk.say(GET);
    }
    assert!(talk.aborted);
    assert_eq!(talk.ended(), [Ending::Malformed]);
    assert!(talk.server.inbox.is_empty());
}

#[test]
fn a_request_is_read_the_same_however_it_is_cut() {
    let all = [
        GET,
        &GET.replace("/ ", "http://www.a.example/large "),
        "POST /send HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "FOO / HTTP/1.1\r\nHost: a\r\n\r\n",
    ]
    .concat();
    let mut whole = open();
    whole.say(&all);
    let mut bytewise = Talk::new(Config::default());
    for byte in all.as_bytes() {
        bytewise.input(Input::Writable(1000));
        bytewise.input(Input::Bytes(&[*byte]));
    }
    bytewise.input(Input::Writable(10_000));
    assert_eq!(whole.text(), bytewise.text());
    assert_eq!(whole.events, bytewise.events);
    assert_eq!(whole.asked, ["/", "/large", "/send"]);
}

#[test]
fn a_silent_connection_is_closed_and_half_a_request_is_refused() {
    let mut talk = open();
    talk.now = Instant::from_secs(59);
    talk.input(Input::Timeout); // early: harmless
    assert!(!talk.closed);
    talk.now = Instant::from_secs(60);
    talk.input(Input::Timeout);
    assert!(talk.closed && talk.sent.is_empty());
    assert_eq!(talk.wait, None);

    let mut talk = open();
    talk.say("GET / HT");
    talk.now = Instant::from_secs(60);
    talk.input(Input::Timeout);
    assert!(talk.text().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    assert!(talk.closed);
}

#[test]
fn a_client_that_closes_early_still_gets_its_response() {
    let mut talk = Talk::new(Config::default());
    talk.say(GET);
    talk.input(Input::PeerClosed);
    assert!(!talk.closed);
    talk.input(Input::Writable(1000));
    assert!(talk.text().ends_with("<p>hello</p>") && talk.closed);
    assert_eq!(talk.ended(), [Ending::Complete]);
}

#[test]
fn half_a_request_is_not_answered() {
    let mut talk = open();
    talk.say("GET / HT");
    talk.input(Input::PeerClosed);
    assert!(talk.closed && talk.sent.is_empty());
    assert_eq!(
        talk.unexpected(),
        ["in state awaiting request: expected the rest of the request, got end of the stream"]
    );
    assert_eq!(talk.ended(), [Ending::Incomplete]);
}

#[test]
fn a_lost_connection_ends_everything() {
    let mut talk = Talk::new(Config::default());
    talk.say(GET);
    talk.input(Input::Reset);
    talk.input(Input::Writable(1000));
    talk.input(Input::Reset);
    talk.say(GET);
    assert!(talk.sent.is_empty() && !talk.closed);
    assert_eq!(talk.ended(), [Ending::Reset]);
}

#[test]
fn a_server_that_tells_outcomes_only_builds_no_lines() {
    let mut talk = open_with(Config { detail: Detail::Outcomes, ..Config::default() });
    talk.say(GET);
    talk.input(Input::PeerClosed);
    assert_eq!(talk.events, [Event::Ended(Ending::Complete)]);
    assert!(talk.text().ends_with("<p>hello</p>"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_write_more_than_it_may(
        pieces in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            prop::sample::select(vec![
                GET.as_bytes().to_vec(), b"GET /large HTTP/1.1\r\n".to_vec(), b"Host: a\r\n".to_vec(),
                b"Transfer-Encoding: chunked\r\n".to_vec(), b"Content-Length: 7\r\n".to_vec(),
                b"\r\n".to_vec(), b"5\r\nhello\r\n0\r\n\r\n".to_vec(), b"Connection: close\r\n".to_vec(),
                b"POST /send HTTP/1.1\r\n".to_vec(), b"Expect: 100-continue\r\n".to_vec(),
                b"If-None-Match: *\r\n".to_vec(), b"GET /dated HTTP/1.1\r\n".to_vec(),
            ]),
        ], 0..12),
        grants in prop::collection::vec(0usize..600, 12),
        close in any::<bool>(),
    ) {
        let mut talk = Talk::new(Config::default());
        let mut granted = 0;
        for (piece, grant) in pieces.iter().zip(grants) {
            talk.input(Input::Bytes(piece));
            talk.input(Input::Writable(grant));
            granted += grant;
            prop_assert!(talk.sent.len() <= granted);
        }
        if close {
            talk.input(Input::PeerClosed);
        } else {
            talk.input(Input::Reset);
        }
        talk.input(Input::Writable(1 << 20));
        prop_assert_eq!(talk.ended().len(), 1);
        prop_assert_eq!(talk.server.state(), State::Closed);
    }
}
