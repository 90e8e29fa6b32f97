//! The one ordered stream out of an engine, with back-pressure.
//!
//! A write goes out whole as soon as there is room for all of it, and what stands behind it waits: so the order
//! in which things are told is the order in which they happened, and nobody hears of a reply that is not yet
//! written. A host must therefore have room for a whole command or reply (512 bytes) at some time.

use std::collections::VecDeque;
use std::ops::Range;

use super::telling::Words;
use crate::engine::{Output, RequestId};
use crate::tail::Part;

/// What there is to do now.
#[derive(Debug)]
pub(super) enum Next<E, R> {
    /// This.
    Ready(Output<E, R>),
    /// Nothing, until there is more room.
    Blocked,
    /// Nothing; all is said.
    Empty,
}

#[derive(Clone, Debug)]
enum Entry<E, R> {
    Write(Vec<u8>),
    WritePart(Part),
    /// Told of the write before it, and lost with it.
    Told(E),
    Event(E),
    Ask(RequestId, R),
    Close,
    Abort,
    StartTls,
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Outbox<E, R> {
    queue: VecDeque<Entry<E, R>>,
    room: usize,
    written: u64,
    /// Of the lines that were told since the last input, or are to be told.
    pub(super) words: Words,
}

impl<E, R> Outbox<E, R> {
    pub(super) fn new() -> Self {
        Outbox { queue: VecDeque::new(), room: 0, written: 0, words: Words::default() }
    }

    /// Room for `n` more bytes.
    pub(super) fn grant(&mut self, n: usize) {
        self.room = self.room.saturating_add(n);
    }

    /// How many bytes may be written now.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// Offset in the outgoing stream of the byte that is written next.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Puts in one write, and says where it stands in the outgoing stream.
    pub(super) fn write(&mut self, bytes: Vec<u8>) -> Range<u64> {
        let from = self.written;
        self.written += bytes.len() as u64;
        self.queue.push_back(Entry::Write(bytes));
        from..self.written
    }

    /// As [`Outbox::write`], of a piece of a letter.
    pub(super) fn write_part(&mut self, part: Part) {
        self.written += part.len() as u64;
        self.queue.push_back(Entry::WritePart(part));
    }

    /// Tells of the write just put in.
    pub(super) fn told(&mut self, event: E) {
        self.queue.push_back(Entry::Told(event));
    }

    /// The next input comes: of what was told before, the host has heard.
    pub(super) fn begin(&mut self) {
        if self.queue.is_empty() {
            self.words.forget();
        }
    }

    pub(super) fn event(&mut self, event: E) {
        self.queue.push_back(Entry::Event(event));
    }

    pub(super) fn ask(&mut self, id: RequestId, request: R) {
        self.queue.push_back(Entry::Ask(id, request));
    }

    pub(super) fn close(&mut self) {
        self.queue.push_back(Entry::Close);
    }

    /// TLS begins behind the writes before it.
    pub(super) fn start_tls(&mut self) {
        self.queue.push_back(Entry::StartTls);
    }

    /// The connection is broken: what was not written yet never will be.
    pub(super) fn abort(&mut self) {
        self.forget_writes();
        self.queue.push_back(Entry::Abort);
    }

    /// The connection is gone: only events are left.
    pub(super) fn forget_writes(&mut self) {
        self.queue.retain(|entry| matches!(entry, Entry::Event(_)));
    }

    /// Whether all is said.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn pop(&mut self) -> Next<E, R> {
        match self.queue.front() {
            None => return Next::Empty,
            Some(Entry::Write(bytes)) if bytes.len() > self.room => return Next::Blocked,
            Some(Entry::WritePart(part)) if part.len() > self.room => return Next::Blocked,
            Some(_) => {}
        }
        Next::Ready(match self.queue.pop_front() {
            Some(Entry::Write(bytes)) => {
                self.room -= bytes.len();
                Output::Transmit(bytes)
            }
            Some(Entry::WritePart(part)) => {
                self.room -= part.len();
                Output::TransmitPart(part)
            }
            Some(Entry::Told(event) | Entry::Event(event)) => Output::Event(event),
            Some(Entry::Ask(id, request)) => Output::Ask(id, request),
            Some(Entry::Close) => Output::Close,
            Some(Entry::Abort) => Output::Abort,
            Some(Entry::StartTls) => Output::StartTls,
            None => return Next::Empty,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(out: &mut Outbox<&'static str, ()>) -> String {
        match out.pop() {
            Next::Ready(Output::Transmit(bytes)) => format!("> {}", bytes.escape_ascii()),
            Next::Ready(Output::Event(e)) => e.into(),
            Next::Ready(other) => format!("{other:?}"),
            Next::Blocked => "blocked".into(),
            Next::Empty => "empty".into(),
        }
    }

    #[test]
    fn what_stands_behind_a_write_waits_with_it() {
        let mut out = Outbox::new();
        out.event("read MAIL");
        assert_eq!(out.write(b"250 OK\r\n".to_vec()), 0..8);
        out.told("said 250");
        out.close();
        out.grant(7);
        assert_eq!([next(&mut out), next(&mut out)], ["read MAIL", "blocked"]);
        out.grant(1);
        assert_eq!([next(&mut out), next(&mut out)], ["> 250 OK\\r\\n", "said 250"]);
        assert_eq!([next(&mut out), next(&mut out)], ["Close", "empty"]);
        assert_eq!(out.write(b"x".to_vec()), 8..9);
        assert_eq!(next(&mut out), "blocked");
    }

    #[test]
    fn nothing_is_told_of_a_write_that_never_went_out() {
        let mut out = Outbox::new();
        out.write(b"QUIT\r\n".to_vec());
        out.told("said QUIT");
        out.event("ended");
        out.abort();
        assert_eq!([next(&mut out), next(&mut out), next(&mut out)], ["ended", "Abort", "empty"]);
    }
}
