//! One real connection.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::TcpStream;

use crate::action::RawSession;
use crate::topology::NodeId;

/// Bytes that are read at once: an action of the recording has no more.
const MOST: usize = 16 * 1024;

/// What a real program has said.
pub(super) enum Said {
    Nothing,
    Bytes(Arc<[u8]>),
    /// It will say no more.
    End,
    /// The connection is gone.
    Broken,
}

/// What a real server has made of our wish for a connection.
pub(super) enum Answer {
    /// Nothing yet, or nothing new.
    None,
    /// It takes it.
    Taken,
    /// It does not.
    Refused,
}

/// See the [module](self).
pub(super) struct Link {
    pub stream: TcpStream,
    /// The door in the simulated network, and the connection there.
    pub host: NodeId,
    pub session: RawSession,
    /// Handed to the simulated connection, and not yet taken by its TCP.
    pub unsent: usize,
    /// For the real program.
    pub outbox: VecDeque<u8>,
    /// The simulated connection has been told to stop reading.
    pub paused: bool,
    /// The simulated peer has closed: so do we, behind the last byte.
    pub closing: bool,
    /// The simulated connection is gone.
    pub broken: bool,
    /// When it began, and when anything was last said on it.
    pub since: Instant,
    pub last: Instant,
    /// Bytes read so far.
    pub bytes: u64,
    /// The system has opened it.
    open: bool,
    readable: bool,
    writable: bool,
    /// The real program has closed.
    ended: bool,
    /// We have closed.
    shut: bool,
}

impl Link {
    pub fn new(stream: TcpStream, host: NodeId, session: RawSession, open: bool, now: Instant) -> Link {
        Link {
            stream,
            host,
            session,
            unsent: 0,
            outbox: VecDeque::new(),
            paused: false,
            closing: false,
            broken: false,
            since: now,
            last: now,
            bytes: 0,
            open,
            readable: open,
            writable: open,
            ended: false,
            shut: false,
        }
    }

    /// The system says that something can be done.
    pub fn ready(&mut self, readable: bool, writable: bool) {
        self.readable |= readable;
        self.writable |= writable;
    }

    /// Looks whether a connection that we have opened has been answered; each answer is told once.
    pub fn answered(&mut self) -> Answer {
        if self.open {
            return Answer::None;
        }
        match (self.stream.take_error(), self.stream.peer_addr()) {
            (Ok(None), Ok(_)) => {
                self.open = true;
                self.readable = true;
                self.writable = true;
                Answer::Taken
            }
            (Ok(None), Err(error)) if error.kind() == io::ErrorKind::NotConnected => Answer::None,
            _ => Answer::Refused,
        }
    }

    /// There may be something to read, and room for it.
    pub fn can_read(&self, most_unsent: usize) -> bool {
        self.open && self.readable && !self.ended && self.unsent < most_unsent
    }

    /// Reads once, if what was read before has been taken.
    pub fn read(&mut self, most_unsent: usize, now: Instant) -> Said {
        if !self.can_read(most_unsent) {
            return Said::Nothing;
        }
        let mut bytes = [0; MOST];
        match self.stream.read(&mut bytes) {
            Ok(0) => {
                self.ended = true;
                Said::End
            }
            Ok(length) => {
                self.unsent += length;
                self.bytes += length as u64;
                self.last = now;
                Said::Bytes(bytes[..length].into())
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.readable = false;
                Said::Nothing
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Said::Nothing,
            Err(_) => Said::Broken,
        }
    }

    /// Writes as much as the system takes; how much that was.
    pub fn write(&mut self, now: Instant) -> io::Result<usize> {
        let mut written = 0;
        while self.open && self.writable && !self.outbox.is_empty() {
            match self.stream.write(self.outbox.as_slices().0) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(length) => {
                    self.outbox.drain(..length);
                    written += length;
                    self.last = now;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.writable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.closing && self.outbox.is_empty() && !self.shut && self.open {
            self.shut = true;
            // Whoever has gone in the meantime need not be told.
            let _ = self.stream.shutdown(Shutdown::Write);
        }
        Ok(written)
    }

    /// Both sides have said everything.
    pub fn is_over(&self) -> bool {
        self.shut && self.ended
    }
}

/// When the stream is closed next, the other side gets a RST.
pub(super) fn reset(stream: &TcpStream) {
    // If the system does not want to, it gets a FIN.
    let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
}
