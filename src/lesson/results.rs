//! The results of a learner: a file that says what was answered, and when. Nothing leaves the machine but by this file.
//!
//! Because a run is a function of scenario and seed, marks need not be believed: [`regrade`] runs the lesson again and
//! compares. The checksum finds slips of an editor; it is no signature, and nobody who can read this program is kept
//! from making another one: what counts is the replay.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::answer::Answer;
use super::model::Lesson;
use super::probe::Silent;
use super::runs::Runs;
use super::session::{Session, outcome};

/// The version of the format that this program writes.
pub const FORMAT: u64 = 1;

/// A results file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// Version of this format.
    pub format: u64,
    /// Version of the program that wrote it.
    pub program: String,
    /// Which lesson.
    pub lesson: String,
    /// Which version of it.
    pub version: u64,
    /// Whose variant; absent: the lesson as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Name or number, as the learner typed it.
    pub learner: String,
    /// In which language.
    pub language: String,
    /// One for each question that was met, in the order of the lesson.
    pub answers: Vec<Answered>,
    /// In numbers.
    pub marks: Marks,
    /// Over everything above.
    pub checksum: String,
}

/// What was done with a question, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// `1.1`.
    pub question: String,
    /// The answer to each part; absent: skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Vec<Answer>>,
    /// Milliseconds from the beginning of the lesson.
    pub at_ms: u64,
    /// Milliseconds for which the question had been on the screen.
    pub took_ms: u64,
    /// How often it was answered.
    pub tries: u32,
    /// As the record has it.
    pub right: bool,
    /// Wrong ideas that the answer shows.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub tags: Vec<String>,
    /// Whether the packet that proves it was found, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<bool>,
}

/// In numbers. A wrong prediction costs nothing: it counts as attempted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// Questions of the lesson.
    pub questions: usize,
    /// Right.
    pub right: usize,
    /// Answered, right or not.
    pub attempted: usize,
    /// Skipped.
    pub skipped: usize,
}

/// What is not as the replay has it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Discrepancy {
    /// Another version of the format.
    #[error("the file has format {0}; this program reads format {FORMAT}")]
    Format(u64),
    /// Another lesson, or another version of it.
    #[error("the file is about {lesson} version {version}; this program has version {here}")]
    Version {
        /// The lesson.
        lesson: String,
        /// The file's.
        version: u64,
        /// The program's.
        here: u64,
    },
    /// Something was changed behind the program's back.
    #[error("the checksum does not fit: the file was changed after it was written")]
    Checksum,
    /// A question that the lesson does not have, or one that stands there twice.
    #[error("question {0} is not in the lesson, or stands in the file twice")]
    Question(String),
    /// The replay comes to another mark.
    #[error("question {question}: the file says {file}, the replay says {replay}")]
    Mark {
        /// The question.
        question: String,
        /// `right` or `wrong`, with tags.
        file: String,
        /// The same from the replay.
        replay: String,
    },
    /// The numbers do not add up.
    #[error("the file counts {file}, its answers are {replay}")]
    Marks {
        /// As the file has it.
        file: String,
        /// Counted again.
        replay: String,
    },
    /// The record says nothing.
    #[error("question {0}: {1}")]
    Silent(String, Silent),
}

impl Results {
    /// The results of a session as far as it has come.
    ///
    /// # Errors
    /// Why the record says nothing.
    pub fn of(session: &Session, learner: &str) -> Result<Results, Silent> {
        let lesson = &session.lesson;
        let mut answers = Vec::new();
        for (n, question) in lesson.questions.iter().enumerate() {
            let Some(given) = session.given(n) else { continue };
            let outcome = outcome(&session.texts, &session.runs, question, given.answers.as_deref())?;
            answers.push(Answered {
                question: question.id.clone(),
                answer: given.answers.clone(),
                at_ms: given.at.as_millis() as u64,
                took_ms: given.took.as_millis() as u64,
                tries: given.tries,
                right: outcome.right,
                tags: outcome.parts.iter().flat_map(|p| p.tags.clone()).collect(),
                proof: given.proof,
            });
        }
        let mut results = Results {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            lesson: lesson.id.clone(),
            version: lesson.version,
            seed: session.runs.seed,
            learner: learner.to_owned(),
            language: session.texts.language.clone(),
            marks: Marks::of(lesson, &answers),
            answers,
            checksum: String::new(),
        };
        results.checksum = results.sum();
        Ok(results)
    }

    /// The checksum that belongs to the content.
    fn sum(&self) -> String {
        let content = Results { checksum: String::new(), ..self.clone() };
        let text = serde_json::to_string(&content).unwrap_or_default();
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// As it stands in a file.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong, with line and column.
    pub fn parse(text: &str) -> Result<Results, String> {
        serde_json::from_str(text).map_err(|e| format!("line {}, column {}: {e}", e.line(), e.column()))
    }
}

impl Marks {
    /// Counts answers.
    pub fn of(lesson: &Lesson, answers: &[Answered]) -> Marks {
        Marks {
            questions: lesson.questions.len(),
            right: answers.iter().filter(|a| a.right).count(),
            attempted: answers.iter().filter(|a| a.answer.is_some()).count(),
            skipped: answers.iter().filter(|a| a.answer.is_none()).count(),
        }
    }
}

impl std::fmt::Display for Marks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Marks { questions, right, attempted, skipped } = self;
        write!(f, "{right} of {questions} right, {attempted} attempted, {skipped} skipped")
    }
}

/// Runs the lesson of a results file again: the marks as the replay has them, and what is not as the file says.
pub fn regrade(results: &Results, lesson: &Lesson) -> (Vec<Answered>, Vec<Discrepancy>) {
    let mut wrong = Vec::new();
    if results.format != FORMAT {
        return (Vec::new(), vec![Discrepancy::Format(results.format)]);
    }
    if (results.lesson.as_str(), results.version) != (lesson.id.as_str(), lesson.version) {
        let (version, here) = (results.version, lesson.version);
        wrong.push(Discrepancy::Version { lesson: results.lesson.clone(), version, here });
        return (Vec::new(), wrong);
    }
    if results.checksum != results.sum() {
        wrong.push(Discrepancy::Checksum);
    }
    let runs = match Runs::new(lesson, results.seed) {
        Ok(runs) => runs,
        Err(_) => return (Vec::new(), wrong),
    };
    let texts = lesson.texts(&results.language);
    let mut again: Vec<Answered> = Vec::new();
    for answered in &results.answers {
        let id = &answered.question;
        let question = lesson.question(id).filter(|_| !again.iter().any(|a| a.question == *id));
        let Some(question) = question else {
            wrong.push(Discrepancy::Question(id.clone()));
            continue;
        };
        let outcome = match outcome(texts, &runs, question, answered.answer.as_deref()) {
            Ok(outcome) => outcome,
            Err(silent) => {
                wrong.push(Discrepancy::Silent(id.clone(), silent));
                continue;
            }
        };
        let tags = outcome.parts.iter().flat_map(|p| p.tags.clone()).collect();
        let replay = Answered { right: outcome.right, tags, ..answered.clone() };
        if (replay.right, &replay.tags) != (answered.right, &answered.tags) {
            let told = |a: &Answered| match (a.right, a.tags.as_slice()) {
                (true, []) => "right".to_owned(),
                (false, []) => "wrong".to_owned(),
                (right, tags) => format!("{} with {}", if right { "right" } else { "wrong" }, tags.join(" ")),
            };
            wrong.push(Discrepancy::Mark { question: id.clone(), file: told(answered), replay: told(&replay) });
        }
        again.push(replay);
    }
    let marks = Marks::of(lesson, &again);
    if marks != results.marks {
        wrong.push(Discrepancy::Marks { file: results.marks.to_string(), replay: marks.to_string() });
    }
    (again, wrong)
}
