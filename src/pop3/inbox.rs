//! What came in and was not read yet: lines, and data that end with a line of one dot.

use std::ops::Range;

/// A line, with its place in the stream (its line end included).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Without its line end.
    Line(Vec<u8>, Range<u64>),
    /// It is longer than allowed; its first bytes are all that is left of it.
    TooLong(Vec<u8>, Range<u64>),
}

/// Bytes of the peer.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox {
    buffer: Vec<u8>,
    /// What was read of the buffer.
    at: usize,
    /// Place in the stream of `buffer[0]`.
    base: u64,
    /// How far behind `at` the search for an end has come, so that no byte is looked at twice.
    searched: usize,
    /// Of a line that is too long: where it began, and its first bytes.
    dropped: Option<(u64, Vec<u8>)>,
}

/// Bytes of a line that is too long that are kept to say what it was.
const KEPT: usize = 40;

impl Inbox {
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.at);
        self.base += self.at as u64;
        self.at = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// What is there is thrown away unread, and counted.
    pub fn discard(&mut self) {
        self.base += self.buffer.len() as u64;
        self.buffer.clear();
        (self.at, self.searched, self.dropped) = (0, 0, None);
    }

    /// Bytes that are held.
    pub fn held(&self) -> usize {
        self.buffer.len() - self.at
    }

    /// The next line, if its end is here or it is longer than `limit` octets, line end included. A line ends with
    /// LF; the CR before it belongs to the line end.
    pub fn line(&mut self, limit: usize) -> Option<Found> {
        let rest = &self.buffer[self.at..];
        let end = memchr::memchr(b'\n', &rest[self.searched..]).map(|n| self.searched + n + 1);
        let start = self.base + self.at as u64;
        let Some(end) = end else {
            if rest.len() > limit || self.dropped.is_some() {
                // Nothing of a line without end is kept, however much of it comes.
                let first = rest[..rest.len().min(KEPT)].to_vec();
                self.dropped.get_or_insert((start, first));
                self.read(self.buffer.len());
            } else {
                self.searched = rest.len();
            }
            return None;
        };
        let line = &rest[..end];
        let found = match self.dropped.take() {
            Some((from, first)) => Found::TooLong(first, from..start + end as u64),
            None if end > limit => Found::TooLong(line[..end.min(KEPT)].to_vec(), start..start + end as u64),
            None => {
                let text = line.strip_suffix(b"\r\n").or(line.strip_suffix(b"\n")).unwrap_or(line);
                Found::Line(text.to_vec(), start..start + end as u64)
            }
        };
        self.read(self.at + end);
        Some(found)
    }

    /// The data up to the line of one dot, that line included, and their place in the stream. Here a line ends with
    /// CR LF only (RFC 1939 section 3).
    pub fn data(&mut self) -> Option<(Vec<u8>, Range<u64>)> {
        let rest = &self.buffer[self.at..];
        let end = if rest.starts_with(b".\r\n") {
            3
        } else {
            let from = self.searched.saturating_sub(4);
            match memchr::memmem::find(&rest[from..], b"\r\n.\r\n") {
                Some(n) => from + n + 5,
                None => {
                    self.searched = rest.len();
                    return None;
                }
            }
        };
        let start = self.base + self.at as u64;
        let data = rest[..end].to_vec();
        self.read(self.at + end);
        Some((data, start..start + end as u64))
    }

    fn read(&mut self, to: usize) {
        self.at = to;
        self.searched = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_not_kept() {
        let mut inbox = Inbox::default();
        for _ in 0..1000 {
            inbox.push(&[b'x'; 100]);
            assert_eq!(inbox.line(50), None);
            assert_eq!(inbox.held(), 0);
        }
        inbox.push(b"y\r\nNOOP\r\n");
        let Some(Found::TooLong(first, range)) = inbox.line(50) else { panic!("too long") };
        assert_eq!((first.len(), range), (40, 0..100_003));
        assert_eq!(inbox.line(50), Some(Found::Line(b"NOOP".to_vec(), 100_003..100_009)));
    }

    #[test]
    fn data_end_at_a_dot_between_two_line_ends_and_nowhere_else() {
        let text = b"+OK\r\na\n.\r\n..\r\n.x\r\n.\r\n.\r\n";
        let mut inbox = Inbox::default();
        let mut found = Vec::new();
        for byte in text {
            inbox.push(&[*byte]);
            if found.is_empty() {
                found.extend(inbox.line(50).map(|_| (Vec::new(), 0..0)));
            } else {
                found.extend(inbox.data());
            }
        }
        assert_eq!(found[1..], [(b"a\n.\r\n..\r\n.x\r\n.\r\n".to_vec(), 5..21), (b".\r\n".to_vec(), 21..24)]);
    }
}
