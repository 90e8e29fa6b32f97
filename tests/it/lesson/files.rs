//! Results files: written, read, changed, found out.

use std::time::Duration;

use mailpath::lesson::Session;
use mailpath::lesson::answer::Answer;
use mailpath::lesson::decimal::Decimal;
use mailpath::lesson::results::{Discrepancy, Results, regrade};

use super::learner::{Plan, take};
use super::lesson;

fn results(seed: Option<u64>) -> Results {
    let mut session = Session::new(lesson("L01"), seed, "en").unwrap();
    take(&mut session, |q| match q.id.as_str() {
        "1.1" => Plan::Choose(String::new(), "one".to_owned()),
        "1.4" => Plan::Skip,
        _ => Plan::Right,
    });
    Results::of(&session, "Ada Lovelace").unwrap()
}

#[test]
fn a_file_is_read_back_and_replays() {
    for seed in [None, Some(4711)] {
        let written = results(seed);
        let read = Results::parse(&written.to_text()).unwrap();
        assert_eq!(read, written);
        assert_eq!((read.seed, read.answers.len()), (seed, 6));
        assert_eq!((read.marks.right, read.marks.attempted, read.marks.skipped), (4, 5, 1));
        assert_eq!(read.answers[0].tags, ["M03"]);
        assert_eq!(regrade(&read, &lesson("L01")).1, []);
    }
}

/// Whatever is changed in a file, it is found out; what a mark depends on, even with a checksum made anew.
#[test]
fn a_changed_file_is_found_out() {
    type Change = fn(&mut Results);
    let changes: [(&str, Change); 9] = [
        ("the learner", |r| r.learner = "Grace".to_owned()),
        ("a mark", |r| r.answers[0].right = true),
        ("a tag", |r| r.answers[0].tags.clear()),
        ("an answer", |r| r.answers[0].answer = Some(vec![Answer::Number(Decimal::whole(3))])),
        ("a time", |r| r.answers[2].took_ms += 1),
        ("a skipped one", |r| r.answers[3].answer = Some(vec![Answer::Option("mailbox".to_owned())])),
        ("the seed", |r| r.seed = Some(1)),
        ("the numbers", |r| r.marks.right = 6),
        ("a question twice", |r| r.answers.push(r.answers[1].clone())),
    ];
    for (what, change) in changes {
        let mut changed = results(None);
        change(&mut changed);
        let found = regrade(&changed, &lesson("L01")).1;
        assert!(found.contains(&Discrepancy::Checksum), "{what}: {found:?}");
    }
}

/// Nobody is believed: an answer that is wrong cannot be called right, whatever the checksum says.
#[test]
fn the_replay_counts_and_not_the_file() {
    let mut changed = results(None);
    changed.answers[0].right = true;
    let (again, found) = regrade(&changed, &lesson("L01"));
    assert!(!again[0].right);
    assert!(found.iter().any(|d| matches!(d, Discrepancy::Mark { question, .. } if question == "1.1")), "{found:?}");
    let mut other = results(None);
    other.version += 1;
    assert!(matches!(regrade(&other, &lesson("L01")).1[..], [Discrepancy::Version { .. }]));
    other.format = 2;
    assert_eq!(regrade(&other, &lesson("L01")).1, [Discrepancy::Format(2)]);
}

#[test]
fn rubbish_is_refused_with_its_place() {
    let text = results(None).to_text();
    for (from, to) in
        [("\"format\"", "\"formal\""), ("\"marks\": {", "\"marks\": ["), ("\"right\": 4", "\"right\": -4"), ("}", "")]
    {
        let told = Results::parse(&text.replacen(from, to, 1)).unwrap_err();
        assert!(told.starts_with("line ") && told.contains("column"), "{told}");
    }
}

/// Leaving early keeps what was answered.
#[test]
fn a_lesson_may_be_left_at_any_moment() {
    let whole = Session::new(lesson("L02"), None, "en").unwrap().plan().len();
    for moments in 0..whole {
        let mut session = Session::new(lesson("L02"), None, "en").unwrap();
        for _ in 0..moments {
            while session.open().is_some() {
                session.skip(Duration::ZERO).unwrap();
            }
            session.forward(Duration::ZERO).unwrap();
        }
        let results = Results::of(&session, "").unwrap();
        assert_eq!(regrade(&Results::parse(&results.to_text()).unwrap(), &lesson("L02")).1, []);
    }
}
