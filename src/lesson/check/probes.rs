//! Events and probes: kinds and fields that the record has, hosts that the scenario has.

use super::{Check, instant, kinds, text};
use crate::lesson::event::{Event, Pick};
use crate::lesson::probe::{At as Moment, Probe, Reading, Which};
use crate::lesson::typed;
use crate::lesson::words::Wanted;
use crate::scenario::source::At;
use crate::scenario::words::Scalar;
use crate::scenario::{nearest, quoted};
use crate::trace;

/// The fields of a kind of event.
fn fields(kind: &str) -> Vec<&'static str> {
    let of = if kind.ends_with(".cmd") { "app.line" } else { kind };
    let own = trace::KINDS.iter().find(|k| k.0 == of).map_or(&[][..], |k| k.1);
    let from = (kind == "dns.query").then_some("from");
    ["host"].into_iter().chain(from).chain(own.iter().copied()).collect()
}

impl Check {
    pub(super) fn event(&mut self, typed: &typed::Event) -> Option<Event> {
        let name = typed.event.get()?;
        let Some(kind) = kinds().find(|k| *k == name.value) else {
            let known: Vec<&str> = kinds().collect();
            let problem = self
                .problem("unknown_event", name.span, format!("there is no event `{}`", name.escape_debug()))
                .label("unknown");
            let problem = match nearest(name, &known) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help(format!("events are {}", quoted(&known))),
            };
            self.tell(problem);
            return None;
        };
        let known = fields(kind);
        let mut conditions = Vec::new();
        let mut whole = true;
        for (key, wanted) in typed.conditions.entries() {
            let Some(field) = known.iter().find(|f| **f == key.value) else {
                whole = false;
                self.no_field(kind, key, &known);
                continue;
            };
            whole &= self.node_name(kind, field, wanted);
            conditions.push((*field, wanted.value.clone()));
        }
        let pick = match (typed.nth.get(), typed.last.or(false)) {
            (Some(nth), true) => {
                let problem = self.problem("bad_pick", nth.span, "an event is the n-th or the last, not both");
                self.tell(problem.label("of which it is the last too").help("take `nth` or `last` away"));
                return None;
            }
            (_, true) => Pick::Last,
            (nth, false) => Pick::Nth(nth.map_or(1, |n| n.0 as u32)),
        };
        let after = typed.after.get().map(|e| self.event(e).map(Box::new));
        let before = typed.before.get().map(|e| self.event(e).map(Box::new));
        let run = self.run(&typed.run);
        if !whole || after == Some(None) || before == Some(None) {
            return None;
        }
        Some(Event { kind, conditions, pick, after: after.flatten(), before: before.flatten(), run })
    }

    fn no_field(&mut self, kind: &str, key: &At<String>, known: &[&str]) {
        let what = format!("the event `{kind}` has no field `{}`", key.escape_debug());
        let problem = self.problem("unknown_event_field", key.span, what).label("unknown");
        let problem = match nearest(key, known) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help(format!("`{kind}` has {}", quoted(known))),
        };
        self.tell(problem);
    }

    /// Fields that hold names of nodes are compared with nodes that exist.
    fn node_name(&mut self, kind: &str, field: &str, wanted: &At<Wanted>) -> bool {
        let of_node = match field {
            "host" | "client" | "server" => true,
            "from" | "to" => {
                kind.starts_with("app.") || kind.starts_with("smtp.") || kind == "tcp.seg" || kind.ends_with(".cmd")
            }
            _ => false,
        };
        let Wanted::Equal(Scalar::Text(name)) = &wanted.value else { return true };
        let nodes: Vec<String> = self.ready.setup.nodes.iter().map(|n| n.name.clone()).collect();
        if !of_node || nodes.contains(name) {
            return true;
        }
        let known: Vec<&str> = nodes.iter().map(String::as_str).collect();
        let problem = self.problem("unknown_name", wanted.span, format!("there is no node `{}`", name.escape_debug()));
        self.tell(problem.label("does not exist").suggest(name, known));
        false
    }

    fn field_of(&mut self, typed: &typed::FieldOf) -> Option<(Event, &'static str)> {
        let event = typed.of.get().and_then(|e| self.event(e));
        let name = typed.field.get()?;
        let event = event?;
        let known = fields(event.kind);
        match known.iter().find(|f| **f == name.value) {
            Some(field) => Some((event, field)),
            None => {
                self.no_field(event.kind, name, &known);
                None
            }
        }
    }

    pub(super) fn probe(&mut self, typed: &typed::Probe) -> Option<Probe> {
        let given = [
            !typed.count.is_absent(),
            !typed.exists.is_absent(),
            !typed.distinct.is_absent(),
            !typed.field.is_absent(),
            !typed.time.is_absent(),
            !typed.interval.is_absent(),
            !typed.sum.is_absent(),
            !typed.sequence.is_absent(),
            !typed.order.is_absent(),
            !typed.where_is.is_absent(),
            !typed.bytes.is_absent(),
            !typed.header.is_absent(),
            !typed.stored_body.is_absent(),
            !typed.event.is_absent(),
            !typed.largest.is_absent(),
        ];
        if given.iter().filter(|g| **g).count() != 1 {
            let known: Vec<&str> =
                typed::Probe::INFO.fields.iter().map(|f| f.name).filter(|n| !matches!(*n, "run" | "minus")).collect();
            let problem = self.problem("bad_probe", typed.span, "a probe reads exactly one thing");
            self.tell(problem.label("of this probe").help(format!("one of {}", quoted(&known))));
            return None;
        }
        let run = self.run(&typed.run);
        let reading = self.reading(typed);
        let minus = typed.minus.get().map(|p| self.probe(p));
        let minus = match minus {
            Some(probe) => Some(Box::new(probe?)),
            None => None,
        };
        Some(Probe { run, reading: reading?, minus })
    }

    fn reading(&mut self, typed: &typed::Probe) -> Option<Reading> {
        if let Some(event) = typed.count.get() {
            return self.event(event).map(Reading::Count);
        }
        if let Some(event) = typed.exists.get() {
            return self.event(event).map(Reading::Exists);
        }
        if let Some(of) = typed.distinct.get() {
            return self.field_of(of).map(|(e, f)| Reading::Distinct(e, f));
        }
        if let Some(of) = typed.field.get() {
            return self.field_of(of).map(|(e, f)| Reading::Field(e, f));
        }
        if let Some(event) = typed.time.get() {
            return self.event(event).map(Reading::Time);
        }
        if let Some(interval) = typed.interval.get() {
            let (from, to) = (interval.from.get()?, interval.to.get()?);
            let (from, to) = (self.event(from), self.event(to));
            return Some(Reading::Interval(from?, to?));
        }
        if let Some(of) = typed.sum.get() {
            return self.field_of(of).map(|(e, f)| Reading::Sum(e, f));
        }
        if let Some(of) = typed.sequence.get() {
            return self.field_of(of).map(|(e, f)| Reading::Sequence(e, f));
        }
        if let Some(map) = typed.order.get() {
            let events: Vec<_> = map.entries.iter().map(|(name, e)| (name.value.clone(), self.event(e))).collect();
            let events: Option<Vec<_>> = events.into_iter().map(|(name, e)| Some((name, e?))).collect();
            return events.map(Reading::Order);
        }
        if let Some(mail) = typed.where_is.get() {
            let moment = match (mail.at.get(), mail.time.get()) {
                (Some(event), None) => Moment::Behind(self.event(event)?),
                (None, Some(time)) => Moment::Time(instant(time.value)),
                _ => {
                    let problem = self.problem("bad_moment", mail.span, "a mail is looked for at one moment");
                    self.tell(
                        problem.label("of this mail").help("write \"at\": { \"event\": ... } or \"time\": \"60 s\""),
                    );
                    return None;
                }
            };
            return Some(Reading::WhereIs(moment));
        }
        if let Some(crossing) = typed.bytes.get() {
            let (from, to) = (crossing.from.get()?, crossing.to.get()?);
            let (from, to) = (self.host(from), self.host(to));
            let which = match (crossing.contains.get(), crossing.at_least.get()) {
                (Some(part), None) => Which::Contains(part.value.clone()),
                (None, Some(least)) => Which::AtLeast(least.0 as u8),
                _ => {
                    let problem = self.problem("bad_bytes", crossing.span, "bytes are counted by one test");
                    self.tell(problem.label("of these bytes").help("write \"contains\": \"...\" or \"at_least\": 128"));
                    return None;
                }
            };
            return Some(Reading::Bytes { from: from?, to: to?, which });
        }
        if let Some(header) = typed.header.get() {
            let host = header.host.get().and_then(|h| self.host(h));
            let nth = (!header.count.or(false)).then(|| header.nth.get().map_or(1, |n| n.0 as u32));
            let name = header.name.get().map(|n| n.value.clone());
            return Some(Reading::Header { host: host?, user: text(&header.user)?, name: name?, nth });
        }
        if let Some(body) = typed.stored_body.get() {
            let host = body.host.get().and_then(|h| self.host(h));
            return Some(Reading::StoredBody { host: host?, user: text(&body.user)?, lines: body.lines.or(false) });
        }
        if let Some(event) = typed.event.get() {
            return self.event(event).map(Reading::Event);
        }
        let map = typed.largest.get()?;
        let probes: Vec<_> = map.entries.iter().map(|(name, p)| (name.value.clone(), self.probe(p))).collect();
        let probes: Option<Vec<_>> = probes.into_iter().map(|(name, p)| Some((name, p?))).collect();
        probes.map(Reading::Largest)
    }
}
