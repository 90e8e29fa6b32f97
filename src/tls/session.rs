//! One end of a TLS connection that can be cloned.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use rustls::RootCertStore;

use super::failure::Failure;
use super::live::Live;
use super::record::{self, MOST_PLAIN, OVERHEAD};
use super::secrets::Secret;
use super::{Identity, Places, Roots};
use crate::engine::TlsInfo;
use crate::rng::Seed;

/// Which end it is.
#[derive(Debug)]
pub(super) enum Role {
    Client { server_name: String, roots: Arc<RootCertStore> },
    Server { identity: Arc<Identity> },
}

/// What a session begins from.
#[derive(Debug)]
pub struct Setup {
    pub(super) role: Role,
    pub(super) seed: Seed,
    pub(super) unix_seconds: u64,
}

impl Setup {
    /// The end that begins, and wants to speak with the server of this name.
    pub fn client(seed: Seed, unix_seconds: u64, server_name: &str, roots: &Roots) -> Setup {
        let server_name = server_name.trim_end_matches('.').to_owned();
        Setup {
            role: Role::Client { server_name, roots: Arc::clone(&roots.0) },
            seed: seed.child("client"),
            unix_seconds,
        }
    }

    /// The end that shows a certificate.
    pub fn server(seed: Seed, unix_seconds: u64, identity: Arc<Identity>) -> Setup {
        Setup { role: Role::Server { identity }, seed: seed.child("server"), unix_seconds }
    }
}

/// What a session was told: with its seed, all that it is made of.
#[derive(Clone, Debug)]
enum Told {
    Record(Arc<[u8]>),
    Write(Arc<[u8]>),
    Close,
}

/// What comes out, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Records to be sent.
    Transmit(Vec<u8>),
    /// Secrets, for a key log.
    Secrets(Vec<Secret>),
    /// The handshake is over at this end.
    Secured(TlsInfo),
    /// Plain bytes of the peer.
    Bytes(Vec<u8>),
    /// The peer will send no more (close_notify).
    PeerClosed,
    /// It is over: send what is to be transmitted (an alert), then close.
    Failed(Failure),
}

/// See the [module](super).
///
/// After each input take [`Session::poll`] until it gives nothing.
#[derive(Debug)]
pub struct Session {
    setup: Arc<Setup>,
    told: Arc<Vec<Told>>,
    /// Nothing: a clone that was not used, which will tell a new connection all that was told.
    live: Option<Box<Live>>,
    /// The beginning of a record.
    partial: Vec<u8>,
    out: VecDeque<Output>,
    secured: bool,
    peer_closed: bool,
    over: bool,
    /// Places in the stream of this direction of the first byte on the wire not yet counted.
    sent: u64,
    received: u64,
    /// Where the engine's bytes stand: what it wrote, what it read.
    written: Places,
    read: Places,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Live")
    }
}

/// Cheap: the connection itself is made again when the clone is used.
impl Clone for Session {
    fn clone(&self) -> Session {
        Session {
            setup: Arc::clone(&self.setup),
            told: Arc::clone(&self.told),
            live: None,
            partial: self.partial.clone(),
            out: self.out.clone(),
            written: self.written.clone(),
            read: self.read.clone(),
            ..*self
        }
    }
}

impl Session {
    /// A session that begins behind so many plain bytes sent and received: a client says hello at once.
    pub fn new(setup: Setup, sent: u64, received: u64) -> Session {
        let mut session = Session {
            setup: Arc::new(setup),
            told: Arc::default(),
            live: None,
            partial: Vec::new(),
            out: VecDeque::new(),
            secured: false,
            peer_closed: false,
            over: false,
            sent,
            received,
            written: Places::new(sent),
            read: Places::new(received),
        };
        match Live::new(&session.setup) {
            Ok(mut live) => {
                let hello = live.flush();
                session.transmit(hello);
                session.live = Some(Box::new(live));
            }
            Err(error) => session.fail(Failure::of(&error)),
        }
        session
    }

    /// The next thing in order.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// Whether the handshake is over, and nothing else either.
    pub fn is_secured(&self) -> bool {
        self.secured && !self.over
    }

    /// Where the bytes that the engine wrote stand on the wire.
    pub fn written(&self) -> &Places {
        &self.written
    }

    /// Where the bytes that the engine read stood on the wire.
    pub fn read(&self) -> &Places {
        &self.read
    }

    /// How many plain bytes may be written, in one write, so that their records take no more than `room`.
    pub fn room(room: usize) -> usize {
        let whole = room / (MOST_PLAIN + OVERHEAD);
        let rest = (room % (MOST_PLAIN + OVERHEAD)).saturating_sub(OVERHEAD);
        whole * MOST_PLAIN + rest
    }

    /// Bytes of the peer, cut anywhere.
    pub fn handle_bytes(&mut self, bytes: &[u8]) {
        if self.over {
            return;
        }
        self.partial.extend_from_slice(bytes);
        loop {
            let length = match record::length(&self.partial) {
                Ok(Some(length)) if length <= self.partial.len() => length,
                Ok(_) => return,
                // Not TLS. The library says so to the other end, in the words of the protocol.
                Err(()) => self.partial.len(),
            };
            let record: Arc<[u8]> = self.partial.drain(..length).collect();
            let from = self.received;
            self.received += length as u64;
            let result = self.live().map(|live| live.record(&record));
            Arc::make_mut(&mut self.told).push(Told::Record(record));
            let Some(result) = result else { return };
            self.after_record(result, from..self.received);
            if self.over || self.partial.is_empty() {
                return;
            }
        }
    }

    fn after_record(&mut self, result: Result<Vec<u8>, rustls::Error>, wire: Range<u64>) {
        let setup = Arc::clone(&self.setup);
        let Some(live) = &mut self.live else { return };
        let (flight, secrets, info) = (live.flush(), live.secrets(), live.info(&setup));
        let closed = result.is_ok() && live.peer_closed();
        if !secrets.is_empty() {
            self.out.push_back(Output::Secrets(secrets));
        }
        self.transmit(flight);
        match result {
            Err(error) => return self.fail(Failure::of(&error)),
            Ok(plain) => {
                if let Some(info) = info.filter(|_| !self.secured) {
                    self.secured = true;
                    self.out.push_back(Output::Secured(info));
                }
                if !plain.is_empty() {
                    self.read.push(plain.len(), wire);
                    self.out.push_back(Output::Bytes(plain));
                }
            }
        }
        if closed && !std::mem::replace(&mut self.peer_closed, true) {
            self.out.push_back(Output::PeerClosed);
        }
    }

    /// Seals bytes of the engine and sends them.
    pub fn write(&mut self, plain: &[u8]) {
        if !self.is_secured() || plain.is_empty() {
            return;
        }
        let Some(live) = self.live() else { return };
        live.write(plain);
        let sealed = live.flush();
        let mut at = self.sent;
        for part in plain.chunks(MOST_PLAIN) {
            let end = at + (part.len() + OVERHEAD) as u64;
            self.written.push(part.len(), at..end);
            at = end;
        }
        debug_assert_eq!(at - self.sent, sealed.len() as u64, "each record is 22 bytes longer than what is in it");
        Arc::make_mut(&mut self.told).push(Told::Write(plain.into()));
        self.transmit(sealed);
    }

    /// Nothing more will be written (close_notify, RFC 8446 section 6.1).
    pub fn close(&mut self) {
        if self.over {
            return;
        }
        let Some(live) = self.live() else { return };
        live.close();
        let alert = live.flush();
        Arc::make_mut(&mut self.told).push(Told::Close);
        self.transmit(alert);
    }

    fn transmit(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.sent += bytes.len() as u64;
            self.out.push_back(Output::Transmit(bytes));
        }
    }

    fn fail(&mut self, why: Failure) {
        self.over = true;
        self.partial.clear();
        self.out.push_back(Output::Failed(why));
    }

    /// The connection at work: made again, if this is a clone, from what was told. What came out of it then is known
    /// already.
    fn live(&mut self) -> Option<&mut Live> {
        if self.live.is_none() {
            let mut live = Live::new(&self.setup).ok()?;
            live.flush();
            for told in self.told.iter() {
                match told {
                    Told::Record(record) => drop(live.record(record)),
                    Told::Write(plain) => live.write(plain),
                    Told::Close => live.close(),
                }
                live.flush();
            }
            live.secrets();
            self.live = Some(Box::new(live));
        }
        self.live.as_deref_mut()
    }
}
