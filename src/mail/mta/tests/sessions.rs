use super::*;

#[test]
fn a_mail_is_looked_up_sent_and_gone() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example"]);
    assert_eq!(d.lines(), ["1 enters for bob at b.example, due 0 ms"]);
    assert_eq!(d.next(), ["1 attempt 1", "resolve b.example"]);
    assert_eq!(d.resolved(B), ["connect b.example:25 with 7 for bob"]);
    assert_eq!(d.taken(), ["1 leaves Delivered: 250 OK"]);
    assert_eq!(d.idle(), ["quit"]);
    assert!(d.ended().is_empty() && d.mta.queue().is_empty() && d.mta.wait().is_none());
}

#[test]
fn one_letter_for_two_domains_is_two_mails_and_recipients_of_one_domain_share_one() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example", "dave@c.example", "carol@b.example"]);
    let entered = d.lines();
    assert_eq!(entered, ["1 enters for bob carol at b.example, due 0 ms", "2 enters for dave at c.example, due 0 ms"]);
    assert_eq!(d.next(), ["1 attempt 1", "resolve b.example", "2 attempt 1", "resolve c.example"]);
}

#[test]
fn two_letters_for_one_domain_share_a_connection() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example"]);
    d.put(8, &["carol@b.example"]);
    d.lines();
    assert_eq!(d.next(), ["1 attempt 1", "resolve b.example", "2 attempt 1"]);
    assert_eq!(d.resolved(B), ["connect b.example:25 with 7 for bob"]);
    d.taken();
    assert_eq!(d.idle(), ["send 8 for carol"]);
    // A third one becomes due meanwhile, and joins.
    d.put(9, &["bob@b.example"]);
    d.lines();
    assert_eq!(d.next(), ["3 attempt 1"]);
    assert_eq!(d.taken(), ["2 leaves Delivered: 250 OK"]);
    assert_eq!(d.idle(), ["send 9 for bob"]);
    d.taken();
    assert_eq!(d.idle(), ["quit"]);
}

#[test]
fn without_reuse_every_letter_has_a_connection_of_its_own_one_after_another() {
    let mut d = Desk::new(&MailServer { reuse_connection: false, ..cfg() });
    d.put(7, &["bob@b.example"]);
    d.put(8, &["carol@b.example"]);
    d.lines();
    assert_eq!(d.next(), ["1 attempt 1", "resolve b.example"]);
    assert_eq!(d.resolved(B), ["connect b.example:25 with 7 for bob"]);
    d.taken();
    assert_eq!(d.idle(), ["quit", "2 attempt 1", "resolve b.example"]);
    assert_eq!(d.resolved(B), ["connect b.example:25 with 8 for carol"]);
    d.taken();
    assert_eq!(d.idle(), ["quit"]);
}

#[test]
fn a_letter_that_waits_for_its_connection_is_returned_in_time() {
    let mut d = Desk::new(&MailServer { reuse_connection: false, expire: Duration::from_secs(60), ..cfg() });
    d.put(7, &["bob@b.example"]);
    d.put(8, &["carol@b.example"]);
    d.lines();
    d.next();
    d.resolved(B);
    let end = d.next();
    assert_eq!(d.now, Instant::from_secs(60));
    assert_eq!(end[0], "return 2 to alice@a.example: carol: given up after 60.000 s: its turn never came");
    // The first one is with the other server: it is not returned while nobody knows.
    assert_eq!(d.mta.queue().len(), 1);
    assert_eq!(d.taken(), ["1 leaves Delivered: 250 OK"]);
    assert_eq!(d.idle(), ["quit"]);
}

#[test]
fn when_a_host_does_not_answer_the_next_one_is_tried_with_the_same_letter() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example"]);
    d.next();
    assert_eq!(d.resolved(&[("mx1", 10), ("mx2", 20), ("mx3", 30)]), ["connect mx1:25 with 7 for bob"]);
    assert_eq!(d.not_connected(), ["connect mx2:25 with 7 for bob"]);
    // It connects, and says 421 instead of 220.
    let busy = Reply::new(421, "busy");
    let out = d.broken(FailureCause::Reply, At::Greeting, Some(busy));
    assert_eq!(out, ["connect mx3:25 with 7 for bob"]);
    assert_eq!(d.taken(), ["1 leaves Delivered: 250 OK"]);
}

#[test]
fn when_no_host_is_left_all_mails_of_the_session_wait() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example"]);
    d.put(8, &["carol@b.example"]);
    d.lines();
    d.next();
    d.resolved(&[("mx1", 10)]);
    let out = d.not_connected();
    assert_eq!(
        out,
        [
            "1 deferred after 1: connection refused (mx1, 198.51.100.25); bob until 1,800.000 s",
            "2 deferred after 1: connection refused (mx1, 198.51.100.25); carol until 1,800.000 s"
        ]
    );
    assert_eq!(d.next(), ["1 attempt 2", "resolve b.example", "2 attempt 2"]);
}

#[test]
fn a_host_that_takes_no_mail_at_all_is_believed_only_if_all_say_so() {
    let mut d = Desk::new(&cfg());
    let no = || Some(Reply::new(554, "no SMTP service here"));
    d.put(7, &["bob@b.example"]);
    d.next();
    d.resolved(&[("mx1", 10), ("mx2", 20)]);
    assert_eq!(d.broken(FailureCause::Reply, At::Greeting, no()), ["connect mx2:25 with 7 for bob"]);
    let out = d.broken(FailureCause::Reply, At::Greeting, no());
    assert!(out[0].starts_with("return 1 to alice@a.example: bob: 554 no SMTP service here"), "{out:?}");
    assert!(out[1].starts_with("1 leaves Bounced: 554"), "{out:?}");

    d.put(8, &["bob@b.example"]);
    d.next();
    d.resolved(&[("mx1", 10), ("mx2", 20)]);
    d.not_connected();
    let out = d.broken(FailureCause::Reply, At::Greeting, no());
    assert!(out[0].starts_with("2 deferred after 1: 554"), "{out:?}");
}

#[test]
fn a_client_that_is_idle_without_having_said_anything_gets_its_letter() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example"]);
    d.next();
    assert_eq!(d.resolved(B), ["connect b.example:25 with 7 for bob"]);
    assert_eq!(d.idle(), ["send 7 for bob"]);
    assert_eq!(d.taken(), ["1 leaves Delivered: 250 OK"]);
}

#[test]
fn a_session_that_ends_without_a_word_leaves_its_mails_in_the_queue() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example"]);
    d.put(8, &["carol@b.example"]);
    d.lines();
    d.next();
    d.resolved(B);
    d.idle();
    let reasons = d.ended();
    assert_eq!(
        reasons,
        [
            "1 deferred after 1: the connection ended; bob until 1,800.000 s",
            "2 deferred after 1: the connection ended; carol until 1,800.000 s"
        ]
    );
    // Before the greeting that is a host like one that does not answer.
    d.next();
    d.resolved(&[("mx1", 10), ("mx2", 10)]);
    assert_eq!(d.ended(), ["connect mx2:25 with 7 for bob"]);
}

#[test]
fn a_domain_that_does_not_exist_is_returned_and_a_silent_name_server_is_asked_again() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example"]);
    d.next();
    let failure = |permanent| Err(RouteFailure { permanent, reason: "no answer".to_owned() });
    d.mta.resolved(d.now, d.ticket, failure(false));
    assert_eq!(d.lines(), ["1 deferred after 1: no answer; bob until 1,800.000 s"]);
    d.next();
    d.mta.resolved(d.now, d.ticket, failure(true));
    assert_eq!(d.lines(), ["return 1 to alice@a.example: bob: no answer", "1 leaves Bounced: no answer"]);
}

#[test]
fn what_is_said_about_something_that_is_over_is_not_heard() {
    let mut d = Desk::new(&cfg());
    d.put(7, &["bob@b.example"]);
    d.next();
    let (ticket, first) = (d.ticket, SessionId(0));
    d.resolved(&[("mx1", 10), ("mx2", 20)]);
    d.not_connected();
    assert_ne!(d.session, first);
    d.mta.resolved(d.now, ticket, Ok(hosts(B)));
    d.mta.session_ended(d.now, first);
    d.mta.idle(d.now, first);
    d.mta.not_connected(d.now, first, "late");
    d.mta.handle_timeout(d.now);
    assert!(d.lines().is_empty());
    assert_eq!(d.taken(), ["1 leaves Delivered: 250 OK"]);
}

#[test]
fn without_records_nothing_is_told_and_everything_is_done() {
    let mut mta = Mta::new(&cfg(), false);
    mta.enqueue(Instant::ZERO, envelope("alice@a.example", &["bob@b.example"]), letter(7), Instant::ZERO);
    mta.handle_timeout(Instant::ZERO);
    let out: Vec<Output> = std::iter::from_fn(|| mta.poll()).collect();
    assert_eq!(out, [Output::Resolve { ticket: Ticket(0), domain: "b.example".into() }]);
}
