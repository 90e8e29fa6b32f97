//! RFC 3501 section 2.2 and 4.3: a stream is lines and literals; `{310}` at the end of a line announces a literal
//! of 310 octets, behind which the same command or response goes on with another line.
//!
//! Cutting comes before reading: where a message ends must not depend on whether it makes sense.

use std::ops::Range;

/// A literal that a line announces at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Announced {
    /// Octets that follow.
    pub length: u32,
    /// `{n}`: the sender waits for `+`. `{n+}` (RFC 7888): it does not.
    pub synchronizing: bool,
}

/// A part of the message at hand; ranges count from the message's first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fragment {
    /// A line with its line end. Without an announcement it is the message's last.
    Line { range: Range<usize>, literal: Option<Announced> },
    /// A whole literal; a line follows.
    Literal,
    /// The lines of this message are longer together than allowed. Call [`Framer::discard_line`] or give up.
    TooLong,
}

/// Cuts a stream into messages. Holds one message at a time, in one block, as the codec wants it.
#[derive(Clone, Debug)]
pub(crate) struct Framer {
    buffer: Vec<u8>,
    /// Place in the stream of `buffer[0]`.
    base: u64,
    /// Where the message at hand begins in the buffer.
    head: usize,
    /// Where its next fragment begins.
    at: usize,
    /// There is no LF in `at..scanned`.
    scanned: usize,
    /// Octets of lines in this message, and of literals.
    lines: usize,
    literals: u64,
    /// The next fragment is a literal of this length.
    literal: Option<u32>,
    /// Octets of a refused literal that are still to be dropped.
    skip: u64,
    /// The rest of an overlong line is being dropped.
    discarding: bool,
    line_limit: usize,
}

impl Framer {
    pub fn new(line_limit: usize) -> Self {
        Framer {
            buffer: Vec::new(),
            base: 0,
            head: 0,
            at: 0,
            scanned: 0,
            lines: 0,
            literals: 0,
            literal: None,
            skip: 0,
            discarding: false,
            line_limit,
        }
    }

    /// Takes bytes in. What was finished before is let go here, so that many small messages in one read cost one move.
    pub fn push(&mut self, mut bytes: &[u8]) {
        if self.skip > 0 && self.buffer.len() == self.at {
            // A literal that is dropped is never kept, however long it is.
            let dropped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
            self.base += dropped as u64;
            self.skip -= dropped as u64;
            bytes = &bytes[dropped..];
        }
        if self.head > 0 {
            self.buffer.drain(..self.head);
            self.base += self.head as u64;
            self.at -= self.head;
            self.scanned -= self.head;
            self.head = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Bytes that are held.
    pub fn held(&self) -> usize {
        self.buffer.len() - self.head
    }

    /// The message as far as its fragments were given out.
    pub fn message(&self) -> &[u8] {
        &self.buffer[self.head..self.at]
    }

    /// Bytes behind what was given out of the message.
    pub fn pending(&self) -> &[u8] {
        &self.buffer[self.at..]
    }

    /// Octets of literals in the message so far.
    pub fn literals(&self) -> u64 {
        self.literals
    }

    /// Where a range of the message stands in the stream.
    pub fn stream(&self, range: Range<usize>) -> Range<u64> {
        let start = self.base + self.head as u64;
        start + range.start as u64..start + range.end as u64
    }

    /// The next fragment, if it is here as a whole.
    pub fn next(&mut self) -> Option<Fragment> {
        self.drop_skipped();
        if self.skip > 0 {
            return None;
        }
        if let Some(length) = self.literal {
            let length = length as usize;
            if self.buffer.len() - self.at < length {
                return None;
            }
            self.literal = None;
            self.literals += length as u64;
            self.advance(self.at + length);
            return Some(Fragment::Literal);
        }
        self.next_line()
    }

    fn next_line(&mut self) -> Option<Fragment> {
        let found = memchr::memchr(b'\n', &self.buffer[self.scanned..]);
        let end = found.map_or(self.buffer.len(), |n| self.scanned + n + 1);
        self.scanned = end;
        if self.discarding {
            return self.next_discarded(end, found.is_some());
        }
        if self.lines + (end - self.at) > self.line_limit {
            return Some(Fragment::TooLong);
        }
        found?;
        let literal = announced(&self.buffer[self.at..end]);
        let range = self.at - self.head..end - self.head;
        self.lines += end - self.at;
        self.literal = literal.map(|l| l.length);
        self.advance(end);
        Some(Fragment::Line { range, literal })
    }

    /// An overlong line is dropped piece by piece; its last bytes are kept because they may announce a literal.
    fn next_discarded(&mut self, end: usize, complete: bool) -> Option<Fragment> {
        let tail = end.saturating_sub(16).max(self.at);
        self.cut(self.at..tail);
        if !complete {
            return None;
        }
        let end = self.scanned;
        let literal = announced(&self.buffer[self.at..end]);
        self.cut(self.at..end);
        self.discarding = false;
        self.literal = literal.map(|l| l.length);
        Some(Fragment::Line { range: self.at - self.head..self.at - self.head, literal })
    }

    fn advance(&mut self, to: usize) {
        self.at = to;
        self.scanned = to;
    }

    /// Removes bytes behind the message at hand. They keep their place in the stream only for what comes behind:
    /// the message they belonged to is never read again.
    fn cut(&mut self, range: Range<usize>) {
        self.base += range.len() as u64;
        self.scanned -= range.len();
        self.buffer.drain(range);
    }

    fn drop_skipped(&mut self) {
        let here = (self.buffer.len() - self.at) as u64;
        let dropped = self.skip.min(here) as usize;
        if dropped > 0 {
            self.skip -= dropped as u64;
            self.base += dropped as u64;
            self.buffer.drain(self.at..self.at + dropped);
        }
        self.scanned = self.scanned.max(self.at);
    }

    /// The line that is too long is dropped up to its end, and comes as an empty [`Fragment::Line`].
    pub fn discard_line(&mut self) {
        self.discarding = true;
        self.scanned = self.at;
    }

    /// The literal just announced comes all the same and is dropped; the line behind it comes as usual.
    pub fn skip_literal(&mut self) {
        if let Some(length) = self.literal.take() {
            self.skip = u64::from(length);
        }
    }

    /// The last line announced nothing after all: the message ends with it.
    pub fn no_literal(&mut self) {
        self.literal = None;
    }

    /// The message at hand is done with (or refused before its literal was sent): the next one begins.
    pub fn finish(&mut self) {
        self.head = self.at;
        self.lines = 0;
        self.literals = 0;
        self.literal = None;
        if self.head == self.buffer.len() {
            self.base += self.head as u64;
            self.buffer.clear();
            (self.head, self.at, self.scanned) = (0, 0, 0);
            // A letter that went through should not keep its memory for the rest of a long session.
            if self.buffer.capacity() > 64 * 1024 {
                self.buffer = Vec::new();
            }
        }
    }

    /// What is there is thrown away unread, and counted.
    pub fn discard(&mut self) {
        self.base += self.buffer.len() as u64;
        self.buffer.clear();
        (self.head, self.at, self.scanned, self.skip) = (0, 0, 0, 0);
        (self.lines, self.literals, self.literal, self.discarding) = (0, 0, None, false);
    }
}

/// Reads `{310}` or `{310+}` at the end of a line.
fn announced(line: &[u8]) -> Option<Announced> {
    let line = line.strip_suffix(b"}\r\n")?;
    let (line, synchronizing) = match line.strip_suffix(b"+") {
        Some(line) => (line, false),
        None => (line, true),
    };
    let open = memchr::memrchr(b'{', line)?;
    let digits = &line[open + 1..];
    if digits.is_empty() || digits.len() > 10 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let length = digits.iter().try_fold(0u32, |n, d| n.checked_mul(10)?.checked_add(u32::from(d - b'0')))?;
    Some(Announced { length, synchronizing })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(range: Range<usize>, literal: Option<(u32, bool)>) -> Option<Fragment> {
        let literal = literal.map(|(length, synchronizing)| Announced { length, synchronizing });
        Some(Fragment::Line { range, literal })
    }

    #[test]
    fn a_command_with_a_literal_is_one_message() {
        let mut framer = Framer::new(100);
        framer.push(b"a LOGIN {5}\r\nalice secret\r\nb NOOP\r\n");
        assert_eq!(framer.next(), line(0..13, Some((5, true))));
        assert_eq!(framer.next(), Some(Fragment::Literal));
        assert_eq!(framer.next(), line(18..27, None));
        assert_eq!(framer.message(), b"a LOGIN {5}\r\nalice secret\r\n");
        framer.finish();
        assert_eq!(framer.next(), line(0..8, None));
        assert_eq!(framer.stream(0..8), 27..35);
        framer.finish();
        assert_eq!(framer.next(), None);
    }

    #[test]
    fn cut_anywhere_the_fragments_are_the_same() {
        let text = b"a LOGIN {5+}\r\nal\r\ne {2}\r\nxy\r\nb NOOP\r\n";
        let mut framer = Framer::new(100);
        let mut ends = Vec::new();
        for byte in text {
            framer.push(&[*byte]);
            while let Some(fragment) = framer.next() {
                if let Fragment::Line { range, literal } = &fragment {
                    ends.push(framer.stream(range.clone()));
                    if literal.is_none() {
                        framer.finish();
                    }
                }
            }
        }
        assert_eq!(ends, [0..14, 19..25, 27..29, 29..37]);
    }

    #[test]
    fn a_line_that_is_too_long_is_dropped_and_the_stream_keeps_its_place() {
        let mut framer = Framer::new(20);
        framer.push(b"a NOOP NOOP NOOP NOOP NOOP");
        assert_eq!(framer.next(), Some(Fragment::TooLong));
        framer.discard_line();
        assert_eq!(framer.next(), None);
        assert!(framer.held() <= 20);
        framer.push(b"NOOP NOOP {4+}\r\nb XX");
        assert_eq!(framer.next(), line(0..0, Some((4, false))));
        framer.skip_literal();
        framer.push(b"\r\nc NOOP\r\n");
        assert_eq!(framer.next(), line(0..2, None));
        framer.finish();
        assert_eq!(framer.next(), line(0..8, None));
        assert_eq!(framer.stream(0..8), 48..56);
    }

    #[test]
    fn numbers_that_are_none_announce_nothing() {
        for text in ["{}", "{99999999999}", "{4294967296}", "{-1}", "{1++}", "1}"] {
            assert_eq!(announced(format!("a {text}\r\n").as_bytes()), None, "{text}");
        }
        assert_eq!(announced(b"a {4294967295}\r\n").map(|a| a.length), Some(u32::MAX));
        assert_eq!(announced(b"a {1}\n"), None);
    }
}
