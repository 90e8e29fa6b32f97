//! A segment arrives (RFC 9293 section 3.10.7), with the tightened checks of RFC 5961.

use super::connection::{Owed, receive_capacity};
use super::event::Pending;
use super::inbox::Stored;
use super::wire;
use super::{Config, Connection, DropReason, Retransmission, State};
use crate::packet::{TcpFlags, TcpHeader};
use crate::time::{Duration, Instant};

/// How long no further acknowledgement answers a segment that carries nothing (RFC 5961 section 7): two
/// ends that disagree about their numbers must not answer each other's answers for ever.
const QUIET: Duration = Duration::from_millis(500);

/// The answer of a host without such a connection (RFC 9293 section 3.10.7.1): a reset, but never to a
/// reset.
pub fn reset_for(header: &TcpHeader, payload_len: usize) -> Option<TcpHeader> {
    if header.flags.contains(TcpFlags::RST) {
        return None;
    }
    let ports = TcpHeader { src_port: header.dst_port, dst_port: header.src_port, ..TcpHeader::default() };
    Some(if header.flags.contains(TcpFlags::ACK) {
        TcpHeader { seq: header.ack, flags: TcpFlags::RST, ..ports }
    } else {
        let flags = header.flags;
        let length =
            payload_len as u32 + u32::from(flags.contains(TcpFlags::SYN)) + u32::from(flags.contains(TcpFlags::FIN));
        TcpHeader { ack: header.seq.wrapping_add(length), flags: TcpFlags::RST | TcpFlags::ACK, ..ports }
    })
}

/// A segment as the connection sees it.
struct Arrival<'a> {
    payload: &'a [u8],
    /// Where it begins, seen from RCV.NXT.
    offset: i64,
    fin: bool,
}

impl Connection {
    /// Takes in one segment of this connection's peer.
    pub fn handle_segment(&mut self, cfg: &Config, now: Instant, header: &TcpHeader, payload: &[u8]) {
        match self.state() {
            State::Closed | State::Listen => {}
            State::SynSent => self.arrives_in_syn_sent(cfg, now, header, payload),
            _ => self.arrives(cfg, now, header, payload),
        }
    }

    /// Section 3.10.7.3.
    fn arrives_in_syn_sent(&mut self, cfg: &Config, now: Instant, header: &TcpHeader, payload: &[u8]) {
        let has = |flag| header.flags.contains(flag);
        if has(TcpFlags::ACK) {
            let ack = wire::distance(self.iss, 0, header.ack);
            if ack <= 0 || ack > self.max as i64 {
                // An old connection's segment: tell its sender, unless that is what it is about.
                if !has(TcpFlags::RST) {
                    self.refuse = Some(header.ack);
                }
                return self.drop_segment(DropReason::AckOfUnsent);
            }
        }
        if has(TcpFlags::RST) {
            return if has(TcpFlags::ACK) {
                self.end(Pending::Reset)
            } else {
                self.drop_segment(DropReason::WrongReset)
            };
        }
        if !has(TcpFlags::SYN) {
            return self.drop_segment(DropReason::NoSyn);
        }
        self.take_syn(cfg, header);
        if has(TcpFlags::ACK) {
            self.open(cfg, now);
            self.owed = Owed::Now;
            let fin = has(TcpFlags::FIN);
            self.take_text(cfg, now, &Arrival { payload, offset: 0, fin });
        } else {
            // Both sides open at the same time (figure 7). Text in the SYN will be sent again.
            self.set_state(State::SynReceived);
            self.nxt = 0;
            self.timed.0 = 0;
        }
    }

    /// Our SYN is acknowledged: the connection is open.
    fn open(&mut self, cfg: &Config, now: Instant) {
        self.una = 1;
        self.nxt = 1;
        self.take_sample(cfg, now, 1);
        self.disarm();
        self.retries = 0;
        self.resend = None;
        if self.syn_lost {
            self.rtt.after_lost_syn(cfg);
        }
        self.congestion.open(cfg, u32::from(self.mss), self.syn_lost);
        self.established = true;
        self.set_state(State::Established);
        self.events.push(Pending::Connected);
        if self.closing {
            self.set_state(State::FinWait1);
        }
    }

    /// Section 3.10.7.4, with its steps.
    fn arrives(&mut self, cfg: &Config, now: Instant, header: &TcpHeader, payload: &[u8]) {
        let has = |flag| header.flags.contains(flag);
        let mut syn = has(TcpFlags::SYN);
        let mut offset = wire::distance(self.irs, self.rcv_nxt(), header.seq);

        // The peer's SYN once more.
        if self.state() == State::SynReceived && syn && offset == -1 && !has(TcpFlags::RST) {
            if !has(TcpFlags::ACK) {
                return self.peer_repeats_syn(now);
            }
            // Both opened at the same time: this is the peer's SYN,ACK (figure 7, line 6). Its SYN is
            // known, its ACK counts.
            (syn, offset) = (false, 0);
        }

        // First: is it in the window? A reset must be exact (second step; RFC 5961 section 3).
        let window = i64::from(self.rcv_wnd());
        if has(TcpFlags::RST) {
            return self.take_reset(offset, window, now);
        }
        let fin = has(TcpFlags::FIN);
        let length = payload.len() as i64 + i64::from(syn) + i64::from(fin);
        // Wider than the RFC's table in three places, as real stacks are. A segment may begin before and
        // end behind the window. One that begins exactly at its end, and one that was received before,
        // still bring their ACK: a peer may fill the window and have lost it all, or go back to old
        // numbers after a timeout, and two such ends would otherwise never hear each other again.
        let before = if length == 0 { offset < 0 } else { offset + length <= 0 };
        if before || offset > window {
            if self.state() == State::TimeWait && fin {
                self.arm_time_wait(cfg, now);
            }
            self.answer(now, length == 0);
            self.drop_segment(if before { DropReason::Duplicate } else { DropReason::OutsideWindow });
            if !before || syn || offset < -i64::from(u16::MAX) || self.state() == State::SynReceived {
                return;
            }
        } else if length > 0 && offset == window {
            self.answer(now, false);
            self.drop_segment(DropReason::OutsideWindow);
        }

        // Fourth: a SYN is answered with a challenge ACK (RFC 5961 section 4).
        if syn {
            self.answer(now, false);
            return self.drop_segment(DropReason::UnexpectedSyn);
        }

        // Fifth: the ACK.
        if !has(TcpFlags::ACK) {
            return self.drop_segment(DropReason::NoAck);
        }
        let ack = self.una as i64 + wire::distance(self.iss, self.una, header.ack);
        if self.state() == State::SynReceived {
            if ack <= self.una as i64 || ack > self.max as i64 {
                self.refuse = Some(header.ack);
                return self.drop_segment(DropReason::AckOfUnsent);
            }
            self.open(cfg, now);
            self.set_window(header);
        } else if ack > self.max as i64 {
            self.answer(now, length == 0);
            return self.drop_segment(DropReason::AckOfUnsent);
        } else if ack < self.una as i64 - i64::from(self.max_wnd) {
            self.answer(now, length == 0);
            return self.drop_segment(DropReason::AckTooOld);
        } else {
            // Not negative: what is older than any window has just been dropped, or is of no use.
            self.take_ack(cfg, now, header, ack.max(0) as u64, length == 0 && !before);
        }
        if self.fin_acknowledged() {
            match self.state() {
                State::FinWait1 => self.set_state(State::FinWait2),
                State::Closing => self.enter_time_wait(cfg, now),
                State::LastAck => return self.end(Pending::Closed),
                _ => {}
            }
        }

        // Seventh and eighth: text and FIN.
        if before {
            return;
        }
        self.take_text(cfg, now, &Arrival { payload, offset, fin });
    }

    fn peer_repeats_syn(&mut self, now: Instant) {
        // Our SYN,ACK was lost, or is late. If the timer has just sent it again, that will do.
        if self.last_sent < now {
            self.nxt = 0;
            self.timed.0 = 0;
            self.resend = Some(Retransmission::PeerRepeated);
        }
        self.drop_segment(DropReason::Duplicate);
    }

    fn take_reset(&mut self, offset: i64, window: i64, now: Instant) {
        if offset == 0 {
            if self.state() == State::TimeWait {
                // The program was told that all ended well, and so it did.
                return self.abort();
            }
            return self.end(Pending::Reset);
        }
        if offset > 0 && offset < window {
            self.answer(now, true);
        }
        self.drop_segment(DropReason::WrongReset);
    }

    /// Bytes and FIN, cut to the window.
    fn take_text(&mut self, cfg: &Config, now: Instant, arrival: &Arrival<'_>) {
        if !matches!(self.state(), State::Established | State::FinWait1 | State::FinWait2) {
            return;
        }
        let &Arrival { payload, offset, fin } = arrival;
        debug_assert!(offset + payload.len() as i64 >= 0, "segments before the window were dropped");
        let next = self.inbox.next();
        let known = (-offset).max(0) as usize;
        let at = next + offset.max(0) as u64;
        let fin_at = at + payload.len().saturating_sub(known) as u64;
        if fin && self.fin_at.is_none() && fin_at < self.edge {
            self.fin_at = Some(fin_at);
        }
        let end = fin_at.min(self.edge).min(self.fin_at.unwrap_or(u64::MAX));
        if at < end {
            let data = &payload[known..known + (end - at) as usize];
            match self.inbox.store(at, data) {
                Stored::InOrder { new, filled } => {
                    self.unacked = self.unacked.saturating_add(new as u32);
                    self.events.push(Pending::Received);
                    self.owe(cfg, now, filled || known > 0);
                }
                // RFC 5681 section 3.2: a duplicate acknowledgement at once.
                Stored::Early => self.owed = Owed::Now,
                Stored::Refused => {
                    self.owed = Owed::Now;
                    self.drop_segment(DropReason::TooManyHoles);
                }
            }
        }
        if fin {
            self.owed = Owed::Now;
        }
        if self.fin_at == Some(self.inbox.next()) && !self.fin_taken {
            self.take_fin(cfg, now);
        }
    }

    /// Eighth step: all before the FIN is here.
    fn take_fin(&mut self, cfg: &Config, now: Instant) {
        self.fin_taken = true;
        self.owed = Owed::Now;
        match self.state() {
            State::Established => {
                self.set_state(State::CloseWait);
                self.events.push(Pending::PeerClosed);
            }
            State::FinWait1 => {
                self.set_state(State::Closing);
                self.events.push(Pending::PeerClosed);
            }
            State::FinWait2 => {
                self.events.push(Pending::PeerClosed);
                self.enter_time_wait(cfg, now);
            }
            _ => {}
        }
    }

    fn enter_time_wait(&mut self, cfg: &Config, now: Instant) {
        self.set_state(State::TimeWait);
        self.arm_time_wait(cfg, now);
        self.events.push(Pending::Closed);
    }

    /// Data in order is to be acknowledged: at once, or with company (RFC 5681 section 4.2).
    fn owe(&mut self, cfg: &Config, now: Instant, at_once: bool) {
        let two_segments = 2 * u32::from(self.mss);
        match cfg.delayed_ack {
            Some(delay) if !at_once && self.unacked < two_segments => {
                if self.owed == Owed::Nothing {
                    self.owed = Owed::Later;
                    self.ack_at = now + delay;
                }
            }
            _ => self.owed = Owed::Now,
        }
    }

    /// An acknowledgement answers a segment that is not what was expected.
    fn answer(&mut self, now: Instant, carries_nothing: bool) {
        if carries_nothing {
            if now < self.quiet_until {
                return;
            }
            self.quiet_until = now + QUIET;
        }
        self.owed = Owed::Now;
    }

    fn drop_segment(&mut self, reason: DropReason) {
        self.events.push(Pending::Dropped(reason));
    }

    /// The program has read: the peer must hear of the room if it may be waiting for it, or if there is
    /// much (RFC 9293 section 3.8.6.2.2 says when the edge may move at all).
    pub(super) fn consider_window_update(&mut self, cfg: &Config) {
        if !matches!(self.state(), State::Established | State::FinWait1 | State::FinWait2) {
            return;
        }
        let growth = self.possible_edge(cfg).saturating_sub(self.edge);
        let (mss, half) = (u64::from(self.mss), u64::from(receive_capacity(cfg) / 2).max(1));
        let starving = u64::from(self.rcv_wnd()) < mss;
        if (starving && growth >= mss.min(half)) || growth >= (2 * mss).min(half) {
            self.owed = Owed::Now;
        }
    }

    /// How far the window could reach now.
    pub(super) fn possible_edge(&self, cfg: &Config) -> u64 {
        let room = receive_capacity(cfg).saturating_sub(self.inbox.ready().len() as u32);
        self.rcv_nxt() + u64::from(room)
    }
}
