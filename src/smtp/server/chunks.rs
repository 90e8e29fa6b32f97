//! BDAT (RFC 3030): the letter in pieces whose length is said before, so that nothing marks its end and no dot is
//! doubled.

use super::{Server, State};

/// A piece that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    size: u64,
    /// How many bytes are still to come.
    rest: u64,
    last: bool,
    /// The command was refused: its bytes come all the same, and are thrown away (section 2).
    refused: bool,
}

impl Server {
    /// BDAT was read and is in its place.
    pub(super) fn begin_chunk(&mut self, size: u64, last: bool) {
        if self.state != State::Bdat {
            self.letter.restart();
            self.letter_from = self.inbox.read();
            self.set_state(State::Bdat);
        }
        self.chunk = Some(Chunk { size, rest: size, last, refused: false });
    }

    /// BDAT was refused: the bytes behind it are no commands.
    pub(super) fn skip_chunk(&mut self, size: u64) {
        if size > 0 {
            self.chunk = Some(Chunk { size, rest: size, last: false, refused: true });
        }
    }

    /// Reads on in the piece from the inbox; says whether something was read or the piece ended.
    pub(super) fn read_chunk(&mut self) -> bool {
        let Some(chunk) = &mut self.chunk else { return false };
        let bytes = self.inbox.rest();
        let n = bytes.len().min(usize::try_from(chunk.rest).unwrap_or(usize::MAX));
        if n == 0 && chunk.rest > 0 {
            return false;
        }
        if !chunk.refused {
            self.letter.piece(&bytes[..n], self.inbox.read());
        }
        chunk.rest -= n as u64;
        let (done, chunk) = (chunk.rest == 0, *chunk);
        self.inbox.consume(n);
        if done {
            self.chunk = None;
            if chunk.refused {
                return true;
            }
            match chunk.last {
                true => self.end_of_data(),
                false => self.say(250, "2.0.0", &format!("{} octets received", chunk.size)),
            }
        }
        true
    }
}
