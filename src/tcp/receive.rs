//! A segment arrives (RFC 9293 section 3.10.7, with RFC 5961 for segments that somebody else may have made).

use super::connection::Owed;
use super::event::{DropReason, Pending};
use super::inbox::Stored;
use super::{Config, Connection, Retransmission, State, wire};
use crate::packet::{TcpFlags, TcpHeader};
use crate::time::{Duration, Instant};

/// Segments that carry nothing and do not fit are answered once in this time (RFC 5961 section 7): two ends
/// that disagree must not answer each other for ever.
const QUIET: Duration = Duration::from_millis(500);

/// The reset that answers a segment for which there is no connection (RFC 9293 section 3.10.7.1); a reset is
/// answered with nothing.
pub fn reset_for(header: &TcpHeader, payload_len: usize) -> Option<TcpHeader> {
    let has = |flag| header.flags.contains(flag);
    if has(TcpFlags::RST) {
        return None;
    }
    let reply = TcpHeader { src_port: header.dst_port, dst_port: header.src_port, ..TcpHeader::default() };
    if has(TcpFlags::ACK) {
        return Some(TcpHeader { seq: header.ack, flags: TcpFlags::RST, ..reply });
    }
    let length = payload_len as u32 + u32::from(has(TcpFlags::SYN)) + u32::from(has(TcpFlags::FIN));
    Some(TcpHeader { ack: header.seq.wrapping_add(length), flags: TcpFlags::RST | TcpFlags::ACK, ..reply })
}

impl Connection {
    /// Takes a segment in; what follows from it comes out of `poll`.
    pub fn handle_segment(&mut self, cfg: &Config, now: Instant, header: &TcpHeader, payload: &[u8]) {
        match self.state() {
            State::Closed | State::Listen => {}
            State::SynSent => self.in_syn_sent(cfg, now, header),
            _ => self.synchronised(cfg, now, header, payload),
        }
    }

    /// Section 3.10.7.3.
    fn in_syn_sent(&mut self, cfg: &Config, now: Instant, header: &TcpHeader) {
        let has = |flag| header.flags.contains(flag);
        let acknowledged = wire::distance(self.iss, 1, header.ack) == 0 && self.max == 1;
        if has(TcpFlags::ACK) && !acknowledged {
            self.events.push(Pending::Dropped(DropReason::AckOfUnsent));
            if !has(TcpFlags::RST) {
                self.refuse = Some(header.ack);
            }
            return;
        }
        if has(TcpFlags::RST) {
            if has(TcpFlags::ACK) {
                self.end(Pending::Reset);
            } else {
                self.events.push(Pending::Dropped(DropReason::WrongReset));
            }
            return;
        }
        if !has(TcpFlags::SYN) {
            return self.events.push(Pending::Dropped(DropReason::OutsideWindow));
        }
        self.take_syn(cfg, header);
        if has(TcpFlags::ACK) {
            self.owed = Owed::Now;
            self.syn_acknowledged(cfg, now);
        } else {
            // Both ends have opened at the same time (section 3.5, figure 7): our SYN goes again, with an ACK.
            self.nxt = 0;
            self.timed.0 = 0;
            self.set_state(State::SynReceived);
        }
    }

    /// Our SYN has arrived: the connection is open.
    fn syn_acknowledged(&mut self, cfg: &Config, now: Instant) {
        self.una = 1;
        self.nxt = self.nxt.max(1);
        if self.timed.0 == 1 {
            self.rtt.sample(cfg, now.since(self.timed.1));
        }
        self.timed.0 = 0;
        if self.syn_lost {
            self.rtt.after_lost_syn(cfg);
        }
        self.congestion.open(cfg, u32::from(self.mss), self.syn_lost);
        self.retries = 0;
        self.last_sent = now;
        self.waiting_since = now;
        self.disarm();
        self.established = true;
        self.set_state(State::Established);
        self.events.push(Pending::Connected);
        if self.closing {
            self.set_state(State::FinWait1);
        }
    }

    /// Section 3.10.7.4.
    fn synchronised(&mut self, cfg: &Config, now: Instant, header: &TcpHeader, payload: &[u8]) {
        let has = |flag| header.flags.contains(flag);
        let (syn, fin, rst) = (has(TcpFlags::SYN), has(TcpFlags::FIN), has(TcpFlags::RST));
        if self.state() == State::SynReceived && syn && !has(TcpFlags::ACK) && header.seq == self.irs && !rst {
            // Its SYN came again, so our SYN,ACK was lost. Nothing may be timed now (Karn).
            self.timed.0 = 0;
            self.resend = Some(Retransmission::PeerRepeated);
            return;
        }
        let length = payload.len() as i64 + i64::from(syn) + i64::from(fin);
        let next = self.rcv_nxt() as i64;
        let start = next + wire::distance(self.irs, self.rcv_nxt(), header.seq);
        if !self.acceptable(start, length) {
            return self.unacceptable(cfg, now, header, start, length);
        }
        if rst {
            if start == next {
                let how = if self.state() == State::TimeWait { Pending::Closed } else { Pending::Reset };
                self.end(how);
            } else {
                self.drop_and_answer(now, DropReason::WrongReset, length);
            }
            return;
        }
        if self.state() == State::SynReceived && syn && has(TcpFlags::ACK) && header.seq == self.irs {
            // The other half of a simultaneous opening: its SYN is known, its ACK counts.
        } else if syn {
            return self.drop_and_answer(now, DropReason::UnexpectedSyn, length);
        }
        if !has(TcpFlags::ACK) {
            return self.events.push(Pending::Dropped(DropReason::NoAck));
        }
        if self.state() == State::SynReceived {
            if wire::distance(self.iss, 1, header.ack) != 0 {
                self.events.push(Pending::Dropped(DropReason::AckOfUnsent));
                self.refuse = Some(header.ack);
                return;
            }
            self.syn_acknowledged(cfg, now);
            self.set_window(header);
        }
        let empty = payload.is_empty() && !fin;
        if !self.take_acknowledgement(cfg, now, header, empty) || self.state() == State::Closed {
            return;
        }
        self.take_text(cfg, now, start + i64::from(syn), payload, fin);
        if self.state() == State::TimeWait && fin {
            self.arm_time_wait(cfg, now);
        }
    }

    /// The four cases of section 3.10.7.4. An empty segment just behind the window is taken too: it comes from
    /// a peer that has filled the window and lost something on the way, and its acknowledgement counts.
    fn acceptable(&self, start: i64, length: i64) -> bool {
        let (next, wnd) = (self.rcv_nxt() as i64, i64::from(self.rcv_wnd()));
        if length == 0 {
            return (next..=next + wnd).contains(&start);
        }
        wnd > 0 && start < next + wnd && start + length > next
    }

    fn unacceptable(&mut self, cfg: &Config, now: Instant, header: &TcpHeader, start: i64, length: i64) {
        let next = self.rcv_nxt() as i64;
        if header.flags.contains(TcpFlags::RST) {
            return self.events.push(Pending::Dropped(DropReason::WrongReset));
        }
        let old = start + length <= next;
        if self.state() == State::SynReceived && old && header.flags.contains(TcpFlags::SYN | TcpFlags::ACK) {
            // Both opened at the same time: the SYN,ACK repeats a SYN that is known; its ACK opens.
            if wire::distance(self.iss, 1, header.ack) == 0 {
                self.syn_acknowledged(cfg, now);
                self.set_window(header);
                self.owed = Owed::Now;
                return;
            }
        }
        self.drop_and_answer(now, if old { DropReason::Duplicate } else { DropReason::OutsideWindow }, length);
        if self.state() == State::TimeWait && header.flags.contains(TcpFlags::FIN) {
            self.arm_time_wait(cfg, now);
        }
        // "Special allowance should be made to accept valid ACKs" when the window is closed.
        let closed = self.rcv_wnd() == 0 && start == next;
        if closed && header.flags.contains(TcpFlags::ACK) && self.state() != State::SynReceived {
            self.take_acknowledgement(cfg, now, header, false);
        }
    }

    /// Not used; the peer is told where we are.
    pub(super) fn drop_and_answer(&mut self, now: Instant, reason: DropReason, length: i64) {
        self.events.push(Pending::Dropped(reason));
        if length == 0 {
            if now < self.quiet_until {
                return;
            }
            self.quiet_until = now + QUIET;
        }
        self.owed = Owed::Now;
    }

    /// Seventh and eighth step: the bytes, and the FIN behind them.
    fn take_text(&mut self, cfg: &Config, now: Instant, start: i64, payload: &[u8], fin: bool) {
        if !matches!(self.state(), State::Established | State::FinWait1 | State::FinWait2) {
            return;
        }
        let end = start as u64 + payload.len() as u64;
        let next = self.inbox.next();
        let from = next.max(start.max(0) as u64);
        let to = end.min(self.edge);
        if from < to && self.fin_at.is_none_or(|at| to <= at) {
            let piece = &payload[(from - start as u64) as usize..(to - start as u64) as usize];
            match self.inbox.store(from, piece) {
                Stored::InOrder { new, filled } => {
                    self.events.push(Pending::Received);
                    self.unacked = self.unacked.saturating_add(new as u32);
                    self.owe(cfg, now, filled);
                }
                // RFC 5681 section 4.2: at once, so that the sender counts duplicates.
                Stored::Early => self.owed = Owed::Now,
                Stored::Refused => {
                    self.events.push(Pending::Dropped(DropReason::TooManyHoles));
                    self.owed = Owed::Now;
                }
            }
        }
        if fin && end <= self.edge {
            self.fin_at.get_or_insert(end);
            self.owed = Owed::Now;
        }
        if self.fin_at == Some(self.inbox.next()) && !self.fin_taken {
            self.take_fin(cfg, now);
        }
    }

    /// When the next acknowledgement is due (RFC 9293 section 3.8.6.3).
    fn owe(&mut self, cfg: &Config, now: Instant, filled: bool) {
        match cfg.delayed_ack {
            Some(delay) if !filled && self.unacked < 2 * u32::from(self.mss) => {
                if self.owed == Owed::Nothing {
                    self.owed = Owed::Later;
                    self.ack_at = now + delay;
                }
            }
            _ => self.owed = Owed::Now,
        }
    }

    fn take_fin(&mut self, cfg: &Config, now: Instant) {
        self.fin_taken = true;
        self.owed = Owed::Now;
        match self.state() {
            State::Established => self.set_state(State::CloseWait),
            State::FinWait1 if self.fin_acknowledged() => self.enter_time_wait(cfg, now),
            State::FinWait1 => self.set_state(State::Closing),
            State::FinWait2 => self.enter_time_wait(cfg, now),
            _ => {}
        }
        self.events.push(Pending::PeerClosed);
    }

    pub(super) fn enter_time_wait(&mut self, cfg: &Config, now: Instant) {
        self.set_state(State::TimeWait);
        self.events.push(Pending::Closed);
        self.arm_time_wait(cfg, now);
    }
}
