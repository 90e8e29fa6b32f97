//! The sending side of transparency (RFC 5321 section 4.5.2).
//!
//! "Before sending a line of mail text, the SMTP client checks the first character of the line. If it is a
//! period, one additional period is inserted at the beginning of the line." At the end comes `CRLF . CRLF`,
//! whose first CRLF is the end of the letter's last line.

use std::sync::Arc;

use crate::engine::SpanMap;
use crate::smtp::LineEnds;

/// Gives out a letter as it stands on the wire, as much at a time as there is room for.
#[derive(Clone, Debug)]
pub struct Stuffer {
    letter: Arc<[u8]>,
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
    pub fn new(letter: Arc<[u8]>, dots: bool, line_ends: LineEnds) -> Self {
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
        if this.next.is_none() {
            this.find();
        }
        this
    }

    /// Whether all is written, the final dot included.
    pub fn is_done(&self) -> bool {
        self.tail.is_empty()
    }

    /// The next bytes, at most `room`. With a `map` (stream <- letter), says in it where the letter's bytes
    /// stand, `stream` being the place of the first byte given out now.
    pub fn write(&mut self, room: usize, stream: u64, mut map: Option<&mut SpanMap>) -> Vec<u8> {
        let rest = self.letter.len() - self.at;
        // A letter grows by its dots and line ends: a little more than its size avoids a second allocation.
        let mut out = Vec::with_capacity(room.min(rest + rest / 32 + 16));
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
        while let Some(n) = memchr::memchr(b'\n', &self.letter[self.looked..]) {
            let lf = self.looked + n;
            let bare = lf == 0 || self.letter[lf - 1] != b'\r';
            if bare && self.normalise && !self.returned {
                (self.looked, self.returned) = (lf, true);
                self.next = Some((lf, b'\r'));
                return;
            }
            (self.looked, self.returned) = (lf + 1, false);
            let line_begins = !bare || self.normalise;
            if line_begins && self.dots && self.letter.get(lf + 1) == Some(&b'.') {
                self.next = Some((lf + 1, b'.'));
                return;
            }
        }
        self.looked = self.letter.len();
    }
}
