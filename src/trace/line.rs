//! Lines of a dialogue as the record keeps and lends them: a run has dozens for each mail, so that one is 24 bytes and
//! its text, in two tables.

use std::borrow::Cow;
use std::ops::Range;

use super::Stored;
use super::stretch::Stretch;
use crate::engine::{self, Way};
use crate::smtp::{Spoken, Words};

/// A line of a dialogue, as the record lends it: an [`engine::Line`] with borrowed words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Written or read by the engine that tells.
    pub way: Way,
    /// Where its bytes begin in the stream of that direction; offset 0 is the first byte after the SYN.
    pub start: u64,
    /// Where they end, the CRLF included.
    pub end: u64,
    /// The text without the last CRLF.
    pub text: &'a str,
    /// The command's verb in capitals (`MAIL`, `UID FETCH`, `GET`), if it is a command.
    pub verb: Option<&'a str>,
    /// The reply's or response's code, if it has one.
    pub code: Option<u16>,
}

impl Line<'_> {
    /// Where its bytes stand in the stream of that direction.
    pub const fn range(&self) -> Range<u64> {
        self.start..self.end
    }
}

impl<'a> From<&'a engine::Line> for Line<'a> {
    fn from(line: &'a engine::Line) -> Self {
        let (Range { start, end }, verb) = (line.range.clone(), line.verb.as_deref());
        Line { way: line.way, start, end, text: &line.text, verb, code: line.code }
    }
}

/// A line on its way into the record.
#[derive(Clone, Debug)]
pub(crate) struct NewLine<'a> {
    pub way: Way,
    pub start: u64,
    pub end: u64,
    pub text: Cow<'a, str>,
    pub verb: Option<Cow<'static, str>>,
    pub code: Option<u16>,
}

impl<'a> NewLine<'a> {
    /// As SMTP tells it. `words` are those of the engine that told it.
    #[inline]
    pub fn spoken(line: &Spoken, words: &'a Words) -> Self {
        let (Range { start, end }, verb) = (line.range(), line.verb.map(|verb| verb.name().into()));
        NewLine { way: line.way, start, end, text: words.text(line), verb, code: line.code() }
    }
}

impl<'a> From<&'a engine::Line> for NewLine<'a> {
    fn from(line: &'a engine::Line) -> Self {
        let (Range { start, end }, text) = (line.range.clone(), line.text.as_str().into());
        NewLine { way: line.way, start, end, text, verb: line.verb.clone(), code: line.code }
    }
}

impl From<NewLine<'_>> for engine::Line {
    fn from(line: NewLine<'_>) -> Self {
        let NewLine { way, start, end, text, verb, code } = line;
        engine::Line { way, range: start..end, text: text.into_owned(), verb, code }
    }
}

/// The engine that told a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EngineKind {
    /// SMTP, the sending end.
    SmtpClient,
    /// SMTP, the receiving end.
    SmtpServer,
    /// IMAP, the mail program.
    ImapClient,
    /// IMAP, the server.
    ImapServer,
    /// POP3, the mail program.
    Pop3Client,
    /// POP3, the server.
    Pop3Server,
    /// HTTP, the browser.
    HttpClient,
    /// HTTP, the server.
    HttpServer,
}

impl EngineKind {
    /// The protocol's name in lower case, as it stands in `proto` fields.
    pub const fn protocol(self) -> &'static str {
        match self {
            EngineKind::SmtpClient | EngineKind::SmtpServer => "smtp",
            EngineKind::ImapClient | EngineKind::ImapServer => "imap",
            EngineKind::Pop3Client | EngineKind::Pop3Server => "pop3",
            EngineKind::HttpClient | EngineKind::HttpServer => "http",
        }
    }
}

/// A line in the record. Its text and its verb stand elsewhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// Where its bytes stand, the CRLF included.
    pub at: Stretch,
    pub text: Stored,
    /// [`NONE`]: it is no command.
    verb: u16,
    /// [`NONE`]: it has none.
    code: u16,
    pub engine: EngineKind,
    pub way: Way,
}

const NONE: u16 = u16::MAX;

impl Kept {
    /// So many verbs can be told apart.
    pub const VERBS: usize = NONE as usize;

    #[inline]
    pub fn new(engine: EngineKind, line: &NewLine<'_>, at: Stretch, text: Stored, verb: Option<u16>) -> Self {
        let (verb, code) = (verb.unwrap_or(NONE), line.code.unwrap_or(NONE));
        Kept { at, text, verb, code, engine, way: line.way }
    }

    pub fn verb(&self) -> Option<u16> {
        (self.verb != NONE).then_some(self.verb)
    }

    pub fn code(&self) -> Option<u16> {
        (self.code != NONE).then_some(self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_small() {
        assert_eq!(size_of::<Kept>(), 24);
    }
}
