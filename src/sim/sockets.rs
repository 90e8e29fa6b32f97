//! The connections of one host: a slab with a map of 4-tuples in front, listeners, and small records of
//! connections in TIME-WAIT.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use rustc_hash::FxHashMap;

use super::apps::App;
use super::sealed::Layer;
use crate::action::{RawSession, Service};
use crate::packet::TcpHeader;
use crate::rng::Seed;
use crate::tcp;
use crate::time::Instant;
use crate::topology::{ConnId, Side};
use crate::trace::{Closed, EntryId};

/// Local port, remote address, remote port: a host has one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub local_port: u16,
    pub remote: Ipv4Addr,
    pub remote_port: u16,
}

/// One connection and the program at its end.
#[derive(Clone, Debug)]
pub(super) struct Conn {
    pub tcp: tcp::Connection,
    pub app: App,
    pub key: Key,
    pub id: ConnId,
    pub side: Side,
    /// Bytes granted to the program that it has not used.
    pub granted: usize,
    /// When the pending call is due; FAR_FUTURE: none.
    pub armed: Instant,
    /// What the program waits for.
    pub app_wait: Option<Instant>,
    /// What the connection and its program wait for.
    pub waits: Option<Instant>,
    /// The entry during which that was set.
    pub armed_by: Option<EntryId>,
    /// Which use of the slot this is, so that an old timer finds nobody.
    pub life: u32,
    /// How the connection will be said to have ended.
    pub closed: Closed,
    /// TLS between the two, if it is wanted or there.
    pub tls: Option<Box<Layer>>,
    /// The name of the host at the other end, as the program knows it: whose certificate it will take.
    pub peer: Box<str>,
}

impl Conn {
    /// Tells the program how much more it may write.
    pub fn grant(&mut self, now: Instant, config: &tcp::Config) {
        let room = self.tcp.send_room(config);
        let room = self.tls.as_ref().map_or(room, |layer| layer.room(room));
        if room > self.granted {
            self.app.writable(now, room - self.granted);
            self.granted = room;
        }
    }
}

/// What remains of a closed connection (RFC 9293 section 3.6.1).
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeWait {
    pub until: Instant,
    pub snd_nxt: u32,
    pub rcv_nxt: u32,
    pub id: ConnId,
    pub side: Side,
}

/// A SYN that waits for somebody outside to say whether he takes the connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Incoming {
    pub key: Key,
    pub syn: TcpHeader,
    pub id: ConnId,
}

/// All connections of a host.
#[derive(Clone, Debug)]
pub(super) struct Sockets {
    slots: Vec<Option<Box<Conn>>>,
    free: Vec<u32>,
    by_key: FxHashMap<Key, u32>,
    /// The connection that was looked for last: most segments come in company.
    latest: Option<(Key, u32)>,
    time_wait: FxHashMap<Key, TimeWait>,
    /// Ports on which somebody listens.
    pub listeners: Vec<(u16, Service)>,
    /// What has come to a door and was not answered yet.
    pub incoming: BTreeMap<RawSession, Incoming>,
    next_port: u16,
    next_life: u32,
    secret: Seed,
}

/// First port for connections that this host opens (RFC 6335: dynamic ports).
const FIRST_PORT: u16 = 49152;

impl Sockets {
    pub fn new(secret: Seed) -> Self {
        Sockets {
            slots: Vec::new(),
            free: Vec::new(),
            by_key: FxHashMap::default(),
            latest: None,
            time_wait: FxHashMap::default(),
            listeners: Vec::new(),
            incoming: BTreeMap::new(),
            next_port: FIRST_PORT,
            next_life: 0,
            secret,
        }
    }

    /// The program that listens on TCP `port`.
    pub fn listener(&self, port: u16) -> Option<Service> {
        self.listeners.iter().find(|(p, _)| *p == port).map(|(_, s)| *s)
    }

    /// The server's end of a connection.
    pub fn server_end(&self, id: ConnId) -> Option<u32> {
        let is_it = |c: &Conn| c.id == id && c.side == Side::Server;
        (0..self.slots.len() as u32).find(|slot| self.get(*slot).is_some_and(is_it))
    }

    pub fn find(&mut self, key: Key) -> Option<u32> {
        if let Some((latest, slot)) = self.latest
            && latest == key
        {
            return Some(slot);
        }
        let slot = self.by_key.get(&key).copied()?;
        self.latest = Some((key, slot));
        Some(slot)
    }

    pub fn find_time_wait(&self, key: Key) -> Option<TimeWait> {
        self.time_wait.get(&key).copied()
    }

    pub fn remember(&mut self, key: Key, record: TimeWait) {
        self.time_wait.insert(key, record);
    }

    pub fn forget(&mut self, key: Key) {
        self.time_wait.remove(&key);
    }

    /// A connection for `key`; the caller fills it in.
    pub fn insert(&mut self, mut conn: Box<Conn>) -> u32 {
        self.next_life += 1;
        conn.life = self.next_life;
        let key = conn.key;
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(conn);
                slot
            }
            None => {
                self.slots.push(Some(conn));
                self.slots.len() as u32 - 1
            }
        };
        self.by_key.insert(key, slot);
        self.latest = Some((key, slot));
        slot
    }

    /// Takes a connection out to work on it; [`Sockets::put`] or [`Sockets::remove`] must follow.
    pub fn take(&mut self, slot: u32) -> Option<Box<Conn>> {
        self.slots.get_mut(slot as usize)?.take()
    }

    /// Puts a connection back.
    pub fn put(&mut self, slot: u32, conn: Box<Conn>) {
        self.slots[slot as usize] = Some(conn);
    }

    /// The slot of a connection that was taken out is free again.
    pub fn remove(&mut self, slot: u32, key: Key) {
        self.by_key.remove(&key);
        self.latest = None;
        self.free.push(slot);
    }

    /// The connection in a slot, to be changed where it lies.
    pub fn get_mut(&mut self, slot: u32) -> Option<&mut Conn> {
        self.slots.get_mut(slot as usize)?.as_deref_mut()
    }

    /// The connection in a slot.
    pub fn get(&self, slot: u32) -> Option<&Conn> {
        self.slots.get(slot as usize)?.as_deref()
    }

    /// Looks at the connection that will most likely be used next, ahead of time.
    pub fn ahead(&self, slot: Option<u32>) -> u64 {
        let slot = slot.or(self.latest.map(|(_, slot)| slot));
        let Some(conn) = slot.and_then(|slot| self.get(slot)) else { return 0 };
        conn.tcp.ahead() ^ conn.armed.as_nanos() ^ conn.granted as u64
    }

    /// The slot of a connection. Looks through all of them.
    pub fn slot_of(&self, id: ConnId) -> Option<u32> {
        let at = self.slots.iter().position(|conn| conn.as_ref().is_some_and(|c| c.id == id))?;
        Some(at as u32)
    }

    /// All slots in use, in order.
    pub fn slots(&self) -> Vec<u32> {
        (0..self.slots.len() as u32).filter(|s| self.slots[*s as usize].is_some()).collect()
    }

    /// A port for a connection to `remote` that is not in use (RFC 6056 algorithm 2 would draw it by
    /// luck; in turn is easier to read in a lesson).
    pub fn free_port(&mut self, now: Instant, remote: Ipv4Addr, remote_port: u16) -> Option<u16> {
        for _ in FIRST_PORT..=u16::MAX {
            let local_port = self.next_port;
            self.next_port = if self.next_port == u16::MAX { FIRST_PORT } else { self.next_port + 1 };
            let key = Key { local_port, remote, remote_port };
            let waiting = self.time_wait.get(&key).is_some_and(|t| t.until > now);
            if !waiting && !self.by_key.contains_key(&key) {
                return Some(local_port);
            }
        }
        None
    }

    /// An initial sequence number: a secret function of the 4-tuple plus a clock of 4 us (RFC 6528).
    pub fn initial_sequence(&self, now: Instant, key: Key) -> u32 {
        let tuple =
            u64::from(u32::from(key.remote)) << 32 | u64::from(key.local_port) << 16 | u64::from(key.remote_port);
        (self.secret.nth(tuple) as u32).wrapping_add((now.as_nanos() / 4_000) as u32)
    }

    /// Everything in memory is gone.
    pub fn power_off(&mut self) {
        let life = self.next_life;
        let port = self.next_port;
        *self = Sockets::new(self.secret);
        (self.next_life, self.next_port) = (life, port);
    }

    /// Drops records of TIME-WAIT that are over, when there are many.
    pub fn expire(&mut self, now: Instant) {
        if self.time_wait.len() > 64 {
            self.time_wait.retain(|_, t| t.until > now);
        }
    }
}
