use proptest::prelude::*;

use super::*;
use crate::mail::config::MailServer;
use crate::mail::{ContentId, Made};
use crate::smtp::ReversePath;
use crate::time::Duration;

fn letter() -> Arc<Letter> {
    let bytes: Arc<[u8]> = b"Subject: x\r\n\r\nhello\r\n"[..].into();
    Arc::new(Letter {
        content: ContentId(0),
        bytes: bytes.into(),
        message_id: "1@a.example".into(),
        made: Made::Preloaded,
    })
}

fn envelope() -> Envelope {
    Envelope::new(ReversePath::Null, vec!["bob@b.example".parse().unwrap()])
}

fn queue() -> Queue {
    Queue::new(Schedule::new(&MailServer::default()))
}

const HALF_HOUR: u64 = 1800;

#[test]
fn mails_come_out_in_order_of_time_and_then_of_number() {
    let mut q = queue();
    for due in [5, 3, 5, 1, 3] {
        q.insert(Instant::ZERO, envelope(), letter(), Instant::from_secs(due));
    }
    assert_eq!(q.entries().map(|e| e.id.0).collect::<Vec<_>>(), [4, 2, 5, 1, 3]);
    assert_eq!(q.wait(), Some(Instant::from_secs(1)));
    assert_eq!(q.pop(Instant::ZERO), None);
    let out: Vec<_> = std::iter::from_fn(|| q.pop(Instant::from_secs(9))).collect();
    assert_eq!(out, [4, 2, 5, 1, 3].map(|n| Alarm::Due(QueueId(n))));
}

/// Attempts at 0, 0:30, 2:30, 4:30 h, whatever each of them takes; the 61st is the last.
#[test]
fn attempts_are_counted_from_the_start_of_the_one_before() {
    let mut q = queue();
    let id = q.insert(Instant::ZERO, envelope(), letter(), Instant::ZERO).id;
    let mut starts = Vec::new();
    let expired = loop {
        let at = q.wait().unwrap();
        match q.pop(at).unwrap() {
            Alarm::Due(id) => {
                starts.push(at.as_millis() / 1000 / HALF_HOUR);
                let attempt = q.begin(at, id).unwrap().attempts;
                let next = q.schedule().next(attempt, at).unwrap();
                assert!(next > at + Duration::from_secs(15));
                q.release(id, next);
            }
            Alarm::Expired(_) => break at,
        }
    };
    assert_eq!(&starts[..4], [0, 1, 5, 9]);
    assert_eq!(starts.len(), 61);
    assert_eq!(expired, Instant::from_secs(120 * 3600));
    assert!(q.remove(id).is_some() && q.is_empty() && q.wait().is_none());
}

#[test]
fn nothing_expires_during_an_attempt() {
    let mut q = queue();
    let id = q.insert(Instant::ZERO, envelope(), letter(), Instant::ZERO).id;
    let late = Instant::from_secs(121 * 3600);
    assert_eq!(q.pop(Instant::ZERO), Some(Alarm::Due(id)));
    q.begin(Instant::ZERO, id);
    assert_eq!((q.wait(), q.pop(late)), (None, None));
    q.release(id, late + Duration::from_secs(1));
    assert_eq!(q.pop(late), Some(Alarm::Expired(id)));
}

#[test]
fn a_mail_that_is_held_expires_all_the_same() {
    let mut q = queue();
    let id = q.insert(Instant::ZERO, envelope(), letter(), Instant::ZERO).id;
    q.pop(Instant::ZERO);
    q.hold(id);
    assert_eq!(q.wait(), Some(Instant::from_secs(120 * 3600)));
    q.release(id, Instant::from_secs(7));
    assert_eq!(q.wait(), Some(Instant::from_secs(7)));
}

#[test]
fn a_table_of_zeros_does_not_stop_the_clock_and_an_empty_one_ends_at_once() {
    let mut cfg = MailServer { retry: vec![Duration::ZERO], ..MailServer::default() };
    assert_eq!(Schedule::new(&cfg).next(9, Instant::ZERO), Some(Instant::from_secs(1)));
    cfg.retry.clear();
    assert_eq!(Schedule::new(&cfg).next(1, Instant::ZERO), None);
}

proptest! {
    /// Against a list: alarms are exactly those of the mails that are not in an attempt.
    #[test]
    fn every_mail_not_in_an_attempt_has_one_alarm(steps in proptest::collection::vec((0u8..5, 0u32..12, 0u64..100), 1..80)) {
        let mut q = queue();
        for (what, id, at) in steps {
            let (id, at) = (QueueId(id), Instant::from_secs(at));
            match what {
                0 => { q.insert(Instant::ZERO, envelope(), letter(), at); }
                1 => { q.begin(at, id); }
                2 => { q.hold(id); }
                3 => { q.release(id, at); }
                _ => { q.remove(id); }
            }
            let expected: BTreeSet<_> = q.entries().filter_map(|e| e.wakes().map(|at| (at, e.id))).collect();
            prop_assert_eq!(&q.alarms, &expected);
        }
    }
}
