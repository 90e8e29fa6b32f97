//! A file's name and text, and where in it something stands.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// A range of bytes in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
}

impl Span {
    /// The first byte of the range alone: what is underlined of a value that fills many lines.
    pub fn first(self) -> Span {
        Span { start: self.start, end: self.end.min(self.start + 1) }
    }

    /// Whether `other` lies inside.
    pub fn holds(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> At<T> {
    /// Puts the two together.
    pub fn new(value: T, span: Span) -> Self {
        At { value, span }
    }
}

impl<T> std::ops::Deref for At<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// Line and column, both counted from 1; columns are characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Character in the line.
    pub column: usize,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    format: &'static str,
    name: String,
    text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Source {
    /// A scenario that has been read; `name` is shown in messages.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Source::of("scenario", name, text)
    }

    /// A file of another format.
    pub fn of(format: &'static str, name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut lines = vec![0];
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            // A lone CR ends a line too, as miette counts.
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                lines.push(at + 1);
            }
        }
        Source { format, name: name.into(), text, lines }
    }

    /// What kind of file it is, in one word: `scenario`.
    pub fn format(&self) -> &'static str {
        self.format
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text in a range; nothing when the range does not fit.
    pub fn part(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    /// Line and column of a byte; the end of the file for bytes behind it.
    pub fn place(&self, at: usize) -> Place {
        let at = at.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self.lines[line - 1];
        let column = self.text.char_indices().map(|(i, _)| i).filter(|i| (start..at).contains(i)).count();
        Place { line, column: column + 1 }
    }
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.as_str().read_span(span, before, after)?;
        // miette counts columns in bytes; people count characters.
        let column = if before == 0 { self.place(inner.span().offset()).column - 1 } else { inner.column() };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line(),
            column,
            inner.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters_and_lines_end_in_three_ways() {
        let source = Source::new("x.json", "ab\r\ncdé!\nf\rg");
        let place = |at| (source.place(at).line, source.place(at).column);
        assert_eq!(place(0), (1, 1));
        assert_eq!(place(4), (2, 1));
        assert_eq!(place(8), (2, 4));
        assert_eq!(place(10), (3, 1));
        assert_eq!(place(12), (4, 1));
        assert_eq!(place(999), (4, 2));
        assert_eq!(source.part(Span { start: 4, end: 6 }), "cd");
    }
}
