//! Who comes in at a door, and who goes out: new connections, as far as there is room.

use std::io;

use mio::net::TcpStream;
use mio::{Interest, Token};

use super::link::{self, Answer, Link};
use super::{Gate, NOW_AND_THEN, Way};
use crate::action::{RawDeed, RawSession};
use crate::topology::NodeId;

/// Connections that are accepted before anything else is done.
const ACCEPTS: usize = 64;

impl Gate {
    /// Takes the connections that wait at a listener.
    pub(super) fn accept(&mut self, number: usize) -> bool {
        if self.full_until.is_some_and(|until| self.now < until) {
            return false;
        }
        for _ in 0..ACCEPTS {
            let (listener, to, ready) = &mut self.inlets[number];
            if !*ready {
                return false;
            }
            let to = *to;
            match listener.accept() {
                Ok((stream, _)) => self.enter(stream, to),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => *ready = false,
                // It was given up before it was taken.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // No file descriptor is left, or no memory: it waits in the system's queue until somebody has gone.
                Err(_) if self.silent_goes() => return true,
                Err(_) => {
                    self.full_until = Some(self.now + NOW_AND_THEN);
                    return false;
                }
            }
        }
        true
    }

    fn enter(&mut self, stream: TcpStream, to: Way) {
        if self.counts.bytes_in > self.limits.taken || !self.make_room() {
            self.counts.refused += 1;
            return link::reset(&stream);
        }
        let session = RawSession::Opened(self.next_session);
        self.next_session += 1;
        self.counts.inward += 1;
        self.last_word = self.now;
        if self.add(stream, to.door, session, true).is_some() {
            self.live.act(to.door, session, RawDeed::Connect { to: to.server, port: to.port });
        }
    }

    /// There is room for one more connection, or the one that has been silent longest goes.
    fn make_room(&mut self) -> bool {
        self.links.len() < self.limits.connections || self.silent_goes()
    }

    /// Breaks off the connection that has been silent longest, if that is long enough.
    fn silent_goes(&mut self) -> bool {
        let silent = self.links.iter().min_by_key(|(_, link)| link.last).map(|(token, link)| (*token, link.last));
        match silent {
            Some((token, last)) if self.now.saturating_duration_since(last) >= self.limits.patience => {
                self.break_off(token);
                true
            }
            _ => false,
        }
    }

    fn add(&mut self, mut stream: TcpStream, host: NodeId, session: RawSession, open: bool) -> Option<usize> {
        let token = self.next_token;
        let both = Interest::READABLE | Interest::WRITABLE;
        if self.poll.registry().register(&mut stream, Token(token), both).is_err() {
            return None;
        }
        self.next_token += 1;
        // A line is sent when it is there; if the system does not want to, it is sent later.
        let _ = stream.set_nodelay(true);
        self.links.insert(token, Link::new(stream, host, session, open, self.now));
        if open {
            self.reading.insert(token);
        }
        self.by_session.insert((host, session), token);
        Some(token)
    }

    /// A simulated program wants to talk to a real server: its SYN is answered when that one has answered ours.
    pub(super) fn leave(&mut self, host: NodeId, session: RawSession, port: u16) {
        let outlet = self.outlets.iter().find(|o| (o.door, o.port) == (host, port));
        self.counts.outward += 1;
        let there = outlet.and_then(|outlet| TcpStream::connect(outlet.to).ok());
        let token = there.and_then(|stream| self.add(stream, host, session, false));
        match token {
            // On the loopback interface the answer is there at once.
            Some(token) => self.answer(token),
            None => self.live.act(host, session, RawDeed::Reset),
        }
    }

    /// Looks whether a real server has taken the connection, or refused it.
    pub(super) fn answer(&mut self, token: usize) {
        let Some(link) = self.links.get_mut(&token) else { return };
        let (host, session) = (link.host, link.session);
        match link.answered() {
            Answer::None => {
                self.opening.insert(token);
            }
            Answer::Taken => {
                self.opening.remove(&token);
                self.reading.insert(token);
                self.live.act(host, session, RawDeed::Accept);
            }
            Answer::Refused => self.break_off(token),
        }
    }
}
