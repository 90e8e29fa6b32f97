//! What is to be sent: one write behind the other, given out as the grant allows.

use std::collections::VecDeque;

/// What comes next.
#[derive(Debug)]
pub(super) enum Next<E> {
    /// Tell this.
    Tell(E),
    /// One write.
    Transmit(Vec<u8>),
}

/// Writes, with what is to be told when a place of the stream is reached.
#[derive(Clone, Debug)]
pub(super) struct Writer<E> {
    writes: VecDeque<Vec<u8>>,
    /// Bytes of the first write that are sent already.
    done: usize,
    /// Told before the write that holds the byte at this place of the stream.
    told: VecDeque<(u64, E)>,
    sent: u64,
    end: u64,
    granted: usize,
}

impl<E> Writer<E> {
    pub fn new() -> Self {
        Writer { writes: VecDeque::new(), done: 0, told: VecDeque::new(), sent: 0, end: 0, granted: 0 }
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
        self.writes.is_empty()
    }

    /// One more write.
    pub fn push(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.end += bytes.len() as u64;
            self.writes.push_back(bytes);
        }
    }

    /// Tells `event` just before the bytes that are pushed next go out.
    pub fn tell(&mut self, event: E) {
        self.told.push_back((self.end, event));
    }

    /// Forgets what has not been sent.
    pub fn clear(&mut self) {
        self.writes.clear();
        self.told.clear();
        self.done = 0;
        self.end = self.sent;
    }

    /// A write, or as much of it as the grant allows; what is to be told of it comes first.
    pub fn poll(&mut self) -> Option<Next<E>> {
        let first = self.writes.front()?;
        let n = (first.len() - self.done).min(self.granted);
        if n == 0 {
            return None;
        }
        if self.told.front().is_some_and(|(at, _)| *at < self.sent + n as u64) {
            return self.told.pop_front().map(|(_, event)| Next::Tell(event));
        }
        self.granted -= n;
        self.sent += n as u64;
        let whole = n == first.len();
        let part = if whole { Vec::new() } else { first[self.done..self.done + n].to_vec() };
        self.done += n;
        if self.done == first.len() {
            self.done = 0;
            let first = self.writes.pop_front();
            if whole {
                return first.map(Next::Transmit);
            }
        }
        Some(Next::Transmit(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_push_is_a_write_of_its_own_and_is_cut_only_by_the_grant() {
        let mut writer = Writer::new();
        writer.tell("first");
        writer.push(b"+OK\r\n".to_vec());
        writer.tell("last");
        writer.push(b"abc".to_vec());
        assert!(writer.poll().is_none());
        let mut seen = Vec::new();
        for grant in [2, 4, 100] {
            writer.grant(grant);
            while let Some(next) = writer.poll() {
                seen.push(match next {
                    Next::Tell(event) => event.to_string(),
                    Next::Transmit(bytes) => String::from_utf8(bytes).unwrap(),
                });
            }
        }
        assert_eq!(seen, ["first", "+O", "K\r\n", "last", "a", "bc"]);
        assert!(writer.is_empty());
    }
}
