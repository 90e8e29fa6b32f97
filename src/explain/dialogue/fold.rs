//! A mail or an object in the stream as one block, and what is in it when it is opened.

use std::ops::Range;

use crate::message::{body_start, header_end};

/// A part of a mail, as the braces beside an opened block name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailPart {
    /// Header fields (RFC 5322 section 2.2).
    Header,
    /// The line that ends the header.
    EmptyLine,
    /// What comes behind it.
    Body,
    /// The line with a dot alone (RFC 5321 section 4.1.1.4): SMTP's, not the mail's.
    Dot,
}

impl MailPart {
    /// Its name in the window.
    pub const fn name(self) -> &'static str {
        match self {
            MailPart::Header => "header",
            MailPart::EmptyLine => "empty line",
            MailPart::Body => "body",
            MailPart::Dot => "CRLF . CRLF ends the mail",
        }
    }
}

/// Lines of a mail that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Which part.
    pub part: MailPart,
    /// Its bytes in the stream; never empty.
    pub range: Range<u64>,
    /// How many lines there are; one that was not ended counts.
    pub lines: usize,
}

/// A mail in the stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// Its bytes as they stand in the stream (stuffed dots included), without the line that ends it.
    pub bytes: u64,
    /// Lines of its header.
    pub header_lines: usize,
    /// Lines of its body.
    pub body_lines: usize,
    /// Its parts in order; together they cover the row's range, as far as it was sent.
    pub sections: Vec<Section>,
}

impl Mail {
    /// A mail that begins at `start` of the stream; `dot`: a line with a dot ends it.
    pub(super) fn read(bytes: &[u8], start: u64, dot: bool) -> Mail {
        let ended = dot && (bytes.ends_with(b"\r\n.\r\n") || bytes == b".\r\n");
        let letter = if ended { bytes.len() - 3 } else { bytes.len() };
        let (header, body) = (header_end(&bytes[..letter]), body_start(&bytes[..letter]));
        let parts = [
            (MailPart::Header, 0..header),
            (MailPart::EmptyLine, header..body),
            (MailPart::Body, body..letter),
            (MailPart::Dot, letter..bytes.len()),
        ];
        let mut mail = Mail { bytes: letter as u64, ..Mail::default() };
        for (part, range) in parts.into_iter().filter(|(_, range)| !range.is_empty()) {
            let lines = lines(&bytes[range.clone()]).count();
            match part {
                MailPart::Header => mail.header_lines = lines,
                MailPart::Body => mail.body_lines = lines,
                MailPart::EmptyLine | MailPart::Dot => {}
            }
            let range = start + range.start as u64..start + range.end as u64;
            mail.sections.push(Section { part, range, lines });
        }
        mail
    }

    /// What the folded block says: `mail, 312 bytes: header 5 lines, body 1 line`.
    pub fn title(&self) -> String {
        let count = |n: usize| if n == 1 { "1 line".to_owned() } else { format!("{n} lines") };
        let bytes = crate::time::grouped(self.bytes);
        format!("mail, {bytes} bytes: header {}, body {}", count(self.header_lines), count(self.body_lines))
    }
}

/// Lines with their ends; the last may lack one.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|b| *b == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_opens_into_header_empty_line_body_and_dot() {
        let mail = Mail::read(b"From: a\r\nTo: b,\r\n c\r\n\r\nhello\r\n.\r\n", 100, true);
        let parts: Vec<_> = mail.sections.iter().map(|s| (s.part, s.range.clone(), s.lines)).collect();
        assert_eq!(
            parts,
            [
                (MailPart::Header, 100..121, 3),
                (MailPart::EmptyLine, 121..123, 1),
                (MailPart::Body, 123..130, 1),
                (MailPart::Dot, 130..133, 1),
            ]
        );
        assert_eq!(mail.title(), "mail, 30 bytes: header 3 lines, body 1 line");
    }

    #[test]
    fn what_is_not_there_has_no_section() {
        assert_eq!(Mail::read(b"", 7, true), Mail::default());
        let cut = Mail::read(b"From: a\r\nTo", 0, true);
        assert_eq!(cut.sections, [Section { part: MailPart::Header, range: 0..11, lines: 2 }]);
        let empty = Mail::read(b".\r\n", 0, true);
        assert_eq!(empty.sections, [Section { part: MailPart::Dot, range: 0..3, lines: 1 }]);
        // Without SMTP's dot a dot is a line of the body like any other.
        let stored = Mail::read(b"\r\n.\r\n", 0, false);
        assert_eq!(stored.sections.iter().map(|s| s.part).collect::<Vec<_>>(), [MailPart::EmptyLine, MailPart::Body]);
    }

    proptest::proptest! {
        #[test]
        fn the_sections_of_any_bytes_cover_them(bytes in "([a-c:.]{0,3}(\r\n|\n)?){0,8}", dot: bool) {
            let mail = Mail::read(bytes.as_bytes(), 10, dot);
            let end = mail.sections.iter().fold(10, |at, section| {
                assert_eq!(section.range.start, at);
                assert!(section.range.end > at && section.lines > 0);
                section.range.end
            });
            proptest::prop_assert_eq!(end, 10 + bytes.len() as u64);
        }
    }
}
