//! The text of a filter as a tree. What the words mean is found out later: see `check`.

use std::ops::Range;

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

use super::Error;

#[derive(pest_derive::Parser)]
#[grammar = "filter/grammar.pest"]
struct Grammar;

/// Where something stands in the text, in bytes.
pub(super) type Span = Range<usize>;

/// A test that a frame passes or not.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    /// A field or the value of an expression alone.
    Alone(Value),
    /// `a < b`, `a < b < c`.
    Compare {
        all: Option<bool>,
        first: Value,
        rest: Vec<(Operator, Value)>,
    },
    /// `a in {b, c..d}`.
    Member {
        all: Option<bool>,
        value: Value,
        negated: bool,
        set: Vec<(Value, Option<Value>)>,
    },
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    AllEqual,
    NotEqual,
    AnyNotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Contains,
    Matches,
}

/// How a value is worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    And,
    Plus,
    Minus,
    Times,
    Over,
    Modulo,
}

/// Something that has a value.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub span: Span,
    pub kind: Written,
}

/// How it is written.
#[derive(Clone, Debug)]
pub(super) enum Written {
    /// A name, a number, an address.
    Word(String),
    /// `ip.addr#2`.
    Layer(String, Vec<Part>),
    /// `"..."`, with its escapes undone; they can be any bytes.
    Text(Vec<u8>),
    /// `r"..."`.
    Raw(String),
    /// `'a'`.
    Character(u8),
    Minus(Box<Value>),
    Sum(Box<Value>, Sign, Box<Value>),
    Call(String, Vec<Value>),
    Slice(Box<Value>, Vec<Part>),
}

/// A range of a slice or of layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `[i:j]`: from, length.
    Length(i64, i64),
    /// `[i-j]`: from, to.
    To(i64, i64),
    /// `[i:]`.
    From(i64),
    /// `[i]`.
    One(i64),
}

/// Reads a filter; `None` if there is nothing but blanks.
pub(super) fn parse(text: &str) -> Result<Option<Expr>, Error> {
    let mut pairs = Grammar::parse(Rule::filter, text).map_err(|e| refused(text, &e))?;
    let filter = pairs.next().expect("the rule for a whole filter");
    filter.into_inner().find(|p| p.as_rule() == Rule::any_of).map(any_of).transpose()
}

/// What the parser expected, in words.
fn refused(text: &str, error: &pest::error::Error<Rule>) -> Error {
    let start = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let rest = &text[start..];
    let quote = |c: char| rest.starts_with(c);
    if quote('"') || rest.starts_with("r\"") {
        return Error::new(start..text.len(), "the quotation mark is not closed; expected another \" behind the text");
    }
    let words = ["AND", "OR", "NOT", "IN", "CONTAINS", "MATCHES", "EQ", "NE"];
    let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let end = start + if word.is_empty() { rest.chars().next().map_or(0, char::len_utf8) } else { word.len() };
    let found = if rest.is_empty() { "the end of the filter".to_string() } else { format!("`{}`", &text[start..end]) };
    let expected = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => expected(positives),
        ErrorVariant::CustomError { message } => message.clone(),
    };
    let wrong = Error::new(start..end, format!("expected {expected}, found {found}"));
    match word.as_str() {
        w if words.contains(&w) => wrong.help(format!("Write {} in small letters.", w.to_lowercase())),
        "xor" => wrong.help("Write (a or b) and not (a and b)."),
        _ if rest.starts_with('=') => wrong.help("Equal is ==."),
        _ => wrong,
    }
}

fn expected(rules: &[Rule]) -> String {
    let mut words: Vec<&str> = rules
        .iter()
        .map(|rule| match rule {
            Rule::operator => "a comparison (==, !=, <, contains, matches ...)",
            Rule::and | Rule::or => "`and` or `or`",
            Rule::in_set | Rule::membership | Rule::not_in => "`in {...}`",
            Rule::add | Rule::multiply | Rule::bit_and => "an arithmetic sign (+ - * / % &)",
            Rule::slice | Rule::layers => "a slice such as [0:4]",
            Rule::range | Rule::number => "a number, or a range such as 0:4",
            Rule::close => "`)`",
            Rule::comma => "`,`",
            Rule::open_set => "a set such as {25, 587}",
            Rule::close_set => "`}`",
            Rule::EOI => "the end",
            _ => "a field, a value or `not`",
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    match words.as_slice() {
        [] => "a field".to_string(),
        [one] => (*one).to_string(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

fn span(pair: &Pair<'_, Rule>) -> Span {
    let mut span = pair.as_span().start()..pair.as_span().end();
    // A rule that goes on with something optional takes the blanks in front of it along.
    span.end -= pair.as_str().len() - pair.as_str().trim_end().len();
    span
}

/// One part as it is, several as `make` puts them together.
fn one_or<T>(mut parts: Vec<T>, make: fn(Vec<T>) -> T) -> T {
    if parts.len() == 1 { parts.remove(0) } else { make(parts) }
}

fn any_of(pair: Pair<'_, Rule>) -> Result<Expr, Error> {
    let parts = pair.into_inner().filter(|p| p.as_rule() == Rule::all_of).map(all_of);
    Ok(one_or(parts.collect::<Result<_, _>>()?, Expr::Or))
}

fn all_of(pair: Pair<'_, Rule>) -> Result<Expr, Error> {
    let parts = pair.into_inner().filter(|p| p.as_rule() == Rule::test).map(test);
    Ok(one_or(parts.collect::<Result<_, _>>()?, Expr::And))
}

fn test(pair: Pair<'_, Rule>) -> Result<Expr, Error> {
    let inner = pair.into_inner().next().expect("a test is something");
    match inner.as_rule() {
        Rule::negation => {
            let test_of = inner.into_inner().find(|p| p.as_rule() == Rule::test).expect("`not` stands before a test");
            Ok(Expr::Not(Box::new(test(test_of)?)))
        }
        Rule::any_of => any_of(inner),
        _ => relation(inner),
    }
}

fn relation(pair: Pair<'_, Rule>) -> Result<Expr, Error> {
    let mut all = None;
    let mut values = Vec::new();
    let mut operators = Vec::new();
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::quantifier => all = Some(part.as_str() == "all"),
            Rule::value => values.push(value(part)?),
            Rule::operator => operators.push(operator(part)),
            _ => {
                let value = values.pop().expect("a set stands behind a value");
                let negated = part.clone().into_inner().any(|p| p.as_rule() == Rule::not_in);
                let elements = part.into_inner().filter(|p| p.as_rule() == Rule::element);
                let set = elements.map(element).collect::<Result<_, _>>()?;
                return Ok(Expr::Member { all, value, negated, set });
            }
        }
    }
    let mut values = values.into_iter();
    let first = values.next().expect("a relation has a value");
    if operators.is_empty() {
        return match all {
            None => Ok(Expr::Alone(first)),
            Some(_) => Err(Error::new(first.span.end..first.span.end, "expected a comparison behind `any` or `all`")),
        };
    }
    let rest = operators.into_iter().zip(values).collect();
    Ok(Expr::Compare { all, first, rest })
}

fn element(pair: Pair<'_, Rule>) -> Result<(Value, Option<Value>), Error> {
    let mut ends = pair.into_inner().map(value);
    let from = ends.next().expect("an element has a value")?;
    Ok((from, ends.next().transpose()?))
}

fn operator(pair: Pair<'_, Rule>) -> Operator {
    match pair.as_str() {
        "==" | "eq" | "any_eq" => Operator::Equal,
        "===" | "all_eq" => Operator::AllEqual,
        "!=" | "ne" | "all_ne" => Operator::NotEqual,
        "!==" | "~=" | "any_ne" => Operator::AnyNotEqual,
        ">" | "gt" => Operator::Greater,
        ">=" | "ge" => Operator::GreaterOrEqual,
        "<" | "lt" => Operator::Less,
        "<=" | "le" => Operator::LessOrEqual,
        "contains" => Operator::Contains,
        _ => Operator::Matches,
    }
}

/// Values joined by signs of one strength, from left to right.
fn value(pair: Pair<'_, Rule>) -> Result<Value, Error> {
    let mut parts = pair.into_inner();
    let mut left = below(parts.next().expect("it begins with a value"))?;
    while let (Some(sign), Some(right)) = (parts.next(), parts.next()) {
        let sign = match sign.as_str() {
            "+" => Sign::Plus,
            "-" => Sign::Minus,
            "*" => Sign::Times,
            "/" => Sign::Over,
            "%" => Sign::Modulo,
            _ => Sign::And,
        };
        let right = below(right)?;
        let span = left.span.start..right.span.end;
        left = Value { span, kind: Written::Sum(Box::new(left), sign, Box::new(right)) };
    }
    Ok(left)
}

fn below(pair: Pair<'_, Rule>) -> Result<Value, Error> {
    if pair.as_rule() == Rule::factor { factor(pair) } else { value(pair) }
}

fn factor(pair: Pair<'_, Rule>) -> Result<Value, Error> {
    let whole = span(&pair);
    let mut parts = pair.into_inner();
    let first = parts.next().expect("a factor is something");
    let at = span(&first);
    match first.as_rule() {
        Rule::minus => {
            let of = factor(parts.next().expect("a sign stands before a value"))?;
            Ok(Value { span: whole, kind: Written::Minus(Box::new(of)) })
        }
        Rule::value => Ok(Value { span: whole, ..value(first)? }),
        Rule::call => {
            let (mut name, mut arguments, mut slices) = (None, Vec::new(), Vec::new());
            for part in first.into_inner() {
                match part.as_rule() {
                    Rule::name => name = Some(part),
                    Rule::slice => slices.push(part),
                    _ => arguments.push(value(part)?),
                }
            }
            let name = name.expect("a call has a name");
            let end = slices.first().map_or(at.end, |s| s.as_span().start());
            let call = Value { span: at.start..end, kind: Written::Call(name.as_str().to_string(), arguments) };
            sliced(call, slices)
        }
        Rule::cut => {
            let mut parts = first.into_inner();
            let word = parts.next().expect("it begins with a word");
            let mut of = Value { span: span(&word), kind: Written::Word(word.as_str().to_string()) };
            let mut slices: Vec<_> = parts.collect();
            if slices.first().is_some_and(|p| p.as_rule() == Rule::layers) {
                let layers = slices.remove(0);
                let end = span(&layers).end;
                let numbers = layers.into_inner().map(part).collect::<Result<_, _>>()?;
                of = Value { span: of.span.start..end, kind: Written::Layer(word.as_str().to_string(), numbers) };
            }
            sliced(of, slices)
        }
        _ => constant(first),
    }
}

fn sliced(mut of: Value, slices: Vec<Pair<'_, Rule>>) -> Result<Value, Error> {
    for slice in slices {
        let span = of.span.start..span(&slice).end;
        let parts = slice.into_inner().map(part).collect::<Result<_, _>>()?;
        of = Value { span, kind: Written::Slice(Box::new(of), parts) };
    }
    Ok(of)
}

fn part(pair: Pair<'_, Rule>) -> Result<Part, Error> {
    let at = span(&pair);
    let text = pair.as_str();
    let read = |n: &str| {
        let (minus, digits) = n.strip_prefix('-').map_or((false, n), |rest| (true, rest));
        let number = match digits.strip_prefix("0x") {
            Some(hex) => i64::from_str_radix(hex, 16),
            None => digits.parse(),
        };
        let number = number.map_err(|_| Error::new(at.clone(), format!("{n} is too large for a place in a slice")))?;
        Ok(if minus { -number } else { number })
    };
    if pair.as_rule() == Rule::number {
        return Ok(Part::One(read(text)?));
    }
    let numbers = pair.into_inner().map(|n| read(n.as_str())).collect::<Result<Vec<_>, Error>>()?;
    match (numbers.as_slice(), text.trim_start().starts_with(':'), text.contains(':')) {
        ([from, length], _, true) => Ok(Part::Length(*from, *length)),
        ([from, to], ..) => Ok(Part::To(*from, *to)),
        ([length], true, _) => Ok(Part::Length(0, *length)),
        ([from], _, true) => Ok(Part::From(*from)),
        ([one], ..) => Ok(Part::One(*one)),
        _ => Err(Error::new(at, "expected a range such as 0:4")),
    }
}

fn constant(pair: Pair<'_, Rule>) -> Result<Value, Error> {
    let span = span(&pair);
    let first = pair.into_inner().next().expect("a constant is something");
    let text = first.as_str();
    let kind = match first.as_rule() {
        Rule::raw_text => Written::Raw(text[2..text.len() - 1].to_string()),
        Rule::text => Written::Text(unescape(&text[1..text.len() - 1], span.start + 1)?),
        _ => match unescape(&text[1..text.len() - 1], span.start + 1)?.as_slice() {
            [one] => Written::Character(*one),
            _ => return Err(Error::new(span, format!("{text} is too long to be a character"))),
        },
    };
    Ok(Value { span, kind })
}

/// Undoes the escapes of the manual page; `at` is where the text begins in the filter.
fn unescape(text: &str, at: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..place]);
        let start = at + text.len() - rest.len() + place;
        let escape = &rest[place + 1..];
        let digits = |from: usize, most: usize, radix: u32| {
            let run: String = escape.chars().skip(from).take(most).take_while(|c| c.is_digit(radix)).collect();
            (u32::from_str_radix(&run, radix).ok(), run.len())
        };
        let unknown = || {
            Error::new(
                start..start + 2,
                "there is no such escape; expected \\\" \\\\ \\n \\r \\t \\xNN \\NNN or \\uNNNN",
            )
        };
        let c = escape.chars().next().ok_or_else(unknown)?;
        let taken = match c {
            '"' | '\'' | '\\' => (vec![c as u8], 1),
            'a' => (vec![7], 1),
            'b' => (vec![8], 1),
            'f' => (vec![12], 1),
            'n' => (vec![b'\n'], 1),
            'r' => (vec![b'\r'], 1),
            't' => (vec![b'\t'], 1),
            'v' => (vec![11], 1),
            'x' => {
                let (value, length) = digits(1, 2, 16);
                (vec![value.ok_or_else(unknown)? as u8], 1 + length)
            }
            '0'..='7' => {
                let (value, length) = digits(0, 3, 8);
                let value = value.and_then(|v| u8::try_from(v).ok());
                (vec![value.ok_or_else(unknown)?], length)
            }
            'u' | 'U' => {
                let most = if c == 'u' { 4 } else { 8 };
                let (value, length) = digits(1, most, 16);
                let value = value.filter(|_| length == most).and_then(char::from_u32).ok_or_else(unknown)?;
                (value.to_string().into_bytes(), 1 + length)
            }
            _ => return Err(unknown()),
        };
        bytes.extend_from_slice(&taken.0);
        rest = &escape[taken.1..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}
