//! Display filters: Wireshark's language and Wireshark's names, so that what is learned here works there.
//!
//! ```text
//!  text --grammar.pest--> tree --check--> test --eval--> does this frame pass?
//!                                          ^
//!  frames of a capture --facts--> fields with values, frame by frame
//! ```
//! `tcp.flags.syn == 1 && ip.src == 192.0.2.25`, `smtp.req.command in {"MAIL", "RCPT"}`,
//! `tcp.analysis.retransmission`, `imf.subject contains "hello"`: the language of
//! [wireshark-filter(4)](https://www.wireshark.org/docs/man-pages/wireshark-filter.html), version 4.0, with its any and
//! all, sets, slices, arithmetic, functions and layers. Fields have the values that Wireshark gives them in the second
//! pass over a capture: streams are put together, requests know their responses. Tests hold both against `tshark`.
//!
//! Our own fields stand beside them: `step`, `phase`, `host`, and for what is no packet `event` and what begins with
//! `queue.`, `mailbox.` and `mail.`.

mod check;
mod error;
mod eval;
pub mod facts;
mod fields;
mod literal;
mod syntax;
mod value;

pub use error::Error;
pub use fields::{FIELDS, Field, Kind, Spec};
pub use value::Val;

use check::{Node, Operand, Test};
use facts::{Capture, Facts};

/// A filter that can be used.
#[derive(Debug)]
pub struct Filter {
    /// `None` lets everything pass.
    test: Option<Test>,
    wanted: Vec<Field>,
}

impl Filter {
    /// Reads a filter. An empty one lets everything pass.
    ///
    /// # Errors
    /// With the place in the text, if it cannot be read or does not make sense.
    pub fn new(text: &str) -> Result<Self, Error> {
        let test = syntax::parse(text)?.map(|expr| check::check(&expr)).transpose()?;
        let mut wanted = Vec::new();
        test.iter().for_each(|test| test.fields(&mut wanted));
        wanted.sort_unstable();
        wanted.dedup();
        Ok(Filter { test, wanted })
    }

    /// The fields that it asks for.
    pub fn fields(&self) -> &[Field] {
        &self.wanted
    }

    /// Whether it asks for something that is no packet: only then are such entries of a record meant.
    pub fn asks_for_events(&self) -> bool {
        self.wanted.iter().any(|field| field.is_ours())
    }

    /// Whether a frame with these fields passes.
    pub fn passes(&self, facts: &Facts) -> bool {
        self.test.as_ref().is_none_or(|test| test.passes(facts))
    }

    /// The numbers, from 0, of the frames of a capture that pass.
    pub fn select(&self, capture: &Capture) -> Vec<u32> {
        let Some(test) = &self.test else { return (0..capture.frames.len() as u32).collect() };
        let mut passed = Vec::new();
        facts::each(capture, &self.wanted, |number, facts| {
            if test.passes(facts) {
                passed.push(number);
            }
        });
        passed
    }
}

impl Test {
    fn fields(&self, wanted: &mut Vec<Field>) {
        match self {
            Test::And(parts) | Test::Or(parts) => parts.iter().for_each(|part| part.fields(wanted)),
            Test::Not(test) => test.fields(wanted),
            Test::Exists(operand) | Test::NonZero(operand) | Test::Matches { left: operand, .. } => {
                operand.fields(wanted)
            }
            Test::Compare { left, right, .. } => [left, right].iter().for_each(|operand| operand.fields(wanted)),
            Test::Member { value, set, .. } => {
                value.fields(wanted);
                set.iter().flat_map(|(from, to)| std::iter::once(from).chain(to)).for_each(|o| o.fields(wanted));
            }
        }
    }
}

impl Operand {
    fn fields(&self, wanted: &mut Vec<Field>) {
        match &self.node {
            Node::Field(field, _) => wanted.push(*field),
            Node::Const(_) => {}
            Node::Slice(of, _) | Node::Minus(of) => of.fields(wanted),
            Node::Call(_, arguments) => arguments.iter().for_each(|argument| argument.fields(wanted)),
            Node::Sum(a, _, b) => [a, b].iter().for_each(|operand| operand.fields(wanted)),
        }
    }
}
