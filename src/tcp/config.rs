//! Settings of a TCP endpoint, each with the rule it comes from.

use crate::time::Duration;

/// Settings of one host's TCP; shared by all its connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Retransmission timeout before the first measurement (RFC 6298 section 2.1).
    pub rto_initial: Duration,
    /// Its lower bound (RFC 6298 section 2.4).
    pub rto_min: Duration,
    /// Its upper bound (RFC 6298 section 2.5).
    pub rto_max: Duration,
    /// Timeout with which data starts when a SYN had to be sent again (RFC 6298 section 5.7).
    pub rto_after_lost_syn: Duration,
    /// How often a SYN is sent again before the connection is given up.
    pub syn_retries: u32,
    /// Initial congestion window in segments (RFC 6928: 10).
    pub initial_window: u32,
    /// How long an acknowledgement may wait for company; `None`: every segment is acknowledged at once
    /// (RFC 9293 section 3.8.6.3, RFC 5681 section 4.2). Every second full segment is acknowledged at once.
    pub delayed_ack: Option<Duration>,
    /// Nagle's algorithm (RFC 9293 section 3.7.4).
    pub nagle: bool,
    /// Largest segment this end takes in, told in the MSS option.
    pub mss: u16,
    /// Offers and uses selective acknowledgements (RFC 2018, RFC 6675).
    pub sack: bool,
    /// Bytes that a program may have written and that are not yet acknowledged.
    pub send_buffer: usize,
    /// Largest receive window in bytes; at most 65,535, for window scaling is not spoken.
    pub receive_buffer: usize,
    /// TIME-WAIT: twice the maximum segment lifetime (RFC 9293 section 3.4.2).
    pub time_wait: Duration,
    /// A connection on which data has waited this long for an acknowledgement is given up (RFC 9293
    /// section 3.8.3, R2).
    pub give_up: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            rto_initial: Duration::from_secs(1),
            rto_min: Duration::from_secs(1),
            rto_max: Duration::from_secs(60),
            rto_after_lost_syn: Duration::from_secs(3),
            syn_retries: 3,
            initial_window: 10,
            delayed_ack: Some(Duration::from_millis(40)),
            nagle: false,
            mss: 1460,
            sack: false,
            send_buffer: 65_535,
            receive_buffer: 65_535,
            time_wait: Duration::from_secs(60),
            give_up: Duration::from_secs(900),
        }
    }
}
