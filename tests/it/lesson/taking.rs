//! Learners who take lessons.

use std::time::Duration;

use mailpath::lesson::Session;
use mailpath::lesson::answer::Answer;
use mailpath::lesson::decimal::Decimal;
use mailpath::lesson::plan::Halt;
use mailpath::lesson::rehearse::rehearse;
use mailpath::lesson::results::Results;
use mailpath::lesson::session::Refusal;
use mailpath::lesson::words::{Kind, When};
use mailpath::lesson::{BUILT_IN, ideas};

use super::learner::{Plan, answers, take};
use super::{all, lesson};

fn begin(id: &str, seed: Option<u64>) -> Session {
    Session::new(lesson(id), seed, "en").unwrap()
}

/// Golden values, stops, proofs, exactly one right answer: as printed and with 20 seeds.
#[test]
fn every_lesson_holds_what_it_says_with_every_seed() {
    for lesson in all() {
        if let Err(problems) = rehearse(&lesson) {
            panic!("{problems}");
        }
    }
}

/// Seeds choose something: the lessons are not the same for all learners.
#[test]
fn seeds_give_other_numbers() {
    let asked = |id: &str, seed| {
        let session = begin(id, seed);
        let truths: Vec<String> = (0..session.lesson.questions.len())
            .flat_map(|n| {
                let question = &session.lesson.questions[n];
                let read =
                    |p: &mailpath::lesson::model::Part| p.probe.read(&session.runs, question.run.as_deref(), p.unit);
                question.parts.iter().map(|p| read(p).unwrap().to_string()).collect::<Vec<_>>()
            })
            .collect();
        let places: Vec<(usize, u64)> = session
            .plan()
            .iter()
            .map(|m| (m.place, session.runs.shared(m.run.as_deref()).unwrap().time(m.place).as_nanos()))
            .collect();
        (truths, places)
    };
    for (id, _) in BUILT_IN {
        let mut different: Vec<_> = (1..=20).map(|seed| asked(id, Some(seed))).collect();
        different.sort();
        different.dedup();
        assert!(different.len() >= 5, "{id}: {} variants", different.len());
        assert_eq!(asked(id, Some(7)), asked(id, Some(7)), "the same for the same learner");
    }
}

#[test]
fn right_answers_get_full_marks_with_every_seed() {
    for (id, _) in BUILT_IN {
        for seed in std::iter::once(None).chain((1..=20).map(Some)) {
            let mut session = begin(id, seed);
            take(&mut session, |_| Plan::Right);
            let results = Results::of(&session, "Ada").unwrap();
            let marks = results.marks;
            assert_eq!(
                (marks.right, marks.attempted, marks.skipped),
                (marks.questions, marks.questions, 0),
                "{id} {seed:?}"
            );
        }
    }
}

/// Every wrong answer that the lesson knows is met by its own words, tags and truth.
#[test]
fn every_distractor_is_met_by_its_feedback() {
    let mut met = 0;
    for (id, _) in BUILT_IN {
        let lesson = lesson(id);
        for question in &lesson.questions {
            for part in &question.parts {
                for option in part.options.iter().filter(|_| part.kind != Kind::Order) {
                    let mut session = begin(id, None);
                    let wanted = (question.id.clone(), Plan::Choose(part.id.clone(), option.id.clone()));
                    take(&mut session, |q| if q.id == wanted.0 { wanted.1.clone() } else { Plan::Right });
                    let n = lesson.questions.iter().position(|q| q.id == question.id).unwrap();
                    let outcome = session.outcome(n).unwrap().unwrap();
                    let of = question.parts.iter().position(|p| p.id == part.id).unwrap();
                    if outcome.parts[of].right {
                        continue;
                    }
                    met += 1;
                    let told = format!("{} {}", question.id, option.id);
                    assert_eq!(outcome.parts[of].option.as_ref(), Some(&option.id), "{told}");
                    assert_eq!(outcome.parts[of].tags, option.tags, "{told}");
                    assert!(!outcome.feedback.is_empty() && !outcome.rule.is_empty(), "{told}");
                    let own = session.texts.question(&question.id).unwrap().feedback(Some(&option.id)).unwrap();
                    assert_eq!(outcome.feedback, [session.runs.fill(&session.texts, own)], "{told}");
                    assert_ne!(outcome.parts[of].said, outcome.parts[of].truth, "{told}");
                    assert!(outcome.proof.is_some(), "{told}");
                    for tag in &option.tags {
                        assert!(ideas::of(tag).is_some(), "{tag}");
                    }
                    let marks = Results::of(&session, "").unwrap().marks;
                    assert_eq!(
                        (marks.right, marks.attempted),
                        (marks.questions - 1, marks.questions),
                        "costs one, no more"
                    );
                }
            }
        }
    }
    assert!(met >= 30, "{met} wrong answers were met");
}

/// R1: no lesson is completed by pressing Forward alone.
#[test]
fn at_least_three_predictions_are_locked_before_their_events() {
    for lesson in all() {
        let session = Session::new(lesson.clone(), None, "en").unwrap();
        let asked = |n: usize| {
            session.plan().iter().position(|m| matches!(m.halt, Halt::Stop(s) if lesson.stops[s].ask.contains(&n)))
        };
        let mut predictions = 0;
        for (n, question) in lesson.questions.iter().enumerate().filter(|(_, q)| q.when == When::Predict) {
            let shown = session.plan().iter().position(|m| m.halt == Halt::Reveal(n));
            assert!(asked(n).unwrap() < shown.unwrap(), "{}", question.id);
            predictions += 1;
        }
        assert!(predictions >= 3, "{}", lesson.id);
        assert!(
            lesson.questions.iter().any(|q| !q.prove.is_empty() || q.parts.iter().any(|p| p.kind == Kind::Click)),
            "R2: {}",
            lesson.id
        );
        assert!(!lesson.explore.is_empty(), "R14: {}", lesson.id);
    }
}

#[test]
fn nothing_goes_on_while_a_question_is_open_and_what_is_locked_stays() {
    let mut session = begin("L01", None);
    let second = Duration::from_secs(1);
    assert_eq!(session.back().unwrap_err(), Refusal::Beginning);
    session.forward(second).unwrap();
    let first = session.open().unwrap();
    assert_eq!(session.forward(second).unwrap_err(), Refusal::Open);
    assert_eq!(session.horizon(), session.moment().place, "what comes is not seen");
    assert_eq!(session.outcome(first).unwrap(), None);
    assert_eq!(session.lock(first, Vec::new(), second).unwrap_err(), Refusal::Incomplete);
    assert_eq!(session.lock(first + 1, vec![Answer::Number(Decimal::whole(3))], second).unwrap_err(), Refusal::NotHere);
    session.lock(first, vec![Answer::Number(Decimal::whole(1))], second * 9).unwrap();
    assert_eq!(session.given(first).unwrap().took, second * 8);
    assert_eq!(session.outcome(first).unwrap(), None, "locked, but it has not happened");
    assert_eq!(session.waiting().collect::<Vec<_>>(), [first]);
    let again = vec![Answer::Number(Decimal::whole(3))];
    assert_eq!(session.lock(first, again.clone(), second).unwrap_err(), Refusal::Locked);
    session.back().unwrap();
    session.forward(second).unwrap();
    assert_eq!(session.lock(first, again, second).unwrap_err(), Refusal::Locked, "not by going back either");
    assert!(session.horizon() > session.moment().place, "now it may go on");
    // Nothing is told before its moment has been reached.
    let reveal = session.plan().iter().position(|m| m.halt == Halt::Reveal(first)).unwrap();
    while session.position() < reveal {
        assert_eq!(session.outcome(first).unwrap(), None);
        if session.open().is_some() {
            session.skip(second).unwrap();
        }
        session.forward(second).unwrap();
    }
    let outcome = session.outcome(first).unwrap().unwrap();
    assert_eq!((outcome.right, outcome.parts[0].tags.as_slice()), (false, &["M03".to_owned()][..]));
}

#[test]
fn a_check_may_be_answered_again_and_the_last_answer_counts() {
    let mut session = begin("L02", None);
    take(
        &mut session,
        |q| if q.id == "2.4" { Plan::Choose(String::new(), "with-mail".to_owned()) } else { Plan::Right },
    );
    let n = session.lesson.questions.iter().position(|q| q.id == "2.4").unwrap();
    assert!(!session.outcome(n).unwrap().unwrap().right);
    let right = answers(&session, n, &Plan::Right);
    session.lock(n, right, Duration::from_secs(99)).unwrap();
    assert!(session.outcome(n).unwrap().unwrap().right);
    assert_eq!(session.given(n).unwrap().tries, 2);
}

#[test]
fn skipped_is_marked_as_skipped_and_costs_no_more() {
    let mut session = begin("L10", None);
    take(&mut session, |_| Plan::Skip);
    let results = Results::of(&session, "").unwrap();
    let n = results.marks.questions;
    assert_eq!((results.marks.right, results.marks.attempted, results.marks.skipped), (0, 0, n));
    let outcome = session.outcome(0).unwrap().unwrap();
    assert!(!outcome.right && outcome.parts.is_empty() && outcome.truth == ["1,000 ms"]);
}

/// The proof of a question is found by the learner, once in each lesson; the first choice counts.
#[test]
fn the_packet_that_proves_it_is_chosen_among_those_that_have_happened() {
    for (id, _) in BUILT_IN {
        let mut session = begin(id, None);
        let n = session.lesson.questions.iter().position(|q| !q.prove.is_empty());
        let n = n.unwrap_or_else(|| panic!("{id}: no question asks for its proof"));
        assert_eq!(
            session.prove(n, mailpath::trace::EntryId(0)).unwrap_err(),
            Refusal::NotHere,
            "not before it is told"
        );
        take(&mut session, |_| Plan::Right);
        let reveal = session.plan().iter().position(|m| m.halt == Halt::Reveal(n)).unwrap();
        session.go(reveal).unwrap();
        let proofs = session.proofs(n);
        let (_, entry) = session.outcome(n).unwrap().unwrap().proof.unwrap();
        assert!(proofs.len() >= 2, "{id}: there is something to choose from");
        assert!(proofs.iter().any(|(a, _)| *a == Answer::Event(entry.0)), "{id}: {proofs:?}");
        let wrong = proofs.iter().find_map(|(a, _)| match a {
            Answer::Event(e) if *e != entry.0 => Some(*e),
            _ => None,
        });
        assert_eq!(
            session.prove(n, mailpath::trace::EntryId(wrong.unwrap_or_else(|| panic!("{id}: no wrong choice")))),
            Ok(false)
        );
        assert_eq!(session.prove(n, entry), Ok(true));
        assert_eq!(session.given(n).unwrap().proof, Some(false));
    }
}
