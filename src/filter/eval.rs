//! Whether a frame passes a test. Values are looked at where they lie: nothing is collected, and most comparisons
//! allocate nothing.

use std::cmp::Ordering;

use memchr::memmem;

use super::check::{Function, How, Node, Operand, Test};
use super::facts::Facts;
use super::syntax::{Part, Sign};
use super::{Kind, Val};

/// Looks at a value, and says whether that was enough.
type See<'s> = &'s mut dyn FnMut(&Val) -> bool;

impl Test {
    pub(super) fn passes(&self, facts: &Facts) -> bool {
        match self {
            Test::And(parts) => parts.iter().all(|test| test.passes(facts)),
            Test::Or(parts) => parts.iter().any(|test| test.passes(facts)),
            Test::Not(test) => !test.passes(facts),
            Test::Exists(operand) => operand.any(facts, &mut |_| true),
            Test::NonZero(operand) => operand.any(facts, &mut |v| !v.is_zero()),
            Test::Compare { all, how, left, right } => {
                left.some_or_all(*all, facts, &mut |a| right.some_or_all(*all, facts, &mut |b| how.holds(a, b)))
            }
            Test::Matches { all, left, regex } => left.some_or_all(*all, facts, &mut |value| {
                value.searched().is_some_and(|bytes| regex.is_match(&bytes).unwrap_or(false))
            }),
            Test::Member { all, value, set } => value.some_or_all(*all, facts, &mut |value| {
                set.iter().any(|(from, to)| match to {
                    None => from.any(facts, &mut |v| How::Equal.holds(value, v)),
                    Some(to) => {
                        from.any(facts, &mut |v| How::GreaterOrEqual.holds(value, v))
                            && to.any(facts, &mut |v| How::LessOrEqual.holds(value, v))
                    }
                })
            }),
        }
    }
}

impl How {
    fn holds(self, a: &Val, b: &Val) -> bool {
        if self == How::Contains {
            return match (a.searched(), b.raw()) {
                (Some(a), Some(b)) => memmem::find(&a, &b).is_some(),
                _ => false,
            };
        }
        let Some(order) = a.order(b) else { return false };
        match self {
            How::Equal => order == Ordering::Equal,
            How::NotEqual => order != Ordering::Equal,
            How::Greater => order == Ordering::Greater,
            How::GreaterOrEqual => order != Ordering::Less,
            How::Less => order == Ordering::Less,
            _ => order != Ordering::Greater,
        }
    }
}

impl Operand {
    /// Whether one of its values in a frame is seen as wanted; none if what it is made of is not there.
    pub(super) fn any(&self, facts: &Facts, see: See<'_>) -> bool {
        match &self.node {
            Node::Field(field, None) => facts.all(*field).any(|(_, value)| see(value)),
            Node::Field(field, Some(parts)) => {
                let count = i64::from(facts.all(*field).map(|(layer, _)| layer).max().unwrap_or(0));
                let asked = |layer: u8| parts.iter().any(|part| part.has(i64::from(layer), count));
                facts.all(*field).any(|(layer, value)| asked(layer) && see(value))
            }
            Node::Const(value) => see(value),
            Node::Slice(of, parts) => {
                of.any(facts, &mut |v| v.raw().is_some_and(|raw| see(&Val::Bytes(slice(&raw, parts).into()))))
            }
            Node::Minus(of) => of.any(facts, &mut |v| match v {
                Val::Number(n) => see(&Val::Number(-n)),
                Val::Nanos(n) => see(&Val::Nanos(-n)),
                _ => false,
            }),
            Node::Sum(a, sign, b) => {
                a.any(facts, &mut |a| b.any(facts, &mut |b| reckon(a, *sign, b).is_some_and(|sum| see(&sum))))
            }
            Node::Call(function, arguments) => call(*function, arguments, facts, see),
        }
    }

    /// Whether it holds for one of its values at least, or for all; for none of none.
    fn some_or_all(&self, all: bool, facts: &Facts, holds: See<'_>) -> bool {
        if !all {
            return self.any(facts, holds);
        }
        let mut some = false;
        let broken = self.any(facts, &mut |value| {
            some = true;
            !holds(value)
        });
        some && !broken
    }

    /// The value of what is made of constants only, worked out once; everything else as it is.
    pub(super) fn folded(self) -> Operand {
        if matches!(self.node, Node::Const(_)) || !self.is_constant() {
            return self;
        }
        let mut found = None;
        self.any(&Facts::default(), &mut |value| {
            found = Some(value.clone());
            true
        });
        match found {
            Some(value) => Operand { kind: self.kind, node: Node::Const(value) },
            None => self,
        }
    }

    fn is_constant(&self) -> bool {
        match &self.node {
            Node::Const(_) => true,
            Node::Field(..) | Node::Call(..) => false,
            Node::Slice(of, _) | Node::Minus(of) => of.is_constant(),
            Node::Sum(a, _, b) => a.is_constant() && b.is_constant(),
        }
    }
}

fn call(function: Function, arguments: &[Operand], facts: &Facts, see: See<'_>) -> bool {
    let first = &arguments[0];
    let mut text = |change: fn(&str) -> String| {
        first.any(facts, &mut |v| match v {
            Val::Text(text) => see(&Val::Text(change(text).into())),
            _ => false,
        })
    };
    match function {
        Function::Upper => text(str::to_ascii_uppercase),
        Function::Lower => text(str::to_ascii_lowercase),
        Function::Count => {
            let mut count = 0;
            first.any(facts, &mut |_| {
                count += 1;
                false
            });
            count > 0 && see(&Val::Number(count))
        }
        Function::Len => {
            first.any(facts, &mut |v| length(v, first.kind).is_some_and(|length| see(&Val::Number(length))))
        }
        Function::Text => first.any(facts, &mut |v| written(v).is_some_and(|text| see(&Val::Text(text.into())))),
        Function::Abs => first.any(facts, &mut |v| match v {
            Val::Number(n) => see(&Val::Number(n.abs())),
            Val::Nanos(n) => see(&Val::Nanos(n.abs())),
            _ => false,
        }),
        Function::Max | Function::Min => {
            let wanted = if function == Function::Max { Ordering::Greater } else { Ordering::Less };
            let mut best: Option<Val> = None;
            for argument in arguments {
                argument.any(facts, &mut |v| {
                    if best.as_ref().is_none_or(|best| v.order(best) == Some(wanted)) {
                        best = Some(v.clone());
                    }
                    false
                });
            }
            best.is_some_and(|best| see(&best))
        }
    }
}

/// Bytes that a value takes.
fn length(value: &Val, kind: Kind) -> Option<i128> {
    let fixed = match kind {
        Kind::U8 => 1,
        Kind::U16 => 2,
        Kind::U64 => 8,
        _ => 4,
    };
    match value {
        Val::Number(_) => Some(fixed),
        other => other.raw().map(|bytes| bytes.len() as i128),
    }
}

/// Numbers in decimal digits, addresses as they are written.
fn written(value: &Val) -> Option<String> {
    match value {
        Val::Number(n) => Some(n.to_string()),
        Val::Ipv4(address, _) => Some(std::net::Ipv4Addr::from_bits(*address).to_string()),
        Val::Bytes(bytes) => {
            let digits: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
            Some(digits.join(":"))
        }
        _ => None,
    }
}

fn reckon(a: &Val, sign: Sign, b: &Val) -> Option<Val> {
    match (a, b) {
        (Val::Number(a), Val::Number(b)) => Some(Val::Number(match sign {
            Sign::And => a & b,
            Sign::Plus => a.checked_add(*b)?,
            Sign::Minus => a.checked_sub(*b)?,
            Sign::Times => a.checked_mul(*b)?,
            Sign::Over => a.checked_div(*b)?,
            Sign::Modulo => a.checked_rem(*b)?,
        })),
        (Val::Nanos(a), Val::Nanos(b)) => match sign {
            Sign::Plus => Some(Val::Nanos(a.checked_add(*b)?)),
            Sign::Minus => Some(Val::Nanos(a.checked_sub(*b)?)),
            _ => None,
        },
        (Val::Ipv4(a, bits), Val::Ipv4(b, _)) => Some(Val::Ipv4(a & b, *bits)),
        (Val::Bytes(a), Val::Bytes(b)) if a.len() == b.len() => {
            Some(Val::Bytes(a.iter().zip(b.iter()).map(|(a, b)| a & b).collect()))
        }
        _ => None,
    }
}

impl Part {
    /// Where it begins and ends in something of that length; `None` if that is outside.
    fn range(self, length: i64) -> Option<(i64, i64)> {
        let place = |n: i64| if n < 0 { length + n } else { n };
        let (from, to) = match self {
            Part::One(at) => (place(at), place(at) + 1),
            Part::From(at) => (place(at), length),
            Part::Length(at, count) => (place(at), place(at).checked_add(count)?),
            Part::To(at, last) => (place(at), place(last).checked_add(1)?),
        };
        (0 <= from && from < to && to <= length).then_some((from, to))
    }

    /// Whether the layer, counted from 1, is one of these.
    fn has(self, layer: i64, count: i64) -> bool {
        let place = |n: i64| if n < 0 { count + 1 + n } else { n };
        match self {
            Part::One(at) => layer == place(at),
            Part::From(at) => layer >= place(at),
            Part::Length(at, many) => layer >= place(at) && layer < place(at).saturating_add(many),
            Part::To(at, last) => layer >= place(at) && layer <= place(last),
        }
    }
}

/// The parts, one behind the other; those that lie outside are left out.
fn slice(bytes: &[u8], parts: &[Part]) -> Vec<u8> {
    let ranges = parts.iter().filter_map(|part| part.range(bytes.len() as i64));
    ranges.flat_map(|(from, to)| bytes[from as usize..to as usize].iter().copied()).collect()
}
