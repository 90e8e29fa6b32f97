//! The sockets of a door, and the loop that asks them.
//!
//! ```text
//!   each round:  accept and read --> actions --> the network goes on --> what was told --> (write down) --> write
//! ```
//! What comes in is written down before anything that follows from it goes out: whoever has heard that his mail was
//! accepted finds it in the recording, even if the program is killed in the next moment.

mod entry;
mod link;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token, Waker};

use self::link::{Link, Said};
use super::{Company, Limits, Live};
use crate::action::{RawDeed, RawSession};
use crate::raw::Event;
use crate::sim::World;
use crate::topology::NodeId;

/// Wakes the loop from elsewhere.
const WAKER: Token = Token(0);
/// The first listener; links come behind the last one.
const FIRST: usize = 1;
/// Longest time for which the loop sleeps: limits of time are looked at now and then.
const LONGEST_SLEEP: Duration = Duration::from_millis(500);
/// How often limits of time are looked at, and how long nothing is accepted when the system has no file descriptor left.
const NOW_AND_THEN: Duration = Duration::from_millis(100);
/// How long a program that is talking may take to answer before time is shortened past the timers that wait for it.
const MOMENT: Duration = Duration::from_millis(3);

/// A real address at which connections for a simulated server are taken.
#[derive(Debug)]
pub struct Inlet {
    /// The socket. It must not block.
    pub listener: std::net::TcpListener,
    /// The host that opens the simulated connections.
    pub door: NodeId,
    /// The server's address.
    pub server: Ipv4Addr,
    /// Its port.
    pub port: u16,
}

/// A real server to which simulated connections go.
#[derive(Clone, Copy, Debug)]
pub struct Outlet {
    /// The host at which they come in.
    pub door: NodeId,
    /// At this port of it.
    pub port: u16,
    /// Where the real server is.
    pub to: SocketAddr,
}

/// What has gone through the door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections of real programs.
    pub inward: u64,
    /// Connections to real servers.
    pub outward: u64,
    /// Of real programs, turned away because there were too many or too much had come in.
    pub refused: u64,
    /// Bytes from real programs.
    pub bytes_in: u64,
    /// Bytes to real programs.
    pub bytes_out: u64,
}

/// The sockets of a door, and the loop that asks them.
pub struct Gate {
    poll: Poll,
    live: Live,
    inlets: Vec<(TcpListener, Way, bool)>,
    outlets: Vec<Outlet>,
    links: BTreeMap<usize, Link>,
    by_session: BTreeMap<(NodeId, RawSession), usize>,
    /// Links from which something may be read, and links that may have something to write: what a round costs must
    /// not depend on how many others are silent.
    reading: BTreeSet<usize>,
    writing: BTreeSet<usize>,
    /// Links to real servers that have not answered yet.
    opening: BTreeSet<usize>,
    next_token: usize,
    next_session: u32,
    limits: Limits,
    counts: Counts,
    recording: Option<Box<dyn Write>>,
    keeper: Option<Keeper>,
    stop: Arc<AtomicBool>,
    start: Instant,
    /// The time of this round.
    now: Instant,
    /// When something was last said, by real programs or to them.
    last_word: Instant,
    /// When limits of time are looked at next.
    next_look: Instant,
    /// Until when nothing is accepted.
    full_until: Option<Instant>,
}

/// Takes out of the world, round by round, what would grow in it.
pub type Keeper = Box<dyn FnMut(&mut World) -> io::Result<()>>;

/// Where the connections of a listener go.
#[derive(Clone, Copy, Debug)]
struct Way {
    door: NodeId,
    server: Ipv4Addr,
    port: u16,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("links", &self.links.len()).field("counts", &self.counts).finish_non_exhaustive()
    }
}

impl Gate {
    /// A gate with these openings. Into `recording` goes a line for each thing that real programs do; its head is there
    /// already.
    ///
    /// # Errors
    /// If the system cannot watch sockets.
    pub fn new(
        live: Live,
        inlets: Vec<Inlet>,
        outlets: Vec<Outlet>,
        limits: Limits,
        recording: Option<Box<dyn Write>>,
    ) -> io::Result<Gate> {
        let poll = Poll::new()?;
        let mut listeners = Vec::new();
        for (number, inlet) in inlets.into_iter().enumerate() {
            let Inlet { listener, door, server, port } = inlet;
            listener.set_nonblocking(true)?;
            let mut listener = TcpListener::from_std(listener);
            poll.registry().register(&mut listener, Token(FIRST + number), Interest::READABLE)?;
            listeners.push((listener, Way { door, server, port }, true));
        }
        Ok(Gate {
            poll,
            live,
            next_token: FIRST + listeners.len(),
            inlets: listeners,
            outlets,
            links: BTreeMap::new(),
            by_session: BTreeMap::new(),
            reading: BTreeSet::new(),
            writing: BTreeSet::new(),
            opening: BTreeSet::new(),
            next_session: 1,
            limits,
            counts: Counts::default(),
            recording,
            keeper: None,
            stop: Arc::default(),
            start: now(),
            now: now(),
            next_look: now(),
            last_word: now(),
            full_until: None,
        })
    }

    /// From now on `keeper` is called in each round in which anything has happened. If it fails, [`Gate::run`] does.
    pub fn keep(&mut self, keeper: Keeper) {
        self.keeper = Some(keeper);
    }

    /// When it is set, [`Gate::run`] ends: at once if a signal has set it, which wakes the loop, else soon.
    pub fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// Something that ends [`Gate::run`] from another thread.
    ///
    /// # Errors
    /// If the system cannot wake a sleeping loop.
    pub fn stopper(&self) -> io::Result<impl Fn() + Send + Sync + use<>> {
        let waker = Waker::new(self.poll.registry(), WAKER)?;
        let stop = Arc::clone(&self.stop);
        Ok(move || {
            stop.store(true, Ordering::Relaxed);
            // If it does not wake at once it does so soon.
            let _ = waker.wake();
        })
    }

    /// What has gone through so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The world behind the gate.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// Takes connections and carries bytes until it is stopped, or `done` says so, which is asked in each round, with the
    /// number of connections that are open. Then everybody who is still there is reset.
    ///
    /// # Errors
    /// If the recording cannot be written, the keeper fails, or sockets cannot be watched: whoever is there then is cut
    /// off.
    pub fn run(&mut self, mut done: impl FnMut(&World, usize) -> bool) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        self.start = now();
        while !self.stop.load(Ordering::Relaxed) && !done(self.live.world(), self.links.len()) {
            let more = self.round()?;
            let sleep = match (more, self.quiet_in()) {
                (true, _) => Duration::ZERO,
                (false, quiet) => self.live.wait().into_iter().chain(quiet).fold(LONGEST_SLEEP, Duration::min),
            };
            match self.poll.poll(&mut events, Some(sleep)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => other?,
            }
            for event in &events {
                let token = event.token().0;
                if let Some((_, _, ready)) = token.checked_sub(FIRST).and_then(|n| self.inlets.get_mut(n)) {
                    *ready = true;
                } else if let Some(link) = self.links.get_mut(&token) {
                    let readable = event.is_readable() || event.is_read_closed() || event.is_error();
                    link.ready(readable, event.is_writable());
                    if link.can_read(self.limits.unsent) {
                        self.reading.insert(token);
                    }
                    if event.is_writable() {
                        self.writing.insert(token);
                    }
                }
            }
        }
        for token in self.links.keys().copied().collect::<Vec<_>>() {
            self.break_off(token);
        }
        self.write_down()?;
        self.keep_up()
    }

    /// Runs the world to its end, as a run of the recording does, and hands it over.
    ///
    /// # Errors
    /// Those of the keeper.
    pub fn finish(mut self) -> io::Result<Live> {
        while self.live.finish_some() {
            self.keep_up()?;
        }
        self.keep_up()?;
        Ok(self.live)
    }

    /// One round; true if there is more to do at once.
    fn round(&mut self) -> io::Result<bool> {
        self.now = now();
        let mut more = false;
        for number in 0..self.inlets.len() {
            more |= self.accept(number);
        }
        for token in self.opening.iter().copied().collect::<Vec<_>>() {
            self.answer(token);
        }
        for token in std::mem::take(&mut self.reading) {
            self.read(token);
        }
        // What a connection has taken at once is known before time goes on.
        self.hear();
        let wall = self.now.saturating_duration_since(self.start);
        let company = match (self.links.is_empty(), self.opening.is_empty()) {
            (true, _) => Company::Nobody,
            (false, false) => Company::Unanswered,
            (false, true) if self.quiet_in().is_some() => Company::Talking,
            (false, true) => Company::Somebody,
        };
        more |= self.live.advance(u64::try_from(wall.as_nanos()).unwrap_or(u64::MAX), company);
        self.live.stirred();
        self.hear();
        self.write_down()?;
        for token in std::mem::take(&mut self.writing) {
            self.write(token);
        }
        if self.now >= self.next_look {
            self.next_look = self.now + NOW_AND_THEN;
            self.keep_limits();
        }
        self.keep_up()?;
        // What was done while writing is written down before anything more goes out.
        Ok(more | self.live.stirred() | !self.reading.is_empty())
    }

    /// Reads what a real program has sent, once.
    fn read(&mut self, token: usize) {
        let Some(link) = self.links.get_mut(&token) else { return };
        let (host, session) = (link.host, link.session);
        let said = link.read(self.limits.unsent, self.now);
        if link.can_read(self.limits.unsent) {
            self.reading.insert(token);
        }
        let deed = match said {
            Said::Nothing => return,
            Said::Bytes(bytes) => {
                self.last_word = self.now;
                self.counts.bytes_in += bytes.len() as u64;
                if link.bytes > self.limits.bytes {
                    return self.break_off(token);
                }
                RawDeed::Write(bytes)
            }
            Said::End => RawDeed::Close,
            Said::Broken => return self.break_off(token),
        };
        self.live.act(host, session, deed);
        // Where both sides had said everything before, this was the last of it.
        self.writing.insert(token);
    }

    /// Takes in what the network has for real programs.
    fn hear(&mut self) {
        for told in self.live.outside() {
            let key = (told.host, told.session);
            if told.event == Event::Asked {
                self.leave(told.host, told.session, told.port);
                continue;
            }
            let Some(token) = self.by_session.get(&key).copied() else { continue };
            let Some(link) = self.links.get_mut(&token) else { continue };
            if !matches!(told.event, Event::Written(_)) {
                self.writing.insert(token);
            }
            match told.event {
                Event::Asked | Event::Opened => {}
                Event::Received(bytes) => {
                    link.outbox.extend(bytes);
                    if link.outbox.len() > self.limits.waiting && !link.paused {
                        link.paused = true;
                        self.live.act(told.host, told.session, RawDeed::Read(false));
                    }
                }
                Event::Written(n) => {
                    link.unsent = link.unsent.saturating_sub(n);
                    if link.can_read(self.limits.unsent) {
                        self.reading.insert(token);
                    }
                }
                Event::PeerClosed => link.closing = true,
                Event::Broken => link.broken = true,
            }
        }
    }

    /// Gives a real program what there is for it.
    fn write(&mut self, token: usize) {
        let Some(link) = self.links.get_mut(&token) else { return };
        let (host, session) = (link.host, link.session);
        let Ok(written) = link.write(self.now) else { return self.break_off(token) };
        self.counts.bytes_out += written as u64;
        if written > 0 {
            self.last_word = self.now;
        }
        if link.broken {
            link::reset(&link.stream);
            return self.remove(token);
        }
        if link.is_over() {
            return self.remove(token);
        }
        if link.paused && link.outbox.len() < self.limits.waiting / 2 {
            link.paused = false;
            self.live.act(host, session, RawDeed::Read(true));
        }
    }

    /// Ends a connection on both sides.
    fn break_off(&mut self, token: usize) {
        let Some(link) = self.links.get(&token) else { return };
        let (host, session) = (link.host, link.session);
        link::reset(&link.stream);
        self.remove(token);
        self.live.act(host, session, RawDeed::Reset);
    }

    fn remove(&mut self, token: usize) {
        if let Some(mut link) = self.links.remove(&token) {
            self.by_session.remove(&(link.host, link.session));
            self.reading.remove(&token);
            self.writing.remove(&token);
            self.opening.remove(&token);
            // It is closed in the next moment, and then not watched any more.
            let _ = self.poll.registry().deregister(&mut link.stream);
        }
    }

    /// Ends what has taken too long.
    fn keep_limits(&mut self) {
        let (Limits { idle, total, .. }, now) = (self.limits, self.now);
        let since = |then: Instant| now.saturating_duration_since(then);
        let over = |link: &Link| since(link.last) > idle || since(link.since) > total;
        let late: Vec<usize> = self.links.iter().filter(|(_, link)| over(link)).map(|(token, _)| *token).collect();
        late.iter().for_each(|token| self.break_off(*token));
    }

    /// How long it takes until nobody has said anything for a moment; none if that is so.
    fn quiet_in(&self) -> Option<Duration> {
        MOMENT.checked_sub(self.now.saturating_duration_since(self.last_word)).filter(|rest| !rest.is_zero())
    }

    /// Lets the keeper take what it wants.
    fn keep_up(&mut self) -> io::Result<()> {
        match &mut self.keeper {
            Some(keeper) => keeper(self.live.world_mut()),
            None => Ok(()),
        }
    }

    /// Whatever was done goes into the recording, now.
    fn write_down(&mut self) -> io::Result<()> {
        let lines = self.live.lines();
        match &mut self.recording {
            Some(recording) if !lines.is_empty() => {
                recording.write_all(lines.as_bytes())?;
                recording.flush()
            }
            _ => Ok(()),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "real programs live in real time")]
fn now() -> Instant {
    Instant::now()
}
