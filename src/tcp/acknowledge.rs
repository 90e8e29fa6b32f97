//! An acknowledgement arrives: the send window (RFC 9293 section 3.10.7.4, fifth step), duplicate
//! acknowledgements and recovery (RFC 5681 section 3.2, RFC 6582, RFC 6675).

use super::connection::Slow;
use super::event::Pending;
use super::wire;
use super::{Config, Connection, Retransmission};
use crate::packet::TcpHeader;
use crate::time::Instant;

/// Duplicates that are taken for a loss (RFC 5681 section 3.2).
const DUPLICATES: u8 = 3;

impl Connection {
    /// Takes in the ACK, window and SACK blocks of an acceptable segment. `ack` is not beyond what was
    /// sent; `bare` says that the segment carries nothing else.
    pub(super) fn take_ack(&mut self, cfg: &Config, now: Instant, header: &TcpHeader, ack: u64, bare: bool) {
        if ack < self.una {
            return; // Overtaken by a later one.
        }
        let told = self.sack && self.take_blocks(header);
        let same_window = u32::from(header.window) == self.wnd;
        if ack > self.una {
            self.take_new_ack(cfg, now, ack);
        } else if self.una < self.max && self.wnd > 0 && if self.sack { told } else { bare && same_window } {
            // What is under way beyond a closed window is a probe: its answers are no sign of loss.
            self.take_duplicate();
        }
        self.take_window(now, header);
    }

    /// SND.WND follows the newest segment only (SND.WL1, SND.WL2).
    fn take_window(&mut self, now: Instant, header: &TcpHeader) {
        let behind = |a: u32, b: u32| (b.wrapping_sub(a) as i32) > 0;
        let newer = behind(self.wl1, header.seq) || (self.wl1 == header.seq && !behind(header.ack, self.wl2));
        if !newer {
            return;
        }
        let before = self.wnd;
        self.set_window(header);
        if before == 0 || self.wnd == 0 {
            // As long as the peer answers probes, the connection stays (RFC 9293 MUST-37).
            self.waiting_since = now;
        }
        if before == 0 && self.wnd > 0 {
            // What was sent beyond the closed window was not taken: once more, now that it is open.
            self.probed |= self.una < self.max;
            self.nxt = self.una;
            self.retries = 0;
            self.probe = false;
            self.timed.0 = 0;
            self.disarm();
        }
    }

    fn take_new_ack(&mut self, cfg: &Config, now: Instant, ack: u64) {
        let mss = u32::from(self.mss);
        self.take_sample(cfg, now, ack);
        self.una = ack;
        self.nxt = self.nxt.max(ack);
        let acked = self.out.acknowledge(ack) as u32;
        self.retries = 0;
        self.waiting_since = now;
        self.resend = None;
        if let Some(board) = &mut self.board {
            board.forget_before(ack);
        }

        let mut restart_timer = true;
        let flight = self.max - self.una;
        if self.congestion.recovering {
            if ack >= self.congestion.recover {
                self.congestion.recovered(flight, mss, self.sack);
            } else if !self.sack {
                // The next hole is lost too. The timer is set anew for the first only: with many holes
                // a timeout is quicker (RFC 6582 section 4, "impatient").
                restart_timer = self.congestion.deflate(acked, mss);
                self.resend = Some(Retransmission::Recovery);
            }
        } else {
            self.congestion.duplicates = 0;
            self.congestion.limited = 0;
            if acked > 0 {
                self.congestion.grow(acked, mss);
            }
        }
        if !self.congestion.recovering && self.board.as_ref().is_some_and(|b| b.is_empty()) {
            self.board = None;
        }
        if flight == 0 {
            self.probed = false;
            self.disarm();
        } else if restart_timer || self.slow != Slow::Retransmission {
            self.arm_retransmission(cfg, now);
        }

        self.freed += acked;
        if acked > 0 && self.freed as usize >= (cfg.send_buffer / 4).max(1) && !self.closing {
            self.freed = 0;
            self.events.push(Pending::Writable);
        }
    }

    /// A round trip is measured when the timed segment is acknowledged; nothing that was sent again is
    /// ever timed (RFC 6298 section 3).
    pub(super) fn take_sample(&mut self, cfg: &Config, now: Instant, ack: u64) {
        let (end, at) = self.timed;
        if end != 0 && ack >= end {
            self.rtt.sample(cfg, now.since(at));
            self.timed.0 = 0;
        }
    }

    fn take_duplicate(&mut self) {
        let mss = u32::from(self.mss);
        let flight = self.max - self.una;
        let c = &mut self.congestion;
        c.duplicates = c.duplicates.saturating_add(1);
        if c.recovering {
            if !self.sack {
                c.inflate(mss);
            }
            return;
        }
        let lost = if self.sack {
            let lost_before = self.board.as_ref().map_or(0, |b| b.lost_before(u64::from(mss)));
            self.una >= c.recover && (c.duplicates >= DUPLICATES || lost_before > self.una)
        } else {
            // Duplicates of what a timeout sent again are no new loss (RFC 6582 section 3.2, step 2).
            self.una > c.recover && c.duplicates == DUPLICATES
        };
        if lost {
            c.enter(flight, self.max, mss, self.sack);
            self.resend = Some(Retransmission::Fast);
            self.timed.0 = 0;
            if let Some(board) = &mut self.board {
                board.high_rxt = 0;
                board.rescued = false;
            }
        }
    }

    /// SACK blocks (RFC 2018); says whether they tell anything new. Blocks of what is acknowledged or was
    /// never sent mean nothing here.
    fn take_blocks(&mut self, header: &TcpHeader) -> bool {
        let mut told = false;
        for &(left, right) in header.sack.iter().flatten() {
            let place = |number| self.una as i64 + wire::distance(self.iss, self.una, number);
            let (start, end) = (place(left), place(right));
            if start < self.una as i64 || start >= end || end > self.max as i64 {
                continue;
            }
            told |= self.board.get_or_insert_default().add(start as u64, end as u64);
        }
        told
    }
}
