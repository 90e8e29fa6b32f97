//! Runs: the same scenario with other settings. An override is put into the file's tree before it is
//! read, so that it is judged as if it had been written there; its mistakes point at the override.

use std::sync::Arc;

use super::json::{Json, Member, Value};
use super::problem::{Problem, nearest, quoted};
use super::source::{At, Source, Span};

/// Puts a new value into the tree.
///
/// # Errors
/// What is wrong with the path.
pub fn set(source: &Arc<Source>, tree: &mut Json, path: &At<String>, value: &Json) -> Result<(), Box<Problem>> {
    let wrong = |why: String| Problem::new("bad_override", source, path.span, why).label("path of the override");
    if ["runs", "format", "name"].iter().any(|f| first_step(path) == *f) {
        let problem = wrong(format!("a run cannot change `{}`", first_step(path)))
            .help("a run changes what happens: hosts, links, actions, clock, seed, tcp, names, story");
        return Err(problem.into());
    }
    let mut rest = path.value.as_str();
    let mut here = tree;
    let mut done = 0;
    loop {
        let span = here.span;
        let walked = path.value[..done].trim_end_matches('.').to_owned();
        let name = if walked.is_empty() { "the scenario".to_owned() } else { format!("`{walked}`") };
        let next = match &mut here.value {
            Value::Object(members) => {
                let found = longest(rest, members.iter().map(|m| m.key.value.as_str()));
                let step = found.map_or_else(|| first_step(rest).len(), |(_, n)| n);
                let at = match found {
                    Some((i, _)) => i,
                    None => {
                        // Judged, like everything, when the tree is read.
                        let key = At::new(rest[..step].to_owned(), part(source, path, done, done + step));
                        let value = Json { span: path.span, value: Value::Object(Vec::new()) };
                        members.push(Member { key, value });
                        members.len() - 1
                    }
                };
                (&mut members[at].value, step)
            }
            Value::Array(elements) => {
                let labels: Vec<Vec<&str>> = elements.iter().map(labels).collect();
                let flat = labels.iter().enumerate().flat_map(|(i, l)| l.iter().map(move |name| (i, *name)));
                let found = flat
                    .filter(|(_, name)| fits(rest, name))
                    .max_by_key(|(i, name)| (name.len(), std::cmp::Reverse(*i)))
                    .map(|(i, name)| (i, name.len()));
                // The number behind the last adds an entry.
                let by_number = || {
                    let step = first_step(rest);
                    step.parse::<usize>().ok().filter(|n| *n <= elements.len()).map(|n| (n, step.len()))
                };
                let Some((at, step)) = found.or_else(by_number) else {
                    let known: Vec<&str> = labels.iter().flatten().copied().collect();
                    // As many steps as a name has: `mail.x` is to be compared with `mail.a`.
                    let near = known.iter().find_map(|k| {
                        let words = k.split('.').count();
                        let given: Vec<&str> = rest.split('.').take(words).collect();
                        nearest(&given.join("."), &[k])
                    });
                    let help = match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None if known.is_empty() => {
                            format!("its entries are numbered from 0; there are {}", elements.len())
                        }
                        None => format!("there is: {}", quoted(&known)),
                    };
                    let span = part(source, path, done, path.len());
                    let problem = Problem::new("bad_override", source, span, format!("{name} has no entry `{rest}`"));
                    return Err(problem.label("not found").help(help).into());
                };
                if at == elements.len() {
                    elements.push(Json { span: path.span, value: Value::Object(Vec::new()) });
                }
                (&mut elements[at], step)
            }
            _ => {
                let problem = wrong(format!("{name} has no parts, so nothing is at `{rest}` in it"));
                return Err(problem.also(span, "this value").help(format!("end the path at {name}")).into());
            }
        };
        let (inner, step) = next;
        done += step;
        if done >= path.len() {
            *inner = value.clone();
            return Ok(());
        }
        done += 1;
        rest = &path.value[done..];
        here = inner;
    }
}

/// How an entry of a list can be called.
fn labels(entry: &Json) -> Vec<&str> {
    let own = entry.text();
    ["name", "id", "address", "path", "origin", "from"]
        .iter()
        .filter_map(|k| entry.get(k)?.text())
        .take(1)
        .chain(own)
        .collect()
}

fn first_step(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
}

/// Whether `name` is the next step of the path; names have dots in them.
fn fits(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The longest key that is the next step.
fn longest<'k>(path: &str, keys: impl Iterator<Item = &'k str>) -> Option<(usize, usize)> {
    keys.enumerate().filter(|(_, k)| fits(path, k)).map(|(i, k)| (i, k.len())).max_by_key(|(_, n)| *n)
}

/// A part of the path in the file; the whole of it when it was written with escapes.
fn part(source: &Source, path: &At<String>, start: usize, end: usize) -> Span {
    let inner = Span { start: path.span.start + 1, end: path.span.end.saturating_sub(1) };
    if source.part(inner) != path.value {
        return path.span;
    }
    Span { start: inner.start + start, end: inner.start + end }
}
