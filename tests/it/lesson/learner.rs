//! An automatic learner: it knows the record, and answers as it is told to.

use std::time::Duration;

use mailpath::lesson::Session;
use mailpath::lesson::answer::{Answer, Asking, letter, mark};
use mailpath::lesson::model::{ChoiceValue, Part, Question};
use mailpath::lesson::value::Value;
use mailpath::lesson::words::Kind;
use mailpath::trace::EntryId;

/// What to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// As the record has it.
    Right,
    /// With this answer (part, name) where it is one of the question's; else right.
    Choose(String, String),
    /// Not at all.
    Skip,
}

fn list(value: &Value) -> Answer {
    let Value::List(numbers) = value else { panic!("a list: {value}") };
    let number = |v: &Value| match v {
        Value::Number(n) => *n,
        other => panic!("{other:?}"),
    };
    Answer::List(numbers.iter().map(number).collect())
}

/// The answer to one part that is right.
pub fn right(session: &Session, question: &Question, part: &Part, asking: &Asking) -> Answer {
    let truth = part.probe.read(&session.runs, question.run.as_deref(), part.unit).unwrap();
    match (part.kind, truth) {
        (Kind::Number, Value::Number(number)) => Answer::Number(number),
        (Kind::Order, Value::List(names)) => Answer::Order(names.iter().map(Value::to_string).collect()),
        (Kind::Click, Value::Event(EntryId(id))) => Answer::Event(id),
        (Kind::List, value) => list(&value),
        (Kind::Text, Value::Text(text)) => Answer::Text(text),
        (_, _) => {
            let is_right = |a: &&Answer| mark(&session.texts, &session.runs, question, part, a).unwrap().right;
            asking.offers.iter().map(|o| &o.answer).find(is_right).expect("one of the offers is right").clone()
        }
    }
}

/// The answer to a part that stands for one of its options.
pub fn option(session: &Session, question: &Question, part: &Part, asking: &Asking, id: &str) -> Option<Answer> {
    let choice = part.options.iter().find(|o| o.id == id)?;
    let named = Answer::Option(id.to_owned());
    if asking.offers.iter().any(|o| o.answer == named) {
        return Some(named);
    }
    let value = match &choice.value {
        ChoiceValue::Fixed(literal) => Value::of_literal(literal),
        ChoiceValue::Read(probe) => probe.read(&session.runs, question.run.as_deref(), part.unit).unwrap(),
        ChoiceValue::Itself => return None,
    };
    match value {
        Value::Number(number) => Some(Answer::Number(number)),
        Value::List(_) if part.kind == Kind::List => Some(list(&value)),
        Value::Text(text) if part.kind == Kind::Text => Some(Answer::Text(text)),
        Value::Text(text) => Some(Answer::Host(text)),
        Value::Event(EntryId(id)) => Some(Answer::Event(id)),
        _ => None,
    }
}

/// What somebody types to give an answer.
pub fn typed(asking: &Asking, answer: &Answer) -> String {
    let at = |answer: &Answer| asking.offers.iter().position(|o| o.answer == *answer).map(letter);
    match answer {
        Answer::Number(number) => number.to_string(),
        Answer::List(numbers) => numbers.iter().map(|n| n.to_string().replace(',', "")).collect::<Vec<_>>().join(", "),
        Answer::Text(text) => text.clone(),
        Answer::Order(names) => {
            let letters = names.iter().map(|n| at(&Answer::Option(n.clone())).unwrap());
            letters.collect::<Vec<_>>().join(" ")
        }
        other => at(other).unwrap(),
    }
}

/// The answers to a question of the session, as planned.
pub fn answers(session: &Session, n: usize, plan: &Plan) -> Vec<Answer> {
    let question = &session.lesson.questions[n];
    let part = |(i, part): (usize, &Part)| {
        let asking = session.asking(n, i);
        match plan {
            Plan::Choose(of, id) if *of == part.id => {
                let met = option(session, question, part, &asking, id);
                met.unwrap_or_else(|| panic!("{} {}: {id} is not offered", session.lesson.id, question.id))
            }
            _ => right(session, question, part, &asking),
        }
    };
    question.parts.iter().enumerate().map(part).collect()
}

/// Takes a lesson from its first moment to its last; `plan` says how each question is answered.
pub fn take(session: &mut Session, plan: impl Fn(&Question) -> Plan) {
    let mut now = Duration::ZERO;
    loop {
        while let Some(n) = session.open() {
            now += Duration::from_secs(5);
            let planned = plan(&session.lesson.questions[n]);
            if planned == Plan::Skip {
                session.skip(now).unwrap();
            } else {
                let answers = answers(session, n, &planned);
                session.lock(n, answers, now).unwrap();
            }
        }
        now += Duration::from_secs(1);
        if session.forward(now).is_err() {
            break;
        }
    }
}
