//! `mailpath grade`: results files, marked again by running their lessons.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::Failure;
use super::args::Grade;
use crate::lesson::ideas;
use crate::lesson::results::{Answered, Discrepancy, Marks, Results, regrade};
use crate::lesson::{self, Lesson};

/// Columns of the table.
const COLUMNS: [&str; 14] = [
    "file",
    "learner",
    "lesson",
    "version",
    "seed",
    "state",
    "questions",
    "right",
    "attempted",
    "skipped",
    "minutes",
    "ideas",
    "answers",
    "remarks",
];

/// Marks all files; tells what was changed.
pub(super) fn grade(args: &Grade, out: &mut impl Write) -> Result<(), Failure> {
    let mut lessons: BTreeMap<String, Lesson> = BTreeMap::new();
    for folder in &args.lessons {
        let own = super::lesson::check(folder)?;
        lessons.insert(own.id.clone(), own);
    }
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(COLUMNS).map_err(written)?;
    let (mut doubtful, mut ideas) = (0, BTreeMap::<String, usize>::new());
    for file in &args.files {
        let row = mark(file, &mut lessons);
        doubtful += usize::from(!row.remarks.is_empty());
        for tag in row.answers.iter().flat_map(|a| &a.tags) {
            *ideas.entry(tag.clone()).or_default() += 1;
        }
        let name = file.display();
        match &row.results {
            Some(results) => {
                let who = if results.learner.is_empty() { "nobody" } else { &results.learner };
                writeln!(out, "{name}: {who}, {}: {}", results.lesson, row.marks).map_err(Failure::output)?;
            }
            None => writeln!(out, "{name}: cannot be read").map_err(Failure::output)?,
        }
        for remark in &row.remarks {
            writeln!(out, "  {remark}").map_err(Failure::output)?;
        }
        table.write_record(row.columns(file)).map_err(written)?;
    }
    if !ideas.is_empty() {
        writeln!(out, "\nWrong ideas, by how often they were met:").map_err(Failure::output)?;
        let mut ideas: Vec<_> = ideas.into_iter().collect();
        ideas.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        for (tag, count) in ideas {
            writeln!(out, "{count:>4}  {tag}  {}", ideas::of(&tag).unwrap_or_default()).map_err(Failure::output)?;
        }
    }
    if let Some(path) = &args.csv {
        let bytes = table.into_inner().map_err(|e| Failure::Run(e.to_string()))?;
        std::fs::write(path, bytes).map_err(|e| Failure::Run(format!("{}: {e}", path.display())))?;
    }
    match doubtful {
        0 => Ok(()),
        1 => Err(Failure::Run("1 file is not as the replay has it".into())),
        n => Err(Failure::Run(format!("{n} files are not as the replay has them"))),
    }
}

fn written(error: csv::Error) -> Failure {
    Failure::Run(error.to_string())
}

/// What is known of a file.
#[derive(Default)]
struct Row {
    results: Option<Results>,
    answers: Vec<Answered>,
    marks: Marks,
    remarks: Vec<String>,
}

fn mark(file: &Path, lessons: &mut BTreeMap<String, Lesson>) -> Row {
    let unread = |remark: String| Row { remarks: vec![remark], ..Row::default() };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => return unread(error.to_string()),
    };
    let results = match Results::parse(&text) {
        Ok(results) => results,
        Err(wrong) => return unread(format!("this is no results file: {wrong}")),
    };
    if !lessons.contains_key(&results.lesson) {
        match lesson::load_builtin(&results.lesson) {
            Some(Ok(built_in)) => {
                lessons.insert(results.lesson.clone(), built_in);
            }
            _ => {
                let remark = format!("there is no lesson {}: name its folder with --lesson", results.lesson);
                return Row { results: Some(results), ..unread(remark) };
            }
        }
    }
    let (answers, wrong) = regrade(&results, &lessons[&results.lesson]);
    let marks = Marks::of(&lessons[&results.lesson], &answers);
    let remarks = wrong.iter().map(Discrepancy::to_string).collect();
    Row { results: Some(results), answers, marks, remarks }
}

impl Row {
    fn columns(&self, file: &Path) -> [String; 14] {
        let results = self.results.as_ref();
        let of = |get: fn(&Results) -> String| results.map(get).unwrap_or_default();
        let state = match (results, self.remarks.is_empty()) {
            (None, _) => "unreadable",
            (Some(_), true) => "replayed",
            (Some(_), false) => "doubtful",
        };
        let spent = self.answers.iter().map(|a| a.at_ms).max().unwrap_or(0);
        let mut ideas: Vec<&str> = self.answers.iter().flat_map(|a| a.tags.iter().map(String::as_str)).collect();
        ideas.sort_unstable();
        let answer = |a: &Answered| {
            let word = match (&a.answer, a.right) {
                (None, _) => "skipped",
                (Some(_), true) => "right",
                (Some(_), false) => "attempted",
            };
            format!("{}={word}", a.question)
        };
        let answers: Vec<String> = self.answers.iter().map(answer).collect();
        let columns = [
            file.display().to_string(),
            of(|r| r.learner.clone()),
            of(|r| r.lesson.clone()),
            of(|r| r.version.to_string()),
            of(|r| r.seed.map(|s| s.to_string()).unwrap_or_default()),
            state.to_owned(),
            self.marks.questions.to_string(),
            self.marks.right.to_string(),
            self.marks.attempted.to_string(),
            self.marks.skipped.to_string(),
            format!("{:.1}", spent as f64 / 60_000.0),
            ideas.join(" "),
            answers.join(" "),
            self.remarks.join("; "),
        ];
        columns.map(inert)
    }
}

/// What a learner typed must not become a formula in a spreadsheet.
fn inert(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}
