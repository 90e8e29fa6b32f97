//! Dialogues with the server: the RFC's own first, then by state, then whatever bytes there are.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::engine::{Engine, Input, Output, Way};
use crate::time::{Duration, Instant};

mod rules;

/// A server, and a host with the maildrop of mrose (password tanstaaf).
struct Wire {
    server: Server,
    letters: Vec<(u32, Vec<u8>)>,
    locked: bool,
    writes: Vec<String>,
    events: Vec<Event>,
    removed: Option<Vec<u32>>,
    /// So many cannot be removed.
    failed: u32,
    proofs: Vec<Proof>,
    closed: bool,
    aborted: bool,
    wait: Option<Instant>,
}

const STAMP: &str = "<1896.697170952@dbc.mtview.ca.us>";

/// So many octets, a header and lines, some with dots in front.
fn letter(octets: usize) -> Vec<u8> {
    let mut letter = b"Subject: x\r\n\r\n.\r\n".to_vec();
    while letter.len() + 12 < octets {
        letter.extend_from_slice(b".hidden..\r\n");
    }
    letter.resize(octets - 2, b'.');
    letter.extend_from_slice(b"\r\n");
    letter
}

impl Wire {
    fn new(timestamp: Option<&str>) -> Self {
        Wire::with(Config::default(), timestamp)
    }

    fn with(config: Config, timestamp: Option<&str>) -> Self {
        let config = Config { hostname: "dewey".into(), ..config };
        let mut wire = Wire {
            server: Server::new(Arc::new(config), timestamp.map(str::to_string)),
            letters: vec![(7, letter(120)), (9, letter(200))],
            locked: false,
            writes: Vec::new(),
            events: Vec::new(),
            removed: None,
            failed: 0,
            proofs: Vec::new(),
            closed: false,
            aborted: false,
            wait: None,
        };
        wire.input(Instant::ZERO, Input::Connected);
        wire
    }

    fn granted(timestamp: Option<&str>) -> Self {
        let mut wire = Wire::new(timestamp);
        wire.input(Instant::ZERO, Input::Writable(1 << 30));
        wire
    }

    fn transaction() -> Self {
        let mut wire = Wire::granted(None);
        wire.say("USER mrose\r\nPASS tanstaaf\r\n");
        wire
    }

    fn input(&mut self, now: Instant, input: Input<'_, Answer>) {
        self.server.handle_input(now, input);
        loop {
            match self.server.poll_output() {
                Output::TransmitPart(_) => panic!("only letters in SMTP are lent"),
                Output::Transmit(bytes) => self.writes.push(String::from_utf8_lossy(&bytes).into_owned()),
                Output::Close => self.closed = true,
                Output::Abort => self.aborted = true,
                Output::StartTls => self.writes.push("(TLS)".to_string()),
                Output::Event(event) => self.events.push(event),
                Output::Wait(wait) => {
                    self.wait = wait;
                    return;
                }
                Output::Ask(id, request) => {
                    let answer = self.answer(request);
                    self.server.handle_input(now, Input::Answer(id, answer));
                }
            }
        }
    }

    fn answer(&mut self, request: Request) -> Answer {
        match request {
            Request::Open { user, proof } if user == "mrose" && proof.fits("tanstaaf") => {
                if self.locked {
                    return Answer::Maildrop(Err(Refusal::InUse));
                }
                let listed = |(uid, letter): &(u32, Vec<u8>)| Listed {
                    uid: *uid,
                    unique: format!("1.{uid}"),
                    octets: octets(letter),
                };
                Answer::Maildrop(Ok(self.letters.iter().map(listed).collect()))
            }
            Request::Open { proof, .. } => {
                self.proofs.push(proof);
                Answer::Maildrop(Err(Refusal::Credentials))
            }
            Request::Letter { uid } => Answer::Letter(
                self.letters.iter().find(|l| l.0 == uid).map(|l| Message { content: uid, letter: l.1.clone().into() }),
            ),
            Request::Update { deleted } => {
                self.removed = Some(deleted);
                Answer::Removed { failed: self.failed }
            }
        }
    }

    /// What it answers to these bytes.
    fn say(&mut self, text: &str) -> String {
        let before = self.writes.len();
        self.input(Instant::ZERO, Input::Bytes(text.as_bytes()));
        self.writes[before..].concat()
    }

    fn ending(&self) -> Option<Ending> {
        self.events.iter().find_map(|e| match e {
            Event::Ended(how) => Some(*how),
            _ => None,
        })
    }
}

/// RFC 1939 section 10.
const CLIENT: &str =
    "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\nSTAT\r\nLIST\r\nRETR 1\r\nDELE 1\r\nRETR 2\r\nDELE 2\r\nQUIT\r\n";

fn answers() -> String {
    let wire = |letter: &[u8]| {
        let stuffed = String::from_utf8_lossy(letter).replace("\r\n.", "\r\n..");
        format!("{stuffed}.\r\n")
    };
    [
        "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n",
        "+OK mrose's maildrop has 2 messages (320 octets)\r\n",
        "+OK 2 320\r\n",
        "+OK 2 messages (320 octets)\r\n1 120\r\n2 200\r\n.\r\n",
        "+OK 120 octets\r\n",
        &wire(&letter(120)),
        "+OK message 1 deleted\r\n",
        "+OK 200 octets\r\n",
        &wire(&letter(200)),
        "+OK message 2 deleted\r\n",
        "+OK dewey POP3 server signing off (maildrop empty)\r\n",
    ]
    .concat()
}

#[test]
fn the_dialogue_of_the_rfc() {
    let mut wire = Wire::granted(Some(STAMP));
    wire.say(CLIENT);
    assert_eq!(wire.writes.concat(), answers());
    assert_eq!(wire.removed, Some(vec![7, 9]));
    assert!(wire.closed);
    assert_eq!(wire.ending(), Some(Ending::Quit));
}

#[test]
fn cut_at_every_byte_the_dialogue_of_the_rfc_is_the_same() {
    let mut whole = Wire::granted(Some(STAMP));
    whole.say(CLIENT);
    for cut in 0..=CLIENT.len() {
        let mut wire = Wire::granted(Some(STAMP));
        wire.say(&CLIENT[..cut]);
        wire.say(&CLIENT[cut..]);
        assert_eq!(wire.writes.concat(), answers(), "cut at {cut}");
        assert_eq!(wire.events, whole.events, "cut at {cut}");
    }
}

#[test]
fn nothing_is_removed_before_quit() {
    for end in [Input::PeerClosed, Input::Reset] {
        let mut wire = Wire::transaction();
        assert_eq!(wire.say("DELE 1\r\n"), "+OK message 1 deleted\r\n");
        wire.input(Instant::ZERO, end);
        assert_eq!(wire.removed, None);
        assert!(matches!(wire.ending(), Some(Ending::PeerClosed | Ending::Reset)));
        assert_eq!(wire.server.state(), crate::pop3::State::Closed);
    }
}

#[test]
fn a_silent_client_is_sent_away_without_a_word_and_nothing_is_removed() {
    let mut wire = Wire::transaction();
    wire.say("DELE 1\r\n");
    let due = wire.wait.unwrap();
    assert_eq!(due, Instant::ZERO + Duration::from_secs(600));
    let before = wire.writes.len();
    wire.input(due, Input::Timeout);
    assert!(wire.closed);
    assert_eq!((wire.writes.len(), wire.removed.clone(), wire.ending()), (before, None, Some(Ending::Autologout)));
}

#[test]
fn authorization() {
    let mut wire = Wire::granted(None);
    assert_eq!(wire.writes, ["+OK POP3 server ready\r\n"]);
    assert_eq!(
        wire.say("STAT\r\n"),
        "-ERR STAT is not allowed in the AUTHORIZATION state, expected USER or APOP first\r\n"
    );
    assert_eq!(wire.say("PASS x\r\n"), "-ERR PASS: expected USER first\r\n");
    assert_eq!(wire.say("user mrose\r\n"), "+OK send PASS\r\n");
    assert_eq!(wire.say("PASS wrong one\r\n"), "-ERR user name or password not accepted\r\n");
    assert_eq!(wire.say("PASS tanstaaf\r\n"), "-ERR PASS: expected USER first\r\n");
    assert_eq!(
        wire.say("APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n"),
        "-ERR APOP is not offered here, expected USER\r\n"
    );
    assert_eq!(wire.say("STLS\r\n"), "-ERR STLS is not offered here\r\n");
    wire.locked = true;
    wire.say("USER mrose\r\n");
    assert_eq!(wire.say("PASS tanstaaf\r\n"), "-ERR [IN-USE] the maildrop is locked by another session\r\n");
    wire.locked = false;
    wire.say("USER mrose\r\n");
    assert_eq!(wire.say("PASS tanstaaf\r\n"), "+OK mrose's maildrop has 2 messages (320 octets)\r\n");
    assert_eq!(
        wire.say("USER mrose\r\n"),
        "-ERR USER is not allowed in the TRANSACTION state, expected a command on the maildrop, or QUIT\r\n"
    );
    let mut wire = Wire::granted(None);
    assert_eq!(wire.say("QUIT\r\n"), "+OK dewey POP3 server signing off\r\n");
    assert_eq!((wire.removed.clone(), wire.closed), (None, true));
}

#[test]
fn transaction() {
    let mut wire = Wire::transaction();
    assert_eq!(wire.say("LIST 2\r\n"), "+OK 2 200\r\n");
    assert_eq!(wire.say("LIST 3\r\n"), "-ERR no such message, numbers go from 1 to 2\r\n");
    assert_eq!(wire.say("LIST 0\r\n"), "-ERR no such message, numbers go from 1 to 2\r\n");
    assert_eq!(wire.say("LIST +1\r\n"), "-ERR expected a message number\r\n");
    assert_eq!(wire.say("RETR\r\n"), "-ERR RETR: expected one message number\r\n");
    assert_eq!(wire.say("UIDL\r\n"), "+OK unique-id listing follows\r\n1 1.7\r\n2 1.9\r\n.\r\n");
    assert_eq!(wire.say("UIDL 2\r\n"), "+OK 2 1.9\r\n");
    assert_eq!(wire.say("TOP 1 0\r\n"), "+OK top of message follows\r\nSubject: x\r\n\r\n.\r\n");
    assert_eq!(wire.say("TOP 1 1\r\n"), "+OK top of message follows\r\nSubject: x\r\n\r\n..\r\n.\r\n");
    assert_eq!(wire.say("DELE 1\r\n"), "+OK message 1 deleted\r\n");
    assert_eq!(wire.say("DELE 1\r\n"), "-ERR message 1 already deleted\r\n");
    assert_eq!(wire.say("RETR 1\r\n"), "-ERR message 1 already deleted\r\n");
    assert_eq!(wire.say("STAT\r\n"), "+OK 1 200\r\n");
    assert_eq!(wire.say("LIST\r\n"), "+OK 1 message (200 octets)\r\n2 200\r\n.\r\n");
    assert_eq!(wire.say("RSET\r\n"), "+OK maildrop has 2 messages (320 octets)\r\n");
    assert_eq!(wire.say("NOOP\r\n"), "+OK\r\n");
    assert_eq!(wire.say("FOO\r\n"), "-ERR unknown command FOO\r\n");
    assert_eq!(wire.say("DELE 2\r\n"), "+OK message 2 deleted\r\n");
    wire.letters.remove(0);
    assert_eq!(wire.say("RETR 1\r\n"), "-ERR message 1 was removed by another program\r\n");
    assert!(wire.say("CAPA\r\n").starts_with("+OK capability list follows\r\nTOP\r\nUSER\r\n"));
    assert_eq!(wire.say("QUIT\r\n"), "+OK dewey POP3 server signing off (1 message left)\r\n");
    assert_eq!(wire.removed, Some(vec![9]));
}

#[test]
fn a_line_that_is_too_long_is_refused_and_the_next_one_is_read() {
    let mut wire = Wire::transaction();
    let long = format!("LIST {}\r\nNOOP\r\n", "1".repeat(1_000_000));
    assert_eq!(wire.say(&long), "-ERR a command has at most 255 octets\r\n+OK\r\n");
}

fn info() -> crate::engine::TlsInfo {
    crate::engine::TlsInfo { version: "TLS 1.3", suite: String::new(), server_name: None }
}

/// The examples of RFC 2595 section 4, with a server that takes no login in the open.
#[test]
fn stls_as_in_rfc_2595() {
    let mut wire = Wire::with(Config { stls: true, ..Config::default() }, None);
    wire.input(Instant::ZERO, Input::Writable(1 << 30));
    let open =
        "+OK capability list follows\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\nEXPIRE NEVER\r\nSTLS\r\n.\r\n";
    assert_eq!(wire.say("CAPA\r\n"), open);
    for login in ["USER mrose\r\n", "PASS tanstaaf\r\n", "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n"] {
        assert!(wire.say(login).ends_with(": expected STLS first\r\n"), "{login}");
    }
    assert_eq!(wire.say("STLS now\r\n"), "-ERR STLS: expected no argument\r\n");
    // Somebody on the way has put a command behind the client's.
    assert_eq!(wire.say("STLS\r\nQUIT\r\n"), "+OK Begin TLS negotiation\r\n(TLS)");
    assert_eq!(wire.say("QUIT\r\n"), "", "in the open, nothing is read any more");
    wire.input(Instant::ZERO, Input::Secured(info()));
    assert_eq!(wire.server.state(), crate::pop3::State::Authorization);
    let sealed =
        "+OK capability list follows\r\nTOP\r\nUSER\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\nEXPIRE NEVER\r\n.\r\n";
    assert_eq!(wire.say("CAPA\r\n"), sealed);
    assert_eq!(wire.say("STLS\r\n"), "-ERR Command not permitted when TLS active\r\n");
    wire.say("USER mrose\r\n");
    assert_eq!(wire.say("PASS tanstaaf\r\n"), "+OK mrose's maildrop has 2 messages (320 octets)\r\n");
    assert!(wire.say("STLS\r\n").starts_with("-ERR STLS is not allowed in the TRANSACTION state"));
}

#[test]
fn stls_cut_anywhere_is_the_same_and_without_an_agreement_the_session_ends() {
    let text = "CAPA\r\nSTLS\r\n";
    let config = Config { stls: true, ..Config::default() };
    for cut in 0..=text.len() {
        let mut wire = Wire::with(config.clone(), Some(STAMP));
        wire.input(Instant::ZERO, Input::Writable(1 << 30));
        wire.say(&text[..cut]);
        wire.say(&text[cut..]);
        assert!(wire.writes.concat().ends_with("STLS\r\n.\r\n+OK Begin TLS negotiation\r\n(TLS)"), "cut at {cut}");
        wire.input(Instant::ZERO, Input::NotSecured("no common cipher".into()));
        assert_eq!(wire.ending(), Some(Ending::NotSecured), "cut at {cut}");
    }
}

#[test]
fn a_client_that_floods_while_it_does_not_read_is_cut_off() {
    let mut wire = Wire::new(None);
    for _ in 0..100_000 {
        wire.input(Instant::ZERO, Input::Bytes(b"CAPA\r\n"));
    }
    assert!(wire.aborted);
    assert_eq!(wire.ending(), Some(Ending::Flooded));
}

/// Pieces from which dialogues are put together: more of them are nearly right than random bytes ever are.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "USER mrose\r\n",
        "PASS tanstaaf\r\n",
        "STAT\r\n",
        "LIST",
        "RETR 1\r\n",
        "DELE 2\r\n",
        "NOOP\r\n",
        "RSET\r\n",
        "TOP 1 1\r\n",
        "UIDL\r\n",
        "CAPA\r\n",
        "QUIT\r\n",
        "APOP a b\r\n",
        "STLS\r\n",
        " ",
        "1",
        "99999999999",
        "-1",
        "\r\n",
        "\n",
        "\r",
        "\0",
        "retr ",
        "XXXX",
        ".",
        ".\r\n",
    ];
    prop_oneof![
        20 => prop::sample::select(words.to_vec()).prop_map(|w| w.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
        1 => Just(vec![b'x'; 300]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic_and_no_cut_changes_its_answers(
        pieces in prop::collection::vec(piece(), 0..60),
        cut in 1usize..20,
    ) {
        let mut text = b"USER mrose\r\nPASS tanstaaf\r\n".to_vec();
        pieces.iter().for_each(|p| text.extend_from_slice(p));
        let run = |cut: usize, grant: usize| {
            let mut wire = Wire::new(None);
            wire.input(Instant::ZERO, Input::Writable(grant));
            for bytes in text.chunks(cut) {
                wire.input(Instant::ZERO, Input::Bytes(bytes));
                wire.input(Instant::ZERO, Input::Writable(grant));
            }
            for _ in 0..100_000 / grant {
                wire.input(Instant::ZERO, Input::Writable(grant));
            }
            wire
        };
        let (whole, cut) = (run(usize::MAX, 1 << 40), run(cut, 1000));
        prop_assert_eq!(whole.writes.concat(), cut.writes.concat());
        prop_assert_eq!(&whole.events, &cut.events);
        prop_assert_eq!(&whole.removed, &cut.removed);
        let sent: String = whole.writes.concat();
        for event in &whole.events {
            if let Event::Line(line) = event && line.way == Way::Sent {
                let bytes = sent.as_bytes().get(line.range.start as usize..line.range.end as usize).unwrap();
                let told = format!("{}\r\n", line.text.replace('\n', "\r\n"));
                prop_assert_eq!(bytes, told.as_bytes());
            }
        }
    }
}
