//! Answers: what can be chosen, how an answer is read, and what it is worth beside the record.

use serde::{Deserialize, Serialize};

use super::decimal::{Decimal, Notation};
use super::event::Event;
use super::model::{Choice, ChoiceValue, Lesson, Part, Question};
use super::probe::{Runs as _, Silent};
use super::runs::{Runs, shuffled};
use super::texts::Texts;
use super::value::Value;
use super::words::Kind;
use crate::trace::EntryId;

/// What a learner said to a part of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// One of the answers, by its name.
    Option(String),
    /// A number, in the unit of the question.
    Number(Decimal),
    /// Numbers in order.
    List(Vec<Decimal>),
    /// A host by its name.
    Host(String),
    /// Names of cards in order.
    Order(Vec<String>),
    /// An entry of the record.
    Event(u32),
    /// A word.
    Text(String),
}

/// Something to choose, in the order in which it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is answered with it.
    pub answer: Answer,
    /// Its words.
    pub label: String,
}

/// A part of a question, as it is put to a learner: without anything that tells the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// How it is answered.
    pub kind: Kind,
    /// Its own words, where a question has several parts.
    pub prompt: String,
    /// `ms`, behind the number.
    pub unit: Option<&'static str>,
    /// What can be chosen; empty for numbers and words.
    pub offers: Vec<Offer>,
    /// How the learner's language writes numbers.
    pub notation: Notation,
}

/// Puts a part of a question. `place` bounds what there is to click at: nothing that comes later is offered.
pub fn asking(lesson: &Lesson, texts: &Texts, runs: &Runs, question: &Question, part: &Part, place: usize) -> Asking {
    let words = texts.question(&question.id);
    let label =
        |id: &str| words.and_then(|w| w.option(&part.id, id)).map_or_else(|| id.to_owned(), |t| runs.fill(texts, t));
    let named = |choice: &Choice| (Answer::Option(choice.id.clone()), label(&choice.id));
    let offers: Vec<(Answer, String)> = match part.kind {
        Kind::Choice | Kind::Order => {
            let name = format!("{}/{}", question.id, part.id);
            let order = shuffled(lesson, &name, runs.seed, part.options.len());
            order.into_iter().map(|i| named(&part.options[i])).collect()
        }
        Kind::YesNo => part.options.iter().map(named).collect(),
        Kind::Host => {
            let record = runs.record(question.run.as_deref());
            let hosts: Vec<String> = record.map(|r| r.hosts().map(str::to_owned).collect()).unwrap_or_default();
            let extra = part.options.iter().filter(|o| !matches!(fixed_text(o), Some(name) if hosts.contains(&name)));
            let hosts = hosts.iter().map(|h| (Answer::Host(h.clone()), h.clone()));
            hosts.chain(extra.map(named)).collect()
        }
        Kind::Click => events(runs, question.run.as_deref(), &part.among, place),
        Kind::Number | Kind::List | Kind::Text => Vec::new(),
    };
    Asking {
        kind: part.kind,
        prompt: words.map_or("", |w| w.part_prompt(&part.id)).to_owned(),
        unit: part.unit.map(|u| u.name()),
        offers: offers.into_iter().map(|(answer, label)| Offer { answer, label }).collect(),
        notation: Notation::of(&texts.language),
    }
}

/// The events before a place that fit one of the patterns, each in one line.
pub fn events(runs: &Runs, run: Option<&str>, among: &[Event], place: usize) -> Vec<(Answer, String)> {
    let Some(record) = runs.record(run) else { return Vec::new() };
    let mut found: Vec<EntryId> = among.iter().flat_map(|e| e.all(record)).filter(|e| (e.0 as usize) < place).collect();
    found.sort();
    found.dedup();
    found.into_iter().map(|id| (Answer::Event(id.0), record.describe(id))).collect()
}

fn fixed_text(choice: &Choice) -> Option<String> {
    match &choice.value {
        ChoiceValue::Fixed(super::words::Literal::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

/// The letter in front of the n-th offer, and its number where letters have run out.
pub fn letter(n: usize) -> String {
    match u8::try_from(n) {
        Ok(n) if n < 26 => char::from(b'A' + n).to_string(),
        _ => (n + 1).to_string(),
    }
}

impl Asking {
    /// Reads what was typed: a letter or the words of an offer, a number, several of them.
    ///
    /// # Errors
    /// What is expected, as a sentence.
    pub fn read(&self, typed: &str) -> Result<Answer, String> {
        let typed = typed.trim();
        match self.kind {
            Kind::Number => {
                let bare = self.unit.and_then(|u| typed.strip_suffix(u)).unwrap_or(typed);
                Decimal::typed(bare, self.notation).map(Answer::Number)
            }
            Kind::List => {
                let words = typed.split([',', ' ']).filter(|w| !w.is_empty());
                let numbers = words.map(Decimal::parse).collect::<Result<Vec<_>, _>>()?;
                if numbers.is_empty() {
                    return Err("write the numbers in order: 250, 250, 550".to_owned());
                }
                Ok(Answer::List(numbers))
            }
            Kind::Text if typed.is_empty() => Err("write a word".to_owned()),
            Kind::Text => Ok(Answer::Text(typed.to_owned())),
            Kind::Order => {
                let words: Vec<&str> = typed.split([',', ' ']).filter(|w| !w.is_empty()).collect();
                let cards = words.iter().map(|w| self.offer(w)).collect::<Result<Vec<_>, _>>()?;
                let ids: Vec<String> = cards.iter().filter_map(|o| o.answer.name()).map(str::to_owned).collect();
                let whole = ids.len() == self.offers.len() && (1..ids.len()).all(|i| !ids[..i].contains(&ids[i]));
                let letters: Vec<String> = (0..self.offers.len()).map(letter).collect();
                match whole {
                    true => Ok(Answer::Order(ids)),
                    false => Err(format!("write each of the letters {} once, in your order", letters.join(" "))),
                }
            }
            Kind::Choice | Kind::YesNo | Kind::Host | Kind::Click => self.offer(typed).map(|o| o.answer.clone()),
        }
    }

    fn offer(&self, typed: &str) -> Result<&Offer, String> {
        let fits = |(n, offer): &(usize, &Offer)| {
            letter(*n).eq_ignore_ascii_case(typed)
                || (n + 1).to_string() == typed
                || offer.label.eq_ignore_ascii_case(typed)
                || offer.answer.name().is_some_and(|name| name.eq_ignore_ascii_case(typed))
        };
        let found = self.offers.iter().enumerate().find(fits).map(|(_, offer)| offer);
        let last = letter(self.offers.len().saturating_sub(1));
        found.ok_or_else(|| format!("`{typed}` is none of the answers: write a letter from A to {last}"))
    }
}

impl Answer {
    /// The name in it.
    pub fn name(&self) -> Option<&str> {
        match self {
            Answer::Option(name) | Answer::Host(name) => Some(name),
            _ => None,
        }
    }
}

/// What an answer is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartMark {
    /// As the record has it.
    pub right: bool,
    /// What was said, in words.
    pub said: String,
    /// What the record says, in words.
    pub truth: String,
    /// The answer that was meant, by its name, if it is one of those that the lesson knows.
    pub option: Option<String>,
    /// The wrong ideas that it shows.
    pub tags: Vec<String>,
}

/// Compares an answer with the record.
///
/// # Errors
/// Why the record says nothing; for a built-in lesson a test shows that it never happens.
pub fn mark(texts: &Texts, runs: &Runs, question: &Question, part: &Part, answer: &Answer) -> Result<PartMark, Silent> {
    let run = question.run.as_deref();
    let truth = part.probe.read(runs, run, part.unit)?;
    let value = |choice: &Choice| -> Result<Value, Silent> {
        match &choice.value {
            ChoiceValue::Fixed(literal) => Ok(Value::of_literal(literal)),
            ChoiceValue::Read(probe) => probe.read(runs, run, part.unit),
            ChoiceValue::Itself => Ok(Value::Text(choice.id.clone())),
        }
    };
    let said = match answer {
        Answer::Option(id) => match part.options.iter().find(|o| o.id == *id) {
            Some(choice) => value(choice)?,
            None => Value::Text(id.clone()),
        },
        Answer::Number(number) => Value::Number(*number),
        Answer::List(numbers) => Value::List(numbers.iter().map(|n| Value::Number(*n)).collect()),
        Answer::Host(name) | Answer::Text(name) => Value::Text(name.clone()),
        Answer::Order(names) => Value::List(names.iter().map(|n| Value::Text(n.clone())).collect()),
        Answer::Event(id) => Value::Event(EntryId(*id)),
    };
    let right = match (&said, &truth) {
        (Value::Number(a), Value::Number(b)) => a.distance(*b) <= part.tolerance,
        (Value::Text(typed), Value::Text(text)) if part.kind == Kind::Text => same_word(typed, text),
        (a, b) => a == b,
    };
    let mut option = None;
    for choice in part.options.iter().filter(|_| !matches!(answer, Answer::Order(_))) {
        let meant = match (answer, &said) {
            (Answer::Option(id), _) => choice.id == *id,
            (Answer::Text(_), Value::Text(typed)) => matches!(value(choice)?, Value::Text(t) if same_word(typed, &t)),
            _ => value(choice)? == said,
        };
        if meant && option.is_none() {
            option = Some(choice);
        }
    }
    let shown = Shown { texts, runs, question, part };
    Ok(PartMark {
        right,
        said: match answer {
            Answer::Option(id) => shown.label(id),
            _ => shown.value(&said),
        },
        truth: shown.truth(&truth, &value)?,
        option: option.map(|o| o.id.clone()),
        tags: option.filter(|_| !right).map(|o| o.tags.clone()).unwrap_or_default(),
    })
}

/// Whether a word was meant: an address may stand in angle brackets with a name before them, as a mail program shows it,
/// and large and small letters do not matter in it; anything may stand in quotes.
fn same_word(typed: &str, word: &str) -> bool {
    let bare = |text: &str| text.trim().trim_matches(['"', '\'', '`', '\u{201e}', '\u{201c}', '\u{201d}']).to_owned();
    let (typed, word) = (bare(typed), bare(word));
    let address = |text: &str| {
        let inside = text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(text, |(inside, _)| inside);
        inside.contains('@').then(|| inside.trim().to_ascii_lowercase())
    };
    typed == word || address(&typed).is_some_and(|typed| address(&word) == Some(typed))
}

/// Values in words.
struct Shown<'a> {
    texts: &'a Texts,
    runs: &'a Runs,
    question: &'a Question,
    part: &'a Part,
}

impl Shown<'_> {
    fn label(&self, id: &str) -> String {
        let words = self.texts.question(&self.question.id).and_then(|q| q.option(&self.part.id, id));
        words.map_or_else(|| id.to_owned(), |text| self.runs.fill(self.texts, text))
    }

    fn value(&self, value: &Value) -> String {
        match (value, self.part.unit) {
            (Value::Event(id), _) => {
                let record = self.runs.record(self.question.run.as_deref());
                record.map_or_else(String::new, |r| r.describe(*id))
            }
            (Value::List(items), _) if self.part.kind == Kind::Order => {
                let cards: Vec<String> = items.iter().map(|i| self.label(&i.to_string())).collect();
                cards.join("; ")
            }
            (value, Some(unit)) => format!("{value} {}", unit.name()),
            (value, None) => value.to_string(),
        }
    }

    /// The words of the option that is right, where there are options to choose from.
    fn truth(&self, truth: &Value, value: &dyn Fn(&Choice) -> Result<Value, Silent>) -> Result<String, Silent> {
        if matches!(self.part.kind, Kind::Choice | Kind::YesNo) {
            for choice in &self.part.options {
                if value(choice)? == *truth {
                    return Ok(self.label(&choice.id));
                }
            }
        }
        Ok(self.value(truth))
    }
}

#[cfg(test)]
mod tests {
    use super::same_word;

    #[test]
    fn an_address_is_taken_as_mail_programs_show_it_and_other_words_as_they_are() {
        for typed in ["alice@a.example", "<alice@a.example>", "Alice <alice@a.example>", " `Alice@A.example` "] {
            assert!(same_word(typed, "alice@a.example"), "{typed}");
        }
        assert!(same_word("\"secret\"", "secret") && same_word("\u{201e}secret\u{201c}", "secret"));
        for (typed, word) in [("Secret", "secret"), ("bob@a.example", "alice@a.example"), ("", "secret"), ("a", "a@b")]
        {
            assert!(!same_word(typed, word), "{typed} for {word}");
        }
    }
}
