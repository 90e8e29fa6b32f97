mod checks;

use proptest::prelude::*;

use super::*;
use crate::engine::SpanMap;
use crate::mail::config::{EightBit, MailingList, StoredMail, User};
use crate::mail::mta::SessionId;
use crate::mail::{ContentId, Event, Left};
use crate::message::{Fate, header_count};
use crate::smtp::client::{Failure, FailureCause, Missing, Outcome};
use crate::smtp::options::{Body, Notify, Ret, Wish};
use crate::smtp::{Options, ReversePath};

const ALICE_PC: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
const MALLORY: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 66);

fn user(name: &str) -> User {
    User { name: name.into(), password: "secret".into(), ..User::default() }
}

fn cfg() -> MailServer {
    MailServer {
        domains: vec!["a.example".into()],
        users: vec![user("alice"), user("anna")],
        aliases: [("office", "team"), ("team", "anna"), ("x", "y"), ("y", "x")]
            .map(|(a, b)| (a.into(), b.into()))
            .into(),
        relay_for: vec![(Ipv4Addr::new(192, 0, 2, 0), 25)],
        ..MailServer::default()
    }
}

struct Desk {
    system: MailSystem,
    now: Instant,
    ids: u32,
}

impl Desk {
    fn with(cfg: MailServer, records: bool) -> Self {
        let mut ids = 100;
        let identity = Identity {
            host: "mail.a.example".into(),
            address: Ipv4Addr::new(192, 0, 2, 25),
            calendar: Calendar::default(),
            seed: Seed::new(1).child("mail.a"),
            records,
        };
        let system = MailSystem::new(Arc::new(cfg), identity, &mut ids);
        Desk { system, now: Instant::from_millis(65), ids }
    }

    fn new() -> Self {
        Desk::with(cfg(), true)
    }

    fn ask(&mut self, from: Ipv4Addr, request: Request) -> Answer {
        let peer = Peer { conn: ConnId(4), address: from, name: None };
        self.system.answer(self.now, &mut self.ids, peer, RequestId(0), request).expect("nothing is checked")
    }

    fn recipient(&mut self, from: Ipv4Addr, to: &str) -> Result<(), String> {
        let request =
            Request::Recipient { from: ReversePath::Null, to: address(to), peer_name: "x.example".into(), user: None };
        let Answer::Recipient(answer) = self.ask(from, request) else { panic!("not an answer to RCPT") };
        answer.map_err(|reply| reply.to_string())
    }

    fn verify(&mut self, text: &str) -> String {
        let Answer::Verify(reply) = self.ask(ALICE_PC, Request::Verify { text: text.into() }) else { panic!() };
        reply.to_string()
    }

    fn deliver(&mut self, from: &str, to: &[&str], letter: &[u8]) -> String {
        let mut map = SpanMap::new();
        map.push(0, letter.len() as u64, 200);
        let request = Request::Deliver {
            envelope: envelope(from, to),
            letter: letter.into(),
            map,
            protocol: "ESMTP",
            peer_name: "alice-pc.a.example".into(),
        };
        let Answer::Deliver(reply) = self.ask(ALICE_PC, request) else { panic!("not an answer to the end of data") };
        reply.to_string()
    }

    fn poll(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.system.poll(self.now, &mut self.ids)).collect()
    }

    fn events(&mut self) -> Vec<Event> {
        let event = |output| if let Output::Event(event) = output { Some(event) } else { None };
        self.poll().into_iter().filter_map(event).collect()
    }

    /// Lets the time go on until the first mail is tried, and there is a connection.
    fn connect(&mut self) -> SessionId {
        self.now = self.system.mta().wait().expect("a mail waits");
        self.system.mta_mut().handle_timeout(self.now);
        let ticket = self.poll().into_iter().find_map(|o| match o {
            Output::Resolve { ticket, .. } => Some(ticket),
            _ => None,
        });
        let address = Ipv4Addr::new(198, 51, 100, 25);
        let target = super::super::routing::Target { host: "mx".into(), address, port: 25, preference: 0 };
        self.system.mta_mut().resolved(self.now, ticket.expect("a question"), Ok(vec![target]));
        let session = self.poll().into_iter().find_map(|o| match o {
            Output::Connect { session, .. } => Some(session),
            _ => None,
        });
        session.expect("a connection")
    }

    /// Lets the time go on until the first mail is tried, and the server of its domain says this to each RCPT.
    fn attempt(&mut self, code: u16) -> Vec<Event> {
        self.now = self.system.mta().wait().expect("a mail waits");
        self.system.mta_mut().handle_timeout(self.now);
        let ticket = self.poll().into_iter().find_map(|o| match o {
            Output::Resolve { ticket, .. } => Some(ticket),
            _ => None,
        });
        let target = super::super::routing::Target {
            host: "mx".into(),
            address: Ipv4Addr::new(198, 51, 100, 25),
            port: 25,
            preference: 0,
        };
        self.system.mta_mut().resolved(self.now, ticket.expect("a question"), Ok(vec![target]));
        let connect = self.poll().into_iter().find_map(|o| match o {
            Output::Connect { session, envelope, .. } => Some((session, envelope)),
            _ => None,
        });
        let (session, envelope) = connect.expect("a connection");
        let recipients = envelope.to.iter().map(|to| (to.clone(), Reply::new(code, "so"))).collect();
        let end = (code == 250).then(|| Reply::new(250, "OK"));
        let outcome = Outcome { envelope, recipients, end, failure: None, carries_wishes: false };
        self.system.mta_mut().outcome(self.now, session, &outcome);
        self.system.mta_mut().idle(self.now, session);
        self.events()
    }

    fn inbox(&self, user: &str) -> Vec<String> {
        let letters = self.system.store().messages(user, "INBOX").iter();
        letters.map(|s| String::from_utf8_lossy(&s.letter.bytes).into_owned()).collect()
    }
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn envelope(from: &str, to: &[&str]) -> Envelope {
    let from = if from.is_empty() { ReversePath::Null } else { ReversePath::Address(address(from)) };
    Envelope::new(from, to.iter().map(|a| address(a)).collect())
}

const LETTER: &[u8] = b"Message-ID: <1.x@alice-pc.a.example>\r\nSubject: hi\r\n\r\nhello\r\n";

#[test]
fn users_aliases_and_the_postmaster_get_mail_from_everywhere() {
    let mut d = Desk::new();
    for to in ["alice@a.example", "ALICE@a.example", "office@a.example", "\"anna\"@a.example"] {
        assert_eq!(d.recipient(MALLORY, to), Ok(()), "{to}");
    }
    for to in ["postmaster@a.example", "Postmaster@mail.a.example", "postmaster@[192.0.2.25]"] {
        assert_eq!(d.recipient(MALLORY, to), Ok(()), "{to}");
    }
    for to in ["nobody@a.example", "x@a.example", "alice@mail.a.example"] {
        assert_eq!(d.recipient(MALLORY, to), Err("550 5.1.1 no such user here".into()), "{to}");
    }
}

#[test]
fn foreign_mail_is_relayed_for_ones_own_hosts_only() {
    let mut d = Desk::new();
    assert_eq!(d.recipient(ALICE_PC, "bob@b.example"), Ok(()));
    assert_eq!(d.recipient(MALLORY, "bob@b.example"), Err("550 5.7.1 relaying denied".into()));
    assert_eq!(d.recipient(Ipv4Addr::new(192, 0, 2, 153), "bob@b.example"), Err("550 5.7.1 relaying denied".into()));
    let mut open = Desk::with(MailServer { relay_for: vec![(Ipv4Addr::UNSPECIFIED, 0)], ..cfg() }, true);
    assert_eq!(open.recipient(MALLORY, "bob@b.example"), Ok(()));
    let mut one = Desk::with(MailServer { relay_for: vec![(MALLORY, 32)], ..cfg() }, true);
    assert_eq!(one.recipient(MALLORY, "bob@b.example"), Ok(()));
    one.recipient(Ipv4Addr::new(203, 0, 113, 67), "bob@b.example").unwrap_err();
}

#[test]
fn a_backup_takes_mail_for_its_domains_and_an_open_relay_for_all() {
    let mut backup = Desk::with(MailServer { backup_for: vec!["B.example".into()], ..cfg() }, true);
    assert_eq!(backup.recipient(MALLORY, "bob@b.example"), Ok(()));
    assert_eq!(backup.recipient(MALLORY, "dave@c.example"), Err("550 5.7.1 relaying denied".into()));
    assert_eq!(backup.recipient(MALLORY, "zoe@a.example"), Err("550 5.1.1 no such user here".into()));
    let mut open = Desk::with(MailServer { open_relay: true, ..cfg() }, true);
    assert_eq!(open.recipient(MALLORY, "dave@c.example"), Ok(()));
    assert_eq!(open.recipient(MALLORY, "zoe@a.example"), Err("550 5.1.1 no such user here".into()));
}

#[test]
fn a_list_is_expanded_for_whoever_asks_and_has_addresses_of_its_own() {
    let list = MailingList {
        name: "Course".into(),
        members: vec![address("bob@b.example"), address("anna@a.example")],
        owner: "alice".into(),
        footer: None,
    };
    let mut d = Desk::with(MailServer { lists: vec![list], ..cfg() }, true);
    assert_eq!(d.verify("course"), "250 2.1.5 <Course@a.example>");
    let expand = |d: &mut Desk, text: &str| match d.ask(ALICE_PC, Request::Expand { text: text.into() }) {
        Answer::Expand(reply) => (reply.code, reply.lines),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        expand(&mut d, "<course@a.example>"),
        (250, vec!["2.1.5 <bob@b.example>".into(), "2.1.5 <anna@a.example>".into()])
    );
    assert_eq!(expand(&mut d, "nobody").0, 550);
    for own in ["course@a.example", "owner-course@a.example", "course-request@a.example"] {
        assert_eq!(d.recipient(MALLORY, own), Ok(()), "{own}");
    }
    assert!(d.deliver("", &["owner-course@a.example"], LETTER).starts_with("250 "));
    assert_eq!(d.inbox("alice").len(), 1);
    // A member here and one elsewhere: a mailbox and the queue, in the list's name.
    assert!(d.deliver("zoe@b.example", &["course@a.example"], LETTER).starts_with("250 "));
    assert_eq!(d.inbox("anna").len(), 1);
    let entry = d.system.mta().queue().entries().next().unwrap();
    assert_eq!(entry.envelope.from.to_string(), "<owner-Course@a.example>");
}

#[test]
fn a_name_can_be_verified() {
    let mut d = Desk::new();
    assert_eq!(d.verify("Alice"), "250 2.1.5 <alice@a.example>");
    assert_eq!(d.verify("<office@a.example>"), "250 2.1.5 <anna@a.example>");
    assert_eq!(d.verify("nobody"), "550 5.1.1 no such user here");
    assert_eq!(d.verify("bob@b.example"), "252 2.5.0 not a user here");
    assert_eq!(d.verify(""), "550 5.1.1 no such user here");
}

#[test]
fn a_mail_for_a_user_here_gets_a_received_line_and_on_top_its_return_path() {
    let mut d = Desk::new();
    assert_eq!(d.deliver("bob@b.example", &["alice@a.example"], LETTER), "250 2.0.0 OK: queued as 000001");
    let expected = "Return-Path: <bob@b.example>\r\n\
         Received: from alice-pc.a.example ([192.0.2.10])\r\n\
         \tby mail.a.example with ESMTP id 000001\r\n\
         \tfor <alice@a.example>;\r\n\
         \tMon, 3 Mar 2025 09:00:00 +0000\r\n"
        .to_owned()
        + std::str::from_utf8(LETTER).unwrap();
    assert_eq!(d.inbox("alice"), [expected]);
    assert!(d.system.mta().queue().is_empty());
}

/// A Bcc must not be seen by the others, so nobody is named when there are two.
#[test]
fn recipients_here_and_elsewhere_are_served_in_one_transaction_before_the_250() {
    let mut d = Desk::new();
    let to =
        ["bob@b.example", "alice@a.example", "carol@b.example", "dave@c.example", "office@a.example", "anna@a.example"];
    assert_eq!(d.deliver("alice@a.example", &to, LETTER), "250 2.0.0 OK: queued as 000001");
    // Nothing has been polled: mailboxes and queue hold it already.
    assert_eq!((d.inbox("alice").len(), d.inbox("anna").len()), (1, 1));
    assert!(d.inbox("anna")[0].contains("id 000001;\r\n\tMon, 3 Mar"), "{}", d.inbox("anna")[0]);
    let queued: Vec<String> =
        d.system.mta().queue().entries().map(|e| format!("{} {} {}", e.domain(), e.envelope.to.len(), e.due)).collect();
    assert_eq!(queued, ["b.example 2 1.065 s", "c.example 1 1.065 s"]);
    for entry in d.system.mta().queue().entries() {
        let text = String::from_utf8_lossy(&entry.letter.bytes);
        assert!(text.starts_with("Received: from alice-pc.a.example"), "{text}");
        assert!(!text.contains("dave") && !text.contains("Return-Path"), "{text}");
    }
}

#[test]
fn every_version_of_a_letter_says_from_which_one_it_was_made() {
    let mut d = Desk::new();
    d.deliver("alice@a.example", &["alice@a.example", "bob@b.example"], LETTER);
    let events = d.events();
    let [
        Event::Accepted { received, letter, .. },
        Event::MailboxStore { letter: stored, .. },
        Event::QueueEnter { letter: queued, .. },
    ] = &events[..]
    else {
        panic!("{events:#?}")
    };
    assert_eq!((received.content, letter.content, stored.content), (ContentId(100), ContentId(101), ContentId(102)));
    assert_eq!(queued, letter);
    let Made::Received(ConnId(4), map) = &received.made else { panic!("{received:?}") };
    assert_eq!(map.source_of(5), Some(205));
    for version in [received, letter, stored] {
        assert_eq!(&*version.message_id, "1.x@alice-pc.a.example");
    }
    for (old, new) in [(received, letter), (letter, stored)] {
        let Made::Prepended(from, map) = &new.made else { panic!("{new:?}") };
        assert_eq!(*from, old.content);
        let front = new.bytes.len() - old.bytes.len();
        assert_eq!(map.source_of(front as u64), Some(0));
        assert_eq!(map.source_of(front as u64 - 1), None);
        assert_eq!(&new.bytes[front..], &*old.bytes);
    }
}

#[test]
fn a_name_that_was_looked_up_stands_beside_the_address_and_a_false_one_is_left_out() {
    let mut d = Desk::new();
    let mut line = |peer_name: &str, name| {
        let peer = Peer { conn: ConnId(0), address: MALLORY, name };
        let (letter, map, peer_name) = (LETTER.into(), SpanMap::new(), peer_name.to_owned());
        let request =
            Request::Deliver { envelope: envelope("", &["alice@a.example"]), letter, map, protocol: "SMTP", peer_name };
        d.system.answer(d.now, &mut d.ids, peer, RequestId(0), request);
        let text = d.inbox("alice").pop().unwrap();
        text.lines().nth(1).unwrap().to_owned()
    };
    assert_eq!(line("host.example", None), "Received: from host.example ([203.0.113.66])");
    let known = Some("host.evil.example");
    assert_eq!(line("mail.b.example", known), "Received: from mail.b.example (host.evil.example [203.0.113.66])");
    assert_eq!(line("x) (y\r\nFrom: z", None), "Received: from [203.0.113.66] ([203.0.113.66])");
    assert_eq!(line("", None), "Received: from [203.0.113.66] ([203.0.113.66])");
}

#[test]
fn a_mail_that_goes_in_a_circle_is_refused() {
    let mut d = Desk::new();
    let with =
        |n: usize| ["Received: from x by y; z\r\n".repeat(n).as_bytes(), b"RECEIVED-SPF: no\r\n", LETTER].concat();
    assert!(d.deliver("", &["alice@a.example"], &with(100)).starts_with("250 "));
    assert_eq!(d.deliver("", &["alice@a.example"], &with(101)), "554 5.4.6 too many hops, this mail goes in a circle");
    assert_eq!(d.inbox("alice").len(), 1);
    // Only the header counts.
    let body = [LETTER, "Received: x\r\n".repeat(200).as_bytes()].concat();
    assert!(d.deliver("", &["alice@a.example"], &body).starts_with("250 "));
}

/// The server that holds the mail writes the bounce, and puts it into its own user's mailbox without a connection.
#[test]
fn a_refused_mail_comes_back_to_the_mailbox_of_its_sender() {
    let mut d = Desk::new();
    d.deliver("alice@a.example", &["zoe@b.example"], LETTER);
    d.events();
    let events = d.attempt(550);
    let [
        Event::DsnCreate { about, to, fate: Fate::Failed, failed, letter },
        Event::MailboxStore { user, letter: stored, .. },
        Event::QueueLeave { left, .. },
    ] = &events[..]
    else {
        panic!("{events:#?}")
    };
    assert_eq!(
        (&**about, to, &failed[..]),
        ("1.x@alice-pc.a.example", &address("alice@a.example"), &[address("zoe@b.example")][..])
    );
    assert_eq!((user.as_str(), *left), ("alice", Left::Bounced));
    assert_eq!(letter.made, Made::Written);
    assert!(letter.message_id.ends_with("@mail.a.example"));
    let text = String::from_utf8_lossy(&stored.bytes);
    assert!(text.starts_with("Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mail.a.example>"), "{text}");
    assert!(text.contains("Final-Recipient: rfc822; zoe@b.example") && text.contains("550 so"), "{text}");
    assert_eq!(header_count(&stored.bytes, "Return-Path"), 1);
    assert_eq!(d.system.counters(), Counters { accepted: 1, stored: 1, bounces: 1 });
    assert!(d.system.mta().queue().is_empty());
}

/// A bounce for a sender elsewhere is queued like any mail; refused there, it is the end (RFC 5321 section 6.1).
#[test]
fn a_bounce_that_is_refused_is_not_bounced() {
    let mut d = Desk::new();
    d.deliver("nosuch@c.example", &["zoe@b.example"], LETTER);
    d.events();
    let events = d.attempt(550);
    let [
        Event::DsnCreate { .. },
        Event::QueueEnter { envelope, due, .. },
        Event::QueueLeave { left: Left::Bounced, .. },
    ] = &events[..]
    else {
        panic!("{events:#?}")
    };
    assert_eq!((envelope.from.clone(), envelope.to[0].to_string().as_str()), (ReversePath::Null, "nosuch@c.example"));
    assert_eq!(due.since(d.now), cfg().pickup_delay);
    let events = d.attempt(550);
    assert!(matches!(&events[..], [Event::QueueLeave { left: Left::Discarded, .. }]), "{events:#?}");
    assert!(d.system.mta().queue().is_empty());
}

#[test]
fn a_bounce_for_somebody_who_does_not_exist_here_is_seen_to_go() {
    let mut d = Desk::new();
    d.deliver("nosuch@a.example", &["zoe@b.example"], LETTER);
    d.events();
    let events = d.attempt(550);
    let [
        Event::DsnCreate { .. },
        Event::QueueEnter { entry, .. },
        Event::QueueLeave { entry: same, left: Left::Discarded, .. },
        Event::QueueLeave { left: Left::Bounced, .. },
    ] = &events[..]
    else {
        panic!("{events:#?}")
    };
    assert_eq!(entry, same);
}

#[test]
fn a_delivered_mail_leaves_no_bounce() {
    let mut d = Desk::new();
    d.deliver("alice@a.example", &["bob@b.example"], LETTER);
    d.events();
    let events = d.attempt(250);
    assert!(matches!(&events[..], [Event::QueueLeave { left: Left::Delivered, .. }]), "{events:#?}");
    assert!(d.inbox("alice").is_empty());
}

#[test]
fn no_two_bounces_have_the_same_message_id_and_every_run_gives_the_same() {
    let run = || {
        let mut d = Desk::new();
        let mut names = Vec::new();
        for _ in 0..2 {
            d.deliver("alice@a.example", &["zoe@b.example"], LETTER);
            d.events();
            names.extend(d.attempt(550).into_iter().filter_map(|e| match e {
                Event::DsnCreate { letter, .. } => Some(letter),
                _ => None,
            }));
        }
        names
    };
    let letters = run();
    assert_ne!(letters[0].message_id, letters[1].message_id);
    assert_eq!(letters, run());
}

#[test]
fn a_mail_in_the_queue_from_the_start_is_due_when_it_is_said_to_be() {
    let mut d = Desk::new();
    let draft = Draft {
        from: "alice@a.example".into(),
        to: vec!["bob@b.example".into(), "anna@a.example".into()],
        text: "hello".into(),
        ..Draft::default()
    };
    let due = Instant::from_secs(5);
    d.system.queue_draft(d.now, &mut d.ids, &draft, None, due).unwrap();
    let entries: Vec<_> = d.system.mta().queue().entries().cloned().collect();
    assert_eq!((entries.len(), entries[0].due), (1, due));
    assert!(matches!(entries[0].letter.made, Made::Composed(_)), "it can be followed back to what was typed");
    assert_eq!(d.inbox("anna").len(), 1);
    let bad = Draft { to: vec!["bob".into()], ..draft.clone() };
    d.system.queue_draft(d.now, &mut d.ids, &bad, None, due).unwrap_err();
    d.system.queue_draft(d.now, &mut d.ids, &bad, Some(envelope("", &["bob@b.example"])), due).unwrap();
    assert_eq!(d.system.mta().queue().len(), 2);
}

/// RFC 3461 sections 4 and 6: what the sender wished is obeyed.
#[test]
fn the_sender_s_wishes_about_reports_are_obeyed() {
    let bounce = |options: Options| {
        let mut d = Desk::new();
        let wished = Envelope { options: Some(Arc::new(options)), ..envelope("alice@a.example", &["zoe@b.example"]) };
        d.system.queue(d.now, &mut d.ids, LETTER.into(), &wished, d.now);
        d.events();
        d.attempt(550).into_iter().find_map(|e| match e {
            Event::DsnCreate { letter, .. } => Some(String::from_utf8_lossy(&letter.bytes).into_owned()),
            _ => None,
        })
    };
    let zoe = address("zoe@b.example");
    let wish = |notify: &str| Wish { notify: Notify::read(notify), orcpt: Some("rfc822;zoe+2Bz@b.example".into()) };
    let of = |notify: &str| Options { recipients: [(zoe.clone(), wish(notify))].into(), ..Options::default() };
    assert_eq!(bounce(of("NEVER")), None);
    assert_eq!(bounce(of("SUCCESS,DELAY")), None, "failure is not among them");
    let told = bounce(Options { envid: Some("QQ+3D1".into()), ..of("FAILURE") }).unwrap();
    assert!(told.contains("Original-Envelope-Id: QQ=1\r\nReporting-MTA"), "{told}");
    assert!(
        told.contains("Original-Recipient: rfc822; zoe+z@b.example\r\nFinal-Recipient: rfc822; zoe@b.example"),
        "{told}"
    );
    let body = String::from_utf8_lossy(LETTER).into_owned();
    assert!(!told.contains(&body) && told.contains("Content-Type: text/rfc822-headers"));
    let whole = bounce(Options { ret: Some(Ret::Full), ..Options::default() }).unwrap();
    assert!(whole.contains(&body) && whole.contains("Content-Type: message/rfc822"), "{whole}");
}

#[test]
fn a_mail_of_which_nobody_wants_to_hear_is_discarded() {
    let mut d = Desk::new();
    let zoe = address("zoe@b.example");
    let options = Options {
        recipients: [(zoe, Wish { notify: Notify::read("NEVER"), orcpt: None })].into(),
        ..Options::default()
    };
    let wished = Envelope { options: Some(Arc::new(options)), ..envelope("alice@a.example", &["zoe@b.example"]) };
    d.system.queue(d.now, &mut d.ids, LETTER.into(), &wished, d.now);
    d.events();
    assert!(matches!(&d.attempt(550)[..], [Event::QueueLeave { left: Left::Discarded, .. }]));
}

/// RFC 6152 section 3: the server that has the mail encodes it, and sends it on the same session.
#[test]
fn a_letter_of_eight_bits_is_encoded_for_a_server_of_seven() {
    for (eight_bit, sent) in [(EightBit::Encode, true), (EightBit::Return, false)] {
        let mut d = Desk::with(MailServer { eight_bit, ..cfg() }, true);
        let letter = "Message-ID: <1@a.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGr\u{fc}\u{df}e\r\n";
        d.system.queue(
            d.now,
            &mut d.ids,
            letter.as_bytes().into(),
            &envelope("alice@a.example", &["zoe@b.example"]),
            d.now,
        );
        d.events();
        let session = d.connect();
        let failure = Failure {
            cause: FailureCause::NotOffered(Missing::EightBitMime),
            stage: crate::smtp::client::Stage::Between,
            reply: None,
        };
        let envelope = envelope("alice@a.example", &["zoe@b.example"]);
        let outcome =
            Outcome { envelope, recipients: vec![], end: None, failure: Some(failure), carries_wishes: false };
        d.system.mta_mut().outcome(d.now, session, &outcome);
        let first = d.poll();
        d.system.mta_mut().idle(d.now, session);
        let then = d.poll();
        if sent {
            let [Output::Event(Event::Converted { letter, .. })] = &first[..] else { panic!("{first:#?}") };
            assert!(letter.bytes.ends_with(b"quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n"), "{:?}", letter.bytes);
            assert!(matches!(&letter.made, Made::Converted(_, map) if map.source_of(0) == Some(0)));
            assert!(matches!(&then[..], [Output::Send { letter: l, .. }] if l == letter));
        } else {
            assert!(matches!(&first[..], [Output::Event(Event::DsnCreate { .. }), ..]), "{first:#?}");
            assert!(matches!(&then[..], [Output::Quit { .. }]));
        }
    }
}

/// A letter whose file was not encoded, and its envelope.
fn binary(to: &[&str]) -> (Arc<[u8]>, Envelope) {
    let letter = b"Message-ID: <1@a.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\
        Content-Transfer-Encoding: binary\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n--b\r\nContent-Type: image/bmp\r\n\
        Content-Transfer-Encoding: binary\r\n\r\n\0\n\xff\r\n--b--\r\n";
    let options = Options { body: Some(Body::BinaryMime), ..Options::default() };
    (Arc::from(*letter), Envelope { options: Some(Arc::new(options)), ..envelope("alice@a.example", to) })
}

/// RFC 3030 section 3: what the next server does not take as it is becomes lines, and then, if need be, seven bits.
#[test]
fn a_binary_letter_is_encoded_for_a_server_of_lines_or_returned() {
    let refusal = |missing| Outcome {
        envelope: binary(&["zoe@b.example"]).1,
        recipients: vec![],
        end: None,
        failure: Some(Failure {
            cause: FailureCause::NotOffered(missing),
            stage: crate::smtp::client::Stage::Between,
            reply: None,
        }),
        carries_wishes: false,
    };
    let mut d = Desk::with(cfg(), true);
    let (letter, to) = binary(&["zoe@b.example"]);
    d.system.queue(d.now, &mut d.ids, letter.clone(), &to, d.now);
    d.events();
    let session = d.connect();
    for (missing, rest) in
        [(Missing::BinaryMime, "Gr\u{fc}\u{df}e\r\n--b\r\n"), (Missing::EightBitMime, "Gr=C3=BC=C3=9Fe\r\n--b\r\n")]
    {
        d.system.mta_mut().outcome(d.now, session, &refusal(missing));
        let told = d.poll();
        let [Output::Event(Event::Converted { letter, .. })] = &told[..] else { panic!("{told:#?}") };
        let text = String::from_utf8_lossy(&letter.bytes).into_owned();
        assert!(text.contains(rest) && text.contains("base64\r\n\r\nAAr/\r\n--b--"), "{text}");
        d.system.mta_mut().idle(d.now, session);
        let then = d.poll();
        let [Output::Send { letter: l, envelope, .. }] = &then[..] else { panic!("{then:#?}") };
        assert!(l == letter && !envelope.options().is_binary(), "it is not said to be binary any more");
    }
    let mut d = Desk::with(MailServer { eight_bit: EightBit::Return, ..cfg() }, true);
    d.system.queue(d.now, &mut d.ids, letter, &to, d.now);
    d.events();
    let session = d.connect();
    d.system.mta_mut().outcome(d.now, session, &refusal(Missing::BinaryMime));
    let told = d.poll();
    let [Output::Event(Event::DsnCreate { letter, .. }), ..] = &told[..] else { panic!("{told:#?}") };
    assert!(letter.bytes.is_ascii() && letter.bytes.windows(8).any(|w| w == b": 5.6.3\r"), "{:?}", letter.bytes);
}

/// RFC 3501 section 4.3.1, RFC 1939 section 3: mailboxes are read in lines.
#[test]
fn a_binary_letter_lies_in_the_mailbox_in_lines() {
    let list = MailingList {
        name: "Course".into(),
        members: vec![address("bob@b.example"), address("anna@a.example")],
        owner: "alice".into(),
        footer: Some("-- \nthe list".into()),
    };
    let forwarded = User { forward: vec![address("bert@b.example")], ..user("bert") };
    let users = vec![user("alice"), user("anna"), forwarded];
    let mut d = Desk::with(MailServer { lists: vec![list], users, ..cfg() }, true);
    let everybody = ["alice@a.example", "course@a.example", "bert@a.example", "zoe@b.example"];
    let (letter, to) = binary(&everybody);
    d.system.queue(d.now, &mut d.ids, letter, &to, d.now);
    let events = d.events();
    let stored: Vec<&Letter> = events
        .iter()
        .filter_map(|e| match e {
            Event::MailboxStore { letter, .. } => Some(&**letter),
            _ => None,
        })
        .collect();
    assert_eq!(stored.len(), 2, "Alice's, and Anna's by the list");
    for letter in stored {
        let text = String::from_utf8_lossy(&letter.bytes).into_owned();
        assert!(text.starts_with("Return-Path: <") && text.contains("base64\r\n\r\nAAr/\r\n--b--"), "{text}");
        let Made::Converted(_, map) = &letter.made else { panic!("{:?}", letter.made) };
        let at = text.find("Message-ID").unwrap() as u64;
        assert!(map.source_of(at).is_some() && map.source_of(0).is_none());
    }
    let mut queued = 0;
    for event in &events {
        if let Event::QueueEnter { letter, envelope, .. } = event {
            assert!(envelope.options().is_binary(), "it goes on as it is: {envelope:?}");
            assert!(letter.bytes.windows(3).any(|w| w == b"\0\n\xff"));
            queued += 1;
        }
    }
    assert_eq!(queued, 3, "for Zoe, for Bert, for a member of the list");
}

#[test]
fn users_log_in_with_the_passwords_of_their_mailboxes() {
    let mut d = Desk::new();
    let mut log_in = |user: &str, proof: Proof| match d.ask(MALLORY, Request::Login { user: user.into(), proof }) {
        Answer::Login(result) => result.map_err(|r| r.code),
        other => panic!("{other:?}"),
    };
    let password = |p: &str| Proof::Password(p.into());
    assert_eq!(log_in("Alice", password("secret")), Ok(()));
    assert_eq!([log_in("alice", password("x")), log_in("nobody", password("secret"))], [Err(535), Err(535)]);
    let Answer::Challenge(first) = d.ask(MALLORY, Request::Challenge) else { panic!() };
    let Answer::Challenge(second) = d.ask(MALLORY, Request::Challenge) else { panic!() };
    assert!(first != second && first.starts_with('<') && first.ends_with("@mail.a.example>"), "{first} {second}");
    let request = |user: Option<&str>| Request::Recipient {
        from: ReversePath::Null,
        to: address("bob@b.example"),
        peer_name: "x".into(),
        user: user.map(str::to_owned),
    };
    assert!(matches!(d.ask(MALLORY, request(Some("alice"))), Answer::Recipient(Ok(()))), "who is known may send on");
    assert!(matches!(d.ask(MALLORY, request(None)), Answer::Recipient(Err(_))));
    let Answer::Expand(reply) = d.ask(MALLORY, Request::Expand { text: "office".into() }) else { panic!() };
    assert_eq!(reply.to_string(), "250 2.1.5 <anna@a.example>");
}

/// A mail for somebody who was never asked about: it is not lost either.
#[test]
fn a_queued_mail_for_an_unknown_user_here_comes_back() {
    let mut d = Desk::new();
    d.system.queue(d.now, &mut d.ids, LETTER.into(), &envelope("alice@a.example", &["nobody@a.example"]), d.now);
    let events = d.events();
    let [Event::DsnCreate { .. }, Event::MailboxStore { user, .. }] = &events[..] else { panic!("{events:#?}") };
    assert_eq!(user, "alice");
    d.system.queue(d.now, &mut d.ids, LETTER.into(), &envelope("", &["nobody@a.example"]), d.now);
    let events = d.events();
    let [Event::QueueEnter { .. }, Event::QueueLeave { left: Left::Discarded, .. }] = &events[..] else {
        panic!("{events:#?}")
    };
}

#[test]
fn folders_and_letters_of_the_start_are_there_and_told() {
    let stored = StoredMail { user: "alice".into(), folder: "Old".into(), uid: Some(9), bytes: LETTER.into() };
    let cfg = MailServer { folders: vec![("alice".into(), "Old".into())], stored: vec![stored], ..cfg() };
    let mut d = Desk::with(cfg, true);
    let events = d.events();
    let [Event::FolderCreate { .. }, Event::MailboxStore { uid: 9, letter, .. }] = &events[..] else {
        panic!("{events:#?}")
    };
    assert_eq!((letter.content, &*letter.message_id), (ContentId(100), "1.x@alice-pc.a.example"));
}

#[test]
fn without_records_the_same_bytes_arrive_and_nothing_is_told() {
    let (mut d, mut quiet) = (Desk::new(), Desk::with(cfg(), false));
    for desk in [&mut d, &mut quiet] {
        desk.deliver("bob@b.example", &["alice@a.example"], LETTER);
        desk.deliver("bob@b.example", &["alice@a.example", "dave@c.example"], LETTER);
    }
    assert_eq!(d.inbox("alice"), quiet.inbox("alice"));
    let bytes = |d: &Desk| d.system.mta().queue().entries().map(|e| e.letter.bytes.clone()).collect::<Vec<_>>();
    assert_eq!(bytes(&d), bytes(&quiet));
    assert!(quiet.poll().is_empty());
}

#[test]
fn the_search_for_hosts_knows_who_asks_and_differs_from_ticket_to_ticket() {
    let d = Desk::new();
    assert_eq!(d.system.own(), Own { host: "mail.a.example".into(), address: Ipv4Addr::new(192, 0, 2, 25) });
    let own = d.system.route(Ticket(0), "[192.0.2.25]").poll();
    assert!(matches!(own, super::super::routing::Step::Done(Err(_))));
    assert_ne!(
        format!("{:?}", d.system.route(Ticket(0), "b.example")),
        format!("{:?}", d.system.route(Ticket(1), "b.example"))
    );
}

proptest! {
    /// Whatever a letter and a client's name are made of: the answer is given, what was accepted is kept, and the
    /// lines in front are well formed.
    #[test]
    fn any_bytes_are_kept_behind_well_formed_lines(letter in proptest::collection::vec(any::<u8>(), 0..200), peer_name in ".{0,20}", here: bool) {
        let mut d = Desk::new();
        let to = if here { "alice@a.example" } else { "bob@b.example" };
        let peer = Peer { conn: ConnId(0), address: ALICE_PC, name: None };
        let request = Request::Deliver { envelope: envelope("", &[to]), letter: letter.clone(), map: SpanMap::new(), protocol: "SMTP", peer_name };
        let Some(Answer::Deliver(reply)) = d.system.answer(d.now, &mut d.ids, peer, RequestId(0), request) else { panic!() };
        prop_assert!(reply.is_positive());
        let kept: Arc<[u8]> = if here {
            d.system.store().messages("alice", "INBOX")[0].letter.bytes.clone().into()
        } else {
            d.system.mta().queue().entries().next().unwrap().letter.bytes.clone().into()
        };
        prop_assert!(kept.ends_with(&letter));
        let front = std::str::from_utf8(&kept[..kept.len() - letter.len()]).unwrap();
        prop_assert!(front.ends_with("\r\n"));
        for line in front.split_terminator("\r\n") {
            prop_assert!(line.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b)), "{line:?}");
            prop_assert!(line.starts_with('\t') || line.starts_with("Received: ") || line.starts_with("Return-Path: "), "{line:?}");
        }
        d.poll();
    }

    #[test]
    fn hops_are_the_received_fields_of_the_header(received in 0usize..5, others in 0usize..5) {
        let letter = "Received: a\r\n\tb\r\n".repeat(received) + &"X-Received: c\r\n".repeat(others) + "\r\nReceived: d\r\n";
        prop_assert_eq!(received::hops(letter.as_bytes()), received);
        prop_assert_eq!(header_count(letter.as_bytes(), "Received"), received);
    }
}
