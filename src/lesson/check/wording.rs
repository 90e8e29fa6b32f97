//! Structure and words belong together: what has a name in the lesson has its words in every language, and the
//! other way round.

use std::sync::Arc;

use pulldown_cmark::{Event, Parser, Tag};

use super::Check;
use crate::lesson::model::{Lesson, Part, Question};
use crate::lesson::texts::{Asked, SAY, Said, Texts, placeholders};
use crate::lesson::typed::{self, File};
use crate::lesson::words::Kind;
use crate::scenario::source::{At, Span};
use crate::scenario::{Problem, nearest};

pub(super) fn check(check: &mut Check, file: &File, lesson: &Lesson) {
    for texts in &lesson.texts {
        let mut told = Telling { check, texts, problems: Vec::new() };
        let stops = file.stops.items().iter().filter_map(|s| s.id.get().map(|id| id.0.as_str()));
        told.names("Stop", &stops.collect::<Vec<_>>(), &texts.stops);
        let explore = file.explore.items().iter().filter_map(|e| e.id.get().map(|id| id.0.as_str()));
        told.names("Explore", &explore.collect::<Vec<_>>(), &texts.explore);
        for stop in &texts.stops {
            told.length(stop);
        }
        // Questions that could not be read have been told; their words are not looked at.
        let typed: Vec<&str> =
            file.questions.items().iter().filter_map(|q| q.id.get().map(|id| id.0.as_str())).collect();
        for asked in &texts.questions {
            if !typed.contains(&asked.id.value.as_str()) {
                told.extra("Question", &asked.id, &typed);
            }
        }
        for question in &lesson.questions {
            // What could not be read has been told: its words would seem to be too many.
            let typed = file.questions.items().iter().find(|q| q.id.get().is_some_and(|id| id.0 == question.id));
            let whole = typed.is_none_or(|q| {
                let parts = q.parts.items();
                let read = |(typed, part): (&At<typed::Part>, &Part)| typed.options.items().len() == part.options.len();
                parts.len() == question.parts.len() && parts.iter().zip(&question.parts).all(read)
            });
            if !whole {
                continue;
            }
            match texts.question(&question.id) {
                Some(asked) => told.question(question, asked),
                None => told.missing(format!("## Question {}", question.id)),
            }
        }
        told.braces(lesson);
        told.markup();
        let problems = told.problems;
        check.problems.extend(problems);
    }
}

struct Telling<'a> {
    check: &'a Check,
    texts: &'a Arc<Texts>,
    problems: Vec<Problem>,
}

impl Telling<'_> {
    fn tell(&mut self, code: &'static str, span: Span, message: String, label: &str, help: String) {
        let problem = Problem::new(code, &self.texts.source, span, message);
        self.problems.push(problem.label(label).help(help));
    }

    fn missing(&mut self, heading: String) {
        let end = self.texts.source.text().len();
        let span = Span { start: end.saturating_sub(1), end };
        let lesson = self.check.source.name().to_owned();
        let message = format!("the words for `{heading}` of {lesson} are missing");
        self.tell("no_words", span, message, "not up to here", format!("add \"{heading}\" with its text"));
    }

    fn extra(&mut self, word: &str, id: &At<String>, known: &[&str]) {
        let message = format!("the lesson has no {} `{}`", word.to_lowercase(), id.value);
        let help = match nearest(id, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "it has none at all".to_owned(),
            None => format!("there is: {}", known.join(", ")),
        };
        self.tell("unknown_name", id.span, message, "not in the lesson", help);
    }

    fn names(&mut self, word: &str, ids: &[&str], said: &[Said]) {
        for id in ids {
            if !said.iter().any(|s| s.id.value == *id) {
                self.missing(format!("## {word} {id}"));
            }
        }
        for other in said {
            if !ids.contains(&other.id.value.as_str()) {
                self.extra(word, &other.id, ids);
            }
        }
    }

    /// R9: explanation beside the object, at most 40 words.
    fn length(&mut self, said: &Said) {
        let words = said.text.split_whitespace().count();
        if words == 0 || words > SAY {
            let message = format!("the text of a stop has {words} words");
            let help = format!("1 to {SAY} words: what one sees here, and why");
            let start = said.text.span.start.min(self.texts.source.text().len().saturating_sub(1));
            self.tell("bad_length", Span { start, end: start + 1 }, message, "begins here", help);
        }
    }

    fn question(&mut self, question: &Question, asked: &Asked) {
        let several = question.parts.len() > 1;
        if asked.prompt.value.is_empty() {
            let help = "write below the heading what is asked".to_owned();
            self.tell("no_prompt", asked.id.span, "nothing is asked".to_owned(), "this question", help);
        }
        if asked.rule.as_ref().is_none_or(|r| r.value.is_empty()) {
            let message = format!("question {} has no rule", question.id);
            let help = "write \"### Rule\" and the rule in one sentence".to_owned();
            self.tell("no_rule", asked.id.span, message, "this question", help);
        }
        let mut ids: Vec<&str> = Vec::new();
        for part in &question.parts {
            let words = asked.parts.iter().find(|p| p.id.value == part.id);
            if several && words.is_none() {
                let help = format!("write \"### Part {}\" below the question", part.id);
                self.tell(
                    "no_words",
                    asked.id.span,
                    format!("the part `{}` has no words", part.id),
                    "of this question",
                    help,
                );
                continue;
            }
            let given = words.map_or(&asked.options, |w| &w.options);
            let shown = matches!(part.kind, Kind::Choice | Kind::YesNo | Kind::Order);
            for option in &part.options {
                ids.push(&option.id);
                let named = given.iter().any(|(id, _)| id.value == option.id);
                // A host has its own name; a wrong number is never shown to choose from.
                let host = part.kind == Kind::Host && !self.is_host(option);
                if (shown || host) && !named {
                    let message = format!("the answer `{}` has no words", option.id);
                    let help = format!("write \"* {}: ...\" below the question", option.id);
                    self.tell("no_words", asked.id.span, message, "of this question", help);
                }
                let tagged = !option.tags.is_empty();
                if tagged && !asked.feedback.iter().any(|(id, _)| id.value == option.id) {
                    let tags = option.tags.join(", ");
                    let message = format!("nothing is said to the wrong idea {tags} of the answer `{}`", option.id);
                    let help = format!("write \"* {}: ...\" below \"### Feedback\"", option.id);
                    self.tell("no_feedback", asked.id.span, message, "of this question", help);
                }
            }
            for (id, _) in given {
                if !part.options.iter().any(|o| o.id == id.value) {
                    let known: Vec<&str> = part.options.iter().map(|o| o.id.as_str()).collect();
                    self.extra("Answer", id, &known);
                }
            }
        }
        for (id, _) in &asked.feedback {
            if id.value != "other" && !ids.contains(&id.value.as_str()) {
                self.extra("Answer", id, &ids);
            }
        }
        for part in &asked.parts {
            if !question.parts.iter().any(|p| p.id == part.id.value) {
                let known: Vec<&str> = question.parts.iter().map(|p| p.id.as_str()).collect();
                self.extra("Part", &part.id, &known);
            }
        }
    }

    fn is_host(&self, option: &crate::lesson::model::Choice) -> bool {
        use crate::lesson::model::ChoiceValue;
        use crate::lesson::words::Literal;
        match &option.value {
            ChoiceValue::Fixed(Literal::Text(name)) => self.check.ready.setup.nodes.iter().any(|n| n.name == *name),
            _ => false,
        }
    }

    /// Words in angle brackets are markup in Markdown, and no face shows markup. A comment is for the author alone.
    fn markup(&mut self) {
        let texts = self.texts.clone();
        let source = texts.source.text();
        for (event, range) in Parser::new(source).into_offset_iter() {
            let what = match event {
                Event::InlineHtml(_) => "an element of HTML",
                Event::Start(Tag::HtmlBlock) => "HTML",
                Event::Start(Tag::Link { .. }) => "a link",
                Event::Start(Tag::Image { .. }) => "a picture",
                _ => continue,
            };
            let written = source[range.clone()].trim_end();
            if !(written.starts_with("<!--") && written.ends_with("-->")) {
                let span = Span { start: range.start, end: range.start + written.len() };
                let message =
                    format!("{what} would not be seen: a lesson has paragraphs, lists, strong words and code");
                let help = "write `<bob@b.example>` with its backticks, or without its brackets".to_owned();
                self.tell("not_shown", span, message, "here", help);
            }
        }
    }

    /// `{rtt}` needs a number called `rtt`, and a place where the learner's problem is known.
    fn braces(&mut self, lesson: &Lesson) {
        let (source, texts) = (self.texts.source.clone(), self.texts.clone());
        let ids = texts.stops.iter().chain(&texts.explore).map(|said| &said.id);
        let first = ids.chain(texts.questions.iter().map(|q| &q.id)).map(|id| id.span.start).min();
        let tried = |at: &usize| texts.explore.iter().any(|e| (e.id.span.start..e.text.span.end).contains(at));
        for (name, at) in placeholders(source.text()) {
            let span = Span { start: at, end: at + name.len() + 2 };
            let why = match at {
                at if first.is_none_or(|first| at < first) => "title and aim are read before there is a run",
                at if tried(&at) => "an exploration runs as printed, whatever the learner's problem is",
                _ => "",
            };
            if !why.is_empty() {
                let help = "write the number itself, or say it without".to_owned();
                self.tell("number_here", span, format!("`{{{name}}}` cannot be known here: {why}"), "here", help);
                continue;
            }
            if !lesson.numbers.iter().any(|f| f.name == name) {
                let known: Vec<&str> = lesson.numbers.iter().map(|f| f.name.as_str()).collect();
                let help = match nearest(name, &known) {
                    Some(near) => format!("did you mean `{{{near}}}`?"),
                    None => "put it into \"numbers\" of the lesson".to_owned(),
                };
                self.tell("unknown_number", span, format!("the lesson has no number `{name}`"), "unknown", help);
            }
        }
    }
}
