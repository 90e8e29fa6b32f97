//! The receiving side of transparency (RFC 5321 section 4.5.2).
//!
//! "When a line of mail text is received by the SMTP server, it checks the line. If the line is composed of a
//! single period, it is treated as the end of mail indicator. If the first character is a period and there are
//! other characters on the line, the first character is deleted."
//!
//! ```text
//!              '.'            CR             LF
//! line start -------> dot ----------> dot CR ----> end of data
//!   ^   | other        | other (dot dropped) | other
//!   |   v              v                     v
//!   +-- in a line <----+---------------------+
//!  CRLF
//! ```

use crate::engine::SpanMap;
use crate::smtp::LineEnds;

/// Bounds of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one line with its line end, without a dot put before it (RFC 5321 section 4.5.3.1.6).
    pub line: usize,
    /// Bytes of the letter.
    pub letter: usize,
}

/// Why a letter that came in whole is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Larger than the limit; its bytes were thrown away.
    TooBig,
    /// One of its lines is longer than the limit.
    LongLine,
    /// It has a LF without CR before it.
    BareLf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    LineStart,
    InLine,
    /// In a line, behind a CR.
    Cr,
    /// Behind a dot that began a line.
    Dot,
    /// Behind `.` CR at the start of a line.
    DotCr,
}

/// Takes in the bytes behind a 354, cut anywhere, until the end of data.
#[derive(Clone, Debug)]
pub struct Unstuffer {
    line_ends: LineEnds,
    limits: Limits,
    place: Place,
    /// Length of the line so far.
    line: usize,
    letter: Vec<u8>,
    map: Option<SpanMap>,
    too_big: bool,
    long_line: bool,
    bare_lf: bool,
}

impl Unstuffer {
    /// Begins a letter; with `mapped` a map (letter <- stream) is made on the way.
    pub fn new(line_ends: LineEnds, limits: Limits, mapped: bool) -> Self {
        Unstuffer {
            line_ends,
            limits,
            place: Place::LineStart,
            line: 0,
            letter: Vec::new(),
            map: mapped.then(SpanMap::new),
            too_big: false,
            long_line: false,
            bare_lf: false,
        }
    }

    /// Begins another letter, in the memory of the last one.
    pub fn restart(&mut self) {
        let mut letter = std::mem::take(&mut self.letter);
        letter.clear();
        letter.shrink_to(64 * 1024);
        *self = Unstuffer { letter, ..Unstuffer::new(self.line_ends, self.limits, self.map.is_some()) };
    }

    /// Takes the letter out, with its memory.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.letter)
    }

    /// The letter so far.
    pub fn letter(&self) -> &[u8] {
        &self.letter
    }

    /// Letter <- stream; empty if none was asked for. Can be taken once.
    pub fn take_map(&mut self) -> SpanMap {
        self.map.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// What is wrong with the letter; the gravest first.
    pub fn fault(&self) -> Option<Fault> {
        if self.too_big {
            Some(Fault::TooBig)
        } else if self.bare_lf && self.line_ends == LineEnds::Refuse {
            Some(Fault::BareLf)
        } else if self.long_line {
            Some(Fault::LongLine)
        } else {
            None
        }
    }

    /// Reads on: `bytes[0]` stands at `stream` in the stream. Says how many bytes were read, and whether the
    /// last of them ended the data.
    pub fn feed(&mut self, bytes: &[u8], stream: u64) -> (usize, bool) {
        let lenient = self.line_ends == LineEnds::Lenient;
        let mut at = 0;
        // bytes[run..at] are text that is not kept yet: whole lines are copied together.
        let mut run = 0;
        while let Some(&byte) = bytes.get(at) {
            match self.place {
                Place::LineStart if byte == b'.' => {
                    self.keep(&bytes[run..at], stream + run as u64);
                    self.place = Place::Dot;
                    at += 1;
                    run = at;
                }
                Place::LineStart => self.place = Place::InLine,
                Place::InLine => {
                    let from = at;
                    for lf in memchr::memchr_iter(b'\n', &bytes[from..]).map(|n| from + n) {
                        let cr = lf > at && bytes[lf - 1] == b'\r';
                        if !cr && self.line_ends == LineEnds::Normalise {
                            self.keep(&bytes[run..lf], stream + run as u64);
                            self.add_cr();
                            run = lf;
                        }
                        self.line += lf + 1 - at;
                        at = lf + 1;
                        self.line_feed(cr);
                        if self.place == Place::LineStart {
                            if bytes.get(at).is_none_or(|b| *b == b'.') {
                                break;
                            }
                            self.place = Place::InLine;
                        }
                    }
                    if self.place == Place::InLine {
                        self.line += bytes.len() - at;
                        at = bytes.len();
                        self.place = if bytes.ends_with(b"\r") { Place::Cr } else { Place::InLine };
                    }
                }
                Place::Cr if byte == b'\n' => {
                    self.line += 1;
                    at += 1;
                    self.line_feed(true);
                }
                Place::Cr => self.place = Place::InLine,
                Place::Dot if byte == b'\r' => {
                    self.place = Place::DotCr;
                    at += 1;
                    run = at;
                }
                Place::Dot if byte == b'\n' && lenient => return (at + 1, true),
                Place::Dot => self.place = Place::InLine,
                Place::DotCr if byte == b'\n' => return (at + 1, true),
                Place::DotCr => {
                    // It was a line that begins with `.` CR and goes on: the CR is text. It may have come
                    // with the bytes before these, but its place in the stream is known.
                    self.keep(b"\r", stream + at as u64 - 1);
                    self.line = 1;
                    self.place = Place::Cr;
                }
            }
        }
        self.keep(&bytes[run..at], stream + run as u64);
        (at, false)
    }

    /// Takes in a piece whose length was said before (RFC 3030): no dot and no line end means anything in it.
    /// `bytes[0]` stands at `stream` in the stream.
    pub fn piece(&mut self, bytes: &[u8], stream: u64) {
        self.keep(bytes, stream);
    }

    fn line_feed(&mut self, cr: bool) {
        self.bare_lf |= !cr;
        if cr || self.line_ends == LineEnds::Lenient {
            self.place = Place::LineStart;
            self.long_line |= self.line > self.limits.line;
            self.line = 0;
        } else {
            self.place = Place::InLine;
            if self.line_ends == LineEnds::Normalise {
                // As stored it is a line; and yet no place where the data could end.
                self.long_line |= self.line > self.limits.line;
                self.line = 0;
            }
        }
    }

    /// A byte of our own: it stands nowhere in the stream.
    fn add_cr(&mut self) {
        if !self.too_big {
            self.letter.push(b'\r');
        }
    }

    fn keep(&mut self, text: &[u8], stream: u64) {
        if text.is_empty() || self.too_big {
            return;
        }
        if self.letter.len() + text.len() > self.limits.letter {
            self.too_big = true;
            self.letter = Vec::new();
            if let Some(map) = &mut self.map {
                *map = SpanMap::new();
            }
            return;
        }
        if let Some(map) = &mut self.map {
            map.push(self.letter.len() as u64, text.len() as u64, stream);
        }
        if self.letter.capacity() == 0 {
            // Most letters then fit without growing.
            self.letter.reserve(text.len().max(16 * 1024));
        }
        self.letter.extend_from_slice(text);
    }
}
