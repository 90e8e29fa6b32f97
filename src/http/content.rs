//! Reading the content of a message (RFC 9112 sections 6.3 and 7.1).
//!
//! ```text
//!  chunked-body   = *chunk last-chunk trailer-section CRLF
//!  chunk          = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
//!  last-chunk     = 1*("0") [ chunk-ext ] CRLF
//! ```

use super::head::Framing;

/// Longest line between the chunks, and longest trailer.
const MOST_BETWEEN: u32 = 8192;

/// A content that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Content {
    state: State,
    /// How many more bytes of data are accepted.
    room: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// So many bytes to come.
    Left(u64),
    UntilClose,
    /// In the line with the size of a chunk.
    Size(u64, Line),
    /// So many bytes of a chunk to come.
    Chunk(u64),
    /// In the CRLF behind a chunk.
    ChunkEnd(Line),
    /// In a line behind the last chunk.
    Trailer(Line),
    Complete,
}

/// A place in a line that ends with CRLF.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Line {
    /// Bytes read since the last chunk.
    read: u32,
    /// The line holds something.
    used: bool,
    /// In the part that is not looked at (an extension).
    skipping: bool,
    /// The last byte was CR.
    cr: bool,
}

/// Why a content cannot be read: what would have been right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wrong(pub &'static str);

/// More than is accepted.
pub(super) const TOO_LONG: Wrong = Wrong("a content that is not too long");

impl Content {
    /// A content of which at most `most` bytes of data are accepted.
    pub fn new(framing: Framing, most: u64) -> Result<Self, Wrong> {
        let state = match framing {
            Framing::Length(0) => State::Complete,
            Framing::Length(n) if n > most => return Err(TOO_LONG),
            Framing::Length(n) => State::Left(n),
            Framing::Chunked => State::Size(0, Line::default()),
            Framing::UntilClose => State::UntilClose,
        };
        Ok(Content { state, room: most })
    }

    /// Whether all of it has been read.
    pub fn is_complete(&self) -> bool {
        self.state == State::Complete
    }

    /// Whether it is all of it when the stream ends here.
    pub fn may_end_here(&self) -> bool {
        matches!(self.state, State::Complete | State::UntilClose)
    }

    /// Reads from `input`: says how many bytes of it belong to the content, and gives its data to `data`.
    pub fn read(&mut self, input: &[u8], mut data: impl FnMut(&[u8])) -> Result<usize, Wrong> {
        let mut at = 0;
        while at < input.len() && !self.is_complete() {
            let rest = &input[at..];
            let most = match self.state {
                State::Left(n) | State::Chunk(n) => n,
                State::UntilClose => u64::MAX,
                _ => 0,
            };
            if most == 0 {
                self.state = self.between(rest[0])?;
                at += 1;
                continue;
            }
            let n = rest.len().min(usize::try_from(most).unwrap_or(usize::MAX));
            self.room = self.room.checked_sub(n as u64).ok_or(TOO_LONG)?;
            data(&rest[..n]);
            at += n;
            self.state = match self.state {
                State::Left(left) if left == n as u64 => State::Complete,
                State::Left(left) => State::Left(left - n as u64),
                State::Chunk(left) if left == n as u64 => State::ChunkEnd(Line::default()),
                State::Chunk(left) => State::Chunk(left - n as u64),
                other => other,
            };
        }
        Ok(at)
    }

    /// The state after one byte that is not data.
    fn between(&self, byte: u8) -> Result<State, Wrong> {
        match self.state {
            State::Size(size, line) => self.in_size(size, line, byte),
            State::ChunkEnd(line) => match (line.cr, byte) {
                (false, b'\r') => Ok(State::ChunkEnd(Line { cr: true, ..line })),
                (true, b'\n') => Ok(State::Size(0, Line::default())),
                _ => Err(Wrong("CRLF behind a chunk (RFC 9112 section 7.1)")),
            },
            State::Trailer(line) => match byte {
                b'\n' if line.cr && !line.used => Ok(State::Complete),
                b'\n' if line.cr => Ok(State::Trailer(Line { used: false, cr: false, ..line.next()? })),
                b'\r' => Ok(State::Trailer(Line { cr: true, ..line.next()? })),
                _ => Ok(State::Trailer(Line { used: true, cr: false, ..line.next()? })),
            },
            state => Ok(state),
        }
    }

    fn in_size(&self, size: u64, line: Line, byte: u8) -> Result<State, Wrong> {
        let next = line.next()?;
        let wrong = Wrong("the size of a chunk in hexadecimal digits (RFC 9112 section 7.1)");
        match byte {
            b'\n' if line.cr && line.used => {
                Ok(if size == 0 { State::Trailer(Line::default()) } else { State::Chunk(size) })
            }
            _ if line.cr => Err(wrong),
            b'\r' if line.used => Ok(State::Size(size, Line { cr: true, ..next })),
            b';' | b' ' | b'\t' if line.used => Ok(State::Size(size, Line { skipping: true, ..next })),
            b'\n' => Err(wrong),
            _ if line.skipping => Ok(State::Size(size, next)),
            _ => {
                let digit = char::from(byte).to_digit(16).ok_or(wrong)?;
                let size = size.checked_mul(16).and_then(|s| s.checked_add(u64::from(digit))).ok_or(TOO_LONG)?;
                if size > self.room {
                    return Err(TOO_LONG);
                }
                Ok(State::Size(size, Line { used: true, ..next }))
            }
        }
    }
}

impl Line {
    fn next(self) -> Result<Line, Wrong> {
        if self.read >= MOST_BETWEEN {
            return Err(Wrong("short lines between the chunks"));
        }
        Ok(Line { read: self.read + 1, ..self })
    }
}

/// A content in chunks of at most `size` bytes, each with its length in front (RFC 9112 section 7.1).
pub(super) fn in_chunks(content: &[u8], size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 32);
    for chunk in content.chunks(size.max(1)) {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is read of `input` when it comes in pieces of `step` bytes: data and number of bytes.
    fn read(framing: Framing, input: &[u8], step: usize) -> Result<(Vec<u8>, usize, bool), Wrong> {
        let mut content = Content::new(framing, 1000)?;
        let (mut data, mut used) = (Vec::new(), 0);
        for piece in input.chunks(step) {
            used += content.read(piece, |d| data.extend_from_slice(d))?;
        }
        Ok((data, used, content.is_complete()))
    }

    #[test]
    fn chunks_are_put_together_however_they_are_cut() {
        let body =
            b"4\r\nWiki\r\n6;name=\"x\"\r\npedia \r\n00E \t\r\nin \r\n\r\nchunks.\r\n0\r\nExpires: never\r\n\r\nGET";
        for step in 1..body.len() {
            let (data, used, complete) = read(Framing::Chunked, body, step).unwrap();
            assert_eq!(String::from_utf8_lossy(&data), "Wikipedia in \r\n\r\nchunks.", "{step}");
            assert_eq!((used, complete), (body.len() - 3, true));
        }
    }

    #[test]
    fn chunks_that_break_the_grammar_are_refused() {
        for body in [
            "x\r\n",
            "\r\n",
            ";a\r\n",
            "4\nWiki",
            "4\r\nWikipedia\r\n",
            "4\rx",
            "3e9\r\n",
            "4\r\nWiki\n0\r\n",
            "fffffffffffffffff\r\n",
        ] {
            assert!(read(Framing::Chunked, body.as_bytes(), 1).is_err(), "{body:?}");
        }
        let endless = [&b"4;"[..], &[b'x'; 9000]].concat();
        assert!(read(Framing::Chunked, &endless, 100).is_err());
    }

    #[test]
    fn a_length_is_a_length() {
        assert_eq!(read(Framing::Length(3), b"abcdef", 2), Ok((b"abc".to_vec(), 3, true)));
        assert_eq!(read(Framing::Length(0), b"abc", 1), Ok((vec![], 0, true)));
        assert_eq!(read(Framing::UntilClose, b"abc", 1), Ok((b"abc".to_vec(), 3, false)));
        assert!(read(Framing::Length(1001), b"", 1).is_err());
        assert!(read(Framing::UntilClose, &[0; 1001], 10).is_err());
    }

    proptest! {
        #[test]
        fn what_is_cut_into_chunks_is_read_as_it_was(
            content in prop::collection::vec(any::<u8>(), 0..200), size in 0usize..60, step in 1usize..300,
        ) {
            let chunked = in_chunks(&content, size);
            prop_assert_eq!(read(Framing::Chunked, &chunked, step), Ok((content, chunked.len(), true)));
        }

        #[test]
        fn any_bytes_are_read_the_same_in_one_piece_and_byte_by_byte(
            bytes in prop::collection::vec(prop_oneof![
                prop::sample::select(b"0123aF;\r\n ".to_vec()), any::<u8>()
            ], 0..120),
        ) {
            prop_assert_eq!(read(Framing::Chunked, &bytes, 1), read(Framing::Chunked, &bytes, 1000));
        }
    }
}
