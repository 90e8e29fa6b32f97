//! What an engine wants, in order, with writes that wait for room.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::engine::{Output, RequestId};

/// Outputs in order. A write that has no room holds everything behind it back.
#[derive(Clone, Debug)]
pub(super) struct Outbox<E, R> {
    items: VecDeque<Item<E, R>>,
    /// How many more bytes may be written.
    room: usize,
    /// Place in the stream of the next byte that will be queued.
    queued: u64,
}

#[derive(Clone, Debug)]
enum Item<E, R> {
    Event(E),
    /// An event about the write behind it: told when that begins.
    About(E),
    Ask(RequestId, R),
    Write(Write),
    Close,
    Abort,
}

/// A head and the body behind it: one write, if there is room. The body is shared with its owner.
#[derive(Clone, Debug)]
struct Write {
    head: Vec<u8>,
    body: Arc<[u8]>,
    /// How much has been written.
    done: usize,
}

impl<E, R> Outbox<E, R> {
    /// Nothing to do, and no room yet.
    pub fn new() -> Self {
        Outbox { items: VecDeque::new(), room: 0, queued: 0 }
    }

    /// There is room for `n` more bytes.
    pub fn grant(&mut self, n: usize) {
        self.room = self.room.saturating_add(n);
    }

    /// Place in the stream of the next byte that will be queued.
    pub fn position(&self) -> u64 {
        self.queued
    }

    /// Whether everything is out.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether bytes still wait for room.
    pub fn has_writes(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Write(_)))
    }

    /// Tells `event` when everything before it is out.
    pub fn event(&mut self, event: E) {
        self.items.push_back(Item::Event(event));
    }

    /// Tells `event` when the write queued next begins.
    pub fn about_next_write(&mut self, event: E) {
        self.items.push_back(Item::About(event));
    }

    /// Asks the host.
    pub fn ask(&mut self, id: RequestId, request: R) {
        self.items.push_back(Item::Ask(id, request));
    }

    /// Writes a head and a body.
    pub fn write(&mut self, head: Vec<u8>, body: Arc<[u8]>) {
        self.queued += (head.len() + body.len()) as u64;
        self.items.push_back(Item::Write(Write { head, body, done: 0 }));
    }

    /// Closes when everything before it is out.
    pub fn close(&mut self) {
        self.items.push_back(Item::Close);
    }

    /// Drops every write that is not out and breaks the connection.
    pub fn abort(&mut self) {
        self.forget_writes();
        self.items.push_back(Item::Abort);
    }

    /// The connection is gone: only what happened can still be told.
    pub fn forget_writes(&mut self) {
        self.items.retain(|item| matches!(item, Item::Event(_)));
    }

    /// The next output, if there is one and it need not wait for room.
    pub fn poll(&mut self) -> Option<Output<E, R>> {
        if self.room == 0 && matches!(self.items.front()?, Item::About(_) | Item::Write(_)) {
            return None;
        }
        Some(match self.items.pop_front()? {
            Item::Event(event) | Item::About(event) => Output::Event(event),
            Item::Ask(id, request) => Output::Ask(id, request),
            Item::Close => Output::Close,
            Item::Abort => Output::Abort,
            Item::Write(write) => Output::Transmit(self.transmit(write)),
        })
    }

    fn transmit(&mut self, mut write: Write) -> Vec<u8> {
        let total = write.head.len() + write.body.len();
        let now = (total - write.done).min(self.room);
        self.room -= now;
        let end = write.done + now;
        let bytes = if write.done == 0 && end <= write.head.len() && end == total {
            std::mem::take(&mut write.head)
        } else {
            let split = write.head.len();
            let mut bytes = Vec::with_capacity(now);
            bytes.extend_from_slice(&write.head[write.done.min(split)..end.min(split)]);
            bytes.extend_from_slice(&write.body[write.done.max(split) - split..end.max(split) - split]);
            bytes
        };
        if end < total {
            write.done = end;
            self.items.push_front(Item::Write(write));
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_goes_out_at_once_or_in_the_pieces_for_which_there_is_room() {
        let body: Arc<[u8]> = Arc::from(&b"body"[..]);
        for grants in [vec![9], vec![1; 9], vec![4, 5], vec![6, 1, 2], vec![5, 4]] {
            let mut out = Outbox::<&str, ()>::new();
            out.about_next_write("begins");
            out.write(b"head:".to_vec(), body.clone());
            out.event("is out");
            assert_eq!(out.poll(), None);
            let mut all = Vec::new();
            for (i, grant) in grants.into_iter().enumerate() {
                out.grant(grant);
                if i == 0 {
                    assert_eq!(out.poll(), Some(Output::Event("begins")));
                }
                let Some(Output::Transmit(bytes)) = out.poll() else { panic!("nothing was sent") };
                assert_eq!(bytes.len(), grant);
                all.extend(bytes);
            }
            assert_eq!(all, b"head:body");
            assert_eq!(out.poll(), Some(Output::Event("is out")));
            assert_eq!((out.poll(), out.position()), (None, 9));
        }
    }
}
