//! A lesson being taken: where the learner is, what was answered, what may be seen. Faces (window, terminal, the
//! automatic learner of the tests) drive it; it knows no clock: times come in as arguments.
//!
//! ```text
//!   stop --(ask)--> lock or skip --(forward)--> ... --> reveal: you said | what happened | the packet --> ... end
//! ```
//! A prediction is locked before the run goes on. Nothing here tells an answer before it is locked and its event has
//! happened: [`Session::outcome`] is `None` until then.

use std::sync::Arc;
use std::time::Duration;

use super::answer::{Answer, Asking, PartMark, asking, mark};
use super::model::{Lesson, Question, Stop};
use super::plan::{Halt, Moment, Unplanned, plan};
use super::probe::{Runs as _, Silent};
use super::record::Record;
use super::runs::{Runs, Unready};
use super::texts::Texts;
use super::words::When;
use crate::trace::EntryId;

/// See the [module](self).
pub struct Session {
    /// The lesson.
    pub lesson: Arc<Lesson>,
    /// Its words.
    pub texts: Arc<Texts>,
    /// Its runs.
    pub runs: Runs,
    plan: Vec<Moment>,
    here: usize,
    reached: usize,
    given: Vec<Option<Given>>,
    /// Since when the open question has been on the screen.
    shown_at: Duration,
}

/// What was done with a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// An answer for each part; `None`: skipped.
    pub answers: Option<Vec<Answer>>,
    /// When, since the lesson began.
    pub at: Duration,
    /// How long the question had been on the screen.
    pub took: Duration,
    /// How often it was answered: more than once only for checks.
    pub tries: u32,
    /// Whether the learner found the packet that proves it, where he was asked to.
    pub proof: Option<bool>,
}

/// What came of a question, once it may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// All parts are right.
    pub right: bool,
    /// Part by part; empty if it was skipped.
    pub parts: Vec<PartMark>,
    /// What the record says, in words, part by part.
    pub truth: Vec<String>,
    /// The entry that proves it, and its run.
    pub proof: Option<(Option<String>, EntryId)>,
    /// The rule, as Markdown.
    pub rule: String,
    /// What is said to wrong answers, as Markdown.
    pub feedback: Vec<String>,
}

/// Why a session cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum Unable {
    /// Its runs cannot be made.
    #[error(transparent)]
    Unready(#[from] Unready),
    /// It does not halt where it should.
    #[error(transparent)]
    Unplanned(#[from] Unplanned),
}

/// Why an act is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A question is open.
    #[error("answer the question first, or skip it")]
    Open,
    /// The question is locked.
    #[error("this answer is locked")]
    Locked,
    /// The question is not asked here.
    #[error("this question is not asked here")]
    NotHere,
    /// There is a part without an answer.
    #[error("each part of the question needs an answer")]
    Incomplete,
    /// Nothing comes behind the last moment.
    #[error("this is the end of the lesson")]
    End,
    /// Nothing comes before the first.
    #[error("this is the beginning of the lesson")]
    Beginning,
}

impl Session {
    /// Begins a lesson.
    ///
    /// # Errors
    /// What the seed makes impossible; for a built-in lesson, tests show that there is nothing.
    pub fn new(lesson: Arc<Lesson>, seed: Option<u64>, language: &str) -> Result<Session, Unable> {
        let runs = Runs::new(&lesson, seed)?;
        let plan = plan(&lesson, &runs)?;
        let texts = lesson.texts(language).clone();
        let given = vec![None; lesson.questions.len()];
        Ok(Session { lesson, texts, runs, plan, here: 0, reached: 0, given, shown_at: Duration::ZERO })
    }

    /// All moments, in order.
    pub fn plan(&self) -> &[Moment] {
        &self.plan
    }

    /// Which moment the learner looks at.
    pub fn position(&self) -> usize {
        self.here
    }

    /// The furthest moment that was reached.
    pub fn reached(&self) -> usize {
        self.reached
    }

    /// The moment that the learner looks at.
    pub fn moment(&self) -> &Moment {
        &self.plan[self.here]
    }

    /// The record of that moment.
    pub fn record(&self) -> &Arc<Record> {
        let run = self.moment().run.as_deref();
        self.runs.shared(run).expect("the plan names runs that are there")
    }

    /// The stop of the moment, if it is one.
    pub fn stop(&self) -> Option<&Stop> {
        match self.moment().halt {
            Halt::Stop(n) => Some(&self.lesson.stops[n]),
            Halt::Reveal(_) => None,
        }
    }

    /// The title of a stop, with its numbers.
    pub fn title(&self, stop: &Stop) -> String {
        self.texts.stop(&stop.id).map_or_else(String::new, |s| self.runs.fill(&self.texts, &s.title))
    }

    /// The text of a stop, with its numbers.
    pub fn say(&self, stop: &Stop) -> String {
        self.texts.stop(&stop.id).map_or_else(String::new, |s| self.runs.fill(&self.texts, &s.text.value))
    }

    /// The prompt of a question, with its numbers.
    pub fn prompt(&self, question: &Question) -> String {
        self.texts.question(&question.id).map_or_else(String::new, |q| self.runs.fill(&self.texts, &q.prompt.value))
    }

    /// The question that waits for an answer at this moment.
    pub fn open(&self) -> Option<usize> {
        self.stop()?.ask.iter().copied().find(|q| self.given[*q].is_none())
    }

    /// What can be answered to a part of a question, at this moment.
    pub fn asking(&self, question: usize, part: usize) -> Asking {
        let question = &self.lesson.questions[question];
        asking(&self.lesson, &self.texts, &self.runs, question, &question.parts[part], self.moment().place)
    }

    /// What was done with a question.
    pub fn given(&self, question: usize) -> Option<&Given> {
        self.given[question].as_ref()
    }

    /// Predictions that were locked, or skipped, and whose answer is not shown yet: chips on the screen.
    pub fn waiting(&self) -> impl Iterator<Item = usize> {
        (0..self.given.len()).filter(|q| self.given[*q].is_some() && !self.told(*q))
    }

    /// Locks an answer. A check may be answered again.
    ///
    /// # Errors
    /// If the question is not asked here, is locked already, or has a part without an answer.
    pub fn lock(&mut self, question: usize, answers: Vec<Answer>, now: Duration) -> Result<(), Refusal> {
        let asked = self.lesson.questions.get(question).ok_or(Refusal::NotHere)?;
        if !self.stop().is_some_and(|s| s.ask.contains(&question)) {
            return Err(Refusal::NotHere);
        }
        if answers.len() != asked.parts.len() {
            return Err(Refusal::Incomplete);
        }
        let tries = match &self.given[question] {
            None => 0,
            Some(given) if asked.when == When::Check => given.tries,
            Some(_) => return Err(Refusal::Locked),
        };
        self.put(question, Some(answers), tries + 1, now);
        Ok(())
    }

    /// Skips the open question: marked as skipped, costs nothing.
    ///
    /// # Errors
    /// If none is open.
    pub fn skip(&mut self, now: Duration) -> Result<(), Refusal> {
        let question = self.open().ok_or(Refusal::NotHere)?;
        self.put(question, None, 0, now);
        Ok(())
    }

    fn put(&mut self, question: usize, answers: Option<Vec<Answer>>, tries: u32, now: Duration) {
        let took = now.saturating_sub(self.shown_at);
        let proof = self.given[question].as_ref().and_then(|g| g.proof);
        self.given[question] = Some(Given { answers, at: now, took, tries, proof });
        self.shown_at = now;
    }

    /// Goes on to the next moment.
    ///
    /// # Errors
    /// If a question is open, or nothing comes.
    pub fn forward(&mut self, now: Duration) -> Result<&Moment, Refusal> {
        if self.open().is_some() {
            return Err(Refusal::Open);
        }
        if self.here + 1 >= self.plan.len() {
            return Err(Refusal::End);
        }
        self.here += 1;
        self.reached = self.reached.max(self.here);
        self.shown_at = now;
        Ok(self.moment())
    }

    /// Goes back to the moment before: nothing that was locked is taken back.
    ///
    /// # Errors
    /// At the beginning.
    pub fn back(&mut self) -> Result<&Moment, Refusal> {
        self.here = self.here.checked_sub(1).ok_or(Refusal::Beginning)?;
        Ok(self.moment())
    }

    /// Goes to a moment that was reached before.
    ///
    /// # Errors
    /// If it was not.
    pub fn go(&mut self, moment: usize) -> Result<&Moment, Refusal> {
        if moment > self.reached {
            return Err(Refusal::Open);
        }
        self.here = moment;
        Ok(self.moment())
    }

    /// How far the record of this moment's section may be looked at: to the place of the next moment, if no question
    /// is open; else to this one.
    pub fn horizon(&self) -> usize {
        let here = self.moment();
        if self.open().is_some() {
            return here.place;
        }
        match self.plan.get(self.here + 1) {
            Some(next) if next.section == here.section => next.place,
            _ => here.place,
        }
    }

    /// Whether the answer of a question may be told.
    pub fn told(&self, question: usize) -> bool {
        let Some(given) = &self.given[question] else { return false };
        match self.lesson.questions[question].when {
            When::Check => given.tries > 0 || given.answers.is_none(),
            When::Predict => self.plan[..=self.reached].iter().any(|m| m.halt == Halt::Reveal(question)),
        }
    }

    /// What came of a question; `None` as long as it may not be told.
    ///
    /// # Errors
    /// Why the record says nothing.
    pub fn outcome(&self, question: usize) -> Result<Option<Outcome>, Silent> {
        if !self.told(question) {
            return Ok(None);
        }
        let Some(given) = &self.given[question] else { return Ok(None) };
        let asked = &self.lesson.questions[question];
        outcome(&self.texts, &self.runs, asked, given.answers.as_deref()).map(Some)
    }

    /// The events among which the learner looks for the proof of a question, at its outcome.
    pub fn proofs(&self, question: usize) -> Vec<(Answer, String)> {
        let asked = &self.lesson.questions[question];
        super::answer::events(&self.runs, asked.run.as_deref(), &asked.prove, self.moment().place)
    }

    /// Takes in which event the learner has chosen as the proof; tells whether it is.
    ///
    /// # Errors
    /// If the question has not been told, or no proof is asked for.
    pub fn prove(&mut self, question: usize, entry: EntryId) -> Result<bool, Refusal> {
        let asked = self.lesson.questions.get(question).ok_or(Refusal::NotHere)?;
        if asked.prove.is_empty() || !self.told(question) {
            return Err(Refusal::NotHere);
        }
        let run = asked.run.as_deref();
        let found = self.runs.record(run).and_then(|r| asked.proof.one(r)) == Some(entry);
        if let Some(given) = &mut self.given[question] {
            // The first choice counts.
            given.proof.get_or_insert(found);
        }
        Ok(found)
    }
}

/// What comes of answers, whoever gave them: used by sessions and by the marking of results.
///
/// # Errors
/// Why the record says nothing.
pub fn outcome(texts: &Texts, runs: &Runs, question: &Question, answers: Option<&[Answer]>) -> Result<Outcome, Silent> {
    let mut parts = Vec::new();
    let mut truth = Vec::new();
    for (n, part) in question.parts.iter().enumerate() {
        // A skipped question has a truth too.
        let nothing = Answer::Text(String::new());
        let answer = answers.and_then(|a| a.get(n));
        let told = mark(texts, runs, question, part, answer.unwrap_or(&nothing))?;
        truth.push(told.truth.clone());
        if answer.is_some() {
            parts.push(told);
        }
    }
    let words = texts.question(&question.id);
    let rule = words.and_then(|w| w.rule.as_ref()).map_or("", |r| r.value.as_str());
    let wrong = parts.iter().filter(|p| !p.right);
    let mut feedback: Vec<String> = Vec::new();
    for part in wrong {
        let said = words.and_then(|w| w.feedback(part.option.as_deref())).map(|text| runs.fill(texts, text));
        feedback.extend(said.filter(|s| !feedback.contains(s)));
    }
    let run = question.proof.run.clone().or_else(|| question.run.clone());
    let entry = runs.record(run.as_deref()).and_then(|record| question.proof.one(record));
    Ok(Outcome {
        right: parts.len() == question.parts.len() && parts.iter().all(|p| p.right),
        parts,
        truth,
        proof: entry.map(|entry| (run, entry)),
        rule: runs.fill(texts, rule),
        feedback,
    })
}
