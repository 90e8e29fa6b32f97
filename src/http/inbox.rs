//! Bytes that came in and have not been read yet, cut into message heads (RFC 9112 section 2.1).

use std::ops::Range;

/// Unread bytes and their place in the stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    /// How many of `bytes` have been read.
    read: usize,
    /// Up to where no end of a head was found.
    searched: usize,
    /// Place in the stream of the first of `bytes`.
    start: u64,
}

/// A head, its empty line included: its place in the stream, and its bytes.
pub(super) type Head<'a> = (Range<u64>, &'a [u8]);

/// A head that is longer than it may be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Inbox {
    /// Adds what came in.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.read > 0 {
            self.bytes.drain(..self.read);
            self.start += self.read as u64;
            self.searched = self.searched.saturating_sub(self.read);
            self.read = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// What has not been read.
    pub fn unread(&self) -> &[u8] {
        &self.bytes[self.read..]
    }

    /// Whether all has been read.
    pub fn is_empty(&self) -> bool {
        self.read == self.bytes.len()
    }

    /// The place in the stream of the first unread byte.
    pub fn position(&self) -> u64 {
        self.start + self.read as u64
    }

    /// Takes the first `n` unread bytes as read.
    pub fn consume(&mut self, n: usize) {
        self.read = (self.read + n).min(self.bytes.len());
    }

    /// Takes empty lines as read: some programs put one too many behind a body (RFC 9112 section 2.2).
    pub fn skip_empty_lines(&mut self) {
        while let [b'\r', b'\n', ..] | [b'\n', ..] = self.unread() {
            self.consume(if self.unread()[0] == b'\r' { 2 } else { 1 });
        }
    }

    /// The next head, once it is complete. A byte is searched once, however finely the stream is cut.
    ///
    /// # Errors
    /// If it is longer than `most` bytes, complete or not.
    pub fn take_head(&mut self, most: usize) -> Result<Option<Head<'_>>, TooLong> {
        let from = self.searched.max(self.read);
        let mut end = None;
        for newline in memchr::memchr_iter(b'\n', &self.bytes[from..]).map(|i| from + i) {
            if matches!(&self.bytes[self.read..newline], [.., b'\n'] | [.., b'\n', b'\r']) {
                end = Some(newline + 1);
                break;
            }
        }
        let length = end.unwrap_or(self.bytes.len()) - self.read;
        if length > most {
            return Err(TooLong);
        }
        let Some(end) = end else {
            self.searched = self.bytes.len();
            return Ok(None);
        };
        let (begin, at) = (self.read, self.position());
        self.read = end;
        Ok(Some((at..at + length as u64, &self.bytes[begin..end])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_with_an_empty_line_and_the_rest_stays() {
        let mut inbox = Inbox::default();
        inbox.push(b"GET / HTTP/1.1\r\nHost: a\r");
        assert_eq!(inbox.take_head(100), Ok(None));
        inbox.push(b"\n\r\nmore");
        let (range, head) = inbox.take_head(100).unwrap().unwrap();
        assert_eq!((range, head), (0..27, &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..]));
        assert_eq!((inbox.unread(), inbox.position()), (&b"more"[..], 27));
        inbox.push(b"\n\n");
        assert_eq!(inbox.take_head(100).unwrap().unwrap(), (27..33, &b"more\n\n"[..]));
        assert!(inbox.is_empty());
    }

    #[test]
    fn a_head_without_end_is_too_long_some_time() {
        let mut inbox = Inbox::default();
        inbox.push(&[b'x'; 10]);
        assert_eq!(inbox.take_head(10), Ok(None));
        inbox.push(b"x");
        assert_eq!(inbox.take_head(10), Err(TooLong));
    }
}
