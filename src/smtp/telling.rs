//! Lines as they are told: shared by both ends.

use std::borrow::Cow;
use std::num::NonZeroU16;
use std::ops::Range;

use super::command::Verb;
use crate::engine::{Line, Way};

/// A command or a whole reply, as it is told. Its words stay with the engine that tells it, until that has its next input:
/// a run has dozens of lines for each mail, and none of them needs memory of its own on its way into the record.
#[derive(Clone, Copy, Debug, Eq)]
pub struct Spoken {
    start: u64,
    length: u32,
    /// Where its words stand in the [`Words`], and how many bytes they are.
    words: (u32, u32),
    code: Option<NonZeroU16>,
    /// The command's verb, if it is a command that is known.
    pub verb: Option<Verb>,
    /// Written or read by the engine that tells.
    pub way: Way,
}

/// Equal lines are as long and stand at the same place; where their words lie in memory does not matter.
impl PartialEq for Spoken {
    fn eq(&self, other: &Self) -> bool {
        let told = |line: &Spoken| (line.way, line.range(), line.words.1, line.verb, line.code);
        told(self) == told(other)
    }
}

impl Spoken {
    /// Where its bytes stand in the stream of that direction, the CRLF included; offset 0 is the first byte after the
    /// SYN. Of a line of more than 4 GiB the beginning.
    pub fn range(&self) -> Range<u64> {
        self.start..self.start + u64::from(self.length)
    }

    /// The reply's code, if it is a reply.
    pub fn code(&self) -> Option<u16> {
        self.code.map(NonZeroU16::get)
    }

    /// The line as other engines tell theirs. `words` are those of the engine that told it.
    pub fn line(&self, words: &Words) -> Line {
        Line {
            way: self.way,
            range: self.range(),
            text: words.text(self).into_owned(),
            verb: self.verb.map(|verb| verb.name().into()),
            code: self.code(),
        }
    }
}

/// The words of the lines that an engine has told, or is about to tell.
#[derive(Clone, Debug, Default)]
pub struct Words {
    bytes: Vec<u8>,
}

impl Words {
    /// A command or a whole reply. `bytes` may have its line end or not.
    pub(super) fn line(
        &mut self,
        way: Way,
        range: Range<u64>,
        bytes: &[u8],
        verb: Option<Verb>,
        code: Option<u16>,
    ) -> Spoken {
        let bytes = without_end(bytes);
        // Both are bounded: what is told between two inputs are the commands in one inbox, and replies to them.
        let words = (self.bytes.len() as u32, bytes.len() as u32);
        self.bytes.extend_from_slice(bytes);
        let length = u32::try_from(range.end - range.start).unwrap_or(u32::MAX);
        Spoken { start: range.start, length, words, code: code.and_then(NonZeroU16::new), verb, way }
    }

    /// The text of a line without its last line end, inner ones as `\n`.
    ///
    /// # Panics
    /// If the engine did not tell this line, or has had an input since.
    pub fn text(&self, line: &Spoken) -> Cow<'_, str> {
        let (start, length) = (line.words.0 as usize, line.words.1 as usize);
        told(&self.bytes[start..start + length])
    }

    /// All lines were told.
    pub(super) fn forget(&mut self) {
        self.bytes.clear();
        // As in the inbox: many lines at once must not keep their memory for the rest of a long session.
        self.bytes.shrink_to(4096);
    }
}

/// Bytes as text. Nearly all of it is ASCII, which is looked at in larger pieces than anything else.
fn readable(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// The same, to be kept.
pub(super) fn lossy(bytes: &[u8]) -> String {
    readable(bytes).into_owned()
}

/// Bytes as text, without the last line end, inner ones as `\n`.
pub(super) fn text(bytes: &[u8]) -> String {
    told(without_end(bytes)).into_owned()
}

fn without_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

fn told(bytes: &[u8]) -> Cow<'_, str> {
    let text = readable(bytes);
    // Only a reply has several lines, and says in each but its last one that there are more (RFC 5321 section 4.2.1).
    if bytes.get(3) == Some(&b'-') { Cow::Owned(text.replace("\r\n", "\n")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_lines_at_once_do_not_keep_their_memory() {
        let mut words = Words::default();
        let lines: Vec<Spoken> = (0..10_000)
            .map(|n| words.line(Way::Received, n * 6..n * 6 + 6, b"NOOP\r\n", Some(Verb::Noop), None))
            .collect();
        assert!(lines.iter().all(|line| words.text(line) == "NOOP"));
        assert!(words.bytes.capacity() >= 40_000);
        words.forget();
        assert!(words.bytes.capacity() <= 4096);
    }
}
