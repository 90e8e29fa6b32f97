//! TLS between an engine and TCP.
//!
//! ```text
//!  engine --Transmit--> Layer::write --records--> pending --> tcp
//!  engine <--Bytes----- pump <------- Layer::bytes <--------- tcp
//! ```
//! Records are longer than what is in them: what does not fit into TCP's buffer waits here, and as long as something
//! waits the engine is granted nothing more.

use std::collections::VecDeque;
use std::sync::Arc;

use super::setup::{NodeKind, Setup};
use crate::engine::Carried;
use crate::mail::config::ServiceTls;
use crate::rng::Seed;
use crate::time::Calendar;
use crate::time::Instant;
use crate::tls::{Authority, Identity, Output, Roots, Session};
use crate::topology::{ConnId, Side};
use crate::trace::{Saying, SessionEvent};
use crate::{imap, pop3, smtp, tcp, tls};

/// Who signs certificates in this run.
pub(super) struct Authorities {
    /// The one whom all clients trust.
    known: Authority,
    /// One whom nobody has heard of.
    unknown: Authority,
}

impl Authorities {
    /// Made only if somebody in this world has TLS.
    pub fn of(setup: &Setup) -> Option<Authorities> {
        let used = setup.nodes.iter().any(|node| match &node.kind {
            NodeKind::Host(host) => host
                .mail_server
                .as_ref()
                .is_some_and(|m| [m.smtp_tls, m.imap_tls, m.pop3_tls].iter().any(|tls| *tls != ServiceTls::Never)),
            _ => false,
        });
        let seed = setup.seed.child("authority");
        used.then(|| Authorities {
            known: Authority::new(seed.child("known"), "Example Certification Authority"),
            unknown: Authority::new(seed.child("unknown"), "Unknown Certification Authority"),
        })
    }
}

/// The certificate of the authority whom all clients of a world trust, in PEM; none if nobody there has TLS.
pub fn authority_pem(setup: &Setup) -> Option<String> {
    Authorities::of(setup).map(|authorities| authorities.known.pem())
}

/// What one host needs for TLS.
#[derive(Clone, Debug)]
pub(super) struct Kit {
    seed: Seed,
    calendar: Calendar,
    roots: Roots,
    identity: Option<Arc<Identity>>,
}

impl Kit {
    pub fn new(authorities: &Authorities, spec: &super::setup::Host, seed: Seed, calendar: Calendar) -> Kit {
        let identity = spec.mail_server.as_ref().and_then(|mail| {
            let name = mail.certificate.name.as_deref().unwrap_or(&spec.fqdn);
            let by = if mail.certificate.unknown_authority { &authorities.unknown } else { &authorities.known };
            by.issue(name, &mail.certificate.also)
        });
        Kit { seed, calendar, roots: authorities.known.roots(), identity: identity.map(Arc::new) }
    }

    /// A session of this host on a connection that has carried so many bytes.
    fn session(&self, now: Instant, conn: ConnId, side: Side, peer: &str, carried: (u64, u64)) -> Option<Session> {
        let seed = Seed::new(self.seed.nth(u64::from(conn.0)));
        // No scenario begins before 1970.
        let unix_seconds = u64::try_from(self.calendar.unix_seconds(now)).unwrap_or_default();
        let setup = match side {
            Side::Client => tls::Setup::client(seed, unix_seconds, peer, &self.roots),
            Side::Server => tls::Setup::server(seed, unix_seconds, Arc::clone(self.identity.as_ref()?)),
        };
        Some(Session::new(setup, carried.0, carried.1))
    }
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Layer {
    /// None: it is wanted, and begins when the engine has been heard.
    session: Option<Session>,
    /// Sealed bytes for which TCP had no room.
    pending: VecDeque<Vec<u8>>,
    /// TLS began with the connection: the engine has not been told of either.
    pub from_start: bool,
    /// Nothing more will be written: FIN when all is out.
    closing: bool,
    /// The other end has said that it will write no more.
    pub peer_closed: bool,
    /// The engine has been told that it is.
    pub was_secured: bool,
    /// Told of bytes that are not all sealed yet, and what was told behind it: a letter may be longer than what TCP has
    /// room for, and where the rest of it will stand nobody knows.
    late: VecDeque<Saying>,
}

impl Layer {
    pub fn wanted(from_start: bool) -> Box<Layer> {
        Box::new(Layer {
            session: None,
            pending: VecDeque::new(),
            from_start,
            closing: false,
            peer_closed: false,
            was_secured: false,
            late: VecDeque::new(),
        })
    }

    /// Whether a session is still to be made.
    pub fn is_wanted(&self) -> bool {
        self.session.is_none()
    }

    /// Begins. False: this host has no key for it.
    pub fn begin(
        &mut self,
        kit: Option<&Kit>,
        now: Instant,
        (conn, side): (ConnId, Side),
        peer: &str,
        carried: (u64, u64),
    ) -> bool {
        self.session = kit.and_then(|kit| kit.session(now, conn, side, peer, carried));
        self.session.is_some()
    }

    pub fn poll(&mut self) -> Option<Output> {
        self.session.as_mut()?.poll()
    }

    pub fn is_secured(&self) -> bool {
        self.session.as_ref().is_some_and(Session::is_secured)
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        if let Some(session) = &mut self.session {
            session.handle_bytes(bytes);
        }
    }

    pub fn write(&mut self, plain: &[u8]) {
        if let Some(session) = &mut self.session {
            session.write(plain);
            self.collect();
        }
    }

    pub fn close(&mut self) {
        if let Some(session) = &mut self.session {
            session.close();
            self.collect();
        }
        self.closing = true;
    }

    /// What is to be sent joins the rest; the other outputs of a session come of what it reads only.
    fn collect(&mut self) {
        while let Some(Output::Transmit(bytes)) = self.session.as_mut().and_then(Session::poll) {
            self.pending.push_back(bytes);
        }
    }

    pub fn push(&mut self, sealed: Vec<u8>) {
        self.pending.push_back(sealed);
    }

    /// Hands to TCP what it has room for.
    pub fn flush(&mut self, tcp: &mut tcp::Connection, config: &tcp::Config) {
        while let Some(bytes) = self.pending.front_mut() {
            let room = tcp.send_room(config).min(bytes.len());
            if room == 0 {
                return;
            }
            let rest = bytes.split_off(room);
            let taken = tcp.send_all(config, std::mem::take(bytes));
            debug_assert_eq!(taken, room, "TCP has the room that it says");
            if rest.is_empty() {
                self.pending.pop_front();
            } else {
                *bytes = rest;
            }
        }
        if std::mem::take(&mut self.closing) {
            tcp.close();
        }
    }

    /// How many plain bytes fit into TCP's room.
    pub fn room(&self, room: usize) -> usize {
        if self.is_secured() && self.pending.is_empty() { Session::room(room) } else { 0 }
    }

    /// Takes in what an engine has told, and gives out, in order, what stands on the wire, with its place there. What is
    /// not about bytes that are written does not wait for them: the connection may have come to its end.
    pub fn placed(&mut self, event: Option<Saying>) -> Vec<Saying> {
        let forced = event.as_ref().is_some_and(|event| written_until(event).is_none());
        self.late.extend(event);
        let sealed = self.session.as_ref().map_or(u64::MAX, |session| session.written().sealed());
        let is_there = |event: &Saying| forced || written_until(event).is_none_or(|end| end <= sealed);
        let ready = self.late.iter().take_while(|event| is_there(event)).count();
        let mut placed: Vec<Saying> = self.late.drain(..ready).collect();
        placed.iter_mut().for_each(|event| self.place(event));
        placed
    }

    /// Says of an engine's event where its bytes stand on the wire.
    fn place(&self, event: &mut Saying) {
        let Some(session) = &self.session else { return };
        let (written, read) = (session.written(), session.read());
        match event {
            Saying::Line(_, line) => {
                let places = if line.way == crate::engine::Way::Sent { written } else { read };
                line.range = places.range(&line.range);
            }
            Saying::SmtpClient(smtp::client::Event::Letter(letter)) => {
                let Carried { range, map } = &mut **letter;
                (*range, *map) = (written.range(range), written.target(map));
            }
            Saying::SmtpServer(smtp::server::Event::LetterReceived(letter)) => {
                let Carried { range, map } = &mut **letter;
                (*range, *map) = (read.range(range), read.source(map));
            }
            Saying::ImapClient(event) => {
                if let imap::client::Event::Letter { range, map, .. } = &mut **event {
                    (*range, *map) = (read.range(range), read.source(map));
                }
            }
            Saying::Pop3Client(event) => {
                if let pop3::client::Event::Letter { range, map, .. } = &mut **event {
                    (*range, *map) = (read.range(range), read.source(map));
                }
            }
            Saying::ImapServer(event) => {
                if let imap::server::Event::Sent { range, map, .. } = &mut **event {
                    (*range, *map) = (written.range(range), written.target(map));
                }
            }
            Saying::Pop3Server(event) => {
                if let pop3::server::Event::Sent { range, map, .. } = &mut **event {
                    (*range, *map) = (written.range(range), written.target(map));
                }
            }
            _ => {}
        }
    }

    /// The same for a map from the stream that an engine read.
    pub fn place_read(&self, map: &mut crate::engine::SpanMap) {
        if let Some(session) = &self.session {
            *map = session.read().source(map);
        }
    }
}

/// Where the written bytes end that an event is about, if it is about some.
fn written_until(event: &Saying) -> Option<u64> {
    let event = event.event();
    if let Some(line) = event.line() {
        return (line.way == crate::engine::Way::Sent).then_some(line.end);
    }
    match event {
        SessionEvent::SmtpClient(smtp::client::Event::Letter(letter)) => Some(letter.range.end),
        SessionEvent::ImapServer(imap::server::Event::Sent { range, .. })
        | SessionEvent::Pop3Server(pop3::server::Event::Sent { range, .. }) => Some(range.end),
        _ => None,
    }
}
