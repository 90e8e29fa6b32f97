//! `mailpath lesson`: a lesson as text in a terminal, and from a pipe.
//!
//! ```text
//!   text of a stop -> question -> locked -> what happens up to the next moment -> you said | what happened | the packet
//! ```

mod markdown;
mod page;

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::Failure;
use super::args::Lesson as Args;
use super::open;
use crate::lesson::answer::{Answer, Asking, letter};
use crate::lesson::ideas;
use crate::lesson::plan::Halt;
use crate::lesson::results::Results;
use crate::lesson::session::Session;
use crate::lesson::words::{Kind, When};
use crate::lesson::{self, Lesson};
use crate::trace::EntryId;
use page::Page;

/// Takes a lesson with what stands on standard input.
pub(super) fn lesson(args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    let lesson = Arc::new(open::lesson(&args.lesson)?);
    let session = Session::new(lesson, args.seed, &args.language).map_err(|e| Failure::Run(e.to_string()))?;
    let input = std::io::stdin();
    let asks = input.is_terminal();
    let clock = super::clock();
    let mut face = Face { session, page: Page::new(out, asks), input: &mut input.lock(), clock: &clock, told: None };
    let left = face.take();
    let results = Results::of(&face.session, &args.name).map_err(|e| Failure::Run(e.to_string()))?;
    // What was answered is kept even if nobody reads what is printed any more.
    if let Some(path) = &args.results {
        std::fs::write(path, results.to_text()).map_err(|e| Failure::Run(format!("{}: {e}", path.display())))?;
    }
    left.and_then(|()| face.profile(&results, args.results.as_deref())).map_err(Failure::output)
}

/// Lists the built-in lessons, one line each.
pub(super) fn lessons(out: &mut impl Write) -> Result<(), Failure> {
    let all: Vec<_> = lesson::BUILT_IN.iter().map(|(id, _)| open::lesson(id)).collect::<Result<_, _>>()?;
    let width = all.iter().map(|lesson| lesson.texts("en").title.chars().count()).max().unwrap_or(0);
    for lesson in &all {
        let texts = lesson.texts("en");
        let languages: Vec<&str> = lesson.texts.iter().map(|t| t.language.as_str()).collect();
        let (minutes, questions) = (lesson.minutes, lesson.questions.len());
        let languages = languages.join(", ");
        writeln!(out, "{}  {:<width$}  {minutes} min, {questions} questions ({languages})", lesson.id, texts.title)
            .map_err(Failure::output)?;
    }
    Ok(())
}

/// A lesson, its page and who answers.
struct Face<'a, W: Write> {
    session: Session,
    page: Page<'a, W>,
    input: &'a mut dyn BufRead,
    clock: &'a dyn Fn() -> Duration,
    /// Up to where the record of which section has been told.
    told: Option<(usize, usize)>,
}

/// What was typed where an answer is wanted.
enum Typed {
    Line(String),
    Skip,
    Leave,
}

type Io<T> = std::io::Result<T>;

impl<W: Write> Face<'_, W> {
    /// From the first moment to the last, or until the learner leaves.
    fn take(&mut self) -> Io<()> {
        let texts = self.session.texts.clone();
        self.page.title(&format!("{}  {}", self.session.lesson.id, texts.title))?;
        self.page.text(&texts.objective)?;
        self.page.note("Write an answer, or `skip`, or `leave`. Wrong predictions cost nothing.")?;
        loop {
            self.happened()?;
            match self.session.moment().halt {
                Halt::Stop(n) => {
                    if !self.stop(n)? {
                        return Ok(());
                    }
                }
                Halt::Reveal(question) => {
                    if !self.reveal(question)? {
                        return Ok(());
                    }
                }
            }
            let now = (self.clock)();
            if self.session.forward(now).is_err() {
                break;
            }
        }
        self.page.title("The end")?;
        let end = self.session.runs.fill(&texts, &texts.end);
        self.page.text(&end)?;
        for explore in &self.session.lesson.explore {
            if let Some(said) = texts.explore(&explore.id) {
                self.page.text(&format!("**Try: {}.** {}", said.title, said.text.value))?;
            }
        }
        Ok(())
    }

    /// What the record tells between the moment before and this one.
    fn happened(&mut self) -> Io<()> {
        let moment = self.session.moment().clone();
        let record = self.session.record().clone();
        let from = match self.told {
            Some((section, place)) if section == moment.section => place,
            _ => {
                if self.told.is_some() || record.ready.title != self.session.lesson.scenario.title {
                    self.page.run(&record.ready.title)?;
                }
                0
            }
        };
        self.page.story(&record, from, moment.place)?;
        self.told = Some((moment.section, moment.place));
        Ok(())
    }

    /// The text of a stop and its questions; false if the learner leaves.
    fn stop(&mut self, n: usize) -> Io<bool> {
        let stop = self.session.lesson.stops[n].clone();
        let title = self.session.title(&stop);
        self.page.stop(&title, self.session.record().time(self.session.moment().place))?;
        let text = self.session.say(&stop);
        self.page.text(&text)?;
        if stop.tour {
            for part in &stop.spotlight {
                let words = page::part(self.session.record(), part);
                self.page.item(&words)?;
            }
        }
        while let Some(question) = self.session.open() {
            if !self.question(question)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Asks until there is an answer; false if the learner leaves.
    fn question(&mut self, n: usize) -> Io<bool> {
        let asked = self.session.lesson.questions[n].clone();
        let prompt = self.session.prompt(&asked);
        self.page.question(&asked.id, asked.when, &prompt)?;
        let mut answers = Vec::new();
        for part in 0..asked.parts.len() {
            let asking = self.session.asking(n, part);
            self.offer(&asking)?;
            loop {
                match self.typed()? {
                    Typed::Leave => return Ok(false),
                    Typed::Skip => {
                        let now = (self.clock)();
                        let _ = self.session.skip(now);
                        self.page.note("Skipped.")?;
                        return Ok(true);
                    }
                    Typed::Line(line) => match asking.read(&line) {
                        Ok(answer) => {
                            answers.push(answer);
                            break;
                        }
                        Err(expected) => self.page.note(&expected)?,
                    },
                }
            }
        }
        let now = (self.clock)();
        if let Err(refused) = self.session.lock(n, answers, now) {
            self.page.note(&refused.to_string())?;
            return Ok(true);
        }
        if asked.when == When::Predict {
            self.page.note("Locked.")?;
            return Ok(true);
        }
        self.check(n)
    }

    /// A check is told at once and may be answered again.
    fn check(&mut self, n: usize) -> Io<bool> {
        if !self.reveal(n)? {
            return Ok(false);
        }
        let right = self.session.outcome(n).ok().flatten().is_none_or(|o| o.right);
        if right {
            return Ok(true);
        }
        self.page.note("Enter goes on; `again` asks once more.")?;
        match self.typed()? {
            Typed::Line(line) if line.trim().eq_ignore_ascii_case("again") => self.question(n),
            Typed::Leave => Ok(false),
            _ => Ok(true),
        }
    }

    fn offer(&mut self, asking: &Asking) -> Io<()> {
        if !asking.prompt.is_empty() {
            self.page.text(&asking.prompt)?;
        }
        for (n, offer) in asking.offers.iter().enumerate() {
            self.page.item(&format!("{}  {}", letter(n), offer.label))?;
        }
        let how = match asking.kind {
            Kind::Choice | Kind::YesNo => "a letter".to_owned(),
            Kind::Host => "a letter or a name".to_owned(),
            Kind::Click => "the letter of the line or packet".to_owned(),
            Kind::Order => "the letters in your order, such as B A C".to_owned(),
            Kind::Number => asking.unit.map_or("a number".to_owned(), |unit| format!("a number, in {unit}")),
            Kind::List => "numbers in order".to_owned(),
            Kind::Text => "a word".to_owned(),
        };
        self.page.prompt(&how)
    }

    fn typed(&mut self) -> Io<Typed> {
        let mut line = String::new();
        // The end of what a pipe holds is the end of the lesson.
        if self.input.read_line(&mut line)? == 0 {
            return Ok(Typed::Leave);
        }
        Ok(match line.trim() {
            "skip" => Typed::Skip,
            "leave" | "quit" => Typed::Leave,
            line => Typed::Line(line.to_owned()),
        })
    }

    /// You said, what happened, the packet that shows it; false if the learner leaves.
    fn reveal(&mut self, n: usize) -> Io<bool> {
        let Ok(Some(outcome)) = self.session.outcome(n) else { return Ok(true) };
        let question = self.session.lesson.questions[n].clone();
        let words = self.session.texts.question(&question.id);
        let prompts: Vec<String> =
            question.parts.iter().map(|p| words.map_or("", |w| w.part_prompt(&p.id)).to_owned()).collect();
        self.page.outcome(&question.id, &outcome, &prompts)?;
        if !question.prove.is_empty()
            && !outcome.parts.is_empty()
            && self.session.given(n).is_some_and(|g| g.proof.is_none())
        {
            let proofs = self.session.proofs(n);
            self.page.text("Which of these shows it?")?;
            for (i, (_, label)) in proofs.iter().enumerate() {
                self.page.item(&format!("{}  {label}", letter(i)))?;
            }
            self.page.prompt("a letter")?;
            loop {
                let line = match self.typed()? {
                    Typed::Leave => return Ok(false),
                    Typed::Skip => break,
                    Typed::Line(line) => line,
                };
                let chosen = (0..proofs.len()).find(|i| letter(*i).eq_ignore_ascii_case(line.trim()));
                let Some((Answer::Event(id), _)) = chosen.map(|i| &proofs[i]) else {
                    self.page.note("Write the letter of one of them, or `skip`.")?;
                    continue;
                };
                let found = self.session.prove(n, EntryId(*id)).unwrap_or(false);
                self.page.note(if found { "Yes, that one." } else { "Not that one." })?;
                break;
            }
        }
        if let Some((run, entry)) = &outcome.proof
            && let Some(record) = self.session.runs.shared(run.as_deref())
        {
            self.page.proof(&record.describe(*entry))?;
        }
        self.page.text(&outcome.rule)?;
        for text in &outcome.feedback {
            self.page.text(text)?;
        }
        Ok(true)
    }

    /// Marks and the learner's own profile.
    fn profile(&mut self, results: &Results, file: Option<&Path>) -> Io<()> {
        self.page.title("Your results")?;
        self.page.note(&results.marks.to_string())?;
        let mut tags: Vec<&String> = results.answers.iter().flat_map(|a| &a.tags).collect();
        tags.sort();
        tags.dedup();
        if !tags.is_empty() {
            self.page.text("Ideas to look at again:")?;
        }
        for tag in tags {
            self.page.item(&format!("{tag}  {}", ideas::of(tag).unwrap_or_default()))?;
        }
        match file {
            Some(path) => self.page.note(&format!("Written to {}", path.display())),
            None => self.page.note("Nothing was written: --results FILE keeps them."),
        }
    }
}

/// A lesson's folder, named by itself or by one of its files.
pub(super) fn folder(path: &Path) -> Option<&Path> {
    if path.join(lesson::STRUCTURE).is_file() {
        return Some(path);
    }
    let parent = path.parent().unwrap_or(Path::new("."));
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    (path.is_file() && parent.join(lesson::STRUCTURE).is_file()).then_some(parent)
}

/// Reads the files of a folder.
pub(super) fn read(folder: &Path) -> std::io::Result<lesson::Folder> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        if path.is_file() && (name.ends_with(".md") || name.ends_with(".json")) {
            files.push((name, std::fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok(lesson::Folder { name: folder.display().to_string(), files })
}

/// Reads and rehearses a lesson: all that can be wrong with it.
pub(super) fn check(folder: &Path) -> Result<Lesson, Failure> {
    let files = read(folder).map_err(|e| Failure::Use(format!("{}: {e}", folder.display())))?;
    let lesson = lesson::parse(&files).map_err(Failure::Input)?;
    lesson::rehearse::rehearse(&lesson).map_err(Failure::Input)?;
    Ok(lesson)
}
