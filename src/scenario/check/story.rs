//! The steps of the story.

use super::Check;
use super::network::Net;
use crate::scenario::source::{At, Span};
use crate::scenario::story::{EventPattern, SHORT, Step, Story, Value};
use crate::scenario::typed::{Event, File};
use crate::scenario::vocabulary::{self, FieldKind, other_kind, unknown_event, unknown_field};
use crate::scenario::words::Scalar;

pub(super) fn story(check: &mut Check, file: &File, net: &Net) -> Story {
    let mut steps = Vec::new();
    let mut last: Option<(u64, Span)> = None;
    for step in file.story.items() {
        if let Some(number) = step.step.get() {
            if let Some((before, span)) = last.filter(|l| l.0 >= number.0) {
                let problem = check
                    .problem("step_order", number.span, format!("step {} stands behind step {before}", number.0))
                    .label("not higher")
                    .also(span, "the one before")
                    .help("number the steps upwards: 1, 2, 3 ...");
                check.tell(problem);
            }
            last = Some((number.0, number.span));
        }
        if let Some(short) = step.short.get().filter(|s| s.chars().count() > SHORT) {
            let length = short.chars().count();
            let problem = check
                .problem("short_too_long", short.span, format!("the short name has {length} characters"))
                .label("too long")
                .help(format!("at most {SHORT} fit into a cell of the ribbon"));
            check.tell(problem);
        }
        let begins = step.begins.get().and_then(|e| event(check, net, e));
        let done = step.done.get().and_then(|e| event(check, net, e));
        if let (Some(number), Some(title), Some(begins), Some(done)) = (step.step.get(), step.title.get(), begins, done)
        {
            let short = step.short.get().map(|s| s.value.clone());
            steps.push(Step { number: number.0 as u32, title: title.value.clone(), short, begins, done });
        }
    }
    Story { steps }
}

/// Frames are left out: a story is about what programs do.
fn kinds() -> impl Iterator<Item = &'static str> {
    vocabulary::kinds().filter(|k| !k.starts_with("frame."))
}

fn event(check: &mut Check, net: &Net, typed: &At<Event>) -> Option<EventPattern> {
    let name = typed.event.get()?;
    let Some(kind) = kinds().find(|k| *k == name.value) else {
        let problem = check.problem("unknown_event", name.span, format!("there is no event `{}`", name.escape_debug()));
        check.tell(unknown_event(problem, name, &kinds().collect::<Vec<_>>()));
        return None;
    };
    // Lists are not compared.
    let fields: Vec<_> = vocabulary::fields(kind).into_iter().filter(|f| f.1 != FieldKind::List).collect();
    let mut conditions = Vec::new();
    for (key, value) in typed.conditions.entries() {
        let Some((field, what)) = fields.iter().find(|f| f.0 == key.value) else {
            let known: Vec<&str> = fields.iter().map(|f| f.0).collect();
            let message = format!("the event `{kind}` has no field `{}`", key.escape_debug());
            let problem = check.problem("unknown_event_field", key.span, message);
            check.tell(unknown_field(problem, kind, key, &known));
            continue;
        };
        if let Some(value) = condition(check, net, kind, (field, *what), value) {
            conditions.push((*field, value));
        }
    }
    let nth = typed.nth.get().map_or(1, |n| n.0 as u32);
    Some(EventPattern { kind, conditions, nth })
}

fn condition(
    check: &mut Check,
    net: &Net,
    kind: &str,
    (field, what): (&str, FieldKind),
    value: &At<Scalar>,
) -> Option<Value> {
    match (what, &value.value) {
        (FieldKind::Number, Scalar::Number(n)) => Some(Value::Number(*n)),
        (FieldKind::Text, Scalar::Text(text)) => Some(Value::Text(text.clone())),
        (FieldKind::Node, Scalar::Text(text)) => {
            if net.find(text).is_some() || net.names_incomplete {
                return Some(Value::Text(text.clone()));
            }
            let problem = check
                .problem("unknown_name", value.span, format!("there is no node `{}`", text.escape_debug()))
                .label("does not exist")
                .suggest(text, net.names());
            check.tell(problem);
            None
        }
        (what, _) => {
            let (is, example) = other_kind(what);
            let problem = check
                .problem("wrong_type", value.span, format!("`{field}` of `{kind}` is {is}"))
                .label("never equal")
                .help(format!("write it like {example}"));
            check.tell(problem);
            None
        }
    }
}
