//! Events and probes: kinds and fields that the record has, filters that can be read, hosts that the scenario has.

use std::sync::Arc;

use super::{Check, instant, kinds, text};
use crate::filter::{Field as FilterField, Filter};
use crate::lesson::event::{Event, Pick, Sieve};
use crate::lesson::letters::{Letter, Measure, Place};
use crate::lesson::probe::{At as Moment, InMailbox, Probe, Reading, Which};
use crate::lesson::typed;
use crate::lesson::words::Wanted;
use crate::scenario::read::Field;
use crate::scenario::source::{At, Span};
use crate::scenario::typed::Count;
use crate::scenario::vocabulary::{self, FieldKind, other_kind, unknown_event, unknown_field};
use crate::scenario::words::{Name, Scalar};
use crate::scenario::{nearest, quoted};
use crate::time::Duration;

/// What an event of a filter is called where a kind is.
const PACKET: &str = "packet";

impl Check {
    pub(super) fn event(&mut self, typed: &typed::Event) -> Option<Event> {
        let (kind, filter) = match (typed.event.get(), typed.filter.get()) {
            (Some(name), None) if typed.filter.is_absent() => (self.kind(name)?, None),
            (None, Some(filter)) if typed.event.is_absent() => (PACKET, Some(self.sieve(filter)?)),
            _ if typed.event.is_broken() || typed.filter.is_broken() => return None,
            _ => {
                let problem = self.problem("bad_event", typed.span, "an event is named by its kind, or by a filter");
                let help = "write \"event\": \"tcp.open\" or \"filter\": \"tcp.flags.syn == 1\"";
                self.tell(problem.label("of this event").help(help));
                return None;
            }
        };
        let mut conditions = Vec::new();
        let mut whole = true;
        if let (Some(_), Some(first)) = (&filter, typed.conditions.entries().first()) {
            let problem = self.problem("bad_event", first.0.span, "a filter has no conditions besides itself");
            self.tell(problem.label("beside a filter").help("join it to the filter: ... && tcp.len > 0"));
            return None;
        }
        let known = vocabulary::fields(kind);
        for (key, wanted) in typed.conditions.entries() {
            let Some((field, what)) = known.iter().find(|f| f.0 == key.value) else {
                whole = false;
                self.no_field(kind, key, &known.iter().map(|f| f.0).collect::<Vec<_>>());
                continue;
            };
            whole &= self.condition(kind, (field, *what), wanted);
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
        let moment = |time: &Field<Duration>| time.get().map(|t| instant(t.value));
        let (since, until) = (moment(&typed.since), moment(&typed.until));
        Some(Event {
            kind,
            filter,
            conditions,
            pick,
            after: after.flatten(),
            before: before.flatten(),
            since,
            until,
            run,
        })
    }

    fn kind(&mut self, name: &At<String>) -> Option<&'static str> {
        let found = kinds().find(|k| *k == name.value);
        if found.is_none() {
            let problem =
                self.problem("unknown_event", name.span, format!("there is no event `{}`", name.escape_debug()));
            self.tell(unknown_event(problem, name, &kinds().collect::<Vec<_>>()));
        }
        found
    }

    /// A filter; what is wrong with it is told with its place in the file.
    fn sieve(&mut self, typed: &At<String>) -> Option<Sieve> {
        match Filter::new(typed) {
            Ok(filter) => Some(Sieve { text: typed.value.clone(), filter: Arc::new(filter) }),
            Err(wrong) => {
                // The text stands in quotation marks; with escapes in it, its bytes stand elsewhere.
                let span = typed.span;
                let plain = self.source.text().get(span.start + 1..span.end.saturating_sub(1)) == Some(typed.as_str());
                let start = (span.start + 1 + wrong.at.start).min(span.end.saturating_sub(1));
                let end = (span.start + 1 + wrong.at.end).clamp(start + 1, span.end);
                let span = if plain { Span { start, end } } else { span };
                let problem = self.problem("bad_filter", span, format!("the filter cannot be used: {}", wrong.what));
                let help = wrong.help.unwrap_or_else(|| "all fields: mailpath fields".to_owned());
                self.tell(problem.label("in this filter").help(help));
                None
            }
        }
    }

    fn no_field(&mut self, kind: &str, key: &At<String>, known: &[&str]) {
        let what = format!("the event `{kind}` has no field `{}`", key.escape_debug());
        let problem = self.problem("unknown_event_field", key.span, what);
        self.tell(unknown_field(problem, kind, key, known));
    }

    /// A field is compared with what it can be, and names of nodes with nodes that exist.
    fn condition(&mut self, kind: &str, (field, what): (&str, FieldKind), wanted: &At<Wanted>) -> bool {
        let fits = match (&wanted.value, what) {
            (Wanted::Present(_), _) => true,
            (Wanted::Equal(Scalar::Text(_)), what) => matches!(what, FieldKind::Text | FieldKind::Node),
            (Wanted::Equal(Scalar::Number(_)) | Wanted::AtLeast(_), what) => what == FieldKind::Number,
            (Wanted::Contains(_), what) => what != FieldKind::Number,
        };
        if !fits {
            let (is, example) = other_kind(what);
            let problem = self.problem("wrong_type", wanted.span, format!("`{field}` of `{kind}` is {is}"));
            self.tell(problem.label("never so").help(format!("write it like {example}")));
            return false;
        }
        let (Wanted::Equal(Scalar::Text(name)), FieldKind::Node) = (&wanted.value, what) else { return true };
        let nodes: Vec<String> = self.ready.setup.nodes.iter().map(|n| n.name.clone()).collect();
        if nodes.contains(name) {
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
        if event.filter.is_some() {
            return self.filter_field(name).map(|field| (event, field));
        }
        let known: Vec<&str> = vocabulary::fields(event.kind).into_iter().map(|f| f.0).collect();
        match vocabulary::fields(event.kind).into_iter().find(|f| f.0 == name.value) {
            Some((field, _)) => Some((event, field)),
            None => {
                self.no_field(event.kind, name, &known);
                None
            }
        }
    }

    /// The field of a packet, by the name that filters have for it.
    fn filter_field(&mut self, name: &At<String>) -> Option<&'static str> {
        let found = FilterField::named(name);
        if found.is_none() {
            let message = format!("there is no field `{}` of packets", name.escape_debug());
            let problem = self.problem("unknown_event_field", name.span, message).label("unknown");
            let names: Vec<&str> = crate::filter::FIELDS.iter().map(|spec| spec.name).collect();
            let near = nearest(name, &names).map(|near| format!("did you mean `{near}`?"));
            self.tell(problem.help(near.unwrap_or_else(|| "all fields: mailpath fields".to_owned())));
        }
        found.map(|field| field.spec().name)
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
            !typed.mailbox.is_absent(),
            !typed.bytes.is_absent(),
            !typed.readable.is_absent(),
            !typed.header.is_absent(),
            !typed.body.is_absent(),
            !typed.stored_body.is_absent(),
            !typed.password.is_absent(),
            !typed.event.is_absent(),
            !typed.largest.is_absent(),
            !typed.equal.is_absent(),
        ];
        if given.iter().filter(|g| **g).count() != 1 {
            let besides = ["run", "minus", "over", "first_digit"];
            let fields = typed::Probe::INFO.fields.iter().map(|f| f.name);
            let known: Vec<&str> = fields.filter(|n| !besides.contains(n)).collect();
            let problem = self.problem("bad_probe", typed.span, "a probe reads exactly one thing");
            self.tell(problem.label("of this probe").help(format!("one of {}", quoted(&known))));
            return None;
        }
        let run = self.run(&typed.run);
        let reading = self.reading(typed);
        let (minus, over) = (self.other(&typed.minus), self.other(&typed.over));
        let (minus, over) = (minus?, over?);
        Some(Probe { run, reading: reading?, minus, over, first_digit: typed.first_digit.or(false) })
    }

    /// A probe that another one reckons with: `None` if it is wrong.
    fn other(&mut self, typed: &Field<Box<typed::Probe>>) -> Option<Option<Box<Probe>>> {
        match typed.get() {
            Some(probe) => self.probe(probe).map(|probe| Some(Box::new(probe))),
            None => (!typed.is_broken()).then_some(None),
        }
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
            let moment = self.moment(&mail.at, &mail.time, mail.span)?;
            if moment.is_none() {
                let problem = self.problem("bad_moment", mail.span, "a mail is looked for at one moment");
                self.tell(problem.label("of this mail").help(MOMENT));
            }
            return moment.map(Reading::WhereIs);
        }
        if let Some(mailbox) = typed.mailbox.get() {
            return self.mailbox(mailbox);
        }
        if let Some(crossing) = typed.bytes.get() {
            let (from, to) = (crossing.from.get()?, crossing.to.get()?);
            let (from, to) = (self.host(from), self.host(to));
            let which = match (crossing.contains.get(), crossing.at_least.get(), crossing.taken_by.get()) {
                (Some(part), None, None) => Which::Contains(part.value.clone()),
                (None, Some(least), None) => Which::AtLeast(least.0 as u8),
                (None, None, Some(text)) => Which::TakenBy(text.value.clone()),
                _ => {
                    let problem = self.problem("bad_bytes", crossing.span, "bytes are counted by one test");
                    self.tell(problem.label("of these bytes").help("write \"contains\": \"...\" or \"at_least\": 128"));
                    return None;
                }
            };
            return Some(Reading::Bytes { from: from?, to: to?, which });
        }
        if let Some(text) = typed.readable.get() {
            return Some(Reading::Readable(text.value.clone()));
        }
        if let Some(header) = typed.header.get() {
            let h = &header.value;
            let letter = self.letter((&h.host, &h.user, &h.folder), (&h.from, &h.to), &h.letter, h.span);
            let nth = (!h.count.or(false)).then(|| h.nth.get().map_or(1, |n| n.0 as u32));
            let name = h.name.get().map(|n| n.value.clone());
            return Some(Reading::Header {
                letter: letter?,
                name: name?,
                nth,
                clause: h.clause.get().map(|c| c.value),
            });
        }
        if let Some(body) = typed.body.get() {
            let b = &body.value;
            let letter = self.letter((&b.host, &b.user, &b.folder), (&b.from, &b.to), &b.letter, b.span);
            let measures = [
                (b.bytes.or(false), Measure::Bytes),
                (b.lines.or(false), Measure::Lines),
                (b.boundaries.or(false), Measure::Boundaries),
                (b.decoded.or(false), Measure::Decoded),
            ];
            let mut given = measures.into_iter().filter(|m| m.0).map(|m| m.1);
            let measure = given.next().unwrap_or(Measure::Text);
            if given.next().is_some() {
                let problem = self.problem("bad_body", b.span, "a body is read in one way");
                self.tell(problem.label("of this body").help("one of `bytes`, `lines`, `boundaries`, `decoded`"));
                return None;
            }
            return Some(Reading::Body { letter: letter?, part: b.part.get().map(|p| p.value.clone()), measure });
        }
        if let Some(body) = typed.stored_body.get() {
            let host = body.host.get().and_then(|h| self.host(h));
            let at = Place::Mailbox { host: host?, user: text(&body.user)?, folder: INBOX.to_owned() };
            let measure = if body.lines.or(false) { Measure::Lines } else { Measure::Text };
            return Some(Reading::Body { letter: Letter { at, nth: 1 }, part: None, measure });
        }
        if let Some(event) = typed.password.get() {
            return self.event(event).map(Reading::Password);
        }
        if let Some(probes) = typed.equal.get() {
            let read: Vec<_> = probes.items.iter().map(|p| self.probe(p)).collect();
            if read.len() < 2 {
                let problem = self.problem("bad_probe", probes.span.first(), "two probes or more can be equal");
                self.tell(problem.label("too few").help("write \"equal\": [{ ... }, { ... }]"));
                return None;
            }
            return read.into_iter().collect::<Option<Vec<_>>>().map(Reading::Equal);
        }
        if let Some(event) = typed.event.get() {
            return self.event(event).map(Reading::Event);
        }
        let map = typed.largest.get()?;
        let probes: Vec<_> = map.entries.iter().map(|(name, p)| (name.value.clone(), self.probe(p))).collect();
        let probes: Option<Vec<_>> = probes.into_iter().map(|(name, p)| Some((name, p?))).collect();
        probes.map(Reading::Largest)
    }

    /// Behind an event or at a time; within: `None` if neither is written.
    fn moment(&mut self, at: &Field<typed::Event>, time: &Field<Duration>, span: Span) -> Option<Option<Moment>> {
        match (at.get(), time.get()) {
            (Some(event), None) => self.event(event).map(|event| Some(Moment::Behind(event))),
            (None, Some(time)) => Some(Some(Moment::Time(instant(time.value)))),
            (None, None) => (!at.is_broken() && !time.is_broken()).then_some(None),
            (Some(_), Some(_)) => {
                let problem = self.problem("bad_moment", span, "`at` and `time` are two moments");
                self.tell(problem.label("at one moment").help(MOMENT));
                None
            }
        }
    }

    fn mailbox(&mut self, typed: &typed::InMailbox) -> Option<Reading> {
        let host = typed.host.get().and_then(|h| self.host(h));
        let at = self.moment(&typed.at, &typed.time, typed.span)?;
        let number = |n: &At<Count>| n.0 as u32;
        let what = match (typed.uid.get().map(number), typed.number.get().map(number), typed.flag.get()) {
            (None, None, None) => InMailbox::Count,
            (Some(uid), None, None) => InMailbox::Number(uid),
            (None, Some(number), None) => InMailbox::Uid(number),
            (Some(uid), None, Some(flag)) => InMailbox::Flag(uid, flag.value.clone()),
            _ => {
                let problem =
                    self.problem("bad_mailbox", typed.span, "this asks two things of a mailbox, or half of one");
                let help = "write `uid` (its number), `number` (its UID), `uid` and `flag`, or none of them (how many)";
                self.tell(problem.label("of this mailbox").help(help));
                return None;
            }
        };
        let folder = typed.folder.get().map_or_else(|| INBOX.to_owned(), |f| f.value.clone());
        Some(Reading::Mailbox { host: host?, user: text(&typed.user)?, folder, at, what })
    }

    /// In a mailbox, between two hosts, or with its author.
    fn letter(
        &mut self,
        (host, user, folder): (&Field<Name>, &Field<Name>, &Field<String>),
        (from, to): (&Field<Name>, &Field<Name>),
        nth: &Field<Count>,
        span: Span,
    ) -> Option<Letter> {
        let stored = [host, user].iter().filter(|f| !f.is_absent()).count() + usize::from(!folder.is_absent());
        let way = [from, to].iter().filter(|f| !f.is_absent()).count();
        let at = match (stored, way) {
            (0, 0) => Place::Author,
            (0, 2) => {
                let (from, to) = (from.get().and_then(|h| self.host(h)), to.get().and_then(|h| self.host(h)));
                Place::Between { from: from?, to: to? }
            }
            (2.., 0) if !host.is_absent() && !user.is_absent() => {
                let host = host.get().and_then(|h| self.host(h));
                let folder = folder.get().map_or_else(|| INBOX.to_owned(), |f| f.value.clone());
                Place::Mailbox { host: host?, user: text(user)?, folder }
            }
            _ => {
                let problem = self.problem("bad_letter", span, "where this letter is, is not said, or said twice");
                let help =
                    "write `host` and `user` (in a mailbox), `from` and `to` (on its way), or none (with its author)";
                self.tell(problem.label("of this letter").help(help));
                return None;
            }
        };
        Some(Letter { at, nth: nth.get().map_or(1, |n| n.0 as u32) })
    }
}

const INBOX: &str = "INBOX";

const MOMENT: &str = "write \"at\": { \"event\": ... } or \"time\": \"60 s\"";
