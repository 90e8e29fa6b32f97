use super::*;

/// Attempts at 0, 0:30, 2:30, 4:30 h and so on; the server is silent for 15 s each time.
#[test]
fn after_61_attempts_the_mail_is_returned_at_exactly_120_hours() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example"]);
    d.lines();
    let mut starts = Vec::new();
    let end = loop {
        let out = d.next();
        if !out[0].contains("attempt") {
            break out;
        }
        starts.push(d.now);
        d.resolved(B);
        d.now += Duration::from_secs(15);
        d.not_connected();
    };
    let minutes: Vec<u64> = starts.iter().take(4).map(|t| t.as_millis() / 60_000).collect();
    assert_eq!(minutes, [0, 30, 150, 270]);
    assert_eq!((starts.len(), d.now), (61, Instant::from_secs(120 * 3600)));
    let reason = "given up after 120 h: connection refused (b.example, 198.51.100.25)";
    assert_eq!(end, [format!("return 1 to alice@a.example: bob: {reason}"), format!("1 leaves Bounced: {reason}")]);
}

#[test]
fn the_last_deferral_names_the_moment_of_return() {
    let mut d = Desk::new(&MailServer { expire: Duration::from_secs(3600), ..cfg() });
    d.put(7, &["bob@b.example"]);
    d.next();
    d.resolved(B);
    assert!(d.not_connected()[0].ends_with("until 1,800.000 s"));
    d.next();
    d.resolved(B);
    assert!(d.not_connected()[0].ends_with("until 3,600.000 s"));
    assert!(d.next()[0].starts_with("return 1"));
    assert_eq!(d.now, Instant::from_secs(3600));
}

#[test]
fn a_mail_that_expires_during_an_attempt_is_returned_when_the_attempt_has_failed() {
    let mut d = Desk::new(&MailServer { expire: Duration::from_secs(60), ..cfg() });
    d.put(7, &["bob@b.example"]);
    d.next();
    d.resolved(B);
    d.now = Instant::from_secs(600);
    d.mta.handle_timeout(d.now);
    assert!(d.lines().is_empty() && d.mta.wait().is_none());
    let out = d.broken(FailureCause::Timeout, At::EndOfData, None);
    assert!(out[0].starts_with("return 1 to alice@a.example: bob: given up after 60.000 s: timed out"), "{out:?}");
}

#[test]
fn one_has_it_one_waits_and_one_never_gets_it() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example", "carol@b.example", "zoe@b.example"]);
    d.next();
    d.resolved(B);
    let out = d.replies(&[250, 450, 550], Some(250));
    assert!(out[0].starts_with("return 1 to alice@a.example: zoe: 550 no"), "{out:?}");
    assert!(out[1].starts_with("1 deferred after 1: 450 no"), "{out:?}");
    assert!(out[1].ends_with("carol until 1,800.000 s"), "{out:?}");
    d.idle();
    d.next();
    assert_eq!(d.resolved(B), ["connect b.example:25 with 7 for carol"]);
    assert_eq!(d.taken(), ["1 leaves Delivered: 250 OK"]);
}

#[test]
fn all_that_are_refused_at_once_are_in_one_bounce() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["xena@b.example", "zoe@b.example"]);
    d.next();
    d.resolved(B);
    let out = d.replies(&[550, 553], None);
    assert_eq!(out.len(), 2, "{out:?}");
    assert!(out[0].contains("xena: 550 no") && out[0].contains("zoe: 553 no"), "{out:?}");
    assert!(out[1].starts_with("1 leaves Bounced: 550 no"), "{out:?}");
    assert_eq!(d.idle(), ["quit"]);
}

#[test]
fn a_refused_letter_goes_back_for_everybody_and_a_deferred_one_waits_for_everybody() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example", "carol@b.example"]);
    d.next();
    d.resolved(B);
    let out = d.replies(&[250, 250], Some(451));
    assert!(out[0].starts_with("1 deferred after 1: 451 no") && out[0].contains("bob carol until"), "{out:?}");
    d.idle();
    d.next();
    d.resolved(B);
    let out = d.replies(&[250, 250], Some(554));
    assert!(out[0].contains("bob: 554 no") && out[0].contains("carol: 554 no"), "{out:?}");
    assert!(out[1].starts_with("1 leaves Bounced: 554 no"), "{out:?}");
}

/// RFC 5321 section 6.1: nobody knows who has it, so it is sent again.
#[test]
fn when_the_reply_to_the_end_of_data_is_lost_the_mail_is_sent_again() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example"]);
    d.next();
    d.resolved(B);
    d.now = Instant::from_secs(600);
    let out = d.broken(FailureCause::Timeout, At::EndOfData, None);
    assert!(out[0].starts_with("1 deferred after 1: timed out") && out[0].ends_with("until 1,800.000 s"), "{out:?}");
    assert!(d.ended().is_empty());
    d.next();
    assert_eq!(d.resolved(B), ["connect b.example:25 with 7 for bob"]);
}

#[test]
fn nobody_is_told_about_a_mail_from_nobody() {
    let mut d = Desk::new(&cfg());
    d.mta.enqueue(d.now, envelope("", &["nosuch@c.example"]), letter(7), d.now);
    d.next();
    d.resolved(&[("c.example", 0)]);
    let out = d.replies(&[550], None);
    assert_eq!(out.len(), 1, "{out:?}");
    assert!(out[0].starts_with("1 leaves Discarded: 550 no"), "{out:?}");
}

#[test]
fn an_envelope_that_cannot_be_written_is_returned_and_not_tried_again() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example"]);
    d.next();
    d.resolved(B);
    let out = d.broken(FailureCause::BadEnvelope, At::Between, None);
    assert!(out[0].starts_with("return 1 to alice@a.example: bob: not sent"), "{out:?}");
}

#[test]
fn an_attempt_that_lasts_longer_than_the_interval_is_followed_by_the_next_at_once() {
    let mut d = Desk::new(&MailServer { retry: vec![Duration::from_secs(10)], ..cfg() });
    d.put(7, &["bob@b.example"]);
    d.next();
    d.resolved(B);
    d.now = Instant::from_secs(15);
    assert!(d.not_connected()[0].ends_with("until 15.000 s"));
    assert_eq!(d.next(), ["1 attempt 2", "resolve b.example"]);
    assert_eq!(d.now, Instant::from_secs(15));
}

#[test]
fn without_a_retry_table_there_is_one_attempt() {
    let mut d = Desk::new(&MailServer { retry: vec![], ..cfg() });
    d.put(7, &["bob@b.example"]);
    d.next();
    d.resolved(B);
    let out = d.not_connected();
    assert!(out[0].starts_with("return 1 to alice@a.example: bob: no further attempt: connection refused"), "{out:?}");
}
