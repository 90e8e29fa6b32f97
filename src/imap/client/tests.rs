//! The client alone, against a script of what a server says.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::engine::{Detail, Engine, Input, Output};
use crate::time::{Duration, Instant};

struct Wire {
    client: Client,
    writes: Vec<String>,
    events: Vec<Event>,
    closed: bool,
    aborted: bool,
    wait: Option<Instant>,
}

impl Wire {
    fn new(commands: Vec<ClientCommand>) -> Self {
        let config = Config { detail: Detail::Outcomes, line_limit: 1000, literal_limit: 1000, ..Config::default() };
        let client = Client::new(Arc::new(config), commands);
        let (writes, events) = (Vec::new(), Vec::new());
        let mut wire = Wire { client, writes, events, closed: false, aborted: false, wait: None };
        wire.client.handle_input(Instant::ZERO, Input::Connected);
        wire.input(Instant::ZERO, Input::Writable(usize::MAX));
        wire
    }

    fn input(&mut self, now: Instant, input: Input<'_, Never>) {
        self.client.handle_input(now, input);
        self.poll();
    }

    fn poll(&mut self) {
        loop {
            match self.client.poll_output() {
                Output::StartTls => self.writes.push("(TLS)".to_string()),
                Output::TransmitPart(_) => panic!("only letters in SMTP are lent"),
                Output::Transmit(bytes) => self.writes.push(String::from_utf8_lossy(&bytes).into_owned()),
                Output::Event(event) => self.events.push(event),
                Output::Close => self.closed = true,
                Output::Abort => self.aborted = true,
                Output::Ask(_, never) => match never {},
                Output::Wait(at) => {
                    self.wait = at;
                    return;
                }
            }
        }
    }

    /// What the client writes when the server says this.
    fn hear(&mut self, text: &str) -> String {
        self.input(Instant::ZERO, Input::Bytes(text.as_bytes()));
        std::mem::take(&mut self.writes).concat()
    }
}

fn login() -> ClientCommand {
    ClientCommand::Login { user: "alice".into(), password: "a b".into() }
}

#[test]
fn each_command_waits_for_the_response_to_the_one_before() {
    let mut wire = Wire::new(vec![login(), ClientCommand::Noop]);
    assert!(wire.writes.is_empty());
    assert_eq!(wire.hear("* OK ready\r\n"), "A001 LOGIN alice \"a b\"\r\n");
    assert_eq!(wire.hear("* CAPABILITY IMAP4rev1 IDLE\r\n"), "");
    assert_eq!(wire.hear("A001 OK [ALERT] done\r\n"), "A002 NOOP\r\n");
    assert_eq!(wire.client.state(), State::Authenticated);
    assert_eq!(wire.hear("A002 OK done\r\n"), "");
    assert!(wire.client.is_idle());
    assert_eq!(wire.events[0], Event::Data(Data::Capability(vec!["IMAP4REV1".into(), "IDLE".into()]).into()));
    let Event::Completed { text, .. } = &wire.events[1] else { panic!("{:?}", wire.events) };
    assert_eq!(text, "[ALERT] done");
    assert_eq!(wire.events.last(), Some(&Event::Idle));
    wire.client.push(Instant::from_secs(900), ClientCommand::Logout);
    wire.poll();
    assert_eq!(wire.writes, ["A003 LOGOUT\r\n"]);
    assert_eq!(wire.wait, Some(Instant::from_secs(1200)));
    wire.hear("* BYE bye\r\nA003 OK done\r\n");
    assert_eq!(wire.client.state(), State::Logout);
    assert!(!wire.closed);
    wire.input(Instant::ZERO, Input::PeerClosed);
    assert!(wire.closed);
    assert_eq!(wire.events.last(), Some(&Event::Ended(Ending::Logout)));
}

#[test]
fn a_literal_is_sent_after_the_plus_only() {
    let append =
        ClientCommand::Append { mailbox: "Sent".into(), flags: vec!["\\Seen".into()], message: b"a: b\r\n".to_vec() };
    let mut wire = Wire::new(vec![append.clone(), append]);
    assert_eq!(wire.hear("* PREAUTH hello\r\n"), "A001 APPEND Sent (\\Seen) {6}\r\n");
    assert_eq!(wire.hear("+ go\r\n"), "a: b\r\n\r\n");
    assert_eq!(wire.hear("A001 OK done\r\n"), "A002 APPEND Sent (\\Seen) {6}\r\n");
    // Refused: the literal is never sent.
    assert_eq!(wire.hear("A002 NO [TRYCREATE] no\r\n"), "");
    assert!(wire.client.is_idle());
    assert_eq!(wire.hear("+ go\r\n"), "");
    assert!(matches!(wire.events.last(), Some(Event::Unexpected(_))));
}

#[test]
fn a_literal_is_sent_at_once_where_the_server_has_said_that_it_takes_it() {
    let append = ClientCommand::Append { mailbox: "Sent".into(), flags: Vec::new(), message: b"a: b\r\n".to_vec() };
    let name = ClientCommand::Create("a\"\u{7}\r".into());
    let mut wire = Wire::new(vec![ClientCommand::Capability, append.clone(), name, append.clone(), append]);
    assert_eq!(wire.hear("* PREAUTH hello\r\n"), "A001 CAPABILITY\r\n");
    wire.hear("* CAPABILITY IMAP4rev1 LITERAL+\r\n");
    assert_eq!(wire.hear("A001 OK done\r\n"), "A002 APPEND Sent {6+}\r\na: b\r\n\r\n");
    assert!(wire.hear("A002 NO [TRYCREATE] no\r\n").starts_with("A003 CREATE "));
    assert_eq!(wire.hear("A003 OK done\r\n"), "A004 APPEND Sent {6+}\r\na: b\r\n\r\n");
    // What was offered once and is not any more is not relied on.
    wire.hear("* CAPABILITY IMAP4rev1\r\n");
    assert_eq!(wire.hear("A004 OK done\r\n"), "A005 APPEND Sent {6}\r\n");
    assert_eq!(wire.hear("+ go\r\n"), "a: b\r\n\r\n");
}

#[test]
fn a_failed_select_skips_to_the_logout() {
    let fetch = ClientCommand::Fetch { set: "1".into(), items: "ALL".into(), uid: false };
    let mut wire = Wire::new(vec![ClientCommand::Select("x y".into()), fetch.clone(), ClientCommand::Logout]);
    assert_eq!(wire.hear("* PREAUTH hello\r\n"), "A001 SELECT \"x y\"\r\n");
    assert_eq!(wire.hear("A001 NO none\r\n"), "A002 LOGOUT\r\n");
    assert!(wire.events.contains(&Event::Skipped(fetch)));
}

#[test]
fn other_failures_do_not_stop_the_list() {
    let mut wire = Wire::new(vec![ClientCommand::Delete("x".into()), ClientCommand::Noop]);
    wire.hear("* PREAUTH hello\r\n");
    assert_eq!(wire.hear("A001 BAD what\r\n"), "A002 NOOP\r\n");
}

#[test]
fn a_server_that_says_bye_gets_no_more_commands() {
    let mut wire = Wire::new(vec![login()]);
    assert_eq!(wire.hear("* BYE go away\r\n"), "");
    wire.input(Instant::ZERO, Input::PeerClosed);
    assert_eq!(wire.events, [Event::Data(Data::Bye("go away".into()).into()), Event::Ended(Ending::PeerClosed)]);
}

#[test]
fn words_that_look_like_a_literal_are_words() {
    let mut wire = Wire::new(vec![ClientCommand::Noop]);
    assert_eq!(wire.hear("* OK see {5}\r\n"), "A001 NOOP\r\n");
    let mut wire = Wire::new(vec![ClientCommand::Noop]);
    wire.hear("* PREAUTH see {5}\r\n");
    wire.hear("* NO see {5}\r\nA001 OK {9}\r\n");
    assert!(wire.client.is_idle());
}

#[test]
fn a_silent_server_is_given_up() {
    let mut wire = Wire::new(vec![login()]);
    let due = Instant::ZERO + Duration::from_secs(300);
    assert_eq!(wire.wait, Some(due));
    wire.input(due, Input::Timeout);
    assert!(wire.aborted);
    assert_eq!(wire.events, [Event::Ended(Ending::Timeout)]);
}

#[test]
fn rubbish_is_told_and_what_is_too_much_ends_the_session() {
    let mut wire = Wire::new(vec![ClientCommand::Noop]);
    wire.hear("hello\r\n");
    assert!(matches!(&wire.events[..], [Event::Unexpected(u)] if u.got == "hello"));
    wire.hear("* PREAUTH x\r\n* 1 FETCH (BODY[] {1001}\r\n");
    assert!(wire.aborted);
    let mut wire = Wire::new(vec![ClientCommand::Noop]);
    wire.hear(&"x".repeat(2000));
    assert_eq!(wire.events.last(), Some(&Event::Ended(Ending::Unreadable)));
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "* ",
        "A001 ",
        "A002 ",
        "OK ",
        "NO ",
        "BAD ",
        "BYE ",
        "PREAUTH ",
        "+ ",
        "+\r\n",
        "+ [x\r\n",
        "x",
        "[",
        "]",
        "UIDNEXT ",
        "1",
        " FETCH (",
        "FLAGS (",
        "\\Seen",
        ")",
        "UID ",
        "BODY[] ",
        "BODY[TEXT]<1> ",
        "{3}\r\n",
        "{3}",
        "abc",
        "\"a\\\"b\"",
        "NIL",
        "\r\n",
        "\r\n",
        "\r\n",
        "\n",
        "SEARCH",
        " 2",
        "LIST () \"/\" a",
        "STATUS a (MESSAGES 1)",
        "1 EXISTS",
        "CAPABILITY IMAP4rev1",
        "ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
        "RFC822 ",
        "A001 OK x\r\n",
        "A002 OK x\r\n",
        "* OK x\r\n",
    ];
    prop_oneof![
        20 => prop::sample::select(words.to_vec()).prop_map(|w| w.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic_and_no_cut_changes_what_it_tells(
        pieces in prop::collection::vec(piece(), 0..60),
        greeted in any::<bool>(),
        cut in 1usize..20,
    ) {
        let mut text = if greeted { b"* PREAUTH hi\r\n".to_vec() } else { Vec::new() };
        pieces.iter().for_each(|p| text.extend_from_slice(p));
        let append = ClientCommand::Append { mailbox: "a".into(), flags: vec![], message: b"abc".to_vec() };
        let run = |cut: usize| {
            let mut wire = Wire::new(vec![append.clone(), ClientCommand::Noop]);
            text.chunks(cut).for_each(|bytes| wire.input(Instant::ZERO, Input::Bytes(bytes)));
            (wire.events, wire.writes)
        };
        let (whole, cut) = (run(usize::MAX), run(cut));
        prop_assert_eq!(whole.1.concat(), cut.1.concat());
        prop_assert_eq!(whole.0, cut.0);
    }
}

#[test]
fn an_idle_ends_with_the_first_news() {
    let idle = ClientCommand::Idle { longest: ClientCommand::LONGEST_IDLE, until_news: true };
    let mut wire = Wire::new(vec![idle, ClientCommand::Noop]);
    assert_eq!(wire.hear("* PREAUTH hello\r\n"), "A001 IDLE\r\n");
    assert_eq!(wire.hear("+ idling\r\n"), "");
    assert_eq!(wire.wait, Some(Instant::from_secs(29 * 60)), "a server may be silent for longer than usual");
    assert_eq!(wire.hear("* OK still here\r\n"), "");
    assert_eq!(wire.hear("* 4 EXISTS\r\n* 1 RECENT\r\n"), "DONE\r\n");
    assert_eq!(wire.hear("* 3 EXPUNGE\r\n"), "", "it is said once");
    assert_eq!(wire.hear("A001 OK IDLE terminated\r\n"), "A002 NOOP\r\n");
}

#[test]
fn an_idle_lasts_as_long_as_it_is_told_or_until_there_is_something_to_say() {
    let idle = ClientCommand::Idle { longest: Duration::from_secs(60), until_news: false };
    let mut wire = Wire::new(vec![idle.clone(), idle]);
    wire.hear("* PREAUTH hello\r\n");
    assert_eq!(wire.hear("+ idling\r\n* 4 EXISTS\r\n"), "");
    wire.input(Instant::from_secs(59), Input::Timeout);
    assert!(wire.writes.is_empty());
    wire.input(Instant::from_secs(60), Input::Timeout);
    assert_eq!(std::mem::take(&mut wire.writes), ["DONE\r\n"]);
    assert_eq!(wire.hear("A001 OK IDLE terminated\r\n"), "A002 IDLE\r\n");
    wire.hear("+ idling\r\n");
    wire.client.push(Instant::from_secs(61), ClientCommand::Noop);
    wire.poll();
    assert_eq!(std::mem::take(&mut wire.writes), ["DONE\r\n"]);
    assert_eq!(wire.hear("A002 OK IDLE terminated\r\n"), "A003 NOOP\r\n");
}

#[test]
fn a_server_that_knows_no_idle_is_not_sent_done() {
    let idle = ClientCommand::Idle { longest: Duration::from_secs(60), until_news: true };
    let mut wire = Wire::new(vec![idle, ClientCommand::Noop]);
    wire.hear("* PREAUTH hello\r\n");
    assert_eq!(wire.hear("A001 BAD IDLE: unknown command\r\n"), "A002 NOOP\r\n");
}

#[test]
fn credentials_go_out_behind_the_plus() {
    let login = ClientCommand::Authenticate { user: "alice".into(), password: "secret".into(), at_once: false };
    let mut wire = Wire::new(vec![login, ClientCommand::Noop]);
    assert_eq!(wire.hear("* OK hello\r\n"), "A001 AUTHENTICATE PLAIN\r\n");
    assert_eq!(wire.hear("+ \r\n"), "AGFsaWNlAHNlY3JldA==\r\n");
    assert_eq!(wire.hear("A001 OK done\r\n"), "A002 NOOP\r\n");
    assert_eq!(wire.client.state(), State::Authenticated);
}

#[test]
fn a_client_that_is_told_that_login_is_disabled_does_not_say_it() {
    let mut wire = Wire::new(vec![ClientCommand::Capability, login(), ClientCommand::Noop, ClientCommand::Logout]);
    wire.hear("* OK hello\r\n");
    wire.hear("* CAPABILITY IMAP4rev1 LOGINDISABLED X-NEW\r\n");
    assert_eq!(wire.hear("A001 OK done\r\n"), "A002 LOGOUT\r\n");
    assert!(wire.events.contains(&Event::Skipped(login())));
}

/// RFC 3501 section 6.2.1, its example, with a server that refuses LOGIN before.
#[test]
fn starttls_as_in_rfc_3501() {
    let text = "* OK hello\r\n* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED LITERAL+\r\nA001 OK CAPABILITY completed\r\n\
                A002 OK Begin TLS negotiation now\r\n";
    let append = || ClientCommand::Append { mailbox: "x".into(), flags: Vec::new(), message: b"a".to_vec() };
    for cut in 0..=text.len() {
        let config = Config { tls: crate::engine::TlsPolicy::Required, ..Config::default() };
        let client = Client::new(Arc::new(config), vec![login(), append()]);
        let (writes, events) = (Vec::new(), Vec::new());
        let mut wire = Wire { client, writes, events, closed: false, aborted: false, wait: None };
        wire.input(Instant::ZERO, Input::Connected);
        wire.input(Instant::ZERO, Input::Writable(usize::MAX));
        let mut said = wire.hear(&text[..cut]);
        said += &wire.hear(&text[cut..]);
        assert_eq!(said, "A001 CAPABILITY\r\nA002 STARTTLS\r\n(TLS)", "cut at {cut}");
        // Nothing is said, and nothing that comes in the open is heard, until both ends have agreed.
        assert_eq!(wire.hear("* CAPABILITY IMAP4rev1\r\nA003 OK\r\n"), "");
        let info = crate::engine::TlsInfo { version: "TLS 1.3", suite: String::new(), server_name: None };
        wire.input(Instant::ZERO, Input::Secured(info));
        assert_eq!(std::mem::take(&mut wire.writes), ["A003 CAPABILITY\r\n"]);
        assert!(wire.hear("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nA003 OK done\r\n").starts_with("A004 LOGIN "));
        // LITERAL+ was told in the open only.
        assert_eq!(wire.hear("A004 OK in\r\n"), "A005 APPEND x {1}\r\n");
    }
}

#[test]
fn what_a_server_tells_unasked_is_told_on() {
    let mut wire = Wire::new(vec![]);
    wire.hear("* PREAUTH hello\r\n");
    wire.hear("* 3 EXISTS\r\n* 1 RECENT\r\n* 2 EXPUNGE\r\n* FLAGS (\\Seen)\r\n* 1 FETCH (FLAGS (\\Seen))\r\n");
    let data: Vec<&Data> =
        wire.events.iter().filter_map(|e| if let Event::Data(data) = e { Some(&**data) } else { None }).collect();
    assert_eq!(data[..4], [&Data::Exists(3), &Data::Recent(1), &Data::Expunge(2), &Data::Flags(vec!["\\Seen".into()])]);
    assert!(matches!(data[4], Data::Fetch(f) if f.number == 1));
}
