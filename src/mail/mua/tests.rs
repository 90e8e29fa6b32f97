use super::*;
use crate::engine::TlsPolicy;
use crate::mail::config::ClientTls;
use crate::smtp::Reply;
use crate::smtp::client::{Failure, FailureCause, Stage};

fn account() -> UserAgent {
    UserAgent {
        address: "alice@a.example".into(),
        display_name: Some("Alice".into()),
        user: "alice".into(),
        password: "secret".into(),
        smtp: Some(("mail.a.example".into(), 25)),
        imap: Some(("mail.a.example".into(), 143)),
        smtp_tls: ClientTls::Policy(TlsPolicy::Never),
        imap_tls: ClientTls::Policy(TlsPolicy::Never),
        pop3_tls: ClientTls::Policy(TlsPolicy::Never),
        pop3: None,
        ehlo: true,
        dot_stuffing: true,
        line_ends: Default::default(),
        login: None,
    }
}

fn agent() -> Agent {
    Agent::new(account(), "alice-pc.a.example", Calendar::default(), Seed::new(1).child("alice-pc"), true)
}

fn draft(to: &[&str], bcc: &[&str]) -> Arc<Draft> {
    let list = |l: &[&str]| l.iter().map(|a| (*a).to_owned()).collect();
    let (to, bcc) = (list(to), list(bcc));
    Arc::new(Draft { from: "Alice <alice@a.example>".into(), to, bcc, text: "hello".into(), ..Draft::default() })
}

fn send(agent: &mut Agent, draft: &Arc<Draft>) -> Option<Submission> {
    let mut ids = 0;
    agent.compose(Instant::ZERO, &mut ids, draft, None)
}

fn outcome(s: &Submission, codes: &[u16], end: Option<u16>) -> Outcome {
    let recipients = s.envelope.to.iter().cloned().zip(codes.iter().map(|c| Reply::new(*c, "so"))).collect();
    let end = end.map(|c| Reply::new(c, "OK: queued as 000001"));
    Outcome { envelope: s.envelope.clone(), recipients, end, failure: None, carries_wishes: false }
}

fn submitted(agent: &mut Agent) -> (String, bool) {
    let events: Vec<Event> = std::iter::from_fn(|| agent.poll()).collect();
    let Some(Event::Submitted { result, accepted, .. }) = events.last() else { panic!("{events:#?}") };
    (result.clone(), *accepted)
}

#[test]
fn a_letter_is_written_and_goes_to_the_users_own_server() {
    let mut a = agent();
    let s = send(&mut a, &draft(&["bob@b.example"], &["dave@c.example"])).unwrap();
    assert_eq!((s.server.as_str(), s.port), ("mail.a.example", 25));
    assert_eq!(s.envelope.from.to_string(), "<alice@a.example>");
    let to: Vec<String> = s.envelope.to.iter().map(ToString::to_string).collect();
    assert_eq!(to, ["bob@b.example", "dave@c.example"]);
    assert!(!String::from_utf8_lossy(&s.letter.bytes).contains("dave"));
    let Some(Event::Composed { letter, user, .. }) = a.poll() else { panic!() };
    assert_eq!((&letter, user.as_str()), (&s.letter, "alice@a.example"));
    assert!(matches!(&letter.made, Made::Composed(map) if !map.pieces().is_empty()));
    assert_eq!(message_id(&letter.bytes), letter.message_id);
    assert!(letter.message_id.ends_with("@alice-pc.a.example"));

    a.submission_outcome(Instant::from_millis(70), s.id, &outcome(&s, &[250, 250], Some(250)));
    assert_eq!(submitted(&mut a), ("250 OK: queued as 000001".into(), true));
    assert!(a.outbox().is_empty());
}

#[test]
fn no_two_letters_have_the_same_message_id_and_every_run_gives_the_same() {
    let run = || {
        let mut a = agent();
        [0; 2].map(|_| send(&mut a, &draft(&["bob@b.example"], &[])).unwrap().letter.message_id.clone())
    };
    let [first, second] = run();
    assert_ne!(first, second);
    assert_eq!(run(), [first, second]);
}

#[test]
fn the_envelope_can_be_another_one() {
    let mut a = agent();
    let envelope = Envelope::new(ReversePath::Null, vec!["carol@b.example".parse().unwrap()]);
    let mut ids = 0;
    let s = a.compose(Instant::ZERO, &mut ids, &draft(&["not an address"], &[]), Some(envelope.clone())).unwrap();
    assert_eq!((s.envelope, ids), (envelope, 1));
}

#[test]
fn what_the_server_does_not_take_lies_in_the_outbox_and_stays_there() {
    let mut a = agent();
    let s = send(&mut a, &draft(&["bob@b.example", "zoe@b.example"], &[])).unwrap();
    a.submission_outcome(Instant::from_millis(70), s.id, &outcome(&s, &[250, 550], Some(250)));
    let (result, accepted) = submitted(&mut a);
    assert!(result.starts_with("550 so") && !accepted, "{result}");
    let [unsent] = a.outbox() else { panic!("{:?}", a.outbox()) };
    assert_eq!((unsent.to[0].local.as_str(), unsent.to.len(), unsent.at), ("zoe", 1, Instant::from_millis(70)));
    // The same news twice changes nothing.
    a.not_submitted(Instant::from_millis(80), s.id, "late");
    assert_eq!(a.outbox().len(), 1);
    assert!(a.poll().is_none());
}

#[test]
fn without_a_connection_or_without_a_reply_the_letter_lies_in_the_outbox() {
    let mut a = agent();
    let s = send(&mut a, &draft(&["bob@b.example"], &[])).unwrap();
    a.not_submitted(Instant::ZERO, s.id, "connection refused");
    assert_eq!(submitted(&mut a), ("connection refused".into(), false));
    let s = send(&mut a, &draft(&["bob@b.example"], &[])).unwrap();
    let failure = Some(Failure { cause: FailureCause::ConnectionLost, stage: Stage::EndOfData, reply: None });
    let outcome =
        Outcome { envelope: s.envelope.clone(), recipients: vec![], end: None, failure, carries_wishes: false };
    a.submission_outcome(Instant::ZERO, s.id, &outcome);
    assert!(submitted(&mut a).0.starts_with("connection lost"));
    let _ = send(&mut a, &draft(&["bob@b.example"], &[]));
    a.power_off(Instant::from_secs(1));
    assert_eq!(a.outbox().len(), 3);
}

#[test]
fn a_letter_that_cannot_be_sent_is_not_sent() {
    let mut a = agent();
    for (to, why) in [(&["bob"][..], "\"bob\" is not an address"), (&[], "nobody to send it to")] {
        assert!(send(&mut a, &draft(to, &[])).is_none());
        assert!(submitted(&mut a).0.starts_with(why));
    }
    let mut lonely =
        Agent::new(UserAgent { smtp: None, ..account() }, "x.example", Calendar::default(), Seed::new(1), true);
    assert!(send(&mut lonely, &draft(&["bob@b.example"], &[])).is_none());
    assert_eq!(submitted(&mut lonely).0, "this account has no server to send to");
}

#[test]
fn a_fetched_letter_is_shown() {
    let mut a = agent();
    let s = send(&mut a, &draft(&["bob@b.example"], &[])).unwrap();
    a.poll();
    let mut map = SpanMap::new();
    map.push(0, s.letter.bytes.len() as u64, 300);
    let mut ids = 9;
    a.fetched(&mut ids, ConnId(3), s.letter.bytes.clone().into(), map.clone());
    let Some(Event::Read { user, letter, screen }) = a.poll() else { panic!() };
    assert_eq!(
        (user.as_str(), &letter.made, screen.text.trim_end()),
        ("alice@a.example", &Made::Fetched(ConnId(3), map), "hello")
    );
    assert_eq!((&letter.message_id, ids), (&s.letter.message_id, 10));
}

#[test]
fn what_was_downloaded_is_on_the_disk_before_it_is_read() {
    let mut a = agent();
    let bytes: Arc<[u8]> = b"Message-ID: <1@a.example>\r\n\r\nhello\r\n".as_slice().into();
    a.downloaded(&mut 7, ConnId(0), bytes, SpanMap::new(), Some("1.101".into()));
    let Some(Event::DiskStore { letter: kept, .. }) = a.poll() else { panic!() };
    let Some(Event::Read { letter: read, .. }) = a.poll() else { panic!() };
    assert_eq!((&kept, &*kept.message_id), (&read, "1@a.example"));
    assert!(a.on_disk().contains("1.101"));
}
