//! POP3's maildrop: one session at a time, and nothing is removed but by UPDATE.

use super::*;
use crate::pop3::server::{Answer, Proof, Refusal, Request};

fn ask(store: &mut Store, drop: &mut Maildrop, request: Request, events: &mut Vec<Event>) -> Answer {
    store.answer_pop3(drop, request, &mut Surroundings { now: NOW, ids: &mut 100, events: Some(events) })
}

fn open() -> Request {
    Request::Open { user: "bob".into(), proof: Proof::Password("secret".into()) }
}

fn refused(answer: &Answer) -> Option<Refusal> {
    match answer {
        Answer::Maildrop(Err(why)) => Some(*why),
        _ => None,
    }
}

#[test]
fn a_maildrop_is_locked_until_its_session_is_over() {
    let mut store = Store::new(&[User { name: "bob".into(), password: "secret".into(), ..User::default() }]);
    let (mut one, mut two, events) = (Maildrop::new(ConnId(1)), Maildrop::new(ConnId(2)), &mut Vec::new());
    let wrong = Request::Open { user: "bob".into(), proof: Proof::Password("x".into()) };
    assert_eq!(refused(&ask(&mut store, &mut one, wrong, events)), Some(Refusal::Credentials));
    assert_eq!(refused(&ask(&mut store, &mut one, open(), events)), None);
    assert_eq!(refused(&ask(&mut store, &mut two, open(), events)), Some(Refusal::InUse));
    store.release(ConnId(2));
    assert_eq!(refused(&ask(&mut store, &mut two, open(), events)), Some(Refusal::InUse));
    store.release(ConnId(1));
    assert_eq!(refused(&ask(&mut store, &mut two, open(), events)), None);
    ask(&mut store, &mut two, Request::Update { deleted: Vec::new() }, events);
    assert_eq!(refused(&ask(&mut store, &mut one, open(), events)), None);
    store.release_all();
    assert_eq!(refused(&ask(&mut store, &mut two, open(), events)), None);
}

#[test]
fn update_removes_what_was_deleted_and_tells_it() {
    let mut store = Store::new(&[User { name: "bob".into(), password: "secret".into(), ..User::default() }]);
    for n in 1..=3 {
        store.deliver("bob", INBOX, letter(n, "a: b\n\nc\n"), Flags::new(), NOW, None).unwrap();
    }
    let (mut drop, events) = (Maildrop::new(ConnId(1)), &mut Vec::new());
    let Answer::Maildrop(Ok(listed)) = ask(&mut store, &mut drop, open(), events) else { panic!() };
    let shown: Vec<(u32, &str, u64)> = listed.iter().map(|l| (l.uid, l.unique.as_str(), l.octets)).collect();
    assert_eq!(shown, [(1, "1.1", 11), (2, "1.2", 11), (3, "1.3", 11)]);
    // A letter that came after the session began stays, whatever its number.
    store.deliver("bob", INBOX, letter(4, "new\n"), Flags::new(), NOW, None).unwrap();
    ask(&mut store, &mut drop, Request::Update { deleted: vec![1, 3] }, events);
    let left: Vec<u32> = store.messages("bob", INBOX).iter().map(|m| m.uid).collect();
    assert_eq!(left, [2, 4]);
    let gone: Vec<(u32, u32)> = events
        .iter()
        .map(|e| match e {
            Event::MailboxExpunge { uid, number, .. } => (*uid, *number),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(gone, [(1, 1), (3, 2)]);
}
