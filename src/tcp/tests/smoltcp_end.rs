//! smoltcp's whole stack as an end of the [rough network](super::rough).

use std::collections::VecDeque;

use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::socket::tcp;
use smoltcp::time::Instant as SmolInstant;
use smoltcp::wire::{HardwareAddress, IpCidr};

use super::rough::{CLIENT, CLIENT_PORT, Dice, End, SERVER, SERVER_PORT, Socket};
use crate::time::{Duration, Instant};

/// A cable: packets in, packets out.
struct Cable {
    inward: VecDeque<Vec<u8>>,
    outward: Vec<Vec<u8>>,
    mtu: usize,
}

struct Received(Vec<u8>);
struct Sending<'a>(&'a mut Vec<Vec<u8>>);

impl RxToken for Received {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

impl TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        let mut bytes = vec![0; len];
        let result = f(&mut bytes);
        self.0.push(bytes);
        result
    }
}

impl Device for Cable {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, _: SmolInstant) -> Option<(Received, Sending<'_>)> {
        let bytes = self.inward.pop_front()?;
        Some((Received(bytes), Sending(&mut self.outward)))
    }

    fn transmit(&mut self, _: SmolInstant) -> Option<Sending<'_>> {
        Some(Sending(&mut self.outward))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut c = DeviceCapabilities::default();
        c.medium = Medium::Ip;
        c.max_transmission_unit = self.mtu;
        c
    }
}

pub(super) struct SmoltcpEnd {
    cable: Cable,
    interface: Interface,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
    opened: bool,
}

/// smoltcp's clock counts microseconds.
fn clock(now: Instant) -> SmolInstant {
    SmolInstant::from_micros((now.as_nanos() / 1000) as i64)
}

impl SmoltcpEnd {
    pub fn new(
        server: bool,
        mss: u16,
        send_buffer: usize,
        receive_buffer: usize,
        dice: &mut Dice,
        now: Instant,
    ) -> Self {
        let mut cable = Cable { inward: VecDeque::new(), outward: vec![], mtu: usize::from(mss) + 40 };
        let mut config = Config::new(HardwareAddress::Ip);
        config.random_seed = dice.between(0, u64::MAX - 1);
        let mut interface = Interface::new(config, &mut cable, clock(now));
        let own = if server { SERVER } else { CLIENT };
        interface.update_ip_addrs(|a| a.push(IpCidr::new(own.into(), 24)).expect("one address fits"));
        let buffer = |n| tcp::SocketBuffer::new(vec![0; n]);
        let mut socket = tcp::Socket::new(buffer(receive_buffer), buffer(send_buffer));
        socket.set_nagle_enabled(dice.percent(50));
        if dice.percent(30) {
            socket.set_ack_delay(None);
        }
        if server {
            socket.listen(SERVER_PORT).expect("the port is free");
        } else {
            socket.connect(interface.context(), (SERVER, SERVER_PORT), CLIENT_PORT).expect("it can be reached");
        }
        let mut sockets = SocketSet::new(vec![]);
        let handle = sockets.add(socket);
        SmoltcpEnd { cable, interface, sockets, handle, opened: false }
    }

    fn socket(&self) -> &tcp::Socket<'static> {
        self.sockets.get(self.handle)
    }

    fn socket_mut(&mut self) -> &mut tcp::Socket<'static> {
        self.sockets.get_mut(self.handle)
    }

    fn poll(&mut self, now: Instant) {
        loop {
            let before = self.cable.outward.len();
            self.interface.poll(clock(now), &mut self.cable, &mut self.sockets);
            if self.cable.outward.len() == before {
                break;
            }
        }
        self.opened |= self.socket().may_send();
    }
}

impl Socket for SmoltcpEnd {
    fn open(&self) -> bool {
        self.opened
    }
    fn write(&mut self, bytes: &[u8]) -> usize {
        self.socket_mut().send_slice(bytes).unwrap_or(0)
    }
    fn room(&self) -> usize {
        let s = self.socket();
        if s.may_send() { s.send_capacity() - s.send_queue() } else { 0 }
    }
    fn read(&mut self, most: usize) -> Vec<u8> {
        let n = most.min(self.unread());
        let mut bytes = vec![0; n];
        let n = self.socket_mut().recv_slice(&mut bytes).unwrap_or(0);
        bytes.truncate(n);
        bytes
    }
    fn unread(&self) -> usize {
        self.socket().recv_queue()
    }
    fn at_end(&self) -> bool {
        self.opened && !self.socket().may_recv()
    }
    fn close(&mut self) {
        self.socket_mut().close();
    }
    fn over(&self) -> bool {
        self.opened && matches!(self.socket().state(), tcp::State::Closed | tcp::State::TimeWait)
    }
    fn unsent(&self) -> usize {
        self.socket().send_queue()
    }
    fn listens(&self) -> bool {
        false
    }
    fn describe(&self) -> String {
        let s = self.socket();
        format!("smoltcp {} unread {} unsent {}", s.state(), s.recv_queue(), s.send_queue())
    }
}

impl End for SmoltcpEnd {
    fn packet(&mut self, now: Instant, bytes: &[u8]) {
        self.cable.inward.push_back(bytes.to_vec());
        self.poll(now);
    }
    fn timeout(&mut self, now: Instant) {
        self.poll(now);
    }
    fn flush(&mut self, now: Instant, out: &mut Vec<Vec<u8>>) -> bool {
        self.poll(now);
        out.append(&mut self.cable.outward);
        false
    }
    fn wake(&mut self, now: Instant) -> Option<Instant> {
        let at = self.interface.poll_at(clock(now), &self.sockets)?;
        let at = Instant::from_nanos((at.total_micros().max(0) as u64).saturating_mul(1000));
        // "Now" has just been polled away: whatever it still wants, it waits for something else.
        Some(at.max(now + Duration::from_millis(1)))
    }
}
