//! Whether a frame passes a test.

use std::borrow::Cow;
use std::cmp::Ordering;

use memchr::memmem;

use super::check::{Function, How, Node, Operand, Test};
use super::facts::Facts;
use super::syntax::{Part, Sign};
use super::{Kind, Val};

type Values<'a> = Vec<Cow<'a, Val>>;

impl Test {
    pub(super) fn passes(&self, facts: &Facts) -> bool {
        match self {
            Test::And(parts) => parts.iter().all(|test| test.passes(facts)),
            Test::Or(parts) => parts.iter().any(|test| test.passes(facts)),
            Test::Not(test) => !test.passes(facts),
            Test::Exists(operand) => !operand.values(facts).is_empty(),
            Test::NonZero(operand) => operand.values(facts).iter().any(|v| !v.is_zero()),
            Test::Compare { all, how, left, right } => {
                let (left, right) = (left.values(facts), right.values(facts));
                some_or_all(*all, &left, |a| some_or_all(*all, &right, |b| how.holds(a, b)))
            }
            Test::Matches { all, left, regex } => some_or_all(*all, &left.values(facts), |value| {
                value.searched().is_some_and(|bytes| regex.is_match(&bytes).unwrap_or(false))
            }),
            Test::Member { all, value, set } => some_or_all(*all, &value.values(facts), |value| {
                set.iter().any(|(from, to)| match to {
                    None => from.values(facts).iter().any(|v| How::Equal.holds(value, v)),
                    Some(to) => {
                        from.values(facts).iter().any(|v| How::GreaterOrEqual.holds(value, v))
                            && to.values(facts).iter().any(|v| How::LessOrEqual.holds(value, v))
                    }
                })
            }),
        }
    }
}

/// For one of them at least, or for all; for none of none.
fn some_or_all(all: bool, values: &Values<'_>, holds: impl Fn(&Val) -> bool) -> bool {
    if all { !values.is_empty() && values.iter().all(|v| holds(v)) } else { values.iter().any(|v| holds(v)) }
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
    /// All its values in a frame; none if what it is made of is not there.
    fn values<'a>(&'a self, facts: &'a Facts) -> Values<'a> {
        match &self.node {
            Node::Field(field, layers) => {
                let count = facts.all(*field).map(|(layer, _)| layer).max().unwrap_or(0);
                let asked = facts.all(*field).filter(|(layer, _)| match layers {
                    None => true,
                    Some(parts) => parts.iter().any(|part| part.has(i64::from(*layer), i64::from(count))),
                });
                asked.map(|(_, value)| Cow::Borrowed(value)).collect()
            }
            Node::Const(value) => vec![Cow::Borrowed(value)],
            Node::Slice(of, parts) => {
                let cut = |v: Cow<'_, Val>| Some(Val::Bytes(slice(&v.raw()?, parts).into()));
                of.values(facts).into_iter().filter_map(cut).map(Cow::Owned).collect()
            }
            Node::Minus(of) => {
                let minus = |v: Cow<'_, Val>| match *v {
                    Val::Number(n) => Some(Val::Number(-n)),
                    Val::Nanos(n) => Some(Val::Nanos(-n)),
                    _ => None,
                };
                of.values(facts).into_iter().filter_map(minus).map(Cow::Owned).collect()
            }
            Node::Sum(a, sign, b) => {
                let (a, b) = (a.values(facts), b.values(facts));
                let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (a, b)));
                pairs.filter_map(|(a, b)| reckon(a, *sign, b)).map(Cow::Owned).collect()
            }
            Node::Call(function, arguments) => call(*function, arguments, facts),
        }
    }
}

fn call<'a>(function: Function, arguments: &'a [Operand], facts: &'a Facts) -> Values<'a> {
    let first = &arguments[0];
    let each = |make: &dyn Fn(&Val) -> Option<Val>| -> Values<'a> {
        first.values(facts).iter().filter_map(|v| make(v)).map(Cow::Owned).collect()
    };
    let text = |change: fn(&str) -> String| {
        each(&|v| match v {
            Val::Text(text) => Some(Val::Text(change(text).into())),
            _ => None,
        })
    };
    match function {
        Function::Count => match first.values(facts).len() {
            0 => Vec::new(),
            n => vec![Cow::Owned(Val::Number(n as i128))],
        },
        Function::Len => each(&|v| Some(Val::Number(length(v, first.kind)?))),
        Function::Upper => text(str::to_ascii_uppercase),
        Function::Lower => text(str::to_ascii_lowercase),
        Function::Text => each(&|v| Some(Val::Text(written(v)?.into()))),
        Function::Abs => each(&|v| match v {
            Val::Number(n) => Some(Val::Number(n.abs())),
            Val::Nanos(n) => Some(Val::Nanos(n.abs())),
            _ => None,
        }),
        Function::Max | Function::Min => {
            let wanted = if function == Function::Max { Ordering::Greater } else { Ordering::Less };
            let all = arguments.iter().flat_map(|a| a.values(facts));
            let best = all.reduce(|best, v| if v.order(&best) == Some(wanted) { v } else { best });
            best.into_iter().collect()
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
