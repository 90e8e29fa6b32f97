//! From JSON to the types of [`super::typed`]: every field that can be read is read, and every mistake is
//! told, so that one look at a file finds them all.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::json::{Json, Member, Value};
use super::problem::{Problem, nearest, quoted};
use super::source::{At, Source, Span};
use super::units::{self, Wrong};
use crate::time::{Calendar, Duration};

/// A field of an object.
#[derive(Clone, Debug)]
pub enum Field<T> {
    /// Not written: its default counts.
    Absent,
    /// Written, or missing, in a way that has already been told: nothing more is said about it.
    Broken,
    /// Written.
    Given(At<T>),
}

impl<T> Field<T> {
    /// The value and its place, if there is one.
    pub fn get(&self) -> Option<&At<T>> {
        match self {
            Field::Given(at) => Some(at),
            _ => None,
        }
    }

    /// Whether nothing was written.
    pub fn is_absent(&self) -> bool {
        matches!(self, Field::Absent)
    }

    /// Whether something is wrong with it that was told.
    pub fn is_broken(&self) -> bool {
        matches!(self, Field::Broken)
    }
}

impl<T: Clone> Field<T> {
    /// The value, or this one.
    pub fn or(&self, default: T) -> T {
        self.get().map_or(default, |at| at.value.clone())
    }
}

impl<T: Clone + Default> Field<T> {
    /// The value, or the type's own default.
    pub fn or_default(&self) -> T {
        self.or(T::default())
    }
}

/// A list; entries that could not be read are left out.
#[derive(Clone, Debug)]
pub struct List<T> {
    /// The entries.
    pub items: Vec<At<T>>,
    /// Whether some are left out.
    pub broken: bool,
}

impl<T> Field<List<T>> {
    /// The entries; none when nothing was written.
    pub fn items(&self) -> &[At<T>] {
        self.get().map_or(&[], |list| &list.items)
    }

    /// Whether some entries could not be read.
    pub fn lost_some(&self) -> bool {
        self.is_broken() || self.get().is_some_and(|list| list.broken)
    }
}

/// An object whose keys are names.
#[derive(Clone, Debug)]
pub struct Map<T> {
    /// Keys and values as written.
    pub entries: Vec<(At<String>, At<T>)>,
}

impl<T> Field<Map<T>> {
    /// The entries; none when nothing was written.
    pub fn entries(&self) -> &[(At<String>, At<T>)] {
        self.get().map_or(&[], |map| &map.entries)
    }
}

/// What a field of an object is called and whether it must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// Its key.
    pub name: &'static str,
    /// It must be there.
    pub required: bool,
    /// One or two sentences.
    pub doc: &'static str,
}

/// Something that can stand in a scenario.
pub trait Read: Sized {
    /// Reads it, or tells what is wrong.
    fn read(json: &Json, reader: &mut Reader) -> Option<Self>;
}

/// Collects mistakes while a file is read.
#[derive(Debug)]
pub struct Reader {
    pub(crate) source: Arc<Source>,
    /// What was found.
    pub problems: Vec<Problem>,
    /// Keys on the way to the value that is being read.
    path: Vec<String>,
}

impl Reader {
    /// A reader of this file.
    pub fn new(source: Arc<Source>) -> Self {
        Reader { source, problems: Vec::new(), path: Vec::new() }
    }

    pub(crate) fn problem(&self, code: &'static str, span: Span, message: impl Into<String>) -> Problem {
        Problem::new(code, &self.source, span, message)
    }

    /// The key whose value is being read: "`delay`", or "the file".
    fn here(&self) -> String {
        self.path.last().map_or_else(|| "the file".to_owned(), |key| format!("`{key}`"))
    }

    /// Tells that a value is of the wrong kind.
    pub(crate) fn expected<T>(&mut self, json: &Json, what: &str, example: &str) -> Option<T> {
        let span = if matches!(json.value, Value::Array(_) | Value::Object(_)) { json.span.first() } else { json.span };
        let message = format!("{} must be {what}, not {}", self.here(), json.kind());
        self.problems.push(
            self.problem("wrong_type", span, message)
                .label(format!("this is {}", json.kind()))
                .help(format!("write it like {example}")),
        );
        None
    }

    /// Tells what is wrong with a text.
    pub(crate) fn refuse<T>(&mut self, json: &Json, text: &str, wrong: Wrong) -> Option<T> {
        let message = format!("`{text}` {}", wrong.why);
        let label = format!("as {}", self.here());
        self.problems.push(self.problem(wrong.code, json.span, message).label(label).help(wrong.help));
        None
    }

    /// A text.
    pub(crate) fn text<'j>(&mut self, json: &'j Json, what: &str, example: &str) -> Option<&'j str> {
        match &json.value {
            Value::Text(text) => Some(text),
            _ => self.expected(json, what, example),
        }
    }

    /// The members of an object; unknown and missing ones are told.
    pub(crate) fn object<'j>(&mut self, json: &'j Json, what: &str, fields: &[FieldInfo]) -> Option<Members<'j>> {
        let Value::Object(members) = &json.value else {
            return self.expected(json, &format!("an object ({what})"), "{ ... }");
        };
        let given = |name: &str| members.iter().any(|m| m.key.value == name);
        let mut excused = Vec::new();
        for member in members {
            let key = &member.key.value;
            if fields.iter().any(|f| f.name == key) {
                continue;
            }
            let open: Vec<&str> = fields.iter().map(|f| f.name).filter(|n| !given(n)).collect();
            let near = nearest(key, &open);
            if let Some(name) = near {
                // The misspelt field and the missing one are one mistake.
                excused.push(name);
            }
            let all: Vec<&str> = fields.iter().map(|f| f.name).collect();
            let help = match near {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("{what} can have: {}", quoted(&all)),
            };
            self.problems.push(
                self.problem("unknown_field", member.key.span, format!("{what} has no field `{key}`"))
                    .label("unknown")
                    .help(help),
            );
        }
        let mut missing = Vec::new();
        for field in fields.iter().filter(|f| f.required && !given(f.name)) {
            missing.push(field.name);
            if excused.contains(&field.name) {
                continue;
            }
            let doc = field.doc.trim();
            self.problems.push(
                self.problem("missing_field", json.span.first(), format!("{what} needs the field `{}`", field.name))
                    .label(format!("`{}` is missing in this object", field.name))
                    .help(doc.to_owned()),
            );
        }
        missing.extend(excused);
        Some(Members { members, missing })
    }
}

/// The members of an object that is being read.
#[derive(Debug)]
pub struct Members<'j> {
    members: &'j [Member],
    missing: Vec<&'static str>,
}

impl Members<'_> {
    /// Reads one of them.
    pub fn take<T: Read>(&self, name: &str, reader: &mut Reader) -> Field<T> {
        let Some(member) = self.members.iter().find(|m| m.key.value == name) else {
            return if self.missing.contains(&name) { Field::Broken } else { Field::Absent };
        };
        reader.path.push(name.to_owned());
        let value = T::read(&member.value, reader);
        reader.path.pop();
        value.map_or(Field::Broken, |value| Field::Given(At::new(value, member.value.span)))
    }
}

impl<T: Read> Read for List<T> {
    fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
        let Value::Array(elements) = &json.value else {
            let example = match json.value {
                Value::Text(_) | Value::Number(_) => format!("[{}]", reader.source.part(json.span)),
                _ => "[ ... ]".to_owned(),
            };
            return reader.expected(json, "a list", &example);
        };
        let mut list = List { items: Vec::with_capacity(elements.len()), broken: false };
        for element in elements {
            match T::read(element, reader) {
                Some(value) => list.items.push(At::new(value, element.span)),
                None => list.broken = true,
            }
        }
        Some(list)
    }
}

impl<T: Read> Read for Map<T> {
    fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
        let Value::Object(members) = &json.value else {
            return reader.expected(json, "an object with names as keys", "{ \"name\": ... }");
        };
        let mut map = Map { entries: Vec::with_capacity(members.len()) };
        for member in members {
            reader.path.push(member.key.value.clone());
            if let Some(value) = T::read(&member.value, reader) {
                map.entries.push((member.key.clone(), At::new(value, member.value.span)));
            }
            reader.path.pop();
        }
        Some(map)
    }
}

impl<T: Read> Read for Box<T> {
    fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
        T::read(json, reader).map(Box::new)
    }
}

/// Anything; looked at later.
impl Read for Json {
    fn read(json: &Json, _: &mut Reader) -> Option<Self> {
        Some(json.clone())
    }
}

impl Read for String {
    fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
        reader.text(json, "a text", "\"...\"").map(str::to_owned)
    }
}

impl Read for bool {
    fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
        match json.value {
            Value::Bool(b) => Some(b),
            _ => reader.expected(json, "true or false", "true, without quotes"),
        }
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Int<const MIN: u64, const MAX: u64>(pub u64);

impl<const MIN: u64, const MAX: u64> Read for Int<MIN, MAX> {
    fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
        let range = if MAX == u64::MAX { format!("{MIN} or more") } else { format!("from {MIN} to {MAX}") };
        let Value::Number(text) = &json.value else {
            let fits = |t: &&str| t.parse::<u64>().is_ok_and(|n| (MIN..=MAX).contains(&n));
            let example = json.text().filter(fits).map_or_else(|| MIN.to_string(), str::to_owned);
            return reader.expected(json, &format!("a whole number {range}"), &format!("{example}, without quotes"));
        };
        if let Ok(n) = text.parse::<u64>()
            && (MIN..=MAX).contains(&n)
        {
            return Some(Int(n));
        }
        let here = reader.here();
        let whole = text.strip_prefix('-').unwrap_or(text).bytes().all(|b| b.is_ascii_digit());
        let problem = if whole {
            reader
                .problem("out_of_range", json.span, format!("{here} is {text}, and must be {range}"))
                .label("out of range")
        } else {
            reader
                .problem("not_whole", json.span, format!("{here} must be a whole number, not {text}"))
                .label("not a whole number")
        };
        reader.problems.push(problem.help(format!("a whole number {range}")));
        None
    }
}

macro_rules! quantities {
    ($($type:ty, $parse:expr, $what:literal, $example:literal;)*) => {$(
        impl Read for $type {
            fn read(json: &Json, reader: &mut Reader) -> Option<Self> {
                let text = reader.text(json, $what, $example)?;
                let parsed: Result<$type, Wrong> = $parse(text);
                match parsed {
                    Ok(value) => Some(value),
                    Err(wrong) => reader.refuse(json, text, wrong),
                }
            }
        }
    )*};
}
pub(crate) use quantities;

/// Bits per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(pub u64);
/// Parts per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share(pub u32);
/// An address and the length of its network's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(pub Ipv4Addr, pub u8);

quantities! {
    Duration, units::duration, "a time with its unit", "\"70 ms\"";
    Rate, |t: &str| units::rate(t).map(Rate), "a rate with its unit", "\"1 Mbit/s\"";
    Share, |t: &str| units::share(t).map(Share), "a percentage", "\"1 %\"";
    Network, |t: &str| units::network(t).map(|(a, n)| Network(a, n)), "an address with its prefix length", "\"192.0.2.25/25\"";
    Ipv4Addr, units::address, "an IPv4 address", "\"192.0.2.25\"";
    Calendar, date, "a date", "\"2025-03-03T09:00:00Z\"";
}

fn date(text: &str) -> Result<Calendar, Wrong> {
    let wrong = |why: &str| Wrong {
        code: "bad_date",
        why: why.to_owned(),
        help: "write day and time in UTC, from 1980 to 2100: \"2025-03-03T09:00:00Z\"".to_owned(),
    };
    let calendar = Calendar::parse(text).map_err(|_| wrong("is no date"))?;
    let seconds = calendar.unix_seconds(crate::time::Instant::ZERO);
    // Captures count from 1970 and IMAP's dates have four digits; ten years of run fit in between.
    if (315_532_800..4_102_444_800).contains(&seconds) { Ok(calendar) } else { Err(wrong("is too far from our time")) }
}
