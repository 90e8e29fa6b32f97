//! What is sent next (RFC 9293 section 3.8): data within both windows, probes, FIN, acknowledgements.

use super::connection::{Owed, Slow, receive_capacity};
use super::event::Pending;
use super::wire;
use super::{Config, Connection, Event, Output, Retransmission, Segment, State};
use crate::packet::{TcpFlags, TcpHeader};
use crate::time::Instant;

impl Connection {
    /// Gives out what there is, one thing at a time: events, then segments, then when to call
    /// [`Connection::handle_timeout`].
    pub fn poll(&mut self, cfg: &Config, now: Instant) -> Output {
        if let Some(event) = self.events.pop() {
            return Output::Event(self.told(event));
        }
        if let Some(segment) = self.next_segment(cfg, now) {
            return Output::Segment(segment);
        }
        self.settle_timers(cfg, now);
        let ack_at = if self.owed == Owed::Later { self.ack_at } else { Instant::FAR_FUTURE };
        let at = self.slow_at.min(ack_at);
        Output::Wait((at < Instant::FAR_FUTURE).then_some(at))
    }

    fn told(&mut self, event: Pending) -> Event {
        match event {
            Pending::State { from, to } => Event::State { from, to },
            Pending::Connected => Event::Connected,
            Pending::Received => {
                let from = std::mem::replace(&mut self.told, self.inbox.next());
                Event::Received { stream: from - 1..self.told - 1 }
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

    fn next_segment(&mut self, cfg: &Config, now: Instant) -> Option<Segment> {
        if let Some(seq) = self.refuse.take() {
            let (src_port, dst_port) = (self.local_port, self.remote_port);
            let header = TcpHeader { src_port, dst_port, seq, flags: TcpFlags::RST, ..TcpHeader::default() };
            return Some(Segment { header, stream: 0..0, retransmission: None });
        }
        match self.state() {
            State::Closed | State::Listen => None,
            State::SynSent | State::SynReceived if self.nxt == 0 => Some(self.syn(cfg, now)),
            State::SynSent => None,
            State::SynReceived | State::FinWait2 | State::TimeWait => self.lone_ack(cfg),
            State::Established | State::FinWait1 | State::CloseWait | State::Closing | State::LastAck => self
                .first_hole(cfg, now)
                .or_else(|| self.lost_hole(cfg, now))
                .or_else(|| self.new_data(cfg, now))
                .or_else(|| self.other_hole(cfg, now))
                .or_else(|| self.fin(cfg, now))
                .or_else(|| self.lone_ack(cfg)),
        }
    }

    // --- one kind of segment each ---

    /// SYN or SYN,ACK.
    fn syn(&mut self, cfg: &Config, now: Instant) -> Segment {
        let first = self.max == 0;
        let why = self.resend.take().unwrap_or(Retransmission::Timeout);
        (self.nxt, self.max) = (1, 1);
        self.timed = (u64::from(first), now);
        self.last_sent = now;
        if self.slow == Slow::Off || why == Retransmission::PeerRepeated {
            self.arm_retransmission(cfg, now);
        }
        let mut header = self.header(cfg, 0, TcpFlags::SYN);
        header.mss = Some(cfg.mss);
        header.sack_permitted = self.sack;
        Segment { header, stream: 0..0, retransmission: (!first).then_some(why) }
    }

    /// The segment at SND.UNA once more: fast retransmit, or NewReno's next hole.
    fn first_hole(&mut self, cfg: &Config, now: Instant) -> Option<Segment> {
        let why = self.resend.take()?;
        let until = self.board.as_ref().map_or(u64::MAX, |b| b.next_start(self.una));
        self.again(cfg, now, self.una, until, why)
    }

    /// RFC 6675 section 5, step C, with NextSeg's rule 1: a hole that counts as lost.
    fn lost_hole(&mut self, cfg: &Config, now: Instant) -> Option<Segment> {
        if !self.may_fill_holes() {
            return None;
        }
        let board = self.board.as_ref()?;
        let (start, end) = board.next_hole(self.una)?;
        if start >= board.lost_before(u64::from(self.mss)) {
            return None;
        }
        self.again(cfg, now, start, end, Retransmission::Recovery)
    }

    /// NextSeg's rules 3 and 4, when there is nothing new to send: a hole that may be one, and once in a
    /// recovery the last segment, whose acknowledgement tells about all before it.
    fn other_hole(&mut self, cfg: &Config, now: Instant) -> Option<Segment> {
        if !self.may_fill_holes() {
            return None;
        }
        let (una, recover, fin) = (self.una, self.congestion.recover, self.out.end());
        let board = self.board.as_mut()?;
        if let Some((start, end)) = board.next_hole(una) {
            return self.again(cfg, now, start, end, Retransmission::Recovery);
        }
        if std::mem::replace(&mut board.rescued, true) || recover <= una {
            return None;
        }
        let (high_rxt, highest) = (board.high_rxt, board.highest());
        let length = self.payload_limit();
        let start = if recover > fin { fin } else { recover.saturating_sub(length).max(una) };
        if start < high_rxt.max(highest) {
            return None; // Sent again already, or arrived.
        }
        let segment = self.again(cfg, now, start, recover, Retransmission::Recovery);
        // The rescue is out of order: holes before it are still to be filled.
        if let Some(board) = &mut self.board {
            board.high_rxt = high_rxt;
        }
        segment
    }

    fn may_fill_holes(&self) -> bool {
        self.congestion.recovering
            && self.sack
            && self.flight() + u64::from(self.mss) <= u64::from(self.congestion.cwnd)
    }

    /// What was sent before, from `start`, at most up to `until`: data, or the FIN if that is there.
    fn again(&mut self, cfg: &Config, now: Instant, start: u64, until: u64, why: Retransmission) -> Option<Segment> {
        if start >= self.max {
            return None;
        }
        let end = until.min(self.max).min(self.out.end()).min(start + self.payload_limit());
        let fin = start >= end;
        let end = if fin { start + 1 } else { end };
        self.nxt = self.nxt.max(end);
        self.timed.0 = 0;
        if let Some(board) = &mut self.board {
            board.high_rxt = board.high_rxt.max(end);
        }
        self.after_sending(cfg, now, end);
        let flags = if fin { TcpFlags::FIN } else { self.push_flag(end) };
        Some(self.segment(cfg, start, if fin { start } else { end }, flags, Some(why)))
    }

    /// The next bytes that both windows let go, or a probe.
    fn new_data(&mut self, cfg: &Config, now: Instant) -> Option<Segment> {
        let probe = std::mem::take(&mut self.probe);
        if self.nxt < self.max
            && let Some(board) = &self.board
        {
            // After a timeout: what has been SACKed since need not be sent again.
            while let Some(end) = board.sacked_until(self.nxt) {
                self.nxt = end;
            }
        }
        let left = self.out.end().saturating_sub(self.nxt);
        if left == 0 {
            return None;
        }
        if probe && self.wnd == 0 {
            return Some(self.window_probe(cfg, now));
        }
        if self.una == self.max && now.since(self.last_sent) > self.rtt.rto() {
            self.congestion.restart_after_idle(cfg, u32::from(self.mss));
        }
        let n = self.sendable(cfg, left, probe)?;
        let (start, end) = (self.nxt, self.nxt + n);
        let again = start < self.max;
        let why = if self.probed { Retransmission::Probe } else { Retransmission::Timeout };
        if end > self.max {
            if self.congestion.duplicates > 0 && !self.congestion.recovering {
                self.congestion.limited += n as u32;
            }
            if self.timed.0 == 0 && !again {
                self.timed = (end, now);
            }
            self.probed = false;
        }
        self.nxt = end;
        self.after_sending(cfg, now, end);
        let flags = self.push_flag(end);
        Some(self.segment(cfg, start, end, flags, again.then_some(why)))
    }

    /// How much of `left` bytes may go now: RFC 9293 section 3.8.6.2.1 against silly windows, the
    /// congestion window, Nagle. `None`: nothing.
    fn sendable(&self, cfg: &Config, left: u64, forced: bool) -> Option<u64> {
        let room = (self.una + u64::from(self.wnd)).saturating_sub(self.nxt);
        let mut cwnd = u64::from(self.congestion.cwnd);
        if !self.sack && !self.congestion.recovering && self.nxt == self.max {
            // Limited transmit: a new segment for each of the first two duplicates (RFC 3042).
            cwnd += u64::from(self.mss) * u64::from(self.congestion.duplicates.min(2));
        }
        let limit = self.payload_limit();
        let n = left.min(limit).min(room).min(cwnd.saturating_sub(self.flight()));
        let full = n == limit;
        let idle = self.nxt == self.una;
        let nagle = cfg.nagle && !full && !idle && !self.closing;
        let worth_it = full                         // (1) a full segment
            || (n == left && !nagle)                // (2) all there is
            || (2 * n >= u64::from(self.max_wnd) && !nagle) // (3) half the largest window
            || (idle && (self.una < self.max || forced)); // sent again after a timeout, or (4) its turn
        (n > 0 && worth_it).then_some(n)
    }

    /// One byte beyond the closed window (RFC 9293 section 3.8.6.1). The peer will not take it, but says
    /// whether the window is open. `nxt` stays: the byte has yet to be sent in earnest.
    fn window_probe(&mut self, cfg: &Config, now: Instant) -> Segment {
        self.nxt = self.una;
        self.probed |= self.max <= self.una + 1;
        self.max = self.max.max(self.una + 1);
        self.timed.0 = 0;
        self.last_sent = now;
        self.segment(cfg, self.una, self.una + 1, TcpFlags::ACK, Some(Retransmission::Probe))
    }

    /// The FIN, alone, behind the last byte; it needs no window, for it takes no room.
    fn fin(&mut self, cfg: &Config, now: Instant) -> Option<Segment> {
        if !self.closing || self.nxt != self.out.end() {
            return None;
        }
        let first = !self.fin_sent();
        let start = self.nxt;
        self.nxt += 1;
        if first && self.timed.0 == 0 {
            self.timed = (self.nxt, now);
        }
        let why = if self.probed { Retransmission::Probe } else { Retransmission::Timeout };
        self.probed = false;
        self.after_sending(cfg, now, self.nxt);
        if self.state() == State::CloseWait {
            self.set_state(State::LastAck);
        }
        Some(self.segment(cfg, start, start, TcpFlags::FIN, (!first).then_some(why)))
    }

    /// An acknowledgement that found no company.
    fn lone_ack(&mut self, cfg: &Config) -> Option<Segment> {
        if self.owed != Owed::Now {
            return None;
        }
        let seq = self.sequence_for_nothing();
        let mut header = self.header(cfg, self.max, TcpFlags::ACK);
        header.seq = seq;
        Some(Segment { header, stream: 0..0, retransmission: None })
    }

    // --- what they share ---

    /// Bytes thought to be under way: of what was sent, with SACK without what arrived or is lost.
    fn flight(&self) -> u64 {
        match &self.board {
            Some(board) if self.nxt == self.max => board.pipe(self.una, self.max, u64::from(self.mss)),
            // After a timeout what was sent before counts as lost.
            Some(board) => self.nxt - self.una - board.sacked_between(self.una, self.nxt),
            None => self.nxt - self.una,
        }
    }

    /// Eff.snd.MSS (RFC 9293 section 3.7.1): options take their room from the payload.
    fn payload_limit(&self) -> u64 {
        let blocks = if self.sack { self.inbox.ranges().len().min(3) as u64 } else { 0 };
        let options = if blocks > 0 { 4 + 8 * blocks } else { 0 };
        // Of a very small segment something is left for data, whatever the options take.
        u64::from(self.mss).saturating_sub(options).max(8)
    }

    /// PSH with the last byte that the program has written.
    fn push_flag(&self, end: u64) -> TcpFlags {
        if end == self.out.end() { TcpFlags::PSH } else { TcpFlags::ACK }
    }

    /// Bookkeeping of a segment up to `end` that will be acknowledged.
    fn after_sending(&mut self, cfg: &Config, now: Instant, end: u64) {
        if self.una == self.max {
            self.waiting_since = now;
        }
        self.max = self.max.max(end);
        self.last_sent = now;
        if self.slow != Slow::Retransmission {
            // The probes are over; what is sent now has not been tried yet.
            self.retries = 0;
            self.arm_retransmission(cfg, now);
        }
    }

    /// A segment with the bytes from `start` to `end` (positions).
    fn segment(
        &mut self,
        cfg: &Config,
        start: u64,
        end: u64,
        flags: TcpFlags,
        retransmission: Option<Retransmission>,
    ) -> Segment {
        let header = self.header(cfg, start, flags);
        Segment { header, stream: start - 1..end - 1, retransmission }
    }

    /// A header, with the acknowledgement and the window as they are now: nothing is owed any more.
    fn header(&mut self, cfg: &Config, position: u64, flags: TcpFlags) -> TcpHeader {
        let mut header = TcpHeader {
            src_port: self.local_port,
            dst_port: self.remote_port,
            seq: wire::number(self.iss, position),
            flags,
            window: receive_capacity(cfg) as u16,
            ..TcpHeader::default()
        };
        // Only the very first SYN knows nothing to acknowledge.
        if self.edge > 0 {
            self.move_edge(cfg);
            header.flags = flags | TcpFlags::ACK;
            header.ack = wire::number(self.irs, self.rcv_nxt());
            header.window = self.rcv_wnd().min(u32::from(u16::MAX)) as u16;
            if self.sack {
                for (slot, range) in header.sack.iter_mut().zip(self.inbox.ranges()) {
                    *slot = Some((wire::number(self.irs, range.0), wire::number(self.irs, range.1)));
                }
            }
            self.owed = Owed::Nothing;
            self.unacked = 0;
        }
        header
    }

    /// The right edge moves in worthwhile steps only (RFC 9293 section 3.8.6.2.2), and never back.
    fn move_edge(&mut self, cfg: &Config) {
        let possible = self.possible_edge(cfg);
        let step = u64::from(self.mss).min(u64::from(receive_capacity(cfg) / 2)).max(1);
        if possible >= self.edge + step {
            self.edge = possible;
        }
    }

    /// The sequence number of a segment that carries nothing: SND.NXT, but not beyond the peer's window,
    /// where its acknowledgement would not be looked at.
    pub(super) fn sequence_for_nothing(&self) -> u32 {
        let position = if self.una == 0 { self.max } else { self.max.min(self.una + u64::from(self.wnd)) };
        wire::number(self.iss, position)
    }

    /// Nothing more can be sent: whatever waits for the peer needs a timer.
    fn settle_timers(&mut self, cfg: &Config, now: Instant) {
        use State::{CloseWait, Closing, Established, FinWait1, LastAck};
        if self.slow != Slow::Off || !matches!(self.state(), Established | FinWait1 | CloseWait | Closing | LastAck) {
            return;
        }
        if self.nxt == self.una && self.nxt < self.out.end() {
            self.retries = 0;
            self.waiting_since = now;
            self.arm_persist(cfg, now);
        } else if self.una < self.max {
            self.arm_retransmission(cfg, now);
        }
    }
}
