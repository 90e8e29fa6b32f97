//! The states of a connection (RFC 9293 section 3.3.2) and what can be looked at.

use std::fmt;

use serde::Serialize;

use crate::time::{Duration, Instant};

/// RFC 9293 section 3.3.2, figure 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
#[allow(missing_docs, reason = "the names are the RFC's")]
pub enum State {
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
}

impl State {
    /// The name as the RFC writes it.
    pub const fn name(self) -> &'static str {
        match self {
            State::Closed => "CLOSED",
            State::Listen => "LISTEN",
            State::SynSent => "SYN-SENT",
            State::SynReceived => "SYN-RECEIVED",
            State::Established => "ESTABLISHED",
            State::FinWait1 => "FIN-WAIT-1",
            State::FinWait2 => "FIN-WAIT-2",
            State::CloseWait => "CLOSE-WAIT",
            State::Closing => "CLOSING",
            State::LastAck => "LAST-ACK",
            State::TimeWait => "TIME-WAIT",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Timers of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimerKind {
    /// Retransmission (RFC 6298).
    Retransmission,
    /// Delayed acknowledgement (RFC 9293 section 3.8.6.3).
    DelayedAck,
    /// Zero window probe (RFC 9293 section 3.8.6.1).
    Persist,
}

/// A connection's variables at one moment, for looking at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The state.
    pub state: State,
    /// Initial send sequence number.
    pub iss: u32,
    /// Oldest unacknowledged sequence number.
    pub snd_una: u32,
    /// Next sequence number to be sent.
    pub snd_nxt: u32,
    /// The peer's window in bytes.
    pub snd_wnd: u32,
    /// Initial receive sequence number; 0 before it is known.
    pub irs: u32,
    /// Next sequence number expected.
    pub rcv_nxt: u32,
    /// The window offered, in bytes.
    pub rcv_wnd: u32,
    /// Congestion window in bytes (RFC 5681).
    pub cwnd: u32,
    /// Slow start threshold in bytes; `u32::MAX` before the first loss.
    pub ssthresh: u32,
    /// Bytes written by the program and not yet acknowledged.
    pub queued: u32,
    /// Duplicate acknowledgements in a row.
    pub duplicate_acks: u8,
    /// In fast recovery (RFC 6582).
    pub recovering: bool,
    /// Retransmissions of the oldest segment in a row.
    pub retries: u8,
    /// Smoothed round-trip time, once measured.
    pub srtt: Option<Duration>,
    /// Its variation.
    pub rttvar: Duration,
    /// Retransmission timeout now.
    pub rto: Duration,
    /// When the retransmission or persist timer fires.
    pub retransmit_at: Option<Instant>,
    /// When a delayed acknowledgement is sent.
    pub ack_at: Option<Instant>,
}
