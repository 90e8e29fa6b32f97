//! What is wrong with a filter, and where.

use std::fmt;
use std::ops::Range;

/// A filter that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// The part of the text that is wrong, in bytes; empty at a place where something is missing.
    pub at: Range<usize>,
    /// What is wrong, and what was expected.
    pub what: String,
    /// How to mend it, if that is known.
    pub help: Option<String>,
}

impl Error {
    pub(super) fn new(at: Range<usize>, what: impl Into<String>) -> Self {
        Error { at, what: what.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The filter with the wrong part underlined, and what is wrong below it.
    ///
    /// ```
    /// let wrong = mailpath::filter::Filter::new("tcp.prt == 25").unwrap_err();
    /// assert_eq!(
    ///     wrong.shown("tcp.prt == 25"),
    ///     "tcp.prt == 25\n^^^^^^^\nthere is no field or protocol of the name tcp.prt\nDid you mean tcp.port?"
    /// );
    /// ```
    pub fn shown(&self, text: &str) -> String {
        let before = text.get(..self.at.start).unwrap_or(text);
        let width = text.get(self.at.clone()).map_or(0, |part| part.chars().count()).max(1);
        let line = text.replace(['\n', '\r', '\t'], " ");
        let mut shown = format!("{line}\n{}{}\n{}", " ".repeat(before.chars().count()), "^".repeat(width), self.what);
        if let Some(help) = &self.help {
            shown.push('\n');
            shown.push_str(help);
        }
        shown
    }
}

/// `at 5: "foo" is not a valid number`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: {}", self.at.start + 1, self.what)?;
        self.help.iter().try_for_each(|help| write!(f, ". {help}"))
    }
}
