//! JSON (RFC 8259) with the place of every value, without any leniency.
//!
//! jsonc-parser keeps the ranges; every `allow_*` of it is off. What it takes in beyond the RFC (numbers
//! with leading zeros, keys that stand twice) is refused here.

use std::sync::Arc;

use jsonc_parser::ast;
use jsonc_parser::errors::ParseErrorKind as Kind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::problem::Problem;
use super::source::{At, Source, Span};

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Json {
    /// From its first to its last character.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What stands in a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// As written.
    Number(String),
    /// Without quotes, escapes resolved.
    Text(String),
    /// `[ ]`
    Array(Vec<Json>),
    /// `{ }`, no key twice.
    Object(Vec<Member>),
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its key; the place has the quotes in it.
    pub key: At<String>,
    /// Its value.
    pub value: Json,
}

impl Json {
    /// The member with this key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Json> {
        match &self.value {
            Value::Object(members) => members.iter().find(|m| m.key.value == key).map(|m| &m.value),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The same value at another place.
    pub fn at(&self, span: Span) -> Json {
        let value = match &self.value {
            Value::Array(items) => Value::Array(items.iter().map(|i| i.at(span)).collect()),
            Value::Object(members) => {
                let member = |m: &Member| Member { key: At::new(m.key.value.clone(), span), value: m.value.at(span) };
                Value::Object(members.iter().map(member).collect())
            }
            other => other.clone(),
        };
        Json { span, value }
    }

    /// "a number", "a list" ...
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}

/// On one line, as compact as it can be read.
impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Escapes as any JSON writer makes them.
        let text = |text: &str| serde_json::Value::from(text).to_string();
        match &self.value {
            Value::Null => f.write_str("null"),
            Value::Bool(b) => write!(f, "{b}"),
            Value::Number(n) => f.write_str(n),
            Value::Text(t) => f.write_str(&text(t)),
            Value::Array(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Value::Object(members) => {
                f.write_str("{ ")?;
                for (i, member) in members.iter().enumerate() {
                    let comma = if i > 0 { ", " } else { "" };
                    write!(f, "{comma}{}: {}", text(&member.key.value), member.value)?;
                }
                f.write_str(" }")
            }
        }
    }
}

/// Reads a file.
///
/// # Errors
/// The first mistake of syntax, or all keys that stand twice and numbers that are none.
pub fn parse(source: &Arc<Source>) -> Result<Json, Vec<Problem>> {
    parse_part(source, Span { start: 0, end: source.text().len() })
}

/// Reads a part of a file that is a value of its own.
///
/// # Errors
/// As [`parse`].
pub(super) fn parse_part(source: &Arc<Source>, part: Span) -> Result<Json, Vec<Problem>> {
    let (text, base) = (source.part(part), part.start);
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &strict);
    let open = text_without_end(text);
    let tree = match (parsed, open) {
        // What the parser stumbles over behind a text without end is only its consequence.
        (Err(error), open) if open.is_none_or(|o| error.range().start < o.start) => {
            return Err(vec![syntax(source, base + error.range().start, base + error.range().end, error.kind())]);
        }
        (_, Some(open)) => {
            let span = Span { start: base + open.start, end: base + open.end };
            return Err(vec![
                Problem::new("syntax", source, span, "this text does not end on its line")
                    .label("no \" behind it, or a tab or other control character in it")
                    .help("a text ends with \" on the same line; write a line end in it as \\n, a tab as \\t"),
            ]);
        }
        (result, None) => result.map(|r| r.value).unwrap_or_default(),
    };
    let Some(tree) = tree else {
        let whole = Span { start: 0, end: source.text().len() };
        return Err(vec![
            Problem::new("syntax", source, whole.first(), "the file is empty")
                .label("nothing to read")
                .help(super::begins(source)),
        ]);
    };
    let mut problems = Vec::new();
    let json = convert(tree, source, base, &mut problems);
    if problems.is_empty() { Ok(json) } else { Err(problems) }
}

fn convert(value: ast::Value<'_>, source: &Arc<Source>, base: usize, problems: &mut Vec<Problem>) -> Json {
    let place = |r: jsonc_parser::common::Range| Span { start: base + r.start, end: base + r.end };
    match value {
        ast::Value::NullKeyword(v) => Json { span: place(v.range), value: Value::Null },
        ast::Value::BooleanLit(v) => Json { span: place(v.range), value: Value::Bool(v.value) },
        ast::Value::StringLit(v) => Json { span: place(v.range), value: Value::Text(v.value.into_owned()) },
        ast::Value::NumberLit(v) => {
            let span = place(v.range);
            let digits = v.value.trim_start_matches('-');
            if digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit() {
                problems.push(
                    Problem::new("syntax", source, span, "a number does not begin with 0")
                        .label("leading zero")
                        .help(format!("write {}", digits.trim_start_matches('0'))),
                );
            }
            Json { span, value: Value::Number(v.value.to_owned()) }
        }
        ast::Value::Array(v) => Json {
            span: place(v.range),
            value: Value::Array(v.elements.into_iter().map(|e| convert(e, source, base, problems)).collect()),
        },
        ast::Value::Object(v) => {
            let mut members: Vec<Member> = Vec::with_capacity(v.properties.len());
            for property in v.properties {
                let (key, range) = match property.name {
                    ast::ObjectPropName::String(s) => (s.value.into_owned(), s.range),
                    ast::ObjectPropName::Word(w) => (w.value.to_owned(), w.range),
                };
                let key = At::new(key, place(range));
                let value = convert(property.value, source, base, problems);
                if let Some(first) = members.iter().find(|m| m.key.value == key.value) {
                    problems.push(
                        Problem::new("duplicate_field", source, key.span, format!("`{}` stands here twice", key.value))
                            .label("again")
                            .also(first.key.span, "first")
                            .help("one of them would be ignored: take one away"),
                    );
                } else {
                    members.push(Member { key, value });
                }
            }
            Json { span: place(v.range), value: Value::Object(members) }
        }
    }
}

/// The first text with a control character in it, which RFC 8259 forbids and the parser lets pass; mostly
/// its closing quote is missing.
fn text_without_end(text: &str) -> Option<Span> {
    let (mut start, mut escaped) = (None, false);
    for (at, byte) in text.bytes().enumerate() {
        match (start, byte) {
            (None, b'"') => start = Some(at),
            (Some(_), _) if escaped && byte >= 0x20 => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(_), b'"') => start = None,
            (Some(from), 0..0x20) => return Some(Span { start: from, end: at }),
            _ => {}
        }
    }
    None
}

/// The parser's mistakes in our words.
fn syntax(source: &Arc<Source>, start: usize, end: usize, kind: &Kind) -> Problem {
    let end = end.clamp(start, source.text().len());
    let mut span = Span { start: start.min(end), end };
    // The words that do not come with a place of their own are underlined alone.
    if span.end == span.start {
        let next = source.text()[span.start..].chars().next().map_or(0, char::len_utf8);
        span.end = span.start + next;
    }
    let before = source.text()[..span.start].trim_end();
    let word = source.part(span).starts_with(|c: char| c.is_alphabetic());
    let (message, label, help): (String, &str, &str) = match kind {
        Kind::ExpectedComma if before.ends_with('0') && source.part(span).starts_with(|c: char| c.is_ascii_digit()) => {
            (
                "a number does not begin with 0".into(),
                "behind a leading zero",
                "write the number without the zero in front of it",
            )
        }
        Kind::ExpectedComma => ("a comma is missing".into(), "here", "put a , between two entries"),
        Kind::UnexpectedComma | Kind::UnexpectedCloseBrace | Kind::UnexpectedCloseBracket if before.ends_with(':') => {
            ("a value is missing behind the colon".into(), "instead of a value", "write \"name\": value")
        }
        Kind::UnexpectedToken if word => (
            "a word stands here without quotes".into(),
            "word",
            "text stands in double quotes; without quotes there are only true, false and null",
        ),
        Kind::TrailingCommasNotAllowed => {
            ("a comma stands behind the last entry".into(), "this comma", "take it away: JSON allows none here")
        }
        Kind::CommentsNotAllowed | Kind::UnterminatedCommentBlock => {
            span = span.first();
            ("comments are not part of JSON".into(), "comment", "put the words into \"description\"")
        }
        Kind::SingleQuotedStringsNotAllowed => {
            ("text stands in double quotes".into(), "single quote", "write \"...\" instead of '...'")
        }
        Kind::ExpectedStringObjectProperty => {
            ("a field's name stands in double quotes".into(), "no quotes", "write \"name\": value")
        }
        Kind::ExpectedColonAfterObjectKey => {
            ("a colon is missing behind the field's name".into(), "a colon should stand here", "write \"name\": value")
        }
        Kind::ExpectedObjectValue => {
            ("a value is missing behind the colon".into(), "of this field", "write \"name\": value")
        }
        Kind::UnterminatedObject => {
            span = span.first();
            ("this object has no end".into(), "opened here", "a } is missing, perhaps at the end of the file")
        }
        Kind::UnterminatedArray => {
            span = span.first();
            ("this list has no end".into(), "opened here", "a ] is missing, perhaps at the end of the file")
        }
        Kind::MultipleRootJsonValues => {
            span = span.first();
            (
                "something stands behind the end of the object".into(),
                "behind the end",
                "the file holds one object { ... }",
            )
        }
        Kind::String(what) => {
            span = span.first();
            (
                format!("this text is not well-formed: {}", lower(&what.to_string())),
                "text",
                "a text ends with \" on the same line; a backslash stands before \", \\, n, t, r, b, f, / or u with four hex digits",
            )
        }
        Kind::HexadecimalNumbersNotAllowed
        | Kind::UnaryPlusNumbersNotAllowed
        | Kind::BareDecimalPointNumbersNotAllowed
        | Kind::NonFiniteNumbersNotAllowed
        | Kind::ExpectedDigit
        | Kind::ExpectedDigitFollowingNegativeSign
        | Kind::ExpectedPlusMinusOrDigitInNumberLiteral => {
            ("this is not a number as JSON writes it".into(), "number", "write decimal digits: 25")
        }
        Kind::UnexpectedWord => (
            "a word stands here without quotes".into(),
            "word",
            "text stands in double quotes; without quotes there are only true, false and null",
        ),
        Kind::NestingDepthExceeded => {
            span = span.first();
            ("lists and objects are nested too deeply".into(), "here it is too deep", "eight levels are enough")
        }
        other => (
            format!("this does not belong here: {}", lower(&other.to_string())),
            "unexpected",
            "check brackets, commas and colons before it",
        ),
    };
    // Never more than a line is underlined.
    if let Some(line) = source.part(span).find(['\n', '\r']) {
        span.end = span.start + line.max(1);
    }
    Problem::new("syntax", source, span, message).label(label).help(help)
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}
