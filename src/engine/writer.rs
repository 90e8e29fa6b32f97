//! What an engine of many small answers has to send: text that was written and letters that are shared, given out as
//! the grant allows, with what is to be told of them in its place. IMAP and POP3 use it at both ends.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::Output;

/// Bytes waiting to be sent.
#[derive(Clone, Debug)]
enum Chunk {
    Own(Vec<u8>),
    Shared(Arc<[u8]>, Range<usize>),
}

impl Chunk {
    fn bytes(&self) -> &[u8] {
        match self {
            Chunk::Own(bytes) => bytes,
            Chunk::Shared(bytes, range) => &bytes[range.clone()],
        }
    }
}

/// What one [`Output::Transmit`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writes {
    /// All that was pushed, as far as there is room: a response that grows piece by piece goes out at once.
    Joined,
    /// No more than one push: an answer and the letter behind it are two writes.
    Apart,
}

/// A queue of bytes, with what is to be told when a place of the stream is reached.
#[derive(Clone, Debug)]
pub(crate) struct Writer<E> {
    writes: Writes,
    chunks: VecDeque<Chunk>,
    /// Bytes of the first chunk that are sent already.
    done: usize,
    /// Told before the write that holds the byte at this place of the stream.
    told: VecDeque<(u64, E)>,
    sent: u64,
    end: u64,
    granted: usize,
}

impl<E> Writer<E> {
    pub fn new(writes: Writes) -> Self {
        Writer { writes, chunks: VecDeque::new(), done: 0, told: VecDeque::new(), sent: 0, end: 0, granted: 0 }
    }

    /// Room for this many more bytes.
    pub fn grant(&mut self, bytes: usize) {
        self.granted = self.granted.saturating_add(bytes);
    }

    /// Place in the stream of the next byte that is pushed.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Everything was sent.
    pub fn is_empty(&self) -> bool {
        self.sent == self.end
    }

    /// Something can be sent now.
    pub fn is_ready(&self) -> bool {
        self.granted > 0 && !self.is_empty()
    }

    pub fn push(&mut self, bytes: &[u8]) {
        match self.chunks.back_mut() {
            Some(Chunk::Own(last)) if self.writes == Writes::Joined => {
                self.end += bytes.len() as u64;
                last.extend_from_slice(bytes);
            }
            _ => self.push_owned(bytes.to_vec()),
        }
    }

    pub fn push_owned(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.end += bytes.len() as u64;
            self.chunks.push_back(Chunk::Own(bytes));
        }
    }

    pub fn push_shared(&mut self, bytes: &Arc<[u8]>, range: Range<usize>) {
        if !range.is_empty() {
            self.end += range.len() as u64;
            self.chunks.push_back(Chunk::Shared(bytes.clone(), range));
        }
    }

    /// Tells `event` just before the bytes that are pushed next go out.
    pub fn tell(&mut self, event: E) {
        self.told.push_back((self.end, event));
    }

    /// Forgets what has not been sent.
    pub fn clear(&mut self) {
        self.chunks.clear();
        self.told.clear();
        self.done = 0;
        self.end = self.sent;
    }

    /// A write, or as much of it as the grant allows; what is to be told of it comes first.
    pub fn poll<R>(&mut self) -> Option<Output<E, R>> {
        let first = self.chunks.front()?;
        let waiting = match self.writes {
            Writes::Joined => usize::try_from(self.end - self.sent).unwrap_or(usize::MAX),
            Writes::Apart => first.bytes().len() - self.done,
        };
        let n = waiting.min(self.granted);
        if n == 0 {
            return None;
        }
        if self.told.front().is_some_and(|(at, _)| *at < self.sent + n as u64) {
            return self.told.pop_front().map(|(_, event)| Output::Event(event));
        }
        self.granted -= n;
        self.sent += n as u64;
        if self.done == 0
            && matches!(first, Chunk::Own(bytes) if bytes.len() == n)
            && let Some(Chunk::Own(bytes)) = self.chunks.pop_front()
        {
            return Some(Output::Transmit(bytes));
        }
        let mut out = Vec::with_capacity(n);
        while out.len() < n {
            let chunk = self.chunks.front().expect("as many bytes are queued as `end - sent` says");
            let bytes = &chunk.bytes()[self.done..];
            let taken = bytes.len().min(n - out.len());
            out.extend_from_slice(&bytes[..taken]);
            self.done += taken;
            if taken == bytes.len() {
                self.chunks.pop_front();
                self.done = 0;
            }
        }
        Some(Output::Transmit(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of this queue, grant by grant.
    fn given(mut writer: Writer<&str>, grants: &[usize]) -> Vec<String> {
        assert!(writer.poll::<()>().is_none());
        let mut seen = Vec::new();
        for grant in grants {
            writer.grant(*grant);
            while let Some(next) = writer.poll::<()>() {
                seen.push(match next {
                    Output::Event(event) => event.to_string(),
                    Output::Transmit(bytes) => String::from_utf8(bytes).unwrap(),
                    other => panic!("{other:?}"),
                });
            }
        }
        assert!(writer.is_empty());
        seen
    }

    #[test]
    fn as_much_as_granted_goes_out_in_one_write() {
        let mut writer = Writer::new(Writes::Joined);
        writer.tell("first");
        writer.push(b"* 1 {4}\r\n");
        writer.push_shared(&Arc::from(&b"xabcdx"[..]), 1..5);
        writer.tell("last");
        writer.push(b")\r\n");
        assert_eq!(given(writer, &[11, 1, 100]), ["first", "* 1 {4}\r\nab", "c", "last", "d)\r\n"]);
    }

    #[test]
    fn apart_every_push_is_a_write_of_its_own_and_is_cut_only_by_the_grant() {
        let mut writer = Writer::new(Writes::Apart);
        writer.tell("first");
        writer.push(b"+OK\r\n");
        writer.tell("last");
        writer.push_owned(b"abc".to_vec());
        assert_eq!(given(writer, &[2, 4, 100]), ["first", "+O", "K\r\n", "last", "a", "bc"]);
    }
}
