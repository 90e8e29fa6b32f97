//! What is sent next: resets, SYNs, repairs, probes, new data, the FIN, acknowledgements, in this order
//! (RFC 9293 section 3.8).

use super::connection::{Owed, Slow, receive_capacity};
use super::event::{Event, Output, Pending, Segment};
use super::{Config, Connection, Retransmission, State, wire};
use crate::packet::{TcpFlags, TcpHeader};
use crate::time::Instant;

impl Connection {
    /// The next thing it wants: events before segments, `Wait` at the end.
    pub fn poll(&mut self, cfg: &Config, now: Instant) -> Output {
        if let Some(event) = self.events.pop() {
            return Output::Event(self.event(event));
        }
        if let Some(number) = self.refuse.take() {
            return Output::Segment(self.reset(number));
        }
        let segment = match self.state() {
            State::Closed | State::Listen => return Output::Wait(None),
            State::SynSent | State::SynReceived => self.syn(cfg, now),
            State::TimeWait => None,
            _ => self.repair(now, cfg).or_else(|| self.fresh(cfg, now)),
        };
        if let Some(segment) = segment {
            return Output::Segment(segment);
        }
        // A change of state on the way to the FIN is told before anything else.
        if self.owed == Owed::Now && !matches!(self.state(), State::SynSent | State::SynReceived) {
            let header = self.header(cfg, self.max, TcpFlags::ACK);
            return Output::Segment(Segment { header, stream: 0..0, retransmission: None });
        }
        let acknowledge = if self.owed == Owed::Later { self.ack_at } else { Instant::FAR_FUTURE };
        let at = self.slow_at.min(acknowledge);
        Output::Wait((at < Instant::FAR_FUTURE).then_some(at))
    }

    fn event(&mut self, event: Pending) -> Event {
        match event {
            Pending::State { from, to } => Event::State { from, to },
            Pending::Connected => Event::Connected,
            Pending::Received => {
                let next = self.inbox.next();
                let from = std::mem::replace(&mut self.told, next);
                Event::Received { stream: from - 1..next - 1 }
            }
            Pending::Writable => Event::Writable,
            Pending::PeerClosed => Event::PeerClosed,
            Pending::Closed => Event::Closed,
            Pending::Reset => Event::Reset,
            Pending::TimedOut => Event::TimedOut,
            Pending::Timer(kind) => Event::Timer(kind),
            Pending::Dropped(reason) => Event::Dropped { reason },
        }
    }

    /// A reset with this number; it acknowledges too if the peer's numbers are known.
    fn reset(&mut self, number: u32) -> Segment {
        let mut header = TcpHeader {
            src_port: self.local_port,
            dst_port: self.remote_port,
            seq: number,
            flags: TcpFlags::RST,
            ..TcpHeader::default()
        };
        if self.edge > 0 {
            header.flags = TcpFlags::RST | TcpFlags::ACK;
            header.ack = wire::number(self.irs, self.rcv_nxt());
        }
        Segment { header, stream: 0..0, retransmission: None }
    }

    /// SYN or SYN,ACK, when there is one to be sent.
    fn syn(&mut self, cfg: &Config, now: Instant) -> Option<Segment> {
        let repeated = self.resend.take();
        if self.nxt > 0 && repeated.is_none() {
            return None;
        }
        let again = (self.max > 0).then_some(repeated.unwrap_or(Retransmission::Timeout));
        if again.is_none() {
            self.timed = (1, now);
            self.waiting_since = now;
        }
        (self.nxt, self.max, self.last_sent) = (1, 1, now);
        if self.slow == Slow::Off {
            self.arm_retransmission(cfg, now);
        }
        let mut header = TcpHeader {
            src_port: self.local_port,
            dst_port: self.remote_port,
            seq: self.iss,
            flags: TcpFlags::SYN,
            window: receive_capacity(cfg) as u16,
            mss: Some(cfg.mss),
            sack_permitted: self.sack,
            ..TcpHeader::default()
        };
        if self.state() == State::SynReceived {
            header.flags = TcpFlags::SYN | TcpFlags::ACK;
            header.ack = wire::number(self.irs, self.rcv_nxt());
            self.owed = Owed::Nothing;
        }
        Some(Segment { header, stream: 0..0, retransmission: again })
    }

    /// What is sent again because a loss was found.
    fn repair(&mut self, now: Instant, cfg: &Config) -> Option<Segment> {
        if let Some(kind) = self.resend.take() {
            let hole = self.board.as_ref().map_or(u64::MAX, |b| b.next_start(self.una));
            let end = (self.una + self.room()).min(self.max).min(hole).min(self.out.end());
            if let Some(board) = &mut self.board {
                board.high_rxt = board.high_rxt.max(end);
            }
            return self.again(cfg, now, self.una, end, kind);
        }
        if !(self.sack && self.congestion.recovering) {
            return None;
        }
        // RFC 6675 section 5, step C.
        let mss = u64::from(self.mss);
        let board = self.board.as_mut()?;
        if u64::from(self.congestion.cwnd) < board.pipe(self.una, self.max, mss) + mss {
            return None;
        }
        let (at, hole_end) = board.next_hole(self.una)?;
        let end = (at + self.room()).min(hole_end).min(self.out.end());
        if end <= at {
            return None;
        }
        if let Some(board) = &mut self.board {
            board.high_rxt = board.high_rxt.max(end);
        }
        self.again(cfg, now, at, end, Retransmission::Recovery)
    }

    /// Sends positions `at` to `end` again, or the FIN if it is the FIN that is missing.
    fn again(&mut self, cfg: &Config, now: Instant, at: u64, end: u64, kind: Retransmission) -> Option<Segment> {
        if at >= end && !(at == self.out.end() && self.fin_sent()) {
            return None;
        }
        self.timed.0 = 0;
        self.sent(cfg, now);
        let mut segment = self.data(cfg, at, end);
        if at >= end {
            segment.header.flags = TcpFlags::FIN | TcpFlags::ACK;
        }
        segment.retransmission = Some(kind);
        Some(segment)
    }

    /// Data from `nxt` on, as far as the windows allow; then the FIN.
    fn fresh(&mut self, cfg: &Config, now: Instant) -> Option<Segment> {
        if self.nxt < self.out.end() {
            return self.next_data(cfg, now);
        }
        self.probe = false;
        if !self.closing || self.nxt > self.out.end() {
            return None;
        }
        let again = self.fin_sent().then_some(Retransmission::Timeout);
        if self.state() == State::CloseWait {
            self.set_state(State::LastAck);
        }
        let at = self.nxt;
        self.nxt += 1;
        if self.nxt > self.max {
            if self.una == self.max {
                self.waiting_since = now;
            }
            self.max = self.nxt;
            if self.timed.0 == 0 {
                self.timed = (self.max, now);
            }
        }
        self.sent(cfg, now);
        let header = self.header(cfg, at, TcpFlags::FIN | TcpFlags::ACK);
        Some(Segment { header, stream: at - 1..at - 1, retransmission: again })
    }

    fn next_data(&mut self, cfg: &Config, now: Instant) -> Option<Segment> {
        let mss = self.room();
        let available = self.out.end() - self.nxt;
        let in_flight = self.max - self.una;
        if in_flight == 0 && self.retries == 0 && now.since(self.last_sent) > self.rtt.rto() {
            self.congestion.restart_after_idle(cfg, u32::from(self.mss));
        }
        let allowed = self.allowed();
        let mut length = mss.min(available).min(allowed);
        if std::mem::take(&mut self.probe) && length < mss.min(available) {
            // Zero window probe: what fits, at least a byte (RFC 9293 section 3.8.6.1).
            length = length.max(1);
            return Some(self.send_probe(cfg, now, length));
        }
        // RFC 9293 section 3.8.6.2.1, and 3.7.4 (Nagle) if asked for.
        let whole = length == mss;
        let last = length == available && (!cfg.nagle || in_flight == 0 || self.closing || self.nxt < self.max);
        let much = length > 0 && length >= u64::from(self.max_wnd / 2);
        let repair = length > 0 && self.nxt < self.max && !self.probed;
        if length == 0 || !(whole || last || much || repair) {
            let nothing_under_way = in_flight == 0 || self.probed;
            let held_by_nagle = length == available;
            if nothing_under_way && !held_by_nagle && self.slow != Slow::Persist {
                if self.slow == Slow::Off {
                    self.waiting_since = now;
                    self.retries = 0;
                }
                self.arm_persist(cfg, now);
            }
            return None;
        }
        let (at, end) = (self.nxt, self.nxt + length);
        let again =
            (at < self.max).then_some(if self.probed { Retransmission::Probe } else { Retransmission::Timeout });
        self.nxt = end;
        if end > self.max {
            if in_flight == 0 || self.probed {
                self.waiting_since = now;
            }
            if self.congestion.duplicates > 0 && !self.congestion.recovering {
                self.congestion.limited += (end - self.max) as u32;
            }
            self.max = end;
            self.probed = false;
            if again.is_none() && self.timed.0 == 0 {
                self.timed = (end, now);
            }
        }
        self.sent(cfg, now);
        let mut segment = self.data(cfg, at, end);
        segment.retransmission = again;
        Some(segment)
    }

    fn send_probe(&mut self, cfg: &Config, now: Instant, length: u64) -> Segment {
        let (at, end) = (self.nxt, self.nxt + length);
        let again = (at < self.max).then_some(Retransmission::Probe);
        if end > self.max {
            self.max = end;
            self.probed = true;
        }
        self.last_sent = now;
        let mut segment = self.data(cfg, at, end);
        segment.retransmission = again;
        segment
    }

    /// How many bytes from `nxt` on both windows allow.
    fn allowed(&self) -> u64 {
        let under_way = self.nxt - self.una;
        let offered = u64::from(self.wnd).saturating_sub(under_way);
        let c = &self.congestion;
        if self.sack && c.recovering {
            let pipe = self.board.as_ref().map_or(under_way, |b| b.pipe(self.una, self.max, u64::from(self.mss)));
            let room = u64::from(c.cwnd).saturating_sub(pipe);
            return offered.min(if room >= u64::from(self.mss) { room } else { 0 });
        }
        // Limited transmit (RFC 3042): a new segment for each of the first two duplicates.
        let early = self.nxt == self.max && !c.recovering && self.una > c.recover;
        let more = if early { u64::from(c.duplicates.min(2)) * u64::from(self.mss) } else { 0 };
        offered.min((u64::from(c.cwnd) + more).saturating_sub(under_way))
    }

    /// Data or a FIN leaves: the timer runs from now if it did not (RFC 6298 section 5.1).
    fn sent(&mut self, cfg: &Config, now: Instant) {
        self.last_sent = now;
        if self.slow != Slow::Retransmission {
            self.arm_retransmission(cfg, now);
        }
    }

    /// Bytes of data that fit into a segment with the options it will have.
    fn room(&self) -> u64 {
        let blocks = if self.sack { self.inbox.ranges().len().min(3) as u64 } else { 0 };
        let options = if blocks > 0 { 4 + 8 * blocks } else { 0 };
        u64::from(self.mss).saturating_sub(options).max(1)
    }

    fn data(&mut self, cfg: &Config, at: u64, end: u64) -> Segment {
        let flags = if end == self.out.end() { TcpFlags::PSH | TcpFlags::ACK } else { TcpFlags::ACK };
        let header = self.header(cfg, at, flags);
        Segment { header, stream: at - 1..end.max(at) - 1, retransmission: None }
    }

    /// A header at position `at`; it carries whatever acknowledgement is owed.
    fn header(&mut self, cfg: &Config, at: u64, flags: TcpFlags) -> TcpHeader {
        self.offer(cfg);
        self.owed = Owed::Nothing;
        self.unacked = 0;
        let mut header = TcpHeader {
            src_port: self.local_port,
            dst_port: self.remote_port,
            seq: wire::number(self.iss, at),
            ack: wire::number(self.irs, self.rcv_nxt()),
            flags,
            window: self.rcv_wnd().min(u32::from(u16::MAX)) as u16,
            ..TcpHeader::default()
        };
        if self.sack {
            for (slot, (start, end)) in header.sack.iter_mut().zip(self.inbox.ranges()) {
                *slot = Some((wire::number(self.irs, *start), wire::number(self.irs, *end)));
            }
        }
        header
    }

    /// Where the window's right edge could be.
    fn possible_edge(&self, cfg: &Config) -> u64 {
        let free = u64::from(receive_capacity(cfg)).saturating_sub(self.inbox.ready().len() as u64);
        self.inbox.next() + free
    }

    /// Moves the right edge if that is worth saying (RFC 9293 section 3.8.6.2.2); it never moves back.
    fn offer(&mut self, cfg: &Config) {
        let possible = self.possible_edge(cfg);
        let step = u64::from(u32::from(cfg.mss).min(receive_capacity(cfg) / 2).max(1));
        if possible >= self.edge + step {
            self.edge = possible;
        }
    }

    /// The program has read: tell a peer that may be waiting for room.
    pub(super) fn consider_window_update(&mut self, cfg: &Config) {
        if !matches!(self.state(), State::Established | State::FinWait1 | State::FinWait2) || self.fin_taken {
            return;
        }
        let step = u64::from((2 * u32::from(cfg.mss)).min(receive_capacity(cfg) / 2).max(1));
        if self.possible_edge(cfg) >= self.edge + step {
            self.owed = Owed::Now;
        }
    }

    /// The number of a segment that carries nothing: SND.NXT.
    pub(super) fn sequence_for_nothing(&self) -> u32 {
        wire::number(self.iss, self.max)
    }
}
