//! The sending side of transparency (RFC 5321 section 4.5.2).
//!
//! "Before sending a line of mail text, the SMTP client checks the first character of the line. If it is a
//! period, one additional period is inserted at the beginning of the line." At the end comes `CRLF . CRLF`,
//! whose first CRLF is the end of the letter's last line.

use crate::engine::SpanMap;
use crate::smtp::LineEnds;
use crate::tail::{Part, Tail};

/// Whether no line of the letter begins with a dot or ends without CR, as is usual. It compares all pairs of
/// neighbours without a branch, which the compiler does for sixteen or more at once.
fn needs_nothing(letter: &[u8]) -> bool {
    const BLOCK: usize = 256;
    let Some((first, behind)) = letter.split_first() else { return true };
    let odd = |a: u8, b: u8| ((b == b'\n') & (a != b'\r')) | ((a == b'\n') & (b == b'.'));
    let plain = |(a, b): (&[u8], &[u8])| !a.iter().zip(b).fold(false, |any, (a, b)| any | odd(*a, *b));
    !matches!(first, b'\n' | b'.') && letter.chunks(BLOCK).zip(behind.chunks(BLOCK)).all(plain)
}

/// Gives out a letter as it stands on the wire, as much at a time as there is room for.
#[derive(Clone, Debug)]
pub struct Stuffer {
    letter: Tail,
    /// Puts a dot before a leading dot.
    dots: bool,
    /// Makes CRLF of a bare LF.
    normalise: bool,
    /// The first byte of the letter that is not written yet.
    at: usize,
    /// A byte of our own, and before which byte of the letter it stands.
    next: Option<(usize, u8)>,
    /// Up to where line ends were looked for.
    looked: usize,
    /// The bare LF at `looked` has its CR.
    returned: bool,
    /// What comes behind the letter and is not written yet.
    tail: &'static [u8],
}

impl Stuffer {
    /// Begins a letter. Without `dots` leading dots go out as they are: a fault that lessons show.
    pub fn new(letter: impl Into<Tail>, dots: bool, line_ends: LineEnds) -> Self {
        let letter = letter.into();
        let normalise = line_ends != LineEnds::Lenient;
        let at_line_start = letter.is_empty() || letter.ends_with(b"\r\n") || (normalise && letter.ends_with(b"\n"));
        let next = (dots && letter.first() == Some(&b'.')).then_some((0, b'.'));
        let mut this = Stuffer {
            letter,
            dots,
            normalise,
            at: 0,
            next,
            looked: 0,
            returned: false,
            tail: if at_line_start { b".\r\n" } else { b"\r\n.\r\n" },
        };
        if needs_nothing(&this.letter) {
            this.looked = this.letter.len();
        } else if this.next.is_none() {
            this.find();
        }
        this
    }

    /// A letter that goes out as it is, without a dot behind it: its length was said before (RFC 3030).
    pub fn plain(letter: impl Into<Tail>) -> Self {
        let letter = letter.into();
        let looked = letter.len();
        Stuffer { letter, dots: false, normalise: false, at: 0, next: None, looked, returned: false, tail: b"" }
    }

    /// Whether all is written, the final dot included.
    pub fn is_done(&self) -> bool {
        self.tail.is_empty() && self.at == self.letter.len()
    }

    /// The next bytes, at most `room`, where they lie in the letter: if it goes out as it is from here on, and they are
    /// so many that a copy is worth being spared. As to `stream` and `map`, see [`Stuffer::write`].
    pub fn lend(&mut self, room: usize, stream: u64, map: Option<&mut SpanMap>) -> Option<Part> {
        const WORTH: usize = 512;
        let n = (self.letter.len() - self.at).min(room);
        if self.next.is_some() || n < WORTH {
            return None;
        }
        if let Some(map) = map {
            map.push(stream, n as u64, self.at as u64);
        }
        let part = self.letter.part(self.at..self.at + n);
        self.at += n;
        Some(part)
    }

    /// The next bytes, at most `room`. With a `map` (stream <- letter), says in it where the letter's bytes
    /// stand, `stream` being the place of the first byte given out now.
    pub fn write(&mut self, room: usize, stream: u64, mut map: Option<&mut SpanMap>) -> Vec<u8> {
        let rest = self.letter.len() - self.at;
        // Most letters go out as they are; one that grows by dots and line ends mostly fits with a little more.
        let more = if self.next.is_some() { rest / 32 + 16 } else { self.tail.len() };
        let mut out = Vec::with_capacity(room.min(rest + more));
        while self.at < self.letter.len() && out.len() < room {
            let end = self.next.map_or(self.letter.len(), |(before, _)| before);
            if self.at < end {
                let n = (end - self.at).min(room - out.len());
                if let Some(map) = &mut map {
                    map.push(stream + out.len() as u64, n as u64, self.at as u64);
                }
                out.extend_from_slice(&self.letter[self.at..self.at + n]);
                self.at += n;
            } else if let Some((_, byte)) = self.next {
                out.push(byte);
                self.find();
            }
        }
        if self.at == self.letter.len() {
            let (now, later) = self.tail.split_at(self.tail.len().min(room - out.len()));
            out.extend_from_slice(now);
            self.tail = later;
        }
        out
    }

    /// Finds the next byte of our own. Looks at each byte of the letter once.
    fn find(&mut self) {
        self.next = None;
        if !self.dots && !self.normalise {
            return;
        }
        for lf in memchr::memchr_iter(b'\n', &self.letter[self.looked..]).map(|n| self.looked + n) {
            let bare = lf == 0 || self.letter[lf - 1] != b'\r';
            if bare && self.normalise && !self.returned {
                (self.looked, self.returned) = (lf, true);
                self.next = Some((lf, b'\r'));
                return;
            }
            self.returned = false;
            let line_begins = !bare || self.normalise;
            if line_begins && self.dots && self.letter.get(lf + 1) == Some(&b'.') {
                self.looked = lf + 1;
                self.next = Some((lf + 1, b'.'));
                return;
            }
        }
        self.looked = self.letter.len();
    }
}
