//! Timers: retransmission (RFC 6298 section 5), zero window probes (RFC 9293 section 3.8.6.1), delayed
//! acknowledgements, TIME-WAIT, and when to give up (RFC 9293 section 3.8.3).

use super::connection::{Owed, Slow};
use super::event::Pending;
use super::{Config, Connection, State, TimerKind};
use crate::time::{Duration, Instant};

impl Connection {
    /// The moment that `poll` asked for may have come; an early call is harmless.
    pub fn handle_timeout(&mut self, cfg: &Config, now: Instant) {
        if self.owed == Owed::Later && self.ack_at <= now {
            self.owed = Owed::Now;
            self.events.push(Pending::Timer(TimerKind::DelayedAck));
        }
        if self.slow_at > now {
            return;
        }
        match self.slow {
            Slow::Off => {}
            Slow::TimeWait => self.end_time_wait(),
            Slow::Persist => {
                self.events.push(Pending::Timer(TimerKind::Persist));
                if self.given_up(cfg, now) {
                    return;
                }
                self.probe = true;
                self.retries = self.retries.saturating_add(1);
                self.arm_persist(cfg, now);
            }
            Slow::Retransmission => {
                self.events.push(Pending::Timer(TimerKind::Retransmission));
                if matches!(self.state(), State::SynSent | State::SynReceived) {
                    self.syn_expired(cfg, now);
                } else if !self.given_up(cfg, now) {
                    self.data_expired(cfg, now);
                }
            }
        }
    }

    fn end_time_wait(&mut self) {
        // `Closed` was said when TIME-WAIT began.
        self.slow = Slow::Off;
        self.slow_at = Instant::FAR_FUTURE;
        self.owed = Owed::Nothing;
        self.set_state(State::Closed);
    }

    fn syn_expired(&mut self, cfg: &Config, now: Instant) {
        if u32::from(self.retries) >= cfg.syn_retries {
            return self.end(Pending::TimedOut);
        }
        self.retries += 1;
        self.syn_lost = true;
        self.timed.0 = 0;
        self.nxt = 0;
        self.rtt.back_off(cfg);
        self.arm_retransmission(cfg, now);
    }

    /// RFC 6298 sections 5.4 to 5.6, RFC 5681 section 3.1.
    fn data_expired(&mut self, cfg: &Config, now: Instant) {
        if self.wnd == 0 && self.una < self.out.end() {
            // The window was closed over what is under way: ask whether it is open, lose no patience.
            self.nxt = self.una;
            self.probe = true;
            self.probed = true;
            self.timed.0 = 0;
            self.retries = 1;
            return self.arm_persist(cfg, now);
        }
        let (flight, sent, mss) = (self.max - self.una, self.max, u32::from(self.mss));
        self.congestion.timeout(flight, sent, mss, self.retries == 0);
        // What the peer holds beyond holes it may drop again (RFC 2018 section 8): start afresh.
        self.board = None;
        self.resend = None;
        self.nxt = self.una;
        self.timed.0 = 0;
        self.retries = self.retries.saturating_add(1);
        self.rtt.back_off(cfg);
        self.arm_retransmission(cfg, now);
    }

    fn given_up(&mut self, cfg: &Config, now: Instant) -> bool {
        let over = now >= self.waiting_since + cfg.give_up;
        if over {
            self.end(Pending::TimedOut);
        }
        over
    }

    /// Starts the retransmission timer, or starts it again.
    pub(super) fn arm_retransmission(&mut self, cfg: &Config, now: Instant) {
        self.slow = Slow::Retransmission;
        self.slow_at = now + self.rtt.rto();
        if !matches!(self.state(), State::SynSent | State::SynReceived) {
            self.slow_at = self.slow_at.min(self.waiting_since + cfg.give_up);
        }
    }

    /// Starts the persist timer: first after RTO, then twice as long each time.
    pub(super) fn arm_persist(&mut self, cfg: &Config, now: Instant) {
        let doubled = self.rtt.rto().saturating_mul(1 << self.retries.min(16));
        let wait = Duration::from_nanos(doubled.as_nanos().min(cfg.rto_max.as_nanos()));
        self.slow = Slow::Persist;
        self.slow_at = (now + wait).min(self.waiting_since + cfg.give_up);
    }

    pub(super) fn disarm(&mut self) {
        self.slow = Slow::Off;
        self.slow_at = Instant::FAR_FUTURE;
    }

    pub(super) fn arm_time_wait(&mut self, cfg: &Config, now: Instant) {
        self.slow = Slow::TimeWait;
        self.slow_at = now + cfg.time_wait;
    }
}
