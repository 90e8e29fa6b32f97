//! A host: its internet layer, its connections, its programs; and the loop in which one arriving segment
//! is one event.
//!
//! ```text
//!  frame -> Ip::input -> segment -> tcp::Connection -> program (engine) -> mail system
//!                                         |   ^            |                   |
//!                                         v   +------------+ write, close      v
//!                                     segments -> Ip::output          new connections, next letters
//! ```
//! What the mail system wants done on *other* connections (open one, send the next letter on one) is kept
//! as a list of effects and carried out when the connection at hand is done with.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::apps::{App, RawEnd, RawTouch, Touch};
use super::ip::{Arrived, Ip};
use super::plane::{Event, Frame, Outside, Plane};
use super::programs::{Effect, Forced, Peer, Programs};
use super::sealed::Layer;
use super::setup;
use super::sockets::{Conn, Incoming, Key, Sockets, TimeWait};
use crate::action::{Action, CommandRule, RawSession, Service};
use crate::net::link::Loss;
use crate::packet::{self, Ipv4Fields, Protocol, TcpFlags, TcpHeader};
use crate::raw;
use crate::tcp;
use crate::time::Instant;
use crate::topology::{ConnId, NodeId, Side};
use crate::trace::{Closed, Connection, Fact};

/// See the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub node: NodeId,
    pub spec: Arc<setup::Host>,
    /// As in `spec`, but in a memory that hosts with equal settings share: every segment needs it.
    pub tcp: Arc<tcp::Config>,
    pub up: bool,
    pub ip: Ip,
    pub sockets: Sockets,
    pub programs: Programs,
    /// When the next call for the programs' timers is due.
    pub armed: Instant,
}

impl Host {
    /// The host's address.
    pub fn address(&self) -> Ipv4Addr {
        self.ip.address()
    }

    /// Looks at what a segment for `slot`, or for the connection of the last segment, will need, so that it is in the
    /// processor's cache then. The number means nothing.
    pub fn ahead(&self, slot: Option<u32>) -> u64 {
        let own = u32::from(self.ip.address()) ^ u32::from(self.up) ^ u32::from(self.programs.stirred);
        self.sockets.ahead(slot) ^ self.armed.as_nanos() ^ u64::from(own)
    }

    /// A frame came in.
    pub fn input(&mut self, plane: &mut Plane, interface: usize, frame: Box<Frame>) {
        if !self.up {
            return plane.lost_at(self.node, frame, Loss::HostOff);
        }
        if let Arrived::Datagram(frame) = self.ip.input(plane, interface, frame) {
            self.datagram(plane, frame);
        }
        self.settle_if_stirred(plane);
    }

    fn datagram(&mut self, plane: &mut Plane, frame: Box<Frame>) {
        let Ok(ip) = packet::parse_ipv4(&frame.bytes) else {
            return plane.lost_at(self.node, frame, Loss::Malformed);
        };
        match ip.protocol() {
            Some(Protocol::Tcp) => match packet::parse_tcp(ip.src, ip.dst, ip.payload) {
                Ok(segment) => self.segment(plane, &frame, ip.src, &segment.header, segment.payload),
                Err(_) => return plane.lost_at(self.node, frame, Loss::Malformed),
            },
            Some(Protocol::Udp) => match packet::parse_udp(ip.src, ip.dst, ip.payload) {
                Ok(udp) => {
                    let from = (ip.src, udp.src_port);
                    if !self.udp(plane, from, udp.dst_port, udp.payload) {
                        self.ip.unreachable(plane, &frame, packet::UNREACHABLE_PORT);
                    }
                }
                Err(_) => return plane.lost_at(self.node, frame, Loss::Malformed),
            },
            // An ICMP error is a hint: it never ends a connection that is being opened (RFC 1122
            // section 4.2.3.9), and the packet itself is in the record.
            Some(Protocol::Icmp) | None => {}
        }
        plane.recycle(frame);
    }

    fn segment(&mut self, plane: &mut Plane, frame: &Frame, from: Ipv4Addr, header: &TcpHeader, payload: &[u8]) {
        let key = Key { local_port: header.dst_port, remote: from, remote_port: header.src_port };
        if let Some(slot) = self.sockets.find(key) {
            let Some(mut conn) = self.sockets.take(slot) else { return };
            conn.tcp.handle_segment(&self.tcp, plane.now, header, payload);
            self.received(plane, frame, &conn);
            return self.exchange(plane, slot, conn);
        }
        let syn_only = header.flags.contains(TcpFlags::SYN) && !header.flags.contains(TcpFlags::ACK);
        if let Some(record) = self.sockets.find_time_wait(key) {
            if record.until > plane.now && !(syn_only && after(header.seq, record.rcv_nxt)) {
                return self.in_time_wait(plane, key, record, header, payload.len());
            }
            self.sockets.forget(key);
        }
        if syn_only && let Some(service) = self.sockets.listener(header.dst_port) {
            let id = frame.conn.map_or(ConnId(u32::MAX), |(id, _)| id);
            if service == Service::Door {
                return self.knock(plane, Incoming { key, syn: *header, id });
            }
            let iss = self.sockets.initial_sequence(plane.now, key);
            let tcp = tcp::Connection::accept(&self.tcp, header, iss, plane.now);
            let tls = self.programs.seals_from_start(&self.spec, service).then(|| Layer::wanted(true));
            let app = self.programs.accept(plane.now, service, id);
            let slot = self.open(tcp, app, key, (id, Side::Server), tls, "");
            let Some(conn) = self.sockets.take(slot) else { return };
            self.received(plane, frame, &conn);
            return self.pump(plane, slot, conn);
        }
        if header.flags.contains(TcpFlags::RST) {
            self.given_up(plane, key);
        }
        if let Some(reset) = tcp::reset_for(header, payload.len()) {
            let side = frame.conn.map(|(id, side)| (id, side.other()));
            self.send_alone(plane, from, &reset, side);
        }
    }

    /// A SYN has come to the door: whoever stands behind it has the answer. Until then it stays unanswered, and its
    /// sender may send it again.
    fn knock(&mut self, plane: &mut Plane, incoming: Incoming) {
        if self.sockets.incoming.values().any(|i| i.key == incoming.key) {
            return;
        }
        let session = self.programs.knocked();
        let port = incoming.syn.dst_port;
        self.sockets.incoming.insert(session, incoming);
        if let Some(outside) = &mut plane.outside {
            outside.push(Outside { host: self.node, session, port, event: raw::Event::Asked });
        }
    }

    /// Whoever came to the door and had no answer yet does not want one any more.
    fn given_up(&mut self, plane: &mut Plane, key: Key) {
        let session = self.sockets.incoming.iter().find(|(_, i)| i.key == key).map(|(session, _)| *session);
        let Some(session) = session else { return };
        self.sockets.incoming.remove(&session);
        if let Some(outside) = &mut plane.outside {
            outside.push(Outside { host: self.node, session, port: key.local_port, event: raw::Event::Broken });
        }
    }

    /// The connection that came to the door is taken, or refused as if nobody listened there.
    fn answer(&mut self, plane: &mut Plane, session: RawSession, takes: bool) {
        let Some(Incoming { key, syn, id }) = self.sockets.incoming.remove(&session) else { return };
        if !takes {
            if let Some(reset) = tcp::reset_for(&syn, 0) {
                self.send_alone(plane, key.remote, &reset, Some((id, Side::Server)));
            }
            return;
        }
        let iss = self.sockets.initial_sequence(plane.now, key);
        let tcp = tcp::Connection::accept(&self.tcp, &syn, iss, plane.now);
        let app = App::Raw(Box::new(RawEnd { engine: raw::Endpoint::new(), session, port: key.local_port }));
        let slot = self.open(tcp, app, key, (id, Side::Server), None, "");
        self.programs.raw.insert(session, (id, slot));
        if let Some(conn) = self.sockets.take(slot) {
            self.pump(plane, slot, conn);
        }
    }

    /// RFC 9293 section 3.10.7.4 for TIME-WAIT: a FIN sent again is acknowledged again and starts the
    /// wait anew; anything else that is not acceptable is acknowledged too; RST ends it.
    fn in_time_wait(&mut self, plane: &mut Plane, key: Key, mut record: TimeWait, header: &TcpHeader, length: usize) {
        if header.flags.contains(TcpFlags::RST) {
            return self.sockets.forget(key);
        }
        let fin = header.flags.contains(TcpFlags::FIN);
        if length == 0 && !fin && !header.flags.contains(TcpFlags::SYN) {
            return;
        }
        if fin {
            record.until = plane.now + self.tcp.time_wait;
            self.sockets.remember(key, record);
        }
        let ack = TcpHeader {
            src_port: key.local_port,
            dst_port: key.remote_port,
            seq: record.snd_nxt,
            ack: record.rcv_nxt,
            flags: TcpFlags::ACK,
            window: u16::MAX,
            ..TcpHeader::default()
        };
        self.send_alone(plane, key.remote, &ack, Some((record.id, record.side)));
    }

    fn received(&mut self, plane: &mut Plane, frame: &Frame, conn: &Conn) {
        if let (true, Some(packet)) = (plane.records_packets(), frame.packet) {
            let view = plane.log.add_view(&conn.tcp.view(), packet, plane.now);
            plane.note(self.node, Fact::tcp_received(view));
        }
    }

    fn open(
        &mut self,
        tcp: tcp::Connection,
        app: App,
        key: Key,
        (id, side): (ConnId, Side),
        tls: Option<Box<Layer>>,
        peer: &str,
    ) -> u32 {
        self.sockets.insert(Box::new(Conn {
            tcp,
            app,
            key,
            id,
            side,
            granted: 0,
            armed: Instant::FAR_FUTURE,
            app_wait: None,
            waits: None,
            armed_by: None,
            life: 0,
            closed: Closed::Fin,
            tls,
            peer: peer.into(),
        }))
    }

    /// Opens a connection for a program.
    pub fn connect(&mut self, plane: &mut Plane, to: &Peer, app: App) {
        let (remote, remote_port) = (to.address, to.port);
        self.sockets.expire(plane.now);
        let Some(local_port) = self.sockets.free_port(plane.now, remote, remote_port) else {
            return self.programs.not_connected(plane, self.node, app, "no free port");
        };
        let key = Key { local_port, remote, remote_port };
        self.sockets.forget(key);
        let iss = self.sockets.initial_sequence(plane.now, key);
        let id = plane.log.add_connection(Connection {
            client: self.node,
            client_addr: (self.address(), local_port),
            server: plane.fixed.owners.get(&remote).copied(),
            server_addr: (remote, remote_port),
            opened: plane.now,
        });
        plane.note(self.node, Fact::tcp_open(id));
        let tcp = tcp::Connection::connect(&self.tcp, local_port, remote_port, iss, plane.now);
        let tls = to.tls.then(|| Layer::wanted(true));
        let slot = self.open(tcp, app, key, (id, Side::Client), tls, &to.name);
        if let Some(conn) = self.sockets.take(slot) {
            self.programs.opened(&conn.app, slot, id);
            self.pump(plane, slot, conn);
        }
    }

    /// As [`Host::exchange`], after the program was told something.
    fn pump(&mut self, plane: &mut Plane, slot: u32, mut conn: Box<Conn>) {
        self.run_app(plane, &mut conn);
        self.exchange(plane, slot, conn);
    }

    /// Hands everything that TCP and the program have for each other over, until both wait.
    fn exchange(&mut self, plane: &mut Plane, slot: u32, mut conn: Box<Conn>) {
        let wait = loop {
            match conn.tcp.poll(&self.tcp, plane.now) {
                tcp::Output::Event(event) => self.tcp_event(plane, &mut conn, event),
                tcp::Output::Segment(segment) => {
                    let (range, again) = (segment.stream, segment.retransmission.is_some());
                    let payload = conn.tcp.payload(range.clone());
                    let mut frame = self.frame_of(plane, conn.key.remote, &segment.header, payload);
                    frame.conn = Some((conn.id, conn.side));
                    frame.stream.0 = range.start;
                    plane.log.counters.retransmissions += u64::from(again);
                    let before = plane.cause;
                    if plane.records_packets() {
                        let packet = plane.record_lent(&mut frame, conn.tcp.lent(range));
                        let view = plane.log.add_view(&conn.tcp.view(), packet, plane.now);
                        plane.note(self.node, Fact::tcp_sent(view, again));
                    }
                    self.ip.output(plane, frame);
                    // What follows is caused by what came before, not by the sending of this segment.
                    plane.cause = before;
                }
                tcp::Output::Wait(wait) => break wait,
            }
        };
        if conn.tcp.state() == tcp::State::TimeWait {
            let view = conn.tcp.view();
            let until = plane.now + self.tcp.time_wait;
            let record = TimeWait { until, snd_nxt: view.snd_nxt, rcv_nxt: view.rcv_nxt, id: conn.id, side: conn.side };
            self.sockets.remember(conn.key, record);
            return self.end(plane, slot, conn);
        }
        if conn.tcp.is_finished() {
            return self.end(plane, slot, conn);
        }
        let wait = match (wait, conn.app_wait) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if wait != conn.waits {
            conn.waits = wait;
            conn.armed_by = plane.arming().or(conn.armed_by);
        }
        let event = Event::Connection { node: self.node, slot, life: conn.life };
        plane.arm(&mut conn.armed, wait, event);
        self.sockets.put(slot, conn);
    }

    fn end(&mut self, plane: &mut Plane, slot: u32, mut conn: Box<Conn>) {
        plane.note(self.node, Fact::tcp_closed(conn.id, conn.side, conn.closed));
        self.sockets.remove(slot, conn.key);
        if let App::Raw(end) = &conn.app {
            self.programs.raw_is_over(end.session, conn.id);
        }
        conn.app = App::None;
    }

    fn tcp_event(&mut self, plane: &mut Plane, conn: &mut Conn, event: tcp::Event) {
        match event {
            tcp::Event::State { from, to } => {
                if plane.records() {
                    let fact = plane.log.add_state(conn.id, conn.side, from, to);
                    plane.note(self.node, fact);
                }
                return;
            }
            tcp::Event::Connected => {
                plane.note(self.node, Fact::tcp_established(conn.id, conn.side));
                self.programs.connected(plane, self.node, conn);
                // Where TLS comes first, the program hears of both together.
                if conn.tls.is_none() {
                    conn.app.connected(plane.now);
                }
                conn.grant(plane.now, &self.tcp);
            }
            // Nobody takes it: the window closes.
            tcp::Event::Received { .. } if !conn.app.reads() => return,
            tcp::Event::Received { .. } => {
                match &mut conn.tls {
                    Some(layer) if !layer.is_wanted() => layer.bytes(conn.tcp.received()),
                    _ => conn.app.bytes(plane.now, conn.tcp.received()),
                }
                let n = conn.tcp.received().len();
                conn.tcp.consume(&self.tcp, n);
            }
            tcp::Event::Writable => {
                if let Some(layer) = &mut conn.tls {
                    layer.flush(&mut conn.tcp, &self.tcp);
                }
                conn.grant(plane.now, &self.tcp);
            }
            tcp::Event::PeerClosed => match &mut conn.tls {
                // It has said so before, sealed.
                Some(layer) if layer.peer_closed => {}
                Some(layer) if !layer.was_secured => {
                    let why = "the connection was closed before TLS was there";
                    layer.peer_closed = true;
                    plane.note_tls(self.node, (conn.id, conn.side), Err(why));
                    conn.app.not_secured(plane.now, why);
                }
                _ => conn.app.peer_closed(plane.now),
            },
            tcp::Event::Reset | tcp::Event::TimedOut => {
                let established = conn.tcp.was_established();
                let (how, reason) = match (event, established) {
                    (tcp::Event::Reset, false) => (Closed::Rst, "connection refused"),
                    (tcp::Event::Reset, true) => (Closed::Rst, "connection reset"),
                    (_, false) => (Closed::Timeout, "no answer to the SYN"),
                    (_, true) => (Closed::Timeout, "no answer any more"),
                };
                conn.closed = how;
                self.programs.broken(plane, self.node, conn, established, reason);
            }
            tcp::Event::Timer(timer) if plane.records_packets() => {
                let view = plane.log.add_timer_view(&conn.tcp.view(), conn.id, plane.now);
                return plane.note(self.node, Fact::tcp_timer(view, conn.side, timer));
            }
            // The program has no part in these.
            tcp::Event::Timer(_) | tcp::Event::Closed | tcp::Event::Dropped { .. } => return,
        }
        self.run_app(plane, conn);
    }

    fn run_app(&mut self, plane: &mut Plane, conn: &mut Conn) {
        self.programs.run(plane, &self.spec, &self.tcp, self.node, conn);
    }

    /// A frame with this segment, which is counted as sent.
    fn frame_of(&mut self, plane: &mut Plane, to: Ipv4Addr, header: &TcpHeader, payload: (&[u8], &[u8])) -> Box<Frame> {
        let fields = Ipv4Fields { src: self.address(), dst: to, id: self.ip.identification(), ..Ipv4Fields::default() };
        let mut frame = plane.frame();
        packet::write_tcp(&mut frame.bytes, &fields, header, payload);
        frame.stream = (0, (payload.0.len() + payload.1.len()) as u32);
        plane.log.counters.segments += 1;
        frame
    }

    /// Sends a segment without data for which there is no connection here, or none any more.
    fn send_alone(&mut self, plane: &mut Plane, to: Ipv4Addr, header: &TcpHeader, conn: Option<(ConnId, Side)>) {
        let mut frame = self.frame_of(plane, to, header, (&[], &[]));
        frame.conn = conn;
        let before = plane.cause;
        self.ip.output(plane, frame);
        plane.cause = before;
    }

    /// A timer of a connection.
    pub fn connection_due(&mut self, plane: &mut Plane, slot: u32, life: u32) {
        // Another call is pending for a later armed moment: this one is out of date.
        let Some(conn) = self.sockets.get(slot).filter(|c| c.life == life && c.armed <= plane.now) else { return };
        plane.cause = match conn.armed_by {
            Some(armed_by) => crate::trace::Cause::Timer { armed_by },
            None => crate::trace::Cause::Start,
        };
        let Some(mut conn) = self.sockets.take(slot) else { return };
        conn.armed = Instant::FAR_FUTURE;
        conn.tcp.handle_timeout(&self.tcp, plane.now);
        if conn.app_wait.is_some_and(|at| at <= plane.now) {
            conn.app_wait = None;
            conn.app.timeout(plane.now);
        }
        self.pump(plane, slot, conn);
        self.settle_if_stirred(plane);
    }

    /// Most segments only carry an acknowledgement or a piece of a letter: then no program has anything to do, and
    /// their memory is left alone.
    fn settle_if_stirred(&mut self, plane: &mut Plane) {
        if self.programs.stirred {
            self.settle(plane);
        }
    }

    /// Carries out what the programs want done, until they wait.
    pub fn settle(&mut self, plane: &mut Plane) {
        loop {
            self.programs.poll(plane, self.node);
            let Some((cause, effect)) = self.programs.effects.pop_front() else { break };
            plane.cause = cause;
            match effect {
                Effect::Connect { to, app } => self.connect(plane, &to, *app),
                Effect::Touch(slot, touch) => {
                    if let Some(mut conn) = self.sockets.take(slot) {
                        conn.app.touch(plane.now, touch);
                        self.pump(plane, slot, conn);
                    }
                }
                Effect::TouchServer(id, touch) => {
                    if let Some(slot) = self.sockets.server_end(id)
                        && let Some(mut conn) = self.sockets.take(slot)
                    {
                        conn.app.touch(plane.now, touch);
                        self.pump(plane, slot, conn);
                    }
                }
                Effect::Raw { id, slot, touch } => self.raw(plane, id, slot, touch),
                Effect::Answer { session, takes } => self.answer(plane, session, takes),
                Effect::Say { id, agent, commands } => {
                    let conn = self.sockets.slot_of(id).and_then(|slot| Some((slot, self.sockets.take(slot)?)));
                    let Some((slot, mut conn)) = conn else {
                        self.programs.read(plane.now, agent, commands);
                        continue;
                    };
                    let said = conn.app.say(plane.now, &commands);
                    self.pump(plane, slot, conn);
                    if !said {
                        self.programs.read(plane.now, agent, commands);
                    }
                }
                Effect::Look => {
                    for id in self.programs.idling.clone() {
                        let Some(slot) = self.sockets.slot_of(id) else { continue };
                        let Some(mut conn) = self.sockets.take(slot) else { continue };
                        plane.cause = cause;
                        conn.app.look();
                        self.pump(plane, slot, conn);
                    }
                }
                Effect::Datagram { to, to_port, from_port, bytes } => {
                    self.send_udp(plane, to, to_port, from_port, &bytes);
                }
            }
        }
        self.programs.stirred = false;
        let wait = self.programs.wait();
        if wait != self.programs.waits {
            self.programs.waits = wait;
            self.programs.armed_by = plane.arming().or(self.programs.armed_by);
        }
        plane.arm(&mut self.armed, wait, Event::Node(self.node));
    }

    /// Something is done on a connection whose bytes come from elsewhere. `None`: what has come in is taken.
    fn raw(&mut self, plane: &mut Plane, id: ConnId, slot: u32, touch: Option<Touch>) {
        if self.sockets.get(slot).is_none_or(|conn| conn.id != id) {
            return;
        }
        let Some(mut conn) = self.sockets.take(slot) else { return };
        match touch {
            Some(touch) => {
                if matches!(touch, Touch::Raw(RawTouch::Reset)) {
                    conn.closed = Closed::Rst;
                }
                conn.app.touch(plane.now, touch);
            }
            None => {
                if let App::Raw(end) = &mut conn.app {
                    end.engine.read_on();
                }
                let length = conn.tcp.received().len();
                if length > 0 {
                    conn.app.bytes(plane.now, conn.tcp.received());
                    conn.tcp.consume(&self.tcp, length);
                }
                if let App::Raw(end) = &mut conn.app {
                    end.engine.caught_up();
                }
            }
        }
        self.pump(plane, slot, conn);
    }

    /// A timer of the neighbours or the programs.
    pub fn due(&mut self, plane: &mut Plane) {
        if !self.up {
            return;
        }
        self.ip.due(plane);
        if self.armed <= plane.now {
            self.armed = Instant::FAR_FUTURE;
            if let Some(armed_by) = self.programs.armed_by {
                plane.cause = crate::trace::Cause::Timer { armed_by };
            }
            self.programs.due(plane.now);
        }
        self.settle(plane);
    }

    fn udp(&mut self, plane: &mut Plane, from: (Ipv4Addr, u16), port: u16, payload: &[u8]) -> bool {
        let serves_dns = self.sockets.listeners.iter().any(|(_, s)| *s == Service::Dns);
        self.programs.datagram(plane, &self.spec, serves_dns, from, port, payload)
    }

    fn send_udp(&mut self, plane: &mut Plane, to: Ipv4Addr, to_port: u16, from_port: u16, bytes: &[u8]) {
        let fields = Ipv4Fields { src: self.address(), dst: to, id: self.ip.identification(), ..Ipv4Fields::default() };
        let datagram = packet::build_udp(&fields, from_port, to_port, bytes);
        let before = plane.cause;
        self.ip.output(plane, Frame::new(datagram, false));
        plane.cause = before;
    }

    /// The run begins: services listen, and what was there before is told.
    pub fn begin(&mut self, plane: &mut Plane) {
        plane.cause = crate::trace::Cause::Start;
        if self.up {
            self.sockets.listeners = self.programs.services(&self.spec);
        }
        self.settle(plane);
    }

    /// Something a user or a script does here. On a computer that is off nothing can be done but switch it
    /// on.
    pub fn act(&mut self, plane: &mut Plane, action: &Action) {
        match action {
            Action::PowerOff(_) => return self.power_off(plane),
            Action::PowerOn(_) => return self.power_on(plane),
            _ if !self.up => return,
            Action::StopService(_, service) => return self.stop(plane, *service),
            Action::StartService(_, service) => self.start(*service),
            Action::Force { rule, .. } => self.force(plane, rule),
            _ => self.programs.act(plane, self.node, action),
        }
        self.settle(plane);
    }

    /// The SMTP server asks before each command from now on, on open connections too.
    fn force(&mut self, plane: &Plane, rule: &Arc<CommandRule>) {
        self.programs.rules.push(Forced { rule: Arc::clone(rule), seen: 0, cause: plane.cause });
        for slot in self.sockets.slots() {
            if let Some(App::SmtpServer(engine)) = self.sockets.get_mut(slot).map(|conn| &mut conn.app) {
                engine.watch();
            }
        }
    }

    /// Switches the computer off: what is in memory is gone, what is on disk stays.
    fn power_off(&mut self, plane: &mut Plane) {
        self.up = false;
        // The call that is pending finds the computer off and is not made again: the next one to be asked for
        // must not be taken for a later one.
        self.armed = Instant::FAR_FUTURE;
        self.sockets.power_off();
        self.ip.power_off();
        self.programs.power_off(plane, self.node);
    }

    /// Switches it on: its services listen again.
    pub fn power_on(&mut self, plane: &mut Plane) {
        if !self.up {
            self.up = true;
            self.sockets.listeners = self.programs.services(&self.spec);
            self.programs.restart(plane.now);
            self.settle(plane);
        }
    }

    /// Ends a service: nobody listens any more, and its connections are reset, as the system does for a
    /// program that is killed.
    pub fn stop(&mut self, plane: &mut Plane, service: Service) {
        self.sockets.listeners.retain(|(_, s)| *s != service);
        for slot in self.sockets.slots() {
            if self.sockets.get(slot).is_some_and(|c| c.app.service() == Some(service)) {
                let Some(mut conn) = self.sockets.take(slot) else { continue };
                conn.app = App::None;
                if let Some(mail) = &mut self.programs.mail {
                    mail.session_over(conn.id);
                }
                self.programs.release_maildrop(conn.id);
                conn.closed = Closed::Rst;
                conn.tcp.abort();
                self.pump(plane, slot, conn);
            }
        }
        self.settle(plane);
    }

    /// Starts a service.
    pub fn start(&mut self, service: Service) {
        let services = self.programs.services(&self.spec);
        self.sockets.listeners.retain(|(_, s)| *s != service);
        self.sockets.listeners.extend(services.into_iter().filter(|(_, s)| *s == service));
    }
}

/// Sequence number order (RFC 9293 section 3.4).
fn after(a: u32, b: u32) -> bool {
    a.wrapping_sub(b) as i32 > 0
}
