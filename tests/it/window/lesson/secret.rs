//! A lesson never shows an answer before it is locked and its event has happened.

use mailpath::gui::command::Command;
use mailpath::gui::lesson::Act;
use mailpath::lesson::probe::Runs as _;
use mailpath::lesson::session::outcome;
use mailpath::lesson::words::{Kind, When};
use mailpath::lesson::{BUILT_IN, Session};

use super::learner::{begun, take, taking, words};
use crate::window::send;

/// What tells the answer of a question.
struct Secret {
    question: usize,
    /// Never on the screen, in whatever text.
    phrases: Vec<String>,
    /// The run that it is about.
    run: Option<String>,
    /// Never in a text of several words that the lesson has not written.
    tokens: Vec<String>,
    /// The same, as the clock has it: what has happened may be told when the answer is locked.
    clock: Vec<String>,
    /// Texts in which the answer may stand: those that are offered.
    offered: Vec<String>,
}

fn plain(markdown: &str) -> String {
    markdown.replace(['*', '`'], "").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn secrets(session: &Session) -> Vec<Secret> {
    // As texts have it: `{rtt} ms`.
    let figure = |f: &mailpath::lesson::model::Figure| {
        let value = session.runs.fill(&session.texts, &format!("{{{}}}", f.name));
        Some(f.unit.map_or(value.clone(), |u| format!("{value} {}", u.name())))
    };
    let mut all = Vec::new();
    let figures: Vec<String> = session.lesson.numbers.iter().filter_map(figure).collect();
    for (n, question) in session.lesson.questions.iter().enumerate() {
        let told = outcome(&session.texts, &session.runs, question, None).expect("the record says it");
        let mut phrases = vec![plain(&told.rule)];
        let (mut tokens, mut clock) = (Vec::new(), Vec::new());
        let mut offered = Vec::new();
        let predict = question.when == When::Predict;
        for (part, truth) in question.parts.iter().zip(&told.truth) {
            let labels = session.texts.question(&question.id).map(|q| &q.options);
            offered.extend(labels.into_iter().flatten().map(|(_, label)| plain(label)));
            let words = session.texts.question(&question.id).into_iter().flat_map(|q| &q.parts);
            offered.extend(words.flat_map(|p| &p.options).map(|(_, label)| plain(label)));
            match part.kind {
                Kind::Choice | Kind::YesNo if predict => phrases.push(truth.clone()),
                Kind::Order => phrases.push(truth.clone()),
                // What the lesson itself gives is no secret: a round trip of 100 ms.
                Kind::Number if predict && figures.contains(truth) => {}
                Kind::Number if predict && part.unit.is_some() => {
                    // In the unit that is asked for, and as clocks have it.
                    clock.push(truth.clone());
                    let nanos = part.unit.and_then(|u| u.nanos());
                    let number = truth.split(' ').next().and_then(|n| n.replace(',', "").parse::<f64>().ok());
                    if let (Some(nanos), Some(number)) = (nanos, number) {
                        let time = mailpath::time::Duration::from_nanos((number * nanos as f64).round() as u64);
                        clock.push(time.to_string());
                    }
                }
                // One and two stand in too many texts to tell anything.
                Kind::Number if predict && truth.len() + truth.matches(|c: char| c > '2').count() > 1 => {
                    tokens.push(truth.clone());
                }
                _ => {}
            }
        }
        if let Some((run, entry)) = told.proof.filter(|_| predict) {
            let record = session.runs.record(run.as_deref()).expect("a run of the lesson");
            phrases.push(record.describe(entry));
        }
        let run = question.run.clone();
        all.push(Secret { question: n, run, phrases, tokens, clock, offered });
    }
    all
}

/// Whether a phrase stands in a text as a whole: not as a part of a longer number or word.
fn holds(text: &str, phrase: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | ','));
    text.match_indices(phrase).any(|(at, _)| {
        let after = text[at + phrase.len()..].chars();
        let mut rest = after.clone();
        // A full stop or a comma may end a sentence, or go on with a number.
        let ends = match rest.next() {
            Some('.' | ',') => rest.next().is_none_or(|c| !c.is_ascii_digit()),
            next => edge(next),
        };
        edge(text[..at].chars().next_back()) && ends
    })
}

fn leaks(secret: &Secret, shown: &[String], authored: &[String], clock: bool) -> Vec<String> {
    let own = |text: &str| authored.iter().any(|a| a.contains(text) || text.contains(a.as_str()));
    let offered = |text: &str| secret.offered.iter().any(|o| text == o || text.ends_with(&format!(": {o}")));
    let mut found = Vec::new();
    for text in shown.iter().map(|t| plain(t)).filter(|t| !t.is_empty()) {
        if offered(&text) {
            continue;
        }
        // What the learner has said himself to another question tells nothing.
        if text.contains("You: ") && text.ends_with(", locked") {
            continue;
        }
        for phrase in secret.phrases.iter().filter(|p| holds(&text, p)) {
            found.push(format!("`{phrase}` in `{text}`"));
        }
        // Numbers that name a stop, a step, a packet, an event, the learner's own problem count nothing.
        let counted = ["Stop ", "Step ", "packet ", "event ", "problem "]
            .iter()
            .fold(text.clone(), |text, word| text.replace(word, word.trim()));
        // A time tells nothing of a number that is none.
        let counted = if secret.clock.is_empty() { without_times(&counted) } else { counted };
        let sentence = text.split_whitespace().count() >= 4 && !own(&text);
        let clocks = secret.clock.iter().filter(|_| clock && !own(&text));
        for time in clocks.filter(|t| holds(&text, t)) {
            found.push(format!("`{time}` in `{text}`"));
        }
        for token in secret.tokens.iter().filter(|t| sentence && holds(&counted, t)) {
            found.push(format!("`{token}` in `{text}`"));
        }
    }
    found
}

/// A text without its times: `500 ms`, `1.065 s`.
fn without_times(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let unit = |i: usize| words.get(i).is_some_and(|w| matches!(w.trim_end_matches([',', '.', ';', ':']), "ms" | "s"));
    let kept: Vec<&str> = (0..words.len()).filter(|i| !unit(i + 1)).map(|i| words[i]).collect();
    kept.join(" ")
}

/// What the author has written to be read before: stops and prompts.
fn authored(session: &Session) -> Vec<String> {
    let stops = session.lesson.stops.iter().map(|s| plain(&session.say(s)));
    let titles = session.texts.stops.iter().map(|s| plain(&s.title));
    let prompts = session.lesson.questions.iter().map(|q| plain(&session.prompt(q)));
    let parts = session.texts.questions.iter().flat_map(|q| &q.parts).map(|p| plain(&p.prompt));
    stops.chain(titles).chain(prompts).chain(parts).filter(|t| t.len() > 12).collect()
}

#[test]
fn no_answer_is_shown_before_it_may_be_told() {
    for (id, _) in BUILT_IN {
        for seed in [None, Some(5)] {
            let mut harness = begun(id, (1366.0, 690.0), 1.0);
            if seed.is_some() {
                send(&mut harness, Command::Lesson(Act::Begin((*id).to_owned(), seed)));
            }
            let all = secrets(&taking(&harness).session);
            let own = authored(&taking(&harness).session);
            let mut faults: Vec<String> = Vec::new();
            let mut read = 0;
            take(&mut harness, false, &mut |harness| {
                let session = &taking(harness).session;
                let hidden = all.iter().filter(|s| !session.told(s.question));
                let shown = words(harness);
                for secret in hidden {
                    read += 1;
                    let question = &session.lesson.questions[secret.question].id;
                    let here = session.stop().map_or("answer", |s| s.id.as_str());
                    // Other runs have times of their own.
                    let open = session.given(secret.question).is_none();
                    let clock = open && session.moment().run == secret.run;
                    for leak in leaks(secret, &shown, &own, clock) {
                        let fault = format!("{id} {question} at {here}: {leak}");
                        if !faults.contains(&fault) {
                            faults.push(fault);
                        }
                    }
                }
            });
            assert!(read > 50, "something was read: {read}");
            assert!(faults.is_empty(), "seed {seed:?}, {} leaks\n{}", faults.len(), faults.join("\n"));
        }
    }
}

#[test]
fn the_search_for_leaks_finds_them() {
    let secret = Secret {
        question: 0,
        run: None,
        phrases: vec!["in the queue of mail.a".to_owned()],
        clock: vec!["700 ms".to_owned()],
        tokens: vec!["3".to_owned()],
        offered: vec!["in the queue of mail.a".to_owned()],
    };
    let found = |text: &str| {
        !leaks(&secret, &[text.to_owned()], &["Step 3 is a text of the author".to_owned()], true).is_empty()
    };
    assert!(found("The mail is in the queue of mail.a, and waits."));
    assert!(found("it takes 700 ms.") && found("there will be 3 connections"));
    assert!(!found("Answer A: in the queue of mail.a") && !found("in the queue of mail.a"));
    assert!(!found("1,700 ms") && !found("there will be 13 connections") && !found("Step 3 is a text of the author"));
}
