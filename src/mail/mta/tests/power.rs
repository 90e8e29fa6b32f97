use super::*;

#[test]
fn a_power_cut_in_the_middle_of_an_attempt_leaves_the_mail_in_the_queue() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example"]);
    d.put(8, &["carol@b.example"]);
    d.lines();
    d.next();
    d.resolved(B);
    d.mta.power_off();
    assert_eq!(d.mta.queue().len(), 2);
    assert_eq!(d.mta.wait(), None);
    // The old session is not heard any more.
    assert!(d.taken().is_empty() && d.idle().is_empty() && d.ended().is_empty());

    d.now = Instant::from_secs(100);
    d.mta.handle_timeout(d.now);
    assert!(d.lines().is_empty(), "a computer that is off does nothing");
    d.mta.power_on(d.now);
    let reason = "this computer was switched off during the attempt";
    assert_eq!(
        d.lines(),
        [
            format!("1 deferred after 1: {reason}; bob until 100.000 s"),
            format!("2 deferred after 1: {reason}; carol until 100.000 s"),
            "1 attempt 2".to_owned(),
            "resolve b.example".to_owned(),
            "2 attempt 2".to_owned(),
        ]
    );
    assert_eq!(d.resolved(B), ["connect b.example:25 with 7 for bob"]);
}

#[test]
fn what_was_to_be_returned_is_returned_in_spite_of_the_power_cut() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["zoe@b.example"]);
    d.next();
    d.resolved(B);
    let envelope = d.sent.clone().unwrap();
    let recipients = vec![(envelope.to[0].clone(), Reply::new(550, "no"))];
    let outcome = Outcome { envelope, recipients, end: None, failure: None, carries_wishes: false };
    d.mta.outcome(d.now, d.session, &outcome);
    d.mta.power_off();
    let out = d.lines();
    assert!(out[0].starts_with("return 1") && out[1].starts_with("1 leaves Bounced"), "{out:?}");
}

#[test]
fn a_mail_that_waits_for_its_time_or_its_turn_still_does_after_the_power_cut() {
    let mut d = Desk::new(&MailServer { reuse_connection: false, ..cfg() });
    d.put(7, &["bob@b.example"]);
    d.put(8, &["carol@b.example"]);
    let later = Instant::from_secs(500);
    d.mta.enqueue(d.now, envelope("alice@a.example", &["dave@c.example"]), letter(9), later);
    d.lines();
    d.next();
    d.mta.power_off();
    d.now = Instant::from_secs(100);
    d.mta.power_on(d.now);
    let out = d.lines();
    // The one that had waited for its turn is the older one now.
    assert_eq!(&out[1..], ["2 attempt 1", "resolve b.example"]);
    assert_eq!(d.next(), ["3 attempt 1", "resolve c.example"]);
    assert_eq!(d.now, later);
}

#[test]
fn a_mail_that_expired_while_the_computer_was_off_is_returned_when_it_is_on() {
    let mut d = Desk::new(&MailServer { expire: Duration::from_secs(60), ..cfg() });
    d.put(7, &["bob@b.example"]);
    d.next();
    d.mta.power_off();
    d.now = Instant::from_secs(100);
    d.mta.power_on(d.now);
    let out = d.lines();
    assert!(out[1].starts_with("return 1 to alice@a.example: bob: given up after 60.000 s"), "{out:?}");
}
