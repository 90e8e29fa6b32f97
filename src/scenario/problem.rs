//! What is wrong with a file: one message for each mistake, with its place and what would be right.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan};

use super::source::{Place, Source, Span};

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    code: &'static str,
    message: String,
    span: Span,
    label: String,
    also: Option<(Span, String)>,
    help: Option<String>,
    run: Option<String>,
    source: Arc<Source>,
}

impl Problem {
    pub(crate) fn new(code: &'static str, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Problem {
            code,
            message: message.into(),
            span,
            label: "here".to_owned(),
            also: None,
            help: None,
            run: None,
            source: source.clone(),
        }
    }

    /// The words under the underlined text.
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// A second place that matters: "the first one is here".
    pub(crate) fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.also = Some((span, label.into()));
        self
    }

    /// What would be right.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// "did you mean", or else the list of what there is.
    pub(crate) fn suggest<'c>(self, given: &str, known: impl IntoIterator<Item = &'c str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match suggestion(given, &known) {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// Found only with the overrides of this run.
    pub(crate) fn in_run(mut self, id: &str) -> Self {
        self.run = Some(id.to_owned());
        self
    }

    /// Which kind of mistake: `unknown_field`.
    pub fn kind(&self) -> &'static str {
        self.code
    }

    /// The message without the run.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What would be right, if that can be said.
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The bytes that are underlined.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Line and column of the first of them.
    pub fn place(&self) -> Place {
        self.source.place(self.span.start)
    }

    /// The line of the file in which it begins, and which of its characters are underlined.
    pub fn excerpt(&self) -> (&str, std::ops::Range<usize>) {
        let text = self.source.text();
        let start = text[..self.span.start].rfind('\n').map_or(0, |n| n + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let chars = |from: usize, to: usize| text.get(from..to).map_or(0, |s| s.chars().count());
        let first = chars(start, self.span.start);
        let last = first + chars(self.span.start, self.span.end.min(start + line.len()));
        (line, first..last.max(first + 1))
    }

    /// The name of the file.
    pub fn file(&self) -> &str {
        self.source.name()
    }

    /// Whether the other tells the same, perhaps in another run.
    pub(crate) fn same(&self, other: &Problem) -> bool {
        (self.code, self.span, &self.message) == (other.code, other.span, &other.message)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.run {
            Some(run) => write!(f, "in run `{run}`: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(format!("{}::{}", self.source.format(), self.code)))
    }
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|h| Box::new(h) as Box<dyn fmt::Display>)
    }
    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(self.source.as_ref())
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let range = |s: Span| s.start..s.end;
        let first = LabeledSpan::new_primary_with_span(Some(self.label.clone()), range(self.span));
        let also = self.also.as_ref().map(|(s, text)| LabeledSpan::new_with_span(Some(text.clone()), range(*s)));
        Some(Box::new(std::iter::once(first).chain(also)))
    }
}

/// All mistakes of one file, in the order in which they stand in it; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    pub(crate) fn new(mut list: Vec<Problem>) -> Self {
        debug_assert!(!list.is_empty(), "a refusal names at least one mistake");
        list.sort_by_key(|p| (p.span, p.code));
        Problems { list }
    }

    /// One by one.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Never; here because [`Problems::len`] is.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The messages with the lines of the file, `width` characters wide; with the escape sequences of a
    /// terminal if `colour`.
    pub fn render(&self, colour: bool, width: usize) -> String {
        let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(width)
            .with_links(false)
            .with_urls(false)
            .with_context_lines(1)
            // It would break names at their hyphens.
            .with_wrap_lines(false)
            .without_cause_chain();
        let mut out = String::new();
        for problem in &self.list {
            let before = out.len();
            let mut shown = problem.clone();
            shown.help = shown.help.map(|help| wrapped(&help, width.saturating_sub(8)));
            if handler.render_report(&mut out, &shown).is_err() {
                // Only a span outside the text could do this; the sentence is still worth having.
                out.truncate(before);
                let Place { line, column } = problem.place();
                out.push_str(&format!("{}:{line}:{column}: {problem}", problem.file()));
            }
            out.push('\n');
        }
        // Lines of the report are padded; what is printed should not depend on that.
        let mut text: String = out.lines().map(|l| l.trim_end().to_owned() + "\n").collect();
        if self.list.len() > 1 {
            text.push_str(&format!("{} mistakes\n", self.list.len()));
        }
        text
    }
}

/// Plain text, 100 characters wide.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false, 100))
    }
}

impl std::error::Error for Problems {}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

/// Lines of at most `width` characters, broken at blanks only.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if !out.is_empty() {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

/// Longest list that is told when nothing is near.
const LIST: usize = 16;

/// "did you mean `mail.b`?", or "known: ..." for a short list, or nothing.
pub(crate) fn suggestion(given: &str, known: &[&str]) -> Option<String> {
    if let Some(near) = nearest(given, known) {
        return Some(format!("did you mean `{near}`?"));
    }
    match known.len() {
        0 => None,
        n if n <= LIST => Some(format!("there is: {}", quoted(known))),
        n => Some(format!("there is: {}, and {} more", quoted(&known[..LIST]), n - LIST)),
    }
}

/// The known word that a slip of the fingers could have turned into `given`.
pub fn nearest<'c>(given: &str, known: &[&'c str]) -> Option<&'c str> {
    let small = given.to_lowercase();
    let bound = (given.chars().count() / 3).max(1);
    known
        .iter()
        .map(|k| (strsim::damerau_levenshtein(&small, &k.to_lowercase()), *k))
        .filter(|(distance, k)| *distance <= bound && *distance < k.chars().count())
        // The first of equals, so that the answer does not depend on luck.
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, k)| k)
        .filter(|_| !given.is_empty())
        // `compose` for `mua.compose`, `mail` for `mail.a`.
        .or_else(|| known.iter().find(|k| k.to_lowercase().split('.').any(|part| part == small)).copied())
}

/// `a`, `b`, `c`
pub(crate) fn quoted(words: &[&str]) -> String {
    words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
}
