//! The client against what servers say: the RFC's dialogue, refusals, rubbish.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::engine::{Engine, Input, Output, TlsInfo, TlsPolicy};
use crate::time::Instant;

struct Wire {
    client: Client,
    writes: Vec<String>,
    events: Vec<Event>,
    closed: bool,
    aborted: bool,
    wait: Option<Instant>,
}

fn login() -> ClientCommand {
    ClientCommand::Login { user: "mrose".into(), password: "tanstaaf".into() }
}

impl Wire {
    fn new(commands: Vec<ClientCommand>) -> Self {
        Wire::with(TlsPolicy::Never, commands)
    }

    fn with(tls: TlsPolicy, commands: Vec<ClientCommand>) -> Self {
        let client = Client::new(Arc::new(Config { tls, ..Config::default() }), commands);
        let mut wire =
            Wire { client, writes: Vec::new(), events: Vec::new(), closed: false, aborted: false, wait: None };
        wire.input(Input::Connected);
        wire.input(Input::Writable(1 << 30));
        wire
    }

    fn input(&mut self, input: Input<'_, Never>) {
        self.input_at(Instant::ZERO, input);
    }

    fn input_at(&mut self, now: Instant, input: Input<'_, Never>) {
        self.client.handle_input(now, input);
        loop {
            match self.client.poll_output() {
                Output::TransmitPart(_) => panic!("only letters in SMTP are lent"),
                Output::Transmit(bytes) => self.writes.push(String::from_utf8(bytes).unwrap()),
                Output::Close => self.closed = true,
                Output::Abort => self.aborted = true,
                Output::StartTls => self.writes.push("(TLS)".to_string()),
                Output::Event(event) => self.events.push(event),
                Output::Ask(_, never) => match never {},
                Output::Wait(wait) => {
                    self.wait = wait;
                    return;
                }
            }
        }
    }

    /// What it says when it hears this.
    fn hear(&mut self, text: &str) -> String {
        let before = self.writes.len();
        self.input(Input::Bytes(text.as_bytes()));
        self.writes[before..].concat()
    }

    fn letters(&self) -> Vec<(u32, Option<&str>, &str)> {
        let letter = |e| match e {
            &Event::Letter { number, ref unique, ref bytes, .. } => {
                Some((number, unique.as_deref(), std::str::from_utf8(bytes).unwrap()))
            }
            _ => None,
        };
        self.events.iter().filter_map(letter).collect()
    }

    fn ending(&self) -> Option<Ending> {
        self.events.iter().find_map(|e| match e {
            Event::Ended(how) => Some(*how),
            _ => None,
        })
    }
}

#[test]
fn the_dialogue_of_the_rfc() {
    let mut wire = Wire::new(vec![login(), ClientCommand::Stat, ClientCommand::FetchAndDelete, ClientCommand::Quit]);
    assert_eq!(
        wire.hear("+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n"),
        "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n"
    );
    assert_eq!(wire.hear("+OK mrose's maildrop has 2 messages (320 octets)\r\n"), "STAT\r\n");
    assert_eq!(wire.hear("+OK 2 320\r\n"), "LIST\r\n");
    assert_eq!(wire.hear("+OK 2 messages (320 octets)\r\n1 120\r\n2 200\r\n.\r\n"), "RETR 1\r\n");
    assert_eq!(wire.hear("+OK 120 octets\r\n..a\r\n"), "");
    assert_eq!(wire.hear("b\r\n.\r\n"), "DELE 1\r\n");
    assert_eq!(wire.hear("+OK message 1 deleted\r\n"), "RETR 2\r\n");
    assert_eq!(wire.hear("+OK 200 octets\r\n.\r\n"), "DELE 2\r\n");
    assert_eq!(wire.hear("+OK message 2 deleted\r\n"), "QUIT\r\n");
    assert_eq!(wire.client.state(), crate::pop3::State::Update);
    assert_eq!(wire.hear("+OK dewey POP3 server signing off (maildrop empty)\r\n"), "");
    assert!(wire.closed);
    assert_eq!(wire.letters(), [(1, None, ".a\r\nb\r\n"), (2, None, "")]);
    assert_eq!(wire.ending(), Some(Ending::Quit));
}

#[test]
fn what_is_known_is_left_where_it_is() {
    let known = Arc::new(BTreeSet::from(["1.7".to_string()]));
    let mut wire = Wire::new(vec![login(), ClientCommand::FetchNew { known }, ClientCommand::Quit]);
    assert_eq!(wire.hear("+OK ready\r\n"), "USER mrose\r\n");
    assert_eq!(wire.hear("+OK send PASS\r\n"), "PASS tanstaaf\r\n");
    assert_eq!(wire.hear("+OK\r\n"), "UIDL\r\n");
    assert_eq!(wire.hear("+OK\r\n1 1.7\r\n2 1.9\r\n.\r\n"), "RETR 2\r\n");
    assert_eq!(wire.hear("+OK\r\nnew\r\n.\r\n"), "QUIT\r\n");
    assert_eq!(wire.letters(), [(2, Some("1.9"), "new\r\n")]);
}

#[test]
fn cut_at_every_byte_the_dialogue_of_the_rfc_is_the_same() {
    let text = "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n+OK mrose's maildrop has 2 messages (320 octets)\r\n\
                +OK 2 320\r\n+OK 2 messages (320 octets)\r\n1 120\r\n2 200\r\n.\r\n+OK 120 octets\r\n..a\r\nb\r\n.\r\n\
                +OK message 1 deleted\r\n+OK 200 octets\r\n.\r\n+OK message 2 deleted\r\n\
                +OK dewey POP3 server signing off (maildrop empty)\r\n";
    let heard = |cut: usize| {
        let commands = vec![login(), ClientCommand::Stat, ClientCommand::FetchAndDelete, ClientCommand::Quit];
        let mut wire = Wire::new(commands);
        wire.hear(&text[..cut]);
        wire.hear(&text[cut..]);
        (wire.writes.concat(), wire.events, wire.closed)
    };
    let whole = heard(text.len());
    assert!(whole.2 && whole.0.ends_with("RETR 2\r\nDELE 2\r\nQUIT\r\n"), "{}", whole.0);
    for cut in 0..text.len() {
        assert!(heard(cut) == whole, "cut at {cut}");
    }
}

#[test]
fn two_letters_of_one_unique_id_are_both_fetched() {
    let mut wire = Wire::new(vec![login(), ClientCommand::FetchNew { known: Arc::default() }, ClientCommand::Quit]);
    wire.hear("+OK\r\n+OK\r\n+OK\r\n");
    assert_eq!(wire.hear("+OK\r\n1 same\r\n2 same\r\n.\r\n"), "RETR 1\r\n");
    assert_eq!(wire.hear("+OK\r\nx\r\n.\r\n"), "RETR 2\r\n");
    wire.hear("+OK\r\nx\r\n.\r\n");
    assert_eq!(wire.letters(), [(1, Some("same"), "x\r\n"), (2, Some("same"), "x\r\n")]);
}

#[test]
fn what_was_not_fetched_is_not_deleted() {
    let mut wire = Wire::new(vec![login(), ClientCommand::FetchAndDelete, ClientCommand::Quit]);
    wire.hear("+OK\r\n+OK\r\n+OK\r\n+OK\r\n1 5\r\n2 5\r\n.\r\n");
    assert_eq!(wire.writes.last().unwrap(), "RETR 1\r\n");
    assert_eq!(wire.hear("-ERR it is gone\r\n"), "RETR 2\r\n");
    assert_eq!(wire.hear("+OK\r\nx\r\n.\r\n"), "DELE 2\r\n");
}

#[test]
fn after_a_login_that_failed_it_only_says_quit() {
    let mut wire = Wire::new(vec![login(), ClientCommand::FetchAndDelete, ClientCommand::Quit]);
    wire.hear("+OK\r\n+OK\r\n");
    assert_eq!(wire.hear("-ERR [IN-USE] locked\r\n"), "QUIT\r\n");
    assert!(wire.events.contains(&Event::Skipped(ClientCommand::FetchAndDelete)));
}

fn info() -> TlsInfo {
    TlsInfo { version: "TLS 1.3", suite: String::new(), server_name: None }
}

/// RFC 2595 section 4: what came in the open, the timestamp of the greeting too, is forgotten.
#[test]
fn it_goes_over_to_tls_and_asks_again_before_it_logs_in() {
    let mut wire = Wire::with(TlsPolicy::Required, vec![login(), ClientCommand::Quit]);
    assert_eq!(wire.hear("+OK ready <1896.697170952@dbc.mtview.ca.us>\r\n"), "CAPA\r\n");
    assert_eq!(wire.hear("+OK\r\nTOP\r\nSTLS\r\n.\r\n"), "STLS\r\n");
    assert_eq!(wire.hear("+OK Begin TLS negotiation\r\n+OK somebody else's\r\n"), "(TLS)");
    assert_eq!(wire.hear("+OK not sealed\r\n"), "");
    wire.input(Input::Secured(info()));
    assert_eq!(wire.writes.last().unwrap(), "CAPA\r\n");
    assert_eq!(wire.hear("+OK\r\nTOP\r\nUSER\r\n.\r\n"), "USER mrose\r\n");
    assert_eq!(wire.hear("+OK\r\n"), "PASS tanstaaf\r\n");
    assert_eq!(wire.hear("+OK\r\n"), "QUIT\r\n");
}

#[test]
fn a_digest_goes_out_where_tls_began_with_the_connection() {
    let mut wire = Wire::with(TlsPolicy::Never, vec![login()]);
    wire.input(Input::Secured(info()));
    assert!(wire.hear("+OK ready <1896.697170952@dbc.mtview.ca.us>\r\n").starts_with("APOP mrose "));
}

#[test]
fn without_stls_only_a_client_that_requires_it_gives_up() {
    let commands = || vec![login(), ClientCommand::Stat];
    for capa in ["-ERR what?\r\n", "+OK\r\nUSER\r\n.\r\n", "+OK\r\nSTLS\r\n.\r\n-ERR not now\r\n"] {
        let mut wire = Wire::with(TlsPolicy::IfOffered, commands());
        wire.hear("+OK ready\r\n");
        assert!(wire.hear(capa).ends_with("USER mrose\r\n"), "{capa}");
        let mut wire = Wire::with(TlsPolicy::Required, commands());
        wire.hear("+OK ready\r\n");
        assert!(wire.hear(capa).ends_with("QUIT\r\n"), "{capa}");
        assert!(wire.events.contains(&Event::Skipped(ClientCommand::Stat)));
        assert!(wire.events.iter().any(|e| matches!(e, Event::Unexpected(_))));
    }
    let mut wire = Wire::with(TlsPolicy::IfOffered, commands());
    wire.hear("+OK ready\r\n+OK\r\nSTLS\r\n.\r\n");
    wire.hear("+OK\r\n");
    wire.input(Input::NotSecured("the certificate is for mail.c.example".into()));
    assert_eq!((wire.ending(), wire.aborted), (Some(Ending::NotSecured), true));
}

#[test]
fn a_server_that_speaks_something_else_is_given_up() {
    let mut wire = Wire::new(vec![login()]);
    wire.hear("220 mail.a.example ready\r\n");
    assert!(wire.aborted);
    assert_eq!(wire.ending(), Some(Ending::Unreadable));
    let mut wire = Wire::new(vec![login()]);
    wire.hear(&"x".repeat(1_000_000));
    wire.hear("\r\n");
    assert_eq!(wire.ending(), Some(Ending::Unreadable));
    let mut wire = Wire::new(vec![login()]);
    let due = wire.wait.unwrap();
    wire.input_at(due, Input::Timeout);
    assert_eq!(wire.ending(), Some(Ending::Timeout));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic_and_no_cut_changes_what_it_says(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "+OK\r\n", "+OK <a@b>\r\n", "-ERR no\r\n", "1 5\r\n", "2 x\r\n", ".\r\n", "..\r\n", ".", "\r\n", "\n", "x",
            "+OK 5 octets\r\n", "99999999999 1\r\n", "\0", "+ok\r\n",
        ]), 0..40),
        cut in 1usize..9,
        delete in any::<bool>(),
    ) {
        let fetch = match delete {
            true => ClientCommand::FetchAndDelete,
            false => ClientCommand::FetchNew { known: Arc::default() },
        };
        let text = format!("+OK\r\n{}", pieces.concat());
        let run = |cut: usize| {
            let mut wire = Wire::new(vec![login(), ClientCommand::Stat, fetch.clone(), ClientCommand::Quit]);
            text.as_bytes().chunks(cut).for_each(|bytes| wire.input(Input::Bytes(bytes)));
            wire.input(Input::PeerClosed);
            wire
        };
        let (whole, cut) = (run(usize::MAX), run(cut));
        prop_assert_eq!(whole.letters(), cut.letters());
        prop_assert_eq!(whole.ending(), cut.ending());
        prop_assert_eq!(whole.writes.concat(), cut.writes.concat());
    }
}
