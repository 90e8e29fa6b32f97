//! The acknowledgement in a segment: what it frees, what it says about the network (RFC 9293 section
//! 3.10.7.4, fifth step; RFC 5681, RFC 6582, RFC 6675).

use super::connection::Slow;
use super::event::{DropReason, Pending};
use super::{Config, Connection, Retransmission, State, wire};
use crate::packet::TcpHeader;
use crate::time::Instant;

/// Duplicates that mean a loss (RFC 5681 section 3.2).
const DUPLICATES: u8 = 3;

impl Connection {
    /// Takes the ACK of an acceptable segment; `empty` says that it carries nothing else. False: the segment
    /// is not to be looked at any further.
    pub(super) fn take_acknowledgement(&mut self, cfg: &Config, now: Instant, header: &TcpHeader, empty: bool) -> bool {
        let ack = self.una as i64 + wire::distance(self.iss, self.una, header.ack);
        if ack > self.max as i64 {
            self.drop_and_answer(now, DropReason::AckOfUnsent, i64::from(!empty));
            return false;
        }
        if ack < self.una as i64 - i64::from(self.max_wnd) {
            self.drop_and_answer(now, DropReason::AckTooOld, i64::from(!empty));
            return false;
        }
        let before = self.wnd;
        if ack >= self.una as i64 {
            let newer = header.seq.wrapping_sub(self.wl1) as i32;
            if newer > 0 || (newer == 0 && header.ack.wrapping_sub(self.wl2) as i32 >= 0) {
                self.set_window(header);
                if self.slow == Slow::Persist {
                    // Somebody is there: keep asking, however long it takes.
                    self.waiting_since = now;
                    if self.wnd > 0 {
                        self.retries = 0;
                        self.disarm();
                    }
                }
            }
        }
        let told = self.take_blocks(header);
        if ack > self.una as i64 {
            self.advance(cfg, now, ack as u64);
        } else if ack == self.una as i64 && self.max > self.una && !self.probed {
            let plain = empty && self.wnd == before;
            if (self.sack && told) || (!self.sack && plain) {
                self.duplicate();
            }
        }
        true
    }

    /// SACK blocks; whether they told anything new.
    fn take_blocks(&mut self, header: &TcpHeader) -> bool {
        if !self.sack {
            return false;
        }
        let mut told = false;
        for (left, right) in header.sack.iter().flatten() {
            let left = self.una as i64 + wire::distance(self.iss, self.una, *left);
            let right = self.una as i64 + wire::distance(self.iss, self.una, *right);
            if left < right && left > self.una as i64 && right <= self.max as i64 {
                told |= self.board.get_or_insert_default().add(left as u64, right as u64);
            }
        }
        told
    }

    /// Something new is acknowledged.
    fn advance(&mut self, cfg: &Config, now: Instant, una: u64) {
        let acked = (una - self.una) as u32;
        self.una = una;
        self.nxt = self.nxt.max(una);
        self.probed = self.probed && self.max > self.nxt;
        self.freed += self.out.acknowledge(una) as u32;
        if let Some(board) = &mut self.board {
            board.forget_before(una);
        }
        if self.timed.0 != 0 && una >= self.timed.0 {
            let sent = self.timed.1;
            self.timed.0 = 0;
            self.rtt.sample(cfg, now.since(sent));
        }
        self.retries = 0;
        self.waiting_since = now;
        self.resend = None;
        let restart = self.congestion_advances(acked);
        if una == self.max {
            self.disarm();
        } else if restart && self.slow != Slow::Persist {
            // RFC 6298 section 5.3.
            self.arm_retransmission(cfg, now);
        }
        if self.freed as usize * 4 >= cfg.send_buffer.max(4) {
            self.freed = 0;
            self.events.push(Pending::Writable);
        }
        if self.closing && self.fin_acknowledged() {
            self.fin_is_acknowledged(cfg, now);
        }
    }

    /// Says whether the retransmission timer starts again.
    fn congestion_advances(&mut self, acked: u32) -> bool {
        let (mss, flight) = (u32::from(self.mss), self.max - self.una);
        if !self.congestion.recovering {
            self.congestion.duplicates = 0;
            self.congestion.limited = 0;
            self.congestion.grow(acked, mss);
            if let Some(board) = &self.board
                && board.is_empty()
            {
                self.board = None;
            }
            return true;
        }
        if self.una >= self.congestion.recover {
            self.congestion.recovered(flight, mss, self.sack);
            self.board = self.board.take().filter(|b| !b.is_empty());
            if let Some(board) = &mut self.board {
                (board.high_rxt, board.rescued) = (0, false);
            }
            return true;
        }
        if self.sack {
            // What is sent next follows from the scoreboard; a partial ACK restarts the timer (RFC 6675
            // section 6 leaves it open).
            return true;
        }
        self.resend = Some(Retransmission::Recovery);
        self.timed.0 = 0;
        self.congestion.deflate(acked, mss)
    }

    /// RFC 5681 section 3.2.
    fn duplicate(&mut self) {
        let mss = u32::from(self.mss);
        self.congestion.duplicates = self.congestion.duplicates.saturating_add(1);
        if self.congestion.recovering {
            if !self.sack {
                self.congestion.inflate(mss);
            }
            return;
        }
        let lost = self.board.as_ref().is_some_and(|b| b.lost_before(u64::from(mss)) > self.una);
        // RFC 6582 section 3.2, step 1: not again for what was lost before.
        if (self.congestion.duplicates >= DUPLICATES || lost) && self.una > self.congestion.recover {
            self.congestion.enter(self.max - self.una, self.max, mss, self.sack);
            self.timed.0 = 0;
            self.resend = Some(Retransmission::Fast);
            if self.sack {
                let una = self.una;
                let board = self.board.get_or_insert_default();
                (board.high_rxt, board.rescued) = (una, false);
            }
        }
    }

    fn fin_is_acknowledged(&mut self, cfg: &Config, now: Instant) {
        match self.state() {
            State::FinWait1 => self.set_state(State::FinWait2),
            State::Closing => self.enter_time_wait(cfg, now),
            State::LastAck => self.end(Pending::Closed),
            _ => {}
        }
    }
}
