//! What a filter's words mean: fields are looked up, constants become values, kinds must fit.

use pcre2::bytes::{Regex, RegexBuilder};

use super::literal::constant;
use super::syntax::{Expr, Operator, Part, Sign, Span, Value, Written};
use super::{Error, FIELDS, Field, Kind, Val};

/// A test that can be done.
#[derive(Debug)]
pub(super) enum Test {
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
    Exists(Operand),
    NonZero(Operand),
    /// For any pair of values, or for all.
    Compare {
        all: bool,
        how: How,
        left: Operand,
        right: Operand,
    },
    Matches {
        all: bool,
        left: Operand,
        regex: Regex,
    },
    Member {
        all: bool,
        value: Operand,
        set: Vec<(Operand, Option<Operand>)>,
    },
}

/// How the two sides must stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Contains,
}

/// Something that has values in a frame.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    pub kind: Kind,
    pub node: Node,
}

/// Where the values come from.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Field(Field, Option<Vec<Part>>),
    Const(Val),
    Slice(Box<Operand>, Vec<Part>),
    Call(Function, Vec<Operand>),
    Sum(Box<Operand>, Sign, Box<Operand>),
    Minus(Box<Operand>),
}

/// The functions of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Len,
    Count,
    Upper,
    Lower,
    Text,
    Max,
    Min,
    Abs,
}

const FUNCTIONS: [(&str, Function); 8] = [
    ("len", Function::Len),
    ("count", Function::Count),
    ("upper", Function::Upper),
    ("lower", Function::Lower),
    ("string", Function::Text),
    ("max", Function::Max),
    ("min", Function::Min),
    ("abs", Function::Abs),
];

/// Makes a test of a tree.
pub(super) fn check(expr: &Expr) -> Result<Test, Error> {
    match expr {
        Expr::And(parts) => Ok(Test::And(parts.iter().map(check).collect::<Result<_, _>>()?)),
        Expr::Or(parts) => Ok(Test::Or(parts.iter().map(check).collect::<Result<_, _>>()?)),
        Expr::Not(test) => Ok(Test::Not(Box::new(check(test)?))),
        Expr::Alone(value) => alone(value),
        Expr::Compare { all, first, rest } => {
            let mut tests = Vec::new();
            let mut left = first;
            for (operator, right) in rest {
                tests.push(compare(*all, left, *operator, right)?);
                left = right;
            }
            Ok(if tests.len() == 1 { tests.remove(0) } else { Test::And(tests) })
        }
        Expr::Member { all, value, negated, set } => {
            if is_constant(value) {
                let what = "only a field may be tested for membership in a set";
                return Err(Error::new(value.span.clone(), what));
            }
            let at = &value.span;
            let value = operand(value, None)?;
            comparable(&value, at, "in")?;
            let element = |(from, to): &(Value, Option<Value>)| {
                let from = side(from, &value)?;
                Ok((from, to.as_ref().map(|to| side(to, &value)).transpose()?))
            };
            let set = set.iter().map(element).collect::<Result<_, Error>>()?;
            let test = Test::Member { all: all.unwrap_or(false), value, set };
            Ok(if *negated { Test::Not(Box::new(test)) } else { test })
        }
    }
}

/// A field alone asks whether it is there; bits alone, whether one of them is set.
fn alone(value: &Value) -> Result<Test, Error> {
    match &value.kind {
        Written::Word(name) if Field::named(name).is_none() => Err(unknown(name, &value.span)),
        Written::Call(..) => {
            let what = "whether a function is there cannot be tested";
            Err(Error::new(value.span.clone(), what).help("Compare it with something: len(tcp.payload) > 0."))
        }
        Written::Sum(..) | Written::Minus(_) => {
            if is_constant(value) {
                return Err(Error::new(value.span.clone(), "expected a field"));
            }
            Ok(Test::NonZero(operand(value, None)?))
        }
        Written::Text(_) | Written::Raw(_) | Written::Character(_) => {
            Err(Error::new(value.span.clone(), "a text alone is no test; expected a field"))
        }
        _ => Ok(Test::Exists(operand(value, None)?)),
    }
}

fn compare(all: Option<bool>, left: &Value, operator: Operator, right: &Value) -> Result<Test, Error> {
    if is_constant(left) {
        let what = match &left.kind {
            Written::Word(name) if name.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                return Err(unknown(name, &left.span));
            }
            _ => "the left side of a comparison must be a field or a function",
        };
        return Err(Error::new(left.span.clone(), what).help("Write the field first: tcp.port == 25."));
    }
    let value = operand(left, None)?;
    let name = match operator {
        Operator::Contains => "contains",
        Operator::Matches => "matches",
        _ => "a comparison",
    };
    let all = |usual| all.unwrap_or(usual);
    match operator {
        Operator::Matches => {
            if !matches!(value.kind, Kind::Text | Kind::Bytes | Kind::Protocol) {
                return Err(cannot(left, value.kind, name));
            }
            let pattern = match &right.kind {
                Written::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Written::Raw(text) => text.clone(),
                _ => {
                    let what = "`matches` takes a regular expression in quotation marks";
                    return Err(Error::new(right.span.clone(), what));
                }
            };
            let regex = RegexBuilder::new().caseless(true).build(&pattern);
            let regex =
                regex.map_err(|e| Error::new(right.span.clone(), format!("the regular expression is wrong: {e}")))?;
            Ok(Test::Matches { all: all(false), left: value, regex })
        }
        Operator::Contains => {
            if !matches!(value.kind, Kind::Text | Kind::Bytes | Kind::Protocol | Kind::Ether) {
                return Err(cannot(left, value.kind, name));
            }
            // A part of an Ethernet address need not be a whole one.
            let like = if value.kind == Kind::Ether { Kind::Bytes } else { value.kind };
            let right = side(right, &Operand { kind: like, node: value.node.clone() })?;
            Ok(Test::Compare { all: all(false), how: How::Contains, left: value, right })
        }
        _ => {
            comparable(&value, &left.span, name)?;
            let right = side(right, &value)?;
            let (usual, how) = match operator {
                Operator::Equal => (false, How::Equal),
                Operator::AllEqual => (true, How::Equal),
                Operator::NotEqual => (true, How::NotEqual),
                Operator::AnyNotEqual => (false, How::NotEqual),
                Operator::Greater => (false, How::Greater),
                Operator::GreaterOrEqual => (false, How::GreaterOrEqual),
                Operator::Less => (false, How::Less),
                _ => (false, How::LessOrEqual),
            };
            Ok(Test::Compare { all: all(usual), how, left: value, right })
        }
    }
}

fn comparable(value: &Operand, at: &Span, name: &str) -> Result<(), Error> {
    if value.kind != Kind::Label {
        return Ok(());
    }
    let what = format!("this is there or is not, and has no value: it cannot stand in {name}");
    Err(Error::new(at.clone(), what).help("Write its name alone."))
}

fn cannot(value: &Value, kind: Kind, name: &str) -> Error {
    let wrong = Error::new(value.span.clone(), format!("a value of the kind {kind} cannot stand left of `{name}`"));
    if kind.is_number() || matches!(kind, Kind::Ipv4 | Kind::Ether) {
        return wrong.help("Put it into string(...) to compare its digits.");
    }
    wrong
}

/// The right side of a comparison.
fn side(value: &Value, left: &Operand) -> Result<Operand, Error> {
    let right = operand(value, Some(left.kind))?;
    // A slice can be compared with a text or with bytes.
    let cut = |o: &Operand| matches!(o.node, Node::Slice(..));
    if right.kind.fits(left.kind) || (cut(left) || cut(&right)) && (right.kind.can_be_cut() && left.kind.can_be_cut()) {
        return Ok(right);
    }
    let what = format!("these cannot be compared with each other: {}, {}", left.kind, right.kind);
    Err(Error::new(value.span.clone(), what))
}

/// Whether no field and no function is in it.
fn is_constant(value: &Value) -> bool {
    match &value.kind {
        Written::Word(name) => Field::named(name).is_none(),
        Written::Text(_) | Written::Raw(_) | Written::Character(_) => true,
        Written::Layer(..) | Written::Call(..) => false,
        Written::Minus(of) | Written::Slice(of, _) => is_constant(of),
        Written::Sum(a, _, b) => is_constant(a) && is_constant(b),
    }
}

/// A value; if it is a constant, of the kind that is expected, and worked out once.
fn operand(value: &Value, expected: Option<Kind>) -> Result<Operand, Error> {
    written(value, expected).map(Operand::folded)
}

fn written(value: &Value, expected: Option<Kind>) -> Result<Operand, Error> {
    let at = || value.span.clone();
    match &value.kind {
        Written::Word(name) => match (Field::named(name), expected) {
            (Some(field), _) => Ok(Operand { kind: field.spec().kind, node: Node::Field(field, None) }),
            (None, Some(kind)) => literal(value, kind),
            (None, None) => Err(unknown(name, &value.span)),
        },
        Written::Layer(name, layers) => {
            let field = Field::named(name).ok_or_else(|| unknown(name, &value.span))?;
            Ok(Operand { kind: field.spec().kind, node: Node::Field(field, Some(layers.clone())) })
        }
        Written::Text(_) | Written::Raw(_) | Written::Character(_) => match expected {
            Some(kind) => literal(value, kind),
            None => Err(Error::new(at(), "expected a field")),
        },
        Written::Minus(of) => {
            let of = operand(of, expected)?;
            if !(of.kind.is_number() || of.kind == Kind::Duration) {
                return Err(Error::new(at(), format!("a value of the kind {} has no negative", of.kind)));
            }
            Ok(Operand { kind: of.kind, node: Node::Minus(Box::new(of)) })
        }
        Written::Sum(a, sign, b) => sum(a, *sign, b, expected),
        Written::Slice(of, parts) => {
            let of = operand(of, None)?;
            if !of.kind.can_be_cut() {
                return Err(Error::new(at(), format!("a value of the kind {} cannot be cut into bytes", of.kind)));
            }
            Ok(Operand { kind: Kind::Bytes, node: Node::Slice(Box::new(of), parts.clone()) })
        }
        Written::Call(name, arguments) => call(name, arguments, value),
    }
}

fn literal(value: &Value, kind: Kind) -> Result<Operand, Error> {
    Ok(Operand { kind, node: Node::Const(constant(value, kind)?) })
}

fn sum(a: &Value, sign: Sign, b: &Value, expected: Option<Kind>) -> Result<Operand, Error> {
    if is_constant(a) && !is_constant(b) {
        let what = "a constant cannot stand on the left of an arithmetic sign";
        return Err(Error::new(a.span.clone(), what).help("Write the field first: tcp.len * 2."));
    }
    let left = operand(a, expected)?;
    let can = match sign {
        Sign::And => left.kind.is_number() || matches!(left.kind, Kind::Ipv4 | Kind::Ether | Kind::Bytes),
        Sign::Plus | Sign::Minus => left.kind.is_number() || left.kind == Kind::Duration,
        _ => left.kind.is_number(),
    };
    if !can {
        return Err(Error::new(
            a.span.clone(),
            format!("this sign does not go with a value of the kind {}", left.kind),
        ));
    }
    let right = operand(b, Some(left.kind))?;
    if !right.kind.fits(left.kind) {
        return Err(Error::new(b.span.clone(), format!("these do not fit together: {}, {}", left.kind, right.kind)));
    }
    Ok(Operand { kind: left.kind, node: Node::Sum(Box::new(left), sign, Box::new(right)) })
}

fn call(name: &str, arguments: &[Value], value: &Value) -> Result<Operand, Error> {
    let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
        let names: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
        let wrong = Error::new(value.span.clone(), format!("there is no function {name}"));
        return Err(wrong.help(format!("There are: {}.", names.join(", "))));
    };
    let several = matches!(function, Function::Max | Function::Min);
    let [first, rest @ ..] = arguments else {
        return Err(Error::new(value.span.clone(), format!("{name}() needs a field")));
    };
    if !rest.is_empty() && !several {
        return Err(Error::new(rest[0].span.clone(), format!("{name}() takes one field")));
    }
    let fields_only =
        matches!(function, Function::Len | Function::Count | Function::Text | Function::Upper | Function::Lower);
    if fields_only && !matches!(first.kind, Written::Word(_) | Written::Layer(..)) {
        return Err(Error::new(first.span.clone(), format!("{name}() takes a field")));
    }
    let one = operand(first, None)?;
    let refuse = |what: &str| {
        Err(Error::new(first.span.clone(), format!("{name}() takes {what}, not a value of the kind {}", one.kind)))
    };
    let kind = match function {
        Function::Count => Kind::U32,
        Function::Len if matches!(one.kind, Kind::Label | Kind::Boolean | Kind::Time | Kind::Duration) => {
            return refuse("a field with bytes");
        }
        Function::Len => Kind::U32,
        Function::Upper | Function::Lower if one.kind != Kind::Text => return refuse("a text"),
        Function::Text if !(one.kind.is_number() || matches!(one.kind, Kind::Ipv4 | Kind::Ether)) => {
            return refuse("a number or an address");
        }
        Function::Upper | Function::Lower | Function::Text => Kind::Text,
        Function::Abs if !(one.kind.is_number() || one.kind == Kind::Duration) => return refuse("a number"),
        Function::Max | Function::Min if one.kind == Kind::Label => return refuse("fields with values"),
        _ => one.kind,
    };
    let mut all = vec![one];
    for argument in rest {
        let next = operand(argument, Some(kind))?;
        if !next.kind.fits(kind) {
            return Err(Error::new(argument.span.clone(), format!("all that {name}() takes must be of one kind")));
        }
        all.push(next);
    }
    Ok(Operand { kind, node: Node::Call(*function, all) })
}

fn unknown(name: &str, at: &Span) -> Error {
    let wrong = Error::new(at.clone(), format!("there is no field or protocol of the name {name}"));
    let names: Vec<&str> = FIELDS.iter().map(|spec| spec.name).collect();
    match crate::scenario::nearest(name, &names) {
        Some(near) => wrong.help(format!("Did you mean {near}?")),
        None => wrong.help("All fields: mailpath fields."),
    }
}
