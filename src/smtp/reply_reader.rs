//! Finds whole replies in a stream that is cut anywhere (RFC 5321 section 4.2.1).
//!
//! It copies nothing: the bytes stay with the caller until a reply is whole, and the reader only remembers
//! how far it has looked. A reply is bounded, so that a peer that never ends one cannot make us grow.

/// Longest line taken without its LF, twice what RFC 5321 section 4.5.3.1.5 asks for: one should be liberal here.
const LONGEST_LINE: usize = 1024;
/// Longest reply taken, without its last LF.
const LONGEST_REPLY: usize = 16 * 1024;

/// What the bytes at hand are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Not a whole reply yet.
    NeedMore,
    /// The first `len` bytes are a whole reply.
    Reply {
        /// Bytes, line ends included.
        len: usize,
        /// Its code.
        code: u16,
    },
    /// What begins here is no reply, as its first `len` bytes show.
    Malformed {
        /// Bytes.
        len: usize,
    },
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct ReplyReader {
    /// Where the line begins that is not whole yet.
    line: usize,
    /// Up to where no line end was found.
    looked: usize,
    /// Code of the lines before.
    code: Option<u16>,
}

impl ReplyReader {
    /// Looks at what there is: `bytes` begins where the last whole reply ended, and grows from call to call.
    pub(super) fn look(&mut self, bytes: &[u8]) -> Found {
        loop {
            let Some(end) = memchr::memchr(b'\n', &bytes[self.looked..]).map(|n| self.looked + n + 1) else {
                self.looked = bytes.len();
                if bytes.len() - self.line > LONGEST_LINE || bytes.len() > LONGEST_REPLY {
                    return self.give(Found::Malformed { len: bytes.len() });
                }
                return Found::NeedMore;
            };
            let line = bytes[self.line..end - 1].strip_suffix(b"\r").unwrap_or(&bytes[self.line..end - 1]);
            let malformed = Found::Malformed { len: end };
            let Some((code, last)) = code_of(line) else { return self.give(malformed) };
            // Every line of one reply has the same code (section 4.2.1).
            if self.code.is_some_and(|before| before != code)
                || end - 1 - self.line > LONGEST_LINE
                || end - 1 > LONGEST_REPLY
            {
                return self.give(malformed);
            }
            if last {
                return self.give(Found::Reply { len: end, code });
            }
            (self.line, self.looked, self.code) = (end, end, Some(code));
        }
    }

    fn give(&mut self, found: Found) -> Found {
        *self = ReplyReader::default();
        found
    }
}

/// The code of a reply line, and whether the line is the last of its reply.
fn code_of(line: &[u8]) -> Option<(u16, bool)> {
    let [a @ b'2'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] = line else { return None };
    let last = match rest.first() {
        None | Some(b' ') => true,
        Some(b'-') => false,
        Some(_) => return None,
    };
    let digit = |d: u8| u16::from(d - b'0');
    Some((digit(*a) * 100 + digit(*b) * 10 + digit(*c), last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8]) -> Found {
        ReplyReader::default().look(bytes)
    }

    #[test]
    fn a_reply_is_one_line_or_several() {
        assert_eq!(whole(b"250 OK\r\n354"), Found::Reply { len: 8, code: 250 });
        assert_eq!(whole(b"250-a\r\n250-b\r\n250 c\r\n"), Found::Reply { len: 21, code: 250 });
        assert_eq!(whole(b"250\r\n"), Found::Reply { len: 5, code: 250 });
        assert_eq!(whole(b"250-a\r\n250-b\r\n"), Found::NeedMore);
        assert_eq!(whole(b"250 OK\n"), Found::Reply { len: 7, code: 250 });
    }

    #[test]
    fn a_reply_that_comes_byte_by_byte_is_the_same() {
        let bytes = b"250-mail.b.example\r\n250-SIZE\r\n250 HELP\r\n";
        let mut reader = ReplyReader::default();
        for n in 0..bytes.len() {
            assert_eq!(reader.look(&bytes[..n]), Found::NeedMore);
        }
        assert_eq!(reader.look(bytes), Found::Reply { len: bytes.len(), code: 250 });
    }

    #[test]
    fn what_is_no_reply_is_told() {
        for wrong in
            [&b"hello\r\n"[..], b"25\r\n", b"150 x\r\n", b"650 x\r\n", b"250x\r\n", b"\r\n", b"250-a\r\n550 b\r\n"]
        {
            assert_eq!(whole(wrong), Found::Malformed { len: wrong.len() }, "{}", wrong.escape_ascii());
        }
    }

    #[test]
    fn a_reply_without_end_is_given_up() {
        assert!(matches!(whole(&[b'2'; 2000]), Found::Malformed { .. }));
        assert!(matches!(whole(&b"250-x\r\n".repeat(4000)), Found::Malformed { .. }));
    }
}
