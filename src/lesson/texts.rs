//! The words of a lesson in one language: Markdown that people like to edit.
//!
//! ```text
//! # Six steps from Alice to Bob            the title; below it, what one learns
//! ## Stop queue: In the queue              a stop of the lesson, by its name; at most 40 words
//! ## Question 1.2                          a question: what is asked ...
//! * queue: in the queue of mail.a          ... its answers, by their names ...
//! ### Part first                           ... (for each part, where it has several) ...
//! ### Rule                                 ... the rule in one sentence ...
//! ### Feedback
//! * mailbox: Not yet ...                   ... and what to say to a wrong answer; `other` to all others
//! ## Explore a: Bob is always on           something to try afterwards
//! ## End                                   what to say at the end
//! ```
//! The words Stop, Question, Part, Rule, Feedback, Explore and End are the same in every language. `{rtt}` in a text
//! is a number of the lesson, read from the record.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::scenario::source::{At, Source, Span};
use crate::scenario::{Problem, nearest};

/// Words that the text of a stop may have.
pub const SAY: usize = 40;

/// All words of a lesson in one language, as Markdown.
#[derive(Clone, Debug)]
pub struct Texts {
    /// `en`, from the file's name.
    pub language: String,
    /// The file.
    pub source: Arc<Source>,
    /// The lesson's title.
    pub title: String,
    /// What one learns.
    pub objective: String,
    /// At each stop.
    pub stops: Vec<Said>,
    /// Of each question.
    pub questions: Vec<Asked>,
    /// Of each exploration.
    pub explore: Vec<Said>,
    /// At the end; may be empty.
    pub end: String,
}

/// A named text.
#[derive(Clone, Debug)]
pub struct Said {
    /// Name of the stop or exploration.
    pub id: At<String>,
    /// Behind the colon; may be empty.
    pub title: String,
    /// The text.
    pub text: At<String>,
}

/// The words of a question.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its name.
    pub id: At<String>,
    /// What is asked.
    pub prompt: At<String>,
    /// Names and words of its answers.
    pub options: Vec<(At<String>, String)>,
    /// Its parts, where it has several.
    pub parts: Vec<PartAsked>,
    /// The rule in one sentence.
    pub rule: Option<At<String>>,
    /// What to say to wrong answers, by the name of the answer.
    pub feedback: Vec<(At<String>, String)>,
}

/// The words of a part of a question.
#[derive(Clone, Debug)]
pub struct PartAsked {
    /// Its name.
    pub id: At<String>,
    /// What is asked.
    pub prompt: String,
    /// Names and words of its answers.
    pub options: Vec<(At<String>, String)>,
}

impl Texts {
    /// The words of a stop.
    pub fn stop(&self, id: &str) -> Option<&Said> {
        self.stops.iter().find(|s| s.id.value == id)
    }

    /// The words of a question.
    pub fn question(&self, id: &str) -> Option<&Asked> {
        self.questions.iter().find(|q| q.id.value == id)
    }

    /// The words of an exploration.
    pub fn explore(&self, id: &str) -> Option<&Said> {
        self.explore.iter().find(|e| e.id.value == id)
    }
}

impl Asked {
    /// What is asked in a part: the question's own words where it has one part.
    pub fn part_prompt(&self, part: &str) -> &str {
        self.parts.iter().find(|p| p.id.value == part).map_or("", |p| &p.prompt)
    }

    /// The words of an answer.
    pub fn option(&self, part: &str, id: &str) -> Option<&str> {
        let own = self.parts.iter().find(|p| p.id.value == part).map_or(&self.options, |p| &p.options);
        own.iter().find(|(name, _)| name.value == id).map(|(_, text)| text.as_str())
    }

    /// What to say to a wrong answer: its own words, or those for all others.
    pub fn feedback(&self, id: Option<&str>) -> Option<&str> {
        let of =
            |wanted: &str| self.feedback.iter().find(|(name, _)| name.value == wanted).map(|(_, text)| text.as_str());
        id.and_then(of).or_else(|| of("other"))
    }
}

/// A heading and the text up to the next one.
struct Section {
    level: HeadingLevel,
    heading: At<String>,
    body: Span,
}

/// Reads a language file.
///
/// # Errors
/// Every mistake of its structure. What it says of a lesson is judged with the lesson.
pub fn parse(language: &str, source: &Arc<Source>) -> Result<Texts, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut texts = Texts {
        language: language.to_owned(),
        source: source.clone(),
        title: String::new(),
        objective: String::new(),
        stops: Vec::new(),
        questions: Vec::new(),
        explore: Vec::new(),
        end: String::new(),
    };
    let sections = sections(source);
    match sections.first() {
        Some(first) if first.level == HeadingLevel::H1 => {
            texts.title = first.heading.value.clone();
            texts.objective = trimmed(source, first.body).value;
        }
        _ => {
            let at = Span { start: 0, end: source.text().len().min(1) };
            let problem = Problem::new("no_title", source, at, "the file does not begin with the lesson's title");
            problems.push(problem.label("here").help("write \"# Six steps from Alice to Bob\" on the first line"));
        }
    }
    for section in sections.iter().skip_while(|s| s.level == HeadingLevel::H1) {
        if let Err(problem) = take(source, section, &mut texts) {
            problems.push(*problem);
        }
    }
    if problems.is_empty() { Ok(texts) } else { Err(problems) }
}

/// Headings of level 2, and what they may be followed by.
const LARGE: [&str; 4] = ["Stop", "Question", "Explore", "End"];
/// Headings of level 3, below a question.
const SMALL: [&str; 3] = ["Part", "Rule", "Feedback"];

fn take(source: &Arc<Source>, section: &Section, texts: &mut Texts) -> Result<(), Box<Problem>> {
    let heading = &section.heading;
    let (name, title) = heading.split_once(':').map_or((heading.as_str(), ""), |(a, b)| (a, b.trim()));
    let (word, id) = name.trim().split_once(char::is_whitespace).unwrap_or((name.trim(), ""));
    let id = At::new(id.trim().to_owned(), heading.span);
    let known: &[&str] = if section.level == HeadingLevel::H2 { &LARGE } else { &SMALL };
    let wrong = |why: String, help: String| {
        Box::new(Problem::new("bad_heading", source, heading.span, why).label("this heading").help(help))
    };
    let levels = "\"##\" in front of Stop, Question, Explore and End, \"###\" in front of Part, Rule and Feedback";
    if !known.contains(&word) || !matches!(section.level, HeadingLevel::H2 | HeadingLevel::H3) {
        let help = match nearest(word, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("a lesson has {levels}"),
        };
        return Err(wrong(format!("no part of a lesson is called `{word}` at this level"), help));
    }
    let named = !matches!(word, "End" | "Rule" | "Feedback");
    if named && id.is_empty() {
        return Err(wrong(
            format!("`{word}` needs a name"),
            format!("write \"{word} NAME\", with the name in the lesson"),
        ));
    }
    let twice = |seen: bool| {
        if seen {
            Err(wrong(format!("`{heading}` stands here twice", heading = heading.value), "join the two".into()))
        } else {
            Ok(())
        }
    };
    match word {
        "Stop" => {
            twice(texts.stop(&id).is_some())?;
            texts.stops.push(Said { id, title: title.to_owned(), text: trimmed(source, section.body) });
        }
        "Explore" => {
            twice(texts.explore(&id).is_some())?;
            texts.explore.push(Said { id, title: title.to_owned(), text: trimmed(source, section.body) });
        }
        "End" => texts.end = trimmed(source, section.body).value,
        "Question" => {
            twice(texts.question(&id).is_some())?;
            let (prompt, options) = listed(source, section.body)?;
            let (parts, feedback) = (Vec::new(), Vec::new());
            texts.questions.push(Asked { id, prompt, options, parts, rule: None, feedback });
        }
        _ => {
            let Some(question) = texts.questions.last_mut() else {
                return Err(wrong(format!("`{word}` stands before any question"), "put it below its question".into()));
            };
            match word {
                "Part" => {
                    let (prompt, options) = listed(source, section.body)?;
                    question.parts.push(PartAsked { id, prompt: prompt.value, options });
                }
                "Rule" => question.rule = Some(trimmed(source, section.body)),
                _ => question.feedback = listed(source, section.body)?.1,
            }
        }
    }
    Ok(())
}

/// The headings, each with what follows up to the next one.
fn sections(source: &Source) -> Vec<Section> {
    let text = source.text();
    let mut headings: Vec<(HeadingLevel, Range<usize>, Range<usize>)> = Vec::new();
    let mut open: Option<(HeadingLevel, Range<usize>)> = None;
    let mut inner: Option<Range<usize>> = None;
    for (event, range) in Parser::new_ext(text, Options::empty()).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => (open, inner) = (Some((level, range)), None),
            Event::End(TagEnd::Heading(_)) => {
                if let Some((level, block)) = open.take() {
                    let inside = inner.take().unwrap_or(block.start..block.start);
                    headings.push((level, block, inside));
                }
            }
            _ if open.is_some() => {
                let first = inner.get_or_insert(range.clone());
                first.end = first.end.max(range.end);
            }
            _ => {}
        }
    }
    let ends: Vec<usize> = headings.iter().skip(1).map(|(_, block, _)| block.start).chain([text.len()]).collect();
    let section = |((level, block, inside), end): ((HeadingLevel, Range<usize>, Range<usize>), usize)| Section {
        level,
        heading: At::new(text[inside.clone()].trim().to_owned(), Span { start: inside.start, end: inside.end }),
        body: Span { start: block.end, end },
    };
    headings.into_iter().zip(ends).map(section).collect()
}

/// A part of the file without blank ends.
fn trimmed(source: &Source, span: Span) -> At<String> {
    let text = source.part(span);
    let start = span.start + (text.len() - text.trim_start().len());
    let text = text.trim();
    At::new(text.to_owned(), Span { start, end: start + text.len() })
}

/// A text, and the named items of the list in it.
#[allow(clippy::type_complexity, reason = "a text and a list, taken apart at once")]
fn listed(source: &Arc<Source>, span: Span) -> Result<(At<String>, Vec<(At<String>, String)>), Box<Problem>> {
    let text = source.part(span);
    let (mut depth, mut lists, mut items) = (0, Vec::new(), Vec::new());
    for (event, range) in Parser::new_ext(text, Options::empty()).into_offset_iter() {
        match event {
            Event::Start(Tag::List(_)) => {
                if depth == 0 {
                    lists.push(range);
                }
                depth += 1;
            }
            Event::End(TagEnd::List(_)) => depth -= 1,
            Event::Start(Tag::Item) if depth == 1 => items.push(range),
            _ => {}
        }
    }
    let before = lists.first().map_or(span.end, |l| span.start + l.start);
    let prompt = trimmed(source, Span { start: span.start, end: before });
    let mut named: Vec<(At<String>, String)> = Vec::new();
    for item in items {
        let start = span.start + item.start;
        let words = text[item].trim_start_matches(['*', '-', '+']);
        // Lines of one item are one line of text, as Markdown has it.
        let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let first = Span { start, end: start + 1 };
        let Some((id, label)) = line.split_once(':').filter(|(id, _)| !id.contains(' ')) else {
            let problem = Problem::new("bad_item", source, first, "this item has no name");
            let help = "write \"* NAME: words\", with the name of an answer in the lesson";
            return Err(Box::new(problem.label("begins here").help(help)));
        };
        if named.iter().any(|(other, _)| other.value == id) {
            let problem = Problem::new("item_twice", source, first, format!("`{id}` stands in this list twice"));
            return Err(Box::new(problem.label("again").help("take one away")));
        }
        named.push((At::new(id.to_owned(), first), label.trim().to_owned()));
    }
    Ok((prompt, named))
}

/// Names of numbers in braces in a text, with the place of each.
pub fn placeholders(text: &str) -> impl Iterator<Item = (&str, usize)> {
    text.match_indices('{').filter_map(|(at, _)| {
        let rest = &text[at + 1..];
        let end = rest.find('}')?;
        let name = &rest[..end];
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        plain.then_some((name, at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Texts, String> {
        let source = Arc::new(Source::of("lesson", "en.md", text));
        parse("en", &source).map_err(|p| crate::scenario::Problems::new(p).to_string())
    }

    #[test]
    fn a_file_reads_as_it_is_written() {
        let texts = read(
            "# Title\n\nYou learn *this*.\n\n## Stop start: The parts\n\nLook.\n\n## Question 1.1\n\nHow many?\n\n\
             * one: just\n  one\n* two: two, not three\n\n### Rule\n\nThree.\n\n### Feedback\n\n* one: No: more.\n",
        );
        let texts = texts.unwrap();
        assert_eq!((texts.title.as_str(), texts.objective.as_str()), ("Title", "You learn *this*."));
        let stop = texts.stop("start").unwrap();
        assert_eq!((stop.title.as_str(), stop.text.as_str()), ("The parts", "Look."));
        let question = texts.question("1.1").unwrap();
        assert_eq!(question.prompt.value, "How many?");
        assert_eq!(question.option("", "one"), Some("just one"));
        assert_eq!(question.option("", "two"), Some("two, not three"));
        assert_eq!(question.rule.as_deref().map(String::as_str), Some("Three."));
        assert_eq!((question.feedback(Some("one")), question.feedback(Some("two"))), (Some("No: more."), None));
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (text, line, words) in [
            ("no title\n", "en.md:1:1", "does not begin with the lesson's title"),
            ("# T\n\n## Stopp x\n", "en.md:3:4", "did you mean `Stop`?"),
            ("# T\n\n## Rule\n", "en.md:3:4", "no part of a lesson is called `Rule` at this level"),
            ("# T\n\n### Rule\n", "en.md:3:5", "stands before any question"),
            ("# T\n\n## Question\n", "en.md:3:4", "needs a name"),
            ("# T\n\n## Question 1\n\n* no name\n", "en.md:5:1", "this item has no name"),
            ("# T\n\n## Stop a\n\n## Stop a\n", "en.md:5:4", "stands here twice"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(line) && told.contains(words), "{told}");
        }
    }

    #[test]
    fn numbers_stand_in_braces() {
        let found: Vec<_> = placeholders("RTT is {rtt}, { no }, {a-b}{").collect();
        assert_eq!(found, [("rtt", 7), ("a-b", 22)]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(# |## |### |Stop |Question |Rule|[*] a: b|\\PC|\n|:|\\{){0,40}") {
            let _ = read(&text);
        }
    }
}
