//! Programs without a protocol of their own: they write the bytes that they are given.
//!
//! [`Endpoint`] is one end of a connection whose bytes come from elsewhere: from the actions of a scenario, or from
//! a socket outside of the simulated network. [`Console`] is a person who types at a server, line by line.
//!
//! ```text
//!   told:   write   write   close   reset   read / do not read
//!             |       |       |       |          |
//!             v       v       v       v          v
//!          +----------------------------------------+  room of TCP
//!          | unsent bytes, as much as there is room  | ----------> Transmit, Close, Abort
//!          +----------------------------------------+
//!   told to whoever stands behind it:  Opened, Received, Written, PeerClosed, Broken
//! ```
//! An endpoint understands nothing of what it carries, so it tells nothing of it; the engine at the other end does.

mod console;

use std::collections::VecDeque;

pub use console::Console;

use crate::engine::{Engine, Input, Output};
use crate::time::Instant;

/// These programs ask their host nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}

/// What an [`Endpoint`] tells whoever stands behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody wants a connection, and waits for the answer. It comes from the host: there is no endpoint yet.
    Asked,
    /// The connection is open.
    Opened,
    /// These bytes came.
    Received(Vec<u8>),
    /// So many more of the bytes that it was given have been handed to TCP.
    Written(usize),
    /// The peer will send no more.
    PeerClosed,
    /// The connection is gone: reset, timed out, or never open.
    Broken,
}

/// One end of a connection whose bytes come from elsewhere; see the [module](self).
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Given, and not yet handed to TCP: one entry for each write.
    unsent: VecDeque<Vec<u8>>,
    room: usize,
    open: bool,
    /// Nothing more will be given.
    closing: bool,
    /// That has been said to the peer.
    closed: bool,
    /// The connection is gone.
    over: bool,
    reads: bool,
    /// The peer has closed while nobody read.
    unread_end: bool,
    out: VecDeque<Output<Event, Never>>,
}

impl Default for Endpoint {
    fn default() -> Self {
        Endpoint::new()
    }
}

impl Endpoint {
    /// An end of a connection that is not open yet.
    pub fn new() -> Self {
        Endpoint {
            unsent: VecDeque::new(),
            room: 0,
            open: false,
            closing: false,
            closed: false,
            over: false,
            reads: true,
            unread_end: false,
            out: VecDeque::new(),
        }
    }

    /// Whether it takes what comes. If not, its host leaves it in TCP's buffer: the window closes, and the peer has to
    /// wait (RFC 9293 section 3.8.6.1).
    pub fn reads(&self) -> bool {
        self.reads
    }

    /// Sends these bytes when there is room. Behind a close nothing is sent any more.
    pub fn write(&mut self, bytes: Vec<u8>) {
        if !self.closing && !self.over && !bytes.is_empty() {
            self.unsent.push_back(bytes);
        }
    }

    /// Nothing more will be written: FIN behind what was.
    pub fn close(&mut self) {
        self.closing = true;
    }

    /// Breaks the connection; what was not sent is thrown away.
    pub fn reset(&mut self) {
        if !self.over {
            self.over = true;
            self.unsent.clear();
            self.out.push_back(Output::Abort);
        }
    }

    /// Stops to take what comes.
    pub fn stop_reading(&mut self) {
        self.reads = false;
    }

    /// Takes what comes, from now on. Its host hands over what has come in the meantime, then calls
    /// [`Self::caught_up`].
    pub fn read_on(&mut self) {
        self.reads = true;
    }

    /// Everything that came while it did not read has been handed over.
    pub fn caught_up(&mut self) {
        if self.reads && std::mem::take(&mut self.unread_end) {
            self.out.push_back(Output::Event(Event::PeerClosed));
        }
    }
}

impl Engine for Endpoint {
    type Event = Event;
    type Request = Never;
    type Answer = Never;

    fn handle_input(&mut self, _: Instant, input: Input<'_, Never>) {
        match input {
            Input::Connected if !self.open => {
                self.open = true;
                self.out.push_back(Output::Event(Event::Opened));
            }
            Input::Bytes(bytes) if !self.over => self.out.push_back(Output::Event(Event::Received(bytes.to_vec()))),
            Input::Writable(room) => self.room = self.room.saturating_add(room),
            Input::PeerClosed if !self.reads => self.unread_end = true,
            Input::PeerClosed if !self.over => self.out.push_back(Output::Event(Event::PeerClosed)),
            Input::Reset if !self.over => {
                self.over = true;
                self.unsent.clear();
                self.out.push_back(Output::Event(Event::Broken));
            }
            Input::Answer(_, never) => match never {},
            // It carries the bytes of TLS as they are, and has no timer.
            Input::Connected
            | Input::Bytes(_)
            | Input::PeerClosed
            | Input::Reset
            | Input::Secured(_)
            | Input::NotSecured(_)
            | Input::Timeout => {}
        }
    }

    fn poll_output(&mut self) -> Output<Event, Never> {
        if let Some(output) = self.out.pop_front() {
            return output;
        }
        if self.over || !self.open {
            return Output::Wait(None);
        }
        if let Some(next) = self.unsent.front_mut() {
            let length = self.room.min(next.len());
            if length == 0 {
                return Output::Wait(None);
            }
            let rest = next.split_off(length);
            let bytes = std::mem::replace(next, rest);
            if next.is_empty() {
                self.unsent.pop_front();
            }
            self.room -= length;
            self.out.push_back(Output::Event(Event::Written(length)));
            return Output::Transmit(bytes);
        }
        if self.closing && !self.closed {
            self.closed = true;
            return Output::Close;
        }
        Output::Wait(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that it does until it waits.
    fn round(end: &mut Endpoint) -> Vec<Output<Event, Never>> {
        std::iter::from_fn(|| Some(end.poll_output()).filter(|o| !matches!(o, Output::Wait(_)))).collect()
    }

    fn told(end: &mut Endpoint, input: Input<'_, Never>) -> Vec<Output<Event, Never>> {
        end.handle_input(Instant::ZERO, input);
        round(end)
    }

    fn sends(bytes: &[u8]) -> [Output<Event, Never>; 2] {
        [Output::Transmit(bytes.to_vec()), Output::Event(Event::Written(bytes.len()))]
    }

    #[test]
    fn what_is_written_waits_for_the_connection_and_for_room() {
        let mut end = Endpoint::new();
        end.write(b"EHLO x\r\n".to_vec());
        end.write(b"QUIT\r\n".to_vec());
        end.close();
        assert_eq!(round(&mut end), []);
        assert_eq!(told(&mut end, Input::Connected), [Output::Event(Event::Opened)]);
        assert_eq!(told(&mut end, Input::Writable(6)), sends(b"EHLO x"));
        let rest = [sends(b"\r\n").to_vec(), sends(b"QUIT\r\n").to_vec(), vec![Output::Close]].concat();
        assert_eq!(told(&mut end, Input::Writable(100)), rest);
        end.write(b"too late".to_vec());
        assert_eq!(round(&mut end), []);
    }

    #[test]
    fn who_does_not_read_hears_of_the_end_behind_the_last_byte() {
        let mut end = Endpoint::new();
        told(&mut end, Input::Connected);
        end.stop_reading();
        assert_eq!(told(&mut end, Input::PeerClosed), []);
        end.read_on();
        end.handle_input(Instant::ZERO, Input::Bytes(b"221 bye\r\n"));
        end.caught_up();
        let bytes = Event::Received(b"221 bye\r\n".to_vec());
        assert_eq!(round(&mut end), [Output::Event(bytes), Output::Event(Event::PeerClosed)]);
    }

    #[test]
    fn a_reset_throws_away_what_waits_and_is_told_once() {
        let mut end = Endpoint::new();
        told(&mut end, Input::Connected);
        end.write(b"x".to_vec());
        assert_eq!(told(&mut end, Input::Reset), [Output::Event(Event::Broken)]);
        assert_eq!(told(&mut end, Input::Reset), []);
        let mut end = Endpoint::new();
        told(&mut end, Input::Connected);
        end.write(b"x".to_vec());
        end.reset();
        assert_eq!(told(&mut end, Input::Writable(10)), [Output::Abort]);
    }
}
